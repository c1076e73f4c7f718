"""Signing in by a provider of identity: what opens, and everything that does not."""

import gzip
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import doors as house
from accounts import factors, identities, letters, oidc, proof, providers, throttle
from accounts.models import ExternalIdentity, Factor, Session
from members.models import User
from tests import doors, post
from tests.cast import change, make_account, make_role
from tests.provider import FakeProvider
from trail.models import Act, Entry

START, BACK = "/connexion/par/brume/", "/connexion/par/brume/retour/"


@pytest.fixture
def fake(settings):
    with FakeProvider() as served:
        settings.OIDC_PROVIDERS = {"brume": served.provider()}
        yield served


@pytest.fixture
def account(cast, fake):
    fake.person["email"] = cast.secretariat.email.upper()
    return cast.secretariat


def known_as(settings, fake, **extra) -> None:
    """The provider has these settings."""
    settings.OIDC_PROVIDERS = {"brume": fake.provider(**extra)}


def answered(client, start: str = START) -> str:
    """Where the provider sends the browser back, once it was asked."""
    asked = client.get(start)
    assert asked.status_code == 302, asked.content.decode()
    back = requests.get(asked.url, allow_redirects=False, timeout=5)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["location"])
    return f"{parts.path}?{parts.query}"


def sign_in(client, start: str = START):
    return client.get(answered(client, start))


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def codes(response) -> list[str]:
    return [finding.code for finding in response.context["findings"]]


def told(act: Act) -> list[str]:
    return list(Entry.objects.filter(act=act).order_by("pk").values_list("what", flat=True))


# --- In ---------------------------------------------------------------------------------------


def test_a_verified_address_opens_the_account_that_has_it_and_is_kept(account, fake, client):
    response = sign_in(client, f"{START}?next=/instances/")
    assert (response.status_code, response.url) == (302, "/instances/")
    assert client.session["_auth_user_id"] == str(account.pk)
    assert proof.is_fresh(client.session)
    row = ExternalIdentity.objects.get()
    assert (row.account, row.provider, row.subject) == (account, "brume", "sub-1")
    assert told(Act.ACCOUNT)[-1] == f"{account.email} : rattaché à Brume Connect"
    assert told(Act.SIGNED_IN)[-1].startswith("Brume Connect, ")
    asked = fake.asked[0]
    assert min(len(asked["state"]), len(asked["nonce"])) >= 32
    assert "code_challenge" not in asked and asked["scope"] == "openid email"
    secrets = [asked["state"], asked["nonce"], client.session[house.THROUGH]["id_token"]]
    assert not any(secret in str(list(Entry.objects.values())) for secret in secrets)


def test_then_the_subject_opens_it_whatever_becomes_of_the_address(account, cast, fake, client):
    sign_in(client)
    client.logout()
    fake.person |= {"email": cast.administration.email, "email_verified": False}
    sign_in(client)
    assert client.session["_auth_user_id"] == str(account.pk)
    assert ExternalIdentity.objects.count() == 1


def test_it_leads_nowhere_else(account, client):
    for wanted in (
        *("https://ailleurs.example/", "//ailleurs.example", "/\\\\ailleurs.example"),
        *("///ailleurs.example", "https:ailleurs.example", "javascript:alert(1)"),
        *("/%09/ailleurs.example", "%20//ailleurs.example", "http://testserver@ailleurs.example"),
    ):
        assert sign_in(client, f"{START}?next={wanted}").url == reverse("home"), wanted


def test_a_session_begun_by_somebody_else_is_not_entered(account, client):
    """Who puts a cookie of his in another's browser keeps nothing of what it opens there."""
    mine = Client()
    back = answered(mine)
    name = settings.SESSION_COOKIE_NAME
    client.cookies[name] = mine.cookies[name].value
    assert client.get(back).status_code == 302 and is_in(client)
    assert client.cookies[name].value != mine.cookies[name].value
    assert not is_in(mine) and mine.get("/instances/").status_code == 302


