"""Many accounts at once: a list of people invited, accounts closed when their mandates ended."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, ended, inviting, throttle
from accounts.models import Letter, LinkRequest
from law.findings import Refused
from members.access import SHOWN
from members.models import Mandate, Role, User
from tests import doors
from tests.cast import change, make_account, make_person, make_role
from trail.models import Act, Entry

INVITE, CONFIRM = "/comptes/inviter/", "/comptes/inviter/confirmer/"
LIST = """Nom;Adresse;Rôle
ARNAUD Alice;alice@brume.example;déléguée
M. Bruno Besson;BRUNO@brume.example;délégué·e

Zoé DE LA TOUR;zoe@brume.example;secrétariat
"""


@pytest.fixture
def client(cast, client_of):
    return client_of(cast.administration)


def confirmed(client, text: str):
    """The list, previewed then confirmed as its page would."""
    page = client.post(INVITE, {"liste": text})
    assert page.status_code == 200, [line.faults for line in page.context["lines"]]
    return client.post(CONFIRM, {"liste": text, "empreinte": page.context["fingerprint"]})


def test_a_list_opens_its_accounts_and_asks_that_delegates_be_linked(cast, client):
    before = User.objects.count()
    page = client.post(INVITE, {"liste": LIST})
    assert User.objects.count() == before and not Letter.objects.exists()
    assert f"Inviter {len(page.context['lines'])} personnes" in page.content.decode()
    assert confirmed(client, LIST).status_code == 302
    made = User.objects.filter(email__in=("alice@brume.example", "zoe@brume.example"))
    assert [(each.first_name, each.last_name) for each in made] == [
        (cast.alice.first_name, cast.alice.last_name),
        ("Zoé", "DE LA TOUR"),
    ]
    assert {each.created_by for each in made} == {cast.administration}
    roles = Role.objects.filter(organisation=cast.organisation, user__in=made)
    assert sorted(roles.values_list("kind", flat=True)) == ["delegue", "secretariat"]
    # Nobody is linked yet: whoever has the account agrees, never who asked.
    asked = LinkRequest.objects.get(person=cast.alice)
    cast.alice.refresh_from_db()
    assert cast.alice.user is None and asked.asked_by == cast.administration
    assert actions.may_decide(asked, asked.account)
    assert not actions.may_decide(asked, cast.administration)
    kinds = list(Letter.objects.filter(to="bruno@brume.example").values_list("kind", flat=True))
    assert sorted(kinds) == ["invitation", "link_asked"]
    assert not made[0].has_usable_password()
    assert Entry.objects.filter(act=Act.ACCOUNT, what="comptes invités : 3").exists()


FAULTS = {
    "le nom manque": ";a@b.example;contrôle",
    "l’adresse manque": "Zoé Zola;;contrôle",
    "n’est pas une adresse": "Zoé Zola;zoe chez brume;contrôle",
    "n’est pas un rôle": "Zoé Zola;z@b.example;roi",
    "le rôle manque": "Zoé Zola;z@b.example",
    "plus de trois colonnes": "Zoé;Zola;z@b.example;contrôle",
    "aucune personne de ce nom": "Zoé Zola;z@b.example;délégué",
    "2 personnes portent ce nom": "Jean Martin;z@b.example;délégué",
    "cette personne a déjà un compte": "Claire Caron;z@b.example;déléguée",
    "cette adresse a déjà un compte": "Zoé Zola;Secretariat@brume.example;contrôle",
    "cette adresse est déjà à la ligne 1": "Zoé Zola;a@brume.example;contrôle",
    "cette personne est déjà à la ligne 1": "Alice Arnaud;z@b.example;déléguée",
    "ce nom ne s’écrit pas": "Zo\u202eé Zola;z@b.example;contrôle",
}


@pytest.mark.parametrize(("why", "line"), FAULTS.items(), ids=FAULTS)
def test_a_fault_of_a_line_is_told(cast, why, line):
    for _ in range(2):
        make_person(cast.organisation, "Jean", "Martin", "M.")
    first = "Alice Arnaud;a@brume.example;déléguée"
    told = inviting.plan(f"{first}\n{line}", cast.organisation, user=cast.administration)[1].faults
    assert any(why in fault for fault in told), told


def test_every_fault_is_told_at_once_and_nothing_is_half_written(cast, client, rf):
    text = "\n".join([LIST, *FAULTS.values()])
    before = User.objects.count()
    page = client.post(INVITE, {"liste": text})
    assert page.status_code == 422
    assert page.context["faulty"] >= len(FAULTS) - 2
    lines = page.context["lines"]
    response = client.post(CONFIRM, {"liste": text, "empreinte": inviting.fingerprint(lines)})
    assert response.status_code == 302  # back to the list, which says why
    options = {"by": cast.administration, "request": rf.get("/"), "at": timezone.now()}
    with pytest.raises(Refused):
        actions.invite(cast.organisation, lines, **options)
    assert User.objects.count() == before and not Letter.objects.exists()


def test_no_mail_is_told_to_be_on_its_way_where_no_server_takes_it(cast, client, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    page = client.post(INVITE, {"liste": LIST})
    sent = {"liste": LIST, "empreinte": page.context["fingerprint"]}
    told = client.post(CONFIRM, sent, follow=True).text
    assert "gardées ici</a>, sans lien" in told and "en route" not in told


def test_where_no_mail_leaves_who_opened_an_account_gives_its_link_by_hand(
    cast, client, client_of, settings
):
    """Masked in the outbox, and in no other place: nobody could let the president in."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    confirmed(client, "Alice Arnaud;alice@brume.example;déléguée")
    account = User.objects.get(email="alice@brume.example")
    url = f"/comptes/{account.pk}/lien/"
    assert url in client.get(reverse("admin:members_user_change", args=[account.pk])).text
    assert "/mot-de-passe/choisir/" not in client.get(url).text
    page = client.post(url)
    (link,) = re.findall(r'value="(\S+/mot-de-passe/choisir/\S+)"', page.text)
    assert "no-store" in page.headers["Cache-Control"]
    told = Entry.objects.filter(act=Act.ACCOUNT, account=cast.administration.pk)
    assert told.filter(what__contains="lien d’entrée montré").count() == 1
    # Another administrator is not the hand that opened it; nor is anybody, once she has entered.
    other = make_account("seconde@brume.example")
    make_role(other, cast.organisation, Role.Kind.ADMINISTRATION)
    assert client_of(other).post(url).status_code == 409
    guest = Client()
    path = guest.get(link, follow=True).request["PATH_INFO"]
    chosen = {"new_password1": "chêne rosée passage", "new_password2": "chêne rosée passage"}
    assert guest.post(path, chosen).status_code == 302
    assert "Ce lien a déjà servi" in guest.get(link, follow=True).text
    change(account, last_login=timezone.now())
    assert client.post(url).status_code == 409
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    change(account, last_login=None)
    assert client.post(url).status_code == 409


