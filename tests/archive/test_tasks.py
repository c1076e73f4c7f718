"""What awaits whom, up to the public page: on a page, on the first page, in a diary."""

import re
from datetime import date, time, timedelta
from functools import partial

import icalendar
import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import filed, piles, sheets, shelf, waiting
from archive.desk.tasks import Deed, Task
from archive.models import TaskFeed
from documents import actions as documents
from documents.models import IssuedDocument
from law import deadlines, french, sitting
from meetings.actions import ledger, preparing
from meetings.models import Meeting
from members.models import Body, Role, User
from registry.acts import actions
from registry.follow_ups import actions as follow_ups
from registry.models import FollowUp, Review
from registry.signatures import actions as signatures
from tests import held
from tests.cast import change
from tests.costs import queries
from tests.held import AT, sign

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)


def told(on: date) -> list[tuple[str, str, date | None]]:
    found = waiting.tasks(Body.objects.all(), on=on)
    return [(task.what, task.whose, task.due_on) for task in found]


def signers() -> set[str]:
    return {whose for what, whose, _ in told(JULY) if what == "Signer 1 délibération"}


def to_publish() -> list[tuple[str, str, date | None]]:
    return [task for task in told(JULY) if task[0].startswith("Publier")]


CLERK = "le secrétariat"
PUBLISH = ("Publier le procès-verbal", CLERK, date(2026, 7, 14))


def test_adopted_minutes_await_the_public_within_a_week(minutes, accounts, cast):
    assert PUBLISH in told(JULY)
    for whose in ("Alice ARNAUD", "Bruno BESSON"):
        assert ("Signer le procès-verbal", whose, date(2026, 7, 14)) in told(JULY)
    sign(minutes, "president", accounts[0])
    publication = publishing.publish(minutes, by=cast.secretariat, at=AT)
    assert PUBLISH not in told(JULY)
    publishing.withdraw(publication, reason="une adresse", by=cast.secretariat, at=AT)
    assert PUBLISH not in told(JULY)  # taken off on purpose


def test_the_list_and_the_extracts_of_a_sitting_are_published_at_once_and_signed_by_each(
    cast, hold, accounts
):
    meeting = hold(JUNE, adopted=("Budget",))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    what = "Publier la liste et 1 délibération"
    assert to_publish() == [(what, CLERK, date(2026, 6, 16))]
    listed = meeting.documents.get(kind=IssuedDocument.Kind.LIST)
    publishing.publish(listed, by=cast.secretariat, at=AT)
    assert to_publish() == [("Publier 1 délibération", CLERK, None)]
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    assert to_publish() == []
    assert ("Faire signer la liste et 1 délibération", CLERK, None) in told(JULY)
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    assert signers() == {"Alice ARNAUD", "Bruno BESSON"}
    sign(extract, "president", accounts[0])
    assert signers() == {"Bruno BESSON"}
    sheet = {"place": "secretaire-1", "scan": ContentFile(b"%PDF-1.4", "feuille.pdf")}
    signatures.deposit_handwritten(extract, **sheet, by=cast.secretariat, at=AT)
    assert signers() == set()
    assert ("Confirmer la signature déposée de Bruno BESSON", CLERK, None) in told(JULY)


def test_a_list_that_was_handed_to_sign_is_awaited_alone_and_after_it_is_online(
    cast, hold, accounts
):
    """Published before it was signed, it left « À faire »: its signer alone still read it."""
    meeting = hold(JUNE, adopted=("Budget",))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    listed = meeting.documents.get(kind=IssuedDocument.Kind.LIST)
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    for place, account in zip(("president", "secretaire-1"), accounts, strict=False):
        sign(extract, place, account)
    assert [task for task in told(JULY) if "Signer" in task[0]] == []  # the law asks for none
    signatures.prepare_signing(listed, by=cast.secretariat, at=AT)
    awaited = ("Signer la liste des délibérations", "Alice ARNAUD", None)
    assert awaited in told(JULY)
    sign(listed, "president", accounts[0])
    assert awaited not in told(JULY)


