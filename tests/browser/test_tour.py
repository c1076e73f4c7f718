"""The tour in a browser: its pages keep nobody out, and one goes through by the keyboard."""

from demo import tour
from live import reading
from meetings.models import Meeting
from members.witness import Witness
from registry.models import Deliberation
from tests.browser.live import Console
from tests.browser.test_story import Keyboard
from tests.demo import test_tour as deeds


def test_the_tour_keeps_nobody_out(transactional_db, own_directory, cast, walked):
    by = cast.secretariat
    assert walked([(by, "/visite/")]) == []
    meeting = tour.start(by=by, at=reading.wall_clock()).meeting
    for deed in (deeds.convene, deeds.come, deeds.roll):
        deed(cast)
    assert walked([(by, "/visite/"), (by, f"/seances/{meeting.pk}/direct/")]) == []


def test_a_step_is_seen_done_from_the_console(transactional_db, own_directory, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto("/visite/")
    page.get_by_role("button", name="Commencer la visite").press("Enter")
    for deed in (deeds.convene, deeds.come, deeds.roll):
        deed(cast)
    page.goto("/visite/")
    page.get_by_role("link", name="Ouvrir la console").press("Enter")
    page.locator(".tour").get_by_text("4 sur 8").wait_for()
    page.locator("#command").press("Enter")
    page.get_by_label("Secrétaire de séance").select_option(index=2)
    page.get_by_role("button", name="Ouvrir la séance", exact=True).press("Enter")
    page.locator(".tour").get_by_text("5 sur 8").wait_for()
    page.goto("/visite/")
    page.get_by_role("button", name="Retirer la visite").press("Enter")
    page.wait_for_url("**/aide/")
    assert tour.of(cast.secretariat) is None


def test_the_tour_goes_without_a_script(transactional_db, own_directory, cast, page_of):
    page = page_of(cast.secretariat, java_script_enabled=False, is_kept=False)
    page.goto("/visite/")
    page.get_by_role("button", name="Commencer la visite").click()
    page.get_by_role("link", name="Aller à Convoquer").click()
    assert page.locator(".tour").get_by_text("1 sur 8").is_visible()
    deeds.convene(cast)
    page.reload()
    assert page.locator(".tour").get_by_text("2 sur 8").is_visible()
    page.get_by_role("link", name="Les étapes").click()
    page.get_by_role("button", name="Nous y sommes").click()
    assert page.locator(".tour").get_by_text("3 sur 8").is_visible()


def test_the_tour_is_walked_to_its_end_by_the_keyboard(
    transactional_db, own_directory, cast, page_of
):
    """As its pages lead, and nothing of it counts elsewhere."""
    weighed = Witness.objects.count()
    hand = Keyboard(page_of(cast.secretariat))
    hand.page.goto("/visite/")
    hand.push("Commencer la visite")
    hand.open("Aller à Convoquer")
    hand.push("Convoquer…")
    hand.confirm("Établir la convocation")  # nobody there has an address
    hand.reads("2 sur 8")
    hand.open("Les étapes")
    hand.push("Nous y sommes")
    hand.open("Aller à l’appel")
    hand.push("Tous présents")
    hand.reads("9 / 9")
    hand.reach(hand.page.locator("[data-roll] .states input:checked").last)
    hand.act("e")
    hand.reads("4 sur 8")
    hand.open("Les étapes")
    hand.open("Ouvrir la console")
    meeting = Meeting.objects.get(body__organisation__is_fleeting=True)
    console = Console(hand.page, meeting.pk).ready().key("Enter")
    hand.reach(hand.page.get_by_label("Secrétaire de séance"))
    console.key("ArrowDown", "ArrowDown", "Enter").until(lambda m: m["stage"] == "ouverte")
    console.key("Enter").on_item("p1").key("Enter").voting()
    console.key("PageDown").until(lambda m: "p1" in m["decided"]).on_item("p2")
    leaving = console.moment["present"][-1]
    console.does(leaving, "d").gone(leaving)
    console.key("Enter").voting().key("PageDown").until(lambda m: "p2" in m["decided"])
    hand.reads("7 sur 8")
    console.key("Enter")
    hand.page.locator("#dialog-close[open]").wait_for()
    console.key("Enter").until(lambda m: m["stage"] == "levee").key("Enter")
    hand.heads("Procès-verbal")
    hand.push("Établir")
    hand.confirm("Établir")
    hand.open("Les étapes")
    hand.reads("Vous avez tout fait une fois")
    assert (Witness.objects.count(), Deliberation.objects.count()) == (weighed, 0)
    hand.push("Retirer la visite")
    hand.page.wait_for_url("**/aide/")
    assert tour.of(cast.secretariat) is None


def test_a_step_that_is_seen_done_takes_no_focus_away(
    transactional_db, own_directory, cast, page_of
):
    meeting = tour.start(by=cast.secretariat, at=reading.wall_clock()).meeting
    page = page_of(cast.secretariat)
    page.goto(meeting.get_absolute_url())
    page.get_by_role("link", name="Les étapes").focus()
    deeds.convene(cast)
    page.locator(".tour").get_by_text("2 sur 8").wait_for()
    assert page.evaluate("document.activeElement.innerText") == "Les étapes"
