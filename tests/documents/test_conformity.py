"""Every rule of PDF/A-3a and of PDF/UA-1, asked of every paper; and a file broken for each rule."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import cms
from pikepdf import Array, Dictionary, Name

from bench import conformity
from documents import papers, render
from documents.compile import said
from registry.signatures import pades
from tests.conformity import LOGOS, check, dressed, signed, written
from tests.documents.ink import told_by_html, told_by_pdf
from tests.documents.paper import FULL, LOOKS, SHORT


def test_every_rule_of_both_profiles_is_asked():
    counts = {"A": 155, "UA": 106}
    for profile, count in counts.items():
        told = [rule for rule in conformity.RULES.values() if rule.profile == profile]
        assert len(told) == count
    assert all(rule.says and rule.family for rule in conformity.RULES.values())


def test_every_rule_is_shown_to_catch():
    """Each predicate, by a file broken for one of its rules; eight million objects are too many to
    be made."""
    tried = {*BROKEN, *WRITTEN_WRONG, *SIGNED_WRONG, "A 6.1.13-7"}
    caught = {conformity.RULES[name].check for name in tried}
    assert [name for name, rule in conformity.RULES.items() if rule.check not in caught] == []


# --- Our papers -------------------------------------------------------------------------------


SHORTLY = ("complet", "convocation", "extrait", "votes")
OTHERS = [pytest.param(each, marks=pytest.mark.proof) for each in LOOKS if each not in SHORTLY]


@pytest.mark.parametrize("look", [*SHORTLY, *OTHERS])
def test_no_paper_breaks_a_rule(look):
    check(render.render_pdf(LOOKS[look]))
    check(render.render_pdf(dressed(LOOKS[look])))


@pytest.mark.proof
@pytest.mark.parametrize("logo", LOGOS)
def test_no_logo_breaks_a_rule(logo):
    check(render.render_pdf(dressed(FULL, logo)))


@pytest.mark.proof
@pytest.mark.parametrize("paper", [SHORT, FULL], ids=["synthétique", "complet"])
def test_nothing_that_is_typed_breaks_a_rule(paper):
    check(render.render_pdf(dressed(written(paper))))
    check(render.render_pdf(replace(written(paper), watermark="projet")))


@pytest.fixture(scope="session")
def proved(tmp_path_factory) -> bytes:
    return signed(dressed(FULL), tmp_path_factory.mktemp("autorite"))


@pytest.mark.proof
def test_signing_breaks_no_rule(proved):
    check(proved)


SIGNED_WRONG = {
    "A 6.4.3-1": lambda each: each.ByteRange.__setitem__(0, 1),
    "A 6.4.3-2": lambda each: each.__setitem__("/Contents", bare(each, "certificates")),
    "A 6.4.3-3": lambda each: each.__setitem__("/Contents", bare(each, "signer_infos")),
    "A 6.1.12-2": lambda each: each.__setitem__(
        "/Reference", Array([Dictionary(DigestMethod=Name.MD5)])
    ),
}


def bare(signature: Dictionary, part: str) -> pikepdf.String:
    """A signature without its certificates or its signers."""
    told = cms.ContentInfo.load(bytes(signature.Contents))
    told["content"][part] = []
    return pikepdf.String(told.dump(force=True))


@pytest.mark.proof
@pytest.mark.parametrize("rule", SIGNED_WRONG)
def test_a_signature_that_is_written_wrong_is_caught(proved, rule):
    with pikepdf.open(BytesIO(proved)) as pdf:
        values = [each for each in pdf.objects if isinstance(each, Dictionary)]
        SIGNED_WRONG[rule](next(each for each in values if "/ByteRange" in each))
        assert caught(rule, render.saved(pdf))


class Typist:
    """Types whatever the editor lets one type, lists in tables in lists, ragged or not."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.html = "".join(self.block() for _ in range(self.dice.randint(1, 4)))

    def words(self, depth: int = 0) -> str:
        if depth > 2 or self.dice.random() < 0.6:
            return "mot " * self.dice.randint(1, 30)
        tag = self.dice.choice(["em", "strong", "sup"])
        return f"<{tag}>{self.words(depth + 1)}</{tag}> {self.dice.choice(['', '<br>'])}"

    def block(self, depth: int = 0) -> str:
        kind = self.dice.choice(["p", "ul", "ol", "table", "blockquote"] if depth < 3 else ["p"])
        if kind == "p":
            return f"<p>{self.words()}</p>"
        if kind == "blockquote":
            return f"<blockquote>{self.block(depth + 1)}</blockquote>"
        if kind == "table":
            rows = "".join(self.row(depth) for _ in range(self.dice.randint(1, 5)))
            return f"<table>{rows}</table>"
        items = "".join(f"<li>{self.within(depth)}</li>" for _ in range(self.dice.randint(1, 4)))
        return f"<{kind}>{items}</{kind}>"

    def row(self, depth: int) -> str:
        cells = ""
        for _ in range(self.dice.randint(1, 4)):
            tag = self.dice.choice(["td", "td", "td", "th"])
            span = self.dice.choice(["", "", ' colspan="2"', ' rowspan="2"'])
            cells += f"<{tag}{span}>{self.within(depth + 1)}</{tag}>"
        return f"<tr>{cells}</tr>"

    def within(self, depth: int) -> str:
        return self.dice.choice(
            [
                "",
                self.words(),
                self.words() + self.block(depth + 1),
                self.block(depth + 1) + self.block(depth + 1),
            ]
        )


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_typed_keeps_every_rule_and_is_read_as_it_is_written(seed):
    item = papers.Item(key="x", title="T", kind="debat", html=said(Typist(seed).html))
    for paper in (SHORT, FULL):
        typed = replace(paper, items=(item,))
        pdf = render.render_pdf(typed)
        check(pdf)
        assert told_by_pdf(pdf) == told_by_html(render.render_html(typed))


