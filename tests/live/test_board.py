"""What the console shows: words and letters of the moment, from the ledger and the open poll."""

import json
from datetime import date

import pytest

from documents import actions as documents
from documents.compile import compile_minutes
from law import elections, sitting
from law.french import NBSP
from live import board
from live.board import gestures, lines, names
from live.board.moment import Stage
from live.board.roll import Person
from live.models import Equipment
from meetings import reading
from meetings.actions import decisions, items, ledger
from meetings.models import AgendaItem, Meeting
from members.models import Mandate
from tests import cast as make
from tests.cast import change
from tests.held import hold
from tests.live.conftest import EVERYBODY
from tests.live.states import a_sitting, fresh, reach


def shown(room) -> board.Board:
    """The board of the sitting as it stands, read afresh."""
    return board.of(Meeting.objects.get(pk=room.meeting.pk))


def person(seen: board.Board, key: str) -> Person:
    people = (each for column in seen.roll.columns for each in column.people)
    return next(each for each in people if each.key == key)


def moment(seen: board.Board) -> dict:
    return json.loads(seen.bar.moment)


def letters(seen: board.Board, key: str) -> str:
    """The letters that act on this person now."""
    return "".join(gestures.GESTURES[name].letter for name in person(seen, key).acts.split())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("besson caron", [1, 1], id="une lettre"),
        pytest.param("martin martinez", [6, 7], id="un nom commence l’autre"),
        pytest.param("morel morin moulin", [4, 4, 3], id="quatre lettres"),
        pytest.param("dupont dupont", [6, 6], id="homonymes"),
        pytest.param("", [], id="personne"),
    ],
)
def test_marks_are_the_letters_that_suffice(typed, expected):
    found = names.marks(dict(enumerate(typed.split())))
    assert [found[rank] for rank in range(len(found))] == expected


def test_names_are_folded_as_they_are_typed():
    typed = ("Évrard", "Le Gall", "L’Hôpital-Œuvre", "漢字", "D'<b>")
    assert [*map(names.fold, typed)] == ["evrard", "legall", "lhopitaloeuvre", "漢字", "db"]


def test_the_mark_cuts_the_written_name_at_its_letters(cast, empty_room):
    gall = make.make_person(cast.organisation, "Rozenn", "Le Gall")
    goff = make.make_person(cast.organisation, "Yann", "Le Goff", "M.")
    for each in (gall, goff):
        make.make_mandate(cast.comite, each, constituency=cast.college_departement)
    seen = shown(empty_room)
    found = person(seen, "rozenn-le-gall")
    assert (found.shown, found.rest, found.last) == ("LE GA", "LL", "legall")
    assert found.others == "gall rozenn"


def test_a_substitute_who_is_not_there_takes_no_line_and_no_letter(cast, empty_room):
    """Gaëlle Garnier, substitute, does not make one type more of a titular called Garcia."""
    garcia = make.make_person(cast.organisation, "Inès", "Garcia")
    make.make_mandate(cast.comite, garcia, constituency=cast.college_departement)
    seen = shown(empty_room)
    assert person(seen, "gaelle-garnier").is_latent
    assert person(seen, "ines-garcia").shown == "G"
    empty_room.arrive(member="gaelle-garnier")
    seen = shown(empty_room)
    assert not person(seen, "gaelle-garnier").is_latent
    assert person(seen, "ines-garcia").shown == "GARC"


def test_once_its_minutes_are_established_nothing_is_offered_that_would_be_refused(room):
    """It offered to take back, and each time a sentence said no."""
    room.close_meeting()
    assert any(line.may_undo for line in shown(room).ledger)
    change(room.meeting, stage=Meeting.Stage.ISSUED)
    seen = shown(room)
    assert not any(line.may_undo for line in seen.ledger)
    assert seen.bar.commands == () and not moment(seen)["undo"]
    assert "établi" in seen.item.advice[0]


