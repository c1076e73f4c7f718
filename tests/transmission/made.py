"""Acts ready to be sent, and what a prefecture answers: made by the verbs, and by the schema."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from meetings.models import Meeting
from members.models import Organisation
from registry.models import Deliberation
from tests import held
from tests.cast import Cast, change
from tests.held import JUNE
from transmission import reading
from transmission.actions import sending, sheets
from transmission.ctes import markup, naming
from transmission.models import Classification, Errand, Operator, Transmission
from transmission.operators import carrying

AT = timezone.make_aware(datetime(2026, 6, 16, 9, 30))
LATER = AT + timedelta(days=2)
RECEIVED = date(2026, 6, 17)

_MATTERS = (
    ("1", "Commande publique", (("1", "Marchés publics"), ("4", "Autres contrats"))),
    ("5", "Institutions et vie politique", (("2", "Fonctionnement des assemblées"),)),
    (
        "7",
        "Finances locales",
        (("1", "Décisions budgétaires"), ("3", "Emprunts"), ("10", "Divers")),
    ),
)


def classification(on: str = "2026-01-02", *, without: str = "") -> bytes:
    """The file of a prefecture, dated of that day."""
    matters = "".join(
        f'<a:Matiere1 a:CodeMatiere="{first}" a:Libelle="{name}">'
        + "".join(
            f'<a:Matiere2 a:CodeMatiere="{second}" a:Libelle="{label}"/>'
            for second, label in below
            if f"{first}.{second}" != without
        )
        + "</a:Matiere1>"
        for first, name, below in _MATTERS
    )
    kinds = '<a:TypePJNatureActe a:CodeTypePJ="99_DE" a:Libelle="Délibération"/>'
    kinds += '<a:TypePJNatureActe a:CodeTypePJ="22_PN" a:Libelle="Plans"/>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
        <a:RetourClassification xmlns:a="{markup.ACTES}">
        <a:DateClassification>{on}</a:DateClassification><a:NaturesActes>
        <a:NatureActe a:CodeNatureActe="1" a:Libelle="Délibérations" a:TypeAbrege="DE">{kinds}
        </a:NatureActe><a:NatureActe a:CodeNatureActe="4" a:Libelle="Contrats" a:TypeAbrege="CC">
        <a:TypePJNatureActe a:CodeTypePJ="99_DC" a:Libelle="Contrat"/></a:NatureActe>
        </a:NaturesActes><a:Matieres>{matters}</a:Matieres>
        </a:RetourClassification>""".encode()


def known(organisation: Organisation) -> None:
    """An organisation that the prefecture knows, with its classification."""
    change(
        organisation,
        siret="20000001600010",
        department="080",
        arrondissement="2",
        ctes_nature="42",
        ctes_email="actes@brume.example.fr",
    )
    classify(organisation)


def classify(organisation: Organisation, on: str = "2026-01-02", **more: str) -> Classification:
    return sheets.import_classification(
        organisation, classification(on, **more), name="retour.xml", by=None, at=AT
    )


def sitting(cast: Cast, *titles: str, on: date = JUNE, **more) -> Meeting:
    """A sitting of which the extracts are established, of an organisation that is known."""
    if not cast.organisation.siret:
        known(cast.organisation)
    meeting = held.hold(cast, on, adopted=titles or ("Budget primitif",), **more)
    held.issue_acts(meeting, by=cast.secretariat)
    return meeting


def told(deliberation: Deliberation, **more) -> sheets.Told:
    """What its sheet proposes, but for what is said."""
    row = reading.row_of(deliberation)
    values = {
        "nature": row.sheet.nature,
        "matter": row.sheet.matter or "7.10",
        "object": row.sheet.object,
        "typology": row.sheet.typology,
        "annexes": {each["attachment"]: each["typology"] for each in row.sheet.annexes},
    }
    return sheets.Told(**values | more)


def confirm(deliberation: Deliberation, cast: Cast, **more):
    said = told(deliberation, **{"verified": True} | more)
    return sheets.confirm(deliberation, said, by=cast.secretariat, at=AT)


