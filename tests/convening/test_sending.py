"""Mails on their way, through a real SMTP server on a socket: what they say, and every fault."""

import errno
import fcntl
import io
import json
import os
import signal
import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from hashlib import sha256
from threading import Event
from urllib.parse import urlparse

import pytest
from django.core import mail as kept_in_memory
from django.core.files.base import ContentFile
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.db.models import Model
from django.urls import reverse

from accounts import letters
from accounts.models import Letter
from archive.desk import waiting
from convening import mails, notices, outbox, postman, proofs, sending, tokens
from convening.actions import changing, dispatching, drafting, following, inviting
from convening.dispatch import journey
from convening.models import Convocation, Notice, OutboxMail, Posted, Recipient, Reminder
from law.findings import Refused
from meetings.actions import items
from meetings.models import AgendaItem, Attachment, Meeting
from members import links, serving
from members.models import Body
from tests.cast import change
from tests.convening import desk
from tests.convening.desk import NOW, SITE
from tests.convening.post_office import PostOffice, Running, certificate_for, free_port
from tests.documents.ink import plain
from tests.live.threads import at_once
from tests.words import unsaid
from trail.models import Act, Entry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_directory"),
]

State = Posted.State


class Clock:
    """The time as the sender sees it; `clock.later(minutes=1)`."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **delta) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def office(settings) -> PostOffice:
    office = PostOffice(port=free_port())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    settings.EMAIL_TIMEOUT, settings.EMAIL_PATIENCE = 5, 5
    settings.DEFAULT_FROM_EMAIL = "seances@brume.example"
    return office


@pytest.fixture
def clock() -> Clock:
    return Clock()


def run(office: PostOffice, clock: Clock) -> int:
    with Running(office), sending.Sender(clock) as sender:
        return sender.run()


def states() -> dict[str, str]:
    rows = Recipient.objects.filter(channel="courriel")
    return {row.email.partition("@")[0]: row.state for row in rows}


def row_of(name: str) -> Recipient:
    return Recipient.objects.get(email=f"{name}@brume.example")


# --- What arrives -----------------------------------------------------------------------------


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in mail.walk()}


def text_of(mail: EmailMessage, kind: str = "text/plain") -> str:
    return parts(mail)[kind].get_content().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("answer", "left", "state"),
    [
        pytest.param("send", 6, State.SENT, id="ils partent"),
        pytest.param("drop", 0, State.KEPT, id="ils ne partent pas"),
    ],
)
def test_a_base_that_was_restored_sends_nothing_until_somebody_says_so(
    convened, office, clock, answer, left, state
):
    """Twelve convocations left twice from the machine on which a backup was tried."""
    letters.queue(Letter.Kind.RESET, "alice@brume.example", request=None)
    Reminder.objects.create(meeting=convened.meeting, due_at=NOW - timedelta(hours=1))
    serving.hold()
    assert (run(office, clock), office.mails) == (0, [])
    assert sending._pause(NOW) == sending.IDLE.total_seconds()
    for command, said in (["send_mails", "--once"], "take_over"), (["take_over"], "--waiting drop"):
        with pytest.raises(CommandError, match=said):
            call_command(*command)
    assert set(states().values()) == {State.QUEUED}
    call_command("take_over", waiting=answer, stdout=io.StringIO())
    run(office, clock)
    assert sum("Convocation" in str(mail["Subject"]) for mail in office.mails) == left
    rows = Recipient.objects.filter(channel="courriel")
    assert set(rows.values_list("state", "is_uncertain")) == {(state, True)}
    assert not Reminder.objects.filter(done_at=None, due_at__lte=NOW).exists()
    convened.refresh_from_db()
    assert convened.stage == Convocation.Stage.SENT
    assert "envois qui attendaient (" in Entry.objects.latest("pk").what


@pytest.mark.database
def test_everybody_gets_one_mail_on_one_connection_and_what_it_is_made_of(
    cast, convened, office, clock
):
    assert run(office, clock) == 6
    assert (set(office.counts.values()), office.connections) == ({1}, 1)
    assert set(states().values()) == {State.SENT}
    row = row_of("alice")
    assert row.reply.startswith("250 2.0.0 OK queued as") and row.sent_at is not None
    convened.refresh_from_db()
    assert convened.stage == Convocation.Stage.SENT
    assert (run(office, clock), len(office.mails)) == (0, 6)
    mail = office.mail_to("alice@brume.example")
    assert mail["From"] == "Val de Brume <seances@brume.example>"
    assert mail["To"] == "Mme Alice ARNAUD <alice@brume.example>"
    assert mail["Reply-To"] == "secretariat@brume.example"
    subject = "Convocation : Comité syndical du mardi 9 juin 2026 à 18 h"
    assert str(mail["Subject"]).replace("\u00a0", " ") == subject
    assert mail["Message-ID"] == row.message_id
    assert (mail["Auto-Submitted"], mail["Date"].datetime) == ("auto-generated", NOW)
    found = parts(mail)
    assert found.keys() >= {"text/plain", "text/html", "text/calendar", "application/pdf"}
    with convened.dossier.open("rb") as file:
        assert found["application/pdf"].get_content() == file.read()
    attached = [part.get_filename() for part in mail.iter_attachments()]
    assert attached == ["seance.ics", "convocation-comite-2026-06-09.pdf"]
    _, raw = inviting.invitation_of(Meeting.objects.get(), cast.seat(cast.alice), at=NOW)
    for kind in ("text/plain", "text/html"):
        for words in (
            "Madame,",
            "Comité syndical",
            "mardi 9 juin 2026 à 18 h",
            "1 place des Tilleuls",
            "Budget primitif",
            f"{SITE}/invitation/{raw}/",
            "Ce lien vous est personnel",
            "Alice ARNAUD",
        ):
            assert words in text_of(mail, kind), (kind, words)
    for each in office.mails:  # nothing watches its reader
        html = text_of(each, "text/html")
        assert not any(watch in html for watch in ("<img", "url(", "src="))
        assert each["Disposition-Notification-To"] is None


def test_each_reads_in_what_capacity(cast, office, clock):
    change(cast.agglo, copies_to="elus@agglo.example")
    desk.convened(cast)
    run(office, clock)
    substitute = text_of(office.mail_to("gaelle@brume.example"))
    assert "en qualité de suppléante de Mme Claire CARON" in substitute
    assert "Répondre : présente ou excusée ;" in substitute
    member = text_of(office.mail_to("bruno@brume.example"))
    assert "Répondre : présent, excusé, suppléant ou pouvoir ;" in member
    copy = office.mail_to("elus@agglo.example")
    assert copy["Subject"].startswith("Pour information – convocation")
    assert "art. L5211-40-2" in text_of(copy) and "/invitation/" not in text_of(copy)


def test_what_somebody_typed_stays_text(cast, office, clock):
    change(cast.alice, last_name="Arnaud\r\nBcc: tous@ailleurs.example")
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    items.add_item(meeting, title="<b>漢字</b> & 🎉 «\u00a0l’eau\u00a0»", by=cast.secretariat)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    AgendaItem.objects.filter(title__contains="漢字").update(kind="debat")
    drafting.edit(draft, message="<script>alert(1)</script>", by=cast.secretariat)
    dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    run(office, clock)
    mail = office.mail_to("alice@brume.example")
    html = text_of(mail, "text/html")
    assert "&lt;b&gt;漢字&lt;/b&gt; &amp; 🎉" in html and "<script" not in html
    assert "<b>漢字</b> & 🎉" in text_of(mail)
    assert mail["Bcc"] is None
    assert "BCC: TOUS" in str(mail["To"])  # folded into the name, where it does nothing


@pytest.mark.database
@pytest.mark.proof
def test_mails_say_what_was_frozen_whenever_they_leave(convened, office, clock):
    row = row_of("alice")
    source = mails.write(row, at=NOW).source
    assert source.isascii() and b"\n" not in source.replace(b"\r\n", b"")
    assert max(map(len, source.split(b"\r\n"))) < 998
    AgendaItem.objects.filter(title="Tarifs 2027").update(title="Autre chose")
    Meeting.objects.update(place="ailleurs")
    row.refresh_from_db()
    assert mails.write(row, at=NOW + timedelta(days=1)).source == source
    clock.later(hours=5)
    run(office, clock)
    text = text_of(office.mails[0])
    assert "Tarifs 2027" in text and "ailleurs" not in text


@pytest.mark.parametrize("refuser", ["nous", "le serveur"])
def test_a_heavy_dossier_is_linked(cast, office, clock, settings, refuser):
    if refuser == "nous":
        settings.MAIL_ATTACHED_MAX_BYTES = 1000
    else:
        office.size = 30_000
    desk.convened(cast)
    run(office, clock)
    assert set(states().values()) == {State.SENT} and set(office.counts.values()) == {1}
    assert all("application/pdf" not in parts(mail) for mail in office.mails)
    link = f"{SITE}/dossier/{tokens.dossier_of(row_of('alice'))}/"
    mail = office.mail_to("alice@brume.example")
    assert link in text_of(mail) and link in text_of(mail, "text/html")


@pytest.mark.proof
def test_files_that_the_dossier_cannot_hold_go_beside_it(cast, office, clock):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    told = {"title": "Tableau", "filename": "tableau à jour.xlsx", "media_type": kind}
    item = meeting.items.get(title="Budget primitif")
    sheet = Attachment(item=item, size=5, sha256=sha256(b"xlsx!").hexdigest(), **told)
    sheet.file.save("", ContentFile(b"xlsx!"), save=True)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    Attachment.objects.all().delete()  # what was sent stays
    run(office, clock)
    last = list(office.mails[0].iter_attachments())[-1]
    assert (last.get_filename(), last.get_content()) == ("tableau à jour.xlsx", b"xlsx!")


# --- Later dispatches -------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.proof
def test_a_sitting_moved_then_cancelled_is_told(cast, convened, office, clock):
    by = cast.secretariat
    where = {"held_on": date(2026, 6, 16), "starts_at": time(9, 30), "place": "en mairie"}
    draft = changing.move_meeting(Meeting.objects.get(), **where, reason="Salle prise.", by=by)
    dispatching.dispatch(draft, by=by, at=NOW, site=SITE)
    changing.cancel_meeting(Meeting.objects.get(), reason="Tempête.", by=by, at=NOW, site=SITE)
    assert run(office, clock) == 18 and set(office.counts.values()) == {3}
    moved = next(m for m in office.mails if "Séance déplacée" in m["Subject"])
    told = ("mardi 16 juin 2026 à 9 h 30", "Elle était prévue le mardi 9 juin 2026 à 18 h")
    assert unsaid(text_of(moved), *told, "Salle prise.") == []
    told = next(m for m in office.mails if m["Subject"].startswith("Séance annulée"))
    assert "Tempête." in text_of(told) and "/invitation/" not in text_of(told)
    assert "METHOD:CANCEL" in parts(told)["text/calendar"].get_content()
    # Sent again, it is another mail.
    following.resend(Recipient.objects.filter(email__startswith="alice").last(), by=by, at=NOW)
    assert run(office, clock) == 1
    assert office.counts["alice@brume.example"] == 4
    assert len(set(office.identifiers)) == len(office.identifiers)


@pytest.mark.database
def test_a_notice_carries_the_link_that_no_table_holds(cast, convened, office, clock):
    meeting, seat = convened.meeting, cast.seat(cast.alice)
    words = {"about": "un mot", "text": "<i>Bonjour</i>"}
    notices.write(meeting, to=seat, reason="essai", **words, at=NOW)
    # A mail of another room leads to a page of that room.
    by, page = cast.secretariat, {"page": "registry:review", "seed": "graine"}
    other = {"subject": "Relecture\n", "body": "Lisez : {lien}", "by": by, "at": NOW, **page}
    cast.alice.email = ""
    assert not notices.queue(meeting, to=cast.alice, reason="sans adresse", **other)
    cast.alice.email = "alice@brume.example"
    for _ in range(2):
        assert notices.queue(meeting, to=cast.alice, reason="relecture-1", **other, site=SITE)
    assert run(office, clock) == 8
    mails = {str(mail["Subject"]): mail for mail in office.mails}
    (mail,) = (mail for subject, mail in mails.items() if "un mot" in subject)
    _, raw = inviting.invitation_of(meeting, seat, at=NOW)
    assert f"{SITE}/invitation/{raw}/" in text_of(mail)
    assert f'href="{SITE}/invitation/{raw}/"' in text_of(mail, "text/html")
    assert "&lt;i&gt;Bonjour&lt;/i&gt;" in text_of(mail, "text/html")
    drawn = links.drawn("registry:review", "graine")
    assert f"{SITE}{reverse('registry:review', args=[drawn])}" in text_of(mails["Relecture"])
    assert {(n.written_by, n.mandate) for n in Notice.objects.all()} == {(None, seat), (by, None)}
    assert not any(token in str(list(Notice.objects.values())) for token in (raw, drawn))


# --- Faults -----------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.proof
def test_the_server_is_down_everybody_waits_and_nobody_is_lost(convened, office, clock):
    with sending.Sender(clock) as sender:
        assert sender.run() == 0
        assert set(states().values()) == {State.QUEUED}
        assert "Connection refused" in row_of("alice").reply
        waits = []
        for _ in range(3):
            due = Recipient.objects.unsettled().earliest("not_before").not_before
            waits.append(due - clock.now)
            clock.now = due
            sender.run()
        assert waits == sorted(waits)
        assert waits[0] < waits[-1]
        assert sender.run() == 0  # before its time nothing is tried
        for _ in range(16):  # an outage is no attempt, however long it lasts
            clock.later(hours=1)
            sender.run()
        assert {row.attempts for row in Recipient.objects.unsettled()} == {0}
    clock.later(hours=1)
    assert run(office, clock) == 6
    assert set(office.counts.values()) == {1}


@pytest.mark.proof
def test_the_fortieth_mail_is_put_off_and_leaves_later(cast, office, clock):
    desk.crowd(cast, 40)
    desk.convened(cast)
    refused = []

    def at_data(address, count):
        if count == 40 and not refused:
            refused.append(address)
            return "451 4.7.1 greylisted, come back"
        return None

    office.at_data = at_data
    assert run(office, clock) == 45
    row = Recipient.objects.get(email=refused[0])
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    assert row.reply == "451 4.7.1 greylisted, come back"
    assert run(office, clock) == 0
    clock.later(minutes=1)
    assert run(office, clock) == 1
    assert set(office.counts.values()) == {1}
    assert len(office.counts) == 46


@pytest.mark.proof
def test_put_off_again_and_again_it_waits_longer_then_is_given_up(convened, office, clock):
    office.at_rcpt = lambda address, count: "450 full" if address.startswith("alice") else None
    waits = []
    for _ in range(30):
        run(office, clock)
        row = row_of("alice")
        if row.state != State.QUEUED:
            break
        waits.append(row.not_before - clock.now)
        clock.now = row.not_before
    assert waits == sorted(waits)
    assert len(waits) == len(sending.DELAYS)
    assert (row.state, row.reply) == (State.REFUSED, "450 full")


@pytest.mark.proof
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        pytest.param("550 5.1.1 no such user", State.REFUSED, id="le serveur la refuse"),
        pytest.param("hang up", State.QUEUED, id="il coupe la ligne"),
        pytest.param("421 4.3.2 closing", State.QUEUED, id="il dit 421"),
        pytest.param(None, State.QUEUED, id="le courriel ne s’écrit pas"),
    ],
)
def test_a_mail_that_does_not_leave_stops_nobody(
    convened, office, clock, answer, state, monkeypatch
):
    write = mails.write

    def fails(row, *, at):
        if row.email.startswith("alice"):
            raise ValueError("gabarit cassé")
        return write(row, at=at)

    with monkeypatch.context() as patched:
        if answer is None:
            patched.setattr(mails, "write", fails)
        office.at_rcpt = lambda address, count: answer if address.startswith("alice") else None
        assert run(office, clock) == 5
    row = row_of("alice")
    assert (row.state, row.sent_at) == (state, None)
    if answer is None or state == State.REFUSED:
        assert (answer or "gabarit cassé") in row.reply
    office.at_rcpt = lambda address, count: None
    clock.later(days=2)
    assert run(office, clock) == (state == State.QUEUED)
    assert set(office.counts.values()) == {1}


@pytest.mark.proof
def test_a_slow_server_is_left_after_its_time(convened, office, clock, settings):
    settings.EMAIL_TIMEOUT = 1
    office.sleep_at_rcpt = 3
    assert run(office, clock) == 0
    assert set(states().values()) == {State.QUEUED}
    # After as many broken connections as tell a sick server, the others are left alone.
    assert Recipient.objects.filter(attempts__gt=0).count() == sending.BROKEN_IN_A_ROW
    office.sleep_at_rcpt = 0
    clock.later(hours=1)
    assert run(office, clock) == 6
    assert set(office.counts.values()) == {1}


@pytest.mark.proof
def test_a_convocation_of_which_nobody_knows_whether_it_arrived_is_asked_about(
    cast, convened, office, clock, settings, secretary
):
    """What no protocol tells: the mail was taken and the reply was lost. It stays here until
    somebody says, and is then there twice under one name."""
    settings.EMAIL_PATIENCE = 1
    office.mute = lambda address, count: address.startswith("alice") and count < 7
    assert run(office, clock) == 5
    row = row_of("alice")
    assert (row.state, row.is_uncertain) == (State.DOUBTFUL, False)
    clock.later(days=1)
    assert run(office, clock) == 0
    told = [task.what for task in waiting.tasks(Body.objects.all(), on=NOW.date())]
    assert "Demander si 1 convocation est arrivée" in told
    page = secretary.get(reverse("convening:recipient", args=[row.pk])).text
    assert "Ce courriel est-il arrivé ?" in plain(page)
    assert (
        "1 peut-être remis" in secretary.get(reverse("convening:ledger", args=[convened.pk])).text
    )
    with transaction.atomic():
        day = {"on": NOW.date(), "recipient": row.pk}
        assert secretary.post(reverse("convening:hand_over", args=[convened.pk]), day).status_code
        assert row_of("alice").state == State.ELSEWHERE
        transaction.set_rollback(True)
    again = following.resend(row, by=cast.secretariat, at=clock.now)
    assert again == row
    assert run(office, clock) == 1
    assert office.counts["alice@brume.example"] == 2
    assert office.identifiers.count(row.message_id) == 2
    assert row_of("alice").is_uncertain  # the ledger keeps saying it


@pytest.fixture(params=["STARTTLS", "TLS d’emblée"])
def secret_office(office, settings, tmp_path, request) -> PostOffice:
    """The server speaks to nobody in clear; its certificate is in `tmp_path`."""
    office.is_secret_at_once = request.param != "STARTTLS"
    settings.EMAIL_USE_SSL = office.is_secret_at_once
    settings.EMAIL_USE_TLS = not office.is_secret_at_once
    office.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    office.tls.load_cert_chain(certificate_for("127.0.0.1", tmp_path))
    return office


@pytest.mark.proof
def test_nothing_is_said_in_clear_nor_to_a_server_that_nobody_vouches_for(
    convened, secret_office, clock, tmp_path, monkeypatch
):
    assert run(secret_office, clock) == 0
    assert secret_office.mails == [] and set(states().values()) == {State.QUEUED}
    assert "CERTIFICATE_VERIFY_FAILED" in row_of("alice").reply
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "poste.pem"))
    clock.later(hours=1)
    assert run(secret_office, clock) == 6
    assert set(secret_office.counts.values()) == {1}


@pytest.mark.proof
def test_a_wrong_password_makes_everybody_wait_and_is_told(cast, office, clock, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "compte", "faux"
    office.password = "juste"
    desk.convened(cast)
    assert run(office, clock) == 0
    assert row_of("alice").reply.startswith("535")
    settings.EMAIL_HOST_PASSWORD = "juste"
    clock.later(hours=1)
    assert run(office, clock) == 6


@pytest.mark.database
@pytest.mark.proof
def test_the_postman_is_killed_and_another_takes_over(convened, office, clock, monkeypatch):
    hand, killed = sending.Postman.hand, []

    def hand_then_kill(self, mail):
        answer = hand(self, mail)
        if len(killed) < 3:
            killed.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        return answer

    monkeypatch.setattr(sending.Postman, "hand", hand_then_kill)
    for _ in range(4):
        run(office, clock)
        clock.later(minutes=5)
    assert len(killed) == 3
    assert set(states().values()) == {State.SENT}
    assert set(office.counts.values()) == {1}


# --- The sender is killed, step by step -------------------------------------------------------


def taken(name: str, by: str) -> Recipient:
    """A row as a sender that was killed leaves it."""
    row = row_of(name)
    Recipient.objects.filter(pk=row.pk).update(
        state=State.HANDING, taken_by=by, lease_until=NOW + sending.LEASE, attempts=1
    )
    row.refresh_from_db()
    return row


def journal(name: str, *lines: dict, cut: str = "") -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines) + cut
    (sending.journals() / name).write_text(text)


ACCEPTED = postman.reply(postman.ACCEPTED, 250, "OK queued as 7")
SPAM = postman.reply(postman.REFUSED, 550, "spam")


@pytest.mark.database
@pytest.mark.proof
@pytest.mark.parametrize(
    ("lines", "cut", "state", "reply", "leaves_again"),
    [
        pytest.param((), "", State.SENT, "250", True, id="avant de donner le courriel"),
        pytest.param(({},), "", State.DOUBTFUL, "coupure", False, id="avant la réponse"),
        pytest.param(({},), '{"id": "<x', State.DOUBTFUL, "coupure", False, id="en l’écrivant"),
        pytest.param(({}, ACCEPTED), "", State.SENT, "250 OK queued as", False, id="après"),
        pytest.param(({}, SPAM), "", State.REFUSED, "550 spam", False, id="après un refus"),
    ],
)
def test_killed_what_the_journal_tells_is_settled(
    convened, office, clock, lines, cut, state, reply, leaves_again
):
    row = taken("alice", "a.journal")
    steps = ("end", "reply")
    told = [{"id": row.message_id, "step": s} | line for s, line in zip(steps, lines, strict=False)]
    journal("a.journal", *told, cut=cut)
    assert run(office, clock) == 5 + leaves_again
    row.refresh_from_db()
    assert (row.state, row.is_uncertain) == (state, False)
    assert row.reply.startswith(reply)
    assert office.counts["alice@brume.example"] == leaves_again
    assert office.identifiers.count(row.message_id) == leaves_again
    if ACCEPTED in lines:
        assert row.sent_at == datetime.fromisoformat(ACCEPTED["at"])
        assert not any(sending.journals().iterdir())


@pytest.mark.proof
@pytest.mark.parametrize("step", ["_take", "_settle"])
def test_a_base_that_is_cut_off_as_it_takes_or_settles_a_mail_keeps_nobody_waiting(
    convened, office, monkeypatch, step
):
    """It did what it was told, and the answer was lost."""
    done, cuts = getattr(sending, step), []

    def cut_once(*args, **told):
        found = done(*args, **told) if step == "_take" else None
        if not cuts:
            cuts.append(1)
            raise OperationalError("server closed the connection unexpectedly")
        return found if step == "_take" else done(*args, **told)

    monkeypatch.setattr(sending, step, cut_once)
    with Running(office), sending._hand() as look:
        with pytest.raises(OperationalError):
            look(lambda: False)
        look(lambda: False)
    assert set(office.counts.values()) == {1} and len(office.mails) == 6
    assert set(Recipient.objects.filter(channel="courriel").values_list("state", flat=True)) == {
        State.SENT
    }


@pytest.mark.database
@pytest.mark.proof
def test_a_postman_that_lives_is_left_alone(convened, office, clock):
    """Its journal is locked: what it has in hand is nobody else's."""
    taken("alice", "a.journal")
    journal("a.journal")
    with (sending.journals() / "a.journal").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run(office, clock) == 5
        assert states()["alice"] == State.HANDING
    assert run(office, clock) == 1