# --- Files broken on purpose ------------------------------------------------------------------


@cache
def base() -> bytes:
    """A paper with some of everything, and an empty place to sign."""
    drawn = render.render_pdf(dressed(written(FULL)))
    place = pades.Field(name="presidence", label="La présidente")
    with (
        pikepdf.open(BytesIO(drawn)) as ours,
        pikepdf.open(BytesIO(pades.prepare(drawn, [place]))) as pdf,
    ):
        # pyHanko writes the metadata in its own way: ours are those to be broken.
        pdf.Root.Metadata = pdf.copy_foreign(ours.Root.Metadata)
        return render.saved(pdf)


def altered(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    with pikepdf.open(BytesIO(base())) as pdf:
        change(pdf)
        out = BytesIO()
        pdf.save(out, fix_metadata_version=False, deterministic_id=True)
        return out.getvalue()


@pytest.mark.proof
def test_the_file_to_be_broken_breaks_nothing():
    check(base())
    check(altered(lambda pdf: None))


def element(pdf: pikepdf.Pdf, kind: str, rank: int = 0) -> Dictionary:
    """An element of the structure, in reading order."""
    found, waiting = [], [pdf.Root.StructTreeRoot.K[0]]
    while waiting:
        each = waiting.pop()
        if f"/{kind}" == each.S:
            found.append(each)
        kids = each.get("/K", [])
        inner = kids if isinstance(kids, Array) else [kids]
        waiting += [kid for kid in inner if isinstance(kid, Dictionary) and "/S" in kid][::-1]
    return found[rank]


def within(pdf: pikepdf.Pdf, parent: Dictionary, kind: str) -> Dictionary:
    """A new element at the end of another."""
    made = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name(f"/{kind}"), P=parent, K=Array())
    )
    parent.K.append(made)
    return made


def image(pdf: pikepdf.Pdf, *, is_mask: bool = False) -> pikepdf.Stream:
    return next(
        each
        for each in pdf.objects
        if isinstance(each, pikepdf.Stream)
        and each.get("/Subtype") == "/Image"
        and ("/SMask" in each) is not is_mask
    )


def link(pdf: pikepdf.Pdf) -> Dictionary:
    return next(
        each for page in pdf.pages for each in page.get("/Annots", []) if each.Subtype == "/Link"
    )


def field(pdf: pikepdf.Pdf) -> Dictionary:
    return pdf.Root.AcroForm.Fields[0]


def font(pdf: pikepdf.Pdf) -> Dictionary:
    """One that is shown on the first page."""
    return next(iter(pdf.pages[0].Resources.Font.values()))


def draws(pdf: pikepdf.Pdf, content: str) -> None:
    pdf.pages[0].contents_add(content.encode())


def artifact(content: str) -> Callable[[pikepdf.Pdf], None]:
    return lambda pdf: draws(pdf, f"\n/Artifact BMC {content} EMC")


def put(path: str, value: object) -> Callable[[pikepdf.Pdf], None]:
    """Set what a path leads to from the root of the file: "MarkInfo.Marked"."""

    def change(pdf: pikepdf.Pdf) -> None:
        *parts, last = path.split(".")
        place = pdf.Root
        for part in parts:
            if f"/{part}" not in place:
                place[f"/{part}"] = Dictionary()
            place = place[f"/{part}"]
        if value is None:
            del place[f"/{last}"]
        else:
            place[f"/{last}"] = value

    return change


