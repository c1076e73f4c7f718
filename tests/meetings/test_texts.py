"""What was said: saved as one types, never overwritten, never lost."""

from meetings.actions import texts
from meetings.models import DebateRevision


def save(client, item, text, version=0):
    url = f"/seances/{item.meeting_id}/points/{item.key}/texte/"
    accept = {"Accept": "application/json"}
    answer = client.post(url, {"text": text, "version": version}, headers=accept)
    item.refresh_from_db()
    return answer


def test_two_tabs_meet_on_a_page_that_shows_both(item, secretary):
    answer = save(secretary, item, "<p>Première main</p>")
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert save(secretary, item, "<p>Première main</p>").status_code == 200  # the same again
    assert (item.text, item.text_version) == ("<p>Première main</p>", 1)
    answer = save(secretary, item, "<p>Seconde main</p>")
    assert answer.status_code == 409
    url = answer.json()["conflict"]
    page = secretary.get(url)
    assert "<del>Première</del> main" in page.text and "<ins>Seconde</ins> main" in page.text
    kept = secretary.post(url, {"text": "<p>Les deux mains</p>", "version": 1})
    assert kept.status_code == 302
    item.refresh_from_db()
    assert item.text == "<p>Les deux mains</p>"
    assert DebateRevision.objects.filter(item=item).exists()


def test_what_a_text_may_not_hold_is_dropped_and_the_rest_kept(item, secretary):
    image = f'<img src="data:image/png;base64,{"A" * 4_900_000}">'
    for typed, kept in (
        ('<p onclick="alert(1)">Bon<script>alert(1)</script></p><style>p{}</style><!-- mso -->',
         "<p>Bon</p>"),
        (f"<p>Avant</p>{image}<p>Après</p>", "<p>Avant</p><p>Après</p>"),
        ("<p>漢字 🗳️ l’été</p>", "<p>漢字 🗳️ l’été</p>"),
        ("<p>&lt;b&gt;</p>", "<p>&lt;b&gt;</p>"),
        ("<p>'; DROP TABLE--</p>", "<p>'; DROP TABLE--</p>"),
    ):  # fmt: skip
        assert save(secretary, item, typed, item.text_version).status_code == 200
        assert item.text == kept
    answer = save(secretary, item, "a" * 5_000_001)  # too long: said in French
    assert answer.status_code == 422
    assert "5000000" in answer.json()["error"].replace("\u202f", "").replace("\u00a0", "")


def test_a_revision_keeps_each_hand(item, by, cast):
    texts.save_text(item, text="<p>Un</p>", version=0, by=by)
    texts.save_text(item, text="<p>Deux</p>", version=1, by=by)
    texts.save_text(item, text="<p>Trois</p>", version=2, by=cast.administration)
    kept = item.revisions.values_list("text", "saved_by")
    assert list(kept) == [("<p>Trois</p>", cast.administration.pk), ("<p>Deux</p>", by.pk)]
