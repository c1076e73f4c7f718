"""Rendre compte de ce qui fut décidé par délégation : une fois, et tout."""

import re
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from archive.desk import stages, waiting
from archive.keeping import facts
from documents.compile import compile_minutes
from meetings.actions import items, texts, undoing
from meetings.models import Brief, Meeting
from members.models import Body
from registry.acts import actions as acts
from registry.delegations import actions, reading
from registry.models import Accounted, Ruling
from tests import held
from tests.cast import change, change_rules
from tests.costs import queries
from tests.documents.ink import plain
from tests.held import AT, JULY, JUNE
from tests.live.threads import at_once
from tests.words import refused, text, unsaid


@pytest.fixture
def bureau(cast) -> Meeting:
    """The Bureau of May: a market by delegation, and a preparation that is no act; numbered."""
    by = cast.secretariat
    meeting = held.prepare(cast, "Marché de fibre", body=cast.bureau, held_on=date(2026, 5, 19))
    items.add_item(meeting, title="Préparer le budget", effect="preparatoire", by=by)
    held.sit(meeting, by=by)
    for node in list(meeting.agenda.nodes):
        held.decisions.hold_ballot(meeting, ballot=held.ballots.Ballot(item=node.item.key), by=by)
    acts.number(meeting, by=by, at=AT)
    return meeting


@pytest.fixture
def ruling(cast) -> Ruling:
    made = Ruling(body=cast.comite, number="2026-D1", decided_on=date(2026, 5, 20), object="Bail")
    return actions.note_ruling(made, by=cast.secretariat)


@pytest.fixture
def june(cast) -> Meeting:
    """The Comité to come, of which the last point is « questions diverses »."""
    meeting = held.prepare(cast, "Budget")
    items.add_item(meeting, title="Questions diverses", kind="divers", by=cast.secretariat)
    return meeting


def keys(cast, on=JUNE) -> list[str]:
    return [each.key for each in reading.untold(cast.comite, on=on)]


def give(meeting, cast):
    return actions.give(
        meeting, keys=keys(cast, meeting.held_on), by=cast.secretariat, at=AT
    )  # fmt: skip


def test_what_is_to_be_told_is_what_was_decided_by_delegation(cast, bureau, ruling, secretary):
    told = [(each.author, each.object) for each in reading.untold(cast.comite, on=JUNE)]
    assert told == [("Bureau", "Marché de fibre"), ("Présidence", "Bail")]
    assert reading.untold(cast.comite, on=date(2026, 5, 18)) == ()
    # Of no delegation in force was any the Bureau’s, and nothing said why.
    page = text(secretary.get(reverse("registry:delegations", args=[cast.comite.pk])))
    assert unsaid(page, "Bureau : la délibération qui délègue ces matières") == []


def test_what_the_assembly_decides_itself_is_not_told_to_it(cast):
    acts.number(held.hold(cast, JUNE, adopted=["Tarifs"]), by=cast.secretariat, at=AT)
    assert keys(cast, JULY) == []


def test_one_act_puts_it_on_the_agenda_with_its_table(cast, bureau, ruling, june):
    item = give(june, cast)
    told = plain(item.text)
    assert (
        "La présidente rend compte au Comité syndical des décisions prises par délégation" in told
    )
    assert "(statuts) :" in told
    for cell in ("2026-D1", "20 mai 2026", "Bail", "19 mai 2026", "Bureau", "Marché de fibre"):
        assert f"<td>{cell}</td>" in told
    assert Brief.objects.get(item=item).note == item.text
    titles = [node.item.title for node in june.agenda.nodes]
    assert titles == ["Budget", reading.TITLE, "Questions diverses"]


def test_it_is_read_in_the_minutes(cast, bureau, ruling, june):
    give(june, cast)
    held.sit(june, by=cast.secretariat)
    item = next(each for each in compile_minutes(june).items if each.title == reading.TITLE)
    assert "Marché de fibre" in item.html and "<table>" in item.html