def xmp(old: str, new: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        told = pdf.Root.Metadata.read_bytes().decode()
        assert re.search(old, told), old
        pdf.Root.Metadata = pdf.make_stream(
            re.sub(old, new, told, count=1).encode(), Type=Name.Metadata, Subtype=Name.XML
        )

    return change


def renamed(prefix: str, more: str = "") -> Callable[[pikepdf.Pdf], None]:
    """Give its claims another prefix, and say `more` before the first."""

    def change(pdf: pikepdf.Pdf) -> None:
        told = pdf.Root.Metadata.read_bytes().decode()
        assert f"<{prefix}:" in told or f" {prefix}:" in told
        told = re.sub(rf"(<|\s){prefix}:part", rf"{more}\g<0>", told, count=1)
        told = re.sub(rf"\b{prefix}(?=:|=)", "autre", told)
        pdf.Root.Metadata = pdf.make_stream(told.encode(), Type=Name.Metadata, Subtype=Name.XML)

    return change


TYPE = {
    "type": "Adresse",
    "namespaceURI": "urn:x",
    "prefix": "x",
    "description": "Une adresse",
    "field": "",
}
FIELD = {"name": "rue", "valueType": "Text", "description": "La rue"}


def typed(*, without: str = "", field_without: str = "", kind: str = "Seq") -> Callable:
    """A schema that describes a type of its own, less one part."""
    inner = "".join(
        f"<pdfaField:{name}>{told}</pdfaField:{name}>"
        for name, told in FIELD.items()
        if name != field_without
    )
    fields = f'<rdf:{kind}><rdf:li rdf:parseType="Resource">{inner}</rdf:li></rdf:{kind}>'
    parts = "".join(
        f"<pdfaType:{name}>{told or fields}</pdfaType:{name}>"
        for name, told in TYPE.items()
        if name != without
    )
    told = (
        '<pdfaSchema:valueType xmlns:pdfaType="http://www.aiim.org/pdfa/ns/type#" '
        'xmlns:pdfaField="http://www.aiim.org/pdfa/ns/field#">'
        f'<rdf:Seq><rdf:li rdf:parseType="Resource">{parts}</rdf:li></rdf:Seq>'
        "</pdfaSchema:valueType>"
    )
    return xmp("<pdfaSchema:prefix>", rf"{told}\g<0>")


def test_a_type_that_is_described_breaks_nothing():
    check(altered(typed()))


def drawn_twice(pdf: pikepdf.Pdf) -> None:
    """A form that is to be read, and is drawn at two places."""
    form = pdf.make_stream(
        b"/Span <</MCID 0>> BDC EMC",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 9, 9],
        Resources=Dictionary(),
        StructParents=99,
    )
    pdf.pages[0].Resources.XObject["/Essai"] = form
    piece = Dictionary(Type=Name.MCR, Stm=form, MCID=0, Pg=pdf.pages[0].obj)
    within(pdf, element(pdf, "Document"), "P").K.append(piece)
    draws(pdf, "\n/Essai Do /Essai Do")


