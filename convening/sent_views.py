"""The pages of what was sent: its ledger, each recipient, what he downloads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import proof
from convening import access, mails, outbox, proofs, sending, tokens
from convening.actions import following
from convening.dispatch import journey
from convening.forms import BounceForm, CorrectForm, HandOverForm, ReachedForm, ResendForm
from convening.models import Convocation, Recipient
from documents import papers, printing
from law import french
from law.findings import Refused
from meetings.access import can_write
from meetings.views.shared import say_refusals
from members import downloads, files, links
from members.access import posts, reads
from members.models import folded
from members.sheets import files as spreadsheets
from trail.models import Act
from trail.recording import note

LEDGER_SIZE = 25

# --- The ledger -------------------------------------------------------------------------------


def _ledger_context(request: HttpRequest, convocation: Convocation) -> dict[str, Any]:
    shares = journey.shares(convocation)
    chosen, sought = request.GET.get("etat", ""), request.GET.get("q", "").strip()
    if chosen not in shares:
        chosen = ""
    rows = journey.filtered(convocation, chosen)
    if sought:
        rows = [row for row in rows if folded(sought) in folded(f"{row.name} {row.email}")]
    page = Paginator(rows, LEDGER_SIZE).get_page(request.GET.get("page"))
    told = journey.journeys(convocation, list(page))
    found, is_asked = journey.progress(convocation), chosen or sought or "page" in request.GET
    # What did not leave by itself gave what it gave on the last day somebody handed it over.
    handed = found.days[-1] if found.handed else None
    by_day = _handed_by_day(convocation, found)
    return {
        "convocation": convocation,
        "meeting": convocation.meeting,
        "tab": "convocation",
        "progress": found,
        "notice": convocation.meeting.notice_of(
            handed, on=convocation.held_on, urgent=bool(convocation.urgent_reason.strip())
        ),
        "page_obj": page,
        "journeys": told,
        # A hundred lines that say the same: one line, until something tells them apart.
        "is_alike": not is_asked and journey.are_alike(shares, told),
        # Nor is anybody to be looked for where nothing left by itself: what remains comes alone.
        "is_folded": not (is_asked or shares["probleme"]) and found.never_left,
        "filters": [
            (key, label, shares[key])
            for key, label in journey.FILTERS.items()
            if shares[key] or key in ("", chosen)
        ],
        "chosen": chosen,
        "sought": sought,
        "is_long": shares[""] > LEDGER_SIZE,
        "may_write": can_write(request.user, convocation.meeting),
        "is_kept": outbox.is_kept(),
        "batches": [
            (on, len(rows), CorrectForm(rows=rows, auto_id=_id_of(on)))
            for on, rows in sorted(by_day.items())
        ],
        # Who declared it and when, in order; said of each where it was not at once of all.
        "declared": _declared(row for rows in by_day.values() for row in rows),
    }


def _id_of(on: date) -> str:
    """One page may have several of these forms."""
    return f"corriger-{on:%Y%m%d}-%s"


def _handed_by_day(
    convocation: Convocation, found: journey.Progress
) -> Mapping[date, Sequence[Recipient]]:
    """What was handed over, by the day that was noted of it."""
    told: dict[date, list[Recipient]] = defaultdict(list)
    for row in journey.handed_over(convocation) if found.days else ():
        told[timezone.localdate(row.sent_at)].append(row)
    return told


def _declared(rows: Iterable[Recipient]) -> Sequence[str]:
    """Who declared what was handed over, and when: each declaration once, the first one first."""
    told = sorted(rows, key=lambda row: (row.declared_at is not None, row.declared_at))
    return tuple(dict.fromkeys(row.declared for row in told))


@reads
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Each recipient of a dispatch and his journey, the reply of the server kept."""
    return show(request, access.get_convocation(request, pk))


