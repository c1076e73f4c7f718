"""Who composed the body on a day: in columns, with the empty seats, in eight queries."""

import re
from datetime import date, timedelta
from itertools import product

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from archive.desk import chores
from law.french import long_date
from meetings import composition
from members import actions, seats
from members.models import Community, Mandate
from tests.cast import (
    SINCE,
    change,
    make_account,
    make_body,
    make_community,
    make_mandate,
    make_person,
    make_role,
)
from tests.words import text, unsaid


@pytest.fixture
def url(cast):
    return reverse("members:composition", args=[cast.comite.pk])


def end(seat: Mandate, on: date = date(2026, 9, 30)) -> None:
    actions.end_mandates([seat], on=on, reason="demission", by=None)


def told(roll: seats.Roll) -> list[tuple]:
    """The roll as a reader sees it: columns of names, substitutes after their titular."""
    columns = []
    for group in roll.groups:
        people = []
        for seat in group.seats:
            people.append(str(seat.mandate.person))
            people.extend(f"({mandate.person})" for mandate in seat.substitutes)
        pool = [str(mandate.person) for mandate in group.pool]
        columns.append((str(group.constituency), people, pool, group.vacancies))
    return columns


def test_whoever_was_invited_is_not_offered_to_be_again(cast, client_of):
    change(cast.alice, email="alice@brume.example")
    client = client_of(cast.administration)
    shown = reverse("members:mandate", args=[cast.seat(cast.alice).pk])
    assert "Inviter</button>" in client.get(shown).text
    account = make_account("alice@brume.example")
    assert "Inviter</button>" in client.get(shown).text  # of elsewhere: nothing is told of it
    make_role(account, cast.organisation, "delegue")
    text = client.get(shown).text
    assert "Inviter</button>" not in text and "ouvert à son adresse, pas rattaché" in text


def test_a_seat_that_will_be_vacant_is_filled_from_that_day(cast, client_of, url):
    client, tomorrow = client_of(cast.administration), timezone.localdate() + timedelta(days=1)
    end(cast.seat(cast.farid), timezone.localdate())
    for day, is_offered in ((tomorrow, True), (tomorrow - timedelta(days=400), False)):
        text = client.get(url, {"le": day}).text
        start = f"{day:%d/%m/%Y}".replace("/", "%2F")
        assert (f"start_on={start}" in text) == is_offered, day


def test_a_vacant_seat_to_which_somebody_comes_is_filled_once(cast, client_of, url):
    """Filled from a coming day it was offered still, and filled twice: 19 titulars for 18 seats."""
    client, today = client_of(cast.administration), timezone.localdate()
    end(cast.seat(cast.farid), today - timedelta(days=1))
    college, agglo = cast.seat(cast.claire).constituency, cast.agglo
    before = text(client.get(url))
    assert unsaid(before, 'id="a-pourvoir"', "1 siège vacant <span") == []
    add = f"{reverse('admin:members_mandate_add')}?body={cast.comite.pk}"
    data = {"body": cast.comite.pk, "constituency": college.pk, "community": agglo.pk}
    data |= {"capacity": "titulaire", "office": "membre", "weight": 1, "position": 0}
    jeanne = make_person(cast.organisation, "Jeanne", "Testard", "Mme")
    first, second = today + timedelta(days=2), today + timedelta(days=9)
    sent = data | {"person": jeanne.pk, "start_on": f"{first:%d/%m/%Y}"}
    done = text(client.post(add, sent, follow=True))
    assert unsaid(done, f"{college} : plus aucun siège à pourvoir.") == []

    # It is vacant until then, and no longer to be filled.
    page = text(client.get(url))
    told = f"1 siège vacant, pourvu à partir du {long_date(first)} par Jeanne TESTARD"
    assert unsaid(page, told) == []
    assert "a-pourvoir" not in page and "siège à pourvoir" not in text(client.get(add))
    assert not any("vacant" in each.what for each in _chores(cast, today))
    paul = make_person(cast.organisation, "Paul", "Petit", "M.")
    for day in (today, first, second):
        sent = data | {"person": paul.pk, "start_on": f"{day:%d/%m/%Y}"}
        refused = client.post(add, sent)
        (why,) = refused.context["adminform"].form.errors["constituency"]
        assert f"par Jeanne TESTARD, à partir du {long_date(first)}" in why
    for day, number in ((today, 5), (first, 6), (second, 6)):
        basis = composition.of(cast.comite, day).composition
        held = basis.seats - basis.vacancies
        assert held == seats.of(cast.comite, day).in_office == number
    # Until she comes, somebody may sit there.
    until = first - timedelta(days=1)
    short = {"end_on": f"{until:%d/%m/%Y}", "end_reason": "autre"}
    sent = data | short | {"person": paul.pk, "start_on": f"{today:%d/%m/%Y}"}
    assert client.post(reverse("admin:members_mandate_add"), sent).status_code == 302


