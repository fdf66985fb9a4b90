// The strip above the list: its times are the reader's, a range of the chart is chosen by dragging or with the keyboard, and it
// follows the list while it is looked at.
import { load } from './list.js';
import { keep } from './preferences.js';

const language = document.documentElement.lang || 'en';
const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const exactClock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
const full = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const hour = 3600000;
const every = 15000; // ms between two refreshes, at least

const strip = () => document.getElementById('strip');
const chartOf = element => element?.closest?.('[data-strip]');
const links = chart => [...chart.querySelectorAll('svg a')];

// ---- times

function grid(chart) {
  const { begin, length, count, from, to } = chart.dataset;
  return { begin: Number(begin), length: Number(length), count: Number(count), from: Number(from), to: Number(to) };
}

// The range of bars a to b, cut to that of the filter.
function range(chart, a, b) {
  const g = grid(chart);
  return [Math.max(g.from, g.begin + Math.min(a, b) * g.length), Math.min(g.to, g.begin + (Math.max(a, b) + 1) * g.length)];
}

function said([from, to], length) {
  if (length >= 24 * hour) return to - from <= 24 * hour ? day.format(from) : `${day.format(from)} – ${day.format(to - 1)}`;
  if (length < 60000) return `${exactClock.format(from)} – ${exactClock.format(to)}`;
  // A clock alone is of the same day.
  return `${full.format(from)} – ${(day.format(from) === day.format(to) ? clock : full).format(to)}`;
}

function localize(chart) {
  const g = grid(chart);
  for (const label of chart.querySelectorAll('[data-at]')) {
    const at = Number(label.dataset.at);
    label.textContent = g.to - g.from <= 26 * hour ? clock.format(at) : g.to - g.from <= 8 * 24 * hour ? full.format(at) : day.format(at);
  }

  const all = links(chart);
  all.forEach((link, at) => {
    const i = Math.round(Number(link.firstElementChild.getAttribute('x')) / 10);
    link.dataset.i = i;
    // One swap is told once for each element that came with it.
    link.dataset.text ??= link.getAttribute('aria-label');
    link.setAttribute('aria-label', `${said(range(chart, i, i), g.length)}: ${link.dataset.text}`);
    link.setAttribute('tabindex', at === all.length - 1 ? '0' : '-1');
  });
}

// ---- choosing a range

let drag = null; // {chart, from, to, moved}
let dragged = false;
let anchor = null; // the bar from which the keyboard extends

function barAt(chart, x) {
  const box = chart.querySelector('svg').getBoundingClientRect();
  const { count } = grid(chart);
  return Math.max(0, Math.min(count - 1, Math.floor((x - box.left) / box.width * count)));
}

function mark(chart, a, b) {
  const element = chart.querySelector('.strip-mark');
  const { count } = grid(chart);
  element.style.left = `${Math.min(a, b) / count * 100}%`;
  element.style.width = `${(Math.abs(a - b) + 1) / count * 100}%`;
  element.hidden = false;
}

function unmark(chart) {
  const element = chart.querySelector('.strip-mark');
  if (element) element.hidden = true;
}

function tip(chart, a, b = a) {
  const element = chart.querySelector('.strip-tip');
  const { count, length } = grid(chart);
  const link = a === b ? chart.querySelector(`svg a[data-i="${a}"]`) : null;
  element.textContent = said(range(chart, a, b), a === b ? length : Math.max(length, 60000)) + (link ? ` · ${link.dataset.text}` : '');
  element.hidden = false;
  const middle = (Math.min(a, b) + (Math.abs(a - b) + 1) / 2) / count * chart.clientWidth;
  const half = element.offsetWidth / 2;
  element.style.left = `${Math.max(half, Math.min(chart.clientWidth - half, middle))}px`;
}

function untip(chart) {
  const element = chart?.querySelector('.strip-tip');
  if (element) element.hidden = true;
}

const iso = ms => new Date(ms).toISOString().replace('.000Z', 'Z');

function zoom(chart, a, b) {
  const [from, to] = range(chart, a, b);
  load(`${chart.dataset.zoom}from=${iso(from)}&to=${iso(to)}`);
}

document.addEventListener('pointerdown', event => {
  const chart = event.target.closest?.('svg') && chartOf(event.target);
  if (!chart || event.button !== 0 || event.pointerType === 'touch') return;
  const at = barAt(chart, event.clientX);
  drag = { chart, from: at, to: at, moved: false, x: event.clientX };
});

document.addEventListener('pointermove', event => {
  if (drag) {
    if (!drag.chart.isConnected) {
      drag = null;
      return;
    }

    drag.moved ||= Math.abs(event.clientX - drag.x) > 4;
    if (!drag.moved) return;
    drag.to = barAt(drag.chart, event.clientX);
    mark(drag.chart, drag.from, drag.to);
    tip(drag.chart, drag.from, drag.to);
    return;
  }

  const chart = event.target.closest?.('[data-strip] svg') ? chartOf(event.target) : null;
  if (chart) tip(chart, barAt(chart, event.clientX));
  else untip(strip()?.querySelector('[data-strip]'));
});

