"""Files in an object store: what holds of a disk holds there, and a store that is cut off in the
middle of an act leaves nothing half-written."""

import io
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from archive.keeping import backup, nightly, safeguarding, stores
from archive.models import Safeguard
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


def test_a_folder_of_a_bucket_is_walked_as_a_bucket_is(store, settings):
    """Of a bucket that others share, only what is ours is seen, under our names."""
    options = objects.read(f"{store.url}/prod")
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": options}
    }
    for name in ("pieces/a.pdf", "b.pdf"):
        files.place().lay(name, io.BytesIO(b"%PDF"))
    (store.folder / "autre.pdf").write_bytes(b"%PDF")
    assert store.names == {"prod/pieces/a.pdf", "prod/b.pdf", "autre.pdf"}
    assert {each.name for each in files.place().walk()} == {"pieces/a.pdf", "b.pdf"}
    assert [each.name for each in files.place().walk("pieces")] == ["pieces/a.pdf"]


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


def test_a_bucket_of_backups_is_judged_as_that_of_the_files(store, settings):
    """It is read without a key, it is where the files are, and one of its backups is in clear."""
    settings.BACKUP_DIR = objects.read(f"{store.url}/nuits", of="BACKUP_DIR")
    settings.BACKUP_RECIPIENT = ["age1"]
    assert [each.number for each in deploying.of_backups()] == [77]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deploying, "urlopen", refused)
        assert [each.number for each in deploying.of_backups()] == [74]
        files.backups().lay("somme_gov-2026-11-28-0200.zip", io.BytesIO(b"PK"))
        assert [each.number for each in deploying.of_backups()] == [74, 63]
    store.cut = frozenset({"HEAD"})
    (told,) = deploying.of_backups()
    assert told.number == 76 and "BACKUP_DIR" in told.what


def refused(*args, **kwargs):
    raise PermissionError


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


@pytest.mark.proof
@pytest.mark.parametrize("is_sealed", [False, True], ids=["en clair", "chiffrées"])
def test_backups_lie_in_a_bucket_grow_by_what_is_new_are_tried_let_go_and_restored(
    signed, settings, monkeypatch, tmp_path, is_sealed
):
    """As in a folder, by the same commands; the files themselves are on the disk."""
    settings.DATA_DIR = tmp_path
    mine = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENT = [str(mine.to_public())] if is_sealed else []
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_WEEKS = 2, 0
    with bucket.served(tmp_path / "s3") as nights:
        url = f"{nights.url}/nuits"
        monkeypatch.setenv("BACKUP_DIR", url)  # for the exercise, which is another process
        settings.BACKUP_DIR = objects.read(url, of="BACKUP_DIR")
        now = timezone.now()
        first = safeguarding.make(at=now - timedelta(days=9))
        lone = default_storage.save("pieces/seul.pdf", ContentFile(b"%PDF neuf"))
        second = safeguarding.make(at=now - timedelta(days=1))
        assert first.is_good and second.is_good and second.files == first.files + 1
        assert second.size < second.added < second.size + 1000 < first.added
        assert any(b"%PDF" in each.read_bytes() for each in kept(nights)) is not is_sealed
        assert first.name not in str(nights.names)  # nine days old
        out = io.StringIO()
        call_command("safeguard", only_list=True, stdout=out)
        assert out.getvalue().split() == [second.name]
        # What no backup needs any more goes a day later.
        files.forget([lone])
        for each in kept(nights):
            os.utime(each, 2 * (time.time() - 25 * 3600,))
        settings.BACKUP_KEEP_DAYS, before = 1, len(kept(nights))
        third = safeguarding.make(at=now)
        assert third.is_good and len(kept(nights)) == before - 1
        if is_sealed:  # a base is made from nothing: once is enough
            assert safeguarding.drill(third.name, at=timezone.now()).trouble == ""
        shown = IssuedDocument.objects.get()
        call_command("flush", interactive=False, verbosity=0)
        shutil.rmtree(settings.MEDIA_ROOT)
        key = {"identity": safeguarding.own_key_path()} if is_sealed else {}
        call_command("restore", third.name, **key, stdout=out)
        assert "Tout est comme au premier jour" in out.getvalue()
        with shown.pdf.open() as file:
            assert files.hash_of(file) == shown.pdf_sha256
        # A file of it that is altered is told, and one that is gone.
        safeguarding.make(at=now + timedelta(minutes=5))
        last = safeguarding.last_good(Safeguard.Kind.BACKUP)
        store = stores.Store(safeguarding.place(), stores.Store.to(None, readers(settings)).folder)
        path = nights.folder / "nuits" / store.name_of(shown.pdf_sha256)
        content = path.read_bytes()
        for loss, said in ((content[:-1] + b"?", "est abîmé|ne s’ouvre pas"), (None, "manque")):
            path.write_bytes(loss) if loss else path.unlink()
            with pytest.raises(backup.Unusable, match=said):
                backup.restore(Path(last.name), place=safeguarding.place(), **key)
        # So is a store that does not answer, and the last good night stays the last good one.
        nights.cut = frozenset({"PUT"})
        row = safeguarding.make(at=now + timedelta(minutes=9))
        assert "ne répond pas" in row.trouble and row.name not in str(nights.names)
        assert safeguarding.last_good(Safeguard.Kind.BACKUP) == last


def kept(nights) -> list:
    return sorted(each for each in (nights.folder / "nuits").glob("fichiers*/??/*"))


def readers(settings) -> list[str]:
    own = safeguarding._own_key().to_public()
    return [*settings.BACKUP_RECIPIENT, str(own)] if settings.BACKUP_RECIPIENT else []


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


@pytest.mark.parametrize(
    ("one", "other", "is_inside"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a/b", "a/b/c", True),
        ("a/b", "a/bc", False),
        ("a", "b", False),
    ],
)
def test_files_and_their_backups_do_not_lie_in_one_another(one, other, is_inside):
    first, second = (objects.read(f"s3://magasin.example.org/{each}") for each in (one, other))
    assert objects.hold_each_other(first, second) is is_inside
    assert objects.hold_each_other(second, first) is is_inside
    elsewhere = objects.read(f"s3://ailleurs.example.org/{one}")
    assert not objects.hold_each_other(first, elsewhere)
