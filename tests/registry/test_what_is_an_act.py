"""What stands as an act, item by item: numbers, list, extracts and checklist say the same."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from archive import actions as archive
from archive.keeping import verification
from archive.models import Publication
from archive.online import publications
from archive.online import standing as legal
from documents import actions as documents
from documents.compile import compile_deliberation_list, compile_extracts, compile_minutes
from documents.models import IssuedDocument
from law import ballots, elections, sitting
from law.ballots import Choice
from law.findings import Refused
from law.sitting import Fate
from meetings import acts
from meetings.actions import carrying, decisions, items, ledger
from meetings.models import AgendaItem, Brief, Meeting
from registry.acts import actions, reading
from registry.signatures import reading as signatures
from registry.writing import checklist
from tests import held
from tests.cast import change, make_role
from tests.documents.ink import plain
from tests.held import AT, EVERYBODY, JUNE, prepare, sit
from tests.registry.conftest import page, refused
from tests.words import text, unsaid
from transmission import reading as prefecture

pytestmark = pytest.mark.django_db

KIND, EFFECT = AgendaItem.Kind, AgendaItem.Effect
AGAINST = dict.fromkeys(EVERYBODY, Choice.AGAINST)


def vote(question="", *, adopted=True):
    def told(key):
        choices = {} if adopted else AGAINST
        return sitting.BallotHeld(
            ballot=ballots.Ballot(item=key, question=question, choices=choices)
        )

    return told


def fate(what):
    return lambda key: sitting.FateNoted(item=key, fate=what)


def called(key):
    return sitting.ItemOpened(item=key)


def election(title="vice-président", *, votes):
    def told(key):
        people = tuple(elections.Candidate(key=each) for each in EVERYBODY[1:3])
        round_ = elections.Round(votes=dict(zip(EVERYBODY[1:3], votes, strict=True)))
        return sitting.ElectionHeld(
            election=elections.Election(
                item=key, key=title[0], title=title, candidates=people, rounds=(round_,)
            )
        )

    return told


# kind of the item, effect said, what was told → its last word, listed, act
ROWS = {
    "adopted": (KIND.DELIBERATION, "", [vote()], "adoptée", True, True),
    "rejected": (KIND.DELIBERATION, "", [vote(adopted=False)], "rejetée", True, False),
    "a rejected budget": (KIND.BUDGET, "", [vote(adopted=False)], "rejetée", True, True),
    "rejected accounts": (KIND.ACCOUNTS, "", [vote(adopted=False)], "rejetée", True, True),
    "an adjourned budget": (
        *(KIND.BUDGET, "", [vote(adopted=False), fate(Fate.ADJOURNED)]),
        *("ajournée", True, False),
    ),
    "a rejected budget that is only prepared": (
        *(KIND.BUDGET, EFFECT.PREPARATORY, [vote(adopted=False)]),
        *("rejetée", False, False),
    ),
    "by its questions": (
        *(KIND.DELIBERATION, "", [vote("tarif A"), vote("tarif B", adopted=False)]),
        *("adoptée", True, True),
    ),
    "all questions rejected": (
        *(KIND.DELIBERATION, "", [vote("A", adopted=False), vote("B", adopted=False)]),
        *("rejetée", True, False),
    ),
    "amended, then rejected": (
        *(KIND.DELIBERATION, "", [vote("amendement"), vote(adopted=False)]),
        *("rejetée", True, False),
    ),
    "put to the vote again": (
        *(KIND.DELIBERATION, "", [called, vote(), called, vote(adopted=False)]),
        *("rejetée", True, False),
    ),
    "saved by its second vote": (
        *(KIND.DELIBERATION, "", [called, vote(adopted=False), called, vote()]),
        *("adoptée", True, True),
    ),
    "called again, decided by other questions": (
        *(KIND.DELIBERATION, "", [called, vote("A"), called, vote("B", adopted=False)]),
        *("rejetée", True, False),
    ),
    "called again for nothing": (
        *(KIND.DELIBERATION, "", [called, vote(), called]),
        *("adoptée", True, True),
    ),
    "voted, then adjourned": (
        *(KIND.DELIBERATION, "", [vote(), fate(Fate.ADJOURNED)]),
        *("ajournée", True, False),
    ),
    "voted, then withdrawn": (
        *(KIND.DELIBERATION, "", [vote(), fate(Fate.WITHDRAWN)]),
        *(None, False, False),
    ),
    "withdrawn, then told as voted": (
        *(KIND.DELIBERATION, "", [fate(Fate.WITHDRAWN), vote()]),
        *(None, False, False),
    ),
    "put off, then called again and voted": (
        *(KIND.DELIBERATION, "", [called, fate(Fate.POSTPONED), called, vote()]),
        *("adoptée", True, True),
    ),
    "noted": (KIND.DELIBERATION, "", [fate(Fate.TOOK_NOTE)], "prend acte", True, True),
    "favourable": (KIND.DELIBERATION, "", [fate(Fate.FAVOURABLE)], "avis favorable", True, True),
    "unfavourable": (
        *(KIND.DELIBERATION, "", [fate(Fate.UNFAVOURABLE)]),
        *("avis défavorable", True, True),
    ),
    "elected": (KIND.ELECTION, "", [election(votes=(5, 1))], "élection faite", True, True),
    "nobody elected": (
        *(KIND.ELECTION, "", [election(votes=(3, 3))]),
        *("personne n’est élu", True, False),
    ),
    "one of two elections": (
        *(KIND.ELECTION, "", [election(votes=(5, 1)), election("membre", votes=(3, 3))]),
        *("élection faite", True, True),
    ),
    "miscellaneous": (KIND.MISCELLANEOUS, "", [fate(Fate.TOOK_NOTE)], "prend acte", False, False),
    "oral question": (KIND.ORAL_QUESTION, "", [fate(Fate.TOOK_NOTE)], "prend acte", False, False),
    "information": (KIND.INFORMATION, "", [fate(Fate.TOOK_NOTE)], "prend acte", False, False),
    "information that decides": (
        *(KIND.INFORMATION, EFFECT.DELIBERATION, [fate(Fate.TOOK_NOTE)]),
        *("prend acte", True, True),
    ),
    # Art. L2312-1 and L5211-36: a deliberation takes note of the budget debate.
    "budget debate": (KIND.DEBATE, "", [fate(Fate.TOOK_NOTE)], "prend acte", True, True),
    "debate without a vote": (KIND.DEBATE, "", [fate(Fate.NO_VOTE)], "sans vote", True, False),
    "examined": (KIND.EXAMINATION, "", [vote()], "adoptée", False, False),
    "preparatory": (KIND.DELIBERATION, EFFECT.PREPARATORY, [vote()], "adoptée", False, False),
    # Art. L2121-12 and L2121-15: the minutes are settled, the urgency is judged; neither decides.
    "urgency": (KIND.URGENCY, "", [vote()], "adoptée", False, False),
    "approval": (KIND.APPROVAL, "", [vote()], "adoptée", False, False),
    "approval that the register numbers": (
        *(KIND.APPROVAL, EFFECT.DELIBERATION, [vote()]),
        *("adoptée", True, True),
    ),
    "by delegation": (KIND.DELIBERATION, EFFECT.DELEGATION, [vote()], "adoptée", True, True),
}


def tell(cast, kind, effect, told, body=None):
    meeting = prepare(cast, held_on=JUNE, clock="18:00", body=body)
    for node in list(meeting.agenda.nodes):
        items.remove_item(node.item, by=cast.secretariat)
    item = items.add_item(meeting, title="Affaire", kind=kind, effect=effect, by=cast.secretariat)
    sit(meeting, by=cast.secretariat, hours=None)
    for each in told:
        ledger.record(meeting, each(item.key), by=cast.secretariat)
    closed = sitting.Closed(at=meeting.scheduled_for.replace(hour=20))
    ledger.record(meeting, closed, by=cast.secretariat)
    return meeting


@pytest.mark.parametrize("name", ROWS)
def test_one_answer_for_number_list_extract_and_checklist(cast, name):
    kind, effect, told, word, is_listed, is_act = ROWS[name]
    meeting = tell(cast, kind, effect, told)
    found = acts.decided(meeting)
    assert [(each.word, each.is_listed, each.is_act) for each in found] == (
        [(word, is_listed, is_act)] if word else []
    )
    assert len(compile_deliberation_list(meeting).lines) == is_listed
    assert [line.is_adopted for line in compile_deliberation_list(meeting).lines] == (
        [is_act and word != "rejetée"] if is_listed else []
    )
    assert len(compile_extracts(meeting)) == is_act
    said = {
        each.label: each.said
        for each in checklist.check(meeting, compile_minutes(meeting)).elements
    }
    told = "1 délibération sans dispositif" if reading.without_text(meeting) else "1 délibération"
    assert plain(said["délibérations adoptées"]) == (told if is_act else "Aucune")
    doubts = {each.code for each in documents.review(meeting, compile_minutes(meeting))}
    assert not doubts & {"points_sans_suite", "sans_decision"}
    assert len(actions.number(meeting, by=cast.secretariat, at=AT)) == is_act
    assert bool(reading.acts_to_issue(meeting, on=JUNE)) == is_listed
    numbered = {"p1": "1"} if meeting.deliberations.exists() else {}
    assert len(compile_deliberation_list(meeting, numbers=numbered).lines) == is_listed


@pytest.mark.parametrize("kind", [KIND.BUDGET, KIND.ACCOUNTS])
def test_what_rejects_a_budget_is_an_act_that_says_so_and_bears_no_article_of_it(cast, kind):
    """Art. L1612-2, L1612-12: the prefect receives it; nobody reads that it was approved."""
    meeting = tell(cast, kind, "", [vote(adopted=False)])
    item = meeting.items.get()
    words = {
        "visas": "Vu le rapport",
        "recitals": "Considérant l’équilibre",
        "articles": "D’adopter",
    }
    Brief.objects.create(item=item, **words)
    (extract,) = compile_extracts(Meeting.objects.get(pk=meeting.pk), numbers={item.key: "2026-1"})
    assert (extract.text.visas, extract.text.recitals, extract.text.articles) == (
        ("Vu le rapport,",),
        (),
        (),
    )
    assert "rejet" in str(extract.decisions)
    assert "D’adopter" not in str(extract)
    issued = held.issue_acts(Meeting.objects.get(pk=meeting.pk), by=cast.secretariat)
    kinds = [each.kind for each in issued]
    assert kinds.count(IssuedDocument.Kind.EXTRACT) == 1 and reading.without_text(meeting) == ()
    (numbered,) = meeting.deliberations.all()
    (line,) = (
        issued[-1].paper.lines
        if issued[-1].kind == IssuedDocument.Kind.LIST
        else issued[0].paper.lines
    )
    assert plain(line.number) == numbered.label and plain(line.decision).startswith("Rejeté")


@pytest.mark.parametrize(
    ("name", "story"),
    [
        (
            "put to the vote again",
            "Adoptée à l’unanimité. Remise aux voix, rejetée (6 voix contre)",
        ),
        ("voted, then adjourned", "Adoptée à l’unanimité. L’examen de ce point est ajourné"),
        (
            "one of two elections",
            "M. Bruno BESSON est proclamé élu vice-président. Un siège reste à pourvoir",
        ),
    ],
)
def test_the_list_tells_the_whole_story_of_an_item_in_sentences(cast, name, story):
    meeting = tell(cast, *ROWS[name][:3])
    (line,) = compile_deliberation_list(meeting).lines
    assert plain(line.decision) == story
    assert line.is_adopted == ROWS[name][-1]


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        (KIND.DELIBERATION, EFFECT.DELEGATION),
        (KIND.ELECTION, EFFECT.DELEGATION),
        (KIND.EXAMINATION, EFFECT.PREPARATORY),
        (KIND.BUDGET, EFFECT.PREPARATORY),
        (KIND.ACCOUNTS, EFFECT.PREPARATORY),
        (KIND.INFORMATION, EFFECT.INFORMATION),
    ],
)
def test_what_a_bureau_decides_it_decides_by_delegation(cast, kind, effect):
    meeting = prepare(cast, body=cast.bureau)
    item = items.add_item(meeting, title="Affaire", kind=kind, by=cast.secretariat)
    assert item.settled_effect == effect


@pytest.mark.parametrize("kind", [KIND.BUDGET, KIND.ACCOUNTS])
@pytest.mark.parametrize("effect", [EFFECT.DELEGATION, EFFECT.DELIBERATION])
def test_budget_and_accounts_are_not_delegated_to_the_bureau(cast, kind, effect):
    """Art. L5211-10; an open syndicate lives by its statutes."""
    meeting, by = prepare(cast, body=cast.bureau), cast.secretariat
    items.add_item(meeting, title="Selon les statuts", kind=kind, effect=effect, by=by)
    change(cast.organisation, legal_form="smf")
    meeting.refresh_from_db()
    with pytest.raises(Refused, match="L5211-10"):
        items.add_item(meeting, title="Affaire", kind=kind, effect=effect, by=by)
    prepared = items.add_item(meeting, title="Affaire", kind=kind, by=by)
    prepared.effect = effect
    with pytest.raises(ValidationError, match="L5211-10"):
        prepared.full_clean()


def test_the_form_of_an_item_says_its_effect_and_a_copied_agenda_keeps_it(cast, secretary):
    change(cast.organisation, legal_form="epci")
    meeting, by = prepare(cast, body=cast.bureau), cast.secretariat
    item = items.add_item(meeting, title="Budget", kind=KIND.BUDGET, by=by)
    url = reverse("meetings:edit_item", args=[meeting.pk, item.key])
    assert (
        "selon la nature et l’instance (enregistré : préparatoire)"
        in secretary.get(url).content.decode()
    )
    fields = {"title": "Budget", "kind": KIND.BUDGET}
    refused(secretary.post(url, fields | {"effect": EFFECT.DELEGATION}), "ne se délèguent pas")
    secretary.post(url, fields | {"kind": KIND.DEBATE, "effect": EFFECT.INFORMATION})
    item.refresh_from_db()
    assert item.effect == EFFECT.INFORMATION
    later = prepare(cast, body=cast.bureau, held_on=date(2026, 9, 8))
    carrying.copy_agenda(later, source=meeting, with_briefs=False, by=by)
    carried = carrying.carry_over(later, item=item, words="", by=by)
    assert [later.items.get(title="Budget", pk__lt=carried.pk).effect, carried.effect] == (
        [EFFECT.INFORMATION] * 2
    )


def test_what_is_voted_for_information_is_said_before_the_minutes_are_issued(cast):
    meeting = tell(cast, KIND.INFORMATION, "", [vote()])
    found = documents.review(meeting, compile_minutes(meeting))
    (said,) = [each for each in found if each.code == "vote_sans_acte"]
    assert "« Affaire »" in plain(said.message) and "délibération" in said.remedy
    assert not actions.number(meeting, by=cast.secretariat, at=AT)


def test_minutes_refused_are_adopted_by_the_later_vote(cast, hold, june):
    documents.issue_minutes(june, by=cast.secretariat, at=AT)
    title = "Approbation du procès-verbal de la séance du 9 juin 2026"
    july = hold(date(2026, 7, 7), rejected=(title,))
    assert actions.record_adoptions(july, by=cast.secretariat, at=AT) == ()
    september = prepare(cast, held_on=date(2026, 9, 8), clock="18:00")
    item = items.add_item(
        september, title="PV de juin", kind=KIND.APPROVAL, approves=june, by=cast.secretariat
    )
    sit(september, by=cast.secretariat)
    ledger.record(september, vote()(item.key), by=cast.secretariat)
    (adopted,) = actions.record_adoptions(september, by=cast.secretariat, at=AT)
    assert adopted.document.meeting == june and adopted.adopted_on == date(2026, 9, 8)


# --- Operative text ---------------------------------------------------------------------------


def test_an_extract_without_operative_text_is_established_by_its_name_or_not_at_all(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))
    budget, tariffs = meeting.items.get(title="Budget"), meeting.items.get(title="Tarifs")
    assert [each.item for each in reading.without_text(meeting)] == [budget, tariffs]

    def issue(*bare):
        return actions.issue_acts(meeting, by=cast.secretariat, at=AT, bare=bare)

    with pytest.raises(Refused) as refusal:
        issue(budget.key)
    (finding,) = refusal.value.findings
    assert finding.code == "sans_dispositif" and "Tarifs" in finding.message
    assert not meeting.documents.exists() and not meeting.deliberations.exists()
    Brief.objects.create(item=tariffs, articles="De fixer le tarif à 3 €")
    assert [each.item for each in reading.without_text(meeting)] == [budget]
    assert len(issue(budget.key)) == 3
    # What is established is not asked again, unless its words change.
    assert len(issue()) == 3


def test_what_the_vote_changed_is_in_the_articles_or_said_to_be(cast, hold, secretary):
    """An extract printed one article, then « l’article 2 est ajouté »."""
    meeting = hold(JUNE, adopted=("Règlement",))
    item = meeting.items.get(title="Règlement")
    brief = Brief.objects.create(item=item, articles="Le règlement est approuvé.")
    held_votes = meeting.sitting.of_kind(sitting.BallotHeld)
    (vote_of_it,) = (each for each in held_votes if each.ballot.item == item.key)
    ledger.void(meeting, seq=vote_of_it.seq, reason="sans la correction", by=cast.secretariat)
    changed = ballots.Ballot(item=item.key, amended="l’article 2 est ajouté")
    ledger.record(meeting, sitting.BallotHeld(ballot=changed), by=cast.secretariat)

    page = text(secretary.get(item.get_absolute_url()))
    assert unsaid(page, "l’article 2 est ajouté", "Écrire les articles tels qu’adoptés") == []
    writing = secretary.get(reverse("registry:write", args=[meeting.pk]))
    assert "adoptée avec une modification que ses articles ne disent pas" in text(writing)
    brief_page = reverse("meetings:brief", args=[meeting.pk, item.key])
    assert f"{brief_page}#titre-projet" in writing.text

    def issue(*bare):
        return actions.issue_acts(meeting, by=cast.secretariat, at=AT, bare=bare)

    with pytest.raises(Refused) as refusal:
        issue()
    assert [each.code for each in refusal.value.findings] == ["amendement_absent"]
    acts_page = secretary.get(reverse("registry:acts", args=[meeting.pk]))
    assert unsaid(text(acts_page), "Écrire les articles tels qu’adoptés", "relu") == []
    assert len(issue(item.key)) == 2
    change(brief, articles="Le règlement est approuvé.\nIl prend effet le 1er juillet.")
    assert acts.amended(Meeting.objects.get(pk=meeting.pk)) == {}


def half_written(cast, hold) -> tuple[Meeting, AgendaItem]:
    """Two acts established, and the item of the one that says nothing of what it decides."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    budget, tariffs = meeting.items.get(title="Budget"), meeting.items.get(title="Tarifs")
    Brief.objects.create(item=tariffs, articles="De fixer le tarif à 3 €")
    actions.issue_acts(meeting, by=cast.secretariat, at=AT, bare=[budget.key])
    return meeting, budget


