"""A sitting carried from the console: by keyboard alone, by two, without network, at any hour."""

import os
import signal
from datetime import datetime, time
from time import sleep
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from convening.actions import answering
from convening.models import Answer
from law import sitting
from live import reading, rehearsal
from live.actions import conduct, items, people, tablets
from live.models import Equipment, Poll, Press
from meetings.actions import items as points
from meetings.models import AgendaItem, Meeting
from tests import cast as make
from tests.browser.live import PATH, Console
from tests.held import prepare

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def meeting(transactional_db, cast) -> Meeting:
    """A Comité of seven with an agenda of each kind."""
    meeting = prepare(cast)
    for title, kind in (
        ("Informations de la présidente", "information"),
        ("Budget primitif", "deliberation"),
        ("Subventions", "deliberation"),
        ("Convention", "deliberation"),
        ("Élection d’un membre de la commission", "election"),
        ("Vœu", "deliberation"),
    ):
        points.add_item(meeting, title=title, kind=kind, by=cast.secretariat)
    return meeting


@pytest.fixture
def console(meeting, cast, page_of) -> Console:
    return Console(page_of(cast.secretariat), meeting.pk).open()


@pytest.fixture
def opened(console) -> Console:
    """Everybody there, opened by Alice, the budget under discussion."""
    console.begin()
    console.key("PageDown").on_item("p2")
    return console


def story(meeting: Meeting) -> list[str]:
    meeting = Meeting.objects.get(pk=meeting.pk)
    return [type(event).__name__ for event in sitting.standing_events(meeting.ledger)]


