// Next and previous run of the list a person came from: its rows in their order, whatever it filters and sorts by, more of them
// fetched where they end. The list is remembered in this tab; a run opened in a new tab asks the list it was opened from.
import { show } from './panel.js';

const memory = 'runs.list';
const furthest = 5; // pages that are asked for a run that is not among the rows
const region = () => document.getElementById('runs');
const idsOf = within => [...within.querySelectorAll('tr[data-id]')].map(row => row.dataset.id);
let list = read();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(memory));
  } catch {
    return null;
  }
}

function write(found) {
  list = found;
  try {
    sessionStorage.setItem(memory, JSON.stringify(found));
  } catch {
    // It is known for as long as this page stands.
  }
}

function gather() {
  if (region()) write({ url: region().dataset.url, ids: idsOf(region()), next: document.getElementById('load-more')?.getAttribute('href') ?? null });
}

async function extend() {
  if (!list?.next) return false;
  const answer = await fetch(list.next, { headers: { 'HX-Request': 'true', 'HX-Target': 'rows' } });
  if (!answer.ok) return false;
  const found = new DOMParser().parseFromString(`<table><tbody>${await answer.text()}</tbody></table>`, 'text/html');
  write({ ...list, ids: [...list.ids, ...idsOf(found).filter(id => !list.ids.includes(id))], next: found.getElementById('load-more')?.getAttribute('href') ?? null });
  return true;
}

// The list this page was opened from, when this tab knows none.
function referred() {
  if (!document.referrer) return;
  const from = new URL(document.referrer);
  if (from.origin === location.origin && from.pathname === '/runs') write({ url: from.pathname + from.search, ids: [], next: from.pathname + from.search });
}

async function place(id) {
  if (region()) gather();
  else if (!list?.ids.includes(id)) referred();
  if (!list) return null;
  let pages = 0;
  let at = list.ids.indexOf(id);
  while (at < 0 && pages++ < furthest && await extend()) at = list.ids.indexOf(id);
  if (at === list.ids.length - 1) await extend();
  return at < 0 ? null : { previous: list.ids[at - 1], next: list.ids[at + 1] };
}

function put(link, id) {
  if (id) {
    link.href = `/runs/${encodeURIComponent(id)}`;
    link.dataset.near = id;
    link.removeAttribute('aria-disabled');
    link.removeAttribute('role');
  } else {
    link.removeAttribute('href');
    delete link.dataset.near;
    link.setAttribute('role', 'link');
    link.setAttribute('aria-disabled', 'true');
  }
}

async function offer(run) {
  const where = run?.closest('dialog, main').querySelector('[data-near-runs]');
  if (!where) return;
  const found = await place(run.dataset.run).catch(() => null);
  if (!found || !where.isConnected) return;
  put(where.querySelector('[data-near-previous]'), found.previous);
  put(where.querySelector('[data-near-next]'), found.next);
  const back = document.querySelector('main .crumbs a[href="/runs"]');
  if (back && list.url && run.closest('main')) back.href = list.url;
  where.hidden = false;
}

document.addEventListener('click', event => {
  const link = event.target.closest('a[data-near]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  if (!link.closest('dialog')) return;
  event.preventDefault();
  const row = document.querySelector(`#rows tr[data-id="${CSS.escape(link.dataset.near)}"]`);
  show(link.dataset.near, row);
});

document.addEventListener('htmx:afterSwap', event => { if (['runs', 'rows'].includes(event.detail.target?.id)) gather(); });
document.addEventListener('run:shown', event => offer(event.target.querySelector('.run')));
gather();
offer(document.querySelector('main .run'));
