"""What is held on people: where each is, the file given of it, what may be let go, and that what is
archive says after it what it said before."""

import json
import zipfile
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from accounts.models import IdentityChange, Session
from archive.keeping import facts, integrity
from archive.models import Alert
from archive.personal import held, letting_go, places
from convening.models import Invitation, Recipient
from law import codec
from law.findings import Refused
from members import retention, witness
from members.models import Person, Role, User
from tests.cast import change, end, make_mandate, make_person, make_role
from trail.models import Act, Entry

pytestmark = pytest.mark.django_db
VISA = "Archives de la Lisse, 3 mars 2028, n° 2028-14"


# --- Where a person is --------------------------------------------------------------------------


def test_every_column_that_leads_to_somebody_is_in_the_table_or_says_why_not():
    known = {place.model: place.columns for place in places.PLACES}
    wanting = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if places.leads_to_somebody(field)
        and known.get(model, frozenset()).isdisjoint({field.name, "pk", "id"})
        and f"{model._meta.label}.{field.name}" not in places.NOWHERE
    ]
    assert wanting == []
    assert {place.kind for place in places.PLACES} <= {kind.key for kind in retention.kinds()}


def test_every_kind_is_of_some_purpose_and_what_needs_a_visa_has_its_way():
    keys = [kind.key for kind in retention.kinds()]
    assert set(keys) == {key for each in retention.PURPOSES for key in each.kinds}
    by_word = {kind.key for kind in retention.kinds() if kind.ends is retention.Ends.WORD}
    assert by_word == letting_go._FINDERS.keys() == letting_go._ERASERS.keys()


# --- The file -----------------------------------------------------------------------------------


def opened(subject: held.Subject) -> tuple[dict, str, list[str]]:
    out = BytesIO()
    held.write(subject, out, at=timezone.now())
    with zipfile.ZipFile(out) as archive:
        data = json.loads(archive.read("donnees.json"))
        page = archive.read("lisez-moi.html").decode()
        return data, page, archive.namelist()


def lines_of(data: dict) -> dict[str, list[dict]]:
    return {each["quoi"]: each["lignes"] for each in data["rubriques"]}


def test_the_file_says_what_is_held_and_nothing_that_opens_a_door(scene, cast):
    bruno = cast.bruno
    change(bruno, email="bruno@etangs.example", phone="03 22 11 11 11")
    Alert.objects.create(
        organisation=cast.organisation, email=bruno.email, seed="graine", token_hash="haché"
    )
    change(cast.etangs, copies_to="autre@etangs.example\nbruno@etangs.example")
    subject = held.of_person(bruno, by=cast.administration)
    data, page, _ = opened(subject)
    lines = lines_of(data)
    assert lines["Fiche"][0]["téléphone"] == "03 22 11 11 11"
    assert {line["depuis le"] for line in lines["Mandats"]} == {"2026-05-04"}
    assert len(lines["Fiche, avant chaque correction"]) == bruno.history.count()
    assert len(lines["Abonnements aux nouveaux actes"]) == 1
    assert {line["fait"] for line in lines["Présences et gestes en séance"]} >= {"arrivée"}
    assert "03 22 11 11 11" in page
    words = {word for each in lines.values() for line in each for word in line}
    assert not words & {"ballot", "mandate", "ID", "history date"}
    assert lines["Collectivités membres"][0]["nom"] == "CC des Étangs"
    assert "graine" not in page + json.dumps(data)
    assert "autre@etangs.example" not in page + json.dumps(data)
    assert {heading for heading, _, _ in held.counts(subject)} >= {
        "Fiche",
        "Mandats",
        "Présences et gestes en séance",
    }


def test_oneself_takes_what_is_held_and_what_others_did_has_no_name(client_of, cast):
    as_delegate = client_of(cast.delegate)
    Session.objects.create(session_key="x", account=cast.delegate, expire_date=timezone.now())
    answer = as_delegate.post("/mon-compte/donnees.zip")
    assert answer["Content-Disposition"].endswith('filename="donnees-claire-caron.zip"')
    with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
        data = json.loads(archive.read("donnees.json"))
    lines = lines_of(data)
    assert lines["Comptes"][0]["adresse électronique"] == cast.delegate.email
    assert cast.secretariat.email not in json.dumps(data)
    assert Entry.objects.filter(act=Act.DOWNLOAD, what="données tenues sur soi").exists()


def test_no_file_reads_where_a_secret_vote_goes_by():
    assert not {"ballot_held", "election_held"} & held._TOLD.keys()
    assert held._TOLD.keys() <= codec.KINDS.keys()
    read = {place.label for place in places.PLACES}
    assert not read & {"live.Poll", "live.VotingRight", "meetings.Ballot", "meetings.SittingEvent"}


def test_an_address_of_two_cards_gives_neither_what_it_alone_tells(cast):
    change(cast.bruno, email="mairie@etangs.example")
    change(cast.farid, email="Mairie@etangs.example")
    subject = held.of_person(cast.bruno, by=cast.administration)
    assert subject.addresses == ()
    assert "aussi celle d’une autre fiche" in subject.kept_back[0]


