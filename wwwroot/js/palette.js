// The palette (Ctrl+K, Cmd+K): one field that leads to any run, workflow, view, page or command. The server finds (/palette), the arrow
// keys choose, Enter goes, with Ctrl or Cmd in a new tab. What was chosen lately is kept in this browser, for each person by themselves.
import { replace } from './address.js';

const kept = 8;
let dialog;
let running; // its request
let due = null; // it is about to ask
let found = Promise.resolve(); // what it asks for
let who = '';

const input = () => dialog.querySelector('input');
const list = () => dialog.querySelector('[role="listbox"]');
const options = () => [...list().querySelectorAll('[role="option"]')];
const store = () => `runhub.recent.${who}`;

function recent() {
  try {
    const all = JSON.parse(localStorage.getItem(store()) ?? '[]');
    return Array.isArray(all) ? all.filter(r => typeof r?.href === 'string' && r.href.startsWith('/') && !r.href.startsWith('//')) : [];
  } catch {
    return [];
  }
}

function remember(option) {
  if (!option.dataset.href || !option.dataset.keep) return;
  const [href, text, hint] = [option.dataset.href, option.querySelector('b').textContent, option.querySelector('small')?.textContent ?? ''];
  try {
    localStorage.setItem(store(), JSON.stringify([{ href, text, hint }, ...recent().filter(r => r.href !== href)].slice(0, kept)));
  } catch {
    // A browser that keeps nothing has no recent ones.
  }
}

function mark(option) {
  for (const other of options()) other.removeAttribute('aria-selected');
  if (!option) return input().removeAttribute('aria-activedescendant');
  option.setAttribute('aria-selected', 'true');
  input().setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
}

// Above what the server offers for nothing: what was chosen lately.
function addRecent() {
  const group = list().querySelector('[data-recent]');
  const found = recent();
  if (!group || found.length === 0) return group?.remove();
  const sample = group.querySelector('template').content.firstElementChild;
  for (const [i, one] of found.entries()) {
    const option = sample.cloneNode(true);
    option.id = `palette-recent-${i}`;
    option.dataset.href = one.href;
    option.querySelector('b').textContent = String(one.text).slice(0, 200);
    option.querySelector('small').textContent = String(one.hint).slice(0, 200);
    group.append(option);
  }

  group.hidden = false;
}

function find() {
  clearTimeout(due);
  due = null;
  found = ask();
}

async function ask() {
  running?.abort();
  const mine = running = new AbortController();
  const words = input().value;
  try {
    const answer = await fetch(`/palette?q=${encodeURIComponent(words.slice(0, 300))}`, { headers: { 'HX-Request': 'true' }, signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (mine !== running) return;
    list().innerHTML = html;
    who = list().querySelector('[data-who]')?.dataset.who ?? '';
    if (words.trim() === '') addRecent();
    mark(options()[0]);
    dialog.querySelector('[role="status"]').textContent = list().querySelector('[data-said]')?.dataset.said ?? '';
  } catch (error) {
    if (error.name === 'AbortError') return;
    list().replaceChildren();
    dialog.querySelector('[role="status"]').textContent = document.body.dataset.textUnreachable;
  }
}

const commands = {
  theme: value => document.querySelector(`[data-theme-choice="${value}"]`)?.click(),
  language: value => document.querySelector(`button[name="language"][value="${value}"]`)?.click(),
  navigation: () => document.querySelector('[data-nav-fold]')?.click(),
  help: () => document.dispatchEvent(new CustomEvent('key:help', { cancelable: true })),
};

// Whoever types fast and presses Enter means what they typed, not what was found for half of it.
async function enter(aside) {
  for (let last = null; due !== null || last !== found;) {
    if (due !== null) find();
    await (last = found);
  }

  if (dialog.open) take(options().find(o => o.hasAttribute('aria-selected')), aside);
}

function take(option, aside) {
  if (!option) return;
  remember(option);
  const { href, command } = option.dataset;
  if (href && aside) return window.open(href, '_blank', 'noopener');
  dialog.close();
  if (href) location.assign(href);
  else {
    const [name, value] = command.split(':');
    commands[name]?.(value);
  }
}

function build() {
  const text = document.body.dataset.textPalette;
  dialog = document.createElement('dialog');
  dialog.className = 'palette';
  dialog.setAttribute('aria-label', text);
  dialog.innerHTML = '<input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="300" enterkeyhint="go" autofocus><div class="palette-list" id="palette-list" role="listbox"></div><p class="palette-said" role="status"></p>';
  input().setAttribute('aria-label', text);
  input().placeholder = text;
  list().setAttribute('aria-label', text);
  document.body.append(dialog);
  input().addEventListener('input', () => { clearTimeout(due); due = setTimeout(find, 90); });
  input().addEventListener('keydown', event => {
    if (event.isComposing) return;
    const all = options();
    const at = all.findIndex(o => o.hasAttribute('aria-selected'));
    const go = to => { event.preventDefault(); mark(all[(to + all.length) % all.length]); };
    if (event.key === 'ArrowDown' && all.length) go(at + 1);
    else if (event.key === 'ArrowUp' && all.length) go(at < 0 ? -1 : at - 1);
    else if (event.key === 'PageDown' && all.length) go(Math.min(all.length - 1, at + 8));
    else if (event.key === 'PageUp' && all.length) go(Math.max(0, at - 8));
    else if (event.key === 'Tab') event.preventDefault();
    else if (event.key === 'Escape') {
      // At once, so that the next key is not taken for one that is typed here.
      event.preventDefault();
      input().blur();
      dialog.close();
    }
    else if (event.key === 'Enter') {
      event.preventDefault();
      enter(event.ctrlKey || event.metaKey);
    }
  });
  dialog.addEventListener('click', event => {
    if (event.target === dialog) return dialog.close();
    take(event.target.closest('[role="option"]'), event.ctrlKey || event.metaKey);
  });
  dialog.addEventListener('close', () => { running?.abort(); clearTimeout(due); due = null; });
}

document.addEventListener('click', event => {
  if (!event.target.closest?.('[data-palette]')) return;
  event.preventDefault();
  if (!dialog) build();
  if (dialog.open) return dialog.close();
  input().value = '';
  dialog.showModal();
  find();
});

// "New filter" leads to the field of the filter.
function begin() {
  if (location.hash !== '#query') return;
  replace(location.pathname + location.search);
  document.getElementById('query')?.focus();
}

window.addEventListener('hashchange', begin);
begin();
