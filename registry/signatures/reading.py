"""What the register says of a sitting: what was decided, numbered and adopted."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from documents.models import IssuedDocument
from law.assembly import Member
from law.french import NBSP
from meetings.models import Meeting
from members.models import Mandate, Person, User
from registry.models import SignatureStep


def given(document: IssuedDocument) -> int:
    """How many people signed a document whose signatures were fetched."""
    return sum(step.role in SignatureStep.BY_PEOPLE for step in document.signatures.all())


def is_signed(document: IssuedDocument) -> bool:
    """Whether everybody who is to sign a document did: whoever presided and each secretary of the
    sitting (art. L2121-15 and L2121-23)."""
    return given(document) >= document.signatories


def unsigned(documents: QuerySet) -> QuerySet:
    """Those of these documents that still wait for somebody: `is_signed`, in one query."""
    by_people = Q(signatures__role__in=SignatureStep.BY_PEOPLE)
    counted = documents.annotate(given=Count("signatures", filter=by_people))
    return counted.filter(given__lt=F("signatories"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A signature that a document waits for, and the one that was given."""

    name: str
    role: str
    label: str
    person: Person | None
    step: SignatureStep | None

    @property
    def is_signed(self) -> bool:
        """Whether somebody signed there, whichever way."""
        return self.step is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who signs papers of a sitting: at which place, in which role."""

    place: str
    role: str
    capacity: str
    member: Member
    person: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """Who signs what a sitting leaves: minutes and extracts, the list."""

    acts: tuple[Signer, ...]
    listed: tuple[Signer, ...]

    def of(self, document: IssuedDocument) -> tuple[Signer, ...]:
        """Those who sign this document of the sitting."""
        return self.listed if document.kind == IssuedDocument.Kind.LIST else self.acts


def signers(meeting: Meeting) -> Signers:
    """Whoever presided this sitting, then its secretaries (art. L2121-15 and L2121-23): those of
    the sitting, not of the one that adopts its minutes. The list is signed by whoever chairs the
    body. One query once the ledger is read."""
    story = meeting.sitting
    members = story.at_end.composition
    chair = story.at_opening.chair or story.at_end.chair
    clerks = story.at_opening.clerks or story.at_end.clerks
    president, clerk = SignatureStep.Role.PRESIDENT, SignatureStep.Role.CLERK
    wanted = [("president", president, "présidence de la séance", chair)]
    wanted += [
        (f"secretaire-{rank}", clerk, clerk.label, key) for rank, key in enumerate(clerks, start=1)
    ]
    head = story.at_end.president or chair
    listed = [("president", president, "à la présidence", head)]
    known = members.by_key
    persons = {
        mandate.pk: mandate.person
        for mandate in Mandate.objects.filter(
            pk__in={known[key].mandate for *_, key in (*wanted, *listed) if key in known}
        ).select_related("person")
    }

    def those(asked: list[tuple[str, SignatureStep.Role, str, str]]) -> tuple[Signer, ...]:
        return tuple(
            Signer(
                place=place,
                role=role,
                capacity=capacity,
                member=known[key],
                person=persons.get(known[key].mandate),
            )
            for place, role, capacity, key in asked
            if key in known
        )

    return Signers(acts=those(wanted), listed=those(listed))


def places(document: IssuedDocument, known: Signers | None = None) -> tuple[Place, ...]:
    """The signatures that a document waits for; `known` are the signers of its sitting, when
    several of its documents are looked at."""
    given = {step.place: step for step in document.signatures.all() if step.place}
    return tuple(
        Place(
            name=signer.place,
            role=signer.role,
            label=f"{signer.capacity}{NBSP}: {signer.member.name}",
            person=signer.person,
            step=given.get(signer.place),
        )
        for signer in (known or signers(document.meeting)).of(document)
    )


def missing(document: IssuedDocument, known: Signers | None = None) -> list[Place]:
    """The signatures that a document still waits for; `known` as for its `places`."""
    return [place for place in places(document, known) if not place.is_signed]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """A document that somebody may sign now: at which place, and the hash of what is signed."""

    document: IssuedDocument
    place: str
    person: Person
    digest: str


def to_sign(
    meeting: Meeting, user: User, issued: Iterable[IssuedDocument] | None = None
) -> tuple[ToSign, ...]:
    """What awaits the signature of this account among the papers of a sitting, once prepared."""
    known = signers(meeting)
    found = []
    for document in in_force(meeting) if issued is None else issued:
        steps = document.signatures.all()
        for place in missing(document, known) if steps else ():
            person = place.person
            if person is not None and person.user_id == user.pk:
                last = max(steps, key=lambda step: step.order)
                found.append(
                    ToSign(document=document, place=place.name, person=person, digest=last.sha256)
                )
    return tuple(found)


def in_force(meeting: Meeting) -> list[IssuedDocument]:
    """The papers of a sitting that nothing has superseded, extracts in the order of their numbers,
    with their signatures: two queries."""
    ranks = dict(meeting.deliberations.values_list("item__key", "rank"))
    documents = (
        meeting.documents.current().select_related("adoption").prefetch_related("signatures")
    )
    return sorted(documents, key=lambda each: (_ORDER[each.kind], ranks.get(each.subject, 0)))


_ORDER = {
    IssuedDocument.Kind.MINUTES: 0,
    IssuedDocument.Kind.EXTRACT: 1,
    IssuedDocument.Kind.LIST: 2,
}


def current_file(document: IssuedDocument) -> tuple[bytes, str]:
    """The bytes that the next signer signs and their SHA-256."""
    last = document.signatures.order_by("-order").first()
    file = last.file if last else document.pdf
    with file.open("rb") as opened:
        content = opened.read()
    return content, hashlib.sha256(content).hexdigest()
