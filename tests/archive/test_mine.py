"""What awaits one person: nothing of anybody else, and the same everywhere it is told."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from archive.desk import mine
from convening.models import Answer
from documents import actions as documents
from meetings.models import Brief, Meeting
from members.models import Role
from registry.acts import actions as acts
from registry.reviews import actions as reviews
from registry.signatures import actions as signatures
from tests import held
from tests.cast import change, make_role
from tests.costs import queries
from tests.held import AT, JULY, JUNE, sign
from tests.words import text, unsaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def president(cast, accounts):
    make_role(accounts[0], cast.organisation, Role.Kind.DELEGATE)
    return accounts[0]


@pytest.fixture
def clerk(cast, accounts):
    """The secretary of the sittings."""
    make_role(accounts[1], cast.organisation, Role.Kind.DELEGATE)
    return accounts[1]


def of(user, at: datetime = AT) -> mine.Mine:
    return mine.of(user, user.roles.get().organisation, at=at)


def signing(user) -> list[tuple[str, date | None]]:
    return [(call.what, call.due_on) for call in of(user).signing]


def calls(user, at: datetime = AT) -> list[tuple[str, date, date | None]]:
    return [(call.what, call.meeting.held_on, call.due_on) for call in of(user, at).calls]


def test_who_presided_and_who_kept_the_sitting_have_its_papers_to_sign(
    minutes, president, clerk, cast
):
    Brief.objects.create(item=minutes.meeting.items.get(title="Budget"), articles="De voter")
    issued = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    told = ("Signer le procès-verbal", date(2026, 7, 14))
    assert signing(president) == signing(clerk) == [told]  # the acts are not prepared
    signatures.prepare_batch(issued, by=cast.secretariat, at=AT)
    # Late since the day that the secretariat reads: the list was to be online by then.
    listed = date(2026, 6, 16)
    assert signing(president) == [("Signer le procès-verbal, la liste et 1 délibération", listed)]
    assert len(of(president).to_sign) == 3
    assert signing(clerk) == [("Signer le procès-verbal et 1 délibération", listed)]
    assert signing(cast.delegate) == []
    sign(minutes, "president", president)
    assert signing(president) == [("Signer la liste et 1 délibération", listed)]
    # What a later version replaced is signed by nobody.
    change(minutes.meeting, place="à Brume")
    documents.issue_minutes(minutes.meeting, by=None, at=AT, reason="le lieu")
    assert signing(clerk) == [("Signer 1 délibération", listed)]


def test_what_waits_for_its_articles_is_not_late_by_who_signs(minutes, president, cast):
    """« En retard depuis le 22 sept. », over minutes that are due in November; then, of what the
    secretariat was asked to write, « en retard » still."""
    issued = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    extracts = [each for each in issued if each.kind == "extrait"]
    signatures.prepare_batch(extracts, by=cast.secretariat, at=AT)
    assert signing(president) == [("Signer le procès-verbal", date(2026, 7, 14))]
    sign(minutes, "president", president)
    assert [due for _, due in signing(president)] == [None]
    acts.ask_for_articles(
        minutes.meeting, extracts, by=president, at=AT, site="https://brume.example"
    )
    (left,) = of(president).signing
    assert (left.what, left.asked_on) == ("1 délibération à signer", timezone.localdate(AT))


def test_who_owes_signatures_reads_so_on_the_page_of_that_sitting(
    minutes, president, clerk, cast, client_of
):
    """She owed three, and the page of the sitting was silent."""
    here, there = minutes.meeting.get_absolute_url(), cast.delegate
    url = reverse("registry:sign_acts", args=[minutes.meeting_id])
    page = client_of(clerk).get(here)
    assert unsaid(text(page), "Votre signature est attendue", "Signer le procès-verbal") == []
    assert f'btn-primary" href="{url}"' in page.text
    sign(minutes, "secretaire-1", clerk)
    assert url not in client_of(clerk).get(here).text
    assert "Votre signature" in text(client_of(president).get(here))
    assert "Votre signature" not in text(client_of(there).get(here))
    elsewhere = held.hold(cast, date(2026, 9, 8))  # nothing of another sitting
    assert "Votre signature" not in text(client_of(president).get(elsewhere.get_absolute_url()))


@pytest.fixture
def coming(cast) -> Meeting:
    """The Comité of September, convened."""
    meeting = held.prepare(cast, "Budget", held_on=date(2026, 9, 15))
    change(meeting, convened_on=JUNE)
    return meeting


ANSWER = ("Dire si vous venez", date(2026, 9, 15), date(2026, 9, 15))


def test_who_has_a_seat_is_to_answer_until_he_did(coming, cast, clerk):
    assert calls(clerk) == [ANSWER]
    change(coming, convened_on=None)
    assert calls(clerk) == []
    change(coming, convened_on=JUNE)
    mandate = cast.seat(cast.bruno)
    Answer.objects.create(meeting=coming, mandate=mandate, word="present", via="compte")
    assert calls(clerk) == []


def test_a_draft_is_to_be_read_by_the_link_of_its_reader_alone(june, cast, clerk, client_of):
    change(cast.bruno, email="bruno@brume.example")
    (asked,) = reviews.ask(june, readers=[(cast.bruno, "secrétaire")], by=cast.secretariat, at=AT)
    until = timezone.localdate(AT) + timedelta(days=30)
    assert calls(clerk) == [("Relire le projet de procès-verbal", JUNE, until)]
    (call,) = of(clerk).calls
    assert call.url == asked.path
    assert calls(cast.delegate) == []
    assert calls(clerk, AT + timedelta(days=31)) == []
    held.prepare(cast, held_on=JULY)  # minutes are ready when it begins
    assert calls(clerk) == [("Relire le projet de procès-verbal", JUNE, min(until, JULY))]
    assert until > JULY
    reviews.agree(by=asked.review, seen="a" * 64, at=AT)
    assert calls(clerk) == []


def test_minutes_that_the_next_sitting_adopts_are_to_be_read(june, cast, clerk, hold):
    documents.issue_minutes(june, by=None, at=AT)
    later = held.prepare(cast, held_on=JULY)
    assert [item.approved for node in later.agenda.nodes if (item := node.item).approves]
    change(later, convened_on=JUNE)
    told = ("Lire le procès-verbal que la prochaine séance arrêtera", JUNE, JULY)
    assert told in calls(clerk)


def test_nothing_awaits_whom_nothing_concerns(minutes, cast):
    nobody = get_user_model().objects.create(email="personne@brume.example")
    assert mine.of(nobody, cast.organisation, at=AT) == mine.Mine()
    assert mine.of(cast.delegate, None, at=AT) == mine.Mine()


def test_it_is_told_on_the_first_page_and_on_its_own(minutes, president, client_of):
    client = client_of(president)
    came = client.get("/", follow=True)
    assert came.redirect_chain[-1][0] == reverse("convening:desk")  # her one first page
    assert came.text.index("Signer le procès-verbal") < came.text.index("Mes présences")
    text = client.get(reverse("archive:to_do")).text
    assert "Signer le procès-verbal" in text
    assert f'href="{reverse("registry:to_sign")}"' in text
    assert "le secrétariat" not in text  # what awaits others is not told
    page = client.get(reverse("registry:to_sign")).text
    assert "Procès-verbal du Comité syndical du 9 juin 2026" in page
    seen = signatures.reading.current_file(minutes)[1]
    answer = client.post(reverse("registry:to_sign"), {f"seen-{minutes.pk}": seen}, follow=True)
    assert "1 document signé" in answer.text
    assert "Rien n’attend votre signature" in answer.text


@pytest.mark.proof
def test_once_filed_the_queries_do_not_grow(hold, cast, president):
    def count() -> int:
        of(president)
        return queries(lambda: (of(president), list(of(president).signing)))

    def sitting(on: date, *titles: str) -> None:
        issued = held.issue_acts(
            hold(on, adopted=titles, approves=False), by=cast.secretariat, at=AT
        )
        signatures.prepare_batch(issued, by=cast.secretariat, at=AT)

    sitting(JUNE, "Budget")
    change(held.prepare(cast, held_on=date(2026, 9, 1)), convened_on=JUNE)
    before = count()
    for day in (15, 29):
        change(held.prepare(cast, held_on=date(2026, 9, day)), convened_on=JUNE)
    assert count() == before
    sitting(date(2026, 6, 23), "Tarifs", "Voirie", "Budget")
    assert count() == before
