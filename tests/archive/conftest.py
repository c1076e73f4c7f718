import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.files.base import ContentFile

from archive import actions as publishing
from archive.keeping import safeguarding
from archive.models import (
    AnnexChoice,
    Arrival,
    Certificate,
    Posting,
    PublicationRequest,
    PublishedAnnex,
    Reading,
)
from convening.models import Answer, Convocation, Invitation, Notice, Question, Recipient
from documents.models import IssuedDocument
from meetings.models import (
    AlsoApproved,
    Attachment,
    Brief,
    DebateRevision,
    Deed,
    Passage,
)
from members.models import PaperStyle, RuleBook
from registry.models import (
    Accounted,
    Decline,
    Delegation,
    Deliberation,
    DeliberationLink,
    Deposit,
    Folder,
    FollowUp,
    LoneAct,
    Remark,
    Review,
    Ruling,
)
from tests.conftest import migrated
from tests.held import AT, sign
from tests.registry.conftest import accounts, demonstration, hold, june, media, minutes, secretary  # noqa: F401 the same sittings, signers and minutes
from transmission.models import ActSheet, Classification, Exchange, Transmission


class _WithItsBase(TemporaryDirectory):
    def __enter__(self) -> str:
        name = super().__enter__()
        if migrated().exists():
            shutil.copyfile(migrated(), Path(name) / "exercice.sqlite3")
        return name


@pytest.fixture
def exercise_is_migrated(monkeypatch) -> None:
    """An exercise finds its base migrated, which takes ten times as long as the rest of it. Once it
    begins from nothing, in test_objects.py."""
    monkeypatch.setattr(safeguarding, "TemporaryDirectory", _WithItsBase)


@pytest.fixture
def signed(minutes, accounts):  # noqa: F811 the fixtures above
    """Adopted minutes with both signatures."""
    sign(minutes, "president", accounts[0])
    sign(minutes, "secretaire-1", accounts[1])
    return minutes


@pytest.fixture
def scene(signed, cast) -> IssuedDocument:
    """Minutes signed and published, and a row of each table that they leave empty."""
    by, meeting = cast.secretariat, signed.meeting
    publishing.publish(signed, by=by, at=AT + timedelta(days=1))
    publishing.give(b"PK", kind="documents", meeting=meeting, by=by, at=AT)
    item = meeting.items.first()
    mandate = cast.comite.mandates.first()
    AlsoApproved.objects.create(agendaitem=item, meeting=meeting)
    Brief.objects.get_or_create(item=item)
    Passage.objects.create(meeting=meeting, text="Mme Martin", is_masked=False, decided_by=by)
    file = ContentFile(b"%PDF", "note.pdf")
    Attachment.objects.create(item=item, title="Note", filename="note.pdf", file=file, size=4)
    DebateRevision.objects.get_or_create(item=item, version=90, saved_by=by)
    Deed.objects.get_or_create(body=cast.comite, meeting=meeting, verb="convoquer", words="…")
    sent = Convocation.objects.create(meeting=meeting, number=9, stage="envoyee")
    Recipient.objects.bulk_create(
        [Recipient(convocation=sent, why="membre", name="Alice", channel="courriel")]
    )
    Invitation.objects.create(meeting=meeting, mandate=mandate, token_hash="a", expires_at=AT)
    Answer.objects.create(meeting=meeting, mandate=mandate, word="excuse", via="compte")
    Question.objects.create(meeting=meeting, mandate=mandate, text="Quand ?")
    Notice.objects.bulk_create(
        [Notice(meeting=meeting, once="rappel", message_id="<b>")], ignore_conflicts=True
    )
    number = {"year": 2026, "number": 1, "rank": 1, "label": "2026-01", "safe_label": "2026_01"}
    acts = Deliberation.objects
    act = acts.first() or acts.create(meeting=meeting, item=item, body=cast.comite, **number)
    DeliberationLink.objects.create(source=act, kind="abroge", target_text="2014-05")
    LoneAct.objects.create(
        meeting=meeting,
        author=mandate,
        nature="2",
        delegation=Delegation.objects.create(
            body=cast.comite,
            mandate=mandate,
            deliberation=act,
            source="…",
            granted_on=AT,
            subjects="Marchés",
        ),
    )
    ruling = Ruling.objects.create(body=cast.comite, number="D1", decided_on=AT, object="Bail")
    Accounted.objects.create(body=cast.comite, item=item, ruling=ruling)
    FollowUp.objects.create(item=item, what="Publier l’avis", who="Le service marchés")
    Review.objects.create(
        meeting=meeting, person=mandate.person, token_hash="c", asked_by=by, expires_at=AT
    )
    Remark.objects.create(meeting=meeting, text="Un mot", made_by="Alice")
    Deposit.objects.create(
        document=signed, place="p", person=mandate.person, manner="main", deposited_by=by
    )
    Decline.objects.create(
        document=signed, place="p", person=mandate.person, reason="Un chiffre", declined_by=by
    )
    Folder.objects.create(document=signed, service="i-Parapheur", reference="r", sent_by=by)
    publication = signed.publications.first()
    Reading.objects.create(publication=publication, at=AT, found="conforme")
    Posting.objects.create(document=signed, on=AT.date(), who="Anne Roux", noted_by=by)
    joined = Attachment.objects.get(item=item)
    AnnexChoice.objects.create(attachment=joined, is_public=True, decided_by=by)
    annex = ContentFile(b"%PDF", "annexe.pdf")
    PublishedAnnex.objects.create(publication=publication, rank=1, file=annex, sha256="e")
    PublicationRequest.objects.create(meeting=meeting, says="d", asked_by=by)
    kept = ContentFile(b"%PDF", "certificat.pdf")
    Certificate.objects.create(document=signed, publication=publication, file=kept, sha256="c")
    came = ContentFile(b"x", "constats.jsonl.gz")
    Arrival.objects.create(organisation=cast.organisation, left_at=AT, at=AT, file=came, sha256="g")
    Classification.objects.create(
        organisation=cast.organisation,
        dated_on=AT.date(),
        file=ContentFile(b"<classification/>", "classification.xml"),
        sha256="f",
    )
    sheet = ActSheet.objects.create(
        deliberation=act, matter="7.10", object="Un bail", typology="99_DE"
    )
    sending = Transmission.objects.create(
        sheet=sheet, document=signed, number="2026_01", identifier="I", connector="main"
    )
    message = ContentFile(b"<Acte/>", "acte.xml")
    Exchange.objects.create(
        transmission=sending, kind="envoi", name="acte.xml", file=message, sha256="g"
    )
    PaperStyle.objects.get_or_create(body=cast.comite)
    RuleBook.objects.get_or_create(
        body=cast.comite, valid_from=date(2020, 1, 1), defaults={"preset": "smo", "values": {}}
    )
    return signed
