// <code data-json> is highlighted when it comes into view; the highlighter is fetched when the first one does.
// [data-expand] shows the whole of a long block and back.
const longest = 100_000; // characters; beyond it colours cost more than they help
let load;

const watcher = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    if (target.textContent.length > longest) continue;
    load ??= import('../lib/highlight.js');
    load.then(({ default: hljs }) => {
      target.innerHTML = hljs.highlight(target.textContent, { language: 'json' }).value;
      target.dispatchEvent(new CustomEvent('code:shown', { bubbles: true }));
    });
  }
}, { rootMargin: '200px' });

export function find(within = document) {
  for (const block of within.querySelectorAll('code[data-json]:not([data-seen])')) {
    block.dataset.seen = '';
    watcher.observe(block);
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-expand]');
  if (!button) return;
  const block = button.closest('.json').querySelector('.code');
  const expanded = button.getAttribute('aria-expanded') !== 'true';
  button.setAttribute('aria-expanded', String(expanded));
  block.classList.toggle('clamped', !expanded);
});
document.addEventListener('htmx:load', event => find(event.detail.elt.parentElement ?? document));
find();
