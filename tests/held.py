"""Sittings of the Comité held and closed by the real verbs, and who signs their papers."""

from datetime import date, datetime, time

from django.utils import timezone

from law import ballots
from law.ballots import Choice
from meetings.actions import attendance, conduct, decisions, items, preparing
from meetings.models import Meeting
from members.models import User
from registry.signatures import actions as signatures
from registry.signatures import keys, pades, reading
from tests.cast import Cast, make_account

AT = timezone.make_aware(datetime(2026, 6, 15, 9, 30))
EVERYBODY = (
    "alice-arnaud",
    "bruno-besson",
    "claire-caron",
    "denis-duval",
    "elsa-evrard",
    "farid-faure",
)


def hold(
    cast: Cast,
    on: date,
    *,
    adopted: tuple[str, ...] = (),
    rejected: tuple[str, ...] = (),
    approves: bool = True,
    clerks: tuple[str, ...] = ("bruno-besson",),
    is_closed: bool = True,
) -> Meeting:
    """A sitting of the Comité on that day, with everybody, at 18 h; closed two hours later."""
    by = cast.secretariat
    meeting = preparing.create_meeting(
        body=cast.comite, held_on=on, starts_at=time(18), place="dans ses locaux", by=by
    )
    for title in (*adopted, *rejected):
        items.add_item(meeting, title=title, text="<p>Le Comité en débat.</p>", by=by)
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=by)
    conduct.set_conduct(
        meeting,
        chair="alice-arnaud",
        clerks=list(clerks),
        opened_at=datetime.combine(on, time(18)),
        closed_at=datetime.combine(on, time(20)) if is_closed else None,
        by=by,
    )
    for node in list(meeting.agenda.nodes):
        if node.item.approves_id and not approves:
            continue
        against = dict.fromkeys(EVERYBODY[1:], Choice.AGAINST)
        decisions.hold_ballot(
            meeting,
            ballot=ballots.Ballot(
                item=node.item.key, choices=against if node.item.title in rejected else {}
            ),
            by=by,
        )
    return meeting


# --- Signing ----------------------------------------------------------------------------------


def give_accounts(cast: Cast) -> tuple[User, User]:
    """Alice presided and Bruno kept the minutes: both have an account."""
    for person in (cast.alice, cast.bruno):
        person.user = make_account(f"{person.first_name.lower()}@brume.example")
        person.email = person.user.email
        person.save()
    return cast.alice.user, cast.bruno.user


def seen(minutes):
    return reading.current_file(minutes)[1]


def content_of(file):
    with file.open() as opened:
        return opened.read()


def sign(minutes, place, user):
    return signatures.sign_on_server(minutes, place=place, seen=seen(minutes), by=user, at=AT)


def at_home(minutes, place="president", ca=None):
    """What a delegate's own software gives back."""
    content, _ = reading.current_file(minutes)
    ca = ca or keys.authority()
    return pades.sign(
        content, place, ca.identity("Alice Arnaud"), timestamper=pades.development_clock(ca)
    )
