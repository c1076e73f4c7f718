"""A syndicat of any size, its sittings told by the verbs that the screens call.

Nothing is random: the same size gives the same names, the same votes, the same texts.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice

from django.db import transaction

from law import ballots, sitting
from meetings.actions import items, ledger, preparing
from meetings.models import AgendaItem, Meeting
from members.models import Body, Mandate, Person, Role, User
from tests import cast

FIRST_NAMES = "Agnès Bruno Cécile Denis Élodie Franck Ghislaine Hervé Inès Jérôme".split()
LAST_NAMES = "Allart Boulogne Carpentier Delattre Étienne Fournier Gosselin Hénique".split()
COLLEGES = 3
SINCE = date(2020, 7, 1)

TEXT = """
<p>Le rapporteur rappelle que la convention conclue avec les communautés membres arrive à son
terme et que sa reconduction a été étudiée par la commission. Le coût annuel en est partagé au
prorata de la population, <strong>sans augmentation</strong> par rapport à l’exercice clos.</p>
<p>Deux délégués demandent comment seront servies les communes les plus éloignées. Il leur est
répondu que :</p>
<ul><li><p>les travaux commencent au printemps ;</p></li>
<li><p>un bilan sera présenté à l’assemblée chaque semestre.</p></li></ul>
"""


@dataclass(frozen=True)
class Syndicat:
    body: Body
    secretariat: User


def found(name: str, *, members: int) -> Syndicat:
    """A syndicat whose assembly has so many members, in three constituencies."""
    organisation = cast.make_organisation(name, siren=f"2{members:08d}")
    body = cast.make_body(
        organisation,
        "Comité syndical",
        designation="le Comité syndical",
        layout=Body.Layout.FULL,
        numbering=Body.Numbering.CONTINUOUS,
    )
    cast.make_rule_book(body)
    for rank in range(1, COLLEGES + 1):
        seats = -(-members // COLLEGES)
        cast.make_constituency(body, f"Collège n° {rank}", position=rank, seats=seats)
    for rank in range(members // 3):
        cast.make_community(organisation, f"Communauté de communes n° {rank + 1}")
    secretariat = cast.make_account(f"secretariat@{organisation.slug}.example")
    cast.make_role(secretariat, organisation, Role.Kind.SECRETARIAT)
    seat(body, range(members), start_on=SINCE)
    return Syndicat(body, secretariat)


def seat(body: Body, ranks: range, **period) -> None:
    """One titular for each rank; period: `start_on`, and `end_on` with `end_reason`."""
    organisation = body.organisation
    colleges = list(body.constituencies.all())
    communities = list(organisation.communities.all())
    people = Person.objects.bulk_create(
        Person(
            organisation=organisation,
            civility="Mme" if rank % 2 else "M.",
            first_name=FIRST_NAMES[rank % len(FIRST_NAMES)],
            last_name=f"{LAST_NAMES[rank % len(LAST_NAMES)]}-{rank + 1}",
        )
        for rank in ranks
    )
    Mandate.objects.bulk_create(
        Mandate(
            body=body,
            person=person,
            constituency=colleges[rank % len(colleges)],
            community=communities[rank % len(communities)],
            office=Mandate.Office.CHAIR if rank == 0 else Mandate.Office.MEMBER,
            **period,
        )
        for rank, person in zip(ranks, people, strict=True)
    )


def age(body: Body, *, terms: int) -> None:
    """Earlier terms of office: as many seats each time, held by other people, now ended."""
    members = body.mandates.in_office(date(2026, 9, 15)).count()
    for term in range(1, terms + 1):
        year = SINCE.year - 6 * term
        seat(
            body,
            range(term * 1000, term * 1000 + members),
            start_on=date(year, 7, 1),
            end_on=date(year + 6, 6, 30),
            end_reason=Mandate.EndReason.TERM,
        )


def prepare(syndicat: Syndicat, *, on: date, length: int, text: str = TEXT) -> Meeting:
    by = syndicat.secretariat
    with transaction.atomic():
        meeting = preparing.create_meeting(
            body=syndicat.body,
            held_on=on,
            starts_at=time(17, 30),
            place="dans ses locaux",
            convened_on=on - timedelta(days=20),
            by=by,
        )
        for rank in range(1, length + 1):
            items.add_item(
                meeting,
                title=f"Reconduction de la convention n° {rank} avec les communautés membres",
                kind=AgendaItem.Kind.DELIBERATION,
                text=text,
                by=by,
            )
    return meeting


def assemble(meeting: Meeting, *, by: User) -> None:
    """One member in ten is away and gave a proxy, one in ten is excused, the rest are present."""
    members = [member.key for member in meeting.basis.composition.titulars]
    present = [key for rank, key in enumerate(members) if rank % 10 not in (4, 7)]
    away = [key for rank, key in enumerate(members) if rank % 10 == 4]
    excused = [key for rank, key in enumerate(members) if rank % 10 == 7]
    holders = dict(zip(away, present[1:], strict=False))
    ledger.record(
        meeting,
        *(sitting.Arrived(member=key) for key in present),
        *(sitting.Excused(member=key) for key in (*away, *excused)),
        *(sitting.ProxyGiven(giver=giver, holder=holder) for giver, holder in holders.items()),
        sitting.Opened(chair=members[0], at=meeting.scheduled_for),
        sitting.ClerksNamed(clerks=(present[1],)),
        by=by,
    )


def named_vote(meeting: Meeting, item: str) -> ballots.Ballot:
    """A public ballot: everybody by name, a few against, a few abstentions."""
    choices = islice(
        cycle([ballots.Choice.FOR] * 8 + [ballots.Choice.AGAINST, ballots.Choice.ABSTAIN]),
        len(voices := meeting.sitting.at_item[item].voices),
    )
    return ballots.Ballot(
        item=item,
        mode=ballots.Mode.PUBLIC,
        choices={voice.seat: choice for voice, choice in zip(voices, choices, strict=True)},
    )


def vote(meeting: Meeting, items: list[str], *, by: User) -> None:
    """A named vote on each of these items, told as one act."""
    ledger.record(
        meeting,
        *(sitting.BallotHeld(ballot=named_vote(meeting, item)) for item in items),
        by=by,
    )


def close(meeting: Meeting, *, by: User) -> None:
    closing = datetime.combine(meeting.held_on, time(20, 15))
    ledger.record(meeting, sitting.Closed(at=closing), by=by)


def past(syndicat: Syndicat, days: range, *, decides: bool = False) -> None:
    """A short sitting on each of these days since the mandates began: a roll, three items, that it
    votes or not."""
    by = syndicat.secretariat
    for day in days:
        meeting = prepare(syndicat, on=SINCE + timedelta(days=day), length=3, text="")
        with transaction.atomic():
            assemble(meeting, by=by)
            if decides:
                vote(meeting, list(meeting.agenda.keys), by=by)
            close(meeting, by=by)
