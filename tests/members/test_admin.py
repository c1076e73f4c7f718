"""The administration: one organisation at a time, verbs on selections, no page that breaks."""

import contextlib
import threading
from datetime import date

import pytest
from django.contrib import admin
from django.core import mail
from django.db import connection
from django.urls import reverse

from law import regime
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
from tests.cast import SINCE, make_account, make_body, make_cast, make_community, make_role

OURS = [Organisation, Community, Body, RuleBook, Constituency, Person, Mandate, User, Role]
WITH_HISTORY = [Organisation, Community, Body, RuleBook, Constituency, Person, Mandate]


def page(model, name: str, *args) -> str:
    return reverse(f"admin:members_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def client(cast, client_of):
    """The browser of the administrator of the Val de Brume."""
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
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                value = ""
            data[bound.html_name] = bound.field.prepare_value(value) if value != "" else ""
    return {name: value for name, value in data.items() if value != ""}


def errors(response) -> dict:
    return dict(response.context["adminform"].form.errors)


# --- Who enters


@pytest.mark.parametrize(
    "who", ["secretariat", "delegate", "other_secretariat", "other_delegate", "stranger"]
)
def test_only_the_role_administration_enters(cast, client_of, who):
    client = client_of(getattr(cast, who))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403


def test_anonymous_goes_to_the_one_sign_in_page(client_of):
    response = client_of(None).get(page(Person, "changelist"), follow=True)
    assert response.redirect_chain[-1][0] == (
        f"{reverse('members:login')}?next={page(Person, 'changelist')}"
    )


def test_passwords_and_leaving_are_those_of_the_site(client):
    assert client.get(reverse("admin:password_change")).url == reverse("members:password_change")
    assert client.post(reverse("admin:logout")).url == reverse("members:login")
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_index_shows_what_can_be_kept(client):
    text = client.get(reverse("admin:index")).content.decode()
    for model in OURS:
        assert page(model, "changelist") in text


# --- Every page of every model


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_page_opens(cast, client, model):
    row = row_of(cast, model)
    for url in (
        page(model, "changelist"),
        page(model, "changelist") + "?q=évrard",
        page(model, "change", row.pk),
        page(model, "history", row.pk),
    ):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize(
    "model", [model for model in OURS if model is not Organisation], ids=lambda m: m.__name__
)
def test_every_add_button_leads_to_a_form_that_says_what_it_misses(client, model):
    assert client.get(page(model, "add")).status_code == 200
    response = client.post(page(model, "add"), {})
    assert response.status_code == 200
    assert errors(response)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_saving_a_form_untouched_changes_nothing(cast, client, model):
    url = page(model, "change", row_of(cast, model).pk)
    response = client.post(url, form_data(client.get(url)))
    assert response.status_code == 302, errors(response)


@pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda model: model.__name__)
def test_the_history_of_a_row_opens_to_each_of_its_states(cast, client, model):
    row = row_of(cast, model)
    url = reverse(
        f"admin:members_{model._meta.model_name}_simple_history",
        args=[row.pk, row.history.first().pk],
    )
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda model: model.__name__)
@pytest.mark.parametrize("pk", ["999999", "x"])
def test_the_history_of_nothing_is_not_found(client, model, pk):
    assert client.get(page(model, "history", pk)).status_code == 404


