"""Papers signed in a parapheur: each leaves once, none is lost, and what comes back is taken only
when it is ours, with nothing but the signatures of those who are expected."""

import signal
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.urls import reverse
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from archive.desk import waiting
from archive.keeping import integrity
from convening.models import Notice
from documents import actions as issuing
from law.findings import Refused
from members.models import Body
from registry.keyring import actions as keyring
from registry.models import Deposit, Folder, SignatureStep
from registry.signatures import actions as signatures
from registry.signatures import authority, keys, pades, reading
from tests import held, processes
from tests.held import AT, KEYS_SINCE, at_home, certificate_of, content_of, sign
from tests.registry.conftest import (  # noqa: F401 the same minutes and signers
    accounts,
    demonstration,
    hold,
    june,
    minutes,
)
from tests.registry.test_signing import replaced
from tests.transmission import made
from tests.transmission.iparapheur import DESK, TENANT, Iparapheur
from tests.transmission.services import AFTER, BEFORE, CUTS, cut_once
from transmission.models import Errand, Operator
from transmission.operators import carrying, signing

pytestmark = pytest.mark.django_db
State, Wants = Folder.State, Errand.Wants
PLACES = ("president", "secretaire-1")


@pytest.fixture
def parapheur():
    with Iparapheur() as server:
        yield server


@pytest.fixture
def served(cast, parapheur, settings, monkeypatch):
    """The organisation has an account there."""
    settings.TRANSMISSION_HOSTS = [parapheur.address.partition("//")[2]]
    slug = cast.organisation.slug.upper().replace("-", "_")
    monkeypatch.setenv(f"TRANSMISSION_{slug}__MOT", "ouvre-toi")
    return Operator.objects.create(
        organisation=cast.organisation,
        kind="iparapheur",
        address=parapheur.address,
        account="vb",
        secret="mot",
        entity=TENANT,
        desk=DESK,
        type="Actes",
        subtype="Présidence",
    )


@pytest.fixture
def cards(cast, accounts):  # noqa: F811
    """The certificates that Alice and Bruno sign with there, each bound to its holder."""
    found = {}
    for place, person in zip(PLACES, (cast.alice, cast.bruno), strict=True):
        identity = keys.authority().identity(str(person))
        told = {"organisation": cast.organisation, "person": person, "at": KEYS_SINCE}
        offered = keyring.offer(certificate_of(identity), by=person.user, **told)
        keyring.accept(offered, reason="Vue", by=cast.administration, at=KEYS_SINCE)
        found[place] = identity
    return found


def signs(cards, *places: str):
    """What the people of the parapheur make of a file: each signs at his place."""

    def work(content: bytes) -> bytes:
        for place in places or PLACES:
            content = pades.sign(content, place, cards[place])
        return content

    return work


@pytest.fixture
def sent(minutes, cast, served, parapheur, cards):  # noqa: F811
    parapheur.signs = signs(cards)
    return signing.send(minutes, by=cast.secretariat, at=made.AT)


def carry(clock, *, most: int = 60) -> None:
    """Go, wait, go again, until nothing is left to be done by itself."""
    for _ in range(most):
        carrying.Carrier(clock).run()
        due = carrying.next_due(clock.now)
        if due is None:
            return
        clock.now = max(clock.now, due) + timedelta(seconds=1)


def is_taken(folder: Folder, parapheur) -> bool:
    folder.refresh_from_db()
    lines = [*map(str, folder.errand.calls.all()), folder.errand.trouble, folder.reason]
    told = (folder.state, len(parapheur.started()), parapheur.folders)
    assert told == (State.TAKEN, 1, {}), (told, lines)
    assert reading.is_signed(type(folder.document).objects.get(pk=folder.document_id))
    return True


def unfit(folder: Folder, words: str) -> None:
    folder.refresh_from_db()
    assert folder.state == State.UNFIT
    assert words in folder.reason.replace("\u00a0", " ")
    manners = set(folder.document.signatures.values_list("manner", flat=True))
    assert manners == {SignatureStep.Manner.SERVER}  # nothing of it counts
    assert content_of(folder.file)  # and what came is kept


