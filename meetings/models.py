"""Sittings: what was planned, the ledger of what happened, and the bridge to the law.

The ledger (`SittingEvent`) is the only source of truth for what happened in a sitting. `Ballot`
and `Vote` are readings of it, written by the same verb in the same transaction, for questions
that run over many sittings; `manage.py verify_ledger` compares them with the ledger.
"""

import secrets
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from law import acts, ballots, codec, deadlines, elections, french, quorum, regime, sitting
from law.sitting import State
from meetings import agenda, composition, drafts, hints, leaving, memory, voted
from members import seals, witness
from members.days import DayColumn
from members.models import Body, LegalForm, Mandate, User, done_by
from members.witness import Witnessed, WitnessedQuerySet

LONE_ITEM = "acte"  # the key of the one item of an act that somebody takes alone


class MeetingQuerySet(WitnessedQuerySet):
    """Sittings, in time."""

    def lasting(self) -> Self:
        """Without those that an account plays to learn."""
        return self.exclude(body__organisation__is_fleeting=True)

    def upcoming(self, on: date) -> Self:
        """Those planned on this day or after it, and not over."""
        over = (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)
        return self.filter(held_on__gte=on).exclude(stage__in=over)

    def adopting(self) -> Self:
        """Those that may adopt earlier minutes: a second call has the agenda of the first one, and
        none to adopt unless somebody put them there."""
        approval = AgendaItem.objects.filter(meeting=OuterRef("pk"), kind=AgendaItem.Kind.APPROVAL)
        return self.filter(Q(second_call_of=None) | Exists(approval))

    def to_convene(self, on: date) -> Self:
        """Those to come, or of this day and not opened, of which no convocation left, as far as is
        known."""
        waiting = self.filter(stage=Meeting.Stage.PREPARED, held_on__gte=on)
        return waiting.filter(convened_on=None, sent_on=None)

    def before(self, meeting: "Meeting") -> Self:
        """Earlier sittings of the same body, the latest first."""
        return self.filter(
            Q(held_on__lt=meeting.held_on)
            | Q(held_on=meeting.held_on, starts_at__lt=meeting.starts_at),
            body=meeting.body_id,
        ).order_by("-held_on", "-starts_at")


class SittingManager(models.Manager.from_queryset(MeetingQuerySet)):
    """Sittings, and nothing that one decided alone."""

    def get_queryset(self) -> MeetingQuerySet:
        return super().get_queryset().filter(kind=Meeting.Kind.SITTING)