def test_before_the_opening_one_points_the_roll(empty_room):
    seen = shown(empty_room)
    assert seen.header.stage is Stage.PREPARED
    assert "tapez-en trois lettres" in seen.item.advice[0]
    assert letters(seen, "bruno-besson") == "pev"
    assert [each.letter for each in seen.bar.commands] == ["p", "o", "c"]
    Equipment.objects.create(meeting=empty_room.meeting, tablets=True)
    assert shown(empty_room) == seen  # the board says nothing of it
    (everybody,) = (each for each in seen.bar.commands if each.verb == "call_roll")
    assert dict(everybody.fields)["present"].split() == list(EVERYBODY)
    assert seen.item.acts == (everybody,)  # in the middle of an empty screen
    # The list of who may preside was empty.
    assert (seen.bar.primary, seen.bar.blocked) == (None, "Pointez d’abord les présents")
    empty_room.call_roll(present=EVERYBODY)
    seen = shown(empty_room)
    assert "Mme Alice ARNAUD" in seen.item.advice[0] and seen.item.acts == ()
    assert moment(seen)["chair"] == "alice-arnaud"
    assert letters(seen, "bruno-besson") == "vae"  # absent, as on the page
    empty_room.excuse(member="bruno-besson")  # pointed by mistake
    seen = shown(empty_room)
    assert person(seen, "bruno-besson").standing == "excuse"


def test_the_action_of_the_moment(room):
    def primary() -> tuple[str, str]:
        seen = shown(room).bar.primary
        return seen.words, seen.verb or seen.dialog

    assert primary() == ("Ouvrir le vote", "open_poll")
    poll = room.open_poll(items=["p1"])
    assert primary() == ("Proclamer", "proclaim")
    room.polled("proclaim", poll)
    assert primary() == ("Point suivant\u00a0: 2", "open_next")
    room.suspend()
    assert primary() == ("Reprendre la séance", "resume")
    room.resume()
    room.open_item(item="p4")
    room.note_fate(item="p4", fate="retire")
    # Two items were passed over: they come back before the end.
    assert primary() == ("Point suivant\u00a0: 2", "open_next")
    for item in ("p2", "p3"):
        room.note_fate(item=item, fate="reporte")
    assert primary() == ("Lever la séance…", "close")
    room.close_meeting()
    seen = shown(room)
    assert seen.bar.primary is None
    assert seen.bar.link_words == "Procès-verbal"
    assert letters(seen, "bruno-besson") == ""


def test_a_secret_vote_on_paper_asks_for_its_counts(room):
    room.request_ballot(item="p1", mode="secret", members=["bruno-besson", "elsa-evrard"])
    seen = shown(room)
    assert seen.bar.primary.words == "Ouvrir le scrutin secret"
    assert "c" not in letters(seen, "bruno-besson")  # nobody's vote can be named
    room.open_poll(items=["p1"], mode="secret")
    seen = shown(room)
    assert seen.bar.primary.dialog == "counts"
    assert not seen.roll.is_voting
    assert letters(seen, "bruno-besson") == ""
    assert seen.item.voting.figures == ()


def test_the_law_speaks_before_the_mistake(room):
    for key in ("claire-caron", "farid-faure", "denis-duval"):
        room.leave(member=key)
    room.open_next(after="p1")
    seen = shown(room)
    assert seen.bar.primary is None
    assert seen.bar.blocked == "Le quorum n’est pas atteint à ce point"
    (finding,) = seen.item.objections
    assert finding.code == "quorum"
    assert finding.article
    assert any("Espace L" in each for each in seen.item.lawful)
    assert not moment(seen)["mayOpen"]
    assert "c" not in letters(seen, "bruno-besson")
    assert any(each.dialog == "close" for each in seen.bar.commands)


