"""The administration: one organisation at a time, verbs on selections, no page that breaks."""

import contextlib
import re
import threading
from datetime import date, time, timedelta
from fractions import Fraction
from html import unescape
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import IdentityChange, Letter, LinkRequest
from law import french, regime
from meetings import composition
from members import rules, seats
from members.models import (
    Body,
    Community,
    Constituency,
    Mandate,
    Organisation,
    Person,
    Role,
    RuleBook,
    User,
)
from tests import doors, post
from tests.cast import (
    PASSWORD,
    change,
    change_rules,
    end,
    make_account,
    make_body,
    make_cast,
    make_community,
    make_constituency,
    make_mandate,
    make_person,
    make_role,
    make_rule_book,
)
from tests.costs import queries
from tests.live.threads import at_once
from tests.meetings import files
from tests.words import text, unsaid

OURS = [Organisation, Community, Body, RuleBook, Constituency, Person, Mandate, User, Role]
WITH_HISTORY = [Organisation, Community, Body, RuleBook, Constituency, Person, Mandate]


def page(model, name: str, *args) -> str:
    return reverse(f"admin:members_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def client(cast, client_of):
    """The browser of the administrator of the Val de Brume."""
    return client_of(cast.administration)


@pytest.fixture
def superuser(cast, client_of):
    change(cast.administration, is_superuser=True)
    return client_of(cast.administration)


def row_of(cast, model):
    return {
        Organisation: cast.organisation,
        Community: cast.agglo,
        Body: cast.comite,
        RuleBook: cast.comite.rule_books.get(),
        Constituency: cast.intercommunalites,
        Person: cast.farid,
        Mandate: cast.seat(cast.farid),
        User: cast.delegate,
        Role: cast.delegate.roles.get(),
    }[model]


def form_data(response) -> dict:
    """What a browser would send back from a page of the administration, untouched."""
    forms = [response.context["adminform"].form]
    for inline in response.context.get("inline_admin_formsets", ()):
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {
        bound.html_name: bound.field.prepare_value(bound.value())
        for form in forms
        for bound in form
        if bound.value() is not None and bound.value() is not False
    }
    marks = re.findall(r'name="([^"]*fiche-vue)" value="([^"]*)"', response.text)
    data |= {name: unescape(mark) for name, mark in marks}
    return {name: value for name, value in data.items() if value != ""}


def errors(response) -> dict:
    return dict(response.context["adminform"].form.errors)


def mandate_data(cast, **changes) -> dict:
    return {
        "body": cast.comite.pk,
        "person": cast.farid.pk,
        "community": cast.etangs.pk,
        "capacity": "titulaire",
        "office": "membre",
        "weight": 1,
        "position": 0,
        "start_on": "2026-09-01",
    } | changes


def person_data(cast, *, mandates: int, last_name: str = "Intruse") -> dict:
    return {
        "organisation": cast.organisation.pk,
        "civility": "Mme",
        "last_name": last_name,
        "mandates-TOTAL_FORMS": mandates,
        "mandates-INITIAL_FORMS": 0,
    }


def selected(action: str, *rows, **data) -> dict:
    return {"action": action, "_selected_action": [row.pk for row in rows]} | data


BY_NAME = {"ids": lambda model: model.__name__}


# --- Who enters


def test_only_the_role_administration_enters_by_the_one_door(cast, client_of):
    for who in ("secretariat", "delegate", "other_secretariat", "other_delegate", "stranger"):
        client = client_of(getattr(cast, who))
        assert client.get(reverse("admin:index"), follow=True).status_code == 403, who
    response = client_of(None).get(page(Person, "changelist"), follow=True)
    assert response.redirect_chain[-1][0] == (
        f"{reverse('accounts:login')}?next={page(Person, 'changelist')}"
    )


def test_the_index_shows_what_can_be_kept_and_one_leaves_as_elsewhere(client):
    text = client.get(reverse("admin:index")).content.decode()
    for model in OURS:
        assert page(model, "changelist") in text
    assert client.get(reverse("admin:app_list", args=["members"])).url == reverse("admin:index")
    assert client.get(reverse("admin:password_change")).url == reverse("accounts:password_change")
    assert client.post(reverse("admin:logout")).url == reverse("accounts:login")
    assert client.get(reverse("admin:index")).status_code == 302


# What Django says of its objects, which nobody here calls so.
FOREIGN = re.compile(r"un objet|l’objet|l'objet|supplémentaire|Bienvenue", re.IGNORECASE)


@pytest.mark.parametrize("model", OURS, **BY_NAME)
def test_the_administration_is_a_room_of_the_house_and_speaks_its_words(cast, client, model):
    """One goes back from each page as from any other, and it says what one would say."""
    for view in ("changelist", "add", "change", "delete"):
        row = [row_of(cast, model).pk] if view in ("change", "delete") else []
        response = client.get(page(model, view, *row))
        if response.status_code != 200:  # an organisation is founded elsewhere
            continue
        text = response.content.decode()
        assert f'class="brand" href="{reverse("home")}"' in text
        assert f'href="{page(model, "changelist")}" aria-current="true"' in text
        assert FOREIGN.search(text) is None, (view, FOREIGN.search(text))


def test_a_list_without_a_row_leads_on(cast, client):
    url = page(Community, "changelist")
    assert "Aucune fiche ne répond" in client.get(url, {"q": "zzz"}).content.decode()
    Community.objects.filter(organisation=cast.organisation).update(
        organisation=cast.other_organisation
    )
    text = client.get(url).content.decode()
    assert "Rien encore" in text and reverse("archive:first_steps") in text


# --- Every page of every model


@pytest.mark.parametrize("model", OURS, **BY_NAME)
def test_every_page_opens_and_a_form_saved_untouched_changes_nothing(cast, client, model):
    row = row_of(cast, model)
    change = page(model, "change", row.pk)
    listed = page(model, "changelist")
    for url in (listed, f"{listed}?q=évrard", change, page(model, "history", row.pk)):
        assert client.get(url).status_code == 200, url
    response = client.post(change, form_data(client.get(change)))
    assert response.status_code == 302, errors(response)
    if model is not Organisation:
        assert client.get(page(model, "add")).status_code == 200
        response = client.post(page(model, "add"), {})
        assert response.status_code == 200
        assert errors(response)


@pytest.mark.parametrize("model", WITH_HISTORY, **BY_NAME)
def test_the_history_of_a_row_opens_to_each_of_its_states_and_that_of_nothing_is_unknown(
    cast, client, model
):
    assert hasattr(admin.site._registry[model], "history_form_view")
    row = row_of(cast, model)
    name = f"admin:members_{model._meta.model_name}_simple_history"
    url = reverse(name, args=[row.pk, row.history.first().pk])
    assert client.get(url).status_code == 200
    for pk in ("999999", "x"):
        assert client.get(page(model, "history", pk)).status_code == 404


@pytest.mark.parametrize("model", OURS, **BY_NAME)
def test_each_act_on_what_gives_a_vote_asks_for_a_second_proof(cast, client, model):
    doors.grow_old(client)
    row = row_of(cast, model)
    change = page(model, "change", row.pk)
    asked = [(change, form_data(client.get(change))), (page(model, "delete", row.pk), {})]
    if model is not Organisation:  # which its own administration does not delete
        asked.append((page(model, "changelist"), selected("delete_selected", row, post="yes")))
    if model in WITH_HISTORY:
        name = f"admin:members_{model._meta.model_name}_simple_history"
        asked.append((reverse(name, args=[row.pk, row.history.first().pk]), {}))
    for url, data in asked:
        response = client.post(url, data)
        assert response.status_code == 403, url
        assert "Confirmez que c’est vous" in response.content.decode()
    assert client.get(page(model, "change", row.pk)).status_code == 200  # to read asks nothing
    # Nor to read what an act on those ticked would do.
    read = client.post(page(model, "changelist"), selected("delete_selected", row))
    assert read.status_code == 200
    assert "Confirmez que c’est vous" not in read.text
    # Nor does a form that has to be corrected, and writes nothing; nor to leave.
    before = list(model.objects.values())
    answer = client.post(page(model, "add"), {})
    assert answer.status_code == (403 if model is Organisation else 200)
    assert "Confirmez que c’est vous" not in answer.text
    assert list(model.objects.values()) == before
    assert client.post(reverse("admin:logout")).status_code == 302


def test_a_form_is_read_before_it_is_asked_whose_it_is(cast, client):
    """Its own faults, those of its rows; then the proof, which writes what was sent."""
    cast.administration.set_password(PASSWORD)
    cast.administration.save()
    client.force_login(cast.administration)
    doors.grow_old(client)
    url = page(Person, "add")
    wrong = {"mandates-0-body": cast.comite.pk, "mandates-0-capacity": "titulaire"}
    answer = client.post(url, person_data(cast, mandates=1) | wrong)
    assert answer.status_code == 200 and "Confirmez que c’est vous" not in answer.text
    right = person_data(cast, mandates=0)
    asked = client.post(url, right)
    assert asked.status_code == 403 and "Confirmez que c’est vous" in asked.text
    assert not Person.objects.filter(last_name="Intruse").exists()
    assert client.post(url, right | {"preuve": "non"}).status_code == 403
    assert not Person.objects.filter(last_name="Intruse").exists()
    assert client.post(url, right | {"preuve": PASSWORD}).status_code == 302
    assert Person.objects.filter(last_name="Intruse").exists()


def test_what_is_sent_by_rows_is_proved_before_anything_is_written(cast, client):
    """The address that is asked, the roles that change, are after the proof too."""
    doors.grow_old(client)
    url = page(User, "change", cast.delegate.pk)
    sent = form_data(client.get(url)) | {"email": "autre@brume.example"}
    assert client.post(url, sent).status_code == 403
    assert not IdentityChange.objects.exists() and not Letter.objects.exists() and not mail.outbox


def test_communities_are_filed_without_their_articles_and_those_that_are_gone_say_so(cast, client):
    for name in ("CC Terre de Brume", "CC de Haute Brume", "CC de l’Étang", "CC d’Évian"):
        make_community(cast.organisation, name)
    gone = make_community(cast.organisation, "CC Ancienne")
    change(gone, dissolved_on=date(2017, 1, 1), successor=cast.agglo)
    url = page(Community, "changelist")
    assert "CC Ancienne" not in client.get(url).text  # who looks for it finds it
    assert "CC Ancienne" in client.get(url, {"q": "ancienne"}).text
    every = client.get(url, {"existe": "toutes"})
    names = [row.name for row in every.context["cl"].result_list]
    ours = [name for name in names if name.startswith("CC ")]
    wanted = ["CC de l’Étang", "CC d’Évian", "CC de Haute Brume", "CC Terre de Brume"]
    assert [name for name in ours if name in wanted] == wanted and ours[-1] == "CC Ancienne"
    text = client.get(url, {"existe": "non"}).content.decode()
    assert [row.name for row in client.get(url, {"existe": "non"}).context["cl"].result_list] == [
        "CC Ancienne"
    ]
    assert "n’existe plus" in text and f"jusqu’au 31 décembre 2016, puis {cast.agglo}" in text
    assert "CC Ancienne" not in client.get(url, {"existe": "oui"}).text


def test_a_mandate_in_office_leads_to_the_act_that_replaces(cast, client):
    running, over = cast.seat(cast.farid), cast.seat(cast.claire)
    end(over, date(2026, 6, 1))
    for seat, is_offered in ((running, True), (over, False)):
        address = reverse("members:mandate", args=[seat.pk])
        for url in (page(Mandate, "changelist"), page(Mandate, "change", seat.pk)):
            assert (f'href="{address}#suite"' in client.get(url).text) == is_offered
    assert client.get(reverse("members:mandate", args=[running.pk])).status_code == 200


def test_a_new_account_is_somebody_s(cast, client):
    url = page(User, "add")
    sent = {"email": "neuve@brume.example", "roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0}
    sent["roles-0-organisation"] = cast.organisation.pk
    answer = client.post(url, sent)
    assert set(errors(answer)) == {"first_name", "last_name"}
    assert "Donnez au moins un rôle." in answer.text
    named = sent | {"first_name": "Ève", "last_name": "Estève", "roles-0-kind": ""}
    assert "1 point à corriger" in text(client.post(url, named))  # once, not its row besides
    taken = sent | {"first_name": "Ève", "last_name": "Estève", "email": cast.delegate.email}
    (told,) = errors(client.post(url, taken))["email"]
    assert "objet" not in told and "adresse" in told


def test_a_folded_chapter_says_what_it_holds_then_how_it_departs(cast, client):
    book = cast.comite.rule_books.get()
    told = client.get(page(RuleBook, "change", book.pk)).text
    chapter = rules.said_by_chapter(book)
    assert [*chapter] == [title for title, _ in rules.keys_by_chapter()]
    assert all(words in told for words in chapter.values())
    held = chapter["Convocation"].replace("\u00a0", " ")
    assert held == "5 jours francs, 1 en urgence, par voie électronique"
    change_rules(cast.comite, notice_clear_days=9)
    book.refresh_from_db()
    words = rules.said_by_chapter(book)["Convocation"]
    label = regime.RULES["notice_clear_days"].label
    assert words.startswith("9 jours francs, 1 en urgence")
    assert words.endswith(f"<strong>1 écart – {label}\u00a0: 9</strong>")
    assert words in client.get(page(RuleBook, "change", book.pk)).text


@pytest.mark.parametrize("preset", regime.PRESETS)
def test_what_the_chapters_say_of_a_model_is_its_values(cast, preset):
    book = RuleBook(body=cast.comite, preset=preset)
    book.values = regime.to_values(book.usual)
    told = {
        title: words.replace("\u00a0", " ") for title, words in rules.said_by_chapter(book).items()
    }
    own = book.regime
    assert not any("écart" in words for words in told.values())
    assert told["Convocation"].startswith(f"{own.notice_clear_days} jours francs")
    assert ("visioconférence admise" in told["Déroulement des séances"]) is own.remote_allowed
    assert ("sans maximum" in told["Exécutif"]) is (
        own.vice_chair_fraction == 1 and not own.vice_chair_cap
    )


# --- One organisation at a time


@pytest.mark.parametrize("model", OURS, **BY_NAME)
def test_rows_of_another_organisation_are_unknown(cast, client_of, model):
    client = client_of(cast.other_administration)
    row = row_of(cast, model)
    listed = client.get(page(model, "changelist"))
    assert row.pk not in {each.pk for each in listed.context["cl"].result_list}
    response = client.get(page(model, "change", row.pk))
    assert (response.status_code, response.url) == (302, reverse("admin:index"))
    gone = 403 if model is Organisation else 302  # that, only a superuser deletes
    assert client.get(page(model, "delete", row.pk)).status_code == gone
    response = client.get(page(model, "history", row.pk))
    assert response.status_code in (302, 404)
    assert client.post(page(model, "change", row.pk), {"name": "Pris"}).status_code == 302
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == gone
    assert model.objects.filter(pk=row.pk).exists()


def test_autocompletion_offers_one_organisation_only(cast, client_of):
    def offered(user, model, field) -> set:
        asked = {"app_label": "members", "model_name": model._meta.model_name, "field_name": field}
        response = client_of(user).get(reverse("admin:autocomplete"), asked)
        return {each["id"] for each in response.json()["results"]}

    for model, field in (
        *((Mandate, field) for field in ("person", "community", "replaces")),
        *((Person, "user"), (Community, "successor"), (Role, "user")),
    ):
        ours = offered(cast.administration, model, field)
        assert ours and ours.isdisjoint(offered(cast.other_administration, model, field))


def test_no_filter_form_or_verb_reaches_another_organisation(cast, client_of):
    client = client_of(cast.other_administration)
    text = client.get(page(Mandate, "changelist")).content.decode()
    assert "Collège du Département" not in text and "Olga" in text
    forged = mandate_data(cast, constituency=cast.intercommunalites.pk, community=cast.agglo.pk)
    response = client.post(page(Mandate, "add"), forged)
    assert set(errors(response)) == {"body", "person", "constituency", "community"}
    response = client.post(page(Person, "add"), person_data(cast, mandates=0))
    assert set(errors(response)) == {"organisation"}
    seat = cast.seat(cast.farid)
    told = selected("end_mandates", seat, confirmed="1", on="2026-09-30", reason="demission")
    client.post(page(Mandate, "changelist"), told)
    seat.refresh_from_db()
    assert seat.end_on is None


def test_who_runs_two_organisations_is_asked_which_and_nobody_else(cast, client, client_of):
    add = client.get(page(Person, "add")).context["adminform"].form
    assert add["organisation"].is_hidden
    assert add["organisation"].value() == cast.organisation.pk
    assert "organisation" not in client.get(page(Person, "changelist")).context["cl"].list_display
    assert client.get(page(Organisation, "add")).status_code == 403
    make_role(cast.administration, cast.other_organisation, Role.Kind.ADMINISTRATION)
    client = client_of(cast.administration)
    shown = client.get(page(Person, "changelist")).context["cl"]
    both = {cast.organisation, cast.other_organisation}
    assert {person.organisation for person in shown.result_list} == both
    assert "organisation" in shown.list_display
    add = client.get(page(Person, "add")).context["adminform"].form
    assert not add["organisation"].is_hidden


@pytest.mark.parametrize(
    ("content", "is_taken"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), False),
        (files.picture()[:-20], False),
        (files.hollow_picture(), False),
        (files.picture("JPEG", (900, 900))[:3000], False),
        (lambda: files.picture(size=(9000, 9000)), False),
        (files.picture(), True),
        (files.picture("JPEG"), True),
    ],
    ids=[
        *("un SVG nommé PNG", "un PNG abîmé", "un PNG coupé", "un PNG sans points"),
        *("un JPEG coupé", "une image immense", "un PNG", "un JPEG"),
    ],
)
def test_a_logo_is_a_picture_by_its_content(cast, client, content, is_taken):
    content = files.made(content)
    address = page(Organisation, "change", cast.organisation.pk)
    sent = form_data(client.get(address)) | {"logo": SimpleUploadedFile("logo.png", content)}
    answer = client.post(address, sent)
    assert (answer.status_code == 302) == is_taken
    assert bool(Organisation.objects.get(pk=cast.organisation.pk).logo) == is_taken
    if not is_taken:
        said = "trop de points" if len(content) > 9000 else "n’est pas une image PNG ou JPEG"
        assert said in answer.text