# --- One organisation at a time


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_rows_of_another_organisation_are_unknown(cast, client_of, model):
    client = client_of(cast.other_administration)
    row = row_of(cast, model)
    listed = client.get(page(model, "changelist"))
    assert row.pk not in {each.pk for each in listed.context["cl"].result_list}
    response = client.get(page(model, "change", row.pk))
    assert (response.status_code, response.url) == (302, reverse("admin:index"))
    # nobody but a superuser ever deletes an organisation
    gone = 403 if model is Organisation else 302
    assert client.get(page(model, "delete", row.pk)).status_code == gone
    response = client.get(page(model, "history", row.pk))
    assert response.status_code in (302, 404)
    assert client.post(page(model, "change", row.pk), {"name": "Pris"}).status_code == 302
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == gone
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Mandate, "person"),
        (Mandate, "community"),
        (Mandate, "replaces"),
        (Person, "user"),
        (Community, "successor"),
        (Role, "user"),
    ],
)
def test_autocompletion_offers_one_organisation_only(cast, client_of, model, field):
    def offered(user) -> set[str]:
        response = client_of(user).get(
            reverse("admin:autocomplete"),
            {"app_label": "members", "model_name": model._meta.model_name, "field_name": field},
        )
        return {result["id"] for result in response.json()["results"]}

    ours, theirs = offered(cast.administration), offered(cast.other_administration)
    assert ours
    assert ours.isdisjoint(theirs)


def test_a_forged_choice_of_another_organisation_is_refused(cast, client_of):
    client = client_of(cast.other_administration)
    response = client.post(
        page(Mandate, "add"),
        {
            "body": cast.comite.pk,
            "person": cast.farid.pk,
            "constituency": cast.intercommunalites.pk,
            "community": cast.agglo.pk,
            "capacity": "titulaire",
            "office": "membre",
            "weight": 1,
            "position": 0,
            "start_on": "2026-09-01",
        },
    )
    assert set(errors(response)) == {"body", "person", "constituency", "community"}
    response = client.post(
        page(Person, "add"),
        {
            "organisation": cast.organisation.pk,
            "civility": "Mme",
            "last_name": "Intruse",
            "mandates-TOTAL_FORMS": 0,
            "mandates-INITIAL_FORMS": 0,
        },
    )
    assert set(errors(response)) == {"organisation"}


def test_filters_offer_one_organisation_only(cast, client_of):
    text = client_of(cast.other_administration).get(page(Mandate, "changelist")).content.decode()
    assert "Collège du Département" not in text
    assert "Olga" in text


def test_a_verb_does_not_reach_another_organisation(cast, client_of):
    seat = cast.seat(cast.farid)
    client_of(cast.other_administration).post(
        page(Mandate, "changelist"),
        {
            "action": "end_mandates",
            "_selected_action": [seat.pk],
            "confirmed": "1",
            "on": "2026-09-30",
            "reason": "demission",
        },
    )
    seat.refresh_from_db()
    assert seat.end_on is None


def test_who_runs_two_organisations_sees_both_and_is_asked_which(cast, client_of):
    make_role(cast.administration, cast.other_organisation, Role.Kind.ADMINISTRATION)
    client = client_of(cast.administration)
    response = client.get(page(Person, "changelist"))
    assert {p.organisation for p in response.context["cl"].result_list} == {
        cast.organisation,
        cast.other_organisation,
    }
    assert "organisation" in response.context["cl"].list_display
    add = client.get(page(Person, "add"))
    assert not add.context["adminform"].form["organisation"].is_hidden


def test_with_a_single_organisation_nobody_is_asked_which(cast, client):
    add = client.get(page(Person, "add"))
    assert add.context["adminform"].form["organisation"].is_hidden
    assert add.context["adminform"].form["organisation"].value() == cast.organisation.pk
    assert "organisation" not in client.get(page(Person, "changelist")).context["cl"].list_display


def test_only_a_superuser_founds_an_organisation(cast, client, client_of):
    assert client.get(page(Organisation, "add")).status_code == 403
    cast.administration.is_superuser = True
    cast.administration.save()
    assert client_of(cast.administration).get(page(Organisation, "add")).status_code == 200


# --- Lists


def listed(response) -> list[str]:
    return [str(row.person) for row in response.context["cl"].result_list]


def test_in_office_on_a_day(cast, client):
    url = page(Mandate, "changelist")
    assert listed(client.get(url, {"au": "2026-05-03"})) == []
    assert len(listed(client.get(url, {"au": "2026-05-04"}))) == 10
    assert len(listed(client.get(url, {"au": "04/05/2026", "office__exact": "president"}))) == 2
    assert (
        len(client.get(page(Person, "changelist"), {"au": "2026-05-04"}).context["cl"].result_list)
        == 7
    )


