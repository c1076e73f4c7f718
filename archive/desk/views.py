"""What is found, and what awaits whom: on a page, on the first page, and in a diary."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from archive import actions
from archive.desk import (
    calls,
    chores,
    diary,
    first_steps,
    guessing,
    mine,
    piles,
    search,
    stages,
    waiting,
)
from archive.forms import SearchForm
from archive.models import Entry, SigningCall, TaskFeed
from convening import outbox
from documents.access import papers_within
from law import french
from meetings.access import get_meeting, meetings_read_by
from meetings.models import Meeting
from members import downloads, links
from members.access import (
    CLERKS,
    bodies_read_by,
    has_role,
    organisation_of,
    posts,
    role_required,
)
from members.models import Body, Organisation, Person, Role
from registry.follow_ups import reading as follow_ups

PAGE_SIZE = 20  # of what a search found
SITTINGS = 12  # of those that wait for the secretariat, on one page
SHOWN = 4  # of those who are awaited, before a fold
MOST_TYPED = 100  # characters, of which something is suggested
_clerks = role_required(Role.Kind.SECRETARIAT, Role.Kind.ADMINISTRATION)


def _readable(request: HttpRequest) -> tuple[QuerySet[Body], Q | None]:
    """The bodies whose papers this account reads, and which of them, as a condition on entries."""
    organisation = organisation_of(request)
    bodies = bodies_read_by(request.user, organisation)
    if has_role(request.user, organisation, *CLERKS):
        return bodies, None
    names = {"meeting": "document__meeting", "body": "body", "held_on": "held_on"}
    return bodies, papers_within(request.user, organisation, **names)


@role_required(*Role.Kind.values)
def find(request: HttpRequest) -> HttpResponse:
    """What was decided, by words or by number, in the bodies one may read. Words that are nowhere
    are looked for again as what they are near."""
    bodies, within = _readable(request)
    years = search.years(bodies)
    form = SearchForm(request.GET or None, bodies=bodies, years=years)
    query, typed, entries, planned = "", "", Entry.objects.none(), []
    people: list[guessing.Guess] = []
    called: list[Meeting] = []
    if form.is_bound and form.is_valid():
        query = form.cleaned_data["q"]
        where = {
            "bodies": bodies,
            "year": form.cleaned_data["annee"],
            "body": form.cleaned_data["instance"],
        }
        entries = search.find(query, within=within, **where)
        people = guessing.people(query, bodies=bodies, on=timezone.localdate())
        called = search.called(query, among=meetings_read_by(request), **where)
        if within is None:  # who prepares the sittings reads what is on their agendas
            planned = search.on_agendas(query, **where)
    pages = search.Found(entries, PAGE_SIZE)
    if query.strip() and not (planned or people or called) and not pages.count:
        meant = guessing.corrected(query, bodies=bodies, within=within)
        others = search.Found(search.find(meant, within=within, **where), PAGE_SIZE)
        if others.count:
            query, typed, pages = meant, query, others
    page = pages.get_page(request.GET.get("page"))
    return render(
        request,
        "archive/search.html",
        {
            "form": form,
            "page_obj": page,
            "found": [
                (entry, search.extract(entry.title, query), search.extract(entry.text, query))
                for entry in search.whole(page)
            ],
            "people": people,
            "called": called,
            "planned": [(item, search.extract(item.title, query)) for item in planned[:PAGE_SIZE]],
            "more_planned": max(len(planned) - PAGE_SIZE, 0),
            "prepares": within is None,
            "is_empty": not years,
            "typed": typed,
            "query": query,
        },
    )


@require_GET
@role_required(*Role.Kind.values)
def suggest(request: HttpRequest) -> HttpResponse:
    """What the words that are being typed may mean, among what one may read."""
    query = request.GET.get("q", "")[:MOST_TYPED]
    bodies, within = _readable(request)
    guesses = guessing.guesses(query, bodies=bodies, within=within, on=timezone.localdate())
    return render(request, "archive/_guesses.html", {"query": query.strip(), "guesses": guesses})


# --- Before the first sitting ------------------------------------------------------------------


@require_GET
@_clerks
def beginnings(request: HttpRequest) -> HttpResponse:
    """The steps to the first sitting: which are done, which is next, and the page of each."""
    organisation = organisation_of(request)
    steps = first_steps.of(organisation, on=timezone.localdate())
    context = {
        "steps": [(step, has_role(request.user, organisation, *step.whose)) for step in steps],
        "following": first_steps.following(steps),
        "done": sum(step.is_done and not step.left for step in steps),
    }
    return render(request, "archive/first_steps.html", context)


# --- Reminders --------------------------------------------------------------------------------


def unsubscribes(view: Callable) -> Callable:
    """A page whose link a mail program follows by itself, when its reader asks to receive no more
    (RFC 8058): without our cookies, and the address is the only secret."""
    view.unsubscribes = True
    return csrf_exempt(view)


@links.kept_in(SigningCall)
@unsubscribes
@require_http_methods(["GET", "HEAD", "POST"])
def stop_calls(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reminders of what awaits a signature, or have them again: nothing else."""
    call = calls.find(token)
    if call is None:
        raise Http404
    if request.method == "POST":
        if "reprendre" in request.POST:
            calls.resume(call)
        else:
            calls.stop(call, at=timezone.now())
        return links.discreet(redirect("archive:stop_calls", token))
    context = {"call": call, "next_on": calls.next_on(call, at=timezone.now())}
    return links.discreet(render(request, "archive/stop_calls.html", context))


