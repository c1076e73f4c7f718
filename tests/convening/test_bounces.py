"""Mails that came back are read from a mailbox, or told by whoever carries them: what says so marks
one mail, nothing else marks anything."""

import base64
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import Letter
from archive.desk import waiting
from archive.watching import facts
from convening import bounces, sending
from convening.dispatch import sent
from convening.models import Posted
from members import retention, serving
from members.models import Body
from tests import post
from tests.cast import change
from tests.convening import dispatched, mailbox

OURS = "<1@brume.example>"
UNKNOWN = "smtp; 550 5.1.1 <alice@brume.example>: Recipient address rejected: User unknown"


def report(
    *,
    action: str = "failed",
    to: str = "rfc822; Alice@Brume.example",
    status: str = "5.1.1",
    said: str = UNKNOWN,
    kind: str = "message/rfc822",
    of: str = f"Message-ID: {OURS}\nSubject: Convocation\n\nBonjour",
    head: str = "",
    report_type: str = "delivery-status",
) -> bytes:
    """What Postfix returns (RFC 3464)."""
    returned = f"--b\nContent-Type: {kind}\n\n{of}\n" if kind else ""
    return f"""From: MAILER-DAEMON@mx.example
To: seances@brume.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <retour@mx.example>
{head}MIME-Version: 1.0
Content-Type: multipart/report; report-type={report_type}; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sat, 28 Nov 2026 10:00:00 +0100

Final-Recipient: {to}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.brume.example
Diagnostic-Code: {said}
{returned}--b--
""".replace("\n", "\r\n").encode()


def told(**changed: str) -> bounces.Returned:
    (found,) = bounces.read(report(**changed))
    return found


def test_a_report_says_which_mail_came_back_to_whom_and_why():
    found = told()
    assert found.identifiers == (OURS,)
    assert found.addresses == {"alice@brume.example"}
    # Neither markup nor address of the words of the server.
    assert found.why == (
        "adresse inconnue (5.1.1\u00a0: 550 5.1.1 : Recipient address rejected: User unknown)"
    )


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        ("5.2.2", "smtp; 552 mailbox full", "boîte pleine (5.2.2\u00a0: 552 mailbox full)"),
        ("5.0.0", "smtp; 550-5.2.1 off", "boîte fermée (5.2.1\u00a0: 550-5.2.1 off)"),
        ("4.4.7", "", "serveur du destinataire injoignable (4.4.7)"),
        ("5.7.26", "smtp; spf", "refusé par le serveur du destinataire (5.7.26\u00a0: spf)"),
        ("", "", "non distribué"),
        ("x", "smtp; <script>a</script><b>\x1b[31m", "non distribué (a [31m)"),
    ],
)
def test_why_is_said_in_words_and_cleaned(status, said, why):
    assert told(status=status, said=said).why == why


def test_why_is_bounded():
    assert len(told(said=f"smtp; {'é' * 9000}").why) < 200


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "text/rfc822-headers"},
        {"kind": "", "head": f"References: <autre@x.example> {OURS}\n"},
        {"kind": "", "head": f"In-Reply-To: {OURS}\n"},
    ],
)
def test_the_mail_is_found_by_its_headers_or_by_what_the_report_answers(changed):
    assert OURS in told(**changed).identifiers


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "delayed"},
        {"action": "delivered"},
        {"action": "relayed"},
        {"report_type": "disposition-notification"},
        {"kind": ""},  # no identifier at all
        {"of": "Subject: sans identifiant\n\nBonjour", "head": f"References: {OURS}\n"},
        {"of": "Message-ID: \n\nBonjour"},
        {"of": "Message-ID: <é@\x00>\n\nBonjour"},
        {"to": "x400; alice@brume.example"},
        {"to": ""},
    ],
)
def test_what_gives_up_no_mail_of_ours_for_an_address_says_nothing(changed):
    assert bounces.read(report(**changed)) == ()