def test_questions_that_nobody_answers_are_counted_and_right_answers_given_back(account, client):
    """Each opens a session here, and one that is lost asks the provider where it answers."""
    for _ in range(3):
        assert sign_in(client).status_code == 302
    started = [Client().get(START).status_code for _ in range(throttle.NETWORK)]
    assert started == [302] * throttle.NETWORK
    refused = Client().get(START)
    assert refused.status_code == 403 and codes(refused) == ["trop_d_essais"]


def test_an_account_without_a_role_is_told_whom_to_ask(fake, client, db):
    stranger = make_account("x@brume.example")
    page = client.get(sign_in(client).url)
    assert page.status_code == 403 and "aucun rôle" in page.content.decode()
    assert client.session["_auth_user_id"] == str(stranger.pk)


def test_who_is_signed_in_as_another_is_so_no_more(account, cast, fake, client_of):
    client = client_of(cast.administration)
    sign_in(client)
    assert client.session["_auth_user_id"] == str(account.pk)
    assert client.session[house.THROUGH]["provider"] == "brume"
    assert Entry.objects.get(act=Act.SIGNED_OUT).account == cast.administration.pk


# --- Not in -----------------------------------------------------------------------------------

NOW = int(time.time())
WRONG = {
    "audience d’un autre": {"id_token": {"aud": "autre"}},
    "audience absente": {"id_token": {"aud": None}},
    "deux audiences, demandé par l’autre": {"id_token": {"aud": ["somme-gov", "b"], "azp": "b"}},
    "émetteur d’un autre": {"id_token": {"iss": "https://autre.example"}},
    "émetteur absent": {"id_token": {"iss": None}},
    "échu": {"id_token": {"exp": NOW - 600}},
    "sans échéance": {"id_token": {"exp": None}},
    "à venir": {"id_token": {"iat": NOW + 6000}},
    "nonce d’un autre": {"id_token": {"nonce": "n" * 64}},
    "nonce absent": {"id_token": {"nonce": None}},
    "sujet absent": {"id_token": {"sub": None}},
    "jeton sans signature": {"signed": {"id": "none"}},
    "jeton signé d’une autre clé": {"signed": {"id": "key"}},
    "jeton signé du secret partagé": {"signed": {"id": "secret"}},
    "jeton signé de la clé publique": {"signed": {"id": "public"}},
    "sujet vide": {"id_token": {"sub": ""}, "userinfo": {"sub": ""}},
    "sujet sans fin": {"id_token": {"sub": "s" * 256}, "userinfo": {"sub": "s" * 256}},
    "sujet qui ne s’écrit pas": {"id_token": {"sub": "\0"}, "userinfo": {"sub": "\0"}},
    "moitié de caractère": {"id_token": {"sub": "\ud800"}, "userinfo": {"sub": "\ud800"}},
    "adresse qui ne s’écrit pas": {"userinfo": {"email": "a\ud800@brume.example"}},
    "adresse sans fin": {"userinfo": {"email": f"{'a' * 300}@brume.example"}},
    "adresses": {"userinfo": {"email": ["x@brume.example"]}},
    "userinfo sans signature": {"unsigned": True},
    "userinfo « none »": {"signed": {"userinfo": "none"}},
    "userinfo signé d’une autre clé": {"signed": {"userinfo": "key"}},
    "userinfo signé de la clé publique": {"signed": {"userinfo": "public"}},
    "userinfo d’un autre sujet": {"userinfo": {"sub": "sub-2"}},
    "userinfo pour un autre": {"userinfo": {"aud": "autre"}},
    "userinfo d’un autre émetteur": {"userinfo": {"iss": "https://autre.example"}},
    "userinfo échu": {"userinfo": {"exp": NOW - 600}},
}


@pytest.mark.parametrize("lies", WRONG.values(), ids=WRONG)
def test_an_answer_that_proves_nothing_opens_nothing(account, fake, client, lies, caplog):
    fake.lies = lies
    back = answered(client)
    response = client.get(back)
    assert (response.status_code, codes(response)) == (403, ["reponse_invalide"])
    assert not is_in(client) and not ExternalIdentity.objects.exists()
    assert told(Act.SIGN_IN_REFUSED) == ["Brume Connect : reponse_invalide"]
    # The journal of the server says what is missing, none of what opens.
    assert "réponse de brume" in caplog.text and "eyJ" not in caplog.text
    assert not any(secret in caplog.text for secret in dict(parse_qsl(back)).values())


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        pytest.param({"declined": True}, "fournisseur_refuse", id="la personne renonce"),
        pytest.param({"silent": True}, "fournisseur_muet", id="en panne"),
    ],
)
def test_what_the_provider_does_not_do_is_told(account, fake, client, lies, code):
    fake.lies = lies
    assert codes(sign_in(client)) == [code] and not is_in(client)


