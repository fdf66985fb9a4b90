// The query line: suggestions while typing, taken by keyboard or pointer. What is asked for is decided by the server alone;
// without script the line is a form.
const box = () => document.getElementById('query');
const list = () => document.getElementById('query-options');
let timer;
let asked = 0;

function close() {
  clearTimeout(timer);
  asked++;
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
  if (mine !== asked || !answer?.ok || document.activeElement !== input) return;
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
      if (!open) return;
      event.stopPropagation();
      event.preventDefault();
      return close();
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
document.addEventListener('submit', event => { if (event.target.matches('[data-query]')) close(); }, true);
