"""How the file is written: its head, its words, its streams, its limits."""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from bench.conformity.model import File, listed, name_of
from bench.conformity.rules import absent, rule

FAMILY = "Écriture du fichier"
LIMITS = "Limites"


@rule("A 6.1.2-1", "UA 6.1-1", family=FAMILY, says="le fichier commence par %PDF-1.0 à 1.7")
def header(file: File) -> Iterator[str]:
    yield "" if re.match(rb"%PDF-1\.[0-7][\r\n]", file.raw) else f"{file.raw[:10]!r}"


@rule("A 6.1.2-2", family=FAMILY, says="un commentaire de quatre octets hauts suit l’en-tête")
def comment(file: File) -> Iterator[str]:
    found = re.match(rb"%PDF-1\..(?:\r\n|\r|\n)%([\x80-\xff]{4})", file.raw)
    yield "" if found else "pas de commentaire binaire"


@rule("A 6.1.3-1", family=FAMILY, says="la fin du fichier porte un identifiant")
def identifier(file: File) -> Iterator[str]:
    told = file.pdf.trailer.get("/ID")
    yield "" if told is not None and len(told) == 2 and bytes(told[0]) else "/ID manque"


@rule("A 6.1.3-2", family=FAMILY, says="rien n’est chiffré")
def clear(file: File) -> Iterator[str]:
    yield "chiffré" if file.pdf.is_encrypted or b"/Encrypt" in file.raw[-2048:] else ""


absent(
    "UA 7.16-1",
    family=FAMILY,
    says="un chiffrement laisserait lire les lecteurs d’écran",
    find=lambda file: iter(["chiffré"] if file.pdf.is_encrypted else []),
)


@rule("A 6.1.3-3", family=FAMILY, says="rien ne suit la dernière marque de fin")
def ended(file: File) -> Iterator[str]:
    tail = file.raw[file.raw.rfind(b"%%EOF") + 5 :]
    yield "" if tail in (b"", b"\n", b"\r", b"\r\n") else f"{len(tail)} octets après %%EOF"


@rule("A 6.1.4-2", family=FAMILY, says="la table des objets s’écrit sur ses lignes")
def table(file: File) -> Iterator[str]:
    for each in re.finditer(rb"(?<=[\r\n])xref(.{0,24})", file.raw, re.DOTALL):
        is_right = re.match(rb"(?:\r\n|\r|\n)\d+ \d+\s*(?:\r\n|\r|\n)", each[1])
        yield "" if is_right else f"table à l’octet {each.start()}"


@rule("A 6.1.6-1", family=FAMILY, says="les chaînes hexadécimales ont des chiffres par paires")
def even(file: File) -> Iterator[str]:
    for where, kind, word in file.tokens:
        if kind == "hexa":
            digits = re.sub(rb"\s", b"", word)
            yield "" if len(digits) % 2 == 0 else where


@rule("A 6.1.6-2", family=FAMILY, says="les chaînes hexadécimales n’ont que de tels chiffres")
def hexadecimal(file: File) -> Iterator[str]:
    for where, kind, word in file.tokens:
        if kind == "hexa":
            yield "" if re.fullmatch(rb"[\da-fA-F\s]*", word) else where


def _written(file: File) -> Iterator[tuple[str, bytes, bytes]]:
    """The dictionary and what follows of each stream that stands in the file."""
    for number, place in file.places:
        end = file.raw.find(b"endobj", place)
        text = file.raw[place:end]
        if cut := re.search(rb">>\s*stream", text):
            yield (
                f"objet {number}",
                text[: cut.start()],
                file.raw[place + cut.end() : place + 2**26],
            )


def _length(file: File, told: bytes) -> int | None:
    found = re.search(rb"/Length (\d+)( \d+ R)?", told)
    if not found:
        return None
    number = int(found[1])
    return int(file.pdf.get_object((number, 0))) if found[2] else number


@rule("A 6.1.7.1-1", family=FAMILY, says="la longueur annoncée d’un flux est la vraie")
def length(file: File) -> Iterator[str]:
    for where, told, rest in _written(file):
        known = _length(file, told)
        start = 2 if rest.startswith(b"\r\n") else 1
        after = rest[start + (known or 0) :][:12]
        is_right = known is not None and re.match(rb"(?:\r\n|\r|\n)?endstream", after)
        yield "" if is_right else f"{where} : /Length {known}"


