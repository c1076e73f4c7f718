"""Events to JSON and back, exactly; and the hash that chains the lines of a ledger.

A payload is made of JSON types only. Its keys are the field names of the dataclasses, a field
left at its default is left out, so that what is stored reads like what was said:

    arrived   {"member": "philippe-varlet", "at": "2016-11-16T17:30"}

Loading trusts nothing: unknown or missing keys and wrong types are refused, all at once, each
finding naming its JSON path ("composition.members[3].last_name").
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from law import regime, sitting
from law.findings import Finding, Refused, refusal
from law.regime import Regime
from law.sitting import Event

KINDS: Mapping[str, type[Event]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower(): event for event in sitting.EVENTS
}
_KIND_OF = {event: kind for kind, event in KINDS.items()}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: Any
    default: Callable[[], Any] | None  # None when the field must be given


@cache
def _fields(cls: type) -> tuple[_Field, ...]:
    """The fields of a dataclass that a payload holds: `seq` is a column of its own."""
    hints = get_type_hints(cls)
    found = []
    for each in fields(cls):
        if (each.name == "seq" and issubclass(cls, Event)) or "is_derived" in each.metadata:
            continue
        default: Callable[[], Any] | None = None
        if each.default_factory is not MISSING:
            default = each.default_factory
        elif each.default is not MISSING:
            default = _constant(each.default)
        found.append(_Field(each.name, hints[each.name], default))
    return tuple(found)


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


# --- Writing --------------------------------------------------------------------------------


def dump(event: Event) -> tuple[str, dict[str, Any]]:
    """The kind and the payload of an event; `load` gives the same event back."""
    return _KIND_OF[type(event)], _dump(event)


def _dump(value: Any) -> Any:
    if isinstance(value, Regime):
        return regime.to_values(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: _dump(given)
            for each in _fields(type(value))
            if not _is_default(given := getattr(value, each.name), each)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _clock(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple | list):
        return [_dump(each) for each in value]
    if isinstance(value, Mapping):
        return {_dump(key): _dump(each) for key, each in value.items()}
    return value


def _is_default(value: Any, each: _Field) -> bool:
    return each.default is not None and bool(value == each.default())


def _clock(moment: datetime) -> str:
    """To the minute, as minutes are written; seconds only if the clock had any."""
    exact = moment.second or moment.microsecond
    return moment.isoformat(timespec="auto" if exact else "minutes")


# --- Reading --------------------------------------------------------------------------------


def load(kind: str, seq: int, payload: object) -> Event:
    """The event a line of the ledger tells. Raises `Refused` with everything that is wrong."""
    cls = KINDS.get(kind)
    if cls is None:
        message = f"Nature d’événement inconnue\u00a0: «\u00a0{kind}\u00a0»."
        raise refusal("evenement_inconnu", message, field="kind")
    reader = _Reader()
    values = reader.read_fields(cls, payload, "")
    if reader.findings:
        raise Refused(reader.findings)
    return cls(seq=seq, **values)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class _Absent:
    """What stands for a value that could not be read."""


_ABSENT = _Absent()


class _Reader:
    """Reads JSON into typed values, noting every objection on the way."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def object_to(self, path: str, expected: str) -> _Absent:
        self.findings.append(
            Finding(
                code="contenu_invalide", message=f"{expected} ({path or 'contenu'}).", field=path
            )
        )
        return _ABSENT

    def read_fields(self, cls: type, value: object, path: str) -> dict[str, Any]:
        """The keyword arguments of `cls`; fields that could not be read are left out."""
        if not isinstance(value, Mapping):
            self.object_to(path, "Un objet est attendu")
            return {}
        known = {each.name: each for each in _fields(cls)}
        for key in value:
            if key not in known:
                self.object_to(_under(path, str(key)), "Champ inconnu")
        read = {}
        for name, each in known.items():
            if name in value:
                read[name] = self.read(each.type, value[name], _under(path, name))
            elif each.default is None:
                self.object_to(_under(path, name), "Champ manquant")
        return read

    def read(self, expected: Any, value: object, path: str) -> Any:
        return _way_to_read(expected)(self, expected, value, path)

    def read_list(self, expected: Any, value: object, path: str) -> Any:
        if not isinstance(value, list | tuple):
            return self.object_to(path, "Une liste est attendue")
        (each, _) = get_args(expected)
        return tuple(self.read(each, item, f"{path}[{i}]") for i, item in enumerate(value))

    def read_dataclass(self, expected: Any, value: object, path: str) -> Any:
        before = len(self.findings)
        values = self.read_fields(expected, value, path)
        whole = len(self.findings) == before
        return expected(**values) if whole else _ABSENT

    def read_optional(self, expected: Any, value: object, path: str) -> Any:
        if value is None:
            return None
        (inner,) = (each for each in get_args(expected) if each is not NoneType)
        return self.read(inner, value, path)

    def read_mapping(self, expected: Any, value: object, path: str) -> Any:
        if not isinstance(value, Mapping):
            return self.object_to(path, "Un objet est attendu")
        key_type, value_type = get_args(expected)
        read_key, read_value = _way_to_read(key_type), _way_to_read(value_type)
        found = {}
        for key, each in value.items():
            inside = _under(path, str(key))
            found[read_key(self, key_type, key, inside)] = read_value(
                self, value_type, each, inside
            )
        return found

    def read_regime(self, expected: type[Regime], value: object, path: str) -> Any:
        if not isinstance(value, Mapping):
            return self.object_to(path, "Un objet est attendu")
        try:
            return regime.from_values(value)
        except Refused as refused:
            self.findings.extend(
                replace(finding, field=_under(path, finding.field)) for finding in refused.findings
            )
            return _ABSENT

    def read_choice(self, expected: type[Enum], value: object, path: str) -> Any:
        if isinstance(value, str):
            try:
                return expected(value)
            except ValueError:
                pass
        choices = ", ".join(str(member.value) for member in expected)
        return self.object_to(path, f"Une valeur est attendue parmi {choices}")

    def read_scalar(self, expected: Any, value: object, path: str) -> Any:
        if expected is bool:
            return value if isinstance(value, bool) else self.object_to(path, "Oui ou non attendu")
        if expected is int:
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            return self.object_to(path, "Un nombre entier est attendu")
        if not isinstance(value, str):
            return self.object_to(path, "Un texte est attendu")
        if expected is str:
            # Databases store neither a null character nor half of a surrogate pair.
            if _UNSTORABLE.search(value):
                return self.object_to(path, "Le texte contient un caractère interdit")
            return value
        return self.read_text_as(expected, value, path)

    def read_text_as(self, expected: Any, value: str, path: str) -> Any:
        """Fractions, dates and moments, written in one way only."""
        if expected is Fraction:
            if re.fullmatch(r"\d{1,9}/[1-9]\d{0,8}", value):
                return Fraction(value)
            return self.object_to(path, "Une fraction est attendue, comme 1/2")
        if expected is datetime:
            if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{6})?)?", value):
                try:
                    return datetime.fromisoformat(value)
                except ValueError:
                    pass
            return self.object_to(path, "Un moment est attendu, comme 2016-11-16T17:30")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        return self.object_to(path, "Une date est attendue, comme 2016-11-16")


@cache
def _way_to_read(expected: Any) -> Callable[[_Reader, Any, object, str], Any]:
    """Which of the methods above reads this type."""
    origin = get_origin(expected)
    if origin in (Union, UnionType):
        return _Reader.read_optional
    if origin is tuple:
        return _Reader.read_list
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _Reader.read_mapping
    if expected is Regime:
        return _Reader.read_regime
    if is_dataclass(expected):
        return _Reader.read_dataclass
    if isinstance(expected, type) and issubclass(expected, Enum):
        return _Reader.read_choice
    return _Reader.read_scalar


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# --- The chain ------------------------------------------------------------------------------


def chain(
    previous_hash: str,
    seq: int,
    kind: str,
    payload: Mapping[str, Any],
    recorded_at: str,
    recorded_by: str,
) -> str:
    """SHA-256 of a line and of the hash before it: altering a line breaks all that follow."""
    line = [previous_hash, seq, kind, payload, recorded_at, recorded_by]
    canonical = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
