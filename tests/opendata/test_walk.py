"""Every address that anybody may ask for, one after another, what a key reads and what is mailed to
a reader: what is masked, marked sensitive or
told behind closed doors is at none of them, in no page, file, stream, data, feed, header or name.

The walk begins where a stranger does and follows every address that it meets; then it asks for
each public address of the house that it has not met. The same walk over what nobody masked finds
the words everywhere: it could see them.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date

import pikepdf
import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from archive import actions as publishing
from archive.models import Alert, Publication, PublicText
from archive.online import alerts
from documents import actions as documents
from documents.models import IssuedDocument
from law import ballots, sitting
from meetings import richtext
from meetings.actions import decisions, ledger, masking, texts
from meetings.models import Brief, Meeting
from members.models import Organisation
from opendata.api import keys
from opendata.models import Reading
from registry.acts import actions as acts
from tests import held, post
from tests.archive.test_publications import said_by
from tests.held import AT, at, prepare, sit
from tests.meetings.files import picture
from tests.opendata.conftest import LATER, file_all, join
from tests.test_access import TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

MASKED, SENSITIVE, CLOSED = "Martinet", "Bourgogne", "Chaumette"
SECRETS = (MASKED, SENSITIVE, CLOSED)
TITLE = f"Protection fonctionnelle de Mme {MASKED}"
BEGINNINGS = ("/actes/", "/sitemap.xml", "/robots.txt", "/oparl/1.1/", "/verifier/")
WITHIN = ("/actes/", "/v/", "/verifier/", "/oparl/", "/sitemap.xml", "/robots.txt")


@pytest.fixture
def told(cast, known, media) -> Meeting:
    """A sitting that names three people: in every text of an item, in a passage that is marked,
    behind closed doors."""
    by = cast.secretariat
    meeting = prepare(cast, TITLE, "Tarifs", "Affaire", place="au siège")
    protection, tariffs, affair = [node.item for node in meeting.agenda.nodes]
    Brief.objects.update_or_create(
        item=protection,
        defaults={
            "note": f"<p>Mme {MASKED.upper()} demande.</p>",
            "visas": f"la demande de Mme {MASKED}",
            "recitals": f"que Mme {MASKED} est agent",
            "articles": f"Accorde à Mme {MASKED} la protection.",
        },
    )
    sit(meeting, by=by, hours=None)
    ledger.record(meeting, sitting.ItemOpened(item=protection.key, at=at("19:05")), by=by)
    named = ballots.Ballot(item=protection.key, question=f"La demande de {MASKED}")
    decisions.hold_ballot(meeting, ballot=named, by=by)
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=protection.key), by=by)
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=tariffs.key), by=by)
    ledger.record(
        meeting,
        sitting.DoorsClosed(at=at("19:30"), votes_for=6, before=affair.key),
        sitting.ItemOpened(item=affair.key, at=at("19:31")),
        by=by,
    )
    closed = ballots.Ballot(item=affair.key, stated=f"pour {CLOSED}")
    decisions.hold_ballot(meeting, ballot=closed, by=by)
    ledger.record(
        meeting,
        sitting.DoorsOpened(at=at("19:50")),
        sitting.Closed(at=at("20:30")),
        by=by,
    )
    mark = f'<mark class="{richtext.SENSITIVE}">M. {SENSITIVE}</mark>'
    for item, text in (
        (protection, f"<p>Mme {MASKED} est entendue.</p>"),
        (tariffs, f"<p>Le Comité débat. {mark}</p>"),
        (affair, f"<p>M. {CLOSED} est entendu.</p>"),
    ):
        item.refresh_from_db()
        texts.save_text(item, text=text, version=item.text_version, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def put_online(cast, meeting: Meeting) -> None:
    """Its minutes, its list and its extracts, filed for the prefecture."""
    minutes = documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    later = held.hold(cast, date(2026, 7, 7))
    acts.record_adoptions(later, by=cast.secretariat, at=AT)
    held.issue_acts(meeting, by=cast.secretariat)
    item = meeting.items.get(title=TITLE)
    join(cast, item, f"Lettre de Mme {MASKED}", f"{MASKED}.png", picture())
    file_all(cast)
    publishing.publish(minutes, by=cast.secretariat, at=LATER)
    publishing.publish_acts(Meeting.objects.get(pk=meeting.pk), by=cast.secretariat, at=LATER)


# --- The walk -------------------------------------------------------------------------------------


def walk() -> dict[str, str]:
    """Each public address, and all that it tells."""
    found: dict[str, str] = {}
    waiting = [*BEGINNINGS, *_others()]
    anybody = Client()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = anybody.get(path)
        # No address leads nowhere; the API asks for its key.
        assert answer.status_code in (200, 302) or path.startswith("/api/"), path
        found[path] = " ".join([path, *_told(answer)])
        waiting += [each for each in _addresses(found[path]) if each.startswith(WITHIN)]
    return found


def told_apart(cast) -> dict[str, str]:
    """What is told of it to who has a key of its organisation, and by mail to who asked."""
    _, secret = keys.make(cast.organisation, name="GED", by=cast.administration, at=AT)
    ged = Client(headers={"authorization": f"Bearer {secret}"})
    found, waiting = {}, ["/api/v1/organisation", "/api/v1/seances", "/api/v1/actes"]
    papers = IssuedDocument.objects.values_list("pk", flat=True)
    waiting += [reverse("opendata:api_file", args=[pk]) for pk in papers]
    for path in waiting:
        answer = ged.get(path)
        found[path] = " ".join([path, *_told(answer)])
        if path in waiting[1:3]:
            waiting += [f"{path}/{each['id']}" for each in answer.json()["donnees"]]
    told = {"bodies": (), "matters": (), "site": "http://testserver", "at": timezone.now()}
    alerts.ask(cast.organisation, "lectrice@exemple.fr", **told)
    Alert.objects.update(confirmed_at=AT, told_until=AT)
    assert alerts.run_due(timezone.now()) == 1
    post.letters_leave(timezone.now())
    mails = [f"{each.subject} {each.body}" for each in mail.outbox]
    assert any("Protection fonctionnelle" in each for each in mails)
    return found | {reverse("archive:alert", args=["lien"]): " ".join(mails)}


def _others() -> Iterator[str]:
    """The public addresses that need no more than a name, those of printed codes, and the frame
    that other sites show."""
    for slug in Organisation.objects.real().values_list("slug", flat=True):
        yield reverse("archive:public_embed", args=[slug])
    for code in Publication.objects.values_list("code", flat=True):
        yield reverse("archive:code", args=[code])
    for line in TABLE:
        if line.public and line.method == "get" and line.name != "convening:calendar":
            try:
                yield reverse(line.name)
            except NoReverseMatch:  # it wants to know of what
                continue


def _told(answer: HttpResponse) -> Iterator[str]:
    """Its headers, and what it holds as text, however it is packed."""
    yield repr(answer.headers)
    content = b"".join(answer)
    yield from _read(content)


def _read(content: bytes) -> Iterator[str]:
    if content.startswith(b"%PDF"):
        yield said_by(content)
        with pikepdf.open(io.BytesIO(content)) as opened:
            for thing in opened.objects:
                if isinstance(thing, pikepdf.Stream):
                    yield thing.read_bytes().decode("latin-1")
            yield str(opened.docinfo) + str(opened.open_metadata())
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name
                yield from _read(archive.read(name))
    else:
        yield content.decode("utf-8", errors="replace")


def _addresses(text: str) -> Iterator[str]:
    """Every address of ours in a text: links, identifiers, places."""
    for each in re.findall(r"http://testserver(/[^\s\"'<>,#\\)]*)", text):
        yield each.replace("&amp;", "&")
    for each in re.findall(r'(?:href|src)="(/[^"#]*)', text):
        yield each.replace("&amp;", "&")


def named(path: str) -> str:
    """What the house calls this address."""
    return resolve(path.partition("?")[0]).view_name


def leaks(found: dict[str, str]) -> dict[str, set[str]]:
    """Of each secret, the names of the addresses that tell it."""
    return {
        secret: {
            named(path) for path, text in found.items() if secret.casefold() in text.casefold()
        }
        for secret in SECRETS
    }


# Those that the walk need not meet: they begin with a link that was sent to one person, or show
# what happens in the room (tests/archive/test_canary.py), or speak of no sitting.
ELSEWHERE = ("accounts:", "convening:", "demo:", "live:", "members:", "guides:", "registry:")
UNMET = {
    "archive:stop_calls": "a link that was sent to one person",
    "archive:public_colours": "says a colour",
    "archive:public_logo": "is a picture",
    "archive:task_calendar": "the same",
    "archive:typed_code": "leads to a code",
    "opendata:api_unknown": "tells nothing",
}


def test_what_nobody_masks_is_found_wherever_it_is_public(cast, told):
    put_online(cast, told)
    found = leaks(walk() | told_apart(cast))
    everywhere = {
        *("archive:public_document", "archive:public_file", "archive:public_organisation"),
        *("archive:public_feed", "opendata:scdl", "opendata:akomantoso", "opendata:oparl_list"),
        "opendata:oparl_object",
        *("opendata:api_act", "opendata:api_file", "opendata:api_sitting", "archive:alert"),
    }
    assert everywhere <= found[MASKED]
    assert found[SENSITIVE] == found[CLOSED] == set()


def test_what_is_masked_marked_or_behind_closed_doors_is_at_no_public_address(cast, told):
    for text in (f"Mme {MASKED}", MASKED):
        masking.decide(told, text, is_masked=True, by=cast.secretariat, at=AT)
    put_online(cast, Meeting.objects.get(pk=told.pk))
    found = walk() | told_apart(cast)
    assert leaks(found) == {secret: set() for secret in SECRETS}
    # The sitting is there, and says what it may.
    whole = " ".join(found.values())
    assert "Protection fonctionnelle de […]" in whole and "Tarifs" in whole
    # It went everywhere.
    public = {line.name for line in TABLE if line.public and line.method == "get"}
    wanted = {name for name in public if not name.startswith(ELSEWHERE)} - UNMET.keys()
    assert wanted - {named(path) for path in found} == set()
    assert len(found) > 60
    # Nor does what is kept to answer faster hold it, nor is it found by looking for it.
    rows = [*Reading.objects.values(), *PublicText.objects.values()]
    kept = " ".join(map(str, rows))
    assert not [secret for secret in SECRETS if secret.casefold() in kept.casefold()]
    page = reverse("archive:public_organisation", args=[cast.organisation.slug])
    for secret in SECRETS:
        answer = Client().get(page, {"q": secret}).content.decode()
        assert "Aucun acte ne répond" in answer


# --- What nobody means ----------------------------------------------------------------------------

QUERIES = {
    "漢字": {"q": "漢字", "annee": "漢字", "page": "漢字", "instance": "漢字"},
    "100 kB": {"q": "a" * 100_000, "page": "9" * 100_000},
    "negative": {"page": "-1", "annee": "-1"},
    "the year 0": {"annee": "0", "modified_since": "0000-00-00T00:00:00Z", "year": "0"},
    "NUL": {"q": "\x00", "page": "\x00", "modified_since": "\x00"},
    "formats": {"q": "%00%s{0}${x}", "page": "1e3", "annee": "2026'--", "created_since": "<b>"},
}


@pytest.mark.parametrize("query", QUERIES)
def test_whatever_is_asked_of_a_public_address_it_answers_in_words(cast, told, query):
    put_online(cast, told)
    slug, code = cast.organisation.slug, Reading.objects.first().publication.code
    known = {"slug": slug, "code": code, "year": 2026, "name": "papers", "kind": "file"}
    known |= {"key": str(Reading.objects.first().pk)}
    asked = set()
    for line in TABLE:
        if not line.public or line.method != "get" or line.name.startswith(ELSEWHERE):
            continue
        for kwargs in ({}, *({name: known[name] for name in names} for names in _PARTS)):
            try:
                url = reverse(line.name, kwargs=kwargs)
            except NoReverseMatch:  # it wants other parts
                continue
            answer = Client().get(url, QUERIES[query])
            assert answer.status_code in (200, 302, 400, 401, 404), (url, answer.status_code)
            if answer.status_code != 302:
                assert len(b"".join(answer)) > 20, url
            asked.add(line.name)
    assert len(asked) > 15


_PARTS = (
    *(["slug"], ["code"], ["slug", "year"], ["slug", "name"]),
    ["slug", "kind", "key"],
)
