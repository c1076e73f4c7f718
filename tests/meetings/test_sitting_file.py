"""A sitting as a file: the same bytes after a journey, and a French answer to every bad file."""

import copy
import json
from datetime import date, datetime, time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from law import ballots, codec, regime, sitting
from law.ballots import Choice, Mode
from law.findings import Refused
from meetings import sitting_file, sitting_schema
from meetings.actions import (
    attendance,
    conduct,
    decisions,
    items,
    joining,
    ledger,
    preparing,
    texts,
)
from meetings.models import AgendaItem, Attachment, Ballot, Brief, Meeting, SittingEvent, Vote
from members.models import Body, Community, Mandate, Organisation, Person, RuleBook
from tests.cast import change
from tests.meetings import files
from tests.meetings.conftest import at

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def full(cast, comite, by) -> Meeting:
    """A Comité with everything in it: movements, proxy, substitute, votes, voiding, texts."""
    previous, bureau = (
        preparing.create_meeting(body=body, held_on=on, starts_at=at, by=by)
        for body, on, at in (
            (cast.comite, date(2026, 5, 12), time(19)),
            (cast.bureau, date(2026, 6, 2), time(17, 30)),
        )
    )
    studied = items.add_item(bureau, title="Budget primitif", by=by)
    change(
        comite,
        is_hour_unknown=True,
        in_one_place=True,
        place="dans ses locaux",
        attending="Mme Zoé Zébu, directrice\nM. Max Motte, trésorier",
        stated_presence="5 présents, 1 pouvoir",
        convened_on=date(2026, 6, 1),
        second_call_on=date(2026, 6, 16),
    )
    approval = {"title": "Procès-verbal du 12 mai", "approves": previous}
    items.add_item(comite, kind="approbation", **approval, by=by)
    section = items.add_item(comite, kind="section", title="Finances", by=by)
    budget = items.add_item(
        comite,
        title="Budget primitif <2026>",
        parent=section,
        text="<p>Le rapport est <strong>présenté</strong>.</p><ul><li>recettes</li></ul>",
        rapporteur="bruno-besson",
        label="2 bis",
        effect="deliberation",
        by=by,
    )
    change(
        budget,
        announced="Budget",
        received_on=date(2026, 6, 3),
        voted_lines="Budget\tProposé\nPrincipal\t1 200 €\nAnnexe",
    )
    blank = texts.brief_parts(texts.brief_of(budget))
    written = {
        "note": "<p>Les recettes <em>baissent</em>.</p>",
        "visas": "le code général\nles statuts",
        "recitals": "que le budget est équilibré",
        "articles": "adopte le budget :\n- en recettes\n- en dépenses\nautorise le Président",
    }
    texts.save_brief(budget, parts=blank | written, base=texts.brief_base(blank), by=by)
    examined = {"title": "Vu au Bureau", "parent": section, "examines": studied}
    items.add_item(comite, kind="examen", **examined, by=by)
    people = "alice-arnaud bruno-besson denis-duval farid-faure gaelle-garnier".split()
    standings = dict.fromkeys(people, "present") | {"elsa-evrard": "excuse"}
    attendance.set_roll(comite, standings=standings, by=by)
    ledger.record(
        comite,
        sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron"),
        sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
        by=by,
    )
    opened = {"chair": "alice-arnaud", "clerks": ["bruno-besson"], "opened_at": at("19:05")}
    conduct.set_conduct(comite, **opened, closed_at=None, by=by)
    ledger.record(comite, sitting.Left(member="farid-faure", at=at("20:10"), before="p3"), by=by)
    decisions.hold_ballot(comite, ballot=ballots.Ballot(item="p1"), by=by)
    seats = [voice.seat for voice in comite.sitting.at_item["p3"].voices]
    choices = dict.fromkeys(seats, Choice.FOR) | {"elsa-evrard": Choice.AGAINST}
    public = ballots.Ballot(item="p3", mode=Mode.PUBLIC, choices=choices)
    decisions.hold_ballot(comite, ballot=public, by=by)
    ledger.void(comite, seq=comite.ledger[-1].seq, reason="erreur", by=by)
    decisions.hold_ballot(comite, ballot=public, by=by)
    ledger.record(comite, sitting.Closed(at=at("21:00")), by=by)
    return comite


