"""Acts carried by an operator: each leaves once, none is lost, whatever is cut, doubled, killed."""

import signal
from collections import Counter
from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import connection

from convening.models import Notice
from members import serving
from members.models import Organisation
from tests import processes
from tests.cast import change
from tests.transmission import made
from tests.transmission.carried import (
    WHOLE,
    answer_rightly,
    carry,
    is_whole,
    kept,
    kind_of,
    left,
    taken_by_another,
)
from tests.transmission.pastell import Pastell as PastellServer
from tests.transmission.s2low import PDF, STAMP
from tests.transmission.services import AFTER, BEFORE, CUTS, Said, cut_once
from trail.models import Entry
from transmission.actions import receiving
from transmission.actions import sending as sendings
from transmission.models import Errand, Exchange, Operator, Transmission
from transmission.operators import carrying, choosing

pytestmark = pytest.mark.django_db
State, Kind, Wants = Transmission.State, Exchange.Kind, Errand.Wants

# --- The way of an act ------------------------------------------------------------------------


def test_an_act_leaves_is_followed_and_comes_back_with_its_papers(service, ready, clock):
    (sending,) = ready(service)
    carry(clock, service)
    assert is_whole(sending, service)
    assert sending.received_on == made.RECEIVED or kind_of(service) == "s2low"
    assert sending.sent_at >= made.LATER
    stamped = sending.exchanges.get(kind=Kind.STAMPED)
    with stamped.file.open() as file:
        assert file.read().endswith(STAMP)
    errand = Errand.objects.get()
    assert (errand.is_done, errand.wants, errand.failures, errand.trouble) == (True, "", 0, "")
    lines = [str(call) for call in errand.calls.all()]
    assert any(line.startswith("envoi") and sending.remote_id in line for line in lines)
    assert [line for line in lines if line.startswith("accusé")]
    asked = service.count
    clock.later(minutes=5)
    carrying.Carrier(clock).run()
    assert service.count == asked  # it is over: nobody goes again
    told = Entry.objects.filter(what__contains=sending.identifier)
    assert told.filter(account=None).exists()


def test_each_stage_has_its_hour(s2low, ready, clock):
    ready(s2low)
    s2low.road = [1, 1, 1, 2, 3, 4]
    carry(clock, s2low)
    calls = Errand.objects.get().calls.filter(asked="état")
    told = [(call.answered, call.times) for call in calls]
    assert told == [
        ("posté (1)", 3),
        ("en attente de transmission (2)", 1),
        ("transmis (3)", 1),
        ("reçu (4)", 1),
    ]
    assert all(call.at <= call.last_at for call in calls)
    assert calls[0].at < calls[0].last_at < calls[1].at < calls[2].at


@pytest.mark.parametrize("cut", CUTS)
def test_cut_at_each_question_nothing_leaves_twice_and_nothing_is_lost(service, ready, clock, cut):
    (sending,) = ready(service)
    met = cut_once(service, cut)
    carry(clock, service)
    assert is_whole(sending, service)
    assert len(met) >= (8 if kind_of(service) == "s2low" else 26), met
    assert Notice.objects.count() <= 1  # cut more than five times in a row, it is told once


def test_a_number_taken_after_a_time_out_is_ours(s2low, ready, clock):
    """The answer was lost, and the service shows the act only at the second look: the number that
    it refuses is that of our own act."""
    (sending,) = ready(s2low)
    s2low.fault = lambda rank, path: AFTER if rank == 0 else None
    hidden = {"list_actes": Said(b'{"transactions": []}', kind="application/json")}
    carrying.Carrier(clock).run()
    s2low.lies = dict(hidden)

    def shows(asked):
        s2low.lies.clear()
        return s2low.on_actes_transac_create(asked)

    s2low.lies["actes_transac_create"] = shows
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    assert any("refusé" in call.answered for call in sending.errand.calls.all())


def test_it_waits_before_it_asks_again_what_was_not_answered(s2low, ready, clock):
    ready(s2low)
    s2low.fault = lambda rank, path: AFTER
    carrying.Carrier(clock).run()
    assert Errand.objects.get().not_before - clock.now >= carrying.SETTLED


