// The steps of a run: which view is shown (kept in a cookie and in the address), expand or collapse all, and what is focused
// when more of them come. The waterfall's own behaviour is loaded with the first waterfall.
import { keep } from './preferences.js';

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
  if (location.pathname === run) history.replaceState(history.state, '', `${run}?view=${kind}${rest ? `&${rest}` : ''}${sought ? location.hash : ''}`);
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
document.addEventListener('htmx:load', event => wake(event.detail.elt));
document.addEventListener('run:shown', event => wake(event.target));
wake(document);
