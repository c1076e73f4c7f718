/* print.js — [data-print] prints the page; on paper, what a chapter folds is unfolded. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.chapter:not([open])")];
  for (const chapter of folded) chapter.open = true;
});
addEventListener("afterprint", () => {
  for (const chapter of folded) chapter.open = false;
});
