// The list keeps itself true: rows that changed are drawn anew where they stand, new runs wait behind a button. Nothing moves, and
// selection, focus and open menus stay. However much happens, a few small requests a second are all that is asked.
import { load, readable } from './list.js';
import { refresh } from './time.js';

const pause = 400; // ms between two requests, at least
const perRequest = 100;
const longestQuery = 7500; // a request line has room for 8,192 bytes, and an id for 1,152
const most = 500; // new runs that are counted
const sayEvery = 10000;

const region = () => document.getElementById('runs');
const rows = () => [...document.querySelectorAll('#rows tr[data-id]')];
const byId = id => document.querySelector(`#rows tr[data-id="${CSS.escape(id)}"]`);

let changed = new Set(); // rows on the page that changed
let fresh = new Set(); // runs that belong into the list and are not on the page
let uncounted = false; // there are more of them than were named
let missed = false; // something happened that we did not hear
let shown = region(); // the region all this is about
let timer = null;
let drawing = false;
let notBefore = 0;
let said = -sayEvery;
let sayLater = null;
let connected = false;

// Newest first and from its beginning: only then does "new" mean "above".
const fromTheTop = () => {
  const asked = new URL(region().dataset.url, location.href).searchParams;
  return !asked.has('sort') && !asked.has('next_token') && region().dataset.live !== 'rows';
};

// A run not on the page belongs there when it is not older than the oldest row, or when the page is the whole list.
function belongs(run) {
  if (!document.getElementById('load-more')) return true;
  const oldest = rows().at(-1)?.querySelector('time[datetime]')?.dateTime;
  return !oldest || run.sort_at / 1000 >= Date.parse(oldest);
}

function forget() {
  shown = region();
  changed = new Set();
  fresh = new Set();
  uncounted = missed = false;
  clearTimeout(timer);
  timer = null;
  clearTimeout(sayLater);
  sayLater = null;
  shown?.toggleAttribute('data-connected', connected);
  offer();
}

document.addEventListener('live:runs', ({ detail }) => {
  if (!readable(region())) return;
  if (region() !== shown) forget();
  const top = fromTheTop();
  for (const run of detail.runs) {
    if (byId(run.id)) changed.add(run.id);
    else if (!run.matches) fresh.delete(run.id);
    else if (top && fresh.size < most && belongs(run)) fresh.add(run.id);
  }

  if (detail.more > 0) {
    // Who they are was not said: rows that are still moving may be among them.
    for (const row of rows()) if (row.querySelector('.status:is(.running, .queued, .waiting_human)')) changed.add(row.dataset.id);
    if (top && detail.more_matching > 0) uncounted = true;
  }

  if (changed.size > 0) soon();
  offer();
});

document.addEventListener('live:gap', () => {
  if (!readable(region())) return;
  for (const row of rows()) changed.add(row.dataset.id);
  missed = fromTheTop();
  soon();
  offer();
});

document.addEventListener('live:state', ({ detail }) => {
  connected = detail.live;
  region()?.toggleAttribute('data-connected', connected);
});

// ---- rows that changed

function soon() {
  if (!drawing) timer ??= setTimeout(draw, Math.max(120, notBefore - performance.now()));
}

// What is in view first, as many as there is room for in a request.
function next(room) {
  const height = innerHeight;
  const seen = row => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > 0 && top < height ? 0 : 1;
  };
  const all = [...changed].map(byId).filter(row => row !== null).map(row => [seen(row), row.dataset.id]).sort((a, b) => a[0] - b[0]);
  changed = new Set(all.map(([, id]) => id));
  const ids = [];
  let length = 0;
  for (const id of changed) {
    length += encodeURIComponent(id).length + 4;
    if (ids.length === perRequest || ids.length > 0 && length > room) break;
    ids.push(id);
  }

  return ids;
}

async function draw() {
  timer = null;
  const about = region();
  if (!about) return;
  const columns = new URL(about.dataset.url, location.href).searchParams.get('columns');
  const how = columns ? `columns=${encodeURIComponent(columns)}&` : '';
  const ids = next(longestQuery - how.length);
  for (const id of ids) changed.delete(id);
  const began = performance.now();
  if (ids.length > 0) {
    drawing = true;
    if (!await renew(about, `/runs/rows?${how}${ids.map(id => `id=${encodeURIComponent(id)}`).join('&')}`, ids)) {
      notBefore = performance.now() + 5000;
      if (about === region()) for (const id of ids) changed.add(id);
    }

    drawing = false;
  }

  // A server that takes its time is asked less often.
  const now = performance.now();
  notBefore = Math.max(notBefore, now + Math.max(pause - (now - began), now - began));
  if (changed.size > 0) soon();
}

