// The waterfall: zoom by changing which part of the axis its bars show, parts folded and fetched, one row in the tab order.
import { duration } from './time.js';

const axis = 1_000_000;
const least = axis / 5000;
const seen = { root: null, from: 0, width: axis };
const rows = root => [...root.querySelectorAll('.wf-row')];
const visible = root => rows(root).filter(row => !row.hidden);
const depth = row => Number(row.dataset.depth);
const step = row => row.querySelector('.wf-step');

function paint(root, bars = root.querySelectorAll('.wf-bar')) {
  for (const bar of bars) bar.setAttribute('viewBox', `${seen.from} 0 ${seen.width} 20`);
  const total = Number(root.dataset.total) / 1000;
  const text = share => duration(Math.round(total * (seen.from + seen.width * share) / axis));
  root.querySelectorAll('.wf-axis > span').forEach((tick, i) => { tick.firstChild.data = text(i / 4); });
  const end = root.querySelector('.wf-axis b');
  if (end) end.textContent = text(1);
  root.querySelector('[data-zoom="out"]').disabled = root.querySelector('[data-zoom="fit"]').disabled = seen.width >= axis;
  root.querySelector('[data-zoom="in"]').disabled = seen.width <= least;
}

function look(root, from, width) {
  seen.width = Math.min(axis, Math.max(least, width));
  seen.from = Math.min(axis - seen.width, Math.max(0, from));
  paint(root);
}

// Around a place on the screen, else around the focused bar, else around the middle.
function zoom(root, factor, share) {
  if (share === undefined) {
    const bar = document.activeElement?.closest?.('.wf-row')?.querySelector('rect');
    const at = bar ? Number(bar.getAttribute('x')) + Number(bar.getAttribute('width')) / 2 : seen.from + seen.width / 2;
    share = Math.min(1, Math.max(0, (at - seen.from) / seen.width));
    if (bar && (at < seen.from || at > seen.from + seen.width)) share = 0.5;
    return look(root, at - seen.width * factor * share, seen.width * factor);
  }

  look(root, seen.from + seen.width * share * (1 - factor), seen.width * factor);
}

function rove(root, row) {
  for (const other of rows(root)) step(other).tabIndex = -1;
  const now = row ?? visible(root)[0];
  if (now) step(now).tabIndex = 0;
}

function focus(root, row) {
  if (!row) return;
  rove(root, row);
  step(row).focus();
}

const beneath = row => {
  const found = [];
  for (let next = row.nextElementSibling; next && depth(next) > depth(row); next = next.nextElementSibling) found.push(next);
  return found;
};

function show(row, open) {
  let closed = open ? Infinity : -1;
  for (const part of beneath(row)) {
    if (depth(part) <= closed) closed = Infinity;
    part.hidden = !open || depth(part) > closed;
    if (closed === Infinity && part.querySelector('.wf-toggle[aria-expanded="false"]')) closed = depth(part);
  }
}

async function rowsOf(url) {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return [...new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, 'text/html').querySelectorAll('li')];
}

function added(root, all) {
  root.parentElement.dataset.grown = '';
  paint(root, all.flatMap(row => [...row.querySelectorAll('.wf-bar')]));
  for (const row of all) step(row).tabIndex = -1;
}

async function toggle(button) {
  const row = button.closest('.wf-row');
  const root = row.closest('[data-timeline]');
  const open = button.getAttribute('aria-expanded') !== 'true';
  if (open && button.dataset.parts) {
    const url = button.dataset.parts;
    delete button.dataset.parts;
    try {
      const parts = await rowsOf(url);
      row.after(...parts);
      added(root, parts);
    } catch {
      button.dataset.parts = url;
      return;
    }
  }

  button.setAttribute('aria-expanded', String(open));
  show(row, open);
}

async function several(link) {
  const row = link.closest('.wf-row');
  const root = row.closest('[data-timeline]');
  if (row.getAttribute('aria-busy')) return;
  row.setAttribute('aria-busy', 'true');
  try {
    const more = await rowsOf(link.dataset.several);
    const focused = row.contains(document.activeElement);
    row.replaceWith(...more);
    added(root, more);
    if (focused) focus(root, more[0]);
    else rove(root);
  } catch {
    row.removeAttribute('aria-busy');
  }
}

