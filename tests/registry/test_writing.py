"""Minutes are written in place; what they still lack is told; the public reads a part of them."""

import html
import re
import zipfile
from datetime import date, time, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse

from documents import actions as documents
from documents import compile, render, word
from law import sitting
from law.findings import Severity
from meetings import journal
from meetings.actions import items, ledger, preparing
from meetings.models import Brief
from registry import drafts
from registry.acts import actions
from registry.acts import reading as register
from registry.models import Phrase
from registry.reviews import actions as reviews
from registry.writing import checklist
from tests import held
from tests.cast import change
from tests.costs import queries
from tests.documents.ink import pages_of
from tests.held import AT, JULY, JUNE, write
from tests.registry.conftest import page, refused

pytestmark = pytest.mark.django_db

HOSTILE = [
    pytest.param("<script>alert(1)</script>", "", id="un script"),
    pytest.param('<img src=x onerror="alert(1)">Vu', "Vu", id="une image piégée"),
    pytest.param('<p style="color:red" onclick="x()">Vu</p>', "Vu", id="un style, un clic"),
    pytest.param("</template></div></slot>Vu", "Vu", id="la feuille refermée"),
    pytest.param("<p>漢字 𝔄 🏛️ é́</p>", "漢字 𝔄 🏛️ é́", id="漢字, émoji"),
    pytest.param("<p>" + "a" * 100_000 + "</p>", "a" * 100_000, id="100 ko"),
    pytest.param("{% url 'x' %}{{ meeting }}", "{% url 'x' %}{{ meeting }}", id="un gabarit"),
]


def sheet(client, meeting):
    return client.get(reverse("registry:write", args=[meeting.pk]))


def words_of(paper):
    def walk(items):
        for item in items:
            yield item.html + "".join(step.html or "" for step in item.after)
            yield from walk(item.children)

    return "".join(walk((*paper.approvals, *paper.items)))


# --- The sheet --------------------------------------------------------------------------------


def test_the_page_is_the_paper_with_a_place_for_each_text(secretary, june):
    response = sheet(secretary, june)
    page = response.content.decode()
    key = june.items.get(title="Budget").key
    before, _, after = page.partition("</template>")
    assert "La délibération est adoptée" in before and f'<slot name="texte-{key}">' in before
    # The text itself is a part of the page, so that it can be written.
    assert "Le Comité en débat." not in before
    assert f'slot="texte-{key}"' in after and "Le Comité en débat." in after
    assert "hx-swap-oob" not in page
    # The style of the paper is let through by its nonce, and stays within.
    (nonce,) = re.findall(r'<style nonce="([^"]+)">', page)
    assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
    style = drafts.sheet(compile.compile_minutes(june)).style
    assert not re.search(r"@font-face|@page|(?<![\w.-])body\s*[{,]", style)


@pytest.mark.parametrize(("typed", "read"), HOSTILE)
def test_hostile_text_is_words_and_nothing_else(secretary, cast, june, typed, read):
    item = write(cast, june, typed)
    url = reverse("registry:passage", args=[june.pk, item.key])
    for shown in (sheet(secretary, june), secretary.get(url), secretary.get(f"{url}?ecrire")):
        content = shown.content.decode()
        assert shown.status_code == 200
        assert "alert(1)" not in content
        assert not re.search(r"<[^>]*\s(?:onclick|onerror|style)=", content)
        assert content.count("</template>") == ("<template" in content)
        assert read in html.unescape(content)


def test_a_text_of_this_sitting_is_opened_alone_to_be_written(secretary, hold, june):
    item = june.items.get(title="Budget")
    url = reverse("registry:passage", args=[june.pk, item.key])
    editor = secretary.get(f"{url}?ecrire").content.decode()
    assert f'name="version" value="{item.text_version}"' in editor
    assert reverse("meetings:save_text", args=[june.pk, item.key]) in editor
    read = secretary.get(url).content.decode()
    assert "data-autosave" not in read
    # What is missing is told anew, in its place of the page.
    assert 'id="avant-d-etablir"' in read and "hx-swap-oob" in read
    key = hold(JULY, adopted=("Tarifs",)).items.get(title="Tarifs").key
    assert not june.items.filter(key=key).exists()
    assert secretary.get(reverse("registry:passage", args=[june.pk, key])).status_code == 404


