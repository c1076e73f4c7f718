"""The secret electronic ballot: who voted is known, what was voted is not, to anybody.

See docs/decisions/0007 for what is promised and what is not.
"""

import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.views.debug import SafeExceptionReporterFilter

from archive.keeping import backup
from law.ballots import Choice
from law.findings import Refused
from live import reading, refresh, urns
from live.actions import equipping, polls, tablets
from live.actions import urn as keeping
from live.models import Equipment, Poll, Press, VotingRight
from live.urls import urlpatterns as live_urls
from meetings.actions import attendance
from meetings.models import Meeting, SittingEvent
from meetings.urls import urlpatterns as meetings_urls
from tests.cast import change_rules
from tests.live.conftest import EVERYBODY, refused
from tests.live.threads import raced

CHOICES = ["pour", "contre", "pour", "abstention", "blanc", "pour"]
PAPERS = dict(zip(EVERYBODY, CHOICES, strict=True))


@pytest.fixture(autouse=True)
def own_urns(monkeypatch, tmp_path_factory):
    """A place of their own: tests that vote and never close leave keys behind them."""
    monkeypatch.setattr(settings, "URN_DIR", tmp_path_factory.mktemp("urnes") / "cles")


@pytest.fixture
def secret(tablets):
    """A secret ballot asked for by two members, open on the tablets."""
    tablets.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    tablets.poll = tablets.open_poll(items=["p1"], mode="secret", on_tablets=True)
    return tablets


def put(room, voter: str, choice: str, seat: str | None = None) -> str:
    return tablets.put_in_urn(room.poll, voter=voter, seat=seat, choice=choice)


def counts(poll: Poll) -> dict[Choice, int]:
    return urns.unseal(poll.pk, Poll.objects.get(pk=poll.pk).urn)


@pytest.mark.database
def test_a_paper_uses_a_right_and_grows_a_counter_once(secret):
    for choice in ("nul", "ne_prend_pas_part", "oui", ""):
        refused(lambda choice=choice: put(secret, "elsa-evrard", choice), "vote_inconnu")
    assert reading.answered(secret.poll) == frozenset()
    assert put(secret, "elsa-evrard", "contre") == "elsa-evrard"
    assert counts(secret.poll)[Choice.AGAINST] == 1
    assert reading.answered(secret.poll) == {"elsa-evrard"}
    for choice in ("contre", "pour"):
        refused(lambda choice=choice: put(secret, "elsa-evrard", choice), "droit_utilise")
    assert sum(counts(secret.poll).values()) == 1


def test_the_ballot_does_not_close_on_who_has_not_voted_unless_one_says_so(secret):
    for voter, choice in list(PAPERS.items())[:4]:
        put(secret, voter, choice)
    finding = secret.refuses("sieges_sans_vote", "proclaim", secret.poll)
    assert "Denis DUVAL et Elsa EVRARD" in finding.message
    (outcome,) = secret.polled("proclaim", secret.poll, complete=True)
    assert outcome.tally.not_voting == 2
    finding, *_ = refused(lambda: put(secret, "elsa-evrard", "pour"), "scrutin_clos")
    assert "après la clôture" in finding.message
    finding, *_ = refused(lambda: put(secret, next(iter(PAPERS)), "pour"), "scrutin_clos")
    assert "reçu avant" in finding.message


@pytest.mark.database
def test_a_secret_paper_has_no_place_in_another_poll(secret):
    secret.refuses("scrutin_secret", "cast", secret.poll, voter="elsa-evrard", choice="pour")
    secret.polled("give_up", secret.poll)
    secret.poll = secret.open_poll(items=["p2"], mode="public", on_tablets=True)
    refused(lambda: put(secret, "elsa-evrard", "pour"), "scrutin_non_secret")


def test_a_result_is_typed_while_the_urn_is_empty_which_given_up_is_not_read(secret, monkeypatch):
    secret.refuses("urne_vide", "proclaim", secret.poll, complete=True)
    put(secret, "elsa-evrard", "contre")
    secret.refuses("urne_entamee", "proclaim", secret.poll, counts={"pour": 6})
    with monkeypatch.context() as patch:
        patch.setattr(urns, "unseal", lambda *_: pytest.fail("the urn was read"))
        secret.polled("give_up", secret.poll)
    assert not Poll.objects.exclude(urn="").exists()
    assert not VotingRight.objects.exists()
    assert not secret.meeting.sitting.ballots("p1")
    secret.poll = secret.open_poll(items=["p1"], mode="secret", on_tablets=True)
    (outcome,) = secret.polled("proclaim", secret.poll, counts={"pour": 4, "nul": 2})
    assert (outcome.tally.for_, outcome.tally.null) == (4, 2)