# --- The way of a paper -----------------------------------------------------------------------


def test_a_paper_leaves_is_followed_and_its_signatures_are_taken(sent, parapheur, clock, cast):
    document = sent.document
    given, digest = reading.current_file(document)
    carry(clock)
    assert is_taken(sent, parapheur)
    (there,) = parapheur.erased
    assert (there.type, there.subtype) == ("Actes", "Présidence")
    assert sent.reference in there.name and str(document) in there.name
    assert sent.sha256 == digest and content_of(sent.file).startswith(given)
    steps = document.signatures.filter(role__in=SignatureStep.BY_PEOPLE).order_by("order")
    assert [step.place for step in steps] == [*PLACES]
    assert {step.manner for step in steps} == {SignatureStep.Manner.PARAPHEUR}
    assert all(step.key and step.recorded_by == cast.secretariat for step in steps)
    assert content_of(steps[1].file) == content_of(sent.file)
    assert content_of(steps[0].file) != content_of(sent.file)
    assert sent.left_at and sent.back_at and sent.settled_at
    errand = Errand.objects.get()
    assert (errand.is_done, errand.wants, errand.failures, errand.trouble) == (True, "", 0, "")
    assert list(integrity.faults()) == []
    asked = parapheur.count
    clock.later(days=1)
    carrying.Carrier(clock).run()
    assert parapheur.count == asked  # it is over: nobody goes again


def test_a_signature_in_a_field_of_its_own_is_known_by_its_certificate(
    sent, parapheur, clock, cards
):
    """A parapheur may make the field in which one signs there."""

    def work(content: bytes) -> bytes:
        for rank, place in enumerate(reversed(PLACES)):
            writer = IncrementalPdfFileWriter(BytesIO(content))
            fields.append_signature_field(writer, fields.SigFieldSpec(f"Signature{rank}"))
            out = BytesIO()
            writer.write(out)
            content = pades.sign(out.getvalue(), f"Signature{rank}", cards[place])
        return content

    parapheur.signs = work
    carry(clock)
    assert is_taken(sent, parapheur)
    steps = sent.document.signatures.filter(role__in=SignatureStep.BY_PEOPLE).order_by("order")
    told = [(step.place, step.field) for step in steps]
    assert told == [("secretaire-1", "Signature0"), ("president", "Signature1")]
    reports = reading.attributed(
        sent.document, pades.read(reading.current_file(sent.document)[0], keys.trust())
    )
    assert all(report.is_sound for report in reports)
    assert list(integrity.faults()) == []


def test_a_token_that_expires_is_asked_again(sent, parapheur, clock):
    parapheur.lies["expires"] = True
    carry(clock)
    assert is_taken(sent, parapheur)


def test_meanwhile_nobody_signs_it_in_another_way(sent, cast, accounts, clock):  # noqa: F811
    document = sent.document
    with pytest.raises(Refused, match="confié au parapheur"):
        sign(document, "president", accounts[0])
    with pytest.raises(Refused, match="confié au parapheur"):
        signatures.accept_signed(
            document, place="president", content=at_home(document), by=accounts[0], at=AT
        )
    with pytest.raises(Refused, match="confié au parapheur"):
        held.sign_by_hand(document, "president", cast)
    assert reading.to_sign(document.meeting, accounts[0]) == ()
    with pytest.raises(Refused, match="déjà confié"):
        signing.send(document, by=cast.secretariat, at=made.AT)


# --- Cut, doubled, killed ---------------------------------------------------------------------


@pytest.mark.parametrize("cut", CUTS)
def test_cut_at_each_question_it_leaves_once_and_comes_back(sent, parapheur, clock, cut):
    met = cut_once(parapheur, cut)
    carry(clock)
    assert is_taken(sent, parapheur)
    assert len(met) >= 15, met
    assert Notice.objects.count() <= 1  # cut more than five times in a row, it is told once


