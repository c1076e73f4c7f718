"""A whole sitting as one JSON file: written from the tables, read back into them.

The file holds the words of the organisation and of the body, the sitting, its agenda, and its
ledger as it was told (payloads of `law.codec`). What can be counted is not in it: reading a file
replays its ledger. Format: `docs/fichier-de-seance.md`; schema: `meetings.sitting_schema`.

Exporting, importing elsewhere and exporting again gives the same bytes. Importing is all or
nothing; every fault is named by its path in the file.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.formats import date_format

from law import assembly, codec, findings, french, regime, sitting
from law.ballots import Mode
from law.docket import Docket
from law.findings import Finding, Severity
from meetings import agenda, attachments, drafts, richtext, sitting_schema, voted
from meetings.actions import restoring
from meetings.actions.items import of_first_call
from meetings.models import AgendaItem, Attachment, Brief, Meeting
from meetings.sitting_schema import Path, fault, read
from members import ranks
from members.models import (
    Body,
    Community,
    Constituency,
    Mandate,
    Organisation,
    Person,
    RuleBook,
    User,
    folded,
)
from trail import recording as trail
from trail.models import Act

Json = dict[str, Any]

__all__ = ["Imported", "dump", "export", "import_", "read"]

# --- Writing ----------------------------------------------------------------------------------


def export(meeting: Meeting) -> Json:
    """The file of this sitting, as JSON types."""
    body = meeting.body
    events = [_line(event) for event in meeting.events.all()]
    items = list(
        meeting.items.select_related(
            "approves__body", "examines__meeting__body", "resumes__meeting__body", "brief"
        )
        .prefetch_related("attachments", "also_approves__body")
        .order_by("position", "pk")
    )
    document = {
        "format": sitting_schema.FORMAT,
        "version": sitting_schema.VERSION,
        "organisation": _organisation(meeting),
        "body": _body(body)
        | _present(rule_book=_rule_book(meeting), mandates=list(_mandates(meeting))),
        "meeting": _present(
            held_on=meeting.held_on.isoformat(),
            starts_at=_hour(meeting.starts_at),
            is_hour_unknown=meeting.is_hour_unknown or None,
            place=meeting.place,
            in_one_place=meeting.in_one_place or None,
            is_cancelled=meeting.stage == Meeting.Stage.CANCELLED or None,
            attending=meeting.attending.splitlines(),
            stated_presence=meeting.stated_presence,
            convened_on=_day(meeting.convened_on),
            second_call_on=_day(meeting.second_call_on),
            second_call_of=_sitting_ref(meeting.second_call_of, body),
        ),
        "agenda": [_item(node, body) for node in agenda.Agenda.of(items, body.numbering).roots],
        "ledger": events,
        "references": list(_references(meeting, items)),
    }
    if not events:
        _, payload = codec.dump(meeting.basis)
        document["basis"] = _nameless(payload)
    if not document["references"]:
        del document["references"]
    return document


def dump(document: Json) -> str:
    """The file itself: always the same bytes for the same sitting."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _present(**values: Any) -> Json:
    """Only what says something: what is empty is left out of the file."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _hour(hour: time | None) -> str | None:
    return hour.isoformat(timespec="minutes") if hour else None


def _line(event: models.Model) -> Json:
    payload = _nameless(event.payload) if event.kind == "composed" else event.payload
    return {"kind": event.kind, **_counted(event.kind, payload, is_counted=True)}


def _counted(kind: str, line: Json, *, is_counted: bool) -> Json:
    """This line, which says whether its votes were counted if nothing else in it does: figures,
    names, an hour of the room, or the words of the paper."""
    if kind != "ballot_held" or "at" in line:
        return line
    ballot = line["ballot"]
    told = {"is_counted", "choices", "counts"} & ballot.keys()
    if told or ballot.get("mode", Mode.ORDINARY) != Mode.ORDINARY:
        return line
    if "unanim" in ballot.get("stated", "").casefold():
        return line
    return line | {"ballot": ballot | {"is_counted": is_counted}}


def _nameless(composed: Json) -> Json:
    """A composition without the numbers of our tables, which mean nothing elsewhere."""
    people = composed.get("composition", {})
    members = [
        {key: value for key, value in member.items() if key != "mandate"}
        for member in people.get("members", [])
    ]
    return composed | {"composition": people | {"members": members} if members else people}


def _organisation(meeting: Meeting) -> Json:
    organisation = meeting.organisation
    return {
        "name": organisation.name,
        "slug": organisation.slug,
        "designation": organisation.designation,
        "legal_form": organisation.legal_form,
    } | _present(
        siren=organisation.known_siren,
        address=organisation.address,
        communities=list(_communities(meeting)),
    )


def _communities(meeting: Meeting) -> Iterator[Json]:
    """The communities represented in the composition, and those that succeeded to them."""
    known = {
        community.pk: community
        for community in meeting.organisation.communities.order_by("name", "founded_on", "pk")
    }
    named = {
        member.community
        for composed in _compositions(meeting)
        for member in composed.composition.members
    }
    wanted = {pk for pk, community in known.items() if community.name in named}
    pending = list(wanted)
    while pending:
        successor = known[pending.pop()].successor_id
        if successor is not None and successor not in wanted:
            wanted.add(successor)
            pending.append(successor)
    for pk, community in known.items():
        if pk in wanted:
            successor = known.get(community.successor_id)
            yield {"name": community.name, "kind": community.kind} | _present(
                siren=community.siren,
                is_associated=community.is_associated or None,
                founded_on=_day(community.founded_on),
                dissolved_on=_day(community.dissolved_on),
                successor=successor.name if successor else None,
            )


def _compositions(meeting: Meeting) -> Iterator[sitting.Composed]:
    """Every composition the ledger tells, corrected ones included; the coming one without it."""
    told = [event for event in meeting.ledger if isinstance(event, sitting.Composed)]
    yield from told or [meeting.basis]


def _body(body: Body) -> Json:
    return {
        "name": body.name,
        "slug": body.slug,
        "kind": body.kind,
        "designation": body.designation,
        "gender": body.gender,
        "member_noun": body.member_noun,
        "layout": body.layout,
        "numbering": body.numbering,
    } | _present(
        position=body.position or None,
        usual_place=body.usual_place,
        usual_time=_hour(body.usual_time),
    )


def _rule_book(meeting: Meeting) -> Json | None:
    book = meeting.body.rule_book(meeting.held_on)
    if book is None:
        return None
    return {"preset": book.preset} | _present(valid_from=_day(book.valid_from), source=book.source)


def _mandates(meeting: Meeting) -> Iterator[Json]:
    """Since when and until when each member sits, in the order of the composition."""
    members = meeting.basis.composition.members
    rows = meeting.body.mandates.in_bulk([m.mandate for m in members if m.mandate is not None])
    for member in members:
        if member.mandate is not None and (row := rows.get(member.mandate)):
            yield {"member": member.key, "start_on": row.start_on.isoformat()} | _present(
                end_on=_day(row.end_on), end_reason=row.end_reason, position=row.position or None
            )


def _sitting_ref(meeting: Meeting | None, body: Body) -> Json | None:
    """How a file of `body` points at another sitting."""
    if meeting is None:
        return None
    return {"held_on": meeting.held_on.isoformat(), "starts_at": _hour(meeting.starts_at)} | (
        {} if meeting.body_id == body.pk else {"body": meeting.body.slug}
    )


def _item(node: agenda.Node, body: Body) -> Json:
    item, examines = node.item, None
    if item.examines is not None:
        other = item.examines.meeting
        examines = {"body": other.body.slug, **_sitting_ref(other, body), "item": item.examines.key}
    return {"key": item.key, "kind": item.kind, "title": item.title} | _present(
        effect=item.effect,
        label=item.label,
        rapporteur=item.rapporteur,
        received_on=_day(item.received_on),
        text=item.text,
        brief=_brief(getattr(item, "brief", None)),
        attachments=[_attachment(each) for each in item.attachments.all()],
        approves=_sitting_ref(item.approves, body),
        also_approves=[_sitting_ref(each, body) for each in item.also_approves.all()],
        examines=examines,
        resumes=item.resumes.key if item.resumes else None,
        was_added=item.was_added or None,
        accounts_of=item.accounts_of or None,
        announced=item.announced,
        voted_lines=_rows(item.voted_table),
        children=[_item(child, body) for child in node.children],
    )


def _rows(table: voted.Table) -> list[list[str]]:
    """The lines voted together, their headings first."""
    return [list(row) for row in (table.headings, *table.rows) if row]


def _brief(brief: Brief | None) -> Json:
    """What was prepared of an item, one entry for each visa, considérant and article."""
    if brief is None:
        return {}
    return _present(
        note=brief.note, **{name: getattr(brief, name).splitlines() for name in _ENTRIES}
    )


_ENTRIES = ("visas", "recitals", "articles")


def _attachment(attachment: Attachment) -> Json:
    """What tells a file from any other; its content does not travel with the sitting."""
    return {
        "title": attachment.title,
        "filename": attachment.filename,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
    } | _present(pages=attachment.pages)


def _references(meeting: Meeting, items: Iterable[AgendaItem]) -> Iterator[Json]:
    """What is needed of the sittings this one points at, so that the file stands alone."""
    pointed: dict[Meeting, list[AgendaItem]] = {}
    approved = (each for item in items for each in item.approved)
    for other in [meeting.second_call_of, *approved]:
        if other is not None:
            pointed.setdefault(other, [])
    for item in items:
        if item.examines is not None:
            pointed.setdefault(item.examines.meeting, []).append(item.examines)
        if item.resumes is not None:
            pointed.setdefault(item.resumes.meeting, []).append(item.resumes)
    for other in sorted(pointed, key=lambda each: (each.held_on, each.starts_at, each.body.slug)):
        targets = {target.key: target for target in pointed[other]}
        yield {
            "held_on": other.held_on.isoformat(),
            "starts_at": _hour(other.starts_at),
        } | _present(
            body=None if other.body_id == meeting.body_id else _body(other.body),
            items=[
                {"key": key, "kind": target.kind, "title": target.title}
                for key, target in sorted(targets.items())
            ],
        )


# --- Reading ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did. `meeting` is `None` after a trial; `notes` deserve a look."""

    meeting: Meeting | None
    created: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def import_(
    data: Any,
    *,
    organisation: Organisation | None = None,
    by: User | None = None,
    dry_run: bool = False,
) -> Imported:
    """Bring a sitting in: `data` is what `read` made of a file.

    With `organisation`, only a file of that organisation is taken. What exists already (its
    organisation, body, people, mandates) is used and never changed. Raises `Refused` with every
    fault; then, or after a trial (`dry_run`), nothing was written.
    """
    findings.refuse(sitting_schema.check(data))
    document = _Document(data)
    findings.refuse(document.faults)
    with transaction.atomic():
        importer = _Importer(document, organisation=organisation, by=by)
        meeting = importer.run()
        if dry_run:
            transaction.set_rollback(True)
    return Imported(
        meeting=None if dry_run else meeting,
        created=tuple(importer.told()),
        notes=tuple(importer.notes),
    )