def test_told_once_never_told_twice(cast, bureau, ruling, june):
    give(june, cast)
    assert keys(cast, JULY) == []
    with refused("rien_a_dire"):
        give(held.prepare(cast, held_on=JULY), cast)
    later = Ruling(body=cast.comite, number="2026-D2", decided_on=JUNE, object="Prêt")
    actions.note_ruling(later, by=cast.secretariat)
    assert keys(cast, JULY) == [f"r{later.pk}"]


@pytest.mark.parametrize(
    "goes",
    [
        pytest.param(lambda item, by: items.remove_item(item, by=by), id="le point est retiré"),
        pytest.param(
            lambda item, by: undoing.take_back(undoing.last(item.meeting, by=by), by=by),
            id="le geste est annulé",
        ),
        pytest.param(
            lambda item, by: change(item.meeting, stage=Meeting.Stage.CANCELLED),
            id="la séance est annulée",
        ),
    ],
)
def test_what_was_not_told_after_all_is_to_be_told_again(cast, bureau, ruling, june, goes):
    before = keys(cast)
    goes(give(june, cast), cast.secretariat)
    assert keys(cast, JULY) == before
    july = held.prepare(cast, held_on=JULY)
    give(july, cast)
    assert keys(cast, JULY) == []
    assert Accounted.objects.count() == 2
    assert list(facts.faults(Accounted)) == []  # the application took the rows out itself


def test_what_was_told_elsewhere_is_offered_again_when_asked(cast, bureau, ruling, june):
    actions.told_elsewhere(
        june, keys=keys(cast), told_on=date(2026, 5, 26), by=cast.secretariat, at=AT
    )
    assert keys(cast) == []
    actions.untell(ruling.accounted, by=cast.secretariat)
    assert keys(cast) == [f"r{ruling.pk}"]


@pytest.mark.parametrize(
    ("told_on", "codes"),
    [
        pytest.param(date(2026, 5, 19), ["pas_encore_prise"], id="la veille de la décision"),
        pytest.param(date(2026, 6, 10), ["sans_seance"], id="un jour sans séance"),
        pytest.param(JULY, ["sans_seance"], id="un jour à venir"),
        pytest.param(JUNE, [], id="à une séance tenue depuis"),
        pytest.param(date(2026, 5, 26), [], id="avant la première séance d’ici"),
    ],
)
def test_an_assembly_knows_by_a_sitting_that_it_held_since(cast, ruling, told_on, codes):
    held.hold(cast, JUNE)
    july = held.prepare(cast, held_on=JULY)

    def tell():
        told = {"keys": [f"r{ruling.pk}"], "told_on": told_on}
        return actions.told_elsewhere(july, **told, by=cast.secretariat, at=AT)

    if codes:
        with refused(*codes):
            tell()
        assert not Accounted.objects.exists()
    else:
        assert [each.number for each in tell()] == ["2026-D1"]


def test_what_an_item_tells_is_neither_dropped_nor_offered(cast, ruling, june):
    give(june, cast)
    with refused("decision_dite"):
        actions.drop_ruling(ruling, by=cast.secretariat)
    with refused("dite_par_un_point"):
        actions.untell(ruling.accounted, by=cast.secretariat)


def test_a_sitting_that_is_over_is_given_nothing(cast, ruling):
    meeting = held.hold(cast, JUNE)
    with refused("seance_passee"):
        give(meeting, cast)


def test_a_number_is_given_once(cast, ruling):
    with refused("saisie"):
        again = Ruling(body=cast.comite, number="2026-D1", decided_on=JUNE, object="Autre")
        actions.note_ruling(again, by=cast.secretariat)
    assert reading.next_number(cast.comite, on=JUNE) == "2026-D2"


def test_what_was_typed_is_text_and_no_tag(cast, june):
    made = Ruling(body=cast.comite, number="<b>1</b>", decided_on=JUNE, object="<script>x</script>")
    actions.note_ruling(made, by=cast.secretariat)
    told = give(june, cast).text
    assert "<script>" not in told and "&lt;script&gt;" in told


