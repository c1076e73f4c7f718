"""How few gestures the common acts take: what the table of README.md promises, to the gesture.

A click or a key is one, a choice in a list two, a date its click and its digits; free text is
apart. Other rows of that table are held by `test_seed_sitting` and `test_first_steps`.
"""

import re
from datetime import time, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from archive.models import Publication
from documents.models import IssuedDocument
from meetings.models import Meeting
from members.models import Mandate
from registry.signatures import reading
from tests import held
from tests.browser.conftest import wait_until_saved
from tests.browser.test_first_steps import Hand, button
from tests.browser.test_signing import meeting, president  # noqa: F401 (its fixtures)
from tests.cast import change, make_body
from tests.convening import desk

PROMISED = {
    what.strip(): int(after)
    for what, after in re.findall(
        r"^\| ([^|]+)\| [^|]+\| (\d+) \|$",
        (settings.BASE_DIR / "README.md").read_text(),
        re.MULTILINE,
    )
}
DECIDED = [f"Convention de partenariat, lot {letter}" for letter in "ABCDEFG"]
TOLD = [f"Communication du service {letter}" for letter in "ABCDE"]


def paste(hand: Hand, lines: list[str], kind: str = "") -> None:
    """Lines of another document, in the field that waits for a title."""
    page = hand.page
    page.locator("#id_title:focus").wait_for()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(lines))
    hand.press("Control+v")
    adding = page.get_by_role("form", name="Ajouter un point")
    if kind:
        adding.get_by_label("Nature").select_option(kind)
        hand.gestures += 2
    hand.click(adding.get_by_role("button", name="Ajouter"))


def test_a_sitting_of_twelve_points_then_its_notes_and_its_dispatch(
    transactional_db, cast, page_of, own_directory, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    desk.give_addresses(cast)
    change(cast.comite, usual_place="dans ses locaux", usual_time=time(18))
    page = page_of(cast.secretariat)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand = Hand(page)
    page.goto("/")
    hand.click(page.get_by_role("link", name="Nouvelle séance"))
    hand.click(page.locator("main").get_by_role("link", name="Comité syndical"))
    day = page.get_by_label("Date", exact=False).first
    hand.click(day)
    day.fill((timezone.localdate() + timedelta(days=20)).isoformat())
    hand.gestures += 8
    hand.press("Enter")
    paste(hand, DECIDED)
    page.locator(".point").nth(6).wait_for()
    paste(hand, TOLD, "information")
    page.locator(".point").nth(11).wait_for()
    assert hand.gestures == PROMISED["Une séance de douze points"]

    hand.gestures = 0
    hand.click(page.get_by_role("link", name="Convoquer").first)
    hand.click(page.get_by_role("link", name="Premier dossier à compléter : Notes de synthèse"))
    for title in DECIDED:
        page.get_by_role("heading", name=title).wait_for()
        page.locator("[contenteditable=true]:focus").wait_for()
        hand.type("Le service propose de reconduire la convention.")
        wait_until_saved(page)
        if title != DECIDED[-1]:
            hand.click(page.get_by_role("link", name="Dossier suivant"))
    hand.click(page.get_by_role("link", name="Convoquer").first)
    hand.click(button(page, "Convoquer…"))
    hand.click(page.locator("dialog[open]").get_by_role("button", name="Envoyer à"))
    page.get_by_text("0 courriel remis").first.wait_for()
    assert Meeting.objects.get().convened_on == timezone.localdate()
    assert hand.gestures == PROMISED["Sept notes, et l’envoi à tous"]


@pytest.mark.parametrize("width", [1440, 390])
def test_all_that_awaits_a_signature_is_signed(meeting, president, page_of, width):  # noqa: F811
    page = page_of(president, width=width)
    hand = Hand(page)
    page.goto("/")
    hand.click(page.get_by_role("link", name=re.compile("^Signer")))
    hand.click(button(page, "Signer les documents cochés"))
    # Nothing is destroyed, so nothing is red; nothing is taken back either: not one Enter away.
    sign = page.get_by_role("dialog").get_by_role("button", name="Signer", exact=True)
    expect(sign).to_have_class(re.compile("btn-primary"))
    expect(button(page, "Non, revenir")).to_be_focused()
    hand.click(sign)
    page.get_by_text("2 documents signés.").first.wait_for()
    assert not reading.to_sign(meeting, president)
    assert hand.gestures == PROMISED["Signer tout ce qui attend, au téléphone aussi"]


def test_forty_eight_delegates_are_imported(transactional_db, cast, page_of, tmp_path):
    """From the first page, their file at hand: a field and a file to choose are two."""
    head = "civilité;prénom;nom;courriel;qualité;collège;collectivité;depuis le"
    lines = [
        f"Mme;Paule;Petit {letter}{other};p{letter}{other}@brume.example;titulaire;;;04/05/2026"
        for letter in "ABCDEF"
        for other in "ghijklmn"
    ]
    file = tmp_path / "delegues.csv"
    file.write_text("\n".join([head, *lines]))
    body = make_body(cast.organisation, "Grand Comité")
    page = page_of(cast.administration)
    hand = Hand(page)
    page.goto("/")
    hand.click(page.get_by_role("link", name="Instances"))
    hand.click(page.get_by_role("link", name="Grand Comité", exact=True))
    hand.click(page.get_by_role("link", name="Importer les mandats"))
    with page.expect_file_chooser() as asked:
        hand.click(page.get_by_label("Fichier"))
    asked.value.set_files(file)
    hand.gestures += 1
    hand.click(button(page, "Voir ce qui changerait"))
    hand.click(button(page, "Écrire 48 lignes"))
    page.get_by_text("48 lignes écrites").first.wait_for()
    assert Mandate.objects.filter(body=body).count() == 48
    assert hand.gestures == PROMISED["Importer quarante-huit délégués"]


def test_what_is_signed_is_published(meeting, president, cast, page_of):  # noqa: F811
    """From their page; the question stays, for everybody reads them at once."""
    held.give_keys(cast)
    for place, user in (("president", president), ("secretaire-1", cast.bruno.user)):
        for document in meeting.documents.all():
            if place == "president" or document.kind == IssuedDocument.Kind.EXTRACT:
                held.sign(document, place, user)
    page = page_of(cast.secretariat)
    hand = Hand(page)
    page.goto(reverse("archive:publish_sitting", args=[meeting.pk]))
    hand.click(button(page, "Publier la liste et 1 extrait"))
    hand.click(page.get_by_role("dialog").get_by_role("button", name="Publier", exact=True))
    page.get_by_role("link", name="en ligne le").nth(1).wait_for()
    assert Publication.objects.online().count() == 2
    assert hand.gestures == PROMISED["Publier ce qui est signé"]
