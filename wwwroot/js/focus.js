// The focus is never lost to a swap: what had it and is gone gives it to what stands in its place, else to the region that was swapped.
// htmx itself finds what carries an id; behaviours with a better idea of their own come before this one.
let had = null;

const text = element => element.textContent.trim();

document.addEventListener('htmx:beforeSwap', event => {
  const element = document.activeElement;
  if (!element || element === document.body) {
    had = null;
    return;
  }

  const menu = element.closest('details[data-menu]');
  const chips = [...document.querySelectorAll('.chip')];
  had = {
    element,
    inside: event.detail.target.contains(element),
    row: element.closest('tr[data-id]')?.dataset.id,
    rows: document.querySelectorAll('#rows tr[data-id]').length,
    href: element.getAttribute('href'),
    form: element.closest('form')?.getAttribute('action'),
    tag: element.tagName,
    text: text(element),
    menu: menu ? [...document.querySelectorAll('details[data-menu] > summary')].indexOf(menu.querySelector('summary')) : -1,
    chip: chips.indexOf(element),
  };
});

function place(region) {
  if (had.row) {
    const row = region.querySelector(`tr[data-id="${CSS.escape(had.row)}"]`);
    if (row) return row;
  }

  if (had.chip >= 0) {
    const chips = region.querySelectorAll('.chip');
    return chips[Math.min(had.chip, chips.length - 1)] ?? document.getElementById('query');
  }

  const same = [...region.querySelectorAll(had.tag)].filter(e => e.closest('form')?.getAttribute('action') === had.form && e.getAttribute('href') === had.href && e.checkVisibility());
  const twin = same.find(e => text(e) === had.text);
  return twin ?? (had.menu >= 0 ? document.querySelectorAll('details[data-menu] > summary')[had.menu] : null);
}

document.addEventListener('htmx:afterSettle', event => {
  if (!had || had.element.isConnected || document.activeElement && document.activeElement !== document.body) return;
  const { target } = event.detail;
  // The last "load more" is gone: its first row goes on.
  if (target.id === 'rows' && had.element.id === 'load-more') return document.querySelectorAll('#rows tr[data-id]')[had.rows]?.focus();
  const region = target.isConnected ? target : document.getElementById(target.id);
  if (!region || !had.inside) return;
  const element = place(region);
  element?.focus({ preventScroll: true });
  if (document.activeElement !== document.body) return;
  region.tabIndex = -1;
  region.focus({ preventScroll: true });
});
