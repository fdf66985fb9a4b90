// Copies what the browser needs from node_modules to wwwroot/lib, makes one script of the modules of wwwroot/js, and builds the icon
// sprite from wwwroot/icons.txt. Run by the build (Browser.targets) with the repository as the current folder.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';

const lib = 'wwwroot/lib';
rmSync(lib, { recursive: true, force: true });
mkdirSync(lib, { recursive: true });

const copies = {
  'htmx.org/dist/htmx.min.js': 'htmx.js',
  'htmx-ext-sse/sse.js': 'htmx-sse.js',
  '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2': 'inter.woff2',
  '@fontsource-variable/inter/LICENSE': 'inter.LICENSE.txt',
};
for (const [from, to] of Object.entries(copies)) cpSync(`node_modules/${from}`, `${lib}/${to}`);

const bundle = options => buildSync({ bundle: true, format: 'esm', target: 'es2022', minifyWhitespace: true, minifySyntax: true, logLevel: 'warning', ...options });

// What every page loads, in one round; names stay, so that an error in a browser can be read.
bundle({ entryPoints: ['wwwroot/js/app.js'], outfile: `${lib}/app.js`, external: ['../lib/*'] });

// Fetched when they are needed first. JSON is the only language shown.
bundle({
  stdin: { contents: "import hljs from 'highlight.js/lib/core'; import json from 'highlight.js/lib/languages/json'; hljs.registerLanguage('json', json); export default hljs;", resolveDir: '.' },
  outfile: `${lib}/highlight.js`, banner: { js: '// highlight.js, BSD 3-Clause, https://highlightjs.org' },
});
bundle({ stdin: { contents: "export { Idiomorph as default } from 'idiomorph';", resolveDir: '.' }, outfile: `${lib}/idiomorph.js` });

const symbols = readFileSync('wwwroot/icons.txt', 'utf8').split('\n').map(line => line.trim()).filter(line => line && !line.startsWith('#')).map(name => {
  const filled = name.startsWith('filled/');
  const file = `node_modules/@tabler/icons/icons/${filled ? name : `outline/${name}`}.svg`;
  const inner = readFileSync(file, 'utf8').replace(/^[\s\S]*?<svg[\s\S]*?>/, '').replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '');
  const paint = filled ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name.replace('filled/', 'filled-')}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`;
});
writeFileSync(`${lib}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`);
