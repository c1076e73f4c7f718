"""i-Parapheur 5 in the tests: what was read of its clients, and its refusals, at will.

`road` is the way of each folder, one step for each time that its summary is read once it started.
`signs` is what the people there make of the file by the end. `lies` holds what a test wants it to
do wrong.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

from lxml import etree

from tests.transmission.services import Asked, Said, Service, in_json

TENANT, DESK = "t-1", "bureau-1"
_ENDS = {"ARCHIVE": "FINISHED", "DELETE": "REJECTED"}


@dataclass
class Folder:
    """One paper."""

    pk: str
    name: str
    type: str
    subtype: str
    file: str
    content: bytes
    road: list[str]
    events: list[tuple[str, str]] = field(default_factory=lambda: [("START", "")])
    started: int = 0

    @property
    def state(self) -> str:
        return _ENDS.get(self.events[-1][0], "RETRIEVABLE" if self.started else "DRAFT")


class Iparapheur(Service):
    """One desk, and its folders."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.folders: dict[str, Folder] = {}
        self.road = ["VISA", "SIGNATURE", "ARCHIVE"]
        self.signs: Callable[[bytes], bytes] = bytes
        self.lies: dict[str, object] = {}
        self.tokens: set[str] = set()
        self.erased: list[Folder] = []

    def started(self) -> list[Folder]:
        """Those that left, once for each time."""
        there = [*self.folders.values(), *self.erased]
        return [each for each in there for _ in range(each.started)]

    # --- What it serves -----------------------------------------------------------------------

    def answer(self, asked: Asked) -> Said:
        path = unquote(asked.path)
        if path == "/auth/realms/api/protocol/openid-connect/token":
            return self._enter(asked)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return in_json({"status": 401, "message": "Unauthorized"}, 401)
        if "expires" in self.lies:
            self.tokens.discard(token)
        match path.removeprefix("/api/standard/v1/").split("/"):
            case ["tenant"]:
                return _page([{"id": TENANT, "name": "Val de Brume"}])
            case ["tenant", "t-1", "desk"]:
                return _page([{"id": DESK, "name": "Secrétariat général"}])
            case ["tenant", "t-1", "desk", "bureau-1", "folder"] if asked.method == "POST":
                return self._create(asked)
            case ["tenant", "t-1", "desk", "bureau-1", "folder", pk, *rest]:
                if pk not in self.folders:
                    return in_json({"status": 404, "message": "Dossier inconnu"}, 404)
                return self._about(self.folders[pk], rest, asked)
            case ["tenant", "t-1", "desk", "bureau-1", state]:
                rows = [each for each in self.folders.values() if each.state == state]
                return _page([{"id": each.pk, "name": each.name} for each in rows])
        return in_json({"status": 404, "message": "introuvable"}, 404)

    def _enter(self, asked: Asked) -> Said:
        told = {name: value.decode() for name, value in asked.told}
        wanted = {"grant_type": "password", "client_id": "ipcore-web", "username": "vb"}
        if told != wanted | {"password": "ouvre-toi"}:
            return in_json({"error": "invalid_grant"}, 401)
        token = f"jeton-{len(self.asked)}"
        self.tokens.add(token)
        return in_json({"access_token": token, "expires_in": 60, "token_type": "Bearer"})

    def _create(self, asked: Asked) -> Said:
        if refused := self.lies.get("refuses"):
            return in_json({"status": 406, "message": refused}, 406)
        given = {name: (filename, content) for name, filename, content in asked.files}
        root = etree.fromstring(given["folder"][1])
        assert root.tag == "{http://www.loc.gov/premis/v3}premis" and root.get("version") == "3.0"
        paper, document = root
        kinds = [each.get(f"{{{_XSI}}}type") for each in root]
        assert kinds == ["intellectualEntity", "file"]
        about = dict(zip(_texts(paper, "Type"), _texts(paper, "Value"), strict=True))
        main = dict(zip(_texts(document, "Type"), _texts(document, "Value"), strict=True))
        assert main == {"i_Parapheur_reserved_mainDocument": "true"}
        filename, content = given["documents"]
        assert document.findtext("{*}originalName") == filename
        made = Folder(
            pk=f"d-{len(self.folders) + len(self.erased)}",
            name=paper.findtext("{*}originalName"),
            type=about["i_Parapheur_reserved_type"],
            subtype=about["i_Parapheur_reserved_subtype"],
            file=filename,
            content=content,
            road=[*self.road],
        )
        self.folders[made.pk] = made
        if asked.query.get("autoStart", "true") != "false":
            self._start(made)
        return in_json({"id": made.pk, "name": made.name, "metadata": {}}, 201)

    def _start(self, folder: Folder) -> None:
        folder.started += 1
        folder.events.append(("SIGNATURE", ""))

    def _about(self, folder: Folder, rest: list[str], asked: Asked) -> Said:
        match asked.method, rest:
            case "GET", ["premis"]:
                told = self._premis(folder)
                if folder.started and folder.road:
                    step, _, note = folder.road.pop(0).partition("\u00a0: ")
                    folder.events.append((step, note))
                    if step == "ARCHIVE":
                        folder.content = self.signs(folder.content)
                return Said(told, kind="application/xml")
            case "PUT", ["task", task, "start"]:
                if task != "t-0" or folder.started:
                    return in_json({"status": 406, "message": "Dossier déjà démarré"}, 406)
                if refused := self.lies.get("starts"):
                    return in_json({"status": 406, "message": refused}, 406)
                self._start(folder)
                return Said(b"", kind="application/json")
            case "GET", ["zip"]:
                return Said(self.lies.get("zip") or _zip(folder), kind="application/octet-stream")
            case "DELETE", []:
                if folder.state == "RETRIEVABLE":
                    return in_json({"status": 406, "message": "Dossier en cours"}, 406)
                self.erased.append(self.folders.pop(folder.pk))
                return Said(b"", 204)
        return in_json({"status": 404, "message": "introuvable"}, 404)

    def _premis(self, folder: Folder) -> bytes:
        if premis := self.lies.get("premis"):
            return premis
        events = "".join(
            f"<event><eventIdentifier><eventIdentifierType>taskId</eventIdentifierType>"
            f"<eventIdentifierValue>t-{rank}</eventIdentifierValue></eventIdentifier>"
            f"<eventType>{step}</eventType><eventOutcomeInformation><eventOutcomeDetail>"
            f"<eventOutcomeDetailNote>{escape(note)}</eventOutcomeDetailNote>"
            f"</eventOutcomeDetail></eventOutcomeInformation></event>"
            for rank, (step, note) in enumerate(folder.events)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><premis xmlns="http://www.loc.gov/premis/v3" '
            f'version="3.0">{events}</premis>'
        ).encode()


_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def _texts(element, end: str) -> list[str]:
    return [each.text for each in element.iter(f"{{*}}significantProperties{end}")]


def _page(rows: list[dict]) -> Said:
    return in_json({"content": rows, "totalPages": 1, "pageable": {"pageNumber": 0}})


def _zip(folder: Folder) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("i_Parapheur_internal_premis.xml", "<premis/>")
        archive.writestr(f"Documents principaux/{folder.file}", folder.content)
        archive.writestr(f"{folder.name.replace('/', '_')}_bordereau.pdf", b"%PDF-1.7\n%%EOF\n")
    return packed.getvalue()
