"""Take back the last act on an agenda, whatever it was: what was added, moved, given, taken out.

An act is told whole: what each item that it touched was before, with its file. It is taken back
whole, or not at all once somebody worked on what it touched.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from law import findings
from law.findings import Finding
from meetings import journal
from meetings.actions import items, joining, ledger
from meetings.models import AgendaItem, Attachment, Brief, Meeting, Undo
from members import files, seals
from members.models import User
from members.witness import Witnessed

LASTS = timedelta(hours=1)

# An item as it is told here: its columns, `parent` by key, and the rows that go with it.
Row = dict[str, Any]
_FILES = Attachment._meta.label_lower
_BRIEF = ("note", "visas", "recitals", "articles")


class Act:
    """What is being done, in words: « 12 points ajoutés »; whoever does it may say it last."""

    def __init__(self, words: str) -> None:
        self.words = words


@contextmanager
def kept(meeting: Meeting, words: str = "", *, by: User) -> Iterator[Act]:
    """Do something to the agenda of a sitting, all or nothing, and keep what takes it back.

    What came to nothing leaves the act before it to be taken back.
    """
    with files.all_or_nothing():
        ledger.lock(meeting)
        before = _rows(meeting)
        act = Act(words)
        yield act
        after = _rows(meeting)
        changes = {
            key: _change(before.get(key), after.get(key))
            for key in (before | after)
            if before.get(key) != after.get(key)
        }
        if not changes:
            return
        drop(Undo.objects.filter(Q(meeting=meeting, by=by) | Q(at__lt=timezone.now() - LASTS)))
        undo = Undo(
            meeting=meeting,
            by=by,
            words=act.words[:500],
            changes=changes,
            files=sorted(_files(before) - _files(after)),
        )
        undo.seal = seals.seal(undo.whole())
        undo.save()


def last(meeting: Meeting, *, by: User) -> Undo | None:
    """The act that this person may take back, `None` an hour later."""
    since = timezone.now() - LASTS
    return Undo.objects.filter(meeting=meeting, by=by, at__gt=since).first()


def drop(acts: QuerySet[Undo]) -> None:
    """Forget acts that are not taken back any more, and the files that they kept; none that
    somebody named in the database."""
    names = {name for act in acts if act.is_ours for name in act.files}
    acts.delete()
    joining.forget_files(names)


@transaction.atomic
def take_back(act: Undo, *, by: User) -> None:
    """Put everything that an act touched as it was. Refused once any of it changed since, when a
    file would go that left with a convocation, and of an act that the application did not keep:
    what it puts back it witnesses as true."""
    if not act.is_ours:
        raise findings.refusal(
            "geste_etranger",
            f"«\u00a0{act.words}\u00a0» n’a pas été gardé par l’application, ou l’a été sous une "
            "autre clé\u00a0: ce geste ne se reprend pas.",
            remedy="Corrigez l’ordre du jour à la main. Si la clé du serveur n’a pas changé dans "
            "l’heure, quelqu’un a écrit dans la base\u00a0: dites-le à l’administration.",
        )
    meeting = ledger.lock(act.meeting)
    now = _rows(meeting)
    _refuse_what_changed(act, now)
    had = list(Attachment.objects.filter(item__meeting=meeting))
    for key, change in act.changes.items():
        if key not in now:
            try:
                _create(meeting, key, change["was"])
            except IntegrityError as error:
                raise _too_late([change["was"]["title"]]) from error
    found = {item.key: item for item in meeting.items.all()}
    for key, change in act.changes.items():
        if change["was"] is None:
            continue
        try:
            _restore(found[key], change["was"], found)
        except IntegrityError as error:  # another item says it since, or what it leans on went
            raise _too_late([found[key].title]) from error
    for key in _roots(act, now):
        out = AgendaItem.objects.get(pk=found[key].pk)
        out.meeting = meeting
        items.take_out(out)
    have = set(Attachment.objects.filter(item__meeting=meeting).values_list("file", flat=True))
    joining.refuse_if_sent(meeting, [each for each in had if each.file.name not in have])
    drop(Undo.objects.filter(pk=act.pk))
    journal.note(meeting, "act-undone", f"Repris : {act.words}", by=by)
    ledger.touch(meeting)
    meeting.forget()


def _refuse_what_changed(act: Undo, now: dict[str, Row]) -> None:
    changed = [
        key
        for key, change in act.changes.items()
        if change["became"] != _digest(_part(now.get(key), change["was"]))
    ]
    if changed:
        rows = [now.get(key) or act.changes[key]["was"] or {} for key in changed]
        raise _too_late(row.get("title", "un point") for row in rows)


def _too_late(titles: Iterable[str]) -> findings.Refused:
    return findings.Refused(
        Finding(
            code="a_change_depuis",
            message=f"« {title} » a changé depuis : ce geste ne se reprend plus d’un coup.",
            remedy="Corrigez-le à la main.",
        )
        for title in titles
    )


# --- A row, told and put back ---------------------------------------------------------------------


def _columns(model: type[models.Model], but: frozenset[str]) -> list[str]:
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in but
    ]


@cache
def _with_it() -> dict[str, tuple[type[models.Model], str]]:
    """The rows of weight that go when an item goes, of whatever room: their model, and the name by
    which they know it. Its file and its sub-items are told apart."""
    apart = (AgendaItem, Brief)
    return {
        relation.related_model._meta.label_lower: (relation.related_model, relation.field.name)
        for relation in AgendaItem._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel)
        and relation.on_delete is models.CASCADE
        and issubclass(relation.related_model, Witnessed)
        and relation.related_model not in apart
    }


_OWN = _columns(AgendaItem, frozenset({"meeting", "parent", "key"}))


def _rows(meeting: Meeting) -> dict[str, Row]:
    """Each item by its key: its columns, its file, what goes with it: a query each, whatever their
    number."""
    told: dict[int, Row] = {}
    keys: dict[int, str] = {}
    for row in AgendaItem.objects.filter(meeting=meeting).values("pk", "key", "parent_id", *_OWN):
        pk = row.pop("pk")
        keys[pk] = row.pop("key")
        told[pk] = {name: _plain(value) for name, value in row.items()}
    for row in told.values():
        row["parent"] = keys.get(row.pop("parent_id"))
        row["brief"] = ["", "", "", ""]
    for brief in Brief.objects.filter(item__meeting=meeting):
        told[brief.item_id]["brief"] = [getattr(brief, name) for name in _BRIEF]
    for name, (model, owner) in _with_it().items():
        with_it = defaultdict(list)
        columns = _columns(model, frozenset({owner}))
        rows = model._default_manager.filter(**{f"{owner}__meeting": meeting}).order_by("pk")
        for row in rows.values(f"{owner}_id", *columns):
            with_it[row.pop(f"{owner}_id")].append({k: _plain(v) for k, v in row.items()})
        for pk, row in told.items():
            row[name] = with_it[pk]
    return {keys[pk]: row for pk, row in told.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(model: type[models.Model], row: Row, names: Iterable[str]) -> dict[str, Any]:
    """The columns of these names that a row tells, as the model has them."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: _standing(fields[name], row[name]) for name in names if name in row}