# --- The pages --------------------------------------------------------------------------------


def test_the_page_notes_and_takes_out_a_decision(cast, secretary):
    path = reverse("registry:delegations", args=[cast.comite.pk])
    page = secretary.get(path)
    assert "Tout est à jour" in text(page)
    data = {"number": "2026-D1", "decided_on": "2026-05-20", "object": "Bail"}
    assert secretary.post(path, data).status_code == 302
    assert "Bail" in text(secretary.get(path))
    wrong = secretary.post(path, data)
    assert wrong.status_code == 422
    assert "Une décision porte déjà ce numéro." in text(wrong)
    secretary.post(reverse("registry:drop_ruling", args=[cast.comite.pk, Ruling.objects.get().pk]))
    assert not Ruling.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_five_at_once_are_one_and_the_others_are_told(cast, secretary):
    page = reverse("registry:delegations", args=[cast.comite.pk])
    form = {"number": "2026-D9", "decided_on": "2026-05-04", "object": "Marché"}

    def press(_: int) -> int:
        own = Client()
        own.cookies.update(secretary.cookies)
        return own.post(page, form).status_code

    assert sorted(at_once(press, range(5))) == [302, 422, 422, 422, 422]
    assert Ruling.objects.filter(number="2026-D9").count() == 1


def test_the_sitting_is_given_what_is_ticked_and_no_more(cast, bureau, ruling, june, secretary):
    path = reverse("registry:account", args=[june.pk])
    assert "Marché de fibre" in text(secretary.get(path))
    assert secretary.post(path, {}).status_code == 422
    response = secretary.post(path, {"decision": [f"r{ruling.pk}"]})
    assert response.url == reverse("meetings:agenda", args=[june.pk])
    assert "Bail" in june.items.get(title=reading.TITLE).text
    assert "Marché" not in june.items.get(title=reading.TITLE).text
    known = {"decision": keys(cast), "ailleurs": "1"}
    assert "Dites à quelle séance" in text(secretary.post(path, known))
    secretary.post(path, known | {"told_on": "2026-05-26"})
    assert "Tout est dit" in text(secretary.get(path))


def test_a_bureau_is_given_no_account(cast, secretary):
    meeting = held.prepare(cast, body=cast.bureau)
    assert secretary.get(reverse("registry:account", args=[meeting.pk])).status_code == 404
    assert secretary.get(reverse("registry:delegations", args=[cast.bureau.pk])).status_code == 404


def test_what_an_agenda_announces_is_told_once_the_sitting_is_closed(
    cast, bureau, ruling, june, secretary
):
    """A sitting eleven days ahead stood under « Compte rendu fait »."""
    path = reverse("registry:delegations", args=[cast.comite.pk])
    give(june, cast)
    page = text(secretary.get(path))
    assert unsaid(page, "À l’ordre du jour", "à la séance du", "9 juin 2026") == []
    assert "Compte rendu fait" not in page
    held.sit(june, by=cast.secretariat)
    change(june, stage=Meeting.Stage.CLOSED)
    page = text(secretary.get(path))
    assert unsaid(page, "Compte rendu fait", "séance du") == [] and "à la séance du" not in page


def test_the_list_costs_the_same_with_more(cast, bureau, ruling, secretary):
    path = reverse("registry:delegations", args=[cast.comite.pk])
    first = queries(lambda: secretary.get(path))
    for rank in range(2, 6):
        more = Ruling(body=cast.comite, number=f"2026-D{rank}", decided_on=JUNE, object="Bail")
        actions.note_ruling(more, by=cast.secretariat)
    assert queries(lambda: secretary.get(path)) == first


def test_a_closed_syndicate_quotes_the_code(cast, ruling, june):
    change_rules(cast.comite, by_statutes=False)
    book = cast.comite.rule_books.get()
    change(book, preset="smf")
    item = give(Meeting.objects.get(pk=june.pk), cast)
    assert "art. L5211-10 du CGCT, par renvoi de l’art. L5711-1 du CGCT" in plain(item.text)


