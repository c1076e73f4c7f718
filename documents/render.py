"""From a paper to ink: HTML for the screen and for WeasyPrint, then PDF.

A template is given the paper and the fonts, and nothing else: no request, no row of the database,
no clock. The PDF is PDF/A-3a and PDF/UA-1, carries the JSON of the paper as an attachment, and is
the same byte for byte every time the same paper is printed with the same versions of the libraries
(`requirements.txt` pins them).
"""

import atexit
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache, lru_cache, partial
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

import font_source_sans_pro
import font_source_serif_pro
from django.core.cache import caches
from django.template.loader import render_to_string
from django.templatetags.static import static

from documents import papers
from law import french
from law.findings import Finding, refusal
from law.french import NBSP

# --- Fonts ------------------------------------------------------------------------------------

_SERIF = Path(font_source_serif_pro.__file__).parent / "files"
_SANS = Path(font_source_sans_pro.__file__).parent / "files"
SCHEME = "paper:"


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, under the family name that the style sheets of papers use."""

    family: str
    file: Path
    weight: int
    style: str
    url: str


def faces(*, for_screen: bool) -> list[Face]:
    """One file for each family, weight and style. The sans stands in for what the serif lacks."""
    return [
        Face(
            family=family,
            file=folder / f"{name}-{suffix}.ttf",
            weight=weight,
            style=style,
            url=static(f"fonts/{served}/{name}-{suffix}.ttf")
            if for_screen
            else f"{SCHEME}{name}-{suffix}.ttf",
        )
        for family, folder, name, served in (
            ("Paper Serif", _SERIF, "SourceSerifPro", "serif"),
            ("Paper Sans", _SANS, "SourceSansPro", "sans"),
        )
        for suffix, weight, style in (
            ("Regular", 400, "normal"),
            ("It", 400, "italic"),
            ("Semibold", 600, "normal"),
            ("SemiboldIt", 600, "italic"),
            ("Bold", 700, "normal"),
            ("BoldIt", 700, "italic"),
        )
    ]


@cache
def _font_files() -> dict[str, Path]:
    return {face.url: face.file for face in faces(for_screen=False)}


@cache
def printable() -> frozenset[int]:
    """The code points that every weight of the paper can print, upright at least."""
    from fontTools.ttLib import TTFont

    covered: dict[int, set[int]] = defaultdict(set)
    for face in faces(for_screen=False):
        if face.style == "normal":
            with TTFont(face.file, lazy=True) as font:
                covered[face.weight] |= font.getBestCmap().keys()
    return frozenset.intersection(*map(frozenset, covered.values()))


SUBSTITUTE = "☐"  # stands in a preview for a character that the fonts lack


def missing_glyphs(paper: papers.Paper) -> tuple[str, ...]:
    """The characters that the fonts of the paper lack, in the order they are met, each once."""
    characters = dict.fromkeys(character for _, text in paper.texts() for character in text)
    return tuple(
        character
        for character in characters
        if ord(character) not in printable() and character not in "\n\t"
    )


def unprintable(paper: papers.Paper) -> tuple[Finding, ...]:
    """A finding for each character that cannot be printed: which one, and where it stands.

    A missing glyph would make the PDF unfit for archives, so that it must be mended before the
    paper is issued.
    """
    found = []
    for character in missing_glyphs(paper):
        places = dict.fromkeys(where for where, text in paper.texts() if character in text)
        first, *others = places
        more = f" et {french.count(len(others), 'autre endroit')}" if others else ""
        found.append(
            Finding(
                code="caractere_absent",
                message=(
                    f"Le caractère « {character} » (U+{ord(character):04X}), dans {first}{more}, "
                    f"n’existe pas dans les polices {french.contract('de', paper.noun)}."
                ),
                remedy="Remplacez-le ou retirez-le.",
            )
        )
    return tuple(found)


# --- HTML -------------------------------------------------------------------------------------


def render_html(paper: papers.Paper, *, for_screen: bool = False, nonce: str = "") -> str:
    """The paper as one HTML page. `nonce` lets its style through the policy of the site."""
    context = {"paper": paper, "for_screen": for_screen, "nonce": nonce}
    return page(paper.look, context, missing_glyphs(paper))


def page(template: str, context: dict[str, Any], missing: Iterable[str] = ()) -> str:
    """A template set as papers are: their fonts, superior letters, a box for what has no glyph."""
    for_screen = context.get("for_screen", False)
    html: str = render_to_string(template, context | {"faces": faces(for_screen=for_screen)})
    if absent := "".join(missing):
        html = re.sub(f"[{re.escape(absent)}]", SUBSTITUTE, html)
    return _set_finely(html)


_ORDINAL = re.compile(r"(?<![\w.-])(\d{1,3}|[IVX]+)(er|re|e|nde?)(?![\w-])")
# A compound cut at its own hyphen loses it when the text is copied out of the PDF.
_COMPOUND = re.compile(r"(?<![\w-])([^\W\d_]+(?:-[^\W_]+)+)(?![\w-])")
# A long word that ends a paragraph: cut in two, its end would stand alone on the last line.
_LAST_WORD = re.compile(rf"(?<=[ {NBSP}])([^ {NBSP}]{{7,40}})$")
# A short one: it would stand there alone.
_LAST_WORDS = re.compile(r"(?<= )([^ ]{1,12}) ([^ ]{1,12})$")
_MONTHS = "|".join(french.MONTHS)
_WEEKDAYS = "|".join(french.WEEKDAYS)
# What no end of line parts: a number and its noun, the parts of a date, a title and a name, the
# particle of a name and the rest.
_TOGETHER = re.compile(
    rf"(?<![\w,./-])(?:\d{{1,3}}(?:[{NBSP} ]\d{{3}})*(?:,\d+)?) (?=[^\W\dA-Z_]|[€%°])"
    rf"|(?<=1er) (?=(?:{_MONTHS})\b)"
    rf"|\b(?:{_WEEKDAYS}) (?=\d)"
    r"|\b(?:M|MM|Mme|Mmes|Me|Dr)\.? (?=[A-ZÀ-Ý])"
    r"|\bdu (?=CGCT\b)"
    r"|\b(?:LE|LA|LES|DE|DU|DES|VAN|VON|DER|DEN|DI|DA|EL|BEN|SAINT|SAINTE|ST|MAC) (?=[A-ZÀ-Ý]{2})"
)
# A cell that holds a number and nothing else: it is set under the others.
_AMOUNT = re.compile(
    rf"[-−+]?\d{{1,3}}(?:[{NBSP}\u202f ]?\d{{3}})*(,\d+)?(?:[{NBSP}\u202f ]?[€%])?"
)
# A word alone in its cell: its column is as wide as it is, unless that is very wide.
_WORD = re.compile(r"[^\W\d_]{2,18}")
_CELLS = ("<td>", "<th>")
_HEAD = re.compile(r'(?<=data-head=")[^"]*')
_RAISED = str.maketrans("erdn", "ᵉʳᵈⁿ")


def _set_finely(page: str) -> str:
    """What a typographer does by hand and a style sheet cannot: superior letters, whole words, what
    no end of line may part, amounts under one another.

    The compounds of the names of a public vote are left alone: a box for each would double the time
    of layout.
    """
    head, body = page.split("<body>", 1)
    parts = re.split(r"(<[^>]*>)", body)
    is_said = is_votes = False
    amounts: dict[int, bool] = {}
    table = 0
    for index, part in enumerate(parts):
        if index % 2:
            is_votes = part == '<p class="votes">' or (is_votes and part != "</p>")
            is_said = part == '<div class="said">' or (is_said and part != "</div>")
            if part == "<table>":
                table, amounts = index, {}
            elif part == "</table>" and amounts:
                parts[table:index] = _set_amounts(parts[table:index], amounts)
                amounts = {}
            parts[index] = _HEAD.sub(_raise, part)
        elif part and not part.isspace():
            part = _TOGETHER.sub(lambda found: f"{found[0][:-1]}{NBSP}", part)
            if ends := parts[index + 1] in ("</p>", "</li>"):
                part = _LAST_WORDS.sub(rf"\1{NBSP}\2", part)
            if is_said:
                if ends:
                    part = _LAST_WORD.sub(r'<span class="last">\1</span>', part)
                if parts[index - 1] in _CELLS and _WORD.fullmatch(part):
                    part = f'<span class="whole">{part}</span>'
                cell = index - 1 if parts[index - 1] == "<td>" else index - 3
                if (found := _AMOUNT.fullmatch(part)) and parts[cell] == "<td>":
                    amounts[cell - table] = bool(found[1])
            if not is_votes:
                part = _COMPOUND.sub(r'<span class="whole">\1</span>', part)
                part = _ORDINAL.sub(r"\1<sup>\2</sup>", part)
            parts[index] = part
    return f"{head}<body>{''.join(parts)}"


def _set_amounts(table: list[str], amounts: dict[int, bool]) -> list[str]:
    """The table, its amounts under one another, on the decimal when some have one, and each column
    of them under its title."""
    has_cents = any(amounts.values())
    row: list[int] = []
    titles = row
    for place, part in enumerate(table):
        if part.startswith("<tr"):
            row = []
            titles = titles or row
        elif part[:4] in ("<td>", "<td ", "<th>", "<th "):
            row.append(place)
        if place in amounts:
            more = " round" if has_cents and not amounts[place] else ""
            table[place] = f'<td class="amount{more}">'
            title = titles[len(row) - 1 : len(row)]
            if title and table[title[0]] == "<th>":
                table[title[0]] = '<th class="amount">'
    return table


def _raise(found: re.Match[str]) -> str:
    """The ordinals of a running head, which is set in small capitals: their letters are raised."""
    return _ORDINAL.sub(lambda each: each[1] + each[2].translate(_RAISED), found[0])


# --- PDF --------------------------------------------------------------------------------------


def render_pdf(paper: papers.Paper) -> bytes:
    """The paper as a PDF/A-3a and PDF/UA-1, its JSON attached.

    The same paper is the same file: what was drawn of late is given back from the cache `drawings`.

    Raises `Refused` when the machine lacks the libraries that draw text.
    """
    html = render_html(paper)
    said = "\0".join((hand(*_HAND), html, papers.to_json(paper)))
    pdf: bytes = caches["drawings"].get_or_set(
        sha256(said.encode()).hexdigest(),
        lambda: accessible(draw(html, attached=[paper]), paper),
    )
    return pdf


def draw(
    html: str,
    *,
    attached: Iterable[papers.Paper] = (),
    pictures: Mapping[str, bytes] | None = None,
    watch: Callable[[Any], None] | None = None,
) -> bytes:
    """The page as a tagged PDF/A-3a, the JSON of papers attached.

    `pictures` are what `paper:` addresses of images stand for; `watch` is shown the pages as
    WeasyPrint laid them out. What comes is not packed: `saved` does it, in a quarter of the time.

    Raises `Refused` when the machine lacks the libraries that draw text.
    """
    weasyprint = _weasyprint()
    from documents import measures, stereotypes, structure  # they need the same libraries

    words, look, faces = _apart(html)
    fetcher = partial(fetch, pictures=pictures or {})
    files = [_attachment(weasyprint, paper) for paper in attached]

    def drawn(told: str) -> bytes:
        standing: Mapping[Any, Any] = {}

        def finish(document: Any, pdf: Any) -> None:
            made = structure.mend(document, pdf)
            if standing:
                stereotypes.Printer(pdf, standing, made).print()
            if watch:
                watch(document)

        page = measures.Page(string=told, url_fetcher=fetcher)
        options = {"pdf_variant": "pdf/a-3a", "uncompressed_pdf": True, "attachments": files}
        document = page.render(stylesheets=[_sheet(look)], font_config=fonts, **options)
        if told is not words:
            standing = stereotypes.places(told, document)
        pdf: bytes = document.write_pdf(finisher=finish, **options)
        return pdf

    with _unswept(), _fonts(faces) as fonts:
        if once := stereotypes.once(words):
            try:
                return drawn(once)
            except stereotypes.Cut:
                pass
        return drawn(words)


_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_FACE = re.compile(r"^@font-face .*\n", re.MULTILINE)


def _apart(html: str) -> tuple[str, str, str]:
    """A page without its style; its style without its fonts; its fonts. The last two are the same
    from paper to paper, and reading them takes five times as long as drawing a short one."""
    looks = _STYLE.findall(html)
    faces = "".join(face for look in looks for face in _FACE.findall(look))
    return _STYLE.sub("", html), "".join(_FACE.sub("", look) for look in looks), faces


@lru_cache(maxsize=32)
def _sheet(look: str) -> Any:
    """A style sheet once read. It is never written again: all threads share it."""
    return _weasyprint().CSS(string=look, url_fetcher=fetch)


# Fonts that were read, by the rules that declare them, and are in nobody's hands.
_case: defaultdict[str, list[Any]] = defaultdict(list)
# Their files go with them, while there is somebody to remove them.
atexit.register(_case.clear)


@contextmanager
def _fonts(faces: str) -> Iterator[Any]:
    """The fonts that these rules declare, lent for one drawing: no two may use them at once."""
    try:
        lent = _case[faces].pop()
    except IndexError:
        from documents import slugs  # it needs the same libraries

        lent = slugs.Case(faces)
        _weasyprint().CSS(string=faces, url_fetcher=fetch, font_config=lent)
    yield lent
    _case[faces].append(lent)


_drawing, _counting = 0, Lock()


@contextmanager
def _unswept() -> Iterator[None]:
    """Leave memory unswept while papers are drawn: what a drawing makes is needed until its end,
    and looking through it again and again takes an eighth of the time of a long one."""
    global _drawing
    with _counting:
        _drawing += 1
        gc.disable()
    try:
        yield
    finally:
        with _counting:
            _drawing -= 1
            if not _drawing:
                gc.enable()


@cache
def hand(*modules: str) -> str:
    """What is made owes to its programs: another version of a library or a change in one of these
    files of ours, and it is made anew."""
    versions = [f"{name} {version(name)}" for name in ("weasyprint", "pikepdf", "fonttools")]
    root = Path(__file__).parent.parent
    files = [(root / module).with_suffix(".py").read_bytes() for module in modules]
    return sha256(b"".join([" ".join(versions).encode(), *files])).hexdigest()


_HAND = tuple(
    f"documents/{name}" for name in ("render", "structure", "slugs", "measures", "stereotypes")
)


def _attachment(weasyprint: Any, paper: papers.Paper) -> Any:
    # Fixed dates: the same paper is the same file, whenever it is printed.
    dated = datetime.combine(paper.dated, time())
    return weasyprint.Attachment(
        string=papers.to_json(paper),
        name=paper.data_name,
        description=f"Le contenu {french.contract('de', paper.noun)}, en données",
        created=dated,
        modified=dated,
        relationship="Data",
    )


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        raise refusal(
            "pango_absent",
            "Cette machine ne peut pas composer de PDF : la bibliothèque Pango manque.",
            remedy="L’exploitant doit lancer : apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0.",
        ) from error
    return weasyprint


def fetch(url: str, *, pictures: Mapping[str, bytes] = MappingProxyType({})) -> Any:
    """Nothing may be fetched for a paper but its own fonts, and the pictures it carries."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    if url.startswith("data:image/"):
        return URLFetcher(allowed_protocols={"data"}).fetch(url)
    if url in pictures:
        return URLFetcherResponse(url, pictures[url], {"Content-Type": "image/jpeg"})
    file = _font_files().get(url)
    if file is None:
        raise FatalURLFetchingError(f"Un papier ne va rien chercher : {url[:200]}")
    return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": "font/ttf"})