def test_an_adoption_that_was_voted_is_to_be_noted(cast, hold):
    documents.issue_minutes(hold(JUNE, adopted=("Budget",)), by=None, at=AT)
    assert to_publish() == []
    waited = ("Faire arrêter le procès-verbal par la séance suivante", "l’assemblée", None)
    assert waited in told(date(2026, 6, 20))
    later = hold(JULY)
    noted = ("Constater l’adoption du procès-verbal", CLERK, date(2026, 7, 14))
    assert noted in told(JULY)
    actions.record_adoptions(later, by=cast.secretariat, at=AT)
    assert noted not in told(JULY)


def test_remarks_reviews_and_the_next_sitting_await_the_minutes(cast, hold, monkeypatch):
    meeting = hold(JUNE, adopted=("Budget",))
    assert date(2022, 7, 1) == deadlines.PUBLICITY_SINCE
    with monkeypatch.context() as patched:
        patched.setattr(deadlines, "PUBLICITY_SINCE", JUNE)
        assert told(JULY) == [
            ("Établir la liste des délibérations et les extraits", CLERK, date(2026, 6, 16)),
            ("Rédiger et établir le procès-verbal", CLERK, None),
        ]
        patched.setattr(deadlines, "PUBLICITY_SINCE", JUNE + timedelta(days=1))
        filed.stamp([meeting.pk])
        assert told(JULY) == []  # before the law asked, nothing is awaited
    remark = meeting.remarks.create(text="Un mot manque.", made_by="Alice")
    what = "Régler 1 remarque sur le projet de procès-verbal"
    assert (what, CLERK, None) in told(JULY)
    change(remark, settled_at=AT, answer="Ajouté.")
    assert what not in [each for each, *_ in told(JULY)]
    review = {"meeting": meeting, "person": cast.alice, "asked_by": cast.secretariat}
    Review.objects.create(**review, token_hash="a", expires_at=AT + timedelta(days=10))
    Review.objects.create(**review, token_hash="b", expires_at=AT, answered_at=AT)
    Review.objects.create(**review, token_hash="c", expires_at=AT - timedelta(days=9))
    found = [task for task in told(date(2026, 6, 16)) if task[0].startswith("Relire")]
    until = timezone.localdate(AT) + timedelta(10)
    assert found == [("Relire le projet de procès-verbal", "Alice ARNAUD", until)]
    assert ("Rédiger et établir le procès-verbal", CLERK, None) in told(JUNE)
    preparing.create_meeting(body=cast.comite, held_on=JULY, starts_at=time(18), by=None)
    # What the next sitting approves is sent with its convocation; failing that, read on its day.
    following, sending = Meeting.objects.get(held_on=JULY), JULY - timedelta(6)
    due = {
        what: task.due_on
        for task in waiting.tasks_of(Meeting.objects.get(pk=meeting.pk), on=JUNE)
        if (what := task.what).startswith("Rédiger")
    }
    assert due == {"Rédiger et établir le procès-verbal": sending}
    assert ("Rédiger et établir le procès-verbal", CLERK, sending) in told(JUNE)
    for on in (sending + timedelta(1), JULY):
        assert ("Rédiger et établir le procès-verbal", CLERK, JULY) in told(on)
    change(following, convened_on=JUNE)
    assert ("Rédiger et établir le procès-verbal", CLERK, JULY) in told(JUNE)
    change(following, convened_on=None)
    # It is read before it is established, however long its link opens.
    reading = Review.objects.filter(token_hash="a")
    for opens, due in ((JULY + timedelta(21), sending), (JULY - timedelta(9), JULY - timedelta(9))):
        change(reading.get(), expires_at=AT + (opens - timezone.localdate(AT)))
        (day,) = (due_on for what, _, due_on in told(JUNE) if what.startswith("Relire"))
        assert day == due
    unfinished = "Terminer la saisie de la séance"
    assert unfinished not in [what for what, *_ in told(JULY)]
    assert unfinished in [what for what, *_ in told(JULY + timedelta(1))]