def test_a_conflict_comes_back_to_the_sheet_and_leads_to_no_other_site(secretary, cast, june):
    item = write(cast, june, "<p>Un.</p>")
    url = reverse("meetings:save_text", args=[june.pk, item.key])
    back = f"{reverse('registry:write', args=[june.pk])}#texte-{item.key}"
    for came_from, leads_to in (
        (back, back),
        *(
            (elsewhere, item.get_absolute_url())
            for elsewhere in ("https://mal.example/", "//mal.example/", "/\\mal.example/")
        ),
        ("javascript:x", item.get_absolute_url()),
        ("", item.get_absolute_url()),
    ):
        typed = {"text": "<p>Deux.</p>", "version": item.text_version - 1, "came_from": came_from}
        answer = secretary.post(url, typed, headers={"Accept": "application/json"})
        assert answer.status_code == 409
        conflict = answer.json()["conflict"]
        if came_from == back:
            assert f'href="{back}"' in secretary.get(conflict).content.decode()
        kept = {"text": f"<p>Gardé, {came_from}.</p>", "version": item.text_version}
        assert secretary.post(conflict, kept).url == leads_to
        item.refresh_from_db()
        assert item.text == kept["text"]


@pytest.mark.parametrize("name", ["write", "reviews"])
def test_the_page_costs_the_same_as_the_sitting_grows(secretary, cast, hold, name):
    def cost(meeting):
        return queries(lambda: page(secretary, name, meeting.pk))

    def reviewed(meeting, *readers):
        wanted = [(person, "relecteur") for person in readers]
        for each in reviews.ask(meeting, readers=wanted, by=cast.secretariat, at=AT):
            for item in meeting.items.all():
                reviews.remark(by=each.review, item=item, text="Oui.", seen="a" * 64, at=AT)
        return meeting

    for rank in range(3):
        Phrase.objects.create(body=cast.comite, title=f"Phrase {rank}", text="Vu.")
    hold(date(2026, 6, 2))  # each of those that follow approves the minutes of the one before
    few = reviewed(hold(JUNE, adopted=("Un",)), cast.bruno)
    many = hold(date(2026, 6, 16), adopted=tuple(f"Point {rank}" for rank in range(8)))
    reviewed(many, cast.bruno, cast.alice, cast.denis)
    hold(date(2026, 6, 23))
    cost(few)  # what is only asked once, the first time
    assert cost(many) == cost(few)


# --- What is missing --------------------------------------------------------------------------


def states(meeting):
    meeting.forget()
    checks = checklist.check(meeting, compile.compile_minutes(meeting))
    return {element.number: element.state for element in checks.elements}, checks


def barely(cast, *, length=1, **told):
    """A sitting of which only this was noted, and no vote."""
    by = cast.secretariat
    where = {"held_on": JUNE, "starts_at": time(18), "place": "ici"}
    meeting = preparing.create_meeting(body=cast.comite, **where, by=by)
    for rank in range(length):
        items.add_item(meeting, title=f"Point {rank}", text="<p>Vu.</p>", by=by)
    return held.sit(meeting, by=by, **told)


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        pytest.param({}, set(), id="rien ne manque"),
        pytest.param({"chair": ""}, {2}, id="sans président"),
        pytest.param({"clerks": ()}, {5}, id="sans secrétaire"),
        pytest.param({"hours": None}, {1}, id="non levée"),
        pytest.param({"length": 0}, {7}, id="sans ordre du jour"),
        pytest.param({"present": (), "chair": "", "clerks": ()}, {2, 3}, id="sans personne"),
    ],
)
def test_what_is_missing_is_told_with_where_to_write_it(cast, told, missing):
    """What keeps the button shut is what `issue_minutes` refuses, and the list shows it."""
    meeting = barely(cast, **told)
    found, checks = states(meeting)
    assert list(found) == list(range(1, 13))
    assert {number for number, state in found.items() if state == "manque"} == missing
    assert all(each.leads for each in checks.elements if each.state == "manque")
    review = documents.review(meeting, compile.compile_minutes(meeting))
    refused = any(finding.severity is Severity.REFUSAL for finding in review)
    assert (checks.may_issue, refused) == (not missing, bool(missing))


