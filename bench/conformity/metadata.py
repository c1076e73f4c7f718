"""Metadata: XMP, what it claims and how it is written; files attached, languages."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from bench.conformity.model import File, Stream, is_dict, listed, name_of
from bench.conformity.rules import rule

FAMILY = "Métadonnées"
EXTENSION = "Métadonnées ajoutées"

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
HOLDER = "{http://www.aiim.org/pdfa/ns/extension/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
TYPE = "{http://www.aiim.org/pdfa/ns/type#}"
FIELD = "{http://www.aiim.org/pdfa/ns/field#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XMP, XMP_MM = "{http://ns.adobe.com/xap/1.0/}", "{http://ns.adobe.com/xap/1.0/mm/}"
PDF = "{http://ns.adobe.com/pdf/1.3/}"

# The properties that XMP 2005 defines, as far as our chain and its neighbours write them.
_KNOWN = {
    **dict.fromkeys((f"{DC}title", f"{DC}description", f"{DC}rights"), "LangAlt"),
    **dict.fromkeys((f"{DC}creator", f"{DC}date"), "Seq"),
    **dict.fromkeys(
        (f"{DC}{name}" for name in "contributor language publisher relation subject type".split()),
        "Bag",
    ),
    **dict.fromkeys(
        (f"{DC}{name}" for name in "coverage format identifier source".split()), "Text"
    ),
    **dict.fromkeys(
        (f"{XMP}{name}" for name in "CreateDate ModifyDate MetadataDate".split()), "Date"
    ),
    **dict.fromkeys(
        (f"{XMP}{name}" for name in "CreatorTool BaseURL Label Nickname".split()), "Text"
    ),
    **dict.fromkeys((f"{PDF}{name}" for name in "Producer Keywords PDFVersion".split()), "Text"),
    **dict.fromkeys(
        (f"{XMP_MM}{name}" for name in "DocumentID InstanceID VersionID RenditionClass".split()),
        "Text",
    ),
    f"{PDFA}part": "Integer",
    f"{PDFA}conformance": "Text",
    f"{PDFA}amd": "Text",
    f"{PDFA}corr": "Text",
    f"{HOLDER}schemas": "Bag",
}


# --- Packets ----------------------------------------------------------------------------------


def _packets(file: File) -> Iterator[bytes]:
    for each in file.dicts:
        if isinstance(each.get("/Metadata"), Stream):
            yield each.Metadata.read_bytes()


def _main(file: File) -> bytes:
    told = file.root.get("/Metadata")
    return told.read_bytes() if isinstance(told, Stream) else b""


@lru_cache(maxsize=64)
def _parsed(packet: bytes) -> Any:
    """The RDF of a packet; `None` when it is not well formed."""
    start, end = packet.find(b"<?xpacket end"), packet.find(b"?>")
    inner = (
        packet[end + 2 : start]
        if start > 0 and packet.lstrip().startswith(b"<?xpacket")
        else packet
    )
    try:
        tree = etree.fromstring(inner.strip())
    except etree.XMLSyntaxError:
        return None
    roots = [tree] if tree.tag == f"{RDF}RDF" else list(tree.iter(f"{RDF}RDF"))
    return roots[0] if len(roots) == 1 else None


def _properties(packet: bytes) -> Iterator[tuple[str, Any, str | None]]:
    """Name, value and prefix of each property of a packet; a value is an element or a text."""
    tree = _parsed(packet)
    for description in tree if tree is not None else ():
        prefixes = {uri: prefix for prefix, uri in description.nsmap.items()}
        for name, value in description.attrib.items():
            if not name.startswith((RDF, "{http://www.w3.org/XML/1998")):
                yield name, value, prefixes.get(name[1:].partition("}")[0])
        for each in description:
            if isinstance(each.tag, str):
                yield each.tag, each, each.prefix


def _said(file: File, name: str) -> list[tuple[str, str | None]]:
    """The values of a property of the main packet, as texts, with their prefixes."""
    return [
        (value if isinstance(value, str) else (value.text or "").strip(), prefix)
        for found, value, prefix in _properties(_main(file))
        if found == name
    ]


@rule("A 6.6.2.1-1", "UA 7.1-8", family=FAMILY, says="le fichier a des métadonnées")
def present(file: File) -> Iterator[str]:
    yield "" if _main(file) else "pas de /Metadata"


def _header(word: bytes) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for packet in _packets(file):
            head = packet[: packet.find(b"?>")]
            yield f"{word.decode()} dans l’en-tête" if re.search(rb"\b%s=" % word, head) else ""

    return check


rule("A 6.6.2.1-2", family=FAMILY, says="leur en-tête ne dit pas leur taille")(_header(b"bytes"))
rule("A 6.6.2.1-3", family=FAMILY, says="ni leur codage")(_header(b"encoding"))


@rule("A 6.6.2.1-4", family=FAMILY, says="elles sont bien formées")
def formed(file: File) -> Iterator[str]:
    for packet in _packets(file):
        tree = _parsed(packet)
        is_right = tree is not None and all(
            each.tag == f"{RDF}Description" for each in tree if isinstance(each.tag, str)
        )
        yield "" if is_right else "XMP illisible"


@rule("A 6.6.2.1-5", family=FAMILY, says="elles sont en UTF-8")
def encoded(file: File) -> Iterator[str]:
    for packet in _packets(file):
        try:
            packet.decode("utf-8")
        except UnicodeDecodeError:
            yield "codage"
        else:
            yield "un autre codage" if b"\0" in packet[:64] else ""


@rule("UA 7.1-9", family=FAMILY, says="elles disent le titre")
def titled(file: File) -> Iterator[str]:
    found = [value for name, value, _ in _properties(_main(file)) if name == f"{DC}title"]
    yield "" if any("".join(each.itertext()).strip() for each in found) else "pas de dc:title"


# --- Claims -----------------------------------------------------------------------------------


@rule("A 6.6.4-1", family=FAMILY, says="le fichier se dit PDF/A")
def claims(file: File) -> Iterator[str]:
    yield "" if _said(file, f"{PDFA}part") else "pas de pdfaid:part"


def _value(name: str, wanted: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for value, _ in _said(file, name):
            yield "" if value == wanted else f"« {value} » au lieu de « {wanted} »"

    return check


def _prefix(name: str, wanted: str) -> Callable[[File], Iterator[str]]:
    def check(file: File) -> Iterator[str]:
        for _, prefix in _said(file, name):
            yield "" if prefix in (None, wanted) else f"préfixe « {prefix} »"

    return check


rule("A 6.6.4-2", family=FAMILY, says="de partie 3")(_value(f"{PDFA}part", "3"))
rule("A 6.6.4-3", family=FAMILY, says="de niveau A")(_value(f"{PDFA}conformance", "A"))
for number, name in enumerate(("part", "conformance", "amd", "corr"), start=4):
    rule(f"A 6.6.4-{number}", family=FAMILY, says=f"pdfaid:{name} garde son préfixe")(
        _prefix(f"{PDFA}{name}", "pdfaid")
    )


@rule("UA 5-1", family=FAMILY, says="le fichier se dit PDF/UA")
def claims_access(file: File) -> Iterator[str]:
    yield "" if _said(file, f"{PDFUA}part") else "pas de pdfuaid:part"


rule("UA 5-2", family=FAMILY, says="de partie 1")(_value(f"{PDFUA}part", "1"))
for number, name in enumerate(("part", "amd", "corr"), start=3):
    rule(f"UA 5-{number}", family=FAMILY, says=f"pdfuaid:{name} garde son préfixe")(
        _prefix(f"{PDFUA}{name}", "pdfuaid")
    )


# --- Properties and the schemas that add some -------------------------------------------------


def _bag(value: Any, kinds: tuple[str, ...]) -> list[Any] | None:
    """The members of an array of RDF; `None` when the value is none."""
    if not etree.iselement(value):
        return None
    inner = [each for each in value if isinstance(each.tag, str)]
    if len(inner) != 1 or inner[0].tag not in {f"{RDF}{kind}" for kind in kinds}:
        return None
    return [each for each in inner[0] if each.tag == f"{RDF}li"]


def _schemas(packet: bytes) -> list[Any]:
    """The descriptions of schemas that a packet holds."""
    return [
        _body(each)
        for name, value, _ in _properties(packet)
        if name == f"{HOLDER}schemas"
        for each in _bag(value, ("Bag",)) or []
    ]


def _body(item: Any) -> Any:
    """The structure that an item holds, whichever way RDF writes it."""
    inner = item.find(f"{RDF}Description")
    return item if inner is None else inner


def _fields(body: Any, name: str, kinds: tuple[str, ...] = ("Seq",)) -> list[Any]:
    found = body.find(name)
    return [_body(each) for each in _bag(found, kinds) or []] if found is not None else []


def _text(body: Any, name: str) -> str | None:
    found = body.find(name)
    if found is None:
        return body.get(name)
    if f"{RDF}resource" in found.attrib:
        return found.get(f"{RDF}resource")
    return None if len(found) else (found.text or "").strip()


def _added(packet: bytes) -> dict[str, str]:
    """The properties that the schemas of a packet describe: name → type."""
    return {
        f"{{{_text(schema, f'{SCHEMA}namespaceURI')}}}{_text(each, f'{PROPERTY}name')}": (
            _text(each, f"{PROPERTY}valueType") or ""
        )
        for schema in _schemas(packet)
        for each in _fields(schema, f"{SCHEMA}property")
    }


@rule("A 6.6.2.3.1-1", family=FAMILY, says="chaque propriété est connue ou décrite")
def known(file: File) -> Iterator[str]:
    main = _added(_main(file))
    for packet in _packets(file):
        ours = _KNOWN | main | _added(packet)
        for name, _, _ in _properties(packet):
            yield "" if name in ours else name


_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")


def _fits(value: Any, kind: str) -> bool:
    if kind in ("Seq", "Bag", "Alt"):
        return _bag(value, (kind,)) is not None
    if kind == "LangAlt":
        items = _bag(value, ("Alt",))
        return items is not None and all(each.get(LANG) for each in items)
    text = value if isinstance(value, str) else (value.text or "").strip()
    if not isinstance(value, str) and len(value):
        return False
    patterns = {"Integer": r"[+-]?\d+", "Boolean": "True|False", "Date": _DATE.pattern}
    return bool(re.fullmatch(patterns.get(kind, r"[\s\S]*"), text))


@rule("A 6.6.2.3.1-2", family=FAMILY, says="et du type qui lui convient")
def valued(file: File) -> Iterator[str]:
    main = _added(_main(file))
    for packet in _packets(file):
        ours = _KNOWN | main | _added(packet)
        for name, value, _ in _properties(packet):
            if name in ours:
                yield "" if _fits(value, ours[name]) else f"{name} n’est pas {ours[name]}"


def _bodies(file: File) -> Iterator[tuple[str, Any]]:
    """The schemas, properties, types and fields that are described."""
    for packet in _packets(file):
        for schema in _schemas(packet):
            yield "schema", schema
            for each in _fields(schema, f"{SCHEMA}property"):
                yield "property", each
            for each in _fields(schema, f"{SCHEMA}valueType"):
                yield "type", each
                for inner in _fields(each, f"{TYPE}field"):
                    yield "field", inner


_PARTS = {
    "schema": (SCHEMA, ("schema", "namespaceURI", "prefix", "property", "valueType")),
    "property": (PROPERTY, ("name", "valueType", "category", "description")),
    "type": (TYPE, ("type", "namespaceURI", "prefix", "description", "field")),
    "field": (FIELD, ("name", "valueType", "description")),
}


@rule("A 6.6.2.3.2-1", family=EXTENSION, says="une description n’a que les parties prévues")
def described(file: File) -> Iterator[str]:
    for kind, body in _bodies(file):
        space, names = _PARTS[kind]
        told = {each.tag for each in body if isinstance(each.tag, str)}
        more = told - {f"{space}{name}" for name in names} - {f"{RDF}type"}
        yield f"{more}" if more else ""


@rule("A 6.6.2.3.3-1", family=EXTENSION, says="les descriptions sont dans pdfaExtension:schemas")
def holder(file: File) -> Iterator[str]:
    for packet in _packets(file):
        for name, value, prefix in _properties(packet):
            if name == f"{HOLDER}schemas":
                is_right = _bag(value, ("Bag",)) is not None and prefix == "pdfaExtension"
                yield "" if is_right else "pdfaExtension:schemas"


_PREFIXES = {SCHEMA: "pdfaSchema", PROPERTY: "pdfaProperty", TYPE: "pdfaType", FIELD: "pdfaField"}
_TYPES = re.compile(
    r"((bag|seq|alt|open Choice of|closed Choice of|Choice of)\s+)?"
    r"(Text|Integer|Real|Boolean|Date|URI|URL|ProperName|AgentName|MIMEType|Locale|Rational|GUID|"
    r"RenditionClass|ResourceRef|Lang Alt|LangAlt|XPath|Any)",
    re.IGNORECASE,
)


def _part(kind: str, name: str, test: Callable[[str, set[str]], bool]) -> Any:
    """A part that a description must have, as a text that passes a test, with its prefix."""
    space = _PARTS[kind][0]

    def check(file: File) -> Iterator[str]:
        defined = {
            _text(body, f"{TYPE}type") or "" for found, body in _bodies(file) if found == "type"
        }
        for found, body in _bodies(file):
            if found == kind:
                text, element = _text(body, f"{space}{name}"), body.find(f"{space}{name}")
                prefix = element.prefix if element is not None else _PREFIXES[space]
                is_right = text is not None and test(text, defined) and prefix == _PREFIXES[space]
                yield "" if is_right else f"{_PREFIXES[space]}:{name} « {text} »"

    return check


def _list(kind: str, name: str, *, needed: bool) -> Any:
    """A part that is an ordered list."""
    space = _PARTS[kind][0]

    def check(file: File) -> Iterator[str]:
        for found, body in _bodies(file):
            element = body.find(f"{space}{name}")
            if found == kind and (element is not None or needed):
                is_right = element is not None and _bag(element, ("Seq",)) is not None
                is_right = is_right and element.prefix == _PREFIXES[space]
                yield "" if is_right else f"{_PREFIXES[space]}:{name}"

    return check


def _any(text: str, _: set[str]) -> bool:
    return bool(text)


def _address(text: str, _: set[str]) -> bool:
    return bool(re.match(r"[a-zA-Z][\w+.-]*:", text))


def _typed(text: str, defined: set[str]) -> bool:
    return bool(_TYPES.fullmatch(text)) or text.split()[-1:] in [[each] for each in defined]


def _category(text: str, _: set[str]) -> bool:
    return text in ("internal", "external")


for number, (kind, name, test) in {
    2: ("schema", "schema", _any),
    3: ("schema", "namespaceURI", _address),
    4: ("schema", "prefix", _any),
    7: ("property", "name", _any),
    8: ("property", "valueType", _typed),
    9: ("property", "category", _category),
    10: ("property", "description", _any),
    11: ("type", "type", _any),
    12: ("type", "namespaceURI", _address),
    13: ("type", "prefix", _any),
    14: ("type", "description", _any),
    16: ("field", "name", _any),
    17: ("field", "valueType", _typed),
    18: ("field", "description", _any),
}.items():
    rule(
        f"A 6.6.2.3.3-{number}",
        family=EXTENSION,
        says=f"{_PREFIXES[_PARTS[kind][0]]}:{name} est dit comme il faut",
    )(_part(kind, name, test))
for number, (kind, name, needed) in {
    5: ("schema", "property", False),
    6: ("schema", "valueType", False),
    15: ("type", "field", False),
}.items():
    rule(
        f"A 6.6.2.3.3-{number}",
        family=EXTENSION,
        says=f"{_PREFIXES[_PARTS[kind][0]]}:{name} est une suite",
    )(_list(kind, name, needed=needed))


# --- Languages --------------------------------------------------------------------------------

_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def _languages(file: File) -> Iterator[str]:
    for each in file.dicts:
        if "/Lang" in each:
            yield str(each.Lang)
    for mark in file.drawing.marks:
        if is_dict(mark.properties) and "/Lang" in mark.properties:
            yield str(mark.properties.Lang)


@rule("A 6.7.4-1", family=FAMILY, says="une langue est dite par son code, ou vide")
def language_or_none(file: File) -> Iterator[str]:
    for told in _languages(file):
        yield "" if not told or _LANGUAGE.fullmatch(told) else told


@rule("UA 7.2-29", family=FAMILY, says="une langue est dite par son code")
def language(file: File) -> Iterator[str]:
    for told in _languages(file):
        yield "" if _LANGUAGE.fullmatch(told) else f"« {told} »"


def has_language(file: File) -> bool:
    return bool(str(file.root.get("/Lang", "")))


@rule("UA 7.2-33", family=FAMILY, says="un titre sans langue a celle du fichier")
def default(file: File) -> Iterator[str]:
    for packet in _packets(file):
        for _, value, _ in _properties(packet):
            for each in _bag(value, ("Alt",)) or []:
                is_right = each.get(LANG) != "x-default" or has_language(file)
                yield "" if is_right else "x-default sans langue"


# --- Files attached ---------------------------------------------------------------------------

ATTACHED = "Pièces jointes et calques"


@rule("A 6.8-1", family=ATTACHED, says="une pièce dit son type (application/json)")
def media(file: File) -> Iterator[str]:
    for each in file.typed("EmbeddedFile"):
        told = name_of(each.get("/Subtype"))
        yield "" if re.fullmatch(r"[-\w+.]+/[-\w+.]+", told) else f"« {told} »"


def _specified(file: File) -> Iterator[Any]:
    for each in file.dicts:
        if name_of(each.get("/Type")) in ("Filespec", "F") or "/EF" in each:
            yield each


@rule("A 6.8-2", family=ATTACHED, says="une pièce a son nom, et en Unicode")
def both_names(file: File) -> Iterator[str]:
    for each in _specified(file):
        yield "" if "/EF" not in each or ("/F" in each and "/UF" in each) else "nom manquant"


@rule("UA 7.11-1", family=ATTACHED, says="et ces noms ne sont pas vides")
def full_names(file: File) -> Iterator[str]:
    for each in _specified(file):
        is_right = "/EF" not in each or (str(each.get("/F", "")) and str(each.get("/UF", "")))
        yield "" if is_right else "nom vide"


@rule("A 6.8-3", family=ATTACHED, says="une pièce dit ce qu’elle est pour le papier")
def related(file: File) -> Iterator[str]:
    for each in _specified(file):
        yield "" if "/AFRelationship" in each else "/AFRelationship manque"


@rule("A 6.8-4", family=ATTACHED, says="et le papier la nomme parmi les siennes")
def associated(file: File) -> Iterator[str]:
    told = {each.objgen for holder in file.dicts for each in listed(holder.get("/AF"))}
    for each in _specified(file):
        if "/EF" in each:
            yield "" if each.objgen in told else "hors de /AF"


# --- Layers -----------------------------------------------------------------------------------


def _settings(file: File) -> list[Any]:
    told = file.root.get("/OCProperties") or {}
    return [each for each in (told.get("/D"), *listed(told.get("/Configs"))) if each is not None]


@rule("A 6.9-1", "UA 7.10-1", family=ATTACHED, says="un réglage de calques a un nom")
def layered(file: File) -> Iterator[str]:
    for each in _settings(file):
        yield "" if str(each.get("/Name", "")) else "réglage sans nom"


@rule("A 6.9-2", family=ATTACHED, says="et un seul le porte")
def distinct(file: File) -> Iterator[str]:
    names = [str(each.get("/Name", "")) for each in _settings(file)]
    for name in names:
        yield "" if names.count(name) == 1 else name


def _leaves(value: Any) -> Iterator[Any]:
    for each in listed(value):
        if is_dict(each):
            yield each.objgen
        elif not isinstance(each, str | int):
            yield from _leaves(each) if hasattr(each, "__len__") else ()


@rule("A 6.9-3", family=ATTACHED, says="et range tous les calques")
def ordered(file: File) -> Iterator[str]:
    layers = {each.objgen for each in (file.root.get("/OCProperties") or {}).get("/OCGs", [])}
    for each in _settings(file):
        if "/Order" in each:
            yield "" if layers <= set(_leaves(each.Order)) else "un calque hors de l’ordre"


@rule("A 6.9-4", "UA 7.10-2", family=ATTACHED, says="aucun calque ne s’allume de lui-même")
def still(file: File) -> Iterator[str]:
    for each in _settings(file):
        yield "/AS" if "/AS" in each else ""


@rule("A 6.10-1", family=ATTACHED, says="il n’y a qu’une présentation")
def one(file: File) -> Iterator[str]:
    told = file.root.get("/Names") or {}
    yield "/AlternatePresentations" if "/AlternatePresentations" in told else ""


@rule("A 6.10-2", family=ATTACHED, says="et aucune page ne s’anime")
def steps(file: File) -> Iterator[str]:
    for page in file.pdf.pages:
        yield "/PresSteps" if "/PresSteps" in page.obj else ""


@rule("A 6.11-1", family=ATTACHED, says="le fichier n’exige rien de qui le lit")
def demands(file: File) -> Iterator[str]:
    yield "/Requirements" if "/Requirements" in file.root else ""
