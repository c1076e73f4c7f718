"""Mails on their way: how each leaves, and leaves once.

So that nobody is forgotten and nobody gets it twice, a sender works in four steps, each on the
disk before the next:

    1  take a row    HANDING, in the name of the journal of a postman; committed
    2  hand it       to the postman, a process of its own, which survives a sender that is killed
    3  journal       the postman writes that it sends the last line, then the reply it read
    4  settle        the reply goes into the row; committed

Whatever is killed, `reconcile` reads the journals that nobody writes any more and settles what
they tell. What no program can know, whether a convocation given to its last line was taken, is
asked of a person: it stays here until somebody says (docs/decisions/0046).
"""

import fcntl
import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from types import TracebackType

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.utils import DNS_NAME
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import letters
from accounts.models import Letter
from convening import mails, outbox, postman
from convening.actions import reminding
from convening.mails import Mail
from convening.models import Convocation, Notice, Posted, Recipient
from members import duties, retention, serving

log = logging.getLogger(__name__)

# All that leaves, in the order in which it does: who waits for a password waits behind nobody.
KINDS = (Letter, Recipient, Notice)
Row = Letter | Recipient | Notice

# --- What became of it ------------------------------------------------------------------------

LEASE = timedelta(minutes=30)  # longer than the slowest mail; a backstop where a journal is lost
MINUTE = timedelta(minutes=1)
# Greylisting lets in after a few minutes; a full mailbox may be emptied in the day.
DELAYS = [MINUTE * n for n in (1, 3, 5, 10, 20, 30, 60, 60, 120, 120, 240, 240, 240, 240)]
OUTAGES = [timedelta(seconds=n) for n in (15, 30, 60, 120, 300, 600, 900)]
BROKEN_IN_A_ROW = 3  # as many connections that end in the middle: the server, not an address


def _after(delays: list[timedelta], attempts: int) -> timedelta:
    return delays[min(max(attempts, 1), len(delays)) - 1]


def _settle(
    row: Row,
    answer: postman.ServerReply,
    *,
    taken_by: str,
    at: datetime,
    pause: timedelta | None = None,
) -> None:
    """Write the reply into the row, unless somebody else has it by now; a letter that left is gone,
    unless what comes back is read.

    `pause` is how long to wait when it must leave again; otherwise longer after each attempt.
    """
    states = Posted.State
    again = at + (_after(DELAYS, row.attempts) if pause is None else pause)
    changes: dict[str, object] = {"state": states.QUEUED, "not_before": again}
    mine = type(row).objects.filter(pk=row.pk, state=row.state, taken_by=taken_by)
    match answer["outcome"]:
        case postman.ACCEPTED if isinstance(row, Letter) and (outbox.is_kept() or not _returns()):
            mine.delete()
            return
        case postman.ACCEPTED if isinstance(row, Letter):
            changes = {"state": states.SENT}
        case postman.ACCEPTED if outbox.is_kept():
            changes = {"state": states.KEPT}  # nobody received it: it proves nothing
        case postman.ACCEPTED:
            sent_at = datetime.fromisoformat(answer["at"])
            changes = {"state": states.SENT, "sent_at": sent_at}
        case postman.UNKNOWN if isinstance(row, Recipient):
            changes = {"state": states.DOUBTFUL}
        case postman.UNKNOWN if isinstance(row, Notice):
            changes |= {"is_uncertain": True}
        case postman.TOO_BIG if isinstance(row, Recipient) and row.convocation.letter["attached"]:
            _send_links_instead(row.convocation_id)
            changes |= {"not_before": at}
        case postman.REFUSED | postman.TOO_BIG:
            changes = {"state": states.REFUSED}
        case postman.DOWN:
            changes |= {"attempts": row.attempts - 1}  # not the fault of this mail
        case _ if row.attempts > len(DELAYS) and pause is None:
            changes = {"state": states.REFUSED}
    told = {"attempts": row.attempts, "taken_by": "", "lease_until": None, "reply": answer["text"]}
    mine.update(**told | changes)


