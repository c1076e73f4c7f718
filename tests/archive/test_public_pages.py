"""What anybody reads: the published and nothing else, at addresses that last, kept by caches."""

from datetime import date, datetime
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive import actions as publishing
from archive.models import Publication, PublicationQuerySet
from archive.online import pages, publications
from documents import actions as documents
from documents.models import IssuedDocument
from law.findings import Refused
from registry.acts import actions
from tests.archive.test_publications import LATER, adopted, correct, publish, withdraw
from tests.cast import make_organisation
from tests.held import AT, content_of
from tests.words import unsaid

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 9)


@pytest.fixture
def anybody() -> Client:
    return Client()


@pytest.fixture
def alone(cast):
    """The list of one organisation: the cast has two."""
    return reverse("archive:public_organisation", args=[cast.organisation.slug])


def said(response, status=200) -> str:
    assert response.status_code == status
    return response.content.decode().replace("\u00a0", " ")


def text_of(client, url, status=200) -> str:
    return said(client.get(url), status)


def test_one_document_asks_nobody_who_he_is(minutes, cast, anybody, client_of, alone):
    publication = publish(minutes, cast.secretariat)
    text = text_of(anybody, publication.get_absolute_url())
    told = ("Alice ARNAUD, présidente", "le 25 juillet 2026", "25 septembre 2026")
    assert unsaid(text, *told, publication.sha256, "Arrêté par la séance du 7 juillet 2026") == []
    response = anybody.get(reverse("archive:public_file", args=[publication.code]))
    assert response.content == content_of(publication.file)
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/pdf"
    signed_in = client_of(cast.secretariat)
    for url in (alone, publication.get_absolute_url()):
        one, other = anybody.get(url), signed_in.get(url)
        assert one.content == other.content
        assert not one.cookies
        assert "Cookie" not in one.get("Vary", "")
        assert "public" in one["Cache-Control"]


def test_a_cache_asks_whether_it_still_holds(
    minutes, cast, anybody, alone, django_assert_num_queries
):
    publication = publish(minutes, cast.secretariat)
    file = reverse("archive:public_file", args=[publication.code])
    feed = reverse("archive:public_feed", args=[cast.organisation.slug])
    for url in (alone, publication.get_absolute_url(), file, feed):
        tag = anybody.get(url)["ETag"]
        with django_assert_num_queries(1):
            assert anybody.get(url, headers={"If-None-Match": tag}).status_code == 304
    tag = anybody.get(alone)["ETag"]
    withdraw(publication, cast)
    assert anybody.get(alone, headers={"If-None-Match": tag}).status_code == 200


def test_codes_lead_to_what_is_published_earlier_replaced_or_withdrawn(
    minutes, cast, anybody, alone
):
    old = publish(minutes, cast.secretariat)
    code, typed = old.code, reverse("archive:typed_code")
    for written in (code, code.lower(), f"{code[:4]}-{code[4:]}", f" {code[:4]} {code[4:]} "):
        response = anybody.get(typed, {"code": written}, follow=True)
        assert response.redirect_chain[-1][0] == old.get_absolute_url()
    second = correct(minutes, cast)
    with pytest.raises(Refused, match="remplacée"):
        publish(IssuedDocument.objects.get(pk=minutes.pk), cast.secretariat)
    new = publish(adopted(second), cast.secretariat)
    assert (second.version, new.code != old.code) == (2, True)
    text = text_of(anybody, old.get_absolute_url())
    assert "Cette version est remplacée" in text
    assert new.get_absolute_url() in text
    assert "remplacée" not in text_of(anybody, new.get_absolute_url())
    listed = text_of(anybody, alone)
    assert new.get_absolute_url() in listed
    assert old.get_absolute_url() not in listed
    withdraw(new, cast, "l’adresse de Martin")
    text = text_of(anybody, new.get_absolute_url(), status=410)
    assert "a été retiré" in text
    assert "Martin" not in text and new.author not in text
    assert anybody.get(reverse("archive:public_file", args=[new.code])).status_code == 404
    listed = text_of(anybody, alone)
    assert new.code not in listed
    assert old.code in listed


# --- Nothing leaks --------------------------------------------------------------------------------


def public_texts(anybody, cast, code) -> str:
    """Everything that anybody may ask for without knowing more than one code."""
    slug = cast.organisation.slug
    return " ".join(
        anybody.get(reverse(f"archive:{name}", args=args)).content.decode()
        for name, args in (
            ("public", []),
            ("public_organisation", [slug]),
            ("public_feed", [slug]),
            ("public_document", [code]),
            ("code", [code]),
        )
    )


