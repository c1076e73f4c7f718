"""The agenda, and the items it is made of."""

from collections.abc import Callable, Collection, Iterable, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from law import french
from law.findings import Finding, Refused
from meetings import access, attachments, briefs, reading, richtext
from meetings.actions import carrying, decisions, items, preparing, several, undoing
from meetings.forms import ItemForm, QuickItemForm
from meetings.models import AgendaItem, Meeting
from meetings.prepare_forms import CommonForm, CopyAgendaForm, SeveralForm
from meetings.views import shared
from members.access import edits, posted, posts
from members.models import User

# Where the focus goes when it goes to no item: the field of titles, the next that is offered.
TITLES, OFFERS = "title", "offre"


def _agenda_context(request: HttpRequest, meeting: Meeting, **extra) -> dict:
    lines = list(reading.lines(meeting))
    files = briefs.in_words(meeting)
    earlier, others = briefs.other_sittings(meeting)
    return {
        "meeting": meeting,
        "lines": [(line, files.get(line.node.item.pk, "")) for line in lines],
        "proposals": briefs.proposals(meeting),
        "earlier": earlier,
        "en_bloc": sum(line.awaits_a_vote for line in lines) if meeting.was_opened else 0,
        "quick": QuickItemForm(meeting=meeting),
        "lot": SeveralForm(meeting=meeting),
        "is_unwritten": all(line.node.item.kind == AgendaItem.Kind.APPROVAL for line in lines),
        "undo": undoing.last(meeting, by=request.user),
        "others": others,
        "kept_for_one_place": meeting.kept_for_one_place,
        "may_write": True,
    } | extra


@edits
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda as a tree; the field at its foot adds the next item, or those of a list."""
    meeting = access.get_meeting(request, pk, to="write")
    form = QuickItemForm(posted(request), meeting=meeting)
    if not form.is_bound:
        return render(request, "meetings/agenda.html", _agenda_context(request, meeting))
    if form.is_valid():
        if form.reading:
            return _shown(request, meeting, quick=form, focus=TITLES, told=_read(form))
        kind = form.cleaned_data["kind"]
        try:
            with undoing.kept(meeting, by=request.user) as act:
                added = several.add_titles(
                    meeting, titles=form.titles, kind=kind, place=form.place, by=request.user
                )
                act.words = _did("ajouté", added)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            quick = _next_form(meeting, added[-1], form.cleaned_data)
            return _done(request, meeting, act.words, focus=TITLES, quick=quick)
    return _shown(request, meeting, status=422, quick=form)


def _read(form: QuickItemForm) -> str:
    """What is said of a list that is shown before it is added."""
    doubtful = sum(bool(title.doubts) for title in form.titles)
    return (
        f"{french.count(len(form.titles), 'intitulé lu', 'intitulés lus')}, "
        f"{french.count(doubtful, 'à vérifier', 'à vérifier')}. Corrigez-les, ou Entrée les ajoute."
    )


def _next_form(meeting: Meeting, last: AgendaItem, typed: dict) -> QuickItemForm:
    """The next item is likely to be of the same nature, in the same section."""
    kind, parent = typed["kind"], typed.get("parent", "")
    if last.kind == AgendaItem.Kind.SECTION:
        kind, parent = AgendaItem.Kind.DELIBERATION, last.key
    elif last.kind == AgendaItem.Kind.MISCELLANEOUS:
        kind = AgendaItem.Kind.DELIBERATION
    return QuickItemForm(meeting=meeting, initial={"kind": kind, "parent": parent})


def _did(done: str, chosen: Sequence[AgendaItem]) -> str:
    """What was done, by the title of the one item or by their number."""
    if len(chosen) == 1:
        return f"« {chosen[0].title} » {done}"
    return french.count(len(chosen), f"point {done}")


def _shown(request: HttpRequest, meeting: Meeting, *, status: int = 200, **extra) -> HttpResponse:
    """The agenda as it stands: the part for htmx, the page otherwise."""
    template = "meetings/_agenda.html" if request.htmx else "meetings/agenda.html"
    return render(request, template, _agenda_context(request, meeting, **extra), status=status)


def _done(
    request: HttpRequest, meeting: Meeting, words: str, *, focus: str = TITLES, **extra
) -> HttpResponse:
    """The agenda after an act, which is said; the focus goes to an item, or to the field."""
    if request.htmx:
        return _shown(request, meeting, told=f"{words}.", focus=focus, **extra)
    messages.success(request, f"{words}.")
    anchor = {TITLES: "id_title", OFFERS: "titre-proposes"}.get(focus, f"point-{focus}")
    return redirect(f"{reverse('meetings:agenda', args=[meeting.pk])}#{anchor}")


def _act(
    request: HttpRequest, meeting: Meeting, do: Callable[[], str], *, focus: str = TITLES
) -> HttpResponse:
    """Do something that may be taken back; `do` says it in words. What is refused is shown."""
    try:
        with undoing.kept(meeting, by=request.user) as act:
            act.words = do()
    except Refused as refusal:
        return _shown(request, meeting, status=409, findings=refusal.findings)
    return _done(request, meeting, act.words, focus=focus)


@posts
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the last act of this person on this agenda."""
    meeting = access.get_meeting(request, pk, to="write")
    act = undoing.last(meeting, by=request.user)
    if act is None:
        return _done(request, meeting, "Plus rien à reprendre")
    act.meeting = meeting
    try:
        undoing.take_back(act, by=request.user)
    except Refused as refusal:
        return _shown(request, meeting, status=409, findings=refusal.findings)
    if (key := request.POST.get("from", "")) in meeting.agenda:
        messages.success(request, f"Repris : {act.words}.")
        return redirect("meetings:brief", pk, key)
    back = [node.item.key for node in meeting.agenda.nodes if node.item.key in act.changes]
    return _done(request, meeting, f"Repris : {act.words}", focus=[*back, TITLES][0])


