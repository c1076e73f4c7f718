"""The pages of what somebody decides alone: the list of a year, an act, its draft."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from archive.desk import alone
from archive.forms import ActsFilter
from archive.online import standing as legal
from documents import printing
from documents import render as ink
from law.delegations import QUESTIONS, Kind
from law.findings import Finding, Refused, Severity
from law.regime import accounted_by, delegated_by
from meetings import access as sittings
from meetings.models import Meeting
from meetings.views.preparing import attachments_context
from meetings.views.shared import say_refusals
from members.access import edits, organisation_of, posted, posts, reads, role_required
from members.models import Body, Role
from registry.alone import actions, reading
from registry.alone.forms import ActForm
from registry.delegations import reading as accounts
from registry.models import Delegation

PAGE_SIZE = 30


@reads
@role_required(Role.Kind.SECRETARIAT, Role.Kind.ADMINISTRATION)
def acts(request: HttpRequest) -> HttpResponse:
    """What was decided alone in a year, the latest first, and what each act waits for."""
    organisation = organisation_of(request)
    assembly = reading.assembly_of(organisation)
    years = alone.counted(organisation)
    form = ActsFilter(request.GET or None, years=years)
    found = form.apply(reading.acts_of(organisation))
    lines = form.waiting(alone.lines(found))
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "archive/acts_alone.html",
        {
            "form": form,
            "page_obj": page,
            "doubted": alone.doubted(page),
            "is_empty": not years,
            "assembly": assembly,
            "is_open": assembly is not None and assembly.registers.exists(),
            "kinds": [(each.value, each.noun) for each in Kind],
        },
    )


@posts
@role_required(Role.Kind.SECRETARIAT)
@proof.required("ouvrir ces registres")
def open_registers(request: HttpRequest) -> HttpResponse:
    """Open the registers, once."""
    actions.open_registers(_assembly(request), by=request.user)
    messages.success(request, "Les registres sont ouverts.")
    return redirect("archive:acts_alone")


@reads
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """An act, how far it is and what is done next."""
    return _act_page(request, sittings.get_act(request, pk))


def _act_page(
    request: HttpRequest,
    meeting: Meeting,
    *,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
) -> HttpResponse:
    line, today = alone.of(meeting), timezone.localdate()
    may_write = sittings.can_write(request.user, meeting)
    row = meeting.alone
    may_correct = may_write and reading.signed(meeting) is None
    told: list[Finding | None] = []
    contradicted = alone.contradicted(row)
    if may_write:
        told += [reading.outlived(row)] if meeting.ledger else reading.objections(meeting, on=today)
        told.append(contradicted)
    objections = tuple(filter(None, told))
    delegation: Delegation | None = row.delegation
    refusals = [each for each in objections if each.severity is Severity.REFUSAL]
    # What a draft still lacks is no fault of anybody's: its page tells it as what comes next.
    lacks = refusals if may_write and not meeting.ledger and not findings else []
    context = {
        "meeting": meeting,
        "line": line,
        "row": row,
        "today": today,
        "delegation": delegation,
        "may_write": may_write,
        "findings": (
            *findings,
            *_besides(findings, (each for each in objections if each not in lacks)),
        ),
        "lacks": lacks,
        "next": alone.next_of(line, request.user, may_write=may_write),
        "may_take": may_write and not meeting.ledger and not refusals,
        "may_correct": may_correct,
        "asked": [
            (code, QUESTIONS[code], request.POST.get(f"why-{code}", ""))
            for code in _codes(objections)
            if code in QUESTIONS
        ],
        "answered": request.POST.getlist("answered"),
        "held_true": meeting.deeds.filter(verb="act-answered").select_related("by")
        if may_write and meeting.ledger
        else (),
        "has_changed": may_correct and bool(meeting.ledger) and actions.has_changed(meeting),
        "state": legal.of(line.document) if line.document else None,
        "is_contradicted": contradicted is not None,
        "binds_on": reading.weighed([delegation])[delegation.pk].binds_on if delegation else None,
        "article": delegated_by(meeting.regime),
        "accounted": line.deliberation and getattr(line.deliberation, "accounted", None),
        "missed": accounts.held_sittings(meeting.body.assembly).filter(held_on__gt=meeting.held_on),
        "told_by": accounted_by(meeting.regime),
        "is_accounted": line.kind is Kind.DECISION,
    }
    if may_write:
        context |= attachments_context(meeting.agenda[reading.ITEM].item)
    return render(request, "archive/act_alone.html", context, status=status)


def _besides(told: Iterable[Finding], found: Iterable[Finding]) -> Iterable[Finding]:
    """What deserves a look still beside what was just refused."""
    known = set(_codes(told))
    return (each for each in found if each.code not in known)


def _codes(found: Iterable[Finding]) -> list[str]:
    """Of what they speak, each once."""
    return list(dict.fromkeys(each.code for each in found))


def _assembly(request: HttpRequest) -> Body:
    found = reading.assembly_of(organisation_of(request))
    if found is None:
        raise Http404
    return found


@edits
@role_required(Role.Kind.SECRETARIAT)
def new_act(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin a decision or an order."""
    if kind not in list(Kind):
        raise Http404
    assembly, today = _assembly(request), timezone.localdate()
    form = ActForm(posted(request), assembly=assembly, kind=Kind(kind), today=today)
    if form.is_bound and form.does(
        lambda: actions.draft(assembly, Kind(kind), form.told(), by=request.user, at=timezone.now())
    ):
        found = reading.objections(form.done, on=today)
        if any(each.severity is Severity.REFUSAL for each in found):  # told on its page
            messages.info(request, "Le projet est enregistré.")
        else:
            messages.success(
                request, "Le projet est enregistré\u00a0: relisez-le, puis établissez-le."
            )
        return redirect(form.done)
    context = {"form": form, "assembly": assembly, "kind": Kind(kind), "meeting": None}
    status = 422 if form.is_bound else 200
    return render(request, "archive/act_alone_edit.html", context, status=status)


