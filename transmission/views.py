"""The pages of what is told to the prefecture."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import proof
from documents.models import IssuedDocument
from law.findings import Finding, Refused, Severity, refuse
from law.french import agree, count, nbsp
from law.regime import cited
from meetings.access import get_occasion
from meetings.models import Meeting
from members import access, downloads, files
from members.access import edits, posted, posts, reads, role_required
from members.actions import save
from members.asked import row_number
from members.models import Organisation, Role
from registry.acts import reading as acts
from registry.models import Deliberation
from registry.signatures import reading as signatures
from transmission import reading
from transmission.access import get_act, get_exchange, get_sending
from transmission.actions import receiving, sending
from transmission.actions import sheets as filing
from transmission.forms import (
    AnswersForm,
    ClassificationForm,
    DepositForm,
    IdentityForm,
    ReceiptForm,
    ReplyForm,
    SheetForm,
)
from transmission.models import Classification, Exchange, Transmission
from transmission.operators import carrying

State = Transmission.State

# --- A sitting ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the acts of a sitting are before the prefecture, and what is done next."""

    rows: list[reading.Row]
    unconfirmed: int
    to_send: int
    prepared: int
    carried: int  # by an operator, of itself
    sent: int
    settled: int

    @property
    def is_begun(self) -> bool:
        """Whether anything of it was sent, so that an answer may come."""
        return any(row.sendings for row in self.rows)

    @property
    def told(self) -> str:
        """« 2 actes sur 3 reçus par la préfecture, ou dispensés »."""
        plural = self.settled > 1
        received, exempt = (agree(word, plural=plural) for word in ("reçu", "dispensé"))
        acts = f"{count(self.settled, 'acte')} sur {len(self.rows)}"
        return f"{acts} {received} par la préfecture, ou {exempt}"

    @property
    def way(self) -> list[tuple[str, int, bool]]:
        """What each act goes through, how many of them did, and whether it is what is done now."""
        gone = [row for row in self.rows if row.is_settled or row.there]
        left = [row.under_way for row in self.rows if row.under_way and row not in gone]
        sent = sum(each.state == State.SENT for each in left)
        done = (
            ("Fiches confirmées", len(self.rows) - self.unconfirmed, "unconfirmed"),
            ("Envois préparés", len(gone) + len(left), "to_send"),
            ("Déposés" if not self.carried else "Partis", len(gone) + sent, "prepared"),
            ("Reçus ou dispensés", self.settled, "sent"),
        )
        now = "sent" if self.step == "carried" else self.step
        return [(label, count, name == now) for label, count, name in done]

    @property
    def step(self) -> str:
        """The one thing to do now."""
        for name in ("unconfirmed", "to_send", "prepared", "sent", "carried"):
            if getattr(self, name):
                return name
        return "done" if self.rows and self.settled == len(self.rows) else "blocked"


def _progress(rows: list[reading.Row]) -> Progress:
    today = timezone.localdate()
    under_way = [row.under_way for row in rows if row.under_way]
    by_hand = [each.state for each in under_way if each.connector == sending.BY_HAND]
    return Progress(
        rows=rows,
        unconfirmed=sum(not row.is_confirmed for row in rows),
        to_send=sum(reading.is_to_send(row, on=today) for row in rows),
        prepared=by_hand.count(State.PREPARED),
        sent=by_hand.count(State.SENT),
        carried=len(under_way) - len(by_hand),
        settled=sum(row.is_settled for row in rows),
    )


