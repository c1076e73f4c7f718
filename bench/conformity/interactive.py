"""Annotations, fields, signatures, actions."""

from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from asn1crypto import cms

from bench.conformity.metadata import has_language
from bench.conformity.model import File, Stream, is_dict, listed, name_of
from bench.conformity.rules import absent, rule
from bench.conformity.structure import standard

FAMILY = "Liens, champs et signatures"
_KINDS = set(
    "Text Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut "
    "Stamp Caret Ink Popup FileAttachment Widget PrinterMark TrapNet Watermark Redact".split()
)


def _kind(annotation: Any) -> str:
    return name_of(annotation.get("/Subtype"))


def _flags(annotation: Any) -> int:
    return int(annotation.get("/F", 0))


@rule("A 6.3.1-1", family=FAMILY, says="une annotation est d’un genre permis (ni son, ni film)")
def kinds(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        yield "" if _kind(each) in _KINDS else _kind(each)


@rule("A 6.3.2-1", family=FAMILY, says="une annotation dit si elle s’imprime")
def flagged(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        yield "" if _kind(each) == "Popup" or "/F" in each else f"{_kind(each)} sans /F"


@rule("A 6.3.2-2", family=FAMILY, says="elle s’imprime, et rien ne la cache")
def printed(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        if "/F" in each:
            flags = _flags(each)
            is_right = flags & 4 and not flags & (1 | 2 | 32 | 256)
            yield "" if is_right else f"{_kind(each)} : /F {flags}"


def _sides(annotation: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(each) for each in annotation.get("/Rect", (0, 0, 0, 0)))
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


@rule("A 6.3.3-1", family=FAMILY, says="elle se dessine elle-même, sauf un lien")
def drawn(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        x0, y0, x1, y1 = _sides(each)
        is_right = (x0 == x1 and y0 == y1) or _kind(each) in ("Popup", "Link") or "/AP" in each
        yield "" if is_right else f"{_kind(each)} sans apparence"


@rule("A 6.3.3-2", family=FAMILY, says="d’une seule façon")
def one_way(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        if "/AP" in each:
            yield "" if set(each.AP.keys()) == {"/N"} else f"{set(each.AP.keys())}"


def _is_button(annotation: Any) -> bool:
    told = annotation.get("/FT") or (annotation.get("/Parent") or {}).get("/FT")
    return _kind(annotation) == "Widget" and name_of(told) == "Btn"


@rule("A 6.3.3-3", family=FAMILY, says="un bouton a une apparence par état")
def states(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        if _is_button(each) and "/N" in each.get("/AP", {}):
            yield "un seul état" if isinstance(each.AP.N, Stream) else ""


@rule("A 6.3.3-4", family=FAMILY, says="les autres n’en ont qu’une")
def stateless(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        if not _is_button(each) and "/N" in each.get("/AP", {}):
            yield "" if isinstance(each.AP.N, Stream) else "plusieurs états"


# --- Fields -----------------------------------------------------------------------------------


def _form(file: File) -> Any:
    return file.root.get("/AcroForm")


def _fields(file: File) -> Iterator[Any]:
    waiting = list((_form(file) or {}).get("/Fields", []))
    while waiting:
        each = waiting.pop()
        yield each
        waiting += list(each.get("/Kids", []))


def _widgets(file: File) -> Iterator[tuple[Any, Any]]:
    for page, each in file.annotations:
        if _kind(each) == "Widget":
            yield page, each


@rule("A 6.4.1-1", family=FAMILY, says="un champ ne déclenche rien")
def inert(file: File) -> Iterator[str]:
    for _, each in _widgets(file):
        yield "/A ou /AA" if "/A" in each or "/AA" in each else ""


@rule("A 6.4.1-2", family=FAMILY, says="ni quand on le remplit")
def inert_fields(file: File) -> Iterator[str]:
    for each in _fields(file):
        yield "/AA" if "/AA" in each else ""


@rule("A 6.4.1-3", family=FAMILY, says="un formulaire ne se fait pas dessiner par le lecteur")
def appearances(file: File) -> Iterator[str]:
    if (form := _form(file)) is not None:
        yield "/NeedAppearances" if form.get("/NeedAppearances") is True else ""


@rule("A 6.4.2-1", "UA 7.15-1", family=FAMILY, says="un formulaire n’est pas du XFA")
def static(file: File) -> Iterator[str]:
    if (form := _form(file)) is not None:
        yield "/XFA" if "/XFA" in form else ""


@rule("A 6.4.2-2", family=FAMILY, says="le fichier ne se fait pas composer par le lecteur")
def composed(file: File) -> Iterator[str]:
    yield "/NeedsRendering" if file.root.get("/NeedsRendering") is True else ""


# --- Signatures -------------------------------------------------------------------------------


def _signatures(file: File) -> Iterator[Any]:
    for each in file.dicts:
        if "/ByteRange" in each and "/Contents" in each:
            yield each


@rule("A 6.4.3-1", family=FAMILY, says="une signature couvre toute sa version du fichier")
def covered(file: File) -> Iterator[str]:
    for each in _signatures(file):
        first, length, second, rest = (int(part) for part in each.ByteRange)
        gap, end = file.raw[length:second], second + rest
        is_closed = file.raw[:end].rstrip(b"\r\n").endswith(b"%%EOF")
        is_right = first == 0 and gap[:1] == b"<" and gap[-1:] == b">" and is_closed
        yield "" if is_right else f"/ByteRange {[first, length, second, rest]}"


def _signed(file: File) -> Iterator[Any]:
    for each in _signatures(file):
        yield cms.ContentInfo.load(bytes(each.Contents))["content"]


@rule("A 6.4.3-2", family=FAMILY, says="une signature porte le certificat de qui signe")
def certified(file: File) -> Iterator[str]:
    for each in _signed(file):
        serials = {
            told.chosen.serial_number
            for told in each["certificates"] or ()
            if told.name == "certificate"
        }
        for signer in each["signer_infos"]:
            sid = signer["sid"]
            number = (
                sid.chosen["serial_number"].native
                if sid.name == "issuer_and_serial_number"
                else None
            )
            is_right = number in serials if number is not None else bool(serials)
            yield "" if is_right else "certificat absent"


@rule("A 6.4.3-3", family=FAMILY, says="une signature n’a qu’un signataire")
def alone(file: File) -> Iterator[str]:
    for each in _signed(file):
        yield "" if len(each["signer_infos"]) == 1 else f"{len(each['signer_infos'])} signataires"


# --- Actions ----------------------------------------------------------------------------------

_ACTIONS = {"GoTo", "GoToR", "GoToE", "Thread", "URI", "Named", "SubmitForm"}


def _actions(file: File) -> Iterator[Any]:
    for each in file.dicts:
        for key in ("/A", "/PA", "/OpenAction", "/Next"):
            told = each.get(key)
            for action in listed(told):
                if is_dict(action) and "/S" in action and name_of(action.get("/O")) == "":
                    yield action
        if is_dict(told := each.get("/AA")):
            yield from (action for action in told.values() if is_dict(action))
    names = (file.root.get("/Names") or {}).get("/JavaScript")
    if names is not None:
        yield from (each for each in pikepdf.NameTree(names).values() if is_dict(each))


@rule("A 6.5.1-1", family=FAMILY, says="une action mène quelque part, et n’exécute rien")
def actions(file: File) -> Iterator[str]:
    for each in _actions(file):
        told = name_of(each.get("/S"))
        yield "" if told in _ACTIONS else told


@rule("A 6.5.1-2", family=FAMILY, says="une action nommée tourne les pages")
def turning(file: File) -> Iterator[str]:
    for each in _actions(file):
        if name_of(each.get("/S")) == "Named":
            told = name_of(each.get("/N"))
            yield "" if told in ("NextPage", "PrevPage", "FirstPage", "LastPage") else told


@rule("A 6.5.2-1", family=FAMILY, says="le fichier ne déclenche rien")
def inert_file(file: File) -> Iterator[str]:
    yield "/AA" if "/AA" in file.root else ""


@rule("A 6.5.2-2", family=FAMILY, says="ni ses pages")
def inert_pages(file: File) -> Iterator[str]:
    for page in file.pdf.pages:
        yield "/AA" if "/AA" in page.obj else ""


# --- For everybody ----------------------------------------------------------------------------


def _is_away(page: Any, annotation: Any) -> bool:
    """Hidden, or outside what is seen of the page."""
    x0, y0, x1, y1 = _sides(annotation)
    left, low, right, high = (float(each) for each in page.cropbox)
    is_outside = low >= y1 or left >= x1 or high <= y0 or right <= x0
    return is_outside or bool(_flags(annotation) & 2)


def _element(file: File, annotation: Any) -> Any:
    """The element of the structure that holds an annotation."""
    if "/StructParent" not in annotation:
        return {}
    return file.numbered.get(int(annotation.StructParent)) or {}


def _within(kind: str, element: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for page, each in file.annotations:
            if _kind(each) == kind:
                told = standard(file, _element(file, each))
                yield (
                    ""
                    if told == element or _is_away(page, each)
                    else f"{kind} dans {told or 'rien'}"
                )

    return check


@rule("UA 7.18.1-1", family=FAMILY, says="une annotation a sa place dans la structure")
def placed(file: File) -> Iterator[str]:
    for page, each in file.annotations:
        if _kind(each) not in ("Widget", "PrinterMark", "Link"):
            is_right = _is_away(page, each) or standard(file, _element(file, each)) == "Annot"
            yield "" if is_right else _kind(each)


@rule("UA 7.18.1-2", family=FAMILY, says="une annotation se dit en mots")
def worded(file: File) -> Iterator[str]:
    for page, each in file.annotations:
        if _kind(each) != "Widget":
            told = str(each.get("/Contents", "")) or str(_element(file, each).get("/Alt", ""))
            yield "" if told or _is_away(page, each) else f"{_kind(each)} sans texte"


@rule("UA 7.18.1-3", family=FAMILY, says="un champ se dit en mots")
def worded_fields(file: File) -> Iterator[str]:
    for page, each in _widgets(file):
        told = str(each.get("/TU", "")) or str(_element(file, each).get("/Alt", ""))
        yield "" if told or _is_away(page, each) else "champ sans nom"


absent(
    "UA 7.18.2-1",
    family=FAMILY,
    says="un piège d’impression est caché",
    find=lambda file: iter("TrapNet" for _, each in file.annotations if _kind(each) == "TrapNet"),
)
absent(
    "UA 7.18.8-1",
    family=FAMILY,
    says="un repère d’impression est hors de la structure",
    find=lambda file: iter(
        "PrinterMark" for _, each in file.annotations if _kind(each) == "PrinterMark"
    ),
)


@rule("UA 7.18.3-1", family=FAMILY, says="on passe d’un lien à l’autre dans l’ordre du texte")
def order(file: File) -> Iterator[str]:
    for page in file.pdf.pages:
        if len(page.get("/Annots", [])):
            yield "" if name_of(page.obj.get("/Tabs")) == "S" else "/Tabs"


rule("UA 7.18.4-1", family=FAMILY, says="un champ est dans un formulaire")(
    _within("Widget", "Form")
)
rule("UA 7.18.5-1", family=FAMILY, says="un lien est dans un lien de la structure")(
    _within("Link", "Link")
)


@rule("UA 7.18.4-2", family=FAMILY, says="un formulaire de la structure tient un champ")
def one_field(file: File) -> Iterator[str]:
    for each in file.elements:
        if standard(file, each) == "Form":
            held = [kid for kid in listed(each.get("/K")) if is_dict(kid) and "/Obj" in kid]
            yield "" if len(held) == 1 else f"{len(held)} champs"


@rule("UA 7.18.5-2", family=FAMILY, says="un lien dit en mots où il mène")
def destination(file: File) -> Iterator[str]:
    for page, each in file.annotations:
        if _kind(each) == "Link":
            yield "" if str(each.get("/Contents", "")) or _is_away(page, each) else "lien muet"


absent(
    *("UA 7.18.6.2-1", "UA 7.18.6.2-2"),
    family=FAMILY,
    says="un film dit son type et son texte",
    find=lambda file: iter("un film" for each in file.typed("MediaClip")),
)


@rule("UA 7.2-24", family=FAMILY, says="le texte d’une annotation a une langue")
def spoken(file: File) -> Iterator[str]:
    for _, each in file.annotations:
        if "/Contents" in each:
            is_right = has_language(file) or "/Lang" in _element(file, each)
            yield "" if is_right else "sans langue"


@rule("UA 7.2-25", family=FAMILY, says="le nom d’un champ a une langue")
def spoken_fields(file: File) -> Iterator[str]:
    for each in _fields(file):
        if "/TU" in each:
            yield "" if has_language(file) or "/Lang" in _element(file, each) else "sans langue"
