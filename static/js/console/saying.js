/* saying.js — What the console answers to whoever types. */
import { here, input, told } from "./screen.js";

export function say(words, kind = "", findings = [], buttons = []) {
  told.className = `console-told ${kind}`;
  const parts = [words];
  for (const finding of findings) {
    if (finding.message !== words) parts.push(` ${finding.message}`);
    if (finding.article) {
      const article = document.createElement("span");
      article.className = "article";
      article.textContent = finding.article;
      parts.push(" ", article);
    }
    if (finding.remedy) parts.push(` ${finding.remedy}`);
  }
  told.replaceChildren(...parts, ...buttons);
}

export function refuse(words) {
  say(words, "is-refused");
  input.classList.add("is-wrong");
  setTimeout(() => input.classList.remove("is-wrong"), 600);
}

/** A letter that means nothing: those that follow must not act on whoever was named. */
export function lose(words) {
  here.isLost = Boolean(here.text || here.chosen);
  refuse(words);
}