def ballots(meeting: Meeting) -> dict[str, tuple[str, dict]]:
    """Item → mode and choices of its ballot."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    return {
        event.ballot.item: (
            event.ballot.mode.value,
            {seat: choice.value for seat, choice in event.ballot.choices.items()},
        )
        for event in meeting.sitting.of_kind(sitting.BallotHeld)
    }


@pytest.mark.parametrize("width", [1440, 390])
def test_a_whole_sitting_by_keyboard_alone(width, meeting, cast, page_of, barriers):
    size = {"width": width, "height": 900 if width > 400 else 844}
    page = page_of(cast.secretariat, **size)
    console = Console(page, meeting.pk).open()
    found = []

    def look(state: str) -> None:
        if width > 400:
            tall = page.evaluate("document.body.scrollHeight")
            found.extend([f"{state} : {tall} px de haut"] if tall > 900 else [])
            return
        for each in ({"width": 1440, "height": 900}, size):
            page.set_viewport_size(each)
            found.extend(barriers(page, state))

    look("à ouvrir")
    # The roll: three letters and P; Farid Faure is excused, Elsa Evrard comes late.
    for key in ("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval"):
        console.does(key, "p")
    console.does("farid-faure", "e").until(lambda m: len(m["present"]) == 4)
    console.type("bes")
    look("un nom")
    console.key("Escape").key("Space")
    look("commandes")
    console.key("Escape").key("Enter")
    look("fenêtre d’ouverture")
    page.locator("#open-clerk").select_option(label="Claire CARON")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    look("ouverte")

    console.key("Enter").on_item("p1")
    console.does("elsa-evrard", "p").in_room("elsa-evrard")
    console.key("PageDown").on_item("p2")
    look("point")

    # The first exception opens the vote; Page down proclaims and goes on.
    console.type("besc").type("cara").type("duvn")
    console.voting().told("Denis DUVAL")
    look("vote")
    console.key("PageDown").on_item("p3")
    votes = ["contre", "abstention", "ne_prend_pas_part"]
    named = dict(zip(["bruno-besson", "claire-caron", "denis-duval"], votes, strict=True))
    assert ballots(meeting)["p2"] == ("ordinaire", named)

    # A withdrawal, a suspension, a proxy handed over when one leaves.
    console.type("duvr").key("i").told("Denis DUVAL")
    console.type(" s").write("pause").key("Enter").until(lambda m: m["stage"] == "suspendue")
    look("suspendue")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    console.type("evrvbes").key("Enter").told("donne pouvoir")
    console.type("evrd").gone("elsa-evrard")

    # Public ballot: name after name.
    console.type(" m").key("ArrowDown", "Enter")
    # Without Elsa and Denis the quorum is gone since the resumption: it is asked first.
    page.get_by_role("button", name="Voter sans le quorum").wait_for()
    look("une question d’abord")
    # Nobody asked for a ballot by names either: that is another question.
    console.key("Enter")
    page.get_by_role("button", name="Voter au scrutin public").wait_for()
    console.key("Enter").voting()
    look("appel nominal")
    console.type("pcpp").rest()
    console.key("PageDown").on_item("p4")
    assert ballots(meeting)["p3"][0] == "public"

    # Huis clos, and a secret ballot by its counts.
    console.type(" h").key("Enter").until(lambda m: m["stage"] == "huis-clos")
    look("huis clos")
    console.type(" m").key("ArrowDown", "ArrowDown")
    page.locator("#poll-reason").fill("les statuts")
    console.key("Enter").voting()
    console.key("Enter")
    page.locator("#count-pour:focus").wait_for()
    look("dépouillement")
    page.keyboard.type("3")
    console.key("Tab").type("1").key("Tab", "Tab", "Tab").type("1").key("Enter")
    console.voting(still=False)
    assert ballots(meeting)["p4"] == ("secret", {})
    console.type(" h").until(lambda m: m["stage"] == "ouverte")

    # An election in its window.
    console.key("PageDown").on_item("p5").key("Enter")
    page.locator("#id_title:focus").wait_for()
    look("élection")
    page.keyboard.type("membre")
    page.locator("#id_round_1").fill("Bruno BESSON : 5")
    page.locator("#id_title").press("Enter")
    console.until(lambda m: "p5" in m["decided"])

    # Without a vote, then the end.
    console.key("PageDown").on_item("p6")
    console.type(" tt").key("Enter").told("reporté")
    console.key("Enter")
    page.locator("#dialog-close[open]").wait_for()
    look("levée ?")
    console.key("Enter").until(lambda m: m["stage"] == "levee")
    look("levée")
    assert found == []
    meeting.refresh_from_db()
    assert meeting.stage == Meeting.Stage.CLOSED


def test_a_dialog_keeps_nothing_of_the_item_before(meeting, cast, page_of):
    """Mode, majority, question, reason, tablets: each opening starts from the usual vote."""
    Equipment.objects.create(meeting=meeting, tablets=True)
    points.add_item(meeting, title="Comptes de 2025", kind="comptes", by=cast.secretariat)
    points.add_item(meeting, title="Vice-présidents", kind="executif", by=cast.secretariat)
    page = page_of(cast.secretariat)
    console = Console(page, meeting.pk).open().begin()
    console.key("PageDown").on_item("p2")

    def settings() -> list[str | bool]:
        fields = [page.locator(f"#poll-{name}") for name in ("majority", "question", "reason")]
        mode = page.locator("[name=mode]:checked >> visible=true").get_attribute("value")
        on_tablets = page.locator("#poll-tablets").is_checked()
        return [mode, *(field.input_value() for field in fields), on_tablets]

    usual = ["ordinaire", "ordinaire", "", "", False]
    console.type(" m")
    assert settings() == usual
    page.locator("#poll-secret").check()
    page.locator("#poll-majority").select_option("statuts")
    for field in ("question", "reason"):
        page.locator(f"#poll-{field}").fill("Amendement")
    page.locator("#poll-tablets").check()
    console.key("Escape").key("PageDown").on_item("p3").type(" m")
    assert settings() == usual
    console.key("Escape").type(" o5").key("Enter").on_item("p5").type(" m")
    assert settings() == ["secret", "ordinaire", "", "nomination", False]
    console.key("Escape").type(" o7").key("Enter").on_item("p7").type(" m")
    assert settings() == ["ordinaire", "comptes", "", "", False]
    assert page.locator("[data-elects]").is_hidden()
    # An election of the executive is no vote; a question beside it is.
    console.key("Escape").type(" o8").key("Enter").on_item("p8").type(" m")
    assert page.locator("[data-elects]").is_visible()
    assert page.locator("#poll-public").is_disabled() and page.locator("#poll-secret").is_checked()
    page.locator("#poll-question").fill("trois vice-présidents")
    assert page.locator("#poll-public").is_enabled()


def test_proclaiming_waits_for_the_tablets_or_says_what_their_silence_means(meeting, cast, page_of):
    Equipment.objects.create(meeting=meeting, tablets=True)
    page = page_of(cast.secretariat)
    console = Console(page, meeting.pk).open().begin()
    console.key("PageDown").on_item("p2").type(" m")
    page.locator("#poll-tablets").check()
    console.key("Enter").voting()
    tablets.cast(Poll.objects.get(), voter="elsa-evrard", choice="contre")
    page.locator(".voting-answered", has_text="1 réponse sur 6").wait_for()
    console.key("Enter").told("5 sièges n’ont pas encore voté")
    assert page.locator("#prompt").inner_text() == "Les autres ne prennent pas part"
    assert console.hints() == ["Entrée proclamer ainsi", "Échap attendre"]
    console.key("Escape").voting()
    tablets.cast(Poll.objects.get(), voter="alice-arnaud", choice="pour")
    page.locator(".voting-answered", has_text="2 réponses sur 6").wait_for()
    console.key("Enter").told("4 sièges").key("Enter").voting(still=False)
    silent = ("bruno-besson", "claire-caron", "denis-duval", "farid-faure")
    votes = dict.fromkeys(silent, "ne_prend_pas_part") | {"elsa-evrard": "contre"}
    assert ballots(meeting)["p2"] == ("ordinaire", votes)


def test_the_proxy_given_online_is_proposed_and_the_answers_are_taken_by_one_key(
    meeting, cast, page_of
):
    """Elsa said that Denis carries her proxy: P then Enter, without typing his name."""
    told = {"via": Answer.Via.LINK, "at": timezone.make_aware(meeting.scheduled_for)}
    for who in (cast.alice, cast.bruno, cast.denis):
        answering.answer(meeting, mandate=cast.seat(who), word=Answer.Word.COMING, **told)
    excused = {"word": Answer.Word.EXCUSED, "holder": cast.seat(cast.denis)}
    answering.answer(meeting, mandate=cast.seat(cast.elsa), **excused, **told)
    console = Console(page_of(cast.secretariat), meeting.pk).open()
    console.does("elsa-evrard", "v").key("Enter").told("pouvoir")
    console.key("Control+z").told("Annulé")
    console.key("Enter").until(lambda m: len(m["present"]) == 3)
    assert story(meeting)[1:] == ["Arrived"] * 3 + ["Excused", "ProxyGiven"]
    console.key("Control+z").until(lambda m: not m["present"])
    console.type(" p").until(lambda m: len(m["present"]) == 5)
    assert "elsa-evrard" not in console.moment["present"]


def test_what_the_law_asks_has_its_key(meeting, cast, page_of, barriers):
    """The president led out of the chair, a mandate that ends, secrecy waived by a vote."""
    points.add_item(meeting, title="Comptes de 2025", kind="comptes", by=cast.secretariat)
    points.add_item(meeting, title="Élection du président", kind="executif", by=cast.secretariat)
    page = page_of(cast.secretariat)
    console = Console(page, meeting.pk).open().begin()
    console.type(" o7").key("Enter").on_item("p7")
    assert "A. ARNAUD se retire, l’assemblée élit" in page.locator("#primary").inner_text()
    console.key("Enter")
    page.locator("#dialog-lead[open]").wait_for()
    assert page.locator("#lead-member").input_value() == "bruno-besson"
    found = barriers(page, "les comptes")
    console.key("Enter").told("élit")
    console.key("Enter").voting().key("Enter").voting(still=False)
    console.does("elsa-evrard", "m").key("d").told("démissionne")
    assert "hors fonction" in page.locator("#p-elsa-evrard").inner_text()
    console.key("Control+z").told("Annulé").type(" o5").key("Enter").on_item("p5").key("Enter")
    opposed = page.locator("#id_opposed")
    assert not opposed.is_visible()
    page.locator("#id_secrecy").select_option("leve")
    assert opposed.is_visible()
    found += barriers(page, "le secret levé")
    console.key("Escape").type(" o8").key("Enter").on_item("p8").key("Enter")
    page.locator("#dialog-election[open] #id_secrecy").wait_for()
    assert page.locator("#id_secrecy").input_value() == "impose"
    assert page.locator("#id_secrecy option:not([disabled])").count() == 1
    assert not opposed.is_visible()
    assert found == []


# What has to be scrolled, in pixels: the page, the roll.
OVERFLOWING = """() => ["html", ".pane-roll .pane-scroll"].map((it) => document.querySelector(it))
  .map((it) => it.scrollHeight - it.clientHeight)"""


@pytest.mark.parametrize("delegates", [9, 60, 300])
def test_an_assembly_fits_the_screen(delegates, transactional_db, cast, page_of):
    """No scrolling from nine to sixty members; three hundred scroll in their pane alone."""
    stage = rehearsal.prepare(delegates=delegates, by=cast.secretariat, at=reading.wall_clock())
    meeting = stage.meeting
    console = Console(page_of(cast.secretariat), meeting.pk).open()
    console.begin(delegates)
    last = console.moment["present"][-1]
    console.does(last, "c").voting()
    console.page.locator(f"#p-{last}[data-choice=contre]").wait_for()
    page, roll = console.page.evaluate(OVERFLOWING)
    assert page <= 0
    if delegates <= 60:
        assert roll <= 0
    else:
        expect(console.page.locator(f"#p-{last}")).to_be_in_viewport()
    console.key("Enter").told("adoptée")


def test_a_letter_that_goes_on_with_the_name_is_told_twice_or_refused_and_then_nothing_acts(opened):
    """ARN and A are ARNA: the keys on the screen say so, and Shift always acts."""
    opened.type("arn")
    assert "A A s’abstient" in opened.hints()
    assert "C contre" in opened.hints()
    opened.type("aa").told("s’abstient")
    assert opened.choice("alice-arnaud") == "abstention"
    opened.type("arn").key("Shift+A").told("s’abstient")
    opened.type("arnaud").type("c").told("contre")
    assert opened.choice("alice-arnaud") == "contre"
    opened.type("a").type("p").told("pour")
    assert opened.choice("alice-arnaud") == "pour"
    opened.key("Enter").voting(still=False).key("PageDown").on_item("p3")
    before = Poll.objects.count()
    # After "arna", C is against for ARNAUD or the beginning of CARON: the hand must say.
    opened.type("arnac").told("est-il une lettre du nom").type("arc")
    opened.key("Escape").type("besk").told("ne fait rien").type("car").type("c")
    assert opened.page.locator("#command").input_value() == "bes"
    opened.key("PageDown")
    assert opened.moment["item"] == "p3"
    assert Poll.objects.count() == before
    opened.key("Escape").type("arnaa").type("carc").told("CARON")
    assert opened.choice("alice-arnaud") == "abstention"
    assert opened.choice("claire-caron") == "contre"


def test_the_next_key_is_on_the_screen_homonyms_have_a_digit(meeting, cast, page_of):
    other = make.make_person(cast.organisation, "Zoé", "Besson")
    make.make_mandate(cast.comite, other, constituency=cast.college_departement)
    console = Console(page_of(cast.secretariat), meeting.pk).open()
    assert any("commandes" in hint for hint in console.hints())
    console.type("car")
    assert console.hints()[:2] == ["P présence", "E s’excuse"]
    console.key("Escape").key("Space")
    assert console.page.locator("#commands .command").count() >= 3
    console.key("Escape").type("besson")
    assert sum("BESSON" in hint for hint in console.hints()) == 2
    console.type("2p").until(lambda m: m["present"] == ["zoe-besson"])
    console.type("bes").key("ArrowDown").type("p").until(lambda m: len(m["present"]) == 2)
    console.type("besson z").type("e").told("BESSON")


def test_who_is_there_is_seen_while_a_name_is_typed(console):
    """The paper's convention holds for those who are not meant by the letters."""
    console.does("alice-arnaud", "p").in_room("alice-arnaud")
    look = "it => [getComputedStyle(it).color, getComputedStyle(it).fontWeight]"
    there, away = (console.page.locator(f"#p-{key}") for key in ("alice-arnaud", "denis-duval"))
    console.page.mouse.move(0, 0)
    quiet = [each.evaluate(look) for each in (there, away)]
    console.type("bes")
    console.page.locator("#roll.is-searching").wait_for()
    assert [each.evaluate(look) for each in (there, away)] == quiet
    assert quiet[0] != quiet[1]