def state(**told: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources.ExtGState["/Essai"] = Dictionary(**told)

    return change


def filed(pdf: pikepdf.Pdf) -> Dictionary:
    return pdf.Root.AF[0]


def layers(**told: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Calque"))
        settings = Dictionary(**({"Name": "Usuel"} | told))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=settings)

    return change


def action(**told: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        link(pdf).A = Dictionary(Type=Name.Action, **told)

    return change


def annotated(kind: str, **told: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        made = Dictionary(
            Type=Name.Annot,
            Subtype=Name(f"/{kind}"),
            Rect=[100, 100, 120, 120],
            **({"F": 4, "Contents": "x"} | told),
        )
        page = pdf.pages[0]
        made = pdf.make_indirect(made)
        page.Annots = Array([*page.get("/Annots", []), made])
        if kind == "Widget":
            pdf.Root.AcroForm.Fields.append(made)
        page.Tabs = Name.S

    return change


def descendant(pdf: pikepdf.Pdf) -> Dictionary:
    return font(pdf).DescendantFonts[0]


def retold(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Change the table that gives the text of a font."""

    def change(pdf: pikepdf.Pdf) -> None:
        told = font(pdf).ToUnicode.read_bytes()
        font(pdf).ToUnicode = pdf.make_stream(re.sub(old, new, told, count=1))

    return change


def simple(**told: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        made = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Arial, **told)
        made.FontDescriptor = pdf.make_indirect(
            Dictionary(Type=Name.FontDescriptor, FontName=Name.Arial, Flags=told.get("Flags", 32))
        )
        pdf.pages[0].Resources.Font["/Simple"] = pdf.make_indirect(made)
        artifact("BT /Simple 9 Tf (a) Tj ET")(pdf)

    return change


def marked(tag: str, content: str) -> Callable[[pikepdf.Pdf], None]:
    """Within the first text of the page that is to be read."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        told = page.Contents.read_bytes()
        place = re.search(rb"BDC\n", told).end()
        page.Contents = pdf.make_stream(
            told[:place] + f"/{tag} BMC {content} EMC\n".encode() + told[place:]
        )

    return change


def head(pdf: pikepdf.Pdf, rank: int = 0) -> Dictionary:
    return element(pdf, "TH", rank)


def language_lost(change: Callable[[pikepdf.Pdf], object] | None = None) -> Callable:
    def lose(pdf: pikepdf.Pdf) -> None:
        if change:
            change(pdf)
        del pdf.Root.Lang

    return lose


def also(*changes: Callable[[pikepdf.Pdf], object]) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for each in changes:
            each(pdf)

    return change


BROKEN: dict[str, Callable[[pikepdf.Pdf], object]] = {
    # What is written
    "A 6.1.12-1": put("Perms", Dictionary(DocMDP=Dictionary(), Autre=Dictionary())),
    "A 6.1.7.1-3": lambda pdf: image(pdf).__setitem__("/F", pikepdf.String("dehors.png")),
    "A 6.1.10-1": artifact("q BI /W 1 /H 1 /BPC 8 /CS /G /F /LZW ID \x80\x0b EI Q"),
    "A 6.1.13-1": put("Essai", 2**31),
    "A 6.1.13-3": put("Essai", pikepdf.String("x" * 40_000)),
    "A 6.1.13-4": put("Essai", Name("/" + "x" * 130)),
    "A 6.1.13-8": artifact("q " * 30 + "Q " * 30),
    "A 6.1.13-9": put("Essai", Array([Name.DeviceN, Array([Name.A]), Name.DeviceRGB])),
    "A 6.1.13-11": lambda pdf: pdf.pages[0].__setitem__("/ArtBox", Array([0, 0, 2, 2])),
    "A 6.1.13-2": artifact("1" + "0" * 40 + ".5 w"),
    "A 6.1.13-5": artifact("0." + "0" * 40 + "1 w"),
    # What is drawn
    "A 6.2.4.2-2": lambda pdf: pdf.Root.__setitem__(
        "/Essai", Array([Name.ICCBased, pdf.make_stream(b"\0" * 128, N=4)])
    ),
    "A 6.2.2-1": artifact("toto"),
    "A 6.2.2-2": artifact("/Absente gs"),
    "A 6.2.3-2": lambda pdf: pdf.Root.OutputIntents.append(
        Dictionary(S=Name.GTS_PDFX, DestOutputProfile=pdf.make_stream(b"\0" * 128))
    ),
    "A 6.2.3-1": lambda pdf: pdf.Root.OutputIntents[0].__setitem__(
        "/DestOutputProfile", pdf.make_stream(b"\0" * 128)
    ),
    "A 6.2.3-3": lambda pdf: pdf.Root.OutputIntents.append(
        Dictionary(S=Name.GTS_PDFX, DestOutputProfileRef=Dictionary())
    ),
    "A 6.2.4.2-1": lambda pdf: pdf.Root.__setitem__(
        "/Essai", Array([Name.ICCBased, pdf.make_stream(b"\0" * 128, N=3)])
    ),
    "A 6.2.4.3-2": put("OutputIntents", None),
    "A 6.2.4.3-3": artifact("0 0 0 1 k"),
    "A 6.2.4.3-4": also(put("OutputIntents", None), artifact("0 g")),
    "A 6.2.4.4-2": put("Essai", Array([Name.Separation, Name.A, Name.DeviceRGB])),
    "A 6.2.5-1": state(TR=Name.Identity),
    "A 6.2.5-2": state(TR2=Name.Identity),
    "A 6.2.5-3": state(HTP=Array([0, 0])),
    "A 6.2.5-4": state(HT=Dictionary(HalftoneType=6)),
    "A 6.2.6-1": artifact("/Autre ri"),
    "A 6.2.8-1": lambda pdf: image(pdf).__setitem__("/Alternates", Array()),
    "A 6.2.8-2": lambda pdf: image(pdf).__setitem__("/OPI", Dictionary()),
    "A 6.2.8-3": lambda pdf: image(pdf).__setitem__("/Interpolate", True),
    "A 6.2.8-4": lambda pdf: image(pdf).__setitem__("/BitsPerComponent", 3),
    "A 6.2.8-5": lambda pdf: (
        image(pdf).__setitem__("/ImageMask", True),
        image(pdf).__setitem__("/BitsPerComponent", 8),
    ),
    "A 6.2.8.3-1": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"", Subtype=Name.Image, Filter=Name.JPXDecode)
    ),
    "A 6.2.9-1": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"", Subtype=Name.Form, Subtype2=Name.PS)
    ),
    "A 6.2.9-2": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"", Subtype=Name.Form, Ref=Dictionary())
    ),
    "A 6.2.9-3": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.PS)
    ),
    "A 6.2.10-1": state(BM=Name.Autre),
    "A 6.2.10-2": also(put("OutputIntents", None), state(ca=0.5)),
    # Fonts
    "A 6.2.11.2-1": lambda pdf: font(pdf).__delitem__("/Type"),
    "A 6.2.11.2-2": lambda pdf: descendant(pdf).__setitem__("/Subtype", Name.Autre),
    "A 6.2.11.2-3": lambda pdf: font(pdf).__delitem__("/BaseFont"),
    "A 6.2.11.2-4": simple(LastChar=97, Widths=[500]),
    "A 6.2.11.2-5": simple(FirstChar=97, Widths=[500]),
    "A 6.2.11.2-6": simple(FirstChar=97, LastChar=98, Widths=[500]),
    "A 6.2.11.2-7": lambda pdf: descendant(pdf).FontDescriptor.FontFile2.__setitem__(
        "/Subtype", Name.Autre
    ),
    "A 6.2.11.3.1-1": lambda pdf: font(pdf).__setitem__("/Encoding", Name("/UniGB-UCS2-H")),
    "A 6.2.11.3.2-1": lambda pdf: descendant(pdf).__delitem__("/CIDToGIDMap"),
    "A 6.2.11.3.3-1": lambda pdf: font(pdf).__setitem__("/Encoding", Name.Autre),
    "A 6.2.11.3.3-2": lambda pdf: font(pdf).__setitem__(
        "/Encoding", pdf.make_stream(b"/WMode 1 def", Type=Name.CMap, CMapName=Name.X)
    ),
    "A 6.2.11.3.3-3": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"", Type=Name.CMap, UseCMap=Name.Autre)
    ),
    "A 6.1.13-10": lambda pdf: pdf.Root.__setitem__(
        "/Essai", pdf.make_stream(b"<0000> <ffff> 65536", Type=Name.CMap)
    ),
    "A 6.2.11.4.1-1": simple(FirstChar=97, LastChar=97, Widths=[500]),
    "A 6.2.11.4.1-2": lambda pdf: draws(
        pdf,
        f"\n/Artifact BMC BT {next(iter(pdf.pages[0].Resources.Font))} 9 Tf <fff0> Tj ET EMC",
    ),
    "A 6.2.11.4.2-1": lambda pdf: descendant(pdf).FontDescriptor.__setitem__("/CharSet", "/a"),
    "A 6.2.11.4.2-2": lambda pdf: descendant(pdf).FontDescriptor.__setitem__(
        "/CIDSet", pdf.make_stream(b"\x80")
    ),
    "A 6.2.11.5-1": lambda pdf: descendant(pdf).__setitem__("/W", Array([0, 9999, 123])),
    "A 6.2.11.6-2": simple(FirstChar=97, LastChar=97, Widths=[500]),
    "A 6.2.11.6-1": simple(FirstChar=97, LastChar=97, Widths=[500]),
    "A 6.2.11.6-3": simple(Encoding=Name.WinAnsiEncoding, Flags=4),
    "A 6.2.11.6-4": simple(Flags=4),
    "A 6.2.11.7.2-1": lambda pdf: font(pdf).__delitem__("/ToUnicode"),
    "A 6.2.11.7.2-2": retold(rb"(beginbfchar\n<\w{4}> )<\w+>", rb"\1<0000>"),
    "A 6.2.11.7.3-1": retold(rb"(beginbfchar\n<\w{4}> )<\w+>", rb"\1<e001>"),
    "A 6.2.11.8-1": lambda pdf: draws(
        pdf,
        f"\n/Artifact BMC BT {next(iter(pdf.pages[0].Resources.Font))} 9 Tf <0000> Tj ET EMC",
    ),
    # Links, fields, actions
    "A 6.3.1-1": annotated("Sound"),
    "A 6.3.2-1": lambda pdf: link(pdf).__delitem__("/F"),
    "A 6.3.2-2": lambda pdf: link(pdf).__setitem__("/F", 2),
    "A 6.3.3-1": annotated("Square"),
    "A 6.3.3-2": annotated("Square", AP=Dictionary(D=Dictionary())),
    "A 6.3.3-3": lambda pdf: annotated(
        "Widget", FT=Name.Btn, AP=Dictionary(N=pdf.make_stream(b""))
    )(pdf),
    "A 6.3.3-4": annotated("Square", AP=Dictionary(N=Dictionary())),
    "A 6.4.1-1": lambda pdf: field(pdf).__setitem__("/AA", Dictionary()),
    "A 6.4.1-2": lambda pdf: field(pdf).__setitem__("/AA", Dictionary()),
    "A 6.4.1-3": put("AcroForm.NeedAppearances", True),
    "A 6.4.2-1": put("AcroForm.XFA", "x"),
    "A 6.4.2-2": put("NeedsRendering", True),
    "A 6.5.1-1": action(S=Name.JavaScript, JS="x"),
    "A 6.5.1-2": action(S=Name.Named, N=Name.Print),
    "A 6.5.2-1": put("AA", Dictionary()),
    "A 6.5.2-2": lambda pdf: pdf.pages[0].__setitem__("/AA", Dictionary()),
    # Metadata
    "A 6.6.2.1-1": put("Metadata", None),
    "A 6.6.2.1-2": xmp(r"<\?xpacket begin", '<?xpacket bytes="9" begin'),
    "A 6.6.2.1-3": xmp(r"<\?xpacket begin", '<?xpacket encoding="UTF-8" begin'),
    "A 6.6.2.1-4": xmp("</rdf:RDF>", ""),
    "A 6.6.2.1-5": lambda pdf: pdf.Root.__setitem__(
        "/Metadata",
        pdf.make_stream(pdf.Root.Metadata.read_bytes().decode().encode("utf-16")),
    ),
    "A 6.6.2.3.1-1": xmp("<dc:title>", "<dc:toto>x</dc:toto><dc:title>"),
    "A 6.6.2.3.1-2": xmp(r"<rdf:Alt>(.*?)</rdf:Alt>", r"<rdf:Bag>\1</rdf:Bag>"),
    "A 6.6.2.3.2-1": xmp(
        "<pdfaProperty:name>", "<pdfaProperty:x>y</pdfaProperty:x><pdfaProperty:name>"
    ),
    "A 6.6.2.3.3-1": xmp(
        r"<pdfaExtension:schemas>\s*<rdf:Bag>([\s\S]*)</rdf:Bag>",
        r"<pdfaExtension:schemas><rdf:Seq>\1</rdf:Seq>",
    ),
    "A 6.6.2.3.3-2": xmp("<pdfaSchema:schema>[^<]*</pdfaSchema:schema>", ""),
    "A 6.6.2.3.3-3": xmp(r"<pdfaSchema:namespaceURI[\s\S]*?(/>|</pdfaSchema:namespaceURI>)", ""),
    "A 6.6.2.3.3-4": xmp("<pdfaSchema:prefix>[^<]*</pdfaSchema:prefix>", ""),
    "A 6.6.2.3.3-5": xmp(
        r"<pdfaSchema:property>\s*<rdf:Seq>([\s\S]*)</rdf:Seq>",
        r"<pdfaSchema:property><rdf:Bag>\1</rdf:Bag>",
    ),
    "A 6.6.2.3.3-6": xmp(
        "<pdfaSchema:prefix>", "<pdfaSchema:valueType>x</pdfaSchema:valueType><pdfaSchema:prefix>"
    ),
    "A 6.6.2.3.3-7": xmp("<pdfaProperty:name>part</pdfaProperty:name>", ""),
    "A 6.6.2.3.3-8": xmp("Integer", "Toto"),
    "A 6.6.2.3.3-9": xmp("internal", "interne"),
    "A 6.6.2.3.3-10": xmp("<pdfaProperty:description>[^<]*</pdfaProperty:description>", ""),
    "A 6.6.4-1": xmp('pdfaid:part="3"', ""),
    "A 6.6.4-2": xmp('pdfaid:part="3"', 'pdfaid:part="2"'),
    "A 6.6.4-3": xmp('pdfaid:conformance="A"', 'pdfaid:conformance="B"'),
    "A 6.6.4-4": renamed("pdfaid"),
    "A 6.6.4-5": renamed("pdfaid"),
    "A 6.6.4-6": renamed("pdfaid", ' pdfaid:amd="x"'),
    "A 6.6.4-7": renamed("pdfaid", ' pdfaid:corr="x"'),
    "A 6.6.2.3.3-11": typed(without="type"),
    "A 6.6.2.3.3-12": typed(without="namespaceURI"),
    "A 6.6.2.3.3-13": typed(without="prefix"),
    "A 6.6.2.3.3-14": typed(without="description"),
    "A 6.6.2.3.3-15": typed(kind="Bag"),
    "A 6.6.2.3.3-16": typed(field_without="name"),
    "A 6.6.2.3.3-17": typed(field_without="valueType"),
    "A 6.6.2.3.3-18": typed(field_without="description"),
    "UA 5-3": renamed("pdfuaid"),
    "UA 5-4": renamed("pdfuaid", "<pdfuaid:amd>x</pdfuaid:amd>"),
    "UA 5-5": renamed("pdfuaid", "<pdfuaid:corr>x</pdfuaid:corr>"),
    "UA 5-1": xmp("<pdfuaid:part>1</pdfuaid:part>", ""),
    "UA 5-2": xmp("<pdfuaid:part>1", "<pdfuaid:part>2"),
    "UA 7.1-9": xmp("<dc:title>[\\s\\S]*</dc:title>", ""),
    "A 6.7.4-1": put("Lang", "français de France"),
    "UA 7.2-29": put("Lang", ""),
    "UA 7.2-33": language_lost(),
    # Files attached, layers
    "A 6.8-1": lambda pdf: filed(pdf).EF.F.__setitem__("/Subtype", Name.json),
    "A 6.8-2": lambda pdf: filed(pdf).__delitem__("/UF"),
    "UA 7.11-1": lambda pdf: filed(pdf).__setitem__("/UF", ""),
    "A 6.8-3": lambda pdf: filed(pdf).__delitem__("/AFRelationship"),
    "A 6.8-4": put("AF", None),
    "A 6.9-1": layers(Name=""),
    "A 6.9-2": also(
        layers(),
        lambda pdf: pdf.Root.OCProperties.__setitem__("/Configs", [Dictionary(Name="Usuel")]),
    ),
    "A 6.9-3": layers(Order=Array()),
    "A 6.9-4": layers(AS=Array()),
    "A 6.10-1": put("Names.AlternatePresentations", Dictionary()),
    "A 6.10-2": lambda pdf: pdf.pages[0].__setitem__("/PresSteps", Dictionary()),
    "A 6.11-1": put("Requirements", Array()),
    # The structure
    "A 6.7.2.2-1": put("MarkInfo", None),
    "A 6.7.3.3-1": put("StructTreeRoot", None),
    "A 6.7.3.4-1": lambda pdf: element(pdf, "P").__setitem__("/S", Name.Autre),
    "A 6.7.3.4-2": also(
        put("StructTreeRoot.RoleMap", Dictionary(A=Name.B, B=Name.A)),
        lambda pdf: element(pdf, "P").__setitem__("/S", Name.A),
    ),
    "A 6.7.3.4-3": put("StructTreeRoot.RoleMap", Dictionary(P=Name.Div)),
    "UA 7.1-1": marked("Artifact", ""),
    "UA 7.1-2": lambda pdf: (
        pdf.pages[0].contents_add(b"/Artifact BMC ", prepend=True),
        draws(pdf, "\nEMC"),
    ),
    "UA 7.1-3": lambda pdf: draws(pdf, "\n0 0 10 10 re f"),
    "UA 7.1-4": put("MarkInfo.Suspects", True),
    "UA 7.1-10": put("ViewerPreferences", None),
    "UA 7.1-12": lambda pdf: element(pdf, "P").__delitem__("/P"),
    "UA 7.2-2": language_lost(),
    "UA 7.2-3": lambda pdf: within(pdf, element(pdf, "Table"), "P"),
    "UA 7.2-4": lambda pdf: within(pdf, element(pdf, "Document"), "TR"),
    "UA 7.2-5": lambda pdf: within(pdf, element(pdf, "Document"), "THead"),
    "UA 7.2-6": lambda pdf: within(pdf, element(pdf, "Document"), "TBody"),
    "UA 7.2-7": lambda pdf: within(pdf, element(pdf, "Document"), "TFoot"),
    "UA 7.2-8": lambda pdf: within(pdf, element(pdf, "Document"), "TH"),
    "UA 7.2-9": lambda pdf: within(pdf, element(pdf, "Document"), "TD"),
    "UA 7.2-10": lambda pdf: within(pdf, element(pdf, "TR"), "P"),
    "UA 7.2-11": lambda pdf: within(pdf, element(pdf, "Table"), "THead"),
    "UA 7.2-12": lambda pdf: [within(pdf, element(pdf, "Table"), "TFoot") for _ in range(2)],
    "UA 7.2-13": lambda pdf: within(pdf, within(pdf, element(pdf, "Document"), "Table"), "TFoot"),
    "UA 7.2-14": lambda pdf: within(pdf, within(pdf, element(pdf, "Document"), "Table"), "THead"),
    "UA 7.2-15": also(
        lambda pdf: element(pdf, "TD").A.__setitem__("/RowSpan", 2),
        lambda pdf: head(pdf, 5).A.__setitem__("/ColSpan", 2),
    ),
    "UA 7.2-16": lambda pdf: element(pdf, "Table").K.insert(
        1, within(pdf, element(pdf, "Table"), "Caption")
    ),
    "UA 7.2-17": lambda pdf: within(pdf, element(pdf, "Document"), "LI"),
    "UA 7.2-18": lambda pdf: within(pdf, element(pdf, "Document"), "LBody"),
    "UA 7.2-19": lambda pdf: within(pdf, element(pdf, "L"), "P"),
    "UA 7.2-20": lambda pdf: within(pdf, element(pdf, "LI"), "Div"),
    "UA 7.2-21": language_lost(lambda pdf: element(pdf, "P").__setitem__("/ActualText", "x")),
    "UA 7.2-22": language_lost(),
    "UA 7.2-23": language_lost(lambda pdf: element(pdf, "P").__setitem__("/E", "x")),
    "UA 7.2-24": language_lost(),
    "UA 7.2-25": language_lost(),
    "UA 7.2-26": lambda pdf: within(pdf, element(pdf, "Document"), "TOCI"),
    "UA 7.2-27": lambda pdf: within(pdf, within(pdf, element(pdf, "Document"), "TOC"), "P"),
    "UA 7.2-28": lambda pdf: [
        within(pdf, toc, kind)
        for toc in [within(pdf, element(pdf, "Document"), "TOC")]
        for kind in ("TOCI", "Caption")
    ],
    "UA 7.2-30": language_lost(artifact("/Span <</ActualText (x)>> BDC EMC")),
    "UA 7.2-31": language_lost(artifact("/Span <</Alt (x)>> BDC EMC")),
    "UA 7.2-32": language_lost(artifact("/Span <</E (x)>> BDC EMC")),
    "UA 7.2-34": language_lost(),
    "UA 7.2-36": lambda pdf: within(pdf, element(pdf, "THead"), "P"),
    "UA 7.2-37": lambda pdf: within(pdf, element(pdf, "TBody"), "P"),
    "UA 7.2-38": lambda pdf: within(pdf, within(pdf, element(pdf, "Table"), "TFoot"), "P"),
    "UA 7.2-39": lambda pdf: [within(pdf, element(pdf, "Table"), "Caption") for _ in range(2)],
    "UA 7.2-40": lambda pdf: within(pdf, element(pdf, "L"), "Caption"),
    "UA 7.2-41": lambda pdf: element(pdf, "TD").A.__setitem__("/RowSpan", 99),
    "UA 7.2-42": lambda pdf: element(pdf, "TD").A.__setitem__("/ColSpan", 9),
    "UA 7.3-1": lambda pdf: element(pdf, "Figure").__delitem__("/Alt"),
    "UA 7.7-1": lambda pdf: within(pdf, element(pdf, "Document"), "Formula"),
    "UA 7.9-1": lambda pdf: within(pdf, element(pdf, "Document"), "Note"),
    "UA 7.9-2": lambda pdf: [
        within(pdf, element(pdf, "Document"), "Note").__setitem__("/ID", "un") for _ in range(2)
    ],
    "UA 7.4.2-1": lambda pdf: element(pdf, "H2").__setitem__("/S", Name.H4),
    "UA 7.4.4-1": lambda pdf: [within(pdf, element(pdf, "Document"), "H") for _ in range(2)],
    "UA 7.4.4-2": lambda pdf: within(pdf, element(pdf, "Document"), "H"),
    "UA 7.4.4-3": lambda pdf: within(pdf, element(pdf, "Document"), "H"),
    "UA 7.5-1": lambda pdf: [
        each.A.__delitem__(key)
        for each in pdf.objects
        if isinstance(each, Dictionary) and each.get("/S") in ("/TD", "/TH")
        for key in ("/Headers", "/Scope")
        if key in each.A
    ],
    "UA 7.5-2": lambda pdf: [
        each.A.__setitem__("/Headers", Array([pikepdf.String("x")]))
        if each.S == "/TD"
        else each.A.__delitem__("/Scope")
        for each in pdf.objects
        if isinstance(each, Dictionary) and each.get("/S") in ("/TD", "/TH")
    ],
    "UA 7.18.1-1": annotated("Square"),
    "UA 7.18.1-2": lambda pdf: link(pdf).__delitem__("/Contents"),
    "UA 7.18.1-3": annotated("Widget"),
    "UA 7.18.2-1": annotated("TrapNet"),
    "UA 7.18.3-1": lambda pdf: [
        page.__delitem__("/Tabs") for page in pdf.pages if "/Annots" in page
    ],
    "UA 7.18.4-1": annotated("Widget", TU="x"),
    "UA 7.18.4-2": lambda pdf: within(pdf, element(pdf, "Document"), "Form"),
    "UA 7.18.5-1": lambda pdf: element(pdf, "Link").__setitem__("/S", Name.Span),
    "UA 7.18.5-2": lambda pdf: link(pdf).__setitem__("/Contents", ""),
    "UA 7.18.6.2-1": put("Essai", Dictionary(Type=Name.MediaClip)),
    "UA 7.20-2": drawn_twice,
    "UA 7.18.8-1": annotated("PrinterMark"),
}


