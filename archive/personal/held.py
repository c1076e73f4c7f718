"""What is held on one person, given to her: one ZIP with a page to read, the same as JSON, and the
files that are hers.

A page for whoever reads, JSON for whoever takes it elsewhere: a PDF would be neither. Nothing of
others is given beyond what she wrote or received herself: who did something is « un autre compte »
(art. 15, 4 of the regulation), and what her account did is told by its number, not copied. Rows
are read and written as a stream.
"""

import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst, slugify

from accounts import deciding
from archive.personal import places
from archive.personal.places import Place
from convening import desk
from law import french
from law.addresses import lowered
from meetings.composition import key_of
from meetings.models import Meeting
from members import retention, witness
from members.models import Organisation, Person, User
from trail.models import Entry

_AT_ONCE = 200
# What a line of the ledger tells of somebody, in words; a vote is given by its row, a secret one by
# nothing.
_TOLD = {
    "opened": "ouverture",
    "arrived": "arrivée",
    "left": "départ",
    "excused": "excuse",
    "seat_taken": "suppléance",
    "seat_returned": "fin de suppléance",
    "proxy_given": "pouvoir",
    "proxy_revoked": "pouvoir retiré",
    "recused": "déport",
    "college_set": "collège appelé à voter",
    "ballot_requested": "demande de scrutin",
    "installed": "installation",
    "vacated": "fin de mandat en séance",
    "chair_taken": "présidence",
    "clerks_named": "secrétariat de séance",
    "act_taken": "décision prise seul",
}
_AS = {
    "chair": "préside",
    "member": "membre",
    "substitute": "supplée",
    "titular": "est suppléé·e",
    "giver": "donne",
    "holder": "reçoit",
    "clerks": "secrétaire",
    "members": "parmi d’autres",
    "author": "auteur",
}