def says(body: bytes, kind: str = "application/json", status: int = 200, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda fake, honest: (status, {"Content-Type": kind} | headers, [body])


def a_gigabyte(fake, honest):
    return 200, {}, (bytes(1024 * 1024) for _ in range(1024))


def drop_by_drop(fake, honest):
    """The right answer, in the end."""

    def drops():
        for byte in honest:
            time.sleep(0.02)
            yield bytes([byte])

    return 200, {}, drops()


def elsewhere(fake, honest):
    """Where the right answer would be had, if one brought there what is meant for here."""
    return 307, {"Location": f"{fake.issuer}/ailleurs/{fake.spoiled}"}, []


SPOILT = {
    "en panne": says(b"<h1>Panne</h1>", "text/html", 500),
    "une page": says(b"<h1>Bienvenue</h1>", "text/html"),
    "rien": says(b""),
    "une liste": says(b"[]"),
    "null": says(b"null"),
    "un nombre": says(b"9" * 5000),
    "une liste sans fond": says(b"[" * 200_000),
    "pas du texte": says(b"\xff\xfe"),
    "un autre codage": says(b"{}", Content_Encoding="gzip"),
    "une bombe": says(gzip.compress(bytes(64 * 1024 * 1024), 1), Content_Encoding="gzip"),
    "un jeton qui n’en est pas": says(b"a.b.c", "application/jwt"),
    "un gigaoctet": a_gigabyte,
    "goutte à goutte": drop_by_drop,
    "ailleurs": elsewhere,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("name", ["openid_configuration", "token", "jwks", "userinfo"])
def test_whatever_a_provider_answers_it_is_a_page(
    account, fake, client, name, spoil, monkeypatch, settings
):
    """Short enough to be held, soon enough not to hold who answers others, and from there."""
    monkeypatch.setattr(oidc, "TIMEOUT", 1)
    fake.lies, fake.spoiled = {"instead": {name: spoil}}, name
    response = client.get(START)
    if name != "openid_configuration":
        back = requests.get(response.url, allow_redirects=False, timeout=5).headers["location"]
        response = client.get(back.removeprefix("http://testserver"))
    assert response.status_code == 403 and not is_in(client)
    assert set(codes(response)) <= {"fournisseur_muet", "reponse_invalide"}
    assert fake.sent < 32 * 1024 * 1024


@pytest.mark.parametrize("found", ["https://autre.example", None])
def test_a_discovery_of_somebody_else_is_not_followed(fake, client, db, settings, found):
    if found:
        fake.lies["discovered"] = found
    else:
        known_as(settings, fake, issuer="http://127.0.0.1:9")
    response = client.get(START)
    assert (response.status_code, codes(response)) == (403, ["fournisseur_muet"])


def test_an_answer_serves_once_in_its_browser_for_its_provider(account, fake, client, settings):
    back = answered(client)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    other = client.__class__()
    assert codes(other.get(back)) == ["reponse_inattendue"]  # another browser's
    assert codes(client.get(answered(other))) == ["reponse_inattendue"]  # swapped
    assert codes(client.get(f"{BACK}?code={code}")) == ["reponse_inattendue"]  # without a state
    assert codes(client.get(f"{BACK}?code={code}&state=court")) == ["reponse_inattendue"]
    assert client.get(back).status_code == 302 and is_in(client)
    assert codes(client.get(back)) == ["reponse_inattendue"]  # replayed
    client.logout()
    state = dict(parse_qsl(urlsplit(answered(client)).query))["state"]
    # The code of before under a new state: the provider knows that it has served.
    assert codes(client.get(f"{BACK}?code={code}&state={state}")) == ["reponse_invalide"]
    settings.OIDC_PROVIDERS |= {"autre": fake.provider(name="autre")}
    back = answered(client)
    assert codes(client.get(back.replace("/brume/", "/autre/"))) == ["reponse_inattendue"]
    back = answered(client) + "&iss=https://autre.example"
    assert codes(client.get(back)) == ["reponse_inattendue"]
    assert not is_in(client)


def test_a_stranger_who_asked_nothing_leaves_nothing(fake, client, cast, settings):
    """Neither a line nor a session: he would write as many as he likes."""
    for number in range(3):
        answer = client.__class__().get(f"{BACK}?state=x{number}&code=y")
        assert codes(answer) == ["reponse_inattendue"]
    known_as(settings, fake, issuer="http://127.0.0.1:9")
    assert codes(client.get(START)) == ["fournisseur_muet"]
    assert told(Act.SIGN_IN_REFUSED) == [] and not Session.objects.exists()


def test_an_answer_that_comes_after_ten_minutes_is_nobody_s(account, client):
    back = answered(client)
    session = client.session
    for asked in session[oidc.STATES].values():
        asked["added_on"] -= oidc.LIFE + 1
    session.save()
    assert codes(client.get(back)) == ["reponse_inattendue"]


def test_the_provider_refuses_a_short_state(account, client, monkeypatch):
    monkeypatch.setattr(oidc, "LENGTH", 31)
    assert requests.get(client.get(START).url, timeout=5).status_code == 400


# --- Which account ----------------------------------------------------------------------------


def unverified(account, fake):
    fake.person["email_verified"] = False


def unsaid(account, fake):
    del fake.person["email_verified"]


def said_in_words(account, fake):
    fake.person["email_verified"] = "true"


def without_address(account, fake):
    del fake.person["email"]


def unknown(account, fake):
    fake.person["email"] = "personne@brume.example"


def closed(account, fake):
    change(account, is_active=False)


def changed_subject(account, fake):
    account.identities.create(provider="brume", subject="sub-0")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(unverified, "adresse_non_verifiee", id="adresse non vérifiée"),
        pytest.param(unsaid, "adresse_non_verifiee", id="vérifiée ou non, il ne le dit pas"),
        pytest.param(said_in_words, "adresse_non_verifiee", id="« true » n’est pas vrai"),
        pytest.param(without_address, "adresse_non_verifiee", id="aucune adresse"),
        pytest.param(unknown, "aucun_compte", id="aucun compte"),
        pytest.param(closed, "compte_desactive", id="compte désactivé"),
        pytest.param(changed_subject, "autre_identite", id="le sujet a changé"),
    ],
)
def test_who_is_not_an_account_gets_a_page_and_no_account(account, fake, client, spoil, code):
    spoil(account, fake)
    accounts, linked = User.objects.count(), ExternalIdentity.objects.count()
    response = sign_in(client)
    assert (response.status_code, codes(response)) == (403, [code])
    assert not is_in(client)
    assert (User.objects.count(), ExternalIdentity.objects.count()) == (accounts, linked)


