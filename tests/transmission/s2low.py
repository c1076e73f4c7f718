"""S²LOW in the tests: what was read of its sources, and its refusals, at will.

`road` is the way of each act, one step for each time that its status is read. `lies` holds what a
test wants it to do wrong.
"""

import gzip
import io
import re
import tarfile
from dataclasses import dataclass, field
from datetime import date
from html import escape

from tests.transmission.services import Asked, Said, Service, in_json

PDF = b"%PDF-1.7\n%%EOF\n"
STAMP = b"% tampon\n"
_NUMBER = re.compile(r"([A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]")
_LETTERS = {"DE": 1, "AR": 2, "AI": 3, "CC": 4, "BF": 5, "AU": 6}
NATURES = {number: code for code, number in _LETTERS.items()}


@dataclass
class Transaction:
    """One act, one cancelling or one message of the prefecture."""

    pk: int
    type: str
    number: str
    told: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    road: list[int] = field(default_factory=list)
    about: int = 0
    is_read: bool = False
    error: str = ""

    @property
    def status(self) -> int:
        return self.road[0]

    def step(self) -> None:
        if len(self.road) > 1:
            del self.road[0]


class S2low(Service):
    """One authority of S²LOW, and what it sent."""

    def __init__(self, *, charset: str = "latin-1", login: str = "", **more) -> None:
        super().__init__(**more)
        self.charset, self.login = charset, login
        self.transactions: dict[int, Transaction] = {}
        self.road = [1, 2, 3, 4]
        self.lies: dict[str, object] = {}
        self.department, self.siren = "080", "200000001"

    # --- What a test looks at, and does -------------------------------------------------------

    def acts(self, number: str = "") -> list[Transaction]:
        return [
            each
            for each in self.transactions.values()
            if each.type == "1" and number in ("", each.number)
        ]

    def writes(self, kind: str, about: Transaction) -> Transaction:
        """A message of the prefecture about an act."""
        made = self._new(kind, about.number, [7], about=about.pk)
        made.files = [("courrier", f"courrier_{kind}.pdf", PDF + kind.encode())]
        return made

    def _new(self, kind: str, number: str, road: list[int], **more) -> Transaction:
        pk = len(self.transactions) + 1001
        made = self.transactions[pk] = Transaction(pk, kind, number, road=[*road], **more)
        return made

    # --- What it serves -----------------------------------------------------------------------

    def answer(self, asked: Asked) -> Said:
        name = asked.path.rpartition("/")[2].removesuffix(".php").replace("-", "_")
        if "door" in self.lies:
            return Said(b"<html>", 302, "text/html", {"Location": "/connexion-status"})
        if self.login and asked.headers.get("authorization") != self.login:
            return self.ko("Échec de l'authentification")
        if instead := self.lies.get(name):
            return instead(asked) if callable(instead) else instead
        return getattr(self, f"on_{name}")(asked)

    def ko(self, message: str) -> Said:
        return Said(f"KO\n{message}\n".encode(self.charset))

    def _of(self, asked: Asked, name: str) -> Transaction | None:
        told = asked.query.get(name) or asked.raw.get(name, b"0").decode()
        return self.transactions.get(int(told))

    def on_test_connexion(self, asked: Asked) -> Said:
        return Said(b"OK\n")

    def on_info_connexion(self, asked: Asked) -> Said:
        return in_json({"authority": {"name": "Val de Brume", "siren": self.siren}, "login": "vb"})

    def on_actes_transac_create(self, asked: Asked) -> Said:
        told = {name: value.decode(self.charset) for name, value in asked.told}
        kinds = [value.decode() for name, value in asked.told if name == "type_pj[]"]
        annexes = [file for file in asked.files if file[0] == "acte_attachments[]"]
        assert told["api"] == "1"
        if not _NUMBER.fullmatch(told["number"]):
            return self.ko("Le numéro n'est pas correct")
        if date.fromisoformat(told["decision_date"]) > date(2027, 1, 1):
            return self.ko("La date de décision est une date dans le futur")
        if self.acts(told["number"]):
            return self.ko(
                "Un acte portant le même numéro interne existe déjà dans la base de données.\n"
                "Il faut peut-être ajouter un suffixe au numéro."
            )
        if not any(file[0] == "acte_pdf_file" for file in asked.files):
            return self.ko("Aucun fichier acte n'a été posté ")
        if not told.get("type_acte") or len(kinds) != len(annexes):
            return self.ko("Erreur lors de la réception du fichier : typologie absente")
        made = self._new("1", told["number"], self.road, told=told, files=asked.files)
        made.told["type_pj"] = ",".join(kinds)
        if told.get("en_attente"):
            made.road.insert(0, 17)
        return Said(f"OK\n{made.pk}\n".encode())

    def on_actes_transac_get_status(self, asked: Asked) -> Said:
        found = self._of(asked, "transaction")
        if found is None:
            return self.ko("Numéro de transaction invalide.")
        told = f"OK\n{found.status}\n".encode()
        if found.status == 4 and found.type == "1":
            told += self.receipt(found)
        if found.status == -1:
            told += found.error.encode("latin-1")
        found.step()
        return Said(told)

    def receipt(self, act: Transaction) -> bytes:
        """Its ARActe."""
        told = act.told | dict(self.lies.get("received", {}))
        day, nature = told["decision_date"], told["nature_code"]
        code = NATURES[int(nature)]
        name = f"{self.department}-{self.siren}-{day.replace('-', '')}-{told['number']}-{code}"
        named = "ISO-8859-1" if self.charset == "latin-1" else "UTF-8"
        text = (
            f'<?xml version="1.0" encoding="{named}"?>\n'
            '<actes:ARActe xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" '
            f'actes:IDActe="{name}" actes:DateReception="{told.get("received_on", "2026-06-18")}">'
            f'<actes:ActeRecu actes:Date="{day}" actes:NumeroInterne="{told["number"]}" '
            f'actes:CodeNatureActe="{nature}">'
            '<actes:CodeMatiere1 actes:CodeMatiere="7"/>'
            '<actes:CodeMatiere2 actes:CodeMatiere="1"/>'
            f"<actes:Objet>{escape(told['subject'])}</actes:Objet>"
            "<actes:ClassificationDateVersion>2026-01-01</actes:ClassificationDateVersion>"
            f"<actes:Document><actes:NomFichier>99_DE-{name}-1-1_1.pdf</actes:NomFichier>"
            '</actes:Document><actes:Annexes actes:Nombre="0"/>'
            "</actes:ActeRecu><actes:ClassificationDateVersionEnCours>2026-01-01"
            "</actes:ClassificationDateVersionEnCours></actes:ARActe>"
        )
        return text.encode(self.charset)

    def on_actes_transac_get_ARActe(self, asked: Asked) -> Said:
        found = self._of(asked, "id")
        if found is None or found.status != 4:
            return self.ko("Pas d'acquittement recu")
        return Said(self.receipt(found), kind="application/xml")

    def on_actes_transac_get_files_list(self, asked: Asked) -> Said:
        found = self._of(asked, "transaction")
        if found is None or found.status in (1, 2, 3):
            return self.ko("Pas d'acquittement recu")
        named = ["acte.xml", *(name for _, name, _ in found.files)]
        return in_json(
            [
                {"id": f"{found.pk}{rank:02}", "name": name, "posted_filename": name, "size": "1"}
                for rank, name in enumerate(named)
            ]
        )

    def on_actes_download_file(self, asked: Asked) -> Said:
        if "env" in asked.query:
            return Said(self._archive(self._of(asked, "env")), kind="application/x-gzip")
        name = asked.query["file"]
        found = self.transactions[int(name[:-2])]
        content = found.files[int(name[-2:]) - 1][2]
        if asked.query.get("tampon") and "unstamped" not in self.lies:
            content += STAMP
        return Said(content, kind="application/pdf")

    def _archive(self, letter: Transaction) -> bytes:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            for _, name, content in letter.files:
                told = tarfile.TarInfo(name)
                told.size = len(content)
                archive.addfile(told, io.BytesIO(content))
        return gzip.compress(made.getvalue(), mtime=0)

    def on_actes_create_pdf(self, asked: Asked) -> Said:
        found = self._of(asked, "trans_id")
        return Said(PDF + f"% bordereau {found.pk}\n".encode(), kind="application/pdf")

    def on_list_actes(self, asked: Asked) -> Said:
        status = int(asked.query.get("status_id", 0))
        start, most = int(asked.query.get("offset", 0)), int(asked.query.get("limit", 100))
        found = [each for each in self.transactions.values() if each.status == status]
        found.sort(key=lambda each: -each.pk)
        told = [
            {
                "id": str(each.pk),
                "subject": each.told.get("subject", ""),
                "number": each.number,
                "date": each.told.get("decision_date", ""),
                "type": each.type,
            }
            for each in found[start : start + most]
        ]
        return in_json({"status_id": str(status), "transactions": told})

    def on_actes_transac_cancel(self, asked: Asked) -> Said:
        found = self._of(asked, "id")
        pending = [e for e in self.transactions.values() if e.type == "6" and e.about == found.pk]
        if pending:
            return self.ko("Une demande d'annulation est déjà en cours pour cette transaction.")
        if found.status != 4:
            return self.ko("Impossible d'annuler une transaction qui n'est pas en état 4.")
        made = self._new("6", found.number, [1, 2, 3, 4], about=found.pk)
        found.road = [4, 4, 0]
        return Said(f"OK\n{made.pk}\n".encode())

    def on_list_document_prefecture(self, asked: Asked) -> Said:
        told = [
            {
                "id": str(each.pk),
                "type": each.type,
                "related_transaction_id": str(each.about),
                "number": each.number,
                "unique_id": "",
                "last_status_id": str(each.status),
            }
            for each in self.transactions.values()
            if each.type in "2345" and not each.is_read
        ]
        return in_json(told * 2 if "doubled" in self.lies else told)

    def on_actes_transac_get_document(self, asked: Asked) -> Said:
        there = self.lies.get("led", f"actes_download_file.php?env={asked.query['id']}")
        return Said(b"", 302, "text/html", {"Location": str(there)})

    def on_document_prefecture_mark_as_read(self, asked: Asked) -> Said:
        self._of(asked, "transaction_id").is_read = True
        return in_json({"result": "ok"})

    def on_actes_classification_fetch(self, asked: Asked) -> Said:
        text = '<?xml version="1.0"?><actes:RetourClassification xmlns:actes="x"/>'
        return Said(text.encode(), kind="application/xml")
