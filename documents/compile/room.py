"""From a sitting to what lies on the tables: sheet to sign, sheets to vote on, name plates."""

from collections.abc import Callable, Mapping
from typing import Any

from documents import papers
from documents.compile.shared import (
    appointment,
    cleaned,
    issuer_of,
    named,
    office_of,
    prepared,
    rapporteur,
    signatory,
)
from law import french, quorum, sitting
from law.assembly import Capacity, Member
from meetings.models import AgendaItem, Meeting

_BLANKS = 4  # lines for those whom nobody foresaw


def compile_attendance_sheet(
    meeting: Meeting, *, foreseen: Mapping[str, str] | None = None
) -> papers.AttendanceSheetDocument:
    """The sheet to sign. `foreseen` says what is known of a member, by his key; by default what
    was answered to the convocation, else what the roll already says."""
    fresh = prepared(meeting)
    composition = fresh.basis.composition
    known = _foreseen(fresh) if foreseen is None else foreseen
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
    colleges, rank = [], 0
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
                    quality=_quality(member),
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
            **_heading(fresh, "Feuille d’émargement", "emargement"),
            facts=appointment(fresh),
            figures=tuple(figures),
            colleges=tuple(colleges),
            blanks=_BLANKS,
            certified="Feuille certifiée exacte à la clôture de la séance.",
            signatories=(
                signatory(composition),
                papers.Signatory(office="Le secrétaire de séance", name=""),
            ),
        )
    )


def compile_voting_sheets(meeting: Meeting) -> papers.VotingSheetDocument:
    """Sheets to vote on paper, should the screens fail: one block for each point put to the
    vote."""
    fresh = prepared(meeting)
    composition = fresh.basis.composition
    groups: dict[str, list[papers.Voter]] = {}
    for member in composition.titulars:
        weight = french.count(member.weight, "voix") if composition.is_weighted else ""
        voter = papers.Voter(name=named(member), note=weight)
        groups.setdefault(member.constituency, []).append(voter)
    return cleaned(
        papers.VotingSheetDocument(
            **_heading(fresh, "Feuilles de vote", "votes"),
            items=tuple(
                papers.VotingItem(
                    number=node.number,
                    title=french.nbsp(node.item.title.strip()),
                    rapporteur=rapporteur(node.item.rapporteur, composition),
                    is_election=node.item.kind == AgendaItem.Kind.ELECTION,
                )
                for node in fresh.agenda.nodes
                if node.item.kind in _VOTED
            ),
            colleges=tuple(
                papers.VotingCollege(name=name, voters=tuple(voters))
                for name, voters in groups.items()
            ),
        )
    )


_VOTED = {
    AgendaItem.Kind.URGENCY,
    AgendaItem.Kind.APPROVAL,
    AgendaItem.Kind.DELIBERATION,
    AgendaItem.Kind.EXAMINATION,
    AgendaItem.Kind.ELECTION,
}


def compile_name_plates(meeting: Meeting) -> papers.NamePlatesDocument:
    """A plate for each titular and consultative member, and for each substitute who is expected
    or already there."""
    fresh = prepared(meeting)
    composition = fresh.basis.composition
    expected = set(_substitutes(fresh))
    heading = _heading(fresh, "Chevalets", "chevalets")
    del heading["subtitle"]
    return cleaned(
        papers.NamePlatesDocument(
            **heading,
            plates=tuple(
                papers.Plate(
                    first_name=member.first_name,
                    last_name=member.last_name.upper(),
                    quality=_quality(member),
                )
                for member in composition.members
                if member.capacity is not Capacity.SUBSTITUTE or member.key in expected
            ),
        )
    )


def _heading(meeting: Meeting, title: str, slug: str) -> dict[str, Any]:
    body, held_on = meeting.body, french.long_date(meeting.held_on)
    return {
        "held_on": meeting.held_on,
        "name": f"{title}, {body.name} du {held_on}",
        "running_head": f"{body.name} · {held_on}",
        "file_name": f"{slug}-{body.slug}-{meeting.held_on.isoformat()}",
        "issuer": issuer_of(body),
        "title": title,
        "subtitle": f"{body.name} – séance du {french.long_date(meeting.held_on, weekday=True)}",
    }


def _quality(member: Member) -> str:
    """ "présidente, Brume Agglo"."""
    community = member.community if member.community != member.constituency else ""
    parts = [office_of(member), community]
    if member.capacity is Capacity.SUBSTITUTE:
        parts.insert(0, french.agree("suppléant", feminine=member.civility == "Mme"))
    return ", ".join(part for part in parts if part)


# --- What is foreseen -------------------------------------------------------------------------


def _answers(meeting: Meeting) -> list[tuple[Member, Any]]:
    """The last answer of each member to the convocation.

    Answers live on the floor above: the relation is read from here, nothing is imported.
    """
    members = {member.mandate: member for member in meeting.basis.composition.members}
    last = {answer.mandate_id: answer for answer in meeting.answers.current()}
    return [(members[pk], answer) for pk, answer in last.items() if pk in members]


def _foreseen(meeting: Meeting) -> dict[str, str]:
    """Key of a member → what he said of his coming, and whose seat or proxy he carries."""
    composition = meeting.basis.composition
    by_mandate = {member.mandate: member for member in composition.members}
    told: dict[str, list[str]] = {}

    def say(member: Member, text: str) -> None:
        told.setdefault(member.key, []).append(text)

    for member, answer in _answers(meeting):
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
            _carry(member, other, say)
    if not told:
        state = meeting.sitting.at_opening
        for giver, holder in state.living_proxies.items():
            _carry(composition[giver], composition[holder], say)
    return {key: french.capitalise(", ".join(parts)) for key, parts in told.items()}


def _carry(giver: Member, holder: Member, say: Callable[[Member, str], None]) -> None:
    say(giver, f"pouvoir à {named(holder)}")
    say(holder, f"porte le pouvoir {french.contract('de', named(giver))}")


def _substitutes(meeting: Meeting) -> list[str]:
    """Keys of the substitutes who are announced, or who already sit."""
    by_mandate = {member.mandate: member for member in meeting.basis.composition.members}
    announced = [
        by_mandate[answer.substitute_id].key
        for _, answer in _answers(meeting)
        if answer.substitute_id in by_mandate
    ]
    return [*announced, *(meeting.sitting.at_opening.occupants.values())]
