"""The structure: what is read aloud, in which order, as what."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.conformity.metadata import has_language
from bench.conformity.model import File, is_dict, listed, name_of
from bench.conformity.rules import rule

FAMILY = "Structure"
TABLES = "Tableaux et listes"
STANDARD = set(
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 "
    "H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry "
    "Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form".split()
)


def standard(file: File, element: Any) -> str:
    """The standard type of an element, as the table of roles gives it; "" when it has none."""
    told, roles, known = name_of(element.get("/S")), (file.tree or {}).get("/RoleMap") or {}, set()
    while told not in STANDARD and told not in known:
        known.add(told)
        told = name_of(roles.get(f"/{told}"))
    return told if told in STANDARD else ""


def kids(file: File, element: Any) -> list[str]:
    return [standard(file, each) for each in children(element)]


def children(element: Any) -> list[Any]:
    return [each for each in listed(element.get("/K")) if is_dict(each) and "/S" in each]


def _of(file: File, *types: str) -> Iterator[Any]:
    for each in file.elements:
        if standard(file, each) in types:
            yield each


# --- The file ---------------------------------------------------------------------------------


@rule("A 6.7.2.2-1", "UA 6.2-1", family=FAMILY, says="le fichier se dit structuré")
def marked(file: File) -> Iterator[str]:
    yield "" if (file.root.get("/MarkInfo") or {}).get("/Marked") is True else "/Marked"


@rule("A 6.7.3.3-1", "UA 7.1-11", family=FAMILY, says="il a une structure")
def structured(file: File) -> Iterator[str]:
    yield "" if file.tree is not None and file.elements else "pas de structure"


@rule("UA 7.1-4", family=FAMILY, says="dont il ne doute pas")
def sure(file: File) -> Iterator[str]:
    yield "/Suspects" if (file.root.get("/MarkInfo") or {}).get("/Suspects") is True else ""


@rule("UA 7.1-10", family=FAMILY, says="sa fenêtre montre son titre")
def shown(file: File) -> Iterator[str]:
    told = (file.root.get("/ViewerPreferences") or {}).get("/DisplayDocTitle")
    yield "" if told is True else "/DisplayDocTitle"


@rule("UA 7.2-2", family=FAMILY, says="ses signets ont une langue")
def bookmarks(file: File) -> Iterator[str]:
    if "/Outlines" in file.root:
        yield "" if has_language(file) else "signets sans langue"


def _own(file: File) -> Iterator[str]:
    for each in file.elements:
        told = name_of(each.get("/S"))
        if told not in STANDARD:
            yield told


@rule("A 6.7.3.4-1", "UA 7.1-5", family=FAMILY, says="un type à soi renvoie à un type connu")
def mapped(file: File) -> Iterator[str]:
    roles = (file.tree or {}).get("/RoleMap") or {}
    for told in _own(file):
        chain = [told]
        while (following := name_of(roles.get(f"/{chain[-1]}"))) and following not in chain:
            chain.append(following)
        yield "" if chain[-1] in STANDARD else told


@rule("A 6.7.3.4-2", "UA 7.1-6", family=FAMILY, says="les renvois entre types ne tournent pas")
def circular(file: File) -> Iterator[str]:
    roles = (file.tree or {}).get("/RoleMap") or {}
    for told in {name_of(each.get("/S")) for each in file.elements}:
        seen = [told]
        while (told := name_of(roles.get(f"/{told}"))) and told not in seen:
            seen.append(told)
        yield f"{seen}" if told else ""


@rule("A 6.7.3.4-3", "UA 7.1-7", family=FAMILY, says="un type connu garde son sens")
def kept(file: File) -> Iterator[str]:
    for told in (file.tree or {}).get("/RoleMap") or {}:
        yield told if told.removeprefix("/") in STANDARD else ""


@rule("UA 7.1-12", family=FAMILY, says="un élément sait dans quel autre il est")
def parented(file: File) -> Iterator[str]:
    for each in file.elements:
        yield "" if "/P" in each else f"{each.get('/S')} sans parent"


# --- Pages ------------------------------------------------------------------------------------


@rule("UA 7.1-1", family=FAMILY, says="rien d’accessoire dans ce qui se lit")
def outside(file: File) -> Iterator[str]:
    for each in file.drawing.marks:
        if each.tag == "Artifact":
            yield "accessoire dans un texte" if each.is_within_tagged or each.is_tagged else ""


@rule("UA 7.1-2", family=FAMILY, says="rien de ce qui se lit dans l’accessoire")
def within(file: File) -> Iterator[str]:
    for each in file.drawing.marks:
        if each.is_tagged:
            yield "texte dans un accessoire" if "Artifact" in each.parents else ""


@rule("UA 7.1-3", family=FAMILY, says="tout ce qui se dessine est à lire, ou accessoire")
def accounted(file: File) -> Iterator[str]:
    for what, is_told in file.drawing.items:
        yield "" if is_told else f"{what} hors de la structure"


@rule("UA 7.20-2", family=FAMILY, says="un dessin qui se lit n’est employé qu’une fois")
def once(file: File) -> Iterator[str]:
    for each in file.streams:
        if name_of(each.get("/Subtype")) == "Form":
            is_read = any(holder == each.objgen for holder, _ in file.linked)
            count = file.drawing.forms.get(each.objgen, 0)
            yield f"dessin employé {count} fois" if is_read and count > 1 else ""


# --- Languages of what replaces or explains a text --------------------------------------------


def _has_language(file: File, element: Any) -> bool:
    while is_dict(element):
        if "/Lang" in element:
            return True
        element = element.get("/P")
    return has_language(file)


def _language_of(key: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in file.elements:
            if key in each:
                yield "" if _has_language(file, each) else f"{key} sans langue"

    return check


def _language_of_marks(key: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in file.drawing.marks:
            if each.tag == "Span" and is_dict(each.properties) and key in each.properties:
                is_right = "/Lang" in each.properties or has_language(file)
                yield "" if is_right else f"{key} sans langue"

    return check


for number, key, noun in (
    (0, "/ActualText", "un texte de remplacement"),
    (1, "/Alt", "une description"),
    (2, "/E", "une abréviation dépliée"),
):
    rule(f"UA 7.2-{21 + number}", family=FAMILY, says=f"{noun} a une langue")(_language_of(key))
    rule(f"UA 7.2-{30 + number}", family=FAMILY, says=f"{noun}, au fil d’une page, aussi")(
        _language_of_marks(key)
    )


@rule("UA 7.2-34", family=FAMILY, says="tout texte a une langue")
def spoken(file: File) -> Iterator[str]:
    is_known = has_language(file)
    for what, _ in file.drawing.items:
        if what == "texte":
            yield "" if is_known else "texte sans langue"


# --- Pictures, formulas, notes, headings ------------------------------------------------------


def _described(kind: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, kind):
            is_told = str(each.get("/Alt", "")) or "/ActualText" in each
            yield "" if is_told else f"{kind} sans description"

    return check


rule("UA 7.3-1", family=FAMILY, says="une image se dit en mots")(_described("Figure"))
rule("UA 7.7-1", family=FAMILY, says="une formule aussi")(_described("Formula"))


@rule("UA 7.9-1", family=FAMILY, says="une note a un identifiant")
def noted(file: File) -> Iterator[str]:
    for each in _of(file, "Note"):
        yield "" if str(each.get("/ID", "")) else "note sans identifiant"


@rule("UA 7.9-2", family=FAMILY, says="et à elle seule")
def distinct(file: File) -> Iterator[str]:
    told = [str(each.get("/ID", "")) for each in _of(file, "Note")]
    for each in told:
        yield each if told.count(each) > 1 else ""


_LEVELS = [f"H{level}" for level in range(1, 7)]


@rule("UA 7.4.2-1", family=FAMILY, says="les titres ne sautent pas de niveau")
def levels(file: File) -> Iterator[str]:
    before = 0
    for each in _of(file, *_LEVELS):
        level = int(standard(file, each)[1])
        yield "" if level <= before + 1 else f"H{level} après {f'H{before}' if before else 'rien'}"
        before = level


@rule("UA 7.4.4-1", family=FAMILY, says="une partie n’a qu’un titre sans niveau")
def one_heading(file: File) -> Iterator[str]:
    for each in file.elements:
        yield "" if kids(file, each).count("H") <= 1 else "plusieurs H"


def _mixed(file: File, types: list[str], others: list[str]) -> Iterator[str]:
    has_others = any(True for _ in _of(file, *others))
    for each in _of(file, *types):
        yield f"{standard(file, each)} parmi {others[0]}" if has_others else ""


@rule("UA 7.4.4-2", family=FAMILY, says="un titre sans niveau ne côtoie pas ceux qui en ont")
def unlevelled(file: File) -> Iterator[str]:
    yield from _mixed(file, ["H"], _LEVELS)


@rule("UA 7.4.4-3", family=FAMILY, says="et l’inverse")
def levelled(file: File) -> Iterator[str]:
    yield from _mixed(file, _LEVELS, ["H"])


# --- What holds what --------------------------------------------------------------------------


def _only(kind: str, *allowed: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, kind):
            wrong = [told for told in kids(file, each) if told not in allowed]
            yield f"{kind} > {', '.join(wrong)}" if wrong else ""

    return check


def _inside(kind: str, *parents: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, kind):
            told = standard(file, each.get("/P") or {})
            yield "" if told in parents else f"{told or 'rien'} > {kind}"

    return check


def _at_most(kind: str, child: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, kind):
            count = kids(file, each).count(child)
            yield f"{kind} : {count} {child}" if count > 1 else ""

    return check


def _with_body(child: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, "Table"):
            told = kids(file, each)
            yield f"{child} sans TBody" if child in told and "TBody" not in told else ""

    return check


def _caption_first(kind: str, *, last: bool = False) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for each in _of(file, kind):
            told = kids(file, each)
            inner = told[1:-1] if last else told[1:]
            yield f"{kind} : légende au milieu" if "Caption" in inner else ""

    return check


for name, says, check in (
    (
        "3",
        "un tableau tient des lignes",
        _only("Table", "TR", "THead", "TBody", "TFoot", "Caption"),
    ),
    ("4", "une ligne est dans un tableau", _inside("TR", "Table", "THead", "TBody", "TFoot")),
    ("5", "une tête est dans un tableau", _inside("THead", "Table")),
    ("6", "un corps est dans un tableau", _inside("TBody", "Table")),
    ("7", "un pied est dans un tableau", _inside("TFoot", "Table")),
    ("8", "une cellule de tête est dans une ligne", _inside("TH", "TR")),
    ("9", "une cellule est dans une ligne", _inside("TD", "TR")),
    ("10", "une ligne tient des cellules", _only("TR", "TH", "TD")),
    ("11", "un tableau a au plus une tête", _at_most("Table", "THead")),
    ("12", "un tableau a au plus un pied", _at_most("Table", "TFoot")),
    ("13", "un pied ne va pas sans corps", _with_body("TFoot")),
    ("14", "une tête ne va pas sans corps", _with_body("THead")),
    ("16", "la légende d’un tableau est à son bord", _caption_first("Table", last=True)),
    ("17", "un point est dans une liste", _inside("LI", "L")),
    ("18", "le corps d’un point est dans un point", _inside("LBody", "LI")),
    ("19", "une liste tient des points", _only("L", "L", "LI", "Caption")),
    ("20", "un point tient sa marque et son corps", _only("LI", "Lbl", "LBody")),
    ("26", "une ligne de table des matières est dans une table", _inside("TOCI", "TOC")),
    ("27", "une table des matières tient ses lignes", _only("TOC", "TOC", "TOCI", "Caption")),
    ("28", "la légende d’une table des matières est en tête", _caption_first("TOC")),
    ("36", "une tête tient des lignes", _only("THead", "TR")),
    ("37", "un corps tient des lignes", _only("TBody", "TR")),
    ("38", "un pied tient des lignes", _only("TFoot", "TR")),
    ("39", "un tableau a au plus une légende", _at_most("Table", "Caption")),
    ("40", "la légende d’une liste est en tête", _caption_first("L")),
):
    rule(f"UA 7.2-{name}", family=TABLES, says=says)(check)


# --- Tables -----------------------------------------------------------------------------------


def _attribute(element: Any, key: str) -> Any:
    for each in listed(element.get("/A")):
        if is_dict(each) and key in each:
            return each[key]
    return None


class Grid:
    """The cells of a table, each where it stands."""

    def __init__(self, file: File, table: Any) -> None:
        self.file = file
        self.rows = list(self._rows(table))
        self.places: dict[tuple[int, int], Any] = {}
        self.origins: list[tuple[int, int, Any]] = []
        self.overlaps: list[Any] = []
        for rank, row in enumerate(self.rows):
            column = 0
            for cell in children(row):
                while (rank, column) in self.places:
                    column += 1
                self.origins.append((rank, column, cell))
                for down in range(int(_attribute(cell, "/RowSpan") or 1)):
                    for across in range(int(_attribute(cell, "/ColSpan") or 1)):
                        place = rank + down, column + across
                        if place in self.places:
                            self.overlaps.append(cell)
                        self.places[place] = cell
        self.height = max((row for row, _ in self.places), default=-1) + 1
        self.widths = {
            row: sum(1 for each, _ in self.places if each == row) for row in range(self.height)
        }

    def _rows(self, element: Any) -> Iterator[Any]:
        for each in children(element):
            told = standard(self.file, each)
            if told == "TR":
                yield each
            elif told in ("THead", "TBody", "TFoot"):
                yield from self._rows(each)


def _grids(file: File) -> Iterator[Grid]:
    for each in _of(file, "Table"):
        yield Grid(file, each)


@rule("UA 7.2-15", family=TABLES, says="deux cellules ne se recouvrent pas")
def apart(file: File) -> Iterator[str]:
    for grid in _grids(file):
        yield "deux cellules se recouvrent" if grid.overlaps else ""


@rule("UA 7.2-41", family=TABLES, says="aucune cellule ne descend plus bas que son tableau")
def tall(file: File) -> Iterator[str]:
    for grid in _grids(file):
        yield "" if grid.height <= len(grid.rows) else f"{grid.height} pour {len(grid.rows)} lignes"


def _wide(file: File) -> Iterator[str]:
    for grid in _grids(file):
        widths = set(grid.widths.values())
        yield "" if len(widths) <= 1 else f"des lignes de {sorted(widths)} colonnes"


rule("UA 7.2-42", "UA 7.2-43", family=TABLES, says="toutes les lignes ont les mêmes colonnes")(
    _wide
)


def _heads(file: File) -> Iterator[tuple[bool, list[str]]]:
    """For each cell of a table with heads: whether its own can be told, by their names or because
    every head says what it is the head of; and the names that no head has."""
    for grid in _grids(file):
        heads = [each for _, _, each in grid.origins if standard(file, each) == "TH"]
        is_scoped = all(_attribute(each, "/Scope") is not None for each in heads)
        known = {str(each.ID) for each in heads if "/ID" in each}
        for _, _, cell in grid.origins:
            if heads and standard(file, cell) == "TD":
                named = [str(each) for each in listed(_attribute(cell, "/Headers"))]
                unknown = [each for each in named if each not in known]
                yield is_scoped or (bool(named) and not unknown), unknown


@rule("UA 7.5-1", family=TABLES, says="une cellule a une tête")
def headed(file: File) -> Iterator[str]:
    for is_headed, unknown in _heads(file):
        yield "" if is_headed or unknown else "cellule sans tête"


@rule("UA 7.5-2", family=TABLES, says="et qui existe")
def existing(file: File) -> Iterator[str]:
    for is_headed, unknown in _heads(file):
        yield f"têtes inconnues {unknown}" if unknown and not is_headed else ""
