"""One small form for each verb of the console: what it asks, in which words it refuses.

A form reads a flat mapping of strings, as a keyboard sends it. `run` calls the verb; `message`
is what to say once it is done when the lines of the ledger do not say it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms

from law import french
from law.ballots import Choice
from law.elections import Secrecy
from law.findings import Finding, Refused
from live import reading
from live.actions import conduct, elections, items, people, polls
from live.models import Poll
from live.refresh import BIGGEST_ID
from meetings.forms import BallotForm, ElectionForm, FateForm, MajorityMixin, MovementForm
from meetings.models import Meeting

Warnings = tuple[Finding, ...]


class Keys(forms.CharField):
    """Several keys in one string, separated by commas or spaces."""

    def __init__(self, **kwargs):
        super().__init__(**{"required": False, "max_length": 40_000} | kwargs)

    def to_python(self, value) -> tuple[str, ...]:
        """The keys, each once, in the order they were given."""
        return tuple(dict.fromkeys((super().to_python(value) or "").replace(",", " ").split()))

    def validate(self, value) -> None:
        """Refuse what names nothing, where something must be named."""
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value) -> None:
        """The string was bounded by `max_length`; what it names is the form's business."""


class Members(Keys):
    """Several members of the composition."""


class Member(forms.CharField):
    """One member of the composition."""

    def __init__(self, **kwargs):
        super().__init__(max_length=60, **kwargs)


def _item(label: str = "Point", **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=40, **kwargs)


def _words(label: str, length: int = 200) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False)