# --- To do ------------------------------------------------------------------------------------


@require_GET
@role_required(*Role.Kind.values)
def to_do(request: HttpRequest) -> HttpResponse:
    """What awaits the account and, of a clerk, everybody, from the convocation to the public page;
    with the diary that follows it."""
    organisation, now = organisation_of(request), timezone.now()
    today = timezone.localdate(now)
    context: dict[str, object] = {
        "mine": mine.of(request.user, organisation, at=now),
        "today": today,
        "is_clerk": has_role(request.user, organisation, *CLERKS),
        "is_hers": has_role(request.user, organisation, Role.Kind.ADMINISTRATION),
    }
    if context["is_hers"]:
        context["chores"] = chores.of(organisation, by=request.user, on=today)
    if context["is_clerk"]:
        bodies = bodies_read_by(request.user, organisation)
        found = piles.sort(waiting.tasks(bodies, on=today), on=today)
        persons = [other.person for other in found.others if other.person]
        context |= {
            "piles": found,
            "page_obj": Paginator(found.ours, SITTINGS).get_page(request.GET.get("page")),
            "first_others": found.others[:SHOWN],
            "more_others": found.others[SHOWN:],
            "recalls": calls.recalls(persons, at=now) if persons else {},
            "address": _address(request),
        }
    else:  # of whom each is a task
        pending = follow_ups.read_by(request.user, organisation).pending()
        context["follow_ups"] = [(each, follow_ups.state_of(each, on=today)) for each in pending]
    return render(request, "archive/to_do.html", context)


def _address(request: HttpRequest) -> str:
    """Where the diary of this account follows what awaits, "" until it asks."""
    feed = TaskFeed.objects.filter(user=request.user, organisation=organisation_of(request)).first()
    if feed is None:
        return ""
    path = reverse("archive:task_calendar", args=[diary.feed_token(feed)])
    return request.build_absolute_uri(path)


@require_POST
@login_required
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind somebody by mail of what awaits her, at once."""
    organisation = organisation_of(request)
    person = get_object_or_404(Person, pk=pk, organisation=organisation)
    if not has_role(request.user, organisation, Role.Kind.SECRETARIAT):
        raise PermissionDenied
    _recall(request, [person], organisation)
    return redirect("archive:to_do")


@posts
def recall_signers(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind those whose signatures a sitting waits for next."""
    meeting = get_meeting(request, pk, to="write")
    following = stages.of(meeting, on=timezone.localdate()).next
    signers = Person.objects.filter(pk__in=following.signers if following else ())
    _recall(request, signers, meeting.organisation)
    return redirect(meeting)


def _recall(
    request: HttpRequest, persons: Iterable[Person], organisation: Organisation | None
) -> None:
    bodies, at = bodies_read_by(request.user, organisation), timezone.now()
    reached: list[str] = []
    missed: list[str] = []
    for person in persons:
        leaves = calls.recall(person, bodies, by=request.user, at=at)
        (reached if leaves else missed).append(str(person))
    if reached and outbox.is_kept():
        words = f"Rappel préparé, non envoyé\u00a0: {french.join(reached)}."
        remedy = "Aucun serveur de courriel n’est réglé, il reste dans la boîte d’envoi."
        messages.warning(request, french.nbsp(f"{words} {remedy}"))
    elif reached:
        messages.success(request, french.nbsp(f"Un rappel part vers {french.join(reached)}."))
    if missed:
        messages.warning(
            request,
            french.nbsp(
                f"Rien n’est parti vers {french.join(missed)} : plus rien à y attendre, un rappel "
                "date de moins d’un jour, ou aucun courriel n’y mène."
            ),
        )


@require_POST
@_clerks
def make_feed(request: HttpRequest) -> HttpResponse:
    """A secret address for the diary, in place of the one before."""
    actions.make_feed(organisation_of(request), by=request.user, at=timezone.now())
    messages.success(request, "L’adresse de votre calendrier est prête.")
    return redirect("archive:to_do")


@require_POST
@_clerks
def drop_feed(request: HttpRequest) -> HttpResponse:
    """Close the secret address."""
    actions.drop_feed(organisation_of(request), by=request.user)
    messages.success(request, "L’adresse de votre calendrier ne répond plus.")
    return redirect("archive:to_do")


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The legal dates at their secret address, for a diary that asks from time to time."""
    follower = diary.find_feed(token)
    if follower is None:
        raise Http404
    site = request.build_absolute_uri("/").rstrip("/")
    content = diary.calendar_of(follower, at=timezone.now(), site=site)
    return links.discreet(downloads.file(content, "echeances.ics", shown=True))
