"""Pastell, which carries acts to the service of the organisation: its dialect (API v2).

An act there is a document that is made, filled, then told to leave, one question for each. Its name
is kept as soon as it is made, so that a sending that was cut is taken up where it stopped; only the
last question has it leave, and only a document that says that it may.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from transmission.connectors import asking
from transmission.connectors.asking import Answer, Declined, Place, Sent, Unready
from transmission.connectors.parcels import (
    SUBJECT,
    Kind,
    Leaf,
    Letter,
    Paper,
    Parcel,
    Stage,
    Standing,
    Trace,
)

TYPE = "actes-generique"
_LEAVE = "send-tdt"
_STAGES = {
    "creation": Stage.UNSENT,
    "modification": Stage.UNSENT,
    "send-tdt": Stage.POSTED,
    "document-transmis-tdt": Stage.HELD,
    "teletransmission-tdt": Stage.HELD,
    "return-teletransmission-tdt": Stage.POSTED,
    "verif-tdt": Stage.SENT,
    "erreur-verif-tdt": Stage.SENT,
    "acquiter-tdt": Stage.RECEIVED,
    "tdt-error": Stage.REFUSED,
    "send-tdt-erreur": Stage.REFUSED,
    "fatal-error": Stage.REFUSED,
    "annuler-tdt": Stage.CANCELLED,
}
_FIELDS = {Paper.RECEIPT: "aractes", Paper.SLIP: "bordereau", Paper.STAMPED: "acte_tamponne"}
_LETTERS = {
    "courrier_simple": Kind.LETTER,
    "demande_piece_complementaire": Kind.PIECES_WANTED,
    "lettre_observation": Kind.OBSERVATIONS,
    "defere_tribunal_administratif": Kind.REFERRAL,
}
_PAGE, _PAGES = 100, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pastell:
    """One entity of Pastell (`entity`, a number there)."""

    place: Place
    entity: str

    # --- Who we are there ---------------------------------------------------------------------

    def greet(self) -> str:
        """As `Connector` says."""
        version = self._json(self.place.get("api/v2/version"))
        entity = self._json(self.place.get(f"api/v2/entite/{self.entity}"))
        if TYPE not in self._json(self.place.get("api/v2/flux")):
            raise Declined(f"ce compte n’y voit pas le flux «\u00a0{TYPE}\u00a0»")
        told = (
            f"{entity.get('denomination', '')}, SIREN {entity.get('siren', '')}",
            f"Pastell {version.get('version', '')}",
        )
        return self.place.hide("\u00a0; ".join(told))

    # --- Sending ------------------------------------------------------------------------------

    def find(self, number: str) -> tuple[Trace, ...]:
        """As `Connector` says. A version that does not look by the number shows all: each that may
        be it is read."""
        found = []
        for page in range(_PAGES):
            listed = self._json(
                self.place.get(
                    f"{self._documents}",
                    type=TYPE,
                    numero_de_lacte=number,
                    offset=page * _PAGE,
                    limit=_PAGE,
                )
            )
            if not isinstance(listed, list):
                raise Declined("la liste des documents n’est pas celle attendue")
            for each in listed:
                data = self._document(str(each["id_d"])).get("data") or {}
                if data.get("numero_de_lacte") == number:
                    found.append(
                        Trace(
                            remote=str(each["id_d"]),
                            number=number,
                            decided_on=str(data.get("date_de_lacte", "")),
                            subject=str(data.get("objet", "")),
                        )
                    )
            if len(listed) < _PAGE:
                break
        return tuple(found)

    def send(self, parcel: Parcel, *, begun: str, keep: Callable[[str], None]) -> None:
        """As `Connector` says."""
        remote = begun
        if not remote:
            made = self._json(self.place.post(self._documents, [("type", TYPE)]))
            remote = str(made.get("id_d") or made.get("info", {}).get("id_d") or "")
            if not remote:
                raise Declined("le document créé n’a pas de nom")
            keep(remote)
        elif self.standing(remote).stage is not Stage.UNSENT:
            return  # it left before the cut
        self._fill(remote, parcel)
        document = self._document(remote)
        if _LEAVE not in (document.get("action_possible") or []):
            raise Declined(self._refusal(document))
        told = self._json(self.place.post(f"{self._documents}/{remote}/action/{_LEAVE}"))
        if told.get("result") in (False, "error"):
            raise Declined(self.place.hide(str(told.get("message", ""))))

    def _fill(self, remote: str, parcel: Parcel) -> None:
        """All that it says: what is there already is written over, nothing twice."""
        here = f"{self._documents}/{remote}"
        fields = [
            ("acte_nature", str(parcel.nature)),
            ("numero_de_lacte", parcel.number),
            ("objet", " ".join(parcel.subject.split())[:SUBJECT]),
            ("date_de_lacte", parcel.decided_on.isoformat()),
            ("document_papier", "1" if parcel.is_followed_by_paper else ""),
            ("envoi_tdt", "1"),
        ]
        self._json(self.place.patch(here, fields))
        self._attach(f"{here}/file/arrete", parcel.act)
        for rank, annex in enumerate(parcel.annexes):
            self._attach(f"{here}/file/autre_document_attache/{rank}", annex)
        matter = [("classif", parcel.matter)]
        self._json(self.place.patch(f"{here}/externalData/classification", matter))
        leaves = (parcel.act, *parcel.annexes)
        kinds = [(f"type_pj[{rank}]", leaf.typology) for rank, leaf in enumerate(leaves)]
        self._json(self.place.patch(f"{here}/externalData/type_piece", kinds))
        told = self._json(self.place.patch(here, fields[:1]))
        if not told.get("formulaire_ok"):
            raise Declined(self.place.hide(str(told.get("message", ""))) or "document incomplet")

    def _attach(self, path: str, leaf: Leaf) -> None:
        file = Sent(
            field="file_content",
            name=leaf.name,
            content=leaf.content,
            media=leaf.media,
        )
        self._json(self.place.post(path, [("file_name", asking.plain_name(leaf.name))], [file]))

    def _refusal(self, document: dict[str, Any]) -> str:
        message = str((document.get("last_action") or {}).get("message", ""))
        return self.place.hide(message) or "ce document n’y est pas autorisé à partir"

    # --- What became of it --------------------------------------------------------------------

    def standing(self, remote: str) -> Standing:
        """As `Connector` says. A site names stages of its own: what the document holds tells."""
        document = self._document(remote)
        last = document.get("last_action") or {}
        code = str(last.get("action", ""))
        stage = _STAGES.get(code)
        if stage is None:
            is_received = bool((document.get("data") or {}).get("aractes"))
            stage = Stage.RECEIVED if is_received else Stage.QUEUED
        told = str(last.get("message", "")) if stage is not Stage.RECEIVED else ""
        return Standing(stage=stage, code=code, words=self.place.hide(told))

    def paper(self, remote: str, paper: Paper, parcel_sha256: str = "") -> bytes | None:
        """As `Connector` says."""
        field = _FIELDS[paper]
        if not (self._document(remote).get("data") or {}).get(field):
            return None
        told = self._file(remote, field)
        if paper is Paper.RECEIPT:
            return told if told.lstrip().startswith(b"<") else None
        if told[:5] != b"%PDF-" or hashlib.sha256(told).hexdigest() == parcel_sha256:
            return None
        return told

    def cancel(self, remote: str) -> None:
        """As `Connector` says."""
        document = self._document(remote)
        if "annulation-tdt" not in (document.get("action_possible") or []):
            raise Declined(self._refusal(document))
        self._json(self.place.post(f"{self._documents}/{remote}/action/annulation-tdt"))

    # --- What the prefecture writes -----------------------------------------------------------

    def letters(self, followed: Iterator[str]) -> Iterator[Letter]:
        """As `Connector` says: it tells them of each document, and never stops telling."""
        for remote in followed:
            data = self._document(remote).get("data") or {}
            for field, kind in _LETTERS.items():
                if data.get(field):
                    name = str(data.get(f"{field}_id") or remote)
                    yield Letter(remote=f"{field}/{name}", kind=kind, about=remote)

    def content(self, letter: Letter) -> bytes:
        """As `Connector` says."""
        return self._file(letter.about, letter.remote.partition("/")[0])

    def mark_read(self, letter: Letter) -> None:
        """As `Connector` says: nothing is to be told there."""

    # --- Its dialect --------------------------------------------------------------------------

    @property
    def _documents(self) -> str:
        return f"api/v2/entite/{self.entity}/document"

    def _document(self, remote: str) -> dict[str, Any]:
        told = self._json(self.place.get(f"{self._documents}/{remote}"))
        if not isinstance(told, dict):
            raise Declined("le document n’est pas celui attendu")
        return told

    def _file(self, remote: str, field: str) -> bytes:
        path = f"{self._documents}/{remote}/file/{field}/0"
        answer = self.place.get(path, most=asking.LARGE, patience=asking.LONG)
        if answer.status != 200:
            self._json(answer)
        return answer.body

    def _json(self, answer: Answer) -> Any:
        """What it said; raises `Declined` with its own words when that is no."""
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise Unready("il ne reconnaît pas le compte, ou lui refuse cette entité")
        if answer.status == 429:
            raise Unready("il demande d’attendre une minute")
        if answer.status >= 500 and answer.kind != "application/json":
            raise Unready(f"il répond {answer.status}")
        told = answer.json()
        if isinstance(told, dict) and (answer.status >= 400 or told.get("status") == "error"):
            raise Declined(self.place.hide(str(told.get("error-message", answer.status))))
        if answer.status >= 400:
            raise Declined(f"il répond {answer.status}")
        return told
