"""The board of the answers: who comes, what quorum that makes, whom to call, the roll."""

import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from convening import board, foreseen
from convening.actions import asking
from convening.answers import Position
from convening.models import Answer, Notice, Question, Reminder
from meetings.models import Meeting
from members.models import Mandate, Person
from tests.cast import change, end, make_account, make_mandate, make_person, make_role
from tests.convening.sent import NOW, PARIS, Sent
from tests.costs import queries
from tests.words import text, unsaid


def address(sent: Sent, name: str, *args) -> str:
    return reverse(f"convening:{name}", args=[sent.meeting.pk, *args])


def show(sent: Sent, client, name: str = "board", *args) -> str:
    return text(client.get(address(sent, name, *args)))


def post(client, where: str, **data):
    return client.post(where, data, follow=True)


# --- Who reads it -----------------------------------------------------------------------------


def test_one_answer_names_neither_who_is_silent_nor_whom_to_call_without_a_number(
    sent, client_of, cast, secretary
):
    """« Sans réponse » sixty-one times in ochre; twelve names in the order of the roll."""
    change(cast.alice, user=make_account("alice@brume.example"))
    make_role(cast.alice.user, cast.organisation, "delegue")
    alice = client_of(cast.alice.user)
    sent.hears("alice present")
    assert unsaid(text(alice.get(address(sent, "board"))), "Vient") == []
    assert "is-waiting" not in alice.get(address(sent, "board")).text
    assert 'id="appeler"' in show(sent, secretary)
    cast.organisation.persons.update(phone="")
    page = show(sent, secretary)
    assert 'id="appeler"' not in page and "#appeler" not in page
    # Those who have a reason of their own are named all the same.
    sent.hears("claire excuse")
    assert unsaid(show(sent, secretary), 'id="appeler"', "peut siéger pour") == []


def test_who_presides_reads_who_comes_and_changes_nothing(sent, client_of, cast):
    """She did not know who would be there, which the secretariat alone could read."""
    change(cast.alice, user=make_account("alice@brume.example"))
    make_role(cast.alice.user, cast.organisation, "delegue")
    sent.hears("alice,bruno present", "claire excuse")
    asking.ask(sent.fresh, mandate=sent.mandate("bruno"), text="Où se garer ?", at=NOW)
    alice, claire = client_of(cast.alice.user), client_of(cast.delegate)
    page = text(alice.get(sent.meeting.get_absolute_url()))
    said = ("4 présents requis sur 6 membres", "2 présents annoncés, 3 réponses sur 6")
    assert unsaid(page, *said) == []
    response = alice.get(address(sent, "board"))
    shown = text(response)
    assert unsaid(shown, "Bruno BESSON", "Vient", "Excusée", "Sans réponse") == []
    silent = ("Relancer", "Feuille d’émargement", "À appeler", "Où se garer", "Noter")
    assert unsaid(shown, *silent) == [*silent]
    main = response.text.split("<main")[1].split("</main>")[0]
    assert "<form" not in main
    assert (
        post(alice, address(sent, "note"), member="bruno-besson", word="excuse").status_code == 403
    )
    # Whoever does not preside reads neither.
    assert claire.get(address(sent, "board")).status_code == 403
    page = text(claire.get(sent.meeting.get_absolute_url()))
    assert "présents annoncés" not in page and "4 présents requis" in page