class Meeting(Witnessed):
    """A `séance` of a body; or the one act that an authority takes alone on a day (`acte`), which
    has its agenda of one item, its ledger and its papers, and nothing of what makes a sitting.

    `objects` are sittings: whoever convenes, holds or counts them meets nothing else. `every` are
    both, for what is made of either: papers, signatures, publications, proofs.
    """

    class Kind(models.TextChoices):
        SITTING = "seance", "séance"
        ACT = "acte", "acte pris seul"

    class Stage(models.TextChoices):
        PREPARED = "preparee", "à tenir"
        OPEN = "ouverte", "ouverte"
        CLOSED = "levee", "levée"
        ISSUED = "etablie", "procès-verbal établi"
        CANCELLED = "annulee", "annulée"

    kind = models.CharField(
        "nature", max_length=10, choices=Kind, default=Kind.SITTING, editable=False
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name="instance")
    held_on = DayColumn("date")
    starts_at = models.TimeField("heure")
    is_hour_unknown = models.BooleanField(
        "heure inconnue",
        default=False,
        help_text="Celle d’ici ne sert qu’à ranger la séance : aucun papier ne la donne.",
    )
    place = models.CharField(
        "lieu",
        max_length=200,
        blank=True,
        help_text="Comme il s’écrit dans le procès-verbal : « dans ses locaux ».",
    )
    in_one_place = models.BooleanField(
        "en un seul lieu",
        default=False,
        help_text="La convocation n’offre pas d’y participer par visioconférence.",
    )
    attending = models.TextField(
        "assistent sans être membres",
        max_length=2000,
        blank=True,
        help_text="Une personne par ligne, avec sa qualité : « Mme Anne Roux, directrice générale "
        "des services ».",
    )
    stated_presence = models.CharField(
        "présences sans noms",
        max_length=500,
        blank=True,
        help_text="D’un papier repris qui ne dit pas qui était là, ou qui porte un pouvoir : ses "
        "mots (« 20 présents, 4 pouvoirs, 24 votants »). Le procès-verbal les cite, et ne compte "
        "alors ni présents, ni quorum.",
    )
    convened_on = DayColumn("convoquée le", null=True, blank=True)
    second_call_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="second_calls",
        verbose_name="seconde convocation de",
        help_text="La séance où le quorum a manqué.",
    )
    second_call_on = DayColumn(
        "seconde séance annoncée",
        null=True,
        blank=True,
        help_text="Le jour où l’instance se réunirait de nouveau, faute de quorum\u00a0: la "
        "convocation l’annonce. Une seconde convocation reste alors à envoyer.",
    )
    sent_on = DayColumn(
        "dernier envoi",
        null=True,
        blank=True,
        editable=False,
        help_text="Le jour de la dernière convocation, quoi qu’elle ait changé.",
    )
    stage = models.CharField(
        "état",
        max_length=20,
        choices=Stage,
        default=Stage.PREPARED,
        editable=False,
        help_text="Tenu par les verbes ; le registre fait foi.",
    )
    stamp = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Grandit à chaque écriture : un écran sait d’une requête s’il est à jour.",
    )
    created_by = done_by(None, editable=False)
    created_at = models.DateTimeField("créée le", default=timezone.now, editable=False)

    LATER = frozenset(
        {"held_on", "starts_at", "is_hour_unknown", "place", "in_one_place", "attending"}
        | {"convened_on", "second_call_of", "second_call_on", "sent_on", "stage"}
        | {"stated_presence"}
    )
    is_erasable = True  # as long as nobody is convened and nothing is told
    unwitnessed = {"stamp": "ne dit rien de la séance : il grandit quand un écran doit se relire"}

    every = MeetingQuerySet.as_manager()
    objects = SittingManager()

    class Meta:
        verbose_name = "séance"
        ordering = ["-held_on", "-starts_at", "body_id"]
        default_manager_name = "every"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "held_on", "starts_at"],
                name="one_sitting_at_a_time",
                violation_error_message="Cette instance a déjà une séance à cette date et heure.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} du {french.long_date(self.held_on)}"

    def save(self, *, update_fields=None, **kwargs) -> None:
        """`stamp` grows by `ledger.touch` alone: a row read before must not take it back."""
        if update_fields is None and not self._state.adding:
            kept = {"id", "stamp"} | self.get_deferred_fields()
            update_fields = [
                field.name for field in self._meta.concrete_fields if field.attname not in kept
            ]
        super().save(update_fields=update_fields, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("archive:act" if self.is_alone else "meetings:detail", args=[self.pk])

    @property
    def is_alone(self) -> bool:
        """Whether it is an act that one takes alone, and no sitting."""
        return self.kind == self.Kind.ACT

    @property
    def may_be_remote(self) -> bool:
        """Whether its convocation offers to sit at a distance (art. L5211-11-1)."""
        return self.regime.remote_allowed and not self.in_one_place

    @property
    def kept_for_one_place(self) -> list["AgendaItem"]:
        """What it would have decided and may not, since it may be held at a distance."""
        return self._unless_in_one_place(self.agenda.docket(second_call=False).in_person)

    @property
    def perhaps_for_one_place(self) -> list["AgendaItem"]:
        """What it perhaps may not decide, since it may be held at a distance."""
        return self._unless_in_one_place(self.agenda.docket(second_call=False).perhaps_in_person)

    def _unless_in_one_place(self, keys: frozenset[str]) -> list["AgendaItem"]:
        if not self.may_be_remote or not self.regime.remote_forbidden_matters:
            return []
        return [node.item for node in self.agenda.nodes if node.item.key in keys]

    @property
    def was_opened(self) -> bool:
        """Whether its ledger tells that it began: votes are told from then on."""
        return self.stage not in (self.Stage.PREPARED, self.Stage.CANCELLED)

    @property
    def is_planned(self) -> bool:
        """Whether it is only planned yet: it may be moved, called off, or deleted."""
        return self.stage == self.Stage.PREPARED and not self.ledger

    @property
    def is_convened(self) -> bool:
        """Whether a convocation left, from here or from elsewhere, as far as is known."""
        return self.convened_on is not None or self.sent_on is not None

    @property
    def organisation(self):
        """The organisation whose body meets."""
        return self.body.organisation

    @property
    def hour(self) -> time | None:
        """The hour it was called for, `None` where no paper gives one."""
        return None if self.is_hour_unknown else self.starts_at

    @property
    def scheduled_for(self) -> datetime:
        """Wall clock of the planned opening (naive, Europe/Paris), presumed where none is known."""
        return datetime.combine(self.held_on, self.starts_at)

    def moment(self, clock) -> datetime:
        """The wall clock of this sitting for a time of day; a time well before the start is
        taken to be after midnight."""
        moment = datetime.combine(self.held_on, clock)
        if moment < self.scheduled_for - timedelta(hours=6):
            moment += timedelta(days=1)
        return moment

    # What is known of it in this process; nothing of that is in the table.

    held_since: datetime | None = None  # see `actions.ledger.hold`
    has_told = False  # the screens know, in this hold, that it changes

    @property
    def is_held(self) -> bool:
        """Whether this very object has the lock of its sitting."""
        return self.held_since is not None

    @cached_property
    def known(self) -> dict[str, Any]:
        """What a room above read of it, by name; dropped with the rest by `forget`."""
        return {}

    # Questions answered by the ledger. One query for its last line, when this process remembers
    # the others, and one for the items.

    @cached_property
    def told(self) -> memory.Told | None:
        """The ledger as far as it was told, `None` before its first line."""
        if "events" in getattr(self, "_prefetched_objects_cache", ()):
            return memory.Told.of(self.events.all())
        return memory.recall(self.pk, self.events)

    @property
    def ledger(self) -> tuple[sitting.Event, ...]:
        """Every event told so far, as values."""
        return self.told.ledger if self.told else ()

    @property
    def approvals(self) -> tuple["AgendaItem", ...]:
        """The items of later sittings that put its minutes to the vote."""
        return (*self.approved_in.all(), *self.also_approved_in.all())

    @cached_property
    def agenda(self) -> agenda.Agenda["AgendaItem"]:
        """The agenda as a tree, with the numbers it prints."""
        return agenda.Agenda.of(self.items.all(), self.body.numbering)

    @property
    def outline(self) -> memory.Outline:
        """The agenda without its texts, as the database holds it now."""
        if "agenda" in self.__dict__:
            told, known = self.known.get("outline", (None, None))
            return (
                known if told is self.agenda else memory.Outline.of(self.agenda, self.lifts_quorum)
            )
        return memory.outline(self.items, self.body.numbering, self.lifts_quorum)

    def announced_second_call(self, held_on: date | None = None) -> date | None:
        """The day announced for a second call, `None` without one, or when this sitting, held as
        planned or `held_on` another day, leaves it no notice any more (art. L2121-17)."""
        on, first = self.second_call_on, held_on or self.held_on
        if on is None or deadlines.announced_second_call(on, first, self.regime):
            return None
        return on

    @property
    def lifts_quorum(self) -> bool:
        """Whether this is a second call, sent in the delay that dispenses with the quorum as far
        as its day of dispatch is known (art. L2121-17)."""
        if self.second_call_of is None or not self.second_call_of.lacked_quorum:
            return False
        if self.convened_on is None:
            return self._first_was_regular
        # Urgency never lifts it: without it a shorter delay is refused, with it the quorum is due.
        return self.notice_of(self._given_on).lifts_quorum

    @property
    def _given_on(self) -> date | None:
        """From when the notice runs: from the last hand-over; as dated while nothing left."""
        if "given" not in self.known:
            self.known["given"] = leaving.left_on(self) or self.convened_on
        return self.known["given"]

    def notice_of(
        self,
        sent: date | datetime | None,
        *,
        on: date | None = None,
        urgent: bool = False,
        is_new: bool = False,
    ) -> deadlines.Notice:
        """The notice that a dispatch of that day gives of this sitting, held as planned or `on`
        another day; `is_new` of what a first sitting did not have on its agenda."""
        first = None if is_new else self.second_call_of
        return deadlines.assess_notice(
            sent,
            on or self.held_on,
            self.regime,
            urgent=urgent,
            failed_on=first.held_on if first else None,
            first_was_regular=first is None or self._first_was_regular,
        )

    @property
    def notice(self) -> deadlines.Notice | None:
        """The convocation measured day by day against the rules; `None` while it has no date.
        What is urgent has the assembly decide on the urgency (art. L2121-12)."""
        if self.convened_on is None:
            return None
        is_urgent = bool(self.outline.docket.urgent)
        return self.notice_of(self._given_on, urgent=is_urgent)

    @property
    def lacked_quorum(self) -> bool:
        """Whether what is known of this sitting lets another one follow it without a quorum: it
        closed for want of one, missed it at an item, or nothing was told of it."""
        story = self.sitting
        states = (story.at_opening, *story.at_item.values())
        return (
            not self.ledger
            or any(event.for_want_of_quorum for event in story.of_kind(sitting.Closed))
            or not all(self.quorum_of(state).reached for state in states)
        )

    @property
    def _first_was_regular(self) -> bool:
        """Whether the sitting that this one follows was convened in time, as far as is known: a
        second call dispenses with the quorum only then (art. L2121-17)."""
        if "first" not in self.known:
            found = self.second_call_of.notice if self.second_call_of else None
            self.known["first"] = found is None or found.regular
        return self.known["first"]

    @cached_property
    def basis(self) -> sitting.Composed:
        """Composition and rules: frozen by the ledger's first event, or as they stand today."""
        return (self.told and self.told.basis) or composition.of(self.body, self.held_on)

    @cached_property
    def sitting(self) -> sitting.Sitting:
        """The sitting replayed."""
        members, keys = self.basis.composition, self.agenda.keys
        return self.told.story(members, keys) if self.told else sitting.replay(members, (), keys)

    @cached_property
    def outcomes(self) -> dict[int, ballots.Outcome]:
        """By line of the ledger, what each vote decided."""
        return self.told.outcomes(self.sitting, self.regime) if self.told else {}

    @property
    def regime(self) -> regime.Regime:
        """The rules in force, as the ledger froze them or as they stand today."""
        return self.basis.regime

    def quorum_of(self, state: State) -> quorum.Quorum:
        """The quorum at a moment, for the item under discussion then."""
        dispensed = self.outline.docket.dispenses(state.item)
        return quorum.of(state, self.regime, second_call=dispensed)

    def keep_outline(self) -> None:
        """Take the outline of this agenda for what it is until it is read anew: for who changes no
        item, and asks at each step."""
        self.known["outline"] = self.agenda, self.outline

    def take_up(self, told: memory.Told) -> None:
        """Go on from the ledger as it was just told."""
        for name in ("basis", "sitting", "outcomes"):
            self.__dict__.pop(name, None)
        self.told = told
        getattr(self, "_prefetched_objects_cache", {}).pop("events", None)

    def forget(self) -> None:
        """Drop what was read of this sitting: somebody may have written since."""
        for name in ("told", "agenda", "basis", "sitting", "outcomes", "known"):
            self.__dict__.pop(name, None)
        if prefetched := getattr(self, "_prefetched_objects_cache", None):
            prefetched.clear()


class AgendaItem(Witnessed):
    """A `point` of the agenda, in a tree: sections, items, sub-items."""

    class Kind(models.TextChoices):
        SECTION = "section", "section"
        URGENCY = "urgence", "décision sur l’urgence"
        APPROVAL = "approbation", "approbation d’un procès-verbal"
        INFORMATION = "information", "information"
        DEBATE = "debat", "débat"
        EXAMINATION = "examen", "examen d’un point d’une autre instance"
        ACCOUNTS = "comptes", "vote des comptes"
        BUDGET = "budget", "vote du budget"
        DELIBERATION = "deliberation", "délibération"
        ELECTION = "election", "élection ou désignation"
        EXECUTIVE = "executif", "élection du président ou du bureau"
        ORAL_QUESTION = "question", "question orale ou écrite"
        MISCELLANEOUS = "divers", "questions diverses"

    # What is prepared as a deliberation, what names somebody, and what a vote decides.
    DELIBERATED = frozenset({Kind.DELIBERATION, Kind.ACCOUNTS, Kind.BUDGET})
    ELECTIONS = frozenset({Kind.ELECTION, Kind.EXECUTIVE})
    VOTED = DELIBERATED | ELECTIONS | {Kind.URGENCY, Kind.APPROVAL, Kind.EXAMINATION}

    class Effect(models.TextChoices):
        DELIBERATION = "deliberation", "délibération"
        DELEGATION = "delegation", "décision par délégation"
        PREPARATORY = "preparatoire", "préparatoire"
        PROCEDURE = "procedure", "procédure"
        INFORMATION = "information", "information"

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="items", verbose_name="séance"
    )
    key = models.CharField("clé", max_length=40, editable=False)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="sous"
    )
    position = models.PositiveSmallIntegerField("rang", default=0)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.DELIBERATION)
    effect = models.CharField(
        "portée",
        max_length=20,
        choices=Effect,
        blank=True,
        help_text="Seules les délibérations et les décisions par délégation sont des actes : "
        "numérotées, extraites, publiées.",
    )
    title = models.CharField("intitulé", max_length=500)
    label = models.CharField(
        "numéro imposé", max_length=20, blank=True, help_text="« 12 bis » ; vide : calculé."
    )
    rapporteur = models.CharField("rapporteur", max_length=60, blank=True)
    text = models.TextField("ce qui s’est dit", blank=True)
    text_version = models.PositiveIntegerField(default=0, editable=False)
    approves = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approved_in",
        verbose_name="procès-verbal de la séance",
    )
    also_approves = models.ManyToManyField(
        Meeting,
        through="AlsoApproved",
        blank=True,
        related_name="also_approved_in",
        verbose_name="et, du même vote, des séances",
    )
    examines = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="examined_in",
        verbose_name="point examiné",
        help_text="Le point d’une séance à venir d’une autre instance.",
    )
    resumes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resumed_in",
        verbose_name="point de la première séance",
        help_text="La seconde convocation ne dispense de quorum que ce qui était à l’ordre du jour "
        "de la première.",
    )
    received_on = DayColumn(
        "question reçue le",
        null=True,
        blank=True,
        help_text="Qui la pose se choisit comme rapporteur. Trop tard pour cette séance, selon les "
        "règles de l’instance, c’est signalé.",
    )
    accounts_of = models.CharField(
        "comptes tenus par",
        max_length=250,
        blank=True,
        help_text="Du vote des comptes, si ce n’est pas le seul président d’aujourd’hui : chacun "
        "de ceux qui les ont tenus dans l’année, même s’il n’est plus en fonction.",
    )
    was_added = models.BooleanField(
        "ajouté après la convocation",
        default=False,
        help_text="Aucune convocation ne l’annonçait.",
    )
    announced = models.CharField(
        "intitulé de la convocation",
        max_length=500,
        blank=True,
        help_text="S’il a changé depuis : le procès-verbal le dit.",
    )

    voted_lines = models.TextField(
        "tableau voté",
        max_length=20_000,
        blank=True,
        help_text="Ce qui se vote ligne à ligne ou d’un seul vote, à coller d’un tableur : les "
        "titres (« Association | Demandé | Proposé | Voté »), puis une ligne pour chacun. Une "
        "question qui porte le nom d’une ligne y met son résultat.",
    )

    LATER = frozenset(
        {"parent", "position", "kind", "effect", "title", "label", "rapporteur", "text"}
        | {"text_version", "approves", "examines", "resumes", "accounts_of", "was_added"}
        | {"announced", "voted_lines", "received_on"}
    )
    is_erasable = True  # as long as nothing is told of it
    told_by = ("key",)

    class Meta:
        verbose_name = "point"
        ordering = ["meeting_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "key"], name="item_key_once_per_sitting")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its file until the sitting opens, then what is said of it and decided."""
        if self.key == LONE_ITEM and self.meeting.is_alone:
            return self.meeting.get_absolute_url()
        is_prepared = not self.meeting.was_opened and not self.is_section
        page = "meetings:brief" if is_prepared else "meetings:item"
        return reverse(page, args=[self.meeting_id, self.key])

    @property
    def approved(self) -> tuple[Meeting, ...]:
        """The sittings whose minutes are put to the vote here, the oldest first."""
        if self.approves is None:
            return ()
        others = self.also_approves.all() if self.pk else ()
        return tuple(sorted((self.approves, *others), key=lambda each: each.held_on))

    @property
    def is_section(self) -> bool:
        """Whether it only holds others."""
        return self.kind == self.Kind.SECTION

    @property
    def likely_kind(self) -> tuple[str, str] | None:
        """The kind that its title suggests, and in words."""
        return hints.likely_kind(self.kind, self.title)

    @property
    def asked_election(self) -> elections.Asked | None:
        """How the code wants whoever this item elects to be elected, where its title tells."""
        if self.kind != self.Kind.ELECTION:
            return None
        return elections.asked_of(self.title, self.meeting.regime.form)

    @property
    def late_by(self) -> date | None:
        """The last day on which this question could be handed in, when it came after
        (art. L2121-19); `None` for what is in time, or no question."""
        if self.kind != self.Kind.ORAL_QUESTION or self.received_on is None:
            return None
        due = deadlines.oral_questions_due(self.meeting.held_on, self.meeting.regime)
        return due if due and self.received_on > due else None

    @property
    def may_be_voted(self) -> bool:
        """A section holds items; everything else may be put to the vote."""
        return not self.is_section

    @property
    def usual_effect(self) -> Effect:
        """What a decision on it is when nobody says, by its kind and its body."""
        return self.Effect(agenda.usual_effect(self.kind, self.meeting.body.kind))

    @property
    def settled_effect(self) -> Effect:
        """What a decision on it is: an act, a step towards the act of another body, or nothing."""
        return self.Effect(self.effect) if self.effect else self.usual_effect

    @property
    def is_electoral(self) -> bool:
        """Whether what is decided on it is contested as an election."""
        if self.kind == self.Kind.EXECUTIVE:
            return True
        return acts.is_electoral(self.title, is_election=self.kind in self.ELECTIONS)

    @property
    def may_make_an_act(self) -> bool:
        """Whether what is decided on it stands as an act."""
        return agenda.makes_an_act(self.settled_effect)

    @property
    def voted_table(self) -> voted.Table:
        """The lines voted together, none when what was typed is no table."""
        try:
            return voted.table(self.voted_lines)
        except ValueError:
            return voted.Table()

    def clean(self) -> None:
        """A bureau cannot be given what the law keeps for the assembly; lines make a table."""
        try:
            voted.table(self.voted_lines)
        except ValueError as fault:
            raise ValidationError({"voted_lines": french.nbsp(str(fault))}) from fault
        body = self.meeting.body
        if (
            self.kind in agenda.RESERVED
            and body.kind == Body.Kind.BUREAU
            and body.organisation.legal_form != LegalForm.OPEN
            and self.may_make_an_act
        ):
            raise ValidationError(
                {
                    "effect": "Le budget et les comptes ne se délèguent pas au bureau "
                    "(art. L5211-10 du CGCT) : dites ce point « préparatoire », et portez-le à "
                    "l’ordre du jour de l’assemblée."
                }
            )


class AlsoApproved(Witnessed):
    """A sitting whose minutes an item puts to the vote beside those of the first it names."""

    agendaitem = models.ForeignKey(
        AgendaItem, models.CASCADE, related_name="+", verbose_name="point"
    )
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="+", verbose_name="séance")

    is_erasable = True

    class Meta:
        verbose_name = "procès-verbal approuvé du même vote"
        verbose_name_plural = "procès-verbaux approuvés du même vote"
        # The table and the constraint that Django made when it kept these rows by itself.
        db_table = "meetings_agendaitem_also_approves"
        unique_together = [("agendaitem", "meeting")]

    def __str__(self) -> str:
        return f"{self.agendaitem} : {self.meeting}"


