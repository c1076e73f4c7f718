"""The board of the answers: who comes, what quorum that makes, whom to call, the roll."""

from datetime import datetime

import pytest
from django.urls import reverse

from convening import board, foreseen
from convening.actions import asking
from convening.answers import Position
from convening.models import Answer, Notice, Question, Reminder
from meetings.models import Meeting
from members.models import Mandate, Person
from tests.cast import make_mandate, make_person
from tests.convening.sent import NOW, PARIS, Sent, text


def address(sent: Sent, name: str, *args) -> str:
    return reverse(f"convening:{name}", args=[sent.meeting.pk, *args])


def post(client, where: str, **data):
    return client.post(where, data, follow=True)


# --- What it shows ----------------------------------------------------------------------------


def test_columns_by_constituency(sent):
    for name in ("alice", "bruno"):
        sent.says(name, "present")
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("gaelle", "present")
    sent.says("elsa", "excuse", holder="denis")
    replaced, sits = "remplacée par Mme\u00a0Gaëlle GARNIER", "siège pour Mme\u00a0Claire CARON"
    told = {
        column.name: (column.occupied, column.seats, [row.told for row in column.rows])
        for column in board.of(sent.fresh).columns
    }
    assert told == {
        "Collège des intercommunalités": (3, 4, ["vient", "vient", replaced, "sans réponse", sits]),
        "Collège du Département": (0, 2, ["sans réponse", "pouvoir à M.\u00a0Denis DUVAL"]),
    }


def test_the_quorum_foreseen(sent, secretary):
    def shown() -> str:
        return text(secretary.get(address(sent, "board")))

    assert "Quorum probable" in shown() and "0 réponse sur 6" in shown()
    assert "À appeler d’abord" in shown() and "Aucune relance" in shown()
    for name in ("alice", "bruno", "claire", "denis"):
        sent.says(name, "present")
    assert "Quorum acquis" in shown()
    for name in ("alice", "bruno", "denis"):
        sent.says(name, "excuse")
    assert "Quorum manquant" in shown()


def test_nobody_sits_that_day(sent, secretary):
    Mandate.objects.filter(body=sent.cast.comite).update(end_on=NOW.date(), end_reason="terme")
    assert "Personne ne siège à cette date" in text(secretary.get(address(sent, "board")))


def test_it_costs_the_same_whoever_answered(sent, secretary, django_assert_max_num_queries):
    def cost() -> int:
        with django_assert_max_num_queries(40) as captured:
            secretary.get(address(sent, "board"))
        return len(captured)

    sent.says("alice", "present")
    asking.ask(sent.fresh, mandate=sent.mandate("alice"), text="Où ?", at=NOW)
    first = cost()
    for name in ("bruno", "denis"):
        sent.says(name, "excuse", holder="alice" if name == "bruno" else "elsa")
    sent.says("claire", "excuse", substitute="gaelle")
    asking.ask(sent.fresh, mandate=sent.mandate("bruno"), text="Quand ?", at=NOW)
    for rank in range(6):
        person = make_person(sent.cast.organisation, "Paul", f"Passant {rank}", "M.")
        make_mandate(sent.cast.comite, person)
    assert cost() == first


# --- Whom to call -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "word", "called"),
    [
        pytest.param("alice bruno denis elsa", "present", "", id="quorum acquis : personne"),
        pytest.param(
            "alice bruno denis",
            "excuse",
            "Claire Farid Elsa Alice Bruno Denis",
            id="hors d’atteinte : ceux qui ont dit non en dernier",
        ),
        pytest.param(
            "claire", "excuse", "Gaëlle Alice Bruno Farid Denis Elsa", id="les suppléants d’abord"
        ),
    ],
)
def test_who_is_called(sent, names, word, called):
    for name in names.split():
        sent.says(name, word, **({"substitute": "gaelle"} if name == "claire" else {}))
    calls = board.of(sent.fresh).calls
    assert [call.member.first_name for call in calls] == called.split()


def test_a_substitute_whom_nobody_has_sent_yet_is_called_too(sent):
    sent.says("claire", "excuse")
    call = board.of(sent.fresh).calls[0]
    told = ("Gaëlle", "peut siéger pour Mme\u00a0Claire CARON")
    assert (call.member.first_name, call.why) == told


def test_telephone_numbers_are_shown(sent, secretary):
    Person.objects.filter(pk=sent.cast.bruno.pk).update(phone="+33 (3) 22 00 00 02")
    shown = secretary.get(address(sent, "board")).content.decode()
    assert 'href="tel:+33322000002"' in shown


# --- Noting what was heard --------------------------------------------------------------------


