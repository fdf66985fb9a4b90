// The steps of this tab's history: the one place that adds, changes and takes them. Going back takes the browser a moment, in which the
// step that is left is still the current one: what is to be written meanwhile waits, so that it is not lost with that step.
const longest = 2000; // ms; a browser that has not arrived by then had nowhere to go
let leaving = false;
let waiting = [];
let given = null;

function arrived() {
  clearTimeout(given);
  leaving = false;
  const writes = waiting;
  waiting = [];
  for (const write of writes) write();
}

function soon(write) {
  if (leaving) waiting.push(write);
  else write();
}

/** A new step. */
export const push = (url, state) => soon(() => history.pushState(state, '', url));

/** The current step under another address; its state stays, or becomes what is made of it. */
export const replace = (url, change = state => state) => soon(() => history.replaceState(change(history.state), '', url));

/** A new step, but in place of the current one where that has the same key in its state. */
export const put = (url, key, value) => soon(() => history[history.state?.[key] ? 'replaceState' : 'pushState']({ [key]: value }, '', url));

/** One step back that nobody asked the browser for; those who listen for travels do not hear of it. */
export function back() {
  if (leaving) return;
  leaving = true;
  given = setTimeout(arrived, longest);
  history.back();
}

/** Somebody went back or forward: calls with the event. */
export const onTravel = handler => travels.push(handler);
const travels = [];

window.addEventListener('popstate', event => {
  if (leaving) return arrived();
  for (const handler of travels) handler(event);
});
