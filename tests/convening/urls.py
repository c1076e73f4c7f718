"""Who may open what in `convening`: the lines of `tests/test_access.py` for this room."""

from datetime import timedelta

from django.utils import timezone

from convening import desk, tokens
from convening.actions import asking, inviting, reminding
from tests.cast import Cast
from tests.convening import dispatched
from tests.convening.sent import Sent, make_sent
from tests.test_access import ADMINISTRATION, CLERKS, DELEGATE, SECRETARIAT, Line

# --- What the pages are about -----------------------------------------------------------------


def sent(cast: Cast) -> Sent:
    """A sitting of next week: the real clock runs here."""
    return make_sent(cast, held_on=timezone.localdate() + timedelta(days=5))


def a_link(cast: Cast) -> dict:
    meeting, seat = sent(cast).meeting, cast.seat(cast.claire)
    return {"token": inviting.make_invitation(meeting, seat, at=timezone.now())[1]}


def a_file_by_link(cast: Cast) -> dict:
    return a_link(cast) | {"piece": 1}


def sitting(cast: Cast) -> dict:
    return {"pk": sent(cast).meeting.pk}


def a_file(cast: Cast) -> dict:
    return sitting(cast) | {"piece": 1}


def somebody(cast: Cast) -> dict:
    return sitting(cast) | {"mandate": cast.seat(cast.claire).pk}


def a_proxy(cast: Cast) -> dict:
    """An answer whose signed form has not come back."""
    told = sent(cast)
    answer = told.says("elsa", "excuse", holder="denis", at=timezone.now())
    return {"pk": told.meeting.pk, "answer": answer.pk}


def a_question(cast: Cast) -> dict:
    told = sent(cast)
    asked = asking.ask(told.meeting, mandate=told.mandate("claire"), text="Où ?", at=timezone.now())
    return {"pk": told.meeting.pk, "question": asked.pk}


def a_reminder(cast: Cast) -> dict:
    meeting = sent(cast).meeting
    first, *_ = reminding.plan(meeting, by=None, at=timezone.now())
    return {"pk": meeting.pk, "reminder": first.pk}


def a_feed(cast: Cast) -> dict:
    return {"token": desk.feed_token(desk.make_feed(cast.claire, at=timezone.now()))}


def the_comite(cast: Cast) -> dict:
    return {"pk": cast.comite.pk}


def to_convene(cast: Cast) -> dict:
    return {"pk": dispatched.soon(cast).pk}


def a_dispatch(cast: Cast) -> dict:
    return {"pk": dispatched.dispatched(cast).pk}


def a_kept_dispatch(cast: Cast) -> dict:
    convocation = dispatched.dispatched(cast)
    convocation.recipients.filter(channel="courriel").update(state="garde", sent_at=None)
    return {"pk": convocation.pk}


def its_sitting(cast: Cast) -> dict:
    return {"pk": dispatched.dispatched(cast).meeting_id}


def a_recipient(cast: Cast) -> dict:
    return {"pk": dispatched.recipient(cast).pk}


def a_failed_sitting(cast: Cast) -> dict:
    return {"pk": dispatched.lacking_quorum(cast).pk}


def a_mail(cast: Cast) -> dict:
    return {"pk": dispatched.kept_mail(cast).pk}


def a_mailed_file(cast: Cast) -> dict:
    return a_mail(cast) | {"sha256": "c" * 64}


def a_mailed_link(cast: Cast) -> dict:
    return {"token": tokens.dossier_of(dispatched.recipient(cast))}


def a_sent_file(cast: Cast) -> dict:
    return a_mailed_link(cast) | {"rank": 0}


def a_stuck_notice(cast: Cast) -> dict:
    return {"pk": dispatched.stuck_notice(cast).pk}


def a_stuck_letter(cast: Cast) -> dict:
    return {"pk": dispatched.stuck_letter(cast).pk}


def word(cast: Cast) -> dict:
    return {"word": "present"}


# --- Who may ----------------------------------------------------------------------------------

NOTED = (302, 409, 422)  # noted, or said why not


def of_one(name: str, kwargs, allowed, post: tuple[int, ...] = (), **extra) -> Line:
    """The page of one object; `post` are the answers to what is posted there."""
    posted = {"method": "post", "success": post} if post else {}
    told = {"kwargs": kwargs, "allowed": allowed, "of_an_object": True}
    return Line(name=f"convening:{name}", **told, **posted | extra)


def by_secretary(name: str, kwargs=sitting, post: tuple[int, ...] = (), **extra) -> Line:
    return of_one(name, kwargs, (SECRETARIAT,), post, **extra)


def by_clerks(name: str, kwargs=a_dispatch, **extra) -> Line:
    return of_one(name, kwargs, CLERKS, **extra)


def at_desk(name: str, kwargs=sitting, post: tuple[int, ...] = (), **extra) -> Line:
    return of_one(f"sitting{name}", kwargs, (DELEGATE,), post, **extra)


