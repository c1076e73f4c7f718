"""The acts of a sitting: numbered, issued and signed together, all or none, from one page."""

import io
import zipfile

import pytest
from django.urls import reverse

from archive import actions as publishing
from archive.desk import search
from archive.keeping import bundles, integrity, verification
from archive.online import standing as legal
from documents import actions as issuing
from documents.models import IssuedDocument
from law.findings import Refused
from law.sitting import Sitting
from meetings.actions import ledger
from meetings.models import Brief, Meeting
from registry.acts import actions, reading
from registry.models import Deliberation, SignatureStep
from registry.signatures import actions as signatures
from registry.signatures import keys, pades
from registry.signatures import reading as signing
from tests import held
from tests.cast import change, make_role
from tests.documents.ink import plain
from tests.held import AT, JULY, JUNE, sign
from tests.registry.conftest import page, refused
from tests.words import unsaid

pytestmark = pytest.mark.django_db

EXTRACT, LIST = IssuedDocument.Kind.EXTRACT, IssuedDocument.Kind.LIST


@pytest.fixture
def sitting(hold):
    return hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))


def issue(meeting, cast, reason=""):
    return held.issue_acts(meeting, by=cast.secretariat, at=AT, reason=reason)


def rename(meeting, title: str, to: str) -> None:
    item = meeting.items.get(title=title)
    change(item, title=to)
    meeting.forget()


def signed_by_president():
    return SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).count()


# --- Issuing ----------------------------------------------------------------------------------


def test_an_extract_for_each_act_numbered_if_it_was_not_and_the_list_at_the_end_once(
    sitting, cast, media
):
    first = *extracts, listed = issue(sitting, cast)
    assert [(each.kind, each.title) for each in extracts] == [
        (EXTRACT, "Délibération n°\u00a02026-06-09/01\u00a0: Budget"),
        (EXTRACT, "Délibération n°\u00a02026-06-09/02\u00a0: Tarifs"),
    ]
    assert listed.kind == LIST
    assert [(line.number, line.object) for line in listed.paper.lines] == [
        ("2026-06-09/01", "Budget"),
        ("2026-06-09/02", "Tarifs"),
        ("", "Emprunt"),  # examined, rejected: listed, without number nor extract
    ]
    assert issue(sitting, cast, reason="encore") == first
    assert IssuedDocument.objects.count() == len(list(media.rglob("*.pdf"))) == 3


def test_only_what_changed_is_issued_again_and_a_reason_is_asked(sitting, cast, media):
    budget, tariffs, listed = issue(sitting, cast)
    rename(sitting, "Tarifs", "Tarifs 2026")
    with pytest.raises(Refused) as refusal:
        issue(sitting, cast)
    (finding,) = refusal.value.findings
    assert (finding.field, finding.message) == ("reason", "2 documents déjà établis ont changé.")
    assert len(list(media.rglob("*.pdf"))) == 3
    again = issue(sitting, cast, reason="l’année manquait")
    assert again[0] == budget
    assert [(each.version, each.supersedes) for each in again[1:]] == [(2, tariffs), (2, listed)]


def test_what_was_voted_is_not_rewritten_after_its_vote(secretary, sitting, cast, hold):
    """Its secretariat alone made « 120 000 € » « 1 200 000 € », and version 2 was « exécutoire »
    and « en ligne » by what had been made of version 1."""
    brief = Brief.objects.create(item=sitting.items.get(title="Budget"), articles="De voter 120 €.")
    first, *_ = issue(sitting, cast)
    held.bind(sitting, by=cast.secretariat)
    assert legal.of(first).binds
    change(brief, articles="De voter 1 200 €.")
    url = reverse("registry:issue_acts", args=[sitting.pk])
    told = plain(page(secretary, "acts", sitting.pk))
    assert unsaid(told, "Rectification d’une erreur matérielle", "1 200", "nouveau vote") == []
    asked = {
        "reason": "le montant",
        "bare": [each.item.key for each in reading.without_text(sitting)],
    }
    refused(secretary.post(url, asked), "n’est plus celui de l’extrait")
    assert secretary.post(url, asked | {"rectified": [first.subject]}).status_code == 302
    second = sitting.documents.get(supersedes=first)
    assert plain(second.reason) == "rectification d’une erreur matérielle : le montant"
    assert plain(second.reason) in plain(second.paper.edition)
    state = legal.of(second)
    assert not (state.binds or state.published_on)
    assert legal.of(IssuedDocument.objects.get(pk=first.pk)).binds
    # What it does to others goes on meanwhile, and punctuation is no other word.
    assert legal.is_executory(sitting.deliberations.get(item__key=first.subject))
    publishing.publish(second, by=cast.secretariat, at=AT)
    assert legal.of(second).binds
    change(brief, articles="De voter 1 200 €")
    sitting.forget()
    assert not reading.to_issue(sitting, signing.in_force(sitting), on=AT.date()).rewritten