def test_who_presides_asks_for_a_change_of_the_agenda_and_it_is_to_be_done(
    sent, client_of, cast, secretary
):
    """She settles it (art. L2121-10), and could but ask a question, which nothing named."""
    change(cast.alice, user=make_account("alice@brume.example"))
    make_role(cast.alice.user, cast.organisation, "delegue")
    alice, claire = client_of(cast.alice.user), client_of(cast.delegate)
    where = reverse("convening:sitting", args=[sent.meeting.pk])
    assert "Demander ce changement" in text(alice.get(where))
    assert "changement de l’ordre du jour" not in text(claire.get(where))
    ask = reverse("convening:sitting_ask", args=[sent.meeting.pk])
    post(alice, ask, text="Ajouter le bail du dépôt", agenda="1")
    post(claire, ask, text="Où se garer ?", agenda="1")  # she does not preside: a question
    page = text(alice.get(where))
    assert "Changement de l’ordre du jour demandé le" in page
    page = text(secretary.get(reverse("archive:to_do")))
    told = "Alice ARNAUD le demande : Ajouter le bail du dépôt."
    assert unsaid(page, "Changer l’ordre du jour, ou répondre", told, "Répondre à 1 question") == []
    shown = show(sent, secretary)
    assert unsaid(shown, "Changement de l’ordre du jour</a> demandé par Alice ARNAUD") == []
    for asked in Question.objects.all():
        asking.reply(asked, text="C’est fait.", by=cast.secretariat, at=NOW)
    page = text(secretary.get(reverse("archive:to_do")))
    assert "Changer l’ordre du jour" not in page and "question" not in page


def test_what_was_put_as_a_question_may_be_asked_as_a_change_of_the_agenda(sent):
    """Who presided pressed the other button first: the question came back, and no task."""
    told = {"mandate": sent.mandate("alice"), "text": "Ajouter le bail", "at": NOW}
    asking.ask(sent.meeting, **told)
    for _ in range(2):
        assert asking.ask(sent.meeting, **told, is_of_agenda=True).is_of_agenda
    assert list(Question.objects.values_list("is_of_agenda", flat=True)) == [False, True]


def test_a_link_asks_for_a_change_of_the_agenda_for_who_presides_that_day(
    sent, client, cast, time_machine
):
    """By the mandate that the link was given to, who gave the presidency up still did."""
    time_machine.move_to(NOW)
    mandate, page = sent.mandate("alice"), sent.link("alice")
    assert "Demander ce changement" in text(client.get(page))
    end(mandate, on=sent.meeting.held_on - timedelta(days=3))
    make_mandate(cast.comite, cast.alice, start_on=sent.meeting.held_on - timedelta(days=2))
    assert "Demander ce changement" not in text(client.get(page))
    asked = asking.ask(sent.meeting, mandate=mandate, text="Un point", at=NOW, is_of_agenda=True)
    assert not asked.is_of_agenda


# --- What it shows ----------------------------------------------------------------------------


def test_columns_by_constituency(sent):
    sent.hears("alice,bruno present", "claire excuse +gaelle")
    sent.hears("gaelle present", "elsa excuse >denis")
    replaced, sits = "remplacée par Mme\u00a0Gaëlle GARNIER", "siège pour Mme\u00a0Claire CARON"
    told = {
        column.name: (column.occupied, column.seats, [row.told for row in column.rows])
        for column in board.of(sent.fresh).columns
    }
    assert told == {
        "Collège des intercommunalités": (3, 4, ["vient", "vient", replaced, sits, "sans réponse"]),
        "Collège du Département": (0, 2, ["sans réponse", "pouvoir à M.\u00a0Denis DUVAL"]),
    }


def test_a_vacant_seat_is_said_once(sent, secretary):
    assert "vacant" not in show(sent, secretary)
    change(sent.mandate("elsa").constituency, seats=4)
    assert show(sent, secretary).count("2 sièges vacants") == 1


def test_the_page_of_the_quorum_says_what_is_known_before_the_roll(sent, client_of, secretary):
    """Nine days ahead, it said of every member that he was absent."""
    url = reverse("meetings:why", args=[sent.meeting.pk])
    page = text(secretary.get(url))
    assert unsaid(page, "Il faudra 4 présents, sur 6 membres en exercice", "encore répondu") == []
    assert "absent" not in page
    sent.hears("alice present", "bruno excuse")
    page = text(secretary.get(url))
    assert unsaid(page, "1 présent annoncé, 2 réponses sur 6", "vient", "excusé") == []
    assert "absent" not in page
    # Who answered what is the secretariat's to know.
    page = text(client_of(sent.cast.delegate).get(url))
    assert "Il faudra 4 présents" in page and "annoncé" not in page