class Brief(Witnessed):
    """What is sent before the sitting about one item: `note de synthèse` and draft deliberation.

    `visas`, `recitals` (`considérants`) and `articles` (`dispositif`) hold one entry a line, as
    plain text; `note` is cleaned HTML.
    """

    item = models.OneToOneField(
        AgendaItem, models.CASCADE, related_name="brief", verbose_name="point"
    )
    note = models.TextField("note de synthèse", blank=True)
    visas = models.TextField("visas", blank=True, help_text="Un par ligne, sans « Vu ».")
    recitals = models.TextField(
        "considérants", blank=True, help_text="Un par ligne, sans « Considérant »."
    )
    articles = models.TextField("dispositif", blank=True, help_text="Un article par ligne.")
    version = models.PositiveIntegerField(default=0, editable=False)

    LATER = frozenset({"note", "visas", "recitals", "articles", "version"})
    is_erasable = True  # with its item

    class Meta:
        verbose_name = "dossier du point"
        verbose_name_plural = "dossiers des points"

    def __str__(self) -> str:
        return f"Dossier : {self.item}"

    @property
    def draft(self) -> drafts.Draft:
        """The draft deliberation as it prints; false when nothing was written of it."""
        return drafts.draft(visas=self.visas, recitals=self.recitals, articles=self.articles)

    @property
    def has_draft(self) -> bool:
        """Whether a draft deliberation was written, as far as what it decides."""
        return bool(self.articles.strip())

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written of it."""
        return not (self.note or self.visas or self.recitals or self.articles)


def weight(size: int) -> str:
    """A number of bytes, as people say it: "840 ko", "1,2 Mo", "50 Mo"."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} ko"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0").replace(".", ",") + " Mo"


