"""Reminders: at the times set, to those who have not answered, once."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from convening.actions import answering, reminding
from convening.models import Answer, Notice, Recipient, Reminder
from law.findings import Refused
from meetings.actions import preparing
from meetings.models import Meeting
from members.models import Person
from tests.cast import change, make_cast, make_mandate, make_person
from tests.live.threads import at_once
from tests.words import refused, text, unsaid

PARIS = ZoneInfo("Europe/Paris")
HELD_ON = date(2026, 6, 9)


def on(day: int, clock: str = "09:00", month: int = 6) -> datetime:
    """on(6) is 6 June 2026 at 9 h, in Paris."""
    return datetime.combine(date(2026, month, day), time.fromisoformat(clock), PARIS)


@pytest.fixture
def meeting(cast) -> Meeting:
    """The Comité of 9 June 2026 at 19 h, convened; everybody has an address but Farid."""
    for person in Person.objects.filter(organisation=cast.organisation):
        change(person, email=f"{person.first_name}@brume.example".lower())
    Person.objects.filter(pk=cast.farid.pk).update(email="")
    when = {"held_on": HELD_ON, "starts_at": time(19), "convened_on": date(2026, 6, 1)}
    return preparing.create_meeting(body=cast.comite, **when, by=cast.secretariat)


def says(cast, meeting, name: str, word: str, **to) -> None:
    said = {role: cast.seat(getattr(cast, who)) for role, who in ({"mandate": name} | to).items()}
    answering.answer(meeting, **said, word=word, via=Answer.Via.LINK, at=on(2))


def reminded() -> list[str]:
    rows = Notice.objects.filter(once__startswith="relance-").order_by("pk")
    return [row.mandate.person.first_name for row in rows.select_related("mandate__person")]


def plan(at: datetime) -> list[datetime]:
    reminding.plan(Meeting.objects.get(), by=None, at=at)
    return [reminder.due_at for reminder in Reminder.objects.order_by("due_at")]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_planned_twice_at_once_they_are_planned_once():
    meeting = preparing.create_meeting(
        body=make_cast().comite, held_on=HELD_ON, starts_at=time(19), by=None
    )
    at_once(lambda _: reminding.plan(meeting, by=None, at=on(1)), range(4))
    assert [each.due_at for each in Reminder.objects.order_by("due_at")] == [on(6), on(8)]


@pytest.mark.parametrize(
    ("held_on", "at", "due"),
    [
        pytest.param(HELD_ON, on(1), [on(6), on(8)], id="trois jours et un jour avant, à 9 h"),
        pytest.param(HELD_ON, on(7), [on(8)], id="celles qui sont à venir"),
        pytest.param(  # summer time ends on the 25th
            date(2026, 10, 27),
            on(1, month=10),
            [on(24, month=10), on(26, month=10)],
            id="une heure de la pendule",
        ),
        pytest.param(
            date(2026, 12, 28),
            on(1, month=12),
            [on(24, month=12), on(26, month=12)],
            id="ni à Noël, ni un dimanche",
        ),
        pytest.param(
            date(2026, 5, 4),
            on(1, month=4),
            [on(30, month=4), on(2, month=5)],
            id="ni le 1er mai",
        ),
    ],
)
def test_the_usual_times(meeting, held_on, at, due):
    Meeting.objects.update(held_on=held_on)
    assert plan(at) == due


def test_a_sitting_that_moves_takes_them_along(meeting):
    plan(on(1))
    Reminder.objects.filter(due_at=on(6)).update(done_at=on(6))
    Meeting.objects.update(held_on=date(2026, 6, 16))
    assert plan(on(7)) == [on(6), on(13), on(15)]


def test_those_who_have_not_answered_are_reminded_once(cast, meeting):
    plan(on(1))
    says(cast, meeting, "alice", "present")
    assert reminding.run_due(on(6, "08:59")) == 0
    assert reminding.run_due(on(6)) == 4
    assert reminding.run_due(on(6, "09:01")) == 0
    assert reminded() == ["Bruno", "Claire", "Denis", "Elsa"]
    says(cast, meeting, "bruno", "present")  # his still waits in the queue
    assert reminded() == ["Claire", "Denis", "Elsa"]


def test_a_substitute_is_reminded_only_when_somebody_sends_him(cast, meeting):
    plan(on(1))
    says(cast, meeting, "claire", "excuse", substitute="gaelle")
    reminding.run_due(on(6))
    assert reminded() == ["Alice", "Bruno", "Gaëlle", "Denis", "Elsa"]
    mail = Notice.objects.get(once__startswith="relance-", mandate__person=cast.gaelle)
    assert "Mme\u00a0Claire CARON vous demande de siéger à sa place" in mail.body


def test_killed_in_the_middle_it_is_done_again_whole_and_with_the_next_makes_one_mail(meeting):
    plan(on(1))

    @transaction.atomic
    def die_before_the_end() -> None:
        reminding.run_due(on(6))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die_before_the_end()
    assert reminded() == [] and Reminder.objects.filter(done_at=None).count() == 2
    assert reminding.run_due(on(8, "12:00")) == 5  # several that are late make one mail
    assert not Reminder.objects.filter(done_at=None).exists()


def test_nobody_is_reminded_of_what_cannot_be_answered(meeting):
    for state in (
        {"stage": Meeting.Stage.OPEN},
        {"stage": Meeting.Stage.CANCELLED},
        {"stage": Meeting.Stage.PREPARED, "convened_on": None},
    ):
        Reminder.objects.all().delete()
        plan(on(1))
        Meeting.objects.update(**state)
        assert reminding.run_due(on(6)) == 0 and reminded() == []


def test_nobody_is_reminded_of_what_never_reached_him(cast, convened, secretary):
    """Mails kept for want of a server, letters still to be posted convened nobody; one that fell
    due while they were on their way was « faite »."""
    states, rows = Recipient.State, Recipient.objects
    plan(on(1))
    assert reminding.run_due(on(6)) == 0 and reminded() == []
    rows.update(state=states.KEPT)
    Reminder.objects.create(meeting=convened.meeting, due_at=on(5), done_at=on(5))
    page = secretary.get(reverse("convening:board", args=[convened.meeting_id])).text
    assert page.count("sans objet\u00a0: convocation non remise") == 2 and "faite" not in page
    Reminder.objects.all().delete()
    plan(on(1))
    assert reminding.run_due(on(6)) == 0 and reminded() == []
    assert [each.due_at for each in Reminder.objects.all()] == [on(8)]  # none says that it left
    rows.filter(name__endswith="CARON").update(state=states.ELSEWHERE, sent_at=on(7))
    assert reminding.run_due(on(8)) == 1 and reminded() == ["Claire"]


def test_whoever_was_never_convened_is_asked_for_no_answer(cast, convened):
    """« Votre réponse est attendue », of somebody who came in since and to whom nothing went, or
    whose only mail came back; her mandate may be another since, she is the same person."""
    states, rows = Recipient.State, Recipient.objects
    rows.update(state=states.SENT, sent_at=on(1))
    make_mandate(cast.comite, make_person(cast.organisation, "Zoé", "ZELLER", email="z@b.example"))
    rows.filter(name__endswith="BESSON").update(state=states.BOUNCED)
    rows.filter(name__endswith="CARON").update(state=states.KEPT, sent_at=None)
    plan(on(1))
    reminding.run_due(on(6))
    assert not {"Zoé", "Bruno", "Claire"} & set(reminded()) and "Alice" in reminded()


def test_without_a_server_a_reminder_says_that_it_stays_here(convened, secretary, settings):
    """The page promised a mail, then said « faite »."""
    board = reverse("convening:board", args=[convened.meeting_id])
    Meeting.objects.update(held_on=timezone.localdate() + timedelta(days=10))
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=timezone.now())
    page = text(secretary.get(board))
    assert unsaid(page, "6 personnes, qui n’ont pas répondu, reçoivent un courriel.") == []
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    page = text(secretary.get(board))
    told = "6 relances seront gardées dans la boîte d’envoi, et personne ne recevra rien."
    assert unsaid(page, told) == [] and "un courriel" not in page
    remind = reverse("convening:remind", args=[convened.meeting_id])
    page = text(secretary.post(remind, follow=True))
    told = "6 relances gardées dans la boîte d’envoi : aucune n’est partie."
    assert unsaid(page, told, "préparée, non partie") == [] and "faite</p>" not in page


def test_a_time_that_cannot_be(cast, meeting):
    plan(on(1))
    for due_at, at, code in (
        (on(2), on(3), "relance_passee"),
        (on(9, "19:00"), on(3), "relance_tardive"),  # at the hour of the sitting
        (on(6), on(3), "relance_double"),
        (on(6, "10:00"), on(10), "seance_passee"),
    ):
        with refused(code):
            reminding.add(meeting, due_at=due_at, by=cast.secretariat, at=at)


def test_those_who_have_not_answered_are_asked_at_once_and_once_a_day(cast, meeting):
    says(cast, meeting, "alice", "present")
    made = reminding.remind(meeting, by=cast.secretariat, at=on(3))
    assert made == len(reminded()) > 0 and "Alice" not in reminded()
    for at, code in ((on(3, "18:00"), "relance_recente"), (on(10), "seance_passee")):
        with refused(code):
            reminding.remind(meeting, by=cast.secretariat, at=at)
    assert reminding.remind(meeting, by=cast.secretariat, at=on(5)) == made
    change(meeting, convened_on=None)
    with refused("relance_sans_convocation"):
        reminding.remind(meeting, by=cast.secretariat, at=on(7))


def test_one_is_added_told_in_words_and_taken_back_unless_it_has_left(cast, meeting):
    reminder = reminding.add(meeting, due_at=on(5), by=cast.secretariat, at=on(3))
    reminding.remove(reminder, by=cast.secretariat)
    assert not Reminder.objects.exists()
    reminder = reminding.add(meeting, due_at=on(5), by=cast.secretariat, at=on(3))
    reminding.run_due(on(5))
    with pytest.raises(Refused):
        reminding.remove(reminder, by=cast.secretariat)
    told = meeting.deeds.filter(verb__startswith="reminder").values_list("words", "by__email")
    day = "vendredi 5\u00a0juin à 9\u00a0h"
    (first, who), (second, _) = reversed(told[1:])
    assert (first, second) == (f"Relance prévue le {day}", f"Relance du {day} retirée")
    assert who == cast.secretariat.email
    reminder.due_at = on(6, "09:05")
    assert reminding.hour_of(reminder) == "samedi 6\u00a0juin à 9\u00a0h\u00a005"
