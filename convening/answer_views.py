"""The pages of an answer: the same through three doors (see convening/doors.py).

A GET never answers: mail filters follow links. Every change is posted and leads back to the page,
which shows what is recorded, and since when.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from convening import answers, outbox, tokens, words
from convening.actions import answering, asking
from convening.answer_forms import AnswerForm, QuestionForm, SignedProxyForm
from convening.answers import Position
from convening.dispatch import sent
from convening.doors import Door
from convening.models import Answer, Convocation, Recipient
from documents import compile
from documents import render as ink
from law.findings import Finding, Refused
from law.proxies import Means
from meetings import attachments, briefs
from meetings.models import Meeting
from members import downloads, files

# --- The page ---------------------------------------------------------------------------------


def _shown(
    request: HttpRequest,
    door: Door,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Set a page in the frame of its door. By link no account is looked for: it tells nothing."""
    context |= {"door": door, "meeting": door.meeting, "frame": door.frame, "paths": door.paths}
    if not door.is_link:
        return render(request, template, context, status=status)
    context |= {"request": request, "organisation": door.meeting.organisation, **csrf(request)}
    return HttpResponse(render_to_string(template, context), status=status)


def _page(
    request: HttpRequest,
    door: Door,
    *,
    at: datetime,
    status: int = 200,
    findings: Sequence[Finding] = (),
    question: QuestionForm | None = None,
    signed: SignedProxyForm | None = None,
) -> HttpResponse:
    if not door.key:
        return _shown(request, door, "convening/answer_gone.html", {}, status=status)
    said, key = door.said, door.key
    line = said.lines[key]
    closing = answers.closing(door.meeting, at)
    presides = said.presides(door.mandate)
    convocation = latest_convocation(door.meeting)
    is_released = briefs.is_released(door.meeting, on=timezone.localdate(at))
    is_early = door.via is Answer.Via.ACCOUNT and not (closing or line.answer)
    context = {
        # As « Mes séances » says it: nobody is asked for an answer before he has what to answer to.
        "is_early": is_early and not is_released,
        "is_unhanded": is_early
        and bool(is_released and convocation and sent.is_unhanded(door.meeting)),
        "line": line,
        "sentence": words.to_himself(said, key),
        "undone": words.undone(said, key),
        "in_short": words.of_him(line),
        "has_lapsed": line.answer is None and bool(said.of(key)),
        "person": door.mandate.person,
        "closing": closing,
        "findings": findings,
        "may_be_remote": door.meeting.may_be_remote,
        "proxy_form_is_sent": bool(line.answer and line.answer.proxy_form),
        "convocation": convocation,
        "is_released": is_released,
        "agenda": agenda_of(door.meeting, convocation) if is_released else (),
        "questions": door.meeting.questions.filter(mandate__person=door.mandate.person_id),
        "question": question or QuestionForm(presides=presides),
        "presides": presides,
        "signed": signed or SignedProxyForm(),
    }
    if closing is None and line.is_titular and key in said.prevented:
        context |= _ways_out(door)
    if door.via is Answer.Via.SECRETARIAT:
        context |= _journey(door)
    return _shown(request, door, door.template, context, status=status)


def _journey(door: Door) -> dict[str, Any]:
    """What the secretariat sees besides: every answer given, how the convocation travelled."""
    sent = Recipient.objects.filter(convocation__meeting=door.meeting, mandate=door.mandate)
    living = door.meeting.invitations.filter(mandate=door.mandate, revoked_at=None)
    return {
        "told": door.said.of(door.key),
        "recipient": sent.order_by("-pk").first(),
        "invitations": living.order_by("pk"),
        "sent_key": door.said.stand_in_of(door.key),
        "holder_key": door.said.holder_of(door.key),
    }


def _ways_out(door: Door) -> dict[str, Any]:
    """Who may sit or vote for a titular who does not come, as the page offers them."""
    composition = door.said.composition
    options = door.said.options(door.key)
    groups = (
        ("Votre collectivité", [o for o in options if o.means is Means.SAME_COMMUNITY]),
        ("Les autres délégués", [o for o in options if o.means is Means.ANY_COLLEAGUE]),
    )
    return {
        "substitutes": [composition[option.by] for option in options if option.is_substitution],
        "holders": [
            (label, [composition[option.by] for option in found])
            for label, found in groups
            if found
        ],
    }


def latest_convocation(meeting: Meeting) -> Convocation | None:
    """What was last sent for this sitting, its agenda and dossier."""
    return (
        meeting.convocations.filter(stage__in=(Convocation.Stage.SENDING, Convocation.Stage.SENT))
        .exclude(kind=Convocation.Kind.CANCELLED)
        .order_by("-number")
        .first()
    )


def agenda_of(meeting: Meeting, convocation: Convocation | None) -> Iterator[dict[str, Any]]:
    """Number, title and depth of each point: as it was sent, else as it stands."""
    if convocation is not None and convocation.letter.get("agenda"):
        yield from convocation.letter["agenda"]
        return
    for node in briefs.announced(meeting, on=timezone.localdate()).nodes:
        yield {"number": node.number, "title": node.item.title, "depth": node.depth}