@rule("A 6.1.7.1-2", family=FAMILY, says="stream et endstream sont seuls sur leur ligne")
def keywords(file: File) -> Iterator[str]:
    for where, told, rest in _written(file):
        known = _length(file, told) or 0
        start = 2 if rest.startswith(b"\r\n") else 1
        is_right = rest[:1] in (b"\n", b"\r") and not re.match(rb"\r[^\n]", rest)
        after = rest[start + known :][:12]
        yield "" if is_right and re.match(rb"(?:\r\n|\r|\n)endstream", after) else where


@rule("A 6.1.7.1-3", family=FAMILY, says="aucun flux ne renvoie à un fichier du dehors")
def inside(file: File) -> Iterator[str]:
    for each in file.streams:
        out = {"/F", "/FFilter", "/FDecodeParms"} & set(each.keys())
        yield f"flux {each.objgen[0]} : {out}" if out else ""


_FILTERS = {
    *("ASCIIHexDecode", "ASCII85Decode", "FlateDecode", "RunLengthDecode", "CCITTFaxDecode"),
    *("JBIG2Decode", "DCTDecode", "JPXDecode"),
}


@rule("A 6.1.7.2-1", family=FAMILY, says="les flux n’ont que des filtres permis (pas de LZW)")
def filters(file: File) -> Iterator[str]:
    for each in file.streams:
        for told in listed(each.get("/Filter")):
            yield "" if name_of(told) in _FILTERS else f"flux {each.objgen[0]} : {told}"


_INLINE = {
    *("ASCIIHexDecode", "ASCII85Decode", "FlateDecode", "RunLengthDecode", "CCITTFaxDecode"),
    *("DCTDecode", "AHx", "A85", "Fl", "RL", "CCF", "DCT", ""),
}


@rule("A 6.1.10-1", family=FAMILY, says="les images au fil du texte n’ont que des filtres permis")
def inline_filters(file: File) -> Iterator[str]:
    for told in file.drawing.inline_filters:
        yield "" if told in _INLINE else told


def _decoded(word: bytes) -> bytes:
    return re.sub(rb"#([\da-fA-F]{2})", lambda each: bytes([int(each[1], 16)]), word)


@rule("A 6.1.8-1", family=FAMILY, says="les noms sont en UTF-8")
def names(file: File) -> Iterator[str]:
    for where, kind, word in file.tokens:
        if kind == "nom":
            try:
                _decoded(word).decode()
            except UnicodeDecodeError:
                yield f"{where} : {word!r}"
            else:
                yield ""


@rule("A 6.1.9-1", family=FAMILY, says="chaque objet s’ouvre et se ferme sur ses lignes")
def spacing(file: File) -> Iterator[str]:
    for number, place in file.places:
        head = re.match(rb"\d+ \d+ obj(?=[\r\n])", file.raw[place : place + 40])
        before = place == 0 or file.raw[place - 1 : place] in (b"\n", b"\r")
        end = file.raw.find(b"endobj", place)
        closed = file.raw[end - 1 : end] in (b"\n", b"\r") and re.match(
            rb"[\r\n]", file.raw[end + 6 : end + 7]
        )
        yield "" if head and before and closed else f"objet {number}"


@rule("A 6.1.12-1", family=FAMILY, says="les permissions ne disent que DocMDP et UR3")
def permissions(file: File) -> Iterator[str]:
    if (told := file.root.get("/Perms")) is not None:
        more = set(told.keys()) - {"/UR3", "/DocMDP"}
        yield f"{more}" if more else ""


