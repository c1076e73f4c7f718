"""What became of the sittings: written, reviewed, adopted, signed, listed and published.

All of it by the verbs of the secretariat, told once for each sitting: what somebody did since
stays. Each sitting stops at another step, so that every page and every thing to do exists.

Papers are issued on the days of the story. Signatures and publications bear the hour at which
the demonstration is loaded: a signature never tells an hour that is not its own.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from archive import actions as publishing
from convening.actions import dispatching, drafting
from convening.models import Convocation
from demo import loading
from documents import actions as documents
from documents import compile
from documents.models import IssuedDocument
from meetings.actions import texts
from meetings.models import Meeting
from members.models import Organisation, Person, Role, User
from registry import drafts
from registry.acts import actions
from registry.models import Deliberation, DeliberationLink, Phrase, Review
from registry.reviews import actions as reviews
from registry.reviews import reading as reviewing
from registry.signatures import actions as signatures
from registry.signatures import reading
from registry.writing import actions as phrases

SITE = settings.SITE_URL or "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells the year: the secretariat of the demonstration, sitting by sitting."""

    organisation: Organisation
    by: User

    def found(self, body: str, held_on: str) -> Meeting | None:
        """The sitting as the database has it now, unless somebody moved or removed it."""
        return (
            Meeting.objects.select_related("body__organisation")
            .filter(body__organisation=self.organisation, body__slug=body, held_on=held_on)
            .first()
        )

    def again(self, meeting: Meeting) -> Meeting:
        return Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)

    # --- Steps --------------------------------------------------------------------------------

    def minutes(self, meeting: Meeting, on: str, reason: str = "") -> IssuedDocument:
        return documents.issue_minutes(
            self.again(meeting), by=self.by, at=moment(on), reason=reason
        )

    def acts(self, meeting: Meeting, on: str) -> None:
        actions.issue_acts(self.again(meeting), by=self.by, at=moment(on))

    def adopted_by(self, body: str, held_on: str, on: str) -> None:
        later = self.found(body, held_on)
        if later is not None:
            actions.record_adoptions(later, by=self.by, at=moment(on))

    def prepare(self, papers: Iterable[IssuedDocument]) -> None:
        for paper in papers:
            signatures.prepare_signing(paper, by=self.by, at=timezone.now())

    def sign(self, meeting: Meeting) -> None:
        """Whoever presided, then the secretaries, each with a certificate of the demonstration."""
        known = reading.signers(self.again(meeting))
        everybody = (signer.person for signer in (*known.acts, *known.listed))
        for person in dict.fromkeys(filter(None, everybody)):
            user = account(person)
            waiting = reading.to_sign(self.again(meeting), user)
            signatures.sign_batch(waiting, by=user, at=timezone.now())

    def publish(self, *papers: IssuedDocument) -> None:
        for paper in papers:
            publishing.publish(paper, by=self.by, at=timezone.now())

    def publish_acts(self, meeting: Meeting) -> None:
        publishing.publish_acts(self.again(meeting), by=self.by, at=timezone.now())

    def write(self, meeting: Meeting, title: str, text: str) -> None:
        """Change what the minutes say of an item."""
        item = meeting.items.get(title=title)
        texts.save_text(item, text=text, version=item.text_version, by=self.by)

    def whole(self, meeting: Meeting) -> list[IssuedDocument]:
        """The minutes, the list and the extracts in force."""
        return reading.in_force(self.again(meeting))


def moment(told: str) -> datetime:
    """An hour of the story, in Paris; never later than now, which "" stands for."""
    now = timezone.now()
    return min(timezone.make_aware(datetime.fromisoformat(told)), now) if told else now


def account(person: Person) -> User:
    """The account with which somebody signs; without a password nobody enters by it."""
    if person.user is None:
        person.user = User.objects.create_user(
            person.email, None, first_name=person.first_name, last_name=person.last_name
        )
        person.save(update_fields=["user"])
        Role.objects.create(
            user=person.user, organisation=person.organisation, kind=Role.Kind.DELEGATE
        )
    return person.user


# --- The sittings -----------------------------------------------------------------------------


