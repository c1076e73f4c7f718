"""The file of an item: note and draft, saved by two hands that never overwrite each other."""

import pytest
from django.urls import reverse
from django.utils import timezone

from law.findings import Refused
from meetings import agenda, briefs, drafts
from meetings.actions import items, texts
from meetings.models import AgendaItem, Brief, Meeting
from tests import held
from tests.cast import change, make_account, make_role
from tests.words import unsaid

NBSP = "\u00a0"


@pytest.fixture
def item(comite, by):
    return items.add_item(comite, title="Emprunt", by=by)


def parts(**given) -> dict[str, str]:
    return dict.fromkeys((*texts.BRIEF_FIELDS, "rapporteur"), "") | given


def held_by(item) -> dict[str, str]:
    """What an editor that opens now would hold."""
    return texts.brief_parts(texts.brief_of(AgendaItem.objects.get(pk=item.pk)))


def save(item, cast, *, started_from=None, **given):
    started_from = held_by(item) if started_from is None else started_from
    return texts.save_brief(
        item, parts=started_from | given, base=texts.brief_base(started_from), by=cast.secretariat
    )


# --- As it prints ---------------------------------------------------------------------------------


def test_visas_and_recitals():
    for typed, printed in (
        ("les statuts", ("Vu les statuts,",)),
        ("Vu les statuts ;", (f"Vu les statuts{NBSP};",)),
        ("VU : les statuts\n\n  - l'arrêté  du 3 mai", ("Vu les statuts,", None)),
        ("vue d'ensemble", ("Vu vue d’ensemble,",)),
        ("\n \n\t\n", ()),
    ):
        found = drafts.draft(visas=typed).visas
        assert len(found) == len(printed)
        assert all(words in (got, None) for got, words in zip(found, printed, strict=True))
    for typed, printed in (
        ("que le besoin est établi", "Considérant que le besoin est établi,"),
        ("Considérant qu'il y a lieu", "Considérant qu’il y a lieu,"),
        ("considérant : l'avis du Bureau", "Considérant l’avis du Bureau,"),
    ):
        assert drafts.draft(recitals=typed).recitals == (printed,)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("approuve le projet", [("unique", "Approuve le projet.", ())]),
        (
            "approuve le projet\nautorise le Président à signer",
            [("1er", "Approuve le projet.", ()), ("2", "Autorise le Président à signer.", ())],
        ),
        (
            "Article 1er : approuve\nArticle 2 – charge le Président.",
            [("1er", "Approuve.", ()), ("2", "Charge le Président.", ())],
        ),
        (
            "approuve le plan :\n- l'État : 30 %\n- la Région\nautorise",
            [
                ("1er", "Approuve le plan :", ("l’État : 30 % ;", "la Région.")),
                ("2", "Autorise.", ()),
            ],
        ),
        ("- approuve\n- autorise", [("1er", "Approuve.", ()), ("2", "Autorise.", ())]),
        ("Article 12 du règlement modifié", [("unique", "Article 12 du règlement modifié.", ())]),
        ("", []),
    ],
)
def test_articles(typed, printed):
    draft = drafts.draft(articles=typed)
    assert [
        (each.label, each.text.replace(NBSP, " "), tuple(p.replace(NBSP, " ") for p in each.parts))
        for each in draft.articles
    ] == [(f"Article{NBSP}{number}", text, told) for number, text, told in printed]
    assert bool(draft) == bool(typed)


# --- Two hands ------------------------------------------------------------------------------------


def test_it_is_kept_clean_in_words_and_the_screens_move_once(item, cast):
    def stamp():
        return Meeting.objects.get(pk=item.meeting_id).stamp

    for key in ("olga-olivier", "gaelle", "<b>", "x" * 60):
        with pytest.raises(Refused, match="parmi les membres"):
            save(item, cast, rapporteur=key)
    assert not Brief.objects.exists()
    (found,) = briefs.of(item.meeting)
    assert (found.is_blank, found.holds, found.rapporteur) == (True, "", "")
    assert briefs.in_words(item.meeting) == {item.pk: ""}
    before = stamp()
    typed = {
        "note": '<p onclick="x()">Exposé<script>x()</script></p>',
        "visas": "  les statuts \r\n\r\n l’avis\x00 du Bureau\u200b ",
        "articles": "approuve",
        "rapporteur": "bruno-besson",
    }
    brief, _ = save(item, cast, **typed)
    again, _ = save(item, cast, note="<p>Exposé</p>")  # the same again moves nothing
    assert (again.version, stamp()) == (1, before + 1)
    (found,) = briefs.of(Meeting.objects.get(pk=item.meeting_id))
    assert briefs.in_words(item.meeting) == {item.pk: found.holds}
    assert (found.holds, found.rapporteur) == ("note, projet de délibération", "Bruno BESSON")
    assert (brief.note, brief.visas) == ("<p>Exposé</p>", "les statuts\nl’avis du Bureau")
    assert (brief.version, brief.has_draft, brief.is_blank) == (1, True, False)
    assert AgendaItem.objects.get(pk=item.pk).rapporteur == "bruno-besson"


