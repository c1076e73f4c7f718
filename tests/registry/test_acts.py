"""What makes decisions stand: numbers given once, links to earlier acts, minutes adopted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.online import standing as legal
from documents import actions as documents
from documents.models import IssuedDocument
from law import ballots, wording
from law.findings import Refused
from law.sitting import Fate, FateNoted
from meetings.actions import decisions, items, ledger, preparing, texts
from meetings.models import AgendaItem, DebateRevision
from registry.acts import actions, reading
from registry.models import Adoption, Deliberation, DeliberationLink, Final
from registry.signatures import reading as signatures
from tests import held
from tests.cast import change
from tests.documents.ink import plain
from tests.held import AT, JULY, JUNE, prepare, sit, write
from tests.live.threads import at_once
from tests.registry.conftest import page, refused
from trail.models import Act, Entry

pytestmark = pytest.mark.django_db


def number(meeting, cast):
    return [each.label for each in actions.number(meeting, by=cast.secretariat, at=AT)]


def print_as(cast, form):
    change(cast.comite, deliberation_format=form)


@pytest.mark.database
def test_acts_are_numbered_once_in_the_order_of_the_sitting_what_was_rejected_never(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))
    assert number(meeting, cast) == ["2026-06-09/01", "2026-06-09/02"]
    numbered = meeting.deliberations.order_by("rank")
    safe = [("Budget", "2026_06_09_01"), ("Tarifs", "2026_06_09_02")]
    assert [(each.item.title, each.safe_label) for each in numbered] == safe
    acts = {each.item.title: each.is_act for each in reading.decided(meeting)}
    assert acts == {"Budget": True, "Tarifs": True, "Emprunt": False}
    assert number(meeting, cast) == []
    # Corrected, the vote made an act: it comes after the others.
    emprunt = reading.decided(meeting)[-1]
    ballot = ballots.Ballot(item=emprunt.item.key)
    decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat, replacing=emprunt.seq)
    assert number(meeting, cast) == ["2026-06-09/03"]


@pytest.mark.database
def test_the_number_of_the_year_runs_from_sitting_to_sitting_and_begins_again(cast, hold):
    print_as(cast, "C{annee}_{numero:03}")
    assert number(hold(JUNE, adopted=("Budget", "Tarifs")), cast) == ["C2026_001", "C2026_002"]
    for on, printed in ((JULY, "C2026_003"), (date(2027, 1, 12), "C2027_001")):
        assert number(hold(on, adopted=("Emprunt",), approves=False), cast) == [printed]


@pytest.mark.database
def test_what_was_voided_keeps_its_number_and_it_is_never_given_again(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    number(meeting, cast)
    seq = next(each.seq for each in reading.decided(meeting) if each.item.title == "Tarifs")
    ledger.void(meeting, seq=seq, reason="erreur", by=cast.secretariat)
    number(hold(JULY, adopted=("Emprunt",), approves=False), cast)
    numbers = Deliberation.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


@pytest.mark.database
def test_a_format_changed_in_the_year_never_gives_a_number_twice(cast, hold, june):
    print_as(cast, "{annee}-07-07/{numero}")
    number(june, cast)
    july = hold(JULY, adopted=("Emprunt",), approves=False)
    for same in ("{annee}-{mois}-{jour}/{rang}", "{annee}/{mois}/{jour}/{rang}"):  # for @CTES
        print_as(cast, same)
        with pytest.raises(Refused, match="2026-07-07/1 est déjà celui de"):
            number(july, cast)
    assert not july.deliberations.exists()
    print_as(cast, "D{annee}-{mois}-{jour}/{rang}")
    assert number(july, cast) == ["D2026-07-07/1"]


@pytest.mark.database
def test_a_number_is_final(cast, june):
    number(june, cast)
    deliberation = june.deliberations.get()
    for attempt in (
        lambda: deliberation.save(),
        lambda: deliberation.delete(),
        lambda: Deliberation.objects.update(number=9),
        lambda: Deliberation.objects.all().delete(),
        lambda: Deliberation.objects.bulk_update([deliberation], ["number"]),
    ):
        with pytest.raises(Final):
            attempt()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_secretaries_number_two_sittings_at_once(cast, hold):
    print_as(cast, "C{annee}_{numero:03}")
    june, july = hold(JUNE, adopted=("A", "B", "C")), hold(JULY, adopted=("D", "E"), approves=False)
    at_once(lambda meeting: number(meeting, cast), [june, july, june, july])
    numbers = sorted(Deliberation.objects.values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5]


# --- Links ------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_later_deliberation_modifies_an_earlier_one_and_no_link_is_absurd(cast, hold):
    june, july = hold(JUNE, adopted=("Tarifs",)), hold(JULY, adopted=("Budget",), approves=False)
    (old,), (new,) = (actions.number(each, by=cast.secretariat, at=AT) for each in (june, july))
    for _ in range(2):
        actions.link(new, kind="modifie", target=old, by=cast.secretariat)
    assert reading.links_of(new) == ("modifie 2026-06-09/01",)
    assert reading.links_of(old) == ("est modifiée par 2026-07-07/01 du 7 juillet 2026",)
    for absurd in (
        {"target": new},  # later
        {"target": old},  # itself
        {},
        {"target": new, "target_text": "arrêté de 1998"},  # two at once
    ):
        with pytest.raises(Refused):
            actions.link(old, kind="abroge", **absurd, by=cast.secretariat)
    # An act that is not here is named in words.
    made = actions.link(old, kind="abroge", target_text="délibération de 1998", by=cast.secretariat)
    assert made.linked_by == cast.secretariat
    assert reading.links_of(old) == (
        "abroge délibération de 1998",
        "est modifiée par 2026-07-07/01 du 7 juillet 2026",
    )


def test_an_election_is_left_to_its_judge_and_the_bureau_undoes_no_act_of_the_comite(cast, hold):
    june, by = hold(JUNE, adopted=("Tarifs", "Vice-présidence")), cast.secretariat
    tariffs, election = actions.number(june, by=by, at=AT)
    change(election.item, kind=AgendaItem.Kind.EXECUTIVE)
    july = hold(JULY, adopted=("Retrait",), approves=False)
    (later,) = actions.number(july, by=by, at=AT)
    election = Deliberation.objects.get(pk=election.pk)
    with pytest.raises(Refused, match="le juge seul"):
        actions.link(later, kind="abroge", target=election, by=by)
    bureau = prepare(cast, "Bail", body=cast.bureau, held_on=JULY, clock="15:00")
    sit(bureau, by=by)
    item = bureau.items.get(title="Bail")
    change(item, effect=AgendaItem.Effect.DELEGATION)
    bureau.forget()
    decisions.hold_ballot(bureau, ballot=ballots.Ballot(item=item.key), by=by)
    (theirs,) = actions.number(bureau, by=by, at=AT)
    with pytest.raises(Refused, match="autre auteur"):
        actions.link(theirs, kind="abroge", target=tariffs, verified=False, by=by)
    assert actions.link(theirs, kind="abroge", target=tariffs, verified=True, by=by)
    # The assembly that was only told of something decided nothing.
    key = july.items.get(title="Retrait").key
    ledger.record(july, FateNoted(item=key, fate=Fate.TOOK_NOTE), by=by)
    later = Deliberation.objects.get(pk=later.pk)
    with pytest.raises(Refused, match="prend acte"):
        actions.link(later, kind="abroge", target=tariffs, by=by)


def test_in_one_sitting_too_only_an_earlier_one_is_aimed_at(cast, hold):
    meeting = hold(JUNE, adopted=("Tarifs", "Budget"))
    first, second = actions.number(meeting, by=cast.secretariat, at=AT)
    with pytest.raises(Refused, match="antérieure"):
        actions.link(first, kind="abroge", target=second, by=cast.secretariat)
    assert actions.link(second, kind="abroge", target=first, by=cast.secretariat).target == first


def test_numbers_are_given_from_the_page_once_the_sitting_is_closed(secretary, hold):
    empty = hold(date(2026, 5, 12), hours=None)
    assert "Rien n’a encore été décidé" in page(secretary, "acts", empty.pk)
    refused(secretary.post(reverse("registry:number", args=[empty.pk])), "n’est pas levée")
    meeting = hold(JUNE, adopted=("Budget",), rejected=("Emprunt",), approves=False)
    assert "Numéroter 1 délibération" in page(secretary, "acts", meeting.pk)
    for _ in range(2):  # a double click
        response = secretary.post(reverse("registry:number", args=[meeting.pk]), follow=True)
    text = response.content.decode()
    assert "2026-06-09/01" in text and "rejetée" in text
    assert "Numéroter 1" not in text
    assert Deliberation.objects.count() == 1


@pytest.mark.database
def test_a_link_is_made_and_a_wrong_one_is_told_beside_the_field(secretary, cast, june):
    (one,) = actions.number(june, by=cast.secretariat, at=AT)
    url = reverse("registry:link", args=[june.pk, one.pk])
    refused(secretary.post(url, {"kind": "abroge"}), "Choisissez une délibération")
    asked = {"kind": "abroge", "target_text": "délibération de 1998"}
    refused(secretary.post(url, asked), "n’a pas d’article")
    secretary.post(url, asked | {"verified": "on"})
    assert DeliberationLink.objects.get().target_text == "délibération de 1998"
    assert "abroge délibération de 1998" in page(secretary, "acts", june.pk)


def test_what_is_no_act_any_more_withdraws_nothing(cast, hold):
    """Its vote annulled, the public still read « retirée par » it."""
    june, july = hold(JUNE, adopted=("Tarifs",)), hold(JULY, adopted=("Budget",), approves=False)
    held.issue_acts(june, by=cast.secretariat)
    (new,) = actions.number(july, by=cast.secretariat, at=AT)
    actions.link(new, kind="retire", target=june.deliberations.get(), by=cast.secretariat)
    held.issue_acts(july, by=cast.secretariat)
    held.bind(july, by=cast.secretariat)
    extracts = signatures.in_force(june)
    assert legal.gone(june, extracts)
    vote = july.events.filter(kind="ballot_held").latest("seq")
    ledger.void(july, seq=vote.seq, reason="compté deux fois", by=cast.secretariat)
    old, new = Deliberation.objects.order_by("pk")
    assert not legal.gone(june, extracts)
    assert (reading.links_of(old), reading.links_of(new)) == ((), ())


def test_a_session_left_open_withdraws_no_act_and_the_trail_tells_who_does(
    secretary, cast, hold, settings
):
    june, july = hold(JUNE, adopted=("Tarifs",)), hold(JULY, adopted=("Budget",), approves=False)
    (old,), (new,) = (actions.number(each, by=cast.secretariat, at=AT) for each in (june, july))
    asked = {"kind": "retire", "target": old.pk, "illegality": "vice", "verified": "on"}
    url = reverse("registry:link", args=[july.pk, new.pk])
    settings.SECOND_PROOF_MINUTES = 0
    response = secretary.post(url, asked)
    assert response.status_code == 403 and "preuve" in response.content.decode()
    assert not DeliberationLink.objects.exists()
    settings.SECOND_PROOF_MINUTES = 60
    assert secretary.post(url, asked).status_code == 302
    told = Entry.objects.filter(act=Act.PUBLICATION).latest("pk")
    assert "2026-07-07/01 retire 2026-06-09/01" in told.what and told.who == cast.secretariat.email


def test_what_a_later_act_withdrew_is_not_repealed_by_another_unseen(secretary, cast, hold):
    june, by = hold(JUNE, adopted=("Subvention",)), cast.secretariat
    july = hold(JULY, adopted=("Retrait", "Abrogation"), approves=False)
    actions.number(june, by=by, at=AT)
    first, second = actions.number(july, by=by, at=AT)
    held.word(july)
    old = june.deliberations.get()
    actions.link(first, kind="retire", target=old, by=by)
    url = reverse("registry:link", args=[july.pk, second.pk])
    asked = {"kind": "abroge", "target": old.pk}
    refused(secretary.post(url, asked), "ne crée de droits pour personne")
    answer = secretary.post(url, asked | {"ground": "sans_droits"})
    refused(answer, "07/01 du 7 juillet 2026 le retire déjà")
    assert not second.links.exists()
    secretary.post(url, asked | {"ground": "sans_droits", "verified": "on"})
    assert second.links.exists()
    told = Entry.objects.filter(act=Act.PUBLICATION).latest("pk").what
    assert "Il ne crée de droits pour personne" in told


def test_a_link_told_by_mistake_is_taken_back_until_a_paper_has_followed_it(secretary, cast, hold):
    june, july = hold(JUNE, adopted=("Tarifs",)), hold(JULY, adopted=("Budget",), approves=False)
    held.issue_acts(june, by=cast.secretariat)  # issued before: that does not hold it back
    (new,) = actions.number(july, by=cast.secretariat, at=AT)
    old = june.deliberations.get()
    made = actions.link(new, kind="retire", target=old, by=cast.secretariat)
    assert reading.done_to(old)
    url = reverse("registry:unlink", args=[july.pk, new.pk, made.pk])
    assert url in page(secretary, "link", july.pk, new.pk)
    for _ in range(2):
        assert secretary.post(url).status_code == 302
    old, new = Deliberation.objects.order_by("pk")
    assert (reading.done_to(old), reading.links_of(new)) == ((), ())
    assert "retiré, dit par erreur" in Entry.objects.filter(act=Act.PUBLICATION).latest("pk").what
    again = actions.link(new, kind="retire", target=old, by=cast.secretariat)
    assert again != made
    held.issue_acts(july, by=cast.secretariat, at=timezone.now() + timedelta(minutes=1))
    refused(
        secretary.post(url.replace(f"{made.pk}/retirer", f"{again.pk}/retirer")), "établi depuis"
    )
    assert url not in page(secretary, "link", july.pk, new.pk)


# --- Adoption ---------------------------------------------------------------------------------


def issue(meeting, cast, reason=""):
    return documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason=reason)


def adopt(meeting, cast):
    return actions.record_adoptions(meeting, by=cast.secretariat, at=AT)


@pytest.mark.database
def test_the_next_sitting_adopts_the_minutes(cast, hold, june):
    minutes = issue(june, cast)
    # A new letterhead is no correction.
    change(cast.organisation, address="2 rue Neuve, 80000 Brume")
    july = hold(JULY)
    (adoption,) = adopt(july, cast)
    assert (adoption.document, adoption.adopted_on) == (minutes, JULY)
    assert (adoption.item.approves, adoption.noted_by) == (june, cast.secretariat)
    assert adopt(july, cast) == ()


def test_new_words_of_ours_are_no_correction(cast, hold, june, monkeypatch):
    """Minutes issued before an update of this application are adopted as they were issued, as
    long as nobody told or wrote anything since."""
    later = timezone.now() + timedelta(hours=1)
    documents.issue_minutes(june, by=cast.secretariat, at=later)
    july = hold(JULY)
    monkeypatch.setattr(wording, "closing", lambda closed, **_: "La séance est close.")
    (approval,) = reading.approvals(july)
    assert not approval.is_corrected
    item = june.items.filter(kind="deliberation").first()
    texts.save_text(item, text="<p>Précisé.</p>", version=item.text_version, by=cast.secretariat)
    DebateRevision.objects.filter(item=item).update(saved_at=later + timedelta(hours=1))
    (approval,) = reading.approvals(july)
    assert approval.is_corrected


def test_one_vote_adopts_several_minutes(secretary, cast, hold, june):
    july = hold(JULY, approves=False)
    both = [issue(june, cast), issue(july, cast)]
    amended = "le montant est de 12 000 €"
    september = prepare(cast, held_on=date(2026, 9, 8))
    item = september.items.get(kind="approbation")
    item.approves = june
    preparing.change(item, fields=["approves"], also_approves=[july], by=cast.secretariat)
    sit(september, by=cast.secretariat)
    vote = ballots.Ballot(item=item.key, amended=amended)
    decisions.hold_ballot(september, ballot=vote, by=cast.secretariat)
    # What is said of one of them is not said of the other; each is noted by itself.
    url = reverse("registry:adopt", args=[september.pk])
    first, second = both
    secretary.post(url, {"document": first.pk, "corrections_portees": first.pk})
    assert [each.document for each in Adoption.objects.all()] == [first]
    refused(secretary.post(url, {"document": second.pk}), "a été adopté corrigé")
    carrying = {"by": cast.secretariat, "at": AT, "carrying": [second.pk]}
    (adoption,) = actions.record_adoptions(september, **carrying)
    assert adoption.document == second


def test_minutes_never_issued_cannot_be_adopted(cast, hold, june):
    with pytest.raises(Refused, match="n’est pas établi"):
        adopt(hold(JULY), cast)
    assert not Adoption.objects.exists()


def test_minutes_rejected_or_not_voted_are_not_adopted(cast, hold, june):
    issue(june, cast)
    # The approval made by `create_meeting` bears that very title: it was rejected too.
    assert adopt(hold(JULY, rejected=(preparing.approval_title(june),)), cast) == ()
    assert list(reading.approvals(hold(date(2026, 9, 8), approves=False))) == []


@pytest.mark.database
def test_corrections_go_from_the_adoption_to_the_next_version_and_back(secretary, cast, hold, june):
    first = issue(june, cast)
    july = hold(JULY)
    sheet = reverse("registry:write", args=[june.pk])
    # The sitting asks for a correction: the page of its acts leads to the sheet.
    said = page(secretary, "acts", july.pk)
    assert f'href="{sheet}"' in said and "Constater son adoption" in said
    write(cast, june)
    # Written and not issued: the old version is not what was adopted.
    said = page(secretary, "acts", july.pk)
    assert "établissez la version 2" in said and "Constater son adoption" not in said
    answer = secretary.post(reverse("registry:adopt", args=[july.pk]))
    refused(answer, "le texte a changé depuis sa version 1")
    assert not Adoption.objects.exists()
    # Issued with its reason, from the sheet.
    assert "Ce que cette version corrige" in secretary.get(sheet).content.decode()
    typed = {"reason": "Une intervention est précisée.", "confirmed": "1"}
    secretary.post(reverse("documents:issue", args=[june.pk]), typed)
    second = june.documents.minutes().current().get()
    said = page(secretary, "acts", july.pk)
    compare = reverse("registry:compare", args=[first.pk, second.pk])
    assert "Une intervention est précisée." in said and f'href="{compare}"' in said
    changes, mark = (
        secretary.get(compare).content.decode(),
        '<span class="visually-hidden">]</span>',
    )
    assert "longuement</ins>" in changes.replace(mark, "")
    # Nothing says that the sitting asked for it, but who was there.
    refused(secretary.post(reverse("registry:adopt", args=[july.pk])), "établie après ce vote")
    asked = {"corrections_portees": second.pk}
    secretary.post(reverse("registry:adopt", args=[july.pk]), asked)
    assert Adoption.objects.get().document == second
    assert "arrêté le 7\u00a0juillet 2026" in page(secretary, "acts", july.pk)
    # The text was established after the sitting that adopted it, and that is said.
    told = plain(reading.adoption_told(IssuedDocument.objects.get(pk=second.pk)))
    assert told.startswith(
        "arrêté par la séance du 7 juillet 2026, dans un texte établi après elle, le "
    )
    # Of the first version it is not said that nobody adopted these minutes.
    first = IssuedDocument.objects.get(pk=first.pk)
    told = plain(reading.adoption_told(first))
    assert told.startswith("arrêté par la séance du 7 juillet 2026 dans sa version 2, corrigée, ")
    assert told.endswith(", qui remplace celle-ci")


def test_minutes_adopted_corrected_are_not_those_of_before_the_vote(secretary, cast, hold, june):
    """The sitting had a figure corrected, and the version that bore the wrong one was adopted."""
    issue(june, cast)
    july = hold(JULY, approves=False)
    approval = {"kind": "approbation", "title": "PV de juin", "approves": june}
    item = items.add_item(july, **approval, by=cast.secretariat)
    vote = ballots.Ballot(item=item.key, amended="le montant est de 12 000 €")
    decisions.hold_ballot(july, ballot=vote, by=cast.secretariat)
    said = page(secretary, "acts", july.pk)
    assert "le montant est de 12 000 €" in said and "est d’avant ce vote" in said
    url = reverse("registry:adopt", args=[july.pk])
    refused(secretary.post(url), "a été adopté corrigé")
    assert not Adoption.objects.exists()
    write(cast, june)
    done = {"reason": "Un montant.", "by": cast.secretariat, "at": timezone.now()}
    second = documents.issue_minutes(june, **done)
    (adoption,) = adopt(july, cast)
    assert adoption.document == second


def test_somebody_may_say_that_the_version_bears_the_corrections_already(
    secretary, cast, hold, june
):
    first = issue(june, cast)
    july = hold(JULY, approves=False)
    approval = {"kind": "approbation", "title": "PV de juin", "approves": june}
    item = items.add_item(july, **approval, by=cast.secretariat)
    vote = ballots.Ballot(item=item.key, amended="le montant est de 12 000 €")
    decisions.hold_ballot(july, ballot=vote, by=cast.secretariat)
    given = {"corrections_portees": first.pk, "document": first.pk}
    secretary.post(reverse("registry:adopt", args=[july.pk]), given)
    assert Adoption.objects.get().document == first


def test_a_correction_after_the_adoption_waits_for_the_vote_of_another_sitting(cast, hold, june):
    first = issue(june, cast)
    july = hold(JULY)
    adopt(july, cast)
    write(cast, june)
    second = issue(june, cast, reason="Un nom.")
    # The vote of July adopted what it had before it; it adopts nothing more.
    assert adopt(july, cast) == ()
    assert Adoption.objects.get().document == first
    assert plain(reading.adoption_told(second)) == (
        "pas encore arrêté dans cette version ; la version 1, qu’elle remplace, l’a été par la "
        "séance du 7 juillet 2026"
    )
    september = hold(date(2026, 9, 8), approves=False)
    approval = {"kind": "approbation", "title": "PV de juin", "approves": june}
    item = items.add_item(september, **approval, by=cast.secretariat)
    decisions.hold_ballot(september, ballot=ballots.Ballot(item=item.key), by=cast.secretariat)
    (adoption,) = adopt(september, cast)
    assert (adoption.document, adoption.item) == (second, item)


def test_a_version_established_after_the_vote_is_not_what_it_adopted_unless_somebody_says_so(
    secretary, cast, hold, june
):
    """Version 1 was voted; version 2, of a minute later, was « arrêtée par cette séance »."""
    first = documents.issue_minutes(june, by=cast.secretariat, at=timezone.now())
    july = hold(JULY)
    (approval,) = reading.approvals(july)
    assert (approval.minutes, approval.is_of_after) == (first, False)
    item = june.items.filter(kind="deliberation").first()
    texts.save_text(item, text="<p>Précisé.</p>", version=item.text_version, by=cast.secretariat)
    later = timezone.now() + timedelta(minutes=1)
    DebateRevision.objects.filter(item=item).update(saved_at=later - timedelta(seconds=30))
    second = documents.issue_minutes(june, by=cast.secretariat, at=later, reason="précision")
    url = reverse("registry:adopt", args=[july.pk])
    refused(secretary.post(url, {"document": second.pk}), "établie après ce vote")
    assert "La séance a demandé ce qui a changé" in page(secretary, "acts", july.pk)
    secretary.post(url, {"document": second.pk, "corrections_portees": second.pk})
    assert [each.document for each in Adoption.objects.all()] == [second]
