"""`manage.py verify`: silent when all is well, and each kind of damage told by name."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from archive.keeping import integrity
from documents.models import IssuedDocument
from registry.models import SignatureStep
from tests.words import unsaid
from trail import chain

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    return [str(fault) for fault in integrity.faults()]


def test_an_empty_application_is_well():
    assert told() == []


def test_all_is_well_and_verifying_changes_nothing(signed, media):
    def state():
        files = {path: path.read_bytes() for path in media.rglob("*") if path.is_file()}
        return files, *(list(model.objects.values()) for model in (IssuedDocument, SignatureStep))

    before, out = state(), io.StringIO()
    call_command("verify", stdout=out)
    assert unsaid(out.getvalue(), "Tout est comme au premier jour", "signatures\u00a0: 4") == []
    assert state() == before


def altered(path: str) -> None:
    with Path(path).open("r+b") as file:
        file.seek(2000)
        file.write(b"\x00")


def in_the_back(sql: str, *values) -> None:
    """Somebody with access to the database goes round the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def other_content(minutes) -> None:
    sql = "UPDATE documents_issueddocument SET content = content || ' ' WHERE id = %s"
    in_the_back(sql, minutes.pk)


def without_a_signature(minutes) -> None:
    sql = "UPDATE registry_signaturestep SET file = %s WHERE place = 'secretaire-1'"
    in_the_back(sql, minutes.signatures.get(place="cachet").file.name)


def a_line_of_the_trail(minutes) -> None:
    chain.extend()
    in_the_back("UPDATE trail_entry SET what = 'rien' WHERE position = 1")


DAMAGES = {
    "un octet du PDF établi": (lambda m: altered(m.pdf.path), "le PDF n’est plus celui"),
    "un PDF établi effacé": (lambda m: Path(m.pdf.path).unlink(), "est introuvable"),
    "le contenu d’un document changé dans la base": (other_content, "son contenu n’est plus celui"),
    "un octet d’un fichier signé": (
        lambda m: altered(m.signatures.get(place="president").file.path),
        "le fichier signé n’est plus celui",
    ),
    "une signature retirée": (without_a_signature, "ne commence pas par celui de la signature"),
    "une ligne du journal changée": (a_line_of_the_trail, "la ligne de rang 1 "),
    "un fichier orphelin": (
        lambda m: Path(m.pdf.path).with_name("oublie.pdf").write_bytes(b"%PDF"),
        "aucun document ne parle de ce fichier",
    ),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_each_damage_is_told(signed, damage, said):
    damage(signed)
    assert said in "\n".join(told())
    with pytest.raises(CommandError, match="anomalie"):
        call_command("verify", stdout=io.StringIO(), stderr=io.StringIO())