def test_whoever_signs_is_told_of_an_act_that_says_nothing_before_she_does(
    cast, hold, secretary, client_of
):
    alice, _ = held.give_accounts(cast)
    president = client_of(alice)
    make_role(alice, cast.organisation, "delegue")
    meeting, budget = half_written(cast, hold)
    asked = reverse("registry:acts", args=[meeting.pk])
    said = "Aucun article ne dit ce que décide « Budget » : un vote seul"
    written = reverse("meetings:brief", args=[meeting.pk, budget.key])
    first = "Aucun article ne dit ce que décide :", f'{written}?proposer=1#titre-projet">Budget'
    assert unsaid(text(secretary.get(asked)), *first) == []
    secretary.post(reverse("registry:prepare_acts", args=[meeting.pk]))
    paper = meeting.documents.get(title__contains="Budget")
    of_paper = (paper.get_absolute_url(), reverse("registry:signatures", args=[paper.pk]))
    # Her secretariat reads it for as long as it is being signed, wherever it follows the signing.
    assert unsaid(text(secretary.get(asked)), *first) == []
    for url in of_paper:
        told = plain(secretary.get(url).text)
        assert told.count(said) == 1 and "établissez de nouveau la délibération" in told
        assert written in told
    other = meeting.documents.get(title__contains="Tarifs")
    assert "Aucun article" not in plain(secretary.get(other.get_absolute_url()).text)
    assert "Aucun article ne dit" not in plain(president.get(of_paper[0]).text)
    for url in (reverse("registry:to_sign"), reverse("registry:sign_acts", args=[meeting.pk])):
        told = plain(president.get(url).text)
        doubted = "Aucun article ne dit ce que décide cette délibération"
        assert told.index("Tarifs") < told.index(doubted) < told.index("Budget")
        assert told.count(doubted) == 1
        ticks = re.findall(r'name="seen-(\d+)"[^>]*?( checked)?>', president.get(url).text)
        doubtful = meeting.documents.get(title__contains="Budget")
        assert {int(pk) for pk, ticked in ticks if not ticked} == {doubtful.pk}
    refused(president.post(url, {}), "Rien n’est coché")


