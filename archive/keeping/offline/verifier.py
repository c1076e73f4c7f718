#!/usr/bin/env python3
"""Vérifie un fichier de preuve, sans réseau ni rien installer : python3 verifier.py preuve.zip

    --autorites DOSSIER   certificats (.pem, .crt) des autorités que vous croyez
    --empreinte EMPREINTE celle du cachet ou de l’autorité que vous croyez (SHA-256, 64 signes)
    --ancrages FICHIER    le fichier des ancrages qu’un tiers conserve

Dit en français ce qui est prouvé, ce qui ne l’est pas, et rend 1 si quelque chose a été altéré.

It stands alone on purpose: the standard library, one file, to be read in an hour by whoever has to
believe it. It knows DER, CMS (RFC 5652), time stamps (RFC 3161), RSA and ECDSA, no more than the
proofs hold. The same checks are in verifier.html, for who has a browser and no Python.
"""

import argparse
import base64
import hashlib
import json
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

FORMAT = "somme_gov/preuve/1"
MOST = 200 * 1024 * 1024  # bytes of a file of the proof, unpacked
MANIFESTS = {
    "META-INF/ASiCManifest001.xml": "META-INF/timestamp001.tst",
    "META-INF/ASiCManifest002.xml": "META-INF/signature001.p7s",
}


WORDS = {"adopte": "adoptée", "rejete": "rejetée"}


class Altered(Exception):
    """Something in the proof is not as it was made: what, in French."""


# --- DER ----------------------------------------------------------------------------------------


