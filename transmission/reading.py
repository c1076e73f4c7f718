"""Where the acts stand before the prefecture: their sheets, their sendings, what it answered.

`received_on` is what the rooms above ask to know whether an act binds; `matter_of` what they file
it by.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from documents.models import IssuedDocument
from law import acts, delegations, exemptions, french, sentences
from law.acts import Deadline, Nature
from law.findings import Finding, Severity
from law.regime import Regime, accounted_by, cited
from meetings.models import AgendaItem, Attachment, Meeting
from members import files
from members.models import Body, Organisation, User
from registry.acts import reading as register
from registry.alone import reading as lone
from registry.models import Deliberation, SignatureStep
from registry.signatures import reading as signatures
from transmission.ctes import classification, naming, proposing
from transmission.ctes.messages import Sender
from transmission.models import ActSheet, Classification, Errand, Exchange, Operator, Transmission

# --- What the rooms above ask ------------------------------------------------------------------


def received_on(document: IssuedDocument) -> date | None:
    """The day the prefecture had this version of an act, as its acknowledgment says; `None` of
    what it never had, or of which the sending was taken back."""
    rows = Transmission.objects.received().filter(document=document)
    return rows.order_by("-pk").values_list("received_on", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The day the prefecture first had an act, in whichever version, and what it asked of it;
    whether that day is the word of somebody here, who read it on a stamp (`is_noted`)."""

    on: date
    requests: tuple[acts.Request, ...]
    is_noted: bool = False


def heard(meeting: Meeting, *, since: int = 1) -> Mapping[str, Heard]:
    """By the key of its item, each act of a sitting that the prefecture has, in one of the versions
    `since` this one: two queries."""
    rows = (
        Transmission.objects.filter(sheet__deliberation__meeting=meeting)
        .filter(document__version__gte=since)
        .filter(state__in=(*Transmission.THERE, Transmission.State.REPLACED))
        .exclude(received_on=None)
        .select_related("sheet__deliberation__item")
        .prefetch_related("exchanges")
    )
    by_key: dict[str, list[Transmission]] = {}
    for each in rows:
        by_key.setdefault(each.sheet.deliberation.item.key, []).append(each)
    return {
        key: Heard(
            on=first.received_on,
            is_noted=first.noted_by_id is not None,
            requests=tuple(asked for each in sent for asked in requests(each.exchanges.all())),
        )
        for key, sent in by_key.items()
        if any(each.is_received for each in sent)
        and (first := min(sent, key=lambda each: each.received_on or date.max)).received_on
    }


def transmission_of(document: IssuedDocument) -> Transmission | None:
    """The last sending of this very version; `None` when it was never sent."""
    return document.transmissions.order_by("-pk").first()


def last_sendings(meeting: Meeting) -> Mapping[int, Transmission]:
    """The last sending of each act of a sitting, by the number of the act, whose item is known
    too: one query."""
    rows = Transmission.objects.filter(sheet__deliberation__meeting=meeting).order_by("pk")
    rows = rows.select_related("sheet__deliberation__item")
    return {each.sheet.deliberation_id: each for each in rows}


def transmits(organisation: Organisation) -> bool:
    """Whether its acts leave for the prefecture from here: it is known there. One whose acts go by
    another way says nothing of itself here, and is asked for nothing."""
    return bool(organisation.ctes_nature) and not organisation.is_played


def is_exempt(meeting: Meeting, count: int) -> bool:
    """Whether each of its acts, so many, is of those that nothing asks one to send."""
    sheets = ActSheet.objects.filter(deliberation__meeting=meeting)
    return sheets.exclude(exempt="").count() >= count and sheets.kept_back().count() >= count


def signed_at(document: str) -> Subquery:
    """When the last of those who signed a document did, by the road to it."""
    steps = SignatureStep.objects.filter(role__in=SignatureStep.BY_PEOPLE)
    last = steps.filter(document=OuterRef(document)).order_by("-signed_at")
    return Subquery(last.values("signed_at")[:1])


