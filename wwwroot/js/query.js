// The query line: suggestions while typing, taken by keyboard or pointer. What is asked for is decided by the server alone;
// without script the line is a form.
import { toRows } from './list.js';

const box = () => document.getElementById('query');
const list = () => document.getElementById('query-options');
let timer;
let asked = 0;
let waiting = false; // for suggestions to what was typed last

function close() {
  clearTimeout(timer);
  asked++;
  waiting = false;
  const [input, options] = [box(), list()];
  if (!input || !options) return;
  options.hidden = true;
  options.innerHTML = '';
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
}

async function suggest() {
  const input = box();
  if (!input) return;
  const mine = ++asked;
  const address = `/runs/options/query?query=${encodeURIComponent(input.value)}&at=${input.selectionStart}`;
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (mine !== asked) return;
  waiting = false;
  if (!answer?.ok || document.activeElement !== input) return;
  const options = list();
  options.innerHTML = await answer.text();
  if (mine !== asked) return;
  if (!options.querySelector('[role="option"]')) return close();
  options.hidden = false;
  input.setAttribute('aria-expanded', 'true');
  input.removeAttribute('aria-activedescendant');
}

const later = () => {
  clearTimeout(timer);
  waiting = true;
  timer = setTimeout(suggest, 120);
};

function mark(option) {
  for (const other of list().querySelectorAll('[aria-selected]')) other.removeAttribute('aria-selected');
  if (option) {
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    box().setAttribute('aria-activedescendant', option.id);
  } else {
    box().removeAttribute('aria-activedescendant');
  }
}

function take(option) {
  const input = box();
  const { insert, from, to } = option.dataset;
  input.setRangeText(insert, Number(from), Math.max(Number(to), input.selectionStart), 'end');
  close();
  input.focus();
  if (insert.endsWith(':')) later();
}

document.addEventListener('input', event => { if (event.target.id === 'query') later(); });

document.addEventListener('keydown', event => {
  if (event.target.id !== 'query') return;
  const options = [...list().querySelectorAll('[role="option"]')];
  const open = !list().hidden && options.length > 0;
  const at = options.findIndex(o => o.hasAttribute('aria-selected'));
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp':
      event.preventDefault();
      // Nothing is suggested: down leads to the runs, with Alt to what could be.
      if (!open && !waiting && !event.altKey && event.key === 'ArrowDown' && toRows()) return;
      if (!open) return later();
      return mark(options[(at + (event.key === 'ArrowDown' ? 1 : at < 0 ? 0 : -1) + options.length) % options.length]);
    case 'Enter':
      if (!open || at < 0) return close();
      event.preventDefault();
      return take(options[at]);
    case 'Tab':
      if (!open || at < 0) return close();
      event.preventDefault();
      return take(options[at]);
    case 'Escape':
      event.stopPropagation();
      event.preventDefault();
      // Suggestions that are about to come are what is declined.
      if (open || waiting) return close();
      if (!toRows()) event.target.blur();
  }
});

// Before the box loses the focus.
document.addEventListener('pointerdown', event => {
  const option = event.target.closest?.('#query-options [role="option"]');
  if (!option) return;
  event.preventDefault();
  take(option);
});

document.addEventListener('focusout', event => { if (event.target.id === 'query') close(); });
document.addEventListener('submit', event => {
  if (!event.target.matches('[data-query]')) return;
  close();
  const input = box();
  input.value = input.value.replace(moments, (_, key, at) => `${key}${new Date(at).toISOString().replace('.000Z', 'Z')}`);
}, true);

// Moments of the line by the reader's clock, with how far it is ahead; the address has them in UTC.
const moments = /((?:^|\s)(?:from|to):)(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))(?=\s|$)/g;

function here(at) {
  const date = new Date(at);
  const ahead = -date.getTimezoneOffset();
  if (Number.isNaN(ahead) || ahead === 0) return at;
  const two = number => String(number).padStart(2, '0');
  const clock = new Date(date.getTime() + ahead * 60000).toISOString().slice(0, date.getUTCSeconds() ? 19 : 16);
  return `${clock}${ahead < 0 ? '-' : '+'}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
}

function localize() {
  const input = box();
  if (input) input.value = input.value.replace(moments, (_, key, at) => key + here(at));
}

document.addEventListener('htmx:afterSwap', event => { if (event.detail.target.id === 'runs') localize(); });
localize();
