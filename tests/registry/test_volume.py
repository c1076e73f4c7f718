"""The register of a year: what it lacks, its tables, and the volume bound from issued sheets."""

import re
import subprocess
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from archive import actions as archive
from archive.keeping import verification
from documents import compile, render, word
from documents.models import IssuedDocument
from law import ballots, sitting
from law.ballots import Choice
from law.findings import Refused
from meetings.actions import decisions, items
from registry.acts import actions
from registry.models import Deliberation, DeliberationLink
from registry.signatures import actions as signatures
from registry.volume import binding
from registry.volume import reading as register
from tests import conformity, held
from tests.cast import change
from tests.costs import queries
from tests.documents.ink import (
    check_fonts,
    pages_of,
    plain,
    told_by_docx,
    told_by_html,
    told_by_pdf,
)
from tests.held import AT, EVERYBODY, JULY, JUNE, sign
from tests.registry.conftest import page
from tests.words import unsaid

pytestmark = pytest.mark.django_db
BEYOND = (0, 10_000, 99_999_999_999_999_999_999_999)  # years that no calendar has


@pytest.fixture
def year(cast, hold):
    """Two sittings, three deliberations issued."""
    for on, adopted in ((JUNE, ("Tarifs", "Budget")), (JULY, ("Emprunt",))):
        meeting = hold(on, adopted=adopted, rejected=("Vœu",), approves=False)
        held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return cast.comite


def numbers(entries) -> list[str]:
    return [entry.deliberation.label for entry in entries]


# --- What it holds and lacks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "late"),
    [
        pytest.param("{annee}-{mois}-{jour}/{rang:02}", [], id="le jour et le rang y sont"),
        pytest.param("{annee}-{numero:03}", ["2026-002"], id="le numéro court dans l’année"),
    ],
)
def test_a_number_is_out_of_the_order_of_days_where_it_is_printed(cast, hold, printed, late):
    """« 2026-06-09/01 » was said out of order for having been given after July’s."""
    change(cast.comite, deliberation_format=printed)
    for on in (JULY, JUNE):
        meeting = hold(on, adopted=("Tarifs",), approves=False)
        actions.number(meeting, by=cast.secretariat, at=AT)
    cast.comite.refresh_from_db()
    assert numbers(register.of_year(cast.comite, 2026).late) == late


def test_the_register_holds_the_year_in_the_order_of_the_sittings(
    year, cast, django_assert_num_queries
):
    with django_assert_num_queries(3):
        found = register.of_year(year, 2026)
        assert numbers(found.unsigned) == numbers(found.lines)
    assert numbers(found.lines) == ["2026-06-09/01", "2026-06-09/02", "2026-07-07/01"]
    assert (found.unissued, found.gaps) == ((), ())
    assert register.years(year) == {2026: 3}
    assert register.of_year(year, 2025).lines == ()
    # A number that nobody bears is a gap.
    meeting = year.meetings.get(held_on=JULY)
    item = items.add_item(meeting, title="Repris d’un registre de papier", by=cast.secretariat)
    seventh = {"year": 2026, "number": 7, "rank": 7, "label": "7"}
    Deliberation.objects.create(meeting=meeting, item=item, body=year, **seventh)
    assert register.of_year(year, 2026).gaps == (4, 5, 6)


@pytest.mark.proof
def test_signed_is_signed_by_the_president_and_a_secretary(year, accounts, cast):
    extract = IssuedDocument.objects.get(title__endswith="Emprunt")

    def awaits():
        return extract.pk in {entry.extract.pk for entry in register.of_year(year, 2026).unsigned}

    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    for place, user in zip(("president", "secretaire-1"), accounts, strict=True):
        assert awaits()
        sign(extract, place, user)
    assert not awaits()
    # Bound, it has no place to sign.
    with pikepdf.open(BytesIO(binding.volume(year, 2026))) as opened:
        assert "/AcroForm" not in opened.Root
        annotations = [each for page in opened.pages for each in page.get("/Annots", [])]
        assert {str(each.Subtype) for each in annotations} <= {"/Link"}