def test_each_line_is_put_right_where_it_is_wrong(cast, client):
    """Its fields, each with its own fault; a line may be left out; the others stay as they were."""
    text = f"{LIST}\nZoé Zola;zoe chez brume;roi\nJean Nul;jn@b.example;déléguée"
    page = client.post(INVITE, {"liste": text})
    zoe, nobody = page.context["wrong"]
    faults = {name: bool(told) for name, _, _, told in zoe.fields}
    assert faults == {"nom": False, "adresse": True, "role": True}
    assert [name for name, _, _, told in nobody.fields if told] == ["nom"]
    assert f'name="adresse-{zoe.number}" value="zoe chez brume"' in page.text
    sent = {"liste": text, "ligne": [zoe.number, nobody.number], f"sans-{nobody.number}": "on"}
    sent |= {f"nom-{zoe.number}": "Zola, Zoé,\n de, la Tour", f"role-{zoe.number}": "controle"}
    page = client.post(INVITE, sent | {f"adresse-{zoe.number}": "zz@brume.example"})
    assert page.status_code == 200, [line.faults for line in page.context["lines"]]
    assert [(line.name, line.email) for line in page.context["lines"]] == [
        ("ARNAUD Alice", "alice@brume.example"),
        ("M. Bruno Besson", "bruno@brume.example"),
        ("Zoé DE LA TOUR", "zoe@brume.example"),
        ("Zola, Zoé, de, la Tour", "zz@brume.example"),
    ]