@pytest.mark.django_db(transaction=True)
@pytest.mark.proof
@pytest.mark.database
# A dozen processes each: both cuts on SQLite; on PostgreSQL that which leaves something behind.
@pytest.mark.parametrize("cut", [BEFORE, AFTER] if connection.vendor == "sqlite" else [AFTER])
def test_killed_at_each_question_it_leaves_once_and_comes_back(
    minutes,  # noqa: F811
    cast,
    served,
    parapheur,
    cards,
    settings,
    cut,
):
    slug = cast.organisation.slug.upper().replace("-", "_")
    host = parapheur.address.partition("//")[2]
    parapheur.road, parapheur.signs = ["ARCHIVE"], signs(cards)
    folder = signing.send(minutes, by=cast.secretariat, at=made.AT)
    workers: list[processes.Process] = []
    killed = cut_once(parapheur, cut, lambda: workers[-1].send_signal(signal.SIGKILL))
    for _ in range(40):
        # The lease of a hand that died runs out; what waits is due.
        Errand.objects.update(not_before=made.AT)
        Errand.objects.exclude(lease_until=None).update(lease_until=made.AT)
        told = {"TRANSMISSION_HOSTS": host, f"TRANSMISSION_{slug}__MOT": "ouvre-toi"}
        workers.append(processes.start("manage.py", "carry_acts", "--once", **told))
        workers[-1].wait(60)
        if Errand.objects.get().is_done:
            break
    questions = {question.rpartition("/")[2] for question, _ in killed}
    assert {"token", "folder", "premis", "start", "zip"} <= questions
    assert is_taken(folder, parapheur)


# --- What is not taken ------------------------------------------------------------------------


def test_refused_there_it_says_why_and_waits_as_before(sent, parapheur, clock, cast, accounts):  # noqa: F811
    parapheur.road = ["VISA\u00a0: Vu", "SIGNATURE\u00a0: Il manque une annexe.", "DELETE"]
    carry(clock)
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == (State.REFUSED, "Il manque une annexe.")
    assert parapheur.folders == {}  # it is of no use there any more
    (notice,) = Notice.objects.filter(subject__contains="refusé au parapheur")
    assert "Il manque une annexe." in notice.body
    assert sign(sent.document, "president", accounts[0]).pk
    assert signing.send(sent.document, by=cast.secretariat, at=made.LATER).places == [PLACES[1]]


def resigned(cards, ca=None, name="Claire CARON"):
    return lambda content: pades.sign(content, "president", (ca or keys.authority()).identity(name))


@pytest.mark.parametrize(
    ("work", "said"),
    [
        pytest.param(lambda cards: bytes, "sans signature", id="par personne"),
        pytest.param(lambda cards: lambda c: b"%PDF-1.7 autre", "premiers octets", id="un autre"),
        pytest.param(
            lambda cards: lambda c: signs(cards)(replaced(c)),
            "autre chose qu’une signature",
            id="modifié avant",
        ),
        pytest.param(
            lambda cards: lambda c: signs(cards)(c) + b"%ajout", "ajouté", id="complété après"
        ),
        pytest.param(resigned, "attendue est celle d’Alice", id="par une autre"),
        pytest.param(
            lambda cards: lambda c: pades.sign(c, "secretaire-1", cards["president"]),
            "n’est pas le vôtre",
            id="à la place d’un autre",
        ),
        pytest.param(lambda cards: lambda c: c[:-200], "premiers octets", id="tronqué"),
    ],
)
def test_what_is_not_ours_signed_by_who_is_expected_is_not_taken(
    sent, parapheur, clock, cards, work, said
):
    parapheur.signs = work(cards)
    carry(clock)
    unfit(sent, said)
    assert Notice.objects.filter(subject__contains="non recevable").exists()
    assert parapheur.folders  # it stays there too: it may have to be shown


def test_an_authority_that_is_not_believed_vouches_for_nobody(sent, parapheur, clock, tmp_path):
    ca = authority.Authority(tmp_path / "inconnue")
    parapheur.signs = resigned({}, ca, "Alice ARNAUD")
    carry(clock)
    unfit(sent, "n’est pas connue ici")