def _attachment_path(attachment: "Attachment", filename: str) -> str:
    """Where an attachment lies, under MEDIA_ROOT: a random name, never the one it came with."""
    return f"pieces/{attachment.item.meeting_id}/{secrets.token_hex(20)}"


class Attachment(Witnessed):
    """A file joined to an item (`pièce jointe`); checked by its content when it came in."""

    item = models.ForeignKey(
        AgendaItem, models.CASCADE, related_name="attachments", verbose_name="point"
    )
    title = models.CharField("intitulé", max_length=200)
    filename = models.CharField("nom du fichier", max_length=200)
    file = models.FileField("fichier", upload_to=_attachment_path)
    media_type = models.CharField("nature", max_length=100)
    size = models.PositiveIntegerField("octets")
    pages = models.PositiveIntegerField("pages", null=True, blank=True)
    sha256 = models.CharField("empreinte", max_length=64)
    position = models.PositiveSmallIntegerField("rang", default=0)
    added_by = done_by()
    added_at = models.DateTimeField("ajoutée le", default=timezone.now)

    LATER = frozenset({"title", "position"})
    is_erasable = True  # as long as it was sent to nobody

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["item_id", "position", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meetings:attachment", args=[self.pk])

    @property
    def weight(self) -> str:
        """What it weighs, as people say it."""
        return weight(self.size)


class RecurringItem(models.Model):
    """An item that every sitting of a body begins with, or that is offered each time."""

    body = models.ForeignKey(
        Body, models.CASCADE, related_name="recurring_items", verbose_name="instance"
    )
    kind = models.CharField(
        "nature", max_length=20, choices=AgendaItem.Kind, default=AgendaItem.Kind.INFORMATION
    )
    title = models.CharField("intitulé", max_length=500)
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_automatic = models.BooleanField(
        "ajouté d’office", default=False, help_text="Sinon, proposé à la préparation."
    )

    class Meta:
        verbose_name = "point récurrent"
        verbose_name_plural = "points récurrents"
        ordering = ["body_id", "position", "pk"]

    def __str__(self) -> str:
        return self.title


class DebateRevision(Witnessed):
    """A text that an item once had; kept so that nothing typed is ever lost."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    saved_by = done_by(None, null=False)
    saved_at = models.DateTimeField(default=timezone.now)

    LATER = frozenset({"version", "text"})  # as one types, for some minutes
    is_erasable = True  # with its item

    class Meta:
        verbose_name = "version d’un texte"
        verbose_name_plural = "versions d’un texte"
        ordering = ["item_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="one_revision_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.item} (version {self.version})"


class Deed(Witnessed):
    """Something that somebody did to prepare a sitting, in words (`meetings.journal`).

    It outlives the sitting: `body` then says what it was about.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="deeds", verbose_name="instance")
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, related_name="deeds", verbose_name="séance"
    )
    verb = models.SlugField("verbe")
    words = models.CharField("en toutes lettres", max_length=500)
    by = done_by()
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "geste du secrétariat"
        verbose_name_plural = "gestes du secrétariat"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.words


