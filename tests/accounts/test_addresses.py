"""An address is one box: what merely looks like it finds no account, by whatever door."""

import dataclasses
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import identities, inviting, letters, providers
from accounts.models import IdentityChange, Letter
from accounts.oidc import Told
from law.addresses import lowered
from law.findings import Refused
from members.models import Community, Organisation, Person, User
from tests import post
from tests.cast import change, make_account, make_role
from tests.words import text
from trail.models import Act, Entry

TRUE = "maire.sisk@gmail-kiosk.example"
LOOK_ALIKES = {
    "i sans point, domaine": "maire.sisk@gmaıl-kiosk.example",
    "i sans point, nom": "maıre.sisk@gmail-kiosk.example",
    "I à point": "maİre.sisk@gmail-kiosk.example",
    "s long": "maire.ſisk@gmail-kiosk.example",
    "kelvin, nom": "maire.sis\u212a@gmail-kiosk.example",
    "kelvin, domaine": "maire.sisk@gmail-kios\u212a.example",
    "pleine chasse": "\uff4daire.sisk@gmail-kiosk.example",
    "a cyrillique": "m\u0430ire.sisk@gmail-kiosk.example",
}
PROVIDER = providers.read(
    ["x"],
    {
        "OIDC_X_ISSUER": "https://idp.example",
        "OIDC_X_CLIENT_ID": "a",
        "OIDC_X_CLIENT_SECRET": "b",
    },
)["x"]

MAILED = [
    *(Organisation._meta.get_field("ctes_email"), Person._meta.get_field("email")),
    *(Community._meta.get_field(name) for name in ("contact", "copies_to")),
]

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.database
look_alikes = pytest.mark.parametrize("typed", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())


@pytest.fixture
def account(db):
    return make_account(TRUE)


def told(email: str) -> Told:
    values = dict.fromkeys(field.name for field in dataclasses.fields(Told))
    values |= {"provider": PROVIDER, "subject": "sub", "email": email, "is_verified": True}
    return Told(**values)


def test_the_address_in_capitals_is_the_same_and_its_mail_goes_to_the_account(account, client):
    client.post(reverse("accounts:password_reset"), {"email": TRUE.upper()})
    post.letters_leave(timezone.now())
    assert [message.to for message in mail.outbox] == [[TRUE]]
    assert User.objects.by_address(TRUE.upper()) == account
    assert User.objects.get_by_natural_key(TRUE.upper()) == account
    assert make_account("Autre@Brume.EXAMPLE").email == "autre@brume.example"


@look_alikes
def test_no_link_leaves_for_a_look_alike(account, client, typed):
    client.post(reverse("accounts:password_reset"), {"email": typed})
    letters.queue(Letter.Kind.INVITATION, typed, request=None)
    assert post.letters_leave(timezone.now()) == 0
    assert mail.outbox == []
    with pytest.raises(CommandError):
        call_command("password_link", typed)


@look_alikes
def test_a_provider_that_verified_a_look_alike_opens_nothing(account, typed):
    with pytest.raises(Refused, match="Aucun compte"):
        identities.identify(told(lowered(typed)), at=timezone.now())
    assert identities.identify(told(TRUE), at=timezone.now()) == account


@look_alikes
def test_no_account_is_opened_at_a_look_alike(cast, account, client_of, typed):
    """By a command, by an administrator, by a list, nor by who moves to it."""
    with pytest.raises(ValidationError):
        make_account(typed)
    office = client_of(cast.administration)
    new = {
        **{"email": typed, "first_name": "M", "last_name": "S"},
        **{"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "roles-0-kind": "delegue"},
        "roles-0-organisation": cast.organisation.pk,
    }
    page = office.post(reverse("admin:members_user_add"), new)
    assert "email" in page.context["adminform"].form.errors
    (line,) = inviting.plan(
        f"Denis DUVAL ; {typed} ; délégué", cast.organisation, user=cast.administration
    )
    assert line.faults
    office.post(reverse("accounts:address"), {"email": typed})
    assert not IdentityChange.objects.exists() and not Letter.objects.exists()


@look_alikes
def test_a_refused_sign_in_at_a_look_alike_is_not_told_at_the_account(account, client, typed):
    client.post(reverse("accounts:login"), {"username": typed, "password": "faux"})
    assert not Entry.objects.filter(act=Act.SIGN_IN_REFUSED, account=account.pk).exists()


def test_an_account_opened_long_ago_is_found_again_and_a_collision_is_told(account, cast, capsys):
    make_role(account, cast.organisation, "delegue")
    other = make_account("vieux@brume.example")
    with connection.cursor() as cursor:
        for user, email in ((other, "Vieux@Brume.example"), (cast.stranger, TRUE.upper())):
            cursor.execute("UPDATE members_user SET email = %s WHERE id = %s", [email, user.pk])
    lower = import_module("members.migrations.0013_addresses_lowered").lower
    lower(apps, connection.schema_editor())
    assert User.objects.by_address("VIEUX@brume.example") == other
    assert User.objects.by_address(TRUE.upper()) == account
    assert f"Compte n°\u00a0{cast.stranger.pk}" in capsys.readouterr().err.replace(
        "n° ", "n°\u00a0"
    )


def test_no_code_looks_for_an_address_whatever_its_case():
    """`iexact` is the database's own folding, which takes a look-alike for the letter."""
    rooms = [app.path for app in apps.get_app_configs() if app.path.startswith(str(ROOT))]
    written = [path for room in rooms for path in Path(room).rglob("*.py")]
    assert len(written) > 100
    assert [path for path in written if "mail__iexact" in path.read_text()] == []


@look_alikes
@pytest.mark.parametrize("column", MAILED, ids=str)
def test_no_column_to_which_mails_go_takes_a_look_alike(column, typed):
    assert column.clean(TRUE, None) == TRUE
    with pytest.raises(ValidationError, match=r"pas une lettre simple|valide"):
        column.clean(typed, None)


def test_no_page_writes_a_look_alike(cast, client_of):
    """One sign blocked a convocation for a day; the card of the person, that of her community and
    the page of her mandate took it too."""
    typed, agglo, claire = LOOK_ALIKES["kelvin, nom"], cast.agglo, cast.claire
    client, before = client_of(cast.secretariat), (agglo.contact, agglo.copies_to)
    change(claire, email="")
    reach = reverse("accounts:reach", args=[cast.seat(claire).pk])
    answer = client.post(reach, {"email": typed}, follow=True)
    assert "qui n’est pas une lettre simple" in text(answer)
    sheet = reverse("accounts:community", args=[agglo.pk])
    for data in ({"contact": typed}, {"copies_to": f"{TRUE}\n{typed}"}, {"copies_to": "rien"}):
        assert client.post(sheet, data).status_code == 422, data
    claire.refresh_from_db()
    agglo.refresh_from_db()
    assert (claire.email, agglo.contact, agglo.copies_to) == ("", *before)
