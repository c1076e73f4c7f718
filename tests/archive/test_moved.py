"""What changed of a sitting once its members were convened: as long as nobody was told of it, it is
something to do, on every page that says what is."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from archive.desk import piles, stages, waiting
from archive.desk.tasks import Deed
from convening.actions import changing, dispatching, drafting
from convening.dispatch import sent
from convening.models import Convocation, Recipient
from meetings.actions import items
from members.models import Body
from tests.convening.desk import HELD_ON, NOW, SITE, convened, fresh, prepared
from tests.words import text

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
LATER = date(2026, 6, 16)
KEPT, GONE = Recipient.State.KEPT, Recipient.State.ELSEWHERE


@pytest.fixture
def handed(cast, media, settings, time_machine) -> Convocation:
    """Everybody had it, of a hand: no server of mails."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    time_machine.move_to(NOW, tick=False)
    convocation = convened(cast)
    convocation.recipients.update(state=GONE, sent_at=NOW)
    return convocation


def moving(convocation: Convocation, by, **where) -> Convocation:
    meeting = fresh(convocation.meeting)
    values = {"held_on": LATER, "starts_at": meeting.starts_at, "place": meeting.place}
    return changing.move_meeting(meeting, **values | where, reason="Salle prise.", by=by)


def dispatched(draft: Convocation, by) -> Convocation:
    dispatching.dispatch(draft, by=by, at=NOW, site=SITE)
    draft.recipients.update(state=KEPT)
    return draft


def asked(meeting) -> list[tuple[Deed, str]]:
    """As « À faire » and its own page say it, which is the same."""
    everywhere = waiting.tasks(Body.objects.all(), on=TODAY)
    here = waiting.tasks_of(fresh(meeting), on=TODAY)
    found = [(task.deed, task.what) for task in everywhere if task.meeting == meeting]
    assert found == [(task.deed, task.what) for task in here]
    return found


@pytest.mark.parametrize(
    ("where", "what", "to"),
    [
        ({}, "Remettre la nouvelle date", "le 16\u00a0juin"),
        (
            {"held_on": HELD_ON, "place": "à la mairie"},
            "Remettre le nouveau lieu",
            "à la mairie",
        ),
        (
            {"held_on": HELD_ON, "starts_at": time(19)},
            "Remettre la nouvelle heure",
            "19\u00a0h",
        ),
    ],
)
def test_a_move_that_nobody_was_told_is_to_be_handed_over(cast, handed, where, what, to):
    """« Convoquer : fait » stood over a sitting that everybody still knew on its former day."""
    by, meeting = cast.secretariat, handed.meeting
    assert asked(meeting) == []
    draft = moving(handed, by, **where)
    announced = f"{what.replace('Remettre', 'Annoncer')}, {to}"
    assert asked(meeting) == [(Deed.ANNOUNCE_MOVE, announced)]
    dispatched(draft, by)
    assert asked(meeting) == [(Deed.HAND_OVER, what)]
    assert sent.is_unhanded(fresh(meeting))
    line = stages.of(fresh(meeting), on=TODAY)
    assert (line.next.what, line.next.verb) == (what, "Remettre")
    assert line.next.url == f"{reverse('convening:ledger', args=[draft.pk])}#remettre"
    # Once some have it the others are counted; once all have, nothing is left.
    draft.recipients.filter(email__startswith="alice").update(state=GONE, sent_at=NOW)
    ((deed, told),) = asked(meeting)
    assert deed is Deed.HAND_TO_THE_REST and told.startswith("Remettre à ")
    draft.recipients.update(state=GONE, sent_at=NOW + timedelta(days=1))
    assert asked(meeting) == []
    assert sent.left_on(fresh(meeting)) == TODAY + timedelta(days=0 if where else 1)


def test_the_notice_of_another_day_runs_from_what_announces_it(cast, handed):
    """Convened and moved the same day, it counted from the convocation to the former one."""
    draft = dispatched(moving(handed, cast.secretariat), cast.secretariat)
    assert sent.left_on(fresh(handed.meeting)) is None
    draft.recipients.update(state=GONE, sent_at=NOW + timedelta(days=2))
    assert sent.left_on(fresh(handed.meeting)) == TODAY + timedelta(days=2)


