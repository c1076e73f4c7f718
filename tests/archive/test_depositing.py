"""A deposit in an electronic archive: valid, whole, and nothing free that the law protects."""

import hashlib
import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from archive import actions as publishing
from archive.keeping import depositing
from archive.models import ArchiveService
from documents import actions as documents
from documents.models import IssuedDocument
from law import ballots, sitting
from law.acts import Nature
from law.delegations import QUESTIONS, Kind
from meetings.actions import joining, ledger, masking
from registry.acts import actions as acts
from registry.alone import actions as lone
from registry.models import Delegation, Deliberation
from tests import beside, held
from tests.archive.test_masking import PNG
from tests.cast import SINCE, change
from tests.documents.ink import plain
from tests.held import AT, JULY
from tests.transmission import made
from tests.words import unsaid
from transmission.actions import receiving

pytestmark = pytest.mark.django_db
SCHEMAS = beside.folder("standards/seda")
MAIN = {
    "2.1": "vitam-2.1/seda-vitam-2.1-main.xsd",
    "2.2": "vitam-2.2/seda-vitam-2.2-main.xsd",
    "2.3": "seda-2.3/seda-2.3-main.xsd",
}
XSD = "{http://www.w3.org/2001/XMLSchema}"


class _Offline(etree.Resolver):
    """The schemas as they are on the disk; what their wildcards leave open is said."""

    def resolve(self, url, public_id, context):
        name = url.rpartition("/")[2]
        path = SCHEMAS / "w3c" / name if "w3.org" in url else Path(url.removeprefix("file://"))
        return self.resolve_string(_decided(path), context, base_url=str(path))


def _decided(path: Path) -> bytes:
    root = etree.parse(path).getroot()
    for each in root.iter(f"{XSD}any"):
        if "vitam" in str(path) and each.get("namespace") is None:
            each.set("namespace", "##other")
    return etree.tostring(root)


@pytest.fixture(scope="session", params=[*MAIN])
def schema(request):
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas are not on this machine")
    parser = etree.XMLParser()
    parser.resolvers.add(_Offline())
    path = SCHEMAS / MAIN[request.param]
    root = etree.fromstring(_decided(path), parser, base_url=str(path))
    return request.param, etree.XMLSchema(root)


@pytest.fixture
def service(cast):
    return ArchiveService.objects.create(
        organisation=cast.organisation,
        agency="FRAD080",
        sender="200000016",
        producer="200000016",
        agreement="CONTRAT-ACTES",
        profile="PROFIL-ACTES",
        private="CODE-50",
        retention="CODE-SORT",
    )


@pytest.fixture
def sent(cast, settings, tmp_path):
    """A sitting of two acts, sent to the prefecture and received."""
    settings.MEDIA_ROOT = tmp_path / "media"
    meeting = made.sitting(cast, "Budget primitif", "Aide à Mme Zoé Martin")
    for each in made.prepared(cast, meeting):
        given = [("ar.xml", made.answer(each))]
        receiving.take(cast.organisation, given, by=cast.secretariat, at=made.LATER)
    return meeting


def opened(deposit, service) -> tuple[zipfile.ZipFile, etree._Element]:
    with depositing.pack(deposit, service, at=AT) as packed:
        archive = zipfile.ZipFile(io.BytesIO(packed.read()))
    return archive, etree.fromstring(archive.read("manifest.xml"))


def texts(root, path: str) -> list[str]:
    return [each.text for each in root.iterfind(f".//{{*}}{path}")]


def rules(root) -> dict[str, str | None]:
    """By file, the rule of communicability that it bears itself."""
    groups = {
        each.get("id"): each.findtext(".//{*}Uri") for each in root.iter("{*}DataObjectGroup")
    }
    found = {}
    for unit in root.iter("{*}ArchiveUnit"):
        name = unit.findtext("./{*}DataObjectReference/{*}DataObjectGroupReferenceId")
        if name:
            found[groups[name]] = unit.findtext("./{*}Management/{*}AccessRule/{*}Rule")
    return found


def act_of(meeting, title: str) -> Deliberation:
    return meeting.deliberations.select_related("item").get(item__title=title)


@pytest.mark.parametrize("alone", [False, True], ids=["la séance", "un acte"])
def test_it_is_valid_and_says_what_it_holds(sent, service, schema, alone):
    service.version, judge = schema
    act = act_of(sent, "Budget primitif") if alone else None
    archive, root = opened(depositing.Deposit(meeting=sent, act=act), service)
    judge.assertValid(root)
    held_there = {name for name in archive.namelist() if name != "manifest.xml"}
    objects = {
        each.findtext("{*}Uri"): (each.findtext("{*}MessageDigest"), each.findtext("{*}Size"))
        for each in root.iter("{*}BinaryDataObject")
    }
    assert objects.keys() == held_there == set(rules(root))
    for name, (digest, size) in objects.items():
        content = archive.read(name)
        assert (hashlib.sha512(content).hexdigest(), str(len(content))) == (digest, size)
    assert texts(root, "FinalAction") == ["Keep"]
    assert any("accuse" in name or name.endswith("ar.xml") for name in held_there)
    others = [name for name in held_there if "registre.json" in name]
    assert bool(others) is not alone


