// [data-copy="text"] copies the text, [data-copy-from="#id"] the text of an element, [data-copy-from] alone that of the block it stands in.
import { toast } from './toast.js';

async function copy(button) {
  const { dataset } = document.body;
  const from = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : button.closest('.json')?.querySelector('.code');
  const text = button.dataset.copy ?? from?.textContent ?? '';
  try {
    await navigator.clipboard.writeText(button.hasAttribute('data-copy-link') ? new URL(text, location.href).href : text);
    button.classList.add('copied');
    const use = button.querySelector('use');
    const before = use?.getAttribute('href');
    use?.setAttribute('href', before.replace(/#.*/, '#check'));
    setTimeout(() => {
      button.classList.remove('copied');
      use?.setAttribute('href', before);
    }, 1500);
    toast(dataset.textCopied);
  } catch {
    toast(dataset.textCopyFailed);
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-copy], [data-copy-from]');
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  copy(button);
}, true);