def text_of(meeting: Meeting) -> str:
    return sitting_file.dump(sitting_file.export(meeting))


def bring(document: dict | str | bytes, **how) -> sitting_file.Imported:
    content = document if isinstance(document, str | bytes) else json.dumps(document)
    return sitting_file.import_(sitting_file.read(content), **how)


@pytest.fixture
def document(full) -> dict:
    """The file of that sitting, ready to be spoilt."""
    return json.loads(text_of(full))


def forget_everything() -> None:
    """Nothing here is of that organisation any more: the file must stand alone."""
    Organisation.objects.filter(slug="val-de-brume").update(slug="ailleurs", siren="")


def faults_of(document) -> dict[str, str]:
    """What an import answers, by path; nothing may have been written."""
    before = counts()
    with pytest.raises(Refused) as refusal:
        bring(document)
    assert counts() == before
    found: dict[str, list[str]] = {}
    for each in refusal.value.findings:
        found.setdefault(each.field, []).append(str(each))
    return {path: " / ".join(said) for path, said in found.items()}


def counts() -> tuple[int, ...]:
    models = (Organisation, Body, Community, Person, Mandate, RuleBook, Meeting, AgendaItem)
    return tuple(model.objects.count() for model in (*models, SittingEvent, Ballot, Vote))


# --- The journey ------------------------------------------------------------------------------


def test_a_file_comes_back_the_same_after_a_trial_that_writes_nothing(full, by):
    def readings(meeting):
        held = Ballot.objects.filter(event__meeting=meeting)
        return sorted(held.values_list("event__seq", "verdict", "votes_for", "votes__mandate"))

    text = text_of(full)
    forget_everything()
    empty = counts()
    trial = bring(text, dry_run=True)
    assert (trial.meeting, counts()) == (None, empty)
    assert "la séance « Comité syndical du 9 juin 2026 »" in trial.created
    done = bring(text, by=by)
    assert text_of(done.meeting) == text
    assert [row[:3] for row in readings(done.meeting)] == [row[:3] for row in readings(full)]
    assert Vote.objects.filter(ballot__event__meeting=done.meeting).count() == 5
    assert done.meeting.stage == Meeting.Stage.CLOSED
    assert set(done.meeting.events.values_list("recorded_by", flat=True)) == {by.pk}
    call_command("verify_ledger")
    (why,) = faults_of(text).values()
    assert why.startswith("Cette séance existe déjà (Comité syndical du 9 juin 2026, 19 h)")
    assert why.endswith("rien n’a été changé.")


def test_a_coming_sitting_comes_back_the_same(comite):
    items.add_item(comite, title="Budget", by=None)
    text = text_of(comite)
    forget_everything()
    assert text_of(bring(text).meeting) == text
    assert not SittingEvent.objects.exists()


def test_a_cancelled_sitting_says_so_and_comes_back_cancelled(comite):
    before = text_of(comite)
    change(comite, stage=Meeting.Stage.CANCELLED)
    after = text_of(Meeting.objects.get(pk=comite.pk))
    assert before != after and json.loads(after)["meeting"]["is_cancelled"] is True
    forget_everything()
    assert bring(after).meeting.stage == Meeting.Stage.CANCELLED


def test_what_is_already_there_is_used_and_not_changed(document, cast):
    with pytest.raises(Refused) as refusal:
        bring(document, organisation=cast.other_organisation)
    assert refusal.value.findings[0].field == "organisation.slug"
    document["meeting"]["held_on"] = "2026-06-16"
    for line in document["ledger"]:
        if "at" in line:
            line["at"] = line["at"].replace("2026-06-09", "2026-06-16")
    document["body"]["name"] = "Un autre nom"
    people, mandates = Person.objects.count(), list(Mandate.objects.order_by("pk").values())
    done = bring(document)
    assert (done.meeting.body, done.meeting.body.name) == (cast.comite, "Comité syndical")
    assert Person.objects.count() == people
    assert list(Mandate.objects.order_by("pk").values()) == mandates
    assert [note for note in done.notes if "nom" in note]


