"""Signing in and out: the right password opens, five wrong ones make one wait."""

import pytest
from django.urls import reverse

from accounts import throttle
from tests.cast import PASSWORD, change, make_account

URL = "/connexion/"
WRONG = "L’adresse ou le mot de passe n’est pas le bon."
WAIT = (
    "Trop d’essais avec cette adresse. Attendez cinq minutes, ou demandez un nouveau mot de passe."
)


@pytest.fixture
def account(db):
    return make_account("sylvie.saint@brume.example", password=PASSWORD)


def sign_in(client, email="sylvie.saint@brume.example", password=PASSWORD, url=URL, **extra):
    return client.post(url, {"username": email, "password": password}, **extra)


def errors(response) -> list[str]:
    return response.context["form"].non_field_errors()


def test_it_opens_and_leads_where_one_was_going_and_nowhere_else(client, account):
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, reverse("home"))
    assert client.session["_auth_user_id"] == str(account.pk)
    assert client.get(URL).url == reverse("home")  # who is in is not asked again
    assert client.get(reverse("accounts:logout")).status_code == 405  # by post only
    response = client.post(reverse("accounts:logout"))
    assert (response.status_code, response.url) == (302, reverse("accounts:login"))
    assert "_auth_user_id" not in client.session
    for email, wanted, opened in (
        ("Sylvie.SAINT@brume.example", "/instances/", "/instances/"),  # capitals do not matter
        (account.email, "https://ailleurs.example/", reverse("home")),
        (account.email, "abc", reverse("home")),  # no address, and the name of no page
        (account.email, "home", reverse("home")),
    ):
        assert sign_in(client, email=email, url=f"{URL}?next={wanted}").url == opened
        client.logout()


def test_whatever_is_wrong_gets_the_same_answer(client, account):
    wrong = sign_in(client, password="autre chose")
    unknown = sign_in(client, email="personne@brume.example")
    assert errors(wrong) == errors(unknown) == [WRONG]
    assert wrong.context["form"]["username"].value() == account.email
    change(account, is_active=False)
    assert errors(sign_in(client)) == [WRONG]
    response = sign_in(client, email="sylvie")  # no address at all
    (why,) = response.context["form"].errors["username"]
    assert why == "Saisissez une adresse de courriel valide."


def test_after_five_failures_one_waits_whether_or_not_the_account_exists(client, account):
    for _ in range(throttle.FAILURES - 1):
        sign_in(client, password="non")
    assert sign_in(client).status_code == 302  # which forgets the failures
    client.logout()
    for email in (account.email, "personne@brume.example"):
        for _ in range(throttle.FAILURES):
            assert errors(sign_in(client, email=email, password="non")) == [WRONG]
        assert errors(sign_in(client, email=email, password=PASSWORD)) == [WAIT]
    # The wait is for that address on that network only.
    other = make_account("autre@brume.example", password=PASSWORD)
    assert sign_in(client, email=other.email).status_code == 302
    client.logout()
    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302
