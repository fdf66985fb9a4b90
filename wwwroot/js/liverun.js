// A run's page and the slide-over keep themselves true: when the run changes its page is asked for again and what differs is
// changed in place. What people opened stays open, what they wrote stays written, the focus and the scroll stay where they are.
import { busy, inner, prepare, whole } from './livemorph.js';

const pause = 250; // ms between two requests, at least
let timer = null;
let notBefore = 0;
let working = false;
let again = false; // it changed while it was read
let acts = 0; // how often it was changed from here

// The run somebody looks at: the slide-over's when it is open.
const shown = () => document.querySelector('dialog[open] .run[data-run]') ?? document.querySelector('main .run[data-run]');

// Something happened to runs: named ones, or unknown ones.
export function heard({ type, detail }) {
  const run = shown();
  if (!run) return;
  if (type !== 'live:runs') {
    soon();
    return;
  }

  const told = detail.runs.find(r => r.id === run.dataset.run);
  if (!told) return;
  if (told.deleted) gone(run);
  else soon();
}

for (const name of ['live:runs', 'live:gap']) document.addEventListener(name, heard);

// It is changed here and now.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (detail.requestConfig.verb === 'get' || !shown()?.contains(detail.target)) return;
  acts++;
  soon();
});

function soon() {
  if (working) again = true;
  else timer ??= setTimeout(work, Math.max(100, notBefore - performance.now()));
}

async function work() {
  timer = null;
  working = true;
  const began = performance.now();
  try {
    await renew(shown());
    // A run that takes long to read is read less often.
    notBefore = performance.now() + Math.max(pause, performance.now() - began);
  } catch {
    notBefore = performance.now() + 5000;
    again = true;
  }

  working = false;
  if (!again) return;
  again = false;
  soon();
}

async function renew(run) {
  if (!run) return;
  const before = acts;
  const url = `/runs/${encodeURIComponent(run.dataset.run)}`;
  const answer = await fetch(run.closest('dialog') ? `${url}/panel` : url, { headers: { 'HX-Request': 'true' } });
  if (answer.status === 404) return gone(run);
  if (!answer.ok) throw new Error(String(answer.status));
  const made = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.run[data-run]');
  await prepare();
  // What was read before an act that the page already shows would take it back for a moment, and the focus with it: it is read again.
  if (!run.isConnected || !made || acts !== before) return;
  whole(run, made);
  document.dispatchEvent(new CustomEvent('run:drawn'));
  parts(run);
  await tabs(run);
}

const asked = element => /\bload\b/.test(element.getAttribute('hx-trigger') ?? '');

// Parts that the page asks for by itself: again, each without a trace unless something differs.
async function parts(run) {
  const all = [...run.querySelectorAll('[data-tabpanel="steps"]:not([hidden]) [hx-get], .run-alert [hx-get], :scope > .run-why[hx-get]')].filter(part => asked(part) && part.getAttribute('hx-target') === null && !part.querySelector('.skeleton') && !busy(part));
  await Promise.all([...new Set(all)].map(async part => {
    try {
      const answer = await fetch(part.getAttribute('hx-get'), { headers: { 'HX-Request': 'true' } });
      if (!answer.ok || !part.isConnected || busy(part)) return;
      const made = document.createElement('div');
      made.innerHTML = await answer.text();
      inner(part, made);
    } catch {
      // The next change asks again.
    }
  }));
}

// Other tabs: the one that is looked at is drawn anew, the others when they are. The lines of the log have a stream of their own.
async function tabs(run) {
  for (const panel of run.querySelectorAll('[data-tabpanel]:not([data-tabpanel="steps"], [data-tabpanel="logs"])')) {
    if (panel.hidden) panel.dataset.stale = '';
    else await tab(run, panel);
  }
}

async function tab(run, panel) {
  const key = panel.dataset.tabpanel;
  const link = run.querySelector(`[data-tabs] [data-tab="${CSS.escape(key)}"]`);
  if (!link || busy(panel)) return;
  const answer = await fetch(link.href, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok || !panel.isConnected || busy(panel)) return;
  const made = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector(`[data-tabpanel="${CSS.escape(key)}"]`);
  if (made && keepOpen(panel, made)) inner(panel, made);
}

// One that the run has changed behind shows what it had, opened and scrolled as it was, and then what there is now.
document.addEventListener('tab:shown', ({ target }) => {
  const run = target.closest('.run[data-run]');
  if (!run || !('stale' in target.dataset)) return;
  delete target.dataset.stale;
  tab(run, target).catch(soon);
});

// What is open shows what it asked for when it was opened. False: it cannot be told where it stands now.
function keepOpen(panel, made) {
  for (const details of panel.querySelectorAll('details[open]')) {
    const same = details.id ? made.querySelector(`#${CSS.escape(details.id)}`) : null;
    if (!same) return false;
    same.replaceWith(details.cloneNode(true));
  }

  return true;
}

function gone(run) {
  if (run.querySelector('.run-gone')) return;
  const note = document.createElement('p');
  note.className = 'alert alert-warning run-gone';
  note.setAttribute('role', 'status');
  note.textContent = document.body.dataset.textRunGone;
  run.prepend(note);
}
