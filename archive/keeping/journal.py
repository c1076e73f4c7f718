"""The trail as an auditor reads it: of one organisation, narrowed, in pages or as a file."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from members.forms import DayField
from members.models import Organisation, Role, User
from trail.models import Act, Entry


class JournalFilter(forms.Form):
    """Which lines: words of what or who, what was done, between which days."""

    q = forms.CharField(
        label="Mots, adresse, réseau",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    acte = forms.ChoiceField(
        label="Geste", required=False, choices=[("", "Tous"), *sorted(Act.choices, key=str)]
    )
    du = DayField(
        label="Du",
        required=False,
    )
    au = DayField(
        label="Au",
        required=False,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def apply(self, lines: QuerySet[Entry]) -> QuerySet[Entry]:
        """Those that answer every choice that means something; what does not is told beside it."""
        if not self.is_bound:
            return lines
        self.full_clean()
        chosen = self.cleaned_data
        for word in chosen.get("q", "").split():
            lines = lines.filter(
                Q(what__icontains=word) | Q(who__icontains=word) | Q(origin__startswith=word)
            )
        if act := chosen.get("acte"):
            lines = lines.filter(act=act)
        if first := chosen.get("du"):
            lines = lines.filter(at__gte=_midnight(first))
        if last := chosen.get("au"):
            lines = lines.filter(at__lt=_midnight(last + timedelta(days=1)))
        return lines


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def read_by(user: User, organisation: Organisation) -> QuerySet[Entry]:
    """The lines that the auditor of this organisation reads.

    What was done to it; and what was done to no organisation in particular (signing in, a lost
    password) by an account that has a role there or did something there. A sign-in refused to an
    address that has no account is read by every auditor, or nobody would; the rest of what is
    nobody's, where there is no other organisation, and by a superuser.
    """
    if user.is_superuser:
        return Entry.objects.filter(Q(organisation=organisation.pk) | Q(organisation=None))
    roles = Role.objects.filter(organisation=organisation).values("user")
    seen = Entry.objects.filter(organisation=organisation.pk).exclude(account=None)
    whose = Q(account__in=roles) | Q(account__in=seen.values("account"))
    if organisation.is_alone:
        whose |= Q(account=None)
    else:  # once, the whole address was told: those lines stay with the superuser
        unknown = Q(account=None, act=Act.SIGN_IN_REFUSED)
        whose |= unknown & ~Q(what__startswith="adresse donnée")
    return Entry.objects.filter(Q(organisation=organisation.pk) | (Q(organisation=None) & whose))


WEEK = timedelta(days=7)
# Who comes, goes and reads: counted, and not told line by line on a first page.
_DOORS = (Act.SIGNED_IN, Act.SIGNED_OUT, Act.DOWNLOAD)
# What an auditor comes for, before what there is most of.
_WEIGHTY = (Act.SIGNATURE, Act.RULES, Act.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What the first page of an auditor says: since which day, how many of each act, what
    weighs then the most frequent first, and the last lines that are not of a door."""

    since: date
    counts: tuple[tuple[Act, int], ...]
    last: tuple[Entry, ...]


def week(user: User, organisation: Organisation, *, on: date, shown: int = 8) -> Week:
    """The last seven days, of what this account reads: two queries."""
    lines, since = read_by(user, organisation), on - WEEK
    counted = lines.filter(at__gte=_midnight(since)).order_by().values_list("act")
    counts = counted.annotate(count=Count("pk")).order_by("-count", "act")
    told = sorted(((Act(act), count) for act, count in counts), key=_weight)
    return Week(
        since=since,
        counts=tuple(told),
        last=tuple(lines.exclude(act__in=_DOORS)[:shown]),
    )


def _weight(counted: tuple[Act, int]) -> int:
    act, _ = counted
    return _WEIGHTY.index(act) if act in _WEIGHTY else len(_WEIGHTY)


def but_readings(lines: QuerySet[Entry]) -> QuerySet[Entry]:
    """Without the files taken, which drown the rest."""
    return lines.exclude(act=Act.DOWNLOAD)


def as_csv(lines: QuerySet[Entry]) -> str:
    """The lines as a spreadsheet reads them, with their rank and digest in the chain."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["moment", "acte", "qui", "réseau", "quoi", "rang", "empreinte"])
    for line in lines.iterator(chunk_size=2000):
        writer.writerow(
            [
                timezone.localtime(line.at).isoformat(timespec="seconds"),
                line.get_act_display(),
                _harmless(line.who),
                line.origin,
                _harmless(line.what),
                line.position or "",
                line.digest,
            ]
        )
    return out.getvalue()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