def test_an_election_is_held_in_its_window_and_hostile_titles_are_only_text(cast, empty_room):
    title = "<img src=x onerror=alert(1)> 漢字 🦀 " + "x" * 300
    kind = AgendaItem.Kind.ELECTION
    items.add_item(empty_room.meeting, title=title, kind=kind, by=cast.secretariat)
    empty_room.call_roll(present=EVERYBODY)
    empty_room.open_meeting(chair="alice-arnaud")
    empty_room.open_item(item="p5")
    seen = shown(empty_room)
    assert seen.item.title == title
    assert seen.bar.primary.dialog == "election"
    assert not moment(seen)["mayOpen"]


def test_everybody_is_for_but_the_exceptions(room):
    poll = room.open_poll(items=["p1"])
    room.polled("choose", poll, seat="bruno-besson", choice="contre")
    seen = shown(room)
    assert seen.roll.is_voting
    assert person(seen, "bruno-besson").choice == "contre"
    assert person(seen, "alice-arnaud").choice == "pour"
    figures = {each.words: each.number for each in seen.item.voting.figures}
    assert figures == {"pour": 5, "contre": 1, "abstentions": 0, "ne prennent pas part": 0}
    assert "adoptée à la majorité" in seen.item.voting.sentence
    assert letters(seen, "bruno-besson") == "canp"
    assert "contre" in person(seen, "bruno-besson").label
    room.polled("give_up", poll)
    poll = room.open_poll(items=["p2"], mode="public")  # a roll call
    seen = shown(room)
    assert moment(seen)["poll"]["call"] == list(EVERYBODY)
    assert {each.choice for column in seen.roll.columns for each in column.people} == {""}
    room.polled("choose", poll, seat="alice-arnaud", choice="pour")
    assert shown(room).item.voting.answered == "1 réponse sur 6."


def test_a_proxy_is_named_where_it_counts(room):
    room.give_proxy(giver="elsa-evrard", holder="denis-duval")
    room.leave(member="elsa-evrard")
    seen = shown(room)
    giver, holder = person(seen, "elsa-evrard"), person(seen, "denis-duval")
    assert giver.standing == "represente"
    assert "pouvoir à D. DUVAL" in giver.note
    assert "parti" in giver.note
    assert holder.carries == "porte E. EVRARD"
    # Her vote is hers to name, through the one who carries it.
    assert (giver.seat, holder.seat) == ("elsa-evrard", "denis-duval")
    assert "v" in letters(seen, "elsa-evrard")


def test_a_substitute_votes_in_the_seat_of_the_titular_and_who_withdrew_may_come_back(room):
    room.leave(member="claire-caron")
    room.take_seat(substitute="gaelle-garnier", titular="claire-caron")
    room.recuse(member="bruno-besson")
    seen = shown(room)
    assert person(seen, "gaelle-garnier").seat == "claire-caron"
    assert person(seen, "claire-caron").seat == ""
    assert person(seen, "gaelle-garnier").note == "siège pour C. CARON"
    assert "suppléée par G. GARNIER" in person(seen, "claire-caron").note
    assert person(seen, "bruno-besson").standing == "deport"
    assert "r" in letters(seen, "bruno-besson")
    assert "c" not in letters(seen, "bruno-besson")
    assert "BESSON" in " ".join(seen.item.told)


def test_the_agenda_tells_what_became_of_each_item(room):
    room.vote("p1")
    room.open_next(after="p1")
    room.note_fate(item="p2", fate="retire")
    room.open_next(after="p2")
    seen = {point.key: (point.status, point.words) for point in shown(room).agenda}
    assert seen == {
        "p1": ("adopted", "adopté"),
        "p2": ("settled", "retiré"),
        "p3": ("current", ""),
        "p4": ("", ""),
    }


def test_the_ledger_shows_its_last_ten_lines(room):
    told = shown(room).ledger
    assert len(told) == lines.LEDGER_LINES
    assert told[0].words == "Point 1\u00a0: Budget primitif"
    room.undo(seq=told[0].seq)
    told = shown(room).ledger
    assert told[0].words.startswith("Annulé")
    assert told[0].undo == "Rétablir"
    assert told[1].is_void
    assert not told[1].may_undo
    assert moment(shown(room))["undo"]["seq"] < told[1].seq


