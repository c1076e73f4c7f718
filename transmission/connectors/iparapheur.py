"""i-Parapheur 5, of Libriciel: its dialect (REST, « standard », v1).

A paper there is a folder: made as a draft on the desk of the organisation, then started. Its name
is kept as soon as it is made; only the second question has anybody see it. What became of it is
read in its PREMIS: the last of its tasks tells. A finished folder is a ZIP.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from law.findings import Refused
from members import archives
from transmission.connectors import asking
from transmission.connectors.asking import Answer, Declined, Place, Sent, Unanswered, Unready
from transmission.connectors.signing import Stage, Standing, ToSign
from transmission.ctes import markup

_TOKEN = "auth/realms/api/protocol/openid-connect/token"  # noqa: S105 an address
_CLIENT = "ipcore-web"
_PREMIS = "http://www.loc.gov/premis/v3"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# Where a folder of ours may be seen from our desk.
_STATES = ("DRAFT", "PENDING", "RETRIEVABLE", "FINISHED", "REJECTED")
_PAGE, _PAGES = 100, 20
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_MAIN = "Documents principaux"
_BUDGET = archives.Budget(files=200, unpacked=asking.LARGE)
_OVER = {"ARCHIVE": Stage.SIGNED, "DELETE": Stage.REFUSED}


@dataclass(slots=True, kw_only=True)
class Iparapheur:
    """One desk of one tenant, where papers of this type and subtype start. The account and its
    password open a token, which is asked anew when it has expired."""

    place: Place
    account: str
    password: str = field(repr=False)
    tenant: str
    desk: str
    type: str
    subtype: str
    _known: Place | None = None

    # --- Who we are there ---------------------------------------------------------------------

    def greet(self) -> str:
        """As `Parapheur` says."""
        tenant = self._named("tenant", self.tenant, "l’entité")
        desk = self._named(f"tenant/{self.tenant}/desk", self.desk, "le bureau")
        return self.place.hide(f"entité «\u00a0{tenant}\u00a0», bureau «\u00a0{desk}\u00a0»")

    def _named(self, path: str, wanted: str, what: str) -> str:
        for each in self._pages(path):
            if str(each.get("id")) == wanted:
                return str(each.get("name", ""))
        raise Declined(f"ce compte n’y voit pas {what} «\u00a0{wanted}\u00a0»")

    # --- Sending ------------------------------------------------------------------------------

    def find(self, reference: str) -> tuple[str, ...]:
        """As `Parapheur` says."""
        found = {}
        for state in _STATES:
            for each in self._pages(f"{self._desk}/{state}"):
                if reference in str(each.get("name", "")):
                    found[_name(each)] = None
        return tuple(found)

    def make(self, paper: ToSign, *, keep: Callable[[str], None]) -> None:
        """As `Parapheur` says."""
        name = asking.plain_name(paper.name)
        files = [
            Sent(
                field="folder",
                name="premis.xml",
                content=self._premis(paper, name),
                media="application/xml",
            ),
            Sent(field="documents", name=name, content=paper.content),
        ]
        made = self._json(
            self._asked(lambda at: at.post(f"{self._desk}/folder", (), files, autoStart="false"))
        )
        keep(_name(made))

    def _premis(self, paper: ToSign, name: str) -> bytes:
        root = etree.Element(f"{{{_PREMIS}}}premis", nsmap={None: _PREMIS}, version="3.0")
        title = f"{' '.join(paper.title.split())[:190]} ({paper.reference})"
        about = {"i_Parapheur_reserved_type": self.type}
        about["i_Parapheur_reserved_subtype"] = self.subtype
        _object(root, "intellectualEntity", title, about)
        _object(root, "file", name, {"i_Parapheur_reserved_mainDocument": "true"})
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def start(self, remote: str) -> None:
        """As `Parapheur` says."""
        tasks = [each for each in self._events(remote) if each.type == "START"]
        if not tasks or not _NAME.fullmatch(tasks[0].task):
            raise Declined("le dossier n’y a pas de tâche de départ")
        path = f"{self._folder(remote)}/task/{tasks[0].task}/start"
        told = {"publicAnnotation": "", "privateAnnotation": "", "metadata": {}}
        self._heard(self._asked(lambda at: at.put(path, told)))

    # --- What became of it --------------------------------------------------------------------

    def standing(self, remote: str) -> Standing:
        """As `Parapheur` says."""
        try:
            events = self._events(remote)
        except _Absent:
            return Standing(stage=Stage.GONE)
        tasks = [each for each in events if each.task] or events
        if not tasks:
            raise Declined("le dossier n’y dit pas où il en est")
        last = tasks[-1].type
        stage = _OVER.get(last, Stage.DRAFT if last == "START" else Stage.AWAY)
        notes = [each.note for each in tasks if each.note]
        words = notes[-1] if notes and stage is Stage.REFUSED else ""
        return Standing(stage=stage, code=asking.words(last), words=self.place.hide(words))

    def signed(self, remote: str, name: str) -> bytes:
        """As `Parapheur` says."""
        path = f"{self._folder(remote)}/zip"
        answer = self._heard(
            self._asked(lambda at: at.get(path, most=asking.LARGE, patience=asking.LONG))
        )
        try:
            with archives.opened(answer.body, _BUDGET) as archive:
                main = [
                    each
                    for each in archive.namelist()
                    if _MAIN in PurePosixPath(each).parts and each.lower().endswith(".pdf")
                ]
                wanted = asking.plain_name(name)
                named = [each for each in main if PurePosixPath(each).name == wanted]
                if len(named or main) != 1:
                    raise Declined(
                        "l’archive du dossier ne porte pas le document, ou en porte deux"
                    )
                return archive.read(*(named or main))
        except (archives.Damaged, archives.Excessive):
            raise Unanswered("l’archive du dossier ne s’ouvre pas") from None

    def erase(self, remote: str) -> bool:
        """As `Parapheur` says."""
        try:
            self._heard(self._asked(lambda at: at.delete(self._folder(remote))))
        except _Absent:
            return True
        except Declined:
            return False
        return True

    # --- Its dialect --------------------------------------------------------------------------

    @property
    def _desk(self) -> str:
        return f"tenant/{self.tenant}/desk/{self.desk}"

    def _folder(self, remote: str) -> str:
        return f"{self._desk}/folder/{remote}"

    def _events(self, remote: str) -> list["_Event"]:
        answer = self._heard(self._asked(lambda at: at.get(f"{self._folder(remote)}/premis")))
        try:
            root = markup.parsed(answer.body, name="le résumé du dossier")
        except Refused:
            raise Declined("le résumé du dossier ne se lit pas") from None
        return [_Event.of(each) for each in root.iter("{*}event")]

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        for page in range(_PAGES):
            at, size = page, _PAGE
            told = self._json(
                self._asked(lambda place, at=at, size=size: place.get(path, page=at, size=size))
            )
            listed = told.get("content") if isinstance(told, dict) else None
            if not isinstance(listed, list):
                raise Declined("la liste n’est pas celle attendue")
            yield from (each for each in listed if isinstance(each, dict))
            if page + 1 >= int(told.get("totalPages") or 1):
                return

    def _asked(self, question: Callable[[Place], Answer]) -> Answer:
        """The answer to whom it knows; a token that has expired is asked once more."""
        answer = question(self._known or self._enter())
        return question(self._enter()) if answer.status == 401 else answer

    def _enter(self) -> Place:
        asked = [("grant_type", "password"), ("client_id", _CLIENT), ("username", self.account)]
        asked.append(("password", self.password))
        answer = self.place.patch(_TOKEN, asked, method="POST")
        if answer.status >= 500:
            raise Unready(f"il répond {answer.status}")
        token = str(answer.json().get("access_token") or "") if answer.status == 200 else ""
        if not re.fullmatch(r"[\x21-\x7e]{1,8192}", token):
            raise Unready("il ne reconnaît pas le compte, ou son mot de passe")
        self._known = replace(
            self.place,
            address=f"{self.place.address.rstrip('/')}/api/standard/v1",
            authorization=f"Bearer {token}",
            secrets=(*self.place.secrets, token),
        )
        return self._known

    def _json(self, answer: Answer) -> Any:
        return self._heard(answer).json()

    def _heard(self, answer: Answer) -> Answer:
        """What it answered; raises `Declined` with its own words when that is no."""
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise Unready("il ne reconnaît pas le compte, ou lui refuse ce bureau")
        if answer.status == 404:
            raise _Absent("il ne connaît pas ce dossier")
        if answer.status == 429 or answer.status >= 500:
            raise Unready(f"il répond {answer.status}")
        if answer.status >= 400:
            raise Declined(self.place.hide(_words(answer)))
        return answer


class _Absent(Declined):
    """What was asked about is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """A line of the life of a folder: done, or to be done when it is the last."""

    type: str
    task: str
    note: str

    @classmethod
    def of(cls, element: Any) -> "_Event":
        is_task = _text(element, "eventIdentifierType") == "taskId"
        return cls(
            type=_text(element, "eventType").upper(),
            task=_text(element, "eventIdentifierValue") if is_task else "",
            note=asking.words(_text(element, "eventOutcomeDetailNote")),
        )


def _text(element: Any, name: str) -> str:
    found = next(element.iter(f"{{*}}{name}"), None)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _object(root: Any, kind: str, name: str, told: dict[str, str]) -> None:
    made = etree.SubElement(root, f"{{{_PREMIS}}}object", {_TYPE: kind})
    for key, value in told.items():
        held = etree.SubElement(made, f"{{{_PREMIS}}}significantProperties")
        etree.SubElement(held, f"{{{_PREMIS}}}significantPropertiesType").text = key
        etree.SubElement(held, f"{{{_PREMIS}}}significantPropertiesValue").text = value
    etree.SubElement(made, f"{{{_PREMIS}}}originalName").text = asking.words(name)


def _name(made: Any) -> str:
    """What it calls a folder, as an address takes it. Raises `Declined`."""
    named = str(made.get("id") or "") if isinstance(made, dict) else ""
    if not _NAME.fullmatch(named):
        raise Declined("le dossier créé n’a pas de nom")
    return named


def _words(answer: Answer) -> str:
    try:
        told = answer.json()
    except Declined:
        told = None
    said = str(told.get("message") or told.get("error") or "") if isinstance(told, dict) else ""
    return said or f"il répond {answer.status}"
