"""Papers by what they are: name, marks, and always the file that most people signed."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models.fields.files import FieldFile
from django.template import engines
from django.urls import reverse

from archive import actions as publishing
from archive.desk import shelf
from archive.keeping import proofs
from documents import actions as documents
from documents.models import IssuedDocument
from meetings.models import Brief, Meeting
from members.models import Role
from registry.acts import reading as acts
from registry.signatures import actions as signing
from registry.signatures import reading
from tests import held
from tests.cast import change, make_role
from tests.costs import queries
from tests.held import AT, sign
from tests.words import text, unsaid

pytestmark = pytest.mark.django_db

# --- The file ---------------------------------------------------------------------------------

LINK = re.compile(r'href="(/documents/\d+/(?:telecharger|signatures/fichier)/[^"]*)"')


def _linked(name: str, *of: str) -> Callable:
    """What the links of this page give; `of` leads from the document to what the page shows."""

    def given(client, document: IssuedDocument) -> Iterator[bytes]:
        args = []
        for step in of:
            document_or_more = document if step == "pk" else document.meeting
            args.append(document_or_more.pk)
        page = client.get(reverse(name, args=args)).text
        links = [each for each in LINK.findall(page) if f"/{document.pk}/" in each]
        assert links, "no link to the file"
        return (client.get(link).content for link in links)

    return given


def _packed(name: str) -> Callable:
    def given(client, document: IssuedDocument) -> Iterator[bytes]:
        content = client.get(reverse(name, args=[document.meeting_id])).content
        archive = zipfile.ZipFile(io.BytesIO(content))
        name_of_file = f"documents/{reading.signed_name(document)}"
        assert "signe" in name_of_file
        yield archive.read(name_of_file)

    return given


def _online(client, document: IssuedDocument) -> Iterator[bytes]:
    published = publishing.publish(document, by=None, at=AT)
    yield client.get(reverse("archive:public_file", args=[published.code])).content


def _proved(client, document: IssuedDocument) -> Iterator[bytes]:
    yield proofs.of_act(document).files["acte.pdf"]


def _read(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


PLACES = {
    "Mes documents": _linked("documents:mine"),
    "Mes séances": _linked("convening:desk"),
    "la séance": _linked("meetings:detail", "meeting"),
    "le document": _linked("documents:detail", "pk"),
    "ses signatures": _linked("registry:signatures", "pk"),
    "l’aperçu du procès-verbal": _linked("documents:preview", "meeting"),
    "les documents de la séance, en ZIP": _packed("archive:keep"),
    "le dossier complet, en ZIP": _packed("archive:keep_whole"),
    "la page publique": _online,
    "le fichier de preuve": _proved,
}


@pytest.fixture
def clerk(cast, client_of, accounts):
    """Bruno, who sits, keeps the secretariat too: he reads every page."""
    make_role(accounts[1], cast.organisation, Role.Kind.SECRETARIAT)
    make_role(accounts[1], cast.organisation, Role.Kind.DELEGATE)
    return client_of(accounts[1])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_file_given_is_the_one_that_most_people_signed(place, clerk, minutes, accounts):
    sign(minutes, "president", accounts[0])
    document = IssuedDocument.objects.get(pk=minutes.pk)
    last = _read(document.signatures.last().file)
    assert last != _read(document.pdf)
    given = list(place(clerk, document))
    assert [each == last for each in given] == [True] * len(given)


def test_a_delegate_keeps_one_file_of_each_paper(clerk, minutes, accounts):
    sign(minutes, "president", accounts[0])
    content = clerk.get(reverse("archive:keep", args=[minutes.meeting_id])).content
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert [each for each in names if each.startswith("documents/")] == [
        "documents/pv-comite-2026-06-09-signe-en-partie.pdf"
    ]


# --- What it is -------------------------------------------------------------------------------

MARKS = {"non signé", "signé 1/2", "signé 2/2", "en ligne", "remplacé"}


def marks(document: IssuedDocument) -> set[str]:
    page = engines["django"].from_string("{% load shelf %}{% shelf documents %}")
    text = page.render({"documents": [IssuedDocument.objects.get(pk=document.pk)]})
    return {mark for mark in MARKS if mark in text}


def test_a_paper_says_who_signed_it_and_whether_everybody_reads_it(minutes, accounts, cast):
    assert marks(minutes) == {"non signé"}
    sign(minutes, "president", accounts[0])
    assert marks(minutes) == {"signé 1/2"}
    sign(minutes, "secretaire-1", accounts[1])
    assert marks(minutes) == {"signé 2/2"}
    published = publishing.publish(minutes, by=None, at=AT)
    assert marks(minutes) == {"signé 2/2", "en ligne"}
    publishing.withdraw(published, reason="une adresse", by=cast.secretariat, at=AT)
    assert marks(minutes) == {"signé 2/2"}


def test_what_is_said_of_a_deliberation_agrees(hold, cast):
    """« Délibération… non signé »."""
    meeting = hold(held.JUNE, adopted=("Budget",))
    for document in held.issue_acts(meeting, by=cast.secretariat):
        page = engines["django"].from_string("{% load shelf %}{% shelf documents %}")
        assert "non signée" in page.render({"documents": [document]})


def test_the_page_of_a_sitting_has_each_act_beside_its_item_and_says_once_what_all_are(
    hold, cast, clerk, accounts
):
    """« en ligne, non signée » was said on each row, and each title twice."""
    meeting = hold(held.JUNE, adopted=("Budget", "Tarifs"), approves=False)
    first, *_ = issued = held.issue_acts(meeting, by=cast.secretariat, at=AT)

    def read() -> tuple[str, str]:
        page = text(clerk.get(meeting.get_absolute_url())).replace("\u00a0", " ")
        return page, page[page.index(">Documents</h2>") :]

    page, aside = read()
    assert "Aucun des 3 documents n’est signé ni en ligne." in aside and "non signé" not in page
    for each in issued:
        assert page.count(f'href="{each.get_absolute_url()}"') == 1
        assert (each.get_absolute_url() in aside) == (each.kind == IssuedDocument.Kind.LIST)
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    assert "Les 3 documents sont en ligne, aucun n’est signé." in read()[1]
    documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    page, aside = read()
    assert "Hors procès-verbal, les 3 documents sont en ligne, aucun n’est signé." in aside
    assert page.count("non signé") == 1
    signing.prepare_signing(first, by=cast.secretariat, at=AT)
    sign(first, "president", accounts[0])
    page, aside = read()
    assert "documents sont" not in page and page.count("non signé") == 3  # each says what it is


def test_papers_are_narrowed_to_those_signed_or_online(minutes, accounts, clerk):
    def shown(state: str) -> bool:
        page = clerk.get(reverse("documents:mine"), {"etat": state})
        return minutes in page.context["page_obj"].object_list

    states = ("", "signe", "non-signe", "en-ligne")
    assert [shown(state) for state in states] == [True, False, True, False]
    sign(minutes, "president", accounts[0])
    assert shown("non-signe") and not shown("signe")
    sign(minutes, "secretaire-1", accounts[1])
    assert shown("signe") and not shown("non-signe") and not shown("en-ligne")
    publishing.publish(minutes, by=None, at=AT)
    assert shown("en-ligne")


def test_papers_are_narrowed_by_the_name_on_their_row(hold, cast, clerk):
    """An order was sought under « Extrait du registre des délibérations »."""
    held.issue_acts(hold(held.JUNE, adopted=("Budget",)), by=cast.secretariat)
    for nature, count in {
        "": 2,
        "liste-deliberations": 1,
        "extrait": 1,
        "decision": 0,
        "arrete": 0,
    }.items():
        page = clerk.get(reverse("documents:mine"), {"nature": nature})
        assert len(page.context["page_obj"].object_list) == count, nature


def test_a_paper_that_another_replaced_says_so(june, cast):
    first = documents.issue_minutes(june, by=None, at=AT)
    change(june, place="à Brume")
    documents.issue_minutes(june, by=None, at=AT, reason="le lieu")
    assert marks(first) == {"non signé", "remplacé"}


def test_an_organisation_that_moves_or_is_found_by_its_siren_contradicts_none_of_its_papers(
    hold, cast
):
    meeting = hold(held.JUNE, adopted=("Budget",))
    issued = held.issue_acts(meeting, by=cast.secretariat)
    minutes = documents.issue_minutes(meeting, by=None, at=AT)
    change(cast.organisation, siren="200000016", address="2 place Neuve")
    found = acts.contradicted(
        Meeting.objects.get(pk=meeting.pk), [*issued, minutes], on=meeting.held_on
    )
    assert found == ()


def test_each_paper_of_a_sitting_has_its_own_name(hold, cast, client_of):
    meeting = hold(held.JUNE, adopted=("Budget", "Tarifs"))
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    documents.issue_minutes(meeting, by=None, at=AT)
    page = client_of(cast.delegate).get(reverse("documents:mine")).text
    assert re.search(r'rowgroup" colspan="3">[^<]*\b9\sjuin\s2026', page)  # once, over all of them
    cells = re.findall(r'<th scope="row"><a [^>]*>(.*?)</a>', page)
    assert [re.sub(r"<[^>]*>", "", each) for each in cells] == [
        "Procès-verbal",
        "Liste des délibérations",
        "Délibération n°\u00a02026-06-09/01\u00a0: Budget",
        "Délibération n°\u00a02026-06-09/02\u00a0: Tarifs",
    ]


def test_the_page_of_a_document_leads_to_what_comes_next(hold, cast, client_of, accounts):
    """Its first button was to download it: nothing had it signed."""
    meeting = hold(held.JUNE, adopted=("Budget",))
    Brief.objects.create(item=meeting.items.get(title="Budget"), articles="De voter le budget")
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    secretary, extract = client_of(cast.secretariat), meeting.documents.get(kind="extrait")
    page = secretary.get(extract.get_absolute_url()).text
    first = page[page.index("btn-primary") :]
    assert first.index("Faire signer") < first.index("Autres formats") < first.index("Télécharger")
    line = page[page.index("Étapes du document") :]
    line = line[: line.index("</nav>")]
    assert line.count("aria-current") == 1 and 'aria-current="step"' in line
    assert unsaid(page, "Alice ARNAUD", "À demander") == []
    # Who signs it does not ask for it, and read « À demander » without knowing of whom.
    make_role(accounts[0], cast.organisation, Role.Kind.DELEGATE)
    president = client_of(accounts[0])
    page = president.get(extract.get_absolute_url()).text
    assert "À demander" not in page and "Pas encore remise à signer par le secrétariat" in page
    page = president.get(reverse("registry:acts", args=[meeting.pk])).text
    assert "Signature à demander" not in page and "Pas encore remise à signer" in page
    signing.prepare_signing(extract, by=cast.secretariat, at=AT)
    sign(extract, "president", accounts[0])
    page = secretary.get(extract.get_absolute_url()).text
    assert unsaid(page, "Suivre les signatures", "Signé le", "En attente") == []
    make_role(accounts[1], cast.organisation, Role.Kind.DELEGATE)
    page = client_of(accounts[1]).get(extract.get_absolute_url()).text
    assert "Lire et signer" in page and "Étapes du document" not in page


def test_the_queries_of_a_shelf_do_not_grow(hold, cast):
    def count() -> int:
        found = IssuedDocument.objects.current().select_related("meeting__body")
        return queries(lambda: list(shelf.shelved(found)))

    held.issue_acts(hold(held.JUNE, adopted=("Budget",)), by=cast.secretariat, at=AT)
    before = count()
    held.issue_acts(hold(held.JULY, adopted=("Tarifs", "Voirie")), by=cast.secretariat, at=AT)
    assert count() == before == 4


def test_what_is_signed_once_online_is_told_to_who_published_it(minutes, accounts, cast, secretary):
    url, told = reverse("archive:publication", args=[minutes.pk]), "Signé depuis sa mise en ligne"
    published = publishing.publish(minutes, by=None, at=AT - timedelta(hours=1))
    assert told not in secretary.get(url).text
    sign(minutes, "president", accounts[0])
    assert told in secretary.get(url).text
    publishing.withdraw(published, reason="à signer", by=cast.secretariat, at=AT)
    again = publishing.publish(IssuedDocument.objects.get(pk=minutes.pk), by=None, at=AT)
    assert again.code == published.code
    assert told not in secretary.get(url).text


# --- Read before it is signed or saved --------------------------------------------------------


@pytest.mark.parametrize("name", ["documents:detail", "registry:signatures"])
def test_a_paper_is_read_in_the_page(name, clerk, minutes):
    page = clerk.get(reverse(name, args=[minutes.pk])).text
    leaf = reverse("documents:leaf", args=[minutes.pk])
    assert f'<iframe class="paper-frame paper-frame-read" src="{leaf}"' in page
    answer = clerk.get(leaf)
    assert minutes.paper.verification.code in answer.text.replace("-", "")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    shown = clerk.get(reverse("registry:current", args=[minutes.pk]), {"voir": ""})
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["Content-Type"] == "application/pdf"
