"""What is read while minutes are written: the sheet, what it must still say, what changed in it.

Nothing here writes. The sheet is the very page that is printed, with a place left open for each
text; the checklist is that of art. L2121-15; the comparison is of words on paper.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby

from django.urls import reverse

from documents import actions as documents
from documents import compile, papers, render
from law import ballots, french, sitting
from law.findings import Finding, Severity
from meetings import briefs, reading, richtext
from meetings.models import AgendaItem, Meeting
from registry import reading as register

# --- The sheet --------------------------------------------------------------------------------


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
    style = re.search(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)
    body = re.search(r"<body>(.*)</body>", page, re.DOTALL)
    return Sheet(style=_within(style[1] if style else ""), html=body[1] if body else "")


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


# --- What the law wants in minutes ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Where one goes to write what is missing."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One of the twelve things that minutes hold (art. L2121-15): there, doubtful or missing."""

    number: int
    label: str
    said: str
    state: str = "present"  # "doute" deserves a look, "manque" keeps minutes from being issued
    leads: tuple[Lead, ...] = ()

    @property
    def is_missing(self) -> bool:
        return self.state == "manque"


ARTICLE = "art. L2121-15 du CGCT"


def checklist(meeting: Meeting, draft: papers.MinutesDocument) -> tuple[Element, ...]:
    """The twelve mandatory elements, in the order of the article, with what each lacks."""
    return tuple(_Checklist(meeting, draft).elements())


