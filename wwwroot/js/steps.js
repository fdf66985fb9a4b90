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

// The element that asked for more is gone when it came: the first of what came is focused instead.
let asked = null;
document.addEventListener('htmx:beforeRequest', event => {
  const element = event.detail.elt;
  if (!view()?.contains(element)) return;
  const more = element.closest('#nodes-more, #rows-more');
  asked = more && document.activeElement === element ? [...view().querySelectorAll('details.node > summary, #step-rows a')].at(-1) : null;
});
document.addEventListener('htmx:afterSwap', event => {
  if (event.detail.target?.id === 'steps-view') address(event.detail.pathInfo.finalRequestPath ?? event.detail.pathInfo.requestPath);
});
document.addEventListener('htmx:afterSettle', () => {
  if (!asked) return;
  const every = [...view().querySelectorAll('details.node > summary, #step-rows a')];
  every[every.indexOf(asked) + 1]?.focus({ preventScroll: true });
  asked = null;
});
document.addEventListener('htmx:load', event => wake(event.detail.elt));
document.addEventListener('run:shown', event => wake(event.target));
wake(document);