def test_whoever_signs_has_what_decides_nothing_written_first(cast, hold, client_of, secretary):
    """Her button says what it signs, and she asks the secretariat for the rest, once."""
    alice = held.give_accounts(cast)[0]
    president = client_of(alice)
    make_role(alice, cast.organisation, "delegue")
    meeting, budget = half_written(cast, hold)
    secretary.post(reverse("registry:prepare_acts", args=[meeting.pk]))
    first = plain(president.get("/", follow=True).text)
    assert "Signer la liste et 1 délibération" in first and "2 délibérations" not in first
    ask = reverse("registry:ask_for_articles", args=[meeting.pk])
    assert f'action="{ask}"' in president.get(reverse("registry:to_sign")).text
    client_of(cast.delegate).post(ask)
    assert reading.asked_for_articles(meeting) is None  # nothing awaits him
    for _ in range(2):
        told = plain(president.post(ask, follow=True).text)
        assert f"Demandé au secrétariat par {alice}, le" in told and ask not in told
    mail = meeting.notices.get(email=cast.secretariat.email)
    assert "Budget" in mail.body and "Tarifs" not in mail.body
    acts = reverse("registry:acts", args=[meeting.pk])
    assert acts in mail.body and str(alice) in plain(secretary.get(acts).text)
    # What she asked is a task of the secretariat, wherever it reads what it has to do; the sitting
    # waits for that, not for her signature.
    task, asked = "Écrire le dispositif de 1 délibération", f"emandé par {alice} le"
    paper = reading_of(meeting, "Budget")
    for url in ("/", reverse("archive:to_do"), meeting.get_absolute_url()):
        assert unsaid(plain(secretary.get(url, follow=True).text), task, asked) == []
    waiting = f"{alice} l’attend pour signer, depuis le"
    for url in (paper.get_absolute_url(), reverse("registry:signatures", args=[paper.pk])):
        assert unsaid(plain(secretary.get(url).text), waiting) == []
    sitting_page = plain(secretary.get(meeting.get_absolute_url()).text)
    assert (
        "la signature d’Alice" not in sitting_page and "le dispositif de « Budget »" in sitting_page
    )
    # Once they are written the paper is established again, and goes back to her.
    Brief.objects.create(item=budget, articles="D’approuver le budget")
    again = "Établir de nouveau 1 délibération"
    assert unsaid(plain(secretary.get(reverse("archive:to_do")).text), again) == []
    actions.issue_acts(meeting, by=cast.secretariat, at=AT, reason="Dispositif écrit")
    secretary.post(reverse("registry:prepare_acts", args=[meeting.pk]))
    told = plain(secretary.get(reverse("archive:to_do")).text)
    assert task not in told and again not in told
    assert "Signer la liste et 2 délibérations" in plain(president.get("/", follow=True).text)


