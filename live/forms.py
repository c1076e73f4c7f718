"""One small form for each verb of the console: what it asks, in which words it refuses.

A form reads a flat mapping of strings, as a keyboard sends it. `run` calls the verb; `message`
is what to say once it is done when the lines of the ledger do not say it.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms

from law import sitting
from law.ballots import Choice, Mode
from law.findings import Finding, Refused
from live import reading
from live.actions import conduct, elections, items, people, polls
from live.models import Poll
from live.refresh import BIGGEST_ID
from meetings.forms import BallotForm, ElectionForm, FateForm, MovementForm
from meetings.models import Meeting

Warnings = tuple[Finding, ...]


class Keys(forms.CharField):
    """Several keys in one string, separated by commas or spaces."""

    def __init__(self, **kwargs):
        super().__init__(**{"required": False, "max_length": 40_000} | kwargs)

    def to_python(self, value) -> tuple[str, ...]:
        return tuple(dict.fromkeys((super().to_python(value) or "").replace(",", " ").split()))

    def validate(self, value) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value) -> None:
        """The string was bounded by `max_length`; what it names is the form's business."""


class VerbForm(forms.Form):
    """Asks what one verb needs. Subclasses say which fields name members and items."""

    verb: ClassVar[Callable[..., Any]]
    label: ClassVar[str]
    people: ClassVar[tuple[str, ...]] = ()

    message = ""

    def __init__(self, data=None, *, meeting: Meeting):
        super().__init__(data)
        self.meeting = meeting

    def clean(self):
        cleaned = super().clean()
        known = self.meeting.basis.composition
        for name in self.people:
            keys = cleaned.get(name) or ()
            keys = (keys,) if isinstance(keys, str) else keys
            if any(key not in known for key in keys):
                self.add_error(name, "Cette personne n’est pas dans la composition.")
        item = cleaned.get("item")
        if item and item not in self.meeting.agenda.keys:
            self.add_error("item", "Ce point n’est pas à l’ordre du jour.")
        return cleaned

    def run(self, **told: Any) -> Warnings:
        """Do it. Called on a valid form, in the hold of the sitting, `told` who and when; gives
        the warnings."""
        return type(self).verb(self.meeting, **self.cleaned_data, **told)


class TimedForm(VerbForm):
    """A verb that may be told late: `hour` says when it happened, empty for now."""

    hour = forms.TimeField(
        label="Heure",
        required=False,
        input_formats=["%H:%M"],
        error_messages={"invalid": "Cette heure ne se lit pas : écrivez « 18:32 »."},
    )

    def run(self, **told: Any) -> Warnings:
        asked = dict(self.cleaned_data)
        since = _since(asked.pop("hour"), told["at"])
        return type(self).verb(self.meeting, **asked, since=since, **told)


def _since(hour: time | None, at: datetime) -> datetime | None:
    """That time of day, the evening before when midnight went by meanwhile."""
    if hour is None:
        return None
    since = datetime.combine(at.date(), hour)
    return since - timedelta(days=1) if since - at > timedelta(hours=12) else since


def _key(**kwargs) -> forms.CharField:
    return forms.CharField(max_length=60, **kwargs)


# --- Opening and closing ----------------------------------------------------------------------


class OpenMeeting(TimedForm):
    verb, label = conduct.open_meeting, "Ouvrir la séance"
    people = ("chair", "clerks")

    chair = _key(label="Présidence")
    clerks = Keys(label="Secrétaires de séance")


class NameClerks(VerbForm):
    verb, label = conduct.name_clerks, "Nommer les secrétaires de séance"
    people = ("clerks",)

    clerks = Keys(label="Secrétaires de séance", required=True)


class TakeChair(VerbForm):
    verb, label = conduct.take_chair, "Changer la présidence"
    people = ("member",)

    member = _key(label="Qui")
    item = forms.CharField(label="Pour le seul point", required=False, max_length=40)


class Suspend(TimedForm):
    verb, label = conduct.suspend, "Suspendre la séance"

    reason = forms.CharField(label="Motif", required=False, max_length=200)


class Resume(TimedForm):
    verb, label = conduct.resume, "Reprendre la séance"


class CloseDoors(VerbForm):
    verb, label = conduct.close_doors, "Prononcer le huis clos"

    requesters = forms.IntegerField(
        label="Demandé par", required=False, min_value=0, max_value=5000
    )
    votes_for = forms.IntegerField(
        label="Voix pour", required=False, min_value=0, max_value=100_000
    )

    def clean_requesters(self):
        return self.cleaned_data["requesters"] or 0


class OpenDoors(VerbForm):
    verb, label = conduct.open_doors, "Lever le huis clos"


class CloseMeeting(TimedForm):
    verb, label = conduct.close_meeting, "Lever la séance"

    for_want_of_quorum = forms.BooleanField(label="faute de quorum", required=False)


# --- People -----------------------------------------------------------------------------------


class Arrive(TimedForm):
    verb, label = people.arrive, "Noter une arrivée"
    people = ("member",)

    member = _key(label="Qui")
    remote = forms.BooleanField(label="à distance", required=False)


