"""XML that comes from outside: bounded, without entities, without network."""

from datetime import date
from typing import TypeAlias

from lxml import etree

from law.findings import Refused, refusal

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
MOST = 2 * 1024 * 1024  # bytes of one message

Element: TypeAlias = etree._Element


def read(content: bytes, *, name: str = "ce fichier") -> Element:
    """The root of a message of @CTES. Raises `Refused` for what is too big, is no XML, declares
    entities, or is of another language."""
    root = parsed(content, name=name)
    if etree.QName(root).namespace != ACTES:
        raise _unread(name, "ce n’est pas un message @CTES")
    return root


def parsed(content: bytes, *, name: str) -> Element:
    """The root of any XML that comes from outside. Raises `Refused` for what is too big, is no XML,
    or declares entities."""
    if len(content) > MOST:
        raise refusal(
            "xml_trop_gros",
            f"{name}\u00a0: ce fichier est trop gros pour un message de la préfecture.",
            remedy="Déposez le fichier tel que la préfecture ou l’opérateur l’a rendu.",
        )
    # Before it is parsed, for the usual writings; after, for those that hide the letters.
    if b"\x00" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _unread(name, "il déclare ce qu’un message de la préfecture ne déclare pas")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _unread(name, "ce n’est pas du XML entier") from error
    if root is not None and root.getroottree().docinfo.internalDTD is not None:
        raise _unread(name, "il déclare ce qu’un message de la préfecture ne déclare pas")
    if root is None:
        raise _unread(name, "ce n’est pas du XML entier")
    return root


def _unread(name: str, why: str) -> Refused:
    return refusal(
        "xml_illisible",
        f"{name}\u00a0: {why}.",
        remedy="Déposez le fichier tel que la préfecture ou l’opérateur l’a rendu, sans l’ouvrir "
        "ni l’enregistrer de nouveau.",
    )


def kind(element: Element) -> str:
    """The name of an element of @CTES: "ARActe"."""
    return str(etree.QName(element).localname)


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant by this path; `None` when a step is missing."""
    for step in path:
        if element is None:
            return None
        element = element.find(f"{{{ACTES}}}{step}")
    return element


def children(element: Element | None, name: str) -> list[Element]:
    """Its children of this name."""
    return [] if element is None else element.findall(f"{{{ACTES}}}{name}")


def text(element: Element | None, *path: str, most: int = 2000) -> str:
    """The words of a descendant, on one line, bounded; "" when it is not there."""
    found = child(element, *path)
    if found is None:
        return ""
    return " ".join("".join(str(part) for part in found.itertext()).split())[:most]


def attribute(element: Element | None, name: str, *, most: int = 200) -> str:
    """An attribute of @CTES, or one without a prefix; "" when there is none."""
    if element is None:
        return ""
    value = element.get(f"{{{ACTES}}}{name}") or element.get(name) or ""
    return str(value)[:most].strip()


def day(said: str) -> date | None:
    """A date as XML writes it, its time zone left out; `None` for what is none."""
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None
