"""What the metadata (XMP) of a PDF say, however they are laid out.

Each tool that signs writes them anew: attributes become elements, prefixes and blanks move. What
they say is compared, not their bytes.
"""

from lxml import etree

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
# When it was last written, and by which tool: what signing changes.
_OF_THE_TOOL = {
    f"{_XMP}ModifyDate",
    f"{_XMP}MetadataDate",
    "{http://ns.adobe.com/pdf/1.3/}Producer",
    "{http://ns.adobe.com/xap/1.0/mm/}InstanceID",
}

Said = frozenset[tuple[str, object]]


def told(xmp: bytes) -> Said:
    """Each property with its value, but for those that a tool that signs may change. Raises
    `ValueError` for what is no metadata, and for what two readers would read otherwise: a second
    set of properties, an element that describes something else, words between two elements."""
    try:
        root = etree.fromstring(xmp, _PARSER)
    except etree.XMLSyntaxError as error:
        raise ValueError("no metadata") from error
    (rdf,) = _only(root, f"{_RDF}RDF", 1)
    said = [_properties(each) for each in _only(rdf, f"{_RDF}Description")]
    return frozenset(pair for each in said for pair in each if pair[0] not in _OF_THE_TOOL)


_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
)


def _only(element: etree._Element, tag: str = "", count: int = 0) -> list[etree._Element]:
    """What is inside, when it is nothing else: elements, of this tag, so many, without a word."""
    inside = list(element)
    if (
        (tag and any(each.tag != tag for each in inside))
        or (count and len(inside) != count)
        or any((text or "").strip() for text in (element.text, *(each.tail for each in inside)))
    ):
        raise ValueError(f"{element.tag} holds something else")
    return inside


def _properties(described: etree._Element) -> Said:
    """Those of one thing: a simple one may be an attribute or an element."""
    attributes = [
        (name, value)
        for name, value in described.attrib.items()
        if name not in (f"{_RDF}about", f"{_RDF}parseType")
    ]
    elements = [(str(each.tag), _value(each)) for each in _only(described)]
    return frozenset((*attributes, *elements))


_PARSE_TYPE, _RESOURCE, _LANGUAGE = (
    *(f"{_RDF}parseType", f"{_RDF}resource"),
    "{http://www.w3.org/XML/1998/namespace}lang",
)
_LISTS = {f"{_RDF}{name}" for name in ("Alt", "Bag", "Seq")}


def _value(element: etree._Element) -> object:
    if element.get(_PARSE_TYPE) == "Resource":
        return _properties(element)
    if element.keys() not in ([], [_RESOURCE], [_LANGUAGE]):
        raise ValueError(f"{element.tag} says more than its value")
    if not len(element):
        said = element.get(_RESOURCE) or (element.text or "").strip()
        language = element.get(_LANGUAGE)
        return (language, said) if language else said
    (only,) = _only(element, count=1)
    if only.tag == f"{_RDF}Description":
        return _properties(only)
    if only.tag not in _LISTS or only.attrib:
        raise ValueError(f"{only.tag} is no list")
    return str(only.tag), tuple(_value(each) for each in _only(only, f"{_RDF}li"))
