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
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from archive import actions as publishing
from convening.actions import dispatching, drafting
from convening.models import Convocation
from demo import loading, prefecture
from documents import actions as documents
from documents import compile
from documents.models import IssuedDocument
from law.acts import Nature
from law.delegations import Kind
from meetings.actions import texts
from meetings.models import Meeting
from members.models import Mandate, Organisation, Person, Role, User
from registry import drafts
from registry.acts import actions
from registry.acts import reading as acts
from registry.alone import actions as alone
from registry.alone import reading as lone
from registry.keyring import actions as keyring
from registry.models import (
    Delegation,
    Deliberation,
    DeliberationLink,
    Phrase,
    Review,
    SigningKey,
)
from registry.reviews import actions as reviews
from registry.reviews import reading as reviewing
from registry.signatures import actions as signatures
from registry.signatures import reading
from registry.writing import actions as phrases

SITE = settings.SITE_URL or "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells what became of one sitting: the secretariat of the demonstration."""

    organisation: Organisation
    by: User
    body: str
    held_on: str

    def sitting(self, held_on: str) -> Meeting | None:
        """The sitting of the body on that day, unless somebody moved or removed it."""
        return (
            Meeting.objects.select_related("body__organisation")
            .filter(body__organisation=self.organisation, body__slug=self.body, held_on=held_on)
            .first()
        )

    @property
    def meeting(self) -> Meeting:
        """The sitting that is told, as the database has it now."""
        return self.sitting(self.held_on)

    # --- Steps --------------------------------------------------------------------------------

    def minutes(self, on: str, reason: str = "") -> IssuedDocument:
        """Issue the minutes, or the next version of them."""
        return documents.issue_minutes(self.meeting, by=self.by, at=moment(on), reason=reason)

    def acts(self, on: str) -> None:
        """Issue the list of deliberations and the extracts."""
        bare = [each.item.key for each in acts.without_text(self.meeting)]
        actions.issue_acts(self.meeting, by=self.by, at=moment(on), bare=bare)

    def adopted_by(self, held_on: str, on: str) -> None:
        """Note that the sitting of that day adopted the minutes, which say what it had corrected:
        they were issued for it, though its ledger is written here after them."""
        if later := self.sitting(held_on):
            carrying = [each.minutes.pk for each in acts.approvals(later) if each.minutes]
            actions.record_adoptions(later, by=self.by, at=moment(on), carrying=carrying)

    def prepare(self, papers: Iterable[IssuedDocument]) -> None:
        """Open these papers to the signatures they wait for."""
        for paper in papers:
            signatures.prepare_signing(paper, by=self.by, at=timezone.now())

    def sign(self) -> None:
        """Whoever presided, then the secretaries, each with a key of the demonstration."""
        known = reading.signers(self.meeting)
        everybody = (signer.person for signer in known.everybody)
        for person in dict.fromkeys(filter(None, everybody)):
            user = account(person)
            _give_key(person.organisation, person)
            waiting = reading.to_sign(self.meeting, user)
            signatures.sign_batch(waiting, by=user, at=timezone.now())

    def publish_acts(self) -> None:
        """Put the list and the extracts online."""
        publishing.publish_acts(self.meeting, by=self.by, at=timezone.now())

    def transmit(self) -> None:
        """Send the acts to the prefecture, which has them; not from before they were decided."""
        if self.meeting.held_on <= timezone.localdate():
            prefecture.transmit(self.meeting, by=self.by, at=timezone.now())

    def publish(self) -> None:
        """Put everything online, the minutes last."""
        self.publish_acts()
        publishing.publish(self.whole()[0], by=self.by, at=timezone.now())

    def write(self, title: str, text: str) -> None:
        """Change what the minutes say of an item."""
        item = self.meeting.items.get(title=title)
        texts.save_text(item, text=text, version=item.text_version, by=self.by)

    def whole(self) -> list[IssuedDocument]:
        """The minutes, the list and the extracts in force."""
        return reading.in_force(self.meeting)


