"""Proxies, letters, labels, certificate: what they say, from plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from documents import papers, render
from documents.compile import (
    Dispatched,
    compile_dispatch_certificate,
    compile_labels,
    compile_letters,
    compile_proxy_form,
    compile_summons,
)
from meetings.models import Meeting
from tests.documents.ink import pages_of, plain
from tests.held import prepare

ELSA = papers.Addressee(name="Mme Elsa EVRARD", address=("3 rue de l’Église", "80000 Brume"))


@pytest.fixture
def meeting(cast) -> Meeting:
    return prepare(cast, "Tarifs", "Vœu", place="à l’hôtel d’agglomération")


@pytest.fixture
def summons(meeting) -> papers.SummonsDocument:
    return compile_summons(meeting, sent_on=date(2026, 6, 1))


# --- The proxy --------------------------------------------------------------------------------


def test_proxy_names_whom_it_knows_and_leaves_the_rest_to_be_filled_in(meeting):
    paper = compile_proxy_form(meeting, giver="elsa-evrard", holder="denis-duval")
    assert [plain(text) for text in paper.paragraphs] == [
        "Je soussignée, Mme Elsa EVRARD (Département de la Lisse), déléguée titulaire,",
        "empêchée d’assister à la séance du Comité syndical du syndicat mixte Val de Brume qui se "
        "tient le mardi 9 juin 2026 à 19 h, à l’hôtel d’agglomération,",
        "donne pouvoir à M. Denis DUVAL, 2e vice-président (Département de la Lisse),",
        "pour siéger à ma place, prendre part aux débats et voter en mon nom.",
    ]
    assert len(paper.choices) == 2
    assert set(paper.done_at.partition(", le ")[2]) == {"."}
    assert paper.signer == "Elsa EVRARD"
    assert paper.file_name == "pouvoir-comite-2026-06-09-elsa-evrard"
    paper = compile_proxy_form(meeting)
    assert plain(paper.paragraphs[0]).startswith("Je soussigné(e), .....")
    assert paper.paragraphs[2].startswith("donne pouvoir à .....")
    assert paper.signer == ""
    assert {rule.label: plain(rule.text) for rule in compile_proxy_form(meeting).rules} == {
        "Porteur": "Un autre membre de l’assemblée ; nul ne porte plus d’un pouvoir (statuts).",
        "Suppléant": "Le pouvoir ne sert que si le titulaire ne peut être remplacé par un "
        "suppléant (statuts).",
        "Durée": "Cette seule séance ; il est révocable à tout moment, même en séance.",
        "Remise": "Au secrétariat, ou au président au plus tard à l’ouverture du point concerné.",
    }


# --- Letters and labels -----------------------------------------------------------------------


def test_letter_goes_with_the_dossier_and_its_personal_link(meeting, summons):
    paper = compile_letters(meeting, summons, [ELSA], pages=25)
    assert [plain(text) for text in paper.paragraphs] == [
        "Vous trouverez ci-joint la convocation à la séance du Comité syndical du mardi 9 juin "
        "2026, à 19 h et le dossier qui l’accompagne.",
        "Je vous remercie de faire connaître votre réponse au secrétariat.",
    ]
    assert plain(paper.enclosed) == "Pièces jointes : Convocation, dossier de 25 pages"
    assert paper.addressees == (ELSA,)
    assert paper.answering == ""
    given = replace(ELSA, link="https://seances.example/invitation/abc/")
    (addressee,) = compile_letters(meeting, summons, [given]).addressees
    assert addressee.code.startswith("data:image/png;base64,")


def test_a_letter_to_one_person_greets_that_one(meeting, summons):
    """« Madame, Monsieur » is for whom nobody knows: the rest of a community."""
    rest = [replace(ELSA, name="M. Guy HAMELIN"), replace(ELSA, name="Commune de Lisse")]
    html = render.render_html(compile_letters(meeting, summons, [ELSA, *rest]))
    letters = html.split('<section class="letter">')[1:]
    for letter, greeting in zip(letters, ("Madame", "Monsieur", "Madame, Monsieur"), strict=True):
        assert f">{greeting},<" in letter
        assert f"agréer, {greeting}, l’expression" in plain(letter)


def test_labels_fill_sheets_of_twenty_four(meeting):
    paper = compile_labels(meeting, [ELSA] * 26)
    shapes = [[len(row) for row in sheet] for sheet in paper.sheets]
    assert shapes == [[3] * 8, [3]]
    assert list(paper.sheets)[1][0][2] is None


# --- The certificate --------------------------------------------------------------------------

AT = datetime(2026, 6, 1, 8, 2, 13, tzinfo=UTC)  # ten in the morning in Paris


def certify(meeting, summons, *lines: Dispatched, **extra) -> papers.DispatchCertificateDocument:
    return compile_dispatch_certificate(
        meeting,
        summons,
        lines,
        dossier_sha256="0123456789abcdef" * 4,
        dossier_size=5_242_880,
        dispatched_at=AT,
        at=AT,
        **extra,
    )


def test_certificate_says_who_sent_what_to_whom(meeting, summons):
    paper = certify(
        meeting,
        summons,
        Dispatched(
            name="Mme Elsa EVRARD",
            capacity="membre de l’assemblée",
            channel="courriel",
            address="elsa@brume.example",
            state="remis au serveur",
            reply="250 2.0.0 Ok",
            sent_at=AT,
            opened_at=AT,
        ),
        Dispatched(
            name="Commune", channel="papier", address="1 rue\n80000 Brume", state="à remettre"
        ),
        dossier_pages=25,
        finished_at=AT,
    )
    assert plain(paper.statement) == (
        "Alice ARNAUD, présidente, certifie l’envoi de la convocation à la séance du Comité "
        "syndical du mardi 9 juin 2026 à 1 des 2 destinataires ci-dessous, dans les conditions "
        "indiquées pour chacun."
    )
    one, two = paper.lines
    assert plain(one.state) == "Remis au serveur le 1er juin 2026 à 10 h 02 min 13 s"
    assert [plain(text) for text in one.proof] == [
        "Lien ouvert le 1er juin 2026 à 10 h 02 min 13 s",
        "Réponse du serveur : 250 2.0.0 Ok",
    ]
    assert (two.rank, two.channel, two.address) == (2, "Papier", "1 rue, 80000 Brume")
    assert [(f.label, f.value) for f in paper.figures] == [
        ("destinataires", 2),
        ("remis au serveur", 1),
        ("à remettre", 1),
    ]
    assert {fact.label: plain(fact.text) for fact in paper.facts} == {
        "Envoi": "Convocation, n° 1",
        "Lancé le": "1er juin 2026 à 10 h 02 min 13 s",
        "Terminé le": "1er juin 2026 à 10 h 02 min 13 s",
        "Dossier": "25 pages, 5 Mo",
        "Empreinte SHA-256 du dossier": "01234567 89abcdef 01234567 89abcdef 01234567 89abcdef "
        "01234567 89abcdef",
        "Empreinte SHA-256 de la convocation": " ".join(
            papers.sha256(summons)[n : n + 8] for n in range(0, 64, 8)
        ),
    }
    assert plain(paper.done_at) == "Brume, le 1er juin 2026"
    assert paper.signatory == papers.Signatory(office="La présidente", name="Alice ARNAUD")


def test_nothing_is_certified_as_sent_as_long_as_everything_waits(meeting, summons):
    waiting = Dispatched(name="Mme X", channel="courriel", address="x@y", state="en attente")
    told = plain(certify(meeting, summons, waiting, waiting).statement)
    assert "certifie" not in told
    assert "constate que rien n’est encore parti de l’envoi de la convocation" in told


def test_what_left_from_elsewhere_is_certified_by_who_declared_it_and_by_no_second(
    meeting, summons
):
    """Those of storing mails that never left prove nothing, and the chair signs them."""
    by = "déclaré par Sylvie MARCHAND le 3 juin 2026 à 9 h"
    day = datetime(2026, 6, 2, 10, tzinfo=UTC)

    def handed(state: str, on: datetime = day) -> Dispatched:
        return Dispatched(name="Mme X", channel="courriel", state=state, sent_at=on, declared=by)

    mails, letter = [handed("remis par une autre voie")] * 2, handed("remis sur papier")
    paper = certify(meeting, summons, *mails, letter, finished_at=AT)
    facts = {fact.label: plain(fact.text) for fact in paper.facts[:4]}
    assert facts == {
        "Envoi": "Convocation, n° 1",
        "Établi le": "1er juin 2026",
        "Remise": f"2 remis par une autre voie le 2 juin 2026, {by} ; 1 remis sur papier le 2 juin "
        f"2026, {by}",
        "Dossier": "5 Mo",
    }
    assert "certifie la remise de la convocation" in plain(paper.statement)
    # Where some left from here, their seconds are theirs, and the letters are told beside.
    sent = Dispatched(name="Mme Y", channel="courriel", state="remis au serveur", sent_at=AT)
    paper = certify(meeting, summons, sent, letter, finished_at=AT)
    assert [fact.label for fact in paper.facts][1:4] == ["Lancé le", "Terminé le", "Remise"]
    assert "certifie l’envoi de la convocation" in plain(paper.statement)


@pytest.mark.parametrize(
    ("nature", "paper"),
    [
        ("convocation", "de la convocation"),
        ("rectificative", "de la convocation rectificative"),
        ("report", "de l’avis de déplacement"),
        ("annulation", "de l’avis d’annulation"),
    ],
)
def test_the_hash_is_said_to_be_of_the_paper_that_it_is_of(meeting, summons, nature, paper):
    sent = Dispatched(name="Mme X", channel="courriel", state="remis", sent_at=AT)
    facts = certify(meeting, replace(summons, nature=nature), sent).facts
    assert f"Empreinte SHA-256 {paper}" in [plain(fact.label) for fact in facts]


@pytest.mark.proof
def test_three_hundred_recipients_are_printed(meeting, summons, tmp_path):

    lines = [
        Dispatched(name=f"N{rank}", channel="courriel", state="remis", sent_at=AT)
        for rank in range(300)
    ]
    pages = pages_of(render.render_pdf(certify(meeting, summons, *lines)), tmp_path)
    assert "N299" in " ".join(pages)
    assert all("État et preuve" in page for page in pages)
