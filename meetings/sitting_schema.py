"""What a sitting file may hold: its JSON Schema, and its faults named in French by their path.

The schema is computed from the models and from the dataclasses of the ledger, so that it cannot
say something else than the code; `docs/seance.schema.json` is its copy for readers and for other
programs (`manage.py export_sitting --schema`, compared by a test).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import jsonschema
from django.db import models

from law import assembly, ballots, codec, findings, regime, sitting
from law.findings import Finding
from meetings import voted
from meetings.models import AgendaItem, Attachment, Ballot, Meeting
from members.models import Body, Community, Constituency, Mandate, Organisation, Person, RuleBook

FORMAT = "somme_gov/seance"
VERSION = 1

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 60  # of nested lists and objects; no agenda comes near
MAX_TEXT = 1_000_000  # characters said under one item
MAX_ENTRY = 100_000  # characters of one visa, considérant or article
MAX_ENTRIES = 500
MAX_ATTACHMENTS = 200
MAX_SMALL = 32767  # what a PositiveSmallIntegerField holds everywhere

Path = tuple[str | int, ...]
Schema = dict[str, Any]

# --- The schema -------------------------------------------------------------------------------


def _text(field: models.Field | None = None, *, most: int | None = None, least: int = 0) -> Schema:
    """A text as long as the column that keeps it."""
    most = most or (field.max_length if field is not None else None)
    schema: Schema = {"type": "string"}
    if most:
        schema["maxLength"] = most
    if least:
        schema["minLength"] = least
    return schema


def _column(model: type[models.Model], name: str) -> Schema:
    """What a column of this model holds, as JSON."""
    field = model._meta.get_field(name)
    if field.choices:
        return {"enum": [value for value, _ in field.choices]}
    match field:
        case models.DateField():
            return {"$ref": "#/$defs/date"}
        case models.TimeField():
            return {"$ref": "#/$defs/time"}
        case models.BooleanField():
            return {"type": "boolean"}
        case models.IntegerField():
            return {"type": "integer", "minimum": 0, "maximum": MAX_SMALL}
        case models.SlugField():
            return {"$ref": "#/$defs/key", "maxLength": field.max_length}
    return _text(field, least=0 if field.blank else 1)


def _object(required: str, **properties: Schema) -> Schema:
    """An object with these keys and no other."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def _columns(model: type[models.Model], names: str) -> dict[str, Schema]:
    return {name: _column(model, name) for name in names.split()}


def _count() -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _list(of: Schema, *, most: int) -> Schema:
    return {"type": "array", "items": of, "maxItems": most}


_BODY = (
    "name slug kind designation gender member_noun position layout numbering usual_place usual_time"
)
_PATTERNS = {
    "date": (r"^\d{4}-\d{2}-\d{2}$", "Une date, comme 2016-11-16."),
    "time": (r"^([01]\d|2[0-3]):[0-5]\d$", "Une heure, comme 17:30."),
    "moment": (
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{6})?)?$",
        "Un moment, comme 2016-11-16T17:30.",
    ),
    "fraction": (r"^\d{1,9}/[1-9]\d{0,8}$", "Une fraction, comme 1/2."),
    "siren": (r"^\d{9}$", "Neuf chiffres."),
    "sha256": (r"^[0-9a-f]{64}$", "Une empreinte SHA-256, en hexadécimal."),
    "key": (
        r"^[A-Za-z0-9_-]+$",
        "Un identifiant : lettres sans accent, chiffres et tirets, comme philippe-varlet.",
    ),
}


