"""From an empty sitting to a convocation in everybody's mailbox, in a real browser, through a real
SMTP server; then every page of convening, wide, on a telephone and at night.

The real clock runs here: the sitting is in ten days.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from convening import sending, tokens
from convening.actions import dispatching, drafting
from convening.models import Convocation, OutboxMail, Posted, Recipient
from meetings.actions import items
from meetings.models import Brief, Meeting
from tests.convening import desk, dispatched
from tests.convening.post_office import PostOffice, Running


@pytest.fixture
def post_office(settings, own_directory):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "seances@brume.example"
    with Running(PostOffice()) as office:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def path(name: str, *args) -> str:
    return reverse(f"convening:{name}", args=args)


def test_from_an_empty_sitting_to_everybody_s_mailbox(
    transactional_db, cast, page_of, post_office, live_server
):
    desk.give_addresses(cast)
    page = page_of(cast.secretariat)

    # An empty sitting
    page.goto(f"{reverse('meetings:create')}?instance={cast.comite.pk}")
    held_on = timezone.localdate() + timedelta(days=10)
    page.get_by_label("Date", exact=False).first.fill(held_on.isoformat())
    page.get_by_role("button", name="Créer la séance").click()
    page.get_by_role("link", name=re.compile("^Convoquer")).click()
    page.get_by_text("L’ordre du jour est vide.").first.wait_for()
    assert page.get_by_role("button", name="Convoquer…").count() == 0

    # Its agenda
    page.get_by_role("link", name=re.compile("^Préparer")).click()
    for title in ("Budget primitif", "Tarifs 2027"):
        page.get_by_label("Intitulé").fill(title)
        page.keyboard.press("Enter")
        page.get_by_role("link", name=title, exact=False).first.wait_for()
    meeting = Meeting.objects.select_related("body__organisation").get()

    # A note for each deliberation: the checklist says which is missing
    page.goto(path("prepare", meeting.pk))
    page.get_by_text("Sans note explicative de synthèse").first.wait_for()
    for item in meeting.items.all():
        page.goto(reverse("meetings:brief", args=[meeting.pk, item.key]))
        editor = page.locator("[contenteditable=true]").first
        editor.click()
        page.keyboard.type(f"Le rapporteur expose {item.title.lower()}.")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("Control+s")
    assert Brief.objects.exclude(note="").count() == 2

    # Everything is there: a word, a look at the mail, and the act
    page.goto(path("prepare", meeting.pk))
    page.get_by_text("Joindre un message").click()
    page.get_by_label("Message d’accompagnement").fill("Merci de répondre vite.")
    page.locator("#apercu summary").click()
    frame = page.frame_locator("iframe")
    frame.get_by_text("Budget primitif").wait_for()
    page.get_by_role("button", name="Convoquer…").click()
    asked = page.locator("dialog[open]")
    # What leaves and when, to whom; the last button does not say again the word of the first.
    asked.get_by_text("6 courriels partent aujourd’hui").wait_for()
    asked.get_by_text("1 lettre est à imprimer").wait_for()
    asked.get_by_text("Destinataires : 6 titulaires et 1 suppléant").wait_for()
    assert "onvoquer" not in asked.inner_text()
    asked.get_by_role("button", name="Envoyer à 7 destinataires").click()
    page.get_by_text("0 courriel remis sur 6").first.wait_for()

    # The worker works; the page follows by itself
    with sending.Sender() as sender:
        assert sender.run() == 6
    page.get_by_text("6 remis au serveur").first.wait_for()
    assert set(post_office.counts.values()) == {1}
    assert Convocation.objects.get().stage == Convocation.Stage.SENT

    # A delegate opens his link, without an account
    text = next(
        part.get_content()
        for part in post_office.mail_to("claire.caron@brume.example").walk()
        if part.get_content_type() == "text/plain"
    )
    assert "Merci de répondre vite." in text
    (link,) = (word for word in text.split() if "/invitation/" in word)
    assert link.startswith(live_server.url)
    telephone = page_of(None, width=390)
    telephone.goto(urlsplit(link).path)
    telephone.get_by_role("button", name="Je viens", exact=True).click()
    telephone.get_by_role("heading", name="Vous venez.").wait_for()
    page.reload()
    row = page.get_by_role("row", name="CARON")
    assert "présent" in row.inner_text()

    # The letter of the one who wants paper
    page.get_by_role("button", name="Noter la remise").click()
    page.get_by_text("1 lettre remise").first.wait_for()
    letter = Recipient.objects.get(channel=Recipient.Channel.PAPER)
    assert letter.state == Posted.State.DELIVERED


def test_what_is_said_in_a_convocation_is_not_left_unsaved_without_a_word(
    transactional_db, cast, page_of, own_directory
):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast, held_on=timezone.localdate() + timedelta(days=10))
    page = page_of(cast.secretariat)
    page.goto(path("prepare", meeting.pk))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_text("Joindre un message").click()
    message = page.get_by_label("Message d’accompagnement")
    message.focus()
    page.keyboard.type("Venez nombreux.")
    page.get_by_role("link", name=re.compile("^Préparer")).press("Enter")
    page.wait_for_function("() => document.activeElement.closest('.stages')")
    assert asked == ["beforeunload"]
    assert message.input_value() == "Venez nombreux."
    page.get_by_role("button", name="Enregistrer sans envoyer").press("Enter")
    page.get_by_text("La convocation est enregistrée").first.wait_for()
    assert asked == ["beforeunload"]  # what is sent is kept
    assert Convocation.objects.get().message == "Venez nombreux."


def test_a_server_that_is_down_is_told_and_the_page_goes_on_by_itself(
    transactional_db, cast, page_of, settings, own_directory
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    office = PostOffice()
    with Running(office):
        pass  # its port is free and closed now
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    meeting = dispatched.soon(cast)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    dispatching.dispatch(draft, by=cast.secretariat, at=timezone.now(), site="http://localhost")
    with sending.Sender() as sender:
        sender.run()
    page = page_of(cast.secretariat)
    page.goto(path("ledger", draft.pk))
    page.get_by_text("Connection refused").first.wait_for()
    page.get_by_text("rien n’est perdu").first.wait_for()
    Recipient.objects.filter(state=Posted.State.QUEUED).update(not_before=timezone.now())
    with Running(office), sending.Sender() as sender:
        sender.run()
    page.get_by_text("6 remis au serveur").first.wait_for()


def test_nobody_is_kept_out_and_nothing_sticks_out(transactional_db, cast, walked, own_directory):
    convocation = dispatched.dispatched(cast)
    meeting = convocation.meeting
    items.add_item(meeting, title="Subvention", by=cast.secretariat)
    row = convocation.recipients.get(email="bruno@brume.example")
    Recipient.objects.filter(pk=row.pk).update(
        state=Posted.State.QUEUED, reply="451 plus tard", is_uncertain=True
    )
    draft = desk.prepared(cast, held_on=timezone.localdate() + timedelta(days=4))
    dispatched.kept_mail(cast)
    failed = dispatched.lacking_quorum(cast)
    mail = OutboxMail.objects.get()
    row = convocation.recipients.get(email="alice@brume.example")
    letter = convocation.recipients.get(channel="papier")
    of_secretary = [
        *(path(name, draft.pk) for name in ("prepare", "send")),
        *(path(name, meeting.pk) for name in ("prepare", "move", "cancel")),
        *(path(name, failed.pk) for name in ("prepare", "second_call")),
        *(path("ledger", convocation.pk) + asked for asked in ("", "?etat=attente")),
        *(path("recipient", each.pk) for each in (row, letter)),
        path("outbox"),
        path("outbox_mail", mail.pk),
        reverse("meetings:edit", args=[meeting.pk]),
    ]
    visits = [
        *((cast.secretariat, where) for where in of_secretary),
        (cast.administration, path("prepare", meeting.pk)),
        (cast.administration, path("ledger", convocation.pk)),
        (None, path("sent_dossier", tokens.dossier_of(row))),
    ]
    assert walked(visits) == []


def test_the_whole_way_by_the_keyboard(transactional_db, cast, page_of, own_directory):
    meeting = dispatched.soon(cast)
    page = page_of(cast.secretariat)
    page.goto(path("prepare", meeting.pk))
    page.get_by_role("button", name="Convoquer…").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/convocations/**")
    assert Convocation.objects.get().stage == Convocation.Stage.SENDING
