"""Publishing: once, after the adoption, the very bytes that were signed; and nothing else leaks."""

import io
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from archive import actions as publishing
from archive.keeping import integrity, proofs, verification
from archive.models import Publication
from archive.online import public_copy, publications
from documents import actions as documents
from documents import compile, papers, render
from documents.models import CODE_LETTERS, IssuedDocument
from law import sitting
from law.findings import Refused
from meetings.actions import ledger, preparing, texts
from meetings.models import Meeting
from registry.acts.reading import adoption_told
from registry.models import Adoption, Final
from registry.signatures import actions as signatures
from tests import conformity, held
from tests.held import AT, content_of
from tests.words import refused, text, unsaid

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)
LATER = AT + timedelta(days=40)
KINDS = IssuedDocument.Kind


def publish(document, by):
    return publishing.publish(document, by=by, at=LATER)


def withdraw(publication, cast, reason="une adresse y figurait"):
    at = LATER + timedelta(days=1)
    return publishing.withdraw(publication, reason=reason, by=cast.secretariat, at=at)


def rewrite(meeting, cast, text) -> Meeting:
    """Write other words under its first item."""
    item = meeting.items.exclude(kind="approbation").first()
    texts.save_text(item, text=text, version=item.text_version, by=cast.secretariat)
    return Meeting.objects.get(pk=meeting.pk)


def correct(
    minutes, cast, text="<p>Le Comité en débat, longuement.</p>", reason="un mot manquait"
) -> IssuedDocument:
    """Version 2, with an adoption of its own, as a vote on the correction gives it."""
    meeting = rewrite(minutes.meeting, cast, text)
    at = AT + timedelta(days=30)
    return documents.issue_minutes(meeting, by=cast.secretariat, at=at, reason=reason)


def adopted(document) -> IssuedDocument:
    first = Adoption.objects.first()
    Adoption.objects.create(document=document, item=first.item, seq=1, adopted_on=JULY)
    return IssuedDocument.objects.get(pk=document.pk)


def test_what_goes_online_is_the_file_as_it_was_signed_and_once(signed, cast, client):
    by_code = reverse("archive:code", args=[signed.code])
    assert "<dt>Signatures</dt><dd>2 sur 2</dd>" in text(client.get(by_code))
    publication = publish(signed, cast.secretariat)
    led_to = text(client.get(by_code, follow=True))
    assert "la dernière établie" in led_to and "<dd>2 sur 2</dd>" in led_to
    last = signed.signatures.order_by("-order").first()
    assert content_of(publication.file) == content_of(last.file)
    assert (publication.sha256, publication.code) == (last.sha256, signed.code)
    assert len(publication.code) == 8
    assert set(publication.code) <= set(CODE_LETTERS)
    assert publication.title.startswith("Procès-verbal du Comité")
    assert "Alice ARNAUD, présidente" in publication.author
    assert "Bruno BESSON, secrétaire de séance" in publication.author
    with pytest.raises(Refused, match="déjà en ligne"):
        publish(signed, cast.secretariat)
    assert Publication.objects.count() == 1
    # It is walked and recognised.
    verdict = verification.judge(content_of(publication.file))
    assert verdict.is_ours
    assert any("en ligne depuis le" in sentence for sentence in verdict.sentences)
    assert list(integrity.faults()) == []
    with Path(publication.file.path).open("r+b") as file:
        file.write(b"x")
    (fault,) = integrity.faults()
    assert "n’est plus celui qui a été mis en ligne" in str(fault)


def test_a_withdrawal_says_why_and_erases_nothing(minutes, cast):
    publication = publish(minutes, cast.secretariat)
    for reason in ("", "   ", "x" * 301):
        with pytest.raises(Refused):
            withdraw(publication, cast, reason)
    withdraw(publication, cast)
    withdraw(publication, cast, "un autre motif")
    publication.refresh_from_db()
    assert publication.reason == "une adresse y figurait"
    assert publication.file.storage.exists(publication.file.name)
    assert not publications.online().exists()
    verdict = verification.judge(content_of(publication.file))
    assert any("retiré de la publication" in sentence for sentence in verdict.sentences)
    again = publish(minutes, cast.secretariat)
    assert again.code == publication.code
    assert publications.find(again.code) == again


