"""A paper of each kind written by hand, small enough to be read, with one of everything."""

from dataclasses import replace
from datetime import date

from documents.papers import (
    ActText,
    Addressee,
    AgendaLine,
    Article,
    AttendanceSheetDocument,
    AttestationDocument,
    ClosingLine,
    College,
    Count,
    DeliberationExtract,
    DeliberationList,
    DispatchCertificateDocument,
    DispatchLine,
    Enclosure,
    Fact,
    Figure,
    Issuer,
    Item,
    LabelsDocument,
    LettersDocument,
    ListedDeliberation,
    MinutesDocument,
    NamePlatesDocument,
    NoteDocument,
    Paper,
    Plate,
    Presence,
    ProxyFormDocument,
    QuorumStatement,
    RegisterOpening,
    RegisterTable,
    RollLine,
    Run,
    SheetCollege,
    SheetLine,
    Signatory,
    SignatureSheetDocument,
    SittingClosing,
    Step,
    SummonsDocument,
    TableGroup,
    TableLine,
    VoteGroup,
    Voter,
    VotingCollege,
    VotingItem,
    VotingSheetDocument,
)
from law.french import NBSP

ADOPTED = Step(
    kind="vote",
    text="La délibération est adoptée à l’unanimité.",
    count=Count(mode="ordinaire", verdict="adopte", for_=3),
)
PUBLIC = Step(
    kind="vote",
    text=f"Au scrutin public, la délibération est adoptée{NBSP}: 2 voix pour, 1 contre.",
    groups=(
        VoteGroup(
            label="Ont voté pour (2)", names=(f"Mme{NBSP}Alice ARNAUD", f"M.{NBSP}Bruno BESSON")
        ),
        VoteGroup(label="A voté contre (1)", names=(f"M.{NBSP}Denis DUVAL",)),
    ),
    count=Count(mode="public", verdict="adopte", for_=2, against=1),
)

SHORT = MinutesDocument(
    layout="synthetique",
    version=1,
    title="Procès-verbal synthétique",
    subtitle="Bureau – séance du mardi 9 juin 2026",
    name="Procès-verbal du Bureau du 9 juin 2026",
    running_head="Bureau · 9 juin 2026",
    file_name="pv-bureau-2026-06-09",
    held_on=date(2026, 6, 9),
    issuer=Issuer(
        name="Val de Brume", address=("1 place des Tilleuls", "80000 Brume"), siren="200 000 017"
    ),
    opening=(
        "L’an deux mille vingt-six, le neuf juin à 17h30, le BUREAU du syndicat mixte Val de Brume"
        " légalement convoqué le vingt-huit mai, s’est réuni dans ses locaux, sous la présidence"
        f" d’Alice ARNAUD{NBSP};"
    ),
    roll_heading=(
        Run(text="Membres du BUREAU "),
        Run(text="présents", mark="present"),
        Run(text=" et "),
        Run(text="excusés", mark="excused"),
        Run(text=f"{NBSP}:"),
    ),
    roll=(
        College(
            name="Collège des intercommunalités",
            lines=(
                RollLine(
                    name="Alice ARNAUD", standing="present", office="présidente", remark="présente"
                ),
                RollLine(
                    name="Jean-Marc D’HÉ",
                    standing="present",
                    remark="arrivé à 18h36",
                    note="arrivé à 18h36",
                ),
            ),
        ),
        College(
            name="Collège du Département",
            lines=(
                RollLine(
                    name="Denis DUVAL",
                    standing="excuse",
                    office="1er vice-président",
                    community="Lisse",
                    remark="excusé",
                ),
            ),
            remark="1 siège vacant",
        ),
    ),
    figures=(Figure(label="membres en exercice", value=3), Figure(label="présents", value=2)),
    quorum=QuorumStatement(
        sentence="Le quorum est atteint avec 2 membres présents.",
        in_office=3,
        present=2,
        required=2,
        reached=True,
    ),
    clerks="Monsieur Bruno BESSON est désigné secrétaire de séance.",
    opening_steps=(Step(kind="mouvement", text="La séance se poursuit à huis clos."),),
    approvals=(
        Item(
            key="p1",
            title="Approbation du procès-verbal",
            kind="approbation",
            after=(
                Step(
                    kind="vote",
                    text="Le procès-verbal de la réunion du 4 mai 2026 est adopté à l’unanimité.",
                ),
            ),
        ),
    ),
    items=(
        Item(
            key="p2",
            number="I",
            title="Finances",
            kind="section",
            children=(
                Item(
                    key="p3",
                    number="•",
                    title="Budget primitif",
                    kind="deliberation",
                    rapporteur=f"Rapporteure{NBSP}: Mme{NBSP}Alice ARNAUD, présidente",
                    before=(Step(kind="mouvement", text="M. Jean-Marc D’HÉ arrive à 18h36."),),
                    opening=(Step(kind="presidence", text="M. Bruno BESSON prend la présidence."),),
                    html="<p>le budget <strong>équilibré</strong>.</p><p>Vu le 1er juin.</p>",
                    after=(PUBLIC,),
                    children=(
                        Item(key="p4", number="•", title="Annexe", kind="information", html=""),
                    ),
                ),
                Item(
                    key="p5",
                    number="•",
                    title="Tarifs",
                    kind="deliberation",
                    html="<ul><li>un ;</li><li>deux.</li></ul>",
                    after=(ADOPTED,),
                ),
            ),
        ),
    ),
    closing_steps=(Step(kind="quorum", text="Le quorum n’étant plus réuni."),),
    closing="La séance est levée à 18h30.",
    signatories=(
        Signatory(office="La présidente", name="Alice ARNAUD"),
        Signatory(office="Le secrétaire de séance", name="Bruno BESSON"),
    ),
)

