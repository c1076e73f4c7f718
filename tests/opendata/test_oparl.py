"""OParl 1.1: every object as its description wants it, lists by pages, what went told as gone."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft202012Validator

from archive import actions as publishing
from archive.models import PublishedAnnex
from members.models import Mandate
from opendata import oparl_views, readings
from opendata.oparl import VERSION
from registry.acts import actions as register
from registry.models import Deliberation, SignatureStep
from tests import held
from tests.cast import change
from tests.costs import queries
from tests.opendata.conftest import LATER, STANDARDS

pytestmark = pytest.mark.django_db
LISTS = "organizations persons memberships meetings papers consultations files".split()
TYPES = {
    *("System", "Body", "Organization", "Person", "Membership", "Meeting", "AgendaItem"),
    *("Paper", "Consultation", "File", "Location"),
}


def answer(url, status=200, **query):
    response = Client().get(url, query)
    assert response.status_code == status, (url, response.content[:300])
    assert response["Content-Type"] == "application/json" and not response.cookies
    assert response["Access-Control-Allow-Origin"] == "*"
    return json.loads(response.content)


def listed(cast, name, status=200, **query):
    return answer(at(cast, name), status, **query)


def at(cast, name) -> str:
    return reverse("opendata:oparl_list", args=[cast.organisation.slug, name])


def objects(told):
    """Every object in an answer, however deep."""
    if isinstance(told, dict):
        if str(told.get("type", "")).startswith(VERSION):
            yield told
        for each in told.values():
            yield from objects(each)
    elif isinstance(told, list):
        for each in told:
            yield from objects(each)


def everything(cast) -> list[dict]:
    """All that can be reached from the system, by its lists."""
    system = answer(reverse("opendata:oparl_system"))
    bodies = answer(system["body"])
    ours = answer(reverse("opendata:oparl_body", args=[cast.organisation.slug]))
    told = [system, bodies, ours, *(listed(cast, name) for name in LISTS)]
    return list(objects(told))


# --- The standard ---------------------------------------------------------------------------------


def described(name: str) -> Draft202012Validator:
    """The description of a type as a JSON Schema: its dialect is its own."""
    told = json.loads((STANDARDS / "oparl" / "schema" / f"{name}.json").read_text())
    fields = {}
    for key, rule in told["properties"].items():
        kept = {each: rule[each] for each in ("type", "pattern") if each in rule}
        match rule.get("format"):
            case "url":
                kept["pattern"] = rule.get("pattern", r"^https?://[^\s]+$")
            case "date":
                kept["pattern"] = r"^\d{4}-\d\d-\d\d$"
            case "date-time":
                kept["pattern"] = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"
        if "items" in rule:
            kept["items"] = {"type": rule["items"]["type"]}
        fields[key] = kept
    return Draft202012Validator(
        {
            "type": "object",
            "required": told["required"],
            "properties": fields,
            "patternProperties": {"^gouv:[a-zA-Z0-9]+$": {}},
            "additionalProperties": False,
        }
    )


@pytest.mark.skipif(not STANDARDS.exists(), reason="the standards are not on this machine")
def test_every_object_is_as_its_description_wants_it(online, cast):
    publishing.withdraw(online[2], reason="une adresse", by=cast.secretariat, at=LATER)
    change(cast.seat(cast.claire), end_on=date(2026, 8, 1), end_reason="demission")
    found = everything(cast)
    found += objects([listed(cast, name, modified_since="2020-01-01T00:00:00Z") for name in LISTS])
    assert {each["type"].removeprefix(VERSION) for each in found} == TYPES
    for each in found:
        faults = described(each["type"].removeprefix(VERSION)).iter_errors(each)
        assert [fault.message for fault in faults] == [], each


@pytest.mark.skipif(not STANDARDS.exists(), reason="the standards are not on this machine")
@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_examples_of_the_standard_are_too_and_a_fault_is_found(name):
    found = list((STANDARDS / "oparl" / "examples").glob(f"{name}-*.json"))
    for path in found:
        told = json.loads(path.read_text())
        assert [each.message for each in described(name).iter_errors(told)] == []
    broken = {"id": "nulle part", "type": f"{VERSION}Rien", "ailleurs": 1}
    assert len(list(described(name).iter_errors(broken))) >= 3


# --- What is told ---------------------------------------------------------------------------------


def test_each_object_is_at_the_address_that_names_it(online, cast):
    found = {each["id"]: each for each in everything(cast)}
    assert len(found) > 30
    for name, told in found.items():
        same = answer(name)
        assert same["id"] == name and same["type"] == told["type"]


@pytest.mark.database
def test_a_sitting_is_told_with_its_items_their_votes_and_its_files(online, cast):
    (june,) = listed(cast, "meetings")["data"]
    assert june["start"] == "2026-06-09T19:00:00+02:00"
    assert june["resultsProtocol"]["downloadUrl"].endswith(f"/actes/{online[0].code}/fichier/")
    items = {each["name"]: each for each in june["agendaItem"]}
    assert [each["order"] for each in items.values()] == [*range(1, len(items) + 1)]
    assert items["Budget"]["result"] == "adopté" and "result" not in items["Vœu"]
    (vote,) = items["Convention"]["gouv:votes"]
    assert vote["mode"] == "public" and vote["count"]["for"] == 4
    against = {each["choice"]: each["names"] for each in vote["voters"]}
    assert any("GARNIER" in name for names in against.values() for name in names)
    assert items["Budget"]["resolutionFile"]["gouv:sha256"] == online[1].sha256
    paper = answer(answer(items["Budget"]["consultation"])["paper"])
    (annex,) = paper["auxiliaryFile"]
    assert (annex["name"], annex["mimeType"]) == ("Maquette", "application/pdf")
    assert (
        Client().get(annex["downloadUrl"]).content == b"%PDF-1.4" and answer(annex["id"]) == annex
    )
    assert paper["reference"] == "2026-06-09/01" and paper["gouv:stands"] is True
    assert paper["gouv:signed"] is False  # nobody signed it here


def test_who_sits_is_told_by_name_and_mandates_alone(online, cast):
    change(cast.alice, email="alice@brume.example", phone="0322000000", address="3 rue du Pré")
    change(cast.alice, born_on=date(1960, 1, 2))
    (alice,) = [each for each in listed(cast, "persons")["data"] if "Alice" in each["name"]]
    (mandate,) = [each for each in alice["membership"] if "onBehalfOf" in each]
    assert mandate["role"] == "présidente" and mandate["votingRight"] is True
    assert answer(mandate["onBehalfOf"])["name"] == "Brume Agglo"
    private = ("alice@", "0322", "Pré", "1960")
    text = json.dumps(everything(cast), ensure_ascii=False)
    assert [word for word in private if word in text] == []
    change(cast.seat(cast.gaelle), capacity=Mandate.Capacity.CONSULTATIVE)
    assert not [e for e in listed(cast, "persons")["data"] if "Gaëlle" in e["name"]]
    # The bureau published nothing: who sits there is not told here.
    assert {each["name"] for each in listed(cast, "organizations")["data"]} == {
        *("Comité syndical", "Brume Agglo", "CC des Étangs", "Département de la Lisse")
    }


# --- What changed ---------------------------------------------------------------------------------


@pytest.mark.database
def test_what_was_withdrawn_is_told_as_gone_to_who_follows(online, cast):
    budget = online[1]
    before = listed(cast, "papers")["data"]
    since = (LATER + timedelta(minutes=1)).isoformat()
    for name in ("papers", "files", "meetings", "consultations"):
        assert listed(cast, name, modified_since=since)["data"] == []
    at = LATER + timedelta(days=1)
    publishing.withdraw(budget, reason="une adresse de Martin", by=cast.secretariat, at=at)
    assert len(listed(cast, "papers")["data"]) == len(before) - 1
    (gone,) = listed(cast, "papers", modified_since=since)["data"]
    assert gone.keys() == {"id", "type", "created", "modified", "deleted"} and gone["deleted"]
    assert gone["modified"] == "2026-07-26T09:30:00+02:00"
    assert answer(gone["id"]) == gone
    (annex,) = budget.annexes.all()
    url = reverse("opendata:oparl_object", args=[cast.organisation.slug, "annex", annex.pk])
    assert answer(url)["deleted"] and "name" not in answer(url)
    (file,) = listed(cast, "files", modified_since=since)["data"]
    assert file["deleted"] and "name" not in file
    assert listed(cast, "meetings", modified_since=since)["data"][0]["id"]
    (again,) = listed(cast, "meetings", created_until=since)["data"]
    assert "Budget" in {each["name"] for each in again["agendaItem"]}  # its minutes tell it
    for each in online:
        publishing.withdraw(each, reason="tout", by=cast.secretariat, at=at)
    assert listed(cast, "meetings")["data"] == []
    (empty,) = listed(cast, "meetings", modified_since=since)["data"]
    assert empty["deleted"] and "agendaItem" not in empty


def test_an_item_of_which_nothing_is_online_any_more_is_told_as_gone(online, cast):
    (june,) = listed(cast, "meetings")["data"]
    item = june["agendaItem"][0]["id"]
    for each in online:
        publishing.withdraw(each, reason="tout", by=cast.secretariat, at=LATER + timedelta(days=1))
    gone = answer(item)
    assert gone.keys() == {"id", "type", "created", "modified", "deleted"} and gone["deleted"]
    assert gone["modified"] == "2026-07-26T09:30:00+02:00"


@pytest.fixture
def follow(cast):
    """What whoever keeps a copy of the acts is told since the last time that he asked."""
    asked = timezone.now()

    def told() -> dict[str, dict]:
        nonlocal asked
        # To the microsecond, which no writing of it rounds.
        found = listed(cast, "papers", modified_since=asked.isoformat())["data"]
        asked = timezone.now()
        return {each["name"].rpartition(" ")[2]: each for each in found}

    return told


@pytest.mark.database
def test_what_a_later_act_did_is_told_to_who_follows(online, cast, hold, follow):
    """The moment moves when the act that withdraws binds, and when it does no more."""
    assert follow() == {}
    later = hold(date(2026, 9, 8), adopted=("Retrait du budget",), approves=False)
    held.issue_acts(later, by=cast.secretariat, at=LATER)
    budget = Deliberation.objects.get(item__title="Budget")
    source = later.deliberations.get()
    link = register.link(source, kind="retire", target=budget, by=cast.secretariat)
    assert follow() == {}  # it binds nobody yet
    held.bind(later, by=cast.secretariat)
    told = follow()
    assert told["Budget"]["gouv:stands"] is False and "Tarifs" not in told
    assert "Budget" not in follow()
    register.unlink(link, by=cast.secretariat, at=timezone.now())
    assert follow()["Budget"]["gouv:stands"] is True


def test_a_signature_or_an_annex_that_came_since_is_told_to_who_follows(online, cast, follow):
    (budget,) = [each for each in online if each.title.endswith("Budget")]
    SignatureStep.objects.create(
        document=budget.document, role="president", manner="main", signer="Alice", order=1
    )
    assert follow().keys() == {"Budget"}
    (first,) = budget.annexes.all()
    late = PublishedAnnex(
        publication=budget,
        rank=2,
        title="Plan",
        file=first.file.name,
        sha256=first.sha256,
        added_on=LATER.date() + timedelta(days=3),
    )
    late.save()
    (told,) = follow().values()
    _, annex = told["auxiliaryFile"]
    assert annex["created"] == annex["modified"] == "2026-07-28T00:00:00+02:00"
    assert answer(annex["id"]) == annex


@pytest.mark.database
def test_a_new_version_is_the_same_paper(online, cast, sat):
    (before,) = [e for e in listed(cast, "papers")["data"] if "Budget" in e["name"]]
    fresh = type(sat).objects.get(pk=sat.pk)
    fresh.items.filter(title="Budget").update(title="Budget primitif")
    fresh.forget()
    held.issue_acts(fresh, by=cast.secretariat, at=LATER, reason="un mot manquait")
    publishing.publish_acts(fresh, by=cast.secretariat, at=LATER + timedelta(hours=1))
    (after,) = [e for e in listed(cast, "papers")["data"] if "Budget" in e["name"]]
    assert after["id"] == before["id"] and after["modified"] > before["modified"]
    assert after["mainFile"]["id"] != before["mainFile"]["id"] and "primitif" in after["name"]


# --- Pages ----------------------------------------------------------------------------------------


def test_a_list_comes_by_pages_that_lead_to_one_another(online, cast, monkeypatch):
    monkeypatch.setattr(oparl_views, "PAGE", 2)
    whole, url = [], at(cast, "files") + "?created_since=2020-01-01T00:00:00Z"
    while url:
        told = answer(url)
        whole += told["data"]
        assert told["links"]["first"] and told["links"]["last"]
        url = told["links"].get("next")
    assert len(whole) == told["pagination"]["totalElements"] == len(online)
    assert told["pagination"]["currentPage"] == told["pagination"]["totalPages"] == 3
    assert "page=2" in told["links"]["prev"] and "created_since=2020" in told["links"]["prev"]


HOSTILE = [
    ({"page": "0"}, 400),
    ({"page": "-3"}, 400),
    ({"page": "x"}, 400),
    ({"page": "²"}, 400),
    ({"page": "9" * 100_000}, 400),
    ({"page": "999999999"}, 404),
    ({"modified_since": "hier"}, 400),
    ({"modified_since": "0000-01-01T00:00:00Z"}, 400),
    ({"modified_since": "0001-01-01T00:00:00+14:00"}, 400),
    ({"modified_since": "9999-12-31T23:59:59-12:00"}, 400),
    ({"modified_since": "漢字" * 50_000}, 400),
    ({"created_until": ""}, 400),
    ({"modified_since": "2026-01-01T00:00:00+02:00"}, 200),
    ({"modified_since": "2026-01-01T00:00:00"}, 200),
    ({"q": "a" * 100_000, "漢字": "漢字"}, 200),
]


@pytest.mark.parametrize("name", LISTS)
def test_what_makes_no_sense_is_refused_in_words(online, cast, name):
    for query, status in HOSTILE:
        told = listed(cast, name, status, **query)
        assert status == 200 or (told["type"].endswith("/Error") and told["message"][-1] == ".")


@pytest.mark.parametrize(
    "path",
    [
        *("nulle/", "nulle/files/", "val-de-brume/rien/", "val-de-brume/rien/1/"),
        *("val-de-brume/person/x/", "val-de-brume/person/" + "9" * 30 + "/"),
        *("val-de-brume/person/999999/", "val-de-brume/agendaitem/1-zz/"),
        *("val-de-brume/agendaitem/x/", "val-de-brume/agendaitem/-/"),
        *("rive/meeting/1/", "val-de-brume/paper/0/"),
    ],
)
def test_what_is_not_there_is_said_in_words(online, path):
    assert answer(f"/oparl/1.1/body/{path}", 404)["message"][-1] == "."


def test_nobody_is_told_of_another_organisation(online, cast):
    other = reverse("opendata:oparl_body", args=[cast.other_organisation.slug])
    for kind, key in (
        ("person", cast.alice.pk),
        ("meeting", online[0].document.meeting_id),
        ("file", online[0].pk),
        ("membership", Mandate.objects.first().pk),
    ):
        assert answer(f"{other}{kind}/{key}/", 404)


@pytest.mark.proof
def test_a_list_costs_the_same_whatever_its_length(online, cast, hold):
    def costs() -> dict[str, int]:
        readings.bring_up_to_date()
        return {name: queries(lambda: listed(cast, name)) for name in LISTS}  # noqa: B023 at once

    one = costs()
    for month in (9, 10):
        meeting = hold(date(2026, month, 8), adopted=("a", "b", "c"), approves=False)
        held.issue_acts(meeting, by=cast.secretariat, at=LATER)
        publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    assert costs() == one and max(one.values()) <= 12
    for name in LISTS:
        told = listed(cast, name)
        weight = len(json.dumps(told, ensure_ascii=False)) / len(told["data"])
        assert weight < (12_000 if name == "meetings" else 4_000), name