def reading_of(meeting, title):
    return meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT, title__contains=title)


def test_the_page_says_which_acts_have_no_operative_text_and_proposes_one(secretary, june):
    key = june.items.get(title="Budget").key
    text = page(secretary, "acts", june.pk)
    brief = reverse("meetings:brief", args=[june.pk, key])
    assert f"{brief}?proposer=1" in text and f'name="bare" value="{key}"' in text
    url = reverse("registry:issue_acts", args=[june.pk])
    refused(secretary.post(url), "ne dit pas ce qui est décidé")
    offered = secretary.get(f"{brief}?proposer=1").context["form"]
    article = offered["articles"].value()
    assert plain(article) == "D’approuver « Budget », selon la proposition présentée en séance."
    assert "Garder ce dispositif" not in secretary.get(brief).content.decode()
    sent = {"articles": article, "version": offered["version"].value(), "garder": "1"}
    kept = plain(secretary.post(brief, sent, follow=True).text)  # where the next act is offered
    assert "Le dispositif de « Budget » est gardé." in kept and "<h1>Délibérations" in kept
    assert 'name="bare"' not in page(secretary, "acts", june.pk)
    secretary.post(url)
    extract = june.documents.get(kind="extrait").paper
    assert plain(extract.text.decides) == "Après en avoir délibéré, décide :"
    assert [plain(each.text) for each in extract.text.articles] == [plain(article)]


