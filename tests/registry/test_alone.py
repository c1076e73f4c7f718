"""Décisions et arrêtés : rédigés, pris, signés, transmis, publiés, racontés, sans séance."""

import re
from copy import copy
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import alone as desk
from archive.desk import mine, waiting
from archive.keeping import facts, proofs, verification
from archive.models import Posting
from archive.online import hiding
from archive.online import standing as legal
from archive.online import told as online_told
from law import sitting
from law.acts import Handing, Nature, Rule
from law.delegations import QUESTIONS, Kind
from law.findings import Refused
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Body
from opendata.api import telling
from opendata.site import Site
from registry.acts import actions as acts
from registry.alone import actions, reading
from registry.alone.forms import ActForm
from registry.delegations import actions as accounting
from registry.delegations import reading as accounts
from registry.models import Delegation, Deliberation, DeliberationLink, Final, LoneAct
from registry.signatures import actions as signing
from registry.signatures import reading as signatures
from registry.volume import binding
from registry.volume import reading as volumes
from tests import held
from tests.cast import SINCE, change, end, make_account, make_body, make_mandate, make_role
from tests.costs import queries
from tests.documents.ink import plain, text_of
from tests.held import AT, JULY, JUNE
from tests.transmission import made
from tests.words import refused, text, unsaid
from trail.models import Entry
from transmission import reading as prefecture
from transmission.actions import receiving, sending
from transmission.models import ActSheet

GIVEN = SINCE
ON = date(2026, 6, 5)
SUBJECT = "Marchés de moins de 40 000 €"
FINDING = ("search", "suggest")
ANSWERED = dict.fromkeys(QUESTIONS, "article 3 de la délibération")


def said_by(page: str) -> str:
    """The words of a page, whatever keeps them on one line."""
    return re.sub("<[^>]+>", "", page)


def that_day(meeting: Meeting) -> datetime:
    """Nine in the morning of the day that it bears: its author signs it as he likes."""
    return timezone.make_aware(datetime.combine(meeting.held_on, time(9)))


@pytest.fixture
def president(cast):
    return cast.comite.mandates.get(office="president")


@pytest.fixture
def delegation(cast, president) -> Delegation:
    """Given by a deliberation that is not held here; it binds since 11 May."""
    actions.open_registers(cast.comite, by=cast.secretariat)
    row = Delegation(
        body=cast.comite,
        mandate=president,
        source="la délibération n° 12 du 4 mai 2026 portant délégation",
        granted_on=GIVEN,
        enforceable_on=date(2026, 5, 11),
        subjects=f"{SUBJECT}\nAssurances",
    )
    return actions.note_delegation(row, by=cast.secretariat)


@pytest.fixture
def write(cast, president, delegation):
    """`write(kind, **values)`: a draft of the president, a decision by delegation by default."""

    def make(kind: Kind = Kind.DECISION, **values) -> Meeting:
        told = {
            "title": "Marché de fibre",
            "author": president,
            "held_on": ON,
            "nature": Nature.OTHER.value,
            "articles": "Un marché est conclu avec la société Brume Télécom.\nIl vaut un an.",
            "visas": "le code de la commande publique",
        }
        if kind is Kind.DECISION:
            told |= {"delegation": delegation, "subject": SUBJECT, "amount": Decimal(18400)}
        else:
            told |= {"nature": Nature.RULE.value, "title": "Règlement de la salle"}
        return actions.draft(
            cast.comite, kind, actions.Told(**told | values), by=cast.secretariat, at=AT
        )

    return make


@pytest.fixture
def take(cast, write):
    """`take(kind, **values)`: the same, taken."""

    def make(kind: Kind = Kind.DECISION, **values) -> Meeting:
        meeting = write(kind, **values)
        actions.take(meeting, by=cast.secretariat, at=that_day(meeting), answered=ANSWERED)
        return meeting

    return make


@pytest.fixture
def sign(cast, alice_signs):
    def make(meeting: Meeting):
        (paper,) = meeting.documents.current()
        signing.prepare_signing(paper, by=cast.secretariat, at=AT)
        signing.sign_batch(signatures.to_sign(meeting, alice_signs), by=alice_signs, at=AT)
        return paper

    return make


@pytest.fixture
def alice_signs(cast):
    alice, _ = held.give_accounts(cast)
    held.give_keys(cast)
    return alice


# --- The act ----------------------------------------------------------------------------------


def test_its_ledger_says_who_when_and_by_which_delegation(take):
    meeting = take()
    composed, taken = meeting.ledger
    assert isinstance(composed, sitting.Composed)
    assert {each.office for each in composed.composition.members} == {"president", "vice-president"}
    assert taken == sitting.ActTaken(
        seq=2,
        item="acte",
        author="alice-arnaud",
        on=ON,
        nature=Nature.OTHER,
        source="la délibération n° 12 du 4 mai 2026 portant délégation",
        delegated_on=GIVEN,
        subject=SUBJECT,
    )


def test_each_kind_counts_apart_in_its_register(take):
    labels = [
        Deliberation.objects.get(meeting=take(kind)).label
        for kind in (Kind.DECISION, Kind.ORDER, Kind.DECISION)
    ]
    assert labels == ["D2026-001", "A2026-001", "D2026-002"]


def test_done_again_it_is_what_was_taken(cast, take):
    meeting = take()
    again = actions.take(meeting, by=cast.secretariat, at=AT, answered=ANSWERED)
    assert again == meeting.documents.get()
    assert len(meeting.ledger) == 2


def test_the_paper_says_what_a_judge_looks_for(take):
    paper = take().documents.get().paper
    assert (paper.title, paper.subtitle) == (
        "Décision de la présidente",
        "du vendredi 5 juin 2026",
    )
    assert paper.number.replace("\xa0", " ") == "Décision n° D2026-001"
    assert paper.text.author == "La présidente du syndicat mixte Val de Brume,"
    assert [each.replace("\xa0", " ") for each in paper.text.visas] == [
        "Vu la délibération n° 12 du 4 mai 2026 portant délégation,",
        "Vu le code de la commande publique,",
    ]
    assert paper.text.decides.replace("\xa0", " ") == "Décide :"
    assert [each.label.replace("\xa0", " ") for each in paper.text.articles] == [
        "Article 1er",
        "Article 2",
    ]
    assert paper.conform == "Fait à Brume, le 5 juin 2026."
    assert [(each.office, each.name) for each in paper.signatories] == [
        ("La présidente", "Alice ARNAUD")
    ]
    assert paper.appeal.replace("\xa0", " ") == (
        "La présente décision peut faire l’objet d’un recours devant le tribunal administratif "
        "dans les deux mois de sa publication, par courrier ou par www.telerecours.fr."
    )
    assert not (paper.presence or paper.figures or paper.quorum or paper.opening)


def test_an_order_of_the_president_needs_no_delegation(take):
    paper = take(Kind.ORDER).documents.get().paper
    assert paper.title == "Arrêté de la présidente"
    assert paper.text.decides.replace("\xa0", " ") == "Arrête :"
    assert len(paper.text.visas) == 1


def test_an_order_of_a_vice_president_says_that_it_is_by_delegation(cast, take):
    bruno = cast.comite.mandates.filter(office="vice-president").order_by("office_rank").first()
    row = Delegation(
        body=cast.comite,
        kind=Kind.ORDER.value,
        mandate=bruno,
        source="l’arrêté n° A2026-001 du 4 mai 2026 portant délégation de fonction",
        granted_on=GIVEN,
        enforceable_on=GIVEN,
        subjects="Voirie",
    )
    actions.note_delegation(row, by=cast.secretariat)
    paper = take(Kind.ORDER, author=bruno, delegation=row, subject="Voirie").documents.get().paper
    told = paper.text.author.replace("\xa0", " ")
    assert told == "Le 1er vice-président du syndicat mixte Val de Brume, par délégation,"
    assert paper.signatories[0].office.replace("\xa0", " ") == (
        "Le 1er vice-président, par délégation"
    )


def test_who_stands_in_for_a_prevented_president_signs_in_his_place(cast, write):
    """Art. L2122-17: with all his powers; not, of themselves, those that the assembly gave."""
    bruno = cast.comite.mandates.filter(office="vice-president").order_by("office_rank").first()
    told = {"author": bruno, "stands_in": True}
    order = write(Kind.ORDER, **told)
    asked = [each.code for each in reading.objections(order, on=ON)]
    assert asked == ["empechement"]
    issued = actions.take(order, by=cast.secretariat, at=AT, answered=ANSWERED)
    paper = issued.paper
    assert paper.title.replace("\xa0", " ") == "Arrêté du 1er vice-président"
    assert paper.text.author.replace("\xa0", " ") == (
        "Le 1er vice-président du syndicat mixte Val de Brume, remplaçant la présidente empêchée,"
    )
    (place,) = paper.signatories
    assert place.office.replace("\xa0", " ") == (
        "Pour la présidente empêchée, le 1er vice-président"
    )
    assert publishing._told(issued)[1].replace("\xa0", " ") == (
        "Bruno BESSON, pour la présidente empêchée, le 1er vice-président"
    )
    signing.prepare_signing(issued, by=cast.secretariat, at=AT)
    (awaited_from,) = signatures.missing(issued)
    assert awaited_from.person == bruno.person
    assert order.ledger[-1].stands_in
    decision = write(**told)
    codes = [each.code for each in reading.objections(decision, on=ON)]
    assert codes == ["empechement", "decision_empechee"]
    with refused("reponse_sans_raison"):
        said = ANSWERED | {"decision_empechee": ""}
        actions.take(decision, by=cast.secretariat, at=AT, answered=said)
    actions.take(decision, by=cast.secretariat, at=AT, answered=ANSWERED)
    told = decision.deeds.filter(verb="act-answered").values_list("words", flat=True)
    assert len(told) == 3 and all("(article 3 de la délibération)" in words for words in told)


