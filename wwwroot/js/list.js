// The run list: opening a run, moving with the keyboard, keeping the address in step with the filter, refresh and errors.
import { onTravel, push } from './address.js';
import { show } from './panel.js';
import { typing } from './keys.js';

const region = () => document.getElementById('runs');
const rows = () => [...document.querySelectorAll('#runs tr[data-id]')];

// One row is in the tab order; the arrow keys move on from there. Without script the links in the rows are.
function rove() {
  const all = rows();
  if (all.length === 0) return;
  for (const row of all) for (const link of row.querySelectorAll('a')) link.tabIndex = -1;
  if (!all.some(row => row.tabIndex === 0)) all[0].tabIndex = 0;
}

export function focusRow(row) {
  for (const other of document.querySelectorAll('#runs tr[tabindex="0"]')) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: 'nearest' });
}

/** To the run that was looked at last, else to the first. False: there is none. */
export function toRows() {
  const all = rows();
  if (all.length === 0) return false;
  focusRow(all.find(row => row.tabIndex === 0) ?? all[0]);
  return true;
}

document.addEventListener('click', event => { if (event.target.closest?.('[data-skip-rows]') && toRows()) event.preventDefault(); });

/** Can this list be asked for again: not one whose filter nobody understands. */
export const readable = region => Boolean(region?.dataset.url) && !region.querySelector('.query-error, .empty[role="alert"]');

export function load(url) {
  // One that a newer one takes the place of is no error; of others the events of htmx tell.
  return htmx.ajax('GET', url, { source: '#runs', target: '#runs', swap: 'outerHTML' }).catch(() => {});
}

document.addEventListener('click', event => {
  if (event.defaultPrevented) return;
  const refresh = event.target.closest('#runs [data-refresh]');
  if (refresh && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    event.stopImmediatePropagation();
    region().classList.add('refreshing');
    load(region().dataset.url);
    return;
  }

  const sort = event.target.closest('#runs a[data-list]');
  if (sort && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    load(sort.href);
    return;
  }

  const row = event.target.closest('#runs tr[data-id]') ?? event.target.closest('#runs tr.hit')?.previousElementSibling;
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
  if (event.target.closest('button, .pick') || getSelection().toString()) return;
  event.preventDefault();
  focusRow(row);
  show(row.dataset.id, row);
}, true);

// j, k and c are keys of the page (keys.js); the arrow keys and Enter are those of the grid.
for (const [name, step] of [['row-next', 1], ['row-before', -1]]) {
  document.addEventListener(`key:${name}`, event => {
    const all = rows();
    if (all.length === 0) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement?.closest('tr[data-id]'));
    focusRow(all[Math.max(0, Math.min(all.length - 1, at + step))]);
  });
}

document.addEventListener('key:row-copy', event => {
  const copy = document.activeElement?.closest('#runs tr[data-id]')?.querySelector('[data-copy]');
  if (!copy) return;
  event.preventDefault();
  copy.click();
});

document.addEventListener('keydown', event => {
  if (!region() || event.ctrlKey || event.metaKey || event.altKey || typing(event) || document.querySelector('dialog[open]')) return;
  const row = event.target.closest?.('tr[data-id]');
  const all = rows();
  const at = row ? all.indexOf(row) : -1;
  const go = index => {
    event.preventDefault();
    focusRow(all[Math.max(0, Math.min(all.length - 1, index))]);
  };
  if (all.length === 0) return;
  switch (event.key) {
    case 'ArrowDown': return row && go(at + 1);
    case 'ArrowUp': return row && go(at - 1);
    case 'Home': return row && go(0);
    case 'End': return row && go(all.length - 1);
    case 'Enter':
      if (row && event.target === row) {
        event.preventDefault();
        show(row.dataset.id, row);
      }
      return;
  }
});

// Times come in UTC and are shown by the reader's clock; local times of the form become UTC in the address.
function local() {
  for (const input of document.querySelectorAll('input[data-utc]:not([data-utc=""])')) {
    const at = new Date(input.dataset.utc);
    delete input.dataset.utc;
    const length = input.value.length;
    input.value = input.defaultValue = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, length);
  }
}

document.addEventListener('submit', event => {
  if (!event.target.matches('[data-local-times]')) return;
  for (const input of event.target.querySelectorAll('input[type="datetime-local"]')) {
    if (!input.value) continue;
    const utc = new Date(input.value).toISOString().replace('.000Z', 'Z');
    input.type = 'text';
    input.value = utc;
  }
}, true);

const inList = target => target?.id === 'runs' || target?.id === 'rows';
const path = url => {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
};
const here = () => location.pathname + location.search;
let before = null; // address of the list that is about to be replaced

document.addEventListener('htmx:beforeSwap', event => { if (event.detail.target?.id === 'runs') before = region()?.dataset.url; });

document.addEventListener('htmx:afterSwap', event => {
  const swapped = region();
  if (!swapped || !inList(event.detail.target)) return;
  rove();
  if (event.detail.target.id !== 'runs') return;
  local();
  // Another list is a step of its own; the same one anew is not, nor is what the address asks for in other words.
  const { url } = swapped.dataset;
  if (url && url !== before && url !== here() && path(event.detail.pathInfo.finalRequestPath) !== here()) push(url, { list: url });
});

for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(name, event => {
    if (!inList(event.detail.target) || !region()) return;
    region().classList.remove('refreshing');
    const alert = region().querySelector('.list-error');
    alert.hidden = false;
    alert.scrollIntoView({ block: 'nearest' });
  });
}

// Back and forward between filters; the slide-over's own steps are panel.js's.
onTravel(() => {
  if (region() && location.pathname === '/runs' && region().dataset.url !== here()) load(here());
});

rove();
local();