# --- A process that is killed -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.proof
@pytest.mark.database
# A dozen processes each: both cuts on SQLite; on PostgreSQL that which leaves something behind.
@pytest.mark.parametrize("cut", [BEFORE, AFTER] if connection.vendor == "sqlite" else [AFTER])
def test_killed_at_each_question_nothing_leaves_twice_and_nothing_is_lost(
    service, ready, cut, settings, tmp_path
):
    """Every question is met once by a hand that dies there, and once more wherever the service has
    been told something new since: each of those that one whole conversation asks, and those that
    whoever comes after a dead hand asks besides."""
    settings.DATA_DIR = tmp_path
    is_s2low = kind_of(service) == "s2low"
    service.road = [4] if is_s2low else ["acquiter-tdt"]
    (sending,) = ready(service)
    answer_rightly(service)
    carrying.enlist(at=made.LATER)
    host = service.address.partition("//")[2]
    workers: list[processes.Process] = []
    killed = cut_once(service, cut, lambda: workers[-1].send_signal(signal.SIGKILL))
    for _ in range(60):
        # The lease of a hand that died runs out; what waits is due.
        Errand.objects.update(not_before=made.AT)
        Errand.objects.exclude(lease_until=None).update(lease_until=made.AT)
        Operator.objects.update(asked_at=datetime.now().astimezone())
        workers.append(
            processes.start("manage.py", "carry_acts", "--once", TRANSMISSION_HOSTS=host)
        )
        workers[-1].wait(60)
        if Errand.objects.get().is_done:
            break
    assert is_whole(sending, service)
    assert len(killed) >= (6 if is_s2low else 14), killed


# --- What a person decides --------------------------------------------------------------------