def test_a_day_told_in_two_ways_is_no_tick(cast, june):
    """The title printed 4 December, the opening formula 26 November."""
    assert states(june)[0][1] == "present"
    change(june, held_on=JUNE + timedelta(8))
    found, checks = states(june)
    (told,) = [element for element in checks.elements if element.number == 1]
    assert (found[1], checks.may_issue) == ("doute", True) and "17" in told.said
    assert any("#id_held_on" in lead.url for lead in told.leads)
    # Once the convocation left, its day is no more to be typed: a field that was closed.
    change(june, sent_on=JUNE - timedelta(8))
    (told, *_) = states(june)[1].elements
    assert not any("#id_held_on" in lead.url for lead in told.leads)


def test_minutes_without_any_text_are_doubtful_and_not_refused(cast, june):
    for each in register.without_text(june):
        Brief.objects.create(item=each.item, articles="Le budget est adopté.")
    found, checks = states(june)
    assert (set(found.values()), checks.may_issue) == ({"present"}, True)
    write(cast, june, "")
    found, checks = states(june)
    assert (found[12], checks.may_issue) == ("doute", True)


def test_a_point_without_a_word_or_a_vote_is_doubtful(cast):
    meeting = barely(cast, length=2)
    write(cast, meeting, "", "Point 0")
    found, checks = states(meeting)
    assert (found[8], checks.may_issue) == ("doute", True)
    (told,) = [each for each in checks.elements if each.number == 8]
    assert [lead.label for lead in told.leads] == ["Point 0", "Point 1"]


def test_what_an_act_decides_is_asked_before_the_minutes_are_frozen(cast, hold):
    """Asked once they were, its articles made a second version, which was not the one adopted."""
    meeting = hold(JUNE, adopted=("Tarifs",))
    item = meeting.items.get(title="Tarifs")
    found, checks = states(meeting)
    assert (found[8], checks.may_issue) == ("doute", True)
    (told,) = [each for each in checks.elements if each.number == 8]
    assert "sans dispositif" in told.said
    assert [lead.url for lead in told.leads] == [
        reverse("meetings:brief", args=[meeting.pk, item.key]) + "#titre-projet"
    ]


def test_adopted_minutes_say_what_a_correction_would_be(secretary, cast, hold, june):
    assert "attend à son tour" not in sheet(secretary, june).content.decode()
    documents.issue_minutes(june, by=cast.secretariat, at=AT)
    actions.record_adoptions(hold(JULY), by=cast.secretariat, at=AT)
    page = sheet(secretary, june).content.decode()
    assert "a été arrêté le 7\u00a0juillet 2026" in page and "attend à son tour" in page


# --- What the public reads --------------------------------------------------------------------


SECRET = "Madame X est malade."


def test_a_sensitive_passage_is_printed_and_not_published(cast, june, tmp_path):
    assert compile.compile_minutes(june, is_public=True) == compile.compile_minutes(june)
    write(cast, june, f'<p>Vu. <mark class="sensible">{SECRET}</mark> Fin.</p>')
    draft, public = compile.compile_minutes(june), compile.compile_minutes(june, is_public=True)
    assert SECRET in words_of(draft)
    assert SECRET not in words_of(public) and "[…]" in words_of(public)
    assert SECRET not in render.render_html(public)
    # Nor is it in what the files hold beside what they show.
    pdf = render.render_pdf(public)
    with pikepdf.open(BytesIO(pdf)) as opened:
        (attached,) = opened.attachments.values()
        kept = [attached.get_file().read_bytes(), opened.Root.Metadata.read_bytes()]
    with zipfile.ZipFile(BytesIO(word.render_docx(public))) as file:
        kept += map(file.read, file.namelist())
    assert not [each for each in kept if b"malade" in each]
    assert "malade" not in " ".join(pages_of(pdf, tmp_path))
    # The roll and the votes stay.
    assert public.roll == draft.roll
    assert [item.after for item in public.items] == [item.after for item in draft.items]


