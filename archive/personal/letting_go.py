"""What is held on people and has no more reason to be: shown first, with who, why and since when;
then, once somebody gives the word and the visa of the archives, erased in one transaction.

Nothing comes back. What is archive is never touched: names stay in acts, mandates and the ledger.
Of what the witness watches, only what the house lets go is written: columns that become empty
(`Witnessed.LETS_GO`), rows that are erasable. See docs/decisions/0053.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import deciding
from accounts.models import Letter
from archive.desk import mine
from archive.models import SigningCall, TaskFeed
from archive.personal import held
from convening import outbox
from convening.models import CalendarFeed, Invitation, Notice, OutboxMail, Posted
from law import french
from law.findings import refusal
from meetings.models import Meeting
from members import retention, witness
from members.models import Community, Mandate, Organisation, Person, Role, User
from members.retention import Ends, Kind
from members.witness import Witness, Witnessed
from registry.models import Review
from trail.models import Act
from trail.recording import note

ELIMINATION = "archive.elimination"  # as the lines of the witness name what was erased
GONE = "efface.invalid"  # the domain of an address that was let go: no mail ever reaches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row to let go of, or held back: its number, who or what, how many rows with it, since
    when it has had no reason; `why` it is held back, "" when it is not."""

    pk: int
    what: str
    rows: int = 1
    since: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """What may go of one kind, and what would but for something."""

    kind: Kind
    going: tuple[Line, ...]
    held: tuple[Line, ...]

    @property
    def rows(self) -> int:
        """How many rows would be written or erased."""
        return sum(line.rows for line in self.going)


def piles(organisation: Organisation, *, by: User | None, at: datetime) -> tuple[Pile, ...]:
    """What this account may let go of in its organisation; nobody: what the command may."""
    found = []
    for kind in retention.kinds():
        if kind.ends is Ends.WORD:
            lines = tuple(_FINDERS[kind.key](organisation, kind, by, at))
            going = tuple(line for line in lines if not line.why)
            held_back = tuple(line for line in lines if line.why)
            found.append(Pile(kind=kind, going=going, held=held_back))
    return tuple(found)


def stamp(found: Iterable[Pile]) -> str:
    """What was shown, in short: what is done is that and nothing else."""
    said = [(pile.kind.key, line.pk, line.rows) for pile in found for line in pile.going]
    return hashlib.sha256(repr(said).encode()).hexdigest()


@transaction.atomic
def let_go(
    organisation: Organisation,
    *,
    kinds: Iterable[str],
    visa: str,
    seen: str,
    by: User | None,
    at: datetime,
) -> int:
    """Erase what was shown of these kinds, and tell the trail under which visa; how many rows.

    Raises `Refused` where there is no visa, nothing is chosen, or what may go is not what was
    `seen` any more.
    """
    # Two of these never meet; and whoever is given a mandate meanwhile waits, or is seen.
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    list(organisation.persons.select_for_update(of=("self",)).values_list("pk"))
    visa, chosen = " ".join(visa.split()), set(kinds)
    if len(visa) < 8:
        raise refusal(
            "sans_visa",
            "Rien ne se détruit sans visa.",
            article="art. L212-2 du code du patrimoine",
            remedy="Écrivez qui l’a donné, quand, sous quelle référence.",
            field="visa",
        )
    found = piles(organisation, by=by, at=at)
    if stamp(found) != seen:
        raise refusal(
            "liste_changee",
            "Ce qui peut être effacé a changé depuis que cette page l’a montré.",
            remedy="Relisez-le, puis donnez de nouveau le mot.",
        )
    told = 0
    for pile in found:
        if pile.kind.key in chosen and pile.going:
            _ERASERS[pile.kind.key](organisation, pile, by, at)
            _tell(pile, visa, organisation, by)
            _witness(pile, visa, organisation)
            told += pile.rows
    if not told:
        raise refusal(
            "rien_de_choisi", "Rien n’est choisi\u00a0: rien n’est effacé.", field="kinds"
        )
    return told


