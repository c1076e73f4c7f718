"""The bytes that go online: those that were signed, or a copy laid out without what the law
protects. Passages are left out when the page is laid out again, never painted over: neither the
text of the file nor the data in it hold them.
"""

from dataclasses import replace

from documents import actions as issuing
from documents import compile, papers, render
from documents.models import IssuedDocument
from law import findings
from meetings import richtext
from registry.signatures import reading
from registry.writing import public_version

PUBLIC_EDITION = (
    "Version mise en ligne : les passages que la loi protège n’y figurent pas. L’original signé "
    "est conservé."
)


def of(document: IssuedDocument) -> tuple[bytes, bool]:
    """The bytes that go online, and whether passages were left out of them.

    Raises `Refused` when the sitting no longer says what was issued: what to leave out of it
    would be a guess.
    """
    public = _without_what_is_protected(document)
    if public is None:
        signed, _ = reading.current_file(document)
        return signed, False
    issued = document.paper
    edition = " ".join(filter(None, (issued.edition, PUBLIC_EDITION)))
    marked = public.as_issued(
        version=document.version, edition=edition, verification=issued.verification
    )
    return render.render_pdf(marked), True


def _without_what_is_protected(document: IssuedDocument) -> papers.Issuable | None:
    """The paper as anybody may read it; `None` when everything in it may be read."""
    if document.kind == IssuedDocument.Kind.MINUTES:
        return _public_minutes(document)
    if document.kind == IssuedDocument.Kind.EXTRACT:
        return _public_extract(document)
    return None  # a list holds numbers, titles and decisions


def _public_minutes(document: IssuedDocument) -> papers.MinutesDocument | None:
    draft = compile.compile_minutes(document.meeting)
    public = public_version.public_minutes(document.meeting)
    if public.without_edition == draft.without_edition:
        return None
    if issuing.has_changed(document, draft):
        raise _moved_on()
    return public


def _public_extract(document: IssuedDocument) -> papers.DeliberationExtract | None:
    """An extract tells what was said where no article was written."""
    issued: papers.DeliberationExtract = document.paper
    if not issued.report:
        return None
    if document.subject in public_version.held_behind_closed_doors(document.meeting):
        return replace(issued, report=compile.said(public_version.BEHIND_CLOSED_DOORS))
    text = document.meeting.items.values_list("text", flat=True).get(key=document.subject)
    if richtext.SENSITIVE not in text:
        return None
    if compile.said(text) != issued.report:
        raise _moved_on()
    return replace(issued, report=compile.said(richtext.public(text)))


def _moved_on() -> findings.Refused:
    return findings.refusal(
        "texte_change",
        "Des passages sont à masquer, mais le texte de la séance n’est plus celui qui a été "
        "établi.",
        remedy="Remettez-le comme il était, ou établissez une version qui le corrige.",
    )