def _chores(cast, today: date) -> list:
    return chores.of(cast.organisation, by=cast.administration, on=today)


def test_whoever_comes_to_the_seat_of_another_leaves_the_vacant_one_to_be_filled(cast):
    today = timezone.localdate()
    college = cast.seat(cast.claire).constituency
    end(cast.seat(cast.farid), today - timedelta(days=1))
    end(cast.seat(cast.claire), today + timedelta(days=3))
    heir = make_person(cast.organisation, "Jeanne", "Testard", "Mme")
    make_mandate(cast.comite, heir, constituency=college, start_on=today + timedelta(days=4))
    group = seats.of(cast.comite, today).groups[0]
    assert (group.vacancies, group.to_fill, group.filled_later) == (1, 1, [])
    assert seats.to_fill([college], today) == {college.pk: 1}


def test_a_college_that_is_full_says_so_to_whoever_adds_one_more(cast):
    college, today = cast.college_departement, timezone.localdate()
    others = list(cast.comite.mandates.select_related("person"))
    paul = make_person(cast.organisation, "Paul", "Petit", "M.")
    asked = Mandate(body=cast.comite, person=paul, constituency=college, start_on=today)
    told = (
        f"Les 2 sièges de ce collège sont pourvus le {long_date(today)}\u00a0; les derniers le "
        f"sont par Denis DUVAL et Elsa EVRARD, depuis le {long_date(SINCE)}."
    )
    assert seats.against(asked, others) == told
    change(college, seats=1)
    asked.constituency = college
    one = [each for each in others if each.person != cast.elsa]
    assert seats.against(asked, one).startswith("Le siège de ce collège est pourvu le ")
    change(college, seats=0)  # of which nothing is known
    assert seats.against(asked, others) == ""


# --- What the roll says


def test_seats_of_which_nothing_is_known_on_that_day_are_not_vacant(cast):
    """An old sitting typed today says nothing of seats that were perhaps not there."""
    end(cast.seat(cast.farid))
    since = date(2026, 11, 1)
    cast.comite.constituencies.update(seats_since=since)
    for day, vacancies in ((since - timedelta(1), 0), (since, 1)):
        roll, basis = seats.of(cast.comite, day), composition.of(cast.comite, day).composition
        assert roll.vacancies == basis.vacancies == vacancies
        assert not any(group.excess for group in roll.groups)
        assert {each.name: each.seats for each in basis.constituencies} == {
            "Collège des intercommunalités": 3 + vacancies,
            "Collège du Département": 2,
        }


def test_the_composition_in_columns_offices_first(cast):
    roll, first = seats.of(cast.comite, SINCE), "Alice ARNAUD, Bruno BESSON, Claire CARON"
    communities = [*first.split(", "), "(Gaëlle GARNIER)", "Farid FAURE"]
    assert told(roll) == [
        ("Collège des intercommunalités", communities, [], 0),
        ("Collège du Département", ["Denis DUVAL", "Elsa EVRARD"], [], 0),
    ]
    assert (roll.in_office, roll.vacancies, roll.substitutes, roll.voices) == (6, 0, 1, 6)


