"""Who may open what in `archive`: the lines of `tests/test_access.py` for this room."""

from datetime import date, timedelta
from hashlib import sha256

from django.core.files.base import ContentFile

from archive import actions as publishing
from archive import annexes
from archive.desk import calls, diary
from archive.models import Alert, ArchiveService, Posting, Publication, SigningCall
from archive.online import alerts
from documents import actions as documents
from documents.models import IssuedDocument
from law.delegations import Kind
from meetings.models import Attachment
from members import links
from registry.alone import actions as alone
from tests import held
from tests.cast import Cast
from tests.meetings.urls import a_piece
from tests.registry.urls import AT, a_closed_sitting, a_year, closed, minutes
from tests.test_access import ADMINISTRATION, CLERKS, EVERYBODY, SECRETARIAT, Line


def published(cast: Cast) -> Publication:
    """Minutes of June, adopted and online."""
    document = IssuedDocument.objects.get(**minutes(cast))
    return publishing.publish(document, by=cast.secretariat, at=AT)


def a_code(cast: Cast) -> dict:
    return {"code": published(cast).code}


def the_code_of_a_draft(cast: Cast) -> dict:
    issued = documents.issue_minutes(
        closed(cast, date(2026, 6, 9), "Budget"), by=cast.secretariat, at=AT
    )
    return {"code": issued.code}


def online_minutes(cast: Cast) -> dict:
    return {"pk": published(cast).document_id}


def a_diary(cast: Cast) -> dict:
    feed = publishing.make_feed(cast.organisation, by=cast.secretariat, at=AT)
    return {"token": diary.feed_token(feed)}


def a_call(cast: Cast) -> dict:
    raw = links.drawn(calls.STOP, "graine")
    SigningCall.objects.create(person=cast.alice, seed="graine", token_hash=links.hash_of(raw))
    return {"token": raw}


def an_alert(cast: Cast) -> dict:
    raw = links.drawn(alerts.PAGE, "graine")
    Alert.objects.create(
        organisation=cast.organisation,
        email="lectrice@exemple.fr",
        seed="graine",
        token_hash=links.hash_of(raw),
    )
    return {"token": raw}


def somebody(cast: Cast) -> dict:
    return {"pk": cast.alice.pk}


def a_posting(cast: Cast) -> dict:
    document = IssuedDocument.objects.get(**minutes(cast))
    on = AT.date() + timedelta(days=1)
    at = AT + timedelta(days=1)
    posted = publishing.post(
        document, manner="affiche", on=on, who="Anne Roux", by=cast.secretariat, at=at
    )
    return {"pk": posted.pk}


def a_certificate(cast: Cast) -> dict:
    posted = Posting.objects.get(**a_posting(cast))
    return {"pk": publishing.certify_posting(posted, by=cast.secretariat, at=AT).pk}


def online_extract(cast: Cast) -> dict:
    """Of what is an act."""
    meeting = closed(cast, date(2026, 6, 9), "Budget")
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
    return {"pk": meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT).pk}


def code_of_extract(cast: Cast) -> dict:
    return {"code": IssuedDocument.objects.get(**online_extract(cast)).code}


def an_annex(cast: Cast) -> dict:
    """A file put online with an act."""
    meeting = closed(cast, date(2026, 6, 9), "Budget")
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    extract = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    item = meeting.items.get(key=extract.subject)
    file = ContentFile(b"%PDF-1.4", "note.pdf")
    row = Attachment.objects.create(
        item=item,
        title="Note",
        filename="note.pdf",
        file=file,
        sha256=sha256(b"%PDF-1.4").hexdigest(),
        size=8,
    )
    annexes.choose(row, is_public=True, by=cast.secretariat, at=AT)
    return {"code": publishing.publish(extract, by=cast.secretariat, at=AT).code, "rank": "1"}


def a_draft(cast: Cast) -> dict:
    """An order of the presidency that nobody has taken."""
    alone.open_registers(cast.comite, by=cast.secretariat)
    told = alone.Told(
        title="Règlement de la salle",
        author=cast.comite.mandates.get(office="president"),
        held_on=date(2026, 6, 9),
        nature="2",
        articles="La salle ouvre à 8 h.",
    )
    made = alone.draft(cast.comite, Kind.ORDER, told, by=cast.secretariat, at=AT)
    return {"pk": made.pk}


def slug(cast: Cast) -> dict:
    return {"slug": cast.organisation.slug}


def a_closed_sitting_to_deposit(cast: Cast) -> dict:
    ArchiveService.objects.get_or_create(
        organisation=cast.organisation, agency="FRAD080", private="CODE-50"
    )
    return a_closed_sitting(cast)