def stayed_here(reply: str) -> bool:
    """Whether a mail went to no server, by what was answered when it was to leave; of any other
    that somebody says he handed over, nobody knew."""
    return not reply or reply in (_BY_DJANGO, _SET_ASIDE)


def _returns() -> bool:
    """Whether somebody tells here what came back (`convening.bounces`)."""
    return bool(settings.BOUNCES_URL or settings.BOUNCES_TOKEN)


def _send_links_instead(convocation_pk: int) -> None:
    """The server takes no mail of that size: the dossier is downloaded by its link."""
    with transaction.atomic():
        convocation = Convocation.objects.select_for_update(of=("self",)).get(pk=convocation_pk)
        convocation.letter |= {"attached": False}
        convocation.save(update_fields=["letter"])


def _postpone(answer: postman.ServerReply, *, until: datetime) -> None:
    """The server cannot be used: nothing is tried before then."""
    for kind in KINDS:
        kind.objects.filter(state=Posted.State.QUEUED, not_before__lt=until).update(
            not_before=until, reply=answer["text"]
        )


def finish(*, at: datetime) -> None:
    """Close the convocations of which nothing remains to be sent, and forget the letters that
    left, or that nobody took, once nobody asks any more."""
    lost, sent = (Letter.State.REFUSED, Letter.State.BOUNCED), Letter.State.SENT
    Letter.objects.filter(state__in=lost, queued_at__lt=at - retention.UNTAKEN).delete()
    Letter.objects.filter(state=sent, queued_at__lt=at - retention.RETURNED).delete()
    waiting = Recipient.objects.unsettled().values("convocation")
    Convocation.objects.filter(stage=Convocation.Stage.SENDING).exclude(pk__in=waiting).update(
        stage=Convocation.Stage.SENT, finished_at=at
    )


# --- Taking -----------------------------------------------------------------------------------


def _due(kind: type[Row], at: datetime) -> QuerySet:
    """What may leave now, the first one first."""
    waiting = kind.objects.waiting(at).select_related(*_READ_WITH[kind])
    return waiting.order_by("not_before", "pk")


def _locked(kind: type[Row], at: datetime) -> QuerySet:
    """The same, to be had by nobody else until the end of the transaction."""
    # SQLite lets one writer in at a time and knows no row locks: Django then asks for none.
    skips = connection.features.has_select_for_update_skip_locked
    return _due(kind, at).select_for_update(skip_locked=skips, of=("self",))


def _take(*, taken_by: str, at: datetime, among: Sequence[type[Row]]) -> Row | None:
    """One row that nobody else has, marked as ours before anything is done with it."""
    for kind in among:
        with transaction.atomic():
            row = _locked(kind, at).first()
            if row is None:
                continue
            row.state = Posted.State.HANDING
            row.taken_by, row.lease_until = taken_by, at + LEASE
            row.attempts += 1
            row.save(update_fields=["state", "taken_by", "lease_until", "attempts"])
            return row
    return None


_READ_WITH: dict[type[Row], tuple[str, ...]] = {
    Letter: (),
    Recipient: ("convocation__meeting__body", "mandate__person", "mandate__replaces__person"),
    Notice: ("meeting__body__organisation", "mandate__person"),
}

# --- Journals ---------------------------------------------------------------------------------


def journals() -> Path:
    """Where the postmen write; one file each."""
    path = Path(settings.DATA_DIR) / "remises"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def reconcile(*, at: datetime) -> None:
    """Settle what the journals of dead postmen tell, and free the rows that they never gave."""
    _read_journals(at=at)
    # The rest was taken by a sender of whom nothing is known: its disk is gone with its journal.
    lost = {"taken_by": "", "lease_until": None, "reply": "l’expéditeur a disparu avec son journal"}
    for kind, changes in (
        (Recipient, {"state": Posted.State.DOUBTFUL}),
        (Notice, {"state": Posted.State.QUEUED, "is_uncertain": True}),
        (Letter, {"state": Posted.State.QUEUED}),
    ):
        rows = kind.objects.filter(state=Posted.State.HANDING, lease_until__lt=at)
        rows.update(**lost | changes)


