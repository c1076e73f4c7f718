"""Many at once: people to invite, accounts that no mandate keeps open, a file of mandates; and what
of an organisation gives a voice."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import actions, elsewhere, ended, forms, inviting, letters, proof, standing
from law.findings import Finding, Refused, refusal
from law.french import count
from members import access
from members import founding_views as founding_pages
from members import views as members_pages
from members.access import edits, posts, reads, role_required
from members.asked import row_number
from members.models import Body, Mandate, Organisation, Role, User

CHANGED = Finding(
    code="apercu_perime",
    message="Depuis cet aperçu, quelque chose a changé : voici ce que la liste ferait maintenant.",
    remedy="Relisez, puis confirmez de nouveau.",
)
TAKEN = Finding(
    code="adresse_prise",
    message="Une de ces adresses vient de recevoir un compte. Rien n’est écrit.",
    remedy="Relisez l’aperçu, puis confirmez de nouveau.",
)


def _planned(request: HttpRequest, text: str) -> list[inviting.Line]:
    """What the list would do. Raises `Refused` when it is no list, or asks too often which
    addresses have an account elsewhere."""
    organisation = access.organisation_of(request)
    lines = inviting.plan(text, organisation, user=request.user)
    unseen = {line.email for line in lines if line.is_elsewhere}
    if not elsewhere.may_tell(request, unseen, organisation=organisation):
        raise refusal("trop_d_essais", forms.WAIT)
    return lines


def _preview(request: HttpRequest, text: str, lines: list, *, findings=()) -> HttpResponse:
    wrong = [line for line in lines if line.faults]
    faulty = len(wrong)
    context = {
        "text": text,
        "lines": lines,
        "wrong": wrong[: inviting.MAX_CORRECTED],
        "right": [line for line in lines if not line.faults],
        "kinds": Role.Kind,
        "faulty": faulty,
        "linked": sum(line.person is not None for line in lines),
        "fingerprint": inviting.fingerprint(lines),
        "findings": findings,
        "is_kept": letters.is_kept(),
    }
    status = 409 if findings else 422 if faulty else 200
    return render(request, "accounts/invite_preview.html", context, status=status)


@edits
@role_required(Role.Kind.ADMINISTRATION)
def invite(request: HttpRequest) -> HttpResponse:
    """Give a list, tick who is in it, or put its lines right; see line by line what it would do;
    nothing is written."""
    if request.method != "POST":
        return _asks(request, forms.InvitationForm())
    given = request.POST.copy()
    if "personne" in given:
        given["liste"] = inviting.ticked(given, access.organisation_of(request))
    elif "ligne" in given:
        given["liste"] = inviting.corrected(given)
    elif "assemblee" in given and not given.get("liste", "").strip():
        messages.error(request, "Cochez qui inviter, ou collez une liste.")
        return redirect("accounts:to_invite")
    form = forms.InvitationForm(given, request.FILES)
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            return _preview(request, text, _planned(request, text))
        except Refused as refused:
            for finding in refused.findings:
                form.add_error(None, str(finding))
    return _asks(request, form, status=422)


def _asks(request: HttpRequest, form: forms.InvitationForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "is_kept": letters.is_kept()}
    return render(request, "accounts/invite.html", context, status=status)


@posts
@role_required(Role.Kind.ADMINISTRATION)
@proof.required("inviter ces personnes")
def confirm_invitation(request: HttpRequest) -> HttpResponse:
    """Do what the preview showed, if it would still do exactly that; all of it or nothing."""
    organisation = access.organisation_of(request)
    text = request.POST.get("liste", "")
    try:
        lines = _planned(request, text)
        if inviting.fingerprint(lines) != request.POST.get("empreinte"):
            return _preview(request, text, lines, findings=(CHANGED,))
        invited = actions.invite(
            organisation, lines, by=request.user, request=request, at=timezone.now()
        )
    except IntegrityError:
        lines = _planned(request, text)
        return _preview(request, text, lines, findings=(TAKEN,))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:invite")
    messages.add_message(request, letters.level(messages.SUCCESS), _invited(organisation, invited))
    return redirect("accounts:to_invite")


def _invited(organisation: Organisation, invited: int) -> str:
    """How many were, how many are still to be."""
    persons = standing.sitting(organisation, on=timezone.localdate())
    left = len(standing.to_invite(persons, at=timezone.now()))
    told = count(invited, "compte ouvert", "comptes ouverts")
    told += f", il en reste {left} à inviter" if left else ", tous ceux qui siègent sont invités"
    if letters.is_kept():
        return letters.kept(f"{told}.", "les invitations sont", "gardées ici", by_hand=True)
    return f"{told}. Courriels en route."


@reads
@role_required(Role.Kind.ADMINISTRATION)
def to_invite(request: HttpRequest) -> HttpResponse:
    """Whoever sits and has no account yet, of all bodies or of one, to be ticked; who was invited,
    and how far that is."""
    now, today = timezone.now(), timezone.localdate()
    running = Mandate.objects.in_office(today).select_related("body", "community")
    persons = standing.sitting(access.organisation_of(request), on=today).prefetch_related(
        Prefetch("mandates", running.order_by("body__position", "body__name"), to_attr="seats")
    )
    told = [(person, standing.of(person, at=now)) for person in persons]
    none = [person for person, found in told if person.email and found.is_none]
    sitting: dict[Body, int] = {}
    for person in none:
        for body in dict.fromkeys(seat.body for seat in person.seats):
            sitting[body] = sitting.get(body, 0) + 1
    asked = row_number(request.GET.get("instance", ""))
    body = next((each for each in sitting if each.pk == asked), None)
    if body is not None:
        none = [person for person in none if any(seat.body == body for seat in person.seats)]
    context = {
        "to_invite": none,
        "of_body": body,
        "bodies": sitting if len(sitting) > 1 else {},
        "waiting": standing.by_state([each for each in told if each[1].again]),
        "unreachable": [person for person, found in told if not person.email and found.is_none],
    }
    return render(request, "members/accounts.html", context)


@edits
@proof.required("voir le lien par lequel un compte s’ouvre")
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Where no mail leaves, the link by which somebody first enters, to be given by hand: asked,
    then shown once."""
    organisation = access.organisation_of(request)
    there = Role.objects.filter(organisation=organisation).values("user")
    account = get_object_or_404(User, pk=pk, pk__in=there)
    if organisation is None or not access.has_role(
        request.user, organisation, Role.Kind.ADMINISTRATION
    ):
        raise PermissionDenied
    found = tuple(actions.against_hand_over(account, request.user))
    context: dict[str, object] = {"account": account, "findings": found}
    if request.method == "POST" and not found:
        context["link"] = actions.hand_over(
            account, by=request.user, organisation=organisation, request=request
        )
    return render(request, "accounts/hand_over.html", context, status=409 if found else 200)


