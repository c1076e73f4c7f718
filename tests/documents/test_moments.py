"""What a paper says is true at its moment: who presides, which office, who is counted, in order."""

from dataclasses import replace

import pytest

from documents.compile import (
    compile_attendance_sheet,
    compile_deliberation_list,
    compile_extract,
    compile_minutes,
)
from law import ballots, elections, sitting
from law.ballots import Choice
from meetings import reading
from meetings.actions import attendance, items, ledger
from meetings.models import AgendaItem, Brief
from registry.acts import reading as register
from registry.signatures import reading as signatures
from registry.writing import checklist
from tests.cast import change_rules
from tests.documents.ink import plain
from tests.documents.test_compile import at, told
from tests.held import JULY, prepare

EVERYBODY = ("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval", "farid-faure")


def _elected(item: str, title: str, who: str) -> sitting.ElectionHeld:
    return sitting.ElectionHeld(
        election=elections.Election(
            item=item,
            key=f"{item}-{who}",
            title=title,
            secrecy=elections.Secrecy.IMPOSED,
            candidates=(elections.Candidate(key=who),),
            rounds=(elections.Round(votes={who: 5}),),
        )
    )


@pytest.fixture
def installed(cast):
    """Farid opens the sitting of a closed syndicate, Alice is elected and takes the chair, Bruno is
    elected after her; the mandates say tonight what each became."""
    change_rules(cast.comite, by_statutes=False)
    meeting = prepare(cast, "Président", "Nombre", "Premier", "Délégations", "Divers")
    keys = meeting.agenda.keys
    meeting.items.filter(key__in=(keys[0], keys[2])).update(kind=AgendaItem.Kind.EXECUTIVE)
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="farid-faure"),
        sitting.ClerksNamed(clerks=("claire-caron",)),
        _elected(keys[0], "président", "alice-arnaud"),
        sitting.ChairTaken(member="alice-arnaud", before=keys[1]),
        sitting.BallotHeld(ballot=ballots.Ballot(item=keys[1])),
        _elected(keys[2], "vice-président", "bruno-besson"),
        sitting.BallotHeld(ballot=ballots.Ballot(item=keys[3])),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    return meeting


def test_an_extract_tells_who_presides_and_holds_an_office_at_its_item(installed):
    one, two, three, four, _ = (compile_extract(installed, k) for k in installed.agenda.keys)
    assert plain(one.opening).endswith("sous la présidence de Monsieur Farid FAURE.")
    for extract in (two, three, four):
        assert plain(extract.opening).endswith(
            "sous la présidence de Madame Alice ARNAUD, présidente."
        )
    assert [(each.signatories[0].office, each.signatories[0].name) for each in (one, two)] == [
        ("Le président de séance", "Farid FAURE"),
        ("La présidente", "Alice ARNAUD"),
    ]
    assert (
        plain(three.decisions[-1].more[-1])
        == "M. Bruno BESSON est proclamé élu 1er vice-président."
    )


def test_minutes_tell_offices_at_the_opening_and_the_elected_president_signs(installed):
    minutes = compile_minutes(installed)
    offices = {plain(line.name): line.office for college in minutes.roll for line in college.lines}
    assert [offices[name] for name in ("Mme Alice ARNAUD", "M. Bruno BESSON")] == ["", ""]
    assert [(each.office, each.name) for each in minutes.signatories] == [
        ("La présidente", "Alice ARNAUD"),
        ("La secrétaire de séance", "Claire CARON"),
    ]
    listed = compile_deliberation_list(installed)
    assert "1er vice-président" in plain(listed.lines[2].decision)


def test_who_signs_is_whom_the_papers_name(installed):
    known = signatures.signers(installed)
    keys = installed.agenda.keys
    assert [each.member.name for each in known.minutes] == ["Alice ARNAUD", "Claire CARON"]
    assert [known.extracts[key][0].member.name for key in keys[:2]] == [
        "Farid FAURE",
        "Alice ARNAUD",
    ]


