// The steps of a run: which view is shown (kept in a cookie and in the address), expand or collapse all, and what is focused
// when more of them come. The waterfall's own behaviour is loaded with the first waterfall. A view that does not come with the page
// is drawn anew when the run changes (run:drawn).
import { replace } from './address.js';
import { find } from './code.js';
import { keep } from './preferences.js';
import { refresh } from './time.js';

const view = () => document.getElementById('steps-view');
let timeline;

function wake(within) {
  if (within.querySelector?.('[data-timeline]') || within.matches?.('[data-timeline]')) (timeline ??= import('./timeline.js')).then(m => m.wake(document.querySelector('[data-timeline]')));
}

// What was asked for stands in the address of the page: /runs/x/steps/table?sort=… is /runs/x?view=table&sort=…
function address(path) {
  const url = new URL(path, location.href);
  const [, run, kind] = url.pathname.match(/^(\/runs\/[^/]+)\/steps\/(cards|table|timeline)$/) ?? [];
  if (!run) return;
  view().dataset.view = kind;
  view().dataset.fragment = url.pathname + url.search;
  delete view().dataset.grown;
  // A card that was looked for is in the fragment; that its view is shown is nobody's choice.
  const sought = url.searchParams.has('at');
  for (const name of ['view', 'at']) url.searchParams.delete(name);
  const rest = url.searchParams.toString();
  for (const link of document.querySelectorAll('[data-steps-view]')) {
    if (link.dataset.stepsView === kind) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }

  if (!sought) keep('steps', kind === 'cards' ? '' : kind);
  all(false);
  if (location.pathname === run) replace(`${run}?view=${kind}${rest ? `&${rest}` : ''}${sought ? location.hash : ''}`);
}

function all(open) {
  const button = document.getElementById('expand-all');
  if (!button) return;
  button.dataset.open = String(open);
  button.querySelector('span').textContent = open ? button.dataset.collapse : button.dataset.expandText;
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-expand-all]');
  if (!button) return;
  const open = button.dataset.open !== 'true';
  all(open);
  for (const card of view().querySelectorAll('details.node')) card.open = open;
  for (const toggle of view().querySelectorAll('.wf-toggle:not([data-parts])')) if ((toggle.getAttribute('aria-expanded') === 'true') !== open) toggle.click();
});

// What asked is gone when the answer came: of more steps the first that came is focused, of another view the first there is.
const stops = () => [...view().querySelectorAll('details.node > summary, #step-rows a, .wf-step')];
let asked = null;
document.addEventListener('htmx:beforeRequest', event => {
  const element = event.detail.elt;
  asked = view()?.contains(element) && document.activeElement === element ? { last: element.closest('#nodes-more, #rows-more') ? stops().at(-1) : null } : null;
});
document.addEventListener('htmx:afterSwap', event => {
  if (event.detail.target?.id === 'steps-view') address(event.detail.pathInfo.finalRequestPath ?? event.detail.pathInfo.requestPath);
});
document.addEventListener('htmx:afterSettle', () => {
  if (!asked || !view()) return;
  if (asked.last?.isConnected || document.activeElement === document.body) {
    const all = stops();
    all[all.indexOf(asked.last) + 1]?.focus({ preventScroll: true });
  }

  asked = null;
});
// More of them than come at once: what was asked for is not taken away.
document.addEventListener('htmx:afterSwap', event => { if (event.detail.target?.id === 'step-rows') view().dataset.grown = ''; });

function fragment() {
  const { fragment, view: kind } = view().dataset;
  if (fragment || kind === 'cards') return fragment;
  const asked = new URLSearchParams(location.search);
  asked.delete('view');
  return `${location.pathname}/steps/${kind}?${asked}`;
}

async function renew() {
  const here = view();
  const url = here && here.dataset.grown === undefined && !here.querySelector('.skeleton') ? fragment() : null;
  if (!url) return;
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok) return;
  const made = document.createElement('div');
  made.innerHTML = await answer.text();
  const { default: { morph } } = await import('../lib/idiomorph.js');
  if (here !== view() || fragment() !== url || here.dataset.grown !== undefined) return;
  const added = [];
  morph(here, made, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: true,
    callbacks: {
      afterNodeAdded: node => { if (node.nodeType === Node.ELEMENT_NODE) added.push(node); },
      beforeNodeMorphed: (old, now) => old.nodeType !== Node.ELEMENT_NODE || !(old.matches('code[data-json]') && old.textContent === now.textContent),
      // What is open, folded, zoomed and in the tab order is up to the reader.
      beforeAttributeUpdated: (name, element) => !(['open', 'hidden', 'aria-expanded', 'tabindex', 'viewBox', 'disabled'].includes(name) || name === 'class' && element.matches('.code, .wf')),
    },
  });
  for (const node of added) if (node.isConnected) htmx.process(node);
  refresh(here);
  find(here);
  timeline?.then(m => m.again(here.querySelector('[data-timeline]')));
}

document.addEventListener('run:drawn', () => { renew().catch(() => { /* The next change asks again. */ }); });
document.addEventListener('htmx:load', event => wake(event.detail.elt));
document.addEventListener('run:shown', event => wake(event.target));
wake(document);