def _tell(pile: Pile, visa: str, organisation: Organisation, by: User | None) -> None:
    """Under which visa, what and how much; of which rows, in as many lines as they need."""
    what = f"effacé sous le visa «\u00a0{visa}\u00a0»\u00a0: {pile.kind.what}"
    note(
        Act.KEEPING,
        f"{what}, {french.count(pile.rows, 'ligne')}",
        by=by,
        organisation=organisation,
    )
    for numbers in _batched(_numbers(pile)):
        rows = ", ".join(map(str, numbers))
        told = f"effacé ({pile.kind.key}), n° {rows}"
        note(Act.KEEPING, told, by=by, organisation=organisation)


def _witness(pile: Pile, visa: str, organisation: Organisation) -> None:
    """For good, sealed and anchored: the trail goes at its age, what allowed it to go stays."""
    last = Witness.objects.filter(table=ELIMINATION).aggregate(last=Max("row"))["last"] or 0
    said = {"organisation": organisation.pk, "visa": visa, "lignes": pile.rows}
    said |= {"genre": pile.kind.key, "quoi": pile.kind.what}
    witness.add(ELIMINATION, last + 1, said, at=timezone.now(), where=said)


def eliminations(organisation: Organisation) -> QuerySet[Witness]:
    """What was erased, the latest first: when (`at`), and in `place` under which visa, how much."""
    rows = Witness.objects.filter(table=ELIMINATION, place__organisation=organisation.pk)
    return rows.order_by("-row")


