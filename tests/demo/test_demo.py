"""The demonstration: loaded by the real verbs, once, with something on every page."""

import html
import re
import subprocess
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.urls import reverse

from demo import loading
from documents.models import IssuedDocument
from law import checks
from meetings import sitting_file
from meetings.models import AgendaItem, Ballot, Meeting, SittingEvent, Vote
from members import seats
from members.models import Body, Community, Mandate, Organisation, Person, User
from tests.cast import make_organisation


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


def run(**options) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def counts() -> dict[str, int]:
    models = (Organisation, Community, Body, Person, Mandate, User, Meeting, AgendaItem)
    told = (SittingEvent, Ballot, Vote, IssuedDocument)
    return {model.__name__: model.objects.count() for model in (*models, *told)}


@pytest.fixture
def loaded(db) -> str:
    return run()


def test_it_loads_once(loaded, tmp_path):
    for email, *_ in loading.ACCOUNTS:
        assert email in loaded
    assert loading.PASSWORD in loaded
    pdf = tmp_path / "demo" / "pv-bureau-2016-11-16.pdf"
    assert str(pdf) in loaded
    before, written = counts(), pdf.stat().st_mtime_ns
    again = run()
    assert again == loaded.removeprefix("Chargement de la démonstration…\n")
    assert counts() == before
    assert pdf.stat().st_mtime_ns == written
    pdf.unlink()
    run()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert counts() == before


def test_what_somebody_changed_stays(loaded):
    user = User.objects.get(email="secretariat@demo.example")
    user.set_password("un autre mot de passe")
    user.save()
    meeting = Meeting.objects.get(held_on="2026-12-08")
    meeting.place = "ailleurs"
    meeting.save()
    run()
    user.refresh_from_db()
    meeting.refresh_from_db()
    assert user.check_password("un autre mot de passe")
    assert meeting.place == "ailleurs"


def test_every_sitting_is_lawful_and_whole(loaded):
    call_command("verify_ledger", stdout=StringIO())
    for meeting in Meeting.objects.select_related("body__organisation"):
        second_call = meeting.second_call_of_id is not None
        if meeting.ledger:
            findings = checks.review(meeting.sitting, meeting.regime, second_call=second_call)
            assert findings == (), meeting
        document = sitting_file.export(meeting)
        with pytest.raises(sitting_file.findings.Refused, match="existe déjà"):
            sitting_file.import_(document)
    assert set(Meeting.objects.values_list("stage", flat=True)) == {"preparee", "levee", "etablie"}


def test_its_texts_are_as_the_editor_writes_them(db):
    """Nothing of the data is changed on its way in."""
    organisation = loading.load()
    for path in sorted((loading.DATA / "seances").glob("*.json")):
        short = sitting_file.read(path.read_bytes())
        meeting = Meeting.objects.get(
            body__organisation=organisation,
            body__slug=short["body"],
            held_on=short["meeting"]["held_on"],
        )
        texts = {item["key"]: item.get("text", "") for item in _flat(short["agenda"])}
        assert {item.key: item.text for item in meeting.items.all()} == texts
        assert [event.kind for event in meeting.events.all()][1:] == [
            line["kind"] for line in short["ledger"]
        ]


def _flat(items):
    for item in items:
        yield item
        yield from _flat(item.get("children", ()))


# --- What it shows ----------------------------------------------------------------------------


def test_the_bureau_of_2016(loaded):
    bureau = Body.objects.get(slug="bureau")
    roll = seats.of(bureau, date(2016, 11, 16))
    assert [
        (group.constituency.name, [str(seat.mandate.person) for seat in group.seats])
        for group in roll.groups
    ] == [
        ("Amiens Métropole", ["Florence RODINGER", "Ernest CANDELA", "Jean-Christophe LORIC"]),
        ("Département de la Somme", ["Philippe VARLET", "Stéphane DECAYEUX", "Olivier JARDE"]),
        (
            "Communautés de communes",
            ["Philippe COCQ", "James HECQUET", "Jean-Claude LECLABART"],
        ),
    ]


def test_its_minutes_hold_every_formal_sentence(loaded, tmp_path):
    text = words(tmp_path / "demo" / "pv-bureau-2016-11-16.pdf")
    for sentence in (
        "Procès-verbal synthétique",
        "L'an deux mille seize, le seize novembre à 17h30, le BUREAU du syndicat mixte Somme "
        "Numérique légalement convoqué le vingt-sept octobre, s'est réuni dans ses locaux, sous "
        "la présidence de Philippe VARLET ;",
        "Membres du BUREAU présents et excusés :",
        "Le quorum est atteint avec 5 délégués présents, le Bureau peut donc valablement "
        "délibérer. Monsieur Philippe COCQ est désigné secrétaire de séance. Le procès-verbal de "
        "la réunion du 4 juillet 2016 est adopté à l'unanimité.",
        "I – EXAMEN DE L'ORDRE DU JOUR DU COMITE SYNDICAL",
        "La séance est levée à 18h30.",
    ):
        assert sentence in text
    for name in ("Florence RODINGER", "Ernest CANDELA", "Jean-Claude LECLABART"):
        assert name in text