def test_an_account_that_is_somebody_elsewhere_too_is_given_by_herself_alone(cast):
    make_role(cast.delegate, cast.other_organisation, Role.Kind.DELEGATE)
    change(cast.other_body.mandates.get().person, user=None)
    make_person(cast.other_organisation, "Claire", "Caron", user=cast.delegate, phone="06 00")
    data, _, _ = opened(held.of_person(cast.claire, by=cast.administration))
    assert "Comptes" in lines_of(data)
    assert lines_of(data)["Comptes"] == []
    assert "06 00" not in json.dumps(data)
    whole, _, _ = opened(held.of_account(cast.delegate))
    assert "06 00" in json.dumps(whole)


def test_a_name_is_corrected_once_for_the_card_and_its_account(cast, client_of):
    card = f"/administration/members/person/{cast.claire.pk}/change/"
    said = {"organisation": cast.organisation.pk, "civility": "Mme", "first_name": "Claire"}
    said |= {"last_name": "Carron", "email": cast.claire.email, "user": cast.delegate.pk}
    said |= {f"mandates-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    assert client_of(cast.administration).post(card, said).status_code == 302
    assert str(User.objects.get(pk=cast.delegate.pk)) == "Claire Carron"
    assert cast.claire.history.filter(last_name="Caron").exists()


# --- What may go --------------------------------------------------------------------------------


@pytest.fixture
def gone(cast) -> Person:
    """Farid Faure, who sat long ago, whose account is closed."""
    farid = cast.farid
    account = User.objects.create_user("farid@etangs.example", date_joined=long_ago())
    make_role(account, cast.organisation, Role.Kind.DELEGATE)
    change(farid, email="farid@etangs.example", phone="06 01", born_on=date(1960, 1, 1))
    change(farid, user=account)
    end(cast.seat(farid), on=date(2026, 7, 31))
    change(account, is_active=False)
    return farid


def long_ago():
    return timezone.make_aware(timezone.datetime(2020, 1, 1))


LATER = timezone.make_aware(timezone.datetime(2028, 3, 4, 10))


def erase(cast, *, visa: str = VISA, kinds=None, at=LATER, seen: str = "") -> int:
    found = letting_go.piles(cast.organisation, by=cast.administration, at=at)
    return letting_go.let_go(
        cast.organisation,
        kinds=kinds or letting_go._FINDERS,
        visa=visa,
        seen=seen or letting_go.stamp(found),
        by=cast.administration,
        at=at,
    )


@pytest.mark.database
def test_what_is_let_go_is_nowhere_and_what_is_archive_says_what_it_said(scene, gone, cast):
    mandate, name = gone.mandates.get(), str(gone)
    verified = list(map(str, integrity.faults()))  # files that the scene never had
    before = list(Recipient.objects.values_list("pk", "email"))
    seen = {pile.kind.key: pile for pile in piles_of(cast)}
    assert [line.what for line in seen["coordonnees"].going] == [name]
    assert [line.what for line in seen["comptes"].going] == ["farid@etangs.example"]
    assert erase(cast) > 0
    gone.refresh_from_db()
    assert (gone.email, gone.phone, gone.born_on, str(gone)) == ("", "", None, name)
    assert not gone.history.exclude(email="", phone="").exists()
    account = gone.user
    assert (account.email, str(account)) == (f"compte-{account.pk}@efface.invalid", "Farid Faure")
    assert not Invitation.objects.filter(meeting=scene.meeting).exists()
    assert gone.mandates.get() == mandate
    assert list(Recipient.objects.values_list("pk", "email")) == before
    told = Entry.objects.filter(act=Act.KEEPING, what__contains=VISA)
    assert told.count() >= 3
    assert not told.filter(what__contains="farid").exists()
    done = letting_go.eliminations(cast.organisation)
    assert {line.place["visa"] for line in done} == {VISA}
    assert not letting_go.eliminations(cast.other_organisation)
    assert [fault for model in witness.watched() for fault in facts.faults(model)] == []
    assert list(map(str, integrity.faults())) == verified  # `manage.py verify`
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "rompt" not in out.getvalue()
    assert all(not pile.going for pile in piles_of(cast))


def piles_of(cast, at=LATER):
    return letting_go.piles(cast.organisation, by=cast.administration, at=at)


def test_a_version_may_be_emptied_and_never_say_something_else(gone):
    history = Person.history.model
    history.objects.filter(id=gone.pk).update(phone="06 99")
    (fault, *_) = [what for _, what in facts.faults(history)]
    assert "récrit" in fault


@pytest.mark.parametrize(
    ("undo", "why"),
    [
        (lambda gone, cast: make_mandate(cast.bureau, gone), "siège encore"),
        (lambda gone, cast: change(gone.user, is_active=True), "son compte est ouvert"),
        (lambda gone, cast: change(cast.elsa, email=gone.email), "a la même adresse"),
        (lambda gone, cast: the_only_administrator(gone, cast), "tient seul·e l’administration"),
        (lambda gone, cast: gone.mandates.all().delete(), "n’a jamais siégé"),
        (lambda gone, cast: end(gone.mandates.get(), date(2028, 1, 31)), "a siégé jusqu’au"),
    ],
    ids=["mandat en cours", "compte ouvert", "jumeaux", "dernier", "jamais", "trop tôt"],
)
def test_what_still_has_a_reason_is_held_and_says_which(gone, cast, undo, why):
    undo(gone, cast)
    gone = Person.objects.get(pk=gone.pk)
    assert letting_go.obstacle(gone, at=LATER).startswith(why)
    assert pile_of(cast, "coordonnees").going == ()


def the_only_administrator(gone: Person, cast) -> None:
    change(gone.user, is_active=True)
    cast.administration.roles.all().delete()
    make_role(gone.user, cast.organisation, Role.Kind.ADMINISTRATION)


def pile_of(cast, key: str):
    return next(pile for pile in piles_of(cast) if pile.kind.key == key)


def test_who_has_a_paper_to_sign_is_held(gone, cast, monkeypatch):
    monkeypatch.setattr("archive.desk.mine._awaiting", lambda person, sheets: [1])
    assert letting_go.obstacle(gone, at=LATER) == "a un papier à signer ou à relire"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"visa": " oui "}, "Rien ne se détruit sans visa"),
        ({"seen": "autre"}, "a changé depuis que cette page"),
        ({"kinds": ["boite"]}, "rien n’est effacé"),
    ],
)
def test_nothing_goes_without_a_visa_nor_unseen(gone, cast, said, why):
    with pytest.raises(Refused, match=why):
        erase(cast, **said)
    gone.refresh_from_db()
    assert gone.phone == "06 01"


