// A key presses the visible element that carries it (data-key; data-key-text says what it does): links and buttons are clicked,
// fields focused. Not while somebody types, with modifiers, or beneath a dialog other than the slide-over.
import { typing } from './search.js';

const shown = element => element.getClientRects().length > 0 && !element.disabled && element.getAttribute('aria-disabled') !== 'true';

export const keyed = within => [...within.querySelectorAll('[data-key]')].filter(shown);

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event)) return;
  const dialog = document.querySelector('dialog[open]');
  if (dialog && dialog.id !== 'panel') return;
  const element = keyed(dialog ?? document).find(e => e.dataset.key === event.key);
  if (!element) return;
  event.preventDefault();
  if (element.matches('input, select, textarea')) element.focus();
  else element.click();
});