def test_the_last_line_is_undone_and_told_again(opened, meeting):
    opened.type("besd").gone("bruno-besson")
    opened.key("Control+z").in_room("bruno-besson").told("Annulé")
    assert "Left" not in story(meeting)
    opened.page.locator(".line-undo").first.click()
    opened.page.locator("dialog.ask[open] .btn-primary").click()
    opened.gone("bruno-besson")


def test_the_law_speaks_before_the_mistake(console):
    console.type("arp").type("besp").until(lambda m: len(m["present"]) == 2)
    console.key("Enter", "Enter")
    console.page.locator("#dialog-open [name=sure]").wait_for(state="attached")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    console.key("Enter", "PageDown").on_item("p2")
    assert console.page.locator("#primary").count() == 0
    blocked = console.page.locator(".blocked")
    assert "quorum" in blocked.inner_text().lower()
    assert "seconde" in blocked.inner_text()
    console.key("Enter").told("uorum")
    console.type("besc").told("ne fait rien")
    assert Poll.objects.count() == 0


def test_what_was_noticed_late_has_its_own_hour(meeting, cast, page_of):
    """ "bes", 19 h 32, leaves: the hour stands between the name and the action."""
    with time_machine.travel(datetime(2026, 6, 9, 19, 0, tzinfo=PARIS)) as clock:
        console = Console(page_of(cast.secretariat), meeting.pk).open()
        console.begin()
        clock.move_to(datetime(2026, 6, 9, 19, 40, tzinfo=PARIS))
        console.type("bes1932")
        assert "BESSON, à 19" in console.page.locator("#found").inner_text()
        console.type("d").told("à 19 h 32")
        left = Meeting.objects.get(pk=meeting.pk).ledger[-1]
        assert left.at == datetime(2026, 6, 9, 19, 32)
        console.page.locator("#hour").fill("19h55")
        console.page.locator("#command").focus()
        console.type("duv").key("Shift+D").told("Il n’est pas encore")
        assert "denis-duval" in console.moment["present"]
        console.key("Escape").type("bes99").key("Enter").told("n’est pas une heure")