def test_a_certificate_that_no_act_binds_waits_for_a_second_person(
    minutes,  # noqa: F811
    accounts,  # noqa: F811
    cast,
    served,
    parapheur,
    clock,
):
    cards = {
        place: keys.authority().identity(str(person))
        for place, person in zip(PLACES, (cast.alice, cast.bruno), strict=True)
    }
    parapheur.signs = signs(cards)
    folder = signing.send(minutes, by=cast.secretariat, at=made.AT)
    for person in (cast.administration, cast.administration):
        for _ in range(12):
            carrying.Carrier(clock).run()
            clock.later(minutes=30)
        deposit = Deposit.objects.get(settled_at=None)
        assert (deposit.manner, deposit.deposited_by) == ("parapheur", cast.secretariat)
        assert not reading.is_signed(minutes)
        with pytest.raises(Refused, match="une autre personne"):
            signatures.confirm(deposit, by=cast.secretariat, at=clock.now)
        signatures.confirm(deposit, by=person, at=clock.now)
    carry(clock)
    assert is_taken(folder, parapheur)
    manners = minutes.signatures.filter(role__in=SignatureStep.BY_PEOPLE)
    assert {step.manner for step in manners} == {SignatureStep.Manner.PARAPHEUR}
    assert Notice.objects.filter(subject__contains="déposée en votre nom").exists()


def test_set_aside_by_the_second_person_it_is_not_handed_in_again(
    minutes,  # noqa: F811
    accounts,  # noqa: F811
    cast,
    served,
    parapheur,
    clock,
):
    parapheur.signs = lambda c: pades.sign(
        c, "president", keys.authority().identity("Alice ARNAUD")
    )
    folder = signing.send(minutes, by=cast.secretariat, at=made.AT)
    for _ in range(8):
        carrying.Carrier(clock).run()
        clock.later(minutes=30)
    deposit = Deposit.objects.get()
    signatures.set_aside(deposit, reason="Ce n’est pas elle", by=cast.administration, at=AT)
    carry(clock)
    unfit(folder, "Ce n’est pas elle")
    assert Deposit.objects.count() == 1


def test_replaced_meanwhile_it_is_withdrawn(sent, parapheur, clock, cast, june):  # noqa: F811
    parapheur.road = ["VISA"] * 3
    carrying.Carrier(clock).run()
    held.write(cast, june)
    issuing.issue_minutes(june, by=cast.secretariat, at=made.LATER, reason="Une coquille")
    clock.later(hours=1)
    carrying.Carrier(clock).run()
    carrying.Carrier(clock).run()
    sent.refresh_from_db()
    assert (sent.state, sent.settled_by) == (State.WITHDRAWN, None)
    assert "l’a remplacé" in sent.reason
    clock.later(hours=1)
    carrying.Carrier(clock).run()
    assert Errand.objects.get().wants == Wants.REMOVAL  # it goes round there: a person ends it
    bodies = Body.objects.filter(pk=june.body_id)
    tasks = [task.what for task in waiting.tasks(bodies, on=clock.now.date())]
    assert any(what.startswith("Retirer du parapheur") for what in tasks)


def test_withdrawn_what_comes_of_it_counts_no_more(sent, parapheur, clock, cast, accounts):  # noqa: F811
    carrying.Carrier(clock).run()
    signing.withdraw(sent, reason="Une erreur", by=cast.secretariat, at=clock.now)
    assert sign(sent.document, "president", accounts[0]).pk
    carry(clock)
    sent.refresh_from_db()
    assert (sent.state, sent.reason, bool(sent.file)) == (State.WITHDRAWN, "Une erreur", False)
    assert Errand.objects.get().is_done or parapheur.folders
    with pytest.raises(Refused, match="n’est plus au parapheur"):
        signing.withdraw(sent, reason="", by=cast.secretariat, at=clock.now)


def test_withdrawn_before_it_left_it_never_leaves(sent, parapheur, clock, cast):
    signing.withdraw(sent, reason="", by=cast.secretariat, at=clock.now)
    carry(clock)
    assert parapheur.folders == {} and not parapheur.started()