def test_the_sheet_signed_after_names_the_secretary(installed):
    assert [(each.office, each.name) for each in compile_attendance_sheet(installed).signatories][
        1:
    ] == [("La secrétaire de séance", "Claire CARON")]


# --- In the order of the ledger ---------------------------------------------------------------


@pytest.fixture
def in_camera(cast):
    """A text said behind closed doors, the doors open again, the vote, then a departure."""
    meeting = prepare(cast, "Affaire")
    items.add_item(meeting, title="Suite", by=cast.secretariat)
    first = meeting.agenda.keys[0]
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    row = meeting.items.get(key=first)
    row.text = "<p>Les membres délibèrent.</p>"
    row.save()
    Brief.objects.create(item=row, articles="L’affaire est close")
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.Recused(member="bruno-besson", item=first, ground=sitting.Ground.PERSONAL),
        sitting.ItemOpened(item=first, at=at("19:05")),
        sitting.DoorsClosed(at=at("19:06"), votes_for=4),
        sitting.DoorsOpened(at=at("19:20")),
        sitting.BallotHeld(at=at("19:25"), ballot=ballots.Ballot(item=first)),
        sitting.Left(member="farid-faure", at=at("19:30")),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    return meeting


def test_closed_doors_are_told_before_what_is_said_behind_them(in_camera):
    (item, _) = compile_minutes(in_camera).items
    assert [text.split(",")[0] for text in told(item.opening)] == [
        "M. Bruno BESSON",
        "Le Comité syndical décide",
    ]
    assert told(item.after)[0] == "La séance redevient publique à 19 h 20."


def test_an_extract_decides_after_what_happened_and_says_who_is_not_counted(in_camera):
    extract = compile_extract(in_camera, in_camera.agenda.keys[0])
    assert told(extract.debated) == ["La séance redevient publique à 19 h 20."]
    assert [step.kind for step in extract.decisions] == ["vote"]
    assert [figure.value for figure in extract.figures][1] == 5
    assert plain(extract.quorum) == (
        "Le quorum est atteint avec 4 délégués présents, le Comité syndical peut donc valablement "
        "délibérer. M. Bruno BESSON, qui se retire, n’est pas compté dans ce quorum."
    )


def test_who_withdraws_after_an_amendment_is_told_between_the_two_votes(cast):
    """Art. L2131-11: Bruno voted the amendment, and not the text."""
    meeting = prepare(cast, "Tarifs")
    (key,) = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.ItemOpened(item=key, at=at("19:05")),
        sitting.BallotHeld(
            at=at("19:10"), ballot=ballots.Ballot(item=key, question="un tarif réduit")
        ),
        sitting.Recused(member="bruno-besson", item=key, at=at("19:12")),
        sitting.BallotHeld(at=at("19:15"), ballot=ballots.Ballot(item=key)),
        by=cast.secretariat,
    )
    (item,) = compile_minutes(meeting).items
    assert [step.kind for step in item.after] == ["vote", "mouvement", "vote"]
    _, withdrawal, _ = told(item.after)
    assert withdrawal.startswith("M. Bruno BESSON")
    voters = [len(meeting.sitting.at_ballot[seq].voices) for seq in meeting.sitting.at_ballot]
    assert voters == [len(EVERYBODY), len(EVERYBODY) - 1]