def test_everything_is_done_with_a_finger_too(meeting, cast, page_of):
    page = page_of(cast.secretariat, width=390, height=844, has_touch=True)
    console = Console(page, meeting.pk)
    page.goto(f"/seances/{meeting.pk}/direct/")
    page.locator("#menu-button").tap()
    page.locator(".command", has_text="Tous présents").tap()
    console.until(lambda m: len(m["present"]) == 6)
    page.locator("#p-farid-faure").tap()
    page.locator(".hint", has_text="absence").tap()
    console.until(lambda m: len(m["present"]) == 5)
    page.locator("#primary").tap()
    page.locator("#dialog-open .btn-primary").tap()
    page.get_by_role("button", name="Ouvrir sans secrétaire").tap()
    console.until(lambda m: m["stage"] == "ouverte")
    page.locator("#pt-p3").tap()
    page.locator(".hint", has_text="appeler").tap()
    console.on_item("p3")
    page.locator("#p-bruno-besson").tap()
    page.locator(".hint", has_text="contre").tap()
    console.voting().told("contre")
    page.locator("#primary").tap()
    console.voting(still=False)
    assert ballots(meeting)["p3"] == ("ordinaire", {"bruno-besson": "contre"})


def test_two_secretaries_see_each_other(opened, meeting, cast, page_of):
    Equipment.objects.create(meeting=meeting, tablets=True)
    other = Console(page_of(cast.secretariat), meeting.pk).open()
    opened.type("duvc").voting()
    other.voting()
    other.page.locator("#p-denis-duval.votes-contre").wait_for()
    other.type("cara")
    opened.page.locator("#p-claire-caron.votes-abstention").wait_for()
    # Both press at once: one proclaims, the other is told.
    other.key("Enter")
    opened.voting(still=False)
    assert story(meeting).count("BallotHeld") == 1
    opened.key("PageDown").on_item("p3")
    other.on_item("p3")
    # One does not see the proclamation of the other: its vote leaves for a closed ballot.
    opened.type("duvc").voting()
    other.voting()
    other.page.route("**/direct/etat/", lambda route: route.fulfill(status=304))
    opened.key("Enter").voting(still=False)
    other.type("besc").told("vient d’être proclamé")
    other.voting(still=False)
    assert ballots(meeting)["p3"] == ("ordinaire", {"denis-duval": "contre"})


