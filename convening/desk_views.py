"""The pages of a delegate's desk: his sittings, his attendance, how he is reached, his calendar."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import actions as accounts
from accounts import proof
from convening import desk
from convening.actions import reaching
from convening.answer_forms import ProfileForm
from documents.access import documents_read_by
from law.addresses import lowered
from members import downloads, links
from members.access import bodies_read_by, organisation_of, posted, role_required
from members.models import Person, Role

PAGE_SIZE = 15
LATEST = 3  # of each kind, on the first page of the desk


def _person(request: HttpRequest) -> Person | None:
    return desk.person_of(request.user, organisation_of(request))


@require_GET
@never_cache
@role_required(Role.Kind.DELEGATE)
def page(request: HttpRequest) -> HttpResponse:
    """What is coming with one touch to answer, the latest papers, the latest attendance."""
    person, now = _person(request), timezone.now()
    if person is None:
        organisation = organisation_of(request)
        asked = accounts.link_awaiting(request.user, organisation, at=now)
        return render(request, "convening/desk.html", {"person": None, "asked": asked})
    coming = desk.coming(person, at=now)
    attended = tuple(desk.attended(person, desk.held_before(person, at=now)[:LATEST]))
    return render(
        request,
        "convening/desk.html",
        {
            "person": person,
            "coming": coming,
            "attended": attended,
            "papers": documents_read_by(request)[:LATEST],
        },
    )


@require_GET
@role_required(Role.Kind.DELEGATE)
def attendance(request: HttpRequest) -> HttpResponse:
    """Every sitting that was held, and how one took part in it."""
    person = _person(request)
    if person is None:
        return redirect("convening:desk")
    pages = Paginator(desk.held_before(person, at=timezone.now()), PAGE_SIZE)
    page_obj = pages.get_page(request.GET.get("page"))
    attended = tuple(desk.attended(person, page_obj.object_list))
    bodies = bodies_read_by(request.user, person.organisation).sitting()
    context = {"page_obj": page_obj, "attended": attended, "bodies": bodies}
    return render(request, "convening/desk_attendance.html", context)


# --- How he is reached ------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.Kind.DELEGATE)
def profile(request: HttpRequest) -> HttpResponse:
    """Addresses, telephone, paper; what changed before, and the address of the calendar. The
    address to which personal links go asks for a second proof."""
    person = _person(request)
    if person is None:
        return redirect("convening:desk")
    if request.POST and lowered(request.POST.get("email", "").strip()) != lowered(person.email):
        return proof.required("changer l’adresse où vous êtes convoqué")(_profile)(request, person)
    return _profile(request, person)


def _profile(request: HttpRequest, person: Person) -> HttpResponse:
    form = ProfileForm(posted(request), instance=person)
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            reaching.reach(form, by=request.user, at=timezone.now())
        messages.success(request, "Vos coordonnées sont enregistrées.")
        return redirect("convening:profile")
    feed = getattr(person, "calendar_feed", None)
    address = ""
    if feed is not None:
        address = request.build_absolute_uri(f"/calendrier/{desk.feed_token(feed)}.ics")
    context = {
        "form": form,
        "person": person,
        "address": address,
        "changes": tuple(desk.changes(person)),
        "mandates": desk.mandates_of(person, on=timezone.localdate()),
    }
    return render(request, "convening/profile.html", context, status=422 if form.is_bound else 200)


# --- The calendar -----------------------------------------------------------------------------


@require_POST
@role_required(Role.Kind.DELEGATE)
def make_feed(request: HttpRequest) -> HttpResponse:
    """A secret address for the calendar, in place of the one before."""
    person = _person(request)
    if person is not None:
        desk.make_feed(person, at=timezone.now())
        messages.success(request, "L’adresse de votre calendrier est prête.")
    return redirect("convening:profile")


@require_POST
@role_required(Role.Kind.DELEGATE)
def drop_feed(request: HttpRequest) -> HttpResponse:
    """Close the secret address of the calendar."""
    person = _person(request)
    if person is not None:
        desk.drop_feed(person)
        messages.success(request, "L’adresse de votre calendrier ne répond plus.")
    return redirect("convening:profile")


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar at its secret address, for a diary that asks from time to time."""
    feed = desk.find_feed(token, at=timezone.now())
    if feed is None:
        raise Http404
    site = request.build_absolute_uri("/").rstrip("/")
    content = desk.calendar_of(feed.person, at=timezone.now(), site=site)
    return links.discreet(downloads.file(content, "seances.ics", shown=True))