def due(
    meeting: Meeting, nature: str | None, signed_at: datetime | None, *, item_kind: str = ""
) -> Deadline | None:
    """The last day to send an act of this nature that was signed then, or (`item_kind`) the
    accounts of the year before; `None` of those of which the law says no day, and while nobody says
    what it is or signs it."""
    if signed_at is not None and item_kind == AgendaItem.Kind.ACCOUNTS:
        return acts.accounts_transmission(meeting.regime, meeting.held_on)
    if not nature or signed_at is None:
        return None
    return acts.transmission(meeting.regime, acts.Nature(nature), timezone.localdate(signed_at))


def sent_late(meeting: Meeting) -> Iterator[tuple[Deliberation, date, Deadline]]:
    """The acts of a sitting that left after the last day that the law says, each with the day it
    first left: one query while none has such a day."""
    dated = (
        Q(is_individual=True)
        | Q(nature__in=(Nature.CONTRACT.value, Nature.INDIVIDUAL.value))
        | Q(deliberation__item__kind=AgendaItem.Kind.ACCOUNTS)
    )
    sheets = ActSheet.objects.filter(dated, deliberation__meeting=meeting)
    sent = Transmission.objects.exclude(sent_at=None).select_related("document")
    rows = sheets.select_related("deliberation__item").prefetch_related(
        Prefetch("transmissions", sent.prefetch_related("document__signatures"))
    )
    for sheet in rows:
        first = min(sheet.transmissions.all(), key=lambda each: each.sent_at, default=None)
        if first is None or first.sent_at is None:
            continue
        by_people = [
            step.signed_at
            for step in first.document.signatures.all()
            if step.role in SignatureStep.BY_PEOPLE
        ]
        if not by_people:
            continue
        if sheet.deliberation.item.kind == AgendaItem.Kind.ACCOUNTS:
            last = acts.accounts_transmission(meeting.regime, meeting.held_on)
        else:
            last = acts.transmission(
                meeting.regime,
                Nature(sheet.nature),
                timezone.localdate(max(by_people)),
                is_individual=sheet.is_individual,
            )
        left_on = timezone.localdate(first.sent_at)
        if last is not None and left_on > last.on:
            yield sheet.deliberation, left_on, last


def unreceived(documents: QuerySet[IssuedDocument]) -> QuerySet[IssuedDocument]:
    """Those of these papers that the prefecture is to have and has not: the extracts that everybody
    signed, of acts that nothing exempts and of organisations that transmit. Each bears what
    `unheard` says, and when it was signed (`signed_at`)."""
    found = unheard(documents).annotate(signed_at=signed_at("pk"))
    return found.filter(pk__in=signatures.signed(documents).values("pk"))


def unheard(documents: QuerySet[IssuedDocument]) -> QuerySet[IssuedDocument]:
    """The same, whether they are signed or not: one may be sent before it is. Each bears the
    `state`, `connector`, `prepared_at` and `sent_at` of the last sending of its act, `None` before
    any; the `nature` that its sheet says, the `item_kind` of its item."""
    here = Organisation.objects.real().exclude(ctes_nature="")
    extracts = documents.filter(
        kind=IssuedDocument.Kind.EXTRACT, meeting__body__organisation__in=here
    )
    act = {
        "deliberation__meeting": OuterRef("meeting"),
        "deliberation__item__key": OuterRef("subject"),
    }
    sent = Transmission.objects.filter(**{f"sheet__{name}": value for name, value in act.items()})
    names = "state", "connector", "prepared_at", "sent_at"
    last = {name: Subquery(sent.order_by("-pk").values(name)[:1]) for name in names}
    return (
        extracts.exclude(pk__in=Transmission.objects.received().values("document"))
        .exclude(Exists(ActSheet.objects.kept_back().filter(**act)))
        .annotate(
            **last,
            nature=Subquery(ActSheet.objects.filter(**act).values("nature")[:1]),
            item_kind=Subquery(
                AgendaItem.objects.filter(
                    meeting=OuterRef("meeting"), key=OuterRef("subject")
                ).values("kind")[:1]
            ),
        )
    )


def sheet_of(document: IssuedDocument) -> ActSheet | None:
    """The sheet that was confirmed of the act that this extract bears; `None` before."""
    if document.kind != IssuedDocument.Kind.EXTRACT:
        return None
    sheets = ActSheet.objects.filter(
        deliberation__meeting=document.meeting_id, deliberation__item__key=document.subject
    )
    return sheets.select_related("deliberation").first()


