// A link to a node ([data-node]) opens its card, brings it into view and focuses it. So does an address with #node-….
function reveal(id) {
  const all = [...document.querySelectorAll('dialog[open] .node, main .node')];
  const card = all.findLast(node => node.dataset.nodeId === id || node.dataset.stepId === id);
  if (!card) return false;
  card.open = true;
  card.scrollIntoView({ block: 'start', behavior: 'smooth' });
  card.querySelector('summary').focus({ preventScroll: true });
  return true;
}

document.addEventListener('click', event => {
  const link = event.target.closest('[data-node]');
  if (link && reveal(link.dataset.node)) event.preventDefault();
});

if (location.hash.startsWith('#node-')) reveal(decodeURIComponent(location.hash.slice(6)));
