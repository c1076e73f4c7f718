"""A note that was written in Word: taken as the HTML of a note, what is left of it told, or refused
in a sentence that says why. It is read elsewhere (`meetings.word`).
"""

from dataclasses import dataclass

from django.core.files.base import File

from law import findings, french
from meetings import attachments, richtext, word
from members import cells

# What is left, in the words that count it.
LEFT = {
    "image": "image",
    "note": "note de bas de page",
    "comment": "commentaire",
    "box": "zone de texte",
    "formula": "formule",
    "deletion": "passage supprimé en suivi des modifications",
    "hidden": "passage masqué",
    "object": "objet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as it is kept, and what was left of the document, counted: « 2 images »; the hash of
    the document, which is not kept."""

    html: str
    sha256: str
    left: tuple[str, ...] = ()


def read(file: File, filename: str) -> Note:
    """The note that a document holds. Raises `Refused`: in a sentence, why it cannot be read."""
    name = attachments.safe_name(filename)
    checked = attachments.check(file, filename)
    if checked.media_type != attachments.KINDS["docx"][0]:
        raise _refused(name, "ce n’est pas un document Word", "Enregistrez-le en « .docx ».")
    try:
        with attachments.on_disk(file) as path:
            told = word.read(path)
    except cells.Excessive:
        told = {"fault": "excessive"}
    if fault := told.get("fault"):
        why, remedy = {
            "excessive": (
                "il se déplie en bien plus que ce qu’une note contient",
                "Coupez-le, ou joignez-le comme pièce.",
            ),
            "declares": (
                "il déclare des entités, ce qu’aucun document de Word ne fait",
                "Enregistrez-le de nouveau depuis Word.",
            ),
        }.get(fault, ("il ne se lit pas", "Enregistrez-le de nouveau en « .docx »."))
        raise _refused(name, why, remedy)
    html = richtext.clean(told["html"])
    if not html:
        raise _refused(name, "il ne contient aucun texte", "Joignez-le plutôt comme pièce.")
    left = [french.count(told["left"][kind], LEFT[kind]) for kind in LEFT if kind in told["left"]]
    if "margin" in told["left"]:
        left.append("l’en-tête ou le pied de page")
    return Note(html=html, sha256=checked.sha256, left=tuple(left))


def _refused(name: str, why: str, remedy: str) -> findings.Refused:
    return findings.refusal(
        "note_word", f"« {name} » n’est pas repris : {why}.", remedy=remedy, field="document"
    )
