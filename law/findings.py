"""What the law answers when something is wrong: findings, never a bare boolean.

A `Finding` says what is wrong, why (article) and how to mend it. Rules return tuples of
findings, all of them at once; verbs raise one `Refused` carrying the whole tuple; screens put
each finding beside the field it names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`REFUSAL` forbids the act; `WARNING` is lawful but deserves a look."""

    REFUSAL = "refus"
    WARNING = "avertissement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One objection, printable in French.

    `code` is stable and quoted by tests; `field` names the form field or the JSON path at
    fault ("" when the whole is); `article` is the source ("art. L2121-17 du CGCT", "statuts"),
    "" for plain logic; `remedy` tells the way out. `short` is the message where there is little
    room, when it has a shorter form.
    """

    code: str
    message: str
    short: str = ""
    article: str = ""
    remedy: str = ""
    field: str = ""
    severity: Severity = Severity.REFUSAL

    def __str__(self) -> str:
        text = f"{self.message} ({self.article})" if self.article else self.message
        return f"{text} {self.remedy}" if self.remedy else text


class Refused(Exception):
    """An act the law, the statutes or plain logic forbids; `findings` says why, all of it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(str(finding) for finding in self.findings))


def refuse(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Raise `Refused` if any finding is a refusal; otherwise return the warnings."""
    findings = tuple(findings)
    if any(finding.severity is Severity.REFUSAL for finding in findings):
        raise Refused(findings)
    return findings


def refusal(
    code: str, message: str, *, article: str = "", remedy: str = "", field: str = ""
) -> Refused:
    """The refusal of an act by one objection."""
    return Refused(
        [Finding(code=code, message=message, article=article, remedy=remedy, field=field)]
    )
