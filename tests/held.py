"""Sittings of the Comité held and closed by the real verbs, and who signs their papers."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core.files.base import ContentFile
from django.utils import timezone

from archive import actions as publishing
from documents.models import IssuedDocument
from law import ballots, sitting
from law.ballots import Choice
from meetings.actions import attendance, conduct, decisions, items, ledger, preparing, texts
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Body, User
from registry.acts import actions as acts
from registry.acts import reading as acts_reading
from registry.keyring import actions as keyring
from registry.models import SigningKey
from registry.signatures import actions as signatures
from registry.signatures import authority, keys, pades, reading
from tests.cast import Cast, make_account
from transmission.models import ActSheet

AT = timezone.make_aware(datetime(2026, 6, 15, 9, 30))
JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)
EVERYBODY = (
    "alice-arnaud",
    "bruno-besson",
    "claire-caron",
    "denis-duval",
    "elsa-evrard",
    "farid-faure",
)


def at(clock: str) -> datetime:
    """The wall clock of the sitting of June: at("18:36")."""
    return datetime.combine(JUNE, time.fromisoformat(clock))


def prepare(
    cast: Cast,
    *titles: str,
    body: Body | None = None,
    held_on: date = JUNE,
    clock: str = "19:00",
    **more: Any,
) -> Meeting:
    """A sitting of the Comité of that day, or of another `body`, a deliberation for each title."""
    starts_at, by = time.fromisoformat(clock), cast.secretariat
    meeting = preparing.create_meeting(
        body=body or cast.comite, held_on=held_on, starts_at=starts_at, by=by, **more
    )
    for title in titles:
        items.add_item(meeting, title=title, by=by)
    return meeting


def sit(
    meeting: Meeting,
    *,
    by: User,
    present: Iterable[str] | None = None,
    excused: Collection[str] = (),
    also: Iterable[str] = (),
    chair: str = "alice-arnaud",
    clerks: Iterable[str] = ("bruno-besson",),
    hours: int | None = 2,
) -> Meeting:
    """Every titular there unless told, substitutes `also`; opened on time by whoever chairs, and
    closed so many hours later or left open."""
    if present is None:
        titulars = [member.key for member in meeting.basis.composition.titulars]
        present = [key for key in titulars if key not in excused]
    standings = dict.fromkeys(excused, "excuse") | dict.fromkeys((*present, *also), "present")
    attendance.set_roll(meeting, standings=standings, by=by)
    opened_at = meeting.scheduled_for
    conduct.set_conduct(
        meeting,
        chair=chair,
        clerks=list(clerks),
        opened_at=opened_at,
        closed_at=opened_at + timedelta(hours=hours) if hours else None,
        by=by,
    )
    return meeting


def hold(
    cast: Cast,
    on: date,
    *,
    adopted: Iterable[str] = (),
    rejected: Collection[str] = (),
    approves: bool = True,
    **told: Any,
) -> Meeting:
    """A sitting of the Comité on that day at 18 h, held as `sit` is told and decided: the titles
    adopted, those rejected, and earlier minutes unless it `approves` none."""
    by = cast.secretariat
    meeting = prepare(cast, held_on=on, clock="18:00", place="dans ses locaux")
    for title in (*adopted, *rejected):
        items.add_item(meeting, title=title, text="<p>Le Comité en débat.</p>", by=by)
    sit(meeting, by=by, **told)
    for node in list(meeting.agenda.nodes):
        if node.item.approves_id and not approves:
            continue
        against = dict.fromkeys(EVERYBODY[1:], Choice.AGAINST)
        choices = against if node.item.title in rejected else {}
        decisions.hold_ballot(
            meeting, ballot=ballots.Ballot(item=node.item.key, choices=choices), by=by
        )
    return meeting


def whole(cast: Cast) -> Meeting:
    """The Comité of 9 June 2026, whole: proxy, substitute, late arrival, public and secret
    ballots, a withdrawal, a suspension."""
    by = cast.secretariat
    meeting = prepare(cast, place="à l’hôtel d’agglomération", convened_on=date(2026, 6, 1))
    for title in ("Budget", "Convention", "Tarifs", "Vœu"):
        text = f"<p>Le rapporteur présente : {title}.</p>"
        items.add_item(meeting, title=title, text=text, by=by)
    budget, convention, tariffs, wish = [node.item.key for node in meeting.agenda.nodes]
    away = ["claire-caron", "elsa-evrard", "farid-faure"]
    sit(meeting, by=by, excused=away, also=["gaelle-garnier"], hours=None)
    ledger.record(
        meeting,
        sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron"),
        sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
        sitting.Arrived(member="farid-faure", at=at("19:40"), before=convention),
        sitting.Recused(member="bruno-besson", item=tariffs),
        sitting.Suspended(at=at("20:10"), before=wish),
        sitting.Resumed(at=at("20:20"), before=wish),
        by=by,
    )
    named = dict.fromkeys(EVERYBODY, Choice.FOR)
    named |= {"claire-caron": Choice.AGAINST, "farid-faure": Choice.ABSTAIN}
    counts = {Choice.FOR: 3, Choice.AGAINST: 1, Choice.BLANK: 1}
    for ballot in (
        ballots.Ballot(item=budget),
        ballots.Ballot(item=convention, mode=ballots.Mode.PUBLIC, choices=named),
        ballots.Ballot(item=tariffs, mode=ballots.Mode.SECRET, counts=counts),
    ):
        decisions.hold_ballot(meeting, ballot=ballot, by=by)
    decisions.note_fate(meeting, item=wish, fate="ajourne", by=by)
    ledger.record(meeting, sitting.Closed(at=at("20:45")), by=by)
    return meeting


def bind(meeting: Meeting, *, by: User) -> None:
    """Its acts go online, and are not to be sent: they bind."""
    publishing.publish_acts(meeting, by=by, at=AT)
    for each in meeting.deliberations.filter(act_sheet=None):
        ActSheet.objects.create(
            deliberation=each,
            object=each.item.title,
            typology="99_DE",
            exempt="gestion du domaine privé",
            confirmed_by=by,
        )


def issue_acts(
    meeting: Meeting, *, by: User | None, at: datetime = AT, reason: str = ""
) -> tuple[IssuedDocument, ...]:
    """Number, extracts and list; what has no operative text is established without it, the articles
    are said to be those that a vote amended, and what was written again since to be rectified."""
    every = list(meeting.items.values_list("key", flat=True))
    return acts.issue_acts(meeting, by=by, at=at, reason=reason, bare=every, rectified=every)


def word(meeting: Meeting) -> None:
    """An article for each act of this sitting that has none."""
    for each in acts_reading.without_text(meeting):
        Brief.objects.create(item=each.item, articles=f"D’approuver {each.item.title}")


LONGER = "<p>Le Comité en débat longuement.</p>"


def write(cast: Cast, meeting: Meeting, text: str = LONGER, title: str = "Budget") -> AgendaItem:
    """Other words under this item; the sitting is as read again."""
    item = meeting.items.get(title=title)
    saved = texts.save_text(item, text=text, version=item.text_version, by=cast.secretariat)
    meeting.forget()
    return saved


# --- Signing ----------------------------------------------------------------------------------


def give_accounts(cast: Cast) -> tuple[User, User]:
    """Alice presided and Bruno kept the minutes: both have an account, and no key yet."""
    for person in (cast.alice, cast.bruno):
        person.user = make_account(f"{person.first_name.lower()}@brume.example")
        person.email = person.user.email
        person.save()
    return cast.alice.user, cast.bruno.user


KEYS_SINCE = timezone.make_aware(datetime(2026, 1, 5, 9, 0))


def give_keys(cast: Cast) -> tuple[SigningKey, SigningKey, SigningKey]:
    """A key of the demonstration to each of them, and to the seal, long before they sign."""
    return tuple(
        keyring.demonstrate(cast.organisation, person, by=cast.administration, at=KEYS_SINCE)
        for person in (cast.alice, cast.bruno, None)
    )


def sign_by_hand(document, place, cast, content=b""):
    """The secretariat hands in the sheet, the administration has seen it."""
    scan = ContentFile(content or b"%%PDF-1.4 feuille %d" % document.pk, "feuille.pdf")
    handed = signatures.deposit_handwritten(
        document, place=place, scan=scan, by=cast.secretariat, at=AT
    )
    return signatures.confirm(handed, by=cast.administration, at=AT)


def seen(minutes):
    return reading.current_file(minutes)[1]


def content_of(file):
    with file.open() as opened:
        return opened.read()


def sign(minutes, place, user):
    return signatures.sign_on_server(minutes, place=place, seen=seen(minutes), by=user, at=AT)


def as_p12(identity: authority.Identity, passphrase: str) -> bytes:
    """The file in which the server holds a certificate and its key."""
    return pkcs12.serialize_key_and_certificates(
        b"certificat",
        serialization.load_der_private_key(identity.key, password=None),
        x509.load_der_x509_certificate(identity.certificate),
        None,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def at_home(minutes, place="president", ca=None, identity=None, change=bytes):
    """What a delegate's own software gives back, signed with a card in her name unless told;
    `change`: what she did to the file before."""
    content = change(reading.current_file(minutes)[0])
    ca = ca or keys.authority()
    identity = identity or ca.identity("Alice Arnaud")
    return pades.sign(content, place, identity, timestamper=pades.development_clock(ca))


def certificate_of(identity: authority.Identity) -> bytes:
    """What a card gives away: its certificate (PEM), without the key."""
    found = x509.load_der_x509_certificate(identity.certificate)
    return found.public_bytes(serialization.Encoding.PEM)