def test_the_register_says_what_is_no_longer_an_act(year, cast, secretary):
    """Withdrawn by a later deliberation, or rejected when its item was put to the vote again."""
    july, (tariffs, budget) = (
        year.meetings.get(held_on=JULY),
        Deliberation.objects.filter(meeting__held_on=JUNE).order_by("rank"),
    )
    loan = Deliberation.objects.get(meeting=july)
    DeliberationLink.objects.create(source=budget, target=tariffs, kind="retire")
    (held,) = (
        event
        for event in july.sitting.of_kind(sitting.BallotHeld)
        if event.ballot.item == loan.item.key
    )
    against = dict.fromkeys(EVERYBODY, Choice.AGAINST)
    corrected = ballots.Ballot(item=loan.item.key, choices=against)
    decisions.hold_ballot(july, ballot=corrected, by=cast.secretariat, replacing=held.seq)
    found = register.standing(register.of_year(year, 2026))
    table = register.table(found, by=compile.BY_DATE, remarks=register.remarks(found.lines))
    for text in (told_by_pdf(binding.volume(year, 2026)), told_by_html(render.render_html(table))):
        assert "tarifs(retiréepar20260609/02du9juin2026)" in text
        assert "emprunt(n’estplusunacte:rejetée)" in text
        assert "budget(" not in text
    # It keeps its number, and is neither bound, nor counted, nor waited for.
    assert numbers(found.bound) == numbers(found.unsigned) == ["2026-06-09/01", "2026-06-09/02"]
    assert found.unissued == () and len(found.lines) == 3
    closing = binding.closing_sheet(july, register.of_sitting(july))
    assert plain(closing.statement) == (
        "Au cours de cette séance, aucune délibération n’a été prise."
    )
    assert [plain(line.remark) for line in closing.lines] == ["n’est plus un acte : rejetée"]
    shown = page(secretary, "register", year.pk)
    missing = shown.partition("Ce qui manque au registre")[2].partition("</details>")[0]
    assert "Budget" in missing and "Emprunt" not in missing
    assert "3, dont 1 qui n’est plus un acte" in shown
    assert "n’est plus un acte : rejetée" in plain(shown)


# --- Its tables -------------------------------------------------------------------------------


def lines(table):
    return {
        group.label: [(line.number, line.object) for line in group.lines] for group in table.groups
    }


def test_the_table_by_date_goes_sitting_by_sitting(year):
    table = register.table(register.of_year(year, 2026), by=compile.BY_DATE)
    assert lines(table) == {
        "Séance du mardi 9 juin 2026": [("2026-06-09/01", "Tarifs"), ("2026-06-09/02", "Budget")],
        "Séance du mardi 7 juillet 2026": [("2026-07-07/01", "Emprunt")],
    }
    assert not table.has_days and not table.has_sheets
    for by in (compile.BY_DATE, compile.BY_OBJECT):  # each in its three outputs
        table = register.table(register.of_year(year, 2026), by=by)
        by_html = told_by_html(render.render_html(table))
        assert told_by_pdf(render.render_pdf(table)) == by_html
        assert told_by_docx(word.render_docx(table)) == by_html


def test_the_table_by_object_is_alphabetical_of_a_register_that_is_not_issued(
    cast, hold, secretary
):
    assert "Ce registre est vide" in page(secretary, "register", cast.comite.pk)
    meeting = hold(JUNE, adopted=("Zonage", "Élus", "Budget"))
    section = items.add_item(meeting, kind="section", title="Finances", by=cast.secretariat)
    meeting.items.filter(title="Budget").update(parent=section)
    actions.number(meeting, by=None, at=AT)
    found = register.of_year(cast.comite, 2026)
    assert numbers(found.unissued) == [f"2026-06-09/0{rank}" for rank in (1, 2, 3)]
    assert found.bound == ()
    with pytest.raises(Refused, match="il n’y a rien à relier"):
        binding.volume(cast.comite, 2026)
    table = register.table(found, by=compile.BY_OBJECT)
    told = {group.label: [line.object for line in group.lines] for group in table.groups}
    assert list(told.items()) == [("Finances", ["Budget"]), ("Autres objets", ["Élus", "Zonage"])]
    assert table.groups[0].lines[0].held_on == "9 juin 2026"


