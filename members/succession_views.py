"""A mandate on its page: who holds it, what comes after, and what that would change.

What writes asks for a second proof, and is at an address of `accounts`.
"""

from contextlib import suppress
from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from law import french
from members import access, addresses, days, succession
from members.access import edits, posted
from members.forms import END_REASONS, DayField, Tagless
from members.models import Mandate, Person, Role

# After which nobody is given another seat of the body: a term that ends may be renewed.
_LEFT = (Mandate.EndReason.RESIGNATION, Mandate.EndReason.DEATH, Mandate.EndReason.REPLACED)
NEW, KNOWN, NOBODY = "nouvelle", "connue", "personne"


class SuccessionForm(forms.Form):
    """When and why a mandate ends, and who comes after: somebody new, known, or nobody yet."""

    after = forms.ChoiceField(
        label="À sa suite",
        widget=forms.RadioSelect,
        initial=NEW,
        choices=[
            (NEW, "Remplacer par une personne nouvelle"),
            (KNOWN, "Remplacer par une personne connue, un suppléant par exemple"),
            (NOBODY, "Mettre fin sans remplacer\u00a0: le siège reste à pourvoir"),
        ],
    )
    on = DayField(label="Dernier jour")
    reason = forms.ChoiceField(
        label="Motif",
        widget=forms.RadioSelect,
        choices=END_REASONS,
    )
    civility = forms.ChoiceField(
        label="Civilité", required=False, widget=forms.RadioSelect, choices=Person.Civility
    )
    first_name = forms.CharField(label="Prénom", required=False, max_length=100)
    last_name = forms.CharField(label="Nom", required=False, max_length=200)
    email = addresses.MailInput(
        label="Adresse électronique",
        required=False,
        help_text="Les convocations y arrivent\u00a0; l’administration y invite à ouvrir un "
        "compte.",
    )
    is_namesake = forms.BooleanField(
        label="C’est un homonyme, une autre personne",
        required=False,
        widget=forms.HiddenInput,  # shown to whoever has to say it
    )
    successor = forms.ModelChoiceField(
        Person.objects.none(), label="Personne connue", required=False, empty_label="Choisissez"
    )
    helper = Tagless()

    def __init__(self, *args, mandate: Mandate, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.mandate = mandate
        today = timezone.localdate()
        self.fields["on"].initial = today  # the preview says it back
        self.fields["reason"].error_messages["required"] = "À choisir."
        if mandate.end_on:  # when and why is written: who comes after, and since when, is not
            self.fields["on"].label = "À partir du"
            self.fields["on"].initial = max(today, min(mandate.end_on, days.LAST) + days.ONE_DAY)
            del self.fields["reason"]
            self.fields["after"].choices = [
                (NEW, "Une personne nouvelle"),
                (KNOWN, "Une personne connue, un suppléant par exemple"),
            ]
        self._offer(mandate)
        self.others = {f"autre-{other.pk}": other for other in succession.others_of(mandate)}
        for name, other in self.others.items():
            self.fields[name] = forms.ChoiceField(
                label=f"Son mandat dans «\u00a0{other.body}\u00a0»",
                initial=succession.ENDS,
                choices=[
                    (succession.ENDS, "prend fin aussi"),
                    (succession.PASSES, "passe à la même personne, sans la fonction"),
                    (succession.STAYS, "demeure"),
                ],
            )

    def _offer(self, mandate: Mandate) -> None:
        """Those who may come after: who sits there already may not, nor who has just left, a
        substitute apart; those of the same community are looked for first."""
        sitting = mandate.body.mandates.filter(end_on=None)
        there = sitting.exclude(capacity=Mandate.Capacity.SUBSTITUTE).values("person")
        persons = mandate.body.organisation.persons.exclude(pk=mandate.person_id)
        field = self.fields["successor"]
        left = mandate.body.mandates.filter(
            end_on__gte=mandate.end_on or timezone.localdate(), end_reason__in=_LEFT
        ).exclude(capacity=Mandate.Capacity.SUBSTITUTE)
        field.queryset = persons.exclude(pk__in=there).exclude(pk__in=left.values("person"))
        field.error_messages["invalid_choice"] = (
            "Cette personne ne peut pas prendre la suite\u00a0: elle siège déjà ici, ou vient d’en "
            "partir."
        )
        waiting = {
            row.person_id: row.community
            for row in sitting.select_related("community").order_by("-start_on")
        }
        near, far = mandate.community or "", "Ne siègent pas ici"
        others = f"{'Autres suppléants' if near else 'Suppléants'}, {mandate.body}"
        groups: dict[str, list[tuple]] = {f"Suppléants, {near}": [], others: [], far: []}
        for person in field.queryset:
            community = waiting.get(person.pk)
            if person.pk not in waiting:
                groups[far].append((person.pk, str(person)))
            elif near and community == near:
                groups[f"Suppléants, {near}"].append((person.pk, str(person)))
            else:
                named = f"{person}, {community}" if community else str(person)
                groups[others].append((person.pk, named))
        field.choices = [
            ("", field.empty_label),
            *((n, rows) for n, rows in groups.items() if rows),
        ]

    def clean_on(self) -> date:
        """Of a mandate that has ended, a day after it."""
        on = self.cleaned_data["on"]
        if self.mandate.end_on and on <= self.mandate.end_on:
            told = french.long_date(self.mandate.end_on)
            raise ValidationError(f"Son mandat court jusqu’au {told}\u00a0: un jour d’après.")
        return on

    def clean(self) -> dict:
        """Whoever comes after is said whole."""
        cleaned = super().clean()
        needed = {
            NEW: {
                "civility": "À choisir.",
                "first_name": "À remplir.",
                "last_name": "À remplir.",
            },
            KNOWN: {"successor": "À choisir."},
        }
        for name, message in needed.get(cleaned.get("after", ""), {}).items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(message))
        return cleaned

    @property
    def last_day(self) -> date:
        """The day before somebody else sits."""
        on = self.cleaned_data["on"]
        return on - days.ONE_DAY if self.mandate.end_on else on

    def asked(self) -> succession.Asked:
        """What is asked, the new person not yet written."""
        cleaned = self.cleaned_data
        successor = cleaned["successor"] if cleaned["after"] == KNOWN else None
        if cleaned["after"] == NEW:
            successor = Person(
                organisation=self.mandate.body.organisation,
                **{key: cleaned[key] for key in ("civility", "first_name", "last_name", "email")},
            )
        return succession.Asked(
            mandate=self.mandate,
            on=self.last_day,
            reason=cleaned.get("reason", self.mandate.end_reason),
            successor=successor,
            is_namesake=cleaned["is_namesake"],
            others={other.pk: cleaned[name] for name, other in self.others.items()},
        )


