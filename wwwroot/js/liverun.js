// A run's page and the slide-over keep themselves true: when the run changes its page is asked for again and what differs is
// changed in place. What people opened stays open, what they wrote stays written, the focus and the scroll stay where they are.
import { find } from './code.js';
import { refresh } from './time.js';

const pause = 350; // ms between two requests, at least
let morph = null; // fetched when the first run changes
let timer = null;
let notBefore = 0;
let working = false;
let again = false; // it changed while it was read

// The run somebody looks at: the slide-over's when it is open.
const shown = () => document.querySelector('dialog[open] .run[data-run]') ?? document.querySelector('main .run[data-run]');

// Something happened to runs: named ones, or unknown ones; run-changed is for those who change the run here and now.
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

for (const name of ['live:runs', 'live:gap', 'run-changed']) document.addEventListener(name, heard);

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
    notBefore = performance.now() + Math.max(pause, 3 * (performance.now() - began));
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
  const url = `/runs/${encodeURIComponent(run.dataset.run)}`;
  const answer = await fetch(run.closest('dialog') ? `${url}/panel` : url, { headers: { 'HX-Request': 'true' } });
  if (answer.status === 404) return gone(run);
  if (!answer.ok) throw new Error(String(answer.status));
  const made = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.run[data-run]');
  morph ??= (await import('../lib/idiomorph.js')).default.morph;
  if (!run.isConnected || !made) return;
  put(run, made);
  await tabs(run);
}

// ---- what is kept

const written = form => [...form.elements].some(field => field.type !== 'hidden' && ('checked' in field && /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : 'defaultValue' in field && field.value !== field.defaultValue));
const busy = element => element.contains(document.activeElement) || [...element.querySelectorAll('form')].some(written);
const asked = element => /\bload\b/.test(element.getAttribute('hx-trigger') ?? '');

// Before the two are compared: what the page has by itself, beyond what the server sent, is put into what the server sends now.
function keep(run, made) {
  for (const part of made.querySelectorAll('[data-tabs], [data-toast]')) copy(part, run.querySelector(part.matches('[data-tabs]') ? '[data-tabs]' : '[data-toast]'));
  const panel = made.querySelector('[data-tabpanel="steps"]');
  const here = run.querySelector('[data-tabpanel="steps"]');
  if (panel && here) panel.hidden = here.hidden;
  else panel?.remove();
  for (const other of run.querySelectorAll('[data-tabpanel]:not([data-tabpanel="steps"])')) made.append(other.cloneNode(true));
  // What is asked for when the page stands has come: it is asked for again, not thrown away.
  for (const part of made.querySelectorAll('[id][hx-get]')) if (asked(part)) copy(part, run.querySelector(`#${CSS.escape(part.id)}`));
  for (const section of made.querySelectorAll('.run-section[id]')) {
    const old = run.querySelector(`#${CSS.escape(section.id)}`);
    const inner = section.querySelector(':scope > [hx-get]:not([id])');
    if (inner && asked(inner)) copy(inner, old?.querySelector(':scope > [hx-get]:not([id])'));
  }

  // Which view of the steps is shown, and which runs stand beside this one, is the page's own; a view that does not come with the page
  // draws itself anew (steps.js).
  const view = run.querySelector('#steps-view');
  const comes = made.querySelector('#steps-view');
  for (const part of ['[data-near-runs]', '#steps-bar', ...(view && comes && (view.dataset.fragment || view.dataset.view !== 'cards' || comes.dataset.view !== 'cards') ? ['#steps-view'] : [])])
    if (run.querySelector(part)) made.querySelector(part)?.replaceWith(run.querySelector(part).cloneNode(true));

  // Menus that are open, or that somebody writes in.
  for (const menu of run.querySelectorAll('details[data-menu]')) {
    if (!menu.open && !busy(menu)) continue;
    const summary = menu.querySelector('summary');
    const same = summary?.id ? made.querySelector(`#${CSS.escape(summary.id)}`)?.parentElement : null;
    same?.replaceWith(menu.cloneNode(true));
  }

  for (const details of run.querySelectorAll('details[id]')) {
    const same = made.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = details.open;
  }

  more(run, made);
}

function copy(part, old) {
  if (old) part.replaceChildren(...[...old.childNodes].map(node => node.cloneNode(true)));
}

// Cards that were asked for after those that come with the page.
function more(run, made) {
  const end = made.querySelector('#nodes-more');
  if (!end) return;
  const there = new Set([...made.querySelectorAll('.node[id]')].map(node => node.id));
  const last = [...made.querySelectorAll('.node[id]')].at(-1);
  const old = last && run.querySelector(`#${CSS.escape(last.id)}`);
  const extra = [];
  for (let next = old?.nextElementSibling; next; next = next.nextElementSibling) if (!there.has(next.id)) extra.push(next);
  if (extra.some(element => element.matches('.node'))) end.replaceWith(...extra.map(element => element.cloneNode(true)));
  else if (extra.length === 0 && !run.querySelector('#nodes-more') && run.querySelector('.node')) end.remove();
}