def in_public(name: str, kwargs=a_link, **extra) -> Line:
    return Line(name=f"convening:{name}", kwargs=kwargs, public=True, **extra)


def of_delegates(name: str, **extra) -> Line:
    return Line(name=f"convening:{name}", allowed=(DELEGATE,), **extra)


REFUSED = {"method": "post", "success": (422,)}
MADE = {"method": "post", "success": (302,)}

TABLE: list[Line] = [
    # An answer, by the link and at the desk
    in_public("invitation"),
    in_public("invitation_answer", **REFUSED),
    in_public("invitation_ask", **REFUSED),
    in_public("invitation_proxy"),
    in_public("invitation_sign", **REFUSED),
    in_public("invitation_reader"),
    in_public("invitation_dossier", success=(404,)),
    in_public("invitation_file", a_file_by_link, success=(404,)),
    at_desk(""),
    at_desk("_answer", post=(302,), data=word),
    at_desk("_ask", post=(422,)),
    at_desk("_proxy"),
    at_desk("_sign", post=(422,)),
    at_desk("_reader"),
    at_desk("_dossier", success=(404,)),
    at_desk("_file", a_file, success=(404,)),
    # The board
    by_secretary("person", somebody),
    by_secretary("person_answer", somebody, NOTED),
    by_secretary("person_proxy", somebody),
    by_secretary("person_sign", somebody, NOTED),
    by_secretary("person_renew", somebody, NOTED),
    by_secretary("board"),
    by_secretary("note", post=NOTED),
    by_secretary("suggest", post=NOTED),
    by_secretary("roll"),
    by_secretary("roll", post=NOTED),
    by_secretary("signed_proxy", a_proxy, success=(404,)),
    by_secretary("reply", a_question, NOTED),
    by_secretary("add_reminder", post=NOTED),
    by_secretary("usual_reminders", post=NOTED),
    by_secretary("remind", post=NOTED),
    by_secretary("remove_reminder", a_reminder, NOTED),
    by_secretary("attendance_sheet"),
    by_secretary("name_plates"),
    # The desk of a delegate
    of_delegates("desk"),
    of_delegates("attendance"),
    of_delegates("profile"),
    of_delegates("make_feed", **MADE),
    of_delegates("drop_feed", **MADE),
    in_public("calendar", a_feed),
    # Convening
    of_one(
        "prepare",
        its_sitting,
        (SECRETARIAT, ADMINISTRATION, DELEGATE),
        success=(200, 302),  # a delegate is led to the sitting itself
    ),
    by_secretary("prepare", to_convene, (302,)),
    by_secretary("send", to_convene),
    by_secretary("send", to_convene, (200,)),
    by_secretary("draft_dossier", to_convene),
    by_secretary("draft_mail", to_convene),
    by_secretary("drop", to_convene, (302,)),
    by_secretary("newcomers", its_sitting, (302,)),
    by_secretary("rectify", its_sitting, (302,)),
    by_secretary("move", its_sitting),
    by_secretary("move", its_sitting, (422,)),
    by_secretary("cancel", to_convene),
    by_secretary("cancel", to_convene, (422,)),
    by_secretary("second_call", a_failed_sitting),
    by_secretary("second_call", a_failed_sitting, (422,)),
    # What was sent
    by_clerks("ledger"),
    by_clerks("progress"),
    by_clerks("ledger_csv"),
    by_clerks("dossier"),
    by_clerks("certificate"),
    by_secretary("letters", a_dispatch),
    by_secretary("labels", a_dispatch),
    by_secretary("mail_merge", a_kept_dispatch),
    by_secretary("hand_over", a_dispatch, (422,)),
    by_secretary("correct", a_dispatch, (302,)),
    by_clerks("recipient", a_recipient),
    by_secretary("resend", a_recipient, (422,)),
    by_secretary("bounce", a_recipient, (302,)),
    by_secretary("print_instead", a_recipient, (302,)),
    in_public("sent_dossier", a_mailed_link),
    in_public("sent_file", a_sent_file),
    Line(name="convening:outbox", allowed=CLERKS),
    # For whoever says BOUNCES_TOKEN: see test_bounces.
    Line(name="convening:returned", method="post", public=True, success=(404,)),
    Line(name="convening:stuck", allowed=CLERKS),
    by_secretary("stuck_notice", a_stuck_notice, (302,)),
    of_one("stuck_letter", a_stuck_letter, (ADMINISTRATION,), (302,)),
    Line(name="convening:outbox_empty", allowed=(SECRETARIAT,), **MADE),
    by_clerks("outbox_mail", a_mail),
    by_clerks("outbox_html", a_mail),
    by_clerks("outbox_source", a_mail),
    by_clerks("outbox_file", a_mailed_file, success=(404,)),
    # The year of a body
    of_one("year", the_comite, (SECRETARIAT, ADMINISTRATION, DELEGATE)),
    by_secretary("year_send", the_comite),
    by_secretary("year_send", the_comite, (422,)),
    by_clerks("year_paper", the_comite),
    by_clerks("year_workbook", the_comite),
]
