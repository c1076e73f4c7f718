"""Papers as JSON, and back, whatever the version they were written in."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from documents.papers.minutes import MinutesDocument
from documents.papers.parts import KINDS, Paper, types_of

P = TypeVar("P", bound=Paper)


def to_json(paper: Paper) -> str:
    """The canonical JSON: one paper, one text, on every machine."""
    told = {"kind": paper.kind, "schema": paper.schema} | _plain(paper)
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(paper: Paper) -> str:
    """What identifies the paper: the hash of its canonical JSON."""
    return hashlib.sha256(to_json(paper).encode()).hexdigest()


def from_json(text: str, expected: type[P] = Paper) -> P:  # type: ignore[assignment] # any paper
    """Read a paper of any kind and schema version.

    Raises `ValueError` for what is not a paper, or not of the `expected` class.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
        raise ValueError("Ce JSON n’est pas un papier : « schema » manque.")
    # The first minutes did not say what they were: there were no other papers.
    kind, schema = data.pop("kind", MinutesDocument.kind), data.pop("schema")
    if not (isinstance(kind, str) and kind in KINDS and issubclass(KINDS[kind], expected)):
        raise ValueError(f"La nature « {kind} » n’est pas celle du papier attendu.")
    if not 1 <= schema <= KINDS[kind].schema:
        raise ValueError(f"La version {schema} de ce format n’est pas connue ici.")
    paper: P = _built(KINDS[kind], data, "")
    return paper


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        left_out = {name for name in _omitted(type(value)) if getattr(value, name) is None}
        return {
            name: _plain(getattr(value, name))
            for name in types_of(type(value))
            if name not in left_out
        }
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


@cache
def _omitted(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind) if field.metadata.get("omitted"))


def _built(expected: Any, value: Any, path: str) -> Any:
    """The value of the expected type; errors name the path of what is wrong."""
    if isinstance(expected, type) and is_dataclass(expected):
        types = types_of(expected)
        if not isinstance(value, dict):
            raise ValueError(f"{path or 'document'} : un objet est attendu.")
        value = dict.fromkeys(_omitted(expected)) | value
        if strangers := value.keys() ^ types.keys():
            raise ValueError(f"{path or 'document'} : clés {', '.join(sorted(strangers))}.")
        return expected(
            **{name: _built(types[name], value[name], f"{path}/{name}") for name in types}
        )
    if get_origin(expected) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{path} : une liste est attendue.")
        inner = get_args(expected)[0]
        return tuple(_built(inner, member, f"{path}/{i}") for i, member in enumerate(value))
    if get_origin(expected) in (Union, UnionType):
        if value is None:
            return None
        (inner,) = (kind for kind in get_args(expected) if kind is not NoneType)
        return _built(inner, value, path)
    if expected is date and isinstance(value, str):
        return date.fromisoformat(value)
    if type(value) is not expected:
        raise ValueError(f"{path} : {expected.__name__} attendu.")
    return value
