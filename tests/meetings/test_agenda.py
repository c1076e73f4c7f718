"""The agenda: a tree that is added to, reordered, numbered as the body wants."""

from datetime import date, time

import pytest
from django.urls import reverse

from law import ballots
from law.findings import Refused
from law.french import NBSP
from meetings import reading
from meetings.actions import decisions, items, preparing
from meetings.models import AgendaItem, Meeting
from tests.cast import change, change_rules
from tests.held import prepare
from tests.words import text, unsaid


def numbers(meeting) -> list[str]:
    return [f"{node.number} {node.item.title}".strip() for node in meeting.agenda.nodes]


@pytest.fixture
def agenda(bureau, by):
    section = items.add_item(bureau, title="Finances", kind="section", by=by)
    items.add_item(bureau, title="Budget", parent=section, by=by)
    items.add_item(bureau, title="Emprunt", parent=section, by=by)
    other = items.add_item(bureau, title="Personnel", kind="section", by=by)
    items.add_item(bureau, title="Poste", parent=other, by=by)
    return bureau


def test_numbers_as_the_body_wants_and_as_imposed(agenda):
    for numbering, expected in (
        ("romain-puces", ["I Finances", "• Budget", "• Emprunt", "II Personnel", "• Poste"]),
        ("romain-continu", ["I Finances", "1 Budget", "2 Emprunt", "II Personnel", "3 Poste"]),
        ("decimal", ["1 Finances", "1.1 Budget", "1.2 Emprunt", "2 Personnel", "2.1 Poste"]),
        ("continu", ["Finances", "1 Budget", "2 Emprunt", "Personnel", "3 Poste"]),
        ("aucun", ["Finances", "Budget", "Emprunt", "Personnel", "Poste"]),
    ):
        agenda.body.numbering = numbering
        agenda.forget()
        assert numbers(agenda) == expected
    AgendaItem.objects.filter(title="Emprunt").update(label="1 bis")
    agenda.body.numbering = "continu"
    agenda.forget()
    assert numbers(agenda) == ["Finances", "1 Budget", "1 bis Emprunt", "Personnel", "3 Poste"]


@pytest.mark.parametrize(("kind", "title", "likely"), [
    ("deliberation", "Approbation du compte administratif 2025", "comptes"),
    ("deliberation", "Compte financier unique 2025", "comptes"),
    ("deliberation", "Vote des comptes", "comptes"),
    ("deliberation", "Approbation du compte rendu de la séance du 3 mars", None),
    ("deliberation", "Budget primitif 2026", "budget"),
    ("deliberation", "Budget 2026", "budget"),
    ("deliberation", "Budget participatif : règlement", None),
    ("deliberation", "Décision modificative nº 1 du budget principal", None),
    ("deliberation", "Débat d’orientation budgétaire : vote du budget", None),
    ("election", "Élection du président", "executif"),
    ("election", "Élection des membres du Bureau", "executif"),
    ("election", "Élection des membres de la commission d’appel d’offres", None),
    ("deliberation", "Indemnités après l’élection du président", None),
    ("comptes", "Compte administratif 2025", None),
    ("debat", "Compte administratif 2025", None),
    ("deliberation", "Affectation du résultat du compte administratif", None),
])  # fmt: skip
def test_a_title_suggests_a_nature_and_decides_nothing(bureau, by, secretary, kind, title, likely):
    item = items.add_item(bureau, title=title, kind=kind, by=by)
    assert item.kind == kind
    page = secretary.get(f"/seances/{bureau.pk}/ordre-du-jour/").text
    assert ("donnez-lui cette nature" in page) is (likely is not None)
    path = f"/seances/{bureau.pk}/points/{item.key}/nature/"
    assert secretary.post(path).status_code == 302
    item.refresh_from_db()
    assert item.kind == (likely or kind)