_UA_CLAIM = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def _told(paper: papers.Paper) -> str:
    """The day of what the paper tells, and the address that nothing else has: in Dublin Core."""
    address = paper.verification.address if paper.verification else ""
    identifier = f"<dc:identifier>{escape(address)}</dc:identifier>" if address else ""
    return f"""
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:date><rdf:Seq><rdf:li>{paper.dated.isoformat()}</rdf:li></rdf:Seq></dc:date>{identifier}
</rdf:Description>
"""


def accessible(pdf: bytes, paper: papers.Paper | None = None) -> bytes:
    """Say in the metadata that the file is PDF/UA-1 too, and describe that claim to PDF/A; and of
    which day and address the `paper` is that it sets.

    WeasyPrint writes one claim only, and what it lets one add lands outside the root that
    validators read.
    """
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as opened:
        metadata = opened.Root.Metadata
        xmp = metadata.read_bytes().decode()
        head, tail = xmp.rsplit("</rdf:RDF>", 1)
        # PDF/A forbids filters on metadata no more since part 2, but plain XMP is read by anything.
        # Written in its place: for an object more, every other would be read first.
        metadata.write(f"{head}{_told(paper) if paper else ''}{_UA_CLAIM}</rdf:RDF>{tail}".encode())
        return saved(opened)


def saved(pdf: Any, *, packed: bool = False) -> bytes:
    """The bytes of an opened PDF: the same for the same content, whenever it is saved.

    `packed`: its many small objects are compressed together. A file to be signed is not: whoever
    reads its signatures opens each object by itself, seven times as slowly when it is packed.
    """
    import pikepdf

    out = BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        fix_metadata_version=False,  # ours names no version of PDF
        object_stream_mode=pikepdf.ObjectStreamMode.generate
        if packed
        else pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return out.getvalue()


def page_count(pdf: bytes) -> int:
    """How many pages the file has."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)
