"""The convocation and the notes: what they say of a sitting, and what changes they tell."""

from dataclasses import replace
from datetime import date, time

import pytest
from django.core.files.base import ContentFile

from documents import papers
from documents.compile import compile_notes, compile_summons
from law.french import NBSP
from meetings.actions import items
from meetings.models import Attachment, Brief, Meeting
from tests.cast import change, change_rules
from tests.documents.ink import plain
from tests.held import prepare

HELD_ON = date(2026, 6, 9)
SENT_ON = date(2026, 6, 1)


@pytest.fixture
def meeting(cast) -> Meeting:
    """The Comité of 9 June: a section, a point with everything, a point with nothing."""
    by = cast.secretariat
    meeting = prepare(cast, place="dans ses locaux")
    section = items.add_item(meeting, kind="section", title="Finances", by=by)
    tariffs = items.add_item(meeting, title="Tarifs de l'archivage", parent=section, by=by)
    items.add_item(meeting, kind="divers", title="Questions diverses", by=by)
    tariffs.rapporteur = "alice-arnaud"
    tariffs.save()
    Brief.objects.create(
        item=tariffs,
        note="<p>Les tarifs<script>x()</script> n'ont pas bougé.</p>",
        visas="Vu le code général des collectivités territoriales",
        recitals="qu’il importe d’anticiper",
        articles="Les tarifs sont adoptés\nIls valent dès le 1er juillet",
    )
    for title, name, media_type in (
        ("Grille", "grille.pdf", "application/pdf"),
        ("Calculs", "calculs.ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ):
        Attachment.objects.create(
            item=tariffs,
            title=title,
            filename=name,
            file=ContentFile(b"x", name),
            media_type=media_type,
            size=41_000,
            pages=2 if name.endswith("pdf") else None,
            sha256=name,
        )
    return meeting


def rules(paper: papers.SummonsDocument) -> dict[str, str]:
    return {rule.label: plain(rule.text) for rule in paper.rules}


# --- What a convocation says ------------------------------------------------------------------


def test_convocation_says_who_convenes_whom_where_when_about_what_by_which_rules(meeting):
    paper = compile_summons(meeting, sent_on=SENT_ON)
    assert paper.title == "Convocation"
    assert paper.place_and_date == "Brume, le 1er juin 2026"
    assert plain(paper.invitation) == (
        "J’ai l’honneur de vous convoquer à la séance du Comité syndical du syndicat mixte Val de "
        "Brume, qui se tiendra :"
    )
    assert (paper.day, plain(paper.hour)) == ("mardi 9 juin 2026", "19 h")
    assert paper.place_of_sitting == "Dans ses locaux, 1 place des Tilleuls, 80000 Brume"
    assert paper.signatory == papers.Signatory(office="La présidente", name="Alice ARNAUD")
    # No link is promised: one paper goes to all, and whoever is handed it has none.
    assert paper.answering[0].endswith("du secrétariat, ou en ligne si vous avez un compte.")
    assert paper.grounds == ()
    assert paper.file_name == "convocation-comite-2026-06-09"
    lines = [
        (line.number, plain(line.title), plain(line.rapporteur), plain(", ".join(line.enclosed)))
        for line in compile_summons(meeting, sent_on=SENT_ON).lines
    ]
    assert lines == [
        ("", "Finances", "", ""),
        (
            "1",
            "Tarifs de l’archivage",
            "Rapporteure : Mme Alice ARNAUD, présidente",
            "note de synthèse, projet de délibération, 2 pièces jointes",
        ),
        ("2", "Questions diverses", "", ""),
    ]
    assert rules(compile_summons(meeting, sent_on=SENT_ON)) == {
        "Délai": "Convocation du 1er juin 2026 ; le délai est de 5 jours francs entre son envoi et "
        "la séance (statuts).",
        "Quorum": "Plus de la moitié des membres en exercice, soit 4 sur 6 ; les pouvoirs n’y "
        "comptent pas (statuts).",
        "Dossier": "Une note explicative de synthèse est jointe pour chaque point soumis à "
        "délibération (statuts).",
        "Suppléance": "Un titulaire empêché est remplacé par son suppléant, qui siège avec voix "
        "délibérative (statuts).",
        "Pouvoirs": "Un membre empêché peut donner pouvoir écrit à un autre membre ; nul n’en "
        "porte plus d’un (statuts).",
        "Publicité": "La séance est publique (statuts).",
    }


def test_a_note_is_said_to_be_joined_where_it_is(meeting):
    """An election goes without; nothing is then said of « chaque point »."""
    items.add_item(meeting, kind="executif", title="Élection du président", by=None)
    told = rules(compile_summons(meeting, sent_on=SENT_ON))["Dossier"]
    assert told == "Une note explicative de synthèse est jointe pour le point 1 (statuts)."
    Brief.objects.all().delete()
    Attachment.objects.all().delete()
    assert "Dossier" not in rules(compile_summons(meeting, sent_on=SENT_ON))


def test_urgency_video_and_a_request_give_their_reasons(meeting):
    paper = compile_summons(
        meeting, sent_on=date(2026, 6, 6), urgent_reason="le prêteur exige une réponse avant le 12"
    )
    assert [plain(text) for text in paper.grounds] == [
        "Cette séance est convoquée en urgence : le prêteur exige une réponse avant le 12.",
        "Le délai de convocation est ramené à 1 jour franc (statuts) ; il en sera rendu compte "
        "dès l’ouverture et le Comité syndical se prononcera sur l’urgence avant tout autre point.",
    ]
    assert "le délai est de 1 jour franc" in rules(paper)["Délai"]
    paper = compile_summons(
        meeting,
        sent_on=SENT_ON,
        requested_by="Denis DUVAL\nElsa EVRARD",
        requested_on=date(2026, 5, 20),
        message="Un repas froid suivra.\n\nVenez !",
    )
    assert [plain(text) for text in paper.grounds] == [
        "Cette séance est réunie à la demande de Denis DUVAL et Elsa EVRARD, reçue le 20 mai 2026 "
        "(statuts)."
    ]
    assert paper.message == ("Un repas froid suivra.", f"Venez{NBSP}!")
    change_rules(meeting.body, remote_allowed=True)
    assert not compile_summons(meeting, sent_on=SENT_ON).grounds  # nobody decided it
    change(meeting, in_one_place=False)
    told = compile_summons(meeting, sent_on=SENT_ON).grounds
    assert [plain(text) for text in told] == [
        "Il est possible d’y participer par visioconférence ; les votes ont alors lieu au scrutin "
        "public (statuts)."
    ]


@pytest.mark.parametrize(("days", "minutes", "said"), [
    (3, 30, "Remises au plus tard le vendredi 5 juin 2026, 3 jours francs avant la séance ; 30 "
        "minutes leur sont consacrées (statuts)."),
    (1, 0, "Remises au plus tard le dimanche 7 juin 2026, 1 jour franc avant la séance (statuts)."),
    (0, 20, "20 minutes leur sont consacrées (statuts)."),
    (0, 0, None),
])  # fmt: skip
def test_convocation_says_until_when_oral_questions_are_handed_in(meeting, days, minutes, said):
    """Art. L2121-19: where the internal rules of the body say it."""
    change_rules(meeting.body, oral_questions_clear_days=days, oral_questions_minutes=minutes)
    assert rules(compile_summons(meeting, sent_on=SENT_ON)).get("Questions orales") == said


def test_second_call_needs_no_quorum_and_under_the_code_rules_name_their_articles(cast, meeting):
    again = prepare(cast, held_on=date(2026, 6, 16), second_call_of=meeting)
    paper = compile_summons(again, sent_on=date(2026, 6, 10))
    assert [plain(text) for text in paper.grounds] == [
        "Le quorum n’ayant pas été atteint lors de la séance du 9 juin 2026, le Comité syndical "
        "est à nouveau convoqué et délibérera valablement sans condition de quorum (statuts)."
    ]
    assert rules(paper)["Quorum"] == "Aucune condition de quorum (statuts)."
    # The first one had announced that day.
    change(meeting, second_call_on=date(2026, 6, 16))
    announced = [plain(text) for text in compile_summons(meeting, sent_on=SENT_ON).grounds]
    assert announced == [
        "Si le quorum n’était pas atteint, le Comité syndical serait à nouveau convoqué pour le "
        "mardi 16 juin 2026 à la même heure, sur ce qui n’aurait pu être discuté, et délibérerait "
        "alors sans condition de quorum (statuts)."
    ]
    again.refresh_from_db()
    (ground,) = compile_summons(again, sent_on=date(2026, 6, 10)).grounds
    assert (
        "est à nouveau convoqué, au jour qu’annonçait la première convocation, et délibérera "
        in plain(ground)
    )
    # Moved too near to it, it announces it no more.
    change(meeting, held_on=date(2026, 6, 13))
    assert compile_summons(meeting, sent_on=SENT_ON).grounds == ()
    from tests.cast import make_rule_book

    cast.comite.rule_books.all().delete()
    make_rule_book(cast.comite, "smf")
    told = rules(compile_summons(meeting, sent_on=SENT_ON))
    assert told["Délai"].endswith("(art. L2121-12 du CGCT).")
    assert told["Quorum"].endswith("(art. L2121-17 du CGCT).")
    assert told["Pouvoirs"].endswith("(art. L2121-20 du CGCT).")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("1 place des Tilleuls, 80000 Brume", "Brume, le 1er juin 2026"),
        ("12 rue Haute\n80005 AMIENS CEDEX 1", "AMIENS, le 1er juin 2026"),
        ("Amiens", "Amiens, le 1er juin 2026"),
        ("", "Le 1er juin 2026"),
        ("12 rue Haute", "Le 1er juin 2026"),
    ],
)
def test_letters_are_dated_from_the_town_of_the_seat(cast, meeting, address, written):
    cast.organisation.address = address
    cast.organisation.save()
    assert compile_summons(meeting, sent_on=SENT_ON).place_and_date == written


