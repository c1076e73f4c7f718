"""What is kept: papers laid out, signed, searched, bound.

Rows that only the search reads are written straight into the tables; whatever is signed or bound
was issued by the verbs that the screens call.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from datetime import time as hour
from random import Random
from statistics import median, quantiles
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive import fulltext
from archive.models import Entry
from bench import syndicat
from bench.drawing import draw, drawn_anew
from documents import compile, papers, render
from documents.models import IssuedDocument
from meetings.models import AgendaItem, Meeting
from members.models import Body, Person, User
from registry.acts import actions
from registry.keyring import actions as keyring
from registry.models import Deliberation
from registry.signatures import actions as signatures
from registry.signatures import keys, pades, reading
from registry.volume import binding

# --- Every paper of a sitting -----------------------------------------------------------------

PAPERS: dict[str, Callable[[Meeting], papers.Paper]] = {
    "procès-verbal synthétique": compile.compile_minutes,
    "extrait": lambda meeting: compile.compile_extract(meeting, meeting.agenda.keys[-1]),
    "liste des délibérations": compile.compile_deliberation_list,
    "convocation": lambda meeting: compile.compile_summons(meeting, sent_on=meeting.convened_on),
    "feuille d’émargement": compile.compile_attendance_sheet,
    "feuilles de vote": compile.compile_voting_sheets,
    "chevalets": compile.compile_name_plates,
}


def printed(meeting: Meeting) -> list[dict[str, Any]]:
    """The whole way of each paper from the tables, beside WeasyPrint alone on the same page."""
    full = meeting.body.layout
    _lay_out(meeting.body, Body.Layout.SHORT)
    try:
        return [_paper(what, make, meeting) for what, make in PAPERS.items()]
    finally:
        _lay_out(meeting.body, full)


def _lay_out(body: Body, layout: str) -> None:
    body.layout = layout
    body.save()


def _paper(what: str, make: Callable[[Meeting], papers.Paper], meeting: Meeting) -> dict[str, Any]:
    """The two take turns, so that whatever else the machine does falls on both."""
    html = render.render_html(make(meeting))
    draw(html)
    ours, bare, pages = [], [], 0
    while len(ours) < (5 if pages < 5 else 3 if pages < 30 else 1):
        began = time.perf_counter()
        draw(html)
        drawn = time.perf_counter()
        pdf = drawn_anew(make(meeting))
        ours.append(time.perf_counter() - drawn)
        bare.append(drawn - began)
        pages = render.page_count(pdf)
    return {"what": what, "pages": pages, "total": median(ours), "bare": median(bare)}


# --- Signing ----------------------------------------------------------------------------------

BATCH = 25


def signed(minutes: Meeting) -> Iterator[dict[str, Any]]:
    """One file signed and verified, as the application does; then many in a row."""
    authority, clock, trust = keys.authority(), keys.clock(), keys.trust()
    assert authority is not None
    pdf = render.render_pdf(compile.compile_minutes(minutes))
    prepared = pades.prepare(pdf, [pades.Field(name="president", label="Présidence")])
    identity = authority.identity("Alice Arnaud")
    runs: list[tuple[float, float]] = []
    for _ in range(9):
        began = time.perf_counter()
        content = pades.sign(
            prepared, "president", identity, certify=True, timestamper=clock, trust=trust
        )
        done = time.perf_counter()
        (report,) = pades.read(content, trust)
        runs.append((done - began, time.perf_counter() - done))
        assert report.is_sound
    size = f"{len(prepared) // 1024} Kio, B-LTA"
    signing_one, reading_one = (median(each) for each in zip(*runs, strict=True))
    yield _line("signer un PDF", size, signing_one)
    yield _line("vérifier un PDF", size, reading_one)
    yield _batch()


def _batch() -> dict[str, Any]:
    """The extracts of an evening, each signed in its own transaction."""
    home = syndicat.found("Syndicat qui signe", members=9)
    chair = _account_of_chair(home.body)
    for person in (chair.persons.get(), None):
        keyring.demonstrate(home.body.organisation, person, by=None, at=timezone.now())
    meeting = issued(home, on=date(2026, 3, 10), items=BATCH)
    extracts = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_batch(extracts, by=home.secretariat, at=timezone.now())
    wanted = [each for each in reading.to_sign(meeting, chair) if each.document.subject]
    began = time.perf_counter()
    batch = signatures.sign_batch(wanted, by=chair, at=timezone.now())
    taken = time.perf_counter() - began
    assert len(batch.done) == BATCH, batch.refused
    return _line("signer un lot, par document", f"{BATCH} extraits", taken / BATCH)


def _account_of_chair(body: Body) -> User:
    user = User.objects.create_user(f"preside@{body.organisation.slug}.example", "un mot de passe")
    person = body.mandates.get(office="president").person
    Person.objects.filter(pk=person.pk).update(user=user, email=user.email)
    return user


def issued(home: syndicat.Syndicat, *, on: date, items: int) -> Meeting:
    """A sitting held and closed, its deliberations numbered and their extracts issued."""
    meeting = _held(home, on=on, items=items)
    bare = list(meeting.agenda.keys)
    actions.issue_acts(meeting, by=home.secretariat, at=timezone.now(), bare=bare)
    return meeting


def _held(home: syndicat.Syndicat, *, on: date, items: int) -> Meeting:
    meeting = syndicat.prepare(home, on=on, length=items)
    syndicat.assemble(meeting, by=home.secretariat)
    syndicat.vote(meeting, list(meeting.agenda.keys), by=home.secretariat)
    syndicat.close(meeting, by=home.secretariat)
    return meeting


def _line(what: str, size: str, seconds: float) -> dict[str, Any]:
    return {"what": what, "size": size, "seconds": seconds}


# --- The yearly register ----------------------------------------------------------------------

SITTINGS, ACTS = 10, 40


def issued_year() -> tuple[int, float]:
    """A year of deliberations with their extracts; the body, and the seconds it would take to
    lay all of them out again, from the time of those of one sitting.

    Only the first sitting is laid out. The others take a copy of its files, each its own: what
    binding costs is the same.
    """
    home = syndicat.found("Syndicat au gros registre", members=9)
    first = issued(home, on=date(2025, 1, 15), items=ACTS)
    extracts = {
        each.subject: each for each in first.documents.filter(kind=IssuedDocument.Kind.EXTRACT)
    }
    for month in range(2, SITTINGS + 1):
        meeting = _held(home, on=date(2025, month, 15), items=ACTS)
        actions.number(meeting, by=home.secretariat, at=timezone.now())
        for subject, extract in extracts.items():
            _copied(extract, meeting, subject)
    told = [papers.from_json(each.content) for each in extracts.values()]
    began = time.perf_counter()
    for paper in told:
        render.render_pdf(paper)
    return home.body.pk, (time.perf_counter() - began) * SITTINGS


def _copied(extract: IssuedDocument, meeting: Meeting, subject: str) -> None:
    with extract.pdf.open("rb") as file:
        content = file.read()
    IssuedDocument.objects.create(
        meeting=meeting,
        kind=extract.kind,
        subject=subject,
        title=extract.title,
        schema=extract.schema,
        content=extract.content,
        sha256=extract.sha256,
        pdf=ContentFile(content, f"copie-{meeting.pk}-{subject}.pdf"),
        pdf_sha256=extract.pdf_sha256,
        pages=extract.pages,
        signatories=extract.signatories,
    )


def bound(body: int, year: int) -> dict[str, Any]:
    """The volume, in this process alone; then once more."""
    began = time.perf_counter()
    content = binding.volume(Body.objects.get(pk=body), year)
    done = time.perf_counter()
    binding.volume(Body.objects.get(pk=body), year)
    return {
        "seconds": done - began,
        "bound_again": time.perf_counter() - done,
        "pages": render.page_count(content),
        "size": len(content),
    }


# --- Searching --------------------------------------------------------------------------------

DELIBERATIONS, PER_SITTING = 10_000, 40
ASKED = 60

_SUBJECTS = (
    "fibre optique|adressage|marché de services|convention de mutualisation|budget primitif|"
    "décision modificative|école élémentaire|assainissement collectif|plan communal de sauvegarde|"
    "système d’information géographique|télétransmission|tableau des effectifs|subvention|"
    "groupement de commandes|archivage électronique|vidéoprotection|éclairage public|"
    "délégation de service public|garantie d’emprunt|cession de parcelle|tarifs de la cantine|"
    "règlement intérieur|protection des données|schéma directeur|transport scolaire"
).split("|")
_PLACES = [
    f"{first}{last}"
    for first in "Ab Boi Cou Dom Es Fla Gam He Ligni Mon Nes Pi Roi Sa Vi".split()
    for last in "bécourt gnicourt lincourt mart nneville puis ressy thoy vaucourt zaincourt".split()
]
_WORDS = (
    "le comité décide d’approuver la convention et autorise son président à la signer après avis "
    "favorable de la commission des finances sur rapport du bureau considérant la demande des "
    "communautés membres vu le code général des collectivités territoriales la dépense est "
    "inscrite au budget de l’exercice en cours avec une participation du département calculée au "
    "prorata de la population"
).split()


def searched() -> list[dict[str, Any]]:
    """The page that anybody of the house opens, over ten thousand deliberations."""
    home = syndicat.found("Syndicat aux dix mille délibérations", members=9)
    _fill(home)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.force_login(home.secretariat)
    chance = Random(7)  # noqa: S311 the same questions each time
    kinds: dict[str, list[str]] = {
        "un mot courant": ["convention", "budget", "président"],
        "un lieu": [chance.choice(_PLACES) for _ in range(ASKED)],
        "un sujet et un lieu": [
            f"{chance.choice(_SUBJECTS)} {chance.choice(_PLACES)}" for _ in range(ASKED)
        ],
        "le début d’un mot": [chance.choice(_PLACES)[:5].lower() for _ in range(ASKED)],
        "un numéro": [f"2016-{chance.randrange(1, 900)}" for _ in range(ASKED)],
        "rien de tel": ["zythum", "quetzalcoatl"],
    }
    return [_asked(client, what, questions) for what, questions in kinds.items()]


def _asked(client: Client, what: str, questions: list[str]) -> dict[str, Any]:
    path = reverse("archive:search")

    def ask(question: str) -> None:
        answer = client.get(path, {"q": question})
        assert answer.status_code == 200, answer.status_code

    ask(questions[0])
    with CaptureQueriesContext(connection) as captured:
        ask(questions[0])
    bounds = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    count = sum(not query["sql"].startswith(bounds) for query in captured)
    taken = []
    for rank in range(ASKED):
        began = time.perf_counter()
        ask(questions[rank % len(questions)])
        taken.append(time.perf_counter() - began)
    return {
        "what": what,
        "queries": count,
        "median": median(taken),
        "p95": quantiles(taken, n=20)[-1],
    }


def _fill(home: syndicat.Syndicat) -> None:
    """Rows as the search finds them, without holding two hundred and fifty sittings."""
    chance = Random(2016)  # noqa: S311 the same texts each time
    days = [
        date(2004 + rank // 12, rank % 12 + 1, 12) for rank in range(DELIBERATIONS // PER_SITTING)
    ]
    meetings = Meeting.objects.bulk_create(
        Meeting(body=home.body, held_on=day, starts_at=hour(18), stage=Meeting.Stage.ISSUED)
        for day in days
    )
    documents = IssuedDocument.objects.bulk_create(
        IssuedDocument(meeting=meeting, schema=1, content="{}", pages=1, signatories=2)
        for meeting in meetings
    )
    items = AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=meeting,
            key=f"p{rank + 1}",
            position=rank,
            title=f"{chance.choice(_SUBJECTS).capitalize()} à {chance.choice(_PLACES)}",
        )
        for meeting in meetings
        for rank in range(PER_SITTING)
    )
    numbers: dict[int, int] = {}
    given = []
    for item in items:
        year = item.meeting.held_on.year
        number = numbers[year] = numbers.get(year, 0) + 1
        given.append(
            Deliberation(
                meeting=item.meeting,
                item=item,
                body=home.body,
                year=year,
                number=number,
                rank=item.position + 1,
                label=f"{year}-{number}",
                safe_label=f"{year}_{number}",
            )
        )
    Deliberation.objects.bulk_create(given)
    by_meeting = {document.meeting_id: document for document in documents}
    entries = []
    for item in items:
        text = " ".join(chance.choices(_WORDS, k=60))
        entries.append(
            Entry(
                document=by_meeting[item.meeting_id],
                item=item,
                body=home.body,
                held_on=item.meeting.held_on,
                title=item.title,
                text=text,
                stems=fulltext.stems(f"{item.title} {text}"),
            )
        )
    Entry.objects.bulk_create(entries, batch_size=1000)
