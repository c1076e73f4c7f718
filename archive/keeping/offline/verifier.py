#!/usr/bin/env python3
"""Vérifie un fichier de preuve, sans réseau ni rien installer : python3 verifier.py preuve.zip

    --empreinte EMPREINTE        celle du cachet, ou de l’autorité qui le garantit, que vous croyez
                                 (SHA-256 du certificat, 64 signes)
    --empreinte-heure EMPREINTE  celle de qui donne l’heure, ou de l’autorité qui le garantit
    --autorites DOSSIER          des certificats (.pem, .crt) que vous croyez pour le cachet
    --autorites-heure DOSSIER    des certificats que vous croyez pour l’heure
    --ancrages FICHIER           le fichier des ancrages qu’un tiers conserve

Dit en français ce qui est prouvé et ce qui ne l’est pas. Rend 0 quand rien n’a été altéré et que
vous croyez qui l’a scellé et qui donne l’heure ; 1 quand quelque chose a été altéré ; 2 quand la
commande est mal donnée ; 3 quand rien n’a été altéré, mais que vous n’avez pas dit croire ceux qui
le garantissent.

It stands alone on purpose: the standard library, one file, to be read in an hour by whoever has to
believe it. It knows ZIP without compression, DER, CMS (RFC 5652), the paths of certificates
(RFC 5280), time stamps (RFC 3161), RSA and ECDSA, no more than the proofs hold; what it does not
know it refuses. The same checks are in verifier.html, in the same words, for who has a browser and
no Python.
"""

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import unicodedata
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

FORMAT = "somme_gov/preuve/2"
MOST = 200 * 1024 * 1024  # bytes of a proof
MEDIA = "application/vnd.etsi.asic-e+zip"
ACT, WORDS, FACTS = "acte.pdf", "acte.json", "preuve.json"
SEALED = (ACT, WORDS, FACTS, "LISEZMOI.txt", "verifier.py", "verifier.html")
SEAL = ("META-INF/ASiCManifest002.xml", "META-INF/signature001.p7s")
STAMPED = (*SEALED, *SEAL)
STAMP = ("META-INF/ASiCManifest001.xml", "META-INF/timestamp001.tst")
NAMES = ("mimetype", *STAMPED, *STAMP)  # and no other
NEEDED = {"mimetype", ACT, FACTS}
MEDIA_OF = {
    STAMP[1]: "application/vnd.etsi.timestamp-token",
    SEAL[1]: "application/x-pkcs7-signature",
}
VERDICTS = {"adopte": "adoptée", "rejete": "rejetée"}
# The anchored lines that a proof may hold: the field that names each, and those that tell the
# digest of a paper.
LINES = {
    "documents.issueddocument": ("document établi", "title", ("pdf_sha256", "sha256")),
    "registry.signaturestep": ("signature", "signer", ("sha256",)),
    "archive.publication": ("publication", "title", ("sha256",)),
}
NO_PROOF = "ce n’est pas un fichier de preuve, ou il est abîmé"
UNREAD = "une signature est d’un genre que ce vérificateur ne lit pas"


class Altered(Exception):
    """Something in the proof is not as it was made: what, in French."""