def show(request: HttpRequest, convocation: Convocation) -> HttpResponse:
    """The same, of a convocation that this account may read."""
    context = _ledger_context(request, convocation)
    if context["progress"].to_hand_over and context["may_write"]:
        rows = list(journey.to_hand_over(convocation))
        context["hand_over"] = ReachedForm(rows=rows, initial={"on": timezone.localdate()})
        context["by_hand"] = mails.by_hand(rows)
    return render(request, "convening/ledger.html", context)


@reads
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar, asked for again until everything left."""
    convocation = access.get_convocation(request, pk)
    found = journey.progress(convocation)
    context = {"convocation": convocation, "progress": found}
    response = render(request, "convening/_progress.html", context)
    if found.is_over:
        # The rows below changed too: the whole page is drawn again, once.
        response["HX-Refresh"] = "true"
    else:
        sending.wake()  # on a server that was started again, nobody may have looked yet
    return response


@reads
def ledger_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger for a spreadsheet: every row, the filter left aside."""
    convocation = access.get_convocation(request, pk)
    rows = list(journey.filtered(convocation, ""))
    content = spreadsheets.to_csv(journey.table(journey.journeys(convocation, rows)))
    name = convocation.file_name.removesuffix(".pdf")
    return downloads.file(content, f"{name}-destinataires.csv")


@reads
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier, as it was sent."""
    convocation = access.get_convocation(request, pk)
    if not convocation.dossier:
        raise Http404
    content = files.content(convocation.dossier, convocation.sha256)
    return as_pdf(content, convocation.file_name)


@reads
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """What proves the dispatch, as known now."""
    convocation = access.get_convocation(request, pk)
    return _printed(request, convocation, proofs.certificate(convocation, at=timezone.now()))


@reads
def letters(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters to print, or the labels of their envelopes."""
    convocation = access.get_convocation(request, pk, to="write")
    rows = proofs.on_paper(convocation)
    if not rows:
        raise Http404
    if request.resolver_match.url_name == "labels":
        return _printed(request, convocation, proofs.labels(convocation, rows))
    return _letters(request, convocation, rows)


@proof.required("imprimer des liens personnels", reading=True)
def _letters(
    request: HttpRequest, convocation: Convocation, rows: Sequence[Recipient]
) -> HttpResponse:
    """Whoever prints a link may answer by it: a proof, and a line for each whose it is."""
    meeting, paper = convocation.meeting, proofs.letters(convocation, rows, at=timezone.now())
    for each in paper.addressees:
        if each.link:
            words = f"lettre imprimée, avec le lien personnel\u00a0: {each.name}, {meeting}"
            note(Act.DOWNLOAD, words, by=request.user, organisation=meeting.organisation)
    return _printed(request, convocation, paper)


@reads
def mail_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of a mail merge: each address with its personal link, of what is to be sent."""
    convocation = access.get_convocation(request, pk, to="write")
    rows = list(journey.to_hand_over(convocation).filter(channel=Recipient.Channel.MAIL))
    if not rows:
        raise Http404
    return _mail_merge(request, convocation, rows)


@proof.required("télécharger des liens personnels", reading=True)
def _mail_merge(
    request: HttpRequest, convocation: Convocation, rows: Sequence[Recipient]
) -> HttpResponse:
    """As for letters: whoever holds a link may answer by it."""
    meeting = convocation.meeting
    lines = list(mails.merged(rows, at=timezone.now()))
    content = spreadsheets.workbook({"Publipostage": lines}, title=str(meeting))
    for row in rows:
        what = "publipostage, avec le lien personnel" if row.has_link else "publipostage"
        words = f"{what}\u00a0: {row.name}, {meeting}"
        note(Act.DOWNLOAD, words, by=request.user, organisation=meeting.organisation)
    name = convocation.file_name.removesuffix(".pdf")
    return downloads.file(content, f"{name}-publipostage.xlsx")


def _printed(request: HttpRequest, convocation: Convocation, paper: papers.Paper) -> HttpResponse:
    back = reverse("convening:ledger", args=[convocation.pk])
    response = printing.answer(request, paper, back=back)
    return response


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF to be looked at, asked for again each time."""
    response = downloads.file(content, name, shown=True)
    return response