def test_an_act_says_its_number_its_matter_and_its_identifier(sent, service):
    act = act_of(sent, "Budget primitif")
    _, root = opened(depositing.Deposit(meeting=sent, act=act), service)
    title = texts(root, "Title")[0].replace("\u00a0", " ")
    assert act.label in title and "Budget primitif" in title and "9 juin 2026" in title
    (known,) = texts(root, "OriginatingSystemId")
    assert known == act.act_sheet.transmissions.get().identifier
    assert act.act_sheet.matter in texts(root, "KeywordContent")


def test_what_the_law_protects_waits_and_the_rest_is_free(sent, service, cast):
    masking.decide(sent, "Mme Zoé Martin", is_masked=True, by=cast.secretariat, at=AT)
    extract = sent.documents.get(subject=act_of(sent, "Aide à Mme Zoé Martin").item.key)
    online = publishing.publish(extract, by=cast.secretariat, at=AT)
    assert online.is_redacted
    sent.forget()
    archive, root = opened(depositing.Deposit(meeting=sent), service)
    told = rules(root)
    free = {name for name, rule in told.items() if rule is None}
    assert any(name.startswith("content/en-ligne/") for name in free)
    for name in free:  # nothing that is free says it, in its bytes or its data
        assert b"Martin" not in archive.read(name), name
    secret = {name.rpartition("/")[2] for name, rule in told.items() if rule == "CODE-50"}
    assert {"seance.json", "registre.json", "reponses.json", extract.file_name} <= secret
    other = sent.documents.get(subject=act_of(sent, "Budget primitif").item.key)
    assert f"content/documents/{other.file_name}" in free
    # And the manifest, which everybody reads, tells no name that is masked.
    titles = etree.tostring(root, encoding="unicode")
    assert "Martin" not in titles


def test_a_masked_name_is_in_no_name_of_a_joined_file(sent, service, cast):
    item = act_of(sent, "Aide à Mme Zoé Martin").item
    file = ContentFile(PNG, "aide-zoe_martin.png")
    joining.add_attachment(item, file=file, filename=file.name, by=cast.secretariat)
    masking.decide(sent, "Zoé Martin", is_masked=True, item=item, by=cast.secretariat, at=AT)
    _, root = opened(depositing.Deposit(meeting=sent), service)
    assert "pieces/" in " ".join(texts(root, "Uri"))
    assert "zoe_martin" not in etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("is_closed", [True, False], ids=["à huis clos", "en public"])
def test_told_behind_closed_doors_it_waits(cast, settings, tmp_path, is_closed):
    settings.MEDIA_ROOT = tmp_path / "media"
    meeting = held.prepare(cast, "Affaire", place="au siège")
    held.sit(meeting, by=cast.secretariat, hours=None)
    (item,) = (node.item for node in meeting.agenda.nodes)
    vote = sitting.BallotHeld(ballot=ballots.Ballot(item=item.key, question="De M. Martin ?"))
    shut = sitting.DoorsClosed(at=held.at("19:10"), votes_for=6, before=item.key)
    told = [shut, vote, sitting.DoorsOpened(at=held.at("19:50"))] if is_closed else [vote]
    end = sitting.Closed(at=held.at("20:30"))
    ledger.record(meeting, *told, end, by=cast.secretariat)
    minutes = documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    found = depositing.Deposit(meeting=meeting).files
    (private,) = {each.private for each in found if each.entry.source == minutes}
    assert private == ("passages masqués, ou dits à huis clos" if is_closed else "")


def access(root) -> dict[str, tuple[str | None, str | None]]:
    """By file, the rule of communicability that it bears itself and the day it runs from."""
    units = {
        unit.findtext("./{*}DataObjectReference/{*}DataObjectGroupReferenceId"): unit
        for unit in root.iter("{*}ArchiveUnit")
    }
    return {
        group.findtext(".//{*}Uri").rpartition("/")[2]: tuple(
            units[group.get("id")].findtext(f"./{{*}}Management/{{*}}AccessRule/{{*}}{name}")
            for name in ("Rule", "StartDate")
        )
        for group in root.iter("{*}DataObjectGroup")
    }


