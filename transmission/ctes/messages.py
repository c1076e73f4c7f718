"""Values made XML, as actesv1_1.xsd wants it: an act, the withdrawal of one, an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from lxml import etree

from law import acts
from law.acts import Nature
from transmission.ctes import naming
from transmission.ctes.markup import ACTES, INSEE, Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends, as the convention with the prefecture knows it."""

    siren: str
    department: str
    arrondissement: str
    nature: str  # of the authority, in two digits
    name: str = ""
    phone: str = ""
    email: str = ""  # where the prefecture answers


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that goes with an act: its name here, its bytes, the kind of document it is."""

    name: str
    content: bytes
    typology: str

    @property
    def extension(self) -> str:
        """That of its name, in small letters, without its dot."""
        return PurePosixPath(self.name).suffix.removeprefix(".").lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act, with all that the prefecture reads of it. `replaces` is the identifier of the one
    that it takes the place of."""

    sender: Sender
    number: str
    nature: Nature
    matter: str
    object: str
    decided_on: date
    classified_on: date
    document: File
    annexes: tuple[File, ...] = ()
    replaces: str = ""

    @property
    def identifier(self) -> str:
        """What @CTES calls it."""
        sender = self.sender
        return str(
            naming.identity(
                sender.department, sender.siren, self.decided_on, self.number, self.nature
            )
        )

    @property
    def files(self) -> tuple[File, ...]:
        """The act itself, then its annexes."""
        return self.document, *self.annexes


def named(identifier: str, transaction: str, files: Iterable[File]) -> list[tuple[str, bytes]]:
    """What each of these files is called beside its message, with its bytes."""
    return [
        (
            naming.file(identifier, transaction, rank, each.extension, typology=each.typology),
            each.content,
        )
        for rank, each in enumerate(files, start=1)
    ]


# --- Messages ----------------------------------------------------------------------------------


def of_act(act: Act) -> bytes:
    """The message that transmits an act."""
    root = _element(
        "Acte",
        Date=act.decided_on.isoformat(),
        NumeroInterne=act.number,
        CodeNatureActe=act.nature.value,
    )
    for rank, level in enumerate(acts.levels(act.matter), start=1):
        _under(root, f"CodeMatiere{rank}", CodeMatiere=str(level))
    _under(root, "Objet", _printable(act.object))
    if act.replaces:
        _under(root, "PrecedentIdentifiantActe", IDActe=act.replaces)
    _under(root, "ClassificationDateVersion", act.classified_on.isoformat())
    names = [name for name, _ in named(act.identifier, naming.ACT, act.files)]
    _file(root, "Document", names[0])
    annexes = _under(root, "Annexes", Nombre=str(len(act.annexes)))
    for name in names[1:]:
        _file(annexes, "Annexe", name)
    _under(root, "DocumentPapier", "N")
    return _written(root)


def of_cancellation(identifier: str) -> bytes:
    """The message that takes the transmission of an act back."""
    return _written(_element("Annulation", IDActe=identifier))


# Transaction → the element that answers, and that of its files.
_REPLIES = {
    naming.LETTER_REPLY: "ReponseCourrierSimple",
    naming.PIECES_REFUSED: "RefusPieceComplementaire",
    naming.PIECES: "PieceComplementaire",
    naming.OBSERVATIONS_REFUSED: "RejetLettreObservations",
    naming.OBSERVATIONS_REPLY: "ReponseLettreObservations",
}


def of_reply(transaction: str, identifier: str, *, letter_on: date, files: Iterable[str]) -> bytes:
    """The message that answers a letter of the prefecture, dated of that day, by these files."""
    root = _element(
        _REPLIES[transaction], IDActe=identifier, DateCourrierPref=letter_on.isoformat()
    )
    where = _under(root, "Documents") if transaction == naming.PIECES else root
    for name in files:
        _file(where, "Document", name)
    return _written(root)


def of_envelope(sender: Sender, messages: Iterable[str]) -> bytes:
    """What says who sends, where to answer, and which messages are there."""
    root = _element("EnveloppeCLMISILL")
    emitter = _under(root, "Emetteur")
    who = _under(
        emitter,
        "IDCL",
        Departement=sender.department,
        Arrondissement=sender.arrondissement,
        Nature=sender.nature,
    )
    who.set(f"{{{INSEE}}}SIREN", sender.siren)
    told = {"Nom": sender.name, "Telephone": sender.phone, "Email": sender.email}
    if any(told.values()):
        referent = _under(emitter, "Referent")
        for name, value in told.items():
            if value:
                _under(referent, name, _printable(value))
    _under(_under(root, "AdressesRetour"), "Email", sender.email)
    sent = _under(root, "FormulairesEnvoyes")
    for name in messages:
        _file(sent, "Formulaire", name)
    return _written(root)


# --- XML ---------------------------------------------------------------------------------------


def _element(name: str, **attributes: str) -> Element:
    root = etree.Element(f"{{{ACTES}}}{name}", nsmap={"actes": ACTES, "insee": INSEE})
    return _with(root, attributes)


def _under(parent: Element, name: str, words: str = "", **attributes: str) -> Element:
    found = etree.SubElement(parent, f"{{{ACTES}}}{name}")
    if words:
        found.text = words
    return _with(found, attributes)


def _with(element: Element, attributes: dict[str, str]) -> Element:
    for name, value in attributes.items():
        element.set(f"{{{ACTES}}}{name}", value)
    return element


def _file(parent: Element, element: str, name: str) -> None:
    _under(_under(parent, element), "NomFichier", name)


def _printable(words: str) -> str:
    """On one line, without what XML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _written(root: Element) -> bytes:
    """In Latin-1 as every sample is: what it lacks is written by its number."""
    return bytes(etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True))
