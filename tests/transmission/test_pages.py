"""The pages of the secretariat: one button at a time, from sheets to what the prefecture has."""

import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive.online import standing
from documents.models import IssuedDocument
from law import french
from meetings.actions import ledger
from registry.signatures import actions as signing
from registry.signatures import reading as signatures
from tests import held
from tests.cast import change
from tests.held import JULY, JUNE
from tests.meetings.files import pdf
from tests.transmission import made
from tests.words import text, unsaid
from transmission import reading
from transmission.actions import sending
from transmission.models import ActSheet, Classification, Exchange, Transmission

pytestmark = pytest.mark.django_db

STARRED = 'Matière<span class="asteriskField">*</span>'


def at(name: str, *args) -> str:
    return reverse(f"transmission:{name}", args=args)


def given(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sheets_typed(meeting, **changed) -> dict:
    """What the page of the sheets sends when nothing of it is touched, but for what is changed."""
    typed = {}
    for row in reading.rows(meeting):
        values = {
            "matter": row.matter,
            "object": row.sheet.object,
            "nature": row.sheet.nature,
            "typology": row.sheet.typology,
        }
        for name, value in (values | changed).items():
            typed[f"a{row.deliberation.pk}-{name}"] = value
    return typed


def test_a_sitting_goes_to_the_prefecture_and_back(cast, sitting, secretary):
    meeting = sitting("Budget primitif", "Souscription d’un emprunt")
    page = secretary.get(at("sitting", meeting.pk))
    assert unsaid(text(page), "Relire 2 fiches", "0 acte sur 2", "7.3 Emprunts") == []
    assert "d’après « emprunt »" in text(page)

    answer = secretary.post(at("sheets", meeting.pk), sheets_typed(meeting), follow=True)
    assert unsaid(text(answer), "2 fiches confirmées.", "Préparer 2 envois") == []
    asked = secretary.post(at("prepare", meeting.pk))
    assert asked.status_code == 422 and "Transmettre sans ces signatures" in text(asked)
    assert not Transmission.objects.exists()
    answer = secretary.post(at("prepare", meeting.pk), {"unsigned": "1"}, follow=True)
    assert unsaid(text(answer), "2 envois préparés", "Télécharger 2 envois", "Noter le dépôt") == []

    packs = secretary.get(at("packs", meeting.pk))
    names = zipfile.ZipFile(BytesIO(packs.content)).namelist()
    assert len(names) == 2 and all(name.endswith(".tar.gz") for name in names)
    answer = secretary.post(at("deposited", meeting.pk), {"on": timezone.localdate()}, follow=True)
    assert unsaid(text(answer), "2 envois notés comme déposés", "Déposer la réponse") == []

    first, second = Transmission.objects.order_by("pk")
    on = timezone.localdate()
    files = [given(f"{each.pk}.xml", made.answer(each, on=on)) for each in (first, second)]
    answer = secretary.post(at("answers", meeting.pk), {"files": files}, follow=True)
    day = french.long_date(on)
    assert unsaid(text(answer), "accusé de réception.", "2 actes sur 2", f"reçu le {day}") == []
    acts = text(secretary.get(reverse("registry:acts", args=[meeting.pk])))
    received = f"reçue le {french.short_day(on, year=meeting.held_on.year)}".replace("\u00a0", " ")
    assert acts.count(received) == 2 and '<th scope="col">État' in acts
    files = [given("1.xml", made.answer(first, on=on))]
    answer = secretary.post(at("answers", meeting.pk), {"files": files}, follow=True)
    assert "déjà lu : rien n’a changé" in text(answer)


def test_an_act_is_deposited_and_answered_on_its_own_page(cast, sitting, secretary):
    """Its banner ordered to hand in an answer, whose form was on another page; nothing said when
    it had been deposited."""
    sent, other = made.prepared(cast, sitting("Budget primitif", "Emprunt"))
    act, meeting = sent.sheet.deliberation, sent.document.meeting
    page = secretary.get(at("act", act.pk))
    assert unsaid(text(page), "Télécharger l’envoi", "Je l’ai déposé le", "Noter le dépôt") == []

    def deposit(on: date) -> HttpResponse:
        return secretary.post(at("deposited", meeting.pk), {"on": f"{on:%d/%m/%Y}", "act": act.pk})

    for on, words in (
        (timezone.localdate() + timedelta(days=1), "Ce jour n’est pas encore venu."),
        (made.AT.date() - timedelta(days=1), "n’a été préparé que le 16 juin 2026"),
    ):
        refused = deposit(on)
        assert (refused.status_code, refused.context["deliberation"]) == (422, act)
        assert words in text(refused)
    assert deposit(made.AT.date() + timedelta(days=2)).url == at("act", act.pk)
    sent.refresh_from_db()
    other.refresh_from_db()
    assert (f"{timezone.localdate(sent.sent_at):%d/%m}", sent.state) == ("18/06", "envoyee")
    assert other.state == "preparee"  # it was deposited alone
    page = secretary.get(at("act", act.pk))
    assert unsaid(text(page), "Déposer la réponse", 'id="reponses"', "Lire la réponse") == []
    files = {"files": [given("1.xml", made.answer(sent))], "act": act.pk}
    assert secretary.post(at("answers", meeting.pk), files).url == at("act", act.pk)
    assert "reçue par la préfecture" in text(secretary.get(at("act", act.pk))).lower()


def test_a_receipt_that_is_but_a_stamp_is_noted_by_hand(cast, sitting, secretary):
    """Who has the paper and its stamp, and no file, could not say that the act binds."""
    sent, other = made.prepared(cast, sitting("Budget primitif", "Emprunt"))
    act, meeting = sent.sheet.deliberation, sent.document.meeting

    def note(on: date, **of) -> HttpResponse:
        return secretary.post(at("noted", meeting.pk), {"on": f"{on:%d/%m/%Y}"} | of, follow=True)

    assert "Aucun envoi n’attend de reçu." in text(note(made.RECEIVED))  # nothing left yet
    sending.deposit([sent, other], on=made.AT.date(), by=cast.secretariat, at=made.LATER)
    assert "Noter ces 2 reçus" in text(secretary.get(at("sitting", meeting.pk)))
    for on, words in (
        (timezone.localdate() + timedelta(days=1), "Ce jour n’est pas encore venu."),
        (made.AT.date() - timedelta(days=1), "n’est parti que le 16 juin 2026"),
        (meeting.held_on - timedelta(days=1), "la préfecture ne l’a pas reçu avant"),
    ):
        refused = note(on, act=act.pk)
        assert (refused.status_code, refused.context["deliberation"]) == (422, act)
        assert words in text(refused) and "is-invalid" in refused.content.decode()
    page = text(note(made.RECEIVED, act=act.pk))
    who = f"noté à la main par {cast.secretariat}"
    assert unsaid(page, "1 reçu noté à la main", who) == []
    assert reading.received_on(sent.document) == made.RECEIVED
    assert who in text(secretary.get(at("sitting", meeting.pk)))
    # So does the state of the act, and the file of the prefecture may still come.
    state = standing.of(sent.document)
    assert "le 17 juin 2026, noté à la main" in dict(state.facts)["Réception par la préfecture"]
    assert "Lire la réponse" in page
    other.refresh_from_db()
    assert other.state == "envoyee"  # it was noted alone

    page = secretary.post(at("take_back", sent.pk), follow=True)  # an error is mended
    assert unsaid(text(page), "Ce reçu est repris", "noter le jour") == []
    assert "reçu du 17 juin 2026 noté à la main, repris" in text(page)
    assert reading.received_on(sent.document) is None
    note(made.RECEIVED)  # of both, then the file of the prefecture says another day
    files = [given("ar.xml", made.answer(sent, on=made.LATER.date()))]
    secretary.post(at("answers", meeting.pk), {"files": files})
    assert reading.received_on(sent.document) == made.LATER.date()
    assert reading.received_on(other.document) == made.RECEIVED
    assert who not in text(secretary.get(at("act", act.pk)))
    assert secretary.post(at("take_back", sent.pk)).status_code == 422  # it said so itself


def test_sheets_are_confirmed_all_or_none(cast, sitting, secretary):
    meeting = sitting("Budget primitif", "Emprunt")
    long = sheets_typed(meeting, object="a" * 600)
    answer = secretary.post(at("sheets", meeting.pk), long)
    assert answer.status_code == 422
    assert "La préfecture lit 500 caractères, celui-ci en a 600" in text(answer)
    typed = sheets_typed(meeting)
    last = meeting.deliberations.order_by("rank").last()
    answer = secretary.post(at("sheets", meeting.pk), typed | {f"a{last.pk}-matter": "7.11"})
    assert answer.status_code == 422
    assert "La matière 7.11 n’est pas dans la classification" in text(answer)
    assert ActSheet.objects.count() == 0


@pytest.mark.parametrize(("typed", "kept"), [
    ("7.10 Divers", "7.10"), ("7.10\u00a0Divers", "7.10"), (" 7.10", "7.10"), ("divers", None),
    ("7.10.", "7.10"), ("Emprunts", None), ("7.1", "7.1"),
])  # fmt: skip
def test_a_matter_is_typed_by_its_number(cast, sitting, secretary, typed, kept):
    meeting = sitting("Budget primitif")
    (deliberation,) = meeting.deliberations.all()
    values = {"matter": typed, "object": "Budget", "nature": "1", "typology": "99_DE"}
    answer = secretary.post(at("sheet", deliberation.pk), values)
    kept = kept or {"divers": "7.10", "Emprunts": "7.3"}[typed]
    assert (answer.status_code, ActSheet.objects.get().matter) == (302, kept)


def test_another_nature_brings_its_own_kinds_of_document(cast, sitting, secretary):
    meeting = sitting("Convention avec Brume")
    (deliberation,) = meeting.deliberations.all()
    typed = {"matter": "1.4", "object": "Convention", "typology": "99_DE", "nature": "4"}
    assert secretary.post(at("sheet", deliberation.pk), typed).status_code == 302
    sheet = ActSheet.objects.get()
    assert (sheet.nature, sheet.typology) == ("4", "99_DC")
    # Chosen, it is not guessed at: the prefecture takes no such document.
    answer = secretary.post(at("sheet", deliberation.pk), typed | {"typology": "22_PN"})
    assert answer.status_code == 422
    assert "La préfecture ne prend pas de document « 22_PN »" in text(answer)


def test_a_matter_that_nothing_proposes_is_to_be_chosen(cast, sitting, secretary):
    meeting = sitting("Point libre")
    (deliberation,) = meeting.deliberations.all()
    page = secretary.get(at("sheets", meeting.pk))
    assert unsaid(text(page), STARRED, "À choisir : l’intitulé ne la dit pas.") == []
    answer = secretary.post(at("sheets", meeting.pk), sheets_typed(meeting))
    assert answer.status_code == 422 and "Choisissez la matière de l’acte" in text(answer)
    unsaid_why = sheets_typed(meeting, case="autre", matter="")
    answer = secretary.post(at("sheets", meeting.pk), unsaid_why)
    assert answer.status_code == 422 and "Dites pourquoi cet acte" in text(answer)
    of_no_case = sheets_typed(meeting, exempt="Tarif de stationnement.")
    answer = secretary.post(at("sheets", meeting.pk), of_no_case)
    assert answer.status_code == 422 and "ceux d’un autre cas" in text(answer)
    exempt = sheets_typed(meeting, case="autre", exempt="Tarif de stationnement.", matter="")
    answer = secretary.post(at("sheets", meeting.pk), exempt)
    assert answer.status_code == 422 and "J’ai vérifié" in text(answer)
    name = f"a{deliberation.pk}-verified"
    assert f'type="checkbox" name="{name}"' in text(answer)
    answer = secretary.post(at("sheets", meeting.pk), exempt | {name: "on"}, follow=True)
    assert unsaid(text(answer), "dispensé : Tarif de stationnement.") == []
    page = secretary.get(at("sheet", deliberation.pk))
    assert STARRED not in text(page) and page.context["form"]["case"].value() == "autre"
    assert "sauf de voirie" in text(secretary.get(at("act", deliberation.pk)))
    typed = sheets_typed(meeting, case="voirie", exempt="", matter="", verified="on")
    secretary.post(at("sheets", meeting.pk), typed)
    assert "(art. L3131-2 du CGCT)" in ActSheet.objects.get().exempt
    page = secretary.get(at("sheet", deliberation.pk))
    assert page.context["form"]["case"].value() == "voirie"


def test_what_was_prepared_has_not_left_until_somebody_says_so(cast, sitting, secretary):
    meeting = sitting()
    (sent,) = made.prepared(cast, meeting)
    page = text(secretary.get(at("act", sent.sheet.deliberation_id)))
    assert unsaid(page, "préparé le", "Noter le dépôt") == [] and "parti le" not in page
    secretary.post(at("deposited", meeting.pk), {"on": timezone.localdate()})
    page = text(secretary.get(at("act", sent.sheet.deliberation_id)))
    assert unsaid(page, "Envoyée", "Déposer la réponse", 'href="#reponses"') == []


def test_what_is_no_answer_says_so_beside_the_file(cast, sitting, secretary):
    meeting = sitting()
    made.prepared(cast, meeting)
    for content in (b"", b"<html/>", b"%PDF"):
        files = [given("x.xml", content)]
        answer = secretary.post(at("answers", meeting.pk), {"files": files})
        assert answer.status_code == 422
        assert "is-invalid" in answer.content.decode()
    assert Exchange.objects.count() == 1


def test_the_page_of_an_act_tells_every_message(cast, sitting, secretary):
    (sent,) = made.prepared(cast, sitting("Budget primitif"))
    meeting, act = sent.document.meeting_id, sent.sheet.deliberation_id
    files = [given("ar.xml", made.answer(sent))]
    secretary.post(at("answers", meeting), {"files": files})
    page = text(secretary.get(at("act", act)))
    assert unsaid(page, "Reçue par la préfecture", sent.identifier, "jusqu’au 18 août 2026") == []
    kept = secretary.get(at("exchange", sent.exchanges.get(kind="accuse").pk))
    assert kept.content == made.answer(sent)

    letter = made.answer(sent, "DemandePieceComplementaire", on=made.LATER.date())
    secretary.post(at("answers", meeting), {"files": [given("l.xml", letter)]})
    page = text(secretary.get(at("act", act)))
    assert unsaid(page, "La préfecture attend une réponse", "« Il manque le plan. »") == []
    page = text(secretary.get(at("sitting", meeting)))
    assert "demande de pièces complémentaires du 18 juin 2026" in page
    asked = sent.exchanges.get(kind="pieces").pk
    files = [given("plan.pdf", pdf()), given("note.pdf", pdf(2))]
    answer = secretary.post(at("reply", asked), {"files": files}, follow=True)
    assert "La réponse est prête" in text(answer)
    assert "attend une réponse" not in text(answer)

    deferral = made.answer(sent, "DefereTA", on=made.LATER.date())
    secretary.post(at("answers", meeting), {"files": [given("d.xml", deferral)]})
    page = text(secretary.get(at("act", act)))
    assert "a déféré cet acte au tribunal administratif le 18 juin 2026" in page
    answer = secretary.post(at("cancel", sent.pk), follow=True)
    told = ("La demande d’annulation est prête", "Annulation demandée", "Lire la réponse")
    assert unsaid(text(answer), *told) == []


def test_the_prefecture_is_known_on_one_page(cast, secretary, client_of):
    change(cast.organisation, siren="", siret="20000001600010")
    page = text(secretary.get(at("prefecture")))
    assert "Il manque, de l’organisation, son département" in page
    assert "<dd>200000016</dd>" in page  # its SIRET begins by it
    files = {"file": given("080-200000016----7-2_1.xml", made.classification())}
    answer = secretary.post(at("prefecture"), files, follow=True)
    told = ("Classification du 02/01/2026 : c’est celle qui sert", "Version du 2 janvier 2026")
    assert unsaid(text(answer), *told, "7.10 Divers") == []
    old = {"file": given("a.xml", made.classification("2025-01-02"))}
    answer = secretary.post(at("prefecture"), old)
    assert answer.status_code == 422 and "est déjà là" in text(answer)
    assert Classification.objects.count() == 1

    administration = client_of(cast.administration)
    typed = {
        "siret": "20000001600010",
        "department": "80",
        "arrondissement": "2",
        "ctes_nature": "42",
        "ctes_email": "actes@brume.example.fr",
    }
    wrong = administration.post(at("identity"), typed | {"siret": "20000001600019"})
    assert "sa clé de contrôle est fausse" in text(wrong)
    administration.post(at("identity"), typed)
    cast.organisation.refresh_from_db()
    assert (cast.organisation.siret, cast.organisation.department) == ("20000001600010", "080")
    assert list(reading.unknown_to_the_prefecture(cast.organisation)) == []


def test_the_page_of_the_prefecture_sends_nobody_to_itself(cast, secretary, client_of):
    change(cast.organisation, siren="", siret="", department="")
    for client, leads in ((secretary, False), (client_of(cast.administration), True)):
        page = client.get(at("prefecture")).text
        assert "Il manque, de l’organisation" in page and "à la page" not in page
        assert (f'<a href="{at("identity")}">Compléter</a>' in page) is leads


def test_a_siret_is_read_as_people_write_it_and_gives_the_siren(cast, client_of):
    change(cast.organisation, siren="")
    identity = {"siret": "200 000 016 00010", "department": "2a", "arrondissement": "1"}
    identity |= {"ctes_nature": "42", "ctes_email": "actes@brume.example"}
    client = client_of(cast.administration)
    assert client.post(reverse("transmission:identity"), identity).status_code == 302
    cast.organisation.refresh_from_db()
    told = cast.organisation.siret, cast.organisation.siren, cast.organisation.department
    assert told == ("20000001600010", "200000016", "02A")
    typed = {"legal_form": "smo", "name": "Val de Brume", "siren": "244200770"}
    wrong = client.post(reverse("accounts:organisation"), typed)
    assert "Le SIRET commence par le SIREN" in text(wrong)


def test_pages_cost_no_more_for_more_acts(cast, sitting, secretary):
    asked = []
    for titles, on in ((("Tarif",), JUNE), ([f"Tarif {rank}" for rank in range(1, 7)], JULY)):
        meeting = made.sitting(cast, *titles, on=on, approves=False)
        for name in ("sitting", "sheets"):
            secretary.get(at(name, meeting.pk))
            with CaptureQueriesContext(connection) as queries:
                assert secretary.get(at(name, meeting.pk)).status_code == 200
            asked.append(len(queries))
    assert asked[:2] == asked[2:]


def test_what_is_no_act_any_more_is_still_taken_back(cast, sitting, secretary):
    (sent,) = made.prepared(cast, sitting("Budget primitif"))
    meeting, act = sent.document.meeting, sent.sheet.deliberation_id
    files = [given("ar.xml", made.answer(sent))]
    secretary.post(at("answers", meeting.pk), {"files": files})
    vote = meeting.events.get(kind="ballot_held")
    ledger.void(meeting, seq=vote.seq, reason="vote mal noté", by=cast.secretariat)
    page = secretary.get(at("act", act))
    assert unsaid(text(page), "Ce n’est plus un acte", "Demander l’annulation") == []
    assert secretary.get(at("sheet", act)).status_code == 404
    answer = secretary.post(at("prepare_act", act), {"unsigned": "1"})
    assert answer.status_code == 422 and "Ce n’est plus un acte" in text(answer)
    answer = secretary.post(at("cancel", sent.pk), follow=True)
    assert "La demande d’annulation est prête" in text(answer)


def test_the_bureau_is_told_that_its_act_lacks_its_articles_or_its_delegation(cast):
    act = made.sitting(cast, "Marché de fibre").deliberations.get()
    row = reading.row_of(act)
    assert reading.doubts(row) == ()  # the Comité needs no delegation
    row.deliberation.meeting.body.kind = "bureau"
    told = [each.code for each in reading.doubts(row)]
    assert told == ["sans_dispositif", "bureau_sans_delegation"]
    row.deliberation.item.text = "<p>Vu la délégation du 12 mai 2026.</p>"
    assert [each.code for each in reading.doubts(row)] == ["sans_dispositif"]


def test_an_act_that_its_signer_refuses_leaves_only_by_its_name(cast, sitting, secretary):
    """« Transmettre sans ces signatures » sent what the president had just called false."""
    held.give_accounts(cast)
    meeting = sitting("Budget primitif")
    secretary.post(at("sheets", meeting.pk), sheets_typed(meeting))
    act = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signing.prepare_signing(act, by=cast.secretariat, at=timezone.now())
    place = signatures.places(act)[0]
    signing.decline(
        act, place=place.name, reason="Le taux est faux", by=place.person.user, at=timezone.now()
    )
    answer = secretary.get(at("sitting", meeting.pk))
    assert f'href="{signatures.mended_at(act)}">Corriger' in answer.text
    page = text(answer)
    assert unsaid(page, "ne signe pas", "Le taux est faux", "malgré le refus") == []
    assert "Transmettre sans ces signatures" not in page
    asked = secretary.post(at("prepare", meeting.pk), {"unsigned": "1"})
    assert asked.status_code == 422 and "Rien n’est préparé" in text(asked)
    assert not Transmission.objects.exists()
    secretary.post(at("prepare", meeting.pk), {"declined": str(act.pk)})
    assert Transmission.objects.exists()
