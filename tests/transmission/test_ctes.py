"""The messages of @CTES, against the schema of the ministry and against real ones."""

import csv
import gzip
import hashlib
import io
import tarfile
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from law.acts import Nature
from law.findings import Refused
from tests.transmission import samples
from transmission.ctes import (
    answers,
    classification,
    envelope,
    markup,
    messages,
    naming,
    proposing,
)
from transmission.ctes.answers import Kind
from transmission.ctes.messages import Act, File, Sender

MARCH = date(2026, 3, 10)
SENDER = Sender(
    siren="200000016",
    department="080",
    arrondissement="2",
    nature="42",
    name="Secrétariat — œuvres",
    phone="03 22 00 00 00",
    email="actes@brume.example.fr",
)
ACT = Act(
    sender=SENDER,
    number="2026_14",
    nature=Nature.DELIBERATION,
    matter="7.10",
    object="Régie d’avances – création & « tarifs » à 10 € <annexe>",
    decided_on=MARCH,
    classified_on=date(2026, 1, 2),
    document=File(name="extrait.pdf", content=b"%PDF-1.7 acte", typology="99_DE"),
    annexes=(
        File(name="Plan.PDF", content=b"%PDF-1.7 plan", typology="22_PN"),
        File(name="photo.jpg", content=b"\xff\xd8\xff photo", typology="99_DE"),
    ),
)
IDENTIFIER = "080-200000016-20260310-2026_14-DE"


def refused(call, *args, **kwargs) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as found:
        call(*args, **kwargs)
    (finding,) = found.value.findings
    assert finding.message and finding.remedy
    return finding.code


# --- What goes ---------------------------------------------------------------------------------


def test_an_act_is_called_as_the_samples_are():
    assert ACT.identifier == IDENTIFIER
    files = messages.named(IDENTIFIER, naming.ACT, ACT.files)
    assert [name for name, _ in files] == [
        f"99_DE-{IDENTIFIER}-1-1_1.pdf",
        f"22_PN-{IDENTIFIER}-1-1_2.pdf",
        f"99_DE-{IDENTIFIER}-1-1_3.jpg",
    ]
    assert naming.message(IDENTIFIER, naming.ACT) == f"{IDENTIFIER}-1-1_0.xml"
    assert naming.envelope("200000016", date(2026, 3, 11), 2) == "EACT--200000016--20260311-2"


@pytest.mark.parametrize("act", [
    pytest.param(ACT, id="avec annexes"),
    pytest.param(replace(ACT, annexes=()), id="sans annexe"),
    pytest.param(replace(ACT, matter="8.4.1.2.3"), id="cinq niveaux"),
    pytest.param(replace(ACT, replaces="080-200000016-20260210-2026_07-DE"), id="en remplace un"),
    pytest.param(replace(ACT, nature=Nature.INDIVIDUAL, number="A"), id="arrêté individuel"),
    pytest.param(replace(ACT, object="é" * 500), id="objet de cinq cents caractères"),
    pytest.param(replace(ACT, sender=replace(SENDER, department="02A", name="", phone="")),
                 id="en Corse, sans référent"),
])  # fmt: skip
def test_an_act_is_valid(act):
    message = messages.of_act(act)
    assert samples.faults(message) == []
    assert samples.faults(messages.of_envelope(act.sender, ["a.xml", "b.xml"])) == []
    root = markup.read(message)
    assert markup.text(root, "Objet") == " ".join(act.object.split())
    levels = [markup.child(root, f"CodeMatiere{rank}") for rank in range(1, 6)]
    said = [markup.attribute(each, "CodeMatiere") for each in levels if each is not None]
    assert ".".join(said) == act.matter


@pytest.mark.parametrize("transaction", [
    naming.LETTER_REPLY, naming.PIECES_REFUSED, naming.PIECES, naming.OBSERVATIONS_REFUSED,
    naming.OBSERVATIONS_REPLY,
])  # fmt: skip
def test_a_withdrawal_and_answers_are_valid(transaction):
    assert samples.faults(messages.of_cancellation(IDENTIFIER)) == []
    files = [f"99_DE-{IDENTIFIER}-{transaction}_1.pdf"]
    reply = messages.of_reply(transaction, IDENTIFIER, letter_on=MARCH, files=files)
    assert samples.faults(reply) == []


