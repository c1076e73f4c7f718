"""The way of the acts of one sitting of the demonstration, in one go: signed, sent by S²LOW,
received, online with their annexes, read back, certified, taken off, replaced; and what the
presidency decides alone beside them. What a stranger reads at each step is what the law says."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive import annexes
from archive.models import Publication
from archive.online import clock, hiding
from demo import loading, prefecture, year
from documents.models import IssuedDocument
from meetings.actions import joining, preparing
from meetings.models import Meeting
from members import files
from members.models import Organisation
from registry.acts import actions as acts
from registry.acts import reading as register
from registry.models import Deliberation
from tests import codes
from tests.archive.test_masking import a_pdf
from tests.archive.test_publications import said_by
from tests.transmission.carried import Clock, carry
from tests.transmission.s2low import S2low
from tests.words import text, unsaid
from transmission.actions import sending
from transmission.models import Operator, Transmission

pytestmark = pytest.mark.proof
NAME = "Bernard Lheureux"


def hour(told: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(told))


class Way:
    """The acts of the Bureau of 15 September 2026, which nobody signed yet, and the verbs that lead
    them on their way: about the grouping three files are joined, about the fair one name is masked.
    """

    SENT, RECEIVED, ONLINE = hour("2026-09-16T15:00"), date(2026, 9, 17), hour("2026-09-18T10:00")

    def __init__(self, service: S2low) -> None:
        self.service, self.by = service, loading.clerk()
        self.organisation = Organisation.objects.get(slug="somme-numerique")
        self.teller = year.Teller(
            organisation=self.organisation, by=self.by, body="bureau", held_on="2026-09-15"
        )
        service.department, service.siren = "080", self.organisation.siret[:9]
        service.lies["received"] = {"received_on": self.RECEIVED.isoformat()}

    @property
    def meeting(self) -> Meeting:
        return self.teller.meeting

    def act(self, word: str) -> Deliberation:
        """The deliberation whose title has this word."""
        return self.meeting.deliberations.get(item__title__contains=word)

    def paper(self, word: str) -> IssuedDocument:
        """Its extract in force."""
        found = self.meeting.documents.current().filter(kind=IssuedDocument.Kind.EXTRACT)
        return found.get(subject=self.act(word).item.key)

    def online(self, word: str) -> Publication:
        return Publication.objects.online().get(document=self.paper(word))

    def join(self) -> None:
        """Three files: one goes online, one in another form, of one nobody says anything."""
        item = self.act("Groupement").item
        for title in ("Convention de groupement", "Liste des écoles", "Note interne"):
            file = ContentFile(a_pdf(f"{title}, suivie par {NAME}"))
            name = f"{title}.pdf"
            joining.add_attachment(item, file=file, filename=name, title=title, by=self.by)
        whole, listed, _ = item.attachments.order_by("position")
        annexes.choose(whole, is_public=True, by=self.by, at=self.ONLINE)
        other = ContentFile(a_pdf("La liste, sans le nom de personne"), "liste-publique.pdf")
        annexes.choose(listed, is_public=True, file=other, by=self.by, at=self.ONLINE)

    def mask(self, words: str) -> None:
        hiding.mask(self.meeting, words, item=None, by=self.by, at=self.ONLINE)

    def sign(self) -> None:
        self.teller.sign()

    def send(self) -> None:
        """Confirm the sheets as they are proposed, hand the acts to S²LOW, follow them."""
        Operator.objects.create(
            organisation=self.organisation, kind="s2low", address=self.service.address
        )
        prefecture.confirm(self.meeting, by=self.by, at=self.SENT)
        batch = sending.prepare_sitting(self.meeting, by=self.by, at=self.SENT, connector="s2low")
        assert batch.refused == ()
        self.follow()

    def follow(self) -> None:
        hours = Clock()
        hours.now = max(self.SENT, timezone.now())
        carry(hours, self.service)

    def publish(self) -> None:
        publishing.publish_acts(self.meeting, by=self.by, at=self.ONLINE)

    def read_back(self, days: int = 62) -> None:
        """Every day, from what its address gives to anybody."""
        for publication in Publication.objects.online().filter(document__meeting=self.meeting):
            address = reverse("archive:public_file", args=[publication.code])
            content = Client().get(address).content
            for day in range(days):
                at = self.ONLINE + timedelta(days=day, hours=1)
                clock.read_back(publication, at=at, fetch=lambda _url, _most: content)  # noqa: B023

    def certify(self, word: str):
        at = self.ONLINE + timedelta(days=62)
        return publishing.certify(self.online(word), by=self.by, at=at)

    def withdraw(self, word: str) -> Publication:
        publication, reason = self.online(word), "le montant imprimé était faux"
        return publishing.withdraw(publication, reason=reason, by=self.by, at=timezone.now())

    def replace(self, word: str, title: str) -> None:
        """Another version of an act, with another title: signed, and online in its turn."""
        item = self.act(word).item
        item.title = title
        preparing.change(item, fields=["title"], by=self.by)
        bare = [each.item.key for each in register.without_text(self.meeting)]
        now, reason = timezone.now(), "l’intitulé était incomplet"
        acts.issue_acts(self.meeting, by=self.by, at=now, reason=reason, bare=bare)
        self.teller.prepare(self.teller.whole())
        self.sign()
        publishing.publish_acts(self.meeting, by=self.by, at=timezone.now())


@pytest.fixture
def s2low(settings):
    with S2low() as server:
        settings.TRANSMISSION_HOSTS = [server.address.partition("//")[2]]
        yield server


def page(publication: Publication) -> str:
    """What a stranger reads of it."""
    return text(Client().get(publication.get_absolute_url()))


def pdf(publication: Publication) -> str:
    """What a stranger reads in the copy that says its state."""
    found = Client().get(reverse("archive:public_copy", args=[publication.code]))
    return said_by(found.content).replace("\u00a0", " ")


def test_the_acts_of_a_sitting_go_their_whole_way(loaded, s2low):
    codes.begin(random.Random(1).getstate())  # noqa: S311 those of the demonstration are drawn
    way = Way(s2low)
    way.join()
    way.mask("6 000 €")
    way.sign()
    way.send()
    sent = Transmission.objects.filter(document__meeting=way.meeting)
    assert {each.state for each in sent} == {"recue"} and len(s2low.acts()) == len(sent) == 2
    assert {each.received_on for each in sent} == {way.RECEIVED}

    way.publish()
    act, masked = way.online("Groupement"), way.online("salon")
    since = "Exécutoire depuis le 18 septembre 2026"
    assert unsaid(page(act), since, "Reçu le 17 septembre 2026", "Convention de groupement") == []
    assert unsaid(page(act), "Liste des écoles", "sans ce que la loi protège") == []
    assert "Note interne" not in page(act) and "L5721-4" in page(act)
    for annex, is_whole in zip(act.annexes.all(), (True, False), strict=True):
        given = Client().get(annex.get_absolute_url()).content
        assert (NAME in said_by(given)) is is_whole
    assert unsaid(pdf(act), since, "de l’original", "Recours", "Déféré") == []
    assert unsaid(pdf(masked), since, "où des passages sont masqués") == []
    assert masked.is_redacted and "6 000" not in page(masked) + pdf(masked)

    way.read_back()
    told = said_by(files.content((made := way.certify("Groupement")).file, made.sha256))
    assert unsaid(told.replace("\u00a0", " "), "Certificat de publication", "relevés") == []

    gone = way.withdraw("Groupement")
    answer = Client().get(gone.get_absolute_url())
    assert answer.status_code == 410 and "n’est plus en ligne" in text(answer)
    assert "Une autre version" not in text(answer)
    assert Client().get(reverse("archive:public_file", args=[gone.code])).status_code == 404
    listed = Client().get(f"/actes/{way.organisation.slug}/")
    assert "Groupement de commandes" not in text(listed)

    way.replace("Groupement", "Groupement de commandes\u00a0: convention")
    new = way.online("Groupement")
    assert unsaid(page(new), "version 1, retirée le", "l’intitulé était incomplet") == []
    assert "Une autre version est en ligne" in text(Client().get(gone.get_absolute_url()))
    assert new.code != gone.code and new.first_version == gone.first_version


def test_what_the_presidency_decides_alone_is_read_beside(loaded):
    alone = Publication.objects.online().filter(document__meeting__kind=Meeting.Kind.ACT)
    titles = sorted(each.title.partition("\u00a0:")[0] for each in alone)
    assert [each.replace("\u00a0", " ") for each in titles] == [
        "Arrêté n° A2026-001",
        "Décision n° D2026-001",
    ]
    for each in alone:
        assert unsaid(page(each), "Exécutoire depuis le", "Article 1er", "Recours") == []
        assert "séance" not in page(each).split("<main")[1].split("</main>")[0]
        assert "Exécutoire depuis le" in pdf(each)
