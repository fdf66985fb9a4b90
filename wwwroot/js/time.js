// <time datetime> says how long ago; it is kept true while the page is open, and its tooltip is the exact local time.
// <time datetime data-exact> shows the exact local time. Mirrors RunHub.Ui.Format on the server.
const language = document.documentElement.lang || 'en';
const exact = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const zoned = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' });
const words = language.startsWith('es') ? ['Ahora mismo', n => `hace ${n} min`, n => `hace ${n} h`, n => `hace ${n} d`] : ['Just now', n => `${n}m ago`, n => `${n}h ago`, n => `${n}d ago`];

function ago(at, now) {
  const minutes = Math.floor((now - at) / 60000);
  if (minutes < 1) return words[0];
  if (minutes < 60) return words[1](minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return words[2](hours);
  const days = Math.floor(hours / 24);
  return days < 7 ? words[3](days) : day.format(at);
}

export function duration(ms) {
  if (ms < 1000) return `${ms}ms`;
  if (ms < 59950) return `${(ms / 1000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}s`;
  const s = Math.round(ms / 1000);
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${Math.floor((s % 3600) / 60)}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function refresh(within = document) {
  const now = Date.now();
  for (const element of within.querySelectorAll('time[datetime]')) {
    const at = Date.parse(element.dateTime);
    if (!Number.isNaN(at)) put(element, 'exact' in element.dataset ? exact.format(at) : ago(at, now));
  }
  // A running run's duration ticks from its start.
  for (const element of within.querySelectorAll('[data-since]')) put(element, duration(Math.max(0, now - Number(element.dataset.since))));
}

document.addEventListener('mouseover', event => {
  const element = event.target.closest?.('time[datetime]');
  if (element && !element.title) element.title = zoned.format(Date.parse(element.dateTime));
});
document.addEventListener('htmx:afterSwap', event => refresh(event.detail.target.parentElement ?? document));
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
setInterval(() => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('[data-since]')) put(element, duration(Math.max(0, Date.now() - Number(element.dataset.since))));
}, 1000);
setInterval(() => { if (!document.hidden) refresh(); }, 20000);
refresh();
