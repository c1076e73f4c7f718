"""The proof file of an act: one ZIP that shows, without us, that nothing of it was altered.

It holds the act and its facts (`preuve.json`), the ways to the anchors that cover it, and two
programs that check all of it without any network (`archive/keeping/offline/`). It is an ASiC-E
container (ETSI EN 319 162-1): a manifest of digests that is sealed, and one, over the first and its
seal too, that is time-stamped: the hour is also that of the seal. Nothing is compressed, so that
what reads it can stay small; what it may hold, and how, is told once, in `verifier`.
"""

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db.models.fields.files import FieldFile
from django.utils import timezone

from archive.keeping import anchors
from archive.keeping.offline import verifier
from archive.models import Publication
from archive.online import public_copy
from convening.dispatch import sent as dispatched
from convening.models import Convocation
from documents import actions as issuing
from documents.models import IssuedDocument
from law import findings, french, sitting
from law.ballots import Choice
from law.delegations import Kind
from meetings import leaving, reading
from meetings.models import AgendaItem, Meeting
from members import files, witness
from members.witness import Witnessed
from registry.models import SignatureStep, SigningKey
from registry.signatures import keys, pades, stamps

OFFLINE = Path(__file__).parent / "offline"
TOOLS = ("verifier.py", "verifier.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a proof file would hold, before it is stamped and sealed."""

    meeting: Meeting
    files: Mapping[str, bytes]
    facts: Mapping[str, Any]

    @property
    def said(self) -> str:
        """The hash of all that it says: two that say the same prove the same."""
        whole = hashlib.sha256(_json(self.facts))
        for name in sorted(self.files):
            whole.update(hashlib.sha256(self.files[name]).digest())
        for tool in TOOLS:
            whole.update((OFFLINE / tool).read_bytes())
        return whole.hexdigest()

    def packed(self, *, at: datetime) -> bytes:
        """The file, time-stamped now. Raises `Refused` when nothing can."""
        return _packed(self.files, self.facts, self.meeting, at=at)


def of_act(document: IssuedDocument) -> Proof:
    """The proof of a document that was issued, for whoever may read it whole: its most signed
    file, its words, and all that is known of the sitting at its item.

    Raises `Refused` when what is kept, row or file, is no longer what was witnessed.
    """
    steps = list(document.signatures.select_related("key").order_by("order"))
    kept = (steps[-1].file, steps[-1].sha256) if steps else (document.pdf, document.pdf_sha256)
    content = _kept(document, *kept)
    if not content.startswith(_kept(document, document.pdf, document.pdf_sha256)):
        raise _changed(document)
    words = document.content.encode()
    if hashlib.sha256(words).hexdigest() != document.sha256:
        raise _changed(document)
    published = document.publications.order_by("-pk").first()  # withdrawn or not: it was online
    rows: list[Witnessed] = [document, *steps, *filter(None, [published])]
    facts = {
        **_act(document, content, "signé" if steps else "tel qu’il a été établi"),
        "acte": known_of(document) | hashes_of(document),
        **_sitting(document),
        "signatures": [signature_of(step) for step in steps if step.place],
        "remplace_par": None if document.is_current else later_of(document.superseded_by),
        "publication": publication_of(published),
        "chemins": list(_ways(rows)),
    }
    files = {verifier.ACT: content, verifier.WORDS: words}
    return Proof(meeting=document.meeting, files=files, facts=facts)


def of_publication(publication: Publication) -> Proof:
    """The proof of what is online, for anybody: the public file and nothing that is not in it.

    Raises `Refused` when what is kept is no longer what was witnessed.
    """
    document = publication.document
    content = _kept(document, publication.file, publication.sha256)
    facts = {
        **_act(document, content, "tel qu’il est en ligne"),
        **({} if publication.is_redacted else _sitting(document, is_public=True)),
        "acte": known_of(document)
        | ({"titre": publication.title} if publication.is_redacted else hashes_of(document)),
        "signatures": [signature_of(step) for step in _borne(publication) if step.place],
        "publication": publication_of(publication),
        "chemins": list(_ways([publication])),
    }
    return Proof(meeting=document.meeting, files={verifier.ACT: content}, facts=facts)


def _borne(publication: Publication) -> list[SignatureStep]:
    """The steps of signing that the public file has: none once passages were left out of it."""
    steps = list(publication.document.signatures.select_related("key").order_by("order"))
    while steps and steps[-1].sha256 != publication.sha256:
        steps.pop()
    return steps


def _kept(document: IssuedDocument, file: FieldFile, sha256: str) -> bytes:
    """The bytes of a file that are still those that were kept."""
    try:
        return files.content(file, sha256)
    except files.Damaged as damaged:
        raise _changed(document) from damaged


def _changed(document: IssuedDocument) -> findings.Refused:
    return findings.refusal(
        "fichier_change",
        f"Ce qui est gardé de « {document} » n’est plus ce qui a été établi : aucune preuve n’en "
        "est donnée.",
        remedy="L’exploitant lance « manage.py verify », qui dit ce qui a changé, et le remet "
        "d’une sauvegarde.",
    )


# --- What is told -------------------------------------------------------------------------------


def _act(document: IssuedDocument, content: bytes, said: str) -> dict[str, Any]:
    meeting = document.meeting
    return {
        "format": verifier.FORMAT,
        "organisation": str(meeting.organisation),
        "siren": meeting.organisation.known_siren,
        "instance": str(meeting.body),
        "seance": document.paper.held_on.isoformat(),
        "fichier": verifier.ACT,
        "fichier_est": said,
        "sha256": hashlib.sha256(content).hexdigest(),
        "verification": issuing.verification(document.code).address,
        "transmission": None,
    }


def known_of(document: IssuedDocument) -> dict[str, Any]:
    """What tells this act among others."""
    return {
        "nature": Kind(document.meeting.body.kind).noun
        if document.meeting.is_alone
        else document.get_kind_display(),
        "titre": str(document),
        "version": document.version,
        "code": document.code,
        "etabli_le": document.issued_at,
    }


def hashes_of(document: IssuedDocument) -> dict[str, Any]:
    """Those of the original, for who may read it whole: of a text of which all but one sentence
    is known, the hash confirms who guesses that sentence."""
    return {"sha256_pdf": document.pdf_sha256, "sha256_contenu": document.sha256}


def _sitting(document: IssuedDocument, *, is_public: bool = False) -> dict[str, Any]:
    """The convocation, who was there, the quorum and the votes, each figure with its article; what
    the ledger says is left out once it is no longer what the act says. The public is told by name
    who voted what where the act itself tells it."""
    meeting = document.meeting
    if not _is_as_issued(document):
        return {"ecarte": LEFT_OUT}
    facts: dict[str, Any] = _convening(meeting)
    item = meeting.items.filter(key=document.subject).first() if document.subject else None
    if item is not None:
        state = reading.state_at(meeting, item)
        facts |= {
            "point": item.title,
            "membres": [_member(member, state) for member in state.composition.titulars],
            "quorum": _quorum(meeting, item),
            "votes": list(_votes(meeting, item)),
        }
        if is_public and not _tells_names(document):
            for vote in facts["votes"]:
                vote.pop("par_nom", None)
    return facts


LEFT_OUT = (
    "Convocation, présents, quorum et votes sont laissés : depuis que cet acte fut établi, la "
    "séance dit autre chose que lui."
)


def _is_as_issued(document: IssuedDocument) -> bool:
    """Whether the sitting says today what this paper says of it, and was held and convened on the
    days that it had then."""
    try:
        has_changed = issuing.has_changed(document, public_copy.compiled(document))
    except (KeyError, findings.Refused):  # its item or its number is no more
        return False
    return not has_changed and witness.is_since(
        document.meeting, document, ("held_on", "starts_at", "convened_on", "sent_on")
    )


def _tells_names(document: IssuedDocument) -> bool:
    """Whether an act prints who voted what."""
    decided = getattr(document.paper, "decisions", ())
    return any(group.names for step in decided for group in step.groups)


def _convening(meeting: Meeting) -> dict[str, Any]:
    """The convocation: the notice that it gave to the member who had the shortest, and what became
    of each mail, no recipient named. One of which nothing left gave none, and is told apart."""
    if meeting.convened_on is None:
        return {"convocation": None}
    sent = meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("number")
    found = sent.filter(sent_on=meeting.convened_on).first()
    left_on = leaving.left_on(meeting)
    nature = found.get_kind_display() if found else "partie hors de l’application, dit l’instance"
    if left_on is None:
        told = {"nature": nature, "etablie_le": meeting.convened_on.isoformat()}
        return {"convocation": None, "convocation_non_remise": told | _handed(found)}
    notice = meeting.notice_of(left_on, urgent=bool(found and found.urgent_reason))
    return {
        "convocation": {
            "nature": nature,
            "envoyee_le": left_on,
            "jours_francs": notice.clear_days,
            "exiges": notice.required,
            "article": notice.article,
            **_spread(meeting),
            **_handed(found),
        }
    }


def _spread(meeting: Meeting) -> dict[str, Any]:
    """How it was handed over to the members one after another, where that is known."""
    found = dispatched.handed(meeting)
    if found is None:
        return {}
    return {"premiere_remise_le": found.first, "membres_sans_remise": found.without}


def _handed(sent: Convocation | None) -> dict[str, Any]:
    """The dossier that was sent from here, how many it reached by which road, and for how many
    that is somebody's word."""
    if sent is None:
        return {}
    states: Counter[str] = Counter()
    declared: Counter[tuple[date, str]] = Counter()
    for recipient in sent.recipients.select_related("queued_by", "declared_by").order_by("pk"):
        states[f"{recipient.get_channel_display()}, {recipient.get_state_display()}"] += 1
        if recipient.is_declared and recipient.sent_at is not None:
            declared[timezone.localdate(recipient.sent_at), recipient.declared] += 1
    told = [
        {"le": on.isoformat(), "combien": many, "dit": words}
        for (on, words), many in sorted(declared.items())
    ]
    return {"sha256_dossier": sent.sha256, "remises": states, "declarees": told}


def _member(member: Any, state: sitting.State) -> dict[str, Any]:
    voices = {voice.seat: voice for voice in state.voices}
    voice = voices.get(member.key)
    return {
        "nom": member.name,
        "situation": reading.standing(member, state),
        "voix": voice.weight if voice else 0,
        "exprimee_par": state.composition.someone(voice.caster).name if voice else "",
    }


def _quorum(meeting: Meeting, item: AgendaItem) -> dict[str, Any]:
    found = reading.quorum_at(meeting, item)
    return {
        "en_exercice": found.in_office,
        "presents": found.present,
        "requis": found.required,
        "base": found.basis,
        "titulaires": found.titulars,
        "suppleants": found.substitutes,
        "pouvoirs": found.proxies,
        "atteint": found.holds,
        "seconde_convocation": found.second_call,
        "regle": found.rule,
        "article": found.article,
        "phrase": str(found),
    }


def _votes(meeting: Meeting, item: AgendaItem) -> Iterator[dict[str, Any]]:
    for decision in reading.decisions(meeting, item):
        grounds = reading.grounds(meeting, decision.seq)
        if grounds is None or grounds.outcome is None:
            yield {"question": item.title, "phrase": decision.sentence, "nature": "élection"}
            continue
        outcome, tally = grounds.outcome, grounds.outcome.tally
        weights = {voice.seat: voice.weight for voice in grounds.state.voices}
        told = {
            "question": item.title,
            "phrase": decision.sentence,
            "nature": "scrutin",
            "mode": outcome.mode,
            "pour": tally.for_ if outcome.is_counted else None,
            "contre": tally.against,
            "abstention": tally.abstentions,
            "ne_prend_pas_part": tally.not_voting,
            "blanc": tally.blank,
            "nul": tally.null,
            "requis": outcome.required,
            "majorite": outcome.majority.label,
            "article": outcome.majority.article,
            "resultat": outcome.verdict,
        }
        if outcome.mode == "public":
            told["par_nom"] = {
                choice: [
                    {"nom": grounds.state.composition[seat].name, "voix": weights.get(seat, 1)}
                    for seat in seats
                ]
                for choice, seats in tally.named.items()
                if choice in (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)
            }
        yield told


def signature_of(step: SignatureStep) -> dict[str, Any]:
    """Who signed, as what, how and when; whether it is worth anything."""
    # Its whole name: that of a demonstration says there that it is worth nothing.
    named = {"au_nom_de": step.key.subject} if step.key else {}
    return {
        "role": step.get_role_display(),
        "signataire": step.signer,
        "maniere": step.get_manner_display(),
        "le": step.signed_at,
        "sha256": step.sha256,
        "certificat": step.certificate | named,
        "demonstration": step.is_development,
    }


def publication_of(row: Publication | None) -> dict[str, Any] | None:
    """Since when it is online, or when and why it was taken off."""
    if row is None:
        return None
    return {
        "code": row.code,
        "en_ligne_le": _moment(row.published_at),
        "retiree_le": _moment(row.withdrawn_at) if row.withdrawn_at else None,
        "motif": row.reason,
        "sha256": row.sha256,
    }


def later_of(version: IssuedDocument) -> dict[str, Any]:
    """The version that replaced another."""
    return {
        "version": version.version,
        "code": version.code or "",
        "etablie_le": _moment(version.issued_at),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _ways(rows: list[Witnessed]) -> Iterator[dict[str, Any]]:
    for row in rows:
        way = anchors.path_of(row)
        if way is not None:
            yield {"de": f"{row._meta.verbose_name} ({row})", **way.as_json()}


# --- The container ------------------------------------------------------------------------------


def _packed(
    files: Mapping[str, bytes], told: Mapping[str, Any], meeting: Meeting, *, at: datetime
) -> bytes:
    seal = keys.of_seal(meeting.organisation, at=at)
    told = {**told, "cachet": _sealer(seal)}
    found = {
        **files,
        verifier.FACTS: _json(told),
        "LISEZMOI.txt": _readme(told).encode(),
        **{name: (OFFLINE / name).read_bytes() for name in TOOLS},
    }
    files = {"mimetype": verifier.MEDIA.encode()}  # first: that is how one knows it
    files |= {name: found[name] for name in verifier.SEALED if name in found}
    files |= _seal(files, seal)
    files |= _stamp(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return _read_again(out.getvalue())


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sealer(seal: keys.Choice) -> dict[str, Any] | None:
    """In whose name the file is sealed, and whether that is worth anything."""
    if not seal.is_ready or seal.key is None:
        return None
    return {
        "au_nom_de": seal.key.subject,
        "sha256": seal.key.fingerprint,
        "demonstration": seal.key.held == SigningKey.Held.DEMONSTRATION,
    }


def _seal(files: Mapping[str, bytes], seal: keys.Choice) -> dict[str, bytes]:
    """The manifest and its seal, where there is a seal."""
    if not seal.is_ready or seal.key is None:
        return {}
    name, token = verifier.SEAL
    manifest = _manifest(token, verifier.SEALED, files)
    return {name: manifest, token: pades.seal(manifest, keys.identity(seal.key))}


def _stamp(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The manifest of all of it and its time stamp. Raises `Refused` when nothing gives one."""
    clock = keys.clock()
    if clock is None:
        raise findings.refusal(
            "sans_horodatage",
            "Aucune autorité d’horodatage n’est réglée : une preuve sans date ne prouve rien.",
            remedy="L’exploitant règle SIGNING_TIMESTAMP_URL.",
        )
    name, token = verifier.STAMP
    manifest = _manifest(token, verifier.STAMPED, files)
    try:
        return {name: manifest, token: stamps.ask(clock, hashlib.sha256(manifest).digest())}
    except stamps.NotStamped as error:
        raise findings.refusal(
            "horodatage_absent",
            "L’autorité d’horodatage ne répond pas.",
            remedy="Essayez de nouveau dans quelques minutes.",
        ) from error


def _manifest(token: str, names: tuple[str, ...], files: Mapping[str, bytes]) -> bytes:
    digests = {name: hashlib.sha256(files[name]).digest() for name in names if name in files}
    return verifier.manifest(token, digests)


def _read_again(content: bytes) -> bytes:
    """A proof that our own verifier cannot read is not given: in ten years nobody could mend it.
    An authority may sign in a manner that it does not know."""
    if broken := verifier.verify(content).broken:
        raise findings.refusal(
            "preuve_illisible",
            f"Le fichier de preuve ne se vérifierait pas : {broken[0]}.",
            remedy="L’exploitant choisit une autorité d’horodatage, ou un cachet, qui signe en RSA "
            "ou en ECDSA comme le demande docs/decisions/0017.",
        )
    return content


_HELD = {
    "convocation": "convocation",
    "membres": "présents",
    "quorum": "quorum",
    "votes": "votes",
    "signatures": "signatures",
    "publication": "publication",
}


def _readme(told: Mapping[str, Any]) -> str:
    act = told["acte"]
    on = french.long_date(date.fromisoformat(told["seance"]))
    taken = "du" if act["nature"] in {kind.noun for kind in Kind} else "séance du"
    standing = "\n".join(verifier.standing(told))
    unproved = "\n".join(f"  - {words}" for words in verifier.unproved(told))
    left = f"\n{words}\n" if (words := told.get("ecarte")) else ""
    held = "".join(f", {words}" for name, words in _HELD.items() if told.get(name))
    return f"""Preuve de « {act["titre"]} »
{told["organisation"]}, {told["instance"]}, {taken} {on}

Ce fichier se vérifie sans nous et sans réseau :

  - ouvrez verifier.html dans un navigateur et donnez-lui ce ZIP ;
  - ou, avec Python 3 : python3 verifier.py CE_FICHIER.zip

Pour ne pas croire le vérificateur que porte le fichier qu’il vérifie, prenez-le ailleurs : sur la
page « Vérifier un document » du site, ou chez quelqu’un qui a reçu un autre fichier de preuve.

acte.pdf      l’acte ({told["fichier_est"]})
acte.json     ses mots, tels qu’il les imprime, quand ils sont joints
preuve.json   nature, version et empreinte de l’acte{held},
              et le chemin de l’acte à l’ancrage horodaté qui le couvre
META-INF/     les empreintes de ces fichiers, horodatées (RFC 3161) et scellées (CMS)

{standing}
{left}
Non prouvé par ce fichier :

{unproved}

Ce qu’il en est aujourd’hui : {told["verification"]}
"""


def name_of(document: IssuedDocument) -> str:
    """How the proof of this document is called."""
    return f"preuve-{document.file_name.removesuffix('.pdf')}.zip"
