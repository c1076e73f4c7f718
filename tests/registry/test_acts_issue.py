"""The acts of a sitting: numbered, issued and signed together, all or none, from one page."""

from datetime import date
from itertools import pairwise

import pytest
from django.urls import reverse

from archive import actions as publishing
from archive.desk import search
from archive.keeping import bundles, integrity, verification
from documents import actions as issuing
from documents.models import IssuedDocument
from law.findings import Refused
from meetings.actions import ledger
from registry.acts import actions, reading
from registry.models import Deliberation, SignatureStep
from registry.signatures import actions as signatures
from registry.signatures import keys, pades
from registry.signatures import reading as signing
from tests.cast import make_role
from tests.held import AT

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)
EXTRACT, LIST = IssuedDocument.Kind.EXTRACT, IssuedDocument.Kind.LIST


@pytest.fixture
def sitting(hold):
    return hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))


def issue(meeting, cast, reason=""):
    return actions.issue_acts(meeting, by=cast.secretariat, at=AT, reason=reason)


def rename(meeting, title: str, to: str) -> None:
    item = meeting.items.get(title=title)
    item.title = to
    item.save()
    meeting.forget()


# --- Issuing ----------------------------------------------------------------------------------


def test_an_extract_for_each_act_and_the_list_at_the_end(sitting, cast):
    *extracts, listed = issue(sitting, cast)
    assert [each.title for each in extracts] == [
        "Délibération n°\u00a02026-06-09/01\u00a0: Budget",
        "Délibération n°\u00a02026-06-09/02\u00a0: Tarifs",
    ]
    assert [each.kind for each in extracts] == [EXTRACT] * 2
    assert listed.kind == LIST
    assert [(line.number, line.object) for line in listed.paper.lines] == [
        ("2026-06-09/01", "Budget"),
        ("2026-06-09/02", "Tarifs"),
        ("", "Emprunt"),  # examined, rejected: listed, without number nor extract
    ]


def test_what_is_not_numbered_is_numbered(sitting, cast):
    issue(sitting, cast)
    assert Deliberation.objects.filter(meeting=sitting).count() == 2


def test_issuing_twice_changes_nothing(sitting, cast, media):
    first = issue(sitting, cast)
    assert issue(sitting, cast, reason="encore") == first
    assert IssuedDocument.objects.count() == len(list(media.rglob("*.pdf"))) == 3


def test_only_what_changed_is_issued_again(sitting, cast):
    budget, tariffs, listed = issue(sitting, cast)
    rename(sitting, "Tarifs", "Tarifs 2026")
    again = issue(sitting, cast, reason="l’année manquait")
    assert again[0] == budget
    assert [(each.version, each.supersedes) for each in again[1:]] == [(2, tariffs), (2, listed)]


def test_a_change_without_a_reason_is_refused_and_writes_nothing(sitting, cast, media):
    issue(sitting, cast)
    rename(sitting, "Tarifs", "Tarifs 2026")
    with pytest.raises(Refused) as refused:
        issue(sitting, cast)
    (finding,) = refused.value.findings
    assert finding.field == "reason"
    assert finding.message == "2 documents déjà établis ont changé."
    assert len(list(media.rglob("*.pdf"))) == 3