@posts
def do_several(request: HttpRequest, pk: int) -> HttpResponse:
    """What is done at once to the items that are ticked."""
    meeting = access.get_meeting(request, pk, to="write")
    form = SeveralForm(request.POST, meeting=meeting)
    if not form.is_valid():
        return _shown(request, meeting, status=422, findings=form.objections())
    chosen = several.chosen(meeting, form.cleaned_data["points"])
    focus = chosen[0].key
    if form.cleaned_data["act"] == "dossier":
        keys = urlencode([("points", item.key) for item in chosen])
        return _leads(request, f"{reverse('meetings:common', args=[pk])}?{keys}")
    match form.cleaned_data["act"]:
        case "retirer":
            focus = _after(meeting, chosen)

            def do() -> str:
                several.remove(meeting, chosen, by=request.user)
                return _did("retiré", chosen)

        case "dupliquer":

            def do() -> str:
                several.duplicate(meeting, chosen, by=request.user)
                return _did("dupliqué", chosen)

        case _:

            def do() -> str:
                form.give(chosen, by=request.user)
                return _did("modifié", chosen)

    return _act(request, meeting, do, focus=focus)


def _leads(request: HttpRequest, address: str) -> HttpResponse:
    """On to another page, from a part of this one as well."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@edits
def common(request: HttpRequest, pk: int) -> HttpResponse:
    """One note, one file or several, given at once to the items that were ticked."""
    meeting = access.get_meeting(request, pk, to="write")
    form = CommonForm(request.POST or request.GET, meeting=meeting)
    if not form.is_valid() and "points" in form.errors:
        raise Http404
    chosen = several.chosen(meeting, form.cleaned_data["points"])
    note, files = form.cleaned_data.get("note", ""), request.FILES.getlist("files")
    refusals: Sequence[Finding] = ()
    if request.method == "POST" and form.is_valid():
        if stopped := getattr(request, "stopped_upload", ""):
            refusals = attachments.too_big(stopped).findings
        elif not (richtext.clean(note) or files):
            refusals = [Finding(code="rien", message="Écrivez une note, ou choisissez un fichier.")]
        else:
            try:
                doubts = _give_files(meeting, chosen, note=note, files=files, by=request.user)
            except Refused as refusal:
                refusals = refusal.findings
            else:
                shared.warn(request, doubts)
                messages.success(request, f"{_did('complété', chosen)}.")
                return redirect(f"{reverse('meetings:agenda', args=[pk])}#point-{chosen[0].key}")
    context = {
        "meeting": meeting,
        "form": form,
        "chosen": chosen,
        "findings": refusals,
        "accepted": attachments.ACCEPTED,
        "kinds": attachments.NAMES,
        "max_words": attachments.limit_in_words(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/common.html", context, status=status)


def _give_files(
    meeting: Meeting,
    chosen: Sequence[AgendaItem],
    *,
    note: str,
    files: Iterable[UploadedFile],
    by: User,
) -> list[Finding]:
    """All of it, or nothing; what deserves a look."""
    # Looked into first: nobody waits for it.
    checked = [(file, attachments.check(file, file.name)) for file in files]
    doubts: list[Finding] = []
    with undoing.kept(meeting, _did("complété", chosen), by=by):
        if note:
            several.add_note(meeting, chosen, note=note, by=by)
        for file, found in checked:
            doubts += several.join(chosen, file=file, checked=found, by=by)
    return doubts


def _after(meeting: Meeting, chosen: Collection[AgendaItem]) -> str:
    """Where one goes on from when these are gone: the next that stays, else the one before."""
    nodes = list(meeting.agenda.nodes)
    gone = {each.item.key for item in chosen for each in meeting.agenda[item.key].walk()}
    first = next(rank for rank, node in enumerate(nodes) if node.item.key in gone)
    stay = [node.item.key for node in (*nodes[first:], *reversed(nodes[:first]))]
    return next((key for key in stay if key not in gone), TITLES)


@posts
def examine(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring in the items of another body's coming sitting, texts included."""
    meeting = access.get_meeting(request, pk, to="write")
    _, coming = briefs.other_sittings(meeting)
    other = next((each for each in coming if str(each.pk) == request.POST.get("other")), None)
    if other is None:
        raise Http404
    title = request.POST.get("title") or f"Examen de l’ordre du jour du {other.body.name}"

    def do() -> str:
        added = items.examine_agenda(
            meeting, other=other, section_title=title[:500], by=request.user
        )
        return _taken_up(added, other)

    return _act(request, meeting, do)


