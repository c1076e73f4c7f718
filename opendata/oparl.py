"""What is published as OParl 1.1 describes it (https://oparl.org): every object, and its lists.

An object is named by its address. Members are public by law, with no more than their name and
their mandates; what was decided comes from `Reading`, that is from the files that are online. What
OParl has no word for (votes) is under `gouv:`, told in docs/donnees-ouvertes.md.
"""

import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Max,
    Min,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from archive.models import Publication, PublishedAnnex
from archive.online import publications
from documents.models import IssuedDocument
from meetings.models import Meeting
from members.models import Body, Community, Mandate, Organisation, Person
from opendata.models import Reading
from opendata.site import Site, stamped

VERSION = "https://schema.oparl.org/1.1/"
PREFIX = "gouv"  # of what is ours
Object = dict[str, Any]


# --- What there is --------------------------------------------------------------------------------


def _last(*told: str) -> Greatest:
    """The latest of these moments; the first is always there (a `NULL` would hide the others on
    one of the two databases)."""
    first, *others = told
    return Greatest(F(first), *(Coalesce(F(each), F(first)) for each in others))


def published(organisation: Organisation) -> QuerySet[Publication]:
    """All that was ever put online, withdrawn or not."""
    found = Publication.objects.lasting()
    return found.filter(document__meeting__body__organisation=organisation).order_by()


def files_of(organisation: Organisation) -> QuerySet[Publication]:
    """Each file that was put online."""
    found = published(organisation).select_related(
        "document__meeting__body__organisation", "open_data"
    )
    return found.defer("document__content", "open_data__content").annotate(
        created=F("published_at"), modified=_last("published_at", "withdrawn_at")
    )


def _groups(organisation: Organisation, by: str, **only: Any) -> QuerySet[Any]:
    """What was put online, together by `by`, with its first and its last moment."""
    found = published(organisation).filter(**only).values(key=F(by))
    return found.annotate(
        created=Min("published_at"),
        online=Count("pk", filter=Q(withdrawn_at=None)),
        published=Max("published_at"),
        withdrawn=Max("withdrawn_at"),
        judged=Max("open_data__changed_at"),
        modified=_last("published", "withdrawn", "judged"),
    )


def papers_of(organisation: Organisation) -> QuerySet[Any]:
    """Each act that was put online, all its versions together."""
    return _groups(organisation, "first_version", document__kind=IssuedDocument.Kind.EXTRACT)


def examined(organisation: Organisation) -> QuerySet[Any]:
    """Those among them that a sitting examined: not what one decides alone."""
    return papers_of(organisation).filter(document__meeting__kind=Meeting.Kind.SITTING)


def meetings_of(organisation: Organisation) -> QuerySet[Any]:
    """Each sitting of which something was put online."""
    return _groups(organisation, "document__meeting", document__meeting__kind=Meeting.Kind.SITTING)


def bodies_of(organisation: Organisation) -> QuerySet[Body]:
    """The bodies of which something was put online."""
    told = Publication.objects.lasting().filter(document__meeting__body=OuterRef("pk"))
    return _dated(Body.objects.filter(Exists(told), organisation=organisation), Body)


def communities_of(organisation: Organisation) -> QuerySet[Community]:
    """The members of the organisation."""
    return _dated(Community.objects.filter(organisation=organisation), Community)


def memberships_of(organisation: Organisation) -> QuerySet[Mandate]:
    """The mandates of those elected to these bodies; who only gives advice there may be anybody."""
    bodies = bodies_of(organisation).order_by().values("pk")
    found = Mandate.objects.filter(body__in=bodies).exclude(capacity=Mandate.Capacity.CONSULTATIVE)
    found = found.select_related("person", "body__organisation")
    return _dated(found, Mandate)


def persons_of(organisation: Organisation) -> QuerySet[Person]:
    """Whoever holds or held one of them."""
    held = memberships_of(organisation).order_by()
    found = Person.objects.filter(Exists(held.filter(person=OuterRef("pk"))))
    found = found.prefetch_related(
        Prefetch("mandates", queryset=held.order_by("pk"), to_attr="held")
    )
    return _dated(found, Person)


def _dated(found: QuerySet[Any], model: type[Model]) -> QuerySet[Any]:
    """With the moments at which each was written first and last, as its history tells them."""
    past = model.history.filter(id=OuterRef("pk"))  # type: ignore[attr-defined]
    moments = {
        name: Subquery(past.order_by(order).values("history_date")[:1], DateTimeField())
        for name, order in (("created", "history_date"), ("modified", "-history_date"))
    }
    return found.annotate(**moments)


