"""The table of deliberations (SCDL 2.1.5): only what stands, and nothing that it cannot say."""

import csv
import io
import json
import re
import tracemalloc
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from frictionless import Resource, Schema, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import actions as publishing
from documents import papers
from law import ballots, nomenclature, sirens
from law.ballots import Choice
from law.sitting import Fate, Ground, Recused
from meetings.actions import decisions, ledger
from meetings.models import AgendaItem
from members.models import Organisation
from opendata import readings, scdl, serving, table
from opendata.site import Site
from registry.acts import actions
from registry.models import Deliberation
from tests import held
from tests.cast import change
from tests.costs import queries
from tests.opendata.conftest import LATER, SIRET, STANDARDS, file_all
from transmission.models import ActSheet, Transmission

YEAR = 2026


def asked(cast, year=YEAR):
    return Client().get(reverse("opendata:scdl", args=[cast.organisation.slug, year]))


def lines_of(response) -> list[dict[str, str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def last_of(meeting) -> str:
    """The key of its last item."""
    *_, node = meeting.agenda.nodes
    return node.item.key


def votes(line) -> tuple[str, ...]:
    return tuple(line[name] for name in scdl.COLUMNS if name.startswith("VOTE_"))


# --- The standard ---------------------------------------------------------------------------------

# What the table schema asks of each column, and the checks that it names, as this house reads
# them: frictionless knows the first, and only validata the others.
REQUIRED = scdl.COLUMNS[:7]
PATTERNS = {
    "COLL_SIRET": r"\d{14}",
    "DELIB_MATIERE_CODE": r"\d\.\d{1,2}",
    "DELIB_DATE": r"\d{4}-\d\d-\d\d",
    "PREF_DATE": r"(\d{4}-\d\d-\d\d)?",
    "PREF_ID": r"(PREF\d[0-9AB]\d|SPREF\d[0-9AB]\d\d)?",
    "DELIB_URL": r"https?://[^ ]+",
    **{name: r"\d*" for name in scdl.COLUMNS if name.startswith("VOTE_")},
}


def faults(line: dict[str, str]) -> list[str]:
    """What the schema would say of a line."""
    found = [name for name in REQUIRED if not line[name]]
    found += [name for name, want in PATTERNS.items() if not re.fullmatch(want, line[name])]
    if sirens.fault_of_siret(line["COLL_SIRET"]):
        found.append("siret")
    counted = [each for each in votes(line) if each]
    if counted:
        if len(counted) != 5:
            return [*found, "votes"]
        in_office, voting, *shares = map(int, counted)
        if in_office < voting or voting != sum(shares):
            found.append("sum")
    if line["PREF_DATE"] and line["PREF_DATE"] < line["DELIB_DATE"]:
        found.append("received before")
    first, _, second = line["DELIB_MATIERE_NOM"].partition("/")
    if first not in {name.partition("/")[0] for name in nomenclature.SECOND_LEVEL.values()}:
        found.append("first level")
    if not second or "/" in second or re.search(r"[,()]|^ | $|[A-Z]", second):
        found.append("second level")
    return found


def as_frictionless() -> dict:
    """The table schema, field by field: type, format, constraints."""
    typed = {"DELIB_DATE": "date", "PREF_DATE": "date"}
    typed |= {name: "integer" for name in scdl.COLUMNS if name.startswith("VOTE_")}
    ruled: dict[str, dict] = {name: {"required": True} for name in REQUIRED}
    ruled["COLL_SIRET"] |= {"pattern": r"^\d{14}$"}
    ruled["DELIB_MATIERE_CODE"] |= {"pattern": r"^\d\.\d{1,2}$"}
    ruled["BUDGET_ANNEE"] = {"pattern": r"^[0-9]{4}(\/[0-9]{4})?$"}
    fields = []
    for name in scdl.COLUMNS:
        told = {"name": name, "type": typed.get(name, "string")}
        told |= {"format": "uri"} if name == "DELIB_URL" else {}
        fields.append(told | ({"constraints": ruled[name]} if name in ruled else {}))
    return {"fields": fields}


def objections(table: str) -> list[str]:
    """What frictionless says of a table."""
    resource = Resource(
        data=table.encode(), format="csv", schema=Schema.from_descriptor(as_frictionless())
    )
    return [f"{told}" for told in validate(resource).flatten(["rowNumber", "fieldName", "type"])]


@pytest.mark.skipif(not STANDARDS.exists(), reason="the standards are not on this machine")
def test_the_columns_and_the_rules_are_those_of_the_schema():
    schema = json.loads((STANDARDS / "scdl/deliberations-2.1.5.schema.json").read_text())
    told = ("name", "type", "format", "constraints")
    fields = [{key: each[key] for key in told if key in each} for each in schema["fields"]]
    assert fields == as_frictionless()["fields"] and schema["version"] == scdl.VERSION


def test_a_line_that_the_schema_refuses_is_found():
    good = list(scdl.lines([row()]))
    assert objections("".join(good)) == []
    for fault in (("7.10", "7.1000"), ("2026-06-09", "9 juin"), (SIRET, "123")):
        assert objections("".join(good).replace(*fault)) != []


def test_every_name_of_the_nomenclature_is_as_the_schema_wants_it():
    counts = {"1": 7, "2": 3, "3": 6, "4": 5, "5": 8, "6": 5, "7": 10, "8": 9, "9": 4}
    found = dict.fromkeys(counts, 0)
    for code, name in nomenclature.SECOND_LEVEL.items():
        found[code[0]] += 1
        assert re.fullmatch(r"[a-zàâçéèêëîïôœû' ]+/[a-zàâçéèêëîïôœû' ]+", name), name
    assert found == counts


@pytest.mark.parametrize(
    ("matter", "code"),
    [("7.10", "7.10"), ("7.1", "7.1"), ("7.10.2", "7.10"), ("5.3.1", "5.3")],
)
def test_a_matter_is_text(matter, code):
    found, name = nomenclature.second_level(matter)
    assert found == code and name == nomenclature.SECOND_LEVEL[code]


@pytest.mark.parametrize("matter", ["", "7", "7.11", "10.1", "7.100", "x", "7,1", "7.10x"])
def test_what_is_no_matter_is_none(matter):
    assert nomenclature.second_level(matter) is None


# --- Cells ----------------------------------------------------------------------------------------

HOSTILE = st.text(max_size=80) | st.sampled_from(
    [
        "=1+1",
        "+33",
        "-1",
        "@SUM(A1)",
        '"',
        '""',
        "a\nb",
        "a\r\nb",
        "漢字",
        "'=x",
        "a;b,c",
        "«\u00a0»",
    ]
)


def row(**more) -> scdl.Row:
    told = {"name": "Val de Brume", "siret": SIRET, "number": "2026-01", "day": date(2026, 6, 9)}
    told |= {"matter": "7.10", "object": "Tarifs", "address": "https://x.example/actes/A/"}
    return scdl.Row(**told | more)


@given(title=HOSTILE, number=HOSTILE.filter(str.strip))
@settings(max_examples=60, deadline=None)
def test_whatever_the_title_the_line_is_one_line_and_says_it(title, number):
    rows = [row(object=title or "-", number=number), row()]
    assert objections("".join(scdl.lines(rows))) == []
    table = list(csv.reader(io.StringIO("".join(scdl.lines(rows)), newline="")))
    assert [len(each) for each in table] == [17, 17, 17]
    cell = table[1][scdl.COLUMNS.index("DELIB_OBJET")]
    assert scdl.as_told(cell) == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", title or "-")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"siret": ""}, "siret"),
        ({"siret": "20000001600019"}, "siret"),
        ({"siret": "2000000160001"}, "siret"),
        ({"matter": ""}, "matiere"),
        ({"matter": "7.11"}, "matiere"),
        ({}, ""),
    ],
)
def test_a_line_that_lacks_what_is_required_is_left_out(more, why):
    assert scdl.lacks(row(**more)) == why
    assert len(list(scdl.lines([row(**more)]))) == (1 if why else 2)