# --- What is to be done -----------------------------------------------------------------------


def to_do(cast) -> list[str]:
    found = waiting.tasks(Body.objects.filter(pk=cast.comite.pk), on=date(2026, 6, 1))
    return [each.what for each in found if each.url.endswith("/delegations/")]


def test_it_is_to_be_done_before_the_next_sitting_and_then_no_more(cast, bureau, ruling, june):
    assert to_do(cast) == ["Rendre compte de 2 décisions prises par délégation"]
    give(june, cast)
    assert to_do(cast) == []


# --- À faire ----------------------------------------------------------------------------------


def awaited(cast, on) -> list[tuple]:
    """What « À faire » says of the account: how many, before which day, and where."""
    found = waiting.tasks(Body.objects.filter(pk=cast.comite.pk), on=on)
    return [(each.what, each.due_on, each.url) for each in found if "par délégation" in each.what]


def test_an_account_that_a_sitting_was_not_given_is_late(cast, bureau, ruling, secretary):
    page, two = reverse("registry:delegations", args=[cast.comite.pk]), "Rendre compte de 2"
    told = f"{two} décisions prises par délégation"
    assert awaited(cast, JUNE) == []  # no sitting passed, and none is planned
    held.hold(cast, ruling.decided_on)  # that very day: nobody knows which came first
    assert awaited(cast, JUNE) == [(told, ruling.decided_on, page)]  # the Bureau’s is of the eve
    held.hold(cast, JUNE)
    assert unsaid(text(secretary.get(page)), "2 séances tenues depuis le 19 mai 2026") == []
    july = held.prepare(cast, held_on=JULY)
    account = reverse("registry:account", args=[july.pk])
    assert awaited(cast, JULY) == [(told, ruling.decided_on, account)]
    give(july, cast)
    assert awaited(cast, JULY) == []


def test_what_a_sitting_to_come_is_to_be_told_is_said_before_it_is_convened(
    cast, bureau, ruling, secretary, time_machine
):
    """« Le reste est en ordre » ended a list that said nothing of it: it became a point « bis »."""
    time_machine.move_to(datetime(2026, 6, 1, 9))
    change_rules(cast.comite, note_required=False)
    june = held.prepare(cast, "Budget", place="dans ses locaux")
    pages = [june.get_absolute_url()]
    pages += [reverse(name, args=[june.pk]) for name in ("meetings:agenda", "convening:prepare")]
    account = reverse("registry:account", args=[june.pk])
    what, link = "2 décisions prises par délégation", f'="{account}"'
    for url in pages:
        page = secretary.get(url)
        assert unsaid(text(page), what) == [] and link in page.text, url
    # « Préparer : fait » stood above what its agenda lacked.
    sitting = text(secretary.get(pages[0]))
    assert re.search(r"Préparer</span>\s*<span class=\"step-state\">à compléter", sitting)
    line = stages.of(Meeting.objects.get(pk=june.pk), on=date(2026, 6, 1))
    assert (line.lacking[-1].verb, line.lacking[-1].url) == (
        "Compléter l’ordre du jour", account,
    )  # fmt: skip
    checklist = text(secretary.get(pages[2]))
    assert unsaid(checklist, "ce serait un point « bis », à annoncer", "Ajouter ce point") == []
    assert "est en ordre" in checklist and "Tout est en ordre" not in checklist
    change(june, convened_on=date(2026, 6, 2))  # then, a point « bis » still tells it
    sitting = text(secretary.get(pages[0]))
    assert unsaid(sitting, f"le compte rendu de {what}") == []
    assert re.search(r"Préparer</span>\s*<span class=\"step-state\">sauf le compte rendu", sitting)
    time_machine.move_to(datetime(2026, 6, 9, 9))  # on its day, until it opens
    sitting = text(secretary.get(pages[0]))
    assert unsaid(sitting, "sauf le compte rendu", f"le compte rendu de {what}") == []
    assert "convocation rectificative" not in text(secretary.get(pages[1]))
    time_machine.move_to(datetime(2026, 6, 2, 9))
    # One gesture from either page, and back to it.
    answer = secretary.post(account, {"tout": "1", "convoquer": "1"})
    assert answer.url == pages[2] and awaited(cast, JUNE) == []
    assert link not in secretary.get(pages[0]).text
    told = text(secretary.get(pages[0]))
    assert re.search(r"Préparer</span>\s*<span class=\"step-state\">fait", told)
    # An agenda of the Bureau is asked for nothing.
    before = held.prepare(cast, body=cast.bureau, held_on=date(2026, 6, 5))
    assert what not in text(secretary.get(before.get_absolute_url()))


