"""The sheet on which minutes are written: the very page that is printed, open at each text."""

from dataclasses import replace

from documents import papers
from documents.sheet import Sheet
from documents.sheet import of as as_sheet


def sheet(paper: papers.MinutesDocument) -> Sheet:
    """The minutes with `<slot name="texte-KEY">` in place of each text."""
    is_short = paper.layout == "synthetique"
    return as_sheet(
        replace(
            paper,
            approvals=tuple(_open_slots(item, is_short) for item in paper.approvals),
            items=tuple(_open_slots(item, is_short) for item in paper.items),
        )
    )


def _open_slots(item: papers.Item, is_short: bool) -> papers.Item:
    slot = f'<slot name="texte-{item.key}"></slot>'
    # The first paragraph of a short paper follows the title on its line.
    slot = f"<p>{slot}</p>" if is_short else slot
    # The slot holds the whole text, what was said after the votes too.
    steps = tuple(step for step in item.after if step.html is None)
    has_text = bool(item.html) or steps != item.after or not item.is_section
    return replace(
        item,
        html=slot if has_text else "",
        after=steps,
        children=tuple(_open_slots(child, is_short) for child in item.children),
    )


def digest(draft: papers.MinutesDocument) -> str:
    """What tells a draft from another: the hash of what it says, edition and watermark apart."""
    return papers.sha256(draft.without_edition)