def test_what_is_not_online_does_not_leak(cast, hold, anybody, monkeypatch):
    """First a door left open, which the probe finds; then the doors as they are."""
    minutes = documents.issue_minutes(hold(JUNE, adopted=("Secret",)), by=None, at=AT)
    secret = minutes.paper.name
    with monkeypatch.context() as patched:
        patched.setattr(publications, "objections", lambda document: ())
        leak = publish(minutes, cast.secretariat)
        assert secret in public_texts(anybody, cast, minutes.code)
    withdraw(leak, cast)
    with monkeypatch.context() as patched:
        patched.setattr(PublicationQuerySet, "online", lambda self: self.all())
        assert secret in public_texts(anybody, cast, minutes.code)
    text = public_texts(anybody, cast, minutes.code)
    assert not [told for told in (secret, "Secret", "Alice") if told in text]


def test_the_code_of_what_is_not_published_tells_little(cast, hold, anybody):
    minutes = documents.issue_minutes(hold(JUNE, adopted=("Secret",)), by=None, at=AT)
    text = text_of(anybody, reverse("archive:code", args=[minutes.code]))
    assert unsaid(text, "Document établi par Val de Brume", "pas encore arrêté", "en vigueur") == []
    for told in ("Secret", "Alice", "Comité", "9 juin 2026", minutes.pdf_sha256):
        assert told not in text
    second = correct(minutes, cast)
    text = text_of(anybody, reverse("archive:code", args=[minutes.code]))
    assert unsaid(text, "remplacée", "par la version 2") == []
    assert second.code not in text


def test_a_code_that_is_none(db, anybody):
    for code in ("x", "O0I1L", "漢字漢字漢字漢字", "<script>", "A" * 5000, "%00", "AAAAAAAA", "…"):
        text = text_of(anybody, reverse("archive:code", args=[code]), status=404)
        assert "n’est pas connu ici" in text
        assert "<script>" not in text
        assert anybody.get(reverse("archive:typed_code"), {"code": code}).status_code == 302


# --- The list -------------------------------------------------------------------------------------


def test_where_there_is_nothing_or_a_choice(cast, anybody, alone):
    assert "Rien n’est encore publié" in text_of(anybody, alone)
    assert alone in text_of(anybody, reverse("archive:public"))  # several organisations
    for name in ("archive:public_organisation", "archive:public_feed"):
        assert anybody.get(reverse(name, args=["nulle"])).status_code == 404
    assert anybody.get("/actes/23456789/").status_code == 404
    robots = text_of(anybody, "/robots.txt")
    assert unsaid(robots, "Allow: /actes/", "Disallow: /\n") == []


def test_a_single_organisation_needs_no_choice(anybody):
    make_organisation("Seule")
    assert "Les documents de Seule" in text_of(anybody, reverse("archive:public"))


def test_filters_and_words_narrow_the_list(minutes, cast, anybody, alone):
    publication = publish(minutes, cast.secretariat)
    for query in (
        "?annee=abc&instance=x&nature=y",
        "?annee=99999999999&page=zz",
        "?page=999",
        f"?annee=2026&instance={cast.comite.slug}",
        "?q=proces+COMITE",
    ):
        assert publication.code in text_of(anybody, alone + query)
    assert "Sélectionnez un choix valide" in text_of(anybody, f"{alone}?annee=abc")
    # What narrows nothing leaves nothing to undo.
    assert "Effacer" in text_of(anybody, f"{alone}?annee=2026")
    assert "Effacer" not in text_of(anybody, f"{alone}?page=2&annee=&q=")
    nothing = text_of(anybody, f"{alone}?q=budget&annee=2026")
    assert publication.code not in nothing
    assert "Aucun acte ne répond" in nothing
    assert "<b>" not in text_of(anybody, alone + "?q=" + "<b>" * 200)


