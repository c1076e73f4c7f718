"""Who is convened or informed, by which road."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from convening.models import Recipient
from law import french
from law.addresses import lowered
from law.regime import Regime
from meetings.models import Meeting, MeetingQuerySet
from members.models import Body, Community, Mandate, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody the convocation goes to, by mail or on paper, and in what capacity.

    `asked`: he wants paper. Whoever has no e-mail address gets paper too.
    """

    why: Recipient.Why
    name: str
    channel: Recipient.Channel
    email: str = ""
    postal_address: str = ""
    mandate: Mandate | None = None
    community: Community | None = None
    asked: bool = False

    @property
    def has_account(self) -> bool:
        """Whether he signs in here by an address: that one convenes nobody."""
        return self.mandate is not None and self.mandate.person.user_id is not None

    @property
    def is_unreachable(self) -> bool:
        """Whether neither mail nor letter finds him."""
        return not self.email and not self.postal_address.strip()

    @property
    def capacity(self) -> str:
        """In what capacity, in words."""
        return Recipient.Why(self.why).label


def of(meeting: Meeting) -> tuple[Addressee, ...]:
    """Everybody the rules have convened or informed, in the order of the roll."""
    regime, body = meeting.regime, meeting.body
    capacities = {Mandate.Capacity.TITULAR: Recipient.Why.MEMBER}
    if _has_substitutes(regime, body):
        capacities[Mandate.Capacity.SUBSTITUTE] = Recipient.Why.SUBSTITUTE
    if regime.consultative_members:
        capacities[Mandate.Capacity.CONSULTATIVE] = Recipient.Why.CONSULTATIVE
    mandates = (
        body.mandates.in_office(meeting.held_on)
        .filter(capacity__in=capacities)
        .in_roll_order()
        .select_related("person", "community", "constituency", "replaces__person")
    )
    found = [
        _of_mandate(mandate, capacities[Mandate.Capacity(mandate.capacity)], regime)
        for mandate in mandates
    ]
    found.sort(key=lambda each: list(capacities.values()).index(each.why))
    if regime.share_with_councillors:
        found += _copies(meeting, known={lowered(each.email) for each in found})
    return tuple(found)


_NOUNS = (
    (Recipient.Why.MEMBER, "titulaire", "titulaires"),
    (Recipient.Why.SUBSTITUTE, "suppléant", "suppléants"),
    (Recipient.Why.CONSULTATIVE, "voix consultative", "voix consultatives"),
    (Recipient.Why.COPY, "copie", "copies"),
)


def counted(going: Iterable[Addressee]) -> str:
    """« 24 titulaires, 20 suppléants et 62 copies »."""
    counts = Counter(each.why for each in going)
    return french.join(
        [french.count(counts[why], noun, plural) for why, noun, plural in _NOUNS if counts[why]]
    )


def newcomers(meeting: Meeting) -> tuple[Addressee, ...]:
    """Those who sit on the day of a sitting that was convened from here, and to whom nothing of it
    was sent: whoever came in since. Nobody once it is under way.

    Who sits by another mandate in the same capacity, as the substitute of a titular who was
    replaced does, has his convocation already, and its links are his still.
    """
    if meeting.sent_on is None or not meeting.is_planned:
        return ()
    rows = Recipient.objects.filter(convocation__meeting=meeting, mandate__isnull=False)
    told = list(rows.order_by().values_list("mandate", "mandate__person", "why"))
    mandates, people = {row[0] for row in told}, {row[1:] for row in told}
    return tuple(
        each
        for each in of(meeting)
        if each.mandate
        and each.mandate.pk not in mandates
        and (each.mandate.person_id, each.why) not in people
    )


def with_newcomers(meetings: MeetingQuerySet, *, on: date) -> Iterator[tuple[Meeting, int]]:
    """Those of these sittings to come that have `newcomers`, and how many; one query to find which
    may have, then a few for each."""
    its_own = Recipient.objects.filter(
        mandate=OuterRef("pk"), convocation__meeting=OuterRef(OuterRef("pk"))
    )
    sitting = Mandate.objects.in_office(OuterRef("held_on")).filter(body=OuterRef("body"))
    for meeting in meetings.filter(
        Exists(sitting.exclude(Exists(its_own))),
        stage=Meeting.Stage.PREPARED,
        held_on__gt=on,
        sent_on__isnull=False,
    ):
        if found := newcomers(meeting):
            yield meeting, len(found)


def of_whom_it_is_off(meeting: Meeting) -> tuple[Addressee, ...]:
    """Everybody who is told that the sitting is called off: whoever was convened and sits no more
    must know it too."""
    going = of(meeting)
    known = {each.mandate.pk for each in going if each.mandate}
    told = (
        Recipient.objects.filter(convocation__meeting=meeting, mandate__isnull=False)
        .exclude(mandate__in=known)
        .select_related("mandate__person")
        .order_by("mandate", "pk")
    )
    before = {row.mandate_id: row for row in told}
    return (
        *going,
        *(
            Addressee(
                why=Recipient.Why(each.why),
                name=each.name,
                channel=Recipient.Channel(each.channel),
                email=each.email,
                postal_address=each.postal_address,
                mandate=each.mandate,
            )
            for each in before.values()
        ),
    )


def _has_substitutes(regime: Regime, body: Body) -> bool:
    if body.kind == Body.Kind.BUREAU and not regime.substitutes_in_bureau:
        return False
    return regime.substitutes != "aucun"


def _of_mandate(mandate: Mandate, why: Recipient.Why, regime: Regime) -> Addressee:
    person: Person = mandate.person
    # Paper is an option of the member (art. L2121-10); statutes may make it the rule.
    on_paper = person.wants_paper or not person.email or regime.convocation_channel == "papier"
    return Addressee(
        why=why,
        name=f"{person.civility} {person}".strip(),
        channel=Recipient.Channel.PAPER if on_paper else Recipient.Channel.MAIL,
        email=person.email,
        postal_address=person.address,
        mandate=mandate,
        asked=person.wants_paper,
    )


def _copies(meeting: Meeting, *, known: set[str]) -> Iterator[Addressee]:
    """The councillors of the member communities who do not sit (art. L5211-40-2).

    Whoever is convened himself needs no copy.
    """
    communities = meeting.body.organisation.communities.existing(meeting.held_on)
    for community in communities.exclude(copies_to=""):
        for email in dict.fromkeys(community.copies_to.split()):
            if lowered(email) in known:
                continue
            known.add(lowered(email))
            yield Addressee(
                why=Recipient.Why.COPY,
                name=community.name,
                channel=Recipient.Channel.MAIL,
                email=email,
                community=community,
            )
