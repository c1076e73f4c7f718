"""What a forger can do with a proof file, and what both verifiers must say of it.

Each case is a change of the files of an untouched proof, or of its bytes, with words that the
verifiers must say. The forger holds real keys of his own, and certificates that the authority whom
everybody believes gave him for something else.
"""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, core, tsp
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archive.keeping import proofs
from archive.keeping.offline import verifier
from registry.signatures import keys
from registry.signatures.authority import Identity

Files = dict[str, bytes]
Change = Callable[[Files], object]

NOTHING = "0" * 64
STAMPS, TOKEN = verifier.STAMP
SEALS, SEAL = verifier.SEAL


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return out.getvalue()


def rewritten(content: bytes, change: Change) -> bytes:
    """The proof with its files changed, the ZIP made again as a forger would."""
    files = unpacked(content)
    change(files)
    return packed(files)


# --- What is changed and neither sealed nor stamped again ---------------------------------------


def facts(change: Callable[[dict], object]) -> Change:
    """What is told is changed, and nothing else."""

    def done(files: Files) -> None:
        told = json.loads(files["preuve.json"])
        change(told)
        files["preuve.json"] = json.dumps(told).encode()

    return done


def manifests_again(change: Change) -> Change:
    """The forger makes the manifests again too; he cannot have them stamped or sealed."""

    def done(files: Files) -> None:
        change(files)
        files[SEALS] = proofs._manifest(SEAL, verifier.SEALED, files)
        files[STAMPS] = proofs._manifest(TOKEN, verifier.STAMPED, files)

    return done


def byte(name: str, at: int = -40) -> Change:
    def done(files: Files) -> None:
        content = bytearray(files[name])
        content[at] ^= 1
        files[name] = bytes(content)

    return done


def put(name: str, content: bytes) -> Change:
    return lambda files: files.update({name: content})