def test_a_day_of_receipt_before_the_sitting_is_not_told():
    for received, told in (
        (date(2026, 6, 8), ""),
        (date(2026, 6, 9), "2026-06-09"),
        (date(2026, 6, 12), "2026-06-12"),
    ):
        cells = dict(zip(scdl.COLUMNS, scdl.cells(row(received_on=received)), strict=True))
        assert cells["PREF_DATE"] == told


# --- What is there --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.database
def test_each_act_that_stands_has_its_line_which_the_schema_accepts(online, cast):
    assert objections(b"".join(asked(cast).streaming_content).decode()) == []
    lines = {line["DELIB_OBJET"]: line for line in lines_of(asked(cast))}
    assert {*lines} == {"Budget", "Convention", "Tarifs"}  # the wish was adjourned
    assert {name: faults(line) for name, line in lines.items()} == {name: [] for name in lines}
    budget = lines["Budget"]
    assert budget["COLL_SIRET"] == SIRET and budget["PREF_ID"] == "PREF080"
    assert (budget["DELIB_DATE"], budget["DELIB_MATIERE_CODE"]) == ("2026-06-09", "7.10")
    assert budget["DELIB_URL"].endswith(f"/actes/{online[1].code}/")
    # Five voting by hand or proxy, before Farid came; then six by name.
    assert votes(budget) == ("6", "5", "5", "0", "0")
    assert votes(lines["Convention"]) == ("6", "6", "4", "1", "1")
    assert votes(lines["Tarifs"]) == ("",) * 5  # a blank paper has no column


