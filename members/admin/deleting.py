"""What goes with a row that is deleted, said before it goes."""

from collections.abc import Iterable

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from law import french
from members import proving


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

    def delete_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)

    delete_view.act = "supprimer"  # type: ignore[attr-defined]

    @admin.action(description="Supprimer", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        """Say what would go with them; once that was read, ask whose it is, and delete."""
        if "post" in request.POST:
            proving.demand("supprimer")
        count = counted(self.opts, len(rows))
        self._say(request, f"C’est supprimé\u00a0: {count}.")
        answer = delete_selected(self, request, rows)
        if answer is not None:
            named = self.named(rows[0]) if len(rows) == 1 else count
            told = self._loss(named, answer.context_data, answer.context_data["deletable_objects"])
            answer.context_data |= told | {"selected": [row.pk for row in rows]}
        return answer

    def render_delete_form(self, request: HttpRequest, context: dict) -> HttpResponse:
        _, *others = context["deleted_objects"]
        told = self._loss(self.named(context["object"]), context, others)
        told["loses"] = self.loses(context["object"])
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
