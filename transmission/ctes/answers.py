"""What the prefecture answers, read: acknowledgments, anomalies, letters, a referral.

An answer names its act by its identifier; an anomaly does by what it had understood of it, or by
the name of a file alone, when it understood nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from law.acts import Nature
from law.findings import refusal
from transmission.ctes import envelope, markup, naming
from transmission.ctes.markup import Element
from transmission.ctes.naming import Identity


class Kind(StrEnum):
    """What an answer is: the name of its element."""

    RECEIPT = "ARActe"
    ANOMALY = "AnomalieActe"
    ENVELOPE_ANOMALY = "AnomalieEnveloppe"
    CANCELLED = "ARAnnulation"
    LETTER = "CourrierSimple"
    PIECES = "DemandePieceComplementaire"
    OBSERVATIONS = "LettreObservations"
    DEFERRAL = "DefereTA"
    PIECES_RECEIPT = "ARPieceComplementaire"
    REPLY_RECEIPT = "ARReponseRejetLettreObservations"


# The name of the element that holds what a letter asks, or blames.
_WORDS = {
    Kind.ANOMALY: "Detail",
    Kind.ENVELOPE_ANOMALY: "Detail",
    Kind.PIECES: "DescriptionPieces",
    Kind.OBSERVATIONS: "Motif",
    Kind.DEFERRAL: "NatureIllegalite",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: what it is, of which act (`identity`; `None` when it does not say), of which day,
    what it says. `acts` are all those that an anomaly may speak of. `received` is what the
    prefecture read of the act."""

    kind: Kind
    identity: Identity | None
    on: date | None
    words: str = ""
    code: str = ""
    acts: tuple[Identity, ...] = ()
    received: "Received | None" = None
    classified_on: date | None = None  # of the classification that the prefecture goes by
    files: tuple[str, ...] = ()

    def is_of(self, identity: Identity) -> bool:
        """Whether this act is the one, or one of those, that it answers."""
        return identity in (self.identity, *self.acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An act as the prefecture read it."""

    number: str
    nature: Nature | None
    decided_on: date | None
    matter: str
    object: str


def read(content: bytes, *, name: str = "ce fichier") -> Answer:
    """The answer that this message is. Raises `Refused` for what is none."""
    root = markup.read(content, name=name)
    try:
        kind = Kind(markup.kind(root))
    except ValueError as error:
        raise refusal(
            "pas_une_reponse",
            f"{name}\u00a0: ce message ({markup.kind(root)[:60]}) n’est pas une réponse de la "
            "préfecture.",
            remedy="Déposez l’accusé de réception, l’anomalie ou le courrier que l’opérateur a "
            "rendus.",
        ) from error
    received = markup.child(root, "ActeRecu")
    said = markup.attribute(root, "IDActe") or markup.attribute(
        markup.child(root, "InfosCourrierPref"), "IDActe"
    )
    identity = naming.read(said)
    if kind not in (Kind.ANOMALY, Kind.ENVELOPE_ANOMALY) and identity is None:
        raise refusal(
            "reponse_sans_acte",
            f"{name}\u00a0: cette réponse ne dit pas de quel acte elle parle.",
            remedy="Demandez à l’opérateur le fichier d’origine.",
        )
    on = _day(kind, root)
    if on is None and kind is not Kind.ANOMALY and kind is not Kind.ENVELOPE_ANOMALY:
        raise refusal(
            "reponse_sans_date",
            f"{name}\u00a0: cette réponse ne dit pas sa date.",
            remedy="Demandez à l’opérateur le fichier d’origine.",
        )
    return Answer(
        kind=kind,
        identity=identity,
        on=on,
        words=markup.text(root, _WORDS[kind]) if kind in _WORDS else "",
        code=markup.text(root, "Nature", most=10),
        acts=tuple(_acts(root, received)),
        received=_received(received),
        classified_on=markup.day(markup.text(root, "ClassificationDateVersionEnCours")),
        files=tuple(_named(root)),
    )


def _day(kind: Kind, root: Element) -> date | None:
    match kind:
        case Kind.ANOMALY | Kind.ENVELOPE_ANOMALY:
            said = markup.text(root, "Date")
        case Kind.DEFERRAL:
            said = markup.text(root, "DateDepot")
        case Kind.LETTER | Kind.PIECES | Kind.OBSERVATIONS:
            said = markup.attribute(root, "DateCourrierPref")
        case _:
            said = markup.attribute(root, "DateReception")
    return markup.day(said)


def _named(element: Element) -> Iterable[str]:
    """The files that it names."""
    for each in element.iter(f"{{{markup.ACTES}}}NomFichier"):
        yield " ".join((each.text or "").split())[:200]


def _acts(root: Element, received: Element | None) -> Iterable[Identity]:
    """Those of which the files are named, then the one that was read, if the two agree on whose."""
    found = [each for each in map(naming.within, _named(root)) if each is not None]
    if received is not None and found:
        told = _received(received)
        if told is not None and told.nature and told.decided_on:
            found.append(
                naming.identity(
                    found[0].department,
                    found[0].siren,
                    told.decided_on,
                    told.number,
                    told.nature,
                )
            )
    return dict.fromkeys(found)


def _received(element: Element | None) -> Received | None:
    if element is None:
        return None
    code = markup.attribute(element, "CodeNatureActe")
    ranks = (markup.child(element, f"CodeMatiere{rank}") for rank in range(1, 6))
    codes = [markup.attribute(each, "CodeMatiere") for each in ranks]
    return Received(
        number=markup.attribute(element, "NumeroInterne", most=15),
        nature=Nature(code) if code in list(Nature) else None,
        decided_on=markup.day(markup.attribute(element, "Date")),
        matter=".".join(each for each in codes if each),
        object=markup.text(element, "Objet", most=600),
    )


# --- What is dropped ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A file of the prefecture, with what it holds: each answer with its bytes, the files that go
    with it, and to whom (SIREN) the envelope is addressed, "" where nobody says."""

    answers: tuple[tuple[str, bytes, Answer], ...]
    joined: tuple[tuple[str, bytes], ...] = ()
    to: str = ""


def dropped(content: bytes, *, name: str) -> Dropped:
    """What a file that was handed in holds: one message, or an archive of them. Raises `Refused`
    for what holds no answer."""
    if not envelope.is_archive(content):
        return Dropped(answers=((name, content, read(content, name=name)),))
    answers, joined, to = [], [], ""
    for each, held in envelope.opened(content, name=name):
        if not each.lower().endswith(".xml"):
            joined.append((each, held))
            continue
        root = markup.read(held, name=each)
        if markup.kind(root) == "EnveloppeMISILLCL":
            where = markup.child(root, "Destinataire")
            to = "" if where is None else str(where.get(f"{{{markup.INSEE}}}SIREN") or "")
        elif markup.kind(root) in list(Kind):
            answers.append((each, held, read(held, name=each)))
        else:
            joined.append((each, held))
    if not answers:
        raise refusal(
            "archive_sans_reponse",
            f"{name}\u00a0: cette archive ne contient aucune réponse de la préfecture.",
            remedy="Déposez l’archive ou le message que l’opérateur a rendus.",
        )
    return Dropped(answers=tuple(answers), joined=tuple(joined), to=to)
