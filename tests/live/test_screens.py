"""The room screen, the public page and the equipment: who opens them, what they answer."""

import json
import re
from functools import partial
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from law.ballots import Mode
from live import board, refresh, wall
from live.actions import equipping, tablets
from live.models import Equipment, Screen, Tablet
from live.wall import Phase
from meetings.actions import items as points
from meetings.actions import masking
from meetings.models import Meeting
from members import links
from tests.cast import change_rules
from tests.costs import queries
from tests.live import states
from tests.live.conftest import Room
from tests.live.states import STATES, TITLE, a_large_sitting, a_sitting, fresh, reach
from tests.live.threads import at_once

HOSTILE = "<script>alert(1)</script> & « été » 漢字 🎉 ' \" {{ 7|add:7 }}"
CACHED_NOWHERE = "private, no-store"


@pytest.fixture
def meeting(cast) -> Meeting:
    return a_sitting(cast)


@pytest.fixture
def token(meeting, cast) -> str:
    return equipping.make_screen(meeting, by=cast.secretariat)[1]


def screen_url(meeting: Meeting, token: str, name: str = "screen") -> str:
    return reverse(f"live:{name}", args=[meeting.pk, token])


def regions(response) -> dict[str, str]:
    assert response.status_code == 200
    return json.loads(response.content)["regions"]


def everything(response) -> str:
    """All that was sent: headers, and the body with its entities read."""
    return f"{dict(response.headers)}\n{unescape(response.content.decode())}"


SHOWN = {
    "avant": (Phase.BEFORE, "18\u00a0h"),
    "ouverte": (Phase.OPEN, "La séance est ouverte"),
    "point": (Phase.ITEM, TITLE),
    **{name: (Phase.POLL, "Scrutin ouvert") for name in STATES if name.startswith("scrutin")},
    "proclame": (Phase.RESULT, "Adoptée"),
    "proclame_public": (Phase.RESULT, "Hémicycle du vote"),
    "proclame_secret": (Phase.RESULT, "Adoptée"),
    "suspendue": (Phase.SUSPENDED, states.REASON),
    **dict.fromkeys(states.HUIS_CLOS, (Phase.HUIS_CLOS, "Huis clos")),
    "levee": (Phase.CLOSED, "La séance est levée"),
}


@pytest.mark.parametrize("state", STATES)
def test_the_screen_and_the_public_page_at_each_moment(meeting, cast, token, state):
    reach(meeting, state)
    page, news = (Client().get(url) for url in public_urls(meeting))
    assert page["Cache-Control"] == "private, no-store"
    assert unescape(regions(news)["wall"]) in unescape(page.content.decode())
    page = Client().get(screen_url(meeting, token))
    news = Client().get(screen_url(meeting, token, "screen_state"))
    shown = regions(news)
    assert unescape(shown["wall"]) in unescape(page.content.decode())
    assert shown["wall"].count("<h1") == 1
    assert json.loads(news.content)["stamp"] == refresh.state_of(shown)
    phase, words = SHOWN[state]
    assert wall.of(fresh(meeting)).phase == phase
    assert words in unescape(shown["wall"])
    assert shown["told"]


def test_the_screen_is_discreet_and_of_its_own_token(meeting, cast, token):
    page = Client().get(screen_url(meeting, token))
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page.cookies == {}
    assert "Cookie" not in page.get("Vary", "")
    news = screen_url(meeting, token, "screen_state")
    assert token not in page.content.decode().replace(news, "")
    other = a_sitting(cast, body=cast.bureau)
    for pk, raw in ((meeting.pk, "x" * 43), (other.pk, token), (10**30, token), (0, token)):
        for name in ("screen", "screen_state"):
            response = Client().get(reverse(f"live:{name}", args=[pk, raw]))
            assert response.status_code == 404 or "n’est plus relié" in response.content.decode()


