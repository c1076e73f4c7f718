"""A draft is read by those who answer for it, by a link that opens it and nothing else."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.urls import reverse
from django.utils import timezone

from convening import mails
from convening.models import Notice
from documents import actions as documents
from documents import compile
from law.findings import Refused
from members.models import Person
from registry.drafts import digest
from registry.models import Remark, Review
from registry.reviews import actions as reviews
from registry.reviews import reading
from tests.cast import change
from tests.held import AT, JULY, write
from tests.registry.conftest import refused
from tests.words import unsaid
from trail.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client_of):
    """A browser in which nobody is signed in."""
    return client_of(None)


@pytest.fixture
def june(cast, june):
    change(cast.alice, email="alice@brume.example")
    change(cast.bruno, email="b@brume.example")
    return june


@pytest.fixture
def ask(cast, june):
    def ask(*persons, at=None):
        readers = [(person, "relecteur") for person in persons]
        asked = reviews.ask(june, readers=readers, by=cast.secretariat, at=at or timezone.now())
        return asked if len(asked) > 1 else asked[0]

    return ask


def seen(meeting):
    meeting.forget()
    return digest(compile.compile_minutes(meeting))


def at(asked, name="review"):
    return reverse(f"registry:{name}", args=[asked.raw])


def again(asked):
    return Review.objects.get(pk=asked.review.pk)


# --- Asking -----------------------------------------------------------------------------------


def test_two_readers_are_asked_from_the_page_and_each_is_mailed_a_link_of_his_own(
    secretary, reader, cast, june
):
    clerk, chair = (cast.bruno, "secrétaire de séance"), (cast.alice, "présidente de séance")
    assert reading.proposed(june) == (clerk, chair)
    url = reverse("registry:reviews", args=[june.pk])
    page = secretary.post(url, {"persons": [cast.bruno.pk, cast.alice.pk]}).content.decode()
    assert "En route vers b@brume.example" in page
    to_bruno, to_alice = Notice.objects.order_by("pk")
    assert (to_bruno.email, to_alice.email) == ("b@brume.example", "alice@brume.example")
    assert (to_bruno.written_by, to_bruno.meeting) == (cast.secretariat, june)
    assert "Monsieur,\n" in to_bruno.body
    assert "invitée à le relire comme présidente de séance" in to_alice.body
    links = [mailed_link(notice) for notice in (to_bruno, to_alice)]
    assert len(set(links)) == 2
    again = secretary.get(url).content.decode()
    kept = str(list(Review.objects.values()))
    for link in links:
        # In his mail alone: it answers for him, and whoever asked is not him.
        assert link not in page + again
        assert link.removeprefix("http://testserver/relecture/").strip("/") not in kept
        assert reader.get(link.removeprefix("http://testserver")).status_code == 200
    assert "courriel en attente" in again
    Notice.objects.update(state=Notice.State.SENT, sent_at=AT)
    assert "courriel remis au serveur, 15 juin 2026 à 9 h 30" in told(secretary.get(url))


def test_a_link_that_no_server_takes_is_on_its_way_to_nobody(secretary, cast, june, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    url = reverse("registry:reviews", args=[june.pk])
    page = secretary.post(url, {"persons": [cast.bruno.pk]}).text
    assert "Aucun serveur de courriel n’est réglé" in page and "En route" not in page
    # Whoever asked gives it himself, and the trail says that he saw it.
    assert "/relecture/" in page and "Copier le lien" in page and not Notice.objects.exists()
    assert "(montré)" in Entry.objects.order_by("pk").last().what


def mailed_link(notice):
    mail = message_from_bytes(mails.write(notice, at=timezone.now()).source, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    return next(line.strip() for line in text.splitlines() if "/relecture/" in line)


def told(response):
    return " ".join(response.content.decode().split())


def test_nobody_and_somebody_of_elsewhere_are_not_asked_nor_is_one_mailed_without_address(
    secretary, cast, june
):
    url = reverse("registry:reviews", args=[june.pk])
    other = Person.objects.get(organisation=cast.other_organisation)
    refused(secretary.post(url, {}), "Personne n’est choisi.")
    assert secretary.post(url, {"other": other.pk}).status_code == 422
    with pytest.raises(Refused, match="pas d’ici"):
        reviews.ask(june, readers=[(other, "relecteur")], by=cast.secretariat, at=AT)
    assert not Review.objects.exists()
    change(cast.bruno, email="")
    page = secretary.post(url, {"persons": [cast.bruno.pk]}).content.decode()
    assert "Aucune adresse où lui écrire" in page and "/relecture/" in page  # to be given by hand
    assert not Notice.objects.exists()
    assert f"{cast.bruno} (montré)" in Entry.objects.latest("pk").what
    reviews.agree(by=Review.objects.get(), seen="a" * 64, at=AT)
    assert f"par un lien montré à {cast.secretariat.email}" in told(secretary.get(url))


def test_a_reminder_is_a_new_link_and_the_old_one_is_closed(secretary, reader, cast, june, ask):
    old = ask(cast.bruno)
    reviews.remark(by=old.review, item=None, text="Avant.", seen=seen(june), at=AT)
    Review.objects.update(answered_at=None, verdict="")
    url = reverse("registry:reviews", args=[june.pk])
    page = secretary.get(url).content.decode()
    assert "Relancer" in page and f'name="persons" value="{cast.bruno.pk}"' in page
    secretary.post(url, {"persons": [cast.bruno.pk]})
    notice = Notice.objects.latest("pk")
    assert notice.subject.startswith("Rappel\u00a0: relecture")
    assert "Il remplace celui que vous aviez" in notice.body
    assert reader.get(at(old)).status_code == 404
    # The new link still shows what its reader had remarked, and nobody else's does.
    shown = reader.get(mailed_link(notice).removeprefix("http://testserver"))
    assert "Avant." in shown.content.decode()
    assert "Avant." not in reader.get(at(ask(cast.alice))).content.decode()
    new = Review.objects.get(person=cast.bruno, revoked_at=None)
    reviews.agree(by=new, seen=seen(june), at=AT)
    Review.objects.filter(person=cast.alice).delete()
    page = secretary.get(url).content.decode()
    assert "bon à établir" in page
    assert "Relancer" not in page


def test_a_link_replaced_or_withdrawn_before_its_mail_left_does_not_leave(cast, ask):
    first = ask(cast.bruno)
    second = ask(cast.bruno)
    Notice.objects.update(state=Notice.State.SENT)  # what left stays told
    third = ask(cast.bruno)
    assert [notice.once for notice in Notice.objects.order_by("pk")] == [
        reading.mailing(second.review),
        reading.mailing(third.review),
    ]
    assert again(first).revoked_at is not None
    reviews.withdraw(third.review, by=cast.secretariat, at=AT)
    assert Notice.objects.get().once == reading.mailing(second.review)


# --- The link ---------------------------------------------------------------------------------


def test_the_link_opens_the_draft_tells_nobody_where_and_to_look_is_no_answer(reader, cast, ask):
    """The filter of a mail server follows every link of a letter, forms left alone."""
    asked = ask(cast.bruno)
    for name in ("review", "review_pdf"):
        response = reader.get(at(asked, name))
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"
        assert "noindex" in response["X-Robots-Tag"]
        reader.head(at(asked, name))
    for name in ("review_remark", "review_verdict"):
        assert reader.get(at(asked, name)).status_code == 405
    assert again(asked).answered_at is None
    page = reader.get(at(asked)).content.decode()
    assert "Le Comité en débat." in page and '<meta name="referrer" content="no-referrer">' in page
    # It opens this draft and nothing else.
    assert reverse("meetings:list") not in page


DEBATE = "Le Comité en débat."


def closed(ask, cast, how):
    asked = ask(cast.bruno, at=timezone.now() - timedelta(days=31) if how == "expiré" else None)
    if how == "retiré":
        reviews.withdraw(asked.review, by=cast.secretariat, at=timezone.now())
    elif how == "remplacé":
        ask(cast.bruno)
    return asked


@pytest.mark.parametrize("how", ["retiré", "remplacé", "expiré"])
def test_a_closed_link_opens_nothing_and_says_so_nor_does_a_guess(reader, cast, june, ask, how):
    asked = closed(ask, cast, how)
    for name in ("review", "review_pdf"):
        response = reader.get(at(asked, name))
        assert response.status_code == 404
        assert unsaid(response.content.decode(), "Ce lien n’ouvre plus rien", DEBATE) == [DEBATE]
        assert response["Referrer-Policy"] == "no-referrer"
    typed = {"text": "Oui.", "seen": seen(june)}
    for name in ("review_remark", "review_verdict"):
        assert reader.post(at(asked, name), typed).status_code == 404
    for token in ("x", "a" * 43, "a" * 5000, "漢字", "' OR 1=1 --", "%00"):
        assert reader.get(f"/relecture/{token}/").status_code == 404
    assert not Remark.objects.exists()
    assert again(asked).verdict == ""


# --- Answering --------------------------------------------------------------------------------


def test_the_verdict_is_kept_with_the_hash_of_what_was_read_and_a_change_is_told(
    secretary, reader, cast, june, ask
):
    asked = ask(cast.bruno)
    before = seen(june)
    assert f'value="{before}"' in reader.get(at(asked)).content.decode()
    refused(reader.post(at(asked, "review_verdict"), {"seen": "<b>"}), "quel texte vous avez lu")
    assert again(asked).verdict == ""
    reader.post(at(asked, "review_verdict"), {"seen": before})
    url = reverse("registry:reviews", args=[june.pk])
    assert "le texte a changé depuis" not in secretary.get(url).content.decode()
    write(cast, june)
    assert "Le texte a changé depuis" in reader.get(at(asked)).content.decode()
    assert "le texte a changé depuis" in secretary.get(url).content.decode()
    # What he agreed to stays what it was.
    assert again(asked).verdict == Review.Verdict.AGREED
    assert again(asked).content_sha256 == before != seen(june)


def test_a_remark_is_a_verdict_that_may_be_taken_back_and_is_answered(reader, cast, june, ask):
    asked = ask(cast.bruno)
    key = june.items.get(title="Budget").key
    typed = {"item": key, "text": "Il manque un mot.", "seen": seen(june)}
    for _ in range(2):  # a double click
        assert reader.post(at(asked, "review_remark"), typed).status_code == 302
    remark = Remark.objects.get()
    assert (remark.item.key, remark.made_by) == (key, "Bruno BESSON, relecteur")
    assert again(asked).verdict == Review.Verdict.REMARKS
    page = reader.get(at(asked)).content.decode()
    assert page.index(f'id="texte-{key}"') < page.index("Il manque un mot.")
    reader.post(at(asked, "review_verdict"), {"seen": seen(june)})
    assert again(asked).verdict == Review.Verdict.AGREED
    reviews.settle(remark, answer="C’est fait.", by=cast.secretariat, at=AT)
    assert "C’est fait." in reader.get(at(asked)).content.decode()


def test_a_remark_that_says_nothing_or_is_one_too_many_is_refused(
    reader, cast, june, ask, monkeypatch
):
    asked, now = ask(cast.bruno), seen(june)
    for typed, told in (
        ({"text": ""}, "Écrivez votre remarque."),
        ({"text": " \u200b \x00"}, "remarque"),
        ({"text": "a" * 4001}, "4000"),
        ({"item": "nulle-part"}, "nulle-part"),
        ({"seen": "漢"}, "quel texte vous avez lu"),
    ):
        typed = {"text": "Oui.", "seen": now} | typed
        refused(reader.post(at(asked, "review_remark"), typed), told)
    assert not Remark.objects.exists()
    assert again(asked).verdict == ""
    monkeypatch.setattr(reviews, "MAX_REMARKS", 2)  # a machine stops being heard
    told = {"by": asked.review, "item": None, "seen": now, "at": AT}
    for text in ("Un.", "Deux."):
        reviews.remark(text=text, **told)
    with pytest.raises(Refused, match="beaucoup de remarques"):
        reviews.remark(text="Trois.", **told)


HOSTILE = "<script>alert(1)</script> 漢字 🏛️ {{ review }} « l’été »"


def test_a_hostile_remark_is_words_and_another_reader_does_not_see_it(
    secretary, reader, cast, june, ask
):
    bruno, alice = ask(cast.bruno, cast.alice)
    reader.post(at(bruno, "review_remark"), {"text": HOSTILE, "seen": seen(june)})
    reviews.agree(by=alice.review, seen=seen(june), at=AT)
    assert Remark.objects.get().text == HOSTILE
    for page in (
        reader.get(at(bruno)),
        secretary.get(reverse("registry:write", args=[june.pk])),
        secretary.get(reverse("registry:reviews", args=[june.pk])),
    ):
        content = page.content.decode()
        assert "<script>alert(1)" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 漢字 🏛️ {{ review }}" in content
    assert "漢字" not in reader.get(at(alice)).content.decode()
    assert {review.verdict for review in Review.objects.all()} == {"remarques", "bon"}


def test_issued_minutes_wait_for_nothing_until_they_are_corrected(
    secretary, reader, cast, june, ask
):
    asked = ask(cast.bruno)
    documents.issue_minutes(june, by=cast.secretariat, at=AT)
    page = reader.get(at(asked)).content.decode()
    assert "il n’attend plus d’avis" in page
    assert "<form" not in page.partition("<main")[2]
    typed = {"text": "Trop tard.", "seen": seen(june)}
    for name in ("review_remark", "review_verdict"):
        assert reader.post(at(asked, name), typed).status_code == 302
    assert not Remark.objects.exists()
    page = told(secretary.get(reverse("registry:reviews", args=[june.pk])))
    assert "il n’y a rien à relire" in page
    write(cast, june)
    assert "Bon à établir" in reader.get(at(asked)).content.decode()


def test_a_link_is_withdrawn_from_its_page_and_what_was_said_stays(
    secretary, cast, june, hold, ask
):
    asked = ask(cast.bruno)
    reviews.agree(by=asked.review, seen=seen(june), at=AT)
    elsewhere = reverse("registry:withdraw", args=[hold(JULY).pk, asked.review.pk])
    assert secretary.post(elsewhere).status_code == 404
    url = reverse("registry:withdraw", args=[june.pk, asked.review.pk])
    shown = reverse("registry:reviews", args=[june.pk])
    assert secretary.post(url).url == shown
    first = again(asked)
    assert (first.revoked_at is not None, first.revoked_by) == (True, cast.secretariat)
    secretary.post(url)
    assert again(asked).revoked_at == first.revoked_at
    page = secretary.get(shown).content.decode()
    assert "lien fermé" in page and "bon à établir" in page