def shown(text, most=300):
    """What the file says of itself, that it may neither move the cursor nor close its quotes."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    kept = "".join("\ufffd" if unicodedata.category(each) in hidden else each for each in text)
    kept = kept.replace("«", "“").replace("»", "”")
    return kept if len(kept) <= most else kept[:most] + "…"


# --- The container ------------------------------------------------------------------------------


def files_of(data):
    """The files of a ZIP made as ours are: stored one after the other, told twice alike, nothing
    between them, before or after."""
    try:
        return _files_of(data)
    except (struct.error, IndexError):
        raise Altered(NO_PROOF) from None


def _files_of(data):
    end = len(data) - 22
    if len(data) > MOST:
        raise Altered("ce fichier de preuve est démesuré")
    if end < 0 or data[end : end + 4] != b"PK\5\6":
        raise Altered(NO_PROOF)
    disk, other, count, total, size, at, comment = struct.unpack("<4H2IH", data[end + 4 :])
    if disk or other or count != total or at + size != end or comment:
        raise Altered(NO_PROOF)
    files, place, index = {}, 0, at
    for _ in range(count):
        header = data[at : at + 46]
        _, flags, method, _, crc, packed, length, named, extra = struct.unpack(
            "<3HI3I2H", header[6:32]
        )
        comment, disk, internal, mode, begins = struct.unpack("<3H2I", header[32:])
        raw = data[at + 46 : at + 46 + named]
        name = shown(raw.decode("utf-8", "replace"))
        local = b"PK\3\4" + header[6:32] + raw
        if name in files:
            raise Altered(f"« {name} » y est deux fois")
        if name not in NAMES:
            raise Altered(f"« {name} » n’est pas de ce fichier de preuve : il y a été ajouté")
        if header[:4] != b"PK\1\2" or flags or method or packed != length:
            raise Altered(NO_PROOF)
        if (
            extra
            or comment
            or disk
            or internal
            or mode != 0o600 << 16
            or begins != place
            or index < place + len(local) + length
        ):
            raise Altered(NO_PROOF)
        content = data[place + len(local) : place + len(local) + length]
        if data[place : place + len(local)] != local or zlib.crc32(content) != crc:
            raise Altered(NO_PROOF)
        files[name] = content
        place, at = place + len(local) + length, at + 46 + named
    if place != index or at != end or files.get("mimetype") != MEDIA.encode():
        raise Altered(NO_PROOF)
    if missing := sorted(NEEDED - files.keys()):
        raise Altered(f"« {missing[0]} » a été retiré")
    return files


def manifest(token, digests):
    """The manifest of what this token covers (ASiC-E). There is one way to write it, byte for byte,
    so that nothing hides in it."""
    rows = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod '
        'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256" /><ds:DigestValue>'
        f"{base64.b64encode(digest).decode()}</ds:DigestValue></asic:DataObjectReference>"
        for name, digest in digests.items()
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" '
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<asic:SigReference URI="{token}" MimeType="{MEDIA_OF[token]}" />'
        f"{rows}</asic:ASiCManifest>"
    ).encode()


def covered(files, names, pair, what):
    """The manifest and the token of a pair, once the manifest tells these files as they are."""
    name, token = pair
    if name not in files or token not in files:
        raise Altered(f"{what} a été retiré")
    found = {each: hashlib.sha256(files[each]).digest() for each in names if each in files}
    if files[name] != manifest(token, found):
        told = re.findall(rb'URI="([^"]*)">.*?<ds:DigestValue>([^<]*)<', files[name])
        told = {uri.decode("utf-8", "replace"): value for uri, value in told}
        for uri, digest in found.items():
            if uri not in told:
                raise Altered(f"« {uri} » n’est pas de ce fichier de preuve : il y a été ajouté")
            if told[uri] != base64.b64encode(digest):
                raise Altered(f"« {uri} » a été modifié")
        for uri in NAMES:
            if uri in told and uri not in found:
                raise Altered(f"« {uri} » a été retiré")
        raise Altered(f"le manifeste de {what} n’est pas fait comme il doit l’être")
    return files[name], files[token]


# --- DER ----------------------------------------------------------------------------------------


class Node:
    """One value of DER: its tag, its content, and the bytes it was read from."""

    def __init__(self, data, start=0):
        head = data[start : start + 2]
        if len(head) < 2:
            raise Altered("un codage DER est coupé")
        self.tag, length, at = head[0], head[1], start + 2
        if length & 0x80:
            said = data[at : at + (length & 0x7F)]
            at += length & 0x7F
            if not 0 < length & 0x7F <= 4:
                raise Altered("un codage DER est illisible")
            length = int.from_bytes(said, "big")
            if length < 0x80 or said[0] == 0:
                raise Altered("un codage DER est illisible")
        if self.tag & 0x1F == 0x1F:
            raise Altered("un codage DER est illisible")
        self.end = at + length
        if self.end > len(data):
            raise Altered("un codage DER est coupé")
        self.body, self.whole = data[at : self.end], data[start : self.end]

    def items(self, tag=0x30):
        """What it holds, when it is of this kind."""
        if self.tag != tag:
            raise Altered("un codage DER n’est pas de la forme attendue")
        found, at = [], 0
        while at < len(self.body):
            found.append(Node(self.body, at))
            at = found[-1].end
        return found

    def bytes(self, tag):
        """Its content, when it is of this kind."""
        if self.tag != tag:
            raise Altered("un codage DER n’est pas de la forme attendue")
        return self.body

    @property
    def bits(self):
        """The octets of a BIT STRING that fills them."""
        if self.bytes(0x03)[:1] != b"\0":
            raise Altered("un codage DER n’est pas de la forme attendue")
        return self.body[1:]

    @property
    def number(self):
        said = self.bytes(0x02)
        if not said or (len(said) > 1 and said[0] in (0, 0xFF) and said[0] >> 7 == said[1] >> 7):
            raise Altered("un nombre DER est illisible")
        return int.from_bytes(said, "big", signed=True)

    @property
    def oid(self):
        values, value, begins = [], 0, True
        for byte in self.bytes(0x06):
            value = value << 7 | byte & 0x7F
            if value >= 1 << 32 or (begins and byte == 0x80):
                raise Altered("un identifiant DER est illisible")
            begins = not byte & 0x80
            if begins:
                values.append(value)
                value = 0
        if not values or not begins:
            raise Altered("un identifiant DER est illisible")
        first = min(values[0] // 40, 2)
        return ".".join(map(str, [first, values[0] - 40 * first, *values[1:]]))

    @property
    def moment(self):
        text = self.body.decode("latin-1")
        if self.tag == 0x17:  # UTCTime, of this century until 2049
            text = ("20" if text[:2] < "50" else "19") + text
        found = re.fullmatch(r"([0-9]{14})(\.[0-9]*[1-9])?Z", text)
        try:
            if self.tag not in (0x17, 0x18) or not found:
                raise ValueError
            return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise Altered("une heure est illisible") from None


def der(data):
    """The one value of DER that these bytes are."""
    node = Node(data)
    if node.end != len(data):
        raise Altered("un codage DER est suivi d’autre chose")
    return node


def taken(nodes, count, *, more=False):
    """These values, when they are that many (or `more`)."""
    if len(nodes) < count or (len(nodes) > count and not more):
        raise Altered("un codage DER n’est pas de la forme attendue")
    return nodes


def algorithm(node):
    """What an AlgorithmIdentifier names; its parameters are none, or NULL."""
    name, *more = taken(node.items(), 1, more=True)
    if more and [each.whole for each in more] != [b"\5\0"]:
        raise Altered(UNREAD)
    return name.oid


# --- Signatures ---------------------------------------------------------------------------------

HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
RSA, ELLIPTIC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
SIGNED_WITH = {
    "1.2.840.113549.1.1.11": (RSA, "sha256"),
    "1.2.840.113549.1.1.12": (RSA, "sha384"),
    "1.2.840.113549.1.1.13": (RSA, "sha512"),
    "1.2.840.10045.4.3.2": (ELLIPTIC, "sha256"),
    "1.2.840.10045.4.3.3": (ELLIPTIC, "sha384"),
    "1.2.840.10045.4.3.4": (ELLIPTIC, "sha512"),
}
CURVES = {  # p, a, b, n, Gx, Gy: FIPS 186-4, appendix D
    "1.2.840.10045.3.1.7": (
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        -3,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": (
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF,
        -3,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
}


def is_signed(message, signature, kind, name, key):
    """Whether this key (SubjectPublicKeyInfo) signed this message so."""
    told, bits = taken(key.items(), 2)
    own, *curve = taken(told.items(), 2)
    if own.oid != kind:
        return False
    if kind == RSA:
        if curve[0].whole != b"\5\0":
            return False
        modulus, exponent = (each.number for each in taken(der(bits.bits).items(), 2))
        return _rsa(hashlib.new(name, message).digest(), signature, name, modulus, exponent)
    if curve[0].oid not in CURVES:
        raise Altered(UNREAD)
    digest = hashlib.new(name, message).digest()
    return _ecdsa(digest, signature, CURVES[curve[0].oid], bits.bits)


def _rsa(digest, signature, name, modulus, exponent):
    """PKCS#1 v1.5 (RFC 8017, 8.2.2): what is signed is built again and compared whole. The sizes
    are those of the RGS (annexe B1)."""
    if not (1 << 2047 <= modulus < 1 << 8192 and 1 << 16 < exponent < 1 << 32 and exponent & 1):
        raise Altered("une clé est trop faible, ou démesurée")
    size = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= modulus:
        return False
    opened = pow(value, exponent, modulus).to_bytes(size, "big")
    oid = {"sha256": 1, "sha384": 2, "sha512": 3}[name]
    info = bytes.fromhex("300d06096086480165030402") + bytes([oid, 5, 0, 4, len(digest)]) + digest
    told = b"\x30" + bytes([len(info)]) + info
    return opened == b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told


def _ecdsa(digest, signature, curve, bits):
    p, a, b, n, gx, gy = curve
    size = (p.bit_length() + 7) // 8
    x, y = (int.from_bytes(bits[1 + i * size : 1 + (i + 1) * size], "big") for i in (0, 1))
    if bits[:1] != b"\4" or len(bits) != 1 + 2 * size or not (x < p and y < p):
        return False
    if (y * y - (x * x * x + a * x + b)) % p:
        return False
    r, s = (each.number for each in taken(der(signature).items(), 2))
    if not (0 < r < n and 0 < s < n):
        return False
    told = int.from_bytes(digest, "big") >> max(0, len(digest) * 8 - n.bit_length())
    inverse = pow(s, -1, n)
    point = _sum(
        _times(told * inverse % n, (gx, gy), p, a), _times(r * inverse % n, (x, y), p, a), p, a
    )
    return point is not None and point[0] % n == r


def _sum(one, other, p, a):
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % p == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] + a) * pow(2 * one[1], -1, p) % p
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, p) % p
    x = (slope * slope - one[0] - other[0]) % p
    return x, (slope * (one[0] - x) - one[1]) % p


def _times(count, point, p, a):
    found = None
    while count:
        if count & 1:
            found = _sum(found, point, p, a)
        point = _sum(point, point, p, a)
        count >>= 1
    return found


# --- Certificates -------------------------------------------------------------------------------

CONSTRAINTS, KEY_USAGE, PURPOSES = "2.5.29.19", "2.5.29.15", "2.5.29.37"
# Critical and read here, or critical and of no consequence to who signs.
KNOWN = {CONSTRAINTS, KEY_USAGE, PURPOSES, "2.5.29.17", "2.5.29.32"}
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
# A certificate made for these alone (servers, programs, hours…) seals nothing.
OTHER_PURPOSES = {f"1.3.6.1.5.5.7.3.{each}" for each in (1, 2, 3, 8, 9)}
COMMON_NAME = "2.5.4.3"
LONGEST, MANY = 6, 8  # certificates of a path, and beside a signature


class Certificate:
    """What is read of an X.509 certificate."""

    def __init__(self, data):
        signed, told, signature = taken(der(data).items(), 3)
        parts = signed.items()
        version = parts.pop(0).whole if parts and parts[0].tag == 0xA0 else b""
        self.serial, again, issuer, dates, subject, self.key, *more = taken(parts, 6, more=True)
        if version not in (b"", b"\xa0\3\2\1\2") or again.whole != told.whole:
            raise Altered("un certificat est illisible")
        self.data, self.signed, self.signature = data, signed.whole, signature.bits
        self.told, self.issuer, self.subject = told, issuer.whole, subject.whole
        self.begins, self.ends = (each.moment for each in taken(dates.items(), 2))
        self.name = _common_name(subject)
        self.extensions = _extensions(more) if version else {}
        constraints = self._said(CONSTRAINTS, b"\x30\0").items()
        self.is_authority = bool(constraints) and constraints[0].whole == b"\1\1\xff"
        self.below = constraints[1].number if len(constraints) > 1 else LONGEST
        usage = self._said(KEY_USAGE, b"\3\2\0\xff").bytes(0x03)
        self.usage = usage[1] if len(usage) > 1 else 0
        self.purposes = {each.oid for each in self._said(PURPOSES, b"\x30\0").items()}

    def _said(self, oid, otherwise):
        return der(self.extensions.get(oid, (False, otherwise))[1])

    @property
    def fingerprint(self):
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_top(self):
        return self.subject == self.issuer

    def is_signed_by(self, other):
        if other.subject != self.issuer:
            return False
        kind, name = SIGNED_WITH.get(algorithm(self.told), (None, None))
        if kind is None:
            raise Altered(UNREAD)
        return is_signed(self.signed, self.signature, kind, name, other.key)

    def fault(self, moment):
        """Why it is worth nothing at that moment, whatever it is used for."""
        if not self.begins <= moment <= self.ends:
            return f"« {self.name} » était hors de sa validité le {_said(moment)}"
        if any(critical and oid not in KNOWN for oid, (critical, _) in self.extensions.items()):
            return f"« {self.name} » porte une restriction que ce vérificateur ne lit pas"
        return ""

    def fault_of_signer(self, tells_time):
        """Why it may not sign this."""
        if not self.usage & 0xC0:  # digitalSignature, nonRepudiation
            return f"« {self.name} » n’est pas fait pour signer"
        alone = self.purposes == {TIME_STAMPING} and self.extensions[PURPOSES][0]
        if tells_time and not alone:  # RFC 3161, 2.3
            return f"« {self.name} » n’est pas fait pour donner l’heure"
        if not tells_time and self.purposes and self.purposes <= OTHER_PURPOSES:
            return f"« {self.name} » n’est pas fait pour sceller"
        return ""

    def fault_of_issuer(self, way, tells_time):
        """Why it may not vouch for the last certificate of this way."""
        if not self.is_authority:
            return f"« {self.name} » garantit « {way[-1].name} » sans être une autorité"
        if not self.usage & 0x04:  # keyCertSign
            return f"« {self.name} » n’a pas le droit de garantir un certificat"
        if sum(not each.is_top for each in way[1:]) > self.below:
            return f"« {self.name} » garantit plus loin qu’il n’en a le droit"
        wanted = not self.purposes & {TIME_STAMPING, "2.5.29.37.0"}
        if self.purposes and (wanted if tells_time else self.purposes <= OTHER_PURPOSES):
            return f"« {self.name} » ne peut garantir cet usage"
        return ""


def _common_name(name):
    for part in name.items():
        for pair in part.items(0x31):
            kind, value = taken(pair.items(), 2)
            if kind.oid == COMMON_NAME:
                coding = "utf-16-be" if value.tag == 0x1E else "utf-8"
                return shown(value.body.decode(coding, "replace"), 100)
    return "sans nom"


def _extensions(parts):
    found = {}
    for part in (each for each in parts if each.tag == 0xA3):
        for extension in taken(part.items(0xA3), 1)[0].items():
            oid, *flag, value = taken(extension.items(), 2, more=True)
            if oid.oid in found or [each.tag for each in flag] not in ([], [0x01]):
                raise Altered("un certificat est illisible")
            found[oid.oid] = (flag != [] and flag[0].body != b"\0", value.bytes(0x04))
    return found


# --- Signatures of the proof --------------------------------------------------------------------

SIGNED_DATA, DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNER_V1, SIGNER_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"


class Signed:
    """A CMS signature: what it holds, and who signed."""

    def __init__(self, data, what, kind):
        self.what, self.kind = what, kind
        outer = taken(der(data).items(), 2)
        if outer[0].oid != SIGNED_DATA:
            raise Altered(f"{what} n’est pas une signature")
        _, _, content, *more = taken(taken(outer[1].items(0xA0), 1)[0].items(), 4, more=True)
        kind_told, *inner = taken(content.items(), 1, more=True)
        if kind_told.oid != kind or len(inner) != (kind == TST_INFO):
            raise Altered(f"{what} n’est pas de ce genre de signature")
        self.content = taken(inner[0].items(0xA0), 1)[0].bytes(0x04) if inner else None
        held = [each for part in more if part.tag == 0xA0 for each in part.items(0xA0)]
        found = [Certificate(each.whole) for each in held if each.tag == 0x30]
        self.certificates = list({each.data: each for each in found}.values())
        if len(self.certificates) > MANY:
            raise Altered(f"{what} joint trop de certificats")
        signers = more[-1].items(0x31)
        if len(signers) != 1:
            raise Altered(f"{what} n’a pas un signataire, et un seul")
        self.signer = taken(signers[0].items(), 6, more=True)

    def check(self, message):
        """The certificate that signed this message."""
        _, who, told, attributes, way, signature, *_ = self.signer
        name = HASHES.get(algorithm(told))
        issuer, serial = taken(who.items(), 2)
        same = (issuer.whole, serial.whole)
        found = [c for c in self.certificates if (c.issuer, c.serial.whole) == same]
        if name is None:
            raise Altered(UNREAD)
        if len(found) != 1 or attributes.tag != 0xA0:
            raise Altered(f"{self.what} ne dit pas qui signe")
        values = {}
        for pair in attributes.items(0xA0):
            oid, held = taken(pair.items(), 2)
            if oid.oid in values:
                raise Altered(f"{self.what} dit deux fois la même chose")
            values[oid.oid] = held.items(0x31)
        if [each.whole for each in values.get(CONTENT_TYPE, ())] != [self.content_type]:
            raise Altered(f"{self.what} n’est pas de ce genre de signature")
        digest = hashlib.new(name, message).digest()
        if [each.bytes(0x04) for each in values.get(MESSAGE_DIGEST, ())] != [digest]:
            raise Altered(f"{self.what} porte sur autre chose")
        if not _names(values, found[0].data):
            raise Altered(f"{self.what} ne dit pas avec quel certificat")
        kind = RSA if algorithm(way) == RSA else SIGNED_WITH.get(algorithm(way), (None, None))
        kind, hashed = (RSA, name) if kind == RSA else kind
        if kind is None or hashed != name:
            raise Altered(UNREAD)
        signed = b"\x31" + attributes.whole[1:]  # signed as a SET, RFC 5652 5.4
        if not is_signed(signed, signature.bytes(0x04), kind, name, found[0].key):
            raise Altered(f"{self.what} n’est pas intacte")
        return found[0]

    @property
    def content_type(self):
        oid = {TST_INFO: "060b2a864886f70d0109100104", DATA: "06092a864886f70d010701"}[self.kind]
        return bytes.fromhex(oid)

    def way(self, first, moment, roots):
        """From who signed up to who is believed, or as far as somebody vouches; and whether it is
        believed. What is worth nothing at that moment is refused (RFC 5280, 6.1)."""
        fault = first.fault(moment) or first.fault_of_signer(self.kind == TST_INFO)
        if fault:
            raise Altered(fault)
        ends, open_ways = [], [[first]]
        while open_ways:
            way = open_ways.pop()
            if way[-1].fingerprint in roots:
                return way, True
            above, fault = self._above(way, moment)
            open_ways += [[*way, each] for each in reversed(above)]
            if not above:
                ends.append((way, fault))
        for way, fault in ends:
            if not fault:
                return way, False
        raise Altered(ends[0][1])

    def _above(self, way, moment):
        """Those who may vouch for the last of this way; or why none of those who do may."""
        top, found, faults = way[-1], [], []
        if top.is_top:
            if algorithm(top.told) not in SIGNED_WITH or top.is_signed_by(top):
                return [], ""
            return [], f"« {top.name} » n’est pas intact"
        for each in self.certificates:
            if each in way or len(way) == LONGEST or not top.is_signed_by(each):
                continue
            fault = each.fault_of_issuer(way, self.kind == TST_INFO) or each.fault(moment)
            (faults if fault else found).append(fault or each)
        return found, "" if found or not faults else faults[0]


def _names(values, certificate):
    """Whether the signed attributes name this certificate (RFC 2634 and 5035)."""
    named = [oid for oid in (SIGNER_V2, SIGNER_V1) if oid in values]
    for oid in named:
        told = taken(taken(values[oid], 1)[0].items(), 1, more=True)[0]
        first = taken(taken(told.items(), 1, more=True)[0].items(), 1, more=True)
        name = "sha1" if oid == SIGNER_V1 else "sha256"
        if oid == SIGNER_V2 and first[0].tag == 0x30:
            name = HASHES.get(algorithm(first[0]))
            first = first[1:]
        if name is None or not first:
            return False
        if first[0].bytes(0x04) != hashlib.new(name, certificate).digest():
            return False
    return bool(named)


def stamped(token, message, what, roots, *, digest=None):
    """When this message (or this digest) was time-stamped, by which way of certificates, and
    whether it is believed."""
    signed = Signed(token, what, TST_INFO)
    signer = signed.check(signed.content)
    told = taken(der(signed.content).items(), 5, more=True)
    way, found = taken(told[2].items(), 2)
    name = HASHES.get(algorithm(way))
    if digest is None and name is not None:
        digest = hashlib.new(name, message).digest()
    if name is None or found.bytes(0x04) != digest or told[0].whole != b"\2\1\1":
        raise Altered(f"{what} porte sur autre chose")
    if told[4].tag != 0x18:
        raise Altered("une heure est illisible")
    for part in told[5:]:
        if part.tag == 0xA1 and any(len(each.items()) > 2 for each in part.items(0xA1)):
            raise Altered(f"{what} porte une restriction que ce vérificateur ne lit pas")
    moment = told[4].moment
    return moment, *signed.way(signer, moment, roots)


# --- The proof ----------------------------------------------------------------------------------


class Report:
    """What was found, in the order in which it was looked at; and whether who sealed it, and who
    told the hour, are believed."""

    def __init__(self, roots, clocks, anchors):
        self.roots, self.clocks, self.anchors = roots, clocks, anchors
        self.proved, self.broken, self.left = [], [], []
        self.moment, self.is_sealer_believed, self.is_clock_believed = None, False, False

    def look(self, check, *args):
        try:
            check(self, *args)
        except Altered as error:
            self.broken.append(str(error))
        except Exception:  # whatever a forged file may hold
            self.broken.append("une partie est illisible")

    @property
    def verdict(self):
        if self.broken:
            return "Ce fichier a été altéré, ou n’est pas une preuve."
        if self.is_sealer_believed and self.is_clock_believed:
            return "Rien n’a été altéré, et vous croyez qui l’a scellé et qui donne l’heure."
        if self.is_sealer_believed:
            return (
                "Rien n’a été altéré, et vous croyez qui l’a scellé. Reste à savoir qui donne "
                "l’heure : voyez « Non prouvé »."
            )
        return (
            "Rien n’a été altéré depuis que ce fichier a été fait. Reste à savoir par qui : voyez "
            "« Non prouvé »."
        )


def verify(data, *, roots=(), clocks=(), anchors=None):
    """Everything that can be said of these bytes by whoever believes these fingerprints: `roots`
    for the seal, `clocks` for the hour, and no one for both."""
    report = Report(roots, clocks, anchors)
    try:
        files = files_of(data)
        proof = json.loads(files[FACTS].decode(), parse_constant=_no_number)
        if proof.get("format") != FORMAT:
            raise Altered("ce fichier de preuve est d’une autre version")
    except Altered as error:
        report.broken.append(str(error))
        return report
    except Exception:
        report.broken.append(NO_PROOF)
        return report
    report.look(_stamp, files)
    report.look(_seal, files)
    report.look(_act, files, proof)
    for way in _listed(proof, "chemins"):
        report.look(_way, way)
    report.look(_facts_of_the_act, files, proof)
    report.look(_notice, proof)
    report.look(_quorum, proof)
    for vote in _listed(proof, "votes"):
        report.look(_vote, vote)
    report.look(_unproved, proof)
    report.look(_standing, proof)
    report.look(_what_is_not, proof)
    return report


def _no_number(said):
    raise ValueError(said)


def _listed(proof, name):
    found = proof.get(name)
    return found if isinstance(found, list) else []


def _stamp(report, files):
    """One time stamp covers everything else, the seal too: its hour is that of all of it."""
    name, token = covered(files, STAMPED, STAMP, "l’horodatage")
    what = "l’horodatage du fichier"
    report.moment, way, report.is_clock_believed = stamped(token, name, what, report.clocks)
    who = _who(report, way, report.is_clock_believed, "de qui donne l’heure")
    count = sum(each in files for each in STAMPED)
    report.proved.append(
        f"Ces {count} fichiers existaient tels quels le {_said(report.moment)}, selon {who}."
    )


def _seal(report, files):
    if not set(SEAL) & files.keys():
        report.left.append("Qui a fait ce fichier : il n’est pas scellé.")
        return
    name, token = covered(files, SEALED, SEAL, "le cachet")
    if report.moment is None:
        raise Altered("sans heure sûre, le cachet ne se juge pas")
    signed = Signed(token, "le cachet", DATA)
    way, report.is_sealer_believed = signed.way(signed.check(name), report.moment, report.roots)
    who = _who(report, way, report.is_sealer_believed, "de ce cachet")
    report.proved.append(f"Ils étaient alors scellés par {who}.")


def _who(report, way, is_believed, whose):
    """Who is at both ends of this way; when nobody believes it, what there is to compare."""
    first, top = way[0], way[-1]
    above = f", garanti par « {top.name} »" if len(way) > 1 else ""
    told = (
        f"Que « {first.name} » est bien qui il dit : quiconque peut faire un certificat à ce nom. "
        f"Comparez l’empreinte {whose} à celle qui est publiée : {first.fingerprint}"
    )
    if not is_believed and told not in report.left:
        report.left.append(told)
    return f"« {first.name} »{above} ({'que vous croyez' if is_believed else 'à vérifier'})"


def _act(report, files, proof):
    act = proof["acte"]
    _shaped(proof, fichier_est=str, organisation=str, sha256=str)
    _shaped(act, titre=str)
    digest = hashlib.sha256(files[ACT]).hexdigest()
    if digest != proof["sha256"]:
        raise Altered("le PDF n’est pas celui dont parle la preuve")
    report.proved.append(
        f"Le PDF joint est « {shown(act['titre'])} », {shown(proof['fichier_est'])}, de "
        f"{shown(proof['organisation'])} (empreinte {digest[:16]}…)."
    )


def _way(report, way):
    anchor = way["anchor"]
    _shaped(way, leaf=str)
    _shaped(anchor, number=int, root=str, token=str)
    leaf = hashlib.sha256(b"\x00" + way["leaf"].encode()).digest()
    for step in way["path"]:
        beside = _digest(step["hash"])
        pair = beside + leaf if step["side"] == "left" else leaf + beside
        leaf = hashlib.sha256(b"\x01" + pair).digest()
    of, number = _line(way["leaf"])[0], anchor["number"]
    if leaf != _digest(anchor["root"]):
        raise Altered(f"{of} : le chemin ne mène pas à l’ancrage")
    told = f"{of} : ce qui en est dit était dans l’ancrage n° {number}"
    if anchor["token"]:
        what, token = f"l’horodatage de l’ancrage n° {number}", _unbase64(anchor["token"])
        moment, clock, is_believed = stamped(token, b"", what, report.clocks, digest=leaf)
        who = _who(report, clock, is_believed, "de qui donne l’heure")
        told += f", horodaté le {_said(moment)} par {who}"
    else:
        report.left.append(f"L’heure de l’ancrage n° {number} : il n’est pas horodaté.")
    if report.anchors is not None:
        if (number, anchor["root"]) not in report.anchors:
            raise Altered(f"l’ancrage n° {number} n’est pas celui que le tiers conserve")
        told += ", le même que chez le tiers"
    report.proved.append(f"{told[0].upper()}{told[1:]}.")


def _line(leaf):
    """What an anchored line is of, and the digests of a paper that it tells: where its table tells
    them, and nowhere that somebody writes what he likes."""
    line = json.loads(leaf)
    if not isinstance(line, dict) or line.get("table") not in LINES:
        return "une ligne constatée", ()
    kind, naming, fields = LINES[line["table"]]
    told = line.get("facts") or {}
    _shaped({naming: told.get(naming, "")}, **{naming: str})
    return f"{kind} ({shown(told.get(naming, ''))})", [
        told[each] for each in fields if each in told
    ]


def _facts_of_the_act(report, files, proof):
    """The bytes and the words of the act are those that an anchored line tells."""
    _shaped(proof, sha256=str)
    leaves = [way["leaf"] for way in _listed(proof, "chemins") if _shaped(way, leaf=str)]
    digests = [each for leaf in leaves for each in _line(leaf)[1]]
    if leaves and proof["sha256"] not in digests:
        raise Altered("aucun ancrage ne parle de ce PDF")
    if WORDS in files:
        digest = hashlib.sha256(files[WORDS]).hexdigest()
        _shaped(proof["acte"], sha256_contenu=str)
        if digest != proof["acte"]["sha256_contenu"] or (leaves and digest not in digests):
            raise Altered("« acte.json » n’est pas le contenu de l’acte")
        report.proved.append("« acte.json » est, mot pour mot, ce que l’acte imprime.")


def _notice(report, proof):
    told = proof.get("convocation")
    if told is None:
        return
    _shaped(told, jours_francs=int, exiges=int, article=str, nature=str)
    sent, held = _date(told["envoyee_le"]), _date(proof["seance"])
    if max(0, (held - sent).days - 1) != told["jours_francs"]:
        raise Altered("le délai de la convocation n’est pas celui du calendrier")
    first = _date(told.get("premiere_remise_le", told["envoyee_le"]))
    last = "" if first == sent else f", remise à partir du {_day(first)}, ce jour-là au dernier"
    report.proved.append(
        f"Convocation du {_day(sent)}{last} "
        f"pour le {_day(held)} : {told['jours_francs']} jours francs, "
        f"{told['exiges']} exigés ({shown(told['article'])}) ; {shown(told['nature'])}."
    )


def _quorum(report, proof):
    told = proof.get("quorum")
    if told is None:
        return
    _shaped(told, presents=int, requis=int, en_exercice=int, titulaires=int, suppleants=int)
    _shaped(told, pouvoirs=int, atteint=bool, seconde_convocation=bool, base=str, article=str)
    if (told["presents"] >= told["requis"]) != told["atteint"]:
        raise Altered("le quorum dit ne suit pas de ses chiffres")
    counted = told["titulaires"] + told["suppleants"] + told["pouvoirs"]
    if told["base"] == "tetes" and counted != told["presents"]:
        raise Altered("le quorum ne fait pas le compte de ses présents")
    article = shown(told["article"])
    if told["seconde_convocation"]:
        report.proved.append(
            f"Seconde convocation : aucun quorum n’est exigé ; {told['presents']} présents sur "
            f"{told['en_exercice']} en exercice ({article})."
        )
        return
    report.proved.append(
        f"Quorum : {told['presents']} présents pour {told['requis']} requis sur "
        f"{told['en_exercice']} en exercice ({article})."
    )


def _vote(report, vote):
    _shaped(vote, question=str, nature=str)
    question = shown(vote["question"])
    if vote["nature"] == "élection":
        report.left.append(f"« {question} » : une élection, dont le dépouillement est dans l’acte.")
        return
    if vote["pour"] is None:
        report.left.append(f"« {question} » : le résultat est dit sans décompte.")
        return
    _shaped(vote, pour=int, contre=int, abstention=int, resultat=str, article=str)
    by_name = vote.get("par_nom")
    for choice, names in (by_name or {}).items():
        for each in names:
            _shaped(each, nom=str, voix=int)
        if sum(each["voix"] for each in names) != vote[choice]:
            raise Altered(f"« {question} » : les noms ne font pas le compte")
    result = shown(VERDICTS.get(vote["resultat"], vote["resultat"]))
    report.proved.append(
        f"Vote « {question} » : {vote['pour']} pour, {vote['contre']} contre, "
        f"{vote['abstention']} abstention{'s' if vote['abstention'] > 1 else ''}"
        f"{', compté sur les noms' if by_name else ''} : {result} ({shown(vote['article'])})."
    )


def _unproved(report, proof):
    report.left += unproved(proof)


def unproved(proof):
    """What a reader would look for in these facts, and they do not prove."""
    said = []
    for told in _listed(proof, "signatures"):
        _shaped(told, role=str, signataire=str, maniere=str)
        said.append(
            f"La signature de « {shown(told['signataire'])} » ({shown(told['role'])}, "
            f"{shown(told['maniere'])}{_worth(told)}) : ce vérificateur ne la lit pas ; un lecteur "
            "de PDF, ou la feuille signée, la montre."
        )
    seal = proof.get("cachet")
    if seal is not None and _worth(seal):
        _shaped(seal, au_nom_de=str)
        said.append(f"Le cachet de ce fichier{_worth(seal)} : « {shown(seal['au_nom_de'])} ».")
    kept = proof.get("convocation_non_remise")
    if kept is not None:
        said.append(
            "Qu’une convocation a été remise : elle a été établie le "
            f"{_day(_date(kept['etablie_le']))}, et rien n’en était parti d’ici."
        )
    sent = proof.get("convocation") or {}
    if sent.get("membres_sans_remise", 0):
        _shaped(sent, membres_sans_remise=int)
        said.append(
            "Que la convocation fut remise à chaque membre : pour "
            f"{sent['membres_sans_remise']}, rien ne le dit."
        )
    for told in _listed(sent, "declarees"):
        _shaped(told, combien=int, dit=str)
        said.append(
            f"Que la convocation fut remise le {_day(_date(told['le']))} ({told['combien']}) : "
            f"{shown(told['dit'])}, et aucun serveur ne l’atteste."
        )
    if proof.get("quorum") is None:
        said.append("Présents, quorum et votes : ce fichier ne les porte pas ; voyez l’acte.")
    return said


def _worth(told):
    is_shown = told.get("demonstration") is True
    return ", de démonstration, sans valeur juridique" if is_shown else ""


def _standing(report, proof):
    report.proved += standing(proof)


def standing(proof):
    """What had become of the act when the file was made: replaced, online, withdrawn."""
    said = []
    if "remplace_par" in proof:
        later = proof["remplace_par"]
        if later is None:
            said.append("À l’heure de ce fichier, aucune version n’avait remplacé l’acte.")
        else:
            _shaped(later, version=int, code=str)
            code = f" (code {shown(later['code'])})" if later["code"] else ""
            said.append(
                f"À l’heure de ce fichier, l’acte était remplacé par la version "
                f"{later['version']}{code}, établie le {_said(_moment(later['etablie_le']))}."
            )
    online = proof.get("publication")
    if online is not None and _shaped(online, code=str) and "retiree_le" in online:
        since = _said(_moment(online["en_ligne_le"]))
        if online["retiree_le"] is None:
            said.append(f"En ligne depuis le {since}.")
        else:
            _shaped(online, motif=str)
            until = _said(_moment(online["retiree_le"]))
            said.append(
                f"Mis en ligne le {since}, retiré le {until} : « {shown(online['motif'])} »."
            )
    return said


def _what_is_not(report, proof):
    report.left.append(
        "Que les personnes étaient dans la salle et ont voté ainsi : l’acte l’atteste, signé par "
        "ceux qui le signent ; ce fichier prouve qu’on n’y a rien changé depuis."
    )
    report.left.append(
        "Que les certificats n’étaient pas révoqués à cette heure : ce vérificateur ne lit aucune "
        "révocation."
    )
    if report.anchors is None:
        report.left.append(
            "Que le tiers conserve le même ancrage : donnez le fichier qu’il conserve."
        )
    if not _listed(proof, "chemins"):
        report.left.append("Que l’acte était au registre ce jour-là : aucun ancrage n’est joint.")
    if proof.get("transmission") is None:
        report.left.append("La transmission au contrôle de légalité : aucune preuve n’est jointe.")
    where = proof["verification"]
    _shaped(proof, verification=str)
    now = "Que l’acte est encore en vigueur"
    if proof.get("remplace_par") is not None:
        now = "Ce qui a suivi"
    report.left.append(f"{now} : l’adresse {shown(where)} le dit.")


def _shaped(told, **kinds):
    """Refuse facts that are not of these kinds: an exact count, words, yes or no."""
    for name, kind in kinds.items():
        value = told[name]
        if type(value) is not kind or (kind is int and not 0 <= value < 10**9):
            raise ValueError(name)
    return True


def _digest(said):
    if not re.fullmatch("[0-9a-f]{64}", said):
        raise ValueError(said)
    return bytes.fromhex(said)


def _unbase64(said):
    if not re.fullmatch("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", said):
        raise ValueError(said)
    return base64.b64decode(said)


def _date(said):
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
        raise ValueError(said)
    return date.fromisoformat(said)


def _moment(said):
    day, hour = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
    if not re.fullmatch(rf"{day}T{hour}\+00:00", said):
        raise ValueError(said)
    return datetime.fromisoformat(said)


def _day(day):
    return day.strftime("%d/%m/%Y")


def _said(moment):
    return moment.strftime("%d/%m/%Y à %H:%M:%S UTC")


# --- The command --------------------------------------------------------------------------------


def fingerprints(said, folder):
    """Those that are believed: given one by one, and those of the certificates of a folder."""
    found = {re.sub(r"[:\s]", "", each).lower() for each in said}
    for each in found:
        if not re.fullmatch("[0-9a-f]{64}", each):
            raise ValueError(f"une empreinte a 64 signes, de 0 à f : {each}")
    for path in sorted(folder.iterdir()) if folder else ():
        content = path.read_bytes()
        if path.suffix not in (".pem", ".crt"):
            continue
        parts = content.split(b"-----BEGIN CERTIFICATE-----")[1:]
        ders = [base64.b64decode(each.partition(b"-----END")[0]) for each in parts] or [content]
        found |= {Certificate(each).fingerprint for each in ders}
    return found


def anchors_of(path):
    """The anchors that a third party holds; a line that a killed server cut is left out."""
    lines = [each for each in path.read_text().splitlines() if re.fullmatch(r"\{.*\}", each)]
    return {(each["number"], each["root"]) for each in map(json.loads, lines)}


def main(arguments=None):
    """Say what is proved; 1 when something was altered, 3 when who vouches is not believed."""
    parser = argparse.ArgumentParser(description="Vérifie un fichier de preuve, sans réseau.")
    parser.add_argument("preuve", type=Path)
    parser.add_argument("--empreinte", action="append", default=[])
    parser.add_argument("--empreinte-heure", action="append", default=[])
    parser.add_argument("--autorites", type=Path)
    parser.add_argument("--autorites-heure", type=Path)
    parser.add_argument("--ancrages", type=Path)
    asked = parser.parse_args(arguments)
    try:
        with asked.preuve.open("rb") as file:
            data = file.read(MOST + 1)
        roots = fingerprints(asked.empreinte, asked.autorites)
        clocks = fingerprints(asked.empreinte_heure, asked.autorites_heure)
        anchors = anchors_of(asked.ancrages) if asked.ancrages else None
    except (OSError, ValueError, KeyError, TypeError, Altered) as error:
        parser.error(f"rien n’est vérifié, une de ces données ne se lit pas ({error})")
    report = verify(data, roots=roots, clocks=clocks, anchors=anchors)
    said = [report.verdict, ""]
    for title, lines in (
        ("ALTÉRÉ", report.broken),
        ("Prouvé", report.proved),
        ("Non prouvé", report.left),
    ):
        if lines:
            said += [title, *(f"  - {line}" for line in lines), ""]
    sys.stdout.reconfigure(errors="replace")  # a console may not know every letter
    sys.stdout.write("\n".join(said))
    if report.broken:
        return 1
    return 0 if report.is_sealer_believed and report.is_clock_believed else 3


if __name__ == "__main__":
    sys.exit(main())