FULL = replace(
    SHORT,
    layout="complet",
    title="Procès-verbal",
    version=2,
    edition=(
        f"Version 2, qui annule et remplace la version 1 établie le 15 juin 2026{NBSP}: un nom."
    ),
    preamble=("Le quorum n’ayant pas été atteint lors de la séance du 4 mai 2026.",),
)

SUMMONS = SummonsDocument(
    nature="rectificative",
    number=2,
    sent_on=date(2026, 6, 1),
    held_on=date(2026, 6, 9),
    name="Convocation rectificative, Comité syndical du 9 juin 2026",
    running_head="Comité syndical · 9 juin 2026",
    file_name="rectificative-comite-2026-06-09",
    issuer=SHORT.issuer,
    title="Convocation rectificative",
    subtitle="Comité syndical – séance du mardi 9 juin 2026",
    place_and_date="Brume, le 1er juin 2026",
    salutation="Madame, Monsieur,",
    invitation=f"La convocation à la séance du Comité syndical est modifiée comme suit{NBSP}:",
    day="mardi 9 juin 2026",
    hour=f"19{NBSP}h",
    place_of_sitting="À l’hôtel d’agglomération",
    grounds=("Cette séance est réunie à la demande d’Elsa EVRARD (statuts).",),
    message=("Un repas froid suivra.",),
    changes=(f"Le point 1 bis («{NBSP}Tarifs{NBSP}») est ajouté.",),
    agenda=(
        AgendaLine(key="p1", title="Approbation du procès-verbal", kind="approbation"),
        AgendaLine(
            key="p2",
            number="I",
            title="Finances",
            kind="section",
            children=(
                AgendaLine(
                    key="p3",
                    number="1 bis",
                    title="Tarifs",
                    kind="deliberation",
                    rapporteur=f"Rapporteure{NBSP}: Mme{NBSP}Alice ARNAUD, présidente",
                    enclosed=("note de synthèse", "2 pièces jointes"),
                    mark="ajouté",
                    digest="0f",
                ),
                AgendaLine(key="p4", number="•", title="Annexe", kind="information"),
            ),
        ),
    ),
    answering=("Je vous remercie de faire savoir si vous participerez à la séance.",),
    courtesy="Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération.",
    signatory=Signatory(office="La présidente", name="Alice ARNAUD"),
    rules=(Fact(label="Quorum", text="Plus de la moitié des membres en exercice."),),
)

ACT = ActText(
    author="Le Comité syndical du syndicat mixte Val de Brume,",
    visas=("Vu le code général des collectivités territoriales,",),
    recitals=("Considérant qu’il importe d’anticiper,",),
    heard=f"Entendu le rapport de Mme{NBSP}Alice ARNAUD, présidente,",
    decides=f"Après en avoir délibéré, décide{NBSP}:",
    articles=(
        Article(
            label=f"Article{NBSP}1er",
            text=f"Les tarifs sont{NBSP}:",
            parts=(f"10{NBSP}€{NBSP};", f"20{NBSP}€."),
        ),
        Article(label=f"Article{NBSP}2", text="Ils valent dès le 1er juillet."),
    ),
)

