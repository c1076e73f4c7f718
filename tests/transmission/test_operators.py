"""The settings of an operator, its trial, its secrets, and what a person answers on a page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.desk import waiting
from members.models import Body, Organisation
from tests.cast import change
from tests.transmission.carried import carry, is_whole, left, taken_by_another
from tests.transmission.services import Said
from trail.models import Entry
from transmission.actions import sending as sendings
from transmission.models import Errand, Exchange, Operator, Transmission
from transmission.operators import carrying, safe

pytestmark = pytest.mark.django_db
PAGE = "/prefecture/operateurs/"


@pytest.fixture
def secrets(settings, tmp_path, cast):
    """Where whoever runs the server puts what is secret of the organisation of the cast."""
    settings.TRANSMISSION_SECRETS = tmp_path / "secrets"
    place = settings.TRANSMISSION_SECRETS / cast.organisation.slug
    place.mkdir(parents=True)
    return place


@pytest.fixture
def administrator(client_of, cast):
    return client_of(cast.administration)


def given(**more: str) -> dict[str, str]:
    told = {"address": "https://s2low.example.fr/", "account": "vb", "secret": "mot"}
    return told | {"certificate": "agent.pem", "is_active": "on"} | more


def test_an_account_is_given_by_names_alone(administrator, secrets, settings, cast):
    settings.TRANSMISSION_HOSTS = ["s2low.example.fr"]
    (secrets / "mot").write_text("ouvre-toi")
    (secrets / "agent.pem").write_text("pem")
    answer = administrator.post(f"{PAGE}s2low/", given())
    assert answer.status_code == 302
    row = Operator.objects.get()
    assert (row.organisation, row.kind, row.address) == (
        cast.organisation,
        "s2low",
        "https://s2low.example.fr",
    )
    assert "ouvre-toi" not in str(Operator.objects.values())
    shown = administrator.get(PAGE).content.decode()
    assert "s2low.example.fr" in shown and "ouvre-toi" not in shown
    assert "https://s2low.example.fr" in Entry.objects.latest("pk").what


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param({"address": "http://s2low.example.fr"}, "commence par https", id="sans TLS"),
        pytest.param(
            {"address": "https://chez-moi.example"}, "TRANSMISSION_HOSTS", id="une autre machine"
        ),
        pytest.param(
            {"address": "http://169.254.169.254/"}, "commence par https", id="dans le réseau"
        ),
        pytest.param(
            {"address": "https://127.0.0.1:5432"}, "TRANSMISSION_HOSTS", id="la machine même"
        ),
        pytest.param(
            {"address": "https://a:b@s2low.example.fr"}, "ni compte ni mot", id="un secret dedans"
        ),
        pytest.param(
            {"address": "https://s2low.example.fr:x"}, "n’en est pas", id="un port de lettres"
        ),
        pytest.param({"address": "https://[s2low"}, "n’en est pas", id="un crochet sans l’autre"),
        pytest.param({"secret": "absent"}, "TRANSMISSION_", id="un secret absent"),
        pytest.param({"secret": "../autre/mot"}, "pas un nom de secret", id="chez le voisin"),
        pytest.param({"certificate": "absent.pem"}, "n’est pas là", id="un certificat absent"),
        pytest.param({"certificate": ""}, "obligatoire", id="sans certificat"),
    ],
)
def test_what_would_not_serve_or_would_leak_is_refused(
    administrator, secrets, settings, more, said
):
    settings.TRANSMISSION_HOSTS = ["s2low.example.fr"]
    (secrets / "mot").write_text("ouvre-toi")
    (secrets / "agent.pem").write_text("pem")
    (secrets.parent / "autre").mkdir()
    (secrets.parent / "autre" / "mot").write_text("celui du voisin")
    answer = administrator.post(f"{PAGE}s2low/", given(**more))
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("\u00a0", " ")
    assert not Operator.objects.exists()


def test_a_secret_is_that_of_its_organisation_alone(secrets, cast, monkeypatch):
    other = Organisation.objects.exclude(pk=cast.organisation.pk).first() or Organisation(
        slug="autre"
    )
    (secrets / "mot").write_text("ouvre-toi\n")
    assert safe.secret(cast.organisation, "mot") == "ouvre-toi"
    variable = f"TRANSMISSION_{cast.organisation.slug.upper().replace('-', '_')}__MOT"
    monkeypatch.setenv(variable, "de l’environnement")
    assert safe.secret(cast.organisation, "mot") == "de l’environnement"
    monkeypatch.setenv("SECRET_KEY", "celle du site")
    # Its slug and a name may read as those of another organisation.
    neighbour, _, rest = cast.organisation.slug.partition("-")
    for organisation, name in (
        (other, "mot"),
        (cast.organisation, "SECRET_KEY"),
        *((Organisation(slug=neighbour), f"{rest}{sign}mot") for sign in ("_", "__", "--", ".-")),
    ):
        with pytest.raises(safe.Missing):
            safe.secret(organisation, name)


@pytest.mark.parametrize(
    ("login", "said"), [("", "répond : authority : name : Val de Brume"), ("autre", "Échec")]
)
def test_a_trial_shows_what_the_service_answers(
    administrator, settings, s2low, secrets, cast, login, said
):
    settings.TRANSMISSION_HOSTS = [s2low.address.partition("//")[2]]
    (secrets / "mot").write_text("ouvre-toi")
    Operator.objects.create(
        organisation=cast.organisation,
        kind="s2low",
        address=s2low.address,
        account="vb",
        secret="mot",
    )
    s2low.login = login
    shown = administrator.post(f"{PAGE}s2low/essai/", follow=True).content.decode()
    assert said in shown.replace("\u00a0", " ") and "ouvre-toi" not in shown
    assert s2low.acts() == []
    assert "essai de l’opérateur" in Entry.objects.latest("pk").what
    settings.TRANSMISSION_HOSTS = []
    asked = s2low.count
    shown = administrator.post(f"{PAGE}s2low/essai/", follow=True).content.decode()
    assert "TRANSMISSION_HOSTS" in shown and s2low.count == asked


def tasks(cast, *, on: date | None = None) -> list[str]:
    bodies = Body.objects.filter(organisation=cast.organisation)
    found = waiting.tasks(bodies, on=on or timezone.localdate())
    return [task.what.replace("\u00a0", " ") for task in found]


def test_a_doubt_is_asked_on_the_page_of_the_act_and_among_what_is_to_do(
    s2low,
    ready,
    clock,
    cast,
    client_of,
):
    (sending,) = ready(s2low)
    taken_by_another(s2low, sending)
    carry(clock, s2low)
    assert f"Dire si l’opérateur a déjà l’acte {sending.number}" in tasks(cast)
    page = reverse("transmission:act", args=[sending.sheet.deliberation_id])
    browser = client_of(cast.secretariat)
    shown = browser.get(page).content.decode()
    assert "Un autre acte" in shown and "C’est le même" in shown
    answer = reverse("transmission:decide", args=[sending.pk])
    shown = browser.post(answer, {"answer": "999"}, follow=True).content.decode()
    assert "n’est plus posée" in shown
    browser.post(answer, {"answer": "other"})
    sending.refresh_from_db()
    assert sending.state == Transmission.State.REFUSED
    assert not [task for task in tasks(cast) if "l’opérateur" in task]
    assert left(s2low, sending.number) == 1  # the other one


def test_what_is_refused_waits_for_whoever_sends_it_again(s2low, ready, clock, cast):
    (sending,) = ready(s2low)
    s2low.lies["actes_transac_create"] = Said(b"KO\nLa classification a change\n")
    carry(clock, s2low)
    what = f"Corriger et renvoyer l’acte {sending.number}, refusé"
    assert what in tasks(cast)
    meeting = sending.document.meeting
    assert sendings.prepare_sitting(meeting, by=cast.secretariat, at=clock.now).done
    assert what not in tasks(cast)


def test_what_the_prefecture_writes_waits_for_a_reader(s2low, ready, clock, cast, client_of):
    (sending,) = ready(s2low)
    carry(clock, s2low)
    s2low.writes("4", s2low.acts()[0])
    clock.later(hours=1)
    carrying.Carrier(clock).run()
    what = f"Lire la préfecture : lettre d’observations, acte {sending.number}"
    assert what in tasks(cast, on=clock.now.date())
    assert what not in tasks(cast, on=clock.now.date() + timedelta(days=90))
    letter = sending.exchanges.get(kind="observations")
    row = Exchange(transmission=sending, kind="reponse", name="r", sha256="r", is_outgoing=True)
    row.save()
    assert row.pk > letter.pk
    assert what not in tasks(cast, on=clock.now.date())


def test_what_stops_an_act_is_shown_and_asked_again_on_demand(
    s2low,
    ready,
    clock,
    cast,
    client_of,
):
    (sending,) = ready(s2low)
    s2low.lies["door"] = True
    for _ in range(8):
        carry(clock, s2low, most=1)
    page = reverse("transmission:act", args=[sending.sheet.deliberation_id])
    browser = client_of(cast.secretariat)
    shown = browser.get(page).content.decode()
    assert "ne reconnaît pas le compte" in shown and "Redemander maintenant" in shown
    s2low.lies.clear()
    answer = reverse("transmission:decide", args=[sending.pk])
    browser.post(answer, {"answer": "again"})
    change(Errand.objects.get(), not_before=clock.now)
    carry(clock, s2low)
    assert is_whole(sending, s2low)
    assert "heure par heure" in browser.get(page).content.decode()


def test_what_is_prepared_leaves_by_the_operator_in_service(
    s2low,
    ready,
    clock,
    cast,
    client_of,
):
    (sending,) = ready(s2low)
    page = reverse("transmission:sitting", args=[sending.document.meeting_id])
    browser = client_of(cast.secretariat)
    shown = browser.get(page).content.decode()
    assert "L’opérateur a ces actes en main" in shown and "Noter le dépôt" not in shown
    deposited = reverse("transmission:deposited", args=[sending.document.meeting_id])
    assert browser.post(deposited, {"on": timezone.localdate()}).status_code == 302
    sending.refresh_from_db()
    assert sending.state == Transmission.State.PREPARED  # nobody deposits what is carried
    carry(clock, s2low)
    assert is_whole(sending, s2low)
