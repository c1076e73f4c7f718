"""What the members say of their coming: who may say what, who hears of it, until when."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.core.files.base import ContentFile
from django.db import connection

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
from tests.cast import make_mandate, make_person
from tests.convening.sent import NOW, PARIS, Sent, make_sent

Word, Via = Answer.Word, Answer.Via


@pytest.fixture
def sent(cast) -> Sent:
    return make_sent(cast)


def rules(sent: Sent, **values) -> None:
    book = sent.cast.comite.rule_books.get()
    book.values |= values
    book.save()


def refused(sent: Sent, name: str, word: str, **to) -> list[str]:
    with pytest.raises(Refused) as refusal:
        sent.says(name, word, **to)
    return [finding.code for finding in refusal.value.findings]


# --- Saying it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "position"),
    [
        pytest.param("present", Position.COMING, id="présent"),
        pytest.param("excuse", Position.EXCUSED, id="excusé"),
    ],
)
def test_a_word_is_written_down(sent, word, position):
    told = sent.says("alice", word)
    assert (told.word, told.via, told.answered_at, told.noted_by) == (word, Via.LINK, NOW, None)
    assert sent.position("alice") == position


def test_nobody_has_answered_at_first(sent):
    assert {line.position for line in sent.standing.lines.values()} == {Position.WAITING}


def test_the_last_word_counts_and_all_are_kept(sent):
    sent.says("alice", "present")
    sent.says("alice", "excuse", at=NOW + timedelta(minutes=1))
    sent.says("alice", "present", at=NOW + timedelta(minutes=2))
    assert sent.position("alice") == Position.COMING
    assert Answer.objects.count() == 3


def test_the_same_word_twice_is_one(sent):
    first = sent.says("claire", "excuse", substitute="gaelle")
    again = sent.says("claire", "excuse", substitute="gaelle", at=NOW + timedelta(hours=1))
    assert again == first
    assert Notice.objects.count() == 1


def test_the_screens_learn_of_it(sent):
    before = sent.meeting.stamp
    sent.says("alice", "present")
    assert Meeting.objects.get().stamp > before


def test_the_secretariat_notes_what_it_heard_by_telephone(sent):
    told = sent.says("alice", "present", via=Via.SECRETARIAT, by=sent.cast.secretariat)
    assert (told.via, told.noted_by) == (Via.SECRETARIAT, sent.cast.secretariat)


def test_a_change_of_office_keeps_the_answer(sent):
    sent.says("farid", "present")
    old = sent.mandate("farid")
    old.end_on, old.end_reason = date(2026, 12, 5), Mandate.EndReason.OFFICE
    old.save()
    make_mandate(
        sent.cast.comite,
        sent.cast.farid,
        start_on=date(2026, 12, 6),
        constituency=old.constituency,
        community=old.community,
        office=Mandate.Office.VICE_CHAIR,
        office_rank=3,
    )
    assert sent.position("farid") == Position.COMING


def test_a_link_that_was_passed_on_floods_nobody(sent):
    """Each change mails somebody: after so many in a day, the secretariat is to be called."""
    words = ["present", "excuse"]
    for rank in range(answering.CHANGES_A_DAY):
        sent.says("alice", words[rank % 2], at=NOW + timedelta(minutes=rank))
    assert refused(sent, "alice", "present", at=NOW + timedelta(hours=1)) == [
        "changements_trop_nombreux"
    ]
    sent.says("alice", "present", via=Via.SECRETARIAT, by=sent.cast.secretariat)
    sent.says("alice", "excuse", at=NOW + timedelta(days=1, hours=1))


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word", "to", "code"),
    [
        pytest.param("alice", "distance", {}, "distance_exclue", id="à distance, sans la règle"),
        pytest.param("alice", "peut-etre", {}, "reponse_inconnue", id="mot inconnu"),
        pytest.param(
            "claire",
            "present",
            {"substitute": "gaelle"},
            "present_et_remplace",
            id="qui vient ne se fait pas remplacer",
        ),
        pytest.param(
            "claire",
            "excuse",
            {"substitute": "gaelle", "holder": "alice"},
            "suppleant_et_pouvoir",
            id="suppléant et pouvoir à la fois",
        ),
        pytest.param(
            "gaelle",
            "excuse",
            {"holder": "alice"},
            "non_titulaire",
            id="un suppléant n’a rien à donner",
        ),
        pytest.param(
            "alice",
            "excuse",
            {"substitute": "gaelle"},
            "suppleant_impossible",
            id="suppléante d’une autre",
        ),
        pytest.param(
            "alice", "excuse", {"holder": "alice"}, "pouvoir_a_soi_meme", id="pouvoir à soi-même"
        ),
        pytest.param(
            "alice",
            "excuse",
            {"holder": "gaelle"},
            "porteur_sans_siege",
            id="pouvoir à un suppléant qui ne siège pas",
        ),
    ],
)
def test_what_the_law_does_not_allow(sent, name, word, to, code):
    assert refused(sent, name, word, **to) == [code]
    assert not Answer.objects.exists() and not Notice.objects.exists()


def test_remote_where_the_rules_allow_it(sent):
    rules(sent, remote_allowed=True)
    sent.says("alice", "distance")
    assert sent.position("alice") == Position.REMOTE


def test_no_proxy_where_the_statutes_exclude_them(sent):
    rules(sent, proxies_allowed=False)
    assert refused(sent, "alice", "excuse", holder="bruno") == ["pouvoirs_exclus"]


def test_one_proxy_a_holder(sent):
    sent.says("alice", "excuse", holder="bruno")
    assert refused(sent, "denis", "excuse", holder="bruno") == ["porteur_complet"]


def test_two_proxies_where_the_statutes_allow_two(sent):
    rules(sent, proxies_per_holder=2)
    sent.says("alice", "excuse", holder="bruno")
    sent.says("denis", "excuse", holder="bruno")
    carried = sent.standing.lines["bruno-besson"].carries
    assert [member.first_name for member in carried] == ["Alice", "Denis"]


def test_no_proxy_to_who_has_just_given_his(sent):
    sent.says("bruno", "excuse", holder="alice")
    assert refused(sent, "denis", "excuse", holder="bruno") == ["porteur_absent"]
    assert refused(sent, "alice", "excuse", holder="bruno") == ["porteur_absent"]


def test_substitute_first_where_the_rules_say_so(sent):
    rules(sent, substitute_first="bloquer")
    assert refused(sent, "claire", "excuse", holder="alice") == ["suppleant_disponible"]
    sent.says("gaelle", "excuse")
    sent.says("claire", "excuse", holder="alice")
    assert sent.position("claire") == Position.REPRESENTED


def test_a_substitute_sits_for_one_titular_only(sent):
    rules(sent, substitutes="collectivite")
    Mandate.objects.filter(pk=sent.mandate("gaelle").pk).update(replaces=None)
    sent.says("claire", "excuse", substitute="gaelle")
    assert refused(sent, "alice", "excuse", substitute="gaelle") == ["suppleant_impossible"]


def test_a_proxy_comes_in_time_where_the_rules_fix_one(sent):
    rules(sent, proxy_deadline_hours=24)
    late = datetime(2026, 12, 7, 19, 1, tzinfo=PARIS)
    assert refused(sent, "alice", "excuse", holder="bruno", at=late) == ["pouvoir_tardif"]
    sent.says("alice", "excuse", holder="bruno", at=late - timedelta(minutes=2))


def test_somebody_who_sits_elsewhere(sent):
    stranger = make_person(sent.cast.organisation, "Paul", "Passant", "M.")
    mandate = make_mandate(sent.cast.bureau, stranger)
    with pytest.raises(Refused) as refusal:
        answering.answer(sent.meeting, mandate=mandate, word="present", via=Via.LINK, at=NOW)
    assert [finding.code for finding in refusal.value.findings] == ["hors_composition"]


# --- Until when -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        pytest.param(Meeting.Stage.OPEN, "seance_ouverte", id="séance ouverte"),
        pytest.param(Meeting.Stage.CLOSED, "seance_tenue", id="séance levée"),
        pytest.param(Meeting.Stage.ISSUED, "seance_tenue", id="procès-verbal établi"),
        pytest.param(Meeting.Stage.CANCELLED, "seance_annulee", id="séance annulée"),
    ],
)
def test_nothing_is_said_once_it_has_begun(sent, stage, code):
    Meeting.objects.update(stage=stage)  # by somebody else, since this page was read
    assert refused(sent, "alice", "present") == [code]
    with pytest.raises(Refused):
        asking.ask(sent.meeting, mandate=sent.mandate("alice"), text="Où ?", at=NOW)


def test_nor_once_the_day_has_passed(sent):
    midnight = datetime(2026, 12, 9, 0, 0, tzinfo=PARIS)
    sent.says("alice", "present", at=midnight - timedelta(seconds=1))
    assert refused(sent, "alice", "excuse", at=midnight) == ["seance_passee"]


# --- Substitutes ------------------------------------------------------------------------------


def test_a_substitute_is_sent_asked_and_agrees(sent):
    sent.says("claire", "excuse", substitute="gaelle")
    assert (sent.position("claire"), sent.position("gaelle")) == (
        Position.REPLACED,
        Position.ASKED,
    )
    assert not sent.standing.lines["claire-caron"].is_settled
    assert sent.mails() == [("Gaëlle", "remplacement")]

    sent.says("gaelle", "present")
    line = sent.standing.lines["claire-caron"]
    assert (line.position, line.by.first_name, line.is_settled) == (
        Position.REPLACED,
        "Gaëlle",
        True,
    )
    assert sent.position("gaelle") == Position.SEATED
    assert sent.standing.forecast.now.present == 1


def test_the_mail_to_the_substitute_brings_his_own_link(sent):
    sent.says("claire", "excuse", substitute="gaelle")
    mail = Notice.objects.get()
    assert mail.mandate == sent.mandate("gaelle")
    about = "siéger à la place de Mme\u00a0Claire CARON"
    assert mail.subject == f"Comité syndical du 8\u00a0décembre 2026\u00a0: {about}"
    assert "{lien}" in mail.body and mail.body.startswith("Madame,")
    assert "mardi 8\u00a0décembre 2026 à 19\u00a0h" in mail.body


def test_a_substitute_declines_and_the_titular_is_told(sent):
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("gaelle", "excuse")
    assert sent.mails() == [("Gaëlle", "remplacement"), ("Claire", "suppleant-empeche")]
    assert sent.position("claire") == Position.EXCUSED


def test_a_titular_comes_back_and_the_substitute_is_told(sent):
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("claire", "present")
    assert sent.mails() == [("Gaëlle", "remplacement"), ("Gaëlle", "remplacement-retire")]
    sent.says("gaelle", "present", at=NOW + timedelta(hours=1))
    line = sent.standing.lines["gaelle-garnier"]
    assert (line.position, line.stands_for) == (Position.COMING, None)
    assert sent.standing.seats == {}


def test_a_substitute_attached_by_name_who_comes_sits_without_being_sent(sent):
    sent.says("gaelle", "present")
    assert sent.position("gaelle") == Position.COMING
    sent.says("claire", "excuse")
    assert sent.standing.seats == {"gaelle-garnier": "claire-caron"}
    assert sent.position("claire") == Position.REPLACED


def test_nobody_is_mailed_without_an_address(sent):
    Person.objects.filter(pk=sent.cast.gaelle.pk).update(email="")
    sent.says("claire", "excuse", substitute="gaelle")
    assert not Notice.objects.exists()


# --- Proxies ----------------------------------------------------------------------------------


def test_the_holder_is_told(sent):
    sent.says("alice", "excuse", holder="bruno")
    assert sent.mails() == [("Bruno", "pouvoir")]
    assert sent.position("alice") == Position.REPRESENTED


def test_the_holder_who_cannot_come_leaves_the_giver_a_mail(sent):
    sent.says("alice", "excuse", holder="bruno")
    sent.says("bruno", "excuse")
    assert sent.mails() == [("Bruno", "pouvoir"), ("Alice", "pouvoir-sans-effet")]
    line = sent.standing.lines["alice-arnaud"]
    assert (line.position, line.is_settled) == (Position.REPRESENTED, False)


def test_a_proxy_taken_back_is_told(sent):
    sent.says("alice", "excuse", holder="bruno")
    sent.says("alice", "excuse", holder="denis")
    assert sent.mails() == [("Bruno", "pouvoir"), ("Bruno", "pouvoir-retire"), ("Denis", "pouvoir")]


def test_a_proxy_to_a_substitute_falls_when_the_titular_comes_back(sent):
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("gaelle", "present")
    sent.says("alice", "excuse", holder="gaelle")
    sent.says("claire", "present")
    assert sent.mails()[-1] == ("Alice", "pouvoir-sans-effet")


def test_a_signed_form_is_kept_under_a_name_of_ours(sent, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    form = ContentFile(b"%PDF-1.7", name="../../mon pouvoir.pdf")
    sent.says("alice", "excuse", holder="bruno")
    told = sent.says("alice", "excuse", holder="bruno", proxy_form=form)
    assert Answer.objects.count() == 2 and Notice.objects.count() == 1
    assert told.proxy_form.name.startswith(f"pouvoirs/{sent.meeting.pk}/")
    assert told.proxy_form.name.endswith(".pdf") and "mon" not in told.proxy_form.name


@pytest.mark.django_db(transaction=True)
def test_two_give_the_same_holder_their_proxy_at_once(sent):
    """One of them gets it, whoever is first; the other is told why not."""
    barrier, outcomes = Barrier(2), []

    def give(name: str) -> None:
        meeting = Meeting.objects.select_related("body__organisation").get(pk=sent.meeting.pk)
        barrier.wait()
        try:
            answering.answer(
                meeting,
                mandate=sent.mandate(name),
                word="excuse",
                holder=sent.mandate("bruno"),
                via=Via.LINK,
                at=NOW,
            )
            outcomes.append("pris")
        except Refused as refusal:
            outcomes.append(refusal.findings[0].code)
        finally:
            connection.close()

    threads = [Thread(target=give, args=[name]) for name in ("alice", "denis")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["porteur_complet", "pris"]
    assert Answer.objects.exclude(holder=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_give_each_other_their_proxy_at_once(sent):
    barrier, outcomes = Barrier(2), []

    def give(name: str, holder: str) -> None:
        meeting = Meeting.objects.select_related("body__organisation").get(pk=sent.meeting.pk)
        barrier.wait()
        try:
            answering.answer(
                meeting,
                mandate=sent.mandate(name),
                word="excuse",
                holder=sent.mandate(holder),
                via=Via.LINK,
                at=NOW,
            )
            outcomes.append("pris")
        except Refused as refusal:
            outcomes.append(refusal.findings[0].code)
        finally:
            connection.close()

    pairs = [("alice", "bruno"), ("bruno", "alice")]
    threads = [Thread(target=give, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["porteur_absent", "pris"]


# --- Questions --------------------------------------------------------------------------------


def test_a_question_and_its_reply(sent):
    question = asking.ask(sent.meeting, mandate=sent.mandate("alice"), text=" Où ? ", at=NOW)
    assert question.text == "Où ?"
    asking.reply(question, text="Salle 2.", by=sent.cast.secretariat, at=NOW)
    mail = Notice.objects.get()
    assert mail.mandate == sent.mandate("alice") and "Salle 2." in mail.body
    asking.reply(question, text="Salle 2.", by=sent.cast.secretariat, at=NOW + timedelta(hours=1))
    assert Notice.objects.count() == 1


def test_a_corrected_reply_is_mailed_again(sent):
    question = asking.ask(sent.meeting, mandate=sent.mandate("alice"), text="Où ?", at=NOW)
    asking.reply(question, text="Salle 2.", by=sent.cast.secretariat, at=NOW)
    asking.reply(question, text="Salle 3.", by=sent.cast.secretariat, at=NOW + timedelta(hours=1))
    assert Notice.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("   ", "question_vide", id="vide"),
        pytest.param("漢" * 100_000, "question_longue", id="cent mille signes"),
    ],
)
def test_a_question_that_is_none(sent, text, code):
    with pytest.raises(Refused) as refusal:
        asking.ask(sent.meeting, mandate=sent.mandate("alice"), text=text, at=NOW)
    assert [finding.code for finding in refusal.value.findings] == [code]


def test_the_same_question_twice_is_one_and_a_flood_is_stopped(sent):
    alice = sent.mandate("alice")
    for _ in range(2):
        asking.ask(sent.meeting, mandate=alice, text="Où ?", at=NOW)
    assert Question.objects.count() == 1
    for rank in range(asking.QUESTIONS_PER_PERSON - 1):
        asking.ask(sent.meeting, mandate=alice, text=f"Et {rank} ?", at=NOW)
    with pytest.raises(Refused):
        asking.ask(sent.meeting, mandate=alice, text="Encore ?", at=NOW)


# --- Foreseeing -------------------------------------------------------------------------------


def test_the_quorum_foreseen(sent):
    """Six titulars, four required."""
    assert sent.standing.forecast.outlook == "probable"
    for name in ("alice", "bruno", "denis"):
        sent.says(name, "present")
    assert (sent.standing.forecast.outlook, sent.standing.forecast.missing) == ("probable", 1)
    sent.says("elsa", "present")
    assert sent.standing.forecast.outlook == "acquis"


def test_a_quorum_out_of_reach(sent):
    for name in ("alice", "bruno", "denis"):
        sent.says(name, "excuse")
    assert sent.standing.forecast.outlook == "manquant"


def test_who_comes_remotely_counts_if_the_rules_say_so(sent):
    rules(sent, remote_allowed=True)
    for name in ("alice", "bruno", "denis", "elsa"):
        sent.says(name, "distance")
    assert sent.standing.forecast.now.present == 0
    rules(sent, quorum_counts_remote=True)
    assert sent.standing.forecast.now.present == 4


def test_the_solver_proposes_what_nobody_has_said(sent):
    sent.says("claire", "excuse")
    sent.says("alice", "excuse")
    plan = answers.standing(sent.meeting).plan
    assert [(p.absent, p.by) for p in plan.proposals] == [
        ("claire-caron", "gaelle-garnier"),
        ("alice-arnaud", "gaelle-garnier"),
    ]
    sent.says("claire", "excuse", substitute="gaelle")
    assert [p.absent for p in sent.standing.plan.proposals] == ["alice-arnaud"]


def test_reading_costs_the_same_whoever_answered(sent, django_assert_num_queries):
    def lines() -> int:
        meeting = Meeting.objects.select_related("body__organisation").get(pk=sent.meeting.pk)
        assert meeting.basis
        with django_assert_num_queries(1):
            return len(answers.standing(meeting).lines)

    assert lines() == 7
    for name in ("alice", "bruno", "denis"):
        sent.says(name, "present")
    sent.says("claire", "excuse", substitute="gaelle")
    assert lines() == 7


# --- The roll ---------------------------------------------------------------------------------


@pytest.fixture
def answered(sent) -> Sent:
    """Three titulars come, Gaëlle sits for Claire, Elsa gives Denis her proxy, Farid is silent."""
    for name in ("alice", "bruno", "denis", "gaelle"):
        sent.says(name, "present")
    sent.says("claire", "excuse", substitute="gaelle")
    sent.says("elsa", "excuse", holder="denis")
    return sent


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


def test_the_answers_become_the_roll_in_one_act(answered):
    calling.roll_from_answers(answered.meeting, by=answered.cast.secretariat, at=NOW)
    assert told(answered) == ROLL
    quorum = reading.quorum_at_opening(Meeting.objects.get())
    assert (quorum.present, quorum.titulars, quorum.substitutes) == (4, 3, 1)


def test_told_again_it_changes_nothing(answered):
    for _ in range(2):
        calling.roll_from_answers(answered.meeting, by=answered.cast.secretariat, at=NOW)
    assert told(answered) == ROLL


def test_an_answer_that_came_since_is_corrected_not_added(answered):
    calling.roll_from_answers(answered.meeting, by=answered.cast.secretariat, at=NOW)
    answered.says("claire", "present")
    calling.roll_from_answers(
        Meeting.objects.get(),
        by=answered.cast.secretariat,
        at=NOW,
        corrected=foreseen.RollCall(
            standings={"claire-caron": "present", "gaelle-garnier": "absent"},
            seats={},
            proxies={"elsa-evrard": "denis-duval"},
        ),
    )
    assert told(answered) == [
        *ROLL,
        ("annulé", 4),
        ("présent", "claire-caron"),
        ("annulé", 5),
        ("annulé", 8),
    ]


def test_what_was_pointed_at_the_door_comes_before_what_was_answered(answered):
    attendance.set_roll(
        answered.meeting,
        standings={"farid-faure": "present", "alice-arnaud": "excuse"},
        by=answered.cast.secretariat,
    )
    rows = foreseen.rows(answers.standing(Meeting.objects.get()))
    assert (rows["farid-faure"].standing, rows["alice-arnaud"].standing) == ("present", "excuse")


def test_a_seat_or_a_proxy_that_makes_no_sense_is_left_out(answered):
    """The titular is there after all; the holder of the proxy is not."""
    calling.roll_from_answers(
        answered.meeting,
        by=answered.cast.secretariat,
        at=NOW,
        corrected=foreseen.RollCall(
            standings={
                "alice-arnaud": "present",
                "claire-caron": "present",
                "gaelle-garnier": "present",
                "elsa-evrard": "excuse",
                "denis-duval": "absent",
            },
            seats={"gaelle-garnier": "claire-caron"},
            proxies={"elsa-evrard": "denis-duval"},
        ),
    )
    assert {kind for kind, *_ in told(answered)} == {"présent", "excusé"}


def test_remotely_is_told_remotely(sent):
    rules(sent, remote_allowed=True)
    sent.says("alice", "distance")
    calling.roll_from_answers(sent.meeting, by=sent.cast.secretariat, at=NOW)
    assert told(sent) == [("distance", "alice-arnaud")]


def test_once_open_the_roll_is_no_longer_taken_from_the_answers(answered):
    Meeting.objects.update(stage=Meeting.Stage.OPEN)
    with pytest.raises(Refused) as refusal:
        calling.roll_from_answers(answered.meeting, by=answered.cast.secretariat, at=NOW)
    assert [finding.code for finding in refusal.value.findings] == ["seance_ouverte"]
