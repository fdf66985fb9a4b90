// Changes what is shown of a run into what the server says now, in place: what people opened, chose, fetched or are writing is put
// into the new text first, so that it is not a difference.
import { find } from './code.js';
import { refresh } from './time.js';

let morph = null; // fetched with the first change

export async function prepare() {
  morph ??= (await import('../lib/idiomorph.js')).default.morph;
}

const isText = field => 'defaultValue' in field && field.type !== 'hidden';
const differs = field => /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : isText(field) && field.value !== field.defaultValue;
const written = form => [...form.elements].some(differs);

/** Somebody is in it, or has written something there that is not sent yet. */
export const busy = element => element.contains(document.activeElement) || [...element.querySelectorAll('form')].some(written);

const asked = element => /\bload\b/.test(element.getAttribute('hx-trigger') ?? '');
const byId = (within, id) => within.querySelector(`#${CSS.escape(id)}`);

function copy(part, old) {
  if (old) part.replaceChildren(...[...old.childNodes].map(node => node.cloneNode(true)));
}

function stay(part, old) {
  if (part && old) part.replaceWith(old.cloneNode(true));
}

const others = '[data-tabpanel]:not([data-tabpanel="steps"])';

// Large payloads that were asked for stay, as long as they are the same.
function fetched(from, made) {
  for (const block of made.querySelectorAll('.json[data-payload]')) {
    const old = from.querySelector(`.json[data-payload="${CSS.escape(block.dataset.payload)}"]`);
    if (old && !old.querySelector('.json-large')) stay(block, old);
  }
}

// Tabs that are not this page's are left alone, lines that are just being fetched into them too. Each stands where it stood:
// what is moved loses its scroll.
function panels(run, made) {
  const steps = made.querySelector('[data-tabpanel="steps"]');
  let before = made.querySelector('[data-tabs]');
  if (!before) return;
  for (const panel of run.querySelectorAll('[data-tabpanel]')) {
    const place = panel.matches(others) ? panel.cloneNode(false) : steps;
    place.hidden = panel.hidden;
    before.after(place);
    before = place;
  }

  if (run.querySelector('[data-tabpanel="steps"]')) return;
  // The page of another tab alone: without the steps, and without what stands above them.
  steps.remove();
  if (!run.querySelector(':scope > .run-why')) made.querySelector(':scope > .run-why')?.remove();
}

function keep(run, made) {
  for (const name of ['[data-tabs]', '[data-toast]', '[data-near-runs]', '#steps-bar']) stay(made.querySelector(name), run.querySelector(name));
  panels(run, made);
  fetched(run, made);
  // What is asked for when the page stands has come: it is asked for again, not thrown away.
  for (const part of made.querySelectorAll('[id][hx-get]')) if (asked(part)) copy(part, byId(run, part.id));
  for (const section of made.querySelectorAll('.run-section[id]')) {
    const part = section.querySelector(':scope > [hx-get]:not([id])');
    if (part && asked(part)) copy(part, byId(run, section.id)?.querySelector(':scope > [hx-get]:not([id])'));
  }

  // Menus that are open, or that somebody writes in.
  for (const menu of run.querySelectorAll('details[data-menu]')) {
    const summary = menu.querySelector('summary');
    if (summary?.id && (menu.open || busy(menu))) stay(byId(made, summary.id)?.parentElement, menu);
  }

  for (const details of run.querySelectorAll('details[id]')) {
    const same = byId(made, details.id);
    if (same) same.open = details.open;
  }

  const [view, now] = [run.querySelector('#steps-view'), made.querySelector('#steps-view')];
  if (view && now) steps(view, now);
}

// ---- steps: a view that does not come with the page draws itself anew (steps.js); cards that were fetched after the first ones stay

function steps(view, now) {
  if (view.dataset.fragment || view.dataset.view !== 'cards' || now.dataset.view !== 'cards') stay(now, view);
  else {
    // Around a card that was looked for the first ones are others: only what stands in both is drawn anew.
    const first = [view, now].map(v => v.querySelector('.node[id]')?.id);
    if (first[0] && first[1] && first[0] !== first[1]) some(view, now);
    else more(view, now);
  }
}

