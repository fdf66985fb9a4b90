// Bulk actions: the form shows the fields of the chosen kind; the page of one that is working follows its progress.
function kinds(form) {
  const kind = form.querySelector('[name="kind"]:checked')?.value;
  for (const part of form.querySelectorAll('[data-kind]')) part.hidden = !part.dataset.kind.split(' ').includes(kind);
}

document.addEventListener('change', event => {
  const form = event.target.closest?.('[data-bulk-form]');
  if (form && event.target.name === 'kind') kinds(form);
});
for (const form of document.querySelectorAll('[data-bulk-form]')) kinds(form);

let stream = null;
let due = null;

function load() {
  due = null;
  const region = document.getElementById('bulk');
  if (region) htmx.ajax('GET', region.dataset.url, { source: '#bulk', target: '#bulk', swap: 'outerHTML' });
}

// One stream for the page; it ends by itself when the work does.
function follow() {
  const id = document.querySelector('#bulk[data-bulk]')?.dataset.bulk;
  if (stream?.id === id) return;
  stream?.source.close();
  stream = null;
  if (!id) return;
  const source = new EventSource(`/api/bulk-actions/${encodeURIComponent(id)}/stream`);
  stream = { id, source };
  source.addEventListener('progress', () => { due ??= setTimeout(load, 300); });
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) due ??= setTimeout(load, 3000); });
}

document.addEventListener('htmx:afterSwap', event => { if (event.detail.target.id === 'bulk') follow(); });
follow();
