"""The pages of the register: what a sitting decided, and the signatures of its minutes."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain, groupby

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import proof
from documents.forms import IssueForm
from documents.models import IssuedDocument
from law import deadlines, french
from law.findings import Finding, Refused
from law.french import NBSP
from meetings import reading as sittings
from meetings.access import can_write, get_meeting, get_occasion
from meetings.acts import Decided
from meetings.models import Meeting
from members.access import edits, organisation_of, posted, posts, reads, role_required
from members.asked import row_number
from members.models import Body, Role
from registry.acts import actions, reading
from registry.acts.forms import LinkForm
from registry.alone import actions as alone
from registry.models import Deliberation, DeliberationLink
from registry.signatures import actions as signing
from registry.signatures import keys
from registry.signatures import reading as signatures


def _acts_page(
    request: HttpRequest,
    meeting: Meeting,
    findings: tuple[Finding, ...] = (),
    *,
    form: IssueForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_write = can_write(request.user, meeting)
    numbered = {
        deliberation.item_id: deliberation
        for deliberation in meeting.deliberations.prefetch_related(
            "links__target", "linked_from__source__meeting"
        )
    }
    issued = signatures.in_force(meeting)
    extracts = {each.subject: each for each in issued if each.kind == IssuedDocument.Kind.EXTRACT}
    acts = [each for each in issued if not each.is_minutes]
    unasked = [each for each in acts if not each.signatures.all()]
    unsigned = [each for each in acts if not signatures.is_signed(each)]
    to_issue = reading.to_issue(meeting, issued, on=timezone.localdate()) if may_write else None
    wordless: tuple[tuple[IssuedDocument, Decided], ...] = ()
    if to_issue is not None and not findings:
        doubts = sittings.discord(meeting) if to_issue else ()
        known = [each for each in unsigned if each not in to_issue.changed]  # told below, of those
        wordless = tuple(reading.bearing_nothing(known, to_issue.wordless))
        findings = (*doubts, *reading.without_quorum(meeting))
    namesakes = reading.namesakes(meeting) if may_write else {}
    hers = [each.document for each in signatures.to_sign(meeting, request.user, issued)]
    return render(
        request,
        "registry/acts.html",
        {
            "meeting": meeting,
            "may_write": may_write,
            "rows": [
                (
                    each,
                    deliberation,
                    reading.links_of(deliberation) if deliberation else (),
                    extracts.get(each.item.key),
                    namesakes.get(each.item.pk),
                    reading.word_of(meeting, each),
                )
                for each in reading.decided(meeting)
                for deliberation in [numbered.get(each.item.pk)]
            ],
            "extracts": extracts.values(),
            "awaiting": reading.awaiting_number(meeting, numbered),
            "may_close": may_write and not any(reading.unclosed(meeting, numbered)),
            "is_list_unsigned": any(each.kind == IssuedDocument.Kind.LIST for each in unsigned),
            "listed": next((each for each in acts if each.kind == IssuedDocument.Kind.LIST), None),
            "to_issue": to_issue,
            "wordless": wordless,
            "to_word": next(
                chain(to_issue.bare if to_issue else (), (e for _, e in wordless)), None
            ),
            "asked": reading.asked_for_articles(meeting) if wordless else None,
            "fallen": reading.fallen(meeting, issued) if may_write else (),
            "to_prepare": reading.in_words(unasked),
            "to_sign": hers
            and reading.to_sign_in_words(hers, {e.pk for e, _ in reading.bearing_nothing(hers)}),
            "approvals": tuple(reading.approvals(meeting)),
            "list_due": deadlines.list_due(meeting.held_on, meeting.regime),
            "findings": findings,
            "form": form or IssueForm(),
        },
        status=status,
    )


@reads
def acts(request: HttpRequest, pk: int) -> HttpResponse:
    """The deliberations of a sitting, their numbers, and the minutes it adopted."""
    return _acts_page(request, get_meeting(request, pk))


@posts
def issue_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """Number, then freeze the extracts and the list."""
    meeting = get_meeting(request, pk, to="write")
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _acts_page(request, meeting, form=form, status=422)
    before = {each.pk for each in signatures.in_force(meeting)}
    try:
        issued = actions.issue_acts(
            meeting,
            by=request.user,
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            bare=request.POST.getlist("bare"),
            rectified=request.POST.getlist("rectified"),
        )
    except Refused as refusal:
        return _acts_page(request, meeting, form.take(refusal.findings), form=form, status=422)
    new = [each for each in issued if each.pk not in before]
    if new:
        told = french.agree("établi", plural=len(new) > 1)
        messages.success(request, f"{french.count(len(new), 'document')} {told}.")
    else:
        messages.info(request, "Rien n’a changé : tout était déjà établi.")
    return redirect("registry:acts", pk)


@posts
@proof.required("préparer ces signatures")
def prepare_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the places of the signatures on each extract and on the list."""
    meeting = get_meeting(request, pk, to="write")
    waiting = [
        each
        for each in signatures.in_force(meeting)
        if not each.is_minutes and not each.signatures.all()
    ]
    batch = signing.prepare_batch(waiting, by=request.user, at=timezone.now())
    if batch.refused:
        return _acts_page(request, meeting, _told(batch), status=422)
    count = len(batch.done)
    if count:
        told = french.agree("prêt", plural=count > 1)
        messages.success(request, f"{french.count(count, 'document')} {told} à signer.")
    else:
        messages.info(request, "Tout était déjà prêt à signer.")
    return redirect("registry:acts", pk)