# --- What a later one changes -----------------------------------------------------------------


def test_rectifying_convocation_says_what_changed(cast, meeting):
    before = compile_summons(meeting, sent_on=SENT_ON)
    by = cast.secretariat
    tariffs = meeting.items.get(title__startswith="Tarifs")
    Brief.objects.filter(item=tariffs).update(note="<p>Autre.</p>")
    late = items.add_item(meeting, title="Vœu", by=by)
    late.label = "1 bis"
    late.save()
    meeting.items.filter(kind="divers").delete()
    paper = compile_summons(
        meeting, kind="rectificative", number=2, sent_on=date(2026, 6, 3), before=before
    )
    assert plain(paper.invitation) == (
        "La convocation en date du 1er juin 2026 à la séance du Comité syndical du syndicat mixte "
        "Val de Brume est modifiée comme suit :"
    )
    assert [plain(text) for text in paper.changes] == [
        "Le dossier du point 1 (« Tarifs de l’archivage ») est modifié.",
        "Le point 1 bis (« Vœu ») est ajouté.",
        "Le point 2 (« Questions diverses ») est retiré.",
    ]
    marks = {plain(line.title): line.mark for line in paper.lines}
    assert marks == {"Finances": "", "Tarifs de l’archivage": "modifié", "Vœu": "ajouté"}