class _Checklist:
    def __init__(self, meeting: Meeting, draft: papers.MinutesDocument) -> None:
        self.meeting, self.draft = meeting, draft
        self.story = meeting.sitting
        self.end = self.story.at_end
        # Opened, counted and closed for want of quorum: there is nothing more to tell.
        self.is_void = self.end.opened_at is not None and not draft.quorum.reached
        self.lines = tuple(reading.lines(meeting))
        self.attendance = Lead(
            url=reverse("meetings:attendance", args=[meeting.pk]), label="Présences"
        )
        self.agenda = Lead(url=reverse("meetings:agenda", args=[meeting.pk]), label="Ordre du jour")

    def elements(self) -> Iterator[Element]:
        for number, (label, told) in enumerate(
            (
                ("date et heure de la séance", self.hour()),
                ("nom de qui préside", self.chair()),
                ("noms des membres présents", self.present()),
                ("membres représentés, et par qui", self.represented()),
                ("secrétaire de séance", self.clerks()),
                ("quorum", self.quorum()),
                ("ordre du jour", self.items()),
                ("délibérations adoptées", self.decisions()),
                ("rapports au vu desquels elles le sont", self.reports()),
                ("demandes de scrutin particulier", self.requests()),
                ("résultat des scrutins, noms si le vote est public", self.results()),
                ("teneur des discussions", self.debates()),
            ),
            start=1,
        ):
            yield replace(told, number=number, label=label)

    def there(self, said: str) -> Element:
        return Element(number=0, label="", said=french.nbsp(said))

    def lacks(self, said: str, *leads: Lead, state: str = "manque") -> Element:
        if self.is_void and state == "manque" and leads and leads[0] is not self.attendance:
            state = "present"
        return Element(number=0, label="", said=french.nbsp(said), state=state, leads=leads)

    def name(self, key: str) -> str:
        member = self.end.composition.by_key.get(key)
        return member.name if member else key

    # The sitting

    def hour(self) -> Element:
        opened, closed = self.end.opened_at, self.end.closed_at
        if opened is None:
            return self.lacks("Heure d’ouverture à noter", self.attendance)
        if closed is None:
            return self.lacks("Heure de levée à noter", self.attendance)
        day = french.long_date(self.meeting.held_on)
        return self.there(f"{day}, de {french.clock(opened)} à {french.clock(closed)}")

    def chair(self) -> Element:
        key = self.story.at_opening.chair or self.end.chair
        if not key:
            return self.lacks("À choisir", self.attendance)
        return self.there(self.name(key))

    def present(self) -> Element:
        count = sum(line.standing == "present" for each in self.draft.roll for line in each.lines)
        if not count:
            return self.lacks("Appel à faire", self.attendance)
        return self.there(french.count(count, "présent"))

    def represented(self) -> Element:
        proxies = self.story.at_opening.living_proxies
        told = [f"{self.name(giver)} par {self.name(holder)}" for giver, holder in proxies.items()]
        return self.there(" ; ".join(told) or "Personne n’est représenté")

    def clerks(self) -> Element:
        keys = self.story.at_opening.clerks or self.end.clerks
        if keys:
            return self.there(french.join(map(self.name, keys)))
        state = "doute" if self.is_void else "manque"
        return self.lacks("À désigner", self.attendance, state=state)

    def quorum(self) -> Element:
        found = self.draft.quorum
        if self.end.opened_at is None:
            return self.lacks("Se compte à l’ouverture", self.attendance)
        verdict = "atteint" if found.reached else "non atteint"
        return self.there(f"{found.present} sur {found.in_office}, {verdict}")

    # Its items

    def items(self) -> Element:
        count = sum(not item.is_section for item in self.draft.all_items)
        if not count:
            return self.lacks("Aucun point", self.agenda)
        return self.there(french.count(count, "point"))

    def decisions(self) -> Element:
        if not self.lines:
            return self.lacks("Aucun point", self.agenda)
        adopted = sum(each.is_act for each in self.decided)
        awaiting = [line.node.item for line in self.lines if line.awaits]
        if awaiting and not self.is_void:
            said = f"{french.count(len(awaiting), 'point')} sans vote ni suite"
            return self.lacks(said, *map(self.to_decide, awaiting), state="doute")
        return self.there(french.count(adopted, "délibération") if adopted else "Aucune")

    @property
    def decided(self) -> tuple[register.Decided, ...]:
        return register.decided(self.meeting)

    def to_decide(self, item: AgendaItem) -> Lead:
        return Lead(url=f"{item.get_absolute_url()}#titre-decision", label=item.title)

    def to_write(self, item: AgendaItem) -> Lead:
        return Lead(url=f"#texte-{item.key}", label=item.title)

    def reports(self) -> Element:
        acts = [each.item for each in self.decided if each.is_act and _is_reported(each.item)]
        holds = {file.item.key for file in briefs.of(self.meeting) if not file.is_blank}
        bare = [item for item in acts if not (item.rapporteur or item.text or item.key in holds)]
        if bare:
            said = f"{french.count(len(bare), 'délibération')} sans rapporteur, ni note, ni texte"
            return self.lacks(said, *map(self.to_write, bare), state="doute")
        return self.there("Rapporteurs, notes et textes des délibérations" if acts else "Aucune")

    def requests(self) -> Element:
        asked = list(self.story.of_kind(sitting.BallotRequested))
        return self.there(french.count(len(asked), "demande") if asked else "Aucune")

    def results(self) -> Element:
        held = list(self.story.of_kind(sitting.BallotHeld))
        held_elections = list(self.story.of_kind(sitting.ElectionHeld))
        public = sum(event.ballot.mode is ballots.Mode.PUBLIC for event in held)
        if not held and not held_elections:
            return self.there("Aucun scrutin")
        told = [french.count(len(held), "vote")] if held else []
        if held_elections:
            told.append(french.count(len(held_elections), "élection"))
        if public:
            told.append(
                f"dont {french.count(public, 'vote public', 'votes publics')} avec les noms"
            )
        return self.there(", ".join(told))

    def debates(self) -> Element:
        discussed = [
            node.item
            for node in self.meeting.agenda.nodes
            if not node.item.is_section and node.item.key in self.story.at_item
        ]
        empty = [item for item in discussed if not item.text]
        if not discussed or len(empty) == len(discussed):
            return self.lacks("Rien n’est écrit", *map(self.to_write, empty[:1]))
        if wanting := [item for item in empty if _is_reported(item)]:
            said = f"{french.count(len(wanting), 'délibération')} sans un mot"
            return self.lacks(said, *map(self.to_write, wanting), state="doute")
        return self.there(f"{french.count(len(discussed) - len(empty), 'texte')}")


def _is_reported(item: AgendaItem) -> bool:
    """Whether a decision on this item rests on a report: the approval of minutes does not."""
    return item.kind in (AgendaItem.Kind.DELIBERATION, AgendaItem.Kind.ELECTION)


# What the checklist says already, in its own words.
_SAID_ALREADY = frozenset(
    "sans_ouverture sans_president sans_presents sans_secretaire sans_levee sans_ordre_du_jour"
    " sans_decision".split()
)


def objections(meeting: Meeting, draft: papers.MinutesDocument) -> tuple[Finding, ...]:
    """What else deserves a look before minutes are issued, or keeps them from being."""
    found = documents.review(meeting, draft)
    return tuple(finding for finding in found if finding.code not in _SAID_ALREADY)


def may_issue(elements: Sequence[Element], others: Sequence[Finding]) -> bool:
    """Whether nothing is missing."""
    return not any(element.is_missing for element in elements) and not any(
        finding.severity is Severity.REFUSAL for finding in others
    )


def digest(draft: papers.MinutesDocument) -> str:
    """What tells a draft from another: the hash of what it says, edition and watermark apart."""
    return papers.sha256(draft.without_edition)


# --- What the public reads --------------------------------------------------------------------