def test_an_account_with_a_right_elsewhere_is_held(gone, cast):
    make_role(gone.user, cast.other_organisation, Role.Kind.DELEGATE)
    assert [line.why for line in pile_of(cast, "comptes").held] == [
        "a un droit dans une autre organisation"
    ]


def test_a_corrected_address_goes_from_the_history_and_the_living_one_stays(cast):
    change(cast.bruno, email="ancienne@etangs.example")
    change(cast.bruno, email="bruno@etangs.example")
    at = timezone.now() + timedelta(days=400)
    mistaken = make_person(cast.organisation, "Zoé", "Zorn", email="zoe@ailleurs.example")
    number = mistaken.pk
    mistaken.delete()
    first, last = next(pile for pile in piles_of(cast, at) if pile.kind.key == "anciennes").going
    assert (first.pk, first.rows) == (cast.bruno.pk, 1)
    assert (last.pk, last.what) == (number, "Zoé ZORN")
    erase(cast, kinds=["anciennes"], at=at)
    kept = list(cast.bruno.history.order_by("pk").values_list("email", flat=True))
    assert kept == ["", "", "bruno@etangs.example"]
    assert not Person.history.filter(email__startswith="zoe").exists()
    assert [fault for model in witness.watched() for fault in facts.faults(model)] == []


def test_the_command_shows_and_with_a_visa_erases(gone, cast, settings):
    settings.CONTACT_DAYS = 90
    change(gone.mandates.get(), end_on=timezone.localdate() - timedelta(days=100))
    out = StringIO()
    call_command("let_go", cast.organisation.slug, stdout=out)
    assert str(gone) in out.getvalue()
    assert "Rien n’est effacé" in out.getvalue()
    call_command("let_go", cast.organisation.slug, visa=VISA, stdout=out)
    gone.refresh_from_db()
    assert gone.phone == ""


# --- Pages --------------------------------------------------------------------------------------


def test_the_pages_show_confirm_and_refuse_beside_the_field(gone, cast, client_of):
    client = client_of(cast.administration)
    began, ended = (timezone.localdate() - timedelta(days=days) for days in (900, 400))
    change(gone.mandates.get(), start_on=began, end_on=ended)
    page = client.get("/donnees-personnelles/effacer/")
    assert str(gone) in page.content.decode()
    sent = {"kinds": ["coordonnees"], "visa": "", "seen": page.context["seen"]}
    refused = client.post("/donnees-personnelles/effacer/faire/", sent)
    assert refused.status_code == 422
    assert "Rien ne se détruit sans visa" in refused.content.decode()
    answer = client.post("/donnees-personnelles/effacer/faire/", sent | {"visa": VISA})
    assert answer.status_code == 302
    assert VISA in client.get("/donnees-personnelles/effacer/").content.decode()
    person = client.get(f"/personnes/{gone.pk}/donnees/").content.decode()
    assert "Mandats" in person
    assert client.get("/donnees-personnelles/registre/").status_code == 200


def test_requests_that_came_to_nothing_go_with_the_trail(cast):
    old = {"asked_by": cast.administration, "nonce": "x"}
    old["asked_at"] = timezone.now() - timedelta(days=400)
    IdentityChange.objects.create(account=cast.delegate, token_hash="a", **old)
    done = {"token_hash": "b", "done_at": old["asked_at"]}
    kept = IdentityChange.objects.create(account=cast.stranger, **done, **old)
    call_command("trim_trail", stdout=StringIO())
    assert list(IdentityChange.objects.all()) == [kept]