def test_what_is_typed_before_the_console_listens_is_not_lost(opened, meeting):
    """Fast hands, or a slow network: the letters are in the field, they name somebody."""
    page, held = opened.page, []
    page.route("**/js/console.js", lambda route: held.append(route))
    page.goto(PATH.format(meeting.pk), wait_until="commit")
    page.locator("#command:focus").wait_for()
    page.keyboard.type("car")
    assert page.locator("#found").inner_text() == ""
    held[0].continue_()
    page.locator("#found", has_text="CARON").wait_for()
    opened.type("d").gone("claire-caron")


def test_a_refusal_is_said_once(console):
    """In the window that asked, not under its veil as well: nobody is there."""
    console.key("Space").type("o").page.locator("#dialog-open[open]").wait_for()
    window = console.key("Enter").page.locator("#dialog-open")
    window.get_by_text("Pointez d’abord les présents").wait_for()
    assert console.rest().page.locator("#told").inner_text() == ""


def test_what_is_typed_is_never_swept_away(opened, meeting, cast, page_of):
    other = Console(page_of(cast.secretariat), meeting.pk).open()
    page = opened.page
    opened.type("car")
    other.type("besd").gone("bruno-besson")
    opened.gone("bruno-besson")
    assert page.locator("#command").input_value() == "car"
    opened.key("Escape").type(" n")
    page.locator(".debate-page:focus").wait_for()
    opened.write("Le rapporteur expose")
    other.key("PageDown").on_item("p3")
    opened.on_item("p3")
    opened.write(" la suite.")
    assert page.locator(".notes-title").inner_text() == "Notes du point 2"
    page.locator("[data-autosave-state=saved]").wait_for()
    opened.key("Escape")
    page.locator(".notes-title", has_text="point 3").wait_for()
    item = AgendaItem.objects.get(meeting=meeting, key="p2")
    assert item.text == "<p>Le rapporteur expose la suite.</p>"


