"""What anybody reads: the published and nothing else, at addresses that last, kept by caches."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive.desk import waiting
from archive.models import Publication, PublicationQuerySet
from archive.online import pages, publications, standing, underway
from archive.online import told as plain
from documents import actions as documents
from documents.models import IssuedDocument
from law import french
from law.findings import Refused
from tests import held
from tests.archive.test_publications import LATER, adopted, correct, publish, rewrite, withdraw
from tests.cast import change, make_organisation
from tests.costs import queries
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


@pytest.fixture
def publication(minutes, cast):
    """The minutes of June, online."""
    return publish(minutes, cast.secretariat)


def said(response, status=200) -> str:
    assert response.status_code == status
    return response.content.decode().replace("\u00a0", " ")


def text_of(client, url, status=200) -> str:
    return said(client.get(url), status)


def test_one_document_asks_nobody_who_he_is(publication, secretary, anybody, alone):
    text = text_of(anybody, publication.get_absolute_url())
    told = ("Alice ARNAUD, présidente", "le 25 juillet 2026", "de manière permanente")
    assert unsaid(text, *told, publication.sha256, " par la séance du 7 juillet 2026") == []
    response = anybody.get(reverse("archive:public_file", args=[publication.code]))
    assert response.content == content_of(publication.file)
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/pdf"
    for url in (alone, publication.get_absolute_url()):
        one, other = anybody.get(url), secretary.get(url)
        assert one.content == other.content and not one.cookies
        assert "Cookie" not in one.get("Vary", "") and "public" in one["Cache-Control"]


def test_the_size_is_told_as_everywhere_and_the_hash_is_folded(publication, anybody):
    page = said(anybody.get(publication.get_absolute_url()))
    assert re.search(r"PDF/A, \d+(,\d)? [km]o", page, re.I) and "io)" not in page
    before, _, folded = page.partition("<summary>Données techniques et preuve</summary>")
    assert publication.sha256 in folded and publication.sha256 not in before


def test_the_text_is_read_on_the_page_itself(publication, anybody):
    text = text_of(anybody, publication.get_absolute_url())
    assert unsaid(text, "Débats et décisions", "Budget", "Membres de l’assemblée", "ARNAUD") == []
    assert "<iframe" not in text


def online_act(cast, hold, **more) -> Publication:
    """An act of June, online."""
    meeting = hold(JUNE, adopted=("Budget",), approves=False, **more)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    return Publication.objects.get(document__kind=IssuedDocument.Kind.EXTRACT)


def test_an_act_says_in_plain_words_what_it_is_worth(cast, hold, anybody):
    """Only what is known: the prefecture says nothing yet, so nobody is told that it binds."""
    cast.organisation.department = "080"
    cast.organisation.save()
    act = online_act(cast, hold)
    text = text_of(anybody, act.get_absolute_url())
    lines = re.findall(r"<li>([^<]*)</li>", text.split('<ul class="at-once')[1].split("</ul>")[0])
    unknown = (
        "on ne sait pas encore si elle s’applique : réception par la préfecture non connue ici"
    )
    assert len(lines) == 4 and lines[0].lower() == unknown
    assert lines[1].startswith("Non signée : sans la signature d’Alice ARNAUD")
    assert re.fullmatch(r"Adoptée, \d+ pour", lines[2]) and "contest" in lines[3]
    assert queries(lambda: text_of(anybody, act.get_absolute_url())) <= 16
    assert unsaid(text, "tribunal administratif d’Amiens", "R421-1", "une fois rendu public") == []
    # The act has no articles: what was voted follows the words that announce it.
    assert unsaid(text, "Texte de la délibération", "Qui était là") == []
    assert re.search(r'se prononce comme suit.:</p>\s*<div class="decision', text)
    assert 'id="votes"' not in text
    # The probe of what is told when it binds, and when the time to contest it is over.
    state = standing.of(act.document)
    paper = plain.paper_of(act)
    # A machine is told no more than people are.
    assert '"creativeWorkStatus": "Non signé' in text and "/InForce" not in text
    bound = replace(state, force=replace(state.force, since=JUNE, unsigned=""))
    assert plain.at_once(paper, bound, on=JUNE)[0] == "S’applique depuis le 9 juin 2026"
    elected = replace(bound, electoral=(", en cinq jours", "art. R119"), appeal=None)
    assert plain.at_once(paper, elected, on=JUNE)[0] == "Élection, qui vaut depuis sa proclamation"
    after = state.appeal.on + timedelta(days=1)
    *_, ended = plain.at_once(paper, state, on=after)
    assert "pour la contester a en principe pris fin le" in ended and "réserve" not in ended
    completed = replace(state, completed_on=JUNE)
    assert plain.at_once(paper, completed, on=after)[-1].endswith("d’une pièce ajoutée depuis")
    listed = f"/actes/{cast.organisation.slug}/"
    assert text_of(anybody, listed).count("<strong>non signée</strong>") == 2
    assert "mise en ligne le" in text_of(anybody, listed)
    # Its list too, which no text wants signed of an open syndicate: both are said.
    names = Publication.objects.get(document__kind=IssuedDocument.Kind.LIST)
    told = text_of(anybody, names.get_absolute_url())
    assert unsaid(told, "Non signée", "qu’aucun texte ne demande") == []
    held.signatures.prepare_signing(act.document, by=cast.secretariat, at=AT)
    for place in ("president", "secretaire-1"):
        held.sign_by_hand(act.document, place, cast)
    assert text_of(anybody, listed).count("<strong>non signée</strong>") == 1  # the list
    assert "on signé" not in text_of(anybody, act.get_absolute_url())
    gone = replace(state, force=replace(state.force, gone="retirée par 2026-07/01"))
    assert plain.at_once(paper, gone, on=JUNE) == ("Retirée par 2026-07/01",)


def test_an_act_taken_off_before_its_time_awaits_the_public_until_it_is_there_again(
    cast, hold, anybody, client_of
):
    """Its own page and its copy say so, without an end of the delay of appeal; there again, its
    delays run from the first time, and the page says which that was."""
    act = online_act(cast, hold)
    meeting, office = act.document.meeting, client_of(cast.secretariat)
    pages = [
        reverse(f"archive:{name}", args=[pk])
        for name, pk in (("publication", act.document_id), ("publish_sitting", meeting.pk))
    ]
    asked = "Publier de nouveau ou remplacer 1 délibération retirée"
    assert asked not in [task.what for task in waiting.tasks_of(meeting, on=LATER.date())]
    withdraw(act, cast)
    assert asked in [task.what for task in waiting.tasks_of(meeting, on=LATER.date())]
    for page in pages:
        assert "à publier de nouveau" in text_of(office, page)
    facts = dict(standing.of(act.document).facts)
    assert "avant la fin" in facts["Retrait des pages publiques"]
    assert "non connue" in facts["Recours"]
    assert meeting.deliberations.get().label in publications.numbers_gone(meeting)
    at = LATER + timedelta(days=200)
    publishing.publish(act.document, by=cast.secretariat, at=at)
    first, again = (french.long_date(timezone.localdate(each)) for each in (LATER, at))
    page = text_of(anybody, act.get_absolute_url())
    assert f"d’abord le {first}, absent depuis le " in page
    assert f" ; de nouveau le {again}" in page


def test_a_file_that_carries_nothing_is_read_as_pdf(cast, hold, anybody, monkeypatch):
    act = online_act(cast, hold)
    monkeypatch.setattr(plain, "carried", lambda content: "")
    text = text_of(anybody, act.get_absolute_url())
    assert "se lit en PDF" in text and "Texte de la délibération" not in text


def test_each_version_is_named_and_what_was_withdrawn_leads_nowhere(
    publication, minutes, cast, anybody
):
    assert "<dt>Versions</dt>" not in text_of(anybody, publication.get_absolute_url())
    second = publish(adopted(correct(minutes, cast)), cast.secretariat)
    text = text_of(anybody, second.get_absolute_url())
    assert unsaid(text, "<dt>Versions</dt>", publication.get_absolute_url(), "celle-ci") == []
    withdraw(publication, cast)
    text = text_of(anybody, second.get_absolute_url())
    assert "retirée le" in text and publication.get_absolute_url() not in text


def test_a_cache_asks_whether_it_still_holds(publication, cast, anybody, alone):
    file = reverse("archive:public_file", args=[publication.code])
    feed = reverse("archive:public_feed", args=[cast.organisation.slug])
    for url in (alone, publication.get_absolute_url(), file, feed):
        known = {"If-None-Match": anybody.get(url)["ETag"]}
        assert queries(lambda: anybody.get(url, headers=known)) == 1  # noqa: B023 at once
        assert anybody.get(url, headers=known).status_code == 304
    known = {"If-None-Match": anybody.get(alone)["ETag"]}
    withdraw(publication, cast)
    assert anybody.get(alone, headers=known).status_code == 200


def test_codes_lead_to_what_is_published_earlier_replaced_or_withdrawn(
    publication, minutes, cast, anybody, alone
):
    old, code, typed = publication, publication.code, reverse("archive:typed_code")
    for written in (code, code.lower(), f"{code[:4]}-{code[4:]}", f" {code[:4]} {code[4:]} "):
        response = anybody.get(typed, {"code": written}, follow=True)
        assert response.redirect_chain[-1][0] == old.get_absolute_url()
    assert unsaid(said(response), "la dernière établie", "Non signé") == []
    meeting = rewrite(minutes.meeting, cast, "<p>Le Comité en débat, longuement.</p>")
    kept = {"If-None-Match": anybody.get(old.get_absolute_url())["ETag"]}
    second = documents.issue_minutes(meeting, by=cast.secretariat, at=LATER, reason="un mot")
    text = said(anybody.get(old.get_absolute_url(), headers=kept))
    assert "est remplacée depuis le" in text and "la version 2, qui n’est pas en ligne" in text
    # The list said nothing of it.
    replaced = "remplacé par la version 2, qui n’est pas en ligne"
    assert replaced in said(anybody.get(alone))
    with pytest.raises(Refused, match="remplacée"):
        publish(IssuedDocument.objects.get(pk=minutes.pk), cast.secretariat)
    new = publish(adopted(second), cast.secretariat)
    assert (second.version, new.code != old.code) == (2, True)
    text = text_of(anybody, old.get_absolute_url())
    assert unsaid(text, "Cette version est remplacée", new.get_absolute_url()) == []
    assert "remplacé" not in text_of(anybody, alone)
    assert "remplacée" not in text_of(anybody, new.get_absolute_url())
    addresses = [each.get_absolute_url() for each in (old, new)]
    assert unsaid(text_of(anybody, alone), *addresses) == addresses[:1]
    withdraw(new, cast, "l’adresse de Martin")
    text = text_of(anybody, new.get_absolute_url(), status=410)
    assert unsaid(text, "plus en ligne", "Martin", new.author) == ["Martin", new.author]
    assert anybody.get(reverse("archive:public_file", args=[new.code])).status_code == 404
    assert unsaid(text_of(anybody, alone), old.code, new.code) == [new.code]


# --- Nothing leaks --------------------------------------------------------------------------------


def public_texts(anybody, cast, code) -> str:
    """Everything that anybody may ask for without knowing more than one code."""
    slug, named = cast.organisation.slug, "public_organisation public_feed".split()
    pages = [("public", []), *((name, [slug]) for name in named)]
    pages += [(name, [code]) for name in ("public_document", "code")]
    return " ".join(
        anybody.get(reverse(f"archive:{name}", args=args)).content.decode() for name, args in pages
    )


def test_what_is_not_online_does_not_leak(cast, hold, anybody, monkeypatch):
    """First a door left open, which the probe finds; then the doors as they are."""
    minutes = documents.issue_minutes(hold(JUNE, adopted=("Secret",)), by=None, at=AT)
    secret = minutes.paper.name
    with monkeypatch.context() as patched:
        patched.setattr(publications, "objections", lambda meeting, documents: ())
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
    assert (
        unsaid(text, "Document établi par Val de Brume", "pas encore arrêté", "la dernière") == []
    )
    # What one holds may be a paper that nobody signed: the page says so, as that of verification.
    assert "aucune sur 2 : ce document n’est pas signé" in text
    for told in ("Secret", "Alice", "Comité", "9 juin 2026", minutes.pdf_sha256):
        assert told not in text
    second = correct(minutes, cast)
    text = text_of(anybody, reverse("archive:code", args=[minutes.code]))
    assert unsaid(text, "remplacée", "par la version 2", second.code) == [second.code]


def test_a_code_that_is_none(db, anybody):
    for code in ("x", "O0I1L", "漢字漢字漢字漢字", "<script>", "A" * 5000, "%00", "AAAAAAAA", "…"):
        text = text_of(anybody, reverse("archive:code", args=[code]), status=404)
        assert "n’est pas connu ici" in text and "<script>" not in text
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


def test_a_single_organisation_needs_no_choice(anybody, db):
    only = make_organisation("Seule")
    assert "Les documents de Seule" in text_of(anybody, reverse("archive:public"))
    change(only, name="Syndicat mixte du Lac", designation="le syndicat mixte du Lac")
    assert "Les documents du syndicat mixte du Lac" in text_of(anybody, reverse("archive:public"))


def test_filters_and_words_narrow_the_list(publication, cast, anybody, alone):
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
    nothing = text_of(anybody, f"{alone}?q=piscine&annee=2026")
    assert publication.code not in nothing and "Aucun acte ne répond" in nothing
    assert "<b>" not in text_of(anybody, alone + "?q=" + "<b>" * 200)


def test_the_list_costs_the_same_whatever_its_length(cast, hold, anybody, alone, monkeypatch):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publish(meeting.documents.first(), cast.secretariat)
    one, link = queries(lambda: text_of(anybody, alone)), '<a class="row-title" href="/actes/'
    publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)
    assert queries(lambda: text_of(anybody, alone)) == one
    assert text_of(anybody, alone).count(link) == 3
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    text = text_of(anybody, alone)
    assert "page 1 sur 3" in text and text.count(link) == 1
    second = text_of(anybody, f"{alone}?annee=2026&q=deliberation&page=2")
    assert "page 2 sur 3" in second and 'href="?annee=2026&amp;q=deliberation&amp;page=3"' in second


ATOM = "{http://www.w3.org/2005/Atom}"


def _only(parent, name):
    (found,) = parent.findall(f"{ATOM}{name}")
    return found


def test_the_feed_is_what_the_atom_format_asks(publication, cast, anybody):
    """RFC 4287: one id, title and update for the feed and each entry, absolute addresses."""
    address = reverse("archive:public_feed", args=[cast.organisation.slug])
    response = anybody.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    entry = _only(feed, "entry")
    for each in (feed, entry):
        told, title, updated = (_only(each, name) for name in ("id", "title", "updated"))
        assert told.text.startswith("http://testserver/") and title.text
        assert datetime.fromisoformat(updated.text) == publication.published_at
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{address}"
    assert entry.find(f"{ATOM}title").text == publication.title
    assert entry.find(f"{ATOM}author/{ATOM}name").text == publication.author
    link = entry.find(f"{ATOM}link").get("href")
    assert link == f"http://testserver{publication.get_absolute_url()}"


# --- The page of the secretariat ----------------------------------------------------------------


def test_the_secretariat_publishes_and_withdraws(minutes, secretary):
    url = reverse("archive:publication", args=[minutes.pk])
    wanted = "14 juillet 2026", "la signature d’Alice ARNAUD", "Publier sans ces signatures"
    assert unsaid(text_of(secretary, url), *wanted) == []
    # Nobody signed: that is asked first, as it is of a whole sitting.
    asked = said(secretary.post(url), 422)
    assert "1 document attend encore une signature" in asked
    assert not Publication.objects.exists()
    assert secretary.post(url, {"unsigned": "1"}).status_code == 302
    assert "déjà en ligne" in secretary.post(url).content.decode()
    assert "la page que le public lit" in text_of(secretary, url)
    away = reverse("archive:withdraw", args=[minutes.pk])
    assert "pourquoi ce document est retiré" in secretary.post(away).content.decode()
    long = secretary.post(away, {"reason": "漢" * 100_000})
    assert "300 caractères" in said(long, 422)
    early = secretary.post(away, {"reason": "<b>erreur</b>"})
    cost = said(early, 422)
    assert "manière permanente" in cost and "recours" not in cost
    sent = {"reason": "<b>erreur</b>", "knows": "on"}
    assert secretary.post(away, sent).status_code == 302
    assert "&lt;b&gt;erreur" in text_of(secretary, url)
    assert secretary.post(away, {"reason": "encore"}).status_code == 404


def test_what_is_not_issued_or_not_adopted_says_so(hold, secretary):
    meeting = hold(JUNE, adopted=("Budget",))
    text = text_of(secretary, reverse("archive:publish_sitting", args=[meeting.pk]))
    assert "Rien n’est encore établi" in text and 'id="publier"' not in text
    minutes = documents.issue_minutes(meeting, by=None, at=AT)
    url = reverse("archive:publication", args=[minutes.pk])
    assert "n’est pas arrêté" in text_of(secretary, url)
    assert "statuts" in said(secretary.post(url), 422)
    assert not Publication.objects.exists()


# --- A whole sitting ----------------------------------------------------------------------------


def test_whose_signature_is_missing_is_said_once_and_the_list_goes_alone(cast, hold, secretary):
    """Each row named them, and nothing put online the list alone, whose day had passed."""
    sitting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.word(sitting)
    *_, listed = held.issue_acts(sitting, by=cast.secretariat, at=AT)
    page = text_of(secretary, reverse("archive:publish_sitting", args=[sitting.pk]))
    rows = page[page.index("<table") : page.index("</table>")]
    assert "la signature d’Alice ARNAUD" in page and "ARNAUD" not in rows
    where = reverse("archive:publication", args=[listed.pk])
    assert unsaid(page, "Faire signer d’abord", f'href="{where}">Publier la liste seule…') == []
    secretary.post(where, {"unsigned": "1"})
    page = text_of(secretary, reverse("archive:publish_sitting", args=[sitting.pk]))
    assert "Publier 2 extraits" in page and "la liste seule" not in page
    # What is online waits for them as well: « 1 document attend » stood where four did.
    assert "3 documents attendent encore la signature d’Alice ARNAUD" in page
    assert "2 documents attendent encore une signature" in page  # of those that would go online


def test_minutes_are_counted_and_what_has_no_article_is_written_before_it_is_signed(
    minutes, cast, secretary
):
    """« 3 documents attendent » stood above four, and led to versions about to be replaced."""
    made = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    url = reverse("archive:publish_sitting", args=[minutes.meeting_id])
    page = text_of(secretary, url)
    assert f"{len(made) + 1} documents attendent encore la signature" in page
    assert unsaid(page, "sans dispositif", "Écrire le dispositif", "proposer=1#titre-projet") == []
    assert "Faire signer d’abord" not in page and page.count("Aucun article ne dit") == 1


def test_one_click_publishes_the_list_and_every_extract(cast, hold, secretary, anybody, alone):
    sitting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.issue_acts(sitting, by=cast.secretariat, at=AT)
    acts = text_of(secretary, reverse("registry:acts", args=[sitting.pk]))
    url = reverse("archive:publish_sitting", args=[sitting.pk])
    assert f'href="{url}"' in acts
    before = text_of(secretary, url)
    assert (
        unsaid(before, "Publier la liste et 2 extraits", "en retard depuis le 16 juin 2026") == []
    )
    # Nobody signed: that is asked first, whatever a browser lets through.
    asked = said(secretary.post(url), 422)
    assert unsaid(asked, "3 documents attendent encore une signature", "Publier sans") == []
    assert not Publication.objects.exists()
    # The bar waits for what is sent, then tells how many are ready; nothing of it is left.
    bar = reverse("archive:publishing", args=[sitting.pk])
    assert "pointerdown from:#publier" in before and "every 1s" in text_of(
        secretary, f"{bar}?essai=0"
    )
    assert "every 1s" not in text_of(secretary, f"{bar}?essai=99")
    bars = []
    told = underway.followed(sitting, "abc")
    for _ in told:
        bars += re.findall(r"<label[^>]*>([^<]*)<", text_of(secretary, bar))
    assert bars == [f"{ready} sur 3" for ready in ("0 document prêt", "1 document prêt",
                                                  "2 documents prêts")]  # fmt: skip
    after = said(secretary.post(url, {"unsigned": "1"}, follow=True))
    assert underway.of(sitting) is None
    assert "3 documents en ligne" in after and "Publier la liste" not in after
    assert text_of(anybody, alone).count('<a class="row-title" href="/actes/') == 3
    # From the list one goes to each of its acts, and from an act back to the list.
    listed, *acts = Publication.objects.order_by("-document__kind", "pk")
    read = text_of(anybody, listed.get_absolute_url())
    assert all(f'<a href="{each.get_absolute_url()}">' in read for each in acts)
    assert listed.get_absolute_url() in text_of(anybody, acts[0].get_absolute_url())
    assert "Tout était déjà en ligne" in said(secretary.post(url, follow=True))


@pytest.mark.proof
def test_the_page_of_a_sitting_costs_the_same_whatever_was_decided(cast, hold, secretary):
    costs = set()
    for on, titles in ((JUNE, ("a",)), (date(2026, 7, 7), ("b", "c", "d", "e"))):
        meeting = hold(on, adopted=titles, approves=False)
        held.issue_acts(meeting, by=cast.secretariat, at=timezone.now())
        publishing.publish_acts(meeting, by=cast.secretariat, at=timezone.now())
        url = reverse("archive:publish_sitting", args=[meeting.pk])
        costs.add(queries(lambda: secretary.get(url)))  # noqa: B023 at once
    (cost,) = costs
    assert cost <= 37  # the state of an act tells whose signatures it lacks