def test_two_hands_on_two_parts_never_meet(item, cast, by):
    opened = held_by(item)
    save(item, cast, started_from=opened, note="<p>De l’une</p>")
    _, base = save(item, cast, started_from=opened, articles="de l’autre")
    assert held_by(item)["note"] == "<p>De l’une</p>"
    assert held_by(item)["articles"] == "de l’autre"
    # The second goes on typing, on a page that still shows an empty note.
    shown = parts(articles="de l’autre, encore")
    texts.save_brief(item, parts=shown, base=base, by=by)
    assert held_by(item)["note"] == "<p>De l’une</p>"
    assert held_by(item)["articles"] == "de l’autre, encore"


def test_two_hands_on_one_part_are_both_kept(item, cast):
    opened = held_by(item)
    save(item, cast, started_from=opened, note="<p>De l’une</p>", visas="les statuts")
    with pytest.raises(texts.BriefConflict) as conflict:
        save(item, cast, started_from=opened, note="<p>De l’autre</p>")
    assert conflict.value.clashing == ("note",)
    assert conflict.value.ours["note"] == "<p>De l’autre</p>"
    assert conflict.value.ours["visas"] == "les statuts"
    assert held_by(item)["note"] == "<p>De l’une</p>"


# --- By the screen --------------------------------------------------------------------------------


def url(item, rest=""):
    return f"/seances/{item.meeting_id}/points/{item.key}/dossier/{rest}"


def post(client, item, started_from=None, *, script=True, **given):
    started_from = held_by(item) if started_from is None else started_from
    data = started_from | {"version": texts.brief_base(started_from)} | given
    headers = {"Accept": "application/json"} if script else {}
    return client.post(url(item), data, headers=headers)


def test_it_is_saved_as_one_types_or_by_the_button(item, secretary):
    answer = post(secretary, item, note="<p>Un</p>")
    assert answer.status_code == 200 and ":" in answer.json()["saved_at"]
    again = post(secretary, item, note="<p>Deux</p>", version=answer.json()["version"])
    assert again.status_code == 200
    assert held_by(item)["note"] == "<p>Deux</p>"
    assert post(secretary, item, script=False, note="Un\n\nDeux").status_code == 302
    assert held_by(item)["note"] == "<p>Un</p><p>Deux</p>"