ALTERED: dict[str, tuple[Change, str]] = {
    "un octet de l’acte": (byte("acte.pdf", 3000), "« acte.pdf » a été modifié"),
    "un octet de l’acte, manifestes refaits": (
        manifests_again(byte("acte.pdf", 3000)),
        "porte sur autre chose",
    ),
    "un mot de l’acte": (byte("acte.json", 300), "« acte.json » a été modifié"),
    "le quorum": (facts(lambda told: told.update(quorum={"presents": 1})), "une partie est illis"),
    "le délai": (
        facts(
            lambda told: told.update(
                convocation={
                    "envoyee_le": told["seance"],
                    "jours_francs": 9,
                    "exiges": 5,
                    "article": "x",
                    "nature": "x",
                }
            )
        ),
        "le délai de la convocation n’est pas celui du calendrier",
    ),
    "le titre": (
        facts(lambda told: told["acte"].update(titre="Autre")),
        "« preuve.json » a été modifié",
    ),
    "le titre, manifestes refaits": (
        manifests_again(facts(lambda told: told["acte"].update(titre="Autre"))),
        "l’horodatage du fichier porte sur autre chose",
    ),
    "l’organisation": (
        facts(lambda told: told.update(organisation="Ailleurs")),
        "« preuve.json » a été modifié",
    ),
    "une version suivante": (
        facts(
            lambda told: told.update(
                remplace_par={"version": 2, "code": "", "etablie_le": "2026-09-30T12:00:00+00:00"}
            )
        ),
        "« preuve.json » a été modifié",
    ),
    "un retrait": (
        facts(
            lambda told: told["publication"].update(
                retiree_le="2026-09-30T12:00:00+00:00", motif="» (sans suite) «"
            )
        ),
        "« preuve.json » a été modifié",
    ),
    "un retrait sans heure": (
        facts(lambda told: told["publication"].update(retiree_le="hier", motif="x")),
        "une partie est illisible",
    ),
    "un ancrage retiré": (
        facts(lambda told: told.update(chemins=[])),
        "« preuve.json » a été modifié",
    ),
    "la racine d’un ancrage": (
        facts(lambda told: told["chemins"][0]["anchor"].update(root=NOTHING)),
        "le chemin ne mène pas à l’ancrage",
    ),
    "un pas d’un chemin": (
        facts(lambda told: told["chemins"][0]["path"].pop()),
        "le chemin ne mène pas à l’ancrage",
    ),
    "la ligne constatée": (
        facts(lambda told: told["chemins"][0].update(leaf="{}")),
        "le chemin ne mène pas à l’ancrage",
    ),
    "un fichier ajouté": (put("note.txt", b"x"), "« note.txt » n’est pas de ce fichier de preuve"),
    "un fichier retiré": (lambda files: files.pop("acte.json"), "« acte.json » a été retiré"),
    "l’acte retiré": (lambda files: files.pop("acte.pdf"), "« acte.pdf » a été retiré"),
    "l’horodatage retiré": (lambda files: files.pop(TOKEN), "l’horodatage a été retiré"),
    "le cachet retiré": (lambda files: (files.pop(SEAL), files.pop(SEALS)), f"« {SEALS} » a été"),
    "un octet de la signature de l’horodatage": (byte(TOKEN, -3), "n’est pas intacte"),
    "un octet de l’heure": (
        lambda files: files.update({TOKEN: files[TOKEN].replace(b"Z", b"0Z", 1)}),
        "DER",
    ),
    "un octet du cachet": (byte(SEAL, -3), f"« {SEAL} » a été modifié"),
    "un octet du cachet, manifestes refaits": (
        manifests_again(byte(SEAL, -3)),
        "l’horodatage du fichier porte sur autre chose",
    ),
    "le cachet à la place de l’horodatage": (
        lambda files: files.update({TOKEN: files[SEAL]}),
        "n’est pas de ce genre de signature",
    ),
    "le manifeste vidé": (put(STAMPS, b"<ASiCManifest/>"), "il y a été ajouté"),
    "un manifeste qui déclare": (put(STAMPS, b"<!DOCTYPE a><a/>"), "il y a été ajouté"),
    "un manifeste avec un commentaire": (
        lambda files: files.update({STAMPS: files[STAMPS] + b"<!-- -->"}),
        "le manifeste de l’horodatage n’est pas fait comme il doit l’être",
    ),
    "la preuve illisible": (put("preuve.json", b"{"), "ce n’est pas un fichier de preuve"),
    "la preuve en UTF-16": (put("preuve.json", '{"format": ""}'.encode("utf-16")), "ce n’est pas"),
    "la preuve sans forme": (put("preuve.json", b"[]"), "ce n’est pas un fichier de preuve"),
    "la preuve sans fond": (put("preuve.json", b"[" * 200_000), "ce n’est pas un fichier"),
    "un nombre qui n’en est pas un": (
        lambda files: files.update(
            {"preuve.json": files["preuve.json"].replace(b'"version": 1', b'"version": NaN')}
        ),
        "ce n’est pas un fichier de preuve",
    ),
    "une autre version": (facts(lambda told: told.update(format="autre")), "d’une autre version"),
    "l’horodatage vide": (put(TOKEN, b""), "un codage DER est coupé"),
    "l’horodatage coupé": (
        lambda files: files.update({TOKEN: files[TOKEN][:-1]}),
        "un codage DER est coupé",
    ),
    "l’horodatage suivi d’autre chose": (
        lambda files: files.update({TOKEN: files[TOKEN] + b"\0"}),
        "un codage DER est suivi d’autre chose",
    ),
    "une longueur sans fin": (put(TOKEN, b"\x30\x80\0\0"), "un codage DER est illisible"),
    "une longueur démesurée": (put(TOKEN, b"\x30\x84\xff\xff\xff\xff"), "DER est coupé"),
    "une longueur mal écrite": (put(TOKEN, b"\x30\x81\x02\x05\0"), "un codage DER est illisible"),
    "une étiquette longue": (put(TOKEN, b"\x3f\x02\x05\0"), "un codage DER est illisible"),
}


# --- What the container hides -------------------------------------------------------------------


def end_of(content: bytes) -> int:
    return struct.unpack("<I", content[-6:-2])[0]


def header(content: bytes, name: bytes, at: int, value: bytes, *, both: bool = True) -> bytes:
    """A field of the two headers of a file (`at` in the one of the file itself) is changed."""
    made = bytearray(content)
    central = content.index(name, end_of(content)) - 46
    local = struct.unpack("<I", content[central + 42 : central + 46])[0]
    made[central + at + 2 : central + at + 2 + len(value)] = value
    if both:
        made[local + at : local + at + len(value)] = value
    return bytes(made)


def after(content: bytes) -> bytes:
    """A comment of the archive."""
    return content[:-2] + struct.pack("<H", 5) + b"hello"


def before(content: bytes) -> bytes:
    """Bytes before the archive, its offsets made to follow."""
    out = bytearray(b"%PDF" + content)
    at = end_of(content) + 4
    out[-6:-2] = struct.pack("<I", at)
    while out[at : at + 4] == b"PK\1\2":
        sizes = struct.unpack("<3H", out[at + 28 : at + 34])
        begins = struct.unpack("<I", out[at + 42 : at + 46])[0] + 4
        out[at + 42 : at + 46] = struct.pack("<I", begins)
        at += 46 + sum(sizes)
    return bytes(out)


def between(content: bytes) -> bytes:
    """Bytes between the files and their index."""
    at = end_of(content)
    return content[:at] + b"hello" + content[at:-6] + struct.pack("<I", at + 5) + content[-2:]


