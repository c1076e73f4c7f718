"""The sheet on which minutes are written: the very page that is printed, open at each text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from documents import papers, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The paper as it looks, to be put in a shadow root: its own style, and nothing of the page's.

    Where an item has a text stands `<slot name="texte-KEY">`.
    """

    style: str
    html: str


def sheet(paper: papers.MinutesDocument) -> Sheet:
    """The minutes with a slot in place of each text."""
    is_short = paper.layout == "synthetique"
    page = render.render_html(
        replace(
            paper,
            approvals=tuple(_open_slots(item, is_short) for item in paper.approvals),
            items=tuple(_open_slots(item, is_short) for item in paper.items),
        ),
        for_screen=True,
    )
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL))
    body = page[page.index("<body>") + len("<body>") : page.rindex("</body>")]
    return Sheet(style=_within(style), html=body)


def _open_slots(item: papers.Item, is_short: bool) -> papers.Item:
    slot = f'<slot name="texte-{item.key}"></slot>'
    # The first paragraph of a short paper follows the title on its line.
    slot = f"<p>{slot}</p>" if is_short else slot
    has_text = bool(item.html) or not item.is_section
    return replace(
        item,
        html=slot if has_text else "",
        children=tuple(_open_slots(child, is_short) for child in item.children),
    )


# What a shadow root has no use for: the page printed is another, and its fonts are the site's.
_OUTSIDE = ("@font-face", "@page", "html")
_ROOTS = re.compile(r"(?<![\w.#-])(?:body|:root)(?=\s*[{,])")


@lru_cache(maxsize=8)
def _within(style: str) -> str:
    """The style of a paper, for a sheet that is a part of a page."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    kept = [block for block in _top_level(style) if not block.lstrip().startswith(_OUTSIDE)]
    told = _ROOTS.sub(".sheet", "".join(kept))
    told = told.replace('"Paper Serif", "Paper Sans"', "var(--serif)")
    return told.replace('"Paper Sans"', "var(--sans)") + ".sheet { margin: 0; }"


def _top_level(style: str) -> Iterator[str]:
    """The rules of a style sheet one by one, those within a rule left in it."""
    start = depth = 0
    for place, sign in enumerate(style):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield style[start : place + 1]
                start = place + 1


def digest(draft: papers.MinutesDocument) -> str:
    """What tells a draft from another: the hash of what it says, edition and watermark apart."""
    return papers.sha256(draft.without_edition)