def _taken_up(added: Sequence[AgendaItem], source: Meeting) -> str:
    count = french.count(len(added), "point repris", "points repris")
    return f"{count} de la séance du {french.long_date(source.held_on)}"


@posts
def adopt_all(request: HttpRequest, pk: int) -> HttpResponse:
    """En bloc: every item that awaits a vote is adopted at once, or none if one objects."""
    meeting = access.get_meeting(request, pk, to="write")
    awaiting = [line.node.item.key for line in reading.lines(meeting) if line.awaits_a_vote]
    try:
        decisions.hold_ballots(
            meeting,
            ballots=[reading.plain_ballot(meeting, key) for key in awaiting],
            by=request.user,
        )
    except Refused as refusal:
        return _shown(request, meeting, status=409, findings=refusal.findings)
    count = "1 point adopté" if len(awaiting) == 1 else f"{len(awaiting)} points adoptés"
    messages.success(request, f"{count} en bloc." if awaiting else "Aucun point n’attend de vote.")
    return redirect("meetings:agenda", meeting.pk)


@edits
def edit_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The title and nature of an item."""
    found = access.get_item(request, pk, key, to="write")
    form = ItemForm(posted(request), instance=found, meeting=found.meeting)
    if request.method == "POST" and form.is_valid():
        also = form.cleaned_data["also_approves"]
        columns = [name for name in form.Meta.fields if name != "also_approves"]
        preparing.change(found, fields=columns, also_approves=also, by=request.user)
        return redirect(found)
    context = {"meeting": found.meeting, "item": found, "form": form}
    return render(request, "meetings/edit_item.html", context, status=422 if form.is_bound else 200)


@posts
def set_kind(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Give an item the nature that its title suggests, in one touch."""
    found = access.get_item(request, pk, key, to="write")

    def do() -> str:
        if found.likely_kind is None:
            return f"« {found.title} » garde sa nature"
        found.kind, words = found.likely_kind
        preparing.change(found, fields=["kind"], by=request.user)
        return f"« {found.title} » : {words}"

    return _act(request, found.meeting, do, focus=key)