@pytest.mark.proof
def test_a_sitting_known_by_a_reference_only_is_completed(full):
    whole = text_of(full)
    previous = Meeting.objects.get(held_on=date(2026, 5, 12))
    change(previous, place="à Brume")
    items.add_item(previous, title="Tarifs", by=None)
    earlier = text_of(previous)
    forget_everything()
    bring(whole)
    bare = Meeting.objects.exclude(pk=previous.pk).get(held_on=date(2026, 5, 12))
    assert (bare.place, bare.items.count()) == ("", 0)
    done = bring(earlier)
    assert done.meeting == bare
    assert text_of(done.meeting) == earlier
    with pytest.raises(Refused):
        bring(earlier)


def test_any_name_comes_back_and_homonyms_stay_two_people(document):
    forget_everything()
    members = document["ledger"][0]["composition"]["members"]
    names = ["O’Neill-d’Été", "漢字", "🏛️", "<b>Le</b> & <script>", "É" * 200, "Œ’"]
    for member, name in zip(members, names, strict=False):
        member["last_name"] = name
    members.append({**members[0], "key": "alice-arnaud-2", "office": ""})
    back = sitting_file.export(bring(document).meeting)["ledger"][0]["composition"]["members"]
    assert [member["last_name"] for member in back] == [m["last_name"] for m in members]
    assert back[-1]["key"] == "alice-arnaud-2"
    found = [Person.objects.filter(last_name=name).count() for name in names]
    assert found == [2, 1, 1, 1, 1, 1]


def test_mandates_made_for_an_old_sitting_do_not_overlap(document, cast):
    del document["body"]["mandates"], document["references"]
    document["agenda"], document["ledger"] = [], document["ledger"][:1]
    document["meeting"] = {"held_on": "2024-03-05", "starts_at": "18:00"}
    bring(document)
    seats = Mandate.objects.filter(body=cast.comite, person=cast.alice).order_by("start_on")
    made = (date(2024, 3, 5), date(2026, 5, 3))
    assert list(seats.values_list("start_on", "end_on")) == [made, (date(2026, 5, 4), None)]


# --- Bad files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "Le fichier est vide."),
        ("   \n", "Le fichier est vide."),
        ("procès-verbal", "Ce n’est pas du JSON (ligne 1, colonne 1)."),
        ('{"a" 1}', "Ce n’est pas du JSON (ligne 1, colonne 6)."),
        ("séance".encode("latin-1"), "Le fichier n’est pas en UTF-8 (octet 2)."),
        (b"PK\x03\x04\xff", "Le fichier n’est pas en UTF-8 (octet 5)."),
        ("[" * 100_000, "Les éléments sont imbriqués trop profondément."),
        ("[" * 200 + "]" * 200, "Les éléments sont imbriqués trop profondément."),
        ("1" * 10_000, "Ce n’est pas du JSON : un nombre est démesuré."),
        ("NaN", "Ce n’est pas un nombre."),
        ("-1e999", "Ce n’est pas un nombre."),
        (b" " * (sitting_schema.MAX_BYTES + 1), "Le fichier dépasse 20 Mo."),
        ("null", "Un objet { … } est attendu."),
        ("[]", "Un objet { … } est attendu."),
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_what_is_not_a_sitting(db, content, message):
    assert message in faults_of(content).values()


def test_an_empty_object_says_all_that_is_missing_and_commands_answer_in_french(db, tmp_path):
    missing = "format version organisation body meeting agenda ledger".split()
    assert faults_of({}).keys() == set(missing)
    wrong = tmp_path / "faux.json"
    wrong.write_text("{}")
    for said, *command in (
        ("Il n’y a pas de séance 7", "export_sitting", "7"),
        ("ne se lit pas", "import_sitting", str(tmp_path / "absent.json")),
        ("Aucun compte", "import_sitting", "x.json", "--par=personne@ailleurs.example"),
        ("7 objections", "import_sitting", str(wrong)),
    ):
        with pytest.raises(CommandError, match=said):
            call_command(*command)


