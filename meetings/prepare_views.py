"""The pages that prepare a sitting: the file of each item, its attachments, recurring items."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from law.findings import Finding, Refused
from meetings import access, attachments, briefs, drafts, journal, richtext
from meetings.actions import carrying, habits, joining, texts
from meetings.models import AgendaItem, Attachment, RecurringItem
from meetings.prepare_forms import AttachmentTitleForm, BriefForm, CopyAgendaForm, RecurringForm
from members.access import get_body


def _posted(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _warn(request: HttpRequest, findings: Iterable[Finding]) -> None:
    for finding in findings:
        messages.warning(request, str(finding))


# --- The file of an item ----------------------------------------------------------------------


def _brief_form(item: AgendaItem, data=None) -> BriefForm:
    parts = texts.brief_parts(texts.brief_of(item))
    initial = parts | {"version": texts.brief_base(parts)}
    return BriefForm(data, meeting=item.meeting, current=item.rapporteur, initial=initial)


def _brief_context(item: AgendaItem, form: BriefForm | None = None, **extra) -> dict:
    meeting = item.meeting
    nodes = list(meeting.agenda.nodes)
    index = next(rank for rank, node in enumerate(nodes) if node.item.key == item.key)
    form = form or _brief_form(item)
    return {
        "meeting": meeting,
        "tab": "agenda",
        "item_tab": "brief",
        "item": item,
        "node": nodes[index],
        "previous": nodes[index - 1] if index else None,
        "next": nodes[index + 1] if index + 1 < len(nodes) else None,
        "rank": index + 1,
        "total": len(nodes),
        "form": form,
        "draft": drafts.draft(
            **{name: form[name].value() or "" for name in ("visas", "recitals", "articles")}
        ),
    } | _attachments_context(item, **extra)


@never_cache
@login_required
def brief(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The note and the draft of an item, saved as one types; its attachments below."""
    found = access.get_item(request, pk, key, to="write")
    if request.method != "POST":
        return render(request, "meetings/brief.html", _brief_context(found))
    form = _brief_form(found, request.POST)
    if form.is_valid():
        try:
            _, base = texts.save_brief(
                found, parts=form.parts(), base=form.cleaned_data["version"], by=request.user
            )
        except texts.BriefConflict as conflict:
            request.session[_conflict_key(found)] = conflict.ours
            url = reverse("meetings:brief_conflict", args=[pk, key])
            if _wants_json(request):
                return JsonResponse({"conflict": url}, status=409)
            return redirect(url)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            if _wants_json(request):
                at = timezone.localtime()
                return JsonResponse({"version": base, "saved_at": f"{at:%H:%M}"})
            messages.success(request, "Le dossier est enregistré.")
            return redirect("meetings:brief", pk, key)
    if _wants_json(request):
        said = (f"{form[name].label} : " for name in form.errors)
        errors = " ".join(
            f"{label}{' '.join(errors)}"
            for label, errors in zip(said, form.errors.values(), strict=True)
        )
        return JsonResponse({"error": errors}, status=422)
    return render(request, "meetings/brief.html", _brief_context(found, form), status=422)


