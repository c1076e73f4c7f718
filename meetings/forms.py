"""What the secretariat types: each form turns fields into values of the law."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone
from django.utils.text import slugify

from law import assembly, ballots, deadlines, elections, french, sitting
from law.findings import Finding, Refused, Severity
from law.regime import Regime, article_of
from meetings import drafts, majorities, pasted, richtext
from meetings.actions import carrying
from meetings.agenda import Node
from meetings.models import AgendaItem, Meeting
from meetings.widgets import DebateEditor
from members.forms import DateInput, DayField, Tagless, TimeInput
from members.models import Body, Organisation


class FindingsMixin:
    """Puts the law's objections beside the fields they name, the others on top."""

    # Where an event's field has another name in the form.
    field_names: dict[str, str] = {}
    done: object = None  # what `does` was answered

    def take(self, findings: tuple[Finding, ...]) -> None:
        """Show objections; warnings are not faults of what was typed."""
        for finding in findings:
            if finding.severity is Severity.WARNING:
                continue
            name = self.field_names.get(finding.field, finding.field)
            self.add_error(name if name in self.fields else None, str(finding))

    def does(self, act: Callable[[], object]) -> bool:
        """Do this once what was typed is valid, showing refusals; whether it was done."""
        if not self.is_valid():
            return False
        try:
            self.done = act()
        except Refused as refusal:
            self.take(refusal.findings)
        return not self.errors


# What most new sittings do without; open as soon as something of it is said or wrong.
_RARE = (
    HTML(
        '<details class="option"{% if form.is_hour_unknown.value or form.second_call_of.value '
        "or form.attending.value or form.second_call_of.errors or form.attending.errors %} open"
        "{% endif %}><summary>Heure inconnue, seconde convocation, personnes qui assistent"
        "</summary>"
    ),
    "is_hour_unknown",
    "second_call_of",
    "attending",
    HTML("</details>"),
)