def twice(content: bytes) -> bytes:
    """A second act, of the same name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in unpacked(content).items():
            archive.writestr(name, each)
        archive.infolist()
        archive.NameToInfo.pop("acte.pdf")
        archive.writestr("acte.pdf", b"%PDF-1.7 another")
    return out.getvalue()


def squeezed(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in unpacked(content).items():
            archive.writestr(name, each)
    return out.getvalue()


class _Tube(io.BytesIO):
    """A file of which one cannot change what was written: sizes come after the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    seek = tell


def described(content: bytes) -> bytes:
    out = _Tube()
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in unpacked(content).items():
            archive.writestr(name, each)
    return out.getvalue()


def elsewhere(content: bytes) -> bytes:
    """The index leads an act to the place of another file: another reader would open that one."""
    return header(content, b"acte.pdf", 40, b"\0\0\0\0", both=False)


def told_otherwise(content: bytes) -> bytes:
    """The file itself has another name than the index tells."""
    return content.replace(b"acte.pdf", b"note.pdf", 1)


def more(name: str) -> Callable[[bytes], bytes]:
    return lambda content: rewritten(content, put(name, b"x"))


ADDED, DAMAGED = "n’est pas de ce fichier de preuve : il y a été ajouté", verifier.NO_PROOF
CONTAINERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "un fichier de plus sous META-INF": (more("META-INF/note.txt"), ADDED),
    "un autre manifeste": (more("META-INF/ASiCManifest003.xml"), ADDED),
    "un chemin qui remonte": (more("META-INF/../acte.pdf"), ADDED),
    "un nom en majuscules": (more("ACTE.PDF"), ADDED),
    "un dossier": (more("META-INF/"), ADDED),
    "un nom qui déplace le curseur": (more("\x1b[2J"), ADDED),
    "deux fois le même nom": (twice, "« acte.pdf » y est deux fois"),
    "un commentaire": (after, DAMAGED),
    "le commentaire d’un fichier": (
        lambda content: header(content, b"acte.pdf", 30, b"\1\0", both=False),
        DAMAGED,
    ),
    "un commentaire annoncé": (lambda content: content[:-2] + b"\5\0", DAMAGED),
    "l’index dit une autre place": (elsewhere, DAMAGED),
    "un lien à la place d’un fichier": (
        lambda content: header(content, b"acte.pdf", 36, b"\0\0\xff\xa1", both=False),
        DAMAGED,
    ),
    "des octets avant": (before, DAMAGED),
    "des octets après": (lambda content: content + b"\0", DAMAGED),
    "des octets au milieu": (between, DAMAGED),
    "comprimé": (squeezed, DAMAGED),
    "des tailles après les données": (described, DAMAGED),
    "une marque de chiffrement": (
        lambda content: header(content, b"acte.pdf", 6, b"\1\0"),
        DAMAGED,
    ),
    "l’index dit un autre nom": (told_otherwise, DAMAGED),
    "l’index dit une autre date": (
        lambda content: header(content, b"acte.pdf", 12, b"\1\1", both=False),
        DAMAGED,
    ),
    "la marque d’un autre conteneur": (
        lambda content: rewritten(content, put("mimetype", b"application/pdf")),
        DAMAGED,
    ),
    "coupé": (lambda content: content[:-1], DAMAGED),
    "coupé au milieu": (lambda content: content[: len(content) // 2], DAMAGED),
    "vide": (lambda content: b"", DAMAGED),
    "un début de ZIP": (lambda content: b"PK\x03\x04", DAMAGED),
    "un ZIP de rien": (lambda content: packed({}), DAMAGED),
    "un PDF": (lambda content: b"%PDF-1.7", DAMAGED),
    "des zéros": (lambda content: b"\0" * 100, DAMAGED),
    "un index qui n’en finit pas": (
        lambda content: content[:-14] + b"\xff\xff\xff\xff" + content[-10:],
        DAMAGED,
    ),
}


# --- Certificates of a forger -------------------------------------------------------------------

SIGNS = ("digital_signature", "content_commitment")
USES = (
    *SIGNS,
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
HOUR = ExtendedKeyUsageOID.TIME_STAMPING


def believed() -> Identity:
    """The authority whom everybody believes, with its key: what it really certified."""
    authority = keys.authority()
    return replace(authority._as_identity(authority._key, authority._certificate), chain=())


def identity_of(key, certificate: x509.Certificate, chain: tuple[bytes, ...]) -> Identity:
    return Identity(
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        key=key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        chain=chain,
    )


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certified(
    name: str = "Val de Brume",
    by: Identity | None = None,
    *,
    authority: bool = False,
    length: int | None = None,
    uses: tuple[str, ...] | None = None,
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    days: tuple[int, int] = (-1, 30),
    key=None,
    more: tuple[x509.ExtensionType, ...] = (),
    issuer: str = "",
    constrained: bool = True,
) -> Identity:
    """A certificate with its key, given `by` somebody (the authority that is believed)."""
    by = by or believed()
    above = x509.load_der_x509_certificate(by.certificate)
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    uses = uses if uses is not None else ("key_cert_sign",) if authority else SIGNS
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer) if issuer else above.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )
    if constrained:
        constraints = x509.BasicConstraints(ca=authority, path_length=length)
        builder = builder.add_extension(constraints, critical=True).add_extension(
            x509.KeyUsage(**{each: each in uses for each in USES}), critical=True
        )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    for each in more:
        builder = builder.add_extension(each, critical=True)
    signer = serialization.load_der_private_key(by.key, None)
    made = builder.sign(signer, hashes.SHA256())
    return identity_of(key, made, (by.certificate, *by.chain))