def moment(told: str) -> datetime:
    """An hour of the story, in Paris; never later than now, which "" stands for."""
    now = timezone.now()
    return min(timezone.make_aware(datetime.fromisoformat(told)), now) if told else now


def account(person: Person) -> User:
    """The account with which somebody signs; without a password nobody enters by it. Who is written
    to on paper has no address of her own: one is made for her account."""
    if person.user is None:
        name = slugify(f"{person.first_name} {person.last_name}").replace("-", ".")
        person.user = User.objects.create_user(
            person.email or f"{name}@demo.example",
            None,
            first_name=person.first_name,
            last_name=person.last_name,
        )
        person.save(update_fields=["user"])
        Role.objects.create(
            user=person.user, organisation=person.organisation, kind=Role.Kind.DELEGATE
        )
    return person.user


def give_keys(organisation: Organisation) -> None:
    """Keys of the demonstration for the seal and for each delegate who enters with a password,
    bound as the administration would; whoever had one is left as he is."""
    _give_key(organisation, None)
    emails = [email for email, *_ in loading.ACCOUNTS]
    for person in organisation.persons.filter(user__email__in=emails):
        _give_key(organisation, person)


def _give_key(organisation: Organisation, person: Person | None) -> None:
    acts = SigningKey.objects.bound().filter(organisation=organisation, person=person)
    if settings.SIGNING_DEVELOPMENT and not acts.exists():
        keyring.demonstrate(organisation, person, by=None, at=timezone.now())


# --- The sittings -----------------------------------------------------------------------------


def july_2016(tell: Teller) -> None:
    """From before the law asked for lists and publications: its minutes alone."""
    tell.minutes("2016-07-11T10:00")


def november_2016(tell: Teller) -> None:
    """The seed: its minutes alone too."""
    tell.minutes("2016-11-23T10:00")


def may(tell: Teller) -> None:
    """Adopted on 30 June, signed by the president elected in the sitting and by the secretary; its
    extracts were received and online at once, for one delegates, and are not signed."""
    tell.acts("2026-05-15T11:00")
    at = moment("2026-05-18T12:00")
    prefecture.transmit(tell.meeting, by=tell.by, at=at)
    publishing.publish_acts(tell.meeting, by=tell.by, at=at)
    minutes = tell.minutes("2026-05-20T09:30")
    tell.adopted_by("2026-06-30", "2026-07-01T09:00")
    tell.prepare([minutes])
    tell.sign()
    publishing.publish(minutes, by=tell.by, at=timezone.now())


def ninth_of_june(tell: Teller) -> None:
    """Done: adopted on 15 September, signed, online."""
    tell.acts("2026-06-11T11:00")
    tell.minutes("2026-06-16T10:15")
    tell.adopted_by("2026-09-15", "2026-09-16T09:00")
    tell.prepare(tell.whole())
    tell.sign()
    tell.publish()


POSTPONED = "Règlement intérieur du Comité"
DRAFT = "<p>Le texte doit être complété sur les séances à distance. {}</p>"
BY_WHOM = "Mme Delaporte et M. Hénin s’en chargent."
BY_WHEN = "Mme Delaporte et M. Hénin s’en chargent pour la séance de décembre."


def thirtieth_of_june(tell: Teller) -> None:
    """Everything: read by the president and the secretary, a remark settled, corrected at the
    next sitting, adopted, signed by both, listed, transmitted, published."""
    tell.acts("2026-07-02T16:00")
    _reviewed(tell)
    tell.minutes("2026-07-07T10:00")
    tell.write(POSTPONED, DRAFT.format(BY_WHEN))
    tell.minutes(
        "2026-09-30T09:00",
        reason="à la demande de la séance du 29 septembre 2026, il est dit pour quand le règlement "
        "intérieur sera complété",
    )
    tell.adopted_by("2026-09-29", "2026-09-30T09:15")
    tell.prepare(tell.whole())
    tell.sign()
    tell.transmit()
    tell.publish()