# --- One history ------------------------------------------------------------------------------


def test_what_is_no_act_any_more_is_said_and_is_not_published(cast, hold, secretary):
    meeting, by = hold(JUNE, adopted=("Budget", "Tarifs")), cast.secretariat
    _, tariffs, _ = held.issue_acts(meeting, by=by)
    item = meeting.items.get(title="Tarifs")
    ledger.record(meeting, sitting.FateNoted(item=item.key, fate=Fate.POSTPONED), by=by)
    meeting.forget()
    assert reading.fallen(meeting, signatures.in_force(meeting)) == (tariffs,)
    assert "Ne sont plus des actes" in page(secretary, "acts", meeting.pk)
    assert any("n’est plus un acte" in plain(each) for each in judged(tariffs))
    made = archive.publish_acts(meeting, by=by, at=AT)
    assert {each.document_id for each in made}.isdisjoint({tariffs.pk})
    with pytest.raises(Refused, match="plus un acte"):
        archive.publish(tariffs, by=by, at=AT)


def test_what_was_decided_without_a_quorum_is_said_before_it_is_numbered_and_published(
    cast, secretary
):
    """Art. L2121-17: the review of the minutes says it too."""
    meeting, by = prepare(cast, "Tarifs"), cast.secretariat
    sit(meeting, by=by, present=EVERYBODY[:2])
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=meeting.agenda.keys[0]), by=by)
    said = "« Tarifs » est décidé sans que le quorum soit atteint"
    assert said in plain(page(secretary, "acts", meeting.pk))
    assert "quorum" in {each.code for each in documents.review(meeting, compile_minutes(meeting))}
    held.issue_acts(meeting, by=by)
    publish = reverse("archive:publish_sitting", args=[meeting.pk])
    told = plain(secretary.get(publish).text)
    bare = "Aucun article ne dit ce que décide « Tarifs »"
    assert said in told and bare in told
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    alone = plain(secretary.get(reverse("archive:publication", args=[extract.pk])).text)
    assert bare in alone


