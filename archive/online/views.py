"""Putting documents online, and taking them off: the pages of the secretariat."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts import proof
from archive import actions, annexes
from archive.forms import (
    EarlyWithdrawForm,
    MaskForm,
    PostingForm,
    TakeDownForm,
    WithdrawForm,
)
from archive.models import Certificate, Posting, Publication, Reading
from archive.online import (
    clock,
    hiding,
    lingering,
    preview,
    public_copy,
    publications,
    second,
    stamped,
    underway,
)
from archive.online import standing as legal
from documents import compile, printing
from documents import render as ink
from documents.access import get_issued
from documents.models import IssuedDocument
from law import delegations, french
from law.acts import Nature
from law.findings import Finding, Refused
from law.french import count
from law.personal import LABELS
from law.regime import cited
from meetings import richtext
from meetings.access import can_write, get_attachment, get_occasion
from meetings.actions import masking
from meetings.models import Meeting, Passage
from meetings.views.shared import say_refusals
from members import downloads, files
from members.access import edits, posts, reads
from members.asked import row_number
from registry.acts import reading as register
from registry.models import Decline, Deliberation
from registry.signatures import reading as signatures
from transmission import reading as prefecture

# --- The acts of a sitting --------------------------------------------------------------------


def _sitting_page(
    request: HttpRequest, meeting: Meeting, *, findings: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    issued = publications.in_force(meeting)
    signatures.read_declines(issued)
    waited = publications.acts_to_publish(meeting, issued)
    unsigned = [each for each in waited if not signatures.is_signed(each)]
    missing = _missing(meeting, issued)
    states = legal.of_sitting(meeting, issued)
    published = Publication.objects.filter(document__meeting=meeting)
    read = preview.of(meeting, waited)
    rows = list(publications.standings(meeting, issued))
    declined = {
        document: found
        for document, standing in rows
        if not standing.objections and (found := signatures.declines(document))
    }
    minutes = next((each for each, standing in rows if _waits(each, standing)), None)
    # What is online without them waits for its signatures as well.
    bare = {each: missing[each] for each, standing in rows if standing.publication}
    awaited = [
        each
        for each in ([minutes] if minutes else []) + unsigned + [*filter(bare.get, bare)]
        if not signatures.is_signed(each) and not signatures.declines(each)
    ]
    to_read = dict.fromkeys((*waited, *declined)) if unsigned or declined else ()
    wordless = [*register.bearing_nothing(to_read)]
    certifiable = len(clock.to_certify(published, on=today))
    told = _awaited({each: missing[each] for each in awaited})
    return render(
        request,
        "archive/publish_sitting.html",
        {
            "meeting": meeting,
            "declined": [
                (document, found, signatures.mended_at(document))
                for document, found in declined.items()
            ],
            "before": _before(declined, len(wordless)) or told,
            "awaited": told,
            "refused": declined,
            "wordless": [decided.item for _, decided in wordless],
            "untold": _untold([decided.item.title for _, decided in wordless]),
            "rows": [
                (
                    document,
                    standing,
                    bool(standing.due_on and standing.due_on < today),
                    missing[document],
                    document in waited and read.changes(document),
                    states.get(document.pk),
                )
                for document, standing in rows
            ],
            "minutes": minutes,
            "copies": sum(map(read.changes, waited)),
            "unchosen": annexes.undecided(waited),
            "whole": cited(meeting.regime, "art. R2131-1 du CGCT"),
            "taken_off": _taken_off(states.values()),
            "extracts": sum(each.kind == IssuedDocument.Kind.EXTRACT for each in waited),
            "unsigned": len(unsigned),
            **_second(request, meeting, waited),
            "lost": clock.lost(published),
            "certifiable": _certifiable(certifiable),
            "certificates": "le certificat" if certifiable == 1 else "les certificats",
            "unread": len(read.undecided),
            "must_decide": _must_decide(meeting, read),
            "masked": meeting.passages.masked().count(),
            "read_url": reverse("archive:public_reading", args=[meeting.pk]),
            "bare": sum(map(bool, bare.values())),
            "bare_told": _bare(bare),
            "lingering": lingering.of(meeting),
            "has_list": any(each.kind == IssuedDocument.Kind.LIST for each in waited),
            # It has a day of its own, and does not wait for the acts that it lists.
            "list_alone": next(
                (each for each in waited if each.kind == IssuedDocument.Kind.LIST), None
            )
            if len(waited) > 1
            else None,
            "findings": findings
            or (
                (
                    *register.without_quorum(meeting),
                    *(() if wordless else register.undecided(waited)),
                )
                if waited
                else ()
            ),
        },
        status=status,
    )


def _waits(document: IssuedDocument, standing: publications.Standing) -> bool:
    """Whether these are minutes that may be put online, on their own page, never were, and that
    nobody refuses to sign."""
    gone = standing.publication or standing.withdrawn or standing.objections
    return document.is_minutes and not gone and not signatures.declines(document)


def _before(declined: Mapping[IssuedDocument, Sequence[Decline]], wordless: int) -> str:
    """What is to be done before anything is published: « Hélène CARPENTIER ne signe pas le
    procès-verbal », of each who refuses, and what has no articles; "" of nothing."""
    papers: dict[str, list[IssuedDocument]] = {}
    for document, found in declined.items():
        for each in found:
            papers.setdefault(str(each.person), []).append(document)
    said = [f"{who} ne signe pas {register.in_words(of)}" for who, of in papers.items()]
    if wordless:
        what = ("délibération sans dispositif", "délibérations sans dispositif")
        said.append(french.count(wordless, *what))
    return french.nbsp(" ; ".join(said))


_Missing = Mapping[IssuedDocument, Sequence[str]]  # by document, who has still to sign it


def _signature(papers: _Missing) -> str:
    return signatures.signature_of(dict.fromkeys(chain.from_iterable(papers.values())))


def _awaited(papers: _Missing) -> str:
    """« 2 documents attendent encore la signature d’Alice ARNAUD »."""
    count = french.count(len(papers), "document attend", "documents attendent")
    return f"{count} encore {_signature(papers)}"


def _bare(papers: _Missing) -> str:
    """« 2 documents en ligne sans la signature d’Alice ARNAUD »."""
    count = french.count(sum(map(bool, papers.values())), "document")
    return f"{count} en ligne sans {_signature(papers)}"


def _certifiable(number: int) -> str:
    """How many papers were online for long enough; "" of none."""
    if not number:
        return ""
    has, certified = ("a", "certifié") if number == 1 else ("ont", "certifiés")
    count = french.count(number, "document")
    return f"{count} {has} été en ligne assez longtemps pour être {certified}."


def _taken_off(states: Iterable[legal.Standing]) -> str:
    """How many acts were taken off before their time; "" of none."""
    number = sum(each.taken_off_on is not None and not each.force.gone for each in states)
    if not number:
        return ""
    gone = french.count(number, "délibération a été retirée", "délibérations ont été retirées")
    its, at = ("sa", "sa page") if number == 1 else ("leur", "leurs pages")
    return (
        f"{gone} des pages publiques avant la fin de {its} durée de publication\u00a0: à publier "
        f"de nouveau, à {at}, ou à remplacer."
    )


def _untold(titles: Sequence[str]) -> str:
    """That no article says what these decide."""
    verb = "décide" if len(titles) == 1 else "décident"
    said = french.join(f"«\u00a0{each}\u00a0»" for each in titles)
    return f"Aucun article ne dit ce que {verb} {said}."


def _second(
    request: HttpRequest, meeting: Meeting, documents: Sequence[IssuedDocument]
) -> dict[str, object]:
    """Where two are asked for: whether somebody else than who looks has asked for this already."""
    if not (documents and second.is_wanted(meeting)):
        return {}
    row = second.standing(meeting, documents)
    return {
        "by_two": True,
        "asked": row,
        "may_second": row is not None and row.asked_by != request.user,
    }


def _must_decide(meeting: Meeting, read: preview.Preview) -> str:
    """Why nobody puts online words that look personal without a look at each; "" where a box
    answers for all of them."""
    if not read.undecided:
        return ""
    if prefecture.is_notified(meeting):
        return "D’un acte individuel, chacun se décide avant qu’il paraisse."
    if any(each.elsewhere for each in read.undecided):
        return "Un de ces passages est déjà masqué ailleurs\u00a0: il se décide ici aussi."
    return ""


def _unread_finding(
    meeting: Meeting, documents: Sequence[IssuedDocument], *, is_answered: bool
) -> tuple[Finding, ...]:
    """That somebody is about to put online words that look personal, and nobody looked at."""
    read = preview.of(meeting, documents)
    why = _must_decide(meeting, read)
    if not read.undecided or (is_answered and not why):
        return ()
    told = count(len(read.undecided), "passage paraît personnel", "passages paraissent personnels")
    return (
        Finding(
            code="passages_a_decider",
            message=f"{told}, et personne ne les a ni masqués ni laissés\u00a0: rien n’est publié.",
            article=masking.PRIVACY,
            remedy=f"{why} Décidez de chacun à la page «\u00a0Ce que le public lira\u00a0»."
            if why
            else "Décidez de chacun à la page «\u00a0Ce que le public lira\u00a0», ou cochez la "
            "case.",
        ),
    )


def _not_asked(
    request: HttpRequest, meeting: Meeting, documents: Sequence[IssuedDocument]
) -> tuple[Finding, ...]:
    """What of these papers, about to be put online, deserves a question, and nobody said to go on:
    a signature that is awaited, words that look personal. What may not be put there is told by
    whoever tries."""
    if publications.objections(meeting, documents):
        return ()
    found = _unread_finding(meeting, documents, is_answered="unread" in request.POST)
    if prefecture.is_notified(meeting) and "harmless" not in request.POST:
        found = (*found, _individual(documents))
    signatures.read_declines(documents)
    found = (*found, *_declined_finding(documents, named=request.POST.getlist("declined")))
    unsigned = [
        each for each in documents if not (signatures.is_signed(each) or signatures.declines(each))
    ]
    if not unsigned or "unsigned" in request.POST:
        return found
    is_act = any(each.kind == IssuedDocument.Kind.EXTRACT for each in unsigned)
    return (
        *found,
        Finding(
            code="signatures_manquantes",
            message=f"{count(len(unsigned), 'document attend', 'documents attendent')} encore une "
            "signature\u00a0: rien n’est publié.",
            article=cited(meeting.regime, f"art. L2121-{23 if is_act else 15} du CGCT"),
            remedy="Faites-les signer d’abord, ou cochez la case.",
        ),
    )


def _declined_finding(
    documents: Sequence[IssuedDocument], *, named: Collection[str]
) -> Iterator[Finding]:
    """What of these papers somebody who was to sign it refuses, and nobody asked for by name."""
    for document in documents:
        if str(document.pk) not in named:
            for each in signatures.declines(document):
                yield Finding(
                    code="refuse_par_un_signataire",
                    message=f"{signatures.declining(each)}. Rien n’est publié.",
                    remedy="Corrigez, ou cochez la case qui nomme ce refus.",
                )


def _individual(documents: Sequence[IssuedDocument]) -> Finding:
    """That what is about to go online is about somebody: whether he knows it, and whether it may be
    told to anybody else."""
    is_known = all(map(_is_known, documents))
    first = "" if is_known else "Cet acte n’est pas noté notifié\u00a0: la personne l’apprendrait "
    first += "" if is_known else "du public. "
    return Finding(
        code="individuel_a_publier",
        message=f"{first}Une sanction, une appréciation sur une personne, ce qui touche sa vie "
        "privée ne se communiquent qu’à elle\u00a0: rien n’est publié.",
        article=PRIVATE,
        remedy="Cochez la case si cet acte n’est rien de tel.",
    )


def _is_known(document: IssuedDocument) -> bool:
    return document.postings.standing().filter(manner=Posting.Manner.NOTIFIED).exists()


PRIVATE = "art. L311-6 du CRPA"


def _missing(meeting: Meeting, documents: list[IssuedDocument]) -> dict[IssuedDocument, list[str]]:
    """Who has still to sign each of these."""
    known = signatures.signers(meeting) if documents else None
    signatures.read_declines(documents)
    return {
        document: [place.who for place in signatures.missing(document, known)]
        for document in documents
    }


@edits
@proof.required("mettre ces actes en ligne")
def sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """What of a sitting is online, and the act that puts its list and extracts there at once."""
    meeting = get_occasion(request, pk, to="write")
    if request.method == "GET":
        return _sitting_page(request, meeting)
    if findings := _not_asked(request, meeting, publications.acts_to_publish(meeting)):
        return _sitting_page(request, meeting, findings=findings, status=422)
    try:
        made = actions.publish_acts(meeting, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _sitting_page(request, meeting, findings=refusal.findings, status=422)
    if made:
        messages.success(request, f"{count(len(made), 'document')} en ligne.")
    else:
        messages.info(request, "Tout était déjà en ligne.")
    return redirect("archive:publish_sitting", pk)


_TRIES = 60  # seconds in which somebody answers what the press asks, and what it sends begins


@reads
def publishing(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar of what a press puts online, asked for again until the page of the sitting comes."""
    meeting = get_occasion(request, pk, to="write")
    progress = underway.of(meeting)
    tries = (row_number(request.GET.get("essai", "")) or 0) + 1
    tries = 0 if progress or tries > _TRIES else tries
    context = {"meeting": meeting, "progress": progress, "tries": tries}
    return render(request, "archive/_publishing.html", context)


