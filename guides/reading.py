"""The guides of docs/, read from their markdown: chapters by anchor, once for the life of the
server.

An anchor is the one that a forge gives to the same title, so that a link written in a guide leads
to the same place here and there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import nh3
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from law import french
from members.lately import Lately
from members.models import folded

markdown_it = Lately("markdown_it")

# The name of each in its address, and its file under docs/: those that one chooses, in the order
# in which they follow one another.
GUIDES = {
    "secretariat": "secretariat.md",
    "delegue": "delegue.md",
    "president": "president.md",
    "administration": "administration.md",
    "public": "public.md",
    "droit": "droit.md",
    "glossaire": "glossaire.md",
}
# Those to which a guide leads.
FURTHER = {
    path.stem: f"decisions/{path.name}"
    for path in sorted((settings.BASE_DIR / "docs" / "decisions").glob("*.md"))
}
FILES = GUIDES | FURTHER


@cache
def _markdown() -> markdown_it.MarkdownIt:
    """Raw HTML is shown as it is written, not obeyed."""
    return markdown_it.MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A title and what stands under it; the first of a guide has its name, and rank 1."""

    rank: int
    anchor: str
    title: str
    body: SafeString
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One file, as people read it."""

    name: str
    chapters: tuple[Chapter, ...]

    @property
    def title(self) -> str:
        """What the file calls itself."""
        return self.chapters[0].title

    def get_absolute_url(self) -> str:
        """Where it is read."""
        return reverse("guides:guide", args=[self.name])


@cache
def guide(name: str) -> Guide:
    """The guide of this name, rendered once; `KeyError` when there is none."""
    path = settings.BASE_DIR / "docs" / FILES[name]
    return Guide(name=name, chapters=tuple(_chapters(path.read_text(encoding="utf-8"))))


def anchors(name: str) -> frozenset[str]:
    """Every place of this guide that a link may name."""
    return frozenset(chapter.anchor for chapter in guide(name).chapters)


def anchor(title: str) -> str:
    """What a forge makes of a title: its words in small letters, tied by hyphens."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _chapters(text: str) -> Iterator[Chapter]:
    tokens = _markdown().parse(text)
    starts = [
        place
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag in ("h1", "h2", "h3")
    ]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        title = _words([tokens[start + 1]])
        body = tokens[start + 3 : end]
        yield Chapter(
            rank=int(tokens[start].tag[1]),
            anchor=anchor(title),
            title=french.nbsp(title),
            body=_rendered(body),
            text=_words(body),
        )


def _words(tokens: Iterable[markdown_it.token.Token]) -> str:
    """What these say, without their dress."""
    said = []
    for token in tokens:
        if token.children:
            said.append("".join(_word(child) for child in token.children))
        elif token.type in ("fence", "code_block"):
            said.append(token.content)
    return " ".join(said)


def _word(token: markdown_it.token.Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def _rendered(tokens: Sequence[markdown_it.token.Token]) -> SafeString:
    for token in tokens:
        for child in token.children or ():
            if child.type == "text":
                child.content = french.nbsp(child.content)
            elif child.type == "link_open":
                child.attrs = {"href": href} if (href := _href(str(child.attrs["href"]))) else {}
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    clean = nh3.clean(html, link_rel=None)
    return mark_safe(_scrolling(clean))  # noqa: S308 cleaned, of files of our own


def _scrolling(html: str) -> str:
    """A wide table scrolls by itself, by the keyboard too; an empty head names nothing."""
    html = html.replace("<th></th>", "<td></td>")
    frame = '<div class="table-scroll" role="group" aria-label="Tableau" tabindex="0"><table>'
    return html.replace("<table>", frame).replace("</table>", "</table></div>")


def _href(written: str) -> str:
    """Where a link of a file leads here: beside it, it named another file of docs/. "" when that
    one is not served: its words are enough."""
    target, _, place = written.partition("#")
    if "://" in written or not target:
        return written
    name = PurePosixPath(target).stem
    if name not in FILES:
        return ""
    return reverse("guides:guide", args=[name]) + (f"#{place}" if place else "")


# --- Looked for -------------------------------------------------------------------------------

_BEFORE, _SHOWN = 60, 220  # characters of an extract


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A chapter that has all the words, and where they are first."""

    guide: Guide
    chapter: Chapter
    extract: SafeString


def find(query: str, among: Iterable[str] = GUIDES) -> list[Found]:
    """The chapters that have every word, as they begin, accents or not; titles first."""
    words = folded(query).split()
    if not words:
        return []
    found = []
    for each in map(guide, among):
        for chapter in each.chapters:
            title, text = folded(chapter.title), folded(chapter.text)
            if all(_begins(word, f"{title} {text}") for word in words):
                is_named = all(_begins(word, title) for word in words)
                result = Found(guide=each, chapter=chapter, extract=_extract(chapter.text, words))
                found.append((not is_named, result))
    return [result for _, result in sorted(found, key=lambda pair: pair[0])]


def _begins(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(word)}", text))


def _extract(text: str, words: Sequence[str]) -> SafeString:
    """What stands around the first of these words, each of them marked."""
    sought = re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words))
    spans = [match.span() for match in sought.finditer(_same_length(text))]
    begin = max(0, spans[0][0] - _BEFORE) if spans else 0
    begin = text.find(" ", begin) + 1 if begin else 0
    end = min(len(text), begin + _SHOWN)
    said, place = ["… " if begin else ""], begin
    for start, stop in spans:
        if begin <= start and stop <= end:
            said += [escape(text[place:start]), f"<mark>{escape(text[start:stop])}</mark>"]
            place = stop
    said += [escape(text[place:end]), "…" if end < len(text) else ""]
    return mark_safe("".join(said))  # noqa: S308 each part was escaped


def _same_length(text: str) -> str:
    """Folded letter by letter, so that a place in it is the same place in the text."""
    return "".join((folded(letter) or " ")[0] for letter in text)