NOTE = NoteDocument(
    held_on=date(2026, 6, 9),
    name="Tarifs, Comité syndical du 9 juin 2026",
    running_head="Comité syndical · 9 juin 2026",
    file_name="note-comite-2026-06-09-p3",
    issuer=SHORT.issuer,
    key="p3",
    number="1 bis",
    title="Tarifs",
    rapporteur=f"Rapporteure{NBSP}: Mme{NBSP}Alice ARNAUD, présidente",
    sitting="Comité syndical du 9 juin 2026",
    note="<p>Les tarifs <strong>n’ont pas bougé</strong> depuis 2019.</p>",
    draft=ACT,
    enclosures=(
        Enclosure(title="Grille", remark=f"PDF, 2 pages, 40{NBSP}ko", how="pdf", sha256="ab"),
        Enclosure(title="Calculs", remark="fichier ODS, joint séparément", how="apart"),
    ),
)

COMITE = {
    "held_on": date(2026, 6, 9),
    "running_head": "Comité syndical · 9 juin 2026",
    "issuer": SHORT.issuer,
}
SUBTITLE = "Comité syndical – séance du mardi 9 juin 2026"

PROXY = ProxyFormDocument(
    **COMITE,
    name="Pouvoir, Comité syndical du 9 juin 2026",
    file_name="pouvoir-comite-2026-06-09",
    title="Pouvoir",
    subtitle=SUBTITLE,
    paragraphs=(
        f"Je soussignée, Mme{NBSP}Elsa EVRARD (Département de la Lisse), déléguée titulaire,",
        "donne pouvoir à ..........,",
    ),
    choices=("pour tous les points de l’ordre du jour", "pour les seuls points suivants"),
    done_at="Fait à ....., le 3 juin 2026",
    mention=f"Signature, précédée de la mention «{NBSP}Bon pour pouvoir{NBSP}»",
    signer="Elsa EVRARD",
    rules=(Fact(label="Durée", text="Cette seule séance."),),
)

