"""The signatures of a PDF that anybody may have made, read in a process of its own.

`pades.read` is for the files that are kept here; whatever comes from outside is read by `read`.
"""

from base64 import b64decode, b64encode
from dataclasses import asdict
from datetime import datetime
from typing import Any

from law.findings import Finding, Refused, refusal
from members import cells
from registry.signatures import pades
from registry.signatures.pades import Judgement, Report, Trust


def read(pdf: bytes, trust: Trust, *, since: bytes | None = None) -> tuple[Report, ...]:
    """As `pades.read`, whatever the file does. Raises `Refused`, also for one that asks for more
    memory or time than any of ours; and for one that adds to the bytes `since`, with which it
    begins, anything but signatures."""
    try:
        said = cells.ask(__name__, pdf, trust, since)
    except cells.Excessive as error:
        raise refusal(
            "pdf_demesure",
            "Ce PDF demande plus de mémoire ou de temps qu’un document n’en demande\u00a0: il n’a "
            "pas été lu.",
            remedy="Déposez le fichier tel qu’il a été téléchargé, sans le convertir.",
            field="file",
        ) from error
    if "refused" in said:
        raise Refused([Finding(**each) for each in said["refused"]])
    return tuple(_report(each) for each in said["reports"])


def _report(said: dict[str, Any]) -> Report:
    hour = said["signed_at"]
    return Report(
        **said
        | {
            "judgement": Judgement(said["judgement"]),
            "signed_at": datetime.fromisoformat(hour) if hour else None,
            "certificate": b64decode(said["certificate"]),
        }
    )


def _reply(pdf: bytes, trust: Trust, since: bytes | None) -> dict[str, Any]:
    try:
        if since is not None:
            pades.refuse_many(since, pdf)
        reports = pades.read(pdf, trust)
        if since is not None and pades.signed(pdf) != pades.signed(since):
            pades.refuse_changes(since, pdf)
    except Refused as refused:
        told = ("code", "message", "remedy", "field")
        return {"refused": [{name: getattr(f, name) for name in told} for f in refused.findings]}
    return {"reports": [_told(report) for report in reports]}


def _told(report: Report) -> dict[str, Any]:
    hour = report.signed_at
    return asdict(report) | {
        "signed_at": hour.isoformat() if hour else None,
        "certificate": b64encode(report.certificate).decode(),
    }


if __name__ == "__main__":
    cells.answer(_reply)