BEHIND_CLOSED_DOORS = (
    "<p><em>Ce point a été examiné à huis clos (art. L2121-18 du CGCT) : la teneur des débats n’est"
    " pas publiée.</em></p>"
)


def public_minutes(meeting: Meeting) -> papers.MinutesDocument:
    """The minutes as anybody may read them: without the sensitive passages, nor what was said
    behind closed doors. Names, votes and decisions stay."""
    draft = compile.compile_minutes(meeting)
    texts = {node.item.key: node.item.text for node in meeting.agenda.nodes}
    closed = held_behind_closed_doors(meeting)
    return replace(
        draft,
        approvals=tuple(_published(item, texts, closed) for item in draft.approvals),
        items=tuple(_published(item, texts, closed) for item in draft.items),
    )


def _published(item: papers.Item, texts: dict[str, str], closed: frozenset[str]) -> papers.Item:
    said = item.html
    if item.key in closed:
        said = compile.said(BEHIND_CLOSED_DOORS) if item.html else ""
    elif richtext.SENSITIVE in texts.get(item.key, ""):
        said = compile.said(richtext.public(texts[item.key]))
    children = tuple(_published(child, texts, closed) for child in item.children)
    return replace(item, html=said, children=children)


_DECISIONS = (sitting.BallotHeld, sitting.ElectionHeld, sitting.FateNoted)


def held_behind_closed_doors(meeting: Meeting) -> frozenset[str]:
    """The items that were discussed, even in part, behind closed doors."""
    found = {key for key, state in meeting.sitting.at_item.items() if state.doors_closed}
    during: dict[str, list[sitting.Event]] = {}

    def note(event: sitting.Event, state: sitting.State) -> None:
        if state.item and event.before is None:
            during.setdefault(state.item, []).append(event)

    sitting.replay(meeting.basis.composition, meeting.ledger, meeting.agenda.keys, observe=note)
    for key, events in during.items():
        # Doors closed once an item is decided are closed for the next one.
        decided = [rank for rank, event in enumerate(events) if isinstance(event, _DECISIONS)]
        until = decided[-1] if decided else len(events)
        if any(isinstance(event, sitting.DoorsClosed) for event in events[:until]):
            found.add(key)
    return frozenset(found)


# --- Two versions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of a paper, as words."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that both versions have (`op` "same"), or only one ("del", "ins")."""

    op: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A paragraph as it was and as it is: "same", "changed", "added" or "removed"."""

    kind: str
    is_heading: bool
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Paragraphs in a row that changed, or that did not; `heading` says under which title the
    next ones stand when these are folded away."""

    is_same: bool
    changes: tuple[Change, ...]
    heading: str = ""


def paragraphs(paper: papers.MinutesDocument) -> tuple[Paragraph, ...]:
    """Everything that minutes say, in printed order."""
    return tuple(each for each in _paragraphs(paper) if each.text)


def _paragraphs(paper: papers.MinutesDocument) -> Iterator[Paragraph]:
    yield Paragraph(text=paper.title, is_heading=True)
    yield Paragraph(text=paper.subtitle)
    yield Paragraph(text=paper.opening)
    for figure in paper.figures:
        yield Paragraph(text=f"{figure.label} {figure.value}")
    yield from (Paragraph(text=sentence) for sentence in paper.preamble)
    yield Paragraph(text=paper.quorum.sentence)
    yield Paragraph(text=paper.clerks)
    for college in paper.roll:
        yield Paragraph(text=" ".join(filter(None, (college.name, college.remark))))
        for line in college.lines:
            told = (line.name, line.office, line.community, line.remark)
            yield Paragraph(text=", ".join(filter(None, told)))
    yield from _steps(paper.opening_steps)
    for item in (*paper.approvals, *paper.items):
        yield from _of_item(item)
    yield from _steps(paper.closing_steps)
    yield Paragraph(text=paper.closing)
    for signatory in paper.signatories:
        yield Paragraph(text=f"{signatory.office} {signatory.name}".strip())


def _of_item(item: papers.Item) -> Iterator[Paragraph]:
    yield from _steps(item.before)
    yield Paragraph(text=item.heading, is_heading=True)
    yield Paragraph(text=item.rapporteur)
    yield from _steps(item.opening)
    yield from (Paragraph(text=text) for text in _lines_of(item.html))
    yield from _steps(item.after)
    for child in item.children:
        yield from _of_item(child)


def _steps(steps: Sequence[papers.Step]) -> Iterator[Paragraph]:
    for step in steps:
        for text in (step.text, *step.more):
            yield Paragraph(text=text)
        for group in step.groups:
            yield Paragraph(text=f"{group.label} {group.line}")