@cache
def schema() -> Schema:
    """The whole schema (JSON Schema 2020-12)."""
    body = _object("name slug kind designation gender", **_columns(Body, _BODY))
    sitting_ref = {"held_on": _ref("date"), "starts_at": _ref("time"), "body": _ref("key")}
    document = _object(
        "format version organisation body meeting agenda ledger",
        format={"const": FORMAT},
        version={"const": VERSION},
        organisation=_object(
            "name slug designation legal_form",
            **_columns(Organisation, "name slug designation legal_form"),
            siren=_ref("siren"),
            address=_text(most=1000),
            communities=_list(_ref("community"), most=2000),
        ),
        body=body
        | {
            "properties": body["properties"]
            | {
                "rule_book": _object("preset", **_columns(RuleBook, "preset valid_from source")),
                "mandates": _list(_ref("mandate"), most=2000),
            }
        },
        meeting=_object(
            "held_on starts_at",
            **_columns(
                Meeting, "held_on starts_at place convened_on second_call_on stated_presence"
            ),
            is_hour_unknown={"const": True},
            in_one_place={"const": True},
            is_cancelled={"const": True},
            attending=_list(_text(least=1, most=200), most=50),
            second_call_of=_ref("sitting_ref"),
        ),
        agenda=_list(_ref("item"), most=2000),
        ledger=_list(_ref("event"), most=50_000),
        basis=_event(sitting.Composed, kind=None),
        references=_list(_ref("reference"), most=2000),
    )
    definitions = {
        name: {"type": "string", "pattern": pattern, "description": words}
        for name, (pattern, words) in _PATTERNS.items()
    }
    definitions["date"]["format"] = "date"
    definitions |= {
        "community": _object(
            "name kind",
            **_columns(Community, "name kind is_associated founded_on dissolved_on"),
            siren=_ref("siren"),
            successor=_column(Community, "name"),
        ),
        "mandate": _object(
            "member start_on",
            member=_ref("key"),
            **_columns(Mandate, "start_on end_on end_reason position"),
        ),
        "item": _object(
            "key kind title",
            key=_ref("key") | {"maxLength": AgendaItem._meta.get_field("key").max_length},
            **_columns(AgendaItem, "kind effect title label announced"),
            rapporteur=_ref("key"),
            text=_text(most=MAX_TEXT),
            brief=_ref("brief"),
            attachments=_list(_ref("attachment"), most=MAX_ATTACHMENTS),
            approves=_ref("sitting_ref"),
            also_approves=_list(_ref("sitting_ref"), most=20),
            examines=_object("held_on body item", **sitting_ref, item=_column(AgendaItem, "key")),
            resumes=_column(AgendaItem, "key"),
            was_added={"const": True},
            voted_lines=_list(
                _list(_text(most=300), most=voted.MOST_COLUMNS), most=voted.MOST_ROWS + 1
            ),
            accounts_of=_column(AgendaItem, "accounts_of"),
            received_on=_column(AgendaItem, "received_on"),
            children=_list(_ref("item"), most=2000),
        ),
        "brief": _object(
            "",
            note=_text(most=MAX_TEXT),
            **dict.fromkeys(
                ("visas", "recitals", "articles"),
                _list(_text(least=1, most=MAX_ENTRY), most=MAX_ENTRIES),
            ),
        ),
        "attachment": _object(
            "filename media_type size sha256",
            **_columns(Attachment, "title filename media_type"),
            size=_count(),
            pages=_count(),
            sha256=_ref("sha256"),
        ),
        "sitting_ref": _object("held_on", **sitting_ref),
        "reference": _object(
            "held_on starts_at",
            held_on=_ref("date"),
            starts_at=_ref("time"),
            body=body,
            items=_list(
                _object("key kind title", **_columns(AgendaItem, "key kind title")), most=2000
            ),
        ),
        "event": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": list(codec.KINDS)}},
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                    "then": _ref(f"event_{kind}"),
                }
                for kind in codec.KINDS
            ],
        },
        **{f"event_{kind}": _event(cls, kind=kind) for kind, cls in codec.KINDS.items()},
        "member": _member(),
        "constituency": _object(
            "name seats", name=_column(Constituency, "name"), seats=_column(Constituency, "seats")
        ),
        "ballot": _value(ballots.Ballot),
        "regime": _regime(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{FORMAT.replace('/', ':')}:{VERSION}",
        "title": "Une séance de somme_gov",
        "description": "Voir docs/fichier-de-seance.md.",
        "$defs": definitions,
    } | document


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _member() -> Schema:
    """A member of the composition: a `law.assembly.Member` whose texts fit the tables."""
    found = _value(assembly.Member, without=("mandate", "apart"))
    found["properties"] |= {
        "civility": {"enum": ["", *Person.Civility.values]},
        "first_name": _column(Person, "first_name"),
        "last_name": _text(Person._meta.get_field("last_name")),
        "constituency": _text(Constituency._meta.get_field("name")),
        "community": _text(Community._meta.get_field("name")),
        "office": {"enum": ["", Mandate.Office.CHAIR.value, Mandate.Office.VICE_CHAIR.value]},
        "office_rank": _column(Mandate, "office_rank"),
        "weight": {"type": "integer", "minimum": 1, "maximum": MAX_SMALL},
    }
    return found


