"""From an empty installation to its first sitting by the keyboard, and how few gestures it takes
to replace a delegate, to invite one, to invite everybody."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from members.models import Body, Mandate, Organisation, Person, Role, User
from tests.archive.test_first_steps import DELEGATES
from tests.cast import make_mandate, make_person


class Hand:
    """Whoever works: a click or a key is a gesture, free text is not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.gestures = 0

    def click(self, what: Locator) -> None:
        self.gestures += 1
        what.click()

    def press(self, key: str) -> None:
        self.gestures += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def reach(self, what: Locator) -> None:
        """By the tab key alone, as who has no mouse."""
        what.wait_for()
        for _ in range(80):
            if what.evaluate("each => each === document.activeElement"):
                return
            self.press("Tab")
        pytest.fail(f"the keyboard never reaches {what}")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def test_the_first_steps_by_keyboard_alone(transactional_db, page_of, kept_out):
    root = User.objects.create_superuser("racine@brume.example", "x")
    page = page_of(root)
    hand = Hand(page)
    page.goto("/")
    assert kept_out(page) == []
    first = page.locator("[name=legal_form]").first
    hand.reach(first)
    hand.press("Space")
    hand.press("Tab")
    hand.type("Val de Brume")
    hand.press("Enter")
    page.get_by_role("heading", name="Premiers pas").wait_for()
    assert Organisation.objects.get().legal_form == "smf"
    assert kept_out(page) == []

    def follow(name: str) -> None:
        """The one button of the page of steps."""
        expect(page.locator("main .btn-primary")).to_have_count(1)
        hand.reach(page.get_by_role("link", name=name, exact=True))
        with page.expect_navigation():
            hand.press("Enter")

    follow("Donner les collectivités")
    hand.reach(page.get_by_label("Les collectivités membres"))
    hand.type("Commune d’Ailly\nAilly ; royaume")
    hand.reach(button(page, "Voir ce que cela ferait"))
    hand.press("Enter")
    page.get_by_text("1 ligne à corriger, sur 2").first.wait_for()
    assert kept_out(page) == []
    area = page.get_by_label("Les collectivités membres")
    hand.reach(area)
    hand.press("Control+a")
    hand.type("Commune d’Ailly\nCC des Étangs")
    hand.reach(button(page, "Voir ce que cela ferait"))
    hand.press("Enter")
    hand.reach(button(page, "Enregistrer 2 collectivités"))
    assert kept_out(page) == []
    hand.press("Enter")

    follow("Créer une instance")
    assert kept_out(page) == []
    hand.reach(page.locator("[name=kind]").first)
    hand.press("Space")
    hand.reach(page.get_by_label("Collèges et sièges"))
    hand.type("Les communes ; 2")
    hand.reach(button(page, "Enregistrer l’instance"))
    hand.press("Enter")

    follow("Importer : Comité syndical")
    page.get_by_label("Fichier").set_input_files(
        {
            "name": "delegues.csv",
            "mimeType": "text/csv",
            "buffer": DELEGATES.replace("Ailly", "Commune d’Ailly")
            .replace("courriel", "Où lui écrire")
            .encode(),
        }
    )
    hand.reach(button(page, "Voir ce qui changerait"))
    hand.press("Enter")
    page.get_by_text("1 colonne dont le nom ne dit rien ici").first.wait_for()
    assert kept_out(page) == []
    hand.reach(page.get_by_label("Où lui écrire"))
    page.keyboard.type("adresse é")
    hand.reach(button(page, "Lire ces colonnes ainsi"))
    hand.press("Enter")
    hand.reach(button(page, "Écrire 2 lignes"))
    hand.press("Enter")
    page.get_by_text("2 lignes écrites").first.wait_for()
    assert Person.objects.get(last_name="Arnaud").email == "alice@brume.example"
    assert kept_out(page) == []

    page.goto("/premiers-pas/")
    follow("Inviter qui siège")
    assert kept_out(page) == []
    hand.reach(page.get_by_label("Tous"))
    hand.press("Space")
    hand.reach(button(page, "Voir les 2 invitations"))
    hand.press("Enter")
    hand.reach(button(page, "Ouvrir 2 comptes"))
    hand.press("Enter")
    page.get_by_text("Courriels en route").first.wait_for()
    page.goto("/premiers-pas/")
    follow("Créer la première séance")
    page.get_by_role("heading", name="Nouvelle séance").wait_for()
    assert (Body.objects.count(), Role.objects.count()) == (1, 2)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_delegate_is_replaced_in_nine_gestures(transactional_db, cast, page_of, kept_out, width):
    page = page_of(cast.administration, width=width)
    hand = Hand(page)
    page.goto(cast.comite.get_absolute_url())
    assert kept_out(page) == []
    hand.click(page.get_by_role("link", name="Claire CARON", exact=True))
    page.get_by_role("heading", name="Claire CARON").wait_for()
    assert kept_out(page) == []
    hand.click(page.get_by_label("démission"))
    hand.click(page.get_by_label("Madame"))
    hand.press("Tab")
    hand.type("Hélène")
    hand.press("Tab")
    hand.type("Hardy")
    hand.press("Tab")
    hand.type("helene@brume.example")
    hand.press("Enter")
    page.get_by_role("heading", name="Remplacer Claire CARON ?").wait_for()
    assert kept_out(page) == []
    hand.press("Enter")  # the button has the focus
    page.get_by_text("C’est fait").first.wait_for()
    assert kept_out(page) == []
    assert Mandate.objects.get(person__last_name="Hardy").community == cast.agglo
    assert hand.gestures <= 9
    page.get_by_role("link", name="Hélène HARDY, à sa suite").click()
    page.get_by_role("heading", name="Hélène HARDY").wait_for()
    page.go_back()
    button(page, "Défaire").click()
    page.get_by_text("C’est défait").first.wait_for()
    assert not Mandate.objects.filter(person__last_name="Hardy").exists()


