"""What the prefecture answers: read once, of the right act, in its turn; or nothing moves."""

import io
import json
import os
import tarfile
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.keeping import bundles, integrity
from law.acts import Deadline
from law.findings import Refused
from members import files
from tests.meetings.files import pdf, picture
from tests.transmission import made, samples
from tests.transmission.made import AT, LATER, RECEIVED
from tests.transmission.test_ctes import BOMB
from tests.words import refused
from trail.models import Entry
from transmission import reading
from transmission.actions import receiving, sending
from transmission.ctes import envelope, markup
from transmission.models import Exchange, Transmission

pytestmark = pytest.mark.django_db
State, Kind = Transmission.State, Exchange.Kind


@pytest.fixture
def sent(cast, sitting) -> Transmission:
    """The budget of June, sent."""
    (made_,) = made.prepared(cast, sitting("Budget primitif"))
    sending.mark_sent(made_, by=cast.secretariat, at=AT)
    return made_


@pytest.fixture
def received(cast, sent) -> Transmission:
    """The same, acknowledged."""
    take(cast, ("ar.xml", made.answer(sent)))
    sent.refresh_from_db()
    return sent


def take(cast, *given, organisation=None, at=LATER):
    organisation = organisation or cast.organisation
    return receiving.take(organisation, given, by=cast.secretariat, at=at)


def states() -> list[tuple]:
    """All that is known of every sending."""
    rows = Transmission.objects.order_by("pk")
    return [*rows.values_list("state", "received_on", "settled_at", "detail"), files_of()]


def files_of() -> list[str]:
    return list(Exchange.objects.order_by("pk").values_list("name", flat=True))