def test_only_a_superuser_founds_an_organisation_and_deletes_nothing_others_hang_from(
    superuser, cast
):
    assert superuser.get(page(Organisation, "add")).status_code == 200
    # A body of a new organisation needs no community.
    lonely = make_body(cast.other_organisation, "Bureau")
    response = superuser.get(page(RuleBook, "add"), {"body": lonely.pk})
    assert response.context["adminform"].form["preset"].value() == "smo"
    for model in (Organisation, Community, Body, Constituency, Person):
        row = row_of(cast, model)
        url = page(model, "delete", row.pk)
        assert "ne se supprime pas" in superuser.get(url).content.decode()
        assert superuser.post(url, {"post": "yes"}).status_code == 200
        assert model.objects.filter(pk=row.pk).exists()


# --- Lists


def listed(response) -> list[str]:
    return [str(row.person) for row in response.context["cl"].result_list]


def test_a_list_is_asked_nothing_but_its_filters(cast, client):
    """A password was read letter by letter, and an expression that never ends held the server."""
    url = page(User, "changelist")
    assert client.get(url, {"roles__kind": "secretariat"}).status_code == 200
    for asked in ("password__regex", "password", "last_name__startswith", "roles__user__password"):
        answer = client.get(url, {"email": cast.secretariat.email, asked: "("})
        assert answer.status_code == 400, asked
    for model, column in ((Person, "email"), (Mandate, "person__user__password__regex")):
        assert client.get(page(model, "changelist"), {column: "a"}).status_code == 400