@edits
@role_required(*Role.Kind.values)
@proof.required("signer ces documents")
def to_sign(request: HttpRequest) -> HttpResponse:
    """Sign everything that awaits the account in this organisation, once each hash was shown."""
    bodies = Body.objects.filter(
        Q(mandates__person__user=request.user)
        | Q(assembly__mandates__person__user=request.user),  # what she decided alone
        organisation=organisation_of(request),
    ).distinct()

    def waiting() -> tuple[signatures.ToSign, ...]:
        found = signatures.awaited_in(bodies)
        return tuple(each for each in found if each.person.user_id == request.user.pk)

    return _sign(request, waiting, back=reverse("registry:to_sign"))


@edits
@proof.required("signer ces documents")
def sign_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for one sitting."""
    meeting = get_meeting(request, pk)
    back = reverse("registry:acts", args=[pk])
    return _sign(
        request, lambda: signatures.to_sign(meeting, request.user), back=back, meeting=meeting
    )


def _sign(
    request: HttpRequest,
    of: Callable[[], tuple[signatures.ToSign, ...]],
    *,
    back: str,
    meeting: Meeting | None = None,
) -> HttpResponse:
    waiting = of()
    findings: tuple[Finding, ...] = ()
    if request.method == "POST":
        ticked = [
            replace(each, digest=seen)
            for each in waiting
            if (seen := request.POST.get(f"seen-{each.document.pk}"))
        ]
        # Ticked on a page that did not say yet that another refuses it.
        unaware = [each for each in ticked if each.declines]
        shown = [each for each in ticked if not each.declines]
        batch = signing.sign_batch(shown, by=request.user, at=timezone.now())
        findings = tuple(
            signatures.refused_meanwhile(each.document, each.declines) for each in unaware
        )
        if waiting and not shown and not unaware:
            told = f"Rien n’est coché{NBSP}: cochez ce que vous signez."
            findings = (Finding(code="rien_de_coche", message=told),)
        if batch.done:
            told = french.agree("signé", plural=len(batch.done) > 1)
            count = french.count(len(batch.done), "document")
            messages.success(request, f"{count} {told}. {_next(batch.done)}")
        if not findings and not batch.refused:
            return redirect(back)
        findings, waiting = (*findings, *_told(batch)), of()
    choice = keys.Choice()
    if waiting:
        person, organisation = waiting[0].person, waiting[0].document.meeting.organisation
        choice = keys.of_person(person, organisation, by=request.user, at=timezone.now())
    # What whoever signs must know first of what he signs: a signature is not taken back.
    doubtful = {paper.pk for paper, _ in reading.bearing_nothing(e.document for e in waiting)}
    refused = sum(bool(each.declines) for each in waiting)
    bare = sum(each.document.pk in doubtful for each in waiting if not each.declines)
    told = (
        (len(waiting) - bare - refused, "document prêt", "documents prêts"),
        (refused, "document refusé", "documents refusés"),
        (bare, "délibération à compléter", "délibérations à compléter"),
    )
    context = {
        "meeting": meeting,
        "waiting": waiting,
        "told": ", ".join(french.count(*each) for each in told if each[0]) + ".",
        "sittings": [*_by_sitting(waiting, doubtful)],
        "may_sign": any(not each.declines for each in waiting),
        "many": len(waiting) > 1,
        "key": choice.key if choice.is_ready else None,
        "findings": findings or choice.faults,
    }
    return render(request, "registry/sign_acts.html", context, status=422 if findings else 200)


def _by_sitting(
    waiting: Iterable[signatures.ToSign], doubtful: Collection[int]
) -> Iterator[tuple[Meeting, dict[str, object]]]:
    """What awaits her of each sitting: what may be signed as it is, what is to be written first and
    when its articles were asked for, what another does not sign, and who signs besides her where
    it is the same of all."""
    for meeting, found in groupby(waiting, key=lambda each: each.document.meeting):
        papers = [*found]
        sound = [each for each in papers if not (each.declines or each.document.pk in doubtful)]
        refused = [each for each in papers if each.declines]
        bare = [each for each in papers if each.document.pk in doubtful and not each.declines]
        beside = {each.beside for each in papers}
        yield (
            meeting,
            {
                "sound": sound,
                "refused": refused,
                "bare": bare,
                "beside": beside.pop() if len(beside) == 1 else "",  # else each says its own
                "asked": reading.asked_for_articles(meeting) if bare else None,
            },
        )


@posts
def ask_for_articles(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the secretariat write what the acts that await her signature decide."""
    meeting = get_meeting(request, pk)
    waiting = [each.document for each in signatures.to_sign(meeting, request.user)]
    bare = [paper for paper, _ in reading.bearing_nothing(waiting)]
    if bare:
        actions.ask_for_articles(
            meeting, bare, by=request.user, at=timezone.now(), site=request.build_absolute_uri("/")
        )
        messages.success(request, "C’est demandé au secrétariat.")
    return redirect("registry:to_sign")


