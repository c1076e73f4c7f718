"""The pages on which minutes are written, and two versions of them compared."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from documents import actions as documents
from documents import compile, papers
from documents.access import get_issued
from documents.forms import IssueForm
from documents.models import IssuedDocument
from meetings.access import get_item, get_meeting
from meetings.forms import DebateForm
from meetings.models import AgendaItem, Meeting
from members.access import reads
from registry import comparison, drafts
from registry.models import Adoption, Remark
from registry.reviews import reading as reviews
from registry.writing import checklist

# --- Writing ----------------------------------------------------------------------------------


def _checks_context(meeting: Meeting, draft: papers.MinutesDocument) -> dict:
    """What is missing, and the button that freezes the minutes."""
    current = documents.current_minutes(meeting)
    checks = checklist.check(meeting, draft)
    form = IssueForm()
    # What is missing is told anew after each text: the reason half typed beside it stays.
    form.fields["reason"].widget.attrs["hx-preserve"] = True
    return {
        "checks": checks,
        "findings": checks.findings,
        "may_issue": checks.may_issue,
        "current": current,
        "has_changed": current is None or documents.has_changed(current, draft),
        "next_version": current.version + 1 if current else 1,
        "form": form,
    }


def _open_remarks(meeting: Meeting) -> dict[str, list[Remark]]:
    """The remarks that wait for an answer, by key of item."""
    return reviews.by_item(meeting.remarks.filter(settled_at=None))


@reads
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as the paper looks: what is computed is fixed, each text is edited in place."""
    meeting = get_meeting(request, pk, to="write")
    draft = compile.compile_minutes(meeting)
    remarks = _open_remarks(meeting)
    context = (
        {
            "meeting": meeting,
            "nodes": reviews.texts(meeting, remarks),
            "whole_remarks": remarks.get("", ()),
            "open_remarks": sum(map(len, remarks.values())),
            "phrases": meeting.body.phrases.all(),
            "adoption": Adoption.objects.filter(document__meeting=meeting).first(),
            "reviews": reviews.consulted(meeting, drafts.digest(draft), at=timezone.now()),
        }
        | drafts.sheet(draft).context(str(request.csp_nonce))
        | _checks_context(meeting, draft)
    )
    return render(request, "registry/writing.html", context)


@reads
def passage(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One text of the sheet: to be read, or with `?ecrire` to be written."""
    item = get_item(request, pk, key, to="write")
    meeting = item.meeting
    context = {
        "meeting": meeting,
        "item": item,
        "phrases": meeting.body.phrases.all(),
        "remarks": _open_remarks(meeting).get(key, ()),
    }
    if "ecrire" in request.GET:
        context |= {"debate": _editor_of(item)}
        return render(request, "registry/_writing_editor.html", context)
    context |= _checks_context(meeting, compile.compile_minutes(meeting)) | {"again": True}
    return render(request, "registry/_writing_passage.html", context)


def _editor_of(item: AgendaItem) -> DebateForm:
    """The editor of a text; several are open on one page, so each has names of its own."""
    form = DebateForm(
        initial={"text": item.text, "version": item.text_version}, auto_id=f"{item.key}-%s"
    )
    form.fields["text"].widget.attrs |= {
        "aria-label": f"Ce qui s’est dit : {item.title}",
        "autofocus": True,
    }
    return form


# --- Comparing --------------------------------------------------------------------------------


@reads
def compare(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two versions of the same minutes, the older first whichever was named first."""
    one, two = get_issued(request, pk), get_issued(request, other)
    if one.meeting_id != two.meeting_id or one.kind != two.kind or one == two:
        raise Http404
    if one.kind != IssuedDocument.Kind.MINUTES:
        raise Http404
    old, new = sorted((one, two), key=lambda document: document.version)
    changes = comparison.compare(old.paper, new.paper)
    context = {
        "old": old,
        "new": new,
        "meeting": new.meeting,
        "summary": comparison.summary(changes),
        "stretches": comparison.stretches(changes),
    }
    return render(request, "registry/compare.html", context)
