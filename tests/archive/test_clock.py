"""The legal clock: what is online is read back at its address, and certified after its time; an act
says since when it binds; a paper that is posted says since when, by whom."""

import threading
import urllib.error
from datetime import date, datetime, time, timedelta
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import waiting
from archive.keeping import facts, integrity, verification
from archive.models import Certificate, Posting, Publication, PublishedAnnex, Reading
from archive.online import clock, stamped
from archive.online import standing as legal
from documents import compile, papers
from documents.models import IssuedDocument
from documents.stamping import Face
from law import acts, french
from law.exemptions import Case
from law.regime import PRESETS
from meetings.models import AgendaItem, Meeting
from members.models import Body, Mandate
from registry.acts import actions as register
from registry.models import Final
from registry.signatures import keys, pades
from tests import conformity, held
from tests.archive.test_publications import said_by
from tests.cast import change, change_rules, end, make_mandate, make_person
from tests.held import AT, content_of
from tests.words import refused, unsaid
from trail.models import Entry
from transmission.models import ActSheet, Transmission

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)
ONLINE = AT + timedelta(days=2)
LATER = ONLINE + timedelta(days=5)
KINDS = IssuedDocument.Kind
Found = Reading.Found


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://actes.example.org"


@pytest.fixture
def acted(cast, hold):
    """A sitting whose list and extract are online."""
    meeting = hold(JUNE, adopted=("Budget",), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(meeting, by=cast.secretariat, at=ONLINE)
    return meeting


@pytest.fixture
def extract(acted) -> Publication:
    return Publication.objects.get(document__kind=KINDS.EXTRACT)


def online(publication):
    """What the address gives when all is well."""
    return lambda url, most: content_of(publication.file)


def down(code):
    def fetch(url, most):
        raise urllib.error.HTTPError(url, code, "", None, None)

    return fetch


def silent(url, most):
    raise TimeoutError("timed out")


def garbled(url, most):
    raise BadStatusLine("garbage")


# --- Reading back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fetch", "found", "detail"),
    [
        (online, Found.SAME, ""),
        (lambda publication: lambda url, most: b"autre chose", Found.OTHER, "11 octets"),
        (lambda publication: down(404), Found.ABSENT, "réponse 404"),
        (lambda publication: down(503), Found.ABSENT, "réponse 503"),
        (lambda publication: silent, Found.SILENT, "timed out"),
        (lambda publication: garbled, Found.SILENT, "garbage"),
    ],
    ids=["conforme", "autre", "404", "503", "muet", "pas une réponse"],
)
def test_what_an_address_gives_is_kept_as_it_was(extract, fetch, found, detail):
    row = clock.read_back(extract, at=ONLINE, fetch=fetch(extract))
    assert row.found == found
    assert detail in row.detail
    with pytest.raises(Final):
        row.save()


def test_each_address_is_read_once_a_day_then_each_month_and_again_soon_when_it_was_lost(
    acted, extract
):
    asked = []

    def fetch(url, most):
        asked.append(url)
        return content_of(extract.file) if extract.code in url else b"x"

    day = timedelta(days=1)
    assert len(clock.attend(at=ONLINE, fetch=fetch)) == 2
    assert len(clock.attend(at=ONLINE + timedelta(minutes=30), fetch=fetch)) == 0
    (again,) = clock.attend(at=ONLINE + timedelta(hours=2), fetch=fetch)  # the one that was lost
    assert again.publication != extract
    assert len(clock.attend(at=ONLINE + day, fetch=fetch)) == 2
    assert asked[0].startswith("https://actes.example.org/actes/")
    old = ONLINE + timedelta(days=90)
    Reading.objects.create(publication=extract, at=old, found=Found.SAME)
    due = {each.pk for each in clock.due(at=old + day)}
    assert extract.pk not in due
    assert extract.pk in {each.pk for each in clock.due(at=old + timedelta(days=31))}
    publishing.withdraw(extract, reason="erreur", by=None, at=old)
    assert extract.pk not in {each.pk for each in clock.due(at=old + timedelta(days=31))}


def test_nothing_is_read_of_a_site_that_nobody_named(acted, settings):
    settings.SITE_URL = ""
    assert clock.attend(at=ONLINE, fetch=silent) == ()
    with pytest.raises(CommandError, match="SITE_URL"):
        call_command("read_back")


class _Site(BaseHTTPRequestHandler):
    files: dict[str, bytes] = {}

    def do_GET(self):
        content = self.files.get(self.path)
        self.send_response(200 if content else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *args):
        pass


def test_the_command_reads_the_true_address(acted, extract, settings):
    server = HTTPServer(("127.0.0.1", 0), _Site)
    settings.SITE_URL = f"http://127.0.0.1:{server.server_port}/"
    path = reverse("archive:public_file", args=[extract.code])
    _Site.files = {path: content_of(extract.file)}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    out, err = StringIO(), StringIO()
    try:
        call_command("read_back", stdout=out, stderr=err)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "2 adresses relues" in out.getvalue().replace("\u00a0", " ")
    assert "1 absent" in err.getvalue()
    assert extract.readings.get().found == Found.SAME


