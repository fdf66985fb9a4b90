// "/" goes to the search box, from anywhere but a field.
export const typing = event => event.target.closest?.('input, textarea, select, [contenteditable]');

document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  const box = document.querySelector('[data-search]');
  if (!box || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  box.focus();
  box.select();
});
