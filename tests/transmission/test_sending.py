"""What is said of an act, and what leaves: confirmed, packed, kept, never twice."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from meetings import attachments
from meetings.models import Attachment
from members import files
from registry.models import Final
from tests import held
from tests.cast import change
from tests.held import JULY
from tests.transmission import made, samples
from tests.transmission.made import AT, LATER
from tests.words import refused, text, unsaid
from trail.models import Entry
from transmission import reading
from transmission.actions import receiving, sending, sheets
from transmission.ctes import envelope, markup
from transmission.models import ActSheet, Classification, Exchange, Transmission

pytestmark = pytest.mark.django_db
State = Transmission.State


def received(sent, cast, **more):
    answer = made.answer(sent, **more)
    return receiving.take(cast.organisation, [("ar.xml", answer)], by=cast.secretariat, at=LATER)


def content(exchange: Exchange) -> bytes:
    return files.content(exchange.file, exchange.sha256)


def join(deliberation, name="plan.pdf", *, media_type="application/pdf", size=9) -> Attachment:
    row = Attachment(item=deliberation.item, title="Plan", filename=name, media_type=media_type)
    row.size, row.sha256 = size, files.hash_of(ContentFile(b"%PDF plan"))
    row.file.save(name, ContentFile(b"%PDF plan"), save=False)
    row.save()
    return row


# --- The classification ------------------------------------------------------------------------


def test_a_classification_is_kept_whole_and_dated(cast):
    row = made.classify(cast.organisation)
    assert (row.dated_on, content(row)) == (date(2026, 1, 2), made.classification())
    assert made.classify(cast.organisation) == row  # handed in again
    assert reading.in_force(cast.organisation).label("7.10") == "7.10\u00a0Divers"
    assert Entry.objects.filter(act="transmission").count() == 1


def test_an_older_classification_rewrites_nothing(cast):
    first = made.classify(cast.organisation)
    last = made.classify(cast.organisation, "2026-06-01")
    with refused("classification_ancienne") as told:
        made.classify(cast.organisation, "2026-05-31")
    assert "1er juin 2026" in told[0].message and told[0].remedy
    assert list(Classification.objects.all()) == [last, first]
    assert Classification.objects.in_force(cast.organisation) == last
    with pytest.raises(Final):
        first.delete()


@pytest.mark.parametrize(("name", "is_ours"), [
    ("080-200000016----7-2_1.xml", True),
    ("062-200000016----7-2_1.xml", False),
    ("080-200000008----7-2_1.xml", False),
    ("retour.xml", True),  # nobody says of whom it is
])  # fmt: skip
def test_the_classification_of_another_is_refused(cast, name, is_ours):
    made.known(cast.organisation)

    def give():
        given = made.classification("2026-03-01")
        sheets.import_classification(cast.organisation, given, name=name, by=None, at=AT)

    if is_ours:
        give()
    else:
        with refused("classification_d_ailleurs"):
            give()
    assert Classification.objects.count() == 1 + is_ours


# --- The sheet ---------------------------------------------------------------------------------


def test_a_sheet_is_proposed_until_it_is_confirmed(cast, sitting):
    meeting = sitting("Souscription d’un emprunt")
    (row,) = reading.rows(meeting)
    assert not row.is_confirmed
    assert (row.sheet.matter, row.why) == ("7.3", "d’après «\u00a0emprunt\u00a0» dans le titre")
    assert (row.sheet.object, row.sheet.typology) == ("Souscription d’un emprunt", "99_DE")
    assert row.sheet.author and row.sheet.capacity
    assert ActSheet.objects.count() == 0
    assert reading.matter_of(row.deliberation) is None
    made.confirm(row.deliberation, cast)
    (row,) = reading.rows(meeting)
    assert row.is_confirmed and row.sheet.confirmed_by == cast.secretariat
    assert reading.matter_of(row.deliberation) == ("7.3", "Finances locales / Emprunts")
    kept = Classification.objects.get().file
    kept.storage.delete(kept.name)
    assert reading.matter_of(row.deliberation) == ("7.3", "")  # its name is lost, not the matter


@pytest.mark.parametrize(("wrong", "code"), [
    ({"matter": "7.11"}, "matiere_inconnue"),
    ({"matter": ""}, "matiere_manquante"),
    ({"object": "a" * 600}, "objet_trop_long"),
    ({"object": " "}, "objet_vide"),
    ({"nature": "9"}, "nature_inconnue"),
    ({"typology": "11_AE"}, "type_inconnu"),
])  # fmt: skip
def test_a_sheet_that_the_prefecture_would_not_take_is_refused(cast, sitting, wrong, code):
    (deliberation,) = sitting().deliberations.all()
    with refused(code) as told:
        made.confirm(deliberation, cast, **wrong)
    assert told[0].field
    assert ActSheet.objects.count() == 0


def test_annexes_go_in_their_order_each_of_its_kind(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    plan = join(deliberation)
    join(deliberation, "tableau.xlsx", media_type=attachments.KINDS["xlsx"][0])
    row = reading.row_of(deliberation)
    # Its title proposes what it is; what @CTES does not take stays here.
    assert [(each.typology, each.is_taken) for each in row.annexes] == [
        ("22_PN", True),
        ("", False),
    ]
    sheet = made.confirm(deliberation, cast, annexes={plan.pk: "99_DE"})
    assert sheet.annexes == [{"attachment": plan.pk, "typology": "99_DE"}]
    sent = sending.prepare(deliberation, by=cast.secretariat, at=AT)
    names = [name for name, _ in envelope.opened(content(sent.exchanges.get()))]
    assert names[-1] == f"99_DE-{sent.identifier}-1-1_2.pdf"


def test_what_is_too_heavy_is_told_before_it_is_read(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    join(deliberation, size=200 * 1024 * 1024)
    made.confirm(deliberation, cast)
    with refused("annexes_trop_lourdes"):
        sending.prepare(deliberation, by=cast.secretariat, at=AT)


def test_an_act_that_the_law_does_not_send_says_why(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    made.confirm(deliberation, cast, exempt="Tarifs de voirie (art. L2131-2)", matter="")
    row = reading.row_of(deliberation)
    assert row.is_settled and not reading.is_transmissible(row.document)
    assert sending.prepare_sitting(deliberation.meeting, by=None, at=AT).done == ()
    with refused("non_transmissible"):
        sending.prepare(deliberation, by=None, at=AT)


def test_what_is_always_sent_is_not_kept_back_by_a_word(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    with refused("reglementaire_transmis"):
        made.confirm(deliberation, cast, nature="2", matter="5.2", exempt="dispensé")
    with refused("budget_transmis"):
        made.confirm(deliberation, cast, matter="7.1", exempt="taux de promotion des agents")
    assert not ActSheet.objects.exists()
    # What was written before anybody asked is kept, and keeps nothing back.
    sheet = made.confirm(deliberation, cast, matter="5.2", exempt="dispensé")
    assert reading.row_of(deliberation).is_settled
    change(sheet, nature="2")
    row = reading.row_of(deliberation)
    assert not row.is_settled and reading.is_transmissible(row.document)
    assert [each.code for each in reading.doubts(row)] == ["reglementaire_transmis"]


def test_an_exemption_that_is_corrected_leaves_its_trace(cast, sitting, secretary):
    (deliberation,) = sitting().deliberations.all()
    with refused("deliberation_transmise"):  # a free reason is answered for
        made.confirm(deliberation, cast, matter="5.2", exempt="dispensé", verified=False)
    made.confirm(deliberation, cast, matter="5.2", exempt="dispensé")
    kept = made.confirm(
        deliberation, cast, matter="5.2", exempt="dispensé", verified=False, object="Le même"
    )
    assert kept.object == "Le même"
    made.confirm(deliberation, cast, matter="5.2")
    told = "à transmettre (jusque-là dispensé : dispensé)"
    page = secretary.get(reverse("transmission:act", args=[deliberation.pk]))
    answered = "dispensé de transmission : dispensé. Vérifié : Une délibération est transmise"
    assert unsaid(text(page), told, answered) == []
    assert told in Entry.objects.latest("pk").what.replace("\u00a0", " ")


# --- What leaves -------------------------------------------------------------------------------


def test_an_act_is_packed_with_the_very_file_that_is_signed(cast, sitting):
    meeting = sitting("Budget primitif")
    (sent,) = made.prepared(cast, meeting)
    assert sent.identifier == "080-200000016-20260609-2026_06_09_01-DE"
    assert (sent.number, sent.state, sent.connector) == ("2026_06_09_01", State.PREPARED, "depot")
    exchange = sent.exchanges.get()
    assert (exchange.kind, exchange.is_outgoing) == (Exchange.Kind.PACK, True)
    packed = dict(envelope.opened(content(exchange)))
    assert list(packed) == [
        "EACT--200000016--20260616-1.xml",
        f"{sent.identifier}-1-1_0.xml",
        f"99_DE-{sent.identifier}-1-1_1.pdf",
    ]
    assert packed[f"99_DE-{sent.identifier}-1-1_1.pdf"] == held.content_of(sent.document.pdf)
    for name in list(packed)[:2]:
        assert samples.faults(packed[name]) == []
    act = markup.read(packed[f"{sent.identifier}-1-1_0.xml"])
    assert markup.text(act, "Objet") == "Budget primitif"
    assert Entry.objects.filter(what=f"préparation de l’envoi {sent.identifier}").exists()


def test_a_sitting_is_prepared_once_and_goes_on_where_it_stopped(cast, sitting):
    meeting = sitting("Budget primitif", "Emprunt", "Tarifs")
    first, second, third = meeting.deliberations.order_by("rank")
    made.confirm(first, cast)
    assert len(sending.prepare_sitting(meeting, by=cast.secretariat, at=AT).done) == 1
    made.confirm(second, cast)
    made.confirm(third, cast)
    assert len(sending.prepare_sitting(meeting, by=cast.secretariat, at=AT).done) == 2
    assert sending.prepare_sitting(meeting, by=cast.secretariat, at=AT).done == ()
    # No two envelopes of one day have one name.
    names = list(Exchange.objects.values_list("name", flat=True))
    assert names == [f"EACT--200000016--20260616-{rank}.tar.gz" for rank in (1, 2, 3)]
    with refused("envoi_en_cours"):
        sending.prepare(first, by=cast.secretariat, at=AT)


def test_nothing_is_half_written_when_the_file_of_an_act_is_gone(cast, sitting, media):
    (deliberation,) = sitting().deliberations.all()
    made.confirm(deliberation, cast)
    document = reading.row_of(deliberation).document
    document.pdf.storage.delete(document.pdf.name)
    before = sorted(path for path in media.rglob("*"))
    with refused("fichier_altere"):
        sending.prepare(deliberation, by=cast.secretariat, at=AT)
    assert Transmission.objects.count() == Exchange.objects.count() == 0
    assert sorted(path for path in media.rglob("*")) == before


def test_what_is_not_known_of_the_organisation_is_told(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    made.confirm(deliberation, cast)
    change(cast.organisation, department="", ctes_email="")
    with refused("organisation_inconnue") as told:
        sending.prepare(deliberation, by=cast.secretariat, at=AT)
    assert "son département et l’adresse" in told[0].message
    change(cast.organisation, department="080", ctes_email="actes+ctes@brume.example.fr")
    with refused("adresse_refusee"):
        sending.prepare(deliberation, by=cast.secretariat, at=AT)


def test_what_left_is_not_abandoned_and_what_did_not_is(cast, sitting):
    (sent,) = made.prepared(cast, sitting())
    sending.abandon(sent, by=cast.secretariat, at=AT)
    sending.abandon(sent, by=cast.secretariat, at=AT)
    assert (sent.state, sent.is_over) == (State.ABANDONED, True)
    again = sending.prepare(sent.sheet.deliberation, by=cast.secretariat, at=AT)
    assert again.identifier == sent.identifier  # the prefecture never saw it
    sending.mark_sent(again, by=cast.secretariat, at=AT)
    sending.mark_sent(again, by=cast.secretariat, at=LATER)
    assert (again.state, again.sent_at) == (State.SENT, AT)
    with refused("deja_parti"):
        sending.abandon(again, by=cast.secretariat, at=AT)


def test_the_sheet_of_what_is_under_way_does_not_change(cast, sitting):
    (sent,) = made.prepared(cast, sitting())
    deliberation = sent.sheet.deliberation
    with refused("envoi_en_cours"):
        made.confirm(deliberation, cast, object="Autre chose")
    received(sent, cast)
    assert made.confirm(deliberation, cast, object="Autre chose").object == "Autre chose"


@pytest.mark.database
def test_no_two_sendings_of_one_act_are_under_way(cast, sitting):
    (sent,) = made.prepared(cast, sitting())
    values = {"sheet": sent.sheet, "document": sent.document, "number": "A", "identifier": "A"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Transmission(connector="depot", **values).save()


def test_a_corrected_act_replaces_the_one_that_was_received(cast, sitting):
    meeting = sitting("Budget primitif")
    (sent,) = made.prepared(cast, meeting)
    received(sent, cast)
    held.write(cast, meeting, title="Budget primitif")
    change(meeting.items.get(title="Budget primitif"), title="Budget primitif 2026")
    meeting.forget()
    held.issue_acts(meeting, by=cast.secretariat, at=LATER, reason="le titre")
    deliberation = sent.sheet.deliberation
    row = reading.row_of(deliberation)
    assert row.document.version == 2 and not row.is_settled
    second = sending.prepare(deliberation, by=cast.secretariat, at=LATER)
    assert (second.replaces, second.number) == (sent, "2026_06_09_01_2")
    packed = dict(envelope.opened(content(second.exchanges.get())))
    message = packed[f"{second.identifier}-1-1_0.xml"]
    assert samples.faults(message) == []
    before = markup.child(markup.read(message), "PrecedentIdentifiantActe")
    assert markup.attribute(before, "IDActe") == sent.identifier
    # Until the prefecture has the second, it has the first.
    assert reading.received_on(sent.document) == made.RECEIVED
    received(second, cast, on=LATER.date())
    sent.refresh_from_db()
    second.refresh_from_db()
    assert (sent.state, second.state) == (State.REPLACED, State.RECEIVED)
    assert reading.received_on(sent.document) is None
    assert reading.received_on(second.document) == LATER.date()


def test_a_number_that_the_prefecture_has_is_not_given_again(cast, sitting):
    (sent,) = made.prepared(cast, sitting())
    (other,) = made.sitting(cast, "Emprunt", on=JULY, approves=False).deliberations.all()
    assert reading.free_number(other) == other.safe_label == "2026_07_07_01"
    assert reading.free_number(sent.sheet.deliberation) == "2026_06_09_01_2"


def test_what_is_played_is_sent_to_nobody(cast, sitting):
    (deliberation,) = sitting().deliberations.all()
    made.confirm(deliberation, cast)
    change(cast.organisation, slug="repetition")
    deliberation.meeting.body.organisation.refresh_from_db()
    with refused("repetition"):
        sending.prepare(deliberation, by=cast.secretariat, at=AT)
