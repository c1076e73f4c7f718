"""A file of mandates: a preview line by line, nothing written before it is confirmed."""

import io
import zipfile
from datetime import date, datetime, timedelta
from itertools import product

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from law.findings import Refused
from members.models import Community, Mandate, Person
from members.sheets import files
from members.sheets.plan import Line, Plan, Status
from members.sheets.plan import plan as make_plan
from tests.cast import SINCE, change, make_community, make_mandate, make_person
from tests.doors import grow_old
from tests.words import text, unsaid

HEADER = "civilité;prénom;nom;qualité;collège;collectivité;fonction;voix;depuis le"
NEW_LINE = (
    "Mme;Hélène;Hardy;titulaire;Collège du Département;Département de la Lisse;membre;1;01/09/2026"
)


def upload(content, name="mandats.csv") -> SimpleUploadedFile:
    if isinstance(content, str):
        content = content.encode()
    return SimpleUploadedFile(name, content)


def workbook(*lines) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def planned(body, *lines, header=HEADER) -> Plan:
    return make_plan(body, files.read(upload("\n".join([header, *lines]))))


def only(plan: Plan) -> Line:
    (line,) = plan.lines
    return line


def faults(plan: Plan) -> list[str]:
    return [f"{place} : {message}" for place, message in only(plan).faults]


def refusal_of(content, name="mandats.csv") -> str:
    with pytest.raises(Refused) as refusal:
        files.read(upload(content, name))
    (finding,) = refusal.value.findings
    assert finding.field == "file"
    return finding.message


# --- Files that are no sheet


NEITHER = "Ce fichier n’est ni un CSV ni un classeur XLSX."
NO_BOOK = "Ce fichier est une archive ZIP, ou un classeur abîmé : aucun tableau ne s’y lit."


def zipped(name: str, content: bytes | str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


NO_SHEETS = {
    "vide": (b"", "Ce fichier est vide."),
    "des blancs": (b" \n\n ", "Ce fichier est vide."),
    "une image nommée .csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", NEITHER),
    "un PDF nommé .xlsx": (b"%PDF-1.7\n%\xe2\xe3\xcf\n1 0 obj\n<<>>stream\n\x00\x01\x02", NEITHER),
    "un ancien classeur, ou protégé": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512,
        "Ce fichier est un classeur d’un ancien format (.xls) ou protégé par un mot de passe.",
    ),
    "un ZIP coupé": (b"PK\x03\x04 et puis rien", NO_BOOK),
    "rien que des titres": (
        f"{HEADER}\n",
        "Ce fichier n’a que des titres de colonnes, aucune ligne.",
    ),
    "une colonne deux fois": (
        "nom;prénom;nom;depuis le\nCaron;Claire;Caron;01/09/2026",
        "La colonne « nom » est là plusieurs fois.",
    ),
    "une lettre": (
        "Bonjour\nvoici la liste",
        "La première ligne doit nommer les colonnes ; il y manque « nom » et « prénom » et "
        "« depuis le ». On y lit : « Bonjour ».",
    ),
    "un guillemet ouvert pour toujours": (
        'nom;prénom;depuis le\n"' + "x" * 200_000,
        "La ligne 2 ne se lit pas : un guillemet n’est pas refermé, ou une cellule est démesurée.",
    ),
    "un ZIP nommé .xlsx": (zipped("photos/vacances.txt", "rien à voir"), NO_BOOK),
    "un fichier de onze mégaoctets": (
        f"{HEADER}\n".encode() + b"x" * files.MAX_BYTES,
        "Ce fichier pèse 11 Mo ; la limite est de 10 Mo.",
    ),
    "trop de lignes": (
        f"{HEADER}\n" + f"{NEW_LINE}\n" * (files.MAX_LINES + 1),
        f"Ce fichier a plus de {files.MAX_LINES} lignes.",
    ),
}


@pytest.mark.parametrize(("content", "message"), NO_SHEETS.values(), ids=NO_SHEETS)
def test_what_is_no_sheet_is_refused_with_a_sentence(content, message):
    for name in ("mandats.csv", "mandats.xlsx"):  # the content tells the format, never the name
        assert refusal_of(content, name) == message


SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
MANY = files.MAX_MARKS
HURTFUL = {
    "une ligne sans fin": (SHEET, b"</sheetData>", b"<row>" + b"<c/>" * MANY + b"</row>"),
    "des lignes vides": (SHEET, b"</sheetData>", b"<row/>" * MANY),
    "des styles": (STYLES, b"</cellXfs>", b"<xf/>" * MANY),
    "des noms": (BOOK, b"</workbook>", b"<definedName/>" * MANY),
    "des blancs qui se déplient": (SHEET, b"</sheetData>", b" " * (70 << 20)),
}


@pytest.mark.parametrize(("part", "end", "more"), HURTFUL.values(), ids=HURTFUL)
def test_a_small_workbook_that_would_take_minutes_is_refused_before_it_is_read(
    part, end, more, monkeypatch
):
    """One of 107 KB held the server for four minutes."""
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("read"))
    book, out = workbook(HEADER.split(";")), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert end in parts[part]
    parts[part] = parts[part].replace(end, more + end)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    assert len(out.getvalue()) < 200_000
    assert "bien plus que la liste" in refusal_of(out.getvalue())


@pytest.mark.parametrize("content", [";" * 9_000_000, "x" * 9_000_000, "nom;" + '"' * 200_001])
def test_a_line_without_end_is_refused_in_words(content):
    assert "La première ligne" in refusal_of(content) or "La ligne 1" in refusal_of(content)


