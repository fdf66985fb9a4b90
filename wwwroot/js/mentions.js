// In a [data-mentions] text @ suggests members of the tenant: taken by keyboard or pointer, written as @ and the email address.
import { noteTexts } from './marks.js';

let list;
let asked = 0;
let timer;

function close() {
  asked++;
  clearTimeout(timer);
  const box = list?.field;
  list?.remove();
  list = null;
  box?.removeAttribute('aria-activedescendant');
  box?.removeAttribute('aria-controls');
}

// What stands between the last @ and the caret.
function wordOf(field) {
  const text = field.value.slice(0, field.selectionStart);
  return /(?:^|[^\p{L}\p{N}._%+-])@([^\s@<>()[\]{},;:"/\\|]{0,64})$/u.exec(text)?.[1];
}

async function suggest(field) {
  const word = wordOf(field);
  if (word === undefined) return close();
  const mine = ++asked;
  const answer = await fetch(`/mentions/members?q=${encodeURIComponent(word)}`, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (mine !== asked || !answer?.ok || document.activeElement !== field) return;
  const html = await answer.text();
  if (mine !== asked) return;
  list?.remove();
  list = document.createElement('ul');
  list.className = 'mention-options';
  list.id = 'mention-options';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', noteTexts().dataset.members);
  list.field = field;
  list.innerHTML = html;
  if (!list.querySelector('[role="option"]')) return close();
  field.after(list);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', 'mention-options');
  choose(list.querySelector('[role="option"]'));
}

function choose(option) {
  for (const other of list.querySelectorAll('[aria-selected]')) other.removeAttribute('aria-selected');
  option.setAttribute('aria-selected', 'true');
  option.scrollIntoView({ block: 'nearest' });
  list.field.setAttribute('aria-activedescendant', option.id);
}

function take(option) {
  const { field } = list;
  const from = field.selectionStart - (wordOf(field)?.length ?? 0);
  field.setRangeText(`${option.dataset.insert} `, from, field.selectionStart, 'end');
  close();
  field.focus();
}

document.addEventListener('input', event => {
  if (!event.target.matches?.('[data-mentions]')) return;
  clearTimeout(timer);
  const field = event.target;
  if (wordOf(field) === undefined) close();
  else timer = setTimeout(() => suggest(field), 120);
});

// Before whoever closes a form or a panel by Escape.
document.addEventListener('keydown', event => {
  if (!list || event.target !== list.field) return;
  const options = [...list.querySelectorAll('[role="option"]')];
  const at = options.findIndex(o => o.hasAttribute('aria-selected'));
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') choose(options[(at + (event.key === 'ArrowDown' ? 1 : -1) + options.length) % options.length]);
  else if (event.key === 'Enter' || event.key === 'Tab') take(options[at]);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener('pointerdown', event => {
  const option = event.target.closest?.('#mention-options [role="option"]');
  if (!option) return;
  event.preventDefault();
  take(option);
});

document.addEventListener('focusout', event => { if (list && event.target === list.field) close(); });
