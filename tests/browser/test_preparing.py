"""A sitting prepared in a real browser: files of the items, attachments, what is taken up."""

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from meetings.actions import habits, items, joining, texts
from meetings.models import Brief, RecurringItem
from tests.browser.conftest import wait_until_saved
from tests.held import prepare
from tests.meetings import files


@pytest.fixture
def meeting(transactional_db, cast, own_directory):
    by = cast.secretariat
    prepare(cast, held_on=date(2026, 5, 12))
    meeting = prepare(cast)
    section = items.add_item(meeting, title="Finances", kind="section", by=by)
    for title in ("Budget", "Emprunt"):
        items.add_item(meeting, title=title, parent=section, by=by)
    return meeting


@pytest.fixture
def item(meeting):
    return meeting.items.get(title="Budget")


def dossier(item) -> str:
    return reverse("meetings:brief", args=[item.meeting_id, item.key])


@pytest.fixture
def page(item, cast, page_of):
    page = page_of(cast.secretariat)
    page.goto(dossier(item))
    page.locator("[contenteditable=true]").wait_for()
    return page


def test_note_and_draft_are_saved_as_one_types_and_shown_as_they_print(page, item):
    page.locator("[contenteditable=true]").click()
    page.keyboard.type("Le budget est équilibré.")
    page.get_by_label("Visas").fill("les statuts\nl'avis du Bureau")
    page.get_by_label("Dispositif").fill("adopte le budget\nautorise le Président")
    page.get_by_label("Rapporteur").select_option("bruno-besson")
    sheet = page.locator(".draft-sheet")
    sheet.get_by_text("Autorise le Président.").wait_for()
    assert "Vu les statuts," in sheet.inner_text()
    assert "Vu l’avis du Bureau," in sheet.inner_text()
    wait_until_saved(page)
    brief = Brief.objects.get(item=item)
    assert brief.note == "<p>Le budget est équilibré.</p>"
    assert brief.articles == "adopte le budget\nautorise le Président"
    item.refresh_from_db()
    assert item.rapporteur == "bruno-besson"


def test_two_people_on_two_parts_never_meet_and_on_one_see_both(page, item, cast, page_of):
    other = page_of(cast.secretariat)
    other.goto(dossier(item))
    other.get_by_label("Visas").fill("les statuts")
    wait_until_saved(other)
    page.get_by_label("Dispositif").fill("adopte")
    wait_until_saved(page)
    page.get_by_label("Dispositif").fill("adopte le budget")
    page.locator("[data-autosave-state=dirty], [data-autosave-state=saving]").wait_for()
    wait_until_saved(page)
    brief = Brief.objects.get(item=item)
    assert (brief.visas, brief.articles) == ("les statuts", "adopte le budget")
    other.get_by_label("Dispositif").fill("adopte le budget primitif")
    other.wait_for_url("**/conflit/")
    assert other.locator(".versions ins").inner_text() == "primitif"
    assert other.get_by_label("À garder").count() == 1
    other.get_by_role("button", name="Enregistrer ce dossier").click()
    other.wait_for_url(f"**{dossier(item)}")
    assert Brief.objects.get(item=item).articles == "adopte le budget primitif"


SLOW = 1_500  # ms that a server under load takes to answer what is saved


@pytest.mark.parametrize("first", [200, 422, 503])
def test_whoever_convenes_takes_the_last_words_along(page, item, first):
    """The press waits for what was typed, however slow the server and whatever it answered to what
    left before; nothing is left behind."""
    answers = []

    def slowly(route):
        if route.request.method != "POST":
            return route.continue_()
        answers.append(route.request.post_data)
        page.wait_for_timeout(SLOW)
        if first != 200 and len(answers) == 1:
            return route.fulfill(status=first, json={"error": "Un mot de trop."})
        return route.continue_()

    page.route(f"**{dossier(item)}", slowly)
    visas = page.get_by_label("Visas")
    visas.focus()
    page.keyboard.type("les statuts")
    page.locator("[data-autosave-state=saving]").wait_for()  # the first save is on its way
    page.keyboard.type(" et l’avis")
    page.keyboard.press("Tab")
    page.get_by_label("Dispositif").focus()
    page.keyboard.type("adopte le budget")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Convoquer").first.press("Enter")
    page.get_by_role("heading", level=1, name="Convocation").wait_for()
    brief = Brief.objects.get(item=item)
    assert (brief.visas, brief.articles) == ("les statuts et l’avis", "adopte le budget")


def put(page, *named):
    kind = "application/octet-stream"
    files = [{"name": name, "mimeType": kind, "buffer": content} for name, content in named]
    page.get_by_label("Joindre des fichiers").set_input_files(files)