def test_all_faults_at_once_each_by_its_path(document):
    text = json.dumps(document).replace('"version": 1', '"version": 1, "version": 1')
    assert faults_of(text) == {"version": "Cette clé est donnée deux fois."}
    document["agenda"][1]["children"][0]["titre"] = "x"
    del document["agenda"][0]["title"]
    document["meeting"]["held_on"] = "2026-02-30"
    document["meeting"]["starts_at"] = "25:00"
    document["organisation"]["legal_form"] = "sivom"
    document["ledger"][0]["regime"]["quorum_fraction"] = 0.5
    document["ledger"][0]["composition"]["members"][2]["weight"] = "deux"
    document["ledger"][1]["kind"] = "arrive"
    document["version"] = 99
    assert faults_of(document) == {
        "agenda[0].title": "Cette clé manque.",
        "agenda[1].children[0].titre": "Clé inconnue. Vouliez-vous dire « title » ?",
        "ledger[0].composition.members[2].weight": "Un nombre entier est attendu.",
        "ledger[0].regime.quorum_fraction": "Un texte est attendu.",
        "ledger[1].kind": 'Valeur inconnue : "arrive". Attendu : '
        + ", ".join(f'"{kind}"' for kind in codec.KINDS)
        + ".",
        "meeting.held_on": '"2026-02-30" ne convient pas. Une date, comme 2016-11-16.',
        "meeting.starts_at": '"25:00" ne convient pas. Une heure, comme 17:30.',
        "organisation.legal_form": 'Valeur inconnue : "sivom". '
        'Attendu : "smo", "smf", "epci", "commune".',
        "version": "1 est attendu.",
    }


def spoil(document: dict, path: str, value) -> None:
    *steps, last = [int(s) if s.isdigit() else s for s in path.split("/")]
    for step in steps:
        document = document[step]
    document[last] = value


TITLE, BUDGET, MEMBERS = "agenda/0/title", "agenda/1/children/0", "ledger/0/composition/members"
CONTRADICTIONS = [
    # path, value, where the fault is when it is not there, words
    (TITLE, "a\u0000b", "", "Le texte contient un caractère interdit."),
    (TITLE, "a\ud800b", "", "Le texte contient un caractère interdit."),
    (TITLE, "x" * 501, "", "Ce texte dépasse 500 caractères."),
    (TITLE, "", "", "Ce texte ne peut être vide."),
    (TITLE, "  ", "", "Ce texte ne peut être vide."),
    (TITLE, float("nan"), "", "Ce n’est pas un nombre."),
    (TITLE, 7, "", "Un texte est attendu."),
    (TITLE, None, "", "Un texte est attendu."),
    (f"{BUDGET}/key", "p1", "", "déjà prise"),
    (f"{BUDGET}/rapporteur", "zoe", "", "zoe"),
    (f"{BUDGET}/brief", {"note": 3}, f"{BUDGET}/brief/note", "Un texte"),
    (f"{BUDGET}/brief", {"visas": "un"}, f"{BUDGET}/brief/visas", "Une liste"),
    (f"{BUDGET}/brief", {"articles": [""]}, f"{BUDGET}/brief/articles/0", "vide"),
    (f"{BUDGET}/brief", {"decision": "x"}, f"{BUDGET}/brief/decision", "inconnue"),
    (f"{BUDGET}/brief", {"recitals": ["x"] * 501}, f"{BUDGET}/brief/recitals", "500"),
    ("agenda/0/approves/held_on", "2020-01-01", "agenda/0/approves", "n’est pas ici"),
    ("agenda/1/children/1/examines/item", "p9", "", "p9"),
    ("meeting/convened_on", "2026-06-10", "", "convocation"),
    ("meeting/second_call_of", {"held_on": "2026-06-09"}, "", "précéder"),
    (f"{MEMBERS}/1/key", "alice-arnaud", "", "déjà prise"),
    (f"{MEMBERS}/0/constituency", "Ailleurs", "", "Ailleurs"),
    (f"{MEMBERS}/0/replaces", "bruno-besson", "", "suppléant"),
    ("ledger/1/member", "inconnu", "", "ne fait pas partie"),
    ("ledger/1", {"kind": "voided", "target": 99}, "ledger/1/target", "n° 99"),
    ("ledger/1/at", "2026-06-20T19:00", "", "autre jour"),
    ("ledger/1/at", "2026-06-09T25:00", "", "moment"),
    ("ledger/0", {"kind": "suspended"}, "ledger/0/kind", "composition"),
    ("body/mandates/0/start_on", "2026-07-01", "body/mandates/0", "ne couvre pas"),
    ("body/mandates/0/member", "zoe", "", "composition"),
]