def test_the_list_keeps_the_casting_vote(cast):
    meeting = prepare(cast, "Partage")
    (key,) = meeting.agenda.keys
    attendance.set_roll(
        meeting, standings=dict.fromkeys(EVERYBODY[:4], "present"), by=cast.secretariat
    )
    choices = dict(
        zip(EVERYBODY, (Choice.FOR, Choice.FOR, Choice.AGAINST, Choice.AGAINST), strict=False)
    )
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.BallotHeld(
            ballot=ballots.Ballot(item=key, mode=ballots.Mode.PUBLIC, choices=choices)
        ),
        by=cast.secretariat,
    )
    (line,) = compile_deliberation_list(meeting).lines
    assert plain(line.decision) == (
        "Adoptée par 2 voix pour et 2 contre, par la voix prépondérante de la présidence de séance"
    )
    # Its page said « adoptée : 2 voix pour et 2 contre », and nothing of what settled it.
    (decided,) = register.decided(meeting)
    assert plain(register.word_of(meeting, decided)) == (
        "adoptée : 2 voix pour et 2 contre, par la voix prépondérante de la présidence de séance"
    )


def test_who_had_left_comes_back_on_the_roll_and_in_the_debates(cast):
    meeting = prepare(cast, "Un", "Deux", "Trois")
    _, two, three = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.Left(member="bruno-besson", at=at("19:10"), before=two),
        sitting.Arrived(member="bruno-besson", at=at("19:20"), before=three),
        by=cast.secretariat,
    )
    minutes = compile_minutes(meeting)
    assert told(minutes.items[2].before)[0].startswith("M. Bruno BESSON revient à 19 h 20")
    remarks = {plain(each.name): each.remark for c in minutes.roll for each in c.lines}
    assert "revenu à 19 h 20" in plain(remarks["M. Bruno BESSON"])


def test_a_second_call_says_once_that_it_needs_no_quorum(cast):
    first = prepare(cast, "Un")
    meeting = prepare(cast, "Un", held_on=JULY, second_call_of=first)
    attendance.set_roll(
        meeting, standings=dict.fromkeys(EVERYBODY[:2], "present"), by=cast.secretariat
    )
    minutes = compile_minutes(meeting)
    assert "sans condition de quorum" in minutes.preamble[0]
    assert (
        plain(minutes.quorum.sentence) == "2 délégués présents, sur 6, prennent part à la séance."
    )


def _of_the_accounts(cast, elected_at: str):
    """Accounts called at 19 h 05, and the assembly elects who presides them."""
    meeting = prepare(cast, "Comptes")
    (key,) = meeting.agenda.keys
    meeting.items.update(kind=AgendaItem.Kind.ACCOUNTS, text="<p>On en débat.</p>")
    meeting.forget()
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    found = ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.ItemOpened(item=key, at=at("19:05")),
        sitting.Recused(
            member="alice-arnaud", item=key, ground=sitting.Ground.ACCOUNTS, at=at(elected_at)
        ),
        sitting.ChairTaken(member="bruno-besson", item=key, elected=True, at=at(elected_at)),
        sitting.BallotHeld(ballot=ballots.Ballot(item=key, majority=ballots.ACCOUNTS)),
        by=cast.secretariat,
    )
    return meeting, [each.code for each in found]


def test_who_presides_the_accounts_is_told_when_he_was_elected(cast):
    """Art. L2121-14: before the debate, or after it, and then it is said to whoever tells it."""
    meeting, warned = _of_the_accounts(cast, "19:06")
    (item,) = compile_minutes(meeting).items
    assert [step.kind for step in item.opening] == ["mouvement", "presidence"]
    assert [step.kind for step in item.after] == ["vote"]
    assert warned == []


def test_who_presided_the_accounts_signs_their_extract_on_paper_and_where_one_signs(cast):
    """Art. L2121-23: who had left saw no vote to certify; the minutes stay hers."""
    meeting, _ = _of_the_accounts(cast, "19:06")
    (key,) = meeting.agenda.keys
    chair, *_ = compile_extract(meeting, key).signatories
    assert (chair.office, chair.name) == ("Le président de séance", "Bruno BESSON")
    known = signatures.signers(meeting)
    assert known.extracts[key][0].member.name == "Bruno BESSON"
    assert known.minutes[0].member.name == "Alice ARNAUD"