def clock(**more) -> Identity:
    return certified(**{"name": "Horodatage", "purposes": (HOUR,)} | more)


def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


def reissued(identity: Identity, change: Callable[[asn1.Certificate], object]) -> Identity:
    """The same with its certificate changed, and signed again by the believed authority."""
    made = asn1.Certificate.load(identity.certificate)
    change(made)
    told = made["tbs_certificate"]
    key = serialization.load_der_private_key(believed().key, None)
    name = made["signature_algorithm"]["algorithm"].native.partition("_")[0]
    made["signature_value"] = signature_of(key, told.dump(force=True), name)
    return replace(identity, certificate=made.dump(force=True))


def hashed_with(name: str) -> Callable[[], Identity]:
    def change(made: asn1.Certificate) -> None:
        for each in (made["signature_algorithm"], made["tbs_certificate"]["signature"]):
            each["algorithm"] = f"{name}_ecdsa"

    return lambda: reissued(certified(), change)


def said_rsa() -> Identity:
    """The signature of an elliptic key under the name of RSA."""

    def change(made: asn1.Certificate) -> None:
        for each in (made["signature_algorithm"], made["tbs_certificate"]["signature"]):
            each["algorithm"] = "sha256_rsa"

    return reissued(certified(), change)


def said_twice() -> Identity:
    """Two algorithms for one signature."""

    def change(made: asn1.Certificate) -> None:
        made["tbs_certificate"]["signature"]["algorithm"] = "sha512_ecdsa"

    return reissued(certified(), change)


def with_exponent(exponent: int) -> Identity:
    """A key whose signatures anybody can make."""

    def change(made: asn1.Certificate) -> None:
        info = made["tbs_certificate"]["subject_public_key_info"]
        info["public_key"] = {
            "modulus": info["public_key"].parsed["modulus"].native,
            "public_exponent": exponent,
        }

    return reissued(certified(key=rsa_key()), change)


def with_modulus(bits: int) -> Identity:
    def change(made: asn1.Certificate) -> None:
        info = made["tbs_certificate"]["subject_public_key_info"]
        info["public_key"] = {"modulus": (1 << bits) - 1, "public_exponent": 65537}

    return reissued(certified(key=rsa_key()), change)


def off_the_curve() -> Identity:
    def change(made: asn1.Certificate) -> None:
        info = made["tbs_certificate"]["subject_public_key_info"]
        info["public_key"] = asn1_keys.ECPointBitString(b"\4" + b"\1" * 64)

    return reissued(certified(), change)


# --- Signatures of a forger ---------------------------------------------------------------------


def signature_of(key, message: bytes, name: str) -> bytes:
    way = getattr(hashes, name.upper())()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), way)
    return key.sign(message, ec.ECDSA(way))