def test_a_day_that_is_none_is_said_in_the_filter(cast, client):
    response = client.get(page(Mandate, "changelist"), {"au": "hier"})
    assert response.status_code == 200
    assert "« hier » n’est pas une date." in response.content.decode()
    assert len(listed(response)) == 10


def test_the_filter_keeps_the_other_filters(cast, client):
    text = client.get(
        page(Mandate, "changelist"), {"office__exact": "president", "q": "arnaud"}
    ).content.decode()
    assert '<input type="hidden" name="office__exact" value="president">' in text
    assert '<input type="hidden" name="q" value="arnaud">' in text


def test_people_are_found_without_their_accents(cast, client):
    for search in ("gaelle", "GAËLLE", "garnier", "claire.caron@brume"):
        response = client.get(page(Person, "changelist"), {"q": search})
        assert len(response.context["cl"].result_list) == 1, search


@pytest.mark.parametrize("model", [Mandate, Person], ids=lambda model: model.__name__)
def test_a_list_costs_the_same_with_more_rows(cast, client, model, django_assert_max_num_queries):
    url = page(model, "changelist")
    with django_assert_max_num_queries(18) as few:
        client.get(url)
    for number in range(12):
        person = Person.objects.create(
            organisation=cast.organisation, civility="M.", last_name=f"Nouveau {number}"
        )
        Mandate.objects.create(
            body=cast.comite, person=person, community=cast.agglo, start_on=SINCE
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(url)


# --- Mandates


def mandate_data(cast, **changes) -> dict:
    return {
        "body": cast.comite.pk,
        "person": cast.farid.pk,
        "capacity": "titulaire",
        "office": "membre",
        "weight": 1,
        "position": 0,
        "start_on": "2026-09-01",
    } | changes


def test_an_overlap_is_said_beside_the_field_with_the_other_mandate(cast, client):
    response = client.post(page(Mandate, "add"), mandate_data(cast))
    assert errors(response) == {
        "start_on": [
            "Farid FAURE a déjà un mandat dans cette instance : titulaire depuis le 04/05/2026."
        ]
    }


def test_the_history_says_who_and_what(cast, client):
    seat = cast.seat(cast.farid)
    url = page(Mandate, "change", seat.pk)
    client.post(url, form_data(client.get(url)) | {"weight": 3})
    seat.refresh_from_db()
    assert seat.weight == 3
    assert seat.history.first().history_user == cast.administration
    text = client.get(page(Mandate, "history", seat.pk)).content.decode()
    assert "<strong>Voix</strong> : 1 → 3" in text or "<strong>voix</strong> : 1 → 3" in text


def test_two_new_mandates_of_one_person_may_not_overlap_each_other(cast, client):
    data = {
        "organisation": cast.organisation.pk,
        "civility": "Mme",
        "last_name": "Hardy",
        "mandates-TOTAL_FORMS": 2,
        "mandates-INITIAL_FORMS": 0,
    }
    for number, start in enumerate(("2026-09-01", "2026-10-01")):
        prefix = f"mandates-{number}-"
        data |= {
            f"{prefix}body": cast.comite.pk,
            f"{prefix}capacity": "titulaire",
            f"{prefix}office": "membre",
            f"{prefix}start_on": start,
        }
    response = client.post(page(Person, "add"), data)
    assert response.status_code == 200
    assert "Deux mandats dans « Comité syndical » se chevauchent" in response.content.decode()
    assert not Person.objects.filter(last_name="Hardy").exists()

    data |= {"mandates-0-end_on": "2026-09-30", "mandates-0-end_reason": "demission"}
    assert client.post(page(Person, "add"), data).status_code == 302
    assert Person.objects.get(last_name="Hardy").mandates.count() == 2


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
    answers = []

    def save() -> None:
        try:
            client = client_of(cast.administration)
            data = mandate_data(cast, body=cast.bureau.pk)
            answers.append(client.post(page(Mandate, "add"), data))
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    (refused,) = [answer for answer in answers if answer.status_code == 200]
    assert "a déjà un mandat dans cette instance" in refused.content.decode()
    assert cast.farid.mandates.filter(body=cast.bureau).count() == 1


# --- Verbs on a selection


def selected(action: str, *rows, **data) -> dict:
    return {"action": action, "_selected_action": [row.pk for row in rows]} | data


def test_ending_mandates_asks_when_and_why_then_does_it(cast, client):
    seats = [cast.seat(cast.farid), cast.seat(cast.elsa)]
    url = page(Mandate, "changelist")
    asked = client.post(url, selected("end_mandates", *seats))
    assert "Mettre fin aux mandats" in asked.content.decode()
    assert cast.seat(cast.farid).end_on is None

    empty = client.post(url, selected("end_mandates", *seats, confirmed="1"))
    assert set(empty.context["form"].errors) == {"on", "reason"}

    done = client.post(
        url,
        selected("end_mandates", *seats, confirmed="1", on="30/09/2026", reason="demission"),
        follow=True,
    )
    assert "Ces mandats ont pris fin." in done.content.decode()
    for seat in seats:
        seat.refresh_from_db()
        assert seat.end_on == date(2026, 9, 30)
        assert seat.history.first().history_user == cast.administration


def test_ending_mandates_is_all_or_nothing(cast, client):
    first, second = cast.seat(cast.farid), cast.seat(cast.elsa)
    second.end_on, second.end_reason = date(2026, 6, 1), "deces"
    second.save()
    response = client.post(
        page(Mandate, "changelist"),
        selected("end_mandates", first, second, confirmed="1", on="2026-09-30", reason="terme"),
    )
    assert response.context["form"].non_field_errors() == [
        "Le mandat d’Elsa EVRARD a déjà pris fin le 01/06/2026."
    ]
    first.refresh_from_db()
    assert first.end_on is None


def test_a_merger_from_the_list_of_communities(cast, client):
    merged = make_community(cast.organisation, "CC du Grand Étang", founded_on=date(2027, 1, 1))
    url = page(Community, "changelist")
    asked = client.post(url, selected("merge", cast.etangs))
    choices = asked.context["form"].fields["successor"].queryset
    assert cast.etangs not in choices
    assert merged in choices
    done = client.post(
        url,
        selected("merge", cast.etangs, confirmed="1", on="2027-01-01", successor=merged.pk),
        follow=True,
    )
    assert "La fusion est enregistrée" in done.content.decode()
    cast.etangs.refresh_from_db()
    assert cast.etangs.successor == merged
    assert {m.end_reason for m in cast.etangs.mandates.all()} == {"fusion"}


def test_an_impossible_merger_is_explained(cast, client):
    response = client.post(
        page(Community, "changelist"),
        selected("merge", cast.etangs, confirmed="1", on="2020-01-01", successor=cast.agglo.pk),
    )
    assert "quand elle n’existe plus" in response.content.decode()
    assert cast.seat(cast.farid).end_on is None


# --- Deleting


@pytest.mark.parametrize(
    "model", [Organisation, Community, Body, Constituency, Person], ids=lambda model: model.__name__
)
def test_what_others_hang_from_cannot_be_deleted_and_the_page_says_why(cast, client_of, model):
    cast.administration.is_superuser = True
    cast.administration.save()
    client = client_of(cast.administration)
    row = row_of(cast, model)
    url = page(model, "delete", row.pk)
    text = client.get(url).content.decode()
    assert "protégé" in text
    assert client.post(url, {"post": "yes"}).status_code == 200
    assert model.objects.filter(pk=row.pk).exists()


def test_the_last_state_of_a_deleted_row_stays_readable(cast, client):
    extra = make_community(cast.organisation, "CC de trop")
    assert client.post(page(Community, "delete", extra.pk), {"post": "yes"}).status_code == 302
    assert client.get(page(Community, "history", extra.pk)).status_code == 200


# --- Bodies and rule books


def body_data(cast, **changes) -> dict:
    return {
        "organisation": cast.organisation.pk,
        "name": "Commission des usages",
        "slug": "usages",
        "kind": "commission",
        "position": 3,
        "is_active": "on",
        "designation": "la Commission des usages",
        "gender": "f",
        "member_noun": "membres",
        "layout": "complet",
        "numbering": "continu",
        "deliberation_format": "{annee}-{numero:03}",
        "constituencies-TOTAL_FORMS": 0,
        "constituencies-INITIAL_FORMS": 0,
        "rule_books-TOTAL_FORMS": 0,
        "rule_books-INITIAL_FORMS": 0,
    } | changes


def test_a_new_body_gets_the_rules_the_law_proposes(cast, client):
    assert client.post(page(Body, "add"), body_data(cast)).status_code == 302
    book = RuleBook.objects.get(body__slug="usages")
    assert (book.preset, book.regime) == ("smo", regime.PRESETS["smo"])
    assert book.history.get().history_user == cast.administration


def test_a_rule_book_begins_with_the_values_of_its_model(cast, client):
    add = client.get(page(RuleBook, "add"), {"body": cast.comite.pk})
    assert add.context["adminform"].form["preset"].value() == "smo"
    response = client.post(
        page(RuleBook, "add"),
        {"body": cast.comite.pk, "valid_from": "2026-09-01", "preset": "smf", "source": ""},
    )
    book = RuleBook.objects.get(body=cast.comite, valid_from=date(2026, 9, 1))
    assert response.url == page(RuleBook, "change", book.pk)
    assert book.regime == regime.PRESETS["smf"]


def test_every_rule_has_its_field_with_article_and_usual_value(cast, client):
    book = row_of(cast, RuleBook)
    form = client.get(page(RuleBook, "change", book.pk)).context["adminform"].form
    assert set(regime.RULES) <= set(form.fields)
    assert form.fields["proxies_per_holder"].label == "Pouvoirs par porteur"
    assert form.fields["proxies_per_holder"].help_text == (
        "Nombre de pouvoirs qu’un même membre peut porter. Art. L2121-20 du CGCT. Modèle : 1."
    )


def test_a_rule_that_departs_is_called_statutory(cast, client):
    book = row_of(cast, RuleBook)
    url = page(RuleBook, "change", book.pk)
    data = form_data(client.get(url)) | {"proxies_per_holder": 2, "quorum_fraction": "2/3"}
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert regime.departures(book.regime, "smo") == (
        ("quorum_fraction", book.regime.quorum_fraction, regime.PRESETS["smo"].quorum_fraction),
        ("proxies_per_holder", 2, 1),
    )
    form = client.get(url).context["adminform"].form
    assert form.fields["proxies_per_holder"].label == "Pouvoirs par porteur (statutaire)"
    text = client.get(page(Body, "change", cast.comite.pk)).content.decode()
    assert "quorum, pouvoirs par porteur" in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quorum_fraction": "beaucoup"}, "quorum_fraction"),
        ({"quorum_fraction": "3/2"}, "quorum_fraction"),
        ({"proxies_per_holder": 99}, "proxies_per_holder"),
        ({"proxies_per_holder": ""}, "proxies_per_holder"),
        ({"quorum_basis": "poids"}, "quorum_basis"),
        ({"urgent_clear_days": 30}, "urgent_clear_days"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(cast, client, change, field):
    book = row_of(cast, RuleBook)
    url = page(RuleBook, "change", book.pk)
    response = client.post(url, form_data(client.get(url)) | change)
    assert list(errors(response)) == [field]
    book.refresh_from_db()
    assert book.regime == regime.PRESETS["smo"]


def test_a_rule_book_may_start_over_from_another_model(cast, client):
    book = row_of(cast, RuleBook)
    url = page(RuleBook, "change", book.pk)
    data = form_data(client.get(url)) | {"preset": "epci", "start_over": "on"}
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert book.regime == regime.PRESETS["epci"]


def test_rules_that_make_no_sense_can_still_be_opened_and_mended(cast, client):
    book = row_of(cast, RuleBook)
    RuleBook.objects.filter(pk=book.pk).update(values={"quorum_fraction": 12})
    url = page(RuleBook, "change", book.pk)
    assert client.get(page(Body, "change", cast.comite.pk)).status_code == 200
    data = form_data(client.get(url)) | {"start_over": "on"}
    assert client.post(url, data).status_code == 302
    book.refresh_from_db()
    assert book.regime == regime.PRESETS["smo"]


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
    assert [(r.organisation, r.kind) for r in account.roles.all()] == [
        (cast.organisation, "delegue")
    ]
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([account.email], "Votre compte est ouvert")
    assert "le syndicat mixte Val de Brume" in message.body
    assert "/mot-de-passe/choisir/" in message.body


def test_a_new_account_needs_a_role_and_an_address_of_its_own(cast, client):
    response = client.post(
        page(User, "add"), account_data(cast) | {"roles-0-kind": "", "roles-0-organisation": ""}
    )
    assert response.status_code == 200
    response = client.post(page(User, "add"), account_data(cast, email=cast.delegate.email.upper()))
    assert "email" in errors(response)
    assert mail.outbox == []


def test_an_account_that_also_serves_elsewhere_is_seen_and_not_changed(cast, client):
    make_role(cast.delegate, cast.other_organisation, Role.Kind.SECRETARIAT)
    url = page(User, "change", cast.delegate.pk)
    assert client.get(url).status_code == 200
    response = client.post(
        url,
        {
            "email": "pris@brume.example",
            "roles-TOTAL_FORMS": 0,
            "roles-INITIAL_FORMS": 0,
        },
    )
    assert response.status_code == 403
    client.post(page(User, "changelist"), selected("invite", cast.delegate))
    assert mail.outbox == []
    cast.delegate.refresh_from_db()
    assert cast.delegate.email == "claire.caron@brume.example"


def test_an_administrator_makes_nobody_a_superuser(cast, client):
    url = page(User, "change", cast.delegate.pk)
    data = form_data(client.get(url)) | {"is_superuser": "on", "is_staff": "on"}
    assert client.post(url, data).status_code == 302
    cast.delegate.refresh_from_db()
    assert (cast.delegate.is_superuser, cast.delegate.is_staff) == (False, False)


def test_an_administrator_gives_no_role_elsewhere(cast, client):
    response = client.post(
        page(User, "add"),
        account_data(cast) | {"roles-0-organisation": cast.other_organisation.pk},
    )
    assert response.status_code == 200
    assert not User.objects.filter(email="nouvelle@brume.example").exists()


def test_a_link_may_be_sent_again(cast, client):
    client.post(page(User, "changelist"), selected("invite", cast.secretariat))
    assert [message.to for message in mail.outbox] == [[cast.secretariat.email]]


def test_an_account_nobody_here_knows_is_unknown(cast, client):
    foreign = make_account("loin@ailleurs.example")
    response = client.get(page(User, "change", foreign.pk))
    assert (response.status_code, response.url) == (302, reverse("admin:index"))


def test_every_model_with_a_history_is_registered_with_it():
    for model in WITH_HISTORY:
        assert hasattr(admin.site._registry[model], "history_form_view"), model


def test_a_body_of_a_new_organisation_needs_no_community(cast, client_of):
    cast.administration.is_superuser = True
    cast.administration.save()
    lonely = make_body(cast.other_organisation, "Bureau")
    response = client_of(cast.administration).get(page(RuleBook, "add"), {"body": lonely.pk})
    assert response.context["adminform"].form["preset"].value() == "smo"