NESTED = b"".join(
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b%d\r\n\r\n--b%d\r\n"
    % (n, n)
    for n in range(1000)
)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\x00" * 500,
        b"Bonjour",
        b"Subject: vu\r\n\r\n<html>5.1.1 failed",
        report().replace(b"boundary=", b"bound="),
        report()[:500],
        report().replace(b"message/delivery-status", b"text/plain"),
        report().replace(b"utf", b"\xff").replace(b"report-type=", b"report-type*=x'y'%ff"),
        NESTED,
        b"Content-Type: message/rfc822\r\n\r\n" * 5000,
    ],
    ids=range(10),
)
def test_what_is_malformed_says_nothing_and_raises_nothing(source):
    assert bounces.read(source) == ()


def test_no_more_is_read_than_what_comes_before_the_dossier():
    whole = report(of=f"Message-ID: {OURS}\nSubject: x\n\n{'A' * 5_000_000}")
    assert bounces.read(whole) == bounces.read(whole[: bounces.MOST]) == (told(),)


# --- What it changes --------------------------------------------------------------------------


@pytest.fixture
def row(cast):
    """The convocation of Alice, handed over to her server."""
    found = dispatched.dispatched(cast).recipients.get(mandate=cast.seat(cast.alice))
    change(found, message_id=OURS, email="alice@brume.example")
    return found


@pytest.fixture
def box(settings):
    with mailbox.served() as found:
        settings.BOUNCES_URL = f"imap://retours:secret%40%2F@127.0.0.1:{found.port}/INBOX"
        cache.delete("retours-absents")
        yield found
        cache.delete("retours-absents")


def fact():
    named = [f for f in facts.all_of_them(at=timezone.now()) if f.title == "Boîte des retours"]
    return named[0] if named else None


@pytest.mark.django_db
def test_it_is_marked_once_its_pages_say_why_and_what_to_do(cast, client_of, row, box):
    box.messages += [report(), report(status="5.2.2"), b"Subject: autre chose\r\n\r\n"]
    at = timezone.now()
    before = sent.reach(row.convocation.meeting)
    assert bounces.attend(at=at) == 3
    row.refresh_from_db()
    assert (row.state, row.bounced_at) == (Posted.State.BOUNCED, at)
    assert row.bounce_reason.startswith("adresse inconnue (5.1.1")  # the second changed nothing
    assert row.sent_at is not None and row.reply == "250 OK"  # what the server answered stays
    # It is not handed over.
    assert sent.reach(row.convocation.meeting).handed == before.handed - 1
    assert box.seen == [1, 2, 3]
    # Read again, whoever unflagged it, it does nothing twice.
    box.seen.clear()
    assert bounces.attend(at=at + timedelta(days=1)) == 3
    row.refresh_from_db()
    assert row.bounced_at == at
    deed = row.convocation.meeting.deeds.get(verb="mail-bounced")
    assert deed.by is None and deed.words.startswith("Courriel revenu, d’après le serveur")
    assert bounces.attend(at=at) == 0 and box.fetched == 6
    secretary = client_of(cast.secretariat)
    ledger = secretary.get(reverse("convening:ledger", args=[row.convocation_id])).text
    assert "revenu non distribué" in ledger and "adresse inconnue (5.1.1" in ledger
    tasks = waiting.tasks(Body.objects.all(), on=timezone.localdate())
    (task,) = (each for each in tasks if each.what == "Remettre autrement 1 convocation revenue")
    assert task.due_on is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"to": "rfc822; bruno@brume.example"},
        {"of": "Message-ID: <autre@brume.example>\n\nBonjour", "head": f"References: {OURS}\n"},
        {"action": "delayed"},
    ],
)
def test_another_address_another_mail_or_a_mere_delay_marks_nothing(row, box, changed):
    box.messages.append(report(**changed))
    assert bounces.attend(at=timezone.now()) == 1 and box.seen == [1]
    row.refresh_from_db()
    assert row.state == Posted.State.SENT and row.bounced_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "after", "count"),
    [
        ("doute", "revenu", 1),  # then one knows
        ("remise", "remise", 0),  # its reply is not written yet: it is read again
        ("ailleurs", "ailleurs", 1),  # handed over otherwise since
    ],
)
def test_what_was_not_simply_handed_over(cast, client_of, row, box, state, after, count):
    change(row, state=state, sent_at=None)
    box.messages.append(report())
    assert bounces.attend(at=timezone.now()) == count == len(box.seen)
    row.refresh_from_db()
    assert row.state == after
    assert (
        client_of(cast.secretariat).get(reverse("convening:recipient", args=[row.pk])).status_code
        == 200
    )