@pytest.mark.parametrize("how", ["lien révoqué", "page fermée", "huis clos"])
def test_what_was_open_is_emptied(meeting, cast, token, client_of, how):
    room = reach(meeting, "point")
    screen, public = screen_url(meeting, token, "screen_state"), public_urls(meeting)[1]
    shown = {url: Client().get(url) for url in (screen, public)}
    assert all(TITLE in everything(each) for each in shown.values())
    if how == "lien révoqué":
        equipping.revoke_screen(Screen.objects.get(), by=cast.secretariat)
        assert Client().get(screen_url(meeting, token)).status_code == 404
        emptied = {screen: "n’est plus relié"}
    elif how == "page fermée":
        client_of(cast.secretariat).post(equipment_url(meeting), {"tablets": "on"})
        emptied = {public: "n’est plus diffusée"}
    else:
        room.close_doors()
        emptied = dict.fromkeys(shown, "Huis clos")
    for url, words in emptied.items():
        after = Client().get(url, headers={"If-None-Match": shown[url]["ETag"]})
        assert words in regions(after)["wall"]
        assert TITLE not in everything(after)


def test_nothing_new_costs_one_query_and_a_stamp_is_drawn_once_for_all(meeting, cast, token):
    reach(meeting, "proclame_public")

    def asked(raw: str, mark: str = ""):
        headers, answers = {"If-None-Match": mark} if mark else {}, []
        url = screen_url(meeting, raw, "screen_state")
        cost = queries(lambda: answers.append(Client().get(url, headers=headers)))
        return answers[0], cost

    first, drawing = asked(token)
    assert first["Cache-Control"] == "private, no-store"
    # An ETag is a hash under a key: two moments have marks of the same shape.
    assert re.fullmatch(r'"[0-9a-f]{64}"', first["ETag"])
    again, cost = asked(token, first["ETag"])
    assert (again.status_code, again.content, cost) == (304, b"", 1)
    for _ in range(2):
        _, other = equipping.make_screen(meeting, by=cast.secretariat)
        answer, cost = asked(other, first["ETag"])  # a mark is worth nothing to another link
        assert (answer.status_code, cost) == (200, 2)  # the stamp, the link
    assert drawing > 2


def test_the_wall_is_dark_unless_asked(meeting, token):
    themes = {"": "dark", "?theme=clair": "light", "?theme=auto": "auto", "?theme=x": "dark"}
    for asked, theme in themes.items():
        page = Client().get(screen_url(meeting, token) + asked).content.decode()
        assert f'data-bs-theme="{theme}"' in page
        assert ("theme.js" in page) is (theme == "auto")


def test_a_picture_is_told_in_words_and_letters_too_or_in_bars(meeting, cast, token):
    reach(meeting, "proclame_public")
    page = unescape(regions(Client().get(screen_url(meeting, token, "screen_state")))["wall"])
    (labels,) = re.findall(r'<svg class="hemicycle"[^>]*aria-labelledby="([^"]+)"', page)
    for label in labels.split():
        assert re.search(rf'id="{label}">[^<]+<', page)
    assert "(pour 3, contre 1, abstention 2)" in page
    row = re.search(r'<th scope="row">Collège du Département</th>(.*?)</tr>', page, re.S)
    assert re.findall(r"<td>(\d)</td>", row[1]) == ["1", "0", "1"]
    letters = sorted(re.findall(r'class="letter letter-(\w+)"[^>]*>(.)<', page))
    assert letters == [("abstention", "A")] * 2 + [("contre", "C")] + [("pour", "P")] * 3
    bars = Client().get(screen_url(meeting, token) + "?vue=barres").content.decode()
    assert 'class="hemicycle"' not in bars
    assert 'class="bar"' in bars
    assert "etat/?vue=barres" in bars


def test_hostile_words_stay_words(meeting, cast, token, client_of):
    item = points.add_item(meeting, title=HOSTILE, by=cast.secretariat)
    room = reach(meeting, "ouverte")
    room.open_item(item=item.key)
    room.open_poll(items=[item.key], question=HOSTILE[:200])
    console = [reverse(f"live:{name}", args=[meeting.pk]) for name in ("console", "state")]
    for url in followed(meeting, token) + console:
        response = client_of(cast.secretariat).get(url)
        body = response.content.decode()
        if "json" in response["Content-Type"]:
            body = "".join(json.loads(body)["regions"].values())
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert(1)" in body
        assert "{{ 7|add:7 }}" in unescape(body)