@pytest.mark.parametrize(
    ("first", "last", "hidden"),
    [
        pytest.param("Deux", "Trois", {"Deux"}, id="fermées avant un point, rouvertes après"),
        pytest.param("Deux", None, {"Deux", "Trois"}, id="fermées jusqu’à la fin"),
        pytest.param("Un", "Trois", {"Un", "Deux"}, id="deux points"),
    ],
)
def test_what_was_said_behind_closed_doors_is_not_published(cast, hold, first, last, hidden):
    meeting = hold(JUNE, adopted=("Un", "Deux", "Trois"))
    key_of = {
        title: write(cast, meeting, f"<p>{SECRET}</p><p>[vote]</p><p>{SECRET}</p>", title).key
        for title in ("Un", "Deux", "Trois")
    }
    ledger.record(meeting, sitting.DoorsClosed(before=key_of[first]), by=cast.secretariat)
    if last:
        ledger.record(meeting, sitting.DoorsOpened(before=key_of[last]), by=cast.secretariat)
    meeting.forget()
    # Something could leak: the minutes themselves tell it all.
    assert words_of(compile.compile_minutes(meeting)).count(SECRET) == 6
    # On the page where it is written, each text stands whole in one place.
    opened = drafts.sheet(compile.compile_minutes(meeting)).html
    assert opened.count("<slot") == 3 and SECRET not in opened
    public = compile.compile_minutes(meeting, is_public=True).items
    silent = {item.key for item in public if SECRET not in repr(item)}
    assert silent == {key_of[title] for title in hidden}


# --- Settling a remark ------------------------------------------------------------------------


@pytest.fixture
def remark(cast, june):
    readers, item = [(cast.bruno, "secrétaire de séance")], june.items.get(title="Budget")
    (asked,) = reviews.ask(june, readers=readers, by=cast.secretariat, at=AT)
    said = {"item": item, "text": "Il manque un mot.", "seen": "a" * 64}
    return reviews.remark(by=asked.review, **said, at=AT)


def test_a_remark_stands_beside_its_text_and_is_settled_once_from_its_sitting_in_words(
    secretary, cast, hold, june, remark
):
    item = remark.item
    url = reverse("registry:passage", args=[june.pk, item.key])
    for shown in (sheet(secretary, june), secretary.get(url), secretary.get(f"{url}?ecrire")):
        content = shown.content.decode()
        assert content.index(f'id="texte-{item.key}"') < content.index("Il manque un mot.")
    url = reverse("registry:settle", args=[june.pk, remark.pk])
    for nothing in ("", " \u200b\n", "a" * 2001):
        refused(secretary.post(url, {"answer": nothing}), "Il manque un mot.")
    elsewhere = reverse("registry:settle", args=[hold(JULY).pk, remark.pk])
    assert secretary.post(elsewhere, {"answer": "Non."}).status_code == 404
    remark.refresh_from_db()
    assert remark.settled_at is None
    answer = secretary.post(url, {"answer": "C’est ajouté."})
    assert answer.url == f"{reverse('registry:write', args=[june.pk])}#texte-{remark.item.key}"
    # A second click, or somebody else, changes nothing.
    secretary.post(url, {"answer": "Autre chose."})
    remark.refresh_from_db()
    assert (remark.answer, remark.settled_by) == ("C’est ajouté.", cast.secretariat)
    assert "Il manque un mot." not in sheet(secretary, june).content.decode()


# --- Phrases ----------------------------------------------------------------------------------


@pytest.fixture
def three(cast):
    return [
        Phrase.objects.create(body=cast.comite, title=title, text=f"{title}.", position=rank)
        for rank, title in enumerate(("Un", "Deux", "Trois"))
    ]


def titles(cast):
    return list(cast.comite.phrases.values_list("title", flat=True))


