"""What the public reads of minutes: names, votes and decisions, without what the law protects."""

from documents import compile, papers
from law import sitting
from meetings import richtext
from meetings.models import Meeting

BEHIND_CLOSED_DOORS = (
    "<p><em>Ce point a été examiné à huis clos (art. L2121-18 du CGCT) : la teneur des débats n’est"
    " pas publiée.</em></p>"
)


def public_minutes(meeting: Meeting) -> papers.MinutesDocument:
    """The minutes as anybody may read them: without the sensitive passages, nor what was said
    behind closed doors. Names, votes and decisions stay."""
    closed = held_behind_closed_doors(meeting)
    texts = {
        node.item.key: BEHIND_CLOSED_DOORS
        if node.item.key in closed and node.item.text
        else richtext.public(node.item.text)
        for node in meeting.agenda.nodes
    }
    return compile.compile_minutes(meeting, texts=texts)


_DECISIONS = (sitting.BallotHeld, sitting.ElectionHeld, sitting.FateNoted)


def held_behind_closed_doors(meeting: Meeting) -> frozenset[str]:
    """The items that were discussed, even in part, behind closed doors."""
    found = {key for key, state in meeting.sitting.at_item.items() if state.doors_closed}
    during: dict[str, list[sitting.Event]] = {}

    def note(event: sitting.Event, state: sitting.State) -> None:
        if state.item and event.before is None:
            during.setdefault(state.item, []).append(event)

    sitting.replay(meeting.basis.composition, meeting.ledger, meeting.agenda.keys, observe=note)
    for key, events in during.items():
        # Doors closed once an item is decided are closed for the next one.
        decided = [rank for rank, event in enumerate(events) if isinstance(event, _DECISIONS)]
        until = decided[-1] if decided else len(events)
        if any(isinstance(event, sitting.DoorsClosed) for event in events[:until]):
            found.add(key)
    return frozenset(found)