def test_the_list_costs_the_same_whatever_its_length(
    cast, hold, anybody, alone, monkeypatch, django_assert_num_queries
):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    actions.issue_acts(meeting, by=cast.secretariat, at=AT)
    publish(meeting.documents.first(), cast.secretariat)
    with CaptureQueriesContext(connection) as one:
        text_of(anybody, alone)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    with django_assert_num_queries(len(one)):
        assert text_of(anybody, alone).count('<h2><a href="/actes/') == 3
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    text = text_of(anybody, alone)
    assert "page 1 sur 3" in text
    assert text.count('<h2><a href="/actes/') == 1
    second = text_of(anybody, f"{alone}?annee=2026&q=deliberation&page=2")
    assert "page 2 sur 3" in second and 'href="?annee=2026&amp;q=deliberation&amp;page=3"' in second


ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_is_what_the_atom_format_asks(minutes, cast, anybody):
    """RFC 4287: one id, title and update for the feed and each entry, absolute addresses."""
    publication = publish(minutes, cast.secretariat)
    address = reverse("archive:public_feed", args=[cast.organisation.slug])
    response = anybody.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    (entry,) = feed.findall(f"{ATOM}entry")
    for each in (feed, entry):
        (told,) = each.findall(f"{ATOM}id")
        assert told.text.startswith("http://testserver/")
        (title,) = each.findall(f"{ATOM}title")
        assert title.text
        (updated,) = each.findall(f"{ATOM}updated")
        assert datetime.fromisoformat(updated.text) == publication.published_at
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{address}"
    assert entry.find(f"{ATOM}title").text == publication.title
    assert entry.find(f"{ATOM}author/{ATOM}name").text == publication.author
    link = entry.find(f"{ATOM}link").get("href")
    assert link == f"http://testserver{publication.get_absolute_url()}"


# --- The page of the secretariat ----------------------------------------------------------------


def test_the_secretariat_publishes_and_withdraws(minutes, cast, client_of, anybody):
    secretary = client_of(cast.secretariat)
    url = reverse("archive:publication", args=[minutes.pk])
    assert unsaid(text_of(secretary, url), "14 juillet 2026", "il y manque 2 signatures") == []
    assert secretary.post(url).status_code == 302
    assert "déjà en ligne" in secretary.post(url).content.decode()
    assert "la page que le public lit" in text_of(secretary, url)
    away = reverse("archive:withdraw", args=[minutes.pk])
    assert "pourquoi ce document est retiré" in secretary.post(away).content.decode()
    long = secretary.post(away, {"reason": "漢" * 100_000})
    assert "300 caractères" in said(long, 422)
    assert secretary.post(away, {"reason": "<b>erreur</b>"}).status_code == 302
    assert "&lt;b&gt;erreur" in text_of(secretary, url)
    assert secretary.post(away, {"reason": "encore"}).status_code == 404


def test_what_is_not_issued_or_not_adopted_says_so(cast, hold, client_of):
    secretary = client_of(cast.secretariat)
    meeting = hold(JUNE, adopted=("Budget",))
    text = text_of(secretary, reverse("archive:publish_sitting", args=[meeting.pk]))
    assert "Rien n’est encore établi" in text
    assert "Publier" not in text
    minutes = documents.issue_minutes(meeting, by=None, at=AT)
    url = reverse("archive:publication", args=[minutes.pk])
    assert "n’est pas arrêté" in text_of(secretary, url)
    assert "L2121-15" in said(secretary.post(url), 422)
    assert not Publication.objects.exists()


# --- A whole sitting ----------------------------------------------------------------------------


def test_one_click_publishes_the_list_and_every_extract(cast, hold, client_of, anybody, alone):
    secretary = client_of(cast.secretariat)
    sitting = hold(JUNE, adopted=("Budget", "Tarifs"))
    actions.issue_acts(sitting, by=cast.secretariat, at=AT)
    acts = text_of(secretary, reverse("registry:acts", args=[sitting.pk]))
    url = reverse("archive:publish_sitting", args=[sitting.pk])
    assert f'href="{url}"' in acts
    before = text_of(secretary, url)
    assert unsaid(before, "Publier la liste et 2 extraits", "avant le 16 juin 2026, dépassé") == []
    after = said(secretary.post(url, follow=True))
    assert "3 documents en ligne" in after
    assert "Publier la liste" not in after
    listed = text_of(anybody, alone)
    assert listed.count('<h2><a href="/actes/') == 3
    again = said(secretary.post(url, follow=True))
    assert "Tout était déjà en ligne" in again


def test_the_page_of_a_sitting_costs_the_same_whatever_was_decided(cast, hold, client_of):
    secretary, costs = client_of(cast.secretariat), set()
    for on, titles in ((JUNE, ("a",)), (date(2026, 7, 7), ("b", "c", "d", "e"))):
        meeting = hold(on, adopted=titles, approves=False)
        actions.issue_acts(meeting, by=cast.secretariat, at=AT)
        publishing.publish_acts(meeting, by=cast.secretariat, at=AT)
        with CaptureQueriesContext(connection) as told:
            secretary.get(reverse("archive:publish_sitting", args=[meeting.pk]))
        costs.add(len(told))
    (cost,) = costs
    assert cost <= 30
