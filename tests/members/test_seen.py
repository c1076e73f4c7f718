"""A card that another changed since it was opened: nothing is undone unread."""

import re
from datetime import date
from html import unescape

import pytest
from django.utils import timezone

from members.models import Constituency, Mandate, Person, User
from tests.cast import change, make_account, make_cast, make_person, make_role
from tests.live.threads import at_once
from tests.members.test_admin import form_data, page, selected
from tests.words import text, unsaid

CHANGED = "Cette fiche a changé depuis que vous l’avez ouverte"


@pytest.fixture
def client(cast, client_of):
    """The browser of the administrator, whose cards grow old."""
    return client_of(cast.administration)


@pytest.fixture
def colleague(cast, client_of):
    """The browser of another administrator."""
    account = make_account("anne@brume.example", first_name="Anne", last_name="Martin")
    make_role(account, cast.organisation, "administration")
    return client_of(account)


def opened(client, row) -> tuple[str, dict]:
    """A card, and what its form would send back untouched."""
    card = page(type(row), "change", row.pk)
    return card, form_data(client.get(card))


def account_to_close(cast) -> User:
    account = make_account("parti@brume.example", first_name="Paul", last_name="Parti")
    make_role(account, cast.organisation, "secretariat")
    return account


# What the colleague changed, what is typed in the stale card beside it.
CARDS = {
    "un mandat fini": (
        lambda cast: cast.seat(cast.farid),
        {"end_on": "01/06/2026", "end_reason": "deces"},
        {"position": 3},
        ("Anne Martin", "Dernier jour", "1er juin 2026", "repris ici"),
        lambda row: (row.end_on, row.end_reason) == (date(2026, 6, 1), "deces"),
    ),
    "une adresse corrigée": (
        lambda cast: cast.farid,
        {"email": "farid@juste.example"},
        {"phone": "0123456789"},
        ("Anne Martin", "farid@juste.example", "repris ici"),
        lambda row: row.email == "farid@juste.example",
    ),
    "une règle": (
        lambda cast: cast.comite.rule_books.get(),
        {"notice_clear_days": 12},
        {"source": "Statuts, article 4"},
        ("Anne Martin", "12", "repris ici"),
        lambda row: row.values["notice_clear_days"] == 12,
    ),
    "un compte fermé": (
        account_to_close,
        {"is_active": None},
        {"last_name": "Party"},
        ("quelqu’un d’autre", "Compte ouvert", "non", "repris ici"),
        lambda row: not row.is_active,
    ),
    "un collège, sur la fiche de son instance": (
        lambda cast: cast.comite,
        {"constituencies-0-seats": 7},
        {"usual_place": "Salle des fêtes"},
        ("7", "repris ici"),
        lambda row: Constituency.objects.filter(body=row, seats=7).exists(),
    ),
}


@pytest.mark.parametrize("case", CARDS)
def test_a_card_opened_before_another_wrote_undoes_nothing(cast, client, colleague, case):
    make, theirs, ours, told, holds = CARDS[case]
    row = make(cast)
    card, stale = opened(client, row)
    _, fresh = opened(colleague, row)
    sent = {name: value for name, value in (fresh | theirs).items() if value is not None}
    assert colleague.post(card, sent).status_code == 302
    row = type(row).objects.get(pk=row.pk)
    assert holds(row)

    answer = client.post(card, stale | ours)
    assert answer.status_code == 200
    assert unsaid(text(answer), CHANGED, *told) == []
    assert holds(type(row).objects.get(pk=row.pk))
    ((name, typed),) = ours.items()
    again = form_data(answer)
    assert str(again[name]) == str(typed)  # what was typed is there

    assert client.post(card, again).status_code == 302  # sent anew, it is written beside theirs
    row = type(row).objects.get(pk=row.pk)
    assert holds(row)
    assert str(getattr(row, name)) == str(typed)


def test_what_both_changed_is_told_and_replaced_by_who_sends_it_anew(cast, client, colleague):
    card, stale = opened(client, cast.farid)
    colleague.post(card, stale | {"phone": "0111111111"})
    answer = client.post(card, stale | {"phone": "0222222222"})
    assert unsaid(text(answer), CHANGED, "0111111111", "le remplacera") == []
    assert form_data(answer)["phone"] == "0222222222"
    assert Person.objects.get(pk=cast.farid.pk).phone == "0111111111"
    assert client.post(card, form_data(answer)).status_code == 302
    assert Person.objects.get(pk=cast.farid.pk).phone == "0222222222"


def test_a_fault_of_its_own_does_not_make_a_stale_card_fresh(cast, client, colleague):
    """Read again with its fault, the card still bears what it first showed."""
    mandate = cast.seat(cast.farid)
    card, stale = opened(client, mandate)
    wrong = client.post(card, stale | {"weight": "beaucoup"})
    colleague.post(card, stale | {"end_on": "01/06/2026", "end_reason": "deces"})
    answer = client.post(card, form_data(wrong) | {"weight": 2})
    assert CHANGED in text(answer)
    assert Mandate.objects.get(pk=mandate.pk).end_on == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("make", "typed"),
    [
        (lambda cast: cast.seat(cast.farid), {"end_on": "1/6/2026", "end_reason": "deces"}),
        (lambda cast: cast.farid, {"email": "FARID@Juste.example", "phone": " 01 23 45 67 89 "}),
        (lambda cast: cast.comite.rule_books.get(), {"quorum_fraction": "deux tiers"}),
        (lambda cast: cast.organisation, {"siren": "200 054 781"}),
        (account_to_close, {"last_name": " PARTY "}),
        (lambda cast: cast.comite, {"constituencies-0-seats": 7, "usual_time": "17:30"}),
    ],
    ids=["mandat", "personne", "règles", "organisation", "compte", "collège"],
)
def test_the_same_form_sent_twice_is_nobody_elses_change(cast, client, make, typed):
    card, sent = opened(client, make(cast))
    assert client.post(card, sent | typed).status_code == 302
    assert client.post(card, sent | typed).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.parametrize("phones", [("01", "02"), ("01", "01")], ids=["deux", "un double clic"])
