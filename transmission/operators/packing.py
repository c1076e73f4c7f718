"""What leaves by an operator: the very archive that was prepared, opened, for services that make
their own."""

import hashlib
from pathlib import PurePosixPath

from law.findings import refusal
from members import files
from transmission.connectors.parcels import Leaf, Parcel
from transmission.ctes import envelope, markup, naming
from transmission.models import Exchange, Transmission

_MEDIA = {
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}


def of(sending: Transmission) -> Parcel:
    """The act of a sending, as it was prepared. Raises `Refused` for an archive that does not hold
    it."""
    pack = sending.exchanges.filter(kind=Exchange.Kind.PACK, is_outgoing=True).latest("pk")
    return opened(files.content(pack.file, pack.sha256), sending.identifier)


def sha256_of_act(sending: Transmission) -> str:
    """That of the very file of the act that left: stamped, it is another."""
    return hashlib.sha256(of(sending).act.content).hexdigest()


def opened(archive: bytes, identifier: str) -> Parcel:
    """The act of this identifier that an archive carries. Raises `Refused`."""
    held = dict(envelope.opened(archive))
    identity = naming.read(identifier)
    message = held.get(naming.message(identifier, naming.ACT))
    if identity is None or message is None:
        raise refusal("archive_d_un_autre", f"Cette archive n’est pas celle de {identifier}.")
    root = markup.read(message, name=identifier)
    document = markup.text(root, "Document", "NomFichier")
    annexes = [
        markup.text(each, "NomFichier")
        for each in markup.children(markup.child(root, "Annexes"), "Annexe")
    ]
    codes = (
        markup.attribute(markup.child(root, f"CodeMatiere{rank}"), "CodeMatiere")
        for rank in range(1, 6)
    )
    return Parcel(
        number=identity.number,
        nature=int(markup.attribute(root, "CodeNatureActe")),
        matter=".".join(filter(None, codes)),
        decided_on=identity.decided_on,
        subject=markup.text(root, "Objet"),
        act=_leaf(document, held),
        annexes=tuple(_leaf(name, held) for name in annexes),
    )


def _leaf(name: str, held: dict[str, bytes]) -> Leaf:
    return Leaf(
        name=name,
        content=held[name],
        typology=name.partition("-")[0],
        media=_MEDIA.get(PurePosixPath(name).suffix.lower(), "application/octet-stream"),
    )
