"""Every page of a sitting: it shows, in the same number of queries whatever the size."""

from datetime import date, time, timedelta

import pytest
from django.core.cache import cache

from law import ballots
from meetings.actions import decisions, items, preparing
from meetings.models import AgendaItem, Attachment, Brief, Meeting
from tests.cast import change
from tests.words import unsaid


def test_every_page_shows(held, bureau, secretary):
    told, root = f"/seances/{held.pk}/", f"/seances/{bureau.pk}/"
    for path in (
        "/", "/seances/", "/seances/nouvelle/", told, f"{told}modifier/", f"{told}supprimer/",
        f"{told}presences/", f"{told}quorum/", f"{told}ordre-du-jour/", f"{told}points/p1/",
        f"{told}points/p1/modifier/", f"{told}points/p1/quorum/", f"{told}registre/",
        root, f"{root}presences/", f"{root}ordre-du-jour/", f"{root}registre/",
    ):  # fmt: skip
        answer = secretary.get(path)
        assert answer.status_code == 200, path
        assert "<h1" in answer.text, path


def test_hostile_names_are_escaped(comite, cast, by, secretary):
    change(cast.alice, last_name="<script>alert('é')</script>漢字🗳️" + "x" * 150)
    items.add_item(comite, title="<img src=x onerror=alert(1)>", by=by)
    for page in ("presences/", "ordre-du-jour/", "points/p1/", "reponses/"):
        text = secretary.get(f"/seances/{comite.pk}/{page}").text
        assert "<script>alert" not in text.lower()
        assert "<img src=x" not in text
        assert "漢字🗳" in text or "&lt;img" in text


def count_queries(client, path, django_assert_max_num_queries, limit):
    client.get(path)  # warm the caches that any first request fills
    with django_assert_max_num_queries(limit) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.proof
def test_a_sitting_costs_the_same_at_forty_and_two_hundred_items(
    held, by, secretary, django_assert_max_num_queries
):
    """Whatever their notes, their drafts and their files."""
    like = {"filename": "x.pdf", "media_type": "application/pdf", "size": 9, "sha256": "0" * 64}
    written = {"note": "<p>Un</p>", "visas": "les statuts", "articles": "approuve"}

    def costs(first, last):
        ranks = range(first, last)
        made = AgendaItem.objects.bulk_create(
            AgendaItem(meeting=held, key=f"q{n}", position=n, title=f"Point {n}") for n in ranks
        )
        Brief.objects.bulk_create(Brief(item=item, **written) for item in made)
        Attachment.objects.bulk_create(
            Attachment(item=item, title="x", added_by=by, position=0, **like)
            for item in (*made, held.items.get(key="p1"))
        )
        pages = ("", "presences/", "ordre-du-jour/", "dossier/", "points/p1/", "points/p1/dossier/")
        root, check = f"/seances/{held.pk}/", django_assert_max_num_queries
        return [count_queries(secretary, f"{root}{page}", check, 14) for page in pages]

    assert costs(1, 40) == costs(40, 200)
    assert "Point 199" in secretary.get(f"/seances/{held.pk}/ordre-du-jour/").text


def test_the_list_costs_the_same_at_three_and_250_sittings(
    cast, secretary, django_assert_max_num_queries
):
    cache.clear()

    def cost(number):
        at = time(18, number % 60)
        days = [date(2020, 1, 1) + timedelta(days=n) for n in range(number)]
        Meeting.objects.bulk_create(
            Meeting(body=cast.bureau, held_on=day, starts_at=at) for day in days
        )
        secretary.get("/seances/")  # what each waits for is filed, once
        return count_queries(secretary, "/seances/", django_assert_max_num_queries, 20)

    assert cost(3) == cost(247)
    page = secretary.get("/seances/?annee=abc&instance=zz&etat=quoi&page=x")  # no sense: told
    assert page.status_code == 200 and "invalid-feedback" in page.text