def test_in_office_on_a_day_whatever_the_other_filters(cast, client):
    url, people = page(Mandate, "changelist"), page(Person, "changelist")
    assert listed(client.get(url, {"au": "2026-05-03"})) == []
    assert len(listed(client.get(url, {"au": "2026-05-04"}))) == 10
    assert len(listed(client.get(url, {"au": "04/05/2026", "office__exact": "president"}))) == 2
    assert len(client.get(people, {"au": "2026-05-04"}).context["cl"].result_list) == 7
    response = client.get(url, {"au": "hier"})
    assert "« hier » n’est pas une date." in response.content.decode()
    assert len(listed(response)) == 10
    text = client.get(url, {"office__exact": "president", "q": "arnaud"}).content.decode()
    assert '<input type="hidden" name="office__exact" value="president">' in text
    assert '<input type="hidden" name="q" value="arnaud">' in text
    for search in ("gaelle", "GAËLLE", "garnier", "claire.caron@brume"):
        response = client.get(people, {"q": search})
        assert len(response.context["cl"].result_list) == 1, search


@pytest.mark.parametrize("model", [Mandate, Person], **BY_NAME)
def test_a_list_costs_the_same_with_more_rows(cast, client, model):
    def cost() -> int:
        return queries(lambda: client.get(page(model, "changelist")))

    few = cost()
    for number in range(12):
        person = make_person(cast.organisation, "", f"Nouveau {number}", "M.")
        make_mandate(cast.comite, person, community=cast.agglo)
    assert cost() <= few <= 18


def test_an_overlap_is_said_beside_the_field_with_the_other_mandate(cast, client):
    response = client.post(page(Mandate, "add"), mandate_data(cast))
    other = "Farid FAURE a déjà un mandat dans cette instance : titulaire depuis le 4 mai 2026."
    assert errors(response) == {"start_on": [other]}


def for_nobody(cast, **changes) -> dict:
    return mandate_data(cast, start_on="2020-01-01", end_on="2020-02-01", end_reason="terme") | (
        {"community": ""} | changes
    )


@pytest.mark.parametrize(
    ("body", "form", "changes", "refused"),
    [
        pytest.param("comite", "smo", {}, True, id="titulaire sans rien"),
        pytest.param("comite", "smo", {"capacity": "suppleant"}, False, id="suppléant"),
        pytest.param("comite", "smo", {"constituency": "college"}, False, id="par son collège"),
        pytest.param("comite", "commune", {}, False, id="conseil municipal"),
        pytest.param("bureau", "smo", {}, False, id="bureau, élu par le comité"),
    ],
)
def test_a_titular_written_by_hand_sits_for_somebody(cast, client, body, form, changes, refused):
    change(cast.organisation, legal_form=form)
    data = for_nobody(cast, body=getattr(cast, body).pk, **changes)
    if data.get("constituency"):
        data["constituency"] = cast.intercommunalites.pk
    response = client.post(page(Mandate, "add"), data)
    assert response.status_code == (200 if refused else 302)
    if refused:
        assert "siège pour quelqu’un" in errors(response)["community"][0]


def test_whoever_gives_a_seat_reads_how_many_are_to_be_filled_and_what_is_left(cast, client):
    """A mandate added by hand took the next vacant seat of its college, and nobody said so."""
    college = cast.intercommunalites
    running = Mandate.objects.in_office(timezone.localdate()).filter(constituency=college)
    held = running.filter(capacity=Mandate.Capacity.TITULAR).count()
    Constituency.objects.filter(pk=college.pk).update(seats=held + 2)
    asked = text(client.get(page(Mandate, "add")))
    assert f"{college.name}, 2 sièges à pourvoir" in asked
    new = make_person(cast.organisation, "Nadia", "NEUVE")
    today = timezone.localdate().isoformat()
    data = mandate_data(cast, person=new.pk, constituency=college.pk, start_on=today)
    data["replaces"] = cast.seat(cast.farid).pk  # asked of a substitute alone: left out
    told = text(client.post(page(Mandate, "add"), data, follow=True))
    assert f"{college.name} : 1 siège à pourvoir." in told
    assert Mandate.objects.latest("pk").replaces is None
    there = client.get(page(Mandate, "change", running.first().pk))
    assert "à pourvoir" not in text(there)  # of one that sits, its college alone


def test_the_history_says_who_and_what(cast, client):
    seat = cast.seat(cast.farid)
    url = page(Mandate, "change", seat.pk)
    client.post(url, form_data(client.get(url)) | {"weight": 3})
    seat.refresh_from_db()
    assert seat.weight == 3
    assert seat.history.first().history_user == cast.administration
    text = client.get(page(Mandate, "history", seat.pk)).content.decode()
    assert "<strong>Voix</strong>\u00a0: 1 → 3" in text and f"par {cast.administration}" in text


def test_the_history_says_values_as_one_says_them_under_the_name_of_the_form(cast, client):
    """Said before: « Jusqu'au (inclus) : None → 2026-11-30 », « vide → demission »."""
    seat = cast.seat(cast.farid)
    end(seat, date(2026, 11, 30), "demission")
    change(cast.comite, usual_time=time(18, 15))
    change(cast.agglo, is_associated=True)
    told = text(client.get(page(Mandate, "history", seat.pk)))
    said = ("<strong>Dernier jour</strong>", "aucun → 30 novembre 2026", "rien → démission")
    assert unsaid(told, *said) == []
    told = text(client.get(page(Body, "history", cast.comite.pk)))
    assert unsaid(told, "→ 18 h 15") == []
    assert unsaid(text(client.get(page(Community, "history", cast.agglo.pk))), "non → oui") == []


def test_two_new_mandates_of_one_person_may_not_overlap_each_other(cast, client):
    data = person_data(cast, last_name="Hardy", mandates=2)
    for number, start in enumerate(("2026-09-01", "2026-10-01")):
        told = mandate_data(cast, start_on=start)
        data |= {
            f"mandates-{number}-{name}": told[name]
            for name in ("body", "community", "capacity", "office", "start_on")
        }
    response = client.post(page(Person, "add"), data)
    assert response.status_code == 200
    assert "Deux mandats dans « Comité syndical » se chevauchent" in response.content.decode()
    assert not Person.objects.filter(last_name="Hardy").exists()

    data |= {"mandates-0-end_on": "2026-09-30", "mandates-0-end_reason": "demission"}
    assert client.post(page(Person, "add"), data).status_code == 302
    assert Person.objects.get(last_name="Hardy").mandates.count() == 2


