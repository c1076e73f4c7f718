"""From a sitting being prepared to its convocation, and to the note of each of its points."""

import hashlib
from datetime import date

from documents import papers
from documents.compile.shared import (
    act_text,
    cleaned,
    convener,
    frame,
    heading,
    paragraphs,
    place_and_date,
    place_of,
    places_of,
    prepared,
    rapporteur,
    said,
    worded,
)
from law import deadlines, french, quorum, regime, sitting
from law.style import FORMULAS
from meetings import agenda, reading
from meetings.models import AgendaItem, Attachment, Brief, Meeting
from members.models import Body, PaperStyle

_TITLES = {
    "convocation": "Convocation",
    "rectificative": "Convocation rectificative",
    "report": "Séance déplacée",  # later, sooner or elsewhere
    "annulation": "Annulation de la séance",
}


# --- The convocation --------------------------------------------------------------------------


def compile_summons(
    meeting: Meeting,
    *,
    kind: str = "convocation",
    number: int = 1,
    sent_on: date,
    urgent_reason: str = "",
    requested_by: str = "",
    requested_on: date | None = None,
    message: str = "",
    before: papers.SummonsDocument | None = None,
    style: PaperStyle | None = None,
) -> papers.SummonsDocument:
    """The convocation of the sitting as it stands now, for everybody it is sent to.

    `kind` is "convocation", "rectificative", "report" or "annulation". `before` is what was sent
    last: with it, a later convocation says what it changes. A second call is known by
    `meeting.second_call_of`. `style` stands in for that of the body.
    """
    fresh = prepared(meeting, style=style)
    composer = _Summons(fresh, sent_on=sent_on, urgent=bool(urgent_reason.strip()))
    of_body = french.contract("de", fresh.body.designation)
    is_held = kind != "annulation"
    paper = papers.SummonsDocument(
        nature=kind,
        number=number,
        sent_on=sent_on,
        **heading(fresh, _TITLES[kind], kind),
        place_and_date=place_and_date(fresh.body.organisation, sent_on),
        **worded(
            fresh.body,
            {
                "salutation": FORMULAS["salutation"].ours,
                "courtesy": FORMULAS["courtesy"].ours,
            },
            places_of(fresh),
        ),
        invitation=_invitation(kind, f"{of_body} {composer.of_organisation}", composer, before),
        day=composer.day,
        hour=french.clock(fresh.hour) if fresh.hour else "",
        place_of_sitting=french.capitalise(place_of(fresh)),
        grounds=composer.grounds(urgent_reason, requested_by, requested_on) if is_held else (),
        message=paragraphs(message),
        agenda=tuple(composer.line(node) for node in fresh.agenda.roots),
        answering=composer.answering() if is_held else (),
        signatory=convener(fresh),
        rules=composer.rules() if is_held else (),
    )
    paper = cleaned(paper)
    return paper.since(before) if before is not None else paper


