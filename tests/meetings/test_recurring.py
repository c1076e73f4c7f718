"""What comes back: habits of a body, items left behind, agendas taken up again."""

from datetime import date, datetime, time

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from law import ballots, sitting
from meetings import briefs
from meetings.actions import (
    attendance,
    carrying,
    conduct,
    decisions,
    habits,
    items,
    joining,
    ledger,
    preparing,
    texts,
)
from meetings.models import Attachment, Brief, Meeting, RecurringItem
from tests.meetings import files


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def habit(cast, title, kind="information", *, automatic=False, body=None):
    return habits.keep_habit(
        RecurringItem(body=body or cast.comite, title=title, kind=kind, is_automatic=automatic),
        by=cast.secretariat,
    )


def next_sitting(cast, **extra) -> Meeting:
    return preparing.create_meeting(
        body=cast.comite, held_on=date(2026, 9, 1), starts_at=time(19), by=cast.secretariat, **extra
    )


def titles(meeting) -> list[str]:
    meeting.forget()
    return [node.item.title for node in meeting.agenda.nodes]


def offered(meeting) -> list[str]:
    meeting.forget()
    return [each.title for each in briefs.proposals(meeting)]


# --- Habits ---------------------------------------------------------------------------------------


def test_a_new_sitting_begins_with_them(comite, cast):
    habit(cast, "Secrétaire de séance", automatic=True)
    habit(cast, "Vœux")
    habit(cast, "Questions diverses", "divers", automatic=True)
    habit(cast, "Du Bureau", automatic=True, body=cast.bureau)
    meeting = next_sitting(cast)
    assert titles(meeting)[1:] == ["Secrétaire de séance", "Questions diverses"]
    assert titles(meeting)[0].startswith("Approbation du procès-verbal")
    assert offered(meeting) == ["Vœux"]


def test_a_second_call_holds_nothing_more(comite, cast):
    habit(cast, "Secrétaire de séance", automatic=True)
    meeting = next_sitting(cast, second_call_of=comite)
    assert "Secrétaire de séance" not in titles(meeting)
    assert offered(meeting) == []


def test_what_is_added_goes_before_the_closing_item(comite, cast, secretary):
    habit(cast, "Questions diverses", "divers", automatic=True)
    habit(cast, "Vœux")
    meeting = next_sitting(cast)
    path = f"/seances/{meeting.pk}/ordre-du-jour/"
    secretary.post(f"{path}proposes/", {"what": briefs.proposals(meeting)[0].key})
    secretary.post(path, {"title": "Emprunt", "kind": "deliberation"})
    secretary.post(path, {"title": "Autres questions", "kind": "divers"})
    assert titles(meeting)[1:] == ["Vœux", "Emprunt", "Questions diverses", "Autres questions"]


def test_order_change_and_removal_by_the_screen(cast, secretary):
    path = f"/instances/{cast.comite.pk}/points-recurrents/"
    for title in ("Un", "Deux", "<b>Trois</b> 漢字"):
        answer = secretary.post(path, {"title": title, "kind": "information"})
        assert answer.status_code == 302
    third = cast.comite.recurring_items.get(title__contains="Trois")
    secretary.post(f"{path}{third.pk}/deplacer/", {"move": "up"})
    secretary.post(f"{path}{third.pk}/deplacer/", {"move": "up"})
    top = secretary.post(f"{path}{third.pk}/deplacer/", {"move": "up"}, follow=True)
    assert "ne peut pas aller plus loin" in top.text
    assert "&lt;b&gt;Trois" in top.text
    assert cast.comite.recurring_items.first() == third
    secretary.post(f"{path}{third.pk}/", {"title": "Vœux", "kind": "debat", "is_automatic": "on"})
    third.refresh_from_db()
    assert (third.title, third.kind, third.is_automatic) == ("Vœux", "debat", True)
    secretary.post(f"{path}{third.pk}/retirer/")
    assert cast.comite.recurring_items.count() == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"title": "", "kind": "debat"}, "obligatoire"),
        ({"title": "   ", "kind": "debat"}, "obligatoire"),
        ({"title": "x" * 501, "kind": "debat"}, "500"),
        ({"title": "Un", "kind": "approbation"}, "approbation"),
        ({"title": "Un", "kind": "<b>"}, "&lt;b&gt;"),
    ],
)
def test_a_bad_habit_is_told_beside_the_field(cast, client_of, data, said):
    client = client_of(cast.administration)
    answer = client.post(f"/instances/{cast.comite.pk}/points-recurrents/", data)
    assert answer.status_code == 422
    assert said in answer.text
    assert not RecurringItem.objects.exists()