def test_the_archive_is_packed_as_the_samples_are():
    name, content = envelope.of_act(ACT, on=date(2026, 3, 11), rank=3)
    assert name == "EACT--200000016--20260311-3.tar.gz"
    files = dict(envelope.opened(content))
    assert list(files) == [
        "EACT--200000016--20260311-3.xml",
        f"{IDENTIFIER}-1-1_0.xml",
        *(name for name, _ in messages.named(IDENTIFIER, naming.ACT, ACT.files)),
    ]
    assert files[f"22_PN-{IDENTIFIER}-1-1_2.pdf"] == b"%PDF-1.7 plan"
    root = markup.read(files["EACT--200000016--20260311-3.xml"])
    sent = markup.child(root, "FormulairesEnvoyes", "Formulaire")
    assert markup.text(sent, "NomFichier") == f"{IDENTIFIER}-1-1_0.xml"
    # The same act makes the same bytes: sent twice, it is known again.
    assert envelope.of_act(ACT, on=date(2026, 3, 11), rank=3) == (name, content)


def test_what_is_too_heavy_does_not_go(monkeypatch):
    monkeypatch.setattr(envelope, "MOST", 2000)
    noise = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(250))
    heavy = File(name="a.pdf", content=noise, typology="99_DE")
    code = refused(envelope.of_act, replace(ACT, annexes=(heavy,)), on=MARCH, rank=1)
    assert code == "envoi_trop_lourd"


@pytest.mark.parametrize(("number", "rank", "expected"), [
    ("2026_14", 1, "2026_14"),
    ("2026_14", 2, "2026_14_2"),
    ("DEL2026031000014", 2, "2026031000014_2"),
    ("123456789012345", 12, "456789012345_12"),
])  # fmt: skip
def test_an_act_sent_again_has_another_number(number, rank, expected):
    assert naming.numbered(number, rank) == expected
    assert naming.NUMBER.fullmatch(expected)


# --- What comes --------------------------------------------------------------------------------

STELA = "stela-samples/"
# Fichier, nature, acte, jour, ce qui est dit.
READ = [
    ("034-491011698-20171207-CL20171227_06-DE-1-2_ARActe.xml", Kind.RECEIPT,
     "034-491011698-20171207-CL20171227_06-DE", date(2017, 12, 27), ""),
    ("aractes-2.xml", Kind.RECEIPT, "034-491011698-20171207-CL20171227_06-DE",
     date(2017, 12, 27), ""),
    # Trois fois l’acte reçu : le schéma n’en veut qu’un, on lit le premier.
    ("ar-actes.xml", Kind.RECEIPT, "069-123456789-20130601-20130623C-AI", date(2013, 6, 23), ""),
    (f"{STELA}006-210600235-20180522-684-AI-1-2_5279.xml", Kind.RECEIPT,
     "006-210600235-20180522-684-AI", date(2018, 5, 28), ""),
    (f"{STELA}044-214400152----1-3_1.xml", Kind.ANOMALY, "None", date(2018, 10, 12),
     "ODT-VERIF-01 : Votre acte a été transmis avec une date de classification qui n'est pas à "
     "jour"),
    (f"{STELA}044-214400152-20181106-TEST_DGCL_4-DE-6-2_10.xml", Kind.CANCELLED,
     "044-214400152-20181106-TEST_DGCL_4-DE", date(2018, 11, 28), ""),
    (f"{STELA}ANO_EACT--214400152--20180925-1.xml", Kind.ENVELOPE_ANOMALY, "None",
     date(2018, 9, 25), "ODT-VERIF-17 : La transaction que vous avez envoyé n'est pas reconnu "
     "dans l'application ACTES."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "kind", "identifier", "on", "words"),
    [pytest.param(*line, id=line[0]) for line in READ],
)
def test_every_real_answer_is_read(file, kind, identifier, on, words):
    found = answers.read(samples.read(file))
    assert (found.kind, str(found.identity), found.on) == (kind, identifier, on)
    assert found.words == words.replace("\u00a0", " ")


def test_an_acknowledgment_says_what_was_read():
    found = answers.read(samples.read(READ[0][0]))
    assert found.received == answers.Received(
        number="CL20171227_06",
        nature=Nature.DELIBERATION,
        decided_on=date(2017, 12, 7),
        matter="3.2",
        object="Fichier signé parapheur",
    )


def test_an_anomaly_is_of_the_act_whose_files_it_names():
    """What it had read of the act may say another day than its files: it is of either."""
    found = answers.read(samples.read(f"{STELA}044-214400152----1-3_1.xml"))
    assert found.code == "002"
    assert found.classified_on == date(2018, 10, 10)
    for identifier in ("044-214400152-20181012-123456-DE", "044-214400152-20181001-123456-DE"):
        assert found.is_of(naming.read(identifier))
    assert not found.is_of(naming.read("044-214400152-20181012-123457-DE"))


