"""What the prefecture waits for is waited for here: on the line of a sitting and in « À faire »."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import filed, piles, stages, states, waiting
from archive.desk.tasks import SECRETARIAT, Deed, Stage
from documents.models import IssuedDocument
from law import french
from meetings.models import Meeting
from members.models import Body
from registry.signatures import actions as signatures
from registry.signatures.reading import in_force
from tests import held
from tests.cast import change
from tests.held import AT, JULY
from tests.transmission import made
from tests.words import text, unsaid
from transmission import reading as prefecture
from transmission.actions import receiving, sending
from transmission.models import Transmission

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(cast, accounts) -> Meeting:
    """A sitting whose two acts everybody signed, of an organisation that transmits."""
    meeting = made.sitting(cast, "Budget primitif", "Emprunt")
    for extract in meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT):
        signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
        held.sign(extract, "president", accounts[0])
        held.sign(extract, "secretaire-1", accounts[1])
    return meeting


def awaited(meeting: Meeting) -> list[tuple[str, str]]:
    """What « À faire » says of it; the page of the sitting says the same, and what is filed is what
    is read anew."""

    def said(tasks) -> list[tuple[str, str]]:
        return sorted((each.what, each.whose) for each in tasks if each.stage is Stage.TRANSMIT)

    found = said(waiting.tasks(Body.objects.all(), on=JULY))
    fresh = Meeting.objects.get(pk=meeting.pk)
    assert said(waiting.tasks_of(fresh, on=JULY)) == found
    assert filed.mend(on=JULY) == []
    return found


def step(meeting: Meeting) -> list[str]:
    line = stages.of(Meeting.objects.get(pk=meeting.pk), on=JULY)
    return [str(each.state) for each in line.steps if each.stage is Stage.TRANSMIT]


def test_acts_are_awaited_until_the_prefecture_has_them(cast, signed):
    kept = [("Transmettre 2 actes à la préfecture", SECRETARIAT)]
    assert awaited(signed) == kept
    first, second = made.prepared(cast, signed)
    assert awaited(signed) == kept  # prepared is not gone
    sending.mark_sent(first, by=cast.secretariat, at=AT)
    assert awaited(signed) == [
        ("Accuser réception de 1 acte", "la préfecture"),
        ("Transmettre 1 acte à la préfecture", SECRETARIAT),
    ]
    sending.mark_sent(second, by=cast.secretariat, at=AT)
    assert awaited(signed) == [("Accuser réception de 2 actes", "la préfecture")]
    assert step(signed) != ["fait"]
    answers = [("1.xml", made.answer(first)), ("2.xml", made.answer(second, "AnomalieActe"))]
    receiving.take(cast.organisation, answers, by=cast.secretariat, at=made.LATER)
    assert awaited(signed) == [
        (f"Corriger et renvoyer l’acte {second.number}, refusé", SECRETARIAT)
    ]
    made.confirm(second.sheet.deliberation, cast, exempt="Tarif de voirie.")
    assert (awaited(signed), step(signed)) == ([], ["fait"])
    # Of an act that the law always sends, what was written of old keeps nothing back.
    change(second.sheet, exempt="Tarif de voirie.", nature="2")
    assert len(awaited(signed)) == 1 and step(signed) != ["fait"]
    change(second.sheet, nature="1")
    sending.cancel(Transmission.objects.get(pk=first.pk), by=cast.secretariat, at=made.LATER)
    assert awaited(signed) == []
    receiving.take(
        cast.organisation,
        [("3.xml", made.answer(first, "ARAnnulation"))],
        by=cast.secretariat,
        at=made.LATER,
    )
    assert awaited(signed) == [("Transmettre 1 acte à la préfecture", SECRETARIAT)]


def test_what_the_law_gives_a_day_to_bears_it(cast, signed, client_of):
    """A contract goes within fifteen days of its signature (art. L2131-2), and nothing said so."""
    first, second = signed.deliberations.order_by("rank")

    def due() -> list[tuple[date | None, str, bool]]:
        assert filed.mend(on=JULY) == []
        found = waiting.tasks(Body.objects.all(), on=JULY)
        asked = [each for each in found if each.stage is Stage.TRANSMIT]
        return [(each.due_on, each.article[:13], each.is_late(JULY)) for each in asked]

    made.confirm(first, cast)
    assert due() == [(None, "art. L3131-1 ", False)]  # of a deliberation the law says no day
    made.confirm(second, cast, nature="4", typology="99_DC")
    day = timezone.localdate(AT) + timedelta(days=15)
    assert due() == [(day, "art. L3131-2 ", day < JULY)]
    for on in (day, day + timedelta(days=1)):
        line = stages.of(Meeting.objects.get(pk=signed.pk), on=on)
        step = next(each for each in line.steps if each.stage is Stage.TRANSMIT)
        assert (step.due_on, step.is_late) == (day, on > day)
    told = f"à transmettre au plus tard le {french.long_date(day)}, dépassé"
    for name, pk in (("sitting", signed.pk), ("act", second.pk)):
        page = client_of(cast.secretariat).get(reverse(f"transmission:{name}", args=[pk]))
        assert unsaid(text(page), told, "art. L3131-2") == []
    assert "à transmettre au plus tard" not in text(
        client_of(cast.secretariat).get(reverse("transmission:act", args=[first.pk]))
    )
    sent, late = sorted(made.prepared(cast, signed), key=lambda each: each.number)
    sending.mark_sent(sent, by=cast.secretariat, at=AT)
    assert [each[0] for each in due()][-1:] == [None]  # it awaits the prefecture

    # Once it left too late, that is told among what was.
    change(late.sheet, nature="4", typology="99_DC")
    sending.mark_sent(late, by=cast.secretariat, at=AT + timedelta(days=20))
    line = stages.of(Meeting.objects.get(pk=signed.pk), on=JULY)
    (told,) = (each for each in line.belated if each.stage is Stage.TRANSMIT)
    assert (told.on, told.due_on) == (day + timedelta(days=5), day)
    assert told.what == f"{second.label} transmise"
    # Accounts are to leave by 15 July (art. L1612-13), whatever their nature.
    change(late.sheet, nature="1", typology="99_DE")
    change(second.item, kind="comptes")
    late.settle(sent_at=AT + timedelta(days=60))
    line = stages.of(Meeting.objects.get(pk=signed.pk), on=JULY)
    (told,) = (each for each in line.belated if each.stage is Stage.TRANSMIT)
    assert (told.due_on, told.article) == (date(2026, 7, 15), "art. L1612-13 et L1612-20 du CGCT")


def test_accounts_bear_their_last_day_before_it_is_over(cast, signed):
    item = signed.deliberations.order_by("rank")[1].item
    change(item, kind="comptes")
    (task,) = (each for each in waiting.tasks_of(signed, on=JULY) if each.stage is Stage.TRANSMIT)
    day, by = date(2026, 7, 15), "art. L1612-13 et L1612-20 du CGCT"
    assert (task.due_on, task.article, task.is_late(JULY)) == (day, by, False)
    assert task.is_late(date(2026, 7, 16))
    row = prefecture.row_of(item.deliberation)
    assert (row.due.on, row.due.article) == (day, by)


def test_who_transmits_elsewhere_is_asked_for_nothing(cast, signed):
    assert awaited(signed) and step(signed)
    change(cast.organisation, ctes_nature="")
    assert (awaited(signed), step(signed)) == ([], [])


def test_one_column_says_how_far_each_act_is(cast, signed, client_of):
    """« Signée », « reçue », « exécutoire » stood under a number, or nowhere."""

    def told() -> list[tuple[str, str]]:
        fresh = Meeting.objects.get(pk=signed.pk)
        extracts = [each for each in in_force(fresh) if each.kind == IssuedDocument.Kind.EXTRACT]
        found = states.of_acts(fresh, extracts).values()
        return [(each.reached, ", ".join(step.told for step in each.steps)) for each in found]

    assert told() == [("À transmettre", "signée 2/2")] * 2
    first, second = made.prepared(cast, signed)
    assert {reached for reached, _ in told()} == {"À transmettre"}  # prepared is not gone
    for each in (first, second):
        sending.mark_sent(each, by=cast.secretariat, at=AT)
    assert {reached for reached, _ in told()} == {"Reçu attendu"}
    answers = [("1.xml", made.answer(first)), ("2.xml", made.answer(second, "AnomalieActe"))]
    receiving.take(cast.organisation, answers, by=cast.secretariat, at=made.LATER)
    assert [reached for reached, _ in told()] == [
        "Pas encore exécutoire",
        "Refusée par la préfecture",
    ]
    assert "reçue le" in told()[0][1]
    extract = IssuedDocument.objects.get(pk=first.document_id)
    publishing.post(
        extract,
        manner="urgence",
        on=timezone.localdate(AT),
        who="Anne Roux",
        by=cast.secretariat,
        at=AT,
    )
    assert told()[0][0].startswith("Exécutoire le ") and "affichée" not in told()[0][1]
    page = text(client_of(cast.secretariat).get(reverse("registry:acts", args=[signed.pk])))
    assert unsaid(page, '<th scope="col">État', "Refusée par la préfecture", "signée 2/2") == []


def test_what_is_not_signed_says_whose_turn_it_is(cast, accounts):
    """« À signer » was said of what nobody had been asked for, and of what is awaited."""
    meeting = made.sitting(cast, "Budget primitif")

    def told() -> list[str]:
        fresh = Meeting.objects.get(pk=meeting.pk)
        extracts = [each for each in in_force(fresh) if each.kind == IssuedDocument.Kind.EXTRACT]
        return [each.reached for each in states.of_acts(fresh, extracts).values()]

    assert told() == ["Signature à demander"]
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    assert told() == ["Attend 2 signatures"]
    held.sign(extract, "president", accounts[0])
    assert told() == ["Attend 1 signature"]


def test_that_an_act_is_not_signed_hides_nowhere_that_it_is_to_be_transmitted(cast, client_of):
    """The home page was red, the page of the sitting calm: « Transmettre : à venir »."""
    meeting = made.sitting(cast, "Budget primitif", "Emprunt")

    def read(on: date) -> tuple[stages.SittingLine, stages.SittingStep]:
        line = stages.of(Meeting.objects.get(pk=meeting.pk), on=on)
        return line, next(each for each in line.steps if each.stage is Stage.TRANSMIT)

    line, waits = read(meeting.held_on + timedelta(3))
    assert (waits.state, line.next.is_late) == (stages.StepState.COMING, False)
    on = meeting.held_on + timedelta(54)
    told = french.nbsp("non exécutoires depuis 54 jours")
    home = piles.sort(waiting.tasks(Body.objects.all(), on=on), on=on).ours
    line, waits = read(on)
    assert told in {task.in_wait for each in home for task in each.tasks}
    assert (waits.said, waits.is_late, waits.state) == (
        "non exécutoires",
        True,
        stages.StepState.OPEN,
    )
    assert (line.next.before, line.next.is_late) == (told, True)
    page = reverse("transmission:sitting", args=[meeting.pk])
    assert ("Transmettre sans attendre", page) in line.next.also
    assert page in client_of(cast.secretariat).get(meeting.get_absolute_url()).text
    # Nor on the page where they are to be signed, which said it of nothing but the list.
    acts = text(client_of(cast.secretariat).get(reverse("registry:acts", args=[meeting.pk])))
    assert "Non exécutoires depuis" in acts and "Transmettre sans attendre" in acts


def test_what_binds_unsigned_is_to_be_signed_and_is_not_said_to_bind_nobody(cast):
    """« Non exécutoires depuis 201 jours » stood in red above six acts, each « Exécutoire le 18
    mai », and « Transmettre : à venir » though the prefecture had them all."""
    meeting = made.sitting(cast, "Budget primitif", "Emprunt")
    on = meeting.held_on + timedelta(201)
    extracts = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT)

    def read() -> tuple[list[tuple[str, str]], stages.SittingLine, stages.SittingStep]:
        assert filed.mend(on=on) == []
        tasks = waiting.tasks(Body.objects.all(), on=on)
        home = piles.sort([t for t in tasks if t.stage is Stage.SIGN], on=on).ours
        line = stages.of(Meeting.objects.get(pk=meeting.pk), on=on)
        told = [(task.what, task.in_wait) for each in home for task in each.tasks]
        return told, line, next(each for each in line.steps if each.stage is Stage.TRANSMIT)

    what = french.nbsp("Faire signer la liste et 2 délibérations")
    first, second = made.prepared(cast, meeting)
    for each in (first, second):
        sending.mark_sent(each, by=cast.secretariat, at=AT)
    answers = [("1.xml", made.answer(first)), ("2.xml", made.answer(second))]
    receiving.take(cast.organisation, answers[:1], by=cast.secretariat, at=made.LATER)
    told, _, step = read()
    assert french.nbsp(told[0][1]) == french.nbsp("non exécutoires depuis 201 jours")
    assert step.state is not stages.StepState.DONE  # an answer is awaited
    receiving.take(cast.organisation, answers[1:], by=cast.secretariat, at=made.LATER)
    assert read()[2].state is stages.StepState.DONE
    publishing.publish(extracts.get(pk=first.document_id), by=cast.secretariat, at=made.LATER)
    told, *_ = read()
    # Of two that are to be signed, one binds.
    assert french.nbsp(told[0][1]) == french.nbsp("non exécutoire depuis 201 jours")
    publishing.publish(extracts.get(pk=second.document_id), by=cast.secretariat, at=made.LATER)
    told, line, step = read()
    assert [(french.nbsp(each), why) for each, why in told] == [(what, "")]
    task = next(t for t in line.tasks if t.stage is Stage.SIGN)
    assert (task.is_late(on), step.state, line.next.deed) == (
        False,
        stages.StepState.DONE,
        Deed.HAVE_SIGNED,
    )


def test_the_sitting_leads_to_its_transmission(cast, signed, client_of):
    client = client_of(cast.secretariat)
    page = text(client.get(reverse("archive:to_do")))
    assert unsaid(page, "Transmettre 2 actes à la préfecture") == []
    # The law has no day for most of them; that they are not executory is said, and for how long.
    (soon,) = (each for each in waiting.tasks_of(signed, on=JULY) if each.in_wait)
    days = (timezone.localdate() - signed.held_on).days
    assert soon.in_wait.startswith("non exécutoires")
    assert unsaid(page, f"{soon.in_wait} depuis {days} jours") == []
    (told,) = piles.sort([soon], on=signed.held_on).ours[0].tasks
    assert (told.in_wait_long, told.in_wait) == (False, soon.in_wait)
    assert "Transmettre" in text(client.get(signed.get_absolute_url()))