# --- The volume -------------------------------------------------------------------------------


@pytest.fixture
def bound(year) -> bytes:
    return binding.volume(year, 2026)


def test_every_sheet_has_its_number_and_the_tables_lead_to_it(bound, tmp_path):
    pages = pages_of(bound, tmp_path)
    assert len(pages) == 8  # an opening, three extracts, two closing sheets, two tables
    assert "5 feuillets, numérotés de 1 à 5, cotés et paraphés" in pages[0]
    heads = [re.search(r"Registre 2026 · feuillet (\d+) · paraphe", page) for page in pages]
    assert [int(head[1]) if head else None for head in heads] == [None, 1, 2, 3, 4, 5, None, None]
    # The stamp ends where the lines of the sheet do; the pages of an act say that they are pages.
    path = tmp_path / "volume.pdf"
    path.write_bytes(bound)
    command = ["pdftotext", "-bbox", "-f", "2", "-l", "6", path, "-"]
    boxes = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    words = re.findall(r'xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)', boxes)
    ends = [float(right) for right, low, word in words if set(word) == {"."} and float(low) < 60]
    assert ends and max(ends) <= 595.3 - 77 + 0.1
    assert all("page 1 sur 1" in page for page in (pages[1], pages[2], pages[4]))
    assert not re.search(r"\b1 / 1\b", " ".join(pages))
    closing = ("Feuillet de clôture", "2 délibérations ont été prises", "Membres présents")
    assert unsaid(pages[3], *closing) == [] and "Emprunt" in pages[4]
    for table in pages[6:]:
        assert "Tarifs" in table
        assert re.search(r"2026-07-07/01 Emprunt\b.*\b4\b", table)


def test_the_volume_is_not_dated_before_what_it_holds(year, cast, tmp_path):
    meeting = year.meetings.get(held_on=JULY)
    meeting.items.filter(title="Emprunt").update(title="Emprunt relais")
    late = AT.replace(month=10, day=8)
    held.issue_acts(meeting, by=cast.secretariat, at=late, reason="l’objet était incomplet")
    assert "Brume, le 8 octobre 2026" in pages_of(binding.volume(year, 2026), tmp_path)[0]


def test_a_volume_to_be_completed_says_that_it_is_provisional(
    year, cast, hold, tmp_path, time_machine
):
    def opening() -> str:
        return pages_of(binding.volume(year, 2026), tmp_path)[0]

    time_machine.move_to(date(2026, 12, 31))
    told = "Volume provisoire au 7 juillet 2026 : l’année 2026 n’est pas finie."
    assert told in opening()
    time_machine.move_to(date(2027, 1, 4))
    assert "provisoire" not in opening().lower()
    to_come = held.prepare(cast, "Suite", held_on=date(2026, 12, 8))
    held.prepare(cast, "Autre année", held_on=date(2027, 1, 12))
    told = opening()
    assert "Le présent registre, provisoire, contient à ce jour 5 feuillets" in told
    assert (
        "Volume provisoire au 7 juillet 2026 : la séance du 8 décembre 2026 n’y est pas encore."
    ) in told
    change(to_come, stage=to_come.Stage.CANCELLED)
    numbered = hold(date(2026, 9, 1), adopted=("Régie",), approves=False)
    unnumbered = hold(date(2026, 10, 6), adopted=("Voirie",), approves=False)
    assert "les séances du 1er septembre 2026 et du 6 octobre 2026 n’y sont pas" in opening()
    actions.number(numbered, by=None, at=AT)
    change(unnumbered, stage=unnumbered.Stage.CANCELLED)
    assert "1 délibération sans extrait n’y est pas encore" in opening()
    held.issue_acts(numbered, by=cast.secretariat, at=AT)
    assert "provisoire" not in opening().lower()


