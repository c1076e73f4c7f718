"""The roll called on the page of who was there, with the answers to the convocation in hand."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.convening.sent import NOW, make_sent
from tests.words import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(cast, time_machine):
    """Gaëlle sits for Claire, Elsa gives Denis her proxy, Farid says no; three titulars come."""
    time_machine.move_to(NOW, tick=False)
    sent = make_sent(cast)
    sent.hears("alice,bruno,denis,gaelle present", "claire excuse +gaelle", "elsa excuse >denis")
    sent.hears("farid excuse")
    return sent


def test_nobody_who_said_no_is_pointed_by_the_whole(sent, client_of, cast, time_machine):
    """« Tous présents » pointed the three who had telephoned that they do not come."""
    time_machine.move_to(NOW + timedelta(days=6, hours=9), tick=False)
    secretary, page = client_of(cast.secretariat), f"/seances/{sent.meeting.pk}/presences/"
    shown = text(secretary.get(page))
    assert "Tous présents, sauf 3 qui ne viennent pas" in shown
    assert "répondu : excusé" in shown and "répondu : pouvoir à M. Denis DUVAL" in shown
    assert "répondu : vient" not in shown and "Reprendre les réponses" in shown
    away = secretary.get(page).text.partition('name="away" value="')[2].partition('"')[0]
    told = {"member": "tous", "standing": "present", "away": away}
    answer = secretary.post(f"/seances/{sent.meeting.pk}/appel/", told)
    if answer.status_code == 409:
        answer = secretary.post(f"/seances/{sent.meeting.pk}/appel/", answer.context["asked"])
    assert answer.status_code == 302
    room = sent.fresh.sitting.at_opening.room
    assert room == {"alice-arnaud", "bruno-besson", "denis-duval"}
    shown = text(secretary.get(page))
    assert "Tous présents" not in shown and "répondu : excusé" in shown
    secretary.post(
        f"/seances/{sent.meeting.pk}/appel/", {"member": "farid-faure", "standing": "excuse"}
    )
    assert "répondu : excusé" not in text(secretary.get(page))


def test_before_the_hour_who_said_no_is_left_out_of_the_question_too(sent, client_of, cast):
    secretary, url = client_of(cast.secretariat), f"/seances/{sent.meeting.pk}/appel/"
    told = {"member": "tous", "standing": "present", "away": "farid-faure nobody"}
    answer = secretary.post(url, told)
    assert answer.status_code == 409 and answer.context["asked"]["away"] == "farid-faure"
    while answer.status_code == 409:
        answer = secretary.post(url, answer.context["asked"])
    assert "farid-faure" not in sent.fresh.sitting.at_opening.room


def test_who_is_asked_to_sit_is_not_said_told_where_no_mail_leaves(cast, client_of, settings):
    """« Prévenue, pas encore de réponse », « Un courriel le prévient »."""
    sent = make_sent(cast, held_on=date.today() + timedelta(days=9))
    sent.says("claire", "excuse", substitute="gaelle", at=timezone.now())
    page = f"/seances/{sent.meeting.pk}/reponses/{sent.mandate('claire').pk}/"
    secretary = client_of(cast.secretariat)
    shown = text(secretary.get(page))
    assert "Un courriel le prévient" in shown and "prévenue, pas encore de réponse" in shown
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    shown = text(secretary.get(page))
    assert "Aucun courriel ne part d’ici" in shown and "prévenu" not in shown
