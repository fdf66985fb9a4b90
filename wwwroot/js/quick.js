// Every row has a button (and the key v) for a quick view of its run and what can be done with it, and one that copies its id. They
// are put in by script, which they need: without it the list's links do.
import { load } from './list.js';
import { show } from './panel.js';
import { refresh } from './time.js';

let popover = null;
let row = null;
let asked = 0;

// The last cell of a row is empty as it comes; the link with the run's id has the button that copies it beside it.
function equip() {
  const [copy, more] = document.getElementById('row-buttons')?.content.children ?? [];
  if (!more) return;
  for (const row of document.querySelectorAll('#rows tr[data-id]')) {
    const last = row.cells[row.cells.length - 1];
    if (last.firstChild) continue;
    last.append(more.cloneNode(true));
    const button = copy.cloneNode(true);
    button.dataset.copy = row.dataset.id;
    row.querySelector('td > a[href^="/runs/"]')?.after(button);
  }
}

function make() {
  if (popover) return popover;
  popover = document.createElement('div');
  popover.id = 'quick';
  popover.className = 'quick-box';
  popover.popover = 'auto';
  popover.tabIndex = -1;
  popover.setAttribute('role', 'dialog');
  popover.addEventListener('toggle', event => {
    if (event.newState === 'open') return;
    asked++;
    row?.querySelector('.row-more')?.setAttribute('aria-expanded', 'false');
    // Whoever clicked elsewhere is there now.
    if (row?.isConnected && (document.activeElement === document.body || popover.contains(document.activeElement))) row.focus({ preventScroll: true });
    popover.replaceChildren();
    row = null;
  });
  popover.addEventListener('focusout', event => { if (event.relatedTarget && !popover.contains(event.relatedTarget)) popover.hidePopover(); });
  document.body.append(popover);
  return popover;
}

// Beside the button, where there is room; on a phone the style sheet puts it at the bottom.
function place(button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  popover.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, box.right - width))}px`;
  popover.style.top = `${box.bottom + height + 8 <= innerHeight || box.top < height + 8 ? Math.max(8, Math.min(box.bottom + 4, innerHeight - height - 8)) : box.top - height - 4}px`;
}

async function open(of) {
  const button = of.querySelector('.row-more') ?? of;
  const again = row === of;
  make();
  if (popover.matches(':popover-open')) popover.hidePopover();
  if (again) return;
  row = of;
  const mine = ++asked;
  const id = of.dataset.id;
  popover.innerHTML = '<div class="quick" role="status"><div class="skeleton sk-line"></div><div class="skeleton sk-line short"></div><div class="skeleton sk-box"></div></div>';
  popover.setAttribute('aria-label', button.getAttribute('aria-label') ?? id);
  popover.showPopover();
  button.setAttribute?.('aria-expanded', 'true');
  place(button);
  popover.focus({ preventScroll: true });
  try {
    const answer = await fetch(`/runs/${encodeURIComponent(id)}/quick`, { headers: { 'HX-Request': 'true' } });
    if (mine !== asked) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (mine !== asked) return;
    popover.innerHTML = html;
    refresh(popover);
    place(row.querySelector('.row-more') ?? row);
    popover.querySelector('.quick-menu .menu-item')?.focus({ preventScroll: true });
  } catch {
    if (mine !== asked) return;
    popover.innerHTML = '<div class="quick"><p class="quick-error" role="alert"></p></div>';
    popover.querySelector('p').textContent = document.body.dataset.textUnreachable;
    place(button);
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('.row-more');
  if (button) {
    open(button.closest('tr[data-id]'));
    return;
  }

  const item = event.target.closest?.('#quick .menu-item');
  if (!item || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const from = row;
  const id = from?.dataset.id;
  if (item.matches('[data-quick-list]')) {
    event.preventDefault();
    popover.hidePopover();
    load(item.href);
  } else if (item.matches('[data-quick-open], [data-quick-act]') && id) {
    event.preventDefault();
    popover.hidePopover();
    const act = item.dataset.quickAct;
    show(id, from).then(() => { if (act) document.querySelector(`#panel #act-${CSS.escape(act)}`)?.click(); });
  } else if (!item.matches('[data-copy]')) {
    popover.hidePopover();
  }
});

// The press of the button that closes it must not open it again.
document.addEventListener('pointerdown', event => {
  if (event.target.closest?.('.row-more') && popover?.matches(':popover-open') && row === event.target.closest('tr[data-id]')) event.target.closest('.row-more').addEventListener('click', click => click.stopImmediatePropagation(), { capture: true, once: true });
}, true);

document.addEventListener('keydown', event => {
  if (popover?.matches(':popover-open') && popover.contains(event.target)) {
    const items = [...popover.querySelectorAll('.menu-item')];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined && items.length > 0) {
      event.preventDefault();
      event.stopPropagation();
      items[(to + items.length) % items.length].focus();
    }
  }
});

document.addEventListener('key:row-quick', event => {
  const on = document.activeElement?.closest('#rows tr[data-id]');
  if (!on) return;
  event.preventDefault();
  open(on);
});

// It says what was true when it was opened, and stands where its row was.
for (const name of ['resize', 'scroll']) addEventListener(name, () => { if (popover?.matches(':popover-open')) place(row?.querySelector('.row-more') ?? popover); }, { passive: true });

document.addEventListener('htmx:afterSwap', event => {
  if (event.detail.target.id !== 'runs' && event.detail.target.id !== 'rows') return;
  equip();
  // The row it belongs to has been drawn anew, or is not in the list any more.
  if (!row || row.isConnected) return;
  const now = document.querySelector(`#rows tr[data-id="${CSS.escape(row.dataset.id)}"]`);
  if (!now) return popover.hidePopover();
  row = now;
  row.querySelector('.row-more')?.setAttribute('aria-expanded', 'true');
  place(row.querySelector('.row-more') ?? row);
});
equip();
