// Selected text can be commented on, and so can a step: the form stands below what it is about.
import { codes, noteTexts, refreshAll, runOf, toNote } from './marks.js';
import { toast } from './toast.js';

const longest = 2000; // characters of a quote
const context = 32;
const mayAct = run => noteTexts() !== null && run?.querySelector('#run-acts') != null;
let opener;

document.addEventListener('click', event => {
  if (event.target.closest('[data-note-cancel]')) {
    event.preventDefault();
    const box = event.target.closest('.note-box');
    if (box) close(box);
    else htmx.trigger(document.body, 'annotations-changed');
  }
});

function close(box) {
  box.remove();
  if (opener?.isConnected) opener.focus();
}

async function open(run, place, step, selection) {
  document.querySelectorAll('.note-box').forEach(box => box.remove());
  opener = selection ? selection.code.closest('pre') : document.activeElement;
  const box = document.createElement('div');
  box.className = 'note-box';
  box.id = 'note-box';
  box.dataset.own = '';
  place.after(box);
  // Whoever begins to type before the form is there has begun.
  const draft = document.createElement('textarea');
  draft.className = 'form-control';
  draft.rows = 3;
  draft.setAttribute('aria-label', noteTexts().dataset.comment);
  box.append(draft);
  draft.focus();
  box.scrollIntoView({ block: 'nearest' });
  const address = `/runs/${encodeURIComponent(run.dataset.run)}/annotate?inline=true${step ? `&step=${encodeURIComponent(step)}` : ''}`;
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  const html = answer?.ok ? await answer.text().catch(() => null) : null;
  if (!box.isConnected) return;
  if (html === null) {
    close(box);
    return toast(document.body.dataset.textUnreachable);
  }

  const stays = box.contains(document.activeElement);
  box.innerHTML = html;
  if (selection) {
    for (const name of ['payload', 'quote', 'prefix', 'suffix']) box.querySelector(`[name="${name}"]`).value = selection[name];
    const quote = box.querySelector('[data-note-quote]');
    quote.textContent = selection.quote;
    quote.hidden = false;
  }

  htmx.process(box);
  const field = box.querySelector('textarea');
  if (draft.value) field.value = draft.value;
  if (stays) {
    field.focus();
    field.setSelectionRange(draft.selectionStart, draft.selectionEnd);
  }

  box.scrollIntoView({ block: 'nearest' });
}

// What is selected in one payload: which, and where in its text.
function selected() {
  const selection = getSelection();
  if (selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const from = range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer;
  const code = from.closest?.(codes);
  const run = code && runOf(code);
  if (!code || !code.contains(range.endContainer) || !mayAct(run)) return null;
  const card = code.closest('.node');
  const part = code.closest('.node-part');
  const section = code.closest('.run-io > section');
  if (card ? !part : !section) return null;
  const payload = card ? ([...card.querySelectorAll('.node-part')].indexOf(part) === 0 ? 'input' : 'output') : section.getAttribute('aria-labelledby').replace('-title', '');
  const lead = document.createRange();
  lead.setStart(code, 0);
  lead.setEnd(range.startContainer, range.startOffset);
  const [text, at, quote] = [code.textContent, lead.toString().length, range.toString()];
  if (!quote.trim() || quote.length > longest) return null;
  return { run, code, payload, step: card?.dataset.stepId, quote, prefix: text.slice(Math.max(0, at - context), at), suffix: text.slice(at + quote.length, at + quote.length + context), range };
}

let button;

function hide() {
  button?.remove();
  button = null;
}

function offer() {
  const found = selected();
  if (!found) return hide();
  if (!button) {
    button = document.createElement('button');
    button.type = 'button';
    button.className = 'note-button';
    button.innerHTML = noteTexts().innerHTML;
    button.append(noteTexts().dataset.comment);
    // The selection stays while it is pressed.
    button.addEventListener('pointerdown', event => event.preventDefault());
    button.addEventListener('click', () => {
      const now = selected();
      hide();
      if (now) open(now.run, now.code.closest('.json'), now.step, now);
    });
    (found.code.closest('dialog') ?? document.body).append(button);
  }

  const box = found.range.getBoundingClientRect();
  const top = Math.min(Math.max(box.top - 40, 56), innerHeight - 44);
  button.style.top = `${top}px`;
  button.style.left = `${Math.min(Math.max(box.left, 8), innerWidth - button.offsetWidth - 8)}px`;
}

let later;
document.addEventListener('selectionchange', () => {
  clearTimeout(later);
  later = setTimeout(offer, 150);
});
document.addEventListener('scroll', () => { if (button) offer(); }, { capture: true, passive: true });
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && button) {
    hide();
    event.stopPropagation();
  } else if (event.key === 'Escape' && event.target.closest?.('.note-box') && !document.querySelector('.mention-options:not([hidden])')) {
    event.stopPropagation();
    event.preventDefault();
    close(event.target.closest('.note-box'));
  }
}, true);

// Every open card of a step offers to comment on it.
function offerOn(card) {
  const run = runOf(card);
  if (!card.open || !mayAct(run) || card.querySelector('.node-comment')) return;
  const comment = document.createElement('button');
  comment.type = 'button';
  comment.className = 'btn btn-quiet btn-sm node-comment';
  comment.id = `comment-${card.dataset.stepId}`;
  comment.dataset.own = '';
  comment.innerHTML = noteTexts().innerHTML;
  comment.append(noteTexts().dataset.commentStep);
  comment.addEventListener('click', () => open(runOf(comment), comment, card.dataset.stepId));
  card.querySelector('.node-body')?.append(comment);
}

const offerAll = (within = document) => within.querySelectorAll('.node[open]').forEach(offerOn);
document.addEventListener('toggle', event => { if (event.target.matches?.('.node')) offerOn(event.target); }, true);

// Payloads are coloured and loaded, cards and notes arrive: marks go with them.
let again;
function soon() {
  clearTimeout(again);
  again = setTimeout(() => {
    // Not under somebody who is selecting.
    if (!getSelection().isCollapsed) return soon();
    refreshAll();
    offerAll();
  }, 120);
}

document.addEventListener('code:shown', soon);
document.addEventListener('run:redrawn', soon);
document.addEventListener('htmx:load', soon);
document.addEventListener('annotations-changed', event => {
  const { said, id } = event.detail ?? {};
  if (said) toast(said);
  if (!id) return;
  const show = swapped => {
    if (!swapped.detail.target.matches('#annotations')) return;
    document.removeEventListener('htmx:afterSwap', show);
    const tab = document.getElementById('annotations');
    if (tab?.offsetParent && (document.activeElement === document.body || tab.contains(document.activeElement))) toNote(runOf(tab), id);
  };
  if (document.getElementById('annotations')) document.addEventListener('htmx:afterSwap', show);
  document.querySelectorAll('.note-box').forEach(box => close(box));
});

// Whoever follows a mention has read it.
document.addEventListener('click', event => {
  const link = event.target.closest('[data-mention]');
  const form = link?.closest('.mention-item')?.querySelector('form');
  if (!form) return;
  const body = new FormData(form);
  body.set('annotation', link.dataset.mention);
  fetch(form.action, { method: 'POST', body, keepalive: true, headers: { 'HX-Request': 'true' } });
});

soon();
