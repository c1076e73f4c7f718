"""Pages that follow a sitting without the console: the room screen, the public page, tablets.

What is the same for everybody is drawn once for each stamp (`refresh.cached`) and without the
request, so that nothing of a viewer can slip into it; what belongs to one delegate is drawn for
him alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import proof
from law.findings import Finding, Refused, refusal
from live import access, reading, refresh, urns, wall
from live.actions import equipping, held, people, polls, tablets
from live.hemicycle import Mark
from live.models import Equipment, Poll, Screen, Tablet
from meetings import public as protection
from meetings.forms import Tagless
from meetings.models import Meeting
from members import links
from members.access import edits, posts
from members.asked import row_number
from members.models import Mandate
from members.statements import Statement

# --- What is drawn once for everybody ---------------------------------------------------------

Regions = dict[str, str]


_FRESH = Statement(
    lambda pk: (
        Meeting.objects.select_related("body__organisation", "second_call_of", "equipment")
        .filter(pk=pk)
        .order_by()
    ),
    pk=int,
)


def _fresh(pk: int) -> Meeting:
    meeting = _FRESH.first(pk=pk)
    if meeting is None:
        raise Http404
    return meeting


def _stamp(request: HttpRequest, pk: int) -> int:
    """The stamp, read before what it dates: what is drawn can only be newer."""
    stamp = refresh.asked_stamp(request, pk)
    if stamp is None:
        raise Http404
    return stamp


def _asked(request: HttpRequest) -> int:
    """The stamp that `refresh.unchanged` read."""
    stamp = getattr(request, "live_stamp", None)
    if stamp is None:
        raise Http404
    return stamp


def _draw(shown: wall.Wall, *, as_bars: bool = False) -> Regions:
    return {
        "wall": render_to_string("live/_wall.html", {"wall": shown, "as_bars": as_bars}),
        "told": escape(shown.announcement),
    }


def _sitting(pk: int, stamp: int) -> tuple[wall.Room, access.Keys]:
    """The sitting and who may follow it, read once for every screen and tablet."""

    def build() -> tuple[wall.Room, access.Keys]:
        meeting = _fresh(pk)
        reading.read_agenda(meeting)
        return wall.room(meeting), access.keys(meeting)

    return refresh.cached("seance", pk, stamp, build)


class Shown(NamedTuple):
    """What is shown to who must not count what is written behind closed doors, and its name."""

    state: str
    regions: Regions


def _shown(regions: Regions) -> Shown:
    return Shown(refresh.state_of(regions), regions)


def _wall_shown(pk: int, stamp: int, *, as_bars: bool) -> Shown:
    """What the room screen shows."""

    def build() -> Shown:
        room, _ = _sitting(pk, stamp)
        return _shown(_draw(room.outside, as_bars=as_bars))

    return refresh.cached(f"ecran:{as_bars}", pk, stamp, build)


def _public_shown(pk: int, stamp: int) -> Shown:
    """What the public page shows: the wall, and the agenda with its votes, without any passage
    that somebody masked in the sitting or in one of its items."""

    def build() -> Shown:
        meeting = _fresh(pk)
        mask = protection.Masks(meeting).everything
        points = mask.value(wall.agenda(meeting))
        regions = _draw(mask.value(wall.of(meeting)))
        agenda = render_to_string("live/_agenda.html", {"points": points})
        return _shown(regions | {"agenda": agenda})

    return refresh.cached("public", pk, stamp, build)


def _safe(regions: Regions) -> dict[str, SafeString]:
    return {name: mark_safe(html) for name, html in regions.items()}  # noqa: S308 drawn above


def _news(stamp: int | str, regions: Regions) -> HttpResponse:
    body = json.dumps({"stamp": stamp, "regions": regions}, ensure_ascii=False)
    return HttpResponse(body, content_type="application/json")


LAST = 2**53 - 1  # a stamp after which no screen takes any news


def _ended(words: str) -> HttpResponse:
    """What a page that was open learns when it may show nothing more: it empties itself."""
    blank = render_to_string("live/_ended.html", {"words": words})
    answer = _news(LAST, {"wall": blank, "told": words, "agenda": "", "mine": ""})
    return answer


# --- The room screen --------------------------------------------------------------------------

THEMES = {"sombre": "dark", "clair": "light", "auto": "auto"}


def _wants_bars(request: HttpRequest) -> bool:
    return request.GET.get("vue") == "barres"


@require_safe
def screen(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """The wall of the room, for whoever holds its secret link; dark unless asked otherwise."""
    stamp = _stamp(request, pk)
    found = access.get_screen(token, at=reading.wall_clock())
    if found.meeting_id != pk:
        raise Http404
    as_bars, theme = _wants_bars(request), request.GET.get("theme", "sombre")
    theme = theme if theme in THEMES else "sombre"
    view = "barres" if as_bars else "hemicycle"
    state_url = reverse("live:screen_state", args=[pk, token])
    shown = _wall_shown(pk, stamp, as_bars=as_bars)
    choices = [
        (words, f"?{urlencode({'theme': theme, 'vue': view} | chosen)}", is_current)
        for words, chosen, is_current in (
            ("Sombre", {"theme": "sombre"}, theme == "sombre"),
            ("Clair", {"theme": "clair"}, theme == "clair"),
            ("Hémicycle", {"vue": "hemicycle"}, not as_bars),
            ("Barres", {"vue": "barres"}, as_bars),
        )
    ]
    # Drawn without the request: no account, hence no session, is looked for on this page.
    page = render_to_string(
        "live/screen.html",
        {
            "theme": THEMES[theme],
            "state_url": f"{state_url}?vue={view}",
            "stamp": shown.state,
            "regions": _safe(shown.regions),
            "choices": choices,
        },
    )
    return links.discreet(HttpResponse(page))


@require_safe
def screen_state(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """News of the wall: one query and a 304 when there is none."""
    stamp, at, as_bars = _stamp(request, pk), reading.wall_clock(), _wants_bars(request)
    _, keys = _sitting(pk, stamp)
    if not keys.open_screen(token, at=at):
        try:
            found = access.get_screen(token, at=at)
        except Http404:
            return _ended("Cet écran n’est plus relié à une séance.")
        if found.meeting_id != pk:
            raise Http404
    shown = _wall_shown(pk, stamp, as_bars=as_bars)
    mark = refresh.mark_of(pk, f"ecran:{token}:{as_bars}", shown.state)
    answer = refresh.told(request, _news(*shown), mark)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


# --- The public page --------------------------------------------------------------------------


@require_safe
def public(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting as anybody may follow it, when it is public and the secretary opened it."""
    stamp = _stamp(request, pk)
    meeting = access.get_public(pk, at=reading.wall_clock())
    shown = _public_shown(pk, stamp)
    context = {
        "follows": meeting.organisation,
        "state_url": reverse("live:public_state", args=[pk]),
        "stamp": shown.state,
        "regions": _safe(shown.regions),
    }
    answer = render(request, "live/public.html", context)
    return answer


