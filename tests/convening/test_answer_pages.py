"""The pages of somebody who answers: by his link, and from his desk."""

import logging
import re
from datetime import timedelta
from hashlib import sha256
from itertools import product

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from convening.answers import Position
from convening.models import Answer, Convocation, Invitation, Notice, Question
from meetings.models import Attachment, Brief, Meeting
from somme_gov.logs import Masked
from tests.cast import change, change_rules, end
from tests.convening.sent import NOW, Sent
from tests.words import text, unsaid

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


pytestmark = pytest.mark.usefixtures("own_directory")


def post(client, address: str, **data):
    return client.post(address, data, follow=True, HTTP_ORIGIN="null")


# --- What it says -----------------------------------------------------------------------------


def test_the_page_says_what_it_is_and_tells_nobody_where_it_was_read(sent, phone):
    response = phone.get(sent.link("claire"))
    what = ("Val de Brume", "Comité syndical", "Mardi 8 décembre 2026", "19 h, dans ses locaux")
    who = ("Mme Claire CARON, Brume Agglo", "Budget primitif 2027", "Je viens", "Je ne viens pas")
    assert unsaid(text(response), *what, *who) == []
    assert "Je viens à distance" not in text(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"] and "noindex" in response["X-Robots-Tag"]
    assert '<meta name="referrer" content="no-referrer">' in response.content.decode()
    change_rules(sent.cast.comite, remote_allowed=True)
    assert "Je viens à distance" not in text(phone.get(sent.link("claire")))  # nobody decided it
    change(sent.meeting, in_one_place=False)
    assert "Je viens à distance" in text(phone.get(sent.link("claire")))


def test_it_costs_eight_queries_and_the_first_visit_its_witness(
    sent, phone, django_assert_max_num_queries
):
    sent.hears("claire excuse +gaelle", "elsa excuse >alice")
    convocation(sent)
    for name in ("claire", "gaelle", "alice"):
        address = sent.link(name)
        for most in (12, 8):  # that the link was opened is a fact: written and witnessed, once
            with django_assert_max_num_queries(most):
                assert phone.get(address).status_code == 200


# --- One touch --------------------------------------------------------------------------------


def test_one_touch_answers_for_one_person_without_an_account_and_gives_none(sent, phone):
    another = {"mandate": sent.mandate("alice").pk}  # whatever is posted with it
    response = post(phone, sent.link("claire", "answer"), word="present", **another)
    assert response.redirect_chain == [(f"{sent.link('claire')}#reponse", 302)]
    noted = "Noté le 2 décembre 2026 à 10 h, par votre lien personnel."
    assert unsaid(text(response), "Vous venez.", noted) == []
    positions = (sent.position("claire"), sent.position("alice"))
    assert positions == (Position.COMING, Position.WAITING)
    assert "sessionid" not in phone.cookies
    for address in (reverse("convening:desk"), sent.meeting.get_absolute_url()):
        assert phone.get(address).status_code == 302


def test_a_scanner_that_follows_links_answers_nothing(sent, phone):
    """Only a GET notes the opening, and proves no reading."""
    pages = ("", "answer", "ask", "sign", "reader", "dossier")
    for method, opened_at in (("head", None), ("options", None), ("get", NOW)):
        for page, query in product(pages, ("", "?word=present", "?word=excuse&confirmed=1")):
            getattr(phone, method)(sent.link("claire", page) + query)
        assert not Answer.objects.exists() and not Notice.objects.exists()
        assert Invitation.objects.get().first_opened_at == opened_at


def test_two_browsers_the_last_word_counts(sent, time_machine):
    telephone, computer = Client(), Client()
    computer.get(sent.link("claire"))  # a page that goes stale
    post(telephone, sent.link("claire", "answer"), word="excuse")
    time_machine.shift(timedelta(minutes=5))
    shown = text(post(computer, sent.link("claire", "answer"), word="present"))
    assert "Noté le 2 décembre 2026 à 10 h 05" in shown
    assert "Vous venez." in text(telephone.get(sent.link("claire")))


# --- Who comes instead ------------------------------------------------------------------------


def test_who_does_not_come_is_told_who_may_and_sends_a_substitute_by_one_touch(sent, phone):
    shown = text(post(phone, sent.link("claire", "answer"), word="excuse"))
    assert unsaid(shown, "Qui tient votre place", "Gaëlle GARNIER", "Denis DUVAL") == []
    said = re.search(r'id="reponse-titre">(.*?)</h2>', shown)[1]
    assert "#close" in said and "#check" not in said  # no tick on a no
    assert 'value="claire-caron"' not in shown
    chosen = {"word": "excuse", "substitute": "gaelle-garnier"}
    response = post(phone, sent.link("claire", "answer"), **chosen)
    assert "Mme Gaëlle GARNIER est invitée à siéger à votre place" in text(response)
    assert sent.mails() == [("Gaëlle", "remplacement")]
    theirs = text(phone.get(sent.link("gaelle")))
    assert "Mme Claire CARON vous demande de siéger à sa place." in theirs
    post(phone, sent.link("gaelle", "answer"), word="present")
    assert "Mme Gaëlle GARNIER siège à votre place." in text(phone.get(sent.link("claire")))


def test_a_substitute_whom_nobody_sends_is_told_where_he_stands(sent, phone):
    would = "Siégeriez-vous à la place d’un titulaire empêché ?"
    comes = "Mme Claire CARON vient : rien ne vous est demandé"
    for said, words in (([], would), (["claire present"], comes), (["claire excuse"], would)):
        sent.hears(*said)
        assert words in text(phone.get(sent.link("gaelle")))
    sent.hears("claire excuse +gaelle", "claire present")  # back before the substitute answers
    shown = text(post(phone, sent.link("gaelle", "answer"), word="present"))
    assert "Mme Claire CARON vient : vous pouvez assister à la séance, sans voter." in shown


def test_a_proxy_is_given_and_the_holder_reads_it(sent, phone):
    shown = text(post(phone, sent.link("alice", "answer"), word="excuse", holder="denis-duval"))
    assert "Vous ne venez pas : M. Denis DUVAL porte votre pouvoir." in shown
    assert "Vous portez le pouvoir de Mme Alice ARNAUD." in text(phone.get(sent.link("denis")))
    # A stale page offers somebody who has just given his own.
    sent.says("bruno", "excuse", holder="elsa")
    late = {"word": "excuse", "holder": "bruno-besson"}
    response = phone.post(sent.link("farid", "answer"), late)
    assert response.status_code == 409 and "le porteur est absent" in text(response)
    assert sent.position("farid") == Position.WAITING


def test_who_comes_after_all_is_told_which_proxy_he_took_back(sent, phone):
    """« Je viens » withdrew it without a word."""
    sent.hears("elsa excuse >alice")
    page = text(phone.get(sent.link("elsa")))
    assert unsaid(page, "Ce pouvoir compte déjà", "Il se donne par écrit", "signez-le") == []
    assert "est retiré" not in page
    page = text(post(phone, sent.link("elsa", "answer"), word="present"))
    told = "Le pouvoir que vous aviez donné à Mme Alice ARNAUD est retiré."
    assert unsaid(page, "Vous venez.", told) == []
    sent.hears("claire excuse +gaelle", "claire present")
    told = "Mme Gaëlle GARNIER ne siège plus à votre place."
    assert unsaid(text(phone.get(sent.link("claire"))), told) == []
    # Said again, or said anew, nothing was taken back.
    sent.hears("elsa excuse")
    assert "est retiré" not in text(phone.get(sent.link("elsa")))


def test_nonsense_is_refused_and_nothing_is_written(sent, phone):
    for data in (
        {"word": "excuse", "holder": "personne"},
        {"word": "excuse", "holder": "<b>漢字</b> 🙂"},
        {"word": "excuse", "substitute": "x" * 5000},
        {"word": "excuse", "holder": "a\x00b"},
        {},
        {"word": "<script>"},
    ):
        response = phone.post(sent.link("alice", "answer"), data)
        assert response.status_code == 422, data
    assert "Cette réponse n’existe pas." in text(response)
    assert not Answer.objects.exists()


# --- The signed form --------------------------------------------------------------------------


def upload(client, sent, name, content, **extra):
    file = SimpleUploadedFile(name, content, **extra)
    return client.post(sent.link("alice", "sign"), {"file": file})


def test_the_signed_form_is_kept_and_shown_to_the_secretariat_only(sent, phone, client_of):
    sent.says("alice", "excuse", holder="denis")
    assert upload(phone, sent, "scan.pdf", PDF).status_code == 302
    assert "Pouvoir signé reçu" in text(phone.get(sent.link("alice")))
    answer = sent.standing.said["alice-arnaud"]
    address = reverse("convening:signed_proxy", args=[sent.meeting.pk, answer.pk])
    response = client_of(sent.cast.secretariat).get(address)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client_of(sent.cast.delegate).get(address).status_code == 403
    assert phone.get(address).status_code == 302


def test_a_file_that_is_not_what_its_name_says_or_answers_no_proxy(sent, phone):
    response = upload(phone, sent, "scan.pdf", PDF)
    assert response.status_code == 422 and "Donnez-le d’abord." in text(response)
    sent.says("alice", "excuse", holder="denis")
    for content, words in (
        (b"MZ\x90\x00" + b"\x00" * 200, "programme"),
        (b"<html><script>", "n’est pas pris"),
        (b"", "vide"),
    ):
        response = upload(phone, sent, "pouvoir.pdf", content, content_type="application/pdf")
        assert response.status_code == 422 and words in text(response)
        assert not sent.standing.said["alice-arnaud"].proxy_form


HOSTILE = "<script>alert(1)</script> 漢字 🙂 {{ 7*7 }} {lien}"


def test_the_telephone_of_the_secretariat_is_there_when_somebody_gave_it(sent, phone, settings):
    number = "03 22 00 00 00"
    assert "téléphone" not in text(phone.get(sent.link("claire")))
    settings.ABOUT = settings.ABOUT | {"phone": number}
    assert number in text(phone.get(sent.link("claire")))
    for kind in ("txt", "html"):
        mail = render_to_string(f"convening/mail/convocation.{kind}", {"convocation": None})
        assert number in mail, kind


def test_a_question_is_shown_as_it_was_typed_to_nobody_else(sent, phone):
    response = post(phone, sent.link("claire", "ask"), text=HOSTILE)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 漢字 🙂 {{ 7*7 }} {lien}" in text(response)
    assert "<script>alert" not in response.content.decode()
    assert "漢字" not in text(phone.get(sent.link("alice")))
    response = phone.post(sent.link("alice", "ask"), {"text": "é" * 50_000})
    assert response.status_code == 422 and "50000 signes, 4000 au plus" in text(response)
    assert "é" * 50_000 in response.content.decode()  # kept in its field
    assert Question.objects.count() == 1


def test_after_the_opening_the_page_explains_and_shows_what_is_recorded(sent, phone):
    sent.says("claire", "excuse", substitute="gaelle")
    for stage, words in (
        (Meeting.Stage.OPEN, "La séance est ouverte"),
        (Meeting.Stage.CLOSED, "Cette séance s’est tenue"),
        (Meeting.Stage.CANCELLED, "Cette séance est annulée"),
    ):
        Meeting.objects.update(stage=stage)
        shown = phone.get(sent.link("claire"))
        assert words in text(shown) and "Mme Gaëlle GARNIER" in text(shown)
        assert "<form" not in shown.content.decode()
        response = phone.post(sent.link("claire", "answer"), {"word": "present"})
        assert response.status_code == 409
        assert sent.position("claire") == Position.REPLACED


def test_a_link_revoked_guessed_or_old_opens_nothing(sent, phone, time_machine):
    address = sent.link("claire")
    time_machine.move_to(NOW + timedelta(days=30), tick=False)
    assert "Le jour de cette séance est passé" in text(phone.get(address))
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    assert phone.get(address).status_code == 404
    time_machine.move_to(NOW, tick=False)
    for token in ("x", "a" * 43, "a" * 5000, "%00", "..%2f..", "漢字", "' OR 1=1 --"):
        assert phone.get(f"/invitation/{token}/").status_code == 404
    assert phone.get(address).status_code == 200
    Invitation.objects.update(revoked_at=NOW)
    pages = ("", "answer", "ask", "proxy", "sign", "reader", "dossier")
    for page in [sent.link("claire", p) for p in pages] + [sent.link("claire", "file", 1)]:
        for response in (phone.get(page), phone.post(page, {"word": "present"})):
            assert response.status_code == 404 and "Ce lien n’ouvre plus rien" in text(response)
    assert not Answer.objects.exists()


def test_the_token_is_stored_nowhere_and_logged_nowhere(sent, phone, caplog):
    caplog.set_level(logging.DEBUG)
    address = sent.link("claire")
    token = sent.links["claire"]
    phone.get(address)
    post(phone, sent.link("claire", "answer"), word="present")
    phone.put(address)  # refused
    Invitation.objects.update(revoked_at=NOW)
    phone.get(address)
    invitation = Invitation.objects.get()
    assert token not in (invitation.token_hash, invitation.nonce)
    assert caplog.records
    assert not any(token in record.getMessage() for record in caplog.records)


def test_the_journal_hides_what_opens_a_page():
    for said, kept in (
        ("Not Found: /invitation/" + "a" * 43 + "/", "Not Found: /invitation/…/"),
        ("Not Found: /calendrier/" + "b" * 48 + ".ics", "Not Found: /calendrier/….ics"),
        # By its path, however short: a token of a password has 39 characters.
        (
            "GET http://x/mot-de-passe/choisir/MQ/cwj2-0123456789abcdef?a=1 HTTP/1.1",
            "GET http://x/mot-de-passe/choisir/MQ/…?a=1 HTTP/1.1",
        ),
        ("/mon-compte/adresse/a-b_c/ vu", "/mon-compte/adresse/…/ vu"),
        ("/seances/12/ecran/abc/etat/", "/seances/12/ecran/…/etat/"),
        ("/echeances/abc.ics", "/echeances/….ics"),
        ("/dossier/abc/0/", "/dossier/…/0/"),
        ("Not Found: /seances/12/reponses/", "Not Found: /seances/12/reponses/"),
    ):
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s", (said,), None)
        assert Masked().filter(record)
        assert record.getMessage() == kept


def test_who_does_not_sit_any_more_is_told_so(sent, phone):
    address = sent.link("farid")
    end(sent.mandate("farid"), NOW.date())
    assert "Votre mandat ne court plus ce jour-là" in text(phone.get(address))
    assert phone.post(sent.link("claire", "answer"), {"word": "present"}).status_code == 302


def convocation(sent: Sent) -> Convocation:
    agenda = [{"number": "1", "title": "Budget primitif 2027", "depth": 0}]
    paper = {"agenda": [{"key": "p1", "children": [{"key": "p2", "children": []}]}]}
    told = {"paper": paper, "letter": {"agenda": agenda}, "size": len(PDF)}
    row = Convocation(meeting=sent.meeting, stage=Convocation.Stage.SENT, **told)
    row.dossier.save("dossier.pdf", ContentFile(PDF), save=True)
    return row


@pytest.fixture
def dossier(sent) -> Convocation:
    """Two points were sent: the third is being added."""
    budget, added = sent.meeting.items.get(key="p2"), sent.meeting.items.get(key="p3")
    note = "<p>Le budget s’équilibre.</p>"
    Brief.objects.create(item=budget, note=note, articles="Adopte le budget.")
    Brief.objects.create(item=added, note="<p>Pas encore envoyé.</p>")
    for item in (budget, added):
        told = {"title": "Maquette", "filename": "maquette.pdf", "sha256": sha256(PDF).hexdigest()}
        piece = Attachment(item=item, media_type="application/pdf", size=len(PDF), **told)
        piece.file.save("x.pdf", ContentFile(PDF), save=True)
    return convocation(sent)


def test_the_dossier_is_read_on_the_page_and_its_files_saved_never_shown(sent, phone, dossier):
    shown = text(phone.get(sent.link("claire", "reader")))
    assert unsaid(shown, "Le budget s’équilibre.", "Article unique", "Maquette") == []
    assert "Pas encore envoyé" not in shown
    piece = Attachment.objects.get(item__key="p2")
    for address in (sent.link("claire", "dossier"), sent.link("claire", "file", piece.pk)):
        response = phone.get(address)
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] == "no-referrer"
    piece = Attachment.objects.get(item__key="p3")  # it was not sent
    assert phone.get(sent.link("claire", "file", piece.pk)).status_code == 404
    Convocation.objects.all().delete()
    Meeting.objects.update(convened_on=None)  # before the convocation nothing is read
    assert "Budget primitif" not in text(phone.get(sent.link("claire")))
    assert "pas encore envoyé" in text(phone.get(sent.link("claire", "reader")))
    assert phone.get(sent.link("claire", "dossier")).status_code == 404


def desk(sent: Sent, *page: str) -> str:
    return reverse("_".join(("convening:sitting", *page)), args=[sent.meeting.pk])


def test_the_same_answer_from_the_account_which_is_protected_from_other_sites(sent, client_of):
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.force_login(sent.cast.delegate)
    assert elsewhere.post(desk(sent, "answer"), {"word": "present"}).status_code == 403
    assert not Answer.objects.exists()
    client = client_of(sent.cast.delegate)
    assert "Mme Claire CARON" in text(client.get(desk(sent)))
    shown = text(client.post(desk(sent, "answer"), {"word": "present"}, follow=True))
    assert "depuis son espace" not in shown and "depuis votre espace" in shown
    assert sent.standing.said["claire-caron"].via == Answer.Via.ACCOUNT
