"""A passage that somebody masks is read by nobody else: not in a title, a visa, an article, the
list, minutes, an election, the data of a file, an address, a feed, a proof; and the original, which
was signed, has it still."""

from base64 import b64decode
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from archive import actions as publishing
from archive import annexes, legible
from archive.desk import waiting
from archive.keeping import integrity, proofs, verification
from archive.models import AnnexChoice, Given, Publication
from archive.online import lingering, preview, publications
from documents import compile
from documents.models import IssuedDocument
from law import ballots, elections, french, sitting
from meetings.actions import joining, ledger, masking, texts
from meetings.models import Attachment, Brief, Meeting, Passage
from members import cells
from registry.acts import reading as acts
from tests import held
from tests.archive.test_publications import LATER, said_by, withdraw
from tests.held import AT, content_of, prepare
from tests.words import refused, text, unsaid
from trail.models import Entry

pytestmark = pytest.mark.django_db

NAME = "Martinet"  # of nobody who sits there
TITLE = f"Protection fonctionnelle de Mme {NAME}"
KINDS = IssuedDocument.Kind


def draft(item, **parts: str) -> None:
    """What is sent of an item, as it stands at last."""
    parts = dict.fromkeys(("note", "visas", "recitals", "articles"), "") | parts
    Brief.objects.update_or_create(item=item, defaults=parts)


