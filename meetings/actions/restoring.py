"""A ledger brought in whole (sitting_file, verify_ledger)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from law import findings, sitting
from law.checks import judgement
from law.docket import Docket
from law.findings import Finding
from meetings import memory
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import User


def judge_ledger(
    events: Sequence[sitting.Event], *, titles: Mapping[str, str], docket: Docket
) -> tuple[Finding, ...]:
    """What the law says of a whole ledger, each item named by its title; `field` is the path of
    the line, from `ledger[0]`.

    Judged as an old paper is: what the law forbids and may well have been done is a warning.
    """
    found = []
    for seq, finding in judgement.by_event(
        events, agenda=tuple(titles), retrospective=True, docket=docket, titles=titles
    ):
        field = finding.field
        if field not in ("", "at", "before"):
            # A form shows a ballot or an election alone; in the ledger it is inside its event.
            match events[seq - 1]:
                case sitting.BallotHeld():
                    field = f"ballot.{field}"
                case sitting.ElectionHeld():
                    field = f"election.{field}"
        path = f"ledger[{seq - 1}]"
        title = titles.get(sitting.anchor(events[seq - 1]) or "")
        found.append(
            replace(
                finding,
                field=f"{path}.{field}" if field else path,
                message=f"« {title} » : {finding.message}" if title else finding.message,
            )
        )
    return tuple(found)


def _titles(meeting: Meeting) -> Mapping[str, str]:
    return {key: meeting.agenda.titles[key] for key in meeting.agenda.keys}


@ledger.holds
def restore_ledger(
    meeting: Meeting, events: Iterable[sitting.Event], *, by: User | None
) -> tuple[Finding, ...]:
    """Tell a whole ledger again, line for line, in a sitting that has none; the chain is new.

    Returns the warnings; raises `Refused` with every objection.
    """
    events = [replace(event, seq=rank) for rank, event in enumerate(events, 1)]
    if meeting.ledger:
        raise findings.refusal("registre_commence", "Le registre de cette séance est commencé.")
    if not events or not isinstance(events[0], sitting.Composed):
        raise findings.refusal(
            "sans_composition",
            "Un registre commence par la composition de l’assemblée.",
            field="ledger[0]",
        )
    warnings = findings.refuse(
        judge_ledger(events, titles=_titles(meeting), docket=meeting.outline.docket)
    )
    rows = ledger.write(meeting, events, by=by, are_apart=True)
    ledger.touch(meeting)
    told = memory.Told(events, rows[-1].sha256, memory.written(rows))
    ledger.tell_tables(meeting, told, rows, meeting.outline)
    return warnings