def signed(
    content: bytes,
    who: Identity,
    *,
    kind: str = "data",
    name: str = "sha256",
    way: str = "",
    attributes: Callable[[list], object] = lambda attributes: None,
    sign: Callable[..., bytes] = signature_of,
    change: Callable[[cms.SignedData], object] = lambda data: None,
) -> bytes:
    """A CMS signature, well made but for what is changed in it."""
    certificate = cms.Certificate.load(who.certificate)
    key = serialization.load_der_private_key(who.key, None)
    told = [
        {"type": "content_type", "values": [kind]},
        {"type": "message_digest", "values": [hashlib.new(name, content).digest()]},
        {
            "type": "signing_certificate_v2",
            "values": [{"certs": [{"cert_hash": hashlib.sha256(who.certificate).digest()}]}],
        },
    ]
    attributes(told)
    held = cms.CMSAttributes(told)
    family = "rsassa_pkcs1v15" if isinstance(key, rsa.RSAPrivateKey) else f"{name}_ecdsa"
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": name}],
            "encap_content_info": {"content_type": kind}
            | ({"content": cms.ParsableOctetString(content)} if kind != "data" else {}),
            "certificates": [cms.Certificate.load(each) for each in (who.certificate, *who.chain)],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(
                        "issuer_and_serial_number",
                        {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        },
                    ),
                    "digest_algorithm": {"algorithm": name},
                    "signed_attrs": held,
                    "signature_algorithm": {"algorithm": way or family},
                    "signature": sign(key, held.dump(), name),
                }
            ],
        }
    )
    change(data)
    # Not by force, which writes each part again for each that holds it: it was never written.
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def stamped(content: bytes, who: Identity, *, hour: datetime | None = None, **more) -> bytes:
    """A time stamp (RFC 3161) of these bytes."""
    told = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.3.6.1.4.1.4146.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(content).digest(),
            },
            "serial_number": 7,
            "gen_time": hour or datetime.now(UTC),
        }
    )
    return signed(told.dump(), who, kind="tst_info", **more)


def again(
    change: Change = lambda files: None,
    *,
    seal: Callable[[], Identity] | None = certified,
    hour: Callable[[], Identity] = clock,
    with_seal: Callable[..., bytes] = signed,
    with_hour: Callable[..., bytes] = stamped,
) -> Change:
    """The forger seals and stamps all of it again, as well as he can."""

    def done(files: Files) -> None:
        change(files)
        for name in (SEALS, SEAL):
            files.pop(name, None)
        if seal is not None:
            files[SEALS] = proofs._manifest(SEAL, verifier.SEALED, files)
            files[SEAL] = with_seal(files[SEALS], seal())
        files[STAMPS] = proofs._manifest(TOKEN, verifier.STAMPED, files)
        files[TOKEN] = with_hour(files[STAMPS], hour())

    return done


def under(**more) -> Callable[[], Identity]:
    """A seal given by an authority that the believed one gave, so."""
    return lambda: certified(by=certified("Intermédiaire", **({"authority": True} | more)))


def hour_under(**more) -> Callable[[], Identity]:
    return lambda: clock(by=certified("Intermédiaire", **({"authority": True} | more)))


def two_under() -> Identity:
    """Two authorities below one that may have none below it."""
    first = certified("Première", authority=True, length=0)
    return certified(by=certified("Seconde", by=first, authority=True))


def stranger(**more) -> Identity:
    """Given by an authority of the forger's own, under the name of the believed one."""
    name, key = "Autorité de démonstration somme_gov", ec.generate_private_key(ec.SECP256R1())
    first = replace(certified(name, key=key), chain=())
    own = replace(certified(name, by=first, key=key, authority=True), chain=())
    return certified(by=own, **more)


def not_chained() -> Identity:
    """The believed authority as issuer, and another signature than its own."""
    root = believed()
    name = x509.load_der_x509_certificate(root.certificate).subject
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, named("Val de Brume"), key.public_key(), 7)
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    return identity_of(key, builder.sign(key, hashes.SHA256()), (root.certificate,))


def padded_otherwise(key: rsa.RSAPrivateKey, message: bytes, name: str) -> bytes:
    """What RSA signs, too short of its padding and with anything after it (Bleichenbacher)."""
    numbers = key.private_numbers()
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    told = b"\0\1" + b"\xff" * 8 + b"\0" + info + hashlib.new(name, message).digest()
    block = int.from_bytes(told.ljust(256, b"\x5a"), "big")
    return pow(block, numbers.d, numbers.public_numbers.n).to_bytes(256, "big")


def unencrypted(key: rsa.RSAPrivateKey, message: bytes, name: str) -> bytes:
    """What an exponent of 1 leaves as it is."""
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    told = info + hashlib.new(name, message).digest()
    return b"\0\1" + b"\xff" * (253 - len(told)) + b"\0" + told


ORDER = verifier.CURVES["1.2.840.10045.3.1.7"][3]


def pair(change: Callable[[int, int], tuple[int, int]]) -> Callable[..., bytes]:
    """An ECDSA signature with its two numbers changed."""

    def sign(key, message: bytes, name: str) -> bytes:
        found = change(*decode_dss_signature(signature_of(key, message, name)))
        return core.SequenceOf(spec=core.Integer, value=found).dump()

    return sign


def drop(*kinds: str) -> Callable[[list], object]:
    def change(told: list) -> None:
        told[:] = [each for each in told if each["type"] not in kinds]

    return change


def value(kind: str, *values) -> Callable[[list], object]:
    """Other values for an attribute."""

    def change(told: list) -> None:
        for each in told:
            if each["type"] == kind:
                each["values"] = list(values)

    return change


