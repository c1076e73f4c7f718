"""A newcomer enters the Bureau of 16 November 2016 in the browser and gets its procès-verbal.

Every gesture is counted: a click, a key, a choice in a list counts two (open, choose). Free text
(titles, debates) and the credentials that a browser remembers are left aside.
"""

import re

import pytest
from django.conf import settings

from documents.models import IssuedDocument
from tests import cast as make
from tests import seed

# What the README promises, to the gesture.
(GESTURES,) = map(
    int,
    re.findall(r"novembre 2016\s: (\d+)\sgestes", (settings.BASE_DIR / "README.md").read_text()),
)


TYPED = 24  # letters


class Hands:
    """The newcomer's hands: they do, and count."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def click(self, target):
        target.click()
        self.count += 1

    def key(self, keys, times=1):
        self.page.keyboard.press(keys)
        self.count += times

    def digits(self, target, value):
        """A date or an hour: a click in the field, then its digits, whose order is that of the
        reader's browser; ours may speak English: the value is set, its digits counted."""
        self.click(target)
        target.fill(value)
        self.count += sum(character.isdigit() for character in value)

    def choose(self, target, label):
        target.select_option(label=label)
        self.count += 2

    def write(self, text):
        """Free text: not counted. Its first words are typed; the others come at once, for each key
        takes as long as a page."""
        self.page.keyboard.type(text[:TYPED])
        self.page.keyboard.insert_text(text[TYPED:])


@pytest.fixture
def secretary(transactional_db):
    bureau, by = seed.make_bureau()
    make.make_body(bureau.organisation, "Comité syndical", slug="comite")
    by.set_password("au clair de la lune")
    by.save()
    return by


def write_point(hands, point):
    """Types a point as one types in a word processor: a dash and a space begin a list."""
    hands.write(point.lead)
    hands.page.keyboard.press("Enter")
    is_in_list = False
    for kind, text in point.rest:
        if kind == "li" and not is_in_list:
            hands.write("- ")
        if kind == "p" and is_in_list:
            hands.page.keyboard.press("Enter")
        is_in_list = kind == "li"
        hands.write(text)
        hands.page.keyboard.press("Enter")


def test_the_whole_seed_sitting_is_typed_by_a_newcomer(secretary, page_of, tmp_path):
    points = seed.POINTS
    page = page_of(None)
    hands = Hands(page)

    def button(name):
        return page.get_by_role("button", name=name, exact=True)

    def link(name):
        return page.get_by_role("link", name=name).first

    page.goto("/")
    page.locator("input[name=username]").fill(secretary.email)
    page.locator("input[name=password]").fill("au clair de la lune")
    hands.key("Enter")

    hands.click(link("Nouvelle séance"))
    hands.click(page.locator("main").get_by_role("link", name="Bureau"))
    hands.digits(page.get_by_label("Date"), "2016-11-16")
    hands.digits(page.get_by_label("Convoquée le"), "2016-10-27")
    hands.key("Enter")

    hands.click(button("Tous présents"))
    for key in seed.EXCUSED:
        hands.click(page.locator(f"label[for=s-{key}-e]"))
    page.locator(".quorum-figure", has_text="5 / 9").wait_for()
    hands.choose(page.get_by_label("Secrétaire de séance"), "Philippe COCQ")
    hands.digits(page.get_by_label("Levée à"), "18:30")
    hands.key("Enter")
    page.get_by_text("La conduite de la séance est enregistrée").first.wait_for()

    hands.click(link("Ordre du jour et votes"))
    hands.click(page.get_by_role("button", name="À l’unanimité"))
    page.get_by_text("est adopté à l’unanimité").first.wait_for()
    # The agenda comes from the letter of convocation, with its Roman number and its bullets.
    titles = [f"I. {seed.SECTION}", *(f"• {point.title}" for point in points)]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(titles))
    adding = page.get_by_role("form", name="Ajouter un point")
    page.locator("#id_title:focus").wait_for()  # nobody wrote any title yet
    hands.key("Control+v")
    hands.choose(adding.get_by_label("Nature"), "information")
    hands.click(adding.get_by_role("button", name="Ajouter"))
    page.locator(".point").nth(len(points) + 1).wait_for()

    hands.click(link(points[0].title))
    for rank, point in enumerate(points):
        if rank:
            hands.click(link("Point suivant"))
        page.wait_for_url(f"**/points/p{rank + 3}/")
        page.locator("[contenteditable=true]:focus").wait_for()
        write_point(hands, point)
    page.get_by_text("Enregistré à").first.wait_for()

    hands.click(link("Rédiger"))
    hands.click(page.get_by_role("button", name="Établir").first)
    hands.click(page.locator("dialog[open]").get_by_role("button", name="Établir"))
    with page.expect_download() as download:
        hands.click(page.get_by_role("link", name="Télécharger").first)
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "pv-bureau-2016-11-16.pdf"

    document = IssuedDocument.objects.get()
    seed.check_printed(path.read_bytes(), document.paper, tmp_path)
    assert hands.count == GESTURES