def test_unequal_voices_are_voted_on_paper(tablets, cast):
    change_rules(cast.comite, weighted_votes=True)
    cast.comite.mandates.filter(person=cast.elsa).update(weight=3)
    attendance.recompose(tablets.meeting, by=tablets.by)
    tablets.request_ballot(item="p1", mode="secret", members=EVERYBODY[:2])
    tablets.refuses("voix_inegales", "open_poll", items=["p1"], mode="secret", on_tablets=True)
    tablets.open_poll(items=["p1"], mode="secret")


def test_a_seal_keeps_what_it_covers_for_one_poll_and_one_key(settings, tmp_path):
    held = {Choice.FOR: 12, Choice.AGAINST: 3, Choice.ABSTAIN: 0, Choice.BLANK: 1}
    sealed = urns.seal(7, held)
    assert urns.unseal(7, sealed) == held
    code, nonce = sealed[:-4] + "AAA=", "AAAA" + sealed[4:]
    counters = sealed[:60] + "AAAA" + sealed[64:]
    for broken in (code, nonce, counters, sealed[:40], "", "é" + sealed):
        with pytest.raises(urns.BrokenSeal):
            urns.unseal(7, broken)
    for poll, key in ((8, settings.SECRET_KEY), (7, "another")):
        settings.SECRET_KEY = key
        with pytest.raises(urns.BrokenSeal):
            urns.unseal(poll, sealed)
    settings.URN_DIR = tmp_path / "ailleurs"
    with pytest.raises(urns.BrokenSeal):
        urns.unseal(7, sealed)
    # Seals of the same counts have nothing in common and one length.
    seals = {urns.seal(7, {Choice.FOR: n % 2}) for n in range(50)}
    assert len(seals) == len({seal[:8] for seal in seals}) == 50
    assert len({len(seal) for seal in seals}) == 1


def test_several_hosts_without_a_common_place_for_keys_are_told_to_vote_on_paper(settings):
    settings.IS_URN_DIR_SHARED = False
    with pytest.raises(Refused, match="Plusieurs machines"):
        keeping.make_ready()


@pytest.mark.database
def test_an_urn_tampered_with_stops_the_ballot_and_can_be_given_up(secret):
    """An older seal is whole and authentic; it only lacks a paper that was said to be in."""
    put(secret, "alice-arnaud", "pour")
    older = Poll.objects.get().urn
    put(secret, "elsa-evrard", "contre")
    for urn in ("x", "", older):
        Poll.objects.update(urn=urn)
        refused(lambda: put(secret, "denis-duval", "pour"), "urne_illisible")
        assert reading.answered(secret.poll) == {"alice-arnaud", "elsa-evrard"}
        secret.refuses("urne_illisible", "proclaim", secret.poll, complete=True)
    secret.polled("give_up", secret.poll)


def dump() -> dict[str, list[dict]]:
    """Every row of every table."""
    tables = {}
    for model in apps.get_models():
        rows = list(model.objects.order_by("pk").values())
        tables[model._meta.label] = json.loads(json.dumps(rows, default=str))
    return tables