document.addEventListener('click', event => {
  const root = event.target.closest('[data-timeline]');
  if (!root) return;
  const button = event.target.closest('[data-zoom]');
  if (button) {
    if (button.dataset.zoom === 'fit') look(root, 0, axis);
    else zoom(root, button.dataset.zoom === 'in' ? 0.5 : 2);
    return;
  }

  const fold = event.target.closest('.wf-toggle');
  if (fold) return toggle(fold);
  const link = event.target.closest('[data-several]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  several(link);
});

document.addEventListener('wheel', event => {
  const box = event.target.closest?.('.wf-box');
  const root = box?.closest('[data-timeline]');
  if (!root || !(event.ctrlKey || event.metaKey || event.shiftKey && seen.width < axis)) return;
  const bar = root.querySelector('.wf-bar')?.getBoundingClientRect();
  if (!bar) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) zoom(root, event.deltaY > 0 ? 1.25 : 0.8, Math.min(1, Math.max(0, (event.clientX - bar.left) / bar.width)));
  else look(root, seen.from + (event.deltaX || event.deltaY) / bar.width * seen.width, seen.width);
}, { passive: false });

// Dragging over the axis shows what lies between.
let from = null;
document.addEventListener('pointerdown', event => {
  const marks = event.target.closest?.('.wf-axis');
  from = marks && event.button === 0 ? { root: marks.closest('[data-timeline]'), x: event.clientX, box: marks.getBoundingClientRect() } : null;
});
document.addEventListener('pointerup', event => {
  if (!from || Math.abs(event.clientX - from.x) < 6) return;
  const share = x => Math.min(1, Math.max(0, (x - from.box.left) / from.box.width));
  const [a, b] = [share(from.x), share(event.clientX)].sort((x, y) => x - y);
  look(from.root, seen.from + seen.width * a, seen.width * (b - a));
  from = null;
});

document.addEventListener('keydown', event => {
  const row = event.target.closest?.('[data-timeline] .wf-row');
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const root = row.closest('[data-timeline]');
  const all = visible(root);
  const at = all.indexOf(row);
  const button = row.querySelector('.wf-toggle');
  const open = button?.getAttribute('aria-expanded') === 'true';
  switch (event.key) {
    case 'ArrowDown': focus(root, all[at + 1]); break;
    case 'ArrowUp': focus(root, all[at - 1]); break;
    case 'Home': focus(root, all[0]); break;
    case 'End': focus(root, all.at(-1)); break;
    case 'ArrowRight': if (button && !open) toggle(button); else if (button) focus(root, all[at + 1]); break;
    case 'ArrowLeft': if (open) toggle(button); else focus(root, all.slice(0, at).findLast(other => depth(other) < depth(row))); break;
    case '+': zoom(root, 0.5); break;
    case '-': zoom(root, 2); break;
    case '0': look(root, 0, axis); break;
    case 'Escape':
      if (root.classList.contains('wf-quiet')) return;
      root.classList.add('wf-quiet');
      break;
    default: return;
  }

  event.preventDefault();
  if (event.key === 'Escape') event.stopPropagation();
}, true);

for (const name of ['focusin', 'pointermove']) document.addEventListener(name, event => {
  const root = event.target.closest?.('.wf-quiet');
  if (root && (name === 'focusin' || event.movementX || event.movementY)) root.classList.remove('wf-quiet');
});

// It was drawn anew: new rows are shown like the others, beneath what is folded they are not.
export function again(root) {
  if (!root) return;
  paint(root);
  const all = rows(root);
  for (const button of root.querySelectorAll('.wf-toggle[aria-expanded="false"]:not([data-parts])')) show(button.closest('.wf-row'), false);
  rove(root, all.find(row => step(row).tabIndex === 0 && !row.hidden));
}

export function wake(root) {
  if (!root || root === seen.root) return;
  seen.root = root;
  look(root, 0, axis);
  rove(root);
}
