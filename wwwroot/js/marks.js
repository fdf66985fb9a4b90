// Comments on a part of a payload: it is marked where it is shown, with ways in both directions. Notes stand in the page ([data-annotation],
// with data-quote where they quote something); marks are put into payloads that are there.
import { toast } from './toast.js';

export const codes = '.json .code > code';
export const runOf = element => element.closest('.run');

/** What the module of annotations calls things, and its icon; null where there is none. */
export const noteTexts = () => document.querySelector('template#note-texts');

// Where a payload of a step, or of the run, is shown: one block or several.
function placeOf(run, step, payload) {
  if (!step) return run.querySelector(`section[aria-labelledby="${payload}-title"]`);
  const card = [...run.querySelectorAll('.node')].find(node => node.dataset.stepId === step);
  return card?.querySelectorAll('.node-part')[payload === 'input' ? 0 : 1];
}

const before = (text, at, wanted) => {
  let n = 0;
  while (n < wanted.length && n < at && text[at - 1 - n] === wanted[wanted.length - 1 - n]) n++;
  return n;
};
const after = (text, at, wanted) => {
  let n = 0;
  while (n < wanted.length && text[at + n] === wanted[n]) n++;
  return n;
};

// The block and offset where the quote stands best.
function find(place, { quote, prefix = '', suffix = '' }) {
  let best = null;
  for (const code of place.querySelectorAll(codes)) {
    const text = code.textContent;
    for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
      const score = before(text, at, prefix) + after(text, at + quote.length, suffix);
      if (!best || score > best.score) best = { code, at, score };
    }
  }

  return best;
}

function mark(code, from, to, note) {
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  const parts = [];
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const end = at + node.length;
    if (end > from && at < to) parts.push([node, Math.max(0, from - at), Math.min(node.length, to - at)]);
    at = end;
    if (at >= to) break;
  }

  let tail = null;
  for (const [node, start, end] of parts) {
    const piece = start > 0 ? node.splitText(start) : node;
    if (end - start < piece.length) piece.splitText(end - start);
    tail = document.createElement('mark');
    tail.className = 'noted';
    tail.dataset.mark = note.dataset.annotation;
    piece.replaceWith(tail);
    tail.append(piece);
  }

  if (!tail) return;
  const link = document.createElement('a');
  link.className = 'noted-link';
  link.href = `#annotation-${note.dataset.annotation}`;
  link.dataset.mark = note.dataset.annotation;
  link.setAttribute('aria-label', `${noteTexts().dataset.comment}: ${note.querySelector('.note-text')?.textContent.slice(0, 80) ?? ''}`);
  link.innerHTML = noteTexts().innerHTML;
  tail.after(link);
}

function unmark(run) {
  for (const link of run.querySelectorAll('.noted-link')) link.remove();
  for (const old of run.querySelectorAll('mark.noted')) {
    const { parentNode } = old;
    old.replaceWith(...old.childNodes);
    parentNode.normalize();
  }
}

let last = null; // the link with the focus
document.addEventListener('focusin', event => { last = event.target.matches?.('.noted-link') ? event.target : null; });

// All marks of a run anew: what they say and where they stand may have changed.
function refresh(run) {
  if (!run) return;
  // It may have gone already, with the block that was coloured.
  const lost = last && (last === document.activeElement || !last.isConnected && document.activeElement === document.body);
  const focused = lost ? last.dataset.mark : null;
  const found = run.querySelector('mark.is-found')?.dataset.mark;
  unmark(run);
  for (const note of run.querySelectorAll('#run-notes [data-quote]')) {
    const place = placeOf(run, note.dataset.step, note.dataset.payload);
    const hit = place && find(place, note.dataset);
    if (hit) mark(hit.code, hit.at, hit.at + note.dataset.quote.length, note);
  }

  if (found) run.querySelector(`mark.noted[data-mark="${CSS.escape(found)}"]`)?.classList.add('is-found');
  if (focused) run.querySelector(`.noted-link[data-mark="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export const refreshAll = () => document.querySelectorAll('.run').forEach(refresh);

function flash(element) {
  document.querySelectorAll('.is-found').forEach(e => e.classList.remove('is-found'));
  element.classList.add('is-found');
}

function unfold(element) {
  for (let details = element.closest('details'); details; details = details.parentElement.closest('details')) details.open = true;
  const block = element.closest('.json');
  if (block?.querySelector('.clamped')) block.querySelector('[data-expand]')?.click();
}

// From a note to what it quotes. A large payload is loaded first.
function toMark(run, id) {
  const note = run.querySelector(`#run-notes [data-annotation="${CSS.escape(id)}"]`);
  const marked = () => run.querySelector(`mark.noted[data-mark="${CSS.escape(id)}"]`);
  if (!marked()) refresh(run);
  const target = marked();
  if (target) {
    unfold(target);
    flash(target);
    target.scrollIntoView({ block: 'center', behavior: 'smooth' });
    run.querySelector(`.noted-link[data-mark="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
    return;
  }

  const view = run.querySelector('#steps-view[aria-busy]');
  if (note?.dataset.step && view && !placeOf(run, note.dataset.step, note.dataset.payload)) {
    // The card is on its way.
    new MutationObserver((_, observer) => {
      if (view.hasAttribute('aria-busy')) return;
      observer.disconnect();
      refresh(run);
      toMark(run, id);
    }).observe(view, { attributes: true, attributeFilter: ['aria-busy'] });
    return;
  }

  const place = note && placeOf(run, note.dataset.step, note.dataset.payload);
  const load = place?.querySelector('.json-large [hx-get]');
  if (place) {
    unfold(place);
    place.scrollIntoView({ block: 'start', behavior: 'smooth' });
  }

  if (!load) return toast(noteTexts().dataset.notShown);
  const again = event => {
    if (!place.contains(event.target) && event.target !== place) return;
    document.removeEventListener('htmx:afterSettle', again);
    refresh(run);
    if (run.querySelector(`mark.noted[data-mark="${CSS.escape(id)}"]`)) toMark(run, id);
    else toast(noteTexts().dataset.notShown);
  };
  document.addEventListener('htmx:afterSettle', again);
  load.click();
}

// From a mark to its note.
export function toNote(run, id) {
  const note = [...run.querySelectorAll(`[data-annotation="${CSS.escape(id)}"]`)].find(e => e.offsetParent !== null);
  if (!note) return false;
  flash(note);
  note.scrollIntoView({ block: 'center', behavior: 'smooth' });
  note.tabIndex = -1;
  note.focus({ preventScroll: true });
  return true;
}

document.addEventListener('click', event => {
  const marked = event.target.closest('.noted-link, mark.noted');
  if (marked && getSelection().isCollapsed && toNote(runOf(marked), marked.dataset.mark)) return event.preventDefault();
  const link = event.target.closest('[data-to-mark]');
  if (link && !event.metaKey && !event.ctrlKey && runOf(link)) {
    event.preventDefault();
    // While the tab with the steps is being asked for; whoever asks clicks again.
    const steps = runOf(link).querySelector('[data-tabpanel="steps"]');
    if (!steps || steps.hasAttribute('aria-busy')) return;
    // After the tab with the steps came to the front and the card was revealed.
    setTimeout(() => toMark(runOf(link), link.dataset.toMark));
  }
});
