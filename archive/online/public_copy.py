"""The bytes that go online: those that were signed, or a copy laid out without what the law
protects. Passages are left out when the page is laid out again, never painted over: neither the
text of the file nor the data in it hold them.
"""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from documents import actions as issuing
from documents import compile, papers, render
from documents.models import IssuedDocument
from law import findings, french
from meetings import public as protection
from meetings.models import Meeting
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
        findings.refuse(_still_read(document, document.paper))
        signed, _ = reading.sound_file(document)
        return signed, False
    marked = _as_online(document, public)
    findings.refuse(_still_read(document, marked))
    return render.render_pdf(marked), True


def shown(meeting: Meeting, documents: Iterable[IssuedDocument]) -> Mapping[int, papers.Issuable]:
    """By document, the paper as the public would read it, put online now; the sitting is read once
    for all of them, whatever was issued since."""
    documents = list(documents)
    if not protection.may_be_protected(meeting):
        return {document.pk: document.paper for document in documents}
    numbers = acts.numbers_of(meeting)
    extracts = {
        paper.key: paper
        for paper in compile.compile_extracts(meeting, numbers=numbers, is_public=True)
        if any(document.subject == paper.key for document in documents)
    }
    found: dict[int, papers.Issuable] = {}
    for document in documents:
        if document.kind == IssuedDocument.Kind.EXTRACT:
            extract = extracts.get(document.subject)
            public = None if extract is None else acts.as_signed(document, extract)
        else:
            public = compiled(document, is_public=True)
        issued = document.paper
        is_whole = public is None or public.without_edition == issued.without_edition
        found[document.pk] = issued if public is None or is_whole else _as_online(document, public)
    return found


def _as_online(document: IssuedDocument, public: papers.Issuable) -> papers.Issuable:
    """The public edition under the version, the code and the edition of what was issued."""
    issued = document.paper
    is_signed = bool(reading.given(document)) and reading.is_signed(document)
    told = PUBLIC_EDITION.format(" signé" if is_signed else "")
    corrected = protection.words(document.meeting, issued.edition or "")
    return public.as_issued(
        version=document.version,
        edition=" ".join(filter(None, (corrected, told))),
        verification=issued.verification,
    )


def _without_what_is_protected(document: IssuedDocument) -> papers.Issuable | None:
    """The paper as anybody may read it; `None` when everything in it may be read."""
    if not protection.may_be_protected(document.meeting):
        return None
    draft, public = (compiled(document, is_public=is_public) for is_public in (False, True))
    if issuing.has_changed(document, draft):
        raise _moved_on()
    edition = document.paper.edition or ""
    is_whole = public.without_edition == draft.without_edition
    is_told = protection.words(document.meeting, edition) == edition
    return None if is_whole and is_told else public


def _still_read(document: IssuedDocument, public: papers.Issuable) -> Iterable[findings.Finding]:
    """What is masked and is read all the same: words of the house itself, or a name that was masked
    in one item and that another one tells."""
    masks = protection.Masks(document.meeting)
    if not masks:
        return
    told = tuple(public.texts_of_items())
    nets = {item: masks.kept_from(item) for _, item, _ in told}
    places = {place: None for place, item, text in told if nets[item].html(text) != text}
    if places:
        yield findings.Finding(
            code="passage_encore_lisible",
            message="Un passage masqué se lit encore dans "
            f"{french.join(places)}\u00a0: ce sont des mots de l’instance ou de l’application, ou "
            "un nom masqué dans un autre point.",
            remedy="Masquez ce nom dans toute la séance, ou laissez-le lisible dans toute la "
            "séance\u00a0; sinon, rendez le passage lisible, et masquez-en un plus long.",
        )


def compiled(document: IssuedDocument, *, is_public: bool = False) -> papers.Issuable:
    """This paper as the sitting says it today, under the names that signed it."""
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
    extract = compile.compile_extract(meeting, key, number=numbers[key], is_public=is_public)
    return acts.as_signed(document, extract)


def _moved_on() -> findings.Refused:
    return findings.refusal(
        "texte_change",
        "Des passages sont à masquer, mais le texte de la séance n’est plus celui qui a été "
        "établi.",
        remedy="Remettez-le comme il était, ou établissez une version qui le corrige.",
    )