def july_2016(tell: Teller, meeting: Meeting) -> None:
    """From before the law asked for lists and publications: its minutes alone."""
    tell.minutes(meeting, "2016-07-11T10:00")


def november_2016(tell: Teller, meeting: Meeting) -> None:
    tell.minutes(meeting, "2016-11-23T10:00")


def may(tell: Teller, meeting: Meeting) -> None:
    """Adopted on 30 June, signed by whoever presided at the opening and by the secretary; its
    extracts are online, and not signed."""
    tell.acts(meeting, "2026-05-15T11:00")
    minutes = tell.minutes(meeting, "2026-05-20T09:30")
    tell.adopted_by("comite-syndical", "2026-06-30", "2026-07-01T09:00")
    tell.prepare([minutes])
    tell.sign(meeting)
    tell.publish_acts(meeting)
    tell.publish(tell.whole(meeting)[0])


def ninth_of_june(tell: Teller, meeting: Meeting) -> None:
    """Done: adopted on 15 September, signed, online."""
    tell.acts(meeting, "2026-06-11T11:00")
    tell.minutes(meeting, "2026-06-16T10:15")
    tell.adopted_by("bureau", "2026-09-15", "2026-09-16T09:00")
    tell.prepare(tell.whole(meeting))
    tell.sign(meeting)
    tell.publish_acts(meeting)
    tell.publish(tell.whole(meeting)[0])


POSTPONED = "Règlement intérieur du Comité"
DRAFT = "<p>Le texte doit être complété sur les séances à distance. {}</p>"
BY_WHOM = "Mme Delaporte et M. Hénin s’en chargent."
BY_WHEN = "Mme Delaporte et M. Hénin s’en chargent pour la séance de décembre."


def thirtieth_of_june(tell: Teller, meeting: Meeting) -> None:
    """Everything: read by the president and the secretary, a remark settled, corrected at the
    next sitting, adopted, signed by both, listed, published."""
    tell.acts(meeting, "2026-07-02T16:00")
    _reviewed(tell, meeting)
    tell.minutes(meeting, "2026-07-07T10:00")
    tell.write(meeting, POSTPONED, DRAFT.format(BY_WHEN))
    tell.minutes(
        meeting,
        "2026-09-30T09:00",
        reason="à la demande de la séance du 29 septembre 2026, il est dit pour quand le règlement "
        "intérieur sera complété",
    )
    tell.adopted_by("comite-syndical", "2026-09-29", "2026-09-30T09:15")
    tell.prepare(tell.whole(meeting))
    tell.sign(meeting)
    tell.publish_acts(meeting)
    tell.publish(tell.whole(meeting)[0])


def _reviewed(tell: Teller, meeting: Meeting) -> None:
    chair, secretary = _asked(tell, meeting, "2026-07-02T16:30")
    remark = reviews.remark(
        by=secretary,
        item=meeting.items.get(title=POSTPONED),
        text="Il manque qui complète le texte : Mme Delaporte et M. Hénin se sont proposés.",
        seen=_shown(meeting),
        at=moment("2026-07-03T18:40"),
    )
    tell.write(meeting, POSTPONED, DRAFT.format(BY_WHOM))
    reviews.settle(
        remark,
        answer="Leurs noms sont ajoutés.",
        by=tell.by,
        at=moment("2026-07-06T09:10"),
    )
    reviews.agree(by=secretary, seen=_shown(meeting), at=moment("2026-07-06T12:20"))
    reviews.agree(by=chair, seen=_shown(meeting), at=moment("2026-07-06T19:05"))


def _asked(tell: Teller, meeting: Meeting, on: str) -> list[Review]:
    """Whoever presided, then the secretary, asked to read the draft."""
    readers = reviewing.proposed(meeting)[::-1]
    asked = reviews.ask(meeting, readers=readers, by=tell.by, at=moment(on), site=SITE)
    return [each.review for each in asked]


def _shown(meeting: Meeting) -> str:
    """What a reader is shown: the draft as it stands."""
    return drafts.digest(compile.compile_minutes(Meeting.objects.get(pk=meeting.pk)))


