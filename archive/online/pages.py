"""The public pages: what was published, for everybody, at addresses that last.

They are the same for everybody, signed in or not: no account, no session, no script but the look.
Every answer has an ETag, made of one small query.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from accounts import letters
from archive import actions
from archive.forms import PublicFilter
from archive.keeping import proofs, verification
from archive.models import Publication
from archive.online import clock, finding, publications, sittings, stamped, told
from archive.online import standing as legal
from documents import papers
from documents.models import CODE_LENGTH, CODE_LETTERS, IssuedDocument
from law.acts import Rule
from law.delegations import Kind
from law.findings import Refused
from law.french import NBSP
from meetings.models import Meeting
from members import downloads, files, showing
from members.models import Organisation
from registry.acts.reading import adoption_told
from registry.signatures import reading as signatures

PAGE_SIZE = 20
FEED_SIZE = 50
EMBEDDED = 8


def kept(view: Callable) -> Callable:
    """A public page that a cache may keep, as long as it asks whether it still holds.

    The tag stands for the version of the application, the address, and what was published.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        said = (settings.VERSION, request.get_host(), request.get_full_path(), publications.state())
        # The titles of organisations and the day's date are on the page too.
        tag = quote_etag(
            hashlib.sha256(repr((*said, timezone.localdate())).encode()).hexdigest()[:32]
        )
        response = get_conditional_response(request, etag=tag) or view(request, *args, **kwargs)
        if response.status_code in (200, 304):
            response["ETag"] = tag
            patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response

    return require_safe(answered)


def _page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page drawn without asking who looks at it."""
    return HttpResponse(render_to_string(template, {"request": request, **context}), status=status)


@kept
def index(request: HttpRequest) -> HttpResponse:
    """What was published here; the choice of an organisation where there are several."""
    organisations = list(Organisation.objects.real().order_by("name"))
    if len(organisations) == 1:
        return _list(request, organisations[0])
    return _page(request, "archive/public_index.html", organisations=organisations)


@kept
def of_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """What an organisation published, by body, kind and year."""
    return _list(request, organisation_named(slug))


def organisation_named(slug: str) -> Organisation:
    """The organisation whose public pages these are; 404 for one that is none."""
    organisation = Organisation.objects.real().filter(slug=slug).first()
    if organisation is None:
        raise Http404
    return organisation


def _list(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    found = publications.online(organisation)
    bodies = organisation.bodies.filter(pk__in=found.values("document__meeting__body"))
    years = [day.year for day in found.dates("document__meeting__held_on", "year", order="DESC")]
    present = set(found.order_by().values_list("document__kind", flat=True).distinct())
    kinds = [
        (kind, capfirst(label)) for kind, label in IssuedDocument.Kind.choices if kind in present
    ]
    alone = set(bodies.values_list("kind", flat=True))
    kinds += [(kind.value, capfirst(f"{kind.noun}s")) for kind in Kind if kind in alone]
    form = PublicFilter(
        request.GET or None,
        bodies=bodies,
        years=years,
        kinds=kinds,
        matters=finding.matters(organisation, found),
    )
    found = form.apply(found)
    if form.sought:
        found = finding.exact_first(found, form.sought)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    if form.sought:
        passages = finding.passages(page, form.sought)
        for each in page:
            each.passage = passages.get(each.pk)
    undone = publications.undone(list(page))
    unsigned = publications.unsigned(list(page))
    for each in page:
        each.is_unsigned = each.pk in unsigned
        each.undone = undone.get(each.pk, "")
    return _page(
        request,
        "archive/public_list.html",
        organisation=organisation,
        form=form,
        page_obj=page,
        is_empty=not years,
    )


@require_safe
def of_sittings(request: HttpRequest, slug: str) -> HttpResponse:
    """The sittings to come, and who sits."""
    organisation, today = organisation_named(slug), timezone.localdate()
    response = _page(
        request,
        "archive/public_sittings.html",
        organisation=organisation,
        coming=list(sittings.coming(organisation, on=today)),
        seats=sittings.seats(organisation, on=today),
    )
    patch_cache_control(response, public=True, max_age=300)
    return response


# --- As the organisation shows itself -----------------------------------------------------------


@kept
def colours(request: HttpRequest, slug: str) -> HttpResponse:
    """The colour of an organisation on its public pages, by day: that of the night stays ours."""
    colour = organisation_named(slug).public_colour
    if not colour:
        raise Http404
    strong = f"color-mix(in srgb, {colour} 75%, black)"
    style = (
        f"@media screen {{ :root {{ --blue: light-dark({colour}, #b3c9f0); "
        f"--blue-strong: light-dark({strong}, #d6e2f8); }} }}\n"
    )
    return HttpResponse(style, content_type="text/css; charset=utf-8")


@kept
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """Its logo: a PNG or a JPEG, as its form let in."""
    organisation = organisation_named(slug)
    try:
        with organisation.logo.open("rb") as file:
            content = file.read()
    except (OSError, ValueError):
        raise Http404 from None
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
    return HttpResponse(content, content_type=f"image/{kind}")


@require_safe
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Its latest acts, for a frame in a page of the sites that it names, and of no other."""
    response = _latest(request, slug)
    # What a cache still holds takes the policy of the answer that says so, too. Both middlewares
    # read an attribute that an answer does not declare.
    response.xframe_options_exempt = True  # type: ignore[attr-defined]
    allowed = showing.hosts(organisation_named(slug).public_hosts)
    response._csp_update = {"frame-ancestors": allowed}  # type: ignore[attr-defined]
    return response


