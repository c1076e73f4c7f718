"""How somebody wishes to be reached, as he says it himself."""

from datetime import datetime

from django.db import transaction
from django.forms import ModelForm

from convening.actions import inviting
from convening.models import Invitation
from members.models import User


@transaction.atomic
def reach(form: ModelForm, *, by: User, at: datetime) -> None:
    """Keep what she changed of her ways to be reached (`form` is valid).

    She leaves an address: the links that went there open nothing any more, the next mail brings
    another. Changed by anybody else, those links stay: they are how she says otherwise.
    """
    person = form.instance
    person._history_user, person._change_reason = by, "son profil"
    form.save()
    if "email" in form.changed_data:
        inviting.revoke(Invitation.objects.filter(mandate__person=person), at=at)