class Undo(models.Model):
    """The last act of somebody on the agenda of a sitting, so that it may be taken back.

    `changes` says of each item, by its key, what it was and the digest of what it became
    (`meetings.actions.undoing`). `files` are those that no item has any more: they stay until
    this row goes. `seal` tells that the application kept it (`members.seals`): what is put back is
    witnessed as true.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="undos", verbose_name="séance"
    )
    by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="par")
    words = models.CharField("en toutes lettres", max_length=500)
    at = models.DateTimeField("le", default=timezone.now)
    changes = models.JSONField("ce que c’était")
    files = models.JSONField("fichiers gardés", default=list)
    seal = models.CharField("sceau", max_length=72, blank=True)

    class Meta:
        verbose_name = "geste à reprendre"
        verbose_name_plural = "gestes à reprendre"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "by"], name="one_act_to_take_back")
        ]

    def __str__(self) -> str:
        return self.words

    def whole(self) -> str:
        """All that it says, in canonical JSON: what its seal covers."""
        said = [self.meeting_id, self.by_id, witness.plain(self.at), self.words]
        return witness.canonical([*said, self.changes, self.files])

    @property
    def is_ours(self) -> bool:
        """Whether the application kept it, under a key that this server holds."""
        return seals.judge(self.whole(), self.seal) is seals.Judged.TRUE


class PassageQuerySet(WitnessedQuerySet):
    """What somebody decided of passages."""

    def masked(self) -> Self:
        """Those that the public does not read."""
        return self.filter(is_masked=True)


class Passage(Witnessed):
    """Some words of a sitting of which somebody decided whether the public reads them (`passage`).

    Masked, they are in no public edition, whichever text holds them: in those of one `item`, or of
    the whole sitting. `kind` says what they looked like to whoever proposed them
    (`law.personal.Kind`), "" when nobody did. Left, they are not proposed again.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="passages", verbose_name="séance"
    )
    item = models.ForeignKey(
        AgendaItem,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="passages",
        verbose_name="dans ce seul point",
    )
    text = models.CharField("passage", max_length=300)
    kind = models.CharField("ce qu’il paraît", max_length=20, blank=True)
    is_masked = models.BooleanField("masqué")
    decided_by = done_by()
    decided_at = models.DateTimeField("le", default=timezone.now)

    LATER = frozenset({"is_masked", "decided_by", "decided_at"})
    is_erasable = True  # with its item, or its sitting

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = "passage masqué ou laissé"
        verbose_name_plural = "passages masqués ou laissés"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return f"passage {'masqué' if self.is_masked else 'laissé'} n° {self.pk}"


