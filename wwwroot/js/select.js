// Selecting runs in the list: x or the box of a row, Shift for a range, the box in the head for the page. The selection outlives
// "Load more" and a refresh and ends with a new filter; what is done to it is asked for on /bulk/new.
import { focusRow } from './list.js';
import { typing } from './keys.js';

const picked = new Set();
let filter = asked();
let last = null;
let token = null;

const bar = () => document.getElementById('picked');
const rows = () => [...document.querySelectorAll('#rows tr[data-id]')];
const box = row => row.querySelector('.pick');

// Which runs the list is about: their order and what is shown of them are another matter.
function asked() {
  const { searchParams } = new URL(document.getElementById('runs')?.dataset.url ?? '', location.href);
  for (const name of ['sort', 'columns', 'limit']) searchParams.delete(name);
  return searchParams.toString();
}

function paint() {
  const all = rows();
  for (const row of all) {
    const on = picked.has(row.dataset.id);
    if (box(row)) box(row).checked = on;
    if (on) row.setAttribute('aria-selected', 'true');
    else row.removeAttribute('aria-selected');
  }

  const head = document.getElementById('pick-all');
  const here = all.filter(row => picked.has(row.dataset.id)).length;
  if (head) [head.checked, head.indeterminate] = [here > 0 && here === all.length, here > 0 && here < all.length];
  const region = bar();
  if (!region) return;
  const text = picked.size === 0 ? '' : picked.size === 1 ? region.dataset.one : region.dataset.many.replace('{0}', picked.size.toLocaleString(document.documentElement.lang));
  const said = document.getElementById('picked-said');
  if (said.textContent !== text) said.textContent = text;
  region.querySelector('[data-picked-count]').textContent = text;
  region.hidden = picked.size === 0;
  compare(region);
  if (picked.size > 0) total(region);
  // No page of the list carries a token; the first selection asks for one.
  if (picked.size > 0) token ??= fetch('/bulk/new?part=token').then(answer => answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))).catch(() => { token = null; return ''; });
}

// The way to all that match says how many they are. Counted once for a list, when the first of its runs is selected.
async function total(region) {
  const link = region.querySelector('[data-picked-all]');
  const url = link?.dataset.pickedAll;
  if (!url) return;
  delete link.dataset.pickedAll;
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  const number = answer?.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('strong')?.textContent : null;
  if (number) link.textContent += ` (${number})`;
}

// Two runs can be compared: the later one of the list is what went before.
function compare(region) {
  const link = region.querySelector('[data-picked-compare]');
  if (!link) return;
  link.hidden = picked.size !== 2;
  if (link.hidden) return;
  const order = new Map(rows().map((row, i) => [row.dataset.id, i]));
  const [now, before] = [...picked].sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity)).map(encodeURIComponent);
  link.href = `/runs/${now}/compare/${before}`;
}

function set(row, on) {
  if (on) picked.add(row.dataset.id);
  else picked.delete(row.dataset.id);
}

function pick(row, range) {
  const all = rows();
  const on = range ? true : !picked.has(row.dataset.id);
  const from = range ? all.findIndex(r => r.dataset.id === last) : -1;
  if (from < 0) set(row, on);
  else {
    const [a, b] = [from, all.indexOf(row)].sort((x, y) => x - y);
    for (const one of all.slice(a, b + 1)) set(one, true);
    getSelection().removeAllRanges();
  }

  last = row.dataset.id;
  paint();
}

function clear() {
  picked.clear();
  last = null;
  paint();
}

function back() {
  document.querySelector('#rows tr[tabindex="0"]')?.focus();
}

document.addEventListener('click', event => {
  if (!bar()) return;
  if (event.target.id === 'pick-all') {
    for (const row of rows()) set(row, event.target.checked);
    paint();
    return;
  }

  if (event.target.closest('[data-picked-clear]')) {
    clear();
    back();
    return;
  }

  const row = event.target.closest('#rows tr[data-id]');
  const onBox = event.target.matches('.pick');
  if (!row || !onBox && (!event.shiftKey || event.target.closest('a, button'))) return;
  if (!onBox) event.preventDefault();
  pick(row, event.shiftKey);
  focusRow(row);
}, true);

document.addEventListener('key:row-pick', event => {
  const row = document.activeElement?.closest('#rows tr[data-id]');
  if (!bar() || !row) return;
  event.preventDefault();
  pick(row, event.detail.shift);
});

document.addEventListener('keydown', event => {
  if (!bar() || event.ctrlKey || event.metaKey || event.altKey || typing(event) || document.querySelector('dialog[open]')) return;
  const row = event.target.closest?.('#rows tr[data-id]');
  if (event.key === 'Escape' && picked.size > 0 && (row || bar().contains(event.target)) && !document.querySelector('details[data-menu][open]')) {
    clear();
    back();
  }
});

document.addEventListener('submit', async event => {
  if (!event.target.matches('[data-picked-form]')) return;
  event.preventDefault();
  const form = event.target;
  const kind = event.submitter?.value ?? 'tag';
  form.elements.__RequestVerificationToken.value = await (token ?? '');
  form.elements.ids.value = [...picked].join('\n');
  form.elements.kind.value = kind;
  form.submit();
});

document.addEventListener('htmx:afterSwap', event => {
  const { target } = event.detail;
  if (target?.id !== 'runs' && target?.id !== 'rows') return;
  const now = asked();
  if (now !== filter) {
    picked.clear();
    last = null;
  }

  filter = now;
  paint();
});

paint();
