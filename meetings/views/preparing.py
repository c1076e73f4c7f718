"""The file of an item: its note and draft, saved as one types, and what is joined to it."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape

from law import french
from law.findings import Finding, Refused, refusal
from meetings import access, attachments, drafts, journal, notes, richtext, versions
from meetings.actions import joining, several, texts, undoing
from meetings.models import AgendaItem, Attachment, Undo
from meetings.prepare_forms import AttachmentTitleForm, BriefForm
from meetings.views import shared
from members.access import edits, posted, posts, reads


def attachments_context(item: AgendaItem, **extra) -> dict:
    """What the list of the files of an item shows."""
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
        context = attachments_context(item, **extra)
        return render(request, "meetings/_attachments.html", context, status=status)
    if item.meeting.is_alone:
        shared.say_refusals(request, extra.get("refusals", ()))
        return redirect(item.meeting)
    if status == 200:
        return redirect(reverse("meetings:brief", args=[item.meeting.pk, item.key]) + "#pieces")
    return render(request, "meetings/brief.html", _brief_context(item, **extra), status=status)


def _brief_form(item: AgendaItem, data=None, *, proposes: bool = False) -> BriefForm:
    parts = texts.brief_parts(texts.brief_of(item))
    initial = parts | {"version": texts.brief_base(parts)}
    if proposes:
        initial["articles"] = parts["articles"] or drafts.proposed(item.title)
    return BriefForm(data, meeting=item.meeting, current=item.rapporteur, initial=initial)


def _brief_context(
    item: AgendaItem,
    form: BriefForm | None = None,
    *,
    proposes: bool = False,
    undo: Undo | None = None,
    **extra,
) -> dict:
    form = form or _brief_form(item)
    typed = {name: form[name].value() or "" for name in ("visas", "recitals", "articles")}
    return {
        **shared.around(item),
        **attachments_context(item, **extra),
        "proposes": proposes,
        "undo": undo,
        "item_tab": "brief",
        "form": form,
        "draft": drafts.draft(**typed),
    }


@edits
def brief(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The note and the draft of an item, saved as one types; its attachments below."""
    found = access.get_item(request, pk, key, to="write")
    if request.method != "POST":
        proposes = "proposer" in request.GET
        form = _brief_form(found, proposes=proposes)
        undo = undoing.last(found.meeting, by=request.user)
        if undo is not None and undo.changes.keys() != {found.key}:
            undo = None  # it is taken back where all that it touched is seen
        context = _brief_context(found, form, proposes=proposes, undo=undo)
        return render(request, "meetings/brief.html", context)
    form = _brief_form(found, request.POST)
    if form.is_valid():
        try:
            _, base = texts.save_brief(
                found, parts=form.parts(), base=form.cleaned_data["version"], by=request.user
            )
        except texts.BriefConflict as conflict:
            request.session[_brief_conflict_key(found)] = conflict.ours
            url = reverse("meetings:brief_conflict", args=[pk, key])
            if shared.wants_json(request):
                return JsonResponse({"conflict": url}, status=409)
            return redirect(url)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            if shared.wants_json(request):
                return shared.saved(base)
            if "garder" in request.POST:
                told = f"Le dispositif de «{french.NBSP}{found.title}{french.NBSP}» est gardé."
                messages.success(request, told)
                return redirect("registry:acts", pk)  # which leads to the next, or on
            messages.success(request, "Le dossier est enregistré.")
            return redirect("meetings:brief", pk, key)
    if shared.wants_json(request):
        said = (f"{form[name].label} : " for name in form.errors)
        errors = " ".join(
            f"{label}{' '.join(errors)}"
            for label, errors in zip(said, form.errors.values(), strict=True)
        )
        return JsonResponse({"error": errors}, status=422)
    return render(request, "meetings/brief.html", _brief_context(found, form), status=422)


