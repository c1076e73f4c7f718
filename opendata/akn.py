"""Minutes as Akoma Ntoso 3.0 (OASIS LegalDocML) tells them, from their public edition.

The sentences are those of the paper; what the standard knows beside them is marked: the roll, each
item, each vote with its count and the names of a public ballot, the quorum. It knows neither
proxies nor the weight of a vote: the sentences say them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from lxml import etree
from lxml.builder import ElementMaker

from documents import papers
from documents.papers.parts import html_lines
from law import french

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
MEDIA_TYPE = "application/akn+xml"
_E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
_Element = etree._Element

_COUNTED = (
    ("for_", "pour", "Pour"),
    ("against", "contre", "Contre"),
    ("abstentions", "abstention", "Abstention"),
    ("not_voting", "ne-prend-pas-part", "Ne prend pas part au vote"),
    ("blank", "blanc", "Blanc"),
    ("null", "nul", "Nul"),
)
_OUTCOMES = {"adopte": ("adopte", "Adopté"), "rejete": ("rejete", "Rejeté")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which minutes these are, in the addresses of the standard: "/akn/fr/debateRecord/…"."""

    organisation: str  # its slug
    body: str  # the slug of the body
    body_name: str
    code: str  # that of the publication
    published_on: date


def document(paper: papers.MinutesDocument, place: Place) -> bytes:
    """These minutes, whole, as an XML document."""
    root = _E.akomaNtoso(_Minutes(paper=paper, place=place).debate())
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