def leaves(value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


@pytest.mark.database
def test_what_a_paper_leaves_is_a_right_a_seal_and_a_stamp_whatever_it_says(secret):
    """But for the seal, which is noise, the same rows say the same thing."""

    def traces(choice: str) -> str:
        poll = secret.open_poll(items=["p1"], mode="secret", on_tablets=True)
        secret.poll = poll
        before = dump()
        put(secret, "elsa-evrard", choice)
        after = dump().items()
        moved = {it: [row for row in rows if row not in before[it]] for it, rows in after}
        moved = {label: rows for label, rows in moved.items() if rows}
        assert moved.keys() == {"live.VotingRight", "live.Poll", "meetings.Meeting"}
        assert len(moved["live.VotingRight"]) == 1
        assert not {"pour", "contre", "abstention", "blanc"} & set(leaves(moved))
        for row in moved["live.Poll"]:
            row |= {"urn": len(row["urn"]), "opened_at": ""}
        for row in moved["meetings.Meeting"]:
            row["stamp"] -= before["meetings.Meeting"][0]["stamp"]
        secret.polled("give_up", poll)
        text = json.dumps(moved, sort_keys=True)
        return re.sub(r'"(id|poll_id)": \d+', r'"\1": 0', text)

    secret.polled("give_up", secret.poll)
    assert len({traces(choice) for choice in ("pour", "contre", "abstention", "blanc")}) == 1


@pytest.mark.database
def test_after_the_close_the_tables_tell_who_voted_and_the_totals(secret):
    """The same totals in another hand leave the same tables: nobody can tell the two apart."""
    lines = SittingEvent.objects.count()
    for voter in reversed(EVERYBODY):
        put(secret, voter, PAPERS[voter])
    assert SittingEvent.objects.count() == lines
    assert not Press.objects.exists()
    # Rights lie in the order of the roll from the start; using one moves none.
    assert [right.seat for right in VotingRight.objects.order_by("pk")] == list(EVERYBODY)
    (outcome,) = secret.polled("proclaim", secret.poll)
    tally = outcome.tally
    assert (tally.for_, tally.against, tally.abstentions, tally.blank) == (3, 1, 1, 1)
    assert tally.named == {}
    tables = dump()
    for row, seat in zip(tables["live.VotingRight"], EVERYBODY, strict=True):
        used = {"id": row["id"], "poll_id": secret.poll.pk, "seat": seat, "is_used": True}
        assert row == used
    (poll,) = tables["live.Poll"]
    assert (poll["votes"], poll["following"], poll["urn"]) == ({}, [], "")
    assert tables["meetings.Vote"] == []
    (event,) = [row for row in tables["meetings.SittingEvent"] if row["kind"] == "ballot_held"]
    assert set(leaves(event["payload"])) & set(EVERYBODY) == set()


@pytest.mark.database
def test_no_statement_says_a_choice_and_every_right_is_written_with_the_one_that_is_used(secret):
    """So that no version of a row, no transaction number, tells them apart; logged statements
    would be as good as a table."""
    for voter, choice in PAPERS.items():
        with CaptureQueriesContext(connection) as queries:
            put(secret, voter, choice)
        said = [q["sql"] for q in queries]
        assert not [s for s in said if re.search(r"\b(pour|contre|abstention|blanc)\b", s)]
        (update,) = [s for s in said if s.startswith("UPDATE") and "votingright" in s]
        assert "CASE WHEN" in update
        assert voter not in update.split(" WHERE ")[-1]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="xmin is of PostgreSQL")
def test_rights_share_their_transaction_on_postgresql(secret):
    with connection.cursor() as cursor:
        # On a page without holes: a row rewritten would fill the place of an earlier test's.
        cursor.execute("VACUUM FULL live_votingright")
    for voter in ("elsa-evrard", "alice-arnaud", "denis-duval"):
        put(secret, voter, "contre")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmin::text FROM live_votingright")
        assert len(cursor.fetchall()) == 1
        cursor.execute("SELECT seat FROM live_votingright ORDER BY ctid")
        assert [seat for (seat,) in cursor.fetchall()] == list(EVERYBODY)


