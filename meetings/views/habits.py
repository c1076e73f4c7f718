"""What a body discusses at each sitting."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from meetings import access, journal
from meetings.actions import habits
from meetings.models import RecurringItem
from meetings.prepare_forms import RecurringForm
from meetings.views import shared
from members.access import edits, get_body, posted, posts


def _recurring_context(body, form: RecurringForm, *, page: str | None) -> dict:
    return {
        "body": body,
        "tab": "recurring",
        "habits": body.recurring_items.all(),
        "page_obj": Paginator(journal.of_body(body), 50).get_page(page),
        "form": form,
    }


@edits
def recurring(request: HttpRequest, pk: int) -> HttpResponse:
    """What a body discusses at each sitting, or now and then; a line at the foot adds to it."""
    body = get_body(request, pk, to="keep")
    form = RecurringForm(posted(request), instance=RecurringItem(body=body))
    if form.does(lambda: habits.keep_habit(form.instance, by=request.user)):
        return redirect("recurring:list", pk)
    context = _recurring_context(body, form, page=request.GET.get("page"))
    status = 422 if form.is_bound else 200
    return render(request, "meetings/recurring.html", context, status=status)


@edits
def edit_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    """Change one of them."""
    found = access.get_habit(request, pk, habit)
    form = RecurringForm(posted(request), instance=found)
    if form.does(lambda: habits.keep_habit(found, by=request.user)):
        return redirect("recurring:list", pk)
    context = {"body": found.body, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "meetings/recurring_edit.html", context, status=status)


@posts
def move_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    """One rank up or down."""
    found = access.get_habit(request, pk, habit)
    if not habits.move_habit(found, by_rank=shared.rank_asked(request), by=request.user):
        messages.info(request, f"« {found.title} » ne peut pas aller plus loin dans ce sens.")
    return redirect("recurring:list", pk)


@posts
def drop_recurring(request: HttpRequest, pk: int, habit: int) -> HttpResponse:
    """Offer one no more."""
    found = access.get_habit(request, pk, habit)
    habits.drop_habit(found, by=request.user)
    messages.success(request, f"« {found.title} » ne reviendra plus ; les séances gardent le leur.")
    return redirect("recurring:list", pk)