_END_OF_LINE = re.compile(r"</(?:p|li|tr|ul|ol|table)>|<(?:ul|ol|table|br)\b[^>]*>")
_CELL = re.compile(r"</t[hd]>")
_TAG = re.compile(r"<[^>]*>")


def _lines_of(markup: str) -> Iterator[str]:
    """The paragraphs, items and rows of what was said, without their marks."""
    for line in _END_OF_LINE.sub("\n", _CELL.sub(" | ", markup)).split("\n"):
        text = html.unescape(_TAG.sub("", line)).strip().removesuffix("|").strip()
        if text:
            yield text


def compare(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> tuple[Change, ...]:
    """What became of each paragraph between two versions, word by word."""
    found: list[Change] = []
    matcher = SequenceMatcher(None, [p.text for p in old], [p.text for p in new], autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            found += [_whole("same", paragraph) for paragraph in new[c:d]]
        else:
            found += _replaced(old[a:b], new[c:d])
    return tuple(found)


_KINDS = {"same": "same", "removed": "del", "added": "ins"}


def _whole(kind: str, paragraph: Paragraph) -> Change:
    words = (Words(op=_KINDS[kind], text=paragraph.text),)
    return Change(kind=kind, is_heading=paragraph.is_heading, words=words)


_ALIKE = 0.5  # below, two paragraphs have too little in common to be one that changed
_MANY = 400  # paragraphs in a row that all changed: what resembles what is not looked for


def _replaced(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Change]:
    """Pair each new paragraph with the old one it comes from; the rest was added or removed."""
    start = 0
    for paragraph in new:
        within = old[start:] if len(old) + len(new) <= _MANY else old[start : start + 1]
        rank = next(
            (rank for rank, was in enumerate(within) if _likeness(was.text, paragraph.text)), None
        )
        if rank is None:
            yield _whole("added", paragraph)
            continue
        yield from (_whole("removed", was) for was in old[start : start + rank])
        yield Change(
            kind="changed",
            is_heading=paragraph.is_heading,
            words=compare_words(old[start + rank].text, paragraph.text),
        )
        start += rank + 1
    yield from (_whole("removed", was) for was in old[start:])


def _likeness(old: str, new: str) -> bool:
    a, b = _words(old), _words(new)
    shorter, longer = sorted((len(a), len(b)))
    if 2 * shorter < _ALIKE * (shorter + longer) or shorter * longer > _TOO_LONG:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _ALIKE


_WORD = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
_TOO_LONG = 4_000_000  # products of words: a paragraph of 2,000 words against another


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def compare_words(old: str, new: str) -> tuple[Words, ...]:
    """The words of both texts in one line: kept, taken out, put in."""
    a, b = _words(old), _words(new)
    if len(a) * len(b) > _TOO_LONG:
        return (Words(op="del", text=old), Words(op="ins", text=new))
    told: list[tuple[str, str, str]] = []  # op, what it was, what it is
    for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        was, is_now = "".join(a[i:j]), "".join(b[k:m])
        is_thin = op == "equal" and not is_now.strip()
        if told and told[-1][0] == "changed" and (op != "equal" or is_thin):
            # A space alone between two changes belongs to both: one reads words, not crumbs.
            told[-1] = ("changed", told[-1][1] + was, told[-1][2] + is_now)
        else:
            told.append(("same" if op == "equal" else "changed", was, is_now))
    return tuple(_run for op, was, is_now in told for _run in _as_words(op, was, is_now))


def _as_words(op: str, was: str, is_now: str) -> Iterator[Words]:
    if op == "same":
        yield Words(op="same", text=is_now)
        return
    # The space that both end with stays outside of the marks.
    shared = " " if was.endswith(" ") and is_now.endswith(" ") else ""
    for name, text in (("del", was), ("ins", is_now)):
        text = text[: len(text) - len(shared)] if shared else text
        if text:
            yield Words(op=name, text=text)
    if shared:
        yield Words(op="same", text=shared)


def stretches(changes: Sequence[Change]) -> tuple[Stretch, ...]:
    """The changes in rows, so that a page folds away what did not change."""
    found = []
    for is_same, together in groupby(changes, key=lambda change: change.kind == "same"):
        run = tuple(together)
        titles = [change.words[0].text for change in run if change.is_heading] if is_same else []
        found.append(Stretch(is_same=is_same, changes=run, heading=titles[-1] if titles else ""))
    return tuple(found)


def summary(changes: Sequence[Change]) -> str:
    """How much changed, in a sentence."""
    told = []
    for kind, word in (("changed", "modifié"), ("added", "ajouté"), ("removed", "retiré")):
        if count := sum(change.kind == kind for change in changes):
            told.append(f"{french.count(count, f'paragraphe {word}', f'paragraphes {word}s')}")
    return french.sentence(french.join(told)) if told else "Les deux versions disent la même chose."
