"""The year of a body: its page, its picture, its tables, and to whom they are shown."""

from datetime import date
from email import message_from_bytes, policy
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from convening import mails, year_picture
from convening.actions import accounting
from convening.models import Notice
from documents.compile import compile_attendance_year
from law import sitting
from law.attendance import Mark
from meetings import year
from meetings.actions import ledger
from meetings.models import Meeting
from tests.cast import change, change_rules, end, make_account, make_mandate, make_person, make_role
from tests.costs import queries
from tests.documents.ink import check_archive, plain
from tests.documents.test_word import check_same_words
from tests.held import EVERYBODY, hold, prepare
from tests.words import refused, text, unsaid
from trail.models import Entry

FIRST, SECOND, THIRD = date(2026, 5, 12), date(2026, 6, 9), date(2026, 9, 15)
OF_2026 = {"begins": date(2026, 1, 1), "ends": date(2026, 12, 31)}


@pytest.fixture
def three(cast) -> list[Meeting]:
    """Three sittings: everybody; Gaëlle in the seat of Claire, Elsa represented by Denis; Alice and
    Bruno alone, without a quorum, who have their successors called again."""
    change_rules(cast.comite, substitutes="nommes")
    by, whole = cast.secretariat, hold(cast, FIRST, adopted=["Budget", "Convention"])
    replaced = hold(
        cast,
        SECOND,
        present=["alice-arnaud", "bruno-besson", "denis-duval", "farid-faure"],
        also=["gaelle-garnier"],
        adopted=["Travaux"],
    )
    taken = sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron")
    given = sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval", written_on=SECOND)
    ledger.record(replaced, taken, given, by=by)
    short = hold(cast, THIRD, present=["alice-arnaud", "bruno-besson"], excused=["claire-caron"])
    return [whole, replaced, short]


def account_of(cast, **period) -> year.Account:
    return year.account(cast.comite, Meeting.objects.all(), **OF_2026 | period)


def marks(found: year.Account, name: str) -> list[Mark]:
    line = next(each for each in found.year.lines if each.member.last_name == name)
    return [cell.mark for cell in line.cells]


def test_each_seat_over_the_year_as_ledgers_tell_it(cast, three):
    found = account_of(cast)
    assert marks(found, "Caron") == ["present", "supplee", "excuse"]
    assert marks(found, "Evrard") == ["present", "represente", "absent"]
    assert marks(found, "Garnier") == ["non_appele", "present", "non_appele"]
    assert [each.quorum.reached for each in found.columns] == [True, True, False]
    seats = {row.name: row.cells for row in year.tables(found)[0].rows}
    assert seats["Brume Agglo"] == (6, 4, 1, 0, 1, 0, year.Share(5, 6, in_percent=True))


def test_the_period_has_both_its_days(cast, three):
    found = account_of(cast, begins=SECOND, ends=SECOND)
    assert [each.meeting.held_on for each in found.columns] == [SECOND]