def test_the_first_and_the_last_day_are_days_of_the_mandate(cast):
    assert seats.of(cast.comite, SINCE - timedelta(1)).in_office == 0
    end(cast.seat(cast.farid))
    assert seats.of(cast.comite, date(2026, 9, 30)).in_office == 6
    roll = seats.of(cast.comite, date(2026, 10, 1))
    assert (roll.in_office, roll.vacancies) == (5, 1)
    # Changes before and after.
    last, next_ = date(2026, 9, 30), date(2026, 10, 1)
    first, second = (seats.of(cast.comite, date(2026, month, 1)) for month in (6, 11))
    assert (first.since, first.until, first.before, first.after) == (SINCE, last, None, next_)
    assert (second.since, second.until, second.before, second.after) == (next_, None, last, None)
    none_yet = seats.of(cast.comite, date(2020, 1, 1))
    assert (none_yet.since, none_yet.after) == (None, SINCE)


def test_a_pooled_substitute_one_whose_titular_has_gone_and_one_who_follows_his(cast):
    seat, substitute = cast.seat(cast.claire), {"capacity": Mandate.Capacity.SUBSTITUTE}
    pooled = make_person(cast.organisation, "Paul", "Petit", "M.")
    there = {"constituency": cast.college_departement, "community": cast.departement}
    make_mandate(cast.comite, pooled, **substitute, **there)
    end(seat, on=date(2026, 8, 31))
    columns = told(seats.of(cast.comite, date(2026, 9, 1)))
    assert [pool for _, _, pool, _ in columns] == [["Gaëlle GARNIER"], ["Paul PETIT"]]
    office = {"office": Mandate.Office.VICE_CHAIR, "office_rank": 3, "start_on": date(2026, 9, 1)}
    make_mandate(cast.comite, cast.claire, constituency=seat.constituency, **office)
    column = told(seats.of(cast.comite, date(2026, 9, 1)))[0][1]
    assert column[2:4] == ["Claire CARON", "(Gaëlle GARNIER)"]


def test_consultative_members_are_apart_and_never_counted(cast):
    kind = {"kind": Community.Kind.REGION, "is_associated": True}
    region = make_community(cast.organisation, "Région", **kind)
    guest = make_person(cast.organisation, "Rémi", "Roux", "M.")
    make_mandate(cast.comite, guest, capacity=Mandate.Capacity.CONSULTATIVE, community=region)
    roll = seats.of(cast.comite, SINCE)
    assert [mandate.person for mandate in roll.consultative] == [guest]
    assert roll.in_office == 6


def test_seats_and_the_order_of_the_roll(cast):
    (column,) = told(seats.of(cast.bureau, SINCE))
    assert column == ("None", ["Alice ARNAUD", "Bruno BESSON", "Denis DUVAL"], [], 0)
    Mandate.objects.filter(person=cast.alice).update(position=2)
    Mandate.objects.filter(person=cast.farid).update(position=1)
    edouard = make_person(cast.organisation, "Zoé", "Édouard")
    make_mandate(cast.comite, edouard, constituency=cast.college_departement)
    roll = seats.of(cast.comite, SINCE)
    assert (roll.groups[1].vacancies, roll.groups[1].excess) == (0, 1)  # more than the statutes
    # The order of call comes before office and name; accents send no name to the end.
    (_, first, *_), (_, second, *_) = told(roll)
    assert first[-2:] == ["Farid FAURE", "Alice ARNAUD"]
    assert second == ["Denis DUVAL", "Zoé ÉDOUARD", "Elsa EVRARD"]


# --- The page


