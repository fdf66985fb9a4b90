// The slide-over: a modal dialog filled from /runs/{id}/panel. The address becomes /runs/{id}, so that it can be shared;
// Back closes it. Without script, or with a modifier key, the link opens the run's own page.

import { back, onTravel, put } from './address.js';
import { find } from './code.js';
import { refresh } from './time.js';

const dialog = document.getElementById('panel');
const body = document.getElementById('panel-body');
let opener = null;
let before = null;

const skeleton = () => document.getElementById('panel-skeleton')?.innerHTML ?? '';
const focusable = () => [...dialog.querySelectorAll('a[href], button:not([disabled]), input, select, textarea, summary, [tabindex="0"]')].filter(e => e.offsetParent !== null);

async function fill(id, tab) {
  body.setAttribute('aria-busy', 'true');
  body.innerHTML = skeleton();
  dialog.dataset.run = id;
  document.dispatchEvent(new CustomEvent('panel:changed'));
  try {
    const answer = await fetch(`/runs/${encodeURIComponent(id)}/panel${tab ? `?tab=${encodeURIComponent(tab)}` : ''}`, { headers: { 'HX-Request': 'true' } });
    if (dialog.dataset.run !== id) return;
    const html = await answer.text();
    if (answer.ok || answer.status === 404) body.innerHTML = html;
    else throw new Error(String(answer.status));
    htmx.process(body);
    refresh(body);
    find(body);
    body.dispatchEvent(new CustomEvent('run:shown', { bubbles: true }));
    document.title = `${id} · RunHub`;
    (body.querySelector('[data-panel-focus]') ?? body).focus({ preventScroll: true });
  } catch {
    if (dialog.dataset.run !== id) return;
    body.innerHTML = document.getElementById('panel-error')?.innerHTML ?? '';
    body.querySelector('button')?.focus();
  } finally {
    body.removeAttribute('aria-busy');
  }
}

function open(id, from, tab) {
  if (!dialog.open) {
    opener = from ?? document.activeElement;
    before = document.title;
    dialog.showModal();
  }
  return fill(id, tab);
}

function close() {
  if (!dialog.open) return;
  dialog.close();
}

dialog?.addEventListener('close', () => {
  delete dialog.dataset.run;
  document.dispatchEvent(new CustomEvent('panel:changed'));
  body.innerHTML = '';
  if (before) document.title = before;
  if (history.state?.panel) back();
  const row = opener?.isConnected ? opener : null;
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
  opener = null;
});

// A click on the backdrop is a click on the dialog itself.
dialog?.addEventListener('mousedown', event => { if (event.target === dialog) close(); });

dialog?.addEventListener('keydown', event => {
  if (event.key !== 'Tab') return;
  const all = focusable();
  if (all.length === 0) return event.preventDefault();
  const first = all[0];
  const last = all[all.length - 1];
  const at = document.activeElement;
  if (event.shiftKey && (at === first || !all.includes(at))) { event.preventDefault(); last.focus(); }
  else if (!event.shiftKey && at === last) { event.preventDefault(); first.focus(); }
});

document.addEventListener('click', event => {
  if (event.target.closest('[data-panel-close]')) { event.preventDefault(); close(); }
  if (event.target.closest('[data-panel-retry]')) fill(dialog.dataset.run);
});

export function show(id, from) {
  put(`/runs/${encodeURIComponent(id)}`, 'panel', id);
  return open(id, from);
}

// Forward again after Back: the list is still there, so the panel opens over it.
const loaded = location.pathname;
onTravel(event => {
  if (!document.querySelector('[data-runs]')) {
    if (location.pathname !== loaded) location.reload();
    return;
  }

  if (event.state?.panel) open(event.state.panel, document.querySelector(`tr[data-id="${CSS.escape(event.state.panel)}"]`), event.state.tab);
  else close();
});