def test_a_sitting_called_off_is_told_and_counts_for_nobody(cast, three):
    off = prepare(cast, held_on=date(2026, 12, 1))
    change(off, stage=Meeting.Stage.CANCELLED)
    found = account_of(cast)
    assert len(found.columns) == 3 and found.cancelled == (off,)
    paper = compile_attendance_year(found, on=date(2026, 12, 2))
    assert "1 séance annulée n’y compte pas : 1er décembre 2026." in plain(paper.notice)


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (24, 36, "24 sur 36 (67 %)"),
        (1, 3, "1 sur 3 (33 %)"),
        (1, 8, "1 sur 8 (13 %)"),
        (299, 300, "299 sur 300 (99 %)"),
        (1, 300, "1 sur 300 (1 %)"),
        (0, 3, "0 sur 3 (0 %)"),
        (3, 3, "3 sur 3 (100 %)"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_told_to_the_nearest_and_whole_or_nil_when_it_is(part, whole, told):
    assert plain(str(year.Share(part, whole, in_percent=True))) == told


def test_a_second_call_requires_no_quorum_and_none_is_told(cast, three, client_of, path):
    again = hold(cast, date(2026, 10, 6), present=["alice-arnaud", "bruno-besson"])
    change(again, second_call_of=three[2])
    *_, first, second = year.tables(account_of(cast))[-1].rows
    assert first.cells[:3] == (2, 4, "pas atteint")
    assert second.cells[:2] == (2, "–")
    told = "non requis, mais manquant : Approbation"  # of what the first did not have
    assert plain(second.cells[2]).startswith(told)
    feet = [(each.required, plain(each.verdict)) for each in year_picture.of(account_of(cast)).feet]
    assert feet[2:] == [("4", "non"), ("–", "s. o.")]
    page = text(client_of(cast.secretariat).get(path))
    assert plain("séance sur seconde convocation, valable sans condition de quorum") in plain(page)


def test_a_mandate_that_began_or_ended_within_the_year(cast, three):
    """Elsa left after the first sitting; whoever follows her has sat since."""
    seat = cast.seat(cast.elsa)
    assert marks(account_of(cast), "Evrard") == ["present", "represente", "absent"]
    end(seat, date(2026, 9, 20))
    new = hold(cast, date(2026, 10, 6))
    assert "elsa-evrard" not in new.basis.composition
    assert marks(account_of(cast), "Evrard") == ["present", "represente", "absent", "sans_mandat"]
    row = next(each for each in year.tables(account_of(cast))[1].rows if "EVRARD" in each.name)
    assert row.cells[0] == 3


def test_a_change_of_office_is_no_other_person(cast, three):
    """Another mandate of the same man for the same community is the same line."""
    old = cast.seat(cast.farid)
    end(old, date(2026, 9, 20), reason="fonction")
    make_mandate(
        cast.comite,
        cast.farid,
        community=cast.etangs,
        constituency=cast.intercommunalites,
        start_on=date(2026, 9, 21),
    )
    hold(cast, date(2026, 10, 6))
    assert marks(account_of(cast), "Faure") == ["present", "present", "absent", "present"]


def test_a_community_that_changed_its_name_is_one_under_its_name_of_today(cast, three):
    change(cast.agglo, name="Grande Brume")
    hold(cast, date(2026, 10, 6))
    found = account_of(cast)
    names = [group.name for group in found.year.groups]
    assert "Grande Brume" in names and "Brume Agglo" not in names
    assert marks(found, "Caron") == ["present", "supplee", "excuse", "present"]


def test_a_sitting_that_names_nobody_or_is_not_closed_is_told_and_not_counted(cast, three):
    change(three[0], stated_presence="20 présents, 24 votants")
    left_open = hold(cast, date(2026, 10, 6), hours=None)
    found = account_of(cast)
    assert found.unnamed == (three[0],)
    assert found.unfinished == (left_open,)
    assert [each.meeting for each in found.columns] == three[1:]


# --- The page ---------------------------------------------------------------------------------


@pytest.fixture
def path(cast) -> str:
    return reverse("convening:year", args=[cast.comite.pk])


def test_the_page_shows_the_latest_year_and_offers_others(cast, three, client_of, path):
    page = client_of(cast.secretariat).get(path)
    shown = text(page)
    assert "du 1er janvier 2026 au 31 décembre 2026" in shown
    assert "suppléée par Mme Gaëlle GARNIER" in shown
    assert "Mandat en cours" in shown
    none = client_of(cast.secretariat).get(path, {"du": "2020-01-01", "au": "2020-12-31"})
    assert "Aucune séance levée dans cette période" in text(none)
    wrong = client_of(cast.secretariat).get(path, {"du": "2026-12-31", "au": "2026-01-01"})
    assert wrong.status_code == 422
    assert "Le dernier jour précède le premier." in text(wrong)


def test_it_costs_the_same_with_more_sittings(cast, three, client_of, path):
    secretary = client_of(cast.secretariat)
    whole = {"du": "2026-01-01", "au": "2026-12-31"}
    first = queries(lambda: secretary.get(path, whole))
    hold(cast, date(2026, 10, 6))
    hold(cast, date(2026, 11, 10))
    assert queries(lambda: secretary.get(path, whole)) == first <= 22


def test_a_former_delegate_reads_the_sittings_of_her_mandate_alone(cast, three, client_of, path):
    end(cast.seat(cast.claire), date(2026, 6, 30))
    page = client_of(cast.delegate).get(path)
    assert [each.meeting for each in page.context["account"].columns] == three[:2]


def test_who_sits_in_another_body_is_not_offered_it(cast, three, client_of):
    """Claire does not sit in the Bureau: neither page nor tab."""
    claire = client_of(cast.delegate)
    other = reverse("convening:year", args=[cast.bureau.pk])
    assert claire.get(other).status_code == 403
    for body, offered in ((cast.comite, True), (cast.bureau, False)):
        page = claire.get(reverse("members:composition", args=[body.pk])).content.decode()
        assert (reverse("convening:year", args=[body.pk]) in page) is offered


def test_a_delegate_without_mandate_is_refused(cast, three, client_of, path):
    user = make_account("ailleurs@brume.example")
    make_role(user, cast.organisation, "delegue")
    assert client_of(user).get(path).status_code == 403


# --- The picture ------------------------------------------------------------------------------


def test_the_picture_says_by_a_letter_what_it_says_by_a_colour(cast, three, client_of, path):
    page = client_of(cast.secretariat).get(path).content.decode()
    drawing = page[page.index('<svg class="year"') :].split("</svg>")[0] + "</svg>"
    svg = ElementTree.fromstring(drawing)  # noqa: S314 - our own
    assert svg.find("title").text and svg.find("desc").text
    drawn = [each for each in svg.iter("g") if (each.get("class") or "").startswith("cell ")]
    assert len(drawn) == 7 * 3
    letters = {each.get("class"): each.find("text").text for each in drawn}
    shown = ("present", "supplee", "represente", "excuse", "absent", "non_appele")
    assert letters == {f"cell cell-{mark}": Mark(mark).letter for mark in shown}
    assert all(each.find("title").text for each in drawn)
    assert "style=" not in ElementTree.tostring(svg, encoding="unicode")


def test_the_picture_and_its_table_tell_the_same(cast, three):
    found = account_of(cast)
    picture, rows = year_picture.of(found), year.rows(found)
    people = [strip for strip in picture.strips if strip.squares]
    assert [[square.letter for square in strip.squares] for strip in people] == [
        [letter for letter, _ in row.cells] for row in rows
    ]
    for strip, row in zip(people, rows, strict=True):
        for square, (_, words) in zip(strip.squares, row.cells, strict=True):
            assert square.words.endswith(words)
            assert square.words.startswith(row.member.name)


def test_nothing_of_the_picture_is_out_of_its_frame_or_over_another(cast, three):
    picture = year_picture.of(account_of(cast))
    squares = [square for strip in picture.strips for square in strip.squares]
    assert len({(square.x, square.y) for square in squares}) == len(squares)
    assert all(0 < each.x < picture.width - 20 for each in squares)
    assert all(0 < each.y < picture.floor - 20 for each in squares)
    assert [foot.is_reached for foot in picture.feet] == [True, True, False]


def test_everybody_of_the_assembly_is_in_the_picture(cast, three):
    names = {strip.name for strip in year_picture.of(account_of(cast)).strips}
    known = {three[0].basis.composition[key].name for key in EVERYBODY}
    assert known <= names


# --- What leaves ------------------------------------------------------------------------------


def test_the_paper_says_what_the_page_says_and_is_one_for_archives(cast, three):
    found = account_of(cast)
    paper = compile_attendance_year(found, on=date(2026, 12, 1))
    said = [(table.title, group.name, line.name, *line.cells) for table in paper.tables
            for group in table.groups for line in group.lines]  # fmt: skip
    shown = [(table.title, row.group, row.name, *map(str, row.cells))
             for table in (*year.tables(found), *year.grids(found, columns=14))
             for row in table.rows]  # fmt: skip
    assert [tuple(plain(each) for each in line) for line in said] == [
        tuple(plain(each) for each in line) for line in shown
    ]
    assert plain(paper.subtitle) == "Comité syndical – année 2026"
    check_archive(paper)
    check_same_words(paper)


def test_many_sittings_take_several_tables(cast, three):
    found = account_of(cast)
    assert [len(each.heads) for each in year.grids(found, columns=2)] == [2, 1]


def opened(response) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(BytesIO(response.content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_workbook_has_numbers_to_be_summed(cast, three, client_of):
    response = client_of(cast.administration).get(
        reverse("convening:year_workbook", args=[cast.comite.pk])
    )
    sheets = opened(response)
    head, *rows = sheets["Par collectivité"]
    assert head[-2:] == ("Sièges tenus", "Sièges tenus, sur")
    assert ("Brume Agglo", 6, 4, 1, 0, 1, 0, 5, 6) in rows
    assert sheets["Par siège"][1][:4] == ("Brume Agglo", "Mme Alice ARNAUD", 3, 3)
    assert list(sheets)[-1] == "Séance par séance"


def test_the_workbook_says_what_it_is_and_what_its_letters_mean(cast, three, client_of):
    path = reverse("convening:year_workbook", args=[cast.comite.pk])
    content = client_of(cast.secretariat).get(path).content
    first, *others = openpyxl.load_workbook(BytesIO(content))
    told = {plain(str(head)): plain(str(text)) for head, text in first.iter_rows(values_only=True)}
    assert first.title == "À lire"
    assert told["État des présences"] == "Comité syndical – année 2026"
    assert told["Organisation"] == "Val de Brume"
    assert told["Séances"] == "3, dont 1 sans quorum"
    assert "Calculé le" in told and "Établi le" not in told  # nothing of it is frozen
    assert told["Séance par séance"].startswith("P : présent ; S : son suppléant a siégé")
    assert set(told) >= {each.title for each in others} - {"Le quorum de chaque séance"}
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.properties.creator == "Val de Brume"
    assert plain(book.properties.title) == "État des présences, Comité syndical, année 2026"


def test_nothing_of_the_workbook_is_a_formula(cast, client_of):
    change(cast.claire, first_name="=cmd|' /C calc'!A0", last_name="+1")
    change(cast.agglo, name="@SUM(1)")
    hold(cast, FIRST)
    path = reverse("convening:year_workbook", args=[cast.comite.pk])
    book = openpyxl.load_workbook(BytesIO(client_of(cast.secretariat).get(path).content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert any(str(cell.value).startswith("@SUM") for cell in cells)


# --- To the communities -----------------------------------------------------------------------


@pytest.fixture
def reachable(cast, three):
    change(cast.agglo, copies_to="elus@agglo.example\ndgs@agglo.example\n")
    change(cast.etangs, copies_to="elus@etangs.example")
    return accounting.letters(account_of(cast))


@pytest.fixture
def send_path(cast) -> str:
    return reverse("convening:year_send", args=[cast.comite.pk])


def test_each_community_is_told_of_its_own_seats_and_of_no_other(cast, reachable):
    told = {each.community: plain(each.body) for each in reachable}
    assert set(told) == {cast.agglo, cast.etangs, cast.departement}
    assert (
        "Voici comment votre collectivité, Brume Agglo, a été représentée au Comité syndical du "
        "syndicat mixte Val de Brume pendant l’année 2026 : 3 séances, dont 1 sans quorum."
    ) in told[cast.agglo]
    assert "Sièges tenus : 5 sur 6 (83 %)." in told[cast.agglo]
    assert (
        "– Mme Claire CARON : 3 séances, 1 présence, 1 suppléance et 1 excuse" in told[cast.agglo]
    )
    assert "– Mme Gaëlle GARNIER, suppléante : a siégé 1 fois" in told[cast.agglo]
    assert "FAURE" not in told[cast.agglo]
    assert "CARON" not in told[cast.etangs]


def test_it_leaves_once_confirmed_and_is_proved(cast, reachable, client_of, send_path, settings):
    secretary = client_of(cast.secretariat)
    page = secretary.get(send_path)
    assert "elus@agglo.example, dgs@agglo.example" in text(page)
    assert "Aucune adresse" in text(page)  # the Département
    assert not Notice.objects.exists()
    data = {"community": [cast.agglo.pk, cast.departement.pk], "read": page.context["read"]}
    assert secretary.post(send_path, data).status_code == 302
    left = {mail.email: mail for mail in accounting.sent(cast.comite)}
    assert set(left) == {"elus@agglo.example", "dgs@agglo.example"}
    assert left["elus@agglo.example"].written_by == cast.secretariat
    assert "Brume Agglo" in left["elus@agglo.example"].body
    assert "présences de l’année 2026" in plain(Entry.objects.get(act="envoi").what)
    assert "en attente" in text(secretary.get(send_path))
    # Where no mail leaves, none is said to.
    Notice.objects.all().delete()
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    assert "et ne partent pas" in text(secretary.get(send_path))
    told = text(secretary.post(send_path, data, follow=True))
    wanted = ("2 courriels préparés, non envoyés", "Ce qui a été préparé")
    assert unsaid(told, *wanted, "courriels partent") == ["courriels partent"]


def test_it_goes_to_the_community_itself_once_its_address_is_given(
    cast, reachable, client_of, send_path
):
    """Its councillors who do not sit are others than whoever sent these."""
    secretary = client_of(cast.secretariat)
    assert "faute d’une adresse de la collectivité" in text(secretary.get(send_path))
    where = reverse("accounts:community", args=[cast.agglo.pk])
    assert f'href="{where}"' in text(secretary.get(send_path))
    assert secretary.post(where, {"contact": "mairie chez agglo"}).status_code == 422
    data = {"contact": "mairie@agglo.example", "copies_to": cast.agglo.copies_to}
    assert secretary.post(where, data).status_code == 302
    assert secretary.get(where).context["form"]["contact"].value() == "mairie@agglo.example"
    letters = {each.community: each.addresses for each in accounting.letters(account_of(cast))}
    assert letters[cast.agglo] == ("mairie@agglo.example",)
    assert letters[cast.etangs] == ("elus@etangs.example",)


def test_the_same_words_never_go_twice_and_corrected_ones_go_again(
    cast, three, reachable, client_of, send_path
):
    secretary = client_of(cast.secretariat)

    def post() -> None:
        read = secretary.get(send_path).context["read"]
        secretary.post(send_path, {"community": [cast.etangs.pk], "read": read})

    post()
    post()
    assert accounting.sent(cast.comite).count() == 1
    ledger.record(three[2], sitting.Arrived(member="farid-faure"), by=cast.secretariat)
    post()
    assert accounting.sent(cast.comite).count() == 2


def test_who_has_no_sheet_is_told_of_and_receives_nothing(cast, three):
    """A sitting of an old paper knows a community that was never entered."""
    ghost = make_mandate(cast.comite, make_person(cast.organisation, "Zoé", "Zébu"))
    assert ghost.community is None
    change(ghost, constituency=cast.intercommunalites)
    hold(cast, date(2026, 10, 6))
    found = account_of(cast)
    assert accounting.unknown(found) == ("Collège des intercommunalités",)
    assert len(accounting.letters(found)) == 3


@pytest.mark.parametrize(
    ("chosen", "is_fresh", "code"),
    [
        pytest.param([], True, "sans_destinataire", id="personne de coché"),
        pytest.param(["departement"], True, "sans_destinataire", id="sans adresse"),
        pytest.param(["agglo"], False, "presences_changees", id="changé depuis la lecture"),
    ],
)
def test_what_is_not_sent(cast, three, reachable, chosen, is_fresh, code):
    read = accounting.fingerprint(reachable) if is_fresh else "ancien"
    to = [getattr(cast, name).pk for name in chosen]
    with refused(code):
        accounting.send(account_of(cast), to=to, read=read, by=cast.secretariat, at=timezone.now())
    assert not Notice.objects.exists()


def test_the_mail_is_a_mail(cast, reachable):
    """As the sender writes it: to the community by its name, without a link that leads nowhere."""
    read = accounting.fingerprint(reachable)
    to = [cast.etangs.pk]
    accounting.send(account_of(cast), to=to, read=read, by=cast.secretariat, at=timezone.now())
    mail = mails.write(accounting.sent(cast.comite).get(), at=timezone.now())
    mime = message_from_bytes(mail.source, policy=policy.default)
    assert mail.recipient == "elus@etangs.example"
    assert "CC des Étangs" in str(mime["To"])
    assert "M. Bruno BESSON" in plain(mime.get_body(("plain",)).get_content())