def _standing(field: models.Field, told: Any) -> Any:
    """A value that a row told. Raises `IntegrityError` when what it refers to went since, which
    the database itself would say at the end of the transaction only."""
    value = field.to_python(told)
    if isinstance(field, models.ForeignKey) and value is not None:
        referred = field.related_model._base_manager.filter(**{field.target_field.name: value})
        if not referred.exists():
            raise IntegrityError(f"{field} {value}")
    return value


def _change(before: Row | None, after: Row | None) -> dict[str, Any]:
    """What an item was, where it changed, and the digest of what became of that."""
    was = before
    if before is not None and after is not None:
        was = {name: value for name, value in before.items() if value != after[name]}
    return {"was": was, "became": _digest(_part(after, was))}


def _part(row: Row | None, like: Row | None) -> Row | None:
    if row is None or like is None:
        return row
    return {name: row[name] for name in like}


def _digest(row: Row | None) -> str:
    told = json.dumps(row, sort_keys=True, default=str)
    return hashlib.blake2s(told.encode(), digest_size=16).hexdigest()


def _files(rows: dict[str, Row]) -> set[str]:
    return {each["file"] for row in rows.values() for each in row[_FILES]}


def _create(meeting: Meeting, key: str, was: Row) -> None:
    AgendaItem(meeting=meeting, key=key, **_read(AgendaItem, was, _OWN)).save()


def _restore(item: AgendaItem, was: Row, found: dict[str, AgendaItem]) -> None:
    """Write what an item was, where it changed: a row made again was all changed."""
    for name, value in _read(AgendaItem, was, _OWN).items():
        setattr(item, name, value)
    if "parent" in was:
        item.parent = found.get(was["parent"] or "")
    item.save(update_fields=[*(was.keys() & set(_OWN)), *(["parent"] if "parent" in was else [])])
    if "brief" in was:
        brief, _ = Brief.objects.get_or_create(item=item)
        for name, text in zip(_BRIEF, was["brief"], strict=True):
            setattr(brief, name, text)
        brief.version += 1
        brief.save()
    for name in was.keys() & _with_it().keys():
        _put_back(item, name, was[name])


def _put_back(item: AgendaItem, name: str, rows: list[Row]) -> None:
    model, owner = _with_it()[name]
    here = model._default_manager.filter(**{owner: item})
    if name == _FILES:
        added = Attachment.objects.filter(item=item)
        joining.discard(added.exclude(file__in=[row["file"] for row in rows]))
    have = [{k: _plain(v) for k, v in row.items()} for row in here.values(*rows[0])] if rows else []
    for row in rows:
        if row not in have:
            model(**{owner: item}, **_read(model, row, row)).save()


def _roots(act: Undo, now: dict[str, Row]) -> list[str]:
    """Those that the act added, without those that stand under another of them."""
    added = {key for key, change in act.changes.items() if change["was"] is None}
    return [key for key in added if now[key]["parent"] not in added]
