"""A convocation as its pages read it: who is convened, what is missing, the calendar, the journey.

Nothing here writes. Every figure of the law comes from the regime of the sitting and every
judgement on time from `law.deadlines`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from convening.models import Convocation, Invitation, Posted, Recipient
from documents import compile, papers
from law import deadlines, french, holidays, sitting
from law.deadlines import Notice
from law.findings import Finding, Severity
from law.regime import Regime, article_of
from meetings import reading as meeting_reading
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Body, Community, Mandate, Person

# --- Who is convened --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody the convocation goes to, by mail or on paper, and in what capacity.

    `asked`: he wants paper. Whoever has no e-mail address gets paper too.
    """

    why: Recipient.Why
    name: str
    channel: Recipient.Channel
    email: str = ""
    postal_address: str = ""
    mandate: Mandate | None = None
    community: Community | None = None
    asked: bool = False

    @property
    def is_unreachable(self) -> bool:
        return not self.email and not self.postal_address.strip()

    @property
    def capacity(self) -> str:
        return Recipient.Why(self.why).label


def addressees(meeting: Meeting) -> tuple[Addressee, ...]:
    """Everybody the rules have convened or informed, in the order of the roll."""
    regime, body = meeting.regime, meeting.body
    capacities = {Mandate.Capacity.TITULAR: Recipient.Why.MEMBER}
    if _has_substitutes(regime, body):
        capacities[Mandate.Capacity.SUBSTITUTE] = Recipient.Why.SUBSTITUTE
    if regime.consultative_members:
        capacities[Mandate.Capacity.CONSULTATIVE] = Recipient.Why.CONSULTATIVE
    mandates = (
        body.mandates.in_office(meeting.held_on)
        .filter(capacity__in=capacities)
        .in_roll_order()
        .select_related("person", "community", "constituency", "replaces__person")
    )
    found = [
        _of_mandate(mandate, capacities[Mandate.Capacity(mandate.capacity)], regime)
        for mandate in mandates
    ]
    found.sort(key=lambda each: list(capacities.values()).index(each.why))
    if regime.share_with_councillors:
        found += _copies(meeting, known={each.email.lower() for each in found})
    return tuple(found)


def _has_substitutes(regime: Regime, body: Body) -> bool:
    if body.kind == Body.Kind.BUREAU and not regime.substitutes_in_bureau:
        return False
    return regime.substitutes != "aucun"


def _of_mandate(mandate: Mandate, why: Recipient.Why, regime: Regime) -> Addressee:
    person: Person = mandate.person
    # Paper is an option of the member (art. L2121-10); statutes may make it the rule.
    on_paper = person.wants_paper or not person.email or regime.convocation_channel == "papier"
    return Addressee(
        why=why,
        name=f"{person.civility} {person}".strip(),
        channel=Recipient.Channel.PAPER if on_paper else Recipient.Channel.MAIL,
        email=person.email,
        postal_address=person.address,
        mandate=mandate,
        asked=person.wants_paper,
    )


def _copies(meeting: Meeting, *, known: set[str]) -> Iterator[Addressee]:
    """The councillors of the member communities who do not sit (art. L5211-40-2).

    Whoever is convened himself needs no copy.
    """
    communities = meeting.body.organisation.communities.existing(meeting.held_on)
    for community in communities.exclude(copies_to=""):
        for email in dict.fromkeys(community.copies_to.split()):
            if email.lower() in known:
                continue
            known.add(email.lower())
            yield Addressee(
                why=Recipient.Why.COPY,
                name=community.name,
                channel=Recipient.Channel.MAIL,
                email=email,
                community=community,
            )


# --- The notice -------------------------------------------------------------------------------


def last_sent(meeting: Meeting) -> Convocation | None:
    """What was dispatched last for this sitting, whatever it was."""
    return meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("-number").first()


def last_paper(meeting: Meeting) -> papers.SummonsDocument | None:
    """The convocation as it was last sent, `None` before the first."""
    told = last_sent(meeting)
    return told.summons if told else None