def _flat(items: Iterable[Json], path: Path = ("agenda",)) -> Iterator[tuple[Path, Json]]:
    """Every item with its path, in printed order."""
    for index, item in enumerate(items):
        yield (*path, index), item
        yield from _flat(item.get("children", ()), (*path, index, "children"))


class _Document:
    """A file that obeys the schema, read as values; `faults` tells where it contradicts itself."""

    def __init__(self, data: Json) -> None:
        self.data = data
        self.faults: list[Finding] = []
        self.notes: list[str] = []
        self.items = list(_flat(data["agenda"]))
        self.held_on = date.fromisoformat(data["meeting"]["held_on"])
        self.starts_at = time.fromisoformat(data["meeting"]["starts_at"])
        self.events: list[sitting.Event] = []
        self.uncounted: list[Json] = []
        for index, line in enumerate(data["ledger"]):
            payload = {key: value for key, value in line.items() if key != "kind"}
            payload = self._said_counted(line["kind"], payload)
            event = self._load(line["kind"], index + 1, payload, ("ledger", index))
            self.events += [event] if event else []
        self.basis, self.basis_path = self._basis()
        self._check_agenda()
        self._check_dates()
        self._check_names()
        self._note_uncounted()
        if not data["ledger"]:
            if self.basis is None:
                self.fault(("basis",), "Sans registre, le fichier dit ici qui compose l’assemblée.")
        elif data["ledger"][0]["kind"] != "composed":
            self.fault(
                ("ledger", 0, "kind"), "Le registre commence par la composition : « composed »."
            )
        elif "basis" in data:
            self.fault(("basis",), "Le registre dit déjà la composition.")
        elif len(self.events) == len(data["ledger"]):
            # What is only unusual is told once the sitting is in: see `restore_ledger`.
            self.faults += [
                each
                for each in restoring.judge_ledger(
                    self.events,
                    titles=self.titles,
                    docket=Docket(),  # what is only a warning afterwards is told once it is in
                )
                if each.severity is Severity.REFUSAL
            ]

    def fault(self, path: Path, message: str, **extra: Any) -> None:
        self.faults.append(fault(path, message, **extra))

    @property
    def titles(self) -> Mapping[str, str]:
        """What can be discussed, in printed order: key → title."""
        return {i["key"]: i["title"] for _, i in self.items if i["kind"] != AgendaItem.Kind.SECTION}

    def _load(self, kind: str, seq: int, payload: Json, path: Path) -> sitting.Event | None:
        """The event, or `None` and what the schema could not see in it."""
        try:
            return codec.load(kind, seq, payload)
        except findings.Refused as refusal:
            at = sitting_schema.written(path)
            self.faults += [
                replace(each, field=f"{at}.{each.field}" if each.field else at)
                for each in refusal.findings
            ]
            return None

    def _basis(self) -> tuple[sitting.Composed | None, Path]:
        """The composition that counts, and where it is in the file."""
        if not self.data["ledger"]:
            if "basis" not in self.data:
                return None, ()
            return self._load("composed", 0, self.data["basis"], ("basis",)), ("basis",)
        for event in reversed(sitting.standing_events(self.events)):
            if isinstance(event, sitting.Composed):
                return event, ("ledger", event.seq - 1)
        return None, ()

    def _check_agenda(self) -> None:
        seen: set[str] = set()
        labelled: dict[str, list[str]] = {}
        for path, item in self.items:
            if item["key"] in seen:
                self.fault((*path, "key"), f"La clé « {item['key']} » est déjà prise.")
            seen.add(item["key"])
            if not item["title"].strip():
                self.fault((*path, "title"), "Ce texte ne peut être vide.")
            if label := item.get("label"):
                labelled.setdefault(label, []).append(f"« {item['title']} »")
            if item.get("children") and "examines" in item:
                self.fault((*path, "children"), "Un point examiné n’a pas de sous-points.")
            rapporteur = item.get("rapporteur")
            if rapporteur and self.basis and rapporteur not in self.basis.composition:
                self.fault(
                    (*path, "rapporteur"),
                    f"« {rapporteur} » n’est pas dans la composition de cette séance.",
                )

        self.notes += [
            f"Le numéro {label} est celui de {french.join(titles)} : corrigez-en un."
            for label, titles in labelled.items()
            if len(titles) > 1
        ]

    def _said_counted(self, kind: str, line: Json) -> Json:
        """Of a vote without figures, unanimity is not presumed: the file or its paper says it."""
        told = _counted(kind, line, is_counted=False)
        if told is not line:
            self.uncounted.append(line["ballot"])
        return told

    def _note_uncounted(self) -> None:
        quoted = [
            f"« {self.titles.get(vote['item'], vote['item'])} »"
            + (f" (« {vote['stated']} »)" if vote.get("stated") else "")
            for vote in self.uncounted
        ]
        if quoted:
            self.notes.append(
                f"Sans chiffres, l’unanimité n’est pas affirmée : {', '.join(quoted)}. Si le "
                "papier la dit, donnez « is_counted » : true."
            )

    def _check_dates(self) -> None:
        meeting = self.data["meeting"]
        convened_on = meeting.get("convened_on")
        if convened_on and date.fromisoformat(convened_on) > self.held_on:
            self.fault(("meeting", "convened_on"), "La convocation ne peut suivre la séance.")
        for event in self.events:
            days = (event.at.date() - self.held_on).days if event.at is not None else 0
            if days not in (0, 1):
                self.fault(
                    ("ledger", event.seq - 1, "at"),
                    f"La séance est du {date_format(self.held_on)} ; cette heure est d’un autre "
                    "jour.",
                )

    def _check_names(self) -> None:
        for event in self.events:
            if isinstance(event, sitting.Composed):
                self._check_composition(event, ("ledger", event.seq - 1))
        if self.basis and self.basis_path == ("basis",):
            self._check_composition(self.basis, self.basis_path)
        communities = Counter(
            (each["name"], each.get("founded_on"))
            for each in self.data["organisation"].get("communities", ())
        )
        for (name, _), count in communities.items():
            if count > 1:
                self.fault(
                    ("organisation", "communities"), f"« {name} » est décrite plusieurs fois."
                )
        members = self.basis.composition if self.basis else ()
        given: set[str] = set()
        for index, mandate in enumerate(self.data["body"].get("mandates", ())):
            path: Path = ("body", "mandates", index)
            if mandate["member"] not in members:
                self.fault(
                    (*path, "member"), f"« {mandate['member']} » n’est pas dans la composition."
                )
            if mandate["member"] in given:
                self.fault((*path, "member"), "Ce mandat est décrit deux fois.")
            given.add(mandate["member"])
            end_on = date.fromisoformat(mandate.get("end_on", "9999-12-31"))
            if not date.fromisoformat(mandate["start_on"]) <= self.held_on <= end_on:
                self.fault(path, "Ce mandat ne couvre pas le jour de la séance.")
            if ("end_on" in mandate) != bool(mandate.get("end_reason")):
                self.fault(path, "La fin d’un mandat a une date et un motif.")

    def _check_composition(self, composed: sitting.Composed, path: Path) -> None:
        path = (*path, "composition")
        colleges = [each.name for each in composed.composition.constituencies]
        for name, count in Counter(colleges).items():
            if count > 1:
                self.fault((*path, "constituencies"), f"Le collège « {name} » y est deux fois.")
        members = composed.composition.members
        by_key = composed.composition.by_key
        names = Counter(member.plain_name.casefold() for member in members)
        for member in members:
            if names.pop(member.plain_name.casefold(), 0) > 1:
                self.notes.append(
                    f"Deux membres se nomment {member.name} : vérifiez qu’il s’agit de deux "
                    "personnes, et qui des deux a siégé, voté ou donné pouvoir."
                )
        seen: set[str] = set()
        for index, member in enumerate(members):
            at: Path = (*path, "members", index)
            if not member.key:
                self.fault((*at, "key"), "Ce texte ne peut être vide.")
            if member.key in seen:
                self.fault((*at, "key"), f"La clé « {member.key} » est déjà prise.")
            seen.add(member.key)
            if not member.name.strip():
                self.fault((*at, "last_name"), "Cette personne n’a pas de nom.")
            if member.constituency and member.constituency not in colleges:
                self.fault(
                    (*at, "constituency"), f"Le collège « {member.constituency} » n’est pas décrit."
                )
            titular = by_key.get(member.replaces)
            if member.replaces and (
                member.capacity is not assembly.Capacity.SUBSTITUTE
                or titular is None
                or titular.capacity is not assembly.Capacity.TITULAR
            ):
                self.fault((*at, "replaces"), "Un suppléant supplée un titulaire.")