def primary(room) -> tuple[str, str]:
    """What Enter does, or the reason that stands in its place."""
    bar = shown(room).bar
    return (bar.primary.verb, bar.primary.words) if bar.primary else ("", bar.blocked)


def test_on_the_accounts_the_bar_leads_the_president_out_in_one_act(cast, room):
    accounts = items.add_item(room.meeting, title="Comptes", kind="comptes", by=room.by)
    room.open_item(item=accounts.key)
    opens = shown(room).bar.primary
    assert (opens.dialog, opens.words) == (
        "lead", "A. ARNAUD se retire, l’assemblée élit qui préside…",
    )  # fmt: skip
    assert moment(shown(room))["successor"] == "bruno-besson"
    before = sitting.standing_events(room.meeting.ledger)
    room.lead_out(member="bruno-besson", votes_for=5)
    (told,) = (each for each in shown(room).item.told if "élit" in each)
    assert "élit M. Bruno BESSON pour présider ce point, par 5 voix pour" in told.replace(NBSP, " ")
    assert room.state.presiding == "bruno-besson"
    assert room.state.recused == {"alice-arnaud": sitting.Ground.ACCOUNTS}
    opens = shown(room).bar.primary
    assert (opens.verb, dict(opens.fields)["majority"]) == ("open_poll", "comptes")
    room.undo(seq=room.meeting.ledger[-1].seq, whole=True)
    assert sitting.standing_events(room.meeting.ledger) == before
    # Who presides already is elected too: nothing said it.
    room.take_chair(member="denis-duval", item=accounts.key)
    room.lead_out(member="denis-duval")
    assert room.kinds()[-2:] == ["Recused", "ChairTaken"]
    assert room.state.elected_chair == "denis-duval"
    room.vote(accounts.key)
    room.refuses("apres_le_vote", "lead_out", member="bruno-besson")


def test_a_vice_president_is_elected_to_preside_the_accounts_when_the_presidency_is_vacant(
    cast, empty_room
):
    """Art. L2121-14: the bar asks for it, and the page for who kept them."""
    room = empty_room
    change(Mandate.objects.get(body=cast.comite, office="president"), office="")
    accounts = items.add_item(room.meeting, title="Comptes", kind="comptes", by=room.by)
    room.call_roll(present=EVERYBODY)
    room.open_meeting(chair="bruno-besson", clerks=["denis-duval"])
    room.open_item(item=accounts.key)
    seen = shown(room)
    assert (seen.bar.primary.dialog, seen.bar.primary.words) == (
        "lead", "L’assemblée élit qui préside…",
    )  # fmt: skip
    assert moment(seen)["successor"] == "bruno-besson"
    assert "Rien ne dit qui a tenu ces comptes" in seen.item.told[-1].replace(NBSP, " ")
    assert seen.item.keepers_url.endswith("/modifier/#id_accounts_of")
    room.lead_out(member="bruno-besson", votes_for=5)
    assert shown(room).bar.primary.verb == "open_poll"
    AgendaItem.objects.filter(pk=accounts.pk).update(accounts_of="-")
    seen = shown(room)
    assert not seen.item.keepers_url
    assert not any("a tenu ces comptes" in each for each in seen.item.told)


def test_both_presidents_of_the_year_of_the_accounts_are_led_out(cast, room):
    """Art. L2121-14: even who is in office no more."""
    accounts = items.add_item(room.meeting, title="Comptes", kind="comptes", by=room.by)
    AgendaItem.objects.filter(pk=accounts.pk).update(accounts_of="bruno-besson alice-arnaud")
    room.open_item(item=accounts.key)
    seen = shown(room)
    assert seen.bar.primary.words == (
        "B. BESSON et A. ARNAUD se retirent, l’assemblée élit qui préside…"
    )
    assert moment(seen)["successor"] == "denis-duval"
    room.lead_out(member="denis-duval")
    assert {*room.state.recused} == {"alice-arnaud", "bruno-besson"}
    assert room.vote(accounts.key).adopted


