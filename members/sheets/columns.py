"""What a sheet of mandates may hold: its columns, their names, and what a cell of each means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices

from law import french
from members.days import FIRST, LAST
from members.models import Mandate, Person, folded

# What a workbook cannot hold: control characters but for tabs and ends of lines.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def tidy(text: str) -> str:
    """The text as both sides compare it: no control character, one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return _CONTROL.sub("", text).strip()


# --- Cells ----------------------------------------------------------------------------------


class BadCell(Exception):
    """A cell whose text means nothing here, and why, in French."""


def _day(cell: str) -> date | None:
    """« 01/02/2017 », « 1/2/2017 », « 2017-02-01 » or « 1er février 2017 »; nothing else, so that
    nothing is guessed."""
    if not cell:
        return None
    if told := french.day_told(cell):
        cell = told.isoformat()
    for pattern, names in (
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 2, 1)),
        (r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", (1, 2, 3)),
    ):
        if match := re.fullmatch(pattern, cell):
            try:
                day = date(*(int(match[name]) for name in names))
            except ValueError:
                raise BadCell(f"le jour « {cell} » n’existe pas.") from None
            if not FIRST <= day <= LAST:
                raise BadCell(
                    f"«\u00a0{cell}\u00a0»\u00a0: écrivez une date de {FIRST.year} à {LAST.year}."
                )
            return day
    raise BadCell(f"« {cell} » n’est pas une date ; écrivez 01/02/2017 ou 2017-02-01.")


def _number(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,4}", cell):
        raise BadCell(f"« {cell} » n’est pas un nombre entier.")
    return int(cell)


def _civility(cell: str) -> str:
    known = {
        **dict.fromkeys(("m", "mr", "monsieur"), Person.Civility.MR),
        **dict.fromkeys(("mme", "madame"), Person.Civility.MRS),
        "": "",
    }
    try:
        return str(known[folded(cell)])
    except KeyError:
        raise BadCell(f"« {cell} » : écrivez « M. » ou « Mme ».") from None


def _choice(choices: type[TextChoices], *, empty: str | None) -> Callable[[str], str | None]:
    """A reader for the value of an enumeration, by its value, its label or a shortened label."""
    known = {}
    for value, label in choices.choices:
        for name in (value, label, label.split("·")[0], label.replace("·", "")):
            known[folded(name)] = value

    def read_choice(cell: str) -> str | None:
        if not cell:
            return empty
        # « suppléante », « président(e) », « vice-présidente » say the same
        plain = folded(re.sub(r"\(e\)|·e", "", cell))
        found = known.get(folded(cell)) or known.get(plain) or known.get(plain.removesuffix("e"))
        if found is None:
            labels = ", ".join(f"« {label} »" for label in choices.labels)
            raise BadCell(f"« {cell} » n’est pas connu ; écrivez {labels}.")
        return str(found)

    return read_choice


# --- Columns --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column we know: `key` is the field, `header` what we write, `aliases` what we also read.

    `read` tells what a cell means, or raises `BadCell`; `choices` name the values of a list. One
    that `is_long` has several lines.
    """

    key: str
    header: str
    aliases: tuple[str, ...] = ()
    read: Callable[[str], Any] = str
    choices: type[TextChoices] | None = None
    is_long: bool = False


PERSON_COLUMNS = (
    Column(key="civility", header="civilité", aliases=("civ", "titre"), read=_civility),
    Column(key="first_name", header="prénom", aliases=("prenoms",)),
    Column(key="last_name", header="nom", aliases=("nom de famille",)),
    Column(
        key="email", header="adresse électronique", aliases=("mail", "email", "mel", "courriel")
    ),
    Column(key="phone", header="téléphone", aliases=("tel", "portable", "mobile")),
    Column(key="address", header="adresse postale", aliases=("adresse",), is_long=True),
    Column(
        key="born_on",
        header="date de naissance",
        aliases=("naissance", "ne le", "nee le"),
        read=_day,
    ),
)
REPLACES = Column(key="replaces", header="suppléant de", aliases=("supplee", "titulaire supplee"))
MANDATE_COLUMNS = (
    Column(
        key="capacity",
        header="qualité",
        aliases=("titulaire ou suppleant",),
        read=_choice(Mandate.Capacity, empty=None),
        choices=Mandate.Capacity,
    ),
    Column(key="constituency", header="collège"),
    Column(
        key="community",
        header="collectivité",
        aliases=("collectivite representee", "collectivite membre", "communaute", "commune"),
    ),
    REPLACES,
    Column(
        key="office",
        header="fonction",
        read=_choice(Mandate.Office, empty=None),
        choices=Mandate.Office,
    ),
    Column(key="office_rank", header="rang", read=_number),
    Column(key="position", header="ordre d’appel", aliases=("ordre",), read=_number),
    Column(key="weight", header="voix", aliases=("nombre de voix", "poids"), read=_number),
    Column(
        key="start_on", header="depuis le", aliases=("debut", "debut du mandat", "du"), read=_day
    ),
    Column(key="end_on", header="jusqu’au", aliases=("fin", "fin du mandat", "au"), read=_day),
    Column(
        key="end_reason",
        header="motif de fin",
        aliases=("motif",),
        read=_choice(Mandate.EndReason, empty=""),
        choices=Mandate.EndReason,
    ),
)
WHOLE_NAME = Column(
    key="whole_name",
    header="nom et prénom",
    aliases=("nom prenom", "nom prenoms", "nom complet", "prenom nom", "prenom et nom"),
)
IDENTIFIER = Column(key="id", header="identifiant", aliases=("id", "n", "numero"))
COLUMNS = {column.key: column for column in (IDENTIFIER, *PERSON_COLUMNS, *MANDATE_COLUMNS)}
# What a file may name: the columns of ours, and one that holds two of them.
READABLE = COLUMNS | {WHOLE_NAME.key: WHOLE_NAME}
REQUIRED_COLUMNS = ("last_name", "first_name", "start_on")
REQUIRED_CELLS = ("last_name", "start_on")

_BY_NAME = {
    folded(name): column.key
    for column in READABLE.values()
    for name in (column.header, *column.aliases)
}


def named(header: Any) -> str | None:
    """The key of the column that a header names, accents or not; `None` for one we do not know."""
    return _BY_NAME.get(folded(header)) if isinstance(header, str) else None


_CIVILITY = re.compile(r"(M\.?|Mr\.?|Monsieur|Mme\.?|Madame)\s+", re.IGNORECASE)


def parted(whole: str) -> tuple[str, str, str]:
    """Civility, first name, family name of « Mme DE LA TOUR Anne » or « Anne de LA TOUR », what is
    not said being empty. Only capitals tell a family name: raises `BadCell` where they do not."""
    said = _CIVILITY.match(whole)
    words = whole[said.end() if said else 0 :].split()
    capital = [word.isupper() and len(re.sub(r"\W", "", word)) > 1 for word in words]
    if not any(capital) or all(capital):
        raise BadCell(
            f"«\u00a0{whole}\u00a0»\u00a0: on ne sait lequel est le nom de famille\u00a0; "
            f"écrivez-le en capitales, et le prénom non, ou donnez-leur deux colonnes."
        )
    first, last = capital.index(True), len(words) - capital[::-1].index(True)
    while first and words[first - 1].islower():  # « de », « d’ », « van »
        first -= 1
    before, within, after = words[:first], words[first:last], words[last:]
    if (before and after) or any(word.istitle() for word in within):
        raise BadCell(f"«\u00a0{whole}\u00a0»\u00a0: donnez deux colonnes au prénom et au nom.")
    return said[1] if said else "", " ".join(before or after), " ".join(within)
