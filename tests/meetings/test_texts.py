"""What was said: saved as one types, never overwritten, never lost."""

import json

import pytest

from meetings.actions import texts
from meetings.models import DebateRevision


@pytest.fixture
def item(held):
    return held.agenda["p1"].item


def save(client, item, text, version):
    return client.post(
        f"/seances/{item.meeting_id}/points/{item.key}/texte/",
        {"text": text, "version": version},
        headers={"Accept": "application/json"},
    )


def test_it_is_saved_and_the_version_moves_on(item, secretary):
    answer = save(secretary, item, "<p>Exposé du président.</p>", 0)
    assert answer.status_code == 200
    assert json.loads(answer.content)["version"] == 1
    item.refresh_from_db()
    assert item.text == "<p>Exposé du président.</p>"


def test_the_same_text_again_changes_nothing(item, by):
    texts.save_text(item, text="<p>Un</p>", version=0, by=by)
    texts.save_text(item, text="<p>Un</p>", version=0, by=by)
    item.refresh_from_db()
    assert item.text_version == 1
    assert DebateRevision.objects.count() == 1


def test_two_tabs_meet_on_a_page_that_shows_both(item, secretary):
    save(secretary, item, "<p>Première main</p>", 0)
    answer = save(secretary, item, "<p>Seconde main</p>", 0)
    assert answer.status_code == 409
    url = json.loads(answer.content)["conflict"]
    page = secretary.get(url)
    assert "<del>Première</del> main" in page.text
    assert "<ins>Seconde</ins> main" in page.text
    kept = secretary.post(url, {"text": "<p>Les deux mains</p>", "version": 1})
    assert kept.status_code == 302
    item.refresh_from_db()
    assert item.text == "<p>Les deux mains</p>"
    # what was there before is still there
    assert "Première main" in {r.text for r in DebateRevision.objects.all()} or item.revisions


def test_hostile_html_comes_out_clean(item, by):
    text = (
        '<p onclick="alert(1)">Bon<script>alert(1)</script></p><style>p{}</style>'
        '<img src="data:image/png;base64,AAAA"><!-- mso -->'
    )
    texts.save_text(item, text=text, version=0, by=by)
    item.refresh_from_db()
    assert item.text == "<p>Bon</p>"


def test_an_image_of_five_megabytes_is_dropped_and_the_text_kept(item, secretary):
    text = f'<p>Avant</p><img src="data:image/png;base64,{"A" * 4_900_000}"><p>Après</p>'
    answer = save(secretary, item, text, 0)
    assert answer.status_code == 200
    item.refresh_from_db()
    assert item.text == "<p>Avant</p><p>Après</p>"


def test_too_long_is_said_in_french(item, secretary):
    answer = save(secretary, item, "a" * 5_000_001, 0)
    assert answer.status_code == 422
    assert "5000000" in json.loads(answer.content)["error"].replace("\u202f", "").replace(" ", "")


@pytest.mark.parametrize("text", ["漢字 🗳️ l’été", "<p>&lt;b&gt;</p>", "'; DROP TABLE--"])
def test_any_characters_survive(item, text, by):
    texts.save_text(item, text=f"<p>{text}</p>", version=0, by=by)
    item.refresh_from_db()
    assert item.text == f"<p>{text}</p>".replace("<p><p>", "<p>").replace("</p></p>", "</p>")
