// Menus are <details data-menu>: they open without script; here they also close by Escape, by a click elsewhere and on leaving.
const open = () => document.querySelectorAll('details[data-menu][open]');

document.addEventListener('click', event => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('focusin', event => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of open()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    event.stopPropagation();
  }
});
