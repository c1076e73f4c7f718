"""Forgotten and changed passwords: a link by mail, the same answer to everybody."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import forms, throttle
from accounts.models import Tries
from convening import outbox
from convening.models import OutboxMail
from tests import post, secrecy
from tests.cast import PASSWORD, make_account
from trail.models import Act, Entry

NEW = "tilleul brouillard quai"


@pytest.fixture
def account(db):
    return make_account("sylvie.saint@brume.example", password=PASSWORD)


def ask(client, email):
    """Ask for a link; the hand that sends mails then passes."""
    response = client.post(reverse("accounts:password_reset"), {"email": email})
    post.letters_leave(timezone.now())
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


def test_a_mail_kept_here_opens_no_account(client, account, settings):
    """Whoever reads the outbox, where no mail leaves, would choose the password of anybody."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    ask(client, account.email)
    kept = OutboxMail.objects.get(recipient=account.email)
    assert re.search(r"/mot-de-passe/choisir/\w+/…", outbox.words(kept, "plain"))
    assert secrecy.known and not any(secret in kept.source for secret in secrecy.known)


def test_a_link_sent_twice_at_once_chooses_one_password(client, account, monkeypatch):
    """Both were let in while it still served; the one that comes second finds that it has."""
    ask(client, account.email)
    link, second, late = link_in(mail.outbox[0]), Client(), "chêne rosée passage"
    path = client.get(link, follow=True).request["PATH_INFO"]
    second.get(link, follow=True)
    checked = forms.ChoosePasswordForm.clean

    def clean(form):
        if form.data["new_password1"] == late:
            client.post(path, {"new_password1": NEW, "new_password2": NEW})
        return checked(form)

    monkeypatch.setattr(forms.ChoosePasswordForm, "clean", clean)
    page = second.post(path, {"new_password1": late, "new_password2": late})
    assert "Ce lien a déjà servi" in page.text
    account.refresh_from_db()
    assert account.check_password(NEW)


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


def test_guesses_at_the_old_password_are_counted_and_told(client_of, account):
    client, url = client_of(account), reverse("accounts:password_change")
    new = {"new_password1": NEW, "new_password2": NEW}
    for _ in range(throttle.FAILURES):
        client.post(url, {"old_password": "non"} | new)
    page = client.post(url, {"old_password": PASSWORD} | new)
    assert page.context["form"].errors["old_password"] == [forms.WAIT]
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    Tries.objects.all().delete()  # five minutes later
    client.post(url, {"old_password": PASSWORD} | new)
    told = list(
        Entry.objects.filter(act=Act.FACTOR, who=account.email).values_list("what", flat=True)
    )
    assert told.count("changement de mot de passe refusé") == throttle.FAILURES
    assert told.count("mot de passe changé") == 1