def test_a_number_that_another_act_has_is_asked_about(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    taken_by_another(s2low, sending)
    carry(clock, s2low)
    errand = Errand.objects.get()
    assert (errand.wants, [each["subject"] for each in errand.found]) == (
        Wants.CHOICE,
        ["Un autre acte"],
    )
    asked = s2low.count
    clock.later(days=2)
    carrying.Carrier(clock).run()
    assert s2low.paths()[asked:] == ["list_document_prefecture.php"]  # it waits for a person
    (notice,) = Notice.objects.filter(subject__contains="attend quelqu’un")
    assert notice.email == cast.secretariat.email
    choosing.other(errand, by=cast.secretariat, at=clock.now)
    sending.refresh_from_db()
    assert (sending.state, left(s2low, sending.number)) == (State.REFUSED, 1)
    (again,) = sendings.prepare_sitting(
        sending.document.meeting, by=cast.secretariat, at=clock.now, connector="s2low"
    ).done
    assert again.number != sending.number
    s2low.lies["received"] = {"received_on": f"{clock.now:%Y-%m-%d}"}
    carry(clock, s2low)
    assert is_whole(again, s2low)


def test_an_act_that_was_sent_elsewhere_is_followed_when_a_person_says_so(
    s2low, ready, clock, cast
):
    """Somebody had sent it on the pages of the service: the machine does not guess."""
    (sending,) = ready(s2low)
    with_words = sending.sheet.object
    taken_by_another(s2low, sending, subject=with_words)
    s2low.acts()[0].files = [("acte_pdf_file", "acte.pdf", PDF)]
    carry(clock, s2low)
    errand = Errand.objects.get()
    assert errand.wants == Wants.CHOICE
    with pytest.raises(Exception, match="plus posée"):
        choosing.same(errand, "999", by=cast.secretariat, at=clock.now)
    choosing.same(errand, errand.found[0]["remote"], by=cast.secretariat, at=clock.now)
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    with pytest.raises(Exception, match="plus posée"):
        choosing.other(errand, by=cast.secretariat, at=clock.now)


def test_a_sending_that_may_have_left_is_not_given_up(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    s2low.fault = lambda rank, path: AFTER if rank == 0 else None
    carrying.Carrier(clock).run()
    with pytest.raises(Exception, match="peut-être parti"):
        sendings.abandon(sending, by=cast.secretariat, at=clock.now)
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    assert not Notice.objects.exists()  # one cut is no business of anybody


def test_what_was_given_up_does_not_leave(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    carrying.enlist(at=clock.now)
    sendings.abandon(sending, by=cast.secretariat, at=clock.now)
    carry(clock, s2low)
    assert (s2low.acts(), Errand.objects.get().is_done) == ([], True)


# --- What an operator answers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(Said("KO\nLa matière n'existe pas\n".encode("latin-1")), "matière", id="KO"),
        pytest.param(None, "L'acte est illisible", id="1 puis -1"),
    ],
)
def test_what_is_refused_is_told_and_not_sent_again(s2low, ready, clock, answer, said):
    (sending,) = ready(s2low)
    if answer is not None:
        s2low.lies["actes_transac_create"] = answer
    s2low.road = [1, -1]
    carrying.Carrier(clock).run()
    for act in s2low.acts():
        act.error = "L'acte est illisible"
    carry(clock, s2low)
    sending.refresh_from_db()
    assert (sending.state, said in sending.detail) == (State.REFUSED, True)
    (notice,) = Notice.objects.all()
    assert said[-8:] in notice.body and "exécutoire" in notice.body
    s2low.lies.clear()
    clock.later(days=3)
    carry(clock, s2low)
    assert s2low.paths().count("actes_transac_create.php") == 1


def test_an_act_that_waits_there_for_an_agent_is_told(s2low, ready, clock):
    (sending,) = ready(s2low)
    s2low.road = [17, 17, 17, 1, 2, 3, 4]
    carrying.Carrier(clock).run()
    clock.later(minutes=2)
    carrying.Carrier(clock).run()
    assert Errand.objects.get().wants == Wants.CONFIRMATION
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    assert Notice.objects.filter(body__contains="le confirmer chez l’opérateur").count() == 1
    assert Errand.objects.get().wants == Wants.NOTHING


def test_a_receipt_of_another_act_is_not_believed(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    s2low.lies["received"] = {"number": "AUTRE"}
    carry(clock, s2low, most=12)
    sending.refresh_from_db()
    errand = Errand.objects.get()
    assert (sending.state, errand.wants, errand.is_done) == (State.SENT, Wants.HELP, False)
    assert "n’a pas envoyé d’ici" in errand.trouble
    assert kept(sending) == Counter({Kind.PACK: 1})
    s2low.lies.clear()
    choosing.again(errand, by=cast.secretariat, at=clock.now)
    carry(clock, s2low)
    assert is_whole(sending, s2low)


def test_papers_that_do_not_come_are_not_waited_for(s2low, ready, clock):
    """No stamp: the file that comes is the one that left. No slip: a page comes in its place."""
    (sending,) = ready(s2low)
    s2low.lies = {"unstamped": True, "actes_create_pdf": Said(b"<html>", kind="text/html")}
    carry(clock, s2low)
    sending.refresh_from_db()
    assert sending.state == State.RECEIVED
    assert kept(sending) == Counter({Kind.PACK: 1, Kind.RECEIPT: 1})
    assert Errand.objects.get().is_done


def test_a_service_that_is_down_is_asked_until_it_answers(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    s2low.fault = lambda rank, path: BEFORE
    waits = []
    for _ in range(12):
        carrying.Carrier(clock).run()
        due = carrying.next_due(clock.now)
        waits.append(due - clock.now)
        clock.now = due
    assert waits == sorted(waits) and waits[0] < waits[-1]
    assert Errand.objects.get().wants == Wants.HELP
    assert Notice.objects.count() == 1  # told once
    s2low.fault = lambda rank, path: None
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    assert Errand.objects.get().wants == Wants.NOTHING


def test_an_operator_that_is_put_away_or_unknown_is_not_asked(s2low, ready, clock, settings):
    (sending,) = ready(s2low)
    Operator.objects.update(is_active=False)
    carrying.Carrier(clock).run()
    assert s2low.count == 0
    Operator.objects.update(is_active=True)
    settings.TRANSMISSION_HOSTS = []
    carrying.Carrier(clock).run()
    assert s2low.count == 0
    assert "TRANSMISSION_HOSTS" in Errand.objects.get().trouble
    sending.refresh_from_db()
    assert sending.state == State.PREPARED


def test_a_base_that_was_restored_carries_nothing(s2low, ready, clock):
    ready(s2low)
    serving.hold()
    assert carrying.Carrier(clock).run() == 0
    with pytest.raises(Exception, match="take_over"):
        call_command("carry_acts", "--once")
    assert s2low.count == 0


def test_what_replaces_an_act_is_no_business_of_an_operator(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    Transmission.objects.none()
    other = Transmission(
        sheet=sending.sheet,
        document=sending.document,
        number="ANCIEN",
        identifier="080-200000016-20260609-ANCIEN-DE",
        connector="depot",
        state=State.REPLACED,
    )
    other.save()
    Transmission._base_manager.filter(pk=sending.pk).update(replaces=other)
    carry(clock, s2low, most=3)
    assert (s2low.acts(), Errand.objects.get().wants) == ([], Wants.HELP)
    assert "ANCIEN" in Errand.objects.get().trouble


# --- Taken back -------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [None, *CUTS])
def test_an_act_is_taken_back_once(service, ready, clock, cast, cut):
    (sending,) = ready(service)
    carry(clock, service)
    sending.refresh_from_db()
    sendings.cancel(sending, by=cast.secretariat, at=clock.now)
    first = service.count
    service.fault = lambda rank, path: (
        cut if rank == first + (kind_of(service) == "pastell") else None
    )
    carry(clock, service)
    sending.refresh_from_db()
    assert sending.state == State.CANCELLED
    assert Errand.objects.get().is_done
    if kind_of(service) == "s2low":
        assert [each.type for each in service.transactions.values()].count("6") == 1


def test_a_withdrawal_that_is_refused_is_told(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    carry(clock, s2low)
    s2low.acts()[0].road = [13]
    sending.refresh_from_db()
    sendings.cancel(sending, by=cast.secretariat, at=clock.now)
    carry(clock, s2low, most=8)
    sending.refresh_from_db()
    errand = Errand.objects.get()
    assert (sending.state, errand.wants) == (State.CANCELLING, Wants.HELP)
    assert "Impossible d'annuler" in errand.trouble


# --- What the prefecture writes ---------------------------------------------------------------


def test_letters_are_kept_before_they_are_marked_and_told_once(s2low, ready, clock, monkeypatch):
    (sending,) = ready(s2low)
    carry(clock, s2low)
    for kind in "2345":
        s2low.writes(kind, s2low.acts()[0])
    s2low.lies["doubled"] = True
    marks = []

    def full(*args, **kwargs):
        raise OSError("disque plein")

    def fault(rank: int, path: str) -> str | None:
        if path.endswith("mark_as_read.php"):
            marks.append(path)
            return BEFORE if len(marks) == 1 else AFTER if len(marks) == 2 else None
        return None

    s2low.fault = fault
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "keep_paper", full)
        clock.later(hours=1)
        carrying.Carrier(clock).run()
    assert marks == []  # what is not kept is not marked
    for _ in range(4):
        clock.later(hours=1)
        carrying.Carrier(clock).run()
    assert all(each.is_read for each in s2low.transactions.values() if each.type in "2345")
    expected = WHOLE + Counter([Kind.LETTER, Kind.PIECES, Kind.OBSERVATIONS, Kind.DEFERRAL])
    assert kept(sending) == expected
    subjects = Notice.objects.filter(subject__startswith="La préfecture a écrit")
    assert subjects.count() == 4
    sending.refresh_from_db()
    assert sending.state == State.RECEIVED  # nothing is done of it by itself


def test_letters_of_pastell_are_taken_once(ready, clock):
    with PastellServer() as server:
        (sending,) = ready(server)
        carry(clock, server)
        server.writes("lettre_observation", next(iter(server.documents.values())))
        for _ in range(3):
            clock.later(hours=5)
            carrying.Carrier(clock).run()
        assert kept(sending)[Kind.OBSERVATIONS] == 1
        files = [path for path in server.asked if "lettre_observation" in path.path]
        assert len(files) == 1
        assert Notice.objects.count() == 1


def test_a_letter_about_an_act_that_left_from_elsewhere_stays_unread(s2low, ready, clock):
    ready(s2low)
    carry(clock, s2low)
    elsewhere = s2low._new("1", "AILLEURS", [4])
    letter = s2low.writes("4", elsewhere)
    clock.later(hours=1)
    carrying.Carrier(clock).run()
    assert not letter.is_read
    (told,) = Operator.objects.get().strays
    assert told == {"number": "AILLEURS", "kind": "lettre d’observations"}


# --- What is told nowhere ---------------------------------------------------------------------


def test_no_secret_is_told_anywhere(s2low, ready, clock, settings, tmp_path, cast, caplog):
    settings.TRANSMISSION_SECRETS = tmp_path / "secrets"
    place = settings.TRANSMISSION_SECRETS / Organisation.objects.get(pk=cast.organisation.pk).slug
    place.mkdir(parents=True)
    (place / "mot").write_text("ouvre-toi\n")
    (sending,) = ready(s2low)
    change(Operator.objects.get(), account="vb", secret="mot")
    s2low.login = "Basic dmI6YXV0cmU="
    s2low.lies["actes_transac_create"] = Said(b"KO\nouvre-toi est faux\n")
    s2low.login = ""
    carry(clock, s2low)
    assert s2low.asked[0].headers["authorization"] == "Basic dmI6b3V2cmUtdG9p"
    sending.refresh_from_db()
    assert sending.detail == "… est faux"
    told = [
        *(
            str(row)
            for model in (Errand, Operator, Entry, Notice)
            for row in model.objects.values()
        ),
        *(str(call) for call in sending.errand.calls.all()),
        caplog.text,
    ]
    assert not any("ouvre-toi" in each or "dmI6b3V2cmUtdG9p" in each for each in told)
