"""A mandate on its page: who holds it, what comes after, and what that would change.

What writes asks for a second proof, and is at an address of `accounts`.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from law import french
from members import access, succession
from members.access import edits
from members.forms import DayField, Tagless
from members.models import Mandate, Person, Role

NEW, KNOWN, NOBODY = "nouvelle", "connue", "personne"


class SuccessionForm(forms.Form):
    """When and why a mandate ends, and who comes after: somebody new, known, or nobody yet."""

    on = DayField(label="Dernier jour du mandat")
    reason = forms.ChoiceField(
        label="Motif",
        widget=forms.RadioSelect,
        choices=[
            (value, label)
            for value, label in Mandate.EndReason.choices
            # A merger and an office are acts of their own.
            if value not in (Mandate.EndReason.MERGER, Mandate.EndReason.OFFICE)
        ],
    )
    after = forms.ChoiceField(
        label="À sa suite",
        widget=forms.RadioSelect,
        initial=NEW,
        choices=[
            (NEW, "Une personne nouvelle"),
            (KNOWN, "Une personne connue, un suppléant par exemple"),
            (NOBODY, "Personne encore\u00a0: le siège reste à pourvoir"),
        ],
    )
    civility = forms.ChoiceField(
        label="Civilité", required=False, widget=forms.RadioSelect, choices=Person.Civility
    )
    first_name = forms.CharField(label="Prénom", required=False, max_length=100)
    last_name = forms.CharField(label="Nom", required=False, max_length=200)
    email = forms.EmailField(
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
        self.fields["on"].initial = timezone.localdate()  # the preview says it back
        persons = mandate.body.organisation.persons.exclude(pk=mandate.person_id)
        self.fields["successor"].queryset = persons
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

    def clean(self) -> dict:
        """Whoever comes after is said whole."""
        cleaned = super().clean()
        needed = {
            NEW: {
                "civility": "Indiquez la civilité de la personne qui prend la suite.",
                "first_name": "Indiquez le prénom de la personne qui prend la suite.",
                "last_name": "Indiquez le nom de la personne qui prend la suite.",
            },
            KNOWN: {"successor": "Choisissez la personne qui prend la suite."},
        }
        for name, message in needed.get(cleaned.get("after", ""), {}).items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(message))
        return cleaned

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
            on=cleaned["on"],
            reason=cleaned["reason"],
            successor=successor,
            is_namesake=cleaned["is_namesake"],
            others={other.pk: cleaned[name] for name, other in self.others.items()},
        )


@edits
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Who holds it, her account, and the form of what comes after; sent, what it would change."""
    found = access.get_mandate(request, pk)
    form = SuccessionForm(request.POST if request.method == "POST" else None, mandate=found)
    if form.is_valid():
        return preview(request, found, form)
    return page(request, found, form)


def page(request: HttpRequest, found: Mandate, form: SuccessionForm | None = None) -> HttpResponse:
    """The page of a mandate, with this form when it runs still."""
    account = found.person.user
    roles = account.roles.filter(organisation=found.body.organisation) if account else ()
    held = {role.kind for role in roles}
    context = {
        "body": found.body,
        "mandate": found,
        "form": None if found.end_on else form or SuccessionForm(mandate=found),
        "may_be_undone": succession.may_be_undone(found),
        "successor": succession.successor_of(found),
        # Asked already to let her account be hers.
        "waiting": account is None and found.person.link_requests.filter(decided_at=None).exists(),
        "following": _following(found),
        "held": [(role.kind, role.get_kind_display()) for role in roles],
        "free": [(kind, kind.label, Role.OPENS[kind]) for kind in Role.Kind if kind not in held],
        "delegate": Role.Kind.DELEGATE.label,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "members/mandate.html", context, status=status)


def _following(found: Mandate) -> str:
    """What the form of a new mandate begins with, for whoever comes the day after."""
    given = {
        "body": found.body_id,
        "capacity": found.capacity,
        "constituency": found.constituency_id,
    }
    given |= {"community": found.community_id, "replaces": found.replaces_id}
    if found.end_on:
        given["start_on"] = f"{found.end_on + timedelta(days=1):%d/%m/%Y}"
    return urlencode({name: value for name, value in given.items() if value})


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
        "on": form.cleaned_data["on"],
        "held": held,
        "findings": findings,
        "told": [*plan.told, *_of_accounts(request, fresh, form)],
    }
    return render(request, "members/succession.html", context, status=409 if findings else 200)


def _of_accounts(request: HttpRequest, found: Mandate, form: SuccessionForm) -> list[str]:
    """What becomes of the account of the former, and how the successor comes in."""
    told, cleaned = [], form.cleaned_data
    kept = [other for name, other in form.others.items() if cleaned[name] == succession.STAYS]
    if found.person.user_id and not kept:
        told.append(
            f"Compte {found.person.user.email}\u00a0: il lit encore les séances d’ici au "
            f"{french.long_date(cleaned['on'])}, rien de ce qui vient après."
        )
    to = form.asked().successor
    if to is not None and to.email and to.user_id is None:
        administers = access.has_role(
            request.user, found.body.organisation, Role.Kind.ADMINISTRATION
        )
        told.append(
            f"Un courriel invite {to.email} à ouvrir un compte, et à s’y rattacher."
            if administers
            else f"Invitation de {to.email}\u00a0: l’administration l’enverra, à la page "
            f"des comptes."
        )
    return told
