"""What lies on the tables of the day: who is on it, and what is foreseen of each."""

from datetime import date, time

import pytest
from django.urls import reverse

from convening.models import Answer
from documents.compile import compile_attendance_sheet, compile_name_plates, compile_voting_sheets
from law.french import NBSP
from meetings.actions import items, preparing
from meetings.models import Meeting
from tests.documents.ink import text_of

HELD_ON = date(2026, 6, 9)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.fixture
def meeting(cast) -> Meeting:
    by = cast.secretariat
    meeting = preparing.create_meeting(
        body=cast.comite, held_on=HELD_ON, starts_at=time(19), place="dans ses locaux", by=by
    )
    items.add_item(meeting, kind="section", title="Finances", by=by)
    items.add_item(meeting, title="Tarifs", by=by)
    items.add_item(meeting, kind="information", title="Travaux", by=by)
    items.add_item(meeting, kind="election", title="Élection d'un membre", by=by)
    return meeting


def answer(meeting, cast, who, word, **extra) -> None:
    mandate = cast.seat(who)
    Answer.objects.create(meeting=meeting, mandate=mandate, word=word, via="lien", **extra)


# --- Attendance -------------------------------------------------------------------------------


def signed_by(paper) -> list[tuple[str, list[tuple[int, str, str]]]]:
    return [
        (
            college.name,
            [(line.rank, plain(line.name), plain(line.quality)) for line in college.lines],
        )
        for college in paper.colleges
    ]


def test_everybody_signs_by_constituency_then_substitutes(meeting):
    paper = compile_attendance_sheet(meeting)
    assert signed_by(paper) == [
        (
            "Collège des intercommunalités",
            [
                (1, "Mme Alice ARNAUD", "présidente, Brume Agglo"),
                (2, "M. Bruno BESSON", "1er vice-président, CC des Étangs"),
                (3, "Mme Claire CARON", "Brume Agglo"),
                (4, "M. Farid FAURE", "CC des Étangs"),
            ],
        ),
        (
            "Collège du Département",
            [
                (5, "M. Denis DUVAL", "2e vice-président, Département de la Lisse"),
                (6, "Mme Elsa EVRARD", "Département de la Lisse"),
            ],
        ),
        ("Suppléants", [(7, "Mme Gaëlle GARNIER", "suppléante, Brume Agglo")]),
    ]
    assert [(figure.label, figure.value) for figure in paper.figures] == [
        ("membres en exercice", 6),
        ("présents requis pour le quorum", 4),
    ]
    assert [(fact.label, plain(fact.text)) for fact in paper.facts] == [
        ("Date", "mardi 9 juin 2026"),
        ("Heure", "19 h"),
        ("Lieu", "Dans ses locaux, 1 place des Tilleuls, 80000 Brume"),
    ]
    assert paper.blanks == 4


def foreseen(paper) -> dict[str, str]:
    return {
        plain(line.name).split(" ", 1)[1]: plain(line.foreseen)
        for college in paper.colleges
        for line in college.lines
        if line.foreseen
    }


def test_answers_to_the_convocation_are_foreseen(meeting, cast):
    gaelle = cast.comite.mandates.get(person=cast.gaelle)
    answer(meeting, cast, cast.claire, "present")
    answer(meeting, cast, cast.claire, "excuse", substitute=gaelle)
    answer(meeting, cast, cast.elsa, "excuse", holder=cast.seat(cast.denis))
    answer(meeting, cast, cast.farid, "distance")
    answer(meeting, cast, cast.bruno, "present")
    assert foreseen(compile_attendance_sheet(meeting)) == {
        "Claire CARON": "Excusée, suppléée par Mme Gaëlle GARNIER",
        "Gaëlle GARNIER": "Supplée Mme Claire CARON",
        "Elsa EVRARD": "Excusée, pouvoir à M. Denis DUVAL",
        "Denis DUVAL": "Porte le pouvoir de Mme Elsa EVRARD",
        "Farid FAURE": "À distance",
    }


def test_without_answers_the_roll_says_who_carries_a_proxy(comite):
    assert foreseen(compile_attendance_sheet(comite)) == {
        "Elsa EVRARD": "Pouvoir à M. Denis DUVAL",
        "Denis DUVAL": "Porte le pouvoir de Mme Elsa EVRARD",
    }


def test_what_is_foreseen_may_be_given(meeting):
    paper = compile_attendance_sheet(meeting, foreseen={"elsa-evrard": "en retard"})
    assert foreseen(paper) == {"Elsa EVRARD": "en retard"}


# --- Votes ------------------------------------------------------------------------------------


def test_a_block_for_each_point_that_is_voted(meeting):
    paper = compile_voting_sheets(meeting)
    assert [(item.number, plain(item.title), item.is_election) for item in paper.items] == [
        ("1", "Tarifs", False),
        ("3", "Élection d’un membre", True),
    ]
    assert [(c.name, len(c.voters)) for c in paper.colleges] == [
        ("Collège des intercommunalités", 4),
        ("Collège du Département", 2),
    ]
    assert all(voter.note == "" for college in paper.colleges for voter in college.voters)


def test_weights_are_printed_when_the_statutes_weigh(meeting, cast):
    mandate = cast.seat(cast.elsa)
    mandate.weight = 3
    mandate.save()
    voters = compile_voting_sheets(meeting).colleges[1].voters
    assert [plain(voter.note) for voter in voters] == ["1 voix", "3 voix"]


# --- Name plates ------------------------------------------------------------------------------


def test_a_plate_for_each_titular_and_for_the_substitutes_announced(meeting, cast):
    names = [plate.last_name for plate in compile_name_plates(meeting).plates]
    assert names == ["ARNAUD", "BESSON", "CARON", "FAURE", "DUVAL", "EVRARD"]
    gaelle = cast.comite.mandates.get(person=cast.gaelle)
    answer(meeting, cast, cast.claire, "excuse", substitute=gaelle)
    names = [plate.last_name for plate in compile_name_plates(meeting).plates]
    assert "GARNIER" in names


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("attendance_sheet", "emargement", "Mme Elsa EVRARD"),
        ("voting_sheets", "votes", "Élection d’un membre"),
        ("name_plates", "chevalets", "EVRARD"),
        ("proxy_form", "pouvoir", "Bon pour pouvoir"),
    ],
)
def test_secretariat_prints_or_saves_them(meeting, cast, client_of, tmp_path, name, file, said):
    client, url = client_of(cast.secretariat), reverse(f"documents:{name}", args=[meeting.pk])
    response = client.get(url)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{file}-comite-2026-06-09.pdf"'
    assert said in text_of(response.content, tmp_path).replace(NBSP, " ")
    assert client.get(url, {"telecharger": ""})["Content-Disposition"].startswith("attachment")


def test_queries_do_not_grow_with_the_answers(meeting, cast, django_assert_num_queries):
    for compiled, count in (
        (compile_attendance_sheet, 8),
        (compile_voting_sheets, 7),
        (compile_name_plates, 8),
    ):
        with django_assert_num_queries(count):
            compiled(meeting)
    for who in (cast.alice, cast.bruno, cast.elsa):
        answer(meeting, cast, who, "present")
    with django_assert_num_queries(8):
        compile_attendance_sheet(meeting)
