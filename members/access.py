"""Who may see and do what: roles, and the fetchers through which views get their objects.

To fetch is to authorise: a view obtains its object here or not at all. A stranger to the
organisation gets 404 (what exists there is not his business); a colleague without the right
gets 403 (he knows it exists). A superuser holds every role everywhere.

A view without an object is guarded by `role_required`, which looks at the current organisation;
a view with an object by its fetcher, which looks at the organisation of the object and makes it
the current one. With a single organisation nobody notices that there could be more.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import Body, Community, Mandate, Organisation, Role, User
from members.statements import Statement
from trail.models import Act
from trail.recording import note

SESSION_KEY = "organisation"
SHOWN = "organisation-montree"  # the field of a form about no object of an organisation
ASSISTED = "assisted"  # where a superuser was told to have entered, in his session
EVERY_ROLE = frozenset(Role.Kind.values)
CLERKS = frozenset({Role.Kind.SECRETARIAT, Role.Kind.ADMINISTRATION})


_ROLES = Statement(
    lambda user: (
        Role.objects.filter(user=user)
        .select_related("organisation")
        .order_by("organisation__is_fleeting", "organisation__name", "pk")
    ),
    user=int,
)


def _roles(user: User) -> dict[Organisation, frozenset[str]]:
    """Every role of this account, by organisation in order of name: one query a request. What is
    played to learn is open to a secretariat, as long as it is one."""
    if not user.is_authenticated:
        return {}
    if not hasattr(user, "_roles_by_organisation"):
        if user.is_superuser:
            found = dict.fromkeys(Organisation.objects.open_to(user), EVERY_ROLE)
        else:
            found = {}
            for role in _ROLES.all(user=user.pk):
                held = found.get(role.organisation, frozenset())
                found[role.organisation] = held | {role.kind}
            if not any(Role.Kind.SECRETARIAT in found[o] for o in found if not o.is_fleeting):
                found = {o: kinds for o, kinds in found.items() if not o.is_fleeting}
        user._roles_by_organisation = found
    return user._roles_by_organisation


def roles_of(user: User, organisation: Organisation | None) -> frozenset[str]:
    """The kinds of role this account holds there; empty for anybody else."""
    return _roles(user).get(organisation, frozenset()) if organisation else frozenset()


def has_role(user: User, organisation: Organisation | None, *kinds: str) -> bool:
    """Whether the account holds one of these roles there."""
    return not roles_of(user, organisation).isdisjoint(kinds)


def kinds_of(user: User) -> frozenset[str]:
    """The kinds of role this account holds, wherever it holds them."""
    return frozenset().union(*_roles(user).values())


def organisations_of(user: User) -> tuple[Organisation, ...]:
    """Where the account holds any role, by name."""
    return tuple(_roles(user))


def organisations_run_by(user: User) -> tuple[Organisation, ...]:
    """Where the account is `administration`."""
    return tuple(o for o, kinds in _roles(user).items() if Role.Kind.ADMINISTRATION in kinds)


def organisation_of(request: HttpRequest) -> Organisation | None:
    """The current organisation: the one chosen in this session, otherwise the first by name. What
    is sent from a page is of the one that the page showed (`SHOWN`), whatever was opened since in
    another tab; 404 when that is not one’s own.

    `None` for who has no role anywhere.
    """
    organisations = organisations_of(request.user)
    if request.method == "POST" and SHOWN in request.POST:
        shown = [each for each in organisations if str(each.pk) == request.POST[SHOWN]]
        if not shown:
            raise Http404
        return shown[0]
    chosen = request.session.get(SESSION_KEY) if len(organisations) > 1 else None
    return next(
        (organisation for organisation in organisations if organisation.pk == chosen),
        organisations[0] if organisations else None,
    )


def choose(request: HttpRequest, organisation: Organisation) -> None:
    """Make this organisation the current one. For its members only: 404 to anybody else."""
    if not roles_of(request.user, organisation):
        raise Http404
    request.served = organisation  # whose papers are given, as the trail tells it
    _tell_assistance(request, organisation)
    if organisation != organisation_of(request):
        request.session[SESSION_KEY] = organisation.pk


def _tell_assistance(request: HttpRequest, organisation: Organisation) -> None:
    """A superuser who enters where he has no role of his own is told of, once a session."""
    seen = request.session.get(ASSISTED, [])
    if not request.user.is_superuser or organisation.pk in seen:
        return
    request.session[ASSISTED] = [*seen, organisation.pk]
    if not request.user.roles.filter(organisation=organisation).exists():
        what = f"un superutilisateur entre dans « {organisation} », où il n’a pas de rôle"
        note(Act.ASSISTANCE, what, organisation=organisation)


def _signed_in(view: Callable, only: Callable) -> Callable:
    return only(never_cache(login_required(view)))


def reads(view: Callable) -> Callable:
    """A page for whoever is signed in, read and no more; never given back from a cache: "back"
    would show what the sitting was before, and its next key would save over it."""
    return _signed_in(view, require_safe)


def edits(view: Callable) -> Callable:
    """A page with a form, for whoever is signed in: shown, then sent back to itself."""
    return _signed_in(view, require_http_methods(["GET", "HEAD", "POST"]))


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent for a form, empty though it be; `None` while its page is only asked for."""
    return request.POST if request.method == "POST" else None


def posts(view: Callable) -> Callable:
    """What a button does, for whoever is signed in."""
    return _signed_in(view, require_POST)


