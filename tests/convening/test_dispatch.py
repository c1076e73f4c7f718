"""Dispatching: what is frozen, who is convened, what is refused; and every later change."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.desk import waiting
from convening import proofs, tokens
from convening.actions import (
    answering,
    asking,
    changing,
    dispatching,
    drafting,
    following,
    inviting,
)
from convening.dispatch import addressees, checklist, journey, sent, timing
from convening.forms import SecondCallForm
from convening.models import Convocation, Invitation, Posted, Recipient
from documents import compile, dossier, papers
from law import ballots, french, sitting
from law.findings import Finding
from meetings.actions import items, ledger, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members.models import User
from tests.cast import change, change_rules, end, make_community, make_mandate, make_person
from tests.convening import desk
from tests.convening.desk import HELD_ON, NOW, SITE, fresh
from tests.words import refused, text, unsaid
from trail.models import Act, Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]

Kind, Stage, State = Convocation.Kind, Convocation.Stage, Posted.State
LATER = date(2026, 6, 16)


def june(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def send(draft: Convocation, by: User, at: datetime = NOW) -> tuple[Finding, ...]:
    return dispatching.dispatch(draft, by=by, at=at, site=SITE)


def rectifying(convocation: Convocation, by: User) -> Convocation:
    return drafting.prepare(fresh(convocation.meeting), by=by, kind=Kind.RECTIFYING)


def rows_of(convocation: Convocation) -> dict[str, Recipient]:
    return {row.name.split()[-1]: row for row in convocation.recipients.all()}


def names(meeting: Meeting) -> dict[str, addressees.Addressee]:
    return {each.name.split()[-1]: each for each in addressees.of(meeting)}


# --- What is frozen ---------------------------------------------------------------------------


def test_a_dispatch_freezes_the_paper_the_dossier_and_the_numbers_once(draft, by):
    before = fresh(draft.meeting).stamp
    send(draft, by)
    meeting = fresh(draft.meeting)
    assert draft.stage == Stage.SENDING
    assert (meeting.convened_on, draft.sent_on) == (date(2026, 6, 1), date(2026, 6, 1))
    assert (draft.held_on, draft.place) == (HELD_ON, "dans ses locaux")
    labels = {item.title: item.label for item in meeting.items.all()}
    assert (labels["Budget primitif"], labels["Questions diverses"]) == ("1", "4")
    with draft.dossier.open("rb") as file:
        content = file.read()
    assert content.startswith(b"%PDF")
    assert (len(content), hashlib.sha256(content).hexdigest()) == (draft.size, draft.sha256)
    assert draft.pages > 1
    paper = draft.summons
    assert isinstance(paper, papers.SummonsDocument)
    assert [line.title for line in paper.lines][:2] == ["Budget primitif", "Tarifs 2027"]
    assert meeting.stamp > before  # every screen learns it
    with refused("deja_envoyee"):
        send(draft, by)
    with refused("deja_convoquee"):
        drafting.prepare(draft.meeting, by=by)


def test_the_day_of_dispatch_is_that_of_paris(cast, by):
    """23 h 58 and 0 h 03, on both sides of midnight in Paris."""
    late = desk.convened(cast, at=datetime(2026, 5, 31, 21, 58, tzinfo=UTC))
    assert late.sent_on == date(2026, 5, 31)
    draft = drafting.prepare(desk.prepared(cast, held_on=date(2026, 7, 7)), by=by)
    send(draft, by, at=datetime(2026, 5, 31, 22, 3, tzinfo=UTC))
    assert draft.sent_on == date(2026, 6, 1)


def test_what_fails_leaves_nothing_behind(cast, by, draft, own_directory, monkeypatch):
    def is_untouched() -> bool:
        draft.refresh_from_db()
        written = (Recipient.objects, Invitation.objects, AgendaItem.objects.exclude(label=""))
        return (
            draft.stage == Stage.DRAFT
            and fresh(draft.meeting).convened_on is None
            and not any(rows.exists() for rows in written)
            and not any((own_directory / "media").rglob("*.pdf"))
        )

    def fails(*args, **kwargs):
        raise RuntimeError("disque plein")

    build = dispatching.bind

    def meanwhile(*args, **kwargs):
        bound = build(*args, **kwargs)
        items.add_item(fresh(draft.meeting), title="Glissé entre-temps", by=by)
        return bound

    with monkeypatch.context() as patched:
        patched.setattr(dispatching, "_make_recipients", fails)
        with pytest.raises(RuntimeError):
            send(draft, by)
    assert is_untouched()
    change(cast.elsa, email="", address="")
    with refused("sans_adresse") as told:
        send(draft, by)
    assert "Elsa EVRARD" in told[0].message and told[0].article == "statuts"
    assert is_untouched()
    desk.give_addresses(cast)
    seal = dispatching._seal

    def before(*args, **kwargs):
        slipped = items.add_item(fresh(draft.meeting), title="Glissé juste avant", by=by)
        Brief.objects.create(item=slipped, note="<p>Une note.</p>")
        return seal(*args, **kwargs)

    # As soon as the law had been asked, and while the dossier was laid out.
    for name, slips in (("_seal", before), ("bind", meanwhile)):
        with monkeypatch.context() as patched:
            patched.setattr(dispatching, name, slips)
            with refused("seance_changee"):
                send(draft, by)
        assert is_untouched()


@pytest.mark.parametrize("name", ["_ready", "_seal", "bind"])
def test_who_answers_while_it_is_prepared_stops_no_dispatch_and_who_changes_it_does(
    cast, convened, by, monkeypatch, name
):
    """A delegate who answered during these seconds, a question that the secretariat answered, or a
    mail that came back, had the calling off refused, and its draft dropped."""
    meeting, seat = fresh(convened.meeting), cast.seat(cast.alice)
    asked = asking.ask(fresh(meeting), mandate=seat, text="Y aura-t-il un repas ?", at=NOW)
    convened.recipients.update(state=State.SENT)
    back = rows_of(convened)["ARNAUD"]
    inner, does = {"_ready": (checklist, "objections")}.get(name, (dispatching, name)), []
    made = getattr(*inner)

    def meanwhile(*args, **kwargs):
        found = made(*args, **kwargs)
        for do in does:
            do()
        return found

    def answers():
        told = {"word": "present", "via": "lien", "at": NOW}
        answering.answer(fresh(meeting), mandate=seat, **told)
        asking.ask(fresh(meeting), mandate=seat, text="Où se garer ?", at=NOW)
        asking.reply(asked, text="Oui.", by=by, at=NOW)
        following.note_bounce(back, reason="boîte pleine", by=by, at=NOW)

    def changes():
        items.add_item(fresh(meeting), title="Glissé", by=by)

    monkeypatch.setattr(*inner, meanwhile)
    does[:] = [answers, changes]
    with refused("seance_changee"):
        changing.cancel_meeting(fresh(meeting), reason="Crue", by=by, at=NOW, site=SITE)
    meeting.answers.update(lapsed_at=NOW)
    meeting.questions.update(reply="")
    convened.recipients.update(state=State.SENT)
    does[:] = [answers]
    changing.cancel_meeting(fresh(meeting), reason="Crue", by=by, at=NOW, site=SITE)
    assert fresh(meeting).stage == Meeting.Stage.CANCELLED and meeting.answers.count() == 2


# --- Who is convened --------------------------------------------------------------------------


def test_titulars_substitutes_those_on_paper_and_their_links(cast, convened):
    rows = rows_of(convened)
    assert rows.keys() == {"ARNAUD", "BESSON", "CARON", "DUVAL", "EVRARD", "FAURE", "GARNIER"}
    assert rows["GARNIER"].why == Recipient.Why.SUBSTITUTE
    assert (rows["FAURE"].channel, rows["FAURE"].state) == ("papier", State.PRINTED)
    assert rows["FAURE"].postal_address.startswith("3 rue des Saules")
    assert {row.state for name, row in rows.items() if name != "FAURE"} == {State.QUEUED}
    assert len({row.message_id for row in rows.values()}) == 7


def test_an_account_is_no_address_at_which_one_is_convened(cast, draft, client_of):
    """« Sans adresse électronique » was said of whoever signs in by one."""
    account = User.objects.create_user("elsa@exemple.test")
    change(cast.elsa, email="", address="1 rue Basse, 80000 Brume", user=account)
    assert names(draft.meeting)["EVRARD"].channel == Recipient.Channel.PAPER
    (told,) = (f for f in checklist.checklist(draft.meeting) if f.code == "papier_par_defaut")
    assert told.message.startswith("Aucune adresse électronique où convoquer")
    assert "L’adresse du compte ne sert qu’à se connecter" in told.remedy
    mandate = cast.elsa.mandates.get(body=cast.comite)
    url = reverse("members:mandate", args=[mandate.pk])
    page = client_of(cast.administration).get(url).text
    assert 'value="elsa@exemple.test"' in page and "aucune adresse n’est notée" in page


def test_whoever_has_no_mailbox_gets_a_letter(cast, by, draft):
    change(cast.elsa, email="", address="1 rue Basse, 80000 Brume")
    change(cast.gaelle, email="", address="")
    assert names(draft.meeting)["EVRARD"].channel == Recipient.Channel.PAPER
    assert "papier_par_defaut" in {finding.code for finding in checklist.checklist(draft.meeting)}
    # A substitute without any address stops nothing.
    assert "sans_adresse_suppleant" in {finding.code for finding in send(draft, by)}
    assert rows_of(draft)["GARNIER"].state == State.PRINTED


def test_the_rule_book_says_who_and_how(cast, draft, by):
    change_rules(cast.comite, substitutes="aucun")
    assert "GARNIER" not in names(fresh(draft.meeting))
    change_rules(cast.comite, convocation_channel="papier")
    channels = {each.channel for each in names(fresh(draft.meeting)).values()}
    assert channels == {Recipient.Channel.PAPER}
    # The bureau has no substitutes.
    make_mandate(cast.bureau, cast.gaelle, capacity="suppleant")
    when = {"held_on": HELD_ON, "starts_at": time(9)}
    bureau = preparing.create_meeting(body=cast.bureau, **when, by=by)
    assert names(bureau).keys() == {"ARNAUD", "BESSON", "DUVAL"}


def test_copies_to_councillors_who_do_not_sit(cast):
    """Art. L5211-40-2; whoever is convened himself gets no copy, an address is written once."""
    change(cast.agglo, copies_to="elus@agglo.example\nalice@brume.example\nelus@agglo.example")
    gone = {"dissolved_on": date(2026, 1, 1), "copies_to": "elus@disparue.example"}
    make_community(cast.organisation, "CC disparue", **gone)
    for place in "ABC":
        make_community(cast.organisation, f"Commune {place}")
    convocation = desk.convened(cast)
    (copy,) = convocation.recipients.filter(why=Recipient.Why.COPY)
    assert (copy.email, copy.community, copy.mandate) == ("elus@agglo.example", cast.agglo, None)
    silent = {f.code: f for f in checklist.checklist(convocation.meeting)}["copies_sans_adresse"]
    assert "CC des Étangs" in silent.message
    assert silent.message.replace("\xa0", " ").endswith("Commune B et 2 autres.")
    assert Invitation.objects.filter(meeting=convocation.meeting).count() == 7  # none for copies
    change_rules(cast.comite, share_with_councillors=False)
    again = addressees.of(fresh(convocation.meeting))
    assert Recipient.Why.COPY not in {each.why for each in again}


def test_a_personal_link_is_written_again_replaced_and_dies_a_month_after(cast, convened, settings):
    meeting, seat = convened.meeting, cast.seat(cast.alice)
    _, raw = inviting.invitation_of(meeting, seat, at=NOW)
    assert tokens.find(raw, NOW).mandate == seat
    assert raw not in str(list(Invitation.objects.values()))  # only its hash is kept
    assert inviting.invitation_of(meeting, seat, at=NOW)[1] == raw
    end = timezone.make_aware(datetime.combine(HELD_ON, time(18))) + timedelta(days=30)
    assert tokens.find(raw, end - timedelta(seconds=1)) and not tokens.find(raw, end)
    _, after = inviting.make_invitation(meeting, seat, at=NOW)
    assert tokens.find(after, NOW) and not tokens.find(raw, NOW)
    # That of a dossier opens no page to answer.
    row = convened.recipients.first()
    raw = tokens.dossier_of(row)
    assert tokens.find_dossier(raw, NOW) == row and tokens.find(raw, NOW) is None
    assert tokens.find_dossier("x" * 43, NOW) is None
    # Another key kills what was mailed, at the next mail, unless the former is still believed.
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé"
    assert inviting.invitation_of(meeting, seat, at=NOW)[1] == after
    assert tokens.dossier_of(row) == raw
    settings.SECRET_KEY_FALLBACKS = []
    _, other = inviting.invitation_of(meeting, seat, at=NOW)
    assert tokens.find(other, NOW) and not tokens.find(after, NOW)


def test_a_link_made_again_closes_the_dossier_that_left_beside_the_other(cast, convened):
    """A mail gone astray opens nothing any more, whichever of its links is followed; that of
    somebody else does, and one that has not left yet will."""
    row, other = convened.recipients.exclude(mandate=None).order_by("pk")[:2]

    def renewed() -> list[Recipient | None]:
        answering.renew_link(convened.meeting, mandate=row.mandate, by=cast.secretariat, at=NOW)
        return [tokens.find_dossier(token, NOW) for token in given]

    given = [tokens.dossier_of(each) for each in (row, other)]
    change(row, state=Recipient.State.QUEUED)
    assert renewed() == [row, other]
    change(row, state=Recipient.State.SENT)
    assert renewed() == [None, other]


# --- Too late ---------------------------------------------------------------------------------


def test_one_day_late_is_refused_and_says_how_to_mend_it(draft, by):
    """Five clear days for the 9th: the 3rd is the last day, the 4th is one too many."""
    with refused("delai_trop_court") as told:
        send(draft, by, at=june(4))
    assert told[0].field == "urgent_reason" and "donnez-en le motif" in told[0].remedy
    assert fresh(draft.meeting).convened_on is None
    send(draft, by, at=june(3, 21))
    assert fresh(draft.meeting).convened_on == date(2026, 6, 3)


def test_urgency_puts_its_vote_first_effaces_itself_and_does_not_save_the_eve(
    draft, by, time_machine
):
    time_machine.move_to(june(6))
    votes = AgendaItem.objects.filter(kind=AgendaItem.Kind.URGENCY)
    drafting.edit(draft, urgent_reason="Une crue menace le dépôt.", by=by)
    assert votes.count() == 1
    with refused("delai_trop_court"):  # on the eve
        send(draft, by, at=june(8))
    for at, is_urgent in ((june(7), True), (NOW, False)):  # needed, then not
        with transaction.atomic():
            sent_on = Convocation.objects.get(pk=draft.pk)
            send(sent_on, by, at=at)
            first = fresh(draft.meeting).agenda.roots[0].item
            assert (first.kind == AgendaItem.Kind.URGENCY) is is_urgent
            assert sent_on.letter["is_urgent"] is is_urgent is bool(sent_on.urgent_reason)
            titles = [line["title"] for line in sent_on.letter["agenda"]]
            assert (titles[0] == "Décision sur l’urgence") is is_urgent
            transaction.set_rollback(True)
    drafting.edit(draft, urgent_reason="", by=by)  # taken back, it takes its vote back
    assert votes.count() == 0


def test_a_sitting_asked_for_by_members_has_its_own_limit(draft):
    """Art. L2121-9: within thirty days of the request."""
    for day, is_late in ((9, True), (10, False)):
        draft.requested_on, draft.requested_by = date(2026, 5, day), "Elsa Evrard"
        found = {finding.code for finding in checklist.objections(draft, at=NOW)}
        assert ("demande_depassee" in found) is is_late


@pytest.mark.parametrize(("askers", "needs"), [
    pytest.param(["Elsa EVRARD"], "1 membre en exercice demande cette séance, il en faut 2 sur 6",
        id="un seul"),
    pytest.param(["Elsa EVRARD", "Paul INCONNU"], "1 membre", id="un étranger ne compte pas"),
    pytest.param(["Elsa EVRARD", "Denis DUVAL"], "", id="le tiers"),
    pytest.param([Convocation.PREFECT], "", id="le préfet"),
])  # fmt: skip
def test_those_who_ask_for_a_sitting_are_counted(draft, askers, needs):
    """Art. L2121-9: a third of the members in office, or the prefect alone."""
    draft.requested_on, draft.requested_by = date(2026, 5, 28), "\n".join(askers)
    told = [f for f in checklist.objections(draft, at=NOW) if f.code == "demande_insuffisante"]
    assert [needs in finding.message for finding in told] == [True] * bool(needs)


# --- Rectifying -------------------------------------------------------------------------------


def added(convocation: Convocation, by: User) -> AgendaItem:
    meeting = fresh(convocation.meeting)
    first = meeting.agenda.roots[0].item
    item = items.add_item(meeting, title="Subvention", after=first, label="1 bis", by=by)
    Brief.objects.create(item=item, note="<p>Note.</p>")
    return item


def test_what_changed_since_the_convocation_is_read(convened, by):
    assert sent.changed_lines(fresh(convened.meeting)) == ()
    item = added(convened, by)
    brief = Brief.objects.get(item__title="Tarifs 2027")
    change(brief, note="<p>Autre note.</p>")
    items.remove_item(convened.meeting.items.get(title="Questions diverses"), by=by)
    meeting = fresh(convened.meeting)
    changed = {(line.key, line.mark) for line in sent.changed_lines(meeting)}
    assert changed == {(item.key, "ajouté"), (brief.item.key, "modifié")}
    assert [line.title for line in sent.removed_lines(meeting)] == ["Questions diverses"]


def test_a_rectifying_notice_keeps_the_numbers_and_its_own_delay(convened, by):
    item = added(convened, by)
    draft = rectifying(convened, by)
    send(draft, by, at=june(3))
    meeting = fresh(convened.meeting)
    assert meeting.convened_on == date(2026, 6, 1)  # the rest was convened then
    assert draft.letter["changed"] == [item.key]
    assert [line["number"] for line in draft.letter["agenda"]][:3] == ["1", "1 bis", "2"]
    (found,) = timing.notices_of_items(meeting).values()
    assert (found.sent, found.clear_days, found.regular) == (date(2026, 6, 3), 5, True)
    # Kept for want of a server, it gave no delay; handed over later, that of this day.
    draft.recipients.update(state=Posted.State.KEPT)
    assert next(iter(timing.notices_of_items(meeting).values())).sent is None
    draft.recipients.update(state=Posted.State.ELSEWHERE, sent_at=june(4))
    assert next(iter(timing.notices_of_items(meeting).values())).clear_days == 4
    assert (draft.recipients.count(), draft.calendar_sequence) == (7, 1)


def test_an_agenda_that_the_members_do_not_know_is_to_be_told_them_in_time(
    convened, by, secretary, time_machine
):
    """« Les membres ne le savent pas encore » was said on one page alone, that nobody opens."""
    time_machine.move_to(june(2))
    pages = [reverse("archive:to_do"), convened.meeting.get_absolute_url()]
    rectify = reverse("convening:prepare", args=[convened.meeting_id])
    what = "Rectifier la convocation, l’ordre du jour a changé"
    assert [what in text(secretary.get(url)) for url in pages] == [False, False]
    added(convened, by)
    for url in pages:
        page = secretary.get(url)
        assert unsaid(text(page), "l’ordre du jour a changé", "3 juin") == [], url
        assert f'href="{rectify}"' in page.text, url
    assert what in text(secretary.get(pages[0]))
    assert "Rectifier…" in text(secretary.get(rectify))
    send(rectifying(convened, by), by, at=june(3))
    changed = what.partition(", ")[2]
    assert [changed in text(secretary.get(url)) for url in pages] == [False, False]
    # What is taken off is told before the sitting, by no notice.
    items.remove_item(convened.meeting.items.get(title="Questions diverses"), by=by)
    task = waiting.tasks_of(fresh(convened.meeting), on=date(2026, 6, 4))[-1]
    assert (task.what, task.due_on, task.article) == (what, date(2026, 6, 9), "")


def test_an_item_added_too_late_is_refused_or_urgent(convened, by):
    added(convened, by)
    draft = rectifying(convened, by)
    with refused("delai_trop_court"):
        send(draft, by, at=june(6))
    change(draft, urgent_reason="Une crue.")
    send(draft, by, at=june(6))
    meeting = fresh(convened.meeting)
    assert meeting.agenda.roots[0].item.kind == AgendaItem.Kind.URGENCY
    assert next(iter(timing.notices_of_items(meeting).values())).needs_urgency_vote


def test_taking_an_item_out_needs_no_delay_and_nothing_no_rectifying(cast, convened, by):
    draft = rectifying(convened, by)
    with refused("rien_a_rectifier"):
        send(draft, by)
    items.remove_item(convened.meeting.items.get(title="Questions diverses"), by=by)
    draft = rectifying(convened, by)
    send(draft, by, at=june(8))
    assert "Questions diverses" in " ".join(draft.letter["changes"])
    with refused("pas_encore_convoquee"):
        drafting.prepare(desk.prepared(cast, held_on=LATER), by=by, kind=Kind.RECTIFYING)


# --- Moving -----------------------------------------------------------------------------------


def moving(convocation: Convocation, by: User, **changes) -> Convocation:
    meeting = fresh(convocation.meeting)
    where = {"held_on": HELD_ON, "starts_at": time(18), "place": meeting.place} | changes
    return changing.move_meeting(meeting, **where, reason="La salle est prise.", by=by)


def test_another_day_is_another_convocation(cast, convened, by):
    _, link = inviting.invitation_of(convened.meeting, cast.seat(cast.alice), at=NOW)
    draft = moving(convened, by, held_on=LATER)
    assert fresh(convened.meeting).held_on == HELD_ON  # it moves only when it is sent
    send(draft, by, at=june(5))
    meeting = fresh(convened.meeting)
    assert (meeting.held_on, meeting.convened_on) == (LATER, date(2026, 6, 5))
    assert draft.letter["before"].replace("\u00a0", " ") == "mardi 9 juin 2026 à 18 h"
    assert draft.pages > 1  # the whole dossier goes with it
    past_the_old_end = datetime(2026, 7, 12, tzinfo=UTC)
    assert tokens.find(link, past_the_old_end) is not None  # the same link, kept longer


def test_another_room_the_day_before_is_told_and_where_a_sitting_cannot_move(cast, convened, by):
    with refused("rien_ne_change"):
        moving(convened, by)
    desk.prepared(cast, held_on=LATER)
    with refused("une_autre_seance"):
        moving(convened, by, held_on=LATER)
    draft = moving(convened, by, held_on=date(2026, 6, 6))
    with refused("delai_trop_court"):
        send(draft, by)
    assert fresh(convened.meeting).held_on == HELD_ON
    drafting.drop(draft, by=by)
    draft = moving(convened, by, place="en mairie de Brume")
    send(draft, by, at=june(8))
    meeting = fresh(convened.meeting)
    assert (meeting.place, meeting.convened_on) == ("en mairie de Brume", date(2026, 6, 1))
    assert draft.pages < convened.pages  # nothing new to read


# --- Cancelling -------------------------------------------------------------------------------


def cancel(meeting: Meeting, by: User, reason: str = "Tempête.") -> Convocation | None:
    return changing.cancel_meeting(fresh(meeting), reason=reason, by=by, at=NOW, site=SITE)


def test_everybody_convened_learns_that_it_is_cancelled(cast, convened, by):
    # Elsa sits no more, and had been convened.
    end(cast.seat(cast.elsa), date(2026, 6, 2))
    with refused("motif_manquant"):
        cancel(convened.meeting, by, reason=" ")
    told = cancel(convened.meeting, by)
    assert fresh(convened.meeting).stage == Meeting.Stage.CANCELLED
    assert "EVRARD" in rows_of(told)
    assert (told.letter["reason"], told.calendar_sequence) == ("Tempête.", 1)
    assert told.summons.message == (french.nbsp("Motif : Tempête."),)
    # Nothing more is sent.
    row = settled(convened, "ARNAUD")
    with refused("seance_annulee"):
        following.resend(row, by=by, at=NOW)
    with refused("seance_annulee"):
        send(moving(convened, by, held_on=LATER), by)


def test_nobody_convened_nobody_told_and_who_gave_a_draft_up_is_kept(cast, by):
    meeting = desk.prepared(cast)
    drafting.drop(drafting.prepare(meeting, by=by), by=cast.administration)
    deeds = meeting.deeds.filter(verb__startswith="draft").values_list("words", "by__email")
    gave_up = ("Brouillon abandonné\u00a0: convocation", cast.administration.email)
    assert list(deeds) == [gave_up, ("Brouillon ouvert\u00a0: convocation", by.email)]
    assert cancel(meeting, by) is None
    assert fresh(meeting).stage == Meeting.Stage.CANCELLED
    assert not Convocation.objects.exists()
    assert meeting.deeds.get(verb="cancelled").by == by


# --- Second call ------------------------------------------------------------------------------


@pytest.fixture
def failed(convened, by) -> Meeting:
    """The sitting of the 9th: two came, the quorum is four."""
    meeting, bruno = fresh(convened.meeting), sitting.Arrived(member="bruno-besson")
    return fresh(desk.opened_and_closed(meeting, bruno, by=by, for_want_of_quorum=True))


def call_again(meeting: Meeting, by: User, day: int = 14) -> Meeting:
    where = {"held_on": date(2026, 6, day), "starts_at": time(18), "place": "en mairie"}
    return changing.second_call(meeting, **where, by=by)


def test_a_second_call_holds_the_same_items_has_three_clear_days_and_no_quorum(failed, by):
    again = call_again(failed, by)
    assert again.second_call_of == failed
    first, second = (
        [(n.item.key, n.number, n.item.title) for n in each.agenda.nodes]
        for each in (failed, again)
    )
    assert first == second
    assert Brief.objects.filter(item__meeting=again).count() == 3
    draft = drafting.prepare(again, by=by)
    with refused("delai_trop_court"):
        send(draft, by, at=june(11))
    send(draft, by, at=june(10))
    assert timing.days(draft, at=june(10)).notice.lifts_quorum
    assert draft.letter["second_call_of"] == "2026-06-09"


def test_an_item_that_lacked_its_quorum_by_withdrawals_is_called_again_alone(convened, by):
    """Art. L2121-17; CE, 19 January 1983, Chauré: the sitting itself had its quorum."""
    meeting = fresh(convened.meeting)
    first, second, *_ = (n.item.key for n in meeting.agenda.nodes if n.item.may_be_voted)
    there = ("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval")
    story = [sitting.Arrived(member=key) for key in there]
    story += [
        sitting.Opened(at=datetime(2026, 6, 9, 18), chair="alice-arnaud"),
        sitting.ItemOpened(item=first, at=datetime(2026, 6, 9, 18, 5)),
        sitting.Recused(member="denis-duval", item=first, at=datetime(2026, 6, 9, 18, 6)),
        sitting.FateNoted(item=first, fate=sitting.Fate.POSTPONED),
        sitting.ItemOpened(item=second, at=datetime(2026, 6, 9, 18, 10)),
        sitting.BallotHeld(ballot=ballots.Ballot(item=second)),
        sitting.Closed(at=datetime(2026, 6, 9, 19)),
    ]
    ledger.record(meeting, *story, by=by)
    again = call_again(fresh(meeting), by)
    assert [n.item.key for n in again.agenda.nodes if not n.item.is_section] == [first]
    assert again.lifts_quorum


def test_what_a_second_call_adds_has_the_full_delay_and_needs_its_quorum(failed, by):
    again = call_again(failed, by)
    item = items.add_item(again, title="Emprunt", by=by)
    Brief.objects.create(item=item, note="<p>Note.</p>")
    draft = drafting.prepare(fresh(again), by=by)
    with refused("delai_des_points_nouveaux"):
        send(draft, by, at=june(10))
    change(again, held_on=date(2026, 6, 16))
    draft.meeting = fresh(again)
    (warning,) = (
        found for found in send(draft, by, at=june(10)) if found.code.endswith("points_nouveaux")
    )
    assert warning.code == "quorum_des_points_nouveaux"
    assert "Emprunt" in warning.message
    assert fresh(again).lifts_quorum


def test_an_item_added_to_a_second_call_afterwards_has_the_full_delay(failed, by):
    again = call_again(failed, by)
    draft = drafting.prepare(again, by=by)
    send(draft, by, at=june(9))
    added(draft, by)
    later = rectifying(draft, by)
    with refused("delai_des_points_nouveaux"):
        send(later, by, at=june(10))
    items.remove_item(again.items.get(title="Subvention"), by=by)
    change(Brief.objects.get(item__meeting=again, item__title="Tarifs 2027"), note="<p>Autre.</p>")
    send(rectifying(draft, by), by, at=june(10))  # known since the first sitting: three days


def test_a_first_sitting_convened_too_late_has_no_second_call(failed, by):
    change(failed, convened_on=date(2026, 6, 5))
    again = call_again(fresh(failed), by)
    assert not fresh(again).lifts_quorum
    draft = drafting.prepare(fresh(again), by=by)
    told = {each.code for each in checklist.objections(draft, at=june(10))}
    assert {"premiere_irreguliere", "delai_trop_court"} <= told
    # What is urgent is in time on the eve of the eve, if the assembly is asked.
    items.add_item(fresh(failed), kind="urgence", title="Décision sur l’urgence", by=by)
    assert fresh(failed).notice.regular
    assert fresh(again).lifts_quorum


def test_a_second_sitting_that_was_announced_is_proposed_and_another_day_is_told(failed, by):
    """Art. L2121-17; the first sitting is of the 9th."""
    change(failed, second_call_on=date(2026, 6, 16))
    assert SecondCallForm(meeting=failed, earliest=date(2026, 6, 13)).initial["held_on"] == date(
        2026, 6, 16
    )
    late = SecondCallForm(meeting=failed, earliest=date(2026, 6, 20))
    assert late.initial["held_on"] == date(2026, 6, 20)
    again = call_again(fresh(failed), by)
    told = {each.code: each for each in checklist.checklist(fresh(again))}
    assert "16 juin 2026" in told["autre_jour_qu_annonce"].message
    change(again, held_on=date(2026, 6, 16))
    assert "autre_jour_qu_annonce" not in {each.code for each in checklist.checklist(fresh(again))}


def test_a_second_sitting_announced_is_put_out_by_a_sitting_that_moves(convened, by):
    change(convened.meeting, second_call_on=date(2026, 6, 16))
    for day, codes in ((11, set()), (13, {"seconde_seance_caduque"})):
        draft = moving(convened, by, held_on=date(2026, 6, day))
        told = {each.code for each in checklist.objections(draft, at=NOW)}
        assert told & {"seconde_seance_caduque"} == codes
        drafting.drop(draft, by=by)


def test_it_is_called_again_once_afterwards_for_want_of_quorum_and_not_cancelled(failed, by):
    with refused("seance_commencee"):
        cancel(failed, by)
    assert not Convocation.objects.filter(stage=Stage.DRAFT).exists()
    with refused("avant_la_premiere"):
        call_again(failed, by, day=9)
    again = call_again(failed, by)
    with refused("deja_reconvoquee"):
        call_again(fresh(failed), by, day=20)
    with refused("quorum_non_manque"):
        call_again(again, by, day=20)


# --- Following --------------------------------------------------------------------------------


def table_of(convocation: Convocation) -> list[list[str]]:
    rows = list(journey.filtered(convocation, ""))
    return list(journey.table(journey.journeys(convocation, rows)))


def settled(convocation: Convocation, name: str, state: str = State.SENT) -> Recipient:
    row = rows_of(convocation)[name]
    Recipient.objects.filter(pk=row.pk).update(state=state, sent_at=NOW)
    row.refresh_from_db()
    return row


def test_a_bounce_is_noted_and_the_address_corrected(cast, convened, by):
    with refused("pas_remis"):  # only what was handed over comes back
        following.note_bounce(rows_of(convened)["ARNAUD"], reason="", by=by, at=NOW)
    row = settled(convened, "ARNAUD")
    _, wrong = inviting.invitation_of(convened.meeting, cast.seat(cast.alice), at=NOW)
    following.note_bounce(row, reason="Boîte pleine", by=by, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.bounce_reason) == (State.BOUNCED, "Boîte pleine")
    again = following.resend(row, email="alice@autre.example", keep=True, by=by, at=NOW)
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice@autre.example"
    assert (again.resend_of, again.state, again.why) == (row, State.QUEUED, row.why)
    assert again.message_id != row.message_id
    deed = convened.meeting.deeds.get(verb="mail-bounced")
    assert (deed.words, deed.by) == ("Courriel revenu noté\u00a0: Mme Alice ARNAUD", by)
    # The link that went to the wrong address opens nothing, the dossier neither.
    assert tokens.find(wrong, NOW) is None
    assert tokens.find_dossier(tokens.dossier_of(row), NOW) is None
    convened.refresh_from_db()
    assert convened.stage == Stage.SENDING


def test_sent_again_to_the_same_address_the_link_stays(cast, convened, by):
    row = settled(convened, "ARNAUD", State.REFUSED)
    _, link = inviting.invitation_of(convened.meeting, cast.seat(cast.alice), at=NOW)
    with refused("adresse_impossible") as told:
        following.resend(row, email="pas une adresse", by=by, at=NOW)
    assert told[0].field == "email"
    following.resend(row, by=by, at=NOW)
    assert tokens.find(link, NOW) is not None
    with refused("deja_en_route"):  # asked again of the first row, it is the last that counts
        following.resend(row, by=by, at=NOW)
    found = journey.progress(convened)  # which counts each recipient once
    assert (found.by_mail, found.waiting, found.printed, found.refused) == (6, 6, 1, 0)


def test_mails_that_stayed_here_are_noted_as_sent_from_elsewhere(convened, by):
    """Without a server of its own the secretariat writes from its mailbox: what convenes is then
    that mail, and the notice of each runs from its day."""
    row = settled(convened, "ARNAUD", State.KEPT)
    assert not journey.progress(convened).has_left
    count = following.hand_over([row], on=date(2026, 6, 2), by=by, at=june(5, 10))
    row.refresh_from_db()
    assert (count, row.state, row.sent_at.day) == (1, State.ELSEWHERE, 2)
    found = journey.progress(convened)
    assert (found.has_left, found.elsewhere, found.kept) == (True, 1, 0)
    assert convened.meeting.deeds.get(verb="handed-over").words.endswith("le 2 juin 2026")
    following.hand_over([row], on=date(2026, 6, 3), by=by, at=june(5, 10))  # put right
    row.refresh_from_db()
    assert row.sent_at.day == 3
    # Both days stay, in the sitting and in the trail, with who said so.
    put_right = convened.meeting.deeds.filter(verb="handed-over").first().words
    for told in (put_right, Entry.objects.filter(act=Act.SENT).order_by("pk").last().what):
        assert unsaid(told, "ARNAUD", "le 3 juin 2026", "2 juin 2026", str(by)) == []
    assert following.hand_over([row], on=date(2026, 6, 3), by=by, at=june(5, 11)) == 0
    assert row.name in [each.recipient.name for each in journey.journeys(convened, [row])]


def test_a_day_that_is_noted_is_said_to_be_the_word_of_somebody(convened, by, cast):
    """It has no hour, and says who told it and when; what was prepared, and what the outbox
    answered, stay."""
    row = settled(convened, "ARNAUD", State.KEPT)
    Recipient.objects.filter(pk=row.pk).update(reply="gardé")
    following.hand_over([row], on=date(2026, 6, 2), by=cast.administration, at=june(5, 10))
    row.refresh_from_db()
    assert (row.reply, row.queued_by) == ("gardé", by)
    declared = f"déclaré par {cast.administration} le 5 juin 2026 à 12\u00a0h"
    assert row.declared == french.nbsp(declared)
    line = next(each for each in proofs.certificate(convened, at=NOW).lines if "ARN" in each.name)
    told = line.state.replace("\xa0", " ")
    assert told == f"Remis par le secrétariat le 2 juin 2026, {declared}".replace("\xa0", " ")
    assert line.channel == "Hors de l’application"  # no mail, then « une autre voie »
    cells = next(line for line in table_of(convened) if "ARNAUD" in line[0])
    assert "02/06/2026" in cells and row.declared in cells and "hors de l’application" in cells


def test_a_hand_over_noted_by_mistake_is_taken_back_and_stays_told(convened, by):
    """It could not: the notice ran from a day on which nothing left."""
    mail, doubtful = settled(convened, "ARNAUD", State.KEPT), settled(convened, "EVRARD", "doute")
    Recipient.objects.filter(pk=doubtful.pk).update(reply="coupure avant la réponse du serveur")
    letter = convened.recipients.get(channel="papier")
    rows = [mail, doubtful, letter]
    assert following.hand_over(rows, on=date(2026, 6, 2), by=by, at=june(5, 10)) == 3
    assert journey.progress(convened).days
    assert following.take_back_handing(rows, by=by, at=june(5, 11)) == 3
    for row in rows:
        row.refresh_from_db()
        assert (row.sent_at, row.declared, row.declared_by) == (None, "", None)
    assert [row.state for row in rows] == [State.KEPT, State.DOUBTFUL, State.PRINTED]
    assert not journey.progress(convened).days
    words = [deed.words for deed in convened.meeting.deeds.filter(verb="handing-denied")]
    told = f"remise à {mail.name}, notée le 2 juin 2026 (déclaré par {by} le 5 juin 2026"
    assert len(words) == 3 and any(told in each.replace("\u00a0", " ") for each in words)
    assert Entry.objects.filter(act=Act.SENT, what__contains="n’a pas eu lieu").count() == 3
    # The certificate of that moment says that nothing was handed over, and that it was told.
    lines = {line.name: line for line in proofs.certificate(convened, at=NOW).lines}
    for row in rows[::2]:
        line = next(each for name, each in lines.items() if row.name.split()[-1] in name)
        assert "remis par le secrétariat" not in line.state.lower()
        assert "par erreur le 2 juin 2026" in " ".join(line.proof).replace("\u00a0", " ")
    # Once more, and wrong once more.
    assert following.hand_over([mail], on=date(2026, 6, 3), by=by, at=june(5, 12)) == 1
    mail.refresh_from_db()
    assert following.take_back_handing([mail], by=by, at=june(5, 13)) == 1
    mail.refresh_from_db()
    assert mail.state == State.KEPT


def test_what_a_server_proved_is_not_overwritten(convened, by):
    sent_ = settled(convened, "ARNAUD", State.SENT)
    assert following.hand_over([sent_], on=date(2026, 6, 2), by=by, at=june(5, 10)) == 0
    letter = following.print_instead(sent_, by=by, at=june(4))
    with refused("avant_envoi"):  # nor gone round by a letter older than itself
        following.hand_over([letter], on=date(2026, 6, 2), by=by, at=june(5, 10))
    kept = settled(convened, "EVRARD", State.KEPT)
    following.resend(kept, by=by, at=june(4))  # which another row replaced
    assert following.hand_over([kept], on=date(2026, 6, 2), by=by, at=june(5, 10)) == 0


@pytest.mark.parametrize(
    ("days", "first", "last", "without"),
    [
        ({"ARNAUD": 4}, 4, 4, 5),
        ({"ARNAUD": 2, "EVRARD": 4}, 2, 4, 4),
        ({"copie": 2, "ARNAUD": 4, "EVRARD": 4}, 4, 4, 4),
        ({"copie": 2}, None, None, None),
    ],
)
def test_the_assembly_is_convened_on_the_day_of_its_last_member(
    convened, by, days, first, last, without
):
    """A copy convenes nobody, and no member had a shorter notice than the one that is told."""
    rows = rows_of(convened)
    convened.recipients.update(state=State.KEPT, sent_at=None)
    copy = Recipient.objects.create(
        convocation=convened, why="copie", name="Mairie copie", channel="courriel",
        state=State.KEPT, message_id="copie", queued_at=NOW,
    )  # fmt: skip
    for name, day in days.items():
        row = copy if name == "copie" else rows[name]
        following.hand_over([row], on=date(2026, 6, day), by=by, at=june(5, 10))
    found, meeting = sent.handed(fresh(convened.meeting)), fresh(convened.meeting)
    assert sent.left_on(meeting) == (last and date(2026, 6, last))
    assert sent.is_unhanded(meeting) is (last is None)
    if last:
        assert (found.first.day, found.last.day) == (first, last)
        assert found.without == without
    else:
        assert found is None


def test_a_mail_that_came_back_counts_when_nothing_else_reached_the_member(convened, by):
    convened.recipients.update(state=State.KEPT, sent_at=None)
    row = settled(convened, "ARNAUD", State.BOUNCED)
    assert sent.left_on(fresh(convened.meeting)) == date(2026, 6, 1)
    letter = following.print_instead(row, by=by, at=june(3))
    following.hand_over([letter], on=date(2026, 6, 4), by=by, at=june(5, 10))
    assert sent.left_on(fresh(convened.meeting)) == date(2026, 6, 4)


def test_letters_are_handed_over_on_their_own_day_one_of_them_instead_of_a_mail(convened, by):
    """The notice of each member runs from the day his own convocation left."""
    row, letter = settled(convened, "ARNAUD", State.REFUSED), rows_of(convened)["FAURE"]
    instead = following.print_instead(row, by=by, at=NOW)
    assert (instead.channel, instead.state, instead.resend_of) == ("papier", State.PRINTED, row)
    assert [each.pk for each in journey.chain(row)] == [row.pk, instead.pk]
    for on, code in ((date(2026, 6, 6), "jour_a_venir"), (date(2026, 5, 31), "avant_envoi")):
        with refused(code):
            following.hand_over([letter], on=on, by=by, at=june(5, 10))
    count = following.hand_over([letter], on=date(2026, 6, 4), by=by, at=june(5, 10))
    letter.refresh_from_db()
    assert (count, letter.state) == (1, State.DELIVERED)
    (travelled,) = journey.journeys(convened, [letter])
    assert (travelled.notice.clear_days, travelled.is_late) == (4, True)


def test_many_ask_no_more_queries_than_few(
    cast, by, django_assert_num_queries, django_assert_max_num_queries
):
    desk.crowd(cast, 40)
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=by)
    with django_assert_max_num_queries(160):
        send(draft, by)
    rows = list(journey.filtered(draft, ""))
    assert len(rows) == 47
    journey.journeys(draft, rows)  # the rules of the sitting are read once
    for asked in (rows[:1], rows):
        with django_assert_num_queries(2):
            journey.journeys(draft, asked)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_rectifying_convocation_is_compiled_without_holding_the_base(
    convened, by, client_of, monkeypatch
):
    """It was compiled twenty times from the first page to the dispatch, and half of them while
    nobody else could write."""
    items.add_item(fresh(convened.meeting), title="Ajouté depuis", by=by)
    draft, secretary = rectifying(convened, by), client_of(by)
    compiled, made = [], compile.compile_summons

    def does(*args, **kwargs):
        compiled.append(connection.in_atomic_block)
        return made(*args, **kwargs)

    monkeypatch.setattr(compile, "compile_summons", does)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    assert secretary.get(reverse("convening:send", args=[draft.meeting_id])).status_code == 200
    assert len(compiled) <= 3
    compiled.clear()
    send(draft, by)
    assert len(compiled) <= 3 and not any(compiled)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [Kind.MOVED, Kind.CANCELLED])
def test_a_change_is_laid_out_without_holding_the_base_and_says_the_new_day(
    convened, by, monkeypatch, kind
):
    """The notes that were looked at before a sitting moved said its former day, and left so; the
    dossier of what was not looked at held the base for four seconds."""
    meeting = fresh(convened.meeting)
    Brief.objects.create(item=meeting.items.last(), note="<p>Une note.</p>")
    held, said, laid_out = [], [], dossier.Gathered.laid_out

    def does(gathered):
        held.append(connection.in_atomic_block)
        said.extend(chapter.note.sitting for chapter in gathered.chapters)
        return laid_out(gathered)

    monkeypatch.setattr(dossier.Gathered, "laid_out", does)
    if kind == Kind.MOVED:
        where = {"starts_at": meeting.starts_at, "place": meeting.place, "reason": "Salle prise"}
        draft = changing.move_meeting(meeting, held_on=LATER, **where, by=by)
        with CaptureQueriesContext(connection) as asked:
            summons, _ = dispatching.preview(draft, at=NOW, site=SITE)
            dispatching.bind(draft, summons, at=NOW)
        # Nor to read it: nobody who writes waits for who looks at a draft.
        assert {each["sql"].partition(" ")[0] for each in asked} == {"SELECT"}
        assert fresh(meeting).held_on == meeting.held_on == HELD_ON
        send(draft, by)
        assert fresh(meeting).held_on == LATER
        assert said and {each.rpartition(" du ")[2] for each in said} == {"16 juin 2026"}
    else:
        changing.cancel_meeting(meeting, reason="Crue", by=by, at=NOW, site=SITE)
        assert fresh(meeting).stage == Meeting.Stage.CANCELLED
    assert held == [False]


# --- Whoever came in since --------------------------------------------------------------------


@pytest.fixture
def newcomer(convened, cast):
    """Bruno resigns on the 3rd, after the dispatch; Zoé, with a mailbox, sits at his place."""
    end(cast.seat(cast.bruno), on=date(2026, 6, 3))
    zoe = make_person(cast.organisation, "Zoé", "ZELLER", email="zoe@brume.example")
    return make_mandate(cast.comite, zoe, start_on=date(2026, 6, 4))


def test_whoever_came_in_since_the_dispatch_is_told_of_and_convened_as_the_others(
    cast, convened, newcomer, by
):
    meeting = fresh(convened.meeting)
    assert [each.mandate for each in addressees.newcomers(meeting)] == [newcomer]
    meetings = Meeting.objects.all()
    assert list(addressees.with_newcomers(meetings, on=date(2026, 6, 5))) == [(meeting, 1)]
    assert list(addressees.with_newcomers(meetings, on=meeting.held_on)) == []
    going = dispatching.convene_newcomers(meeting, by=by, at=june(5))
    assert [each.mandate for each in going] == [newcomer]
    row = Recipient.objects.get(mandate=newcomer)
    assert (row.convocation, row.state) == (convened, State.QUEUED)
    assert meeting.invitations.get(mandate=newcomer).email == "zoe@brume.example"
    convened.refresh_from_db()
    assert convened.stage == Stage.SENDING
    assert "ZELLER" in Entry.objects.filter(act=Act.SENT).order_by("pk").last().what
    # Once; and who holds another mandate in the same capacity has his convocation already.
    end(cast.seat(cast.farid), on=date(2026, 6, 4))
    assert not journey.to_hand_over(convened)
    make_mandate(cast.comite, cast.farid, start_on=date(2026, 6, 5))
    assert [each.name for each in journey.to_hand_over(convened)] == ["M. Farid FAURE"]
    assert addressees.newcomers(fresh(meeting)) == ()
    assert dispatching.convene_newcomers(meeting, by=by, at=june(5)) == ()


def test_what_stays_here_of_whoever_resigned_is_counted_apart_and_asked_of_nobody(
    cast, convened, client_of
):
    """« 113 » was said beside « 114 », then one stayed « gardée ici, non envoyée » for good."""
    convened.recipients.update(state=State.KEPT)
    whole = journey.shares(convened)
    end(cast.seat(cast.bruno), on=date(2026, 6, 3))
    told, shares = journey.progress(convened), journey.shares(convened)
    assert (told.gone, told.to_hand_over, shares["sans_objet"]) == (1, told.kept - 1, 1)
    for key in ("garde", "sans_reponse"):
        assert shares[key] == whole[key] - 1, key
    page = text(client_of(cast.secretariat).get(reverse("convening:ledger", args=[convened.pk])))
    assert unsaid(page, f"{told.to_hand_over} courriels, de votre", "1 sans objet") == []


def test_the_notice_of_the_assembly_is_not_that_of_whoever_came_in_since(convened, newcomer, by):
    """Nobody could convene her with the others; somebody who was forgotten counts."""
    convened.recipients.update(state=State.SENT, sent_at=june(1))
    dispatching.convene_newcomers(fresh(convened.meeting), by=by, at=june(5))
    Recipient.objects.filter(mandate=newcomer).update(state=State.SENT, sent_at=june(5))
    assert sent.left_on(fresh(convened.meeting)) == date(2026, 6, 1)
    change(newcomer, start_on=date(2026, 5, 1))
    assert sent.left_on(fresh(convened.meeting)) == date(2026, 6, 5)


def test_nobody_is_convened_late_to_what_was_convened_from_elsewhere(cast, by):
    meeting = desk.prepared(cast)
    change(meeting, convened_on=date(2026, 6, 1))
    assert addressees.newcomers(fresh(meeting)) == ()
