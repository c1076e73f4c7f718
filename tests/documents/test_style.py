"""How the papers of a body look and speak: set on a page, frozen in what is issued."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx.oxml.ns import qn
from PIL import Image

from documents import actions, compile, dossier, papers, render, style_sample, word
from documents.compile.shared import ACCENTS
from law import sitting as law
from law import style
from law.findings import Refused, Severity
from law.french import NBSP
from meetings.actions import ledger
from meetings.models import Brief
from members.actions import keep_paper_style
from members.models import PaperStyle
from tests import cast as people
from tests.cast import change
from tests.documents.conftest import ISSUED_AT
from tests.documents.ink import (
    check_archive,
    pages_of,
    plain,
    told_by_docx,
    told_by_html,
    told_by_pdf,
)
from tests.documents.paper import EXTRACT, FULL, LOOKS, SHORT, SUMMONS
from tests.held import prepare, sit
from tests.meetings.files import hollow_picture

LOOK = papers.Style(
    lines=("Direction générale", "Service des assemblées"),
    footer="Val de Brume – 1 place des Tilleuls",
    accent="#6b1a2c",
)
PARTS = {
    "minutes": ("presences", "quorum", "mouvements", "ordre-du-jour", "debats"),
    "extract": ("acte", "quorum", "presences"),
}


def dressed(paper: papers.Paper, order: tuple[str, ...] | None = None) -> papers.Paper:
    return replace(paper, issuer=replace(paper.issuer, style=LOOK), order=order)


DRESSED = {
    "complet": dressed(FULL, PARTS["minutes"]),
    "synthétique": dressed(SHORT),
    "extrait": dressed(EXTRACT, PARTS["extract"]),
    "convocation": dressed(SUMMONS),
}


@pytest.fixture
def every_choice(cast) -> PaperStyle:
    """The Comité with everything of its own, but a logo."""
    return keep_paper_style(
        PaperStyle(
            body=cast.comite,
            letterhead="Direction générale\nService des assemblées",
            footer="Val de Brume : 1 place des Tilleuls",
            accent="bordeaux",
            opening="{date_en_lettres}, les membres de {instance} se sont réunis {lieu}, sur la "
            "convocation du {convocation}, sous la présidence d’{president}.",
            closing="L’ordre du jour étant épuisé, {president} lève la séance à {heure}.",
            conform="Certifié conforme au registre de {organisation}.",
            notice="Liste publiée avant le {limite}.",
            salutation="Cher collègue,",
            courtesy="Comptant sur votre présence le {date}, recevez mes salutations.",
            minutes_parts=list(PARTS["minutes"]),
            extract_parts=list(PARTS["extract"]),
        ),
        version=0,
        by=cast.secretariat,
    )


def picture(format: str = "PNG", size: tuple[int, int] = (60, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#6b1a2c").save(out, format)
    return out.getvalue()


# --- The paper as a value ---------------------------------------------------------------------


def test_a_colour_is_a_colour():
    with pytest.raises(ValueError, match="couleur"):
        papers.Style(accent="red; } body { display: none")


@pytest.mark.parametrize("accent", PaperStyle.Accent.values)
def test_every_colour_stands_out_on_white(accent):
    """Contrast of at least 7, the threshold that WCAG 2.2 calls AAA."""
    code = ACCENTS[accent] or "#1f3f5b"
    channels = [int(code[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 7


# --- The three outputs ------------------------------------------------------------------------


@pytest.mark.parametrize("paper", DRESSED.values(), ids=DRESSED)
def test_a_dressed_paper_is_read_again_and_says_the_same_in_its_three_outputs(paper):
    assert papers.from_json(papers.to_json(paper)) == paper
    check_archive(paper)
    by_html = told_by_html(render.render_html(paper))
    assert "servicedesassemblées" in by_html
    assert told_by_pdf(render.render_pdf(paper)) == by_html
    assert told_by_docx(word.render_docx(paper)) == by_html


def test_the_line_of_the_foot_is_on_every_page(tmp_path):
    paper = DRESSED["complet"]
    pages = pages_of(render.render_pdf(paper), tmp_path)
    assert len(pages) > 1
    ends = [page[-60:] for page in pages]
    assert all(
        end.endswith(f"{LOOK.footer} {number}/{len(pages)}") for number, end in enumerate(ends, 1)
    ), ends
    (section,) = docx.Document(BytesIO(word.render_docx(paper))).sections
    for footer in (section.footer, section.first_page_footer):
        assert footer.paragraphs[0].text.startswith(f"{LOOK.footer}\n")
    assert f'data-foot="{LOOK.footer}"' in render.render_html(paper, for_screen=True, nonce="x")


@pytest.mark.parametrize("look", LOOKS)
def test_a_foot_makes_no_page_and_without_a_style_the_data_say_nothing_of_it(look):
    """Papers issued before there were styles keep their hash."""
    paper = LOOKS[look]
    told = papers.to_json(paper)
    assert not any(f'"{name}":' in told for name in ("style", "order", "reworded"))
    style = papers.Style(footer="Au pied")
    footed = replace(paper, issuer=replace(paper.issuer, style=style))
    assert render.page_count(render.render_pdf(footed)) == render.page_count(
        render.render_pdf(paper)
    )


def test_the_colour_is_that_of_titles_in_the_three_outputs():
    paper = DRESSED["extrait"]
    assert "--mark: #6b1a2c" in render.render_html(paper)
    assert "--mark: #6b1a2c" not in render.render_html(EXTRACT)
    styles = docx.Document(BytesIO(word.render_docx(paper))).styles
    assert str(styles["Heading 1"].font.color.rgb) == "6B1A2C"
    (bar,) = styles["Décision"].element.iter(qn("w:left"))
    assert bar.get(qn("w:color")) == "6B1A2C"


def test_parts_stand_in_the_order_that_was_chosen():
    def places(page: str, *words: str) -> list[int]:
        found = [page.find(each) for each in words]
        assert -1 not in found
        return found

    titles = ("Membres de l’assemblée", FULL.quorum.sentence[:20], "Ordre du jour<", "Débats et")
    page = render.render_html(DRESSED["complet"])
    assert places(page, *titles) == sorted(places(page, *titles))
    assert 'class="figures"' not in page
    ours = render.render_html(FULL)
    assert 'class="figures"' in ours
    assert places(ours, *titles) != sorted(places(ours, *titles))
    page = render.render_html(DRESSED["extrait"])
    parts = ('class="act"', 'class="statements"', 'class="presence"', 'class="last-lines"')
    assert places(page, *parts) == sorted(places(page, *parts))


# --- Compiled ---------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def test_the_papers_of_the_body_speak_as_it_does(
    comite, every_choice, cast, django_assert_num_queries
):
    paper = compile.compile_minutes(comite)
    assert plain(paper.opening) == (
        "L’an deux mille vingt-six, le neuf juin, les membres du Comité syndical se sont réunis à "
        "l’hôtel d’agglomération, sur la convocation du 1er juin 2026, sous la présidence de Mme "
        "Alice ARNAUD."
    )
    assert plain(paper.closing) == (
        "L’ordre du jour étant épuisé, Mme Alice ARNAUD lève la séance à 20 h 45."
    )
    assert paper.order == PARTS["minutes"]
    assert paper.issuer.style == papers.Style(
        lines=("Direction générale", "Service des assemblées"),
        footer=f"Val de Brume{NBSP}: 1 place des Tilleuls",
        accent="#6b1a2c",
    )
    extract = compile.compile_extract(comite, "p1")
    assert extract.opening == compile.compile_minutes(comite).opening
    assert extract.conform == "Certifié conforme au registre du syndicat mixte Val de Brume."
    assert extract.order == PARTS["extract"]
    listed = compile.compile_deliberation_list(comite)
    assert plain(listed.notice) == "Liste publiée avant le 16 juin 2026."
    summons = compile.compile_summons(comite, sent_on=comite.convened_on)
    assert summons.salutation == "Cher collègue,"
    assert plain(summons.courtesy) == (
        "Comptant sur votre présence le 9 juin 2026, recevez mes salutations."
    )
    for paper in (
        compile.compile_attendance_sheet(comite),
        compile.compile_proxy_form(comite),
        compile.compile_name_plates(comite),
    ):
        assert paper.issuer.style.lines[0] == "Direction générale"
    with django_assert_num_queries(4):
        compile.compile_minutes(comite)


def test_the_dossier_has_the_same_foot_beside_its_own_numbers(comite, every_choice, tmp_path):
    summons = compile.compile_summons(comite, sent_on=comite.convened_on)
    pages = pages_of(dossier.gather(comite, summons).laid_out().pdf, tmp_path)
    assert "Convocation" in pages[0]
    for number, page in enumerate(pages, start=1):
        assert "Val de Brume : 1 place des Tilleuls" in plain(page)
        assert f"Dossier p. {number} / {len(pages)}" in plain(page)


def test_a_sitting_broken_up_is_told_in_our_words_and_what_is_unknown_leaves_a_blank(
    cast, every_choice
):
    meeting = prepare(cast, held_on=people.SINCE)
    draft = compile.compile_minutes(meeting)
    assert f"réunis {style.BLANK}," in draft.opening
    (found,) = [each for each in actions.review(meeting, draft) if "formule" in each.code]
    assert found.severity == Severity.WARNING
    assert style.BLANK in found.message
    meeting = prepare(cast, held_on=people.SINCE + timedelta(days=30))
    sit(meeting, by=cast.secretariat, hours=None)
    at = meeting.scheduled_for + timedelta(minutes=10)
    ledger.record(meeting, law.Closed(at=at, for_want_of_quorum=True), by=cast.secretariat)
    paper = compile.compile_minutes(meeting)
    assert "ordre du jour étant épuisé" not in paper.closing
    assert [each.field for each in paper.reworded] == ["opening"]


def test_an_empty_style_changes_nothing(comite, cast):
    before = compile.compile_minutes(comite)
    keep_paper_style(PaperStyle(body=cast.comite), version=0, by=cast.secretariat)
    assert papers.to_json(compile.compile_minutes(comite)) == papers.to_json(before)


# --- What was issued --------------------------------------------------------------------------


def hash_of(issued) -> str:
    with issued.pdf.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_changing_the_style_never_changes_what_was_issued(comite, cast):
    issued = actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)
    content, digest = issued.content, hash_of(issued)
    keep_paper_style(
        PaperStyle(body=cast.comite, accent="vert", opening="Tout autre chose.", footer="Pied"),
        version=0,
        by=cast.secretariat,
    )
    issued = type(issued).objects.get(pk=issued.pk)
    assert issued.content == content
    assert hash_of(issued) == digest == issued.pdf_sha256
    # Nor does it make it out of date: nothing else is said of the sitting.
    draft = compile.compile_minutes(comite)
    assert draft.opening == "Tout autre chose."
    assert not actions.has_changed(issued, draft)
    assert actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT) == issued


def test_telling_less_or_in_another_order_makes_no_minutes_out_of_date(comite, cast):
    Brief.objects.create(item=comite.items.first(), articles="Le budget est adopté")
    told = actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)
    style = PaperStyle.objects.create(body=cast.comite, tells_articles=False, roll_by="presence")
    assert not actions.has_changed(told, compile.compile_minutes(comite))
    change(style, tells_articles=True)
    Brief.objects.update(articles="Le budget est rejeté")
    assert actions.has_changed(told, compile.compile_minutes(comite))


def test_what_happened_is_still_seen_under_a_formula_and_history_says_who_changed_it(
    comite, cast, every_choice
):
    issued = actions.issue_minutes(comite, by=cast.secretariat, at=ISSUED_AT)
    comite.place = "ailleurs"
    comite.save()
    assert actions.has_changed(issued, compile.compile_minutes(comite))
    changed = PaperStyle.objects.get(pk=every_choice.pk)
    changed.footer = ""
    keep_paper_style(changed, version=1, by=cast.administration)
    last, first = every_choice.history.all()
    assert (first.footer, last.footer) == ("Val de Brume : 1 place des Tilleuls", "")
    assert (first.history_user, last.history_user) == (cast.secretariat, cast.administration)


# --- The page ---------------------------------------------------------------------------------


@pytest.fixture
def desk(client, cast):
    client.force_login(cast.secretariat)
    return client


def url(name: str, body) -> str:
    return reverse(f"style:{name}", args=[body.pk])


def posted(**changes) -> dict:
    """What the form holds when nothing was touched, but for these changes."""
    return {
        "version": 0,
        "accent": "bleu",
        "tells_articles": "on",
        "roll_by": "college",
        **{f"{name}_parts-order": style.order(name) for name in style.PARTS},
        **{f"{name}_parts": style.order(name) for name in style.PARTS},
        **changes,
    }


def text_of(response) -> str:
    return plain(re.sub(r"<[^>]+>", "", response.content.decode()).replace("&#x27;", "'"))


def test_what_was_set_is_kept(desk, cast):
    answer = desk.post(
        url("edit", cast.comite),
        posted(
            letterhead=" Direction \r\n\r\n Assemblées ",
            accent="vert",
            conform="Conforme.",
            tells_articles="",
            roll_by="presence",
        ),
    )
    assert answer.status_code == 302
    kept = PaperStyle.objects.get(body=cast.comite)
    assert (kept.letterhead, kept.accent, kept.conform) == (
        "Direction\nAssemblées",
        "vert",
        "Conforme.",
    )
    assert (kept.tells_articles, kept.roll_by) == (False, "presence")
    assert (kept.minutes_parts, kept.version) == ([], 1)  # our order is nobody's choice


def test_what_was_set_is_kept_and_what_is_left_out_waits_in_its_place(desk, cast):
    answer = desk.post(url("edit", cast.comite), posted(move="extract_parts:acte:up"))
    assert answer.status_code == 200
    found = re.findall(r'name="extract_parts-order" value="([^"]+)"', answer.content.decode())
    assert found == ["chiffres", "presences", "acte", "quorum"]
    assert not PaperStyle.objects.exists()
    kept = style.order("minutes")[1:]
    desk.post(url("edit", cast.comite), posted(minutes_parts=kept))
    assert PaperStyle.objects.get().minutes_parts == list(kept)
    page_of = desk.get(url("edit", cast.comite)).content.decode()
    order = re.findall(r'name="minutes_parts-order" value="([^"]+)"', page_of)
    assert tuple(order) == style.order("minutes")
    assert not re.search(r'id="minutes_parts-chiffres" checked', page_of)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"opening": "{lieux}"}, "« {lieux} » n’est pas un repère de cette formule."),
        ({"salutation": "{president}"}, "Cette formule n’en a pas."),
        ({"footer": "Bonjour 😀"}, "Le caractère « 😀 » (U+1F600) n’existe pas"),
        ({"letterhead": "1\n2\n3\n4"}, "Trois lignes au plus"),
        (
            {"minutes_parts": ["chiffres", "quorum"]},
            "« Débats et décisions » se déplace mais ne se retire pas.",
        ),
        ({"accent": "#ff0000"}, "Sélectionnez un choix valide."),
        ({"opening": "x" * 700}, "600"),
    ],
)
def test_what_cannot_be_printed_is_refused_beside_its_field(desk, cast, changes, words):
    answer = desk.post(url("edit", cast.comite), posted(**changes))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not PaperStyle.objects.exists()


# --- The logo ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("logo.png", b"MZ\x90\x00" + b"\0" * 400, "son contenu est celui d’un programme"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est ni une image PNG"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est ni une image PNG"),
        ("logo.pdf", lambda: render.render_pdf(SHORT), "n’est ni une image PNG"),
        ("logo.png", picture()[:60], "cette image ne se lit pas"),
        ("logo.png", hollow_picture(), "n’est pas une image PNG ou JPEG qui se lise"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * (3 * 1024 * 1024), "dépasse 2 Mo"),
        ("logo.png", lambda: picture(size=(9000, 9000)), "a trop de points"),
        ("logo.png", lambda: picture(size=(5000, 5000)), "a trop de points"),
    ],
    ids=[
        *("programme", "SVG", "SVG nommé PNG", "PDF", "coupé", "sans points", "3 Mo"),
        *("81 millions de points", "25 millions de points"),
    ],
)
def test_a_logo_that_is_none_is_refused(desk, cast, name, content, words):
    logo = SimpleUploadedFile(name, content() if callable(content) else content)
    answer = desk.post(url("edit", cast.comite), posted(footer="Pied", logo=logo))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="Pied"' in answer.content.decode()
    assert not PaperStyle.objects.exists()


def test_a_logo_beyond_what_is_read_keeps_what_was_typed(desk, cast, settings):
    settings.ATTACHMENT_MAX_BYTES = 100_000
    heavy = SimpleUploadedFile("logo.png", picture() + b"\0" * 200_000)
    answer = desk.post(url("edit", cast.comite), posted(footer="Pied") | {"logo": heavy})
    assert answer.status_code == 422
    assert "« logo.png » dépasse 2 Mo" in text_of(answer)
    assert 'value="Pied"' in answer.content.decode()


def test_a_body_has_its_own_logo_and_may_go_back(desk, cast, comite):
    logo = SimpleUploadedFile("Mon logo.exe", picture("JPEG"))
    assert desk.post(url("edit", cast.comite), posted(logo=logo)).status_code == 302
    kept = PaperStyle.objects.get()
    assert kept.logo.name.startswith("logos/papiers-comite")
    assert kept.logo.name.endswith(".jpg")
    issuer = compile.compile_minutes(comite).issuer
    assert issuer.logo.startswith("data:image/png;base64,")
    assert issuer.style is None
    assert "drops_logo" in desk.get(url("edit", cast.comite)).content.decode()
    desk.post(url("edit", cast.comite), posted(version=1, drops_logo="on"))
    assert PaperStyle.objects.get().logo.name == ""
    assert compile.compile_minutes(comite).issuer.logo == ""


# --- The preview ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", style_sample.LABELS)
def test_the_sheet_shows_what_is_not_saved_yet(desk, cast, comite, kind):
    told = desk.post(
        url("preview", cast.comite),
        posted(letterhead="Direction essayée", accent="vert", papier=kind),
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "Direction essayée" in told
    assert "--mark: #1d4a37" in told
    assert "Séance du 9 juin 2026" in plain(told)
    assert "<html" not in told
    assert not PaperStyle.objects.exists()


def test_the_sheet_and_the_pdf_show_what_is_right_and_say_what_is_wrong(
    desk, cast, comite, tmp_path, django_assert_max_num_queries
):
    told = text_of(
        desk.post(
            url("preview", cast.comite),
            posted(opening="{oups}", letterhead="Juste"),
            headers={"HX-Request": "true"},
        )
    )
    assert "« {oups} » n’est pas un repère" in told
    assert "Juste" in told
    assert "L’an deux mille vingt-six, le neuf juin" in told
    logo = SimpleUploadedFile("logo.png", picture())
    told = desk.post(url("preview", cast.comite), posted(logo=logo)).content.decode()
    assert 'src="data:image/png;base64,' in told
    assert not PaperStyle.objects.exists()
    answer = desk.post(url("pdf", cast.comite), posted(letterhead="Direction essayée"))
    assert answer["Content-Type"] == "application/pdf"
    assert "inline" in answer["Content-Disposition"]
    assert "directionessayée" in told_by_pdf(answer.content)
    with django_assert_max_num_queries(14):
        desk.get(url("edit", cast.comite))


@pytest.mark.parametrize("kind", style_sample.LABELS)
def test_a_body_that_never_sat_is_shown_an_imagined_sitting(desk, cast, kind):
    empty = people.make_body(
        cast.organisation, "Commission", designation="la Commission", gender="f"
    )
    for body in (empty, cast.bureau):
        answer = desk.get(url("edit", body), {"papier": kind})
        assert answer.status_code == 200
        assert "Séance imaginée, pour l’exemple" in text_of(answer)
    assert not cast.comite.meetings.exists()
    assert not empty.meetings.exists()


def test_two_editors_never_overwrite_each_other(cast, every_choice, desk):
    with pytest.raises(Refused) as refused:
        keep_paper_style(PaperStyle(body=cast.comite), version=0, by=cast.administration)
    assert [each.code for each in refused.value.findings] == ["style_change"]
    stale = posted(footer="Le mien", version=0)
    answer = desk.post(url("edit", cast.comite), stale)
    assert answer.status_code == 409
    told = text_of(answer)
    assert "a enregistré d’autres réglages pendant que vous faisiez les vôtres" in told
    assert "Val de Brume : 1 place des Tilleuls" in told
    assert PaperStyle.objects.get().footer == "Val de Brume : 1 place des Tilleuls"
    version = re.search(r'name="version" value="(\d+)"', answer.content.decode())[1]
    assert desk.post(url("edit", cast.comite), stale | {"version": version}).status_code == 302
    assert PaperStyle.objects.get().footer == "Le mien"