def notice(convocation: Convocation, *, at: date | datetime) -> Notice:
    """The notice that this dispatch would give, were it sent now."""
    meeting = convocation.meeting
    held_on = convocation.held_on or meeting.held_on
    first = meeting.second_call_of
    found = deadlines.assess_notice(
        at,
        held_on,
        meeting.regime,
        urgent=bool(convocation.urgent_reason.strip()),
        failed_on=first.held_on if first else None,
    )
    if restarts_the_notice(convocation):
        return found
    # What changes neither the day nor what will be discussed leaves the first notice standing.
    return replace(
        found,
        urgent=False,
        findings=tuple(replace(each, severity=Severity.WARNING) for each in found.findings),
    )


def restarts_the_notice(convocation: Convocation) -> bool:
    """Whether this dispatch must itself leave in time: a first convocation, another day, a point
    that the members do not know yet or whose file changed."""
    match convocation.kind:
        case Convocation.Kind.SUMMONS:
            return True
        case Convocation.Kind.MOVED:
            return convocation.held_on != convocation.meeting.held_on
        case Convocation.Kind.RECTIFYING:
            return bool(changed_lines(convocation.meeting))
    return False


def changed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation did not announce, or not as it stands now; each says which."""
    before = last_paper(meeting)
    if before is None:
        return ()
    now = compile.compile_summons(
        meeting, kind=Convocation.Kind.RECTIFYING, sent_on=before.sent_on, before=before
    )
    return tuple(line for line in now.lines if line.mark)


def removed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation announced and the agenda holds no more."""
    before = last_paper(meeting)
    return tuple(line for line in before.lines if line.key not in meeting.agenda) if before else ()


def notices_of_items(meeting: Meeting) -> dict[str, Notice]:
    """Item → the notice that the members had of it, for what was announced after the rest."""
    first = meeting.second_call_of
    announced: dict[str, Convocation] = {}
    for told in meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("number"):
        announced |= dict.fromkeys(told.letter.get("changed", ()), told)
    return {
        key: deadlines.assess_notice(
            told.sent_on,
            meeting.held_on,
            meeting.regime,
            urgent=bool(told.urgent_reason),
            failed_on=first.held_on if first else None,
        )
        for key, told in announced.items()
        if key in meeting.agenda
    }


def notices_of_members(convocation: Convocation, recipients: Iterable[Recipient]) -> list[Notice]:
    """The notice that each member had, by the day his own convocation left (art. L2121-10)."""
    meeting = convocation.meeting
    first = meeting.second_call_of
    found = deadlines.assess_each(
        {
            str(each.pk): timezone.localtime(each.sent_at) if each.sent_at else None
            for each in recipients
        },
        convocation.held_on,
        meeting.regime,
        urgent=bool(convocation.urgent_reason),
        failed_on=first.held_on if first else None,
    )
    return list(found.values())


def lacked_quorum(meeting: Meeting) -> bool:
    """Whether this sitting ended because its quorum was missing (art. L2121-17)."""
    closed = list(meeting.sitting.of_kind(sitting.Closed))
    if any(event.for_want_of_quorum for event in closed):
        return True
    return bool(closed) and not meeting_reading.quorum_at_opening(meeting).reached


# --- The calendar -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of the calendar: what it is for this sitting.

    `role`: "" (nothing), "libre" (one may still send), "dernier" (the last day to), "urgence" (the
    last day to in urgency), "franc" (a clear day, its `rank`), "seance".
    """

    on: date
    role: str = ""
    rank: int = 0
    holiday: str = ""
    is_today: bool = False
    is_past: bool = False

    @property
    def label(self) -> str:
        match self.role:
            case "franc":
                return f"{french.ordinal(self.rank)} jour franc"
            case "dernier":
                return "dernier jour pour envoyer"
            case "urgence":
                return "dernier jour, en urgence"
            case "libre":
                return "envoi possible"
            case "seance":
                return "séance"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The weeks from today to the sitting, and the days that matter among them."""

    weeks: tuple[tuple[Cell, ...], ...]
    last_day: date
    last_urgent_day: date | None
    today: date
    held_on: date
    notice: Notice

    @property
    def weekdays(self) -> tuple[str, ...]:
        return french.WEEKDAYS

    @property
    def is_late(self) -> bool:
        """Whether the ordinary notice cannot be given any more."""
        return self.today > self.last_day

    @property
    def is_too_late(self) -> bool:
        """Whether urgency would not save it either."""
        return self.is_late and (self.last_urgent_day is None or self.today > self.last_urgent_day)

    @property
    def days_left(self) -> int:
        return (self.last_day - self.today).days


_LONGEST = 8  # weeks shown
YEARS = range(1900, 2200)  # beyond, a date is a slip of the keyboard