@pytest.mark.proof
def test_what_is_done_is_not_read_again(cast, minutes, accounts, monkeypatch):
    """Once list and minutes are online and everything is signed, its ledger stays closed."""
    meeting = Meeting.objects.get(pk=minutes.meeting_id)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    for extract in meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT):
        signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
        sign(extract, "president", accounts[0])
        sign(extract, "secretaire-1", accounts[1])
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    sign(minutes, "president", accounts[0])
    publishing.publish(minutes, by=cast.secretariat, at=AT)
    here = [task for task in waiting.tasks(Body.objects.all(), on=JULY) if task.meeting == meeting]
    assert [task.whose for task in here] == ["Bruno BESSON"]
    sign(minutes, "secretaire-1", accounts[1])
    read = []
    monkeypatch.setattr(sheets, "of_one", lambda meeting: iter(read.append(meeting) or ()))
    filed.stamp(Meeting.objects.values_list("pk", flat=True))
    waiting.tasks(Body.objects.all(), on=JULY)
    assert meeting not in read
    assert len(read) == 1  # that of July


@pytest.mark.proof
def test_the_queries_do_not_grow(minutes, hold):
    def count() -> int:
        return queries(lambda: waiting.tasks(Body.objects.all(), on=date(2026, 12, 31)))

    def issued(on: date) -> None:
        documents.issue_minutes(hold(on, approves=False), by=None, at=AT)

    issued(date(2026, 9, 8))
    before = count()
    issued(date(2026, 10, 6))
    issued(date(2026, 11, 3))
    assert count() <= before + 8  # the composition and the ledger of each sitting are read


def test_what_is_asked_of_a_day_again_is_told_as_it_stands_then(hold, cast):
    """The question is written once for the day; the answer is of the moment."""
    item = hold(JUNE, adopted=("Budget",), approves=False).items.get(title="Budget")

    def told() -> list[str]:
        found = waiting.tasks(Body.objects.all(), on=JULY)
        return [task.what for task in found if task.whose == "le service"]

    asked, *_ = waiting._written((item.meeting.body_id,), JULY)
    for what in ("Écrire", "Téléphoner"):
        FollowUp.objects.create(item=item, what=what, who="le service", made_by=cast.secretariat)
        assert what in told()
    for each in FollowUp.objects.all():
        follow_ups.settle(each, outcome="fait", on=JULY, reason="", by=cast.secretariat)
    assert told() == []
    waiting._written.cache_clear()
    assert queries(lambda: waiting._written((item.meeting.body_id,), JULY)) == 0
    assert waiting._written((item.meeting.body_id,), JULY)[0] == asked


def page(client) -> str:
    return client.get(reverse("archive:to_do")).text


def test_what_awaits_is_shown_late_or_not_and_its_beginning_on_the_first_page(secretary, hold):
    assert "Rien n’attend" in page(secretary)
    assert 'id="a-faire"' not in secretary.get("/").text
    counts = []
    for rank in range(7):
        hold(JUNE + timedelta(days=14 * rank), adopted=("Budget",), approves=False)
        if rank in (0, 6):
            page(secretary)  # the sheets are filed
            home = partial(secretary.get, "/")
            counts.append([queries(partial(page, secretary)), queries(home)])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 15
    text = page(secretary)
    assert ">depuis le 16\u00a0juin<" in text
    first = f'<h3><a href="{Meeting.objects.get(held_on=JUNE).get_absolute_url()}">'
    assert first in text and len(re.findall('class="task"|btn-primary', text)) == 14
    home = secretary.get("/").text  # in the first answer: nothing below moves once it is read
    assert first in home and len(re.findall('class="task"|btn-primary', home)) == 6
    assert "Tout voir (14)" in home and "hx-trigger" not in home
    # As many are late as there are lines in red.
    (late,) = re.search(r"14 choses à faire, dont (\d+) en retard", text).groups()
    assert int(late) == text.count('class="wrong"')
    assert "en retard" not in home[home.index("Dernières séances") :]
    assert home.count("btn-primary") == text.count("btn-primary") == 1


def test_what_one_does_oneself_comes_before_what_waits_on_others(secretary, hold, cast, accounts):
    """Sixteen rows mixed the two, none of which was the one to begin with."""
    meeting = hold(JUNE, adopted=("Budget",), approves=False)
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    text = page(secretary)
    ours, others = text.index(">À vous</h2>"), text.index(">Chez d’autres</h2>")
    first = text.index("btn btn-primary")
    assert text.count("btn btn-primary") == 1
    assert ours < first < text.index("Rédiger et établir le procès-verbal") < others
    assert others < text.index("Alice ARNAUD") < text.index("Bruno BESSON")
    # What is asked of them is told there, once; nothing of it is to be done meanwhile.
    assert "1\u00a0délibération" not in text[:others]
    assert text[others:].count("Signer 1\u00a0délibération") == 2
    assert CLERK not in text  # whoever reads this is the secretariat


