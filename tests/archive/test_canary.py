"""What is told behind closed doors is public nowhere, in whichever field it was written.

A canary is put in every free text that a sitting can hold, while its doors are closed; then every
public paper, page, file, feed and screen is read.
"""

import dataclasses
import io
from datetime import date, timedelta
from hashlib import sha256
from typing import get_args

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from archive import actions as publishing
from archive.models import Publication
from documents import actions as documents
from documents import compile
from law import ballots, elections, sitting
from law.sitting import Fate
from live import wall
from live.models import Screen
from meetings import journal
from meetings.actions import ledger, texts
from meetings.models import Attachment, Brief, Meeting
from members.links import hash_of
from registry.acts import actions
from registry.models import Adoption
from registry.reviews import actions as reviews
from tests import held
from tests.archive.test_publications import said_by
from tests.cast import change
from tests.held import AT, at, content_of, prepare, sit

pytestmark = pytest.mark.django_db

CANARY = "Canari"
LATER = AT + timedelta(days=60)


def words_of(paper) -> str:
    return repr(paper).replace("\\xa0", " ")


def sings(where: str) -> str:
    return f"{CANARY} {where}"


# The free texts of a ledger, each with the line below that fills it; what else is a string is a
# key, or says what the decision itself is.
FREE = {
    *("Suspended.reason", "FateNoted.note", "Voided.reason", "Ballot.question", "Ballot.reason"),
    *("Ballot.stated", "Election.stated", "Candidate.name", "List.title"),
    "Ballot.amended",
}
KEYS = {
    *("Event.before", "Opened.chair", "Arrived.member", "Left.member", "Excused.member"),
    *("SeatTaken.substitute", "SeatTaken.titular", "SeatReturned.substitute", "ProxyGiven.giver"),
    *("ProxyGiven.holder", "ProxyRevoked.giver", "Recused.member", "Recused.item"),
    *("CollegeSet.item", "BallotRequested.item", "Installed.member", "Vacated.member"),
    *("ChairTaken.member", "ChairTaken.item", "ItemOpened.item", "FateNoted.item"),
    *("Ballot.item", "Ballot.key", "Election.item", "Election.key", "Candidate.key", "List.key"),
    *("Candidate.civility", "Election.title"),
    *("CollegeSet.members", "BallotRequested.members", "ClerksNamed.clerks", "OrderSet.items"),
    *("Election.tellers", "List.candidates", "Ballot.choices"),
    # Of what is taken outside of any sitting: no door is closed on it.
    *("ActTaken.item", "ActTaken.author", "ActTaken.source", "ActTaken.subject"),
    "ActTaken.also_prevented",
}


def test_every_free_text_of_a_ledger_is_filled_below():
    told = (*sitting.EVENTS, ballots.Ballot, elections.Election, elections.Candidate)
    found = {
        f"{'Event' if field.name == 'before' else kind.__name__}.{field.name}"
        for kind in (*told, elections.List)
        for field in dataclasses.fields(kind)
        if str in get_args(field.type) or field.type is str
    }
    assert found == FREE | KEYS


def _election(key: str) -> elections.Election:
    people = (
        elections.Candidate(key="alice-arnaud"),
        elections.Candidate(key="perdant", name=sings("candidat")),
    )
    return elections.Election(
        item=key,
        key="e",
        title="vice-président",
        candidates=people,
        rounds=(elections.Round(votes={"alice-arnaud": 5, "perdant": 1}),),
        stated=sings("élection dite"),
    )


def _lists(key: str) -> elections.Election:
    losing = elections.List(key="b", title=sings("liste"), candidates=("perdante",))
    return elections.Election(
        item=key,
        key="l",
        title="membre de la commission",
        method=elections.Method.MAJORITY_LIST,
        seats=1,
        candidates=(elections.Candidate(key="perdante", name=sings("colistière")),),
        lists=(elections.List(key="a", title=sings("liste"), candidates=("elsa-evrard",)), losing),
        rounds=(elections.Round(votes={"a": 5, "b": 1}),),
        stated=sings("liste dite"),
    )


@pytest.fixture
def walls() -> list[str]:
    """What the wall and the public agenda showed after each line."""
    return []


