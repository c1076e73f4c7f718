"""Forgotten and changed passwords: a link by mail, the same answer to everybody."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import letters, throttle
from tests.cast import PASSWORD, make_account

NEW = "tilleul brouillard quai"


@pytest.fixture
def account(db):
    return make_account("sylvie.saint@brume.example", password=PASSWORD)


def ask(client, email):
    """Ask for a link; the hand that sends mails then passes."""
    response = client.post(reverse("accounts:password_reset"), {"email": email})
    letters.send_due(timezone.now())
    return response


def link_in(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body)[1]


def test_a_link_comes_by_mail_and_chooses_a_good_password_once(client, account):
    response = ask(client, account.email)
    assert response.url == reverse("accounts:password_reset_sent")
    assert client.get(response.url).status_code == 200
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([account.email], "Choisir un mot de passe")
    page = client.get(link_in(message), follow=True)
    path = page.request["PATH_INFO"]
    response = client.post(path, {"new_password1": "12345", "new_password2": "12345"})
    assert response.status_code == 200 and response.context["form"].errors["new_password2"]
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    response = client.post(path, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert "Votre mot de passe est enregistré. Connectez-vous." in response.content.decode()
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert "Ce lien a déjà servi" in client.get(link_in(message), follow=True).content.decode()


def test_nobody_learns_whether_an_account_exists_nor_is_flooded_with_links(client, account):
    known = ask(client, account.email)
    unknown = ask(client, "personne@brume.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [[account.email]]
    for _ in range(throttle.FAILURES + 3):
        assert ask(client, account.email).status_code == 302
    assert len(mail.outbox) == throttle.FAILURES


def test_changing_a_password_needs_the_old_one(client_of, account):
    client, url = client_of(account), reverse("accounts:password_change")
    new = {"new_password1": NEW, "new_password2": NEW}
    response = client.post(url, {"old_password": "non"} | new)
    assert response.context["form"].errors["old_password"]
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    response = client.post(url, {"old_password": PASSWORD} | new, follow=True)
    assert "Votre mot de passe est changé" in response.content.decode()
    account.refresh_from_db()
    assert account.check_password(NEW)