@posts
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that what waits of a sitting, or one `document` of it, be put online by somebody else."""
    meeting = get_occasion(request, pk, to="write")
    document = next(
        (
            each
            for each in publications.in_force(meeting)
            if each.pk in _numbers(request, "document")
        ),
        None,
    )
    wanted = [document] if document else publications.acts_to_publish(meeting)
    if wanted:
        _done(
            request,
            lambda: actions.ask_for_publication(
                meeting, wanted, by=request.user, at=timezone.now()
            ),
            told="La mise en ligne est demandée\u00a0: une autre personne la fait.",
        )
    if document:
        return redirect("archive:publication", document.pk)
    return redirect("archive:publish_sitting", pk)


# --- What the public will read ------------------------------------------------------------------


def _reading_page(
    request: HttpRequest, meeting: Meeting, *, form: MaskForm | None = None, status: int = 200
) -> HttpResponse:
    found = preview.of(meeting)
    documents = [document for document, _ in found.papers]
    wanted = request.GET.get("document") or request.POST.get("document")
    chosen = next((each for each in documents if str(each.pk) == wanted), None)
    if chosen is None:
        chosen = next((each for each in documents if found.unread([each])), None)
    if chosen is None:
        chosen = next(iter(documents), None)
    return render(
        request,
        "archive/public_reading.html",
        {
            "meeting": meeting,
            "preview": found,
            "rows": [(each, found.unread([each]), found.changes(each)) for each in documents],
            "chosen": chosen,
            "changes": chosen is not None and found.changes(chosen),
            "annexes": annexes.of(chosen) if chosen is not None else (),
            "lingering": lingering.of(meeting),
            "form": form or MaskForm(meeting=meeting),
        },
        status=status,
    )


@reads
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """Each paper of a sitting as the public will read it, beside the whole one, and what looks
    personal there."""
    return _reading_page(request, get_occasion(request, pk, to="write"))


@posts
def choose_annex(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a file goes online with its act, or which one in its place."""
    attachment = get_attachment(request, pk, to="write")
    decision = request.POST.get("decision")
    if decision not in ("publier", "remplacer", "garder"):
        raise Http404
    file = request.FILES.get("file") if decision == "remplacer" else None
    if decision == "remplacer" and file is None:
        messages.error(request, "Choisissez le fichier qui paraîtra à sa place.")
    else:
        _done(
            request,
            lambda: annexes.choose(
                attachment,
                is_public=decision != "garder",
                file=file,
                by=request.user,
                at=timezone.now(),
            ),
            told="C’est noté.",
        )
        online = Publication.objects.online().filter(
            document__meeting=attachment.item.meeting, document__subject=attachment.item.key
        )
        if decision != "garder" and (act := online.in_force().first()) is not None:
            url = reverse("archive:publication", args=[act.document_id])
            words = "L’acte est en ligne sans elle\u00a0: sa publication l’y ajoute"
            messages.warning(request, format_html('<a href="{}">{}</a>.', url, words))
    return _back_to_reading(request, attachment.item.meeting)