@pytest.fixture
def closed(cast, walls) -> Meeting:
    """Three items told behind closed doors between two that were public, every text of them."""
    by = cast.secretariat
    meeting = prepare(cast, "Avant", "Affaire", "Vœu", "Nomination", "Après", place="au siège")
    before, affair, wish, naming, after = [node.item for node in meeting.agenda.nodes]
    sit(meeting, by=by, hours=None)

    def tell(*events):
        ledger.record(meeting, *events, by=by)
        walls.append(repr((wall.of(meeting), wall.agenda(meeting))))

    def vote(question="", *, item=affair.key, **facts):
        ballot = ballots.Ballot(item=item, question=question, **facts)
        tell(sitting.BallotHeld(ballot=ballot))

    tell(sitting.ItemOpened(item=before.key, at=at("19:05")))
    vote(item=before.key)
    tell(sitting.DoorsClosed(at=at("19:10"), votes_for=6, before=affair.key))
    tell(sitting.ItemOpened(item=affair.key, at=at("19:11")))
    tell(sitting.Suspended(at=at("19:12"), reason=sings("suspension")))
    tell(sitting.Resumed(at=at("19:20")))
    vote(sings("question"), stated=sings("vote dit"))
    secret = {"mode": ballots.Mode.SECRET, "counts": {ballots.Choice.FOR: 6}}
    vote(sings("autre question"), reason=sings("secret"), **secret)
    ledger.void(meeting, seq=len(meeting.ledger), reason=sings("annulation"), by=by)
    vote(sings("autre question"), reason=sings("secret"), **secret)
    vote(amended=sings("amendement"))
    tell(sitting.ItemOpened(item=wish.key, at=at("19:30")))
    tell(sitting.FateNoted(item=wish.key, fate=Fate.ADJOURNED, note=sings("ajournement")))
    tell(sitting.ItemOpened(item=naming.key, at=at("19:40")))
    tell(sitting.ElectionHeld(election=_election(naming.key)))
    tell(sitting.ElectionHeld(election=_lists(naming.key)))
    tell(sitting.DoorsOpened(at=at("19:50")))
    tell(sitting.ItemOpened(item=after.key, at=at("19:55")))
    vote(item=after.key)
    tell(sitting.Closed(at=at("20:30")))
    for item in (affair, wish, naming):
        item.refresh_from_db()
        texts.save_text(item, text=f"<p>{sings('ancien texte')}</p>", version=0, by=by)
        item.refresh_from_db()
        text = f"<p>{sings('texte')}</p>"
        texts.save_text(item, text=text, version=item.text_version, by=by)
        item.refresh_from_db()
        change(item, voted_lines=f"{sings('colonne')} | Voté\n{sings('ligne')} | {sings('voix')}")
        Brief.objects.create(item=item, note=f"<p>{sings('note')}</p>", articles="De dire oui")
        Attachment.objects.create(
            item=item,
            title=sings("pièce"),
            filename=sings("fichier"),
            file=ContentFile(b"%PDF-1.4", "piece.pdf"),
            media_type="application/pdf",
            size=8,
            sha256=sha256(b"%PDF-1.4").hexdigest(),
        )
    journal.note(meeting, "item-changed", sings("geste"), by=by)
    meeting.forget()
    readers = [(cast.bruno, "secrétaire de séance")]
    (asked,) = reviews.ask(meeting, readers=readers, by=by, at=AT)
    affair.refresh_from_db()
    reviews.remark(by=asked.review, item=affair, text=sings("remarque"), seen="a" * 64, at=AT)
    return meeting


@pytest.fixture
def online(cast, closed) -> list[Publication]:
    """Its minutes, adopted by the next sitting, its list and its extracts, all online."""
    minutes = documents.issue_minutes(closed, by=cast.secretariat, at=AT)
    later = held.hold(cast, date(2026, 7, 7))
    actions.record_adoptions(later, by=cast.secretariat, at=AT)
    held.issue_acts(closed, by=cast.secretariat)
    assert Adoption.objects.filter(document=minutes).exists()
    made = [publishing.publish(minutes, by=cast.secretariat, at=LATER)]
    return [*made, *publishing.publish_acts(closed, by=cast.secretariat, at=LATER)]


@pytest.mark.proof
def test_no_public_paper_holds_it_on_its_pages_nor_in_its_data(closed, online):
    assert len(online) == 6  # the minutes, the list, four acts
    for each in online:
        content = content_of(each.file)
        assert CANARY not in said_by(content), each.title
        with pikepdf.open(io.BytesIO(content)) as opened:
            for thing in opened.objects:
                if isinstance(thing, pikepdf.Stream):
                    assert CANARY.encode() not in thing.read_bytes()
            assert CANARY not in str(opened.docinfo) + str(opened.open_metadata())
    # It could leak: the papers of the members tell it, wherever it was written.
    private = words_of(compile.compile_minutes(closed))
    printed = (
        "amendement",
        "suspension",
        "question",
        "autre question",
        "ajournement",
        "candidat",
        "texte",
        "colonne",
        "ligne",
    )
    assert [word for word in printed if sings(word) not in private] == []
    # Decisions are public, whatever the doors.
    public = words_of(compile.compile_minutes(closed, is_public=True))
    assert "adoptée" in public and "Alice ARNAUD" in public and "question n° 2" in public


def _patterns(resolver, prefix=""):
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            if each.name:
                yield prefix + each.name, each.pattern.converters | each.pattern.regex.groupindex
        else:
            space = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from _patterns(each, space)


@pytest.mark.proof
def test_no_page_file_nor_feed_tells_it_to_anybody(cast, closed, online, walls):
    token = "un-lien-de-salle"
    Screen.objects.create(meeting=closed, token_hash=hash_of(token), made_by=cast.secretariat)
    anybody, answered, asked = Client(), set(), set()
    for published in online:
        known = {
            "pk": closed.pk,
            "code": published.code,
            "slug": cast.organisation.slug,
            "token": token,
            "key": "p2",
        }
        for name, parts in _patterns(get_resolver()):
            try:
                url = reverse(name, kwargs={part: known.get(part, 1) for part in parts})
            except NoReverseMatch:
                continue
            if url in asked:  # of another paper, the same address
                continue
            asked.add(url)
            response = anybody.get(url)
            body = b"".join(response) if response.streaming else response.content
            assert CANARY.encode() not in body, url
            if response.status_code == 200:
                answered.add(name)
    assert answered >= {
        *("archive:public_document", "archive:public_file", "archive:public_organisation"),
        *("archive:public_feed", "archive:verify", "live:screen"),
    }
    assert len(walls) > 15 and [told for told in walls if CANARY in told] == []
