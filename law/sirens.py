"""The numbers by which the State knows a legal person (SIREN) and its seat (SIRET), and the
department that controls its acts: digits that check one another."""

import re

_DEPARTMENT = re.compile(r"(?!000)[09][0-9][0-9AB]")  # as @CTES writes it: 080, 02A, 974
_OF_THE_POST = "356000000"  # but its seat, its offices follow another key: the sum of digits


def fault_of_siren(siren: str) -> str:
    """Why this is no SIREN; "" when it is."""
    if not re.fullmatch(r"[0-9]{9}", siren):
        return "Le SIREN compte neuf chiffres."
    if not _is_keyed(siren):
        return "Ce SIREN n’existe pas\u00a0: sa clé de contrôle est fausse. Relisez ses chiffres."
    return ""


def fault_of_siret(siret: str, siren: str = "") -> str:
    """Why this is no SIRET, or not one of the legal person of this SIREN; "" when it is."""
    if not re.fullmatch(r"[0-9]{14}", siret):
        return "Le SIRET compte quatorze chiffres."
    if siren and not siret.startswith(siren):
        return (
            "Le SIRET commence par le SIREN\u00a0: l’un des deux n’est pas de cette organisation."
        )
    if not _is_keyed(siret):
        return "Ce SIRET n’existe pas\u00a0: sa clé de contrôle est fausse. Relisez ses chiffres."
    return ""


def _is_keyed(digits: str) -> bool:
    """Whether it follows the key of Luhn: every second digit from the right counts twice."""
    doubled = (int(each) * (1 + rank % 2) for rank, each in enumerate(reversed(digits)))
    if sum(each - 9 * (each > 9) for each in doubled) % 10 == 0:
        return True
    return digits.startswith(_OF_THE_POST) and sum(map(int, digits)) % 5 == 0


def department(typed: str) -> str:
    """The department as @CTES writes it, in three characters: « 80 » is 080, « 2a » 02A. Raises
    `ValueError`, in French, for what is none."""
    code = typed.strip().upper().rjust(3, "0")
    if not _DEPARTMENT.fullmatch(code):
        raise ValueError(
            "Le département s’écrit en trois caractères\u00a0: 080 pour la Somme, 02A pour la "
            "Corse-du-Sud, 974 pour La Réunion."
        )
    return code