def _read_journals(*, at: datetime) -> None:
    for path in sorted(journals().glob("*.journal")):
        try:
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # another sender was quicker
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _settle_journal(path, at=at)
            path.unlink(missing_ok=True)
        except BlockingIOError:  # its postman lives
            continue
        finally:
            os.close(file)


def _settle_journal(path: Path, *, at: datetime) -> None:
    ended, replies = set(), {}
    for line in _lines(path):
        if line["step"] == "end":
            ended.add(line["id"])
            replies.pop(line["id"], None)
        else:
            replies[line["id"]] = line
    for kind in KINDS:
        rows = kind.objects.filter(taken_by=path.name, state=Posted.State.HANDING)
        if kind is Recipient:
            rows = rows.select_related("convocation")
        for row in rows:
            if row.message_id in replies:
                _settle(row, replies[row.message_id], taken_by=path.name, at=at)
                continue
            # It is the sender that died, not the server: there is nothing to wait for.
            if row.message_id in ended:
                answer = postman.reply(postman.UNKNOWN, 0, "coupure avant la réponse du serveur")
            else:
                answer = postman.reply(postman.DEFERRED, 0, "coupure avant la remise")
            _settle(row, answer, taken_by=path.name, at=at, pause=timedelta())


def _lines(path: Path) -> Iterator[dict]:
    """The whole lines of a journal: the last may have been cut short."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)


# --- Handing ----------------------------------------------------------------------------------


class PostmanIsDead(Exception):
    """The process that held the connection is gone; its journal says what it did."""


class Postman:
    """The process that speaks to the SMTP server, seen from the sender (convening/postman.py)."""

    def __init__(self) -> None:
        self.name = f"{timezone.now():%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(4)}.journal"
        # In a session of its own: what interrupts the sender must not interrupt a mail.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", postman.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._ask(self._config())

    def _config(self) -> dict:
        return {
            "journal": str(journals() / self.name),
            "host": settings.EMAIL_HOST,
            "port": settings.EMAIL_PORT,
            "user": settings.EMAIL_HOST_USER,
            "password": settings.EMAIL_HOST_PASSWORD,
            "tls": settings.EMAIL_USE_TLS,
            "ssl": settings.EMAIL_USE_SSL,
            "keyfile": settings.EMAIL_SSL_KEYFILE,
            "certfile": settings.EMAIL_SSL_CERTFILE,
            "name": str(DNS_NAME),
            "timeout": settings.EMAIL_TIMEOUT,
            "patience": settings.EMAIL_PATIENCE,
        }

    def _ask(self, header: dict, body: bytes = b"") -> dict:
        stdin, stdout = self._process.stdin, self._process.stdout
        try:
            stdin.write((json.dumps(header) + "\n").encode() + body)
            stdin.flush()
            line = stdout.readline()
        except OSError as error:
            raise PostmanIsDead from error
        if not line.endswith(b"\n"):
            raise PostmanIsDead
        return json.loads(line)

    def hand(self, mail: Mail) -> postman.ServerReply:
        """What became of one mail; raises `PostmanIsDead`: its journal then says what it knew."""
        header = {
            "from": mail.sender,
            "to": mail.recipient,
            "id": mail.message_id,
            "size": len(mail.source),
        }
        return self._ask(header, mail.source)

    def close(self) -> None:
        """Let it say goodbye to the server and leave."""
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:  # it died with something in the pipe
                log.debug("le facteur est mort avant d’avoir tout lu")
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Ready(EmailMessage):
    """A mail already written, for the backends of Django that are not SMTP."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(from_email=mail.sender, to=[mail.recipient])
        self.source, self.organisation_pk = mail.source, mail.organisation_pk

    def message(self, *args, **kwargs):
        return message_from_bytes(self.source, policy=policy.SMTP)


# What rooms above queue when its hour comes: asked before each run, with the hour.
ROUNDS: list[Callable[[datetime], object]] = []


