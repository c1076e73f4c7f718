"""The wall, the public page and the tablets in a browser: nobody is kept out, nothing is lost."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from law import ballots
from live.actions import equipping
from live.models import Poll, Screen, VotingRight
from meetings.models import Meeting
from tests.browser.conftest import COLOURS, RULES
from tests.live.conftest import Room
from tests.live.states import SECOND, STATES, TITLE, a_sitting, reach


@pytest.fixture
def sittings(transactional_db, cast) -> dict[str, Meeting]:
    """One sitting for each moment, a quarter of an hour apart."""
    found = {}
    for rank, state in enumerate(STATES):
        hours, quarters = divmod(rank, 4)
        found[state] = a_sitting(cast, clock=f"{8 + hours:02}:{15 * quarters:02}")
        reach(found[state], state)
    return found


@pytest.fixture
def meeting(transactional_db, cast) -> Meeting:
    return a_sitting(cast)


def screen_of(meeting: Meeting, cast) -> str:
    _, raw = equipping.make_screen(meeting, by=cast.secretariat)
    return reverse("live:screen", args=[meeting.pk, raw])


@pytest.fixture
def tablet_of(page_of):
    """The tablet of this member, on the vote of this sitting."""

    def tablet_of(user, meeting: Meeting, **options) -> Page:
        page = page_of(user, width=390, height=844, **options)
        page.goto(reverse("live:tablet", args=[meeting.pk]))
        return page

    return tablet_of


CUT = """() => {
  const edge = document.querySelector(".wall-region").getBoundingClientRect().bottom;
  return [...document.querySelectorAll(".wall-region *")]
    .filter((it) => it.getBoundingClientRect().bottom > edge + 1)
    .map((it) => it.tagName);
}"""
SMALL = """() => [...document.querySelectorAll("main button, main a, main summary")]
  .map((it) => [it.innerText, it.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < 44 || box.width < 44))
  .map(([words]) => words)"""


def test_nobody_is_kept_out_at_any_moment(sittings, cast, page_of, barriers):
    small = {"width": 390, "height": 844}
    wall = page_of(None, width=1920, height=1080)
    wide, telephone = page_of(None), page_of(None, **small, color_scheme="dark")
    tablets = {
        scheme: page_of(cast.delegate, **small, color_scheme=scheme, has_touch=True)
        for scheme in ("light", "dark")
    }
    rules = {"clair": COLOURS, "dark": COLOURS}  # at the width of the theme before
    found = []
    for state, meeting in sittings.items():
        screen = screen_of(meeting, cast)
        for theme in ("sombre", "clair"):
            wall.goto(f"{screen}?theme={theme}")
            wall.wait_for_function("document.fonts.ready.then(() => true)")
            found += barriers(wall, f"{state}, mur {theme}", rules.get(theme, RULES))
            found += [f"{state} : {tag} est coupé par le bas" for tag in wall.evaluate(CUT)]
        for page in (wide, telephone):
            page.goto(reverse("live:public", args=[meeting.pk]))
            found += barriers(page, f"{state}, public")
        for scheme, page in tablets.items():
            page.goto(reverse("live:tablet", args=[meeting.pk]))
            found += barriers(page, f"{state}, tablette", rules.get(scheme, RULES))
            found += [f"{state} : « {words} » est petit" for words in page.evaluate(SMALL)]
    assert found == []


def test_equipment_and_its_sheet(meeting, cast, page_of, kept_out):
    page = page_of(cast.secretariat)
    page.goto(reverse("live:equipment", args=[meeting.pk]))
    assert kept_out(page) == []
    page.get_by_role("button", name="Créer un lien d’écran").click()
    expect(page.get_by_text("Il ne sera plus montré.")).to_be_visible()
    assert kept_out(page) == []
    page.get_by_role("button", name="imprimer").click()
    expect(page.get_by_role("heading", name="Liens personnels")).to_be_visible()
    assert kept_out(page) == []


def test_the_wall_and_the_public_page_follow_the_sitting(meeting, cast, page_of):
    room = reach(meeting, "ouverte")
    page, public = page_of(None, width=1920, height=1080), page_of(None, width=390, height=844)
    page.goto(screen_of(meeting, cast))
    public.goto(reverse("live:public", args=[meeting.pk]))
    told = public.get_by_role("heading", level=1)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("La séance est ouverte")
    room.open_item(item=room.items[0])
    expect(heading).to_have_text(TITLE)
    expect(told).to_have_text(TITLE)
    expect(public.get_by_text(SECOND)).to_be_visible()
    room.ask()
    expect(page.get_by_text("Scrutin ouvert", exact=True)).to_be_visible()
    room.proclaim()
    expect(page.get_by_role("img", name="Hémicycle du vote")).to_be_visible()
    room.close_doors()
    expect(heading).to_have_text("Huis clos")
    assert TITLE not in page.content()
    expect(told).to_have_text("Huis clos")
    assert SECOND not in public.content()
    room.open_doors()
    expect(heading).to_have_text(TITLE)
    equipping.revoke_screen(Screen.objects.get(), by=cast.secretariat)
    expect(heading).to_have_text("Cet écran n’est plus relié à une séance.")


def test_the_wall_may_follow_the_system_and_says_it_is_cut_off(meeting, cast, page_of, complaints):
    page = page_of(None, width=1920, height=1080)
    screen = screen_of(meeting, cast)
    for asked, theme in (("?theme=auto", "light"), ("", "dark")):
        page.goto(screen + asked)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    page.context.set_offline(True)
    expect(page.get_by_text("Hors ligne")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Hors ligne")).to_be_hidden()
    complaints.clear()


def test_a_vote_by_keyboard_alone(meeting, cast, tablet_of):
    room = reach(meeting, "point")
    page = tablet_of(cast.delegate, meeting)
    room.ask(ballots.Mode.PUBLIC, on_tablets=True)
    own = page.get_by_role("group", name="Votre vote")
    expect(own).to_be_visible()
    expect(page.locator("[data-region=told]")).to_contain_text("À vous de voter.")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "contre-claire-caron":
            break
    page.keyboard.press("Enter")
    expect(own.get_by_text("Vote reçu : contre.")).to_be_visible()
    expect(own.get_by_role("button", name="Contre")).to_have_attribute("aria-pressed", "true")
    # The focus stays on what was pressed, so that the next key goes on from there.
    expect(own.get_by_role("button", name="Contre")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(own.get_by_text("Vote reçu : abstention.")).to_be_visible()
    assert [*Poll.objects.get().votes.values()] == ["abstention"]
    proxy = page.get_by_role("group", name="Pour Mme Elsa EVRARD")
    proxy.get_by_role("button", name="Pour", exact=True).press("Enter")
    expect(proxy.get_by_text("Vote reçu : pour.")).to_be_visible()
    room.choose(alice_arnaud="pour", bruno_besson="pour", denis_duval="pour", farid_faure="contre")
    room.proclaim()
    expect(page.get_by_text("Adoptée", exact=True)).to_be_visible()


def test_a_secret_paper_by_keyboard(meeting, cast, tablet_of):
    reach(meeting, "scrutin_secret")
    page = tablet_of(cast.delegate, meeting)
    own = page.get_by_role("group", name="Votre vote")
    own.get_by_role("button", name="Contre").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Déposer le bulletin « Contre » ?")
    page.keyboard.press("Escape")
    assert not VotingRight.objects.get(seat="claire-caron").is_used
    own.get_by_role("button", name="Pour", exact=True).press("Enter")
    dialog.get_by_role("button", name="Déposer").press("Enter")
    expect(own.get_by_text("Votre bulletin est dans l’urne.")).to_be_visible()
    assert VotingRight.objects.get(seat="claire-caron").is_used
    page.reload()
    expect(own.get_by_text("Votre bulletin est dans l’urne.")).to_be_visible()
    expect(own.get_by_role("button")).to_have_count(0)


def test_a_vote_without_javascript(meeting, cast, tablet_of):
    reach(meeting, "scrutin_secret")
    page = tablet_of(cast.delegate, meeting, java_script_enabled=False)
    own = page.get_by_role("group", name="Votre vote")
    own.get_by_role("button", name="Blanc").click()
    page.get_by_role("button", name="Déposer").click()
    expect(own.get_by_text("Votre bulletin est dans l’urne.")).to_be_visible()


def test_a_personal_link_opens_checks_in_and_votes(meeting, cast, page_of):
    _, raw = equipping.make_tablet(meeting, mandate=cast.seat(cast.farid), by=cast.secretariat)
    page = page_of(None, width=390, height=844)
    page.goto(reverse("live:open_tablet", args=[raw]))
    page.get_by_role("button", name="Ouvrir sur cet appareil").click()
    page.get_by_role("button", name="Je suis là").click()
    expect(page.get_by_text("Vous êtes présent.")).to_be_visible()
    room = Room(meeting)
    room.call_roll(present=["alice-arnaud", "bruno-besson", "claire-caron"])
    room.open_meeting(chair="alice-arnaud")
    room.open_item(item=room.items[0])
    room.ask(on_tablets=True)
    page.get_by_role("button", name="Abstention").click()
    expect(page.get_by_text("Vote reçu : abstention.").first).to_be_visible()
    assert [*Poll.objects.get().votes] == ["farid-faure"]


def test_offline_a_vote_is_refused_at_once_and_never_sent(meeting, cast, tablet_of, complaints):
    reach(meeting, "scrutin_public")
    page = tablet_of(cast.delegate, meeting)
    page.context.set_offline(True)
    own = page.get_by_role("group", name="Votre vote")
    own.get_by_role("button", name="Contre").click()
    expect(page.get_by_role("alert")).to_contain_text("votre vote n’est pas parti")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert "claire-caron" not in Poll.objects.get().votes
    own.get_by_role("button", name="Contre").click()
    expect(own.get_by_text("Vote reçu : contre.")).to_be_visible()
    complaints.clear()


def test_a_vote_that_arrives_late_is_told(meeting, cast, tablet_of):
    """The close comes while the vote is on its way."""
    room = reach(meeting, "scrutin_sur_tablettes")
    page = tablet_of(cast.delegate, meeting)

    def close_first(route):
        room.polled("everyone_for", room.asked)  # the others said so in the room
        room.proclaim()
        route.continue_()

    page.route("**/tablette/vote/", close_first)
    page.get_by_role("group", name="Votre vote").get_by_role("button", name="Contre").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Le scrutin est clos\u00a0: ce siège y compte «\u00a0pour\u00a0»"
    )
    expect(page.get_by_text("Adoptée", exact=True)).to_be_visible()
    assert Poll.objects.get().votes == {}