document.addEventListener('pointerup', () => {
  if (!drag) return;
  const { chart, from, to, moved } = drag;
  drag = null;
  if (!moved || !chart.isConnected) return;
  // The click that follows, if one does, is not one on a bar.
  dragged = true;
  setTimeout(() => { dragged = false; }, 0);
  zoom(chart, from, to);
});

document.addEventListener('pointercancel', () => {
  if (!drag) return;
  unmark(drag.chart);
  untip(drag.chart);
  drag = null;
});

document.addEventListener('click', event => {
  if (!dragged) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener('dragstart', event => { if (event.target.closest?.('[data-strip]')) event.preventDefault(); });

document.addEventListener('click', event => {
  const link = event.target.closest?.('[data-strip] svg a');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  zoom(chartOf(link), Number(link.dataset.i), Number(link.dataset.i));
});

document.addEventListener('keydown', event => {
  const link = event.target.closest?.('[data-strip] svg a');
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  const chart = chartOf(link);
  const all = links(chart);
  const at = all.indexOf(link);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    event.stopPropagation();
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    if (event.shiftKey) anchor ??= Number(link.dataset.i);
    else anchor = null;
    for (const other of all) other.setAttribute('tabindex', other === next ? '0' : '-1');
    next.focus();
    if (anchor === null) unmark(chart);
    else mark(chart, anchor, Number(next.dataset.i));
    return;
  }

  if (event.key === 'Enter') {
    event.preventDefault();
    zoom(chart, anchor ?? Number(link.dataset.i), Number(link.dataset.i));
  } else if (event.key === 'Escape' && anchor !== null) {
    anchor = null;
    unmark(chart);
    event.stopPropagation();
  }
});

document.addEventListener('focusin', event => {
  const link = event.target.closest?.('[data-strip] svg a');
  if (link) tip(chartOf(link), anchor ?? Number(link.dataset.i), Number(link.dataset.i));
});
document.addEventListener('focusout', event => {
  const chart = chartOf(event.target);
  if (!chart || chart.contains(event.relatedTarget)) return;
  anchor = null;
  unmark(chart);
  untip(chart);
});

// ---- coming and staying

// The page knows how far the clock is ahead from the last time; where it has changed since, the request says so.
const ahead = String(-new Date().getTimezoneOffset());
document.addEventListener('htmx:configRequest', event => {
  if (event.detail.elt.id === 'strip' && event.detail.elt.dataset.tz !== ahead) event.detail.parameters.tz = ahead;
});
keep('tz', ahead);

// A new list shows the old figures until it has its own: nothing jumps.
let old = null;
document.addEventListener('htmx:beforeSwap', event => {
  if (event.detail.target.id === 'runs') old = strip()?.querySelector('.strip-figures') ? [...strip().childNodes] : null;
});
document.addEventListener('htmx:afterSwap', event => {
  const { target } = event.detail;
  if (target.id === 'runs') {
    const place = strip();
    if (place && old && !place.querySelector('.strip-figures')) {
      place.replaceChildren(...old);
      place.classList.add('strip-old');
    }

    old = null;
  } else if (target.id === 'strip') {
    target.classList.remove('strip-old');
    const chart = target.querySelector('[data-strip]');
    if (chart) localize(chart);
    anchor = null;
  }
});

for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(name, event => {
    const place = event.detail.target;
    if (place?.id !== 'strip') return;
    // Figures that stand there are better than none.
    if (place.querySelector('.strip-figures') && !place.classList.contains('strip-old')) return;
    const note = document.createElement('p');
    note.className = 'strip-note';
    note.setAttribute('role', 'alert');
    const button = document.createElement('button');
    button.className = 'btn btn-sm';
    button.dataset.stripAgain = '';
    button.textContent = place.dataset.again;
    note.append(place.dataset.failed, ' ', button);
    place.replaceChildren(note);
  });
}

document.addEventListener('click', event => { if (event.target.closest?.('[data-strip-again]')) htmx.trigger(strip(), 'strip-refresh'); });

let asked = performance.now();
let due = null;

function again() {
  due = null;
  const place = strip();
  if (!place || document.hidden) return;
  // Not under the hands of whoever uses it.
  if (drag || place.contains(document.activeElement) || place.querySelector('details[open]') || place.matches(':hover')) {
    due = setTimeout(again, 3000);
    return;
  }

  asked = performance.now();
  htmx.trigger(place, 'strip-refresh');
}

for (const name of ['live:runs', 'live:gap']) document.addEventListener(name, () => { if (strip()) due ??= setTimeout(again, Math.max(2000, asked + every - performance.now())); });