def double(kind: str) -> Callable[[list], object]:
    return lambda told: told.extend([each for each in told if each["type"] == kind])


def no_attributes(data: cms.SignedData) -> None:
    del data["signer_infos"][0]["signed_attrs"]


def two_signers(data: cms.SignedData) -> None:
    data["signer_infos"].append(data["signer_infos"][0].copy())


def no_signer(data: cms.SignedData) -> None:
    data["signer_infos"] = []


def attached(data: cms.SignedData) -> None:
    data["encap_content_info"]["content"] = b"another content"


def crowd(data: cms.SignedData) -> None:
    for rank in range(12):
        data["certificates"].append(cms.Certificate.load(certified(str(rank)).certificate))


def bare(data: cms.SignedData) -> None:
    data["certificates"] = []


def named_rsa(data: cms.SignedData) -> None:
    data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "rsassa_pkcs1v15"}


def named_ecdsa_512(data: cms.SignedData) -> None:
    data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha512_ecdsa"}


def sealing(**more) -> Change:
    """A seal badly made, by who may seal."""
    return again(with_seal=lambda content, who: signed(content, who, **more))


def sealing_rsa(**more) -> Change:
    return again(
        seal=lambda: certified(key=rsa_key()),
        with_seal=lambda content, who: signed(content, who, **more),
    )


def stamping(**more) -> Change:
    """A time stamp badly made, by who may tell the hour."""
    return again(with_hour=lambda content, who: stamped(content, who, **more))


def other_content(content: bytes, who: Identity) -> bytes:
    return stamped(content + b" ", who)


def hour_of(days: int) -> Callable[..., bytes]:
    return lambda content, who: stamped(content, who, hour=datetime.now(UTC) + timedelta(days=days))


_UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0")
_NAMES_ONLY = x509.NameConstraints([x509.DNSName("example.fr")], None)


# Whatever is believed of the authority, each must be told: nothing of it is proved.
def told_elsewhere(table: str, name: str) -> Change:
    """An anchor of his own row, in which he wrote the digest of the act where he liked."""

    def change(told: dict) -> None:
        line = {"table": table, "row": 5, "at": "", "facts": {name: told["sha256"]}}
        leaf = json.dumps(line)
        root = hashlib.sha256(b"\x00" + leaf.encode()).hexdigest()
        anchor = {"number": 1, "root": root, "token": ""}
        told["chemins"] = [{"leaf": leaf, "path": [], "anchor": anchor}]

    return facts(change)