def test_no_path_changes_or_erases_a_publication(minutes, cast):
    with connection.cursor() as cursor:  # issued before codes were printed: it is given one
        cursor.execute("UPDATE documents_issueddocument SET code = NULL")
    minutes = IssuedDocument.objects.get(pk=minutes.pk)
    publication = publish(minutes, cast.secretariat)
    assert len(publication.code) == 8
    for change in (
        publication.delete,
        publication.save,
        lambda: publication.save(update_fields=["sha256"]),
        Publication.objects.all().delete,
        lambda: Publication.objects.update(author="x"),
    ):
        with pytest.raises(Final):
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(
            document=minutes, first_version=minutes, code="23456789", sha256="x", author="x"
        )


def test_a_failure_leaves_no_file(minutes, cast, monkeypatch, settings):
    def save(self, *args, **kwargs):
        super(Publication, self).save(*args, **kwargs)
        raise OSError

    monkeypatch.setattr(Publication, "save", save)
    with pytest.raises(OSError):
        publish(minutes, cast.secretariat)
    assert not list(settings.MEDIA_ROOT.glob("publications/**/*.pdf"))
    assert not Publication.objects.exists()


# --- The acts of a sitting at once ---------------------------------------------------------------


@pytest.fixture
def acts(cast, hold):
    """The extracts and the list of a sitting of June, issued."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return meeting


def publish_acts(meeting, cast):
    return publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)


def test_one_act_puts_the_list_and_every_extract_online(acts, cast):
    for document in acts.documents.all():
        is_list = document.kind == KINDS.LIST
        assert publications.due(document) == (
            date(2026, 6, 16) if is_list else None,
            "statuts" if is_list else "art. L3131-1 du CGCT",
        )
    made = publish_acts(acts, cast)
    assert [each.document.kind for each in made] == [KINDS.EXTRACT, KINDS.EXTRACT, KINDS.LIST]
    assert [each.title.replace("\u00a0", " ") for each in made] == [
        "Délibération n° 2026-06-09/01 : Budget",
        "Délibération n° 2026-06-09/02 : Tarifs",
        "Liste des délibérations, Comité syndical du 9 juin 2026",
    ]
    assert made[2].author == "Alice ARNAUD, présidente"
    for each in made:
        assert content_of(each.file) == content_of(each.document.pdf)
    assert publish_acts(acts, cast) == ()
    assert Publication.objects.count() == 3
    withdraw(made[0], cast)
    assert publish_acts(acts, cast) == ()  # what was taken off stays away


def test_a_new_version_of_an_extract_alone_goes_online(acts, cast):
    old = publish_acts(acts, cast)[0]
    item = acts.items.get(title="Budget")
    item.title = "Budget primitif"
    preparing.change(item, fields=["title"], by=cast.secretariat)
    meeting, at = Meeting.objects.get(pk=acts.pk), AT + timedelta(days=1)
    held.issue_acts(meeting, by=cast.secretariat, at=at, reason="le titre était incomplet")
    new, new_list = publish_acts(acts, cast)
    assert new_list.document.kind == KINDS.LIST
    assert (new.document.version, new.first_version) == (2, old.document)
    other = Publication.objects.get(title__contains="Tarifs")
    assert set(publications.online()) == {new_list, new, other}


def test_acts_go_online_together_or_not_at_all(acts, cast, monkeypatch, settings):
    of, asked = public_copy.of, []

    def fail_on_the_third(document):
        asked.append(document)
        if len(asked) == 3:
            raise OSError
        return of(document)

    monkeypatch.setattr(public_copy, "of", fail_on_the_third)
    with pytest.raises(OSError):
        publish_acts(acts, cast)
    assert not Publication.objects.exists()
    assert not list(settings.MEDIA_ROOT.glob("publications/**/*.pdf"))
    monkeypatch.undo()
    assert len(publish_acts(acts, cast)) == 3


# --- What the public does not read --------------------------------------------------------------

SECRET = "Martin habite au 3"
SENSITIVE = f'<p>Le Comité en débat. <mark class="sensible">{SECRET}</mark></p>'
MOVED = SENSITIVE.replace("débat", "débat encore")
PLAIN = "<p>Le Comité en débat.</p>"


def said_by(pdf: bytes) -> str:
    """Every word of a file: its pages, and the data attached to it."""
    command = ["pdftotext", "-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)  # noqa: S603 poppler, of our file
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        attached = [each.get_file().read_bytes() for each in opened.attachments.values()]
    return " ".join([done.stdout.decode(), *(each.decode() for each in attached)])


def sensitive_minutes(cast, hold, minutes, text=SENSITIVE) -> IssuedDocument:
    return adopted(correct(minutes, cast, text))


def sensitive_extract(cast, hold, minutes=None, text=SENSITIVE) -> IssuedDocument:
    meeting = rewrite(hold(date(2026, 9, 8), adopted=("Tarifs",), approves=False), cast, text)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return meeting.documents.get(kind=KINDS.EXTRACT)


@pytest.mark.parametrize("make", [sensitive_minutes, sensitive_extract], ids=["pv", "extrait"])
def test_what_is_sensitive_is_in_the_original_and_not_online(minutes, cast, hold, make):
    document = make(cast, hold, minutes)
    publication = publish(document, cast.secretariat)
    original = said_by(content_of(document.pdf))
    assert original.count(SECRET) == 2  # the probe finds it: on the page and in the data
    public = said_by(content_of(publication.file))
    assert SECRET not in public
    conformity.check(content_of(publication.file))
    # Nobody signed the original: nothing says that somebody did.
    assert unsaid(public, "Le Comité en débat", "Version mise en ligne", "L’original est") == []
    assert document.paper.verification.printed_code in public
    assert publication.is_redacted and publication.sha256 != document.pdf_sha256
    verdict = verification.judge(content_of(publication.file))
    assert verdict.origin is verification.Origin.PUBLIC and verdict.is_ours
    # No hash of the original either: it would confirm a guess of what was left out.
    told = proofs.of_publication(publication).facts
    probe = proofs.of_act(document).facts
    for kept in (document.sha256, document.pdf_sha256, SECRET):
        assert (kept in str(probe)) is (kept != SECRET)
        assert kept not in str(told)
    # A text that moved since is not redacted by guess.
    withdraw(publication, cast)
    for moved in (MOVED, PLAIN):  # what was issued still holds the passage taken out since
        rewrite(document.meeting, cast, moved)
        with pytest.raises(Refused, match="n’est plus"):
            publish(IssuedDocument.objects.get(pk=document.pk), cast.secretariat)


def test_an_extract_goes_online_as_it_was_signed_whatever_the_rule_that_names_who_signs(
    cast, hold, accounts, monkeypatch
):
    """Decision 0019: nobody reads online that another signed it; its proof tells the sitting."""
    extract = sensitive_extract(cast, hold)
    signatures.prepare_batch([extract], by=cast.secretariat, at=AT)
    for place, user in zip(("president", "secretaire-1"), accounts, strict=True):
        held.sign(extract, place, user)

    def read() -> tuple[str, papers.Issuable, dict]:
        document = IssuedDocument.objects.get(pk=extract.pk)
        public, _ = public_copy.of(document)
        shown = public_copy.shown(document.meeting, [document])[document.pk]
        return said_by(public), shown, proofs.of_act(document).facts

    before = read()
    by_another = property(lambda told: dict.fromkeys(told.at_item, "denis-duval"))
    monkeypatch.setattr(sitting.Sitting, "extract_chairs", by_another)
    assert read() == before


def test_an_extract_without_anything_sensitive_is_the_file_itself_unless_doors_were_closed(
    cast, hold
):
    extract = sensitive_extract(cast, hold, text=PLAIN)
    publication = publish(extract, cast.secretariat)
    assert publication.sha256 == extract.pdf_sha256
    assert not publication.is_redacted
    withdraw(publication, cast)
    meeting = Meeting.objects.get(pk=extract.meeting_id)
    ledger.record(meeting, sitting.DoorsClosed(before=extract.subject), by=cast.secretariat)
    corrected = "le huis clos manquait"
    closed, _ = held.issue_acts(meeting, by=cast.secretariat, reason=corrected)
    public = said_by(content_of(publish(closed, cast.secretariat).file))
    assert "Le Comité en débat" not in public
    assert "huis clos" in public


def test_one_code_is_drawn_at_the_address_of_the_site_printed_and_the_preview_has_none(
    cast, june, settings
):
    settings.SITE_URL = "https://seances.example.org/"
    minutes = documents.issue_minutes(june, by=None, at=AT)
    paper = minutes.paper
    assert paper.verification.code == minutes.code
    assert paper.verification.address == f"https://seances.example.org/v/{minutes.code}/"
    assert documents.issue_minutes(june, by=None, at=AT + timedelta(days=1)) == minutes
    page = render.render_html(paper)
    assert unsaid(page, paper.verification.printed_code, "Code à scanner") == []
    draft = compile.compile_minutes(minutes.meeting)
    assert draft.verification is None
    assert "Code à scanner" not in render.render_html(draft)
    assert not documents.has_changed(minutes, draft)
    # What was issued before codes were printed is written as it was.
    text = papers.to_json(replace(paper, verification=None))
    assert "verification" not in text
    assert papers.to_json(papers.from_json(text)) == text


def test_minutes_whose_vote_was_annulled_are_adopted_no_more(signed, cast, client, client_of):
    """Told on every page; neither signed nor put online; known to who verifies; and adopted again
    when the vote is taken again."""
    adoption = signed.adoption
    july, seq = adoption.item.meeting, adoption.seq
    publish(signed, cast.secretariat)
    ledger.void(july, seq=seq, reason="rejeté", by=cast.secretariat)
    minutes = IssuedDocument.objects.get(pk=signed.pk)
    told = "n’est plus arrêté : le vote de la séance du 7 juillet 2026 a été annulé"
    assert adoption_told(minutes).replace("\u00a0", " ") == told
    public = client.get(minutes.publications.get().get_absolute_url())
    assert unsaid(public.text, "n’est plus arrêté") == []
    assert "Arrêté par" not in public.text.replace('title="', "")
    office = client_of(cast.secretariat)
    for url in (minutes.get_absolute_url(), reverse("registry:signatures", args=[minutes.pk])):
        assert unsaid(office.get(url).text, "annulé") == []
    verdict = verification.judge(content_of(minutes.pdf))
    assert any("n’est plus arrêté" in each for each in verdict.sentences)
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert unsaid(out.getvalue(), "À savoir", "n’est plus arrêté") == []
    withdraw(minutes.publications.get(), cast)
    with refused("pv_non_arrete"):
        publish(IssuedDocument.objects.get(pk=signed.pk), cast.secretariat)


def test_minutes_whose_vote_was_annulled_are_signed_by_nobody(minutes, cast, accounts):
    adoption = minutes.adoption
    ledger.void(adoption.item.meeting, seq=adoption.seq, reason="rejeté", by=cast.secretariat)
    with refused("pv_non_arrete"):
        held.sign(IssuedDocument.objects.get(pk=minutes.pk), "president", accounts[0])


def test_an_extract_whose_vote_was_annulled_says_so_to_the_public_and_to_every_cache(
    acts, cast, client
):
    """Nothing of what is online changes: the ledger does."""
    publish_acts(acts, cast)
    extract = acts.documents.filter(kind=IssuedDocument.Kind.EXTRACT).first()
    page = extract.publications.get().get_absolute_url()
    before = client.get(page)
    assert "plus un acte" not in before.text
    same = {"if-none-match": before["ETag"]}
    assert client.get(page, headers=same).status_code == 304
    votes = acts.events.filter(kind="ballot_held")
    (vote,) = (each for each in votes if each.payload["ballot"]["item"] == extract.subject)
    ledger.void(acts, seq=vote.seq, reason="compté deux fois", by=cast.secretariat)
    after = client.get(page, headers=same)
    assert after.status_code == 200
    assert unsaid(after.text, "n’est plus un acte") == []


def test_a_list_that_says_otherwise_than_the_ledger_goes_online_no_more(acts, cast):
    issued = acts.documents.get(kind=KINDS.LIST)
    assert publications.objections(issued.meeting, [issued]) == ()
    vote = acts.events.filter(kind="ballot_held").latest("seq")
    ledger.void(acts, seq=vote.seq, reason="compté deux fois", by=cast.secretariat)
    issued = IssuedDocument.objects.get(pk=issued.pk)
    assert [each.code for each in publications.objections(issued.meeting, [issued])] == [
        "liste_depassee"
    ]
    with refused("liste_depassee"):
        publish(issued, cast.secretariat)


def test_no_stranger_counts_what_is_written_while_a_sitting_is_held(acts, cast, client):
    publish_acts(acts, cast)
    page = reverse("archive:public")
    tag = client.get(page)["ETag"]
    live = held.prepare(cast, "Budget")
    held.sit(live, by=cast.secretariat, hours=None)
    assert client.get(page)["ETag"] == tag
