"""What the members say of their coming: who may say what, who hears of it, until when."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from convening import answers, foreseen
from convening.actions import answering, asking, calling
from convening.answers import Position
from convening.models import Answer, Notice, Question
from law import sitting
from law.findings import Refused
from meetings import reading
from meetings.actions import attendance
from meetings.models import Meeting
from members.models import Mandate, Person
from tests.cast import change, change_rules, end, make_mandate, make_person
from tests.convening.sent import NOW, PARIS, Sent
from tests.live.threads import at_once
from tests.words import refused

Via = Answer.Via


def rules(sent: Sent, **values) -> None:
    change_rules(sent.cast.comite, **values)


# --- Saying it --------------------------------------------------------------------------------


@pytest.mark.database
def test_each_word_is_written_down_and_the_last_counts(sent):
    assert {line.position for line in sent.standing.lines.values()} == {Position.WAITING}
    stamp = sent.meeting.stamp
    told = sent.says("alice", "present")
    said = (told.word, told.via, told.answered_at, told.noted_by)
    assert said == ("present", Via.LINK, NOW, None)
    assert sent.position("alice") == Position.COMING
    assert sent.fresh.stamp > stamp  # the screens learn of it
    sent.says("alice", "excuse", at=NOW + timedelta(minutes=1))
    assert sent.position("alice") == Position.EXCUSED
    by = sent.cast.secretariat  # who heard it by telephone
    told = sent.says("alice", "present", at=NOW + timedelta(minutes=2), via=Via.SECRETARIAT, by=by)
    assert (told.via, told.noted_by) == (Via.SECRETARIAT, by)
    assert sent.position("alice") == Position.COMING
    assert Answer.objects.count() == 3


@pytest.mark.database
def test_a_change_of_office_keeps_the_answer(sent):
    sent.hears("farid present")
    old = sent.mandate("farid")
    end(old, date(2026, 12, 5), Mandate.EndReason.OFFICE)
    same = {"constituency": old.constituency, "community": old.community}
    office = {"start_on": date(2026, 12, 6), "office": Mandate.Office.VICE_CHAIR, "office_rank": 3}
    make_mandate(sent.cast.comite, sent.cast.farid, **same, **office)
    assert sent.position("farid") == Position.COMING


def test_a_link_that_was_passed_on_floods_nobody(sent):
    """Each change mails somebody: after so many in a day, the secretariat is to be called."""
    words = ["present", "excuse"]
    for rank in range(answering.CHANGES_A_DAY):
        sent.says("alice", words[rank % 2], at=NOW + timedelta(minutes=rank))
    with refused("changements_trop_nombreux"):
        sent.says("alice", "present", at=NOW + timedelta(hours=1))
    sent.says("alice", "present", via=Via.SECRETARIAT, by=sent.cast.secretariat)
    sent.says("alice", "excuse", at=NOW + timedelta(days=1, hours=1))


# --- What is refused --------------------------------------------------------------------------


def test_what_the_law_does_not_allow(sent):
    """The rules, what was said before, what is said now, why it is refused."""
    stranger = {"substitutes": "collectivite"}
    for rule, before, told, code in (
        ({}, "", "alice distance", "distance_exclue"),
        ({}, "", "alice peut-etre", "reponse_inconnue"),
        ({}, "", "claire present +gaelle", "present_et_remplace"),
        ({}, "", "claire excuse +gaelle >alice", "suppleant_et_pouvoir"),
        ({}, "", "gaelle excuse >alice", "non_titulaire"),
        ({}, "", "alice excuse +gaelle", "suppleant_impossible"),  # she replaces Claire
        ({}, "", "alice excuse >alice", "pouvoir_a_soi_meme"),
        ({}, "", "alice excuse >gaelle", "porteur_sans_siege"),
        ({"proxies_allowed": False}, "", "alice excuse >bruno", "pouvoirs_exclus"),
        ({}, "alice excuse >bruno", "denis excuse >bruno", "porteur_complet"),
        ({}, "bruno excuse >alice", "denis excuse >bruno", "porteur_absent"),
        ({}, "bruno excuse >alice", "alice excuse >bruno", "porteur_absent"),
        ({"substitute_first": "bloquer"}, "", "claire excuse >alice", "suppleant_disponible"),
        (stranger, "claire excuse +gaelle", "alice excuse +gaelle", "suppleant_impossible"),
    ):
        with transaction.atomic():
            rules(sent, **rule)
            if rule is stranger:
                Mandate.objects.filter(pk=sent.mandate("gaelle").pk).update(replaces=None)
            sent.hears(*filter(None, [before]))
            kept = (Answer.objects.count(), Notice.objects.count())
            with refused(code):
                sent.hears(told)
            assert (Answer.objects.count(), Notice.objects.count()) == kept
            transaction.set_rollback(True)


def test_what_the_rules_may_allow(sent):
    rules(sent, remote_allowed=True, proxies_per_holder=2, substitute_first="bloquer")
    change(sent.meeting, in_one_place=False)
    sent.hears("farid distance", "alice,denis excuse >bruno")
    assert sent.position("farid") == Position.REMOTE
    carried = sent.standing.lines["bruno-besson"].carries
    assert [member.first_name for member in carried] == ["Alice", "Denis"]
    sent.hears("gaelle excuse", "claire excuse >elsa")  # no substitute there: a proxy will do
    assert sent.position("claire") == Position.REPRESENTED
    # A proxy comes in time where the rules fix one.
    rules(sent, proxy_deadline_hours=24)
    late = datetime(2026, 12, 7, 19, 1, tzinfo=PARIS)
    with refused("pouvoir_tardif"):
        sent.says("elsa", "excuse", holder="farid", at=late)
    sent.says("elsa", "excuse", holder="farid", at=late - timedelta(minutes=2))


def test_somebody_who_sits_elsewhere(sent):
    stranger = make_person(sent.cast.organisation, "Paul", "Passant", "M.")
    said = {"mandate": make_mandate(sent.cast.bureau, stranger), "word": "present"}
    with refused("hors_composition"):
        answering.answer(sent.meeting, **said, via=Via.LINK, at=NOW)


def test_nothing_is_said_once_it_has_begun_nor_once_the_day_has_passed(sent):
    midnight = datetime(2026, 12, 9, 0, 0, tzinfo=PARIS)
    sent.says("alice", "present", at=midnight - timedelta(seconds=1))
    with refused("seance_passee"):
        sent.says("alice", "excuse", at=midnight)
    for stage, code in (
        (Meeting.Stage.OPEN, "seance_ouverte"),
        (Meeting.Stage.CLOSED, "seance_tenue"),
        (Meeting.Stage.ISSUED, "seance_tenue"),
        (Meeting.Stage.CANCELLED, "seance_annulee"),
    ):
        Meeting.objects.update(stage=stage)  # by somebody else, since this page was read
        with refused(code):
            sent.says("alice", "present")
        with pytest.raises(Refused):
            asking.ask(sent.meeting, mandate=sent.mandate("alice"), text="Où ?", at=NOW)


# --- Substitutes and proxies ------------------------------------------------------------------


@pytest.mark.database
def test_a_substitute_is_sent_asked_once_agrees_then_declines(sent):
    first = sent.says("claire", "excuse", substitute="gaelle")
    again = sent.says("claire", "excuse", substitute="gaelle", at=NOW + timedelta(hours=1))
    assert again == first
    positions = (sent.position("claire"), sent.position("gaelle"))
    assert positions == (Position.REPLACED, Position.ASKED)
    assert not sent.standing.lines["claire-caron"].is_settled
    assert sent.mails() == [("Gaëlle", "remplacement")]
    mail = Notice.objects.get()  # it brings his own link
    assert mail.mandate == sent.mandate("gaelle")
    about = "siéger à la place de Mme\u00a0Claire CARON"
    assert mail.subject == f"Comité syndical du 8\u00a0décembre 2026\u00a0: {about}"
    assert "{lien}" in mail.body and mail.body.startswith("Madame,")
    assert "mardi 8\u00a0décembre 2026 à 19\u00a0h" in mail.body

    sent.hears("gaelle present")
    line = sent.standing.lines["claire-caron"]
    assert (line.position, line.by.first_name) == (Position.REPLACED, "Gaëlle")
    assert line.is_settled and sent.position("gaelle") == Position.SEATED
    assert sent.standing.forecast.now.present == 1

    sent.says("gaelle", "excuse", at=NOW + timedelta(hours=1))
    assert sent.mails()[1:] == [("Claire", "suppleant-empeche")]
    assert sent.position("claire") == Position.EXCUSED


def test_a_titular_comes_back_and_the_substitute_is_told_if_he_has_an_address(sent):
    sent.hears("claire excuse +gaelle", "claire present")
    assert sent.mails() == [("Gaëlle", "remplacement"), ("Gaëlle", "remplacement-retire")]
    sent.says("gaelle", "present", at=NOW + timedelta(hours=1))
    line = sent.standing.lines["gaelle-garnier"]
    assert (line.position, line.stands_for) == (Position.COMING, None)
    assert sent.standing.seats == {}
    # Attached by name, she sits without being sent when Claire does not come after all.
    sent.says("claire", "excuse", at=NOW + timedelta(hours=2))
    assert sent.standing.seats == {"gaelle-garnier": "claire-caron"}
    assert sent.position("claire") == Position.REPLACED

    # Nobody is mailed without an address.
    Notice.objects.all().delete()
    Person.objects.filter(pk=sent.cast.gaelle.pk).update(email="")
    sent.hears("claire excuse +gaelle")
    assert not Notice.objects.exists()


def test_the_holder_is_told_and_when_he_cannot_come_the_giver(sent):
    sent.hears("alice excuse >bruno")
    assert sent.mails() == [("Bruno", "pouvoir")]
    assert sent.position("alice") == Position.REPRESENTED
    sent.hears("bruno excuse")
    assert sent.mails()[1:] == [("Alice", "pouvoir-sans-effet")]
    line = sent.standing.lines["alice-arnaud"]
    assert (line.position, line.is_settled) == (Position.REPRESENTED, False)


def test_a_proxy_taken_back_or_without_effect_is_told(sent):
    sent.hears("alice excuse >bruno", "alice excuse >denis")
    assert sent.mails() == [("Bruno", "pouvoir"), ("Bruno", "pouvoir-retire"), ("Denis", "pouvoir")]
    sent.hears("claire excuse +gaelle", "gaelle present", "alice excuse >gaelle", "claire present")
    assert sent.mails()[-1] == ("Alice", "pouvoir-sans-effet")


def test_a_signed_form_is_kept_under_a_name_of_ours(sent, own_directory):
    form = ContentFile(b"%PDF-1.7", name="../../mon pouvoir.pdf")
    sent.hears("alice excuse >bruno")
    told = sent.says("alice", "excuse", holder="bruno", proxy_form=form)
    assert Answer.objects.count() == 2 and Notice.objects.count() == 1
    assert told.proxy_form.name.startswith(f"pouvoirs/{sent.meeting.pk}/")
    assert told.proxy_form.name.endswith(".pdf") and "mon" not in told.proxy_form.name


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        pytest.param({"alice": "bruno", "denis": "bruno"}, "porteur_complet", id="au même"),
        pytest.param({"alice": "bruno", "bruno": "alice"}, "porteur_absent", id="l’un à l’autre"),
    ],
)
def test_two_give_their_proxy_at_once(sent, pairs, why):
    """One of them gets it, whoever is first; the other is told why not."""

    def give(name: str) -> str:
        try:
            sent.says(name, "excuse", holder=pairs[name])
        except Refused as refusal:
            return refusal.findings[0].code
        return "pris"

    assert sorted(at_once(give, pairs)) == [why, "pris"]
    assert Answer.objects.exclude(holder=None).count() == 1


@pytest.mark.database
def test_a_question_and_its_reply_mailed_once_again_when_corrected(sent):
    question = asking.ask(sent.meeting, mandate=sent.mandate("alice"), text=" Où ? ", at=NOW)
    assert question.text == "Où ?"
    for hour, (text, mails) in enumerate((("Salle 2.", 1), ("Salle 2.", 1), ("Salle 3.", 2))):
        at = NOW + timedelta(hours=hour)
        asking.reply(question, text=text, by=sent.cast.secretariat, at=at)
        assert Notice.objects.count() == mails
        mail = Notice.objects.latest("pk")
        assert mail.mandate == sent.mandate("alice") and text in mail.body
        assert mail.written_by == sent.cast.secretariat


@pytest.mark.database
def test_a_question_that_is_none_twice_the_same_or_one_too_many(sent):
    def ask(text: str) -> str:
        try:
            asking.ask(sent.meeting, mandate=sent.mandate("alice"), text=text, at=NOW)
        except Refused as refusal:
            return refusal.findings[0].code
        return ""

    assert ask("   ") == "question_vide"
    assert ask("漢" * 100_000) == "question_longue"
    assert (ask("Où ?"), ask("Où ?"), Question.objects.count()) == ("", "", 1)
    for rank in range(asking.QUESTIONS_PER_PERSON - 1):
        assert ask(f"Et {rank} ?") == ""
    assert ask("Encore ?") == "questions_trop_nombreuses"


# --- Foreseeing -------------------------------------------------------------------------------


def test_who_comes_remotely_counts_if_the_rules_say_so_and_is_told_so(sent):
    rules(sent, remote_allowed=True)
    change(sent.meeting, in_one_place=False)
    sent.hears("alice,bruno,denis,elsa distance")
    assert sent.standing.forecast.now.present == 0
    rules(sent, quorum_counts_remote=True)
    assert sent.standing.forecast.now.present == 4
    call(sent)
    assert told(sent)[0] == ("distance", "alice-arnaud")


def test_the_solver_proposes_what_nobody_has_said(sent):
    sent.hears("claire,alice excuse")
    plan = answers.standing(sent.meeting).plan
    by = "gaelle-garnier"
    proposed = [("claire-caron", by), ("alice-arnaud", by)]
    assert [(p.absent, p.by) for p in plan.proposals] == proposed
    sent.hears("claire excuse +gaelle")
    assert [p.absent for p in sent.standing.plan.proposals] == ["alice-arnaud"]


@pytest.mark.database
def test_reading_costs_the_same_whoever_answered(sent, django_assert_num_queries):
    def lines() -> int:
        meeting = sent.fresh
        assert meeting.basis
        with django_assert_num_queries(1):
            return len(answers.standing(meeting).lines)

    assert lines() == 7
    sent.hears("alice,bruno,denis present", "claire excuse +gaelle")
    assert lines() == 7


# --- The roll ---------------------------------------------------------------------------------


def told(sent: Sent) -> list[tuple]:
    """What the ledger tells, the composition left out."""
    meeting = Meeting.objects.get(pk=sent.meeting.pk)
    found = []
    for event in meeting.ledger[1:]:
        match event:
            case sitting.Arrived(member=key, remote=remote):
                found.append(("distance" if remote else "présent", key))
            case sitting.Excused(member=key):
                found.append(("excusé", key))
            case sitting.SeatTaken(substitute=by, titular=key):
                found.append(("suppléance", key, by))
            case sitting.ProxyGiven(giver=key, holder=by):
                found.append(("pouvoir", key, by))
            case sitting.Voided(target=seq):
                found.append(("annulé", seq))
    return found


ROLL = [
    ("présent", "alice-arnaud"),
    ("présent", "bruno-besson"),
    ("excusé", "claire-caron"),
    ("présent", "gaelle-garnier"),
    ("présent", "denis-duval"),
    ("excusé", "elsa-evrard"),
    ("suppléance", "claire-caron", "gaelle-garnier"),
    ("pouvoir", "elsa-evrard", "denis-duval"),
]


def call(sent: Sent, corrected: foreseen.RollCall | None = None) -> None:
    calling.roll_from_answers(sent.fresh, by=sent.cast.secretariat, at=NOW, corrected=corrected)


@pytest.mark.database
def test_the_answers_become_the_roll_in_one_act_and_are_corrected_not_added(answered):
    for _ in range(2):  # told again it changes nothing
        call(answered)
        assert told(answered) == ROLL
    quorum = reading.quorum_at_opening(Meeting.objects.get())
    assert (quorum.present, quorum.titulars, quorum.substitutes) == (4, 3, 1)
    answered.says("claire", "present")
    corrected = foreseen.RollCall(
        standings={"claire-caron": "present", "gaelle-garnier": "absent"},
        seats={},
        proxies={"elsa-evrard": "denis-duval"},
    )
    call(answered, corrected)
    since = [("annulé", 4), ("présent", "claire-caron"), ("annulé", 5), ("annulé", 8)]
    assert told(answered) == [*ROLL, *since]


def test_what_was_pointed_at_the_door_comes_before_what_was_answered(answered):
    pointed = {"farid-faure": "present", "alice-arnaud": "excuse"}
    attendance.set_roll(answered.meeting, standings=pointed, by=answered.cast.secretariat)
    rows = foreseen.rows(answers.standing(Meeting.objects.get()))
    assert {key: rows[key].standing for key in pointed} == pointed


def test_a_seat_or_a_proxy_that_makes_no_sense_is_left_out(answered):
    """The titular is there after all; the holder of the proxy is not."""
    there = dict.fromkeys(("alice-arnaud", "claire-caron", "gaelle-garnier"), "present")
    corrected = foreseen.RollCall(
        standings=there | {"elsa-evrard": "excuse", "denis-duval": "absent"},
        seats={"gaelle-garnier": "claire-caron"},
        proxies={"elsa-evrard": "denis-duval"},
    )
    call(answered, corrected)
    assert {kind for kind, *_ in told(answered)} == {"présent", "excusé"}


def test_once_open_the_roll_is_no_longer_taken_from_the_answers(answered):
    Meeting.objects.update(stage=Meeting.Stage.OPEN)
    with refused("seance_ouverte"):
        call(answered)
