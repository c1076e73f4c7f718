"""An address and a link are identities: neither changes by the will of one alone."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import actions, deciding
from accounts.models import IdentityChange, LinkRequest
from law.findings import Refused
from members.models import User
from tests import doors, post
from tests.cast import change, make_account, make_person, make_role
from trail.models import Act, Entry

NEW = "nouvelle@brume.example"


def link_of(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body)[1]


@pytest.fixture
def asked(cast, client_of):
    """The secretariat asks for another address; both mails have left."""
    client = client_of(cast.secretariat)
    client.post(reverse("accounts:address"), {"email": NEW.upper()})
    post.letters_leave(timezone.now())
    return client


def test_an_address_changes_when_the_new_one_has_answered_and_the_old_one_is_told(
    cast, asked, client
):
    before = cast.secretariat.email
    to_new, to_old = mail.outbox
    assert (to_new.to, to_old.to) == ([NEW], [before])
    assert NEW in to_old.body and link_of(to_new) not in to_old.body
    assert User.objects.get(pk=cast.secretariat.pk).email == before
    assert NEW in asked.get(reverse("accounts:mine")).content.decode()
    address = link_of(to_new)
    assert client.get(address).status_code == 200  # a filter that follows links confirms nothing
    assert User.objects.get(pk=cast.secretariat.pk).email == before
    assert client.post(address).url == reverse("accounts:login")
    assert User.objects.get(pk=cast.secretariat.pk).email == NEW
    assert client.get(address).status_code == 404
    assert asked.get(reverse("members:bodies")).status_code == 302  # signed out everywhere


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda row: change(row, asked_at=row.asked_at - deciding.LIFE), id="trois jours"
        ),
        pytest.param(lambda row: change(row.account, is_active=False), id="compte fermé"),
        pytest.param(lambda row: row.delete(), id="une autre demande l’a remplacée"),
    ],
)
def test_a_link_that_is_over_changes_nothing(cast, asked, client, spoil):
    address = link_of(mail.outbox[0])
    spoil(IdentityChange.objects.get())
    assert client.post(address).status_code == 404
    assert not User.objects.filter(email=NEW).exists()


def test_an_address_that_another_account_has_is_refused_without_telling_who_asks(
    cast, asked, client
):
    make_account(NEW)
    page = client.post(link_of(mail.outbox[0]))
    assert page.status_code == 422
    assert "Un autre compte a déjà cette adresse" in page.content.decode()


def test_an_administrator_asks_too_and_changes_nothing_himself(cast, client_of):
    client = client_of(cast.administration)
    url = reverse("admin:members_user_change", args=[cast.secretariat.pk])
    role = cast.secretariat.roles.get()
    data = {
        **{"email": NEW, "first_name": "S", "last_name": "S", "is_active": "on"},
        **{"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 1, "roles-0-id": role.pk},
        **{"roles-0-user": cast.secretariat.pk, "roles-0-kind": role.kind},
        "roles-0-organisation": cast.organisation.pk,
    }
    assert client.post(url, data).status_code == 302
    assert User.objects.get(pk=cast.secretariat.pk).email == cast.secretariat.email
    assert IdentityChange.objects.get().email == NEW
    post.letters_leave(timezone.now())
    assert str(cast.administration) in mail.outbox[1].body


def test_a_delegate_who_edits_how_to_reach_him_changes_no_identity(cast, client_of):
    client = client_of(cast.delegate)
    before = cast.delegate.email
    data = {"email": "presidente@brume.example", "phone": "", "address": "", "wants_paper": ""}
    client.post(reverse("convening:profile"), data)
    cast.claire.refresh_from_db()
    assert cast.claire.email == "presidente@brume.example"
    assert User.objects.get(pk=cast.delegate.pk).email == before


# --- A person and her account -----------------------------------------------------------------


def link(client, person, account, *, code: int = 302):
    """What the form of the administration of persons sends."""
    url = reverse("admin:members_person_change", args=[person.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    formsets = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
    data |= {f"mandates-{name}": value for name, value in formsets.items()}
    response = client.post(url, data | {"user": account.pk if account else ""})
    assert response.status_code == code
    person.refresh_from_db()
    return response


@pytest.fixture
def second(cast):
    """Another administrator."""
    found = make_account("seconde@brume.example")
    make_role(found, cast.organisation, "administration")
    return found


def decide(client, asked, word="oui"):
    return client.post(reverse("accounts:link", args=[asked.pk]), {"accord": word})


def test_an_account_is_opened_from_the_card_of_a_person_who_then_agrees(cast, client_of):
    client, person = client_of(cast.administration), cast.alice
    card = client.get(reverse("admin:members_person_change", args=[person.pk])).text
    url = f"{reverse('admin:members_user_add')}?person={person.pk}"
    assert f'href="{url}"' in card
    form = client.get(url).context["adminform"].form
    assert (form.initial["last_name"], form.initial["email"]) == (person.last_name, person.email)
    sent = {"first_name": "Alice", "last_name": "Arnaud", "email": "alice.a@brume.example"}
    sent |= {"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "person": person.pk}
    sent |= {"roles-0-organisation": cast.organisation.pk, "roles-0-kind": "delegue"}
    taken = cast.delegate.persons.get()
    for wrong in (taken, make_person(cast.other_organisation, "Yves", "Ailleurs", "M.")):
        page = client.post(url, sent | {"person": wrong.pk})
        assert page.context["adminform"].form.errors.keys() == {"person"}
    assert client.post(url, sent).status_code == 302
    asked, account = LinkRequest.objects.get(), User.objects.get(email="alice.a@brume.example")
    assert (asked.person, asked.account, asked.asked_by) == (person, account, cast.administration)
    person.refresh_from_db()
    assert person.user is None and actions.may_decide(asked, account)


def test_nobody_links_himself(cast, client_of, second):
    client = client_of(cast.administration)
    link(client, cast.alice, cast.administration)
    assert cast.alice.user is None
    asked = LinkRequest.objects.get()
    assert decide(client, asked).status_code == 403
    assert decide(client_of(cast.secretariat), asked).status_code == 404
    assert decide(client_of(cast.other_administration), asked).status_code == 404
    assert decide(client_of(second), asked).status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.user == cast.administration
    asked.refresh_from_db()
    assert (asked.decided_by, asked.is_granted) == (second, True)
    assert decide(client_of(second), asked).status_code == 422


def test_whoever_has_the_account_accepts_or_refuses(cast, client_of):
    account = make_account("alice@brume.example")
    make_role(account, cast.organisation, "delegue")
    client = client_of(cast.administration)
    for word, owner in (("non", None), ("oui", account)):
        link(client, cast.alice, account)
        post.letters_leave(timezone.now())
        assert decide(client_of(account), LinkRequest.objects.first(), word).status_code == 302
        cast.alice.refresh_from_db()
        assert cast.alice.user == owner
    assert "sera" not in mail.outbox[0].body and "Alice ARNAUD" in mail.outbox[0].body
    link(client, cast.alice, None)  # to take away needs nobody else
    assert cast.alice.user is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda row: change(row, asked_at=row.asked_at - deciding.LINK_LIFE), id="trop ancien"
        ),
        pytest.param(lambda row: row.asked_by.roles.all().delete(), id="n’administre plus"),
        pytest.param(lambda row: change(row.asked_by, is_active=False), id="compte fermé"),
    ],
)
def test_a_link_dies_with_its_time_and_with_who_asked(cast, client_of, spoil):
    account = make_account("alice@brume.example")
    make_role(account, cast.organisation, "delegue")
    link(client_of(cast.administration), cast.alice, account)
    asked = LinkRequest.objects.get()
    spoil(asked)
    post.letters_leave(timezone.now())
    assert [each.subject for each in mail.outbox if each.to == [account.email]] == []
    client = client_of(account)
    page = client.get(reverse("accounts:link", args=[asked.pk])).content.decode()
    assert "Ce rattachement est clos" in page and "C’est moi" not in page
    assert decide(client, asked).status_code == 422
    cast.alice.refresh_from_db()
    assert cast.alice.user is None


def test_nobody_gives_a_person_to_a_second_account_of_his_own(cast, client_of, second):
    """He unlinks her, opens an account, asks that she have it, and accepts from there."""
    office, before = client_of(cast.administration), cast.claire.user
    link(office, cast.claire, None)
    post.letters_leave(timezone.now())
    (told,) = [each for each in mail.outbox if each.to == [before.email]]
    assert "n’est plus celui" in told.body and str(cast.administration) in told.body
    his = make_account("a.lui@brume.example", created_by=cast.administration)
    make_role(his, cast.organisation, "delegue")
    link(office, cast.claire, his)
    asked = LinkRequest.objects.get()
    assert decide(client_of(his), asked).status_code == 403
    cast.claire.refresh_from_db()
    assert cast.claire.user is None
    assert decide(client_of(second), asked).status_code == 302
    cast.claire.refresh_from_db()
    assert cast.claire.user == his


def test_an_account_of_another_person_is_not_given_again(cast, second, rf):
    asked = LinkRequest.objects.create(
        person=cast.alice, account=cast.delegate, asked_by=cast.administration
    )
    told = {"by": second, "request": rf.get("/"), "at": timezone.now()}
    with pytest.raises(Refused, match="déjà celui d’une autre personne"):
        actions.decide_link(asked, granted=True, **told)


def test_a_new_person_is_linked_by_somebody_else_too(cast, client_of):
    client = client_of(cast.administration)
    data = {
        **{"civility": "Mme", "first_name": "Nina", "last_name": "Noël"},
        **{"organisation": cast.organisation.pk, "user": cast.administration.pk},
        **{"mandates-TOTAL_FORMS": 0, "mandates-INITIAL_FORMS": 0},
    }
    assert client.post(reverse("admin:members_person_add"), data).status_code == 302
    assert LinkRequest.objects.get().person.user is None


def test_to_link_asks_for_a_second_proof(cast, client_of):
    client = doors.grow_old(client_of(cast.administration))
    link(client, cast.alice, cast.administration, code=403)
    assert not LinkRequest.objects.exists()


def test_the_trail_tells_what_became_of_an_identity_and_no_secret(
    cast, asked, client, client_of, second
):
    client.post(link_of(mail.outbox[0]))
    admin = client_of(cast.administration)
    link(admin, cast.alice, cast.administration)
    decide(client_of(second), LinkRequest.objects.get())
    told = list(Entry.objects.filter(act=Act.ACCOUNT).order_by("pk").values_list("who", "what"))
    alice = "Alice ARNAUD au compte administration@brume.example"
    old = "secretariat@brume.example"
    expected = [
        (old, f"demandé : l’adresse {NEW} au lieu de {old}"),
        (old, f"{NEW} remplace {old}"),
        (cast.administration.email, f"rattachement demandé : {alice}"),
        (second.email, f"rattachement accordé : {alice}"),
    ]
    assert [line for line in expected if line not in told] == []