def caught(rule: str, pdf: bytes) -> bool:
    file = conformity.File(pdf)  # it must outlive what is read of it
    return any(conformity.RULES[rule].check(file))


@pytest.mark.proof
@pytest.mark.parametrize("rule", BROKEN)
def test_a_file_broken_for_a_rule_is_caught_by_it(rule):
    assert caught(rule, altered(BROKEN[rule]))


def bytes_with(old: bytes, new: bytes, count: int = 1) -> Callable[[bytes], bytes]:
    def change(pdf: bytes) -> bytes:
        found = re.subn(old, new, pdf, count=count)
        assert found[1]
        return found[0]

    return change


def locked(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        out = BytesIO()
        opened.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
        return out.getvalue()


WRITTEN_WRONG: dict[str, Callable[[bytes], bytes]] = {
    "A 6.1.2-1": bytes_with(rb"^%PDF-1\.7", b"%PDF-2.0"),
    "A 6.1.2-2": bytes_with(rb"%\xbf\xf7\xa2\xfe", b"%abcd"),
    "A 6.1.3-1": bytes_with(rb"/ID \[", b"/XX ["),
    "A 6.1.3-3": lambda pdf: pdf + b"encore",
    "A 6.1.4-2": bytes_with(rb"\nxref\n", b"\nxref "),
    "A 6.1.6-1": bytes_with(rb"/CheckSum <..", b"/CheckSum <a "),
    "A 6.1.6-2": bytes_with(rb"/CheckSum <..", b"/CheckSum <zz"),
    "A 6.1.7.1-1": bytes_with(rb"/Length (\d)(\d\d\d)", rb"/Length 9\2"),
    "A 6.1.8-1": bytes_with(rb"/Lang \(", b"/L#ff ("),
    "A 6.1.3-2": locked,
    "UA 7.16-1": locked,
    "A 6.1.7.1-2": bytes_with(rb"\nendstream", b" endstream"),
    "A 6.1.7.2-1": bytes_with(rb"/Filter /FlateDecode", b"/Filter /LZWDecode  "),
    "A 6.1.9-1": bytes_with(rb"\n(\d+) 0 obj\n", rb"\n\1 0 obj "),
}


@pytest.mark.proof
@pytest.mark.parametrize("rule", WRITTEN_WRONG)
def test_a_file_that_is_written_wrong_is_caught(rule):
    assert caught(rule, WRITTEN_WRONG[rule](base()))