def _regime() -> Schema:
    """Every rule: a sitting keeps the whole regime it lived by.

    Only a rule that older rule books are deemed to have had may be left out.
    """
    found = {}
    for key, rule in regime.RULES.items():
        match rule.kind:
            case "oui_non":
                value: Schema = {"type": "boolean"}
            case "entier":
                value = {"type": "integer", "minimum": rule.minimum or 0}
                if rule.maximum is not None:
                    value["maximum"] = rule.maximum
            case "fraction":
                value = _ref("fraction")
            case "choix":
                value = {"enum": [choice for choice, _ in rule.choices]}
            case "texte":
                value = _text(most=250)
        found[key] = value | {"title": rule.label}
    required = [key for key in found if regime.RULES[key].absent is None]
    found |= {key: {"deprecated": True} for key in sorted(regime.RETIRED)}
    return _object(" ".join(required), **found)


def _event(cls: type[sitting.Event], *, kind: str | None) -> Schema:
    """The line of the ledger that tells such an event."""
    found = _value(cls, without=("seq",) if kind else ("seq", "at", "before"))
    if kind is not None:
        found["required"] = ["kind", *found["required"]]
        found["properties"] = {"kind": {"const": kind}} | found["properties"]
    return found


def _value(cls: type, *, without: tuple[str, ...] = ()) -> Schema:
    """The JSON that `law.codec` writes for this dataclass."""
    hints = get_type_hints(cls)
    kept = [each for each in fields(cls) if each.name not in without]
    return _object(
        " ".join(each.name for each in kept if _is_required(each)),
        **{each.name: _typed(hints[each.name], each.name) for each in kept},
    )


def _is_required(field: Field) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


_NAMED = {
    datetime: "moment",
    date: "date",
    Fraction: "fraction",
    regime.Regime: "regime",
    assembly.Member: "member",
    assembly.Constituency: "constituency",
    ballots.Ballot: "ballot",
}
# Fields that hold the key of a member or of an item.
_KEYS = frozenset(
    "key member members chair substitute titular giver holder clerks item items before"
    " replaces".split()
)


