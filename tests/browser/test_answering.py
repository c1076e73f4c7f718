"""Answering from a telephone, and the secretariat's board, in a real browser.

These pages open before a sitting is held: the sitting is of next week, by the real clock.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from convening import tokens
from convening.actions import asking, inviting
from convening.answers import Position
from convening.models import Answer, Notice
from meetings.models import Brief, Meeting
from tests.browser.test_convening import path
from tests.convening.sent import Sent, make_sent


@pytest.fixture
def sent(transactional_db, cast) -> Sent:
    sent = make_sent(cast, held_on=timezone.localdate() + timedelta(days=5))
    item = sent.meeting.items.get(key="p2")
    Brief.objects.create(item=item, note="<p>Le budget s’équilibre.</p>", articles="Adopte.")
    return sent


def link(sent: Sent, name: str) -> str:
    raw = inviting.make_invitation(sent.meeting, sent.mandate(name), at=timezone.now())[1]
    return tokens.path_of(raw)


def says(sent: Sent, name: str, word: str, **to) -> Answer:
    return sent.says(name, word, at=timezone.now(), **to)


WAYS = [
    pytest.param({"width": 1440}, id="wide"),
    pytest.param({"width": 390, "height": 844}, id="telephone"),
    pytest.param({"width": 390, "height": 844, "color_scheme": "dark"}, id="night"),
    pytest.param({"width": 390, "height": 844, "java_script_enabled": False}, id="no script"),
]


@pytest.mark.parametrize("options", WAYS)
def test_one_touch_on_a_telephone(options, sent, page_of):
    """Without JavaScript too: it is a form and three buttons."""
    page = page_of(None, **options)
    page.goto(link(sent, "claire"))
    page.get_by_role("button", name="Je ne viens pas").click()
    page.get_by_role("heading", name="Vous ne venez pas.").wait_for()
    page.get_by_role("button", name="Lui demander de siéger").click()
    page.get_by_role("heading", name="Mme Gaëlle GARNIER est invitée").wait_for()
    page.get_by_label("Pouvoir donné à").select_option("denis-duval")
    page.get_by_role("button", name="Donner pouvoir").click()
    page.get_by_role("heading", name="M. Denis DUVAL porte votre pouvoir").wait_for()
    page.get_by_role("button", name="Je viens", exact=True).click()
    page.get_by_role("heading", name="Vous venez.").wait_for()
    assert sent.position("claire") == Position.COMING
    assert Answer.objects.count() == 4


def test_by_the_keyboard_alone_and_no_cookie_tells_who_answered(sent, page_of):
    page = page_of(None)
    page.goto(link(sent, "claire"))
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "present":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Vous venez.").wait_for()
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"csrftoken"}


def test_nobody_is_kept_out_and_nothing_sticks_out(cast, sent, walked):
    says(sent, "claire", "excuse", substitute="gaelle")
    says(sent, "elsa", "excuse", holder="denis")
    says(sent, "bruno", "excuse")
    asking.ask(sent.fresh, mandate=sent.mandate("alice"), text="Où se garer ?", at=timezone.now())
    pk, person, claire = sent.meeting.pk, sent.mandate("bruno").pk, link(sent, "claire")
    visits = [
        (None, claire),
        (None, f"{claire}dossier/"),
        (None, link(sent, "elsa")),
        (None, link(sent, "alice")),
        (None, "/invitation/rien/", 404),
        *((cast.delegate, path(name)) for name in ("desk", "attendance", "profile")),
        *((cast.delegate, path(name, pk)) for name in ("sitting", "sitting_reader")),
        *((cast.secretariat, path(name, pk)) for name in ("board", "roll")),
        (cast.secretariat, path("person", pk, person)),
    ]
    assert walked(visits) == []


def test_the_board_by_the_keyboard(cast, sent, page_of):
    """P and E note what was heard and go to the next person, as on the roll."""
    page = page_of(cast.secretariat)
    page.goto(path("board", sent.meeting.pk))
    page.locator("#s-alice-arnaud-p").focus()
    for key in "ppe":
        page.keyboard.press(key)
    page.get_by_text("3 réponses sur 6").first.wait_for()
    assert [sent.position(name) for name in ("alice", "bruno", "claire")] == [
        Position.COMING,
        Position.COMING,
        Position.EXCUSED,
    ]
    page.get_by_role("button", name="Proposer à Claire CARON").click()
    page.get_by_text("proposé le").first.wait_for()
    assert Notice.objects.get().mandate == sent.mandate("claire")


def test_the_roll_is_taken_from_the_answers(cast, sent, page_of):
    for name in ("alice", "bruno", "denis", "gaelle"):
        says(sent, name, "present")
    says(sent, "claire", "excuse", substitute="gaelle")
    page = page_of(cast.secretariat)
    page.goto(path("roll", sent.meeting.pk))
    shown = page.locator("[data-roll-present]")
    assert shown.text_content() == "4"
    page.locator("#s-denis-duval-p").focus()
    page.keyboard.press("a")
    assert shown.text_content() == "3"
    page.locator("#seat-claire-caron").press(" ")
    assert shown.text_content() == "2"
    page.keyboard.press(" ")
    page.locator("#s-farid-faure-a").focus()
    page.keyboard.press("p")
    page.get_by_text("Quorum atteint").first.wait_for()
    page.get_by_role("button", name="Enregistrer l’appel").click()
    page.get_by_text("L’appel est enregistré").first.wait_for()
    state = Meeting.objects.get().sitting.at_opening
    assert state.attending == {"alice-arnaud", "bruno-besson", "farid-faure", "gaelle-garnier"}
