"""Files joined to an item: known by what they hold, bounded, scanned, kept and given back."""

import io
import zipfile
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from law.findings import Refused
from meetings import attachments
from meetings.actions import items, joining, preparing
from meetings.models import Attachment, Meeting
from tests.cast import change
from tests.meetings import files


def checked(content: bytes, name: str) -> attachments.Checked:
    return attachments.check(ContentFile(content), name)


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        checked(content, name)
    (finding,) = refused.value.findings
    return f"{finding.code} {finding}"


@pytest.fixture
def join(request, by):
    """`join("plan.pdf", content)`: the file joined to the item, or to another."""

    def join(name: str = "plan.pdf", content: bytes | None = None, to=None) -> Attachment:
        file = ContentFile(files.pdf() if content is None else content)
        to = to or request.getfixturevalue("item")
        made, _ = joining.add_attachment(to, file=file, filename=name, by=by)
        return made

    return join


def stored() -> set[str]:
    root = Path(settings.MEDIA_ROOT) / "pieces"
    return {path.name for path in root.rglob("*") if path.is_file()}


pytestmark = pytest.mark.usefixtures("own_media")


# --- What a file is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (files.pdf(3), "note.pdf", "application/pdf"),
        (files.office("docx"), "note.docx", f"{files.OFFICE}wordprocessingml.document"),
        (files.office("xlsx"), "budget.xlsx", f"{files.OFFICE}spreadsheetml.sheet"),
        (files.office("pptx"), "vues.pptx", f"{files.OFFICE}presentationml.presentation"),
        (files.open_document("odt"), "note.odt", "application/vnd.oasis.opendocument.text"),
        (files.open_document("ods"), "b.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        (files.open_document("odp"), "v.odp", "application/vnd.oasis.opendocument.presentation"),
        (files.picture("PNG"), "plan.png", "image/png"),
        (files.picture("JPEG"), "photo.jpeg", "image/jpeg"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_is_accepted(content, name, media_type):
    found = checked(content, name)
    assert (found.filename, found.media_type, found.size) == (name, media_type, len(content))
    assert found.notes == ()
    assert found.pages == (3 if name == "note.pdf" else None)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        pytest.param(b"MZ" + bytes(200), "note.pdf", "programme", id="un .exe nommé .pdf"),
        pytest.param(b"\x7fELF" + bytes(9), "plan.png", "programme", id="un programme Linux"),
        pytest.param(b"#!/bin/sh\nrm -rf /", "note.docx", "programme", id="un script"),
        pytest.param(b"<html><script>", "note.pdf", "inconnue", id="une page web"),
        pytest.param(b"<svg xmlns=''/>", "plan.png", "inconnue", id="un SVG"),
        pytest.param(b"", "note.pdf", "vide", id="un fichier vide"),
        pytest.param(
            files.pdf(password="x"), "n.pdf", "imprimez-le en PDF sans protection",
            id="un PDF protégé",
        ),
        pytest.param(b"%PDF-1.7\nrien", "note.pdf", "abimee", id="un PDF abîmé"),
        pytest.param(files.pdf(9)[:150], "note.pdf", "abimee", id="un PDF tronqué"),
        pytest.param(lambda: files.pdf_bomb(400), "note.pdf", "abimee", id="un PDF qui se déplie"),
        pytest.param(
            lambda: files.pdf_bomb(60, b"0 "), "n.pdf", "bombe", id="un PDF d’objets sans nombre",
        ),
        pytest.param(
            lambda: files.pdf_bomb(60, b"0 ", is_hidden=True), "n.pdf", "bombe",
            id="hors de ses pages",
        ),
        pytest.param(files.old_word(), "note.doc", "avant 2007", id="un .doc"),
        pytest.param(files.old_word(protected=True), "n.docx", "mot de passe", id="docx protégé"),
        pytest.param(
            files.open_document("odt", ("META-INF/manifest.xml", b"<encryption-data/>")),
            "note.odt", "mot de passe", id="un .odt protégé",
        ),
        pytest.param(
            files.office("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml"),
            "note.docx", "macros", id="un .docm nommé .docx",
        ),
        pytest.param(
            files.open_document("ods", ("Basic/script-lc.xml", b"<x/>")), "b.ods", "macros",
            id="un .ods à macros",
        ),
        pytest.param(files.archive(("a.exe", b"MZ")), "note.docx", "archive", id="un .zip"),
        pytest.param(
            files.archive(("[Content_Types].xml", b"x" * 999), method=zipfile.ZIP_BZIP2),
            "note.docx", "abimee", id="compressé autrement",
        ),
        pytest.param(files.zip_bomb, "note.docx", "bombe", id="une bombe zip"),
        pytest.param(
            lambda: files.lying(files.zip_bomb()), "n.docx", "abimee", id="une bombe qui ment",
        ),
        pytest.param(lambda: files.crowd(10_001), "note.docx", "bombe", id="dix mille entrées"),
        pytest.param(files.office("docx")[:-30], "note.docx", "abimee", id="un .docx tronqué"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(50), "plan.png", "abimee", id="un PNG abîmé"),
        pytest.param(files.picture("JPEG", (900, 900))[:3000], "p.jpg", "abimee", id="JPEG coupé"),
        pytest.param(
            lambda: files.picture("PNG", (9000, 9000)), "p.png", "trop_grande", id="immense",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(content, name, said):
    told = refusal(files.made(content), name)
    assert said in told and f"«\u00a0{name}\u00a0»" in told


def test_a_cut_picture_is_refused_after_a_paper_was_printed_too(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # what WeasyPrint does
    assert "abimee" in refusal(files.picture("JPEG", (900, 900))[:3000], "p.jpg")


def test_a_name_is_made_safe_and_its_extension_is_that_of_the_content():
    for content, name, kept in (
        (files.office("docx"), "note.pdf", "note.docx"),
        (files.pdf(), "facture.exe", "facture.pdf"),
        (files.pdf(), "Compte rendu v1.2 (final)", "Compte rendu v1.2 (final).pdf"),
        (files.picture("PNG"), "plan.JPG", "plan.png"),
        (files.picture("JPEG"), "PLAN.JPG", "PLAN.jpg"),
    ):
        assert checked(content, name).filename == kept
    for name, kept in (
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\x\note.pdf", "note.pdf"),
        ("note\u202efdp.exe.pdf", "notefdp.exe.pdf"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ("é漢字 🗳️.pdf", "é漢字 🗳️.pdf"),
        ("x" * 400 + ".pdf", "x" * 150 + ".pdf"),
        ('<script>"alert".pdf', "script alert.pdf"),
        ("...", "document"),
        ("", "document"),
    ):
        assert attachments.safe_name(name) == kept


# --- The scanner --------------------------------------------------------------------------------


def clean(path: str) -> str:
    return ""


def infected(path: str) -> str:
    assert Path(path).read_bytes().startswith(b"%PDF")
    return "Eicar-Signature"


def broken(path: str) -> str:
    raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("scanner", "said"),
    [
        (f"{__name__}.clean", None),
        (f"{__name__}.infected", "Eicar-Signature"),
        (f"{__name__}.broken", "n’a pas pu l’examiner"),
        (f"{__name__}.missing", "n’a pas pu l’examiner"),
        ("true", None),
        ("sh -c 'echo \"$0: Win.Test FOUND\"; exit 1'", "Win.Test"),
        ("sh -c 'exit 2'", "n’a pas pu l’examiner"),
        ("/no/such/scanner --fast", "n’a pas pu l’examiner"),
        ("sh -c 'exit 1'", "un programme malveillant"),
    ],
)
def test_the_scanner_is_believed_and_its_failure_refuses(settings, scanner, said):
    settings.ATTACHMENT_SCANNER = scanner
    if said is None:
        assert checked(files.pdf(), "note.pdf").pages == 1
    else:
        assert said in refusal(files.pdf(), "note.pdf")


# --- Kept ---------------------------------------------------------------------------------------


def test_it_is_kept_under_a_random_name(join, item):
    piece = join("Plan de financement.pdf", files.pdf(2))
    assert (piece.title, piece.filename) == ("Plan de financement", "Plan de financement.pdf")
    assert (piece.pages, piece.position, len(piece.sha256)) == (2, 0, 64)
    assert piece.file.name.startswith(f"pieces/{item.meeting_id}/")
    assert "plan" not in piece.file.name.lower()
    assert stored() == {Path(piece.file.name).name}


def test_what_cannot_be_joined_leaves_no_file(join, item, held, monkeypatch, by):
    join("un.pdf")
    with pytest.raises(Refused, match="déjà jointe à ce point"):
        join("deux.pdf")
    other = items.add_item(held, title="Emprunt", by=by)
    twice = {"file": ContentFile(files.pdf()), "filename": "trois.pdf"}
    _, notes = joining.add_attachment(other, **twice, by=by)
    assert [note.code for note in notes] == ["piece_en_double"]
    assert len(stored()) == 2
    items.remove_item(held.agenda[other.key].item, by=by)
    with pytest.raises(Refused, match="vient d’être retiré"):
        join("quatre.pdf", files.pdf(4), to=other)
    monkeypatch.setattr(joining, "MAX_ATTACHMENTS", 1)
    with pytest.raises(Refused, match="au plus"):
        join("cinq.pdf", files.pdf(5))
    monkeypatch.undo()

    def fail(meeting):
        raise RuntimeError("the base is gone")

    monkeypatch.setattr(joining.ledger, "touch", fail)
    with pytest.raises(RuntimeError):
        join("six.pdf", files.pdf(6))
    assert Attachment.objects.get().filename == "un.pdf"
    assert len(stored()) == 2


def test_files_go_with_what_is_removed_once_it_is_certain(
    bureau, join, django_capture_on_commit_callbacks, by
):
    one, two = (items.add_item(bureau, title=title, by=by) for title in ("Un", "Deux"))
    pieces = [join(f"{n}.pdf", files.pdf(n), to=to) for n, to in ((1, one), (2, one), (3, two))]
    with django_capture_on_commit_callbacks(execute=True):
        joining.remove_attachment(pieces[0], by=by)
        assert len(stored()) == 3
    assert len(stored()) == Attachment.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        items.remove_item(bureau.agenda[one.key].item, by=by)
    assert len(stored()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        preparing.delete_meeting(bureau, by=by)
    assert stored() == set()


def test_what_went_with_the_convocation_stays(join, held, item, secretary, by):
    piece = join()
    change(held, convened_on=timezone.localdate())
    for remove in (
        lambda: joining.remove_attachment(piece, by=by),
        lambda: items.remove_item(held.agenda["p1"].item, by=by),
    ):
        with pytest.raises(Refused, match="partie avec la convocation"):
            remove()
    page = secretary.get(url(item, "dossier/")).text
    assert "partie avec la convocation" in page
    assert f"/seances/pieces/{piece.pk}/retirer/" not in page
    answer = secretary.post(f"/seances/pieces/{piece.pk}/retirer/", {"confirmed": "1"})
    assert answer.status_code == 409 and "joignez la version corrigée" in answer.text
    late = join("tardive.pdf", files.pdf(4))
    Attachment.objects.filter(pk=late.pk).update(added_at=timezone.now() + timedelta(days=2))
    late.refresh_from_db()
    joining.remove_attachment(late, by=by)
    # The last convocation counts, whatever it changed.
    typed, sent = date(2026, 6, 1), date(2026, 6, 3)
    assert joining.last_sent_on(Meeting()) is None
    assert joining.last_sent_on(Meeting(convened_on=typed, sent_on=sent)) == sent


# --- By the screen ------------------------------------------------------------------------------


def url(item, rest="pieces/"):
    return f"/seances/{item.meeting_id}/points/{item.key}/{rest}"


def upload(*names_and_contents):
    return {"files": [SimpleUploadedFile(name, content) for name, content in names_and_contents]}


def test_several_at_once_each_on_its_own(item, secretary):
    good = ("un.pdf", files.pdf(1)), ("deux.png", files.picture())
    answer = secretary.post(url(item), upload(("virus.pdf", b"MZ"), *good))
    assert answer.status_code == 422 and "virus.pdf" in answer.text
    assert [each.filename for each in item.attachments.all()] == ["un.pdf", "deux.png"]
    accept = {"Accept": "application/json"}
    good = secretary.post(url(item), upload(("note.pdf", files.office("docx"))), headers=accept)
    assert good.status_code == 200 and "note.docx" in good.json()["notes"][0]
    bad = secretary.post(url(item), upload(("note.pdf", b"MZ")), headers=accept)
    assert bad.status_code == 422 and "programme" in bad.json()["errors"][0]
    none = secretary.post(url(item), {}, headers=accept)
    assert none.json()["errors"] == ["Choisissez au moins un fichier."]


class Endless(io.RawIOBase):
    """A body of so many bytes that counts how many were asked for."""

    def __init__(self, head: bytes, size: int) -> None:
        self.head, self.left, self.read_so_far = head, size, 0

    def read(self, size: int = -1) -> bytes:
        if self.head:
            chunk, self.head = self.head, b""
        else:
            chunk = bytes(min(size if size > 0 else self.left, self.left))
        self.left -= len(chunk)
        self.read_so_far += len(chunk)
        return chunk


@pytest.mark.proof
@pytest.mark.parametrize(
    ("megabytes", "read"),
    [
        pytest.param(300, 1, id="300 Mo : pas même commencé"),
        pytest.param(60, 52, id="60 Mo : arrêté à la limite"),
    ],
)
def test_a_body_too_long_is_not_read_whole(item, secretary, megabytes, read):
    head = encode_multipart(BOUNDARY, upload(("grand.pdf", b"%PDF-1.7\n")))
    head = head[: head.index(b"%PDF") + 9]
    size = megabytes * 1024 * 1024
    body = Endless(head, size)
    told = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": MULTIPART_CONTENT, "wsgi.input": body}
    answer = secretary.generic("POST", url(item), b"", **told, HTTP_ACCEPT="application/json")
    assert answer.status_code == 422
    assert "« grand.pdf » dépasse 50 Mo" in answer.json()["errors"][0].replace("\u00a0", " ")
    assert body.read_so_far < read * 1024 * 1024
    assert not item.attachments.exists()


def content_of(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_it_is_saved_and_never_shown(join, cast, client_of):
    content = files.picture()
    piece = join("Plan d’été.png", content)
    answer = client_of(cast.delegate).get(piece.get_absolute_url())
    assert content_of(answer) == content
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_delegates_have_it_from_the_convocation_on(bureau, comite, join, cast, client_of, by):
    item = items.add_item(comite, title="Emprunt", by=by)
    piece = join(to=item)
    client = client_of(cast.delegate)
    assert client.get(piece.get_absolute_url()).status_code == 403
    assert content_of(client_of(cast.administration).get(piece.get_absolute_url()))
    change(comite, convened_on=timezone.localdate())
    assert content_of(client.get(piece.get_absolute_url())) == files.pdf()
    change(comite, convened_on=timezone.localdate() + timedelta(days=1))
    assert client.get(piece.get_absolute_url()).status_code == 403


def test_the_buttons_work_without_a_script(join, item, secretary, by):
    for rest, number in product(("", "renommer/", "deplacer/", "retirer/"), (0, 999_999, 10**18)):
        assert secretary.post(f"/seances/pieces/{number}/{rest}").status_code in (404, 405)
    first, second, third = (join(f"{n}.pdf", files.pdf(n)) for n in (1, 2, 3))
    assert joining.move_attachment(third, by_rank=-2, by=by)
    assert not joining.move_attachment(third, by_rank=-1, by=by)
    assert [each.title for each in item.attachments.all()] == ["3", "1", "2"]
    joining.remove_attachment(third, by=by)
    secretary.post(f"/seances/pieces/{second.pk}/deplacer/", {"move": "up"})
    assert [each.pk for each in item.attachments.all()] == [second.pk, first.pk]
    bad = secretary.post(f"/seances/pieces/{second.pk}/deplacer/", {"move": "sideways"})
    assert bad.status_code == 404
    secretary.post(f"/seances/pieces/{first.pk}/renommer/", {"title": "<b>漢字</b> 🗳️"})
    page = secretary.get(url(item, "dossier/")).text
    assert "&lt;b&gt;漢字&lt;/b&gt;" in page
    assert f'data-max="{50 * 1024 * 1024}"' in page
    assert "50\u00a0Mo au plus par fichier" in page
    for bad in ("", "  ", "x" * 201):
        answer = secretary.post(f"/seances/pieces/{first.pk}/renommer/", {"title": bad})
        assert answer.status_code == 422
        with pytest.raises(Refused):
            joining.rename_attachment(first, title=bad, by=by)
    secretary.post(f"/seances/pieces/{first.pk}/renommer/", {"title": " Plan "})
    assert item.attachments.get(pk=first.pk).title == "Plan"
    asked = secretary.post(f"/seances/pieces/{first.pk}/retirer/")
    assert asked.status_code == 200
    assert item.attachments.count() == 2
    secretary.post(f"/seances/pieces/{first.pk}/retirer/", {"confirmed": "1"})
    assert item.attachments.get() == second
