"""What goes with a row that is deleted, said before it goes."""

import json
from collections.abc import Iterable

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from law import french
from members import proving
from members.asked import row_number
from members.seen import FIELD, marks, marks_sent, who_wrote


def counted(opts, number: int) -> str:
    """« 1 collectivité membre », « 3 collectivités membres »."""
    return french.count(number, str(opts.verbose_name), str(opts.verbose_name_plural))


def by_kind(told: Iterable, *, but: Iterable[str] = ()) -> list[tuple[str, list[str]]]:
    """Rows that Django tells one by one, in nested lists (« Mandat: Farid FAURE »), counted by
    kind: « 2 mandats », and which; `but` of kinds that nobody knows."""
    found: dict[str, list[str]] = {}

    def read(rows: Iterable) -> None:
        for row in rows:
            if not isinstance(row, str):
                read(row)
                continue
            kind, _, name = row.partition(": ")
            if kind.lower() in but:
                continue
            found.setdefault(kind, []).append(type(row)(name))  # a link stays one

    read(told)
    called = {
        french.capitalise(str(model._meta.verbose_name)): model for model in apps.get_models()
    }
    return [(counted(called[kind]._meta, len(names)), names) for kind, names in found.items()]


class Deleting:
    """Pages that delete, which say what would go, what keeps it there and what is done instead."""

    instead = ""  # what is most often done rather than delete a row
    unsaid = ("rattachement",)  # what goes with a row and is nothing to who deletes it
    actions = ["delete_selected"]
    delete_confirmation_template = "admin/delete_confirmation.html"
    delete_selected_confirmation_template = delete_confirmation_template

    @transaction.atomic
    def delete_view(self, request: HttpRequest, object_id, *args, **kwargs) -> HttpResponse:
        if request.method == "POST":
            number = row_number(str(object_id))
            self._read_again(request, self.get_queryset(request).filter(pk=number))
        return super().delete_view(request, object_id, *args, **kwargs)

    # What the proof is asked for, read by `accounts.sites`.
    delete_view.act = "supprimer"  # type: ignore[attr-defined]

    def _seen(self, request: HttpRequest, rows: Iterable, going: Iterable) -> dict[str, str]:
        """The marks of these rows, as their cards have them, and that of what goes with them."""
        forms = {
            str(row.pk): self.get_form(request, row, change=True)(instance=row) for row in rows
        }
        return marks(forms, sorted(by_kind(going, but=self.unsaid)))

    def _read_again(self, request: HttpRequest, rows: QuerySet) -> None:
        """What another changed since the page was read is shown, and said, instead of deleted; the
        rows are held until they are gone."""
        held = self.model._base_manager.select_for_update()
        list(held.filter(pk__in=[row.pk for row in rows]).values_list("pk").order_by("pk"))
        read, going = marks_sent(request.POST), self.get_deleted_objects(rows, request)[0]
        now = self._seen(request, rows, going)
        told = [
            f"{french.capitalise(self.named(row))}\u00a0: cette fiche a changé depuis que vous "
            f"avez ouvert cette page\u00a0; {who_wrote(row)}."
            for row in rows
            if read.get(str(row.pk), now[str(row.pk)]) != now[str(row.pk)]
        ]
        if not told and read.get("", now[""]) != now[""]:
            told = ["Ce qui disparaîtrait avec a changé depuis que vous avez ouvert cette page."]
        if told:
            request.POST = request.POST.copy()
            request.POST.pop("post", None)
            if "action" not in request.POST:
                request.POST.clear()  # by which Django asks, rather than deletes
            again = "Relisez, puis supprimez de nouveau."
            self.message_user(request, " ".join([*told, again]), messages.WARNING)

    @admin.action(description="Supprimer", permissions=["delete"])
    @transaction.atomic
    def delete_selected(self, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        """Say what would go with them; once that was read, ask whose it is, and delete."""
        if "post" in request.POST:
            self._read_again(request, rows)
        if "post" in request.POST:
            proving.demand("supprimer")
        count = counted(self.opts, len(rows))
        self._say(request, f"C’est supprimé\u00a0: {count}.")
        answer = delete_selected(self, request, rows)
        if answer is not None:
            named = self.named(rows[0]) if len(rows) == 1 else count
            told = self._loss(named, answer.context_data, answer.context_data["deletable_objects"])
            answer.context_data |= told | {
                "selected": [row.pk for row in rows],
                "seen_as": FIELD,
                "seen": json.dumps(
                    self._seen(request, rows, answer.context_data["deletable_objects"])
                ),
            }
        return answer

    def render_delete_form(self, request: HttpRequest, context: dict) -> HttpResponse:
        _, *others = context["deleted_objects"]
        told = self._loss(self.named(context["object"]), context, others)
        told["loses"] = self.loses(context["object"])
        told["seen_as"] = FIELD
        told["seen"] = json.dumps(
            self._seen(request, [context["object"]], context["deleted_objects"])
        )
        return super().render_delete_form(request, context | told)

    def named(self, obj) -> str:
        """What the page that deletes it calls it."""
        return str(obj)

    def loses(self, obj) -> str:
        """What who it is about loses with it; "" when nobody does."""
        return ""

    def _loss(self, named: str, context: dict, going: Iterable) -> dict:
        """What a page that deletes says: what would go, or what keeps it there, counted by kind."""
        kinds = by_kind(going, but=self.unsaid)
        verb = "suppriment" if named[0].isdigit() else "supprime"  # « 2 collèges »
        kept = f"{french.capitalise(named)} ne se {verb} pas"
        is_kept = context["protected"] or context["perms_lacking"]
        return {
            "title": kept if is_kept else f"Supprimer {named}\u00a0?",
            "going": kinds,
            "keeping": by_kind(context["protected"]),
            "instead": self.instead,
        }