def test_an_open_sitting_is_refused(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",), hours=None)
    with pytest.raises(Refused, match="n’est pas levée"):
        issue(meeting, cast)
    assert not IssuedDocument.objects.exists()


def test_a_character_without_glyph_numbers_nothing_either(cast, hold):
    meeting = hold(JUNE, adopted=("Budget 漢",))
    with pytest.raises(Refused, match="n’existe pas dans les polices"):
        issue(meeting, cast)
    assert not Deliberation.objects.exists()


def test_a_sitting_that_decided_nothing_has_no_acts(cast, hold):
    assert issue(hold(JUNE), cast) == ()


def test_a_voided_vote_keeps_its_number_and_loses_its_place_in_the_list(sitting, cast):
    issue(sitting, cast)
    seq = next(each.seq for each in reading.decided(sitting) if each.item.title == "Tarifs")
    ledger.void(sitting, seq=seq, reason="erreur", by=cast.secretariat)
    *extracts, listed = issue(sitting, cast, reason="le vote était noté par erreur")
    assert [each.title[-6:] for each in extracts] == ["Budget"]
    assert [line.object for line in listed.paper.lines] == ["Budget", "Emprunt"]
    assert Deliberation.objects.filter(meeting=sitting).count() == 2


def test_an_approval_that_bears_a_number_is_listed_and_extracted(cast, hold):
    hold(JUNE, adopted=("Budget",))
    *extracts, listed = issue(hold(JULY, adopted=("Tarifs",)), cast)
    assert len(extracts) == len(listed.paper.lines) == 2
    assert listed.paper.lines[0].object.startswith("Approbation")


# --- Who signs --------------------------------------------------------------------------------


def test_an_extract_needs_no_adoption_to_be_signed(sitting, cast, accounts):
    budget, *_ = issue(sitting, cast)
    signatures.prepare_signing(budget, by=cast.secretariat, at=AT)
    for place, user in zip(("president", "secretaire-1"), accounts, strict=True):
        seen = signing.current_file(budget)[1]
        signatures.sign_on_server(budget, place=place, seen=seen, by=user, at=AT)
    assert all(place.is_signed for place in signing.places(budget))
    reports = pades.read(signing.current_file(budget)[0], keys.trust())
    assert [report.field for report in reports] == ["cachet", "president", "secretaire-1"]


def test_the_list_is_signed_by_whoever_chairs_the_body_alone(sitting, cast):
    *_, listed = issue(sitting, cast)
    assert [(place.name, place.label) for place in signing.places(listed)] == [
        ("president", "à la présidence\u00a0: Alice ARNAUD")
    ]
    assert listed.paper.signatory.name == "Alice ARNAUD"


# --- All at once ------------------------------------------------------------------------------


@pytest.fixture
def prepared(sitting, cast, accounts):
    issued = issue(sitting, cast)
    batch = signatures.prepare_batch(issued, by=cast.secretariat, at=AT)
    assert batch.done == issued
    return sitting


def test_what_awaits_somebody_is_told_with_its_hash(prepared, accounts):
    waiting = signing.to_sign(prepared, accounts[1])
    assert [each.place for each in waiting] == ["secretaire-1"] * 2  # not the list
    assert [each.digest for each in waiting] == [
        signing.current_file(each.document)[1] for each in waiting
    ]


def test_everything_is_signed_in_one_go(prepared, accounts):
    batch = signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    assert (len(batch.done), batch.refused) == (3, ())
    assert signing.to_sign(prepared, accounts[0]) == ()


def test_signing_the_same_batch_again_signs_nothing_more(prepared, accounts):
    waiting = signing.to_sign(prepared, accounts[0])
    signatures.sign_batch(waiting, by=accounts[0], at=AT)
    signatures.sign_batch(waiting, by=accounts[0], at=AT)
    assert SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).count() == 3


def test_one_document_that_moved_on_stops_none_of_the_others(prepared, accounts):
    waiting = signing.to_sign(prepared, accounts[0])
    signatures.sign_batch(signing.to_sign(prepared, accounts[1])[:1], by=accounts[1], at=AT)
    batch = signatures.sign_batch(waiting, by=accounts[0], at=AT)
    assert [document for document, _ in batch.refused] == [waiting[0].document]
    assert "a reçu une signature depuis" in str(batch.refused[0][1])
    assert len(batch.done) == 2


class Killed(BaseException):
    """What a signal is for the code it falls into."""


