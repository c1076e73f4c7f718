"""A delegate's tablet: whose it is, what it shows, how it comes in and votes."""

import json
from functools import partial
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.views.debug import SafeExceptionReporterFilter

from law import ballots, sitting
from live import reading, screen_views, wall
from live.actions import equipping
from live.models import Equipment, Poll, Tablet, VotingRight
from meetings.models import Meeting, SittingEvent
from tests.cast import change, make_account
from tests.costs import queries
from tests.live import states
from tests.live.conftest import Room
from tests.live.states import STATES, TITLE, a_sitting, fresh, reach
from trail.models import Entry

JSON = {"Accept": "application/json"}


@pytest.fixture
def meeting(cast) -> Meeting:
    return a_sitting(cast)


@pytest.fixture
def claire(cast, client_of) -> Client:
    """Claire Caron, signed in: she carries the proxy of Elsa Evrard once the sitting is open."""
    return client_of(cast.delegate)


def url(meeting: Meeting, name: str = "tablet") -> str:
    return reverse(f"live:{name}", args=[meeting.pk])


def link_of(meeting: Meeting, person, cast) -> str:
    _, raw = equipping.make_tablet(meeting, mandate=cast.seat(person), by=cast.secretariat)
    return reverse("live:open_tablet", args=[raw])


def device_of(meeting: Meeting, person, cast) -> Client:
    """The browser of somebody without an account, who opened his link."""
    client = Client()
    client.post(link_of(meeting, person, cast))
    return client


def regions(response) -> dict[str, str]:
    return {name: unescape(html) for name, html in json.loads(response.content)["regions"].items()}


def news(client: Client, meeting: Meeting) -> dict[str, str]:
    return regions(client.get(url(meeting, "tablet_state")))


def words(response, status: int = 200) -> str:
    assert response.status_code == status
    return unescape(response.content.decode())


def said(response, status: int = 200) -> str:
    assert response.status_code == status
    return json.loads(response.content)["message"]


def vote(client: Client, meeting: Meeting, choice: str, seat: str = "claire-caron", **more):
    poll = meeting.polls.order_by("-pk").first()
    data = {"poll": poll.pk, "seat": seat, "choice": choice} | more
    name = "drop" if poll.is_secret else "cast"
    return client.post(url(meeting, name), data, headers=JSON)


def test_nobody_is_asked_to_sign_in(meeting, cast):
    for name in ("tablet", "tablet_state"):
        assert Client().get(url(meeting, name)).url.startswith("/connexion/")
    # The device of one sitting opens no other.
    other = a_sitting(cast, body=cast.bureau)
    assert device_of(meeting, cast.denis, cast).get(url(other)).status_code == 302


