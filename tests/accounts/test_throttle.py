"""Patience at the door: counted in the database, before the try, whatever comes at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import devices, throttle
from accounts.models import Letter, Tries
from members.models import User
from tests.cast import PASSWORD, change, make_account
from tests.live.threads import at_once
from tests.words import text
from trail import network

SIGN_IN = "/connexion/"
PASSWORDS = ("new_password1", "new_password2")


def asked(rf, address="192.0.2.7", **headers):
    return rf.get("/", REMOTE_ADDR=address, **headers)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_hundred_tries_at_once_are_five(rf):
    request = asked(rf)
    judged = at_once(lambda who: throttle.take("connexion", request, who), ["a@b.example"] * 12)
    assert sum(judged) == throttle.FAILURES


@pytest.mark.django_db
def test_nothing_else_flushes_it(rf, client):
    request = asked(rf)
    for _ in range(throttle.FAILURES):
        assert throttle.take("connexion", request, "a@brume.example")
    cache.clear()
    for number in range(40):
        client.post(reverse("accounts:password_reset"), {"email": f"p{number}@brume.example"})
    assert not throttle.take("connexion", request, "A@Brume.example")
    assert throttle.take("connexion", asked(rf, "198.51.100.1"), "a@brume.example")


@pytest.mark.django_db
def test_many_networks_at_one_account_and_one_network_at_many_accounts(rf):
    for number in range(throttle.ANYWHERE):
        assert throttle.take("connexion", asked(rf, f"192.0.2.{number}"), "a@brume.example")
    assert not throttle.take("connexion", asked(rf, "198.51.100.1"), "a@brume.example")
    taken = sum(
        throttle.take("connexion", asked(rf, "203.0.113.5"), f"p{number}@brume.example")
        for number in range(throttle.NETWORK + 20)
    )
    assert taken == throttle.NETWORK


@pytest.mark.django_db
def test_right_passwords_of_a_whole_town_hall_do_not_close_it(rf):
    for number in range(throttle.NETWORK + 20):
        who, request = f"p{number}@brume.example", asked(rf)
        assert throttle.take("connexion", request, who)
        throttle.give_back("connexion", request, who)
    assert not Tries.objects.filter(count__gt=0).exists()


@pytest.mark.django_db
def test_the_wait_ends_and_leaves_nothing(rf):
    now, request = timezone.now(), asked(rf)
    for _ in range(throttle.FAILURES):
        throttle.take("connexion", request, "a@brume.example", at=now)
    assert not throttle.take("connexion", request, "a@brume.example", at=now)
    later = now + throttle.WAIT
    assert throttle.take("connexion", request, "b@brume.example", at=later)
    assert Tries.objects.count() == 3  # those of b
    assert throttle.take("connexion", request, "a@brume.example", at=later)


@pytest.mark.django_db
def test_what_is_paced_opens_a_minute_of_its_own_not_one_of_the_clock():
    """Asked at 59 s and at 61 s of a clock, a mail left twice."""
    first = datetime(2026, 11, 29, 9, 0, 59, tzinfo=UTC)

    def asks(seconds, most=1):
        at = first + timedelta(seconds=seconds)
        return throttle.paced("inviter", "1 INVITED", most=most, at=at)

    assert [asks(0), asks(2), asks(59.9)] == [True, False, False]
    assert [asks(60), asks(61)] == [True, False]  # refused meanwhile, it did not wait longer
    assert [asks(90, most=2), asks(119, most=2)] == [True, False]
    assert asks(120), "an old minute ends though it was asked again in it"


@pytest.mark.parametrize(
    ("hops", "passed", "seen"),
    [
        pytest.param(0, "203.0.113.9", "192.0.2.7", id="aucun mandataire : l’en-tête est ignoré"),
        pytest.param(1, "203.0.113.9", "203.0.113.9", id="le nôtre"),
        pytest.param(1, "10.0.0.1, 203.0.113.9", "203.0.113.9", id="un en-tête forgé devant"),
        pytest.param(2, "203.0.113.9, 10.0.0.2", "203.0.113.9", id="deux mandataires"),
        pytest.param(2, "203.0.113.9", "192.0.2.7", id="il n’est pas passé par les deux"),
        pytest.param(1, "", "192.0.2.7", id="un en-tête vide"),
        pytest.param(1, "n’importe quoi", "", id="une adresse qui n’en est pas une"),
        pytest.param(1, "::ffff:203.0.113.9", "203.0.113.9", id="IPv4 dans IPv6"),
    ],
)
def test_the_address_is_that_of_the_visitor(rf, settings, hops, passed, seen):
    settings.TRUSTED_PROXIES = hops
    assert network.address_of(asked(rf, HTTP_X_FORWARDED_FOR=passed)) == seen


def test_one_customer_of_ipv6_is_one_neighbour():
    assert network.neighbourhood("2001:db8::1") == network.neighbourhood("2001:db8::ffff:1")
    assert network.neighbourhood("2001:db8:0:1::1") != network.neighbourhood("2001:db8::1")
    assert network.neighbourhood("192.0.2.7") == "192.0.2.7"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["connu", "inconnu", "fermé", "sans mot de passe"])
def test_a_password_is_hashed_once_whoever_is_asked_about(client, monkeypatch, who):
    """The same work, hence the same time, whether or not the account exists."""
    account = make_account("sylvie@brume.example", password=PASSWORD)
    if who == "fermé":
        change(account, is_active=False)
    if who == "sans mot de passe":
        account.set_unusable_password()
        account.save()
    email = "personne@brume.example" if who == "inconnu" else account.email
    calls = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *given: calls.append(1) or encode(*given)
    )
    client.post(SIGN_IN, {"username": email, "password": "non"})
    assert len(calls) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["sylvie@brume.example", "personne@brume.example"])
def test_a_forgotten_password_does_the_same_work_for_anybody(
    client, mailoutbox, email, django_assert_num_queries
):
    make_account("sylvie@brume.example", password=PASSWORD)
    with django_assert_num_queries(7):
        client.post(reverse("accounts:password_reset"), {"email": email})
    assert Letter.objects.get().to == email
    assert mailoutbox == []


@pytest.mark.django_db
def test_who_keeps_the_machine_writes_a_link(capsys, client):
    account = make_account("sylvie@brume.example", password=PASSWORD)
    call_command("password_link", "Sylvie@brume.example")
    link = capsys.readouterr().out.strip()
    page = client.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert "Enregistrer ce mot de passe" in page.content.decode()
    change(account, is_active=False)
    with pytest.raises(Exception, match="Aucun compte ouvert"):
        call_command("password_link", account.email)


@pytest.mark.django_db
def test_the_first_account_is_opened_without_a_password_and_once(capsys, client):
    with pytest.raises(CommandError, match="adresse"):
        call_command("first_account", "sylvie", "Sylvie", "MARCHAND")
    call_command("first_account", "Sylvie@brume.example", "Sylvie", "MARCHAND")
    account = User.objects.get()
    assert (account.email, account.is_superuser) == ("sylvie@brume.example", True)
    assert not account.has_usable_password()
    link = capsys.readouterr().out.strip().removeprefix("http://127.0.0.1:8000")
    page = client.get(link, follow=True)
    refused = client.post(page.request["PATH_INFO"], dict.fromkeys(PASSWORDS, "Azerty"))
    assert "12 caractères" in text(refused)
    client.post(page.request["PATH_INFO"], dict.fromkeys(PASSWORDS, PASSWORD))
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    with pytest.raises(CommandError, match="password_link"):
        call_command("first_account", "autre@brume.example", "Une", "AUTRE")


# --- Strangers do not lock a person out -------------------------------------------------------


def failures_from(rf, addresses, who="sylvie@brume.example"):
    """As many strangers as addresses, each until told to wait; how many tries were judged."""
    judged = 0
    for address in addresses:
        while throttle.take("connexion", asked(rf, address), who):
            judged += 1
    return judged


def sign_in(client, password=PASSWORD, who="sylvie@brume.example"):
    return client.post(SIGN_IN, {"username": who, "password": password}).status_code == 302


@pytest.fixture
def sylvie(db):
    return make_account("sylvie@brume.example", password=PASSWORD)


def test_a_machine_where_one_entered_is_not_locked_by_strangers(rf, client, sylvie):
    assert sign_in(client)
    client.post(reverse("accounts:logout"))
    assert failures_from(rf, [f"192.0.2.{n}" for n in range(20)]) == throttle.ANYWHERE
    assert not sign_in(Client())
    assert sign_in(client)
    client.post(reverse("accounts:logout"))
    for _ in range(throttle.FAILURES):  # whoever sits there waits as anybody
        assert not sign_in(client, "non")
    assert not sign_in(client)


def test_a_machine_is_known_for_whoever_entered_there_and_by_no_forgery(rf, client, sylvie):
    make_account("autre@brume.example", password=PASSWORD)
    assert sign_in(client, who="autre@brume.example")
    client.post(reverse("accounts:logout"))
    failures_from(rf, [f"192.0.2.{n}" for n in range(20)])
    assert not sign_in(client)
    made = client.cookies[devices.COOKIE]
    assert made["httponly"] and made["max-age"] == devices.LIFE.total_seconds()
    assert sylvie.email not in made.value
    client.cookies[devices.COOKIE] = made.value[:-1] + ("a" if made.value[-1] != "a" else "b")
    assert not sign_in(client)


def test_one_customer_with_many_networks_of_ipv6_locks_nobody_out(rf, sylvie):
    many = [f"2001:db8:1:{n:x}::1" for n in range(40)]
    assert failures_from(rf, many) == throttle.WIDE < throttle.ANYWHERE
    assert sign_in(Client())
