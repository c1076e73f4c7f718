"""What is an organisation's, whole: which rows, under which numbers, and what stays behind.

Nothing is listed but what does not go: every other table goes, by the road that leads from each of
its rows to an organisation. A model of which nobody said anything is carried, and one that no road
leads to an organisation fails `tests/archive/test_moving.py` until somebody says why it stays.

Where others live already, all the numbers of who arrives are raised alike: number 12 becomes
1 000 012. `Renumber` knows where a number is, in a column that leads to a row or inside a text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import FileField, ForeignKey, JSONField, Model, Q, QuerySet

from members import witness
from members.models import Organisation, User

# Of every installation, or carried otherwise than as rows.
_ELSEWHERE = "carried apart"
LEFT: Mapping[str, str] = {
    "members.user": "les comptes sont retrouvés par leur adresse, ou ouverts sans mot de passe",
    "trail.entry": "ses lignes entrent dans le journal d’arrivée, à la suite",
    "trail.trimming": "les purges du journal d’ici",
    "members.witness": "gardés dans un fichier, sous l’arrivée",
    "archive.anchor": "gardés dans le même fichier",
    "auth.permission": "de chaque installation",
    "auth.group": "de chaque installation",
    "auth.group_permissions": "de chaque installation",
    "contenttypes.contenttype": "de chaque installation",
    "members.user_groups": "de chaque installation",
    "members.user_user_permissions": "de chaque installation",
    "admin.logentry": "ce que le journal dit aussi",
    "sessions.session": "on se connecte de nouveau",
    "accounts.session": "on se connecte de nouveau",
    "accounts.tries": "de chaque installation",
    "accounts.letter": "un courriel de compte ne part pas d’ailleurs",
    "accounts.factor": "un second facteur est un secret\u00a0: chacun l’ajoute de nouveau",
    "accounts.recoverycode": "un code de secours est un secret",
    "accounts.externalidentity": "le fournisseur d’identité rattache de nouveau",
    "accounts.identitychange": "une demande en cours se refait",
    "accounts.linkrequest": "une demande en cours se refait",
    "members.service": "quelle machine sert la base",
    "members.lead": "qui veille",
    "members.leftover": "des fichiers à effacer là-bas",
    "members.cached": "se refait",
    "archive.safeguard": "les sauvegardes de la machine",
    "archive.filedsheet": "se refait",
    "opendata.apikey": "une clé d’API est un secret\u00a0: on en fait une autre",
    "convening.calendarfeed": "l’adresse d’un calendrier est un secret tiré de la clé du site",
    "archive.taskfeed": "l’adresse d’un calendrier est un secret tiré de la clé du site",
    "convening.outboxmail": "la boîte d’un serveur qui n’envoie rien",
    "meetings.undo": "un geste se reprend là où il fut fait",
    "live.press": "les touches d’une séance qui se tient",
    "live.poll": "un scrutin terminé est au registre\u00a0; un scrutin ouvert empêche de partir",
    "live.votingright": "qui a voté à un scrutin secret\u00a0: rien n’en sort",
    "live.screen": "un écran se relie de nouveau",
    "live.tablet": "une tablette se relie de nouveau",
}


@cache
def carried() -> tuple[type[Model], ...]:
    """The tables that go, what they lean on first as far as rooms go."""
    every = apps.get_models(include_auto_created=True)
    return tuple(model for model in every if model._meta.label_lower not in LEFT)


def columns(model: type[Model]) -> list[Any]:
    """What is told of a row of this table: what it holds, and nothing that is computed of it."""
    return [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]


def of(model: type[Model], organisation: int) -> QuerySet[Any]:
    """The rows of this table that are this organisation's; versions of what is gone too."""
    rows = model._base_manager.order_by("pk")
    tells = getattr(model, "instance_type", model)
    if tells is Organisation:
        return rows.filter(**{"pk" if model is tells else "id": organisation})
    step = _step(tells)
    owner = step.related_model
    if owner is Organisation:
        return rows.filter(**{step.attname: organisation})
    owned = Q(**{f"{step.attname}__in": of(owner, organisation).order_by().values("pk")})
    if model is not tells and (past := _past(owner)):
        owned |= Q(**{f"{step.attname}__in": of(past, organisation).order_by().values("id")})
    return rows.filter(owned)


@cache
def _step(model: type[Model]) -> Any:
    """The column by which a row belongs to somebody who belongs to an organisation."""
    road = witness.road_to_organisation(model, "")
    return model._meta.get_field(road.partition("__")[0])


def leads_home(model: type[Model]) -> bool:
    """Whether each row of this table belongs to an organisation, by columns never empty."""
    tells = getattr(model, "instance_type", model)
    if tells is Organisation:
        return True
    if not witness.road_to_organisation(tells, ""):
        return False
    step = _step(tells)
    return not step.null and leads_home(step.related_model)


def _past(model: type[Model]) -> type[Model] | None:
    """The table of the versions of its rows."""
    return model.history.model if witness.keeps_history(model) else None


def links(model: type[Model]) -> Iterator[ForeignKey]:
    """Its columns that lead to a row that goes as well."""
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model in carried():
            yield field


def leaning(model: type[Model], organisation: int) -> Iterator[tuple[ForeignKey, Any]]:
    """Each column by which a row of this organisation leans on what is not, with such a row. A
    version may tell of what is gone."""
    if hasattr(model, "instance_type"):
        return
    rows = of(model, organisation)
    for field in links(model):
        own = of(field.related_model, organisation).order_by().values("pk")
        outside = rows.exclude(**{field.attname: None}).exclude(**{f"{field.attname}__in": own})
        if (row := outside.first()) is not None:
            yield field, row