def _reviewed(tell: Teller) -> None:
    chair, secretary = _asked(tell, "2026-07-02T16:30")
    remark = reviews.remark(
        by=secretary,
        item=tell.meeting.items.get(title=POSTPONED),
        text="Il manque qui complète le texte : Mme Delaporte et M. Hénin se sont proposés.",
        seen=_shown(tell),
        at=moment("2026-07-03T18:40"),
    )
    tell.write(POSTPONED, DRAFT.format(BY_WHOM))
    reviews.settle(
        remark,
        answer="Leurs noms sont ajoutés.",
        by=tell.by,
        at=moment("2026-07-06T09:10"),
    )
    reviews.agree(by=secretary, seen=_shown(tell), at=moment("2026-07-06T12:20"))
    reviews.agree(by=chair, seen=_shown(tell), at=moment("2026-07-06T19:05"))


def _asked(tell: Teller, on: str) -> list[Review]:
    """Whoever presided, then the secretary, asked to read the draft."""
    readers = reviewing.proposed(tell.meeting)[::-1]
    asked = reviews.ask(tell.meeting, readers=readers, by=tell.by, at=moment(on), site=SITE)
    return [each.review for each in asked]


def _shown(tell: Teller) -> str:
    """What a reader is shown: the draft as it stands."""
    return drafts.digest(compile.compile_minutes(tell.meeting))


def fifteenth_of_september(tell: Teller) -> None:
    """Adopted on 17 November, ready to sign; nothing is online yet."""
    tell.acts("2026-09-17T11:00")
    tell.minutes("2026-09-22T10:00")
    tell.adopted_by("2026-11-17", "2026-11-18T09:00")
    tell.prepare(tell.whole())


def twenty_ninth_of_september(tell: Teller) -> None:
    """Issued, to be adopted by the sitting of December; its acts online, and not signed."""
    tell.acts("2026-10-01T11:00")
    _link(tell)
    tell.minutes("2026-10-05T10:00")
    tell.publish_acts()


def _link(tell: Teller) -> None:
    """The decision that changes the budget says which deliberation it modifies."""
    meeting = tell.meeting
    numbered = Deliberation.objects.filter(body=meeting.body)
    source = numbered.filter(meeting=meeting, item__title="Décision modificative n° 1").first()
    target = numbered.filter(item__title="Budget supplémentaire 2026").first()
    if source and target:
        actions.link(source, kind=DeliberationLink.Kind.MODIFIES, target=target, by=tell.by)


def sixth_of_october(tell: Teller) -> None:
    """Written, in the hands of its readers; the president has said what she thinks of it."""
    tell.acts("2026-10-08T11:00")
    tell.publish_acts()
    chair, _ = _asked(tell, "")
    reviews.remark(
        by=chair,
        item=None,
        text="Rappeler que cette séance est la seconde convocation, sans quorum requis.",
        seen=_shown(tell),
        at=timezone.now(),
    )


def first_of_december(tell: Teller) -> None:
    """Convened. Its papers are laid out before the sitting is locked: no transaction around."""
    dispatching.dispatch(
        drafting.prepare(tell.meeting, by=tell.by),
        by=tell.by,
        at=moment("2026-11-20T10:00"),
        site=SITE,
    )


Story = Callable[[Teller], None]

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
    ("Présentation", "Le rapporteur présente le dossier et répond aux questions."),
    ("Sans débat", "Le rapport n’appelle pas d’observation."),
    (
        "Demande de précision",
        "Un délégué demande des précisions sur le financement ; il lui est répondu en séance.",
    ),
)


def tell(organisation: Organisation) -> None:
    """Tell what is not told yet; a sitting that somebody worked on since is left alone."""
    by = loading.clerk()
    _keep_phrases(organisation, by=by)
    prefecture.classify(organisation, by=by)
    give_keys(organisation)
    for body, held_on, story in STORIES:
        teller = Teller(organisation=organisation, by=by, body=body, held_on=held_on)
        meeting = teller.sitting(held_on)
        if meeting is not None and not _is_told(meeting):
            with nullcontext() if story is first_of_december else transaction.atomic():
                story(teller)
    with transaction.atomic():
        decide_alone(organisation, by=by)