class _Importer:
    """Finds or makes what a file speaks of, in one transaction."""

    def __init__(
        self, document: _Document, *, organisation: Organisation | None, by: User | None
    ) -> None:
        self.document, self.by = document, by
        self.data = document.data
        self.only_into = organisation
        self.faults: list[Finding] = []
        self.notes = [*document.notes]
        self.made: Counter[str] = Counter()
        self.names: list[str] = []

    def told(self) -> Iterator[str]:
        """What was made, in words."""
        yield from self.names
        for what, count in self.made.items():
            one, many = _COUNTED[what]
            yield f"{count} {one if count == 1 else many}"

    def fault(self, path: Path, message: str, **extra: Any) -> None:
        self.faults.append(fault(path, message, **extra))

    def run(self) -> Meeting:
        self.organisation = self._organisation()
        self.communities = self._communities()
        self.body = self._body(self.data["body"], ("body",))
        existing = self._existing()
        self.meetings: dict[tuple[str, date, time], Meeting] = {}
        self._references()
        self._rule_book()
        colleges = self._constituencies()
        mandates = self._mandates(colleges)
        meeting = self._meeting(existing)
        self._agenda(meeting)
        findings.refuse(self.faults)
        events = [_with_mandates(event, mandates) for event in self.document.events]
        if events:
            self.made["event"] = len(events)
            warnings = restoring.restore_ledger(meeting, events, by=self.by)
            self.notes += [str(each) for each in warnings]
        return meeting

    def _save(self, row: models.Model, path: Path, *, what: str = "") -> models.Model:
        """Save a new row, or note what is wrong with it under its path."""
        try:
            # Names that a source does not give (a civility, a surname) are kept empty.
            blank = [
                field.name
                for field in row._meta.fields
                if isinstance(row, Person) and getattr(row, field.attname) == ""
            ]
            row.full_clean(exclude=blank, validate_unique=not isinstance(row, Person))
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                for message in messages:
                    self.fault((*path, name) if name != "__all__" else path, message)
        else:
            row.save()
            if what:
                self.made[what] += 1
        return row

    # Organisation, communities, bodies

    def _organisation(self) -> Organisation:
        given = self.data["organisation"]
        if self.only_into is not None and self.only_into.slug != given["slug"]:
            self.fault(
                ("organisation", "slug"),
                f"Ce fichier vient de « {given['name']} » ; vous êtes dans « {self.only_into} ».",
            )
            raise findings.Refused(self.faults)
        values = {key: value for key, value in given.items() if key != "communities"}
        found = Organisation.objects.filter(slug=given["slug"]).first()
        if found is not None:
            self._note_differences(found, values, f"L’organisation « {found} »")
            return found
        self.names.append(f"l’organisation « {given['name']} »")
        return self._must_save(Organisation(**values), ("organisation",))

    def _must_save(self, row: models.Model, path: Path) -> models.Model:
        """Like `_save`, for what everything else hangs from."""
        self._save(row, path)
        findings.refuse(self.faults)
        return row

    def _note_differences(self, row: models.Model, values: Json, name: str) -> None:
        """Say what the tables say otherwise; they are not changed by an import."""
        other = [
            str(row._meta.get_field(key).verbose_name)
            for key, value in values.items()
            if _as_json(getattr(row, key)) != value
        ]
        if other:
            self.notes.append(
                f"{name} existe déjà et n’a pas été modifiée ; le fichier dit autre chose : "
                f"{', '.join(other)}."
            )

    def _communities(self) -> dict[str, Community]:
        """By name; of two of the same name, the one that existed on the day of the sitting."""
        given = self.data["organisation"].get("communities", [])
        described: dict[int, Community] = {}
        for index, each in enumerate(given):
            path: Path = ("organisation", "communities", index)
            values = {key: value for key, value in each.items() if key != "successor"}
            found = self.organisation.communities.filter(
                name=each["name"], founded_on=each.get("founded_on")
            ).first()
            if found is None:
                row = Community(organisation=self.organisation, **values)
                found = self._save(row, path, what="community")
            else:
                self._note_differences(found, values, f"La collectivité « {found} »")
            described[index] = found
        for index, each in enumerate(given):
            if "successor" in each and described[index].successor_id is None:
                self._succeed(described[index], each["successor"], index)
        by_name: dict[str, Community] = {}
        for community in self.organisation.communities.order_by("founded_on", "pk"):
            if community.name not in by_name or _existed(community, self.document.held_on):
                by_name[community.name] = community
        return by_name

    def _succeed(self, community: Community, name: str, index: int) -> None:
        successor = self.organisation.communities.filter(name=name).last()
        path: Path = ("organisation", "communities", index, "successor")
        if successor is None:
            self.fault(path, f"La collectivité « {name} » n’est pas décrite.")
        elif community.dissolved_on is None:
            self.fault(path, "Donnez la date à laquelle la collectivité cesse d’exister.")
        elif community.pk:
            community.successor = successor
            community.save()

    def _body(self, given: Json, path: Path) -> Body:
        values = {k: v for k, v in given.items() if k not in ("rule_book", "mandates")}
        found = self.organisation.bodies.filter(slug=given["slug"]).first()
        if found is not None:
            self._note_differences(found, values, f"L’instance « {found} »")
            return found
        if "usual_time" in values:
            values["usual_time"] = time.fromisoformat(values["usual_time"])
        self.names.append(f"l’instance « {given['name']} »")
        return self._must_save(Body(organisation=self.organisation, **values), path)

    def _rule_book(self) -> None:
        """The rules of the sitting, where the body had none on that day."""
        basis = self.document.basis
        given = self.data["body"].get("rule_book", {})
        book = self.body.rule_book(self.document.held_on)
        if book is not None:
            if book.regime != replace(basis.regime, form=book.preset):
                self.notes.append(
                    "Les règles de la séance ne sont pas celles du règlement en vigueur ce "
                    "jour-là dans l’instance ; la séance garde les siennes."
                )
                wrong = regime.unlawful(basis.regime, book.preset, of_assembly=book.is_of_assembly)
                self.notes += map(str, wrong)
            return
        preset = given.get("preset", self.organisation.legal_form)
        row = RuleBook(
            body=self.body,
            preset=preset if preset in regime.PRESETS else "commune",
            valid_from=given.get("valid_from"),
            values=regime.to_values(basis.regime),
            source=given.get("source", ""),
        )
        if row.valid_from and date.fromisoformat(row.valid_from) > self.document.held_on:
            self.fault(("body", "rule_book", "valid_from"), "Ce règlement est postérieur.")
        self._save(row, ("body", "rule_book"), what="rule_book")

    def _constituencies(self) -> dict[str, Constituency]:
        found = {each.name: each for each in self.body.constituencies.all()}
        last = max((each.position for each in found.values()), default=0)
        given = self.document.basis.composition.constituencies
        for index, each in enumerate(given):
            path = (*self.document.basis_path, "composition", "constituencies", index)
            if each.name not in found:
                last += 1
                row = Constituency(
                    body=self.body,
                    name=each.name,
                    seats=each.seats,
                    seats_since=self.document.held_on,
                    position=last,
                )
                found[each.name] = self._save(row, path, what="constituency")
            elif found[each.name].seats != each.seats:
                self.notes.append(
                    f"Le collège « {each.name} » compte {found[each.name].seats} sièges dans "
                    f"l’instance, {each.seats} dans le fichier ; l’instance n’est pas modifiée."
                )
        return found

    # People and mandates

    def _mandates(self, colleges: Mapping[str, Constituency]) -> dict[str, int]:
        """The mandate of each member of the composition, found or made, by key."""
        members = self.document.basis.composition.members
        people = self._people(members)
        described = {each["member"]: each for each in self.data["body"].get("mandates", ())}
        rows = list(self.body.mandates.select_related("person", "community", "constituency"))
        found: dict[str, Mandate] = {}
        titulars_first = sorted(
            enumerate(members), key=lambda each: each[1].capacity == assembly.Capacity.SUBSTITUTE
        )
        for index, member in titulars_first:
            person = people[member.key]
            own = [row for row in rows if row.person_id == person.pk]
            running = next((row for row in own if _runs(row, self.document.held_on)), None)
            if running is None:
                running = self._new_mandate(
                    member, index, person, own, rows, found, colleges, described
                )
                rows.append(running)
            elif _says_otherwise(running, member):
                self.notes.append(
                    f"{person} a déjà un mandat ce jour-là, décrit autrement dans le fichier ; "
                    "la séance garde sa composition, le mandat n’est pas modifié."
                )
            found[member.key] = running
        return {key: mandate.pk for key, mandate in found.items() if mandate.pk}

    def _new_mandate(
        self,
        member: assembly.Member,
        index: int,
        person: Person,
        own: list[Mandate],
        others: list[Mandate],
        found: Mapping[str, Mandate],
        colleges: Mapping[str, Constituency],
        described: Mapping[str, Json],
    ) -> Mandate:
        given = described.get(member.key)
        at = (*self.document.basis_path, "composition", "members", index)
        community = self.communities.get(member.community)
        if member.community and community is None:
            self.fault(
                (*at, "community"),
                f"La collectivité « {member.community} » n’est pas décrite dans "
                "organisation.communities.",
            )
        later = [row.start_on for row in own if row.start_on > self.document.held_on]
        if given is not None:
            dates = {
                "start_on": date.fromisoformat(given["start_on"]),
                "end_on": date.fromisoformat(given["end_on"]) if "end_on" in given else None,
                "end_reason": given.get("end_reason", ""),
                "position": given.get("position", 0),
            }
        else:
            # Nothing says since when: from this sitting on, and until the next mandate known.
            dates = {"start_on": self.document.held_on, "position": index + 1}
            if later:
                dates |= {"end_on": min(later) - timedelta(days=1), "end_reason": "autre"}
        mandate = Mandate(
            body=self.body,
            person=person,
            capacity=member.capacity.value,
            constituency=colleges.get(member.constituency),
            community=community,
            replaces=found.get(member.replaces),
            office=member.office or Mandate.Office.MEMBER,
            office_rank=member.office_rank or None,
            weight=member.weight,
            **dates,
        )
        faults = mandate.faults(others)
        path = at
        if given is not None:
            rank = list(described).index(member.key)
            path = ("body", "mandates", rank)
        for messages in faults.values():
            for message in messages:
                self.fault(path, message)
        if not faults and not self.faults:
            mandate.save()
            self.made["mandate"] += 1
        return mandate

    def _people(self, members: Iterable[assembly.Member]) -> dict[str, Person]:
        """Somebody of that name who is nobody else of this file; otherwise a new person."""
        members = list(members)
        known: dict[str, list[Person]] = {}
        names = {_sort_name(member) for member in members}
        for person in self.organisation.persons.filter(sort_name__in=names).order_by("pk"):
            known.setdefault(person.sort_name, []).append(person)
        taken: set[int] = set()
        people: dict[str, Person] = {}
        for index, member in enumerate(members):
            alike = [
                person
                for person in known.get(_sort_name(member), ())
                if person.pk not in taken and _may_be(person, member)
            ]
            alike.sort(key=lambda each: _full_name(each) != _full_name(member))
            if alike:
                person = alike[0]
            else:
                path = (*self.document.basis_path, "composition", "members", index)
                person = self._save(
                    Person(
                        organisation=self.organisation,
                        civility=member.civility,
                        first_name=member.first_name,
                        last_name=member.last_name,
                        born_on=member.born_on,
                    ),
                    path,
                    what="person",
                )
            people[member.key] = person
            if person.pk:
                taken.add(person.pk)
        return people

    # The sitting

    def _existing(self) -> Meeting | None:
        """The sitting if it is here already and holds nothing yet; refused when it does.

        A sitting that another one points at is made by that import with nothing but its date
        and the titles pointed at; its own file completes it.
        """
        found = self.body.meetings.filter(
            held_on=self.document.held_on, starts_at=self.document.starts_at
        ).first()
        if found is None:
            return None
        titles = {item["key"]: (item["kind"], item["title"]) for _, item in self.document.items}
        rows = list(found.items.all())
        is_bare = not (found.place or found.convened_on or found.events.exists()) and all(
            titles.get(row.key) == (row.kind, row.title) and not (row.text or row.parent_id)
            for row in rows
        )
        is_bare = is_bare and not (
            Brief.objects.filter(item__in=rows).exists()
            or Attachment.objects.filter(item__in=rows).exists()
        )
        says_more = bool(self.data["ledger"]) or (
            len(self.document.items) > len(rows)
            or self.data["meeting"].keys() - {"held_on", "starts_at"}
            or any(item.keys() - {"key", "kind", "title"} for _, item in self.document.items)
        )
        if is_bare and says_more:
            return found
        raise findings.Refused(
            [
                fault(
                    ("meeting",),
                    f"Cette séance existe déjà ({found}, {french.clock(found.starts_at)}) ; "
                    "rien n’a été changé.",
                    code="seance_existante",
                )
            ]
        )

    def _references(self) -> None:
        """The sittings this one points at, made bare where they are not known here."""
        for index, each in enumerate(self.data.get("references", ())):
            path: Path = ("references", index)
            body = self._body(each["body"], (*path, "body")) if "body" in each else self.body
            held_on, starts_at = (
                date.fromisoformat(each["held_on"]),
                time.fromisoformat(each["starts_at"]),
            )
            meeting = body.meetings.filter(held_on=held_on, starts_at=starts_at).first()
            if meeting is None:
                meeting = self._must_save(
                    Meeting(body=body, held_on=held_on, starts_at=starts_at, created_by=self.by),
                    path,
                )
                self.made["reference"] += 1
            rows = {row.key for row in meeting.items.all()}
            last = ranks.after_all(meeting.items.all())
            for rank, item in enumerate(each.get("items", ()), last):
                if item["key"] not in rows:
                    self._save(AgendaItem(meeting=meeting, position=rank, **item), (*path, "items"))

    def _pointed(self, ref: Json, path: Path) -> Meeting | None:
        """The sitting a reference points at; a fault when it is not here."""
        found = Meeting.objects.filter(
            body__organisation=self.organisation,
            body__slug=ref.get("body", self.body.slug),
            held_on=ref["held_on"],
        )
        if "starts_at" in ref:
            found = found.filter(starts_at=ref["starts_at"])
        meetings = list(found[:2])
        if len(meetings) == 1:
            return meetings[0]
        on = date_format(date.fromisoformat(ref["held_on"]))
        if meetings:
            self.fault(path, f"Plusieurs séances ont eu lieu le {on} : donnez « starts_at ».")
        else:
            self.fault(
                path,
                f"La séance du {on} n’est pas ici, et « references » ne la décrit pas.",
                remedy="Importez-la d’abord, ou retirez ce renvoi.",
            )
        return None

    def _meeting(self, existing: Meeting | None) -> Meeting:
        given = self.data["meeting"]
        meeting = existing or Meeting(body=self.body, created_by=self.by)
        meeting.held_on, meeting.starts_at = self.document.held_on, self.document.starts_at
        meeting.is_hour_unknown = given.get("is_hour_unknown", False)
        meeting.place = given.get("place", "")
        meeting.in_one_place = given.get("in_one_place", False)
        if given.get("is_cancelled"):
            meeting.stage = Meeting.Stage.CANCELLED
        meeting.attending = "\n".join(given.get("attending", []))
        meeting.stated_presence = given.get("stated_presence", "")
        meeting.convened_on = (
            date.fromisoformat(given["convened_on"]) if "convened_on" in given else None
        )
        meeting.second_call_on = (
            date.fromisoformat(given["second_call_on"]) if "second_call_on" in given else None
        )
        if "second_call_of" in given:
            path: Path = ("meeting", "second_call_of")
            first = self._pointed(given["second_call_of"], path)
            if first is not None and first.body_id != self.body.pk:
                self.fault(path, "Cette séance est celle d’une autre instance.")
            elif first is not None and first.held_on >= meeting.held_on:
                self.fault(path, "La première séance doit précéder la seconde.")
            meeting.second_call_of = first
        findings.refuse(self.faults)
        self._must_save(meeting, ("meeting",))
        if existing is None:
            told = f"{meeting}, importée d’un fichier"
            trail.note(Act.CREATED, told, by=self.by, organisation=self.organisation)
        self.names.append(f"la séance « {meeting} »")
        return meeting

    def _agenda(self, meeting: Meeting) -> None:
        """The items, level by level: a parent is known before its children."""
        known = {row.key: row for row in meeting.items.all()}
        level: list[tuple[Path, Json, AgendaItem | None, int]] = [
            (("agenda", index), item, None, index) for index, item in enumerate(self.data["agenda"])
        ]
        while level:
            rows = [
                self._item(known.get(item["key"]), meeting, path, item, parent, position)
                for path, item, parent, position in level
            ]
            findings.refuse(self.faults)
            AgendaItem.objects.bulk_create(row for row in rows if row.pk is None)
            for row in rows:
                if row.key in known:
                    row.save()
            self.made["item"] += len(rows)
            for row, (path, item, _, _) in zip(rows, level, strict=True):
                self._also_approves(row, item.get("also_approves", ()), (*path, "also_approves"))
                self._brief(row, item.get("brief", {}), (*path, "brief"))
                self._attachments(row, item.get("attachments", ()), (*path, "attachments"))
            level = [
                ((*path, "children", index), child, row, index)
                for row, (path, item, _, _) in zip(rows, level, strict=True)
                for index, child in enumerate(item.get("children", ()))
            ]
        meeting.forget()

    def _item(
        self,
        row: AgendaItem | None,
        meeting: Meeting,
        path: Path,
        given: Json,
        parent: AgendaItem | None,
        position: int,
    ) -> AgendaItem:
        row = row or AgendaItem(meeting=meeting, key=given["key"])
        row.parent, row.position = parent, position
        row.kind, row.title = given["kind"], given["title"]
        row.effect = given.get("effect", "")
        row.label, row.rapporteur = given.get("label", ""), given.get("rapporteur", "")
        row.text = self._cleaned(given.get("text", ""), (*path, "text"))
        if "approves" in given:
            row.approves = self._pointed(given["approves"], (*path, "approves"))
        if "examines" in given:
            ref = given["examines"]
            other = self._pointed(
                {key: value for key, value in ref.items() if key != "item"}, (*path, "examines")
            )
            if other is not None:
                row.examines = other.items.filter(key=ref["item"]).first()
                if row.examines is None:
                    self.fault(
                        (*path, "examines", "item"),
                        f"La séance « {other} » n’a pas de point « {ref['item']} ».",
                    )
        row.was_added = given.get("was_added", False)
        row.accounts_of = given.get("accounts_of", "")
        if "received_on" in given:
            row.received_on = date.fromisoformat(given["received_on"])
        row.announced = given.get("announced", "")
        row.voted_lines = "\n".join("\t".join(cells) for cells in given.get("voted_lines", ()))
        try:
            voted.table(row.voted_lines)
        except ValueError as fault:
            self.fault((*path, "voted_lines"), str(fault))
        first = meeting.second_call_of
        if first is not None:
            wanted = given.get("resumes")
            row.resumes = (
                first.items.filter(key=wanted).first()
                if wanted
                else of_first_call(meeting, row.title)
            )
            if wanted and row.resumes is None:
                self.fault(
                    (*path, "resumes"), f"La séance « {first} » n’a pas de point « {wanted} »."
                )
        return row

    def _also_approves(self, row: AgendaItem, given: Iterable[Json], path: Path) -> None:
        """The other sittings whose minutes the same vote approves."""
        pointed = [self._pointed(ref, (*path, index)) for index, ref in enumerate(given)]
        if pointed and row.approves is None:
            self.fault(path, "Le premier procès-verbal approuvé se donne dans « approves ».")
        elif pointed:
            row.also_approves.set(each for each in pointed if each is not None)

    def _cleaned(self, given: str, path: Path) -> str:
        """A text as it is kept; what had to be cleaned out of it is noted."""
        text = richtext.clean(given)
        if text != given:
            self.notes.append(
                f"{sitting_schema.written(path)} : le texte a été nettoyé de ce qu’un papier "
                "ne garde pas."
            )
        return text

    def _brief(self, row: AgendaItem, given: Json, path: Path) -> None:
        if not given:
            return
        kept = {"note": self._cleaned(given.get("note", ""), (*path, "note"))}
        for name in _ENTRIES:
            entries = given.get(name, [])
            kept[name] = drafts.tidy(richtext.printable("\n".join(entries)))
            if kept[name].splitlines() != entries:
                self.notes.append(
                    f"{sitting_schema.written((*path, name))} : lignes remises au net."
                )
        Brief.objects.create(item=row, version=1, **kept)
        self.made["brief"] += 1

    def _attachments(self, row: AgendaItem, given: Iterable[Json], path: Path) -> None:
        """Join again the files that are known here by their content; note the others.

        What a file is comes from the copy that was checked, never from this document.
        """
        given = list(given)
        known = {
            each.sha256: each
            for each in Attachment.objects.filter(
                item__meeting__body__organisation=self.organisation,
                sha256__in=[each["sha256"] for each in given],
            )
        }
        for index, each in enumerate(given):
            name = attachments.safe_name(each["filename"])
            twin = known.get(each["sha256"])
            if twin is None:
                self.notes.append(
                    f"{sitting_schema.written((*path, index))} : la pièce « {name} » n’est "
                    "pas dans le fichier, qui n’en donne que l’empreinte ; joignez-la au point."
                )
                continue
            Attachment.objects.create(
                item=row,
                title=each.get("title") or attachments.title_of(name),
                filename=attachments.named_as(name, twin.filename),
                file=twin.file.name,
                media_type=twin.media_type,
                size=twin.size,
                pages=twin.pages,
                sha256=twin.sha256,
                position=index,
                added_by=self.by,
            )
            self.made["piece"] += 1