def test_an_account_that_does_not_tell_all_is_completed_not_given_twice(
    cast, bureau, ruling, june, secretary, time_machine
):
    """« Aucun point ne le fait » stood above the very point that gives the account, and
    « Préparer » of a sitting that was convened fell back to « à compléter », then said « fait »."""
    time_machine.move_to(datetime(2026, 6, 1, 9))
    item = give(june, cast)
    change(june, convened_on=date(2026, 6, 1))
    later = Ruling(body=cast.comite, number="2026-D2", decided_on=date(2026, 6, 1), object="Prêt")
    actions.note_ruling(later, by=cast.secretariat)
    what = "Compléter le point 2 : 1 décision prise par délégation n’y est pas"
    assert [each for each, *_ in awaited(cast, JUNE)] == [what.replace(" :", "\u00a0:")]
    agenda = reverse("meetings:agenda", args=[june.pk])
    page = text(secretary.get(agenda))
    told = "une convocation rectificative l’annonce"
    assert unsaid(page, what, told) == [] and "aucun point ne le fait" not in page
    sitting = text(secretary.get(june.get_absolute_url()))
    assert unsaid(sitting, what, "sauf le compte rendu") == [] and "à compléter" not in sitting
    account = reverse("registry:account", args=[june.pk])
    assert unsaid(text(secretary.get(account)), "Elles s’ajoutent au point") == []
    assert secretary.post(account, {"tout": "1"}).url == agenda
    item.refresh_from_db()
    assert plain(item.text).count("rend compte") == 1 and "Prêt" in item.text
    assert Brief.objects.get(item=item).note == item.text
    assert len(reading.of_item(item)) == 3 and awaited(cast, JUNE) == []
    assert what not in text(secretary.get(agenda))


def test_what_somebody_wrote_in_an_account_is_kept_when_it_is_completed(cast, bureau, june):
    item = give(june, cast)
    texts.save_text(item, text="<p>Vu.</p>", version=item.text_version, by=cast.secretariat)
    later = Ruling(body=cast.comite, number="2026-D2", decided_on=date(2026, 6, 1), object="Prêt")
    actions.note_ruling(later, by=cast.secretariat)
    assert give(june, cast).pk == item.pk
    item.refresh_from_db()
    assert item.text.startswith("<p>Vu.</p>") and "Prêt" in item.text
    assert "Marché" not in item.text and "Marché de fibre" in Brief.objects.get(item=item).note


def test_a_sitting_that_is_called_off_is_given_no_account(cast, ruling, june):
    assert [due_on for _, due_on, _ in awaited(cast, JUNE)] == [JUNE]
    change(june, stage=Meeting.Stage.CANCELLED)
    assert awaited(cast, JUNE) == []
    assert reading.next_sitting(cast.comite, on=JUNE) is None


def test_what_was_told_at_a_sitting_that_is_over_is_noted_from_there(cast, ruling, secretary):
    meeting = held.hold(cast, JUNE)
    page = secretary.get(reverse("registry:account", args=[meeting.pk]))
    assert "Mettre à l’ordre du jour" not in text(page)
    known = {"decision": keys(cast), "ailleurs": "1", "told_on": "2026-06-09"}
    secretary.post(reverse("registry:account", args=[meeting.pk]), known)
    assert awaited(cast, JULY) == []
