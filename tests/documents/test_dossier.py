"""The dossier: everything in its place and numbered, whatever the files that are joined."""

import hashlib
import subprocess
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from weasyprint import HTML

from documents import dossier
from documents.compile import compile_summons
from law.findings import Refused
from law.french import NBSP
from meetings.actions import items
from meetings.models import Attachment, Brief, Meeting
from tests import conformity
from tests.documents.ink import check_fonts, pages_of, text_of
from tests.held import prepare

HELD_ON, SENT_ON = date(2026, 6, 9), date(2026, 6, 1)
ODS = "application/vnd.oasis.opendocument.spreadsheet"


# --- Files ------------------------------------------------------------------------------------


def a_pdf(*pages: str, size: str = "A4", tagged: bool = False, rotate: int = 0) -> bytes:
    """A PDF with a heading a page; `rotate` as scanners do, by a key of the page."""
    html = "".join(f'<h1 style="break-after: page">{page}</h1>' for page in pages)
    drawn = HTML(string=f'<html lang="fr"><style>@page {{ size: {size} }}</style>{html}</html>')
    pdf = drawn.write_pdf(pdf_variant="pdf/ua-1" if tagged else None)
    return changed(
        pdf, lambda opened: [page.rotate(rotate, relative=True) for page in opened.pages]
    )


def changed(pdf: bytes, change, **options) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        out = BytesIO()
        opened.save(out, **options)
    return out.getvalue()


def with_password(pdf: bytes) -> bytes:
    lock = pikepdf.Encryption(owner="propriétaire", user="secret")
    return changed(pdf, lambda opened: None, encryption=lock)


