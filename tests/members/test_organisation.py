"""Several organisations in one instance: who has one never notices, who has two switches."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from members import access
from members.models import Mandate, Role
from tests.cast import end, make_mandate, make_person, make_role

SWITCH = "/organisation/"


def names(response) -> list[str]:
    return [body.organisation.name for body in response.context["bodies"]]


def test_with_a_single_organisation_nobody_notices(cast, client_of):
    response = client_of(cast.secretariat).get(reverse("members:bodies"))
    assert response.context["organisation"] == cast.organisation
    assert response.context["organisations"] == (cast.organisation,)
    assert SWITCH not in response.content.decode()


def test_the_first_by_name_comes_first_and_the_choice_is_kept(cast, client_of):
    role = make_role(cast.secretariat, cast.other_organisation, Role.Kind.DELEGATE)
    client = client_of(cast.secretariat)
    assert names(client.get(reverse("members:bodies"))) == ["Autre Rive"]
    page = client.get(reverse("members:composition", args=[cast.bureau.pk]))
    assert page.context["organisation"] == cast.organisation  # that of the object
    assert names(client.get(reverse("members:bodies"))) == ["Val de Brume", "Val de Brume"]
    client.post(SWITCH, {"organisation": cast.other_organisation.pk})
    response = client.post(SWITCH, {"organisation": cast.organisation.pk})
    assert (response.status_code, response.url) == (302, reverse("home"))
    page = client.get(reverse("members:bodies"))
    assert names(page) == ["Val de Brume", "Val de Brume"]
    assert page.context["roles"] == {Role.Kind.SECRETARIAT}
    assert SWITCH in page.content.decode()
    client.post(SWITCH, {"organisation": cast.other_organisation.pk})
    role.delete()
    page = client.get(reverse("members:bodies"))
    assert page.context["organisation"] == cast.organisation


def test_who_has_no_role_is_told_whom_to_ask_and_a_superuser_has_every_one(cast, client_of):
    response = client_of(cast.stranger).get(reverse("members:bodies"))
    assert response.status_code == 403
    assert "Votre compte n’a encore aucun rôle" in response.content.decode()
    client = client_of(cast.secretariat)
    for organisation in (cast.other_organisation.pk, 999_999, "x", ""):  # where he is nothing
        assert client.post(SWITCH, {"organisation": organisation}).status_code == 404
    cast.stranger.is_superuser = True
    assert access.organisations_of(cast.stranger) == (cast.other_organisation, cast.organisation)
    assert access.roles_of(cast.stranger, cast.organisation) == set(Role.Kind.values)


def test_what_a_delegate_reads(cast):
    assert list(access.bodies_read_by(cast.delegate, cast.organisation)) == [cast.comite]
    assert access.reads_sittings_of(cast.delegate, cast.comite)
    assert not access.reads_sittings_of(cast.delegate, cast.bureau)
    assert access.reads_sittings_of(cast.secretariat, cast.bureau)
    assert list(access.bodies_read_by(cast.stranger, cast.organisation)) == []


@pytest.mark.parametrize(
    ("ends_in", "held_in", "reads"),
    [
        pytest.param(None, 30, True, id="en cours : une séance à venir"),
        pytest.param(None, -9_000, True, id="en cours : une séance d’avant son mandat"),
        pytest.param(10, 9, True, id="finit bientôt : une séance d’ici là"),
        pytest.param(10, 11, False, id="finit bientôt : une séance d’après"),
        pytest.param(10, -9_000, True, id="finit bientôt : une séance d’avant son mandat"),
        pytest.param(0, 0, True, id="finit ce soir : la séance de ce soir"),
        pytest.param(-1, 0, False, id="fini hier : la séance d’aujourd’hui"),
        pytest.param(-10, -10, True, id="fini : la séance du dernier jour"),
        pytest.param(-10, -9, False, id="fini : une séance d’après"),
        pytest.param(-10, -9_000, False, id="fini : une séance d’avant son mandat"),
    ],
)
def test_what_comes_after_a_mandate_is_not_for_who_held_it(cast, ends_in, held_in, reads):
    today = timezone.localdate()
    if ends_in is not None:
        end(cast.seat(cast.claire), today + timedelta(days=ends_in))
    held_on = today + timedelta(days=held_in)
    assert access.reads_sittings_of(cast.delegate, cast.comite, held_on) is reads
    assert access.reads_sittings_of(cast.secretariat, cast.comite, held_on)
    assert not access.reads_sittings_of(cast.delegate, cast.bureau, held_on)
    within = access.sittings_within(
        cast.delegate, cast.organisation, body="body", held_on="start_on"
    )
    row = make_mandate(
        cast.comite, make_person(cast.organisation, "Hugo", "Hubert"), start_on=held_on
    )
    assert Mandate.objects.filter(within, pk=row.pk).exists() is reads


def test_roles_cost_one_query_and_none_for_a_visitor(cast, client_of, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.session = {}
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert access.context(request)["organisation"] is None
    request.user = cast.secretariat
    with django_assert_num_queries(1):
        assert access.context(request)["organisation"] == cast.organisation
        access.context(request)