FORGED: dict[str, tuple[Change, str]] = {
    # What is anchored.
    "l’empreinte d’un faux dans une question": (
        again(told_elsewhere("convening.question", "text")),
        "aucun ancrage ne parle de ce PDF",
    ),
    "l’empreinte d’un faux dans le titre d’un document": (
        again(told_elsewhere("documents.issueddocument", "title")),
        "aucun ancrage ne parle de ce PDF",
    ),
    "l’empreinte d’un faux dans le motif d’un retrait": (
        again(told_elsewhere("archive.publication", "reason")),
        "aucun ancrage ne parle de ce PDF",
    ),
    # Who vouches.
    "un certificat de signataire garantit le cachet": (
        again(seal=lambda: certified(by=certified("Mallory"))),
        "« Mallory » garantit « Val de Brume » sans être une autorité",
    ),
    "un certificat de signataire garantit l’heure": (
        again(hour=lambda: clock(by=certified("Mallory"))),
        "« Mallory » garantit « Horodatage » sans être une autorité",
    ),
    "un certificat sans contraintes garantit le cachet": (
        again(seal=under(constrained=False)),
        "sans être une autorité",
    ),
    "une autorité qui ne garantit pas de certificat": (
        again(seal=under(uses=("crl_sign",))),
        "« Intermédiaire » n’a pas le droit de garantir un certificat",
    ),
    "une autorité de l’heure qui ne garantit pas de certificat": (
        again(hour=hour_under(uses=SIGNS)),
        "« Intermédiaire » n’a pas le droit de garantir un certificat",
    ),
    "deux rangs sous une autorité qui n’en permet aucun": (
        again(seal=two_under),
        "« Première » garantit plus loin qu’il n’en a le droit",
    ),
    "une autorité passée": (
        again(seal=under(days=(-9, -2))),
        "« Intermédiaire » était hors de sa validité le",
    ),
    "une autorité à venir": (
        again(seal=under(days=(2, 9))),
        "« Intermédiaire » était hors de sa validité le",
    ),
    "une autorité de l’heure passée": (
        again(hour=hour_under(days=(-9, -2))),
        "« Intermédiaire » était hors de sa validité le",
    ),
    "une autorité restreinte": (
        again(seal=under(more=(_NAMES_ONLY,))),
        "« Intermédiaire » porte une restriction que ce vérificateur ne lit pas",
    ),
    "une autorité qui ne garantit que des sites": (
        again(seal=under(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        "« Intermédiaire » ne peut garantir cet usage",
    ),
    "une autorité de l’heure qui ne garantit que des sites": (
        again(hour=hour_under(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        "« Intermédiaire » ne peut garantir cet usage",
    ),
    "deux algorithmes pour un certificat": (again(seal=said_twice), "un certificat est illisible"),
    "une autorité garantie en SHA-1": (again(seal=hashed_with("sha1")), verifier.UNREAD),
    "un cachet d’un genre, signé dans un autre": (sealing(change=named_rsa), "pas intacte"),
    # Who seals.
    "un cachet passé": (
        again(seal=lambda: certified(days=(-9, -2))),
        "« Val de Brume » était hors de sa validité le",
    ),
    "un cachet à venir": (
        again(seal=lambda: certified(days=(2, 9))),
        "« Val de Brume » était hors de sa validité le",
    ),
    "un cachet passé à l’heure dite": (
        again(hour=lambda: clock(days=(-1, 90)), with_hour=hour_of(60)),
        "« Val de Brume » était hors de sa validité le",
    ),
    "un cachet fait pour chiffrer": (
        again(seal=lambda: certified(uses=("key_encipherment",))),
        "« Val de Brume » n’est pas fait pour signer",
    ),
    "un cachet fait pour un site": (
        again(seal=lambda: certified(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))),
        "« Val de Brume » n’est pas fait pour sceller",
    ),
    "le certificat de l’heure scelle": (
        again(seal=clock),
        "« Horodatage » n’est pas fait pour sceller",
    ),
    "un cachet restreint": (
        again(seal=lambda: certified(more=(_UNKNOWN,))),
        "« Val de Brume » porte une restriction",
    ),
    "un exposant de 1": (
        again(
            seal=lambda: with_exponent(1),
            with_seal=lambda content, who: signed(content, who, sign=unencrypted),
        ),
        "une clé est trop faible, ou démesurée",
    ),
    "un exposant de 3": (again(seal=lambda: with_exponent(3)), "une clé est trop faible"),
    "un exposant démesuré": (
        again(seal=lambda: with_exponent((1 << 2000) + 1)),
        "une clé est trop faible, ou démesurée",
    ),
    "une clé de 1024 bits": (
        again(seal=lambda: certified(key=rsa_key(1024))),
        "une clé est trop faible, ou démesurée",
    ),
    "une clé de cent mille bits": (
        again(seal=lambda: with_modulus(100_000)),
        "une clé est trop faible, ou démesurée",
    ),
    "une clé hors de la courbe": (again(seal=off_the_curve), "le cachet n’est pas intacte"),
    # Who tells the hour.
    "l’heure d’un signataire": (
        again(hour=certified),
        "« Val de Brume » n’est pas fait pour donner l’heure",
    ),
    "l’heure d’un certificat qui n’est pas fait que pour elle": (
        again(hour=lambda: clock(purposes=(HOUR, ExtendedKeyUsageOID.EMAIL_PROTECTION))),
        "« Horodatage » n’est pas fait pour donner l’heure",
    ),
    "l’heure d’un certificat qui ne l’exige pas": (
        again(hour=lambda: clock(critical=False)),
        "« Horodatage » n’est pas fait pour donner l’heure",
    ),
    "l’heure d’un certificat passé": (
        again(hour=lambda: clock(days=(-9, -2))),
        "« Horodatage » était hors de sa validité le",
    ),
    "l’heure d’un autre fichier": (
        again(with_hour=other_content),
        "l’horodatage du fichier porte sur autre chose",
    ),
    # How it is signed.
    "sans attributs signés": (sealing(change=no_attributes), "DER n’est pas de la forme"),
    "une empreinte échangée": (
        sealing(attributes=value("message_digest", b"\0" * 32)),
        "le cachet porte sur autre chose",
    ),
    "deux empreintes": (
        sealing(attributes=value("message_digest", b"\0" * 32, b"\1" * 32)),
        "le cachet porte sur autre chose",
    ),
    "deux fois l’empreinte": (sealing(attributes=double("message_digest")), "deux fois"),
    "sans empreinte": (
        sealing(attributes=drop("message_digest")),
        "le cachet porte sur autre chose",
    ),
    "sans genre": (
        sealing(attributes=drop("content_type")),
        "le cachet n’est pas de ce genre de signature",
    ),
    "un autre genre": (
        sealing(attributes=value("content_type", "signed_data")),
        "le cachet n’est pas de ce genre de signature",
    ),
    "sans dire quel certificat": (
        sealing(attributes=drop("signing_certificate_v2")),
        "le cachet ne dit pas avec quel certificat",
    ),
    "en disant un autre certificat": (
        sealing(attributes=value("signing_certificate_v2", {"certs": [{"cert_hash": b"\0" * 32}]})),
        "le cachet ne dit pas avec quel certificat",
    ),
    "deux signataires": (sealing(change=two_signers), "un signataire, et un seul"),
    "aucun signataire": (sealing(change=no_signer), "un signataire, et un seul"),
    "deux signataires de l’heure": (stamping(change=two_signers), "un signataire, et un seul"),
    "une foule de certificats": (sealing(change=crowd), "le cachet joint trop de certificats"),
    "sans certificat": (sealing(change=bare), "le cachet ne dit pas qui signe"),
    "un cachet qui porte autre chose": (sealing(change=attached), "pas de ce genre de signature"),
    "signé en SHA-1": (sealing(name="sha1"), verifier.UNREAD),
    "signé en MD5": (sealing_rsa(name="md5"), verifier.UNREAD),
    "l’heure signée en SHA-1": (stamping(name="sha1"), verifier.UNREAD),
    "une empreinte d’un genre, une signature d’un autre": (
        sealing(change=named_ecdsa_512),
        verifier.UNREAD,
    ),
    "un remplissage de RSA suivi d’autre chose": (
        sealing_rsa(sign=padded_otherwise),
        "le cachet n’est pas intacte",
    ),
    "une signature RSA trop courte": (
        sealing_rsa(sign=lambda *told: signature_of(*told)[1:]),
        "le cachet n’est pas intacte",
    ),
    "une signature RSA avec un zéro de plus": (
        sealing_rsa(sign=lambda *told: b"\0" + signature_of(*told)),
        "le cachet n’est pas intacte",
    ),
    "une signature RSA démesurée": (
        sealing_rsa(sign=lambda *told: b"\xff" * 256),
        "le cachet n’est pas intacte",
    ),
    "ECDSA : r nul": (sealing(sign=pair(lambda r, s: (0, s))), "le cachet n’est pas intacte"),
    "ECDSA : s nul": (sealing(sign=pair(lambda r, s: (r, 0))), "le cachet n’est pas intacte"),
    "ECDSA : deux zéros": (sealing(sign=pair(lambda r, s: (0, 0))), "le cachet n’est pas"),
    "ECDSA : r au-delà de l’ordre": (
        sealing(sign=pair(lambda r, s: (r + ORDER, s))),
        "le cachet n’est pas intacte",
    ),
    "ECDSA : s négatif": (sealing(sign=pair(lambda r, s: (r, -s))), "le cachet n’est pas"),
    "ECDSA : un nombre de trop": (
        sealing(sign=pair(lambda r, s: (r, s, s))),
        "DER n’est pas de la forme attendue",
    ),
    "ECDSA : un nombre démesuré": (
        sealing(sign=pair(lambda r, s: (r, s + (1 << 80_000)))),
        "le cachet n’est pas intacte",
    ),
    "ECDSA : suivi d’autre chose": (
        sealing(sign=lambda *told: signature_of(*told) + b"\0"),
        "un codage DER est suivi d’autre chose",
    ),
}

# What nobody altered, made by somebody whom one has no reason to believe.
UNBELIEVED: dict[str, tuple[Change, str]] = {
    "une autorité du même nom": (again(seal=stranger), "« Val de Brume », garanti par"),
    "la signature de l’autorité, le nom d’une autre": (
        again(seal=lambda: certified(issuer="Une autre")),
        "« Val de Brume » (à vérifier)",
    ),
    "un cachet qui se garantit lui-même": (
        again(seal=lambda: alone(SIGNS)),
        "« Val de Brume » (à vérifier)",
    ),
    "le nom de l’autorité, la signature d’un autre": (
        again(seal=not_chained),
        "« Val de Brume » (à vérifier)",
    ),
    "une signature ECDSA sous le nom de RSA": (
        again(seal=said_rsa),
        "« Val de Brume » (à vérifier)",
    ),
    "sans cachet": (again(seal=None), "il n’est pas scellé"),
    "l’heure d’un autre": (
        again(hour=lambda: stranger(name="Horodatage", purposes=(HOUR,))),
        "« Horodatage », garanti par « Autorité de démonstration somme_gov » (à vérifier)",
    ),
}


def alone(uses: tuple[str, ...]) -> Identity:
    """A certificate that nobody gave."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = "Val de Brume"
    first = certified(name, key=key, issuer=name)
    return replace(certified(name, by=first, key=key, issuer=name, uses=uses), chain=())