def test_the_page_shows_today_or_the_day_asked_for_and_names_as_they_are(cast, client_of, url):
    change(cast.farid, last_name="<script>alert(1)</script> 漢字 😀 L’Été")
    page = client_of(cast.secretariat).get(url)
    text = page.content.decode()
    assert page.status_code == 200
    today = ("Composition d’aujourd’hui", "1er vice-président")
    rules = "Modèle « syndicat mixte ouvert »."
    assert unsaid(text, *today, rules, "plus de la moitié des membres en exercice") == []
    assert "<script>alert(1)" not in text
    assert "&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt; 漢字 😀 L’ÉTÉ" in text
    end(cast.seat(cast.farid))
    text = client_of(cast.delegate).get(url, {"le": "2026-10-01"}).content.decode()
    asked = "Composition du 1er\u00a0octobre 2026"
    assert unsaid(text, asked, "1 siège vacant", "?le=2026-09-30") == []
    assert "漢字" not in text


def test_who_is_about_to_leave_says_until_when_today_and_on_no_other_day(cast, client_of, url):
    today = timezone.localdate()
    end(cast.seat(cast.farid), today + timedelta(10))
    client, until = client_of(cast.secretariat), long_date(today + timedelta(10))
    marked = f'<span class="seat-note">jusqu’au {until}</span>'
    assert unsaid(text(client.get(url)), marked) == []
    later = text(client.get(url, {"le": f"{today + timedelta(1):%Y-%m-%d}"}))
    assert unsaid(later, marked) == [marked]


def test_a_day_is_typed_as_one_writes_it_or_said_beside_the_field(cast, client_of, url):
    client = client_of(cast.secretariat)
    page = client.get(url, {"le": "01/10/2026"})
    assert page.context["roll"].on == date(2026, 10, 1)
    for le in ("31/02/2026", "hier", "0001-01-01", "99999-01-01", "2026-13-01"):
        page = client.get(url, {"le": le})
        (why,) = page.context["form"].errors["le"]
        far = "Écrivez une date de 1800 à 2200."
        said = f"{timezone.localdate():%d/%m/%Y}"
        no_date = f"Cette date n’existe pas. Écrivez-la ainsi\u00a0: {said}."
        assert why == (far if le.startswith("0001") else no_date)
        assert (page.status_code, page.context["roll"].in_office) == (200, 6)
        assert "Voici la situation d’aujourd’hui" in page.content.decode()
    cast.comite.constituencies.update(seats=0)
    text = client.get(url, {"le": "2000-01-01"}).content.decode()
    assert "Personne ne siégeait ce jour-là" in text


def test_without_rules_that_make_sense_the_roll_still_shows(cast, client_of, url):
    book = cast.comite.rule_books.get()
    change(book, values={"quorum_fraction": "beaucoup"})
    client = client_of(cast.secretariat)
    page = client.get(url)
    assert page.status_code == 200 and "Ce règlement ne se lit pas" in page.content.decode()
    assert page.context["roll"].in_office == 6
    cast.comite.rule_books.all().delete()
    assert "Aucun règlement n’est enregistré" in client.get(url).content.decode()


def test_eight_queries_whatever_the_history(cast, client_of, url, django_assert_num_queries):
    client = client_of(cast.secretariat)
    for turns in (range(1), range(1, 10)):  # as many earlier terms of the whole Comité
        for turn, letter in product(turns, "ABCDEF"):
            person, year = make_person(cast.organisation, f"Ancien {turn}", letter), 1990 + turn
            ended = {"end_on": date(year, 12, 31), "end_reason": Mandate.EndReason.TERM}
            place = {"constituency": cast.intercommunalites, "community": cast.agglo}
            make_mandate(cast.comite, person, start_on=date(year, 1, 1), **ended, **place)
        with django_assert_num_queries(8):
            assert client.get(url).status_code == 200


