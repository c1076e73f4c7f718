"""The bytes that go online: those that were signed, or a copy laid out without what the law
protects. Passages are left out when the page is laid out again, never painted over: neither the
text of the file nor the data in it hold them.
"""

from django.utils import timezone

from documents import actions as issuing
from documents import compile, papers, render
from documents.models import IssuedDocument
from law import findings
from meetings import public as protection
from registry.acts import reading as acts
from registry.signatures import reading

PUBLIC_EDITION = (
    "Version mise en ligne : les passages que la loi protège n’y figurent pas. L’original{} "
    "est conservé."
)


def of(document: IssuedDocument) -> tuple[bytes, bool]:
    """The bytes that go online, and whether passages were left out of them.

    Raises `Refused` when the sitting no longer says what was issued, for what to leave out of it
    would be a guess; and for a file that a signer changed.
    """
    public = _without_what_is_protected(document)
    if public is None:
        signed, _ = reading.sound_file(document)
        return signed, False
    issued = document.paper
    is_signed = bool(reading.given(document)) and reading.is_signed(document)
    told = PUBLIC_EDITION.format(" signé" if is_signed else "")
    edition = " ".join(filter(None, (issued.edition, told)))
    marked = public.as_issued(
        version=document.version, edition=edition, verification=issued.verification
    )
    return render.render_pdf(marked), True


def _without_what_is_protected(document: IssuedDocument) -> papers.Issuable | None:
    """The paper as anybody may read it; `None` when everything in it may be read."""
    if not protection.may_be_protected(document.meeting):
        return None
    draft, public = (compiled(document, is_public=is_public) for is_public in (False, True))
    if issuing.has_changed(document, draft):
        raise _moved_on()
    return None if public.without_edition == draft.without_edition else public


def compiled(document: IssuedDocument, *, is_public: bool = False) -> papers.Issuable:
    """This paper as the sitting says it today."""
    meeting = document.meeting
    if document.kind == IssuedDocument.Kind.MINUTES:
        return compile.compile_minutes(meeting, is_public=is_public)
    numbers = acts.numbers_of(meeting)
    if document.kind == IssuedDocument.Kind.LIST:
        at = timezone.localdate(document.issued_at)
        return compile.compile_deliberation_list(
            meeting, numbers=numbers, at=at, is_public=is_public
        )
    key = document.subject
    return compile.compile_extract(meeting, key, number=numbers[key], is_public=is_public)


def _moved_on() -> findings.Refused:
    return findings.refusal(
        "texte_change",
        "Des passages sont à masquer, mais le texte de la séance n’est plus celui qui a été "
        "établi.",
        remedy="Remettez-le comme il était, ou établissez une version qui le corrige.",
    )