class _Summons:
    """What the parts of a convocation share; lives as long as one compilation."""

    def __init__(self, meeting: Meeting, *, sent_on: date, urgent: bool) -> None:
        self.meeting = meeting
        self.body: Body = meeting.body
        self.words = reading.words(meeting)
        self.regime: regime.Regime = meeting.regime
        self.composition = meeting.basis.composition
        self.day = french.long_date(meeting.held_on, weekday=True)
        self.of_organisation = french.contract("de", self.body.organisation.designation)
        self.designation = self.body.designation
        self.notice = meeting.notice_of(sent_on, urgent=urgent)

    def source(self, *keys: str) -> str:
        return regime.article_of(self.regime, *keys)

    # The agenda

    def line(self, node: agenda.Node) -> papers.AgendaLine:
        item = node.item
        return papers.AgendaLine(
            key=item.key,
            number=node.number,
            title=french.nbsp(item.title.strip()),
            kind=item.kind,
            rapporteur=rapporteur(item, self.composition, self.words),
            enclosed=enclosed(item),
            digest=digest(item),
            children=tuple(self.line(child) for child in node.children),
        )

    # What is said

    def grounds(
        self,
        urgent_reason: str,
        requested_by: str,
        requested_on: date | None,
    ) -> tuple[str, ...]:
        """Why this sitting is not an ordinary one, a paragraph for each reason."""
        told = []
        if urgent_reason.strip():
            told.append(f"cette séance est convoquée en urgence : {urgent_reason.strip()}")
            days = french.count(self.notice.required, "jour franc")
            text = f"le délai de convocation est ramené à {days} ({self.notice.article})"
            if self.notice.urgent and self.regime.urgency_vote:
                text += (
                    f" ; il en sera rendu compte dès l’ouverture et {self.designation} se "
                    f"prononcera sur l’urgence avant tout autre point"
                )
            if self.notice.urgent:
                told.append(text)
        if first := self.meeting.second_call_of:
            again = french.agree("convoqué", feminine=self.words.is_feminine)
            text = (
                f"le quorum n’ayant pas été atteint lors de la séance du "
                f"{french.long_date(first.held_on)}, {self.designation} est à nouveau {again}"
            )
            if first.second_call_on == self.meeting.held_on:
                text += ", au jour qu’annonçait la première convocation,"
            if self.notice.lifts_quorum:
                text += " et délibérera valablement sans condition de quorum"
            told.append(f"{text} ({self.source('reconvene_clear_days')})")
        if (on := self.meeting.announced_second_call()) and not first:
            again = french.agree("convoqué", feminine=self.words.is_feminine)
            hour = " à la même heure" if self.meeting.hour else ""
            told.append(
                f"si le quorum n’était pas atteint, {self.designation} serait à nouveau {again} "
                f"pour le {french.long_date(on, weekday=True)}{hour}, sur ce qui n’aurait pu être "
                "discuté, et délibérerait alors sans condition de quorum "
                f"({self.source('reconvene_clear_days')})"
            )
        if requested_by.strip():
            on = f", reçue le {french.long_date(requested_on)}" if requested_on else ""
            told.append(
                "cette séance est réunie à la demande "
                f"{french.contract('de', french.join(requested_by.splitlines()))}{on} "
                f"({self.source('request_fraction')})"
            )
        if self.meeting.may_be_remote:
            told.append(
                "il est possible d’y participer par visioconférence ; les votes ont alors lieu au "
                f"scrutin public ({self.source('remote_allowed')})"
            )
        return tuple(french.sentence(text) for text in told)

    def answering(self) -> tuple[str, ...]:
        """How to say whether one comes, and what to do otherwise."""
        # The same file goes to whoever has no link: by a mail to all, on paper, without a server.
        # The mail and the letter that bear one say so themselves.
        told = [
            "Je vous remercie de faire savoir si vous participerez à la séance, auprès du "
            "secrétariat, ou en ligne si vous avez un compte."
        ]
        means = []
        if self.has_substitutes:
            means.append("envoyer votre suppléant")
        if self.regime.proxies_allowed:
            means.append("donner pouvoir à un autre membre")
        if means:
            told.append(f"En cas d’empêchement, vous pouvez {french.join(means, 'ou')}.")
        return tuple(french.sentence(text) for text in told)

    @property
    def has_substitutes(self) -> bool:
        return self.regime.substitutes != "aucun" and bool(self.composition.substitutes)

    def rules(self) -> tuple[papers.Fact, ...]:
        """The rules on which the sitting stands, each with its source."""
        notice = self.notice
        told = [
            (
                "Délai",
                # Written before it leaves, and to some later than to others: how many days it gave
                # is for the ledger to tell.
                f"convocation du {french.long_date(notice.sent)} ; le délai est de "
                f"{french.count(notice.required, 'jour franc')} entre son envoi et la séance "
                f"({notice.article})",
            ),
            ("Quorum", self.quorum_rule()),
        ]
        if self.regime.note_required and (noted := self.noted()):
            told.append(
                (
                    "Dossier",
                    f"une note explicative de synthèse est jointe pour {noted} "
                    f"({self.source('note_required')})",
                )
            )
        if self.has_substitutes:
            whose = "son suppléant"
            if self.regime.substitutes == "collectivite":
                whose = "un suppléant de sa collectivité"
            told.append(
                (
                    "Suppléance",
                    f"un titulaire empêché est remplacé par {whose}, qui siège avec voix "
                    f"délibérative ({self.source('substitutes')})",
                )
            )
        if self.regime.proxies_allowed:
            told.append(("Pouvoirs", self.proxy_rule()))
        if questions := self.questions_rule():
            told.append(("Questions orales", questions))
        if self.regime.sittings_public:
            told.append(("Publicité", f"la séance est publique ({self.source('sittings_public')})"))
        return tuple(papers.Fact(label=label, text=french.sentence(text)) for label, text in told)

    def noted(self) -> str:
        """The points to which a note is joined, or a file in its stead: an election goes without
        any, and is then not said to have one; "" where no point has a note."""
        nodes = [n for n in self.meeting.agenda.nodes if n.item.kind in AgendaItem.VOTED]
        with_note = [node for node in nodes if _has_note(node.item)]
        # What is voted by itself, urgency or minutes, is explained by nobody.
        asked = AgendaItem.DELIBERATED | AgendaItem.ELECTIONS
        if not with_note or all(n in with_note for n in nodes if n.item.kind in asked):
            return "chaque point soumis à délibération" if with_note else ""
        numbers = [node.number for node in with_note if node.number not in ("", agenda.BULLET)]
        if len(numbers) < len(with_note):
            return french.join([f"«\u00a0{node.item.title.strip()}\u00a0»" for node in with_note])
        return f"{'les points' if len(numbers) > 1 else 'le point'} {french.join(numbers)}"

    def questions_rule(self) -> str:
        """Until when oral questions are handed in, and the time that is kept for them; "" where
        the rules of the body say neither (art. L2121-19)."""
        told = []
        if due := deadlines.oral_questions_due(self.meeting.held_on, self.regime):
            days = french.count(self.regime.oral_questions_clear_days, "jour franc")
            day = french.long_date(due, weekday=True)
            told.append(f"remises au plus tard le {day}, {days} avant la séance")
        if minutes := self.regime.oral_questions_minutes:
            told.append(f"{french.count(minutes, 'minute')} leur sont consacrées")
        source = self.source("oral_questions_clear_days", "oral_questions_minutes")
        return f"{' ; '.join(told)} ({source})" if told else ""

    def quorum_rule(self) -> str:
        if self.notice.lifts_quorum:
            return f"aucune condition de quorum ({self.source('reconvene_clear_days')})"
        text = quorum.rule(self.regime)
        if self.regime.quorum_basis == "tetes":
            state = sitting.replay(self.composition, (), ()).at_opening
            required = quorum.of(state, self.regime).required
            text += f", soit {required} sur {len(self.composition.titulars)}"
        if self.regime.proxies_allowed and not self.regime.quorum_counts_proxies:
            text += " ; les pouvoirs n’y comptent pas"
        return f"{text} ({self.source('quorum_fraction', 'quorum_strict', 'quorum_basis')})"

    def proxy_rule(self) -> str:
        limit = self.regime.proxies_per_holder
        text = (
            "un membre empêché peut donner pouvoir écrit à un autre membre ; nul n’en porte plus "
            f"{french.elide('de', french.in_words(limit))}"
        )
        if hours := self.regime.proxy_deadline_hours:
            text += f" ; il est remis {french.count(hours, 'heure')} au moins avant la séance"
        return f"{text} ({self.source('proxies_allowed', 'proxies_per_holder')})"