class CallRoll(VerbForm):
    verb, label = people.call_roll, "Faire l’appel"
    people = ("present",)

    present = Keys(label="Présents", required=True)


class Leave(TimedForm):
    verb, label = people.leave, "Noter un départ"
    people = ("member",)

    member = _key(label="Qui")
    definitive = forms.BooleanField(label="définitif", required=False)


class Excuse(VerbForm):
    verb, label = people.excuse, "Noter une excuse"
    people = ("member",)

    member = _key(label="Qui")


class TakeSeat(TimedForm):
    verb, label = people.take_seat, "Noter une suppléance"
    people = ("substitute", "titular")

    substitute = _key(label="Suppléant·e")
    titular = _key(label="À la place de")


class ReturnSeat(TimedForm):
    verb, label = people.return_seat, "Mettre fin à une suppléance"
    people = ("substitute",)

    substitute = _key(label="Suppléant·e")


class GiveProxy(TimedForm):
    verb, label = people.give_proxy, "Noter un pouvoir"
    people = ("giver", "holder")

    giver = _key(label="De")
    holder = _key(label="À")


class RevokeProxy(TimedForm):
    verb, label = people.revoke_proxy, "Retirer un pouvoir"
    people = ("giver",)

    giver = _key(label="De")


class Recuse(VerbForm):
    verb, label = people.recuse, "Noter un déport"
    people = ("member",)

    member = _key(label="Qui")
    ground = forms.ChoiceField(
        label="Motif",
        required=False,
        choices=MovementForm.GROUNDS,
        error_messages={"invalid_choice": "Ce motif n’existe pas."},
    )

    def clean_ground(self):
        return self.cleaned_data["ground"] or sitting.Ground.PERSONAL.value


class ComeBack(VerbForm):
    verb, label = people.come_back, "Mettre fin à un déport"
    people = ("member",)

    member = _key(label="Qui")


# --- Items ------------------------------------------------------------------------------------


class OpenItem(VerbForm):
    verb, label = items.open_item, "Ouvrir un point"

    item = forms.CharField(label="Point", max_length=40)


class OpenNext(VerbForm):
    verb, label = items.open_next, "Point suivant"

    after = forms.CharField(label="Après", required=False, max_length=40)


class RequestBallot(VerbForm):
    verb, label = items.request_ballot, "Noter une demande de scrutin"
    people = ("members",)

    item = forms.CharField(label="Point", max_length=40)
    mode = forms.ChoiceField(
        label="Scrutin demandé",
        choices=MovementForm.MODES,
        error_messages={"invalid_choice": "Ce mode de scrutin ne se demande pas."},
    )
    members = Keys(label="Demandé par", required=True)


class SetCollege(VerbForm):
    verb, label = items.set_college, "Noter qui est concerné par un point"
    people = ("members",)

    item = forms.CharField(label="Point", max_length=40)
    members = Keys(label="Sièges concernés")


class NoteFate(VerbForm):
    verb, label = items.note_fate, "Noter la suite donnée"

    item = forms.CharField(label="Point", max_length=40)
    fate = forms.ChoiceField(
        label="Suite donnée",
        required=False,
        choices=FateForm.base_fields["fate"].choices,
        error_messages={"invalid_choice": "Cette suite n’existe pas."},
    )
    note = forms.CharField(label="Précision", required=False, max_length=500)


class Undo(VerbForm):
    verb, label = items.undo, "Annuler une ligne"

    seq = forms.IntegerField(label="Ligne", min_value=1, max_value=BIGGEST_ID)


# --- Votes ------------------------------------------------------------------------------------


class OpenPoll(VerbForm):
    verb, label = polls.open_poll, "Ouvrir un vote"

    items = Keys(label="Points", required=True)
    mode = forms.ChoiceField(
        label="Mode de scrutin",
        required=False,
        choices=BallotForm.base_fields["mode"].choices,
        error_messages={"invalid_choice": "Ce mode de scrutin n’existe pas."},
    )
    majority = forms.ChoiceField(
        label="Majorité",
        required=False,
        choices=list(reading.MAJORITIES.items()),
        error_messages={"invalid_choice": "Cette majorité n’existe pas."},
    )
    question = forms.CharField(label="Question posée", required=False, max_length=300)
    on_tablets = forms.BooleanField(label="sur les tablettes", required=False)

    def clean_mode(self):
        return self.cleaned_data["mode"] or Mode.ORDINARY.value

    def clean_majority(self):
        return self.cleaned_data["majority"] or "ordinaire"

    def run(self, **told: Any) -> Warnings:
        poll = polls.open_poll(self.meeting, **self.cleaned_data, **told)
        what = reading.subject(self.meeting, poll.items, poll.question)
        mode = dict(self.fields["mode"].choices)[poll.mode]
        self.message = f"Vote ouvert sur {what}, scrutin {mode}."
        return poll.findings


