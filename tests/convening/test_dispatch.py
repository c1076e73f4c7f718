"""Dispatching: what is frozen, who is convened, what is refused; and every later change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from convening import tokens
from convening.actions import changing, dispatching, drafting, following, inviting
from convening.dispatch import addressees, checklist, journey, sent, timing
from convening.models import Convocation, Invitation, Posted, Recipient
from documents import papers
from law import sitting
from law.findings import Refused
from meetings.actions import items, ledger, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Community, Mandate, RuleBook
from tests.cast import Cast
from tests.convening import desk
from tests.convening.desk import HELD_ON, NOW, SITE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]

Kind, Stage, State = Convocation.Kind, Convocation.Stage, Posted.State


def codes(refusal) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


def rectifying(meeting: Meeting, cast: Cast) -> Convocation:
    return drafting.prepare(meeting, by=cast.secretariat, kind=Convocation.Kind.RECTIFYING)


def rows_of(convocation: Convocation) -> dict[str, Recipient]:
    return {row.name.split()[-1]: row for row in convocation.recipients.all()}


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("body__organisation", "second_call_of").get(pk=meeting.pk)


# --- What is frozen ---------------------------------------------------------------------------


def test_a_dispatch_freezes_the_paper_the_dossier_and_the_numbers(cast):
    convocation = desk.convened(cast)
    meeting = fresh(convocation.meeting)
    assert convocation.stage == Stage.SENDING
    assert (meeting.convened_on, convocation.sent_on) == (date(2026, 6, 1), date(2026, 6, 1))
    assert (convocation.held_on, convocation.place) == (HELD_ON, "dans ses locaux")
    labels = {item.title: item.label for item in meeting.items.all()}
    assert labels["Budget primitif"] == "1"
    assert labels["Questions diverses"] == "4"
    with convocation.dossier.open("rb") as file:
        content = file.read()
    assert content.startswith(b"%PDF")
    assert len(content) == convocation.size
    assert convocation.pages > 1
    paper = convocation.summons
    assert isinstance(paper, papers.SummonsDocument)
    assert [line.title for line in paper.lines][:2] == ["Budget primitif", "Tarifs 2027"]


def test_the_hash_is_that_of_the_file(cast):
    import hashlib

    convocation = desk.convened(cast)
    with convocation.dossier.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == convocation.sha256


def test_the_day_of_dispatch_is_that_of_paris(cast):
    """23 h 58 and 0 h 03, on both sides of midnight in Paris."""
    late = desk.convened(cast, at=datetime(2026, 5, 31, 21, 58, tzinfo=UTC))
    assert late.sent_on == date(2026, 5, 31)
    other = desk.prepared(cast, held_on=date(2026, 7, 7))
    draft = drafting.prepare(other, by=cast.secretariat)
    dispatching.dispatch(draft, by=cast.secretariat, at=datetime(2026, 5, 31, 22, 3, tzinfo=UTC))
    assert draft.sent_on == date(2026, 6, 1)


def test_every_screen_learns_that_the_sitting_changed(cast):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    before = fresh(meeting).stamp
    dispatching.dispatch(
        drafting.prepare(meeting, by=cast.secretariat), by=cast.secretariat, at=NOW, site=SITE
    )
    assert fresh(meeting).stamp > before


def test_it_is_sent_once(cast):
    convocation = desk.convened(cast)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(convocation, by=cast.secretariat, at=NOW)
    assert "deja_envoyee" in codes(refusal)
    with pytest.raises(Refused) as refusal:
        drafting.prepare(convocation.meeting, by=cast.secretariat)
    assert codes(refusal) == ["deja_convoquee"]


def test_a_refused_dispatch_leaves_nothing_behind(cast, own_directory):
    meeting = desk.prepared(cast)  # nobody has an address
    draft = drafting.prepare(meeting, by=cast.secretariat)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW)
    assert "sans_adresse" in codes(refusal)
    assert fresh(meeting).convened_on is None
    assert not Recipient.objects.exists()
    assert not Invitation.objects.exists()
    assert not any((own_directory / "media").rglob("*.pdf"))
    assert not meeting.items.exclude(label="").exists()


def test_a_failure_in_the_middle_leaves_no_file(cast, own_directory, monkeypatch):
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)

    def fails(*args, **kwargs):
        raise RuntimeError("disque plein")

    monkeypatch.setattr(dispatching, "_make_recipients", fails)
    with pytest.raises(RuntimeError):
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    assert not any((own_directory / "media").rglob("*.pdf"))
    draft.refresh_from_db()
    assert draft.stage == Stage.DRAFT


def test_a_sitting_changed_while_the_dossier_was_laid_out_is_looked_at_again(cast, monkeypatch):
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    build = dispatching.bind

    def meanwhile(*args, **kwargs):
        bound = build(*args, **kwargs)
        items.add_item(fresh(meeting), title="Glissé entre-temps", by=cast.secretariat)
        return bound

    monkeypatch.setattr(dispatching, "bind", meanwhile)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    assert codes(refusal) == ["seance_changee"]
    assert not Recipient.objects.exists()


# --- Who is convened --------------------------------------------------------------------------


def test_titulars_substitutes_and_those_on_paper(cast):
    convocation = desk.convened(cast)
    rows = rows_of(convocation)
    assert rows.keys() == {"ARNAUD", "BESSON", "CARON", "DUVAL", "EVRARD", "FAURE", "GARNIER"}
    assert rows["GARNIER"].why == Recipient.Why.SUBSTITUTE
    assert (rows["FAURE"].channel, rows["FAURE"].state) == ("papier", State.PRINTED)
    assert rows["FAURE"].postal_address.startswith("3 rue des Saules")
    assert {row.state for name, row in rows.items() if name != "FAURE"} == {State.QUEUED}
    assert len({row.message_id for row in rows.values()}) == 7


def test_whoever_has_no_mailbox_gets_a_letter(cast):
    desk.give_addresses(cast)
    cast.elsa.email, cast.elsa.address = "", "1 rue Basse, 80000 Brume"
    cast.elsa.save()
    meeting = desk.prepared(cast)
    found = {each.name.split()[-1]: each for each in addressees.of(meeting)}
    assert found["EVRARD"].channel == Recipient.Channel.PAPER
    assert "papier_par_defaut" in {finding.code for finding in checklist.checklist(meeting)}


def test_without_any_address_nothing_leaves(cast):
    desk.give_addresses(cast)
    cast.elsa.email = cast.elsa.address = ""
    cast.elsa.save()
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    (finding,) = [f for f in refusal.value.findings if f.code == "sans_adresse"]
    assert "Elsa EVRARD" in finding.message
    assert finding.article == "statuts"


def test_a_substitute_without_address_stops_nothing(cast):
    desk.give_addresses(cast)
    cast.gaelle.email = cast.gaelle.address = ""
    cast.gaelle.save()
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    warnings = dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    assert "sans_adresse_suppleant" in {finding.code for finding in warnings}
    assert rows_of(draft)["GARNIER"].state == State.PRINTED


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ({"substitutes": "aucun"}, {"GARNIER"}),
        ({"convocation_channel": "papier"}, set()),
    ],
    ids=["sans suppléants", "tout sur papier"],
)
def test_the_rule_book_says_who_and_how(cast, rules, missing):
    book = RuleBook.objects.get(body=cast.comite)
    book.values |= rules
    book.save()
    desk.give_addresses(cast)
    found = addressees.of(desk.prepared(cast))
    assert {each.name.split()[-1] for each in found}.isdisjoint(missing)
    if "convocation_channel" in rules:
        assert {each.channel for each in found} == {Recipient.Channel.PAPER}


def test_the_bureau_has_no_substitutes(cast):
    desk.give_addresses(cast)
    Mandate.objects.create(
        body=cast.bureau, person=cast.gaelle, capacity="suppleant", start_on=date(2026, 5, 4)
    )
    meeting = preparing.create_meeting(
        body=cast.bureau, held_on=HELD_ON, starts_at=time(9), by=cast.secretariat
    )
    assert {each.name.split()[-1] for each in addressees.of(meeting)} == {
        "ARNAUD",
        "BESSON",
        "DUVAL",
    }


def test_copies_to_councillors_who_do_not_sit(cast):
    """Art. L5211-40-2; whoever is convened himself gets no copy, an address is written once."""
    cast.agglo.copies_to = "elus@agglo.example\nalice@brume.example\nelus@agglo.example"
    cast.agglo.save()
    convocation = desk.convened(cast)
    (copy,) = convocation.recipients.filter(why=Recipient.Why.COPY)
    assert (copy.email, copy.community, copy.mandate) == ("elus@agglo.example", cast.agglo, None)
    silent = {f.code: f for f in checklist.checklist(convocation.meeting)}["copies_sans_adresse"]
    assert "CC des Étangs" in silent.message


def test_copies_follow_the_rule_book_and_the_dates(cast):
    cast.agglo.copies_to = "elus@agglo.example"
    cast.agglo.save()
    gone = Community.objects.create(
        organisation=cast.organisation,
        name="CC disparue",
        kind="cc",
        dissolved_on=date(2026, 1, 1),
        copies_to="elus@disparue.example",
    )
    found = addressees.of(desk.prepared(cast))
    assert [e.community for e in found if e.why == Recipient.Why.COPY] == [cast.agglo]
    assert gone not in [e.community for e in found]
    book = RuleBook.objects.get(body=cast.comite)
    book.values |= {"share_with_councillors": False}
    book.save()
    assert not [
        e for e in addressees.of(fresh(Meeting.objects.get())) if e.why == Recipient.Why.COPY
    ]


def test_each_has_a_personal_link_and_copies_have_none(cast):
    cast.agglo.copies_to = "elus@agglo.example"
    cast.agglo.save()
    convocation = desk.convened(cast)
    invitations = Invitation.objects.filter(meeting=convocation.meeting)
    assert invitations.count() == 7
    _, raw = inviting.invitation_of(convocation.meeting, cast.seat(cast.alice), at=NOW)
    found = tokens.find(raw, NOW)
    assert found.mandate == cast.seat(cast.alice)
    assert raw not in str(list(invitations.values()))  # only its hash is kept
    assert invitations.count() == 7  # the sender writes the same link again


# --- Tokens -----------------------------------------------------------------------------------


def test_a_link_made_again_replaces_the_one_before(cast):
    meeting = desk.convened(cast).meeting
    _, before = inviting.invitation_of(meeting, cast.seat(cast.alice), at=NOW)
    _, after = inviting.make_invitation(meeting, cast.seat(cast.alice), at=NOW)
    assert tokens.find(before, NOW) is None
    assert tokens.find(after, NOW) is not None


def test_a_link_dies_a_month_after_the_sitting(cast):
    meeting = desk.convened(cast).meeting
    _, raw = inviting.invitation_of(meeting, cast.seat(cast.alice), at=NOW)
    end = timezone.make_aware(datetime.combine(HELD_ON, time(18))) + timedelta(days=30)
    assert tokens.find(raw, end - timedelta(seconds=1)) is not None
    assert tokens.find(raw, end) is None


def test_another_secret_key_makes_other_links(cast, settings):
    meeting = desk.convened(cast).meeting
    _, before = inviting.invitation_of(meeting, cast.seat(cast.alice), at=NOW)
    settings.SECRET_KEY = "une autre clé"
    _, after = inviting.invitation_of(meeting, cast.seat(cast.alice), at=NOW)
    assert before != after
    assert tokens.find(before, NOW) is None
    assert tokens.find(after, NOW) is not None


def test_the_link_of_a_dossier_opens_no_answer_page(cast):
    row = desk.convened(cast).recipients.first()
    raw = tokens.dossier_of(row)
    assert tokens.find_dossier(raw, NOW) == row
    assert tokens.find(raw, NOW) is None
    assert tokens.find_dossier("x" * 43, NOW) is None


# --- Too late ---------------------------------------------------------------------------------


def test_one_day_late_is_refused_and_says_how_to_mend_it(cast):
    """Five clear days for the 9th: the 3rd is the last day, the 4th is one too many."""
    desk.give_addresses(cast)
    meeting = desk.prepared(cast)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=datetime(2026, 6, 4, 8, tzinfo=UTC))
    (finding,) = [f for f in refusal.value.findings if f.code == "delai_trop_court"]
    assert finding.field == "urgent_reason"
    assert "donnez-en le motif" in finding.remedy
    assert fresh(meeting).convened_on is None
    dispatching.dispatch(draft, by=cast.secretariat, at=datetime(2026, 6, 3, 21, tzinfo=UTC))
    assert fresh(meeting).convened_on == date(2026, 6, 3)


def urgent(cast: Cast, at: datetime, reason: str = "Une crue menace le dépôt.") -> Convocation:
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    draft.urgent_reason = reason
    draft.save()
    dispatching.dispatch(draft, by=cast.secretariat, at=at, site=SITE)
    return draft


def test_urgency_puts_the_vote_on_it_first(cast):
    convocation = urgent(cast, datetime(2026, 6, 7, 8, tzinfo=UTC))
    meeting = fresh(convocation.meeting)
    first = next(iter(meeting.agenda.nodes)).item
    assert first.kind == AgendaItem.Kind.URGENCY
    assert convocation.letter["is_urgent"]
    assert convocation.letter["agenda"][0]["title"] == "Décision sur l’urgence"


def test_even_urgent_not_the_day_before(cast):
    with pytest.raises(Refused) as refusal:
        urgent(cast, datetime(2026, 6, 8, 8, tzinfo=UTC))
    assert "delai_trop_court" in codes(refusal)


def test_an_urgency_that_was_not_needed_is_left_out(cast):
    convocation = urgent(cast, NOW)
    assert convocation.urgent_reason == ""
    assert not convocation.letter["is_urgent"]
    kinds = AgendaItem.objects.filter(meeting=convocation.meeting).values_list("kind", flat=True)
    assert AgendaItem.Kind.URGENCY not in kinds


def test_an_urgency_taken_back_takes_its_vote_back(cast, time_machine):
    time_machine.move_to(datetime(2026, 6, 6, 8, tzinfo=UTC))
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    votes = AgendaItem.objects.filter(kind=AgendaItem.Kind.URGENCY)
    drafting.edit(draft, urgent_reason="Une crue.", by=cast.secretariat)
    assert votes.count() == 1
    drafting.edit(draft, urgent_reason="", by=cast.secretariat)
    assert votes.count() == 0


def test_a_sitting_asked_for_by_members_has_its_own_limit(cast):
    """Art. L2121-9: within thirty days of the request."""
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    draft.requested_on, draft.requested_by = date(2026, 5, 9), "Elsa Evrard"
    assert "demande_depassee" in {f.code for f in checklist.objections(draft, at=NOW)}
    draft.requested_on = date(2026, 5, 10)
    assert "demande_depassee" not in {f.code for f in checklist.objections(draft, at=NOW)}


# --- Rectifying -------------------------------------------------------------------------------


def added(convocation: Convocation, cast: Cast, title: str = "Subvention") -> AgendaItem:
    meeting = fresh(convocation.meeting)
    item = items.add_item(
        meeting, title=title, after=meeting.agenda.roots[0].item, label="1 bis", by=cast.secretariat
    )
    Brief.objects.create(item=item, note="<p>Note.</p>")
    return item


def test_what_changed_since_the_convocation_is_read(cast):
    convocation = desk.convened(cast)
    assert sent.changed_lines(fresh(convocation.meeting)) == ()
    item = added(convocation, cast)
    brief = Brief.objects.get(item__title="Tarifs 2027")
    brief.note = "<p>Autre note.</p>"
    brief.save()
    items.remove_item(
        convocation.meeting.items.get(title="Questions diverses"), by=cast.secretariat
    )
    meeting = fresh(convocation.meeting)
    assert {(line.key, line.mark) for line in sent.changed_lines(meeting)} == {
        (item.key, "ajouté"),
        (brief.item.key, "modifié"),
    }
    assert [line.title for line in sent.removed_lines(meeting)] == ["Questions diverses"]


def test_a_rectifying_notice_keeps_the_numbers_and_its_own_delay(cast):
    convocation = desk.convened(cast)
    item = added(convocation, cast)
    draft = rectifying(fresh(convocation.meeting), cast)
    on_the_third = datetime(2026, 6, 3, 8, tzinfo=UTC)
    dispatching.dispatch(draft, by=cast.secretariat, at=on_the_third, site=SITE)
    meeting = fresh(convocation.meeting)
    assert meeting.convened_on == date(2026, 6, 1)  # the rest was convened then
    assert draft.letter["changed"] == [item.key]
    assert [line["number"] for line in draft.letter["agenda"]][:3] == ["1", "1 bis", "2"]
    (found,) = timing.notices_of_items(meeting).values()
    assert (found.sent, found.clear_days, found.regular) == (date(2026, 6, 3), 5, True)
    assert draft.recipients.count() == 7
    assert draft.calendar_sequence == 1


def test_an_item_added_too_late_is_refused_or_urgent(cast):
    convocation = desk.convened(cast)
    added(convocation, cast)
    draft = rectifying(fresh(convocation.meeting), cast)
    late = datetime(2026, 6, 6, 8, tzinfo=UTC)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=late, site=SITE)
    assert codes(refusal) == ["delai_trop_court"]
    draft.urgent_reason = "Une crue."
    draft.save()
    dispatching.dispatch(draft, by=cast.secretariat, at=late, site=SITE)
    meeting = fresh(convocation.meeting)
    first = meeting.agenda.roots[0].item
    assert first.kind == AgendaItem.Kind.URGENCY
    assert next(iter(timing.notices_of_items(meeting).values())).needs_urgency_vote


def test_taking_an_item_out_needs_no_delay(cast):
    convocation = desk.convened(cast)
    item = convocation.meeting.items.get(title="Questions diverses")
    items.remove_item(item, by=cast.secretariat)
    draft = rectifying(fresh(convocation.meeting), cast)
    the_day_before = datetime(2026, 6, 8, 8, tzinfo=UTC)
    dispatching.dispatch(draft, by=cast.secretariat, at=the_day_before, site=SITE)
    assert "Questions diverses" in " ".join(draft.letter["changes"])


def test_nothing_changed_nothing_to_rectify(cast):
    convocation = desk.convened(cast)
    draft = rectifying(fresh(convocation.meeting), cast)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    assert codes(refusal) == ["rien_a_rectifier"]


def test_before_any_convocation_there_is_nothing_to_change(cast):
    meeting = desk.prepared(cast)
    with pytest.raises(Refused) as refusal:
        rectifying(meeting, cast)
    assert codes(refusal) == ["pas_encore_convoquee"]


# --- Moving -----------------------------------------------------------------------------------


def moved(convocation: Convocation, cast: Cast, *, at: datetime = NOW, **changes) -> Convocation:
    meeting = fresh(convocation.meeting)
    where = {"held_on": HELD_ON, "starts_at": time(18), "place": meeting.place} | changes
    urgent_reason = where.pop("urgent_reason", "")
    draft = changing.move_meeting(
        meeting,
        **where,
        reason="La salle est prise.",
        urgent_reason=urgent_reason,
        by=cast.secretariat,
    )
    dispatching.dispatch(draft, by=cast.secretariat, at=at, site=SITE)
    return draft


def test_another_day_is_another_convocation(cast):
    convocation = desk.convened(cast)
    _, link = inviting.invitation_of(convocation.meeting, cast.seat(cast.alice), at=NOW)
    later = datetime(2026, 6, 5, 8, tzinfo=UTC)
    draft = moved(convocation, cast, held_on=date(2026, 6, 16), at=later)
    meeting = fresh(convocation.meeting)
    assert (meeting.held_on, meeting.convened_on) == (date(2026, 6, 16), date(2026, 6, 5))
    assert draft.letter["before"].replace("\u00a0", " ") == "mardi 9 juin 2026 à 18 h"
    assert draft.pages > 1  # the whole dossier goes with it
    past_the_old_end = datetime(2026, 7, 12, tzinfo=UTC)
    assert tokens.find(link, past_the_old_end) is not None  # the same link, kept longer


def test_another_day_too_soon_is_refused(cast):
    convocation = desk.convened(cast)
    with pytest.raises(Refused) as refusal:
        moved(convocation, cast, held_on=date(2026, 6, 6))
    assert codes(refusal) == ["delai_trop_court"]
    assert fresh(convocation.meeting).held_on == HELD_ON


def test_another_room_the_day_before_is_told_and_warned(cast):
    convocation = desk.convened(cast)
    the_day_before = datetime(2026, 6, 8, 8, tzinfo=UTC)
    draft = moved(convocation, cast, place="en mairie de Brume", at=the_day_before)
    meeting = fresh(convocation.meeting)
    assert (meeting.place, meeting.convened_on) == ("en mairie de Brume", date(2026, 6, 1))
    assert draft.pages < convocation.pages  # nothing new to read


def test_the_sitting_moves_only_when_it_is_sent(cast):
    convocation = desk.convened(cast)
    meeting = fresh(convocation.meeting)
    changing.move_meeting(
        meeting,
        held_on=date(2026, 6, 16),
        starts_at=time(18),
        place="en mairie",
        reason="Travaux.",
        by=cast.secretariat,
    )
    assert fresh(meeting).held_on == HELD_ON


def test_where_another_sitting_already_is(cast):
    convocation = desk.convened(cast)
    desk.prepared(cast, held_on=date(2026, 6, 16))
    with pytest.raises(Refused) as refusal:
        moved(convocation, cast, held_on=date(2026, 6, 16))
    assert codes(refusal) == ["une_autre_seance"]


def test_nowhere_else_is_no_move(cast):
    convocation = desk.convened(cast)
    with pytest.raises(Refused) as refusal:
        moved(convocation, cast)
    assert codes(refusal) == ["rien_ne_change"]


# --- Cancelling -------------------------------------------------------------------------------


def test_everybody_convened_learns_that_it_is_cancelled(cast):
    convocation = desk.convened(cast)
    # Elsa sits no more, and had been convened.
    seat = cast.seat(cast.elsa)
    seat.end_on, seat.end_reason = date(2026, 6, 2), "demission"
    seat.save()
    told = changing.cancel_meeting(
        fresh(convocation.meeting), reason="Tempête.", by=cast.secretariat, at=NOW, site=SITE
    )
    assert fresh(convocation.meeting).stage == Meeting.Stage.CANCELLED
    assert "EVRARD" in rows_of(told)
    assert told.letter["reason"] == "Tempête."
    assert told.calendar_sequence == 1


def test_a_cancelled_sitting_sends_nothing_more(cast):
    convocation = desk.convened(cast)
    meeting = fresh(convocation.meeting)
    changing.cancel_meeting(meeting, reason="Tempête.", by=cast.secretariat, at=NOW, site=SITE)
    row = rows_of(convocation)["ARNAUD"]
    Recipient.objects.filter(pk=row.pk).update(state=State.SENT)
    with pytest.raises(Refused) as refusal:
        following.resend(row, by=cast.secretariat, at=NOW)
    assert codes(refusal) == ["seance_annulee"]
    with pytest.raises(Refused) as refusal:
        moved(convocation, cast, held_on=date(2026, 6, 16))
    assert "seance_annulee" in codes(refusal)


def test_nobody_convened_nobody_told(cast):
    meeting = desk.prepared(cast)
    assert changing.cancel_meeting(meeting, reason="Doublon.", by=cast.secretariat, at=NOW) is None
    assert fresh(meeting).stage == Meeting.Stage.CANCELLED
    assert not Convocation.objects.exists()
    assert meeting.deeds.get(verb="cancelled").by == cast.secretariat


def test_a_draft_given_up_leaves_who_opened_it_and_gave_it_up(cast):
    meeting = desk.prepared(cast)
    drafting.drop(drafting.prepare(meeting, by=cast.secretariat), by=cast.administration)
    assert not Convocation.objects.exists()
    deeds = list(meeting.deeds.filter(verb__startswith="draft").values_list("words", "by__email"))
    assert deeds == [
        ("Brouillon abandonné\u00a0: convocation", cast.administration.email),
        ("Brouillon ouvert\u00a0: convocation", cast.secretariat.email),
    ]


def test_one_says_why(cast):
    convocation = desk.convened(cast)
    with pytest.raises(Refused) as refusal:
        changing.cancel_meeting(convocation.meeting, reason=" ", by=cast.secretariat, at=NOW)
    assert codes(refusal) == ["motif_manquant"]


def test_a_sitting_begun_is_not_cancelled(cast):
    convocation = desk.convened(cast)
    meeting = fresh(convocation.meeting)
    ledger.record(meeting, sitting.Arrived(member="alice-arnaud"), by=cast.secretariat)
    with pytest.raises(Refused) as refusal:
        changing.cancel_meeting(meeting, reason="Tempête.", by=cast.secretariat, at=NOW)
    assert "seance_commencee" in codes(refusal)
    assert not Convocation.objects.filter(stage=Stage.DRAFT).exists()


# --- Second call ------------------------------------------------------------------------------


def failed(cast: Cast) -> Meeting:
    """The sitting of the 9th: two came, the quorum is four."""
    convocation = desk.convened(cast)
    meeting = fresh(convocation.meeting)
    at = meeting.scheduled_for
    ledger.record(
        meeting,
        sitting.Arrived(member="alice-arnaud"),
        sitting.Arrived(member="bruno-besson"),
        sitting.Opened(chair="alice-arnaud", at=at),
        sitting.Closed(at=at + timedelta(minutes=5), for_want_of_quorum=True),
        by=cast.secretariat,
    )
    return fresh(meeting)


def test_a_second_call_holds_the_same_items_under_the_same_numbers(cast):
    first = failed(cast)
    again = changing.second_call(
        first, held_on=date(2026, 6, 14), starts_at=time(18), place="en mairie", by=cast.secretariat
    )
    assert again.second_call_of == first
    assert [(n.item.key, n.number, n.item.title) for n in again.agenda.nodes] == [
        (n.item.key, n.number, n.item.title) for n in first.agenda.nodes
    ]
    assert Brief.objects.filter(item__meeting=again).count() == 3


def test_a_second_call_has_three_clear_days_and_no_quorum(cast):
    again = changing.second_call(
        failed(cast),
        held_on=date(2026, 6, 14),
        starts_at=time(18),
        place="en mairie",
        by=cast.secretariat,
    )
    draft = drafting.prepare(again, by=cast.secretariat)
    with pytest.raises(Refused) as refusal:
        dispatching.dispatch(draft, by=cast.secretariat, at=datetime(2026, 6, 11, 8, tzinfo=UTC))
    assert "delai_trop_court" in codes(refusal)
    dispatching.dispatch(
        draft, by=cast.secretariat, at=datetime(2026, 6, 10, 8, tzinfo=UTC), site=SITE
    )
    found = timing.days(draft, at=datetime(2026, 6, 10, 8, tzinfo=UTC)).notice
    assert found.lifts_quorum
    assert draft.letter["second_call_of"] == "2026-06-09"


def test_only_a_sitting_that_lacked_its_quorum_is_called_again(cast):
    convocation = desk.convened(cast)
    with pytest.raises(Refused) as refusal:
        changing.second_call(
            fresh(convocation.meeting),
            held_on=date(2026, 6, 14),
            starts_at=time(18),
            place="",
            by=cast.secretariat,
        )
    assert codes(refusal) == ["quorum_non_manque"]


def test_it_is_called_again_once_and_afterwards(cast):
    first = failed(cast)
    when = {"starts_at": time(18), "place": "", "by": cast.secretariat}
    with pytest.raises(Refused) as refusal:
        changing.second_call(first, held_on=HELD_ON, **when)
    assert codes(refusal) == ["avant_la_premiere"]
    changing.second_call(first, held_on=date(2026, 6, 14), **when)
    with pytest.raises(Refused) as refusal:
        changing.second_call(fresh(first), held_on=date(2026, 6, 20), **when)
    assert codes(refusal) == ["deja_reconvoquee"]


# --- Following --------------------------------------------------------------------------------


def settled(convocation: Convocation, name: str, state: str = State.SENT) -> Recipient:
    row = rows_of(convocation)[name]
    Recipient.objects.filter(pk=row.pk).update(state=state, sent_at=NOW)
    row.refresh_from_db()
    return row


def test_a_bounce_is_noted_and_the_address_corrected(cast):
    convocation = desk.convened(cast)
    row = settled(convocation, "ARNAUD")
    _, wrong = inviting.invitation_of(convocation.meeting, cast.seat(cast.alice), at=NOW)
    following.note_bounce(row, reason="Boîte pleine", by=cast.secretariat, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.bounce_reason) == (State.BOUNCED, "Boîte pleine")
    again = following.resend(
        row, email="alice@autre.example", keep=True, by=cast.secretariat, at=NOW
    )
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice@autre.example"
    assert (again.resend_of, again.state, again.why) == (row, State.QUEUED, row.why)
    assert again.message_id != row.message_id
    deed = convocation.meeting.deeds.get(verb="mail-bounced")
    assert (deed.words, deed.by) == (
        "Courriel revenu noté\u00a0: Mme Alice ARNAUD",
        cast.secretariat,
    )
    # The link that went to the wrong address opens nothing, the dossier neither.
    assert tokens.find(wrong, NOW) is None
    assert tokens.find_dossier(tokens.dossier_of(row), NOW) is None
    convocation.refresh_from_db()
    assert convocation.stage == Stage.SENDING


def test_sent_again_to_the_same_address_the_link_stays(cast):
    convocation = desk.convened(cast)
    row = settled(convocation, "ARNAUD")
    _, link = inviting.invitation_of(convocation.meeting, cast.seat(cast.alice), at=NOW)
    following.resend(row, by=cast.secretariat, at=NOW)
    assert tokens.find(link, NOW) is not None
    # Asked again of the first row, it is the last one that counts.
    with pytest.raises(Refused) as refusal:
        following.resend(row, by=cast.secretariat, at=NOW)
    assert codes(refusal) == ["deja_en_route"]


def test_an_impossible_address_is_said_beside_the_field(cast):
    row = settled(desk.convened(cast), "ARNAUD", State.REFUSED)
    with pytest.raises(Refused) as refusal:
        following.resend(row, email="pas une adresse", by=cast.secretariat, at=NOW)
    assert [f.field for f in refusal.value.findings] == ["email"]


def test_only_what_was_handed_over_comes_back(cast):
    row = rows_of(desk.convened(cast))["ARNAUD"]
    with pytest.raises(Refused) as refusal:
        following.note_bounce(row, reason="", by=cast.secretariat, at=NOW)
    assert codes(refusal) == ["pas_remis"]


def test_letters_are_handed_over_on_their_own_day(cast):
    """The notice of each member runs from the day his own convocation left."""
    convocation = desk.convened(cast)
    letter = rows_of(convocation)["FAURE"]
    at = datetime(2026, 6, 5, 10, tzinfo=UTC)
    count = following.hand_over([letter], on=date(2026, 6, 4), by=cast.secretariat, at=at)
    letter.refresh_from_db()
    assert (count, letter.state) == (1, State.DELIVERED)
    (travelled,) = journey.journeys(convocation, [letter])
    assert (travelled.notice.clear_days, travelled.is_late) == (4, True)


@pytest.mark.parametrize(
    ("on", "code"), [(date(2026, 6, 6), "jour_a_venir"), (date(2026, 5, 31), "avant_envoi")]
)
def test_letters_leave_neither_tomorrow_nor_before(cast, on, code):
    letter = rows_of(desk.convened(cast))["FAURE"]
    at = datetime(2026, 6, 5, 10, tzinfo=UTC)
    with pytest.raises(Refused) as refusal:
        following.hand_over([letter], on=on, by=cast.secretariat, at=at)
    assert codes(refusal) == [code]


def test_a_letter_instead_of_a_mail(cast):
    convocation = desk.convened(cast)
    row = settled(convocation, "ARNAUD", State.REFUSED)
    letter = following.print_instead(row, by=cast.secretariat, at=NOW)
    assert (letter.channel, letter.state, letter.resend_of) == ("papier", State.PRINTED, row)
    assert [each.pk for each in journey.chain(row)] == [row.pk, letter.pk]


def test_progress_counts_each_recipient_once(cast):
    convocation = desk.convened(cast)
    row = settled(convocation, "ARNAUD", State.REFUSED)
    following.resend(row, by=cast.secretariat, at=NOW)
    found = journey.progress(convocation)
    assert (found.total, found.waiting, found.printed, found.refused) == (7, 6, 1, 0)


def test_the_ledger_asks_as_many_queries_for_many(cast, django_assert_num_queries):
    convocation = desk.convened(cast)
    rows = list(journey.filtered(convocation, ""))
    journey.journeys(convocation, rows)  # the rules of the sitting are read once
    with django_assert_num_queries(2):
        journey.journeys(convocation, rows[:1])
    with django_assert_num_queries(2):
        journey.journeys(convocation, rows)


def test_a_dispatch_to_many_asks_no_more_queries(cast, django_assert_max_num_queries):
    desk.crowd(cast, 40)
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)
    with django_assert_max_num_queries(160):
        dispatching.dispatch(draft, by=cast.secretariat, at=NOW, site=SITE)
    assert draft.recipients.count() == 47
