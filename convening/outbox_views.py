"""The pages of the mails kept, where there is no mail server."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from accounts import proof
from convening import access, outbox
from convening.models import OutboxMail
from members import links
from members.access import CLERKS, has_role, organisation_of, reads, role_required
from members.models import Role
from trail.models import Act
from trail.recording import note

HEADERS = {  # what is read; what only servers read keeps the name they give it
    "From": "De",
    "To": "À",
    "Subject": "Objet",
    "Reply-To": "Répondre à",
    "Message-ID": "Identifiant",
    "Content-Language": "Langue",
}
# What a file is, in words; of any other, how its name ends.
FILES = {"text/calendar": "rendez-vous", "application/ics": "rendez-vous"}
OUTBOX_SIZE = 20  # subjects: what one act sent to many is one line


@role_required(*CLERKS)
@require_GET
def outbox_list(request: HttpRequest) -> HttpResponse:
    """The mails that stayed here for want of a mail server, the latest first."""
    kept = access.outbox_of(request)
    if asked := request.GET.get("q", "").strip()[:200]:
        kept = kept.filter(recipient__icontains=asked) | kept.filter(subject__icontains=asked)
    page = Paginator(outbox.by_subject(kept), OUTBOX_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "heaps": outbox.heaps(kept, list(page)),
        "asked": asked,
        "total": kept.count(),
        "is_long": page.paginator.num_pages > 1,
        "preparing": access.count_to_keep(request) if outbox.is_kept() else 0,
        "is_kept": outbox.is_kept(),
        "may_empty": has_role(request.user, organisation_of(request), Role.Kind.SECRETARIAT),
    }
    return render(request, "convening/outbox.html", context)


@role_required(Role.Kind.SECRETARIAT)
@require_POST
@proof.required("effacer ces courriels")
def outbox_empty(request: HttpRequest) -> HttpResponse:
    """Forget the mails kept."""
    if request.POST.get("confirmed"):
        outbox.empty(organisation_of(request), by=request.user)
        messages.success(request, "La boîte d’envoi est vide.")
    return redirect("convening:outbox")


def _read(request: HttpRequest, pk: int) -> OutboxMail:
    """A mail kept, as this account may read it. A personal link answers in somebody's name: only
    who may note answers sees it, and the trail tells each time."""
    mail = access.get_mail(request, pk)
    bare = outbox.without_links(mail)
    if bare is not None and has_role(request.user, mail.organisation, Role.Kind.SECRETARIAT):
        words = (
            f"courriel gardé, lu avec son lien personnel\u00a0: {mail.recipient}, {mail.subject}"
        )
        note(Act.DOWNLOAD, words, by=request.user, organisation=mail.organisation)
    elif bare is not None:
        mail.source = bare
    return mail


@reads
def outbox_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: as it is read, as text, its attachments and its source."""
    mail = _read(request, pk)
    mime = outbox.parsed(mail)
    context = {
        "mail": mail,
        "sender": mime["From"],
        "files": [
            (each, FILES.get(each["type"]) or each["name"].rpartition(".")[2].upper())
            for each in mail.attachments
        ],
        "headers": [(HEADERS.get(name, name), value) for name, value in mime.items()],
        "text": (text := outbox.words(mail, "plain")),
        "hides_link": links.HIDDEN in text,
        "has_html": bool(outbox.words(mail, "html")),
    }
    return render(request, "convening/outbox_mail.html", context)


@reads
@xframe_options_sameorigin
def outbox_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a mail, for the frame of its page."""
    html = outbox.words(_read(request, pk), "html")
    if not html:
        raise Http404
    return framed(request, html)


@reads
def outbox_source(request: HttpRequest, pk: int) -> HttpResponse:
    """The source of a mail, as plain text."""
    mail = _read(request, pk)
    return HttpResponse(mail.source, content_type="text/plain; charset=utf-8")


@reads
def outbox_file(request: HttpRequest, pk: int, sha256: str) -> HttpResponse:
    """An attachment of a mail kept."""
    mail = access.get_mail(request, pk)
    each = next((each for each in mail.attachments if each["sha256"] == sha256), None)
    if each is None or not outbox.path_of(sha256).exists():
        raise Http404
    if each["type"] in outbox.CALENDARS and _read(request, pk).source != mail.source:
        raise PermissionDenied  # its event bears the link
    return FileResponse(
        outbox.path_of(sha256).open("rb"),
        as_attachment=True,
        filename=each["name"],
        content_type=each["type"],
    )


def framed(request: HttpRequest, html: str) -> HttpResponse:
    """The HTML of a mail in a frame of ours: its style is let in, its links open the whole page."""
    nonce = str(request.csp_nonce)
    html = html.replace("<style>", f'<base target="_top"><style nonce="{nonce}">', 1)
    return HttpResponse(html)
