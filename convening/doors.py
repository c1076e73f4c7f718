"""By which way one comes to the answer of somebody: his link, his account, or the secretariat.

All open the same pages on the same answer. Whoever holds the link needs nothing else, and gets
nothing else: the link names one mandate in one sitting.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from convening import answers, tokens
from convening.models import Answer, Invitation
from meetings.access import get_meeting
from meetings.models import Meeting
from members import links
from members.models import Mandate, User


@dataclass(frozen=True, kw_only=True)
class Door:
    """Somebody, a sitting, and the addresses at which his answer is given.

    `prefix` begins the names of its URLs, `args` are theirs; `pages` are those it has besides the
    first. `frame` is the template that its pages are set in, `template` that of the first.
    """

    meeting: Meeting
    mandate: Mandate
    via: Answer.Via
    prefix: str
    args: tuple[str | int, ...]
    pages: tuple[str, ...] = ("answer", "ask", "proxy", "sign", "reader", "dossier")
    frame: str = "base.html"
    template: str = "convening/answer.html"
    by: User | None = None
    invitation: Invitation | None = None

    @cached_property
    def said(self) -> answers.Answers:
        """The answers of the sitting, read once."""
        return answers.standing(self.meeting)

    @property
    def key(self) -> str:
        """The key of the person in the composition, "" when he does not sit any more."""
        return self.said.key_of(self.mandate)

    @property
    def is_link(self) -> bool:
        """Whether nothing but a link opened it: no account, no menu."""
        return self.via is Answer.Via.LINK

    def path(self, name: str = "", *args: object) -> str:
        """The address of one of its pages: `path("answer")`, `path()` for the first."""
        name = f"{self.prefix}_{name}" if name else self.prefix
        return reverse(f"convening:{name}", args=[*self.args, *args])

    @property
    def paths(self) -> dict[str, str]:
        """The addresses that its templates write."""
        return {name: self.path(name) for name in self.pages} | {"page": self.path()}

    def again(self) -> "Door":
        """The same door, nothing remembered: somebody else has just changed what it showed."""
        self.meeting.refresh_from_db(fields=["stage", "held_on", "starts_at"])
        self.meeting.forget()
        return replace(self)


# --- By the personal link ---------------------------------------------------------------------


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page by the token of its address, without an account.

    The secret is in the address and in no cookie, so no other site can make a browser send it:
    there is nothing for a CSRF token to protect. It could not be checked either: a page that tells
    nobody where it was read (`no-referrer`) posts its forms with `Origin: null`.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: object) -> HttpResponse:
        now = timezone.now()
        invitation = tokens.find(token, now)
        if invitation is None:
            return links.discreet(render(request, "convening/answer_no_link.html", status=404))
        request.served = invitation.meeting.organisation
        door = Door(
            meeting=invitation.meeting,
            mandate=invitation.mandate,
            via=Answer.Via.LINK,
            prefix="invitation",
            args=(token,),
            frame="convening/answer_shell.html",
            invitation=invitation,
        )
        if not invitation.mandate.opens(invitation.meeting.held_on):
            context = {"request": request, "door": door, "meeting": door.meeting}
            context["frame"] = door.frame
            context["organisation"] = door.meeting.organisation
            gone = render_to_string("convening/answer_gone.html", context)
            return links.discreet(HttpResponse(gone, status=403))
        if request.method == "GET":
            _note_opening(invitation, at=now)
        return links.discreet(view(request, door, at=now, **kwargs))

    return opened


def _note_opening(invitation: Invitation, *, at: datetime) -> None:
    """A filter of a mail server may be the one who follows the link: this proves no reading."""
    if invitation.first_opened_at is None:
        Invitation.objects.filter(pk=invitation.pk, first_opened_at=None).update(first_opened_at=at)


# --- By the account ---------------------------------------------------------------------------


def by_account(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the same page from the desk: for the person whose account it is."""

    @never_cache
    @login_required
    @wraps(view)
    def opened(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        meeting = get_meeting(request, pk, to="know")
        mandate = mandate_in(meeting, request.user)
        if mandate is None:
            raise PermissionDenied
        door = Door(
            meeting=meeting,
            mandate=mandate,
            via=Answer.Via.ACCOUNT,
            prefix="sitting",
            args=(pk,),
        )
        return view(request, door, at=timezone.now(), **kwargs)

    return opened


def mandate_in(meeting: Meeting, user: object) -> Mandate | None:
    """The mandate by which this account sits in this sitting."""
    wanted = [member.mandate for member in meeting.basis.composition.members]
    return (
        Mandate.objects.filter(pk__in=wanted, person__user=user)
        .select_related("person", "community")
        .first()
    )


# --- By the secretariat -----------------------------------------------------------------------


def by_secretariat(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the answer of somebody for the secretariat, which notes what it heard or corrects."""

    @never_cache
    @login_required
    @wraps(view)
    def opened(request: HttpRequest, pk: int, mandate: int, **kwargs: object) -> HttpResponse:
        meeting = get_meeting(request, pk, to="write")
        wanted = {member.mandate for member in meeting.basis.composition.members}
        person = Mandate.objects.select_related("person", "community").filter(pk=mandate).first()
        if person is None or person.pk not in wanted:
            raise Http404
        door = Door(
            meeting=meeting,
            mandate=person,
            via=Answer.Via.SECRETARIAT,
            prefix="person",
            args=(pk, mandate),
            pages=("answer", "proxy", "sign", "renew"),
            template="convening/board_person.html",
            by=request.user,
        )
        return view(request, door, at=timezone.now(), **kwargs)

    return opened