@kept
def _latest(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = organisation_named(slug)
    latest = list(publications.online(organisation).order_by("-published_at", "-pk")[:EMBEDDED])
    undone = publications.undone(latest)
    for each in latest:
        each.undone = undone.get(each.pk, "")
    return _page(
        request, "archive/public_embed.html", organisation=organisation, publications=latest
    )


@kept
def document(request: HttpRequest, code: str) -> HttpResponse:
    """One published document: what it is, since when, by whom, its hash, its file."""
    publication = _published(code)
    issued = publication.document
    if publication.withdrawn_at is not None:
        return _page(
            request,
            "archive/public_withdrawn.html",
            status=410,
            organisation=issued.meeting.organisation,
            publication=publication,
            number=issued.title.partition(f"{NBSP}:")[0] if issued.subject else issued.title,
            object=publications.object_once_online(publication),
            later=publications.replaced_by(publication, publications.versions(publication)),
        )
    organisation, today = issued.meeting.organisation, timezone.localdate()
    paper, state = told.paper_of(publication), legal.of(issued)
    links, beside = publications.links(issued), publications.beside(publication)
    known = publications.versions(publication)
    later = publications.replaced_by(publication, known)
    is_unsigned = state is None and bool(publications.unsigned([publication]))
    return _page(
        request,
        "archive/public_document.html",
        organisation=organisation,
        paper=paper,
        of_what=told.of_what(issued),
        at_once=told.at_once(paper, state, on=today, is_feminine=issued.is_feminine),
        is_unsigned=is_unsigned,
        is_signed=not (is_unsigned or (state and (state.force.unsigned or state.force.gone))),
        needs_no_signature=publications.needs_no_signature(issued),
        explained=told.explained(state, organisation, on=today),
        versions=known,
        publication=publication,
        document=issued,
        adoption=getattr(issued, "adoption", None) if issued.is_minutes else None,
        reason=publications.corrected_for(issued),
        state=state,
        annexes=publication.annexes.all(),
        later=later,
        later_reason=publications.corrected_for(later.document) if later else "",
        links=links,
        linked=publications.linked(issued) if links else [],
        # As `publications.is_fallen`, of what is known by now.
        is_fallen=state is not None
        and state.force.rule is Rule.GONE
        and issued.is_current
        and not issued.meeting.is_alone
        and not any("retiré" in each for each in links),
        online_until=clock.online_until(publication),
        voluntary=clock.VOLUNTARY
        if state and state.is_individual and issued.meeting.is_alone
        else "",
        # Put there again, its delays run from the first time, which explains them.
        first_on=state.published_on
        if state and state.published_on and state.published_on < _day(publication)
        else None,
        gone_on=publications.gone_between(publication)
        if state and state.published_on and state.published_on < _day(publication)
        else None,
        listed=_listed(paper, beside, issued.meeting),
        beside=[
            each
            for each in beside
            if each != publication and each.document.kind != IssuedDocument.Kind.EXTRACT
        ],
    )


def _listed(
    paper: papers.Paper | None, beside: list[Publication], meeting: Meeting
) -> list[tuple[papers.ListedDeliberation, Publication | None, bool, str]]:
    """Each line of a list of deliberations, where its act is read, whether it was taken off, and
    what a later act did to it."""
    if not isinstance(paper, papers.DeliberationList) or not paper.lines:
        return []
    read, gone = publications.by_number(beside), publications.numbers_gone(meeting)
    undone = publications.undone_of(meeting)
    found = [(line, read.get(line.number)) for line in paper.lines]
    return [
        (
            line,
            act,
            act is None and line.number in gone,
            undone.get(line.number, ""),
        )
        for line, act in found
    ]


def _day(publication: Publication) -> date:
    return timezone.localdate(publication.published_at)


@kept
def download(request: HttpRequest, code: str) -> HttpResponse:
    """The file itself, as it was put online."""
    publication = _published(code)
    if publication.withdrawn_at is not None:
        raise Http404
    content = files.content(publication.file, publication.sha256)
    return downloads.file(content, publication.document.file_name)


@kept
def annex(request: HttpRequest, code: str, rank: str) -> HttpResponse:
    """A file that was put online with an act."""
    publication = _published(code)
    found = publication.annexes.filter(rank=int(rank)).first()
    if publication.withdrawn_at is not None or found is None:
        raise Http404
    return downloads.file(files.content(found.file, found.sha256), found.download_name)


@kept
def stamped_copy(request: HttpRequest, code: str) -> HttpResponse:
    """A copy of what is online that says its legal state at its head."""
    publication = _published(code)
    state = legal.of(publication.document)
    if publication.withdrawn_at is not None or state is None:
        raise Http404
    content = files.content(publication.file, publication.sha256)
    copy = stamped.copy(
        content,
        state,
        code=code,
        on=timezone.localdate(),
        is_redacted=publication.is_redacted,
    )
    name = publication.document.file_name.removesuffix(".pdf")
    return downloads.file(copy, f"{name}-copie.pdf")


@require_safe
def proof(request: HttpRequest, code: str) -> HttpResponse:
    """The proof file of what is online: it is verified without us."""
    publication = _published(code)
    if publication.withdrawn_at is not None:
        raise Http404
    try:
        with verification.turn():
            content = actions.prove(publication, by=None, at=timezone.now())
    except Refused as refusal:
        context = {"organisation": publication.document.meeting.organisation}
        return _page(
            request,
            "archive/public_no_proof.html",
            status=503,
            publication=publication,
            findings=refusal.findings,
            **context,
        )
    return downloads.file(content, proofs.name_of(publication.document))


def _published(code: str) -> Publication:
    publication = publications.find(code)
    if publication is None:
        raise Http404
    return publication


# --- The feed ---------------------------------------------------------------------------------


class PublishedFeed(Feed):
    """What was put online last, for whoever follows an organisation."""

    feed_type = Atom1Feed
    language = "fr"

    def get_object(self, request: HttpRequest, slug: str) -> Organisation:
        return organisation_named(slug)

    def title(self, organisation: Organisation) -> str:
        return f"Actes publiés – {organisation}"

    def link(self, organisation: Organisation) -> str:
        return reverse("archive:public_organisation", args=[organisation.slug])

    def items(self, organisation: Organisation):
        return publications.online(organisation).order_by("-published_at", "-pk")[:FEED_SIZE]

    def item_title(self, item: Publication) -> str:
        return item.title

    def item_description(self, item: Publication) -> str:
        return f"{item.author}. Empreinte SHA-256 : {item.sha256}"

    def item_pubdate(self, item: Publication):
        return item.published_at

    item_updateddate = item_pubdate

    def item_author_name(self, item: Publication) -> str:
        return item.author


_feed = PublishedFeed()


@kept
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The Atom feed of an organisation."""
    return _feed(request, slug=slug)


# --- From paper to page -----------------------------------------------------------------------


def _cleaned(code: str) -> str:
    """A code as somebody types it: in small letters, with or without its hyphen."""
    return "".join(letter for letter in code.upper()[:40] if letter.isalnum())


@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """Where the code printed on a paper leads: to the public page, or to the little that is said
    of what is not published: who issued it, which version, whether it still stands."""
    wanted = _cleaned(code)
    is_code = len(wanted) == CODE_LENGTH and set(wanted) <= set(CODE_LETTERS)
    publication = publications.find(wanted) if is_code else None
    if publication is not None:
        return redirect(publication)
    issued = (
        IssuedDocument.objects.filter(code=wanted, meeting__in=Meeting.every.lasting())
        .select_related("meeting__body__organisation", "superseded_by", "adoption")
        .defer("content")
        .first()
        if is_code
        else None
    )
    response = _page(
        request,
        "archive/public_code.html",
        status=200 if issued else 404,
        code=code[:40],
        document=issued,
        organisation=issued.meeting.organisation if issued else None,
        adoption=adoption_told(issued) if issued else "",
        signatures=signatures.counted(issued) if issued else "",
        is_fallen=bool(issued and publications.is_fallen(issued)),
        links=publications.links(issued) if issued else (),
    )
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def typed_code(request: HttpRequest) -> HttpResponse:
    """A code typed by hand on the page of verification."""
    wanted = _cleaned(request.GET.get("code", ""))
    return redirect("archive:code", wanted) if wanted else redirect("archive:verify")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines read what was published, and nothing else."""
    allowed = (f"Allow: {way}" for way in ("/actes/", "/oparl/", "/sitemap.xml", "/static/"))
    sitemap = f"Sitemap: {letters.site_of(request)}/sitemap.xml"
    lines = ("User-agent: *", *allowed, "Disallow: /", "", sitemap, "")
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