def test_letters_of_the_prefecture_are_read():
    """No real one could be had: these are made by the schema."""
    made = {
        Kind.LETTER: f"""<a:CourrierSimple xmlns:a="{markup.ACTES}" a:IDActe="{IDENTIFIER}"
            a:DateCourrierPref="2026-04-01"><a:Document><a:NomFichier>c.pdf</a:NomFichier>
            </a:Document></a:CourrierSimple>""",
        Kind.PIECES: f"""<a:DemandePieceComplementaire xmlns:a="{markup.ACTES}"
            a:IDActe="{IDENTIFIER}" a:DateCourrierPref="2026-04-01"><a:DescriptionPieces>Le plan
            </a:DescriptionPieces><a:Document><a:NomFichier>c.pdf</a:NomFichier></a:Document>
            </a:DemandePieceComplementaire>""",
        Kind.OBSERVATIONS: f"""<a:LettreObservations xmlns:a="{markup.ACTES}"
            a:IDActe="{IDENTIFIER}" a:DateCourrierPref="2026-04-01"><a:Motif>Le plan</a:Motif>
            <a:Document><a:NomFichier>c.pdf</a:NomFichier></a:Document></a:LettreObservations>""",
        Kind.DEFERRAL: f"""<a:DefereTA xmlns:a="{markup.ACTES}" a:IDActe="{IDENTIFIER}">
            <a:DateDepot>2026-04-01</a:DateDepot><a:NatureIllegalite>Le plan</a:NatureIllegalite>
            <a:PiecesJointes/></a:DefereTA>""",
        Kind.PIECES_RECEIPT: f"""<a:ARPieceComplementaire xmlns:a="{markup.ACTES}"
            a:DateReception="2026-04-01"><a:InfosCourrierPref a:IDActe="{IDENTIFIER}"
            a:DateCourrierPref="2026-03-20"/></a:ARPieceComplementaire>""",
        Kind.REPLY_RECEIPT: f"""<a:ARReponseRejetLettreObservations xmlns:a="{markup.ACTES}"
            a:DateReception="2026-04-01"><a:InfosCourrierPref a:IDActe="{IDENTIFIER}"
            a:DateCourrierPref="2026-03-20"/></a:ARReponseRejetLettreObservations>""",
    }
    for kind, message in made.items():
        assert samples.faults(message.encode()) == []
        found = answers.read(message.encode())
        assert (found.kind, str(found.identity)) == (kind, IDENTIFIER)
        assert found.on == date(2026, 4, 1)
        wanted = {Kind.PIECES, Kind.OBSERVATIONS, Kind.DEFERRAL}
        assert found.words == ("Le plan" if kind in wanted else "")


