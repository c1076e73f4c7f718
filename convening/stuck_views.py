"""The page of the mails that did not leave."""

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Letter
from convening import access, outbox, stuck
from convening.models import Convocation, Notice, Recipient
from members.access import CLERKS, has_role, organisation_of, posts, role_required
from members.models import Role


def _rows(request: HttpRequest) -> dict:
    """What this account may see of them: its organisation and its roles decide."""
    organisation, user = organisation_of(request), request.user
    runs = user.is_superuser or has_role(user, organisation, Role.Kind.ADMINISTRATION)
    writes = has_role(user, organisation, Role.Kind.SECRETARIAT)
    kept = stuck.kept(organisation, on=timezone.localdate()) if writes else Recipient.objects.none()
    return {
        "is_kept": outbox.is_kept(),
        "outbox": access.outbox_of(request).count(),
        "kept": _by_dispatch(kept),
        "letters": stuck.letters(user) if runs else Letter.objects.none(),
        "notices": stuck.notices(organisation) if writes else Notice.objects.none(),
    }


def _by_dispatch(kept: QuerySet[Recipient]) -> list[tuple[Convocation, int]]:
    """Each dispatch of which something stayed here, the nearest sitting first, and how much."""
    counted = kept.order_by().values_list("convocation").annotate(count=Count("pk"))
    counts = dict(counted)
    rows = Convocation.objects.filter(pk__in=counts).select_related("meeting__body__organisation")
    return [(row, counts[row.pk]) for row in rows.order_by("meeting__held_on", "pk")]


@role_required(*CLERKS)
@require_GET
def stuck_list(request: HttpRequest) -> HttpResponse:
    """To whom, what, since when, and what the server said."""
    return render(request, "convening/stuck.html", _rows(request))


@posts
def stuck_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes to an account, sent again or given up."""
    return _settle(request, access.get_stuck_letter(request, pk))


@posts
def stuck_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """What is about a sitting, sent again or given up."""
    return _settle(request, access.get_stuck_notice(request, pk))


def _settle(request: HttpRequest, row: Letter | Notice) -> HttpResponse:
    organisation, by = organisation_of(request), request.user
    if "abandonner" in request.POST:
        stuck.give_up(row, by=by, organisation=organisation)
        messages.success(request, "Ce courriel ne partira plus.")
    else:
        stuck.send_again(row, by=by, organisation=organisation, at=timezone.now())
        if outbox.is_kept():
            messages.warning(request, "Ce courriel reste ici\u00a0: aucun serveur n’est réglé.")
        else:
            messages.success(request, "Ce courriel repart.")
    return redirect("convening:stuck")