# --- The certificate -----------------------------------------------------------------------------


def read_daily(publication, days, lost=(), since=0):
    for rank in range(since, days):
        found = Found.ABSENT if rank in lost else Found.SAME
        Reading.objects.create(
            publication=publication,
            at=ONLINE + timedelta(days=rank, hours=1),
            found=found,
            detail="réponse 503" if rank in lost else "",
            address=clock.address(publication),
        )


OVER = ONLINE + timedelta(days=70)


def test_a_certificate_says_the_figures_of_what_was_read(extract, cast):
    read_daily(extract, 55, lost=(10, 11))
    made = publishing.certify(extract, by=cast.secretariat, at=OVER)
    paper = papers.from_json(made.content)
    assert isinstance(paper, papers.PublicityCertificate)
    assert [(each.label, each.value) for each in paper.figures] == [
        ("relevés", 55),
        ("conformes", 53),
    ]
    (incident,) = paper.incidents
    assert unsaid(incident.what.replace("\u00a0", " "), "Absent (réponse 503)", "retrouvé le") == []
    conformity.check(content_of(made.file))
    told = said_by(content_of(made.file)).replace("\u00a0", " ")
    assert (
        unsaid(told, "Certificat de publication", "53 fois le fichier même", "6 jours, dont") == []
    )
    verdict = verification.judge(content_of(made.file))
    assert verdict.is_certificate and verdict.is_ours
    assert any("le certificat de publication que" in each for each in verdict.sentences)
    assert publishing.certify(extract, by=cast.secretariat, at=OVER) == made
    assert list(integrity.faults()) == []
    with Path(made.file.path).open("r+b") as file:
        file.write(b"x")
    (fault,) = integrity.faults()
    assert "n’est plus le certificat" in str(fault)
    assert Certificate.objects.count() == 1


def test_a_certificate_names_the_addresses_that_were_read(extract, cast, settings):
    """A site that changes its name: each in turn, and not only that of today."""
    read_daily(extract, 5)
    settings.SITE_URL = "https://deliberations.example.org"
    read_daily(extract, 10, since=5)
    settings.SITE_URL = "https://plus-tard.example.org"
    made = publishing.certify(extract, by=cast.secretariat, at=OVER)
    told = said_by(content_of(made.file)).replace("\u00a0", " ")
    assert "Certificat de publication, sur quelques relevés" in told
    assert unsaid("".join(told.split()), "actes.example.org", ",puishttps://deliberations") == []
    assert "plus-tard" not in told


def test_what_cannot_be_certified_is_refused(extract, cast):
    with refused("rien_releve"):
        publishing.certify(extract, by=cast.secretariat, at=OVER)
    read_daily(extract, 3)
    with refused("temps_non_fini"):
        publishing.certify(extract, by=cast.secretariat, at=ONLINE + timedelta(days=20))
    with refused("releves_rares"):  # of most of its days, nothing is known
        publishing.certify(extract, by=cast.secretariat, at=OVER, knowing=False)
    publishing.withdraw(extract, reason="erreur", by=None, at=ONLINE + timedelta(days=4))
    with refused("retire_avant_terme"):
        publishing.certify(extract, by=cast.secretariat, at=OVER)
    assert not Certificate.objects.exists()


def certified(publication, cast) -> tuple[papers.PublicityCertificate, dict[str, str]]:
    """The certificate of what was online, and its facts."""
    made = publishing.certify(publication, by=cast.secretariat, at=OVER)
    paper = papers.from_json(made.content)
    return paper, {each.label: each.text.replace("\u00a0", " ") for each in paper.facts}


@pytest.mark.parametrize("found", [Found.OTHER, Found.ABSENT, Found.SILENT])
def test_nothing_is_certified_of_what_was_never_read_as_it_was_put(extract, cast, client_of, found):
    for rank in range(3):
        at = ONLINE + timedelta(days=rank)
        Reading.objects.create(publication=extract, at=at, found=found)
    late = OVER + timedelta(days=1)
    Reading.objects.create(publication=extract, at=late, found=Found.SAME)
    assert clock.to_certify(Publication.objects.all(), on=late.date()) == []
    with refused("rien_de_conforme"):
        publishing.certify(extract, by=cast.secretariat, at=late)
    page = client_of(cast.secretariat).get(
        reverse("archive:publication", args=[extract.document_id])
    )
    assert "Établir le certificat de publication" not in page.text
    assert not Certificate.objects.exists()


def test_each_way_of_not_being_read_is_told_apart_to_the_end_of_its_time(extract, cast):
    day = timedelta(days=1)
    for rank, found in enumerate([Found.SAME, Found.OTHER, Found.ABSENT, Found.SILENT, Found.SAME]):
        Reading.objects.create(publication=extract, at=ONLINE + rank * day, found=found)
    end = timezone.make_aware(datetime.combine(clock.certifiable_on(extract), time.min))
    Reading.objects.create(publication=extract, at=end - 5 * day, found=Found.SILENT)
    _, facts = certified(extract, cast)
    assert "Hors ligne" not in facts
    assert facts["Non conforme"].startswith("2 jours environ")
    assert facts["Injoignable d’ici"].startswith("6 jours environ")  # its last five included


