"""Nobody is held to sign what is not true: she says why, the secretariat is told and answers."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from archive.desk import calls, mine, piles, stages, waiting
from archive.desk.tasks import Deed, Stage
from convening.models import Notice
from documents import actions as issuing
from documents.models import IssuedDocument
from law import french
from law.findings import Refused
from meetings.models import Meeting
from members.models import Body, Role
from registry.models import Decline, Final
from registry.signatures import actions as signatures
from registry.signatures import elsewhere, reading
from tests import held
from tests.cast import make_role
from tests.held import AT, JUNE, sign
from tests.registry.conftest import page, refused
from trail.models import Act, Entry
from transmission.operators import signing as operators

pytestmark = pytest.mark.django_db

WHY = "Le montant de la subvention est faux"


@pytest.fixture
def president(client_of, accounts, cast):
    make_role(accounts[0], cast.organisation, "delegue")
    return client_of(accounts[0])


@pytest.fixture
def declined(minutes, accounts) -> Decline:
    return signatures.decline(minutes, place="president", reason=WHY, by=accounts[0], at=AT)


def now(minutes):
    return IssuedDocument.objects.get(pk=minutes.pk)


def awaited_of(minutes):
    return {each.person for each in reading.awaited(minutes.meeting, [now(minutes)])}


def to_do(minutes):
    on = timezone.localdate(AT)
    found = waiting.tasks(Body.objects.filter(pk=minutes.meeting.body_id), on=on)
    return [task for task in found if task.meeting == minutes.meeting]


def address(name, minutes):
    return reverse(f"registry:{name}", args=[minutes.pk, "president"])


def test_who_sees_a_mistake_says_so_and_is_awaited_no_more(
    president, secretary, minutes, accounts, cast
):
    assert "Ne pas signer" in page(president, "signatures", minutes.pk)
    url = address("decline", minutes)
    refused(president.post(url, {"reason": "  "}), "Dites pourquoi")
    refused(secretary.post(url, {"reason": WHY}), "celle d’une autre personne")
    assert not Decline.objects.exists()
    assert cast.alice in awaited_of(minutes)
    president.post(url, {"reason": WHY})
    president.post(url, {"reason": "Une seconde fois"})  # pressed twice, said once
    (made,) = Decline.objects.all()
    assert (made.person, made.reason, made.declined_by) == (cast.alice, WHY, accounts[0])
    assert awaited_of(minutes) == {cast.bruno}
    assert not mine.of(accounts[0], cast.organisation, at=AT).to_sign
    assert not mine.of(accounts[1], cast.organisation, at=AT).to_sign
    assert mine.signs(cast.bruno, at=AT)  # once the refusal is answered
    hers = page(president, "signatures", minutes.pk)
    assert "Vous ne signez pas ce document" in hers and WHY in hers
    assert "Votre signature est attendue" not in hers
    assert "Rien n’attend votre signature" in president.get(reverse("registry:to_sign")).text
    detail = president.get(minutes.get_absolute_url()).text
    assert "Ne signe pas" in detail and "Lire et signer" not in detail
    assert Entry.objects.filter(act=Act.SIGNATURE, what__contains=WHY).exists()


def test_the_secretariat_is_told_and_has_it_to_do(declined, minutes, cast, secretary):
    mails = Notice.objects.filter(email=cast.secretariat.email)
    (mail,) = [each for each in mails if WHY in each.body]
    assert "ne signe pas" in mail.subject
    (task,) = [each for each in to_do(minutes) if each.asked]
    assert task.is_ours
    assert WHY in task.asked and "Alice ARNAUD ne signe pas" in task.asked
    assert task.url == reverse("registry:signatures", args=[minutes.pk])
    on = timezone.localdate(AT)
    sorted_out = piles.sort(to_do(minutes), on=on)
    # Nobody is pressed to sign what is to be corrected, she no more than who signs beside her.
    assert not sorted_out.others
    text = page(secretary, "signatures", minutes.pk)
    assert "Alice ARNAUD ne signe pas" in text and WHY in text
    assert reverse("registry:write", args=[minutes.meeting_id]) in text
    assert "On attend" not in text and "Bruno BESSON signera la version corrigée" in text
    # Her reason stands under what is to be done, not in the column of the dates; its own full stop
    # ends it.
    told = f"Alice ARNAUD ne signe pas\u00a0: {WHY}.</span>"
    assert f'<span class="task-due">{told}' in secretary.get(reverse("archive:to_do")).text
    listed = {"sittings": sorted_out.ours, "today": on, "roles": {"secretariat"}}
    assert f'</a><span class="d-block quiet">{told}' in render_to_string(
        "archive/_tasks.html", listed
    )
    sitting = secretary.get(minutes.meeting.get_absolute_url()).text
    assert "On publiera le fichier signé" not in sitting
    assert WHY in sitting and f"{WHY}.," not in sitting


def test_no_mail_is_promised_that_does_not_leave(president, secretary, minutes, accounts, settings):
    """Where no server is set, a mail stays here; who has no address gets none."""

    def pressed(client, name, **values):
        return client.post(address(name, minutes), values, follow=True).text.replace("\xa0", " ")

    by_server = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    assert "Aucun courriel ne l’en prévient" in pressed(president, "decline", reason=WHY)
    assert "Aucun courriel ne part : dites-le-lui." in page(
        secretary, "signatures", minutes.pk
    ).replace("\xa0", " ")
    asked = pressed(secretary, "ask_again")
    assert "redemandée à Alice ARNAUD. Aucun courriel ne part : dites-le-lui." in asked
    settings.EMAIL_BACKEND = by_server
    assert "Le secrétariat est prévenu de ce qui ne va pas" in pressed(
        president, "decline", reason=WHY
    )
    assert "est prévenue par courriel" in page(secretary, "signatures", minutes.pk)
    asked = pressed(secretary, "ask_again")
    assert "redemandée à Alice ARNAUD." in asked and "Aucun courriel" not in asked
    Role.objects.filter(kind=Role.Kind.SECRETARIAT).delete()
    assert "Aucun courriel ne l’en prévient" in pressed(president, "decline", reason=WHY)


def test_who_signs_beside_her_reads_what_she_finds_false(declined, client_of, minutes, accounts):
    make_role(accounts[1], minutes.meeting.organisation, "delegue")
    clerk = client_of(accounts[1])
    text = page(clerk, "signatures", minutes.pk)
    assert "Alice ARNAUD ne signe pas" in text and WHY in text
    assert "Redemander sa signature" not in text and "Reprendre ce refus" not in text
    # « Votre signature est attendue… en retard », with a button, stood above « Attend la suite du
    # refus »; her first page asked her to sign it.
    assert "Votre signature attend la suite du refus" in text
    assert "Votre signature est attendue" not in text and "btn-primary" not in text
    assert "C’était au plus tard" not in text
    told = "Signer malgré le refus d’Alice ARNAUD"
    assert told in text.replace("\u00a0", " ").replace("&nbsp;", " ")
    assert re.search(rf'data-confirm-text="[^"]*{WHY}', text)
    detail = clerk.get(minutes.get_absolute_url()).text
    assert "Lire et signer" not in detail and "Attend la suite du refus" in detail
    assert "ce qui vous attend" not in clerk.get(reverse("home")).text.lower()


def test_what_another_refused_meanwhile_is_not_signed_unawares(
    minutes, client_of, accounts, cast, client
):
    """The page of one paper, opened before she refused it, signed it after."""
    make_role(accounts[1], cast.organisation, "delegue")
    clerk = client_of(accounts[1])
    url = reverse("registry:sign", args=[minutes.pk, "secretaire-1"])
    upload = reverse("registry:upload_signed", args=[minutes.pk, "secretaire-1"])
    seen = reading.current_file(minutes)[1]
    made = signatures.decline(minutes, place="president", reason=WHY, by=accounts[0], at=AT)
    given = reading.given(now(minutes))
    for there in (url, upload):
        refused(clerk.post(there, {"seen": seen}), "Vous ne l’avez pas signé")
    assert reading.given(now(minutes)) == given
    clerk.post(url, {"seen": seen, "despite": str(made.pk)})
    assert reading.given(now(minutes)) == given + 1


def test_who_refused_is_named_though_the_ledger_names_another_since(
    declined, secretary, minutes, monkeypatch
):
    places = reading.places

    def without(*args):
        return tuple(replace(each, person=None) for each in places(*args))

    monkeypatch.setattr(reading, "places", without)
    text = page(secretary, "signatures", minutes.pk)
    assert "Alice ARNAUD ne signe pas" in text and "None" not in text


def test_the_list_and_the_page_of_her_sitting_begin_with_her_as_what_is_to_do(
    declined, minutes, cast, secretary
):
    """The list said « Corriger… », the sitting « Écrire le dispositif », and « Rédiger : en cours »
    after « Faire arrêter : fait »."""
    meeting = minutes.meeting
    held.issue_acts(meeting, by=cast.secretariat)
    for each in meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT):
        signatures.prepare_signing(each, by=cast.secretariat, at=AT)
    on = meeting.held_on + timedelta(30)
    line = stages.of(Meeting.objects.get(pk=meeting.pk), on=on)
    found = piles.sort(waiting.tasks(Body.objects.filter(pk=meeting.body_id), on=on), on=on)
    ours = [task.what for each in found.ours if each.meeting == meeting for task in each.tasks]
    assert line.next.what == french.nbsp(ours[0])
    assert found.left[meeting.pk].what == ours[0]
    # What is to be corrected waits for nobody else meanwhile.
    assert line.next.deed is Deed.ANSWER_SIGNER and line.lacking == ()
    assert "Écrire le dispositif" in " ".join(each.what for each in line.others_to_do)
    # The page of its acts does not say the day of the minutes.
    assert (
        line.wording.deed is Deed.WRITE_ARTICLES and line.wording.before == "" != line.next.before
    )
    write, adopt = (each for each in line.steps if each.stage in (Stage.WRITE, Stage.ADOPT))
    assert (write.said, adopt.said) == ("sauf le dispositif", "fait")


def test_said_again_it_is_the_same_and_another_reason_is_not_lost_in_silence(
    declined, president, minutes
):
    assert president.post(address("decline", minutes), {"reason": f" {WHY}"}).status_code == 302
    refused(president.post(address("decline", minutes), {"reason": "Autre chose"}), "autre raison")
    assert now(minutes).declines.get() == declined
    president.post(address("ask_again", minutes))
    answer = president.post(address("decline", minutes), {"reason": "\u200b\u202e"})
    assert answer.status_code == 422 and "ne montre rien" in answer.text
    told = president.post(address("ask_again", minutes), follow=True)
    assert "rien n’a changé" in told.text


def test_it_is_taken_back_then_signed(declined, president, minutes, accounts, cast):
    president.post(address("ask_again", minutes))
    assert awaited_of(minutes) == {cast.alice, cast.bruno}
    assert "Votre signature est attendue" in page(president, "signatures", minutes.pk)
    declined.refresh_from_db()
    assert declined.ended_by == accounts[0]
    assert not Notice.objects.filter(once__startswith="redemande-").exists()
    sign(minutes, "president", accounts[0])
    refused(president.post(address("decline", minutes), {"reason": WHY}), "déjà signée")


def test_she_is_asked_again_and_told_by_mail(
    declined, secretary, president, minutes, accounts, cast
):
    for _ in range(2):  # pressed twice, asked once
        secretary.post(address("ask_again", minutes))
    (mail,) = Notice.objects.filter(once__startswith="redemande-")
    assert mail.email == accounts[0].email and WHY in mail.body
    assert awaited_of(minutes) == {cast.alice, cast.bruno}
    # She may say no once more, which is another row.
    president.post(address("decline", minutes), {"reason": "Toujours faux"})
    assert now(minutes).declines.count() == 2
    # Nobody else asks her: whoever only reads, and who signs beside her.
    other = reverse("registry:ask_again", args=[minutes.pk, "secretaire-1"])
    assert president.post(other).status_code == 403


def test_signing_after_all_ends_it_and_nothing_of_it_is_written_again(
    declined, minutes, accounts, cast
):
    with pytest.raises(Final):
        declined.settle(reason="Rien")
    sign(minutes, "president", accounts[0])
    declined.refresh_from_db()
    assert declined.ended_at is not None
    assert reading.places(minutes)[0].decline is None


def test_what_she_signed_on_paper_since_is_confirmed_and_no_more_answered(
    declined, minutes, secretary, accounts, cast
):
    """The desk asked to correct what she had signed, and nobody to look at her sheet."""
    scan = ContentFile(b"%PDF-1.4", "feuille.pdf")
    handed = signatures.deposit_handwritten(
        minutes, place="president", scan=scan, by=cast.secretariat, at=AT
    )
    declined.refresh_from_db()
    assert declined.ended_by == cast.secretariat
    said = [task.what for task in to_do(minutes)]
    assert "Confirmer la signature déposée d’Alice ARNAUD" in said
    assert not [each for each in said if each.startswith("Corriger")]
    text = page(secretary, "signatures", minutes.pk)
    assert "Déposée le" in text and "ne signe pas" not in text.lower()
    # What one handed in is confirmed whatever the other finds false.
    signatures.decline(minutes, place="secretaire-1", reason=WHY, by=accounts[1], at=AT)
    assert {"Confirmer la signature déposée d’Alice ARNAUD"} < {t.what for t in to_do(minutes)}
    # Set aside, it is hers again to sign, or not.
    signatures.set_aside(handed, reason="Illisible", by=cast.administration, at=AT)
    assert cast.alice in awaited_of(minutes)


def test_a_refusal_is_answered_whatever_else_is_to_be_prepared(cast, hold, accounts):
    """A corrected version of one refused extract hid that the other was refused."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat)
    first, second = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT).order_by("pk")
    signatures.prepare_signing(first, by=cast.secretariat, at=AT)
    signatures.decline(first, place="president", reason=WHY, by=accounts[0], at=AT)
    deeds = [task.deed for task in to_do(first) if task.stage is Stage.SIGN]
    assert deeds == [Deed.ANSWER_SIGNER, Deed.HAVE_SIGNED]
    signatures.prepare_signing(second, by=cast.secretariat, at=AT)
    found = [task for task in to_do(first) if task.stage is Stage.SIGN]
    assert [task.deed for task in found] == [Deed.ANSWER_SIGNER, Deed.SIGN, Deed.SIGN]


