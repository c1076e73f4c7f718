"""What a body's year looked like: who came, with what quorum, told of its sittings."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from convening import year_picture
from convening.forms import PeriodForm
from meetings import year
from meetings.access import meetings_read_by
from meetings.models import Meeting
from members import access
from members.access import reads
from members.models import Body, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The body, its sittings that the account may read, and those of the period asked for."""

    body: Body
    sittings: QuerySet[Meeting]
    form: PeriodForm
    begins: date
    ends: date

    @property
    def account(self) -> year.Account:
        """Who came."""
        return year.account(self.body, self.sittings, begins=self.begins, ends=self.ends)


def _asked(request: HttpRequest, pk: int) -> _Asked:
    """The period in the address, the latest year with a sitting when it names none that exists.

    For whoever reads the sittings of the body, of these sittings and no other.
    """
    body = access.get_body(request, pk)
    if not access.reads_sittings_of(request.user, body):
        raise PermissionDenied
    sittings = meetings_read_by(request)
    latest = next(iter(year.years(sittings, body)), timezone.localdate().year)
    usual = {"du": date(latest, 1, 1), "au": date(latest, 12, 31)}
    form = PeriodForm(request.GET if {"du", "au"} & request.GET.keys() else None, initial=usual)
    found = form.cleaned_data if form.is_valid() else usual
    return _Asked(body=body, sittings=sittings, form=form, begins=found["du"], ends=found["au"])


@reads
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The year at a glance, then its tables: for whoever reads the sittings of the body."""
    asked = _asked(request, pk)
    account, today = asked.account, timezone.localdate()
    context = {
        "body": asked.body,
        "form": asked.form,
        "account": account,
        "periods": _periods(asked, today),
        "tables": year.tables(account),
        "rows": year.rows(account),
        "picture": year_picture.of(account) if account.columns else None,
        "may_export": access.has_role(request.user, asked.body.organisation, *access.CLERKS),
        "may_send": access.has_role(request.user, asked.body.organisation, Role.Kind.SECRETARIAT),
    }
    status = 422 if asked.form.errors else 200
    return render(request, "convening/year.html", context, status=status)


def _periods(asked: _Asked, today: date) -> list[tuple[str, date, date, bool]]:
    """What one asks for with one touch: a year, or the mandate that runs."""
    spans = [
        (str(each), date(each, 1, 1), date(each, 12, 31))
        for each in year.years(asked.sittings, asked.body)
    ]
    if renewed := year.renewed_on(asked.body, on=today):
        spans.append(("Mandat en cours", renewed, max(today, renewed)))
    return [(name, du, au, (du, au) == (asked.begins, asked.ends)) for name, du, au in spans]