@pytest.fixture
def task(cast):
    """`task(deed, …)`: something to do of the sitting held that many days ago."""
    held_on = {}

    def task(deed: Deed, of="", *, due: int | None = None, days_ago: int = 20, **values) -> Task:
        day = JULY - timedelta(days=days_ago)
        meeting = held_on.setdefault(day, Meeting(pk=days_ago, body=cast.comite, held_on=day))
        due_on = None if due is None else JULY + timedelta(days=due)
        return deed.task(meeting, of, url=f"/{deed.name}/{of}/", due_on=due_on, **values)

    return task


def test_what_can_be_done_in_time_comes_before_what_is_late_a_sitting_to_come_first(task):
    """« En retard depuis le 30 juin » stood over « Convoquer, au plus tard le 2 déc. »."""
    found = piles.sort(
        [
            task(Deed.ESTABLISH_AGAIN, due=3),
            task(Deed.MEND_ACTS),
            task(Deed.SETTLE, due=-30),
            task(Deed.ESTABLISH_ACTS, due=-9, days_ago=15),
            task(Deed.HAND_OVER, due=-2, days_ago=-3),
            task(Deed.CONVENE, due=3, days_ago=-10),
            task(Deed.ACCOUNT, due=-150, days_ago=-10),
            task(Deed.CONVENE, due=9, days_ago=-20),
        ],
        on=JULY,
    )
    told = [([task.deed for task in each.tasks], each.is_late) for each in found.ours]
    assert told == [
        # In three days its members would come to a sitting that may not be.
        ([Deed.HAND_OVER], True),
        ([Deed.ACCOUNT, Deed.CONVENE], True),  # what is late of a sitting comes first
        # What has no day is not put off for ever.
        ([Deed.SETTLE, Deed.ESTABLISH_AGAIN, Deed.MEND_ACTS], True),
        ([Deed.ESTABLISH_ACTS], True),
        ([Deed.CONVENE], False),
    ]
    assert [each.when.name for each in found.ours] == ["SOON", "SOON", "SOON", "LATE", "THEN"]
    assert found.told == "8 choses à faire, dont 4 en retard."
    # The list of the sittings hides nothing late behind « au plus tard ».
    late = task(Deed.ACCOUNT, "3 décisions", due=-150, days_ago=-20)
    coming = task(Deed.CONVENE, due=9, days_ago=-20)
    (left,) = piles.sort([late, coming], on=JULY).left.values()
    assert (left.what, left.due_on, left.more) == (late.what, JULY - timedelta(150), 1)


def test_who_is_awaited_is_told_once_with_all_that_he_signs_of_a_sitting(task):
    signing = {"awaits": "Alice ARNAUD", "person": 7}
    acts = (Deed.SIGN, "2 délibérations")
    found = piles.sort(
        [
            task(*acts, since=JUNE, **signing),
            task(Deed.SIGN, "le procès-verbal", since=JULY, due=-1, **signing),
            task(Deed.CARRY_OUT, "Publier l’avis", awaits="Mme Alice ARNAUD", person=7),
            task(Deed.CARRY_OUT, "Envoyer le plan", awaits="les services"),
            task(Deed.CARRY_OUT, "Envoyer le bail", awaits="les services"),
        ],
        on=JULY,
    )
    told = [(each.whose, each.person, [line.what for line in each.lines]) for each in found.others]
    assert told == [
        ("Alice ARNAUD", 7, ["Signer le procès-verbal et 2 délibérations", "Publier l’avis"]),
        ("les services", None, ["Envoyer le bail", "Envoyer le plan"]),
    ]
    assert (found.others[0].lines[0].since, found.others[0].lines[0].due_on) == (
        JUNE, JULY - timedelta(days=1),
    )  # fmt: skip
    assert found.told == "4 choses chez d’autres, dont 1 en retard."
    # Of who signs, and of what that keeps from being put online: one day, counted once.
    late = {"due": -1, "days_ago": 9}
    publishing = task(Deed.PUBLISH, "2 délibérations", **late)
    found = piles.sort([publishing, task(*acts, days_ago=9, **signing)], on=JULY)
    assert found.ours == ()  # it was asked: nothing is to be done until they sign
    (line,) = found.others[0].lines
    assert found.told == "1 chose chez d’autres, dont 1 en retard."
    assert line.due_on == JULY - timedelta(days=1)
    assert found.left[publishing.meeting.pk].late == 1


