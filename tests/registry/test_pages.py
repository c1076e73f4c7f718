"""The register on screen: each step is offered to whoever may take it, and told to the others."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from archive.desk import waiting
from registry.models import Adoption, Deliberation, DeliberationLink
from registry.signatures import reading
from tests.cast import make_role
from tests.held import AT, at_home, seen

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)


@pytest.fixture
def secretary(client, cast):
    client.force_login(cast.secretariat)
    return client


def page(client, name, *args):
    return client.get(reverse(f"registry:{name}", args=args)).content.decode()


def test_numbers_are_given_from_the_page(secretary, hold):
    meeting = hold(JUNE, adopted=("Budget",), rejected=("Emprunt",))
    assert "Numéroter 1 délibération" in page(secretary, "acts", meeting.pk)
    response = secretary.post(reverse("registry:number", args=[meeting.pk]), follow=True)
    text = response.content.decode()
    assert "2026-06-09/01" in text
    assert "rejetée" in text
    assert "Numéroter 1" not in text


def test_a_double_click_numbers_once(secretary, hold):
    meeting = hold(JUNE, adopted=("Budget",))
    for _ in range(2):
        secretary.post(reverse("registry:number", args=[meeting.pk]))
    assert Deliberation.objects.count() == 1


def test_an_open_sitting_says_why_it_is_not_numbered(secretary, hold):
    meeting = hold(JUNE, adopted=("Budget",), hours=None)
    response = secretary.post(reverse("registry:number", args=[meeting.pk]))
    assert response.status_code == 422
    assert "n’est pas levée" in response.content.decode()


def test_an_empty_sitting_has_an_empty_page(secretary, hold):
    assert "Rien n’a encore été décidé" in page(secretary, "acts", hold(JUNE).pk)


def test_adoption_is_noted_from_the_sitting_that_voted_it(secretary, cast, hold):
    from documents import actions as documents

    june = hold(JUNE, adopted=("Budget",))
    documents.issue_minutes(june, by=cast.secretariat, at=AT)
    july = hold(JULY)
    assert "Constater son adoption" in page(secretary, "acts", july.pk)
    secretary.post(reverse("registry:adopt", args=[july.pk]))
    assert Adoption.objects.get().adopted_on == JULY
    assert "arrêté le 7\u00a0juillet 2026" in page(secretary, "acts", july.pk)


def test_a_link_is_made_and_a_wrong_one_is_told_beside_the_field(secretary, cast, hold):
    from registry.acts import actions

    meeting = hold(JUNE, adopted=("Budget",))
    (one,) = actions.number(meeting, by=cast.secretariat, at=AT)
    url = reverse("registry:link", args=[meeting.pk, one.pk])
    refused = secretary.post(url, {"kind": "abroge"})
    assert refused.status_code == 422
    assert "Choisissez une délibération" in refused.content.decode()
    secretary.post(url, {"kind": "abroge", "target_text": "délibération de 1998"})
    assert DeliberationLink.objects.get().target_text == "délibération de 1998"
    assert "abroge délibération de 1998" in page(secretary, "acts", meeting.pk)


@pytest.mark.parametrize(("decided", "most"), [(1, 24), (6, 24)])
def test_the_page_costs_the_same_as_the_sitting_grows(
    secretary, cast, hold, decided, most, django_assert_max_num_queries
):
    from registry.acts import actions

    meeting = hold(JUNE, adopted=tuple(f"Point {n}" for n in range(decided)))
    actions.number(meeting, by=cast.secretariat, at=AT)
    with django_assert_max_num_queries(most):
        page(secretary, "acts", meeting.pk)


# --- Signatures -------------------------------------------------------------------------------


@pytest.fixture
def president(client, accounts, cast):
    make_role(accounts[0], cast.organisation, "delegue")
    client.force_login(accounts[0])
    return client


def test_a_signer_sees_the_bytes_and_their_hash_before_he_signs(president, minutes):
    text = page(president, "signatures", minutes.pk)
    assert seen(minutes) in text
    url = reverse("registry:sign", args=[minutes.pk, "president"])
    president.post(url, {"seen": seen(minutes)})
    assert reading.places(minutes)[0].is_signed
    assert "Vous signez exactement ce fichier" not in page(president, "signatures", minutes.pk)


def test_a_signer_who_saw_something_else_signs_nothing(president, minutes):
    url = reverse("registry:sign", args=[minutes.pk, "president"])
    response = president.post(url, {"seen": "0" * 64})
    assert response.status_code == 422
    assert "a reçu une signature depuis" in response.content.decode()


def test_nobody_else_may_press_the_button(secretary, minutes):
    url = reverse("registry:sign", args=[minutes.pk, "president"])
    response = secretary.post(url, {"seen": seen(minutes)})
    assert response.status_code == 422
    assert not reading.places(minutes)[0].is_signed


def test_the_file_signed_at_home_comes_back(president, minutes):
    url = reverse("registry:upload_signed", args=[minutes.pk, "president"])
    wrong = president.post(url, {"file": ContentFile(b"%PDF-1.4 autre", "pv.pdf")})
    assert wrong.status_code == 422
    assert "ses premiers octets diffèrent" in wrong.content.decode()
    president.post(url, {"file": ContentFile(at_home(minutes), "pv.pdf")})
    assert reading.places(minutes)[0].is_signed


def test_the_file_to_sign_is_an_attachment(president, minutes):
    response = president.get(reverse("registry:current", args=[minutes.pk]))
    assert response["Content-Disposition"].startswith('attachment; filename="pv-comite-2026-06-09')
    assert response.content == reading.current_file(minutes)[0]


@pytest.mark.parametrize(
    ("content", "name", "answer"),
    [
        pytest.param(b"MZ\x90", "feuille.pdf", "feuille", id="un programme nommé .pdf"),
        pytest.param(b"", "feuille.pdf", "vide", id="vide"),
        pytest.param("漢字".encode(), "feuille.png", "feuille", id="du texte"),
    ],
)
def test_a_sheet_is_checked_by_its_content(secretary, minutes, content, name, answer):
    url = reverse("registry:upload_sheet", args=[minutes.pk, "president"])
    response = secretary.post(url, {"scan": ContentFile(content, name)})
    assert response.status_code == 422
    assert answer in response.content.decode()
    assert not reading.places(minutes)[0].is_signed


def test_a_sheet_is_kept_and_served_as_an_attachment(secretary, minutes):
    with minutes.pdf.open() as file:
        scan = file.read()
    url = reverse("registry:upload_sheet", args=[minutes.pk, "president"])
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
    assert told(cast, JULY) == [
        (
            "Établir la liste des délibérations et les extraits",
            "le secrétariat",
            date(2026, 6, 16),
        ),
        ("Rédiger et établir le procès-verbal", "le secrétariat", None),
    ]


def test_signatures_await_their_signers_within_a_week_of_the_adoption(cast, minutes):
    signatures = [task for task in told(cast, JULY) if task[0].startswith("Signer")]
    assert signatures == [
        ("Signer le procès-verbal", "Alice ARNAUD", date(2026, 7, 14)),
        ("Signer le procès-verbal", "Bruno BESSON", date(2026, 7, 14)),
    ]