def test_two_hundred_columns_in_latin_1_with_semicolons(cast):
    extra = ";".join(f"note n°{number}" for number in range(191))
    cells = ";".join("é" * 191)
    sheet = files.read(upload(f"{HEADER};{extra}\n{NEW_LINE};{cells}".encode("latin-1")))
    assert len(sheet.ignored) == 191
    assert sheet.ignored[0] == "note n°0"
    line = only(make_plan(cast.comite, sheet))
    assert (line.status, line.who) == (Status.CREATE, "Hélène HARDY")
    names = ";".join(f"colonne {number}" for number in range(200))
    message = refusal_of(names + "\n" + ";" * 199)
    assert message.endswith("« colonne 5 », « colonne 6 », « colonne 7 »… (200 colonnes).")


# --- Ways of writing the same thing


def test_encodings_and_separators(cast):
    for delimiter, encoding in product(
        (";", ",", "\t"), ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16")
    ):
        text = f"{HEADER}\r\n{NEW_LINE}\r\n".replace(";", delimiter)
        line = only(make_plan(cast.comite, files.read(upload(text.encode(encoding)))))
        assert (line.status, line.who, line.number) == (Status.CREATE, "Hélène HARDY", 2)


def test_a_workbook_with_real_dates_and_numbers(cast):
    cells = ["Mme", "Hélène", "Hardy", *[None] * 4, 2, datetime(2026, 9, 1)]
    content = workbook(HEADER.split(";"), cells)
    line = only(make_plan(cast.comite, files.read(upload(content, "mandats.xlsx"))))
    assert line.status == Status.CREATE
    assert (line.mandate.weight, line.mandate.start_on) == (2, date(2026, 9, 1))


def test_formulas_and_errors_in_cells_are_refused_by_their_place(cast):
    content = workbook(
        HEADER.split(";"), ["Mme", "=CONCATENATE(A1)", "Hardy", *[None] * 4, 1, "01/09/2026"]
    )
    # Told by its content, whatever its name.
    plan = make_plan(cast.comite, files.read(upload(content, "mandats.csv")))
    assert faults(plan) == [
        "colonne B « prénom » : la cellule contient une formule ; collez plutôt sa valeur."
    ]


def test_dates_in_the_french_and_in_the_iso_way_and_those_that_are_none(cast):
    for written in ("01/09/2026", "1/9/2026", "2026-09-01"):
        line = only(planned(cast.comite, NEW_LINE.replace("01/09/2026", written)))
        assert line.mandate.start_on == date(2026, 9, 1)
    no_date = "« {} » n’est pas une date ; écrivez 01/02/2017 ou 2017-02-01."
    for written, message in (
        ("31/02/2026", "le jour « {} » n’existe pas."),
        ("09/2026", no_date),
        ("1/9/26", no_date),
        ("46266", no_date),
        ("", "cette cellule ne peut pas être vide."),
    ):
        plan = planned(cast.comite, NEW_LINE.replace("01/09/2026", written))
        assert faults(plan) == [f"colonne I « depuis le » : {message.format(written)}"]


def test_capacities_as_people_write_them(cast):
    for written, capacity in (
        ("titulaire", "titulaire"),
        ("Suppléante", "suppleant"),
        ("suppléant(e)", "suppleant"),
        ("SUPPLÉANT", "suppleant"),
        ("voix consultative", "consultatif"),
        ("", "titulaire"),
    ):
        line = only(planned(cast.comite, NEW_LINE.replace("titulaire", written)))
        assert (line.faults, line.mandate.capacity) == ([], capacity)


def test_empty_lines_capitals_and_names_of_all_kinds_come_through(cast):
    plan = planned(cast.comite, "", ";;;;;;;;", NEW_LINE, header=HEADER.upper())
    assert (only(plan).status, only(plan).number) == (Status.CREATE, 4)
    line = only(planned(cast.comite, NEW_LINE.replace("Hardy", "LE GALL-HARDY")))
    assert line.person.last_name == "Le Gall-Hardy"
    for name in ("D’Été", "<b>Hardy</b>", "漢字", "Hardy 😀", "O'Neill; fils", "x" * 200):
        cells = ["Mme", "Hélène", name, *[None] * 5, "01/09/2026"]
        line = only(make_plan(cast.comite, files.read(upload(workbook(HEADER.split(";"), cells)))))
        assert (line.faults, line.person.last_name) == ([], name)


# --- What a line would do


def test_what_changes_is_told_field_by_field_and_the_rest_is_kept(cast):
    same = "M.;FARID;FAURE;titulaire;Collège des intercommunalités;CC des Étangs;membre;1;"
    line = only(planned(cast.comite, f"{same}04/05/2026"))
    assert (line.status, line.changes) == (Status.SAME, [])
    plan = planned(
        cast.comite,
        "M.;Farid;Faure;04/05/2026;30/09/2026;démission;farid@brume.example;2",
        header="civilité;prénom;nom;depuis le;jusqu’au;motif de fin;courriel;voix",
    )
    assert only(plan).status == Status.CHANGE
    assert only(plan).changes == [
        "adresse électronique : (vide) → farid@brume.example",
        "voix : 1 → 2",
        "jusqu’au : (vide) → 30/09/2026",
        "motif de fin : (vide) → démission",
    ]
    # Among communities of one name, the one of that day.
    make_community(cast.organisation, "CC du Lac", dissolved_on=date(2017, 1, 1))
    after = make_community(cast.organisation, "CC du Lac", founded_on=date(2017, 1, 1))
    line = only(planned(cast.comite, NEW_LINE.replace("Département de la Lisse", "CC du Lac")))
    assert line.mandate.community == after
    # An empty cell keeps the person and empties the mandate.
    change(cast.farid, phone="03 22 00 00 00")
    header = "civilité;prénom;nom;téléphone;collège;depuis le"
    plan = planned(cast.comite, ";Farid;Faure;;;04/05/2026", header=header)
    assert only(plan).changes == ["collège : Collège des intercommunalités → (vide)"]


