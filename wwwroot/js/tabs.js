// The tabs of a run ([data-tabs] within .run). A tab's content is asked for when it is first shown and kept from then on. On
// the run's own page every tab is a step of the history (?tab=…); in the slide-over, whose Back closes it, it is not.
// Without script, or with a modifier key, a tab is a link to the page that shows it.
import { onTravel, push, replace } from './address.js';
import { find } from './code.js';
import { refresh } from './time.js';
import { toast } from './toast.js';

const standard = 'steps';
const runOf = element => element.closest('.run');
const tabOf = (run, key) => run.querySelector(`[data-tabs] [data-tab="${CSS.escape(key)}"]`);
const panelOf = (run, key) => run.querySelector(`[data-tabpanel="${CSS.escape(key)}"]`);
const shown = run => run.querySelector('[data-tabs] [aria-selected="true"]')?.dataset.tab;
const inPanel = run => run.closest('dialog') !== null;

function select(run, key) {
  for (const tab of run.querySelectorAll('[data-tabs] [data-tab]')) {
    const selected = tab.dataset.tab === key;
    tab.setAttribute('aria-selected', String(selected));
    tab.tabIndex = selected ? 0 : -1;
    if (selected) tab.setAttribute('aria-controls', `tabpanel-${key}`);
    if (selected) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  for (const panel of run.querySelectorAll('[data-tabpanel]')) {
    const selected = panel.dataset.tabpanel === key;
    if (panel.hidden === !selected) continue;
    panel.hidden = !selected;
    panel.dispatchEvent(new CustomEvent(selected ? 'tab:shown' : 'tab:hidden', { bubbles: true }));
  }
}

async function load(run, key) {
  const panel = document.createElement('div');
  panel.className = 'run-tab';
  panel.id = `tabpanel-${key}`;
  panel.dataset.tabpanel = key;
  panel.setAttribute('role', 'tabpanel');
  panel.setAttribute('aria-labelledby', `tab-${key}`);
  panel.setAttribute('aria-busy', 'true');
  panel.innerHTML = '<div class="skeleton sk-line"></div><div class="skeleton sk-line short"></div><div class="skeleton sk-box tall"></div>';
  [...run.querySelectorAll('[data-tabpanel]')].at(-1).after(panel);
  try {
    const answer = await fetch(tabOf(run, key).href, { headers: { 'HX-Request': 'true' } });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector(`[data-tabpanel="${CSS.escape(key)}"]`);
    if (!found) throw new Error('no content');
    found.hidden = panel.hidden;
    panel.replaceWith(found);
    htmx.process(found);
    refresh(found);
    find(found);
    if (!found.hidden) found.dispatchEvent(new CustomEvent('tab:shown', { bubbles: true }));
  } catch {
    panel.remove();
    if (shown(run) === key) select(run, run.querySelector('[data-tabpanel]')?.dataset.tabpanel ?? standard);
    toast(document.body.dataset.textUnreachable);
  }
}

// True when its content is there at once.
export function show(run, key) {
  if (!tabOf(run, key)) return false;
  const there = panelOf(run, key) !== null;
  const loading = there ? null : load(run, key);
  select(run, key);
  return there || loading;
}

function step(run, key, url) {
  if (inPanel(run)) replace(url, state => ({ ...state, tab: key }));
  else push(url, { tab: key });
}

function go(tab) {
  const run = runOf(tab);
  const key = tab.dataset.tab;
  if (shown(run) === key) return;
  step(run, key, tab.href);
  show(run, key);
}

// Before all others: a link to a card brings the tab with the cards to the front, then whoever reveals the card finds it.
document.addEventListener('click', async event => {
  const link = event.target.closest?.('[data-node], [data-tab]');
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const run = runOf(link);
  if (!run?.querySelector('[data-tabs]')) return;
  if (link.matches('[data-tabs] [data-tab]')) {
    event.preventDefault();
    go(link);
    return;
  }

  const key = link.dataset.tab ?? standard;
  if (shown(run) === key) return;
  const there = panelOf(run, key) !== null;
  if (!there) event.preventDefault();
  const tab = tabOf(run, key);
  step(run, key, tab.href);
  const loading = show(run, key);
  if (!there) {
    await loading;
    link.click();
  }
}, true);

document.addEventListener('keydown', event => {
  const tab = event.target.closest?.('[data-tabs] [data-tab]');
  if (!tab || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...tab.parentElement.querySelectorAll('[data-tab]')];
  const at = all.indexOf(tab);
  const to = { ArrowRight: (at + 1) % all.length, ArrowLeft: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[to].focus();
  } else if (event.key === ' ' || event.key === 'Enter') {
    event.preventDefault();
    go(tab);
  }
});

onTravel(() => {
  const run = document.querySelector('main .run');
  if (!run?.querySelector('[data-tabs]')) return;
  const key = new URLSearchParams(location.search).get('tab') ?? standard;
  if (shown(run) !== key) show(run, key);
});
