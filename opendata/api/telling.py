"""Sittings, acts and papers of one organisation, as the API tells them.

Words go through the masks of their sitting; a file is the one that the public reads: what is
withdrawn, what is notified to one person and minutes not adopted are given to no key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from archive.models import Publication
from documents.models import IssuedDocument
from law.delegations import Kind
from meetings import leaving
from meetings import public as protection
from meetings.models import Meeting
from members import files
from members.models import Body, Organisation
from opendata.site import Site, stamped
from registry.alone import reading as lone
from registry.models import Deliberation
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import Transmission

Told = dict[str, Any]


def sittings(organisation: Organisation) -> QuerySet[Meeting]:
    """Those that were convened, held or cancelled, the last first: what is being prepared is not
    told."""
    known = Q(convened_on__isnull=False) | ~Q(stage=Meeting.Stage.PREPARED)
    rows = Meeting.objects.filter(known, body__organisation=organisation)
    return rows.select_related("body__organisation").order_by("-held_on", "-pk")


def acts(organisation: Organisation) -> QuerySet[Deliberation]:
    """Those that have a number, the last first."""
    rows = Deliberation.objects.filter(meeting__body__organisation=organisation)
    rows = rows.select_related("item", "act_sheet", "meeting__body__organisation")
    return rows.order_by("-meeting__held_on", "-pk")


def papers(organisation: Organisation) -> QuerySet[IssuedDocument]:
    """Those that nothing has superseded."""
    rows = IssuedDocument.objects.current().filter(meeting__body__organisation=organisation)
    return rows.select_related("meeting__body__organisation")


@dataclass(frozen=True)
class Teller:
    """One organisation, told under the addresses of one site."""

    site: Site
    organisation: Organisation

    def organisation_told(self) -> Told:
        own = self.organisation
        bodies = Body.objects.filter(organisation=own).order_by("position", "pk")
        return {
            "identifiant": own.slug,
            "nom": own.name,
            "siren": own.known_siren,
            "siret": own.siret,
            "instances": [self._body(each) for each in bodies],
        }

    def _body(self, body: Body) -> Told:
        return {"id": body.pk, "nom": body.name}

    def sitting(self, meeting: Meeting) -> Told:
        """As a list tells it."""
        convened = leaving.convened_on(meeting)
        return {
            "id": meeting.pk,
            "instance": self._body(meeting.body),
            "jour": meeting.held_on.isoformat(),
            "etat": meeting.get_stage_display(),
            "convoquee_le": convened.isoformat() if convened else None,
        }

    def whole_sitting(self, meeting: Meeting) -> Told:
        """With its agenda and its papers."""
        of = _Sitting(self, meeting)
        points = [
            {
                "cle": node.item.key,
                "numero": of.words(node.number, node.item.key) if node.item.label else node.number,
                "intitule": of.words(node.item.title, node.item.key),
                "est_titre": node.item.is_section,
            }
            for node in meeting.agenda.nodes
        ]
        found = signatures.in_force(meeting)
        return self.sitting(meeting) | {
            "points": points,
            "documents": [of.paper(each) for each in found],
        }

    def acts(self, rows: Iterable[Deliberation]) -> list[Told]:
        """Each act, its sitting read once."""
        by_sitting: dict[int, _Sitting] = {}
        told = []
        for act in rows:
            of = by_sitting.setdefault(act.meeting_id, _Sitting(self, act.meeting))
            told.append(of.act(act))
        return told


class _Sitting:
    """What the acts and papers of one sitting have in common."""

    def __init__(self, teller: Teller, meeting: Meeting) -> None:
        self.teller, self.meeting = teller, meeting
        self.masks = protection.Masks(meeting)

    def words(self, text: str, item: str = "") -> str:
        """Without what is masked there."""
        return self.masks.of(item).text(text)

    @cached_property
    def extracts(self) -> Mapping[str, IssuedDocument]:
        found = signatures.in_force(self.meeting)
        return {each.subject: each for each in found if each.subject}

    @cached_property
    def sendings(self) -> Mapping[int, Transmission]:
        return prefecture.last_sendings(self.meeting)

    @cached_property
    def online(self) -> Mapping[int, Publication]:
        rows = Publication.objects.online().filter(document__meeting=self.meeting)
        return {each.document_id: each for each in rows.order_by("pk")}

    def act(self, act: Deliberation) -> Told:
        sheet = getattr(act, "act_sheet", None)
        paper, sent = self.extracts.get(act.item.key), self.sendings.get(act.pk)
        # Whom an individual act is about is told of it, and nobody else before it is online.
        is_online = paper is not None and paper.pk in self.online
        is_about = lone.is_notified(self.meeting) or (sheet is not None and sheet.is_notified)
        is_kept = self.meeting.is_alone and is_about and not is_online
        return {
            "id": act.pk,
            "numero": act.label,
            "genre": _genre(self.meeting, "délibération"),
            "nature": lone.nature_of(act).label,
            "objet": None if is_kept else self.words(act.item.title, act.item.key),
            "seance": act.meeting_id if self.meeting.kind == Meeting.Kind.SITTING else None,
            "jour": self.meeting.held_on.isoformat(),
            "matiere": sheet.matter if sheet else "",
            "document": self.paper(paper) if paper and not is_kept else None,
            "transmission": _sending(sent) if sent else None,
        }

    def paper(self, document: IssuedDocument) -> Told:
        site, online = self.teller.site, self.online.get(document.pk)
        return {
            "id": document.pk,
            "genre": _genre(self.meeting, document.get_kind_display()),
            "titre": self.words(document.title),
            "version": document.version,
            "etabli_le": stamped(document.issued_at),
            "signatures_attendues": document.signatories,
            "signatures_donnees": signatures.given(document),
            "en_ligne_le": stamped(online.published_at) if online else None,
            "adresse_publique": site.to("archive:public_document", online.code) if online else None,
            "fichier": site.to("opendata:api_file", document.pk),
        }


def _genre(meeting: Meeting, otherwise: str) -> str:
    """ "décision", "arrêté", of what one person decided."""
    return Kind(meeting.body.kind).noun if meeting.is_alone else otherwise


def _sending(sent: Transmission) -> Told:
    return {
        "identifiant": sent.identifier,
        "etat": sent.get_state_display(),
        "envoyee_le": stamped(sent.sent_at) if sent.sent_at else None,
        "recue_le": sent.received_on.isoformat() if sent.received_on else None,
    }


def file_of(document: IssuedDocument) -> bytes | None:
    """What the public reads of it; `None` as long as it does not, or not any more."""
    online = document.publications.filter(withdrawn_at=None).order_by("-pk").first()
    return files.content(online.file, online.sha256) if online else None