def a_picture(mode: str = "RGB", kind: str = "JPEG", **options) -> bytes:
    picture = Image.new(mode, (600, 300), 0 if mode in ("1", "L", "P") else None)
    ImageDraw.Draw(picture).rectangle((0, 0, 300, 300), fill=1 if mode in ("1", "P") else None)
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def join(item, title: str, content: bytes, media_type: str = "application/pdf") -> Attachment:
    return Attachment.objects.create(
        item=item,
        title=title,
        filename=f"{title}.{media_type.rpartition('/')[2][:4]}",
        file=ContentFile(content, "fichier"),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture
def meeting(cast) -> Meeting:
    """The Comité of 9 June: two points with a note, the first with a draft too."""
    meeting = prepare(cast, "Tarifs", "Vœu", place="dans ses locaux")
    for item, articles in zip(meeting.items.all(), ("Les tarifs sont adoptés", ""), strict=True):
        Brief.objects.create(item=item, note=f"<p>La note : {item.title}.</p>", articles=articles)
    return meeting


@pytest.fixture
def tariffs(meeting):
    return meeting.items.get(title="Tarifs")


def build(meeting: Meeting, **options) -> dossier.Dossier:
    summons = compile_summons(meeting, sent_on=SENT_ON)
    return dossier.gather(meeting, summons, **options).laid_out()


def bookmarks(pdf: bytes) -> list[tuple[int, str, int]]:
    """Depth, title and page of every bookmark."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        places = {page.obj.objgen: rank for rank, page in enumerate(opened.pages, start=1)}

        def walk(items, depth):
            for item in items:
                yield depth, item.title, places[item.destination[0].objgen]
                yield from walk(item.children, depth + 1)

        with opened.open_outline() as outline:
            return list(walk(outline.root, 1))


def after_the_letter(pdf: bytes) -> int:
    """On how many pages the convocation stands: what follows is counted from there."""
    return next(page for _, title, page in bookmarks(pdf) if title == "Contenu du dossier") - 1


# --- Everything in its place ------------------------------------------------------------------


def test_everything_follows_its_point_and_is_numbered_through(meeting, tariffs, tmp_path):
    join(tariffs, "Grille", a_pdf("Grille une", "Grille deux"))
    join(tariffs, "Calculs", b"PK", ODS)
    join(tariffs, "Plan", a_picture(), "image/jpeg")
    join(meeting.items.get(title="Vœu"), "Lettre", a_pdf("Chère présidente"))
    made = build(meeting)
    pages = pages_of(made.pdf, tmp_path)
    for number, page in enumerate(pages, start=1):
        assert page.endswith(f"Dossier p. {number} / {len(pages)}")
    begins = (
        "Comité syndical · 9 juin 2026 Val de Brume Contenu du dossier",
        "Comité syndical · 9 juin 2026 Val de Brume 1. Tarifs",
        "Comité syndical · 9 juin 2026 Val de Brume Projet de délibération",
        "Grille une",
        "Grille deux",
        "Comité syndical · 9 juin 2026 Val de Brume Point 1, pièce 3 Plan",
        "Comité syndical · 9 juin 2026 Val de Brume 2. Vœu",
        "Chère présidente",
    )
    shown = pages[after_the_letter(made.pdf) :]
    assert [page[: len(begin)] for page, begin in zip(shown, begins, strict=True)] == list(begins)
    assert (made.pages, made.size) == (len(pages), len(made.pdf))
    assert made.sha256 == hashlib.sha256(made.pdf).hexdigest()
    assert [each.title for each in made.joined] == ["Calculs"]


def test_contents_bookmarks_and_links_lead_to_the_right_pages(meeting, tariffs, tmp_path):
    join(tariffs, "Grille", a_pdf("Grille une", "Grille deux"))
    join(tariffs, "Calculs", b"PK", ODS)
    pdf = build(meeting).pdf
    first = after_the_letter(pdf)
    contents = pages_of(pdf, tmp_path)[first]
    for line in (
        f"1. Tarifs {first + 2}",
        f"Projet de délibération {first + 3}",
        f"Grille {first + 4}",
        f"{first + 6} Les pièces marquées « à part »",  # the second point, the last line
    ):
        assert line in contents.replace(NBSP, " ")
    assert contents.count("à part") == 2
    join(tariffs, "Grille", a_pdf("Grille une", "Grille deux"))
    found = [(depth, title, page - first) for depth, title, page in bookmarks(pdf) if page > first]
    assert found == [
        (1, "Contenu du dossier", 1),
        (1, "1. Tarifs", 2),
        (2, "Note explicative de synthèse", 2),
        (2, "Pièces jointes", 2),
        (2, "Projet de délibération", 3),
        (2, "Grille", 4),
        (3, "Grille une", 4),
        (3, "Grille deux", 5),
        (1, "2. Vœu", 6),
        (2, "Note explicative de synthèse", 6),
    ]
    assert bookmarks(pdf)[0] == (1, "Convocation", 1)
    join(tariffs, "Grille", a_pdf("Grille une"))
    with pikepdf.open(BytesIO(pdf)) as opened:
        told = {str(link.get("/Contents", "")) for link in opened.pages[first].Annots}
        assert {"Page de : 1. Tarifs", "Page de la pièce : Grille"} <= {
            each.replace(NBSP, " ") for each in told
        }  # heard as words, not as the name of an anchor
        names = pikepdf.NameTree(opened.Root.Names.Dests)
        assert names["piece-p1-1"][0].objgen == opened.pages[first + 3].obj.objgen
        assert {"piece-p1-1", "point-p1", "point-p1-projet"} <= {
            str(link.A.D) if "/A" in link else str(link.Dest) for link in opened.pages[first].Annots
        }


@pytest.mark.parametrize(
    ("size", "rotate"), [("A4", 0), ("A4", 90), ("A4", 180), ("A4", 270), ("A3 landscape", 90)]
)
def test_number_stands_bottom_right_however_the_page_is_turned(
    meeting, tariffs, tmp_path, size, rotate
):
    join(tariffs, "Scan", a_pdf("Scan", size=size, rotate=rotate))
    path = tmp_path / "dossier.pdf"
    path.write_bytes(pdf := build(meeting).pdf)
    page = str(after_the_letter(pdf) + 4)
    told = subprocess.run(  # noqa: S603 poppler, of our file
        ["pdftotext", "-bbox", "-f", page, "-l", page, path, "-"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (word,) = [line for line in told.splitlines() if ">Dossier<" in line]

    def number(text: str, name: str) -> float:
        return float(text.split(f'{name}="')[1].split('"')[0])

    width, height = number(told, "width"), number(told, "height")
    if rotate in (90, 270):
        width, height = height, width
    x, y = number(word, "xMin"), number(word, "yMin")
    assert 0.8 < x / width < 0.95
    assert 0.95 < y / height < 1


def test_a_later_convocation_binds_what_changed_and_a_cancelled_sitting_nothing(
    cast, meeting, tmp_path
):
    before = compile_summons(meeting, sent_on=SENT_ON)
    late = items.add_item(meeting, title="Ajout", by=cast.secretariat)
    Brief.objects.create(item=late, note="<p>Nouveau.</p>")
    after = compile_summons(meeting, kind="rectificative", sent_on=SENT_ON, before=before)
    made = dossier.gather(meeting, after).laid_out()
    assert [title for depth, title, _ in bookmarks(made.pdf) if depth == 1] == [
        "Convocation rectificative",
        "Contenu du dossier",
        "3. Ajout",
    ]
    letter = compile_summons(meeting, kind="annulation", sent_on=SENT_ON)
    assert dossier.gather(meeting, letter).laid_out().pages == 1


def test_same_dossier_same_bytes(meeting, tariffs):
    join(tariffs, "Grille", a_pdf("Grille une", tagged=True))
    join(tariffs, "Plan", a_picture(), "image/jpeg")
    assert build(meeting).sha256 == build(meeting).sha256


# --- What it claims ---------------------------------------------------------------------------


def test_a_dossier_claims_to_be_an_archive_only_when_every_page_is_ours(meeting, tariffs):
    join(tariffs, "Plan", a_picture(), "image/jpeg")
    made = build(meeting)
    assert made.is_archival
    conformity.check(made.pdf)
    with pikepdf.open(BytesIO(made.pdf)) as opened:
        assert opened.open_metadata().pdfa_status == "3A"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in opened.Root.Metadata.read_bytes()
        assert list(opened.attachments) == ["convocation-comite-2026-06-09.json"]
        check_fonts(opened)
    join(tariffs, "Grille", a_pdf("Grille une"))
    made = build(meeting)
    assert not made.is_archival
    with pikepdf.open(BytesIO(made.pdf)) as opened:
        xmp = opened.Root.Metadata.read_bytes()
        assert b"pdfaid:part" not in xmp
        assert b"pdfuaid:part" not in xmp
        assert "Dossier – Convocation".encode() in xmp
        assert opened.Root.Lang == "fr"


def test_tags_of_ours_and_of_tagged_files_are_kept(meeting, tariffs):
    join(tariffs, "Grille", a_pdf("Grille une", "Grille deux", tagged=True))
    with pikepdf.open(BytesIO(build(meeting).pdf)) as opened:
        tree = pikepdf.NumberTree(opened.Root.StructTreeRoot.ParentTree)
        for page in opened.pages:
            held = [each for each in tree[int(page.obj.StructParents)] if each is not None]
            assert held
            for element in held:
                while element.S != "/Document" or element.P.get("/S") is not None:
                    assert element.P is not None
                    element = element.P
                assert element.P.objgen == opened.Root.StructTreeRoot.objgen
        headings = [
            value
            for value in opened.objects
            if isinstance(value, pikepdf.Dictionary)
            and value.get("/S") == "/H1"
            and value.Pg.objgen == opened.pages[-2].obj.objgen  # before the note on the wish
        ]
        assert len(headings) == 1


# --- What is left out of a file ---------------------------------------------------------------


def test_scripts_and_forms_are_left_out_what_was_filled_in_is_kept(meeting, tariffs, tmp_path):
    form = HTML(string='<p>Nom</p><a href="https://brume.example">x</a>').write_pdf()

    def fill(opened):
        """A field that the reader of the file has to draw."""
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        field = opened.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="nom",
                V="Mme Alice",
                DA="/Helv 10 Tf 0 g",
                F=4,
                Rect=[200, 600, 400, 620],
            )
        )
        opened.pages[0].Annots.append(field)
        opened.Root.AcroForm = pikepdf.Dictionary(
            Fields=pikepdf.Array([field]),
            NeedAppearances=True,
            DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font)),
        )

    def arm(opened):
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        opened.Root.OpenAction = script
        opened.pages[0].obj.AA = pikepdf.Dictionary(O=script)
        opened.pages[0].Annots.append(
            opened.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Link,
                    Rect=[0, 0, 9, 9],
                    A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"),
                )
            )
        )

    join(tariffs, "Formulaire", changed(changed(form, fill), arm))
    made = build(meeting)
    assert "Mme Alice" in pages_of(made.pdf, tmp_path)[-2]
    with pikepdf.open(BytesIO(made.pdf)) as opened:
        (link,) = opened.pages[-2].Annots
        assert link.A.URI == "https://brume.example"
        assert "/OpenAction" not in opened.Root
        assert "/AcroForm" not in opened.Root
    assert b"JavaScript" not in made.pdf
    assert b"calc.exe" not in made.pdf


def test_hidden_layers_stay_hidden(meeting, tariffs):
    def hide(opened):
        layers = [
            opened.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=name))
            for name in ("vue", "cachée")
        ]
        opened.Root.OCProperties = pikepdf.Dictionary(
            OCGs=pikepdf.Array(layers), D=pikepdf.Dictionary(OFF=pikepdf.Array(layers[1:]))
        )
        opened.pages[0].Resources.Properties = pikepdf.Dictionary(A=layers[0], B=layers[1])

    join(tariffs, "Plan", changed(a_pdf("Plan"), hide))
    with pikepdf.open(BytesIO(build(meeting).pdf)) as opened:
        layers = opened.Root.OCProperties
        assert [str(layer.Name) for layer in layers.OCGs] == ["vue", "cachée"]
        assert [str(layer.Name) for layer in layers.D.OFF] == ["cachée"]
        used = opened.pages[-2].Resources.Properties
        assert used.B.objgen == layers.D.OFF[0].objgen


def test_a_file_whose_tags_and_bookmarks_are_broken_is_bound_without_them(
    meeting, tariffs, tmp_path
):
    def break_(opened):
        opened.Root.StructTreeRoot = pikepdf.Dictionary(K=3, ParentTree=pikepdf.Dictionary(Nums=7))
        opened.Root.Outlines = pikepdf.Dictionary(First=pikepdf.Dictionary(Title=3))

    join(tariffs, "Grille", changed(a_pdf("Grille une", tagged=True), break_))
    made = build(meeting)
    assert pages_of(made.pdf, tmp_path)[-2].startswith("Grille une")


# --- What cannot be bound ---------------------------------------------------------------------


def test_every_file_that_cannot_be_bound_is_named(meeting, tariffs):
    join(tariffs, "Secret", with_password(a_pdf("x")))
    join(tariffs, "Abîmé", b"%PDF-1.7 n'importe quoi")
    join(tariffs, "Image", b"\x89PNG\r\n", "image/png")
    lost = join(tariffs, "Perdu", a_pdf("x"))
    lost.file.storage.delete(lost.file.name)

    def dynamic(opened):
        opened.Root.NeedsRendering = True

    join(tariffs, "Formulaire", changed(a_pdf("Veuillez patienter"), dynamic))
    with pytest.raises(Refused) as refused:
        build(meeting)
    assert [finding.message.replace(NBSP, " ") for finding in refused.value.findings] == [
        "« Secret » ne peut pas être réunie au dossier : le fichier est protégé par un mot de "
        "passe.",
        "« Abîmé » ne peut pas être réunie au dossier : le fichier ne se lit pas.",
        "« Image » ne peut pas être réunie au dossier : cette image ne se lit pas.",
        "« Perdu » ne peut pas être réunie au dossier : le fichier a disparu du serveur.",
        "« Formulaire » ne peut pas être réunie au dossier : ce formulaire ne s’affiche que dans "
        "le logiciel qui l’a fait.",
    ]
    assert all(finding.remedy for finding in refused.value.findings)


def test_pages_are_bounded(meeting, tariffs, monkeypatch):
    monkeypatch.setattr(dossier, "MAX_PAGES", 3)
    join(tariffs, "Long", a_pdf("1", "2"))
    join(tariffs, "Trop", a_pdf("3", "4"))
    with pytest.raises(Refused) as refused:
        build(meeting)
    (finding,) = refused.value.findings
    assert "« Trop »" in finding.message.replace(NBSP, " ")
    assert "dépasserait 3 pages" in finding.message


@pytest.mark.proof
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(a_picture("CMYK"), id="quadrichromie"),
        pytest.param(a_picture("RGBA", "PNG"), id="transparence"),
        pytest.param(a_picture("P", "PNG"), id="palette"),
        pytest.param(a_picture("1", "PNG"), id="noir et blanc"),
        pytest.param(a_picture("L"), id="gris"),
    ],
)
def test_every_picture_is_printed(meeting, tariffs, tmp_path, content):
    join(tariffs, "Plan", content, "image/png")
    assert "Point 1, pièce 1 Plan" in text_of(build(meeting).pdf, tmp_path)


def test_a_picture_taken_sideways_is_put_upright():
    sideways = Image.Exif()
    sideways[0x0112] = 6
    with Image.open(BytesIO(dossier._picture(a_picture(exif=sideways)))) as upright:
        assert upright.size == (300, 600)
