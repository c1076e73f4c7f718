"""A long composition, narrowed to who is sought as his name is typed."""

from django.urls import reverse


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
