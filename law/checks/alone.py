"""What an authority decides alone."""

from law import sitting
from law.checks.reader import Reader, judges
from law.sitting import State


@judges(sitting.ActTaken)
def act(reader: Reader, event: sitting.ActTaken, state: State) -> None:
    """It is taken once, outside of any sitting, by somebody of the composition; what it needs
    besides is judged before it is told (`law.delegations`)."""
    reader.is_item(event.item, "item")
    reader.is_member(event.author, "author")
    if reader.was_opened:
        reader.note(
            "acte_en_seance",
            "Cette séance est ouverte\u00a0: une assemblée y délibère, personne n’y décide seul.",
            remedy="Notez le vote de l’assemblée, ou prenez l’acte hors de la séance.",
        )
    if event.item in reader.settled:
        reader.note(
            "deja_pris",
            "Cet acte est déjà pris.",
            remedy="Pour le corriger, établissez-en une version\u00a0; pour le défaire, prenez-en "
            "un autre.",
        )
    reader.settled.add(event.item)
