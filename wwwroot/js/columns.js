// Columns of the list: widths a person keeps, the menu that chooses them, and the address that says which they are.
import { replace } from './address.js';
import { load } from './list.js';

// 120:id,90:status -> each head gets its width; the style sheet's stands where there is none.
function widen() {
  const region = document.getElementById('runs');
  const kept = region?.dataset.widths;
  if (!kept) return;
  const heads = [...region.querySelectorAll('thead [data-col]')];
  for (const head of heads) {
    const width = kept.split('\n').find(line => line.slice(line.indexOf(':') + 1) === head.dataset.col);
    head.style.width = width ? `${parseInt(width, 10)}px` : '';
  }
}

// The list of somebody who keeps columns of their own says so in its address, so that it can be shared as it is.
function name() {
  const url = document.getElementById('runs')?.dataset.url;
  if (!url || location.pathname !== '/runs' || url === location.pathname + location.search || location.search.includes('next_token=')) return;
  const [here, there] = [new URLSearchParams(location.search), new URLSearchParams(url.split('?')[1] ?? '')];
  if (here.has('columns') || !there.has('columns')) return;
  replace(url + location.hash);
}

let kept = false;
document.addEventListener('columns-kept', event => {
  kept = true;
  load(event.detail.value);
});

// A button of the form stays where the focus is: when its column moved, it moves along.
let pressed = null;
document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-columns-form] button');
  if (button) pressed = { name: button.name, value: button.value };
});
document.addEventListener('htmx:afterSwap', event => {
  const { target } = event.detail;
  if (target.id === 'runs') {
    widen();
    name();
    if (kept) document.querySelector('.columns-menu > summary')?.focus();
    kept = false;
  }

  const form = document.querySelector('[data-columns-form]');
  if (!form || !pressed || !event.detail.elt?.matches?.('[data-columns-form]') && !target.matches?.('[data-columns-form]')) return;
  const same = [...form.querySelectorAll(`button[name="${pressed.name}"]`)].find(b => b.value === pressed.value && !b.disabled);
  const next = pressed.name === 'add' ? form.querySelector('#column-path') : same ?? [...form.querySelectorAll('button[name="up"], button[name="down"]')].find(b => b.value === pressed.value && !b.disabled);
  next?.focus();
  pressed = null;
});

widen();
name();