def _is_told(meeting: Meeting) -> bool:
    return (
        meeting.documents.exists()
        or meeting.reviews.exists()
        or meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).exists()
    )


def _keep_phrases(organisation: Organisation, *, by: User) -> None:
    """The library of the assembly, unless somebody has begun his own."""
    body = organisation.bodies.get(slug="comite-syndical")
    if not body.phrases.exists():
        for title, text in PHRASES:
            phrases.keep(Phrase(body=body, title=title, text=text), by=by)


# --- What the presidency decides alone --------------------------------------------------------

_DELEGATES = "Délégations du Comité au Bureau et au président"
_SUBJECTS = "Marchés de moins de 40 000 € hors taxes\nActions en justice"


def decide_alone(organisation: Organisation, *, by: User) -> None:
    """One decision by delegation and one order, signed, transmitted and online; once."""
    assembly = lone.assembly_of(organisation)
    if assembly is None or lone.acts_of(organisation).exists():
        return
    source = Deliberation.objects.filter(body=assembly, item__title=_DELEGATES).first()
    president = lone.officers(assembly, timezone.localdate()).first()
    if source is None or president is None:
        return
    alone.open_registers(assembly, by=by)
    delegation = alone.note_delegation(
        Delegation(
            body=assembly,
            mandate=president,
            deliberation=source,
            subjects=_SUBJECTS,
        ),
        by=by,
    )
    for kind, on, told in _acts_alone(president, delegation):
        at = moment(f"{on}T09:00")
        meeting = alone.draft(assembly, kind, told, by=by, at=at)
        paper = alone.take(meeting, by=by, at=at)
        signatures.prepare_signing(paper, by=by, at=timezone.now())
        user = account(president.person)
        _give_key(organisation, president.person)
        signatures.sign_batch(reading.to_sign(meeting, user), by=user, at=timezone.now())
        prefecture.transmit(meeting, by=by, at=timezone.now())
        publishing.publish_acts(meeting, by=by, at=timezone.now())


def _acts_alone(
    president: Mandate, delegation: Delegation
) -> Iterable[tuple[Kind, str, alone.Told]]:
    day = "2026-11-12"
    yield (
        Kind.DECISION,
        day,
        alone.Told(
            title="Marché de maintenance des écrans interactifs des écoles",
            author=president,
            held_on=moment(day).date(),
            nature=Nature.OTHER.value,
            delegation=delegation,
            subject=delegation.matters[0],
            amount=Decimal(18400),
            visas="le code général des collectivités territoriales\n"
            "le code de la commande publique, notamment son article R2122-8",
            recitals="que la garantie des écrans posés en 2023 prend fin le 31 décembre 2026\n"
            "que trois entreprises ont été consultées et que l’offre de la société Atelier du "
            "Vimeu est la mieux-disante",
            articles="Un marché de maintenance des écrans interactifs est conclu avec la société "
            "Atelier du Vimeu, pour un an à compter du 1er janvier 2027.\n"
            "Son montant est de 18 400 € hors taxes.\n"
            "La dépense est imputée au chapitre 011 du budget principal.\n"
            "Il sera rendu compte de la présente décision à la prochaine réunion du Comité "
            "syndical.",
        ),
    )
    yield (
        Kind.ORDER,
        day,
        alone.Told(
            title="Règlement d’accès à la salle de formation du siège",
            author=president,
            held_on=moment(day).date(),
            nature=Nature.RULE.value,
            visas="le code général des collectivités territoriales\nles statuts du syndicat mixte",
            recitals="que la salle de formation est prêtée aux collectivités membres",
            articles="La salle de formation est ouverte aux agents et aux élus des collectivités "
            "membres, du lundi au vendredi, de 8 h 30 à 18 h.\n"
            "Elle se réserve au secrétariat, cinq jours à l’avance au moins.\n"
            "Le présent arrêté entre en vigueur à sa publication.",
        ),
    )
