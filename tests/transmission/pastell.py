"""Pastell in the tests: documents that are made, filled and told to leave, its refusals at will.

`road` is the way of a document once it left, one step for each time that it is read.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.transmission.s2low import PDF, STAMP
from tests.transmission.services import Asked, Said, Service, in_json

_NEEDED = ("acte_nature", "numero_de_lacte", "objet", "date_de_lacte", "classification", "arrete")
RECEIPT = b'<?xml version="1.0"?><actes:ARActe xmlns:actes="x"/>'


@dataclass
class Document:
    """One act."""

    pk: str
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, int], bytes] = field(default_factory=dict)
    action: str = "creation"
    message: str = ""
    road: list[str] = field(default_factory=list)
    left: int = 0  # how many times it was told to leave


class Pastell(Service):
    """One entity of Pastell, and its documents."""

    def __init__(self, *, authorization: str = "", **more) -> None:
        super().__init__(**more)
        self.authorization = authorization
        self.documents: dict[str, Document] = {}
        self.road = ["verif-tdt", "acquiter-tdt"]
        self.lies: dict[str, Any] = {}
        self.receipt = RECEIPT

    def sent(self, number: str = "") -> list[Document]:
        """Those that left, once for each time."""
        return [
            each
            for each in self.documents.values()
            for _ in range(each.left)
            if number in ("", each.data.get("numero_de_lacte"))
        ]

    # --- What it serves -----------------------------------------------------------------------

    def answer(self, asked: Asked) -> Said:
        if self.authorization and asked.headers.get("authorization") != self.authorization:
            refused = in_json({"status": "error", "error-message": "Vous devez être authentifié"})
            refused.status = 401
            return refused
        if wait := self.lies.pop("busy", 0):
            self.lies |= {"busy": wait - 1} if wait > 1 else {}
            told = in_json({"status": "error", "error-message": "Too many requests"}, 429)
            told.headers["Retry-after"] = "60"
            return told
        path = unquote(asked.path).removeprefix("/api/v2/").split("/")
        match path:
            case ["version"]:
                return in_json({"version": "4.0.1", "revision": "1"})
            case ["flux"]:
                return in_json(self.lies.get("flux", {"actes-generique": {"nom": "Actes"}}))
            case ["entite", "7"]:
                return in_json({"id_e": "7", "denomination": "Val de Brume", "siren": "200000001"})
            case ["entite", "7", "document"] if asked.method == "POST":
                return self._create()
            case ["entite", "7", "document"]:
                return self._list(asked)
            case ["entite", "7", "document", name, *rest] if name in self.documents:
                return self._about(self.documents[name], rest, asked)
        return in_json({"status": "error", "error-message": "introuvable"}, 404)

    def _create(self) -> Said:
        made = Document(f"aB{len(self.documents):05}", road=[*self.road])
        self.documents[made.pk] = made
        return in_json({**self._detail(made), "id_d": made.pk}, 201)

    def _list(self, asked: Asked) -> Said:
        number = asked.query.get("numero_de_lacte")
        found = [
            {"id_d": each.pk, "titre": each.data.get("objet", each.pk), "type": "actes-generique"}
            for each in self.documents.values()
            if "old" in self.lies or number in (None, each.data.get("numero_de_lacte"))
        ]
        return in_json(found)

    def _about(self, document: Document, rest: list[str], asked: Asked) -> Said:
        match asked.method, rest:
            case "GET", []:
                told = self._detail(document)
                self._step(document)
                return in_json(told)
            case "GET", ["file", name, *_]:
                if (name, 0) not in document.files:
                    return in_json({"status": "error", "error-message": "absent"}, 404)
                return Said(document.files[name, 0], kind="application/pdf")
            case "POST", ["file", name, *rank]:
                ((_, filename, content),) = asked.files
                number = int(rank[0]) if rank else 0
                document.files[name, number] = content
                named = document.data.setdefault(name, [])
                named[number : number + 1] = [filename]
                return self._changed(document)
            case "PATCH", []:
                document.data |= {name: value.decode() for name, value in asked.told}
                return self._changed(document)
            case "PATCH", ["externalData", "classification"]:
                document.data["classification"] = asked.raw["classif"].decode()
                return self._changed(document)
            case "PATCH", ["externalData", "type_piece"]:
                kinds = [value.decode() for _, value in sorted(asked.told)]
                assert len(kinds) == len(document.files)
                document.data["type_acte"], *others = kinds
                document.data["type_pj"] = others
                return self._changed(document)
            case "POST", ["action", name]:
                return self._act(document, name)
        return in_json({"status": "error", "error-message": "introuvable"}, 404)

    def _is_whole(self, document: Document) -> bool:
        return all(document.data.get(name) for name in _NEEDED) and "whole" not in self.lies

    def _changed(self, document: Document) -> Said:
        if document.action not in ("creation", "modification", "send-tdt-erreur"):
            told = "L'action « modification »  n'est pas permise"
            return in_json({"status": "error", "error-message": told}, 400)
        document.action = "modification"
        is_whole = self._is_whole(document)
        told = {
            "result": "ok",
            "formulaire_ok": int(is_whole),
            "message": "" if is_whole else "Le formulaire est incomplet : « Classification »",
            "content": self._detail(document),
        }
        return in_json(told)

    def _possible(self, document: Document) -> list[str]:
        if document.action in ("creation", "modification", "send-tdt-erreur"):
            leaves = self._is_whole(document) and document.data.get("envoi_tdt")
            is_first = not document.left or document.action == "send-tdt-erreur"
            return ["modification", "supression", *(["send-tdt"] if leaves and is_first else [])]
        return ["annulation-tdt"] if document.action == "acquiter-tdt" else []

    def _act(self, document: Document, name: str) -> Said:
        if name not in self._possible(document):
            told = f"L'action « {name} »  n'est pas permise : Le dernier état ne convient pas"
            return in_json({"status": "error", "error-message": told}, 400)
        if name == "annulation-tdt":
            document.action, document.road = "annulation-tdt", ["annuler-tdt"]
            return in_json({"result": True, "message": "Une notification a été envoyée"}, 201)
        if said := self.lies.get("tdt"):
            document.action, document.message = "send-tdt-erreur", said
            return in_json({"status": "error", "error-message": said}, 400)
        assert re.fullmatch(r"[0-9A-Z_]{2,15}", document.data["numero_de_lacte"])
        document.action, document.left = "send-tdt", document.left + 1
        return in_json({"result": True, "message": "Le document a été envoyé"}, 201)

    def _step(self, document: Document) -> None:
        """Its own clock: one step for each time that it is read, once it left."""
        if document.action in ("creation", "modification", "send-tdt-erreur") or not document.road:
            return
        document.action = document.road.pop(0)
        if document.action == "acquiter-tdt":
            stamp = b"" if "unstamped" in self.lies else STAMP
            for name, content in (
                ("aractes", self.receipt),
                ("bordereau", PDF),
                ("acte_tamponne", document.files["arrete", 0] + stamp),
            ):
                document.files[name, 0] = content
                document.data[name] = [f"{name}.bin"]

    def writes(self, field_name: str, document: Document) -> None:
        """A message of the prefecture about an act."""
        document.files[field_name, 0] = PDF + field_name.encode()
        document.data |= {field_name: ["courrier.pdf"], f"has_{field_name}": "1"}
        document.data[f"{field_name}_id"] = "4012"

    def _detail(self, document: Document) -> dict[str, Any]:
        return {
            "info": {"id_d": document.pk, "type": "actes-generique"},
            "data": document.data,
            "action_possible": self._possible(document),
            "last_action": {"action": document.action, "message": document.message},
        }
