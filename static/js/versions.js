/* versions.js — two texts side by side, the words that differ marked.
 *
 *   <div data-versions> … <div data-theirs>…</div> … <div data-ours>…</div> </div>
 *
 * Words of one side that the other lacks are wrapped in <ins> (ours) or <del> (theirs); nothing
 * else of the two texts is touched.
 */

const LIMIT = 4_000_000;

function wordsOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    for (const found of walker.currentNode.data.matchAll(/\S+/g)) {
      words.push({ node: walker.currentNode, from: found.index, text: found[0] });
    }
  }
  return words;
}

/** Marks `isCommon` on the words of the longest common subsequence. */
function compare(left, right) {
  let start = 0;
  let end = 0;
  while (start < left.length && start < right.length && left[start].text === right[start].text) {
    left[start].isCommon = right[start].isCommon = true;
    start += 1;
  }
  while (
    end < left.length - start &&
    end < right.length - start &&
    left.at(-1 - end).text === right.at(-1 - end).text
  ) {
    left.at(-1 - end).isCommon = right.at(-1 - end).isCommon = true;
    end += 1;
  }
  const a = left.slice(start, left.length - end);
  const b = right.slice(start, right.length - end);
  // Two long texts that share neither beginning nor end: all of both is shown as different.
  if (a.length * b.length > LIMIT) return;
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        a[i].text === b[j].text
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i].text === b[j].text) {
      a[i].isCommon = b[j].isCommon = true;
      i += 1;
      j += 1;
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i += 1;
    else j += 1;
  }
}

/** Wraps each run of differing words of a text node; from the end, so that offsets hold. */
function mark(words, tag) {
  for (let last = words.length - 1; last >= 0; last -= 1) {
    if (words[last].isCommon) continue;
    let first = last;
    while (first > 0 && !words[first - 1].isCommon && words[first - 1].node === words[last].node) {
      first -= 1;
    }
    const range = document.createRange();
    range.setStart(words[first].node, words[first].from);
    range.setEnd(words[last].node, words[last].from + words[last].text.length);
    range.surroundContents(document.createElement(tag));
    last = first;
  }
}

for (const pair of document.querySelectorAll("[data-versions]")) {
  const theirs = wordsOf(pair.querySelector("[data-theirs]"));
  const ours = wordsOf(pair.querySelector("[data-ours]"));
  compare(theirs, ours);
  mark(theirs, "del");
  mark(ours, "ins");
}
