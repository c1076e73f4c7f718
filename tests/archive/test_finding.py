"""What anybody finds in what is online: the words of the public files, and no others."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from archive import actions as publishing
from archive.models import Publication, PublicText
from archive.online import finding
from documents import actions as documents
from documents.models import IssuedDocument
from meetings.actions import masking
from meetings.models import Meeting
from tests import held
from tests.archive.test_masking import NAME, TITLE, draft
from tests.archive.test_publications import LATER, withdraw
from tests.costs import queries
from tests.held import AT
from transmission.models import ActSheet

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SAID = "Les écoles maternelles seront rénovées, chauffages compris"


@pytest.fixture
def meeting(cast, hold) -> Meeting:
    """Two acts: one names somebody, the other speaks of schools in its articles alone."""
    found = hold(date(2026, 9, 8), adopted=(TITLE, "Programme de travaux"), approves=False)
    draft(found.items.get(title=TITLE), articles=f"Accorde à Mme {NAME} la protection.")
    draft(found.items.get(title="Programme de travaux"), articles=f"{SAID}.")
    held.issue_acts(found, by=cast.secretariat, at=AT)
    return Meeting.objects.get(pk=found.pk)


def publish(meeting, cast) -> tuple[Publication, ...]:
    return publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)


def asked(cast, **query) -> str:
    url = reverse("archive:public_organisation", args=[cast.organisation.slug])
    answer = Client().get(url, query)
    assert answer.status_code == 200 and not answer.cookies
    return answer.text.replace("\u00a0", " ")


def titles(text: str) -> list[str]:
    found = re.findall(r'class="row-title" href="/actes/[^"]+">(.*?)</a>', text)
    return [re.sub(r"<[^>]*>", "", each) for each in found]


def act(title: str) -> Publication:
    return Publication.objects.get(
        document__kind=IssuedDocument.Kind.EXTRACT, title__contains=title, withdrawn_at=None
    )


@pytest.mark.parametrize("words", [
    pytest.param("école maternelle", id="accents et pluriels"),
    pytest.param("ECOLES RENOVEES", id="capitales, sans accents"),
    pytest.param("rénovée, chauffage", id="une autre forme"),
    pytest.param("maternel", id="le début du dernier mot"),
    pytest.param("« l’école »\u00a0: les maternelles", id="ponctuation et mots vides"),
])  # fmt: skip
def test_words_of_the_text_are_found_in_any_form(meeting, cast, words):
    publish(meeting, cast)
    text = asked(cast, q=words)
    (found,) = titles(text)
    assert "Programme de travaux" in found
    assert "<mark>" in text and "1 document trouvé" in text


@pytest.mark.parametrize(("words", "is_near"), [
    pytest.param("débit", True, id="une racine pour deux mots"),
    pytest.param("débat", False, id="le mot"),
    pytest.param("DEBATS", False, id="son pluriel, sans accent"),
    pytest.param("travaux débit", True, id="un mot sur deux"),
    pytest.param("programme débat", False, id="dans le titre et dans le texte"),
])  # fmt: skip
def test_a_near_word_is_told_as_one_and_comes_last(meeting, cast, words, is_near):
    draft(meeting.items.get(title="Programme de travaux"), articles="Le débat est clos.")
    held.issue_acts(Meeting.objects.get(pk=meeting.pk), by=cast.secretariat, reason="le texte")
    publish(meeting, cast)
    text = asked(cast, q=words)
    assert "Programme de travaux" in titles(text)[0]
    assert ("un mot de même racine" in text) is is_near
    assert ("tel quel" in text) is is_near


def test_an_empty_answer_leads_on(meeting, cast, client_of):
    publish(meeting, cast)
    everything = reverse("archive:public_organisation", args=[cast.organisation.slug])
    assert f'href="{everything}">Voir tous les actes</a>' in asked(cast, q="introuvable")
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    inside = client_of(cast.secretariat).get(reverse("archive:search"), {"q": "introuvable"}).text
    assert f'href="{reverse("documents:mine")}">Voir les documents</a>' in inside


def test_the_number_finds_its_act(meeting, cast):
    publish(meeting, cast)
    number = meeting.deliberations.get(item__title=TITLE).label
    assert any(TITLE in each for each in titles(asked(cast, q=number)))


def test_a_masked_name_is_never_found_nor_kept(meeting, cast):
    """The probe first: unmasked it is found, by its beginning too, and in the passage."""
    made = publish(meeting, cast)
    assert titles(asked(cast, q=NAME)) and f"<mark>{NAME}</mark>" in asked(cast, q=NAME)
    for each in made:
        withdraw(each, cast)
    for text in (f"Mme {NAME}", NAME):
        masking.decide(meeting, text, is_masked=True, by=cast.secretariat, at=AT)
    for document in meeting.documents.all():
        publishing.publish(document, by=cast.secretariat, at=LATER + timedelta(days=1))
    for words in (NAME, NAME.upper(), NAME[:5], f"protection {NAME}"):
        assert titles(asked(cast, q=words)) == []
    kept = " ".join(f"{each.text} {each.stems}" for each in PublicText.objects.all())
    assert NAME.casefold() not in kept.casefold() and "protection" in kept.casefold()
    assert titles(asked(cast, q="protection fonctionnelle"))


def test_what_is_withdrawn_is_found_no_more_at_once(meeting, cast):
    publish(meeting, cast)
    assert titles(asked(cast, q="maternelles"))
    gone = act("Programme")
    withdraw(gone, cast)
    assert titles(asked(cast, q="maternelles")) == []
    assert not gone.public_texts.exists()
    assert titles(asked(cast, q="Programme"))  # the list says its title still


def test_a_replaced_version_is_found_no_more(meeting, cast):
    publish(meeting, cast)
    item = meeting.items.get(title="Programme de travaux")
    draft(item, articles="Les gymnases seront rénovés.")
    fresh = Meeting.objects.get(pk=meeting.pk)
    for each in held.issue_acts(fresh, by=cast.secretariat, reason="une coquille"):
        if each.version > 1:
            publishing.publish(each, by=cast.secretariat, at=LATER + timedelta(days=1))
    assert titles(asked(cast, q="maternelles")) == []
    assert len(titles(asked(cast, q="gymnases"))) == 1


def test_acts_are_chosen_by_their_matter(meeting, cast):
    publish(meeting, cast)
    assert "Matière" not in asked(cast)
    matters = (("7.10", "Programme de travaux"), ("4.1", TITLE))
    for matter, title in matters:
        ActSheet.objects.create(
            deliberation=meeting.deliberations.get(item__title=title),
            matter=matter,
            object=title,
            typology="99_DE",
        )
    assert "Finances locales" in asked(cast) and "Fonction publique" in asked(cast)
    (found,) = titles(asked(cast, matiere="7"))
    assert "Programme" in found
    assert len(titles(asked(cast, matiere="x"))) == len(titles(asked(cast)))


@pytest.mark.parametrize("query", [
    {"q": "' OR 1=1 --"}, {"q": '" NEAR/2 *'}, {"q": "école & | ! ( ) :*"}, {"q": "a\x00b"},
    {"q": "é" * 5000}, {"q": "<script>alert(1)</script>"}, {"q": "漢字"}, {"q": "le la les"},
    {"q": "école", "page": "-1"}, {"q": "école", "page": "9" * 400}, {"instance": "\x00"},
    {"annee": "-1"}, {"annee": "9" * 5000}, {"matiere": "7' OR '1"}, {"nature": "\x00"},
    {"q": "%00%ff"}, {"q": "\ud7ff\uffff"}, {"inconnu": "x"},
])  # fmt: skip
def test_a_hostile_query_is_answered_as_any_other(meeting, cast, query):
    publish(meeting, cast)
    url = reverse("archive:public_organisation", args=[cast.organisation.slug])
    answer = Client().get(url, query)
    # What no keyboard types is refused in words, whatever the page.
    assert answer.status_code == (400 if "\x00" in "".join(query.values()) else 200)
    assert "<script>alert" not in answer.text and "<h1>" in answer.text


def test_searching_costs_the_same_whatever_is_found(meeting, cast, monkeypatch):
    first, *others = meeting.documents.all()
    publishing.publish(first, by=cast.secretariat, at=LATER)
    one = queries(lambda: asked(cast, q="deliberation"))
    for each in others:
        publishing.publish(each, by=cast.secretariat, at=LATER)
    assert queries(lambda: asked(cast, q="deliberation")) == one
    assert len(titles(asked(cast, q="deliberation"))) == 3


def test_what_an_older_version_put_online_is_read_once(meeting, cast):
    publish(meeting, cast)
    rows = PublicText.objects.order_by("publication", "text")
    before = list(rows.values_list("publication", "text", "stems"))
    PublicText.objects.all().delete()
    assert titles(asked(cast, q="maternelles")) == []
    for _ in range(2):
        finding.catch_up(plan=[(None, False)])
        assert list(rows.values_list("publication", "text", "stems")) == before