def public_urls(meeting: Meeting) -> list[str]:
    return [reverse(f"live:{name}", args=[meeting.pk]) for name in ("public", "public_state")]


@pytest.mark.parametrize("why", ["fermée", "séances non publiques"])
def test_the_public_page_is_closed_unless_opened(cast, client_of, why):
    if why != "fermée":
        change_rules(cast.comite, sittings_public=False)
    meeting = a_sitting(cast, public_page=why != "fermée")
    reach(meeting, "point")
    page, news = (Client().get(url) for url in public_urls(meeting))
    assert page.status_code == 404
    assert "n’est plus diffusée" in regions(news)["wall"]
    nowhere = Client().get(reverse("live:public_state", args=[meeting.pk + 1]))
    assert nowhere.content == news.content  # nobody counts the sittings that there are
    assert TITLE not in everything(page) + everything(news)
    if why != "fermée":
        client = client_of(cast.secretariat)
        assert "ne sont pas publiques" in client.get(equipment_url(meeting)).content.decode()
        Equipment.objects.update(public_page=False)
        client.post(equipment_url(meeting), {"public_page": "on"})
        assert not Equipment.objects.get(meeting=meeting).public_page


NAMES = ("ARNAUD", "BESSON", "CARON", "DUVAL", "EVRARD", "FAURE")
SECRETS = (TITLE, states.SECOND, states.THIRD, *NAMES)
OF_A_VOTE = ("Scrutin", "réponse", "Adoptée", "contre", "abstention", "présents", "Quorum")


def followed(meeting: Meeting, token: str) -> list[str]:
    """Every address that the public or the room may have open."""
    return [
        screen_url(meeting, token),
        screen_url(meeting, token) + "?theme=clair&vue=barres",
        screen_url(meeting, token, "screen_state"),
        screen_url(meeting, token, "screen_state") + "?vue=barres",
        *public_urls(meeting),
    ]


def leaks(urls: list[str], words: tuple[str, ...]) -> set[str]:
    client = Client()
    sent = "\n".join(everything(client.get(url)) for url in urls)
    return {word for word in words if word.casefold() in sent.casefold()}


def test_the_same_words_appear_when_the_doors_are_open(meeting, cast, token):
    """First, that there is something to leak."""
    room, urls = reach(meeting, "scrutin_public"), followed(meeting, token)
    for words in (
        ("Scrutin", "réponse", "présents", "Quorum"),
        (TITLE, states.SECOND, states.THIRD),
    ):
        assert leaks(urls, words) == set(words)
    room.choose(**dict.fromkeys(("alice_arnaud", "claire_caron"), "abstention"))
    room.choose(denis_duval="pour", farid_faure="pour", elsa_evrard="pour")
    room.proclaim()
    for words in (NAMES, ("Adoptée", "contre", "abstention")):
        assert leaks(urls, words) == set(words)


@pytest.mark.parametrize("state", ["point", "scrutin_ordinaire", "proclame", "suspendue", "levee"])
def test_the_public_page_says_nothing_that_is_masked(meeting, cast, token, state):
    reach(meeting, state)
    urls = public_urls(meeting)
    hidden = (TITLE, states.REASON)
    before = [everything(Client().get(url)) for url in urls]
    assert all(any(words in page for words in hidden) for page in before)
    item = fresh(meeting).items.get(title=TITLE)
    for words in hidden:
        masking.decide(
            fresh(meeting), words, is_masked=True, item=item, by=cast.secretariat, at=timezone.now()
        )
    for page in (everything(Client().get(url)) for url in urls):
        assert not any(words in page for words in hidden) and "[…]" in page
    room = everything(Client().get(screen_url(meeting, token)))  # who is there heard it
    assert "[…]" not in room


