// The keys of a page, one mechanism: what carries data-key="j" (several: "j ArrowDown", with Ctrl or Cmd: "mod+k") and can be seen is
// pressed, or gets the focus where one types in it. data-key-does="row-next" stands for what has no button: the document hears
// "key:row-next". data-key-note is told and left to whoever handles it. "?" shows all that have a data-key-text. While a dialog is
// open the keys of the dialog count, and beside them only "?" and those with Ctrl or Cmd; while somebody types, or is about to, only the latter.
export const typing = event => event.target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');

// Somebody has opened a form that is still on its way: what they type is meant for it.
const awaiting = () => document.querySelector('details.act[open] .act-list:not(:has(form))') !== null;

const topmost = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
const fields = 'input:not([type="checkbox"], [type="radio"], [type="submit"]), textarea, select';
const there = element => element.matches('[data-key-does], [data-key-note]') || element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.getAttribute('aria-disabled') !== 'true';
const within = scope => [...scope.querySelectorAll('[data-key]')].filter(e => (scope !== document || !e.closest('dialog')) && there(e));

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  if (!name.startsWith('mod+') && (typing(event) || awaiting())) return;
  const carries = e => e.dataset.key.split(' ').includes(name) && !e.matches('[data-key-note]');
  const anywhere = name === '?' || name.startsWith('mod+');
  const element = within(topmost()).find(carries) ?? (anywhere ? within(document).find(carries) : undefined);
  if (!element) return;
  if (element.dataset.keyDoes) {
    // Nobody took it: the key keeps its own meaning.
    if (document.dispatchEvent(new CustomEvent(`key:${element.dataset.keyDoes}`, { cancelable: true, detail: { shift: event.shiftKey, from: event.target } }))) return;
  } else if (element.matches(fields)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }

  event.preventDefault();
});

const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
const shown = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' };

function caps(name) {
  const keys = name.startsWith('mod+') ? [apple ? '⌘' : 'Ctrl', name.slice(4)] : [name];
  return keys.map(key => {
    const cap = document.createElement('kbd');
    cap.className = 'kbd';
    cap.textContent = shown[key] ?? (key.length === 1 ? key.toUpperCase() : key);
    return cap;
  });
}

// The overlay is made from what the page has at this moment.
function help() {
  const scope = topmost();
  if (scope.matches?.('.keys')) return scope.close();
  const { textKeys, textClose } = document.body.dataset;
  const dialog = document.createElement('dialog');
  dialog.className = 'keys';
  dialog.setAttribute('aria-labelledby', 'keys-title');
  dialog.innerHTML = '<div class="keys-head"><h2 id="keys-title"></h2><button class="btn btn-quiet btn-icon btn-sm" type="button" data-key="?" autofocus>×</button></div><dl></dl>';
  dialog.querySelector('h2').textContent = textKeys;
  dialog.querySelector('button').setAttribute('aria-label', textClose);
  const told = new Set();
  for (const element of [...within(scope), ...(scope === document ? [] : within(document).filter(e => e.dataset.key === '?' || e.dataset.key.startsWith('mod+')))]) {
    if (!element.dataset.keyText || told.has(element.dataset.key)) continue;
    told.add(element.dataset.key);
    const [row, keys, text] = ['div', 'dt', 'dd'].map(name => document.createElement(name));
    keys.append(...element.dataset.key.split(' ').flatMap(caps));
    text.textContent = element.dataset.keyText;
    row.append(keys, text);
    dialog.querySelector('dl').append(row);
  }

  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', event => { if (event.target === dialog || event.target.closest('button')) dialog.close(); });
  dialog.showModal();
}

document.addEventListener('key:help', event => { event.preventDefault(); help(); });
document.addEventListener('click', event => {
  if (!event.target.closest?.('[data-keys-help]')) return;
  event.preventDefault();
  for (const menu of document.querySelectorAll('details[data-menu][open]')) menu.open = false;
  help();
});
