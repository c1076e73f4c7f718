"""Sessions: one sees where one is signed in, and ends it; they end with what opened them."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import letters, sessions
from accounts.models import Session
from members import links
from members.models import Role, User
from tests import doors
from tests.cast import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
NEW = "tilleul brouillard quai"


@pytest.fixture
def account(cast):
    cast.secretariat.set_password(PASSWORD)
    cast.secretariat.save()
    return cast.secretariat


def entered(account, agent=FIREFOX, address="192.0.2.7") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post(reverse("accounts:login"), {"username": account.email, "password": PASSWORD})
    return client


def is_in(client) -> bool:
    return client.get(reverse("members:bodies")).status_code == 200


def test_they_are_listed_with_device_and_network(account):
    entered(account, SAFARI, "2001:db8::9")
    here = entered(account)
    page = here.get(reverse("accounts:mine")).content.decode()
    for told in ("Firefox, Windows", "192.0.2.7", "Safari, iPhone", "2001:db8::9"):
        assert told in page
    assert page.count("celui-ci") == 1
    assert here.cookies["sessionid"].value not in page


def test_who_reads_the_database_enters_nowhere(account):
    here = entered(account)
    cookie = here.cookies["sessionid"].value
    held = [str(value) for row in Session.objects.values() for value in row.values()]
    assert held and not any(cookie in value for value in held)
    for row in Session.objects.all():
        thief = Client()
        thief.cookies["sessionid"] = row.pk
        assert not is_in(thief)
    assert is_in(here)
    here.post(reverse("accounts:logout"))
    assert not Session.objects.filter(account=account).exists()


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140 Safari/537 Edg/140", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("curl/8", "appareil inconnu"),
        ("", "appareil inconnu"),
    ],
)
def test_a_device_is_named_as_its_owner_names_it(agent, told):
    assert sessions.device(agent) == told


def test_one_is_ended_then_all_the_others(account):
    here, there, elsewhere = entered(account), entered(account), entered(account)
    row = links.hash_of(there.cookies["sessionid"].value)
    here.post(reverse("accounts:end_session", args=[row]))
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)
    here.post(reverse("accounts:end_sessions"))
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_nobody_ends_the_session_of_another(account, cast, client_of):
    there = entered(account)
    row = links.hash_of(there.cookies["sessionid"].value)
    other = client_of(cast.administration)
    assert other.post(reverse("accounts:end_session", args=[row])).status_code == 404
    assert is_in(there)


def of_account(cast, client_of, **changed):
    """What the form of the administration sends for the secretariat."""
    client = client_of(cast.administration)
    role = cast.secretariat.roles.get()
    data = {
        "email": cast.secretariat.email,
        "first_name": "Sylvie",
        "last_name": "Saint",
        "is_active": "on",
        "roles-TOTAL_FORMS": "1",
        "roles-INITIAL_FORMS": "1",
        "roles-0-id": role.pk,
        "roles-0-user": cast.secretariat.pk,
        "roles-0-organisation": cast.organisation.pk,
        "roles-0-kind": role.kind,
    } | changed
    data = {name: value for name, value in data.items() if value is not None}
    url = reverse("admin:members_user_change", args=[cast.secretariat.pk])
    assert client.post(url, data).status_code == 302


def deleted_role(cast, client_of):
    role = cast.secretariat.roles.get()
    url = reverse("admin:members_role_delete", args=[role.pk])
    assert client_of(cast.administration).post(url, {"post": "yes"}).status_code == 302


def changed_role(cast, client_of):
    of_account(cast, client_of, **{"roles-0-kind": "delegue"})


def changed_name(cast, client_of):
    of_account(cast, client_of, first_name="Solange")


def deactivated(cast, client_of):
    of_account(cast, client_of, is_active=None)


def forgotten(cast, client_of):
    cast.secretariat.refresh_from_db()
    client, path = Client(), letters.password_path(cast.secretariat)
    page = client.get(path, follow=True).request["PATH_INFO"]
    client.post(page, {"new_password1": NEW, "new_password2": NEW})


@pytest.mark.parametrize(
    ("happened", "kept"),
    [
        pytest.param(deactivated, 0, id="compte fermé"),
        pytest.param(deleted_role, 0, id="rôle retiré"),
        pytest.param(changed_role, 0, id="rôle changé"),
        pytest.param(forgotten, 0, id="mot de passe choisi de nouveau"),
        pytest.param(changed_name, 2, id="un nom corrigé ne ferme rien"),
    ],
)
def test_all_end_at_once(account, cast, client_of, happened, kept):
    clients = [entered(account), entered(account, SAFARI)]
    happened(cast, client_of)
    assert Session.objects.filter(account=account).count() == kept
    assert sum(client.get(reverse("home")).status_code == 200 for client in clients) == kept


def test_a_changed_password_keeps_the_session_it_was_changed_in(account):
    here, there = entered(account), entered(account)
    new = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    here.post(reverse("accounts:password_change"), new)
    assert (is_in(here), is_in(there)) == (True, False)
    assert Session.objects.filter(account=account).count() == 1


def test_the_administration_of_accounts_asks_for_a_second_proof(cast, client_of):
    client = doors.grow_old(client_of(cast.administration))
    who, role = cast.secretariat, cast.secretariat.roles.get()
    here = {"organisation": cast.organisation.pk, "kind": "delegue"}
    account = {"first_name": "Ève", "last_name": "Estève", "email": "x@y.example"}
    rows = {"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0}
    rows |= {f"roles-0-{name}": value for name, value in here.items()}
    before = list(User.objects.values()), list(Role.objects.values())
    for name, args, data in (
        ("user_add", [], account | rows),
        (
            "user_changelist",
            [],
            {"action": "invite", "_selected_action": who.pk, "confirmed": "1"},
        ),
        ("role_add", [], here | {"user": who.pk}),
        ("user_change", [who.pk], account | {"is_active": "on"} | rows),
        ("user_delete", [who.pk], {}),
        ("role_change", [role.pk], here | {"user": who.pk}),
        ("role_delete", [role.pk], {}),
    ):
        response = client.post(reverse(f"admin:members_{name}", args=args), data)
        assert response.status_code == 403, name
        assert "Confirmez que c’est vous" in response.content.decode()
    assert (list(User.objects.values()), list(Role.objects.values())) == before
    assert client.get(reverse("admin:members_user_changelist")).status_code == 200
