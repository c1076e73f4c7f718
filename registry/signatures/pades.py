"""PAdES signatures of a PDF and what can be said of them; the only importer of
pyHanko with `stamps`.

Fields are invisible (the page prints its own block) and made before the first signature; each
signature is an incremental update, so the file of a later one begins with the bytes of the
earlier. Nothing is ever fetched from an address found inside a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from law import deadlines, findings, french
from members.lately import Lately
from registry.signatures import authority, metadata
from registry.signatures.authority import Identity

reading = Lately("pyhanko.pdf_utils.reader")
writing = Lately("pyhanko.pdf_utils.incremental_writer")
constants = Lately("pyhanko.sign.diff_analysis.constants")
diffs = Lately("pyhanko.sign.diff_analysis")
fields = Lately("pyhanko.sign.fields")
general = Lately("pyhanko.sign.general")
signers = Lately("pyhanko.sign.signers")
statuses = Lately("pyhanko.sign.validation.status")
stores = Lately("pyhanko_certvalidator.registry")
timestamps = Lately("pyhanko.sign.timestamps")
validation = Lately("pyhanko.sign.validation")
certvalidator = Lately("pyhanko_certvalidator")

# What it tells of a refused certificate is in the report; its log would tell it again.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


P, T = ParamSpec("P"), TypeVar("T")


def apart(work: Callable[P, T]) -> Callable[P, T]:
    """Work in a thread of its own: pyHanko runs an event loop, and the caller's thread may run one
    already, which allows no second."""

    @wraps(work)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(work, *args, **kwargs).result()

    return done


class Level(StrEnum):
    """How long a signature can be proved, by what it holds (ETSI EN 319 142)."""

    BASIC = "B-B"  # as long as the certificate lives
    STAMPED = "B-T"  # an authority tells its hour
    ARCHIVED = "B-LTA"  # revocations and an archive time stamp are inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place for a signature: its technical name and what a reader of the file sees."""

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the application believes: root certificates and known revocations (DER).

    `development` are the roots of demonstrations, which vouch for nothing outside.
    """

    roots: tuple[bytes, ...] = ()
    development: tuple[bytes, ...] = ()
    revocations: tuple[bytes, ...] = ()


# --- Signing ----------------------------------------------------------------------------------


def load_pkcs12(content: bytes, passphrase: str) -> Identity:
    """The certificate, key and chain of a PKCS#12 file.

    Raises `Refused` when the file is not one or the passphrase is wrong.
    """
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(content, passphrase.encode())
    except (ValueError, TypeError) as error:
        raise findings.refusal(
            "certificat_illisible",
            "Le certificat du serveur ne s’ouvre pas.",
            remedy="L’exploitant doit vérifier le fichier PKCS#12 et sa phrase secrète.",
        ) from error
    if key is None or certificate is None:
        raise findings.refusal(
            "certificat_incomplet",
            "Le fichier PKCS#12 ne contient pas un certificat avec sa clé.",
            remedy="L’exploitant doit fournir un export complet du certificat de signature.",
        )
    return Identity(
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        key=key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        chain=tuple(each.public_bytes(serialization.Encoding.DER) for each in chain or ()),
    )


def prepare(pdf: bytes, places: Sequence[Field]) -> bytes:
    """The file with its empty, invisible signature fields: what every signer will sign."""
    writer = writing.IncrementalPdfFileWriter(BytesIO(pdf))
    for place in places:
        fields.append_signature_field(
            writer,
            fields.SigFieldSpec(place.name, readable_field_name=place.label),
        )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@apart
def sign(
    pdf: bytes,
    field: str,
    identity: Identity,
    *,
    certify: bool = False,
    reason: str = "",
    location: str = "",
    timestamper: timestamps.TimeStamper | None = None,
    trust: Trust | None = None,
) -> bytes:
    """The file with one more signature, in an existing empty field.

    `certify` forbids every later change but signatures; only the first signature may. With a
    `timestamper`, level B-T; with `trust` as well, its roots and revocations make it B-LTA.
    Raises `Refused` when the field is taken or absent, when an earlier signature forbids another,
    or the certificate is out of its dates.
    """
    _check_dates(identity)
    if field not in unsigned(pdf):
        raise findings.refusal(
            "champ_absent",
            "Cette place de signature est déjà prise, ou n’est pas dans le document.",
            remedy="Rechargez la page : quelqu’un a peut-être signé entre-temps.",
        )
    is_archived = level_with(timestamper, trust) is Level.ARCHIVED
    archiving = context(trust) if trust is not None and is_archived else None
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
        reason=reason or None,
        location=location or None,
        embed_validation_info=archiving is not None,
        validation_context=archiving,
    )
    out = BytesIO()
    try:
        signers.sign_pdf(
            writing.IncrementalPdfFileWriter(BytesIO(pdf)),
            metadata,
            _signer(identity),
            timestamper=timestamper,
            existing_fields_only=True,
            output=out,
        )
    except general.SigningError as error:
        raise findings.refusal(
            "signature_fermee",
            "Une signature de ce fichier interdit d’en ajouter une autre.",
            remedy="Le secrétariat établit une version nouvelle du document, que chacun signe.",
        ) from error
    if archiving is not None:
        # By itself, the library would name the field that its reader is shown in English.
        signers.PdfTimeStamper(
            timestamper, readable_field_name="Horodatage du document"
        ).timestamp_pdf(writing.IncrementalPdfFileWriter(out), "sha256", archiving, in_place=True)
    return out.getvalue()


@apart
def seal(content: bytes, identity: Identity) -> bytes:
    """A CMS signature (CAdES, detached, DER) of these bytes. Raises `Refused` when the certificate
    is out of its dates."""
    _check_dates(identity)
    signing = _signer(identity).async_sign_general_data(content, "sha256", use_cades=True)
    return asyncio.run(signing).dump()


def development_clock(of: authority.Authority) -> timestamps.TimeStamper:
    """Time stamps of the demonstration, without any network."""
    clock = of.clock()
    return timestamps.DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(clock.certificate),
        tsa_key=asn1_keys.PrivateKeyInfo.load(clock.key),
        certs_to_embed=_store(clock.chain),
    )


def clock_at(url: str) -> timestamps.TimeStamper:
    """Time stamps of an authority that the operator chose (RFC 3161)."""
    return timestamps.HTTPTimeStamper(url, timeout=10)


def _signer(identity: Identity) -> signers.SimpleSigner:
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(identity.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(identity.key),
        cert_registry=_store(identity.chain),
    )


def _store(chain: Iterable[bytes]) -> stores.SimpleCertificateStore:
    store = stores.SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(each) for each in chain])
    return store


def _check_dates(identity: Identity) -> None:
    certificate = asn1_x509.Certificate.load(identity.certificate)
    now = datetime.now(UTC)
    if not certificate.not_valid_before <= now <= certificate.not_valid_after:
        raise findings.refusal(
            "certificat_hors_dates",
            f"Le certificat {french.contract('de', _common_name(certificate))} ne vaut que du "
            f"{_day(certificate.not_valid_before)} au {_day(certificate.not_valid_after)}.",
            remedy="Demandez un nouveau certificat, ou signez à la main.",
        )


def unsigned(pdf: bytes) -> tuple[str, ...]:
    """The names of the signature fields that still wait for somebody."""
    reader = reading.PdfFileReader(BytesIO(pdf))
    return tuple(name for name, value, _ in fields.enumerate_sig_fields(reader) if value is None)


def level_with(timestamper: timestamps.TimeStamper | None, trust: Trust | None) -> Level:
    """The level `sign` reaches with these: an hour proved, and revocations to keep with it."""
    if timestamper is None:
        return Level.BASIC
    return Level.ARCHIVED if trust is not None and trust.revocations else Level.STAMPED


# --- Reading ----------------------------------------------------------------------------------


class Judgement(StrEnum):
    """What a signature is worth, the best first."""

    VALID = "valide"
    DEVELOPMENT = "demonstration"  # intact, but vouched for by a demonstration only
    UNKNOWN = "autorite_inconnue"  # intact, nobody we know vouches for it
    EXPIRED = "expiree"  # intact, the certificate has expired and no hour is proved
    DOUBTED = "douteuse"  # intact, but its key was said afterwards to be unsafe that day
    OTHER = "autre_titulaire"  # intact, but the key is not that of who is said to have signed
    REVOKED = "revoquee"  # the certificate was withdrawn before the proved hour, if any
    BROKEN = "alteree"  # the bytes are not those that were signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What can be said of one signature found in a file, in French and in data.

    `covers_all` says that nothing was added after it; `later_changes` that something other than
    signatures was; `locks_out` that it forbids a place that still waits to be signed; `ends_at`
    where the bytes that it covers end.
    """

    field: str
    signer: str
    issuer: str
    judgement: Judgement
    said: str
    signed_at: datetime | None
    is_hour_proved: bool
    covers_all: bool
    later_changes: bool
    locks_out: bool = False
    ends_at: int = 0
    serial: str = ""
    certificate: bytes = b""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate that signed; "" when it could not be read."""
        return hashlib.sha256(self.certificate).hexdigest() if self.certificate else ""

    @property
    def is_sound(self) -> bool:
        """Whether the file is still what was signed, whoever vouches for the signer."""
        return self.judgement not in (Judgement.BROKEN, Judgement.REVOKED, Judgement.OTHER)


def signed(pdf: bytes) -> tuple[str, ...]:
    """The fields that bear a signature, in the order they were made; none of them is judged.

    Raises `Refused` when the bytes are no PDF that can be read.
    """
    found, illegible = _embedded(pdf)
    return (*(each.field_name for each in found), *illegible)


@apart
def read(pdf: bytes, trust: Trust, *, only: str = "") -> tuple[Report, ...]:
    """Every signature of a file, in the order they were made; `only` that of one field, for it
    takes longer to judge those that others followed. Any bytes may be given.

    Raises `Refused` when the bytes are no PDF that can be read.
    """
    found, illegible = _embedded(pdf)
    return (
        *(_report(each, trust) for each in found if only in ("", each.field_name)),
        *(_report_illegible(name) for name in illegible if only in ("", name)),
    )


@apart
def read_new(pdf: bytes, field: str, trust: Trust) -> Report:
    """What the signature that was just made here in this field is worth. Nobody had the file
    since: what else may have changed, which takes most of the time of `read`, is not looked for.
    """
    found, _ = _embedded(pdf)
    new = next(each for each in found if each.field_name == field)
    return _report(new, trust, is_new=True)


@apart
def refuse_changes(before: bytes, pdf: bytes) -> None:
    """Whether a file adds to the bytes with which it begins what signing adds, and nothing else.

    A signature covers whatever its signer put there, pages of his own too: it would hold, and what
    is shown would not be what he was given. Any bytes may be given. Raises `Refused`.
    """
    try:
        if _is_only_signed(before, pdf):
            return
    except MemoryError:
        raise
    except Exception:  # noqa: S110 hostile bytes again: what is not understood is not accepted
        pass
    raise findings.refusal(
        "modifie_avant_signature",
        "Ce fichier ne montre plus ce qui vous a été remis\u00a0: autre chose qu’une signature y a "
        "été ajouté.",
        remedy="Signez le fichier téléchargé sans y ajouter ni page, ni annotation, ni texte.",
        field="file",
    )


MOST_REVISIONS = 10  # that one signature adds: itself, its revocations, its hour, what tools write


def refuse_many(before: bytes, pdf: bytes) -> None:
    """That a file goes on from these bytes in more steps than any signature takes: to compare each
    with all the others would take minutes, then and whenever somebody reads it. Raises `Refused`.
    """
    try:
        made, known = (
            reading.PdfFileReader(BytesIO(each), strict=False).xrefs.total_revisions
            for each in (pdf, before)
        )
    except MemoryError:
        raise
    except Exception:
        return  # hostile bytes again: `read` says of what is no PDF what there is to say
    if made - known > MOST_REVISIONS:
        raise findings.refusal(
            "trop_de_revisions",
            f"Ce fichier a été enregistré {made - known} fois depuis qu’il vous a été remis.",
            remedy="Signez le fichier téléchargé, une fois, et déposez-le tel quel.",
            field="file",
        )


def _is_only_signed(before: bytes, pdf: bytes) -> bool:
    reader, given = (
        reading.PdfFileReader(BytesIO(pdf), strict=False),
        reading.PdfFileReader(BytesIO(before)),
    )
    made, known = reader.xrefs, given.xrefs
    # The file goes on from the last state of what was given, and is read in one way only: another
    # document, with an index of its own, may follow the same bytes.
    goes_on = made.total_revisions > known.total_revisions and all(
        made.get_startxref_for_revision(rank) == known.get_startxref_for_revision(rank)
        for rank in range(known.total_revisions)
    )
    if not goes_on or made.hybrid_xrefs_present:
        return False
    found = _only_signed().review_file(
        reader, known.total_revisions - 1, doc_mdp=fields.MDPPerm.FILL_FORMS
    )
    level = getattr(found, "modification_level", None)  # of what may not change, none
    return str(level) in _BY_SIGNING and _said_of_itself(reader) == _said_of_itself(given)


def _said_of_itself(reader: reading.PdfFileReader) -> tuple[object, ...]:
    """What a file says that it is (title, author, format), which readers show above its pages; not
    when it was last written nor by which tool, nor which extensions of the format signing took."""
    info = {
        str(key): str(value)
        for key, value in reader.trailer["/Info"].items()
        if key not in ("/ModDate", "/Producer")
    }
    return info, metadata.told(reader.root["/Metadata"].data)


# The library judges what follows a signature. The first of a file also says that there are some,
# and, when it certifies, what it allows. What a file says of itself is compared apart.
@cache
def _only_signed() -> Any:
    usual, exempt = diffs.DEFAULT_DIFF_POLICY, constants
    root = exempt.ROOT_EXEMPT_STRICT_COMPARISON - {"/MarkInfo"} | {"/Perms"}
    form = exempt.ACROFORM_EXEMPT_STRICT_COMPARISON | {"/SigFlags"}
    return diffs.StandardDiffPolicy(
        [diffs.CatalogModificationRule(root), *usual.global_rules[1:]],
        diffs.FormUpdatingRule(usual.form_rule.field_rules, form),
    )


def _embedded(pdf: bytes) -> tuple[list[validation.EmbeddedPdfSignature], list[str]]:
    """The signatures in the order they were made, and the fields whose signature is no longer one:
    wiped out, or of a kind that is not known."""
    try:
        reader = reading.PdfFileReader(BytesIO(pdf), strict=False)
        if not reader.encrypted:
            return _sorted_out(reader)
    except MemoryError:
        raise  # it is bounded (`strangers`): nothing can be said of the file
    except Exception as error:
        # The library meets hostile bytes here and names no common ancestor of its exceptions.
        raise findings.refusal(
            "pdf_illisible",
            "Ce fichier ne se lit pas comme un PDF.",
            remedy="Déposez le fichier tel qu’il a été téléchargé, sans le convertir.",
        ) from error
    raise findings.refusal(
        "pdf_protege",
        "Ce PDF est protégé par un mot de passe : rien n’en peut être dit.",
        remedy="Aucun document établi ici n’est protégé : déposez celui qui a été téléchargé.",
    )


def _sorted_out(
    reader: reading.PdfFileReader,
) -> tuple[list[validation.EmbeddedPdfSignature], list[str]]:
    found, illegible = [], []
    for name, value, place in fields.enumerate_sig_fields(reader, filled_status=True):
        try:
            signature = validation.EmbeddedPdfSignature(reader, place, name)
            fields.SigSeedSubFilter(value.get_object()["/SubFilter"])
            is_stamp = signature.sig_object_type == "/DocTimeStamp"
            rank = signature.signed_revision
            _common_name(signature.signer_cert)
        except MemoryError:
            raise
        except Exception:
            # Hostile bytes again: whatever breaks, that signature proves nothing.
            illegible.append(name)
            continue
        if not is_stamp:
            found.append((rank, signature))
    found.sort(key=lambda pair: pair[0])
    return [signature for _, signature in found], illegible


# What signing changes in a file, and nothing more; by its name, as what follows.
_BY_SIGNING = {f"ModificationLevel.{name}" for name in ("NONE", "LTA_UPDATES", "FORM_FILLING")}
_OUT_OF_DATES = {
    f"AdESIndeterminate.{name}" for name in ("OUT_OF_BOUNDS_NO_POE", "EXPIRED", "NOT_YET_VALID")
}
_WITHDRAWN = {
    "AdESFailure.REVOKED",
    "AdESIndeterminate.REVOKED_NO_POE",
    "AdESIndeterminate.REVOKED_CA_NO_POE",
}


def _report(
    signature: validation.EmbeddedPdfSignature, trust: Trust, *, is_new: bool = False
) -> Report:
    certificate = signature.signer_cert
    known = {
        "field": signature.field_name,
        "signer": _common_name(certificate),
        "issuer": str(certificate.issuer.native.get("common_name", "")),
        "serial": format(certificate.serial_number, "x"),
        "certificate": certificate.dump(),
        "signed_at": signature.self_reported_timestamp,
        "ends_at": _end_of(signature),
    }
    try:
        status = validation.validate_pdf_signature(
            signature,
            signer_validation_context=context(trust),
            ts_validation_context=context(trust),
            skip_diff=is_new,
        )
    except MemoryError:
        raise
    except Exception:
        # A damaged file breaks the library anywhere, in its own code or in zlib.
        return Report(
            **known,
            judgement=Judgement.BROKEN,
            said=_SAID[Judgement.BROKEN],
            is_hour_proved=False,
            covers_all=False,
            later_changes=True,
        )
    stamp = status.timestamp_validity
    is_hour_proved = bool(stamp and stamp.valid and stamp.intact and stamp.trusted)
    if is_hour_proved:
        known["signed_at"] = stamp.timestamp
        if str(status.trust_problem_indic) in _OUT_OF_DATES:
            # It has expired since, but the hour is proved: it is judged as it was then.
            status = validation.validate_pdf_signature(
                signature,
                signer_validation_context=context(trust, moment=stamp.timestamp),
                ts_validation_context=context(trust),
            )
    changed = not is_new and (
        not status.docmdp_ok or str(status.modification_level) not in _BY_SIGNING
    )
    judgement = _judge(status, signature, trust, is_hour_proved=is_hour_proved, changed=changed)
    return Report(
        **known,
        judgement=judgement,
        said=_say(judgement, status, known["signed_at"], is_hour_proved=is_hour_proved),
        is_hour_proved=is_hour_proved,
        covers_all=status.coverage is statuses.SignatureCoverageLevel.ENTIRE_FILE,
        later_changes=changed,
        locks_out=not is_new and _locks_out(signature),
    )


def _end_of(signature: validation.EmbeddedPdfSignature) -> int:
    """Where the bytes that it covers end; 0 where hostile ones say nothing of it."""
    try:
        *_, start, length = map(int, signature.byte_range)
    except (TypeError, ValueError):
        return 0
    return start + length


def _locks_out(signature: validation.EmbeddedPdfSignature) -> bool:
    waiting = [name for name, value, _ in fields.enumerate_sig_fields(signature.reader, False)]
    forbids_all = signature.docmdp_level is fields.MDPPerm.NO_CHANGES
    locked = signature.fieldmdp
    return bool(waiting) and (
        forbids_all or (locked is not None and any(map(locked.is_locked, waiting)))
    )


def _report_illegible(name: str) -> Report:
    return Report(
        field=name,
        signer="Signataire illisible",
        issuer="",
        judgement=Judgement.BROKEN,
        said="Cette signature ne se lit pas : elle a été effacée ou abîmée, et ne prouve rien.",
        signed_at=None,
        is_hour_proved=False,
        covers_all=False,
        later_changes=True,
    )


def _judge(
    status: Any,
    signature: validation.EmbeddedPdfSignature,
    trust: Trust,
    *,
    is_hour_proved: bool,
    changed: bool,
) -> Judgement:
    if not (status.intact and status.valid) or changed:
        return Judgement.BROKEN
    if status.trusted:
        return Judgement.DEVELOPMENT if is_development(status, trust) else Judgement.VALID
    problem = str(status.trust_problem_indic)
    if status.revoked or problem in _WITHDRAWN:
        withdrawn = status.revocation_details and status.revocation_details.revocation_date
        if is_hour_proved and withdrawn and status.timestamp_validity.timestamp < withdrawn:
            return Judgement.VALID
        return Judgement.REVOKED
    if problem in _OUT_OF_DATES:
        return Judgement.EXPIRED
    return Judgement.UNKNOWN


def is_development(status: Any, trust: Trust) -> bool:
    """Whether it is only the authority of the demonstration that vouches for it."""
    path = status.validation_path
    root = path.trust_anchor.certificate if path is not None else None
    return root is not None and root.dump() in trust.development


_SAID = {
    Judgement.VALID: "Signature valide : le document est celui qui a été signé.",
    Judgement.DEVELOPMENT: "Signature de démonstration : le document est celui qui a été signé, "
    "mais ce certificat n’a aucune valeur juridique.",
    Judgement.UNKNOWN: "Le document est celui qui a été signé, mais l’autorité qui a délivré le "
    "certificat n’est pas connue ici.",
    Judgement.EXPIRED: "Le document est celui qui a été signé, mais le certificat a expiré et "
    "aucun horodatage ne prouve que la signature est antérieure.",
    Judgement.REVOKED: "Le certificat a été révoqué : cette signature ne vaut rien.",
    Judgement.BROKEN: "Le document a été modifié après cette signature : elle ne vaut plus.",
}


def _say(
    judgement: Judgement, status: Any, signed_at: datetime | None, *, is_hour_proved: bool
) -> str:
    said = _SAID[judgement]
    if judgement in (Judgement.VALID, Judgement.DEVELOPMENT):
        if is_hour_proved:
            said += " Un horodatage prouve la date de la signature."
        elif signed_at is not None:
            said += " La date est celle qu’indique le poste du signataire."
    return french.sentence(said)


def context(trust: Trust, *, moment: datetime | None = None) -> certvalidator.ValidationContext:
    """Trust without network, now or at a `moment`; revocations count when they are known."""
    return certvalidator.ValidationContext(
        trust_roots=[
            asn1_x509.Certificate.load(root) for root in (*trust.roots, *trust.development)
        ],
        crls=[asn1_crl.CertificateList.load(each) for each in trust.revocations],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
        retroactive_revinfo=moment is not None,
    )


def _common_name(certificate: asn1_x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", ""))


def _day(moment: datetime) -> str:
    return french.long_date(deadlines.day_of(moment))
