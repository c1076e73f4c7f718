"""The demonstration: loaded by the real verbs, once, with something on every page."""

import hashlib
import html
import re
import subprocess
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.desk import waiting
from archive.keeping import anchors, integrity, merkle, proofs, verification
from archive.keeping.offline import verifier
from archive.models import Publication
from convening.models import Convocation
from demo import loading
from documents.models import IssuedDocument
from law.checks import review
from meetings import sitting_file
from meetings.actions import ledger
from meetings.models import AgendaItem, Ballot, Meeting, SittingEvent, Vote
from members import seats, witness
from members.models import Body, Community, Mandate, Organisation, Person, User
from registry.models import Review, SignatureStep
from registry.signatures import keys, reading
from registry.signatures.pades import Judgement
from tests.archive import forgeries
from tests.cast import change
from tests.demo.conftest import run
from tests.demo.walk import walk
from tests.words import unsaid
from transmission import reading as prefecture

pytestmark = pytest.mark.proof


def counts() -> dict[str, int]:
    models = (Organisation, Community, Body, Person, Mandate, User, Meeting, AgendaItem)
    kept = (SittingEvent, Ballot, Vote, IssuedDocument, SignatureStep, Publication, Review)
    return {model.__name__: model.objects.count() for model in (*models, *kept)}


def sitting(held_on: str, body: str = "comite-syndical") -> Meeting:
    return Meeting.objects.get(held_on=held_on, body__slug=body)


def test_it_loads_once_and_what_somebody_changed_stays(loaded, place):
    pdf = place / "demo" / "pv-bureau-2016-11-16.pdf"
    emails = [email for email, *_ in loading.ACCOUNTS]
    assert unsaid(loaded, *emails, loading.PASSWORD, str(pdf)) == []
    before, written = counts(), pdf.stat().st_mtime_ns
    user = User.objects.get(email="secretariat@demo.example")
    user.set_password("un autre mot de passe")
    user.save()
    meeting = sitting("2026-12-08")
    change(meeting, place="ailleurs")
    assert run() == loaded.removeprefix("Chargement de la démonstration…\n")
    assert counts() == before
    assert pdf.stat().st_mtime_ns == written
    user.refresh_from_db()
    meeting.refresh_from_db()
    assert user.check_password("un autre mot de passe")
    assert meeting.place == "ailleurs"
    # A rehearsal leaves the demonstration as it was, and a copy that was lost is made again.
    pdf.unlink()
    call_command("rehearsal", "--sans-delegues", "--delegues=3", stdout=StringIO())
    with_rehearsal = counts()
    run()
    assert counts() == with_rehearsal != before
    assert pdf.read_bytes().startswith(b"%PDF")


def test_nobody_touched_it_and_it_is_anchored(loaded, place, settings):
    settings.ANCHOR_FILE = place / "ailleurs.jsonl"
    anchors.anchor(at=timezone.now())
    walk = integrity.Walk(anchors=settings.ANCHOR_FILE)
    assert [str(fault) for fault in integrity.faults(walk)] == []
    assert list(anchors.missing(at=timezone.now())) == []
    assert {model._meta.label_lower for model in witness.watched() if model.objects.exists()} >= {
        "archive.publication",
        "convening.recipient",
        "meetings.sittingevent",
        "registry.signaturestep",
    }
    for document in IssuedDocument.objects.all()[:3]:
        way = anchors.path_of(document)
        assert merkle.climb(way.leaf, way.steps) == way.anchor.root


def test_every_sitting_is_lawful_and_whole(loaded):
    call_command("verify_ledger", stdout=StringIO())
    for meeting in Meeting.objects.select_related("body__organisation"):
        if meeting.ledger:
            judged = ledger.judgement(meeting, meeting.outline, live=False)
            assert review.of(judged) == (), meeting
        document = sitting_file.export(meeting)
        with pytest.raises(sitting_file.findings.Refused, match="existe déjà"):
            sitting_file.import_(document)
    assert set(Meeting.objects.values_list("stage", flat=True)) == {"preparee", "levee", "etablie"}
    now = timezone.now()  # nothing is dated later
    assert not IssuedDocument.objects.filter(issued_at__gt=now).exists()
    assert not SignatureStep.objects.filter(signed_at__gt=now).exists()
    assert not Publication.objects.filter(published_at__gt=now).exists()
    assert not Review.objects.filter(asked_at__gt=now).exists()


