"""Whose key it is: bound by an act, looked at twice, revoked; never taken by an address."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Letter
from archive.keeping import integrity, verification
from convening.models import Notice
from law.findings import Refused
from members import witness
from registry.keyring import actions as keyring
from registry.keyring import reading as keyrings
from registry.models import Deposit, Final, SignatureStep, SigningKey
from registry.signatures import actions as signatures
from registry.signatures import authority, certificates, keys, reading
from registry.signatures.pades import Judgement
from tests import held
from tests.cast import change, make_account, make_person, make_role
from tests.held import AT, KEYS_SINCE, at_home, certificate_of, sign
from tests.registry.conftest import page, refused
from tests.registry.test_signing import locked
from tests.words import refused as refusal
from tests.words import unsaid
from trail.models import Act, Entry

pytestmark = pytest.mark.django_db

SECRET = "une phrase secrète"
REASON = "Remise en main propre"


@pytest.fixture
def server(settings):
    """`server(name, "file.p12")`: the server holds a key whose certificate bears this name."""
    settings.SIGNING_PASSPHRASE = SECRET
    made = keys.authority()

    def holds(name, file, passphrase=SECRET, **dates):
        identity = made.identity(name, **dates)
        path = settings.SIGNING_DIR / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(held.as_p12(identity, passphrase))
        return certificates.from_der(identity.certificate)

    return holds


@pytest.fixture
def second(cast):
    """Somebody else of the administration."""
    return make_account("seconde@brume.example")


@pytest.fixture
def bind(cast, second):
    """`bind(certificate, person)`: the administration binds it, with `more`; a second person of
    it confirms a seal."""

    def bound(certificate, person, **more):
        told = {"organisation": cast.organisation, "reason": REASON, "by": cast.administration}
        told |= {"person": person, "at": KEYS_SINCE} | more
        key = keyring.bind(certificate, **told)
        if person is None:
            keyring.accept(key, reason=REASON, by=second, at=told["at"])
            key.refresh_from_db()
        return key

    return bound


def step_of(minutes, place="president"):
    return minutes.signatures.select_related("key").get(place=place)


def end(key, cast, on=None, at=AT):
    """Revoked from this day on, that of `AT` unless told."""
    told = {"reason": "Carte perdue", "by": cast.administration, "at": at}
    return keyring.revoke(key, from_day=on or AT.date(), **told)


# --- The attacks ------------------------------------------------------------------------------


def test_who_writes_the_address_of_the_president_does_not_sign_with_her_key(
    minutes, accounts, cast, server, bind
):
    """The first critical line of the review: the file of a key bore her address."""
    end(SigningKey.objects.get(person=cast.bruno), cast, on=KEYS_SINCE.date())
    hers = server("Alice ARNAUD", "alice@brume.example.p12")
    key = bind(hers, cast.alice)
    change(cast.bruno, email="alice@brume.example")
    change(accounts[1], email="alice.bis@brume.example")
    with pytest.raises(Refused, match="La clé de Bruno BESSON est révoquée"):
        sign(minutes, "secretaire-1", accounts[1])
    # Nor does she lose it by changing hers, nor the operator by renaming the file.
    change(cast.alice, email="autre@brume.example")
    file = keys.file_of(key).path
    file.rename(file.with_name("n-importe-quoi.p12"))
    step = sign(minutes, "president", accounts[0])
    assert (step.key, step.person) == (key, cast.alice)
    assert step.certificate["sha256"] == hers.fingerprint == key.fingerprint


def test_who_is_linked_to_her_person_after_the_act_does_not_sign_with_her_key(
    minutes, accounts, cast
):
    other = make_account("intrus@brume.example")
    change(cast.alice, user=other)
    with pytest.raises(Refused, match="n’est plus celui auquel la clé a été rattachée"):
        sign(minutes, "president", other)
    assert not reading.places(minutes)[0].is_signed


def public_seals(client):
    """The fingerprints that anybody reads on the page of verification."""
    seals = client.get(reverse("archive:verify")).context["seals"]
    return {seal.fingerprint for seal in seals}


def test_one_administrator_alone_makes_no_seal(cast, client, client_of, server):
    """His own certificate, published as that of the organisation: who verifies would believe it."""
    before, one = public_seals(client), cast.administration
    certificate = server("Val de Brume", f"{cast.organisation.pk}/a.p12")
    office = client_of(one)
    # From a card: the server seals, and with keys that it holds only.
    card = {"person": "cachet", "file": ContentFile(certificate.pem.encode(), "carte.pem")}
    assert office.post(reverse("registry:hand_in_key"), card).status_code == 422
    with pytest.raises(Refused, match="C’est le serveur qui pose le cachet"):
        keyring.offer(
            certificate.pem.encode(), organisation=cast.organisation, person=None, by=one, at=AT
        )
    # From the server: it is proposed, and nothing else.
    url = reverse("registry:bind_key", args=[certificate.fingerprint])
    assert office.post(url, {"person": "cachet", "reason": REASON}).status_code == 302
    (key,) = SigningKey.objects.offered()
    assert (key.offered_by, key.holder) == (one, "Cachet – Val de Brume")
    assert office.get(url).status_code == 404  # once is enough
    accept_url = reverse("registry:accept_key", args=[key.pk])
    second_of_his = make_account("deux@brume.example", created_by=one)
    his_boss = make_account("chef@brume.example")
    his_twin = make_account("jumeau@brume.example", created_by=his_boss)
    change(one, created_by=his_boss)
    for user, said in (
        (one, "une autre personne doit confirmer"),
        (his_twin, "une même personne les a ouverts"),
        (second_of_his, "l’un des deux a ouvert l’autre"),
        (his_boss, "l’un des deux a ouvert l’autre"),
    ):
        if user != one:
            make_role(user, cast.organisation, "administration")
        refused(client_of(user).post(accept_url, {"reason": REASON}), said)
    assert public_seals(client) == before
    assert keys.of_seal(cast.organisation, at=timezone.now()).key is None
    # Somebody else confirms; whom a superuser let in as well is somebody else.
    change(his_boss, is_superuser=True)
    other = make_account("autre@brume.example", created_by=his_boss)
    make_role(other, cast.organisation, "administration")
    text = client_of(other).get(accept_url).content.decode()
    assert certificate.fingerprint in text and str(one) in text
    assert client_of(other).post(accept_url, {"reason": "Vu aussi"}).status_code == 302
    assert public_seals(client) == before | {certificate.fingerprint}
    key.refresh_from_db()
    assert (key.offered_by, key.bound_by) == (one, other)
    told = Entry.objects.filter(act=Act.KEY).order_by("pk").values_list("account", "what")
    assert [account for account, _ in told][-2:] == [one.pk, other.pk]
    assert f"cachet proposé ({REASON})" in list(told)[-2][1]


def test_a_certificate_from_a_card_that_was_taken_for_a_seal_is_no_more_one(
    cast, client, client_of, server, bind
):
    """A base that was migrated: one administrator had bound it alone."""
    before = public_seals(client)
    key = bind(server("Val de Brume", "a.p12"), None)
    assert public_seals(client) == before | {key.fingerprint}
    rows = SigningKey.objects.filter(pk=key.pk)
    rows._update([(SigningKey._meta.get_field("held"), None, "poste")])
    assert public_seals(client) == before
    # Those that one person alone had bound seal on; the page says what is missing.
    rows._update([(SigningKey._meta.get_field("held"), None, "serveur")])
    assert "Une seule personne" not in page(client_of(cast.administration), "keys")
    rows._update([(SigningKey._meta.get_field("offered_by"), None, None)])
    assert "Une seule personne" in page(client_of(cast.administration), "keys")


def test_a_key_is_of_one_organisation_and_a_seal_too(minutes, cast, server, bind):
    there = {"organisation": cast.other_organisation, "by": cast.other_administration}
    hers = server("Olga OLIVIER", "olga.p12")
    olga = cast.other_organisation.persons.get()
    with pytest.raises(Refused, match="est d’une autre organisation"):
        bind(hers, olga)
    bind(hers, olga, **there)
    # Neither for two persons, nor in two organisations; whose it is there is not told here.
    with pytest.raises(Refused, match="quelqu’un d’une autre organisation"):
        bind(hers, cast.alice, is_name_confirmed=True)
    seal = bind(server("Autre Rive", "cachet.p12"), None, **there)
    assert keys.of_seal(cast.other_organisation, at=AT).key == seal
    assert keys.of_seal(cast.organisation, at=AT).key != seal
    with pytest.raises(Refused, match="quelqu’un d’une autre organisation"):
        bind(certificates.from_file(seal.certificate.encode()), None, is_name_confirmed=True)
    # A second organisation: files at the top are nobody’s business but the operator’s.
    server("Bruno BESSON", "bruno.p12")
    mine = server("Claire CARON", f"{cast.organisation.pk}/claire.p12")
    found = keyrings.unbound(cast.organisation, by=cast.administration)
    assert [each.file.certificate for each in found] == [mine]
    assert found[0].proposed == (cast.claire,)
    theirs = {"by": cast.other_administration}
    assert keyrings.unbound(cast.other_organisation, **theirs) == []
    # What somebody plays to learn is no second organisation, and is shown none of them.
    change(cast.other_organisation, is_fleeting=True)
    assert len(keyrings.unbound(cast.organisation, by=cast.administration)) == 2
    assert keyrings.unbound(cast.other_organisation, **theirs) == []


def imposed(account, by, agreed=None):
    """What the account is entered by was changed since, at the wish of another."""
    return account.identity_changes.create(
        email="neuve@brume.example", asked_by=by, agreed_by=agreed, done_at=timezone.now()
    )


def test_whose_address_was_changed_by_another_signs_no_more_until_the_key_is_bound_again(
    minutes, accounts, cast
):
    alice = accounts[0]
    card = keys.authority().identity("Alice ARNAUD")
    told = {"organisation": cast.organisation, "person": cast.alice, "at": KEYS_SINCE}
    offered = keyring.offer(certificate_of(card), by=alice, **told)
    keyring.accept(offered, reason=REASON, by=cast.administration, at=KEYS_SINCE)
    imposed(alice, cast.administration, agreed=alice)  # she agreed
    assert not any(map(keys.is_suspended, SigningKey.objects.filter(person=cast.alice)))
    imposed(alice, cast.administration)
    with refusal("compte_repris"):
        sign(minutes, "president", alice)
    with refusal("compte_repris"):
        accept(minutes, at_home(minutes, identity=card), alice)
    keyring.demonstrate(cast.organisation, cast.alice, by=cast.bruno.user, at=timezone.now())
    assert sign(minutes, "president", alice).signed_at


def test_who_changed_an_account_does_not_say_whose_it_is_where_another_can(
    cast, accounts, server, bind
):
    alice, other = accounts[0], make_account("tierce@brume.example")
    make_role(other, cast.organisation, "administration")
    row = imposed(alice, cast.administration)
    card = server("Alice ARNAUD", "alice.p12")
    with refusal("compte_de_son_fait"):
        bind(card, cast.alice)
    row.delete()
    change(other, created_by=cast.administration)
    imposed(alice, cast.administration)
    bind(card, cast.alice, at=timezone.now())  # alone: else nobody ever could
    with_him = server("Alice ARNAUD", "autre.p12")
    imposed(alice, cast.administration)
    change(other, created_by=None)
    assert bind(with_him, cast.alice, by=other, at=timezone.now()).account == alice


def test_without_its_own_seal_an_organisation_seals_nothing(cast, hold, accounts, server, bind):
    end(SigningKey.objects.get(person=None), cast)
    there = {"organisation": cast.other_organisation, "by": cast.other_administration}
    bind(server("Autre Rive", "cachet.p12"), None, **there)
    meeting = hold(held.JUNE, adopted=("Budget",))
    extract, _ = held.issue_acts(meeting, by=cast.secretariat, at=AT)
    signatures.prepare_signing(extract, by=cast.secretariat, at=AT)
    assert [step.role for step in extract.signatures.all()] == ["preparation"]
    # Without one, the first who signs could have his signature keep the others out.
    alone = locked(reading.current_file(extract)[0], keys.authority().identity("Alice Arnaud"))
    with pytest.raises(Refused, match="interdit à d’autres de signer"):
        accept(extract, alone, accounts[0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("Bruno BESSON", "au nom de « Bruno BESSON »", id="un collègue"),
        pytest.param("Alice Arnaud Besson", "attendue est celle d’Alice", id="un nom de plus"),
        pytest.param("Arnaud", "attendue est celle d’Alice", id="un nom de moins"),
    ],
)
def test_the_certificate_of_another_of_the_same_authority_is_refused(minutes, accounts, name, said):
    """The eighth line of the review: any certificate of a believed authority was taken."""
    signed = at_home(minutes, identity=keys.authority().identity(name))
    with pytest.raises(Refused) as refusal:
        accept(minutes, signed, accounts[0])
    assert said in str(refusal.value).replace("\u00a0", " ")
    assert not minutes.deposits.exists()


def accept(minutes, content, user, place="president"):
    return signatures.accept_signed(minutes, place=place, content=content, by=user, at=AT)


@pytest.mark.database
def test_a_certificate_of_her_name_counts_once_a_second_person_has_looked(
    minutes, accounts, cast, client_of
):
    handed = accept(minutes, at_home(minutes), accounts[0])
    assert isinstance(handed, Deposit) and not reading.places(minutes)[0].is_signed
    # Meanwhile nobody signs over it, and nobody is asked twice.
    with pytest.raises(Refused, match="n’est pas encore confirmée"):
        sign(minutes, "secretaire-1", accounts[1])
    with pytest.raises(Refused, match="n’est pas encore confirmée"):
        accept(minutes, at_home(minutes), accounts[0])
    assert reading.to_sign(minutes.meeting, accounts[0]) == ()
    with pytest.raises(Refused, match="une autre personne doit confirmer"):
        signatures.confirm(handed, by=accounts[0], at=AT)
    text = page(client_of(cast.secretariat), "deposit", minutes.pk, handed.pk)
    assert handed.certificate["sha256"] in text and "Alice ARNAUD" in text
    step = signatures.confirm(handed, by=cast.secretariat, at=AT)
    assert signatures.confirm(handed, by=cast.secretariat, at=AT) == step
    assert (step.key, step.deposit, step.recorded_by) == (None, handed, cast.secretariat)
    (_, report) = said_of(minutes)
    assert "confirmé par une seconde personne le 15 juin 2026" in report.said
    sign(minutes, "secretaire-1", accounts[1])
    assert reading.is_signed(minutes)


def test_the_certificate_of_a_namesake_is_shown_beside_her_own_key(
    minutes, accounts, cast, client_of
):
    """Of the same name and of a believed authority, it is somebody else's: it counts for nobody
    until a second person, who sees both fingerprints, has said that it is hers."""
    hers = SigningKey.objects.get(person=cast.alice)
    card = keys.authority().identity("Alice ARNAUD")
    signed = at_home(minutes, identity=card)
    for user in (cast.secretariat, cast.administration, accounts[1]):
        with pytest.raises(Refused, match="celle d’une autre personne"):
            accept(minutes, signed, user)
    handed = accept(minutes, signed, accounts[0])
    assert isinstance(handed, Deposit) and not reading.places(minutes)[0].is_signed
    assert verification.judge(signed).document is None
    text = page(client_of(cast.secretariat), "deposit", minutes.pk, handed.pk)
    namesake = certificates.from_der(card.certificate).fingerprint
    assert unsaid(text, hers.fingerprint, namesake, "n’est pas celle-ci") == []
    for silent in (" ", "Une\0homonyme"):
        with pytest.raises(Refused, match="Dites pourquoi"):
            signatures.set_aside(handed, reason=silent, by=cast.secretariat, at=AT)
    signatures.set_aside(handed, reason="Une homonyme", by=cast.secretariat, at=AT)
    # Taken for hers by who writes in the database, it is belied.
    step = signatures.confirm(accept(minutes, signed, accounts[0]), by=cast.secretariat, at=AT)
    rows = Deposit.objects.filter(pk=step.deposit_id)
    rows._update([(Deposit._meta.get_field("certificate"), None, {"sha256": hers.fingerprint})])
    assert "n’est pas celui qui a été confirmé" in said_of(minutes)[1].said


def test_what_is_set_aside_counts_no_more_and_leaves_the_place_free(minutes, accounts, cast):
    handed = accept(minutes, at_home(minutes), accounts[0])
    with pytest.raises(Refused, match="Dites pourquoi"):
        signatures.set_aside(handed, reason=" ", by=cast.secretariat, at=AT)
    signatures.set_aside(handed, reason="Ce n’est pas elle.", by=cast.secretariat, at=AT)
    with pytest.raises(Refused, match="a été écarté"):
        signatures.confirm(handed, by=cast.secretariat, at=AT)
    # A sheet in the meantime: she signs otherwise, and it ends by itself.
    scan = ContentFile(b"%PDF-1.4 feuille", "feuille.pdf")
    sheet = {"place": "president", "by": cast.secretariat, "at": AT}
    second = signatures.deposit_handwritten(minutes, scan=scan, **sheet)
    with pytest.raises(Refused, match="déjà déposée à cette place"):
        signatures.deposit_handwritten(minutes, scan=scan, **sheet)
    sign(minutes, "president", accounts[0])
    with pytest.raises(Refused, match="déjà signée"):
        signatures.confirm(second, by=cast.administration, at=AT)
    settled = list(minutes.deposits.values_list("is_accepted", "settled_reason"))
    assert settled == [(False, "Ce n’est pas elle."), (False, "Signée autrement entre-temps.")]
    with pytest.raises(Final):
        second.delete()


def hand_in(minutes, by, site="https://seances.example"):
    scan = ContentFile(b"%PDF-1.4 feuille", "feuille.pdf")
    return signatures.deposit_handwritten(
        minutes, place="president", scan=scan, by=by, at=AT, site=site
    )


def test_a_second_account_of_ones_own_is_no_second_person(minutes, accounts, cast, client_of):
    """One administrator signed by hand for the president: a sheet of his, seen by himself."""
    one, his_boss = cast.secretariat, make_account("chef@brume.example")
    change(one, created_by=his_boss)
    second = make_account("deux@brume.example", created_by=one)
    third = make_account("trois@brume.example", created_by=second)
    for user in (second, third, his_boss):
        make_role(user, cast.organisation, "administration")
    handed = hand_in(minutes, one)
    at = [minutes.pk, handed.pk]
    for user in (second, third, his_boss):
        there = client_of(user)
        text = page(there, "deposit", *at)
        assert "l’un des deux a ouvert l’autre" in text and "Confirmer la signature" not in text
        answer = there.post(reverse("registry:confirm_deposit", args=at))
        refused(answer, "l’un des deux a ouvert l’autre")
    assert not reading.places(minutes)[0].is_signed
    # Nor the other way round: deposited by the second, confirmed by the first.
    signatures.set_aside(handed, reason="Essai", by=one, at=AT)
    with pytest.raises(Refused, match="l’un des deux a ouvert l’autre"):
        signatures.confirm(hand_in(minutes, third), by=one, at=AT)
    # The same of what was signed elsewhere.
    card = accept(minutes, at_home(minutes, "secretaire-1", identity=bruno_s()), accounts[1], BRUNO)
    puppet = make_account("pantin@brume.example", created_by=accounts[1])
    with pytest.raises(Refused, match="l’un des deux a ouvert l’autre"):
        signatures.confirm(card, by=puppet, at=AT)


BRUNO = "secretaire-1"


def bruno_s():
    """A card in the name of Bruno Besson, that no act binds."""
    return keys.authority().identity("Bruno BESSON")


def test_the_signer_is_told_of_what_is_handed_in_and_confirmed_in_her_name(minutes, accounts, cast):
    """At her address and at that of her account: one may have been changed by who forges."""
    site, hers = "https://seances.example", {"mairie@ailleurs.example", accounts[0].email}
    change(cast.alice, email="mairie@ailleurs.example")
    handed = hand_in(minutes, cast.secretariat, site=site)
    url = f"{site}/documents/{minutes.pk}/signatures/depots/{handed.pk}/"
    whoever = (
        url,
        "Vous n’avez pas signé cela",
        "Sylvie Saint (secretariat@brume.example) a déposé",
    )
    signatures.confirm(handed, by=cast.administration, at=AT, site=site)
    for step, words in (
        ("deposee", ("ne compte pas encore", cast.administration.email, cast.auditor.email)),
        ("reconnue", ("compte désormais", f"{cast.administration.email} a confirmé", "controle@")),
    ):
        mails = Notice.objects.filter(once__startswith=f"signature-{handed.pk}-{step}-")
        assert {mail.email for mail in mails} == hers
        for mail in mails:
            assert unsaid(mail.body.replace("\u00a0", " "), *whoever, *words) == []
    told = Entry.objects.filter(act=Act.SIGNATURE).order_by("-pk").values_list("what", flat=True)
    assert f"déposée par {cast.secretariat.email}" in told[0]
    assert "signataire prévenu à mairie@ailleurs.example, alice@brume.example" in told[1]


def test_that_nobody_could_be_told_is_in_the_trail(minutes, accounts, cast):
    change(cast.alice, email="", user=None)
    hand_in(minutes, cast.secretariat)
    assert not Notice.objects.exists()
    assert "signataire non prévenu" in Entry.objects.filter(act=Act.SIGNATURE).latest("pk").what


def test_the_signer_confirms_the_sheet_that_the_only_secretary_handed_in(
    minutes, accounts, cast, client_of
):
    make_role(accounts[0], cast.organisation, "delegue")
    make_role(accounts[1], cast.organisation, "delegue")
    scan = ContentFile(b"%PDF-1.4 feuille", "feuille.pdf")
    handed = signatures.deposit_handwritten(
        minutes, place="president", scan=scan, by=cast.secretariat, at=AT
    )
    url = reverse("registry:confirm_deposit", args=[minutes.pk, handed.pk])
    assert client_of(accounts[1]).post(url).status_code == 403
    assert client_of(accounts[0]).post(url).status_code == 302
    assert step_of(minutes).recorded_by == accounts[0]


# --- A card of one's own ----------------------------------------------------------------------


def test_she_hands_in_her_certificate_the_administration_binds_it_and_her_card_signs(
    minutes, accounts, cast, client_of
):
    make_role(accounts[0], cast.organisation, "delegue")
    card = keys.authority().identity("Alice Marie ARNAUD")
    hers, office = client_of(accounts[0]), client_of(cast.administration)
    url = reverse("registry:my_keys")
    refused(hers.post(url, {"file": ContentFile(b"rien", "a.pem")}), "ne se lit pas comme un")
    whole = held.as_p12(card, "x") + b"-----BEGIN PRIVATE KEY-----"
    refused(hers.post(url, {"file": ContentFile(whole, "a.pem")}), "contient une clé privée")
    for _ in range(2):
        hers.post(url, {"file": ContentFile(certificate_of(card), "carte.pem")})
    (offered,) = SigningKey.objects.offered()
    # It is nothing yet, and its name is not quite hers.
    with pytest.raises(Refused, match="attendue est celle d’Alice"):
        accept(minutes, at_home(minutes, identity=card), accounts[0])
    bind_url = reverse("registry:accept_key", args=[offered.pk])
    assert "Les deux noms diffèrent" in office.get(bind_url).content.decode()
    refused(office.post(bind_url, {"reason": REASON}), "Comparez les deux")
    assert office.post(bind_url, {"reason": REASON, "is_name_confirmed": "on"}).status_code == 302
    offered.refresh_from_db()
    assert (offered.is_name_confirmed, offered.bound_by) == (True, cast.administration)
    step = signatures.accept_signed(
        minutes,
        place="president",
        content=at_home(minutes, identity=card),
        by=accounts[0],
        at=timezone.now(),
    )
    assert (step.key, step.manner) == (offered, "poste")
    assert "rapproché à cette occasion" in said_of(minutes)[1].said
    # Lost: she revokes it herself, that day.
    revoke_url = reverse("registry:revoke_key", args=[offered.pk])
    told = {"from_day": timezone.localdate().isoformat(), "reason": "Carte perdue"}
    assert hers.post(revoke_url, told).status_code == 302
    offered.refresh_from_db()
    assert offered.revoked_by == accounts[0]


def test_she_is_told_of_each_act_on_her_key_with_an_account_or_without(
    accounts, cast, server, bind
):
    """Whoever binds a key to another’s account, or ends hers, does so before her eyes."""

    def told() -> list[str]:
        found = list(Letter.objects.filter(kind="key").order_by("pk"))
        Letter.objects.all().delete()
        return [each.to for each in found]

    change(cast.alice, email="alice@ailleurs.example")
    Letter.objects.all().delete()
    key = bind(server("Alice ARNAUD", "alice.p12"), cast.alice)
    assert told() == ["alice@ailleurs.example", accounts[0].email]
    change(cast.alice, user=None)
    end(key, cast)
    assert told() == ["alice@ailleurs.example"]
    # A seal is nobody’s: told to the others who could have done it, and to who watches them.
    bind(server("Val de Brume", "cachet.p12"), None)
    assert {"controle@brume.example"} <= set(told())


def test_a_card_that_was_revoked_is_refused_and_so_is_that_of_a_colleague(minutes, accounts, cast):
    for person, said in ((cast.alice, "est révoqué ici depuis"), (cast.bruno, "autre titulaire")):
        card = keys.authority().identity(str(person))
        offered = keyring.offer(
            certificate_of(card),
            organisation=cast.organisation,
            person=person,
            by=cast.secretariat,
            at=KEYS_SINCE,
        )
        key = keyring.accept(offered, reason=REASON, by=cast.administration, at=KEYS_SINCE)
        if person == cast.alice:
            end(key, cast)
        with pytest.raises(Refused, match=said):
            accept(minutes, at_home(minutes, identity=card), accounts[0])
    assert not minutes.deposits.exists()


# --- Before signing ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("expired", "ne vaut que du"),
        ("to come", "ne vaut que du"),
        ("revoked", "est révoquée depuis le 15 juin 2026"),
        ("missing", "ne trouve plus la clé d’Alice ARNAUD"),
        ("replaced", "ne trouve plus la clé d’Alice ARNAUD"),
        ("passphrase", "refuse la phrase secrète"),
    ],
)
def test_a_key_that_cannot_sign_says_so_before_and_on_the_page(
    minutes, accounts, cast, client_of, server, bind, settings, case, said
):
    make_role(accounts[0], cast.organisation, "delegue")
    end(SigningKey.objects.get(person=cast.alice), cast, on=KEYS_SINCE.date())
    now = timezone.now()
    dates = {"since": now + timedelta(1)} if case == "to come" else {}
    key = bind(server("Alice ARNAUD", "a.p12", **dates), cast.alice, at=KEYS_SINCE + timedelta(1))
    if case == "expired":
        SigningKey.objects.filter(pk=key.pk)._update(
            [(SigningKey._meta.get_field("valid_until"), None, now - timedelta(1))]
        )
    elif case == "revoked":
        end(key, cast)
    elif case == "missing":
        keys.file_of(key).path.unlink()
    elif case == "replaced":
        server("Alice ARNAUD", "a.p12")
    elif case == "passphrase":
        settings.SIGNING_PASSPHRASE = "une autre"
    with pytest.raises(Refused) as refusal:
        sign(minutes, "president", accounts[0])
    assert said in str(refusal.value).replace("\u00a0", " ")
    text = page(client_of(accounts[0]), "signatures", minutes.pk).replace("\u00a0", " ")
    assert said in text and "Vous signez exactement ce fichier" in text
    assert reverse("registry:sign", args=[minutes.pk, "president"]) not in text
    assert not reading.places(minutes)[0].is_signed


@pytest.mark.parametrize(
    ("change_it", "said"),
    [
        ({"reason": " "}, "Dites pourquoi"),
        ({"person": "stranger"}, "n’a pas de compte"),
        ({"person": "herself"}, "à soi-même"),
        ({"person": "her second account"}, "à soi-même"),
        ({"name": "Alice Martin"}, "et non de"),
        ({"until": -1}, "a expiré"),
    ],
)
def test_what_an_act_of_binding_refuses(cast, accounts, server, bind, change_it, said):
    dates = {"until": timezone.now() - timedelta(hours=1)} if "until" in change_it else {}
    certificate = server(change_it.get("name", "Alice ARNAUD"), "a.p12", **dates)
    person, more = cast.alice, {}
    if change_it.get("person") == "stranger":
        person = make_person(cast.organisation, "Alice", "Arnaud")
    elif change_it.get("person") == "herself":
        more = {"by": accounts[0]}
    elif change_it.get("person") == "her second account":
        more = {"by": make_account("deux@brume.example", created_by=accounts[0])}
    before = SigningKey.objects.count()
    with pytest.raises(Refused, match=said):
        bind(certificate, person, **{"reason": change_it.get("reason", REASON)} | more)
    assert SigningKey.objects.count() == before


@pytest.mark.database
def test_one_key_serves_one_holder_and_the_database_has_the_last_word(
    cast, minutes, accounts, server, bind
):
    hers = server("Alice ARNAUD", "a.p12")
    key = bind(hers, cast.alice)
    with pytest.raises(Refused, match="est déjà celle de Alice ARNAUD"):
        bind(hers, cast.bruno, is_name_confirmed=True)
    twin = SigningKey.objects.get(pk=key.pk)
    twin.pk, twin._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    # Revoked, it may be given again; once it has signed, to nobody else.
    end(key, cast)
    again = bind(hers, cast.alice, at=AT)
    assert sign(minutes, "president", accounts[0]).key == again
    end(again, cast)
    with pytest.raises(Refused, match="a déjà signé pour Alice ARNAUD"):
        bind(hers, cast.bruno, is_name_confirmed=True, at=AT)
    for attempt in (
        lambda: key.delete(),
        lambda: key.save(),
        lambda: key.settle(fingerprint="0" * 64),
        lambda: SigningKey.objects.update(person=cast.bruno),
    ):
        with pytest.raises(Final):
            attempt()
    with pytest.raises(Refused, match="l’est déjà"):
        end(again, cast)


# --- What is said afterwards ------------------------------------------------------------------


def said_of(minutes):
    content, _ = reading.current_file(minutes)
    reports = verification.judge(content).reports
    return [replace(each, said=each.said.replace("\u00a0", " ")) for each in reports]


def test_verification_compares_with_the_key_of_that_moment(minutes, accounts, cast):
    sign(minutes, "president", accounts[0])
    seal, president = said_of(minutes)
    assert "C’est le cachet de Val de Brume" in seal.said
    assert "La clé était rattachée à Alice ARNAUD depuis le 5 janvier 2026" in president.said
    # Revoked since: what was signed stays, and it is told.
    key = step_of(minutes).key
    end(key, cast, on=(AT + timedelta(1)).date())
    report = said_of(minutes)[1]
    assert report.judgement is Judgement.DEVELOPMENT and "est antérieure" in report.said


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("fingerprint", "n’est pas celui qui est rattaché à Alice ARNAUD"),
        ("person", "n’est pas celui qui est rattaché à Alice ARNAUD"),
        ("bound_at", "n’était pas encore rattachée"),
        ("revoked", "est révoquée depuis le 14 juin 2026"),
    ],
)
def test_a_signature_that_the_register_belies_is_worth_nothing(
    minutes, accounts, cast, column, said
):
    sign(minutes, "president", accounts[0])
    key = step_of(minutes).key
    if column == "revoked":
        # The day before, and the signature is made all the same.
        yesterday = AT - timedelta(days=1)
        end(key, cast, on=yesterday.date(), at=yesterday)
    else:
        value = {"fingerprint": "0" * 64, "person": cast.bruno.pk, "bound_at": timezone.now()}
        field = SigningKey._meta.get_field(column)
        SigningKey.objects.filter(pk=key.pk)._update([(field, None, value[column])])
    report = said_of(minutes)[1]
    assert (report.judgement, report.is_sound) == (Judgement.OTHER, False)
    assert said in report.said


@pytest.mark.parametrize("place", ["president", "cachet"])
def test_whoever_revokes_a_key_afterwards_takes_nothing_alone_from_what_it_signed(
    minutes, accounts, cast, second, place
):
    """Said unsafe since the day it was bound, it made every act online worth nothing, and of a seal
    nobody was told."""
    sign(minutes, "president", accounts[0])
    rank = 0 if place == "cachet" else 1
    before = said_of(minutes)[rank].judgement
    key = SigningKey.objects.bound().get(person=None if place == "cachet" else cast.alice)
    make_role(second, cast.organisation, "administration")
    end(key, cast, on=timezone.localdate(key.bound_at), at=AT + timedelta(days=3))
    report = said_of(minutes)[rank]
    assert (report.judgement, report.is_sound) == (Judgement.DOUBTED, True) != (before, True)
    assert "révoquée le 18 juin 2026, après cette signature" in report.said
    told = set(Letter.objects.filter(kind=Letter.Kind.KEY).values_list("to", flat=True))
    others = {second.email} if place == "cachet" else {accounts[0].email}
    assert others <= told and cast.administration.email not in told


def test_signatures_from_before_keep_their_report(minutes, accounts, client_of, cast):
    """A base that was migrated: no key anywhere, and no fingerprint in what was kept."""
    sign(minutes, "president", accounts[0])
    rows = SignatureStep.objects.filter(document=minutes)
    rows._update([(SignatureStep._meta.get_field("key"), None, None)])
    witness.Witness.objects.filter(table="registry.signaturestep").delete()  # none saw it be
    witness.note(SignatureStep, rows.values_list("pk", flat=True))
    report = said_of(minutes)[1]
    assert report.judgement is Judgement.DEVELOPMENT
    assert "avant que les clés soient rattachées" in report.said
    assert "avant que les clés soient" in page(
        client_of(cast.secretariat), "signatures", minutes.pk
    )
    assert list(integrity.faults()) == []


def test_the_trail_tells_each_act_and_no_more(minutes, accounts, cast):
    """Who bound, revoked, deposited, confirmed, signed; with which key."""
    key = SigningKey.objects.get(person=cast.alice)
    step = held.sign_by_hand(minutes, "secretaire-1", cast)
    sign(minutes, "president", accounts[0])
    end(key, cast)
    lines = Entry.objects.filter(organisation=cast.organisation.pk)
    told = [(line.account, line.what.replace("\u00a0", " ")) for line in lines.filter(act=Act.KEY)]
    assert told[0][0] == cast.administration.pk
    assert "révoquée à partir du 15 juin 2026 (Carte perdue), Alice ARNAUD" in told[0][1]
    assert all(key.fingerprint in what for _, what in told if "Alice" in what)
    assert len(told) == 4  # three bound, one revoked
    signed = list(lines.filter(act=Act.SIGNATURE).order_by("pk").values_list("account", "what"))
    assert [account for account, _ in signed[-3:]] == [
        cast.secretariat.pk,
        step.recorded_by_id,
        accounts[0].pk,
    ]
    assert key.fingerprint in signed[-1][1]


# --- Files and pages --------------------------------------------------------------------------


def test_files_named_by_an_address_are_proposed_and_never_bound(
    cast, accounts, client_of, server, capsys
):
    """What an installation of before finds: its files, by the name of their certificate."""
    cast.other_body.mandates.all().delete()
    cast.other_organisation.persons.all().delete()
    cast.other_body.rule_books.all().delete()
    cast.other_body.delete()
    cast.other_organisation.delete()
    hers = server("Alice ARNAUD", "alice@brume.example.p12")
    server("Val de Brume", "cachet.p12")
    server("Alice ARNAUD", "perdue.p12", passphrase="une autre")
    before = SigningKey.objects.count()
    office = client_of(cast.administration)
    text = page(office, "keys")
    for said in ("alice@brume.example.p12", "Du même nom\u00a0: Alice ARNAUD", "perdue.p12"):
        assert said in text
    assert "Au nom de l’organisation" in text and "ne s’ouvre pas avec la phrase" in text
    call_command("signing_keys")
    out = capsys.readouterr().out
    assert hers.fingerprint in out and "au nom de Alice ARNAUD (Val de Brume)" in out
    assert SigningKey.objects.count() == before
    url = reverse("registry:bind_key", args=[hers.fingerprint])
    assert "Les deux noms diffèrent" not in office.get(url).content.decode()
    # Somebody else is chosen: both names are shown side by side, and it is confirmed or not.
    other = {"person": cast.bruno.pk, "reason": REASON}
    refused(office.post(url, other), "Les deux noms diffèrent")
    assert office.post(url, {"person": cast.alice.pk, "reason": REASON}).status_code == 302
    key = SigningKey.objects.get(fingerprint=hers.fingerprint)
    assert (key.person, key.account, key.bound_by) == (
        cast.alice,
        accounts[0],
        cast.administration,
    )
    assert office.get(url).status_code == 404
    assert REASON in page(office, "keys")


def test_keys_of_the_demonstration_are_bound_and_refused_where_signatures_are_real(
    cast, accounts, client_of, settings
):
    key = SigningKey.objects.get(person=cast.alice)
    assert key.is_of_demonstration and keys.identity(key).chain == (keys.authority().root,)
    again = keyring.demonstrate(cast.organisation, cast.alice, by=None, at=AT)
    assert again == key
    office, url = client_of(cast.administration), reverse("registry:demonstrate_key")
    assert office.post(url, {"person": cast.claire.pk}).status_code == 302
    assert "n’a pas de compte" not in page(office, "keys")
    settings.SIGNING_DEVELOPMENT = False
    assert "Clé de démonstration" not in page(office, "keys")
    assert "est de démonstration" in page(office, "keys")
    with pytest.raises(Refused, match="fait de vraies signatures"):
        keyring.demonstrate(cast.organisation, cast.alice, by=None, at=AT)


def test_a_certificate_reads_whatever_it_says(tmp_path):
    made = authority.Authority(tmp_path).identity("Ali\u0000ce\u202e ARNAUD")
    read = certificates.from_der(made.certificate)
    assert read.name == "Alice ARNAUD"
    for content in (b"", b"\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"):
        with pytest.raises(Refused, match="ne se lit pas comme un certificat"):
            certificates.from_file(content)
