"""What became of what was sent: counted, recipient by recipient, as a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from convening import outbox
from convening.dispatch import timing
from convening.models import Convocation, Invitation, Posted, Recipient
from law import french
from law.deadlines import Notice
from members.models import Mandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the recipients of a convocation stand, counted.

    `sent` were handed to the server, whether or not they came back since (`bounced`); `kept` went
    nowhere, there being no server, until somebody told that they left `elsewhere`; `letters` and
    `mails` are those of them that somebody may tell he handed over (`to_hand_over`); `next_try`
    and `trouble` are of the mail that was put off; of the `doubtful` nobody knows; `late` members
    had less than the notice they are owed.
    """

    waiting: int
    sent: int
    kept: int
    refused: int
    bounced: int
    printed: int
    delivered: int
    elsewhere: int
    uncertain: int
    doubtful: int
    late: int
    letters: int
    mails: int
    next_try: datetime | None
    trouble: str
    days: tuple[date, ...] = ()  # of what somebody told that he handed over, the first and the last
    is_kept: bool = False  # there is no server: what waits is about to be kept here

    @property
    def by_mail(self) -> int:
        """How many mails, whatever became of them."""
        told = self.waiting + self.sent + self.kept + self.elsewhere + self.refused
        return told + self.doubtful

    @property
    def has_left(self) -> bool:
        """Whether anything left: what waits, is kept here, or still to be posted, convened nobody
        yet."""
        return bool(self.sent or self.delivered or self.elsewhere or self.doubtful)

    @property
    def said(self) -> str:
        """What was done on the day of the dispatch, in words that its date follows."""
        if self.sent or self.doubtful:
            return "envoyée"
        return "établie" if self.never_left else "envoi lancé"

    @property
    def never_left(self) -> bool:
        """Whether it was established alone: nothing left by itself, nor is about to."""
        is_leaving = self.waiting and not self.is_kept
        return not (self.sent or self.doubtful or is_leaving)

    @property
    def handed(self) -> str:
        """« remise le 28 novembre 2026 », of what did not leave by itself; "" for the rest."""
        if not (self.never_left and self.days):
            return ""
        first, last = (french.long_date(day) for day in self.days)
        return french.nbsp(f"remise le {last}" if first == last else f"remise du {first} au {last}")

    @property
    def gone(self) -> int:
        """How many stay here for good: those of whoever will sit no more on that day."""
        return self.kept + self.printed - self.mails - self.letters

    @property
    def on_paper(self) -> int:
        """How many letters, handed over or not."""
        return self.printed + self.delivered

    @property
    def to_hand_over(self) -> int:
        """How many somebody may tell that he handed over: letters, and mails that stayed here, once
        all of them do."""
        return 0 if self.is_kept and self.waiting else self.letters + self.mails

    @property
    def handing_over(self) -> str:
        """« 4 lettres et 110 courriels »."""
        parts = ((self.letters, "lettre"), (self.mails, "courriel"))
        return french.join([french.count(count, noun) for count, noun in parts if count])

    @property
    def sentence(self) -> str:
        """« 12 courriels remis sur 110 »; without a server, « 12 courriels gardés ici sur 110 »."""
        verb = "gardé{} ici" if self.is_kept else "remis{}"
        one, many = (f"courriel{s} {verb.format(s if self.is_kept else '')}" for s in ("", "s"))
        return f"{french.count(self.done, one, many)} sur {self.by_mail}"

    @property
    def done(self) -> int:
        """How many mails the sender is done with, for the bar."""
        return self.kept if self.is_kept else self.sent

    @property
    def lateness(self) -> str:
        """Of how many members the notice is short: « pour 3 membres : la convocation leur… »."""
        whom = "leur est" if self.late > 1 else "lui est"
        members = french.count(self.late, "membre")
        return french.nbsp(f"pour {members} : la convocation {whom} partie trop tard.")

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to the sender."""
        return not self.waiting


def to_hand_over(convocation: Convocation) -> QuerySet[Recipient]:
    """What stayed here, without that of whoever will sit no more on the day of the sitting, unless
    it says that it is off."""
    rows = convocation.recipients.filter(
        state__in=(Posted.State.PRINTED, Posted.State.KEPT), resent_as=None
    ).select_related("mandate__person", "mandate__replaces__person", "community")
    return rows if _tells_all(convocation) else rows.exclude(_has_left_office(convocation))


def handed_over(convocation: Convocation) -> QuerySet[Recipient]:
    """What somebody told that he handed over."""
    return convocation.recipients.filter(
        state__in=(Posted.State.DELIVERED, Posted.State.ELSEWHERE),
        resent_as=None,
        sent_at__isnull=False,
    ).select_related("queued_by", "declared_by")


def _tells_all(convocation: Convocation) -> bool:
    return convocation.kind == Convocation.Kind.CANCELLED


def _has_left_office(convocation: Convocation) -> Q:
    """Whoever will sit no more on that day, by this mandate nor by another in the same capacity."""
    meeting = convocation.meeting
    sitting = Mandate.objects.in_office(meeting.held_on).filter(
        body=meeting.body_id,
        person=OuterRef("mandate__person"),
        capacity=OuterRef("mandate__capacity"),
    )
    return Q(mandate__end_on__lt=meeting.held_on) & ~Q(Exists(sitting))


def progress(convocation: Convocation) -> Progress:
    """Four queries, whatever the number of recipients."""
    rows = convocation.recipients.filter(resent_as=None).order_by()
    states = Posted.State
    counts, gone, days = {}, {}, []
    left = Count("pk", filter=_has_left_office(convocation))
    told = {"count": Count("pk"), "gone": left, "first": Min("sent_at"), "last": Max("sent_at")}
    for state, *found in rows.values_list("state").annotate(**told):
        counts[state], gone[state], *between = found
        if state in (states.DELIVERED, states.ELSEWHERE):
            days += [timezone.localdate(at) for at in between if at]
    if _tells_all(convocation):
        gone = {}

    def count(*wanted: Posted.State) -> int:
        return sum(counts.get(state, 0) for state in wanted)

    late = rows.filter(state=states.QUEUED).exclude(reply="").order_by("not_before").first()
    return Progress(
        waiting=count(states.QUEUED, states.HANDING),
        sent=count(states.SENT, states.BOUNCED),
        kept=count(states.KEPT),
        refused=count(states.REFUSED),
        bounced=count(states.BOUNCED),
        printed=count(states.PRINTED),
        delivered=count(states.DELIVERED),
        elsewhere=count(states.ELSEWHERE),
        letters=count(states.PRINTED) - gone.get(states.PRINTED, 0),
        mails=count(states.KEPT) - gone.get(states.KEPT, 0),
        uncertain=rows.filter(is_uncertain=True).count(),
        doubtful=count(states.DOUBTFUL),
        late=len(late_members(convocation)),
        next_try=late.not_before if late else None,
        trouble=late.reply if late else "",
        days=(min(days), max(days)) if days else (),
        is_kept=outbox.is_kept(),
    )


def late_members(convocation: Convocation) -> list[Recipient]:
    """The members to whom it was handed over too late for the notice they are owed, whatever was
    sent to them later; one query."""
    members = convocation.recipients.filter(why=Recipient.Why.MEMBER, sent_at__isnull=False)
    first: dict[object, Recipient] = {}
    for row in members.order_by("sent_at"):
        first.setdefault(row.mandate_id or row.name, row)
    rows = list(first.values())
    notices = timing.notices_of_members(convocation, rows)
    return [row for row, found in zip(rows, notices, strict=True) if not found.regular]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One recipient on the ledger: what was done, and what he did since."""

    recipient: Recipient
    notice: Notice
    opened_at: datetime | None
    answered_at: datetime | None
    answer: str = ""

    @property
    def state(self) -> str:
        """How far it is, in the words of the papers that prove it."""
        return certified(self.recipient)[1]

    @property
    def is_late(self) -> bool:
        """Whether this member had less than the notice he is owed."""
        return not self.notice.regular