def test_an_outage_that_lasts_is_counted_to_this_moment(extract):
    read_daily(extract, 3, lost=(2,))
    told = clock.told(extract, at=ONLINE + timedelta(days=2, hours=4))
    assert told.down == (("Non conforme", "3 heures"),)


def test_who_presides_on_the_day_of_the_certificate_signs_it(extract, cast):
    read_daily(extract, 3)
    post_row = post(extract.document, cast)
    end(cast.seat(cast.alice), AT.date() + timedelta(days=20))
    make_mandate(
        cast.comite,
        make_person(cast.organisation, "Hélène", "Hubert"),
        start_on=AT.date() + timedelta(days=21),
        office=Mandate.Office.CHAIR,
    )
    paper, _ = certified(extract, cast)
    assert "HUBERT" in paper.signatory.name and "HUBERT" in paper.statement
    before = publishing.certify_posting(post_row, by=cast.secretariat, at=ONLINE)
    assert "ARNAUD" in papers.from_json(before.content).signatory.name


def test_a_certificate_says_what_was_seen_first_and_what_it_is_silent_about(extract, cast):
    read_daily(extract, 3, lost=(0,))
    PublishedAnnex.objects.create(
        publication=extract, rank=1, title="Plan", file="annexe.pdf", sha256="0" * 64
    )
    paper, facts = certified(extract, cast)
    seen = french.long_date((ONLINE + timedelta(days=1)).date())
    said = paper.statement.replace("\u00a0", " ")
    assert f"a été constaté en ligne pour la première fois le {seen}" in said
    assert facts["À part"] == "1 annexe, sans relevé ni certificat"
    assert "occultée" not in said


def test_a_certificate_says_that_passages_are_left_out(extract):
    read_daily(extract, 3)
    extract.is_redacted = True
    told = clock.told(extract, at=OVER)
    paper = compile.compile_publication_certificate(extract.document.meeting, told, at=OVER)
    said = paper.statement.replace("\u00a0", " ")
    assert "» (version occultée, art. L312-1-2 du CRPA) a été constaté" in said


