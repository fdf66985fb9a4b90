// Every behaviour is a module of its own, bound by data-* attributes with listeners on document, so that swaps are harmless.
import './menu.js';
import './preferences.js';
import './time.js';
import './copy.js';
import './code.js';
import './search.js';
import './tabs.js';
import './query.js';
import './logs.js';
import './nodes.js';
import './panel.js';
import './list.js';
import './select.js';
import './bulk.js';
import './acts.js';
import './docs.js';