@pytest.mark.django_db
def test_a_copy_of_the_base_reads_nothing_that_the_other_machine_waits_for(row, box):
    box.messages.append(report())
    serving.hold()
    assert bounces.attend(at=timezone.now()) == 0 and box.fetched == 0 and not box.seen


@pytest.mark.django_db
def test_a_mailbox_that_is_away_is_said_once_until_it_is_back(settings, box, caplog):
    good, box.password = settings.BOUNCES_URL, "changé"
    assert [bounces.attend(at=timezone.now()) for _ in range(2)] == [0, 0]
    assert [r.getMessage() for r in caplog.records if r.name == "convening.bounces"] == [
        "la boîte des retours ne se lit pas\u00a0: compte ou boîte refusés"
    ]
    assert fact().state == facts.State.NOTED and "secret" not in caplog.text
    box.password = "secret@/"
    bounces.attend(at=timezone.now())
    assert fact().state == facts.State.GOOD
    for url in (good.replace("INBOX", "Nulle"), "imap://a:b@127.0.0.1:1/", "pop://a:b@h/", "x:y"):
        settings.BOUNCES_URL = url
        cache.delete("retours-absents")
        assert bounces.attend(at=timezone.now()) == 0 and fact().state == facts.State.NOTED
    settings.BOUNCES_URL = ""
    assert fact() is None


# --- What is no convocation -------------------------------------------------------------------


@pytest.mark.django_db
def test_a_reminder_that_came_back_is_among_what_did_not_leave(cast, client_of, box):
    notice = dispatched.stuck_notice(cast)
    change(notice, state="remis", message_id=OURS)
    box.messages.append(report(to=f"rfc822; {notice.email}"))
    assert bounces.attend(at=timezone.now()) == 1
    notice.refresh_from_db()
    assert notice.state == Posted.State.BOUNCED and notice.reply.startswith("adresse inconnue")
    page = client_of(cast.secretariat).get(reverse("convening:stuck")).text
    assert notice.email in page and "revenu non distribué" in page and "adresse inconnue" in page
    told = [each.what for each in waiting.tasks(Body.objects.all(), on=timezone.localdate())]
    assert "Reprendre 1 courriel qui n’est pas arrivé" in told


@pytest.mark.django_db
def test_a_mail_to_an_account_is_kept_where_returns_are_read_and_marked_when_it_comes_back(
    cast, client, client_of, box
):
    address = reverse("accounts:password_reset")
    client.post(address, {"email": cast.delegate.email})
    assert post.letters_leave(timezone.now()) == 1
    letter = Letter.objects.get()
    assert letter.state == Letter.State.SENT and not Letter.objects.stuck().exists()
    box.messages.append(
        report(
            to=f"rfc822; {cast.delegate.email.upper()}",
            of=f"Message-ID: {letter.message_id}\n\nBonjour",
        )
    )
    assert bounces.attend(at=timezone.now()) == 1
    letter.refresh_from_db()
    assert letter.state == Letter.State.BOUNCED
    page = client_of(cast.administration).get(reverse("convening:stuck")).text
    assert letter.to in page and "adresse inconnue (5.1.1" in page
    assert post.letters_leave(timezone.now()) == 0  # it leaves again only if somebody says so
    client_of(cast.administration).post(reverse("convening:stuck_letter", args=[letter.pk]))
    assert post.letters_leave(timezone.now()) == 1
    sending.finish(at=timezone.now() + retention.RETURNED / 2)
    assert Letter.objects.exists()
    sending.finish(at=timezone.now() + retention.RETURNED)
    assert not Letter.objects.exists()