def test_a_deliberation_withdrawn_by_a_later_one_says_so_wherever_it_is_read(
    cast, hold, secretary, client
):
    june, by = hold(JUNE, adopted=("Tarifs",)), cast.secretariat
    extract, listed = held.issue_acts(june, by=by)
    published, all_acts = (archive.publish(each, by=by, at=AT) for each in (extract, listed))
    public = reverse("archive:public_document", args=[published.code])
    seen = client.get(public)
    assert "retirée" not in seen.content.decode()
    july = hold(date(2026, 7, 7), adopted=("Tarifs",), approves=False)
    (new,) = actions.number(july, by=by, at=AT)
    url = reverse("registry:link", args=[july.pk, new.pk])
    assert "même intitulé que 2026-06-09/01" in page(secretary, "acts", july.pk)
    offered = secretary.get(url).context["form"]
    old = june.deliberations.get()
    assert (offered["kind"].value(), offered["target"].value()) == ("remplace", old.pk)
    told = {"kind": "retire", "target": old.pk, "illegality": "vice", "verified": "on"}
    assert "en quoi" in plain(secretary.post(url, told | {"illegality": ""}).text)
    secretary.post(url, told)
    assert "même intitulé" not in page(secretary, "acts", july.pk)
    assert "retirée par 2026-07-07/01" in page(secretary, "acts", june.pk)
    # Nobody outside reads it before the act that does so binds.
    assert "etirée" not in client.get(public).text
    assert "etirée" not in client.get(all_acts.get_absolute_url()).text
    assert not any("retirée" in each for each in judged(extract))
    held.issue_acts(july, by=by)
    held.bind(july, by=by)
    other = Publication.objects.get(document__subject=new.item.key)
    assert other.get_absolute_url() in client.get(public).text
    assert public in client.get(other.get_absolute_url()).text
    again = client.get(public, headers={"If-None-Match": seen["ETag"]})
    assert again.status_code == 200  # what a cache kept does not hold any more
    assert "retirée par 2026-07-07/01" in re.sub(r"<[^>]+>", "", again.text)
    lines = re.findall(r"<tr><th.*?</tr>", client.get(all_acts.get_absolute_url()).text)
    (undone,) = [line for line in lines if "Retirée par" in line and "2026-07-07/01" in line]
    assert "Tarifs" in undone
    assert legal.gone(june, signatures.in_force(june)) == {extract}
    assert "Cette délibération est retirée par 2026-07-07/01 du 7 juillet 2026." in map(
        plain, judged(extract)
    )