@pytest.mark.proof
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_people_press_save_together(client_of, monkeypatch):
    """Both forms find nothing wrong, then both save: one is written, the other is told."""
    cast = make_cast()
    both_checked = threading.Barrier(2, timeout=2)
    check = Mandate.clean

    def checked_together(mandate):
        check(mandate)
        # On SQLite the second waits for the first to finish: they never meet.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_checked.wait()

    monkeypatch.setattr(Mandate, "clean", checked_together)
    data = mandate_data(cast, body=cast.bureau.pk)

    def save(client):
        return client.post(page(Mandate, "add"), data)

    answers = at_once(save, [client_of(cast.administration) for _ in range(2)])
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    (refused,) = [answer for answer in answers if answer.status_code == 200]
    assert "a déjà un mandat dans cette instance" in refused.content.decode()
    assert cast.farid.mandates.filter(body=cast.bureau).count() == 1


@pytest.mark.proof
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_who_fill_one_seat_together_do_not_both_fill_it(client_of, monkeypatch):
    cast = make_cast()
    college, today = cast.seat(cast.farid).constituency, timezone.localdate()
    end(cast.seat(cast.farid), today - timedelta(days=1))
    both_counted = threading.Barrier(2, timeout=2)
    count = seats.against

    def counted_together(*asked):
        found = count(*asked)
        with contextlib.suppress(threading.BrokenBarrierError):  # the second waits, or should
            both_counted.wait()
        return found

    monkeypatch.setattr(seats, "against", counted_together)
    known = {"constituency": college.pk, "start_on": today.isoformat()}
    persons = [make_person(cast.organisation, name, "Neuve", "Mme") for name in ("Ada", "Eva")]
    asked = [
        (client_of(cast.administration), mandate_data(cast, person=each.pk, **known))
        for each in persons
    ]
    answers = at_once(lambda one: one[0].post(page(Mandate, "add"), one[1]), asked)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    (refused,) = [answer for answer in answers if answer.status_code == 200]
    assert "sont pourvus le" in errors(refused)["constituency"][0]


def test_a_mandate_that_ends_today_runs_until_the_evening(cast, client):
    told = {"confirmed": "1", "on": timezone.localdate().strftime("%d/%m/%Y"), "reason": "deces"}
    url = page(Mandate, "changelist")
    done = client.post(url, selected("end_mandates", cast.seat(cast.farid), **told), follow=True)
    assert unsaid(text(done), "1 mandat finira ce soir.") == []
    assert "is-over" not in done.text  # it runs still


def test_a_list_says_from_when_to_when(cast, client):
    """Of rules that wait for their day, of those they take the place of, of a mandate to come."""
    make_rule_book(cast.bureau, valid_from=date(2199, 1, 1))
    told = ("d’origine, jusqu’au 31 décembre 2198", "à venir, le 1er janvier 2199")
    for url in (page(RuleBook, "changelist"), page(Body, "change", cast.bureau.pk)):
        assert unsaid(text(client.get(url)), *told) == []
    newcomer = make_person(cast.organisation, "Zoé", "Zola")
    make_mandate(cast.bureau, newcomer, start_on=date(2199, 1, 1))
    assert "à partir du 1er janvier 2199" in text(client.get(page(Mandate, "changelist")))


def test_rules_that_are_not_the_first_say_from_which_day(cast, client):
    url = f"{page(RuleBook, 'add')}?body={cast.bureau.pk}"
    asked = client.get(url)
    assert unsaid(text(asked), "Changer les règles du Bureau") == []
    refused = client.post(url, {"body": cast.bureau.pk, "preset": "smo", "source": ""})
    assert errors(refused) == {"valid_from": ["Dites depuis quel jour ces règles s’appliquent."]}
    cast.bureau.rule_books.all().delete()
    first = client.post(url, {"body": cast.bureau.pk, "preset": "smo", "source": ""})
    assert first.status_code == 302


def test_the_menu_says_where_one_is_and_the_map_what_one_may_open(cast, client, client_of):
    for url, entry in (
        (reverse("archive:first_steps"), "Administration"),
        (reverse("convening:stuck"), "Administration"),
        (reverse("members:mandate", args=[cast.seat(cast.farid).pk]), "Instances"),
    ):
        nav = client.get(url).text.partition("mainnav")[2].partition("nav-more")[0]
        assert re.findall(r'aria-current="true">(\w+)', nav) == [entry]
    entries = ("Administration</a>", "Décisions et arrêtés</a></li>")
    told = [client_of(user).get("/plan-du-site/").text.partition("</header>")[2] for user in
            (cast.administration, cast.delegate)]  # fmt: skip
    assert [unsaid(each, *entries) for each in told] == [[], [*entries]]


def test_a_day_or_an_hour_that_does_not_exist_says_how_it_is_written(cast, client):
    url = page(Body, "change", cast.comite.pk)
    wrong = {"usual_time": "25:90", "constituencies-0-seats_since": "32/01/2026"}
    refused = text(client.post(url, form_data(client.get(url)) | wrong))
    said = (f"Écrivez-la ainsi : {timezone.localdate():%d/%m/%Y}.", "Écrivez-la ainsi : 17:30.")
    assert unsaid(refused, *said) == []
    assert "Saisissez" not in refused


def test_a_share_is_written_as_one_says_it_and_its_fault_is_named_once(cast, client):
    url = page(RuleBook, "change", cast.bureau.rule_books.get().pk)
    data = form_data(client.get(url))
    refused = client.post(url, data | {"quorum_fraction": "beaucoup"})
    (why,) = errors(refused)["quorum_fraction"]
    assert why.startswith("Une fraction est attendue")
    assert client.post(url, data | {"quorum_fraction": "deux tiers"}).status_code == 302
    assert cast.bureau.rule_books.get().regime.quorum_fraction == Fraction(2, 3)


def test_what_the_share_of_the_quorum_asks_for_is_read_beside_it(cast, client):
    """« 2/3 » with a box ticked elsewhere made « plus des deux tiers » without a word."""
    book = cast.comite.rule_books.get()
    book.values |= {"quorum_fraction": "2/3", "quorum_strict": False}
    fields = rules.form_for(book)(instance=book).fields
    assert list(fields)[list(fields).index("quorum_fraction") + 1] == "quorum_strict"
    heads = cast.comite.mandates.in_office(timezone.localdate()).filter(capacity="titulaire")
    number = heads.count()
    asked = f"Plus des deux tiers, soit {number * 2 // 3 + 1} sur {number} ; ou au moins les "
    asked += f"deux tiers, soit {-(-number * 2 // 3)} sur {number}."
    assert asked in fields["quorum_strict"].help_text.replace("\u00a0", " ")
    change(book, values=book.values)
    url = page(RuleBook, "change", book.pk)
    data = form_data(client.get(url)) | {"quorum_strict": "True"}
    assert client.post(url, data).status_code == 302
    assert book.body.rule_books.get().regime.quorum_strict is True
    told = rules.said_by_chapter(book.body.rule_books.get())["Quorum"]
    assert "plus des deux tiers" in told


def test_a_new_rule_book_leads_to_its_rules_and_keeps_its_day(cast, client):
    url = f"{page(RuleBook, 'add')}?body={cast.comite.pk}"
    asked = client.get(url)
    assert 'value="Continuer\u00a0: choisir les règles"' in asked.text
    assert "_addanother" not in asked.text
    data = form_data(asked) | {"valid_from": "01/01/2199", "source": "statuts"}
    card = client.post(url, data, follow=True)
    assert unsaid(text(card), "C’est ajouté. Reste à changer la règle voulue") == []
    since = card.context["adminform"].form.fields["valid_from"]
    assert since.required and "toujours" not in since.help_text


def test_a_vacant_seat_is_filled_on_a_page_that_asks_no_end(cast, client):
    url = f"{page(Mandate, 'add')}?body={cast.comite.pk}"
    asked = client.get(url)
    assert "<h1>Pourvoir un siège</h1>" in asked.text and "_addanother" not in asked.text
    fields = asked.context["adminform"].form.fields
    assert "start_on" in fields and not {"end_on", "end_reason"} & set(fields)
    assert "end_on" in client.get(page(Mandate, "add")).context["adminform"].form.fields


def test_a_mandate_about_to_end_stays_among_those_that_run_and_one_to_come_is_told(cast, client):
    """Ending tomorrow, it was among those that ended ten years ago, and led nowhere."""
    today = timezone.localdate()
    over, ending = cast.seat(cast.elsa), cast.seat(cast.farid)
    end(over, today - timedelta(days=1))
    end(ending, today + timedelta(days=1))
    jeanne = make_person(cast.organisation, "Jeanne", "Testard", "Mme")
    start = today + timedelta(days=30)
    to_come = make_mandate(
        cast.bureau, jeanne, community=cast.agglo, start_on=start, end_on=start, end_reason="autre"
    )
    shown = client.get(page(Mandate, "changelist"))
    rows = [row.pk for row in shown.context["cl"].result_list]
    assert rows[-2:] == [to_come.pk, over.pk] and ending.pk in rows[:-2]
    there = reverse("members:mandate", args=[ending.pk])
    day = french.long_date(start)
    said = f'{there}#suite">Pourvoir<', f"à venir, à partir du {day}, jusqu’au {day}"
    assert unsaid(text(shown), *said) == []
    assert text(shown).count(">Pourvoir<") == 1 and "sorted" not in shown.text
    heir = make_mandate(cast.comite, jeanne, constituency=ending.constituency, start_on=start)
    assert heir and ">Pourvoir<" not in text(client.get(page(Mandate, "changelist")))