@pytest.fixture
def named(cast, hold) -> Meeting:
    """A sitting that names somebody wherever one can, its list, extract and minutes issued."""
    meeting = hold(date(2026, 9, 8), adopted=(TITLE,), approves=False)
    item = meeting.items.get(title=TITLE)
    draft(
        item,
        note=f"<p>Mme {NAME.upper()} a demandé la protection.</p>",
        visas=f"la demande de Mme {NAME}",
        recitals=f"que Mme\u00a0{NAME} est agent",
        articles=f"Accorde à Mme {NAME} la protection.\nCharge la présidente d’en aviser {NAME}.",
    )
    texts.save_text(
        item,
        text=f"<p>Mme <strong>{NAME[:3]}</strong>{NAME[3:]} a été entendue.</p>",
        version=item.text_version,
        by=cast.secretariat,
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    return Meeting.objects.get(pk=meeting.pk)


def mask(meeting, cast, text=f"Mme {NAME}", **more):
    return masking.decide(meeting, text, is_masked=True, by=cast.secretariat, at=AT, **more)


def publish_acts(meeting, cast):
    return publishing.publish_acts(meeting, by=cast.secretariat, at=LATER)


def public_pages(client, meeting) -> str:
    """Every word that somebody without an account reads of these acts."""
    told = []
    for each in Publication.objects.online():
        pages = ("public_document", "public_file", "code")
        for page in pages:
            answer = client.get(reverse(f"archive:{page}", args=[each.code]), follow=True)
            if answer["Content-Type"] == "application/pdf":
                told.append(said_by(answer.content) + answer["Content-Disposition"])
            else:
                told.append(answer.text + answer.request["PATH_INFO"])
        told.append(str(proofs.of_publication(each).facts))
        proof = Given(kind=Given.Kind.PUBLIC_PROOF, meeting=meeting, document=each.document)
        told.append(str(proof))  # the page of verification calls it so
        verdict = verification.judge(content_of(each.file))
        told += [verdict.title, *verdict.sentences, each.file.name, each.stems]
    slug = meeting.organisation.slug
    for page in ("public_organisation", "public_feed"):
        told.append(client.get(reverse(f"archive:{page}", args=[slug])).text)
    return " ".join(told)


def test_a_masked_name_is_nowhere_in_public_and_the_original_keeps_it(named, cast, client):
    originals = {each.pk: content_of(each.pdf) for each in named.documents.all()}
    assert all(NAME in said_by(content) for content in originals.values())
    mask(named, cast)
    mask(named, cast, NAME)  # the last article says it without « Mme »
    made = publish_acts(named, cast)
    assert len(made) == 2 and all(each.is_redacted for each in made)
    told = public_pages(client, named)
    assert NAME.casefold() not in told.casefold()
    assert unsaid(told, "Protection fonctionnelle de […]", "Accorde à […] la protection") == []
    # Those who read no PDF read what it says.
    act = next(each for each in made if each.document.kind == KINDS.EXTRACT)
    page = client.get(act.get_absolute_url()).text
    assert unsaid(page, "Texte de la délibération", "Accorde à […] la protection") == []
    for document in named.documents.all():
        assert content_of(document.pdf) == originals[document.pk]


def test_unmasked_it_is_in_public(named, cast, client):
    publish_acts(named, cast)
    assert public_pages(client, named).count(NAME) > 10


def test_masked_in_one_item_it_stays_in_the_others(named, cast):
    item = named.items.get(title=TITLE)
    mask(named, cast, NAME, item=item)
    other = named.items.exclude(pk=item.pk).first()
    assert preview.of(named).masked[0].item == item
    extract = named.documents.get(kind=KINDS.EXTRACT)
    assert NAME not in repr(preview.of(named, [extract]).of(extract))
    assert other is None or NAME not in other.title


FULL = "Mme Claire Lecœur"


@pytest.fixture
def of_item(cast, hold) -> Meeting:
    """A sitting of two items, the first of which is about somebody."""
    meeting = hold(date(2026, 9, 8), adopted=("Secours", "Tarifs"), approves=False)
    draft(meeting.items.get(title="Secours"), articles=f"Accorde un secours à {FULL}.")
    return Meeting.objects.get(pk=meeting.pk)


def again(cast, meeting, **more):
    meeting = Meeting.objects.get(pk=meeting.pk)
    held.issue_acts(meeting, by=cast.secretariat, at=AT, **more)
    return Meeting.objects.get(pk=meeting.pk)


def test_what_is_masked_in_an_item_is_in_no_reason_of_a_version(of_item, cast, client):
    meeting = again(cast, of_item)
    mask(meeting, cast, "Lecoeur", item=meeting.items.get(title="Secours"))
    item = meeting.items.get(title="Secours")
    texts.save_text(item, text="<p>Rien.</p>", version=item.text_version, by=cast.secretariat)
    draft(item, articles=f"Refuse un secours à {FULL}.")
    meeting = again(cast, meeting, reason="Le nom de Mme Claire Lecœur est corrigé")
    publish_acts(meeting, cast)
    told = public_pages(client, meeting)
    assert unsaid(told, "Le nom de Mme Claire […] est corrigé") == []
    assert "lecœur" not in told.casefold() and "lecoeur" not in told.casefold()


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u2060"])
def test_a_mark_that_nobody_sees_hides_no_name_from_the_mask(of_item, cast, sign):
    item = of_item.items.get(title="Secours")
    of_item.items.filter(pk=item.pk).update(title=f"Secours à Mme Cl{sign}aire Le{sign}cœur")
    mask(of_item, cast, FULL, item=item)
    for made in (
        compile.compile_minutes(of_item, is_public=True),
        *compile.compile_extracts(of_item, numbers=acts.numbers_of(of_item), is_public=True),
    ):
        assert "Lecœur" not in repr(made)


@pytest.mark.parametrize("what", ["suspension", "numéro imposé"])
def test_what_is_told_while_an_item_is_discussed_is_masked_as_it_is(cast, what):
    meeting = prepare(cast, "Secours", held_on=date(2026, 10, 6))
    item = meeting.items.get(title="Secours")
    if what == "numéro imposé":
        meeting.items.filter(pk=item.pk).update(label="Lecœur")
    held.sit(meeting, by=cast.secretariat, hours=None)
    ledger.record(
        meeting,
        sitting.ItemOpened(item=item.key),
        sitting.Suspended(reason="malaise de Mme Lecœur"),
        sitting.Resumed(),
        by=cast.secretariat,
    )
    mask(meeting, cast, "Lecœur", item=item)
    meeting = Meeting.objects.get(pk=meeting.pk)
    shown = {
        is_public: repr(compile.compile_minutes(meeting, is_public=is_public))
        for is_public in (False, True)
    }
    assert "Lecœur" in shown[False] and "Lecœur" not in shown[True]


@pytest.mark.parametrize(
    ("passage", "written", "codes"),
    [
        pytest.param(
            FULL, "Sur rapport de Claire LECOEUR", ["passage_encore_lisible"], id="sans civilité"
        ),
        pytest.param(
            "Claire Lecœur", f"Sur rapport de {FULL}", ["passage_encore_lisible"], id="le nom"
        ),
        pytest.param("Lecœur", f"Sur rapport de {FULL}", (), id="un seul mot"),
        pytest.param("un secours", "Pour un secours", (), id="pas un nom"),
    ],
)
def test_a_name_masked_in_one_item_and_told_in_another_is_asked(
    of_item, cast, passage, written, codes
):
    draft(of_item.items.get(title="Tarifs"), articles=f"{written}.")
    meeting = again(cast, of_item)
    mask(meeting, cast, passage, item=meeting.items.get(title="Secours"))
    if codes:
        with refused(*codes):
            publish_acts(meeting, cast)
        assert any("Claire" in each.text for each in preview.of(meeting).undecided)
        masking.decide(meeting, passage, is_masked=False, by=cast.secretariat, at=AT)
    publish_acts(meeting, cast)
    assert Publication.objects.exists()


def test_an_election_and_a_vote_tell_no_masked_name(cast, hold):
    meeting = prepare(cast, "Désignation", held_on=date(2026, 10, 6))
    item = meeting.items.get(title="Désignation")
    held.sit(meeting, by=cast.secretariat, hours=None)
    election = elections.Election(
        item=item.key,
        key="e",
        title="représentant",
        candidates=(elections.Candidate(key=NAME.lower(), name=f"Jo {NAME}"),),
        rounds=(elections.Round(votes={NAME.lower(): 5, f"Léa {NAME}": 1}),),
        stated=f"Jo {NAME} est élu",
    )
    ledger.record(
        meeting,
        sitting.ElectionHeld(election=election),
        sitting.BallotHeld(ballot=ballots.Ballot(item=item.key, question=f"Amendement {NAME}")),
        by=cast.secretariat,
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    whole = repr(compile.compile_minutes(meeting))
    assert whole.count(NAME) > 2
    mask(meeting, cast, NAME)
    public = repr(compile.compile_minutes(meeting, is_public=True))
    assert NAME.casefold() not in public.casefold().replace(f"'{NAME.lower()}'", "")


def test_why_a_version_was_made_is_masked_too(named, cast, client):
    mask(named, cast, NAME)
    item = named.items.get(title=TITLE)
    texts.save_text(item, text="<p>Rien.</p>", version=item.text_version, by=cast.secretariat)
    meeting = Meeting.objects.get(pk=named.pk)
    draft(item, articles=f"Refuse à Mme {NAME}.")
    held.issue_acts(meeting, by=cast.secretariat, at=AT, reason=f"erreur sur {NAME}")
    publish_acts(Meeting.objects.get(pk=named.pk), cast)
    told = public_pages(client, named)
    assert NAME.casefold() not in told.casefold()
    assert unsaid(told, "erreur sur […]") == []


def test_a_certificate_names_nobody_either(named, cast):
    mask(named, cast, NAME)
    extract = named.documents.get(kind=KINDS.EXTRACT)
    posted = publishing.post(
        extract, manner="urgence", on=AT.date(), who="Anne Roux", by=cast.secretariat, at=LATER
    )
    made = publishing.certify_posting(posted, by=cast.secretariat, at=LATER)
    assert NAME not in said_by(content_of(made.file))
    assert NAME not in " ".join(verification.judge(content_of(made.file)).sentences)


# --- Deciding ------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing_and_one_may_change_ones_mind(named, cast):
    row = mask(named, cast)
    assert mask(named, cast, f"MME {NAME}") == row
    row = masking.decide(named, f"Mme {NAME}", is_masked=False, by=cast.secretariat, at=AT)
    assert Passage.objects.get() == row and not row.is_masked
    told = [entry.what for entry in Entry.objects.filter(what__startswith="passage")]
    assert len(told) == 2 and not any(NAME in what for what in told)


@pytest.mark.parametrize(("text", "code"), [
    ("", "passage_trop_court"),
    ("a.", "passage_trop_court"),
    ("x " * 160, "passage_trop_long"),
    ("Arnaud", "nom_d_elu"),
])  # fmt: skip
def test_what_cannot_be_masked_is_refused(named, cast, text, code):
    with refused(code):
        mask(named, cast, text)
    assert not Passage.objects.exists()


def test_a_name_of_who_sits_is_masked_in_one_item_alone(named, cast):
    item = named.items.get(title=TITLE)
    mask(named, cast, "Arnaud", item=item)
    extract = named.documents.get(kind=KINDS.EXTRACT)
    assert "ARNAUD" in repr(preview.of(named, [extract]).of(extract))  # she presided, and signs


def test_words_of_the_house_that_are_masked_are_told_before_anything_goes_online(named, cast):
    mask(named, cast, "Comité syndical")
    with refused("passage_encore_lisible"):
        publish_acts(named, cast)
    assert not Publication.objects.exists()


def test_masking_what_is_online_changes_nothing_until_it_is_put_there_again(named, cast, client):
    made = publish_acts(named, cast)
    mask(named, cast, NAME)
    assert NAME in public_pages(client, named)
    for each in made:
        withdraw(each, cast)
        publishing.publish(each.document, by=cast.secretariat, at=LATER)
    shown = " ".join(each.title for each in publications.online())
    assert NAME not in shown


SINCE = LATER + timedelta(days=1)


def mask_since(meeting, cast, text=NAME, **more):
    """Once it was online."""
    return masking.decide(meeting, text, is_masked=True, by=cast.secretariat, at=SINCE, **more)


def replace(meeting, cast, *, knows=True):
    at = SINCE + timedelta(hours=1)
    return publishing.replace_masked(meeting, by=cast.secretariat, at=at, knows_the_cost=knows)


def test_what_is_online_with_words_masked_since_is_told_and_replaced_at_once(
    named, cast, client, client_of
):
    made = publish_acts(named, cast)
    secretary = client_of(cast.secretariat)
    task = "Remplacer 2 documents en ligne, où se lisent des mots masqués"
    assert lingering.of(named) == []
    mask_since(named, cast)
    assert lingering.of(named) == list(made)
    read = secretary.get(page_of(named)).text
    told = "2 documents en ligne disent encore des mots masqués"
    assert unsaid(read, told, "Décidé, mais encore en ligne") == []
    assert "Plus rien à décider" not in read
    assert told in secretary.get(page_of(named, "publish_sitting")).text
    assert task in [each.what for each in waiting.tasks_of(named, on=SINCE.date())]
    with refused("retrait_avant_terme"):
        replace(named, cast, knows=False)
    assert lingering.of(named) == list(made)
    url = reverse("archive:replace_masked", args=[named.pk])
    answer = secretary.post(url, {"knows": "1"}, follow=True)
    assert unsaid(answer.text, "2 documents retirés, 2 remis en ligne", "Plus rien à décider") == []
    assert NAME.casefold() not in public_pages(client, named).casefold()
    assert lingering.of(named) == [] and task not in str(waiting.tasks_of(named, on=SINCE.date()))


def test_an_earlier_version_that_stays_online_is_taken_off_too(of_item, cast, client, client_of):
    """A later one beside it, masked, leaves it at its address."""
    meeting = again(cast, of_item)
    first = publish_acts(meeting, cast)
    item = meeting.items.get(title="Secours")
    texts.save_text(item, text="<p>Rien.</p>", version=item.text_version, by=cast.secretariat)
    draft(item, articles=f"Refuse un secours à {FULL}.")
    meeting = again(cast, meeting, reason="Une erreur est corrigée")
    mask_since(meeting, cast, FULL, item=meeting.items.get(title="Secours"))
    extract = meeting.documents.get(subject=meeting.items.get(title="Secours").key, version=2)
    publishing.publish(extract, by=cast.secretariat, at=SINCE + timedelta(minutes=1))
    named_there = [each for each in first if "Lecœur" in said_by(content_of(each.file))]
    assert named_there and lingering.of(meeting) == named_there
    page = client_of(cast.secretariat).get(page_of(extract, "publication")).text
    assert unsaid(page, "encore des mots masqués", "version 1, remplacée") == []
    gone, made = replace(meeting, cast)
    assert gone == named_there and made == []
    assert "lecœur" not in public_pages(client, meeting).casefold()


def test_where_two_are_asked_for_what_is_taken_off_waits_for_the_second(named, cast, monkeypatch):
    publish_acts(named, cast)
    mask_since(named, cast)
    monkeypatch.setattr(publishing.second, "is_wanted", lambda meeting: True)
    gone, made = replace(named, cast)
    assert len(gone) == 2 and made == [] and not Publication.objects.online().exists()


# --- The page ------------------------------------------------------------------------------------


def page_of(meeting, name="public_reading"):
    return reverse(f"archive:{name}", args=[meeting.pk])


def test_words_that_no_base_keeps_are_decided_as_they_are_read(named, cast, client_of):
    """A zero byte: on PostgreSQL, the page fell."""
    sent = {"text": ["\0", "Mme\0 Martin"], "kind": ["nom", "nom"], "decision": "laisser"}
    answer = client_of(cast.secretariat).post(page_of(named, "decide_passages"), sent)
    assert answer.status_code == 302
    assert [row.text for row in named.passages.all()] == ["Mme Martin"]


def test_the_page_proposes_and_one_click_decides(named, cast, client_of):
    client = client_of(cast.secretariat)
    page = client.get(page_of(named))
    assert unsaid(page.text, "1 passage à décider", NAME, "nom d’une personne") == []
    sent = {"text": NAME, "kind": "nom", "decision": "masquer"}
    assert client.post(page_of(named, "decide_passages"), sent).status_code == 302
    page = client.get(page_of(named))
    assert unsaid(page.text, "Plus rien à décider", "Masqués", "Le document entier") == []
    row = Passage.objects.get()
    assert (row.text, row.kind, row.is_masked) == (NAME, "nom", True)
    client.post(page_of(named, "decide_passages"), {"passage": row.pk, "decision": "laisser"})
    row.refresh_from_db()
    assert not row.is_masked
    assert unsaid(client.get(page_of(named)).text, "Plus rien à décider", "1 passage laissé") == []


@pytest.mark.parametrize(("text", "point", "told"), [
    ("Zébulon Inexistant", "", "0 passage trouvé"),
    (f"{NAME}e", "", "0 passage trouvé"),
    (NAME, "Budget", "0 passage trouvé"),
    (f"MME {NAME}", "", "3 passages dans 2 documents"),
    (NAME, TITLE, "4 passages dans 2 documents"),
])  # fmt: skip
def test_masking_says_what_it_found_and_refuses_what_is_nowhere(
    cast, hold, client_of, text, point, told
):
    """A name typed amiss would be published, and who masked it would believe the contrary."""
    meeting = hold(date(2026, 9, 8), adopted=(TITLE, "Budget"), approves=False)
    draft(meeting.items.get(title=TITLE), articles=f"Aide Mme {NAME}.\nEn avise {NAME}.")
    held.issue_acts(Meeting.objects.get(pk=meeting.pk), by=cast.secretariat, at=AT)
    item = meeting.items.get(title=point).key if point else ""
    sent = {"text": text, "item": item}
    answer = client_of(cast.secretariat).post(page_of(meeting, "mask"), sent, follow=True)
    assert unsaid(answer.text, told) == []
    assert ("masquez-les dans toute la séance" in answer.text) is (point == "Budget")
    assert Passage.objects.exists() is (not told.startswith("0"))
    assert answer.status_code == (422 if told.startswith("0") else 200)


def test_what_is_masked_already_is_not_told_as_done_again(named, cast, client_of):
    mask(named, cast, NAME)
    answer = client_of(cast.secretariat).post(page_of(named, "mask"), {"text": NAME})
    assert answer.status_code == 422 and "0 passage trouvé" in answer.text.replace("\u00a0", " ")
    assert Passage.objects.get().is_masked


def test_what_nobody_decided_is_asked_before_it_goes_online(named, cast, client_of):
    client = client_of(cast.secretariat)
    url = reverse("archive:publish_sitting", args=[named.pk])
    assert "1 passage paraît personnel" in client.get(url).text
    answer = client.post(url, {"unsigned": "1"})
    assert answer.status_code == 422 and "rien n’est publié" in answer.text
    assert not Publication.objects.exists()
    assert client.post(url, {"unsigned": "1", "unread": "1"}).status_code == 302
    assert Publication.objects.count() == 2


def test_what_is_masked_in_one_sitting_is_asked_in_the_next_that_says_it(
    named, cast, hold, client_of
):
    """The minutes that give account of a decision say its object again, name and all."""
    mask(named, cast)
    again = hold(date(2026, 10, 13), adopted=(TITLE,), approves=False)
    held.issue_acts(again, by=cast.secretariat, at=AT)
    (asked,) = (each for each in preview.of(again).undecided if each.elsewhere)
    assert (asked.text, asked.elsewhere) == (f"Mme {NAME}", str(named))
    client, url = client_of(cast.secretariat), reverse("archive:publish_sitting", args=[again.pk])
    answer = client.post(url, {"unread": "1", "unsigned": "1"})
    assert answer.status_code == 422 and "déjà masqué ailleurs" in text(answer)
    page = text(client.get(reverse("archive:public_reading", args=[again.pk])))
    assert f"Déjà masqué ailleurs : {named}" in page
    mask(again, cast)
    assert not any(each.elsewhere for each in preview.of(again).undecided)


@pytest.mark.parametrize("sent", [
    {"decision": "autre", "text": "x"}, {}, {"passage": "x", "decision": "masquer"},
    {"passage": "9" * 30, "decision": "masquer"}, {"text": "a" * 400, "decision": "masquer"},
    {"text": "a", "kind": "nom", "decision": "masquer"},
    {"text": "Mme X", "kind": "autre", "decision": "masquer", "document": "x"},
])  # fmt: skip
def test_what_makes_no_sense_is_never_an_error(named, cast, client_of, sent):
    client = client_of(cast.secretariat)
    answer = client.post(page_of(named, "decide_passages"), sent)
    assert answer.status_code in (302, 404)


def test_the_page_of_publication_counts_the_masks_and_says_that_a_copy_goes_online(
    named, cast, client_of
):
    client = client_of(cast.secretariat)
    url = reverse("archive:publish_sitting", args=[named.pk])
    extract = named.documents.get(kind=KINDS.EXTRACT)
    of_one = reverse("archive:publication", args=[extract.pk])
    copies = "2 paraîtront masqués : des copies, sans les signatures"
    assert copies not in text(client.get(url))
    mask(named, cast, NAME)
    page = text(client.get(url))
    wanted = ("1 passage de la séance est masqué", "ce que le public lira", "paraîtra masqué")
    assert unsaid(page, *wanted, copies) == []
    page = text(client.get(of_one))
    assert unsaid(page, "une copie où des passages sont masqués", "l’original</a>, gardé") == []
    assert "avec ses signatures" not in page
    publish_acts(named, cast)
    assert "masquée : une copie" in text(client.get(url))
    assert "une copie où des passages sont masqués" in text(client.get(of_one))


def test_a_masked_copy_is_told_of_the_day_it_was_made(named, cast):
    """It was not issued when its original was."""
    mask(named, cast, NAME)
    for each in publish_acts(named, cast):
        said = verification.judge(content_of(each.file)).sentences
        made_on = french.long_date(timezone.localdate(each.published_at)).replace("\u00a0", " ")
        wanted = f"la copie mise en ligne le {made_on} d’un document établi par"
        assert wanted in said[0].replace("\u00a0", " ")


def test_a_first_visit_does_not_say_that_all_was_decided(hold, cast, client_of):
    meeting = hold(date(2026, 9, 8), adopted=("Budget",), approves=False)
    held.issue_acts(meeting, by=cast.secretariat, at=AT)
    page = client_of(cast.secretariat).get(page_of(meeting)).text
    assert unsaid(page, "Aucun passage ne paraît personnel", "Masquer des mots") == []
    assert "Plus rien" not in page and "autres mots" not in page


# --- Annexes -------------------------------------------------------------------------------------

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OTHER_PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@pytest.fixture
def joined(named, cast) -> Attachment:
    """A file joined to the act, called after whom it is about."""
    item = named.items.get(title=TITLE)
    file = ContentFile(PNG, f"{NAME}.png")
    return joining.add_attachment(
        item, file=file, filename=file.name, title=f"Arrêt de {NAME}", by=cast.secretariat
    )[0]


def choose(attachment, cast, *, is_public=True, file=None):
    return annexes.choose(attachment, is_public=is_public, file=file, by=cast.secretariat, at=AT)


def online_extract(named, cast) -> Publication:
    extract = named.documents.get(kind=KINDS.EXTRACT)
    return publishing.publish(extract, by=cast.secretariat, at=LATER)


def test_an_annex_that_nobody_chose_is_not_online_until_somebody_adds_it(
    named, cast, joined, client_of, client
):
    """Publishing without it says so first; chosen since, it is added and the act stays."""
    extract, office = named.documents.get(kind=KINDS.EXTRACT), client_of(cast.secretariat)
    page = reverse("archive:publication", args=[extract.pk])
    assert "personne n’a dit si elle se publie" in office.get(page).text
    publication = online_extract(named, cast)
    assert not publication.annexes.exists()
    url = reverse("archive:choose_annex", args=[joined.pk])
    assert "en ligne sans elle" in office.post(url, {"decision": "publier"}, follow=True).text
    assert "Mettre en ligne avec l’acte" in office.get(page).text
    before = client.get(publication.get_absolute_url())["ETag"]
    assert office.post(page, {"pieces": "1"}).status_code == 302
    (annex,) = publication.annexes.all()
    assert annex.added_on == timezone.localdate()
    assert client.get(annex.get_absolute_url()).status_code == 200
    assert publication.document.publications.get() == publication
    shown = client.get(publication.get_absolute_url())
    assert shown["ETag"] != before
    assert f"en ligne depuis le {french.long_date(annex.added_on)}" in text(shown)
    assert f"la pièce ajoutée le {french.long_date(annex.added_on)} fait corps" in text(shown)
    assert "Mettre en ligne avec l’acte" not in office.get(page).text


def test_an_annex_goes_online_as_it_is_under_no_name_that_is_masked(named, cast, joined, client):
    mask(named, cast, NAME)
    choose(joined, cast)
    publication = online_extract(named, cast)
    (annex,) = publication.annexes.all()
    answer = client.get(annex.get_absolute_url())
    assert answer.content == PNG
    page = client.get(publication.get_absolute_url()).text
    assert unsaid(page, "Annexes", "Arrêt de […]", "annexe-1.png") == []
    told = f"{page} {answer['Content-Disposition']} {annex.file.name}"
    assert NAME.casefold() not in told.casefold()
    withdraw(publication, cast)
    assert client.get(annex.get_absolute_url()).status_code == 404


def test_an_annex_is_called_after_nobody_even_by_the_name_of_its_file(named, cast, client):
    file = ContentFile(PNG, "sanction-zoe-martinet.png")
    item = named.items.get(title=TITLE)
    joined, _ = joining.add_attachment(item, file=file, filename=file.name, by=cast.secretariat)
    choose(joined, cast)
    mask(named, cast, "Zoé Martinet", item=item)
    mask(named, cast, NAME)
    publication = online_extract(named, cast)
    page = client.get(publication.get_absolute_url()).text
    assert publication.annexes.get().title == "sanction-[…]"
    assert "zoe" not in page.casefold()


def a_pdf(words: str = "Rien", **about: str) -> bytes:
    """A page that says these words, and a file that says this of itself."""
    document = HTML(string=f"<title>{about.get('title', '')}</title><p>{words}").render()
    document.metadata.authors = [about.get("author", "Service")]
    return document.write_pdf()


def with_properties(content: bytes, **more: str) -> bytes:
    """The same file, with words among its properties."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        with pdf.open_metadata() as metadata:
            metadata["pdf:Keywords"] = more["keywords"]
        pdf.save(out)
    return out.getvalue()


def with_data(content: bytes, data: bytes) -> bytes:
    """The same file, with data joined inside it."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        pdf.attachments["donnees.json"] = data
        pdf.save(out)
    return out.getvalue()


def a_text(words: str) -> bytes:
    """A text of an office suite whose run is cut in the middle of a word."""
    out = BytesIO()
    with ZipFile(out, "w") as made:
        cut = f"<w:r><w:t>{words[:3]}</w:t></w:r><w:r><w:t>{words[3:]}</w:t></w:r>"
        made.writestr("word/document.xml", f"<w:p>{cut}</w:p>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "is_said"),
    [
        pytest.param(lambda: a_pdf(f"Mme {NAME}"), True, id="une page"),
        pytest.param(lambda: a_pdf(f"Mme {NAME[:3]}<b>{NAME[3:]}</b>"), True, id="deux polices"),
        pytest.param(lambda: a_pdf(author=NAME), True, id="l’auteur"),
        pytest.param(lambda: a_pdf(title=NAME.upper()), True, id="le titre"),
        pytest.param(
            lambda: with_properties(a_pdf(), keywords=NAME), True, id="les mots clés, en XMP"
        ),
        pytest.param(
            lambda: with_data(a_pdf(), f'{{"nom": "{NAME}"}}'.encode()), True, id="des données"
        ),
        pytest.param(lambda: a_text(NAME), True, id="un texte"),
        pytest.param(a_pdf, False, id="rien"),
        pytest.param(lambda: PNG, False, id="une image"),
    ],
)
def test_the_words_of_a_file_are_read_wherever_it_says_them(tmp_path, content, is_said):
    path = tmp_path / "piece"
    path.write_bytes(content())
    assert legible.says(path, [NAME]) is is_said


@pytest.mark.parametrize("whole", [True, False])
def test_an_annex_that_says_what_is_masked_is_not_put_online(named, cast, joined, whole):
    said = ContentFile(a_pdf(author=f"Mme {NAME}"), "piece.pdf")
    choose(joined, cast, file=said)
    item = None if whole else named.items.get(title=TITLE)
    mask(named, cast, NAME, item=item)
    with refused("piece_encore_lisible"):
        online_extract(named, cast)
    assert not Publication.objects.exists()
    choose(joined, cast, file=ContentFile(a_pdf(), "sans-nom.pdf"))
    assert online_extract(named, cast).annexes.count() == 1


def test_an_annex_that_does_not_read_is_not_put_online_where_something_is_masked(
    named, cast, joined, monkeypatch
):
    def excessive(path, passages):
        raise cells.Excessive

    monkeypatch.setattr(legible, "says", excessive)
    choose(joined, cast)
    mask(named, cast, NAME)
    with refused("piece_encore_lisible"):
        online_extract(named, cast)


def test_another_file_stands_for_the_public_and_the_whole_one_stays(named, cast, joined, client):
    choose(joined, cast, file=ContentFile(OTHER_PNG, "sans-nom.png"))
    (annex,) = online_extract(named, cast).annexes.all()
    assert annex.is_replaced
    assert client.get(annex.get_absolute_url()).content == OTHER_PNG
    joined.refresh_from_db()
    assert content_of(joined.file) == PNG
    assert list(integrity.faults()) == []
    for kept in (annex.file, joined.annex_choice.file):
        with Path(kept.path).open("r+b") as file:
            file.write(b"x")
    assert len(list(integrity.faults())) == 2
    choose(joined, cast, is_public=False)
    assert annexes.of(named.documents.get(kind=KINDS.EXTRACT))[0].choice.file.name == ""


def test_the_page_chooses_and_refuses_what_is_no_file(named, cast, joined, client_of):
    client = client_of(cast.secretariat)
    url = reverse("archive:choose_annex", args=[joined.pk])
    page = client.get(page_of(named)).text
    assert unsaid(page, "Les pièces jointes de cet acte", "elle ne paraîtra pas") == []
    assert client.post(url, {"decision": "autre"}).status_code == 404
    assert "Choisissez le fichier" in client.post(url, {"decision": "remplacer"}, follow=True).text
    bad = ContentFile(b"MZ", "virus.png")
    sent = client.post(url, {"decision": "remplacer", "file": bad}, follow=True)
    assert not AnnexChoice.objects.exists() and sent.status_code == 200
    client.post(url, {"decision": "publier"})
    assert AnnexChoice.objects.get().is_public