def test_withdrawals_from_one_item_do_not_end_the_sitting(room):
    """CE, 19 January 1983, Chauré: the item is put off, and called a second time by itself."""
    room.empty(but=4)
    room.open_next(after="p1")
    room.recuse(member=next(key for key in room.state.attending if key != room.state.chair))
    told = shown(room).item.lawful
    assert any("passer au suivant, et convoquer une seconde fois" in each for each in told)
    assert not any("Espace L" in each for each in told)


def test_an_item_whose_quorum_was_missing_is_called_again_once_somebody_came(room):
    room.empty(but=3)
    room.open_next(after="p1")
    room.refuses("point_deja_ouvert", "open_item", item="p2")
    assert any("Espace A appelle le point de nouveau" in each for each in shown(room).item.lawful)
    room.arrive(member="denis-duval")
    seen = shown(room)
    assert "ouvrir le vote l’appelle de nouveau" in seen.item.told[-1]
    again = next(each for each in seen.bar.commands if each.letter == "a")
    room.polled(again.verb, room.meeting, **dict(again.fields))
    assert room.kinds()[-1] == "ItemOpened"
    assert room.meeting.quorum_of(room.meeting.sitting.at_item["p2"]).reached
    assert "a" not in [each.letter for each in shown(room).bar.commands]
    assert room.vote("p2").adopted


def test_an_item_added_after_the_convocation_says_that_it_is_not_voted(room):
    AgendaItem.objects.filter(meeting=room.meeting, key="p3").update(was_added=True)
    seen = shown(room)
    assert {p.key: p.words for p in seen.agenda}["p3"] == "ajouté, sans vote"
    assert moment(seen)["awaiting"] == ["p1", "p2", "p4"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("election", ["secret", "leve"]), ("executif", ["impose"])]
)
def test_the_secrecy_of_the_executive_is_not_offered_to_be_waived(room, kind, expected):
    item = items.add_item(room.meeting, title="Élection", kind=kind, by=room.by)
    room.open_item(item=item.key)
    seen = shown(room)
    assert moment(seen)["secrecies"] == expected
    assert moment(seen)["usual"]["mode"] == "secret"
    assert moment(seen)["elects"] is (kind == "executif")


def test_a_mandate_begins_and_ends_from_the_name_of_who_has_it(room):
    before = shown(room)
    assert "m" in letters(before, "elsa-evrard")
    room.change_mandate(member="elsa-evrard", change="demission")
    assert "elsa-evrard" not in {voice.seat for voice in room.state.voices}
    seen = shown(room)
    assert "hors fonction" in person(seen, "elsa-evrard").note
    assert seen.header.in_office == before.header.in_office - 1
    room.refuses("hors_fonction", "change_mandate", member="elsa-evrard", change="deces")
    room.refuses("deja_en_fonction", "change_mandate", member="denis-duval", change="installation")
    room.change_mandate(member="gaelle-garnier", change="installation")
    assert room.kinds()[-2:] == ["Vacated", "Installed"]


def test_without_a_vice_president_the_bar_asks_who_presides_the_accounts(cast, room):
    accounts = items.add_item(room.meeting, title="Comptes", kind="comptes", by=room.by)
    for officer in ("bruno-besson", "denis-duval"):
        room.leave(member=officer)
    room.open_item(item=accounts.key)
    opens = shown(room).bar.primary
    assert (opens.dialog, moment(shown(room))["successor"]) == ("lead", "")
    room.lead_out(member="claire-caron")
    assert room.state.presiding == "claire-caron"


