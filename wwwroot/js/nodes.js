// A link to a step ([data-node]: its id, a node or a name) opens its card, brings it into view and focuses it. So does an address with
// #step-… or #node-…. A card that is not on the page, because there are many or another view is shown, is fetched with its neighbours.
import { replace } from './address.js';
import { toast } from './toast.js';

let found = null; // what has the focus because of the address or a link

function focus(element) {
  found = element;
  element.focus({ preventScroll: true });
}

function reveal(id) {
  const all = [...document.querySelectorAll('dialog[open] .node, main .node')];
  const card = all.find(node => node.dataset.stepId === id) ?? all.findLast(node => node.dataset.nodeId === id);
  if (!card) return false;
  card.open = true;
  card.scrollIntoView({ block: 'start', behavior: 'smooth' });
  focus(card.querySelector('summary'));
  return true;
}

async function fetched(run, id) {
  const view = run.querySelector('#steps-view');
  if (!view) return;
  // What the page would fetch by itself is not wanted any more.
  for (const waiting of view.querySelectorAll('[hx-trigger="load"]')) {
    htmx.trigger(waiting, 'htmx:abort');
    waiting.remove();
  }

  view.setAttribute('aria-busy', 'true');
  try {
    await htmx.ajax('GET', `/runs/${encodeURIComponent(run.dataset.run)}/steps/cards?at=${encodeURIComponent(id)}`, { source: view, target: view, swap: 'innerHTML' });
    if (!reveal(id)) toast(document.body.dataset.textUnreachable);
  } finally {
    view.removeAttribute('aria-busy');
  }
}

function go(id, run) {
  if (reveal(id)) return true;
  if (!run?.querySelector('#steps-view')) return false;
  fetched(run, id);
  return true;
}

const keepHash = id => replace(`${location.pathname}${location.search}#step-${encodeURIComponent(id)}`);

document.addEventListener('click', event => {
  const link = event.target.closest('[data-node]');
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const run = link.closest('.run');
  if (!go(link.dataset.node, run)) return;
  event.preventDefault();
  // On the run's own page the address leads back to the card.
  if (run?.closest('main') && link.hash?.startsWith('#step-')) keepHash(link.dataset.node);
});

// A view that the address names stays: the step has its row there.
function row(view, id) {
  const link = [...view.querySelectorAll('.wf-step[data-node], #step-rows a[data-node]')].find(a => a.dataset.node === id);
  if (!link) return false;
  link.scrollIntoView({ block: 'center' });
  focus(link);
  return true;
}

async function inView(view, id) {
  if (row(view, id)) return;
  const { pathname } = location;
  const sought = encodeURIComponent(id);
  const url = view.dataset.view === 'table' ? `${pathname}/steps/table?find=${sought}&at=${sought}` : `${pathname}/steps/timeline?at=${sought}`;
  await htmx.ajax('GET', url, { source: view, target: view, swap: 'innerHTML' });
  if (!row(view, id)) toast(document.body.dataset.textUnreachable);
}

function followHash() {
  const [, kind, text] = location.hash.match(/^#(step|node)-(.+)$/) ?? [];
  if (!text) return;
  const id = decodeURIComponent(text);
  const run = document.querySelector('main .run');
  const view = run?.querySelector('#steps-view');
  if (kind === 'step' && view && view.dataset.view !== 'cards' && new URLSearchParams(location.search).get('view') === view.dataset.view) inView(view, id);
  else go(id, run);
}

window.addEventListener('hashchange', followHash);
followHash();
// The browser looks for the fragment by itself when the page is loaded, finds nothing there that takes the focus, and takes it away.
if (document.readyState !== 'complete') addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => {
  if (document.activeElement === document.body && found?.isConnected) found.focus({ preventScroll: true });
})));