def test_a_substitute_is_under_whom_he_stands_in_for_and_says_of_whom(sent, secretary):
    """Indented under the wrong titular, he seemed to be his."""
    other = make_person(sent.cast.organisation, "Aaron", "Aubry", "M.")
    college = sent.mandate("claire").constituency
    make_mandate(sent.cast.comite, other, capacity="suppleant", constituency=college)
    column = board.of(sent.fresh).columns[0]
    names = [row.line.member.name.split()[-1] for row in column.rows]
    assert names == ["ARNAUD", "BESSON", "CARON", "GARNIER", "FAURE", "AUBRY"]
    assert "suppléante de Mme Claire CARON" in show(sent, secretary)


def test_the_sitting_leads_to_the_board_which_foresees_its_quorum_if_anybody_sits(sent, secretary):
    """Six titulars, four required."""
    page = secretary.get(sent.meeting.get_absolute_url())
    assert address(sent, "board") in page.content.decode()
    told = ("Quorum inconnu", "0 réponse sur 6", "Aucune relance")
    page = show(sent, secretary)
    assert unsaid(page, *told) == []
    # Nobody is to be called before another while nobody answered, nor is the bar full of hopes.
    assert "À appeler d’abord" not in page and "gauge-hope" not in page
    sent.hears("alice present")
    page = show(sent, secretary)
    assert unsaid(page, "Quorum possible", "6 au mieux", "À appeler d’abord") == []
    sent.hears("alice,bruno,denis present")
    # Its verdict and its figures once: the sentence has what they do not say.
    page = show(sent, secretary)
    assert sent.standing.forecast.missing == 1 and page.count("Quorum probable") == 1
    assert "6 au mieux, si tous ceux qui n’ont pas répondu viennent." in page
    sent.hears("claire present")
    assert "Quorum acquis" in show(sent, secretary)
    sent.hears("alice,bruno,denis excuse")
    assert "Quorum manquant" in show(sent, secretary)
    Mandate.objects.filter(body=sent.cast.comite).update(end_on=NOW.date(), end_reason="terme")
    assert "Personne ne siège à cette date" in show(sent, secretary)


def test_it_costs_the_same_whoever_answered(sent, secretary):
    def cost() -> int:
        return queries(lambda: show(sent, secretary))

    sent.hears("alice present")
    asking.ask(sent.fresh, mandate=sent.mandate("alice"), text="Où ?", at=NOW)
    first = cost()
    sent.hears("bruno excuse >alice", "denis excuse >elsa", "claire excuse +gaelle")
    asking.ask(sent.fresh, mandate=sent.mandate("bruno"), text="Quand ?", at=NOW)
    for rank in range(6):
        person = make_person(sent.cast.organisation, "Paul", f"Passant {rank}", "M.")
        make_mandate(sent.cast.comite, person)
    assert cost() == first <= 40


# --- Whom to call -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "called"),
    [
        pytest.param("alice,bruno,denis,elsa present", "", id="quorum acquis : personne"),
        pytest.param(
            "alice,bruno,denis excuse",
            "Claire Farid Elsa Alice Bruno Denis",
            id="hors d’atteinte : ceux qui ont dit non en dernier",
        ),
        pytest.param(
            "claire excuse +gaelle",
            "Gaëlle Alice Bruno Farid Denis Elsa",
            id="les suppléants d’abord",
        ),
    ],
)
def test_who_is_called(sent, told, called):
    sent.hears(told)
    calls = board.of(sent.fresh).calls
    assert [call.member.first_name for call in calls] == called.split()


