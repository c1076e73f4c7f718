"""S²LOW, one of the services that carry acts to the prefecture: its dialect.

It answers 200 whether or not it did what was asked, and tells which by `OK` or `KO`; what it does
not answer is a page that leads to the door. A number serves once for an authority, whatever became
of the act: that is what keeps an act that was sent twice from leaving twice.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from transmission.connectors import asking
from transmission.connectors.asking import Answer, Declined, Place, Sent, Unready
from transmission.connectors.parcels import (
    SUBJECT,
    Kind,
    Letter,
    Paper,
    Parcel,
    Stage,
    Standing,
    Trace,
    latin,
)

_ACTS = "modules/actes/"
_STAGES = {
    -1: Stage.REFUSED,
    0: Stage.CANCELLED,
    1: Stage.POSTED,
    2: Stage.QUEUED,
    3: Stage.SENT,
    4: Stage.RECEIVED,
    17: Stage.HELD,
    18: Stage.HELD,
}
# What follows a receipt there (archiving, above all) takes nothing away from it.
_RECEIVED = {5, 6, 12, 13, 14, 16, 19, 20, 22}
# Where an act may be that was sent a moment ago, the likeliest first.
_LOOKED_AT = (1, 2, 17, 18, 3, 4, -1, 0, *sorted(_RECEIVED))
_PAGE, _PAGES = 100, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class S2low:
    """One account of S²LOW. `is_utf8`: the server takes UTF-8, as the newer ones do."""

    place: Place
    is_utf8: bool = False

    # --- Who we are there ---------------------------------------------------------------------

    def greet(self) -> str:
        """As `Connector` says."""
        self._said(self.place.get("api/test-connexion.php"))
        told = self._json(self.place.get("api/info-connexion.php"))
        return self.place.hide(_summary(told))

    # --- Sending ------------------------------------------------------------------------------

    def find(self, number: str) -> tuple[Trace, ...]:
        """As `Connector` says."""
        return tuple(
            Trace(
                remote=str(each["id"]),
                number=number,
                decided_on=str(each.get("date") or each.get("decision_date") or ""),
                subject=str(each.get("subject", "")),
            )
            for status in _LOOKED_AT
            for each in self._listed(status)
            # The cancelling of an act has its number too.
            if each.get("number") == number and str(each.get("type", "1")) == "1"
        )

    def _listed(self, status: int) -> Iterator[dict[str, Any]]:
        for page in range(_PAGES):
            told = self._json(
                self.place.get(
                    f"{_ACTS}api/list_actes.php",
                    status_id=status,
                    offset=page * _PAGE,
                    limit=_PAGE,
                )
            )
            if not isinstance(told, dict) or not isinstance(told.get("transactions"), list):
                raise Declined("la liste des actes n’est pas celle attendue")
            yield from told["transactions"]
            if len(told["transactions"]) < _PAGE:
                return

    def send(self, parcel: Parcel, *, begun: str, keep: Callable[[str], None]) -> None:
        """As `Connector` says: here one question creates the act and has it leave."""
        if begun:
            return
        levels = parcel.matter.split(".")
        told = [
            ("api", "1"),
            ("nature_code", str(parcel.nature)),
            *((f"classif{rank}", level) for rank, level in enumerate(levels, 1)),
            ("number", parcel.number),
            ("decision_date", parcel.decided_on.isoformat()),
            ("subject", self._written(parcel.subject)[:SUBJECT]),
            ("document_papier", "1" if parcel.is_followed_by_paper else "0"),
            ("type_acte", parcel.act.typology),
            *(("type_pj[]", annex.typology) for annex in parcel.annexes),
        ]
        files = [Sent(field="acte_pdf_file", **_file(parcel.act))]
        files += [Sent(field="acte_attachments[]", **_file(each)) for each in parcel.annexes]
        charset = "utf-8" if self.is_utf8 else "latin-1"
        answer = self.place.post(f"{_ACTS}actes_transac_create.php", told, files, charset=charset)
        if answer.status >= 500 or (answer.status == 200 and answer.text[:2] not in ("OK", "KO")):
            # It fell, or somebody on the way did: nobody knows how far it had come.
            raise asking.Unanswered(f"il répond {answer.status}, sans OK ni KO")
        keep(self._named(answer))

    def _written(self, text: str) -> str:
        return text if self.is_utf8 else latin(text)

    # --- What became of it --------------------------------------------------------------------

    def standing(self, remote: str) -> Standing:
        """As `Connector` says."""
        answer = self.place.get(f"{_ACTS}actes_transac_get_status.php", transaction=remote)
        code, _, payload = self._said(answer).partition("\n")
        try:
            number = int(code)
        except ValueError:
            raise Declined(f"un état qui n’en est pas un\u00a0: {asking.words(code)}") from None
        stage = Stage.RECEIVED if number in _RECEIVED else _STAGES.get(number)
        if stage is None:
            raise Declined(f"un état inconnu, {number}")
        told = payload if stage is not Stage.RECEIVED else ""
        return Standing(stage=stage, code=code.strip(), words=self.place.hide(told))

    def paper(self, remote: str, paper: Paper, parcel_sha256: str = "") -> bytes | None:
        """As `Connector` says."""
        if paper is Paper.RECEIPT:
            told = self.place.get(f"{_ACTS}actes_transac_get_ARActe.php", id=remote).body
            return told if told.lstrip().startswith(b"<") and b"ARActe" in told else None
        if paper is Paper.SLIP:
            return self._pdf(f"{_ACTS}actes_create_pdf.php", trans_id=remote)
        listed = self._json(
            self.place.get(f"{_ACTS}actes_transac_get_files_list.php", transaction=remote)
        )
        if not isinstance(listed, list) or len(listed) < 2 or not isinstance(listed[1], dict):
            raise Declined("la liste des fichiers n’est pas celle attendue")
        stamped = self._pdf(
            f"{_ACTS}actes_download_file.php", file=listed[1].get("id", ""), tampon="true"
        )
        # Where the hand that stamps is away, the file comes as it went, and nothing says so.
        if stamped is not None and hashlib.sha256(stamped).hexdigest() == parcel_sha256:
            return None
        return stamped

    def _pdf(self, path: str, **query: object) -> bytes | None:
        answer = self.place.get(path, most=asking.LARGE, patience=asking.LONG, **query)
        return answer.body if answer.status == 200 and answer.body[:5] == b"%PDF-" else None

    def cancel(self, remote: str) -> None:
        """As `Connector` says."""
        told = [("api", "1"), ("id", remote)]
        self._named(self.place.post(f"{_ACTS}actes_transac_cancel.php", told))

    # --- What the prefecture writes -----------------------------------------------------------

    def letters(self, followed: Iterator[str]) -> Iterator[Letter]:
        """As `Connector` says: all that nobody has read, for the whole authority."""
        told = self._json(self.place.get(f"{_ACTS}api/list_document_prefecture.php"))
        if not isinstance(told, list):
            raise Declined("la liste des messages n’est pas celle attendue")
        kinds = {kind.value for kind in Kind}
        for each in told:
            if str(each.get("type")) in kinds:
                yield Letter(
                    remote=str(each["id"]),
                    kind=Kind(str(each["type"])),
                    about=str(each.get("related_transaction_id") or ""),
                    number=str(each.get("number") or ""),
                )

    def content(self, letter: Letter) -> bytes:
        """As `Connector` says: the archive to which the service leads, on its own machine."""
        answer = self.place.get(f"{_ACTS}actes_transac_get_document.php", id=letter.remote)
        led = urlsplit(answer.location)
        here = urlsplit(self.place.address)
        is_there = led.netloc in ("", here.netloc) and led.scheme in ("", here.scheme)
        envelope = parse_qs(led.query).get("env", [""])[0]
        if not is_there or not led.path.endswith("actes_download_file.php") or not envelope:
            raise Unready(_door(answer) or "le message n’est pas où il devrait être")
        found = self.place.get(
            f"{_ACTS}actes_download_file.php",
            most=asking.LARGE,
            patience=asking.LONG,
            env=envelope,
        )
        if found.status != 200 or found.body[:2] != b"\x1f\x8b":
            raise Unready(_door(found) or "le message n’est pas une archive")
        return found.body

    def mark_read(self, letter: Letter) -> None:
        """As `Connector` says."""
        path = f"{_ACTS}api/document_prefecture_mark_as_read.php"
        told = self._json(self.place.get(path, transaction_id=letter.remote))
        if told != {"result": "ok"}:
            raise Declined("il n’a pas été noté que le message est lu")

    def classification(self) -> bytes:
        """The matters and typologies of the authority (RetourClassification, XML)."""
        answer = self.place.get(f"{_ACTS}actes_classification_fetch.php", api=1)
        if not answer.body.lstrip().startswith(b"<") or b"Classification" not in answer.body:
            raise Unready(_door(answer) or self.place.hide(answer.text))
        return answer.body

    # --- Its dialect --------------------------------------------------------------------------

    def _said(self, answer: Answer) -> str:
        """What follows OK; raises `Declined` with what follows KO, or what was said instead."""
        if door := _door(answer):
            raise Unready(door)
        word, _, rest = answer.text.partition("\n")
        if word.strip() == "OK":
            return rest
        # Of an answer to a letter, one line says both.
        if match := re.match(r"(OK|KO)\s*:\s*(?:id généré\s*:\s*)?(.*)", answer.text, re.S):
            if match[1] == "OK":
                return match[2]
            rest, word = match[2], "KO"
        told = rest if word.strip() == "KO" else answer.text
        raise Declined(self.place.hide(told) or f"réponse vide ({answer.status})")

    def _named(self, answer: Answer) -> str:
        """The name that it gave."""
        name = self._said(answer).strip()
        if not name.isdigit():
            raise asking.Unanswered(f"un numéro qui n’en est pas un\u00a0: {asking.words(name)}")
        return name

    def _json(self, answer: Answer) -> Any:
        if door := _door(answer):
            raise Unready(door)
        text = answer.text.lstrip()
        if text.startswith("KO"):
            self._said(answer)
        told = Answer(
            status=answer.status,
            kind=answer.kind,
            location="",
            body=text.removeprefix("OK").encode(),
        ).json()
        if isinstance(told, dict) and "error" in told:
            raise Declined(self.place.hide(str(told["error"])))
        return told


def _door(answer: Answer) -> str:
    """Whether it leads elsewhere instead of answering: in words; "" for an answer."""
    if 300 <= answer.status < 400:
        return "il renvoie à sa page de connexion\u00a0: il ne reconnaît pas le compte"
    if answer.status >= 400:
        return f"il répond {answer.status}"
    return ""


def _file(leaf) -> dict[str, Any]:
    return {"name": leaf.name, "content": leaf.content, "media": leaf.media}


def _summary(told: object, depth: int = 0) -> str:
    """A small tree of words, on one line."""
    if isinstance(told, dict):
        return ", ".join(
            f"{key}\u00a0: {_summary(value, depth + 1)}" for key, value in told.items()
        )
    return str(told)