def test_a_volume_is_known_again_and_what_came_after_it_is_told(year, cast, time_machine):
    def said() -> str:
        return plain(" ".join(verification.judge(pdf).sentences))

    pdf, meeting = binding.volume(year, 2026), year.meetings.get(held_on=JULY)
    archive.give(pdf, kind="volume", meeting=meeting, by=cast.secretariat, at=AT.replace(month=8))
    time_machine.move_to(date(2027, 1, 4))
    told = "le volume du registre des délibérations du Comité syndical pour l’année 2026, que"
    assert unsaid(said(), told, "remis le 15 août 2026", "ne porte pas de signature") == []
    assert "provisoire" not in said()
    to_come = held.prepare(cast, "Suite", held_on=date(2026, 12, 8))
    assert "Ce volume est provisoire : l’année 2026 n’est pas finie, ou" in said()
    change(to_come, stage=to_come.Stage.CANCELLED)
    meeting.items.filter(title="Emprunt").update(title="Emprunt relais")
    late = AT.replace(month=10, day=8)
    held.issue_acts(meeting, by=cast.secretariat, at=late, reason="l’objet était incomplet")
    assert "a changé depuis, le 8 octobre 2026 : ce volume n’est pas le dernier" in said()


def test_the_sheets_are_those_that_were_issued(bound, year):
    """Not laid out again: what a page draws is what the extract drew, between its stamp."""
    extract = IssuedDocument.objects.get(title__endswith="Emprunt")
    with extract.pdf.open() as file, pikepdf.open(BytesIO(file.read())) as issued:
        drawn = issued.pages[0].Contents.read_bytes()
    with pikepdf.open(BytesIO(bound)) as opened:
        parts = opened.pages[4].Contents
        assert drawn.strip() in b"".join(part.read_bytes() for part in parts)
    assert binding.volume(year, 2026) == bound  # the same file again
    # Touched since, it is not bound.
    with extract.pdf.storage.open(extract.pdf.name, "r+b") as file:
        file.seek(100)
        file.write(b"X")
    with pytest.raises(Refused, match="n’est plus celui qui a été"):
        binding.volume(year, 2026)


def test_the_volume_is_archival_tagged_and_bookmarked(bound):
    conformity.check(bound)
    with pikepdf.open(BytesIO(bound)) as opened:
        check_fonts(opened)
        files = [
            str(each.FontName).split("+")[1]
            for each in opened.objects
            if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each
        ]
        assert sorted(files) == ["Paper-Serif", "Paper-Serif-Semi-Bold"]
        with opened.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
        assert str(opened.Root.Lang) == "fr"
        keys = [int(page.StructParents) for page in opened.pages]
        assert len(set(keys)) == len(keys)
        known = pikepdf.NumberTree(opened.Root.StructTreeRoot.ParentTree)
        assert all(key in known for key in keys)
        assert [page.label for page in opened.pages] == [
            *("Ouverture", "1", "2", "3", "4", "5", "T1", "T2")
        ]
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "Ouverture",
                "Séance du 9 juin 2026",
                "Séance du 7 juillet 2026",
                "Table chronologique",
                "Table par objets",
            ]
            assert [item.title for item in outline.root[2].children] == [
                "Délibération n°\u00a02026-07-07/01\u00a0: Emprunt",
                "Feuillet de clôture",
            ]
            page = outline.root[2].children[0].destination[0]
            assert page.objgen == opened.pages[4].obj.objgen


@pytest.mark.proof
def test_a_screen_reader_follows_the_order_of_the_sheets(bound, tmp_path):
    path = tmp_path / "volume.pdf"
    path.write_bytes(bound)
    command = ["pdfinfo", "-struct-text", path]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    wanted = ("Registre des d", "Tarifs", "Feuillet de cl", "Emprunt", "Table chronologique")
    places = [told.index(words) for words in wanted]
    assert places == sorted(places)


@pytest.mark.proof
def test_a_new_version_takes_the_place_of_the_old_one(year, cast, tmp_path):
    meeting = year.meetings.get(held_on=JULY)
    meeting.items.filter(title="Emprunt").update(title="Emprunt relais")
    held.issue_acts(meeting, by=cast.secretariat, at=AT, reason="l’objet était incomplet")
    pages = pages_of(binding.volume(year, 2026), tmp_path)
    assert len(pages) == 8
    assert "Version 2, qui annule et remplace" in pages[4]