function more(view, now) {
  const [had, have] = [view, now].map(v => [...v.querySelectorAll('.node')]);
  const end = now.querySelector('#nodes-more');
  if (!end || had.length <= have.length) return;
  have.at(-1)?.after(...had.slice(have.length).map(node => node.cloneNode(true)));
  const next = view.querySelector('#nodes-more');
  if (next) stay(end, next);
  else end.remove();
}

// The old ones in their order, each as it is now where that is known.
function some(view, now) {
  const made = new Map([...now.querySelectorAll('.node[id]')].map(node => [node.id, node]));
  const clone = view.cloneNode(true);
  for (const node of clone.querySelectorAll('.node[id]')) if (made.has(node.id)) node.replaceWith(made.get(node.id));
  now.replaceChildren(...clone.childNodes);
}

// ---- changing

const callbacks = added => ({
  afterNodeAdded: node => { if (node.nodeType === Node.ELEMENT_NODE) added.push(node); },
  // What a script put there (a comment being written) is not the server's to take away.
  beforeNodeRemoved: node => !(node.nodeType === Node.ELEMENT_NODE && node.matches('[data-own]')),
  beforeNodeMorphed: (old, now) => {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    if (old.matches(others)) return false;
    // Coloured or marked by a script, and the same text: nothing to do.
    if (old.matches('code[data-json]')) {
      if (old.textContent === now.textContent) return false;
      delete old.dataset.seen;
      return true;
    }

    // Shown with the reader's clock.
    if (old.matches('time[datetime]') && old.dateTime === now.dateTime) return false;
    return !old.matches('form') || !written(old);
  },
  // What is open, folded or selected is up to the reader.
  beforeAttributeUpdated: (name, element) => !(name === 'open' && element.localName === 'details' || name === 'class' && element.matches('.code') || name === 'tabindex' || name === 'data-seen'),
});

function settle(within, added) {
  for (const node of added) if (node.isConnected) htmx.process(node);
  refresh(within);
  find(within);
  within.dispatchEvent(new CustomEvent('run:redrawn', { bubbles: true }));
}

export function inner(part, made) {
  const added = [];
  fetched(part, made);
  // What is in it, not itself: an element would be put into the part, and stand there between it and its content.
  morph(part, [...made.childNodes], { morphStyle: 'innerHTML', ignoreActiveValue: true, callbacks: callbacks(added) });
  settle(part, added);
}

export function whole(run, made) {
  const focus = document.activeElement;
  const focusId = run.contains(focus) ? focus.id : null;
  keep(run, made);
  const added = [];
  morph(run, made, { morphStyle: 'outerHTML', ignoreActiveValue: true, callbacks: callbacks(added) });
  settle(run, added);
  if (focusId && document.activeElement?.id !== focusId) byId(run, focusId)?.focus({ preventScroll: true });
  else if (focus?.isConnected && run.contains(focus) && document.activeElement !== focus) focus.focus({ preventScroll: true });
  closed(run);
}

// A menu whose form was fetched before the change is fetched again when it is opened next.
function closed(run) {
  for (const summary of run.querySelectorAll('details.act:not([open]) > summary[hx-get]')) {
    const menu = summary.parentElement;
    const list = menu.querySelector('.act-list');
    if (!list?.querySelector('form') || [...list.querySelectorAll('form')].some(written)) continue;
    const link = document.createElement('a');
    link.className = 'menu-item';
    link.href = summary.getAttribute('hx-get');
    link.textContent = summary.textContent.trim();
    list.replaceChildren(link);
    // A fresh summary listens for its first opening again.
    const fresh = summary.cloneNode(true);
    const focused = document.activeElement === summary;
    summary.replaceWith(fresh);
    htmx.process(fresh);
    if (focused) fresh.focus({ preventScroll: true });
  }
}