def test_a_file_that_contradicts_itself(document):
    document["meeting"]["starts_at"] = "20:00"  # another sitting of the same day
    for path, value, fault, words in CONTRADICTIONS:
        spoilt = copy.deepcopy(document)
        spoil(spoilt, path, value)
        faults = faults_of(spoilt)
        steps = tuple(int(s) if s.isdigit() else s for s in (fault or path).split("/"))
        assert words in faults.get(sitting_schema.written(steps), ""), (path, value, faults)


def test_the_law_answers_line_by_line(document):
    """Departure before arrival, closing before opening, the vote of somebody absent."""
    document["meeting"]["starts_at"] = "20:00"
    lines = document["ledger"]
    kinds = [line["kind"] for line in lines]
    closing, leaving = kinds.index("closed"), kinds.index("left")
    lines[closing]["at"] = "2026-06-09T18:00"
    lines[leaving]["member"] = "elsa-evrard"
    faults = faults_of(document)
    assert "précéderait l’ouverture" in faults[f"ledger[{closing}].at"]
    assert "n’est pas dans la salle" in faults[f"ledger[{leaving}].member"]


def test_a_bad_name_is_told_by_title_and_person(document):
    """A vote for somebody unknown: refused, with the remedy."""
    document["meeting"]["starts_at"] = "20:00"
    lines = document["ledger"]
    kinds = [line["kind"] for line in lines]
    vote = kinds.index("ballot_held")
    lines[vote]["ballot"]["choices"] = {"personne-du-tout": "contre"}
    faults = faults_of(document)
    title = next(
        item["title"]
        for _, item in sitting_file._flat(document["agenda"])
        if item["key"] == lines[vote]["ballot"]["item"]
    )
    of_vote = faults[f"ledger[{vote}].ballot.choices"].replace("\u00a0", " ")
    assert of_vote.startswith(f"« {title} » : « personne-du-tout » ne fait pas partie")
    assert "Corrigez ce nom" in of_vote


def test_what_deserves_a_look_is_told_by_title_and_person(document):
    """Duplicate labels, homonyms, somebody present and excused, a proxy of which the paper does
    not say who carries it: taken, and told."""
    forget_everything()
    first, second = [item for _, item in sitting_file._flat(document["agenda"])][:2]
    first["label"] = second["label"] = "7"
    composed = document["ledger"][0]["composition"]
    alice = composed["members"][0]
    composed["members"].append({**alice, "key": "alice-2", "office": ""})
    excused = next(line for line in document["ledger"] if line["kind"] == "excused")
    excused["member"] = alice["key"]
    vote = next(line for line in document["ledger"] if line["kind"] == "ballot_held")["ballot"]
    for name in ("choices", "counts", "mode", "is_counted"):
        vote.pop(name, None)
    vote["stated"] = "à la majorité"
    given = next(line for line in document["ledger"] if line["kind"] == "proxy_given")
    del given["holder"]
    done = bring(document)
    assert done.meeting.sitting.at_opening.living_proxies[given["giver"]] == ""
    notes = " ".join(done.notes).replace("\u00a0", " ")
    assert "n’a pas de porteur nommé. (statuts) Nommez qui le porte." in notes
    assert f"Le numéro 7 est celui de « {first['title']} » et « {second['title']} »" in notes
    assert "Deux membres se nomment Alice ARNAUD" in notes
    assert "n’est pas affirmée : « Procès-verbal du 12 mai » (« à la majorité »)" in notes
    told = "Alice ARNAUD (présidente) est notée à la fois présente et excusée. Annulez l’un des"
    assert told in notes


