/* paste.js — what Word and its like put on the clipboard, as plain HTML.
 *
 * Word writes a list as paragraphs with "mso-list: l0 level2 lfo1" and a typed bullet; here they
 * become lists again. Titles become bold paragraphs. Everything else that a debate does not hold
 * is left for the editor's schema to drop.
 */

/* Styles are read from data-style: an attribute named style, even in a page never shown, is an
 * inline style to the Content-Security-Policy. */
function withoutStyles(html) {
  return html
    .replace(/<style\b[\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

const ORDERED = /^[(]?(?:\d+|[a-zA-Z]|[ivxlcIVXLC]+)[.)°]/;

/** Level and kind of the list a paragraph belongs to, or null; its typed marker is removed. */
function item(paragraph) {
  const level = /mso-list:[^;]*?level(\d)/i.exec(paragraph.getAttribute("data-style") || "");
  if (!level) return null;
  let marker = "";
  for (const span of paragraph.querySelectorAll("span")) {
    if (/mso-list:\s*ignore/i.test(span.getAttribute("data-style") || "")) {
      marker = span.textContent.trim();
      span.remove();
      break;
    }
  }
  return { level: Number(level[1]), tag: ORDERED.test(marker) ? "ol" : "ul" };
}

function listsAgain(body) {
  let open = [];
  let last = null;
  for (const paragraph of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")]) {
    const found = item(paragraph);
    if (!found) {
      open = [];
      continue;
    }
    // Anything but white space between two items ends the list.
    if (last && last.nextElementSibling !== paragraph) open = [];
    while (open.length && open.at(-1).level > found.level) open.pop();
    let holder = open.at(-1);
    if (holder && holder.level === found.level && holder.list.localName !== found.tag) {
      open.pop();
      holder = open.at(-1);
    }
    if (!holder || holder.level < found.level) {
      const list = body.ownerDocument.createElement(found.tag);
      if (holder) holder.list.lastElementChild.append(list);
      else paragraph.before(list);
      holder = { level: found.level, list };
      open.push(holder);
    }
    const li = body.ownerDocument.createElement("li");
    const p = body.ownerDocument.createElement("p");
    p.append(...paragraph.childNodes);
    li.append(p);
    holder.list.append(li);
    paragraph.remove();
    last = open[0].list;
  }
}

/** Bold and italic that are only said in styles (Google Docs, LibreOffice, Word spans). */
function marksAgain(body) {
  for (const span of body.querySelectorAll("span[data-style]")) {
    const style = span.getAttribute("data-style");
    const tags = [
      /(^|;)\s*font-weight:\s*(bold|[6-9]00)/i.test(style) && "strong",
      /(^|;)\s*font-style:\s*italic/i.test(style) && "em",
      /vertical-align:\s*super/i.test(style) && "sup",
    ].filter(Boolean);
    for (const tag of tags) {
      const mark = body.ownerDocument.createElement(tag);
      mark.append(...span.childNodes);
      span.append(mark);
    }
  }
  // Google Docs wraps everything in a <b> that is not bold.
  for (const wrap of body.querySelectorAll("b[data-style], strong[data-style], i[data-style], em[data-style]")) {
    if (/(^|;)\s*font-(weight|style):\s*normal/i.test(wrap.getAttribute("data-style"))) {
      wrap.replaceWith(...wrap.childNodes);
    }
  }
}

export function fromWord(html) {
  const body = new DOMParser().parseFromString(withoutStyles(html), "text/html").body;
  const comments = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const dropped = [...body.querySelectorAll("script, meta, link, title, xml, img, svg, object")];
  while (comments.nextNode()) dropped.push(comments.currentNode);
  for (const node of dropped) node.remove();
  listsAgain(body);
  marksAgain(body);
  for (const title of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const paragraph = body.ownerDocument.createElement("p");
    const strong = body.ownerDocument.createElement("strong");
    strong.append(...title.childNodes);
    paragraph.append(strong);
    title.replaceWith(paragraph);
  }
  for (const element of body.querySelectorAll("*")) {
    for (const name of ["data-style", "class", "id", "lang", "align", "width", "height", "colwidth"]) {
      element.removeAttribute(name);
    }
    const isEmpty = !element.textContent.trim() && !element.querySelector("br, td, th");
    if (isEmpty && element.matches("p, span, strong, em")) element.remove();
  }
  return body.innerHTML;
}
