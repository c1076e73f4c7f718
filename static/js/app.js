/* app.js — what every page carries; each module looks for its own data attributes. */
import "./page.js";
import "./dialog.js";
import "./autosave.js";
import "./roll.js";
import "./agenda.js";
import "./shortcuts.js";