@edits
def edit_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an act; once it is taken, correct its words."""
    meeting = sittings.get_act(request, pk, to="write")
    kind, today = Kind(meeting.body.kind), timezone.localdate()
    form = ActForm(
        posted(request),
        assembly=meeting.body.assembly,
        kind=kind,
        today=today,
        meeting=meeting,
    )
    if form.is_bound and form.does(
        lambda: actions.rewrite(
            meeting, form.told(), base=form.cleaned_data["version"], by=request.user
        )
    ):
        messages.success(request, "C’est enregistré.")
        return redirect(meeting)
    context = {"form": form, "meeting": meeting, "kind": kind, "assembly": meeting.body.assembly}
    status = 422 if form.is_bound else 200
    return render(request, "archive/act_alone_edit.html", context, status=status)


@reads
def act_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as it would be taken today, as a PDF; `?feuille`, for the frame of its page."""
    meeting = sittings.get_act(request, pk, to="write")
    paper = reading.preview(meeting, on=timezone.localdate())
    if "feuille" in request.GET:
        return HttpResponse(ink.render_html(paper, for_screen=True, nonce=str(request.csp_nonce)))
    return printing.answer(request, paper, back=meeting.get_absolute_url())


@posts
@proof.required("établir cet acte")
def take_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it taken: numbered, frozen, ready to be signed."""
    meeting = sittings.get_act(request, pk, to="write")
    return _done(
        request,
        meeting,
        lambda: actions.take(
            meeting,
            by=request.user,
            at=timezone.now(),
            answered={
                code: request.POST.get(f"why-{code}", "")
                for code in request.POST.getlist("answered")
            },
        ),
        "L’acte est établi et porte son numéro\u00a0: il se signe maintenant.",
    )


@posts
@proof.required("établir une version de cet acte")
def issue_act_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze its words as they are now, in a version that replaces the last one."""
    meeting = sittings.get_act(request, pk, to="write")
    reason = request.POST.get("reason", "")[:300]
    return _done(
        request,
        meeting,
        lambda: actions.issue_again(meeting, reason=reason, by=request.user, at=timezone.now()),
        "La nouvelle version est établie\u00a0: elle se signe à son tour.",
    )


def _done(
    request: HttpRequest, meeting: Meeting, act: Callable[[], object], words: str
) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        return _act_page(request, meeting, findings=refusal.findings, status=422)
    messages.success(request, words)
    return redirect(meeting)


@posts
def drop_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a draft."""
    meeting = sittings.get_act(request, pk, to="write")
    try:
        actions.drop(meeting, by=request.user)
    except Refused as refusal:
        say_refusals(request, refusal.findings)
        return redirect(meeting)
    messages.success(request, "Le projet est supprimé.")
    return redirect("archive:acts_alone")