def test_a_delay_runs_from_the_day_of_the_file(cast, sent, service):
    """Art. L213-2, I: and not from the sitting, long before."""
    late = AT + timedelta(days=400)
    act = sent.documents.get(subject=act_of(sent, "Aide à Mme Zoé Martin").item.key)
    masking.decide(sent, "Mme Zoé Martin", is_masked=True, by=cast.secretariat, at=AT)
    QuerySet(IssuedDocument).filter(pk=act.pk).update(issued_at=late)
    sent.forget()
    deposit = depositing.Deposit(meeting=sent)
    with depositing.pack(deposit, service, at=late + timedelta(days=1)) as packed:
        root = etree.fromstring(zipfile.ZipFile(io.BytesIO(packed.read())).read("manifest.xml"))
    day, next_day = (timezone.localdate(late + timedelta(days=n)) for n in (0, 1))
    starts = {start for rule, start in access(root).values() if rule == "CODE-50"}
    assert day.isoformat() in starts
    assert access(root)["seance.json"] == ("CODE-50", next_day.isoformat())  # written that day
    (file,) = [each for each in deposit.files if each.entry.source == act]
    assert file.free_on == day.replace(year=day.year + 50)


def test_what_is_not_finished_bears_no_day(cast, sent, service, schema):
    """Art. L311-2 of the CRPA: minutes that are not adopted, versions that were replaced."""
    service.version, judge = schema
    item = act_of(sent, "Budget primitif").item
    old = sent.documents.get(subject=item.key)
    change(item, title="Budget primitif de 2026")
    sent.forget()
    minutes = documents.issue_minutes(sent, by=cast.secretariat, at=AT)
    held.issue_acts(sent, by=cast.secretariat, reason="l’année manquait")
    new = sent.documents.current().get(subject=item.key)
    assert new != old

    def found():
        sent.forget()
        deposit = depositing.Deposit(meeting=sent)
        _, root = opened(deposit, service)
        judge.assertValid(root)
        told, names = access(root), {}
        for each in deposit.files:
            names.setdefault(each.entry.source, each.entry.name.rpartition("/")[2])
        return [told[names[each]] for each in (minutes, old, new)]

    assert found() == [("AR038", None), ("AR038", None), (None, None)]
    later = held.hold(cast, JULY)
    acts.record_adoptions(later, by=cast.secretariat, at=AT)
    minutes.refresh_from_db()
    assert found() == [(None, None), ("AR038", None), (None, None)]


@pytest.fixture
def alone(cast, settings, tmp_path):
    """`alone(kind, nature, title)`: an act that its president takes, established."""
    settings.MEDIA_ROOT = tmp_path / "media"
    president = cast.comite.mandates.get(office="president")
    lone.open_registers(cast.comite, by=cast.secretariat)
    given = Delegation(
        body=cast.comite,
        mandate=president,
        source="la délibération n° 12 du 4 mai 2026 portant délégation",
        granted_on=SINCE,
        enforceable_on=date(2026, 5, 11),
        subjects="Assurances",
    )
    lone.note_delegation(given, by=cast.secretariat)

    def make(kind: Kind, nature: Nature, title: str, **more):
        told = {
            "title": title,
            "author": president,
            "held_on": date(2026, 6, 5),
            "nature": nature.value,
            "articles": "Il en est ainsi.",
        }
        if kind is Kind.DECISION:
            told |= {"delegation": given, "subject": "Assurances"}
        told = lone.Told(**told | more)
        meeting = lone.draft(cast.comite, kind, told, by=cast.secretariat, at=AT)
        lone.take(meeting, by=cast.secretariat, at=AT, answered=dict.fromkeys(QUESTIONS, "ainsi"))
        return meeting

    return make


def test_an_act_taken_alone_is_deposited_under_its_own_title(
    alone, service, schema, client_of, cast
):
    service.version, judge = schema
    meeting = alone(Kind.DECISION, Nature.OTHER, "Police d’assurance")
    _, root = opened(depositing.Deposit(meeting=meeting), service)
    judge.assertValid(root)
    title = texts(root, "Title")[0].replace("\u00a0", " ")
    assert title.startswith("Décision nº ") and title.endswith("5 juin 2026 : Police d’assurance")
    assert "Décision" in texts(root, "KeywordContent")
    said = etree.tostring(root, encoding="unicode")
    assert "séance" not in said and "Délibération" not in said
    paper = meeting.documents.get()
    assert access(root)[paper.file_name] == ("AR038", None)  # nobody signed it
    secretary = client_of(cast.secretariat)
    page = reverse("archive:deposit", args=[meeting.pk])
    assert page in secretary.get(meeting.get_absolute_url()).content.decode()
    shown = secretary.get(page).content.decode()
    assert unsaid(shown, "Ce qui serait versé", "acte que personne n’a signé") == []
    pack = secretary.get(reverse("archive:deposit_pack", args=[meeting.pk]))
    assert pack.status_code == 200 and b"".join(pack.streaming_content)