def test_a_corrected_version_waits_for_her_again(declined, minutes, cast, secretary):
    held.write(cast, minutes.meeting)
    issuing.issue_minutes(minutes.meeting, by=cast.secretariat, at=AT, reason="Le montant.")
    assert not [each for each in to_do(minutes) if each.asked]
    assert "Alice ARNAUD ne signe pas" not in page(secretary, "signatures", minutes.pk)


def test_what_is_declined_goes_to_no_parapheur_and_nothing_is_declined_there(
    declined, minutes, accounts, cast
):
    with pytest.raises(Refused, match="ne signe pas"):
        elsewhere.send(minutes, service="i-Parapheur", by=cast.secretariat, at=AT)
    signatures.end_decline(declined, by=accounts[0], at=AT)
    elsewhere.send(minutes, service="i-Parapheur", by=cast.secretariat, at=AT)
    with pytest.raises(Refused, match="confié au parapheur"):
        signatures.decline(minutes, place="president", reason=WHY, by=accounts[0], at=AT)


def test_who_signs_beside_her_is_not_mailed_nor_led_to_the_parapheur_meanwhile(
    declined, minutes, accounts
):
    later = AT + timedelta(days=1)
    assert calls.run_due(later) == 0 and operators.sendable(minutes.meeting) == []
    signatures.end_decline(declined, by=accounts[0], at=AT)
    assert calls.run_due(later) == 2 and operators.sendable(minutes.meeting) == [minutes]


