// One short message at the bottom, read out by screen readers.
let timer;

export function toast(text) {
  const element = document.querySelector('dialog[open] [data-toast]') ?? document.getElementById('toast');
  if (!element || !text) return;
  element.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => { element.textContent = ''; }, 2200);
}