def words(path: Path) -> str:
    text = subprocess.run(  # noqa: S603 - our own file
        ["pdftotext", "-raw", str(path), "-"],  # noqa: S607 - from poppler-utils
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return " ".join(text.replace("’", "'").split())


def test_mergers_of_2017_are_told(loaded):
    ended = Mandate.objects.filter(end_reason=Mandate.EndReason.MERGER)
    assert ended.count() == 6
    for mandate in ended.select_related("community__successor"):
        assert mandate.community.dissolved_on == date(2017, 1, 1)
        assert mandate.community.successor is not None
    region = Community.objects.get(kind=Community.Kind.REGION)
    assert region.is_associated
    assert {m.capacity for m in region.mandates.all()} == {Mandate.Capacity.CONSULTATIVE}


def test_the_comite_of_2026_has_substitutes_and_vacancies(loaded):
    roll = seats.of(Body.objects.get(slug="comite-syndical"), date(2026, 11, 25))
    assert (roll.in_office, roll.vacancies, roll.substitutes) == (60, 2, 48)
    assert len(roll.consultative) == 2
    assert len(roll.groups) == 3


def test_the_bureau_examines_what_the_comite_will_discuss(loaded):
    linked = AgendaItem.objects.exclude(examines=None).select_related("examines__meeting")
    assert {item.examines.meeting.held_on for item in linked} == {
        date(2016, 11, 21),
        date(2026, 12, 8),
    }
    assert all(item.title == item.examines.title for item in linked)


def test_the_year_has_one_of_everything(loaded):
    kinds = set(SittingEvent.objects.values_list("kind", flat=True))
    assert kinds >= {
        "seat_taken",
        "proxy_given",
        "recused",
        "chair_taken",
        "arrived",
        "left",
        "excused",
        "election_held",
        "fate_noted",
    }
    assert {"ordinaire", "public", "secret"} == set(Ballot.objects.values_list("mode", flat=True))
    assert set(Ballot.objects.values_list("verdict", flat=True)) == {"adopte", "rejete"}
    assert Vote.objects.count() == 27
    lost = Meeting.objects.get(held_on="2026-09-29", body__slug="comite-syndical")
    assert lost.second_calls.get().held_on == date(2026, 10, 6)


# --- Every page -------------------------------------------------------------------------------


def pages_of_everybody() -> list[str]:
    found = [reverse("home"), reverse("members:bodies"), reverse("meetings:list")]
    found += [reverse("documents:mine")]
    for body in Body.objects.all():
        found += [reverse("members:composition", args=[body.pk])]
        found += [reverse("members:composition", args=[body.pk]) + "?le=2016-11-16"]
        found += [reverse("members:rules", args=[body.pk])]
    for meeting in Meeting.objects.all():
        found += [reverse("meetings:detail", args=[meeting.pk])]
    for issued in IssuedDocument.objects.all():
        found += [reverse("documents:detail", args=[issued.pk])]
        found += [reverse("documents:download", args=[issued.pk])]
    return found


def pages_of_the_secretariat() -> list[str]:
    found = [reverse("meetings:create")]
    for meeting in Meeting.objects.all():
        for name in ("attendance", "agenda", "edit", "ledger", "why"):
            found += [reverse(f"meetings:{name}", args=[meeting.pk])]
        found += [reverse("documents:preview", args=[meeting.pk])]
        for item in meeting.items.all():
            found += [reverse("meetings:item", args=[meeting.pk, item.key])]
    return found


def pages_of_the_administration() -> list[str]:
    models = ("body", "person", "mandate", "community", "rulebook", "constituency")
    return [
        reverse("admin:index"),
        *(reverse(f"admin:members_{model}_changelist") for model in models),
    ]


def is_shown(client, url: str) -> bool:
    answer = client.get(url)
    if answer.status_code != 200:
        return False
    if answer["Content-Type"].startswith("text/html"):
        text = re.sub(r"<[^>]+>", " ", answer.content.decode())
        return len(html.unescape(text).split()) > 30
    return len(b"".join(answer)) > 1000


@pytest.mark.parametrize(
    ("email", "pages"),
    [
        ("deleguee@demo.example", (pages_of_everybody,)),
        ("secretariat@demo.example", (pages_of_everybody, pages_of_the_secretariat)),
        ("administration@demo.example", (pages_of_everybody, pages_of_the_administration)),
    ],
)
def test_every_page_has_something_to_show(loaded, client, email, pages):
    assert client.login(username=email, password=loading.PASSWORD)
    empty = [url for each in pages for url in each() if not is_shown(client, url)]
    assert empty == []


def test_the_delegate_finds_the_minutes_of_2016(loaded, client):
    client.login(username="deleguee@demo.example", password=loading.PASSWORD)
    page = client.get(reverse("documents:mine")).content.decode()
    assert "16 novembre 2016" in html.unescape(page).replace("\u00a0", " ")


# --- Where it does not belong -----------------------------------------------------------------


def test_it_refuses_a_database_that_serves_somebody(cast):
    with pytest.raises(CommandError, match="Autre Rive, Val de Brume"):
        run()
    assert not User.objects.filter(email__endswith="@demo.example").exists()


def test_it_can_be_forced(db):
    make_organisation()
    assert "Démonstration prête" in run(force=True)


def test_it_says_when_the_tables_are_missing(db, monkeypatch):
    def missing():
        raise OperationalError("no such table")

    monkeypatch.setattr(loading, "load", missing)
    with pytest.raises(CommandError, match="lancez d’abord migrate"):
        run()
