"""A sitting in one ZIP: everything is in it, and it is known again by its bytes."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.keeping import bundles, leaflet, verification
from convening.models import Convocation
from documents.models import IssuedDocument
from law import codec
from meetings.models import Meeting
from members.models import Role
from registry.models import FollowUp
from tests import held
from tests.cast import change, make_role
from tests.held import AT, sign
from tests.words import unsaid

pytestmark = pytest.mark.django_db

PAPER, SIGNED = (f"documents/pv-comite-2026-06-09{end}.pdf" for end in ("", "-signe-en-partie"))


@pytest.fixture
def packed(minutes, accounts):
    """The whole file of a sitting whose minutes bear one signature."""
    sign(minutes, "president", accounts[0])
    return bundles.whole(minutes.meeting, at=timezone.now())


def names(content):
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def read(content, name):
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode().replace("\xa0", " ")


def test_papers_data_ledger_and_proofs_are_packed(packed, minutes):
    data = ["suivi.json", "seance.json", "registre.json", "reponses.json", "manifest.json"]
    assert names(packed) == ["LISEZMOI.txt", PAPER, SIGNED, *data]
    # What a delegate keeps says nothing of the others.
    content = bundles.of_delegate(minutes.meeting, at=timezone.now())
    kept = ("LISEZMOI", "documents/", "pieces/", "manifest")
    assert all(name.startswith(kept) for name in names(content))
    assert unsaid(read(content, "LISEZMOI.txt"), "envois", "reponses", "naissance") == [
        "envois", "reponses", "naissance",
    ]  # fmt: skip


# --- What it says of itself -----------------------------------------------------------------------


def test_the_leaflet_tells_every_entry_every_key_and_every_kind_of_line(packed, minutes):
    told = read(packed, "LISEZMOI.txt")
    assert unsaid(told, *names(packed)[1:], *codec.KINDS) == []
    assert set(leaflet.KINDS) == set(codec.KINDS)
    for name, keys in leaflet.KEYS.items():
        explained = {key.strip() for line, _ in keys for key in line.split(",")}
        if name in names(packed):
            content = json.loads(read(packed, name))
            given = content[0] if isinstance(content, list) and content else content
            assert set(given) <= explained | {"basis"}, name
    ways = ("/verifier/", "/v/CODE", "sha256sum", "verifier.py", "naissance", "PAdES")
    assert unsaid(told, *ways, "clés triées, de la liste [previous_hash, seq,") == []


def test_the_chain_is_followed_as_the_leaflet_says(packed):
    previous = ""
    for line in json.loads(zipfile.ZipFile(io.BytesIO(packed)).read("registre.json")):
        assert line["previous_hash"] == previous
        listed = [line[key] for key in leaflet.CHAINED]
        text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = line["sha256"]
        assert hashlib.sha256(text.encode()).hexdigest() == previous


def test_the_same_sitting_is_the_same_zip_whose_entries_bear_their_own_hours(minutes, accounts):
    sign(minutes, "president", accounts[0])
    now = timezone.now()
    content = bundles.whole(minutes.meeting, at=now)
    assert content == bundles.whole(minutes.meeting, at=now)
    dates = {
        each.filename: each.date_time for each in zipfile.ZipFile(io.BytesIO(content)).infolist()
    }

    def said(moment):
        seconds = timezone.localtime(moment).timetuple()[:6]
        return (*seconds[:5], seconds[5] // 2 * 2)  # ZIP counts by two

    assert dates[PAPER] == said(minutes.issued_at)
    assert dates[SIGNED] == said(minutes.signatures.last().signed_at)
    assert dates["seance.json"] == dates["LISEZMOI.txt"] == said(now)


def test_what_came_of_each_paper_is_told(minutes, accounts, cast):
    """Replaced, adopted, online, taken off: of the first version, which says that it is one."""
    by = cast.secretariat
    publication = publishing.publish(minutes, by=by, at=AT)
    publishing.withdraw(publication, reason="Erreur de fichier", by=by, at=AT + timedelta(days=1))
    later = IssuedDocument.objects.get(pk=minutes.pk)
    later.pk, later._state.adding = None, True
    later.version, later.supersedes, later.reason, later.code = 2, minutes, "un nom", "B" * 8
    later.save()
    item = minutes.meeting.items.first()
    FollowUp.objects.create(item=item, what="Publier l’avis", who="Le service marchés")
    meeting = Meeting.objects.get(pk=minutes.meeting_id)
    content = bundles.whole(meeting, at=timezone.now())
    assert names(content)[1] == PAPER.replace(".pdf", "-v1.pdf")
    assert PAPER.replace(".pdf", "-v2.pdf") in names(content) and PAPER not in names(content)
    told = read(content, "LISEZMOI.txt")
    stood = (
        "REMPLACÉ le 15 juin 2026 par la version 2, un nom",
        "arrêté par la séance du 7 juillet",
    )
    withdrawn = "mis en ligne le 15 juin 2026, retiré le 16 juin 2026 : Erreur de fichier"
    assert unsaid(told, *stood, withdrawn, "code BBBBBBBB") == []
    kept = json.loads(read(content, "suivi.json"))
    assert [each["version"] for each in kept["documents"]] == [1, 2]
    assert kept["documents"][0]["remplace_par"]["code"] == "BBBBBBBB"
    assert kept["documents"][0]["publications"][0]["motif"] == "Erreur de fichier"
    assert kept["suites"][0]["quoi"] == "Publier l’avis"


def test_a_cancelled_sitting_says_so_in_every_file_of_it(cast):
    meeting = held.prepare(cast, "Budget", held_on=date(2026, 12, 1))
    before = bundles.whole(meeting, at=AT)
    assert json.loads(read(before, "manifest.json"))["annulation"] is None
    reason = "La présidente est empêchée."
    sent = {"stage": "envoyee", "sent_on": date(2026, 11, 27), "reason": reason}
    Convocation.objects.create(meeting=meeting, number=1, kind="annulation", **sent)
    change(meeting, stage=Meeting.Stage.CANCELLED)
    after = bundles.whole(Meeting.objects.get(pk=meeting.pk), at=AT)
    told = {"annulee_le": "2026-11-27", "motif": reason}
    manifest = json.loads(read(after, "manifest.json"))
    assert (manifest["etat"], manifest["annulation"]) == ("annulée", told)
    assert json.loads(read(after, "suivi.json"))["seance"]["annulation"] == told
    assert json.loads(read(after, "seance.json"))["meeting"]["is_cancelled"] is True
    assert f"Séance ANNULÉE, avis du 2026-11-27 : {reason}" in read(after, "LISEZMOI.txt")


def test_that_of_a_tour_says_that_it_is_none(minutes, secretary, cast):
    change(minutes.meeting.organisation, is_fleeting=True)
    # Who plays is of the secretariat of a real one.
    make_role(cast.secretariat, cast.other_organisation, Role.Kind.SECRETARIAT)
    own = {"organisation": minutes.meeting.organisation.pk}
    secretary.post(reverse("members:switch_organisation"), own)
    answer = secretary.get(reverse("archive:keep", args=[minutes.meeting_id]))
    assert answer["Content-Disposition"].endswith('-documents-visite-guidee.zip"')
    assert "Séance FICTIVE de la visite guidée" in read(answer.content, "LISEZMOI.txt")


# --- It is known again ----------------------------------------------------------------------------


def dropped(client, content: bytes):
    return client.post(reverse("archive:verify"), {"file": ContentFile(content, "s.zip")})


@pytest.mark.parametrize("name", ["keep", "keep_whole"])
def test_what_was_handed_is_known_again_by_its_bytes_alone(minutes, secretary, client, name):
    address = reverse(f"archive:{name}", args=[minutes.meeting_id])
    content = secretary.get(address).content
    assert "Ce ZIP a été remis ici" in dropped(client, content).text
    # The same files in another ZIP: coherent, and nobody's.
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for each in source.namelist():
            target.writestr(each, source.read(each))
    answer = dropped(client, out.getvalue()).text
    assert "Ce ZIP n’est pas reconnu" in answer
    assert str(minutes.meeting.organisation) not in answer.partition("<form")[0]


HOSTILE = {
    "entête seul": b"PK\x03\x04",
    "des zéros": b"PK\x03\x04" + bytes(5000),
    "vingt mégaoctets": b"PK\x03\x04" + bytes(20 << 20),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_zip_is_never_opened(client, content):
    tracemalloc.start()
    response = dropped(client, content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "Ce ZIP n’est pas reconnu" in response.text
    assert most < 90 << 20  # the test client holds the file twice


def test_who_comes_when_others_are_being_judged_is_asked_to_come_back(packed, client, monkeypatch):
    monkeypatch.setattr(verification, "WAIT", 0.0)
    with verification.turn(), verification.turn():
        response = dropped(client, packed)
        assert response.status_code == 422
        assert "dans une minute" in response.text
    assert dropped(client, packed).status_code == 200