def test_nothing_is_logged_and_an_error_report_hides_the_choice(secret, rf, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    put(secret, "denis-duval", "contre")
    (finding,) = refused(lambda: put(secret, "denis-duval", "pour"), "droit_utilise")
    spoken = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    assert not [text for text in spoken if "denis" in text or "contre" in text]
    assert "pour" not in finding.message.split() or "contre" not in finding.message
    monkeypatch.setattr(urns, "unseal", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError) as failure:
        put(secret, "elsa-evrard", "contre")
    reporter, shown = SafeExceptionReporterFilter(), {}
    for entry in failure.traceback[2:]:  # after this test and `put`
        frame = entry.frame.raw
        told = reporter.get_traceback_frame_variables(rf.post("/"), frame)
        shown[frame.f_code.co_name] = dict(told)
    assert shown["put_in_urn"]["choice"] == SafeExceptionReporterFilter.cleansed_substitute
    assert "contre" not in str(shown)


# What differs from one answer to the next whatever happened: tokens, and the clock.
SAID_ONCE = re.compile(r"\b[\w-]{32,}\b|data-now=\"\d+\"|placeholder=\"\d\d:\d\d\"")
WALKED = (live_urls, meetings_urls)


def pages(meeting, token, client_of, cast) -> dict[str, str]:
    """What the application answers about this sitting to everybody who may ask."""
    refresh.forget()
    given = {"pk": meeting.pk, "key": "p1", "token": token}
    urls = {
        f"{name}:{pattern.name}": {key: given[key] for key in pattern.pattern.converters}
        for name, patterns in zip(("live", "meetings"), WALKED, strict=True)
        for pattern in patterns
        if pattern.pattern.converters.keys() <= given.keys()
        and "pk" in pattern.pattern.converters
        and "<uuid:" not in str(pattern.pattern)
    }
    found = {}
    for who in (cast.secretariat, cast.delegate, None):
        client = client_of(who)
        for name, kwargs in urls.items():
            answer = client.get(reverse(name, kwargs=kwargs))
            if answer.status_code == 200 and not answer.streaming:
                text = answer.content.decode().replace(token, "")
                found[f"{name} {who}"] = SAID_ONCE.sub("", text)
    return found


@pytest.fixture
def shown_after(secret, client_of, cast):
    """What the pages say once a vote is cast; the vote is then taken back. The sitting is of today,
    for links end with theirs, with its room screen and its public page."""
    Meeting.objects.update(held_on=timezone.localdate())
    Equipment.objects.update(public_page=True)
    _, token = equipping.make_screen(secret.meeting, by=secret.by)

    def shown(vote) -> dict[str, str]:
        mark = transaction.savepoint()
        vote()
        found = pages(secret.meeting, token, client_of, cast)
        transaction.savepoint_rollback(mark)
        secret.meeting.forget()
        return found

    return shown


@pytest.mark.proof
def test_no_page_says_what_a_paper_says_while_the_ballot_is_open(secret, shown_after):
    one = shown_after(lambda: put(secret, "elsa-evrard", "contre"))
    other = shown_after(lambda: put(secret, "elsa-evrard", "pour"))
    assert len(one) > 15
    assert one == other
    # They look where a vote would show: of a public ballot they would say it.
    secret.polled("give_up", secret.poll)
    poll = secret.open_poll(items=["p2"], mode="public", on_tablets=True)
    one = shown_after(lambda: tablets.cast(poll, voter="elsa-evrard", choice="contre"))
    other = shown_after(lambda: tablets.cast(poll, voter="elsa-evrard", choice="pour"))
    differ = {name.split()[0] for name in one if one[name] != other[name]}
    assert {"live:state", "live:console"} <= differ


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_urn_closes_while_papers_are_on_their_way(secret):
    """As many papers as clients were told are in, each once; none is half counted."""
    orders = [(voter, choice) for choice in ("pour", "contre", "blanc") for voter in EVERYBODY] * 3
    orders = orders[:50]
    orders.insert(30, ("secretariat", ""))
    told = secret.told()

    def send(order):
        voter, choice = order
        poll = Poll.objects.get(pk=secret.poll.pk)
        if voter == "secretariat":
            return polls.proclaim(poll, complete=True, **told) and None
        tablets.put_in_urn(poll, voter=voter, choice=choice)
        return choice

    received, refusals = raced(send, orders)
    assert refusals <= {"scrutin_clos", "droit_utilise", "urne_vide"}
    poll = Poll.objects.get(pk=secret.poll.pk)
    if poll.is_open:  # every paper came after the secretary
        secret.polled("proclaim", poll)
    secret.meeting.forget()
    (ballot,) = secret.meeting.sitting.ballots("p1")
    assert {choice.value: number for choice, number in ballot.counts.items()} == Counter(received)
    assert poll.rights.filter(is_used=True).count() == len(received)


# --- Once it is closed ------------------------------------------------------------------------

SEAL = re.compile(rb"[A-Za-z0-9+/]{128}")


@dataclass
class Spy:
    """Who kept all that the database wrote, reads its files and backups, and holds SECRET_KEY:
    more than its journal, its dead rows and its replicas would give."""

    room: Any
    folder: Path
    keys: Path | None = None  # where he also copies the keys, if he can
    seen: list[tuple[frozenset[str], str]] = field(default_factory=list)
    raw: set[str] = field(default_factory=set)

    def look(self) -> None:
        poll = Poll.objects.get(pk=self.room.poll.pk)
        self.seen.append((poll.used, poll.urn))
        self.search(Path(connection.settings_dict["NAME"]).parent.glob("*.sqlite3*"))
        if self.keys is not None:
            shutil.copytree(settings.URN_DIR, self.keys, dirs_exist_ok=True)

    def search(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self.raw |= {found.decode() for found in SEAL.findall(path.read_bytes())}

    def back_up(self) -> None:
        path = self.folder / "sauvegarde.zip"
        backup.write(path, at=timezone.now())
        with zipfile.ZipFile(path) as archive:
            self.raw |= {found.decode() for found in SEAL.findall(archive.read("rows.jsonl"))}
        path.unlink()

    def opened(self) -> dict[str, dict]:
        """The seals that he can open, those found in raw bytes too."""
        found = {}
        for sealed in {urn for _, urn in self.seen} | self.raw:
            with suppress(urns.BrokenSeal):
                found[sealed] = urns.unseal(self.room.poll.pk, sealed)
        return found

    def attributed(self) -> dict[str, str]:
        """Seat → choice, where two seals that follow one another open."""
        opened, found = self.opened(), {}
        states = [(frozenset(), ""), *self.seen]
        opened[""] = dict.fromkeys(urns.PAPERS, 0)
        for (before, one), (after, other) in pairwise(states):
            if one in opened and other in opened:
                (seat,) = after - before
                (choice,) = (c for c in urns.PAPERS if opened[other][c] != opened[one][c])
                found[seat] = choice.value
        return found


@pytest.mark.database
@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["proclaim", "give_up"])
@pytest.mark.parametrize("copies_keys", [False, True])
def test_after_the_close_nothing_joins_a_vote_to_a_voter(secret, tmp_path, ending, copies_keys):
    """The attack of the review: 5 votes of 6 told from the journal and SECRET_KEY."""
    spy = Spy(secret, tmp_path, keys=tmp_path / "cles" if copies_keys else None)
    for rank, (voter, choice) in enumerate(PAPERS.items()):
        put(secret, voter, choice)
        spy.look()
        if rank == 2:
            spy.back_up()
    assert len(list(Path(settings.URN_DIR).rglob("*"))) == 2  # the key of the last seal, no other
    secret.polled(ending, secret.poll)
    spy.search(Path(connection.settings_dict["NAME"]).parent.glob("*.sqlite3*"))
    spy.back_up()
    assert list(Path(settings.URN_DIR).iterdir()) == []
    assert {urn for _, urn in spy.seen} & spy.raw  # he has them: the backup at least
    if connection.vendor == "sqlite":
        assert {urn for _, urn in spy.seen} <= spy.raw  # the journal kept every one
    assert spy.opened() == {}
    assert spy.attributed() == {}
    if copies_keys:  # who reads the memory of the server as papers fall, as 0007 says
        settings.URN_DIR, kept = spy.keys, settings.URN_DIR
        try:
            assert spy.attributed() == PAPERS
        finally:
            settings.URN_DIR = kept


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_key_copied_once_opens_one_seal_and_no_vote(secret, tmp_path, settings):
    spy = Spy(secret, tmp_path)
    for rank, (voter, choice) in enumerate(PAPERS.items()):
        put(secret, voter, choice)
        spy.look()
        if rank == 3:
            shutil.copytree(settings.URN_DIR, tmp_path / "cles")
    secret.polled("proclaim", secret.poll)
    settings.URN_DIR = tmp_path / "cles"
    assert len(spy.opened()) == 1
    assert spy.attributed() == {}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_paper_that_was_taken_back_leaves_the_urn_as_it_was(secret, monkeypatch):
    put(secret, "alice-arnaud", "pour")
    with monkeypatch.context() as patch:
        patch.setattr(Poll, "save", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            put(secret, "elsa-evrard", "contre")
    secret.poll = Poll.objects.get()
    put(secret, "elsa-evrard", "contre")
    (outcome,) = secret.polled("proclaim", secret.poll, complete=True)
    assert (outcome.tally.for_, outcome.tally.against) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_no_paper_falls_where_the_keys_would_not_be_ours(secret, settings, tmp_path):
    settings.URN_DIR = tmp_path / "ouvert"
    settings.URN_DIR.mkdir(mode=0o755)
    settings.URN_DIR.chmod(0o755)
    refused(lambda: put(secret, "elsa-evrard", "contre"), "urne_sans_place")
    secret.polled("give_up", secret.poll)
    secret.refuses("urne_sans_place", "open_poll", items=["p1"], mode="secret", on_tablets=True)
    settings.URN_DIR.chmod(0o700)
    left = settings.URN_DIR / "99999" / "00"
    left.parent.mkdir()
    left.write_bytes(b"a key that a dead server left")
    secret.open_poll(items=["p1"], mode="secret", on_tablets=True)
    assert not left.parent.exists()
