"""Second factors: enrolled, asked at the door, lost, recovered; compulsory where a role says so."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, devices, factors, throttle
from accounts import doors as house
from accounts.models import Factor, Tries
from members.models import User
from tests import doors, post
from tests.cast import PASSWORD, change
from tests.words import refused

SIGN_IN, STEP, MINE = "/connexion/", "/connexion/second-facteur/", "/mon-compte/"
ENROL = "/mon-compte/second-facteur/"


@pytest.fixture
def account(cast):
    cast.administration.set_password(PASSWORD)
    cast.administration.save()
    return cast.administration


def code_of(account, *, steps: int = 0) -> str:
    factor = factors.of(account).get(kind=Factor.Kind.TOTP)
    totp = pyotp.TOTP(factors.secret_of(factor.data["seed"]))
    return totp.generate_otp(totp.timecode(timezone.now()) + steps)


@pytest.fixture
def enrolled(account):
    """With an application whose last code is long gone."""
    Factor.objects.create(
        account=account,
        kind=Factor.Kind.TOTP,
        name="téléphone",
        data={"seed": factors.new_seed(), "step": 0},
    )
    return account


def sign_in(client, account, password=PASSWORD, following=""):
    url = f"{SIGN_IN}?next={following}" if following else SIGN_IN
    return client.post(url, {"username": account.email, "password": password})


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_an_application_is_added_by_a_right_code_and_comes_with_codes_on_paper(account, client_of):
    client = client_of(account)
    page = client.get(reverse("accounts:add_application"))
    shown = page.content.decode()
    assert "<svg" in shown and "style=" not in shown
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', shown)[1].replace(" ", "")
    seed = client.session["new_application"]
    assert secret == factors.secret_of(seed) and seed not in shown
    wrong = client.post(reverse("accounts:add_application"), {"code": "12é456"})
    assert wrong.status_code == 422 and not factors.has_any(account)
    data = {"code": pyotp.TOTP(secret).now()}
    page = client.post(reverse("accounts:add_application"), data).content.decode()
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", page)
    assert len(set(codes)) == factors.CODES
    kept = str(list(account.recovery_codes.values())) + str(list(account.factors.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert secret not in kept
    assert codes[0] not in client.get(MINE).content.decode()  # shown once


def test_the_password_opens_half_the_door(enrolled, client):
    assert sign_in(client, enrolled, following="/instances/").url == STEP
    assert not is_in(client)
    assert client.get("/").url.startswith(SIGN_IN)
    assert client.post(STEP, {"code": "000000"}).status_code == 422
    assert client.post(STEP, {}).status_code == 422
    response = client.post(STEP, {"code": code_of(enrolled)})
    assert response.url == "/instances/" and is_in(client)
    assert client.session[factors.BY_TWO]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda account: account.set_password("autre"), "hash", id="mot de passe"),
        pytest.param(lambda account: setattr(account, "is_active", False), "closed", id="fermé"),
    ],
)
def test_half_a_door_closes_when_the_account_changes(enrolled, client, spoil, why):
    sign_in(client, enrolled)
    spoil(enrolled)
    enrolled.save()
    assert client.post(STEP, {"code": code_of(enrolled)}).url == SIGN_IN
    assert not is_in(client)


def test_half_a_door_closes_after_ten_minutes(enrolled, client):
    sign_in(client, enrolled)
    session = client.session
    session[house.PENDING] |= {"at": session[house.PENDING]["at"] - 601}
    session.save()
    assert client.get(STEP).url == SIGN_IN


def test_a_code_serves_once_and_neither_does_an_older_one(enrolled):
    now = timezone.now()
    code, before = code_of(enrolled), code_of(enrolled, steps=-1)
    assert factors.code_is_right(enrolled, code, at=now)
    assert not factors.code_is_right(enrolled, code, at=now)
    assert not factors.code_is_right(enrolled, before, at=now)
    assert not factors.code_is_right(enrolled, code_of(enrolled, steps=3), at=now)
    later = now + timedelta(seconds=90)
    assert factors.code_is_right(enrolled, code_of(enrolled, steps=3), at=later)


def test_codes_on_paper_stand_for_a_lost_factor_once_each(enrolled, client):
    code, other = factors.new_codes(enrolled)[:2]
    sign_in(client, enrolled)
    response = client.post(STEP, {"code": code.upper().replace("-", " ")}, follow=True)
    assert is_in(client) and "9 codes" in response.content.decode()
    client.logout()
    sign_in(client, enrolled)
    assert client.post(STEP, {"code": code}).status_code == 422
    factors.new_codes(enrolled)
    assert client.post(STEP, {"code": other}).status_code == 422  # of the sheet before


def test_tries_at_the_second_step_are_counted(enrolled, client):
    sign_in(client, enrolled)
    for _ in range(5):
        assert "n’est pas le bon" in client.post(STEP, {"code": "000000"}).content.decode()
    page = client.post(STEP, {"code": code_of(enrolled)}).content.decode()
    assert "Trop d’essais" in page and not is_in(client)


def test_codes_that_fail_in_a_row_find_nothing_in_the_end_and_are_told(enrolled, client, rf):
    """Five tries each five minutes would find a code of six figures in a month."""

    def tries(number, browser):
        sign_in(browser, enrolled)
        Tries.objects.filter(until__lt=timezone.now() + 2 * throttle.WAIT).delete()
        code = code_of(enrolled) if number is None else f"{number:06}"
        return browser.post(STEP, {"code": code})

    for number in range(throttle.IN_A_ROW):
        assert "n’est pas le bon" in tries(number, Client()).text
    assert "Trop de codes faux" in tries(None, Client()).text
    post.letters_leave(timezone.now())
    (told,) = mail.outbox
    assert told.to == [enrolled.email] and "choisissez-en un autre" in told.body
    # Where she entered by both she is let be, not where a password alone, stolen maybe, let one in
    # before she had a factor; elsewhere, once the password is another.
    for is_by_two in (False, True):
        known = Client()
        devices.remember(rf.get("/"), response := HttpResponse(), enrolled, is_by_two=is_by_two)
        known.cookies = response.cookies
        assert (tries(None, known).status_code == 302) is is_by_two
    change(enrolled, password=make_password("tilleul brouillard quai"))
    Factor.objects.update(data={"seed": factors.of(enrolled).get().data["seed"], "step": 0})
    elsewhere = Client()
    sign_in(elsewhere, enrolled, "tilleul brouillard quai")
    assert elsewhere.post(STEP, {"code": code_of(enrolled)}).status_code == 302


def test_what_proves_an_account_is_told_by_mail_when_it_changes(account, client_of):
    """A session left open on a desk adds no factor of its own unseen."""
    client = client_of(account)
    client.get(reverse("accounts:add_application"))
    code = pyotp.TOTP(factors.secret_of(client.session["new_application"])).now()
    client.post(reverse("accounts:add_application"), {"code": code})
    factor = factors.of(account).get()
    client.post(reverse("accounts:remove_factor", args=[factor.pk]))
    post.letters_leave(timezone.now())
    told = [each.body for each in mail.outbox if each.to == [account.email]]
    assert len(told) == 2
    assert "second facteur ajouté" in told[0] and "second facteur retiré" in told[1]


def test_who_must_and_has_none_is_led_to_enrol_before_anything_else(account, client, settings):
    settings.SECOND_FACTOR_ROLES = ["administration"]
    sign_in(client, account)
    for path in ("/", "/instances/", "/administration/", MINE, "/mot-de-passe/changer/"):
        assert client.get(path).url == ENROL
    assert client.get(ENROL).status_code == 200
    client.get(reverse("accounts:add_application"))
    code = pyotp.TOTP(factors.secret_of(client.session["new_application"])).now()
    client.post(reverse("accounts:add_application"), {"code": code})
    assert client.get("/instances/").status_code == 200
    # The last one stays, and of two that were there for both who looked, one.
    first = factors.of(account).get()
    client.post(reverse("accounts:remove_factor", args=[first.pk]))
    assert factors.has_any(account)
    second = account.factors.create(kind="passkey", name="poche", data={})
    factors.remove(second, by=account, at=timezone.now())
    with refused("dernier_facteur"):
        factors.remove(first, by=account, at=timezone.now())


def test_a_session_of_one_proof_ends_where_the_factor_became_compulsory(account, client, settings):
    sign_in(client, account)
    account.factors.create(
        kind="totp", name="téléphone", data={"seed": factors.new_seed(), "step": 0}
    )
    assert client.get("/instances/").status_code == 200
    settings.SECOND_FACTOR_ROLES = ["administration"]
    assert client.get("/instances/").url == SIGN_IN
    assert not is_in(client)


def test_who_holds_every_role_enters_by_two_proofs_before_there_is_anywhere(db, client, settings):
    settings.SECOND_FACTOR_ROLES = ["administration"]
    first = User.objects.create_superuser("racine@brume.example", "x")
    client.force_login(first)
    assert client.get("/premiers-pas/", follow=True).request["PATH_INFO"] == reverse(
        "accounts:enrol"
    )


def test_a_role_that_asks_for_nothing_is_left_alone(cast, client_of, settings):
    settings.SECOND_FACTOR_ROLES = ["administration"]
    assert client_of(cast.secretariat).get("/instances/").status_code == 200


def test_nobody_has_his_own_removed(cast, enrolled, client_of, rf):
    asked = {"by": enrolled, "request": rf.get("/"), "at": timezone.now()}
    with refused("a_soi_meme"):
        actions.ask_removal(enrolled, **asked)
    data = {"action": "remove_factors", "_selected_action": [enrolled.pk], "confirmed": "1"}
    client_of(enrolled).post(reverse("admin:members_user_changelist"), data)
    assert factors.has_any(enrolled) and not enrolled.identity_changes.exists()


def enrol(client) -> None:
    client.get(reverse("accounts:add_application"))
    code = pyotp.TOTP(factors.secret_of(client.session["new_application"])).now()
    client.post(reverse("accounts:add_application"), {"code": code})


def remade(client) -> None:
    client.post(reverse("accounts:new_codes"))


def removed(client) -> None:
    factor = factors.of(client.get(MINE).context["user"]).get()
    client.post(reverse("accounts:remove_factor", args=[factor.pk]))


@pytest.mark.parametrize("what", ["enrol", "remade", "removed"])
def test_whatever_was_signed_in_elsewhere_ends_with_what_proves_the_account(account, client, what):
    sign_in(client, account)
    if what != "enrol":
        enrol(client)
    there = Client()
    sign_in(there, account)
    if what != "enrol":
        there.post(STEP, {"code": code_of(account, steps=1)})
    assert is_in(there)
    copied = Client()
    copied.cookies["sessionid"] = client.cookies["sessionid"].value
    {"enrol": enrol, "remade": remade, "removed": removed}[what](client)
    assert client.get("/instances/").status_code == 200
    assert there.get("/instances/").status_code == 302
    assert copied.get("/instances/").status_code == 302  # who stole the cookie before


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("accounts:add_application", "get"),
        ("accounts:add_application", "post"),
        ("accounts:new_codes", "post"),
        ("accounts:address", "post"),
        ("accounts:password_change", "get"),
        ("accounts:password_change", "post"),
        ("admin:members_user_add", "post"),
    ],
)
def test_a_session_of_one_proof_touches_nothing_once_there_is_a_factor(
    account, client, name, method
):
    """Opened while the factor was being added: it did not end with the others."""
    sign_in(client, account)
    account.factors.create(
        kind="totp", name="téléphone", data={"seed": factors.new_seed(), "step": 0}
    )
    assert getattr(client, method)(reverse(name)).url == SIGN_IN
    assert not is_in(client)


def test_a_code_is_a_second_proof_too(enrolled, client_of):
    client = doors.grow_old(client_of(enrolled))
    address = reverse("accounts:proof")
    assert client.post(address, {"preuve": "000000"}).status_code == 422
    assert client.post(address, {"preuve": code_of(enrolled)}).status_code == 302


def test_what_no_passkey_says_opens_nothing(enrolled, client, settings):
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    sign_in(client, enrolled)
    for told in ("{}", '{"id": 1}', "[]", '"x"', "{", '{"rawId": "a", "response": {}}', "null"):
        assert client.post(STEP, {"cle": told}).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize(
    ("host", "works"),
    [("127.0.0.1:8000", False), ("[::1]:8000", False), ("localhost", True), ("a.example:1", True)],
)
def test_passkeys_need_a_name(rf, settings, host, works):
    settings.ALLOWED_HOSTS = ["*"]
    assert factors.passkeys_work_at(rf.get("/", HTTP_HOST=host)) is works


def test_no_second_factor_is_asked_unless_a_setting_says_so():
    assert settings.SECOND_FACTOR_ROLES == []