class MeetingForm(FindingsMixin, forms.ModelForm):
    """What a sitting is before it is held. Once its members were told, they must be told of what
    changes: nothing of that is typed here."""

    class Meta:
        model = Meeting
        fields = [
            *("body", "held_on", "starts_at", "is_hour_unknown", "place", "convened_on"),
            *("in_one_place", "second_call_on", "second_call_of", "attending", "stated_presence"),
        ]
        widgets = {
            "held_on": DateInput(),
            "second_call_on": DateInput(),
            "starts_at": TimeInput(),
            "convened_on": DateInput(),
            "attending": forms.Textarea(attrs={"rows": 3, "lang": "fr"}),
        }

    def __init__(self, *args, organisation: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = Body.objects.sitting().filter(organisation=organisation)
        self.fields["body"].queryset = bodies if self.instance.pk else bodies.filter(is_active=True)
        self.fields["second_call_of"].queryset = Meeting.objects.filter(
            body__in=bodies
        ).select_related("body")
        if not (self.instance.pk and self.instance.regime.remote_allowed):
            del self.fields["in_one_place"]
        if not self.instance.pk or self.instance.second_call_of_id:
            del self.fields["second_call_on"]  # a second call needs no other
        is_past = self.instance.pk and self.instance.held_on < timezone.localdate()
        if not is_past and not self.instance.stated_presence:
            del self.fields["stated_presence"]  # only a paper of the past leaves names out
        self.helper = Tagless(self)  # draws the fields that are left
        if not self.instance.pk:
            told = self.fields["convened_on"]
            told.help_text = "Laissez vide si la convocation part d’ici : l’envoi l’inscrira."
            self.helper.layout = Layout(
                "body", "held_on", "starts_at", "place", "convened_on", *_RARE
            )
        if self.instance.pk:
            # The ledger and the composition belong to the body: a sitting does not change house.
            self.fields["body"].disabled = True
            self.is_sent = self.instance.sent_on is not None
            if self.is_sent:
                # Whoever was convened must be told: `convening` moves the sitting and tells them.
                for name, field in self.fields.items():
                    field.disabled = name not in ("attending", "stated_presence")

    def _post_clean(self) -> None:
        """As Django does; a sitting whose change is refused stays as it is: its page counts from
        its day."""
        kept, beside = dict(vars(self.instance)), dict(self.instance._state.fields_cache)
        super()._post_clean()
        if self.errors:
            vars(self.instance).clear()
            vars(self.instance).update(kept)
            self.instance._state.fields_cache = beside

    def clean_attending(self) -> str:
        """A person a line."""
        return drafts.tidy(richtext.printable(self.cleaned_data["attending"]))

    def clean(self):
        cleaned = super().clean()
        held_on, convened_on = cleaned.get("held_on"), cleaned.get("convened_on")
        if held_on and convened_on and convened_on > held_on:
            self.add_error("convened_on", "La convocation ne peut suivre la séance.")
        if held_on and (again := cleaned.get("second_call_on")):
            rules = self.instance.regime
            # Once sent it is not typed here any more: a sitting moved since has its own warning.
            if not self.fields["second_call_on"].disabled:
                self.take(deadlines.announced_second_call(again, held_on, rules))
        first = cleaned.get("second_call_of")
        if first and cleaned.get("body") and first.body_id != cleaned["body"].pk:
            self.add_error("second_call_of", "Cette séance est celle d’une autre instance.")
        if first and held_on and first.held_on >= held_on:
            self.add_error("second_call_of", "La première séance doit précéder la seconde.")
        elif first and not first.lacked_quorum:
            self.add_error(
                "second_call_of",
                "Le quorum n’a pas manqué à cette séance : aucune autre ne s’en passe.",
            )
        return cleaned


class MeetingFilter(forms.Form):
    """The filters of the list; nonsense is told, not obeyed."""

    instance = forms.ModelChoiceField(
        Body.objects.none(), required=False, label="Instance", empty_label="Toutes"
    )
    annee = forms.TypedChoiceField(coerce=int, required=False, label="Année", empty_value=None)
    etat = forms.ChoiceField(
        required=False, label="État", choices=[("", "Tous"), *Meeting.Stage.choices]
    )

    def __init__(self, *args, bodies, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["instance"].queryset = bodies
        self.fields["annee"].choices = [("", "Toutes")] + [(y, y) for y in years]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def apply(self, meetings):
        """The sittings that were asked for; all of them when the question makes no sense."""
        if not self.is_valid():
            return meetings
        chosen = self.cleaned_data
        if chosen["instance"]:
            meetings = meetings.filter(body=chosen["instance"])
        if chosen["annee"]:
            meetings = meetings.filter(held_on__year=chosen["annee"])
        if chosen["etat"]:
            meetings = meetings.filter(stage=chosen["etat"])
        return meetings


def _has_come(meeting: Meeting) -> bool:
    return timezone.localtime().replace(tzinfo=None) >= meeting.scheduled_for


class ConductForm(FindingsMixin, forms.Form):
    """Who chaired, who kept the minutes, from when to when."""

    chair = forms.ChoiceField(label="Présidence", required=False)
    clerk = forms.ChoiceField(label="Secrétaire de séance", required=False)
    second_clerk = forms.ChoiceField(label="Autre secrétaire", required=False)
    opened_at = forms.TimeField(label="Ouverte à", required=False, widget=TimeInput())
    closed_at = forms.TimeField(label="Levée à", required=False, widget=TimeInput())
    for_want_of_quorum = forms.BooleanField(label="levée faute de quorum", required=False)

    field_names = {"clerks": "clerk", "at": "closed_at"}

    def __init__(self, *args, meeting: Meeting, **kwargs):
        self.meeting = meeting
        state, composition = meeting.sitting.at_end, meeting.basis.composition
        kwargs.setdefault("initial", {})
        clerks = [*state.clerks, "", ""]
        kwargs["initial"] = {
            "chair": state.chair or state.usual_chair,
            "clerk": clerks[0],
            "second_clerk": clerks[1],
            # The planned hour once it has come: before, it would say of a sitting that it opened.
            "opened_at": state.opened_at or (meeting.hour if _has_come(meeting) else None),
            "closed_at": state.closed_at,
            "for_want_of_quorum": any(
                event.for_want_of_quorum for event in meeting.sitting.of_kind(sitting.Closed)
            ),
        } | kwargs["initial"]
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        people = [
            (member.key, member.name)
            for member in composition.members
            if member.deliberates and (member.key in state.room or member.key in state.clerks)
        ]
        chairs = people + [
            (key, composition[key].name)
            for key in [state.chair]
            if key in composition and key not in dict(people)
        ]
        self.fields["chair"].choices = [("", "—"), *chairs]
        self.fields["clerk"].choices = [("", "—"), *people]
        self.fields["second_clerk"].choices = [("", "—"), *people]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("second_clerk") and not cleaned.get("clerk"):
            self.add_error("clerk", "Nommez d’abord le premier secrétaire.")
        if cleaned.get("clerk") and cleaned.get("clerk") == cleaned.get("second_clerk"):
            self.add_error("second_clerk", "C’est déjà le premier secrétaire.")
        now = timezone.localtime().replace(tzinfo=None)
        for name in ("opened_at", "closed_at"):
            clock = cleaned.get(name)
            if clock and self.meeting.moment(clock) > now:
                told = (
                    f"Nous sommes le {french.long_date(now)}, à {french.clock(now)} : cette heure "
                    f"est à venir, la séance est du {french.long_date(self.meeting.held_on)}."
                )
                if name == "opened_at" and self.meeting.sitting.at_end.opened_at is None:
                    told += " Tenue plus tôt, elle s’ouvre en direct, à l’heure qu’il est."
                self.add_error(name, french.nbsp(told))
        if cleaned.get("for_want_of_quorum") and not cleaned.get("closed_at"):
            self.add_error("closed_at", "Dites à quelle heure la séance est levée.")
        return cleaned

    def values(self) -> dict:
        """The keywords of `actions.set_conduct`."""
        cleaned = self.cleaned_data
        clerks = [cleaned["clerk"], cleaned["second_clerk"]]
        return {
            "chair": cleaned["chair"],
            "clerks": [clerk for clerk in clerks if clerk],
            "opened_at": _moment(self.meeting, cleaned["opened_at"]),
            "closed_at": _moment(self.meeting, cleaned["closed_at"]),
            "for_want_of_quorum": cleaned["for_want_of_quorum"],
        }


def _moment(meeting: Meeting, clock: time | None) -> datetime | None:
    return meeting.moment(clock) if clock else None


_OF_THE_CONVOCATION = ("resumes", "was_added", "announced")


class ItemForm(FindingsMixin, forms.ModelForm):
    """What an item is; what was said about it has its own editor."""

    class Meta:
        model = AgendaItem
        fields = [
            *("kind", "effect", "title", "label", "rapporteur"),
            *("received_on", "approves", "also_approves", "accounts_of", "voted_lines"),
            *("resumes", "was_added", "announced"),
        ]
        # A style sheet tells by it whether anything was typed.
        widgets = {
            "voted_lines": forms.Textarea(attrs={"rows": 5, "placeholder": " "}),
            "received_on": DateInput(),
        }

    def __init__(self, *args, meeting: Meeting, **kwargs):
        super().__init__(*args, **kwargs)
        first = meeting.second_call_of
        if first is None:
            del self.fields["resumes"]
        else:
            self.fields["resumes"].queryset = first.items.exclude(kind=AgendaItem.Kind.SECTION)
        usual = self.instance.usual_effect.label
        self.fields["effect"].choices = [
            ("", f"selon la nature et l’instance (enregistré : {usual})"),
            *AgendaItem.Effect.choices,
        ]
        told = meeting.basis.composition.by_name
        members = [(m.key, m.name) for m in told if m.deliberates]
        self.fields["rapporteur"] = forms.ChoiceField(
            label="Rapporteur", required=False, choices=[("", "—"), *members]
        )
        self.fields["accounts_of"] = forms.MultipleChoiceField(
            label="Comptes tenus par",
            required=False,
            choices=[("-", "quelqu’un qui ne siège plus"), *members],
            widget=forms.SelectMultiple(attrs={"size": 5}),
            help_text=AgendaItem._meta.get_field("accounts_of").help_text,
        )
        self.initial["accounts_of"] = self.instance.accounts_of.split()
        earlier = Meeting.objects.before(meeting).select_related("body")
        for name in ("approves", "also_approves"):
            self.fields[name].queryset = earlier
        self.fields["approves"].empty_label = "—"
        self.helper = Tagless(self)
        self.helper.layout = self._laid_out()  # it asks for errors: every field is there

    def _laid_out(self) -> Layout:
        """What an item is, what its nature asks (`sitting.css` shows no other), and folded what is
        seldom changed."""
        folded = [name for name in ("label", *_OF_THE_CONVOCATION) if name in self.fields]
        is_told = any(self[name].value() or self[name].errors for name in folded)
        return Layout(
            *("kind", "title", "rapporteur", "received_on", "approves", "also_approves"),
            *("accounts_of", "voted_lines", "effect"),
            HTML(
                f'<details class="option"{" open" if is_told else ""}>'
                "<summary>Numéro, et ce que disait la convocation</summary>"
            ),
            *folded,
            HTML("</details>"),
        )

    def clean_accounts_of(self) -> str:
        """Those who kept them, one key after another."""
        return " ".join(self.cleaned_data["accounts_of"])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("approves") and cleaned.get("kind") != AgendaItem.Kind.APPROVAL:
            self.add_error("kind", "Seule une approbation porte sur un procès-verbal antérieur.")
        if not cleaned.get("approves") and cleaned.get("also_approves"):
            self.add_error("approves", "Choisissez d’abord le premier procès-verbal approuvé.")
        return cleaned


class QuickItemForm(FindingsMixin, forms.Form):
    """The foot of the agenda: a title, its nature, Enter; or a list of titles, pasted.

    What may be read in two ways is shown first, under the field (`reading`); `seen` comes back
    with the list that was shown, and the same list is then added as it was read.
    """

    title = forms.CharField(label="Intitulé", max_length=60_000, strip=False, widget=forms.Textarea)
    kind = forms.ChoiceField(
        label="Nature", choices=AgendaItem.Kind.choices, initial=AgendaItem.Kind.DELIBERATION
    )
    parent = forms.ChoiceField(label="Sous", required=False)
    after = forms.ChoiceField(label="Après le point", required=False)
    seen = forms.CharField(required=False, max_length=64)

    titles: tuple[pasted.Title, ...] = ()

    def __init__(self, *args, meeting: Meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.agenda = meeting.agenda
        if self.agenda.is_frozen:
            # The numbers went out with the convocation: what comes later goes between them.
            del self.fields["parent"]
            self.fields["after"].choices = [
                ("", self._end),
                *(
                    (node.item.key, f"{node.number} {node.item.title}"[:60] + self._as(node))
                    for node in self._before_closing
                ),
            ]
            return
        del self.fields["after"]
        sections = [
            (node.item.key, f"{node.number} {node.item.title}".strip())
            for node in meeting.agenda.nodes
            if node.item.kind != AgendaItem.Kind.APPROVAL
        ]
        self.fields["parent"].choices = [("", "à la fin de l’ordre du jour"), *sections]

    def clean_title(self) -> str:
        """The titles that it holds, each short enough."""
        text: str = self.cleaned_data["title"]
        members = self.meeting.basis.composition.members
        self.titles = pasted.read(
            richtext.printable(text.replace("\v", " ")),
            people=[member for member in members if member.deliberates],
            known=[node.item.title for node in self.agenda.nodes],
        )
        if not self.titles:
            raise forms.ValidationError(self.fields["title"].error_messages["required"])
        if len(self.titles) > pasted.MAX_LINES:
            raise forms.ValidationError(
                f"Au plus {pasted.MAX_LINES} intitulés à la fois : cette liste en a "
                f"{len(self.titles)}."
            )
        if long := [each.text for each in self.titles if len(each.text) > pasted.MAX_TITLE]:
            raise forms.ValidationError(
                f"Un intitulé a au plus {pasted.MAX_TITLE} caractères : raccourcissez "
                f"« {long[0][:60]}… »."
            )
        return text

    @property
    def reading(self) -> tuple[pasted.Title, ...]:
        """The list as it was read, while it is doubtful and nobody saw it so."""
        is_doubtful = any(title.doubts for title in self.titles)
        return self.titles if is_doubtful and self.data.get("seen") != self.digest else ()

    @property
    def digest(self) -> str:
        """What tells a list from another."""
        text = self.data.get("title", "").replace("\r\n", "\n")
        return hashlib.blake2s(text.encode(errors="replace"), digest_size=16).hexdigest()

    def place(self, kind: str) -> dict:
        """Where an item of this kind goes, as keywords of `items.add_item`. Call after
        `is_valid`."""
        cleaned = self.cleaned_data
        heads = kind in (AgendaItem.Kind.SECTION, AgendaItem.Kind.MISCELLANEOUS)
        if parent := cleaned.get("parent"):
            above = self.agenda[parent].item
            # What heads others, or closes the sitting, is no part of an item.
            if not heads or (above.is_section and kind == AgendaItem.Kind.SECTION):
                return {"parent": above}
        if not self.agenda.is_frozen:
            is_closing = kind == AgendaItem.Kind.MISCELLANEOUS
            return {"after": None if is_closing else carrying.last_before_closing(self.agenda)}
        after = self.agenda[cleaned["after"]].item if cleaned["after"] else self._last.item
        while heads and after.parent is not None:
            after = after.parent
        return {"after": after}

    @property
    def _before_closing(self) -> Iterator[Node]:
        """The items after which one more may go: what closes the sitting stays last, as it does
        when nothing is chosen, so that the end of the agenda bears one number."""
        closing = AgendaItem.Kind.MISCELLANEOUS
        return (
            node
            for node in self.agenda.nodes
            if node.item.kind != closing or carrying.last_before_closing(self.agenda) is None
        )

    @property
    def _last(self) -> Node:
        """The item after which one more goes at the end of a frozen agenda."""
        item = carrying.last_before_closing(self.agenda)
        return self.agenda[item.key] if item else self.agenda.roots[-1]

    @property
    def _end(self) -> str:
        """Where that is, in words, and what it becomes there."""
        if carrying.last_before_closing(self.agenda) is None:
            return f"à la fin{self._as(self._last)}"
        keys = [node.item.key for node in self.agenda.roots]
        closing = self.agenda.roots[keys.index(self._last.item.key) + 1].item.title[:40]
        return f"le dernier{self._as(self._last)}, avant «\u00a0{closing}\u00a0»"

    def _as(self, after: Node) -> str:
        label = self.agenda.later_label(after)
        return f" : deviendra {label}" if label else ""


class DebateForm(forms.Form):
    """What was said; `version` tells a save over somebody else's text from a save in turn."""

    MAX_LENGTH = 5_000_000

    text = forms.CharField(
        label="Ce qui s’est dit",
        required=False,
        widget=DebateEditor(sensitive=True),
        max_length=MAX_LENGTH,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class MajorityMixin(forms.Form):
    """What a vote needs to be adopted: the usual majority, one of two known by their name, or the
    one that a text asks for. Valid, `majority` is a key of `majorities.of`."""

    ARTICLE_MAX = 200

    majority = forms.ChoiceField(
        label="Majorité",
        required=False,
        choices=[*majorities.USUAL.items(), (majorities.OTHER, "une autre, que fixe un texte…")],
        initial=majorities.ORDINARY,
        error_messages={"invalid_choice": "Cette majorité n’existe pas."},
    )
    fraction = forms.ChoiceField(
        label="Il faut",
        required=False,
        choices=majorities.FRACTIONS.items(),
        initial="2/3",
        error_messages={"invalid_choice": "Cette part n’existe pas."},
    )
    base = forms.ChoiceField(
        label="De quoi",
        required=False,
        choices=majorities.BASES.items(),
        error_messages={"invalid_choice": "Cette base n’existe pas."},
    )
    article = forms.CharField(
        label="Le texte qui le veut",
        required=False,
        max_length=ARTICLE_MAX,
        help_text="L’article du code ou la clause des statuts : « art. 12 des statuts ».",
    )

    def clean(self):
        cleaned = super().clean()
        asked = [(cleaned.pop(name, "") or "").strip() for name in ("fraction", "base", "article")]
        if "majority" in cleaned and not cleaned["majority"]:
            cleaned["majority"] = majorities.ORDINARY
        if cleaned.get("majority") == majorities.OTHER:
            if all(asked):
                cleaned["majority"] = majorities.key(*asked)
            elif "article" not in self.errors:
                message = "Dites la part, de quoi, et l’article ou la clause qui le veut."
                self.add_error("article", message)
        return cleaned


class BallotForm(FindingsMixin, MajorityMixin):
    """A vote entered by its exceptions: everybody is for, unless said otherwise."""

    OPTIONS = [
        (ballots.Choice.FOR.value, "Pour"),
        (ballots.Choice.AGAINST.value, "Contre"),
        (ballots.Choice.ABSTAIN.value, "S’abstient"),
        (ballots.Choice.NOT_VOTING.value, "Ne prend pas part"),
    ]
    COUNTS = [
        (ballots.Choice.FOR, "pour"),
        (ballots.Choice.AGAINST, "contre"),
        (ballots.Choice.ABSTAIN, "abstentions"),
        (ballots.Choice.NOT_VOTING, "ne prennent pas part"),
        (ballots.Choice.BLANK, "blancs"),
        (ballots.Choice.NULL, "nuls"),
    ]

    mode = forms.ChoiceField(
        label="Mode de scrutin",
        choices=[
            (ballots.Mode.ORDINARY.value, "ordinaire, à main levée"),
            (ballots.Mode.PUBLIC.value, "public, avec les noms"),
            (ballots.Mode.SECRET.value, "secret"),
        ],
        initial=ballots.Mode.ORDINARY.value,
    )
    question = forms.CharField(
        label="Question posée",
        required=False,
        max_length=300,
        help_text="Vide : le point lui-même. Sinon un amendement, une ligne…",
    )
    counted = forms.ChoiceField(
        label="Décompte",
        required=False,
        choices=[
            ("", "voix comptées"),
            (ballots.Verdict.ADOPTED.value, "adopté, sans décompte"),
            (ballots.Verdict.REJECTED.value, "rejeté, sans décompte"),
        ],
        help_text="Sans décompte, le procès-verbal ne dit ni chiffres ni unanimité.",
    )
    stated = forms.CharField(
        label="Résultat, dans les mots de la séance",
        required=False,
        max_length=300,
        help_text="« à la majorité », « à l’unanimité, à l’exception des intéressés »…",
    )
    amended = forms.CharField(
        label="Correction apportée au texte avant le vote",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="D’un procès-verbal approuvé, ou de la délibération. Vide : aucune. Ses "
        "articles s’écrivent ensuite, tels qu’ils sont adoptés.",
    )
    reason = forms.CharField(
        label="Motif du scrutin secret",
        required=False,
        max_length=300,
        help_text="Si personne ne l’a demandé : une nomination, les statuts…",
    )

    field_names = {"choices": "__all__", "counts": "__all__"}

    def __init__(self, *args, state: sitting.State, item: str, regime: Regime, **kwargs):
        super().__init__(*args, **kwargs)
        self.state, self.item, self.regime = state, item, regime
        self.helper = Tagless(self)
        composition = state.composition
        for voice in state.voices:
            label = composition[voice.seat].name
            if voice.caster != voice.seat:
                label = f"{label} (par {composition.someone(voice.caster).name})"
            self.fields[f"seat_{voice.seat}"] = forms.ChoiceField(
                label=label,
                choices=self.OPTIONS,
                initial=ballots.Choice.FOR.value,
                required=False,
                widget=forms.RadioSelect,
            )
        for choice, label in self.COUNTS:
            self.fields[f"count_{choice.value}"] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=100_000
            )

    @property
    def seat_fields(self):
        """One field a voter, when votes are told by name."""
        return [self[name] for name in self.fields if name.startswith("seat_")]

    @property
    def count_fields(self):
        """One field a choice, when votes are counted."""
        return [self[name] for name in self.fields if name.startswith("count_")]

    def ballot(self) -> ballots.Ballot:
        """The ballot as the law knows it."""
        cleaned = self.cleaned_data
        mode = ballots.Mode(cleaned["mode"])
        named = {
            name.removeprefix("seat_"): ballots.Choice(value)
            for name, value in cleaned.items()
            if name.startswith("seat_") and value
        }
        if mode is ballots.Mode.ORDINARY:
            named = {k: v for k, v in named.items() if v is not ballots.Choice.FOR}
        elif mode is ballots.Mode.PUBLIC:
            seats = [voice.seat for voice in self.state.voices]
            named = {seat: named.get(seat, ballots.Choice.FOR) for seat in seats}
        else:
            named = {}
        counts = {}
        for choice, _ in self.COUNTS:
            if value := cleaned.get(f"count_{choice.value}"):
                counts[choice] = value
        if mode is ballots.Mode.ORDINARY:
            counts.pop(ballots.Choice.FOR, None)
        elif mode is ballots.Mode.PUBLIC:
            counts = {}
        rejected = cleaned["counted"] == ballots.Verdict.REJECTED
        return ballots.Ballot(
            item=self.item,
            question=cleaned["question"].strip(),
            reason=cleaned["reason"].strip() if mode is ballots.Mode.SECRET else "",
            mode=mode,
            default=ballots.Choice.AGAINST if rejected else ballots.Choice.FOR,
            choices=named,
            counts=counts,
            majority=majorities.of(self.regime, self.cleaned_data["majority"]),
            stated=cleaned["stated"].strip(),
            is_counted=not cleaned["counted"],
            amended=cleaned["amended"].strip(),
        )


ROUNDS = (1, 2, 3)
_BORN = re.compile(r"\s*\(\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*\)$")


def _round(n: int) -> dict[str, forms.Field]:
    """What is read out of one round: the votes, then the papers."""
    papers = {"required": False, "min_value": 0}
    return {
        f"round_{n}": forms.CharField(
            label=f"{french.ordinal(n)} tour",
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Une ligne par candidat ou par liste : « Nom : 12 »." if n == 1 else "",
        ),
        f"voters_{n}": forms.IntegerField(
            label="bulletins",
            help_text="Vide : le total des voix, des blancs et des nuls.",
            **papers,
        ),
        f"blank_{n}": forms.IntegerField(label="blancs", **papers),
        f"null_{n}": forms.IntegerField(label="nuls", **papers),
    }


class ElectionForm(FindingsMixin, forms.Form):
    """An election as the tellers read it out: one line per candidate or list, each round apart.

    A candidate who is a member of the body is known by his name; anybody else is an outsider.
    """

    METHODS = [
        (elections.Method.BY_NAME.value, "uninominale, ou plusieurs noms"),
        (elections.Method.UNOPPOSED.value, "candidature unique, sans vote"),
        (elections.Method.MAJORITY_LIST.value, "de liste, à la majorité"),
        (elections.Method.LARGEST_REMAINDER.value, "proportionnelle, au plus fort reste"),
        (elections.Method.HIGHEST_AVERAGE.value, "proportionnelle, à la plus forte moyenne"),
    ]
    SECRECY = [
        (elections.Secrecy.SECRET.value, "au scrutin secret"),
        (elections.Secrecy.WAIVED.value, "secret levé à l’unanimité"),
        (elections.Secrecy.IMPOSED.value, "au scrutin secret, imposé par un texte"),
    ]

    title = forms.CharField(
        label="Fonction",
        max_length=200,
        help_text="Au masculin singulier : « vice-président », « membre de la commission ».",
    )
    method = forms.ChoiceField(label="Mode d’élection", choices=METHODS)
    secrecy = forms.ChoiceField(label="Secret", choices=SECRECY)
    opposed = forms.IntegerField(
        label="Contre la levée du secret, ou abstentions",
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="0 : levé à l’unanimité.",
    )
    seats = forms.IntegerField(label="Sièges", min_value=1, max_value=200, initial=1)
    substitutes = forms.IntegerField(
        label="Suppléants", required=False, min_value=0, max_value=200, initial=0
    )
    lists = forms.CharField(
        label="Listes, ou candidats sans vote",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Une par ligne. Pour une liste : « Titre : Nom, Nom, Nom ».",
    )
    tellers = forms.MultipleChoiceField(label="Scrutateurs", required=False)

    def __init__(
        self, *args, state: sitting.State, item: str, is_executive: bool = False, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.state, self.item = state, item
        if is_executive:
            # Secret by law: nobody waives it (art. L2122-7).
            self.fields["secrecy"].choices = self.SECRECY[-1:]
            del self.fields["opposed"]
        for n in ROUNDS:
            self.fields |= _round(n)
        self.helper = Tagless(self)
        present = [state.composition[key] for key in sorted(state.room)]
        self.fields["tellers"].choices = [(m.key, m.name) for m in present if m.deliberates]
        members = state.composition.members
        self.keys = {m.name.casefold(): m.key for m in members}
        self.namesakes = [m for m in members if m.plain_name.casefold() not in self.keys]
        self.outsiders: dict[str, str] = {}
        self.born: dict[str, date] = {}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("method") == elections.Method.UNOPPOSED:
            self._stand_alone(cleaned)
        for name in ("lists", *(f"round_{n}" for n in ROUNDS)):
            self._tell_apart(name, cleaned.get(name) or "")
        for name in (f"round_{n}" for n in ROUNDS):
            try:
                cleaned[name] = self._votes(cleaned.get(name, ""))
            except ValueError as error:
                message = (
                    f"« {error} » ne se lit pas : écrivez « Nom : 12 ». Seule candidature, et "
                    "rien n’impose de vote : choisissez « candidature unique, sans vote », le "
                    "nom y suffit."
                )
                self.add_error(name, french.nbsp(message))
        return cleaned

    def _tell_apart(self, field: str, text: str) -> None:
        """A name that several members bear is typed with what tells them apart."""
        for member in self.namesakes:
            if re.search(rf"\b{re.escape(member.plain_name)}\s*([,:\n]|$)", text, re.IGNORECASE):
                same = [m.name for m in self.namesakes if m.plain_name == member.plain_name]
                told = f"Plusieurs membres portent ce nom\u00a0: écrivez {' ou '.join(same)}."
                self.add_error(field, told)
                return

    @staticmethod
    def _stand_alone(cleaned: dict) -> None:
        """Who stands alone may be named where the votes of a round are: there are none."""
        lines = [line.strip() for line in cleaned.get("round_1", "").splitlines() if line.strip()]
        if lines and not any(":" in line for line in lines):
            cleaned["lists"] = "\n".join([*lines, cleaned.get("lists", "")])
            cleaned["round_1"] = ""

    def rounds(self) -> list[list[forms.BoundField]]:
        """The fields of each round, for the page."""
        return [[self[name] for name in _round(n)] for n in ROUNDS]

    def _key(self, name: str) -> str:
        """The key of a member of that name, or the one an outsider's name makes; a date of birth
        told after it, « Nom (12/05/1958) », is kept: it settles a tie."""
        name = " ".join(name.split())
        if told := _BORN.search(name):
            name = name[: told.start()].strip()
            day, month, year = map(int, told.groups())
            try:
                self.born[self.keys.get(name.casefold()) or slugify(name)] = date(year, month, day)
            except ValueError:
                raise ValueError(told[0].strip(" ()")) from None
        key = self.keys.get(name.casefold())
        if key is None:
            key = slugify(name) or "candidat"
            self.outsiders[key] = name
        return key

    def _votes(self, text: str) -> dict[str, int]:
        votes = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            name, _, number = line.rpartition(":")
            if not name.strip() or not number.strip().isdecimal():
                raise ValueError(line[:80])
            votes[self._key(name)] = int(number)
        return votes

    def election(self) -> elections.Election:
        """The election as the law knows it. Call after `is_valid`."""
        cleaned = self.cleaned_data
        method = elections.Method(cleaned["method"])
        lines = [line.strip() for line in cleaned["lists"].splitlines() if line.strip()]
        rounds = tuple(
            elections.Round(
                votes=cleaned[f"round_{n}"],
                blank=cleaned[f"blank_{n}"] or 0,
                null=cleaned[f"null_{n}"] or 0,
                voters=cleaned[f"voters_{n}"] or 0,
            )
            for n in ROUNDS
            if cleaned[f"round_{n}"]
        )
        lists: tuple[elections.List, ...] = ()
        names: list[str] = []
        if any(":" in line for line in lines):
            lists = tuple(self._list(line) for line in lines)
        else:
            names = [self._key(line) for line in lines]
        is_by_name = method in (elections.Method.BY_NAME, elections.Method.UNOPPOSED)
        if is_by_name:
            names += [key for round_ in rounds for key in round_.votes]
        people = dict.fromkeys(names)
        for found in lists:
            people |= dict.fromkeys(found.candidates)
        return elections.Election(
            item=self.item,
            title=cleaned["title"].strip(),
            method=method,
            secrecy=elections.Secrecy(cleaned["secrecy"]),
            opposed=cleaned.get("opposed"),
            seats=cleaned["seats"],
            substitutes=cleaned["substitutes"] or 0,
            candidates=tuple(
                elections.Candidate(
                    key=key, name=self.outsiders.get(key, ""), born_on=self.born.get(key)
                )
                for key in people
            ),
            lists=lists,
            rounds=rounds,
            tellers=tuple(cleaned["tellers"]),
        )

    def _list(self, line: str) -> elections.List:
        title, _, names = line.partition(":")
        candidates = tuple(self._key(name) for name in names.split(",") if name.strip())
        key = self._key(title)
        self.outsiders.pop(key, None)
        return elections.List(key=key, title=title.strip(), candidates=candidates)

    def take(self, findings):
        """Show objections beside the round that they name."""
        for finding in findings:
            if finding.severity is Severity.WARNING:
                continue
            place = re.match(r"rounds\[(\d)\]", finding.field)
            name = f"round_{int(place[1]) + 1}" if place else finding.field
            self.add_error(name if name in self.fields else None, str(finding))


class FateForm(forms.Form):
    """What became of an item without a vote."""

    LABELS = {
        sitting.Fate.TOOK_NOTE: "prend acte",
        sitting.Fate.NO_VOTE: "examiné, sans vote",
        sitting.Fate.FAVOURABLE: "avis favorable",
        sitting.Fate.UNFAVOURABLE: "avis défavorable",
        sitting.Fate.POSTPONED: "reporté",
        sitting.Fate.ADJOURNED: "ajourné",
        sitting.Fate.WITHDRAWN: "retiré",
    }

    fate = forms.ChoiceField(
        label="Suite donnée",
        required=False,
        choices=[("", "—"), *((fate.value, label) for fate, label in LABELS.items())],
    )
    note = forms.CharField(label="Précision", required=False, max_length=500)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)


class MovementForm(FindingsMixin, forms.Form):
    """Something that happened beside the votes, placed by its hour, its item, or both."""

    KINDS = {
        "arrived": "Une arrivée",
        "left": "Un départ",
        "seat_taken": "Une suppléance",
        "proxy_given": "Un pouvoir donné",
        "proxy_revoked": "Un pouvoir retiré",
        "installed": "Une installation",
        "vacated": "Une fin de mandat",
        "item_opened": "Un point rappelé",
        "recused": "Un déport",
        "college_set": "Un point à la carte",
        "ballot_requested": "Une demande de scrutin",
        "chair_taken": "Un changement de présidence",
        "clerks_named": "Un changement de secrétaire",
        "suspended": "Une suspension",
        "resumed": "Une reprise",
        "doors_closed": "Le huis clos",
        "doors_kept_open": "Un huis clos refusé",
        "doors_opened": "La fin du huis clos",
    }
    # As one looks for them: a title, what is told under it.
    GROUPS = (
        ("Qui entre, qui sort", ("arrived", "left", "seat_taken", "recused")),
        ("Pouvoirs et mandats", ("proxy_given", "proxy_revoked", "installed", "vacated")),
        ("Conduite", ("chair_taken", "clerks_named", "suspended", "resumed")),
        ("Votes", ("item_opened", "college_set", "ballot_requested")),
        ("Huis clos", ("doors_closed", "doors_kept_open", "doors_opened")),
    )
    # Which fields each kind asks for, beyond the hour and the place in the agenda.
    ASKS = {
        "arrived": ("member", "remote"),
        "left": ("member", "definitive"),
        "seat_taken": ("substitute", "titular"),
        "proxy_given": ("giver", "holder", "written_on", "illness"),
        "proxy_revoked": ("giver",),
        "installed": ("member",),
        "vacated": ("member", "ending"),
        "item_opened": (),
        "recused": ("member", "ground"),
        "college_set": ("members",),
        "ballot_requested": ("mode", "members"),
        "chair_taken": ("member", "for_item", "elected"),
        "clerks_named": ("member",),
        "suspended": ("reason",),
        "resumed": (),
        "doors_closed": ("requesters", "votes_for"),
        "doors_kept_open": ("requesters", "votes_for"),
        "doors_opened": (),
    }
    OF_AN_ITEM = frozenset({"recused", "college_set", "ballot_requested", "item_opened"})
    OF_THE_ROLL = frozenset({"arrived", "seat_taken", "proxy_given"})
    AT_OPENING = "-ouverture"  # no key of an item
    MODES = [
        (ballots.Mode.PUBLIC.value, "public, avec les noms"),
        (ballots.Mode.SECRET.value, "secret"),
    ]
    GROUNDS = [
        (sitting.Ground.PERSONAL.value, "intérêt personnel"),
        (sitting.Ground.OUTSIDE_BODY.value, "organisme extérieur (art. L1111-6, II)"),
        (sitting.Ground.ACCOUNTS.value, "vote des comptes"),
        (sitting.Ground.OTHER.value, "sans motif indiqué"),
    ]

    ENDINGS = [
        (sitting.Ending.RESIGNED.value, "démission"),
        (sitting.Ending.DIED.value, "décès"),
        (sitting.Ending.REPLACED.value, "remplacement"),
    ]

    member = forms.ChoiceField(label="Qui")
    ending = forms.ChoiceField(label="Pourquoi", choices=ENDINGS)
    substitute = forms.ChoiceField(label="Suppléant·e")
    titular = forms.ChoiceField(label="À la place de")
    giver = forms.ChoiceField(label="De")
    holder = forms.ChoiceField(
        label="À",
        required=False,
        help_text="Vide si le papier repris ne dit pas qui le porte.",
    )
    written_on = DayField(label="Écrit le", required=False)
    illness = forms.BooleanField(label="maladie dûment constatée", required=False)
    mode = forms.ChoiceField(label="Scrutin demandé", choices=MODES)
    members = forms.MultipleChoiceField(
        label="Demandé par", widget=forms.CheckboxSelectMultiple(), help_text="Les seuls présents."
    )
    requesters = forms.IntegerField(
        label="Demandé par",
        required=False,
        min_value=1,
        max_value=5000,
        help_text="Nombre de membres ; vide si le président le demande.",
    )
    votes_for = forms.IntegerField(
        label="Voix pour",
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="Il en faut plus de la moitié des membres présents ou représentés.",
    )
    ground = forms.ChoiceField(label="Motif", choices=GROUNDS)
    definitive = forms.BooleanField(label="définitif", required=False, initial=True)
    remote = forms.BooleanField(label="à distance", required=False)
    reason = forms.CharField(label="Motif", required=False, max_length=200)
    for_item = forms.BooleanField(label="pour ce seul point", required=False)
    elected = forms.BooleanField(
        label="l’assemblée l’a élu",
        required=False,
        help_text="Au vote des comptes, l’assemblée élit qui préside ce point.",
    )
    at = forms.TimeField(label="À", required=False, widget=TimeInput())
    item = forms.ChoiceField(label="Point", required=False)

    field_names = {"before": "item", "nth": "written_on"}

    def __init__(self, *args, meeting: Meeting, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting, self.kind = meeting, kind
        asked = (*self.ASKS[kind], "at", "item")
        for name in list(self.fields):
            if name not in asked:
                del self.fields[name]
        self.order_fields(asked)
        self.helper = Tagless(self)  # draws the fields that are left, in this order
        if "written_on" in self.fields:
            article = article_of(meeting.regime, "proxy_sittings")
            self.fields["written_on"].help_text = (
                f"Le même écrit vaut pour {meeting.regime.proxy_sittings} séances de suite au "
                f"plus ({article}) : elles se comptent dans les registres."
            )
        members = meeting.basis.composition.members
        chooses = {
            "member": list(members),
            "substitute": [m for m in members if m.capacity is assembly.Capacity.SUBSTITUTE],
            "titular": [m for m in members if m.capacity is assembly.Capacity.TITULAR],
            "giver": [m for m in members if m.capacity is assembly.Capacity.TITULAR],
            "holder": [m for m in members if m.deliberates],
        }
        for name, people in chooses.items():
            if name in self.fields:
                self.fields[name].choices = [("", "—"), *((m.key, m.name) for m in people)]
        items = [
            (node.item.key, f"{node.number} {node.item.title}".strip()[:90])
            for node in meeting.agenda.nodes
            if not node.item.is_section
        ]
        of_an_item = kind in self.OF_AN_ITEM
        self.fields["item"].label = "Pour le point" if of_an_item else "Avant le point"
        self.fields["item"].required = of_an_item
        self.fields["item"].choices = [("", "—"), *items]
        if kind in self.OF_THE_ROLL:
            self.fields["item"].label = "Depuis"
            self.fields["item"].choices = [
                ("", "—"),
                (self.AT_OPENING, "l’ouverture"),
                *((key, f"avant le point {title}") for key, title in items),
            ]
            if meeting.sitting.at_end.opened_at is None:
                self.fields["item"].initial = self.AT_OPENING
        if kind == "ballot_requested":
            self.fields["members"].choices = [(m.key, m.name) for m in members if m.deliberates]
        elif kind == "college_set":
            self.groups = _groups(meeting.basis.composition)
            self.fields["members"].label = "Délégués concernés"
            self.fields["members"].help_text = "Eux seuls votent, avec la personne qui préside."
            self.fields["members"].choices = [(name, name) for name in self.groups]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("for_item") and not cleaned.get("item"):
            self.add_error("item", "Choisissez le point présidé.")
        if self.kind == "item_opened" and cleaned.get("item"):
            self._clean_call(cleaned["item"])
        if self.kind == "clerks_named" and not (cleaned.get("at") or cleaned.get("item")):
            self.add_error("at", "L’heure, ou le point, dit qui tenait le secrétariat d’ici là.")
        return cleaned

    def _clean_call(self, item: str) -> None:
        """An item is called again where the ledger says when it was called, and at its hour: one
        that was not is at its place, and who came is noted before it."""
        calls = self.meeting.sitting.of_kind(sitting.ItemOpened)
        if not any(call.item == item for call in calls):
            words = "L’appel de ce point n’est pas noté : notez plutôt qui est arrivé avant lui."
            self.add_error("item", words)
        if not self.cleaned_data.get("at"):
            self.add_error("at", "L’heure dit après quoi ce point a été rappelé.")

    def event(self) -> sitting.Event:
        """What happened, as the law tells it."""
        cleaned = dict(self.cleaned_data)
        at = _moment(self.meeting, cleaned.pop("at"))
        item = cleaned.pop("item")
        if item == self.AT_OPENING:
            item, at = "", at or self.meeting.sitting.at_end.opened_at
        place = {"at": at, "before": item or None}
        match self.kind:
            case "arrived":
                return sitting.Arrived(**cleaned, **place)
            case "left":
                return sitting.Left(**cleaned, **place)
            case "seat_taken":
                return sitting.SeatTaken(**cleaned, **place)
            case "proxy_given":
                return sitting.ProxyGiven(**cleaned, **place)
            case "proxy_revoked":
                return sitting.ProxyRevoked(**cleaned, **place)
            case "installed":
                return sitting.Installed(**cleaned, **place)
            case "vacated":
                ending = sitting.Ending(cleaned["ending"])
                return sitting.Vacated(member=cleaned["member"], ending=ending, **place)
            case "item_opened":
                return sitting.ItemOpened(item=item, at=at)
            case "recused":
                ground = sitting.Ground(cleaned["ground"])
                return sitting.Recused(member=cleaned["member"], item=item, ground=ground, at=at)
            case "college_set":
                chosen = set().union(*(self.groups[name] for name in cleaned["members"]))
                titulars = self.meeting.basis.composition.titulars
                seats = tuple(m.key for m in titulars if m.key in chosen)
                return sitting.CollegeSet(item=item, members=seats, at=at)
            case "ballot_requested":
                return sitting.BallotRequested(
                    item=item,
                    mode=ballots.Mode(cleaned["mode"]),
                    members=tuple(cleaned["members"]),
                    at=at,
                )
            case "chair_taken" if cleaned["for_item"]:
                chosen = {"member": cleaned["member"], "elected": cleaned["elected"]}
                return sitting.ChairTaken(item=item, at=at, **chosen)
            case "chair_taken":
                chosen = {"member": cleaned["member"], "elected": cleaned["elected"]}
                return sitting.ChairTaken(**chosen, **place)
            case "clerks_named":
                return sitting.ClerksNamed(clerks=(cleaned["member"],), **place)
            case "suspended":
                return sitting.Suspended(**cleaned, **place)
            case "resumed":
                return sitting.Resumed(**place)
            case "doors_closed":
                return sitting.DoorsClosed(
                    requesters=cleaned["requesters"] or 0, votes_for=cleaned["votes_for"], **place
                )
            case "doors_kept_open":
                return sitting.DoorsKeptOpen(
                    requesters=cleaned["requesters"] or 0, votes_for=cleaned["votes_for"], **place
                )
        return sitting.DoorsOpened(**place)


def _groups(composition: assembly.Composition) -> dict[str, set[str]]:
    """The seats of each community, then of each constituency, by the name one chooses."""
    groups: dict[str, set[str]] = {}
    for attribute in ("community", "constituency"):
        for member in composition.titulars:
            if name := getattr(member, attribute):
                groups.setdefault(name, set()).add(member.key)
    return groups
