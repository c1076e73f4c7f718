"""Who signs the papers of a sitting, who did, and whether the key was that of who is named."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import cast

from django.db.models import Count, F, Q, QuerySet, prefetch_related_objects
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone

from documents import papers
from documents.models import IssuedDocument, IssuedDocumentQuerySet
from law import deadlines, french
from law.assembly import Member
from law.findings import Finding, Refused, refusal
from law.french import NBSP
from law.regime import article_of
from law.sitting import Sitting
from meetings.models import Meeting
from members import files
from members.models import Body, Mandate, Person, User
from registry.acts import reading as acts
from registry.models import Decline, Deposit, Folder, SignatureStep, SigningKey
from registry.signatures import pades
from registry.signatures.pades import Judgement, Report


def given(document: IssuedDocument) -> int:
    """How many people signed a document whose signatures were fetched."""
    return sum(step.role in SignatureStep.BY_PEOPLE for step in document.signatures.all())


def is_signed(document: IssuedDocument) -> bool:
    """Whether everybody who is to sign a document did: whoever presided and each secretary of the
    sitting (art. L2121-15 and L2121-23)."""
    return given(document) >= document.signatories


def counted(document: IssuedDocument) -> str:
    """How many signed a document, to whoever holds it: « 2 sur 2 », « 1 sur 2\u00a0: il en
    manque »; "" of what nobody is to sign."""
    if not document.signatories:
        return ""
    of = f"sur {document.signatories}"
    if not (number := given(document)):
        return french.nbsp(f"aucune {of} : ce document n’est pas signé")
    return french.nbsp(f"{number} {of}{'' if is_signed(document) else ' : il en manque'}")


def signature_of(names: Iterable[str]) -> str:
    """« la signature d’Alice ARNAUD et de Bruno BESSON »; « une signature » of nobody known."""
    whose = french.join(french.contract("de", each) for each in names)
    return f"la signature {whose}" if whose else "une signature"


def undecided(document: IssuedDocument, *, tells_who: bool = False) -> tuple[Finding, ...]:
    """That no article says what this deliberation decides, while somebody has still to sign it; its
    own text is looked at first, so that nothing is asked of one that has articles. `tells_who`
    asked for them, to whoever writes them."""
    is_act = document.kind == IssuedDocument.Kind.EXTRACT and not document.meeting.is_alone
    if not is_act or not document.is_current:
        return ()
    extract = cast("papers.DeliberationExtract", document.paper)
    if extract.text.articles or is_signed(document):
        return ()
    found = tuple(acts.undecided([document]))
    asked = acts.asked_for_articles(document.meeting) if found and tells_who else None
    if asked is None:
        return found
    day = french.long_date(timezone.localdate(asked.queued_at))
    who = f"{asked.written_by} l’attend pour signer, depuis le {day}."
    return tuple(replace(each, remedy=f"{each.remedy} {who}") for each in found)


def signed_name(document: IssuedDocument) -> str:
    """What the file with the signatures given so far is called: « signé » once everybody did, as
    it was issued until its places of signature are made."""
    if not document.signatures.all():
        return document.file_name
    so_far = "signe" if is_signed(document) else "signe-en-partie"
    name = document.file_name.removesuffix(".pdf")
    return f"{name}-{so_far if given(document) else 'a-signer'}.pdf"


def due_on(document: IssuedDocument) -> date | None:
    """The last day to sign minutes that were adopted, the day they are to be put online (art.
    L2121-15); `None` of the other papers, for which the law sets none."""
    adoption = getattr(document, "adoption", None)
    if adoption is None or not document.is_minutes:
        return None
    return deadlines.minutes_due(adoption.adopted_on, document.meeting.regime)


def unsigned(documents: QuerySet) -> QuerySet:
    """Those of these documents that still wait for somebody: `is_signed`, in one query."""
    return _counted(documents).filter(given__lt=F("signatories"))


def signed(documents: QuerySet) -> QuerySet:
    """Those of these documents that somebody is to sign and that everybody signed."""
    return _counted(documents).filter(signatories__gt=0, given__gte=F("signatories"))


def _counted(documents: QuerySet) -> QuerySet:
    by_people = Q(signatures__role__in=SignatureStep.BY_PEOPLE)
    return documents.annotate(given=Count("signatures", filter=by_people))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A signature that a document waits for, and the one that was given."""

    name: str
    role: str
    label: str
    person: Person | None
    step: SignatureStep | None
    decline: Decline | None = None  # that she does not sign, while it stands

    @property
    def who(self) -> str:
        """Whose it is, by name, as a sentence goes on: « la signature de … »; without a name, what
        signs there."""
        name = self.label.partition(f"{NBSP}: ")[2]
        is_clerk = self.role == SignatureStep.Role.CLERK
        return str(self.person or name or ("le secrétariat" if is_clerk else "la présidence"))

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
    """Who signs what a sitting leaves: its minutes, the extract of each item, the list."""

    minutes: tuple[Signer, ...]
    extracts: Mapping[str, tuple[Signer, ...]]
    listed: tuple[Signer, ...]

    def of(self, document: IssuedDocument) -> tuple[Signer, ...]:
        """Those who sign this document of the sitting."""
        if document.kind == IssuedDocument.Kind.LIST:
            return self.listed
        return self.extracts.get(document.subject, self.minutes)

    @property
    def everybody(self) -> Iterator[Signer]:
        """All of them, some more than once."""
        for signers in (self.minutes, *self.extracts.values(), self.listed):
            yield from signers