def test_an_item_moves_under_another_section_and_never_under_itself(agenda, by, secretary):
    item = agenda.items.get(title="Emprunt")
    path = f"/seances/{agenda.pk}/points/{item.key}/deplacer/"
    answer = secretary.post(path, {"parent": item.parent.key, "position": "0"})
    assert answer.status_code == 302
    agenda.forget()
    assert numbers(agenda)[:3] == ["I Finances", "• Emprunt", "• Budget"]
    items.move_item(item, parent=agenda.items.get(title="Personnel"), position=0, by=by)
    agenda.forget()
    assert numbers(agenda) == ["I Finances", "• Budget", "II Personnel", "• Emprunt", "• Poste"]
    section = agenda.items.get(title="Finances")
    for inside in (section, agenda.items.get(title="Budget")):
        with pytest.raises(Refused):
            items.move_item(section, parent=inside, position=0, by=by)


def test_an_oral_question_is_no_act_and_tells_when_it_came_too_late(bureau, by, secretary):
    """Art. L2121-19: the sitting is of the 9th, three clear days are those of the rules."""
    change_rules(bureau.body, oral_questions_clear_days=3)
    question = items.add_item(bureau, title="Le parking", kind="question", by=by)
    assert question.key in bureau.agenda.docket(second_call=False).miscellaneous
    fields = {"kind": "question", "title": "Le parking", "rapporteur": "bruno-besson"}
    path = f"/seances/{bureau.pk}/points/{question.key}/modifier/"
    for day, is_late in ((5, False), (6, True)):
        answer = secretary.post(path, fields | {"received_on": f"2026-06-0{day}"})
        assert answer.status_code == 302
        page = secretary.get(f"/seances/{bureau.pk}/ordre-du-jour/").text.replace("\xa0", " ")
        assert ("reçue après le 5 juin 2026" in page) is is_late
    change_rules(bureau.body, oral_questions_clear_days=0)
    assert bureau.items.get(key=question.key).late_by is None
    # Taken out by mistake, it comes back with its day.
    secretary.post(f"/seances/{bureau.pk}/points/{question.key}/retirer/")
    assert not bureau.items.filter(kind="question").exists()
    secretary.post(f"/seances/{bureau.pk}/ordre-du-jour/annuler/")
    assert bureau.items.get(kind="question").received_on == date(2026, 6, 6)


def test_what_the_ledger_speaks_of_is_not_taken_out(held, by):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    with pytest.raises(Refused, match="Budget primitif"):
        items.remove_item(held.agenda["p1"].item, by=by)


def test_the_minutes_that_await_approval_come_first(bureau, cast, by):
    when = {"held_on": date(2026, 9, 1), "starts_at": time(17, 30)}
    (item,) = preparing.create_meeting(body=cast.bureau, **when, by=by).items.all()
    assert (item.kind, item.approves) == ("approbation", bureau)
    assert item.title == "Approbation du procès-verbal de la réunion du 9 juin 2026"


def test_all_the_minutes_since_the_last_approved_await_approval(bureau, cast, by):
    """A sitting of the same morning, not held yet, stood in the place of the one that was."""

    def create(day, hour=17):
        when = {"held_on": date(2026, 9, day), "starts_at": time(hour)}
        return preparing.create_meeting(body=cast.bureau, **when, by=by)

    first, second, third = create(1), create(8), create(8, hour=18)
    assert [each.items.get().approves for each in (first, second, third)] == [bureau, first, second]
    second.items.all().delete()  # it approves nothing after all
    change(third, stage=Meeting.Stage.CANCELLED)  # what it was to approve waits again
    item = create(15).items.get()
    assert item.approved == (first, second)
    assert item.title == (
        "Approbation des procès-verbaux des réunions du 1er septembre 2026 et du 8 septembre 2026"
    )
    assert (
        preparing.approval_title(second, second)
        .replace(NBSP, " ")
        .endswith("du 8 septembre 2026 à 17 h et du 8 septembre 2026 à 17 h")
    )


