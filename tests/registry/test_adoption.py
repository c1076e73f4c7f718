"""Minutes are adopted by the vote of a later sitting, in the version it found."""

from datetime import date

import pytest

from documents import actions as documents
from law.findings import Refused
from meetings import actions as sittings
from registry import actions, reading
from registry.models import Adoption
from tests.registry.conftest import AT

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)


def issue(meeting, cast, reason=""):
    return documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason=reason)


def adopt(meeting, cast):
    return actions.record_adoptions(meeting, by=cast.secretariat, at=AT)


def test_the_next_sitting_adopts_the_minutes(cast, hold):
    june = hold(JUNE, adopted=("Budget",))
    minutes = issue(june, cast)
    july = hold(JULY)
    (adoption,) = adopt(july, cast)
    assert (adoption.document, adoption.adopted_on) == (minutes, JULY)
    assert adoption.item.approves == june
    assert adopt(july, cast) == ()


def test_minutes_that_were_rejected_are_not_adopted(cast, hold):
    june = hold(JUNE, adopted=("Budget",))
    issue(june, cast)
    title = sittings.approval_title(june)
    july = hold(JULY, rejected=(title,))
    # The approval made by `create_meeting` bears that very title: it was rejected too.
    assert adopt(july, cast) == ()


def test_minutes_never_issued_cannot_be_adopted(cast, hold):
    hold(JUNE, adopted=("Budget",))
    july = hold(JULY)
    with pytest.raises(Refused, match="n’est pas établi"):
        adopt(july, cast)
    assert not Adoption.objects.exists()


def test_corrections_asked_at_the_sitting_are_what_is_adopted(cast, hold):
    june = hold(JUNE, adopted=("Budget",))
    issue(june, cast)
    july = hold(JULY)
    item = june.items.get(title="Budget")
    sittings.save_text(
        item,
        text="<p>Le Comité en débat longuement.</p>",
        version=item.text_version,
        by=cast.secretariat,
    )
    june.forget()
    corrected = issue(june, cast, reason="Une intervention est précisée.")
    (adoption,) = adopt(july, cast)
    assert adoption.document == corrected
    assert adoption.document.version == 2


def test_nothing_was_voted_nothing_is_adopted(cast, hold):
    issue(hold(JUNE, adopted=("Budget",)), cast)
    assert list(reading.approvals(hold(JULY, approves=False))) == []