def elected(title: str, who: str, *, item: str) -> elections.Election:
    """By the six who are there."""
    return elections.Election(
        item=item,
        title=title,
        secrecy=elections.Secrecy.IMPOSED,
        candidates=(elections.Candidate(key=who),),
        rounds=(elections.Round(votes={who: 6}, voters=6),),
    )


def test_whoever_was_just_elected_president_is_called_so(room):
    """Art. L2122-8 and L2122-10: from the election on, and who was before no more."""
    key = room.meeting.agenda.keys[0]
    room.meeting.items.filter(key=key).update(kind=AgendaItem.Kind.EXECUTIVE)
    room.meeting.forget()
    offices = [person(shown(room), each).office for each in EVERYBODY[:2]]
    assert offices == ["présidente", "1er vice-président"]
    room.hold_round(item=key, election=elected("président", "bruno-besson", item=key))
    assert [person(shown(room), each).office for each in EVERYBODY[:2]] == ["", "président"]
    # He takes the chair at once, if he is there; further on it is one command among others.
    seen = shown(room)
    chair = seen.bar.primary
    assert (chair.words.replace(NBSP, " "), chair.verb) == (
        "M. Bruno BESSON prend la présidence",
        "take_chair",
    )
    assert moment(seen)["chair"] == "bruno-besson"
    room.take_chair(**dict(chair.fields))
    assert room.state.chair == "bruno-besson"
    assert shown(room).bar.primary.verb == "open_next"


def test_who_was_elected_president_and_is_not_there_is_proposed_for_nothing(room):
    key = room.meeting.agenda.keys[0]
    room.meeting.items.filter(key=key).update(kind=AgendaItem.Kind.EXECUTIVE)
    room.meeting.forget()
    room.hold_round(item=key, election=elected("président", "bruno-besson", item=key))
    room.leave(member="bruno-besson")
    assert shown(room).bar.primary.verb == "open_next"
    assert moment(shown(room))["chair"] == "alice-arnaud"


def test_what_has_neither_vote_nor_fate_is_told_before_the_sitting_is_closed(room):
    """« Tout ce qui se vote a été voté », then « 1 point reste sans vote ni suite notée »."""
    info = items.add_item(room.meeting, title="Installation", kind="information", by=room.by)
    key = room.meeting.agenda.keys[0]
    assert {key, info.key} <= {*moment(shown(room))["unsettled"]}
    ledger.record(
        room.meeting, sitting.FateNoted(item=info.key, fate=sitting.Fate.NO_VOTE), by=room.by
    )
    assert info.key not in moment(shown(room))["unsettled"]


TITLES = {
    "Élection du président": ("président", "président"),
    "Élection du président et des vice-présidents": ("président", "vice-président"),
    "Élection des vice-présidents": ("vice-président", "vice-président"),
    "Élection des autres membres du Bureau": ("membre du Bureau", "membre du Bureau"),
    "Installation": ("", ""),
}


@pytest.mark.parametrize(("title", "offices"), TITLES.items(), ids=TITLES.keys())
def test_the_window_of_elections_begins_with_what_the_item_elects_to(room, title, offices):
    """It came empty; reopened for the second vice-president, it came with the first."""
    key = room.meeting.agenda.keys[0]
    room.meeting.items.filter(key=key).update(kind=AgendaItem.Kind.EXECUTIVE, title=title)
    room.meeting.forget()
    seen = moment(shown(room))
    assert (seen["office"], seen["elections"]) == (offices[0], 0)
    room.hold_round(item=key, election=elected("président", "bruno-besson", item=key))
    seen = moment(shown(room))
    assert (seen["office"], seen["elections"]) == (
        "" if offices[1] == "président" else offices[1],
        1,
    )
    assert "Élire encore…" in [each.words for each in shown(room).bar.commands]


CAO = "Élection de la commission d’appel d’offres"


