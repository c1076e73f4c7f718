"""From the mail that leaves to the roll: the real dispatch, the link in the mail, the answer."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.urls import reverse

from convening import answers, mails
from convening.actions import changing, dispatching, following, reminding
from convening.answers import Position
from convening.models import Answer, Convocation, Notice, Recipient
from meetings.models import AgendaItem, Brief, Meeting
from tests.cast import change
from tests.convening.desk import HELD_ON, NOW, SITE, convened
from tests.words import text

LATER = NOW + timedelta(days=1)


@pytest.fixture
def convocation(cast, own_directory, time_machine) -> Convocation:
    """Sent the day before."""
    time_machine.move_to(LATER, tick=False)
    return convened(cast)


@pytest.fixture
def address(convocation) -> str:
    """What Claire finds in her mail."""
    return mailed_link(of(convocation, "Claire"))


def mailed_link(row: Recipient | Notice) -> str:
    """The path of the personal link, as it stands in the mail."""
    mail = message_from_bytes(mails.write(row, at=LATER).source, policy=policy.default)
    return re.search(r"/invitation/[\w-]{43}/", mail.get_body(("plain",)).get_content())[0]


def of(convocation: Convocation, name: str) -> Recipient:
    return convocation.recipients.get(mandate__person__first_name=name)


def move(cast, meeting: Meeting, **changes) -> None:
    where = {"held_on": meeting.held_on, "starts_at": meeting.starts_at, "place": meeting.place}
    reason = {"reason": "Salle indisponible.", "by": cast.secretariat}
    moved = changing.move_meeting(meeting, **where | changes, **reason)
    dispatching.dispatch(moved, by=cast.secretariat, at=LATER, site=SITE)


def test_the_link_of_the_mail_opens_the_answer_a_reminder_brings_it_again(
    convocation, phone, address
):
    convocation.recipients.update(state=Recipient.State.SENT)
    reminding.run_due(NOW + timedelta(days=5))
    assert mailed_link(Notice.objects.get(mandate__person__first_name="Claire")) == address
    Notice.objects.all().delete()
    shown = text(phone.get(address))
    assert "Mardi 9 juin 2026" in shown and "Budget primitif" in shown
    phone.post(f"{address}reponse/", {"word": "excuse", "substitute": "gaelle-garnier"})
    to_gaelle = Notice.objects.get()
    assert "siéger à la place" in to_gaelle.subject
    phone.post(f"{mailed_link(to_gaelle)}reponse/", {"word": "present"})
    said = answers.standing(convocation.meeting)
    assert said.lines["claire-caron"].position == Position.REPLACED
    assert said.seats == {"gaelle-garnier": "claire-caron"}


def test_what_was_sent_is_what_is_read(cast, convocation, phone, address):
    """A point that is being added waits for its own convocation."""
    added = {"key": "p99", "title": "Ajouté depuis", "position": 99}
    item = AgendaItem.objects.create(meeting=convocation.meeting, **added)
    Brief.objects.create(item=item, note="<p>Pas encore envoyé.</p>")
    assert "Ajouté depuis" not in text(phone.get(address))
    shown = text(phone.get(f"{address}dossier/"))
    assert "Note sur : Budget primitif." in shown and "Pas encore envoyé" not in shown
    response = phone.get(f"{address}dossier.pdf")
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert of(convocation, "Claire").opened_at == LATER


def test_another_hour_keeps_the_answers_another_day_asks_again(cast, convocation, phone, address):
    phone.post(f"{address}reponse/", {"word": "present"})
    move(cast, convocation.meeting, starts_at=convocation.meeting.starts_at.replace(hour=20))
    shown = text(phone.get(address))
    assert "20 h" in shown and "Vous venez." in shown
    move(cast, Meeting.objects.get(), held_on=HELD_ON + timedelta(days=14))
    shown = text(phone.get(address))
    assert "Mardi 23 juin 2026" in shown
    assert "La séance a changé de jour" in shown and "Serez-vous là" in shown
    meeting = Meeting.objects.get()
    assert answers.standing(meeting).said == {} and Answer.objects.count() == 1
    due = [reminder.due_at.date() for reminder in meeting.reminders.all()]
    assert due == [HELD_ON + timedelta(days=11), HELD_ON + timedelta(days=13)]


def test_what_came_back_is_shown_on_the_board(cast, convocation, secretary):
    row = of(convocation, "Bruno")
    change(row, state=Recipient.State.SENT)
    following.note_bounce(row, reason="boîte pleine", by=cast.secretariat, at=LATER)
    board = secretary.get(reverse("convening:board", args=[convocation.meeting.pk]))
    assert "convocation non remise" in text(board)
    assert reverse("convening:recipient", args=[row.pk]) in board.content.decode()