def to_accounts(model: type[Model]) -> list[ForeignKey]:
    """Its columns that lead to an account."""
    fields = model._meta.concrete_fields
    return [f for f in fields if isinstance(f, ForeignKey) and f.related_model is User]


def files_of(model: type[Model]) -> list[FileField]:
    """Its columns that name a file."""
    return [field for field in model._meta.concrete_fields if isinstance(field, FileField)]


# --- Numbers ----------------------------------------------------------------------------------

ROUND = 1_000_000  # what numbers are raised by, so that the old one is still read in the new
# Folders whose second name is the number of a row.
_NUMBERED = re.compile(r"(convocations|depots|parapheurs|pieces|pouvoirs|signatures)/(\d+)/")


class Renumber:
    """The numbers that rows have here, of those that they had there."""

    def __init__(self, shift: int, accounts: Mapping[int, int], renamed: Mapping[str, str]) -> None:
        self.shift, self.accounts, self.renamed = shift, accounts, renamed

    def number(self, old: int | None) -> int | None:
        """That of a row."""
        return None if old is None else old + self.shift

    def file(self, name: str) -> str:
        """The name of a file."""
        return self.renamed.get(name) or place_of(name, self.shift)

    def row(self, model: type[Model], said: dict[str, Any]) -> dict[str, Any]:
        """What a row says here."""
        told, label = dict(said), model._meta.label_lower
        for field in columns(model):
            name = field.attname
            is_link = isinstance(field, ForeignKey)
            if is_link and field.related_model is User:
                told[name] = self.accounts.get(said[name])
            elif is_link or field.primary_key or _is_of_a_version(model, field):
                told[name] = self.number(said[name])
            elif isinstance(field, FileField):
                told[name] = self.file(said[name]) if said[name] else said[name]
            elif self.shift and (inside := INSIDE.get(f"{label}.{field.name}")):
                told[name] = inside(said[name], self)
        return told


def _is_of_a_version(model: type[Model], field: Any) -> bool:
    """Whether this is the number of the row of which a version tells."""
    return hasattr(model, "instance_type") and field.name == "id"


def place_of(name: str, shift: int) -> str:
    """Where a file lies once the numbers are raised."""
    found = _NUMBERED.match(name) if shift else None
    if not found:
        return name
    return f"{found[1]}/{int(found[2]) + shift}/{name[found.end() :]}"


def _composed(payload: dict[str, Any], to: Renumber) -> dict[str, Any]:
    """A line of a ledger: that which tells who makes up the body knows mandates by number."""
    if "composition" not in payload:
        return payload
    members = [
        each | {"mandate": to.number(each["mandate"])} if each.get("mandate") else each
        for each in payload["composition"].get("members", [])
    ]
    return payload | {"composition": payload["composition"] | {"members": members}}


def _letter(letter: dict[str, Any], to: Renumber) -> dict[str, Any]:
    if not letter:
        return letter
    beside = [each | {"path": to.file(each["path"])} for each in letter.get("files", [])]
    told = letter | ({"files": beside} if "files" in letter else {})
    if "organisation_pk" in letter:
        told["organisation_pk"] = to.number(letter["organisation_pk"])
    return told


# Of the numbers in the reason of a mail, those of rows, by how it begins; two where it is not said.
_IN_REASONS = {
    "adresse": {0},
    "a-signer": {0},
    "lien": {0},
    "place": {0, 2},
    "proposition": {0, 1, 2},
    "question": {0},
    "relecture": {0},
    "signature": {0},
}


def _once(reason: str, to: Renumber) -> str:
    begins = re.match(r"[a-z-]*[a-z]", reason)
    which = _IN_REASONS.get(begins[0] if begins else "", {0, 1})
    rank = -1

    def raised(found: re.Match[str]) -> str:
        nonlocal rank
        rank += 1
        return f"-{int(found[1]) + to.shift}" if rank in which else found[0]

    return re.sub(r"-(\d+)(?=-|$)", raised, reason)


def _annexes(annexes: list[dict[str, Any]], to: Renumber) -> list[dict[str, Any]]:
    return [each | {"attachment": to.number(each["attachment"])} for each in annexes]


def _numbers(numbers: list[int], to: Renumber) -> list[int]:
    return [each + to.shift for each in numbers]


# Columns of text that hold numbers of rows.
INSIDE: Mapping[str, Callable[[Any, Renumber], Any]] = {
    "meetings.sittingevent.payload": _composed,
    "convening.convocation.letter": _letter,
    "convening.notice.once": _once,
    "transmission.actsheet.annexes": _annexes,
    "archive.publicationrequest.documents": _numbers,
    "archive.signingcall.told": _numbers,
    "archive.signingcall.told_follow_ups": _numbers,
}
# Those of JSON that hold none.
PLAIN = frozenset(
    {
        "members.paperstyle.minutes_parts",
        "members.paperstyle.extract_parts",
        "members.historicalpaperstyle.minutes_parts",
        "members.historicalpaperstyle.extract_parts",
        "members.rulebook.values",
        "members.historicalrulebook.values",
        "convening.convocation.paper",
        "registry.deposit.certificate",
        "registry.folder.places",
        "registry.signaturestep.certificate",
        "transmission.operator.strays",
        "transmission.errand.found",
        "transmission.errand.letters",
        "archive.alert.matters",
        "opendata.reading.votes",
        "opendata.reading.agenda",
    }
)


def json_columns() -> Iterator[str]:
    """Each column of JSON that goes, by its name."""
    for model in carried():
        for field in model._meta.concrete_fields:
            if isinstance(field, JSONField):
                yield f"{model._meta.label_lower}.{field.name}"
