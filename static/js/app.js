/* app.js — what every page carries; each module looks for its own data attributes. Where something
 * saves by itself there is an editor, and `editor.js` brings what saves. */
import "./page.js";
import "./dialog.js";
import "./files.js";
import "./shortcuts.js";