def _invitation(
    kind: str, of_body: str, summons: _Summons, before: papers.SummonsDocument | None
) -> str:
    """The sentence that convenes, or that says what becomes of a convocation already sent."""
    planned = ""
    if before is not None:
        planned = f", convoquée pour le {before.day} à {before.hour},"
    match kind:
        case "rectificative":
            sent = f" en date du {french.long_date(before.sent_on)}" if before else ""
            text = f"la convocation{sent} à la séance {of_body} est modifiée comme suit :"
        case "report":
            text = f"la séance {of_body}{planned} est déplacée ; elle se tiendra :"
        case "annulation":
            planned = planned or f" du {summons.day}"
            text = f"la séance {of_body}{planned} est annulée"
        case _:
            text = f"j’ai l’honneur de vous convoquer à la séance {of_body}, qui se tiendra :"
    return french.sentence(text)


# --- What goes with each point ----------------------------------------------------------------


def compile_notes(meeting: Meeting) -> tuple[papers.NoteDocument, ...]:
    """One paper for each point about which something is sent, in the order of the agenda."""
    fresh = prepared(meeting)
    return tuple(
        cleaned(_note(fresh, node))
        for node in fresh.agenda.nodes
        if brief(node.item) is not None or node.item.attachments.all()
    )


def _note(meeting: Meeting, node: agenda.Node) -> papers.NoteDocument:
    item, framed = node.item, frame(meeting, node.item.title, "note")
    told = brief(item)
    return papers.NoteDocument(
        **framed | {"file_name": f"{framed['file_name']}-{item.key}"},
        key=item.key,
        number=node.number,
        title=french.nbsp(item.title.strip()),
        rapporteur=rapporteur(item, meeting.basis.composition, reading.words(meeting)),
        sitting=f"{meeting.body.name} du {french.long_date(meeting.held_on)}",
        note=said(told.note) if told else "",
        draft=act_text(meeting, item, told.draft) if told and told.draft else None,
        enclosures=tuple(map(_enclosure, item.attachments.all())),
    )