def test_a_substitute_who_is_given_a_vacant_seat_is_one_no_more(cast, client):
    """One page named him for a vacant seat, the other refused him for what he held."""
    today, college = timezone.localdate(), cast.seat(cast.farid).constituency
    held = cast.seat(cast.gaelle)
    end(cast.seat(cast.farid), today - timedelta(days=1))
    url = f"{page(Mandate, 'add')}?body={cast.comite.pk}&constituency={college.pk}"
    assert "cesse de l’être la veille" in text(client.get(url))
    data = mandate_data(cast, person=cast.gaelle.pk, constituency=college.pk)
    data["start_on"] = f"{today:%d/%m/%Y}"
    told = text(client.post(url, data, follow=True))
    last = today - timedelta(days=1)
    said = f"Gaëlle GARNIER n’est plus suppléante : ce mandat finit le {french.long_date(last)}."
    assert unsaid(told, said, "plus aucun siège à pourvoir") == []
    held.refresh_from_db()
    assert (held.end_on, held.end_reason) == (last, "fonction")
    assert held.history.first().history_user == cast.administration
    # A titular sits there already, and is given no second seat.
    again = client.post(url, data | {"person": cast.claire.pk})
    assert "a déjà un mandat" in errors(again)["start_on"][0]


def test_whom_a_seat_is_for_is_asked_where_its_college_does_not_say_it(cast, client):
    """It looked compulsory, and was saved empty."""
    today, both = timezone.localdate(), cast.seat(cast.farid).constituency
    end(cast.seat(cast.farid), today - timedelta(days=1))
    change(cast.college_departement, seats=3)
    new = make_person(cast.organisation, "Nadia", "NEUVE")
    data = mandate_data(cast, person=new.pk, community="", start_on=today.isoformat())
    url = f"{page(Mandate, 'add')}?body={cast.comite.pk}&constituency="
    refused = client.post(page(Mandate, "add"), data | {"constituency": both.pk})
    assert "plusieurs collectivités" in errors(refused)["community"][0]
    one = cast.college_departement
    asked = client.get(f"{url}{one.pk}").context["adminform"].form
    assert asked.get_initial_for_field(asked.fields["community"], "community") == (
        cast.departement.pk
    )
    done = client.post(page(Mandate, "add"), data | {"constituency": one.pk})
    assert done.status_code == 302
    assert Mandate.objects.latest("pk").community == cast.departement
    one.mandates.update(community=None)
    assert "Facultatif" in text(client.get(f"{url}{one.pk}"))


def test_the_present_state_of_a_row_is_not_offered_as_one_to_return_to(cast, client):
    seat = cast.seat(cast.farid)
    change(seat, position=7)
    told = client.get(page(Mandate, "history", seat.pk)).text
    name = "admin:members_mandate_simple_history"
    now, before, *_ = (reverse(name, args=[seat.pk, each.pk]) for each in seat.history.all())
    assert now not in told and before in told


def test_ending_mandates_asks_when_and_why_then_does_it_for_all_or_none(cast, client):
    seats = [cast.seat(cast.farid), cast.seat(cast.elsa)]
    url = page(Mandate, "changelist")
    told = {"confirmed": "1", "on": "30/09/2026", "reason": "demission"}
    asked = client.post(url, selected("end_mandates", *seats))
    assert "Mettre fin à 2 mandats" in asked.content.decode()
    empty = client.post(url, selected("end_mandates", *seats, confirmed="1"))
    assert set(empty.context["form"].errors) == {"on", "reason"}
    third = cast.seat(cast.denis)
    end(third, date(2026, 6, 1), "deces")
    response = client.post(url, selected("end_mandates", *seats, third, **told))
    (why,) = response.context["form"].non_field_errors()
    assert why == "Le mandat de Denis DUVAL a déjà pris fin le 1er juin 2026."
    assert [cast.seat(seat.person).end_on for seat in seats] == [None, None]
    done = client.post(url, selected("end_mandates", *seats, **told), follow=True)
    assert unsaid(text(done), "2 mandats ont pris fin le 30 septembre 2026.") == []
    for seat in seats:
        seat.refresh_from_db()
        assert seat.end_on == date(2026, 9, 30)
        assert seat.history.first().history_user == cast.administration


def test_a_merger_from_the_list_of_communities(cast, client):
    url = page(Community, "changelist")
    impossible = {"confirmed": "1", "on": "2020-01-01", "successor": cast.agglo.pk}
    response = client.post(url, selected("merge", cast.etangs, **impossible))
    assert "quand elle n’existe plus" in response.content.decode()
    assert cast.seat(cast.farid).end_on is None
    merged = make_community(cast.organisation, "CC du Grand Étang", founded_on=date(2027, 1, 1))
    asked = client.post(url, selected("merge", cast.etangs))
    choices = asked.context["form"].fields["successor"].queryset
    assert cast.etangs not in choices and merged in choices
    told = selected("merge", cast.etangs, confirmed="1", on="2027-01-01", successor=merged.pk)
    assert "La fusion est enregistrée" in client.post(url, told, follow=True).content.decode()
    cast.etangs.refresh_from_db()
    assert cast.etangs.successor == merged
    assert {m.end_reason for m in cast.etangs.mandates.all()} == {"fusion"}


def test_what_is_rarely_said_of_a_mandate_or_a_community_is_folded_and_told(cast, client):
    seat = change(cast.seat(cast.farid), weight=3) or cast.seat(cast.farid)
    for url, told in (
        (page(Mandate, "change", seat.pk), "membre, 3 voix"),
        (page(Mandate, "add"), "membre, 1 voix"),
        (page(Community, "change", cast.agglo.pk), "membre depuis l’origine"),
    ):
        assert re.findall(r"class=\"told\">([^<]+)", client.get(url).text) == [told]
    change(cast.agglo, founded_on=date(2017, 1, 1))
    told = text(client.get(page(Community, "change", cast.agglo.pk)))
    assert "membre depuis le 1er janvier 2017" in told


def test_the_history_of_a_rule_book_says_which_rule_became_what(cast, client):
    """Said before: « {'by_[508 chars]n': '1/2'… »."""
    book = cast.comite.rule_books.get()
    change(book, values=book.values | {"quorum_fraction": "2/3"})
    told = client.get(page(RuleBook, "history", book.pk)).text
    rule = regime.RULES["quorum_fraction"]
    assert rule.label.lower() in told.lower() and "chars]" not in told
    assert "plus de la moitié → plus des deux tiers" in told


def test_taking_a_role_away_says_whose_it_is_and_what_closes(cast, client):
    role = cast.secretariat.roles.get(organisation=cast.organisation)
    told = client.get(page(Role, "delete", role.pk)).text
    assert "Supprimer le rôle «\u00a0secrétariat\u00a0» de" in told
    assert "prépare et tient les séances" in told and "ses sessions se ferment" in told


def test_what_would_be_lost_is_said_in_numbers_then_whose_it_is_is_asked(cast, client):
    """Of one row and of those ticked; what keeps a row is counted by kind, and what is done instead
    is said. Nothing goes before the password."""
    cast.administration.set_password(PASSWORD)
    cast.administration.save()
    client.force_login(cast.administration)
    doors.grow_old(client)
    kept = client.get(page(Community, "delete", cast.agglo.pk)).text
    count = french.count(cast.agglo.mandates.count(), "mandat")
    assert "ne se supprime pas" in kept and count in kept and "une autre lui succède" in kept
    extra = [make_community(cast.organisation, name) for name in ("CC de trop", "CC en double")]
    url, ticked = page(Community, "changelist"), selected("delete_selected", *extra)
    told = client.post(url, ticked).text
    assert "Supprimer 2 collectivités membres\u00a0?" in told and "CC en double" in told
    asked = client.post(url, ticked | {"post": "yes"})
    assert asked.status_code == 403 and "Confirmez que c’est vous" in asked.text
    assert Community.objects.filter(name="CC de trop").exists()
    done = client.post(url, ticked | {"post": "yes", "preuve": PASSWORD}, follow=True).text
    assert "C’est supprimé\u00a0: 2 collectivités membres." in done
    assert not Community.objects.filter(name="CC de trop").exists()


def test_the_end_of_mandates_is_told_before_the_password_is_asked(cast, client):
    doors.grow_old(client)
    seat, url = cast.seat(cast.farid), page(Mandate, "changelist")
    told = client.post(url, selected("end_mandates", seat))
    assert told.status_code == 200 and "reste vacant" in told.text
    sent = {"confirmed": "1", "on": "30/09/2026", "reason": "demission"}
    assert client.post(url, selected("end_mandates", seat, **sent)).status_code == 403
    seat.refresh_from_db()
    assert seat.end_on is None