def test_moved_or_cancelled_sitting_says_when_it_was_convened_for(meeting):
    before = compile_summons(meeting, sent_on=SENT_ON)
    paper = compile_summons(
        meeting,
        kind="annulation",
        sent_on=date(2026, 6, 3),
        before=before,
        message="Faute d’objet.",
    )
    assert plain(paper.invitation) == (
        "La séance du Comité syndical du syndicat mixte Val de Brume, convoquée pour le mardi "
        "9 juin 2026 à 19 h, est annulée."
    )
    assert (paper.is_held, paper.changes, paper.rules, paper.answering) == (False, (), (), ())
    assert paper.message == ("Faute d’objet.",)
    meeting.held_on, meeting.starts_at = date(2026, 6, 23), time(18, 30)
    meeting.place = "à l’hôtel d’agglomération"
    meeting.save()
    paper = compile_summons(
        meeting, kind="report", number=2, sent_on=date(2026, 6, 3), before=before
    )
    assert plain(paper.invitation) == (
        "La séance du Comité syndical du syndicat mixte Val de Brume, convoquée pour le mardi "
        "9 juin 2026 à 19 h, est déplacée ; elle se tiendra :"
    )
    assert [plain(text) for text in paper.changes] == [
        "La séance se tient le mardi 23 juin 2026 au lieu du mardi 9 juin 2026.",
        "Elle commence à 18 h 30 au lieu de 19 h.",
        "Nouveau lieu : À l’hôtel d’agglomération (auparavant : Dans ses locaux, 1 place des "
        "Tilleuls, 80000 Brume).",
    ]


def test_same_convocation_is_the_same_paper(meeting):
    one, two = (compile_summons(meeting, sent_on=SENT_ON) for _ in range(2))
    assert papers.sha256(one) == papers.sha256(two)
    assert papers.changes_between(one, two) == ()
    assert papers.changes_between(one, replace(two, hour="20 h")) == (
        "Elle commence à 20 h au lieu de 19\u00a0h.",
    )


# --- Notes ------------------------------------------------------------------------------------


def test_note_holds_the_note_the_draft_and_the_list_of_files(meeting):
    (note,) = compile_notes(meeting)
    assert note.heading == "1. Tarifs de l’archivage"
    assert note.note == "<p>Les tarifs n’ont pas bougé.</p>"
    assert note.sitting == "Comité syndical du 9 juin 2026"
    draft = note.draft
    assert draft.author == "Le Comité syndical du syndicat mixte Val de Brume,"
    assert draft.visas == ("Vu le code général des collectivités territoriales,",)
    assert draft.recitals == ("Considérant qu’il importe d’anticiper,",)
    assert plain(draft.heard) == "Entendu le rapport de Mme Alice ARNAUD, présidente,"
    assert [(plain(a.label), a.text) for a in draft.articles] == [
        ("Article 1er", "Les tarifs sont adoptés."),
        ("Article 2", f"Ils valent dès le 1er{NBSP}juillet."),
    ]
    assert [(e.title, plain(e.remark), e.how) for e in note.enclosures] == [
        ("Grille", "PDF, 2 pages, 40 ko", "pdf"),
        ("Calculs", "fichier ODS, 40 ko, joint séparément : calculs.ods", "apart"),
    ]


def test_queries_do_not_grow_with_the_agenda(cast, meeting, django_assert_num_queries):
    for rank in range(20):
        item = items.add_item(meeting, title=f"Point {rank}", by=cast.secretariat)
        Brief.objects.create(item=item, note="<p>x</p>")
    known = {"mandats": 1, "règlement": 1, "collèges": 1}  # the composition is not frozen yet
    with django_assert_num_queries(5 + len(known)):
        compile_summons(meeting, sent_on=SENT_ON)
    with django_assert_num_queries(5 + len(known)):
        compile_notes(meeting)