def is_transmissible(document: IssuedDocument) -> bool:
    """Whether this act is to be sent before it binds: every one is, unless its sheet says why it
    is not."""
    sheet = sheet_of(document)
    return sheet is None or sheet.is_transmissible


def matter_of(deliberation: Deliberation) -> tuple[str, str] | None:
    """The matter of an act, as text, and what it is called from the top (« Finances locales /
    Divers »); `None` while nobody confirmed any."""
    sheet = ActSheet.objects.filter(deliberation=deliberation).exclude(matter="").first()
    if sheet is None:
        return None
    try:
        known = in_force(deliberation.body.organisation)
    except files.Damaged:  # its name is lost, not the matter
        known = None
    return sheet.matter, known.path(sheet.matter) if known else ""


def control_of(deliberation: Deliberation, had: Heard | None) -> Deadline | None:
    """The last day on which the prefect may refer this act to the court (art. L2131-6; of an
    election, art. R119 of the electoral code); `None` before he `had` it."""
    if had is None:
        return None
    if deliberation.item.is_electoral:
        return acts.electoral_control(deliberation.meeting.regime, had.on)
    return acts.control(deliberation.meeting.regime, had.on, had.requests)


def requests(exchanges: Iterable[Exchange]) -> list[acts.Request]:
    """What the prefect asked in these messages of one sending, told in their order, each with the
    day he had its answer. An answer is that of the last letter; its receipt, which a plain letter
    has none of, that of the first answer without one."""
    answered: dict[Exchange, date | None] = {}
    letter, replied = None, deque[Exchange]()
    for each in exchanges:
        if each.kind in (Exchange.Kind.PIECES, Exchange.Kind.OBSERVATIONS):
            letter = each
            answered[each] = None
        elif each.kind in Exchange.LETTERS:
            letter = None
        elif each.kind in (Exchange.Kind.REPLY, Exchange.Kind.REFUSAL) and letter:
            replied.append(letter)
        elif each.kind == Exchange.Kind.REPLY_RECEIPT and replied:
            asked = replied.popleft()
            answered[asked] = answered[asked] or each.dated_on
    return [
        acts.Request(
            on=asked.dated_on,
            answered_on=on,
            is_gracious=asked.kind == Exchange.Kind.OBSERVATIONS,
        )
        for asked, on in answered.items()
        if asked.dated_on is not None
    ]


def unanswered(sending: Transmission) -> Exchange | None:
    """The last letter of the prefecture that was given no answer since; a referral is answered
    before the court, and stays."""
    asked = None
    for each in sending.exchanges.all():
        if each.kind in Exchange.LETTERS:
            asked = each
        elif each.kind in (Exchange.Kind.REPLY, Exchange.Kind.REFUSAL) and (
            asked is None or asked.kind != Exchange.Kind.DEFERRAL
        ):
            asked = None
    return asked


# --- The classification, and who sends ---------------------------------------------------------


def in_force(organisation: Organisation) -> classification.Classification | None:
    """The classification that this organisation goes by; `None` while it was given none."""
    row = Classification.objects.in_force(organisation)
    return of_file(row) if row else None


def of_file(row: Classification) -> classification.Classification:
    """What a kept classification says. Raises `Damaged` when its file is not what was kept."""
    return classification.read(files.content(row.file, row.sha256))


# What actesv1_1.xsd takes as an address: six letters at most at its end, no « + ».
_EMAIL = re.compile(r"[\w\-]+(\.[\w\-]+)*@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*\.[a-zA-Z]{2,6}", re.A)


def sender(organisation: Organisation, by: User | None = None) -> Sender:
    """Who sends, as the convention with the prefecture knows it."""
    return Sender(
        siren=organisation.known_siren,
        department=organisation.department,
        arrondissement=organisation.arrondissement,
        nature=organisation.ctes_nature,
        name=str(by) if by else organisation.name,
        email=organisation.ctes_email,
    )


def operator_of(organisation: Organisation) -> Operator | None:
    """The operator by whom its acts leave, if there is one in service: S²LOW before Pastell."""
    rows = organisation.operators.filter(is_active=True, kind__in=Operator.CARRYING)
    return rows.order_by("-kind").first()


