/* app.js — what every page carries; each module looks for its own data attributes. */
import "./page.js";
import "./dialog.js";
import "./files.js";
import "./autosave.js";
import "./shortcuts.js";