def _typed(hint: Any, name: str) -> Schema:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (inner,) = (each for each in get_args(hint) if each is not NoneType)
        return _typed(inner, name)
    if hint in _NAMED:
        return _ref(_NAMED[hint])
    if origin is tuple:
        return _list(_typed(get_args(hint)[0], name), most=5000)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = get_args(hint)
        return {
            "type": "object",
            "propertyNames": _typed(key, "member"),
            "additionalProperties": _typed(value, ""),
        }
    if is_dataclass(hint):
        return _value(hint)
    if issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        return {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    if name in _KEYS:
        return {"anyOf": [{"const": ""}, _ref("key")]}
    if name == "question":
        return _text(Ballot._meta.get_field("question"))
    return _text(most=1000)


# --- Reading JSON -----------------------------------------------------------------------------


class _Object(dict):
    """A JSON object that remembers the keys it was given twice."""

    twice: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = [key for key, _ in pairs if key in seen or seen.add(key)]
        found.twice = tuple(dict.fromkeys(twice))
    return found


def read(content: bytes | str) -> Any:
    """The JSON of a file. Raises `Refused` when it is not JSON, or not JSON one can keep."""
    if len(content) > MAX_BYTES:
        raise _refused(f"Le fichier dépasse {MAX_BYTES // 1024 // 1024} Mo.")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        raise _refused(f"Le fichier n’est pas en UTF-8 (octet {error.start + 1}).") from error
    if not text.strip():
        raise _refused("Le fichier est vide.")
    try:
        data = json.loads(text, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        raise _refused(
            f"Ce n’est pas du JSON (ligne {error.lineno}, colonne {error.colno})."
        ) from error
    except RecursionError as error:
        raise _refused("Les éléments sont imbriqués trop profondément.") from error
    except ValueError as error:  # a number of thousands of digits
        raise _refused("Ce n’est pas du JSON : un nombre est démesuré.") from error
    findings.refuse(_unfit(data))
    return data


def _refused(message: str) -> findings.Refused:
    return findings.Refused([fault((), message)])


def _unfit(data: Any) -> Iterator[Finding]:
    """What JSON lets through and neither a database nor a reader can take."""
    pending: list[tuple[Path, Any]] = [((), data)]
    while pending:
        path, value = pending.pop()
        if len(path) > MAX_DEPTH:
            yield fault(path[:10], "Les éléments sont imbriqués trop profondément.")
            return
        if isinstance(value, _Object):
            for key in value.twice:
                yield fault((*path, key), "Cette clé est donnée deux fois.")
        if isinstance(value, dict):
            for key in value:
                if _has_forbidden(key):
                    yield fault(path, "Une clé contient un caractère interdit.")
            pending += [((*path, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            pending += [((*path, index), each) for index, each in enumerate(value)]
        elif isinstance(value, str) and _has_forbidden(value):
            yield fault(path, "Le texte contient un caractère interdit.")
        elif isinstance(value, float) and not math.isfinite(value):
            yield fault(path, "Ce n’est pas un nombre.")


_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def _has_forbidden(text: str) -> bool:
    """A null character or half of a surrogate pair: databases store neither."""
    return _FORBIDDEN.search(text) is not None


# --- Faults -----------------------------------------------------------------------------------


def fault(path: Path, message: str, *, code: str = "fichier", **extra: Any) -> Finding:
    """A fault of the file; `field` is its path, as a reader points at it."""
    return Finding(code=code, message=message, field=written(path), **extra)


def written(path: Path) -> str:
    """("agenda", 2, "children", 0, "title") → agenda[2].children[0].title"""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def check(data: Any) -> tuple[Finding, ...]:
    """Every place where the file departs from the schema, in the order of the file."""
    found: dict[tuple[str, str], Finding] = {}
    for error in _validator().iter_errors(data):
        for each in _said(error):
            found.setdefault((each.field, each.message), each)
    return tuple(sorted(found.values(), key=lambda each: _in_file_order(each.field)))


def _in_file_order(path: str) -> list[tuple[str, int]]:
    return [(name, int(rank or 0)) for name, rank in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)]


@cache
def _validator() -> jsonschema.Draft202012Validator:
    exact = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        # JSON Schema takes 1.0 for an integer; nobody counts in 1.0.
        "integer",
        lambda _, value: isinstance(value, int) and not isinstance(value, bool),
    )
    kind = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=exact)
    return kind(schema(), format_checker=jsonschema.FormatChecker(["date"]))


_TYPES = {
    "object": "Un objet { … } est attendu.",
    "array": "Une liste [ … ] est attendue.",
    "string": "Un texte est attendu.",
    "integer": "Un nombre entier est attendu.",
    "boolean": "true ou false est attendu.",
}


def _said(error: jsonschema.ValidationError) -> Iterator[Finding]:
    """The findings of one error of the validator."""
    path: Path = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties" if error.validator_value is False:
            known = error.schema["properties"]
            for key in error.instance:
                if key not in known:
                    yield fault((*path, key), "Clé inconnue.", remedy=_nearest(key, known))
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield fault((*path, key), "Cette clé manque.")
        case _:
            yield fault(path, _sentence(error))


def _sentence(error: jsonschema.ValidationError) -> str:
    limit = error.validator_value
    match error.validator:
        case "type":
            return _TYPES[limit]
        case "enum":
            choices = ", ".join(repr_json(each) for each in limit)
            return f"Valeur inconnue : {_shown(error.instance)}. Attendu : {choices}."
        case "const":
            return f"{repr_json(limit)} est attendu."
        case "pattern" | "format":
            return f"{_shown(error.instance)} ne convient pas. {error.schema['description']}"
        case "anyOf":
            return f"{_shown(error.instance)} ne convient pas. {_PATTERNS['key'][1]}"
        case "minLength":
            return "Ce texte ne peut être vide."
        case "maxLength":
            return f"Ce texte dépasse {limit} caractères."
        case "minimum":
            return f"Ce nombre ne peut être inférieur à {limit}."
        case "maximum":
            return f"Ce nombre ne peut dépasser {limit}."
        case "maxItems":
            return f"Cette liste dépasse {limit} éléments."
    return f"{_shown(error.instance)} ne convient pas."


def repr_json(value: Any) -> str:
    """A value as a JSON file writes it."""
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    """What was found, short enough for a message."""
    text = repr_json(value)
    return f"{text[:57]}…" if len(text) > 60 else text


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    """The key that was probably meant."""
    meant = get_close_matches(key, known, n=1)
    return f"Vouliez-vous dire « {meant[0]} » ?" if meant else ""