def _ended(request: HttpRequest):
    return ended.accounts(
        access.organisation_of(request),
        run=access.organisations_run_by(request.user),
        on=timezone.localdate(),
    )


@reads
@role_required(Role.Kind.ADMINISTRATION)
def ended_accounts(request: HttpRequest) -> HttpResponse:
    """Open accounts whose mandates have all ended."""
    return render(request, "accounts/ended.html", {"accounts": _ended(request)})


@posts
@role_required(Role.Kind.ADMINISTRATION)
@proof.required("désactiver ces comptes")
def close_accounts(request: HttpRequest) -> HttpResponse:
    """Deactivate those that were ticked."""
    form = forms.ClosingForm(request.POST, accounts=_ended(request))
    if form.is_valid():
        organisation = access.organisation_of(request)
        rows = list(form.cleaned_data["compte"])
        closed = actions.close(rows, by=request.user, organisation=organisation)
        messages.success(request, f"Désactivé, sessions fermées : {count(closed, 'compte')}.")
    else:
        messages.error(request, "Rien n’est désactivé : cochez des comptes de cette liste.")
    return redirect("accounts:ended")


# --- What gives a voice -----------------------------------------------------------------------

# The pages are those of `members`, which cannot ask who is there: their addresses are here. A file
# is previewed there, and confirmed here.


@posts
@proof.required("écrire ces mandats et ces adresses")
def confirm_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the preview of `members` showed: who sits, and where their links go."""
    return members_pages.confirm_import(request, pk)


@posts
@role_required(Role.Kind.ADMINISTRATION)
@proof.required("enregistrer ces collectivités")
def confirm_communities(request: HttpRequest) -> HttpResponse:
    """Write the list that the preview of `members` showed."""
    return founding_pages.confirm_communities(request)


organisation = edits(proof.required("changer l’organisation")(founding_pages.organisation))
community = edits(proof.required("changer ces adresses")(founding_pages.community))
new_body = edits(
    role_required(Role.Kind.ADMINISTRATION)(
        proof.required("créer cette instance")(founding_pages.new_body)
    )
)
births = edits(proof.required("noter ces dates de naissance")(members_pages.births))
