"""Minutes are adopted by the vote of a later sitting, in the version it found."""

from datetime import date

import pytest
from django.urls import reverse

from documents import actions as documents
from law import ballots
from law.findings import Refused
from meetings.actions import decisions, items, preparing, texts
from registry.acts import actions, reading
from registry.models import Adoption
from tests.held import AT, JULY, JUNE
from tests.registry.conftest import page, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def june(hold):
    return hold(JUNE, adopted=("Budget",))


def issue(meeting, cast, reason=""):
    return documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason=reason)


def adopt(meeting, cast):
    return actions.record_adoptions(meeting, by=cast.secretariat, at=AT)


def correct(meeting, cast, text="<p>Le Comité en débat longuement.</p>"):
    item = meeting.items.get(title="Budget")
    texts.save_text(item, text=text, version=item.text_version, by=cast.secretariat)
    meeting.forget()


def test_the_next_sitting_adopts_the_minutes(cast, hold, june):
    minutes = issue(june, cast)
    # A new letterhead is no correction.
    cast.organisation.address = "2 rue Neuve, 80000 Brume"
    cast.organisation.save()
    july = hold(JULY)
    (adoption,) = adopt(july, cast)
    assert (adoption.document, adoption.adopted_on) == (minutes, JULY)
    assert (adoption.item.approves, adoption.noted_by) == (june, cast.secretariat)
    assert adopt(july, cast) == ()


def test_minutes_rejected_or_not_voted_are_not_adopted(cast, hold, june):
    issue(june, cast)
    # The approval made by `create_meeting` bears that very title: it was rejected too.
    assert adopt(hold(JULY, rejected=(preparing.approval_title(june),)), cast) == ()
    assert list(reading.approvals(hold(date(2026, 9, 8), approves=False))) == []


def test_minutes_never_issued_cannot_be_adopted(cast, hold, june):
    with pytest.raises(Refused, match="n’est pas établi"):
        adopt(hold(JULY), cast)
    assert not Adoption.objects.exists()


def test_corrections_go_from_the_adoption_to_the_next_version_and_back(secretary, cast, hold, june):
    first = issue(june, cast)
    july = hold(JULY)
    write = reverse("registry:write", args=[june.pk])
    # The sitting asks for a correction: the page of its acts leads to the sheet.
    said = page(secretary, "acts", july.pk)
    assert f'href="{write}"' in said
    assert "Constater son adoption" in said
    correct(june, cast)
    # Written and not issued: the old version is not what was adopted.
    said = page(secretary, "acts", july.pk)
    assert "Établissez la version 2" in said
    assert "Constater son adoption" not in said
    refused(
        secretary.post(reverse("registry:adopt", args=[july.pk])),
        "le texte a changé depuis sa version 1",
    )
    assert not Adoption.objects.exists()
    # Issued with its reason, from the sheet.
    assert "Ce que cette version corrige" in secretary.get(write).content.decode()
    typed = {"reason": "Une intervention est précisée.", "confirmed": "1"}
    secretary.post(reverse("documents:issue", args=[june.pk]), typed)
    second = june.documents.minutes().current().get()
    said = page(secretary, "acts", july.pk)
    compare = reverse("registry:compare", args=[first.pk, second.pk])
    assert "Une intervention est précisée." in said
    assert f'href="{compare}"' in said
    assert "longuement</ins>" in secretary.get(compare).content.decode().replace(
        '<span class="visually-hidden">]</span>', ""
    )
    secretary.post(reverse("registry:adopt", args=[july.pk]))
    assert Adoption.objects.get().document == second
    assert "arrêté le 7\u00a0juillet 2026" in page(secretary, "acts", july.pk)


def test_a_correction_after_the_adoption_waits_for_the_vote_of_another_sitting(cast, hold, june):
    first = issue(june, cast)
    july = hold(JULY)
    adopt(july, cast)
    correct(june, cast)
    second = issue(june, cast, reason="Un nom.")
    # The vote of July adopted what it had before it; it adopts nothing more.
    assert adopt(july, cast) == ()
    assert Adoption.objects.get().document == first
    september = hold(date(2026, 9, 8), approves=False)
    item = items.add_item(
        september, kind="approbation", title="PV de juin", approves=june, by=cast.secretariat
    )
    decisions.hold_ballot(september, ballot=ballots.Ballot(item=item.key), by=cast.secretariat)
    (adoption,) = adopt(september, cast)
    assert (adoption.document, adoption.item) == (second, item)