@pytest.mark.parametrize("where", ["refuses", "starts"])
def test_what_the_parapheur_does_not_take_is_told(sent, parapheur, clock, where):
    parapheur.lies[where] = "Le sous-type « Présidence » n'existe pas"
    carry(clock)
    sent.refresh_from_db()
    assert sent.state == State.REFUSED and "n’existe pas" in sent.reason
    assert parapheur.folders == {} and not parapheur.started()


def test_erased_there_it_is_told(sent, parapheur, clock):
    parapheur.road = []
    carrying.Carrier(clock).run()
    parapheur.folders.clear()
    carry(clock)
    sent.refresh_from_db()
    assert sent.state == State.REFUSED and "quelqu’un l’y a effacé" in sent.reason


@pytest.mark.parametrize(
    ("lie", "content"),
    [
        pytest.param("zip", b"PK pas une archive", id="une archive abîmée"),
        pytest.param("premis", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", id="des entités"),
        pytest.param("premis", b"<premis/>", id="un résumé vide"),
    ],
)
def test_what_cannot_be_read_is_asked_again_then_told(sent, parapheur, clock, lie, content):
    parapheur.lies[lie] = content
    for _ in range(30):
        carrying.Carrier(clock).run()
        clock.later(hours=1)
    sent.refresh_from_db()
    assert sent.is_under_way and Errand.objects.get().wants == Wants.HELP
    parapheur.lies.clear()
    carry(clock)
    assert is_taken(sent, parapheur)


# --- The pages --------------------------------------------------------------------------------


def test_the_pages_send_follow_and_take_back(minutes, served, secretary, parapheur, clock, cards):  # noqa: F811
    parapheur.signs = signs(cards)
    page = reverse("registry:signatures", args=[minutes.pk])
    assert "Envoyer à i-Parapheur" in secretary.get(page).content.decode()
    answer = secretary.post(reverse("transmission:send_to_sign", args=[minutes.pk]), follow=True)
    folder = Folder.objects.get()
    url = reverse("transmission:folder", args=[folder.pk])
    text = answer.content.decode()
    assert url in text and "Envoyer à i-Parapheur" not in text
    assert "déposer la feuille" not in text  # nobody signs it in another way
    assert "Retirer du parapheur" in secretary.get(url).content.decode()
    Errand.objects.update(not_before=made.AT)
    carry(clock)
    assert is_taken(folder, parapheur)
    text = secretary.get(url).content.decode()
    assert "signatures reprises" in text and "aucun service réel" in text
    file = secretary.get(reverse("transmission:returned", args=[folder.pk]))
    assert file.content == content_of(folder.file)
    assert "au parapheur" in secretary.get(page).content.decode()


def test_the_papers_of_a_sitting_leave_together(cast, hold, served, secretary, parapheur, accounts):  # noqa: F811
    meeting = hold(held.JUNE, adopted=("Budget", "Emprunt"))
    for paper in held.issue_acts(meeting, by=cast.secretariat, at=AT):
        signatures.prepare_signing(paper, by=cast.secretariat, at=AT)
    page = reverse("registry:acts", args=[meeting.pk])
    assert "Envoyer 3 documents au parapheur" in secretary.get(page).content.decode()
    secretary.post(reverse("transmission:send_all_to_sign", args=[meeting.pk]))
    assert Folder.objects.count() == 3
    assert "Envoyer 3 documents" not in secretary.get(page).content.decode()


def test_the_account_is_tried(served, parapheur, client_of, cast):
    office = client_of(cast.administration)
    url = reverse("transmission:try_operator", args=["iparapheur"])
    text = office.post(url, follow=True).content.decode()
    assert "Secrétariat général" in text and "ouvre-toi" not in text
    Operator.objects.update(desk="bureau-2")
    assert "ne voit pas" in office.post(url, follow=True).content.decode().replace(
        "n’y voit", "ne voit"
    )
    Operator.objects.update(account="autre")
    assert "ne reconnaît pas le compte" in office.post(url, follow=True).content.decode()
