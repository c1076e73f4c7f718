"""A disk that is full: each act that keeps files is stopped at each of its writes in turn. No file
stays, no row, and whoever acted is told so in words."""

import errno
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.keeping import anchors
from convening.actions import answering, dispatching, drafting
from documents import actions as documents
from meetings.actions import joining
from meetings.models import Meeting
from members import actions as composing
from members import files, front
from members.models import PaperStyle
from registry.acts import actions as acts
from registry.signatures import actions as signatures
from tests import held
from tests.convening import desk, sent
from tests.held import AT, JUNE
from tests.meetings.files import picture

pytestmark = pytest.mark.django_db

PICTURE = picture()
LATER = AT + timedelta(days=40)
Act = Callable[[], object]


def issued(cast) -> Act:
    meeting = held.hold(cast, JUNE, adopted=("Budget",))
    return partial(documents.issue_minutes, meeting, by=cast.secretariat, at=AT)


def acts_issued(cast) -> Act:
    meeting = held.hold(cast, JUNE, adopted=("Budget", "Tarifs"))
    return partial(held.issue_acts, meeting, by=cast.secretariat, at=AT)


def acts_published(cast) -> Act:
    meeting = held.hold(cast, JUNE, adopted=("Budget", "Tarifs"))
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return partial(publishing.publish_acts, meeting, by=cast.secretariat, at=LATER)


def joined(cast) -> Act:
    item = held.hold(cast, JUNE, adopted=("Budget",)).items.first()
    return lambda: joining.add_attachment(
        item, file=SimpleUploadedFile("p.png", PICTURE), filename="p.png", by=cast.secretariat
    )


def sent_off(cast) -> Act:
    desk.give_addresses(cast)
    draft = drafting.prepare(desk.prepared(cast), by=cast.secretariat)

    def act():
        draft.refresh_from_db()
        dispatching.dispatch(draft, by=cast.secretariat, at=desk.NOW, site=desk.SITE)

    return act


def proxy_signed(cast) -> Act:
    meeting = sent.make_sent(cast).meeting
    return lambda: answering.answer(
        meeting,
        mandate=cast.seat(cast.alice),
        word="excuse",
        holder=cast.seat(cast.denis),
        proxy_form=ContentFile(b"%PDF-1.4", "pouvoir.pdf"),
        via="lien",
        at=sent.NOW,
    )


def logo_kept(cast) -> Act:
    def act():
        logo = ContentFile(PICTURE, "logo.png")
        style = PaperStyle(body=cast.comite, logo=logo)
        composing.keep_paper_style(style, version=0, by=cast.administration)

    return act


def proved(cast, request) -> Act:
    signed = request.getfixturevalue("signed")
    publishing.publish(signed, by=None, at=timezone.now())
    anchors.anchor(at=timezone.now())
    return partial(publishing.prove, signed, by=None, at=timezone.now())


def prepared(cast, request) -> Act:
    request.getfixturevalue("accounts")  # and the keys, the seal among them
    minutes = issued(cast)()
    acts.record_adoptions(held.hold(cast, held.JULY), by=cast.secretariat, at=AT)
    return partial(signatures.prepare_signing, minutes, by=cast.secretariat, at=AT)


def signed_on_server(cast, request) -> Act:
    minutes, (alice, _) = (request.getfixturevalue(each) for each in ("minutes", "accounts"))
    return partial(held.sign, minutes, "president", alice)


def handed_in(cast, request) -> Act:
    minutes = request.getfixturevalue("minutes")
    return lambda: signatures.deposit_handwritten(
        minutes,
        place="secretaire-1",
        scan=ContentFile(b"%PDF-1.4", "feuille.pdf"),
        by=cast.secretariat,
        at=AT,
    )


def confirmed(cast, request) -> Act:
    deposit = handed_in(cast, request)()
    return lambda: signatures.confirm(deposit, by=cast.administration, at=AT)


