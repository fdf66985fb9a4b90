// Copies what the browser needs from node_modules to wwwroot/lib and builds the icon sprite from wwwroot/icons.txt.
// Run by the build (Browser.targets) with the repository as the current folder.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

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

// highlight.js comes as CommonJS; JSON is the only language shown, so two of its files become one module. Half of it is comments.
const bare = text => text.replace(/^[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n/gm, '').replace(/^[ \t]*\/\/.*\n/gm, '');
const common = path => `(() => { const module = { exports: {} };\n${bare(readFileSync(`node_modules/highlight.js/lib/${path}`, 'utf8'))}\nreturn module.exports; })()`;
writeFileSync(`${lib}/highlight.js`, `// highlight.js, BSD 3-Clause, https://highlightjs.org\nconst hljs = ${common('core.js')};\nhljs.registerLanguage('json', ${common('languages/json.js')});\nexport default hljs;\n`);

// Idiomorph comes as a script for the page; a module is fetched when it is needed first.
writeFileSync(`${lib}/idiomorph.js`, `${readFileSync('node_modules/idiomorph/dist/idiomorph.min.js', 'utf8')}\nexport default Idiomorph;\n`);

const symbols = readFileSync('wwwroot/icons.txt', 'utf8').split('\n').map(line => line.trim()).filter(line => line && !line.startsWith('#')).map(name => {
  const filled = name.startsWith('filled/');
  const file = `node_modules/@tabler/icons/icons/${filled ? name : `outline/${name}`}.svg`;
  const inner = readFileSync(file, 'utf8').replace(/^[\s\S]*?<svg[\s\S]*?>/, '').replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '');
  const paint = filled ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name.replace('filled/', 'filled-')}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`;
});
writeFileSync(`${lib}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`);
