// The log lines of a run ([data-logs]): filters without leaving the page, more lines as they are scrolled to (a window of them
// stays in the document), and new ones as they arrive, without moving what is being read.
import { replace } from './address.js';
import { find } from './code.js';
import { show } from './tabs.js';

const kept = 2000; // lines in the document
const near = 40; // pixels from the edge that count as being there
const rootOf = element => element.closest('[data-logs]');
const viewOf = root => root.querySelector('[data-log-view]');
const listOf = root => root.querySelector('[data-log-list]');
const moreOf = (root, place) => root.querySelector(`[data-log-more="${place}"]`);
const streams = new Map();

async function fragment(url) {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

function ready(panel) {
  htmx.process(panel);
  find(panel);
  start(panel.querySelector('[data-logs]'));
}

// The tab anew, at another address.
async function go(from, url) {
  const panel = from.closest('[data-tabpanel]');
  const inDialog = panel.closest('dialog') !== null;
  panel.setAttribute('aria-busy', 'true');
  try {
    const found = (await fragment(url)).querySelector('[data-tabpanel="logs"]');
    stop(panel.querySelector('[data-logs]'));
    const focus = document.activeElement?.name ?? null;
    panel.replaceChildren(...found.childNodes);
    replace(url, state => inDialog ? { ...state, tab: 'logs' } : state);
    ready(panel);
    if (focus) panel.querySelector(`[name="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    const said = panel.querySelector('[data-logs-said]');
    const current = panel.querySelector('.segment [aria-current="true"]');
    if (said && current) said.textContent = current.textContent;
  } catch {
    location.assign(url);
  } finally {
    panel.removeAttribute('aria-busy');
  }
}

function mark(lines) {
  for (const line of lines) if (line.id && location.hash === `#${line.id}`) line.classList.add('log-target');
}

// More lines at one end; those farthest from it go when there are too many, and can be scrolled back to.
async function more(root, place) {
  const link = moreOf(root, place)?.querySelector('a');
  if (!link || root.dataset.loading) return 0;
  root.dataset.loading = place;
  try {
    const found = await fragment(link.dataset.lines);
    return add(root, place, found);
  } catch {
    link.textContent = document.body.dataset.textUnreachable ?? link.textContent;
    return 0;
  } finally {
    delete root.dataset.loading;
  }
}

function add(root, place, found) {
  const view = viewOf(root);
  const list = listOf(root);
  const lines = [...found.querySelectorAll('[data-log-list] > li')].filter(line => !document.getElementById(line.id));
  const rest = found.querySelector(`[data-log-more="${place}"]`);
  const height = view.scrollHeight;
  const top = view.scrollTop;
  moreOf(root, place)?.remove();
  if (place === 'below') {
    list.append(...lines);
    if (rest) view.append(rest);
    trim(root, 'above');
  } else {
    list.prepend(...lines);
    if (rest) view.prepend(rest);
    view.scrollTop = top + view.scrollHeight - height;
    trim(root, 'below');
  }

  mark(lines);
  find(list);
  watch(root);
  return lines.length;
}

function trim(root, place) {
  const view = viewOf(root);
  const list = listOf(root);
  const surplus = list.children.length - kept;
  if (surplus <= 0) return;
  const height = view.scrollHeight;
  const top = view.scrollTop;
  for (let i = 0; i < surplus; i++) (place === 'above' ? list.firstElementChild : list.lastElementChild).remove();
  const edge = (place === 'above' ? list.firstElementChild : list.lastElementChild).id.slice(4);
  let more = moreOf(root, place);
  if (!more) {
    more = document.createElement('p');
    more.className = 'log-more';
    more.dataset.logMore = place;
    more.append(document.createElement('a'));
    if (place === 'above') view.prepend(more); else view.append(more);
  }

  const link = more.querySelector('a');
  const here = root.dataset.logsHere;
  if (!link.textContent) link.textContent = '…';
  link.href = `${here}&${place}=${edge}`;
  link.dataset.lines = `${here.replace('?tab=logs', '/loglines?lines=1')}&${place}=${edge}`;
  if (place === 'above') view.scrollTop = top - (height - view.scrollHeight);
}

const watcher = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) if (isIntersecting && rootOf(target)) more(rootOf(target), target.dataset.logMore);
}, { rootMargin: '600px 0px' });

function watch(root) {
  for (const place of ['above', 'below']) {
    const element = moreOf(root, place);
    if (!element) continue;
    watcher.unobserve(element);
    watcher.observe(element);
  }
}

// Where new lines appear: at the bottom, or at the top when the newest stand first.
const endOf = root => root.dataset.logsOrder === 'desc' ? 'above' : 'below';

function atEnd(root) {
  const view = viewOf(root);
  return endOf(root) === 'above' ? view.scrollTop <= near : view.scrollHeight - view.scrollTop - view.clientHeight <= near;
}

function jump(root) {
  const view = viewOf(root);
  view.scrollTop = endOf(root) === 'above' ? 0 : view.scrollHeight;
}

