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
    `ValueError` for what is no metadata."""
    try:
        root = etree.fromstring(xmp, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError("no metadata") from error
    said = [_properties(each) for each in root.iterfind(f"{_RDF}RDF/{_RDF}Description")]
    return frozenset(pair for each in said for pair in each if pair[0] not in _OF_THE_TOOL)


def _properties(described: etree._Element) -> Said:
    """Those of one thing: a simple one may be an attribute or an element."""
    attributes = [
        (name, value)
        for name, value in described.attrib.items()
        if name not in (f"{_RDF}about", f"{_RDF}parseType")
    ]
    elements = [(str(each.tag), _value(each)) for each in described]
    return frozenset((*attributes, *elements))


def _value(element: etree._Element) -> object:
    if element.get(f"{_RDF}parseType") == "Resource":
        return _properties(element)
    inside = list(element)
    if not inside:
        said = element.get(f"{_RDF}resource") or (element.text or "").strip()
        language = element.get("{http://www.w3.org/XML/1998/namespace}lang")
        return (language, said) if language else said
    (only,) = inside
    if only.tag == f"{_RDF}Description":
        return _properties(only)
    return str(only.tag), tuple(_value(each) for each in only)
