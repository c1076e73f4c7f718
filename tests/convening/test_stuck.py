"""What a mail server did not take is seen: by who can do something of it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from accounts.models import Letter
from archive.desk import chores, waiting
from archive.watching import facts
from convening import mails, sending
from members import retention
from members.models import Body
from tests import post
from tests.cast import change
from tests.convening import dispatched

pytestmark = pytest.mark.django_db


def rows(client) -> list[str]:
    page = client.get(reverse("convening:stuck")).text
    return re.findall(r'<th scope="row">(.*?)</th>', page)


def test_who_can_do_something_of_it_sees_it_and_it_leaves_again(cast, client_of):
    dispatched.stuck_notice(cast)
    letter = dispatched.stuck_letter(cast)
    today = timezone.localdate()
    told = [task.what for task in waiting.tasks(Body.objects.all(), on=today)]
    assert "Reprendre 1 courriel qui n’est pas arrivé" in told
    asked = [chore.what for chore in chores.of(cast.organisation, by=cast.administration, on=today)]
    assert "Reprendre 1 courriel de compte, qui n’est pas arrivé" in asked
    administration, secretary = client_of(cast.administration), client_of(cast.secretariat)
    assert rows(administration) == [letter.to]
    assert rows(secretary) == ["claire@brume.example"]
    assert rows(client_of(cast.other_administration)) == []
    administration.post(reverse("convening:stuck_letter", args=[letter.pk]))
    assert post.letters_leave(timezone.now()) == 1
    assert not Letter.objects.exists() and rows(administration) == []


def test_nothing_is_said_to_have_left_where_no_mail_server_is_set(cast, client_of, settings):
    """« Tout est parti » was said beside eight convocations kept here, and the service was well."""
    secretary, page = client_of(cast.secretariat), reverse("convening:stuck")
    assert "Tout est parti" in secretary.get(page).text
    row = dispatched.dispatched(cast).recipients.first()
    change(row, state="garde")
    for backend in (settings.EMAIL_BACKEND, "convening.outbox.OutboxBackend"):
        settings.EMAIL_BACKEND = backend
        text = secretary.get(page).text
        assert "Tout est parti" not in text and "1 destinataire ne l’a pas reçue" in text
        told = next(f for f in facts.all_of_them(at=timezone.now()) if f.title == "Courriels")
        assert told.state != facts.State.GOOD and "1 convocation gardée ici" in told.told
    assert "Aucun serveur de courriel n’est réglé" in text and "EMAIL_URL" in told.remedy
    assert told.state == facts.State.BAD


@pytest.mark.parametrize("backend", ["convening.outbox.OutboxBackend", ""])
def test_the_mails_that_were_kept_are_counted_where_they_are_looked_for(
    cast, client_of, settings, backend
):
    """The page listed nothing while the outbox held all that had not left."""
    settings.EMAIL_BACKEND = backend or settings.EMAIL_BACKEND
    client, page = client_of(cast.administration), reverse("convening:stuck")
    assert "faute de serveur" not in client.get(page).text
    dispatched.kept_mail(cast)
    dispatched.kept_mail(cast)
    shown = client.get(page).text
    assert "Tout est parti" not in shown
    (link,) = re.findall(r'<a [^>]*href="([^"]*)">.*? 2 courriels gardés ici', shown)
    assert link == reverse("convening:outbox")
    assert "faute de serveur" not in client_of(cast.other_administration).get(page).text


def test_what_is_given_up_leaves_no_more(cast, client_of):
    notice, letter = dispatched.stuck_notice(cast), dispatched.stuck_letter(cast)
    given_up = {"abandonner": "1"}
    path = reverse("convening:stuck_notice", args=[notice.pk])
    client_of(cast.secretariat).post(path, given_up)
    path = reverse("convening:stuck_letter", args=[letter.pk])
    client_of(cast.administration).post(path, given_up)
    notice.refresh_from_db()
    assert notice.state == "garde" and not Letter.objects.exists()


def test_a_letter_tries_again_longer_each_time_is_given_up_and_the_page_that_said_it_left_says_so(
    cast, client, monkeypatch
):
    def fails(self, messages):
        raise OSError("rien ne va plus")

    monkeypatch.setattr(EmailBackend, "send_messages", fails)
    client.post(reverse("accounts:password_reset"), {"email": cast.delegate.email})
    at, waits = timezone.now(), []
    for _ in sending.DELAYS:
        assert post.letters_leave(at) == 0
        letter = Letter.objects.get()
        waits.append(letter.not_before - at)
        at = letter.not_before
    assert waits == sending.DELAYS
    page = client.get(reverse("accounts:password_reset_sent")).text
    assert "Le serveur de courriel ne répond pas" in page
    post.letters_leave(at)
    letter.refresh_from_db()
    assert letter.state == "refuse" and "rien ne va plus" in letter.reply
    sending.finish(at=timezone.now() + retention.UNTAKEN + timedelta(days=1))
    assert not Letter.objects.exists()


def test_a_mail_bears_the_name_of_the_site_and_a_reminder_says_whom_to_ask_for_no_more(
    cast, settings, client
):
    settings.DEFAULT_FROM_EMAIL, settings.SITE_URL = "secretariat@localhost", "https://s.example/"
    client.post(reverse("accounts:password_reset"), {"email": cast.delegate.email})
    post.letters_leave(timezone.now())
    (sent,) = mail.outbox
    assert sent.message()["Message-ID"].endswith("@s.example>")
    convocation = dispatched.dispatched(cast)
    change(convocation, letter=convocation.letter | {"reply_to": "accueil@brume.example"})
    notice = dispatched.stuck_notice(cast, of=convocation.meeting)
    source = mails.write(notice, at=timezone.now()).source
    assert b"List-Unsubscribe: <mailto:accueil@brume.example?subject=" in source