REFUSED = {
    ("Mme;", ";"): "A « civilité » : cette personne est nouvelle : écrivez « M. » ou « Mme ».",
    ("Mme;", "Dr;"): "A « civilité » : « Dr » : écrivez « M. » ou « Mme ».",
    ("Hardy", ""): "C « nom » : cette cellule ne peut pas être vide.",
    ("Hardy", "x" * 201): "C « nom » : assurez-vous que cette valeur comporte au plus 200 "
    "caractères (actuellement 201).",
    ("titulaire", "remplaçant"): "D « qualité » : « remplaçant » n’est pas connu ; écrivez "
    "« titulaire », « suppléant·e », « voix consultative ».",
    ("Collège du Département", "Collège des lycées"): "E « collège » : ce collège n’existe pas "
    "dans cette instance ; elle a « Collège des intercommunalités », « Collège du Département ».",
    ("Département de la Lisse", "Ville de Nulle-Part"): "F « collectivité » : cette collectivité "
    "n’est pas enregistrée ; donnez-la d’abord, aux premiers pas.",
    ("Département de la Lisse", "Région"): "D « qualité » : Région est membre associé : ses "
    "représentants ont voix consultative.",
    ("membre", "président"): "G « fonction » : Alice ARNAUD préside déjà cette instance depuis "
    "le 4 mai 2026.",
    (";1;", ";0;"): "H « voix » : un mandat porte au moins une voix.",
    (";1;", ";une;"): "H « voix » : « une » n’est pas un nombre entier.",
    ("Mme;Hélène;Hardy", "M.;Farid;Faure"): "I « depuis le » : Farid FAURE a déjà un mandat dans "
    "cette instance : titulaire depuis le 4 mai 2026.",
}


