"""What comes back: habits of a body, items left behind, agendas taken up again."""

from datetime import date, datetime, time

import pytest
from django.core.files.base import ContentFile

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
from tests.costs import queries
from tests.meetings import files

pytestmark = pytest.mark.usefixtures("own_media")


def habit(cast, title, kind="information", *, automatic=False, body=None):
    row = RecurringItem(body=body or cast.comite, title=title, kind=kind, is_automatic=automatic)
    return habits.keep_habit(row, by=cast.secretariat)


def sitting_of(cast, day: date = date(2026, 9, 1), **extra) -> Meeting:
    given = {"body": cast.comite, "held_on": day, "starts_at": time(19)} | extra
    return preparing.create_meeting(**given, by=cast.secretariat)


def write(item, by, **given) -> None:
    """What was prepared of an item."""
    blank = texts.brief_parts(texts.brief_of(item))
    texts.save_brief(item, parts=blank | given, base=texts.brief_base(blank), by=by)


def titles(meeting) -> list[str]:
    meeting.forget()
    return [node.item.title for node in meeting.agenda.nodes]


def offered(meeting) -> list[str]:
    meeting.forget()
    return [each.title for each in briefs.proposals(meeting)]


# --- Habits ---------------------------------------------------------------------------------------


def test_a_new_sitting_begins_with_them_and_what_is_added_goes_before_the_closing_item(
    comite, cast, secretary
):
    habit(cast, "Secrétaire de séance", automatic=True)
    habit(cast, "Vœux")
    habit(cast, "Questions diverses", "divers", automatic=True)
    habit(cast, "Du Bureau", automatic=True, body=cast.bureau)
    meeting = sitting_of(cast)
    assert titles(meeting)[1:] == ["Secrétaire de séance", "Questions diverses"]
    assert titles(meeting)[0].startswith("Approbation du procès-verbal")
    assert offered(meeting) == ["Vœux"]
    path = f"/seances/{meeting.pk}/ordre-du-jour/"
    secretary.post(f"{path}proposes/", {"what": briefs.proposals(meeting)[0].key})
    secretary.post(path, {"title": "Emprunt", "kind": "deliberation"})
    secretary.post(path, {"title": "Autres questions", "kind": "divers"})
    assert titles(meeting)[2:] == ["Vœux", "Emprunt", "Questions diverses", "Autres questions"]
    second = sitting_of(cast, date(2026, 6, 15), second_call_of=comite)
    assert "Secrétaire de séance" not in titles(second)
    assert offered(second) == []


def test_order_change_and_removal_by_the_screen(cast, secretary):
    path = f"/instances/{cast.comite.pk}/points-recurrents/"
    for title in ("Un", "Deux", "<b>Trois</b> 漢字"):
        answer = secretary.post(path, {"title": title, "kind": "information"})
        assert answer.status_code == 302
    third = cast.comite.recurring_items.get(title__contains="Trois")
    for _ in range(3):
        top = secretary.post(f"{path}{third.pk}/deplacer/", {"move": "up"}, follow=True)
    assert "ne peut pas aller plus loin" in top.text and "&lt;b&gt;Trois" in top.text
    assert cast.comite.recurring_items.first() == third
    secretary.post(f"{path}{third.pk}/", {"title": "Vœux", "kind": "debat", "is_automatic": "on"})
    third.refresh_from_db()
    assert (third.title, third.kind, third.is_automatic) == ("Vœux", "debat", True)
    secretary.post(f"{path}{third.pk}/retirer/")
    assert cast.comite.recurring_items.count() == 2


def test_a_bad_habit_is_told_beside_the_field(cast, client_of):
    client = client_of(cast.administration)
    for title, kind, said in (
        ("", "debat", "obligatoire"),
        ("   ", "debat", "obligatoire"),
        ("x" * 501, "debat", "500"),
        ("Un", "approbation", "approbation"),
        ("Un", "<b>", "&lt;b&gt;"),
    ):
        path = f"/instances/{cast.comite.pk}/points-recurrents/"
        answer = client.post(path, {"title": title, "kind": kind})
        assert answer.status_code == 422 and said in answer.text
    assert not RecurringItem.objects.exists()


def test_a_habit_of_another_body_is_not_found_and_their_number_costs_nothing(cast, secretary):
    other = habit(cast, "Du Bureau", body=cast.bureau)
    root = f"/instances/{cast.comite.pk}/points-recurrents/"
    path = f"{root}{other.pk}/"
    assert secretary.get(path).status_code == 404
    assert secretary.post(f"{path}retirer/").status_code == 404
    assert secretary.post(f"{path}deplacer/", {"move": "up"}).status_code == 404
    habit(cast, "Un")
    secretary.get(root)
    few = queries(lambda: secretary.get(root))
    for n in range(20):
        habit(cast, f"Point {n}")
    assert queries(lambda: secretary.get(root)) == few