@require_POST
@login_required
def preview_brief(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The draft deliberation as it will print, while it is typed; nothing is kept."""
    access.get_item(request, pk, key, to="write")
    typed = {
        name: richtext.printable(request.POST.get(name, ""))
        for name in ("visas", "recitals", "articles")
    }
    return render(request, "meetings/_draft.html", {"draft": drafts.draft(**typed)})


def _conflict_key(item: AgendaItem) -> str:
    return f"conflit-dossier-{item.pk}"


@never_cache
@login_required
def brief_conflict(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Two people wrote the same part: both are shown, one keeps what one wants of each."""
    found = access.get_item(request, pk, key, to="write")
    ours = request.session.get(_conflict_key(found))
    if ours is None:
        return redirect("meetings:brief", pk, key)
    theirs = texts.brief_parts(texts.brief_of(found))
    initial = ours | {"version": texts.brief_base(theirs)}
    form = BriefForm(
        _posted(request), meeting=found.meeting, current=found.rapporteur, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            texts.save_brief(
                found, parts=form.parts(), base=form.cleaned_data["version"], by=request.user
            )
        except texts.BriefConflict as again:
            request.session[_conflict_key(found)] = again.ours
            messages.warning(request, "Le dossier vient encore de changer.")
            return redirect("meetings:brief_conflict", pk, key)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            del request.session[_conflict_key(found)]
            messages.success(request, "Le dossier est enregistré.")
            return redirect("meetings:brief", pk, key)
    names = dict(form.fields["rapporteur"].choices)
    context = {
        "meeting": found.meeting,
        "tab": "agenda",
        "item": found,
        "form": form,
        "parts": [
            {
                "field": form[name],
                "is_rich": name == "note",
                "is_other": theirs[name] != ours[name] or bool(form[name].errors),
                "theirs": names.get(theirs[name], "") if name == "rapporteur" else theirs[name],
                "ours": names.get(ours[name], "") if name == "rapporteur" else ours[name],
            }
            for name in ("rapporteur", *texts.BRIEF_FIELDS)
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "meetings/brief_conflict.html", context, status=status)


# --- Attachments ------------------------------------------------------------------------------


def _attachments_context(item: AgendaItem, **extra) -> dict:
    sent_on = joining.last_sent_on(item.meeting)
    return {
        "meeting": item.meeting,
        "item": item,
        "pieces": [
            {"piece": piece, "was_sent": joining.was_sent(piece, sent_on=sent_on)}
            for piece in item.attachments.select_related("added_by")
        ],
        "is_convened": sent_on is not None,
        "accepted": attachments.ACCEPTED,
        "kinds": attachments.NAMES,
        "max_bytes": attachments.max_bytes(),
        "max_words": attachments.limit_in_words(),
        "may_write": True,
    } | extra


def _attachments_answer(
    request: HttpRequest, item: AgendaItem, *, status: int = 200, **extra
) -> HttpResponse:
    """The list alone for htmx, the page of the file otherwise."""
    if request.htmx:
        context = _attachments_context(item, **extra)
        return render(request, "meetings/_attachments.html", context, status=status)
    if status == 200:
        return redirect(reverse("meetings:brief", args=[item.meeting.pk, item.key]) + "#pieces")
    return render(request, "meetings/brief.html", _brief_context(item, **extra), status=status)


@never_cache
@login_required
def attachment_list(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The files of an item; posting adds some. Each is taken or refused on its own."""
    found = access.get_item(request, pk, key, to="write")
    if request.method != "POST":
        return _attachments_answer(request, found)
    refusals: list[Finding] = []
    doubts: list[Finding] = []
    files = request.FILES.getlist("files")
    for file in files:
        try:
            _, notes = joining.add_attachment(found, file=file, filename=file.name, by=request.user)
        except Refused as refusal:
            refusals += refusal.findings
        else:
            doubts += notes
    if stopped := getattr(request, "stopped_upload", ""):
        refusals += attachments.too_big(stopped).findings
    elif not files:
        refusals.append(
            Finding(code="sans_fichier", message="Choisissez au moins un fichier.", field="files")
        )
    if _wants_json(request):
        return JsonResponse(
            {"errors": [str(each) for each in refusals], "notes": [str(each) for each in doubts]},
            status=422 if refusals else 200,
        )
    if refusals:
        return _attachments_answer(request, found, status=422, refusals=[*refusals, *doubts])
    _warn(request, doubts)
    return _attachments_answer(request, found)


@require_GET
@login_required
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file, saved and never shown."""
    return attachments.download(access.get_attachment(request, pk))


def _written(request: HttpRequest, pk: int) -> Attachment:
    """The attachment, whose item knows its sitting as `get_item` would have it."""
    found = access.get_attachment(request, pk, to="write")
    found.item = access.get_item(request, found.item.meeting_id, found.item.key, to="write")
    return found


@require_POST
@login_required
def rename_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    found = _written(request, pk)
    form = AttachmentTitleForm(request.POST, instance=found)
    if form.is_valid():
        try:
            joining.rename_attachment(found, title=form.cleaned_data["title"], by=request.user)
        except Refused as refusal:
            return _attachments_answer(
                request, found.item, status=422, refusals=refusal.findings, renaming=found.pk
            )
        return _attachments_answer(request, found.item)
    refusals = [
        Finding(code="saisie", message=str(error), field="title") for error in form.errors["title"]
    ]
    return _attachments_answer(
        request, found.item, status=422, refusals=refusals, renaming=found.pk
    )


@require_POST
@login_required
def move_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """One rank up or down."""
    found = _written(request, pk)
    by_rank = {"up": -1, "down": 1}.get(request.POST.get("move", ""))
    if by_rank is None:
        raise Http404
    joining.move_attachment(found, by_rank=by_rank, by=request.user)
    return _attachments_answer(request, found.item, moved=found.pk)


@login_required
def remove_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away, after a question; refused once it was sent."""
    found = _written(request, pk)
    if request.method != "POST" or not request.POST.get("confirmed"):
        context = {"meeting": found.item.meeting, "item": found.item, "piece": found}
        return render(request, "meetings/attachment_remove.html", context)
    try:
        joining.remove_attachment(found, by=request.user)
    except Refused as refusal:
        return _attachments_answer(request, found.item, status=409, refusals=refusal.findings)
    if not request.htmx:
        messages.success(request, f"La pièce « {found.title} » est retirée.")
    return _attachments_answer(request, found.item)


# --- The whole file of the sitting ------------------------------------------------------------


@never_cache
@require_GET
@login_required
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda with its notes, drafts and attachments, to be read on a phone or on paper."""
    meeting = access.get_meeting(request, pk)
    may_read = access.may_read_files(request.user, meeting)
    files = briefs.of(meeting) if may_read else ()
    return render(
        request,
        "meetings/dossier.html",
        {
            "meeting": meeting,
            "files": files,
            "nodes": list(meeting.agenda.nodes),
            "may_read": may_read,
            "may_write": access.can_write(request.user, meeting),
            "is_released": briefs.is_released(meeting, on=timezone.localdate()),
            "count": sum(len(file.attachments) for file in files),
        },
    )


# --- What an agenda is made of ----------------------------------------------------------------


@require_POST
@login_required
def take_proposals(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what is offered: one of the proposals, or all of them."""
    meeting = access.get_meeting(request, pk, to="write")
    wanted = request.POST.get("what", "")
    chosen = [each for each in briefs.proposals(meeting) if wanted in (each.key, "tout")]
    if not chosen:
        messages.info(request, "Ce point est déjà à l’ordre du jour, ou n’est plus proposé.")
        return redirect("meetings:agenda", pk)
    try:
        carrying.take_proposals(meeting, proposals=chosen, by=request.user)
    except Refused as refusal:
        _say_refusals(request, refusal.findings)
    else:
        count = "1 point ajouté" if len(chosen) == 1 else f"{len(chosen)} points ajoutés"
        messages.success(request, f"{count}.")
    return redirect("meetings:agenda", pk)


def _say_refusals(request: HttpRequest, findings: Sequence[Finding]) -> None:
    for finding in findings:
        messages.error(request, str(finding))


@require_POST
@login_required
def copy_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the agenda of an earlier sitting of the body."""
    meeting = access.get_meeting(request, pk, to="write")
    earlier = briefs.earlier_agendas(meeting)
    form = CopyAgendaForm(request.POST, earlier=earlier)
    if not form.is_valid():
        raise Http404
    source = next(each for each in earlier if str(each.pk) == form.cleaned_data["source"])
    added = carrying.copy_agenda(
        meeting, source=source, with_briefs=form.cleaned_data["with_briefs"], by=request.user
    )
    if added:
        count = "1 point repris" if len(added) == 1 else f"{len(added)} points repris"
        messages.success(request, f"{count} de la séance du {source.held_on:%d/%m/%Y}.")
    else:
        messages.info(request, "Tout ce que cette séance avait est déjà à l’ordre du jour.")
    return redirect("meetings:agenda", pk)


# --- Habits of a body -------------------------------------------------------------------------


def _recurring_context(body, form: RecurringForm, *, page: str | None) -> dict:
    return {
        "body": body,
        "tab": "recurring",
        "habits": body.recurring_items.all(),
        "page_obj": Paginator(journal.of_body(body), 50).get_page(page),
        "form": form,
    }


@never_cache
@login_required
def recurring(request: HttpRequest, pk: int) -> HttpResponse:
    """What a body discusses at each sitting, or now and then; a line at the foot adds to it."""
    body = get_body(request, pk, to="keep")
    form = RecurringForm(_posted(request), instance=RecurringItem(body=body))
    if request.method == "POST" and form.is_valid():
        try:
            habits.keep_habit(form.instance, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return redirect("recurring:list", pk)
    context = _recurring_context(body, form, page=request.GET.get("page"))
    status = 422 if form.is_bound else 200
    return render(request, "meetings/recurring.html", context, status=status)


@never_cache
@login_required
def edit_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    found = access.get_habit(request, pk, habit)
    form = RecurringForm(_posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            habits.keep_habit(found, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return redirect("recurring:list", pk)
    context = {"body": found.body, "tab": "recurring", "habit": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "meetings/recurring_edit.html", context, status=status)


@require_POST
@login_required
def move_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    """One rank up or down."""
    found = access.get_habit(request, pk, habit)
    by_rank = {"up": -1, "down": 1}.get(request.POST.get("move", ""))
    if by_rank is None:
        raise Http404
    if not habits.move_habit(found, by_rank=by_rank, by=request.user):
        messages.info(request, f"« {found.title} » ne peut pas aller plus loin dans ce sens.")
    return redirect("recurring:list", pk)


@require_POST
@login_required
def drop_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    found = access.get_habit(request, pk, habit)
    habits.drop_habit(found, by=request.user)
    messages.success(request, f"« {found.title} » ne reviendra plus ; les séances gardent le leur.")
    return redirect("recurring:list", pk)