@require_safe
def public_state(request: HttpRequest, pk: int) -> HttpResponse:
    """News of the public page: one query and a 304 when there is none. Of a sitting that there is
    not, the same as of one that nobody may follow."""
    try:
        stamp = _stamp(request, pk)
        shown = refresh.kept("public", pk, stamp)
        if shown and (same := refresh.same(request, refresh.mark_of(pk, "public", shown.state))):
            return same
        access.get_public(pk, at=reading.wall_clock())
    except Http404:
        return _ended("Cette séance n’est plus diffusée.")
    shown = _public_shown(pk, stamp)
    return refresh.told(request, _news(*shown), refresh.mark_of(pk, "public", shown.state))


# --- Tablets ----------------------------------------------------------------------------------

View = Callable[..., HttpResponse]


def _for_a_delegate(view: View) -> View:
    """A device that no link opened and where nobody is signed in is asked who it is."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: int, *args, **kwargs) -> HttpResponse:
        if not access.device_of(request, pk) and not request.user.is_authenticated:
            return redirect_to_login(reverse("live:tablet", args=[pk]))
        return view(request, pk, *args, **kwargs)

    return guarded


def _tablets_regions(pk: int, stamp: int) -> tuple[Regions, Regions]:
    """The regions that all the tablets read: inside the room, and outside in huis clos."""

    def build() -> tuple[Regions, Regions]:
        room, _ = _sitting(pk, stamp)
        points = render_to_string("live/_agenda.html", {"points": room.agenda, "untitled": True})
        return _draw(room.wall) | {"agenda": points}, _draw(wall.HUIS_CLOS) | {"agenda": ""}

    return refresh.cached("tablettes", pk, stamp, build)


def _tablet_regions(
    request: HttpRequest, pk: int, stamp: int, *, token: str
) -> tuple[wall.Tablet, Regions]:
    """What the delegate who holds this device reads. Raises as `access.get_holder` does."""
    at = reading.wall_clock()
    room, keys = _sitting(pk, stamp)
    mandates = keys.mandates(request, at=at) or access.get_holder(request, pk, at=at).mandates
    shown = wall.tablet(room, access.member_of(mandates, room.composition))
    inside, outside = _tablets_regions(pk, stamp)
    mine = {
        "tablet": shown,
        "pk": pk,
        "csrf_token": token,
        "choices": _choices(shown),
        "changes": CHANGES,
    }
    regions = outside if shown.wall.is_blank else inside
    if shown.is_off:  # nobody votes: who he is may be asked
        mine |= {"wall": room.outside, "has_account": request.user.is_authenticated}
    own = {
        "mine": render_to_string("live/_tablet.html", mine),
        "told": escape(f"{shown.wall.announcement} {shown.call}".strip()),
        "who": escape(shown.name),
    }
    if shown.is_off:
        own |= {"wall": "", "told": ""}
    return shown, regions | own


CHANGES = "Vous pouvez en changer jusqu’à la clôture."
COUNTS = "Le scrutin est clos\u00a0: il compte."
PUBLIC_CHOICES = tuple(Mark(choice.value) for choice in polls.VOTES)
SECRET_CHOICES = tuple(Mark(choice.value) for choice in urns.PAPERS)


def _choices(shown: wall.Tablet) -> tuple[Mark, ...]:
    return SECRET_CHOICES if shown.is_secret else PUBLIC_CHOICES


@require_safe
@_for_a_delegate
def tablet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting as one delegate follows it, comes in and votes."""
    return _tablet_page(request, pk)