# --- What it shows ----------------------------------------------------------------------------


def test_its_minutes_hold_every_formal_sentence(loaded, place):
    text = words(place / "demo" / "pv-bureau-2016-11-16.pdf")
    for sentence in (
        "Procès-verbal synthétique",
        "L'an deux mille seize, le seize novembre à 17h30, le BUREAU du syndicat mixte Somme "
        "Numérique, légalement convoqué le vingt-sept octobre, s'est réuni dans ses locaux, sous "
        "la présidence de Philippe VARLET ;",
        "Membres du BUREAU présents et excusés :",
        "Le quorum est atteint avec 5 délégués présents, le Bureau peut donc valablement "
        "délibérer. Monsieur Philippe COCQ est désigné secrétaire de séance. Le procès-verbal de "
        "la réunion du 4 juillet 2016 est adopté à l'unanimité.",
        "I – EXAMEN DE L'ORDRE DU JOUR DU COMITE SYNDICAL",
        "La séance est levée à 18h30.",
    ):
        assert sentence in text
    roll = seats.of(Body.objects.get(slug="bureau"), date(2016, 11, 16))
    people = [str(seat.mandate.person) for group in roll.groups for seat in group.seats]
    assert [len(group.seats) for group in roll.groups] == [3, 3, 3]
    assert [name for name in people if name not in text] == []