def calendar(convocation: Convocation, *, at: date | datetime) -> Calendar | None:
    """The legal calendar of a dispatch, day by day; `None` for a date that nobody means."""
    meeting = convocation.meeting
    if is_absurd(convocation):
        return None
    today = deadlines.day_of(at)
    found = notice(convocation, at=at)
    held_on = found.sitting
    last = deadlines.latest_dispatch(held_on, found.ordinary)
    # A second call that urgency shortens is no second call any more: it is not offered here.
    urgent = None
    if not found.second_call and meeting.regime.urgent_clear_days < found.ordinary:
        urgent = deadlines.latest_dispatch(held_on, meeting.regime.urgent_clear_days)
    begins = max(min(today, last), held_on - timedelta(weeks=_LONGEST))
    begins -= timedelta(days=begins.weekday())
    ends = held_on + timedelta(days=6 - held_on.weekday())
    sent = max(last, today)  # the day from which clear days are counted
    cells = [
        _cell(begins + timedelta(days=n), today, sent, last, urgent, held_on)
        for n in range((ends - begins).days + 1)
    ]
    return Calendar(
        weeks=tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
        last_day=last,
        last_urgent_day=urgent,
        today=today,
        held_on=held_on,
        notice=found,
    )


def is_absurd(convocation: Convocation) -> bool:
    """Whether the day of the sitting is one that nobody means."""
    return (convocation.held_on or convocation.meeting.held_on).year not in YEARS


def _cell(
    on: date, today: date, sent: date, last: date, urgent: date | None, held_on: date
) -> Cell:
    role, rank = "", 0
    if on == held_on:
        role = "seance"
    elif sent < on < held_on:
        role, rank = "franc", (on - sent).days
    elif on == last and today <= last:
        role = "dernier"
    elif today <= on < last:
        role = "libre"
    if on == urgent and today > last and today <= urgent:
        role = "urgence"
    return Cell(
        on=on,
        role=role,
        rank=rank,
        holiday=holidays.name_of(on),
        is_today=on == today,
        is_past=on < today,
    )


