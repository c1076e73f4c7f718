"""The only door of the console: each press of a button comes with a key, and is done once.

A screen draws a key (UUID) for each press. `perform` takes hold of the sitting, with what was
done under that key, and either answers what it answered before or does the action and keeps its
reply, in one transaction: what was confirmed is written, what is asked again changes nothing.
A refusal is not kept: nothing happened, and the same key may be tried again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from law import sitting
from law.findings import Finding, Refused, Severity, refusal
from live import doubts, forms
from live import reading as now
from live.actions import held
from live.models import Press
from meetings import reading
from meetings.models import Meeting
from members.models import User

# What a screen may ask for: verb → the form that reads it.
VERBS = {form.verb.__name__: form for form in forms.FORMS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a screen is told: `findings` are refusals when not `ok`, warnings otherwise."""

    ok: bool
    message: str
    findings: tuple[Finding, ...] = ()
    stamp: int = 0
    asks: str = ""  # what is done if it is asked again, the code of its finding in `sure`
    lines: tuple[int, ...] = ()  # of the ledger, that the act wrote

    def as_json(self) -> dict[str, Any]:
        """As a screen reads it, and as it is kept."""
        return {
            "ok": self.ok,
            "message": self.message,
            "findings": [asdict(finding) for finding in self.findings],
            "stamp": self.stamp,
            "asks": self.asks,
            "lines": [*self.lines],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Reply":
        """The reply that was kept."""
        findings = (
            Finding(**found | {"severity": Severity(found["severity"])})
            for found in kept["findings"]
        )
        lines = tuple(kept.get("lines", ()))
        return cls(**dict(kept) | {"findings": tuple(findings), "lines": lines})


def perform(
    meeting: Meeting,
    *,
    key: UUID,
    verb: str,
    data: Mapping[str, str],
    by: User,
    at: datetime,
) -> Reply:
    """Do what a screen asks, once. Never raises for what the law or a form refuses."""
    asked = _digest(verb, data)
    try:
        if verb not in VERBS:
            raise refusal("action_inconnue", "Cette action n’existe pas.", field="verb")
        with held.hold(meeting, key=key) as done:
            if done is not None:
                raise _DoneBefore(done)
            now.read_agenda(meeting)
            reply = _do(meeting, VERBS[verb], data, by=by, at=at)
            said = reply.as_json()
            Press.objects.create(
                meeting=meeting, key=key, verb=verb, asked=asked, made_by=by, reply=said
            )
            return reply
    except _DoneBefore as before:
        if before.press.asked != asked:
            return _refused(meeting, KEY_REUSED)
        return Reply.from_json(before.press.reply)
    except doubts.Doubted as doubt:
        message = " ".join(each.message for each in doubt.findings)
        return Reply(
            ok=False,
            message=message,
            findings=doubt.findings,
            stamp=meeting.stamp,
            asks=doubt.anyway,
        )
    except Refused as refused:
        return _refused(meeting, refused)


KEY_REUSED = refusal(
    "cle_reutilisee",
    "Cette clé a déjà servi à une autre action : rien n’a été fait.",
    field="key",
    remedy="Rechargez la page et recommencez.",
)


class _DoneBefore(Exception):
    """Asked again: what was begun is taken back, for there is nothing to write."""

    def __init__(self, press: Press) -> None:
        self.press = press


def _do(
    meeting: Meeting,
    kind: type[forms.VerbForm | forms.HoldRound],
    data: Mapping[str, str],
    *,
    by: User,
    at: datetime,
) -> Reply:
    form = kind(data, meeting=meeting)
    if not form.is_valid():
        raise forms.objections(form)
    sure = data.get("sure", "").split()
    doubts.ask(kind.verb.__name__, meeting, form.cleaned_data, at=at, sure=sure)
    before = len(meeting.ledger)
    warnings = form.run(by=by, at=at)
    return Reply(
        ok=True,
        message=form.message or _told_since(meeting, before) or f"{kind.label} : c’est fait.",
        findings=tuple(warnings),
        stamp=meeting.stamp,
        lines=tuple(event.seq for event in meeting.ledger[before:]),
    )


def _told_since(meeting: Meeting, before: int) -> str:
    """The new lines of the ledger, in words. A line cancelled in the same act as what is told
    instead only makes room for it: it is left out."""
    told = meeting.ledger[before:]
    plain = [event for event in told if not isinstance(event, sitting.Voided)] or told
    return " ".join(map(reading.telling(meeting).told, plain))


def _refused(meeting: Meeting, refused: Refused) -> Reply:
    reasons = [f.message for f in refused.findings if f.severity is Severity.REFUSAL]
    return Reply(
        ok=False,
        message=reasons[0] if reasons else "C’est refusé.",
        findings=refused.findings,
        stamp=meeting.stamp,
    )


_NOT_ASKED = frozenset({"csrfmiddlewaretoken", "key", "verb"})


def _digest(verb: str, data: Mapping[str, str]) -> str:
    """What tells one request from another under the same key."""
    listed = getattr(data, "getlist", lambda name: [data[name]])
    fields = {name: listed(name) for name in sorted(data) if name not in _NOT_ASKED}
    content = json.dumps([verb, fields], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
