"""From an empty database to the first sitting, without the administration of Django."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from archive.desk import first_steps
from law import regime
from meetings.models import Meeting
from members import founding
from members.founding_forms import BodyForm
from members.models import Body, Community, Mandate, Organisation, Role, User
from tests.cast import change, make_account, make_body, make_mandate, make_person, make_role

STEPS = "/premiers-pas/"
MEMBERS = """Nom ; Nature ; SIREN
Communauté de communes du Val de Brume ; ; 200 000 016
Commune de Moreuil
Ailly ; commune
"""
DELEGATES = """civ;prénom;nom;courriel;qualité;collège;collectivité;suppléant de;depuis le
Mme;Alice;Arnaud;alice@brume.example;titulaire;Les communes;Ailly;;04/05/2026
M.;Bruno;Besson;bruno@brume.example;suppléant;Les communes;Ailly;Alice Arnaud;04/05/2026
"""


@pytest.fixture
def root(db, client_of):
    """After `first_account`, and nothing else."""
    return client_of(User.objects.create_superuser("racine@brume.example", "x"))


def next_of(client) -> first_steps.FirstStep | None:
    return client.get(STEPS).context["following"]


def test_what_lacks_its_siren_is_not_said_done(cast, client_of):
    change(cast.organisation, siren="", siret="")
    page = client_of(cast.administration).get(STEPS)
    told = page.text.partition("sans SIREN")[0]
    assert "reste son SIREN" in told and " fait</span>" not in told
    assert page.context["done"] == page.text.count(" fait</span>")


def test_a_siren_is_one_truth_on_every_page(cast, client_of):
    """The prefecture read it in the SIRET, and Premiers pas asked for it."""
    change(cast.organisation, siren="", siret="20000001600010", department="080")
    client = client_of(cast.administration)
    assert "SIREN 200\u00a0000\u00a0016" in client.get(STEPS).text
    form = client.get("/premiers-pas/organisation/").context["form"]
    assert form["siren"].value() == "200000016"
    assert "<dd>200000016</dd>" in client.get(reverse("transmission:prefecture")).text


def buttons(response) -> list[str]:
    return response.content.decode().split('class="btn btn-primary"')[1:]


def test_from_an_empty_database_to_the_first_sitting(root):
    """Each page leads to the next; nothing is asked of the administration of Django."""
    page = root.get("/", follow=True)
    assert page.status_code == 200 and page.request["PATH_INFO"] == "/premiers-pas/organisation/"
    assert next(iter(page.context["form"].fields)) == "legal_form"
    said = {"legal_form": "smf", "name": "Val de Brume", "siren": "200 000 016"}
    page = root.post("/premiers-pas/organisation/", said, follow=True)
    organisation = Organisation.objects.get()
    assert organisation.designation == "le syndicat mixte Val de Brume"
    assert organisation.siren == "200000016" and "SIREN 200\u00a0000\u00a0016" in page.text
    assert organisation.history.get().history_user.email == "racine@brume.example"

    assert next_of(root).url == "/premiers-pas/collectivites/"
    page = root.post(next_of(root).url, {"liste": MEMBERS})
    assert page.status_code == 200 and not Community.objects.exists()
    given = {"liste": page.context["form"].initial["liste"], "nature": ""}
    assert root.post(reverse("accounts:confirm_communities"), given).url == STEPS
    assert sorted(Community.objects.values_list("name", "kind")) == [
        ("Ailly", "commune"),
        ("Communauté de communes du Val de Brume", "cc"),
        ("Commune de Moreuil", "commune"),
    ]

    assert next_of(root).url == "/instances/nouvelle/"
    page = root.get(next_of(root).url)
    assert page.context["form"]["preset"].value() == "smf"
    comite = {"kind": "comite", "colleges": "Les communes ; 2\nLes EPCI ; 1", "preset": "smf"}
    assert root.post(next_of(root).url, comite).url == STEPS
    body = Body.objects.get()
    assert (body.name, body.designation, body.slug) == (
        "Comité syndical",
        "le Comité syndical",
        "comite-syndical",
    )
    assert [(each.name, each.seats) for each in body.constituencies.all()] == [
        ("Les communes", 2),
        ("Les EPCI", 1),
    ]
    assert body.rule_book(date(2026, 5, 4)).regime == regime.PRESETS["smf"]

    where = next_of(root).url
    assert where == reverse("members:import", args=[body.pk])
    page = root.post(where, {"file": SimpleUploadedFile("d.csv", DELEGATES.encode())})
    confirm = reverse("accounts:confirm_import", args=[body.pk])
    assert root.post(confirm, {"token": page.context["token"]}).status_code == 302
    assert Mandate.objects.get(person__last_name="Besson").replaces.person.last_name == "Arnaud"

    assert next_of(root).url == "/premiers-pas/comptes/"
    chosen = root.get(next_of(root).url).context["to_invite"]
    sent = {f"adresse-{person.pk}": person.email for person in chosen}
    sent |= {"personne": [person.pk for person in chosen]}
    sent["liste"] = "Zoé Zola ; zoe@brume.example ; secrétariat"
    page = root.post(reverse("accounts:invite"), sent)
    text = page.context["text"]
    assert page.context["faulty"] == 0
    sent = {"liste": text, "empreinte": page.context["fingerprint"]}
    assert root.post(reverse("accounts:confirm_invitation"), sent).status_code == 302
    assert sorted(Role.objects.values_list("kind", flat=True)) == [
        "delegue",
        "delegue",
        "secretariat",
    ]

    assert next_of(root).url == reverse("meetings:create")
    day = timezone.localdate() + timedelta(days=30)
    said = {"held_on": day.isoformat(), "starts_at": "18:00", "place": "à Brume"}
    form = root.get(next_of(root).url, {"instance": body.pk}).context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value()} | said
    response = root.post(f"{next_of(root).url}?instance={body.pk}", said)
    assert response.status_code == 302, response.context["form"].errors
    assert Meeting.objects.get().body == body
    assert next_of(root) is None


def test_no_page_of_an_empty_organisation_is_a_dead_end(cast, client_of):
    """No body, no delegate, no sitting: one button, which leads on."""
    Mandate.objects.exclude(replaces=None).delete()
    Mandate.objects.all().delete()
    for client in (client_of(cast.administration), client_of(cast.secretariat)):
        home = client.get("/")
        assert STEPS in home.content.decode()
    (button,) = buttons(client_of(cast.administration).get(STEPS))
    assert reverse("members:import", args=[cast.comite.pk]) in button
    page = client_of(cast.secretariat).get(cast.comite.get_absolute_url())
    assert reverse("members:import", args=[cast.comite.pk]) in "".join(buttons(page))
    cast.organisation.bodies.update(is_active=False)
    page = client_of(cast.secretariat).get(STEPS)
    assert page.context["following"].url == reverse("accounts:new_body")
    assert buttons(page) == [] and "L’administration s’en charge" in page.content.decode()


def test_each_step_says_where_it_stands(cast):
    today = timezone.localdate()
    steps = first_steps.of(cast.organisation, on=today)
    assert [step.is_done for step in steps] == [True, True, True, True, True, False]
    assert steps[4].told == "6 sans adresse électronique"  # told, and holds nothing up
    cast.alice.email = "alice@brume.example"
    cast.alice.save()
    steps = first_steps.of(cast.organisation, on=today)
    assert steps[4].told == "1 personne à inviter, 5 sans adresse électronique"
    assert not steps[4].is_done
    account = make_account("Alice@brume.example".lower())
    make_role(account, cast.organisation, Role.Kind.DELEGATE)
    assert first_steps.of(cast.organisation, on=today)[4].is_done


def test_a_bureau_waits_for_its_election_and_an_assembly_for_no_day(cast):
    """Nobody is to be imported in what the first sitting elects, nor again in what is written of
    a day to come."""
    today = timezone.localdate()
    cast.bureau.mandates.all().delete()
    cast.comite.mandates.filter(replaces=None).update(start_on=today + timedelta(days=20))
    step = first_steps.of(cast.organisation, on=today)[3]
    assert step.is_done and step.told == "L’assemblée élit\u00a0: Bureau"
    assert step.verb == "Importer des délégués" and str(cast.comite.pk) in step.url
    cast.comite.mandates.exclude(replaces=None).delete()
    cast.comite.mandates.all().delete()
    step = first_steps.of(cast.organisation, on=today)[3]
    assert step.told == "Personne ne siège encore\u00a0: Comité syndical"


def test_the_steps_cost_the_same_with_more_rows(cast, django_assert_max_num_queries):
    for number in range(3):
        body = make_body(cast.organisation, f"Commission {number}", kind="commission")
        make_mandate(body, make_person(cast.organisation, "A", f"B{number}"))
    with django_assert_max_num_queries(6):
        first_steps.of(cast.organisation, on=timezone.localdate())


# --- Lists ------------------------------------------------------------------------------------

FAULTS = {
    "le nom manque": "; commune",
    "« royaume » n’est pas une nature": "Ailly ; royaume",
    "le SIREN compte neuf chiffres": "Ailly ; commune ; 12",
    "après le SIREN ne vient que « associé »": "Ailly ; commune ; ; invité",
    "cette collectivité est déjà enregistrée": "brume agglo",
    "cette collectivité est déjà à la ligne 1": "Commune de Moreuil",
}


@pytest.mark.parametrize(("why", "line"), FAULTS.items(), ids=FAULTS)
def test_a_fault_of_a_member_is_told(cast, why, line):
    found = founding.communities(f"Commune de Moreuil\n{line}", cast.organisation)
    assert any(why in fault for fault in found[1].faults), found[1].faults


def test_every_fault_of_every_member_is_told_at_once_and_nothing_is_written(cast, client_of):
    client = client_of(cast.administration)
    before = Community.objects.count()
    text = "\n".join(["Commune de Moreuil", *FAULTS.values(), "X ; royaume ; 12"])
    page = client.post(reverse("accounts:confirm_communities"), {"liste": text})
    assert page.status_code == 422 and Community.objects.count() == before
    assert len(page.context["lines"][-1].faults) == 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Communauté de communes du Val", "cc"),
        ("CC des Étangs", "cc"),
        ("Amiens Métropole", "metropole"),
        ("Conseil départemental de la Lisse", "departement"),
        ("Région Hauts-de-Brume", "region"),
        ("SIVOM de la Lisse", "syndicat"),
        ("Ville d’Ailly", "commune"),
        ("Brume Agglo", "ca"),
        ("Carville", "commune"),  # nothing tells it
        ("Sivry", "commune"),
    ],
)
def test_a_name_tells_the_kind_or_it_is_a_commune(cast, name, kind):
    (line,) = founding.communities(f"{name} bis", cast.organisation)
    assert line.community.kind == kind
    assert line.is_assumed is (kind == "commune" and not name.startswith("Ville"))


def test_bare_names_are_communes_and_a_kind_that_is_none_says_once_which_are(cast, client_of):
    client, where = client_of(cast.administration), reverse("members:communities")
    page = client.post(where, {"liste": "Moreuil\nAilly\nSivry"})
    assert (page.status_code, page.context["faulty"]) == (200, 0)
    assert page.text.count('commune<span class="quiet">, à défaut</span>') == 3
    page = client.post(where, {"liste": "Moreuil\nAilly", "nature": "syndicat"})
    assert [line.community.kind for line in page.context["lines"]] == ["syndicat"] * 2
    page = client.post(where, {"liste": "Moreuil ; royaume\nAilly ; duché"})
    assert page.status_code == 422
    assert page.text.count("Une nature est l’une de celles-ci") == 1
    assert all(len(line.faults[0]) < 40 for line in page.context["lines"])


def test_a_file_of_members_is_read_as_a_list(cast, client_of):
    client = client_of(cast.administration)
    content = "nom;nature;siren\nAilly;commune;200000024\n".encode("cp1252")
    page = client.post(
        reverse("members:communities"), {"fichier": SimpleUploadedFile("m.csv", content)}
    )
    assert [line.community.name for line in page.context["lines"]] == ["Ailly"]
    assert page.context["faulty"] == 0


def test_members_that_say_another_legal_form_are_told(cast, client_of):
    page = client_of(cast.administration).get(reverse("members:communities"))
    assert page.context["doubts"] == ()
    cast.organisation.legal_form = "smf"
    cast.organisation.save()
    page = client_of(cast.administration).get(reverse("members:communities"))
    assert [each.code for each in page.context["doubts"]] == ["forme_douteuse"]


@pytest.mark.parametrize(
    ("name", "form", "designation"),
    [
        ("Val de Brume", "smf", "le syndicat mixte Val de Brume"),
        ("Somme Numérique", "smo", "le syndicat mixte Somme Numérique"),
        ("Syndicat mixte du Lac", "smo", "le syndicat mixte du Lac"),
        ("Communauté de communes du Val", "epci", "la communauté de communes du Val"),
        ("Ailly", "commune", "la commune d’Ailly"),
        ("Le Havre", "commune", "la commune du Havre"),
    ],
)
def test_what_papers_call_an_organisation_is_proposed_from_its_name(name, form, designation):
    assert founding.designation_of(name, form) == designation


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"kind": "conseil", "colleges": "Les communes"}, "colleges"),
        ({"kind": "conseil", "colleges": "A ; 2\nA ; 3"}, "colleges"),
        ({"kind": "bureau"}, "name"),  # there is one
        ({"kind": "commission"}, "name"),
        ({"kind": "conseil", "preset": "smf"}, "preset"),
        ({}, "kind"),
    ],
)
def test_a_body_that_cannot_be_is_refused_beside_its_field(cast, client_of, said, wrong):
    before = Body.objects.count()
    data = {"preset": "smo"} | said
    page = client_of(cast.administration).post(reverse("accounts:new_body"), data)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [wrong])
    assert Body.objects.count() == before


def test_a_body_without_colleges_says_its_seats_and_who_sits_there_takes_one(cast, client_of):
    """There was nowhere to say that a bureau has five members."""
    client, url = client_of(cast.administration), reverse("accounts:new_body")
    said = {"kind": "commission", "name": "Commission des eaux", "preset": "smo", "seats": "5"}
    twice = client.post(url, said | {"colleges": "Les communes ; 2"})
    assert (twice.status_code, list(twice.context["form"].errors)) == (422, ["seats"])
    assert client.post(url, said).status_code == 302
    body = Body.objects.get(name=said["name"])
    (college,) = body.constituencies.all()
    assert (college.name, college.seats) == (body.name, 5)
    file = "civ;prénom;nom;depuis le\nMme;Ève;Élan;04/05/2026\n".encode()
    where = reverse("members:import", args=[body.pk])
    plan = client.post(where, {"file": SimpleUploadedFile("d.csv", file)}).context["plan"]
    assert [line.mandate.constituency for line in plan.lines] == [college]
    assert plan.by_college[0][0] == "Commission des eaux\u00a0: 1 titulaire pour 5 sièges"


def test_a_body_made_meanwhile_is_not_made_twice(cast, client_of, monkeypatch):
    data = {"kind": "commission", "name": "Commission des finances", "preset": "smo"}
    checked = BodyForm.clean

    def clean(form):
        cleaned = checked(form)
        with monkeypatch.context() as once:
            once.setattr(BodyForm, "clean", checked)
            client_of(cast.administration).post(reverse("accounts:new_body"), data)
        return cleaned

    monkeypatch.setattr(BodyForm, "clean", clean)
    page = client_of(cast.administration).post(reverse("accounts:new_body"), data)
    assert page.status_code == 422 and "porte déjà ce nom" in page.text
    assert Body.objects.filter(name=data["name"]).count() == 1


def test_another_legal_form_says_which_rules_still_follow_the_old_one(cast, client_of):
    client = client_of(cast.administration)
    said = {"legal_form": "smf", "name": "Val de Brume", "siren": "200000016"}
    page = client.post(reverse("accounts:organisation"), said, follow=True)
    assert "Comité syndical et Bureau" in page.content.decode()