@require_safe
def page(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """What the sitting is, what is recorded, what may be said."""
    return _page(request, door, at=at)


# --- What is posted ---------------------------------------------------------------------------


def _noted(door: Door, place: str) -> HttpResponse:
    return redirect(f"{door.path()}#{place}")


def _answered(request: HttpRequest, door: Door, *, at: datetime, **said: Any) -> HttpResponse:
    who = {"mandate": door.mandate, "via": door.via, "by": door.by}
    who["invitation"] = door.invitation
    try:
        answering.answer(door.meeting, **who, at=at, **said)
    except Refused as refusal:
        return _page(request, door.again(), at=at, status=409, findings=refusal.findings)
    return _noted(door, "reponse")


@require_POST
def answer(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """One touch: coming, remote, not coming; or, not coming, who sits or votes instead."""
    form = AnswerForm(request.POST, said=door.said)
    if not form.is_valid():
        faults = [
            Finding(code="saisie", message=m) for errors in form.errors.values() for m in errors
        ]
        return _page(request, door, at=at, status=422, findings=faults)
    return _answered(request, door, at=at, **form.cleaned_data)


@require_POST
def ask(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """A question to the secretariat."""
    form = QuestionForm(request.POST)
    form.does(
        lambda: asking.ask(
            door.meeting,
            mandate=door.mandate,
            text=form.cleaned_data["text"],
            at=at,
            is_of_agenda="agenda" in request.POST,
        )
    )
    if form.errors:
        return _page(request, door, at=at, status=422, question=form)
    return _noted(door, "questions")


@require_POST
def sign(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """The signed proxy comes back as a file; it goes with the proxy as it is recorded."""
    form = SignedProxyForm(request.POST, request.FILES)
    if stopped := getattr(request, "stopped_upload", ""):
        form.add_error("file", str(attachments.too_big(stopped).findings[0]))
    line = door.said.lines.get(door.key)
    if line is None or line.position is not Position.REPRESENTED:
        finding = Finding(
            code="sans_pouvoir",
            message="Aucun pouvoir n’est enregistré.",
            remedy="Donnez-le d’abord.",
        )
        return _page(request, door, at=at, status=422, findings=[finding])
    if not form.is_valid():
        return _page(request, door, at=at, status=422, signed=form)
    given = {"holder": line.answer.holder, "proxy_form": form.cleaned_data["file"]}
    return _answered(request, door, at=at, word=Answer.Word.EXCUSED, **given)


@require_POST
def renew(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """A new personal link, for the secretariat to send when the old one was lost or seen."""
    try:
        is_sent = answering.renew_link(door.meeting, mandate=door.mandate, by=door.by, at=at)
    except Refused as refusal:
        return _page(request, door, at=at, status=409, findings=refusal.findings)
    if is_sent and outbox.is_kept():
        told = "Un nouveau lien est gardé ici, non envoyé\u00a0; l’ancien n’ouvre plus rien."
        messages.warning(request, told)
    elif is_sent:
        messages.success(request, "Un nouveau lien part par courriel ; l’ancien n’ouvre plus rien.")
    else:
        messages.warning(request, "L’ancien lien n’ouvre plus rien ; il n’y a pas d’adresse.")
    return redirect(door.path())


# --- What is read -----------------------------------------------------------------------------


@require_safe
def proxy(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """The proxy to print and sign, filled in with what is recorded."""
    line = door.said.lines.get(door.key)
    if line is None or not line.is_titular:
        raise Http404
    paper = compile.compile_proxy_form(
        door.meeting,
        giver=door.key,
        holder=line.by.key if line.by and line.position is Position.REPRESENTED else "",
    )
    return downloads.file(ink.render_pdf(paper), f"{paper.file_name}.pdf")


@require_safe
def reader(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """The dossier as pages of text that fit a telephone: notes, drafts, files to take away."""
    convocation = latest_convocation(door.meeting)
    files = tuple(released(door.meeting, convocation, at=at))
    context = {
        "files": files,
        "convocation": convocation,
        "is_released": briefs.is_released(door.meeting, on=timezone.localdate(at)),
        "pieces": [
            (each, door.path("file", each.pk)) for file in files for each in file.attachments
        ],
    }
    return _shown(request, door, "convening/answer_reader.html", context)


def released(
    meeting: Meeting, convocation: Convocation | None, *, at: datetime
) -> Iterator[briefs.ItemFile]:
    """The points that were sent; one that is being added waits for its own convocation."""
    if not briefs.is_released(meeting, on=timezone.localdate(at)):
        return
    sent = _keys(convocation)
    briefs.withhold(meeting, on=timezone.localdate(at))
    for file in briefs.of(meeting):
        if not sent or file.item.key in sent:
            yield file


def _keys(convocation: Convocation | None) -> set[str]:
    """The keys of the points of what was sent; empty when nothing tells."""

    def walk(lines: Sequence[dict]) -> Iterator[str]:
        for line in lines:
            yield line["key"]
            yield from walk(line["children"])

    paper = convocation.paper if convocation is not None else {}
    return set(walk(paper.get("agenda", ())))


@require_safe
def dossier(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """The whole dossier that was sent, as one PDF."""
    convocation = latest_convocation(door.meeting)
    if convocation is None or not convocation.dossier:
        raise Http404
    if request.method == "GET":
        tokens.note_opened(convocation.recipients.filter(mandate=door.mandate), at=at)
    day = f"{door.meeting.held_on:%Y-%m-%d}"
    name = f"dossier-{door.meeting.body.slug}-{day}.pdf"
    return saved(convocation.dossier, name, sha256=convocation.sha256)


@require_safe
def file(request: HttpRequest, door: Door, *, at: datetime, piece: int) -> HttpResponse:
    """One file joined to a point that was sent."""
    for found in released(door.meeting, latest_convocation(door.meeting), at=at):
        for each in found.attachments:
            if each.pk == piece:
                return attachments.download(each)
    raise Http404


def saved(
    content: FieldFile, filename: str, media_type: str = "application/pdf", sha256: str = ""
) -> FileResponse:
    """A file of ours, to be saved and never shown. Raises `Damaged` when it is not its own."""
    opened = files.opened(content, sha256)
    response = FileResponse(opened, as_attachment=True, filename=filename, content_type=media_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