def test_a_substitute_whom_nobody_has_sent_yet_is_called_too_and_numbers_are_shown(sent, secretary):
    sent.hears("claire excuse")
    call = board.of(sent.fresh).calls[0]
    told = ("Gaëlle", "peut siéger pour Mme\u00a0Claire CARON")
    assert (call.member.first_name, call.why) == told
    Person.objects.update(phone="")
    Person.objects.filter(pk=sent.cast.bruno.pk).update(phone="+33 (3) 22 00 00 02")
    shown = show(sent, secretary)
    assert 'href="tel:+33322000002"' in shown
    # Who has none is said once, not line after line.
    assert shown.count("numéro pour") == 1
    named = re.search("numéro pour ([^:]*)", shown)[1]
    assert "BESSON" not in named and "Gaëlle GARNIER" in named


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


def test_the_person_s_page_notes_a_substitute_or_a_proxy_and_makes_a_lost_link_again(
    sent, secretary, client
):
    person, old = sent.mandate("claire").pk, sent.link("claire")
    shown = show(sent, secretary, "person", person)
    assert "Mme Claire CARON" in shown and "Refaire son lien" in shown
    said = address(sent, "person_answer", person)
    post(secretary, said, word="excuse")
    shown = show(sent, secretary, "person", person)
    assert "Qui tient" in shown and "Gaëlle GARNIER" in shown
    post(secretary, said, word="excuse", substitute="gaelle-garnier")
    assert sent.position("claire") == Position.REPLACED
    assert sent.mails() == [("Gaëlle", "remplacement")]
    told = "Noté le 2 décembre 2026 à 10 h, par le secrétariat. Sylvie Saint."
    assert told in show(sent, secretary, "person", person)
    post(secretary, address(sent, "person_renew", person))
    assert client.get(old).status_code == 404
    mail = Notice.objects.latest("pk")
    assert mail.mandate == sent.mandate("claire") and "{lien}" in mail.body


def test_once_open_the_board_shows_and_takes_nothing(sent, secretary):
    sent.hears("alice present")
    Meeting.objects.update(stage=Meeting.Stage.OPEN)
    shown = show(sent, secretary)
    assert "La séance est ouverte" in shown and "<fieldset" not in shown
    response = secretary.post(address(sent, "note"), {"member": "alice-arnaud", "word": "excuse"})
    assert response.status_code == 409


def test_a_proposal_is_mailed_by_one_touch_and_once(sent, secretary):
    sent.hears("claire excuse")
    for _ in range(2):
        post(secretary, address(sent, "suggest"), absent="claire-caron", by="gaelle-garnier")
    mail = Notice.objects.get()
    assert mail.mandate == sent.mandate("claire")
    assert unsaid(mail.body, "Mme\u00a0Gaëlle GARNIER peut siéger à votre place", "{lien}") == []
    assert "proposé le 2 décembre 2026" in show(sent, secretary)


def test_a_proposal_that_no_longer_holds_or_of_who_has_no_address(sent, secretary):
    sent.hears("claire,denis excuse")
    for data in (
        {"absent": "claire-caron", "by": "denis-duval"},
        {"absent": "personne", "by": "alice-arnaud"},
        {},
    ):
        response = secretary.post(address(sent, "suggest"), data)
        assert response.status_code == 409 and "ne tient plus" in text(response)
    Person.objects.filter(pk=sent.cast.claire.pk).update(email="")
    assert "de vive voix" in show(sent, secretary)
    data = {"absent": "claire-caron", "by": "gaelle-garnier"}
    assert secretary.post(address(sent, "suggest"), data).status_code == 409
    assert not Notice.objects.exists()


def test_a_question_is_answered_from_the_board(sent, secretary, settings):
    asked = asking.ask(sent.fresh, mandate=sent.mandate("alice"), text="<b>Où ?</b> 漢字", at=NOW)
    shown = secretary.get(address(sent, "board")).content.decode()
    assert "&lt;b&gt;Où ?&lt;/b&gt; 漢字" in shown and "1 à répondre" in shown
    response = secretary.post(address(sent, "reply", asked.pk), {"text": " "})
    assert response.status_code == 422 and "Écrivez la réponse." in text(response)
    shown = text(post(secretary, address(sent, "reply", asked.pk), text="Salle 2."))
    assert "Réponse envoyée à Alice ARNAUD." in shown and "0 à répondre" in shown
    assert Question.objects.get().reply == "Salle 2."
    # Where no mail leaves, nothing says that one did.
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    shown = text(post(secretary, address(sent, "reply", asked.pk), text="Salle 3."))
    assert "elle n’est pas partie vers Alice ARNAUD" in shown and "Réponse envoyée" not in shown
    assert "une relance se prépare ici, et ne part pas" in shown


