"""From the ledger to an act that somebody takes alone: a decision by delegation, an order.

It is laid out on the sheet of an extract, without what only an assembly has: nobody is called,
counted nor heard. What follows (signatures, transmission, publication, proofs) is that of an
extract.
"""

from collections.abc import Iterator

from documents import papers
from documents.compile import shared
from documents.compile.shared import cleaned, issuer_of, office_of, prepared, town
from law import french, sitting
from law.acts import Nature
from law.delegations import Kind
from law.french import NBSP
from law.regime import replaced_by
from law.sentences import BodyWords
from meetings import drafts, reading
from meetings.models import Meeting

_DOTS = "." * 40
_PARTS = ("acte",)  # of those of an extract
_SLUGS = {Kind.DECISION: "decision", Kind.ORDER: "arrete"}
# Art. L2131-1 and L3131-1; filled in by hand, agreed with what bears them.
_NOTIFIED, _ONLINE = "Notifié le", "Mis en ligne le"


def compile_lone_act(
    meeting: Meeting, taken: sitting.ActTaken, *, number: str = ""
) -> papers.DeliberationExtract:
    """The act as it would be, were it `taken` so: what its author reads before he takes it."""
    return cleaned(lone_act(prepared(meeting), taken, number))


def lone_act(
    meeting: Meeting, taken: sitting.ActTaken | None, number: str
) -> papers.DeliberationExtract:
    """The act of a record that was just read, as its draft stands. Raises `LookupError` for one
    that nobody has taken."""
    if taken is None:
        raise LookupError(f"{meeting} n’est pas pris.")
    kind, words = Kind(meeting.body.kind), reading.words(meeting)
    author = meeting.basis.composition.someone(taken.author)
    office = office_of(author, words) or author.agreed(words.chair)
    article = "la" if author.is_feminine else "le"
    noun = french.capitalise(kind.noun)
    item = meeting.agenda[taken.item].item
    brief = getattr(item, "brief", None)
    draft = brief.draft if brief else drafts.Draft()
    heading = shared.heading(
        meeting,
        f"{noun} {french.contract('de', f'{article} {office}')}",
        f"{_SLUGS[kind]}-{papers.in_file_name(number) if number else meeting.pk}",
        name=f"{noun}{f' n° {number}' if number else ''}",
        issuer=issuer_of(meeting.body),
    )
    heading["subtitle"] = f"du {french.long_date(taken.on, weekday=True)}"
    instead = _instead(meeting, words) if taken.stands_in else ""
    is_his_own = author.is_president or taken.stands_in
    by_delegation = ", par délégation" if taken.source and not is_his_own else ""
    return papers.DeliberationExtract(
        **heading,
        key=item.key,
        number=french.nbsp(f"{noun} n° {number}") if number else "",
        object=french.nbsp(item.title.strip()),
        order=_PARTS,
        opening="",
        text=papers.ActText(
            author=french.capitalise(
                f"{article} {office} {french.contract('de', words.organisation)}{by_delegation}"
                f"{f', remplaçant {instead}{_also(meeting, taken, words)}' if instead else ''},"
            ),
            visas=(*_visas(meeting, taken), *draft.visas),
            recitals=draft.recitals,
            decides=f"{'Décide' if kind is Kind.DECISION else 'Arrête'}{NBSP}:",
            articles=tuple(
                papers.Article(label=each.label, text=each.text, parts=each.parts)
                for each in draft.articles
            ),
        ),
        conform=_done(meeting, taken),
        signatories=(
            papers.Signatory(
                office=f"Pour {instead}, {article} {office}"
                if instead
                else french.capitalise(f"{article} {office}{by_delegation}"),
                name=author.name,
            ),
        ),
        enforceability=tuple(
            papers.Fact(label=label, text=_DOTS) for label in _binding(kind, taken.nature)
        ),
        appeal=shared.appeal(
            meeting,
            f"{'La présente' if kind.is_feminine else 'Le présent'} {kind.noun}",
            since="notification" if taken.nature is Nature.INDIVIDUAL else "publication",
        ),
    )


def _visas(meeting: Meeting, taken: sitting.ActTaken) -> Iterator[str]:
    """What gives its author his power, before what he cites himself."""
    if taken.stands_in and not meeting.regime.by_statutes:
        told, _, also = replaced_by(meeting.regime).partition(", ")
        number = told.removeprefix("art. ").removesuffix(" du CGCT")
        also = f", {also.replace('art. ', 'article ').replace(' du CGCT', '')} du même code"
        is_commune = meeting.regime.form.startswith("commune")
        yield french.nbsp(
            f"Vu l’article {number} du code général des collectivités territoriales"
            f"{'' if is_commune else also},"
        )
    elif taken.stands_in:
        its = french.contract("de", reading.words(meeting).organisation)
        yield french.nbsp(f"Vu les statuts {its},")
    if taken.source:
        yield french.nbsp(f"Vu {taken.source},")


def _also(meeting: Meeting, taken: sitting.ActTaken, words: BodyWords) -> str:
    """Those who would have replaced her first: ", le 1er vice-président l’étant aussi"."""
    each = [meeting.basis.composition.someone(key) for key in taken.also_prevented]
    who = [f"{'la' if one.is_feminine else 'le'} {office_of(one, words)}" for one in each]
    return f", {french.join(who)} l’étant aussi" if who else ""


def _instead(meeting: Meeting, words: BodyWords) -> str:
    """In whose place: "la présidente empêchée"; "la présidence vacante" while nobody has it."""
    for member in meeting.basis.composition.members:
        if member.is_president:
            told = shared.the(words.chair, member)
            prevented = french.agree("empêché", feminine=member.is_feminine)
            return f"{told[0].lower()}{told[1:]} {prevented}"
    return "la présidence vacante"


def _done(meeting: Meeting, taken: sitting.ActTaken) -> str:
    """Where and when it is signed: "Fait à Amiens, le 12 novembre 2026"."""
    place, on = town(meeting.organisation), f"le {french.long_date(taken.on)}"
    return f"Fait {f'à {place}, ' if place else ''}{on}."


def _binding(kind: Kind, nature: Nature) -> tuple[str, ...]:
    """What makes it binding, agreed: which acts are sent is said later, act by act."""
    known = _NOTIFIED if nature is Nature.INDIVIDUAL else _ONLINE
    labels = (
        "Reçu au contrôle de légalité, s’il y est transmis, le",
        known,
        "Certifié exécutoire le",
    )
    if not kind.is_feminine:
        return labels
    return tuple(
        f"{french.agree(first, feminine=True)} {rest}".replace(
            "s’il y est transmis", "si elle y est transmise"
        )
        for first, _, rest in (label.partition(" ") for label in labels)
    )