def _tablet_page(
    request: HttpRequest, pk: int, *, findings: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    stamp = _stamp(request, pk)
    shown, regions = _tablet_regions(request, pk, stamp, token=get_token(request))
    context = {
        "tablet": shown,
        "state_url": reverse("live:tablet_state", args=[pk]),
        "stamp": stamp,
        "regions": _safe(regions),
        "findings": findings,
    }
    answer = render(request, "live/tablet.html", context, status=status)
    return answer


@require_safe
def tablet_state(request: HttpRequest, pk: int) -> HttpResponse:
    """News of a tablet: one query and a 304 when there is none."""
    device = request.COOKIES.get(access.cookie_name(pk), "")
    same = refresh.unchanged(request, pk, viewer=refresh.viewer_of(request, f"tablette:{device}"))
    if same is not None:
        return same
    return _tablet_news(request, pk)


@_for_a_delegate
def _tablet_news(request: HttpRequest, pk: int) -> HttpResponse:
    stamp = _asked(request)
    _, regions = _tablet_regions(request, pk, stamp, token=_token_of_cookie(request))
    return refresh.marked(request, _news(stamp, regions))


def _token_of_cookie(request: HttpRequest) -> str:
    """The token as the cookie holds it: a mask drawn each time would make every region new."""
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")


def _acted(
    request: HttpRequest, meeting: Meeting, act: Callable[[], str], *, redraws: bool = True
) -> HttpResponse:
    """Do it and show what became of it: as news to tablet.js, as a page to a plain form. What the
    tablet can show by itself is told in words alone, for a hundred of them vote together; the news
    follow."""
    wants_json = "json" in request.headers.get("Accept", "")
    pk = meeting.pk
    findings: tuple[Finding, ...] = ()
    message = ""
    try:
        message = act()
    except Refused as refusal:
        findings = refusal.findings
    if wants_json and not findings and not redraws:
        return JsonResponse({"ok": True, "message": message, "stamp": meeting.stamp})
    if wants_json:
        stamp = _stamp(request, pk)
        _, regions = _tablet_regions(request, pk, stamp, token=_token_of_cookie(request))
        told = message or " ".join(f"{each.message} {each.remedy}".strip() for each in findings)
        reply = {"ok": not findings, "message": told, "stamp": stamp, "regions": regions}
        return JsonResponse(reply, status=409 if findings else 200)
    if findings:
        return _tablet_page(request, pk, findings=findings, status=409)
    messages.success(request, message)
    return redirect("live:tablet", pk)


@require_POST
@_for_a_delegate
def check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The delegate says that he is there."""
    seat = access.get_tablet(request, pk, at=reading.wall_clock())

    def act() -> str:
        equipment = Equipment.objects.filter(meeting=seat.meeting).first()
        if equipment is None or not (equipment.tablets and equipment.check_in):
            raise refusal(
                "sans_pointage",
                "Les arrivées ne se pointent pas sur les tablettes pour cette séance.",
                remedy="Signalez-vous au secrétariat.",
            )
        # Who holds a link may not be who it is of: nobody’s account is said to have done it.
        by = None if seat.tablet else request.user
        try:
            people.arrive(seat.meeting, member=seat.member, by=by, at=reading.wall_clock())
        except Refused:
            # Pressed again, for the first answer was lost: he is there, and that is what he says.
            if seat.member not in reading.state(seat.meeting).room:
                raise
        return "Votre arrivée est notée."

    return _acted(request, seat.meeting, act)


def _asked_poll(request: HttpRequest, meeting: Meeting) -> Poll | None:
    """The poll that the delegate saw when he pressed the button, ended since or not."""
    number = row_number(request.POST.get("poll", ""))
    if number is None:
        return None
    now = reading.current_poll(meeting)
    if now is not None and now.pk == number:
        return now
    return meeting.polls.filter(pk=number).order_by("pk").first()


def _poll(request: HttpRequest, meeting: Meeting) -> Poll:
    poll = _asked_poll(request, meeting)
    if poll is None:
        raise refusal("scrutin_inconnu", "Ce scrutin n’est pas ouvert.", remedy="Regardez l’écran.")
    return poll


@sensitive_post_parameters("choice")
@require_POST
@_for_a_delegate
def cast(request: HttpRequest, pk: int) -> HttpResponse:
    """A vote in a poll that is not secret; it can be changed until the close."""
    holder = access.get_holder(request, pk, at=reading.wall_clock())

    def act() -> str:
        choice, seat = request.POST.get("choice", ""), request.POST.get("seat", "")
        with held.hold(holder.meeting):  # which reads what else is asked of the sitting
            poll = _poll(request, holder.meeting)
            voter = access.member_of(holder.mandates, holder.meeting.basis.composition)
            tablets.cast(poll, voter=voter, choice=choice, seat=seat)
        until = CHANGES if poll.is_open else COUNTS
        return f"Vote reçu\u00a0: {Mark(choice).words.lower()}. {until}"

    return _acted(request, holder.meeting, act, redraws=False)


@sensitive_post_parameters("choice")
@require_POST
@_for_a_delegate
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A secret paper put in the urn, for good: asked twice."""
    holder = access.get_tablet(request, pk, at=reading.wall_clock())
    choice, seat = request.POST.get("choice", ""), request.POST.get("seat", "")
    asked = _asked_poll(request, holder.meeting)
    if asked and choice in urns.PAPERS and request.POST.get("confirmed") != "1":
        context = {"pk": pk, "poll": asked.pk, "seat": seat, "choice": Mark(choice)}
        answer = render(request, "live/tablet_confirm.html", context)
        return answer

    def act() -> str:
        poll = _poll(request, holder.meeting)
        tablets.put_in_urn(poll, voter=holder.member, seat=seat, choice=choice)
        return "Votre bulletin est dans l’urne."

    return _acted(request, holder.meeting, act)


def open_tablet(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link: it shows whose it is, then opens on this device for good.

    Opening takes a press of a button: whoever merely looks at an address, a mail scanner or the
    preview of a message, must not use up the link of a delegate.
    """
    at = reading.wall_clock()
    try:
        found = access.find_tablet(token, at=at)
        if request.method == "POST":
            device = access.device_of(request, found.meeting_id) or links.new()
            found = equipping.open_tablet(token, device=device, at=at)
            answer = redirect("live:tablet", found.meeting_id)
            return access.remember(answer, found.meeting_id, device)
        context, status = {"found": found}, 200
    except Refused as refusal:
        context, status = {"findings": refusal.findings}, 410
    answer = links.discreet(render(request, "live/tablet_open.html", context, status=status))
    # Without a referrer the browser would send no origin either, and the form would be refused.
    answer["Referrer-Policy"] = "same-origin"
    return answer


# --- Equipment --------------------------------------------------------------------------------


class EquipmentForm(forms.ModelForm):
    """What helps in this sitting; what stands on the tablets needs them."""

    class Meta:
        model = Equipment
        fields = ["tablets", "check_in", "secret_on_tablets", "public_page"]
        help_texts = {
            "tablets": "Par leur compte, ou par un lien personnel créé plus bas.",
            "check_in": "Vous voyez chaque arrivée, et pouvez l’annuler.",
            "secret_on_tablets": "À défaut, sur papier : vous saisissez le résultat. Une fois "
            "clos, ni la base ni ses sauvegardes ne disent qui a voté quoi ; pendant le vote, qui "
            "tient le serveur pourrait le lire, et seul le papier en protège.",
            "public_page": "Sans compte ; l’ordre du jour se lit aux séances à venir dès la "
            "convocation. Rien ne paraît pendant un huis clos.",
        }

    def __init__(self, *args, sittings_public: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        if not sittings_public:
            self.fields["public_page"].disabled = True
            self.fields[
                "public_page"
            ].help_text = "Les séances de cette instance ne sont pas publiques."

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in ("check_in", "secret_on_tablets"):
            if cleaned.get(name) and not cleaned.get("tablets"):
                self.add_error(name, "Ouvrez aussi les tablettes.")
        return cleaned


def _equipment_form(meeting: Meeting, data=None) -> EquipmentForm:
    found = Equipment.objects.filter(meeting=meeting).first() or Equipment(meeting=meeting)
    return EquipmentForm(data, instance=found, sittings_public=meeting.regime.sittings_public)


def _equipment_page(
    request: HttpRequest, meeting: Meeting, form: EquipmentForm, *, status: int = 200, **shown
) -> HttpResponse:
    living = {
        each.mandate_id: each for each in Tablet.objects.filter(meeting=meeting, revoked_at=None)
    }
    members = meeting.basis.composition.members
    context = {
        "meeting": meeting,
        "form": form,
        "screens": meeting.screens.filter(revoked_at=None).select_related("made_by"),
        "people": [(member, living.get(member.mandate)) for member in members],
        "without": sum(1 for m in members if m.mandate and m.mandate not in living),
        "opened": sum(1 for each in living.values() if each.opened_at),
        "public_url": request.build_absolute_uri(reverse("live:public", args=[meeting.pk])),
        "is_local": _is_local(request),
    }
    answer = render(request, "live/equipment.html", context | shown, status=status)
    return answer


def _is_local(request: HttpRequest) -> bool:
    """Whether the links made here would only open on this very machine."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


@edits
def equipment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is switched on for this sitting, and the links that open it."""
    meeting = access.get_console(request, pk)
    if request.method != "POST":
        return _equipment_page(request, meeting, _equipment_form(meeting))
    form = _equipment_form(meeting, request.POST)
    if not form.is_valid():
        return _equipment_page(request, meeting, form, status=422)
    equipping.equip(meeting, form.save(commit=False), by=request.user)
    messages.success(request, "L’équipement de la séance est enregistré.")
    return redirect("live:equipment", pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A secret address shown once, with its code to scan."""

    url: str
    code: SafeString
    mandate: Mandate | None = None


def _link(request: HttpRequest, path: str, *, mandate: Mandate | None = None) -> Link:
    url = request.build_absolute_uri(path)
    svg = segno.make(url, micro=False).svg_inline(omitsize=True, border=2, svgclass="qr-code")
    return Link(url=url, code=mark_safe(svg), mandate=mandate)  # noqa: S308 squares only


@posts
@proof.required("faire ce lien")
def make_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """A link for the wall, answered at once: it is not kept, so it cannot be shown again."""
    meeting = access.get_console(request, pk)
    _, raw = equipping.make_screen(meeting, by=request.user)
    link = _link(request, reverse("live:screen", args=[pk, raw]))
    return _equipment_page(request, meeting, _equipment_form(meeting), screen_link=link)


@posts
def revoke_screen(request: HttpRequest, pk: int, screen_pk: int) -> HttpResponse:
    """The link of a screen opens nothing any more."""
    meeting = access.get_console(request, pk)
    equipping.revoke_screen(
        get_object_or_404(Screen, pk=screen_pk, meeting=meeting), by=request.user
    )
    messages.success(request, "Le lien de l’écran est révoqué.")
    return redirect("live:equipment", pk)


def _sheet(request: HttpRequest, meeting: Meeting, made: list[tuple[Tablet, str]]) -> HttpResponse:
    sheets = [
        _link(request, reverse("live:open_tablet", args=[raw]), mandate=each.mandate)
        for each, raw in made
    ]
    context = {"meeting": meeting, "links": sheets, "is_local": _is_local(request)}
    answer = render(request, "live/equipment_sheet.html", context)
    return answer


@posts
@proof.required("faire ces liens, qui votent")
def make_tablets(request: HttpRequest, pk: int) -> HttpResponse:
    """A personal link for each member who has none, on one sheet to print and cut."""
    meeting = access.get_console(request, pk)
    made = equipping.make_tablets(meeting, by=request.user)
    if made:
        return _sheet(request, meeting, made)
    messages.info(request, "Chaque membre a déjà son lien.")
    return redirect("live:equipment", pk)


@posts
@proof.required("faire ce lien, qui vote")
def make_tablet(request: HttpRequest, pk: int, mandate_pk: int) -> HttpResponse:
    """A new link for one member: the one he had opens nothing any more."""
    meeting = access.get_console(request, pk)
    if mandate_pk not in {member.mandate for member in meeting.basis.composition.members}:
        raise Http404
    mandate = get_object_or_404(Mandate.objects.select_related("person"), pk=mandate_pk)
    made = equipping.make_tablet(meeting, mandate=mandate, by=request.user)
    return _sheet(request, meeting, [made])


@posts
def revoke_tablet(request: HttpRequest, pk: int, tablet_pk: int) -> HttpResponse:
    """The link of a delegate, and the device that opened it, are let in no more."""
    meeting = access.get_console(request, pk)
    equipping.revoke_tablet(
        get_object_or_404(Tablet, pk=tablet_pk, meeting=meeting), by=request.user
    )
    messages.success(request, "La tablette est révoquée.")
    return redirect("live:equipment", pk)