def archive(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


ARTICLE = "art. L3132-1 du CGCT, par renvoi de l’art. L5721-4"


def control_of(sent) -> Deadline | None:
    deliberation = sent.sheet.deliberation
    had = reading.heard(deliberation.meeting).get(deliberation.item.key)
    return reading.control_of(deliberation, had)


# --- Acknowledged, refused ---------------------------------------------------------------------


def test_an_acknowledgment_dates_what_the_prefecture_has(cast, sent):
    answer = made.answer(sent)
    assert samples.faults(answer) == []
    assert reading.received_on(sent.document) is None
    (taken,) = take(cast, ("ar.xml", answer))
    sent.refresh_from_db()
    assert (sent.state, sent.received_on, sent.settled_at) == (State.RECEIVED, RECEIVED, LATER)
    kept = taken.exchange
    assert (kept.kind, kept.dated_on, kept.at) == (Kind.RECEIPT, RECEIVED, LATER)
    assert files.content(kept.file, kept.sha256) == answer
    assert reading.received_on(sent.document) == RECEIVED
    assert reading.transmission_of(sent.document) == sent
    # Deux mois francs du 17 juin (art. L3132-1) : le 18 août.
    assert control_of(sent) == Deadline(on=date(2026, 8, 18), article=ARTICLE)
    assert Entry.objects.filter(what=f"accusé de réception, {sent.identifier}").exists()


def test_an_acknowledgment_may_come_before_anybody_said_it_left(cast, sitting):
    (made_,) = made.prepared(cast, sitting())
    take(cast, ("ar.xml", made.answer(made_)))
    made_.refresh_from_db()
    assert (made_.state, made_.sent_at) == (State.RECEIVED, LATER)


def test_twice_is_once(cast, received):
    before = states()
    (again,) = take(cast, ("ar.xml", made.answer(received)))
    assert not again.is_new
    # Written again by the operator, it says the same.
    (other,) = take(cast, ("autre.xml", made.answer(received, object="Budget  primitif")))
    assert not other.is_new
    assert states() == before


def test_what_comes_again_leaves_nothing_more(cast, received):
    """A small archive may hold much that is nobody's."""
    before, kept = states(), files_of()
    known = ("ar.xml", made.answer(received))
    (again,) = take(cast, ("ar.tar.gz", archive(known, ("x.bin", b"0" * 1_000_000))))
    assert not again.is_new
    assert (states(), files_of()) == (before, kept)


def test_an_anomaly_gives_the_number_back(cast, sent):
    answer = made.answer(sent, "AnomalieActe", words="classification périmée")
    assert samples.faults(answer) == []
    take(cast, ("ano.xml", answer))
    sent.refresh_from_db()
    assert (sent.state, sent.detail) == (State.REFUSED, "classification périmée")
    assert reading.received_on(sent.document) is None
    again = sending.prepare(sent.sheet.deliberation, by=cast.secretariat, at=LATER)
    assert again.number == sent.number
    # The answer of the first try is known again, and is not that of the second.
    (taken,) = take(cast, ("ano.xml", answer))
    again.refresh_from_db()
    assert (taken.is_new, taken.sending, again.state) == (False, sent, State.PREPARED)


def test_an_anomaly_of_the_whole_envelope_is_of_the_act_that_it_names(cast, sent):
    content = f"""<a:AnomalieEnveloppe xmlns:a="{markup.ACTES}" xmlns:i="{markup.INSEE}">
        <a:Date>2026-06-17</a:Date><a:Nature>004</a:Nature><a:Detail>illisible</a:Detail>
        <a:EnveloppeRecue><a:Emetteur><a:IDCL a:Arrondissement="2" a:Departement="080"
        a:Nature="42" i:SIREN="200000016"/></a:Emetteur><a:AdressesRetour><a:Email>a@b.fr</a:Email>
        </a:AdressesRetour><a:FormulairesEnvoyes><a:Formulaire><a:NomFichier>{sent.identifier}
        -1-1_0.xml</a:NomFichier></a:Formulaire></a:FormulairesEnvoyes></a:EnveloppeRecue>
        </a:AnomalieEnveloppe>""".encode()
    assert samples.faults(content) == []
    take(cast, ("ano.xml", content))
    sent.refresh_from_db()
    assert (sent.state, sent.detail) == (State.REFUSED, "illisible")


# --- Taken back --------------------------------------------------------------------------------


def test_a_transmission_is_taken_back(cast, received):
    asked = sending.cancel(received, by=cast.secretariat, at=LATER)
    assert sending.cancel(received, by=cast.secretariat, at=LATER) == asked
    packed = dict(envelope.opened(files.content(asked.file, asked.sha256)))
    message = packed[f"{received.identifier}-6-1_0.xml"]
    assert samples.faults(message) == []
    # Until the prefecture says so, it has it.
    assert received.state == State.CANCELLING
    assert reading.received_on(received.document) == RECEIVED
    answer = made.answer(received, "ARAnnulation", on=LATER.date())
    assert samples.faults(answer) == []
    take(cast, ("ar.xml", answer))
    received.refresh_from_db()
    assert received.state == State.CANCELLED
    assert reading.received_on(received.document) is None
    again = sending.prepare(received.sheet.deliberation, by=cast.secretariat, at=LATER)
    assert again.number == f"{received.number}_2" and again.replaces is None


def test_what_the_prefecture_never_had_is_not_taken_back(cast, sent):
    with refused("pas_recue"):
        sending.cancel(sent, by=cast.secretariat, at=LATER)


# --- Letters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "kept", "words"), [
    ("CourrierSimple", Kind.LETTER, ""),
    ("DemandePieceComplementaire", Kind.PIECES, "Il manque le plan."),
    ("LettreObservations", Kind.OBSERVATIONS, "Il manque le plan."),
    ("DefereTA", Kind.DEFERRAL, "Il manque le plan."),
])  # fmt: skip
def test_a_letter_is_kept_and_changes_nothing_by_itself(cast, received, kind, kept, words):
    answer = made.answer(received, kind, on=LATER.date())
    assert samples.faults(answer) == []
    (taken,) = take(cast, ("lettres.tar.gz", archive(("l.xml", answer), ("l.pdf", b"%PDF lettre"))))
    assert (taken.exchange.kind, taken.exchange.words) == (kept, words)
    received.refresh_from_db()
    assert received.state == State.RECEIVED
    joined = received.exchanges.get(kind=Kind.JOINED)
    assert (joined.name, files.content(joined.file, joined.sha256)) == ("l.pdf", b"%PDF lettre")