def prepared(cast: Cast, meeting: Meeting) -> tuple[Transmission, ...]:
    """The sending of each act of this sitting, made."""
    for each in meeting.deliberations.all():
        confirm(each, cast)
    batch = sending.prepare_sitting(meeting, by=cast.secretariat, at=AT)
    assert batch.refused == ()
    return batch.done


def answer(sent: Transmission, kind: str = "ARActe", *, on: date = RECEIVED, **more) -> bytes:
    """What the prefecture answers of this sending."""
    identity = naming.read(sent.identifier)
    number, day = more.get("number", identity.number), more.get("decided_on", identity.decided_on)
    root = sent.identifier
    received = f"""<a:ActeRecu a:Date="{day}" a:NumeroInterne="{number}"
        a:CodeNatureActe="{more.get("nature", "1")}"><a:CodeMatiere1 a:CodeMatiere="7"/>
        <a:CodeMatiere2 a:CodeMatiere="10"/><a:Objet>{more.get("object", "Budget")}</a:Objet>
        <a:ClassificationDateVersion>2026-01-02</a:ClassificationDateVersion><a:Document>
        <a:NomFichier>99_DE-{root}-1-1_1.pdf</a:NomFichier></a:Document><a:Annexes a:Nombre="0"/>
        <a:DocumentPapier>N</a:DocumentPapier></a:ActeRecu><a:ClassificationDateVersionEnCours
        >2026-01-02</a:ClassificationDateVersionEnCours>"""
    letter = f'a:IDActe="{root}" a:DateCourrierPref="{on}"'
    file = "<a:Document><a:NomFichier>lettre.pdf</a:NomFichier></a:Document>"
    words = more.get("words", "Il manque le plan.")
    body = {
        "ARActe": f'a:IDActe="{root}" a:DateReception="{on}">{received}',
        "AnomalieActe": f"><a:Date>{on}</a:Date><a:Nature>002</a:Nature><a:Detail>{words}"
        f"</a:Detail>{received}",
        "ARAnnulation": f'a:IDActe="{root}" a:DateReception="{on}">',
        "CourrierSimple": f"{letter}>{file}",
        "DemandePieceComplementaire": f"{letter}><a:DescriptionPieces>{words}"
        f"</a:DescriptionPieces>{file}",
        "LettreObservations": f"{letter}><a:Motif>{words}</a:Motif>{file}",
        "DefereTA": f'a:IDActe="{root}"><a:DateDepot>{on}</a:DateDepot><a:NatureIllegalite>{words}'
        "</a:NatureIllegalite><a:PiecesJointes/>",
        "ARPieceComplementaire": f'a:DateReception="{on}"><a:InfosCourrierPref {letter}/>',
    }[kind]
    return f'<a:{kind} xmlns:a="{markup.ACTES}" {body}</a:{kind}>'.encode()


def carried(cast: Cast, *titles: str) -> list[Errand]:
    """Acts on their way by an operator: what the number of the first is, a person is asked; the
    others are stopped."""
    operator = Operator.objects.create(
        organisation=sitting(cast, *titles).organisation,
        kind="s2low",
        address="https://s2low.example.fr",
        account="vb",
        certificate="agent.pem",
        asked_at=LATER,
        trouble="il ne répond pas à temps",
        strays=[{"number": "2026_003", "kind": "lettre d’observations"}],
    )
    for each in Deliberation.objects.filter(body__organisation=operator.organisation):
        confirm(each, cast)
    sending.prepare_sitting(
        Meeting.objects.latest("pk"), by=cast.secretariat, at=AT, connector="s2low"
    )
    carrying.enlist(at=AT)
    first, *others = Errand.objects.order_by("pk")
    found = {"remote": "41873", "number": "2026_014", "decided_on": "2026-06-09"}
    change(
        first,
        wants=Errand.Wants.CHOICE,
        trouble="un acte porte déjà ce numéro chez l’opérateur",
        found=[found | {"subject": "Convention de mise à disposition"}],
    )
    for each in others:
        change(each, wants=Errand.Wants.HELP, trouble="il ne répond pas à temps", failures=7)
        for asked, answered in (("envoi", "il ne répond pas à temps"), ("recherche", "rien")):
            each.calls.create(at=AT, last_at=LATER, times=7, asked=asked, answered=answered)
    return [first, *others]