def test_a_name_with_commas_on_the_first_line_does_not_cut_the_others(cast):
    text = '"A, B, C, D";a@b.example;contrôle\nZoé;z@b.example;contrôle'
    lines = inviting.plan(text, cast.organisation, user=cast.administration)
    assert [line.faults for line in lines] == [[], []]


def test_what_changed_since_the_preview_is_shown_again(cast, client):
    page = client.post(INVITE, {"liste": LIST})
    make_account("zoe@brume.example")
    sent = {"liste": LIST, "empreinte": page.context["fingerprint"]}
    response = client.post(CONFIRM, sent)
    assert response.status_code == 409
    assert [finding.code for finding in response.context["findings"]] == ["apercu_perime"]
    assert response.context["faulty"] == 1
    assert not User.objects.filter(email="alice@brume.example").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(LIST.encode("cp1252"), id="Windows"),
        pytest.param(LIST.encode("utf-8-sig"), id="UTF-8"),
        pytest.param(LIST.replace(";", "\t").encode("utf-16"), id="tabulations, UTF-16"),
        pytest.param(LIST.replace(";", ",").encode(), id="virgules"),
    ],
)
def test_a_file_is_read_whatever_wrote_it(cast, client, content):
    page = client.post(INVITE, {"fichier": SimpleUploadedFile("liste.csv", content)})
    assert page.status_code == 200
    assert [line.email for line in page.context["lines"]] == [
        "alice@brume.example",
        "bruno@brume.example",
        "zoe@brume.example",
    ]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param({}, "Collez une liste", id="rien"),
        pytest.param({"liste": "Nom;Adresse;Rôle"}, "est vide", id="un en-tête seul"),
        pytest.param({"liste": "a;b;c\n" * 501}, "plus de 500 lignes", id="trop de lignes"),
        pytest.param(
            {"fichier": SimpleUploadedFile("l.xlsx", b"PK\0\1\2")}, "ni un CSV", id="un classeur"
        ),
    ],
)
def test_what_is_no_list_is_refused(client, sent, why):
    page = client.post(INVITE, sent)
    assert page.status_code == 422 and why in page.content.decode()


def test_who_sits_is_ticked_at_an_address_that_may_be_corrected(cast, client):
    """Whoever is not ticked is not in the list, nor anybody of another organisation; what was typed
    beside comes after."""
    stranger = make_person(cast.other_organisation, "Yves", "Ailleurs", "M.")
    change(cast.alice, email="alice@brume.example")
    text = client.get(reverse("accounts:to_invite")).text
    assert f'name="personne" value="{cast.alice.pk}"' in text
    assert f'name="adresse-{cast.alice.pk}" value="alice@brume.example"' in text
    of_one = client.get(reverse("accounts:to_invite"), {"instance": cast.bureau.pk}).context
    sitting = cast.bureau.mandates.in_office(timezone.localdate()).values_list("person", flat=True)
    assert of_one["of_body"] == cast.bureau
    assert {each.pk for each in of_one["to_invite"]} <= set(sitting)
    sent = {"personne": [cast.alice.pk, stranger.pk, "x"], "liste": "Zoé Zola ; z@b.example ; x"}
    sent |= {f"adresse-{cast.alice.pk}": " alice.a@brume.example\n"}
    sent |= {f"adresse-{cast.bruno.pk}": cast.bruno.email, f"adresse-{stranger.pk}": "y@b.example"}
    page = client.post(INVITE, sent)
    assert page.context["text"].split("\n") == [
        f"{cast.alice} ; alice.a@brume.example ; délégué·e",
        "Zoé Zola ; z@b.example ; x",
    ]
    (wrong,), (right,) = page.context["wrong"], page.context["right"]
    assert (wrong.name, right.person) == ("Zoé Zola", cast.alice)
    assert right.faults == [] and right.email == "alice.a@brume.example"


