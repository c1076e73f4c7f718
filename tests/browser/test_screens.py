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


def screens(cast, meeting: Meeting) -> list[tuple[object, str]]:
    """Who opens which path."""
    item = AgendaItem.objects.filter(meeting=meeting, title="Travaux du dépôt").get()
    body, issued = meeting.body_id, meeting.documents.get()
    vote = item.ballots.get().event.seq
    of_secretary = [
        reverse("home"),
        reverse("meetings:list"),
        reverse("meetings:create"),
        *(
            reverse(f"meetings:{name}", args=[meeting.pk])
            for name in (
                "detail",
                "edit",
                "delete",
                "attendance",
                "agenda",
                "ledger",
                "why",
            )
        ),
        *(
            reverse(f"meetings:{name}", args=[meeting.pk, item.key])
            for name in ("item", "edit_item", "why_item")
        ),
        reverse("meetings:movement", args=[meeting.pk, "proxy_given"]),
        reverse("meetings:why_decision", args=[meeting.pk, vote]),
        reverse("meetings:void", args=[meeting.pk, vote]),
        reverse("documents:preview", args=[meeting.pk]),
        reverse("documents:detail", args=[issued.pk]),
        reverse("members:bodies"),
        *(reverse(f"members:{name}", args=[body]) for name in ("composition", "rules", "import")),
        reverse("members:password_change"),
    ]
    return [
        (None, reverse("members:login")),
        (None, reverse("members:password_reset")),
        (cast.delegate, reverse("home")),
        (cast.delegate, reverse("documents:mine")),
        (cast.delegate, reverse("meetings:detail", args=[meeting.pk])),
        *((cast.secretariat, path) for path in of_secretary),
    ]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"width": 1440}, id="wide"),
        pytest.param({"width": 390, "height": 844}, id="telephone"),
    ],
)
def test_nobody_is_kept_out_and_nothing_sticks_out(options, cast, meeting, page_of, barriers):
    papers.issue_minutes(meeting, by=cast.secretariat, at=timezone.now())
    pages, found = {}, []
    for user, path in screens(cast, meeting):
        if user not in pages:
            pages[user] = page_of(user, **options)
        page = pages[user]
        answer = page.goto(path)
        assert answer.status == 200, f"{path} : {answer.status}"
        found += [
            f"{path} : {barrier}"
            for barrier in barriers(page, also_by_night=options["width"] == 1440)
        ]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > options["width"]:
            found.append(f"{path} : {width} px de large")
    assert found == []