def test_of_what_is_late_what_waits_for_the_longest_comes_first_after_what_is_due_today(task):
    """« Non exécutoire depuis 200 jours » stood under four days of delay, today came last."""
    unsent = task(Deed.TRANSMIT, days_ago=200, why="non exécutoire")
    found = piles.sort(
        [
            task(Deed.ESTABLISH_ACTS, due=5, days_ago=1),
            task(Deed.MEND_ACTS, days_ago=40),
            task(Deed.SETTLE, due=0, days_ago=2),
            task(Deed.ESTABLISH_AGAIN, due=-4, days_ago=11),
            unsent,
        ],
        on=JULY,
    )
    assert [each.tasks[0].deed for each in found.ours] == [
        Deed.SETTLE, Deed.ESTABLISH_ACTS, Deed.TRANSMIT, Deed.ESTABLISH_AGAIN, Deed.MEND_ACTS,
    ]  # fmt: skip
    # What is overdue is counted so: one colour, one word.
    assert [each.is_late for each in found.ours] == [False, False, True, True, False]
    assert ", dont 2 en retard" in found.told
    # It is said once, however many pages ask: « depuis 54 jours depuis 54 jours ».
    long = piles.waited(unsent, on=JULY)
    assert long.in_wait == french.nbsp("non exécutoire depuis 200 jours")
    assert long.in_wait_long and piles.waited(long, on=JULY) == long
    # The first page shows the most urgent alone; what leads to it comes with it.
    late = [task(Deed.CERTIFY, due=-n, days_ago=n + 9) for n in range(1, 9)]
    told = [
        task(Deed.HAVE_SIGNED, days_ago=50, why="non exécutoire", days_in_wait=50),
        task(Deed.MEND_ACTS, days_ago=50),
    ]
    found = piles.sort([*late, *told, task(Deed.SETTLE, due=9)], on=JULY)
    first = [each for sitting in found.first(3) for each in sitting.tasks]
    assert [each.deed for each in first] == [Deed.MEND_ACTS, Deed.HAVE_SIGNED, Deed.CERTIFY]
    assert (first[-1].due_on, found.count) == (JULY - timedelta(days=8), 11)


# --- In a diary -------------------------------------------------------------------------------


def address(client) -> str:
    client.post(reverse("archive:make_task_feed"))
    text = page(client)
    start = text.index("http://testserver/echeances/")
    return text[start : text.index('"', start)].removeprefix("http://testserver")


