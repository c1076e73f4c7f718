"""Issuing: it freezes, it refuses what is incomplete, it never edits, it supersedes."""

import hashlib
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from documents import actions, papers, render
from documents.compile import compile_minutes
from documents.models import IssuedDocument, IssuedIsFinal
from law import ballots, sitting
from law.findings import Refused, Severity
from meetings.actions import attendance, conduct, decisions, items, ledger
from meetings.models import Meeting
from tests.documents.conftest import ISSUED_AT, printed
from tests.held import at, prepare, sit


def issue(meeting, cast, reason=""):
    return actions.issue_minutes(meeting, by=cast.secretariat, at=ISSUED_AT, reason=reason)


def correct(meeting, cast):
    """The clerk was Denis all along."""
    conduct.set_conduct(
        meeting,
        chair="alice-arnaud",
        clerks=["alice-arnaud"],
        opened_at=at("17:30"),
        closed_at=at("18:30"),
        by=cast.secretariat,
    )


def codes(refused) -> list[str]:
    """The refusals; warnings come with them."""
    return [f.code for f in refused.value.findings if f.severity is Severity.REFUSAL]


def files(media) -> list[str]:
    return sorted(path.name for path in media.rglob("*.pdf"))


# --- It does ----------------------------------------------------------------------------------


def test_issuing_freezes_the_paper_and_its_pdf_once_and_marks_the_sitting(
    bureau, cast, drawn_anew, media
):
    document = issue(bureau, cast)
    assert (document.version, document.supersedes, document.reason) == (1, None, "")
    assert (document.issued_by, document.issued_at) == (cast.secretariat, ISSUED_AT)
    assert document.sha256 == hashlib.sha256(document.content.encode()).hexdigest()
    pdf = printed(document)
    assert document.pdf_sha256 == hashlib.sha256(pdf).hexdigest()
    assert document.pages == render.page_count(pdf) == 1
    drawn_anew()
    assert pdf == render.render_pdf(document.paper)
    assert document.paper.watermark == ""
    assert document.paper.without_edition == compile_minutes(bureau).without_edition
    with pikepdf.open(BytesIO(pdf)) as opened:
        (attached,) = opened.attachments.values()
        assert attached.get_file().read_bytes().decode() == document.content
    issue(bureau, cast)
    assert Meeting.objects.get(pk=bureau.pk).stage == Meeting.Stage.ISSUED
    first = issue(bureau, cast)
    second = actions.issue_minutes(
        bureau, by=cast.secretariat, at=ISSUED_AT + timedelta(seconds=1), reason="encore"
    )
    assert second == first
    assert len(files(media)) == IssuedDocument.objects.count() == 1
    assert papers.from_json(document.content) == document.paper
    issue(bureau, cast)
    with pytest.raises(ProtectedError):
        bureau.delete()


# --- It supersedes ----------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_says_why(bureau, cast, media, drawn_anew):
    first = issue(bureau, cast)
    correct(bureau, cast)
    with pytest.raises(Refused) as refused:
        issue(bureau, cast, reason="  ")
    assert codes(refused) == ["motif_manquant"]
    assert refused.value.findings[-1].field == "reason"
    assert len(files(media)) == 1
    second = issue(bureau, cast, reason="la secrétaire était Alice ARNAUD")
    assert (second.version, second.supersedes) == (2, first)
    assert second.paper.edition.replace("\u00a0", " ") == (
        "Version 2, qui annule et remplace la version 1 établie le 15 juin 2026 : la secrétaire "
        "était Alice ARNAUD."
    )
    assert list(bureau.documents.current()) == [second]
    first = IssuedDocument.objects.get(pk=first.pk)
    assert (first.superseded_by, first.is_current, second.is_current) == (second, False, True)
    assert (first.file_name, second.file_name) == (
        "pv-bureau-2026-06-09.pdf",
        "pv-bureau-2026-06-09-v2.pdf",
    )
    drawn_anew()
    assert printed(first) == render.render_pdf(first.paper)


def test_the_file_of_each_version_says_which_it_is_and_since_when(bureau, cast, media):
    """To whoever keeps both: not the same title, identifier nor name of what is attached."""
    first = issue(bureau, cast)
    correct(bureau, cast)
    second = issue(bureau, cast, reason="la secrétaire était Alice ARNAUD")
    titles, names, identifiers = [], [], []
    for each in (first, second):
        with pikepdf.open(BytesIO(printed(each))) as opened, opened.open_metadata() as told:
            titles.append(told["dc:title"].replace("\u00a0", " "))
            names += opened.attachments
            identifiers.append(told["dc:identifier"])
            assert told["dc:date"] == ["2026-06-09"]
            assert told["xmp:CreateDate"] == timezone.localdate(each.issued_at).isoformat()
            assert str(opened.docinfo["/CreationDate"]).startswith("D:20260615")
    named = "Procès-verbal du Bureau du 9 juin 2026"
    assert titles == [named, f"{named} (version 2)"]
    assert names == ["pv-bureau-2026-06-09.json", "pv-bureau-2026-06-09-v2.json"]
    assert [each.code in told for each, told in zip((first, second), identifiers, strict=True)] == [
        True, True,
    ]  # fmt: skip


# --- It refuses -------------------------------------------------------------------------------


def test_refuses_a_sitting_of_which_nothing_is_told_or_that_goes_on(cast, media):
    meeting = prepare(cast, body=cast.bureau)
    with pytest.raises(Refused) as refused:
        issue(meeting, cast)
    assert codes(refused)[:6] == [
        "sans_ouverture",
        "sans_president",
        "sans_presents",
        "sans_secretaire",
        "sans_levee",
        "sans_ordre_du_jour",
    ]
    assert not IssuedDocument.objects.exists()
    assert files(media) == []
    items.add_item(meeting, title="Point", kind="information", by=None)
    sit(meeting, by=cast.secretariat, hours=None)
    with pytest.raises(Refused) as refused:
        issue(meeting, cast)
    assert codes(refused) == ["sans_levee"]