def test_an_account_closed_since_opens_no_more(account, client):
    sign_in(client)
    client.logout()
    change(account, is_active=False)
    assert codes(sign_in(client)) == ["compte_desactive"]


def test_a_trusted_provider_need_not_say_that_it_verified(account, fake, client, settings):
    known_as(settings, fake, is_trusted=True)
    unsaid(account, fake)
    sign_in(client)
    assert is_in(client)
    client.logout()
    ExternalIdentity.objects.all().delete()
    fake.person["email_verified"] = False  # but what it says counts
    assert codes(sign_in(client)) == ["adresse_non_verifiee"]


def test_a_provider_links_the_addresses_of_its_domains_only(account, fake, client, settings):
    known_as(settings, fake, domains=("autre.example",))
    assert codes(sign_in(client)) == ["adresse_hors_domaine"]
    known_as(settings, fake, domains=(providers.domain_of(account.email),))
    sign_in(client)
    assert is_in(client)


def test_a_provider_opens_no_account_that_has_rights_elsewhere(
    cast, account, fake, client, settings
):
    known_as(settings, fake, organisations=(cast.organisation.slug,))
    sign_in(client)
    assert is_in(client)
    client.logout()
    sign_in(client)
    elsewhere = make_role(account, cast.other_organisation, "delegue")
    assert client.get("/instances/").status_code == 302  # nor keeps open what it opened before
    assert not is_in(client)
    assert codes(sign_in(client)) == ["hors_organisation"]
    elsewhere.delete()
    change(account, is_superuser=True)
    assert codes(sign_in(client)) == ["hors_organisation"]


