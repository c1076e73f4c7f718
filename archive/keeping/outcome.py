"""What came of a sitting and of its papers, for whoever keeps them: versions, adoption, signatures,
publication, withdrawal, cancellation, what was to be carried out and told to the assembly.

The facts are those of the proof files, under the same keys (`proofs`)."""

from typing import Any

from django.utils import timezone

from archive.keeping import proofs
from archive.models import Publication
from convening.models import Convocation
from documents.models import IssuedDocument
from law import french
from meetings import leaving
from meetings.models import Meeting
from registry.acts.reading import adoption_told, links_of
from registry.models import Accounted, FollowUp


def of(meeting: Meeting) -> dict[str, Any]:
    """All of it, as JSON types and days."""
    numbered = meeting.deliberations.select_related("item").order_by("rank")
    follow_ups = FollowUp.objects.filter(item__meeting=meeting).select_related("item")
    accounted = Accounted.objects.filter(item__meeting=meeting)
    accounted = accounted.select_related("item", "ruling", "deliberation__item")
    return {
        "seance": {
            "jour": meeting.held_on,
            "etat": meeting.get_stage_display(),
            "convoquee_le": meeting.convened_on,
            "convocation_partie_le": leaving.left_on(meeting),
            "annulation": cancellation(meeting),
        },
        "documents": [_document(each) for each in issued(meeting)],
        "deliberations": [
            {"numero": each.label, "objet": each.item.title, "effets": list(links_of(each))}
            for each in numbered.prefetch_related("links__target", "linked_from__source__meeting")
        ],
        "suites": [
            {
                "point": each.item.title,
                "quoi": each.what,
                "qui": each.who,
                "au_plus_tard": each.due_on,
                "issue": each.get_outcome_display(),
                "le": each.settled_on,
                "precision": each.reason,
            }
            for each in follow_ups.order_by("item__position", "pk")
        ],
        "delegations": [
            {"point": each.item.title, "numero": each.number, "objet": each.object}
            for each in accounted.order_by("item__position", "pk")
        ],
    }


_ORDER = (IssuedDocument.Kind.MINUTES, IssuedDocument.Kind.LIST, IssuedDocument.Kind.EXTRACT)


def issued(meeting: Meeting) -> list[IssuedDocument]:
    """Minutes, list, extracts by their number; of each, the first version first."""
    ranks = dict(meeting.deliberations.values_list("item__key", "rank"))
    found = meeting.documents.select_related("superseded_by", "adoption", "meeting__body")
    found = found.prefetch_related("signatures__deposit", "publications")
    return sorted(
        found,
        key=lambda each: (
            _ORDER.index(IssuedDocument.Kind(each.kind)),
            ranks.get(each.subject, 0),
            each.subject,
            each.version,
        ),
    )


def cancellation(meeting: Meeting) -> dict[str, Any] | None:
    """When and why it was called off; `None` when it was not."""
    if meeting.stage != Meeting.Stage.CANCELLED:
        return None
    notices = meeting.convocations.filter(kind=Convocation.Kind.CANCELLED)
    notice = notices.exclude(stage=Convocation.Stage.DRAFT).order_by("-number").first()
    return {
        "annulee_le": notice.sent_on.isoformat() if notice and notice.sent_on else None,
        "motif": notice.reason if notice else "",
    }


def in_words(document: IssuedDocument) -> str:
    """Where a paper stands, in one line: its version and code, what replaced it, adoption, what is
    online."""
    issued_on = french.long_date(timezone.localdate(document.issued_at))
    code = f", code {document.code}" if document.code else ""
    told = [f"version {document.version}{code}, du {issued_on}"]
    if not document.is_current:
        later = document.superseded_by
        on = french.long_date(timezone.localdate(later.issued_at))
        told.append(f"REMPLACÉ le {on} par la version {later.version}, {later.reason}")
    if adoption := adoption_told(document):
        told.append(adoption)
    told += [_online(row) for row in document.publications.order_by("pk")]
    return "\N{NO-BREAK SPACE}; ".join(told)


def _online(row: Publication) -> str:
    since = french.long_date(timezone.localdate(row.published_at))
    if row.withdrawn_at is None:
        return f"en ligne depuis le {since}"
    until = french.long_date(timezone.localdate(row.withdrawn_at))
    return f"mis en ligne le {since}, retiré le {until}\N{NO-BREAK SPACE}: {row.reason}"


def _document(document: IssuedDocument) -> dict[str, Any]:
    steps = document.signatures.select_related("key").order_by("order")
    return {
        **proofs.known_of(document),
        **proofs.hashes_of(document),
        "motif": document.reason,
        "remplace_par": None if document.is_current else proofs.later_of(document.superseded_by),
        "adoption": adoption_told(document),
        "signatures": [proofs.signature_of(step) for step in steps if step.place],
        "publications": [
            proofs.publication_of(row) for row in document.publications.order_by("pk")
        ],
    }