def test_of_two_forms_sent_at_once_the_second_sees_what_the_first_wrote(client_of, phones):
    cast = make_cast()
    card, sent = opened(client_of(cast.administration), cast.farid)
    each = [(client_of(cast.administration), {"phone": f"0{phone}0203040"}) for phone in phones]
    answers = at_once(lambda one: one[0].post(card, sent | one[1]), each)
    told = sorted(answer.status_code for answer in answers)
    assert told == ([200, 302] if len(set(phones)) > 1 else [302, 302])
    assert sum(CHANGED in text(answer) for answer in answers) == told.count(200)


def test_a_mark_that_nobody_wrote_breaks_nothing(cast, client):
    for mark in ("", "[]", "{", "12", "[" * 100_000):
        card, sent = opened(client, cast.farid)
        assert client.post(card, sent | {"fiche-vue": mark}).status_code == 302


# --- Acts of one page on what another page changed


def hidden(response, name: str) -> str:
    (found,) = re.findall(rf'name="{name}" value="([^"]*)"', response.text)
    return unescape(found)


DELETED = {
    "un mandat": (
        lambda cast: cast.seat(cast.farid),
        {"end_on": "01/06/2026", "end_reason": "deces"},
    ),
    "une personne": (lambda cast: make_person(cast.organisation, "Jean", "Jouy"), {"phone": "01"}),
    "un compte": (account_to_close, {"is_active": None}),
    "une règle": (lambda cast: cast.comite.rule_books.get(), {"notice_clear_days": 12}),
}


@pytest.mark.parametrize("way", ["sa fiche", "la liste"])
@pytest.mark.parametrize("case", DELETED)
def test_what_another_changed_is_not_deleted_unread(cast, client, colleague, case, way):
    make, theirs = DELETED[case]
    row = make(cast)
    url, ticked = page(type(row), "delete", row.pk), {}
    if way == "la liste":
        url, ticked = page(type(row), "changelist"), selected("delete_selected", row)
    read = client.post(url, ticked) if ticked else client.get(url)
    asked = {"post": "yes", "fiche-vue": hidden(read, "fiche-vue")} | ticked
    card, fresh = opened(colleague, row)
    sent = {name: value for name, value in (fresh | theirs).items() if value is not None}
    assert colleague.post(card, sent).status_code == 302

    answer = client.post(url, asked)
    assert answer.status_code == 200
    assert "a changé depuis que vous avez ouvert cette page" in text(answer)
    assert type(row).objects.filter(pk=row.pk).exists()
    asked["fiche-vue"] = hidden(answer, "fiche-vue")
    assert client.post(url, asked).status_code == 302
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_what_would_go_with_a_row_is_read_before_it_goes(cast, client):
    """A role that a colleague gave meanwhile is not lost with its account."""
    account = account_to_close(cast)
    url = page(User, "delete", account.pk)
    asked = {"post": "yes", "fiche-vue": hidden(client.get(url), "fiche-vue")}
    make_role(account, cast.organisation, "delegue")
    answer = client.post(url, asked)
    assert unsaid(text(answer), "Ce qui disparaîtrait avec a changé", "2 rôles") == []
    assert account.roles.count() == 2


def test_an_account_that_somebody_entered_meanwhile_is_deleted_as_read(cast, client, client_of):
    account = account_to_close(cast)
    url = page(User, "delete", account.pk)
    asked = {"post": "yes", "fiche-vue": hidden(client.get(url), "fiche-vue")}
    User.objects.filter(pk=account.pk).update(last_login=timezone.now())
    assert client.post(url, asked).status_code == 302


def test_a_state_is_returned_to_over_what_was_read_and_nothing_else(cast, client, colleague):
    change(cast.farid, phone="0111111111", email="farid@un.example")
    first = cast.farid.history.first().pk
    change(cast.farid, phone="0222222222")
    url = page(Person, "simple_history", cast.farid.pk, first)
    read = client.get(url)
    card, fresh = opened(colleague, cast.farid)
    theirs = {"phone": "0333333333", "address": "1 rue Haute"}
    assert colleague.post(card, fresh | theirs).status_code == 302

    answer = client.post(url, form_data(read))
    assert answer.status_code == 200
    told = CHANGED, "Anne Martin", "0333333333", "le remplacera", "1 rue Haute", "repris ici"
    assert unsaid(text(answer), *told) == []
    assert Person.objects.get(pk=cast.farid.pk).phone == "0333333333"
    again = form_data(answer)
    assert (again["phone"], again["address"]) == ("0111111111", "1 rue Haute")
    assert client.post(url, again).status_code == 302
    now = Person.objects.get(pk=cast.farid.pk)
    assert (now.phone, now.address) == ("0111111111", "1 rue Haute")


def test_a_state_that_nobody_changed_is_returned_to_at_once(cast, client):
    change(cast.farid, phone="0111111111")
    first = cast.farid.history.first().pk
    change(cast.farid, phone="0222222222")
    url = page(Person, "simple_history", cast.farid.pk, first)
    sent = form_data(client.get(url))
    for _ in range(2):  # a double click says nothing
        assert client.post(url, sent).status_code == 302
    assert Person.objects.get(pk=cast.farid.pk).phone == "0111111111"
