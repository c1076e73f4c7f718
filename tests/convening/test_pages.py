"""The pages of the secretariat: what they show, what they refuse, what they keep when refused."""

import csv
import io
from datetime import date, timedelta
from urllib.parse import urlparse

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from convening import sending, tokens
from convening.actions import drafting
from convening.models import Convocation, Invitation, OutboxMail, Posted, Recipient
from meetings.actions import items, preparing
from meetings.models import Meeting
from tests.cast import change
from tests.convening import desk, dispatched

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]

State = Posted.State


def path(name: str, *args) -> str:
    return reverse(f"convening:{name}", args=args)


def plain(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


# --- From an empty sitting to the dispatch ----------------------------------------------------


def test_an_empty_sitting_says_all_that_is_missing(cast, secretary):
    meeting = preparing.create_meeting(
        body=cast.comite,
        held_on=timezone.localdate() + timedelta(days=20),
        starts_at=desk.time(18),
        by=cast.secretariat,
    )
    page = plain(secretary.get(path("prepare", meeting.pk)))
    for words in (
        "L’ordre du jour est vide.",
        "Le lieu de la séance n’est pas indiqué.",
        "Sans adresse électronique ni postale",
        "dernier jour pour envoyer",
        "5 jours francs",
    ):
        assert words in page
    assert "Envoyer…" not in page
    assert not Convocation.objects.exists()  # to look makes nothing


def test_the_draft_is_kept_and_sent_on_one_confirmation(cast, secretary):
    meeting = dispatched.soon(cast)
    data = {"message": "À bientôt.", "urgent_reason": ""}
    kept = secretary.post(path("prepare", meeting.pk), data)
    assert kept.url == path("prepare", meeting.pk)
    assert Convocation.objects.get().message == "À bientôt."
    asked = secretary.post(path("prepare", meeting.pk), data | {"send": "1"})
    assert asked.url == path("send", meeting.pk)
    page = plain(secretary.get(asked.url))
    assert "9 jours francs, 5 requis" in page and "Envoyer à 7 destinataires" in page
    assert Convocation.objects.get().stage == Convocation.Stage.DRAFT
    without = secretary.post(asked.url)
    assert without.status_code == 200  # not confirmed: asked again
    sent = secretary.post(asked.url, {"confirmed": "1"})
    convocation = Convocation.objects.get()
    assert sent.url == path("ledger", convocation.pk)
    assert convocation.letter["site"] == "http://testserver"
    page = plain(secretary.get(sent.url))
    assert "0 courriel remis sur 6" in page  # the worker has not come yet
    assert convocation.sha256 in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(cast, secretary):
    meeting = dispatched.soon(cast)
    data = {"message": "x" * 6000, "requested_by": "Elsa", "urgent_reason": "漢字 <b>"}
    answer = secretary.post(path("prepare", meeting.pk), data)
    assert answer.status_code == 422
    for words in ("x" * 6000, "漢字 &lt;b&gt;", "Dites quand la demande est arrivée."):
        assert words in plain(answer)
    for value in ("2026-02-30", "0000-00-00", "demain", "9" * 5000):
        answer = secretary.post(path("prepare", meeting.pk), {"requested_on": value})
        assert answer.status_code == 422
    assert not Convocation.objects.exists()


def test_a_late_sitting_cannot_be_sent_without_a_reason(cast, secretary):
    meeting = dispatched.soon(cast)
    change(meeting, held_on=timezone.localdate() + timedelta(days=4))
    page = plain(secretary.get(path("prepare", meeting.pk)))
    assert "Le délai ordinaire est passé" in page
    assert "Pour convoquer en urgence, donnez-en le motif." in page
    refused = secretary.post(path("send", meeting.pk), {"confirmed": "1"})
    assert refused.status_code == 409
    assert Meeting.objects.get(pk=meeting.pk).convened_on is None
    secretary.post(path("prepare", meeting.pk), {"urgent_reason": "Une crue."})
    page = plain(secretary.get(path("send", meeting.pk)))
    assert "En urgence" in page
    secretary.post(path("send", meeting.pk), {"confirmed": "1"})
    assert Meeting.objects.get(pk=meeting.pk).items.filter(kind="urgence").exists()


def test_sent_twice_at_once_it_leaves_once(cast, secretary):
    meeting = dispatched.soon(cast)
    for _ in range(2):
        sent = secretary.post(path("send", meeting.pk), {"confirmed": "1"})
        assert sent.status_code == 302
    assert (Convocation.objects.count(), Recipient.objects.count()) == (1, 7)


def test_the_preview_is_what_will_leave(cast, secretary):
    meeting = dispatched.soon(cast)
    assert secretary.get(path("draft_dossier", meeting.pk)).content.startswith(b"%PDF")
    page = secretary.get(path("draft_mail", meeting.pk))
    assert "Budget primitif" in plain(page)
    assert f'nonce="{page.wsgi_request.csp_nonce}"' in page.content.decode()
    assert not Convocation.objects.exists() and not Invitation.objects.exists()


# --- Later changes ----------------------------------------------------------------------------


def test_a_convened_sitting_neither_moves_by_its_form_nor_is_deleted(cast, secretary):
    meeting = dispatched.dispatched(cast).meeting
    url = reverse("meetings:edit", args=[meeting.pk])
    assert path("move", meeting.pk) in secretary.get(url).content.decode()
    secretary.post(url, {"held_on": "2030-01-01", "starts_at": "09:00", "place": "ailleurs"})
    after = Meeting.objects.get(pk=meeting.pk)
    assert (after.held_on, after.place) == (meeting.held_on, "dans ses locaux")
    answer = secretary.post(reverse("meetings:delete", args=[meeting.pk]))
    assert answer.status_code == 409 and "Annulez-la" in plain(answer)


def test_a_sitting_with_a_mere_draft_is_deleted(cast, secretary):
    meeting = dispatched.soon(cast)
    drafting.prepare(meeting, by=cast.secretariat)
    answer = secretary.post(reverse("meetings:delete", args=[meeting.pk]))
    assert answer.status_code == 302
    assert not Meeting.objects.filter(pk=meeting.pk).exists()


def test_moving_asks_then_shows_before_and_after(cast, secretary):
    meeting = dispatched.dispatched(cast).meeting
    there = meeting.held_on + timedelta(days=7)
    data = {"held_on": there.isoformat(), "starts_at": "09:30", "place": "en mairie"}
    refused = secretary.post(path("move", meeting.pk), data)
    assert refused.status_code == 422
    answer = secretary.post(path("move", meeting.pk), data | {"reason": "Travaux."})
    assert answer.url == path("prepare", meeting.pk)
    page = plain(secretary.get(answer.url))
    assert "Jusqu’ici" in page and "en mairie" in page
    assert Meeting.objects.get(pk=meeting.pk).place == "dans ses locaux"
    assert "en mairie" in plain(secretary.get(path("draft_mail", meeting.pk))).lower()
    assert Meeting.objects.get(pk=meeting.pk).place == "dans ses locaux"
    secretary.post(path("drop", meeting.pk))
    assert not Convocation.objects.filter(stage="brouillon").exists()


def test_an_item_added_after_is_announced_on_the_page(cast, secretary):
    meeting = dispatched.dispatched(cast).meeting
    items.add_item(meeting, title="Subvention", by=cast.secretariat)
    page = plain(secretary.get(path("prepare", meeting.pk)))
    assert "L’ordre du jour a changé depuis l’envoi" in page
    secretary.post(path("rectify", meeting.pk))
    page = plain(secretary.get(path("prepare", meeting.pk)))
    assert "Convocation rectificative à envoyer" in page and "Subvention" in page


def test_cancelling_says_how_many_will_be_told(cast, secretary):
    meeting = dispatched.dispatched(cast).meeting
    assert "7 destinataires seront prévenus" in plain(secretary.get(path("cancel", meeting.pk)))
    answer = secretary.post(path("cancel", meeting.pk), {"reason": "Tempête."})
    assert answer.status_code == 302
    assert Meeting.objects.get(pk=meeting.pk).stage == Meeting.Stage.CANCELLED
    assert "annulation de la séance" in plain(secretary.get(path("prepare", meeting.pk))).lower()


def test_a_second_call_proposes_the_first_lawful_day(cast, secretary):
    meeting = dispatched.lacking_quorum(cast)
    page = plain(secretary.get(path("prepare", meeting.pk)))
    assert "Aucune convocation n’est partie d’ici" in page and "Seconde convocation…" in page
    earliest = timezone.localdate() + timedelta(days=4)
    page = secretary.get(path("second_call", meeting.pk)).content.decode()
    assert f'value="{earliest.isoformat()}"' in page
    data = {"held_on": earliest.isoformat(), "starts_at": "18:00", "place": "en mairie"}
    answer = secretary.post(path("second_call", meeting.pk), data)
    again = Meeting.objects.get(second_call_of=meeting)
    assert answer.url == path("prepare", again.pk)


# --- The ledger -------------------------------------------------------------------------------


def test_the_ledger_filters(cast, secretary):
    convocation = dispatched.dispatched(cast)
    for chosen, names in {
        "": {"ARNAUD", "BESSON", "FAURE"},
        "remis": {"ARNAUD", "BESSON"},
        "papier": {"FAURE"},
        "attente": set(),
        "probleme": set(),
        "n’importe quoi": {"ARNAUD", "BESSON", "FAURE"},
    }.items():
        page = plain(secretary.get(path("ledger", convocation.pk), {"etat": chosen}))
        assert {name for name in ("ARNAUD", "BESSON", "FAURE") if name in page} == names, chosen


def test_the_ledger_asks_no_more_queries_for_more_rows(cast, secretary):
    convocation = dispatched.dispatched(cast)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get(path("ledger", convocation.pk)).status_code == 200
        return len(queries)

    few = asked()
    desk.crowd(cast, 40)
    Recipient.objects.bulk_create(
        Recipient(
            convocation=convocation,
            why="membre",
            mandate=mandate,
            name=str(mandate.person),
            channel="courriel",
            email=mandate.person.email,
            message_id=f"<x{mandate.pk}@brume.example>",
        )
        for mandate in cast.comite.mandates.filter(person__first_name="Membre")
    )
    assert asked() <= few + 1  # the polling of the bar begins


def test_the_bar_is_asked_again_until_everything_left(cast, secretary):
    convocation = dispatched.dispatched(cast)
    over = secretary.get(path("progress", convocation.pk))
    assert over["HX-Refresh"] == "true" and "hx-get" not in over.content.decode()
    late = {"state": State.QUEUED, "reply": "451 <plus tard>"}
    Recipient.objects.filter(email="alice@brume.example").update(**late)
    going = secretary.get(path("progress", convocation.pk))
    assert "HX-Refresh" not in going and "hx-get" in going.content.decode()
    assert "451 &lt;plus tard&gt;" in going.content.decode()


def test_the_papers_of_a_dispatch(cast, secretary):
    convocation = dispatched.dispatched(cast)
    for name in ("certificate", "letters", "labels", "dossier"):
        answer = secretary.get(path(name, convocation.pk))
        assert answer.content.startswith(b"%PDF"), name
        assert answer["X-Content-Type-Options"] == "nosniff"
    Recipient.objects.filter(email="alice@brume.example").update(name="=1+1", reply="@x")
    content = secretary.get(path("ledger_csv", convocation.pk)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    states = [row["État"] for row in rows]
    assert states == ["remis au serveur", "remis au serveur", "à remettre sur papier"]
    assert rows[0]["Nom"] == "'=1+1"  # a text, never a formula
    assert rows[2]["Adresse"] == "3 rue des Saules 80000 Brume"
    Recipient.objects.filter(channel="papier").delete()
    assert secretary.get(path("letters", convocation.pk)).status_code == 404


def test_letters_handed_over_together_or_one_by_one(cast, secretary):
    convocation = dispatched.dispatched(cast)
    letter = convocation.recipients.get(channel="papier")
    today = timezone.localdate().isoformat()
    nobody = {"on": today, "recipient": ["0", "x", "9" * 40]}
    wrong = [({"on": "2000-01-01"}, 422), ({"on": "demain"}, 422), ({}, 422), (nobody, 302)]
    for data, status in wrong:
        assert secretary.post(path("hand_over", convocation.pk), data).status_code == status
        letter.refresh_from_db()
        assert letter.state == State.PRINTED
    secretary.post(path("hand_over", convocation.pk), {"on": today})
    letter.refresh_from_db()
    assert letter.state == State.DELIVERED


def test_one_recipient_from_the_bounce_to_the_new_sending(cast, secretary):
    convocation = dispatched.dispatched(cast)
    row = convocation.recipients.get(email="alice@brume.example")
    secretary.post(path("bounce", row.pk), {"reason": "<b>Boîte pleine</b>"})
    page = plain(secretary.get(path("recipient", row.pk)))
    assert "&lt;b&gt;Boîte pleine&lt;/b&gt;" in page
    wrong = secretary.post(path("resend", row.pk), {"email": "pas une adresse"})
    assert wrong.status_code == 422 and "pas une adresse" in plain(wrong)
    sent = secretary.post(path("resend", row.pk), {"email": "alice@autre.example", "keep": "on"})
    again = Recipient.objects.get(resend_of=row)
    assert sent.url == path("recipient", again.pk)
    page = plain(secretary.get(sent.url))
    # What was done stays, and the first row still opens the same page, on the last sending.
    assert "alice@brume.example" in page and "alice@autre.example" in page
    assert "alice@autre.example" in plain(secretary.get(path("recipient", row.pk)))
    # A letter instead; asked for twice, it is said on the page and nothing is made.
    row = convocation.recipients.get(email="bruno@brume.example")
    for _ in range(2):
        assert secretary.post(path("print_instead", row.pk)).status_code == 302
    assert Recipient.objects.get(resend_of=row).channel == "papier"
    assert Recipient.objects.filter(channel="papier").count() == 2


def test_what_does_not_exist_is_not_found(cast, secretary):
    for pk in (0, 999_999, 2**62):
        for name in ("prepare", "send", "ledger", "progress", "recipient", "outbox_mail"):
            assert secretary.get(path(name, pk)).status_code == 404, (name, pk)


# --- What a recipient downloads ---------------------------------------------------------------


def test_a_dossier_opens_without_an_account_and_is_told_to_nobody(cast, client):
    row = dispatched.recipient(cast)
    page = client.get(path("sent_dossier", tokens.dossier_of(row)))
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"] and "noindex" in page["X-Robots-Tag"]
    row.refresh_from_db()
    assert row.opened_at is not None
    file = client.get(path("sent_file", tokens.dossier_of(row), 0))
    assert file.content.startswith(b"%PDF")
    assert client.get(path("sent_file", tokens.dossier_of(row), 2)).status_code == 404
    dead = client.get(path("sent_dossier", "x" * 43))
    assert dead.status_code == 404 and "Ce lien n’ouvre plus rien" in plain(dead)


# --- The mails kept ---------------------------------------------------------------------------


def test_the_outbox_shows_what_left_and_its_links_work(cast, secretary, settings, client):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    meeting = dispatched.soon(cast)
    secretary.post(path("send", meeting.pk), {"confirmed": "1"})
    with sending.Sender() as sender:
        assert sender.run() == 6
    page = plain(secretary.get(path("outbox"), {"q": "alice"}))
    assert "alice@brume.example" in page
    assert "bruno@brume.example" not in page
    mail = OutboxMail.objects.get(recipient="alice@brume.example")
    page = secretary.get(path("outbox_mail", mail.pk)).content.decode()
    assert "convocation-comite" in page
    (link,) = {w for w in page.split('"') if w.startswith("http://testserver/invitation/")}
    assert client.get(urlparse(link).path).status_code == 200
    html = secretary.get(path("outbox_html", mail.pk))
    assert '<base target="_top">' in html.content.decode()
    assert "multipart/mixed" in secretary.get(path("outbox_source", mail.pk)).content.decode()
    for each in mail.attachments:
        file = secretary.get(path("outbox_file", mail.pk, each["sha256"]))
        assert len(b"".join(file)) == each["size"]
    assert secretary.get(path("outbox_file", mail.pk, "d" * 64)).status_code == 404
    secretary.post(path("outbox_empty"))
    assert OutboxMail.objects.count() == 6  # not confirmed
    secretary.post(path("outbox_empty"), {"confirmed": "1"})
    assert "La boîte est vide" in plain(secretary.get(path("outbox")))


def test_links_to_passwords_are_not_for_the_secretariat(cast, secretary, client_of):
    """Whoever reads the mail that opens an account could take it."""

    def mail(recipient: str) -> str:
        words = {"subject": "Mot de passe oublié", "source": "Subject: x\r\n\r\nlien"}
        return path("outbox_mail", OutboxMail.objects.create(recipient=recipient, **words).pk)

    kept = mail(cast.administration.email)
    assert "Mot de passe" not in plain(secretary.get(path("outbox")))
    assert secretary.get(kept).status_code == 404
    admin = client_of(cast.administration)
    assert admin.get(kept).status_code == 200
    assert admin.get(mail("inconnue@ailleurs.example")).status_code == 404
    change(cast.secretariat, is_superuser=True)
    assert admin.get(mail(cast.secretariat.email)).status_code == 404


def test_a_year_nobody_lives_in(cast, secretary):
    """A sitting at the end of time breaks no calendar."""
    meeting = dispatched.soon(cast)
    for day in (date(9999, 12, 31), date(1, 1, 1)):
        Meeting.objects.filter(pk=meeting.pk).update(held_on=day)
        assert secretary.get(path("prepare", meeting.pk)).status_code == 200
