"""The journal as an auditor reads it, in pages and as a file."""

import csv
import re

import pytest
from django.urls import reverse

from tests.cast import make_account
from tests.words import text, unsaid
from trail.models import Act, Entry
from trail.recording import note

pytestmark = pytest.mark.django_db

PAGE, FILE = reverse("archive:journal"), reverse("archive:journal_file")


@pytest.fixture
def auditor(cast, client_of):
    return client_of(cast.auditor)


def lines(response) -> list[str]:
    return [line.what for line in response.context["page_obj"]]


def test_an_auditor_reads_what_was_done_to_his_organisation_and_nothing_of_another(cast, auditor):
    note(Act.RULES, "chez nous", organisation=cast.organisation)
    note(Act.RULES, "chez eux", organisation=cast.other_organisation)
    note(Act.SIGNED_IN, "notre secrétariat", by=cast.secretariat)
    note(Act.SIGNED_IN, "leur secrétariat", by=cast.other_secretariat)
    note(Act.KEEPING, "personne")
    read = lines(auditor.get(PAGE))
    assert {"chez nous", "notre secrétariat"} <= set(read)
    assert not {"chez eux", "leur secrétariat", "personne"} & set(read)


def test_a_sign_in_refused_is_read_by_who_controls_the_account_or_by_all_when_it_is_of_none(
    cast, auditor, client
):
    note(Act.SIGN_IN_REFUSED, "adresse donnée : ancien@rive.example")  # as it was told before
    typed = (cast.secretariat.email, cast.other_secretariat.email, "hunter2@nulle-part.example")
    for email in typed:
        client.post(reverse("accounts:login"), {"username": email, "password": "non"})
    rows = auditor.get(PAGE, {"acte": Act.SIGN_IN_REFUSED}).context["page_obj"]
    assert [(row.who, row.what) for row in rows] == [
        ("", "adresse sans compte ici, @nulle-part.example"),
        (cast.secretariat.email, "mot de passe refusé"),
    ]


def test_a_superuser_reads_too_what_is_of_nobody(cast, client_of):
    note(Act.SIGN_IN_REFUSED, "personne")
    root = client_of(make_account("racine@brume.example", is_superuser=True))
    assert "personne" in lines(root.get(PAGE))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "voirie"}, ["règlement de la voirie"]),
        ({"q": "claire.caron"}, ["Lynx"]),
        ({"acte": "cle"}, ["règlement de la voirie"]),
        ({"q": "zzz"}, []),
        ({"du": "2199-01-01"}, []),
        ({"au": "1999-01-01"}, []),
    ],
)
def test_it_is_searched(cast, auditor, asked, found):
    note(Act.KEY, "règlement de la voirie", organisation=cast.organisation)
    note(Act.SIGNED_IN, "Lynx", by=cast.delegate)
    shown = [what for what in lines(auditor.get(PAGE, asked)) if "claire.caron" not in what]
    assert shown == found


@pytest.mark.parametrize("asked", [{"du": "hier"}, {"acte": "rien"}, {"page": "0"}])
def test_what_means_nothing_is_told_beside_its_field(auditor, asked):
    assert auditor.get(PAGE, asked).status_code == 200


def test_the_file_holds_what_the_page_shows_and_is_told_of(cast, auditor):
    note(Act.KEY, "=1+1", organisation=cast.organisation)
    rows = list(csv.reader(auditor.get(FILE, {"acte": "cle"}).text.splitlines(), delimiter=";"))
    assert [row[4] for row in rows[1:]] == ["'=1+1"]
    told = Entry.objects.filter(act=Act.DOWNLOAD).latest("pk")
    assert told.what.startswith("journal-")
    assert (told.account, told.organisation) == (cast.auditor.pk, cast.organisation.pk)


def test_files_taken_are_read_where_one_asks(cast, auditor):
    note(Act.DOWNLOAD, "un fichier pris", organisation=cast.organisation)
    assert "un fichier pris" not in text(auditor.get(PAGE))
    assert "un fichier pris" in text(auditor.get(PAGE, {"acte": ""}))


def test_a_superuser_who_enters_without_a_role_is_told_once(cast, client_of):
    root = client_of(make_account("racine@brume.example", is_superuser=True))
    for _ in range(2):
        root.get(cast.comite.get_absolute_url())
    assert Entry.objects.filter(act=Act.ASSISTANCE).count() == 1


def test_the_journal_costs_the_same_whatever_its_length(
    cast, auditor, django_assert_max_num_queries
):
    for number in range(120):
        note(Act.RULES, f"ligne {number}", organisation=cast.organisation)
    with django_assert_max_num_queries(9):
        assert len(lines(auditor.get(PAGE))) == 50


def test_a_key_a_signature_a_paper_and_its_publication(cast, signed):
    """`signed` is a whole life of minutes: each of its acts left a line."""
    for act in (Act.KEY, Act.ISSUED, Act.SIGNATURE):
        line = Entry.objects.filter(act=act).first()
        assert line is not None, act
        assert line.organisation == cast.organisation.pk


def test_the_first_page_of_whoever_audits_leads_to_the_journal(cast, client_of):
    """It promised sittings that never come."""
    note(Act.RULES, "ligne d’hier", organisation=cast.organisation)
    page = text(client_of(cast.auditor).get("/"))
    assert unsaid(page, "Ouvrir le journal", "ligne d’hier", "Derniers gestes") == []
    assert "paraîtront ici" not in page and "Toutes les séances" not in page
    led = re.search(rf'href="([^"]+)"><span>{Act.RULES.label.capitalize()}</span>', page)
    assert led
    assert "ligne d’hier" in text(client_of(cast.auditor).get(led[1].replace("&amp;", "&")))
    assert "Derniers gestes" not in text(client_of(cast.secretariat).get("/"))