def test_a_habit_of_another_body_is_not_found_there(cast, secretary):
    other = habit(cast, "Du Bureau", body=cast.bureau)
    path = f"/instances/{cast.comite.pk}/points-recurrents/{other.pk}/"
    assert secretary.get(path).status_code == 404
    assert secretary.post(f"{path}retirer/").status_code == 404
    assert secretary.post(f"{path}deplacer/", {"move": "up"}).status_code == 404


def test_the_page_costs_the_same_however_many(cast, django_assert_num_queries, secretary):
    path = f"/instances/{cast.comite.pk}/points-recurrents/"
    habit(cast, "Un")
    secretary.get(path)
    with CaptureQueriesContext(connection) as few:
        secretary.get(path)
    for n in range(20):
        habit(cast, f"Point {n}")
    with django_assert_num_queries(len(few)):
        secretary.get(path)


# --- Left behind ----------------------------------------------------------------------------------


def close(meeting, cast, *, for_want_of_quorum=False):
    at = datetime.combine(meeting.held_on, time(21))
    ledger.record(
        meeting, sitting.Closed(at=at, for_want_of_quorum=for_want_of_quorum), by=cast.secretariat
    )


@pytest.fixture
def last(held, by):
    """Budget voted, then one item of each other fate."""
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    for title, fate in (
        ("Emprunt", "reporte"), ("Tarifs", "ajourne"), ("Vœu", "retire"), ("Rapport", "prend_acte"),
    ):  # fmt: skip
        item = items.add_item(held, title=title, rapporteur="bruno-besson", by=by)
        decisions.note_fate(held, item=item.key, fate=fate, by=by)
    return held


def test_what_was_put_off_is_offered(last, cast):
    close(last, cast)
    meeting = next_sitting(cast)
    assert offered(meeting) == ["Emprunt", "Tarifs", "Vœu"]
    assert [each.words for each in briefs.proposals(meeting)] == [
        "Point reporté le 9\xa0juin 2026.".replace("\xa0", " "),
        "Point ajourné le 9 juin 2026.",
        "Point retiré de l’ordre du jour le 9 juin 2026.",
    ]


def test_while_the_sitting_goes_on_nothing_is(last, cast):
    assert offered(next_sitting(cast)) == []