class PollForm(VerbForm):
    """A verb of one poll: the one that the screen showed, not whichever is open now."""

    poll = forms.IntegerField(label="Scrutin", min_value=1, max_value=BIGGEST_ID)

    def clean_poll(self):
        poll, asked = reading.open_poll(self.meeting), self.cleaned_data["poll"]
        if poll is None or poll.pk != asked:
            poll = Poll.objects.filter(meeting=self.meeting, pk=asked).order_by("pk").first()
        if poll is None:
            raise forms.ValidationError("Ce scrutin n’existe pas dans cette séance.")
        poll.meeting = self.meeting
        return poll


class Choose(PollForm):
    verb, label = polls.choose, "Noter un vote"
    people = ("seat",)

    seat = _key(label="Siège")
    choice = forms.ChoiceField(
        label="Vote",
        required=False,
        choices=[("", "aucun"), *BallotForm.OPTIONS],
        error_messages={"invalid_choice": "Ce vote n’existe pas."},
    )
    alone = forms.BooleanField(label="sans les pouvoirs qu’il porte", required=False)

    def run(self, **told: Any) -> Warnings:
        asked = self.cleaned_data
        chosen = polls.choose(
            asked["poll"],
            seat=asked["seat"],
            choice=asked["choice"] or None,
            with_proxies=not asked["alone"],
        )
        composition = self.meeting.basis.composition
        names = [composition[seat].name for seat in chosen.seats]
        word = dict(BallotForm.OPTIONS).get(asked["choice"], "aucun vote noté").lower()
        self.message = f"{names[0]} : {word}"
        if len(names) > 1:
            self.message += f", et avec son pouvoir {', '.join(names[1:])}"
        if chosen.left:
            apart = ", ".join(composition[seat].name for seat in chosen.left)
            self.message += f" ; réglé à part, inchangé : {apart}"
        self.message += "."
        return ()


class EveryoneFor(PollForm):
    verb, label = polls.everyone_for, "Tous pour"

    def run(self, **told: Any) -> Warnings:
        changed = polls.everyone_for(self.cleaned_data["poll"])
        votes = "1 siège change" if changed == 1 else f"{changed} sièges changent"
        self.message = f"Tous pour : {votes}." if changed else "Tous étaient déjà pour."
        return ()


class Proclaim(PollForm):
    verb, label = polls.proclaim, "Proclamer le résultat"

    complete = forms.BooleanField(label="les autres ne prennent pas part", required=False)

    def __init__(self, data=None, *, meeting):
        super().__init__(data, meeting=meeting)
        for choice, label in BallotForm.COUNTS:
            self.fields[f"count_{choice.value}"] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=100_000
            )

    def counts(self) -> dict[Choice, int]:
        typed = {c: self.cleaned_data.get(f"count_{c.value}") for c, _ in BallotForm.COUNTS}
        return {choice: number for choice, number in typed.items() if number}

    def run(self, **told: Any) -> Warnings:
        poll = self.cleaned_data["poll"]
        polls.proclaim(poll, counts=self.counts(), complete=self.cleaned_data["complete"], **told)
        return poll.findings


class GiveUp(PollForm):
    verb, label = polls.give_up, "Abandonner le vote"

    def run(self, **told: Any) -> Warnings:
        poll = self.cleaned_data["poll"]
        polls.give_up(poll)
        what = reading.subject(self.meeting, poll.items, poll.question)
        self.message = f"Le vote sur {what} est abandonné ; rien n’en est gardé."
        return ()


class HoldRound(ElectionForm):
    """An election as the tellers read it; the fields are those of `meetings.forms`."""

    verb, label = elections.hold_round, "Noter un tour de scrutin"
    message = ""

    item = forms.CharField(label="Point", max_length=40)

    def __init__(self, data=None, *, meeting: Meeting):
        self.meeting = meeting
        super().__init__(data, state=reading.state(meeting), item="")
        for field in self.fields.values():
            if "invalid_choice" in field.error_messages:  # Django would quote what was sent
                field.error_messages["invalid_choice"] = "Ce choix n’existe pas."

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("item") and cleaned["item"] not in self.meeting.agenda.keys:
            self.add_error("item", "Ce point n’est pas à l’ordre du jour.")
        return cleaned

    def run(self, **told: Any) -> Warnings:
        item, held = self.cleaned_data["item"], self.election()
        return elections.hold_round(self.meeting, item=item, election=held, **told)


FORMS: tuple[type[VerbForm] | type[HoldRound], ...] = (
    OpenMeeting,
    CallRoll,
    Arrive,
    Leave,
    Excuse,
    TakeSeat,
    ReturnSeat,
    GiveProxy,
    RevokeProxy,
    Recuse,
    ComeBack,
    NameClerks,
    TakeChair,
    OpenNext,
    OpenItem,
    NoteFate,
    RequestBallot,
    SetCollege,
    OpenPoll,
    Choose,
    EveryoneFor,
    Proclaim,
    GiveUp,
    HoldRound,
    Suspend,
    Resume,
    CloseDoors,
    OpenDoors,
    Undo,
    CloseMeeting,
)


def objections(form: forms.Form) -> Refused:
    """What a form refuses, as the law would say it."""
    return Refused(
        Finding(code="saisie", message=message, field="" if name == "__all__" else name)
        for name, messages in form.errors.items()
        for message in messages
    )