# --- Filters --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a list: the `one` of that number, or those of its `part` that were created or
    changed `between` some moments. What was withdrawn is told to whoever names it, or keeps a copy
    up to date (`tells_deleted`)."""

    one: int | None = None
    between: Q = field(default_factory=Q)
    tells_deleted: bool = False
    part: slice = field(default_factory=lambda: slice(None))

    def rows(self, found: QuerySet[Any]) -> tuple[int, list[Any]]:
        """How many there are, and those of this part."""
        found = found.filter(self.between)
        return found.count(), list(found[self.part])

    def grouped(self, found: QuerySet[Any]) -> tuple[int, list[Any]]:
        """The same of what was put online in several versions, or with others."""
        if self.one is not None:
            return 1, list(found.filter(key=self.one))
        if not self.tells_deleted:
            found = found.filter(online__gt=0)
        return self.rows(found.order_by("key"))

    def single(self, found: QuerySet[Any]) -> tuple[int, list[Any]]:
        """The same of rows that are what they are."""
        if self.one is not None:
            return 1, list(found.filter(pk=self.one))
        return self.rows(found.order_by("pk"))


# --- Objects --------------------------------------------------------------------------------------


class Writer:
    """Objects as JSON, for one organisation."""

    def __init__(self, site: Site, organisation: Organisation) -> None:
        self.site, self.organisation = site, organisation
        self.unsigned: frozenset[int] = frozenset()  # of the acts that it is to write

    def at(self, kind: str, key: object) -> str:
        """The address of an object, which is its name."""
        return self.site.to("opendata:oparl_object", self.organisation.slug, kind, key)

    def list_at(self, name: str) -> str:
        """The address of a list."""
        return self.site.to("opendata:oparl_list", self.organisation.slug, name)

    def _object(self, kind: str, key: object, type_: str, row: Any) -> Object:
        told = {"id": self.at(kind, key), "type": f"{VERSION}{type_}"}
        for name in ("created", "modified"):
            moment = row[name] if isinstance(row, Mapping) else getattr(row, name, None)
            if moment is not None:
                told[name] = stamped(moment)
        return told

    def body(self) -> Object:
        """The organisation: what OParl calls a body is a legal person."""
        slug, to = self.organisation.slug, self.site.to
        told = {
            "id": to("opendata:oparl_body", slug),
            "type": f"{VERSION}Body",
            "system": to("opendata:oparl_system"),
            "name": self.organisation.name,
            "shortName": self.organisation.name,
            "license": settings.OPEN_DATA_LICENCE,
            "web": to("archive:public_organisation", slug),
            "legislativeTerm": [],
            "classification": self.organisation.get_legal_form_display(),
        }
        lists = {
            "organization": "organizations",
            "person": "persons",
            "membership": "memberships",
            "meeting": "meetings",
            "paper": "papers",
            "consultation": "consultations",
            "file": "files",
        }
        told |= {name: self.list_at(where) for name, where in lists.items()}
        if self.organisation.known_siren:
            told[f"{PREFIX}:siren"] = self.organisation.known_siren
        if seat := self.seat():
            told["location"] = seat
        return told

    def seat(self) -> Object | None:
        """Where the organisation is, as its papers say it; `None` when nobody wrote it down."""
        if not self.organisation.address.strip():
            return None
        return {
            "id": self.at("location", "siege"),
            "type": f"{VERSION}Location",
            "description": ", ".join(self.organisation.address.split("\n")),
            "bodies": [self.site.to("opendata:oparl_body", self.organisation.slug)],
        }

    def organization(self, body: Body) -> Object:
        """A body of the organisation: its assembly, its bureau."""
        return self._object("organization", body.pk, "Organization", body) | {
            "body": self.site.to("opendata:oparl_body", self.organisation.slug),
            "name": body.name,
            # A register of what one person decides is no body that sits.
            "organizationType": "Sonstiges" if body.assembly_id else "Gremium",
            "classification": body.get_kind_display(),
            "membership": [self.at("membership", each.pk) for each in body.held],  # type: ignore[attr-defined]
        }

    def community(self, community: Community) -> Object:
        """A member of the organisation, on behalf of which delegates sit."""
        told = self._object("community", community.pk, "Organization", community) | {
            "body": self.site.to("opendata:oparl_body", self.organisation.slug),
            "name": community.name,
            "organizationType": "Institution",
            "classification": community.get_kind_display(),
        }
        for name, day in (
            ("startDate", community.founded_on),
            ("endDate", community.dissolved_on),
        ):
            if day:
                told[name] = day.isoformat()
        return told

    def person(self, person: Person) -> Object:
        """Somebody elected: a name and mandates, and neither address, telephone nor birth."""
        told = self._object("person", person.pk, "Person", person) | {
            "body": self.site.to("opendata:oparl_body", self.organisation.slug),
            "name": str(person),
            "familyName": person.last_name,
            "formOfAddress": person.get_civility_display(),
            "membership": [self.membership(each) for each in person.held],  # type: ignore[attr-defined]
        }
        return told | ({"givenName": person.first_name} if person.first_name else {})

    def membership(self, mandate: Mandate) -> Object:
        """A mandate."""
        role = mandate.office_title or mandate.get_capacity_display()
        told = self._object("membership", mandate.pk, "Membership", mandate) | {
            "person": self.at("person", mandate.person_id),
            "organization": self.at("organization", mandate.body_id),
            "role": role,
            "votingRight": mandate.capacity == Mandate.Capacity.TITULAR,
            "startDate": mandate.start_on.isoformat(),
        }
        if mandate.end_on:
            told["endDate"] = mandate.end_on.isoformat()
        if mandate.community_id:
            told["onBehalfOf"] = self.at("community", mandate.community_id)
        if mandate.weight != 1:
            told[f"{PREFIX}:weight"] = mandate.weight
        return told

    def file(self, publication: Publication) -> Object:
        """A file that is online; of one that was withdrawn, that it was."""
        code = publication.code
        told = self._object("file", publication.pk, "File", publication)
        # A withdrawn file has no address of its own left: its page says that it was withdrawn.
        told["accessUrl"] = self.site.to("archive:public_file", code)
        if publication.withdrawn_at is not None:
            return told | {"deleted": True}
        return told | {
            "name": publication.title,
            "fileName": publication.document.file_name,
            "mimeType": "application/pdf",
            "date": stamped(publication.published_at)[:10],
            "size": publication.size,
            "downloadUrl": told["accessUrl"],
            "fileLicense": settings.OPEN_DATA_LICENCE,
            "web": self.site.to("archive:public_document", code),
            f"{PREFIX}:sha256": publication.sha256,
        }

    def annex(self, annex: PublishedAnnex) -> Object:
        """A file that is online with an act; of one that went with it, that it did."""
        publication = annex.publication
        told = self._object("annex", annex.pk, "File", publication)
        if annex.added_on is not None:  # since the act went online
            added = timezone.make_aware(datetime.combine(annex.added_on, time()))
            told["created"] = stamped(added)
            told["modified"] = stamped(max(added, publication.modified))  # type: ignore[attr-defined]
        rank = str(annex.rank)
        told["accessUrl"] = self.site.to("archive:public_annex", publication.code, rank)
        if publication.withdrawn_at is not None:
            return told | {"deleted": True}
        media_type, _ = mimetypes.guess_type(annex.download_name)
        return told | {
            "name": annex.title,
            "fileName": annex.download_name,
            "mimeType": media_type or "application/octet-stream",
            "downloadUrl": told["accessUrl"],
            "fileLicense": settings.OPEN_DATA_LICENCE,
            f"{PREFIX}:sha256": annex.sha256,
        }

    def paper(self, row: Mapping[str, Any], current: Publication | None) -> Object:
        """A deliberation, a decision, an order: in its version in force."""
        told = self._object("paper", row["key"], "Paper", row)
        if current is None:
            return told | {"deleted": True}
        told |= {
            "body": self.site.to("opendata:oparl_body", self.organisation.slug),
            "name": current.title,
            "date": current.document.meeting.held_on.isoformat(),
            "paperType": current.document.act_noun.capitalize(),
            "mainFile": self.file(current),
            "underDirectionOf": [self.at("organization", current.document.meeting.body_id)],
            "web": self.site.to("archive:public_document", current.code),
        }
        # What one decides alone, no sitting examined.
        if not current.document.meeting.is_alone:
            told["consultation"] = [self.consultation(row, current)]
        if annexes := [self.annex(each) for each in current.annexes.all()]:
            told["auxiliaryFile"] = annexes
        reading = _reading(current)
        if reading is not None:
            told[f"{PREFIX}:stands"] = reading.stands and not reading.is_withdrawn
            told[f"{PREFIX}:signed"] = current.pk not in self.unsigned
            if reading.number:
                told["reference"] = reading.number
        return told

    def consultation(self, row: Mapping[str, Any], current: Publication | None) -> Object:
        """That a sitting decided of a deliberation."""
        told = self._object("consultation", row["key"], "Consultation", row)
        if current is None:
            return told | {"deleted": True}
        meeting = current.document.meeting
        return told | {
            "paper": self.at("paper", row["key"]),
            "meeting": self.at("meeting", meeting.pk),
            "agendaItem": self.at("agendaitem", f"{meeting.pk}-{current.document.subject}"),
            "organization": [self.at("organization", meeting.body_id)],
            "authoritative": True,
        }

    def meeting(self, row: Mapping[str, Any], online: Sequence[Publication]) -> Object:
        """A sitting, and what is online of it: its minutes, its list, its items."""
        told = self._object("meeting", row["key"], "Meeting", row)
        if not online:
            return told | {"deleted": True}
        meeting = online[0].document.meeting
        told |= {
            "name": f"{meeting}",
            "meetingState": "durchgeführt",
            "cancelled": False,
            "organization": [self.at("organization", meeting.body_id)],
            "agendaItem": self.items(row, online),
        }
        if meeting.hour is not None:
            told["start"] = stamped(timezone.make_aware(meeting.scheduled_for))
        by_kind = {each.document.kind: each for each in online}
        if minutes := by_kind.get(IssuedDocument.Kind.MINUTES):
            told["resultsProtocol"] = self.file(minutes)
        if listed := by_kind.get(IssuedDocument.Kind.LIST):
            told["auxiliaryFile"] = [self.file(listed)]
        return told

    def items(self, row: Mapping[str, Any], online: Sequence[Publication]) -> list[Object]:
        """The items that its minutes tell, and those of its deliberations that they do not."""
        extracts = {
            each.document.subject: each
            for each in online
            if each.document.kind == IssuedDocument.Kind.EXTRACT
        }
        kinds = (IssuedDocument.Kind.MINUTES, IssuedDocument.Kind.EXTRACT)
        told: dict[str, Mapping[str, Any]] = {}
        for kind in kinds:
            for each in online:
                reading = _reading(each)
                if each.document.kind == kind and reading is not None:
                    told |= {
                        item["key"]: item for item in reading.agenda if item["key"] not in told
                    }
        return [
            self.item(row, item, extracts.get(key), order=rank)
            for rank, (key, item) in enumerate(told.items(), 1)
        ]

    def item(
        self,
        row: Mapping[str, Any],
        item: Mapping[str, Any],
        extract: Publication | None,
        *,
        order: int,
    ) -> Object:
        """An item of a sitting, what was decided of it and by which votes."""
        told = self._object("agendaitem", f"{row['key']}-{item['key']}", "AgendaItem", row) | {
            "meeting": self.at("meeting", row["key"]),
            "order": order,
            "name": item["name"],
        }
        if item["number"]:
            told["number"] = item["number"]
        if item["text"]:
            told["resolutionText"] = item["text"]
        results = {each["verdict"] for each in item["votes"]} - {""}
        if len(results) == 1:
            told["result"] = _RESULTS[results.pop()]
        if extract is not None:
            told["consultation"] = self.at("consultation", extract.first_version_id)
            told["resolutionFile"] = self.file(extract)
        if item["votes"]:
            told[f"{PREFIX}:votes"] = item["votes"]
        return told


_RESULTS = {"adopte": "adopté", "rejete": "rejeté"}


def _reading(publication: Publication) -> Reading | None:
    found: Reading | None = getattr(publication, "open_data", None)
    return found


def system(site: Site) -> Object:
    """The service itself."""
    return {
        "id": site.to("opendata:oparl_system"),
        "type": f"{VERSION}System",
        "oparlVersion": VERSION,
        "license": settings.OPEN_DATA_LICENCE,
        "body": site.to("opendata:oparl_bodies"),
        "name": "Actes publiés",
        "website": site.to("archive:public"),
    }


# --- Lists ----------------------------------------------------------------------------------------

Told = tuple[int, list[Object]]  # how many there are, and those that were wanted


def _organizations(writer: Writer, wanted: Wanted) -> Told:
    found = bodies_of(writer.organisation)
    held = memberships_of(writer.organisation).select_related(None).order_by("pk")
    found = found.prefetch_related(Prefetch("mandates", queryset=held, to_attr="held"))
    total, rows = wanted.single(found)
    return total, [writer.organization(each) for each in rows]


def _communities(writer: Writer, wanted: Wanted) -> Told:
    total, rows = wanted.single(communities_of(writer.organisation))
    return total, [writer.community(each) for each in rows]


def _all_organizations(writer: Writer, wanted: Wanted) -> Told:
    """The bodies, then the members of the organisation: there are few, and all are read."""
    whole = replace(wanted, part=slice(None))
    found = [_organizations(writer, whole), _communities(writer, whole)]
    total = sum(count for count, _ in found)
    return total, [each for _, objects in found for each in objects][wanted.part]


def _persons(writer: Writer, wanted: Wanted) -> Told:
    total, rows = wanted.single(persons_of(writer.organisation))
    return total, [writer.person(each) for each in rows]


def _memberships(writer: Writer, wanted: Wanted) -> Told:
    total, rows = wanted.single(memberships_of(writer.organisation))
    return total, [writer.membership(each) for each in rows]


def _files(writer: Writer, wanted: Wanted) -> Told:
    found = files_of(writer.organisation)
    if wanted.one is None and not wanted.tells_deleted:
        found = found.filter(withdrawn_at=None)
    total, rows = wanted.single(found)
    return total, [writer.file(each) for each in rows]


def _annexes(writer: Writer, wanted: Wanted) -> Told:
    found = PublishedAnnex.objects.filter(publication__in=published(writer.organisation))
    total, rows = wanted.single(found.prefetch_related(_dated_publications("publication")))
    return total, [writer.annex(each) for each in rows]


def _dated_publications(name: str) -> Prefetch:
    """The publication that they went online with, as an object dates it."""
    found = Publication.objects.annotate(
        created=F("published_at"), modified=_last("published_at", "withdrawn_at")
    )
    return Prefetch(name, queryset=found.order_by())


def _papers(writer: Writer, wanted: Wanted) -> Told:
    return _of_papers(writer, papers_of(writer.organisation), writer.paper, wanted)


def _consultations(writer: Writer, wanted: Wanted) -> Told:
    return _of_papers(writer, examined(writer.organisation), writer.consultation, wanted)


def _of_papers(
    writer: Writer,
    found: QuerySet[Any],
    write: Callable[[Mapping[str, Any], Publication | None], Object],
    wanted: Wanted,
) -> Told:
    total, rows = wanted.grouped(found)
    online = list(_in_force(first_version__in=[row["key"] for row in rows]))
    writer.unsigned = publications.unsigned(online)
    current = {each.first_version_id: each for each in online}
    return total, [write(row, current.get(row["key"])) for row in rows]


def _in_force(**among: Any) -> QuerySet[Publication]:
    """What is online and in force among these, with all that an object says of it."""
    found = Publication.objects.online().in_force().filter(**among)
    found = found.select_related("document__meeting__body__organisation", "open_data")
    found = found.annotate(created=F("published_at"), modified=F("published_at"))
    found = found.defer("document__content", "open_data__content").prefetch_related("annexes")
    return found.order_by("document__title", "pk")


def _meetings(writer: Writer, wanted: Wanted) -> Told:
    total, rows = wanted.grouped(meetings_of(writer.organisation))
    online: dict[int, list[Publication]] = {}
    for each in _in_force(document__meeting__in=[row["key"] for row in rows]):
        online.setdefault(each.document.meeting_id, []).append(each)
    return total, [writer.meeting(row, online.get(row["key"], [])) for row in rows]


List = Callable[[Writer, Wanted], Told]
LISTS: dict[str, List] = {
    "organizations": _all_organizations,
    "persons": _persons,
    "memberships": _memberships,
    "meetings": _meetings,
    "papers": _papers,
    "consultations": _consultations,
    "files": _files,
}
_ONE: dict[str, List] = {
    "organization": _organizations,
    "community": _communities,
    "person": _persons,
    "membership": _memberships,
    "meeting": _meetings,
    "paper": _papers,
    "consultation": _consultations,
    "file": _files,
    "annex": _annexes,
}


def _item_gone(writer: Writer, meeting: Object, number: str, item: str) -> Object | None:
    """An item that some file told of which none is online; `None` when there never was one."""
    told = Reading.objects.filter(publication__document__meeting=number)
    if not any(each["key"] == item for agenda in told.values_list("agenda") for each in agenda[0]):
        return None
    moments = {name: meeting[name] for name in ("created", "modified")}
    kept = {"id": writer.at("agendaitem", f"{number}-{item}"), "type": f"{VERSION}AgendaItem"}
    return kept | moments | {"deleted": True}


def find(writer: Writer, kind: str, key: str) -> Object | None:
    """The object of this name, withdrawn or not; `None` when there never was one."""
    if kind == "agendaitem":
        number, _, item = key.partition("-")
        meeting, name = find(writer, "meeting", number), writer.at(kind, key)
        if meeting is None:
            return None
        online = (each for each in meeting.get("agendaItem", ()) if each["id"] == name)
        return next(online, None) or _item_gone(writer, meeting, number, item)
    if (kind, key) == ("location", "siege"):
        return writer.seat()
    if kind not in _ONE or not re.fullmatch("[0-9]{1,18}", key):
        return None
    _, found = _ONE[kind](writer, Wanted(one=int(key)))
    return found[0] if found else None