def journeys(convocation: Convocation, recipients: Sequence[Recipient]) -> list[Journey]:
    """The rows of the ledger, in the same number of queries whatever their number."""
    meeting = convocation.meeting
    mandates = [each.mandate_id for each in recipients if each.mandate_id]
    opened = dict(
        Invitation.objects.filter(meeting=meeting, mandate__in=mandates)
        .values_list("mandate")
        .annotate(Max("first_opened_at"))
    )
    answers: dict[int, tuple[datetime, str]] = {}
    for answer in meeting.answers.current().filter(mandate__in=mandates):
        answers[answer.mandate_id] = (answer.answered_at, answer.get_word_display())
    notices = timing.notices_of_members(convocation, recipients)
    return [
        Journey(
            recipient=each,
            notice=found,
            opened_at=min(
                filter(None, (opened.get(each.mandate_id), each.opened_at)), default=None
            ),
            answered_at=answers.get(each.mandate_id, (None, ""))[0],
            answer=answers.get(each.mandate_id, (None, ""))[1],
        )
        for each, found in zip(recipients, notices, strict=True)
    ]


def are_alike(counts: Mapping[str, int], shown: Sequence[Journey]) -> bool:
    """Whether all these recipients, counted by filter, of whom some are shown, are at one point:
    more than a few mails in one state, that nobody opened or answered and that were not late."""
    if len(shown) <= _FEW or counts["probleme"] or counts["papier"] or counts["ouvert"]:
        return False
    states = {each.recipient.state for each in shown}
    is_one = any(counts[key] == counts[""] for key in ("attente", "remis", "garde"))
    return (
        is_one
        and len(states) == 1
        and not any(x.answered_at or (x.recipient.sent_at and x.is_late) for x in shown)
    )