# --- Left behind ----------------------------------------------------------------------------------


def close(meeting, cast, **why):
    closed = sitting.Closed(at=datetime.combine(meeting.held_on, time(21)), **why)
    ledger.record(meeting, closed, by=cast.secretariat)


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


def test_what_was_put_off_is_offered_once_the_sitting_is_over_and_only_once(last, cast, secretary):
    meeting = sitting_of(cast)
    assert offered(meeting) == []
    close(last, cast)
    assert offered(meeting) == ["Emprunt", "Tarifs", "Vœu"]
    assert [each.words for each in briefs.proposals(meeting)] == [
        "Point reporté le 9 juin 2026.",
        "Point ajourné le 9 juin 2026.",
        "Point retiré de l’ordre du jour le 9 juin 2026.",
    ]
    habit(cast, "Vœux des communes")
    path = f"/seances/{meeting.pk}/ordre-du-jour/"
    assert "Tout ajouter" in secretary.get(path).text
    for what in ("", "recurrent-999999", "reporte-x", "<b>", "tout", "tout"):
        assert secretary.post(f"{path}proposes/", {"what": what}).status_code == 302
    assert titles(meeting)[1:] == ["Emprunt", "Tarifs", "Vœu", "Vœux des communes"]


def test_it_comes_with_its_file(last, cast, django_capture_on_commit_callbacks, by, secretary):
    item = last.items.get(title="Emprunt")
    write(item, by, note="<p>Note</p>", visas="v")
    joining.add_attachment(item, file=ContentFile(files.pdf(2)), filename="plan.pdf", by=by)
    close(last, cast)
    meeting = sitting_of(cast)
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


def test_what_a_want_of_quorum_left_is_offered(held, cast, by):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    items.add_item(held, title="Emprunt", by=by)
    items.add_item(held, title="Information", kind="information", by=by)
    close(held, cast, for_want_of_quorum=True)
    meeting = sitting_of(cast)
    assert offered(meeting) == ["Emprunt", "Information"]
    assert "faute de quorum" in briefs.proposals(meeting)[0].words


def test_minutes_not_approved_come_back_with_their_link(cast, comite, by):
    failed = sitting_of(cast)
    chair = failed.basis.composition.titulars[0].key
    attendance.set_roll(failed, standings={chair: "present"}, by=by)
    at = failed.scheduled_for
    hours = {"opened_at": at, "closed_at": at.replace(hour=20), "for_want_of_quorum": True}
    conduct.set_conduct(failed, chair=chair, clerks=[], **hours, by=by)
    later = sitting_of(cast, date(2026, 10, 1))
    (proposal,) = briefs.proposals(later)
    carrying.take_proposals(later, proposals=[proposal], by=by)
    assert later.items.filter(approves=comite).exists()


# --- Agendas taken up -----------------------------------------------------------------------------


def test_an_earlier_agenda_is_taken_up_once(comite, bureau, cast, by, secretary):
    earlier = sitting_of(cast, date(2026, 5, 12))
    section = items.add_item(earlier, title="Finances", kind="section", by=by)
    told = {"parent": section, "rapporteur": "bruno-besson"}
    budget = items.add_item(earlier, title="Budget", **told, by=by)
    write(budget, by, articles="approuve")
    items.add_item(earlier, title="Procès-verbal", kind="approbation", by=by)
    items.add_item(comite, title="finances ", kind="section", by=by)
    path = f"/seances/{comite.pk}/ordre-du-jour/reprendre/"
    for source in ("", "0", "abc", "999999999999999999999", bureau.pk):
        assert secretary.post(path, {"source": source}).status_code == 404
    data = {"source": earlier.pk, "with_briefs": "on"}
    assert secretary.post(path, data).status_code == 302
    again = secretary.post(path, data, follow=True)
    assert "déjà à l’ordre du jour" in again.text
    assert titles(comite) == ["finances", "Budget"]
    copied = comite.items.get(title="Budget")
    assert (copied.parent.title, copied.rapporteur) == ("finances", "bruno-besson")
    assert copied.brief.articles == "approuve"
    # Titles alone, without the files.
    bare = sitting_of(cast)
    *_, copied = carrying.copy_agenda(bare, source=earlier, with_briefs=False, by=by)
    assert (copied.title, copied.rapporteur) == ("Budget", "")
    assert Brief.objects.count() == 2
