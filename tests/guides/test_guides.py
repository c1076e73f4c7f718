"""The guides as the application serves them, and the way there from each page.

`tests/test_access.py` walks the application: no page of it is without its place.
"""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.template import Context, RequestContext, Template
from django.urls import reverse

from guides import places, reading
from guides.terms import terms
from tests.test_access import VIEWS


def hrefs(html: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', html)


def test_every_address_is_spoken_of_or_shows_no_page():
    assert {name for name in VIEWS if not name.startswith("admin:")} == places.every_name()


@pytest.mark.parametrize("place", sorted(set(places.every_place())))
def test_no_page_leads_to_a_chapter_that_is_not_there(place):
    name, _, anchor = place.partition("#")
    assert anchor in reading.anchors(name)


@pytest.mark.parametrize("name", reading.FILES)
def test_a_guide_leads_to_no_place_that_is_not_there(name):
    chapters = reading.guide(name).chapters
    dead = []
    for href in hrefs("".join(chapter.body for chapter in chapters)):
        target, _, anchor = unquote(href).partition("#")
        if "://" in href:
            continue
        led = target.removeprefix("/aide/").strip("/") or name
        if led not in reading.FILES or (anchor and anchor not in reading.anchors(led)):
            dead.append(href)
    assert dead == []


@pytest.mark.parametrize("name", reading.GUIDES)
def test_a_guide_has_no_two_chapters_at_one_place(name):
    found = [chapter.anchor for chapter in reading.guide(name).chapters]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("name", "roles", "place"),
    [
        ("meetings:detail", {"secretariat"}, "secretariat#guide-du-secrétariat"),
        ("meetings:detail", {"delegue"}, "delegue#votre-espace"),
        ("convening:prepare", {"administration"}, "secretariat#convoquer"),
        ("convening:invitation", (), "delegue#répondre-à-une-convocation"),
        ("admin:members_mandate_changelist", {"administration"}, "administration#les-personnes"),
        ("admin:index", {"administration"}, "administration#pour-ladministration"),
        ("", (), ""),
    ],
)
def test_each_is_led_where_her_own_guide_speaks_of_it(name, roles, place):
    assert places.place_of(name, roles).startswith(place)


def test_a_page_of_the_secretariat_leads_to_its_chapter(cast, client_of):
    client = client_of(cast.secretariat)
    composition = reverse("members:composition", args=[cast.comite.pk])
    (href,) = {href for href in hrefs(client.get(composition).text) if href.startswith("/aide/")}
    assert href == "/aide/administration/#les-instances"
    came = {"Referer": f"http://testserver{composition}?le=2026-01-01"}
    guide = client.get(href, headers=came).text
    assert 'id="les-instances"' in guide
    assert f'href="{composition}?le=2026-01-01"' in guide


def test_the_administration_leads_there_too(cast, client_of):
    page = client_of(cast.administration).get("/administration/members/rulebook/").text
    assert 'href="/aide/administration/#les-règlements"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("came", ["http://ailleurs.example/", "/aide/", "javascript:alert(1)", ""])
def test_no_way_back_elsewhere(client, came):
    page = client.get("/aide/secretariat/", headers={"Referer": came}).text
    assert "d’où vous venez" not in page


@pytest.mark.django_db
def test_whoever_passes_reads_the_guides_and_learns_of_nobody(client, cast):
    for path in ("/aide/", *(f"/aide/{name}/" for name in reading.FILES)):
        response = client.get(path)
        assert response.status_code == 200
        assert cast.organisation.name not in response.text
    assert client.get("/aide/rien/").status_code == 404


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pieces jointes", "Les pièces jointes"),
        ("PIÈCES JOINTES", "Les pièces jointes"),
        ("déport", "Les déports"),
        ("boite envoi", "Ce qui est parti"),
        ("xyzzy", None),
        (" ? ", None),
    ],
)
def test_what_is_looked_for_is_found_with_or_without_accents(query, first):
    found = reading.find(query)
    assert (found[0].chapter.title if found else None) == first


def test_an_extract_marks_the_words_and_is_only_text():
    extract = reading.find("repondre courriel")[0].extract
    assert "<mark>courriel</mark>" in extract and extract.endswith("…")
    assert re.sub(r"</?mark>", "", extract).count("<") == 0


def test_what_is_written_in_a_guide_obeys_nobody():
    (chapter,) = reading._chapters(
        "# Titre\n\n<script>alert(1)</script> [a](javascript:alert(1)) « oui » <b>x</b>"
    )
    assert "<script" not in chapter.body and "<b>" not in chapter.body
    assert hrefs(chapter.body) == []
    assert "«&nbsp;oui&nbsp;»" in chapter.body


def test_a_link_to_a_file_that_is_not_served_keeps_its_words():
    (chapter,) = reading._chapters("# T\n\n[le fichier](exploitation.md#x), [là](droit.md#y)")
    assert "le fichier" in chapter.body
    assert hrefs(chapter.body) == ["/aide/droit/#y"]


def test_the_files_are_those_of_the_repository():
    docs = settings.BASE_DIR / "docs"
    assert [name for name in reading.FILES.values() if not (docs / name).exists()] == []


# --- Words of the trade -----------------------------------------------------------------------

TERM = re.compile(r'{% term "([^"]*)"')


def test_each_word_that_a_page_explains_is_in_the_glossary_and_is_asked_for():
    asked = {
        word
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for word in TERM.findall(path.read_text())
    }
    assert asked and asked <= terms().keys()
    assert all(meaning and not meaning.endswith(".") for meaning in terms().values())


def test_a_word_is_explained_once_a_page(rf):
    page = Template('{% load guides %}{% term "quorum" %}, {% term "quorum" "Quorums" %}')
    shown = page.render(RequestContext(rf.get("/")))
    assert shown.count("<button") == 1 and shown.endswith(", Quorums")
    assert terms()["quorum"] in shown
    assert "<button" in page.render(RequestContext(rf.get("/")))


def test_a_word_that_no_page_asked_for_is_plain():
    assert Template('{% load guides %}{% term "quorum" %}').render(Context()) == "quorum"


@pytest.mark.parametrize("word", "arrêter établir empreinte scrutin suite collège".split())
def test_a_word_of_the_trade_is_explained_on_a_page_that_uses_it(word):
    """Not only in the glossary, where nobody goes who does not know that it is one."""
    asked = f'{{% term "{word}"'
    assert [
        p for p in Path(settings.BASE_DIR, "templates").rglob("*.html") if asked in p.read_text()
    ]
