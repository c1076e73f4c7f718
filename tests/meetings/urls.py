"""Who may open what among the sittings: the lines of `tests/test_access.py` for this room."""

import base64
from datetime import date, time

from django.core.files.uploadedfile import SimpleUploadedFile

from law import ballots
from meetings.actions import decisions, habits, items, joining, preparing
from meetings.models import Meeting, RecurringItem
from tests.cast import Cast
from tests.held import sit
from tests.test_access import CLERKS, EVERY_ROLE, SECRETARIAT, Line

HELD_ON = date(2026, 6, 9)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)


def a_sitting(cast: Cast, hours: int | None = None) -> Meeting:
    """A sitting of the Comité, everybody there, with a text saved by somebody else."""
    by = cast.secretariat
    meeting = preparing.create_meeting(body=cast.comite, held_on=HELD_ON, starts_at=time(19), by=by)
    items.add_item(meeting, title="Budget", by=by)
    return sit(meeting, by=by, hours=hours)


def sitting(cast: Cast) -> dict:
    return {"pk": a_sitting(cast).pk}


def item(cast: Cast) -> dict:
    return {"pk": a_sitting(cast).pk, "key": "p1"}


def line_of_ledger(cast: Cast) -> dict:
    meeting = a_sitting(cast)
    return {"pk": meeting.pk, "seq": meeting.events.get(kind="clerks_named").seq}


def a_ballot(cast: Cast) -> dict:
    meeting = a_sitting(cast)
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item="p1"), by=cast.secretariat)
    return {"pk": meeting.pk, "seq": meeting.events.get(kind="ballot_held").seq}


def a_piece(cast: Cast) -> dict:
    """A file joined to the item of an open sitting: its delegates may have it."""
    found = a_sitting(cast).items.get()
    png = SimpleUploadedFile("plan.png", PICTURE)
    piece, _ = joining.add_attachment(found, file=png, filename="plan.png", by=cast.secretariat)
    return {"pk": piece.pk}


def body(cast: Cast) -> dict:
    return {"pk": cast.comite.pk}


def habit(cast: Cast) -> dict:
    row = RecurringItem(body=cast.comite, title="Questions diverses", kind="divers")
    kept = habits.keep_habit(row, by=cast.secretariat)
    return body(cast) | {"habit": kept.pk}


def of_body(name: str, kwargs=body, **extra) -> Line:
    extra.setdefault("success", (302, 422) if extra.get("method") == "post" else (200,))
    return Line(name=f"recurring:{name}", kwargs=kwargs, allowed=CLERKS, of_an_object=True, **extra)


def reads(name: str, kwargs=sitting, **extra) -> Line:
    return Line(name=f"meetings:{name}", kwargs=kwargs, of_an_object=True, **extra)


def writes(name: str, kwargs=sitting, *, method: str = "post", **extra) -> Line:
    extra.setdefault("success", (200,) if method == "get" else (302, 422))
    return reads(name, kwargs, method=method, allowed=(SECRETARIAT,), **extra)


TABLE = [
    Line(name="home", success=(200, 302)),  # a delegate is led to his desk
    Line(name="meetings:list"),
    Line(name="meetings:create", allowed=(SECRETARIAT,)),
    *(reads(name) for name in ("detail", "why", "dossier")),
    reads("why_item", item),
    reads("why_decision", a_ballot),
    reads("attachment", a_piece),
    reads("ledger", allowed=CLERKS),
    *(writes(name, method="get") for name in ("edit", "delete", "attendance", "agenda")),
    *map(writes, "edit roll conduct recompose agenda adopt_all take_proposals".split()),
    writes("delete", success=(409,)),
    writes("examine", success=(404,)),
    writes("copy_agenda", success=(404,)),
    writes("copy_agenda", method="get", success=(404,)),
    writes("common", method="get", success=(404,)),
    writes("common", success=(404,)),
    *map(writes, ("do_several", "take_back")),
    writes("hours", lambda cast: sitting(cast) | {"member": "elsa-evrard"}, method="get"),
    writes("movement", lambda cast: sitting(cast) | {"kind": "left"}, method="get"),
    writes("movement", lambda cast: sitting(cast) | {"kind": "suspended"}),
    *(writes(name, item, method="get") for name in ("item", "edit_item", "brief")),
    *(writes(name, item) for name in "edit_item move_item remove_item save_text ballot".split()),
    *(writes(name, item) for name in "adopt election fate brief set_kind".split()),
    *(writes(name, item, success=(200,)) for name in ("preview_ballot", "preview_brief")),
    *(
        writes(name, item, method="get", success=(302,))
        for name in ("conflict", "brief_conflict", "attachments")
    ),
    writes("attachments", item, success=(422,)),
    writes("import_note", item, success=(422,)),
    writes("void", line_of_ledger, method="get"),
    writes("void", line_of_ledger),
    writes("rename_attachment", a_piece),
    writes("move_attachment", a_piece, data=lambda cast: {"move": "up"}, success=(302,)),
    writes("remove_attachment", a_piece, method="get"),
    writes("remove_attachment", a_piece, data=lambda cast: {"confirmed": "1"}, success=(302,)),
    of_body("list"),
    of_body("list", method="post"),
    of_body("edit", habit),
    of_body("edit", habit, method="post"),
    of_body("move", habit, method="post", data=lambda cast: {"move": "up"}),
    of_body("drop", habit, method="post"),
]

assert {who for line in TABLE for who in line.allowed} <= set(EVERY_ROLE)