@posts
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """What stayed here was handed over, all of it or those that were ticked."""
    convocation = access.get_convocation(request, pk, to="write")
    rows = list(journey.to_hand_over(convocation))
    form: HandOverForm = ReachedForm(request.POST, rows=rows, seen=request.POST.get("seen", ""))
    if "recipient" in request.POST:
        chosen = [pk for pk in request.POST.getlist("recipient") if pk.isdecimal() and len(pk) < 18]
        form = HandOverForm(request.POST, rows=convocation.recipients.filter(pk__in=chosen))
    if form.does(
        lambda: following.hand_over(
            form.handed, on=form.cleaned_data["on"], by=request.user, at=timezone.now()
        )
    ):
        _say_count(request, form.done, "remise notée", "remises notées")
        return redirect("convening:ledger", convocation.pk)
    context = _ledger_context(request, convocation)
    context |= {"hand_over": form, "by_hand": mails.by_hand(rows)}
    return render(request, "convening/ledger.html", context, status=422)


def _say_count(request: HttpRequest, count: int, one: str, many: str) -> None:
    """How many were; that none was is no success."""
    if count:
        messages.success(request, f"{french.count(count, one, many)}.")
    else:
        messages.warning(
            request, "Rien n’a changé\u00a0: c’était noté ainsi, ou n’est pas à noter."
        )


@posts
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """What was noted of a hand-over was wrong: of one recipient, or of all those of one day."""
    convocation = access.get_convocation(request, pk, to="write")
    one, day = request.POST.get("recipient", ""), request.POST.get("day", "")
    rows = [
        row
        for row in journey.handed_over(convocation)
        if one == str(row.pk) or day == timezone.localdate(row.sent_at).isoformat()
    ]
    if not rows:
        messages.info(request, "Rien de tel n’est noté.")
        return redirect("convening:ledger", convocation.pk)
    on = timezone.localdate(rows[0].sent_at)
    seen = None if one else request.POST.get("seen", "")
    form = CorrectForm(request.POST, rows=rows, auto_id=_id_of(on), seen=seen)
    told = {"by": request.user, "at": timezone.now()}

    def do() -> int:
        if form.cleaned_data["what"] == CorrectForm.NONE:
            return following.take_back_handing(rows, **told)
        return following.hand_over(rows, on=form.cleaned_data["on"], **told)

    if form.does(do):
        _say_count(request, form.done, "remise corrigée", "remises corrigées")
        if one:
            return redirect("convening:recipient", rows[0].pk)
        return redirect("convening:ledger", convocation.pk)
    if one:
        context = _recipient_context(rows[0], correct=form)
        return render(request, "convening/recipient.html", context, status=422)
    context = _ledger_context(request, convocation)
    context["batches"] = [
        (on, count, form if on.isoformat() == day else untouched)
        for on, count, untouched in context["batches"]
    ]
    return render(request, "convening/ledger.html", context, status=422)


# --- One recipient ----------------------------------------------------------------------------


def _recipient_context(recipient: Recipient, **extra: Any) -> dict[str, Any]:
    convocation = recipient.convocation
    rows = journey.chain(recipient)
    last = rows[-1]
    return {
        "convocation": convocation,
        "meeting": convocation.meeting,
        "tab": "convocation",
        "recipient": last,
        "journeys": journey.journeys(convocation, rows),
        "resend": ResendForm(recipient=last),
        "bounce": BounceForm(),
        "arrived": HandOverForm(label="Arrivé le", initial={"on": timezone.localdate()}),
        "correct": CorrectForm(auto_id="corriger-%s"),
        "may_write": True,
    } | extra