@posts
def preview_brief(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The draft deliberation as it will print, while it is typed; nothing is kept."""
    access.get_item(request, pk, key, to="write")
    typed = {
        name: richtext.printable(request.POST.get(name, ""))
        for name in ("visas", "recitals", "articles")
    }
    return render(request, "meetings/_draft.html", {"draft": drafts.draft(**typed)})


@posts
def import_note(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put what a Word document says at the end of the note of an item; what is left is told. A file
    of another kind is joined to the item, which is where it goes."""
    found = access.get_item(request, pk, key, to="write")
    file = request.FILES.get("document")
    try:
        if stopped := getattr(request, "stopped_upload", ""):
            raise attachments.too_big(stopped)
        if file is None:
            raise refusal("sans_fichier", "Choisissez un fichier.", field="document")
        if not file.name.lower().endswith(".docx"):
            return _joined(request, found, file)
        note = notes.read(file, file.name)
        words = f"Note de « {found.title} » reprise de « {attachments.safe_name(file.name)} »"
        with undoing.kept(found.meeting, words, by=request.user):
            several.add_note(found.meeting, [found], note=note.html, by=request.user)
            told = f"{words} (empreinte SHA-256 {note.sha256})"
            journal.note(found.meeting, "note-taken", told, by=request.user)
    except Refused as refused:
        context = _brief_context(found, findings=refused.findings)
        return render(request, "meetings/brief.html", context, status=422)
    messages.success(request, f"{words}.")
    if note.left:
        messages.warning(request, f"Laissés de côté : {french.join(note.left)}.")
    return redirect("meetings:brief", pk, key)


def _joined(request: HttpRequest, item: AgendaItem, file: UploadedFile) -> HttpResponse:
    """Join what is no note. Raises `Refused`."""
    piece, doubts = joining.add_attachment(item, file=file, filename=file.name, by=request.user)
    shared.warn(request, doubts)
    messages.success(request, f"« {piece.filename} » est joint aux pièces de ce point.")
    return redirect(reverse("meetings:brief", args=[item.meeting.pk, item.key]) + "#pieces")


@edits
def brief_conflict(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Two people wrote the same part: both are shown, one keeps what one wants of each."""
    found = access.get_item(request, pk, key, to="write")
    ours = request.session.get(_brief_conflict_key(found))
    if ours is None:
        return redirect("meetings:brief", pk, key)
    theirs = texts.brief_parts(texts.brief_of(found))
    initial = ours | {"version": texts.brief_base(theirs)}
    form = BriefForm(
        posted(request), meeting=found.meeting, current=found.rapporteur, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            texts.save_brief(
                found, parts=form.parts(), base=form.cleaned_data["version"], by=request.user
            )
        except texts.BriefConflict as again:
            request.session[_brief_conflict_key(found)] = again.ours
            messages.warning(request, "Le dossier vient encore de changer.")
            return redirect("meetings:brief_conflict", pk, key)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            del request.session[_brief_conflict_key(found)]
            messages.success(request, "Le dossier est enregistré.")
            return redirect("meetings:brief", pk, key)
    both, names = (theirs, ours), dict(form.fields["rapporteur"].choices)

    def shown(name: str, text: str) -> str:
        """A part of a file as HTML."""
        if name == "note":
            return text
        return escape(names.get(text, "") if name == "rapporteur" else text)

    context = {
        "meeting": found.meeting,
        "item": found,
        "form": form,
        "parts": [
            {
                "field": form[name],
                "is_rich": name == "note",
                "is_other": theirs[name] != ours[name] or bool(form[name].errors),
                "versions": versions.side_by_side(*(shown(name, each[name]) for each in both)),
            }
            for name in ("rapporteur", *texts.BRIEF_FIELDS)
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "meetings/brief_conflict.html", context, status=status)


def _brief_conflict_key(item: AgendaItem) -> str:
    return f"conflit-dossier-{item.pk}"


@edits
def attachment_list(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The files of an item; posting adds some. Each is taken or refused on its own."""
    found = access.get_joined(request, pk, key)
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
    if shared.wants_json(request):
        return JsonResponse(
            {"errors": [str(each) for each in refusals], "notes": [str(each) for each in doubts]},
            status=422 if refusals else 200,
        )
    if refusals:
        return _attachments_answer(request, found, status=422, refusals=[*refusals, *doubts])
    shared.warn(request, doubts)
    return _attachments_answer(request, found)


@reads
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file, saved and never shown."""
    return attachments.download(access.get_attachment(request, pk))


def _written(request: HttpRequest, pk: int) -> Attachment:
    """The attachment, whose item knows its sitting as `get_item` would have it."""
    found = access.get_attachment(request, pk, to="write")
    found.item = access.get_joined(request, found.item.meeting_id, found.item.key)
    return found


@posts
def rename_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file the title under which it is read."""
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


@posts
def move_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """One rank up or down."""
    found = _written(request, pk)
    joining.move_attachment(found, by_rank=shared.rank_asked(request), by=request.user)
    return _attachments_answer(request, found.item, moved=found.pk)


@edits
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