def test_it_comes_with_its_file(last, cast, django_capture_on_commit_callbacks, by, secretary):
    item = last.items.get(title="Emprunt")
    texts.save_brief(
        item,
        parts=texts.brief_parts(texts.brief_of(item)) | {"note": "<p>Note</p>", "visas": "v"},
        base=texts.brief_base(texts.brief_parts(texts.brief_of(item))),
        by=by,
    )
    joining.add_attachment(item, file=ContentFile(files.pdf(2)), filename="plan.pdf", by=by)
    close(last, cast)
    meeting = next_sitting(cast)
    secretary.post(f"/seances/{meeting.pk}/ordre-du-jour/proposes/", {"what": f"reporte-{item.pk}"})
    carried = meeting.items.get(title="Emprunt")
    brief = Brief.objects.get(item=carried)
    assert brief.note == "<p>Point reporté le 9 juin 2026.</p><p>Note</p>"
    assert (brief.visas, carried.rapporteur) == ("v", "bruno-besson")
    ours, theirs = carried.attachments.get(), item.attachments.get()
    assert (ours.file.name, ours.sha256, ours.pages) == (theirs.file.name, theirs.sha256, 2)
    assert "Emprunt" not in offered(meeting)
    # The file is shared: it goes with the last of those who need it.
    with django_capture_on_commit_callbacks(execute=True):
        joining.remove_attachment(ours, by=by)
    assert theirs.file.storage.exists(theirs.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        joining.remove_attachment(theirs, by=by)
    assert not theirs.file.storage.exists(theirs.file.name)
    assert not Attachment.objects.exists()


def test_all_at_once_and_only_once(last, cast, secretary):
    close(last, cast)
    habit(cast, "Vœux des communes")
    meeting = next_sitting(cast)
    path = f"/seances/{meeting.pk}/ordre-du-jour/"
    assert "Tout ajouter" in secretary.get(path).text
    secretary.post(f"{path}proposes/", {"what": "tout"})
    secretary.post(f"{path}proposes/", {"what": "tout"})
    assert titles(meeting)[1:] == ["Emprunt", "Tarifs", "Vœu", "Vœux des communes"]
    for what in ("", "recurrent-999999", "reporte-x", "<b>"):
        assert secretary.post(f"{path}proposes/", {"what": what}).status_code == 302
    assert len(titles(meeting)) == 5


def test_what_a_want_of_quorum_left_is_offered(held, cast, by):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    items.add_item(held, title="Emprunt", by=by)
    items.add_item(held, title="Information", kind="information", by=by)
    close(held, cast, for_want_of_quorum=True)
    meeting = next_sitting(cast)
    assert offered(meeting) == ["Emprunt", "Information"]
    assert "faute de quorum" in briefs.proposals(meeting)[0].words


def test_minutes_not_approved_come_back_with_their_link(cast, comite, by):
    failed = next_sitting(cast)
    members = [m.key for m in failed.basis.composition.titulars]
    attendance.set_roll(failed, standings={members[0]: "present"}, by=by)
    conduct.set_conduct(
        failed,
        chair=members[0],
        clerks=[],
        opened_at=failed.scheduled_for,
        closed_at=failed.scheduled_for.replace(hour=20),
        for_want_of_quorum=True,
        by=by,
    )
    later = preparing.create_meeting(
        body=cast.comite, held_on=date(2026, 10, 1), starts_at=time(19), by=by
    )
    (proposal,) = briefs.proposals(later)
    carrying.take_proposals(later, proposals=[proposal], by=by)
    assert later.items.filter(approves=comite).exists()


# --- Agendas taken up -----------------------------------------------------------------------------


def test_an_earlier_agenda_is_taken_up_once(comite, cast, by, secretary):
    earlier = preparing.create_meeting(
        body=cast.comite, held_on=date(2026, 5, 12), starts_at=time(19), by=by
    )
    section = items.add_item(earlier, title="Finances", kind="section", by=by)
    budget = items.add_item(
        earlier, title="Budget", parent=section, rapporteur="bruno-besson", by=by
    )
    texts.save_brief(
        budget,
        parts=texts.brief_parts(texts.brief_of(budget)) | {"articles": "approuve"},
        base=texts.brief_base(texts.brief_parts(texts.brief_of(budget))),
        by=by,
    )
    items.add_item(earlier, title="Procès-verbal", kind="approbation", by=by)
    items.add_item(comite, title="finances ", kind="section", by=by)
    path = f"/seances/{comite.pk}/ordre-du-jour/reprendre/"
    data = {"source": earlier.pk, "with_briefs": "on"}
    assert secretary.post(path, data).status_code == 302
    again = secretary.post(path, data, follow=True)
    assert "déjà à l’ordre du jour" in again.text
    assert titles(comite) == ["finances", "Budget"]
    copied = comite.items.get(title="Budget")
    assert (copied.parent.title, copied.rapporteur) == ("finances", "bruno-besson")
    assert copied.brief.articles == "approuve"


def test_titles_alone_without_the_files(comite, cast, by):
    earlier = preparing.create_meeting(
        body=cast.comite, held_on=date(2026, 5, 12), starts_at=time(19), by=by
    )
    items.add_item(earlier, title="Budget", rapporteur="bruno-besson", by=by)
    (copied,) = carrying.copy_agenda(comite, source=earlier, with_briefs=False, by=by)
    assert copied.rapporteur == ""
    assert not Brief.objects.exists()


@pytest.mark.parametrize("source", ["", "0", "abc", "999999999999999999999"])
def test_an_impossible_source(comite, source, secretary):
    answer = secretary.post(f"/seances/{comite.pk}/ordre-du-jour/reprendre/", {"source": source})
    assert answer.status_code == 404


def test_the_sitting_of_another_body_is_no_source(comite, bureau, secretary):
    answer = secretary.post(f"/seances/{comite.pk}/ordre-du-jour/reprendre/", {"source": bureau.pk})
    assert answer.status_code == 404