def _batched(numbers: list[int], size: int = 50) -> Iterator[list[int]]:
    """These, as many at once as a line of the trail holds."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


# --- Who sits no more -------------------------------------------------------------------------


def obstacle(person: Person, *, at: datetime) -> str:
    """Why how to reach this person is not to be let go of; "" when nothing is in the way."""
    on = timezone.localdate(at)
    mandates = person.mandates.all()
    ended = mandates.aggregate(last=Max("end_on"))["last"]
    running = mandates.filter(Q(end_on=None) | Q(end_on__gte=on)).select_related("body").first()
    if running is not None:
        return f"siège encore ({running.body}, {running.period})"
    if ended is None:
        return "n’a jamais siégé\u00a0: sa fiche se supprime entière"
    if _is_last(person, Role.Kind.ADMINISTRATION):
        return "tient seul·e l’administration"
    if person.user is not None and person.user.is_active:
        return "son compte est ouvert\u00a0: désactivez-le d’abord"
    if mine.signs(person, at=at):
        return "a un papier à signer ou à relire"
    if twin := held.twins(person).first():
        return f"a la même adresse que {twin}\u00a0: dites d’abord si c’est la même personne"
    free = ended + timedelta(days=_kind("coordonnees").days + 1)
    if free > on:
        last, first = french.long_date(ended), french.long_date(free)
        return f"a siégé jusqu’au {last}\u00a0: à partir du {first}"
    return ""


def _is_last(person: Person, kind: Role.Kind) -> bool:
    holders = User.objects.filter(
        roles__kind=kind, roles__organisation=person.organisation_id, is_active=True
    )
    return person.user_id is not None and set(holders.values_list("pk", flat=True)) == {
        person.user_id
    }


def _kind(key: str) -> Kind:
    return retention.of([key])[0]


def _contacts(
    organisation: Organisation, kind: Kind, by: User | None, at: datetime
) -> Iterator[Line]:
    cutoff = timezone.localdate(at) - timedelta(days=kind.days)
    alive = Mandate.objects.filter(person=OuterRef("pk")).exclude(end_on__lt=cutoff)
    seated = Mandate.objects.filter(person=OuterRef("pk"))
    feed = Exists(CalendarFeed.objects.filter(person=OuterRef("pk")))
    past = Exists(_versions(Person).filter(_says(Person), id=OuterRef("pk")))
    rows = organisation.persons.filter(Exists(seated), ~Exists(alive))
    rows = rows.filter(_says(Person) | Q(past) | Q(feed)).select_related("user", "organisation")
    for person in rows.annotate(ended_on=Max("mandates__end_on")):
        versions = _versions(Person).filter(_says(Person), id=person.pk).count()
        yield Line(
            pk=person.pk,
            what=str(person),
            rows=1 + versions,
            since=person.ended_on,
            why=obstacle(person, at=at),
        )


def _erase_contacts(organisation: Organisation, pile: Pile, by: User | None, at: datetime) -> None:
    numbers = _numbers(pile)
    _empty(Person, numbers)
    for model in (CalendarFeed, SigningCall):
        model.objects.filter(person__in=numbers).delete()


def _versions(model: type[Witnessed]) -> QuerySet:
    """Every version of its rows that the history keeps."""
    return model.history.model.objects.all()


def _says(model: type[Witnessed]) -> Q:
    """The rows that say something of what may be let go."""
    said = (~Q(**{name: witness.nothing(model, name)}) for name in sorted(model.LETS_GO))
    return reduce(or_, said)


def _empty(model: type[Witnessed], numbers: list[int]) -> None:
    """What these rows say of how to reach somebody, and each version of them."""
    nothing = {name: witness.nothing(model, name) for name in model.LETS_GO}
    model.objects.filter(_says(model), pk__in=numbers).update(**nothing)
    _versions(model).filter(_says(model), id__in=numbers).update(**nothing)


def _numbers(pile: Pile) -> list[int]:
    return [line.pk for line in pile.going]


# --- Accounts that are closed -----------------------------------------------------------------


def _accounts(
    organisation: Organisation, kind: Kind, by: User | None, at: datetime
) -> Iterator[Line]:
    before = at - timedelta(days=kind.days)
    cutoff = timezone.localdate(before)
    alive = Mandate.objects.filter(person__user=OuterRef("pk")).exclude(end_on__lt=cutoff)
    here = Q(roles__organisation=organisation) | Q(persons__organisation=organisation)
    rows = (
        User.objects.filter(here, is_active=False, date_joined__lt=before)
        .filter(Q(last_login=None) | Q(last_login__lt=before))
        .filter(~Exists(alive))
        .exclude(email__endswith=f"@{GONE}")
        .annotate(ended_on=Max("persons__mandates__end_on"))
        .distinct()
    )
    for account in rows.order_by("pk"):
        used = timezone.localdate(account.last_login or account.date_joined)
        since = max(used, account.ended_on or used)
        is_elsewhere = deciding.organisations_of(account) != {organisation}
        is_mine = by is None or deciding.owns(by, account)
        why = "a un droit dans une autre organisation" if is_elsewhere or not is_mine else ""
        if account.is_superuser:
            why = "est un compte d’exploitation"
        yield Line(pk=account.pk, what=str(account), since=since, why=why)


def _erase_accounts(organisation: Organisation, pile: Pile, by: User | None, at: datetime) -> None:
    """The row stays, with a name: it is who established, sent and signed."""
    for account in User.objects.filter(pk__in=_numbers(pile)):
        person = account.persons.first()
        names = {}
        if not account.get_full_name():
            names["last_name"] = person.last_name if person else f"compte n° {account.pk}"
            names["first_name"] = person.first_name if person else ""
        Letter.objects.filter(to=account.email).delete()
        for rows in (account.sessions, account.factors, account.recovery_codes):
            rows.all().delete()
        for rows in (account.identities, account.identity_changes, account.link_requests):
            rows.all().delete()
        TaskFeed.objects.filter(user=account).delete()
        User.objects.filter(pk=account.pk).update(
            email=f"compte-{account.pk}@{GONE}", password=make_password(None), **names
        )


# --- Older values, and communities that left ---------------------------------------------------


def _superseded(model: type[Witnessed], organisation: Organisation, before: datetime) -> QuerySet:
    """Versions written before then that say what the row says no more."""
    now = model._base_manager.filter(pk=OuterRef("id"))
    said = (
        ~Q(**{name: witness.nothing(model, name)}) & ~Exists(now.filter(**{name: OuterRef(name)}))
        for name in sorted(model.LETS_GO)
    )
    rows = _versions(model).filter(organisation=organisation, history_date__lt=before)
    return rows.filter(reduce(or_, said))


def _older(organisation: Organisation, kind: Kind, by: User | None, at: datetime) -> Iterator[Line]:
    before = at - timedelta(days=kind.days)
    for model in (Person, Community):
        found = _superseded(model, organisation, before).order_by()
        told = found.values("id").annotate(rows=models.Count("pk"), last=Max("history_date"))
        for each in told.order_by("id"):
            row = _versions(model).filter(id=each["id"]).latest("history_date")
            since = timezone.localdate(each["last"])
            yield Line(pk=each["id"], what=str(row.instance), rows=each["rows"], since=since)


def _erase_older(organisation: Organisation, pile: Pile, by: User | None, at: datetime) -> None:
    before = at - timedelta(days=pile.kind.days)
    for model in (Person, Community):
        now = model._base_manager.filter(pk=OuterRef("id"))
        numbers = list(_superseded(model, organisation, before).values_list("pk", flat=True))
        for name in sorted(model.LETS_GO):
            rows = model.history.model.objects.filter(pk__in=numbers)
            stale = rows.exclude(**{name: witness.nothing(model, name)})
            stale = stale.filter(~Exists(now.filter(**{name: OuterRef(name)})))
            stale.update(**{name: witness.nothing(model, name)})


def _left(organisation: Organisation, kind: Kind, by: User | None, at: datetime) -> Iterator[Line]:
    cutoff = timezone.localdate(at) - timedelta(days=kind.days)
    past = Exists(_versions(Community).filter(_says(Community), id=OuterRef("pk")))
    rows = organisation.communities.filter(dissolved_on__lt=cutoff)
    for each in rows.filter(_says(Community) | Q(past)):
        versions = _versions(Community).filter(_says(Community), id=each.pk).count()
        yield Line(pk=each.pk, what=str(each), rows=1 + versions, since=each.dissolved_on)


def _erase_left(organisation: Organisation, pile: Pile, by: User | None, at: datetime) -> None:
    _empty(Community, _numbers(pile))


# --- Sittings that are past --------------------------------------------------------------------


def _links_of(meetings: Iterable[int]) -> list[QuerySet]:
    """The links and messages of these sittings; what waits to leave is no past."""
    rows = (
        Notice.objects.exclude(state__in=(Posted.State.QUEUED, Posted.State.HANDING)),
        Invitation.objects.all(),
        apps.get_model("live", "Tablet").objects.all(),
        apps.get_model("live", "Press").objects.all(),
    )
    return [each.filter(meeting__in=meetings).order_by() for each in rows]


def _links(organisation: Organisation, kind: Kind, by: User | None, at: datetime) -> Iterator[Line]:
    cutoff = timezone.localdate(at) - timedelta(days=kind.days)
    read = Review.objects.filter(
        meeting=OuterRef("pk"), answered_at=None, revoked_at=None, expires_at__gt=at
    )
    meetings = Meeting.objects.filter(body__organisation=organisation, held_on__lt=cutoff)
    past = list(meetings.annotate(is_read=Exists(read)).select_related("body").order_by("held_on"))
    counts: Counter[int] = Counter()
    for rows in _links_of([each.pk for each in past]):
        counts.update(dict(rows.values_list("meeting").annotate(models.Count("pk"))))
    for meeting in past:
        why = "est encore relue" if meeting.is_read else ""
        why = "est encore ouverte" if meeting.stage == Meeting.Stage.OPEN else why
        if rows := counts[meeting.pk]:
            what, since = str(meeting), meeting.held_on
            yield Line(pk=meeting.pk, what=what, rows=rows, since=since, why=why)


def _erase_links(organisation: Organisation, pile: Pile, by: User | None, at: datetime) -> None:
    for rows in _links_of(_numbers(pile)):
        rows.delete()


def _kept_mails(
    organisation: Organisation, kind: Kind, by: User | None, at: datetime
) -> Iterator[Line]:
    before = at - timedelta(days=kind.days)
    rows = OutboxMail.objects.filter(organisation=organisation, kept_at__lt=before)
    if count := rows.count():
        since = timezone.localdate(rows.latest("kept_at").kept_at)
        yield Line(pk=0, what="boîte d’envoi", rows=count, since=since)


def _erase_kept_mails(
    organisation: Organisation, pile: Pile, by: User | None, at: datetime
) -> None:
    outbox.empty(organisation, by=by, before=at - timedelta(days=pile.kind.days))


_FINDERS: dict[str, Callable[[Organisation, Kind, User | None, datetime], Iterator[Line]]] = {
    "coordonnees": _contacts,
    "comptes": _accounts,
    "anciennes": _older,
    "collectivites": _left,
    "liens": _links,
    "boite": _kept_mails,
}
_ERASERS: dict[str, Callable[[Organisation, Pile, User | None, datetime], None]] = {
    "coordonnees": _erase_contacts,
    "comptes": _erase_accounts,
    "anciennes": _erase_older,
    "collectivites": _erase_left,
    "liens": _erase_links,
    "boite": _erase_kept_mails,
}
