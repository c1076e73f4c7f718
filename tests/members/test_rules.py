"""The rule book on a page: every rule, what it means, where it departs from the model."""

from datetime import date

import pytest
from django.urls import reverse

from law import regime
from law.regime import RULES
from members import rules
from members.models import LegalForm, RuleBook
from tests.cast import change, change_rules, make_community, make_rule_book
from tests.members.test_admin import form_data
from tests.words import text


@pytest.fixture
def url(cast):
    return reverse("members:rules", args=[cast.comite.pk])


def lines(page) -> dict[str, rules.Line]:
    return {line.rule.key: line for chapter in page.context["chapters"] for line in chapter.lines}


def test_every_rule_is_there_in_words_beside_the_model(cast, client_of, url):
    page = client_of(cast.delegate).get(url)
    assert list(lines(page)) == list(regime.RULES)
    assert page.context["departures"] == []
    assert "Aucune règle ne s’en écarte." in page.content.decode()
    for name, value, words in (
        ("quorum_basis", "voix", "en voix"),
        ("note_required", True, "oui"),
        ("notice_clear_days", 5, "5"),
        ("convened_by_fallback", "", "–"),
    ):
        assert regime.in_words(regime.RULES[name], value) == words


def test_what_a_sitting_turns_on_comes_first_with_its_source(cast, client_of, url):
    cast.comite.rule_books.all().delete()
    make_rule_book(cast.comite, proxies_per_holder=2, majority_fraction="2/3")
    page = client_of(cast.delegate).get(url)
    told = {name: (value, article) for name, value, article in page.context["summary"]}
    assert [*told] == ["Quorum", "Convocation", "Pouvoirs", "Majorité", "Scrutin secret"]
    assert told["Pouvoirs"] == ("2 par porteur", "statuts")
    assert told["Majorité"] == ("au moins les deux tiers des suffrages exprimés", "statuts")
    value, article = told["Scrutin secret"]
    assert value == "à la demande du tiers des membres présents" and article
    assert page.text.index(value) < page.text.index("Ce qui s’écarte du modèle")


def test_what_departs_is_marked_with_the_value_of_the_model(cast, client_of, url):
    cast.comite.rule_books.all().delete()
    values = {"proxies_per_holder": 2, "quorum_fraction": "2/3"}
    make_rule_book(cast.comite, source="statuts, art. 9", **values)
    page = client_of(cast.secretariat).get(url)
    text = page.content.decode()
    departing = [key for key, line in lines(page).items() if line.departs]
    assert departing == ["quorum_fraction", "proxies_per_holder"]
    quorum = lines(page)["quorum_fraction"]
    assert (quorum.value, quorum.usual) == ("plus des deux tiers", "plus de la moitié")
    assert [line.rule.key for line in page.context["departures"]] == departing
    assert text.index("Ce qui s’écarte du modèle") < text.index('<details class="chapter">')
    assert text.count(">statutaire<") == 2
    assert text.count(">indicative<") == sum(rule.is_indicative for rule in RULES.values())
    assert "(statuts, art. 9)" in text


def test_the_rules_of_a_day(cast, client_of, url):
    make_rule_book(cast.comite, "smf", valid_from=date(2026, 9, 1))
    client = client_of(cast.secretariat)
    assert client.get(url, {"le": "2026-08-31"}).context["book"].preset == "smo"
    page = client.get(url, {"le": "2026-09-01"})
    assert page.context["book"].preset == "smf"
    assert "?le=2026-08-31" in page.content.decode()


def test_a_day_that_does_not_exist_and_rules_that_make_no_sense_are_explained(cast, client_of, url):
    client = client_of(cast.secretariat)
    page = client.get(url, {"le": "32/01/2026"})
    assert page.status_code == 200 and page.context["form"].errors["le"]
    change_rules(cast.comite, quorum_fraction="7/3")
    text = client.get(url).content.decode()
    assert "la fraction doit être plus grande que 0 et ne pas dépasser 1" in text


@pytest.mark.parametrize("form", LegalForm.values)
@pytest.mark.parametrize("members", [(), ("commune",), ("cc", "commune"), ("departement",)])
def test_the_legal_form_alone_proposes_the_model_and_members_that_say_otherwise_are_told(
    cast, form, members
):
    """A closed syndicate never gets the open model because its members are not entered yet."""
    cast.organisation.communities.update(is_associated=True)
    change(cast.organisation, legal_form=form)
    for number, kind in enumerate(members):
        make_community(cast.organisation, f"Membre {number}", kind=kind)
    assert rules.preset_proposed_for(cast.comite) == form
    agreed = {(): form, ("commune",): "epci", ("cc", "commune"): "smf", ("departement",): "smo"}
    told = [each.code for each in rules.doubts_on_the_form(cast.organisation)]
    is_told = form not in ("commune", agreed[members])
    assert told == (["forme_douteuse"] if is_told else [])


def test_a_share_that_nobody_can_say_is_refused_and_one_that_is_stored_breaks_no_page(
    cast, client_of, url
):
    """Stored before it was refused, it is told, and mended on its form."""
    client, book = client_of(cast.administration), cast.comite.rule_books.get()
    card = reverse("admin:members_rulebook_change", args=[book.pk])
    endless = "1/99999999999999999"
    refused = client.post(card, form_data(client.get(card)) | {"quorum_fraction": endless})
    assert "cette fraction ne se dit pas" in text(refused).lower()
    RuleBook.objects.filter(pk=book.pk).update(values=book.values | {"quorum_fraction": endless})
    composition = reverse("members:composition", args=[cast.comite.pk])
    for page in (url, composition):
        assert "cette fraction ne se dit pas" in text(client.get(page))
    for name in ("rulebook_changelist", "body_changelist"):
        assert client.get(reverse(f"admin:members_{name}")).status_code == 200
    assert (
        client.get(reverse("admin:members_body_change", args=[cast.comite.pk])).status_code == 200
    )
    mended = form_data(client.get(card)) | {"quorum_fraction": "deux tiers"}
    assert client.post(card, mended).status_code == 302
    book.refresh_from_db()
    assert book.values["quorum_fraction"] == "2/3"