def words(path: Path) -> str:
    command = ["pdftotext", "-raw", str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return " ".join(text.replace("’", "'").split())


def test_the_mergers_of_2017_the_comite_of_2026_and_what_the_bureau_examines(loaded):
    gone = {"dissolved_on": date(2017, 1, 1), "successor__isnull": False}
    merged = {f"community__{name}": value for name, value in gone.items()}
    ended = Mandate.objects.filter(end_reason=Mandate.EndReason.MERGER)
    assert ended.count() == ended.filter(**merged).count() == 6
    region = Community.objects.get(kind=Community.Kind.REGION, is_associated=True)
    assert {m.capacity for m in region.mandates.all()} == {Mandate.Capacity.CONSULTATIVE}
    roll = seats.of(Body.objects.get(slug="comite-syndical"), date(2026, 11, 25))
    assert (roll.in_office, roll.vacancies, roll.substitutes) == (60, 2, 48)
    assert (len(roll.consultative), len(roll.groups)) == (2, 3)
    linked = AgendaItem.objects.exclude(examines=None).select_related("examines__meeting")
    examined = {item.examines.meeting.held_on for item in linked}
    assert examined == {date(2016, 11, 21), date(2026, 12, 8)}
    assert all(item.title == item.examines.title for item in linked)


def test_the_year_has_one_of_everything(loaded):
    kinds = set(SittingEvent.objects.values_list("kind", flat=True))
    moves = {"seat_taken", "proxy_given", "recused", "chair_taken", "arrived", "left", "excused"}
    assert kinds >= moves | {"election_held", "fate_noted"}
    assert {"ordinaire", "public", "secret"} == set(Ballot.objects.values_list("mode", flat=True))
    assert set(Ballot.objects.values_list("verdict", flat=True)) == {"adopte", "rejete"}
    assert Vote.objects.count() == 27
    lost = Meeting.objects.get(held_on="2026-09-29", body__slug="comite-syndical")
    assert lost.second_calls.get().held_on == date(2026, 10, 6)


# --- The year goes through everything -----------------------------------------------------------


def test_one_sitting_went_through_all_of_it(loaded):
    meeting = sitting("2026-06-30")
    first, second = meeting.documents.minutes().order_by("version")
    (remark,) = meeting.remarks.all()
    assert remark.answer
    assert {review.verdict for review in meeting.reviews.all()} == {Review.Verdict.AGREED}
    assert not meeting.reviews.filter(answered_at__gt=first.issued_at).exists()
    assert "séance du 29 septembre" in second.reason
    assert second.adoption.item.meeting == sitting("2026-09-29")
    assert not hasattr(first, "adoption")
    assert meeting.deliberations.count() == 5
    for document in meeting.documents.current():
        assert all(place.is_signed for place in reading.places(document)), document
        publication = document.publications.get()
        steps = document.signatures.order_by("-order")
        assert publication.sha256 == steps[0].sha256
    assert all(row.there and row.is_settled for row in prefecture.rows(meeting))
    with second.publications.get().file.open("rb") as file:
        verdict = verification.judge(file.read())
    assert verdict.document == second
    assert verdict.is_in_force
    assert [report.judgement for report in verdict.reports] == [Judgement.DEVELOPMENT] * 3


def test_each_sitting_stops_at_another_step(loaded):
    found = {
        (task.what, f"{task.meeting.held_on:%d/%m}")
        for task in waiting.tasks(Body.objects.all(), on=date(2026, 11, 26))
    }
    assert found == {
        ("Faire signer la liste et 6 délibérations", "12/05"),
        ("Transmettre 2 actes à la préfecture", "09/06"),
        ("Publier la liste et 2 délibérations", "15/09"),
        ("Publier le procès-verbal", "15/09"),
        ("Signer le procès-verbal", "15/09"),
        ("Signer la liste des délibérations", "15/09"),
        ("Écrire le dispositif de 2 délibérations", "15/09"),
        ("Faire arrêter le procès-verbal par la séance suivante", "29/09"),
        ("Faire signer la liste et 1 délibération", "29/09"),
        ("Faire signer la liste et 3 délibérations", "06/10"),
        ("Régler 1 remarque sur le projet de procès-verbal", "06/10"),
        ("Rédiger et établir le procès-verbal", "06/10"),
        ("Établir la liste des délibérations et les extraits", "17/11"),
        ("Rédiger et établir le procès-verbal", "17/11"),
        ("Convoquer la séance", "08/12"),
        ("Rendre compte de 5 décisions prises par délégation", "08/12"),
        *((("Relire le projet de procès-verbal", "06/10"),) if is_open_review() else ()),
    }


def is_open_review() -> bool:
    """The link of the reader lives thirty days from the loading."""
    day = date(2026, 11, 26)
    return Review.objects.filter(answered_at=None, expires_at__date__gte=day).exists()


def test_one_sitting_is_convened_one_in_preparation_and_one_to_be_signed(loaded):
    (convocation,) = Convocation.objects.all()
    assert convocation.meeting == sitting("2026-12-01", "bureau")
    assert convocation.recipients.exclude(mandate=None).count() == 8
    # Art. L5211-40-2: copies are of what convenes the assembly.
    assert not convocation.recipients.filter(mandate=None).exists()
    assert sitting("2026-12-08").convened_on is None
    meeting = sitting("2026-09-15", "bureau")
    for email, number in (("presidente@demo.example", 4), ("deleguee@demo.example", 3)):
        user = User.objects.get(email=email)
        assert len(reading.to_sign(meeting, user)) == number


# --- Every page -------------------------------------------------------------------------------


def of_rows(rows, *names: str) -> list[str]:
    return [reverse(name, args=[row.pk]) for row in rows for name in names]


def papers_of_each_kind() -> list[IssuedDocument]:
    """One of each kind: replaced or not, signed or not, online or not."""
    signed = set(SignatureStep.objects.values_list("document", flat=True))
    online = set(Publication.objects.values_list("document", flat=True))
    replaced = set(IssuedDocument.objects.values_list("supersedes", flat=True))
    return [
        *{
            (each.kind, *(each.pk in known for known in (signed, online, replaced))): each
            for each in IssuedDocument.objects.order_by("pk")
        }.values()
    ]


def items_of_each_kind() -> list[AgendaItem]:
    """One of each kind and stage: voted and how, with a text or without."""
    found = AgendaItem.objects.filter(meeting__in=Meeting.objects.all())
    return [
        *{
            (each.kind, each.meeting.stage, mode, bool(each.text)): each
            for each in found.select_related("meeting").prefetch_related("ballots")
            for mode in {ballot.mode for ballot in each.ballots.all()} or {""}
        }.values()
    ]


def of_bodies_papers_and_sittings() -> list[str]:
    bodies = of_rows(Body.objects.all(), "members:composition", "members:rules")
    papers = ("documents:detail", "registry:current", "registry:signatures")
    plain = ("home", "members:bodies", "meetings:list", "documents:mine", "archive:search")
    return [
        *map(reverse, (*plain, "archive:public")),
        *(each.get_absolute_url() for each in Publication.objects.all()),
        *bodies,
        *(f"{url}?le=2016-11-16" for url in bodies),
        *of_rows(Meeting.objects.all(), "meetings:detail"),
        *of_rows(papers_of_each_kind(), *papers),
    ]


def of_the_secretariat() -> list[str]:
    corrected = IssuedDocument.objects.exclude(supersedes=None)
    return [
        *map(reverse, ("meetings:create", "archive:to_do")),
        *of_rows(papers_of_each_kind(), "archive:publication"),
        *(reverse("registry:compare", args=[each.supersedes_id, each.pk]) for each in corrected),
        *of_rows(
            Meeting.objects.all(),
            *(f"meetings:{name}" for name in "attendance agenda edit ledger why".split()),
            "registry:acts",
            "registry:reviews",
            "documents:preview",
            "archive:publish_sitting",
        ),
        *(
            reverse("meetings:item", args=[item.meeting_id, item.key])
            for item in items_of_each_kind()
        ),
    ]


def of_the_administration() -> list[str]:
    models = "body person mandate community rulebook constituency".split()
    names = ("index", *(f"members_{model}_changelist" for model in models))
    return [reverse(f"admin:{name}") for name in names]


def is_shown(client, url: str) -> bool:
    answer = client.get(url, follow=True)  # the first page of a delegate is her desk
    if answer.status_code != 200:
        return False
    if answer["Content-Type"].startswith("text/html"):
        text = re.sub(r"<[^>]+>", " ", answer.content.decode())
        return len(html.unescape(text).split()) > 30
    return len(b"".join(answer)) > 1000


@pytest.mark.parametrize(
    ("email", "pages"),
    [
        ("deleguee@demo.example", list),
        ("secretariat@demo.example", of_the_secretariat),
        ("administration@demo.example", of_the_administration),
    ],
)
def test_every_page_has_something_to_show(loaded, client, email, pages):
    assert client.login(username=email, password=loading.PASSWORD)
    urls = [*of_bodies_papers_and_sittings(), *pages()]
    assert [url for url in urls if not is_shown(client, url)] == []
    if email.startswith("deleguee"):
        page = client.get(reverse("documents:mine"), {"annee": 2016}).content.decode()
        assert "16 novembre 2016" in html.unescape(page).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("email", "kinds"),
    [
        pytest.param("secretariat@demo.example", 70, id="secrétariat"),
        pytest.param("deleguee@demo.example", 28, id="déléguée"),
        pytest.param("administration@demo.example", 33, id="administration"),
        pytest.param("", 10, id="tout le monde"),
    ],
)
def test_every_link_opens(loaded, email, kinds):
    client, starts = Client(raise_request_exception=False), ["/", "/actes/"]
    if email:
        client.force_login(User.objects.get(email=email))
    if email.startswith("secretariat"):
        live = Meeting.objects.get(held_on=date(2026, 12, 1))
        starts += [reverse("live:console", args=[live.pk])]
    opened, dead = walk(client, *starts)
    assert dead == []
    # Fewer kinds of pages, and the walk stopped at the door.
    assert len(opened) >= kinds


def test_the_proof_of_one_of_its_acts_holds_and_each_byte_changed_is_told(loaded, settings, place):
    settings.ANCHOR_FILE, now = place / "ancrages.jsonl", timezone.now()
    anchors.anchor(at=now)
    act = Publication.objects.filter(withdrawn_at=None).earliest("pk").document
    proof = proofs.of_act(act).packed(at=now)
    root = {hashlib.sha256(keys.authority().root).hexdigest()}
    assert "que vous croyez" in " ".join(verifier.verify(proof, roots=root, clocks=root).proved)
    files = forgeries.unpacked(proof)
    assert verifier.verify(forgeries.packed(files)).broken == []
    changes = [(name, at) for name, content in files.items() for at in (0, len(content) // 2, -1)]
    silent = [
        change
        for change in changes
        if not verifier.verify(forgeries.rewritten(proof, forgeries.byte(*change))).broken
    ]
    assert len(changes) >= 20 and silent == []