async function arrived(root) {
  const panel = root.closest('[data-tabpanel]');
  const list = listOf(root);
  if (!list) return go(root, root.dataset.logsHere);
  const end = endOf(root);
  const stay = !atEnd(root);
  if (moreOf(root, end)) {
    // The end is not in the document: what is new will be met there.
    root.querySelector('[data-logs-new]').hidden = false;
    return;
  }

  const edge = end === 'below' ? list.lastElementChild : list.firstElementChild;
  if (!edge) return go(root, root.dataset.logsHere);
  const url = `${root.dataset.logsHere.replace('?tab=logs', '/loglines?lines=1')}&${end}=${edge.id.slice(4)}`;
  try {
    const added = add(root, end, await fragment(url));
    if (added > 0 && stay) root.querySelector('[data-logs-new]').hidden = false;
    if (!stay && !panel.hidden) jump(root);
  } catch {
    // The next line asks again.
  }
}

function follow(root) {
  if (!root.dataset.logsLive || streams.has(root) || document.hidden) return;
  const url = new URL(root.dataset.logsLive, location.href);
  const asked = new URLSearchParams(root.dataset.logsHere.split('?')[1]);
  for (const name of ['level', 'step', 'q']) if (asked.has(name)) url.searchParams.set(name, asked.get(name));
  if (root.dataset.seq) url.searchParams.set('last_event_id', root.dataset.seq);
  const source = new EventSource(url);
  let timer = null;
  const soon = event => {
    if (event.lastEventId) root.dataset.seq = event.lastEventId;
    timer ??= setTimeout(async () => {
      await (root.isConnected ? arrived(root) : stop(root));
      timer = null;
    }, 250);
  };
  source.addEventListener('hello', event => {
    root.dataset.seq ??= event.lastEventId;
    const state = root.querySelector('[data-logs-state]');
    if (state) state.hidden = false;
  });
  source.addEventListener('log', soon);
  source.addEventListener('gap', soon);
  source.addEventListener('deleted', () => stop(root));
  streams.set(root, source);
}

function stop(root) {
  streams.get(root)?.close();
  streams.delete(root);
  const state = root?.querySelector('[data-logs-state]');
  if (state) state.hidden = true;
}

const wanted = () => location.hash.match(/^#log-(\d+-\d+)$/)?.[1];
let sought = null;

function start(root) {
  if (!root) return;
  const line = wanted();
  if (line && line !== sought && !document.getElementById(`log-${line}`) && root.closest('main')) {
    // The window around it; once, for it may be gone.
    sought = line;
    go(root, `${root.dataset.logsHere}&line=${line}#log-${line}`);
    return;
  }

  follow(root);
  const view = viewOf(root);
  if (!view) return;
  mark(listOf(root)?.children ?? []);
  const target = view.querySelector('.log-target');
  if (target) view.scrollTop = target.offsetTop - view.clientHeight / 3;
  else if (moreOf(root, 'above') && !moreOf(root, 'below')) view.scrollTop = view.scrollHeight;
  else if (moreOf(root, 'above')) view.scrollTop = moreOf(root, 'above').offsetHeight;
  requestAnimationFrame(() => watch(root));
}

document.addEventListener('click', event => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const link = event.target.closest?.('[data-logs-go], [data-log-link], [data-log-more] a, [data-logs-wrap], [data-logs-new]');
  const root = link && rootOf(link);
  if (!root) return;
  event.preventDefault();
  if (link.matches('[data-logs-go]')) go(root, link.href);
  else if (link.matches('[data-log-more] a')) more(root, link.parentElement.dataset.logMore);
  else if (link.matches('[data-logs-wrap]')) {
    const wrap = link.getAttribute('aria-pressed') !== 'true';
    link.setAttribute('aria-pressed', String(wrap));
    root.classList.toggle('log-nowrap', !wrap);
  } else if (link.matches('[data-logs-new]')) {
    link.hidden = true;
    if (moreOf(root, endOf(root))) go(root, `${root.dataset.logsHere}&${endOf(root) === 'below' ? 'above' : 'below'}=9223372036854775807-9223372036854775807`);
    else jump(root);
  } else {
    for (const line of root.querySelectorAll('.log-target')) line.classList.remove('log-target');
    replace(link.href);
    link.closest('li').classList.add('log-target');
  }
});

document.addEventListener('submit', event => {
  if (!event.target.matches('[data-logs-form]')) return;
  event.preventDefault();
  const asked = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value !== ''));
  go(event.target, `${event.target.getAttribute('action')}?${asked}`);
});

document.addEventListener('change', event => {
  if (event.target.matches('[data-logs-form] select')) event.target.form.requestSubmit();
});

document.addEventListener('scroll', event => {
  const root = event.target.matches?.('[data-log-view]') && rootOf(event.target);
  if (root && atEnd(root)) root.querySelector('[data-logs-new]').hidden = true;
}, true);

document.addEventListener('tab:shown', event => start(event.target.querySelector('[data-logs]')));
document.addEventListener('tab:hidden', event => stop(event.target.querySelector('[data-logs]')));
document.addEventListener('visibilitychange', () => {
  for (const root of document.querySelectorAll('[data-tabpanel]:not([hidden]) [data-logs]')) document.hidden ? stop(root) : follow(root);
});

// A link to a span's row opens it.
document.addEventListener('click', event => {
  const link = event.target.closest?.('[data-reveal]');
  const row = link && document.querySelector(link.getAttribute('href'));
  if (!row) return;
  event.preventDefault();
  row.open = true;
  row.scrollIntoView({ block: 'center' });
  row.querySelector('summary').focus({ preventScroll: true });
});

// #log-… leads to its line, whichever tab the address would show.
const run = document.querySelector('main .run');
if (run && wanted() && !run.querySelector('[data-logs]')) show(run, 'logs');
else start(document.querySelector('main [data-tabpanel]:not([hidden]) [data-logs]'));
