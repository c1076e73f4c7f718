"""What somebody saw when she opened a card: what another wrote meanwhile is never undone unread.

A form that mixes `Seen` in bears the mark of each value that it showed. When it comes back and
would write over a value that is no longer the one shown, nothing is written: the form says who
changed what, takes up what she had not touched, keeps what she typed, and is to be sent anew. The
same form sent twice changes nothing the second time, and is let by.

A page that deletes bears the mark of what it would delete; one that returns a row to an earlier
state, that of the row as it is now.

A form without its mark (a page opened before marks were, a script) is taken at its word.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.manager import SIMPLE_HISTORY_REVERSE_ATTR_NAME

from law import french

FIELD = "fiche-vue"  # of the form, or of a row of it


def _mark(value: object) -> str:
    """A few letters by which a value is known again, whether stored, shown or sent."""
    value = value.pk if isinstance(value, Model) else value
    told = "" if value is None else str(value)
    return blake2b(told.encode("utf-8", "replace"), digest_size=6).hexdigest()


class Seen(forms.ModelForm):
    """A form of a row that others may change meanwhile."""

    @property
    def seen(self) -> SafeString:
        """The marks, as a hidden field; those that were sent, until the difference is told."""
        if self.instance.pk is None:
            return SafeString()
        kept = self.is_bound and not getattr(self, "is_stale", False)
        marks = self._sent() if kept else self._now()
        name = self.add_prefix(FIELD)
        return format_html('<input type="hidden" name="{}" value="{}">', name, json.dumps(marks))

    def written(self, name: str) -> Any:
        """What the form, once it is clean, would put there."""
        return getattr(self.instance, name, self.cleaned_data.get(name))

    @property
    def mark(self) -> str:
        """One for the whole row, as it is stored."""
        return _mark(self._now())

    def _now(self) -> dict[str, str]:
        return {name: _mark(self._stored(name)) for name in self.fields}

    def _stored(self, name: str) -> Any:
        return self._of_today.get_initial_for_field(self.fields[name], name)

    @cached_property
    def _of_today(self) -> forms.ModelForm:
        """This form, or that of the row as it is stored when this one shows an earlier state."""
        if not self._is_of_then:
            return self
        today = type(self.instance)._base_manager.filter(pk=self.instance.pk).first()
        return type(self)(instance=today) if today else self

    @property
    def _is_of_then(self) -> bool:
        return hasattr(self.instance, SIMPLE_HISTORY_REVERSE_ATTR_NAME)

    def _sent(self) -> dict[str, str]:
        return marks_sent(self.data, self.add_prefix(FIELD))

    def _post_clean(self) -> None:
        # Django's own, where it writes on the instance: its stubs do not name what has no promise.
        super()._post_clean()  # type: ignore[misc]
        if self.instance.pk is None:
            return
        now, sent = self._now(), self._sent()
        written = self.fields if self._is_of_then else self.changed_data
        changed = [name for name in written if sent.get(name, now[name]) != now[name]]
        if not self.errors:  # sent twice, it says otherwise what it wrote the first time
            changed = [name for name in changed if _mark(self.written(name)) != now[name]]
        if not changed:
            return
        self.is_stale = True
        self.add_error(None, self._told())
        for name in changed:
            field, stored = self.fields[name], self._stored(name)
            words = f"est devenu «\u00a0{_in_words(field, stored)}\u00a0» entre-temps"
            if name in self.cleaned_data and _mark(self.cleaned_data[name]) == sent[name]:
                # This form's own copy of the field shows what is stored, not what was sent.
                field.bound_data = lambda *_, now=stored: now  # type: ignore[method-assign]
                words += ", repris ici."
            else:
                words += "\u00a0; ce qui est ici le remplacera si vous l’envoyez de nouveau."
            self.add_error(name, words)

    def _told(self) -> str:
        """That the card is another now and, where its history says so, by whom."""
        return (
            "Cette fiche a changé depuis que vous l’avez ouverte\u00a0: "
            f"{who_wrote(self.instance)}. Relisez ce qui suit, puis enregistrez de nouveau."
        )


def who_wrote(row: Model) -> str:
    """Who last wrote a row and when, where its history says so."""
    history = getattr(row, "history", None)
    last = history.select_related("history_user").first() if history is not None else None
    if last is None or last.history_user is None:
        return "quelqu’un d’autre, ou vous dans une autre page, l’a enregistrée"
    at = timezone.localtime(last.history_date)
    when = f"le {french.long_date(at.date())} à {french.clock(at)}"
    return f"{last.history_user} l’a enregistrée {when}"


def marks(rows: Mapping[str, forms.ModelForm], going: object) -> dict[str, str]:
    """What a page that deletes shows: each row, by its number, and what would go with them."""
    return {pk: form.mark for pk, form in rows.items()} | {"": _mark(going)}


def marks_sent(data: Mapping[str, str], name: str = FIELD) -> dict[str, str]:
    """The marks that a page sent back; none where they are not its own."""
    try:
        found = json.loads(data.get(name, "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _in_words(field: forms.Field, value: Any) -> str:
    """A value as its page says it."""
    if value in (None, ""):
        return "vide"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return french.long_date(value)
    if isinstance(field, forms.ModelChoiceField):
        try:
            return str(field.to_python(value))
        except ValidationError:
            return "un choix qui n’est plus offert"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))
    return str(value)


def seen(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    """The same form, which bears what it showed."""
    if issubclass(form, Seen):
        return form
    return Seen if issubclass(Seen, form) else type(form.__name__, (form, Seen), {})