def test_the_bureau_examines_the_agenda_of_the_comite_and_both_items_show_the_link(
    bureau, comite, by, secretary
):
    item = items.add_item(comite, title="Décision modificative", text="<p>Note</p>", by=by)
    added = items.examine_agenda(bureau, other=comite, section_title="Examen", by=by)
    assert [(i.title, i.text) for i in added] == [("Décision modificative", "<p>Note</p>")]
    assert item.examined_in.get() == added[0]
    assert not items.examine_agenda(bureau, other=comite, section_title="Encore", by=by)
    assert "examiné par" in secretary.get(item.get_absolute_url()).text
    assert item.get_absolute_url() in secretary.get(added[0].get_absolute_url()).text


def test_the_title_that_was_announced_is_kept_when_it_changes(cast, bureau, by):
    item = items.add_item(bureau, title="Tarifs", by=by)
    for sent_on, title, announced in (
        (None, "Les tarifs", ""),
        (date(2026, 6, 1), "Tarifs 2027", "Les tarifs"),
        (date(2026, 6, 1), "Tarifs 2028", "Les tarifs"),
    ):
        change(bureau, sent_on=sent_on)
        item = AgendaItem.objects.get(pk=item.pk)
        item.title = title
        preparing.change(item, fields=("title", "announced"), by=by)
        item.refresh_from_db()
        assert item.announced == announced


def test_typing_a_title_and_enter_adds_an_item(bureau, secretary):
    url = f"/seances/{bureau.pk}/ordre-du-jour/"
    for data, said in (
        ({"title": "", "kind": "deliberation"}, "Ce champ est obligatoire"),
        ({"title": "x" * 501, "kind": "deliberation"}, "500"),
        ({"title": "Point", "kind": "farce"}, "farce"),
    ):
        answer = secretary.post(url, data)
        assert answer.status_code == 422 and said in answer.text
        # Asked for a part of the page, it answers no page inside the page.
        part = secretary.post(url, data, headers={"HX-Request": "true"})
        assert part.status_code == 422 and said in part.text and "<html" not in part.text
    assert secretary.post(url, {"title": "Adhésion", "kind": "deliberation"}).status_code == 302
    assert bureau.items.get().title == "Adhésion"


def test_one_item_approves_several_minutes(cast, comite, secretary):
    """Chosen on the page of the item, told by the journal, and no sitting that it names is
    removed or proposed again."""
    july, september = (prepare(cast, held_on=date(2026, month, 7)) for month in (7, 9))
    approval = september.items.get(kind="approbation")
    url = f"/seances/{september.pk}/points/{approval.key}/modifier/"
    told = {"kind": "approbation", "effect": approval.effect, "title": "Procès-verbaux"}
    assert secretary.post(url, told | {"also_approves": [july.pk]}).status_code == 422  # no first
    told |= {"approves": comite.pk, "also_approves": [july.pk]}
    assert secretary.post(url, told).status_code == 302
    approval = september.items.get(kind="approbation")
    assert approval.approved == (comite, july)
    assert reading.subject(approval).text == (
        "les procès-verbaux des séances du 9 juin et du 7 juillet 2026"
    )
    assert "du même vote" in september.deeds.first().words
    page = text(secretary.get(f"/seances/{september.pk}/ordre-du-jour/"))
    assert unsaid(page, *(
        f"procès-verbal du {day} 2026 non établi" for day in ("9 juin", "7 juillet")
    )) == []  # fmt: skip
    with pytest.raises(Refused):
        preparing.delete_meeting(july, by=cast.secretariat)
    october = prepare(cast, held_on=date(2026, 10, 6))
    assert october.items.get(kind="approbation").approves == september