def unknown_to_the_prefecture(organisation: Organisation) -> Iterator[Finding]:
    """What is not said yet of the organisation, without which nothing is sent."""
    who = sender(organisation)
    lacks = [
        words
        for value, words in (
            (who.siren, "son SIREN"),
            (who.department, "son département"),
            (who.arrondissement, "son arrondissement"),
            (who.nature, "sa nature"),
            (who.email, "l’adresse où répond la préfecture"),
        )
        if not value
    ]
    if lacks:
        yield Finding(
            code="organisation_inconnue",
            message=f"Il manque, de l’organisation, {french.join(lacks)}.",
            remedy="Complétez-la à la page «\u00a0Préfecture\u00a0».",
        )
    elif not _EMAIL.fullmatch(who.email):
        yield Finding(
            code="adresse_refusee",
            message=f"@CTES ne prend pas l’adresse «\u00a0{who.email}\u00a0».",
            remedy="Donnez-en une sans «\u00a0+\u00a0», qui finisse par un domaine court.",
        )
    if Classification.objects.in_force(organisation) is None:
        yield Finding(
            code="sans_classification",
            message="La préfecture n’a pas donné sa classification.",
            remedy="Importez-la à la page «\u00a0Préfecture\u00a0»\u00a0: l’opérateur la donne.",
        )


# --- The sheets of a sitting -------------------------------------------------------------------

# What @CTES takes as an annex.
_TAKEN = ("application/pdf", "image/jpeg", "image/png")
HEAVIEST = 150 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """An attachment of the item, and the kind of document that it goes as; "" when it stays."""

    attachment: Attachment
    typology: str

    @property
    def is_taken(self) -> bool:
        """Whether @CTES takes such a file."""
        return self.attachment.media_type in _TAKEN