def test_a_diary_follows_the_legal_dates(secretary, client_of, minutes):
    response = client_of(None).get(address(secretary))
    assert response["Content-Type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(response.content)
    entries = {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}
    entry = entries["Publier le procès-verbal – Comité syndical"]
    assert entry["dtstart"].dt == date(2026, 7, 14)
    assert "statuts" in entry["description"]  # an open syndicate lives by them
    assert len({str(entry["uid"]) for entry in entries.values()}) == len(entries)


def test_the_address_is_secret_and_can_be_replaced(secretary, client_of):
    first, second = address(secretary), address(secretary)
    assert client_of(None).get(first).status_code == 404
    assert client_of(None).get(second).status_code == 200
    assert TaskFeed.objects.get().token_hash not in second
    secretary.post(reverse("archive:drop_task_feed"))
    assert client_of(None).get(second).status_code == 404


def test_who_lost_his_role_or_his_account_follows_nothing(secretary, client_of, cast):
    url = address(secretary)
    for lose in (
        lambda: cast.secretariat.roles.update(kind=Role.Kind.DELEGATE),
        lambda: User.objects.update(is_active=False),
    ):
        with transaction.atomic():
            lose()
            assert client_of(None).get(url).status_code == 404
            transaction.set_rollback(True)
    assert client_of(None).get(url).status_code == 200


def test_a_sitting_that_contradicts_what_is_online_says_so_wherever_it_is_read(
    cast, hold, secretary
):
    """On its page, among what is to be done, on the shelf and on the page of each paper."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"), approves=False)
    budget, tariffs, listed = held.issue_acts(meeting, by=cast.secretariat)
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    words, page = "que la séance contredit", meeting.get_absolute_url()

    def contradicted() -> set[int]:
        found = IssuedDocument.objects.filter(meeting=meeting).select_related("meeting__body")
        return {each.document.pk for each in shelf.shelved(found) if each.is_contradicted}

    assert not any(words in what for what, *_ in told(JULY))
    assert words not in secretary.get(page).text and contradicted() == set()
    item = meeting.items.get(title="Tarifs")
    postponed = sitting.FateNoted(item=item.key, fate=sitting.Fate.POSTPONED)
    ledger.record(meeting, postponed, by=cast.secretariat)
    assert "Mettre à jour 2 documents en ligne, que la séance contredit" in {
        what for what, *_ in told(JULY)
    }
    assert words in secretary.get(page).text
    assert contradicted() == {tariffs.pk, listed.pk}
    assert "contredite par la séance" in secretary.get(tariffs.get_absolute_url()).text
    assert "contredite par la séance" not in secretary.get(budget.get_absolute_url()).text


def test_minutes_online_that_the_sitting_contradicts_are_to_be_written_again(
    cast, minutes, accounts
):
    publishing.publish(minutes, by=cast.secretariat, at=AT)
    assert not any("contredit" in what for what, *_ in told(JULY))
    item = minutes.meeting.items.exclude(kind="approbation").first()
    held.write(cast, Meeting.objects.get(pk=minutes.meeting_id), title=item.title)
    (task,) = (
        each
        for each in waiting.tasks(Body.objects.all(), on=JULY)
        if "Mettre à jour 1 document en ligne" in each.what
    )
    assert task.url == reverse("registry:write", args=[minutes.meeting_id])


def test_a_budget_on_no_agenda_is_asked_for_as_its_last_day_comes(cast, hold):
    """Art. L1612-2: of an assembly that met here before these days."""
    what = "Mettre le vote du budget 2027 à l’ordre du jour"
    near = date(2027, 3, 10)
    assert what not in {each for each, *_ in told(near)}
    hold(date(2026, 11, 3), adopted=("Tarifs",))
    assert (what, CLERK, date(2027, 4, 15)) in told(near)
    assert what not in {
        each for day in (date(2027, 2, 1), date(2027, 6, 1)) for each, *_ in told(day)
    }
    coming = held.prepare(cast, "Débats", held_on=date(2027, 4, 6), clock="18:00")
    (task,) = (each for each in waiting.tasks(Body.objects.all(), on=near) if each.what == what)
    assert task.url == reverse("meetings:agenda", args=[coming.pk])
    assert task.article == "art. L1612-2 et L1612-20 du CGCT"
    change(coming.items.first(), title="Budget primitif", kind="budget")
    assert what not in {each for each, *_ in told(near)}


def test_a_second_call_adopts_no_minutes_and_makes_none_late(cast, hold):
    """It has the agenda of the first: minutes of June were late since it, with nothing to adopt."""
    meeting = hold(JUNE, adopted=("Tarifs",))
    first = held.prepare(cast, "Statuts", held_on=date(2026, 6, 16), clock="18:00")
    second = held.prepare(cast, "Statuts", held_on=date(2026, 6, 20), clock="18:00")
    change(second, second_call_of=first)
    for each in (first, second):
        each.items.filter(kind="approbation").delete()
    held.prepare(cast, "Budget", held_on=JULY, clock="18:00")
    (due,) = {
        task.due_on
        for task in waiting.tasks(Body.objects.all(), on=JULY)
        if task.meeting == meeting and task.of_minutes
    }
    assert due == JULY
    second.items.create(key="pv", title="PV de juin", kind="approbation", approves=meeting)
    assert date(2026, 6, 20) in {
        task.due_on
        for task in waiting.tasks(Body.objects.all(), on=JULY)
        if task.meeting == meeting and task.of_minutes
    }