@pytest.mark.django_db
@pytest.mark.database
def test_what_is_withdrawn_fallen_or_not_filed_has_no_line(online, cast, sat):
    def told():
        return {line["DELIB_OBJET"] for line in lines_of(asked(cast))}

    assert told() == {"Budget", "Convention", "Tarifs"}
    budget, convention = online[1], online[2]
    publishing.withdraw(budget, reason="une adresse", by=cast.secretariat, at=LATER)
    assert told() == {"Convention", "Tarifs"}
    (event,) = [
        event
        for event in sat.ledger
        if getattr(getattr(event, "ballot", None), "item", "") == convention.document.subject
    ]
    fresh = type(sat).objects.get(pk=sat.pk)
    ledger.void(fresh, seq=event.seq, reason="mal compté", by=cast.secretariat)
    assert told() == {"Tarifs"}
    sheet = ActSheet.objects.get(deliberation__item__title="Tarifs")
    change(sheet, matter="", confirmed_at=timezone.now())
    page = Client().get(reverse("opendata:page", args=[cast.organisation.slug]))
    assert "aucune délibération à ce format, sur 1 en ligne" in page.text
    assert told() == set()


@pytest.mark.django_db
def test_the_day_of_receipt_is_that_of_what_the_prefecture_still_has(online, cast):
    def received():
        return {line["DELIB_OBJET"]: line["PREF_DATE"] for line in lines_of(asked(cast))}

    sheet = ActSheet.objects.get(deliberation__item__title="Budget")
    common = {"sheet": sheet, "document": online[1].document, "number": "1", "identifier": "x"}
    for state, day in (("refusee", date(2026, 6, 11)), ("recue", date(2026, 6, 12))):
        row = Transmission.objects.create(**common, state=state, received_on=day, settled_at=LATER)
    assert received() == {"Budget": "2026-06-12", "Convention": "", "Tarifs": ""}
    row.settle(state="annulee", settled_at=LATER + timedelta(days=1))
    assert received()["Budget"] == ""


@pytest.mark.django_db
def test_what_a_later_deliberation_withdraws_has_no_line_while_it_stands(online, cast, hold):
    later = hold(date(2026, 9, 8), adopted=("Retrait du budget",), approves=False)
    held.issue_acts(later, by=cast.secretariat, at=LATER)
    budget = Deliberation.objects.get(item__title="Budget")
    source = later.deliberations.get()
    link = actions.link(source, kind="retire", target=budget, by=cast.secretariat)
    papers_at = f"/oparl/1.1/body/{cast.organisation.slug}/papers/"

    def standing() -> dict[str, bool]:
        told = Client().get(papers_at).json()["data"]
        return {each["name"].rpartition(" ")[2]: each["gouv:stands"] for each in told}

    assert standing()["Budget"]  # the other binds nobody yet
    assert "Budget" in {line["DELIB_OBJET"] for line in lines_of(asked(cast))}
    held.bind(later, by=cast.secretariat)
    assert not standing()["Budget"] and standing()["Tarifs"]
    assert {line["DELIB_OBJET"] for line in lines_of(asked(cast))} == {"Convention", "Tarifs"}
    actions.unlink(link, by=cast.secretariat, at=LATER)
    assert "Budget" in {line["DELIB_OBJET"] for line in lines_of(asked(cast))}


