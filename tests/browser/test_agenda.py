"""The agenda by the keyboard alone: a list, ticks, what is taken back; where the focus goes."""

import re
from datetime import date, time, timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from meetings.actions import habits, items
from meetings.models import Meeting, RecurringItem
from tests.browser.conftest import PATIENCE
from tests.browser.test_seed_sitting import Hands
from tests.cast import change
from tests.convening import desk
from tests.held import prepare
from tests.meetings import files
from tests.seed import folded

# What the README promises, to the gesture.
(GESTURES,) = map(
    int, re.findall(r"deux pièces\s: (\d+)\sgestes", (site.BASE_DIR / "README.md").read_text())
)

FOCUS = """() => {
  const it = document.activeElement;
  return it.closest(".point")?.querySelector(".point-title").textContent.trim() || it.id;
}"""


@pytest.fixture
def meeting(transactional_db, cast, own_directory):
    prepare(cast, "Fibre", held_on=date(2026, 5, 12))
    meeting = prepare(cast)
    section = items.add_item(meeting, title="Finances", kind="section", by=cast.secretariat)
    for title in ("Budget", "Emprunt"):
        items.add_item(meeting, title=title, parent=section, by=cast.secretariat)
    return meeting


@pytest.fixture
def page(meeting, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/ordre-du-jour/")
    return page


def titles(page) -> list[str]:
    return page.locator(".agenda .point-title").all_inner_texts()[1:]  # after the approval


def wait(page, words: str):
    """Until the page says it, and is again its own."""
    page.locator("#announcer", has_text=words).wait_for(timeout=PATIENCE)
    page.wait_for_function("() => !document.querySelector('.htmx-settling, .htmx-request')")


def paste(page, text: str):
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_a_list_is_pasted_seen_and_taken_back(page, meeting):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Intitulé").focus()
    paste(page, "1. Vœu\n2. Réseau\n   a) Fibre\n   b) Radio")
    assert page.get_by_label("Intitulé").evaluate("it => it.clientHeight") > 80
    page.keyboard.press("Enter")
    wait(page, "4 points ajoutés.")
    assert titles(page)[-4:] == ["Vœu", "Réseau", "Fibre", "Radio"]
    assert page.evaluate(FOCUS) == "id_title"
    page.keyboard.press("Control+z")
    wait(page, "Repris : 4 points ajoutés.")
    assert titles(page) == ["Finances", "Budget", "Emprunt"]
    # Doubtful: shown with the field in focus, then added by the same key.
    page.keyboard.press("Control+v")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("3. Budget")
    page.keyboard.press("Enter")
    wait(page, "5 intitulés lus, 1 à vérifier")
    assert page.evaluate(FOCUS) == "id_title"
    assert "déjà à l’ordre du jour" in page.locator(".read-back").inner_text()
    page.keyboard.press("Enter")
    wait(page, "5 points ajoutés.")
    assert meeting.items.count() == 9


def test_ticks_and_acts_by_one_key(page, meeting):
    page.get_by_role("link", name="Budget", exact=True).focus()
    for key, said, after, focus in (
        ("x", "« Budget » coché : 1 point coché", ["Finances", "Budget", "Emprunt"], "Budget"),
        ("ArrowDown", None, ["Finances", "Budget", "Emprunt"], "Emprunt"),
        ("x", "2 points cochés", ["Finances", "Budget", "Emprunt"], "Emprunt"),
        ("d", "2 points dupliqués",
         ["Finances", "Budget", "Budget", "Emprunt", "Emprunt"], "Budget"),
        ("Delete", "« Budget » retiré", ["Finances", "Budget", "Emprunt", "Emprunt"], "Budget"),
        ("Control+z", "Repris : « Budget » retiré",
         ["Finances", "Budget", "Budget", "Emprunt", "Emprunt"], "Budget"),
        ("Alt+ArrowUp", "ne peut pas aller plus loin",
         ["Finances", "Budget", "Budget", "Emprunt", "Emprunt"], "Budget"),
        ("Alt+ArrowDown", "« Budget » :",
         ["Finances", "Budget", "Budget", "Emprunt", "Emprunt"], "Budget"),
        ("Control+z", "Repris : « Budget » déplacé",
         ["Finances", "Budget", "Budget", "Emprunt", "Emprunt"], "Budget"),
    ):  # fmt: skip
        page.keyboard.press(key)
        if said:
            wait(page, said)
        assert titles(page) == after, key
        assert page.evaluate(FOCUS) == focus, key
        page.evaluate("() => document.getElementById('announcer').replaceChildren()")


def test_a_telephone_shows_the_arrows_of_what_is_ticked(page, meeting):
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("heading", level=1).click()
    shown = page.locator(".point-steps:visible")
    assert shown.count() == 0
    row = page.locator("[data-agenda] .point").first
    row.locator(".point-tick").check()
    page.get_by_role("heading", level=1).click()
    assert (shown.count(), row.locator(".point-steps").is_visible()) == (1, True)


def test_what_is_ticked_is_given_a_rapporteur_and_a_place(page, meeting):
    for title in ("Budget", "Emprunt"):
        page.get_by_label(f"Cocher {title}").press("Space")
    bar = page.get_by_role("form", name="Points cochés")
    bar.get_by_label("Rapporteur").select_option("Bruno BESSON")
    bar.get_by_label("Place").select_option("en tête")
    bar.get_by_role("button", name="Appliquer").press("Enter")
    wait(page, "2 points modifiés.")
    assert page.evaluate(FOCUS) == "Budget"
    assert page.locator(".agenda .point-title").all_inner_texts()[:2] == ["Budget", "Emprunt"]
    assert not bar.is_visible()
    assert [i.rapporteur for i in meeting.items.filter(title__in=["Budget", "Emprunt"])] == [
        "bruno-besson"
    ] * 2


def test_the_focus_goes_on_after_an_offer_and_after_a_hint(page, meeting, cast):
    for title in ("Vœux", "Réseau"):
        habits.keep_habit(RecurringItem(body=meeting.body, title=title), by=cast.secretariat)
    page.reload()
    offers = page.get_by_role("button", name=re.compile("^Ajouter (Vœux|Réseau)"))
    offers.first.press("Enter")
    wait(page, "« Vœux » ajouté")
    assert page.evaluate("document.activeElement.innerText").split() == ["Ajouter", "Réseau"]
    page.keyboard.press("Enter")
    wait(page, "« Réseau » ajouté")
    assert page.evaluate(FOCUS) == "id_title"
    page.get_by_role("button", name="donnez-lui cette nature").press("Enter")
    wait(page, "« Budget » : le vote du budget")
    assert page.evaluate(FOCUS) == "Budget"
    page.keyboard.press("Control+z")
    wait(page, "Repris : « Budget »")
    assert meeting.items.get(title="Budget").kind == "deliberation"


def test_nobody_is_kept_out_of_what_is_ticked(page, meeting, cast, kept_out, walked):
    page.get_by_label("Cocher Budget").press("Space")
    assert kept_out(page, "coché") == []
    page.get_by_label("Intitulé").fill("1. Un\n2. Budget\n3. Vœu — rapporteur : Zola")
    page.get_by_label("Intitulé").press("Enter")
    page.locator(".read-back").wait_for()
    assert kept_out(page, "lu") == []
    assert folded("Ajouter ces 3 points") in folded(page.inner_text("form.agenda-add"))
    points = "&".join(f"points={item.key}" for item in meeting.items.all())
    earlier = meeting.body.meetings.get(held_on=date(2026, 5, 12))
    root = f"/seances/{meeting.pk}/ordre-du-jour/"
    paths = (f"{root}dossier-commun/?{points}", f"{root}reprendre/?source={earlier.pk}")
    assert walked((cast.secretariat, path) for path in paths) == []


class Preparing(Hands):
    """They choose a file too: a click, then the window of the system."""

    def choose_file(self, page, name: str):
        file = {"name": name, "mimeType": "application/pdf", "buffer": files.pdf(author=name)}
        page.get_by_label("Joindre des fichiers").set_input_files([file])
        self.count += 1


TWELVE = """Informations du président
Budget supplémentaire 2027
Tarifs 2028
Convention avec le Département
Adhésion de la commune de Brume — rapporteur : Besson
Tableau des effectifs
Régime indemnitaire
Travaux du dépôt
Plan de déploiement de la fibre
Marché de maintenance
Vœu sur la téléphonie
Questions diverses"""


def test_a_sitting_is_prepared_and_convened_in_few_gestures(
    transactional_db, cast, page_of, own_directory, settings
):
    """Twelve items, two files: 25 gestures to prepare it and 26 to convene it, before."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    desk.give_addresses(cast)
    change(cast.comite, usual_place="dans ses locaux", usual_time=time(18))
    page = page_of(cast.secretariat)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hands = Preparing(page)

    def link(name):
        return page.get_by_role("link", name=name).first

    page.goto("/")
    hands.click(link("Nouvelle séance"))
    hands.click(page.locator("main").get_by_role("link", name="Comité syndical"))
    in_ten_days = timezone.localdate() + timedelta(days=10)
    hands.digits(page.get_by_label("Date"), in_ten_days.isoformat())
    hands.key("Enter")
    page.locator("#id_title:focus").wait_for()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", TWELVE)
    hands.key("Control+v")
    hands.key("Enter")
    page.locator(".point").nth(11).wait_for()
    # The report of the sitting stands for the note of every item; one has its own as well.
    hands.click(page.get_by_role("button", name="Tout cocher"))
    hands.click(page.get_by_role("button", name="Note ou pièce…"))
    hands.choose_file(page, "Rapport.pdf")
    hands.click(page.get_by_role("button", name="Donner à ces 12 points"))
    hands.click(page.locator(".point-file").nth(3))
    hands.choose_file(page, "Convention.pdf")
    page.locator(".piece-title").nth(1).wait_for()
    hands.click(link(re.compile("^Convoquer")))
    hands.click(page.get_by_role("button", name="Convoquer…"))
    hands.click(page.locator("dialog[open]").get_by_role("button", name="Envoyer à"))
    page.get_by_text("0 courriel remis").first.wait_for()
    assert Meeting.objects.get().items.count() == 12
    assert hands.count <= 25
    assert hands.count == GESTURES