def test_a_sitting_without_quorum_needs_no_clerk(cast):
    meeting = prepare(cast)
    attendance.set_roll(meeting, standings={"alice-arnaud": "present"}, by=None)
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.Closed(at=at("19:20"), for_want_of_quorum=True),
        by=None,
    )
    document = issue(meeting, cast)
    assert "Le quorum n’est pas atteint" in document.paper.quorum.sentence


def test_what_is_doubted_is_issued_and_what_cannot_be_printed_is_not(bureau, cast):
    item = bureau.items.get(title="Tarifs de l’archivage")
    item.title = "Tarifs 漢"
    item.save()
    with pytest.raises(Refused) as refused:
        issue(bureau, cast)
    assert codes(refused) == ["caractere_absent"]
    assert "dans le point «\u00a0Tarifs 漢\u00a0»" in str(refused.value)
    item.title = "Tarifs"
    item.save()
    items.add_item(bureau, title="Budget", by=None)
    assert "sans_decision" in [
        finding.code for finding in actions.review(bureau, compile_minutes(bureau))
    ]
    assert issue(bureau, cast).version == 1


# --- It is final ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda d: d.save(), id="save"),
        pytest.param(lambda d: d.delete(), id="delete"),
        pytest.param(lambda d: IssuedDocument.objects.update(version=9), id="update"),
        pytest.param(lambda d: IssuedDocument.objects.all().delete(), id="queryset.delete"),
        pytest.param(
            lambda d: IssuedDocument.objects.bulk_update([d], ["version"]), id="bulk_update"
        ),
        pytest.param(
            lambda d: IssuedDocument.objects.update_or_create(pk=d.pk, defaults={"version": 9}),
            id="update_or_create",
        ),
    ],
)
def test_an_issued_document_is_never_edited_nor_erased(bureau, cast, attempt):
    document = issue(bureau, cast)
    with pytest.raises(IssuedIsFinal):
        attempt(document)
    assert IssuedDocument.objects.get().version == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({}, "one_document_per_version"),
        ({"version": 2}, "correction_supersedes_and_says_why"),
        ({"version": 1, "reason": "x"}, "correction_supersedes_and_says_why"),
    ],
)
def test_the_database_refuses_two_versions_alike(bureau, cast, change, constraint):
    document = issue(bureau, cast)
    copy = IssuedDocument(
        **{
            field.name: getattr(document, field.name)
            for field in IssuedDocument._meta.fields
            if field.name != "id"
        }
        | change
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_a_new_point_of_a_second_call_is_doubted(cast):
    """Art. L2121-17: the dispensation of quorum is for the first agenda only."""
    by = cast.secretariat
    first = prepare(cast, "Budget", held_on=date(2026, 6, 12))
    second = prepare(cast, "Budget", "Emprunt", held_on=date(2026, 6, 16), second_call_of=first)
    sit(second, by=by, present=["alice-arnaud"], clerks=["alice-arnaud"])
    for node in second.agenda.nodes:
        if node.item.kind == "deliberation":
            decisions.hold_ballot(second, ballot=ballots.Ballot(item=node.item.key), by=by)
    found = actions.review(second, compile_minutes(second))
    doubts = [f.message for f in found if f.code == "hors_premier_ordre_du_jour"]
    assert len(doubts) == 1
    assert "Emprunt" in doubts[0]


NEXT_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "is_hour_unknown", "code"),
    [
        (timedelta(0), False, None),
        (timedelta(minutes=60), False, None),
        (timedelta(minutes=61), False, "apres_l_heure"),
        (timedelta(minutes=-1), False, "avant_l_heure"),
        (timedelta(minutes=-1), True, None),
        (NEXT_DAY, False, "autre_jour"),
        (NEXT_DAY, True, "autre_jour"),
    ],
)
def test_day_and_hour_of_convocation_and_ledger_agree_or_are_said_not_to(
    cast, since, is_hour_unknown, code
):
    """The title prints the one, the opening formula the other (art. L2121-10, L2121-12)."""
    meeting = prepare(cast, "Budget", is_hour_unknown=is_hour_unknown)
    sit(meeting, by=cast.secretariat, hours=None)
    opened = {"opened_at": meeting.scheduled_for + since, "chair": "alice-arnaud"}
    opened |= {"closed_at": meeting.scheduled_for + since + timedelta(hours=2)}
    conduct.set_conduct(meeting, clerks=["bruno-besson"], **opened, by=cast.secretariat)
    found = actions.review(meeting, compile_minutes(meeting))
    said = [each for each in found if each.code in {"autre_jour", "avant_l_heure", "apres_l_heure"}]
    assert [each.code for each in said] == ([code] if code else [])
    for each in said:
        assert each.article and "page des présences" in each.remedy
        assert "convoquée pour le 9" in each.message
        assert each.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ("", "n’est pas fixé"),
        ("http://127.0.0.1:8000", "vaut http://127.0.0.1:8000"),
        ("https://seances.example.org", None),
    ],
)
@pytest.mark.django_db  # another check asks of the base whether it is served elsewhere
def test_whoever_deploys_is_asked_for_the_printed_address(settings, site, told):
    settings.SITE_URL = site
    warnings = [str(each) for each in run_checks(include_deployment_checks=True)]
    assert [told in each for each in warnings if "documents.W001" in each] == (
        [True] if told else []
    )