@pytest.mark.django_db
def test_a_number_that_two_bodies_gave_says_which(online, cast):
    assert {line["DELIB_ID"] for line in lines_of(asked(cast))} == {
        f"2026-06-09/0{rank}" for rank in (1, 2, 3)
    }
    meeting = held.prepare(cast, "Bail", body=cast.bureau, clock="17:00")
    held.sit(meeting, by=cast.secretariat)
    change(meeting.items.get(title="Bail"), effect=AgendaItem.Effect.DELEGATION)
    meeting.forget()
    ballot = ballots.Ballot(item=last_of(meeting))
    decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat)
    held.issue_acts(meeting, by=cast.secretariat)
    file_all(cast)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    told = {line["DELIB_OBJET"]: line["DELIB_ID"] for line in lines_of(asked(cast))}
    assert told["Bail"] == "bureau-2026-06-09/01" and told["Budget"] == "comite-2026-06-09/01"
    assert told["Tarifs"] == "2026-06-09/03"


DECISIONS = {
    "prend acte": lambda meeting, key, by: decisions.note_fate(
        meeting, item=key, fate=Fate.TOOK_NOTE, by=by
    ),
    "two questions": lambda meeting, key, by: [
        decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=key, question=each), by=by)
        for each in ("L’achat", "La vente")
    ],
    "unanimity that nobody counted": lambda meeting, key, by: decisions.hold_ballot(
        meeting, ballot=ballots.Ballot(item=key, stated="à l’unanimité", is_counted=False), by=by
    ),
    "a null paper": lambda meeting, key, by: decisions.hold_ballot(
        meeting,
        ballot=ballots.Ballot(
            item=key,
            mode=ballots.Mode.SECRET,
            counts={Choice.FOR: 5, Choice.NULL: 1},
        ),
        by=by,
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("how", DECISIONS)
def test_what_the_table_cannot_say_is_left_empty(cast, known, media, how):
    meeting = held.prepare(cast, "Point")
    held.sit(meeting, by=cast.secretariat)
    DECISIONS[how](meeting, last_of(meeting), cast.secretariat)
    held.issue_acts(meeting, by=cast.secretariat)
    file_all(cast)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    (line,) = lines_of(asked(cast))
    assert (votes(line), faults(line)) == (("",) * 5, [])


@pytest.mark.django_db
def test_weighed_votes_are_left_empty_and_who_takes_no_part_is_not_counted(cast, known, media):
    meeting = held.prepare(cast, "Un")
    held.sit(meeting, by=cast.secretariat)
    key = last_of(meeting)
    ballot = ballots.Ballot(item=key, choices={"farid-faure": Choice.NOT_VOTING})
    decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat)
    held.issue_acts(meeting, by=cast.secretariat)
    file_all(cast)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    (line,) = lines_of(asked(cast))
    assert votes(line) == ("6", "5", "5", "0", "0")
    change(cast.seat(cast.alice), weight=3)
    heavy = held.prepare(cast, "Deux", held_on=date(2026, 9, 8))
    held.sit(heavy, by=cast.secretariat)
    key = last_of(heavy)
    decisions.hold_ballot(heavy, ballot=ballots.Ballot(item=key), by=cast.secretariat)
    held.issue_acts(heavy, by=cast.secretariat, at=LATER)
    file_all(cast)
    publishing.publish_acts(heavy, by=cast.secretariat, at=LATER)
    assert [votes(each) for each in lines_of(asked(cast))][1:] == [("",) * 5]


@pytest.mark.django_db
def test_who_withdrew_is_none_of_those_who_might_vote(cast, known, media):
    """The president who leaves the accounts stood among the voters of the table."""
    meeting = held.prepare(cast, "Un")
    held.sit(meeting, by=cast.secretariat, excused=("denis-duval",))
    key = last_of(meeting)
    gone = Recused(member="farid-faure", item=key, ground=Ground.PERSONAL)
    ledger.record(meeting, gone, by=cast.secretariat)
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=key), by=cast.secretariat)
    extract, _ = held.issue_acts(meeting, by=cast.secretariat)
    file_all(cast)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    (line,) = lines_of(asked(cast))
    assert (votes(line), faults(line)) == (("5", "4", "4", "0", "0"), [])
    # What was issued before it said so says no other thing.
    told = json.loads(extract.content)
    (step,) = (each for each in told["decisions"] if each["kind"] == "vote")
    assert step["count"].pop("entitled") == 5
    older = papers.from_json(json.dumps(told))
    assert older == extract.paper and readings.votes_of(older) == [6, 4, 4, 0, 0]