HEAD = f'<a:ARActe xmlns:a="{markup.ACTES}"'
BOMB = b"".join([
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">',
    *(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">'.encode() for n in range(12)),
    b"]><a>&e12;</a>",
])  # fmt: skip
# Some libraries read it, and no letter of the declaration is there in clear.
HIDDEN = b"""<?xml version="1.0" encoding="UTF-7"?>
+ADwAIQ-DOCTYPE a +AFsAPAAh-ENTITY e +ACI-x+ACIAPgBdAD4-
+ADw-a:ARActe xmlns:a+AD0AIg-%s+ACI-/+AD4-""" % markup.ACTES.encode().replace(b"#", b"+ACM-")


@pytest.mark.parametrize(("content", "code"), [
    pytest.param(b"", "xml_illisible", id="rien"),
    pytest.param(b"%PDF-1.7", "xml_illisible", id="un PDF"),
    pytest.param(b"<a>", "xml_illisible", id="à moitié"),
    pytest.param(b"<html/>", "xml_illisible", id="une page"),
    pytest.param(BOMB, "xml_illisible", id="des entités"),
    pytest.param(b"<!DOCTYPE a [" + b'<!ENTITY e "x">' * 70_000 + b"]><a/>", "xml_illisible",
                 id="un mégaoctet d’entités"),
    pytest.param(HEAD.encode("utf-16"), "xml_illisible", id="deux octets par lettre"),
    pytest.param(HIDDEN, "xml_illisible", id="des entités en UTF-7"),
    pytest.param(b" " * (markup.MOST + 1), "xml_trop_gros", id="trop gros"),
    pytest.param(f"{HEAD}/>".encode(), "reponse_sans_acte", id="sans acte"),
    pytest.param(f'{HEAD} a:IDActe="080"/>'.encode(), "reponse_sans_acte", id="acte mal nommé"),
    pytest.param(f'{HEAD} a:IDActe="080-200000016-20261310-1-DE"/>'.encode(), "reponse_sans_acte",
                 id="treizième mois"),
    pytest.param(f'{HEAD} a:IDActe="{IDENTIFIER}"/>'.encode(), "reponse_sans_date", id="sans date"),
    pytest.param(f'{HEAD} a:IDActe="{IDENTIFIER}" a:DateReception="hier"/>'.encode(),
                 "reponse_sans_date", id="date qui n’en est pas une"),
    pytest.param(messages.of_act(ACT), "pas_une_reponse", id="notre propre envoi"),
])  # fmt: skip
def test_what_is_no_answer_is_refused(content, code):
    assert refused(answers.read, content) == code


def archive(*files: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname = len(content), kind, "/etc/passwd"
            made.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_an_archive_of_answers_is_opened():
    receipt, letter = samples.read(READ[0][0]), samples.read(f"{STELA}044-214400152----1-3_1.xml")
    to = samples.read(f"{STELA}EACT--SPREF0441-214400152-20181012-9.xml")
    found = answers.dropped(
        archive(("e.xml", to), ("a/r.xml", receipt), ("o.xml", letter), ("o.pdf", b"%PDF")),
        name="reponses.tar.gz",
    )
    assert [(name, each.kind) for name, _, each in found.answers] == [
        ("r.xml", Kind.RECEIPT),
        ("o.xml", Kind.ANOMALY),
    ]
    assert (found.to, found.joined) == ("214400152", (("o.pdf", b"%PDF"),))


@pytest.mark.parametrize(("content", "code"), [
    pytest.param(gzip.compress(b"rien"), "archive_illisible", id="pas d’archive"),
    pytest.param(b"\x1f\x8b\x08", "archive_illisible", id="coupée"),
    pytest.param(archive(("a.pdf", b"%PDF")), "archive_sans_reponse", id="sans réponse"),
    pytest.param(archive(("a.xml", b""), kind=tarfile.SYMTYPE), "archive_etrange", id="un lien"),
    pytest.param(archive(*((f"{n}.pdf", b"") for n in range(501))), "archive_etrange",
                 id="trop de fichiers"),
])  # fmt: skip
def test_what_is_no_archive_of_answers_is_refused(content, code):
    assert refused(answers.dropped, content, name="r.tar.gz") == code


def test_an_archive_that_swells_is_refused(monkeypatch):
    monkeypatch.setattr(envelope, "_MOST_UNPACKED", 10_000)
    swollen = archive(("a.xml", b" " * 100_000))
    assert len(swollen) < 1000
    assert refused(answers.dropped, swollen, name="r.tar.gz") in (
        "archive_etrange",
        "archive_illisible",
    )


# --- The classification ------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "on", "count", "kinds"), [
    ("classification-exemple-s2low.xml", date(2019, 3, 1), 57, 18),
    ("classification-megalis.xml", None, 57, 1),
    ("exemple_codes_matieres.xml", date(2017, 12, 8), 57, 1),
    # Natures sans types de pièces : le schéma n’en veut pas, on les lit.
    ("exemple_codes_matieres-short.xml", None, 1, 0),
    ("classification-faketdt.xml", date(2004, 4, 1), 57, 0),
])  # fmt: skip
def test_every_real_classification_is_read(file, on, count, kinds):
    found = classification.read(samples.read(file))
    assert on in (None, found.on)
    second = [each for each in found.matters if each.code.count(".") == 1]
    assert len(second) >= count - 3
    assert len(found.kinds("1")) >= kinds
    codes = [tuple(map(int, each.code.split("."))) for each in found.matters]
    assert all(before < after for before, after in pairwise(codes))


def test_a_matter_is_said_with_its_name():
    found = classification.read(samples.read("classification-exemple-s2low.xml"))
    assert found.label("7.10") == "7.10\u00a0Divers"
    assert found.path("7.10") == "Finances locales / Divers"
    assert found.label("7.1").startswith("7.1\u00a0Decisions")
    assert found.label("7.99") == "7.99"  # it is kept, whatever becomes of the classification
    assert found.kinds("1")["99_DE"] == "Délibération"


@pytest.mark.parametrize(("inside", "code"), [
    ("", "classification_incomplete"),
    ("<a:DateClassification>2026-01-02</a:DateClassification>", "classification_incomplete"),
])  # fmt: skip
def test_what_is_no_classification_is_refused(inside, code):
    made = f'<a:RetourClassification xmlns:a="{markup.ACTES}">{inside}</a:RetourClassification>'
    assert refused(classification.read, made.encode()) == code
    assert refused(classification.read, messages.of_act(ACT)) == "pas_une_classification"


