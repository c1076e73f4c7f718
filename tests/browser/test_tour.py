"""The tour in a browser: its pages keep nobody out, and one goes through by the keyboard."""

from demo import tour
from live import reading
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
