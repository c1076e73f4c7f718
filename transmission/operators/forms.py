"""What the administration types of an account at an operator."""

import re

from django import forms

from members.forms import Tagless
from members.models import Organisation
from transmission.models import Operator
from transmission.operators import safe

_NAMES = ("secret", "certificate", "authorities")
_KINDS = Operator.Kind
# What only some services ask for; and what each cannot do without.
_ONLY = {
    "is_utf8": (_KINDS.S2LOW,),
    "entity": (_KINDS.PASTELL, _KINDS.IPARAPHEUR),
    **dict.fromkeys(("desk", "type", "subtype"), (_KINDS.IPARAPHEUR,)),
}
_REQUIRED = {
    _KINDS.S2LOW: ("certificate",),
    _KINDS.PASTELL: ("entity", "secret"),
    _KINDS.IPARAPHEUR: ("account", "secret", "entity", "desk", "type", "subtype"),
}
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")  # what a part of an address is made of


class OperatorForm(forms.ModelForm):
    """One account: where, who, and the names of what whoever runs the server put in its place."""

    helper = Tagless()

    class Meta:
        model = Operator
        fields = ("address", "account", "secret", "certificate", "authorities", "entity")
        fields += ("desk", "type", "subtype", "is_utf8", "is_active")

    def __init__(self, *args, organisation: Organisation, kind: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation, self.instance.kind = organisation, kind
        for name, kinds in _ONLY.items():
            if kind not in kinds:
                del self.fields[name]
        self.fields["secret"].help_text = "Celui du mot de passe ou du jeton, sur le serveur."
        self.fields["certificate"].help_text = "Celui du fichier (.pem), sur le serveur."
        self.fields["address"].widget.attrs |= {"inputmode": "url", "autocomplete": "off"}
        for name in (*_NAMES, "account"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        for name in _REQUIRED[_KINDS(kind)]:
            self.fields[name].required = True
        if kind == _KINDS.IPARAPHEUR:
            self.fields["account"].help_text = "Celui d’un utilisateur de ce bureau."

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].rstrip("/")
        if refused := safe.objection(address):
            raise forms.ValidationError(refused)
        return address

    def _clean_part(self, name: str) -> str:
        told = self.cleaned_data[name]
        if told and not _PLAIN.fullmatch(told):
            raise forms.ValidationError("Un numéro n’a que des lettres, des chiffres, des tirets.")
        return told

    def clean_entity(self) -> str:
        return self._clean_part("entity")

    def clean_desk(self) -> str:
        return self._clean_part("desk")

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
