"""What the trail is told, by whom, from where; and what it is never told."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import factors
from meetings.actions import preparing
from members.models import Role
from registry.delegations import actions as delegations
from registry.follow_ups import actions as follow_ups
from registry.models import FollowUp, Ruling
from tests import held
from tests.cast import PASSWORD, change, change_rules, make_account, make_role
from trail.context import acting
from trail.middleware import TrailMiddleware
from trail.models import Act, Entry
from trail.network import address_of
from trail.recording import note

pytestmark = pytest.mark.django_db


def _plain(line: Entry) -> str:
    return line.what.replace("\xa0", " ")


def told(act: Act) -> list[str]:
    return [_plain(line) for line in Entry.objects.filter(act=act).order_by("pk")]


@pytest.fixture
def blank(cast):
    """The cast, and a trail in which nothing is told yet."""
    last = Entry.objects.order_by("-pk").first()

    def since(act: Act) -> list[str]:
        lines = Entry.objects.filter(act=act, pk__gt=last.pk if last else 0)
        return [_plain(line) for line in lines.order_by("pk")]

    return since


def test_who_comes_is_refused_and_goes(cast, client):
    door = reverse("accounts:login")
    cast.secretariat.set_password(PASSWORD)
    cast.secretariat.save()
    email = cast.secretariat.email
    client.post(door, {"username": email, "password": "non"}, HTTP_USER_AGENT="Lynx")
    client.post(door, {"username": email, "password": PASSWORD}, HTTP_USER_AGENT="Lynx")
    client.post(reverse("accounts:logout"), HTTP_USER_AGENT="Lynx")
    refused = Entry.objects.get(act=Act.SIGN_IN_REFUSED)
    assert (refused.account, refused.who) == (cast.secretariat.pk, email)
    assert told(Act.SIGNED_IN)[-1] == told(Act.SIGNED_OUT)[-1] == "Lynx"
    line = Entry.objects.filter(act=Act.SIGNED_IN).first()
    assert (line.account, line.who, line.origin) == (cast.secretariat.pk, email, "127.0.0.1")


def test_a_password_typed_in_the_place_of_an_address_is_not_kept():
    for typed, shown in (
        ("hunter2 secret", "ce n’est pas une adresse"),
        ("hunter2@secret@", "ce n’est pas une adresse"),
        ("hunter2@brume.example", "adresse sans compte ici, @brume.example"),
    ):
        authenticate(username=typed, password="x")
        assert told(Act.SIGN_IN_REFUSED)[-1] == shown


def test_accounts_and_roles(blank, cast):
    account = make_account("nouvelle@brume.example", password="une phrase assez longue")
    role = make_role(account, cast.organisation, Role.Kind.SECRETARIAT)
    change(account, is_active=False, email="autre@brume.example")
    account.set_password("une autre phrase assez longue")
    account.save()
    role.delete()
    account.delete()
    assert blank(Act.ACCOUNT) == [
        "compte ouvert : nouvelle@brume.example",
        "autre@brume.example : adresse et ouverture",
        "autre@brume.example : mot de passe",
        "compte supprimé : autre@brume.example",
    ]
    assert blank(Act.ROLE) == [
        "rôle « secrétariat » donné : nouvelle@brume.example",
        "rôle « secrétariat » retiré : autre@brume.example",
    ]


def test_rules_and_settings(blank, cast):
    change_rules(cast.comite, proxies_per_holder=2)
    change(cast.organisation, name="Val de Brume et d’Ancre")
    change(cast.alice, phone="03 22 00 00 00")
    change(cast.alice, user=cast.administration)
    assert [each.rpartition(" : ")[2] for each in blank(Act.RULES)] == [
        "pouvoirs par porteur 1 → 2",
        "nom Val de Brume → Val de Brume et d’Ancre",
    ]
    assert blank(Act.ACCOUNT) == ["Alice ARNAUD : relié au compte administration@brume.example"]


def test_a_command_says_that_it_is_one(db):
    with acting("commande backup"):
        note(Act.KEEPING, "sauvegarde")
    assert Entry.objects.latest("pk").who == "commande backup"


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        (2, "6.6.6.6, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
        (2, "192.0.2.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_is_the_one_our_own_proxy_saw(settings, hops, forwarded, expected):
    settings.TRUSTED_PROXIES = hops
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == expected


@pytest.mark.parametrize("text", ["a\x00b\r\nc", "<b>x</b>", "漢字 🗳", "é" * 100_000, "\u202e x"])
def test_hostile_text_is_one_line(db, text):
    note(Act.ROLE, text)
    line = Entry.objects.latest("pk")
    assert line.what.isprintable()
    assert len(line.what) <= 500


def test_second_factors_and_sessions(blank, cast, client_of):
    client_of(cast.delegate).get("/")
    codes = factors.new_codes(cast.delegate)
    assert factors.spend_code(cast.delegate, codes[0], at=timezone.now())
    assert not factors.spend_code(cast.delegate, codes[0], at=timezone.now())
    factors.remove_all(cast.delegate, by=cast.administration, at=timezone.now())
    email = cast.delegate.email
    assert blank(Act.FACTOR) == [
        f"{email} : codes de secours renouvelés",
        f"{email} : un code de secours a servi",
        f"{email} : 1 session terminée",
        f"{email} : tous les seconds facteurs retirés",
    ]


@pytest.mark.parametrize(
    ("kwargs", "lines"),
    [
        pytest.param({"token": "x"}, ["a.pdf, par un lien personnel"], id="lien personnel"),
        pytest.param({"slug": "brume", "code": "x"}, [], id="public"),
    ],
)
def test_a_file_given_to_a_stranger_is_told_of_a_personal_link_alone(db, rf, kwargs, lines):
    request = rf.get("/")
    request.user = AnonymousUser()
    request.resolver_match = SimpleNamespace(kwargs=kwargs, view_name="x")
    headers = {"Content-Disposition": 'attachment; filename="a.pdf"'}
    TrailMiddleware(lambda _: HttpResponse(headers=headers))(request)
    assert list(Entry.objects.values_list("what", flat=True)) == lines


def test_what_anybody_takes_is_told_of_who_is_signed_in_alone(cast, client, client_of):
    tool = reverse("archive:tool", args=["verifier.py"])
    taken = Entry.objects.filter(act=Act.DOWNLOAD)
    assert client.get(tool).status_code == 200 and not taken.exists()
    client_of(cast.delegate).get(tool)
    assert taken.get().account == cast.delegate.pk


def test_what_is_created_and_what_is_taken_out_as_a_mistake_are_told(blank, cast):
    by = cast.secretariat
    opened = held.hold(cast, held.JUNE, adopted=["Budget"])
    sitting = held.prepare(cast, held_on=held.JULY)
    preparing.delete_meeting(sitting, by=by)
    ruling = Ruling(body=cast.comite, number="D1", decided_on=held.JUNE, object="Bail")
    delegations.drop_ruling(delegations.note_ruling(ruling, by=by), by=by)
    item = opened.items.get(title="Budget")
    row = follow_ups.note(FollowUp(item=item, what="Publier l’avis", who="Alice"), by=by)
    follow_ups.drop(row, by=by)
    assert blank(Act.CREATED) == [
        "Comité syndical du 9 juin 2026",
        "Comité syndical du 7 juillet 2026",
    ]
    assert blank(Act.REMOVED) == [
        "séance supprimée : Comité syndical du 7 juillet 2026",
        "décision du président retirée : D1 Bail, du 9 juin 2026, Comité syndical",
        "suite à donner retirée : Publier l’avis (« Budget », Comité syndical du 9 juin 2026)",
    ]
    line = Entry.objects.filter(act=Act.REMOVED).first()
    assert (line.who, line.organisation) == (by.email, cast.organisation.pk)