def test_the_closing_sheet_of_a_sitting_is_printed_alone(year, client_of, cast, tmp_path):
    meeting = year.meetings.get(held_on=JUNE)
    url = reverse("registry:closing", args=[meeting.pk])
    (page,) = pages_of(client_of(cast.secretariat).get(url).content, tmp_path)
    told = ("2026-06-09/01 Tarifs", "2026-06-09/02 Budget", "Membres présents", "Elsa EVRARD")
    assert [words for words in told if words not in page] == []
    assert "Vœu" not in page  # rejected: no number


def test_a_sitting_is_closed_in_the_register_once_it_is_closed_and_numbered(
    cast, hold, client_of, tmp_path
):
    client, by = client_of(cast.secretariat), cast.secretariat
    to_come = held.prepare(cast, "Tarifs", held_on=JULY)
    open_one = hold(JUNE, adopted=("Budget",), rejected=("Vœu",), hours=None)
    meeting = hold(date(2026, 5, 5), adopted=("Emprunt",), approves=False)
    for each, why in (
        (to_come, "La séance n’est pas levée"),
        (open_one, "La séance n’est pas levée"),
        (meeting, "1 délibération attend son numéro"),
    ):
        url, acts = (reverse(f"registry:{name}", args=[each.pk]) for name in ("closing", "acts"))
        assert url not in client.get(acts).text
        response = client.get(url, follow=True)
        assert response.redirect_chain == [(acts, 302)]
        assert why in response.text
    actions.number(meeting, by=by, at=AT)
    url = reverse("registry:closing", args=[meeting.pk])
    assert url in client.get(reverse("registry:acts", args=[meeting.pk])).text
    (told,) = pages_of(client.get(url).content, tmp_path)
    assert "1 délibération a été prise" in told


def test_the_closing_sheet_of_a_sitting_without_a_deliberation_says_so(hold):
    meeting = hold(JUNE, rejected=("Vœu",), approves=False)
    assert binding.closing_sheet(meeting, ()).statement == (
        "Au cours de cette séance, aucune délibération n’a été prise."
    )


# --- The page ---------------------------------------------------------------------------------


def test_the_page_shows_the_year_and_leads_to_the_volume_and_its_tables(year, secretary):
    text = page(secretary, "register", year.pk)
    told = ("Télécharger le volume 2026", "3 extraits à signer", "Séance du mardi 9 juin 2026")
    assert unsaid(text, *told) == []
    response = secretary.get(reverse("archive:volume", args=[year.pk, 2026]))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="registre-comite-2026.pdf"'
    # It is known again by its bytes, and said to be outgrown once something came after it.
    content = response.content
    assert verification.judge(content).origin is verification.Origin.BOUND
    answer = secretary.post(reverse("archive:verify"), {"file": ContentFile(content, "r.pdf")})
    assert "Ce registre a été remis ici" in answer.text and "n’est pas reconnu" not in answer.text
    assert verification.judge(content + b"\n").origin is verification.Origin.FOREIGN
    url = reverse("registry:table", args=[year.pk, 2026, "objets"])
    assert secretary.get(url).content.startswith(b"%PDF")
    response = secretary.get(f"{url}?docx")
    assert response["Content-Disposition"].endswith('"table-objets-comite-2026.docx"')
    for name, args in (
        ("register_year", [year.pk, 1999]),
        *(("register_year", [year.pk, each]) for each in BEYOND),
        *(("table", [year.pk, each, "dates"]) for each in BEYOND),
        ("table", [year.pk, 1999, "dates"]),
        ("table", [year.pk, 2026, "couleurs"]),
    ):
        assert secretary.get(reverse(f"registry:{name}", args=args)).status_code == 404
    for each in BEYOND:
        url = reverse("archive:volume", args=[year.pk, each])
        assert secretary.get(url).status_code == 404


@pytest.mark.proof
def test_the_page_costs_the_same_as_the_year_grows(year, secretary, hold):
    before = queries(lambda: page(secretary, "register", year.pk))
    for month in range(8, 11):
        meeting = hold(date(2026, month, 6), adopted=("A", "B"), approves=False)
        held.issue_acts(meeting, by=None, at=timezone.now())
    assert queries(lambda: page(secretary, "register", year.pk)) <= before <= 24
