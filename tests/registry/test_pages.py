"""The register on screen: each step is offered to whoever may take it, and told to the others."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from archive.desk import waiting
from registry.acts import actions
from registry.models import Deliberation, DeliberationLink
from registry.signatures import reading
from tests.cast import make_role
from tests.held import AT, JULY, JUNE, at_home, seen
from tests.registry.conftest import page, refused

pytestmark = pytest.mark.django_db


def test_numbers_are_given_from_the_page_once_the_sitting_is_closed(secretary, hold):
    empty = hold(date(2026, 5, 12), hours=None)
    assert "Rien n’a encore été décidé" in page(secretary, "acts", empty.pk)
    refused(secretary.post(reverse("registry:number", args=[empty.pk])), "n’est pas levée")
    meeting = hold(JUNE, adopted=("Budget",), rejected=("Emprunt",), approves=False)
    assert "Numéroter 1 délibération" in page(secretary, "acts", meeting.pk)
    for _ in range(2):  # a double click
        response = secretary.post(reverse("registry:number", args=[meeting.pk]), follow=True)
    text = response.content.decode()
    assert "2026-06-09/01" in text
    assert "rejetée" in text
    assert "Numéroter 1" not in text
    assert Deliberation.objects.count() == 1


def test_a_link_is_made_and_a_wrong_one_is_told_beside_the_field(secretary, cast, hold):
    meeting = hold(JUNE, adopted=("Budget",))
    (one,) = actions.number(meeting, by=cast.secretariat, at=AT)
    url = reverse("registry:link", args=[meeting.pk, one.pk])
    refused(secretary.post(url, {"kind": "abroge"}), "Choisissez une délibération")
    secretary.post(url, {"kind": "abroge", "target_text": "délibération de 1998"})
    assert DeliberationLink.objects.get().target_text == "délibération de 1998"
    assert "abroge délibération de 1998" in page(secretary, "acts", meeting.pk)


# --- Signatures -------------------------------------------------------------------------------


@pytest.fixture
def president(client_of, accounts, cast):
    make_role(accounts[0], cast.organisation, "delegue")
    return client_of(accounts[0])


def test_a_signer_alone_signs_and_only_the_bytes_whose_hash_he_saw(president, secretary, minutes):
    text = page(president, "signatures", minutes.pk)
    assert seen(minutes) in text
    response = president.get(reverse("registry:current", args=[minutes.pk]))
    assert response["Content-Disposition"].startswith('attachment; filename="pv-comite-2026-06-09')
    assert response.content == reading.current_file(minutes)[0]
    url = reverse("registry:sign", args=[minutes.pk, "president"])
    refused(president.post(url, {"seen": "0" * 64}), "a reçu une signature depuis")
    assert secretary.post(url, {"seen": seen(minutes)}).status_code == 422
    assert not reading.places(minutes)[0].is_signed
    president.post(url, {"seen": seen(minutes)})
    assert reading.places(minutes)[0].is_signed
    assert "Vous signez exactement ce fichier" not in page(president, "signatures", minutes.pk)


def test_the_file_signed_at_home_comes_back(president, minutes):
    url = reverse("registry:upload_signed", args=[minutes.pk, "president"])
    refused(
        president.post(url, {"file": ContentFile(b"%PDF-1.4 autre", "pv.pdf")}),
        "ses premiers octets diffèrent",
    )
    president.post(url, {"file": ContentFile(at_home(minutes), "pv.pdf")})
    assert reading.places(minutes)[0].is_signed


def test_a_sheet_is_checked_by_its_content_kept_and_served_as_an_attachment(secretary, minutes):
    url = reverse("registry:upload_sheet", args=[minutes.pk, "president"])
    for content, name, said in (
        (b"MZ\x90", "feuille.pdf", "feuille"),  # a program named .pdf
        (b"", "feuille.pdf", "vide"),
        ("漢字".encode(), "feuille.png", "feuille"),
    ):
        refused(secretary.post(url, {"scan": ContentFile(content, name)}), said)
        assert not reading.places(minutes)[0].is_signed
    with minutes.pdf.open() as file:
        scan = file.read()
    secretary.post(url, {"scan": ContentFile(scan, "feuille.pdf")})
    response = secretary.get(reverse("registry:sheet", args=[minutes.pk, "president"]))
    assert response.content == scan
    assert response["Content-Disposition"].startswith("attachment")


# --- What awaits whom -------------------------------------------------------------------------


def told(cast, on):
    return [
        (task.what, task.whose, task.due_on)
        for task in waiting.tasks(cast.organisation.bodies.all(), on=on)
    ]


def test_each_step_awaits_somebody_with_its_date(cast, hold):
    hold(JUNE, adopted=("Budget",))
    listed = "Établir la liste des délibérations et les extraits"
    assert told(cast, JULY) == [
        (listed, "le secrétariat", date(2026, 6, 16)),
        ("Rédiger et établir le procès-verbal", "le secrétariat", None),
    ]


def test_signatures_await_their_signers_within_a_week_of_the_adoption(cast, minutes):
    assert [task for task in told(cast, JULY) if task[0].startswith("Signer")] == [
        ("Signer le procès-verbal", "Alice ARNAUD", date(2026, 7, 14)),
        ("Signer le procès-verbal", "Bruno BESSON", date(2026, 7, 14)),
    ]