# --- How it is served -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_written_once_and_a_cache_asks_whether_it_holds(online, cast, own_folder):
    first = asked(cast)
    assert first["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        f'filename="deliberations-{cast.organisation.slug}-2026.csv"'
        in first["Content-Disposition"]
    )
    assert first["Access-Control-Allow-Origin"] == "*" and not first.cookies
    body = b"".join(first.streaming_content)
    assert int(first["Content-Length"]) == len(body)
    url = reverse("opendata:scdl", args=[cast.organisation.slug, YEAR])
    known = {"If-None-Match": first["ETag"]}
    assert queries(lambda: Client().get(url, headers=known)) == 3
    assert Client().get(url, headers=known).status_code == 304
    # Written already: who asks again has only the state of things read, whatever he adds.
    (kept,) = own_folder.iterdir()
    written = kept.stat().st_mtime_ns
    for more in ("", "?a=1", "?a=2&" + "b" * 5000):
        assert queries(lambda: b"".join(Client().get(url + more))) <= 6  # noqa: B023 at once
    assert [each.stat().st_mtime_ns for each in own_folder.iterdir()] == [written]
    publishing.withdraw(online[1], reason="une adresse", by=cast.secretariat, at=LATER)
    assert b"".join(asked(cast).streaming_content) != body
    (other,) = own_folder.glob(f"scdl-{cast.organisation.pk}-2026-*")
    assert other != kept


def test_a_long_table_is_written_without_being_held():
    """Forty thousand lines, 5 Mo, in a fifth of it."""
    tracemalloc.start()
    file = serving.written("essai", 1, lambda: scdl.lines(row() for _ in range(40_000)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with file:
        assert file.seek(0, 2) > 4_500_000 and most < 900_000


def test_who_asks_of_another_state_takes_nothing_away_from_who_reads(own_folder):
    """Two addresses of one site, or something put online meanwhile."""
    first = serving.written("essai", 1, lambda: ["un"])
    second = serving.written("essai", 2, lambda: ["deux"])
    with first, second:
        assert (first.read(), second.read()) == (b"un", b"deux")
    assert len(list(own_folder.iterdir())) == 1


def test_what_fails_leaves_no_file_and_too_many_wait(own_folder, monkeypatch):
    def broken():
        yield "a"
        raise ValueError

    with pytest.raises(ValueError):
        serving.written("essai", 1, broken)
    assert list(own_folder.iterdir()) == []
    monkeypatch.setattr(serving, "WAIT", 0)
    with serving.turn(), serving.turn(), pytest.raises(serving.Refusal) as refused:
        serving.written("essai", 1, broken)
    answer = refused.value.response()
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


@pytest.mark.django_db
def test_the_table_costs_the_same_whatever_its_length(online, cast, known, hold):
    def cost() -> int:
        return queries(lambda: list(readings_lines(cast)))

    one = cost()
    more = hold(date(2026, 9, 8), adopted=tuple(f"Objet {n}" for n in range(4)), approves=False)
    held.issue_acts(more, by=cast.secretariat, at=LATER)
    publishing.publish_acts(more, by=cast.secretariat, at=LATER)
    file_all(cast)
    readings.bring_up_to_date()
    assert len(list(readings_lines(cast))) == 1 + 3 + 4 and cost() == one


def readings_lines(cast):
    organisation = Organisation.objects.get(pk=cast.organisation.pk)
    return scdl.lines(table.rows(organisation, YEAR, Site("https://x.example")))


@pytest.mark.django_db
def test_years_and_organisations_that_are_none(cast, media):
    assert lines_of(asked(cast, 2031)) == []
    for year in (0, 1, 1899, 9999, 99999999999999999999):
        assert asked(cast, year).status_code == 404
    assert Client().get("/actes/nulle/donnees/deliberations-2026.csv").status_code == 404
    assert Client().post(f"/actes/{cast.organisation.slug}/donnees/").status_code == 405
