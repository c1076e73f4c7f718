/* editor.js — what was said, written as in a word processor.
 *
 * Tiptap / ProseMirror as shipped by the package django-prose-editor, imported by its address next
 * to ours: no import map is needed, so nothing inline has to pass the Content-Security-Policy.
 * The tools are ours (templates/widgets/debate_editor.html): words for screen readers, one tab
 * stop, arrows between tools.
 *
 *   <div data-debate> <div role="toolbar" hidden> <button data-act="bold"> … </div> <textarea> </div>
 *
 * The text area stays in the form, hidden; it holds the HTML and fires `input` at each change, so
 * that autosave.js sees nothing but a form. `meetings.richtext.clean` has the last word.
 * A "debate:insert" event sent to the box writes its `detail` at the caret.
 */
import {
  Bold,
  BulletList,
  Document,
  Dropcursor,
  Editor,
  Gapcursor,
  HardBreak,
  History,
  Italic,
  ListItem,
  Mark,
  OrderedList,
  Paragraph,
  Subscript,
  Superscript,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Text,
} from "../django_prose_editor/editor.js";
import "./autosave.js"; // first: what is typed into an open editor must find somebody to save it
import { fromWord } from "./paste.js";

/* Tiptap sets column widths in style attributes; ours have none, and the policy forbids them. */
const PlainTable = Table.extend({
  renderHTML: () => ["table", ["tbody", 0]],
  addNodeView: () => null,
});

/* Printed in the minutes, left out of their public version: meetings.richtext.public. */
const Sensitive = Mark.create({
  name: "sensitive",
  inclusive: false,
  parseHTML: () => [{ tag: "mark.sensible" }],
  renderHTML: () => ["mark", { class: "sensible" }, 0],
  addKeyboardShortcuts() {
    return { "Mod-Shift-x": () => this.editor.commands.toggleMark("sensitive") };
  },
});

const ACTS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  superscript: (chain) => chain.toggleSuperscript(),
  vote: (chain) =>
    chain.insertContent([
      { type: "paragraph", content: [{ type: "text", text: "[vote]" }] },
      { type: "paragraph" },
    ]),
  sensitive: (chain) => chain.toggleMark("sensitive"),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  indent: (chain) => chain.sinkListItem("listItem"),
  outdent: (chain) => chain.liftListItem("listItem"),
  table: (chain) => chain.insertTable({ rows: 3, cols: 2, withHeaderRow: true }),
  addRow: (chain) => chain.addRowAfter(),
  addColumn: (chain) => chain.addColumnAfter(),
  removeRow: (chain) => chain.deleteRow(),
  removeColumn: (chain) => chain.deleteColumn(),
  removeTable: (chain) => chain.deleteTable(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
};
const PRESSED = new Set(["bold", "italic", "superscript", "sensitive", "bulletList", "orderedList"]);

/** A text typed where JavaScript did not run has no tag: its blank lines part paragraphs. */
function content(text) {
  if (/<[a-z/!?]/i.test(text)) return text;
  const box = document.createElement("div");
  for (const paragraph of text.split(/\n\s*\n/)) {
    if (!paragraph.trim()) continue;
    const p = document.createElement("p");
    paragraph.trim().split("\n").forEach((line, rank) => {
      if (rank) p.append(document.createElement("br"));
      p.append(line);
    });
    box.append(p);
  }
  return box.innerHTML;
}

function start(box) {
  const area = box.querySelector("textarea");
  const tools = box.querySelector("[role=toolbar]");
  const buttons = [...tools.querySelectorAll("button[data-act]")];
  const hint = box.querySelector("[data-sensitive-hint]");
  const label = area.labels[0]?.textContent.trim() || area.getAttribute("aria-label") || "Texte";
  let isLeaving = false;

  const editor = new Editor({
    element: { mount: box.querySelector("[data-debate-page]") },
    content: content(area.value),
    editable: !area.disabled && !area.readOnly,
    injectCSS: false,
    extensions: [
      Document,
      Paragraph,
      Text,
      HardBreak,
      Bold,
      Italic,
      Superscript,
      Subscript,
      Sensitive,
      BulletList,
      OrderedList,
      ListItem,
      PlainTable.configure({ resizable: false }),
      TableRow,
      TableHeader,
      TableCell,
      History,
      Dropcursor,
      Gapcursor,
    ],
    editorProps: {
      attributes: {
        class: "debate-page prose",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": label,
        lang: "fr",
        spellcheck: "true",
      },
      transformPastedHTML: fromWord,
      // Tab nests lists and walks through cells; Escape first lets it leave the editor.
      handleKeyDown: (_, event) => {
        if (event.key === "Escape") isLeaving = true;
        else if (event.key !== "Tab" && event.key !== "Shift") isLeaving = false;
        return false;
      },
      handleDOMEvents: {
        keydown: (_, event) => event.key === "Tab" && isLeaving,
        focus: () => {
          isLeaving = false;
          return false;
        },
      },
    },
    onUpdate: () => {
      area.value = editor.isEmpty ? "" : editor.getHTML();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
    onTransaction: () => show(),
  });

  function can(act) {
    return ACTS[act](editor.can().chain()).run();
  }

  function show() {
    const isInTable = editor.isActive("table");
    tools.querySelector(".debate-table").hidden = !isInTable;
    for (const button of buttons) {
      const act = button.dataset.act;
      if (PRESSED.has(act)) button.setAttribute("aria-pressed", String(editor.isActive(act)));
      button.setAttribute("aria-disabled", String(!editor.isEditable || !can(act)));
      if (act === "table") button.hidden = isInTable;
    }
    if (hint) hint.hidden = !editor.isActive("sensitive");
    keepOneTabStop();
  }

  function shown() {
    return buttons.filter((button) => !button.hidden && !button.closest("[hidden]"));
  }

  function keepOneTabStop(wanted = null) {
    const present = shown();
    const current = wanted || present.find((button) => button.tabIndex === 0) || present[0];
    for (const button of buttons) button.tabIndex = button === current ? 0 : -1;
  }

  tools.addEventListener("mousedown", (event) => event.preventDefault());
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-act]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    keepOneTabStop(button);
    ACTS[button.dataset.act](editor.chain().focus()).run();
  });
  tools.addEventListener("keydown", (event) => {
    const present = shown();
    const at = present.indexOf(document.activeElement);
    const to = {
      ArrowRight: present[(at + 1) % present.length],
      ArrowLeft: present.at(at - 1),
      Home: present[0],
      End: present.at(-1),
    }[event.key];
    if (at < 0 || !to) return;
    event.preventDefault();
    keepOneTabStop(to);
    to.focus();
  });
  for (const tag of area.labels) {
    tag.addEventListener("click", (event) => {
      event.preventDefault();
      editor.commands.focus();
    });
  }
  box.addEventListener("debate:insert", ({ detail }) => {
    if (!editor.isEditable) return;
    const words = detail.includes("\n") ? content(detail) : { type: "text", text: detail };
    editor.chain().focus().insertContent(words).run();
  });
  area.hidden = true;
  tools.hidden = false;
  box.classList.add("is-ready");
  // An empty page asks to be written; a written one to be read first.
  const isFree =
    [document.body, null].includes(document.activeElement) && !document.querySelector("[autofocus]");
  if (area.autofocus || (isFree && !area.value.trim())) {
    editor.commands.focus("end", { scrollIntoView: false });
  }
  show();
}

function startAll(root) {
  for (const box of root.querySelectorAll("[data-debate]:not(.is-ready)")) start(box);
}

startAll(document);
document.addEventListener("htmx:load", (event) => startAll(event.target));
