"""Several items at once, and the last act taken back: by a list, by ticks, from another sitting."""

import hashlib
import re
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from archive.keeping import integrity
from convening.actions import dispatching, drafting
from law.ballots import Ballot
from meetings.actions import decisions, habits, items, joining, preparing, texts, undoing
from meetings.models import AgendaItem, Attachment, Brief, Meeting, RecurringItem, Undo
from registry.models import Accounted, Ruling
from tests.cast import change
from tests.convening import desk
from tests.costs import queries
from tests.held import prepare
from tests.meetings import files
from tests.words import text, unsaid

pytestmark = pytest.mark.usefixtures("own_media")


def tree(meeting) -> list[str]:
    """The agenda as it stands, a dash for each step down, after « : » what is not usual."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    return [
        "- " * node.depth
        + node.item.title
        + ("" if node.item.kind == "deliberation" else f" : {node.item.kind}")
        + (f" : {node.item.effect}" if node.item.effect else "")
        + (f" @{node.item.rapporteur}" if node.item.rapporteur else "")
        for node in meeting.agenda.nodes
    ]


def whole(meeting) -> dict:
    """All that is written of it, but how many times notes were saved."""
    return undoing._rows(meeting)


@pytest.fixture
def agenda(comite, by):
    """Budget, Emprunt under Finances; Tarifs, with a note and two files; Questions diverses."""
    section = items.add_item(comite, title="Finances", kind="section", by=by)
    for title in ("Budget", "Emprunt"):
        items.add_item(comite, title=title, parent=section, by=by)
    tarifs = items.add_item(comite, title="Tarifs", by=by)
    items.add_item(comite, title="Questions diverses", kind="divers", by=by)
    parts = texts.brief_parts(texts.brief_of(tarifs))
    written = parts | {"note": "<p>Exposé</p>", "articles": "Adopte", "rapporteur": "elsa-evrard"}
    texts.save_brief(tarifs, parts=written, base=texts.brief_base(parts), by=by)
    for name in ("un", "deux"):
        file = ContentFile(files.pdf(author=name))
        joining.add_attachment(tarifs, file=file, filename=f"{name}.pdf", by=by)
    return comite


def url(meeting, rest="") -> str:
    return f"/seances/{meeting.pk}/ordre-du-jour/{rest}"


def key(meeting, title: str) -> str:
    return meeting.items.filter(title=title).latest("pk").key


def tick(client, meeting, *titles, act="donner", **given):
    points = [key(meeting, title) for title in titles]
    return client.post(url(meeting, "points/"), given | {"points": points, "act": act})


def take_back(client, meeting):
    return client.post(url(meeting, "annuler/"), follow=True)


# --- A list ---------------------------------------------------------------------------------------


def test_a_plain_list_is_one_act_and_goes_before_what_closes_the_sitting(agenda, secretary):
    before = whole(agenda)
    pasted = "I. Personnel\n1. Poste — rapporteur : M. Besson\n2. Régime\nII. Réseau\n- Fibre\n"
    answer = secretary.post(url(agenda), {"title": pasted, "kind": "deliberation"}, follow=True)
    assert "5 points ajoutés" in answer.text
    assert tree(agenda)[3:] == [
        "Tarifs @elsa-evrard",
        "Personnel : section",
        "- Poste @bruno-besson",
        "- Régime",
        "Réseau : section",
        "- Fibre",
        "Questions diverses : divers",
    ]
    assert "Repris : 5 points ajoutés" in text(take_back(secretary, agenda))
    assert whole(agenda) == before
    assert "Plus rien à reprendre" in text(take_back(secretary, agenda))


def test_what_is_doubtful_is_shown_first_and_added_at_the_second_enter(agenda, secretary):
    before = tree(agenda)
    data = {"title": "1. Tarifs\r\n2. Vœu\r\nsans suite", "kind": "debat"}
    shown = secretary.post(url(agenda), data)
    said = ("3 points", "déjà à l’ordre du jour", "suite de la précédente", "1. Tarifs")
    assert shown.status_code == 200 and unsaid(shown.text, *said) == []
    assert tree(agenda) == before
    seen = shown.context["quick"].digest
    other = secretary.post(url(agenda), data | {"title": "1. Tarifs\n2. Vœux", "seen": seen})
    assert other.status_code == 200 and tree(agenda) == before  # another list
    assert secretary.post(url(agenda), data | {"seen": seen}).status_code == 302
    assert tree(agenda)[4:7] == ["Tarifs : debat", "Vœu : debat", "sans suite : debat"]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        pytest.param("\n".join(f"Point {n}" for n in range(201)), "201", id="trop de lignes"),
        pytest.param("Un\n" + "x" * 501, "au plus 500", id="une ligne trop longue"),
        pytest.param("-\n- ", "obligatoire", id="des tirets"),
        pytest.param("x" * 60_001, "60000", id="un roman"),
    ],
)
def test_a_list_that_is_no_agenda_is_refused_and_adds_nothing(agenda, secretary, title, said):
    before = tree(agenda)
    answer = secretary.post(url(agenda), {"title": title, "kind": "deliberation"})
    assert answer.status_code == 422 and said in answer.text
    assert tree(agenda) == before


def test_a_list_added_to_a_frozen_agenda_takes_numbers_between(cast, secretary):
    meeting = prepare(cast, "Budget", "Tarifs")
    for number, item in enumerate(meeting.items.exclude(kind="approbation"), 1):
        change(item, label=str(number))
    change(meeting, sent_on=date(2026, 6, 1))
    after = key(meeting, "Budget")
    secretary.post(url(meeting), {"title": "Un\nDeux", "kind": "deliberation", "after": after})
    meeting.forget()
    numbered = [f"{node.number} {node.item.title}" for node in meeting.agenda.nodes]
    assert numbered == ["1 Budget", "1 bis Un", "1 ter Deux", "2 Tarifs"]


# --- What is ticked -------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.parametrize(
    ("titles", "given", "after", "said"),
    [
        pytest.param(
            ["Budget", "Tarifs"],
            {"kind": "debat", "rapporteur": "bruno-besson"},
            ["Finances : section", "- Budget : debat @bruno-besson", "- Emprunt",
             "Tarifs : debat @bruno-besson", "Questions diverses : divers"],
            "2 points modifiés",
            id="une nature et un rapporteur",
        ),
        pytest.param(
            ["Budget", "Tarifs"], {"effect": "preparatoire"},
            ["Finances : section", "- Budget : preparatoire", "- Emprunt",
             "Tarifs : preparatoire @elsa-evrard", "Questions diverses : divers"],
            "2 points modifiés",
            id="une portée",
        ),
        pytest.param(
            ["Tarifs"], {"rapporteur": "-"},
            ["Finances : section", "- Budget", "- Emprunt", "Tarifs",
             "Questions diverses : divers"],
            "« Tarifs » modifié",
            id="plus de rapporteur",
        ),
        pytest.param(
            ["Emprunt", "Tarifs"], {"place": "tete"},
            ["Emprunt", "Tarifs @elsa-evrard", "Finances : section", "- Budget",
             "Questions diverses : divers"],
            "2 points modifiés",
            id="en tête",
        ),
        pytest.param(
            ["Tarifs", "Questions diverses"], {"place": "sous-p1"},
            ["Finances : section", "- Budget", "- Emprunt", "- Tarifs @elsa-evrard",
             "- Questions diverses : divers"],
            "2 points modifiés",
            id="sous une section",
        ),
        pytest.param(
            ["Finances", "Budget"], {"place": "apres-p4"},
            ["Tarifs @elsa-evrard", "Finances : section", "- Budget", "- Emprunt",
             "Questions diverses : divers"],
            "2 points modifiés",
            id="une section part avec ce qu’elle tient",
        ),
        pytest.param(
            ["Finances", "Tarifs"], {"act": "retirer"}, ["Questions diverses : divers"],
            "2 points retirés",
            id="retirés, sous-points, notes et pièces compris",
        ),
        pytest.param(
            ["Finances", "Emprunt", "Tarifs"], {"act": "dupliquer"},
            ["Finances : section", "- Budget", "- Emprunt", "Finances : section", "- Budget",
             "- Emprunt", "Tarifs @elsa-evrard", "Tarifs @elsa-evrard",
             "Questions diverses : divers"],
            "3 points dupliqués",
            id="dupliqués",
        ),
    ],
)  # fmt: skip
def test_each_act_on_what_is_ticked_is_taken_back_whole(
    agenda, secretary, titles, given, after, said
):
    before = whole(agenda)
    answer = tick(secretary, agenda, *titles, **given)
    assert answer.status_code == 302
    assert said in text(secretary.get(answer.url))
    assert tree(agenda) == after
    assert "Repris" in text(take_back(secretary, agenda))
    assert whole(agenda) == before
    assert not Undo.objects.exists()


@pytest.mark.parametrize(
    ("titles", "given", "said"),
    [
        pytest.param([], {"kind": "debat"}, "Cochez d’abord", id="rien de coché"),
        pytest.param(["Tarifs"], {}, "Choisissez une nature", id="rien de choisi"),
        pytest.param(["Tarifs"], {"kind": "farce"}, "farce", id="une nature inventée"),
        pytest.param(["Tarifs"], {"rapporteur": "zola"}, "zola", id="un rapporteur inconnu"),
        pytest.param(["Finances"], {"place": "sous-p1"}, "par rapport à lui-même", id="sous soi"),
        pytest.param(["Finances"], {"place": "apres-p2"}, "par rapport à lui-même", id="dans soi"),
        pytest.param(["Tarifs"], {"act": "détruire"}, "détruire", id="un acte inventé"),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(agenda, secretary, titles, given, said):
    before = whole(agenda)
    answer = tick(secretary, agenda, *titles, **given)
    assert answer.status_code in (409, 422) and said in answer.text
    assert whole(agenda) == before


@pytest.mark.database
def test_all_or_nothing_when_the_ledger_speaks_of_one(held, by, secretary):
    items.add_item(held, title="Tarifs", by=by)
    decisions.hold_ballot(held, ballot=Ballot(item="p1"), by=by)
    answer = tick(secretary, held, "Tarifs", "Budget primitif", act="retirer")
    assert answer.status_code == 409 and "Le registre de la séance parle" in answer.text
    assert tree(held) == ["Budget primitif", "Tarifs"]


def test_what_another_body_examines_is_not_taken_out(agenda, bureau, by, secretary):
    items.examine_agenda(bureau, other=agenda, section_title="Examen", by=by)
    for answer in (
        tick(secretary, agenda, "Tarifs", act="retirer"),
        secretary.post(f"/seances/{agenda.pk}/points/{key(agenda, 'Tarifs')}/retirer/"),
    ):
        assert answer.status_code == 409 and "renvoie à « Tarifs »" in text(answer)


def test_a_bureau_is_not_given_the_budget_by_ticks(bureau, by, secretary):
    change(bureau.organisation, legal_form="smf")
    items.add_item(bureau, title="Un", by=by)
    item = items.add_item(bureau, title="Deux", effect="delegation", by=by)
    answer = tick(secretary, bureau, "Un", "Deux", kind="budget")
    assert answer.status_code == 409 and "ne se délèguent pas" in answer.text
    item.refresh_from_db()
    assert item.kind == "deliberation"


# --- Taken back, or not ---------------------------------------------------------------------------


@pytest.mark.database
def test_an_act_is_not_taken_back_over_what_somebody_did_since(agenda, by, secretary):
    secretary.post(url(agenda), {"title": "Un\nDeux", "kind": "deliberation"})
    item = agenda.items.get(title="Un")
    parts = texts.brief_parts(texts.brief_of(item))
    texts.save_brief(item, parts=parts | {"note": "x"}, base=texts.brief_base(parts), by=by)
    answer = take_back(secretary, agenda)
    assert answer.status_code == 409 and "« Un » a changé depuis" in text(answer)
    assert agenda.items.filter(title="Deux").exists()


def test_work_on_another_item_stays_when_an_act_is_taken_back(agenda, by, secretary):
    tick(secretary, agenda, "Tarifs", act="retirer")
    budget = agenda.items.get(title="Budget")
    texts.save_text(budget, text="Dit.", version=0, by=by)
    take_back(secretary, agenda)
    assert Brief.objects.get(item__title="Tarifs").note == "<p>Exposé</p>"
    assert agenda.items.get(title="Budget").text == "<p>Dit.</p>"


def test_each_takes_back_his_own_act_for_an_hour(agenda, cast, secretary):
    secretary.post(url(agenda), {"title": "Un", "kind": "deliberation"})
    assert "data-take-back" in secretary.get(url(agenda)).text
    assert undoing.last(agenda, by=cast.administration) is None
    Undo.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert "data-take-back" not in secretary.get(url(agenda)).text
    assert "Plus rien à reprendre" in text(take_back(secretary, agenda))
    assert agenda.items.filter(title="Un").exists()


def test_an_account_of_what_was_delegated_is_no_more_to_be_told_when_its_item_comes_back(
    agenda, cast, by, secretary
):
    """Rows of the rooms above go with an item, and come back with it; but what may be said once is
    not said twice."""
    ruling = Ruling.objects.create(
        body=agenda.body, number="1", decided_on=date(2026, 5, 4), object="Marché", recorded_by=by
    )
    tarifs = agenda.items.get(title="Tarifs")
    Accounted.objects.create(body=agenda.body, item=tarifs, ruling=ruling, noted_by=by)
    tick(secretary, agenda, "Tarifs", act="retirer")
    assert not Accounted.objects.exists()
    take_back(secretary, agenda)
    assert Accounted.objects.get().item == agenda.items.get(title="Tarifs")
    tick(secretary, agenda, "Tarifs", act="retirer")
    Accounted.objects.create(body=agenda.body, ruling=ruling, noted_by=by)
    answer = take_back(secretary, agenda)
    assert answer.status_code == 409 and "« Tarifs » a changé depuis" in text(answer)
    assert not agenda.items.filter(title="Tarifs").exists()


def test_what_left_with_a_convocation_is_not_taken_back(cast, by, secretary):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    tick(secretary, meeting, "Tarifs 2027", act="retirer")
    draft = drafting.prepare(Meeting.objects.get(pk=meeting.pk), by=by)
    dispatching.dispatch(draft, by=by, at=desk.NOW, site=desk.SITE)
    assert "Plus rien à reprendre" in text(take_back(secretary, meeting))
    assert not meeting.items.filter(title="Tarifs 2027").exists()


def test_a_number_that_no_machine_reads_is_no_place_and_no_community(agenda, secretary):
    """Python refuses to read more than 4,300 digits."""
    number = "9" * 5000
    where = f"/seances/{agenda.pk}/points/{key(agenda, 'Budget')}/deplacer/"
    assert secretary.post(where, {"parent": "", "position": number}).status_code < 400
    where = f"/instances/{agenda.body_id}/presences/envoyer/"
    assert secretary.post(where, {"community": number, "read": ""}).status_code < 500


def test_what_left_from_elsewhere_is_not_taken_back_either(agenda, secretary):
    """The day of the convocation was told, nothing was dispatched from here: the file was sent all
    the same."""
    file = SimpleUploadedFile("plan.pdf", files.pdf(3))
    data = {"points": [key(agenda, "Budget")], "note": "", "files": [file]}
    secretary.post(url(agenda, "dossier-commun/"), data)
    change(Meeting.objects.get(pk=agenda.pk), convened_on=timezone.localdate())
    answer = take_back(secretary, agenda)
    assert answer.status_code == 409 and "partie avec la convocation" in text(answer)
    assert Attachment.objects.filter(filename="plan.pdf").exists()


@pytest.mark.database
def test_an_act_that_leans_on_what_went_since_is_told_and_not_taken_back(agenda, by, secretary):
    """A ruling that an item told was dropped after its item was taken out."""
    ruling = Ruling.objects.create(
        body=agenda.body, number="1", decided_on=date(2026, 5, 4), object="Marché", recorded_by=by
    )
    tarifs = agenda.items.get(title="Tarifs")
    Accounted.objects.create(body=agenda.body, item=tarifs, ruling=ruling, noted_by=by)
    tick(secretary, agenda, "Tarifs", act="retirer")
    ruling.delete()
    for _ in range(2):
        answer = take_back(secretary, agenda)
        assert answer.status_code == 409 and "« Tarifs » a changé depuis" in text(answer)
    assert not agenda.items.filter(title="Tarifs").exists()


@pytest.mark.database
def test_files_taken_out_stay_until_the_next_act_and_no_longer(
    agenda, secretary, django_capture_on_commit_callbacks
):
    names = list(Attachment.objects.values_list("file", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        tick(secretary, agenda, "Tarifs", act="retirer")
    assert not Attachment.objects.exists() and all(map(default_storage.exists, names))
    assert [f for f in integrity.faults() if f.where.startswith("pieces")] == []
    with django_capture_on_commit_callbacks(execute=True):
        take_back(secretary, agenda)
    again = Attachment.objects.order_by("pk")
    assert [each.file.name for each in again] == names
    path = f"/seances/pieces/{again[0].pk}/"
    assert hashlib.sha256(secretary.get(path).getvalue()).hexdigest() == again[0].sha256
    with django_capture_on_commit_callbacks(execute=True):
        tick(secretary, agenda, "Tarifs", act="retirer")
    with django_capture_on_commit_callbacks(execute=True):
        secretary.post(url(agenda), {"title": "Un", "kind": "deliberation"})
    assert not any(map(default_storage.exists, names))


def forge(act: Undo, **said) -> None:
    """Who writes in the database says otherwise what was kept."""
    Undo.objects.filter(pk=act.pk).update(**said)


FORGED = {
    "changes": lambda act: {
        key: each | {"was": each["was"] | {"title": "Récrit"}} for key, each in act.changes.items()
    },
    "at": lambda act: act.at + timedelta(minutes=1),
    "words": lambda act: "Autre chose",
    "files": lambda act: ["pieces/autre.pdf"],
    "seal": lambda act: "",
}


@pytest.mark.database
@pytest.mark.parametrize("name", FORGED)
def test_an_act_that_the_application_did_not_keep_is_refused(agenda, secretary, name):
    tick(secretary, agenda, "Tarifs", act="retirer")
    act = Undo.objects.get()
    assert act.is_ours
    forge(act, **{name: FORGED[name](act)})
    answer = take_back(secretary, agenda)
    assert answer.status_code == 409
    assert "n’a pas été gardé par l’application" in text(answer)
    assert not agenda.items.filter(title__in=["Tarifs", "Récrit"]).exists()


def test_no_file_that_somebody_named_goes(agenda, secretary, django_capture_on_commit_callbacks):
    tick(secretary, agenda, "Tarifs", act="retirer")
    name = default_storage.save("autre.pdf", ContentFile(b"%PDF"))
    forge(Undo.objects.get(), files=[name])
    with django_capture_on_commit_callbacks(execute=True):
        secretary.post(url(agenda), {"title": "Un", "kind": "deliberation"})
    assert default_storage.exists(name)


@pytest.mark.database
def test_a_sitting_that_is_deleted_takes_what_could_be_undone_with_it(
    agenda, by, secretary, django_capture_on_commit_callbacks
):
    names = list(Attachment.objects.values_list("file", flat=True))
    tick(secretary, agenda, "Tarifs", act="retirer")
    with django_capture_on_commit_callbacks(execute=True):
        preparing.delete_meeting(Meeting.objects.get(pk=agenda.pk), by=by)
    assert not Undo.objects.exists() and not any(map(default_storage.exists, names))


@pytest.mark.database
def test_moves_hints_offers_and_copies_are_taken_back_too(agenda, cast, by, secretary):
    items.add_item(agenda, title="Vote des comptes", by=by)
    habits.keep_habit(RecurringItem(body=cast.comite, title="Vœux"), by=by)
    earlier = prepare(cast, "Fibre", held_on=date(2026, 5, 12))
    points = f"/seances/{agenda.pk}/points"
    for path, data in (
        (f"{points}/{key(agenda, 'Tarifs')}/deplacer/", {"move": "up"}),
        (f"{points}/{key(agenda, 'Vote des comptes')}/nature/", {}),
        (f"{points}/{key(agenda, 'Tarifs')}/retirer/", {}),
        (url(agenda, "proposes/"), {"what": "tout"}),
        (url(agenda, "reprendre/"), {"source": earlier.pk}),
    ):
        before = whole(agenda)
        secretary.post(path, data)
        assert whole(agenda) != before, path
        take_back(secretary, agenda)
        assert whole(agenda) == before, path


# --- From another sitting, and for several --------------------------------------------------------


def test_points_of_an_earlier_agenda_are_chosen(agenda, cast, by, secretary):
    later = prepare(cast, held_on=date(2026, 7, 7))
    items.add_item(later, title="Questions diverses", kind="divers", by=by)
    page = secretary.get(url(later, "reprendre/"), {"source": agenda.pk})
    assert unsaid(text(page), "Finances", "Budget", "Tarifs", "du 9 juin 2026") == []
    chosen = [key(agenda, title) for title in ("Finances", "Emprunt", "Tarifs")]
    data = {"source": agenda.pk, "choix": "1", "with_briefs": "on", "points": chosen}
    answer = secretary.post(url(later, "reprendre/"), data, follow=True)
    assert "3 points repris" in answer.text
    assert tree(later)[1:] == [
        "Finances : section", "- Emprunt", "Tarifs @elsa-evrard", "Questions diverses : divers",
    ]  # fmt: skip
    none = secretary.post(
        url(later, "reprendre/"), {"source": agenda.pk, "choix": "1"}, follow=True
    )
    assert "déjà à l’ordre du jour" in none.text
    assert secretary.get(url(later, "reprendre/"), {"source": later.pk}).status_code == 404


def test_one_note_and_one_file_for_several(agenda, secretary):
    before = whole(agenda)
    leads = tick(secretary, agenda, "Budget", "Tarifs", act="dossier")
    page = secretary.get(leads.url)
    assert unsaid(page.text, "Budget", "Tarifs", "Donner à ces 2 points") == []
    points = [key(agenda, title) for title in ("Budget", "Tarifs")]
    file = SimpleUploadedFile("plan.pdf", files.pdf(3))
    data = {"points": points, "note": "<p>Commun</p>", "files": [file]}
    answer = secretary.post(url(agenda, "dossier-commun/"), data, follow=True)
    assert "2 points complétés" in answer.text
    told = [
        words.replace("\xa0", " ")
        for words in re.findall(r"Dossier de [^<]*</span>([^<]+)<", answer.text)
    ]
    assert told == ["note, 1 pièce", "note, projet de délibération, 3 pièces"]
    notes = dict(Brief.objects.values_list("item__title", "note"))
    assert notes == {"Budget": "<p>Commun</p>", "Tarifs": "<p>Exposé</p><p>Commun</p>"}
    joined = Attachment.objects.filter(filename="plan.pdf")
    assert joined.count() == 2 and len({each.file.name for each in joined}) == 1
    take_back(secretary, agenda)
    assert whole(agenda) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({}, "Écrivez une note, ou choisissez un fichier", id="rien"),
        pytest.param({"files": b"MZ" + bytes(50)}, "programme", id="un programme"),
        pytest.param({"note": "x" * 1_000_001}, "1000000", id="une note démesurée"),
        pytest.param({"note": "Commun", "files": files.pdf(author="un")}, "déjà jointe",
                     id="un des points l’a déjà"),
    ],
)  # fmt: skip
def test_what_one_of_them_refuses_is_given_to_none(agenda, secretary, given, said):
    before = whole(agenda)
    points = [key(agenda, title) for title in ("Budget", "Tarifs")]
    data = {"points": points} | given
    if "files" in given:
        data["files"] = [SimpleUploadedFile("plan.pdf", given["files"])]
    answer = secretary.post(url(agenda, "dossier-commun/"), data)
    assert answer.status_code == 422 and said in answer.text
    assert whole(agenda) == before
    assert sum(1 for _ in AgendaItem.objects.filter(meeting=agenda)) == 5


def test_the_number_of_items_costs_no_query(agenda, secretary):
    secretary.get(url(agenda))
    few = queries(lambda: secretary.get(url(agenda)))
    secretary.post(
        url(agenda), {"title": "\n".join(f"Point {n}" for n in range(30)), "kind": "debat"}
    )
    secretary.get(url(agenda))
    assert queries(lambda: secretary.get(url(agenda))) == few