class Node:
    """One value of DER: its tag, its content, and the bytes it was read from."""

    def __init__(self, data, start=0):
        try:
            self.tag = data[start]
            length, at = data[start + 1], start + 2
            if length & 0x80:
                size = length & 0x7F
                if not 0 < size <= 4:
                    raise Altered("un codage DER est illisible")
                length, at = int.from_bytes(data[at : at + size], "big"), at + size
        except IndexError:
            raise Altered("un codage DER est coupé") from None
        self.end = at + length
        if self.end > len(data):
            raise Altered("un codage DER est coupé")
        self.body, self.whole = data[at : self.end], data[start : self.end]

    def __iter__(self):
        at = 0
        while at < len(self.body):
            node = Node(self.body, at)
            yield node
            at = node.end

    def __getitem__(self, rank):
        for number, node in enumerate(self):
            if number == rank:
                return node
        raise Altered("il manque une valeur dans un codage DER")

    @property
    def number(self):
        return int.from_bytes(self.body, "big", signed=True)

    @property
    def oid(self):
        values, value = [], 0
        for byte in self.body:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                values.append(value)
                value = 0
        if not values:
            raise Altered("un identifiant DER est vide")
        first = min(values[0] // 40, 2)
        return ".".join(map(str, [first, values[0] - 40 * first, *values[1:]]))

    @property
    def moment(self):
        text = self.body.decode("ascii", "replace").rstrip("Z").partition(".")[0]
        if self.tag == 0x17:  # UTCTime, of this century until 2049
            text = ("20" if int(text[:2]) < 50 else "19") + text
        try:
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise Altered("une heure est illisible") from None


HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
SIGNED_WITH = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
MESSAGE_DIGEST, COMMON_NAME = "1.2.840.113549.1.9.4", "2.5.4.3"
EXTENDED_USAGE, TIME_STAMPING = "2.5.29.37", "1.3.6.1.5.5.7.3.8"
RSA, ELLIPTIC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
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

# --- Signatures ---------------------------------------------------------------------------------


class Certificate:
    """What is read of an X.509 certificate."""

    def __init__(self, der):
        self.der = der
        signed, algorithm, signature = list(Node(der))[:3]
        parts = list(signed)
        if parts[0].tag == 0xA0:
            parts = parts[1:]
        self.serial, self.issuer, self.subject = parts[0].number, parts[2].whole, parts[4].whole
        self.begins, self.ends = (each.moment for each in parts[3])
        self.key = parts[5]
        self.signed, self.signature = signed.whole, signature.body[1:]
        self.hash = SIGNED_WITH.get(algorithm[0].oid)
        self.name = _common_name(parts[4])
        self.tells_time = TIME_STAMPING in _usages(parts[6:])

    @property
    def fingerprint(self):
        return hashlib.sha256(self.der).hexdigest()

    def signed_by(self, other):
        if other.subject != self.issuer or self.hash is None:
            return False
        return is_signed(self.signed, self.signature, self.hash, other.key)


def _common_name(name):
    for part in name:
        for pair in part:
            if pair[0].oid == COMMON_NAME:
                return pair[1].body.decode("utf-8", "replace")
    return "sans nom"


def _usages(parts):
    for part in parts:
        if part.tag == 0xA3:
            for extension in part[0]:
                values = list(extension)
                if values[0].oid == EXTENDED_USAGE:
                    return {each.oid for each in Node(values[-1].body)}
    return set()


def is_signed(message, signature, name, key):
    """Whether this key (SubjectPublicKeyInfo) signed this message."""
    kind, bits = key[0][0].oid, key[1].body[1:]
    if kind == RSA:
        return _rsa(hashlib.new(name, message).digest(), signature, name, Node(bits))
    if kind == ELLIPTIC and key[0][1].oid in CURVES:
        return _ecdsa(hashlib.new(name, message).digest(), signature, CURVES[key[0][1].oid], bits)
    raise Altered("une signature est d’un genre que ce vérificateur ne lit pas")


def _rsa(digest, signature, name, key):
    modulus, exponent = key[0].number, key[1].number
    size = (modulus.bit_length() + 7) // 8
    opened = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    oid = {"sha256": 1, "sha384": 2, "sha512": 3}[name]
    info = bytes.fromhex("300d06096086480165030402") + bytes([oid, 5, 0, 4, len(digest)]) + digest
    told = b"\x30" + bytes([len(info)]) + info
    return opened == b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told


def _ecdsa(digest, signature, curve, bits):
    p, a, b, n, gx, gy = curve
    size = (len(bits) - 1) // 2
    x, y = (int.from_bytes(bits[1 + i * size : 1 + (i + 1) * size], "big") for i in (0, 1))
    if bits[0] != 4 or (y * y - (x * x * x + a * x + b)) % p:
        return False
    pair = Node(signature)
    r, s = pair[0].number, pair[1].number
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


class Signed:
    """A CMS signature: what it holds, who signed, and up to which authority."""

    def __init__(self, der, what):
        outer = Node(der)
        if outer[0].oid != SIGNED_DATA:
            raise Altered(f"{what} n’est pas une signature")
        parts = list(outer[1][0])
        content = parts[2]
        self.kind = content[0].oid
        inner = list(content)
        self.content = inner[1][0].body if len(inner) > 1 else None
        certificates = next((each for each in parts if each.tag == 0xA0), ())
        self.certificates = [Certificate(each.whole) for each in certificates if each.tag == 0x30]
        self.signer, self.what = parts[-1][0], what

    def check(self, message):
        """The certificate that signed this message, and those that vouch for it."""
        parts = list(self.signer)
        issuer, serial = parts[1][0].whole, parts[1][1].number
        found = [c for c in self.certificates if (c.issuer, c.serial) == (issuer, serial)]
        name = HASHES.get(parts[2][0].oid)
        if not found or name is None or parts[3].tag != 0xA0:
            raise Altered(f"{self.what} ne dit pas qui signe")
        told = [pair[1][0].body for pair in parts[3] if pair[0].oid == MESSAGE_DIGEST]
        if told != [hashlib.new(name, message).digest()]:
            raise Altered(f"{self.what} porte sur autre chose")
        attributes = b"\x31" + parts[3].whole[1:]  # signed as a SET, RFC 5652 5.4
        if not is_signed(attributes, parts[5].body, name, found[0].key):
            raise Altered(f"{self.what} n’est pas intacte")
        return self._chain(found[0])

    def _chain(self, certificate):
        chain = [certificate]
        while chain[-1].subject != chain[-1].issuer:
            above = [c for c in self.certificates if chain[-1].signed_by(c) and c not in chain]
            if not above:
                break
            chain.append(above[0])
        return chain


def stamped(token, message, what, *, digest=None):
    """When, and by which chain of certificates, this message (or this digest) was time-stamped."""
    signed = Signed(token, what)
    if signed.kind != TST_INFO or signed.content is None:
        raise Altered(f"{what} n’est pas un horodatage")
    chain = signed.check(signed.content)
    told = list(Node(signed.content))
    name = HASHES.get(told[2][0][0].oid)
    if name is None or told[2][1].body != (digest or hashlib.new(name, message).digest()):
        raise Altered(f"{what} porte sur autre chose")
    moment = next(each.moment for each in told if each.tag == 0x18)
    if not chain[0].tells_time:
        raise Altered(f"{what} vient d’un certificat qui ne donne pas l’heure")
    if not chain[0].begins <= moment <= chain[0].ends:
        raise Altered(f"{what} est hors de la validité de son certificat")
    return moment, chain


# --- The proof ----------------------------------------------------------------------------------


class Report:
    """What was found, in the order in which it was looked at."""

    def __init__(self):
        self.proved, self.broken, self.left = [], [], []

    def look(self, check, *args):
        try:
            check(self, *args)
        except Altered as error:
            self.broken.append(str(error))
        except Exception as error:  # whatever a forged file may hold
            self.broken.append(f"une partie est illisible ({type(error).__name__})")


def verify(content, *, roots=(), anchors=None):
    """Everything that can be said of this file (a binary file object, or a path)."""
    report = Report()
    try:
        with zipfile.ZipFile(content) as archive:
            files = _files(archive)
        proof = json.loads(files["preuve.json"])
        if proof["format"] != FORMAT:
            raise Altered("ce fichier de preuve est d’une autre version")
    except Altered as error:
        report.broken.append(str(error))
        return report
    except Exception:
        report.broken.append("ce n’est pas un fichier de preuve, ou il est abîmé")
        return report
    for manifest, token in MANIFESTS.items():
        report.look(_manifest, files, manifest, token, roots)
    report.look(_act, files, proof)
    for way in proof.get("chemins", ()):
        report.look(_way, way, roots, anchors)
    report.look(_facts_of_the_act, files, proof)
    report.look(_notice, proof)
    report.look(_quorum, proof)
    for vote in proof.get("votes", ()):
        report.look(_vote, vote)
    _what_is_not(report, proof, roots, anchors)
    return report


def _files(archive):
    files = {}
    for info in archive.infolist():
        if info.file_size > MOST or info.compress_type or info.filename in files:
            raise Altered(
                "ce fichier de preuve est démesuré, comprimé, ou nomme deux fois un fichier"
            )
        files[info.filename] = archive.read(info)
    return files


def _manifest(report, files, name, token, roots):
    if name not in files or token not in files:
        raise Altered("il n’est pas horodaté" if "timestamp" in token else "il n’est pas scellé")
    namespace = "{http://uri.etsi.org/02918/v1.2.1#}"
    if b"<!" in files[name]:
        raise Altered("son manifeste déclare ce qu’un manifeste ne déclare pas")
    told = ElementTree.fromstring(files[name])  # noqa: S314 without declarations nothing grows
    covered = {}
    for reference in told.iter(f"{namespace}DataObjectReference"):
        value = reference.find("{http://www.w3.org/2000/09/xmldsig#}DigestValue").text
        covered[reference.get("URI")] = base64.b64decode(value)
    expected = {each for each in files if not each.startswith("META-INF/")} - {"mimetype"}
    if missing := expected - covered.keys():
        raise Altered(f"« {min(missing)} » n’est pas de ce fichier de preuve : il y a été ajouté")
    for uri, digest in covered.items():
        if uri not in files:
            raise Altered(f"« {uri} » a été retiré")
        if hashlib.sha256(files[uri]).digest() != digest:
            raise Altered(f"« {uri} » a été modifié")
    if "timestamp" in token:
        moment, chain = stamped(files[token], files[name], "l’horodatage du fichier")
        report.proved.append(
            f"Ces {len(covered)} fichiers existaient tels quels le {_said(moment)}, selon "
            f"{_who(chain, roots)}."
        )
    else:
        chain = Signed(files[token], "le cachet").check(files[name])
        report.proved.append(f"Ils sont scellés par {_who(chain, roots)}.")


def _who(chain, roots):
    top = chain[-1]
    believed = any(each.fingerprint in roots for each in chain)
    above = f", garanti par « {top.name} »" if len(chain) > 1 else ""
    told = "que vous croyez" if believed else f"à vérifier, empreinte {chain[0].fingerprint}"
    return f"« {chain[0].name} »{above} ({told})"


def _act(report, files, proof):
    act = proof["acte"]
    digest = hashlib.sha256(files[proof["fichier"]]).hexdigest()
    if digest != proof["sha256"]:
        raise Altered("le PDF n’est pas celui dont parle la preuve")
    report.proved.append(
        f"Le PDF joint est « {act['titre']} », {proof['fichier_est']}, de {proof['organisation']} "
        f"(empreinte {digest[:16]}…)."
    )


def _way(report, way, roots, anchors):
    leaf = hashlib.sha256(b"\x00" + way["leaf"].encode()).hexdigest()
    for step in way["path"]:
        left, right = (step["hash"], leaf) if step["side"] == "left" else (leaf, step["hash"])
        leaf = hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
    anchor = way["anchor"]
    if leaf != anchor["root"]:
        raise Altered(f"{way['de']} : le chemin ne mène pas à l’ancrage")
    told = f"{way['de']} : ce qui en est dit était dans l’ancrage n° {anchor['number']}"
    if anchor["token"]:
        moment, chain = stamped(
            base64.b64decode(anchor["token"]),
            b"",
            f"l’horodatage de l’ancrage n° {anchor['number']}",
            digest=bytes.fromhex(anchor["root"]),
        )
        told += f", horodaté le {_said(moment)} par {_who(chain, roots)}"
    else:
        report.left.append(f"L’ancrage n° {anchor['number']} n’est pas horodaté.")
    if anchors is not None:
        kept = {(each["number"], each["root"]) for each in anchors}
        if (anchor["number"], anchor["root"]) not in kept:
            raise Altered(f"l’ancrage n° {anchor['number']} n’est pas celui que le tiers conserve")
        told += ", le même que chez le tiers"
    report.proved.append(f"{told[0].upper()}{told[1:]}.")


def _facts_of_the_act(report, files, proof):
    """The bytes and the words of the act are those that an anchored line tells."""
    leaves = [way["leaf"] for way in proof.get("chemins", ())]
    if leaves and not any('"' + proof["sha256"] + '"' in leaf for leaf in leaves):
        raise Altered("aucun ancrage ne parle de ce PDF")
    if "acte.json" in files:
        digest = hashlib.sha256(files["acte.json"]).hexdigest()
        if digest != proof["acte"]["sha256_contenu"] or (
            leaves and not any('"' + digest + '"' in leaf for leaf in leaves)
        ):
            raise Altered("« acte.json » n’est pas le contenu de l’acte")
        report.proved.append("« acte.json » est, mot pour mot, ce que l’acte imprime.")


def _notice(report, proof):
    told = proof.get("convocation")
    if not told:
        return
    sent, held = date.fromisoformat(told["envoyee_le"]), date.fromisoformat(proof["seance"])
    if (held - sent).days - 1 < told["jours_francs"] or told["jours_francs"] < 0:
        raise Altered("le délai de la convocation n’est pas celui du calendrier")
    report.proved.append(
        f"Convocation du {_day(sent)} pour le {_day(held)} : {told['jours_francs']} jours francs, "
        f"{told['exiges']} exigés ({told['article']}) ; {told['nature']}."
    )


def _quorum(report, proof):
    told = proof.get("quorum")
    if not told:
        return
    if (told["presents"] >= told["requis"]) != told["atteint"]:
        raise Altered("le quorum dit ne suit pas de ses chiffres")
    counted = told["titulaires"] + told["suppleants"] + told["pouvoirs"]
    if told["base"] == "tetes" and counted != told["presents"]:
        raise Altered("le quorum ne fait pas le compte de ses présents")
    if told["seconde_convocation"]:
        report.proved.append(
            f"Seconde convocation : aucun quorum n’est exigé ; {told['presents']} présents sur "
            f"{told['en_exercice']} en exercice ({told['article']})."
        )
        return
    report.proved.append(
        f"Quorum : {told['presents']} présents pour {told['requis']} requis sur "
        f"{told['en_exercice']} en exercice ({told['article']})."
    )


def _vote(report, vote):
    if vote["nature"] == "élection":
        report.left.append(
            f"« {vote['question']} » : une élection, dont le dépouillement est dans l’acte."
        )
        return
    if vote["pour"] is None:
        report.left.append(f"« {vote['question']} » : le résultat est dit sans décompte.")
        return
    for choice, names in vote.get("par_nom", {}).items():
        if sum(each["voix"] for each in names) != vote[choice]:
            raise Altered(f"« {vote['question']} » : les noms ne font pas le compte")
    by_name = ", compté sur les noms" if vote.get("par_nom") else ""
    report.proved.append(
        f"Vote « {vote['question']} » : {vote['pour']} pour, {vote['contre']} contre, "
        f"{vote['abstention']} abstention{'s' if vote['abstention'] > 1 else ''}{by_name} : "
        f"{WORDS.get(vote['resultat'], vote['resultat'])} ({vote['article']})."
    )


def _what_is_not(report, proof, roots, anchors):
    report.left.append(
        "Que les personnes étaient dans la salle et ont voté ainsi : l’acte l’atteste, signé par "
        "ceux qui le signent ; ce fichier prouve qu’on n’y a rien changé depuis."
    )
    if not roots:
        report.left.append(
            "Que les certificats sont bien ceux qu’ils disent : quiconque peut en faire un à ce "
            "nom. Comparez leurs empreintes à celles que l’organisation publie, puis donnez "
            "--empreinte."
        )
    if anchors is None:
        report.left.append("Que le tiers conserve le même ancrage : donnez --ancrages.")
    if not proof.get("chemins"):
        report.left.append("Que l’acte était au registre ce jour-là : aucun ancrage n’est joint.")
    if not proof.get("transmission"):
        report.left.append("La transmission au contrôle de légalité : aucune preuve n’est jointe.")
    report.left.append(
        f"Que l’acte est encore en vigueur : l’adresse {proof['verification']} le dit."
    )


def _day(day):
    return day.strftime("%d/%m/%Y")


def _said(moment):
    return (moment + timedelta()).strftime("%d/%m/%Y à %H:%M:%S UTC")


# --- The command --------------------------------------------------------------------------------


def roots_in(folder):
    """The fingerprints of the certificates of a folder."""
    found = set()
    for path in Path(folder).iterdir():
        if path.suffix in (".pem", ".crt"):
            for part in path.read_text().split("-----BEGIN CERTIFICATE-----")[1:]:
                der = base64.b64decode(part.partition("-----END")[0])
                found.add(hashlib.sha256(der).hexdigest())
    return found


def main(arguments=None):
    """Say what is proved; 1 when something was altered."""
    parser = argparse.ArgumentParser(description="Vérifie un fichier de preuve, sans réseau.")
    parser.add_argument("preuve", type=Path)
    parser.add_argument("--autorites", type=Path)
    parser.add_argument("--empreinte", action="append", default=[])
    parser.add_argument("--ancrages", type=Path)
    asked = parser.parse_args(arguments)
    anchors = None
    if asked.ancrages:
        lines = asked.ancrages.read_text().splitlines()
        anchors = [
            json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")
        ]
    roots = {each.lower() for each in asked.empreinte}
    if asked.autorites:
        roots |= roots_in(asked.autorites)
    report = verify(asked.preuve, roots=roots, anchors=anchors)
    for title, lines in (
        ("ALTÉRÉ", report.broken),
        ("Prouvé", report.proved),
        ("Non prouvé", report.left),
    ):
        if lines:
            sys.stdout.write("\n".join(["", title, *(f"  - {line}" for line in lines), ""]))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
