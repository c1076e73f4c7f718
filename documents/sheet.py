"""A paper as a part of a page: in a shadow root, with its own style and nothing of the page's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from documents import papers, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the shadow root holds."""

    style: str
    html: str

    def context(self, nonce: str) -> dict[str, SafeString]:
        """What the template writes; the policy of the site lets the style through by its nonce."""
        style = mark_safe(self.style)  # noqa: S308 - the style sheet of our own papers
        return {
            "sheet_style": format_html('<style nonce="{}">{}</style>', nonce, style),
            "sheet_html": mark_safe(self.html),  # noqa: S308 - the template of the paper escaped it
        }


def of(paper: papers.Paper) -> Sheet:
    """The paper as it looks."""
    page = render.render_html(paper, for_screen=True)
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL))
    body = page[page.index("<body>") + len("<body>") : page.rindex("</body>")]
    # The page that holds it has a title already: that of the paper comes under it.
    return Sheet(style=_within(style), html=body.replace("<h1", '<h1 aria-level="2"'))


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