class LedgerIsAppendOnly(Exception):
    """Somebody tried to change or delete what was told."""


class SittingEventQuerySet(WitnessedQuerySet):
    """Lines, which many at once change no more than one by one."""

    def update(self, **kwargs):
        raise LedgerIsAppendOnly(
            "Le registre d’une séance ne se modifie pas : annulez l’événement."
        )

    def delete(self):
        raise LedgerIsAppendOnly("Le registre d’une séance ne s’efface pas : annulez l’événement.")


class SittingEvent(Witnessed):
    """One line of the ledger (`registre des événements de séance`). Added, never changed.

    `sha256` covers the line and the hash of the line before, so that a line altered behind the
    application's back breaks the chain from there on.
    """

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="events", verbose_name="séance"
    )
    seq = models.PositiveIntegerField("rang")
    kind = models.CharField("nature", max_length=30)
    payload = models.JSONField("contenu")
    recorded_by = done_by()
    recorded_at = models.DateTimeField("enregistré le", default=timezone.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)

    told_by = ("seq",)
    told_as_built = True

    objects = SittingEventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement de séance"
        verbose_name_plural = "événements de séance"
        ordering = ["meeting_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "seq"], name="one_event_per_rank")
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.kind}"

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly(
                "Le registre d’une séance ne se modifie pas : annulez l’événement."
            )
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise LedgerIsAppendOnly("Le registre d’une séance ne s’efface pas : annulez l’événement.")

    def as_value(self) -> sitting.Event:
        """The event that this line tells."""
        return codec.load(self.kind, self.seq, self.payload)