def test_who_signs_beside_her_reads_the_refusal_before_signing(cast, hold, accounts, client_of):
    """« Alice ARNAUD signe aussi » was said of what she refused, ticked and ready."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat)
    first, second = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT).order_by("pk")
    for each in (first, second):
        signatures.prepare_signing(each, by=cast.secretariat, at=AT)
    make_role(accounts[1], cast.organisation, "delegue")
    clerk, url = client_of(accounts[1]), reverse("registry:to_sign")
    digest = {each.document: each.digest for each in reading.to_sign(meeting, accounts[1])}
    stale = {f"seen-{each.pk}": seen for each, seen in digest.items()}
    signatures.decline(first, place="president", reason=WHY, by=accounts[0], at=AT)
    shown = clerk.get(url).text
    assert shown.count("Alice ARNAUD signe aussi") == 1  # of the other
    assert "Alice ARNAUD ne signe pas" in shown and WHY in shown
    assert "1 document prêt, 1 document refusé" in shown and "Attend la suite du refus" in shown
    box = f'name="seen-{first.pk}"'
    assert not re.search(box, shown) and re.search(rf'name="seen-{second.pk}"[^>]*checked', shown)
    # Ticked on a page that did not say it yet, it is not signed unawares.
    answer = clerk.post(url, stale)
    assert answer.status_code == 422 and "Alice ARNAUD ne signe pas" in answer.text
    assert [reading.given(now(each)) for each in (first, second)] == [0, 1]
    # The only one left waits, named: nothing there signs it.
    alone = clerk.get(url).text
    assert "Attend la suite du refus" in alone and first.own_heading in alone.replace("&#x27;", "'")
    assert "btn-primary" not in alone and f"seen-{first.pk}" not in alone


def test_what_a_signer_refuses_goes_online_only_by_its_name(declined, minutes, secretary):
    """« Publier sans ces signatures » was offered of minutes whose president calls them false."""
    of_sitting = reverse("archive:publish_sitting", args=[minutes.meeting_id])
    shown = secretary.get(of_sitting).text
    assert "Alice ARNAUD ne signe pas le procès-verbal" in shown and WHY in shown
    assert "la signature d’Alice" not in shown and "Publier le procès-verbal" not in shown
    mended_at = reverse("registry:write", args=[minutes.meeting_id])
    assert f'href="{mended_at}">Corriger' in shown
    assert "Rien n’attend" not in shown
    itself = reverse("archive:publication", args=[minutes.pk])
    shown = secretary.get(itself).text
    assert "Alice ARNAUD ne signe pas ce document" in shown and WHY in shown
    assert "sans ces signatures" not in shown and "la signature d’Alice" not in shown
    assert "malgré le refus d’Alice" in shown.replace("\u00a0", " ")
    assert f'href="{mended_at}">Corriger' in shown
    refused(secretary.post(itself, {"unsigned": "1"}), "Rien n’est publié")
    assert not minutes.publications.exists()
    secretary.post(itself, {"declined": str(minutes.pk)})
    assert minutes.publications.exists()


def test_a_refused_act_stays_out_of_what_a_sitting_puts_online_at_once(
    cast, hold, accounts, secretary
):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat)
    first, second = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT).order_by("pk")
    signatures.prepare_signing(first, by=cast.secretariat, at=AT)
    signatures.decline(first, place="president", reason=WHY, by=accounts[0], at=AT)
    url = reverse("archive:publish_sitting", args=[meeting.pk])
    shown = secretary.get(url).text
    assert "Alice ARNAUD ne signe pas 1" in shown and "Publier la liste et 1 extrait" in shown
    secretary.post(url, {"unsigned": "1"})
    assert second.publications.exists() and not first.publications.exists()


def test_each_refused_paper_is_mended_from_the_page_that_puts_its_sitting_online(
    cast, hold, accounts, secretary
):
    """« Corriger » led to the first alone; of deliberations without articles only those that
    nobody refused were told."""
    meeting = hold(JUNE, adopted=("Budget", "Tarifs", "Emprunt"))
    held.issue_acts(meeting, by=cast.secretariat)
    extracts = [*meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT).order_by("pk")]
    for each in extracts:
        signatures.prepare_signing(each, by=cast.secretariat, at=AT)
    for each in extracts[:2]:
        signatures.decline(each, place="president", reason=WHY, by=accounts[0], at=AT)
    shown = secretary.get(reverse("archive:publish_sitting", args=[meeting.pk])).text
    for each in extracts[:2]:
        assert f'href="{reading.mended_at(each)}">Corriger' in shown
        assert f'href="{reverse("registry:signatures", args=[each.pk])}">Redemander' in shown
    assert "3 délibérations sans dispositif" in shown.replace("\u00a0", " ")


def test_who_signs_asks_for_what_is_not_handed_to_her_once(cast, hold, accounts, president):
    """« Pas encore remise à signer par le secrétariat »: she could do nothing of it."""
    meeting = hold(JUNE, adopted=("Budget",))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat)
    act = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    url = reverse("registry:ask_to_hand", args=[act.pk])
    assert f'action="{url}"' in page(president, "signatures", act.pk)
    assert "Le demander" in president.get(act.get_absolute_url()).text
    for _ in range(2):
        president.post(url)
    mail = Notice.objects.get(once__startswith="a-remettre-")
    assert mail.email == cast.secretariat.email and "Budget" in mail.body
    told = page(president, "signatures", act.pk)
    assert f"Demandé par {accounts[0]} le" in told and url not in told
    signatures.prepare_signing(act, by=cast.secretariat, at=AT)
    assert "Votre signature est attendue" in page(president, "signatures", act.pk)


def test_minutes_that_are_not_adopted_are_asked_of_nobody(cast, hold, president):
    minutes = issuing.issue_minutes(hold(JUNE, adopted=("Budget",)), by=cast.secretariat, at=AT)
    url = reverse("registry:ask_to_hand", args=[minutes.pk])
    assert url not in page(president, "signatures", minutes.pk)
    president.post(url)
    assert not Notice.objects.exists()


def test_nobody_asks_for_what_is_not_hers_to_sign(cast, hold, accounts, client_of):
    meeting = hold(JUNE, adopted=("Budget",))
    held.word(meeting)
    held.issue_acts(meeting, by=cast.secretariat)
    act = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    client_of(cast.delegate).post(reverse("registry:ask_to_hand", args=[act.pk]))
    assert not Notice.objects.exists()


def test_what_is_refused_is_neither_asked_to_be_put_online_nor_said_to_wait(
    declined, minutes, secretary
):
    """« Publier le procès-verbal » stood under its own refusal, and « Corriger » led to a page that
    did not say why."""
    meeting, on = minutes.meeting, timezone.localdate(AT)
    shown = [task.deed for each in piles.sort(to_do(minutes), on=on).ours for task in each.tasks]
    assert Deed.ANSWER_SIGNER in shown and Deed.PUBLISH not in shown
    assert Deed.PUBLISH in [task.deed for task in to_do(minutes)]  # so that its stage is not done
    assert WHY in page(secretary, "write", meeting.pk)
    of_signatures = page(secretary, "signatures", minutes.pk)
    assert "une séance l’arrête, puis elle se signe" in of_signatures
    assert "Attend la suite du refus" in of_signatures and ">refusé<" in of_signatures
    online = secretary.get(reverse("archive:publish_sitting", args=[meeting.pk])).text
    assert "refusé</span>" in online


def test_a_refused_act_is_to_be_answered_though_no_article_says_what_it_decides(
    cast, hold, accounts, secretary
):
    """It was told to the president that the secretariat read it in « À faire », where it was not;
    its sitting said that it waited for two signatures, and the transmission nothing."""
    meeting = hold(JUNE, adopted=("Budget",))
    held.issue_acts(meeting, by=cast.secretariat)
    act = meeting.documents.get(kind=IssuedDocument.Kind.EXTRACT)
    signatures.prepare_signing(act, by=cast.secretariat, at=AT)
    signatures.decline(act, place="president", reason=WHY, by=accounts[0], at=AT)
    deeds = {task.deed: task.asked for task in to_do(act) if task.is_ours}
    assert Deed.WRITE_ARTICLES in deeds and WHY in deeds[Deed.ANSWER_SIGNER]
    acts = page(secretary, "acts", meeting.pk)
    assert "Alice ARNAUD ne signe pas" in acts and "Attend 2 signatures" not in acts
    line = stages.of(Meeting.objects.get(pk=meeting.pk), on=timezone.localdate(AT))
    (sign,) = (each for each in line.steps if each.stage is Stage.SIGN)
    assert "à demander" not in sign.said
    there = reverse("transmission:sitting", args=[meeting.pk])
    sent = secretary.get(there).text
    assert "1 acte à corriger avant de transmettre" in sent and WHY in sent
    brief = reverse("meetings:brief", args=[meeting.pk, act.subject])
    assert WHY in secretary.get(brief).text
