"""What is asked of another's identity: one administrator alone does not become the president."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts import actions, deciding, factors
from accounts.models import IdentityChange, Letter
from members.models import User
from tests import post
from tests.cast import PASSWORD, change, make_account, make_cast, make_role
from tests.live.threads import at_once
from trail.models import Act, Entry

THEIRS = "attaquant@ailleurs.example"
NOW = timezone.now()


@pytest.fixture
def president(cast):
    """Who has entered before: her account is hers."""
    change(cast.delegate, last_login=timezone.now())
    return cast.delegate


def ask(client, account, email=THEIRS):
    """What the form of the administration sends: another address, the rest unchanged."""
    role = account.roles.get()
    data = {
        **{"email": email, "first_name": "P", "last_name": "P", "is_active": "on"},
        **{"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 1, "roles-0-id": role.pk},
        **{"roles-0-user": account.pk, "roles-0-kind": role.kind},
        "roles-0-organisation": role.organisation_id,
    }
    response = client.post(reverse("admin:members_user_change", args=[account.pk]), data)
    assert response.status_code == 302


def mails(to):
    """What this address has received, after everything due has left."""
    post.letters_leave(timezone.now())
    return [each for each in mail.outbox if each.to == [to]]


def link_in(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body)[1]


def address_of(account) -> str:
    return User.objects.get(pk=account.pk).email


def test_who_asks_does_not_confirm_from_an_address_of_his_own(cast, president, client_of, client):
    before = president.email
    ask(client_of(cast.administration), president)
    (theirs,) = mails(THEIRS)
    answer = client.post(link_in(theirs))
    assert answer.status_code == 422
    assert address_of(president) == before


@pytest.fixture
def second(cast):
    """An administrator of another hand than the first."""
    found = make_account("seconde@brume.example")
    make_role(found, cast.organisation, "administration")
    return found


@pytest.fixture
def asked(cast, president, second, client_of):
    """The administration wants another address for the president; the mails have left."""
    ask(client_of(cast.administration), president)
    post.letters_leave(timezone.now())
    return IdentityChange.objects.get()


def answer(client, account, word):
    """What the holder answers by the link of her mail."""
    return client.post(link_in(mails(account.email)[0]), {"accord": word})


def decide(client, asked, word="oui"):
    return client.post(reverse("accounts:change", args=[asked.pk]), {"accord": word})


def confirm(client):
    return client.post(link_in(mails(THEIRS)[0])).status_code


def wait(asked, days=deciding.WAIT.days):
    """As if it had been asked so many days ago, if it still is."""
    rows = IdentityChange.objects.filter(pk=asked.pk)
    rows.update(asked_at=F("asked_at") - timedelta(days=days))


def told(account) -> list[tuple[str, str]]:
    """Who did what to this account, as an auditor reads it."""
    rows = Entry.objects.filter(act=Act.ACCOUNT, organisation__isnull=False)
    return [(who, what) for who, what in rows.values_list("who", "what") if account in what]


def test_the_old_address_agrees_and_the_keys_stay(cast, president, asked, client):
    before = president.email
    assert answer(client, president, "oui").status_code == 200
    assert address_of(president) == before  # the new one has not answered
    assert confirm(client) == 302
    assert address_of(president) == THEIRS
    assert not deciding.imposed_since(president, timezone.now() - timedelta(days=1))
    asker = cast.administration.email
    words = f"{THEIRS} remplace {before}, demandé par {asker}, accordé par son titulaire"
    assert (asker, words) in told(before)


def test_another_administrator_agrees_and_the_keys_are_suspended(
    cast, president, asked, second, client_of, client
):
    before = president.email
    change(president.persons.get(), email="claire@ailleurs.example")
    assert [each.to for each in mail.outbox if "pour l’accorder" in each.body] == [[second.email]]
    assert decide(client_of(second), asked).status_code == 302
    assert confirm(client) == 302
    assert address_of(president) == THEIRS
    assert deciding.imposed_since(president, timezone.now() - timedelta(days=1))
    lines = told(before)
    assert (
        cast.administration.email,
        f"{THEIRS} remplace {before}, demandé par {cast.administration.email}, "
        f"accordé par {second.email} ; clés de signature suspendues",
    ) in lines
    assert second.email in {who for who, what in lines if what.startswith("accordé")}
    for hers in (before, "claire@ailleurs.example"):  # one of both may be lost to somebody
        assert [each.subject for each in mails(hers)][-1] == "L’adresse de votre compte a changé"


def test_alone_one_waits_while_the_holder_is_told_each_day(
    cast, president, client_of, client, mailoutbox
):
    ask(client_of(cast.administration), president)
    change_asked = IdentityChange.objects.get()
    assert not deciding.deciders(change_asked)
    for days, count in ((0, 1), (1, 2), (2, 3)):
        post.letters_leave(timezone.now() + timedelta(days=days))
        assert len([each for each in mail.outbox if each.to == [president.email]]) == count
    wait(change_asked, 2)
    assert confirm(client) == 422
    wait(change_asked)
    assert confirm(client) == 302
    assert address_of(president) == THEIRS
    assert deciding.imposed_since(president, timezone.now() - timedelta(days=1))


def test_what_was_refused_is_not_asked_again_by_the_same_hand(
    cast, president, asked, second, client_of, client
):
    """Who asks each time that it is refused waits for the day on which nobody looks."""
    answer(client, president, "non")
    assert "l’a refusé" in client_of(cast.administration).get(
        reverse("accounts:change", args=[asked.pk])
    ).text.replace("\xa0", " ")
    his = make_account("a.lui@brume.example", created_by=cast.administration)
    make_role(his, cast.organisation, "administration")
    open_ = IdentityChange.objects.open()
    for user in (cast.administration, his):
        ask(client_of(user), president, "encore@ailleurs.example")
        assert not open_.exists()
    ask(client_of(second), president)  # another hand
    assert open_.get().asked_by == second
    decide(client_of(second), open_.get(), "non")  # gives up, and may think again
    ask(client_of(second), president)
    open_.get().delete()
    IdentityChange.objects.update(refused_at=F("refused_at") - deciding.AGAIN)
    ask(client_of(cast.administration), president)
    assert open_.get().asked_by == cast.administration


@pytest.mark.parametrize(
    "who",
    ["asker", "his", "his own’s", "his maker", "one he took", "stranger", "secretariat", "herself"],
)
def test_who_may_not_agree(cast, president, asked, second, client_of, client, who):
    his = make_account("seconde.a.lui@brume.example")
    for each in (his, president):
        make_role(each, cast.organisation, "administration")
    match who:
        case "his":
            change(his, created_by=cast.administration)
        case "his own’s":
            change(his, created_by=second)
            change(second, created_by=cast.administration)
        case "his maker":
            change(cast.administration, created_by=his)
        case "one he took":
            told = {"asked_by": cast.administration, "done_at": timezone.now()}
            his.identity_changes.create(email="a@b.example", **told)
    user, status = {
        "asker": (cast.administration, 422),
        "his": (his, 422),
        "his own’s": (his, 422),
        "his maker": (his, 422),
        "one he took": (his, 422),
        "stranger": (cast.other_administration, 404),
        "secretariat": (cast.secretariat, 403),
        "herself": (president, 302),
    }[who]
    assert decide(client_of(user), asked).status_code == status
    if who != "herself":  # who is signed in by her password agrees as the old address does
        assert confirm(client) == 422


@pytest.mark.parametrize(
    "how",
    [
        "lien",
        "compte",
        "autre administration",
        "mot de passe",
        "remplacée",
        "trop tard",
        "fermé",
        "qui demande est fermé",
        "qui demande n’administre plus",
        "qui accordait n’administre plus",
    ],
)
def test_it_dies(cast, president, asked, second, client_of, client, how):
    match how:
        case "lien":
            assert answer(client, president, "non").status_code == 200
            assert any(what.startswith("refusé") for _, what in told(THEIRS))
        case "compte":
            page = client_of(president).get(reverse("accounts:mine")).content.decode()
            assert reverse("accounts:change", args=[asked.pk]) in page
            assert decide(client_of(president), asked, "non").status_code == 302
        case "autre administration":
            assert decide(client_of(second), asked, "non").status_code == 302
        case "mot de passe":
            president.set_password(PASSWORD)
            president.save()
        case "remplacée":
            ask(client_of(cast.administration), president, "encore@ailleurs.example")
        case "trop tard":
            wait(asked, (deciding.WAIT + deciding.LIFE).days)
        case "fermé":
            change(president, is_active=False)
        case "qui demande est fermé":
            change(cast.administration, is_active=False)
        case "qui demande n’administre plus":
            cast.administration.roles.all().delete()
        case "qui accordait n’administre plus":
            decide(client_of(second), asked)
            second.roles.all().delete()
    wait(asked)
    answers = [each for each in mail.outbox if each.to == [THEIRS]]
    assert client.post(link_in(answers[0])).status_code == 404
    assert address_of(president) == president.email


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one_open(rf):
    """The second would outlive the refusal of the first."""
    cast = make_cast()
    asked = [f"{name}@ailleurs.example" for name in "abcd"]

    def ask_for(email):
        told = {"by": cast.administration, "request": rf.get("/"), "at": timezone.now()}
        actions.ask_address(cast.delegate, email=email, **told)

    at_once(ask_for, asked)
    assert cast.delegate.identity_changes.open().get().email in asked


def test_one_s_own_change_is_refused_by_the_old_address_too(cast, client_of, client):
    client_of(cast.secretariat).post(reverse("accounts:address"), {"email": THEIRS})
    assert answer(client, cast.secretariat, "oui").status_code == 422  # nothing to agree to
    assert answer(client, cast.secretariat, "non").status_code == 200
    assert not IdentityChange.objects.exists()


def test_an_address_typed_wrong_is_mended_while_nobody_has_entered(cast, client_of, client):
    account = make_account("faute@brume.example")
    make_role(account, cast.organisation, "delegue")
    ask(client_of(cast.administration), account)
    assert confirm(client) == 302
    assert address_of(account) == THEIRS


def test_what_an_address_typed_by_another_waits_for_is_said(cast, president, client_of):
    office = client_of(cast.administration)
    new = make_account("faute@brume.example")
    make_role(new, cast.organisation, "delegue")
    for account, waits in ((new, False), (president, True)):
        ask(office, account, f"autre-{account.pk}@brume.example")
        page = office.get(reverse("admin:members_user_changelist")).text
        assert f"Un lien part à autre-{account.pk}@brume.example" in page
        assert ("au bout de trois jours" in page) == waits


# --- Second factors ---------------------------------------------------------------------------


@pytest.fixture
def enrolled(president):
    president.factors.create(
        kind="totp", name="téléphone", data={"seed": factors.new_seed(), "step": 0}
    )
    return president


@pytest.fixture
def removal(cast, enrolled, second, client_of):
    data = {"action": "remove_factors", "_selected_action": [enrolled.pk], "confirmed": "1"}
    client_of(cast.administration).post(reverse("admin:members_user_changelist"), data)
    return IdentityChange.objects.get(kind=IdentityChange.Kind.FACTORS)


def test_one_administrator_alone_removes_no_factor(cast, enrolled, removal, client_of, client):
    office = client_of(cast.administration)
    for word in ("oui", "faire"):
        assert decide(office, removal, word).status_code == 422
    post.letters_leave(timezone.now())
    assert answer(client, enrolled, "oui").status_code == 422  # a mailbox is no second factor
    assert factors.has_any(enrolled)
    assert answer(client, enrolled, "non").status_code == 200
    assert decide(office, removal, "faire").status_code == 422


@pytest.mark.parametrize("how", ["accord", "attente"])
def test_factors_are_removed_by_two_or_after_the_wait(
    cast, enrolled, removal, second, client_of, how
):
    codes = factors.new_codes(enrolled)
    there = client_of(enrolled)
    if how == "accord":
        decide(client_of(second), removal)
    else:
        wait(removal)
        decide(client_of(cast.administration), removal, "faire")
    assert codes and not factors.has_any(enrolled) and not factors.codes_left(enrolled)
    assert enrolled.factors.get().removed_by == cast.administration
    assert there.get("/instances/").status_code == 302  # out at once
    assert Letter.objects.filter(kind=Letter.Kind.FACTORS_REMOVED, to=enrolled.email).exists()
    assert deciding.imposed_since(enrolled, timezone.now() - timedelta(days=1))


# --- Who watches the administrator ------------------------------------------------------------


@pytest.fixture(params=["administration", "controle"])
def watcher(request, cast, second):
    """Another administrator, or the auditor, who has come in before."""
    found = second if request.param == "administration" else cast.auditor
    change(found, last_login=NOW)
    return found


def form_of(account, **more):
    """The page of an account, as it is: without what is left out, the account is closed."""
    role = account.roles.get()
    return {
        **{"email": account.email, "first_name": "", "last_name": ""},
        **{"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 1, "roles-0-id": role.pk},
        **{"roles-0-user": account.pk, "roles-0-kind": role.kind},
        **{"roles-0-organisation": role.organisation_id},
        **more,
    }


def put_out(client, account, how):
    """One way for an administrator to be rid of this account."""
    role = account.roles.get()
    user, roles = "admin:members_user", "admin:members_role"
    page = reverse(f"{user}_change", args=[account.pk])
    match how:
        case "fermé":
            client.post(page, form_of(account))
        case "supprimé":
            client.post(reverse(f"{user}_delete", args=[account.pk]), {"post": "yes"})
        case "supprimé en liste":
            data = {"action": "delete_selected", "_selected_action": [account.pk], "post": "yes"}
            client.post(reverse(f"{user}_changelist"), data)
        case "rôle retiré sur sa page":
            client.post(page, form_of(account, **{"is_active": "on", "roles-0-DELETE": "on"}))
        case "rôle changé sur sa page":
            client.post(page, form_of(account, **{"is_active": "on", "roles-0-kind": "delegue"}))
        case "rôle retiré":
            client.post(reverse(f"{roles}_delete", args=[role.pk]), {"post": "yes"})
        case "rôle retiré en liste":
            data = {"action": "delete_selected", "_selected_action": [role.pk], "post": "yes"}
            client.post(reverse(f"{roles}_changelist"), data)
        case "rôle changé":
            data = {"user": account.pk, "organisation": role.organisation_id, "kind": "delegue"}
            client.post(reverse(f"{roles}_change", args=[role.pk]), data)
        case "rôle retiré sur la page d’un mandat":
            organisation = role.organisation
            person = organisation.persons.filter(user=None).first()
            change(person, user=account)
            where = reverse("accounts:role", args=[person.mandates.first().pk])
            client.post(where, {"kind": role.kind, "what": "retirer"})
            client.post(where, {"kind": role.kind, "what": "retirer", "confirmer": "oui"})


WAYS = [
    "fermé",
    "supprimé",
    "supprimé en liste",
    "rôle retiré sur sa page",
    "rôle changé sur sa page",
    "rôle retiré",
    "rôle retiré en liste",
    "rôle changé",
    "rôle retiré sur la page d’un mandat",
]


@pytest.mark.parametrize("how", WAYS)
def test_nobody_puts_out_alone_who_watches_him(cast, watcher, client_of, how):
    kind = watcher.roles.get().kind
    put_out(client_of(cast.administration), watcher, how)
    watcher.refresh_from_db()
    assert watcher.is_active and watcher.roles.get().kind == kind


@pytest.mark.parametrize("how", WAYS)
def test_whoever_else_is_put_out_is_told(cast, client_of, how):
    """One of the secretariat: at once, and by a mail."""
    client = client_of(cast.administration)
    found = make_account("parti@brume.example", last_login=NOW)
    make_role(found, cast.organisation, "secretariat")
    put_out(client, found, how)
    (letter,) = mails("parti@brume.example")
    assert cast.administration.email in letter.body


@pytest.mark.parametrize("how", ["accord", "attente", "refus"])
def test_who_watches_is_put_out_by_two_or_after_warnings(cast, second, client_of, how):
    change(second, last_login=NOW)
    third = make_account("tierce@brume.example")
    make_role(third, cast.organisation, "administration")
    office = client_of(cast.administration)
    put_out(office, second, "fermé")
    asked = IdentityChange.objects.get(kind=IdentityChange.Kind.CLOSING)
    for days in range(3):
        post.letters_leave(timezone.now() + timedelta(days=days))
    count = {who: len(mails(who.email)) for who in (second, third, cast.auditor)}
    assert count == {second: 3, third: 2, cast.auditor: 1}
    assert decide(office, asked, "faire").status_code == 422
    assert decide(client_of(second), asked, "non").status_code == 422  # it is not hers to refuse
    match how:
        case "accord":
            decide(client_of(third), asked)
        case "attente":
            second.set_password(PASSWORD)  # nor to escape
            second.save()
            wait(asked)
            decide(office, asked, "faire")
        case "refus":
            decide(client_of(third), asked, "non")
    second.refresh_from_db()
    assert second.is_active == (how == "refus")
    mail.outbox.clear()
    expected = {"accord": [1, 0, 1], "attente": [1, 1, 1], "refus": [0, 0, 0]}[how]
    assert [len(mails(who.email)) for who in (second, third, cast.auditor)] == expected
    if how != "refus":  # then her role is taken, and she is told again
        put_out(office, second, "rôle retiré")
        assert not second.roles.exists() and len(mails(second.email)) == 2


def test_who_put_out_the_other_binds_no_key_of_whom_he_changed(
    cast, president, second, client_of, client
):
    change(second, last_login=NOW)
    office = client_of(cast.administration)
    ask(office, president)
    post.letters_leave(timezone.now())
    put_out(office, second, "fermé")
    address, closing = IdentityChange.objects.order_by("kind")
    for each in (closing, address):
        wait(each)
    decide(office, closing, "faire")
    assert confirm(client) == 302
    assert not deciding.deciders(address)
    assert deciding.must_leave_to_another(cast.administration, president, since=None)
