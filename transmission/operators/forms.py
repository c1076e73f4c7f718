"""What the administration types of an account at an operator."""

from django import forms

from members.models import Organisation
from transmission.models import Operator
from transmission.operators import safe

_NAMES = ("secret", "certificate", "authorities")
_ONLY = {Operator.Kind.S2LOW: {"is_utf8"}, Operator.Kind.PASTELL: {"entity"}}


class OperatorForm(forms.ModelForm):
    """One account: where, who, and the names of what whoever runs the server put in its place."""

    class Meta:
        model = Operator
        fields = ("address", "account", "secret", "certificate", "authorities", "entity")
        fields += ("is_utf8", "is_active")

    def __init__(self, *args, organisation: Organisation, kind: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation, self.instance.kind = organisation, kind
        for other, names in _ONLY.items():
            if other != kind:
                for name in names:
                    del self.fields[name]
        self.fields["secret"].help_text = "Celui du mot de passe ou du jeton, sur le serveur."
        self.fields["certificate"].help_text = "Celui du fichier (.pem), sur le serveur."
        self.fields["address"].widget.attrs |= {"inputmode": "url", "autocomplete": "off"}
        for name in (*_NAMES, "account"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        if kind == Operator.Kind.PASTELL:
            self.fields["entity"].required = True
            self.fields["secret"].required = True
        else:
            self.fields["certificate"].required = True

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].rstrip("/")
        if refused := safe.objection(address):
            raise forms.ValidationError(refused)
        return address

    def clean(self) -> None:
        for name in _NAMES:
            given = self.cleaned_data.get(name)
            if not given:
                continue
            try:
                look = safe.secret if name == "secret" else safe.file
                look(self.instance.organisation, given)
            except safe.Missing as missing:
                self.add_error(name, str(missing))