def test_what_adopted_minutes_tell_is_rewritten_by_no_box(secretary, sitting, cast, hold):
    brief = Brief.objects.create(item=sitting.items.get(title="Budget"), articles="De voter 120 €.")
    first, *_ = issue(sitting, cast)
    issuing.issue_minutes(sitting, by=cast.secretariat, at=AT)
    july = hold(JULY)
    actions.record_adoptions(july, by=cast.secretariat, at=AT)
    change(brief, articles="De voter 1 200 €.")
    told = plain(page(secretary, "acts", sitting.pk))
    assert "Le procès-verbal arrêté le 7 juillet 2026 dit le texte d’avant" in told
    assert unsaid(
        told, 'name="rectified"', "Établir les nouvelles versions", "Rendre au dossier"
    ) == [
        'name="rectified"',
        "Établir les nouvelles versions",
    ]
    asked = {"reason": "le montant", "rectified": [first.subject]}
    asked["bare"] = [each.item.key for each in reading.without_text(sitting)]
    url = reverse("registry:issue_acts", args=[sitting.pk])
    refused(secretary.post(url, asked), "une délibération nouvelle le rectifie")


def test_what_cannot_be_issued_is_not_numbered_either(cast, hold):
    unknown = {"adopted": ("Budget 漢",), "approves": False}  # no font draws it
    with pytest.raises(Refused, match="n’existe pas dans les polices"):
        issue(hold(JUNE, **unknown), cast)
    with pytest.raises(Refused, match="n’est pas levée"):
        issue(hold(JULY, adopted=("Budget",), hours=None, approves=False), cast)
    assert not IssuedDocument.objects.exists() and not Deliberation.objects.exists()


def test_a_voided_vote_keeps_its_number_and_loses_its_place_in_the_list(sitting, cast):
    issue(sitting, cast)
    seq = next(each.seq for each in reading.decided(sitting) if each.item.title == "Tarifs")
    ledger.void(sitting, seq=seq, reason="erreur", by=cast.secretariat)
    *extracts, listed = issue(sitting, cast, reason="le vote était noté par erreur")
    assert [each.title[-6:] for each in extracts] == ["Budget"]
    assert [line.object for line in listed.paper.lines] == ["Budget", "Emprunt"]
    assert Deliberation.objects.filter(meeting=sitting).count() == 2


def test_an_approval_is_listed_and_extracted_where_the_register_numbers_it(cast, hold):
    assert issue(hold(JUNE), cast) == ()  # nothing decided, nothing to issue
    july = hold(JULY, adopted=("Tarifs",))
    july.items.filter(kind="approbation").update(effect="deliberation")
    july.forget()
    *extracts, listed = issue(july, cast)
    assert len(extracts) == len(listed.paper.lines) == 2
    assert listed.paper.lines[0].object.startswith("Approbation")


# --- Signing all at once ----------------------------------------------------------------------


@pytest.fixture
def prepared(sitting, cast, accounts):
    issued = issue(sitting, cast)
    batch = signatures.prepare_batch(issued, by=cast.secretariat, at=AT)
    assert batch.done == issued
    return sitting


def test_what_everybody_signed_is_not_issued_again_for_the_rule_that_names_who_signs(
    prepared, cast, accounts, monkeypatch
):
    """Decision 0019: what was signed under the rule before stays; what waits asks for a version."""
    budget, tariffs, the_list = signing.in_force(prepared)
    for place, user in zip(("president", "secretaire-1"), accounts, strict=True):
        sign(budget, place, user)
    monkeypatch.setattr(
        Sitting, "extract_chairs", property(lambda told: dict.fromkeys(told.at_item, "denis-duval"))
    )
    now = Meeting.objects.get(pk=prepared.pk)
    issued = signing.in_force(now)
    assert [signing.moved(each) is None for each in issued] == [True, False, True]
    changed = reading.to_issue(now, issued, on=JUNE).changed
    assert [each.pk for each in changed] == [tariffs.pk]
    kept, again, listed = issue(now, cast, reason="qui préside signe")
    assert (kept.pk, again.supersedes_id, listed.pk) == (budget.pk, tariffs.pk, the_list.pk)
    rename(now, "Budget", "Budget principal")
    renamed, *_ = issue(now, cast, reason="un mot manquait")
    assert [each.name for each in renamed.paper.signatories][:1] == ["Denis DUVAL"]


