// What happens to runs while a page is open: one stream for the tab, closed while nobody sees it and taken up again where it
// ended. A list follows all runs of its filter, a run's page and the slide-over their run. Tells the document:
// live:runs {runs, more, more_matching}, live:gap (something was missed: load anew) and live:state {live}.
import { readable } from './list.js';

const opened = Date.now();
const furthest = 60000; // ms that the stream goes back
const soonest = 1000;
const latest = 30000;
let source = null;
let address = null; // what the stream was asked for, without its place
let last = null; // number of the last event heard
let blind = false; // more happened before that than the stream goes back
let wait = soonest;
let again = null;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const opening = () => document.querySelector('dialog[open]#panel')?.dataset.run;

// What the page in front of us shows; null: nothing that changes.
function wanted() {
  const list = document.getElementById('runs');
  const run = opening();
  if (readable(list)) {
    const asked = new URLSearchParams(new URL(list.dataset.url, location.href).search);
    for (const name of ['next_token', 'page', 'limit', 'sort', 'columns']) asked.delete(name);
    if (run) asked.set('watch', run);
    asked.set('brief', 'true');
    return `/api/stream?${asked}`;
  }

  const id = run ?? document.querySelector('main .run[data-run]')?.dataset.run;
  return id ? `/api/stream?${new URLSearchParams({ topic: `run:${id}`, brief: 'true' })}` : null;
}

function close() {
  clearTimeout(again);
  again = null;
  source?.close();
  source = null;
}

function open() {
  const here = address;
  // At first from when the page was made; afterwards from what was heard last.
  const since = Date.now() - opened + 2000;
  const place = last === null ? `back=${Math.min(furthest, since)}` : `last_event_id=${last}`;
  blind = last === null && since > furthest;
  const mine = source = new EventSource(`${here}&${place}`);
  const heard = event => { if (event.lastEventId) last = event.lastEventId; };
  mine.addEventListener('hello', event => {
    heard(event);
    wait = soonest;
    tell('live:state', { live: true });
    if (blind) tell('live:gap');
    blind = false;
  });
  mine.addEventListener('runs', event => {
    heard(event);
    tell('live:runs', JSON.parse(event.data));
  });
  mine.addEventListener('gap', event => {
    heard(event);
    tell('live:gap');
  });
  mine.addEventListener('error', () => {
    if (mine !== source) return;
    tell('live:state', { live: false });
    // The browser tries again by itself unless the answer was no; then so do we, less and less often.
    if (mine.readyState !== EventSource.CLOSED) return;
    close();
    again = setTimeout(open, wait);
    wait = Math.min(latest, wait * 2);
  });
}

function follow() {
  const now = document.hidden ? null : wanted();
  if (now === address && (source || again)) return;
  close();
  address = now;
  if (now) open();
}

// What draws a run anew is fetched when the first one changes.
const redraw = event => {
  if (!document.querySelector('.run[data-run]')) return;
  for (const name of ['live:runs', 'live:gap']) document.removeEventListener(name, redraw);
  import('./liverun.js').then(({ heard }) => heard(event));
};
for (const name of ['live:runs', 'live:gap']) document.addEventListener(name, redraw);

document.addEventListener('visibilitychange', follow);
document.addEventListener('panel:changed', follow);
document.addEventListener('htmx:afterSwap', event => { if (event.detail.target.id === 'runs') follow(); });
// A page that comes back from the browser's memory has been asleep.
window.addEventListener('pageshow', follow);
window.addEventListener('pagehide', () => {
  close();
  address = null;
});
follow();