def test_the_manifest_of_an_individual_order_names_nobody(alone, service):
    meeting = alone(
        Kind.ORDER, Nature.INDIVIDUAL, "Révocation de Jean Martin", concerns="Jean Martin"
    )
    archive, root = opened(depositing.Deposit(meeting=meeting), service)
    said = etree.tostring(root, encoding="unicode").casefold()
    assert "martin" not in said and "révocation" not in said and "arrêté" in said
    assert {rule for rule, _ in access(root).values()} == {"CODE-50"}
    content = held.content_of(meeting.documents.get().pdf)
    assert content in [archive.read(name) for name in archive.namelist()]


def test_one_act_holds_nothing_of_another(sent, service):
    act, other = act_of(sent, "Budget primitif"), act_of(sent, "Aide à Mme Zoé Martin")
    archive, _ = opened(depositing.Deposit(meeting=sent, act=act), service)
    paper = sent.documents.get(subject=other.item.key)
    assert not any(paper.file_name in name for name in archive.namelist())


def test_beyond_its_bound_it_is_refused(sent, service, monkeypatch, client_of, cast):
    monkeypatch.setattr(depositing, "MOST", 1000)
    secretary = client_of(cast.secretariat)
    answer = secretary.get(reverse("archive:deposit_pack", args=[sent.pk]), follow=True)
    assert "acte par acte" in answer.content.decode()


def test_the_page_asks_what_was_agreed_then_gives_the_pack(sent, client_of, cast):
    secretary = client_of(cast.secretariat)
    page = reverse("archive:deposit", args=[sent.pk])
    pack = reverse("archive:deposit_pack", args=[sent.pk])
    assert secretary.get(pack).status_code == 302
    asked = secretary.get(page).content.decode()
    assert "Télécharger le paquet" not in asked  # and what must be said comes first
    service = reverse("archive:archive_service")
    assert service in asked and 'name="agency"' in secretary.get(service).text
    told = {"agency": "FRAD080", "sender": "200000016", "producer": "200000016"}
    told |= {"free": "AR038", "private": "CODE-50", "retention": "CODE-SORT"}
    told |= {"version": "2.3", "algorithm": "http://www.w3.org/2001/04/xmlenc#sha256"}
    assert secretary.post(service, told).status_code == 302
    text = secretary.get(page).content.decode()
    assert "Télécharger le paquet" in text and "2076" in text
    answer = secretary.get(pack)
    content = b"".join(answer.streaming_content)
    archive = zipfile.ZipFile(io.BytesIO(content))
    root = etree.fromstring(archive.read("manifest.xml"))
    assert root.tag.startswith("{fr:gouv:culture:archivesdefrance:seda:v2.3}")
    digest = root.find(".//{*}MessageDigest")
    uri = root.findtext(".//{*}Uri")
    assert digest.text == hashlib.sha256(archive.read(uri)).hexdigest()
    act = act_of(sent, "Budget primitif")
    alone = secretary.get(f"{pack}?acte={act.pk}")
    assert alone.status_code == 200 and act.safe_label in alone["Content-Disposition"]
    assert b"".join(alone.streaming_content)
    assert secretary.get(f"{pack}?acte=x").status_code == 404


def test_whoever_deposits_says_which_secret_a_delay_protects(sent, service, client_of, cast):
    """Art. L213-2, I: 25, 75 and 100 years are chosen once the archive has given its code."""
    secretary = client_of(cast.secretariat)
    page = reverse("archive:deposit", args=[sent.pk])
    pack = reverse("archive:deposit_pack", args=[sent.pk])
    assert "Ce que protège le délai" not in secretary.get(page).text
    change(service, justice="CODE-75")
    asked = secretary.get(page).text
    assert 'name="delai-personnes"' in asked and "75\xa0ans\xa0: affaire portée" in asked
    assert "25\xa0ans\xa0: secret" not in asked

    def rules(**told) -> tuple[set[str | None], str]:
        answer = secretary.get(pack, told)
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        root = etree.fromstring(archive.read("manifest.xml"))
        return {rule for rule, _ in access(root).values()}, plain(
            root.findtext(".//{*}Description")
        )

    found, said = rules(**{"delai-personnes": "75"})
    assert "CODE-75" in found and "75 ans (art. L213-2, I, 4°)" in said
    # What has no code, or is no delay, is that of private life.
    for years in ("25", "-1", "漢"):
        found, said = rules(**{"delai-personnes": years})
        assert "CODE-50" in found and "CODE-75" not in found and "50 ans" in said