@pytest.mark.database
@pytest.mark.proof
def test_a_journal_read_twice_changes_nothing_more(convened):
    row = taken("alice", "a.journal")
    for state in (State.SENT, State.BOUNCED):
        end = {"id": row.message_id, "step": "end"}
        journal("a.journal", end, end | ACCEPTED | {"step": "reply"})
        sending.reconcile(at=NOW)
        row.refresh_from_db()
        assert row.state == state
        Recipient.objects.filter(pk=row.pk).update(state=State.BOUNCED)


@pytest.mark.database
@pytest.mark.proof
def test_what_a_host_had_in_hand_when_it_was_lost_is_asked_about(convened, office, clock):
    """Its journal is on a disk that nobody reads: an hour later another host says so."""
    taken("alice", "perdu.journal")
    assert run(office, clock) == 5
    clock.later(minutes=31)
    assert run(office, clock) == 0
    assert row_of("alice").state == State.DOUBTFUL


@pytest.mark.proof
def test_the_demonstration_keeps_the_mails(cast, convened, clock, client, time_machine, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    time_machine.move_to(NOW)
    with sending.Sender(clock) as sender:
        assert sender.run() == 6
    assert OutboxMail.objects.filter(organisation=cast.organisation).count() == 6
    # Nothing left: nothing says that it did, and the certificate certifies no dispatch.
    assert set(states().values()) == {State.KEPT}
    assert not Recipient.objects.exclude(sent_at=None).exists()
    convened.refresh_from_db()
    certificate = proofs.certificate(convened, at=NOW)
    assert "constate que rien n’est encore parti de l’envoi" in plain(certificate.statement)
    facts = {fact.label: plain(fact.text) for fact in certificate.facts}
    assert facts["Remise"] == "rien n’est parti" and "Terminé le" not in facts
    assert {line.state for line in certificate.lines if "brume.example" in line.address} == {
        "Gardé ici, non envoyé"
    }
    kept = OutboxMail.objects.get(recipient="alice@brume.example")
    text = outbox.words(kept, "plain")
    (link,) = (line for line in text.split() if f"{SITE}/invitation/" in line)
    assert client.get(urlparse(link).path).status_code == 200
    assert "<h1>" in outbox.words(kept, "html")
    names = [each["name"] for each in kept.attachments]
    assert names == ["seance.ics", "convocation-comite-2026-06-09.pdf"]
    assert len(kept.source) < 30_000  # the dossier is kept once, beside it
    path = outbox.path_of(kept.attachments[1]["sha256"])
    assert path.read_bytes().startswith(b"%PDF")
    assert outbox.empty(cast.organisation, by=cast.secretariat) == 6
    told = Entry.objects.get(act=Act.REMOVED)
    assert "effacés de la boîte d’envoi : 6" in told.what
    assert not any(path.parent.iterdir())


@pytest.mark.proof
def test_where_there_is_no_server_nobody_waits_for_the_base_while_mails_are_written(
    convened, clock, settings, monkeypatch
):
    """A hundred mails held the base for eight seconds, one after the other; a secretary who wrote
    meanwhile was told that many did. What is given up while it is written does not leave."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    made = {"write": mails.write, "draw": outbox.draw, "link": links.drawn}
    held = []

    def told(name):
        def does(*args, **kwargs):
            held.append((name, connection.in_atomic_block))
            if name == "write" and args[0].email.startswith("alice"):
                Recipient.objects.filter(pk=args[0].pk).update(state=State.REFUSED)
            return made[name](*args, **kwargs)

        return does

    for module, attribute, name in (
        (mails, "write", "write"),
        (outbox, "draw", "draw"),
        (links, "drawn", "link"),
    ):
        monkeypatch.setattr(module, attribute, told(name))
    with sending.Sender(clock) as sender:
        assert sender.run() == 5
    assert {name for name, _ in held} == set(made)
    assert not any(is_held for _, is_held in held)
    assert not OutboxMail.objects.filter(recipient="alice@brume.example").exists()
    assert row_of("alice").state == State.REFUSED


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "le disque de cette machine est plein"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "personne n’écoute"),
        (TimeoutError("timed out"), "n’a pas répondu à temps"),
        (smtplib.SMTPServerDisconnected("closed"), "a coupé la conversation"),
        (ValueError("rien ne va plus"), "ValueError : rien ne va plus"),
    ],
    ids=("disque plein", "refusé", "sans réponse", "coupé", "autre"),
)
def test_what_went_wrong_here_is_no_answer_of_a_server(error, said):
    told = postman.failure(error)
    assert said in told and type(error).__name__ in told


@pytest.mark.proof
@pytest.mark.parametrize("way", ["smtp", "outbox"])
@pytest.mark.parametrize("address", ["bel\u212aacem@brume.example", "alice", "@brume.example"])
def test_a_mail_that_cannot_be_written_is_refused_at_once(
    convened, office, clock, settings, by, way, address
):
    """It waited for a day; nobody could correct its address, nor print a letter, nor say that the
    hundred others were handed over."""
    if way == "outbox":
        settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    Recipient.objects.filter(email="alice@brume.example").update(email=address)
    run(office, clock)
    row = Recipient.objects.get(email=address)
    assert row.state == State.REFUSED and "aucun courriel ne s’écrit" in row.reply
    others = Recipient.objects.filter(channel="courriel").exclude(pk=row.pk)
    assert set(others.values_list("state", flat=True)) == {State.SENT if way == "smtp" else "garde"}
    assert journey.progress(convened).is_over
    with pytest.raises(Refused):  # nor does it leave again to the same
        following.resend(row, by=by, at=clock.now)
    again = following.resend(row, email="alice@brume.example", by=by, at=clock.now)
    assert again.state == State.QUEUED


@pytest.mark.proof
def test_any_other_backend_of_django_works_too_and_when_it_fails_the_mail_waits(
    convened, clock, monkeypatch
):
    def fails(self, messages):
        raise OSError("rien ne va plus")

    with sending.Sender(clock) as sender:
        with monkeypatch.context() as patched:
            patched.setattr(EmailBackend, "send_messages", fails)
            assert sender.run() == 0
        assert "rien ne va plus" in row_of("alice").reply
        assert set(states().values()) == {State.QUEUED}
        clock.later(hours=1)
        assert sender.run() == 6
    assert len(kept_in_memory.outbox) == 6
    assert set(states().values()) == {State.SENT}


@contextmanager
def held_elsewhere(*rows: Model) -> Iterator[None]:
    """Another connection keeps these rows until the end of the block."""
    taken, over = Event(), Event()

    def hold(_: None) -> None:
        with transaction.atomic():
            for row in rows:
                type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
            taken.set()
            assert over.wait(30)

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(at_once, hold, [None])
        try:
            assert taken.wait(30)
            yield
        finally:
            over.set()
            holder.result()


@pytest.mark.database
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no row")
def test_a_sitting_that_others_write_stops_no_mail_and_one_they_hold_is_written_once(
    cast, convened, clock, monkeypatch
):
    """A mail locked its sitting: while somebody wrote there it was written again and again."""
    written, write = [], mails.write

    def writes(row, **told):
        written.append(row.pk)
        assert len(written) < 20
        return write(row, **told)

    monkeypatch.setattr(mails, "write", writes)
    held, waits = (convened.meeting, convened, cast.comite, cast.organisation), row_of("alice")
    with sending.Sender(clock) as sender:
        with held_elsewhere(*held, waits):
            assert sender.run() == 5
        assert row_of("alice").state == State.QUEUED
        assert len(written) == 6 and written.count(waits.pk) == 1
        assert sender.run() == 1