def test_two_tabs_meet_on_a_page_that_shows_both(item, cast, secretary):
    opened = held_by(item)
    post(secretary, item, opened, articles="première main")
    answer = post(secretary, item, opened, articles="seconde main", visas="<b>les statuts</b>")
    assert answer.status_code == 409
    page = secretary.get(answer.json()["conflict"])
    both = ("<del>première</del> main", "<ins>seconde</ins> main", "&lt;b&gt;les statuts")
    assert unsaid(page.text, *both) == []
    shown = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    save(item, cast, articles="troisième main")
    again = secretary.post(url(item, "conflit/"), shown, follow=True)
    assert "vient encore de changer" in again.text
    assert held_by(item)["articles"] == "troisième main"
    form = again.context["form"]
    kept = {name: form[name].value() for name in form.fields} | {"articles": "les trois"}
    assert secretary.post(url(item, "conflit/"), kept).status_code == 302
    assert held_by(item) == parts(articles="les trois", visas="<b>les statuts</b>")
    assert secretary.get(url(item, "conflit/")).status_code == 302


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"note": "x" * 1_000_001}, "1000000"),
        ({"visas": "x" * 100_001}, "100000"),
        ({"articles": "x\n" * 501}, "Au plus 500 lignes"),
        ({"rapporteur": "personne"}, "personne"),
        ({"version": ""}, "obligatoire"),
        ({"version": "7"}, None),
        ({"version": "'; DROP TABLE--"}, "Rechargez"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(item, cast, secretary, given, said):
    save(item, cast, note="<p>Avant</p>")
    given = {"note": "<p>Après</p>"} | given
    answer = post(secretary, item, **given)
    assert answer.status_code == (409 if said is None else 422)
    if said:
        assert said in answer.json()["error"].replace("\u202f", "").replace(NBSP, "")
        page = post(secretary, item, script=False, **given)
        assert page.status_code == 422 and "invalid-feedback" in page.text
    assert held_by(item)["note"] == "<p>Avant</p>"


def test_hostile_text_is_shown_as_it_is(item, secretary):
    for text in ("漢字 🗳️ l’été", "{{ 7000001|add:7 }}", "</textarea><script>x()"):
        post(secretary, item, visas=text, recitals=text, articles=text, note="<p>Un</p>")
        for page in (url(item), f"/seances/{item.meeting_id}/dossier/"):
            shown = secretary.get(page).text
            assert "<script>x()" not in shown
            assert "7000008" not in shown  # no random token is that
        preview = secretary.post(url(item, "apercu/"), {"visas": text}).text
        assert "<script>" not in preview
        assert "Vu " in preview


def test_somebody_who_left_still_shows(item, secretary):
    AgendaItem.objects.filter(pk=item.pk).update(rapporteur="parti-hier")
    assert "n’est plus membre" in secretary.get(url(item)).text
    assert post(secretary, item, note="<p>Un</p>").status_code == 200
    assert held_by(item)["rapporteur"] == "parti-hier"


# --- The reader -----------------------------------------------------------------------------------


def test_delegates_read_it_from_the_convocation_on(
    item, comite, bureau, cast, client_of, secretary
):
    empty = f"/seances/{bureau.pk}/dossier/"
    assert "pas encore écrit" in secretary.get(empty).text
    assert client_of(cast.delegate).get(empty).status_code == 403  # not of that body
    assert client_of(cast.other_delegate).get(empty).status_code == 404
    written = {"visas": "les statuts", "articles": "approuve l’emprunt"}
    save(item, cast, note="<p>Le rapporteur expose.</p>", rapporteur="bruno-besson", **written)
    path = f"/seances/{comite.pk}/dossier/"
    page = secretary.get(path).text
    assert unsaid(page, "Le rapporteur expose.", "Vu les statuts,", f"Article{NBSP}unique") == []
    assert "les délégués le liront" in page
    client = client_of(cast.delegate)
    before = client.get(path)
    assert before.status_code == 200 and "Le dossier se prépare" in before.text
    assert "Emprunt" not in before.text and "Le rapporteur expose." not in before.text
    assert "Lire le dossier" not in client.get(f"/seances/{comite.pk}/").text
    change(comite, convened_on=timezone.localdate())
    after = client.get(path).text
    assert "Le rapporteur expose." in after and "Modifier" not in after
    assert "Lire le dossier" in client.get(f"/seances/{comite.pk}/").text


def test_who_presides_reads_it_before_it_is_convened_in_her_name(item, comite, cast, client_of):
    """She called her assembly to what she could not read."""
    save(item, cast, note="<p>Le rapporteur expose.</p>", visas="", articles="approuve l’emprunt")
    change(cast.alice, user=make_account("alice@brume.example"))
    make_role(cast.alice.user, cast.organisation, "delegue")
    alice, page = client_of(cast.alice.user), f"/seances/{comite.pk}/"
    shown = alice.get(page).text
    assert item.title in shown and "Lire le dossier" in shown and "En projet" in shown
    read = alice.get(f"{page}dossier/").text
    assert "Le rapporteur expose." in read and "Modifier" not in read
    assert alice.get(f"{page}ordre-du-jour/").status_code == 403
    assert item.title not in client_of(cast.delegate).get(page).text


# --- Numbers once they were sent ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "after", "label"),
    [
        (["11", "12", "13"], "12", "12 bis"),
        (["12", "12 bis", "13"], "12", "12 ter"),
        (["12", "12 bis", "13"], "12 bis", "12 ter"),
        (["12", "12 bis", "12 ter", "13"], "12 bis", "12 quater"),
        (["I", "II"], "I", "I bis"),
        (["1.1", "1.2", "2"], "1.2", "1.2 bis"),
        (["•", "•"], "•", ""),
        (["", "1"], "", ""),
        (["1", *(f"1 {word}" for word in agenda._REPEATS)], "1", "1 21"),
    ],
)
def test_the_next_label(numbers, after, label):
    assert agenda.next_label(numbers, after) == label