def test_who_was_elected_after_the_debate_of_the_accounts_is_told_after_it(cast):
    meeting, warned = _of_the_accounts(cast, "19:40")
    (item,) = compile_minutes(meeting).items
    assert item.opening == ()
    assert [step.kind for step in item.after] == ["mouvement", "presidence", "vote"]
    assert "élit M. Bruno BESSON pour présider ce point à 19 h 40" in told(item.after)[1]
    assert warned == ["comptes_debattus_avant"]


def test_who_keeps_the_minutes_after_another_is_told_there_and_signs_too(cast):
    """Art. L2121-15: the one for what was before, the other since."""
    meeting = prepare(cast, "Un", "Deux")
    one, two = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.ClerksNamed(clerks=("claire-caron",)),
        sitting.BallotHeld(ballot=ballots.Ballot(item=one)),
        sitting.Left(member="claire-caron", at=at("19:30"), before=two, definitive=True),
        sitting.ClerksNamed(clerks=("bruno-besson",), at=at("19:31"), before=two),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    minutes = compile_minutes(meeting)
    assert plain(minutes.clerks) == "Madame Claire CARON est désignée secrétaire de séance."
    assert told(minutes.items[1].before)[1] == (
        "Monsieur Bruno BESSON est désigné secrétaire de séance à 19 h 31, avant l’examen du point "
        "2, à la suite de Mme Claire CARON."
    )
    both = ["Claire CARON", "Bruno BESSON"]
    assert [each.name for each in minutes.signatories][1:] == both
    assert [each.name for each in compile_attendance_sheet(meeting).signatories][1:] == both
    assert [each.member.name for each in signatures.signers(meeting).minutes][1:] == both


def test_an_item_called_without_its_quorum_is_put_off_with_those_that_follow(cast):
    """Art. L2121-17: a sitting closed for want of quorum decides nothing more."""
    meeting = prepare(cast, "Un", "Deux", "Trois")
    one, two, _ = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.ItemOpened(item=one, at=at("19:05")),
        sitting.BallotHeld(ballot=ballots.Ballot(item=one), at=at("19:10")),
        *(sitting.Left(member=each, at=at("19:20")) for each in EVERYBODY[2:]),
        sitting.ItemOpened(item=two, at=at("19:30")),
        sitting.Closed(at=at("19:40"), for_want_of_quorum=True),
        by=cast.secretariat,
    )
    minutes = compile_minutes(meeting)
    assert (
        "les points 2 et 3 sont reportés à une séance ultérieure" in told(minutes.closing_steps)[0]
    )
    assert [step.kind for step in minutes.items[1].before][-1] == "quorum"
    fates = [plain(line.fate) for line in reading.lines(meeting)]
    assert fates[0] == "" and fates[1] == fates[2] == (
        "Le quorum n’étant pas réuni, l’examen de ce point est reporté à une séance ultérieure."
    )
    assert not any(line.awaits for line in reading.lines(meeting))


def test_who_takes_the_chair_during_an_item_is_told_before_its_debate_and_not_in_its_act(cast):
    """« Le président répond… », then « M. B prend la présidence » between recitals and articles."""
    meeting = prepare(cast, "Nombre de vice-présidents", "Divers")
    key, other = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="farid-faure"),
        sitting.ItemOpened(item=key, at=at("19:01")),
        sitting.ChairTaken(member="bruno-besson", at=at("19:02")),
        sitting.BallotHeld(ballot=ballots.Ballot(item=key), at=at("19:05")),
        sitting.ItemOpened(item=other, at=at("19:06")),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    said = "M. Bruno BESSON prend la présidence de la séance"
    item = compile_minutes(meeting).items[0]
    assert [plain(step.text).startswith(said) for step in item.opening] == [True]
    assert not any(said in plain(step.text) for step in item.after)
    extract = compile_extract(meeting, key)
    assert "sous la présidence de Monsieur Bruno BESSON" in plain(extract.opening)
    told = (*extract.before, *(extract.debated or ()), *extract.decisions)
    assert not any("prend la présidence" in plain(step.text) for step in told)