def _sitting_page(
    request: HttpRequest,
    meeting: Meeting,
    *,
    findings: tuple[Finding, ...] = (),
    form: AnswersForm | None = None,
    deposit: DepositForm | None = None,
    receipt: ReceiptForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = reading.rows(meeting)
    today, lacking = timezone.localdate(), _lacking(rows)
    unknown = tuple(reading.unknown_to_the_prefecture(meeting.organisation)) if rows else ()
    return render(
        request,
        "transmission/sitting.html",
        {
            "meeting": meeting,
            "progress": _progress(rows),
            "rows": [(row, _kept_back(row, today)) for row in rows],
            "unknown": unknown,
            "operator": reading.operator_of(meeting.organisation),
            "findings": findings,
            "form": form or AnswersForm(),
            "deposit": deposit or DepositForm(),
            "receipt": receipt or ReceiptForm(),
            "unanswered": len(_by_hand(rows, State.SENT)),
            **lacking,
            "stopped": _stopped(rows, told=[each for each, *_ in lacking["declined"]]),
            "today": today,
        },
        status=status,
    )


def _leaving(rows: Iterable[reading.Row | None]) -> list[IssuedDocument]:
    """The acts that may leave now and lack a signature, with who refuses theirs."""
    today = timezone.localdate()
    found = [
        row.document
        for row in rows
        if row is not None
        and row.document is not None
        and not signatures.is_signed(row.document)
        and reading.is_to_send(row, on=today)
    ]
    signatures.read_declines(found)
    return found


def _lacking(rows: Iterable[reading.Row | None]) -> dict[str, Any]:
    """How many of them wait for a signature, and those that somebody does not sign, with why."""
    found = _leaving(rows)
    declined = [(each, told) for each in found if (told := signatures.declines(each))]
    return {
        "unsigned": len(found) - len(declined),
        "declined": [
            (each, told, signatures.refusing(told), signatures.mended_at(each))
            for each, told in declined
        ],
    }


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """An act to be mended before anything else is done of it: why, where, by which gesture."""

    document: IssuedDocument
    why: str
    url: str
    verb: str


def _stopped(rows: Iterable[reading.Row], *, told: Iterable[IssuedDocument]) -> list[Stopped]:
    """Those that somebody does not sign, or that no article says what they decide, while nothing of
    them left; what is refused and asked to leave all the same is `told` with its box."""
    elsewhere = {each.pk for each in told}
    found = [
        row.document
        for row in rows
        if row.document is not None
        and not row.is_settled
        and row.under_way is None
        and row.document.pk not in elsewhere
        and not signatures.is_signed(row.document)
    ]
    signatures.read_declines(found)
    bare = dict(acts.bearing_nothing(found))
    stopped = []
    for each in found:
        where = reverse("registry:signatures", args=[each.pk])
        if declines := signatures.declines(each):
            why, verb = " ; ".join(map(signatures.declining, declines)), "Lui répondre"
        elif each in bare:
            why, verb = "aucun article ne dit ce qu’elle décide", "Écrire le dispositif"
            where = signatures.mended_at(each).replace("#", "?proposer=1#")
        else:
            continue
        stopped.append(Stopped(document=each, why=nbsp(why), url=where, verb=verb))
    return sorted(stopped, key=lambda each: not signatures.declines(each.document))


def _not_asked(
    request: HttpRequest, meeting: Meeting, rows: Iterable[reading.Row | None]
) -> tuple[Finding, ...]:
    """That acts about to be sent lack a signature, or are refused one, and nobody said to go on: of
    what is refused, by its name."""
    leaving = _leaving(rows)
    named = request.POST.getlist("declined")
    refused = tuple(
        Finding(
            code="refuse_par_un_signataire",
            message=f"{signatures.declining(each)}. Rien n’est préparé.",
            remedy="Corrigez, ou cochez la case qui nomme ce refus.",
        )
        for document in leaving
        if str(document.pk) not in named
        for each in signatures.declines(document)
    )
    found = sum(not signatures.declines(each) for each in leaving)
    if "unsigned" in request.POST or not found:
        return refused
    return (
        *refused,
        Finding(
            code="signatures_manquantes",
            message=f"{count(found, 'extrait attend', 'extraits attendent')} encore une "
            "signature\u00a0: rien n’est préparé.",
            article=cited(meeting.regime, "art. L2121-23 du CGCT"),
            remedy="Faites-les signer d’abord, ou cochez la case.",
        ),
    )


def _by_hand(rows: list[reading.Row], state: State) -> list[Transmission]:
    """The sendings that people carry, in this state."""
    under_way = [row.under_way for row in rows if row.under_way]
    return [each for each in under_way if each.is_by_hand and each.state == state]


def _kept_back(row: reading.Row, today) -> Finding | None:
    """The first thing that keeps an act from going, while it is neither settled nor under way."""
    if row.is_settled or row.under_way:
        return None
    found = reading.objections(row, on=today)
    refusals = [each for each in found if each.severity is Severity.REFUSAL]
    return (refusals or list(found) or [None])[0]


@reads
def sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the acts of a sitting are before the prefecture, and what is done next."""
    return _sitting_page(request, get_occasion(request, pk, to="write"))


@edits
def sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets of all the acts of a sitting, confirmed at once: all of them, or none."""
    meeting = get_occasion(request, pk, to="write")
    rows = [row for row in reading.rows(meeting) if row.under_way is None]
    data = posted(request)
    forms = [SheetForm(data, row=row, prefix=f"a{row.deliberation.pk}") for row in rows]
    valid = [form.is_valid() for form in forms]  # each says what is wrong with its own act
    if data is not None and all(valid):
        try:
            filing.confirm_all(
                {form.row.deliberation: form.told() for form in forms},
                by=request.user,
                at=timezone.now(),
            )
        except filing.Unfit as unfit:
            next(f for f in forms if f.row.deliberation == unfit.deliberation).take(unfit.findings)
        else:
            messages.success(
                request, f"{count(len(forms), 'fiche confirmée', 'fiches confirmées')}."
            )
            return redirect("transmission:sitting", pk)
    return render(
        request,
        "transmission/sheets.html",
        {"meeting": meeting, "forms": forms, "known": reading.in_force(meeting.organisation)},
        status=422 if data is not None else 200,
    )


@posts
@proof.required("préparer ces envois à la préfecture")
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the sending of each act that may go."""
    meeting = get_occasion(request, pk, to="write")
    if asked := _not_asked(request, meeting, reading.rows(meeting)):
        return _sitting_page(request, meeting, findings=asked, status=422)
    batch = sending.prepare_sitting(meeting, by=request.user, at=timezone.now())
    if batch.done:
        said = count(len(batch.done), "envoi préparé", "envois préparés")
        messages.success(request, f"{said}\u00a0: {_next(batch.done)}.")
    if batch.refused:
        return _sitting_page(request, meeting, findings=batch.refused, status=422)
    if not batch.done:
        messages.info(request, "Rien n’attendait d’être préparé.")
    return redirect("transmission:sitting", pk)


def _next(done: Sequence[Transmission]) -> str:
    """What becomes of sendings that were just prepared."""
    carrying.DUTY.wake()
    if all(each.connector == sending.BY_HAND for each in done):
        return "téléchargez, puis déposez chez l’opérateur"
    return "l’opérateur les prend dans un instant"


@reads
def packs(request: HttpRequest, pk: int) -> HttpResponse:
    """The archives of the sendings under way of a sitting, in a ZIP; one alone as it is."""
    meeting = get_occasion(request, pk, to="write")
    waiting = [row.under_way for row in reading.rows(meeting) if row.under_way]
    kept = [each.exchanges.filter(kind=Exchange.Kind.PACK).latest("pk") for each in waiting]
    if not kept:
        raise Http404
    if len(kept) == 1:
        return downloads.file(files.content(kept[0].file, kept[0].sha256), kept[0].name)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # each is squeezed already
        for each in kept:
            archive.writestr(each.name, files.content(each.file, each.sha256))
    return downloads.file(packed.getvalue(), f"envois-{meeting.held_on}.zip")


@posts
@proof.required("dire ces envois déposés")
def deposited(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the prepared sendings of a sitting, or of one of its acts, were handed to the
    operator, and on which day."""
    form = DepositForm(request.POST)
    return _said_of_day(request, pk, State.PREPARED, sending.deposit, deposit=form)


@posts
@proof.required("noter ce que la préfecture a reçu")
def noted(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the day that the prefecture stamped on the acts of a sitting, or on one of them."""
    form = ReceiptForm(request.POST)
    return _said_of_day(request, pk, State.SENT, receiving.note_receipt, receipt=form)


def _said_of_day(
    request: HttpRequest,
    pk: int,
    waits: State,
    note: Callable[..., int],
    **forms: DepositForm | ReceiptForm,
) -> HttpResponse:
    """Note a day of the sendings that people carry and that are in this state: of a sitting, or of
    the act from whose page it was said."""
    (form,) = forms.values()
    meeting = get_occasion(request, pk, to="write")
    act = _act_asked(request, meeting)
    waiting = _by_hand(_rows_asked(meeting, act), waits)
    if not form.does(
        lambda: note(waiting, on=form.cleaned_data["on"], by=request.user, at=timezone.now())
    ):
        return _back(request, meeting, act, **forms)
    if isinstance(form.done, int) and form.done:
        messages.success(request, form.said(form.done))
        if doubt := form.doubt():
            messages.warning(request, doubt)
    return _to(meeting, act)


def _rows_asked(meeting: Meeting, act: Deliberation | None) -> list[reading.Row]:
    return [row for row in reading.rows(meeting) if act is None or row.deliberation == act]


def _act_asked(request: HttpRequest, meeting: Meeting) -> Deliberation | None:
    """The act of this sitting from whose page this was sent; `None` from that of the sitting."""
    return meeting.deliberations.filter(pk=row_number(request.POST.get("act", ""))).first()


def _to(meeting: Meeting, act: Deliberation | None) -> HttpResponse:
    if act is None:
        return redirect("transmission:sitting", meeting.pk)
    return redirect("transmission:act", act.pk)


def _back(
    request: HttpRequest, meeting: Meeting, act: Deliberation | None, **forms: Form
) -> HttpResponse:
    """The page that sent a form which is refused, with it."""
    if act is None:
        return _sitting_page(request, meeting, **forms, status=422)
    return _act_page(request, act, **forms, status=422)


def _take(request: HttpRequest, form: AnswersForm, organisation: Organisation) -> bool:
    """Read the answers that were handed in, and say what they were; whether they were taken."""
    done = form.does(
        lambda: receiving.take(
            organisation,
            [(each.name, each.read()) for each in form.cleaned_data["files"]],
            by=request.user,
            at=timezone.now(),
        )
    )
    if done:
        for each in form.done:
            told = f"{each.sending.identifier}\u00a0: {each.exchange.get_kind_display()}"
            if each.is_new:
                messages.success(request, f"{told}.")
            else:
                messages.info(request, f"{told}, déjà lu\u00a0: rien n’a changé.")
    return done


@posts
@proof.required("verser ce que la préfecture a répondu")
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what the prefecture answered."""
    meeting = get_occasion(request, pk, to="write")
    form, act = AnswersForm(request.POST, request.FILES), _act_asked(request, meeting)
    if _take(request, form, meeting.organisation):
        return _to(meeting, act)
    return _back(request, meeting, act, form=form)


# --- An act ------------------------------------------------------------------------------------


def _act_page(
    request: HttpRequest,
    deliberation: Deliberation,
    *,
    findings: tuple[Finding, ...] = (),
    reply_form: ReplyForm | None = None,
    form: AnswersForm | None = None,
    deposit: DepositForm | None = None,
    receipt: ReceiptForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row = reading.row_of(deliberation)
    had = reading.heard(deliberation.meeting)
    sendings = Transmission.objects.filter(sheet__deliberation=deliberation)
    shown = sendings.prefetch_related("exchanges__by").select_related(
        "document__meeting__body", "noted_by"
    )
    return render(
        request,
        "transmission/act.html",
        {
            "meeting": deliberation.meeting,
            "deliberation": deliberation,
            "row": row,
            "sendings": [(each, reading.unanswered(each)) for each in shown.order_by("-pk")],
            "control": reading.control_of(deliberation, had.get(deliberation.item.key)),
            **_lacking([row]),
            "noted_since": deliberation.meeting.deeds.filter(
                verb__in=("exemption-told", "receipt-taken-back"),
                words__startswith=f"{deliberation.label}\u00a0:",
            ).select_related("by"),
            "objections": [
                each
                for each in (reading.objections(row, on=timezone.localdate()) if row else ())
                if each.code != "envoi_en_cours" or not row.under_way.is_by_hand
            ],  # what is to be done of one by hand is beside, with its form
            "may_send": row is not None and reading.is_to_send(row, on=timezone.localdate()),
            "findings": findings,
            "doubts": reading.doubts(row) if row else (),
            "reply_form": reply_form or ReplyForm(),
            "form": form or AnswersForm(initial={"act": deliberation.pk}),
            "deposit": deposit or DepositForm(initial={"act": deliberation.pk}),
            "receipt": receipt or ReceiptForm(initial={"act": deliberation.pk}),
            "unanswered": len(_by_hand([row] if row else [], State.SENT)),
            "pack": _pack(row),
            "today": timezone.localdate(),
        },
        status=status,
    )


def _pack(row: reading.Row | None) -> Exchange | None:
    """What is to be handed to the operator."""
    under_way = row.under_way if row else None
    return under_way.exchanges.filter(kind=Exchange.Kind.PACK).last() if under_way else None


@reads
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """What was told of an act to the prefecture, and what it answered, message by message."""
    return _act_page(request, get_act(request, pk))


@edits
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of one act."""
    deliberation = get_act(request, pk)
    row = reading.row_of(deliberation)
    if row is None:
        raise Http404
    form = SheetForm(posted(request), row=row)
    if form.does(
        lambda: filing.confirm(deliberation, form.told(), by=request.user, at=timezone.now())
    ):
        messages.success(request, "La fiche est confirmée.")
        return redirect("transmission:act", pk)
    return render(
        request,
        "transmission/sheet.html",
        {
            "meeting": deliberation.meeting,
            "deliberation": deliberation,
            "form": form,
            "known": row.known,
        },
        status=422 if form.is_bound else 200,
    )


def _of_an_act(
    request: HttpRequest, deliberation: Deliberation, done: Callable[[], object], said: str
) -> HttpResponse:
    try:
        done()
    except Refused as refusal:
        return _act_page(request, deliberation, findings=refusal.findings, status=422)
    messages.success(request, said)
    return redirect("transmission:act", deliberation.pk)


@posts
@proof.required("préparer cet envoi à la préfecture")
def prepare_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the sending of one act."""
    deliberation = get_act(request, pk)
    meeting = deliberation.meeting
    operator = reading.operator_of(meeting.organisation)

    def prepared() -> Transmission:
        refuse(_not_asked(request, meeting, [reading.row_of(deliberation)]))
        return sending.prepare(deliberation, by=request.user, at=timezone.now())

    return _of_an_act(
        request,
        deliberation,
        prepared,
        f"L’envoi est préparé\u00a0: {operator.get_kind_display()} le prend dans un instant."
        if operator
        else "L’envoi est préparé\u00a0: téléchargez-le, puis déposez-le chez l’opérateur.",
    )


@posts
def abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a sending that did not leave."""
    sent = get_sending(request, pk)
    return _of_an_act(
        request,
        sent.sheet.deliberation,
        lambda: sending.abandon(sent, by=request.user, at=timezone.now()),
        "Cet envoi est abandonné.",
    )


@posts
@proof.required("demander l’annulation de cette transmission")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the prefecture to forget what it was sent."""
    sent = get_sending(request, pk)
    return _of_an_act(
        request,
        sent.sheet.deliberation,
        lambda: sending.cancel(sent, by=request.user, at=timezone.now()),
        "La demande d’annulation est prête\u00a0: déposez-la chez l’opérateur."
        if sent.connector == sending.BY_HAND
        else "La demande d’annulation part chez l’opérateur.",
    )


@posts
@proof.required("reprendre ce reçu noté à la main")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a receipt that was noted by hand, and should not have been."""
    sent = get_sending(request, pk)
    return _of_an_act(
        request,
        sent.sheet.deliberation,
        lambda: receiving.take_back(sent, by=request.user, at=timezone.now()),
        "Ce reçu est repris\u00a0: l’envoi attend de nouveau celui de la préfecture.",
    )


@reads
def exchange(request: HttpRequest, pk: int) -> HttpResponse:
    """A message as it left or came."""
    found = get_exchange(request, pk)
    return downloads.file(files.content(found.file, found.sha256), found.name)


@posts
@proof.required("répondre à la préfecture")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the answer to a letter of the prefecture."""
    letter = get_exchange(request, pk)
    deliberation = letter.transmission.sheet.deliberation
    form = ReplyForm(request.POST, request.FILES)
    if form.does(
        lambda: sending.reply(
            letter,
            [(each.name, each.read()) for each in form.cleaned_data["files"]],
            is_refusal=form.cleaned_data["is_refusal"],
            by=request.user,
            at=timezone.now(),
        )
    ):
        messages.success(
            request, "La réponse est prête\u00a0: téléchargez-la, puis déposez-la chez l’opérateur."
        )
        return redirect("transmission:act", deliberation.pk)
    return _act_page(request, deliberation, reply_form=form, status=422)


# --- The organisation --------------------------------------------------------------------------


@edits
@role_required(*access.CLERKS)
def prefecture(request: HttpRequest) -> HttpResponse:
    """By what the prefecture knows the organisation, and how it files its acts."""
    organisation = access.organisation_of(request)
    sent = request.method == "POST"
    form = ClassificationForm(request.POST, request.FILES) if sent else ClassificationForm()
    if form.does(
        lambda: filing.import_classification(
            organisation,
            form.cleaned_data["file"].read(),
            name=form.cleaned_data["file"].name,
            by=request.user,
            at=timezone.now(),
        )
    ):
        messages.success(request, f"{str(form.done).capitalize()}\u00a0: c’est celle qui sert.")
        return redirect("transmission:prefecture")
    rows = Classification.objects.filter(organisation=organisation).select_related("imported_by")
    return render(
        request,
        "transmission/prefecture.html",
        {
            "form": form,
            "unknown": tuple(reading.unknown_to_the_prefecture(organisation)),
            "siren": reading.sender(organisation).siren,
            "known": reading.in_force(organisation),
            "operator": reading.operator_of(organisation),
            "classifications": rows,
            "may_identify": access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION),
        },
        status=422 if sent else 200,
    )


@edits
@role_required(Role.Kind.ADMINISTRATION)
@proof.required("dire qui envoie à la préfecture")
def identity(request: HttpRequest) -> HttpResponse:
    """By what the prefecture knows the organisation."""
    organisation = access.organisation_of(request)
    if organisation is None:
        raise PermissionDenied
    given = posted(request)
    form = IdentityForm(given, instance=organisation)
    if form.is_valid():
        save(form.instance, by=request.user, why="page de la préfecture")
        messages.success(request, "La préfecture vous connaîtra ainsi.")
        return redirect("transmission:prefecture")
    return render(
        request, "transmission/identity.html", {"form": form}, status=422 if form.is_bound else 200
    )
