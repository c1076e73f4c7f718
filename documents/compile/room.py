"""From a sitting to what lies on the tables: sheet to sign, sheets to vote on, name plates; and to
what says afterwards who was there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Protocol

from documents import papers
from documents.compile.minutes import Compiler
from documents.compile.shared import (
    appointment,
    cleaned,
    frame,
    heading,
    named,
    office_of,
    place_and_date,
    place_of,
    prepared,
    rapporteur,
    signatory,
    the,
)
from law import french, quorum, sitting
from law.assembly import Capacity, Composition, Member
from law.findings import Finding, Refused
from law.sentences import BodyWords
from meetings import reading
from meetings.models import AgendaItem, Meeting
from members.models import Body


class Answer(Protocol):
    """What a member said last of his coming: "present", "distance" or "excuse"; the mandates, by
    their keys, of the substitute whom he sends and of the holder of his proxy; why to confirm it
    with him, "" when nothing says that another may have answered."""

    mandate_id: int
    word: str
    substitute_id: int | None
    holder_id: int | None
    doubt: str


_BLANKS = 4  # lines for those whom nobody foresaw


def compile_attendance_sheet(
    meeting: Meeting, *, answers: Iterable[Answer] = ()
) -> papers.AttendanceSheetDocument:
    """The sheet to sign, with what each answered to the convocation, else what the roll already
    says."""
    fresh = prepared(meeting)
    composition = fresh.basis.composition
    known = _foreseen(fresh, answers)
    groups: dict[str, list[Member]] = {}
    for college in composition.constituencies:
        groups[college.name] = []
    others: dict[str, list[Member]] = {}
    for member in composition.members:
        if member.capacity is Capacity.TITULAR:
            groups.setdefault(member.constituency, []).append(member)
        else:
            name = "Suppléants" if member.deliberates else "Voix consultative"
            others.setdefault(name, []).append(member)
    colleges, rank, offices = [], 0, _at_opening(fresh)
    for name, members in (*groups.items(), *others.items()):
        if not members:
            continue
        lines = []
        for member in members:
            rank += 1
            lines.append(
                papers.SheetLine(
                    rank=rank,
                    name=named(member),
                    quality=_quality(offices[member.key], reading.words(fresh)),
                    foreseen=known.get(member.key, ""),
                )
            )
        shown = name or ("Autres membres" if len(groups) > 1 else "")
        colleges.append(papers.SheetCollege(name=shown, lines=tuple(lines)))
    state = sitting.replay(composition, (), ()).at_opening
    figures = [papers.Figure(label="membres en exercice", value=len(composition.titulars))]
    if fresh.regime.quorum_basis == "tetes" and fresh.second_call_of_id is None:
        required = quorum.of(state, fresh.regime).required
        figures.append(papers.Figure(label="présents requis pour le quorum", value=required))
    return cleaned(
        papers.AttendanceSheetDocument(
            **heading(fresh, "Feuille d’émargement", "emargement"),
            facts=appointment(fresh),
            figures=tuple(figures),
            colleges=tuple(colleges),
            blanks=_BLANKS,
            certified="Feuille certifiée exacte à la clôture de la séance.",
            signatories=(
                signatory(composition, reading.words(fresh)),
                *_clerks(fresh),
            ),
        )
    )


def _clerks(meeting: Meeting) -> tuple[papers.Signatory, ...]:
    """The secretaries of the sitting; room for one as long as nobody was named."""
    story = meeting.sitting
    known = [story.composition[key] for key in story.clerks if key in story.composition]
    return tuple(
        papers.Signatory(office=the(papers.Signatory.CLERK, clerk), name=clerk.name)
        for clerk in known
    ) or (papers.Signatory(office="Secrétaire de séance", name=""),)


def compile_attestation(meeting: Meeting, key: str, *, on: date) -> papers.AttestationDocument:
    """That this member took part in the sitting, and from when to when, as the ledger tells it.

    Raises `Refused` for who was never there, and as long as the sitting lasts.
    """
    compiler = Compiler(prepared(meeting, enclosures=False))
    fresh, body = compiler.meeting, compiler.body
    composition, closed = compiler.story.offices_at(compiler.story.at_end), compiler.closed
    member = composition[key]
    stays = _stays(compiler, key)
    if closed is None or not stays:
        raise Refused([_unattested(member, is_over=closed is not None)])
    held_on = french.long_date(fresh.held_on)
    of_body = french.contract("de", body.designation)
    of_organisation = french.contract("de", body.organisation.designation)
    signs = _witness(fresh, composition, member, compiler.words)
    spans = [_span(*stay) for stay in stays]
    came, went = stays[0][0], stays[-1][1]
    return cleaned(
        papers.AttestationDocument(
            **heading(fresh, "Attestation de présence", "attestation-presence")
            | {"file_name": f"attestation-{body.slug}-{fresh.held_on.isoformat()}-{key}"},
            made_on=on,
            statement=french.sentence(
                f"{signs.office} atteste que {_sitter(member, body, compiler.words)}, a participé "
                f"à la séance {of_body} {of_organisation} du {held_on}, "
                f"{french.join(spans, 'puis')}"
            ),
            hours=(
                papers.Fact(label="Date", text=french.long_date(fresh.held_on, weekday=True)),
                papers.Fact(label="Arrivée", text=french.capitalise(came.hour or came.text)),
                papers.Fact(label="Départ", text=french.capitalise(went.hour or went.text)),
            ),
            facts=tuple(
                papers.Fact(label=label, text=french.capitalise(text))
                for label, text in _known(compiler, member, stays)
            ),
            done_at=place_and_date(body.organisation, on),
            signatory=signs,
            notice=french.nbsp(_FOR_EMPLOYERS if body.kind in _ASSEMBLIES else _FOR_ANYBODY),
        )
    )


_ASSEMBLIES = {Body.Kind.COMITE, Body.Kind.BUREAU, Body.Kind.COUNCIL}
_FOR_ANYBODY = "Attestation établie d’après le registre de la séance, pour valoir ce que de droit."
_FOR_EMPLOYERS = (
    "Attestation établie d’après le registre de la séance. L’employeur laisse à l’élu salarié le "
    "temps nécessaire pour se rendre aux réunions des assemblées délibérantes et des bureaux des "
    "organismes où il représente sa collectivité, et pour y participer (articles L2123-1, L3123-1 "
    "et L4135-1 du code général des collectivités territoriales, selon son mandat)."
)


def _witness(
    meeting: Meeting, composition: Composition, member: Member, words: BodyWords
) -> papers.Signatory:
    """Whoever chairs the body; of his own presence, whoever comes after him, else the secretary."""
    if not member.is_president:
        return signatory(composition, words)
    deputies = [each for each in composition.titulars if each.office == "vice-president"]
    for each in sorted(deputies, key=lambda each: each.office_rank):
        article = "La" if each.civility == "Mme" else "Le"
        return papers.Signatory(office=f"{article} {office_of(each, words)}", name=each.name)
    return _clerks(meeting)[0]


def _sitter(member: Member, body: Body, words: BodyWords) -> str:
    """ "Mme Gaëlle GARNIER (Brume Agglo), déléguée suppléante"; by the office, of whoever has one:
    "présidente"."""
    community = f" ({member.community})" if member.community else ""
    if office := office_of(member, words):
        return f"{named(member)}{community}, {office}"
    noun = french.singular(body.member_noun)
    if member.capacity is Capacity.SUBSTITUTE:
        noun += " suppléant"
    told = french.agree(noun, feminine=member.civility == "Mme")
    if member.capacity is Capacity.CONSULTATIVE:
        told += " à voix consultative"
    return f"{named(member)}{community}, {told}"


def _unattested(member: Member, *, is_over: bool) -> Finding:
    if not is_over:
        return Finding(
            code="seance_en_cours",
            message="La séance n’est pas levée, et l’heure du départ pas encore connue.",
            remedy="Demandez l’attestation une fois la séance levée.",
        )
    came = french.agree("venu", feminine=member.civility == "Mme")
    return Finding(
        code="jamais_present",
        message=french.nbsp(f"D’après le registre, {named(member)} n’est pas {came} à la séance."),
        remedy="S’il s’agit d’un oubli, le secrétariat note l’arrivée sur la page des présences.",
    )


@dataclass(frozen=True, slots=True)
class _When:
    """A moment of the sitting: "à 19 h", whose `hour` is "19 h"; "avant le point 4", without."""

    text: str
    hour: str = ""


def _at(hour: str) -> _When:
    return _When(f"à {hour}", hour)


def _when(compiler: Compiler, event: sitting.Event) -> _When:
    """What the ledger knows of the moment of an event."""
    if event.at:
        return _at(french.clock(event.at, compiler.clock))
    return _When(compiler.moment(event))


def _stays(compiler: Compiler, key: str) -> list[tuple[_When, _When]]:
    """Each time the member was there: since when, and until when."""
    story, clock = compiler.story, compiler.clock
    opened, closed = story.at_opening.opened_at, compiler.closed
    stays: list[tuple[_When, _When]] = []
    was_there = opened and key in story.at_opening.room
    since = _at(french.clock(opened, clock)) if was_there else None
    for event in story.of_kind(sitting.Arrived | sitting.Left):
        if event.member != key or (event.at and opened and event.at <= opened):
            continue
        if isinstance(event, sitting.Arrived):
            since = since or _when(compiler, event)
        elif since:
            stays.append((since, _when(compiler, event)))
            since = None
    if since and closed is not None:
        stays.append((since, _at(french.clock(closed.at, clock) if closed.at else "la levée")))
    return stays


def _span(came: _When, went: _When) -> str:
    """ "de 19 h à 20 h 45"; "de 19 h jusqu’à son départ en cours de séance"."""
    begins = f"de {came.hour}" if came.hour else f"depuis son arrivée {came.text}"
    if not went.hour:
        return f"{begins} jusqu’à son départ {went.text}"
    return f"{begins} {went.text}" if came.hour else f"{begins} jusqu’{went.text}"


def _between(begun: _When, ended: _When) -> str:
    """ "de 20 h 10 à 20 h 20"; when it began, where one of both is not known by the clock."""
    return f"de {begun.hour} {ended.text}" if begun.hour and ended.hour else begun.text


def _known(
    compiler: Compiler, member: Member, stays: Sequence[tuple[_When, _When]]
) -> Iterator[tuple[str, str]]:
    """What else the ledger knows of it, each under its label."""
    story = compiler.story
    opened, closed = story.at_opening.opened_at, compiler.closed
    if opened and closed and closed.at:
        hours = (french.clock(at, compiler.clock) for at in (opened, closed.at))
        yield "Séance", "ouverte à {}, levée à {}".format(*hours)
    yield "Lieu", place_of(compiler.meeting)
    begun = None
    for event in story.of_kind(sitting.Suspended | sitting.Resumed):
        if isinstance(event, sitting.Suspended):
            begun = _when(compiler, event)
        elif begun:
            yield "Suspension", _between(begun, _when(compiler, event))
            begun = None
    for (_, went), (came, _) in pairwise(stays):
        yield "Absence", _between(went, came)
    for event in story.of_kind(sitting.SeatTaken):
        if event.substitute == member.key:
            yield "Suppléance", f"siège de {compiler.named(event.titular)}"
    came = [event.remote for event in story.of_kind(sitting.Arrived) if event.member == member.key]
    if any(came) or compiler.regime.remote_allowed:
        yield (
            "Participation",
            " puis ".join(
                "par visioconférence" if remote else "dans la salle" for remote, _ in groupby(came)
            ),
        )


def compile_voting_sheets(meeting: Meeting) -> papers.VotingSheetDocument:
    """Sheets to vote on paper, should the screens fail: one block for each point put to the
    vote."""
    fresh = prepared(meeting)
    composition, words = fresh.basis.composition, reading.words(fresh)
    groups: dict[str, list[papers.Voter]] = {}
    for member in composition.titulars:
        weight = french.count(member.weight, "voix") if composition.is_weighted else ""
        voter = papers.Voter(name=named(member), note=weight)
        groups.setdefault(member.constituency, []).append(voter)
    return cleaned(
        papers.VotingSheetDocument(
            **heading(fresh, "Feuilles de vote", "votes"),
            items=tuple(
                papers.VotingItem(
                    number=node.number,
                    title=french.nbsp(node.item.title.strip()),
                    rapporteur=rapporteur(node.item, composition, words),
                    is_election=node.item.kind in AgendaItem.ELECTIONS,
                )
                for node in fresh.agenda.nodes
                if node.item.kind in AgendaItem.VOTED
            ),
            colleges=tuple(
                papers.VotingCollege(name=name, voters=tuple(voters))
                for name, voters in groups.items()
            ),
        )
    )


def compile_name_plates(
    meeting: Meeting, *, answers: Iterable[Answer] = ()
) -> papers.NamePlatesDocument:
    """A plate for each titular and consultative member, and for each substitute who is expected
    or already there."""
    fresh = prepared(meeting)
    words = reading.words(fresh)
    expected = set(_substitutes(fresh, answers))
    return cleaned(
        papers.NamePlatesDocument(
            **frame(fresh, "Chevalets", "chevalets"),
            title="Chevalets",
            plates=tuple(
                papers.Plate(
                    first_name=member.first_name,
                    last_name=member.last_name.upper(),
                    quality=_quality(member, words),
                )
                for member in _at_opening(fresh).members
                if member.capacity is not Capacity.SUBSTITUTE or member.key in expected
            ),
        )
    )


def _at_opening(meeting: Meeting) -> Composition:
    """The members with the offices that they hold when the sitting opens."""
    return meeting.sitting.offices_at(meeting.sitting.at_opening)


def _quality(member: Member, words: BodyWords) -> str:
    """ "présidente, Brume Agglo"."""
    community = member.community if member.community != member.constituency else ""
    parts = [office_of(member, words), community]
    if member.capacity is Capacity.SUBSTITUTE:
        parts.insert(0, french.agree("suppléant", feminine=member.civility == "Mme"))
    return ", ".join(part for part in parts if part)


# --- What is foreseen -------------------------------------------------------------------------


def _foreseen(meeting: Meeting, answers: Iterable[Answer]) -> dict[str, str]:
    """Key of a member → what he said of his coming, and whose seat or proxy he carries."""
    composition = meeting.basis.composition
    by_mandate = {member.mandate: member for member in composition.members}
    told: dict[str, list[str]] = {}

    def say(member: Member, text: str) -> None:
        told.setdefault(member.key, []).append(text)

    for answer in answers:
        member = by_mandate.get(answer.mandate_id)
        if member is None:
            continue
        feminine = member.civility == "Mme"
        if answer.word == "distance":
            say(member, "à distance")
        if answer.word != "excuse":
            continue
        say(member, french.agree("excusé", feminine=feminine))
        if other := by_mandate.get(answer.substitute_id):
            say(member, f"{french.agree('suppléé', feminine=feminine)} par {named(other)}")
            say(other, f"supplée {named(member)}")
        if other := by_mandate.get(answer.holder_id):
            _carry(member, other, say, pending=" (à confirmer)" if answer.doubt else "")
    if not told:
        state = meeting.sitting.at_opening
        for giver, holder in state.living_proxies.items():
            _carry(composition[giver], composition.someone(holder), say)
    return {key: french.capitalise(", ".join(parts)) for key, parts in told.items()}


def _carry(
    giver: Member, holder: Member, say: Callable[[Member, str], None], *, pending: str = ""
) -> None:
    say(giver, f"pouvoir à {named(holder)}{pending}")
    say(holder, f"porte le pouvoir {french.contract('de', named(giver))}{pending}")


def _substitutes(meeting: Meeting, answers: Iterable[Answer]) -> list[str]:
    """Keys of the substitutes who are announced, or who already sit."""
    by_mandate = {member.mandate: member for member in meeting.basis.composition.members}
    announced = [
        by_mandate[answer.substitute_id].key
        for answer in answers
        if answer.mandate_id in by_mandate and answer.substitute_id in by_mandate
    ]
    return [*announced, *(meeting.sitting.at_opening.occupants.values())]