# --- A matter, proposed ------------------------------------------------------------------------

KNOWN = {
    *(f"1.{n}" for n in range(1, 8)),
    *(f"{n}.1" for n in (2, 3)),
    *(f"3.{n}" for n in range(2, 7)),
    *(f"4.{n}" for n in range(1, 6)),
    *(f"5.{n}" for n in range(1, 9)),
    *(f"7.{n}" for n in range(1, 11)),
    *(f"8.{n}" for n in range(1, 10)),
    "9.4",
}


@pytest.mark.parametrize(("title", "matter"), [
    ("Vote du budget primitif 2026", "7.1"),
    ("Décision modificative n° 1", "7.1"),
    ("Approbation du compte financier unique 2025", "7.1"),
    ("Souscription d’un emprunt de 200 000 €", "7.3"),
    ("Demande de subvention auprès du FEDER", "7.5"),
    ("Contributions statutaires des membres pour 2026", "7.6"),
    ("Création d’une régie d’avances", "7.10"),
    ("Attribution du marché de maintenance", "1.1"),
    ("Groupement de commandes pour l’achat d’énergie", "1.1"),
    ("Marché de maîtrise d’œuvre du siège", "1.6"),
    ("Convention de partenariat avec l’UGAP", "1.4"),
    ("Tableau des effectifs", "4.1"),
    ("Mise en place du RIFSEEP", "4.5"),
    ("Élection du président", "5.1"),
    ("Désignation des représentants au CNAS", "5.3"),
    ("Délégation d’attributions au Bureau", "5.4"),
    ("Règlement intérieur du comité", "5.2"),
    ("Adhésion de la communauté de communes de Brume", "5.7"),
    ("Indemnités de fonction des élus", "5.6"),
    ("Vœu pour le maintien de la trésorerie", "9.4"),
    ("Acquisition d’un terrain à Brume", "3.1"),
    ("Déploiement de la fibre optique", "8.4"),
    ("Plan local d’urbanisme de Brume : modification simplifiée", "2.1"),
    ("Eau potable, périmètre de l’usine : choix du délégataire", "1.2"),
    ("Taux de la cotisation foncière des entreprises", "7.2"),
    ("Programme local de l’habitat", "8.5"),
    ("Élection de la commission d’appel d’offres", "5.3"),
    ("Protection fonctionnelle d’un agent", "4.1"),
    ("Protection fonctionnelle du président", "5.6"),
    ("Retrait de la subvention à l’association", "7.5"),
    ("Retrait de la commune de Brume", "5.7"),
    ("Questions diverses", None),
    ("", None),
])  # fmt: skip
def test_a_matter_is_proposed_from_the_title(title, matter):
    found = proposing.matter(title, KNOWN)
    assert (found.matter if found else None) == matter
    if found:
        assert all(word in title for word in found.words)
        assert found.why.startswith("d’après «\u00a0")


def test_most_real_titles_are_given_a_matter():
    """Those of a métropole, typed by students: none of them says its own."""
    content = samples.read("../scdl/deliberations-metropole-saint-etienne.csv").decode()
    titles = {row["DELIB_OBJET"] for row in csv.DictReader(io.StringIO(content))}
    said = [title for title in titles if proposing.matter(title, KNOWN)]
    assert len(said) >= 0.85 * len(titles)


def test_nothing_is_proposed_that_the_prefecture_does_not_know():
    assert proposing.matter("Souscription d’un emprunt", KNOWN - {"7.3"}) is None


KINDS = {"99_DE": "Délibération", "22_CO": "Convention", "22_PN": "Plans", "12_AV": "Avis du maire"}


@pytest.mark.parametrize(("title", "kind"), [
    ("Convention de groupement", "22_CO"),
    ("Conventions types", "22_CO"),
    ("Plan de situation", "22_PN"),
    ("Projet de convention", "99_DE"),  # it is a draft of one
    ("Avis de la commission", "12_AV"),
    ("Note", "99_DE"),
    ("", "99_DE"),
])  # fmt: skip
def test_the_kind_of_a_file_is_proposed_from_its_title(title, kind):
    assert proposing.kind(title, KINDS, "99_DE") == kind
    assert proposing.kind(title, {}, "99_DE") == "99_DE"
    assert proposing.kind(title, KINDS | {"12_AA": "Avis divers"}, "99_DE") == (
        "99_DE" if kind == "12_AV" else kind
    )