def test_one_person_is_invited_in_six_gestures(transactional_db, cast, page_of, kept_out):
    page = page_of(cast.administration)
    hand = Hand(page)
    page.goto(cast.comite.get_absolute_url())
    hand.click(page.get_by_role("link", name="Farid FAURE", exact=True))
    hand.click(page.get_by_label("Son adresse électronique"))
    hand.type("farid@brume.example")
    hand.press("Enter")
    page.get_by_text("est joignable").first.wait_for()
    assert kept_out(page) == []
    hand.click(button(page, "Inviter"))
    hand.click(button(page, "Ouvrir 1 compte"))
    page.get_by_text("Courriels en route").first.wait_for()
    assert cast.farid.link_requests.count() == 1
    assert hand.gestures <= 6


def test_forty_eight_persons_are_invited_in_ten_gestures(transactional_db, cast, page_of):
    for number in range(48):
        address = {"email": f"p{number}@brume.example"}
        person = make_person(cast.organisation, "Paul", f"Petit {number:02}", "M.", **address)
        make_mandate(cast.comite, person, community=cast.agglo)
    page = page_of(cast.administration)
    hand = Hand(page)
    page.goto("/")
    hand.click(page.get_by_role("link", name="Instances"))
    hand.click(page.get_by_role("link", name="Comité syndical", exact=True))
    hand.click(page.get_by_role("link", name="Inviter qui siège"))
    hand.click(page.get_by_label("Tous"))
    hand.click(button(page, "Voir les 48 invitations"))
    hand.click(button(page, "Ouvrir 48 comptes"))
    page.get_by_text("Courriels en route").first.wait_for()
    assert User.objects.filter(email__startswith="p").count() == 48
    assert hand.gestures <= 10


def test_a_role_is_given_from_the_page_of_a_mandate(transactional_db, cast, page_of, kept_out):
    page = page_of(cast.administration, width=390, color_scheme="dark")
    page.goto(reverse("members:mandate", args=[cast.seat(cast.claire).pk]))
    assert kept_out(page) == []
    page.get_by_label("Lui donner un rôle").select_option("secretariat")
    page.locator("form", has=page.locator("#role")).get_by_role("button").click()
    page.get_by_role("heading", name="Donner le rôle").wait_for()
    assert kept_out(page) == []
    button(page, "Donner").click()
    page.get_by_text("Pour revenir").first.wait_for()
    assert set(cast.delegate.roles.values_list("kind", flat=True)) == {"delegue", "secretariat"}