def _next(signed: Iterable[IssuedDocument]) -> str:
    """Who signs after her, or that the secretariat goes on."""
    papers = IssuedDocument.objects.filter(pk__in=[each.pk for each in signed])
    papers = [*papers.prefetch_related("signatures", "declines__person")]
    declined = {str(each.person) for paper in papers for each in signatures.declines(paper)}
    lacking = [signatures.lacking(each) for each in papers if not signatures.declines(each)]
    left = [*filter(None, lacking)]
    if declined and not left:
        verb = "ne signe pas" if len(declined) == 1 else "ne signent pas"
        return f"{french.join(sorted(declined))} {verb}{NBSP}: le secrétariat fait la suite."
    names = [french.contract("de", name) for name in sorted(set(chain.from_iterable(left)))]
    if not names:
        return f"Plus aucune signature n’y manque{NBSP}: le secrétariat fait la suite."
    whose = "la signature" if len(names) == 1 else "les signatures"
    there = "Il y manque" if len(left) == len(papers) else f"À {len(left)} d’entre eux il manque"
    seen = "qui le verra à son accueil" if len(names) == 1 else "qui le verront à leur accueil"
    return f"{there} {whose} {french.join(names)}, {seen}."


def _told(batch: signing.Batch) -> tuple[Finding, ...]:
    """Why some documents of a batch were refused, each reason after the document."""
    return tuple(
        replace(finding, message=f"{document}{NBSP}: {finding.message}")
        for document, refusal in batch.refused
        for finding in refusal.findings
    )