def test_the_link_opens_on_one_device_when_a_button_is_pressed(meeting, cast, settings):
    settings.SESSION_COOKIE_SECURE = True
    link = link_of(meeting, cast.denis, cast)
    for _ in range(3):  # to look does not use it up
        page = Client().get(link)
        assert "Denis DUVAL" in words(page)
    assert Tablet.objects.get().opened_at is None
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    client = Client()
    opened = client.post(link)
    assert (opened.status_code, opened.url) == (302, url(meeting))
    cookie = opened.cookies[f"tablette-{meeting.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert cookie["path"] == "/seances/"
    assert "Denis DUVAL" in words(client.get(url(meeting)))
    assert client.post(link).status_code == 302  # the same device may open it again
    assert "déjà été ouvert sur un autre appareil" in words(Client().post(link), 410)


NAMES = {"denis": "Denis DUVAL", "farid": "Farid FAURE"}


@pytest.mark.parametrize(("first", "second"), [("denis", "farid"), ("farid", "denis")])
def test_a_second_link_on_a_device_replaces_the_first_wholly(meeting, cast, first, second):
    """Who is named and who comes in are one person: whose link was opened last."""
    before, after = getattr(cast, first), getattr(cast, second)
    link, client = link_of(meeting, before, cast), Client()
    client.post(link)
    client.get(url(meeting, "tablet_state"))
    client.post(link_of(meeting, after, cast))
    assert news(client, meeting)["who"] == NAMES[second]  # on a tab that was left open too
    shown = words(client.get(url(meeting)))
    assert NAMES[second] in shown
    assert NAMES[first] not in shown
    client.post(url(meeting, "check_in"), headers=JSON)
    members = meeting.basis.composition.members
    said = SittingEvent.objects.filter(meeting=meeting).latest("seq").payload
    assert said["member"] == next(m.key for m in members if m.mandate == cast.seat(after).pk)
    assert "un autre lien l’a remplacé sur celui-ci" in words(client.post(link), 410)
    equipping.make_tablet(meeting, mandate=cast.seat(after), by=cast.secretariat)
    assert client.get(url(meeting)).status_code == 404  # and nobody comes back behind him


def test_a_revoked_link_says_what_to_do_and_its_device_is_let_in_no_more(meeting, cast):
    link, client = link_of(meeting, cast.denis, cast), Client()
    client.post(link)
    shown = client.get(url(meeting, "tablet_state"))
    equipping.revoke_tablet(Tablet.objects.get(), by=cast.secretariat)
    after = client.get(url(meeting, "tablet_state"), headers={"If-None-Match": shown["ETag"]})
    assert after.status_code == 404
    assert client.get(url(meeting)).status_code == 404
    for path in (link, reverse("live:open_tablet", args=["x" * 5000])):
        for send in (Client().get, Client().post):
            assert "Demandez un nouveau lien au secrétariat." in words(send(path), 410)


def test_without_tablets_the_page_says_so(cast, claire):
    meeting = a_sitting(cast, check_in=False, secret_on_tablets=False)
    reach(meeting, "point")
    assert TITLE in words(claire.get(url(meeting)))
    none = Equipment(pk=meeting.equipment.pk, meeting=meeting)
    equipping.equip(meeting, none, by=cast.secretariat)
    page = words(claire.get(url(meeting)))
    assert "n’a pas ouvert les tablettes" in page and "s’ouvrira d’elle-même" in page
    assert reverse("convening:sitting", args=[meeting.pk]) in page
    assert TITLE not in page


def test_a_closed_tablet_opens_by_itself(cast, claire):
    """Its page asks for news as any other: the first that come open it."""
    meeting = a_sitting(cast, tablets=False, check_in=False, secret_on_tablets=False)
    reach(meeting, "point")
    closed = claire.get(url(meeting, "tablet_state"))
    assert "pas encore ouverte" in closed.json()["regions"]["mine"]
    equipping.equip(
        meeting,
        Equipment(pk=meeting.equipment.pk, meeting=meeting, tablets=True),
        by=cast.secretariat,
    )
    known = {"If-None-Match": closed["ETag"]}
    opened = claire.get(url(meeting, "tablet_state"), headers=known)
    assert TITLE in opened.json()["regions"]["wall"]


@pytest.mark.parametrize("state", STATES)
def test_the_tablet_at_each_moment(meeting, cast, claire, state):
    reach(meeting, state)
    page, shown = claire.get(url(meeting)), news(claire, meeting)
    assert shown["wall"] in words(page)
    assert (shown["wall"] + shown["mine"]).count("<h1") == 1
    assert page["Cache-Control"] == "private, no-store"
    # She is in the room: what happens behind the doors concerns her.
    assert "Huis clos" not in shown["wall"]
    assert "Vous êtes présente." in shown["mine"]


def test_in_huis_clos_who_is_not_in_the_room_sees_nothing(meeting, cast, claire):
    """First that she would see it with the doors open."""
    elsa = device_of(meeting, cast.elsa, cast)
    room = reach(meeting, "point")
    assert TITLE in words(elsa.get(url(meeting)))

    def sees_nothing(client: Client) -> None:
        for response in (client.get(url(meeting)), client.get(url(meeting, "tablet_state"))):
            sent = f"{dict(response.headers)} {words(response)}"
            assert "Huis clos" in sent
            for secret in (TITLE, states.SECOND, "Scrutin", "Quorum", "ARNAUD"):
                assert secret not in sent

    room.close_doors()
    sees_nothing(elsa)
    room.ask(ballots.Mode.PUBLIC, on_tablets=True)
    sees_nothing(elsa)
    room.choose(bruno_besson="contre")
    room.proclaim(complete=True)
    sees_nothing(elsa)
    assert TITLE in words(claire.get(url(meeting)))
    room.leave(member="claire-caron")
    sees_nothing(claire)


def test_nothing_new_costs_one_query_by_a_mark_of_ones_own(meeting, cast, claire):
    reach(meeting, "scrutin_public")
    denis, state = device_of(meeting, cast.denis, cast), url(meeting, "tablet_state")
    mark, answers = claire.get(state)["ETag"], []
    again = partial(claire.get, state, headers={"If-None-Match": mark})
    assert queries(lambda: answers.append(again())) == 1
    assert answers[0].status_code == 304
    answer = denis.get(state, headers={"If-None-Match": mark})
    assert (answer.status_code, answer["ETag"] != mark) == (200, True)


def test_a_delegate_checks_in_and_so_does_a_device_without_account(meeting, cast, claire):
    assert "Je suis là" in words(claire.get(url(meeting)))
    mine = regions(claire.post(url(meeting, "check_in"), headers=JSON))["mine"]
    assert "Vous êtes présente." in mine
    assert "Je suis là" not in mine
    again = claire.post(url(meeting, "check_in"), headers=JSON)  # the first answer was lost
    assert said(again) == "Votre arrivée est notée."
    (arrived,) = fresh(meeting).sitting.of_kind(sitting.Arrived)
    assert arrived.member == "claire-caron"
    assert SittingEvent.objects.get(kind="arrived").recorded_by == cast.delegate
    # By a link, whoever holds it: nobody’s account is said to have done it, and the trail tells who
    # made the link and that it was opened.
    change(cast.denis, user=make_account("denis@brume.example"))
    denis = device_of(meeting, cast.denis, cast)
    told = list(Entry.objects.order_by("pk").values_list("who", "what"))[-2:]
    assert told[0][0] == cast.secretariat.email and "tablette créé : Denis DUVAL" in told[0][1]
    assert told[1][0] == "" and "ouverte par son lien : Denis DUVAL" in told[1][1]
    assert denis.post(url(meeting, "check_in")).status_code == 302
    assert "denis-duval" in reading.state(fresh(meeting)).room
    assert SittingEvent.objects.filter(kind="arrived").last().recorded_by is None


def test_no_check_in_unless_it_is_on(cast, client_of):
    meeting = a_sitting(cast, check_in=False)
    claire = client_of(cast.delegate)
    assert "Je suis là" not in words(claire.get(url(meeting)))
    refused = claire.post(url(meeting, "check_in"))
    assert "Signalez-vous au secrétariat." in words(refused, 409)
    assert not fresh(meeting).ledger


def test_nobody_checks_in_when_it_is_too_late(meeting, cast):
    elsa = device_of(meeting, cast.elsa, cast)
    room = reach(meeting, "scrutin_ordinaire")
    for why in ("Un scrutin est ouvert", "La séance est levée."):
        assert "Je suis là" not in words(elsa.get(url(meeting)))
        assert why in said(elsa.post(url(meeting, "check_in"), headers=JSON), 409)
        assert "elsa-evrard" not in reading.state(fresh(meeting)).room
        if room.asked:
            room.proclaim()
            room.close_meeting()


def test_a_vote_is_received_changed_and_told_until_the_close(meeting, cast, claire):
    room = reach(meeting, "scrutin_sur_tablettes")
    shown = news(claire, meeting)["mine"]
    assert "Votre vote" in shown
    assert "Pour Mme\u00a0Elsa EVRARD, qui vous a donné pouvoir" in shown
    for choice in ("contre", "abstention"):
        answer = vote(claire, meeting, choice)
        assert said(answer).startswith(f"Vote reçu\u00a0: {choice}. ")
        # A hundred vote together: nothing is drawn for the answer, the news follow.
        assert answer.json().keys() == {"ok", "message", "stamp"}
        seen = news(claire, meeting)
        assert said(answer) in seen["mine"]
    vote(claire, meeting, "contre", "elsa-evrard")  # apart, for who gave her proxy
    assert Poll.objects.get().votes == {"claire-caron": "abstention", "elsa-evrard": "contre"}
    room.choose(claire_caron="pour")  # the secretary may take over by hand
    assert "Vote reçu\u00a0: pour." in news(claire, meeting)["mine"]
    room.polled("everyone_for", room.asked)  # the others said so in the room
    room.proclaim()
    (result,) = wall.of(fresh(meeting)).results
    assert {each.mark.value: each.number for each in result.counts}["contre"] == 1
    late = vote(claire, meeting, "contre")
    assert "ce siège y compte «\u00a0pour\u00a0»" in said(late, 409)
    assert "Adoptée" in regions(late)["wall"]
    # His first answer was lost on the way.
    assert said(vote(claire, meeting, "pour")) == (
        "Vote reçu\u00a0: pour. Le scrutin est clos\u00a0: il compte."
    )
    assert Poll.objects.get().votes == {}


def test_a_substitute_votes_for_the_seat_he_sits_in(meeting, cast):
    room = Room(meeting)
    room.call_roll(present=["alice-arnaud", "bruno-besson", "denis-duval", "gaelle-garnier"])
    room.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    room.open_meeting(chair="alice-arnaud")
    room.open_item(item=room.items[0])
    gaelle = device_of(meeting, cast.gaelle, cast)
    assert "à la place de Mme\u00a0Claire CARON" in words(gaelle.get(url(meeting)))
    room.ask(on_tablets=True)
    shown = words(gaelle.get(url(meeting)))
    assert "Au siège de Mme\u00a0Claire CARON, que vous suppléez" in shown
    assert vote(gaelle, meeting, "contre").status_code == 200
    assert Poll.objects.get().votes.keys() == {"claire-caron"}


def test_nobody_votes_for_a_seat_that_is_not_his(meeting, cast, claire):
    elsa = device_of(meeting, cast.elsa, cast)
    room = reach(meeting, "scrutin_public")
    refused = vote(claire, meeting, "contre", "alice-arnaud")
    assert "Vous ne votez pas pour ce siège." in said(refused, 409)
    assert "Vous ne prenez pas part à ce scrutin." in words(elsa.get(url(meeting)))
    assert vote(elsa, meeting, "contre", "elsa-evrard").status_code == 409
    assert Poll.objects.get().votes == {"bruno-besson": "contre"}
    # The tablet is the same whatever the others vote; only how many answered may change.
    before = news(claire, meeting)
    room.choose(bruno_besson="pour")
    assert news(claire, meeting) == before


def test_a_vote_by_show_of_hands_is_not_taken_on_tablets(meeting, claire):
    reach(meeting, "scrutin_ordinaire")
    shown = news(claire, meeting)["mine"]
    assert "Ce vote se tient dans la salle" in shown
    assert "<button" not in shown
    assert vote(claire, meeting, "contre").status_code == 409


NONSENSE = (
    {},
    {"poll": "", "seat": "", "choice": ""},
    {"poll": "²", "choice": "pour"},
    {"poll": "9" * 60, "choice": "pour"},
    {"poll": "-1", "choice": "pour"},
    {"poll": "<b>", "seat": "漢字" * 5000, "choice": "🎉"},
)


def test_nonsense_is_refused_in_words(meeting, cast, claire):
    reach(meeting, "scrutin_public")
    poll = meeting.polls.get()
    for data in NONSENSE:
        for name in ("cast", "drop"):
            assert claire.post(url(meeting, name), data, headers=JSON).status_code == 409
            plain = claire.post(url(meeting, name), data)
            assert "Rien n’a été enregistré" in words(plain, 409)
    for choice in ("blanc", "nul", "", "POUR", "pour "):
        assert vote(claire, meeting, choice).status_code == 409
    # Nor is a poll of another sitting voted in this one.
    other = a_sitting(cast, clock="09:00")
    data = {"poll": poll.pk, "seat": "claire-caron", "choice": "contre"}
    assert claire.post(url(other, "cast"), data, headers=JSON).status_code == 409
    assert Poll.objects.get().votes == {"bruno-besson": "contre"}
    # Without JavaScript a vote is sent, then back on the tablet, which says so.
    answer = claire.post(url(meeting, "cast"), data, follow=True)
    assert answer.redirect_chain == [(url(meeting), 302)]
    assert "Vote reçu\u00a0: contre." in words(answer)


def test_a_secret_paper_is_asked_twice_and_dropped_once(meeting, cast, claire):
    room = reach(meeting, "scrutin_secret")
    data = {"poll": meeting.polls.get().pk, "seat": "claire-caron", "choice": "contre"}
    asked = claire.post(url(meeting, "drop"), data)
    assert "Déposer le bulletin «\u00a0Contre\u00a0»\u00a0?" in words(asked)
    assert not VotingRight.objects.get(seat="claire-caron").is_used
    done = claire.post(url(meeting, "drop"), data | {"confirmed": "1"}, follow=True)
    assert "Votre bulletin est dans l’urne." in words(done)
    assert VotingRight.objects.get(seat="claire-caron").is_used
    for _ in range(5):
        again = vote(claire, meeting, "pour", confirmed="1")
    assert "Un bulletin est déjà dans l’urne" in said(again, 409)
    answer = vote(claire, meeting, "blanc", "elsa-evrard", confirmed="1")
    assert regions(answer)["mine"].count("Votre bulletin est dans l’urne.") == 2
    assert VotingRight.objects.filter(is_used=True).count() == 3
    room.proclaim(complete=True)
    (result,) = wall.of(fresh(meeting)).results
    counts = {each.mark.value: each.number for each in result.counts}
    assert counts == {"pour": 0, "contre": 2, "blanc": 1, "ne_prend_pas_part": 3}
    assert not Poll.objects.exclude(urn="").exists()
    late = vote(claire, meeting, "pour", confirmed="1")
    assert "le bulletin de ce siège, reçu avant, est le seul" in said(late, 409)


def test_once_in_the_urn_nothing_tells_what_it_was(meeting, cast, claire):
    """Whatever the paper, the tablet, the wall and the news are the same afterwards."""
    shown = []
    for hour, choice in (("09:00", "pour"), ("10:00", "contre")):
        held = a_sitting(cast, clock=hour)
        reach(held, "scrutin_secret")
        answer = vote(claire, held, choice, confirmed="1")
        mine, poll = regions(answer)["mine"], held.polls.get().pk
        assert "Votre bulletin est dans l’urne." in mine
        kept = f"{mine} {regions(answer)['told']} {said(answer)}"
        shown.append(kept.replace(f"/{held.pk}/", "/0/").replace(f'value="{poll}"', 'value="0"'))
    assert shown[0] == shown[1]
    assert not any(poll.votes for poll in Poll.objects.all())


def test_a_secret_choice_stays_out_of_error_reports(meeting, cast, claire, rf):
    """Django hides `choice` from the reports it would mail."""
    request = rf.post("/", {"choice": "contre", "seat": "claire-caron"})
    request.user = cast.delegate
    with pytest.raises(Exception):  # noqa: B017 whatever goes wrong inside the view
        screen_views.drop(request, 0)
    shown = SafeExceptionReporterFilter().get_post_parameters(request)
    assert shown["choice"] != "contre"
    assert shown["seat"] == "claire-caron"