def test_pieces_are_given_and_the_two_months_begin_again(cast, received):
    take(cast, ("l.xml", made.answer(received, "DemandePieceComplementaire", on=date(2026, 6, 18))))
    letter = received.exchanges.get(kind=Kind.PIECES)
    given = sending.reply(
        letter,
        [("plan.pdf", pdf()), ("note.txt", pdf(2))],  # known by what it holds
        by=cast.secretariat,
        at=LATER,
    )
    packed = dict(envelope.opened(files.content(given.file, given.sha256)))
    message = packed[f"{received.identifier}-3-4_0.xml"]
    assert samples.faults(message) == []
    assert packed[f"99_DE-{received.identifier}-3-4_2.pdf"] == pdf(2)
    # Until the prefecture has it: two months of silence, then two clear months.
    assert control_of(received) == Deadline(on=date(2026, 10, 19), article=ARTICLE, is_pending=True)
    on = date(2026, 7, 1)
    receipt = made.answer(received, "ARPieceComplementaire", on=on)
    assert samples.faults(receipt) == []
    take(cast, ("r.xml", receipt), at=LATER + timedelta(days=30))
    assert control_of(received).on == date(2026, 9, 2)


JANUARY, JUNE = date(2026, 1, 20), date(2026, 6, 10)
ASKED = date(2026, 1, 10)


@pytest.mark.parametrize(("told", "answered"), [
    pytest.param([Kind.REPLY], [None], id="une réponse que rien n’accuse"),
    pytest.param([Kind.REPLY, (Kind.REPLY_RECEIPT, JANUARY)], [JANUARY], id="sa réponse"),
    pytest.param([Kind.REFUSAL, (Kind.REPLY_RECEIPT, JANUARY)], [JANUARY], id="un refus"),
    pytest.param([Kind.REPLY, (Kind.REPLY_RECEIPT, JANUARY), (Kind.LETTER, JUNE), Kind.REPLY,
                  (Kind.REPLY_RECEIPT, JUNE)], [JANUARY], id="une lettre simple, plus tard"),
    pytest.param([(Kind.LETTER, JANUARY), Kind.REPLY, (Kind.REPLY_RECEIPT, JUNE)], [None],
                 id="la réponse à une autre lettre"),
    pytest.param([Kind.REPLY, (Kind.REPLY_RECEIPT, JANUARY), (Kind.OBSERVATIONS, JUNE)],
                 [JANUARY, None], id="une seconde demande, qui attend"),
    pytest.param([Kind.REPLY, (Kind.OBSERVATIONS, JANUARY), Kind.REPLY,
                  (Kind.REPLY_RECEIPT, JANUARY), (Kind.REPLY_RECEIPT, JUNE)], [JANUARY, JUNE],
                 id="deux demandes, deux réponses"),
])  # fmt: skip
def test_an_answer_is_that_of_its_request(told, answered):
    messages = [(Kind.PIECES, ASKED)]
    messages += [each if isinstance(each, tuple) else (each, None) for each in told]
    exchanges = [Exchange(pk=pk, kind=kind, dated_on=on) for pk, (kind, on) in enumerate(messages)]
    found = reading.requests(exchanges)
    assert [each.answered_on for each in found] == answered
    assert found[0].on == ASKED


@pytest.mark.parametrize(("kind", "is_refusal", "transaction"), [
    ("CourrierSimple", False, "2-2"),
    ("DemandePieceComplementaire", True, "3-3"),
    ("LettreObservations", False, "4-4"),
    ("LettreObservations", True, "4-3"),
])  # fmt: skip
def test_a_letter_is_answered(cast, received, kind, is_refusal, transaction):
    take(cast, ("l.xml", made.answer(received, kind, on=LATER.date())))
    letter = received.exchanges.latest("pk")
    files_ = [("reponse.pdf", pdf())]
    given = sending.reply(letter, files_, is_refusal=is_refusal, by=cast.secretariat, at=LATER)
    packed = dict(envelope.opened(files.content(given.file, given.sha256)))
    assert samples.faults(packed[f"{received.identifier}-{transaction}_0.xml"]) == []
    assert given.kind == (Kind.REFUSAL if is_refusal else Kind.REPLY)