def test_minutes_stay_for_good_and_a_list_bears_no_appeal(signed, cast, client):
    """Each paper says for how long it stays, and what taking it off costs, by its kind."""
    held.issue_acts(signed.meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(signed.meeting, by=cast.secretariat, at=ONLINE)
    publishing.publish(signed, by=cast.secretariat, at=ONLINE)
    extract, listed, minutes = (
        Publication.objects.get(document__kind=kind)
        for kind in (KINDS.EXTRACT, KINDS.LIST, KINDS.MINUTES)
    )
    stays = [clock.stay(each).replace("\u00a0", " ") for each in (extract, listed, minutes)]
    assert stays[0].startswith("au moins jusqu’au 17 août 2026 (")
    assert stays[1].startswith("au moins jusqu’au 17 août 2026 (durée retenue ici")
    assert stays[2].startswith("de manière permanente (")
    soon, late = ONLINE.date() + timedelta(days=3), ONLINE.date() + timedelta(days=3000)
    costs = [publishing.cost_of_withdrawing(each, on=soon) for each in (extract, listed, minutes)]
    assert ["recours" in each.message for each in costs] == [True, False, False]
    assert "deux mois" not in costs[1].message + costs[2].message
    assert publishing.cost_of_withdrawing(listed, on=late) is None
    assert "permanente" in publishing.cost_of_withdrawing(minutes, on=late).message
    assert clock.online_until(minutes) is None
    assert "de manière permanente" in client.get(minutes.get_absolute_url()).text
    read_daily(minutes, 3)
    _, facts = certified(minutes, cast)
    assert facts["À y rester"].startswith("de manière permanente")


def test_it_is_offered_once_its_time_is_over(extract, cast):
    rows = Publication.objects.all()
    read_daily(extract, 3)
    assert clock.to_certify(rows, on=clock.certifiable_on(extract) - timedelta(days=1)) == []
    assert clock.to_certify(rows, on=clock.certifiable_on(extract)) == [extract]
    publishing.certify(extract, by=cast.secretariat, at=OVER)
    assert clock.to_certify(rows, on=OVER.date()) == []


def test_a_failure_leaves_no_file(extract, cast, monkeypatch, settings):
    read_daily(extract, 3)

    def save(self, *args, **kwargs):
        raise OSError

    monkeypatch.setattr(Certificate, "save", save)
    with pytest.raises(OSError):
        publishing.certify(extract, by=cast.secretariat, at=OVER)
    assert not list(settings.MEDIA_ROOT.glob("certificats/**/*.pdf"))


def test_an_organisation_that_has_a_seal_seals_it(extract, cast, accounts):
    read_daily(extract, 3)
    if keys.of_seal(cast.organisation, at=OVER).key is None:
        held.give_keys(cast)
    made = publishing.certify(extract, by=cast.secretariat, at=OVER)
    assert made.is_sealed is bool(pades.signed(content_of(made.file)))


# --- Early withdrawal ----------------------------------------------------------------------------


def test_to_take_a_document_off_before_its_time_says_what_it_costs(extract, cast, client_of):
    early = timezone.now()
    publishing.withdraw(extract, reason="une erreur", by=None, at=OVER)
    extract = publishing.publish(extract.document, by=None, at=early)
    client = client_of(cast.secretariat)
    url = reverse("archive:withdraw", args=[extract.document_id])
    answer = client.post(url, {"reason": "erreur"})
    assert answer.status_code == 422
    assert "peut n’avoir pas couru" in answer.text
    extract.refresh_from_db()
    assert extract.withdrawn_at is None
    with refused("retrait_avant_terme"):
        publishing.withdraw(extract, reason="x", by=None, at=early, knows_the_cost=False)
    assert client.post(url, {"reason": "erreur", "knows": "on"}).status_code == 302


# --- Posting -------------------------------------------------------------------------------------


ISSUED_ON = AT.date()


def post(document, cast, on=ISSUED_ON, manner="affiche", who="Mme Anne Roux", way=""):
    told = {"manner": manner, "on": on, "who": who, "way": way}
    return publishing.post(document, **told, by=cast.secretariat, at=ONLINE)


def test_a_posting_says_its_day_and_who_and_is_certified(acted, cast):
    document = acted.documents.get(kind=KINDS.LIST)
    row = post(document, cast)
    assert post(document, cast) == row
    publishing.take_down(row, until=AT.date() + timedelta(days=1), by=None, at=ONLINE)
    made = publishing.certify_posting(row, by=cast.secretariat, at=ONLINE)
    told = said_by(content_of(made.file)).replace("\u00a0", " ")
    assert unsaid(told, "Certificat d’affichage", "affiché au siège", "Mme Anne Roux") == []
    (said, *_) = verification.judge(content_of(made.file)).sentences
    assert "le certificat d’affichage que" in said
    with refused("affichage_certifie"):
        publishing.take_posting_back(row, by=None, at=ONLINE)


@pytest.mark.parametrize(("manner", "said"), [
    ("affiche", "affiché pour information ; ce qui le porte à la connaissance est sa mise en ligne "
     "(art. L3131-1 du CGCT, par renvoi de l’art. L5721-4)"),
    ("urgence", "art. L3131-1 du CGCT, par renvoi de l’art. L5721-4"),
])  # fmt: skip
def test_a_certificate_says_what_a_posting_is_worth(acted, extract, cast, manner, said):
    """Posting is not how an open syndicate makes its acts known: its certificate said it was."""
    row = post(extract.document, cast, manner=manner)
    made = publishing.certify_posting(row, by=cast.secretariat, at=ONLINE)
    facts = {each.label: each.text for each in papers.from_json(made.content).facts}
    assert facts["Règle"].replace("\u00a0", " ") == said


def test_another_day_takes_the_place_of_the_first(acted, cast):
    document = acted.documents.get(kind=KINDS.LIST)
    first = post(document, cast)
    other = post(document, cast, on=AT.date() + timedelta(days=1))
    assert list(Posting.objects.standing()) == [other]
    assert Posting.objects.get(pk=first.pk).undone_at is not None
    publishing.take_posting_back(other, by=None, at=ONLINE)
    with refused("affichage_annule"):
        publishing.certify_posting(other, by=None, at=ONLINE)


def test_what_was_certified_of_a_posting_is_not_told_otherwise(acted, cast, client_of):
    document = acted.documents.get(kind=KINDS.LIST)
    row = post(document, cast)
    made = publishing.certify_posting(row, by=cast.secretariat, at=ONLINE)
    told = said_by(content_of(made.file)).replace("\u00a0", " ")
    assert "est affiché au siège depuis le 15 juin 2026" in told
    with refused("affichage_certifie"):
        post(document, cast, on=ISSUED_ON + timedelta(days=1))
    assert list(Posting.objects.standing()) == [row]
    page = client_of(cast.secretariat).get(reverse("archive:publication", args=[document.pk])).text
    assert "Ôté le" in page and "Annuler" not in page  # its end is told even so
    publishing.take_down(row, until=ISSUED_ON + timedelta(days=1), by=None, at=ONLINE)
    ended = publishing.post(  # of an urgent one, its end was told before its certificate
        document, manner="urgence", on=ISSUED_ON, who="M. Roux", by=None, at=ONLINE
    )
    publishing.take_down(ended, until=ISSUED_ON, by=None, at=ONLINE)
    publishing.certify_posting(ended, by=None, at=ONLINE)
    with refused("affichage_certifie"):
        publishing.take_down(ended, until=ISSUED_ON + timedelta(days=1), by=None, at=ONLINE)


def test_what_was_notified_does_not_last(acted, extract, cast):
    row = post(extract.document, cast, manner="notifie", way="main")
    made = publishing.certify_posting(row, by=cast.secretariat, at=ONLINE)
    assert "a été notifié le" in papers.from_json(made.content).statement.replace("\u00a0", " ")


@pytest.mark.parametrize(("sent", "code"), [
    ({"on": date(2100, 1, 1)}, "jour_a_venir"),
    ({"on": date(2016, 1, 1)}, "affiche_avant_d_etre_etabli"),
    ({"who": "  "}, "affiche_par_qui"),
    ({"manner": "x"}, "affichage_inconnu"),
])  # fmt: skip
def test_what_cannot_have_been_posted_is_refused(acted, cast, sent, code):
    with refused(code):
        post(acted.documents.get(kind=KINDS.LIST), cast, **sent)


# --- The state of an act -------------------------------------------------------------------------


def sheet(document, cast, **values) -> ActSheet:
    deliberation = document.meeting.deliberations.get(item__key=document.subject)
    return ActSheet.objects.create(
        deliberation=deliberation, object="Budget", typology="99_DE", **values
    )


def received(document, cast, on):
    row = Transmission.objects.create(
        sheet=sheet(document, cast),
        document=document,
        number="1",
        identifier="080-1",
        connector="main",
        state=Transmission.State.RECEIVED,
        received_on=on,
    )
    return row


ONLINE_ON = ONLINE.date()


def test_an_act_binds_once_it_is_online_and_received(extract, cast):
    document = extract.document
    before = legal.of(document)
    assert (before.binds, before.force.rule) == (False, acts.Rule.SENT)
    assert before.force.lacks == ("réception par la préfecture",)
    received(document, cast, ONLINE_ON + timedelta(days=3))
    state = legal.of(document)
    assert state.force.since == ONLINE_ON + timedelta(days=3)
    assert state.appeal == acts.appeal(extract.document.meeting.regime, ONLINE_ON)
    assert state.control.on > state.appeal.on
    assert "L3131-1" in state.force.article


def test_one_that_is_not_sent_binds_from_its_publication(extract, cast):
    sheet(extract.document, cast, exempt="redevance de voirie")
    state = legal.of(extract.document)
    assert (state.force.since, state.force.rule) == (ONLINE_ON, acts.Rule.PUBLISHED)
    assert state.control is None


def test_posted_in_urgency_it_binds_from_then(extract, cast):
    sheet(extract.document, cast, exempt="urgence")
    post(extract.document, cast, manner="urgence", on=AT.date())
    state = legal.of(extract.document)
    assert (state.force.since, state.force.rule) == (AT.date(), acts.Rule.URGENT)


@pytest.mark.parametrize("told", [{"nature": "3"}, {"nature": "1", "is_individual": True}])
def test_an_individual_decision_binds_once_notified(extract, cast, told):
    """An arrêté, or what an assembly decided of somebody."""
    sheet(extract.document, cast, exempt="non transmissible", **told)
    assert legal.of(extract.document).force.lacks == ("notification",)
    post(extract.document, cast, manner="notifie", way="main", on=AT.date())
    state = legal.of(extract.document)
    assert state.force.since == AT.date()
    assert state.appeal == acts.appeal(extract.document.meeting.regime, AT.date())


def test_where_posting_is_the_publicity_it_binds_from_then(cast, request, client):
    """Art. L2131-1, IV."""
    change_rules(cast.comite, acts_publicity="affichage")
    extract = request.getfixturevalue("extract")
    sheet(extract.document, cast, exempt="redevance de voirie")
    before = legal.of(extract.document)
    assert (before.force.lacks, before.appeal) == (("date d’affichage",), None)
    post(extract.document, cast)
    state = legal.of(extract.document)
    assert (state.force.since, state.force.rule) == (ISSUED_ON, acts.Rule.PUBLISHED)
    assert state.appeal == acts.appeal(extract.document.meeting.regime, ISSUED_ON)
    assert "Affichage" in dict(state.facts)
    page = client.get(extract.get_absolute_url()).text
    assert unsaid(page, "L’acte n’est pas transmis", "redevance de voirie", "en principe") == []
    assert "n’y est pas soumis" not in page  # only a case of the law says so
    lawful = Case.ROADS.reason(extract.document.meeting.regime)
    change(ActSheet.objects.get(), exempt=lawful)
    page = client.get(extract.get_absolute_url()).text
    assert unsaid(page, "n’y est pas soumis", "Tarif des droits de voirie") == []


def test_another_version_is_the_same_act(extract, acted, cast):
    """What made the first one known and received did it of the deliberation."""
    received(extract.document, cast, ONLINE_ON)
    before = legal.of(extract.document)
    acted.items.filter(key=extract.document.subject).update(text="<p>Un autre rapport.</p>")
    meeting = Meeting.objects.get(pk=acted.pk)
    second = next(
        each
        for each in held.issue_acts(meeting, by=cast.secretariat, reason="une coquille")
        if each.kind == KINDS.EXTRACT
    )
    assert second.version == 2
    publishing.publish(second, by=cast.secretariat, at=ONLINE + timedelta(days=30))
    assert legal.of(second) == before
    assert before.binds and before.appeal and before.control


@pytest.mark.parametrize(("kind", "said"), [
    ("retire", "Retirée par 2026-07-07/01 du 7 juillet 2026 (art. L242-1 et L243-3"),
    ("abroge", "Abrogée par 2026-07-07/01"),
])  # fmt: skip
def test_what_a_later_act_did_to_it_is_on_its_copy(extract, acted, cast, hold, client, kind, said):
    received(extract.document, cast, ONLINE_ON)
    july = hold(JULY, adopted=("Tarifs",), approves=False)
    (new,) = register.number(july, by=cast.secretariat, at=ONLINE)
    register.link(new, kind=kind, target=acted.deliberations.get(), by=cast.secretariat)
    state = legal.of(IssuedDocument.objects.get(pk=extract.document_id))
    assert (
        state.binds and state.appeal and not (state.ended or state.since_else)
    )  # it does not bind yet
    held.issue_acts(july, by=cast.secretariat, at=ONLINE)
    held.bind(july, by=cast.secretariat)
    state = legal.of(IssuedDocument.objects.get(pk=extract.document_id))
    assert state.binds is (kind == "abroge") is bool(state.appeal)
    answer = client.get(reverse("archive:public_copy", args=[extract.code]))
    assert unsaid(said_by(answer.content).replace("\u00a0", " "), said) == []


@pytest.mark.parametrize(("ended_on", "said"), [
    (date(2026, 11, 30), ", exécutoire depuis le 30 novembre 2026 ; jusque-là exécutoire depuis le "
     "29 novembre 2026 (art. L3131-1"),
    (date(2026, 11, 29), ", exécutoire depuis le 29 novembre 2026 : sans un jour d’application."),
])  # fmt: skip
def test_what_was_repealed_tells_the_day_on_which_its_repeal_bound(ended_on, said):
    """It was « abrogée du 27 octobre ; jusque-là exécutoire depuis le 29 novembre »."""
    since = date(2026, 11, 29)
    state = legal.Standing(
        force=acts.force(PRESETS["smo"], known_on=since, received_on=since),
        ended="abrogée par 2026-10-27/01 du 27 octobre 2026",
        ended_on=ended_on,
    )
    told = state.said.replace("\u00a0", " ")
    assert told.startswith(f"Abrogée par 2026-10-27/01 du 27 octobre 2026{said}")


def test_a_wish_is_told_without_effect_and_only_the_prefect_contests_it(cast, hold, client):
    meeting = hold(JUNE, adopted=("Vœu pour la gare",), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    held.bind(meeting, by=cast.secretariat)
    row = Publication.objects.get(document__kind=KINDS.EXTRACT)
    state = legal.of(row.document)
    assert not state.binds and state.appeal is None
    assert dict(state.facts)["Recours"].startswith("aucun, que celui du préfet")
    told = client.get(row.get_absolute_url()).text.replace("\u00a0", " ")
    said = ("pas d’effet juridique", "Adoptée, 6 pour", "sauf par le préfet", "n° 157623")
    assert unsaid(told, *said) == []
    assert "xécutoire" not in told and "s’applique" not in told


def test_what_is_taken_off_line_is_not_said_withdrawn(extract, cast, client):
    page, document = extract.get_absolute_url(), extract.document

    def take_off(row: Publication, reason: str, **how) -> str:
        how |= {"by": cast.secretariat, "at": LATER, "knows_the_cost": True}
        publishing.withdraw(row, reason=reason, **how)
        answer = client.get(page)
        assert answer.status_code == 410
        return answer.text.replace("\u00a0", " ").split("<main")[1]

    # No word of the reason says for whoever wrote it that the object is to be kept from the public.
    told = take_off(extract, "les données personnelles d’une annexe")
    assert unsaid(told, "2026-06-09/01", "plus en ligne", "<strong>Budget", "a cessé") == []
    again = publishing.publish(document, by=cast.secretariat, at=LATER + timedelta(days=2))
    told = client.get(page).text.replace("\u00a0", " ")
    assert f"absent depuis le {french.long_date(LATER.date())}" in told
    told = take_off(again, "une coquille", hides_object=True)
    assert unsaid(told, "2026-06-09/01", "plus en ligne", "Budget") == ["Budget"]
    (line,) = Entry.objects.filter(what__contains="une coquille")
    assert "objet tu" in line.what


@pytest.mark.parametrize(("titled", "is_proposed"), [
    ("Budget", False),
    ("Aide à Mme Jeanne Durand-Pelletier", True),
])  # fmt: skip
def test_whoever_takes_an_act_off_says_whether_its_object_is_told(
    cast, hold, client_of, client, titled, is_proposed
):
    """The form shows the object, and proposes to keep it where it seems to name somebody."""
    meeting = hold(JUNE, adopted=(titled,), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(meeting, by=cast.secretariat, at=ONLINE)
    row = Publication.objects.get(document__kind=KINDS.EXTRACT)
    listed = Publication.objects.get(document__kind=KINDS.LIST)
    office = client_of(cast.secretariat)
    page = office.get(reverse("archive:publication", args=[row.document_id]))
    form = page.context["form"]
    assert form["hides_object"].initial is is_proposed
    told = titled.rpartition(" ")[2]
    assert told in form["hides_object"].help_text
    page = office.get(reverse("archive:publication", args=[listed.document_id]))
    assert "hides_object" not in page.context["form"].fields
    said = {"reason": "une erreur", "knows": "on"} | ({"hides_object": "on"} if is_proposed else {})
    office.post(reverse("archive:withdraw", args=[row.document_id]), said)
    row.refresh_from_db()
    assert row.hides_object is is_proposed
    assert (told in client.get(row.get_absolute_url()).text) is not is_proposed
    page = office.get(reverse("archive:publication", args=[row.document_id])).text
    assert ("objet tu" in page) is is_proposed
    # The list, which is online, says it still: who kept it from the public is told so.
    assert ("Son objet se lit encore" in page and str(listed.title) in page) is is_proposed


def test_the_object_of_what_was_taken_off_before_is_kept_as_the_words_of_its_reason_had_it(
    acted, cast
):
    """And the witness knows what the update wrote."""
    listed, extract = Publication.objects.order_by("document__kind", "pk")
    at, by = LATER, cast.secretariat
    publishing.withdraw(extract, reason="une coquille", by=by, at=at)
    publishing.withdraw(listed, reason="le nom d’un agent", by=by, at=at)
    import_module("archive.migrations.0024_hides_object").mark(apps, connection.schema_editor())
    marked = Publication.objects.values_list("reason", flat=True).filter(hides_object=True)
    assert list(marked) == ["le nom d’un agent"]
    assert list(facts.faults(Publication)) == []


def test_a_copy_with_its_state_is_known_again_to_the_byte(extract, client, settings):
    """Nothing keeps it: a mark of this server in its bytes says what it is of, and of which day."""
    copy = client.get(reverse("archive:public_copy", args=[extract.code])).content
    verdict = verification.judge(copy)
    assert (verdict.origin, verdict.document) == (verification.Origin.COPY, extract.document)
    told = " ".join(verdict.sentences).replace("\u00a0", " ")
    today = f"faite ici le {french.long_date(timezone.localdate())}"
    assert unsaid(told, today, "pas les signatures", "L’acte est en ligne depuis") == []
    dropped = {"file": ContentFile(copy, "copie.pdf")}
    page = client.post(reverse("archive:verify"), dropped).text
    assert unsaid(page, "Cette copie a été faite ici", extract.title.split("\u00a0: ")[1]) == []
    # One letter of it, its mark included, and it is of anybody.
    place = copy.index(b"><", copy.rindex(b"/ID [<")) + 2
    other = b"1" if copy[place : place + 1] == b"0" else b"0"
    assert stamped.origin(copy[:place] + other + copy[place + 1 :]) is None
    assert stamped.origin(copy.replace(b"%%EOF", b"%%EOG")) is None
    assert stamped.origin(content_of(extract.file)) is None
    key, settings.SECRET_KEY = settings.SECRET_KEY, "une autre clé"
    assert stamped.origin(copy) is None
    settings.SECRET_KEY_FALLBACKS = [key]
    assert stamped.origin(copy).on == timezone.localdate()


def test_an_election_is_said_contested_in_no_two_months(extract, cast, client):
    """Art. R119 of the electoral code: before 18 h on the fifth day."""
    received(extract.document, cast, ONLINE_ON)
    page = reverse("archive:public_document", args=[extract.code])
    copy = reverse("archive:public_copy", args=[extract.code])

    def told():
        return client.get(page).text + said_by(client.get(copy).content)

    assert unsaid(told(), "Recours", "Déféré", "R421-1") == []
    AgendaItem.objects.filter(key=extract.document.subject).update(kind="election")
    assert "Exécutoire depuis" in told()
    assert unsaid(told(), "R421-1", "’applique depuis") == ["R421-1", "’applique depuis"]
    assert unsaid(told(), "le cinquième jour", "R119", "dès que l’élection est proclamée") == []
    # No text puts an open syndicate under that delay, nor the prefect under his fifteen days.
    assert unsaid(told(), "faute de texte", "aucun texte", "L3132-1") == []
    cost = publishing.cost_of_withdrawing(extract, on=ONLINE_ON)
    assert "certificat" in cost.message and "recours" not in cost.message


def test_a_list_and_minutes_are_no_acts(acted):
    assert legal.of(acted.documents.get(kind=KINDS.LIST)) is None


def test_the_public_reads_the_state_and_its_cache_follows_it(extract, cast, client):
    url = extract.get_absolute_url()
    first = client.get(url)
    assert "Réception par la préfecture non connue ici" in first.text
    received(extract.document, cast, ONLINE_ON).settle(settled_at=ONLINE)
    answer = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert answer.status_code == 200
    assert unsaid(answer.text, "Exécutoire depuis le", "Déféré", "R421-1") == []


def test_a_copy_says_the_state_and_leaves_the_original_as_it_was(extract, cast, client):
    received(extract.document, cast, ONLINE_ON)
    before = content_of(extract.file)
    answer = client.get(reverse("archive:public_copy", args=[extract.code]))
    told = said_by(answer.content).replace("\u00a0", " ")
    day = f"{ONLINE_ON.day} juin 2026"
    assert unsaid(told, "Copie du", "Exécutoire depuis le", day, "L’original") == ["L’original"]
    assert content_of(extract.file) == before
    assert not pades.signed(answer.content)
    state = legal.of(extract.document)
    copies = [stamped.copy(before, state, code="ABCD", on=JUNE) for _ in range(2)]
    assert copies[0] == copies[1]
    conformity.check(copies[0])


@pytest.mark.parametrize("told", [
    {"received_on": ONLINE_ON, "control": acts.control(
        PRESETS["smf"], ONLINE_ON, [acts.Request(on=ONLINE_ON)])},
    {"exempt": "redevance de voirie " * 15},
    {"control": acts.control(PRESETS["smf"], ONLINE_ON), "received_on": ONLINE_ON,
     "unsigned_by": ("Hélène CARPENTIER", "Anne-Sophie DELAPORTE")},
], ids=["transmis", "dispensé", "non signé"])  # fmt: skip
def test_the_head_of_a_copy_stays_above_the_letterhead(extract, told):
    """Six lines of the width of the text, however much there is to say."""
    import pikepdf

    smf, exempt, told = PRESETS["smf"], "exempt" in told, dict(told)
    state = legal.Standing(
        force=acts.force(
            smf,
            known_on=ONLINE_ON,
            received_on=ONLINE_ON,
            is_transmissible=not exempt,
            unsigned_by=told.pop("unsigned_by", ()),
        ),
        published_on=ONLINE_ON,
        posted_on=ONLINE_ON,
        appeal=acts.appeal(smf, ONLINE_ON),
        ended="abrogée par 2026-07-07/01",
        ended_on=JULY,
        **told,
    )
    lines = stamped._lines(state, code="ABCD-EFGH", on=JULY, is_redacted=True)
    with pikepdf.open(BytesIO(content_of(extract.file))) as pdf:
        face = Face(pdf, f"{''.join(lines)} ·")
        fitted = stamped._fitted(face, lines)
        assert max(face.width(each, stamped._SIZE) for each in fitted) <= stamped._WIDTH
    head, leading = stamped._set(fitted)
    assert len(fitted) <= 6 and head + leading * (len(fitted) - 1) <= 44.5


def test_the_page_of_the_secretariat_says_all_of_it(extract, cast, client_of):
    read_daily(extract, 3, lost=(2,))
    client = client_of(cast.secretariat)
    page = client.get(reverse("archive:publication", args=[extract.document_id])).text
    said = ("Le temps en ligne", "État de l’acte", "ne donne plus ce fichier", "Noter un affichage")
    said += ("Mieux vaut attendre aussi la fin du délai de recours",)
    assert unsaid(page, *said) == []
    page = client.get(reverse("archive:publish_sitting", args=[extract.document.meeting_id])).text
    assert unsaid(page, "ne se lit plus à son adresse publique", "non connue ici") == []


# --- What awaits the secretariat -----------------------------------------------------------------


def awaited(meeting, on) -> list[str]:
    found = waiting.tasks(Body.objects.filter(pk=meeting.body_id), on=on)
    return [task.what for task in found if task.meeting == meeting]


def test_an_address_that_is_lost_and_a_time_that_is_over_are_told_with_their_article(
    acted, extract, cast
):
    before = awaited(acted, ONLINE.date())
    read_daily(extract, 3, lost=(2,))
    told = [what for what in awaited(acted, ONLINE.date()) if what not in before]
    assert told == ["Rendre au public un document en ligne, que son adresse ne donne plus"]
    Reading.objects.create(publication=extract, at=OVER, found=Found.SAME)
    over = clock.certifiable_on(extract)
    found = waiting.tasks(Body.objects.filter(pk=acted.body_id), on=over)
    (task,) = [each for each in found if each.what not in before]
    assert task.what == "Établir le certificat de publication de 1 document"
    assert task.article == "art. R3131-2 du CGCT"
    publishing.certify(extract, by=cast.secretariat, at=OVER)
    assert awaited(acted, over) == before


def test_a_list_is_to_be_posted_where_the_body_has_that_kept_here(cast, hold):
    change_rules(cast.comite, list_posted_here=True)
    meeting = hold(JUNE, adopted=("Budget",), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    document = meeting.documents.get(kind=KINDS.LIST)
    found = waiting.tasks(Body.objects.filter(pk=meeting.body_id), on=ONLINE.date())
    (task,) = [each for each in found if each.what.startswith("Afficher au siège")]
    assert task.due_on == date(2026, 6, 16)
    post(document, cast)
    assert not any(what.startswith("Afficher") for what in awaited(meeting, ONLINE.date()))
    publishing.take_posting_back(Posting.objects.get(), by=None, at=ONLINE)
    assert any(what.startswith("Afficher") for what in awaited(meeting, ONLINE.date()))