def test_a_line_is_refused_with_its_column_and_a_reason(cast):
    make_community(cast.organisation, "Région", kind=Community.Kind.REGION, is_associated=True)
    for swap, message in REFUSED.items():
        plan = planned(cast.comite, NEW_LINE.replace(*swap))
        assert only(plan).status == Status.REFUSED
        assert faults(plan) == [f"colonne {message}"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\u0085"])
def test_no_name_of_a_file_has_a_line_break(cast, end):
    """A quoted cell may hold several lines, an address alone has them."""
    line = NEW_LINE.replace("Hélène", f'"Hélène{end}Bcc: x@y.example"')
    assert columns_at_fault(only(planned(cast.comite, line))) == ["prénom"]
    header = HEADER.replace("civilité", "adresse postale")
    line = NEW_LINE.replace("Mme", f'"1 rue{end}80000 Brume"')
    assert "adresse postale" not in columns_at_fault(
        only(planned(cast.comite, line, header=header))
    )


def columns_at_fault(line: Line) -> list[str]:
    return [place.split("«")[1].strip("» \u00a0") for place, _ in line.faults]


def test_every_fault_of_a_line_is_told_at_once(cast):
    """Those of cells, of whom they name and of the mandate they make together."""
    cells = ";Hélène;Hardy;remplaçant;Collège des lycées;Nulle-Part;président;0;31/02/2026"
    line = only(planned(cast.comite, cells))
    assert columns_at_fault(line) == ["qualité", "depuis le", "collège", "collectivité"]
    line = only(planned(cast.comite, cells.replace("31/02/2026", "01/09/2026")))
    assert columns_at_fault(line) == [
        *("qualité", "civilité", "collège", "collectivité", "voix", "fonction")
    ]
    # A titular at fault is there for his substitute: the other line is not refused for it.
    plan = planned(
        cast.comite,
        "Mme;Hélène;Hardy;titulaire;Collège des lycées;;;01/09/2026",
        "M.;Ivan;Ivry;suppléant;;Département de la Lisse;Hélène Hardy;01/09/2026",
        header="civilité;prénom;nom;qualité;collège;collectivité;suppléant de;depuis le",
    )
    assert [len(line.faults) for line in plan.lines] == [1, 0]


UNKNOWN = "Titre de civilité;Prénom usuel;Patronyme;Siège pour;Depuis le;Remarque"
OF_UNKNOWN = "Mme;Hélène;Hardy;Département de la Lisse;01/09/2026;à rappeler"


def test_columns_that_are_not_known_are_told_by_hand(cast, pages):
    preview = pages.give(OF_UNKNOWN, header=UNKNOWN)
    assert preview.context["plan"] is None and "dites quelle colonne" in preview.content.decode()
    assert preview.context["sheet"].missing == ("nom", "prénom")
    assert pages.confirm(preview).status_code == 409  # nothing to write as it stands
    twice = {"colonne-B": "last_name", "colonne-C": "last_name"}
    again = pages.client.post(pages.url, {"token": preview.context["token"]} | twice)
    assert [each.code for each in again.context["findings"]] == ["colonne_double"]
    known = {"colonne-A": "civility", "colonne-B": "first_name", "colonne-C": "last_name"}
    known |= {"colonne-D": "community", "colonne-F": ""}
    preview = pages.client.post(pages.url, {"token": preview.context["token"]} | known)
    assert preview.context["sheet"].ignored == ("Remarque",)
    assert only(preview.context["plan"]).status == Status.CREATE
    assert pages.confirm(preview).status_code == 302
    assert Mandate.objects.get(person__last_name="Hardy").community == cast.departement


def test_a_few_lines_at_fault_are_mended_on_the_screen(cast, pages):
    """Three slips asked for the whole file again: a day that does not exist, a line too many."""
    lines = (NEW_LINE, "Mme;Léa;Lys;titulaire;;;;1;31/02/2026", NEW_LINE.replace("Hélène", "Ève"))
    preview = pages.give(*lines, "M.;Karl;Kerr;titulaire;;;;x;")
    told = [(line.number, [each.label for each in cells]) for line, cells, _ in
        preview.context["mending"]]  # fmt: skip
    assert told == [(3, ["depuis le"]), (5, ["voix", "depuis le"])]
    assert preview.text.count("31/02/2026") == 2  # said, and to be mended
    sent = {"token": preview.context["token"], "cellule-3-start_on": "1er septembre 2026"}
    wrong = pages.client.post(pages.url, sent | {"cellule-3-start_on": "a\x00b"})
    assert [each.code for each in wrong.context["findings"]] == ["cellule_illisible"]
    sent |= {"cellule-5-weight": "1", "cellule-5-start_on": "", "sans-5": "on"}
    sent |= {"cellule-9-nom": "x", "cellule-3-ailleurs": "x"}  # no such line, no such column
    preview = pages.client.post(pages.url, sent)
    assert preview.context["mending"] == [] and preview.context["name"] == "mandats.csv, corrigé"
    assert [line.number for line in preview.context["plan"].lines] == [2, 3, 4]
    assert pages.confirm(preview).status_code == 302
    assert Mandate.objects.get(person__last_name="Lys").start_on == date(2026, 9, 1)
    every = pages.give(*["Mme;A;B;;;;;1;32/01/2026"] * 13)
    assert every.context["mending"] == [] and "puis redonnez-le" in every.text
    alone = pages.give("Mme;Léa;Lys;;;;;1;31/02/2026")
    sent = {"token": alone.context["token"], "cellule-2-start_on": "", "sans-2": "on"}
    (none,) = pages.client.post(pages.url, sent).context["findings"]
    assert none.code == "aucune_ligne"


WHOLE = "Civilité;NOM Prénom;Collectivité;Depuis le"


@pytest.mark.parametrize(
    ("whole", "first_name", "last_name"),
    [
        ("HARDY Hélène", "Hélène", "Hardy"),
        ("Hélène HARDY", "Hélène", "Hardy"),
        ("Mme HARDY Hélène", "Hélène", "Hardy"),
        ("HARDY-ROY Anne-Lise", "Anne-Lise", "Hardy-Roy"),
        ("de LA TOUR Gilles", "Gilles", "de LA TOUR"),
        ("Gilles de LA TOUR du PIN", "Gilles", "de LA TOUR du PIN"),
        ("DE LA TOUR Gilles", "Gilles", "de La Tour"),
        ("HARDY H.", "H.", "Hardy"),
        ("ÉTIENNE Jean-Luc Marie", "Jean-Luc Marie", "Étienne"),
    ],
)
def test_name_and_first_name_in_one_column_are_told_by_the_capitals(
    cast, whole, first_name, last_name
):
    line = only(planned(cast.comite, f"Mme;{whole};CC des Étangs;01/09/2026", header=WHOLE))
    assert (line.faults, line.status) == ([], Status.CREATE)
    assert (line.person.first_name, line.person.last_name) == (first_name, last_name)


@pytest.mark.parametrize(
    "whole", ["Hardy Hélène", "HARDY", "HARDY HÉLÈNE", "HARDY Anne PETIT", "H"]
)
def test_a_name_that_no_capital_tells_is_refused_beside_its_cell(cast, whole):
    (fault,) = faults(planned(cast.comite, f"Mme;{whole};;01/09/2026", header=WHOLE))
    assert fault.startswith("colonne B « nom » : «") and "deux colonnes" in fault
    assert whole in fault


def test_a_whole_name_mended_on_the_screen_is_parted_as_the_others(cast, pages):
    """« MARTIN Paul » written in place of « Martin Paul » was a name without a first name."""
    preview = pages.give("M.;Martin Paul;;01/09/2026", "M.;PETIT Luc;;01/09/2026", header=WHOLE)
    sent = {"token": preview.context["token"], "cellule-2-last_name": "Martin Paul"}
    again = pages.client.post(pages.url, sent)
    assert [line.number for line in again.context["plan"].refused] == [2]
    mended = pages.client.post(pages.url, sent | {"cellule-2-last_name": "MARTIN Paul"})
    assert pages.confirm(mended).status_code == 302
    assert Person.objects.get(last_name="Martin").first_name == "Paul"


def test_a_civility_before_the_name_is_read_where_no_column_says_it(cast):
    line = only(planned(cast.comite, "Madame HARDY Hélène;01/09/2026", header="Nom prénom;du"))
    assert (line.faults, line.person.civility) == ([], "Mme")


def test_a_column_of_its_own_name_may_be_told_to_hold_both_names(cast, pages):
    preview = pages.give("HARDY Hélène;Mme;Farid", header="Élu;Civ;Remplace")
    told = {"token": preview.context["token"], "depuis": "01/09/2026", "colonne-A": "whole_name"}
    both = pages.client.post(pages.url, told | {"colonne-C": "last_name"})
    assert [each.code for each in both.context["findings"]] == ["colonne_double"]
    line = only(pages.client.post(pages.url, told).context["plan"])
    assert (line.status, line.who) == (Status.CREATE, "Hélène HARDY")


def test_a_whole_name_beside_the_two_says_nothing_more(cast):
    header = "civilité;nom complet;prénom;nom;depuis le"
    sheet = files.read(upload(f"{header}\nMme;X Y;Hélène;Hardy;01/09/2026"))
    assert sheet.ignored == ("nom complet",)
    assert only(make_plan(cast.comite, sheet)).who == "Hélène HARDY"


def test_a_file_that_says_no_beginning_is_told_one_day_for_all(cast, pages):
    """It has the names that people give their columns; a slip in a community is told beside it."""
    header = "Civ;Prénom;Nom;Titulaire ou suppléant;Communauté;Mél"
    preview = pages.give(
        "Mme;Hélène;Hardy;Titulaire;CC des Étangs;h@hardy.example",
        "M.;Ivan;Ivry;suppléant;CC des Etang;",
        header=header,
    )
    assert preview.context["plan"] is None and preview.context["sheet"].others == {}
    assert "dites le jour pour tous" in preview.text
    sent = {"token": preview.context["token"], "depuis": "01/09/2026"}
    plan = pages.client.post(pages.url, sent).context["plan"]
    first, second = plan.lines
    assert first.status == Status.CREATE and first.mandate.start_on == date(2026, 9, 1)
    assert second.status == Status.REFUSED
    ((_, why),) = second.faults
    assert "Vouliez-vous dire «\u00a0CC des Étangs\u00a0»" in why
    wrong = pages.client.post(pages.url, sent | {"depuis": "32/13/2026"}).context["plan"]
    assert {line.status for line in wrong.lines} == {Status.REFUSED}


def test_a_formula_in_a_column_told_by_hand_is_refused_by_its_place(cast):
    header = ["civilité", "prénom", "nom", "Siège pour", "depuis le"]
    content = workbook(header, ["Mme", "A", "B", "=1+1", "01/09/2026"])
    sheet = files.read(upload(content)).mapped({"D": "community"})
    assert columns_at_fault(only(make_plan(cast.comite, sheet))) == ["collectivité"]
    left_aside = files.read(upload(content))
    assert only(make_plan(cast.comite, left_aside)).faults == []


def test_the_preview_goes_by_college_with_whom_a_substitute_replaces(cast, pages):
    """Of one who came to a college of eighteen: « 1 titulaire pour 18 sièges »."""
    preview = pages.give(
        f"{NEW_LINE};",
        "M.;Ivan;Ivry;suppléant;Collège du Département;;;;01/09/2026;Hélène Hardy",
        "M.;Jean;Jouy;titulaire;Collège des intercommunalités;CC des Étangs;;;01/09/2026;",
        "M.;Karl;Kerr;voix consultative;;;;;01/09/2026;",
        ";Léa;Lys;titulaire;;;;;01/09/2026;",
        header=f"{HEADER};suppléant de",
    )
    told = preview.context["plan"].by_college
    assert [
        (heading.replace("\u00a0", " "), [line.number for line in lines]) for heading, lines in told
    ] == [
        ("À corriger", [6]),
        ("Collège des intercommunalités : 5 titulaires pour 4 sièges, 1 suppléant", [4]),
        ("Collège du Département : 3 titulaires pour 2 sièges, 1 suppléant", [2, 3]),
        ("Sans collège : 0 titulaire, 1 voix consultative", [5]),
    ]
    assert "suppléant d’Hélène HARDY" in preview.content.decode()


def test_every_college_is_counted_on_one_day(cast, pages):
    """Each was full on a day of its own: of who leaves one, and who comes to the other."""
    today = timezone.localdate()
    eve, day = (f"{today + timedelta(days=days):%d/%m/%Y}" for days in (1, 2))
    titulars = cast.comite.mandates.filter(capacity="titulaire", office="membre")
    goes = titulars.exclude(constituency=cast.college_departement).first()
    of, left = (
        goes.constituency,
        goes.constituency.mandates.filter(capacity="titulaire").count() - 1,
    )
    preview = pages.give(
        f"M.;Jean;Jouy;titulaire;{cast.college_departement};{day};;",
        f";{goes.person.first_name};{goes.person.last_name};titulaire;{of};"
        f"{goes.start_on:%d/%m/%Y};{eve};démission",
        header="civilité;prénom;nom;qualité;collège;depuis le;jusqu’au;motif de fin",
    )
    plan = preview.context["plan"]
    assert plan.day == today + timedelta(days=2)
    told = [heading.replace("\u00a0", " ") for heading, _ in plan.by_college]
    assert any(each.startswith(f"{of} : {left} titulaire") for each in told), told


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_the_file_to_fill_in_is_read_back_once_filled(cast, client_of, extension):
    client = client_of(cast.secretariat)
    response = client.get(reverse("members:template", args=[cast.comite.pk, extension]))
    content = b"".join(response.streaming_content) if response.streaming else response.content
    filled = {"civilité": "Mme", "prénom": "Hélène", "nom": "Hardy", "depuis le": "01/09/2026"}
    if extension == "csv":
        (names,) = [line.split(";") for line in content.decode("utf-8-sig").splitlines()]
        lines = [";".join(names), ";".join(filled.get(name, "") for name in names)]
        content = "\n".join(lines).encode()
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        names = [cell.value for cell in book.active[1]]
        book.active.append([filled.get(name, "") for name in names])
        offered = {book["Listes"].cell(1, at).value for at in range(1, len(names) + 1)} - {None}
        assert offered >= {"qualité", "collège", "collectivité", "civilité"}
        assert len(book.active.data_validations.dataValidation) == len(offered)
        stream = io.BytesIO()
        book.save(stream)
        content = stream.getvalue()
    assert only(make_plan(cast.comite, files.read(upload(content)))).status == Status.CREATE
    assert client.get(f"/instances/{cast.comite.pk}/modele.ods").status_code == 404


def test_the_same_mandate_twice_in_the_file(cast):
    plan = planned(cast.comite, NEW_LINE, NEW_LINE)
    assert [line.status for line in plan.lines] == [Status.CREATE, Status.REFUSED]
    assert plan.lines[1].faults == [("colonne I « depuis le »", "ce mandat est déjà à la ligne 2.")]
    later = NEW_LINE.replace("01/09/2026", "02/09/2026")
    plan = planned(cast.comite, NEW_LINE, later)
    assert [line.status for line in plan.lines] == [Status.REFUSED] * 2
    for line in plan.lines:
        assert "Hélène HARDY a déjà un mandat dans cette instance" in line.faults[0][1]

    known = "M.;Farid;Faure;titulaire;;;membre;1;04/05/2026"
    plan = planned(cast.comite, known, known)
    assert [line.status for line in plan.lines] == [Status.CHANGE, Status.REFUSED]
    assert plan.lines[1].faults == [("colonne I « depuis le »", "ce mandat est déjà à la ligne 2.")]


def test_an_identifier_of_another_body_or_another_person_is_refused(cast):
    header = "identifiant;civilité;prénom;nom;depuis le"
    elsewhere, farid = cast.seat(cast.alice, cast.bureau).pk, cast.seat(cast.farid).pk
    plan = planned(cast.comite, f"{elsewhere};Mme;Alice;Arnaud;04/05/2026", header=header)
    assert faults(plan) == [
        f"colonne A « identifiant » : le mandat {elsewhere} n’existe pas dans cette instance ; "
        "laissez la cellule vide pour un nouveau mandat."
    ]
    plan = planned(cast.comite, f"{farid};M.;Paul;Petit;04/05/2026", header=header)
    assert faults(plan) == [
        "colonne D « nom » : ce mandat est celui de Farid FAURE ; pour le remplacer, donnez une "
        "fin à ce mandat et ajoutez une ligne sans identifiant."
    ]


def test_namesakes_are_told_apart_or_refused(cast):
    make_person(cast.organisation, "Farid", "Faure", "M.", email="autre@brume.example")
    header = "prénom;nom;depuis le;courriel"
    assert faults(planned(cast.bureau, "Farid;Faure;01/09/2026;", header=header)) == [
        "colonne B « nom » : 2 personnes portent ce nom ; donnez la date de naissance ou "
        "l’adresse électronique qui les distingue."
    ]
    line = only(planned(cast.bureau, "Farid;Faure;01/09/2026;autre@brume.example", header=header))
    assert (line.status, line.person.email) == (Status.CREATE, "autre@brume.example")


def test_two_lines_may_not_say_two_things_of_one_person(cast):
    plan = planned(
        cast.bureau,
        "Elsa;Evrard;01/09/2026;30/09/2026;démission;a@brume.example",
        "Elsa;Evrard;01/10/2026;;;b@brume.example",
        header="prénom;nom;depuis le;jusqu’au;motif;courriel",
    )
    assert plan.lines[1].faults == [
        ("colonne F « adresse électronique »", "la ligne 2 dit autre chose d’Elsa EVRARD.")
    ]


SUBSTITUTE = (
    "Mme;Hélène;Hardy;suppléante;Ivan IVOIRE;01/09/2026",
    "M.;Ivan;Ivoire;titulaire;;01/09/2026",
)
SUBSTITUTE_HEADER = "civilité;prénom;nom;qualité;suppléant de;depuis le"


def test_a_substitute_names_his_titular_even_on_a_later_line(cast):
    plan = planned(cast.bureau, *SUBSTITUTE, header=SUBSTITUTE_HEADER)
    assert [line.faults for line in plan.lines] == [[], []]
    assert plan.lines[0].mandate.replaces is plan.lines[1].mandate
    plan = planned(cast.bureau, SUBSTITUTE[0], header=SUBSTITUTE_HEADER)
    assert faults(plan) == [
        "colonne E « suppléant de » : aucun titulaire de cette instance ne s’appelle « Ivan "
        "IVOIRE » pendant ce mandat."
    ]


# --- The pages


@pytest.fixture
def pages(cast, client_of):
    """The import as a secretary goes through it."""

    class Pages:
        client = client_of(cast.secretariat)
        url = reverse("members:import", args=[cast.comite.pk])
        confirm_url = reverse("accounts:confirm_import", args=[cast.comite.pk])

        def give(self, *lines, header=HEADER, name="mandats.csv"):
            return self.client.post(self.url, {"file": upload("\n".join([header, *lines]), name)})

        def confirm(self, preview, **extra):
            return self.client.post(self.confirm_url, {"token": preview.context["token"]}, **extra)

    return Pages()


REPLACEMENT = (
    "M.;Farid;Faure;titulaire;CC des Étangs;04/05/2026;30/09/2026;démission",
    "Mme;Hélène;Hardy;titulaire;CC des Étangs;01/10/2026;;",
)
REPLACEMENT_HEADER = "civilité;prénom;nom;qualité;collectivité;depuis le;jusqu’au;motif de fin"


def test_a_file_is_previewed_then_written_once_saying_who(cast, pages):
    page = pages.client.get(pages.url)
    assert "Rien n’est écrit avant que vous ne le confirmiez" in page.content.decode()
    preview = pages.give(*REPLACEMENT, header=REPLACEMENT_HEADER)
    text = preview.content.decode()
    assert preview.status_code == 200
    assert unsaid(text, 'data-status="modifier"', 'data-status="creer"', "Écrire 2 lignes") == []
    assert not Person.objects.filter(last_name="Hardy").exists()
    assert cast.seat(cast.farid).end_on is None
    response = pages.confirm(preview, follow=True)
    assert response.redirect_chain == [(cast.comite.get_absolute_url(), 302)]
    assert "Import de « mandats.csv » : 2 lignes écrites." in response.content.decode()
    farid = Mandate.objects.get(person=cast.farid, body=cast.comite)
    hardy = Mandate.objects.get(person__last_name="Hardy")
    assert (farid.end_on, farid.end_reason) == (date(2026, 9, 30), "demission")
    assert (hardy.start_on, hardy.community) == (date(2026, 10, 1), cast.etangs)
    for row in (farid, hardy, hardy.person):
        trace = row.history.first()
        assert trace.history_user == cast.secretariat
        assert trace.history_change_reason == "import de mandats.csv"
    again = pages.confirm(preview)
    assert again.status_code == 409
    assert Mandate.objects.filter(person__last_name="Hardy").count() == 1
    assert {line.status for line in again.context["plan"].lines} == {Status.SAME}


def test_addresses_that_change_are_shown_apart_and_to_write_asks_for_a_proof(cast, pages):
    """Where convocations and personal links go, by which one gives a proxy."""
    change(cast.farid, email="farid@brume.example")
    header = "prénom;nom;mail;depuis le"
    line = "Farid;Faure;complice@ailleurs.example;04/05/2026"
    preview = pages.give(line, header=header)
    shown = preview.content.decode()
    apart = shown[shown.index("Adresses qui changent") : shown.index("Ligne par ligne")]
    assert unsaid(apart, "Farid FAURE", "farid@brume.example", "complice@ailleurs.example") == []
    same = pages.give(line.replace("complice@ailleurs", "FARID@brume"), header=header)
    assert "Adresses qui changent" not in same.content.decode()
    grow_old(pages.client)
    assert pages.confirm(preview).status_code == 403
    cast.farid.refresh_from_db()
    assert cast.farid.email == "farid@brume.example"


def beyond(plan: Plan) -> list[tuple[str, date, int, int]]:
    return [
        (str(each.college or "tous"), each.day, each.titulars, each.seats) for each in plan.excesses
    ]


def test_more_titulars_than_seats_are_told_with_their_number_and_somebody_decides(cast, pages):
    """The college has two seats, which are held."""
    preview = pages.give(NEW_LINE, NEW_LINE.replace("Hardy", "Ivoire"))
    day = date(2026, 9, 1)
    assert beyond(preview.context["plan"]) == [("Collège du Département", day, 4, 2)]
    shown = text(preview).split("Plus de titulaires que de sièges")[1].split("Ligne par ligne")[0]
    told = "Collège du Département", "4 titulaires pour 2 sièges", "1er septembre 2026"
    assert unsaid(shown, *told, "Écrire quand même 2 lignes") == []
    newcomer = make_person(cast.organisation, "Karl", "Kerr")
    make_mandate(cast.comite, newcomer, constituency=cast.college_departement)
    moved = pages.confirm(preview)  # what was decided was of four, not of five
    assert moved.status_code == 409
    assert beyond(moved.context["plan"]) == [("Collège du Département", day, 5, 2)]
    assert pages.confirm(moved).status_code == 302
    assert Mandate.objects.filter(start_on=day, constituency=cast.college_departement).count() == 2


def test_who_leaves_in_the_file_gives_her_seat_and_no_other_excess_is_told(cast, pages):
    leaving = cast.college_departement.mandates.first().person
    header = "civilité;prénom;nom;depuis le;jusqu’au;collège"
    leaves = f";{leaving.first_name};{leaving.last_name};{SINCE:%d/%m/%Y};31/08/2026"
    comes = "Mme;Hélène;Hardy;01/09/2026;"
    lines = [f"{each};Collège du Département" for each in (leaves, comes)]
    assert beyond(planned(cast.comite, *lines, header=header)) == []
    assert beyond(planned(cast.comite, lines[1], header=header)) == [
        ("Collège du Département", date(2026, 9, 1), 3, 2)
    ]
    newcomer = make_person(cast.organisation, "Karl", "Kerr")
    make_mandate(cast.comite, newcomer, constituency=cast.college_departement)
    change(cast.comite.constituencies.exclude(pk=cast.college_departement.pk).get(), seats=9)
    other = NEW_LINE.replace("Collège du Département", "Collège des intercommunalités")
    assert beyond(planned(cast.comite, other)) == []  # there already, and not of this file


def test_titulars_of_no_college_are_counted_beside_all_the_seats(cast):
    lines = [f"Mme;Hélène;Nom{'abcdefgh'[n]};titulaire;;;;1;01/09/2026" for n in range(8)]
    ((where, _, titulars, seats),) = beyond(planned(cast.comite, *lines))
    assert (where, seats) == ("tous", 6)
    assert titulars == 8 + cast.comite.mandates.filter(capacity="titulaire").count()


def test_a_confirmation_is_refused_when_the_data_moved(cast, pages):
    preview = pages.give(*REPLACEMENT, header=REPLACEMENT_HEADER)
    seat = cast.seat(cast.farid)
    change(seat, community=cast.agglo)
    response = pages.confirm(preview)
    assert response.status_code == 409
    words = "Les mandats ont changé depuis l’aperçu\u00a0; rien n’a été écrit."
    assert words in response.content.decode()
    assert Person.objects.filter(last_name="Hardy").count() == 0
    # the new preview may be confirmed in its turn
    assert pages.confirm(response).status_code == 302


def test_a_preview_serves_its_body_its_reader_and_whole_files_only(cast, pages, client_of):
    preview = pages.give(NEW_LINE, NEW_LINE.replace("Hardy", ""))
    text = preview.content.decode()
    assert "1 ligne à corriger" in text and "confirmer" not in text
    assert pages.confirm(preview).status_code == 409
    for token in ("", "n’importe quoi", "a:b:c"):
        response = pages.client.post(pages.confirm_url, {"token": token}, follow=True)
        assert "Cet aperçu a expiré ou n’est pas le vôtre" in response.content.decode()
    token = pages.give(NEW_LINE).context["token"]
    elsewhere = reverse("accounts:confirm_import", args=[cast.bureau.pk])
    back = reverse("members:import", args=[cast.bureau.pk])
    assert pages.client.post(elsewhere, {"token": token}).url == back
    colleague = client_of(cast.administration)
    assert colleague.post(pages.confirm_url, {"token": token}).url == pages.url
    assert not Person.objects.filter(last_name="Hardy").exists()
    # A new titular and his substitute in one file.
    preview = pages.give(*SUBSTITUTE, header=SUBSTITUTE_HEADER)
    assert pages.confirm(preview).status_code == 302
    assert Mandate.objects.get(person__first_name="Hélène", replaces__person__last_name="Ivoire")


def test_a_bad_file_is_said_beside_the_field(pages):
    remedy = " Dans votre tableur\u00a0: Enregistrer sous, puis CSV ou XLSX."
    for given, said in (
        ({"file": upload(b"\0\1\2", "photo.xlsx")}, f"{NEITHER}{remedy}"),
        ({}, "Choisissez un fichier."),
        ({"file": upload(b"")}, "Ce fichier est vide."),
    ):
        response = pages.client.post(pages.url, given)
        assert response.status_code == 422
        assert response.context["form"].errors["file"] == [said]


def test_the_preview_costs_the_same_with_more_lines_and_interprets_none(
    pages, django_assert_max_num_queries
):
    lines = [NEW_LINE.replace("Hardy", f"<script>alert({number})") for number in range(50)]
    with django_assert_max_num_queries(12):
        text = pages.give(*lines).content.decode()
    assert "&lt;SCRIPT&gt;ALERT(7)" in text
    assert "<script>alert(7)" not in text


# --- There and back


def _busy_comite(cast) -> None:
    """A Comité with everything a file may have to carry."""
    cast.farid.phone = "+33 3 22 00 00 00"
    cast.farid.address = "1 rue du Lac\r\n80000 Brume"
    cast.farid.born_on = date(1899, 12, 31)
    cast.farid.save()
    strange = {"=1+1": "@dupont", "-moi": "'=toi", "<b>": 'L’Été; "deux", 漢字\t😀'}
    for first_name, last_name in strange.items():
        person = make_person(cast.organisation, first_name, last_name)
        ended = {"end_on": date(2026, 10, 1), "end_reason": Mandate.EndReason.OTHER}
        make_mandate(cast.comite, person, weight=3, position=7, **ended)
        make_mandate(cast.comite, person, start_on=date(2026, 10, 2))
    make_person(cast.organisation, "Farid", "Faure", "M.")


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_an_export_reads_back_unchanged_everywhere_and_computes_nothing(cast, client_of, extension):
    _busy_comite(cast)
    client = client_of(cast.secretariat)
    response = client.get(reverse("members:export", args=[cast.comite.pk, extension]))
    assert response["Content-Disposition"].endswith(f'.{extension}"')
    plan = make_plan(cast.comite, files.read(upload(response.content, f"x.{extension}")))
    assert [(line.who, line.changes, line.faults) for line in plan.lines if line.changes] == []
    assert [count for _, count in plan.counts] == [0, 0, 13, 0]  # all of them the same
    if extension == "csv":
        lines = response.content.decode("utf-8-sig").splitlines()
        cells = [cell.strip('"') for line in lines for cell in line.split(";")]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")] == []
        assert {"'=1+1", "''=toi"} <= set(cells)
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
        assert set(kinds.values()) <= {"s", "inlineStr", "n", "d"}
        assert "=1+1" in kinds
    url = reverse("members:export", args=[cast.comite.pk, "pdf"])
    assert client.get(url).status_code == 404
    header, first, *_ = files.export(cast.comite)
    line = dict(zip(header, first, strict=True))
    assert (line["depuis le"], line["fonction"]) == (SINCE, "président·e")


def test_a_day_that_nobody_will_see_is_no_day(cast, client_of):
    """« 31/12/9999 », typed for no end, took down the pages that count the day after it."""
    line = NEW_LINE.replace("01/09/2026", "31/12/9999")
    assert any("de 1800 à 2200" in fault for fault in faults(planned(cast.comite, line)))
    mandate, office = cast.seat(cast.claire), client_of(cast.administration)
    # As it was stored before it was refused.
    Mandate.objects.filter(pk=mandate.pk).update(end_on=date(9999, 12, 31), end_reason="demission")
    for name, pk in (("composition", cast.comite.pk), ("mandate", mandate.pk)):
        assert office.get(reverse(f"members:{name}", args=[pk])).status_code == 200
    mandate.refresh_from_db()
    with pytest.raises(ValidationError, match="de 1800 à 2200"):
        mandate.full_clean()