# --- What is missing --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One line of the checklist: what was looked at, what was found, where to mend it.

    `door` names the page: "agenda", "sitting", "composition", "communities", "" for this one.
    """

    title: str
    said: str
    door: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def state(self) -> str:
        """ "refus", "avertissement" or "fait"."""
        severities = {finding.severity for finding in self.findings}
        if Severity.REFUSAL in severities:
            return "refus"
        return "avertissement" if Severity.WARNING in severities else "fait"


def checklist(meeting: Meeting) -> tuple[Finding, ...]:
    """Everything that is missing to convene, or deserves a look; each with its article."""
    return tuple(finding for topic in topics(meeting) for finding in topic.findings)


def topics(meeting: Meeting) -> tuple[Topic, ...]:
    """The whole checklist of a first convocation, what is in order included."""
    going = addressees(meeting)
    items = [node.item for node in meeting.agenda.nodes if not node.item.is_section]
    briefs = {b.item_id: b for b in Brief.objects.filter(item__meeting=meeting)}
    files = dict(
        meeting.items.annotate(files=Count("attachments")).values_list("pk", "files").order_by()
    )
    return (
        _agenda(meeting, items),
        _when_and_where(meeting),
        _notes(meeting, items, briefs, files),
        _drafts(items, briefs),
        _files(files),
        _signatory(meeting),
        _people(meeting, going),
        *_on_paper(going),
        *_copied(meeting, going),
    )


def _warning(code: str, message: str, article: str = "", remedy: str = "") -> Finding:
    return Finding(
        code=code, message=message, article=article, remedy=remedy, severity=Severity.WARNING
    )


def _agenda(meeting: Meeting, items: Sequence[AgendaItem]) -> Topic:
    found = []
    if not items:
        found.append(
            Finding(
                code="ordre_du_jour_vide",
                message="L’ordre du jour est vide.",
                article="art. L2121-10 du CGCT",
                remedy="La convocation indique les questions portées à l’ordre du jour.",
            )
        )
    for item in items:
        approved = item.approves
        if approved is not None and approved.stage != Meeting.Stage.ISSUED:
            found.append(
                _warning(
                    "pv_non_etabli",
                    "Le procès-verbal de la séance du "
                    f"{french.long_date(approved.held_on)} n’est pas encore établi.",
                    article_of(meeting.regime, "minutes_mentions_required"),
                    "Les membres doivent pouvoir le lire avant de l’arrêter.",
                )
            )
    return Topic(
        title="Ordre du jour",
        said=french.count(len(items), "point"),
        door="agenda",
        findings=tuple(found),
    )


def _when_and_where(meeting: Meeting) -> Topic:
    found = []
    if not meeting.place.strip():
        found.append(
            Finding(
                code="lieu_manquant",
                message="Le lieu de la séance n’est pas indiqué.",
                remedy="Une convocation dit où l’on se réunit.",
            )
        )
    day = french.long_date(meeting.held_on, weekday=True)
    place = f", {meeting.place}" if meeting.place.strip() else ""
    return Topic(
        title="Date, heure et lieu",
        said=f"{day} à {french.clock(meeting.starts_at)}{place}",
        door="sitting",
        findings=tuple(found),
    )


# What a deliberation is prepared for; an election has its candidates, a debate its speakers.
_PREPARED = (AgendaItem.Kind.DELIBERATION,)


def _named(items: Iterable[AgendaItem]) -> str:
    return french.join(f"«\u00a0{item.title}\u00a0»" for item in items)


def _notes(
    meeting: Meeting,
    items: Sequence[AgendaItem],
    briefs: Mapping[int, Brief],
    files: Mapping[int, int],
) -> Topic:
    regime = meeting.regime
    concerned = [item for item in items if item.kind in _PREPARED]
    without = [item for item in concerned if not (item.pk in briefs and briefs[item.pk].note)]
    bare = [item for item in without if not files.get(item.pk)]
    by_file = [item for item in without if files.get(item.pk)]
    found = []
    if regime.note_required and bare:
        found.append(
            Finding(
                code="note_manquante",
                message=f"Sans note explicative de synthèse : {_named(bare)}.",
                article=article_of(regime, "note_required"),
                remedy="Écrivez-la, ou joignez le rapport qui en tient lieu : son absence entache "
                "la délibération d’irrégularité.",
            )
        )
    if regime.note_required and by_file:
        found.append(
            _warning(
                "note_en_piece",
                f"Une pièce jointe tient lieu de note de synthèse : {_named(by_file)}.",
                article_of(regime, "note_required"),
                "Elle doit exposer les motifs et la portée de la décision.",
            )
        )
    written = len(concerned) - len(without)
    said = f"{french.count(written, 'note')} pour {french.count(len(concerned), 'délibération')}"
    if not regime.note_required:
        said += ", facultatives"
    return Topic(title="Notes de synthèse", said=said, door="agenda", findings=tuple(found))


def _drafts(items: Sequence[AgendaItem], briefs: Mapping[int, Brief]) -> Topic:
    concerned = [item for item in items if item.kind in _PREPARED]
    without = [item for item in concerned if not (item.pk in briefs and briefs[item.pk].has_draft)]
    found = []
    if without:
        found.append(
            _warning(
                "projet_manquant",
                f"Sans projet de délibération : {_named(without)}.",
                remedy="Facultatif ; il sera repris dans la délibération signée.",
            )
        )
    written = len(concerned) - len(without)
    return Topic(
        title="Projets de délibération",
        said=french.count(written, "projet"),
        door="agenda",
        findings=tuple(found),
    )


def _files(files: Mapping[int, int]) -> Topic:
    total = sum(files.values())
    said = french.count(total, "pièce jointe", "pièces jointes") if total else "aucune"
    return Topic(title="Pièces jointes", said=said, door="agenda")


def _signatory(meeting: Meeting) -> Topic:
    regime = meeting.regime
    chair = next((m for m in meeting.basis.composition.titulars if m.office == "president"), None)
    if chair is not None:
        return Topic(title="Convoquée par", said=chair.name, door="composition")
    who = regime.convened_by_fallback or regime.convened_by
    return Topic(
        title="Convoquée par",
        said="à désigner",
        door="composition",
        findings=(
            _warning(
                "sans_president",
                "Personne ne préside l’instance à cette date.",
                article_of(regime, "convened_by"),
                f"La convocation est signée par {who}.",
            ),
        ),
    )


def _people(meeting: Meeting, going: Sequence[Addressee]) -> Topic:
    convened = [each for each in going if each.why != Recipient.Why.COPY]
    found = []
    if not any(each.why == Recipient.Why.MEMBER for each in going):
        found.append(
            Finding(
                code="sans_membres",
                message="Aucun titulaire n’est en fonction à la date de la séance.",
                article="art. L2121-10 du CGCT",
                remedy="Vérifiez la composition de l’instance.",
            )
        )
    lost = [each for each in convened if each.is_unreachable]
    members = [each for each in lost if each.why == Recipient.Why.MEMBER]
    others = [each for each in lost if each.why != Recipient.Why.MEMBER]
    if members:
        found.append(
            Finding(
                code="sans_adresse",
                message=f"Sans adresse électronique ni postale : {_people_named(members)}.",
                article=article_of(meeting.regime, "convocation_channel"),
                remedy="Chaque membre doit être convoqué : complétez sa fiche.",
            )
        )
    if others:
        found.append(
            _warning(
                "sans_adresse_suppleant",
                f"Sans adresse électronique ni postale : {_people_named(others)}.",
                article_of(meeting.regime, "convocation_channel"),
                "Une lettre sera à remettre en main propre.",
            )
        )
    counts = Counter(each.why for each in convened)
    said = french.join(
        french.count(counts[why], noun, plural)
        for why, noun, plural in (
            (Recipient.Why.MEMBER, "titulaire", "titulaires"),
            (Recipient.Why.SUBSTITUTE, "suppléant", "suppléants"),
            (Recipient.Why.CONSULTATIVE, "voix consultative", "voix consultatives"),
        )
        if counts[why]
    )
    return Topic(
        title="Destinataires", said=said or "aucun", door="composition", findings=tuple(found)
    )


def _people_named(people: Iterable[Addressee]) -> str:
    return french.join(each.name for each in people)


def _on_paper(going: Sequence[Addressee]) -> Iterator[Topic]:
    paper = [each for each in going if each.channel == Recipient.Channel.PAPER]
    if not paper:
        return
    without = [each for each in paper if not each.asked]
    found = []
    if without:
        found.append(
            _warning(
                "papier_par_defaut",
                f"Sans adresse électronique : {_people_named(without)}.",
                "art. L2121-10 du CGCT",
                "Leur convocation est à imprimer et à poster le jour de l’envoi.",
            )
        )
    yield Topic(
        title="Sur papier",
        said=french.count(len(paper), "lettre") + " à imprimer",
        door="composition",
        findings=tuple(found),
    )


def _copied(meeting: Meeting, going: Sequence[Addressee]) -> Iterator[Topic]:
    if not meeting.regime.share_with_councillors:
        return
    copies = [each for each in going if each.why == Recipient.Why.COPY]
    communities = meeting.body.organisation.communities.existing(meeting.held_on)
    silent = list(communities.filter(copies_to="").values_list("name", flat=True))
    found = []
    if silent:
        shown = french.join(silent[:4] + ([f"{len(silent) - 4} autres"] if len(silent) > 4 else []))
        found.append(
            _warning(
                "copies_sans_adresse",
                f"Aucune adresse pour les élus qui ne siègent pas : {shown}.",
                article_of(meeting.regime, "share_with_councillors"),
                "Notez les adresses sur la fiche de la collectivité.",
            )
        )
    yield Topic(
        title="Copies aux collectivités",
        said=french.count(len(copies), "adresse"),
        door="communities",
        findings=tuple(found),
    )


def objections(convocation: Convocation, *, at: datetime) -> tuple[Finding, ...]:
    """Everything against this dispatch now; refusals forbid it, warnings are shown.

    A notice that urgency would make lawful is refused as long as nobody gives the reason.
    """
    meeting = convocation.meeting
    found = list(_of_stage(meeting))
    if convocation.kind == Convocation.Kind.SUMMONS:
        found += checklist(meeting)
    if convocation.kind == Convocation.Kind.RECTIFYING:
        if not changed_lines(meeting) and not removed_lines(meeting):
            found.append(
                Finding(
                    code="rien_a_rectifier",
                    message="L’ordre du jour et les dossiers sont ceux de la convocation envoyée.",
                    remedy="Ajoutez d’abord un point, ou corrigez-en le dossier.",
                )
            )
    if convocation.kind in (Convocation.Kind.MOVED, Convocation.Kind.CANCELLED):
        if not convocation.reason.strip():
            found.append(Finding(code="motif_manquant", message="Dites pourquoi.", field="reason"))
    if is_absurd(convocation):
        found.append(
            Finding(
                code="date_impossible", message="L’année de la séance ne peut pas être celle-là."
            )
        )
    elif convocation.kind != Convocation.Kind.CANCELLED:
        found += _timing(convocation, at=at)
        found += _requested(convocation)
    return tuple(found)


def _timing(convocation: Convocation, *, at: datetime) -> Iterator[Finding]:
    found = notice(convocation, at=at)
    regime = convocation.meeting.regime
    given = deadlines.clear_days_between(at, found.sitting)
    for finding in found.findings:
        may_be_urgent = (
            finding.code == "delai_trop_court"
            and not convocation.urgent_reason.strip()
            and not found.second_call
            and given >= regime.urgent_clear_days
        )
        if may_be_urgent and finding.severity is Severity.REFUSAL:
            finding = replace(
                finding,
                remedy=f"{finding.remedy} Pour convoquer en urgence, donnez-en le motif.",
                field="urgent_reason",
            )
        elif finding.field == deadlines.FIELD:
            finding = replace(finding, field="")
        yield finding


def _requested(convocation: Convocation) -> Iterator[Finding]:
    """A sitting asked for by members, or by the prefect, is held within a month."""
    if convocation.requested_on is None:
        return
    regime = convocation.meeting.regime
    due = deadlines.requested_sitting_due(convocation.requested_on, regime)
    held_on = convocation.held_on or convocation.meeting.held_on
    if held_on > due:
        yield _warning(
            "demande_depassee",
            f"La séance demandée le {french.long_date(convocation.requested_on)} devait se tenir "
            f"au plus tard le {french.long_date(due)}.",
            article_of(regime, "request_days"),
            "Avancez-la si vous le pouvez.",
        )


def _of_stage(meeting: Meeting) -> Iterator[Finding]:
    if meeting.stage == Meeting.Stage.CANCELLED:
        yield Finding(code="seance_annulee", message="Cette séance est annulée.")
    elif meeting.ledger:
        yield Finding(
            code="seance_commencee",
            message="Le registre de cette séance est commencé : il n’est plus temps de convoquer.",
        )


# --- The journey of what was sent -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the recipients of a convocation stand, counted."""

    states: Mapping[str, int]
    uncertain: int
    next_try: datetime | None
    trouble: str

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def by_mail(self) -> int:
        return self.total - self.printed - self.delivered

    @property
    def waiting(self) -> int:
        states = Posted.State
        return self.states.get(states.QUEUED, 0) + self.states.get(states.HANDING, 0)

    @property
    def sent(self) -> int:
        """Handed to the server, whether or not they came back since."""
        states = Posted.State
        return self.states.get(states.SENT, 0) + self.states.get(states.BOUNCED, 0)

    @property
    def refused(self) -> int:
        return self.states.get(Posted.State.REFUSED, 0)

    @property
    def bounced(self) -> int:
        return self.states.get(Posted.State.BOUNCED, 0)

    @property
    def printed(self) -> int:
        return self.states.get(Posted.State.PRINTED, 0)

    @property
    def delivered(self) -> int:
        return self.states.get(Posted.State.DELIVERED, 0)

    @property
    def on_paper(self) -> int:
        return self.printed + self.delivered

    @property
    def sentence(self) -> str:
        """« 12 courriels remis sur 110 »."""
        return f"{french.count(self.sent, 'courriel remis', 'courriels remis')} sur {self.by_mail}"

    @property
    def is_over(self) -> bool:
        return not self.waiting