def test_one_key_notes_what_was_heard(sent, secretary):
    heard = {"member": "bruno-besson", "word": "present"}
    response = secretary.post(address(sent, "note"), heard, HTTP_HX_REQUEST="true")
    assert response.status_code == 200  # the board and nothing around it
    assert response.content.decode().lstrip().startswith('<div id="presences">')
    answer = Answer.objects.get()
    told = (answer.via, answer.noted_by, answer.answered_at)
    assert told == (Answer.Via.SECRETARIAT, sent.cast.secretariat, NOW)
    sent.says("alice", "present")  # and what a delegate said is corrected
    post(secretary, address(sent, "person_answer", sent.mandate("alice").pk), word="excuse")
    assert sent.position("alice") == Position.EXCUSED
    assert Answer.objects.count() == 3


def test_nonsense_is_told_not_obeyed(sent, secretary):
    for data in (
        {"member": "personne", "word": "present"},
        {"member": "bruno-besson", "word": "漢字"},
        {"member": "<b>", "word": "excuse"},
        {},
    ):
        assert secretary.post(address(sent, "note"), data).status_code == 422
    assert not Answer.objects.exists()
    elsewhere = sent.cast.seat(sent.cast.alice, sent.cast.bureau)  # somebody of another body
    assert secretary.get(address(sent, "person", elsewhere.pk)).status_code == 404


def test_the_person_s_page_notes_a_substitute_or_a_proxy(sent, secretary):
    person = sent.mandate("claire").pk
    assert "Mme Claire CARON" in text(secretary.get(address(sent, "person", person)))
    said = address(sent, "person_answer", person)
    post(secretary, said, word="excuse")
    shown = text(secretary.get(address(sent, "person", person)))
    assert "Qui tient" in shown and "Gaëlle GARNIER" in shown
    post(secretary, said, word="excuse", substitute="gaelle-garnier")
    assert sent.position("claire") == Position.REPLACED
    assert sent.mails() == [("Gaëlle", "remplacement")]
    told = text(secretary.get(address(sent, "person", person)))
    assert "Noté le 2 décembre 2026 à 10 h, par le secrétariat. Sylvie Saint." in told


def test_a_link_that_was_lost_is_made_again(sent, secretary, client):
    old = sent.link("claire")
    where = address(sent, "person", sent.mandate("claire").pk)
    assert "Refaire son lien" in text(secretary.get(where))
    post(secretary, address(sent, "person_renew", sent.mandate("claire").pk))
    assert client.get(old).status_code == 404
    mail = Notice.objects.get()
    assert mail.mandate == sent.mandate("claire") and "{lien}" in mail.body


def test_once_open_the_board_shows_and_takes_nothing(sent, secretary):
    sent.says("alice", "present")
    Meeting.objects.update(stage=Meeting.Stage.OPEN)
    shown = text(secretary.get(address(sent, "board")))
    assert "La séance est ouverte" in shown and "<fieldset" not in shown
    response = secretary.post(address(sent, "note"), {"member": "alice-arnaud", "word": "excuse"})
    assert response.status_code == 409


# --- What the solver proposes -----------------------------------------------------------------


def test_a_proposal_is_mailed_by_one_touch_and_once(sent, secretary):
    sent.says("claire", "excuse")
    for _ in range(2):
        post(secretary, address(sent, "suggest"), absent="claire-caron", by="gaelle-garnier")
    mail = Notice.objects.get()
    assert mail.mandate == sent.mandate("claire")
    assert (
        "Mme\u00a0Gaëlle GARNIER peut siéger à votre place" in mail.body and "{lien}" in mail.body
    )
    assert "proposé le 2 décembre 2026" in text(secretary.get(address(sent, "board")))


def test_a_proposal_that_no_longer_holds(sent, secretary):
    sent.says("claire", "excuse")
    sent.says("denis", "excuse")
    for data in (
        {"absent": "claire-caron", "by": "denis-duval"},
        {"absent": "personne", "by": "alice-arnaud"},
        {},
    ):
        response = secretary.post(address(sent, "suggest"), data)
        assert response.status_code == 409 and "ne tient plus" in text(response)
    assert not Notice.objects.exists()


def test_who_has_no_address_is_told_by_voice(sent, secretary):
    Person.objects.filter(pk=sent.cast.claire.pk).update(email="")
    sent.says("claire", "excuse")
    assert "de vive voix" in text(secretary.get(address(sent, "board")))
    data = {"absent": "claire-caron", "by": "gaelle-garnier"}
    assert secretary.post(address(sent, "suggest"), data).status_code == 409


# --- Questions --------------------------------------------------------------------------------