def test_an_unsigned_userinfo_is_believed_where_a_setting_says_so(account, fake, client, settings):
    known_as(settings, fake, signs_userinfo=False)
    fake.lies = {"unsigned": True}
    sign_in(client)
    assert is_in(client)


# --- Two proofs -------------------------------------------------------------------------------


@pytest.fixture
def enrolled(account):
    data = {"seed": factors.new_seed(), "step": 0}
    Factor.objects.create(account=account, kind=Factor.Kind.TOTP, name="téléphone", data=data)
    return account


def test_our_own_factor_is_asked_unless_the_provider_gave_one(enrolled, fake, client, settings):
    known_as(settings, fake, mfa=("eidas1-mfa", "eidas2"))
    assert sign_in(client).url == reverse("accounts:second_step")
    assert not is_in(client)
    fake.acr = "eidas1-mfa"
    assert sign_in(client).url == reverse("home")
    assert client.session[factors.BY_TWO]
    assert '"values":["eidas1-mfa","eidas2"]' in fake.asked[0]["claims"]


def test_where_a_role_demands_one_that_of_the_provider_counts(account, fake, client, settings):
    known_as(settings, fake, mfa=("eidas2",))
    settings.SECOND_FACTOR_ROLES = ["secretariat"]
    sign_in(client)
    assert client.get("/instances/").url == reverse("accounts:enrol")
    client.logout()
    fake.acr = "eidas2"
    sign_in(client)
    assert client.get("/instances/").status_code == 200


def test_a_level_that_is_required_is_checked_here(account, fake, client, settings):
    known_as(settings, fake, acr=("eidas2", "eidas3"))
    assert codes(sign_in(client)) == ["niveau_insuffisant"]
    assert '"essential":true' in fake.asked[0]["claims"]
    fake.acr = "eidas3"
    sign_in(client)
    assert is_in(client)


# --- The second proof -------------------------------------------------------------------------

PROVE = "/confirmer/par/brume/"


@pytest.fixture
def stale(account, client):
    """Signed in by the provider, long ago."""
    sign_in(client)
    return doors.grow_old(client)


def test_the_provider_proves_again_and_what_was_asked_is_done(stale, fake, account):
    address = reverse("accounts:address")
    asked = {"email": "nouvelle@brume.example"}
    page = stale.post(address, asked)
    assert page.status_code == 403
    assert f'href="{PROVE}" target="_blank"' in page.content.decode()
    answer = sign_in(stale, PROVE)
    assert answer.status_code == 200 and "C’est bien vous" in answer.content.decode()
    assert (fake.asked[-1]["prompt"], fake.asked[-1]["max_age"]) == ("login", "0")
    assert stale.post(address, asked | {"preuve": ""}).status_code == 302
    assert account.identity_changes.get().email == asked["email"]


def test_the_page_that_asks_first_leads_on(stale):
    page = stale.get(proof.page("/mon-compte/")).content.decode()
    assert f'href="{PROVE}?next=%2Fmon-compte%2F"' in page
    assert sign_in(stale, f"{PROVE}?next=/mon-compte/").url == "/mon-compte/"


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        pytest.param({"auth_time": NOW - 3600}, "preuve_ancienne", id="sans redemander"),
        pytest.param({"auth_time": None}, "preuve_ancienne", id="sans dire quand"),
        pytest.param({"auth_time": "hier"}, "preuve_ancienne", id="en d’autres mots"),
    ],
)
def test_a_session_open_there_proves_nothing_anew(stale, fake, lies, code):
    fake.lies = {"id_token": lies}
    assert codes(sign_in(stale, PROVE)) == [code]
    assert not proof.is_fresh(stale.session)


