"""The second proof: a session left open signs nothing, and what was asked is not lost."""

import html
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import proof, throttle
from accounts.models import Tries
from tests import doors, test_access
from tests.cast import PASSWORD

published = test_access.import_module("tests.archive.urls").published
ASKED = "Confirmez que c’est vous"
WRONG = "Ce n’est pas le bon mot de passe."


@pytest.fixture
def stale(cast, client_of) -> Client:
    """The secretariat, long after she signed in; she has a password."""
    cast.secretariat.set_password(PASSWORD)
    cast.secretariat.save()
    return doors.grow_old(client_of(cast.secretariat))


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        pytest.param(timedelta(0), True, id="à l’instant"),
        pytest.param(timedelta(minutes=5), True, id="cinq minutes"),
        pytest.param(timedelta(minutes=5, seconds=1), False, id="cinq minutes passées"),
        pytest.param(timedelta(seconds=-1), False, id="à venir"),
    ],
)
def test_a_proof_lasts_five_minutes(settings, age, fresh):
    settings.SECOND_PROOF_MINUTES = 5
    session, now = {}, timezone.now()
    assert not proof.is_fresh(session, at=now)
    proof.give(session, at=now - age)
    assert proof.is_fresh(session, at=now) is fresh
    proof.forget(session)
    assert not proof.is_fresh(session, at=now)


def held(response) -> dict:
    """What the page that asks sends back."""
    page = html.unescape(response.content.decode())
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def test_a_session_guesses_no_proof_for_as_long_as_it_lasts(cast, stale):
    """Five each five minutes, day and night, found a code of six figures."""
    address, wrong = reverse("accounts:proof"), {"preuve": "123456"}
    for _ in range(throttle.IN_A_ROW):
        assert WRONG in stale.post(address, wrong).content.decode()
        Tries.objects.filter(until__lte=timezone.now() + throttle.WAIT).delete()  # it waits
    right = stale.post(address, {"preuve": PASSWORD})
    assert "Déconnectez-vous" in right.content.decode()
    again = doors.grow_old(doors.enter(Client(), cast.secretariat))
    assert again.post(address, {"preuve": PASSWORD}).status_code == 302


def test_the_page_that_changes_a_password_guesses_no_longer_than_that(cast, stale):
    """Five each five minutes there too, without end."""
    address = reverse("accounts:password_change")
    new = {"new_password1": "tilleul brouillard quai", "new_password2": "tilleul brouillard quai"}
    for _ in range(throttle.IN_A_ROW):
        stale.post(address, {"old_password": "123456", **new})
        Tries.objects.filter(until__lte=timezone.now() + throttle.WAIT).delete()  # it waits
    right = stale.post(address, {"old_password": PASSWORD, **new})
    assert "Déconnectez-vous" in right.content.decode()
    cast.secretariat.refresh_from_db()
    assert cast.secretariat.check_password(PASSWORD)


@pytest.mark.parametrize("typed", ["[" * 50_000, "1" * 5_000, "{" * 70_000, "[1]", "null"])
def test_what_no_browser_says_of_a_passkey_is_no_proof_and_no_failure(stale, typed):
    response = stale.post(reverse("accounts:proof"), {"preuve": "", "preuve_cle": typed})
    assert response.status_code in (403, 422) and len(response.content) < 50_000


def test_what_was_asked_is_done_once_the_password_is_right(cast, stale):
    document = published(cast).document
    address = reverse("archive:withdraw", args=[document.pk])
    asked = {"reason": "une adresse y « figurait » & <b>", "knows": "on"}
    page = f"http://testserver{reverse('archive:publication', args=[document.pk])}"
    response = stale.post(address, asked, headers={"referer": page})
    assert response.status_code == 403
    assert document.publications.online().exists()
    again = held(response)
    assert again.pop("csrfmiddlewaretoken")
    assert again == asked | {"preuve-retour": page}
    response = stale.post(address, again | {"preuve": "non"})
    assert response.status_code == 403 and WRONG in response.content.decode()
    assert again.items() <= held(response).items()
    assert document.publications.online().exists()
    response = stale.post(address, again | {"preuve": PASSWORD})
    assert response.url == reverse("archive:publication", args=[document.pk])
    assert not document.publications.online().exists()
    assert document.publications.get().reason == asked["reason"]
    # For five minutes nothing more is asked.
    response = stale.post(address, asked)
    assert response.status_code == 404


CORRECTED = {
    "une ligne du registre": ("meetings:void", {"reason": "par erreur"}),
    "un papier remplacé": ("documents:issue", {"confirmed": "1", "reason": "une faute"}),
}


@pytest.mark.parametrize("what", CORRECTED)
def test_a_sitting_whose_papers_are_out_is_corrected_by_no_session_left_open(cast, stale, what):
    """What the public reads would change: « n’est plus arrêté », « n’est plus un acte »."""
    name, asked = CORRECTED[what]
    meeting = published(cast).document.meeting
    last = meeting.events.last()
    address = reverse(name, args=[meeting.pk, *([last.seq] if "void" in name else [])])
    if name == "documents:issue":
        meeting.items.filter(approves=None).update(title="Autre titre")

    def state():
        return meeting.events.count(), meeting.documents.count()

    before = state()
    response = stale.post(address, asked)
    assert response.status_code == 403 and ASKED in response.content.decode()
    again = held(response)
    assert asked.items() <= again.items()
    assert stale.post(address, again | {"preuve": "non"}).status_code == 403
    assert state() == before
    part = stale.post(address, asked, headers={"hx-request": "true"})
    assert part["HX-Redirect"].startswith(reverse("accounts:proof"))
    told = stale.post(address, asked, headers={"accept": "application/json"}).json()
    assert not told["ok"] and told["proof"].startswith(reverse("accounts:proof"))
    assert reverse("accounts:proof") not in told["message"]  # a person reads it
    assert stale.post(address, again | {"preuve": PASSWORD}).status_code == 302
    assert state() != before


def test_a_file_is_chosen_again_on_the_page_it_came_from(cast, stale):
    document = published(cast).document
    address = reverse("registry:upload_sheet", args=[document.pk, "president"])
    page = f"http://testserver{reverse('registry:signatures', args=[document.pk])}"
    response = stale.post(address, {"scan": io.BytesIO(b"%PDF")}, headers={"referer": page})
    assert "vous le choisirez à nouveau" in response.content.decode()
    response = stale.post(address, held(response) | {"preuve": PASSWORD})
    assert (response.status_code, response.url) == (302, page)
    again = {
        "preuve": PASSWORD,
        "preuve-sans-fichier": "1",
        "preuve-retour": "https://loin.example/",
    }
    assert stale.post(address, again).url == reverse("home")
    doors.grow_old(stale)
    assert stale.post(address, again | {"preuve-retour": "abc"}).url == reverse("home")


def test_five_wrong_passwords_make_one_wait(stale):
    address = reverse("accounts:proof")
    for _ in range(throttle.FAILURES):
        assert WRONG in stale.post(address, {"preuve": "non"}).content.decode()
    page = stale.post(address, {"preuve": PASSWORD})
    assert "Trop d’essais" in page.content.decode()


def test_the_page_by_itself_leads_where_one_was_going_and_nowhere_else(stale):
    address = reverse("accounts:proof")
    assert ASKED in stale.get(address).content.decode()
    for following, opened in (
        ("/instances/", "/instances/"),
        ("https://ailleurs.example/", reverse("home")),
        ("abc", reverse("home")),
    ):
        doors.grow_old(stale)
        response = stale.post(f"{address}?next={following}", {"preuve": PASSWORD})
        assert (response.status_code, response.url) == (302, opened)