_FEW = 5


def chain(recipient: Recipient) -> list[Recipient]:
    """Every time this recipient was sent to, in order, whichever of them is asked for."""
    sent = recipient.convocation.recipients
    rows = list(sent.select_related("mandate__person", "community", "queued_by", "declared_by"))
    by_key = {row.pk: row for row in rows}
    later = {row.resend_of_id: row for row in rows if row.resend_of_id}
    first = by_key[recipient.pk]
    while first.resend_of_id:
        first = by_key[first.resend_of_id]
    found = [first]
    while found[-1].pk in later:
        found.append(later[found[-1].pk])
    return found


def certified(row: Recipient) -> tuple[str, str]:
    """By which way it went and how far it is, as the papers that prove it say so. Of a mail that
    stayed here and that somebody says he handed over, his word tells no way: it is not told that it
    was a mail, then that it was not."""
    if row.state == Posted.State.ELSEWHERE:
        return "hors de l’application", "remis par le secrétariat"
    return row.get_channel_display(), row.get_state_display()


_COLUMNS = (
    "Nom;Qualité;Voie;Adresse;État;Remis le;Déclaré;Délai (jours francs);Réponse du serveur;Essais"
    ";Peut-être remis deux fois;Revenu le;Motif du retour;Ouvert le;Répondu le;Réponse"
    ";Identifiant du message"
).split(";")


def table(journeys: Iterable[Journey]) -> Iterator[list[str]]:
    """The ledger as lines of a spreadsheet."""

    def moment(at: datetime | None) -> str:
        return f"{timezone.localtime(at):%d/%m/%Y %H:%M:%S}" if at else ""

    yield list(_COLUMNS)
    for each in journeys:
        row = each.recipient
        on_paper = row.channel == Recipient.Channel.PAPER
        way, state = certified(row)
        yield [
            row.name,
            row.capacity,
            way,
            " ".join((row.postal_address if on_paper else row.email).split()),
            state,
            f"{timezone.localdate(row.sent_at):%d/%m/%Y}"
            if row.sent_at and row.is_declared
            else moment(row.sent_at),
            row.declared,
            str(each.notice.clear_days) if row.sent_at else "",
            row.reply,
            str(row.attempts),
            "oui" if row.is_uncertain else "",
            moment(row.bounced_at),
            row.bounce_reason,
            moment(each.opened_at),
            moment(each.answered_at),
            each.answer,
            row.message_id,
        ]


# What the filter of the ledger offers, what asks for a hand first.
FILTERS = {
    "": "Tous",
    "probleme": "À reprendre",
    "attente": "En attente",
    "remis": "Remis",
    "garde": "Gardés ici",
    "papier": "Sur papier",
    "ouvert": "Ouverts",
    "sans_reponse": "Sans réponse",
    "sans_objet": "Ne siègent plus",
}


def _kept_by(convocation: Convocation) -> dict[str, Q]:
    """Which recipients each filter keeps."""
    states = Posted.State
    answered = convocation.meeting.answers.current().values("mandate")
    opened = convocation.meeting.invitations.exclude(first_opened_at=None).values("mandate")
    gone = Q(pk__in=[]) if _tells_all(convocation) else _has_left_office(convocation)
    wrong = Q(state__in=(states.REFUSED, states.BOUNCED, states.DOUBTFUL)) | Q(is_uncertain=True)
    return {
        "": Q(),
        "probleme": wrong & Q(resent_as=None),
        "attente": Q(state__in=(states.QUEUED, states.HANDING)),
        "remis": Q(state__in=(states.SENT, states.ELSEWHERE, states.DELIVERED)),
        "garde": Q(state=states.KEPT) & ~gone,
        "papier": Q(channel=Recipient.Channel.PAPER),
        "ouvert": Q(mandate__in=opened) | Q(opened_at__isnull=False),
        "sans_reponse": Q(mandate__isnull=False, resent_as=None) & ~Q(mandate__in=answered) & ~gone,
        "sans_objet": gone,
    }


def filtered(convocation: Convocation, chosen: str) -> QuerySet[Recipient]:
    """The recipients that a filter keeps."""
    rows = convocation.recipients.select_related(
        "mandate__person", "community", "resent_as", "queued_by", "declared_by"
    )
    return rows.filter(_kept_by(convocation)[chosen])


def shares(convocation: Convocation) -> dict[str, int]:
    """How many recipients each filter keeps."""
    counts = {
        key or "tous": Count("pk", filter=kept, distinct=True)
        for key, kept in _kept_by(convocation).items()
    }
    found = convocation.recipients.aggregate(**counts)
    return {key: found[key or "tous"] for key in FILTERS}
