"""A second person: what binds the organisation, or somebody who is not there, is seen by two."""

from collections.abc import Iterator

from accounts import deciding
from law.findings import Finding
from members.models import User


def faults(
    by: User, first: User, *, did: str, remedy: str, is_told: bool = True
) -> Iterator[Finding]:
    """Why this account is not a second person beside the first, who `did` something ("déposé cette
    signature"): it is the same, or one of both opened the other or took it over.

    Where nobody learns of the act by mail (`is_told`), nor may a third have opened both, who could
    hold them; a superuser may, whom no second account stops.
    """
    if by.pk == first.pk:
        said = f"Vous avez vous-même {did}\u00a0: une autre personne doit confirmer."
    elif not deciding.stand_apart(by, first):
        said = _of_one_hand(
            first, did, "l’un des deux a ouvert l’autre, ou en a fait changer l’adresse"
        )
    elif not is_told and any(not each.is_superuser for each in by.openers_shared_with(first)):
        said = _of_one_hand(first, did, "une même personne les a ouverts")
    else:
        return
    yield Finding(code="quatre_yeux", message=said, remedy=remedy)


def _of_one_hand(first: User, did: str, why: str) -> str:
    return f"Votre compte et celui qui a {did} ({first}) peuvent être d’une même main\u00a0: {why}."