@edits
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Who holds it, her account, and the form of what comes after; sent, what it would change."""
    found = access.get_mandate(request, pk)
    if request.method == "POST" and (there := succession.taker_of(found)) is not None:
        messages.error(request, succession.taken(there))
        return redirect("members:mandate", pk=pk)
    form = SuccessionForm(posted(request), mandate=found, initial=_as_asked(request))
    if form.is_valid():
        return preview(request, found, form)
    return page(request, found, form)


def _as_asked(request: HttpRequest) -> dict:
    """The last day and its reason, where the address says them."""
    asked: dict = {}
    with suppress(ValueError):
        asked["on"] = date.fromisoformat(request.GET.get("le", ""))
    if reason := request.GET.get("motif"):
        asked["reason"] = reason
    return asked


def page(request: HttpRequest, found: Mandate, form: SuccessionForm | None = None) -> HttpResponse:
    """The page of a mandate, with this form when it runs still."""
    account = found.person.user
    roles = account.roles.filter(organisation=found.body.organisation) if account else ()
    held = {role.kind for role in roles}
    may_be_followed = succession.may_be_followed(found)
    context = {
        "body": found.body,
        "mandate": found,
        "form": (form or SuccessionForm(mandate=found)) if may_be_followed else None,
        "may_be_undone": succession.may_be_undone(found),
        "gives_back": succession.gives_back(found),
        "successor": succession.successor_of(found),
        "held": [(role.kind, role.get_kind_display()) for role in roles],
        "free": [(kind, kind.label, Role.OPENS[kind]) for kind in Role.Kind if kind not in held],
        "delegate": Role.Kind.DELEGATE.label,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "members/mandate.html", context, status=status)


def preview(
    request: HttpRequest, found: Mandate, form: SuccessionForm, *, findings=()
) -> HttpResponse:
    """What the form would change, sentence by sentence, and the button that does it."""
    plan = succession.plan(form.asked())
    fresh = access.get_mandate(request, found.pk)  # the plan has ended the other in memory
    if any(finding.field == "is_namesake" for finding in plan.findings):
        form.fields["is_namesake"].widget = forms.CheckboxInput()
    if plan.findings:
        for finding in plan.findings:
            form.add_error(finding.field if finding.field in form.fields else None, str(finding))
        form.mandate = fresh
        return page(request, fresh, form)
    held = [(bound.html_name, value) for bound in form for value in [bound.data] if value]
    context = {
        "body": fresh.body,
        "mandate": fresh,
        "plan": plan,
        "on": form.last_day,
        "held": held,
        "findings": findings,
        "told": [*plan.told, *_of_accounts(request, fresh, form)],
    }
    return render(request, "members/succession.html", context, status=409 if findings else 200)


def _of_accounts(request: HttpRequest, found: Mandate, form: SuccessionForm) -> list[str]:
    """What becomes of the account of the former, and how the successor comes in."""
    told, cleaned = [], form.cleaned_data
    kept = [other for name, other in form.others.items() if cleaned[name] == succession.STAYS]
    if found.person.user_id and not kept and not found.end_on:
        told.append(
            f"Compte {found.person.user.email}\u00a0: il lit encore les séances d’ici au "
            f"{french.long_date(cleaned['on'])}, rien de ce qui vient après."
        )
    to = form.asked().successor
    if to is not None and to.email and to.user_id is None:
        administers = access.has_role(
            request.user, found.body.organisation, Role.Kind.ADMINISTRATION
        )
        if not administers:
            how = (
                f"Invitation de {to.email}\u00a0: l’administration l’enverra, à la page des "
                f"comptes."
            )
        elif addresses.mails_stay():
            how = (
                f"Un compte s’ouvre pour {to.email}\u00a0; aucun serveur de courriel n’est réglé, "
                f"l’invitation reste ici."
            )
        else:
            how = f"Un courriel invite {to.email} à ouvrir un compte, et à s’y rattacher."
        told.append(how)
    return told