class Sender:
    """Sends what is due; used by the server (`DUTY`) and by `manage.py send_mails`."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._postman: Postman | None = None
        self._broken = self._outages = 0
        self._held: set[str] = set()  # what others hold, by its message identifier

    def __enter__(self) -> "Sender":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the server, and settle what the journal still tells."""
        postman, self._postman = self._postman, None
        if postman is not None:
            postman.close()
            reconcile(at=self._clock())

    def run(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Send all that is due; how many mails were taken by the server. Nothing is prepared, nor
        leaves, where another machine serves the base: it does."""
        if serving.is_held():
            return 0
        reconcile(at=self._clock())
        reminding.run_due(self._clock())
        self._go_round()
        sent = self.give(stop=stop)
        finish(at=self._clock())
        return sent

    def give(
        self,
        *,
        among: Sequence[type[Row]] = KINDS,
        stop: Callable[[], bool] = lambda: False,
    ) -> int:
        """Send what is due of these kinds; how many mails were taken by the server."""
        sent, one = 0, self._by_smtp if _is_smtp() else self._by_django
        self._held.clear()
        while not stop():
            answer = one(among)
            if answer is None:
                break
            sent += answer["outcome"] == postman.ACCEPTED
        return sent

    def _go_round(self) -> None:
        for look in ROUNDS:
            try:
                look(self._clock())
            except Exception:  # mails that wait must not wait for those that cannot be written
                log.exception("des courriels n’ont pas pu être préparés")

    def _by_smtp(self, among: Sequence[type[Row]]) -> postman.ServerReply | None:
        """Take a row and hand it to the postman; `None` when nothing is due."""
        if self._postman is None:
            if not any(kind.objects.waiting(self._clock()).exists() for kind in among):
                return None
            self._postman = Postman()
        name = self._postman.name
        row = _take(taken_by=name, at=self._clock(), among=among)
        if row is None:
            return None
        try:
            mail = mails.write(row, at=self._clock())
            if mail is None:
                return _vain(row)
            answer = self._postman.hand(mail)
        except PostmanIsDead:
            self.close()  # its journal says what became of the row; if it says nothing, nothing
            answer = postman.reply(postman.BROKEN, 0, "le facteur est mort")
        except Exception as error:  # what cannot be written must not stop the others
            answer = _unwritten(row, error)
        _settle(row, answer, taken_by=name, at=self._clock())
        self._weigh(answer)
        return answer

    def _weigh(self, answer: postman.ServerReply) -> None:
        """Whether everybody should wait, longer after each failure."""
        outcome = answer["outcome"]
        self._broken = self._broken + 1 if outcome == postman.BROKEN else 0
        if outcome == postman.DOWN or self._broken >= BROKEN_IN_A_ROW:
            self._outages += 1
            _postpone(answer, until=self._clock() + _after(OUTAGES, self._outages))
        elif self._broken == 0:
            self._outages = 0

    def _by_django(self, among: Sequence[type[Row]]) -> postman.ServerReply | None:
        """Without SMTP one transaction takes, sends and settles: a kill undoes all three. What is
        sent is written before it, so that whoever else writes in the base hardly waits; what
        somebody else holds is left until the next run."""
        at = self._clock()
        due = (_due(kind, at).exclude(message_id__in=self._held).first() for kind in among)
        row = next(filter(None, due), None)
        if row is None:
            return None
        message, answer = None, postman.reply(postman.ACCEPTED, 0, _BY_DJANGO)
        try:
            if mail := mails.write(row, at=at):
                message = mail.said or Ready(mail)
                if outbox.is_kept():
                    outbox.draw(message)
        except Exception as error:  # of this one alone: the others must not wait
            answer = _unwritten(row, error)
        with transaction.atomic():
            # Not `exists()`, which locks all that is joined: the sitting too.
            if not _locked(type(row), at).filter(pk=row.pk).values_list("pk"):
                self._held.add(row.message_id)  # or somebody else took it, or gave it up, meanwhile
                return postman.reply(_NOTHING)
            row.attempts += 1
            if answer["outcome"] == postman.ACCEPTED:
                if message is None:
                    return _vain(row)
                try:
                    with transaction.atomic():
                        get_connection().send_messages([message])
                except Exception as error:  # a backend may raise anything
                    answer = _unwritten(row, error)
            _settle(row, answer, taken_by="", at=at)
        return answer


def _unwritten(row: Row, error: Exception) -> postman.ServerReply:
    """What stopped this mail here: for good where nothing can be written to its address."""
    if isinstance(error, mails.Unwritable):
        return postman.reply(postman.REFUSED, 0, str(error))
    log.error("le courriel %s ne part pas", row.message_id, exc_info=error)
    return postman.reply(postman.DEFERRED, 0, postman.failure(error))


def _vain(row: Row) -> postman.ServerReply:
    """There is nothing to say any more: nobody has that address, or what it told of is over."""
    type(row).objects.filter(pk=row.pk).delete()
    return postman.reply(_NOTHING)


_NOTHING = "nothing"
_BY_DJANGO = "aucun serveur de courriel n’est réglé"


def _is_smtp() -> bool:
    return settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"


def next_due(at: datetime) -> datetime | None:
    """When to look again; `None` when nothing waits. What somebody else holds is looked at soon:
    he may die."""
    found = []
    for kind in KINDS:
        if kind.objects.filter(state=Posted.State.HANDING).exists():
            found.append(at + timedelta(seconds=1))
        queued = kind.objects.in_earnest().filter(state=Posted.State.QUEUED).order_by("not_before")
        found += queued.values_list("not_before", flat=True)[:1]
    return min(found, default=None)


def count_waiting() -> int:
    """How many mails are still to leave, now or later."""
    return sum(kind.objects.unsettled().count() for kind in KINDS)


# --- What waited in a base that came from elsewhere -------------------------------------------


def count_held(at: datetime) -> int:
    """How many mails, and reminders whose hour is past, another machine may have sent."""
    return count_waiting() + reminding.due(at).count()


def set_aside(*, at: datetime) -> None:
    """Have none of them leave."""
    Letter.objects.unsettled().delete()
    reminding.due(at).update(done_at=at)
    _take_back(state=Posted.State.KEPT, reply=_SET_ASIDE)


def may_have_left() -> None:
    """Have them leave, and say that they may have left before."""
    _take_back(state=Posted.State.QUEUED)


def _take_back(**changes: object) -> None:
    changes |= {"taken_by": "", "lease_until": None}
    Letter.objects.unsettled().update(**changes)
    changes |= {"is_uncertain": True}
    for kind in (Recipient, Notice):
        kind.objects.unsettled().update(**changes)


_SET_ASIDE = "attendait dans une base restaurée\u00a0: l’autre machine l’a peut-être envoyé"

# --- Working on and on ------------------------------------------------------------------------

IDLE = timedelta(seconds=30)  # between two looks when nobody wakes us: another process dispatched


@contextmanager
def _hand() -> Iterator[duties.Look]:
    """A sender that keeps its line to the server as long as there is something to say."""
    with Sender() as sender:

        def look(until: duties.Stop) -> float:
            try:
                sender.run(stop=until)
            except Exception:
                # What the base did not say it took is told by the journal of a postman who left.
                with suppress(DatabaseError):
                    sender.close()
                raise
            pause = _pause(timezone.now())
            if pause > 2:
                sender.close()
            return pause

        yield look


def _pause(at: datetime) -> float:
    """Seconds until there may be something to send."""
    due = None if serving.is_held() else next_due(at)
    wait = IDLE if due is None else min(IDLE, due - at)
    return max(wait.total_seconds(), 0.2)


DUTY = duties.Duty(
    "courriels",
    _hand,
    setting="MAIL_WORKER",
    idle=IDLE.total_seconds(),
    bell=letters.BELL,
    shared=True,
)


def wake() -> None:
    """There is something to send."""
    DUTY.wake()