@posts
def move_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put an item elsewhere in the tree: by drag, by key, or by a button (`move`)."""
    found = access.get_item(request, pk, key, to="write")
    meeting = found.meeting
    if "move" in request.POST:
        node, position = meeting.agenda.destination(key, request.POST["move"]) or (None, None)
        parent = node.item if node else None
    else:
        parent_key = request.POST.get("parent", "")
        if parent_key and parent_key not in meeting.agenda:
            raise Http404
        parent = meeting.agenda[parent_key].item if parent_key else None
        given = request.POST.get("position", "")
        is_rank = given.isascii() and given.isdecimal() and len(given) < 18
        position = int(given) if is_rank else len(meeting.agenda)
    if position is None:
        stays = f"« {found.title} » ne peut pas aller plus loin dans ce sens"
        return _done(request, meeting, stays, focus=key)

    def do() -> str:
        items.move_item(found, parent=parent, position=position, by=request.user)
        return f"« {found.title} » déplacé"

    return _act(request, meeting, do, focus=key)


@posts
def remove_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take an item out, unless the ledger speaks of it."""
    found = access.get_item(request, pk, key, to="write")
    meeting, focus = found.meeting, _after(found.meeting, [found])

    def do() -> str:
        items.remove_item(found, by=request.user)
        return f"« {found.title} » retiré de l’ordre du jour"

    return _act(request, meeting, do, focus=focus)


@posts
def take_proposals(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what is offered: one of the proposals, or all of them."""
    meeting = access.get_meeting(request, pk, to="write")
    wanted = request.POST.get("what", "")
    offered = briefs.proposals(meeting)
    chosen = [each for each in offered if wanted in (each.key, "tout")]
    if not chosen:
        return _done(request, meeting, "Ce point est déjà à l’ordre du jour, ou n’est plus proposé")

    def do() -> str:
        added = carrying.take_proposals(meeting, proposals=chosen, by=request.user)
        return _did("ajouté", added)

    return _act(request, meeting, do, focus=OFFERS if len(chosen) < len(offered) else TITLES)


@edits
def copy_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the agenda of an earlier sitting of the body, or the items of it that one chooses."""
    meeting = access.get_meeting(request, pk, to="write")
    earlier, _ = briefs.other_sittings(meeting)
    form = CopyAgendaForm(request.POST or request.GET, earlier=earlier)
    if not form.is_valid():
        raise Http404
    source = next(each for each in earlier if str(each.pk) == form.cleaned_data["source"])
    if request.method != "POST":
        context = {
            "meeting": meeting,
            "source": source,
            "nodes": carrying.may_be_copied(source),
            "with_briefs": form.cleaned_data["with_briefs"],
        }
        return render(request, "meetings/take_up.html", context)

    def do() -> str:
        added = carrying.copy_agenda(
            meeting,
            source=source,
            with_briefs=form.cleaned_data["with_briefs"],
            keys=form.keys(),
            by=request.user,
        )
        if not added:
            return "Tout ce que vous reprenez est déjà à l’ordre du jour"
        return _taken_up(added, source)

    return _act(request, meeting, do)
