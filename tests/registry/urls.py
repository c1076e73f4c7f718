"""Who may open what in `registry`: the lines of `tests/test_access.py` for this room."""

from datetime import date, datetime, time

from django.utils import timezone

from documents import actions as documents
from documents.models import IssuedDocument
from law import ballots
from meetings import actions as sittings
from meetings.models import Meeting
from registry import actions
from tests.cast import Cast
from tests.test_access import SECRETARIAT, Line

AT = timezone.make_aware(datetime(2026, 7, 8, 9, 30))


def closed(cast: Cast, on: date, title: str) -> Meeting:
    """A sitting of the Comité, held and closed; everything on its agenda adopted."""
    by = cast.secretariat
    meeting = sittings.create_meeting(
        body=cast.comite, held_on=on, starts_at=time(18), place="dans ses locaux", by=by
    )
    sittings.add_item(meeting, title=title, text="<p>Le Comité en débat.</p>", by=by)
    members = [member.key for member in meeting.basis.composition.titulars]
    sittings.set_roll(meeting, standings=dict.fromkeys(members, "present"), by=by)
    sittings.set_conduct(
        meeting,
        chair="alice-arnaud",
        clerks=["claire-caron"],
        opened_at=datetime.combine(on, time(18)),
        closed_at=datetime.combine(on, time(20)),
        by=by,
    )
    for key in meeting.agenda.keys:
        sittings.hold_ballot(meeting, ballot=ballots.Ballot(item=key), by=by)
    return meeting


def a_closed_sitting(cast: Cast) -> dict:
    return {"pk": closed(cast, date(2026, 6, 9), "Budget").pk}


def a_deliberation(cast: Cast) -> dict:
    meeting = closed(cast, date(2026, 6, 9), "Budget")
    (deliberation,) = actions.number(meeting, by=cast.secretariat, at=AT)
    return {"pk": meeting.pk, "deliberation": deliberation.pk}


def adopted_minutes(cast: Cast) -> IssuedDocument:
    """Minutes adopted by the next sitting; Claire kept them. Nothing is signed: who may ask
    for a signature does not depend on it, and cryptography is slow."""
    june = closed(cast, date(2026, 6, 9), "Budget")
    minutes = documents.issue_minutes(june, by=cast.secretariat, at=AT)
    july = closed(cast, date(2026, 7, 7), "Tarifs")
    actions.record_adoptions(july, by=cast.secretariat, at=AT)
    return minutes


def minutes(cast: Cast) -> dict:
    return {"pk": adopted_minutes(cast).pk}


def a_place(cast: Cast) -> dict:
    return minutes(cast) | {"place": "secretaire-1"}


def reads(name: str, kwargs, **extra) -> Line:
    return Line(name=f"registry:{name}", kwargs=kwargs, of_an_object=True, **extra)


def keeps(name: str, kwargs, *, method: str = "post", **extra) -> Line:
    extra.setdefault("success", (200,) if method == "get" else (302, 422))
    return reads(name, kwargs, method=method, allowed=(SECRETARIAT,), **extra)


def a_register(cast: Cast) -> dict:
    """The register of the Comité, one deliberation numbered."""
    meeting = Meeting.objects.get(pk=a_deliberation(cast)["pk"])
    return {"pk": meeting.body_id}


def a_year(cast: Cast) -> dict:
    return a_register(cast) | {"year": 2026}


def a_table(cast: Cast) -> dict:
    return a_year(cast) | {"by": "dates"}


TABLE: list[Line] = [
    reads("register", a_register),
    reads("register_year", a_year),
    # Nothing is issued: the page says so again.
    reads("volume", a_year, success=(302,)),
    reads("table", a_table),
    reads("acts", a_closed_sitting),
    keeps("number", a_closed_sitting),
    keeps("issue_acts", a_closed_sitting),
    keeps("prepare_acts", a_closed_sitting),
    reads("sign_acts", a_closed_sitting),
    # Whoever reads may press; what awaits somebody else is not signed: see test_acts_issue.
    reads("sign_acts", a_closed_sitting, method="post", success=(302,)),
    keeps("adopt", a_closed_sitting),
    keeps("link", a_deliberation, method="get"),
    keeps("link", a_deliberation),
    reads("signatures", minutes),
    reads("current", minutes),
    keeps("prepare", minutes),
    # Whoever reads may press; only the person of the place is not refused: see test_pages.
    reads("sign", a_place, method="post", success=(302, 422)),
    reads("upload_signed", a_place, method="post", success=(302, 422)),
    keeps("upload_sheet", a_place),
    # Nobody signed by hand: there is no sheet for anybody.
    reads("sheet", a_place, success=(403,)),
]