function put(run, made) {
  const focus = document.activeElement;
  const focusId = run.contains(focus) ? focus.id : null;
  keep(run, made);
  const added = [];
  morph(run, made, {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: {
      afterNodeAdded: node => { if (node.nodeType === Node.ELEMENT_NODE) added.push(node); },
      beforeNodeMorphed: (old, now) => {
        if (old.nodeType !== Node.ELEMENT_NODE) return true;
        // Coloured by the script, and the same text: nothing to do.
        if (old.matches('code[data-json]')) {
          if (old.textContent === now.textContent) return false;
          delete old.dataset.seen;
          return true;
        }

        // Text that was shown with the reader's clock, an icon that says "copied".
        if (old.matches('time[datetime]') && old.dateTime === now.dateTime) return false;
        return !old.matches('form') || !written(old);
      },
      // What is open and what is folded is up to the reader.
      beforeAttributeUpdated: (name, element) => !(name === 'open' && element.localName === 'details' || name === 'class' && element.matches('.code') || name === 'aria-expanded'),
    },
  });
  for (const node of added) {
    if (!node.isConnected) continue;
    htmx.process(node);
  }

  refresh(run);
  find(run);
  if (focusId && document.activeElement?.id !== focusId) run.querySelector(`#${CSS.escape(focusId)}`)?.focus({ preventScroll: true });
  else if (focus?.isConnected && run.contains(focus) && document.activeElement !== focus) focus.focus({ preventScroll: true });
  closed(run);
  parts(run);
  run.dispatchEvent(new CustomEvent('run:drawn', { bubbles: true }));
}

// A menu whose form was fetched before the change is fetched again when it is opened next.
function closed(run) {
  for (const summary of run.querySelectorAll('details.act:not([open]) > summary[hx-get]')) {
    const menu = summary.parentElement;
    if (menu.querySelector('.act-list form') === null || busy(menu)) continue;
    const list = menu.querySelector('.act-list');
    const link = document.createElement('a');
    link.className = 'menu-item';
    link.href = summary.getAttribute('hx-get');
    link.textContent = summary.textContent.trim();
    list.replaceChildren(link);
    // A fresh summary listens for its first opening again.
    const fresh = summary.cloneNode(true);
    const focused = document.activeElement === summary;
    summary.replaceWith(fresh);
    htmx.process(fresh);
    if (focused) fresh.focus({ preventScroll: true });
  }
}

// Parts that the page asks for by itself: again, each without a trace unless something differs.
async function parts(run) {
  const all = [...run.querySelectorAll('[data-tabpanel="steps"]:not([hidden]) [hx-get], .run-alert [hx-get], :scope > .run-why[hx-get]')].filter(part => asked(part) && !part.querySelector('.skeleton') && !busy(part));
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

function inner(part, made) {
  const added = [];
  morph(part, made, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: true,
    callbacks: {
      afterNodeAdded: node => { if (node.nodeType === Node.ELEMENT_NODE) added.push(node); },
      beforeNodeMorphed: (old, now) => old.nodeType !== Node.ELEMENT_NODE || !(old.matches('time[datetime]') && old.dateTime === now.dateTime || old.matches('code[data-json]') && old.textContent === now.textContent || old.matches('form') && written(old)),
      beforeAttributeUpdated: (name, element) => !(name === 'open' && element.localName === 'details'),
    },
  });
  for (const node of added) if (node.isConnected) htmx.process(node);
  refresh(part);
  find(part);
}

// Other tabs: the one that is looked at is drawn anew, the others are asked for when they are. The lines of the log have a stream of their own.
async function tabs(run) {
  for (const panel of run.querySelectorAll('[data-tabpanel]')) {
    const key = panel.dataset.tabpanel;
    if (key === 'steps' || key === 'logs' || busy(panel)) continue;
    if (panel.hidden) {
      panel.remove();
      continue;
    }

    const tab = run.querySelector(`[data-tabs] [data-tab="${CSS.escape(key)}"]`);
    const answer = tab && await fetch(tab.href, { headers: { 'HX-Request': 'true' } });
    if (!answer?.ok || !panel.isConnected || busy(panel)) continue;
    const made = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector(`[data-tabpanel="${CSS.escape(key)}"]`);
    if (made && keepOpen(panel, made)) inner(panel, made);
  }
}

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
