"""Files in an object store: what holds of a disk holds there, and a store that is cut off in the
middle of an act leaves nothing half-written."""

import io
import os
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from archive.keeping import nightly, safeguarding
from archive.watching import facts
from documents.models import IssuedDocument
from members import deploying, files
from members.models import Leftover
from somme_gov import objects
from tests import bucket
from tests.archive import test_full_disk as acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(tmp_path, settings, monkeypatch):
    with bucket.served(tmp_path / "s3") as served:
        bucket.use(served, settings, monkeypatch)
        yield served


def test_a_file_comes_back_whole_under_a_name_of_its_own(store):
    content = bytes(range(256)) * 9000  # longer than what is held in memory
    first, second = (default_storage.save("pieces/a.pdf", ContentFile(content)) for _ in "ab")
    assert first != second and store.names == {first, second}
    with default_storage.open(first) as file:
        assert files.hash_of(file) and file.read() == content
    there = {each.name: each.size for each in files.place().walk("pieces")}
    assert there == dict.fromkeys((first, second), len(content))
    assert {each.name for each in files.place().walk()} == {first, second}
    assert default_storage.size(first) == len(content) and default_storage.exists(first)
    files.forget([first, "pieces/jamais"])
    assert store.names == {second} and not default_storage.exists(first)
    with pytest.raises(files.Damaged):
        files.opened_at(first, "", told="a.pdf")


@pytest.mark.parametrize("loss", ["cut", "deaf"])
@pytest.mark.parametrize(
    ("act", "passed", "count"),
    [
        pytest.param(acts.joined, 0, 1, id="une pièce"),
        pytest.param(acts.acts_published, 1, 3, id="trois actes", marks=pytest.mark.proof),
    ],
)
def test_a_store_cut_off_in_the_middle_of_an_act_leaves_no_row_and_the_night_its_files(
    cast, store, act, passed, count, loss
):
    """Nobody hears the request, or its answer is lost once it is done."""
    done = act(cast)
    before, rows = store.names, counted()
    setattr(store, loss, frozenset({"PUT", "DELETE"}))
    store.left = passed
    with pytest.raises(files.Away):
        done()
    assert counted() == rows | {Leftover: passed + 1}
    store.heal()
    assert nightly._does(nightly.SWEEP)
    assert store.names == before and counted() == rows
    done()
    assert len(store.names - before) == count


def counted() -> dict:
    return {model: model._base_manager.count() for model in apps.get_models()}


def test_who_reads_while_it_is_cut_off_is_told_in_words_and_so_is_a_supervisor(
    cast, client_of, store
):
    item = acts.held.hold(cast, acts.JUNE, adopted=("Budget",)).items.first()
    client = client_of(cast.secretariat)
    client.raise_request_exception = False
    address = reverse("meetings:attachments", args=[item.meeting_id, item.key])
    store.cut = frozenset({"PUT", "GET", "HEAD", "DELETE"})
    sent = acts.SimpleUploadedFile("p.png", acts.PICTURE)
    page = client.post(address, {"files": sent})
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "Le magasin où sont les fichiers ne répond pas" in page.text
    assert not item.attachments.exists()
    (told,) = facts._files(timezone.now())
    assert told.state == facts.State.BAD and "FILES_URL" in told.remedy
    (said,) = deploying.of_store(store.url, "seances")
    assert said.number == 76
    with pytest.raises(CommandError, match="ne répond pas"):
        call_command("verify", stdout=io.StringIO(), stderr=io.StringIO())
    store.heal()
    (told,) = facts._files(timezone.now())
    assert told.state == facts.State.GOOD


def test_a_bucket_that_anybody_reads_is_told(store, settings):
    endpoint = settings.STORAGES["default"]["OPTIONS"]["endpoint_url"]
    assert [each.number for each in deploying.of_store(endpoint, "seances")] == [77]


@pytest.mark.proof
def test_what_lies_there_is_verified_saved_each_night_and_restored(
    store, signed, settings, tmp_path
):
    """Minutes signed in the bucket; an orphan and an altered file are named; a backup of it comes
    back, in the bucket again."""
    lone = default_storage.save("pieces/seul.pdf", ContentFile(b"%PDF"))
    out = io.StringIO()
    call_command("verify", stdout=out)  # young, it may be of an act that is being written
    os.utime(store.folder / lone, 2 * (time.time() - 2 * 3600,))
    with pytest.raises(CommandError, match="une anomalie"):
        call_command("verify", sweep=True, stdout=io.StringIO(), stderr=out)
    assert f"{lone} : aucun document" in out.getvalue().replace("\xa0", " ")
    assert lone in store.names  # not yet a day old
    os.utime(store.folder / lone, 2 * (time.time() - 25 * 3600,))
    call_command("verify", sweep=True, stdout=io.StringIO(), stderr=out)
    assert lone not in store.names
    settings.BACKUP_DIR, settings.DATA_DIR = tmp_path / "nuits", tmp_path
    first = safeguarding.make(at=timezone.now() - timedelta(days=1))
    second = safeguarding.make(at=timezone.now())
    assert first.is_good and second.is_good and second.files == len(store.names)
    assert second.added == second.size
    document = IssuedDocument.objects.get()
    path = store.folder / document.pdf.name
    content = path.read_bytes()
    path.write_bytes(b"autre")
    assert "a changé" in safeguarding.make(at=timezone.now() + timedelta(days=1)).trouble
    path.write_bytes(content)
    kept = store.names
    call_command("flush", interactive=False, verbosity=0)
    files.forget(kept)
    assert not store.names
    call_command("restore", settings.BACKUP_DIR / second.name, stdout=out)
    assert "Tout est comme au premier jour" in out.getvalue() and store.names == kept


# --- How it is named --------------------------------------------------------------------------


def test_an_address_names_a_store_a_bucket_and_its_key():
    told = objects.read("s3://cl%2Fe:se%40cret@s3.example.org:9000/seances/prod?region=fr-par")
    assert told == {
        "endpoint_url": "https://s3.example.org:9000",
        "access_key": "cl/e",
        "secret_key": "se@cret",
        "bucket_name": "seances",
        "location": "prod",
        "region_name": "fr-par",
        "style": "path",
    }


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://s3.example.org/seances", "commence par s3://"),
        ("s3://s3.example.org", "nomme un hôte et un godet"),
        ("s3://cle@s3.example.org/seances", "une clé va avec son secret"),
        ("s3://s3.example.org/seances?acl=public", "n’y a pas de sens"),
        ("s3://s3.example.org:x/seances", "ne se lit pas"),
    ],
)
def test_an_address_that_names_none_is_refused_in_words(url, said):
    with pytest.raises(ValueError, match=said):
        objects.read(url)