@pytest.mark.proof
def test_an_extract_needs_no_adoption_to_be_signed_and_the_chair_alone_signs_the_list(
    prepared, accounts
):
    budget, *_, listed = signing.in_force(prepared)
    waiting = signing.to_sign(prepared, accounts[1])
    found = [(each.document.kind, each.place) for each in waiting]
    assert found == [(EXTRACT, "secretaire-1")] * 2
    for each in waiting:
        assert each.digest == signing.current_file(each.document)[1]
    for place, user in zip(("president", "secretaire-1"), accounts, strict=True):
        sign(budget, place, user)
    fresh = IssuedDocument.objects.get(pk=budget.pk)
    assert all(place.is_signed for place in signing.places(fresh))
    reports = pades.read(signing.current_file(budget)[0], keys.trust())
    assert [report.field for report in reports] == ["cachet", "president", "secretaire-1"]
    (place,) = signing.places(listed)
    assert (place.name, place.label) == ("president", "à la présidence\u00a0: Alice ARNAUD")
    assert listed.paper.signatory.name == "Alice ARNAUD"


def test_everything_is_signed_in_one_go_once_whatever_moved_on_meanwhile(prepared, accounts):
    president, clerk = accounts
    waiting = signing.to_sign(prepared, president)
    signatures.sign_batch(signing.to_sign(prepared, clerk)[:1], by=clerk, at=AT)
    batch = signatures.sign_batch(waiting, by=president, at=AT)
    assert [document for document, _ in batch.refused] == [waiting[0].document]
    assert "a reçu une signature depuis" in str(batch.refused[0][1])
    assert len(batch.done) == 2
    batch = signatures.sign_batch(signing.to_sign(prepared, president), by=president, at=AT)
    assert (batch.done, batch.refused) == ((waiting[0].document,), ())
    assert signing.to_sign(prepared, president) == ()
    signatures.sign_batch(waiting, by=president, at=AT)
    assert signed_by_president() == 3


class Killed(BaseException):
    """What a signal is for the code it falls into."""


@pytest.mark.proof
@pytest.mark.parametrize("moment", ["avant", "pendant", "après"])
def test_a_batch_cut_short_leaves_each_document_whole(prepared, accounts, monkeypatch, moment):
    """Cut at the second document: before its signature, once its file is written, after its row."""
    save, calls = SignatureStep.save, []

    def cut(step, *args, **kwargs):
        calls.append(step)
        if len(calls) == 2 and moment == "avant":
            raise Killed
        if len(calls) == 2 and moment == "pendant":
            step.file.save(step.file.name, step.file.file, save=False)
            raise Killed
        save(step, *args, **kwargs)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(SignatureStep, "save", cut)
    with pytest.raises(Killed):
        signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    monkeypatch.undo()
    assert signed_by_president() == 1
    assert list(integrity.faults()) == []  # no half file, no orphan
    batch = signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    assert (len(batch.done), signed_by_president()) == (2, 3)


# --- The pages --------------------------------------------------------------------------------


def press(client, name, meeting, **data):
    url = reverse(f"registry:{name}", args=[meeting.pk])
    return client.post(url, data, follow=True).content.decode()


def test_each_act_says_how_far_it_is_in_its_column(secretary, sitting, cast, accounts):
    """Above the table of one sitting, in that of another."""
    issue(sitting, cast)
    text = page(secretary, "acts", sitting.pk)
    assert text.count("Signature à demander") == 2 and ">État</th>" in text
    press(secretary, "prepare_acts", sitting)
    first = sitting.documents.current().filter(kind=EXTRACT).first()
    sign(first, "president", accounts[0])
    text = page(secretary, "acts", sitting.pk)
    assert unsaid(text, ">État</th>", "Attend 1 signature", "Attend 2 signatures") == []


