"""A query that is written once answers as Django's own, related rows and annotations included."""

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from members.models import Mandate, Person
from members.statements import MOST, Statement

pytestmark = pytest.mark.database


def of_body(body: int, name: str) -> QuerySet[Mandate]:
    """The mandates of a body, with what they lean on, of people who are so named."""
    return (
        Mandate.objects.select_related("person__user", "body__organisation")
        .filter(body=body, person__last_name=name, end_on=None)
        .annotate(first=F("person__first_name"))
        .order_by("pk")
    )


def test_it_gives_what_the_query_gives_whatever_is_asked(cast):
    statement = Statement(of_body, body=int, name=str)
    names = [each.last_name for each in Person.objects.all()]
    found = 0
    for body in (cast.comite, cast.bureau):
        for name in [*names, "Personne", "l’un %s", "%"]:
            with CaptureQueriesContext(connection) as asked:
                rows = statement.all(body=body.pk, name=name)
                told = [(m.pk, m.first, m.person.user, m.body.organisation.name) for m in rows]
            assert len(asked) == 1
            own = of_body(body.pk, name)
            assert told == [(m.pk, m.first, m.person.user, m.body.organisation.name) for m in own]
            assert [m.start_on for m in rows] == [m.start_on for m in own]
            found += len(rows)
    assert found
    assert statement.first(body=cast.comite.pk, name="Personne") is None
    assert statement.first(body=MOST + 1, name=names[0]) is None