def role_required(*kinds: str) -> Callable:
    """Guard a view that fetches no object: one of these roles in the current organisation.

    Anonymous: to the sign-in page. No role anywhere: a 403 page that says whom to ask, but for a
    superuser, whom it leads to found the first organisation. Another role only: 403.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            organisation = organisation_of(request)
            if organisation is None and request.user.is_superuser:
                return redirect("accounts:organisation")  # there is none yet: the first step
            if organisation is None:
                return render(request, "members/no_role.html", status=403)
            if not has_role(request.user, organisation, *kinds):
                raise PermissionDenied
            _tell_assistance(request, organisation)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def get_body(request: HttpRequest, pk: int, *, to: str = "read") -> Body:
    """The body, with its organisation: one query.

    `to="read"`: who sits there and by which rules; any role of the organisation.
    `to="keep"`: its mandates with contact details; secrétariat and administration.
    Its sittings are another matter: see `reads_sittings_of`.
    """
    body = Body.objects.select_related("organisation").filter(pk=pk).first()
    if body is None:
        raise Http404
    choose(request, body.organisation)
    allowed = {"read": EVERY_ROLE, "keep": CLERKS}[to]
    if not has_role(request.user, body.organisation, *allowed):
        raise PermissionDenied
    return body


def get_community(request: HttpRequest, pk: int) -> Community:
    """The member community, for whoever keeps its organisation: one query."""
    found = Community.objects.select_related("organisation").filter(pk=pk).first()
    if found is None:
        raise Http404
    choose(request, found.organisation)
    if not has_role(request.user, found.organisation, *CLERKS):
        raise PermissionDenied
    return found


def get_mandate(request: HttpRequest, pk: int) -> Mandate:
    """The mandate, with its person and its body, for whoever keeps that body: one query."""
    rows = Mandate.objects.select_related(
        "person__user", "body__organisation", "constituency", "community", "replaces__person"
    )
    mandate = rows.filter(pk=pk).first()
    if mandate is None:
        raise Http404
    organisation = mandate.body.organisation
    choose(request, organisation)
    if not has_role(request.user, organisation, *CLERKS):
        raise PermissionDenied
    return mandate


def bodies_read_by(user: User, organisation: Organisation) -> QuerySet[Body]:
    """Bodies whose sittings and papers the account may read.

    Secrétariat and administration: all of the organisation's. A delegate: those in which the
    person he is has or had a mandate. Anybody else: none.
    """
    bodies = Body.objects.filter(organisation=organisation)
    if has_role(user, organisation, *CLERKS):
        return bodies
    if has_role(user, organisation, Role.Kind.DELEGATE):
        own = Q(mandates__person__user=user)
        return bodies.filter(own | _of_officer(user, "assembly__mandates__")).distinct()
    return bodies.none()


def _of_officer(user: User, path: str) -> Q:
    """The mandates by which somebody presides or stands in: what one decides alone is read by
    those who decide so, and by no other delegate before it is published."""
    offices = (Mandate.Office.CHAIR, Mandate.Office.VICE_CHAIR)
    return Q(**{f"{path}person__user": user, f"{path}office__in": offices})


def reads_sittings_of(user: User, body: Body, held_on: date | None = None) -> bool:
    """Whether the account may read the sittings and papers of this body; of the sitting of that
    day, when one is said: a former delegate reads those of his mandates, nothing that comes after.
    """
    if has_role(user, body.organisation, *CLERKS):
        return True
    if not has_role(user, body.organisation, Role.Kind.DELEGATE):
        return False
    mandates = Mandate.objects.filter(person__user=user, body=body.composer)
    if body.assembly_id is not None:
        mandates = mandates.filter(_of_officer(user, ""))
    if held_on is not None:
        mandates = mandates.filter(Mandate.opening(held_on, today=timezone.localdate()))
    return mandates.exists()


def sittings_within(
    user: User, organisation: Organisation, *, body: str = "body", held_on: str = "held_on"
) -> Q:
    """The same as a condition on rows that lead to a sitting: by which names to its body, its day.

    Rows come once for each mandate that opens them: ask for `distinct`.
    """
    if has_role(user, organisation, *CLERKS):
        return Q(**{f"{body}__organisation": organisation})
    if not has_role(user, organisation, Role.Kind.DELEGATE):
        return Q(pk__in=())
    opening = Mandate.opening(F(held_on), today=timezone.localdate(), path=f"{body}__mandates__")
    own = {f"{body}__organisation": organisation, f"{body}__mandates__person__user": user}
    return Q(**own) & opening


def presides(user: User, body: Body, held_on: date) -> bool:
    """Whether the account is of who heads the assembly in whose name this body holds what is
    decided alone, that day."""
    heads = Mandate.objects.filter(
        person__user=user, body=body.composer, office=Mandate.Office.CHAIR
    )
    return heads.filter(Mandate.opening(held_on, today=timezone.localdate())).exists()


def acts_within(
    user: User,
    organisation: Organisation,
    *,
    body: str,
    held_on: str,
    private: Callable[[], Exists],
) -> Q:
    """The same of what one decides alone; of what is `private`, to who presides only."""
    if not has_role(user, organisation, Role.Kind.DELEGATE):
        return Q(pk__in=())
    path = f"{body}__assembly__mandates__"
    opening = Mandate.opening(F(held_on), today=timezone.localdate(), path=path)
    heads = Q(**{f"{path}office": Mandate.Office.CHAIR})
    within = Q(**{f"{body}__organisation": organisation}) & _of_officer(user, path) & opening
    return within & (heads | ~private())


def context(request: HttpRequest) -> dict:
    """For every template: the current organisation, those to choose from, the roles held there.

    One query for a signed-in account, none for an anonymous visitor.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"organisation": None, "organisations": (), "roles": frozenset()}
    try:
        organisation = organisation_of(request)
    except Http404:  # the page that says so is drawn too
        organisation = None
    return {
        "organisation": organisation,
        "organisations": organisations_of(user),
        "roles": roles_of(user, organisation),
    }