def test_the_window_of_elections_begins_with_what_the_code_asks_and_says_it(room):
    """One seat by name, no substitute: the article came after the proclamation."""
    key = room.meeting.agenda.keys[0]
    room.meeting.items.filter(key=key).update(kind=AgendaItem.Kind.ELECTION, title=CAO)
    seen = moment(shown(room))
    assert seen["election"] == {
        "title": "membre de la commission d’appel d’offres",
        "method": "plus_fort_reste",
        "seats": 5,
        "substitutes": 5,
    }
    assert "5 titulaires et 5 suppléants" in seen["asked"]["words"].replace(NBSP, " ")
    assert seen["asked"]["article"] == "art. L1411-5, II et L1414-2 du CGCT"
    room.meeting.items.filter(key=key).update(title="Élection des délégués au CNAS")
    seen = moment(shown(room))
    assert (seen["election"], seen["asked"]) == ({}, None)


def test_what_the_want_of_quorum_leaves_is_said_to_be_put_off(room):
    room.empty(but=2)
    room.close_meeting(for_want_of_quorum=True)
    assert {point.words for point in shown(room).agenda if not point.is_section} == {"reporté"}


def test_minutes_put_to_the_vote_before_they_are_established_are_told(cast, room):
    """Art. L2121-15: on the screen, as the vote opens, when it is noted afterwards, in the
    review."""
    earlier = hold(cast, date(2026, 5, 5), approves=False)
    item = items.add_item(
        room.meeting, kind="approbation", title="Procès-verbal", approves=earlier, by=room.by
    )
    room.meeting.forget()
    room.open_item(item=item.key)
    said = "Le procès-verbal de la séance du 5 mai 2026 n’est pas encore établi"
    assert any(said in told.replace(NBSP, " ") for told in shown(room).item.told)
    poll = room.open_poll(items=[item.key])
    assert [each.code for each in poll.findings] == ["pv_non_etabli"]
    room.proclaim()
    assert not any("pas encore établi" in told for told in shown(room).item.told)
    reviewed = documents.review(room.meeting, compile_minutes(room.meeting))
    assert "pv_non_etabli" in {each.code for each in reviewed}
    (line,) = (each for each in room.meeting.sitting.of_kind(sitting.BallotHeld))
    told = decisions.hold_ballot(
        room.meeting, ballot=line.ballot, replacing=line.seq, by=cast.secretariat
    )
    assert "pv_non_etabli" in {each.code for each in told}
    change(earlier, stage=Meeting.Stage.PREPARED)
    room.meeting.forget()
    (told,) = reading.unestablished(room.meeting.agenda[item.key].item)
    assert told.code == "seance_non_levee" and "du 5 mai 2026, 18 h," in told.message.replace(
        NBSP, " "
    )
    change(earlier, stage=Meeting.Stage.ISSUED)
    room.meeting.forget()
    assert list(reading.unestablished(room.meeting.agenda[item.key].item)) == []


def test_two_members_of_one_name_are_told_apart_in_their_cells_and_in_the_margins(cast, empty_room):
    twin = make.make_person(cast.organisation, "Bruno", "Besson", civility="M.")
    seat = cast.seat(cast.bruno)
    make.make_mandate(cast.comite, twin, capacity="suppleant", community=seat.community)
    room = empty_room
    room.arrive(member="bruno-besson-2")
    seen = shown(room)
    assert person(seen, "bruno-besson").first == "Bruno (titulaire)"
    assert person(seen, "bruno-besson-2").first == "Bruno (suppléant)"
    room.give_proxy(giver="elsa-evrard", holder="bruno-besson")
    assert "B. BESSON (titulaire)" in person(shown(room), "elsa-evrard").note.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("state", "figures"),
    [
        ("scrutin_ordinaire", []),
        ("proclame", [4, 1, 1, 0]),
        ("proclame_secret", []),
    ],
)
def test_the_figures_of_a_vote_stay_once_it_is_proclaimed(state, figures, cast):
    meeting = a_sitting(cast)
    reach(meeting, state)
    seen = board.of(fresh(meeting)).item
    assert [each.number for each in seen.figures] == figures