def test_behind_closed_doors_no_paper_can_be_counted(meeting, cast, token):
    """Neither the page, nor its news, nor their mark moves: a stranger asked each second which
    number the sitting was at, and had the hour of each secret paper."""
    room, urls = reach(meeting, "point"), followed(meeting, token)

    def asked() -> list[tuple[str, str]]:
        told = []
        for answer in map(Client().get, urls):
            body = answer.content.decode()
            told.append((re.sub(r'"\w{64}"', "", body), answer.get("ETag", "")))  # its token
        return told

    opened = asked()
    room.close_doors()
    closed = asked()
    assert all(before != after for before, after in zip(opened, closed, strict=True))
    poll = room.ask(Mode.SECRET, on_tablets=True)
    assert asked() == closed
    for voter in ("bruno-besson", "denis-duval"):
        tablets.put_in_urn(poll, voter=voter, choice="pour")
        assert asked() == closed
    for url, (_, mark) in zip(urls, closed, strict=True):
        if mark:
            assert Client().get(url, headers={"If-None-Match": mark}).status_code == 304


@pytest.mark.parametrize("state", states.HUIS_CLOS)
def test_huis_clos_leaks_nothing_and_looks_the_same_whatever_happens(meeting, cast, token, state):
    """Regions are equal byte for byte: nothing to infer from their length either."""
    reach(meeting, state)
    urls = followed(meeting, token)
    assert leaks(urls, SECRETS + OF_A_VOTE) == set()
    assert leaks(urls, ("Huis clos",)) == {"Huis clos"}
    for url in urls:
        answer = Client().get(url)
        assert "<!--" not in answer.content.decode()
        if "etat" in url:
            shown = regions(answer)
            assert shown["told"] == "Huis clos"
            assert shown.get("agenda", "").strip() == ""
            assert re.sub(r"<[^>]+>|\s", "", shown["wall"]) == "Huisclos"


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_presses_at_once_on_the_equipment_wait_for_each_other(cast, client_of):
    meeting, client = a_sitting(cast), client_of(cast.secretariat)
    Equipment.objects.all().delete()

    def press(_: int) -> int:
        own = Client()
        own.cookies.update(client.cookies)
        return own.post(equipment_url(meeting), {"tablets": "on"}).status_code

    assert set(at_once(press, range(5))) == {302}
    assert Equipment.objects.get().tablets


def equipment_url(meeting: Meeting, name: str = "equipment", *args) -> str:
    return reverse(f"live:{name}", args=[meeting.pk, *args])


def test_what_is_switched_on_is_kept_and_told(meeting, cast, client_of):
    client = client_of(cast.secretariat)
    stamp = Meeting.objects.get(pk=meeting.pk).stamp
    for begun in (True, False):  # and for a sitting without equipment yet
        if not begun:
            Equipment.objects.all().delete()
            assert client.get(equipment_url(meeting)).status_code == 200
        sent = {"tablets": "on", "check_in": "on"}
        assert client.post(equipment_url(meeting), sent).status_code == 302
        kept = Equipment.objects.get(meeting=meeting)
        assert (kept.tablets, kept.check_in) == (True, True)
        assert (kept.secret_on_tablets, kept.public_page) == (False, False)
    assert Meeting.objects.get(pk=meeting.pk).stamp == stamp + 2
    deed = meeting.deeds.first()
    assert (deed.verb, deed.by) == ("equipped", cast.secretariat)
    assert "les délégués pointent eux-mêmes leur arrivée" in deed.words
    response = client.post(equipment_url(meeting), {"check_in": "on", "secret_on_tablets": "on"})
    assert response.status_code == 422
    assert response.content.decode().count("Ouvrez aussi les tablettes.") == 2


def links_in(response) -> list[str]:
    body = unescape(response.content.decode())
    found = re.findall(r"http://testserver(/seances/(?:\d+/ecran|tablette)/[\w-]{43}/)", body)
    return list(dict.fromkeys(found))


