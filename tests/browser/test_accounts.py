"""The doors in a real browser: a passkey enrolled, asked, lost, recovered; the second proof."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import factors
from accounts.models import IdentityChange, Session
from members.models import Mandate
from tests.cast import PASSWORD, change, make_account, make_role
from tests.provider import FakeProvider

DEVICE = {
    **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
    **{"hasUserVerification": True, "isUserVerified": True},
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def account(transactional_db, cast, settings):
    """The administration, whose role asks for a second factor."""
    settings.SECOND_FACTOR_ROLES = ["administration"]
    cast.administration.set_password(PASSWORD)
    cast.administration.save()
    return cast.administration


def sign_in(page: Page, account) -> None:
    page.goto("/connexion/")
    page.get_by_label("Adresse électronique").fill(account.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def sign_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Se connecter").wait_for()


def test_a_passkey_is_enrolled_asked_lost_and_recovered(account, page_of, kept_out):
    page = page_of(None, is_kept=False)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(page, account)
    # Nothing opens before.
    page.get_by_role("heading", name="Ajoutez un second facteur").wait_for()
    page.goto("/instances/")
    page.get_by_role("heading", name="Ajoutez un second facteur").wait_for()
    assert kept_out(page) == []
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_label("Nom de cette clé").fill("Téléphone")
    assert kept_out(page) == []
    page.get_by_role("button", name="Créer la clé").click()
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    codes = page.locator(".codes code").all_text_contents()
    assert len(codes) == factors.CODES and kept_out(page) == []
    page.get_by_role("link", name="C’est noté").click()
    page.get_by_text("Téléphone").first.wait_for()
    assert kept_out(page) == []
    sign_out(page)
    told = {"authenticatorId": made["authenticatorId"]}
    (copy,) = device.send("WebAuthn.getCredentials", told)["credentials"]
    # Asked.
    sign_in(page, account)
    page.get_by_role("heading", name="Votre second facteur").wait_for()
    assert kept_out(page) == []
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.locator("details.account").wait_for()
    sign_out(page)
    # Copied: it counts from where the copy was made, and opens no more.
    device.send("WebAuthn.clearCredentials", told)
    device.send("WebAuthn.addCredential", told | {"credential": copy})
    sign_in(page, account)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.get_by_text("Cette clé d’accès n’a pas été reconnue").first.wait_for()
    # Lost: nothing answers, and a code on paper opens.
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(page, account)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.get_by_text("Rien n’a été fait").first.wait_for()
    page.get_by_label("Code de votre application, ou code de secours").fill(codes[0])
    page.get_by_role("button", name="Entrer").click()
    page.get_by_text(re.compile("Codes de secours.*9 codes de reste")).first.wait_for()
    assert factors.codes_left(account) == factors.CODES - 1


def add_application(page: Page) -> str:
    """Its secret, typed into a telephone; the codes on paper are on the page that comes."""
    page.get_by_role("link", name="Ajouter une application de codes").click()
    secret = page.locator("code.secret").text_content().replace(" ", "")
    page.get_by_label("Le code à six chiffres").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("heading", name="Vos codes de secours").wait_for()
    return secret


def test_an_application_is_enrolled_asked_lost_and_removed_by_two_administrators(
    account, cast, page_of, kept_out, settings
):
    settings.SECOND_FACTOR_ROLES = ["secretariat"]
    holder = cast.secretariat
    holder.set_password(PASSWORD)
    holder.save()
    second = make_account("seconde@brume.example")
    make_role(second, cast.organisation, "administration")
    page = page_of(None)
    sign_in(page, holder)
    page.get_by_role("link", name="Ajouter une application de codes").click()
    page.get_by_role("img", name="Code à scanner").wait_for()
    assert kept_out(page) == []
    page.go_back()
    secret = add_application(page)
    paper = page.locator(".codes code").all_text_contents()
    sign_out(page)
    # Asked: a code of before, a wrong one, then that of now.
    sign_in(page, holder)
    for wrong in ("000000", "pas un code"):
        page.get_by_label("Code de votre application").fill(wrong)
        page.get_by_role("button", name="Entrer").click()
        page.get_by_text("Ce code n’est pas le bon").first.wait_for()
    assert kept_out(page) == []
    page.get_by_label("Code de votre application").fill(
        pyotp.TOTP(secret).at(timezone.now() + timedelta(seconds=30))
    )
    page.get_by_role("button", name="Entrer").click()
    page.locator("details.account").wait_for()
    sign_out(page)
    # The telephone is lost, the paper too. One administrator asks, another agrees.
    office = page_of(account)
    office.goto("/administration/members/user/")
    office.get_by_role("row", name=holder.email).get_by_role("checkbox").check()
    office.locator("select[name=action]").select_option("remove_factors")
    office.get_by_role("button", name="Continuer").click()
    office.get_by_role("button", name="Demander le retrait").click()
    office.locator(".messages").get_by_text("attend l’accord d’une autre personne").wait_for()
    asked = IdentityChange.objects.get(kind=IdentityChange.Kind.FACTORS)
    office.goto(f"/comptes/demandes/{asked.pk}/")
    assert not office.get_by_role("button", name="Accorder").is_visible()
    assert factors.has_any(holder)
    other = page_of(second)
    other.goto(f"/comptes/demandes/{asked.pk}/")
    assert kept_out(other) == []
    other.get_by_role("button", name="Accorder").click()
    other.get_by_text("C’est accordé").first.wait_for()
    office.reload()
    office.get_by_text("C’est fait depuis le").first.wait_for()
    # She enters by her password, enrols again before anything else; the old paper opens nothing.
    sign_in(page, holder)
    page.get_by_role("heading", name="Ajoutez un second facteur").wait_for()
    add_application(page)
    assert not {*paper} & {*page.locator(".codes code").all_text_contents()}
    sign_out(page)
    sign_in(page, holder)
    page.get_by_label("Code de votre application").fill(paper[0])
    page.get_by_role("button", name="Entrer").click()
    page.get_by_text("Ce code n’est pas le bon").first.wait_for()
    # And the auditor reads it.
    auditor = page_of(cast.auditor)
    auditor.goto("/journal/")
    words = auditor.get_by_role("main").text_content()
    for who in (account.email, second.email, holder.email):
        assert who in words
    auditor.get_by_text("seconds facteurs retirés").first.wait_for()
    assert kept_out(auditor) == []


def test_a_session_left_open_asks_again_and_loses_nothing(account, page_of, kept_out, settings):
    settings.SECOND_FACTOR_ROLES = []
    page = page_of(None)
    sign_in(page, account)
    page.locator("details.account").wait_for()
    page.goto("/mon-compte/adresse/")
    page.get_by_label("Nouvelle adresse").fill("nouvelle@brume.example")
    settings.SECOND_PROOF_MINUTES = -1  # long after
    page.get_by_role("button", name="Envoyer le lien").click()
    page.get_by_role("heading", name="Confirmez que c’est vous").wait_for()
    assert kept_out(page) == []
    page.get_by_label("Votre mot de passe").fill("non")
    page.get_by_role("button", name="Confirmer et changer").click()
    page.get_by_text("Ce n’est pas le bon mot de passe").first.wait_for()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer et changer").click()
    page.get_by_text("Un lien part à nouvelle@brume.example").first.wait_for()
    assert IdentityChange.objects.get().email == "nouvelle@brume.example"
    # And where one is signed in is seen, and ended from elsewhere.
    expect(page.get_by_text("(celui-ci)")).to_be_visible()
    Session.objects.filter(account=account).delete()
    page.reload()
    page.get_by_role("button", name="Se connecter").wait_for()


def test_a_provider_of_identity_opens_proves_again_and_is_left(
    transactional_db, cast, page_of, kept_out, settings
):
    page = page_of(None)
    with FakeProvider() as fake:
        fake.person["email"] = cast.secretariat.email
        settings.OIDC_PROVIDERS = {"brume": fake.provider(domains=("ailleurs.example",))}
        page.goto("/connexion/")
        # The address chooses; nobody is asked for a password.
        page.get_by_label("Adresse électronique").fill("moi@ailleurs.example")
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_text("s’identifie avec Brume Connect").first.wait_for()
        assert kept_out(page) == []
        # An address of which this provider says nothing.
        page.get_by_role("link", name="S’identifier avec Brume Connect").click()
        page.get_by_role("heading", name="Vous n’êtes pas entré").wait_for()
        assert fake.asked[-1]["login_hint"] == "moi@ailleurs.example"
        assert kept_out(page) == []
        page.get_by_role("link", name="Revenir à la connexion").click()
        settings.OIDC_PROVIDERS = {"brume": fake.provider()}
        page.goto("/connexion/?next=/mon-compte/adresse/")
        assert kept_out(page) == []
        page.get_by_role("link", name="S’identifier avec Brume Connect").click()
        # In, and where one was going; asked again long after.
        page.get_by_label("Nouvelle adresse").fill("nouvelle@brume.example")
        settings.SECOND_PROOF_MINUTES = -1
        page.get_by_role("button", name="Envoyer le lien").click()
        page.get_by_role("heading", name="Confirmez que c’est vous").wait_for()
        assert kept_out(page) == []
        settings.SECOND_PROOF_MINUTES = 5
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="S’identifier de nouveau avec Brume Connect").click()
        opened.value.get_by_role("heading", name="C’est bien vous").wait_for()
        assert kept_out(opened.value) == []
        assert fake.asked[-1]["prompt"] == "login"
        opened.value.close()
        page.get_by_role("button", name="Confirmer et changer").click()
        page.get_by_text("Un lien part à nouvelle@brume.example").first.wait_for()
        page.get_by_text("Vous entrez aussi par").first.wait_for()
        # Out, here and there.
        page.locator("details.account summary").click()
        page.get_by_role("button", name="Se déconnecter").click()
        page.get_by_text("Votre session reste ouverte chez Brume Connect").first.wait_for()
        assert kept_out(page) == []
        page.get_by_role("link", name="fermez-la aussi").click()
        page.get_by_label("Mot de passe").wait_for()
        assert len(fake.left) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param({"email": "x@brume.example"}, "Aucun compte n’est ouvert", id="inconnue"),
        pytest.param({"email_verified": False}, "ne dit pas avoir vérifié", id="non vérifiée"),
        pytest.param({"sub": "autre"}, "rattaché à une autre identité", id="un autre sujet"),
    ],
)
def test_whom_a_provider_does_not_open_is_told_why(
    transactional_db, cast, page_of, kept_out, settings, spoil, said
):
    cast.secretariat.identities.create(provider="brume", subject="sub-1")
    page = page_of(None)
    with FakeProvider() as fake:
        fake.person |= {"sub": "sub-2", "email": cast.secretariat.email} | spoil
        if "sub" not in spoil:
            cast.secretariat.identities.all().delete()
        settings.OIDC_PROVIDERS = {"brume": fake.provider()}
        page.goto("/connexion/")
        page.get_by_role("link", name="S’identifier avec Brume Connect").click()
        page.get_by_role("heading", name="Vous n’êtes pas entré").wait_for()
        page.get_by_text(said).first.wait_for()
        assert kept_out(page) == []
        page.get_by_role("link", name="Revenir à la connexion").click()
        page.get_by_role("button", name="Se connecter").wait_for()
        page.goto("/instances/")
        page.get_by_role("button", name="Se connecter").wait_for()  # nobody came in


LIST = """ARNAUD Alice;alice@brume.example;déléguée
Zoé DE LA TOUR;zoe@brume.example;secrétariat"""


def test_a_list_is_corrected_then_invited_and_a_former_delegate_is_closed(
    transactional_db, cast, page_of, kept_out
):
    yesterday = timezone.localdate() - timedelta(days=1)
    for mandate in cast.delegate.persons.get().mandates.all():
        change(mandate, end_on=yesterday, end_reason=Mandate.EndReason.TERM)
    page = page_of(cast.administration)
    page.goto("/administration/")
    page.get_by_role("link", name="Inviter qui siège").click()
    page.get_by_role("link", name="Un fichier, et ce qu’ouvre chaque rôle").click()
    page.get_by_label("Liste à coller").wait_for()
    assert kept_out(page) == []
    page.get_by_label("Liste à coller").fill(f"{LIST}\nZoé Zola;zoe chez brume;roi")
    page.get_by_role("button", name="Voir ce que cela ferait").click()
    page.get_by_text("1 ligne à corriger, sur 3").first.wait_for()
    assert kept_out(page) == []
    page.get_by_label("Ne pas inviter").check()
    page.get_by_role("button", name="Voir la liste corrigée").click()
    page.get_by_text("confirmera que ce compte est bien le sien").first.wait_for()
    assert kept_out(page) == []
    page.get_by_role("button", name="Ouvrir 2 comptes").click()
    page.get_by_text(re.compile("2 comptes ouverts.*Courriels en route")).first.wait_for()
    page.goto("/comptes/termines/")
    assert kept_out(page) == []
    page.get_by_label("Claire Caron").check()
    page.get_by_role("button", name="Désactiver les comptes cochés").click()
    page.get_by_text(re.compile("Désactivé, sessions fermées.*1 compte")).first.wait_for()
    page.get_by_text("chaque délégué qui a un compte ouvert").first.wait_for()
    cast.delegate.refresh_from_db()
    assert not cast.delegate.is_active
