"""`manage.py verify`: silent when all is well, and each kind of damage told by name."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from archive.keeping import integrity
from documents.models import IssuedDocument
from registry.models import SignatureStep
from tests.held import sign

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 9)


@pytest.fixture
def signed(minutes, accounts):
    """Adopted minutes with both signatures."""
    sign(minutes, "president", accounts[0])
    sign(minutes, "secretaire-1", accounts[1])
    return minutes


def told() -> list[str]:
    return [str(fault) for fault in integrity.faults()]


def test_all_is_well(signed):
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert "Tout est comme au premier jour" in out.getvalue()
    assert "signatures\u00a0: 4" in out.getvalue()


def test_an_empty_application_is_well():
    assert told() == []


def altered(path: str, content: bytes = b"\x00") -> None:
    with Path(path).open("r+b") as file:
        file.seek(2000)
        file.write(content)


def in_the_back(sql: str, *values) -> None:
    """Somebody with access to the database goes round the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(
            lambda m: altered(m.pdf.path), "le PDF n’est plus celui", id="un octet du PDF établi"
        ),
        pytest.param(
            lambda m: Path(m.pdf.path).unlink(), "est introuvable", id="un PDF établi effacé"
        ),
        pytest.param(
            lambda m: in_the_back(
                "UPDATE documents_issueddocument SET content = content || ' ' WHERE id = %s", m.pk
            ),
            "son contenu n’est plus celui",
            id="le contenu d’un document changé dans la base",
        ),
        pytest.param(
            lambda m: altered(m.signatures.get(place="president").file.path),
            "le fichier signé n’est plus celui",
            id="un octet d’un fichier signé",
        ),
        pytest.param(
            lambda m: in_the_back(
                "UPDATE registry_signaturestep SET file = %s WHERE place = 'secretaire-1'",
                m.signatures.get(place="cachet").file.name,
            ),
            "ne commence pas par celui de la signature précédente",
            id="une signature retirée",
        ),
        pytest.param(
            lambda m: Path(m.pdf.path).with_name("oublie.pdf").write_bytes(b"%PDF"),
            "aucun document ne parle de ce fichier",
            id="un fichier orphelin",
        ),
    ],
)
def test_each_damage_is_told(signed, damage, said):
    damage(signed)
    assert said in "\n".join(told())
    with pytest.raises(CommandError, match="anomalie"):
        call_command("verify", stdout=io.StringIO(), stderr=io.StringIO())


def test_verifying_changes_nothing(signed, media):
    before = {path: path.read_bytes() for path in media.rglob("*") if path.is_file()}
    rows = (list(IssuedDocument.objects.values()), list(SignatureStep.objects.values()))
    told()
    assert before == {path: path.read_bytes() for path in media.rglob("*") if path.is_file()}
    assert rows == (list(IssuedDocument.objects.values()), list(SignatureStep.objects.values()))
