// Saved views: the one that is looked at is marked in the navigation, the counts there are asked for again from time to time, and the
// menu of the list keeps the focus when it is swapped.
const every = 20_000; // milliseconds

function mark() {
  const here = document.getElementById('runs')?.dataset.url ?? location.pathname + location.search;
  for (const link of document.querySelectorAll('#nav-views [data-view]')) {
    if (link.getAttribute('href') === here) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

const stale = () => { if (!document.hidden && document.querySelector('#nav-views [data-view]')) htmx.trigger(document.body, 'views-stale'); };

document.addEventListener('htmx:afterSwap', event => {
  const { target } = event.detail;
  if (target.id === 'runs' || target.id === 'nav-views') mark();
  if (!target.matches?.('.views-menu .menu-list') || !target.parentElement.open) return;
  // After a save the new view has the focus, after a fault the name; when the menu opens it stays where it was.
  (target.querySelector('[aria-invalid]') ?? target.querySelector('#view-saved'))?.focus();
});

document.addEventListener('visibilitychange', stale);
setInterval(stale, every);
mark();