def test_what_was_done_is_said_in_the_words_of_the_house(cast, client):
    data = {"name": "CC Neuve", "kind": "cc", "organisation": cast.organisation.pk}
    added = client.post(page(Community, "add"), data, follow=True).text
    row = Community.objects.get(name="CC Neuve")
    link = f'<a href="{page(Community, "change", row.pk)}">CC Neuve</a>'
    assert f"C’est ajouté\u00a0: {link}." in added
    changed = client.post(page(Community, "change", row.pk), data, follow=True).text
    assert f"C’est enregistré\u00a0: {link}." in changed
    gone = client.post(page(Community, "delete", row.pk), {"post": "yes"}, follow=True).text
    assert "C’est supprimé\u00a0: CC Neuve." in gone


def test_the_last_state_of_a_deleted_row_stays_readable(cast, client):
    extra = make_community(cast.organisation, "CC de trop")
    assert client.post(page(Community, "delete", extra.pk), {"post": "yes"}).status_code == 302
    assert client.get(page(Community, "history", extra.pk)).status_code == 200


# --- Bodies and rule books


def test_a_new_body_gets_the_rules_the_law_proposes(cast, client):
    data = {"name": "Commission des usages", "slug": "usages", "kind": "commission"}
    data = form_data(client.get(page(Body, "add"))) | data | {"designation": "la Commission"}
    assert client.post(page(Body, "add"), data).status_code == 302
    book = RuleBook.objects.get(body__slug="usages")
    assert (book.preset, book.regime) == ("smo", regime.usual("smo", of_assembly=False))
    assert not book.regime.sittings_public  # art. L2121-18 speaks of the assembly
    assert book.history.get().history_user == cast.administration


def test_the_number_of_an_act_is_chosen_by_an_example_or_written(cast, client):
    url = page(Body, "change", cast.comite.pk)
    data = form_data(client.get(url))
    assert data["number_shape"] == cast.comite.deliberation_format
    today = timezone.localdate()
    assert f"{today:%Y-%m-%d}/01, date et rang dans la séance" in client.get(url).text
    for shape, typed, kept in (
        ("{annee}-{numero:03}", "", "{annee}-{numero:03}"),
        ("", "B{annee}_{numero}", "B{annee}_{numero}"),
    ):
        sent = form_data(client.get(url)) | {"number_shape": shape, "deliberation_format": typed}
        assert client.post(url, sent).status_code == 302
        cast.comite.refresh_from_db()
        assert cast.comite.deliberation_format == kept
    assert "number_shape" not in form_data(client.get(url))  # « autre », as it is written
    for typed in ("", "{annee}"):
        sent = form_data(client.get(url)) | {"number_shape": "", "deliberation_format": typed}
        assert errors(client.post(url, sent)).keys() == {"deliberation_format"}


def test_what_is_wrong_is_counted_at_the_top_and_leads_to_each_field(cast, client):
    url = page(Body, "change", cast.comite.pk)
    sent = form_data(client.get(url)) | {"name": "", "constituencies-1-seats": "beaucoup"}
    text = client.post(url, sent).text
    assert "<title>Erreur\u00a0: Instance" in text
    told = text[text.index('id="fautes"') : text.index("</section>")]
    assert "2 points à corriger" in told.replace("\u00a0", " ")
    for field, words in (("id_name", "Nom"), ("id_constituencies-1-seats", "Sièges, ligne 2")):
        assert f'<a href="#{field}">{words}</a>' in told and f'id="{field}"' in text
    assert "ci-dessous" not in text and 'id="fautes"' not in client.get(url).text
    text = client.post(page(User, "add"), account_data(cast, **{"roles-0-kind": ""})).text
    assert '<a href="#roles-heading">Rôles</a>' in text and 'id="roles-heading"' in text


def test_the_rules_of_the_origin_end_where_the_next_begin_and_are_read_on_a_day_of_theirs(
    cast, client
):
    """They were valid « depuis toujours », and « Lire » opened those of today."""
    first = cast.comite.rule_books.get()
    change(first, valid_from=None)
    url = page(RuleBook, "change", first.pk)
    told = client.get(url).text.replace("\u00a0", " ")
    assert "valent depuis l’origine : les corriger" in told
    assert f'href="{reverse("members:rules", args=[cast.comite.pk])}">Lire' in told
    make_rule_book(cast.comite, valid_from=date(2017, 1, 1))
    told = client.get(url).text.replace("\u00a0", " ")
    assert "valent depuis l’origine, et jusqu’au 31 décembre 2016 : les corriger" in told
    assert '?le=2016-12-31">Lire' in told


def test_names_stand_in_every_list_as_in_the_roll(cast, client):
    """É after Z, « de LA TOUR » last, in the list of accounts and where a rapporteur is chosen."""
    for last, first in (("Étienne", "P"), ("Zola", "Z"), ("de LA TOUR", "A")):
        make_mandate(cast.comite, make_person(cast.organisation, first, last))
        user = make_account(f"{first.lower()}@liste.example")
        change(user, first_name=first, last_name=last)
        make_role(user, cast.organisation, Role.Kind.DELEGATE)
    rows = client.get(page(User, "changelist"), {"q": "liste.example"}).context["cl"].result_list
    assert [row.last_name for row in rows] == ["de LA TOUR", "Étienne", "Zola"]
    members = composition.of(cast.comite, timezone.localdate()).composition.by_name
    told = [each.last_name for each in members]
    assert told == sorted(told, key=french.folded)
    assert told.index("Étienne") < told.index("Faure") < told.index("Zola") == len(told) - 1


def test_a_body_without_colleges_has_members_and_nobody_is_without_a_college(cast, client):
    """« Sans collège » headed the only column of the roll, of the answers and of the preview."""
    body = make_body(cast.organisation, "Commission", kind="commission")
    person = make_person(cast.organisation, "Ève", "Élan")
    make_mandate(body, person)
    make_mandate(body, make_person(cast.organisation, "Luc", "Lys"), capacity="suppleant")
    composed = composition.of(body, timezone.localdate()).composition
    assert {composed.heading_of(each) for each in composed.members} == {"Membres"}
    told = client.get(body.get_absolute_url()).text
    assert "Suppléants</h3>" in told and "ollège" not in told[told.index("<main") :]
    make_constituency(body, "Les communes", seats=2)
    composed = composition.of(body, timezone.localdate()).composition
    assert {composed.heading_of(each) for each in composed.members} == {"Sans collège"}


def test_the_mandates_of_a_body_that_has_none_are_not_those_of_another(cast, client):
    """One body alone has any: there was nothing to choose, and all were listed."""
    cast.bureau.mandates.all().delete()
    rows = (
        client.get(page(Mandate, "changelist"), {"body__id__exact": cast.bureau.pk})
        .context["cl"]
        .result_list
    )
    assert list(rows) == []
    rows = (
        client.get(page(Mandate, "changelist"), {"body__id__exact": cast.comite.pk})
        .context["cl"]
        .result_list
    )
    assert rows and {row.body for row in rows} == {cast.comite}


def test_a_number_of_seats_that_changes_on_no_day_says_that_it_changes_the_past(cast, client):
    """Vacant seats were counted in sittings held before there were any."""
    url = page(Body, "change", cast.comite.pk)
    sent = form_data(client.get(url)) | {"constituencies-0-seats": "30"}
    told = client.post(url, sent, follow=True).text.replace("\u00a0", " ")
    assert "30 sièges à toute date, avant aujourd’hui aussi." in told
    sent = form_data(client.get(url)) | {"constituencies-0-seats": "31"}
    sent |= {"constituencies-0-seats_since": "01/06/2026"}
    assert "à toute date" not in client.post(url, sent, follow=True).text.replace("\u00a0", " ")
    sent = form_data(client.get(url)) | {"constituencies-0-name": "Autre nom"}
    assert "31 sièges" not in client.post(url, sent, follow=True).text.replace("\u00a0", " ")


def test_the_list_of_bodies_says_who_sits_and_how_many_seats_there_are(cast, client):
    url = page(Body, "changelist")
    seats = sum(cast.comite.constituencies.values_list("seats", flat=True))
    told = client.get(url).text.replace("\u00a0", " ")
    assert unsaid(told, f" titulaires sur {seats} sièges") == []
    before = queries(lambda: client.get(url))
    make_body(cast.organisation, name="Commission de plus", slug="plus")
    assert queries(lambda: client.get(url)) == before


def test_a_rule_book_begins_with_the_values_of_its_model(cast, client):
    add = client.get(page(RuleBook, "add"), {"body": cast.comite.pk})
    assert add.context["adminform"].form["preset"].value() == "smo"
    data = {"body": cast.comite.pk, "valid_from": "2026-09-01", "preset": "smf", "source": ""}
    response = client.post(page(RuleBook, "add"), data)
    book = RuleBook.objects.get(body=cast.comite, valid_from=date(2026, 9, 1))
    assert response.url == page(RuleBook, "change", book.pk)
    assert book.regime == regime.PRESETS["smf"]
    client.post(page(RuleBook, "add"), data | {"body": cast.bureau.pk})
    book = RuleBook.objects.get(body=cast.bureau, valid_from=date(2026, 9, 1))
    assert book.regime == regime.usual("smf", of_assembly=False)


