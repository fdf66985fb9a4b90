// Next and previous run of the list a person came from: its rows in their order, whatever it filters and sorts by, more of them
// fetched where they end, when somebody is about to go on and not for everybody who reads a run. The list is remembered in this tab; a
// run opened in a new tab asks the list it was opened from.
import { show } from './panel.js';
import { toast } from './toast.js';

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

// What is known without asking: null where the run is not among the rows, undefined for a neighbour on a page that was not fetched.
function known(id) {
  const at = list?.ids.indexOf(id) ?? -1;
  return at < 0 ? null : { previous: list.ids[at - 1] ?? null, next: list.ids[at + 1] ?? (list.next ? undefined : null) };
}

async function place(id) {
  let pages = 0;
  while (!known(id) && pages++ < furthest && await extend());
  if (known(id)?.next === undefined) await extend();
  return known(id) ?? { previous: null, next: null };
}

function put(link, id) {
  link.toggleAttribute('data-near-ask', id === undefined);
  if (id) {
    link.href = `/runs/${encodeURIComponent(id)}`;
    link.dataset.near = id;
    for (const name of ['aria-disabled', 'role', 'tabindex']) link.removeAttribute(name);
    return;
  }

  link.removeAttribute('href');
  delete link.dataset.near;
  link.setAttribute('role', 'link');
  // It leads somewhere, or it does not: whoever comes near it finds out.
  if (id === undefined) {
    link.tabIndex = 0;
    link.removeAttribute('aria-disabled');
  } else {
    // Whoever is on it stays there and hears that there is no more.
    if (document.activeElement !== link) link.removeAttribute('tabindex');
    link.setAttribute('aria-disabled', 'true');
  }
}

function putBoth(where, found) {
  put(where.querySelector('[data-near-previous]'), found.previous);
  put(where.querySelector('[data-near-next]'), found.next);
}

function offer(run) {
  const where = run?.closest('dialog, main').querySelector('[data-near-runs]');
  if (!where) return;
  if (region()) gather();
  else if (!list?.ids.includes(run.dataset.run)) referred();
  const found = known(run.dataset.run) ?? (list?.next ? { previous: undefined, next: undefined } : null);
  if (!found) return;
  putBoth(where, found);
  const back = document.querySelector('main .crumbs a[href="/runs"]');
  if (back && list.url && run.closest('main')) back.href = list.url;
  where.hidden = false;
}

let asking = null;

// The same question is asked once, however often somebody passes over the link.
async function ask(link) {
  const where = link.closest('[data-near-runs]');
  const id = where.closest('dialog, main').querySelector('.run').dataset.run;
  if (asking?.id !== id) asking = { id, found: place(id) };
  const mine = asking;
  try {
    const found = await mine.found;
    if (where.isConnected) putBoth(where, found);
  } catch {
    toast(document.body.dataset.textUnreachable);
  } finally {
    if (asking === mine) asking = null;
  }
}

for (const name of ['pointerover', 'focusin']) document.addEventListener(name, event => {
  const link = event.target.closest?.('[data-near-ask]');
  if (link) ask(link);
});

document.addEventListener('keydown', event => { if (event.key === 'Enter' && event.target.matches?.('[data-near-ask]')) event.target.click(); });

document.addEventListener('click', async event => {
  const unknown = event.target.closest('[data-near-ask]');
  if (unknown) {
    event.preventDefault();
    await ask(unknown);
    if (unknown.isConnected && unknown.dataset.near) unknown.click();
    return;
  }

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