class Ballot(models.Model):
    """A `scrutin` as the ledger tells it, kept in a table for questions over many sittings."""

    event = models.OneToOneField(SittingEvent, models.PROTECT, related_name="ballot")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="ballots")
    question = models.CharField("question", max_length=300, blank=True)
    mode = models.CharField("mode de scrutin", max_length=20)
    verdict = models.CharField("résultat", max_length=20)
    votes_for = models.PositiveIntegerField("pour", default=0)
    votes_against = models.PositiveIntegerField("contre", default=0)
    abstentions = models.PositiveIntegerField("abstentions", default=0)
    not_voting = models.PositiveIntegerField("ne prennent pas part", default=0)
    blank = models.PositiveIntegerField("blancs", default=0)
    null = models.PositiveIntegerField("nuls", default=0)

    class Meta:
        verbose_name = "scrutin"
        ordering = ["event_id"]

    def __str__(self) -> str:
        return self.question or self.item.title


class Vote(models.Model):
    """The vote of one seat in a *public* ballot. Other ballots leave no row here."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="votes")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="votes")
    choice = models.CharField("vote", max_length=20)
    weight = models.PositiveSmallIntegerField("voix", default=1)
    by_proxy = models.BooleanField("par pouvoir", default=False)

    class Meta:
        verbose_name = "vote"
        ordering = ["ballot_id", "mandate__person__sort_name", "mandate_id"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "mandate"], name="one_vote_per_seat")
        ]

    def __str__(self) -> str:
        return f"{self.mandate.person} : {self.choice}"