def test_a_laptop_that_slept_catches_up(opened, meeting, cast):
    """Nothing runs while the lid is closed; opened again, the console is where the ledger is."""
    browser = opened.page.context.browser
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [process["id"] for process in told if process["type"] == "renderer"]
    assert pages
    asleep = Meeting.objects.get(pk=meeting.pk)
    try:
        for pid in pages:
            os.kill(pid, signal.SIGSTOP)
        at = reading.wall_clock()
        people.leave(asleep, member="bruno-besson", by=cast.secretariat, at=at)
        items.open_item(asleep, item="p3", by=cast.secretariat, at=at)
        sleep(8)  # longer than the console waits for an answer
    finally:
        for pid in pages:
            os.kill(pid, signal.SIGCONT)
    opened.until(lambda m: m["item"] == "p3" and "bruno-besson" not in m["present"])
    opened.type("carc").voting().told("contre")


def test_offline_nothing_is_sent_and_what_got_no_answer_is_asked_about(opened, meeting, complaints):
    page, lost = opened.page, []
    page.context.set_offline(True)
    page.locator(".live-link:visible", has_text="rien n’est envoyé").wait_for()
    before = Press.objects.count()
    opened.type("besd").told("rien n’est envoyé")
    assert page.locator("#command").input_value() == "bes"
    page.context.set_offline(False)
    page.locator(".live-link").wait_for(state="hidden")
    assert Press.objects.count() == before
    assert "bruno-besson" in opened.moment["present"]

    # The server does it; the answer is lost on the way, and the act is not done twice.
    def lose(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/direct/actes/", lose)
    opened.type("d").told("Confirmé").gone("bruno-besson")
    assert lost[0].status == 200
    assert story(meeting).count("Left") == 1

    # A question that fails after an act was answered says nothing of the link.
    asked = []
    page.route("**/direct/etat/", lambda route: asked.append(route), times=1)
    while not asked:
        page.wait_for_timeout(20)
    opened.type("evrd").gone("elsa-evrard")
    asked[0].abort()
    opened.type("duvd").gone("denis-duval")
    complaints.clear()  # chromium tells each request that did not leave


def test_an_act_that_was_not_received_is_sent_again_under_its_key(opened, meeting, complaints):
    page = opened.page
    keys = []

    def drop(route) -> None:
        keys.append(route.request.post_data.split("key=")[1].split("&")[0])
        (route.abort if len(keys) == 1 else route.continue_)()

    page.route("**/direct/actes/", drop)
    opened.type("besd")
    page.locator("#told", has_text="Pas reçu").wait_for()
    assert "bruno-besson" in opened.moment["present"]
    opened.key("Enter").gone("bruno-besson")
    assert keys[0] == keys[1]
    complaints.clear()


def test_an_act_that_comes_in_after_one_asked_is_confirmed_and_a_lost_question_is_asked_again(
    opened, meeting, complaints
):
    """Where all is slow, an act is still on its way when the page gives it up and asks."""
    page, late, lost = opened.page, [], []

    def give_up(route) -> None:
        late.append(route.request)
        route.abort()

    page.route("**/direct/actes/", give_up, times=1)
    opened.type("besd").told("Pas reçu")
    sent = {"data": late[0].post_data, "headers": late[0].headers}
    assert page.request.post(late[0].url, **sent).status == 200
    opened.told("Confirmé").gone("bruno-besson")
    assert story(meeting).count("Left") == 1

    def lose(route) -> None:
        lost.append(route.fetch())
        route.abort()

    page.route("**/direct/actes/", lose, times=1)
    page.route("**/direct/actes/*/", lambda route: route.abort(), times=1)
    opened.type("evrd").told("Confirmé").gone("elsa-evrard")
    assert lost[0].status == 200
    complaints.clear()


def test_a_clock_wrong_by_an_hour_changes_nothing(meeting, cast, page_of):
    page = page_of(cast.secretariat, is_kept=False)
    page.clock.install(time="2031-01-01T03:00:00")
    console = Console(page, meeting.pk).open()
    console.begin()
    shown = page.locator("[data-clock]").inner_text()
    told = Meeting.objects.get(pk=meeting.pk).sitting.at_end.opened_at
    away = datetime.combine(told.date(), time.fromisoformat(shown)) - told
    assert abs(away.total_seconds()) < 60
    assert page.locator("[data-since]").inner_text().startswith("00:0")


def test_keys_pressed_before_a_window_opens_or_closes_are_its_own_or_wait(console, meeting):
    """The replies are slow, the hands are not: Enter, then Enter again, open the sitting while the
    roll is on its way; what follows acts once the sitting is open."""
    page, held = console.page, []
    told = {"by": meeting.created_by, "at": meeting.scheduled_for}
    conduct.name_clerks(meeting, clerks=["claire-caron"], **told)
    page.route("**/direct/actes/", lambda route: held.append(route), times=2)
    console.type(" p").key("Enter", "Enter")
    for count in (1, 2):
        while len(held) < count:
            page.wait_for_timeout(20)
        if count == 1:
            held[0].continue_()
    console.key("Enter").type("bes")
    assert page.locator("dialog[open]").count() == 1
    held[1].continue_()
    console.on_item("p1")
    expect(page.locator("#command")).to_have_value("bes")
    assert story(meeting).count("Opened") == 1