def test_a_referral_is_answered_before_the_court(cast, received):
    take(cast, ("d.xml", made.answer(received, "DefereTA", on=LATER.date())))
    with refused("sans_reponse") as told:
        sending.reply(
            received.exchanges.latest("pk"), [("a.pdf", pdf())], by=cast.secretariat, at=LATER
        )
    assert "tribunal" in told[0].remedy


@pytest.mark.parametrize(("given", "code"), [
    pytest.param([("a.pdf", picture())], "pas_un_pdf", id="une image qui se dit PDF"),
    pytest.param([("a.pdf", pdf(password="a"))], "piece_protegee", id="un PDF chiffré"),
    pytest.param([], "un_fichier", id="rien"),
    pytest.param([("a.pdf", pdf()), ("b.pdf", pdf(2))], "un_fichier", id="deux fichiers"),
])  # fmt: skip
def test_what_is_no_answer_to_a_letter_does_not_go(cast, received, given, code):
    take(cast, ("l.xml", made.answer(received, "LettreObservations", on=LATER.date())))
    before = files_of()
    with pytest.raises(Refused) as refusal:
        sending.reply(received.exchanges.latest("pk"), given, by=cast.secretariat, at=LATER)
    (finding,) = refusal.value.findings
    assert finding.code == code and finding.remedy
    assert files_of() == before


def test_a_letter_about_what_was_taken_back_is_kept_all_the_same(cast, received):
    sending.cancel(received, by=cast.secretariat, at=LATER)
    take(cast, ("ar.xml", made.answer(received, "ARAnnulation", on=LATER.date())))
    (taken,) = take(cast, ("l.xml", made.answer(received, "LettreObservations", on=LATER.date())))
    assert taken.is_new
    received.refresh_from_db()
    assert received.state == State.CANCELLED


# --- What is refused ---------------------------------------------------------------------------


def _of_another(sent) -> bytes:
    return made.answer(sent).replace(b"2026_06_09_01", b"2026_06_09_02")


@pytest.mark.parametrize(("make", "code"), [
    pytest.param(_of_another, "autre_acte", id="d’un autre acte"),
    pytest.param(lambda sent: made.answer(sent).replace(b"-200000016-", b"-200000008-"),
                 "autre_acte", id="d’une autre organisation"),
    pytest.param(lambda sent: made.answer(sent, number="A"), "accuse_d_un_autre",
                 id="un autre acte reçu sous notre identifiant"),
    pytest.param(lambda sent: made.answer(sent, nature="2"), "accuse_d_un_autre",
                 id="une autre nature"),
    pytest.param(lambda sent: made.answer(sent, decided_on="2026-06-08"), "accuse_d_un_autre",
                 id="un autre jour"),
    pytest.param(lambda sent: made.answer(sent, on=date(2026, 6, 8)), "date_impossible",
                 id="reçu avant d’être pris"),
    pytest.param(lambda sent: made.answer(sent, on=made.AT.date() - timedelta(days=1)),
                 "date_impossible", id="reçu avant d’être préparé"),
    pytest.param(lambda sent: made.answer(sent, on=date(2027, 1, 1)), "date_impossible",
                 id="reçu demain"),
    pytest.param(lambda sent: made.answer(sent, "ARAnnulation"), "hors_de_son_tour",
                 id="annulé avant d’être reçu"),
    pytest.param(lambda sent: made.answer(sent, "LettreObservations"), "hors_de_son_tour",
                 id="une lettre avant l’accusé"),
    pytest.param(lambda sent: made.answer(sent, "ARPieceComplementaire"), "hors_de_son_tour",
                 id="l’accusé d’une réponse qui n’est pas partie"),
    pytest.param(lambda sent: made.answer(sent)[:-40], "xml_illisible", id="coupé"),
    pytest.param(lambda sent: BOMB, "xml_illisible", id="des entités"),
    pytest.param(lambda sent: b"", "xml_illisible", id="vide"),
])  # fmt: skip
def test_what_cannot_be_true_is_refused_and_nothing_moves(cast, sent, media, make, code):
    before, kept = states(), sorted(media.rglob("*"))
    content = make(sent)
    if code == "hors_de_son_tour" and b"ARPiece" in content:
        with refused("hors_de_son_tour", "accuse_sans_reponse"):
            take(cast, ("r.xml", content))
    else:
        with refused(code) as told:
            take(cast, ("r.xml", content))
        assert told[0].message and told[0].remedy
    assert states() == before
    assert sorted(media.rglob("*")) == kept