@pytest.mark.parametrize(("told", "counted"), [
    pytest.param({}, False, id="rien"),
    pytest.param({"stated": "à la majorité"}, False, id="à la majorité"),
    pytest.param({"stated": "Adopté à l’unanimité"}, True, id="à l’unanimité, dit le papier"),
    pytest.param({"is_counted": True}, True, id="compté, dit le fichier"),
    pytest.param({"counts": {"contre": 1}}, True, id="une voix contre"),
    pytest.param({"default": "contre"}, False, id="rejeté"),
])  # fmt: skip
def test_a_vote_without_figures_is_not_said_unanimous(document, told, counted):
    forget_everything()
    line = next(line for line in document["ledger"] if line["kind"] == "ballot_held")
    line.pop("at", None)
    line["ballot"] = {"item": line["ballot"]["item"], **told}
    story = bring(document).meeting.sitting
    held = next(story.of_kind(sitting.BallotHeld))
    assert held.ballot.is_counted is counted


def test_what_papers_do_not_keep_is_cleaned_out(document):
    budget = document["agenda"][1]["children"][0]
    budget["text"] = (
        '<p onclick="x()">Bon<script>alert(1)</script><img src="data:image/png;base64,AAAA">jour'
        "</p><style>p{}</style>"
    )
    budget["brief"] |= {"note": "<p onclick='x()'>Note</p>", "visas": ["  un\n\ndeux\u200b  "]}
    forget_everything()
    done = bring(document)
    kept = Brief.objects.get(item__meeting=done.meeting)
    assert kept.item.text == "<p>Bonjour</p>"
    assert (kept.note, kept.visas) == ("<p>Note</p>", "un\ndeux")
    notes = [note.partition(" :")[0] for note in done.notes if note.startswith("agenda")]
    assert notes == [
        f"agenda[1].children[0].{part}" for part in ("text", "brief.note", "brief.visas")
    ]


def test_a_long_and_deep_agenda_comes_in(document, django_assert_max_num_queries):
    document["meeting"]["starts_at"] = "20:00"
    item: dict = {"key": "fond", "kind": "information", "title": "Fond"}
    for depth in range(20):
        item = {"key": f"n{depth}", "kind": "section", "title": f"{depth}", "children": [item]}
    document["agenda"] += [
        {"key": f"q{n}", "kind": "information", "title": f"Point {n}"} for n in range(500)
    ]
    document["agenda"].append(item)
    with django_assert_max_num_queries(152):
        done = bring(document)
    assert done.meeting.items.count() == 525
    assert sitting_file.export(done.meeting)["agenda"][-1] == item


# --- The schema -------------------------------------------------------------------------------


def test_the_published_schema_is_the_one_in_use():
    """`manage.py export_sitting --schema -o docs/seance.schema.json` renews it."""
    published = (ROOT / "docs/seance.schema.json").read_text()
    assert published == sitting_file.dump(sitting_schema.schema())


def test_the_example_of_the_documentation_is_a_sitting(db):
    text = (ROOT / "docs/fichier-de-seance.md").read_text()
    example = text.split("```json\n", 1)[1].split("\n```", 1)[0]
    rules = json.dumps(regime.to_values(regime.PRESETS["smo"]))
    assert '{"…": "…"}' in example  # sixty rules, left out for the reader
    done = bring(example.replace('{"…": "…"}', rules))
    assert done.meeting.sitting.at_end.closed_at == datetime(2026, 6, 9, 18, 30)
    assert Ballot.objects.get().votes_for == 2


