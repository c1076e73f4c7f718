"""A tour of ten minutes: a sitting that does not exist, held by whoever learns, then removed.

Each account plays in an organisation of its own, that nobody else enters: see
`members.fleeting`. What is done is read where the rest of the house reads it, so that a tour that
was left, or whose server was killed, is found where it stood.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from law import findings, sitting
from live import rehearsal
from meetings.actions import items, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members import fleeting
from members.models import LegalForm, Organisation, Role, User

NAME = "Visite guidée"
DELEGATES = 9
KEPT = timedelta(days=14)  # from its beginning: one that was forgotten goes by itself
AHEAD = 10  # days before the sitting: a convocation has time to leave
SINCE = date(2020, 1, 1)  # when those delegates took office
AT = time(18, 0)
ITEMS = (
    (
        "Tarifs des services aux communes",
        "<p>Les tarifs n’ont pas changé depuis trois ans.</p>",
        "Approuve les tarifs de l’année",
    ),
    (
        "Groupement de commandes pour l’énergie",
        "<p>Onze communes ont dit leur intérêt.</p>",
        "Autorise la présidence à signer la convention",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do: where, how, and whether it is done. `verb` names what the tour itself
    does at a press."""

    title: str
    words: str
    url: str
    label: str
    is_done: bool
    verb: str = ""