@pytest.mark.parametrize("moment", ["avant", "pendant", "après"])
def test_a_batch_cut_short_leaves_each_document_whole(
    prepared,
    accounts,
    media,
    monkeypatch,
    moment,
):
    """Cut at the second document: before its signature, once its file is written, after its row."""
    save, calls = SignatureStep.save, []

    def cut(step, *args, **kwargs):
        calls.append(step)
        if len(calls) == 2 and moment == "avant":
            raise Killed
        if len(calls) == 2 and moment == "pendant":
            step.file.save(step.file.name, step.file.file, save=False)
            raise Killed
        save(step, *args, **kwargs)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(SignatureStep, "save", cut)
    with pytest.raises(Killed):
        signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    monkeypatch.undo()
    signed = SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT)
    assert signed.count() == 1
    assert list(integrity.faults()) == []  # no half file, no orphan
    batch = signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    assert (len(batch.done), signed.count()) == (2, 3)


# --- The pages --------------------------------------------------------------------------------


@pytest.fixture
def secretary(client_of, cast):
    return client_of(cast.secretariat)


def page(client, meeting) -> str:
    return client.get(reverse("registry:acts", args=[meeting.pk])).content.decode()


def press(client, name, meeting, **data):
    return client.post(reverse(f"registry:{name}", args=[meeting.pk]), data, follow=True)


def test_the_page_leads_from_the_vote_to_the_signatures(
    secretary,
    client_of,
    sitting,
    accounts,
    cast,
):
    assert "Établir les extraits et la liste" in page(secretary, sitting)
    text = press(secretary, "issue_acts", sitting).content.decode()
    assert "3 documents établis." in text
    assert "Préparer 3 documents à la signature" in text
    text = press(secretary, "prepare_acts", sitting).content.decode()
    assert "3 documents prêts à signer." in text
    make_role(accounts[0], cast.organisation, "delegue")
    president = client_of(accounts[0])
    assert "Signer 3 documents" in page(president, sitting)
    url = reverse("registry:sign_acts", args=[sitting.pk])
    shown = president.get(url)
    waiting = shown.context["waiting"]
    assert all(each.digest in shown.content.decode() for each in waiting)
    data = {f"seen-{each.document.pk}": each.digest for each in waiting}
    assert "3 documents signés." in president.post(url, data, follow=True).content.decode()
    assert "Rien n’attend votre signature" in president.get(url).content.decode()


def test_a_hash_that_was_not_shown_signs_nothing(client_of, prepared, accounts, cast):
    make_role(accounts[0], cast.organisation, "delegue")
    president = client_of(accounts[0])
    url = reverse("registry:sign_acts", args=[prepared.pk])
    (first, *_) = signing.to_sign(prepared, accounts[0])
    response = president.post(url, {f"seen-{first.document.pk}": "0" * 64})
    assert response.status_code == 422
    assert "a reçu une signature depuis" in response.content.decode()
    assert not SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).exists()


def test_nobody_signs_what_awaits_somebody_else(client_of, prepared, accounts, cast):
    (first, *_) = signing.to_sign(prepared, accounts[0])
    url = reverse("registry:sign_acts", args=[prepared.pk])
    client_of(cast.delegate).post(url, {f"seen-{first.document.pk}": first.digest})
    assert not SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).exists()


def test_the_page_asks_why_when_the_sitting_changed(secretary, sitting, cast):
    issue(sitting, cast)
    rename(sitting, "Tarifs", "Tarifs 2026")
    assert "La séance a changé depuis" in page(secretary, sitting)
    refused = secretary.post(reverse("registry:issue_acts", args=[sitting.pk]))
    assert refused.status_code == 422
    assert "Dites en une phrase" in refused.content.decode()
    text = press(secretary, "issue_acts", sitting, reason="l’année manquait").content.decode()
    assert "2 documents établis." in text
    assert "La séance a changé depuis" not in text


def test_a_delegate_reads_the_acts_and_issues_none(client_of, sitting, cast):
    issue(sitting, cast)
    delegate = client_of(cast.delegate)
    text = page(delegate, sitting)
    assert "Version 1" in text
    assert "Établir" not in text
    url = reverse("registry:issue_acts", args=[sitting.pk])
    assert delegate.post(url).status_code == 403