def test_a_question_is_answered_from_the_board(sent, secretary):
    asked = asking.ask(sent.fresh, mandate=sent.mandate("alice"), text="<b>Où ?</b> 漢字", at=NOW)
    shown = secretary.get(address(sent, "board")).content.decode()
    assert "&lt;b&gt;Où ?&lt;/b&gt; 漢字" in shown and "1 à répondre" in shown
    response = secretary.post(address(sent, "reply", asked.pk), {"text": " "})
    assert response.status_code == 422 and "Écrivez la réponse." in text(response)
    shown = text(post(secretary, address(sent, "reply", asked.pk), text="Salle 2."))
    assert "Réponse envoyée à Alice ARNAUD." in shown and "0 à répondre" in shown
    assert Question.objects.get().reply == "Salle 2."


# --- Reminders --------------------------------------------------------------------------------


def test_reminders_are_set_and_taken_back(sent, secretary):
    post(secretary, address(sent, "usual_reminders"))
    assert "samedi 5 décembre à 9 h" in text(secretary.get(address(sent, "board")))
    post(secretary, address(sent, "add_reminder"), due_at="2026-12-04T18:30")
    times = list(Reminder.objects.values_list("due_at", flat=True))
    assert times == [
        datetime(2026, 12, 4, 18, 30, tzinfo=PARIS),
        datetime(2026, 12, 5, 9, 0, tzinfo=PARIS),
        datetime(2026, 12, 7, 9, 0, tzinfo=PARIS),
    ]
    post(secretary, address(sent, "remove_reminder", Reminder.objects.first().pk))
    assert Reminder.objects.count() == 2


def test_a_time_that_cannot_be_is_said_beside_its_field(sent, secretary):
    for due_at, words in (
        ("", "Donnez un jour et une heure."),
        ("demain", "Donnez un jour et une heure."),
        ("2026-12-01T09:00", "Cette heure est passée."),
        ("2026-12-08T20:00", "avant la séance"),
        ("9999-12-31T23:59", "avant la séance"),
    ):
        response = secretary.post(address(sent, "add_reminder"), {"due_at": due_at})
        assert response.status_code == 422 and words in text(response)
    assert not Reminder.objects.exists()


# --- The roll ---------------------------------------------------------------------------------


@pytest.fixture
def answered(sent) -> Sent:
    for name in ("alice", "bruno", "denis", "gaelle"):
        sent.says(name, "present")
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("elsa", "excuse", holder="denis")
    return sent


def as_proposed(sent: Sent, **changes) -> dict:
    """What the page posts when nothing is touched, then what was changed."""
    data = {}
    for key, row in foreseen.rows(sent.standing).items():
        data[f"standing-{key}"] = row.standing
        if row.stand_in:
            data[f"seat-{key}"] = "1"
        if row.holder:
            data[f"proxy-{key}"] = "1"
    return data | changes


def ledger(sent: Sent) -> list[str]:
    return [type(event).__name__ for event in Meeting.objects.get().ledger][1:]


def test_one_post_tells_the_roll_that_was_answered(answered, secretary):
    shown = text(secretary.get(address(answered, "roll")))
    assert "Mme Gaëlle GARNIER siège à sa place" in shown
    assert "pouvoir à M. Denis DUVAL" in shown and "écrit signé à recevoir" in shown
    assert "sans réponse" in shown
    for _ in range(2):  # told twice, the ledger says it once
        shown = text(post(secretary, address(answered, "roll"), **as_proposed(answered)))
        assert "L’appel est enregistré d’après les réponses." in shown
        assert ledger(answered) == [
            *["Arrived", "Arrived", "Excused", "Arrived", "Arrived", "Excused"],
            "SeatTaken",
            "ProxyGiven",
        ]


def test_the_roll_is_corrected_before_it_is_told(answered, secretary):
    """Claire came after all; Farid is there without having answered; Denis did not come."""
    changes = {
        "standing-claire-caron": "present",
        "standing-farid-faure": "present",
        "standing-denis-duval": "absent",
    }
    post(secretary, address(answered, "roll"), **as_proposed(answered, **changes))
    state = Meeting.objects.get().sitting.at_opening
    assert state.seats == {} and state.proxies == {}
    assert state.attending == {"alice-arnaud", "bruno-besson", "claire-caron", "farid-faure"}


def test_a_hostile_roll_is_read_as_absences_and_once_open_it_is_closed(answered, secretary):
    data = as_proposed(answered, **{"standing-alice-arnaud": "<b>漢字", "standing-x": "present"})
    assert secretary.post(address(answered, "roll"), data).status_code == 302
    assert "alice-arnaud" not in Meeting.objects.get().sitting.at_opening.room
    told = ledger(answered)
    Meeting.objects.update(stage=Meeting.Stage.OPEN)
    assert "a commencé" in text(secretary.get(address(answered, "roll")))
    response = secretary.post(address(answered, "roll"), as_proposed(answered))
    assert response.status_code == 409 and ledger(answered) == told


def test_the_tabs_of_the_sitting_lead_here(sent, secretary):
    page = secretary.get(sent.meeting.get_absolute_url())
    assert address(sent, "board") in page.content.decode()
