"""Les suites à donner : qui fait quoi, d'ici à quand, et qui le voit."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.desk import waiting
from documents.compile import compile_minutes
from law import sitting
from meetings.actions import ledger, texts, undoing
from meetings.models import Deed, Meeting
from members.models import Body
from registry.follow_ups import actions, reading
from registry.models import FollowUp
from tests import held
from tests.cast import end
from tests.costs import queries
from tests.documents.ink import plain
from tests.held import JULY, JUNE
from tests.words import refused, text

DONE, DROPPED = FollowUp.Outcome.DONE, FollowUp.Outcome.DROPPED
SOON = date(2026, 6, 30)


@pytest.fixture
def note(cast, june):
    """`note(what, due_on=None)`: of the budget of June, by the service of accounts."""

    def note(what="Publier l’avis", due_on=SOON, item=None, who="Le service finances"):
        item = item or june.items.get(title="Budget")
        made = FollowUp(item=item, what=what, who=who, due_on=due_on)
        return actions.note(made, by=cast.secretariat)

    return note


def settle(row, cast, outcome=DONE, on=JULY, reason=""):
    actions.settle(row, outcome=outcome, on=on, reason=reason, by=cast.secretariat)
    row.refresh_from_db()


@pytest.mark.parametrize(
    ("due_on", "outcome", "reason", "on", "words", "is_late"),
    [
        pytest.param(None, "", "", JULY, "à faire", False, id="sans échéance"),
        pytest.param(SOON, "", "", SOON, "à faire d’ici au 30 juin 2026", False, id="le jour dit"),
        pytest.param(SOON, "", "", SOON + timedelta(days=1),
                     "en retard : c’était au plus tard le 30 juin 2026", True, id="le lendemain"),
        pytest.param(SOON, DONE, "", JULY, "fait le 7 juillet 2026", False, id="fait, même tard"),
        pytest.param(SOON, DROPPED, "Plus d’objet", JULY,
                     "abandonné le 7 juillet 2026 : Plus d’objet", False, id="abandonné"),
    ],
)  # fmt: skip
def test_where_it_is_in_words(note, cast, due_on, outcome, reason, on, words, is_late):
    row = note(due_on=due_on)
    if outcome:
        settle(row, cast, outcome, reason=reason)
    told = reading.state_of(row, on=on)
    assert (plain(told.words), told.is_late) == (words, is_late)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param({"outcome": DROPPED}, "sans_motif", id="abandonner sans dire pourquoi"),
        pytest.param({"on": JUNE - timedelta(days=1)}, "avant_la_seance", id="avant la séance"),
    ],
)
def test_what_is_not_settled_so(note, cast, values, code):
    row = note()
    with refused(code):
        settle(row, cast, **values)
    assert FollowUp.objects.get().outcome == ""


def test_settled_once_reopened_and_dropped_each_told(note, cast):
    row = note()
    settle(row, cast)
    with refused("deja_close"):
        settle(row, cast)
    actions.reopen(row, by=cast.secretariat)
    settle(row, cast, DROPPED, reason="Plus d’objet")
    actions.drop(row, by=cast.secretariat)
    assert not FollowUp.objects.exists()
    verbs = Deed.objects.filter(verb__startswith="follow-up").order_by("pk")
    assert [each.verb.removeprefix("follow-up-") for each in verbs] == [
        *("noted", "settled", "reopened", "settled", "dropped"),
    ]
    assert {each.meeting for each in verbs} == {None}  # nothing of the sitting changed


def test_nothing_follows_from_a_sitting_to_come(cast):
    meeting = held.prepare(cast, "Budget")
    with refused("seance_a_venir"):
        made = FollowUp(item=meeting.items.get(title="Budget"), what="Publier", who="Alice")
        actions.note(made, by=cast.secretariat)


# --- Who sees it ------------------------------------------------------------------------------


def test_it_awaits_somebody_and_a_late_one_is_told_so(note, cast, june, secretary):
    note(due_on=timezone.localdate() - timedelta(days=1), who="Mme Alice ARNAUD")
    (task,) = [
        each
        for each in waiting.tasks(Body.objects.filter(pk=cast.comite.pk), on=timezone.localdate())
        if each.what == "Publier l’avis"
    ]
    assert (task.meeting, task.whose) == (june, "Mme Alice ARNAUD")
    page = secretary.get(reverse("archive:to_do")).content.decode()
    late = page[page.index("Publier l’avis") :]
    assert late.index('class="wrong"') < late.index("</li>")


def test_a_delegate_reads_those_of_the_sittings_he_may_read(note, cast, client_of):
    note()
    claire = client_of(cast.delegate)
    for path in (reverse("archive:to_do"), reverse("registry:follow_ups", args=[cast.comite.pk])):
        page = text(claire.get(path))
        assert "Publier l’avis" in page
        row = page.split("Publier l’avis")[1].split("</tr>")[0]
        (where,) = re.findall('<a href="([^"]*)"', row)  # a page that he may open
        assert claire.get(where).status_code == 200
    end(cast.seat(cast.claire), JUNE - timedelta(days=1))
    assert "Publier l’avis" not in text(claire.get(reverse("archive:to_do")))
    assert reading.read_by(cast.delegate, cast.organisation).count() == 0


def test_the_minutes_which_are_published_say_nothing_of_it(note, june):
    before = compile_minutes(june)
    note(what="Licencier M. X")
    assert compile_minutes(Meeting.objects.get(pk=june.pk)) == before


# --- The next sitting -------------------------------------------------------------------------


@pytest.fixture
def july(cast) -> Meeting:
    return held.prepare(cast, "Tarifs", held_on=JULY)


def give(meeting, cast):
    return actions.put_on_agenda(meeting, by=cast.secretariat, on=JULY)


def test_the_next_agenda_tells_what_awaits_and_what_was_settled_since(note, cast, june, july):
    note(what="Publier l’avis")
    settle(note(what="Signer le bail"), cast, on=date(2026, 6, 20))
    item = give(july, cast)
    told = plain(item.text)
    assert "<td>Publier l’avis</td><td>Le service finances</td><td>en retard" in told
    assert (
        "<td>Signer le bail</td><td>Le service finances</td><td>fait le 20 juin 2026</td>" in told
    )
    with refused("suites_deja_la"):
        give(july, cast)
    undoing.take_back(undoing.last(july, by=cast.secretariat), by=cast.secretariat)
    assert not july.items.filter(title=reading.TITLE).exists()


def test_what_was_told_settled_is_not_told_again(note, cast, june, july):
    settle(note(), cast, on=date(2026, 6, 20))
    give(july, cast)
    held.sit(july, by=cast.secretariat)
    with refused("aucune_suite"):
        give(held.prepare(cast, held_on=date(2026, 9, 15)), cast)


def test_what_was_said_behind_closed_doors_is_not_on_a_public_agenda(note, cast, hold, july):
    meeting = hold(date(2026, 6, 16), adopted=("Personnel", "Voirie"))
    kept, said = (meeting.items.get(title=each) for each in ("Personnel", "Voirie"))
    told = [
        sitting.DoorsClosed(requesters=3, votes_for=5, before=kept.key),
        sitting.DoorsOpened(before=said.key),
    ]
    ledger.record(meeting, *told, by=cast.secretariat)
    note(what="Licencier M. X", item=kept)
    note(what="Goudronner", item=said)
    shown = give(july, cast).text
    assert "Goudronner" in shown
    assert "Licencier" not in shown and "Personnel" not in shown


def test_a_sensitive_passage_keeps_its_follow_up_from_a_public_agenda(note, cast, june, july):
    item = june.items.get(title="Budget")
    words = '<p>Un <mark class="sensible">secret</mark>.</p>'
    texts.save_text(item, text=words, version=item.text_version, by=cast.secretariat)
    note()
    with refused("aucune_suite"):
        give(july, cast)


# --- The pages --------------------------------------------------------------------------------


def test_from_the_item_to_its_end(cast, june, secretary):
    item = june.items.get(title="Budget")
    assert reverse("registry:item_follow_ups", args=[june.pk, item.key]) in text(
        secretary.get(item.get_absolute_url())
    )
    path = reverse("registry:item_follow_ups", args=[june.pk, item.key])
    data = {"what": "Publier", "who": "Le service", "due_on": "2026-06-30"}
    assert secretary.post(path, {"what": "Publier"}).status_code == 422
    assert secretary.post(path, data).status_code == 302
    row = FollowUp.objects.get()
    page = reverse("registry:follow_up", args=[row.pk])
    secretary.post(page, data | {"who": "M. Bruno BESSON"})
    wrong = secretary.post(
        reverse("registry:settle_follow_up", args=[row.pk]),
        {"outcome": "abandonne", "settled_on": "2026-07-01"},
    )
    assert wrong.status_code == 422
    assert "Une suite que l’on abandonne dit pourquoi." in text(wrong)
    data = {"outcome": "fait", "settled_on": "2026-07-01"}
    assert secretary.post(reverse("registry:settle_follow_up", args=[row.pk]), data).status_code
    assert "fait le 1er juillet 2026" in text(secretary.get(page))
    secretary.post(reverse("registry:reopen_follow_up", args=[row.pk]))
    assert "M. Bruno BESSON" in text(
        secretary.get(reverse("registry:follow_ups", args=[cast.comite.pk]))
    )
    secretary.post(reverse("registry:drop_follow_up", args=[row.pk]))
    assert not FollowUp.objects.exists()


def test_the_list_costs_the_same_with_more(note, cast, secretary):
    path = reverse("registry:follow_ups", args=[cast.comite.pk])
    note()
    first = queries(lambda: secretary.get(path))
    for rank in range(4):
        note(what=f"Suite {rank}")
    assert queries(lambda: secretary.get(path)) == first