@pytest.mark.parametrize("kind", ["ARActe", "AnomalieActe"])
def test_what_comes_once_the_prefecture_has_the_act_is_refused(cast, received, kind):
    before = states()
    with refused("hors_de_son_tour"):
        take(cast, ("r.xml", made.answer(received, kind, on=date(2026, 6, 18))))
    assert states() == before


def test_one_wrong_file_and_none_is_taken(cast, sitting):
    first, second = made.prepared(cast, sitting("Budget primitif", "Emprunt"))
    before = states()
    with refused("autre_acte"):
        take(cast, ("1.xml", made.answer(first)), ("2.xml", made.answer(second, "ARActe")
             .replace(b"06_09_02", b"06_09_09")))  # fmt: skip
    assert states() == before
    both = archive(("1.xml", made.answer(first)), ("2.xml", made.answer(second)))
    assert len(take(cast, ("reponses.tar.gz", both))) == 2
    assert all(reading.received_on(each.document) == RECEIVED for each in (first, second))


def test_what_is_addressed_to_another_is_refused(cast, sent):
    envelope_ = f"""<a:EnveloppeMISILLCL xmlns:a="{markup.ACTES}" xmlns:i="{markup.INSEE}">
        <a:Emetteur><a:IDPref a:Departement="080"/></a:Emetteur><a:FormulairesEnvoyes>
        <a:Formulaire><a:NomFichier>r.xml</a:NomFichier></a:Formulaire></a:FormulairesEnvoyes>
        <a:Destinataire i:SIREN="200000008"/></a:EnveloppeMISILLCL>""".encode()
    assert samples.faults(envelope_) == []
    before = states()
    with refused("autre_organisation"):
        take(cast, ("r.tar.gz", archive(("e.xml", envelope_), ("r.xml", made.answer(sent)))))
    with refused("autre_acte"):
        take(cast, ("r.xml", made.answer(sent)), organisation=cast.other_organisation)
    assert states() == before


def test_an_operator_answers_of_the_sending_that_it_was_asked_about(cast, sitting):
    first, second = made.prepared(cast, sitting("Budget primitif", "Emprunt"))
    answer = made.answer(first)
    with refused("autre_acte"):
        receiving.take_message(second, "ar.xml", answer, by=None, at=LATER)
    assert receiving.take_message(first, "ar.xml", answer, by=None, at=LATER).is_new
    paper = receiving.keep_paper(first, Kind.SLIP, "b.pdf", b"%PDF", at=LATER)
    assert first.exchanges.get(kind=Kind.SLIP) == paper


def test_verify_reads_what_left_and_what_came(cast, received, media):
    assert list(integrity.faults()) == []
    kept = received.exchanges.get(kind=Kind.RECEIPT).file.path
    Path(kept).write_bytes(b"autre")
    lost = media / "transmissions" / "perdu.xml"
    lost.write_bytes(b"a")
    os.utime(lost, (0, 0))
    told = {fault.what for fault in integrity.faults()}
    assert told == {
        "le fichier n’est plus celui qui est parti, ou venu.",
        "aucun document ne parle de ce fichier\u00a0: il peut être effacé.",
    }


def test_the_whole_file_of_a_sitting_keeps_every_message(cast, received):
    packed = zipfile.ZipFile(io.BytesIO(bundles.whole(received.document.meeting, at=LATER)))
    place = f"prefecture/{received.identifier}"
    (told,) = json.loads(packed.read("prefecture/transmissions.json"))
    assert (told["etat"], told["recue_le"]) == ("reçue par la préfecture", "2026-06-17")
    kept = [each["fichier"] for each in told["echanges"]]
    assert kept == [f"{place}/001-EACT--200000016--20260616-1.tar.gz", f"{place}/002-ar.xml"]
    assert packed.read(kept[1]) == made.answer(received)
    leaflet = packed.read("LISEZMOI.txt").decode()
    assert all(each in leaflet for each in (*kept, *told))