def brief(item: AgendaItem) -> Brief | None:
    """What was written to prepare the item; `None` when nothing was."""
    found: Brief | None = getattr(item, "brief", None)
    return None if found is None or found.is_blank else found


def enclosed(item: AgendaItem) -> tuple[str, ...]:
    """ "note de synthèse", "projet de délibération", "2 pièces jointes"."""
    told = []
    if written := brief(item):
        if written.note.strip():
            told.append("note de synthèse")
        if written.draft:
            told.append("projet de délibération")
    if files := len(item.attachments.all()):
        told.append(french.count(files, "pièce jointe", "pièces jointes"))
    return tuple(told)


def _has_note(item: AgendaItem) -> bool:
    written = brief(item)
    return bool((written and written.note.strip()) or item.attachments.all())


def digest(item: AgendaItem) -> str:
    """What the dossier of the item says, to tell whether it changed since it was sent."""
    written = brief(item)
    parts = [attachment.sha256 for attachment in item.attachments.all()]
    if written:
        parts += [written.note, written.visas, written.recitals, written.articles]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest() if parts else ""


_NAMES = {"application/pdf": "PDF", "image/png": "image", "image/jpeg": "image"}


def _enclosure(attachment: Attachment) -> papers.Enclosure:
    kind = _NAMES.get(attachment.media_type, "")
    extension = attachment.filename.rpartition(".")[2].upper()
    told = [kind or f"fichier {extension}"]
    if attachment.pages and kind == "PDF":
        told.append(french.count(attachment.pages, "page"))
    told.append(attachment.weight)
    how = {"PDF": "pdf", "image": "image"}.get(kind, "apart")
    if how == "apart":
        told.append(f"joint séparément : {attachment.filename}")
    return papers.Enclosure(
        title=french.nbsp(attachment.title.strip() or attachment.filename),
        remark=french.nbsp(", ".join(told)),
        how=how,
        sha256=attachment.sha256,
    )