def freeze(meeting):
    """What a dispatch does."""
    meeting.forget()
    for node in meeting.agenda.nodes:
        AgendaItem.objects.filter(pk=node.item.pk).update(label=node.number)
    meeting.forget()


def printed(meeting) -> list[str]:
    meeting.forget()
    return [f"{node.number} {node.item.title}".strip() for node in meeting.agenda.nodes]


def test_a_later_item_leaves_the_others_their_number(comite, by, secretary):
    finances = items.add_item(comite, title="Finances", kind="section", by=by)
    budget = items.add_item(comite, title="Budget", parent=finances, by=by)
    items.add_item(comite, title="Emprunt", parent=finances, by=by)
    divers = items.add_item(comite, title="Divers", kind="divers", by=by)
    assert not comite.agenda.is_frozen
    freeze(comite)
    assert comite.agenda.is_frozen
    path = f"/seances/{comite.pk}/ordre-du-jour/"
    page = secretary.get(path).text
    assert f"1 Budget{NBSP}: deviendra 1 bis" in page
    # What closes the sitting stays last: what goes above it is not at the end.
    assert f"le dernier{NBSP}: deviendra 2 bis, avant «{NBSP}Divers{NBSP}»" in page
    assert "à la fin" not in page
    assert page.count("deviendra 2 bis") == 3 and "3 Divers :" not in page.replace(NBSP, " ")
    secretary.post(path, {"title": "Taux", "kind": "deliberation", "after": budget.key})
    secretary.post(path, {"title": "Vœu", "kind": "deliberation", "after": ""})
    order = ["Finances", "1 Budget", "1 bis Taux", "2 Emprunt", "2 bis Vœu", "3 Divers"]
    assert printed(comite) == order
    bad = secretary.post(path, {"title": "Rien", "kind": "deliberation", "after": "p99"})
    assert bad.status_code == 422
    items.add_item(comite, title="À la fin", after=divers, by=by)
    items.add_item(comite, title="Annexes", kind="section", by=by)
    assert printed(comite) == [*order, "4 À la fin", "Annexes"]


# --- Without a script -----------------------------------------------------------------------------


def test_the_buttons_of_the_agenda_post(comite, by, secretary):
    for title in ("Un", "Deux", "Trois"):
        items.add_item(comite, title=title, by=by)
    items.add_item(comite, title="Enfant", parent=comite.items.get(key="p1"), by=by)
    page = secretary.get(f"/seances/{comite.pk}/ordre-du-jour/").text
    still = "Un -Enfant Deux Trois"
    for key, move, order in (
        *((key, move, still) for key, move in zip(
            ("p1", "p3", "p1", "p1", "p1"), ("up", "down", "in", "out", "sideways"), strict=True
        )),
        ("p2", "up", "Deux Un -Enfant Trois"),
        ("p2", "down", still),
        ("p2", "in", "Un -Enfant -Deux Trois"),
        ("p2", "out", still),
        ("p4", "out", "Un Enfant Deux Trois"),
    ):  # fmt: skip
        assert f'value="{move}"' in page or move == "sideways"
        answer = secretary.post(f"/seances/{comite.pk}/points/{key}/deplacer/", {"move": move})
        assert answer.status_code == 302
        assert answer.url.endswith(f"#point-{key}")
        comite.forget()
        told = ["-" * node.depth + node.item.title for node in comite.agenda.nodes]
        assert " ".join(told) == order, (key, move)


def test_a_point_opens_on_its_file_until_the_sitting_is_held(cast, client_of):
    meeting, client = held.prepare(cast, "Budget"), client_of(cast.secretariat)
    item = meeting.items.get(title="Budget")
    pages = meeting.get_absolute_url(), reverse("meetings:agenda", args=[meeting.pk])

    def leads_to(name):
        address = reverse(name, args=[meeting.pk, item.key])
        return [f'class="point-title" href="{address}"' in client.get(page).text for page in pages]

    assert leads_to("meetings:brief") == [True, True]
    held.sit(meeting, by=cast.secretariat)
    assert leads_to("meetings:item") == [True, True]
