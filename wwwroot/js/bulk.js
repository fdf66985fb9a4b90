// Bulk actions: the form shows the fields of the chosen kind and says what will happen; the page of one that is working follows its progress.
function kinds(form) {
  const kind = form.querySelector('[name="kind"]:checked')?.value;
  for (const part of form.querySelectorAll('[data-kind]')) part.hidden = !part.dataset.kind.split(' ').includes(kind);
  will(form);
}

// Which tags, once some are written.
function will(form) {
  const text = form.querySelector('[data-kind="tag"][data-add]');
  if (!text) return;
  const usual = text.dataset.usual ??= text.textContent;
  const said = ['add', 'remove'].map(name => {
    const tags = form.elements[name].value.split(',').map(tag => tag.trim()).filter(Boolean);
    return tags.length > 0 ? text.dataset[name].replace('{1}', () => tags.join(', ')) : '';
  }).filter(Boolean).join(' ');
  text.textContent = said || usual;
}

document.addEventListener('change', event => {
  const form = event.target.closest?.('[data-bulk-form]');
  if (form && event.target.name === 'kind') kinds(form);
});
document.addEventListener('input', event => {
  const form = event.target.closest?.('[data-bulk-form]');
  if (form) will(form);
});
for (const form of document.querySelectorAll('[data-bulk-form]')) kinds(form);

let stream = null;
let due = null;

function load() {
  due = null;
  const region = document.getElementById('bulk');
  if (region) htmx.ajax('GET', region.dataset.url, { source: '#bulk', target: '#bulk', swap: 'outerHTML' });
}

// One stream for the page, also while the work is paused: somebody else may let it go on. It ends by itself when the work does.
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