# Tables by what they are to whoever asks, where their own name says it to us alone.
_HEADINGS = {
    "members.Person": "Fiche",
    "members.HistoricalPerson": "Fiche, avant chaque correction",
    "members.HistoricalMandate": "Mandats, avant chaque correction",
    "accounts.ExternalIdentity": "Identités chez un fournisseur",
    "accounts.IdentityChange": "Changements d’adresse demandés",
    "accounts.LinkRequest": "Rattachements à un compte",
    "admin.LogEntry": "Gestes à l’administration",
    "convening.Recipient": "Convocations reçues",
    "convening.Answer": "Réponses aux convocations",
    "convening.Question": "Questions posées",
    "convening.Notice": "Rappels et annonces reçus",
    "convening.OutboxMail": "Courriels gardés dans la boîte d’envoi",
    "meetings.Vote": "Votes publics",
    "registry.LoneAct": "Décisions et arrêtés pris",
    "archive.SigningCall": "Rappels de signature",
    "archive.Alert": "Abonnements aux nouveaux actes",
}
_IN_SITTINGS = "Présences et gestes en séance"
# Columns that no page names; and those of a version, which the library names in English.
_CALLED = {
    "ballot": "scrutin",
    "mandate": "mandat",
    "history_date": "écrit le",
    "history_change_reason": "motif",
    "history_type": "ce qui fut fait",
    "history_user": "par",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Of whom, and to what extent: persons, the account where it may be given, the addresses that
    are hers alone, the organisations asked (`None`: wherever it is), and what is kept back."""

    name: str
    persons: tuple[Person, ...]
    account: User | None
    addresses: tuple[str, ...]
    organisations: tuple[Organisation, ...] | None
    kept_back: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"donnees-{slugify(self.name) or 'compte'}.zip"


def of_person(person: Person, *, by: User) -> Subject:
    """As the administration gives it: of its organisation, and of the account as far as that is
    nobody else's."""
    account, kept_back = person.user, []
    if account is not None and not deciding.owns(by, account):
        account = None
        kept_back.append(
            "Le compte a aussi un droit ailleurs\u00a0: ce qui tient à lui ne se demande que "
            "depuis «\u00a0Mon compte\u00a0»."
        )
    addresses, shared = _addresses([person], account)
    kept_back += shared
    return Subject(
        name=str(person),
        persons=(person,),
        account=account,
        addresses=addresses,
        organisations=(person.organisation,),
        kept_back=tuple(kept_back),
    )


def of_account(user: User) -> Subject:
    """As one asks it of oneself: whatever is held, in every organisation."""
    persons = tuple(
        Person.objects.filter(user=user, organisation__is_fleeting=False).select_related(
            "organisation"
        )
    )
    addresses, shared = _addresses(persons, user)
    return Subject(
        name=str(user),
        persons=persons,
        account=user,
        addresses=addresses,
        organisations=None,
        kept_back=shared,
    )


def twins(person: Person) -> QuerySet[Person]:
    """Who else, in her organisation, has the same address."""
    if not person.email:
        return Person.objects.none()
    others = person.organisation.persons.exclude(pk=person.pk)
    return others.filter(email__in=_written(others, "email", lowered(person.email)))


def _addresses(
    persons: Iterable[Person], account: User | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that are nobody else's; of one that is shared, that it is left out."""
    mine = {lowered(person.email) for person in persons if person.email}
    shared = {lowered(person.email) for person in persons if twins(person).exists()}
    if account is not None:
        mine.add(account.email)
        shared.discard(account.email)  # she proved that she reads it
    words = (
        f"L’adresse {address} est aussi celle d’une autre fiche\u00a0: ce que l’on ne connaît que "
        "par elle n’est donné à aucune des deux."
        for address in sorted(shared)
    )
    return tuple(sorted(mine - shared)), tuple(words)


# --- Found ------------------------------------------------------------------------------------


def rows(place: Place, subject: Subject) -> QuerySet:
    """The rows of this table that are about this person."""
    asked = Q(pk__in=[])
    for road in place.person:
        asked |= Q(**{f"{road}__in": [each.pk for each in subject.persons]})
    if subject.account is not None:
        for road in place.account:
            asked |= Q(**{road: subject.account.pk})
    for road in place.address:
        for address in subject.addresses:
            if _lists(place, road):
                asked |= Q(**{f"{road}__icontains": address})
            else:
                written = _written(place.model._base_manager.all(), road, address)
                asked |= Q(**{f"{road}__in": written})
    found = place.model._base_manager.filter(asked)
    road = witness.road_to_organisation(place.model, "in")
    if subject.organisations is not None and road:
        numbers = [each.pk for each in subject.organisations]
        found = found.filter(**{road: numbers})
    return found.order_by("pk")


def _written(among: QuerySet, road: str, address: str) -> list[str]:
    """How this address is written in a column, which keeps it as somebody typed it: what the base
    finds alike may be the box of another (`law.addresses`)."""
    alike = among.filter(**{f"{road}__iexact": address}).order_by().values_list(road, flat=True)
    return [each for each in alike.distinct() if lowered(each) == address]


def _lists(place: Place, road: str) -> bool:
    """Whether this column lists addresses, hers among others."""
    return isinstance(place.model._meta.get_field(road), models.TextField)


def entries(subject: Subject) -> QuerySet[Entry]:
    """The lines of the trail by her account, and those that name its address."""
    asked = Q(pk__in=[])
    if subject.account is not None:
        asked |= Q(account=subject.account.pk)
    for address in subject.addresses:
        asked |= Q(what__icontains=address)
    found = Entry.objects.filter(asked)
    if subject.organisations is not None:
        numbers = [each.pk for each in subject.organisations]
        found = found.filter(Q(organisation__in=numbers) | Q(organisation=None))
    return found.order_by("at", "pk")


def counts(subject: Subject) -> list[tuple[str, retention.Kind, int]]:
    """How many rows of each table, and how long they are kept; those that have none left out."""
    kinds = {kind.key: kind for kind in retention.kinds()}
    found = [
        (_called(place.model), kinds[place.kind], rows(place, subject).count())
        for place in places.PLACES
    ]
    told = sum(1 for _ in _in_sittings(subject))
    found.append((_IN_SITTINGS, kinds["actes"], told))
    found.append(("Journal", kinds["journal"], entries(subject).count()))
    return [each for each in found if each[2]]


# --- Told -------------------------------------------------------------------------------------

Line = dict[str, Any]


def sections(subject: Subject) -> Iterator[tuple[str, str, Iterator[Line]]]:
    """Each heading, how long it is kept, and its lines."""
    kinds = {kind.key: kind for kind in retention.kinds()}
    names = _Names(subject)
    for place in places.PLACES:
        found = rows(place, subject).iterator(chunk_size=_AT_ONCE)
        lines = (_line(row, place, names) for row in found)
        yield _called(place.model), _kept(kinds[place.kind]), lines
    yield _IN_SITTINGS, _kept(kinds["actes"]), _in_sittings(subject)
    yield "Journal", _kept(kinds["journal"]), _in_the_trail(subject)
    if subject.account is not None:
        yield "Ce que ce compte a fait", "avec ce qui en est fait", _deeds(subject)


def _kept(kind: retention.Kind) -> str:
    return f"{kind.until} ({kind.rule})"


def _called(model: type[models.Model]) -> str:
    if heading := _HEADINGS.get(model._meta.label):
        return heading
    of = getattr(model, "instance_type", None)
    if of is not None:
        return f"Historique\u00a0: {of._meta.verbose_name_plural}"
    return capfirst(str(model._meta.verbose_name_plural))


class _Names:
    """What rows that others lean on are called, each asked once. Another account has no name."""

    def __init__(self, subject: Subject) -> None:
        self._account = subject.account
        self._known: dict[tuple[type[models.Model], Any], str] = {}

    def of(self, model: type[models.Model], pk: Any) -> str:
        """This row, in words."""
        if model is User:
            is_hers = self._account is not None and pk == self._account.pk
            return "ce compte" if is_hers else "un autre compte"
        if (model, pk) not in self._known:
            row = model._base_manager.filter(pk=pk).first()
            self._known[model, pk] = str(row) if row is not None else f"n° {pk}"
        return self._known[model, pk]


def _line(row: models.Model, place: Place, names: _Names) -> Line:
    line: Line = {"ligne": row.pk}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.primary_key or field.name in places.SECRETS or value in (None, "", [], {}):
            continue
        words = _CALLED.get(field.name, str(field.verbose_name))
        if isinstance(field, models.ForeignKey):
            line[words] = names.of(field.related_model, value)
        elif isinstance(field, models.FileField):
            line[words] = _entry_of(row, field.name) if field.name in place.files else "fichier"
        elif field.name in place.address and _lists(place, field.name):
            line[words] = "votre adresse, parmi d’autres"
        elif field.choices:
            line[words] = str(dict(field.flatchoices).get(value, value))
        else:
            line[words] = plain(value)
    return line


def plain(value: Any) -> Any:
    """As JSON holds it, and as one reads it."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value if isinstance(value, str | int | list | dict) else str(value)


def _in_sittings(subject: Subject) -> Iterator[Line]:
    for person in subject.persons:
        mandates = set(person.mandates.values_list("pk", flat=True))
        for meeting in desk.sittings_of(person).order_by("held_on", "pk").iterator():
            yield from _in_a_sitting(meeting, person, mandates)


def _in_a_sitting(meeting: Meeting, person: Person, mandates: set[int]) -> Iterator[Line]:
    key = key_of(meeting.basis.composition, person, mandates)
    told = meeting.events.filter(kind__in=_TOLD).order_by("seq")
    for seq, kind, payload in told.values_list("seq", "kind", "payload") if key else ():
        roles = [name for name, value in payload.items() if value == key or _holds(value, key)]
        if roles:
            line = {"séance": str(meeting), "rang": seq, "fait": _TOLD[kind]}
            line["à quel titre"] = ", ".join(_AS.get(name, name) for name in roles)
            yield line | ({"à": payload["at"]} if payload.get("at") else {})


def _holds(value: Any, key: str) -> bool:
    return isinstance(value, list) and key in value


def _in_the_trail(subject: Subject) -> Iterator[Line]:
    account = subject.account.pk if subject.account else None
    for entry in entries(subject).iterator(chunk_size=_AT_ONCE):
        is_hers = account is not None and entry.account == account
        line = {"moment": plain(entry.at), "acte": entry.get_act_display(), "quoi": entry.what}
        line["par"] = "ce compte" if is_hers else "un autre compte"
        yield line | ({"réseau": entry.origin} if is_hers and entry.origin else {})


def _deeds(subject: Subject) -> Iterator[Line]:
    for model, field in places.deeds():
        done = model._base_manager.filter(**{field.attname: subject.account.pk}).order_by("pk")
        numbers = list(done.values_list("pk", flat=True))
        if numbers:
            words = f"{_called(model)}, {field.verbose_name}"
            yield {"quoi": words, "combien": len(numbers), "lignes": numbers}


# --- Written ----------------------------------------------------------------------------------

_PAGE, _STYLE, _DATA = "lisez-moi.html", "page.css", "donnees.json"


def write(subject: Subject, out: IO[bytes], *, at: datetime) -> None:
    """The ZIP, into `out`."""
    about = {"name": french.nbsp(subject.name), "at": at, "kept_back": subject.kept_back}
    about |= {"purposes": retention.PURPOSES}
    head, foot = render_to_string("archive/person_file.html", about).split("<!--suite-->")
    with (
        TemporaryFile("w+", encoding="utf-8") as page,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        page.write(head)
        with archive.open(_DATA, "w") as data:
            _both(subject, data, page, at=at)
        page.write(foot)
        page.seek(0)
        with archive.open(_PAGE, "w") as written:
            for chunk in iter(lambda: page.read(65536), ""):
                written.write(chunk.encode())
        archive.writestr(_STYLE, render_to_string("archive/person_file.css"))
        _files(subject, archive)


def _both(subject: Subject, data: IO[bytes], page: IO[str], *, at: datetime) -> None:
    """Each line once into the JSON, once into the page."""

    def put(value: Any) -> None:
        data.write(json.dumps(value, ensure_ascii=False).encode())

    data.write(b'{"de": ')
    put(subject.name)
    data.write(b', "le": ')
    put(plain(at))
    data.write(b', "rubriques": [')
    for rank, (heading, kept, lines) in enumerate(sections(subject)):
        data.write(b",\n" if rank else b"\n")
        data.write(b'{"quoi": ')
        put(heading)
        data.write(b', "conservation": ')
        put(kept)
        data.write(b', "lignes": [')
        nothing = True
        for line in lines:
            data.write(b"\n" if nothing else b",\n")
            put(line)
            if nothing:
                page.write(format_html("<h2>{}</h2><p>Gardé\u00a0: {}.</p>", heading, kept))
            nothing = False
            page.write("<dl>")
            for words, value in line.items():
                shown = (
                    value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
                )
                page.write(format_html("<dt>{}</dt><dd>{}</dd>", capfirst(words), shown))
            page.write("</dl>")
        data.write(b"]}")
    data.write(b"]}\n")


def _entry_of(row: models.Model, name: str) -> str:
    end = getattr(row, name).name.rpartition(".")[2]
    return f"fichiers/{row._meta.model_name}-{row.pk}.{end}"


def _files(subject: Subject, archive: zipfile.ZipFile) -> None:
    for place in places.PLACES:
        for name in place.files:
            for row in rows(place, subject).exclude(**{name: ""}).iterator():
                path = getattr(row, name).name
                if not default_storage.exists(path):
                    continue
                entry = _entry_of(row, name)
                with default_storage.open(path) as source, archive.open(entry, "w") as written:
                    shutil.copyfileobj(source, written)