_COUNTED = {
    "community": ("collectivité", "collectivités"),
    "constituency": ("collège", "collèges"),
    "rule_book": ("règlement", "règlements"),
    "person": ("personne", "personnes"),
    "mandate": ("mandat", "mandats"),
    "reference": ("séance citée", "séances citées"),
    "item": ("point", "points"),
    "brief": ("dossier", "dossiers"),
    "piece": ("pièce jointe", "pièces jointes"),
    "event": ("événement de séance", "événements de séance"),
}


def _as_json(value: Any) -> Any:
    match value:
        case time():
            return _hour(value)
        case date():
            return value.isoformat()
    return value


def _existed(community: Community, on: date) -> bool:
    began = community.founded_on is None or community.founded_on <= on
    return began and (community.dissolved_on is None or on < community.dissolved_on)


def _runs(mandate: Mandate, on: date) -> bool:
    return mandate.start_on <= on and (mandate.end_on is None or mandate.end_on >= on)


def _sort_name(who: assembly.Member) -> str:
    """What `Person.sort_name` is for somebody of this name."""
    length = Person._meta.get_field("sort_name").max_length
    return f"{folded(who.last_name)} / {folded(who.first_name)}"[:length]


def _full_name(who: assembly.Member | Person) -> tuple[str, str]:
    return who.first_name, who.last_name