def _back_to_reading(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    page = reverse("archive:public_reading", args=[meeting.pk])
    document = request.POST.get("document", "")
    return redirect(page if row_number(document) is None else f"{page}?document={document}")


@posts
def mask(request: HttpRequest, pk: int) -> HttpResponse:
    """Mask the words that somebody copied."""
    meeting = get_occasion(request, pk, to="write")
    form = MaskForm(request.POST, meeting=meeting)
    if form.does(
        lambda: hiding.mask(meeting, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, f"Masqué\u00a0: {form.done.told}.")
        return _back_to_reading(request, meeting)
    return _reading_page(request, meeting, form=form, status=422)


@posts
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Mask or leave what was proposed; or change one's mind about a passage."""
    meeting = get_occasion(request, pk, to="write")
    decision = request.POST.get("decision")
    if decision not in ("masquer", "laisser"):
        raise Http404
    longest = masking.LONGEST
    told = [
        (words, kind if kind in LABELS else "", None)
        for text, kind in zip(
            request.POST.getlist("text"), request.POST.getlist("kind"), strict=False
        )
        if 0 < len(words := richtext.printable(text).strip()) <= longest
    ]
    known = Passage.objects.filter(meeting=meeting, pk__in=_numbers(request, "passage"))
    told += [(row.text, row.kind, row.item) for row in known.select_related("item")]
    try:
        for text, kind, item in told:
            masking.decide(
                meeting,
                text,
                is_masked=decision == "masquer",
                item=item,
                kind=kind,
                by=request.user,
                at=timezone.now(),
            )
    except Refused as refusal:
        for finding in refusal.findings:
            messages.error(request, str(finding))
    return _back_to_reading(request, meeting)


def _numbers(request: HttpRequest, name: str) -> list[int]:
    found = map(row_number, request.POST.getlist(name))
    return [each for each in found if each is not None]


@posts
@proof.required("remplacer ce qui est en ligne")
def replace_masked(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off what is online with words masked since, and put it there again without them."""
    meeting = get_occasion(request, pk, to="write")
    try:
        gone, made = actions.replace_masked(
            meeting, by=request.user, at=timezone.now(), knows_the_cost="knows" in request.POST
        )
    except Refused as refusal:
        say_refusals(request, refusal.findings)
    else:
        told = f"{count(len(gone), 'document retiré', 'documents retirés')}, "
        told += f"{count(len(made), 'remis', 'remis')} en ligne sans ces mots."
        if gone and second.is_wanted(meeting):
            told += " Une autre personne les remet en ligne\u00a0: demandez-le à leur page."
        messages.success(request, told)
    return redirect("archive:public_reading", pk)


@reads
@xframe_options_sameorigin
def public_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of paper alone as the public would read it, for the frame of the page."""
    document = _document(request, pk)
    paper = preview.of(document.meeting, [document]).of(document)
    return HttpResponse(ink.render_html(paper, for_screen=True, nonce=str(request.csp_nonce)))


@reads
def public_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The very file that would go online now."""
    document = _document(request, pk)
    try:
        content, _ = public_copy.of(document)
    except files.Damaged:  # told as everywhere
        raise
    except Refused as refusal:
        back = reverse("archive:public_reading", args=[document.meeting_id])
        return printing.refused(request, refusal, back=back)
    return downloads.file(content, document.file_name, shown=True)


# --- One document -----------------------------------------------------------------------------


def _document(request: HttpRequest, pk: int) -> IssuedDocument:
    """An issued document that the account may put online."""
    document = get_issued(request, pk)
    if not can_write(request.user, document.meeting):
        raise PermissionDenied
    return document


def _publication_page(
    request: HttpRequest,
    document: IssuedDocument,
    *,
    findings: tuple[Finding, ...] = (),
    form: WithdrawForm | None = None,
    posting_form: PostingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    ((_, standing),) = publications.standings(document.meeting, [document])
    waits, state = not (standing.publication or standing.objections), legal.of(document)
    read = preview.of(document.meeting, [document] if waits else [])
    signatures.read_declines([document])
    declined = () if standing.objections else signatures.declines(document)
    found = document.meeting.deliberations.select_related("act_sheet", "item")
    act = found.filter(item__key=document.subject).first() if state else None
    return render(
        request,
        "archive/publish.html",
        {
            "document": document,
            "meeting": document.meeting,
            "standing": standing,
            "is_late": standing.due_on is not None and standing.due_on < timezone.localdate(),
            "is_notified": prefecture.is_notified(document.meeting),
            "act": act,
            "giving": _giving(act, state),
            "is_known": _is_known(document),
            "private": PRIVATE,
            "missing": _signature(_missing(document.meeting, [document])),
            "declined": declined,
            "mended_at": signatures.mended_at(document),
            "refusing": french.join(str(each.person) for each in declined),
            "of_refusing": signatures.refusing(declined),
            "is_unsigned": waits and not signatures.is_signed(document),
            "unread": len(read.undecided),
            "must_decide": _must_decide(document.meeting, read),
            "masked": document.meeting.passages.masked().count(),
            "lingering": lingering.of(document.meeting),
            "unchosen": annexes.undecided([document]) if waits else 0,
            "whole": cited(document.meeting.regime, "art. R2131-1 du CGCT"),
            "added_by_two": second.is_wanted(document.meeting),
            "left_out": annexes.left_out(standing.publication) if standing.publication else (),
            "is_masked": waits and read.changes(document),
            "read_url": f"{reverse('archive:public_reading', args=[document.meeting_id])}"
            f"?document={document.pk}",
            "findings": findings or (tuple(register.undecided([document])) if waits else ()),
            "form": form or _withdrawing(standing.publication),
            "cost": standing.publication
            and actions.cost_of_withdrawing(standing.publication, on=timezone.localdate()),
            **_second(request, document.meeting, [] if standing.objections else [document]),
            "state": state,
            "postings": [
                (row, TakeDownForm(prefix=f"ote-{row.pk}"))
                for row in document.postings.standing().select_related("certificate")
            ],
            "posting_form": posting_form or PostingForm(document=document),
            "clock": _clock(standing.publication),
        },
        status=status,
    )


def _giving(act: Deliberation | None, state: legal.Standing | None) -> Finding | None:
    """Of an act that lets another sign or decide, that it is said individual, or binds not yet."""
    if act is None or state is None:
        return None
    sheet = getattr(act, "act_sheet", None)
    matter = sheet.matter if sheet else ""
    if state.is_individual:
        return delegations.gives_a_signature(Nature.INDIVIDUAL, act.item.title, matter)
    lacks = () if state.binds else state.force.lacks
    regime = act.meeting.regime
    return delegations.gives_nothing_yet(act.item.title, matter, regime, lacks=lacks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How the time of a document online goes: what was read back, and its certificate."""

    told: compile.Online | None
    certificate: Certificate | None
    is_lost: bool
    may_be_certified: bool


def _clock(publication: Publication | None) -> Clock | None:
    if publication is None:
        return None
    told = clock.told(publication, at=timezone.now())
    last = publication.readings.order_by("-at", "-pk").first()
    known = Certificate.objects.filter(publication=publication).first()
    is_over = clock.certifiable_on(publication) <= timezone.localdate()
    return Clock(
        told=told,
        certificate=known,
        is_lost=last is not None and last.found != Reading.Found.SAME,
        may_be_certified=is_over and known is None and told is not None and told.seen is not None,
    )


@edits
@proof.required("mettre ce document en ligne")
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether this document is online, and the act that puts it there."""
    document = _document(request, pk)
    if request.method == "GET":
        return _publication_page(request, document)
    current = document.publications.online().first()
    if current is not None and "pieces" in request.POST:
        try:
            added = actions.add_annexes(current, by=request.user, at=timezone.now())
        except Refused as refusal:
            return _publication_page(request, document, findings=refusal.findings, status=422)
        told = count(added, "pièce jointe", "pièces jointes")
        messages.success(request, f"{told} en ligne avec l’acte.")
        return redirect("archive:publication", pk)
    if findings := _not_asked(request, document.meeting, [document]):
        return _publication_page(request, document, findings=findings, status=422)
    try:
        actions.publish(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _publication_page(request, document, findings=refusal.findings, status=422)
    messages.success(request, "Ce document est en ligne.")
    return redirect("archive:publication", pk)


def _withdrawing(current: Publication | None, data: QueryDict | None = None) -> WithdrawForm:
    """The form that takes a document off, which asks more before its time."""
    early = current and actions.cost_of_withdrawing(current, on=timezone.localdate())
    told = publications.object_of(current) if current else ""
    return (EarlyWithdrawForm if early else WithdrawForm)(
        data,
        object=told,
        looks_personal=bool(told) and preview.looks_personal(current.document.meeting, told),
    )


@posts
@proof.required("retirer ce document des pages publiques")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document off the public pages."""
    document = _document(request, pk)
    current = document.publications.online().first()
    if current is None:
        raise Http404
    form = _withdrawing(current, request.POST)
    told = publications.object_of(current)
    if form.does(
        lambda: actions.withdraw(
            current,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
            knows_the_cost=form.cleaned_data.get("knows", False),
            hides_object=form.cleaned_data.get("hides_object", False),
        )
    ):
        messages.success(request, "Ce document n’est plus en ligne.")
        if form.cleaned_data.get("hides_object"):
            for each in publications.still_saying(told, document.meeting):
                messages.warning(
                    request,
                    f"Son objet se lit encore, en ligne, dans «\u00a0{each.title}\u00a0»\u00a0: "
                    "masquez-le à l’étape «\u00a0Publier\u00a0» de la séance, ou retirez-le aussi.",
                )
        return redirect("archive:publication", pk)
    return _publication_page(request, document, form=form, status=422)


# --- Posting, certifying, copies ----------------------------------------------------------------


@posts
@proof.required("dire ce document affiché ou notifié")
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a document was posted at the seat, or notified."""
    document = _document(request, pk)
    form = PostingForm(request.POST, document=document)
    if form.does(lambda: actions.post(document, **form.told(), by=request.user, at=timezone.now())):
        is_notified = form.cleaned_data["manner"] == Posting.Manner.NOTIFIED
        told = "La notification est notée." if is_notified else "L’affichage est noté."
        messages.success(request, told)
        return redirect("archive:publication", pk)
    return _publication_page(request, document, posting_form=form, status=422)


def _posting(request: HttpRequest, pk: int) -> Posting:
    """What was posted, of a document that the account may put online."""
    posting = Posting.objects.filter(pk=pk).first()
    if posting is None:
        raise Http404
    posting.document = _document(request, posting.document_id)
    return posting


@posts
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Note until when a document was posted."""
    posting = _posting(request, pk)
    form = TakeDownForm(request.POST, prefix=f"ote-{pk}")
    if form.does(
        lambda: actions.take_down(
            posting, until=form.cleaned_data["until"], by=request.user, at=timezone.now()
        )
    ):
        messages.success(request, "Le jour est noté.")
    for faults in form.errors.values():
        for fault in faults:
            messages.error(request, fault)
    return redirect("archive:publication", posting.document_id)


def _done(request: HttpRequest, act: Callable[[], object], *, told: str) -> None:
    """Do this, and say that it was done or why it is refused."""
    try:
        act()
    except Refused as refusal:
        say_refusals(request, refusal.findings)
    else:
        messages.success(request, told)


@posts
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a posting was noted by mistake."""
    posting = _posting(request, pk)
    _done(
        request,
        lambda: actions.take_posting_back(posting, by=request.user, at=timezone.now()),
        told="Cette notification est annulée."
        if posting.is_notified
        else "Cet affichage est annulé.",
    )
    return redirect("archive:publication", posting.document_id)


@posts
@proof.required("établir ce certificat")
def certify_posting(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate that a document was posted."""
    posting = _posting(request, pk)
    _done(
        request,
        lambda: actions.certify_posting(posting, by=request.user, at=timezone.now()),
        told=f"Le certificat {french.contract('de', posting.noun)} est établi.",
    )
    return redirect("archive:publication", posting.document_id)


@posts
@proof.required("établir ce certificat")
def certify(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate that a document was online for its time."""
    document = _document(request, pk)
    current = document.publications.online().first()
    if current is None:
        raise Http404
    _done(
        request,
        lambda: actions.certify(
            current, by=request.user, at=timezone.now(), knowing="knowing" in request.POST
        ),
        told="Le certificat de publication est établi.",
    )
    return redirect("archive:publication", pk)


@posts
@proof.required("établir ces certificats")
def certify_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificates of all that a sitting had online for its time."""
    meeting = get_occasion(request, pk, to="write")
    published = Publication.objects.filter(document__meeting=meeting)
    waiting = clock.to_certify(published, on=timezone.localdate())
    for each in waiting:
        _done(
            request,
            lambda publication=each: actions.certify(
                publication, by=request.user, at=timezone.now(), knowing=False
            ),
            told=f"Certificat établi\u00a0: {each}.",
        )
    if not waiting:
        messages.info(request, "Aucun certificat n’est à établir.")
    return redirect("archive:publish_sitting", pk)


@reads
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """A certificate, as it was issued."""
    found = Certificate.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    get_issued(request, found.document_id)
    name = found.file.name.rpartition("/")[2]
    return downloads.file(files.content(found.file, found.sha256), name, shown=True)


@reads
def stamped_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of an act, whole, that says its legal state."""
    document = get_issued(request, pk)
    state = legal.of(document)
    if state is None:
        raise Http404
    try:
        content, _ = signatures.sound_file(document)
    except Refused as refusal:
        return printing.refused(request, refusal, back=document.get_absolute_url())
    on = timezone.localdate()
    copy = stamped.copy(content, state, code=document.code or "", on=on)
    name = f"{document.file_name.removesuffix('.pdf')}-copie-{on.isoformat()}.pdf"
    return downloads.file(copy, name, shown=True)