def test_an_amount_is_typed_as_one_writes_it_and_held_to_the_ceiling(secretary, write):
    meeting = write()
    url = reverse("archive:edit_act", args=[meeting.pk])
    form = ActForm(assembly=meeting.body.assembly, kind=Kind.DECISION, today=ON, meeting=meeting)
    typed = {name: form[name].value() or "" for name in form.fields if name != "stands_in"}
    assert typed["amount"].replace("\xa0", " ") == "18 400"
    typed["held_on"] = ON.isoformat()
    assert secretary.post(url, typed | {"amount": "beaucoup"}).status_code == 422
    assert secretary.post(url, typed | {"amount": "390 000,50 €"}).status_code == 302
    assert LoneAct.objects.get().amount == Decimal("390000.50")
    page = text(secretary.get(meeting.get_absolute_url()))
    assert unsaid(page, "l’acte est de 390 000,50 €", "La délibération permet bien") == []


# --- What is refused --------------------------------------------------------------------------

REFUSED = [
    pytest.param({"delegation": None, "subject": ""}, "sans_delegation", id="sans délégation"),
    pytest.param({"held_on": date(2026, 5, 8)}, "delegation_pas_executoire", id="trop tôt"),
    pytest.param({"held_on": date(2026, 12, 31)}, "date_a_venir", id="demain"),
    pytest.param({"articles": " \n "}, "sans_dispositif", id="sans article"),
    pytest.param({"subject": "Emprunts"}, "hors_delegation", id="hors de ses matières"),
    pytest.param({"nature": Nature.INDIVIDUAL.value}, "sans_destinataire", id="à personne"),
]


@pytest.mark.parametrize(("values", "code"), REFUSED)
def test_what_may_not_be_taken_leaves_nothing(cast, write, values, code):
    meeting = write(**values)
    with refused(code):
        actions.take(meeting, by=cast.secretariat, at=AT)
    assert not Meeting.every.get(pk=meeting.pk).ledger
    assert not (meeting.documents.exists() or meeting.deliberations.exists())


def test_a_delegation_ends_with_the_mandate_of_its_holder(cast, write, president):
    end(president, date(2026, 6, 4))
    bruno = cast.comite.mandates.filter(office="vice-president").order_by("office_rank").first()
    meeting = write(author=bruno)
    with refused("delegation_eteinte"):
        actions.take(meeting, by=cast.secretariat, at=AT)


def test_nobody_decides_by_the_delegation_of_another(cast, write):
    bruno = cast.comite.mandates.filter(office="vice-president").order_by("office_rank").first()
    with refused("delegation_d_un_autre"):
        actions.take(write(author=bruno), by=cast.secretariat, at=AT)


def test_a_delegation_that_was_ended_serves_no_more(cast, write, delegation):
    actions.settle_delegation(delegation, by=cast.secretariat, ended_on=date(2026, 6, 1))
    with refused("delegation_retiree"):
        actions.take(write(), by=cast.secretariat, at=AT)


def test_a_number_is_never_given_twice(cast, take):
    first = take()
    change(first.body, deliberation_format="{annee}-{numero}")
    second = take()
    assert second.deliberations.get().label == "2026-2"
    change(first.body, deliberation_format="D{annee}-{numero:03}")
    with pytest.raises(Final):
        first.deliberations.get().delete()


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("<script>alert(1)</script>", id="du HTML"),
        pytest.param("\u202eegnirf ed éhcraM", id="un texte à l’envers"),
        pytest.param("{% include 'x' %}{{ paper }}", id="un gabarit"),
    ],
)
def test_hostile_words_print_as_words(cast, write, hostile):
    meeting = write(title=hostile, articles=hostile, visas=hostile)
    paper = actions.take(meeting, by=cast.secretariat, at=AT, answered=ANSWERED).paper
    assert "\u202e" not in paper.object + paper.text.articles[0].text
    if "<" in hostile:
        assert "<script>" in paper.object  # as words: the template escapes them


def test_once_taken_only_its_words_change(cast, take, president):
    meeting = take()
    told = actions.Told(
        title="Marché de fibre noire",
        author=president,
        held_on=date(2026, 6, 6),
        nature=Nature.RULE.value,
        articles="Un marché est conclu.",
    )
    actions.rewrite(meeting, told, base="", by=cast.secretariat)
    fresh = Meeting.every.get(pk=meeting.pk)
    assert (fresh.held_on, fresh.alone.nature) == (ON, Nature.OTHER.value)
    assert actions.has_changed(fresh)
    with refused("motif_manquant"):
        actions.issue_again(fresh, reason="", by=cast.secretariat, at=AT)
    again = actions.issue_again(fresh, reason="le titre", by=cast.secretariat, at=AT)
    assert (again.version, again.paper.object) == (2, "Marché de fibre noire")
    with refused("acte_pris"):
        actions.drop(fresh, by=cast.secretariat)


def test_its_author_signs_it_among_all_her_papers(cast, take, alice_signs, client_of):
    """An order is told as one that may not be sent, and its proof as no sitting."""
    make_role(alice_signs, cast.organisation, "delegue")
    meeting = take(Kind.ORDER)
    (paper,) = meeting.documents.current()
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    page = client_of(alice_signs).get(reverse("registry:to_sign")).text
    assert "1 document prêt" in page and paper.heading in page
    assert (
        paper.paper.enforceability[0].label
        == "Reçu au contrôle de légalité, s’il y est transmis, le"
    )
    assert proofs.known_of(paper)["nature"] == "arrêté"


def test_what_is_signed_changes_no_more(cast, take, sign, president, secretary):
    """What was sent and published would go on under other words: another act corrects it."""
    meeting = take()
    joins = "Joindre des fichiers"
    assert joins in secretary.get(meeting.get_absolute_url()).text
    sign(meeting)
    assert joins not in secretary.get(meeting.get_absolute_url()).text
    told = actions.Told(
        title="Marché de fourniture", author=president, held_on=ON, nature=Nature.OTHER.value
    )
    fresh = Meeting.every.get(pk=meeting.pk)
    with refused("acte_signe"):
        actions.rewrite(fresh, told, base="", by=cast.secretariat)
    with refused("acte_signe"):
        actions.issue_again(fresh, reason="le montant", by=cast.secretariat, at=AT)
    assert meeting.documents.count() == 1
    assert fresh.items.get().title == "Marché de fibre"


def test_what_nobody_signed_is_no_act(cast, take):
    """Art. L212-1 du CRPA: it is neither online, posted, notified nor sent, and binds nobody."""
    meeting = take(Kind.ORDER)
    (paper,) = meeting.documents.current()
    with refused("acte_sans_signature"):
        publishing.publish(paper, by=cast.secretariat, at=AT)
    for manner in ("affiche", "urgence", "notifie"):
        asked = {"manner": manner, "on": AT.date(), "who": "la régie", "way": "main"}
        with refused("acte_sans_signature"):
            publishing.post(paper, **asked, by=cast.secretariat, at=AT)
    Posting.objects.create(
        document=paper, manner="urgence", on=AT.date(), who="la régie", noted_by=cast.secretariat
    )
    state = legal.of(paper)
    assert state.force.since is None and state.appeal is None
    assert "Non signé\u00a0: sans la signature d’Alice ARNAUD" in str(state.force)
    (row,) = prefecture.rows(meeting)
    assert "acte_sans_signature" in {each.code for each in prefecture.objections(row, on=ON)}


def test_a_draft_is_read_on_its_page(secretary, write):
    """« Nouvelle décision » ended on a page that showed none of it."""
    meeting = write()
    sheet = f"{reverse('archive:act_draft', args=[meeting.pk])}?feuille"
    assert f'src="{sheet}"' in secretary.get(meeting.get_absolute_url()).text
    read = secretary.get(sheet)
    assert read["Content-Type"].startswith("text/html") and "telerecours.fr" in text(read)


def test_a_draft_is_dropped_with_all_that_it_had(cast, write):
    meeting = write()
    actions.drop(meeting, by=cast.secretariat)
    assert not Meeting.every.filter(pk=meeting.pk).exists()


def test_a_sitting_takes_no_act_alone(cast, hold):
    june = hold(JUNE, adopted=["Budget"])
    key = june.items.get().key
    event = sitting.ActTaken(item=key, author="alice-arnaud", on=JUNE, nature=Nature.RULE)
    with refused("acte_en_seance"):
        ledger.record(june, event, by=cast.secretariat)


# --- What follows is that of a deliberation ----------------------------------------------------


