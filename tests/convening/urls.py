"""Who may open what in `convening`: the lines of `tests/test_access.py` for this room."""

from datetime import timedelta

from django.utils import timezone

from convening import desk, tokens
from convening.actions import asking, inviting, reminding
from tests.cast import Cast
from tests.convening import dispatched
from tests.convening.sent import Sent, make_sent
from tests.test_access import ADMINISTRATION, CLERKS, DELEGATE, SECRETARIAT, Line

TABLE: list[Line] = []

# --- Answers, the board, the desk -------------------------------------------------------------


def sent(cast: Cast) -> Sent:
    """A sitting of next week: the real clock runs here."""
    return make_sent(cast, held_on=timezone.localdate() + timedelta(days=5))


def by_link(cast: Cast) -> dict:
    return {
        "token": inviting.make_invitation(
            sent(cast).meeting, cast.seat(cast.claire), at=timezone.now()
        )[1]
    }


def sitting(cast: Cast) -> dict:
    return {"pk": sent(cast).meeting.pk}


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
    told = sent(cast)
    return {
        "pk": told.meeting.pk,
        "reminder": reminding.plan(told.meeting, by=None, at=timezone.now())[0].pk,
    }


def a_feed(cast: Cast) -> dict:
    return {"token": desk.feed_token(desk.make_feed(cast.claire, at=timezone.now()))}


def answers_by_link(name: str, method: str = "get", **extra) -> Line:
    return Line(
        name=f"convening:invitation{name}", method=method, kwargs=by_link, public=True, **extra
    )


def answers_at_desk(name: str, method: str = "get", kwargs=sitting, **extra) -> Line:
    return Line(
        name=f"convening:sitting{name}",
        method=method,
        kwargs=kwargs,
        allowed=(DELEGATE,),
        of_an_object=True,
        **extra,
    )


def on_board(name: str, method: str = "get", kwargs=sitting, **extra) -> Line:
    extra.setdefault("success", (200,) if method == "get" else (302, 409, 422))
    return Line(
        name=f"convening:{name}",
        method=method,
        kwargs=kwargs,
        allowed=(SECRETARIAT,),
        of_an_object=True,
        **extra,
    )


def on_desk(name: str, method: str = "get", **extra) -> Line:
    return Line(name=f"convening:{name}", method=method, allowed=(DELEGATE,), **extra)


def word(cast: Cast) -> dict:
    return {"word": "present"}


TABLE += [
    answers_by_link(""),
    answers_by_link("_answer", "post", success=(422,)),
    answers_by_link("_ask", "post", success=(422,)),
    answers_by_link("_proxy"),
    answers_by_link("_sign", "post", success=(422,)),
    answers_by_link("_reader"),
    answers_by_link("_dossier", success=(404,)),
    Line(
        name="convening:invitation_file",
        kwargs=lambda cast: by_link(cast) | {"piece": 1},
        public=True,
        success=(404,),
    ),
    answers_at_desk(""),
    answers_at_desk("_answer", "post", data=word, success=(302,)),
    answers_at_desk("_ask", "post", success=(422,)),
    answers_at_desk("_proxy"),
    answers_at_desk("_sign", "post", success=(422,)),
    answers_at_desk("_reader"),
    answers_at_desk("_dossier", success=(404,)),
    answers_at_desk("_file", kwargs=lambda cast: sitting(cast) | {"piece": 1}, success=(404,)),
    on_board("person", kwargs=somebody),
    on_board("person_answer", "post", kwargs=somebody),
    on_board("person_proxy", kwargs=somebody),
    on_board("person_sign", "post", kwargs=somebody),
    on_board("person_renew", "post", kwargs=somebody),
    on_board("board"),
    on_board("note", "post"),
    on_board("suggest", "post"),
    on_board("roll"),
    on_board("roll", "post"),
    on_board("signed_proxy", kwargs=a_proxy, success=(404,)),
    on_board("reply", "post", kwargs=a_question),
    on_board("add_reminder", "post"),
    on_board("usual_reminders", "post"),
    on_board("remove_reminder", "post", kwargs=a_reminder),
    on_board("attendance_sheet"),
    on_board("name_plates"),
    on_desk("desk"),
    on_desk("attendance"),
    on_desk("profile"),
    on_desk("make_feed", "post", success=(302,)),
    on_desk("drop_feed", "post", success=(302,)),
    Line(name="convening:calendar", kwargs=a_feed, public=True),
]