def pieces(page) -> list[str]:
    return page.locator(".piece-title").all_inner_texts()


def test_several_files_at_once_each_told_apart(page, item, settings):
    settings.ATTACHMENT_MAX_BYTES = 200_000
    page.reload()
    accepted = ("Rapport d’été.pdf", files.pdf(2)), ("Plan.png", files.picture())
    heavy = ("film.pdf", b"%PDF-" + bytes(300_000))
    put(page, accepted[0], ("facture.pdf", b"MZ" + bytes(500)), heavy, accepted[1])
    page.locator(".piece-title", has_text="Plan").wait_for()
    assert pieces(page) == ["Rapport d’été", "Plan"]
    refused = page.locator(".upload-line.is-refused").all_inner_texts()
    assert len(refused) == 2
    assert "programme" in refused[0]
    assert "Plus de 195" in refused[1]
    assert item.attachments.count() == 2
    page.reload()
    assert pieces(page) == ["Rapport d’été", "Plan"]
    # What comes back is what went.
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Rapport").click()
    assert waiting.value.suggested_filename == "Rapport d’été.pdf"
    assert Path(waiting.value.path()).read_bytes() == files.pdf(2)


def test_a_file_chosen_before_the_script_came_leaves_all_the_same(page, item):
    held = []
    page.route("**/attachments*.js", lambda route: held.append(route), times=1)
    page.goto(dossier(item), wait_until="commit")
    put(page, ("Plan.png", files.picture()))
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.locator(".piece-title", has_text="Plan").wait_for()
    assert item.attachments.count() == 1


def test_a_note_chosen_before_the_script_came_is_taken_up_all_the_same(page, item, kept_out):
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph("Le syndicat décide.")
    made.save(out)
    held = []
    page.route("**/page*.js", lambda route: held.append(route), times=1)
    page.goto(dossier(item), wait_until="commit")
    word = {"name": "note.docx", "mimeType": "application/msword", "buffer": out.getvalue()}
    page.get_by_label("Reprendre une note de Word").set_input_files([word])
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.get_by_text("Le syndicat décide.").first.wait_for()
    # Who comes back to the page finds his choice in the field, and sends nothing by that.
    page.reload()
    page.get_by_text("Le syndicat décide.").first.wait_for()
    assert Brief.objects.get(item=item).note.count("décide") == 1


def test_order_name_and_removal(page, item, cast):
    for number in (1, 2, 3):
        content = ContentFile(files.pdf(number))
        joining.add_attachment(item, file=content, filename=f"{number}.pdf", by=cast.secretariat)
    page.reload()
    page.get_by_role("button", name="Monter 3").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.locator(".piece-title").nth(1).get_by_text("3").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Monter 3"
    page.keyboard.press("Alt+ArrowUp")
    page.locator(".piece-title").nth(0).get_by_text("3").wait_for()
    assert pieces(page) == ["3", "1", "2"]
    page.locator(".piece").nth(1).get_by_text("Renommer", exact=False).first.click()
    page.locator(".piece").nth(1).get_by_label("Intitulé").fill("Annexe")
    page.locator(".piece").nth(1).get_by_role("button", name="Renommer").click()
    page.get_by_role("link", name="Annexe").wait_for()
    page.get_by_role("button", name="Retirer Annexe").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer", exact=True).click()
    page.get_by_text("est retirée").first.wait_for()
    assert pieces(page) == ["3", "2"]


def test_what_is_offered_is_added_with_one_touch(meeting, cast, page_of):
    habit = RecurringItem(body=cast.comite, title="Vœux des communes", kind="debat")
    habits.keep_habit(habit, by=cast.secretariat)
    page = page_of(cast.secretariat)
    page.goto(f"/seances/{meeting.pk}/ordre-du-jour/")
    page.get_by_role("button", name="Ajouter Vœux des communes").click()
    page.locator(".point-title", has_text="Vœux des communes").wait_for()
    assert page.get_by_role("button", name="Ajouter Vœux des communes").count() == 0


