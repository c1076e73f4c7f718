"""Who may open what among the documents: the lines of `tests/test_access.py` for this room."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from documents import actions, views
from documents.urls import urlpatterns
from meetings.models import Meeting
from tests.cast import Cast
from tests.meetings.urls import a_sitting
from tests.test_access import CLERKS, DELEGATE, EVERY_ROLE, SECRETARIAT, Line, comite


def a_closed_sitting(cast: Cast) -> Meeting:
    return a_sitting(cast, hours=1)


def sitting(cast: Cast) -> dict:
    return {"pk": a_closed_sitting(cast).pk}


def document(cast: Cast) -> dict:
    at = timezone.make_aware(datetime(2026, 6, 15, 9, 30))
    assert "tests" in str(settings.MEDIA_ROOT), "les essais écriraient chez quelqu’un"
    meeting = a_closed_sitting(cast)
    return {"pk": actions.issue_minutes(meeting, by=cast.secretariat, at=at).pk}


def keeps(name: str, **extra) -> Line:
    """A page of the secretariat, about one sitting."""
    return Line(
        name=f"documents:{name}",
        kwargs=sitting,
        allowed=(SECRETARIAT,),
        of_an_object=True,
        **extra,
    )


TABLE = [
    Line(name="documents:mine", allowed=EVERY_ROLE),
    keeps("preview"),
    keeps("sheet"),
    keeps("preview_pdf"),
    *(keeps(each.name) for each in urlpatterns if each.callback is views.paper),
    replace(keeps("extract"), kwargs=lambda cast: sitting(cast) | {"key": "p1"}),
    Line(
        name="documents:attestation",
        kwargs=lambda cast: {"pk": a_closed_sitting(cast).pk, "key": "claire-caron"},
        allowed=(SECRETARIAT, DELEGATE),
        of_an_object=True,
    ),
    keeps("issue"),
    keeps("issue", method="post", data=lambda cast: {"confirmed": "1"}, success=(302,)),
    Line(name="documents:detail", kwargs=document, of_an_object=True),
    Line(name="documents:leaf", kwargs=document, of_an_object=True),
    Line(name="documents:download_docx", kwargs=document, of_an_object=True),
    Line(name="documents:signature_sheet", kwargs=document, of_an_object=True),
    Line(name="style:edit", kwargs=comite, allowed=CLERKS, of_an_object=True),
    Line(
        name="style:edit",
        method="post",
        kwargs=comite,
        allowed=CLERKS,
        of_an_object=True,
        success=(422,),
    ),
    Line(name="style:preview", method="post", kwargs=comite, allowed=CLERKS, of_an_object=True),
    Line(name="style:pdf", method="post", kwargs=comite, allowed=CLERKS, of_an_object=True),
]
