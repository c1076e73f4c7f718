"""What is inserted again is what was built: nothing may rest on a copy that lies."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction

from documents import actions as documents
from tests import again, codes, emptied, held
from tests.cast import make_cast

pytestmark = pytest.mark.database


def everything() -> dict[str, again.Rows]:
    """Every row of every table; the search has its own, which triggers fill."""
    names = connection.introspection.table_names()
    return {name: again.rows_of(name) for name in names if "_words_" not in name}


def build():
    """The cast, a sitting, its minutes: rows, a file, codes."""
    cast = make_cast()
    meeting = held.hold(cast, date(2026, 6, 9), adopted=("Budget",))
    return cast, documents.issue_minutes(meeting, by=cast.secretariat, at=held.AT)


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def test_rows_files_and_codes_come_back(db, files, request):
    history = again.History(told=["this test"])
    before = everything()
    with transaction.atomic():
        cast, minutes = again._again(build, request, history)
        built, drawn, content = everything(), codes.state(), Path(minutes.pdf.path).read_bytes()
        transaction.set_rollback(True)
    assert everything() == before != built
    for file in files.rglob("*.pdf"):
        file.unlink()
    codes.begin()
    copy, minutes_again = again._again(build, request, again.History(told=["this test"]))
    assert everything() == built
    assert codes.state() == drawn
    assert Path(minutes_again.pdf.path).read_bytes() == content
    assert copy == cast
    assert copy is not cast


def test_rows_that_went_or_changed_are_told_too(db, files, request):
    def change():
        cast.comite.name = "Comité"
        cast.comite.save()
        cast.stranger.delete()

    history = again.History(told=["another test"])
    cast, _ = again._again(build, request, history)
    built = everything()

    def after() -> again.History:
        return again.History(told=[*history.told, "change"], touched=set(history.touched))

    with transaction.atomic():
        again._again(change, request, after())
        changed = everything()
        transaction.set_rollback(True)
    assert everything() == built != changed
    again._again(change, request, after())
    assert everything() == changed


def test_what_is_committed_comes_back_where_everybody_reads_it(transactional_db, files, request):
    history = again.History(told=["committed"])
    again._again(build, request, history)

    def told() -> dict[str, again.Rows]:
        try:
            return {table: again.rows_of(table) for table in history.touched}
        finally:
            connection.close()

    built = told()
    call_command("flush", interactive=False, verbosity=0)
    again._again(build, request, again.History(told=["committed"]))
    with ThreadPoolExecutor() as beside:
        assert beside.submit(told).result() == built != {}


def test_a_test_that_commits_leaves_what_it_found(transactional_db, files):
    def stands() -> dict[str, bytes | list[tuple]]:
        """The rows; their numbers go on."""
        found = everything().items()
        return {name: each if isinstance(each, bytes) else each[0] for name, each in found}

    before = stands()
    build()
    Permission.objects.order_by("pk").first().delete()
    Permission.objects.update(name="autre")
    assert stands() != before
    emptied.empty()
    assert stands() == before


@pytest.fixture
def drawn(cast, settings) -> str:
    """Built each time, and each time another."""
    cast.comite.name = secrets.token_hex(4)
    cast.comite.save()
    return cast.comite.name


@pytest.fixture
def after(cast) -> None:
    """Writes in the same table."""
    cast.bureau.name = "Le bureau"
    cast.bureau.save()


@pytest.mark.parametrize("time", ["first", "second"])
def test_nothing_is_put_back_over_what_is_built_each_time(drawn, after, cast, time):
    cast.comite.refresh_from_db()
    assert cast.comite.name == drawn


def test_what_cannot_be_copied_is_built_each_time(db, request):
    built = []
    for _ in range(2):
        history = again.History(told=["a function"])
        again._again(lambda: built.append(1) or (lambda: None), request, history)
    assert built == [1, 1]


def test_what_is_old_is_built_anew(db, request, monkeypatch):
    """The hours in its rows would be older than the patience of the trail."""
    built = []
    for lasts in (again.LASTS, 0):
        monkeypatch.setattr(again, "LASTS", lasts)
        for _ in range(2):
            history = again.History(told=["a list", str(lasts)])
            again._again(lambda: built.append(1) or [], request, history)
    assert built == [1, 1, 1]


def test_nothing_is_put_back_over_what_was_built_since(db, request, monkeypatch):
    """What follows a fixture holds its rows: built anew, it had another password than the copy of
    what follows."""
    drawn = []

    def first():
        drawn.append(secrets.token_hex(4))
        return drawn[-1]

    for lasts in (again.LASTS, 0):
        history = again.History(told=["first"])
        with monkeypatch.context() as patched:
            patched.setattr(again, "LASTS", lasts)
            value = again._again(first, request, history)
        history.told.append("second")
        assert again._again(lambda: [value], request, history) == [value]  # noqa: B023 now
    assert len(drawn) == 2