@dataclass(frozen=True, kw_only=True)
class Row:
    """An act of a sitting on its way to the prefecture: its number, its extract in force, its
    sheet (confirmed, or proposed and `why`), its files, its sendings from the first."""

    deliberation: Deliberation
    document: IssuedDocument | None
    sheet: ActSheet
    why: str
    annexes: tuple[Annex, ...]
    sendings: tuple[Transmission, ...]
    known: classification.Classification | None

    @property
    def matter(self) -> str:
        """« 7.10 Divers »."""
        code = self.sheet.matter
        return self.known.label(code) if self.known else code

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody confirmed its sheet."""
        return self.sheet.pk is not None

    @property
    def last(self) -> Transmission | None:
        """Its last sending."""
        return self.sendings[-1] if self.sendings else None

    @property
    def under_way(self) -> Transmission | None:
        """The sending that nothing has answered yet."""
        return next((each for each in self.sendings if each.state in Transmission.UNDER_WAY), None)

    @property
    def there(self) -> Transmission | None:
        """The sending that the prefecture has."""
        return next((each for each in self.sendings if each.is_received), None)

    @property
    def asked(self) -> Exchange | None:
        """The letter of the prefecture about it that waits for an answer."""
        return next((letter for each in self.sendings if (letter := unanswered(each))), None)

    @property
    def is_settled(self) -> bool:
        """Whether the prefecture has this very version, or need not have it."""
        there = self.there
        return not self.sheet.is_transmissible or (
            there is not None and self.document is not None and there.document == self.document
        )

    @property
    def due(self) -> Deadline | None:
        """The last day to send it, while it has not left, where the law says one."""
        has_left = any(each.state == Transmission.State.SENT for each in self.sendings)
        if self.is_settled or has_left or self.document is None:
            return None
        if not signatures.is_signed(self.document):
            return None
        at = [each.signed_at for each in self.document.signatures.all()]
        act = self.deliberation
        kind = act.item.kind
        return due(act.meeting, self.sheet.nature, max(at, default=None), item_kind=kind)

    @property
    def joined(self) -> list[Annex]:
        """The files that go with it."""
        return [each for each in self.annexes if each.typology]


def rows(meeting: Meeting) -> list[Row]:
    """The acts of a sitting that stand and bear a number, in their order."""
    standing = register.numbers_of(meeting)
    extracts = {
        each.subject: each
        for each in signatures.in_force(meeting)
        if each.kind == IssuedDocument.Kind.EXTRACT
    }
    known = in_force(meeting.organisation)
    found = (
        meeting.deliberations.select_related("item", "act_sheet")
        .prefetch_related("item__attachments", "act_sheet__transmissions__document")
        .prefetch_related("linked_from__source__meeting")
        .prefetch_related("act_sheet__transmissions__noted_by")
        .prefetch_related("act_sheet__transmissions__exchanges")
        .order_by("rank")
    )
    return [
        _row(each, extracts.get(each.item.key), known)
        for each in found
        if each.item.key in standing
    ]


def row_of(deliberation: Deliberation) -> Row | None:
    """That of one act; `None` when it stands no more."""
    return next(
        (each for each in rows(deliberation.meeting) if each.deliberation == deliberation), None
    )


def _row(
    deliberation: Deliberation,
    document: IssuedDocument | None,
    known: classification.Classification | None,
) -> Row:
    sheet = getattr(deliberation, "act_sheet", None)
    why = ""
    if sheet is None:
        sheet, why = proposed(deliberation, document, known)
    chosen = {each["attachment"]: each["typology"] for each in sheet.annexes}
    return Row(
        known=known,
        deliberation=deliberation,
        document=document,
        sheet=sheet,
        why=why,
        annexes=tuple(
            Annex(attachment=each, typology=chosen.get(each.pk, ""))
            for each in deliberation.item.attachments.all()
        ),
        sendings=tuple(sorted(sheet.transmissions.all(), key=lambda each: each.pk))
        if sheet.pk
        else (),
    )


def proposed(
    deliberation: Deliberation,
    document: IssuedDocument | None,
    known: classification.Classification | None,
) -> tuple[ActSheet, str]:
    """A sheet that nobody confirmed, and why its matter is proposed. Every file of the item that
    @CTES takes goes with the act, of the kind that its title says, until somebody leaves it out."""
    item = deliberation.item
    guess = proposing.matter(item.title, known.by_code) if known else None
    nature = lone.nature_of(deliberation)
    author, capacity = _author(document)
    kinds = known.kinds(nature.value) if known else {}
    sheet = ActSheet(
        deliberation=deliberation,
        nature=nature.value,
        matter=guess.matter if guess else "",
        object=" ".join(item.title.split())[: acts.OBJECT_MAX],
        typology=nature.typology,
        author=author,
        capacity=capacity,
        annexes=[
            {
                "attachment": each.pk,
                "typology": proposing.kind(each.title, kinds, nature.typology),
            }
            for each in item.attachments.all()
            if each.media_type in _TAKEN
        ],
    )
    return sheet, guess.why if guess else ""


def _author(document: IssuedDocument | None) -> tuple[str, str]:
    """Who signs it first, and in which capacity."""
    signers = document.paper.signatories if document else ()
    if not signers:
        return "", ""
    return signers[0].name[:200], sentences.capacity(signers[0].office)[:200]


def doubts(row: Row) -> tuple[Finding, ...]:
    """What deserves a look in a sheet: another nature than that of an act taken alone; and the
    reason why an act is not sent, or makes it void: that of a sheet of before may be one that the
    law does not take."""
    sheet, meeting = row.sheet, row.deliberation.meeting
    regime, taken = meeting.regime, lone.nature_of(row.deliberation)
    if meeting.is_alone and sheet.nature != taken.value:
        told = Finding(
            code="autre_nature",
            message=f"Cet acte est pris comme «\u00a0{taken.label}\u00a0», et sa fiche dit "
            f"«\u00a0{Nature(sheet.nature).label}\u00a0».",
            remedy="Remettez à la fiche la nature de l’acte.",
            severity=Severity.WARNING,
        )
        return (told, *_of_delegating(sheet), *_of_exemption(sheet, regime))
    return (*_of_delegated(row), *_of_delegating(sheet), *_of_exemption(sheet, regime))


def _of_delegated(row: Row) -> Iterator[Finding]:
    """Of a Bureau, which decides by delegation alone: that no article says what it decided, that
    nothing says by which delegation."""
    item, body = row.deliberation.item, row.deliberation.meeting.body
    if body.kind != Body.Kind.BUREAU or item.kind in AgendaItem.ELECTIONS:
        return
    draft = getattr(item, "brief", None) and item.brief.draft
    if not (draft and draft.articles):
        yield Finding(
            code="sans_dispositif",
            message="Aucun article n’y dit ce qui est décidé\u00a0: un vote seul ne dit pas sur "
            "quoi.",
            remedy="Écrivez ses articles, puis établissez de nouveau la délibération.",
            severity=Severity.WARNING,
        )
    visas = " ".join(draft.visas) if draft else ""
    if "délég" not in f"{visas} {item.text}".casefold():
        yield Finding(
            code="bureau_sans_delegation",
            message="Le Bureau ne décide que par délégation, et rien n’y dit laquelle.",
            article=accounted_by(row.deliberation.meeting.regime),
            remedy="Visez la délibération qui la donne\u00a0; vérifiez qu’elle couvre cet acte, "
            "montant compris.",
            severity=Severity.WARNING,
        )


def is_individual(act: Deliberation) -> bool:
    """Whether an act is about somebody, whom it is notified to: as its sheet says it, which whoever
    files it may have corrected, else as it was taken."""
    sheet = getattr(act, "act_sheet", None)
    return sheet.is_notified if sheet is not None else lone.nature_of(act) is Nature.INDIVIDUAL


def is_notified(meeting: Meeting) -> bool:
    """The same of what one person decided alone, and of nothing else: it is not published unless
    somebody wants it so (art. L2131-1, II)."""
    if not meeting.is_alone:
        return False
    act = meeting.deliberations.select_related("act_sheet").first()
    if act is None:
        return lone.is_notified(meeting)
    act.meeting = meeting
    return is_individual(act)


def _of_delegating(sheet: ActSheet) -> tuple[Finding, ...]:
    """That what lets another sign is filed as an individual act."""
    nature = Nature.INDIVIDUAL if sheet.is_notified else Nature.OTHER
    found = delegations.gives_a_signature(nature, sheet.object, sheet.matter)
    return (found,) if found else ()


def _of_exemption(sheet: ActSheet, regime: Regime) -> tuple[Finding, ...]:
    if not sheet.exempt:
        return ()
    told = {"nature": sheet.nature, "matter": sheet.matter, "reason": sheet.exempt}
    return (
        *exemptions.objections(**told, regime=regime),
        *exemptions.doubts(**told, regime=regime, object=sheet.object),
    )


# --- Whether it may go -------------------------------------------------------------------------


def objections(row: Row, *, on: date) -> tuple[Finding, ...]:
    """Why this act is not sent now; empty when it may be. What is common to a whole sitting, or to
    the organisation, is not said again of each act."""
    sheet, document = row.sheet, row.document
    if not sheet.is_transmissible:
        told = f"Il n’est pas transmis\u00a0: {sheet.exempt}"
        return (Finding(code="non_transmissible", message=told),)
    found = list(_of_the_paper(row))
    if not row.is_confirmed:
        found.append(
            Finding(
                code="fiche_a_confirmer",
                message="Sa fiche n’est pas confirmée.",
                remedy="Relisez-la, puis confirmez.",
            )
        )
    found += acts.objections(
        nature=sheet.nature,
        matter=sheet.matter,
        object=sheet.object,
        decided_on=row.deliberation.meeting.held_on,
        on=on,
    )
    found += unfiled(sheet, row.known)
    if sum(each.attachment.size for each in row.joined) > HEAVIEST:
        found.append(
            Finding(
                code="annexes_trop_lourdes",
                message="Ses annexes pèsent plus de 150\u00a0Mo\u00a0: @CTES ne les prend pas.",
                remedy="N’envoyez que celles qui servent à comprendre l’acte.",
            )
        )
    if document is not None and row.is_settled:
        found.append(Finding(code="deja_recue", message="La préfecture a déjà cet acte."))
    elif row.under_way is not None:
        found.append(
            Finding(
                code="envoi_en_cours",
                message="Un envoi de cet acte attend la réponse de la préfecture.",
                remedy="Déposez sa réponse, ou abandonnez l’envoi s’il n’est pas parti."
                if row.under_way.is_by_hand
                else "L’opérateur l’a en main\u00a0: elle vient d’elle-même.",
            )
        )
    elif row.there is not None and row.there.state == Transmission.State.CANCELLING:
        found.append(
            Finding(
                code="annulation_en_cours",
                message="Son annulation attend la réponse de la préfecture.",
                remedy="Déposez l’accusé de l’annulation.",
            )
        )
    return tuple(found)


def is_to_send(row: Row, *, on: date) -> bool:
    """Whether this act may be sent now, as far as its own state tells."""
    return all(each.severity is not Severity.REFUSAL for each in objections(row, on=on))


def _of_the_paper(row: Row) -> Iterator[Finding]:
    document = row.document
    if document is None:
        yield Finding(
            code="extrait_a_etablir",
            message="Son extrait n’est pas établi.",
            remedy="Établissez les extraits à la page des délibérations.",
        )
        return
    if withdrawing := register.withdrawn_by(row.deliberation):
        yield Finding(
            code="acte_retire",
            message=f"Un autre le retire\u00a0: {withdrawing}.",
            remedy="Tant que celui-là n’est pas exécutoire, l’acte se transmet comme les autres.",
            severity=Severity.WARNING,
        )
    if not_yet := lone.unsigned(document):
        yield not_yet
    elif not signatures.is_signed(document):
        yield Finding(
            code="extrait_non_signe",
            message="Son extrait n’est pas signé de tous.",
            article=cited(document.meeting.regime, "art. L2121-23 du CGCT"),
            remedy="C’est le fichier tel qu’il est qui partira.",
            severity=Severity.WARNING,
        )


def unfiled(sheet: ActSheet, known: classification.Classification | None) -> Iterator[Finding]:
    """What of a sheet is not in the classification of the prefecture."""
    if known is None:
        return
    if sheet.matter and sheet.matter not in known.by_code:
        yield Finding(
            code="matiere_inconnue",
            message=f"La matière {sheet.matter} n’est pas dans la classification du "
            f"{french.long_date(known.on)}.",
            remedy="Choisissez-en une autre, ou importez la classification d’aujourd’hui.",
            field="matter",
        )
    kinds = known.kinds(sheet.nature)
    told = [sheet.typology, *(each["typology"] for each in sheet.annexes)]
    for unknown in dict.fromkeys(each for each in told if kinds and each not in kinds):
        yield Finding(
            code="type_inconnu",
            message=f"La préfecture ne prend pas de document «\u00a0{unknown}\u00a0» avec cette "
            "nature d’acte.",
            remedy="Choisissez un type de sa liste.",
            field="typology",
        )


def free_number(deliberation: Deliberation) -> str:
    """The number under which @CTES takes an act now: its own, with a rank behind once another
    sending of the organisation has it. A refused one gave it back, unless an operator keeps it: of
    what it was sent, or because another act has it there."""
    organisation = deliberation.body.organisation
    elsewhere = Errand.objects.exclude(found=[]).values("transmission")
    refused = Q(state=Transmission.State.REFUSED, remote_id="") & ~Q(pk__in=elsewhere)
    taken = set(
        Transmission.objects.filter(document__meeting__body__organisation=organisation)
        .exclude(refused | Q(state=Transmission.State.ABANDONED))
        .filter(document__meeting__held_on__year=deliberation.meeting.held_on.year)
        .values_list("number", flat=True)
    )
    rank = 1
    while (number := naming.numbered(deliberation.safe_label, rank)) in taken:
        rank += 1
    return number


def by_identity(
    organisation: Organisation, identities: Sequence[naming.Identity]
) -> Transmission | None:
    """The last sending of this organisation that these identifiers name."""
    found = Transmission.objects.filter(
        document__meeting__body__organisation=organisation,
        identifier__in=[str(each) for each in identities],
    )
    return found.select_related("document__meeting__body__organisation").order_by("-pk").first()


def rank_of_the_day(organisation: Organisation, on: date) -> int:
    """The rank of the next envelope of this organisation on that day: nothing else tells two of
    them apart."""
    begun = timezone.make_aware(datetime.combine(on, time.min))
    made = Exchange.objects.filter(
        transmission__document__meeting__body__organisation=organisation,
        is_outgoing=True,
        at__gte=begun,
    )
    return made.count() + 1