def asked_by(account) -> dict:
    """A question of this account, as it waits in a session."""
    asked = {"provider": "brume", "next": "", "nonce": "n" * 64, "added_on": time.time()}
    return asked | {"proves": account.pk}


def test_somebody_else_proves_nothing_for_me(stale, fake, cast, account):
    fake.person |= {"sub": "sub-2", "email": cast.administration.email}
    assert codes(sign_in(stale, PROVE)) == ["autre_personne"]
    assert not proof.is_fresh(stale.session)
    # She who asked went away, and who came is whom the provider knows.
    cast.administration.identities.create(provider="brume", subject="sub-2")
    fake.lies = {"id_token": {"nonce": "n" * 64}}
    back = answered(stale, PROVE)
    session = doors.grow_old(doors.enter(stale, cast.administration)).session
    session[oidc.STATES] = {dict(parse_qsl(urlsplit(back).query))["state"]: asked_by(account)}
    session.save()
    assert codes(stale.get(back)) == ["autre_personne"]
    assert not proof.is_fresh(stale.session)


def test_who_has_rights_elsewhere_since_proves_nothing_there(stale, fake, cast, account, settings):
    """What may not open an account gives no second proof of it either."""
    known_as(settings, fake, organisations=(cast.organisation.slug,))
    session = stale.session
    del session[house.THROUGH]  # she came by her password
    session.save()
    back = answered(stale, PROVE)
    make_role(account, cast.other_organisation, "administration")
    assert codes(stale.get(back)) == ["autre_personne"]
    assert not proof.is_fresh(stale.session)
    assert stale.get(PROVE).status_code == 404
    assert PROVE not in stale.get(proof.page("/mon-compte/")).content.decode()


def test_who_is_nobody_there_is_not_sent_there(cast, fake, client_of):
    assert client_of(cast.delegate).get(PROVE).status_code == 404


# --- Out --------------------------------------------------------------------------------------


def test_the_session_at_the_provider_is_ended_too_if_one_wants(account, fake, client):
    sign_in(client)
    id_token = client.session[house.THROUGH]["id_token"]
    page = client.get(client.post(reverse("accounts:logout")).url).content.decode()
    assert not is_in(client) and reverse("accounts:provider_end") in page
    left = client.get(reverse("accounts:provider_end"))
    requests.get(left.url, allow_redirects=False, timeout=5)
    (ended,) = fake.left
    assert ended["id_token_hint"] == id_token and len(ended["state"]) >= 32
    assert ended["post_logout_redirect_uri"] == "http://testserver/connexion/"
    assert client.get(reverse("accounts:provider_end")).url == reverse("accounts:login")


# --- Chosen -----------------------------------------------------------------------------------


def test_the_domain_of_the_address_or_the_organisation_chooses(cast, fake, client, settings):
    settings.OIDC_PROVIDERS = {
        "proconnect": fake.provider(name="proconnect", label="ProConnect"),
        "brume": fake.provider(domains=("brume.example",)),
        "vallee": fake.provider(name="vallee", label="Vallée", organisations=("vallee",)),
    }

    def offered(page) -> list[str]:
        return [each.name for each in page.context["providers"]]

    assert offered(client.get("/connexion/")) == ["proconnect", "brume", "vallee"]
    assert offered(client.get("/connexion/?organisation=vallee")) == [*settings.OIDC_PROVIDERS]
    assert offered(client.get("/connexion/?organisation=brume")) == ["proconnect", "brume"]
    page = client.post("/connexion/", {"username": "Moi@Brume.example", "password": ""})
    assert offered(page) == ["brume"]
    text = page.content.decode()
    assert "une adresse @brume.example s’identifie avec Brume Connect" in text
    assert "adresse=moi%40brume.example" in text
    client.get("/connexion/par/brume/?adresse=moi%40brume.example")
    assert fake.asked == []  # the browser is what asks


def test_without_a_provider_the_page_is_as_it_was(client, db):
    page = client.get("/connexion/").content.decode()
    assert "S’identifier avec" not in page and 'class="or"' not in page


