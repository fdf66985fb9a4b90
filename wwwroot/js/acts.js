// Acts on a run: when a form arrives its first field has the focus; after an act the button it came from has it, and a toast offers the way back.
import { toast } from './toast.js';

document.addEventListener('htmx:afterSwap', event => {
  const { target } = event.detail;
  if (target.matches('.act-list')) {
    if (target.parentElement.open) target.querySelector('[data-act-focus]')?.focus();
    return;
  }

  if (target.id !== 'run-acts') return;
  const acts = document.getElementById('run-acts');
  const focus = acts.querySelector('details[open] [data-act-focus]') ?? acts.querySelector(`#act-${acts.dataset.act}`);
  focus?.focus({ preventScroll: true });
  const said = acts.querySelector('[data-acted]');
  if (!said) return;
  said.remove();
  toast(said.dataset.acted, said.querySelector('form'));
});