def test_a_rule_book_takes_up_what_was_in_force_until_then(cast, client):
    """The statutes of a body do not fall because one of its rules changes."""
    change_rules(cast.comite, proxies_per_holder=2)
    next_year = date(timezone.localdate().year + 1, 1, 1)
    data = {"body": cast.comite.pk, "valid_from": next_year, "preset": "smo", "source": ""}
    client.post(page(RuleBook, "add"), data)
    taken = RuleBook.objects.get(body=cast.comite, valid_from=next_year)
    assert taken.regime == cast.comite.rule_book(next_year - timedelta(days=1)).regime
    assert taken.regime.proxies_per_holder == 2
    other = data | {"preset": "smf", "valid_from": next_year.replace(year=next_year.year + 1)}
    told = client.post(page(RuleBook, "add"), other, follow=True).text
    assert "ne sont pas repris «\u00a0pouvoirs par porteur\u00a0»" in told
    # And one that is in force already says what a change of it would reach.
    ancient = cast.comite.rule_book(date(2026, 1, 1))
    past = client.get(page(RuleBook, "change", ancient.pk)).text
    assert "les corriger les corrige pour tous ces jours-là" in past
    assert f"{page(RuleBook, 'add')}?body={cast.comite.pk}" in past
    assert "tous ces jours-là" not in client.get(page(RuleBook, "change", taken.pk)).text


def test_every_rule_has_its_field_and_one_that_departs_is_called_statutory(cast, client):
    book = row_of(cast, RuleBook)
    url = page(RuleBook, "change", book.pk)
    form = client.get(url).context["adminform"].form
    assert set(regime.RULES) - set(form.fields) == {"by_statutes", "form"}  # of the model
    field = form.fields["proxies_per_holder"]
    assert field.label == "Pouvoirs par porteur"
    assert field.help_text == (
        '<span class="rule-said">Nombre de pouvoirs qu’un même membre peut porter.</span> '
        '<span class="model">Modèle\u00a0: 1</span>'
    )
    changing = form.fields["statutes_majority_fraction"].help_text
    assert '<span class="article">art. L5721-2-1 du CGCT</span>' in changing
    data = form_data(client.get(url)) | {"proxies_per_holder": 2, "quorum_fraction": "2/3"}
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert regime.departures(book.regime, regime.PRESETS["smo"]) == (
        ("quorum_fraction", book.regime.quorum_fraction, regime.PRESETS["smo"].quorum_fraction),
        ("proxies_per_holder", 2, 1),
    )
    form = client.get(url).context["adminform"].form
    told = form.fields["proxies_per_holder"].help_text
    assert '<span class="model"><strong>Écart.</strong> Modèle\u00a0: 1</span>' in told
    text = client.get(page(Body, "change", cast.comite.pk)).content.decode()
    assert "quorum, pouvoirs par porteur" in text


def test_a_rule_against_the_law_is_refused_beside_its_field(cast, client):
    """What the law of a legal form fixes, unless a law of exception is quoted."""
    change(cast.organisation, legal_form="smf")
    book = make_rule_book(cast.comite, "smf", valid_from=date(2026, 9, 1))
    path = page(RuleBook, "change", book.pk)
    data = form_data(client.get(path))
    wrong = data | {"quorum_fraction": "1/3", "proxies_per_holder": 5}
    answer = client.post(path, wrong)
    errors = answer.context["adminform"].form.errors
    assert {*errors} == {"quorum_fraction", "proxies_per_holder"}
    assert "quand la loi fixe la moitié" in errors["quorum_fraction"][0]
    assert "loi d’exception" in errors["quorum_fraction"][0]
    open_one = {"preset": "smo", "own_rules": rules.START_OVER}
    answer = client.post(path, data | open_one)
    assert [*answer.context["adminform"].form.errors] == ["preset"]
    quoted = {"derogation": "loi nº 2021-1465 du 10 novembre 2021"}
    assert client.post(path, wrong | quoted).status_code == 302


def test_a_body_that_is_closed_now_takes_its_model_and_keeps_its_other_rules(cast, client):
    """Art. L5711-1: the model of open syndicates is refused with the way out, which works; the
    rules of when it was open may still be corrected."""
    book = row_of(cast, RuleBook)
    change(cast.organisation, legal_form="smf")
    path = page(RuleBook, "change", book.pk)
    own = form_data(client.get(path)) | {"oral_questions_minutes": 30}
    (told,) = errors(client.post(path, own))["preset"]
    assert "Choisissez le modèle «\u00a0syndicat mixte fermé\u00a0»" in told
    closed = own | {"preset": "smf"}
    (told,) = errors(client.post(path, closed))["own_rules"]  # nothing becomes statutory silently
    assert "Dites ce qu’elles deviennent" in told
    assert client.post(path, closed | {"own_rules": rules.FOLLOW}).status_code == 302
    book.refresh_from_db()
    assert [key for key, _, _ in regime.departures(book.regime, regime.PRESETS["smf"])] == [
        "oral_questions_minutes"
    ]
    assert (book.regime.form, book.regime.by_statutes) == ("smf", False)
    assert book.regime.oral_questions_minutes == 30
    change(book, preset="smo")
    make_rule_book(cast.comite, "smf", valid_from=date(2026, 9, 1))
    assert client.post(path, form_data(client.get(path))).status_code == 302


@pytest.mark.parametrize(
    ("choice", "departing"),
    [
        pytest.param(rules.FOLLOW, {"proxies_per_holder"}, id="suivre"),
        pytest.param(rules.START_OVER, set(), id="modèle"),
        pytest.param(rules.KEEP, None, id="garder"),
    ],
)
def test_whoever_changes_the_model_says_what_becomes_of_the_rules(cast, client, choice, departing):
    book = row_of(cast, RuleBook)
    change(book, preset="smf", values=regime.to_values(regime.PRESETS["smf"]))
    path = page(RuleBook, "change", book.pk)
    data = form_data(client.get(path)) | {"preset": "smo", "proxies_per_holder": 3}
    assert [*errors(client.post(path, data))] == ["own_rules"]
    assert client.post(path, data | {"own_rules": choice}).status_code == 302
    book.refresh_from_db()
    found = {key for key, _, _ in regime.departures(book.regime, regime.PRESETS["smo"])}
    if departing is None:  # all of what the closed model said is statutory now, as was chosen
        assert found > {"proxies_per_holder"}
    else:
        assert found == departing


def test_a_rule_that_makes_no_sense_is_refused_beside_its_field_and_can_be_mended(cast, client):
    book = row_of(cast, RuleBook)
    url = page(RuleBook, "change", book.pk)
    untouched = form_data(client.get(url))
    for field, value in (
        ("quorum_fraction", "beaucoup"),
        ("quorum_fraction", "3/2"),
        ("proxies_per_holder", 99),
        ("proxies_per_holder", ""),
        ("quorum_basis", "poids"),
        ("urgent_clear_days", 30),
    ):
        assert list(errors(client.post(url, untouched | {field: value}))) == [field]
    book.refresh_from_db()
    assert book.regime == regime.PRESETS["smo"]
    RuleBook.objects.filter(pk=book.pk).update(values={"quorum_fraction": 12})
    assert client.get(page(Body, "change", cast.comite.pk)).status_code == 200
    for preset in ("smo", "epci"):  # the same model again, then another
        data = form_data(client.get(url)) | {"preset": preset, "own_rules": rules.START_OVER}
        assert client.post(url, data).status_code == 302
        book.refresh_from_db()
        assert book.regime == regime.PRESETS[preset]


# --- Accounts


def account_data(cast, **changes) -> dict:
    return {
        "email": "Nouvelle@Brume.example",
        "first_name": "Nina",
        "last_name": "Noël",
        "roles-TOTAL_FORMS": 1,
        "roles-INITIAL_FORMS": 0,
        "roles-0-organisation": cast.organisation.pk,
        "roles-0-kind": "delegue",
    } | changes


def test_a_new_account_gets_its_role_and_a_link_by_mail(cast, client):
    assert client.post(page(User, "add"), account_data(cast)).status_code == 302
    account = User.objects.get(email="nouvelle@brume.example")
    role = account.roles.get()
    assert (role.organisation, role.kind) == (cast.organisation, "delegue")
    assert account.created_by == cast.administration
    post.letters_leave(timezone.now())
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([account.email], "Votre compte est ouvert")
    assert (
        unsaid(message.body, "séances du syndicat mixte Val de Brume", "/mot-de-passe/choisir/")
        == []
    )


def test_who_opened_an_account_before_it_was_kept_is_found_in_the_log(cast, client):
    """A base that was migrated: the pages of the administration had logged it."""
    client.post(page(User, "add"), account_data(cast))
    account = User.objects.get(email="nouvelle@brume.example")
    change(account, created_by=None)
    migration = import_module("members.migrations.0010_created_by")
    migration.as_the_administration_logged_it(apps, None)
    opened = User.objects.exclude(created_by=None)
    assert list(opened.values_list("email", "created_by")) == [
        (account.email, cast.administration.pk)
    ]