def test_without_a_script_everything_is_done_by_buttons(meeting, item, cast, page_of):
    page = page_of(cast.secretariat, java_script_enabled=False)
    page.goto(f"/seances/{meeting.pk}/ordre-du-jour/")
    page.get_by_role("button", name="Descendre Budget").click()
    page.goto(f"/seances/{meeting.pk}/ordre-du-jour/")
    titles = page.locator(".point-title").all_inner_texts()
    assert titles.index("Emprunt") < titles.index("Budget")
    page.goto(dossier(item))
    page.get_by_role("textbox", name="Note de synthèse").fill("Un mot.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le dossier est enregistré.").first.wait_for()
    put(page, ("Rapport.pdf", files.pdf(2)), ("virus.pdf", b"MZ"))
    page.get_by_role("button", name="Joindre", exact=True).click()
    page.get_by_text("son contenu est celui d’un programme").first.wait_for()
    assert pieces(page) == ["Rapport"]
    page.get_by_role("button", name="Retirer Rapport").click()
    page.get_by_role("heading", name="Retirer").wait_for()
    page.get_by_role("button", name="Retirer").click()
    page.get_by_text("est retirée").first.wait_for()
    assert Brief.objects.get(item=item).note == "<p>Un mot.</p>"
    assert not item.attachments.exists()


def test_nobody_is_kept_out_and_nothing_sticks_out(meeting, item, cast, page_of, kept_out, walked):
    by = cast.secretariat
    for name, content in (("x" * 90 + ".pdf", files.pdf(3)), ("Plan.png", files.picture())):
        joining.add_attachment(item, file=ContentFile(content), filename=name, by=by)
    parts = texts.brief_parts(texts.brief_of(item))
    cells = "".join(f"<td>Colonne {n} assez large</td>" for n in range(6))
    written = parts | {
        "note": f"<p>Note</p><table><tr>{cells}</tr></table>",
        "visas": "les statuts",
        "articles": "adopte :\n- un\n- deux",
    }
    texts.save_brief(item, parts=written, base=texts.brief_base(parts), by=by)
    habit = habits.keep_habit(RecurringItem(body=cast.comite, title="Vœux", kind="debat"), by=by)
    recurring = f"/instances/{cast.comite.pk}/points-recurrents/"
    paths = [
        dossier(item),
        f"/seances/{meeting.pk}/dossier/",
        f"/seances/{meeting.pk}/ordre-du-jour/",
        f"/seances/pieces/{item.attachments.first().pk}/retirer/",
        recurring,
        f"{recurring}{habit.pk}/",
    ]
    assert walked((by, path) for path in paths) == []
    page = page_of(by)
    page.goto(dossier(item))
    page.get_by_label("Visas").fill("autre chose")
    texts.save_brief(item, parts=written | {"visas": "x"}, base=texts.brief_base(written), by=by)
    page.wait_for_url("**/conflit/")
    assert kept_out(page, "conflit") == []


def test_a_delegate_reads_the_file_on_a_telephone(meeting, item, cast, page_of, barriers):
    parts = texts.brief_parts(texts.brief_of(item))
    base, written = texts.brief_base(parts), parts | {"note": "<p>Note</p>"}
    texts.save_brief(item, parts=written, base=base, by=cast.secretariat)
    page = page_of(cast.delegate, width=390, height=844)
    page.goto(f"/seances/{meeting.pk}/dossier/")
    page.get_by_text("Le dossier se prépare").first.wait_for()
    assert barriers(page) == []
    meeting.convened_on = date(2026, 6, 1)
    meeting.save()
    page.reload()
    page.get_by_role("link", name="Budget").click()
    assert page.url.endswith(f"#point-{item.key}")
    assert page.get_by_text("Note", exact=True).is_visible()
    assert barriers(page) == []


def test_a_note_of_word_is_chosen_read_and_taken_back(page, item, kept_out):
    made = docx.Document()
    made.add_heading("Contexte", 1)
    made.add_paragraph("Le syndicat décide.")
    made.add_picture(io.BytesIO(files.picture()))
    out = io.BytesIO()
    made.save(out)
    page.locator("[contenteditable=true]").click()
    page.keyboard.type("Avant.")
    word = {"name": "note.docx", "mimeType": "application/msword", "buffer": out.getvalue()}
    page.get_by_label("Reprendre une note de Word").set_input_files([word])
    page.get_by_text("Laissés de côté : 1 image.".replace(" :", "\u00a0:")).first.wait_for()
    note = page.locator("[contenteditable=true]").first
    # What was being typed was saved first, and stays before what came.
    assert note.inner_text().split() == ["Avant.", "Contexte", "Le", "syndicat", "décide."]
    assert kept_out(page, "note de Word") == []
    page.get_by_role("button", name="Annuler (Ctrl Z)").press("Enter")
    page.get_by_text("Repris").first.wait_for()
    assert Brief.objects.get(item=item).note == "<p>Avant.</p>"
    page.get_by_label("Reprendre une note de Word").set_input_files(
        [word | {"buffer": b"MZ" + bytes(500)}]
    )
    page.get_by_text("programme").first.wait_for()
    assert "findings" in page.evaluate("document.activeElement.className")