def address(cast, name="phrases", *phrase):
    return reverse(f"registry:{name}", args=[cast.comite.pk, *(each.pk for each in phrase)])


def test_a_phrase_is_added_at_the_end_changed_and_dropped_and_the_journal_says_by_whom(
    secretary, cast, three
):
    typed = {"title": "  Passage\tau vote ", "text": "Il est passé au vote.\r\n"}
    assert secretary.post(address(cast), typed).url == address(cast)
    added = Phrase.objects.get(title="Passage au vote")
    assert (added.text, added.position) == ("Il est passé au vote.", 3)
    url = address(cast, "edit_phrase", three[1])
    assert "Deux." in secretary.get(url).content.decode()
    secretary.post(url, {"title": "Deuxième", "text": "Après."})
    three[1].refresh_from_db()
    assert (three[1].title, three[1].text, three[1].position) == ("Deuxième", "Après.", 1)
    assert secretary.post(url, {"title": "", "text": ""}).status_code == 422
    url = address(cast, "drop_phrase", three[0])
    assert [secretary.post(url).status_code for _ in range(2)] == [302, 404]
    assert titles(cast) == ["Deuxième", "Trois", "Passage au vote"]
    assert [(deed.words, deed.by) for deed in journal.of_body(cast.comite)] == [
        ("Phrase «\u00a0Un\u00a0» retirée", cast.secretariat),
        ("Phrase «\u00a0Deuxième\u00a0» changée", cast.secretariat),
        ("Phrase «\u00a0Passage au vote\u00a0» ajoutée", cast.secretariat),
    ]


def test_a_phrase_that_says_nothing_or_too_much_is_refused(secretary, cast):
    for typed, told in (
        ({"title": ""}, "obligatoire"),
        ({"text": ""}, "obligatoire"),
        ({"text": "\u200b"}, "ne montre rien"),
        ({"title": "a" * 121}, "120"),
        ({"text": "a" * 100_000}, "4000"),
    ):
        refused(secretary.post(address(cast), {"title": "Vu", "text": "Vu."} | typed), told)
    assert titles(cast) == []


def test_a_hostile_phrase_is_words_where_it_is_read_and_where_it_is_inserted(secretary, cast, june):
    hostile = '"><script>alert(1)</script> 漢字 🏛️'
    secretary.post(address(cast), {"title": hostile, "text": hostile})
    write = reverse("registry:write", args=[june.pk])
    for url in (address(cast), address(cast, "edit_phrase", Phrase.objects.get()), write):
        content = secretary.get(url).content.decode()
        assert "<script>alert(1)" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 漢字 🏛️" in content
    assert 'data-phrase="&quot;&gt;&lt;script&gt;' in content


def test_each_body_has_its_own_put_in_order_at_the_same_cost(secretary, cast, three):
    un, _, trois = three
    for phrase, move, order in (
        (un, "up", "Un Deux Trois"),  # the first goes no higher
        (trois, "down", "Un Deux Trois"),  # nor the last lower
        (trois, "up", "Un Trois Deux"),
        (un, "down", "Trois Un Deux"),
    ):
        assert secretary.post(address(cast, "move_phrase", phrase), {"move": move}).url
        assert titles(cast) == order.split()
    nowhere = secretary.post(address(cast, "move_phrase", un), {"move": "ailleurs"})
    assert nowhere.status_code == 404
    few = queries(lambda: secretary.get(address(cast)))
    for rank in range(9):
        Phrase.objects.create(body=cast.comite, title=f"Phrase {rank}", text="Vu.")
    assert queries(lambda: secretary.get(address(cast))) == few
    Phrase.objects.create(body=cast.bureau, title="Du Bureau", text="Vu.")
    content = secretary.get(address(cast)).content.decode()
    assert "Trois." in content and "Du Bureau" not in content
    for name in ("edit_phrase", "move_phrase", "drop_phrase"):
        url = reverse(f"registry:{name}", args=[cast.bureau.pk, un.pk])
        assert secretary.post(url, {"move": "up"}).status_code == 404
    assert len(titles(cast)) == 12