def _figures(paper):
    return [(plain(figure.label), figure.value) for figure in paper.figures]


@pytest.mark.parametrize("place", ["before", "opening"])
def test_the_figures_of_minutes_say_that_they_are_those_of_the_opening(cast, place):
    """« 5 votants » above « 6 voix »: the proxy came after the roll."""
    meeting = prepare(cast, "Tarifs")
    (key,) = meeting.agenda.keys
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    given = sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval")
    ledger.record(
        meeting,
        replace(given, before=key) if place == "before" else given,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.BallotHeld(ballot=ballots.Ballot(item=key)),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    minutes = compile_minutes(meeting)
    found = _figures(minutes)
    said = {each.label: each.said for each in checklist.check(meeting, minutes).elements}
    represented = plain(said["membres représentés, et par qui"])
    if place == "opening":
        assert found[1:] == [("présents", 5), ("représenté", 1), ("votants", 6)]
        assert represented == "Elsa EVRARD par Denis DUVAL"
    else:
        assert found[1:] == [
            ("présents à l’ouverture", 5),
            ("représenté à l’ouverture", 0),
            ("votants à l’ouverture", 5),
        ]
        assert represented == "Personne à l’ouverture ; ensuite Elsa EVRARD par Denis DUVAL"
    assert ("votants", 6) in _figures(compile_extract(meeting, key))


def test_the_list_is_signed_by_whom_the_sitting_elected(cast):
    """Its place bore no name: the mandates do not say yet whom the evening elected."""
    meeting = prepare(cast, "Président")
    (key,) = meeting.agenda.keys
    meeting.items.filter(key=key).update(kind=AgendaItem.Kind.EXECUTIVE)
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="farid-faure"),
        _elected(key, "président", "bruno-besson"),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    signs = compile_deliberation_list(meeting).signatory
    assert (signs.office, signs.name) == ("Le président", "Bruno BESSON")
    (signer,) = signatures.signers(meeting).listed
    assert signer.member.name == signs.name


@pytest.mark.parametrize(
    ("label", "role", "who"),
    [
        ("à la présidence\u00a0: Alain BERTHIER", "president", "Alain BERTHIER"),
        ("à la présidence\u00a0: ", "president", "la présidence"),
        ("secrétaire de séance\u00a0: ", "secretaire", "le secrétariat"),
    ],
)
def test_a_place_without_a_person_is_named_as_a_sentence_goes_on(label, role, who):
    """« La signature d’à la présidence : Alain BERTHIER »."""
    place = signatures.Place(name="", role=role, label=label, person=None, step=None)
    assert place.who == who


def test_a_proxy_taken_back_during_the_sitting_is_told_on_the_roll_with_its_hour(cast):
    """« représenté, pouvoir à M. … », of who was for two items of twelve."""
    meeting = prepare(cast, "Tarifs", "Divers")
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=cast.secretariat)
    one, two = meeting.agenda.keys
    ledger.record(
        meeting,
        sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.BallotHeld(ballot=ballots.Ballot(item=one)),
        sitting.ProxyRevoked(giver="elsa-evrard", at=at("19:20"), before=two),
        sitting.BallotHeld(ballot=ballots.Ballot(item=two)),
        sitting.Closed(at=at("20:00")),
        by=cast.secretariat,
    )
    minutes = compile_minutes(meeting)
    lines = {plain(line.name): plain(line.remark) for each in minutes.roll for line in each.lines}
    assert lines["Mme Elsa EVRARD"] == (
        "représentée, pouvoir à M. Denis DUVAL, pouvoir retiré à 19 h 20"
    )
    told = [plain(step.text) for step in minutes.items[1].before]
    assert told[0] == (
        "Mme Elsa EVRARD retire à 19 h 20, avant l’examen du point 2, le pouvoir qu’elle avait "
        "donné à M. Denis DUVAL."
    )
