"""What a delegate, or the secretariat for him, sends from the answer pages."""

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files import File
from django.utils import timezone

from convening.answers import Answers
from convening.models import Answer, Question
from law.findings import Refused
from meetings import attachments
from meetings.forms import FindingsMixin, Tagless
from members.models import Mandate, Person

FORM_MAX = 10 * 1024 * 1024  # a signed proxy: one page, or the picture of one
FORM_KINDS = (attachments.PDF, attachments.JPEG, attachments.PNG)


class AnswerForm(FindingsMixin, forms.Form):
    """One word, and who comes instead, named by his key in the composition."""

    word = forms.ChoiceField(
        label="Réponse",
        choices=Answer.Word.choices,
        error_messages={
            "required": "Choisissez une réponse.",
            "invalid_choice": "Cette réponse n’existe pas.",
        },
    )
    substitute = forms.CharField(label="Suppléant", required=False, max_length=60)
    holder = forms.CharField(label="Pouvoir", required=False, max_length=60)

    def __init__(self, *args, said: Answers, **kwargs):
        super().__init__(*args, **kwargs)
        self.said = said

    def _mandate(self, name: str) -> Mandate | None:
        key = self.cleaned_data[name]
        if not key:
            return None
        if key not in self.said.people:
            raise forms.ValidationError("Cette personne ne siège pas dans l’instance.")
        return self.said.people[key]

    def clean_substitute(self) -> Mandate | None:
        return self._mandate("substitute")

    def clean_holder(self) -> Mandate | None:
        return self._mandate("holder")


class QuestionForm(FindingsMixin, forms.Form):
    """What a delegate asks the secretariat."""

    text = forms.CharField(
        label="Votre question",
        max_length=Question._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Écrivez la question.",
            "max_length": "La question compte %(show_value)s signes, %(limit_value)s au plus.",
        },
    )

    def __init__(self, *args, presides: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if presides:
            self.fields["text"].label = "Votre demande"
        self.helper = Tagless(self)


class ReplyForm(FindingsMixin, forms.Form):
    """The reply of the secretariat to a question."""

    text = forms.CharField(
        label="Réponse",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez la réponse."},
    )


class SignedProxyForm(forms.Form):
    """The signed form, as a file: known by its content, whatever its name says."""

    file = forms.FileField(
        label="Pouvoir signé",
        help_text="Un PDF ou une photo (JPEG, PNG), 10 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)

    def clean_file(self) -> File:
        """The signed proxy, by what it holds and not by its name."""
        file = self.cleaned_data["file"]
        if file.size > FORM_MAX:
            raise forms.ValidationError("Ce fichier dépasse 10 Mo : envoyez une photo plus petite.")
        try:
            checked = attachments.check(file, file.name)
        except Refused as refusal:
            raise forms.ValidationError([str(found) for found in refusal.findings]) from refusal
        kind = checked.filename.rpartition(".")[2].casefold().replace("jpeg", "jpg")
        if kind not in FORM_KINDS:
            raise forms.ValidationError("Le pouvoir signé est un PDF ou une photo (JPEG, PNG).")
        return File(file, name=f"pouvoir.{kind}")


class ReminderForm(FindingsMixin, forms.Form):
    """A day and an hour at which to remind."""

    due_at = forms.DateTimeField(
        label="Relancer le",
        widget=forms.DateTimeInput(format="%d/%m/%Y %H:%M"),
        error_messages={
            "required": "Donnez un jour et une heure.",
            "invalid": "Donnez un jour et une heure.",
        },
    )

    def clean_due_at(self):
        """To the minute, in Paris."""
        due_at = self.cleaned_data["due_at"].replace(second=0, microsecond=0)
        return due_at if timezone.is_aware(due_at) else timezone.make_aware(due_at)


class ProfileForm(forms.ModelForm):
    """How a delegate wishes to be reached; only he and the secretariat change it."""

    class Meta:
        model = Person
        fields = ["email", "phone", "address", "wants_paper"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper: FormHelper = Tagless(self)
        self.fields[
            "email"
        ].help_text = "Les convocations y sont envoyées. Celle de votre compte ne change pas."

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("wants_paper") and not cleaned.get("address"):
            self.add_error("address", "Une convocation sur papier demande une adresse postale.")
        if not cleaned.get("wants_paper") and not cleaned.get("email") and "email" in cleaned:
            self.add_error(
                "email", "Donnez une adresse électronique, ou demandez vos convocations sur papier."
            )
        return cleaned
