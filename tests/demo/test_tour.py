"""The tour of ten minutes: held like any sitting, seen by nobody, of no weight, and gone whole."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import deciding, identities
from accounts.providers import Provider
from archive.keeping import facts, integrity, journal
from convening import sending
from convening.actions import dispatching, drafting
from convening.models import Recipient
from demo import tour
from documents import actions as papers
from documents.models import IssuedDocument
from law import ballots, french, sitting
from law.findings import Refused
from live import reading
from live.models import Equipment
from meetings.actions import attendance, conduct, decisions, ledger, preparing
from meetings.models import Meeting
from members import fleeting, witness
from members.models import Mandate, Organisation, Person, User
from members.witness import Witness
from registry.signatures import keys
from tests import held
from tests.cast import make_role
from tests.live.threads import at_once
from tests.words import text
from trail.models import Act, Entry
from trail.recording import note

pytestmark = pytest.mark.django_db
WORDS = "Groupement de commandes"  # of an item of the tour, and of nothing else


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def took(cast) -> tour.Tour:
    """Where the secretary stands, read anew: as a server that was killed would."""
    return tour.of(cast.secretariat)


def convene(cast) -> None:
    meeting, by = took(cast).meeting, cast.secretariat
    dispatching.dispatch(drafting.prepare(meeting, by=by), by=by, at=timezone.now())


def come(cast) -> None:
    tour.bring_the_day(took(cast), by=cast.secretariat, at=timezone.localtime())


def roll(cast) -> None:
    meeting = took(cast).meeting
    keys = [member.key for member in meeting.basis.composition.members]
    standings = dict.fromkeys(keys, "present") | {keys[-1]: "excuse"}
    attendance.set_roll(meeting, standings=standings, by=cast.secretariat)


def chairing(meeting):
    return [member.key for member in meeting.basis.composition.members][:2]


def preside(cast, **hours) -> None:
    meeting = took(cast).meeting
    chair, clerk = chairing(meeting)
    at = reading.wall_clock().replace(second=0)
    hours = {"opened_at": at, "closed_at": None} | hours
    conduct.set_conduct(meeting, chair=chair, clerks=[clerk], by=cast.secretariat, **hours)


def vote(cast) -> None:
    meeting = took(cast).meeting
    for node in meeting.agenda.nodes:
        ballot = ballots.Ballot(item=node.item.key)
        decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat)


def depart(cast) -> None:
    meeting = took(cast).meeting
    left = sitting.Left(member=meeting.basis.composition.members[3].key, at=reading.wall_clock())
    ledger.record(meeting, left, by=cast.secretariat)


def close(cast) -> None:
    preside(cast, closed_at=reading.wall_clock().replace(second=0))


def issue(cast) -> None:
    papers.issue_minutes(took(cast).meeting, by=cast.secretariat, at=timezone.now())


DEEDS = (convene, come, roll, preside, vote, depart, close, issue)


def begin(cast) -> tour.Tour:
    return tour.start(by=cast.secretariat, at=reading.wall_clock())


@pytest.fixture
def toured(cast, media):
    """The tour, whole."""
    begin(cast)
    for deed in DEEDS:
        deed(cast)
    return took(cast)


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if not model._meta.label.startswith(("trail.", "sessions.", "accounts.Session"))
    }


def files(media) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_each_step_is_seen_done_and_is_found_again(cast, media):
    begin(cast)
    for rank, deed in enumerate(DEEDS, start=1):
        assert took(cast).rank == rank
        deed(cast)
    assert took(cast).step is None
    assert begin(cast).meeting == took(cast).meeting


def test_a_step_that_was_skipped_is_done(cast, media):
    begin(cast)
    for deed in (convene, come, roll, preside, depart):
        deed(cast)
    assert took(cast).step.title == "Lever la séance"


def test_the_day_comes_only_once_it_is_convened(cast):
    begin(cast)
    with pytest.raises(Refused):
        come(cast)


@pytest.mark.database
def test_nothing_remains_of_it(cast, media):
    before, kept, anchored = rows(), files(media), Witness.objects.count()
    begin(cast)
    for deed in DEEDS:
        deed(cast)
    assert files(media) != kept
    tour.leave(by=cast.secretariat)
    assert rows() == before
    assert Witness.objects.count() == anchored


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_its_files_go_once_its_rows_are_gone(cast, media, toured):
    assert files(media)
    tour.leave(by=cast.secretariat)
    assert files(media) == []
    assert not Organisation.objects.filter(is_fleeting=True).exists()


@pytest.mark.database
def test_it_is_of_no_weight_and_verify_has_nothing_to_say(cast, media):
    anchored, told = Witness.objects.count(), Entry.objects.count()
    begin(cast)
    for deed in DEEDS:
        deed(cast)
    assert Witness.objects.count() == anchored  # hence no anchor holds anything of it
    assert Entry.objects.count() == told
    assert [fault for model in witness.watched() for fault in facts.faults(model)] == []


def test_nothing_leaves_by_mail(cast, toured, mailoutbox):
    meeting, now = toured.meeting, timezone.now()
    Recipient.objects.filter(convocation__meeting=meeting).update(
        channel=Recipient.Channel.MAIL, email="vraie@somme.example", state="a_remettre"
    )
    late = now + timedelta(days=30)
    assert not Recipient.objects.waiting(late).filter(convocation__meeting=meeting).exists()
    assert sending.count_waiting() == 0
    assert mailoutbox == []


def test_no_public_road_leads_to_it(cast, client, toured):
    meeting = toured.meeting
    Equipment.objects.update_or_create(meeting=meeting, defaults={"public_page": True})
    document = IssuedDocument.objects.get(meeting=meeting)
    slug = meeting.organisation.slug
    for path in (
        f"/actes/{slug}/",
        f"/actes/{slug}/flux.atom",
        f"/actes/{document.code}/",
        f"/v/{document.code}/",
        reverse("live:public", args=[meeting.pk]),
    ):
        assert client.get(path).status_code == 404, path
    for name in ("archive:public", "members:legal", "members:site_map", "members:contact"):
        page = client.get(reverse(name)).text
        assert tour.NAME not in page and slug not in page, name
    with document.pdf.open() as pdf:
        file = SimpleUploadedFile("pv.pdf", pdf.read(), "application/pdf")
    verdict = client.post(reverse("archive:verify"), {"file": file}).text
    assert tour.NAME not in verdict and "n’est pas, octet pour octet, un document" in verdict
    state = client.get(reverse("live:public_state", args=[meeting.pk])).text
    assert WORDS not in state


EACH = ("delegate", "administration", "auditor", "other_secretariat", "secretariat")
PAGES = (
    *("home", "meetings:list", "archive:to_do", "documents:mine", "members:bodies"),
    *("registry:to_sign", "archive:journal", "convening:outbox"),
)


@pytest.mark.parametrize("who", EACH)
def test_nobody_meets_it_in_what_is_real(cast, client_of, toured, who):
    """The one who plays neither, once she is back in her own organisation."""
    client = client_of(getattr(cast, who))
    if who == "secretariat":
        client.post(reverse("members:switch_organisation"), {"organisation": cast.organisation.pk})
    else:
        for page in ("meetings:detail", "live:console", "meetings:ledger"):
            answer = client.get(reverse(page, args=[toured.meeting.pk]))
            assert answer.status_code == 404
    for name in PAGES:
        page = client.get(reverse(name)).text
        assert WORDS not in page and "Comité de 9 délégués" not in page, name
    found = client.get(reverse("archive:search"), {"q": "groupement commandes"}).text
    assert "Comité de 9 délégués" not in found


def test_she_enters_her_own_organisation_first(cast, client_of):
    begin(cast)
    Organisation.objects.filter(pk=cast.organisation.pk).update(name="Zone de Brume")
    assert "Zone de Brume" in client_of(cast.secretariat).get("/").text


def test_it_is_neither_exported_nor_counted_among_the_ledgers(cast, media):
    meeting, walk = begin(cast).meeting, integrity.Walk()
    with pytest.raises(CommandError, match=f"Il n’y a pas de séance {meeting.pk}.") as refused:
        call_command("export_sitting", meeting.pk)
    assert str(meeting) not in str(refused.value)
    assert list(integrity.faults(walk)) == []
    assert walk.ledgers == Meeting.objects.lasting().count()


def test_one_that_was_forgotten_goes_by_itself_and_says_when(cast, media, client_of):
    before = rows()
    started = begin(cast)
    for deed in DEEDS[:4]:
        deed(cast)
    day = timezone.localdate(started.meeting.created_at + tour.KEPT)
    assert french.long_date(day) in text(client_of(cast.secretariat).get("/visite/"))
    with sending.Sender(clock=lambda: started.meeting.created_at + tour.KEPT / 2) as sender:
        sender.run()
    assert took(cast) is not None
    with sending.Sender(clock=lambda: started.meeting.created_at + tour.KEPT) as sender:
        sender.run()
    assert took(cast) is None
    assert rows() == before


def test_one_whose_sitting_was_deleted_begins_anew(cast, media):
    preparing.delete_meeting(begin(cast).meeting, by=cast.secretariat)
    assert took(cast) is None
    assert begin(cast).rank == 1


def closed(cast, account, client_of) -> int:
    """The administration closes this account, from its page."""
    page = reverse("admin:members_user_change", args=[account.pk])
    roles = {"roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"}
    form = {"email": account.email, "first_name": "S", "last_name": "S"} | roles
    client = client_of(cast.administration)
    assert tour.NAME not in client.get(reverse("admin:members_user_changelist")).text
    answer = client.post(page, form)
    account.refresh_from_db()
    return answer.status_code


def test_it_puts_nobody_out_of_reach(cast, media, client_of):
    """Whoever runs what is real closes the account; the tour goes with it."""
    begin(cast)
    assert deciding.organisations_of(cast.secretariat) == {cast.organisation}
    assert deciding.owns(cast.administration, cast.secretariat)
    assert closed(cast, cast.secretariat, client_of) == 302
    assert not cast.secretariat.is_active
    tour.forget(timezone.now())
    assert not Organisation.objects.filter(is_fleeting=True).exists()


def test_it_hides_nothing_from_who_reads_the_trail_nor_from_who_binds_keys(cast, media, settings):
    """What is nobody’s is read where there is no other organisation: a tour is none."""
    Organisation.objects.filter(pk=cast.other_organisation.pk).update(slug=Organisation.REHEARSAL)
    settings.SIGNING_DIR = media / "certificats"
    settings.SIGNING_DIR.mkdir(parents=True)
    (settings.SIGNING_DIR / "perdue.p12").write_bytes(b"rien qui s\xe2\x80\x99ouvre")
    note(Act.KEEPING, "sauvegarde", by=None, organisation=None)

    def seen() -> tuple[bool, int]:
        lines = journal.read_by(cast.auditor, cast.organisation)
        found = keys.unbound(cast.organisation, by=cast.administration)
        return lines.filter(what="sauvegarde").exists(), len(found)

    assert seen() == (True, 1)
    begin(cast)
    assert seen() == (True, 1)


def test_it_keeps_no_account_from_being_deleted(cast, media, client_of):
    begin(cast)
    client = client_of(cast.administration)
    page = reverse("admin:members_user_delete", args=[cast.secretariat.pk])
    shown = client.get(page)
    assert shown.status_code == 200 and tour.NAME not in shown.text
    assert took(cast) is not None  # nothing is removed by looking
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=cast.secretariat.pk).exists()
    assert not Organisation.objects.filter(is_fleeting=True).exists()


@pytest.mark.parametrize("left", [None, "delegue"])
def test_it_ends_with_the_secretariat(cast, media, client_of, left):
    """At once for whoever played; its rows go at the next round."""
    meeting = begin(cast).meeting
    cast.secretariat.roles.filter(organisation=cast.organisation).delete()
    if left:
        make_role(cast.secretariat, cast.organisation, left)
    client = client_of(cast.secretariat)
    assert client.post("/visite/commencer/").status_code == 403
    assert client.get(meeting.get_absolute_url()).status_code == 404
    tour.forget(timezone.now())
    assert not Organisation.objects.filter(is_fleeting=True).exists()


def test_a_provider_opens_whoever_plays(cast, settings):
    begin(cast)
    asked = dict.fromkeys(("name", "label", "issuer", "client_id", "client_secret"), "p")
    bound = Provider(**asked, organisations=(cast.organisation.slug,))
    settings.OIDC_PROVIDERS = {"p": bound}
    assert identities.may_stay("p", cast.secretariat)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_six_presses_at_once_remove_it_once(cast, media, client_of):
    begin(cast)
    client = client_of(cast.secretariat)

    def press(_: int) -> int:
        own = Client()
        own.cookies.update(client.cookies)
        return own.post("/visite/retirer/").status_code

    assert set(at_once(press, range(6))) == {302}
    assert not Organisation.objects.filter(is_fleeting=True).exists()


def test_what_is_of_weight_is_never_removed(cast):
    """Whatever somebody writes in the database: the witness knows it."""
    Organisation._base_manager.filter(pk=cast.organisation.pk)._update(
        [(Organisation._meta.get_field("is_fleeting"), None, True)]
    )
    cast.organisation.refresh_from_db()
    assert cast.organisation.is_fleeting
    for by in (cast.secretariat, None):
        with pytest.raises(fleeting.IsOfWeight):
            fleeting.remove(cast.organisation, by=by)
    tour.forget(timezone.now())
    assert Organisation.objects.filter(pk=cast.organisation.pk).exists()
    assert any(facts.faults(Organisation))


def test_what_leans_on_what_is_real_keeps_it_from_going(cast):
    """A row that nobody witnessed: to remove it would hide it from `verify`."""
    organisation = begin(cast).meeting.organisation
    mandate = Mandate.objects.filter(body__organisation=organisation).first()
    mandate.person = Person.objects.exclude(organisation=organisation).first()
    models.Model.save_base(mandate, raw=True)
    with pytest.raises(fleeting.IsOfWeight):
        fleeting.remove(organisation, by=cast.secretariat)
    assert any(facts.faults(Mandate))


def test_what_others_play_is_not_hers_to_remove(cast):
    organisation = begin(cast).meeting.organisation
    with pytest.raises(fleeting.IsOfWeight):
        fleeting.remove(organisation, by=cast.administration)


def test_the_pages_lead_from_the_first_press_to_the_last(cast, client_of):
    client = client_of(cast.secretariat)
    assert "Commencer la visite" in client.get("/visite/").text
    assert 'href="/visite/"' in client.get("/aide/").text
    page = client.post("/visite/commencer/", follow=True).text
    assert "Aller à Convoquer" in page
    assert client.post("/visite/jour/").status_code == 409
    sitting_page = client.get(took(cast).meeting.get_absolute_url()).text
    assert "1 sur 8" in sitting_page and "Visite guidée" in sitting_page
    assert client.get("/visite/etape/?rang=1").status_code == 204
    assert "1 sur 8" in client.get("/visite/etape/?rang=7").text
    client.post("/visite/retirer/")
    assert took(cast) is None
    assert "1 sur 8" not in client.get("/").text


def test_real_sittings_stay_when_it_goes(cast, media):
    meeting = held.whole(cast)
    begin(cast)
    tour.leave(by=cast.secretariat)
    assert [fault for model in witness.watched() for fault in facts.faults(model)] == []
    assert meeting.events.count() == len(meeting.ledger)