@dataclass(slots=True, kw_only=True)
class _Minutes:
    """What is met on the way: the persons, the votes."""

    paper: papers.MinutesDocument
    place: Place
    people: dict[str, str] = field(default_factory=dict)
    votings: list[_Element] = field(default_factory=list)
    sections: int = 0

    def debate(self) -> _Element:
        paper = self.paper
        body = _E.debateBody(self.roll(), *self.opening())
        for item in (*paper.approvals, *paper.items):
            body.append(self.section(item))
        body.append(
            _E.adjournment(*self.told(paper.closing_steps), *_lines((paper.closing,)), eId="levee")
        )
        return _E.debate(
            self.meta(),
            _E.preface(
                _E.p(_E.docTitle(_clean(paper.title))),
                *_lines((paper.subtitle,)),
                _E.p(_E.docDate(french.long_date(paper.held_on), date=paper.held_on.isoformat())),
            ),
            body,
            *self.conclusions(),
            name="procès-verbal",
        )

    # --- What is said ---

    def roll(self) -> _Element:
        """Who is there: a line for each, her standing in words."""
        found = _E.rollCall(_E.heading("Présences"), eId="appel")
        for college in self.paper.roll:
            for text in filter(None, (college.name, college.remark)):
                found.append(_E.p(_clean(text)))
            for line in college.lines:
                key = f"pers-{len(self.people) + 1}"
                self.people.setdefault(line.name, key)
                more = ", ".join(filter(None, (line.office, line.community, line.remark)))
                person = _E.person(_clean(line.name), refersTo=f"#{self.people[line.name]}")
                person.tail = _clean(f"\u00a0: {more}" if more else "")
                found.append(_E.p(person))
        if self.paper.attending:
            found.append(_E.p(_clean(self.paper.attending)))
        return found

    def opening(self) -> Iterable[_Element]:
        paper = self.paper
        figures = (f"{each.value} {each.label}" for each in paper.figures)
        quorum, clerks = paper.quorum.sentence, paper.clerks
        told = (paper.opening, *figures, *paper.preamble, quorum, clerks)
        yield _E.debateSection(
            _E.heading("Ouverture"),
            *_lines(told),
            *self.told(paper.opening_steps),
            eId="ouverture",
            name="ouverture",
        )

    def section(self, item: papers.Item) -> _Element:
        self.sections += 1
        name = f"point-{self.sections}"
        found = _E.debateSection(eId=name, name="section" if item.is_section else "point")
        if item.number and not item.is_bulleted:
            found.append(_E.num(_clean(item.number)))
        found.append(_E.heading(_clean(item.title)))
        for each in (
            *self.told(item.before),
            *_lines(filter(None, (item.rapporteur, item.note))),
            *self.told(item.opening),
            *_lines(html_lines(item.html)),
            *self.told(item.after, about=name),
        ):
            found.append(each)
        for child in item.children:
            found.append(self.section(child))
        return found

    def told(self, steps: Iterable[papers.Step], about: str = "") -> Iterable[_Element]:
        for step in steps:
            if step.is_decision and about:
                yield self.decision(step, about)
            elif step.text:
                yield _E.narrative(_clean(step.text))
            yield from _lines(step.more)
            for group in step.groups:
                yield self.voters(group)
            for line in step.lines or ():
                yield _E.p(_clean(_voted(line)))
            if step.decides:
                yield _E.p(_clean(step.decides))
            for article in step.articles or ():
                yield from _lines((f"{article.label}\u00a0: {article.text}", *article.parts))
            yield from _lines(html_lines(step.html or ""))

    def decision(self, step: papers.Step, about: str) -> _Element:
        """A decision in a sentence, whose count the analysis holds when there is one."""
        rank = len(self.votings) + 1
        counts = [
            _E.count(
                eId=f"vote-{rank}-{key}", value=str(getattr(step.count, name)), refersTo=f"#{key}"
            )
            for name, key, _ in _COUNTED
            if step.count and getattr(step.count, name)
        ]
        if not counts or step.count is None:
            return _E.summary(_clean(step.text))
        outcome, _ = _OUTCOMES[step.count.verdict]
        self.votings.append(
            _E.voting(
                *counts,
                eId=f"vote-{rank}",
                href=f"#resultat-{rank}",
                refersTo=f"#{about}",
                outcome=f"#{outcome}",
            )
        )
        return _E.summary(_clean(step.text), eId=f"resultat-{rank}")

    def voters(self, group: papers.VoteGroup) -> _Element:
        found = _E.p(_clean(f"{group.label}\u00a0: "))
        for rank, name in enumerate(group.names):
            key = self.people.get(name)
            each = _E.person(_clean(name), refersTo=f"#{key}") if key else _E.span(_clean(name))
            each.tail = ", " if rank + 1 < len(group.names) else ""
            found.append(each)
        return found

    def conclusions(self) -> Iterable[_Element]:
        if signatories := self.paper.signatories:
            yield _E.conclusions(
                *(
                    _E.p(_E.signature(_clean(f"{each.office} {each.name}".strip())))
                    for each in signatories
                )
            )

    # --- What is told of it ---

    def meta(self) -> _Element:
        """Last: the references are to who was met on the way."""
        paper, place = self.paper, self.place
        work = (
            f"/akn/fr/debateRecord/{place.organisation}/{paper.held_on.isoformat()}"
            f"/{place.body}-{place.code}"
        )
        version = paper.later_version or 1
        expression = f"{work}/fra@{paper.held_on.isoformat()}"
        author = {"href": "#instance", "as": "#auteur"}
        held, online = paper.held_on.isoformat(), place.published_on.isoformat()
        analysis = []
        if (quorum := self.quorum()) is not None:
            self.votings.insert(0, quorum)
        if self.votings:
            analysis.append(_E.analysis(_E.parliamentary(*self.votings), source="#organisation"))
        return _E.meta(
            _E.identification(
                _E.FRBRWork(
                    _E.FRBRthis(value=f"{work}/!main"),
                    _E.FRBRuri(value=work),
                    _E.FRBRdate(date=held, name="séance"),
                    _E.FRBRauthor(**author),
                    _E.FRBRcountry(value="fr"),
                ),
                _E.FRBRExpression(
                    _E.FRBRthis(value=f"{expression}/!main"),
                    _E.FRBRuri(value=expression),
                    _E.FRBRdate(date=held, name="séance"),
                    _E.FRBRauthor(**author),
                    _E.FRBRversionNumber(value=str(version)),
                    _E.FRBRlanguage(language="fra"),
                ),
                _E.FRBRManifestation(
                    _E.FRBRthis(value=f"{expression}/!main.xml"),
                    _E.FRBRuri(value=f"{expression}.akn"),
                    _E.FRBRdate(date=online, name="mise en ligne"),
                    _E.FRBRauthor(**author),
                ),
                source="#organisation",
            ),
            _E.publication(date=online, name="site", showAs="Mise en ligne"),
            *analysis,
            self.references(),
        )

    def quorum(self) -> _Element | None:
        found = self.paper.quorum
        if not found.in_office:
            return None
        return _E.quorumVerification(
            _E.quorum(eId="quorum-requis", value=str(found.required), refersTo="#quorum"),
            _E.count(eId="quorum-presents", value=str(found.present), refersTo="#presents"),
            eId="quorum-1",
            href="#ouverture",
            refersTo="#ouverture",
            outcome="#atteint" if found.reached else "#non-atteint",
        )

    def references(self) -> _Element:
        place = self.place
        at = f"/akn/ontology/organization/fr/{place.organisation}"
        concepts = [
            *((key, words) for _, key, words in _COUNTED),
            *_OUTCOMES.values(),
            ("quorum", "Quorum"),
            ("presents", "Présents"),
            ("atteint", "Quorum atteint"),
            ("non-atteint", "Quorum non atteint"),
        ]
        return _E.references(
            _E.TLCOrganization(eId="organisation", href=at, showAs=_clean(self.paper.issuer.name)),
            _E.TLCOrganization(
                eId="instance", href=f"{at}.{place.body}", showAs=_clean(place.body_name)
            ),
            _E.TLCRole(eId="auteur", href="/akn/ontology/role/fr/auteur", showAs="Auteur"),
            *(
                _E.TLCPerson(eId=key, href=f"/akn/ontology/person/fr/{key}", showAs=_clean(name))
                for name, key in self.people.items()
            ),
            *(
                _E.TLCConcept(eId=key, href=f"/akn/ontology/concept/fr/{key}", showAs=words)
                for key, words in concepts
            ),
            source="#organisation",
        )


def _lines(texts: Iterable[str]) -> list[_Element]:
    return [_E.p(_clean(text)) for text in texts if text and text.strip()]


def _voted(line: papers.VotedLine) -> str:
    figures = (
        f" (pour {line.for_}, contre {line.against}, abstentions {line.abstentions})"
        if line.for_ is not None
        else ""
    )
    result = f"\u00a0: {line.result}" if line.result else ""
    cells = ", ".join(filter(None, line.cells or ()))
    return f"{line.question}{f', {cells}' if cells else ''}{result}{figures}"


def _clean(text: str) -> str:
    """A text that XML can hold."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n"
        or "\x20" <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter >= "\U00010000"
    )