def test_the_list_of_bodies_costs_the_same_with_more(cast, client_of, django_assert_num_queries):
    client, url = client_of(cast.delegate), reverse("members:bodies")
    with django_assert_num_queries(5):
        page = client.get(url)
    told = {b.name: (b.in_office, [c.person for c in b.chairs]) for b in page.context["bodies"]}
    comite, bureau = ("Comité syndical", (6, [cast.alice])), ("Bureau", (3, [cast.alice]))
    assert list(told.items()) == [comite, bureau]
    assert "Olga" not in page.content.decode()
    for number in range(5):
        make_mandate(make_body(cast.organisation, f"Commission {number}"), cast.alice)
    with django_assert_num_queries(5):
        client.get(url)


def test_the_secretariat_gives_the_dates_of_birth_that_make_the_eldest(cast, client_of):
    client, where = client_of(cast.secretariat), reverse("accounts:births", args=[cast.comite.pk])
    assert where in client.get(cast.comite.get_absolute_url()).content.decode()
    shown = client.get(where).content.decode()
    assert unsaid(shown, "Mme Alice ARNAUD", "Gaëlle GARNIER", "Reprendre la composition") == []
    alice, bruno = (f"ne-{person.pk}" for person in (cast.alice, cast.bruno))
    wrong = client.post(where, {alice: "2150-01-01"})
    assert wrong.status_code == 422 and "elle est à venir" in wrong.content.decode()
    assert client.post(where, {alice: "1950-03-02", bruno: ""}).status_code == 302
    cast.alice.refresh_from_db()
    trace = cast.alice.history.first()
    assert cast.alice.born_on == date(1950, 3, 2)
    assert (trace.history_user, trace.history_change_reason) == (
        cast.secretariat,
        "dates de naissance",
    )
    assert cast.bruno.history.count() == 1  # nothing was said of him: nothing is written
    today = composition.of(cast.comite, date.today()).composition
    assert today["alice-arnaud"].born_on == date(1950, 3, 2)


def test_each_page_of_a_body_has_a_heading_of_its_own(cast, client_of):
    """Told apart by ear, and by whoever comes back to a tab; each leads up to its body."""
    client, body = client_of(cast.secretariat), cast.comite
    pages = {
        "members:composition": str(body),
        "members:rules": "Règlement",
        "accounts:births": "Dates de naissance",
        "members:import": "Importer, exporter",
        "convening:year": "Présences",
        "registry:follow_ups": "Suites à donner",
        "registry:register": "Registre des délibérations",
        "registry:delegations": "Délégations",
        "registry:phrases": "Phrases",
        "recurring:list": "Points récurrents",
        "style:edit": "Papiers",
    }
    for name, heading in pages.items():
        page = client.get(reverse(name, args=[body.pk])).content.decode()
        assert f"<h1>{heading}</h1>" in page, name
        above = page[page.index('class="trail"') : page.index("<h1>")]
        up = reverse("members:bodies") if heading == str(body) else body.get_absolute_url()
        assert f'href="{up}"' in above, name


def test_what_may_be_done_of_a_member_is_seen_without_a_mouse():
    """« Remplacer » had no opacity before the mouse came, and was not there on a telephone."""
    css = (settings.BASE_DIR / "static/css/roll.css").read_text()
    rules = re.findall(r"([^{}]*\.seat-act\b[^{}]*)\{([^}]*)\}", css)
    assert rules and not [told for _, told in rules if re.search("opacity: 0|display: none", told)]


def test_a_college_does_not_say_twice_of_what_kind_its_community_is(cast):
    """« Collège du Département, Département de la Somme » was read above a column."""
    roll = seats.of(cast.comite, date(2026, 9, 1))
    (group,) = [each for each in roll.groups if "Département" in each.title]
    community = group.seats[0].mandate.community
    kind, _, of_which = community.name.partition(" ")
    assert kind == "Département" and len(group.seats) == 2
    assert group.title == f"Collège du Département {of_which}"
    change(group.constituency, name="Collège des élus")
    roll = seats.of(cast.comite, date(2026, 9, 1))
    assert f"Collège des élus, {community.name}" in [each.title for each in roll.groups]