// False: it may go better the next time. A server that says no is not asked again until something else happens.
async function renew(about, url, ids) {
  try {
    const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
    if (!answer.ok) return answer.status < 500 && answer.status !== 429;
    const template = document.createElement('template');
    template.innerHTML = await answer.text();
    if (about === region()) put(template.content, ids);
    return true;
  } catch {
    return false;
  }
}

function put(content, ids) {
  const found = new Map([...content.querySelectorAll('tr[data-id]')].map(row => [row.dataset.id, row]));
  for (const id of ids) {
    const row = byId(id);
    if (!row) continue;
    const made = found.get(id);
    if (made) replace(row, made);
    else gone(row);
  }
}

// Text that somebody has marked, to copy it.
const marked = cell => {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(cell, true);
};

// Cell by cell: the box that selects it, what has the focus or is marked and what scripts have put there stay.
function replace(row, made) {
  const before = row.textContent;
  [...made.cells].forEach((cell, i) => {
    const old = row.cells[i];
    if (!old || old.querySelector('.row-more, .copy') || marked(old)) return;
    const box = old.querySelector('.pick');
    if (box) {
      cell.querySelector('.pick')?.remove();
      const rest = [...old.childNodes].filter(node => node !== box);
      if (rest.map(node => node.outerHTML ?? node.data).join('') === cell.innerHTML) return;
      for (const node of rest) node.remove();
      old.append(...cell.childNodes);
      return;
    }

    if (old.innerHTML === cell.innerHTML && old.dataset.since === cell.dataset.since || old.contains(document.activeElement)) return;
    if (cell.dataset.since) old.dataset.since = cell.dataset.since;
    else delete old.dataset.since;
    old.replaceChildren(...cell.childNodes);
    for (const link of old.querySelectorAll('a')) link.tabIndex = -1;
  });
  row.classList.remove('gone');
  refresh(row);
  if (row.textContent === before) return;
  row.classList.remove('changed');
  // Begins again when it has begun already.
  void row.offsetWidth;
  row.classList.add('changed');
}

function gone(row) {
  row.classList.add('gone');
  row.setAttribute('aria-disabled', 'true');
}

// ---- new runs

function words() {
  const { dataset } = document.getElementById('new-runs');
  if (missed) return dataset.some;
  const number = Math.min(most, fresh.size);
  const more = uncounted || fresh.size >= most;
  return number === 1 && !more ? dataset.one : dataset.many.replace('{0}', number.toLocaleString(document.documentElement.lang) + (more ? '+' : ''));
}

function offer() {
  const button = document.getElementById('new-runs');
  const any = fresh.size > 0 || uncounted || missed;
  // Where there is nothing to read nothing can jump.
  if (any && region() && !document.getElementById('rows')) return show();
  if (!button) return;
  if (!any) {
    button.hidden = true;
    return;
  }

  const text = words();
  button.querySelector('span').textContent = text;
  button.hidden = false;
  sayLater ??= setTimeout(say, Math.max(500, said + sayEvery - performance.now()));
}

// Read out once in a while, however many come.
function say() {
  sayLater = null;
  said = performance.now();
  const region = document.getElementById('new-said');
  if (region && document.getElementById('new-runs')?.hidden === false) region.textContent = words();
}

let showing = false;

async function show() {
  if (showing) return;
  showing = true;
  const focus = document.activeElement?.id === 'new-runs';
  region().classList.add('refreshing');
  try {
    await load(region().dataset.url);
  } finally {
    showing = false;
  }

  const table = document.querySelector('.runs-table');
  if (table && table.getBoundingClientRect().top < 0) table.scrollIntoView({ block: 'start' });
  if (focus) document.querySelector('#rows tr[data-id]')?.focus({ preventScroll: true });
}

document.addEventListener('click', event => { if (event.target.closest?.('#new-runs')) show(); });
document.addEventListener('htmx:afterSwap', event => { if (event.detail.target.id === 'runs') forget(); });
