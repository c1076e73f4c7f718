"""What lies on the tables of the day: who is on it, and what is foreseen of each."""

from datetime import date

import pytest
from django.urls import reverse

from convening.models import Answer
from documents.compile import (
    compile_attendance_sheet,
    compile_attestation,
    compile_name_plates,
    compile_voting_sheets,
)
from law import sitting
from law.french import NBSP
from meetings.actions import items, ledger
from meetings.models import Meeting
from tests.documents.ink import plain, text_of
from tests.held import at, prepare


@pytest.fixture
def meeting(cast) -> Meeting:
    by = cast.secretariat
    meeting = prepare(cast, place="dans ses locaux")
    items.add_item(meeting, kind="section", title="Finances", by=by)
    items.add_item(meeting, title="Tarifs", by=by)
    items.add_item(meeting, kind="information", title="Travaux", by=by)
    items.add_item(meeting, kind="election", title="Élection d'un membre", by=by)
    return meeting


def answer(cast, who, word, **extra) -> Answer:
    return Answer(mandate=cast.seat(who), word=word, **extra)


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
    answers = [
        answer(cast, cast.claire, "excuse", substitute=gaelle),
        answer(cast, cast.elsa, "excuse", holder=cast.seat(cast.denis)),
        answer(cast, cast.farid, "distance"),
        answer(cast, cast.bruno, "present"),
    ]
    assert foreseen(compile_attendance_sheet(meeting, answers=answers)) == {
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


# --- Votes ------------------------------------------------------------------------------------


def test_a_block_for_each_point_that_is_voted_with_weights_when_the_statutes_weigh(meeting, cast):
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
    answers = [answer(cast, cast.claire, "excuse", substitute=gaelle)]
    names = [plate.last_name for plate in compile_name_plates(meeting, answers=answers).plates]
    assert "GARNIER" in names


# --- Attestation ------------------------------------------------------------------------------


def attested(meeting, key) -> tuple[str, list[tuple[str, str]]]:
    paper = compile_attestation(meeting, key, on=date(2026, 6, 10))
    facts = [(each.label, plain(each.text)) for each in (*paper.hours, *paper.facts)]
    return plain(paper.statement), facts


@pytest.mark.parametrize(
    ("key", "who", "hours", "known"),
    [
        pytest.param(
            "alice-arnaud",
            "Mme Alice ARNAUD (Brume Agglo), présidente",
            ("19 h", "20 h 45"),
            [],
            id="d’un bout à l’autre",
        ),
        pytest.param(
            "farid-faure",
            "M. Farid FAURE (CC des Étangs), délégué",
            ("19 h 40", "20 h 45"),
            [],
            id="arrivé en retard",
        ),
        pytest.param(
            "gaelle-garnier",
            "Mme Gaëlle GARNIER (Brume Agglo), déléguée suppléante",
            ("19 h", "20 h 45"),
            [("Suppléance", "Siège de Mme Claire CARON")],
            id="suppléante",
        ),
    ],
)
def test_it_says_from_when_to_when(comite, key, who, hours, known):
    arrived, left = hours
    # Of her own presence, whoever comes after her.
    signs = "Le 1er vice-président" if key == "alice-arnaud" else "La présidente"
    assert attested(comite, key) == (
        f"{signs} atteste que {who}, a participé à la séance du Comité syndical du syndicat "
        f"mixte Val de Brume du 9 juin 2026, de {arrived} à {left}.",
        [
            ("Date", "mardi 9 juin 2026"),
            ("Arrivée", arrived),
            ("Départ", left),
            ("Séance", "Ouverte à 19 h, levée à 20 h 45"),
            ("Lieu", "À l’hôtel d’agglomération"),
            ("Suspension", "De 20 h 10 à 20 h 20"),
            *known,
        ],
    )


def test_who_came_and_went_and_came_back_by_video(comite, cast):
    told = [
        sitting.Left(member="denis-duval", at=at("19:50")),
        sitting.Arrived(member="denis-duval", at=at("20:05"), remote=True),
        sitting.Left(member="bruno-besson", before="p4"),
    ]
    ledger.record(comite, *told, by=cast.secretariat)
    statement, facts = attested(comite, "denis-duval")
    assert statement.endswith("2026, de 19 h à 19 h 50 puis de 20 h 05 à 20 h 45.")
    assert ("Absence", "De 19 h 50 à 20 h 05") in facts
    assert ("Participation", "Dans la salle puis par visioconférence") in facts
    statement, facts = attested(comite, "bruno-besson")
    assert statement.endswith("de 19 h jusqu’à son départ avant le point 4.")
    assert ("Départ", "Avant le point 4") in facts


@pytest.mark.parametrize(
    ("kind", "cites"), [("comite", True), ("bureau", True), ("commission", False)]
)
def test_employers_are_told_of_assemblies_and_bureaus_only(comite, kind, cites):
    comite.body.kind = kind
    comite.body.save()
    notice = compile_attestation(comite, "alice-arnaud", on=date(2026, 6, 10)).notice
    assert ("L2123-1" in notice) is cites


def test_whoever_was_not_there_is_told_why_there_is_no_paper(comite, cast, client_of):
    client = client_of(cast.secretariat)
    coming = prepare(cast, body=cast.bureau)
    for refused, key, why in (
        (comite, "elsa-evrard", "n’est pas venue à la séance"),
        (coming, "alice-arnaud", "La séance n’est pas levée"),
    ):
        url = reverse("documents:attestation", args=[refused.pk, key])
        page = client.get(url, follow=True)
        assert page.redirect_chain == [(refused.get_absolute_url(), 302)]
        assert why in plain(page.content.decode())
    unknown = reverse("documents:attestation", args=[comite.pk, "personne"])
    assert client.get(unknown).status_code == 404


def test_a_delegate_has_his_own_from_his_desk(comite, cast, client_of, tmp_path):
    ledger.record(
        comite, sitting.Arrived(member="claire-caron", at=at("20:30")), by=cast.secretariat
    )
    client = client_of(cast.delegate)
    url = reverse("documents:attestation", args=[comite.pk, "claire-caron"])
    assert url in client.get(reverse("convening:attendance")).content.decode()
    told = text_of(client.get(url).content, tmp_path).replace(NBSP, " ")
    assert "Mme Claire CARON (Brume Agglo), déléguée, a participé" in told
    others = reverse("documents:attestation", args=[comite.pk, "alice-arnaud"])
    assert client.get(others).status_code == 403
    page = client_of(cast.secretariat).get(reverse("meetings:attendance", args=[comite.pk]))
    assert others in page.content.decode()


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("convening:attendance_sheet", "emargement", "Mme Elsa EVRARD"),
        ("documents:voting_sheets", "votes", "Élection d’un membre"),
        ("convening:name_plates", "chevalets", "EVRARD"),
        ("documents:proxy_form", "pouvoir", "Bon pour pouvoir"),
    ],
)
def test_secretariat_prints_or_saves_them(meeting, cast, client_of, tmp_path, name, file, said):
    client, url = client_of(cast.secretariat), reverse(name, args=[meeting.pk])
    response = client.get(url)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{file}-comite-2026-06-09.pdf"'
    assert said in text_of(response.content, tmp_path).replace(NBSP, " ")
    assert client.get(url, {"telecharger": ""})["Content-Disposition"].startswith("attachment")


def test_queries_of_the_papers_of_the_day(meeting, django_assert_num_queries):
    for compiled, count in (
        (compile_attendance_sheet, 8),
        (compile_voting_sheets, 8),
        (compile_name_plates, 8),
    ):
        with django_assert_num_queries(count):
            compiled(meeting)
