"""The server is killed with SIGKILL while it signs a batch, again and again: nothing half-signed.

A document is either as it was, or signed whole: the row of a signature and its file are there
together, and what a dead server left behind is swept when the document is signed again.
"""

import hashlib
import os
import random
import signal
import time

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from archive.keeping import integrity
from documents import actions as documents
from documents.models import IssuedDocument
from registry.acts import actions, reading
from registry.keyring import actions as keyring
from registry.models import SignatureStep, SigningKey
from registry.signatures import actions as signatures
from registry.signatures import authority, certificates, keys, pades
from registry.signatures import reading as signed
from tests import held
from tests.cast import make_account, make_person
from tests.held import AT, JUNE, content_of
from tests.processes import Process, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof, pytest.mark.database]

DOCUMENTS, KILLS = 30, 5  # on each database, at other moments: sixty, and ten
ELSEWHERE = int(connection.vendor == "postgresql")
SEALED, KILLS_OF_SEALED = 9, 3  # each signature costs three there, and a time stamp
SIGN = """
import django
django.setup()
from django.utils import timezone
from meetings.models import Meeting
from members.models import User
from registry.signatures import actions as signatures
from registry.signatures import reading as signed
by = User.objects.get(email="alice@brume.example")
for meeting in Meeting.objects.filter(documents__kind="extrait").distinct():
    batch = signatures.sign_batch(signed.to_sign(meeting, by), by=by, at=timezone.now())
    assert not batch.refused, batch.refused[0][1]
"""


@pytest.fixture
def accounts(cast):
    """Alice and Bruno, whose keys each test gives."""
    return held.give_accounts(cast)


@pytest.fixture
def passphrase(cast, accounts, settings, tmp_path):
    """Alice's certificate is held by the server; no clock and no seal, so that it goes fast."""
    settings.SIGNING_DEVELOPMENT = False
    settings.SIGNING_PASSPHRASE = "une phrase secrète"
    settings.SIGNING_DIR.mkdir()
    made = authority.Authority(tmp_path / "ca").identity("Alice ARNAUD")
    file = settings.SIGNING_DIR / "carte.p12"
    file.write_bytes(held.as_p12(made, settings.SIGNING_PASSPHRASE))
    keyring.bind(
        certificates.from_der(made.certificate),
        organisation=cast.organisation,
        person=cast.alice,
        reason="Remise en main propre",
        by=cast.administration,
        at=held.KEYS_SINCE,
    )
    return settings.SIGNING_PASSPHRASE


@pytest.fixture
def extracts(cast, hold, accounts, passphrase, request):
    """Thirty extracts (or so many as asked), each in its own file, ready to be signed; one of
    them was laid out."""
    count = getattr(request, "param", DOCUMENTS)
    titles = tuple(f"Convention n° {rank}" for rank in range(1, count + 1))
    meeting = hold(JUNE, adopted=titles)
    actions.number(meeting, by=cast.secretariat, at=AT)
    one = _issue_one(meeting, cast.secretariat)
    same = ("kind", "title", "schema", "content", "sha256", "pdf_sha256", "pages", "signatories")
    content = content_of(one.pdf)
    like = {name: getattr(one, name) for name in same} | {"meeting": meeting}
    others = meeting.deliberations.exclude(item__key=one.subject)
    made = [one] + [
        IssuedDocument.objects.create(
            subject=key, pdf=ContentFile(content, f"copie-{key}.pdf"), **like
        )
        for key in others.values_list("item__key", flat=True)
    ]
    batch = signatures.prepare_batch(made, by=cast.secretariat, at=AT)
    assert len(batch.done) == count
    return made


def _issue_one(meeting, by):
    bare = meeting.agenda.keys
    wanted = next(iter(reading.acts_to_issue(meeting, on=meeting.held_on, bare=bare)))
    with documents.issuing(meeting, by=by, at=AT) as press:
        (issued,) = press.freeze(wanted)
    return issued


def with_certificate(passphrase: str) -> Process:
    """A server that signs everything with the certificates that it holds."""
    held = {"SIGNING_DIR": str(settings.SIGNING_DIR), "SIGNING_PASSPHRASE": passphrase}
    return start("-c", SIGN, SIGNING_DEVELOPMENT="0", **held)


def given() -> int:
    return SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).count()


def check_whole() -> None:
    """Each row has its file, whole, and a document has at most one signature of the president."""
    for step in SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT):
        content = content_of(step.file)
        assert hashlib.sha256(content).hexdigest() == step.sha256
        assert pades.signed(content) == ("president",)


def kill(server: Process, chance: random.Random, *, once: int, within: float) -> None:
    """Kill the server at work, soon after it gave so many signatures in all."""
    deadline = time.monotonic() + 60
    while given() < once and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(chance.random() * within)
    server.send_signal(signal.SIGKILL)
    assert server.wait() == -signal.SIGKILL