# --- Mandates that ended ----------------------------------------------------------------------

YESTERDAY = timezone.localdate() - timedelta(days=1)


def end_mandates(person, on: date = YESTERDAY) -> None:
    for mandate in person.mandates.all():
        change(mandate, end_on=on, end_reason=Mandate.EndReason.TERM)


def test_what_one_organisation_showed_is_written_there_whatever_another_tab_opened(cast, client):
    """Said before: a page of the other organisation, opened meanwhile, took the invitation."""
    make_role(cast.administration, cast.other_organisation, "administration")
    client.post(reverse("members:switch_organisation"), {"organisation": cast.organisation.pk})
    text = "Ève ; eve@brume.example ; secrétariat"
    shown = {"organisation-montree": str(cast.organisation.pk)}
    assert (
        f'name="{SHOWN}" value="{shown[SHOWN]}"' in client.get(reverse("accounts:to_invite")).text
    )
    page = client.post(INVITE, {"liste": text})
    assert page.content.decode().count(f'name="organisation-montree" value="{shown[SHOWN]}"') == 1
    client.get(reverse("members:composition", args=[cast.other_body.pk]))
    sent = {"liste": text, "empreinte": page.context["fingerprint"]}
    assert client.post(CONFIRM, sent | shown).status_code == 302
    role = Role.objects.get(user__email="eve@brume.example")
    assert role.organisation == cast.organisation
    stranger = {SHOWN: str(cast.other_organisation.pk + 999)}
    assert client.post(CONFIRM, sent | stranger).status_code == 404


@pytest.fixture
def former(cast) -> User:
    """Claire Caron, whose mandates are over."""
    end_mandates(cast.delegate.persons.get())
    return cast.delegate


def listed(client) -> list[User]:
    return list(client.get(reverse("accounts:ended")).context["accounts"])


def test_who_sits_nowhere_any_more_is_listed_and_closed_at_once(cast, former, client, client_of):
    theirs = client_of(former)
    assert theirs.get(reverse("home")).status_code in (200, 302)
    (row,) = listed(client)
    assert (row, row.ended_on) == (former, YESTERDAY)
    assert former.is_active  # nothing happens by itself
    response = client.post(reverse("accounts:close"), {"compte": [former.pk]})
    assert response.status_code == 302
    former.refresh_from_db()
    assert not former.is_active and not former.sessions.exists()
    assert theirs.get("/mon-compte/").url.startswith("/connexion/")
    told = Entry.objects.get(what__endswith="ses mandats ont pris fin")
    assert told.account == cast.administration.pk
    assert listed(client) == []


def sits_still(cast, former):
    change(former.persons.get().mandates.first(), end_on=timezone.localdate())


def sits_from_tomorrow(cast, former):
    change(
        former.persons.get().mandates.first(),
        start_on=timezone.localdate() + timedelta(days=1),
        end_on=None,
        end_reason="",
    )


def has_another_role(cast, former):
    make_role(former, cast.organisation, Role.Kind.SECRETARIAT)


def sits_elsewhere(cast, former):
    make_role(former, cast.other_organisation, Role.Kind.DELEGATE)


def is_closed(cast, former):
    change(former, is_active=False)


def runs_everything(cast, former):
    change(former, is_superuser=True)


@pytest.mark.parametrize(
    "spoil",
    [sits_still, sits_from_tomorrow, has_another_role, sits_elsewhere, is_closed, runs_everything],
)
def test_who_still_has_a_reason_is_not_listed_nor_closed(cast, former, client, spoil):
    spoil(cast, former)
    was = former.is_active
    assert listed(client) == []
    client.post(reverse("accounts:close"), {"compte": [former.pk]})
    former.refresh_from_db()
    assert former.is_active is was


def test_a_session_left_open_closes_nobody(former, client):
    doors.grow_old(client)
    response = client.post(reverse("accounts:close"), {"compte": [former.pk]})
    former.refresh_from_db()
    assert response.status_code == 403 and former.is_active