def _flag(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _number(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most)


def _among(
    label: str, choices: Iterable[tuple[str, str]], invalid: str, *, required: bool = False
) -> forms.ChoiceField:
    """One of a few; Django would quote what was sent instead."""
    known = [choice for choice in choices if choice[0]]
    refusal = {"invalid_choice": invalid}
    return forms.ChoiceField(label=label, required=required, choices=known, error_messages=refusal)


class VerbForm(forms.Form):
    """Asks what one verb needs. What is left empty is left to the verb."""

    verb: ClassVar[Callable[..., Any]]
    label: ClassVar[str]

    message = ""

    def __init__(self, data=None, *, meeting: Meeting):
        super().__init__(data)
        self.meeting = meeting

    def clean(self) -> dict[str, Any]:
        """Refuse members who are not in the composition, an item that is not on the agenda."""
        cleaned = super().clean()
        known = self.meeting.basis.composition
        for name, field in self.fields.items():
            keys = cleaned.get(name) or ()
            keys = (keys,) if keys and isinstance(field, Member) else keys
            if isinstance(field, Member | Members) and any(key not in known for key in keys):
                self.add_error(name, "Cette personne n’est pas dans la composition.")
        item = cleaned.get("item")
        if item and item not in self.meeting.agenda.keys:
            self.add_error("item", "Ce point n’est pas à l’ordre du jour.")
        return cleaned

    def run(self, **told: Any) -> Warnings:
        """Do it. Called on a valid form, in the hold of the sitting, `told` who and when; gives
        the warnings."""
        return type(self).verb(self.meeting, **self.asked(), **told)

    def asked(self) -> dict[str, Any]:
        """What was typed."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class TimedForm(VerbForm):
    """A verb that may be told late: `hour` says when it happened, empty for now."""

    hour = forms.TimeField(
        label="Heure",
        required=False,
        input_formats=["%H:%M"],
        error_messages={"invalid": "Cette heure ne se lit pas : écrivez « 18:32 »."},
    )

    def run(self, **told: Any) -> Warnings:
        """Do it, as of that hour."""
        since = _since(self.cleaned_data.pop("hour"), told["at"])
        return super().run(since=since, **told)


class OpeningForm(TimedForm):
    """Who presides is chosen among those who are there: nobody is while the roll is not called."""

    def clean(self) -> dict[str, Any]:
        """Say so, rather than that a list without a name in it is to be filled in."""
        cleaned = super().clean()
        if "chair" in self.errors and not self.meeting.sitting.at_end.room:
            self.errors.pop("chair")
            self.add_error(None, f"{ROLL_FIRST}\u00a0: la présidence se choisit parmi eux.")
        return cleaned


ROLL_FIRST = "Pointez d’abord les présents"


def _since(hour: time | None, at: datetime) -> datetime | None:
    """That time of day, the evening before when midnight went by meanwhile."""
    if hour is None:
        return None
    since = datetime.combine(at.date(), hour)
    return since - timedelta(days=1) if since - at > timedelta(hours=12) else since


# --- Verbs that only need their fields ----------------------------------------------------------


def _form(
    verb: Callable[..., Any], label: str, kind: type[VerbForm] = VerbForm, **fields: forms.Field
) -> type[VerbForm]:
    """The form of a verb, whose fields are named as what it takes."""
    return type(verb.__name__, (kind,), {"verb": verb, "label": label, **fields})


PLAIN = (
    _form(
        conduct.open_meeting,
        "Ouvrir la séance",
        OpeningForm,
        chair=Member(label="Présidence"),
        clerks=Members(label="Secrétaires de séance"),
    ),
    _form(people.call_roll, "Faire l’appel", present=Members(label="Présents", required=True)),
    _form(people.take_answers, "Reprendre les réponses"),
    _form(
        people.arrive,
        "Noter une arrivée",
        TimedForm,
        member=Member(label="Qui"),
        remote=_flag("à distance"),
    ),
    _form(
        people.leave,
        "Noter un départ",
        TimedForm,
        member=Member(label="Qui"),
        definitive=_flag("définitif"),
    ),
    _form(people.excuse, "Noter une excuse", member=Member(label="Qui")),
    _form(
        people.take_seat,
        "Noter une suppléance",
        TimedForm,
        substitute=Member(label="Suppléant·e"),
        titular=Member(label="À la place de"),
    ),
    _form(
        people.return_seat,
        "Mettre fin à une suppléance",
        TimedForm,
        substitute=Member(label="Suppléant·e"),
    ),
    _form(
        people.give_proxy,
        "Noter un pouvoir",
        TimedForm,
        giver=Member(label="De"),
        holder=Member(label="À"),
    ),
    _form(people.revoke_proxy, "Retirer un pouvoir", TimedForm, giver=Member(label="De")),
    _form(
        people.recuse,
        "Noter un déport",
        member=Member(label="Qui"),
        ground=_among("Motif", MovementForm.GROUNDS, "Ce motif n’existe pas."),
    ),
    _form(
        people.change_mandate,
        "Noter un mandat",
        TimedForm,
        member=Member(label="Qui"),
        change=_among(
            "Ce qui change",
            [(people.INSTALLATION, "installation"), *MovementForm.ENDINGS],
            "Ce changement n’existe pas.",
            required=True,
        ),
    ),
    _form(
        conduct.lead_out,
        "Retirer la présidence des comptes",
        member=Member(label="Qui préside ce point"),
        votes_for=_number("Élu par", 100_000),
    ),
    _form(people.come_back, "Mettre fin à un déport", member=Member(label="Qui")),
    _form(
        conduct.name_clerks,
        "Nommer les secrétaires de séance",
        clerks=Members(label="Secrétaires de séance", required=True),
    ),
    _form(
        conduct.take_chair,
        "Changer la présidence",
        member=Member(label="Qui"),
        item=_item("Pour le seul point", required=False),
    ),
    _form(items.open_next, "Point suivant", after=_item("Après", required=False)),
    _form(items.open_item, "Ouvrir un point", item=_item()),
    _form(
        items.note_fate,
        "Noter la suite donnée",
        item=_item(),
        fate=_among(
            "Suite donnée", FateForm.base_fields["fate"].choices, "Cette suite n’existe pas."
        ),
        note=_words("Précision", 500),
    ),
    _form(
        items.request_ballot,
        "Noter une demande de scrutin",
        item=_item(),
        mode=_among(
            "Scrutin demandé",
            MovementForm.MODES,
            "Ce mode de scrutin ne se demande pas.",
            required=True,
        ),
        members=Members(label="Demandé par", required=True),
    ),
    _form(
        items.set_college,
        "Noter qui est concerné par un point",
        item=_item(),
        members=Members(label="Sièges concernés"),
    ),
    _form(conduct.suspend, "Suspendre la séance", TimedForm, reason=_words("Motif")),
    _form(conduct.resume, "Reprendre la séance", TimedForm),
    _form(
        conduct.close_doors,
        "Prononcer le huis clos",
        requesters=_number("Demandé par", 5000),
        votes_for=_number("Voix pour", 100_000),
    ),
    _form(conduct.open_doors, "Lever le huis clos"),
    _form(
        conduct.close_meeting,
        "Lever la séance",
        TimedForm,
        for_want_of_quorum=_flag("faute de quorum"),
    ),
)


class Undo(VerbForm):
    """A line, or the whole act that told it."""

    verb, label = items.undo, "Annuler une ligne"

    seq = forms.IntegerField(label="Ligne", min_value=1, max_value=BIGGEST_ID)
    whole = _flag("toute l’action")

    def run(self, **told: Any) -> Warnings:
        before = len(self.meeting.ledger)
        warnings = super().run(**told)
        undone = len(self.meeting.ledger) - before
        if undone > FEW:
            self.message = f"Annulé : {french.count(undone, 'ligne')} du registre."
        return warnings


FEW = 3  # lines told one by one


# --- Votes ------------------------------------------------------------------------------------


class OpenPoll(MajorityMixin, VerbForm):
    """What is put to the vote, and how."""

    verb, label = polls.open_poll, "Ouvrir un vote"

    items = Keys(label="Points", required=True)
    mode = _among(
        "Mode de scrutin",
        BallotForm.base_fields["mode"].choices,
        "Ce mode de scrutin n’existe pas.",
    )
    question = _words("Question posée", 300)
    reason = _words("Motif du scrutin secret", 300)
    on_tablets = _flag("sur les tablettes")

    def run(self, **told: Any) -> Warnings:
        poll = polls.open_poll(self.meeting, **self.asked(), **told)
        what = reading.subject(self.meeting, poll.items, poll.question)
        mode = dict(self.fields["mode"].choices)[poll.mode]
        self.message = f"Vote ouvert sur {what}, scrutin {mode}."
        return poll.findings


class PollForm(VerbForm):
    """A verb of one poll: the one that the screen showed, not whichever is open now."""

    poll = forms.IntegerField(label="Scrutin", min_value=1, max_value=BIGGEST_ID)

    def clean_poll(self) -> Poll:
        """The poll, open or ended since."""
        poll, asked = reading.current_poll(self.meeting), self.cleaned_data["poll"]
        if poll is None or poll.pk != asked:
            poll = Poll.objects.filter(meeting=self.meeting, pk=asked).order_by("pk").first()
        if poll is None:
            raise forms.ValidationError("Ce scrutin n’existe pas dans cette séance.")
        poll.meeting = self.meeting
        return poll


class Choose(PollForm):
    """The vote of a seat, with the proxies that its occupant carries unless `alone`."""

    verb, label = polls.choose, "Noter un vote"

    seat = Member(label="Siège")
    choice = _among("Vote", BallotForm.OPTIONS, "Ce vote n’existe pas.")
    alone = _flag("sans les pouvoirs qu’il porte")

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
    """The open poll, and nothing more."""

    verb, label = polls.everyone_for, "Tous pour"

    def run(self, **told: Any) -> Warnings:
        changed = polls.everyone_for(self.cleaned_data["poll"])
        votes = "1 siège change" if changed == 1 else f"{changed} sièges changent"
        self.message = f"Tous pour : {votes}." if changed else "Tous étaient déjà pour."
        return ()


class Proclaim(PollForm):
    """The open poll, and a total typed by hand."""

    verb, label = polls.proclaim, "Proclamer le résultat"

    complete = _flag("sans attendre les autres")

    def __init__(self, data=None, *, meeting):
        super().__init__(data, meeting=meeting)
        for choice, label in BallotForm.COUNTS:
            self.fields[f"count_{choice.value}"] = _number(label, 100_000)

    def counts(self) -> dict[Choice, int]:
        """Choice → how many were typed."""
        typed = {c: self.cleaned_data.get(f"count_{c.value}") for c, _ in BallotForm.COUNTS}
        return {choice: number for choice, number in typed.items() if number}

    def run(self, **told: Any) -> Warnings:
        poll = self.cleaned_data["poll"]
        polls.proclaim(poll, counts=self.counts(), complete=self.cleaned_data["complete"], **told)
        return poll.findings


class GiveUp(PollForm):
    """The open poll, and nothing more."""

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

    item = _item()

    def __init__(self, data=None, *, meeting: Meeting):
        self.meeting = meeting
        super().__init__(data, state=reading.state(meeting), item="")
        for field in self.fields.values():
            if "invalid_choice" in field.error_messages:  # Django would quote what was sent
                field.error_messages["invalid_choice"] = "Ce choix n’existe pas."

    def clean(self) -> dict[str, Any]:
        """Refuse an item that is not on the agenda."""
        cleaned = super().clean()
        if cleaned.get("item") and cleaned["item"] not in self.meeting.agenda.keys:
            self.add_error("item", "Ce point n’est pas à l’ordre du jour.")
        if cleaned.get("secrecy") == Secrecy.WAIVED and cleaned.get("opposed") is None:
            self.add_error("opposed", "Combien ne l’ont pas voulu ? 0 : levé à l’unanimité.")
        return cleaned

    def run(self, **told: Any) -> Warnings:
        item, held = self.cleaned_data["item"], self.election()
        return elections.hold_round(self.meeting, item=item, election=held, **told)


FORMS = (*PLAIN, Undo, OpenPoll, Choose, EveryoneFor, Proclaim, GiveUp, HoldRound)


def objections(form: forms.Form) -> Refused:
    """What a form refuses, as the law would say it."""
    return Refused(
        Finding(code="saisie", message=message, field="" if name == "__all__" else name)
        for name, messages in form.errors.items()
        for message in messages
    )