def test_the_accounts_of_a_year_are_kept_by_each_of_its_presidents(comite, secretary, by):
    """Art. L2121-14: even who is in office no more; nobody chosen, today's president."""
    accounts = items.add_item(comite, title="Compte administratif", kind="comptes", by=by)
    url = f"/seances/{comite.pk}/points/{accounts.key}/modifier/"
    told = {"kind": "comptes", "effect": "", "title": "Compte administratif"}
    for chosen, keepers in (
        (["-", "bruno-besson", "alice-arnaud"], {"alice-arnaud", "bruno-besson"}),
        (["-"], set()),
    ):
        assert secretary.post(url, told | {"accounts_of": chosen}).status_code == 302
        comite = Meeting.objects.get(pk=comite.pk)
        assert {*comite.outline.docket.keepers[accounts.key]} == keepers
        shown = secretary.get(url).context["form"]["accounts_of"].value()
        assert {*shown} == {*chosen}
    assert secretary.post(url, told).status_code == 302
    assert Meeting.objects.get(pk=comite.pk).outline.docket.keepers == {}
    for field in ("accounts_of", "rapporteur"):
        assert secretary.post(url, told | {field: ["zoe"]}).status_code == 422


def test_what_heads_others_is_typed_at_the_root(comite, secretary, by):
    """A section or « Questions diverses » typed after a point is no part of it."""
    head = items.add_item(comite, title="Finances", kind="section", by=by)
    point = items.add_item(comite, title="Budget", parent=head, by=by)
    url = reverse("meetings:agenda", args=[comite.pk])
    for kind, title in (("section", "Personnel"), ("divers", "Questions diverses")):
        secretary.post(url, {"title": title, "kind": kind, "parent": point.key})
        assert comite.items.get(title=title).parent is None
    secretary.post(url, {"title": "Emprunts", "kind": "section", "parent": head.key})
    assert comite.items.get(title="Emprunts").parent == head


def test_only_recent_minutes_open_a_new_agenda(cast, by):
    """Those of 2016 await nobody in 2026."""
    days = (date(2016, 11, 21), date(2026, 5, 5), date(2026, 6, 9))
    _, recent, new = (
        preparing.create_meeting(body=cast.comite, held_on=day, starts_at=time(19), by=by)
        for day in days
    )
    assert not recent.items.exists()
    assert new.items.get().approves == recent


def test_what_was_put_off_bears_no_tick(held, secretary, by):
    """Green is for what is done: a point put off, or taken out, is told without it."""
    decisions.note_fate(held, item="p1", fate="ajourne", by=by)
    page = secretary.get(reverse("meetings:agenda", args=[held.pk])).content.decode()
    row = page[page.index('id="point-p1"') :]
    about = row[: row.index("</p>")]
    assert "ajourn" in about and "#check" not in about and "is-done" not in about


@pytest.mark.parametrize(("kind", "title", "field"), [
    ("executif", "Élection du bureau", "in_person"),
    ("budget", "Budget primitif 2027", "in_person"),
    ("budget", "Budget supplémentaire 2027", "perhaps_in_person"),
    ("election", "Commission d’appel d’offres", "perhaps_in_person"),
    ("deliberation", "Tarifs", ""),
])  # fmt: skip
def test_what_no_sitting_at_a_distance_decides(bureau, by, kind, title, field):
    """Art. L5211-11-1: the executive and the budget primitif; of another budget or nomination, the
    kind does not say."""
    item = items.add_item(bureau, title=title, kind=kind, by=by)
    docket = bureau.agenda.docket(second_call=False)
    fields = ("in_person", "perhaps_in_person")
    assert [each for each in fields if item.key in getattr(docket, each)] == field.split()


def test_an_item_that_another_took_out_meanwhile_is_not_there(comite, by):
    """Each had read it before either had the lock."""
    item = items.add_item(comite, title="Budget", by=by)
    again = AgendaItem.objects.get(pk=item.pk)
    items.remove_item(item, by=by)
    with pytest.raises(AgendaItem.DoesNotExist):
        items.remove_item(again, by=by)