@dataclass(frozen=True)
class Tour:
    """Where an account stands in its tour."""

    meeting: Meeting

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All of them, in order; one that was skipped is done once the next is."""
        found = list(self._steps())
        last = max((rank for rank, step in enumerate(found) if step.is_done), default=-1)
        done = {rank for rank, step in enumerate(found) if step.is_done or rank < last}
        return tuple(replace(step, is_done=rank in done) for rank, step in enumerate(found))

    @cached_property
    def rank(self) -> int:
        """The number of the step to take, from 1; one more than the last when all are done."""
        return 1 + sum(step.is_done for step in self.steps)

    @property
    def step(self) -> Step | None:
        """The one to take; `None` at the end."""
        return self.steps[self.rank - 1] if self.rank <= len(self.steps) else None

    @property
    def until(self) -> date:
        """The day on which it goes by itself."""
        return timezone.localdate(self.meeting.created_at + KEPT)

    def _at(self, page: str) -> str:
        return reverse(page, args=[self.meeting.pk])

    def _steps(self) -> Iterator[Step]:
        meeting = self.meeting
        told = [e for e in sitting.standing_events(meeting.ledger) if _is_told(e)]
        console = {"url": self._at("live:console"), "label": "Ouvrir la console"}

        def has(*kinds: type) -> bool:
            return any(isinstance(event, kinds) for event in told)

        yield Step(
            title="Convoquer",
            words="L’ordre du jour est prêt. La page dit jusqu’à quand envoyer, et ce qui manque. "
            "« Convoquer… », puis confirmez : rien ne part, ces délégués n’existent pas.",
            url=self._at("convening:prepare"),
            label="Aller à Convoquer",
            is_done=meeting.is_convened,
        )
        yield Step(
            title="Faire venir le jour de la séance",
            words="Ici seulement, un bouton amène le jour : la séance se tient aujourd’hui.",
            url=self._at("meetings:detail"),
            label="Nous y sommes",
            is_done=bool(told) or (meeting.is_convened and meeting.held_on <= timezone.localdate()),
            verb="jour",
        )
        yield Step(
            title="Faire l’appel, avec un absent",
            words="Touchez « Tous présents », puis « Excusé » à côté d’un nom. Le quorum se compte "
            "tout seul ; « Pourquoi ? » l’explique.",
            url=self._at("meetings:attendance"),
            label="Aller à l’appel",
            is_done=has(sitting.Arrived) and has(sitting.Excused),
        )
        yield Step(
            title="Ouvrir la séance",
            words="La console tient la séance au clavier. Entrée ouvre ; la présidence est "
            "proposée, nommez le secrétaire de séance : le procès-verbal l’exige.",
            **console,
            is_done=has(sitting.Opened),
        )
        yield Step(
            title="Faire voter",
            words="Entrée met le premier point en discussion, Entrée ouvre le vote, Entrée le "
            "proclame. Entre les deux, un nom puis C note qui vote contre : on ne tape que ce qui "
            "diffère.",
            **console,
            is_done=has(sitting.BallotHeld),
        )
        yield Step(
            title="Noter un départ",
            words="Tapez les premières lettres d’un nom, puis D : il part. Le quorum et les "
            "votants suivent.",
            **console,
            is_done=has(sitting.Left),
        )
        yield Step(
            title="Lever la séance",
            words="Votez le second point de même. Puis Espace, et « Lever la séance ».",
            **console,
            is_done=has(sitting.Closed),
        )
        yield Step(
            title="Établir le procès-verbal",
            words="Il est déjà écrit : présents, votes, heures viennent de ce que vous avez dit. "
            "Relisez l’aperçu, puis établissez.",
            url=self._at("documents:preview"),
            label="Voir le procès-verbal",
            is_done=meeting.stage == Meeting.Stage.ISSUED,
        )


def _is_told(event: sitting.Event) -> bool:
    return not isinstance(event, sitting.Composed)


def of(user: User) -> Tour | None:
    """The tour that this account takes, if any."""
    found = Meeting.objects.filter(body__organisation=fleeting.played_by(user).first())
    meeting = found.select_related("body__organisation").order_by("pk").first()
    return Tour(meeting) if meeting else None


@transaction.atomic
def start(*, by: User, at: datetime) -> Tour:
    """The tour of this account: the one that it left, else a new one. For a secretariat."""
    User.objects.select_for_update().get(pk=by.pk)  # two presses make one
    if tour := of(by):
        return tour
    fleeting.leave(by)  # one whose sitting she deleted
    organisation = Organisation.objects.create(
        slug=f"visite-{by.pk}",
        name=NAME,
        designation="le syndicat de la visite guidée, qui n’existe pas",
        legal_form=LegalForm.OPEN,
        is_fleeting=True,
    )
    Role.objects.create(user=by, organisation=organisation, kind=Role.Kind.SECRETARIAT)
    body = rehearsal.assemble(organisation, DELEGATES, since=SINCE)
    organisation.persons.update(address="1, place de Nulle-Part", wants_paper=True)
    for rules in body.rule_books.all():
        rules.values |= {"share_with_councillors": False}  # nobody to copy
        rules.save()
    meeting = preparing.create_meeting(
        body=body,
        held_on=at.date() + timedelta(days=AHEAD),
        starts_at=AT,
        place="dans une salle qui n’existe pas",
        by=by,
    )
    for title, note, article in ITEMS:
        item = items.add_item(meeting, title=title, kind=AgendaItem.Kind.DELIBERATION, by=by)
        Brief.objects.create(item=item, note=note, articles=article)
    return Tour(meeting)


@transaction.atomic
def bring_the_day(tour: Tour, *, by: User, at: datetime) -> None:
    """Have the sitting held today, and its convocation sent as many days before as it was."""
    meeting = tour.meeting
    if not meeting.is_convened:
        raise findings.refusal(
            "pas_encore_convoquee",
            "La séance n’est pas convoquée.",
            remedy="Envoyez d’abord la convocation.",
        )
    passed = meeting.held_on - at.date()
    if passed > timedelta():
        meeting.held_on -= passed
        meeting.starts_at = min(AT, at.time().replace(second=0, microsecond=0))
        for name in ("convened_on", "sent_on"):
            if day := getattr(meeting, name):
                setattr(meeting, name, day - passed)
        meeting.save(update_fields=["held_on", "starts_at", "convened_on", "sent_on"])


@transaction.atomic
def leave(*, by: User) -> None:
    """Remove the tour of this account, and whatever was done in it."""
    User.objects.select_for_update().get(pk=by.pk)  # two presses remove it once
    fleeting.leave(by)


def forget(at: datetime) -> None:
    """Remove the tours that began too long ago, those without a sitting any more, and those of
    whoever keeps no sitting any more, or may not enter. What the witness knows stays, whatever it
    says of itself: `verify` tells it."""
    recent = Meeting.objects.filter(created_at__gt=at - KEPT)
    played = Organisation.objects.filter(is_fleeting=True)
    kept = played.filter(
        pk__in=recent.values("body__organisation"), roles__user__in=fleeting.players()
    )
    for organisation in played.exclude(pk__in=kept.values("pk")):
        with suppress(fleeting.IsOfWeight):
            fleeting.remove(organisation, by=None)