ADDRESSEES = (
    Addressee(
        name=f"Mme{NBSP}Elsa EVRARD",
        address=("3 rue de l’Église", "80000 Brume"),
        link="https://seances.example/invitation/abc/",
        code="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    ),
    Addressee(name=f"M.{NBSP}Denis DUVAL", address=("Lieu-dit Le Bois", "80100 Lisse")),
)

LETTERS = LettersDocument(
    **COMITE,
    sent_on=date(2026, 6, 1),
    name="Lettres, Comité syndical du 9 juin 2026",
    file_name="lettres-comite-2026-06-09",
    title="Convocation",
    place_and_date="Brume, le 1er juin 2026",
    subject=f"Convocation{NBSP}: Comité syndical du 9 juin 2026",
    salutation="Madame, Monsieur,",
    paragraphs=("Vous trouverez ci-joint la convocation.",),
    answering="Pour répondre en ligne",
    courtesy="Je vous prie d’agréer l’expression de ma considération.",
    signatory=Signatory(office="La présidente", name="Alice ARNAUD"),
    enclosed=f"Pièces jointes{NBSP}: convocation, dossier de 25 pages",
    addressees=ADDRESSEES,
)

LABELS = LabelsDocument(
    **COMITE,
    name="Étiquettes, Comité syndical du 9 juin 2026",
    file_name="etiquettes-comite-2026-06-09",
    title="Étiquettes",
    addressees=ADDRESSEES,
)

CERTIFICATE = DispatchCertificateDocument(
    **COMITE,
    made_on=date(2026, 6, 2),
    name="Certificat d’envoi, Comité syndical du 9 juin 2026",
    file_name="certificat-envoi-1-comite-2026-06-09",
    title="Certificat d’envoi",
    subtitle=SUBTITLE,
    statement="Alice ARNAUD, présidente, certifie l’envoi de la convocation.",
    facts=(Fact(label="Empreinte SHA-256 du dossier", text="0123abcd 4567ef01"),),
    figures=(Figure(label="destinataires", value=2), Figure(label="remis au serveur", value=1)),
    lines=(
        DispatchLine(
            rank=1,
            name=f"Mme{NBSP}Elsa EVRARD",
            capacity="membre de l’assemblée",
            channel="Courriel",
            address="elsa.evrard@brume.example",
            state=f"Remis au serveur le 1er juin 2026 à 10{NBSP}h{NBSP}02",
            proof=(f"Réponse du serveur{NBSP}: 250 2.0.0 Ok <queued>",),
        ),
        DispatchLine(rank=2, name="Commune de Lisse", channel="Papier", state="À remettre"),
    ),
    done_at="Brume, le 2 juin 2026",
    signatory=Signatory(office="Présidente", name="Alice ARNAUD"),
)

ATTENDANCE = AttendanceSheetDocument(
    **COMITE,
    name="Feuille d’émargement, Comité syndical du 9 juin 2026",
    file_name="emargement-comite-2026-06-09",
    title="Feuille d’émargement",
    subtitle=SUBTITLE,
    facts=(Fact(label="Date", text="mardi 9 juin 2026"), Fact(label="Heure", text=f"19{NBSP}h")),
    figures=(Figure(label="membres en exercice", value=6),),
    colleges=(
        SheetCollege(
            name="Collège du Département",
            lines=(
                SheetLine(
                    rank=1,
                    name=f"M.{NBSP}Denis DUVAL",
                    quality=f"2e{NBSP}vice-président, Lisse",
                    foreseen=f"Porte le pouvoir de Mme{NBSP}Elsa EVRARD",
                ),
                SheetLine(rank=2, name=f"Mme{NBSP}Elsa EVRARD", foreseen="Excusée"),
            ),
        ),
        SheetCollege(lines=(SheetLine(rank=3, name=f"Mme{NBSP}Gaëlle GARNIER"),)),
    ),
    blanks=2,
    certified="Feuille certifiée exacte.",
    signatories=(Signatory(office="La présidente", name="Alice ARNAUD"),),
)

ATTESTATION = AttestationDocument(
    **COMITE,
    made_on=date(2026, 6, 10),
    name="Attestation de présence, Comité syndical du 9 juin 2026",
    file_name="attestation-comite-2026-06-09-denis-duval",
    title="Attestation de présence",
    subtitle=SUBTITLE,
    statement=f"La présidente atteste que M.{NBSP}Denis DUVAL a participé à la séance.",
    hours=(
        Fact(label="Arrivée", text=f"19{NBSP}h"),
        Fact(label="Départ", text=f"20{NBSP}h{NBSP}45"),
    ),
    facts=(Fact(label="Lieu", text="À l’hôtel d’agglomération"),),
    done_at="Brume, le 10 juin 2026",
    signatory=Signatory(office="La présidente", name="Alice ARNAUD"),
    notice="Attestation établie d’après le registre de la séance.",
)

VOTES = VotingSheetDocument(
    **COMITE,
    name="Feuilles de vote, Comité syndical du 9 juin 2026",
    file_name="votes-comite-2026-06-09",
    title="Feuilles de vote",
    subtitle=SUBTITLE,
    items=(
        VotingItem(number="1 bis", title="Tarifs", rapporteur=f"Rapporteure{NBSP}: Mme A"),
        VotingItem(number="•", title="Élection du président", is_election=True),
    ),
    colleges=(
        VotingCollege(
            name="Collège du Département",
            voters=(
                Voter(name=f"M.{NBSP}Denis DUVAL", note="2 voix"),
                Voter(name=f"Mme{NBSP}Elsa EVRARD"),
                Voter(name=f"M.{NBSP}Farid FAURE"),
            ),
        ),
    ),
)

PLATES = NamePlatesDocument(
    **COMITE,
    name="Chevalets, Comité syndical du 9 juin 2026",
    file_name="chevalets-comite-2026-06-09",
    title="Chevalets",
    plates=(
        Plate(first_name="Alice", last_name="ARNAUD", quality="présidente, Brume Agglo"),
        Plate(first_name="Marie-Charlotte", last_name="DE LA TOUR D’AUVERGNE-LAURAGAIS"),
    ),
)

EXTRACT = DeliberationExtract(
    **COMITE,
    name="Délibération n° 2026-06-09/04, Comité syndical du 9 juin 2026",
    file_name="deliberation-comite-2026-06-09-p3",
    key="p3",
    title="Extrait du registre des délibérations",
    subtitle=SUBTITLE,
    number=f"Délibération n°{NBSP}2026-06-09/04",
    object="Tarifs",
    opening="L’an deux mille vingt-six, le neuf juin, le Comité syndical s’est réuni.",
    figures=(Figure(label="membres en exercice", value=6), Figure(label="présents", value=4)),
    presence=(
        Presence(label="Présents", names=(f"Mme{NBSP}Alice ARNAUD", f"M.{NBSP}Denis DUVAL")),
        Presence(label="Représentés", names=(f"Mme{NBSP}Elsa EVRARD (pouvoir à M.{NBSP}D.)",)),
    ),
    quorum="Le quorum est atteint avec 4 délégués présents.",
    clerks="Monsieur Bruno BESSON est désigné secrétaire de séance.",
    before=(Step(kind="mouvement", text=f"M.{NBSP}Bruno BESSON ne prend pas part."),),
    text=ACT,
    decisions=(PUBLIC,),
    conform="Pour extrait conforme au registre.",
    signatories=SHORT.signatories,
    enforceability=(Fact(label="Mise en ligne le", text="......"),),
    appeal="La présente délibération peut faire l’objet d’un recours.",
)

LIST = DeliberationList(
    **COMITE,
    name="Liste des délibérations, Comité syndical du 9 juin 2026",
    file_name="liste-deliberations-comite-2026-06-09",
    title="Liste des délibérations examinées",
    subtitle=SUBTITLE,
    statement="2 délibérations examinées au cours de la séance du 9 juin 2026.",
    lines=(
        ListedDeliberation(
            rank=1, number="2026-04", object="Tarifs", decision="Adoptée", is_adopted=True
        ),
        ListedDeliberation(rank=2, object="Vœu <b>", decision="Rejetée (1 voix pour, 3 contre)"),
    ),
    done_at="Brume, le 9 juin 2026",
    signatory=Signatory(office="La présidente", name="Alice ARNAUD"),
    notice="Liste mise en ligne au plus tard le 16 juin 2026 (statuts).",
)

OPENING = RegisterOpening(
    **COMITE,
    name="Registre des délibérations, Comité syndical, année 2026",
    file_name="registre-comite-2026",
    title="Registre des délibérations",
    subtitle="Comité syndical – année 2026",
    statement="Le présent registre contient 12 feuillets, cotés et paraphés.",
    figures=(Figure(label="délibérations", value=4),),
    done_at="Brume, le 9 juin 2026",
    signatory=Signatory(office="La présidente", name="Alice ARNAUD"),
    notice="Article R2121-9 du code général des collectivités territoriales.",
)

CLOSING = SittingClosing(
    **COMITE,
    name="Feuillet de clôture, Comité syndical du 9 juin 2026",
    file_name="cloture-comite-2026-06-09",
    title="Feuillet de clôture de la séance",
    subtitle=SUBTITLE,
    statement="Au cours de cette séance, 1 délibération a été prise.",
    lines=(ClosingLine(rank=1, number="2026-06-09/01", object="Tarifs <b>"),),
    present=(f"Mme{NBSP}Alice ARNAUD", f"M.{NBSP}Bruno BESSON"),
    signatories=EXTRACT.signatories,
)

TABLE = RegisterTable(
    **COMITE,
    name="Table par objets, Comité syndical, année 2026",
    file_name="table-objets-comite-2026",
    title="Table par objets",
    subtitle="Comité syndical – année 2026",
    statement="3 délibérations du Comité syndical en 2026.",
    groups=(
        TableGroup(
            label="Finances",
            lines=(
                TableLine(
                    number="2026-06-09/02", held_on="9 juin 2026", object="Budget", sheet="3"
                ),
                TableLine(
                    number="2026-06-09/01", held_on="9 juin 2026", object="Tarifs", sheet="1"
                ),
            ),
        ),
        TableGroup(
            lines=(TableLine(number="2026-09-08/01", held_on="8 septembre 2026", object="Vœu"),)
        ),
    ),
)

SIGNATURE_SHEET = SignatureSheetDocument(
    **COMITE,
    issued_on=date(2026, 6, 15),
    name="Feuille de signature, Procès-verbal du 9 juin 2026",
    file_name="feuille-signature-pv-comite-2026-06-09",
    title="Feuille de signature",
    subtitle="Procès-verbal du 9 juin 2026",
    statement="Les soussignés signent le document désigné ci-dessous et nul autre.",
    facts=(
        Fact(label="Version", text="1"),
        Fact(label="Empreinte SHA-256 du PDF", text="0123abcd 4567ef01"),
    ),
    signatories=EXTRACT.signatories,
    notice="Une fois signée, cette feuille se numérise.",
)

# One paper of each kind.
EVERY: dict[str, Paper] = {
    paper.kind: paper
    for paper in (
        SHORT,
        SUMMONS,
        NOTE,
        PROXY,
        LETTERS,
        LABELS,
        CERTIFICATE,
        ATTENDANCE,
        ATTESTATION,
        VOTES,
        PLATES,
        EXTRACT,
        LIST,
        OPENING,
        CLOSING,
        TABLE,
        SIGNATURE_SHEET,
    )
}
# And each way to set one.
LOOKS: dict[str, Paper] = EVERY | {SHORT.layout: SHORT, FULL.layout: FULL}
del LOOKS[SHORT.kind]