# --- Convening, and following what was sent ---------------------------------------------------


def to_convene(cast: Cast) -> dict:
    return {"pk": dispatched.soon(cast).pk}


def a_dispatch(cast: Cast) -> dict:
    return {"pk": dispatched.dispatched(cast).pk}


def its_sitting(cast: Cast) -> dict:
    return {"pk": dispatched.dispatched(cast).meeting_id}


def a_recipient(cast: Cast) -> dict:
    return {"pk": dispatched.recipient(cast).pk}


def a_failed_sitting(cast: Cast) -> dict:
    return {"pk": dispatched.lacking_quorum(cast).pk}


def a_mail(cast: Cast) -> dict:
    return {"pk": dispatched.kept_mail(cast).pk}


def a_link(cast: Cast) -> dict:
    return {"token": tokens.dossier_of(dispatched.recipient(cast))}


def by_secretary(name: str, kwargs=to_convene, *, method: str = "get", **extra) -> Line:
    return Line(
        name=f"convening:{name}",
        method=method,
        kwargs=kwargs,
        allowed=(SECRETARIAT,),
        of_an_object=True,
        **extra,
    )


def by_clerks(name: str, kwargs=a_dispatch, **extra) -> Line:
    return Line(name=f"convening:{name}", kwargs=kwargs, allowed=CLERKS, of_an_object=True, **extra)


TABLE += [
    Line(
        name="convening:prepare",
        kwargs=its_sitting,
        allowed=(SECRETARIAT, ADMINISTRATION, DELEGATE),
        of_an_object=True,
        success=(200, 302),  # a delegate is led to the sitting itself
    ),
    by_secretary("prepare", method="post", success=(302,)),
    by_secretary("send"),
    by_secretary("send", method="post"),
    by_secretary("draft_dossier"),
    by_secretary("draft_mail"),
    by_secretary("drop", method="post", success=(302,)),
    by_secretary("rectify", its_sitting, method="post", success=(302,)),
    by_secretary("move", its_sitting),
    by_secretary("move", its_sitting, method="post", success=(422,)),
    by_secretary("cancel"),
    by_secretary("cancel", method="post", success=(422,)),
    by_secretary("second_call", a_failed_sitting),
    by_secretary("second_call", a_failed_sitting, method="post", success=(422,)),
    by_clerks("ledger"),
    by_clerks("progress"),
    by_clerks("ledger_csv"),
    by_clerks("dossier"),
    by_clerks("certificate"),
    by_secretary("letters", a_dispatch),
    by_secretary("labels", a_dispatch),
    by_secretary("hand_over", a_dispatch, method="post", success=(422,)),
    by_clerks("recipient", a_recipient),
    by_secretary("resend", a_recipient, method="post", success=(422,)),
    by_secretary("bounce", a_recipient, method="post", success=(302,)),
    by_secretary("print_instead", a_recipient, method="post", success=(302,)),
    Line(name="convening:sent_dossier", kwargs=a_link, public=True),
    Line(name="convening:sent_file", kwargs=lambda cast: a_link(cast) | {"rank": 0}, public=True),
    Line(name="convening:outbox", allowed=CLERKS),
    Line(name="convening:outbox_empty", method="post", allowed=(SECRETARIAT,), success=(302,)),
    *(
        Line(
            name=f"convening:outbox_{name}",
            kwargs=lambda cast, more=more: a_mail(cast) | more,
            allowed=CLERKS,
            of_an_object=True,
            success=success,
        )
        for name, more, success in (
            ("mail", {}, (200,)),
            ("html", {}, (200,)),
            ("source", {}, (200,)),
            ("file", {"sha256": "c" * 64}, (404,)),
        )
    ),
]