@pytest.mark.proof
def test_the_page_leads_from_the_vote_to_the_signatures(
    secretary, client_of, sitting, accounts, cast
):
    text = page(secretary, "acts", sitting.pk)
    # « Établir » came first, promised numbers, then refused for want of what was known to miss.
    first = text.index("btn-primary")
    assert text.count("btn-primary") == 1 and "Écrire le dispositif" in text[first : first + 200]
    assert "Établir les extraits et la liste" in text
    text = press(secretary, "issue_acts", sitting, bare=["p1", "p2"])
    assert "places de signature seront faites" in text  # they are not yet
    asked = "Faire signer sans dispositif", "</svg> Faire signer</button>"
    assert unsaid(text, "3 documents établis.", *asked) == []
    # Nobody was asked: neither the line of its stages nor the list says more than that.
    assert "à demander" in text and "non signée" in text
    assert "3 documents prêts à signer." in press(secretary, "prepare_acts", sitting)
    make_role(accounts[0], cast.organisation, "delegue")
    president = client_of(accounts[0])
    # Neither of the two says what it decides: the list alone is signed at once.
    assert "Signer la liste des délibérations" in page(president, "acts", sitting.pk)
    url = reverse("registry:sign_acts", args=[sitting.pk])
    shown = president.get(url)
    waiting = shown.context["waiting"]
    assert all(each.digest in shown.content.decode() for each in waiting)
    # A hash that was not shown signs nothing, nor does another account.
    first = f"seen-{waiting[0].document.pk}"
    refused(president.post(url, {first: "0" * 64}), "a reçu une signature depuis")
    client_of(cast.delegate).post(url, {first: waiting[0].digest})
    assert signed_by_president() == 0
    data = {f"seen-{each.document.pk}": each.digest for each in waiting}
    assert "3 documents signés." in president.post(url, data, follow=True).content.decode()
    assert "Rien n’attend votre signature" in president.get(url).content.decode()


def test_the_page_asks_why_when_the_sitting_changed_and_a_delegate_only_reads(
    secretary, client_of, sitting, cast
):
    issue(sitting, cast)
    text = page(client_of(cast.delegate), "acts", sitting.pk)
    extract = sitting.documents.current().filter(kind="extrait").first()
    assert f'href="{extract.get_absolute_url()}">Budget</a>' in text and "Établir" not in text
    rename(sitting, "Tarifs", "Tarifs 2026")
    assert "La séance a changé depuis" in page(secretary, "acts", sitting.pk)
    url = reverse("registry:issue_acts", args=[sitting.pk])
    refused(secretary.post(url), "Dites en une phrase")
    text = press(secretary, "issue_acts", sitting, reason="l’année manquait", bare="p2")
    assert "2 documents établis." in text and "La séance a changé depuis" not in text


@pytest.mark.parametrize("acts", [1, 5])
def test_the_page_costs_the_same_as_the_acts_grow(
    secretary, cast, hold, acts, django_assert_max_num_queries
):
    meeting = hold(JUNE, adopted=tuple(f"Point {n}" for n in range(acts)))
    issue(meeting, cast)
    # What is away in a parapheur, online with words masked since, what made each act bind, and
    # whether whoever signs asked for articles, is asked once of a sitting.
    with django_assert_max_num_queries(56):
        page(secretary, "acts", meeting.pk)


# --- What the other rooms know of them --------------------------------------------------------


@pytest.mark.proof
def test_the_archive_recognises_signed_acts_and_zips_them(prepared, accounts, cast):
    signatures.sign_batch(signing.to_sign(prepared, accounts[0]), by=accounts[0], at=AT)
    extract = prepared.documents.get(kind=EXTRACT, subject="p1")
    verdict = verification.judge(signing.current_file(extract)[0])
    assert (verdict.document, verdict.origin) == (extract, verification.Origin.SIGNED)
    assert not any("arrêté" in sentence for sentence in verdict.sentences)
    # Sheets signed by hand have names of their own.
    for document in prepared.documents.filter(kind=EXTRACT):
        held.sign_by_hand(document, "secretaire-1", cast)
    with zipfile.ZipFile(io.BytesIO(bundles.of_delegate(prepared, at=AT))) as archive:
        entries = {*archive.namelist()} - {bundles.README, bundles.MANIFEST}
    sheets = [name for name in entries if "feuille" in name]
    assert len(sheets) == 2
    day, acts = "comite-2026-06-09", "deliberation"
    papers = (f"{acts}-2026-06-09-01-{day}", f"{acts}-2026-06-09-02-{day}", f"liste-{acts}s-{day}")
    assert entries - set(sheets) == {f"documents/{name}-signe.pdf" for name in papers}
    walk = integrity.Walk()
    assert list(integrity.faults(walk)) == []
    assert walk.documents == 3


def test_acts_are_found_before_there_are_minutes_and_once_after(sitting, cast):
    issue(sitting, cast)
    bodies = cast.organisation.bodies.all()

    def titles(query):
        return [(each.title, each.document.kind) for each in search.find(query, bodies=bodies)]

    assert titles("2026-06-09/02") == titles("tarif") == [("Tarifs", "extrait")]
    issuing.issue_minutes(sitting, by=cast.secretariat, at=AT)
    assert titles("2026-06-09/02") == titles("tarif") == [("Tarifs", "pv")]
