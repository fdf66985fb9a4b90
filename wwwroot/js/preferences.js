// Theme and width of the navigation change at once; the same buttons post a form when there is no script.
const root = document.documentElement;
export const keep = (name, value) => {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? 31536000 : 0}; SameSite=Lax${secure}`;
};

document.addEventListener('click', event => {
  const theme = event.target.closest('[data-theme-choice]');
  if (theme) {
    event.preventDefault();
    const choice = theme.dataset.themeChoice;
    root.dataset.theme = choice;
    keep('theme', choice === 'auto' ? '' : choice);
    for (const button of document.querySelectorAll('[data-theme-choice]')) button.setAttribute('aria-pressed', String(button === theme));
    return;
  }

  if (event.target.closest('[data-nav-fold]')) {
    event.preventDefault();
    const narrow = root.dataset.nav === 'narrow' || (root.dataset.nav === 'auto' && matchMedia('(max-width: 1024px)').matches);
    root.dataset.nav = narrow ? 'wide' : 'narrow';
    keep('nav', root.dataset.nav);
  }
});