# --- Commands ---------------------------------------------------------------------------------


def test_commands_write_and_read_a_file(full, tmp_path, capsys):
    path = tmp_path / "seance.json"
    call_command("export_sitting", full.pk, output=path)
    assert path.read_text() == text_of(full)
    forget_everything()
    call_command("import_sitting", str(path), dry_run=True)
    assert capsys.readouterr().out.startswith("Serait repris : l’organisation « Val de Brume »")
    assert Meeting.objects.filter(held_on=full.held_on).get() == full
    call_command("import_sitting", str(path))
    assert "Repris : " in capsys.readouterr().out
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("import_sitting", str(path))


def alter(event: SittingEvent, **values) -> None:
    """Behind the application's back, as somebody with the database would."""
    columns = ", ".join(f"{name} = %s" for name in values)
    guard = "ALTER TABLE meetings_sittingevent {} TRIGGER ledger_is_append_only"
    is_guarded = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_guarded:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(guard.format("DISABLE"))
        cursor.execute(
            f"UPDATE meetings_sittingevent SET {columns} WHERE id = %s",  # noqa: S608 - own names
            [*values.values(), event.pk],
        )
        if is_guarded:
            cursor.execute(guard.format("ENABLE"))


def test_verify_ledger_compares_the_tables_and_says_where_the_chain_breaks(full, capsys):
    call_command("verify_ledger", full.pk)
    assert "tout concorde" in capsys.readouterr().out
    ballot = Ballot.objects.filter(votes__isnull=False).distinct().get()
    Ballot.objects.filter(pk=ballot.pk).update(votes_for=99)
    ballot.votes.filter(choice="contre").update(choice="pour")
    with pytest.raises(CommandError, match="2 anomalies"):
        call_command("verify_ledger")
    told = capsys.readouterr().err
    assert "pour 99 au lieu de 4" in told and "votes nominatifs" in told
    alter(full.events.get(seq=4), payload=json.dumps({"member": "claire-caron"}))
    with pytest.raises(CommandError, match="anomalie"):
        call_command("verify_ledger")
    assert "la chaîne se rompt à la ligne 4 (arrived)" in capsys.readouterr().err


# --- What was sent before the sitting ---------------------------------------------------------


def test_a_brief_is_in_the_file_entry_by_entry(document):
    assert document["agenda"][1]["children"][0]["brief"] == {
        "note": "<p>Les recettes <em>baissent</em>.</p>",
        "visas": ["le code général", "les statuts"],
        "recitals": ["que le budget est équilibré"],
        "articles": [
            "adopte le budget :", "- en recettes", "- en dépenses", "autorise le Président",
        ],
    }  # fmt: skip


def test_a_joined_file_is_told_by_its_content_joined_again_or_noted(full, own_media, by):
    item = full.items.get(title__startswith="Budget primitif")
    content = ContentFile(files.pdf(3))
    joining.add_attachment(item, file=content, filename="Rapport.pdf", by=by)
    document = json.loads(text_of(full))
    (told,) = document["agenda"][1]["children"][0]["attachments"]
    assert (told["title"], told["filename"], told["pages"]) == ("Rapport", "Rapport.pdf", 3)
    assert (told["media_type"], len(told["sha256"])) == ("application/pdf", 64)

    told |= {"filename": "../x.html", "media_type": "text/html", "size": 1, "title": "Le rapport"}
    document["meeting"]["starts_at"] = "08:00"
    for line in document["ledger"]:
        line.pop("at", None)
    bring(document)
    first, second = Attachment.objects.order_by("pk")
    assert second.title == "Le rapport"
    assert (second.filename, second.media_type) == ("x.pdf", "application/pdf")
    assert (second.file.name, second.size) == (first.file.name, first.size)

    forget_everything()
    done = bring(document)
    assert not Attachment.objects.filter(item__meeting=done.meeting).exists()
    (note,) = [note for note in done.notes if "x.html" in note]
    assert note.startswith("agenda[1].children[0].attachments[0]")
