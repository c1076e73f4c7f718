"""Every screen, wide, on a telephone and at night: nobody is kept out, nothing sticks out."""

from datetime import date, time

import pytest
from django.urls import reverse
from django.utils import timezone

from documents import actions as papers
from law import ballots, sitting
from meetings.actions import decisions, items, ledger, preparing
from meetings.models import AgendaItem, Meeting


@pytest.fixture
def meeting(transactional_db, cast) -> Meeting:
    """A sitting that holds a bit of everything: sections, a text, votes, movements, warnings."""
    by = cast.secretariat
    preparing.create_meeting(body=cast.comite, held_on=date(2026, 9, 8), starts_at=time(18), by=by)
    meeting = preparing.create_meeting(
        body=cast.comite,
        held_on=date(2026, 10, 6),
        starts_at=time(18, 30),
        place="dans ses locaux",
        convened_on=date(2026, 9, 21),
        by=by,
    )
    section = items.add_item(meeting, title="Finances", kind=AgendaItem.Kind.SECTION, by=by)
    budget, works, _ = [
        items.add_item(
            meeting,
            title=title,
            parent=section,
            text="<p>Le rapporteur expose que…</p><ul><li><p>un ;</p></li></ul>",
            by=by,
        )
        for title in ("Décision modificative n° 1", "Travaux du dépôt", "Questions diverses")
    ]
    chair, first, second, third, *_ = [m.key for m in meeting.basis.composition.titulars]
    ledger.record(
        meeting,
        *(sitting.Arrived(member=key) for key in (chair, first, second)),
        sitting.Opened(chair=chair, at=meeting.scheduled_for),
        sitting.ClerksNamed(clerks=(first,)),
        sitting.Arrived(member=third, before=works.key),
        by=by,
    )
    for item, mode in ((budget, ballots.Mode.ORDINARY), (works, ballots.Mode.PUBLIC)):
        ballot = ballots.Ballot(
            item=item.key,
            mode=mode,
            choices={
                voice.seat: ballots.Choice.AGAINST if voice.seat == first else ballots.Choice.FOR
                for voice in meeting.sitting.at_item[item.key].voices
            },
        )
        decisions.hold_ballot(meeting, ballot=ballot, by=by)
    closing = meeting.scheduled_for.replace(hour=20)
    ledger.record(meeting, sitting.Closed(at=closing), by=by)
    return meeting


def test_nobody_is_kept_out_and_nothing_sticks_out(cast, meeting, walked):
    issued = papers.issue_minutes(meeting, by=cast.secretariat, at=timezone.now())
    item = meeting.items.get(title="Travaux du dépôt")
    vote, body = item.ballots.get().event.seq, meeting.body_id
    of_sitting = "detail edit delete attendance agenda ledger why".split()
    of_secretary = [
        *("home", "meetings:list", "meetings:create", "members:bodies", "members:password_change"),
        *((f"meetings:{name}", meeting.pk) for name in of_sitting),
        *((f"meetings:{name}", meeting.pk, item.key) for name in ("item", "edit_item", "why_item")),
        ("meetings:movement", meeting.pk, "proxy_given"),
        ("meetings:why_decision", meeting.pk, vote),
        ("meetings:void", meeting.pk, vote),
        ("documents:preview", meeting.pk),
        ("documents:detail", issued.pk),
        *((f"members:{name}", body) for name in ("composition", "rules", "import")),
    ]
    of_delegate = ["home", "documents:mine", ("meetings:detail", meeting.pk)]
    visits = [
        *((None, name) for name in ("members:login", "members:password_reset")),
        *((cast.delegate, name) for name in of_delegate),
        *((cast.secretariat, name) for name in of_secretary),
    ]
    paths = [
        (user, reverse(name) if isinstance(name, str) else reverse(name[0], args=name[1:]))
        for user, name in visits
    ]
    ledger_page = reverse("meetings:ledger", args=[meeting.pk])
    paths.append((cast.secretariat, f"{ledger_page}?liste=gestes"))
    paths.append((cast.secretariat, reverse("recurring:list", args=[body])))
    assert walked(paths) == []