def progress(convocation: Convocation) -> Progress:
    """Two queries, whatever the number of recipients."""
    rows = convocation.recipients.filter(resent_as=None).order_by()
    counted = rows.values_list("state").annotate(count=Count("pk"))
    late = rows.filter(state=Posted.State.QUEUED).exclude(reply="").order_by("not_before").first()
    return Progress(
        states=dict(counted),
        uncertain=rows.filter(is_uncertain=True).count(),
        next_try=late.not_before if late else None,
        trouble=late.reply if late else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One recipient on the ledger: what was done, and what he did since."""

    recipient: Recipient
    notice: Notice
    opened_at: datetime | None
    answered_at: datetime | None
    answer: str = ""

    @property
    def is_late(self) -> bool:
        return not self.notice.regular


def journeys(convocation: Convocation, recipients: Sequence[Recipient]) -> list[Journey]:
    """The rows of the ledger, in the same number of queries whatever their number."""
    meeting = convocation.meeting
    mandates = [each.mandate_id for each in recipients if each.mandate_id]
    opened = dict(
        Invitation.objects.filter(meeting=meeting, mandate__in=mandates)
        .values_list("mandate")
        .annotate(Max("first_opened_at"))
    )
    answers: dict[int, tuple[datetime, str]] = {}
    for answer in meeting.answers.current().filter(mandate__in=mandates):
        answers[answer.mandate_id] = (answer.answered_at, answer.get_word_display())
    notices = notices_of_members(convocation, recipients)
    return [
        Journey(
            recipient=each,
            notice=found,
            opened_at=min(
                filter(None, (opened.get(each.mandate_id), each.opened_at)), default=None
            ),
            answered_at=answers.get(each.mandate_id, (None, ""))[0],
            answer=answers.get(each.mandate_id, (None, ""))[1],
        )
        for each, found in zip(recipients, notices, strict=True)
    ]


def chain(recipient: Recipient) -> list[Recipient]:
    """Every time this recipient was sent to, in order, whichever of them is asked for."""
    rows = convocation_rows(recipient.convocation)
    by_key = {row.pk: row for row in rows}
    later = {row.resend_of_id: row for row in rows if row.resend_of_id}
    first = by_key[recipient.pk]
    while first.resend_of_id:
        first = by_key[first.resend_of_id]
    found = [first]
    while found[-1].pk in later:
        found.append(later[found[-1].pk])
    return found


def convocation_rows(convocation: Convocation) -> list[Recipient]:
    rows = convocation.recipients.select_related("mandate__person", "community", "queued_by")
    return list(rows)


_COLUMNS = (
    "Nom;Qualité;Voie;Adresse;État;Remis le;Délai (jours francs);Réponse du serveur;Essais"
    ";Peut-être remis deux fois;Revenu le;Motif du retour;Ouvert le;Répondu le;Réponse"
    ";Identifiant du message"
).split(";")


def table(journeys: Iterable[Journey]) -> Iterator[list[str]]:
    """The ledger as lines of a spreadsheet."""

    def moment(at: datetime | None) -> str:
        return f"{timezone.localtime(at):%d/%m/%Y %H:%M:%S}" if at else ""

    yield list(_COLUMNS)
    for each in journeys:
        row = each.recipient
        on_paper = row.channel == Recipient.Channel.PAPER
        yield [
            row.name,
            row.get_why_display(),
            row.get_channel_display(),
            " ".join((row.postal_address if on_paper else row.email).split()),
            row.get_state_display(),
            moment(row.sent_at),
            str(each.notice.clear_days) if row.sent_at else "",
            row.reply,
            str(row.attempts),
            "oui" if row.is_uncertain else "",
            moment(row.bounced_at),
            row.bounce_reason,
            moment(each.opened_at),
            moment(each.answered_at),
            each.answer,
            row.message_id,
        ]


# What the filter of the ledger offers.
FILTERS = {
    "": "Tous",
    "attente": "En attente",
    "remis": "Remis au serveur",
    "papier": "Sur papier",
    "probleme": "À reprendre",
    "ouvert": "Ouverts",
    "sans_reponse": "Sans réponse",
}


def filtered(convocation: Convocation, chosen: str):
    """The recipients that a filter keeps."""
    states = Posted.State
    rows = convocation.recipients.select_related("mandate__person", "community", "resent_as")
    answered = convocation.meeting.answers.current().values("mandate")
    opened = convocation.meeting.invitations.exclude(first_opened_at=None).values("mandate")
    match chosen:
        case "attente":
            return rows.filter(state__in=(states.QUEUED, states.HANDING))
        case "remis":
            return rows.filter(state=states.SENT)
        case "papier":
            return rows.filter(channel=Recipient.Channel.PAPER)
        case "probleme":
            return rows.filter(
                Q(state__in=(states.REFUSED, states.BOUNCED)) | Q(is_uncertain=True), resent_as=None
            )
        case "ouvert":
            return rows.filter(Q(mandate__in=opened) | Q(opened_at__isnull=False))
        case "sans_reponse":
            return rows.filter(mandate__isnull=False, resent_as=None).exclude(mandate__in=answered)
    return rows
