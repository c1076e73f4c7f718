"""Who moved what, who took it away: deeds that the ledger does not tell."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from meetings import journal
from meetings.actions import habits, items, joining, preparing, texts
from meetings.models import AgendaItem, Attachment, Deed, RecurringItem
from tests.meetings import files
from tests.words import unsaid


def told(about) -> list[str]:
    """What was done, first to last."""
    return [deed.words.replace("\xa0", " ") for deed in about.deeds.order_by("pk")]


@pytest.fixture
def prepared(comite, by, own_media):
    """Two items, a section, two files; nothing told of how they came."""
    for title, kind in (("Budget", "deliberation"), ("Tarifs", "debat"), ("Finances", "section")):
        items.add_item(comite, title=title, kind=kind, by=by)
    for author in ("un", "deux"):
        file, name = ContentFile(files.pdf(author=author)), f"{author}.pdf"
        joining.add_attachment(item(comite), file=file, filename=name, by=by)
    Deed.objects.all().delete()
    return comite


def item(meeting, title="Budget") -> AgendaItem:
    return meeting.items.get(title=title)


def change(row, by, fields, **values):
    vars(row).update(values)
    preparing.change(row, fields=fields, by=by)


def write(meeting, by):
    row = item(meeting)
    parts = texts.brief_parts(texts.brief_of(row))
    changed = parts | {"note": "<p>Vu.</p>", "articles": "Adopte."}
    texts.save_brief(row, parts=changed, base=texts.brief_base(parts), by=by)


def piece() -> Attachment:
    return Attachment.objects.first()


DEEDS = {
    "« Vœu » ajouté à l’ordre du jour": lambda m, by: items.add_item(m, title="Vœu", by=by),
    "« Tarifs » déplacé au rang 1": lambda m, by: items.move_item(
        item(m, "Tarifs"), parent=None, position=0, by=by
    ),
    "« Budget » déplacé au rang 1, sous « Finances »": lambda m, by: items.move_item(
        item(m), parent=item(m, "Finances"), position=9, by=by
    ),
    "« Budget » retiré de l’ordre du jour": lambda m, by: items.remove_item(item(m), by=by),
    "« Budget primitif » modifié : intitulé": lambda m, by: change(
        item(m), by, ["title", "kind"], title="Budget primitif"
    ),
    "Séance modifiée : lieu": lambda m, by: change(m, by, ["place", "convened_on"], place="ici"),
    "Dossier de « Budget » : note de synthèse, dispositif": write,
    "Pièce « un » renommée « Plan »": lambda m, by: joining.rename_attachment(
        piece(), title="Plan", by=by
    ),
    "Pièce « un » déplacée": lambda m, by: joining.move_attachment(piece(), by_rank=1, by=by),
    "Pièce « un » retirée de « Budget »": lambda m, by: joining.remove_attachment(piece(), by=by),
}


@pytest.mark.parametrize(("words", "do"), DEEDS.items(), ids=DEEDS)
def test_a_deed_says_what_and_who(prepared, cast, by, secretary, words, do):
    first = Attachment.objects.first()
    assert not joining.move_attachment(first, by_rank=-1, by=by)
    preparing.change(prepared, fields=["place"], by=by)
    assert told(prepared) == []  # what changes nothing is no deed
    do(prepared, by)
    assert told(prepared) == [words]
    deed = prepared.deeds.get()
    assert (deed.by, deed.body) == (by, cast.comite)
    page = secretary.get(f"/seances/{prepared.pk}/registre/?liste=gestes").text
    assert unsaid(page, deed.words, str(by)) == []


@pytest.mark.database
def test_a_deed_outlives_its_sitting_and_habits_have_theirs(prepared, cast, by, secretary):
    items.add_item(prepared, title="Vœu", by=by)
    preparing.delete_meeting(prepared, by=by)
    habit = habits.keep_habit(RecurringItem(body=cast.comite, title="Décisions"), by=by)
    habits.keep_habit(RecurringItem(body=cast.comite, title="Questions"), by=by)
    habits.keep_habit(habit, by=by)
    habits.move_habit(habit, by_rank=1, by=by)
    habits.drop_habit(habit, by=by)
    words = [
        "« Vœu » ajouté à l’ordre du jour",
        "Séance du 9 juin 2026 supprimée",
        "Point récurrent « Décisions » ajouté",
        "Point récurrent « Questions » ajouté",
        "Point récurrent « Décisions » modifié",
        "Point récurrent « Décisions » déplacé",
        "Point récurrent « Décisions » retiré",
    ]
    assert told(cast.comite) == words
    assert list(journal.of_body(cast.comite)) == list(cast.comite.deeds.all())
    page = secretary.get(f"/instances/{cast.comite.pk}/points-recurrents/")
    assert all(word in page.content.decode().replace("\xa0", " ") for word in words)


@pytest.mark.database
def test_saved_as_one_types_is_told_once(prepared, cast):
    def save(by=cast.secretariat):
        journal.note(prepared, "file-written", "Dossier : note", by=by)

    save()
    save()
    assert prepared.deeds.count() == 1
    save(by=cast.administration)
    save()
    assert prepared.deeds.count() == 3
    Deed.objects.update(at=timezone.now() - timedelta(minutes=6))
    save()
    assert prepared.deeds.count() == 4


@pytest.mark.database
def test_the_list_is_for_clerks_empty_at_first_and_paged(prepared, cast, client_of, secretary):
    address = f"/seances/{prepared.pk}/registre/?liste=gestes"
    assert client_of(cast.delegate).get(address).status_code == 403
    assert "Aucun geste noté" in secretary.get(address).content.decode()
    Deed.objects.bulk_create(
        Deed(body=cast.comite, meeting=prepared, verb="x", words=f"Geste {n}") for n in range(101)
    )
    first, second = (secretary.get(f"{address}&page={n}").content.decode() for n in (1, 2))
    assert "liste=gestes&amp;page=2" in first and "Geste 100<" in first
    assert "Geste 0<" in second and "import" in second