# What acts, and how many files it writes; what draws much or signs is a long proof.
ACTS = (
    (issued, 1),
    (joined, 1),
    (proxy_signed, 1),
    (logo_kept, 1),
    (handed_in, 1),
)
LONG = (
    (acts_issued, 3),
    (acts_published, 3),
    (sent_off, 1),
    (proved, 1),
    (prepared, 2),
    (signed_on_server, 1),
    (confirmed, 2),
)
ROWS = [
    *(pytest.param(*each, id=each[0].__name__) for each in ACTS),
    *(pytest.param(*each, id=each[0].__name__, marks=pytest.mark.proof) for each in LONG),
]


def there(settings) -> tuple[set, Counter]:
    """Every file that is kept, and how many rows of each table."""
    kept = {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
    rows = Counter({model: model._base_manager.count() for model in apps.get_models()})
    return kept, rows


class Cut(ContentFile):
    """The disk is full when half of it is written."""

    def chunks(self, chunk_size=None):
        yield b"%PDF"
        raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full_disk(monkeypatch, *, at: int):
    """No space left for the file of this rank; at 0, for the first row after a file."""
    save, written = files.WholeFiles._save, []

    def saved(self, name, content):
        written.append(name)
        return save(self, name, Cut(b"") if len(written) == at else content)

    def asked(execute, sql, *rest):
        if at == 0 and written and sql.startswith("INSERT"):
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with monkeypatch.context() as patched, connection.execute_wrapper(asked):
        patched.setattr(files.WholeFiles, "_save", saved)
        yield written


@pytest.mark.parametrize(("act", "count"), ROWS)
def test_what_cannot_be_written_leaves_nothing(
    cast, request, act, count, monkeypatch, settings, tmp_path, rf
):
    settings.ANCHOR_FILE = tmp_path / "ancrages.jsonl"
    needs_signers = "request" in act.__code__.co_varnames[: act.__code__.co_argcount]
    done = act(cast, request) if needs_signers else act(cast)
    before = there(settings)
    for rank in range(count + 1):
        with full_disk(monkeypatch, at=rank), pytest.raises((OSError, OperationalError)) as told:
            done()
        assert there(settings) == before, rank
        assert front.is_of_a_full_disk(told.value)
    with full_disk(monkeypatch, at=-1) as written:
        done()
    assert len(written) == count
    assert not list(settings.MEDIA_ROOT.glob(f"{files.UNDER_WAY}*"))


def test_who_acts_is_told_in_words(cast, client_of, monkeypatch):
    item = held.hold(cast, JUNE, adopted=("Budget",)).items.first()
    client = client_of(cast.secretariat)
    client.raise_request_exception = False
    address = reverse("meetings:attachments", args=[item.meeting_id, item.key])
    with full_disk(monkeypatch, at=1):
        page = client.post(address, {"files": SimpleUploadedFile("p.png", PICTURE)})
    assert page.status_code == 507
    assert "n’a plus de place" in page.text and "Prévenez la personne" in page.text
    assert not item.attachments.exists()


def test_what_was_done_is_not_denied_because_nothing_more_could_be_kept(
    cast, client_of, monkeypatch, settings, tmp_path
):
    """What a click was answered is kept, the second time; the disk was full between the two."""
    files_of_it = {"BACKEND": "members.cached.InFiles", "LOCATION": tmp_path / "cache"}
    settings.CACHES = settings.CACHES | {"default": files_of_it}
    office = client_of(cast.secretariat)
    page = office.get(reverse("meetings:create"))
    fields = page.context["form"].initial | {"body": cast.comite.pk, "held_on": "2026-12-22"}
    fields |= {"starts_at": "18:00", "place": "en mairie", "once": "1"}
    fields["csrfmiddlewaretoken"] = str(page.context["csrf_token"])

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.cache.backends.filebased.tempfile.mkstemp", full)
    answer = office.post(reverse("meetings:create"), fields)
    assert (answer.status_code, Meeting.objects.count()) == (302, 1)
    with pytest.raises(OSError, match="No space"):
        cache.add("premier", 1)
    assert cache.get_or_set("fait", lambda: 3) == 3