def test_a_batch_of_thirty_killed_five_times(extracts, passphrase):
    chance, kills = random.Random(20261126 + ELSEWHERE), 0  # noqa: S311 not a secret
    while kills < KILLS:
        before, server = given(), with_certificate(passphrase)
        left = DOCUMENTS - before
        wanted = before + chance.randint(1, max(1, 2 * left // (KILLS - kills + 1)))
        kill(server, chance, once=min(wanted, DOCUMENTS - 1), within=0.05)
        kills += 1
        check_whole()
    assert given() < DOCUMENTS  # the last kill fell before the end
    server = with_certificate(passphrase)
    assert server.wait(timeout=240) == 0
    assert given() == DOCUMENTS
    check_whole()
    assert [str(fault) for fault in integrity.faults()] == []


def test_a_sealed_and_stamped_batch_killed_again_and_again(cast, hold, accounts):
    """The demonstration's: a seal, a signature and its time stamps in each file."""
    held.give_keys(cast)
    titles = tuple(f"Point {n}" for n in range(SEALED - 1))  # and the list
    meeting = hold(JUNE, adopted=titles)
    issued = held.issue_acts(meeting, by=cast.secretariat, at=AT)
    signatures.prepare_batch(issued, by=cast.secretariat, at=AT)
    chance, kills = random.Random(20261126 + ELSEWHERE), 0  # noqa: S311 not a secret
    while kills < KILLS_OF_SEALED and given() < SEALED - KILLS_OF_SEALED:
        before, server = given(), start("-c", SIGN, SIGNING_DEVELOPMENT="1")
        kill(server, chance, once=before + 1, within=0.1)
        kills += 1
        for document in issued:  # each file is whole, with every signature that its rows tell
            reports = pades.read(signed.current_file(document)[0], keys.trust())
            steps = document.signatures.exclude(place="").order_by("order")
            assert [report.field for report in reports] == [step.place for step in steps]
            assert all(report.is_sound for report in reports)
    assert kills
    assert start("-c", SIGN, SIGNING_DEVELOPMENT="1").wait(timeout=120) == 0
    assert given() == SEALED
    # A kill between the file and its row leaves the file alone: it is told, and nothing else is.
    assert all("peut être effacé" in fault.what for fault in integrity.faults())


@pytest.mark.parametrize("extracts", [2], indirect=True)
def test_what_a_dead_server_left_is_swept(extracts, passphrase, accounts):
    one = extracts[0]
    field = SignatureStep._meta.get_field("file")
    left = field.storage.save(f"signatures/{one.pk}/{one.pk}-2-abc.pdf", ContentFile(b"%PDF-1.4"))
    os.utime(field.storage.path(left), 2 * (time.time() - 2 * 3600,))  # not being written
    assert left in " ".join(str(fault) for fault in integrity.faults())
    (wanted,) = [each for each in signed.to_sign(one.meeting, accounts[0]) if each.document == one]
    signatures.sign_batch([wanted], by=accounts[0], at=AT)
    assert not field.storage.exists(left)
    assert one.signatures.count() == 2
    assert [str(fault) for fault in integrity.faults()] == []


BIND = """
import django
django.setup()
from django.utils import timezone
from members.models import Organisation, Person
from registry.keyring import actions as keyring
here = Organisation.objects.get(name="Val de Brume")
for person in Person.objects.filter(organisation=here, last_name="Titulaire").order_by("pk"):
    keyring.demonstrate(here, person, by=None, at=timezone.now())
"""
HOLDERS, KILLS_OF_BINDING = 40, 3


def test_keys_bound_and_killed_again_and_again(cast):
    """An act that is there has its key, whole; one that is not left nothing that signs."""
    for rank in range(HOLDERS):
        user = make_account(f"titulaire-{rank}@brume.example")
        make_person(cast.organisation, f"N° {rank}", "Titulaire", user=user)
    chance, kills = random.Random(20261127 + ELSEWHERE), 0  # noqa: S311 not a secret
    acts = SigningKey.objects.bound()
    while kills < KILLS_OF_BINDING:
        before, server = acts.count(), start("-c", BIND, SIGNING_DEVELOPMENT="1")
        deadline = time.monotonic() + 60
        while acts.count() < min(before + 3, HOLDERS - 1) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.02)
        server.send_signal(signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
        kills += 1
        for key in acts.select_related("person"):
            assert list(keys.faults(key, at=timezone.now(), by=key.person.user)) == []
            assert keys.identity(key).chain == (keys.authority().root,)
    assert acts.count() < HOLDERS
    assert start("-c", BIND, SIGNING_DEVELOPMENT="1").wait(timeout=120) == 0
    holders = acts.values_list("person", flat=True)
    assert len(holders) == len(set(holders)) == HOLDERS