def test_the_link_of_a_screen_is_shown_once(meeting, cast, client_of):
    client = client_of(cast.secretariat)
    made = client.post(equipment_url(meeting, "make_screen"))
    (link,) = links_in(made)
    assert Client().get(link).status_code == 200
    assert 'class="qr-code"' in made.content.decode()
    assert made["Cache-Control"] == CACHED_NOWHERE
    again = client.get(equipment_url(meeting))
    assert links_in(again) == []
    (screen,) = Screen.objects.all()
    assert links.hash_of(link.split("/")[-2]) == screen.token_hash
    client.post(equipment_url(meeting, "revoke_screen", screen.pk))
    assert Client().get(link).status_code == 404


def test_links_for_everybody_then_for_one(meeting, cast, client_of):
    client = client_of(cast.secretariat)
    Room(meeting).make_tablet(mandate=cast.seat(cast.claire))  # who has a link needs no other
    sheet = client.post(equipment_url(meeting, "make_tablets"))
    links, told = links_in(sheet), sheet.content.decode()
    assert len(links) == len(set(links)) == told.count('class="qr-code"') == 6
    assert told.index("ARNAUD") < told.index("BESSON")
    assert "CARON" not in told
    nobody = client.post(equipment_url(meeting, "make_tablets"))
    assert nobody.status_code == 302
    one = client.post(equipment_url(meeting, "make_tablet", cast.seat(cast.denis).pk))
    assert len(links_in(one)) == 1
    assert Tablet.objects.filter(revoked_at=None).count() == 7
    assert "pas encore ouvert" in client.get(equipment_url(meeting)).content.decode()
    Client().post(links_in(one)[0])
    assert "ouvert le" in client.get(equipment_url(meeting)).content.decode()
    told = [deed.words for deed in meeting.deeds.all()[:2]]
    assert told == ["Lien de tablette créé\u00a0: Denis DUVAL", "6 liens de tablette créés"]


def test_a_link_of_another_sitting_is_not_revoked_here(meeting, cast, client_of):
    other, mandate = Room(a_sitting(cast, body=cast.bureau)), cast.seat(cast.alice, cast.bureau)
    (screen, _), (tablet, _) = other.make_screen(), other.make_tablet(mandate=mandate)
    client = client_of(cast.secretariat)
    for name, pk in (("revoke_screen", screen.pk), ("revoke_tablet", tablet.pk)):
        assert client.post(equipment_url(meeting, name, pk)).status_code == 404
    assert client.post(equipment_url(meeting, "make_tablet", mandate.pk)).status_code == 404
    assert Screen.objects.get().revoked_at is None
    assert Tablet.objects.get().revoked_at is None


def test_a_link_that_opens_only_here_is_warned_of(meeting, cast, client_of):
    client = client_of(cast.secretariat)
    here = client.get(equipment_url(meeting), headers={"host": "127.0.0.1:8000"})
    assert "ne s’ouvriraient que sur cet ordinateur" in here.content.decode()
    there = client.get(equipment_url(meeting))
    assert "ne s’ouvriraient que sur cet ordinateur" not in there.content.decode()


@pytest.mark.proof
def test_what_a_sitting_costs_does_not_grow_with_it(cast, client_of):
    walls = (wall.of, wall.room, wall.agenda)

    def costs(members: int) -> dict[object, int]:
        meeting, tablet = a_large_sitting(cast, members), Client()
        for rank in range(members // 5):
            points.add_item(meeting, title=f"Point {rank}", by=cast.secretariat)
        president = meeting.body.mandates.get(office="president")
        _, raw = Room(meeting).make_tablet(mandate=president)
        Room(meeting).make_tablets()
        tablet.post(reverse("live:open_tablet", args=[raw]))
        news = reverse("live:tablet_state", args=[meeting.pk])
        tablet.get(news)
        asked = {"equipment": queries(lambda: secretary.get(equipment_url(meeting)))}
        asked["tablet"] = queries(lambda: tablet.get(news))
        for build in (*walls, board.of):
            asked[build] = queries(partial(build, fresh(meeting)))
        return asked

    secretary = client_of(cast.secretariat)
    few = costs(7)
    assert costs(150) == few
    assert few["tablet"] <= 3  # the stamp, the device, nothing of the sitting
    assert max(few[build] for build in walls) <= 8