# --- Told by whoever carries the mails ----------------------------------------------------------

TOKEN = "un secret que personne ne devine, é"
EVENT = {
    "event": "bounce",
    "email": "Alice@brume.example",
    "smtp-id": OURS,
    "status": "5.1.1",
    "reason": "550 5.1.1 <alice@brume.example>: User unknown",
}


@pytest.fixture
def tell(client, settings):
    """What the address answers to who has the secret, or says that he has."""
    settings.BOUNCES_TOKEN = TOKEN

    def told(what, *, kind="application/json", said=f"Bearer {TOKEN}"):
        source = what if isinstance(what, bytes) else json.dumps(what).encode()
        head = {"Authorization": said} if said else {}
        where = reverse("convening:returned")
        return client.generic("POST", where, source, content_type=kind, headers=head)

    return told


BASIC = f"Basic {base64.b64encode(f'retours:{TOKEN}'.encode()).decode()}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "kind", "said"),
    [
        (report(), "message/rfc822", f"Bearer {TOKEN}"),
        (EVENT, "application/json", BASIC),
        ([{"event": "delivered"}, EVENT], "application/json; charset=utf-8", f"bearer {TOKEN}"),
        ({**EVENT, "smtp-id": "", "message-id": OURS[1:-1]}, "application/json", BASIC),
    ],
)
def test_who_carries_the_mails_tells_what_came_back(tell, row, what, kind, said):
    for _ in range(2):  # and may say it twice
        answer = tell(what, kind=kind, said=said)
        assert (answer.status_code, answer.text) == (200, "1\n")
    row.refresh_from_db()
    assert row.state == Posted.State.BOUNCED and row.bounce_reason.startswith("adresse inconnue (5")
    assert "alice@" not in row.bounce_reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"said": ""}, 401),
        ({"said": "Bearer "}, 401),
        ({"said": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"said": "Basic é"}, 401),
        ({"said": "Basic "}, 401),
        ({"kind": "text/plain"}, 415),
        ({"kind": "application/x-www-form-urlencoded"}, 415),
        ({"what": b"{"}, 400),
        ({"what": b"[" * 200_000}, 400),
        ({"what": [EVENT] * 2000}, 400),  # cut: the rest is never believed
        ({"what": EVENT | {"event": "soft_bounce"}}, 200),
        ({"what": EVENT | {"email": "bruno@brume.example"}}, 200),
        ({"what": EVENT | {"smtp-id": "<autre@brume.example>"}}, 200),
        ({"what": EVENT | {"smtp-id": {"a": [1]}, "email": 3, "reason": None}}, 200),
        ({"what": [1, None, [], "bounce"]}, 200),
        ({"what": report(action="delayed"), "kind": "message/rfc822"}, 200),
    ],
)
def test_nobody_else_is_believed_nor_anything_else(tell, row, changed, status):
    assert tell(**{"what": EVENT} | changed).status_code == status
    row.refresh_from_db()
    assert row.state == Posted.State.SENT


@pytest.mark.django_db
def test_what_cannot_be_noted_yet_is_to_be_told_again(tell, row, settings):
    change(row, state="remise", sent_at=None)
    assert tell(EVENT).status_code == 503 and tell(EVENT)["Retry-After"] == "60"
    change(row, state="remis")
    serving.hold()
    assert tell(EVENT).status_code == 503
    settings.BOUNCES_TOKEN = ""
    assert tell(EVENT).status_code == 404
    row.refresh_from_db()
    assert row.state == Posted.State.SENT
