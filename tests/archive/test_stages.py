"""A sitting led by its stages: where it is, the one thing to do next, and what that lacks."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db.models import QuerySet
from django.urls import resolve, reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import piles, stages, waiting
from archive.desk.tasks import SECRETARIAT, Deed, Stage
from archive.models import Publication
from convening import desk
from convening.actions import changing
from convening.dispatch import addressees, shown
from convening.models import Convocation, Recipient
from documents import actions as documents
from documents.models import IssuedDocument
from meetings.models import Meeting
from members.models import Body, Mandate
from registry.acts import actions as acts
from registry.signatures import actions as signatures
from tests import held
from tests.cast import change, change_rules, make_mandate, make_person
from tests.costs import queries
from tests.held import AT, JULY, JUNE, sign
from tests.words import text, unsaid

pytestmark = pytest.mark.django_db

BEFORE, LATE, AFTER = JUNE - timedelta(20), JUNE - timedelta(2), JUNE + timedelta(1)
# Each state of the sitting of June, one after the other, by the verbs of the rooms.


@pytest.fixture
def empty(cast) -> Meeting:
    change_rules(cast.comite, note_required=False)
    return held.prepare(cast, is_hour_unknown=True)


@pytest.fixture
def approval_alone(cast) -> Meeting:
    """What came by itself with the sitting: nobody has written the agenda yet."""
    change_rules(cast.comite, note_required=False)
    held.prepare(cast, held_on=BEFORE - timedelta(30))
    return held.prepare(cast, place="dans ses locaux")


@pytest.fixture
def without_notes(cast) -> Meeting:
    change_rules(cast.comite, note_required=True)
    return held.prepare(cast, "Budget", place="dans ses locaux")


@pytest.fixture
def prepared(cast) -> Meeting:
    change_rules(cast.comite, note_required=False)
    meeting = held.prepare(cast, "Budget", place="dans ses locaux")
    for person in cast.organisation.persons.all():
        change(person, email=f"{person.pk}@brume.example")
    return meeting


@pytest.fixture
def convened(prepared) -> Meeting:
    change(prepared, convened_on=JUNE - timedelta(9))
    return prepared


@pytest.fixture
def unhanded(convened) -> Meeting:
    """Established here; the mails of its convocation are kept for want of a server."""
    change(convened, sent_on=convened.convened_on)
    convocation = Convocation.objects.create(
        meeting=convened, number=1, sent_on=convened.convened_on, stage="envoyee"
    )
    for mandate in convened.body.mandates.all():
        Recipient.objects.create(
            convocation=convocation, why=Recipient.Why.MEMBER, name=str(mandate.person),
            channel="courriel", state=Recipient.State.KEPT, message_id=str(mandate.pk),
            mandate=mandate,
        )  # fmt: skip
    return convened


@pytest.fixture
def leaving(unhanded) -> Meeting:
    """The same, one mail handed over, the others on their way."""
    Recipient.objects.update(state=Recipient.State.QUEUED)
    Recipient.objects.filter(mandate=unhanded.body.mandates.first()).update(
        state=Recipient.State.SENT, sent_at=AT
    )
    return unhanded


@pytest.fixture
def short(leaving) -> Meeting:
    """The same, the others refused."""
    waiting_for = Recipient.objects.filter(state=Recipient.State.QUEUED)
    waiting_for.update(state=Recipient.State.REFUSED)
    return leaving


@pytest.fixture
def opened_unhanded(cast, unhanded) -> Meeting:
    return held.sit(unhanded, by=cast.secretariat, clerks=(), hours=None)


@pytest.fixture
def closed_unhanded(cast, unhanded) -> Meeting:
    return held.sit(unhanded, by=cast.secretariat, hours=1)


@pytest.fixture
def opened(cast, convened) -> Meeting:
    return held.sit(convened, by=cast.secretariat, clerks=(), hours=None)


@pytest.fixture
def closed(cast) -> Meeting:
    return held.hold(cast, JUNE, adopted=("Budget",))


@pytest.fixture
def without_quorum(cast, convened) -> Meeting:
    held.sit(convened, by=cast.secretariat, present=["alice-arnaud"], clerks=(), hours=1)
    return convened


@pytest.fixture
def acts_issued(cast, closed) -> Meeting:
    held.word(closed)
    held.issue_acts(closed, by=cast.secretariat, at=AT)
    return closed


@pytest.fixture
def acts_to_sign(cast, acts_issued) -> Meeting:
    for document in acts_issued.documents.all():
        signatures.prepare_signing(document, by=cast.secretariat, at=AT)
    return acts_issued


def test_a_signature_is_late_before_it_is_asked_as_after(acts_issued, cast):
    """« À demander », in blue, became « en retard depuis le 24 nov. » once it was asked."""
    told = []
    for _ in range(2):
        line = read(acts_issued, JUNE + timedelta(days=9))
        (step,) = (each for each in line.steps if each.stage is Stage.SIGN)
        told.append((step.said.replace("\u00a0", " "), step.is_late, line.next.is_late))
        for document in acts_issued.documents.all():
            signatures.prepare_signing(document, by=cast.secretariat, at=AT)
    assert told == [("en retard depuis le 16 juin", True, True)] * 2


def test_what_is_online_but_for_its_minutes_says_so(acts_online):
    """« En partie », of a sitting of which the list and each deliberation are read online."""
    steps = read(acts_online, AFTER).steps
    (step,) = (each for each in steps if each.stage is Stage.PUBLISH)
    assert step.said == "sauf le procès-verbal"


@pytest.fixture
def acts_online(cast, acts_to_sign) -> Meeting:
    accounts = held.give_accounts(cast)
    held.give_keys(cast)
    for document in acts_to_sign.documents.all():
        sign(document, "president", accounts[0])
        if document.kind == IssuedDocument.Kind.EXTRACT:
            sign(document, "secretaire-1", accounts[1])
    publishing.publish_acts(acts_to_sign, by=cast.secretariat, at=AT)
    return acts_to_sign


@pytest.fixture
def minutes_issued(cast, acts_online) -> Meeting:
    documents.issue_minutes(acts_online, by=cast.secretariat, at=AT)
    return acts_online


@pytest.fixture
def next_planned(cast, minutes_issued) -> Meeting:
    held.prepare(cast, held_on=JULY)
    return minutes_issued


@pytest.fixture
def adoption_voted(cast, minutes_issued) -> Meeting:
    held.hold(cast, JULY)
    return minutes_issued


@pytest.fixture
def adopted(cast, adoption_voted) -> Meeting:
    acts.record_adoptions(Meeting.objects.get(held_on=JULY), by=cast.secretariat, at=AT)
    return adoption_voted


@pytest.fixture
def minutes_to_sign(cast, adopted) -> Meeting:
    signatures.prepare_signing(minutes_of(adopted), by=cast.secretariat, at=AT)
    return adopted


@pytest.fixture
def minutes_online(cast, minutes_to_sign) -> Meeting:
    publishing.publish(minutes_of(minutes_to_sign), by=cast.secretariat, at=AT)
    return minutes_to_sign


@pytest.fixture
def all_done(cast, minutes_online) -> Meeting:
    for place, person in (("president", cast.alice), ("secretaire-1", cast.bruno)):
        person.refresh_from_db()
        sign(minutes_of(minutes_online), place, person.user)
    return minutes_online


@pytest.fixture
def cancelled(cast, prepared) -> Meeting:
    changing.cancel_meeting(prepared, reason="Une crue.", by=cast.secretariat, at=AT)
    return prepared


def minutes_of(meeting: Meeting) -> IssuedDocument:
    return meeting.documents.get(kind=IssuedDocument.Kind.MINUTES)


# What is shown of each stage, in order: f(ait), C(urrent), o(pen), . (to come), ? (untold),
# - (void); then the next thing to do, its page and what it lacks.
LETTERS = {
    "done": "f",
    "current": "C",
    "open": "o",
    "coming": ".",
    "partly": "p",
    "untold": "?",
    "unhanded": "n",
    "leaving": ">",
    "short": "s",
    "void": "-",
}
SIGNATURES = ("la signature d’Alice ARNAUD", "la signature de Bruno BESSON")
STATES = [
    ("empty", BEFORE, "Co.....", "Préparer la séance", "meetings:agenda",
     ("l’ordre du jour", "le lieu", "l’heure")),
    ("approval_alone", BEFORE, "Co.....", "Préparer la séance", "meetings:agenda",
     ("l’ordre du jour",)),
    ("without_notes", BEFORE, "Co.....", "Préparer la séance", "meetings:brief",
     ("la note de synthèse de « Budget »",)),
    ("prepared", BEFORE, "fC.....", "Convoquer la séance", "convening:prepare", ()),
    ("prepared", LATE, "fC.....", "Changer la date de la séance", "meetings:edit", ()),
    ("convened", BEFORE, "ffC....", "Suivre les réponses", "convening:board", ()),
    ("unhanded", BEFORE, "fC.....", "Remettre la convocation", "convening:ledger", ()),
    ("unhanded", LATE, "fC.....", "Changer la date de la séance", "convening:move", ()),
    ("unhanded", JUNE, "fnC....", "Tenir la séance", "live:console",
     ("Pointer les présents", "Dire qui préside", "Dire à quelle heure la séance s’ouvre",
      "Nommer le secrétaire de séance", "1 point attend une décision",
      "Dire quand la convocation a été remise")),
    ("leaving", BEFORE, "f>C....", "Suivre les réponses", "convening:board", ()),
    ("short", BEFORE, "fsC....", "Suivre les réponses", "convening:board", ()),
    ("opened_unhanded", JUNE, "fnCo...", "Séance en cours", "live:console",
     ("Dire quand la convocation a été remise",)),
    ("closed_unhanded", AFTER, "fnfC...", "Rédiger et établir le procès-verbal", "registry:write",
     ("le jour où la convocation a été remise",)),
    ("convened", JUNE, "ffC....", "Tenir la séance", "live:console",
     ("Pointer les présents", "Dire qui préside", "Dire à quelle heure la séance s’ouvre",
      "Nommer le secrétaire de séance", "1 point attend une décision")),
    ("opened", JUNE, "ffCo...", "Séance en cours", "live:console", ()),
    ("opened", AFTER, "ffCo...", "Terminer la saisie de la séance", "meetings:attendance",
     ("Nommer le secrétaire de séance", "1 point attend une décision",
      "Dire à quelle heure la séance est levée")),
    ("prepared", AFTER, "f?C....", "Tenir la séance", "meetings:attendance",
     ("Pointer les présents", "Dire qui préside", "Dire à quelle heure la séance s’ouvre",
      "Nommer le secrétaire de séance", "1 point attend une décision")),
    ("closed", AFTER, "f?fC...", "Établir la liste des délibérations et les extraits",
     "registry:acts", ("le dispositif de « Budget »",)),
    ("without_quorum", AFTER, "fffC...", "Rédiger et établir le procès-verbal", "registry:write",
     ()),
    ("acts_issued", AFTER, "f?fo.Co", "Faire signer la liste et 1 délibération",
     "registry:acts", ()),
    ("acts_to_sign", AFTER, "f?fo.Co", "Faire signer la liste et 1 délibération", "", SIGNATURES),
    ("acts_online", AFTER, "f?fC..p", "Rédiger et établir le procès-verbal", "registry:write", ()),
    ("minutes_issued", AFTER, "f?ffC.p", "Faire arrêter le procès-verbal par la séance suivante",
     "", ("la séance suivante, qui l’arrêtera",)),
    ("next_planned", AFTER, "f?ffC.p", "Faire arrêter le procès-verbal par la séance suivante",
     "", ()),
    ("adoption_voted", JULY, "f?ffC.p", "Constater l’adoption du procès-verbal", "registry:acts",
     ()),
    ("adopted", JULY, "f?fffCo", "Faire signer le procès-verbal",
     "registry:signatures", ()),
    ("minutes_to_sign", JULY, "f?fffCo", "Faire signer le procès-verbal", "", SIGNATURES),
    ("minutes_online", JULY, "f?fffCf", "Faire signer le procès-verbal", "", SIGNATURES),
    ("all_done", JULY, "f?fffff", None, "", ()),
    ("cancelled", BEFORE, "-------", None, "", ()),
]  # fmt: skip


def read(meeting: Meeting, on: date) -> stages.SittingLine:
    return stages.of(Meeting.objects.get(pk=meeting.pk), on=on)


@pytest.fixture
def meeting(request) -> Meeting:
    """The sitting in the `state` that the test is told."""
    return request.getfixturevalue(request.node.callspec.params["state"])


@pytest.mark.parametrize(
    ("state", "on", "shown", "what", "page", "lacks"),
    [pytest.param(*row, id=f"{row[0]} {row[1]:%d/%m}") for row in STATES],
)
def test_each_state_of_a_sitting_has_its_stage_its_next_act_and_what_that_lacks(
    cast, meeting, state, on, shown, what, page, lacks
):
    line = read(meeting, on)
    assert "".join(LETTERS[step.mark] for step in line.steps) == shown
    found = line.next
    assert (found and found.what.replace("\u00a0", " ")) == what
    told = line.lacking
    assert tuple(each.what.replace("\u00a0", " ") for each in told) == lacks
    if page:
        assert resolve(found.url.partition("#")[0]).view_name == page and found.verb
    if found and not found.verb:
        assert found.url and found.also  # nothing to do oneself: there is something to look at


def test_an_urgency_that_may_still_be_motivated_has_its_door(cast, unhanded, client_of):
    """« Motivez l’urgence dans une nouvelle convocation », said the page, and no page had it."""
    today = timezone.localdate()
    change(unhanded, held_on=today + timedelta(days=2))
    moment = timezone.now()
    Convocation.objects.update(dispatched_at=moment, held_on=unhanded.held_on, starts_at=AT.time())
    line = read(unhanded, today)
    there = reverse("convening:prepare", args=[unhanded.pk])
    assert line.next.asks_urgency and ("Motiver l’urgence…", there) in line.next.also
    office = client_of(cast.secretariat)
    told = ("motivez l’urgence dans une nouvelle convocation", "Motiver l’urgence…")
    assert unsaid(office.get(there).text, *told) == []
    moving = office.get(line.next.url).text
    assert "n’a été remise à personne" in moving and "déjà convoqués" not in moving
    page = office.post(reverse("convening:rectify", args=[unhanded.pk]), follow=True)
    assert 'name="urgent_reason"' in page.text
    # Nothing of the kind once somebody has it, or when it would be too late even so.
    change(unhanded, held_on=today)
    assert not read(unhanded, today).next.asks_urgency


def test_what_misses_signatures_reminds_its_signers_and_publishes_without_only_if_asked(
    cast, client_of, acts_to_sign
):
    """« Publier » was the one button of a sitting that nobody had signed."""
    client, url = (
        client_of(cast.secretariat),
        reverse("archive:recall_signers", args=[acts_to_sign.pk]),
    )
    assert url not in client.get(acts_to_sign.get_absolute_url()).text  # no mail reaches them
    held.give_accounts(cast)
    Mandate.objects.update(end_on=None)
    page = client.get(acts_to_sign.get_absolute_url()).text
    assert page.count("btn-primary") == 1 and f'action="{url}"' in page
    assert unsaid(page, "Relancer les signataires", "Publier sans attendre") == []
    told = client.post(url, follow=True).text
    assert "Un rappel part vers Alice ARNAUD et Bruno BESSON." in told
    assert f'action="{url}"' not in told and "Dernier rappel le" in told  # once a day


def test_the_next_agenda_says_whether_the_minutes_that_it_adopts_are_established(
    cast, client_of, acts_to_sign
):
    clerk = client_of(cast.secretariat)
    page = reverse("meetings:agenda", args=[held.hold(cast, JULY).pk])
    assert "procès-verbal non établi" in clerk.get(page).text
    documents.issue_minutes(acts_to_sign, by=cast.secretariat, at=AT)
    there, told = minutes_of(acts_to_sign).get_absolute_url(), clerk.get(page).text
    assert f'établi, <a href="{there}">lire' in told and "non établi" not in told


def test_what_else_is_to_be_done_of_a_sitting_is_named_under_what_comes_first(
    cast, client_of, acts_to_sign
):
    """The panel spoke of the signatures alone, when the first page named its minutes too."""
    line = read(acts_to_sign, JULY)
    found = piles.sort(waiting.tasks(Body.objects.all(), on=JULY), on=JULY).ours
    known = [task for each in found if each.meeting == acts_to_sign for task in each.tasks]
    said = [each.what for each in line.others_to_do]
    assert "Rédiger et établir le procès-verbal" in said
    assert {*said} == {each.what for each in known}  # the signatures are asked already
    page = client_of(cast.secretariat).get(acts_to_sign.get_absolute_url()).text
    assert "À faire aussi" in page and f'href="{line.others_to_do[0].url}"' in page


def test_all_that_is_signed_of_a_sitting_is_named_at_once(cast, acts_to_sign):
    """The panel named the acts, and was silent on the minutes that the same people owe."""
    documents.issue_minutes(acts_to_sign, by=cast.secretariat, at=AT)
    acts.record_adoptions(held.hold(cast, JULY), by=cast.secretariat, at=AT)
    alone = read(acts_to_sign, JULY).next.what
    assert unsaid(alone, "Faire signer la liste") == [] and "procès-verbal" not in alone
    signatures.prepare_signing(minutes_of(acts_to_sign), by=cast.secretariat, at=AT)
    line = read(acts_to_sign, JULY)
    assert line.next.what == f"{alone}, et le procès-verbal"
    assert [each.what for each in line.lacking] == [
        "la signature d’Alice ARNAUD", "la signature de Bruno BESSON",
    ]  # fmt: skip


def test_a_sitting_under_way_is_resumed_before_anything_else(cast, client_of, opened):
    """Its page and the first one said « Terminer la saisie », after what was late."""
    today = timezone.localdate()
    change(opened, held_on=today)
    told = piles.sort(waiting.tasks(Body.objects.all(), on=today), on=today).ours[0]
    console = reverse("live:console", args=[opened.pk])
    assert (told.told, told.tasks[0].what, told.tasks[0].url) == (
        "Séance en cours", "Reprendre la séance", console,
    )  # fmt: skip
    client = client_of(cast.secretariat)
    for url in ("/", reverse("archive:to_do"), opened.get_absolute_url()):
        page = client.get(url).text
        assert page.count("btn-primary") == 1, url
        assert unsaid(page, "Séance en cours", "Reprendre la séance", f'href="{console}"') == []


def test_a_sitting_opened_though_nobody_was_convened_says_so_with_the_article(
    closed, cast, client_of
):
    """« Convoquer : non noté » alone stood there. Of one typed after its day little is known."""
    assert read(closed, AFTER).doubts == ()
    change(closed, created_at=timezone.make_aware(datetime(JUNE.year, JUNE.month, JUNE.day)))
    (doubt,) = read(closed, AFTER).doubts
    assert doubt.article and "tenez-en une autre" in doubt.remedy
    for url in (closed.get_absolute_url(), reverse("meetings:agenda", args=[closed.pk])):
        page = text(client_of(cast.secretariat).get(url))
        assert page.count("Aucune convocation de cette séance n’est notée ici.") == 1, url
    change(closed, convened_on=JUNE)
    assert read(closed, AFTER).doubts == ()


def test_a_sitting_of_the_day_that_nobody_was_convened_to_awaits_and_leads_to_the_field(
    prepared, cast, client_of
):
    """« À faire » lost it on the very morning, and « notez-en le jour » led to no field."""
    today = timezone.localdate()
    made = timezone.make_aware(datetime(JUNE.year, 1, 1))
    change(prepared, held_on=today, created_at=made)
    (sitting,) = piles.sort(waiting.tasks(Body.objects.all(), on=today), on=today).ours
    told = sitting.tasks[0]
    assert (told.deed, told.stage, sitting.is_late) == (Deed.MOVE, Stage.CONVENE, True)
    assert read(prepared, today).tasks[1].what == "Convoquer la séance"
    page = client_of(cast.secretariat).get(prepared.get_absolute_url()).text
    field = f"{reverse('meetings:edit', args=[prepared.pk])}#id_convened_on"
    assert unsaid(page, "Aucune convocation de cette séance", f'href="{field}">Noter le jour') == []
    change(prepared, convened_on=today - timedelta(9))
    assert waiting.tasks(Body.objects.all(), on=today) == []
    assert read(Meeting.objects.get(pk=prepared.pk), today).doubts == ()


def test_an_agenda_that_is_empty_is_not_said_to_be_prepared(empty):
    """« Préparer : fait » stood above « L’ordre du jour est vide »."""
    assert [read(empty, on).steps[0].mark for on in (BEFORE, JUNE, AFTER)] == [
        "current", "open", "open",
    ]  # fmt: skip


def test_a_convocation_that_is_fixed_is_handed_over_whatever_its_agenda_lacks(unhanded):
    """« Compléter l’ordre du jour » came first, « Remettre… » after it, and no word of « bis »."""
    line = read(unhanded, BEFORE)
    line.account = Deed.ACCOUNT.task(unhanded, "2 décisions prises par délégation", url="/ici/")
    (lack,) = line.lacking
    assert lack.verb == "" and lack.url == "/ici/"
    told = lack.what.replace("\u00a0", " ")
    assert "le compte rendu de 2" in told and "un point « bis », à annoncer" in told


def test_the_page_of_the_answers_leads_where_the_sitting_does(
    unhanded, cast, client_of, time_machine
):
    """It handed over what was to be moved."""
    secretary, page = client_of(cast.secretariat), reverse("convening:board", args=[unhanded.pk])
    for on, verb in ((BEFORE, "Remettre la convocation"), (LATE, "Changer la date")):
        time_machine.move_to(datetime(on.year, on.month, on.day, 9))
        said = secretary.get(page).text
        (button,) = re.findall(r'btn-primary" href="[^"]*">([^<]*?) <', said)
        assert button == verb


def test_a_convocation_of_which_nothing_left_is_to_be_handed_over_first_of_all(unhanded):
    """The whole « À faire » was silent on it, and the sitting led to replies that nobody gives."""
    first = waiting.tasks(Body.objects.all(), on=LATE)[0]
    assert (first.what, first.whose, first.is_late(LATE)) == (
        "Remettre la convocation", SECRETARIAT, True,
    )  # fmt: skip
    # A delegate is asked nothing of it.
    person, at = unhanded.body.mandates.first().person, timezone.make_aware(datetime(2026, 6, 1))
    assert [each.may_answer for each in desk.coming(person, at=at)] == [False]
    # The first page and the sitting give one advice.
    moved = reverse("convening:move", args=[unhanded.pk])
    late = read(unhanded, LATE).next
    (advised,) = piles.sort([first], on=LATE).ours[0].tasks
    assert (late.verb, late.url) == ("Changer la date", moved) == (advised.what[:15], advised.url)
    Convocation.objects.update(urgent_reason="une crue")
    assert read(unhanded, LATE).next.verb == "Remettre"  # its urgency is told already
    (first,) = waiting.tasks_of(unhanded, on=LATE)
    assert piles.sort([first], on=LATE).ours[0].tasks == (first,)
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=AT)
    assert waiting.tasks(Body.objects.all(), on=LATE) == []
    assert [each.may_answer for each in desk.coming(person, at=at)] == [True]
    assert read(unhanded, LATE).next.what == "Suivre les réponses"


def test_past_its_delay_the_page_of_a_dispatch_offers_first_what_is_still_useful(
    unhanded, secretary, time_machine
):
    """« Noter les remises » stayed first when handing it over could convene nobody in time."""
    Convocation.objects.update(held_on=JUNE, starts_at="18:00")
    url = reverse("convening:ledger", args=[unhanded.convocations.get().pk])
    move = f'class="btn btn-primary" href="{reverse("convening:move", args=[unhanded.pk])}"'
    noting = 'class="btn btn-{}" type="submit"'
    last = "à remettre au plus tard le"
    for day, is_late in ((BEFORE, False), (LATE, True)):
        time_machine.move_to(datetime(day.year, day.month, day.day, 9))
        page = secretary.get(url).text
        assert page.count("btn-primary") == 1 and (last in page) is not is_late
        assert (move in page, noting.format("secondary") in page) == (is_late, is_late)
        assert noting.format("primary") in page or is_late


def test_a_convocation_of_which_nothing_left_is_told_until_the_minutes_say_it(
    cast, client_of, opened_unhanded
):
    """Once the sitting was opened, « À faire » was silent on it."""
    told = "Dire quand la convocation a été remise"
    found = waiting.tasks(Body.objects.all(), on=JUNE)
    assert [(task.what, task.is_late(JUNE)) for task in found] == [
        (told, True), ("Terminer la saisie de la séance", False),
    ]  # fmt: skip
    (hand,) = (each for each in waiting.tasks_of(opened_unhanded, on=JUNE) if each.what == told)
    Convocation.objects.update(held_on=JUNE, starts_at="18:00")
    page = text(client_of(cast.secretariat).get(hand.url))
    assert "Dire quand 7 convocations ont été remises" in page
    Recipient.objects.update(state=Recipient.State.ELSEWHERE, sent_at=AT)
    held_only = [task.what for task in waiting.tasks(Body.objects.all(), on=JUNE)]
    assert held_only == ["Terminer la saisie de la séance"]


@pytest.mark.parametrize(("state", "said"), [
    ("leaving", "envoi en cours, 1 sur 7 membres"), ("short", "remise à 1 sur 7 membres"),
    ("unhanded", "en retard depuis le 3 juin"), ("opened_unhanded", "établie, non remise"),
])  # fmt: skip
def test_the_stage_says_of_a_convocation_what_is_known_of_it(meeting, state, said):
    """« Convoquer : fait » stood beside « 0 courriel remis sur 110 »."""
    on = LATE if state != "opened_unhanded" else JUNE
    assert read(meeting, on).steps[1].said.replace("\u00a0", " ") == said


def test_whoever_came_in_since_the_dispatch_is_to_be_convened(unhanded, cast, client_of):
    """The stage said « Convoquer : fait », and nobody was told."""
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=AT)
    zoe = make_person(cast.organisation, "Zoé", "ZELLER", email="zoe@brume.example")
    make_mandate(cast.comite, zoe)
    what = "Convoquer 1 membre arrivé depuis l’envoi"
    (task,) = waiting.tasks(Body.objects.all(), on=BEFORE)
    line = read(unhanded, BEFORE)
    assert (task.what, line.next.what, line.next.verb) == (what, what, "Convoquer")
    assert line.current.stage is Stage.CONVENE
    change(unhanded, held_on=timezone.localdate() + timedelta(2))
    Convocation.objects.update(held_on=unhanded.held_on, starts_at="18:00")
    page = client_of(cast.secretariat).get(task.url).text
    assert unsaid(page, "ZELLER", "Convoquer Mme Zoé ZELLER") == []
    posted = reverse("convening:newcomers", args=[unhanded.pk])
    carried = {"seen": shown.seen_of(addressees.newcomers(Meeting.objects.get(pk=unhanded.pk)))}
    page = text(client_of(cast.secretariat).post(posted, carried, follow=True))
    assert unsaid(page, "Convocation préparée : Mme Zoé ZELLER, zoe@brume.example") == []
    assert waiting.tasks(Body.objects.all(), on=BEFORE) == []  # a server has her mail


def test_what_others_have_and_one_has_not_is_to_be_handed_over(unhanded, settings, client_of, cast):
    """Once she was « convened », nothing said that her convocation had stayed here."""
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=AT)
    late = Recipient.objects.order_by("pk").last()
    for backend, state in (("smtp", "KEPT"), ("smtp", "PRINTED"), ("outbox", "QUEUED")):
        if backend == "outbox":  # it is about to be kept here
            settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
        Recipient.objects.filter(pk=late.pk).update(state=Recipient.State[state], sent_at=None)
        (task,) = waiting.tasks(Body.objects.all(), on=BEFORE)
        line = read(unhanded, BEFORE)
        assert task.what == line.next.what == "Remettre à 1 membre", state
        assert (task.due_on, line.next.verb) == (JUNE - timedelta(6), "Remettre")
        assert line.current.stage is Stage.CONVENE
    told = read(unhanded, LATE).next
    assert unsaid(told.what, "1 membre\u00a0: le délai est passé") == [] and told.is_late
    soon = timezone.localdate() + timedelta(days=20)
    change(unhanded, held_on=soon)
    page = text(client_of(cast.secretariat).get("/"))
    assert page.count("emettre à 1 membre") == 1  # what there is to do
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=AT)
    assert waiting.tasks(Body.objects.all(), on=BEFORE) == []
    assert read(unhanded, BEFORE).next.what == "Suivre les réponses"


def test_the_first_page_says_how_far_a_convocation_is_and_leads_there(unhanded, cast, client_of):
    """« 0 réponse sur 4 » was said of what nobody had received."""
    client, soon = client_of(cast.secretariat), timezone.localdate() + timedelta(days=10)
    change(unhanded, held_on=soon)

    def told() -> str:
        page = client.get("/").text
        return page[page.index("Séances à venir") :]

    prepare = reverse("convening:prepare", args=[unhanded.pk])
    board = reverse("convening:board", args=[unhanded.pk])
    assert board not in told() and prepare not in told()  # what there is to do says it
    change(unhanded, held_on=timezone.localdate() + timedelta(days=2))  # no notice is left
    Convocation.objects.update(held_on=unhanded.held_on, starts_at="18:00")
    page, move = client.get(prepare).text, reverse("convening:move", args=[unhanded.pk])
    assert page.count("btn-primary") == 1 and f'btn-primary" href="{move}"' in page
    assert "changez la date" in page
    change(unhanded, held_on=soon)
    Recipient.objects.update(state=Recipient.State.SENT, sent_at=AT)
    assert re.search(rf'href="{board}">0.réponse sur \d+</a>', told())
    change(unhanded, sent_on=None)  # from elsewhere
    assert board not in told() and prepare not in told()
    change(unhanded, convened_on=None)
    assert board not in told() and prepare not in told()


def test_a_sitting_is_to_come_until_its_day(convened):
    said = [read(convened, on).steps[2].said for on in (BEFORE, JUNE)]
    assert said == ["à venir, le 9\u00a0juin", "en cours, le 9\u00a0juin"]


def test_the_stages_of_a_cancelled_sitting_bear_no_day(cancelled):
    """« Tenir : à venir, le 9 juin » was said of it."""
    change(cancelled, convened_on=BEFORE)
    assert {step.said for step in read(cancelled, BEFORE).steps} == {"sans objet"}


def test_the_roll_of_a_sitting_to_come_leads_to_its_replies(cast, client_of):
    client = client_of(cast.secretariat)
    for days, leads in ((20, True), (0, False)):
        meeting = held.prepare(cast, held_on=timezone.localdate() + timedelta(days))
        text = client.get(reverse("meetings:attendance", args=[meeting.pk])).text
        assert ("<summary>Pointer dès maintenant</summary>" in text) is leads
        assert ('aria-labelledby="l-appel"' in text) is leads


def due(line: stages.SittingLine) -> dict[Stage, date]:
    return {step.stage: step.due_on for step in line.steps if step.due_on}


def test_each_stage_bears_its_legal_date(prepared):
    line = read(prepared, BEFORE)
    assert due(line) == {Stage.CONVENE: date(2026, 6, 3)}
    assert "5\u00a0jours\u00a0francs" in line.next.before
    assert not line.next.is_late and line.next.article
    late = read(prepared, LATE).next
    # « Remettre » stayed first, and nothing said what to do.
    said = late.is_late, late.verb, [label for label, _ in late.also]
    assert said == (True, "Changer la date", ["Convoquer en urgence…"])
    assert "changez la date, ou motivez l’urgence" in late.then and "7\u00a0juin" in late.then
    eve = read(prepared, JUNE - timedelta(1)).next
    assert "urgence" not in eve.then and eve.also[0][0] == "Convoquer quand même…"
    change(prepared, convened_on=BEFORE)
    assert due(read(prepared, BEFORE)) == {}


def test_the_list_is_due_within_the_week_and_minutes_by_the_next_sitting(cast, closed):
    week = date(2026, 6, 16)
    assert due(read(closed, AFTER)) == {Stage.WRITE: week, Stage.PUBLISH: week}
    held.prepare(cast, held_on=JULY)
    assert due(read(closed, AFTER))[Stage.ADOPT] == JULY
    late = read(closed, JULY - timedelta(1))
    assert [step.is_late for step in late.steps if step.stage is Stage.PUBLISH] == [True]
    # It is the list that is late; the minutes have until the next sitting.
    write, sign = (each for each in late.steps if each.stage in (Stage.WRITE, Stage.SIGN))
    assert write.said == "liste en retard depuis le 16\u00a0juin" and not sign.url


def test_a_sitting_of_before_the_law_is_asked_for_its_minutes_alone(cast, closed, client_of):
    secretary = client_of(cast.secretariat)
    change(closed, held_on=date(2016, 6, 9), starts_at=closed.starts_at)
    line = read(closed, AFTER)
    assert line.next.what == "Rédiger et établir le procès-verbal" and due(line) == {}
    # « À faire » leaves it in peace: so does the list, which asked for its minutes.
    assert waiting.tasks(Body.objects.all(), on=AFTER) == []
    listed = secretary.get(reverse("meetings:list")).text
    assert closed.get_absolute_url() in listed and line.next.what not in listed
    documents.issue_minutes(Meeting.objects.get(pk=closed.pk), by=cast.secretariat, at=AT)
    after = read(closed, AFTER)
    assert after.next is None and after.steps[3].mark == "done" and after.steps[6].mark == "untold"


def test_minutes_that_the_next_sitting_found_unwritten_are_late_and_say_their_year(cast, closed):
    held.prepare(cast, held_on=JULY)
    line = read(closed, date(2027, 1, 15))
    assert line.next.is_late is True
    (adopt,) = (step for step in line.steps if step.stage is Stage.ADOPT)
    assert adopt.due_on == JULY and adopt.said.startswith("en retard depuis le 7\u00a0juil")
    held.prepare(cast, held_on=date(2027, 2, 2))
    assert due(read(closed, date(2027, 1, 15)))[Stage.ADOPT] == JULY


def test_a_date_of_another_year_than_the_sitting_bears_its_own(cast, closed):
    held.prepare(cast, held_on=date(2027, 2, 2))
    (adopt,) = (step for step in read(closed, JULY).steps if step.stage is Stage.ADOPT)
    assert adopt.said.replace("\u00a0", " ").endswith("d’ici au 2 févr. 2027")


def test_a_sitting_of_before_the_law_has_no_date_that_the_next_to_come_would_give(cast, closed):
    change(closed, held_on=date(2016, 6, 9), starts_at=closed.starts_at)
    held.prepare(cast, held_on=JULY)
    line = read(closed, AFTER)
    assert due(line) == {} and line.next.before == "" and not line.next.is_late


def test_nothing_is_said_to_be_done_that_nobody_noted(cast, client_of, closed):
    """« Tout est fait » was said beside « Publier : non noté »."""
    client, done = (
        client_of(cast.secretariat),
        "Tout ce que la loi demande de cette séance est fait",
    )
    change(closed, held_on=date(2016, 6, 9), convened_on=date(2016, 6, 1))
    documents.issue_minutes(Meeting.objects.get(pk=closed.pk), by=cast.secretariat, at=AT)
    page = text(client.get(closed.get_absolute_url()))
    assert (
        unsaid(page, "Rien n’attend", "faire arrêter, signer et publier") == [] and done not in page
    )


def test_a_sitting_of_which_all_was_noted_is_said_to_be_done(cast, client_of, closed, request):
    change(closed, convened_on=JUNE - timedelta(9))
    all_done = request.getfixturevalue("all_done")
    client, url = client_of(cast.secretariat), all_done.get_absolute_url()
    assert "Tout ce que la loi demande de cette séance est fait." in text(client.get(url))
    # Online five months later, it was « fait » all the same.
    rows = QuerySet(Publication).filter(document__kind=IssuedDocument.Kind.LIST)
    rows.update(published_at=AT + timedelta(160))
    page = text(client.get(url)).replace("\u00a0", " ")
    late = "Liste des délibérations mise en ligne le 22 novembre 2026, et non le 16 juin 2026"
    summary = "Tout est fait, dont 1 chose après le délai de la loi."
    wanted = (summary, late, "fait, le 22 nov. au lieu du 16 juin")
    assert unsaid(page, *wanted) == [] and "Tout ce que la loi demande" not in page
    page = text(client.get(reverse("registry:acts", args=[all_done.pk])))
    assert late in page.replace("\u00a0", " ")


def test_a_sitting_without_quorum_offers_its_second_call_once(cast, without_quorum):
    again = reverse("convening:second_call", args=[without_quorum.pk])
    assert again in [url for _, url in read(without_quorum, AFTER).next.also]
    changing.second_call(
        without_quorum,
        held_on=JULY,
        starts_at=without_quorum.starts_at,
        place="ici",
        by=cast.secretariat,
    )
    assert again not in [url for _, url in read(without_quorum, AFTER).next.also]


# --- On the pages -----------------------------------------------------------------------------

PAGES = {
    "meetings:detail": "Séance du", "meetings:agenda": "Ordre du jour",
    "convening:prepare": "Convocation", "convening:board": "Réponses",
    "meetings:attendance": "Présences", "documents:preview": "Procès-verbal",
    "registry:write": "Rédiger le procès-verbal", "registry:acts": "Délibérations",
    "archive:publish_sitting": "Publication", "meetings:ledger": "Registre de la séance",
    "meetings:edit": "Modifier la séance", "meetings:dossier": "Dossier de la séance",
    "registry:reviews": "Relectures",
}  # fmt: skip


def test_every_page_of_a_sitting_has_the_line_and_a_heading_of_its_own(cast, client_of, closed):
    secretary = client_of(cast.secretariat)
    titles = set()
    for name, heading in PAGES.items():
        page = text(secretary.get(reverse(name, args=[closed.pk])))
        page = re.sub("<template.*?</template>", "", page)  # a paper, drawn in the page
        assert page.count("<h1") == 1 and f"<h1>{heading}" in page, name
        assert page.count('aria-current="step"') == 1, name
        assert 'aria-label="Étapes de la séance"' in page, name
        assert page.count("btn-primary") <= 2, name
        titles.add(page.partition("<title>")[2].partition("</title>")[0])
    assert len(titles) == len(PAGES)


def test_who_only_reads_a_sitting_sees_no_stages(cast, client_of, closed):
    page = reverse("meetings:detail", args=[closed.pk])
    assert "Étapes de la séance" in text(client_of(cast.secretariat).get(page))
    for reader in (cast.delegate, cast.administration):
        assert "Étapes de la séance" not in text(client_of(reader).get(page))


def test_the_sitting_says_what_comes_next_and_what_it_lacks(cast, client_of):
    day = timezone.localdate() + timedelta(30)
    change_rules(cast.comite, note_required=False)
    meeting = held.prepare(cast, held_on=day, is_hour_unknown=True)
    client = client_of(cast.secretariat)
    page = text(client.get(meeting.get_absolute_url()))
    edit = reverse("meetings:edit", args=[meeting.pk])
    wanted = ("Préparer la séance", "Il manque :", f'href="{edit}#id_place">le lieu', "levée")
    assert unsaid(page, *wanted) == []
    assert 'id="id_place"' in text(client.get(edit))  # the very field
    assert page.count("btn-primary") == 1


@pytest.mark.parametrize("state", ["closed", "acts_issued", "cancelled"])
def test_what_is_over_offers_neither_to_move_it_nor_to_call_it_off(cast, client_of, meeting, state):
    """« Annuler » and « Déplacer » were refused, and offered all the same."""
    client = client_of(cast.secretariat)
    change(meeting, sent_on=JUNE - timedelta(9), convened_on=JUNE - timedelta(9))
    doors = [reverse(f"convening:{name}", args=[meeting.pk]) for name in ("move", "cancel")]
    doors.append(reverse("meetings:delete", args=[meeting.pk]))
    for name in ("meetings:edit", "meetings:detail", "convening:prepare"):
        page = text(client.get(reverse(name, args=[meeting.pk])))
        assert [door for door in doors if door in page] == [], name
    for door in doors[:2]:
        assert client.get(door).url == reverse("convening:prepare", args=[meeting.pk])


def test_a_sitting_to_come_that_was_convened_may_be_moved_and_its_guests_noted(cast, client_of):
    day = timezone.localdate() + timedelta(30)
    meeting, client = held.prepare(cast, held_on=day), client_of(cast.secretariat)
    change(meeting, sent_on=timezone.localdate(), convened_on=timezone.localdate())
    edit = reverse("meetings:edit", args=[meeting.pk])
    doors = [reverse(f"convening:{name}", args=[meeting.pk]) for name in ("move", "cancel")]
    assert unsaid(text(client.get(edit)), *doors, "Enregistrer") == []
    client.post(edit, {"attending": "Mme Anne Roux, directrice"})
    meeting.refresh_from_db()
    assert meeting.attending == "Mme Anne Roux, directrice" and meeting.held_on == day


def test_publishing_at_once_says_whose_signatures_are_missing(cast, client_of, acts_to_sign):
    client = client_of(cast.secretariat)
    held.give_accounts(cast)
    page = text(client.get(reverse("archive:publish_sitting", args=[acts_to_sign.pk])))
    wanted = "2 documents attendent encore la signature d’Alice ARNAUD et de Bruno BESSON"
    assert unsaid(page, wanted, "sans toutes leurs signatures", "Publier sans") == []
    assert "(à cocher pour publier maintenant)" in page  # the box is required, and says so


def test_signed_by_all_nothing_is_said_to_be_missing(cast, client_of, acts_online):
    page = text(
        client_of(cast.secretariat).get(reverse("archive:publish_sitting", args=[acts_online.pk]))
    )
    assert "en ligne le" in page and "la signature d" not in page


def test_minutes_that_wait_are_a_button_of_the_page_and_what_is_unsigned_online_is_told(
    cast, client_of, adopted
):
    """The acts were online: no button was left, and the minutes, overdue, were left out."""
    client = client_of(cast.secretariat)
    url = reverse("archive:publish_sitting", args=[adopted.pk])
    minutes = adopted.documents.get(kind=IssuedDocument.Kind.MINUTES)
    way = reverse("archive:publication", args=[minutes.pk])
    page = client.get(url).text
    assert "Publier le procès-verbal…" in page and page.count(f'href="{way}"') == 2
    assert "en ligne sans" not in page
    publishing.publish(minutes, by=cast.secretariat, at=AT)
    page = client.get(url).text
    assert "Publier le procès-verbal…" not in page and "en ligne sans la signature d’Alice" in page
    assert "exécutoire une fois publiée et reçue par la préfecture" in page


def test_the_line_costs_little_and_the_same_whatever_the_agenda(cast):
    def cost(meeting: Meeting) -> int:
        fresh = Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)
        assert fresh.agenda and fresh.sitting  # every page reads them
        return queries(lambda: stages.of(fresh, on=JULY).steps)

    told = []
    for titles in (("Budget",), [f"Point {n}" for n in range(9)]):
        meeting = held.hold(cast, JUNE + timedelta(len(titles)), adopted=titles, approves=False)
        closed = cost(meeting)
        held.issue_acts(meeting, by=cast.secretariat, at=AT)
        told.append((closed, cost(meeting)))
    # Once established: what is away in a parapheur, what is online with words masked since, since
    # when, and what was taken off before its time.
    assert told == [(4, 15)] * 2