def test_what_changed_since_and_that_it_is_off_are_handed_over_too(cast, handed):
    by, meeting = cast.secretariat, handed.meeting
    items.add_item(fresh(meeting), title="Ajouté depuis", by=by)
    draft = drafting.prepare(fresh(meeting), by=by, kind=Convocation.Kind.RECTIFYING)
    dispatched(draft, by)
    assert asked(meeting) == [(Deed.HAND_CHANGE, "Remettre la rectification à 6 membres")]
    draft.recipients.update(state=GONE, sent_at=NOW)
    assert asked(meeting) == []
    off = changing.cancel_meeting(fresh(meeting), reason="Crue.", by=by, at=NOW, site=SITE)
    off.recipients.update(state=KEPT)
    assert asked(meeting) == [(Deed.HAND_CHANGE, "Remettre l’annulation à 6 membres")]
    line = stages.of(fresh(meeting), on=TODAY)
    assert line.next.url == f"{reverse('convening:ledger', args=[off.pk])}#remettre"
    off.recipients.update(state=GONE, sent_at=NOW)
    assert asked(meeting) == [] and stages.of(fresh(meeting), on=TODAY).next is None


def test_who_was_never_convened_is_not_told_that_it_is_off(cast, handed):
    handed.recipients.update(state=KEPT, sent_at=None)
    by = cast.secretariat
    changing.cancel_meeting(fresh(handed.meeting), reason="Crue.", by=by, at=NOW, site=SITE)
    assert asked(handed.meeting) == []


def test_whoever_reads_the_new_day_reads_that_it_is_another(cast, handed, client_of, client):
    """Who had noted the former one did not know why the page said the 16th."""
    by, meeting = cast.secretariat, handed.meeting
    dispatched(moving(handed, by), by)
    office, told = client_of(by), "au lieu du mardi 9 juin 2026"
    mine = client_of(cast.delegate)
    for browser, url in (
        (mine, reverse("convening:desk")),
        (mine, reverse("convening:sitting", args=[meeting.pk])),
        (client, reverse("archive:public_sittings", args=[cast.organisation.slug])),
        (office, meeting.get_absolute_url()),
    ):
        assert told in text(browser.get(url)), url
    page = text(office.get(reverse("convening:prepare", args=[meeting.pk])))
    assert "Nouvelle date" in page and "Remettre la nouvelle date à " in page


@pytest.mark.parametrize(
    ("where", "what", "unhanded"),
    [
        ({}, "la nouvelle date", "nouvelle date non remise"),
        (
            {"held_on": HELD_ON, "place": "à la mairie"},
            "le nouveau lieu",
            "nouveau lieu non remis",
        ),
    ],
)
def test_what_nobody_was_handed_is_the_move_and_not_the_convocation(
    cast, handed, client_of, where, what, unhanded
):
    """« La convocation n’a été remise à personne », said the pages, and all had the first one."""
    by, meeting = cast.secretariat, handed.meeting
    dispatched(moving(handed, by, **where), by)
    assert sent.not_handed(sent.what_is_handed(fresh(meeting))) == unhanded
    office, mine = client_of(by), client_of(cast.delegate)
    for browser, name, told in (
        (office, "convening:move", f"Personne n’a encore reçu {what}"),
        (office, "convening:board", f"qui a reçu {what} peut déjà répondre"),
        (office, "convening:board", f"sans objet : {unhanded}"),
        (mine, "convening:sitting", f"n’a pas encore noté avoir remis {what}"),
        (mine, "meetings:detail", unhanded),
    ):
        page = text(browser.get(reverse(name, args=[meeting.pk])))
        assert told in page, (name, told)
        assert "onvocation non remise" not in page and "établie, non remise" not in page, name
    # So does what is done of it once its notice is past.
    late = fresh(meeting).held_on - timedelta(days=1)
    assert stages.of(fresh(meeting), on=late).next.before.startswith(f"{unhanded}\u00a0: ")
    (task,) = waiting.tasks_of(fresh(meeting), on=late)
    assert piles.now(task, on=late).why == unhanded


def test_a_sitting_that_nobody_was_convened_to_changes_its_day_at_its_own_page(cast, client_of):
    """« Les membres sont déjà convoqués », said the page that announces a move, of any sitting."""
    meeting = prepared(cast)
    page = client_of(cast.secretariat).get(reverse("convening:move", args=[meeting.pk]))
    there = f"{reverse('meetings:edit', args=[meeting.pk])}#id_held_on"
    assert (page.status_code, page.url) == (302, there)


@pytest.mark.parametrize(("to", "is_told"), [(LATER, True), (HELD_ON + timedelta(days=2), False)])
def test_the_announcement_of_another_day_says_which_day_its_members_expect(
    cast, handed, client_of, to, is_told
):
    """The stages counted to the former day, the page to the last one of the new day's notice."""
    moving(handed, cast.secretariat, held_on=to)
    page = client_of(cast.secretariat).get(reverse("convening:prepare", args=[handed.meeting.pk]))
    assert ("Annoncez-le au plus tard le mardi 9 juin 2026" in text(page)) is is_told
