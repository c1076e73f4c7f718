"""Where each act that somebody takes alone is, from its draft to the public page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from archive.models import Posting
from documents.models import IssuedDocument
from law import delegations, french
from law.acts import Nature
from law.delegations import Kind
from meetings.models import Meeting
from members.models import Organisation
from registry.alone import reading
from registry.models import Deliberation
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import Transmission

# What an act waits for, in order: value → how a list says it.
STATES = {
    "projet": "projet",
    "signer": "à signer",
    "transmettre": "à transmettre",
    "publier": "à publier",
    "notifier": "à notifier",
    "fait": "en vigueur",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of an act: where it is done, what is said of it, whether it is done."""

    label: str
    icon: str
    said: str
    url: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """An act with what became of it: its number once it is taken, its paper in force."""

    meeting: Meeting
    deliberation: Deliberation | None
    document: IssuedDocument | None
    steps: tuple[Step, ...]
    state: str

    @property
    def title(self) -> str:
        """What it is about."""
        return next((item.title for item in self.meeting.items.all()), "")

    @property
    def kind(self) -> Kind:
        """A decision or an order."""
        return Kind(self.meeting.body.kind)

    @property
    def name(self) -> str:
        """ "Décision n° D2026-004"; "Projet d’arrêté" before it is taken."""
        noun = self.kind.noun
        if self.deliberation is None:
            return f"Projet {french.contract('de', noun)}"
        return french.nbsp(f"{french.capitalise(noun)} n° {self.deliberation.label}")

    @property
    def told(self) -> str:
        """What it waits for: of what goes to the prefecture, how far it is."""
        if self.state == "transmettre" and self.next is not None:
            return self.next.said
        return STATES[self.state]

    @property
    def next(self) -> Step | None:
        """The first thing to do; `None` once everything is done."""
        return next((step for step in self.steps if not step.is_done), None)


def lines(found: QuerySet[Meeting]) -> list[Line]:
    """These acts, each with what became of it: a flat number of queries."""
    papers = IssuedDocument.objects.current().prefetch_related(
        "signatures", "publications", "transmissions", Prefetch("postings", _notified())
    )
    rows = found.prefetch_related(
        Prefetch("documents", papers.defer("content"), to_attr="in_force"),
        Prefetch("deliberations", Deliberation.objects.select_related("act_sheet")),
    )
    return [_line(each) for each in rows]


def _notified() -> QuerySet[Posting]:
    return Posting.objects.standing().filter(manner=Posting.Manner.NOTIFIED)


def of(meeting: Meeting) -> Line:
    """That of one act."""
    (found,) = lines(Meeting.every.filter(pk=meeting.pk).select_related("body__organisation"))
    return found


def _line(meeting: Meeting) -> Line:
    document: IssuedDocument | None = next(iter(meeting.in_force), None)
    deliberation = next(iter(meeting.deliberations.all()), None)
    steps = tuple(_steps(meeting, document, deliberation))
    waited = next((state for state, step in steps if not step.is_done), "fait")
    return Line(
        meeting=meeting,
        deliberation=deliberation,
        document=document,
        steps=tuple(step for _, step in steps),
        state=waited,
    )


def _steps(
    meeting: Meeting, document: IssuedDocument | None, deliberation: Deliberation | None
) -> Iterable[tuple[str, Step]]:
    kind = Kind(meeting.body.kind)
    its = french.agree("établi", feminine=kind.is_feminine)
    yield (
        "projet",
        Step(
            label="Rédiger",
            icon="pen",
            said=its if document else "à établir",
            url=reverse("archive:edit_act", args=[meeting.pk]),
            is_done=document is not None,
        ),
    )
    is_signed = document is not None and signatures.is_signed(document)
    yield (
        "signer",
        Step(
            label="Signer",
            icon="seal",
            said=french.agree("signé", feminine=kind.is_feminine) if is_signed else "à signer",
            url=reverse("registry:signatures", args=[document.pk]) if document else "",
            is_done=is_signed,
        ),
    )
    if prefecture.transmits(meeting.organisation):
        yield "transmettre", _transmitted(document, deliberation)
    yield _made_known(meeting, document)


def _transmitted(document: IssuedDocument | None, deliberation: Deliberation | None) -> Step:
    sheet = getattr(deliberation, "act_sheet", None)
    sent = list(document.transmissions.all()) if document else []
    if sheet is not None and not sheet.is_transmissible:
        said, is_done = "non soumis", True
    elif any(each.state in Transmission.THERE for each in sent):
        said, is_done = "reçu en préfecture", True
    else:
        under_way = next((each for each in sent if each.state in Transmission.UNDER_WAY), None)
        said, is_done = _way_of(under_way) if under_way else "à transmettre", False
    return Step(
        label="Transmettre",
        icon="right",
        said=said,
        url=reverse("transmission:act", args=[deliberation.pk]) if deliberation else "",
        is_done=is_done,
    )


def _way_of(sending: Transmission) -> str:
    if sending.state == Transmission.State.SENT:
        return "en attente de la préfecture"
    return "préparé, à déposer" if sending.is_by_hand else "part par l’opérateur"


def _made_known(meeting: Meeting, document: IssuedDocument | None) -> tuple[str, Step]:
    url = reverse("archive:publication", args=[document.pk]) if document else ""
    if delegations.is_published(Nature(meeting.alone.nature)):
        is_online = document is not None and any(
            each.withdrawn_at is None for each in document.publications.all()
        )
        said = "en ligne" if is_online else "à publier"
        return "publier", Step(
            label="Publier", icon="upload", said=said, url=url, is_done=is_online
        )
    is_notified = document is not None and bool(document.postings.all())
    said = "notifié" if is_notified else "à notifier"
    return "notifier", Step(
        label="Notifier", icon="person", said=said, url=url, is_done=is_notified
    )


def counted(organisation: Organisation) -> list[int]:
    """The years that have any, the latest first."""
    days = reading.acts_of(organisation).order_by().dates("held_on", "year", order="DESC")
    return [day.year for day in days]