def _may_be(person: Person, member: assembly.Member) -> bool:
    """Nothing known of the one contradicts what is known of the other."""
    civility = not (person.civility and member.civility) or person.civility == member.civility
    born = not (person.born_on and member.born_on) or person.born_on == member.born_on
    # Names of which filing keeps nothing (emoji, signs) are compared as they are.
    is_filed = _sort_name(member) != " / "
    return civility and born and (is_filed or _full_name(person) == _full_name(member))


def _says_otherwise(mandate: Mandate, member: assembly.Member) -> bool:
    office = "" if mandate.office == Mandate.Office.MEMBER else mandate.office
    return (
        mandate.capacity,
        mandate.constituency.name if mandate.constituency else "",
        mandate.community.name if mandate.community else "",
        office,
        mandate.office_rank or 0,
        mandate.weight,
    ) != (
        member.capacity.value,
        member.constituency,
        member.community,
        member.office,
        member.office_rank,
        member.weight,
    )


def _with_mandates(event: sitting.Event, mandates: Mapping[str, int]) -> sitting.Event:
    """A composition whose members are tied to the mandates of our tables."""
    if not isinstance(event, sitting.Composed):
        return event
    members = tuple(
        replace(member, mandate=mandates.get(member.key)) for member in event.composition.members
    )
    return replace(event, composition=replace(event.composition, members=members))