@posts
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Give their numbers to the acts of the sitting."""
    meeting = get_meeting(request, pk, to="write")
    try:
        given = actions.number(meeting, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _acts_page(request, meeting, refusal.findings, status=422)
    if given:
        messages.success(request, f"De {given[0].label} à {given[-1].label}.")
    else:
        messages.info(request, "Tout était déjà numéroté.")
    return redirect("registry:acts", pk)


@posts
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Note which minutes the votes of this sitting adopted."""
    meeting = get_meeting(request, pk, to="write")
    try:
        noted = actions.record_adoptions(
            meeting,
            by=request.user,
            at=timezone.now(),
            only=row_number(request.POST.get("document", "")),
            carrying=[*filter(None, map(row_number, request.POST.getlist("corrections_portees")))],
        )
    except Refused as refusal:
        return _acts_page(request, meeting, refusal.findings, status=422)
    for adoption in noted:
        messages.success(request, f"{adoption.document} : arrêté par cette séance.")
    if not noted:
        messages.info(request, "Rien de nouveau : aucun procès-verbal n’attendait ce vote.")
    return redirect("registry:acts", pk)


@edits
@proof.required("dire ce que devient un acte")
def link(request: HttpRequest, pk: int, deliberation: int) -> HttpResponse:
    """Say what a deliberation does to an earlier one."""
    meeting = get_occasion(request, pk, to="write")
    source = get_object_or_404(
        meeting.deliberations.select_related("body", "meeting"), pk=deliberation
    )
    earlier = None if meeting.is_alone else reading.namesakes(meeting).get(source.item_id)
    initial = {"kind": DeliberationLink.Kind.REPLACES, "target": earlier} if earlier else None
    form = LinkForm(posted(request), deliberation=source, initial=initial)

    def tell() -> DeliberationLink:
        if meeting.is_alone:
            return alone.tell(meeting, **form.cleaned_data, by=request.user)
        return actions.link(source, **form.cleaned_data, by=request.user)

    if form.does(tell):
        return redirect(_back(meeting))
    status = 422 if form.is_bound else 200
    return _link_page(request, source, form, status=status)


def _back(meeting: Meeting) -> str:
    """Where what an act does to another is told: the acts of its sitting, or itself."""
    if meeting.is_alone:
        return meeting.get_absolute_url()
    return reverse("registry:acts", args=[meeting.pk])


def _link_page(
    request: HttpRequest,
    source: Deliberation,
    form: LinkForm,
    *,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
) -> HttpResponse:
    links = source.links.filter(undone_at=None).select_related("target", "source")
    context = {
        "meeting": source.meeting,
        "back": _back(source.meeting),
        "deliberation": source,
        "form": form,
        "links": reading.with_finality(links),
        "is_worded": reading.is_worded(source),
        "findings": findings,
    }
    return render(request, "registry/link.html", context, status=status)


@posts
@proof.required("dire ce que devient un acte")
def unlink(request: HttpRequest, pk: int, deliberation: int, link: int) -> HttpResponse:
    """Take back a link that was told by mistake."""
    meeting = get_occasion(request, pk, to="write")
    made = get_object_or_404(
        DeliberationLink.objects.select_related("source__meeting"),
        pk=link,
        source=deliberation,
        source__meeting=meeting,
    )
    try:
        said = request.POST.get("passage", "")
        actions.unlink(made, passage=said, by=request.user, at=timezone.now())
    except Refused as refused:
        form = LinkForm(deliberation=made.source)
        return _link_page(request, made.source, form, findings=refused.findings, status=422)
    messages.success(request, "Ce lien est retiré\u00a0; le journal garde l’un et l’autre.")
    return redirect(_back(meeting))