def test_the_roll_is_taken_up_from_the_answers_on_the_day(sent, client_of, time_machine):
    """It was the main button ten days early; one excuse made the quorum « probable »."""
    sent.hears("claire excuse")
    page = show(sent, client_of(sent.cast.secretariat))
    assert "Reprendre à l’appel" not in page and "Quorum inconnu" in page
    time_machine.move_to(NOW.replace(day=8), tick=False)
    assert "Reprendre à l’appel" in show(sent, client_of(sent.cast.secretariat))


def test_of_a_sitting_held_without_an_answer_no_empty_name_is_left(sent, secretary):
    """Thirty-two names without a word filled four screens."""
    assert unsaid(show(sent, secretary), 'class="seat-name"', 'id="imprimer"') == []
    change(sent.meeting, stage=Meeting.Stage.CLOSED)
    page = show(sent, secretary)
    there = reverse("meetings:attendance", args=[sent.meeting.pk])
    assert unsaid(page, "Personne n’avait répondu", f'href="{there}"') == []
    assert 'class="seat-name"' not in page and 'id="relances"' not in page
    assert "imprimer" not in page  # nor is anything printed for a day that is over


def test_the_board_is_narrowed_as_every_other_roll(sent, secretary):
    """On a telephone a substitute could not be reached, and who was looked for left a bare page."""
    page = show(sent, secretary)
    assert unsaid(page, 'id="sans-reponse"', "Sans réponse</label>", "data-none hidden") == []
    for number in range(21):
        person = make_person(sent.cast.organisation, "Léa", f"Numéro{number}")
        make_mandate(sent.cast.comite, person, capacity="suppleant")
    assert "Montrer les 22 suppléants" in show(sent, secretary)
    css = (settings.BASE_DIR / "static/css/convening.css").read_text()
    assert ".board .seat-substitute" not in css


def test_nobody_is_reminded_on_the_day_on_which_he_was_convened(sent, secretary):
    """« Relancer » stood there the minute after the convocation was handed over."""
    assert "Relancer maintenant" in show(sent, secretary)
    change(sent.meeting, sent_on=timezone.localdate())
    assert "Relancer maintenant" not in show(sent, secretary)


def test_reminders_are_set_and_taken_back(sent, secretary):
    assert "Relancer maintenant" in show(sent, secretary)
    post(secretary, address(sent, "remind"))
    assert "Relancer maintenant" not in show(sent, secretary)  # once a day
    Reminder.objects.all().delete()
    post(secretary, address(sent, "usual_reminders"))
    assert "samedi 5 décembre à 9 h" in text(secretary.get(address(sent, "board")))
    post(secretary, address(sent, "add_reminder"), due_at="2026-12-04T18:30")
    assert list(Reminder.objects.values_list("due_at", flat=True)) == [
        datetime(2026, 12, day, *clock, tzinfo=PARIS)
        for day, clock in ((4, (18, 30)), (5, (9, 0)), (7, (9, 0)))
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
    told = ("Mme Gaëlle GARNIER siège à sa place", "pouvoir à M. Denis DUVAL", "sans réponse")
    assert unsaid(shown, *told, "écrit signé à recevoir") == []
    for _ in range(2):  # told twice, the ledger says it once
        shown = text(post(secretary, address(answered, "roll"), **as_proposed(answered)))
        assert "L’appel est enregistré d’après les réponses." in shown
        arrived = "Arrived Arrived Excused Arrived Arrived Excused SeatTaken ProxyGiven"
        assert ledger(answered) == arrived.split()


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