@pytest.mark.parametrize("acts", [1, 5])
def test_the_page_costs_the_same_as_the_acts_grow(
    secretary, cast, hold, acts, django_assert_max_num_queries
):
    meeting = hold(JUNE, adopted=tuple(f"Point {n}" for n in range(acts)))
    issue(meeting, cast)
    with django_assert_max_num_queries(42):
        page(secretary, meeting)


# --- What the other rooms know of them --------------------------------------------------------


def test_the_walk_finds_everything_as_it_was(prepared):
    walk = integrity.Walk()
    assert list(integrity.faults(walk)) == []
    assert walk.documents == 3


def test_the_walk_tells_an_extract_that_was_touched(sitting, cast):
    budget, *_ = issue(sitting, cast)
    with budget.pdf.storage.open(budget.pdf.name, "r+b") as file:
        file.seek(100)
        file.write(b"X")
    assert [fault.what for fault in integrity.faults()] == [
        "le PDF n’est plus celui qui a été établi."
    ]


def test_a_signed_extract_is_recognised(prepared, accounts):
    signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    extract = prepared.documents.get(kind=EXTRACT, subject="p1")
    verdict = verification.judge(signing.current_file(extract)[0])
    assert verdict.document == extract
    assert verdict.origin is verification.Origin.SIGNED
    assert not any("arrêté" in sentence for sentence in verdict.sentences)


def test_the_zip_of_a_sitting_holds_its_acts_and_their_signed_files(prepared, cast):
    _, entries = bundles.read(bundles.of_delegate(prepared, at=AT))
    assert sorted(entries) == [
        "documents/deliberation-comite-2026-06-09-p1-signe.pdf",
        "documents/deliberation-comite-2026-06-09-p1.pdf",
        "documents/deliberation-comite-2026-06-09-p2-signe.pdf",
        "documents/deliberation-comite-2026-06-09-p2.pdf",
        "documents/liste-deliberations-comite-2026-06-09-signe.pdf",
        "documents/liste-deliberations-comite-2026-06-09.pdf",
    ]


def test_a_sheet_signed_by_hand_has_a_name_of_its_own_in_the_zip(prepared, cast):
    from django.core.files.base import ContentFile

    for document in prepared.documents.filter(kind=EXTRACT):
        signatures.record_handwritten(
            document,
            place="president",
            scan=ContentFile(b"%PDF-1.4 feuille", "feuille.pdf"),
            by=cast.secretariat,
            at=AT,
        )
    _, entries = bundles.read(bundles.of_delegate(prepared, at=AT))
    assert len([name for name in entries if "feuille" in name]) == 2


def test_deliberations_are_found_before_there_are_minutes_and_once_after(sitting, cast):
    issue(sitting, cast)
    bodies = cast.organisation.bodies.all()

    def titles(query):
        search.refresh()
        return [(each.title, each.document.kind) for each in search.find(query, bodies=bodies)]

    assert titles("2026-06-09/02") == titles("tarif") == [("Tarifs", "extrait")]
    issuing.issue_minutes(sitting, by=cast.secretariat, at=AT)
    assert titles("2026-06-09/02") == titles("tarif") == [("Tarifs", "pv")]


def test_an_extract_and_a_list_are_published(sitting, cast):
    budget, _, listed = issue(sitting, cast)
    for document in (budget, listed):
        publication = publishing.publish(document, by=cast.secretariat, at=AT)
        assert publication.code == document.code
        with publication.file.open() as online, document.pdf.open() as issued:
            assert online.read() == issued.read()


def test_files_of_signatures_begin_with_one_another(prepared, accounts):
    signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    extract = prepared.documents.get(kind=EXTRACT, subject="p1")
    files = []
    for each in (extract.pdf, *(step.file for step in extract.signatures.order_by("order"))):
        with each.open() as opened:
            files.append(opened.read())
    assert all(later.startswith(earlier) for earlier, later in pairwise(files))