@rule("A 6.1.12-2", family=FAMILY, says="une certification ne porte pas d’empreinte à part")
def references(file: File) -> Iterator[str]:
    is_certified = "/DocMDP" in (file.root.get("/Perms") or {})
    for each in file.dicts:
        for told in listed(each.get("/Reference")) if "/ByteRange" in each else []:
            more = {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(told.keys())
            yield f"{more}" if is_certified and more else ""


# --- Limits -----------------------------------------------------------------------------------


def _numbers(file: File) -> Iterator[tuple[str, bytes]]:
    for where, kind, word in file.tokens:
        if kind == "nombre":
            yield where, word


def _operands(file: File) -> Iterator[Any]:
    for each in file.drawing.operands:
        yield from each if isinstance(each, pikepdf.Array) else [each]


@rule("A 6.1.13-1", family=LIMITS, says="les entiers tiennent sur 32 bits")
def integers(file: File) -> Iterator[str]:
    for where, word in _numbers(file):
        if b"." not in word:
            yield "" if -(2**31) <= int(word) < 2**31 else f"{where} : {word!r}"
    for each in _operands(file):
        if isinstance(each, int):
            yield "" if -(2**31) <= each < 2**31 else f"page : {each}"


def _reals(file: File) -> Iterator[tuple[str, float]]:
    for where, word in _numbers(file):
        if b"." in word:
            yield where, float(word if word.strip(b"+-.") else b"0")
    for each in _operands(file):
        if not isinstance(each, int | pikepdf.Object):
            yield "page", float(each)


@rule("A 6.1.13-2", family=LIMITS, says="les nombres ne sont pas trop grands")
def great(file: File) -> Iterator[str]:
    for where, value in _reals(file):
        yield "" if abs(value) <= 3.403e38 else f"{where} : {value}"


@rule("A 6.1.13-5", family=LIMITS, says="les nombres non nuls ne sont pas trop petits")
def tiny(file: File) -> Iterator[str]:
    for where, value in _reals(file):
        yield "" if value == 0 or abs(value) >= 1.175e-38 else f"{where} : {value}"


@rule("A 6.1.13-3", family=LIMITS, says="les chaînes ont moins de 32 768 octets")
def strings(file: File) -> Iterator[str]:
    for where, kind, word in file.tokens:
        if kind in ("hexa", "chaîne"):
            size = len(word) // 2 if kind == "hexa" else len(word)
            yield "" if size < 32768 else f"{where} : {size} octets"


@rule("A 6.1.13-4", family=LIMITS, says="les noms ont au plus 127 octets")
def long_names(file: File) -> Iterator[str]:
    for where, kind, word in file.tokens:
        if kind == "nom":
            yield "" if len(_decoded(word)) <= 127 else f"{where} : {word[:20]!r}…"


@rule("A 6.1.13-7", family=LIMITS, says="il n’y a pas plus de 8 388 607 objets")
def many(file: File) -> Iterator[str]:
    yield "" if len(file.objects) <= 8388607 else f"{len(file.objects)} objets"


@rule("A 6.1.13-8", family=LIMITS, says="q ne s’emboîte pas plus de 28 fois")
def nesting(file: File) -> Iterator[str]:
    for depth in file.drawing.depths:
        yield "" if depth <= 28 else f"{depth} niveaux"


@rule("A 6.1.13-10", family=LIMITS, says="une table de caractères ne dépasse pas 65 535")
def characters(file: File) -> Iterator[str]:
    for each in file.streams:
        if name_of(each.get("/Type")) == "CMap":
            numbers = [int(told) for told in re.findall(rb">\s+(\d+)", each.read_bytes())]
            yield "" if max(numbers, default=0) <= 65535 else f"flux {each.objgen[0]}"


@rule("A 6.1.13-11", family=LIMITS, says="une page a entre 3 et 14 400 points de côté")
def boxes(file: File) -> Iterator[str]:
    for page in file.pdf.pages:
        for key in ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"):
            if key in page.obj:
                x0, y0, x1, y1 = (float(each) for each in page.obj[key])
                is_right = all(3 <= side <= 14400 for side in (abs(x1 - x0), abs(y1 - y0)))
                yield "" if is_right else f"{key} {x1 - x0} × {y1 - y0}"


def _inks(file: File) -> Iterator[str]:
    for each in file.values:
        if isinstance(each, pikepdf.Array) and len(each) and name_of(each[0]) == "DeviceN":
            yield "un espace DeviceN"


absent("A 6.1.13-9", family=LIMITS, says="un espace DeviceN a au plus 32 encres", find=_inks)
absent(
    "A 6.2.4.4-1",
    family="Couleurs et dessin",
    says="un espace DeviceN décrit ses encres",
    find=_inks,
)