def test_an_invitation_says_where_addresses_of_its_domain_enter(
    cast, fake, rf, settings, mailoutbox
):
    for domain, said in (("brume.example", True), ("autre.example", False)):
        known_as(settings, fake, domains=(domain,))
        letters.invite(cast.secretariat, request=rf.get("/"))
        post.letters_leave(timezone.now())
        body = mailoutbox.pop().body
        assert ("Identifiez-vous avec Brume Connect" in body) is said
        assert "/mot-de-passe/choisir/" in body and "ouvrez ce lien dans les trois jours" in body


def test_an_account_without_a_password_is_not_asked_to_change_it(account, client):
    account.set_unusable_password()
    account.save()
    sign_in(client)
    page = client.get("/mon-compte/").content.decode()
    assert "Choisir un mot de passe" in page and "Changer de mot de passe" not in page
    assert "n’en a pas encore" in client.get("/confirmer/").content.decode()


def test_two_answers_at_once_link_once(account, fake, client, monkeypatch):
    """The second found nobody, then waited for the first."""
    found = identities._by_address

    def late(told):
        account.identities.create(provider="brume", subject="sub-1")
        return found(told)

    monkeypatch.setattr(identities, "_by_address", late)
    sign_in(client)
    assert is_in(client) and ExternalIdentity.objects.count() == 1


# --- Settings ---------------------------------------------------------------------------------

BLOCK = {
    "OIDC_PRO_CONNECT_ISSUER": "https://auth.example/api/v2",
    "OIDC_PRO_CONNECT_CLIENT_ID": "a",
    "OIDC_PRO_CONNECT_CLIENT_SECRET": "très secret",
}


def test_a_provider_is_a_block_of_variables():
    more = {
        "OIDC_PRO_CONNECT_LABEL": "ProConnect",
        "OIDC_PRO_CONNECT_DOMAINS": "@Brume.example, autre.example",
        "OIDC_PRO_CONNECT_MFA": "eidas2,eidas3",
        "OIDC_PRO_CONNECT_TRUSTED": "1",
        "OIDC_PRO_CONNECT_TOKEN_ENDPOINT": "https://auth.example/t",
        "OIDC_PRO_CONNECT_REAUTHENTICATION": "prompt=login",
    }
    (found,) = providers.read(["pro-connect"], BLOCK | more).values()
    assert found.domains == ("brume.example", "autre.example")
    assert (found.mfa, found.is_trusted) == (("eidas2", "eidas3"), True)
    assert found.endpoints == {"token_endpoint": "https://auth.example/t"}
    assert found.again == (("prompt", "login"),) and found.signs_userinfo
    assert "très secret" not in repr(found)


@pytest.mark.parametrize(
    ("names", "more", "why"),
    [
        (["autre"], {}, "OIDC_AUTRE_ISSUER manque."),
        (["a b"], {}, "OIDC_PROVIDERS"),
        (["pro-connect"], {"OIDC_PRO_CONNECT_ISSUER": "http://auth.example"}, "https"),
        (["pro-connect"], {"OIDC_PRO_CONNECT_ALGORITHM": "HS256"}, "ALGORITHM"),
        (["pro-connect"], {"OIDC_PRO_CONNECT_SCOPES": "email"}, "openid"),
        (["pro-connect"], {"OIDC_PRO_CONNECT_TRUSTED": "peut-être"}, "1 ou 0"),
        (["pro-connect"], {"OIDC_PRO_CONNECT_CLIENT_SECRET": " "}, "CLIENT_SECRET manque."),
    ],
)
def test_a_block_at_fault_names_its_variable(names, more, why):
    with pytest.raises(ValueError, match=why.replace(".", r"\.")):
        providers.read(names, BLOCK | more)


def test_an_identity_is_detached_by_an_administrator(cast, account, client, client_of):
    sign_in(client)
    data = {"action": "detach_identities", "_selected_action": [account.pk], "confirmed": "1"}
    client_of(cast.administration).post(reverse("admin:members_user_changelist"), data)
    assert not ExternalIdentity.objects.exists()
    assert told(Act.ACCOUNT)[-1] == f"{account.email} : détaché de son fournisseur d’identité"
    assert not client.get("/instances/").wsgi_request.user.is_authenticated