def test_two_accounts_stand_apart_unless_one_opened_the_other_at_any_remove(cast):
    one = cast.administration
    second = make_account("deux@brume.example", created_by=one)
    third = make_account("trois@brume.example", created_by=second)
    for mine in (one, second, third):
        assert not mine.stands_apart_from(one) and not one.stands_apart_from(mine)
        assert mine.stands_apart_from(cast.secretariat)
    # Two colleagues for whom one person opened their accounts are two people.
    assert third.stands_apart_from(make_account("quatre@brume.example", created_by=one))


def test_a_new_account_needs_a_role_here_and_an_address_of_its_own(cast, client):
    elsewhere = {"roles-0-organisation": cast.other_organisation.pk}
    for wrong in ({"roles-0-kind": "", "roles-0-organisation": ""}, elsewhere):
        assert client.post(page(User, "add"), account_data(cast) | wrong).status_code == 200
    assert not User.objects.filter(email="nouvelle@brume.example").exists()
    response = client.post(page(User, "add"), account_data(cast, email=cast.delegate.email.upper()))
    assert "email" in errors(response)
    assert not Letter.objects.exists()


def test_an_account_that_also_serves_elsewhere_is_seen_and_not_changed(cast, client):
    make_role(cast.delegate, cast.other_organisation, Role.Kind.SECRETARIAT)
    url = page(User, "change", cast.delegate.pk)
    assert client.get(url).status_code == 200
    taken = {"email": "pris@brume.example", "roles-TOTAL_FORMS": 0, "roles-INITIAL_FORMS": 0}
    assert client.post(url, taken).status_code == 403
    client.post(page(User, "changelist"), selected("invite", cast.delegate))
    assert not Letter.objects.exists()
    cast.delegate.refresh_from_db()
    assert cast.delegate.email == "claire.caron@brume.example"


def test_an_administrator_makes_nobody_a_superuser_and_sends_links_again(cast, client):
    url = page(User, "change", cast.delegate.pk)
    data = form_data(client.get(url)) | {"is_superuser": "on", "is_staff": "on"}
    assert client.post(url, data).status_code == 302
    cast.delegate.refresh_from_db()
    assert (cast.delegate.is_superuser, cast.delegate.is_staff) == (False, False)
    client.post(page(User, "changelist"), selected("invite", cast.secretariat, confirmed="1"))
    post.letters_leave(timezone.now())
    assert [message.to for message in mail.outbox] == [[cast.secretariat.email]]
    foreign = make_account("loin@ailleurs.example")  # an account that nobody here knows
    response = client.get(page(User, "change", foreign.pk))
    assert (response.status_code, response.url) == (302, reverse("admin:index"))


# --- What no page of ours asks


@pytest.mark.parametrize("number", ["abc", "9" * 30, "-1", ""])
def test_what_is_the_number_of_no_row_selects_and_proposes_none(cast, client, number):
    body, user = cast.comite.pk, page(User, "changelist")
    for model, action in ((Mandate, "end_mandates"), (Person, "delete_selected"), (User, "invite")):
        sent = {"action": action, "_selected_action": number, "confirmed": "1", "post": "yes"}
        answer = client.post(page(model, "changelist"), sent, follow=True)
        assert answer.status_code == 200
    assert Mandate.objects.filter(end_on=None).count() == 11 and client.get(user).status_code == 200
    asked = {"body": body, "person": number, "community": number, "constituency": number}
    assert client.get(page(Mandate, "add"), asked).status_code == 200
    for model in (Person, Role, User, RuleBook):
        asked = dict.fromkeys(("user", "organisation", "body", "person"), number)
        assert client.get(page(model, "add"), asked).status_code == 200


@pytest.mark.parametrize("model", [Mandate, Person, User], **BY_NAME)
def test_a_search_of_thousands_of_words_finds_nothing_and_breaks_nothing(cast, client, model):
    many = " ".join(f"mot{rank}" for rank in range(3000))
    assert client.get(page(model, "changelist"), {"q": many}).status_code == 200
    offered = {"app_label": "members", "model_name": "mandate", "field_name": "person"}
    asked = offered | {"term": many}
    assert client.get(reverse("admin:autocomplete"), asked).json()["results"] == []
    assert client.get(page(model, "changelist"), {"q": "a" * 100_000}).status_code == 200


def test_a_first_day_before_every_calendar_is_refused_and_breaks_no_page(cast, client):
    book = cast.comite.rule_books.get()
    card = page(RuleBook, "change", book.pk)
    sent = form_data(client.get(card)) | {"valid_from": "0001-01-01"}
    assert list(errors(client.post(card, sent))) == ["valid_from"]
    added = {"body": cast.comite.pk, "valid_from": "01/01/0001", "preset": "smo"}
    assert list(errors(client.post(page(RuleBook, "add"), added))) == ["valid_from"]
    RuleBook.objects.filter(pk=book.pk).update(valid_from=date.min)  # stored before
    make_rule_book(cast.comite, valid_from=date(2199, 1, 1))
    Community.objects.filter(pk=cast.etangs.pk).update(dissolved_on=date.min)
    for url in (
        card,
        page(RuleBook, "changelist"),
        page(Body, "change", cast.comite.pk),
        page(Community, "changelist") + "?existe=toutes",
        reverse("members:rules", args=[cast.comite.pk]),
        reverse("members:rules", args=[cast.comite.pk]) + "?le=1800-01-01",
        reverse("members:composition", args=[cast.comite.pk]),
    ):
        assert client.get(url).status_code == 200, url


def test_what_is_deleted_is_called_what_it_is(cast, client):
    """Said before: « Supprimer Farid FAURE (titulaire, …) ? », « Bureau ne se supprime pas »."""
    seat, account = cast.seat(cast.farid), cast.delegate
    told = client.get(page(Mandate, "delete", seat.pk)).text
    assert f"le mandat {french.contract('de', str(cast.farid))}, titulaire, " in told
    assert "le compte de" in client.get(page(User, "delete", account.pk)).text
    kept = text(client.get(page(Body, "delete", cast.bureau.pk)))
    assert unsaid(kept, f"{french.capitalise(cast.bureau.designation)} ne se supprime pas") == []
    asked = LinkRequest.objects.create(
        person=cast.elsa, account=account, asked_by=cast.administration, asked_at=timezone.now()
    )
    assert "rattachement" not in client.get(page(User, "delete", account.pk)).text
    assert LinkRequest.objects.filter(pk=asked.pk).exists()


def test_what_an_act_on_several_lacks_is_said_as_on_a_card(cast, client):
    url = page(Mandate, "changelist")
    asked = client.post(url, selected("end_mandates", cast.seat(cast.farid), confirmed="1"))
    told = text(asked)
    assert unsaid(told, "Rien n’est enregistré : 2 points à corriger", "À choisir.") == []
    assert "obligatoire" not in told and "vDateField" in asked.text


def test_only_bodies_that_sit_are_offered_and_a_quorum_is_one_departure(cast, client):
    register = make_body(
        cast.organisation, "Arrêtés", slug="arretes", kind="arretes", assembly=cast.comite
    )
    for model in (Mandate, RuleBook):
        offered = client.get(page(model, "add")).context["adminform"].form.fields["body"].queryset
        assert cast.comite in offered and register not in offered
    book = cast.comite.rule_books.get()
    change(book, values=book.values | {"quorum_fraction": "2/3", "quorum_strict": False})
    assert rules.departures(book.regime, book.usual) == ["quorum_fraction"]


def test_an_account_of_who_sits_proposes_her_role_then_says_what_it_waits_for(cast, client):
    url = f"{page(User, 'add')}?person={cast.elsa.pk}"
    form = client.get(url)
    (roles,) = form.context["inline_admin_formsets"]
    assert roles.formset.forms[0].initial["kind"] == Role.Kind.DELEGATE
    data = form_data(form) | {"email": "elsa@brume.example"}
    client.post(url, data, follow=True)
    account = User.objects.get(email="elsa@brume.example")
    assert account.roles.get().kind == Role.Kind.DELEGATE
    said = ("attend son accord, ou celui d’une autre personne", "Renvoyer l’invitation")
    assert unsaid(text(client.get(page(User, "change", account.pk))), *said) == []
    card = client.get(page(Person, "change", cast.elsa.pk))
    assert unsaid(text(card), said[0], account.email) == []
    assert "user" not in card.context["adminform"].form.fields


def test_an_account_is_said_to_be_open_before_what_its_invitation_waits_for(cast, client, settings):
    """« Un lien… ne part pas », in ochre, came before « C’est ajouté »."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    (told,) = client.post(page(User, "add"), account_data(cast), follow=True).context["messages"]
    words = ("Compte ouvert", ">attend un serveur de courriel</a>.")
    assert told.level_tag == "success" and unsaid(str(told).replace("\u00a0", " "), *words) == []