def test_what_is_withdrawn_goes_its_way_until_what_withdraws_it_binds(cast, hold, secretary):
    """Still an act, it was refused to whoever would sign, publish or send it; then the public read
    nothing of it in the list, for it had never been online."""
    june, by = hold(JUNE, adopted=("Budget", "Tarifs")), cast.secretariat
    budget, tariffs, listed = held.issue_acts(june, by=by)
    archive.publish(budget, by=by, at=AT)
    all_acts = archive.publish(listed, by=by, at=AT).get_absolute_url()
    july = hold(date(2026, 7, 7), adopted=("Retrait",), approves=False)
    (new,) = actions.number(july, by=by, at=AT)
    old = june.deliberations.get(item__key=tariffs.subject)
    actions.link(new, kind="retire", target=old, by=by)
    assert "plus des actes" not in page(secretary, "acts", june.pk)
    assert not publications.objections(june, [tariffs]) and not legal.gone(june, [tariffs])
    (row,) = (each for each in prefecture.rows(june) if each.deliberation == old)
    sound = {each.code for each in prefecture.objections(row, on=AT.date())}
    assert "ne_tient_plus" not in sound and "acte_retire" in sound
    public = Client()
    assert "etirée par" not in public.get(all_acts).text
    held.issue_acts(july, by=by)
    held.bind(july, by=by)
    assert legal.gone(june, [tariffs]) == {tariffs}
    (found,) = publications.objections(june, [tariffs])
    assert found.code == "acte_retire"
    assert publications.acts_to_publish(june) == []
    assert signatures.unsignable(tariffs) is None  # art. L2121-23: it was voted
    lines = re.findall(r"<tr><th.*?</tr>", public.get(all_acts).text)
    (undone,) = [line for line in lines if "Retirée par" in line]
    assert "Tarifs" in undone


def judged(document: IssuedDocument) -> tuple[str, ...]:
    """What the page that verifies says of the file of a document."""
    with document.pdf.open() as file:
        return verification.judge(file.read()).sentences