SIGNED_IN = [who for who in EVERYBODY if who != "anonymous"]
OF_SECRETARIAT = {"of_an_object": True, "allowed": (SECRETARIAT,)}
POSTED = {"method": "post", "success": (302,)}
TABLE: list[Line] = [
    Line(name="archive:keep", kwargs=a_closed_sitting, of_an_object=True),
    Line(name="archive:keep_whole", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(name="archive:deposit", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(name="archive:archive_service", allowed=CLERKS),
    Line(name="archive:archive_service", method="post", allowed=CLERKS, success=(422,)),
    Line(
        name="archive:deposit_pack",
        kwargs=a_closed_sitting_to_deposit,
        **OF_SECRETARIAT,
    ),
    # Nothing is issued: the page of the register says so again.
    Line(name="archive:volume", kwargs=a_year, of_an_object=True, success=(302,)),
    Line(name="archive:acts_alone", allowed=CLERKS),
    # Another organisation may have no assembly.
    Line(
        name="archive:new_act",
        kwargs=lambda cast: {"kind": "arretes"},
        allowed=(SECRETARIAT,),
        success=(200, 404),
    ),
    Line(
        name="archive:open_registers",
        allowed=(SECRETARIAT,),
        **POSTED | {"success": (302, 404)},
    ),
    Line(name="archive:act", kwargs=a_draft, of_an_object=True, allowed=CLERKS),
    Line(name="archive:edit_act", kwargs=a_draft, **OF_SECRETARIAT),
    Line(name="archive:edit_act", kwargs=a_draft, **OF_SECRETARIAT | POSTED | {"success": (422,)}),
    Line(name="archive:mandates", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(name="archive:write_offices", kwargs=a_closed_sitting, **OF_SECRETARIAT | POSTED),
    Line(
        name="archive:leave_mandates",
        kwargs=a_closed_sitting,
        data=lambda cast: {"why": "La démission n’est pas acceptée."},
        **OF_SECRETARIAT | POSTED,
    ),
    Line(name="archive:act_draft", kwargs=a_draft, **OF_SECRETARIAT),
    Line(
        name="archive:take_act",
        kwargs=a_draft,
        data=lambda cast: {"answered": "date_passee"},
        **OF_SECRETARIAT | POSTED,
    ),
    # Nothing is taken yet: nothing is issued again.
    Line(
        name="archive:issue_act_again",
        kwargs=a_draft,
        **OF_SECRETARIAT | POSTED | {"success": (422,)},
    ),
    Line(name="archive:drop_act", kwargs=a_draft, **OF_SECRETARIAT | POSTED),
    Line(name="archive:search"),
    Line(name="archive:suggest"),
    Line(name="archive:verify", public=True),
    Line(name="archive:verify", method="post", public=True, success=(422,)),
    Line(name="archive:tool", kwargs=lambda cast: {"name": "verifier.py"}, public=True),
    Line(name="archive:proof", kwargs=online_minutes, of_an_object=True),
    Line(name="archive:public_proof", kwargs=a_code, public=True),
    Line(name="archive:public_reading", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(
        name="archive:mask",
        kwargs=a_closed_sitting,
        data=lambda cast: {"text": "Mme Martin"},  # whom nothing there names
        **OF_SECRETARIAT | POSTED | {"success": (422,)},
    ),
    Line(
        name="archive:decide_passages",
        kwargs=a_closed_sitting,
        data=lambda cast: {"text": "Mme Martin", "kind": "nom", "decision": "laisser"},
        **OF_SECRETARIAT | POSTED,
    ),
    Line(name="archive:replace_masked", kwargs=a_closed_sitting, **OF_SECRETARIAT | POSTED),
    Line(name="archive:ask_for_publication", kwargs=a_closed_sitting, **OF_SECRETARIAT | POSTED),
    Line(name="archive:certify_sitting", kwargs=a_closed_sitting, **OF_SECRETARIAT | POSTED),
    Line(
        name="archive:post",
        kwargs=minutes,
        data=lambda cast: {"manner": "affiche", "on": "2026-07-09", "who": "Anne Roux"},
        **OF_SECRETARIAT | POSTED,
    ),
    Line(
        name="archive:take_down",
        kwargs=a_posting,
        data=lambda cast: {"until": "2026-07-20"},
        **OF_SECRETARIAT | POSTED,
    ),
    Line(name="archive:take_posting_back", kwargs=a_posting, **OF_SECRETARIAT | POSTED),
    Line(name="archive:certify_posting", kwargs=a_posting, **OF_SECRETARIAT | POSTED),
    Line(name="archive:certify", kwargs=online_minutes, **OF_SECRETARIAT | POSTED),
    Line(name="archive:certificate", kwargs=a_certificate, of_an_object=True),
    Line(name="archive:stamped_copy", kwargs=online_extract, of_an_object=True),
    Line(
        name="archive:choose_annex",
        kwargs=a_piece,
        data=lambda cast: {"decision": "publier"},
        **OF_SECRETARIAT | POSTED,
    ),
    Line(name="archive:public_annex", kwargs=an_annex, public=True),
    Line(name="archive:public_copy", kwargs=code_of_extract, public=True),
    Line(name="archive:public_sheet", kwargs=online_minutes, **OF_SECRETARIAT),
    Line(name="archive:public_draft", kwargs=online_minutes, **OF_SECRETARIAT),
    Line(name="archive:person_data", kwargs=somebody, allowed=(ADMINISTRATION,), of_an_object=True),
    Line(
        name="archive:person_file",
        kwargs=somebody,
        allowed=(ADMINISTRATION,),
        of_an_object=True,
        method="post",
    ),
    Line(name="archive:my_file", method="post", allowed=SIGNED_IN),
    Line(name="archive:processing", allowed=(ADMINISTRATION,)),
    Line(name="archive:letting_go", allowed=(ADMINISTRATION,)),
    Line(name="archive:let_go", allowed=(ADMINISTRATION,), method="post", success=(422,)),
    Line(name="archive:journal", allowed=("auditor",)),
    Line(name="archive:journal_file", allowed=("auditor",)),
    # What is published is everybody's.
    Line(name="archive:public", public=True),
    Line(name="archive:public_organisation", kwargs=slug, public=True),
    Line(name="archive:public_sittings", kwargs=slug, public=True),
    Line(name="archive:public_feed", kwargs=slug, public=True),
    Line(name="archive:public_document", kwargs=a_code, public=True),
    Line(name="archive:public_file", kwargs=a_code, public=True),
    Line(name="archive:typed_code", public=True, success=(302,)),
    Line(name="archive:code", kwargs=the_code_of_a_draft, public=True),
    Line(name="archive:robots", public=True),
    Line(name="archive:publication", kwargs=minutes, **OF_SECRETARIAT),
    Line(
        name="archive:publication",
        kwargs=minutes,
        data=lambda cast: {"unsigned": "1"},
        **POSTED,
        **OF_SECRETARIAT,
    ),
    Line(
        name="archive:withdraw",
        method="post",
        kwargs=online_minutes,
        success=(422,),
        **OF_SECRETARIAT,
    ),
    Line(name="archive:publish_sitting", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(name="archive:publish_sitting", kwargs=a_closed_sitting, **POSTED, **OF_SECRETARIAT),
    Line(name="archive:publishing", kwargs=a_closed_sitting, **OF_SECRETARIAT),
    Line(name="archive:first_steps", allowed=CLERKS),
    Line(name="archive:public_embed", kwargs=slug, public=True),
    Line(name="archive:public_colours", kwargs=slug, public=True, success=(404,)),
    Line(name="archive:public_logo", kwargs=slug, public=True, success=(404,)),
    Line(name="archive:ask_alert", kwargs=slug, public=True),
    Line(name="archive:ask_alert", kwargs=slug, public=True, method="post", success=(422,)),
    Line(name="archive:alert", kwargs=an_alert, public=True),
    Line(name="archive:alert", kwargs=an_alert, public=True, method="post"),
    Line(name="archive:stop_calls", kwargs=a_call, public=True),
    Line(name="archive:stop_calls", kwargs=a_call, public=True, **POSTED),
    # For superusers, and for who says WATCH_TOKEN: see test_watching.
    Line(name="archive:watch", allowed=()),
    Line(name="archive:state", allowed=()),
    Line(name="archive:measures", allowed=()),
    Line(name="archive:to_do"),
    Line(name="archive:recall", kwargs=somebody, method="post", success=(302,), **OF_SECRETARIAT),
    Line(
        name="archive:recall_signers",
        kwargs=a_closed_sitting,
        method="post",
        success=(302,),
        **OF_SECRETARIAT,
    ),
    Line(name="archive:make_task_feed", allowed=CLERKS, **POSTED),
    Line(name="archive:drop_task_feed", allowed=CLERKS, **POSTED),
    # Who has the address needs no account: see test_tasks.
    Line(name="archive:task_calendar", kwargs=a_diary, public=True),
]