def test_a_sitting_is_created_from_the_habits_of_its_body(cast, secretary):
    assert "17:30" in secretary.get(f"/seances/nouvelle/?instance={cast.bureau.pk}").text
    answer = secretary.post(
        "/seances/nouvelle/",
        {"body": cast.bureau.pk, "held_on": "2026-06-09", "starts_at": "17:30",
         "place": "dans ses locaux", "convened_on": "2026-05-28"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert Meeting.objects.get().place == "dans ses locaux"


def test_a_bad_sitting_is_told_beside_the_field(bureau, secretary):
    data = {"body": bureau.body.pk, "held_on": "2026-06-10", "starts_at": "17:30"}
    for changes, said in (
        ({"held_on": ""}, "Ce champ est obligatoire"),
        ({"held_on": "2026-13-45"}, "Écrivez-la ainsi"),
        ({"convened_on": "2026-07-01"}, "La convocation ne peut suivre la séance"),
        ({"body": "0"}, "choix"),
        ({"starts_at": "25:99"}, "heure valide"),
        ({"held_on": bureau.held_on}, "déjà une séance"),
    ):
        answer = secretary.post("/seances/nouvelle/", data | changes)
        assert answer.status_code == 422 and said in answer.text
    assert Meeting.objects.get() == bureau


def test_only_a_sitting_of_the_past_may_be_told_without_names(bureau, secretary):
    url = f"/seances/{bureau.pk}/modifier/"
    for held_on, is_offered in ((date(2016, 6, 1), True), (date(2099, 6, 1), False)):
        change(bureau, held_on=held_on)
        assert ("Présences sans noms" in secretary.get(url).text) is is_offered


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1799-12-31", "2201-01-01"])
@pytest.mark.parametrize("name", ["held_on", "convened_on"])
def test_a_day_that_is_none_is_refused_on_the_page_of_the_sitting_as_it_is(
    bureau, secretary, day, name
):
    """The line of stages counts from the day that is kept, not from the one that was typed."""
    typed = {"held_on": bureau.held_on, "starts_at": "17:30", "place": "en mairie"} | {name: day}
    answer = secretary.post(f"/seances/{bureau.pk}/modifier/", typed)
    assert answer.status_code == 422 and name in answer.context["form"].errors
    assert answer.context["meeting"].held_on == bureau.held_on


def test_a_second_sitting_is_announced_on_a_day_that_leaves_its_notice(bureau, secretary):
    url = f"/seances/{bureau.pk}/modifier/"
    data = {"held_on": bureau.held_on, "starts_at": "17:30", "place": "en mairie"}
    answer = secretary.post(url, data | {"second_call_on": "2026-06-12"})
    assert answer.status_code == 422
    assert "second_call_on" in answer.context["form"].errors
    assert "13 juin 2026" in answer.text
    assert secretary.post(url, data | {"second_call_on": "2026-06-16"}).status_code == 302
    page = secretary.get(bureau.get_absolute_url()).text.replace("\xa0", " ")
    assert "seconde séance annoncée pour le 16 juin 2026" in page
    # A second call announces no other, and a sitting that does not exist yet announces none.
    later = preparing.create_meeting(
        body=bureau.body, held_on=date(2026, 6, 16), starts_at=time(18), by=None
    )
    change(later, second_call_of=bureau)
    for other in (f"/seances/{later.pk}/modifier/", "/seances/nouvelle/"):
        assert 'name="second_call_on"' not in secretary.get(other).text


def test_a_begun_sitting_is_not_deleted(held, bureau, secretary):
    answer = secretary.post(f"/seances/{held.pk}/supprimer/")
    assert answer.status_code == 409 and "registre" in answer.text
    assert secretary.post(f"/seances/{bureau.pk}/supprimer/").status_code == 302
    assert list(Meeting.objects.all()) == [held]


def test_the_convocation_is_measured_day_by_day(held, secretary):
    """Neither the day of dispatch nor that of the sitting counts (CE, 13 octobre 1993)."""
    for day, told, is_short in ((1, "7 jours francs, 5", False), (5, "3 jours francs, 5", True)):
        change(held, convened_on=date(2026, 6, day))
        page = secretary.get(f"/seances/{held.pk}/").text.replace("\xa0", " ")
        assert unsaid(page, f"{told} requis", "Mardi 9 juin 2026") == []
        assert ("À vérifier" in page) is is_short


def test_what_was_said_stands_beside_what_is_counted(held, by, secretary):
    ballot = ballots.Ballot(item="p1", stated="adopté à la quasi-unanimité")
    decisions.hold_ballot(held, ballot=ballot, by=by)
    page = secretary.get(f"/seances/{held.pk}/points/p1/")
    assert "adopté à la quasi-unanimité" in page.text


def test_each_page_says_in_its_title_what_it_is_of(held, secretary):
    """Fifteen tabs open: none is named as another."""
    pages = ["quorum/", "points/p1/quorum/", "points/p1/modifier/", "points/p2/modifier/"]
    lines = [event.seq for event in held.ledger[1:4]]
    pages += [f"registre/{seq}/annuler/" for seq in lines]
    shown = [secretary.get(f"/seances/{held.pk}/{page}").text for page in pages]
    titles = [text.split("<title>")[1].split("</title>")[0] for text in shown]
    assert len(set(titles)) == len(titles), titles
