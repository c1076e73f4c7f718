"""What a body's year looked like: who came, with what quorum, told of its sittings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from convening import outbox, year_picture
from convening.actions import accounting
from convening.forms import PeriodForm
from documents import compile, papers, printing
from law import french
from law.findings import Refused
from meetings import year
from meetings.access import meetings_read_by
from meetings.models import Meeting
from members import access, downloads
from members.access import edits, reads
from members.models import Body, Role
from members.sheets import files as spreadsheets


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
        "period": _period(account),
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


# --- What leaves ------------------------------------------------------------------------------


def _exported(request: HttpRequest, pk: int) -> _Asked:
    """The same, for the secretariat and the administration."""
    asked = _asked(request, pk)
    if not access.has_role(request.user, asked.body.organisation, *access.CLERKS):
        raise PermissionDenied
    return asked


@reads
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The account as a paper, for a committee."""
    asked = _exported(request, pk)
    made = compile.compile_attendance_year(asked.account, on=timezone.localdate())
    return printing.answer(request, made, back=reverse("convening:year", args=[pk]))


@reads
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Its tables as a workbook, a sheet each, after one that says what they are."""
    asked = _exported(request, pk)
    account = asked.account
    every = max(1, len(account.columns))
    told = [*year.tables(account), *year.grids(account, columns=every)]
    made = compile.compile_attendance_year(account, on=timezone.localdate())
    sheets = {"À lire": _legend(made, told)} | {each.title: _sheet(each) for each in told}
    content = spreadsheets.workbook(sheets, title=made.name, author=made.issuer.name)
    name = f"presences-{asked.body.slug}-{asked.begins.isoformat()}-{asked.ends.isoformat()}.xlsx"
    return downloads.file(content, name)


def _legend(made: papers.AttendanceYearDocument, tables: Iterable[year.Table]) -> Iterator[list]:
    """What the workbook is, as its paper says it, and what each of its sheets counts."""
    yield [made.title, made.subtitle]
    yield ["Organisation", made.issuer.name]
    yield from ([each.label, each.text] for each in made.facts)
    yield ["Note", made.notice]
    yield from ([each.title, each.note] for each in tables if each.note)


def _sheet(table: year.Table) -> Iterator[list]:
    """A share takes two columns: what can be summed is a number."""
    shares = [isinstance(cell, year.Share) for cell in table.rows[0].cells]
    heads = [
        each
        for head, is_share in zip(table.heads, shares, strict=True)
        for each in ([head, f"{head}, sur"] if is_share else [head])
    ]
    is_grouped = any(row.group for row in table.rows)
    yield [*(["Collectivité"] if is_grouped else []), table.of, *heads]
    for row in table.rows:
        cells = (
            (cell.part, cell.whole) if isinstance(cell, year.Share) else (cell,)
            for cell in row.cells
        )
        group = [row.group] if is_grouped else []
        yield [*group, row.name, *chain.from_iterable(cells)]


# --- To the communities -----------------------------------------------------------------------


@edits
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """What each member community would receive of its own seats; once confirmed, it leaves."""
    asked = _asked(request, pk)
    if not access.has_role(request.user, asked.body.organisation, Role.Kind.SECRETARIAT):
        raise PermissionDenied
    account, refusals = asked.account, ()
    drafts = accounting.letters(account)
    if request.method == "POST":
        ticked = request.POST.getlist("community")
        chosen = {int(each) for each in ticked if each.isdecimal() and len(each) < 18}
        try:
            count = accounting.send(
                account,
                to=chosen,
                read=request.POST.get("read", ""),
                by=request.user,
                at=timezone.now(),
                site=request.build_absolute_uri("/"),
            )
        except Refused as refusal:
            refusals = refusal.findings
        else:
            _tell(request, count)
            return redirect(f"{request.path}?{_period(account)}")
    context = {
        "body": asked.body,
        "account": account,
        "period": _period(account),
        "letters": drafts,
        "unknown": accounting.unknown(account),
        "reachable": sum(bool(each.addresses) for each in drafts),
        "read": accounting.fingerprint(drafts),
        "findings": refusals,
        "sent": accounting.sent(asked.body)[:_LATEST],
        "is_kept": outbox.is_kept(),
    }
    return render(request, "convening/year_send.html", context, status=422 if refusals else 200)


_LATEST = 200  # mails of which the page tells


def _tell(request: HttpRequest, count: int) -> None:
    if count and outbox.is_kept():
        told = french.count(
            count, "courriel préparé, non envoyé", "courriels préparés, non envoyés"
        )
        messages.warning(request, f"{told}\u00a0: aucun serveur de courriel n’est réglé.")
    elif count:
        told = french.count(count, "courriel part", "courriels partent")
        messages.success(request, f"{told}\u00a0: la liste ci-dessous dit ce qu’ils deviennent.")
    else:
        messages.info(request, "Ces courriels étaient déjà préparés, aux mêmes adresses.")


def _period(account: year.Account) -> str:
    """The period as an address asks for it."""
    return f"du={account.begins.isoformat()}&au={account.ends.isoformat()}"