def test_its_author_alone_signs_it(take, sign):
    meeting = take()
    paper = sign(meeting)
    assert signatures.is_signed(paper)
    assert [step.signer for step in paper.signatures.filter(role="president")] == ["Alice ARNAUD"]


def test_who_does_not_sign_it_says_why_and_the_secretariat_alone_answers(
    cast, take, alice_signs, client_of, secretary
):
    """Its page had the secretariat prepare what was prepared, told the author who had refused that
    it was hers to do, and not why she had."""
    make_role(alice_signs, cast.organisation, "delegue")
    meeting = take()
    (paper,) = meeting.documents.current()
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    why = "Le montant est faux"
    signing.decline(paper, place="president", reason=why, by=alice_signs, at=AT)
    readers = {"C’est à vous": secretary, "On attend le secrétariat": client_of(alice_signs)}
    for whose, client in readers.items():
        said = text(client.get(meeting.get_absolute_url()))
        assert whose in said and f"Alice ARNAUD ne signe pas : {why}." in said
        assert ("Lui répondre" in said) is (client is secretary)
        assert "Préparer la signature" not in said


def test_it_goes_online_and_binds_when_it_was_received(cast, take, sign):
    meeting = take(Kind.ORDER)
    sign(meeting)
    (made,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    assert made.title.replace("\xa0", " ") == "Arrêté n° A2026-001 : Règlement de la salle"
    state = legal.of(made.document)
    assert state.force.rule is Rule.SENT and state.published_on is not None


def test_an_individual_act_is_notified_and_not_published_of_itself(cast, take, sign):
    meeting = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux")
    paper = sign(meeting)
    assert publishing.publish_acts(meeting, by=cast.secretariat, at=AT) == ()
    assert "Anne Roux" not in repr(paper.paper) + repr(meeting.ledger)
    assert "notification" in paper.paper.appeal
    assert desk.of(meeting).state == "notifier"
    publishing.post(
        paper,
        manner=Posting.Manner.NOTIFIED,
        on=held.AT.date(),
        who="le secrétariat",
        way=Handing.OWN_HANDS.value,
        by=cast.secretariat,
        at=AT,
    )
    assert legal.of(paper).force.rule is Rule.NOTIFIED_AND_SENT
    assert desk.of(meeting).state == "fait"
    assert publishing.publish(paper, by=cast.secretariat, at=AT)  # if somebody wants it


def test_how_far_it_is_to_the_prefecture(cast, take, sign, secretary):
    """Prepared waits for whoever deposits it, deposited for the prefecture."""
    made.known(cast.organisation)
    meeting = take(Kind.ORDER)
    sign(meeting)
    (act,) = meeting.deliberations.all()
    told = [desk.of(meeting).told]
    made.confirm(act, cast)
    sent = sending.prepare(act, by=cast.secretariat, at=made.AT)
    told.append(desk.of(meeting).told)
    sending.mark_sent(sent, by=cast.secretariat, at=made.AT)
    told.append(desk.of(meeting).told)
    assert told == ["à transmettre", "préparé, à déposer", "en attente de la préfecture"]
    page = secretary.get(meeting.get_absolute_url()).text
    assert "Voir la transmission" in page and "à transmettre" not in page


def test_a_sheet_of_another_nature_than_the_act_deserves_a_look(cast, take, sign):
    """An individual order was confirmed as a deliberation."""
    made.known(cast.organisation)
    meeting = take(Kind.ORDER)
    sign(meeting)
    (act,) = meeting.deliberations.all()
    made.confirm(act, cast)
    (row,) = prefecture.rows(meeting)
    assert prefecture.doubts(row) == ()
    change(row.sheet, nature=Nature.DELIBERATION.value)
    (row,) = prefecture.rows(Meeting.every.get(pk=meeting.pk))
    assert [each.code for each in prefecture.doubts(row)] == ["autre_nature"]


@pytest.fixture
def notified(cast, take, sign):
    """An individual order, signed and notified."""
    paper = sign(take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux"))
    posting = publishing.post(
        paper,
        manner=Posting.Manner.NOTIFIED,
        on=held.AT.date(),
        who="le secrétariat",
        way=Handing.OWN_HANDS.value,
        by=cast.secretariat,
        at=AT,
    )
    return posting


def test_a_notification_is_certified_as_one_and_says_to_whom(cast, notified):
    made = publishing.certify_posting(notified, by=cast.secretariat, at=AT)
    told = made.content.replace("\xa0", " ")
    wanted = "Certificat de notification", "notifié le", "à Mme Anne Roux", "Récépissé"
    wanted += ("en main propre, contre récépissé",)
    assert unsaid(told, *wanted) == [] and "ffichage" not in told
    assert str(made).startswith("certificat de notification")
    (said, *_) = verification.judge(held.content_of(made.file)).sentences
    assert "le certificat de notification que" in said


def test_its_pages_say_that_it_is_notified(secretary, notified):
    url = reverse("archive:post", args=[notified.document_id])
    told = {"manner": "notifie", "on": held.AT.date().isoformat(), "who": "le secrétariat"}
    assert "comment il a été remis" in secretary.post(url, told).text
    told["way"] = Handing.REGISTERED.value
    assert "La notification est notée." in secretary.post(url, told, follow=True).text
    url = reverse("archive:certify_posting", args=[Posting.objects.standing().get().pk])
    answer = secretary.post(url, follow=True).text
    assert "Le certificat de notification est établi." in answer


def test_posting_it_is_answered_for(secretary, take, sign):
    paper = sign(take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux"))
    url = reverse("archive:post", args=[paper.pk])
    told = {"manner": "affiche", "on": held.AT.date().isoformat(), "who": "le secrétariat"}
    page = text(secretary.post(url, told))
    assert unsaid(page, "se notifie à qui il concerne", 'type="checkbox" name="verified"') == []
    assert not Posting.objects.exists()
    assert secretary.post(url, told | {"verified": "on"}).status_code == 302


def test_publishing_it_is_behind_a_warning(secretary, take, sign):
    paper = sign(take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux"))
    told = secretary.get(reverse("archive:publication", args=[paper.pk])).text
    assert unsaid(told, "Cet acte individuel se notifie", "Publier quand même") == []
    assert unsaid(told, 'class="btn btn-primary" href="#notifier"', "L311-6 du CRPA") == []
    rule = sign(take(Kind.ORDER))
    told = secretary.get(reverse("archive:publication", args=[rule.pk])).text
    assert "se notifie" not in told and "quand même" not in told


def test_a_delegation_said_individual_is_published_once_its_sheet_says_what_it_is(
    cast, secretary, take, sign
):
    """Notified only, what is signed by it is signed without power."""
    made.known(cast.organisation)
    told = {"title": "Délégation de signature à Mme Roux", "concerns": "Mme Anne Roux"}
    meeting = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, **told)
    paper = sign(meeting)
    page = reverse("archive:publication", args=[paper.pk])
    (act,) = meeting.deliberations.all()
    said = secretary.get(page).text
    assert "est un acte réglementaire" in plain(said) and "se notifie à qui" not in said
    assert "Publier quand même" in said  # until its sheet says what it is
    assert reverse("transmission:act", args=[act.pk]) in said
    assert 'class="btn btn-primary" href="#notifier"' not in said
    made.confirm(act, cast)
    change(ActSheet.objects.get(deliberation=act), nature=Nature.RULE.value, is_individual=False)
    said = plain(secretary.get(page).text)
    assert "quand même" not in said and "est un acte réglementaire" not in said
    lacks = "Publication et réception par la préfecture non connues ici"
    assert unsaid(said, lacks, "signe sans pouvoir", "Publier") == []
    assert desk.of(Meeting.every.get(pk=meeting.pk)).state == "transmettre"
    publishing.publish(paper, by=cast.secretariat, at=AT)
    assert "Réception par la préfecture non connue ici" in plain(secretary.get(page).text)


def test_an_individual_act_goes_online_for_who_answers_that_it_hurts_nobody(
    cast, client, secretary, notified
):
    """A sanction went online with two presses, before whom it struck knew of it."""
    document = notified.document
    url = reverse("archive:publication", args=[document.pk])
    known = "n’est pas noté notifié"
    assert known not in text(secretary.get(url))
    refused_ = secretary.post(url)
    assert refused_.status_code == 422 and "L311-6 du CRPA" in text(refused_)
    assert known not in text(refused_) and not document.publications.exists()
    publishing.take_posting_back(notified, by=cast.secretariat, at=AT)
    assert known in text(secretary.get(url)) and known in text(secretary.post(url))
    told = {"on": held.AT.date(), "who": "le secrétariat", "way": Handing.OWN_HANDS.value}
    publishing.post(document, manner="notifie", **told, by=cast.secretariat, at=AT)
    assert secretary.post(url, {"harmless": "1"}).status_code == 302
    (made,) = document.publications.all()
    page = text(client.get(made.get_absolute_url()))
    wanted = "sans durée imposée", "<dd>À la personne concernée, le 15 juin 2026."
    wanted += ("La personne concernée peut en demander l’annulation", "pour toute autre")
    assert unsaid(page, *wanted) == []
    assert "au moins jusqu’au" not in page and "contestable" not in page
    assert "sans durée imposée" in text(secretary.get(url))
    assert publishing.cost_of_withdrawing(made, on=held.AT.date()) is None


def test_its_author_signs_it_and_presides_no_sitting(take, sign):
    paper = sign(take())
    assert [each.label.replace("\xa0", " ") for each in signatures.places(paper)] == [
        "auteur de l’acte : Alice ARNAUD"
    ]


@pytest.mark.parametrize(
    ("kind", "heading"),
    [(Kind.DECISION, "Texte de la décision"), (Kind.ORDER, "Texte de l’arrêté")],
)
def test_its_public_page_tells_of_no_sitting(cast, client, take, sign, kind, heading):
    meeting = take(kind)
    sign(meeting)
    (made,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    told = client.get(made.get_absolute_url()).text
    assert heading in told
    assert not [each for each in ("Texte de la délibération", "Qui était là") if each in told]


@pytest.mark.parametrize(
    ("kind", "form", "wanted"),
    [
        (Kind.DECISION, "smo", ("Registre des décisions", "décisions de la présidence")),
        (Kind.DECISION, "smf", ("R2122-7-1 du CGCT, par renvoi de l’art. L5211-2", "L5711-1")),
        (Kind.ORDER, "epci", ("Registre des arrêtés", "R2122-7 du CGCT, par renvoi")),
    ],
)
def test_its_register_is_that_of_no_sitting(cast, tmp_path, take, kind, form, wanted):
    first = take(kind, held_on=ON)
    take(kind, held_on=date(2026, 5, 20))
    change(cast.organisation, legal_form=form)
    body = Body.objects.get(pk=first.body_id)
    noun = kind.noun.upper()[0]
    found = volumes.of_year(body, 2026)
    assert [each.deliberation.label for each in found.late] == [f"{noun}2026-002"]
    told = plain(text_of(binding.volume(body, 2026), tmp_path))
    assert unsaid(told, *wanted, f"Le numéro {noun}2026-002 a été donné après") == []
    of_sittings = "délibérations", "éance", "Feuillet de clôture", "R2121-9", "préside le registre"
    assert not [each for each in of_sittings if each in told]
    assert ("CGCT" in told) is (form != "smo")


def test_the_page_of_its_register_tells_of_no_sitting(secretary, take):
    meeting = take(Kind.ORDER)
    told = secretary.get(reverse("registry:register", args=[meeting.body_id])).text
    content = told[told.index("<main") : told.index("</main")]
    assert unsaid(content, "Registre des arrêtés", "Arrêtés numérotés", "Le vendredi") == []
    assert not [each for each in ("élibération", "Séance", "xtrait") if each in content]
    # Nor does it lead to what only a body that meets has.
    nowhere = "members:composition", "members:rules", "convening:year", "registry:follow_ups"
    assert not [each for each in nowhere if reverse(each, args=[meeting.body_id]) in told]


@pytest.fixture
def online(cast, take, sign):
    """`online(kind, **values)`: taken, signed and put online."""

    def make(kind: Kind = Kind.ORDER, **values):
        meeting = take(kind, **values)
        sign(meeting)
        (made,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
        return made

    return make


def test_the_public_list_is_narrowed_to_decisions_or_to_orders(client, online):
    order, decision = online(Kind.ORDER), online(Kind.DECISION)
    url = reverse("archive:public_organisation", args=["val-de-brume"])
    told = client.get(url).text
    assert unsaid(told, ">Décisions</option>", ">Arrêtés</option>") == []
    for nature, wanted, other in (("arretes", order, decision), ("decisions", decision, order)):
        told = client.get(url, {"nature": nature}).text
        assert wanted.code in told and other.code not in told
    told = client.get(url, {"nature": "extrait"}).text
    assert order.code not in told and decision.code not in told


def test_a_key_reads_what_an_act_is_and_no_individual_one_that_is_not_online(
    cast, take, sign, online
):
    online(Kind.DECISION)
    meeting = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux")
    paper = sign(meeting)
    teller = telling.Teller(Site("https://brume.example"), cast.organisation)
    decision, order = teller.acts(Deliberation.objects.order_by("pk"))
    assert (decision["genre"], decision["nature"]) == ("décision", Nature.OTHER.label)
    assert decision["document"]["genre"] == "décision"
    assert (order["genre"], order["objet"], order["document"]) == ("arrêté", None, None)
    assert telling.file_of(paper) is None
    assert publishing.publish(paper, by=cast.secretariat, at=AT)
    (_, order) = teller.acts(Deliberation.objects.order_by("pk"))
    assert order["objet"] == "Règlement de la salle" and telling.file_of(paper)


def test_a_register_is_no_body_that_sits(cast, client, online):
    made = online(Kind.ORDER)
    url = f"/oparl/1.1/body/{cast.organisation.slug}/organizations/"
    told = {each["name"]: each.get("organizationType") for each in client.get(url).json()["data"]}
    assert told[made.document.meeting.body.name] == "Sonstiges"


@pytest.mark.parametrize(
    ("kind", "said"), [(Kind.ORDER, "abrogé par"), (Kind.DECISION, "abrogée par")]
)
def test_an_act_is_undone_by_a_later_one_once_that_one_binds(
    cast, client, secretary, take, sign, online, kind, said
):
    first = online(kind)
    change(cast.organisation, ctes_nature="")
    earlier = first.document.meeting.deliberations.get()
    change_sheet_exempt(earlier, by=cast.secretariat)
    later = take(kind, title="Abrogation")
    (act,) = later.deliberations.all()
    url = reverse("registry:link", args=[later.pk, act.pk])
    told = {"kind": "abroge", "target": earlier.pk, "target_text": "", "passage": "article 1"}
    told["ground"] = "sans_droits"
    assert "Cet acte n’est pas signé" in secretary.post(url, told).text
    sign(later)
    assert secretary.post(url, told).status_code == 302
    page = client.get(first.get_absolute_url()).text
    assert said not in page and "schema.org/InForce" in page
    listed = reverse("archive:public_organisation", args=[cast.organisation.slug])
    assert said not in text(client.get(listed))
    publishing.publish_acts(later, by=cast.secretariat, at=AT)
    change_sheet_exempt(act, by=cast.secretariat)
    page = client.get(first.get_absolute_url()).text
    assert f"{said} {act.label}" in said_by(page) and "schema.org/NotInForce" in page
    assert "’applique depuis" not in page.split("at-once")[1].split("</ul>")[0]
    assert any(said in each.lower() for each in legal.of(first.document).stamp)
    assert f"{said} {act.label}" in text(client.get(listed))
    # Signed, it does no more and no less than its text: both ways, one says where it is said.
    made = act.links.get()
    undo = reverse("registry:unlink", args=[later.pk, act.pk, made.pk])
    told |= {"passage": ""}
    bare = secretary.post(undo)
    assert bare.status_code == 422 and "ce que son texte en dit" in text(bare)
    asked = secretary.post(url, told | {"kind": "remplace"})
    assert asked.status_code == 422 and act.links.filter(undone_at=None).get() == made
    assert secretary.post(undo, {"passage": "article 1 : rien"}).status_code == 302
    assert "article 1 : rien" in Entry.objects.latest("pk").what
    assert secretary.post(url, told | {"passage": "article 1"}).status_code == 302
    assert "son texte" in Entry.objects.latest("pk").what


@pytest.mark.parametrize(
    ("kinds", "kind", "code"),
    [
        pytest.param(("election", "election"), "remplace", None, id="désigner de nouveau"),
        pytest.param(("election", "election"), "retire", "designation_retiree", id="retirer"),
        pytest.param(("deliberation", "election"), "abroge", "designation_autrement", id="voter"),
        pytest.param(("executif", "executif"), "remplace", "election_visee", id="l’exécutif"),
    ],
)
def test_who_represents_in_an_outside_body_is_replaced_by_a_new_designation(
    cast, hold, kinds, kind, code
):
    """Art. L2121-33, months after: it was said to be an election, which the judge alone undoes."""
    first = registered(hold(JUNE, adopted=["Représentants à la mission locale"]), cast)
    later = registered(hold(date(2026, 11, 3), adopted=["Nouveaux représentants"]), cast)
    for act, of_kind in zip((later, first), kinds, strict=True):
        change(act.item, kind=of_kind)
    first, later = (Deliberation.objects.get(pk=each.pk) for each in (first, later))
    told = {"kind": kind, "target": first, "by": cast.secretariat, "illegality": ""}
    if code is not None:
        with refused(code):
            acts.link(later, verified=False, **told)
    if code in (None, "designation_autrement"):
        assert acts.link(later, verified=code is not None, **told).kind == kind


def test_of_two_acts_of_one_day_the_later_alone_undoes_the_other(cast, client, secretary, online):
    """Each said to repeal the other, no page of the public opened any more."""
    papers = [online(Kind.ORDER, title=title) for title in ("Horaires", "Autres horaires")]
    first, later = (each.document.meeting.deliberations.get() for each in papers)
    assert first.place < later.place and first.meeting.held_on == later.meeting.held_on
    told = {"kind": "abroge", "target": later.pk, "target_text": "", "passage": "article 1"}
    back = reverse("registry:link", args=[first.meeting_id, first.pk])
    answer = secretary.post(back, told | {"verified": "on"})
    assert answer.status_code == 422 and not DeliberationLink.objects.exists()
    acts.link(later, kind="abroge", target=first, by=cast.secretariat)
    # As they were stored before this was refused.
    DeliberationLink.objects.create(
        source=first, target=later, kind="abroge", linked_by=cast.secretariat
    )
    for act in (first, later):
        change_sheet_exempt(act, by=cast.secretariat)
    listed = reverse("archive:public_organisation", args=[cast.organisation.slug])
    for url in (listed, *(each.get_absolute_url() for each in papers)):
        assert client.get(url).status_code == 200
    for act in (first, later):
        assert secretary.get(act.meeting.get_absolute_url()).status_code == 200
    assert f"abrogé par {later.label}" in text(client.get(papers[0].get_absolute_url()))
    assert "abrogé par" not in text(client.get(papers[1].get_absolute_url()))


def test_a_withdrawal_says_nothing_in_public_before_it_binds(
    cast, client, secretary, take, sign, online
):
    """It took its worth from the other one at once, and spoke of a vote that there never was."""
    first = online(Kind.DECISION)
    change(cast.organisation, ctes_nature="")
    change_sheet_exempt(first.document.meeting.deliberations.get(), by=cast.secretariat)
    later = take(Kind.DECISION, title="Retrait")
    (act,) = later.deliberations.all()
    sign(later)
    target = first.document.meeting.deliberations.get()
    url = reverse("registry:link", args=[later.pk, act.pk])
    form = text(secretary.get(url))
    assert "L242-1" in form and "mois (statuts)" not in form
    told = {"kind": "retire", "target": target.pk, "target_text": "", "passage": "article 1"}
    asked = secretary.post(url, told)
    assert asked.status_code == 422 and "dites en quoi il l’est" in text(asked)
    told |= {"illegality": "pris sans délégation"}
    for wrong, said in (("article 28", "pas d’article 28"), ("article 1 : la lune", "Ces mots")):
        asked = secretary.post(url, told | {"passage": wrong})
        assert asked.status_code == 422 and said in text(asked) and not act.links.exists()
    assert secretary.post(url, told).status_code == 302
    assert "pris sans délégation" in Entry.objects.latest("pk").what
    page = client.get(first.get_absolute_url()).text
    assert "etirée" not in page and "n’est plus un acte" not in page and "InForce" in page
    publishing.publish_acts(later, by=cast.secretariat, at=AT)
    change_sheet_exempt(act, by=cast.secretariat)
    page = client.get(first.get_absolute_url()).text
    assert f"etirée par {act.label}" in said_by(page) and "vote" not in page.split("<main")[1]
    assert "n’est plus un acte" not in page


def test_the_public_reads_no_unreserved_force_of_what_a_doubtful_delegation_took(
    cast, client, secretary, delegation, online
):
    source = made.sitting(cast, "Délégations").deliberations.first()
    first = online(Kind.DECISION)
    change(cast.organisation, ctes_nature="080")
    act = first.document.meeting.deliberations.get()
    change_sheet_exempt(act, by=cast.secretariat)
    assert "schema.org/InForce" in client.get(first.get_absolute_url()).text
    listed = reverse("archive:acts_alone")
    assert "délégation à vérifier" not in secretary.get(listed).text
    change(delegation, deliberation=source)
    assert "en ligne, délégation à vérifier" in secretary.get(listed).text
    page = client.get(first.get_absolute_url()).text
    assert "sous réserve de sa délégation" in page.split("at-once")[1].split("</ul>")[0]
    assert "schema.org/InForce" not in page and "Un juge peut dire" in page
    told = dict(legal.of(first.document).facts)
    assert told["État"].endswith("sous réserve de sa délégation.")


def test_an_act_is_withdrawn_past_four_months_only_in_a_case_without_delay(
    cast, secretary, write, take, sign
):
    sign(first := take(held_on=date(2026, 5, 12)))
    later = write(title="Retrait", held_on=date(2026, 9, 14))
    actions.take(later, by=cast.secretariat, at=AT + timedelta(days=91))
    sign(later)
    target, act = first.deliberations.get(), later.deliberations.get()
    url = reverse("registry:link", args=[later.pk, act.pk])
    told = {"kind": "retire", "target": target.pk, "target_text": "", "passage": "article 1"}
    asked = secretary.post(url, told)
    assert asked.status_code == 422 and not act.links.exists()
    assert unsaid(text(asked), "plus de quatre mois ont passé", "L242-1", "L241-2", "L243-4") == []
    assert secretary.post(url, told | {"ground": "fraude"}).status_code == 302
    assert "obtenu par fraude (art. L241-2 du CRPA)" in Entry.objects.latest("pk").what


def test_what_nobody_signed_is_not_withdrawn(secretary, take, sign):
    target = take().deliberations.get()
    sign(later := take(title="Retrait"))
    url = reverse("registry:link", args=[later.pk, later.deliberations.get().pk])
    answer = secretary.post(url, {"kind": "retire", "target": target.pk, "target_text": ""})
    assert answer.status_code == 422 and "n’est pas signé" in text(answer)
    assert not target.linked_from.exists()


def test_an_order_undoes_a_decision_for_who_answers_of_its_power(secretary, take, sign):
    sign(first := take())
    sign(later := take(Kind.ORDER, title="Abrogation"))
    act = later.deliberations.get()
    url = reverse("registry:link", args=[later.pk, act.pk])
    told = {"kind": "abroge", "target": first.deliberations.get().pk, "passage": "article 1"}
    assert 'type="hidden" name="verified"' in secretary.get(url).text
    told["ground"] = "sans_droits"
    asked = secretary.post(url, told)
    assert asked.status_code == 422 and not act.links.exists()
    assert unsaid(text(asked), "Cet arrêté est pris", 'type="checkbox" name="verified"') == []
    assert secretary.post(url, told | {"verified": "on"}).status_code == 302
    sign(other := take())
    told["target"] = other.deliberations.get().pk
    sign(same := take(title="Abrogation"))
    url = reverse("registry:link", args=[same.pk, same.deliberations.get().pk])
    assert secretary.post(url, told).status_code == 302


def change_sheet_exempt(deliberation: Deliberation, *, by) -> None:
    """It is not to be sent: it binds once it is online."""
    ActSheet.objects.create(
        deliberation=deliberation,
        nature=Nature.OTHER.value,
        object=deliberation.item.title,
        typology="99_AR",
        exempt="gestion du domaine privé",
        confirmed_by=by,
    )


def test_what_is_masked_is_in_no_public_file(cast, take, sign):
    meeting = take(articles="Un marché est conclu avec Mme Irma Vep.\nIl vaut un an.")
    paper = sign(meeting)
    hiding.mask(meeting, "Irma Vep", item=None, by=cast.secretariat, at=AT)
    (made,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    assert made.is_redacted and "Irma Vep" in repr(paper.paper)
    told = online_told.carried(held.content_of(made.file))
    assert "Irma" not in told and "Il vaut un an." in told


def test_open_data_give_it_its_own_name(cast, client, take, sign):
    meeting = take(Kind.ORDER)
    sign(meeting)
    (made,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    base = f"/oparl/1.1/body/{cast.organisation.slug}"
    (paper,) = client.get(f"{base}/papers/").json()["data"]
    assert (paper["paperType"], paper["reference"]) == ("Arrêté", "A2026-001")
    assert "consultation" not in paper
    assert client.get(f"{base}/meetings/").json()["data"] == []
    assert client.get(f"{base}/consultations/").json()["data"] == []
    page = client.get(made.get_absolute_url()).content.decode()
    assert '"legislationType": "arrêté"' in page and "séance du" not in page


def test_what_is_written_is_witnessed_and_holds(take, sign):
    sign(take())
    models = (Meeting, LoneAct, Delegation, Deliberation, Body)
    assert [told for model in models for told in facts.faults(model)] == []


# --- The account ------------------------------------------------------------------------------


def test_the_next_sitting_is_told_of_the_decision_and_of_no_order(cast, take, sign):
    sign(take())
    sign(take(Kind.ORDER))
    (told,) = accounts.untold(cast.comite, on=JULY)
    pole = make_body(cast.organisation, "Comité du pôle")
    assert not accounts.untold(pole, on=JULY)  # another assembly, which delegated nothing
    assert (told.number, told.author, told.object) == (
        "D2026-001",
        "Présidente",
        "Marché de fibre",
    )
    held.prepare(cast, "Tarifs", held_on=JULY)
    found = list(waiting.tasks(Body.objects.filter(pk=cast.comite.pk), on=ON))
    assert "Rendre compte de 1 décision prise par délégation" in {each.what for each in found}
    composed = plain(accounts.composed(Meeting.objects.get(), [told]))
    assert unsaid(composed, "Montant hors taxes", "18 400") == []


def test_what_nobody_signed_is_not_known(cast, take, sign):
    meeting, july = take(), held.prepare(cast, held_on=JULY)
    assert not accounts.untold(cast.comite, on=JULY)
    assert not any(accounts.untold_days({cast.comite.pk: cast.comite}, on=JULY).values())
    key = f"d{meeting.deliberations.get().pk}"
    told = {"keys": [key], "told_on": JUNE, "by": cast.secretariat, "at": AT}
    with pytest.raises(Refused):
        accounting.told_elsewhere(july, **told)
    sign(meeting)
    assert accounting.told_elsewhere(july, **told)


def test_a_sitting_that_passed_without_an_account_is_said(cast, secretary, take):
    meeting = take()
    assert "tenue depuis" not in text(secretary.get(meeting.get_absolute_url()))
    held.hold(cast, JUNE)
    page = text(secretary.get(meeting.get_absolute_url()))
    assert "1 séance tenue depuis sans qu’il en soit rendu compte" in page


# --- Nothing of a sitting ---------------------------------------------------------------------

OF_SITTINGS = [
    "meetings:detail",
    "meetings:agenda",
    "meetings:attendance",
    "meetings:ledger",
    "convening:board",
    "live:console",
    "documents:preview",
    "registry:acts",
]


@pytest.mark.parametrize("name", OF_SITTINGS)
def test_no_page_of_a_sitting_shows_it(take, secretary, name):
    assert secretary.get(reverse(name, args=[take().pk])).status_code == 404


def test_nobody_who_asks_for_sittings_meets_it(cast, take):
    meeting = take()
    assert not Meeting.objects.filter(pk=meeting.pk).exists()
    assert Meeting.every.filter(pk=meeting.pk).exists()
    assert meeting.body not in Body.objects.sitting()


def awaited(meeting: Meeting) -> list[tuple]:
    """What « À faire » says of an act, by whom and before which day."""
    found = waiting.tasks(Body.objects.filter(pk=meeting.body_id), on=ON)
    return [(each.what.replace("\xa0", " "), each.whose, each.due_on) for each in found]


def test_an_order_awaits_its_signature_then_the_prefecture_then_whom_it_is_about(
    cast, take, sign, alice_signs
):
    change(cast.organisation, ctes_nature="31")
    meeting = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux")
    it, due = "l’arrêté n° A2026-001", held.AT.date() + timedelta(days=15)
    office = "le secrétariat"
    assert awaited(meeting) == [(f"Faire signer {it}", office, ON)]
    (paper,) = meeting.documents.current()
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    assert awaited(meeting) == [(f"Signer {it}", "Alice ARNAUD", ON)]
    (call,) = mine.of(alice_signs, cast.organisation, at=AT).calls
    assert call.what.replace("\xa0", " ") == f"Signer {it}"
    sign(meeting)
    assert not mine.of(alice_signs, cast.organisation, at=AT).calls
    assert awaited(meeting) == [
        (f"Transmettre {it} à la préfecture", office, due),
        (f"Notifier {it}", office, None),
    ]
    change(cast.organisation, ctes_nature="")
    publishing.post(
        paper,
        manner=Posting.Manner.NOTIFIED,
        on=held.AT.date(),
        who="le secrétariat",
        way=Handing.OWN_HANDS.value,
        by=cast.secretariat,
        at=AT,
    )
    assert awaited(meeting) == []
    # A word keeps back nothing that the law always sends, here no more than for the public.
    change(cast.organisation, ctes_nature="31")
    (act,) = meeting.deliberations.all()
    change_sheet_exempt(act, by=cast.secretariat)
    assert awaited(meeting) == []
    change(ActSheet.objects.get(), nature="2")
    assert awaited(meeting) == [
        (f"Transmettre {it} à la préfecture", office, None),
        (f"Publier {it}", office, None),  # a rule is not notified, whatever was noted of it
    ]


def test_a_decision_awaits_the_public(cast, take, sign):
    meeting = take()
    sign(meeting)
    assert awaited(meeting) == [("Publier la décision n° D2026-001", "le secrétariat", None)]
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    assert awaited(meeting) == []


def test_what_awaits_is_said_on_the_page_and_in_the_diary(secretary, take):
    take()
    assert "Faire signer" in secretary.get(reverse("archive:to_do")).text


def test_who_presides_is_proposed_first(cast):
    cast.intercommunalites.position = 5
    cast.intercommunalites.save()
    assert [each.person.last_name for each in reading.officers(cast.comite, ON)] == [
        "Arnaud",
        "Besson",
        "Duval",
    ]


def test_the_registers_are_opened_once_by_hand(cast, secretary, president):
    told = actions.Told(title="x", author=president, held_on=ON, nature="2", articles="x")
    with refused("registre_a_ouvrir"):
        actions.draft(cast.comite, Kind.ORDER, told, by=cast.secretariat, at=AT)
    url = reverse("archive:open_registers")
    for _ in range(2):
        assert "Nouvelle décision" in secretary.post(url, follow=True).content.decode()
    assert sorted(cast.comite.registers.values_list("kind", flat=True)) == ["arretes", "decisions"]


# --- Pages ------------------------------------------------------------------------------------


def typed(president, delegation, **values) -> dict:
    return {
        "title": "Marché de fibre",
        "held_on": ON.isoformat(),
        "author": president.pk,
        "nature": "6",
        "power": f"{delegation.pk}-0",
        "amount": "18 400",
        "visas": "le code de la commande publique",
        "recitals": "",
        "articles": "Un marché est conclu.",
        "version": "",
    } | values


def test_from_the_list_to_the_act(secretary, president, delegation):
    made = secretary.post(
        reverse("archive:new_act", args=["decisions"]), typed(president, delegation), follow=True
    )
    assert "Projet de décision" in made.content.decode()
    meeting = Meeting.every.get(kind=Meeting.Kind.ACT)
    url = reverse("archive:take_act", args=[meeting.pk])
    taken = secretary.post(url, {"answered": "date_passee"}, follow=True)
    assert "D2026-001" in taken.content.decode()
    listed = secretary.get(reverse("archive:acts_alone")).content.decode()
    assert "D2026-001" in listed and "à signer" in listed


@pytest.mark.parametrize("turned", ["\u202esiov al", "la \u2066voirie"])
@pytest.mark.parametrize("name", ["title", "visas", "articles"])
def test_a_line_that_turns_the_reading_round_is_refused(
    secretary, president, delegation, name, turned
):
    told = typed(president, delegation) | {name: f"Une ligne\n{turned}"}
    answer = secretary.post(reverse("archive:new_act", args=["decisions"]), told)
    assert "dans le sens de la lecture" in answer.text
    assert not Meeting.every.filter(kind=Meeting.Kind.ACT).exists()


def test_a_draft_that_lacks_its_delegation_leads_to_them(cast, secretary, president, delegation):
    told = typed(president, delegation, power="")
    page = secretary.post(reverse("archive:new_act", args=["decisions"]), told, follow=True)
    assert "établissez-le" not in page.text and "Le projet est enregistré." in page.text
    where = reverse("registry:delegations", args=[cast.comite.pk])
    assert f'<a href="{where}">Délégations</a>' in page.text


@pytest.mark.parametrize(
    ("filters", "is_there"),
    [
        ({"annee": "2026", "nature": "decisions"}, True),
        ({"nature": "arretes"}, False),
        ({"etat": "signer"}, True),
        ({"etat": "publier"}, False),
        ({"annee": "zut", "nature": "zut", "etat": "zut"}, True),
    ],
)
def test_the_list_is_filtered(secretary, take, filters, is_there):
    take()
    listed = secretary.get(reverse("archive:acts_alone"), filters).content.decode()
    assert ("D2026-001" in listed) is is_there


def test_a_refusal_is_told_with_its_article_and_its_remedy(secretary, write):
    meeting = write(delegation=None, subject="")
    told = secretary.get(meeting.get_absolute_url()).content.decode()
    assert "se prend par délégation" in told and "statuts" in told
    answer = secretary.post(reverse("archive:take_act", args=[meeting.pk]))
    assert answer.status_code == 422


def test_the_list_costs_the_same_whatever_its_length(secretary, take):
    take()
    url = reverse("archive:acts_alone")
    with_one = queries(lambda: secretary.get(url))
    take()
    take(Kind.ORDER)
    assert queries(lambda: secretary.get(url)) == with_one


def test_the_register_of_the_year_holds_them(secretary, take):
    meeting = take()
    page = secretary.get(reverse("registry:register", args=[meeting.body_id]))
    assert page.status_code == 200 and "D2026-001" in page.content.decode()


def test_who_presides_reads_what_was_taken_and_no_other_delegate_does(cast, client_of, take, sign):
    meeting = take()
    sign(meeting)
    url = meeting.get_absolute_url()
    assert client_of(cast.delegate).get(url).status_code == 403
    assert client_of(cast.stranger).get(url).status_code == 404
    president = meeting.body.assembly.mandates.get(office="president").person.user
    make_role(president, cast.organisation, "delegue")
    assert client_of(president).get(url).status_code == 200


def test_an_individual_order_is_read_by_its_author_and_who_presides_alone(
    cast, client_of, take, delegation
):
    """A nomination, a sanction: no deputy read it by his office alone."""
    order = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux")
    rule = take(Kind.ORDER)
    chair, deputy = (
        cast.comite.mandates.filter(office=office).first()
        for office in ("president", "vice-president")
    )
    for each in (chair, deputy):
        if each.person.user is None:
            each.person.user = make_account(f"{each.pk}@brume.example")
            each.person.save()
        make_role(each.person.user, cast.organisation, "delegue")
    entrusted = Delegation(
        body=cast.comite,
        kind=Kind.ORDER.value,
        mandate=deputy,
        source="l’arrêté n° A-1 du 4 mai 2026",
        granted_on=GIVEN,
        enforceable_on=GIVEN,
        subjects="Personnel",
    )
    actions.note_delegation(entrusted, by=cast.secretariat)
    told = {"author": deputy, "delegation": entrusted, "subject": "Personnel"}
    own = take(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux", **told)
    (hers,) = own.documents.current()
    found = {}
    for each in (chair, deputy):
        client = client_of(each.person.user)
        (paper,) = order.documents.current()
        pages = (order.get_absolute_url(), paper.get_absolute_url(), rule.get_absolute_url())
        pages += (reverse("registry:register", args=[order.body_id]),)
        found[each.office] = [client.get(page).status_code for page in pages]
        listed = client.get(reverse("documents:mine")).text
        for page in (paper, hers):
            number = {"q": Deliberation.objects.get(meeting=page.meeting_id).label}
            answers = [client.get(reverse(f"archive:{name}"), number) for name in FINDING]
            here = {
                page.get_absolute_url() in each for each in (listed, *(it.text for it in answers))
            }
            found[each.office] += here  # what is listed is found, and suggested
    assert found["president"] == [200, 200, 200, 200, True, True]
    assert found["vice-president"] == [403, 403, 200, 403, False, True]


def test_a_day_that_is_past_is_answered_before_it_is_on_paper(secretary, write):
    meeting = write()
    page = secretary.get(meeting.get_absolute_url()).content.decode()
    assert 'name="answered" value="date_passee"' in page and "fait le" in page
    url = reverse("archive:take_act", args=[meeting.pk])
    assert secretary.post(url).status_code == 422
    assert not Meeting.every.get(pk=meeting.pk).ledger
    assert secretary.post(url, {"answered": "date_passee"}).status_code == 302
    told = meeting.deeds.get(verb="act-answered").words
    assert "sa signature électronique porterait un autre jour" in told
    assert "Tenu pour vrai" in secretary.get(meeting.get_absolute_url()).text
    # So does the trail, which tells of the delegation too.
    kept = " ".join(Entry.objects.values_list("what", flat=True)).replace("\xa0", " ")
    assert unsaid(kept, "réponse en établissant « Marché de fibre »", "Délégation notée :") == []


def test_an_individual_act_without_reasons_is_answered(secretary, write):
    meeting = write(Kind.ORDER, nature=Nature.INDIVIDUAL.value, concerns="Mme Anne Roux")
    url = reverse("archive:take_act", args=[meeting.pk])
    answer = secretary.post(url, {"answered": "date_passee"})
    assert answer.status_code == 422 and "L211-5 du CRPA" in answer.content.decode()
    assert secretary.post(url, {"answered": ["date_passee", "sans_motif"]}).status_code == 302


# --- What ends afterwards -----------------------------------------------------------------------

ENDED = date(2026, 6, 10)  # after the act's own day, before that of its signature


def test_an_act_is_not_signed_once_its_delegation_is_over(cast, take, delegation, alice_signs):
    meeting = take()
    actions.settle_delegation(delegation, by=cast.secretariat, ended_on=ENDED, knowing=True)
    (paper,) = meeting.documents.current()
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    batch = signing.sign_batch(signatures.to_sign(meeting, alice_signs), by=alice_signs, at=AT)
    ((_, refusal),) = batch.refused
    assert [each.code for each in refusal.findings] == ["pouvoir_fini"]
    assert not signatures.is_signed(paper)


def test_an_act_entered_as_signed_by_hand_is_signed_in_no_other_way(
    cast, client_of, write, alice_signs
):
    meeting = write()
    paper = actions.take(meeting, by=cast.secretariat, at=AT, answered=ANSWERED)
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    batch = signing.sign_batch(signatures.to_sign(meeting, alice_signs), by=alice_signs, at=AT)
    ((_, refusal),) = batch.refused
    assert [each.code for each in refusal.findings] == ["signe_a_la_main"]
    make_role(alice_signs, cast.organisation, "delegue")
    page = text(client_of(alice_signs).get(reverse("registry:signatures", args=[paper.pk])))
    assert "dit signé à la main le 5 juin 2026" in page
    assert "Votre signature est attendue" not in page


def test_an_order_is_not_signed_once_its_author_left_office(cast, take, president, alice_signs):
    meeting = take(Kind.ORDER)
    end(president, ENDED)
    make_mandate(cast.comite, president.person, start_on=date(2026, 6, 11))  # a member, no more
    (paper,) = meeting.documents.current()
    signing.prepare_signing(paper, by=cast.secretariat, at=AT)
    batch = signing.sign_batch(signatures.to_sign(meeting, alice_signs), by=alice_signs, at=AT)
    ((_, refusal),) = batch.refused
    assert [each.code for each in refusal.findings] == ["pouvoir_fini"]


def test_a_delegation_that_ends_afterwards_tells_the_acts_it_leaves(
    cast, client, secretary, take, sign, delegation
):
    meeting = take()
    sign(meeting)
    (online,) = publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    doubtful = "Un juge peut dire ce que vaut l’acte"
    assert doubtful not in client.get(online.get_absolute_url()).text and awaited(meeting) == []
    order = take(Kind.ORDER)
    url = reverse("registry:settle_delegation", args=[cast.comite.pk, delegation.pk])
    asked = secretary.post(url, {"ended_on": ENDED.isoformat()})
    page = asked.content.decode()
    assert asked.status_code == 409
    assert meeting.get_absolute_url() in page and order.get_absolute_url() not in page
    assert Delegation.objects.get().ended_on is None
    secretary.post(url, {"ended_on": ENDED.isoformat(), "confirmed": "1"})
    assert Delegation.objects.get().ended_on == ENDED
    told = secretary.get(meeting.get_absolute_url()).content.decode()
    assert "Pris sans délégation" in told and "statuts" in told
    assert "Pris sans délégation" not in secretary.get(order.get_absolute_url()).content.decode()
    # The public reads it, and somebody is asked to have it withdrawn.
    page = text(client.get(online.get_absolute_url()))
    assert unsaid(page, "Pris sans délégation", doubtful) == []
    wanted = "Faire retirer la décision n° D2026-001, sans délégation quand elle a été prise"
    assert awaited(meeting) == [(wanted, "le secrétariat", None)]


def test_the_end_of_a_delegation_is_corrected_and_says_why(cast, secretary, take, sign, delegation):
    sign(meeting := take())
    actions.settle_delegation(delegation, by=cast.secretariat, ended_on=ENDED, knowing=True)
    url = reverse("registry:settle_delegation", args=[cast.comite.pk, delegation.pk])
    where = reverse("registry:delegations", args=[cast.comite.pk])
    assert "Corriger sa fin" in text(secretary.get(where))
    told = secretary.post(url, {"has_no_end": "on"}, follow=True)
    assert "ne change pas sans un mot" in text(told)
    assert Delegation.objects.get().ended_on == ENDED and reading.outlived(meeting.alone)
    secretary.post(url, {"has_no_end": "on", "reason": "Faute de frappe"})
    assert Delegation.objects.get().ended_on is None
    assert reading.outlived(LoneAct.objects.get()) is None
    for line in (cast.comite.deeds.first().words, Entry.objects.latest("pk").what):
        assert unsaid(line, "Fin de délégation corrigée", "Faute de frappe") == []


def test_a_delegation_noted_again_holds_for_what_was_taken_by_the_first(
    cast, take, sign, delegation
):
    sign(meeting := take())
    actions.settle_delegation(delegation, by=cast.secretariat, ended_on=ENDED, knowing=True)
    assert reading.outlived(meeting.alone)
    again = copy(delegation)
    again.pk = again.ended_on = None
    again._state.adding, again.subjects = True, f"{SUBJECT}\nEmprunts"
    actions.note_delegation(again, by=cast.secretariat)
    assert reading.outlived(LoneAct.objects.get()) is None


def test_an_act_signed_by_hand_before_the_end_of_its_delegation_is_entered(
    cast, secretary, delegation, president
):
    actions.settle_delegation(delegation, by=cast.secretariat, ended_on=ENDED)
    answer = secretary.post(
        reverse("archive:new_act", args=["decisions"]),
        {
            "title": "Marché de fibre",
            "held_on": ON.isoformat(),
            "author": president.pk,
            "nature": Nature.OTHER.value,
            "power": f"{delegation.pk}-0",
            "amount": "18 400",
            "articles": "Un marché est conclu.",
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    meeting = Meeting.every.get(kind=Meeting.Kind.ACT)
    with refused("pouvoir_fini_depuis"):
        actions.take(meeting, by=cast.secretariat, at=AT)
    actions.take(meeting, by=cast.secretariat, at=AT, answered={"pouvoir_fini_depuis": ""})
    assert reading.outlived(LoneAct.objects.get()) is None


def test_a_delegation_that_ends_later_asks_nothing(cast, secretary, take, sign, delegation):
    sign(take())
    url = reverse("registry:settle_delegation", args=[cast.comite.pk, delegation.pk])
    assert secretary.post(url, {"ended_on": JULY.isoformat()}).status_code == 302
    assert Delegation.objects.get().ended_on == JULY


# --- Noting a delegation ------------------------------------------------------------------------


@pytest.fixture
def note(cast, secretary, president):
    """`note(**values)`: what the page answers to a delegation typed there."""

    def make(**values):
        return secretary.post(
            reverse("registry:new_delegation", args=[cast.comite.pk]),
            {
                "kind": "decisions",
                "mandate": president.pk,
                "deliberation": "",
                "source": "la délibération n° 12 du 4 mai 2026 portant délégation",
                "granted_on": "2026-05-04",
                "enforceable_on": "2026-05-11",
                "subjects": SUBJECT,
            }
            | values,
        )

    return make


def test_a_delegation_is_tied_to_its_deliberation_by_the_page(cast, hold, note):
    source = registered(hold(JUNE, adopted=["Délégations"]), cast)
    answer = note(deliberation=source.pk, source="", granted_on="", enforceable_on=JULY.isoformat())
    assert answer.status_code == 302, answer.context["form"].errors
    row = Delegation.objects.get()
    assert (row.deliberation, row.granted_on) == (source, JUNE)
    assert source.label in row.source


def registered(meeting: Meeting, cast) -> Deliberation:
    acts.number(meeting, by=cast.secretariat, at=AT)
    return meeting.deliberations.get()


def test_a_delegation_is_drawn_from_an_act_that_delegates_and_is_not_withdrawn(cast, hold, note):
    """A subsidy gave one, unasked; withdrawn, it gave it still."""
    source = registered(hold(JUNE, adopted=["Subventions aux associations"]), cast)
    told = {"deliberation": source.pk, "source": "", "granted_on": "", "enforceable_on": ""}
    page = note(**told)
    assert page.status_code == 422 and "ne dit nulle part qu’elle délègue" in text(page)
    later = registered(hold(JULY, adopted=["Retrait"]), cast)
    acts.link(later, kind="retire", target=source, by=cast.secretariat)
    page = note(**told, verified="on")
    assert page.status_code == 422 and f"est retirée par {later.label}" in text(page)
    assert not Delegation.objects.exists()


def test_the_day_that_is_known_prevails_over_the_one_that_is_typed(
    cast, note, president, secretary
):
    """Noted as binding before its deliberation was received, a delegation gave a power."""
    meeting = made.sitting(cast, "Délégations")
    (source,) = meeting.deliberations.all()
    told = {"deliberation": source.pk, "source": "", "granted_on": ""}
    page = note(**told, enforceable_on="2026-06-12")
    assert page.status_code == 422 and "il manque la publication" in text(page)
    assert note(**told, enforceable_on="").status_code == 302
    row = Delegation.objects.get()
    assert row.enforceable_on is None
    actions.open_registers(cast.comite, by=cast.secretariat)
    before = _drafted(cast, president, row, date(2026, 6, 16))
    with refused("delegation_pas_executoire"):
        actions.take(before, by=cast.secretariat, at=made.LATER, answered=ANSWERED)
    listed = reverse("registry:delegations", args=[cast.comite.pk])
    assert "Voir ce qui manque" in text(secretary.get(listed))
    _bind(cast, meeting)
    with refused("delegation_pas_executoire"):
        actions.take(before, by=cast.secretariat, at=made.LATER, answered=ANSWERED)
    actions.take(
        _drafted(cast, president, row, made.RECEIVED),
        by=cast.secretariat,
        at=made.LATER,
        answered=ANSWERED,
    )
    page = note(**told, enforceable_on="2026-06-12", subjects="Emprunts")
    assert page.status_code == 422 and "exécutoire depuis le 17 juin 2026" in text(page)
    assert "exécutoire depuis le 17 juin 2026" in text(secretary.get(listed))


def test_a_delegation_ends_the_day_its_repeal_binds(cast, note, president, secretary):
    meeting = made.sitting(cast, "Délégations")
    (source,) = meeting.deliberations.all()
    _bind(cast, meeting)
    note(deliberation=source.pk, source="", granted_on="", enforceable_on="")
    row = Delegation.objects.get()
    actions.open_registers(cast.comite, by=cast.secretariat)
    later = made.sitting(cast, "Fin des délégations", on=date(2026, 6, 12))
    at = timezone.make_aware(datetime(2026, 6, 25, 9))
    draft = _drafted(cast, president, row, date(2026, 6, 22))
    assert reading.objections(draft, on=at.date())[0].code == "date_passee"
    _bind(cast, later, on=date(2026, 6, 22))
    acts.link(later.deliberations.get(), kind="abroge", target=source, by=cast.secretariat)
    with refused("delegation_retiree"):
        actions.take(draft, by=cast.secretariat, at=at, answered=ANSWERED)
    eve = _drafted(cast, president, row, date(2026, 6, 21))
    actions.take(eve, by=cast.secretariat, at=at, answered=ANSWERED)
    over = secretary.get(reverse("registry:delegations", args=[cast.comite.pk]))
    ended = text(over).split("Terminées")[1]
    assert f"abrogée par {later.deliberations.get().label}" in ended
    assert "qu’elle a pris fin" not in ended and "A pris fin le" not in ended  # it is known


def _bind(cast, meeting: Meeting, *, on: date = made.RECEIVED) -> None:
    """Its acts are online the day they are received."""
    at = timezone.make_aware(datetime.combine(on, time(10)))
    answers = [
        (f"{each.identifier}-1-2_0.xml", made.answer(each, on=on))
        for each in made.prepared(cast, meeting)
    ]
    receiving.take(meeting.organisation, answers, by=None, at=at)
    publishing.publish_acts(meeting, by=cast.secretariat, at=at)


def _drafted(cast, president, row: Delegation, on: date) -> Meeting:
    told = actions.Told(
        title="Marché de fibre",
        author=president,
        held_on=on,
        nature=Nature.OTHER.value,
        delegation=row,
        subject=row.matters[0],
        amount=Decimal(18400),
        articles="Un marché est conclu.",
    )
    return actions.draft(cast.comite, Kind.DECISION, told, by=cast.secretariat, at=AT)


ASKED = [
    pytest.param({"subjects": "Vote du budget"}, "garde d’ordinaire le budget", id="le budget"),
    pytest.param(
        {"source": "l’arrêté n° 3 portant subdélégation"}, "qu’elle délègue par une", id="un arrêté"
    ),
]


@pytest.mark.parametrize(("values", "words"), ASKED)
def test_a_delegation_that_deserves_a_look_is_noted_once_somebody_did(note, values, words):
    page = note(**values)
    assert page.status_code == 422 and words in page.content.decode()
    assert 'type="checkbox" name="verified"' in page.content.decode()
    assert not Delegation.objects.exists()
    assert note(**values, verified="on").status_code == 302


def test_the_same_delegation_is_noted_once(note):
    assert note().status_code == 302
    page = note(verified="on")
    assert page.status_code == 422 and "déjà notée" in page.content.decode()


def test_nobody_delegates_orders_to_himself(note):
    page = note(kind="arretes", source="l’arrêté n° 3", verified="on")
    assert page.status_code == 422 and "ne se les délègue pas" in text(page)


def test_only_what_binds_is_in_force(cast, secretary, president, note, take):
    note(enforceable_on="2027-12-31", source="la délibération n° 13")
    note(source="la délibération n° 14")
    url = reverse("registry:delegations", args=[cast.comite.pk])
    in_force, coming = secretary.get(url).content.decode().split("<h3>À venir</h3>")
    assert "n° 14" in in_force and "n° 13" not in in_force
    assert "La délibération n° 13, exécutoire à partir du" in coming.replace("\xa0", " ")
    form = reverse("archive:new_act", args=["decisions"])
    actions.open_registers(cast.comite, by=cast.secretariat)
    assert "n° 14" in secretary.get(form).content.decode()
    end(president, SINCE)
    assert "n° 14" not in secretary.get(url).content.decode()
    assert "n° 14" not in secretary.get(form).content.decode()


def test_what_contradicts_delegations_costs_the_same_with_more(cast, secretary, president):
    meeting = made.sitting(cast, "Délégations", "Suppléance")
    actions.open_registers(cast.comite, by=cast.secretariat)
    pages = (
        reverse("registry:delegations", args=[cast.comite.pk]),
        reverse("archive:new_act", args=["decisions"]),
    )

    def give(subject: str) -> None:
        """As they were stored before a day that contradicts what is known was refused."""
        for act in meeting.deliberations.all():
            Delegation.objects.create(
                body=cast.comite,
                mandate=president,
                deliberation=act,
                source=f"la délibération n° {act.label} portant délégation",
                granted_on=JUNE,
                enforceable_on=JUNE,
                subjects=subject,
                recorded_by=cast.secretariat,
            )

    give("Emprunts")
    first = [queries(lambda: secretary.get(page)) for page in pages]  # noqa: B023 read at once
    give("Assurances"), give("Locations")
    assert [queries(lambda: secretary.get(page)) for page in pages] == first  # noqa: B023
    for page in pages:
        assert text(secretary.get(page)).count("de la délibération qui la donne") == 6