def fifteenth_of_september(tell: Teller, meeting: Meeting) -> None:
    """Adopted on 17 November, ready to sign; nothing is online yet."""
    tell.acts(meeting, "2026-09-17T11:00")
    tell.minutes(meeting, "2026-09-22T10:00")
    tell.adopted_by("bureau", "2026-11-17", "2026-11-18T09:00")
    tell.prepare(tell.whole(meeting))


def twenty_ninth_of_september(tell: Teller, meeting: Meeting) -> None:
    """Issued, to be adopted by the sitting of December; its acts online, and not signed."""
    tell.acts(meeting, "2026-10-01T11:00")
    _link(tell, meeting)
    tell.minutes(meeting, "2026-10-05T10:00")
    tell.publish_acts(meeting)


def _link(tell: Teller, meeting: Meeting) -> None:
    """The decision that changes the budget says which deliberation it modifies."""
    numbered = Deliberation.objects.filter(body=meeting.body)
    source = numbered.filter(meeting=meeting, item__title="Décision modificative n° 1").first()
    target = numbered.filter(item__title="Budget supplémentaire 2026").first()
    if source and target:
        actions.link(source, kind=DeliberationLink.Kind.MODIFIES, target=target, by=tell.by)


def sixth_of_october(tell: Teller, meeting: Meeting) -> None:
    """Written, in the hands of its readers; the president has said what she thinks of it."""
    tell.acts(meeting, "2026-10-08T11:00")
    tell.publish_acts(meeting)
    chair, _ = _asked(tell, meeting, "")
    reviews.remark(
        by=chair,
        item=None,
        text="Rappeler que cette séance est la seconde convocation, sans quorum requis.",
        seen=_shown(meeting),
        at=timezone.now(),
    )


def first_of_december(tell: Teller, meeting: Meeting) -> None:
    """Convened. Its papers are laid out before the sitting is locked: no transaction around."""
    dispatching.dispatch(
        drafting.prepare(meeting, by=tell.by),
        by=tell.by,
        at=moment("2026-11-20T10:00"),
        site=SITE,
    )


Story = Callable[[Teller, Meeting], None]

# In the order of the days: a sitting is told once those that its minutes wait for are held.
STORIES: tuple[tuple[str, str, Story], ...] = (
    ("bureau", "2016-07-04", july_2016),
    ("bureau", "2016-11-16", november_2016),
    ("comite-syndical", "2026-05-12", may),
    ("bureau", "2026-06-09", ninth_of_june),
    ("comite-syndical", "2026-06-30", thirtieth_of_june),
    ("bureau", "2026-09-15", fifteenth_of_september),
    ("comite-syndical", "2026-09-29", twenty_ninth_of_september),
    ("comite-syndical", "2026-10-06", sixth_of_october),
    ("bureau", "2026-12-01", first_of_december),
)

PHRASES = (
    (
        "Présentation",
        "Le rapporteur présente le dossier et répond aux questions.",
    ),
    (
        "Sans débat",
        "Le rapport n’appelle pas d’observation.",
    ),
    (
        "Demande de précision",
        "Un délégué demande des précisions sur le financement ; il lui est répondu en séance.",
    ),
)


def tell(organisation: Organisation) -> None:
    """Tell what is not told yet; a sitting that somebody worked on since is left alone."""
    teller = Teller(organisation=organisation, by=loading.clerk())
    _keep_phrases(teller)
    for body, held_on, story in STORIES:
        meeting = teller.found(body, held_on)
        if meeting is not None and not _is_told(meeting):
            with nullcontext() if story is first_of_december else transaction.atomic():
                story(teller, meeting)


def _is_told(meeting: Meeting) -> bool:
    return (
        meeting.documents.exists()
        or meeting.reviews.exists()
        or meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).exists()
    )


def _keep_phrases(tell: Teller) -> None:
    """The library of the assembly, unless somebody has begun his own."""
    body = tell.organisation.bodies.get(slug="comite-syndical")
    if not body.phrases.exists():
        for title, text in PHRASES:
            phrases.keep(Phrase(body=body, title=title, text=text), by=tell.by)
