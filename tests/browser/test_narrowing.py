"""A long composition, narrowed to who is sought as his name is typed."""

from django.urls import reverse

from live import reading, rehearsal


def test_a_name_is_found_as_it_is_typed(transactional_db, cast, page_of, kept_out):
    page = page_of(cast.secretariat)
    page.goto(reverse("members:composition", args=[cast.comite.pk]))
    seats = page.locator(".seat:visible:not(.seat-vacant)")
    everybody = seats.count()
    field = page.get_by_label("Chercher un nom")
    field.press_sequentially("BESson b")
    (found,) = seats.all_inner_texts()
    assert found.startswith("Bruno BESSON")
    assert page.locator(".roll-column:visible .roll-title:visible").count() == 1
    page.locator("#announcer", has_text="1 nom").wait_for()
    assert kept_out(page, "un nom") == []
    page.keyboard.press("Escape")
    assert (field.input_value(), seats.count()) == ("", everybody)
    field.press_sequentially("agglo")  # whom one sits for is no name
    page.locator("#announcer", has_text="Personne de ce nom").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Remplacer Bruno BESSON").click()
    page.get_by_role("heading", name="Remplacer, ou mettre fin").wait_for()


def test_who_may_not_replace_is_told_who_does(transactional_db, cast, page_of):
    page = page_of(cast.delegate)
    page.goto(reverse("members:composition", args=[cast.comite.pk]))
    assert page.get_by_role("link", name="Remplacer").count() == 0
    assert page.get_by_text("remplace qui ne siège plus").is_visible()


def test_the_masthead_of_the_administration_holds_on_one_line(transactional_db, cast, page_of):
    page = page_of(cast.administration, width=1440)
    page.goto("/administration/")
    middles = page.locator(".masthead-row > *").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect()).map(box => box.top + box.height / 2)"
    )
    assert len(middles) >= 4 and max(middles) - min(middles) < 12


def test_on_a_telephone_a_long_roll_is_its_colleges_and_stays_as_one_opened_it(
    transactional_db, cast, page_of
):
    page = page_of(cast.secretariat, width=390, height=844)
    stage = rehearsal.prepare(delegates=24, by=cast.secretariat, at=reading.wall_clock())
    for name in ("convening:board", "meetings:attendance"):
        page.goto(reverse(name, args=[stage.meeting.pk]))
        colleges, seats = page.locator(".roll-column"), page.locator(".seat:visible")
        assert (colleges.count(), seats.count()) == (3, 0), name
        colleges.nth(1).locator("summary").click()
        assert seats.count() == 8
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            seats.first.locator(".states label").first.click()
        page.locator(".quorum-figure b", has_text="1").wait_for()
        assert seats.count() == 8, f"{name}: what came back is as it was left"
        field = page.get_by_label("Chercher un nom")
        field.fill(page.locator("[data-name]").first.get_attribute("data-name"))
        assert seats.count() == 1  # of a college that is folded
        field.press("Escape")
        assert seats.count() == 8