def signers(meeting: Meeting, story: Sitting | None = None) -> Signers:
    """Whoever presided this sitting, then its secretaries (art. L2121-15 and L2121-23): those of
    the sitting, not of the one that adopts its minutes. Where the chair changed, were it for one
    item, an extract is signed by who presided when it was decided. The list is signed by whoever
    chairs the body. One query once the ledger is read; `story` is what it told before."""
    story = story or meeting.sitting
    members = story.at_end.composition
    president, clerk = SignatureStep.Role.PRESIDENT, SignatureStep.Role.CLERK
    keeping = [
        (f"secretaire-{rank}", clerk, clerk.label, key)
        for rank, key in enumerate(story.clerks, start=1)
    ]

    def under(chair: str) -> list[tuple[str, SignatureStep.Role, str, str]]:
        return [("president", president, _capacity(meeting), chair), *keeping]

    wanted = under(story.signing_chair)
    chairs = story.extract_chairs
    head = story.at_end.president or story.signing_chair
    listed = [("president", president, "à la présidence", head)]
    known = members.by_key
    asked_for = {*chairs.values(), *(key for *_, key in (*wanted, *listed))}
    persons = {
        mandate.pk: mandate.person
        for mandate in Mandate.objects.filter(
            pk__in={known[key].mandate for key in asked_for if key in known}
        ).select_related("person__user", "person__organisation")
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

    by_chair = {chair: those(under(chair)) for chair in set(chairs.values())}
    return Signers(
        minutes=those(wanted),
        extracts={item: by_chair[chair] for item, chair in chairs.items()},
        listed=those(listed),
    )


def _capacity(meeting: Meeting) -> str:
    """As what its first signer signs; nobody presides what somebody decides alone."""
    return "auteur de l’acte" if meeting.is_alone else "présidence de la séance"


def places(document: IssuedDocument, known: Signers | None = None) -> tuple[Place, ...]:
    """The signatures that a document waits for, each of who it prints there, or nobody’s when the
    ledger has named somebody else since; `known` are the signers of its sitting, when several of
    its documents are looked at."""
    told = _told(document, known)
    given = {step.place: step for step in document.signatures.all() if step.place}
    declined = {each.place: each for each in declines(document)}
    return tuple(
        Place(
            name=each.place,
            role=each.role,
            label=f"{each.capacity}{NBSP}: {each.name or (signer.member.name if signer else '')}",
            person=signer.person if signer and signer.member.name in (each.name, "") else None,
            step=given.get(each.place),
            decline=declined.get(each.place),
        )
        for each in _printed(document)
        for signer in [told.get(each.place)]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printed:
    """A place of signature as a paper prints it: of whom, "" where it leaves a blank."""

    place: str
    role: SignatureStep.Role
    capacity: str
    name: str


def _printed(document: IssuedDocument) -> Iterator[_Printed]:
    rank = 0
    for each in document.paper.signatories:
        if each.is_clerk:
            rank += 1
            role = SignatureStep.Role.CLERK
            place, capacity = f"secretaire-{rank}", role.label
        else:
            is_list = document.kind == IssuedDocument.Kind.LIST
            role, place = SignatureStep.Role.PRESIDENT, "president"
            capacity = "à la présidence" if is_list else _capacity(document.meeting)
        yield _Printed(place=place, role=role, capacity=capacity, name=each.name)


def lacking(document: IssuedDocument) -> tuple[str, ...]:
    """Whose signatures a document whose signatures were fetched waits for, as it prints them."""
    given = {step.place for step in document.signatures.all()}
    waiting = (each for each in _printed(document) if each.place not in given)
    return tuple(each.name or each.capacity for each in waiting)


def _told(document: IssuedDocument, known: Signers | None) -> dict[str, Signer]:
    return {each.place: each for each in (known or signers(document.meeting)).of(document)}


def unsignable(document: IssuedDocument) -> Finding | None:
    """Why this document is not signed as it is: what it bears is no act any more, or it prints
    other signers than the ledger names."""
    return acts.objection(document) or moved(document)


def moved(document: IssuedDocument, known: Signers | None = None) -> Finding | None:
    """That the ledger has changed, since this document was issued, who signs it: what it prints
    would be signed by somebody else. Nothing of what everybody signed. `known` as for its
    `places`."""
    told = {place: signer.member.name for place, signer in _told(document, known).items()}
    printed = {each.place: each.name or told.get(each.place, "") for each in _printed(document)}
    if printed == told or is_signed(document):
        return None
    names = [", ".join(filter(None, each.values())) or "personne" for each in (printed, told)]
    return Finding(
        code="signataires_changes",
        message=french.nbsp(
            f"Ce document imprime pour signataires\u00a0: {names[0]}. Depuis qu’il est établi, le "
            f"registre de la séance dit\u00a0: {names[1]}. Il ne se signe plus tel quel."
        ),
        article=article_of(document.meeting.regime, "minutes_mentions_required"),
        remedy="Corrigez le registre s’il se trompe\u00a0; sinon, établissez une version du "
        "document\u00a0: qui elle nomme la signera.",
    )


def is_to_hand(document: IssuedDocument) -> bool:
    """Whether the secretariat may hand it to be signed, and has not: minutes, once adopted."""
    adoption = getattr(document, "adoption", None)
    is_settled = not document.is_minutes or (adoption is not None and adoption.stands)
    is_prepared = bool(document.signatures.all())
    return is_settled and document.is_current and not is_prepared and unsignable(document) is None


def reassigned(document: IssuedDocument, place: str) -> Finding | None:
    """That the mandate by which somebody signs here was another’s when this document was issued:
    the administration may write the name of its person again, and the paper prints the first."""
    signer = _told(document, None).get(place)
    if signer is None or signer.person is None:
        return None
    rows = Mandate.history.filter(id=signer.member.mandate).order_by("history_date", "history_id")
    then = rows.filter(history_date__lte=document.issued_at).last() or rows.first()
    if then is None or then.person_id == signer.person.pk:
        return None
    return Finding(
        code="mandat_reattribue",
        message=f"Le mandat par lequel {signer.member.name} signerait ce document est, depuis, "
        f"celui {french.contract('de', str(signer.person))}.",
        remedy="L’administration rend ce mandat à qui il est, et en ouvre un autre.",
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

    @property
    def declines(self) -> tuple[Decline, ...]:
        """Who of those who sign besides her does not, and why: it waits for a corrected version."""
        return declines(self.document)

    @property
    def beside(self) -> str:
        """« Hélène CARPENTIER a signé »: who did before her, whose signature it waits for besides
        hers, and who does not sign."""
        given = {step.place for step in self.document.signatures.all()}
        refused = {each.place for each in self.declines}
        others = [each for each in _printed(self.document) if each.place != self.place]
        have = [each.name or each.capacity for each in others if each.place in given]
        wait = [each.name or each.capacity for each in others if each.place not in given | refused]
        told = [f"{french.join(have)} {'a' if len(have) == 1 else 'ont'} signé"] if have else []
        told += map(declining, self.declines)
        if wait:
            told.append(f"{french.join(wait)} {'signe' if len(wait) == 1 else 'signent'} aussi")
        return french.capitalise(french.nbsp(" ; ".join(told)))


def to_sign(
    meeting: Meeting, user: User, issued: Iterable[IssuedDocument] | None = None
) -> tuple[ToSign, ...]:
    """What awaits the signature of this account among the papers of a sitting, once prepared, and
    that it has not handed in."""
    issued = in_force(meeting) if issued is None else issued
    return tuple(each for each in awaited(meeting, issued) if each.person.user_id == user.pk)


def awaited(meeting: Meeting, issued: Iterable[IssuedDocument]) -> Iterator[ToSign]:
    """Each signature that these papers of a sitting wait for, once prepared, and that nobody has
    handed in; not those of somebody whom nothing names or who does not sign, nor of what is signed
    in a parapheur."""
    known = signers(meeting)
    issued = tuple(issued)
    waiting, gone, away = handed(issued), acts.fallen(meeting, issued), elsewhere(issued)
    read_declines(issued)
    for document in issued:
        if document in gone or document.pk in away:
            continue
        steps = document.signatures.all()
        for place in missing(document, known) if steps and not moved(document, known) else ():
            is_handed = (document.pk, place.name) in waiting
            if place.person is not None and place.decline is None and not is_handed:
                last = max(steps, key=lambda step: step.order)
                yield ToSign(
                    document=document, place=place.name, person=place.person, digest=last.sha256
                )


def awaited_in(bodies: QuerySet[Body]) -> Iterator[ToSign]:
    """The same of every sitting of these bodies, the oldest first: three queries, and the ledgers
    of the sittings of which a paper was prepared and is not signed by everybody."""
    yield from awaited_among(IssuedDocument.objects.filter(meeting__body__in=bodies))


def awaited_among(documents: IssuedDocumentQuerySet) -> Iterator[ToSign]:
    """The same of these documents."""
    prepared = documents.current().filter(pk__in=SignatureStep.objects.values("document"))
    waiting = (
        unsigned(prepared)
        .select_related("meeting__body__organisation", "adoption")
        .prefetch_related("signatures")
    )
    papers = sorted(
        waiting,
        key=lambda each: (each.meeting.held_on, each.meeting_id, _ORDER[each.kind], each.title),
    )
    for _, issued in groupby(papers, key=lambda each: each.meeting_id):
        of_sitting = tuple(issued)
        yield from awaited(of_sitting[0].meeting, of_sitting)


def handed(documents: Iterable[IssuedDocument]) -> dict[tuple[int, str], Deposit]:
    """What was handed in for these documents and awaits a second person, by document and place."""
    pending = Deposit.objects.filter(document__in=documents, settled_at=None)
    return {(each.document_id, each.place): each for each in pending.select_related("person")}


def read_declines(documents: Iterable[IssuedDocument]) -> None:
    """Who does not sign those of these documents that were prepared, for their `places`: one query
    and that of their names; no query of none."""
    prepared = [each for each in documents if each.signatures.all()]
    prefetch_related_objects(prepared, "declines__person")


def declines(document: IssuedDocument) -> tuple[Decline, ...]:
    """Who does not sign this document, while it stands; no query once `read_declines`."""
    if not document.signatures.all():
        return ()
    return tuple(each for each in document.declines.all() if each.ended_at is None)


def declining(decline: Decline) -> str:
    """« Hélène CARPENTIER ne signe pas : « Le montant est faux » »."""
    return f"{decline.person} ne signe pas{NBSP}: «{NBSP}{decline.reason}{NBSP}»"


def refused_meanwhile(document: IssuedDocument, declines: Iterable[Decline]) -> Finding:
    """Why nobody signs it from a page that did not tell that another refuses to."""
    why = " ; ".join(map(declining, declines))
    return Finding(
        code="refuse_par_un_signataire",
        message=french.nbsp(f"{document}{NBSP}: {why}. Vous ne l’avez pas signé."),
    )


def refusing(declines: Iterable[Decline]) -> str:
    """« d’Alice ARNAUD et de Bruno BESSON »: whose refusal it is."""
    return french.join(french.contract("de", str(each.person)) for each in declines)


def mended_at(document: IssuedDocument) -> str:
    """Where what this document says is written again, before a version of it is established."""
    meeting = document.meeting
    if meeting.is_alone:
        return meeting.get_absolute_url()
    if document.is_minutes:
        return reverse("registry:write", args=[meeting.pk])
    if document.kind == IssuedDocument.Kind.EXTRACT:
        return reverse("meetings:brief", args=[meeting.pk, document.subject]) + "#titre-projet"
    return reverse("registry:acts", args=[meeting.pk])


def elsewhere(documents: Iterable[IssuedDocument]) -> set[int]:
    """Which of these documents are signed in a parapheur: nobody signs them here meanwhile."""
    rows = Folder.objects.under_way().filter(document__in=documents)
    return set(rows.values_list("document", flat=True))


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


# --- Whose key it was -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether who is said to have signed did: in French, and whether something belies it, or the
    word of one person throws a doubt on it afterwards."""

    said: str
    is_belied: bool = False
    is_doubted: bool = False


def standing(step: SignatureStep, fingerprint: str | None = None) -> Standing:
    """The certificate that signed, beside the key that was bound at that moment to who is said to
    have signed; `fingerprint` is read in the file, otherwise that which the register kept."""
    if fingerprint is None:
        fingerprint = step.certificate.get("sha256", "")
    if step.key is not None:
        return _by_key(step, step.key, fingerprint)
    if step.deposit is not None:
        return _by_a_second_person(step, step.deposit, fingerprint)
    if step.manner == SignatureStep.Manner.HAND:
        return Standing(said="Feuille enregistrée avant que l’on demande un second regard.")
    return Standing(
        said="Signée avant que les clés soient rattachées à leurs titulaires\u00a0: le nom est "
        "celui que porte le certificat."
    )


def _by_key(step: SignatureStep, key: SigningKey, fingerprint: str) -> Standing:
    organisation = step.document.meeting.organisation
    holder = (step.person_id, organisation.pk)
    if key.fingerprint != fingerprint or (key.person_id, key.organisation_id) != holder:
        who = step.person or organisation
        return Standing(
            said=f"Le certificat n’est pas celui qui est rattaché à {who}.", is_belied=True
        )
    if not key.was_bound(step.signed_at):
        if key.revoked_from is None:
            said = "Cette clé n’était pas encore rattachée à son titulaire."
        elif key.revoked_at is not None and step.signed_at < key.revoked_at:
            # Whoever says afterwards that a key was unsafe takes nothing alone from what it signed.
            return Standing(said=_said_afterwards(key), is_doubted=True)
        else:
            said = f"Cette clé est révoquée depuis le {french.long_date(key.revoked_from)}."
        return Standing(said=said, is_belied=True)
    since = french.long_date(timezone.localdate(key.bound_at))
    if key.person is None:
        said = f"C’est le cachet de {organisation}, enregistré le {since}."
    else:
        said = f"La clé était rattachée à {key.person} depuis le {since}."
    if key.is_name_confirmed:
        named = f"«\u00a0{key.name}\u00a0»"
        said += f" Le certificat porte un autre nom, {named}, rapproché à cette occasion."
    if key.revoked_from is not None:
        ended = french.long_date(key.revoked_from)
        said += f" Elle est révoquée depuis le {ended}\u00a0: cette signature est antérieure."
    return Standing(said=said)


def _said_afterwards(key: SigningKey) -> str:
    told_on = french.long_date(timezone.localdate(key.revoked_at))
    since = french.long_date(key.revoked_from)
    whose = "à l’organisation" if key.person is None else french.contract("à", str(key.person))
    return (
        f"Cette clé a été révoquée le {told_on}, après cette signature\u00a0: l’administration a "
        f"dit ce jour-là qu’elle n’était plus sûre depuis le {since}. Demandez {whose} si la "
        "signature est bien la sienne."
    )


def _by_a_second_person(step: SignatureStep, deposit: Deposit, fingerprint: str) -> Standing:
    on = french.long_date(timezone.localdate(deposit.settled_at))
    if deposit.is_by_hand:
        return Standing(said=f"Feuille vue et confirmée par une seconde personne le {on}.")
    if deposit.certificate.get("sha256") != fingerprint:
        return Standing(said="Le certificat n’est pas celui qui a été confirmé.", is_belied=True)
    return Standing(
        said=f"Le certificat, au nom {french.contract('de', str(step.person))}, a été "
        f"confirmé par une seconde personne "
        f"le {on}."
    )


def attributed(document: IssuedDocument, reports: Iterable[Report]) -> tuple[Report, ...]:
    """What is said of the signatures found in a file of this document, with whose key it was; one
    that the register belies is worth nothing."""
    steps = _steps(document)
    return tuple(_attributed(report, steps.get(report.field)) for report in reports)


def standings(document: IssuedDocument) -> dict[str, Standing]:
    """What the register says of each signature of a document, by its place."""
    return {step.place: standing(step) for step in _steps(document).values()}


def _steps(document: IssuedDocument) -> dict[str, SignatureStep]:
    related = ("person", "key__person", "key__organisation", "deposit")
    steps = document.signatures.exclude(place="").select_related(*related)
    return {step.field: step for step in steps}


def _attributed(report: Report, step: SignatureStep | None) -> Report:
    if step is None:
        found = Standing(said="Le registre ne connaît pas cette signature.", is_belied=True)
    else:
        found = standing(step, report.fingerprint)
    if (found.is_belied or found.is_doubted) and report.is_sound:
        judgement = Judgement.OTHER if found.is_belied else Judgement.DOUBTED
        return replace(report, judgement=judgement, said=french.sentence(found.said))
    return replace(report, said=f"{report.said} {french.sentence(found.said)}")


def current_file(document: IssuedDocument) -> tuple[bytes, str]:
    """The bytes that the next signer signs and their SHA-256. Raises `Damaged` when they are no
    longer those that were kept."""
    # Asked anew: what was read before the lock may have been signed since.
    last = document.signatures.order_by("-order").first()
    file, sha256 = (last.file, last.sha256) if last else (document.pdf, document.pdf_sha256)
    return files.content(file, sha256), sha256


def latest_file(document: IssuedDocument) -> FieldFile:
    """The file of a document with the signatures that are known, for a page to tell its weight."""
    last = max(document.signatures.all(), key=lambda step: step.order, default=None)
    return last.file if last else document.pdf


def sound_file(document: IssuedDocument) -> tuple[bytes, str]:
    """See `current_file`: to be signed next, or put online. Raises `Refused` where a signer changed
    what it shows."""
    content, digest = current_file(document)
    if is_changed(document, content):
        raise refusal(
            "change_par_un_signataire",
            "Un signataire a changé ce que ce fichier montre\u00a0: ce n’est plus ce qui a été "
            "établi.",
            remedy="Établissez une version nouvelle du document, que chacun signe.",
        )
    return content, digest


def is_changed(document: IssuedDocument, content: bytes) -> bool:
    """Whether a file of a document adds, to what was prepared to be signed, anything but
    signatures: one made elsewhere may have been taken before that was looked for."""
    steps = document.signatures.order_by("order")
    if not steps.filter(manner__in=SignatureStep.MADE_ELSEWHERE).exists():
        return False
    first = steps[0]
    prepared = files.content(first.file, first.sha256)
    if content == prepared:
        return False
    try:
        pades.refuse_changes(prepared, content)
    except Refused:
        return True
    return False