@reads
def recipient(request: HttpRequest, pk: int) -> HttpResponse:
    """The journey of one recipient: each time it was sent, and what may be done now."""
    found = access.get_recipient(request, pk)
    may_write = can_write(request.user, found.convocation.meeting)
    context = _recipient_context(found, may_write=may_write)
    return render(request, "convening/recipient.html", context)


@posts
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again to this person, at a corrected address if need be: a personal link goes there, so
    that one which is not on her file asks for a second proof."""
    found = access.get_recipient(request, pk, to="write")
    if following.goes_elsewhere(found, request.POST.get("email", "")):
        return proof.required("envoyer à une autre adresse")(_resend)(request, found)
    return _resend(request, found)


def _resend(request: HttpRequest, found: Recipient) -> HttpResponse:
    form = ResendForm(request.POST, recipient=found)
    if form.does(
        lambda: following.resend(found, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        if outbox.is_kept():
            told = f"Convocation préparée pour {form.done.email}\u00a0: elle reste à remettre."
            messages.warning(request, told)
        else:
            messages.success(request, f"La convocation repart vers {form.done.email}.")
        return redirect("convening:recipient", form.done.pk)
    context = _recipient_context(found, resend=form)
    return render(request, "convening/recipient.html", context, status=422)


@posts
def bounce(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail came back: noted by hand, since it comes back to a mailbox and not to us."""
    found = access.get_recipient(request, pk, to="write")
    form = BounceForm(request.POST)
    if form.does(
        lambda: following.note_bounce(
            found, **form.cleaned_data, by=request.user, at=timezone.now()
        )
    ):
        messages.success(request, "Le retour est noté. Corrigez l’adresse, puis renvoyez.")
        return redirect("convening:recipient", found.pk)
    context = _recipient_context(found, bounce=form)
    return render(request, "convening/recipient.html", context, status=422)


@posts
@proof.required("envoyer une lettre avec un lien personnel")
def print_instead(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter, where mail does not arrive."""
    found = access.get_recipient(request, pk, to="write")
    try:
        letter = following.print_instead(found, by=request.user, at=timezone.now())
    except Refused as refusal:
        say_refusals(request, refusal.findings)
        return redirect("convening:recipient", found.pk)
    messages.success(request, "Une lettre est à imprimer.")
    return redirect("convening:recipient", letter.pk)


# --- What a recipient downloads ---------------------------------------------------------------


@require_GET
def sent_dossier(request: HttpRequest, token: str) -> HttpResponse:
    """The dossier and its files, by the link of a mail; without an account."""
    at = timezone.now()
    found = tokens.find_dossier(token, at)
    if found is None:
        return links.discreet(render(request, "convening/dossier_gone.html", status=404))
    if found.opened_at is None:
        tokens.note_opened(Recipient.objects.filter(pk=found.pk), at=at)
    context = {"recipient": found, "convocation": found.convocation, "token": token}
    return links.discreet(render(request, "convening/dossier.html", context))


@require_GET
def sent_file(request: HttpRequest, token: str, rank: int) -> HttpResponse:
    """The dossier (0), or one of the files that go beside it."""
    found = tokens.find_dossier(token, timezone.now())
    if found is None:
        return links.discreet(render(request, "convening/dossier_gone.html", status=404))
    convocation = found.convocation
    request.served = convocation.meeting.organisation
    beside = convocation.letter.get("files", [])
    if rank == 0 and convocation.dossier:
        content = files.content(convocation.dossier, convocation.sha256)
        return links.discreet(as_pdf(content, convocation.file_name))
    if not 1 <= rank <= len(beside):
        raise Http404
    file = beside[rank - 1]
    response = FileResponse(
        files.opened_at(file["path"], file.get("sha256", ""), told=file["title"]),
        as_attachment=True,
        filename=file["name"],
        content_type=file["type"],
    )
    return links.discreet(response)