def test_nothing_is_closed_by_the_night_unless_a_setting_says_after_how_long(
    cast, former, settings, capsys
):
    call_command("end_accounts")
    former.refresh_from_db()
    assert former.is_active and "n’est pas réglé" in capsys.readouterr().out
    settings.ACCOUNT_DAYS = 30
    call_command("end_accounts")
    former.refresh_from_db()
    assert former.is_active
    end_mandates(former.persons.get(), timezone.localdate() - timedelta(days=31))
    call_command("end_accounts")
    former.refresh_from_db()
    assert not former.is_active
    assert Entry.objects.filter(who="commande end_accounts", act=Act.ACCOUNT).exists()


def test_the_list_asks_as_much_of_one_as_of_three(cast, former, django_assert_num_queries):
    def asked() -> int:
        with django_assert_num_queries(1):
            rows = ended.accounts(
                cast.organisation, run=[cast.organisation], on=timezone.localdate()
            )
            return len(list(rows))

    assert asked() == 1
    for number, person in enumerate((cast.alice, cast.bruno)):
        account = make_account(f"a{number}@brume.example")
        make_role(account, cast.organisation, Role.Kind.DELEGATE)
        change(person, user=account)
        end_mandates(person)
    assert asked() == 3


# --- Accounts of other organisations ----------------------------------------------------------


def of_account(cast, account, **changed) -> dict:
    return {
        **{"email": account.email, "first_name": "X", "last_name": "Y", "is_active": "on"},
        **{"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "roles-0-kind": "controle"},
        "roles-0-organisation": cast.organisation.pk,
    } | changed


@pytest.mark.parametrize("how", ["form", "list"])
def test_which_addresses_have_an_account_elsewhere_is_told_a_few_at_a_time_and_kept(
    cast, client, how
):
    others = [make_account(f"p{number}@rive.example") for number in range(7)]
    for account in others:
        make_role(account, cast.other_organisation, "delegue")

    def ask(account) -> str:
        if how == "list":
            page = client.post(INVITE, {"liste": f"Zoé Zola;{account.email};contrôle"})
        else:
            page = client.post(reverse("admin:members_user_add"), of_account(cast, account))
        return page.content.decode()

    pages = [ask(account) for account in others]
    assert all("existe déjà" not in page and "déjà un compte" not in page for page in pages)
    assert sum("ne peut recevoir de compte" in page for page in pages) == throttle.FAILURES
    assert "Trop d’essais" in pages[-1]
    rows = Entry.objects.filter(what__contains="autre organisation", who=cast.administration.email)
    assert rows.count() == throttle.FAILURES
    assert "déjà" in ask(cast.secretariat)  # those of one's own are no secret


def test_another_address_is_asked_without_telling_whether_somebody_has_it(cast, client):
    account = cast.secretariat
    role = account.roles.get()
    data = of_account(cast, account, email=cast.other_secretariat.email)
    data |= {"roles-INITIAL_FORMS": 1, "roles-0-id": role.pk, "roles-0-user": account.pk}
    data |= {"roles-0-kind": role.kind}
    url = reverse("admin:members_user_change", args=[account.pk])
    assert client.post(url, data).status_code == 302
    assert account.identity_changes.get().email == cast.other_secretariat.email


@pytest.mark.parametrize("right", ["role", "person"])
def test_who_has_a_right_elsewhere_is_changed_by_no_administrator_of_here(cast, client, right):
    account = cast.secretariat
    if right == "role":
        make_role(account, cast.other_organisation, "delegue")
    else:
        change(make_person(cast.other_organisation, "Sylvie", "Saint"), user=account)
    url = reverse("admin:members_user_change", args=[account.pk])
    assert client.get(url).status_code == 200  # seen
    assert client.post(url, of_account(cast, account, first_name="X")).status_code == 403
    delete = reverse("admin:members_user_delete", args=[account.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    for action in ("remove_factors", "invite", "detach_identities"):
        data = {"action": action, "_selected_action": [account.pk], "confirmed": "1"}
        client.post(reverse("admin:members_user_changelist"), data)
    assert not Letter.objects.exists() and not account.identity_changes.exists()
