// One short message at the bottom, read out by screen readers; a form beside it takes back what it tells of.
let timer;

export function toast(text, form) {
  const element = document.querySelector('dialog[open] [data-toast]') ?? document.getElementById('toast');
  if (!element || !text) return;
  element.textContent = text;
  if (form) {
    element.append(form);
    htmx.process(form);
  }

  const hide = () => {
    // Whoever is about to press the button keeps it.
    if (form && element.matches(':hover, :focus-within')) timer = setTimeout(hide, 1000);
    else element.textContent = '';
  };
  clearTimeout(timer);
  timer = setTimeout(hide, form ? 8000 : 2200);
}
