"""What is missing to convene, or deserves a look, each with its article."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from convening.dispatch import addressees, sent, timing
from convening.dispatch.addressees import Addressee
from convening.models import Convocation, Recipient
from law import deadlines, french, sentences
from law.findings import Finding, Severity
from law.regime import article_of, cited, replaced_by
from meetings import acts, mandates, reading
from meetings.models import AgendaItem, Attachment, Brief, Meeting

# --- The checklist ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One line of the checklist: what was looked at, what was found, where to mend it.

    `door` names the page: "agenda", "sitting", "composition", "communities", "" for this one;
    `item` is the first point whose file lacks something, if any; `changed_by` the sitting whose
    changes the mandates do not say yet.
    """

    title: str
    said: str
    door: str = ""
    findings: tuple[Finding, ...] = ()
    item: AgendaItem | None = None
    changed_by: Meeting | None = None

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
    going = addressees.of(meeting)
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
        *_orientation(meeting, items),
        *_in_time(meeting),
        _signatory(meeting),
        _people(meeting, going),
        *_on_paper(going),
        *_copied(meeting, going),
        *_remote(meeting),
    )


def _warning(code: str, message: str, article: str = "", remedy: str = "") -> Finding:
    return Finding(
        code=code, message=message, article=article, remedy=remedy, severity=Severity.WARNING
    )


def is_unwritten(items: Iterable[AgendaItem]) -> bool:
    """Whether nobody has written the agenda yet: the approval of the minutes came by itself."""
    kinds = AgendaItem.Kind
    return all(each.kind in (kinds.SECTION, kinds.APPROVAL) for each in items)


def _agenda(meeting: Meeting, items: Sequence[AgendaItem]) -> Topic:
    found = []
    if not items:
        found.append(
            Finding(
                code="ordre_du_jour_vide",
                message="L’ordre du jour est vide.",
                article=cited(meeting.regime, "art. L2121-10 du CGCT"),
                remedy="La convocation indique les questions portées à l’ordre du jour.",
            )
        )
    elif is_unwritten(items):
        found.append(
            _warning(
                "ordre_du_jour_seul",
                "L’ordre du jour ne porte que l’approbation d’un procès-verbal.",
                cited(meeting.regime, "art. L2121-10 du CGCT"),
                "Ajoutez-y les questions à traiter, ou convoquez pour cela seul.",
            )
        )
    for approved in (each for item in items for each in item.approved):
        if approved.stage != Meeting.Stage.ISSUED:
            found.append(
                _warning(
                    "pv_non_etabli",
                    "Le procès-verbal de la séance du "
                    f"{french.long_date(approved.held_on)} n’est pas encore établi.",
                    article_of(meeting.regime, "minutes_mentions_required"),
                    "Les membres doivent pouvoir le lire avant de l’arrêter.",
                )
            )
    for item in items:
        if item.late_by is not None:
            found.append(
                _warning(
                    "question_tardive",
                    f"La question {_named([item])} est arrivée le "
                    f"{french.long_date(item.received_on)}, après le "
                    f"{french.long_date(item.late_by)}.",
                    article_of(meeting.regime, "oral_questions_clear_days"),
                    "Portez-la à la séance suivante, ou prenez-la tout de même.",
                )
            )
        if item.likely_kind is not None:
            found.append(
                _warning(
                    "nature_probable",
                    f"Le point « {item.title} » semble être {item.likely_kind[1]}.",
                    remedy="Donnez-lui cette nature à l’ordre du jour : la loi a ses règles pour "
                    "ce vote.",
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
    if meeting.hour is None:
        found.append(
            Finding(
                code="heure_manquante",
                message="L’heure de la séance n’est pas connue.",
                remedy="Une convocation dit quand l’on se réunit.",
            )
        )
    if (on := meeting.second_call_on) is not None:
        found += deadlines.announced_second_call(on, meeting.held_on, meeting.regime)
    first = meeting.second_call_of
    if first and first.second_call_on and first.second_call_on != meeting.held_on:
        found.append(
            _warning(
                "autre_jour_qu_annonce",
                "La première convocation annonçait la seconde séance pour le "
                f"{french.long_date(first.second_call_on)}.",
                remedy="Tenez-la ce jour-là, ou dites dans le message pourquoi il change.",
            )
        )
    day = french.long_date(meeting.held_on, weekday=True)
    place = f", {meeting.place}" if meeting.place.strip() else ""
    return Topic(
        title="Date, heure et lieu",
        said=f"{day}{f' à {french.clock(meeting.hour)}' if meeting.hour else ''}{place}",
        door="sitting",
        findings=tuple(found),
    )


NAMED = 4  # in a sentence; who and what the others are is said where it is mended


def _first(names: Sequence[str]) -> str:
    """The first of a long list, then how many more: « A, B, C et 9 autres »."""
    if len(names) <= NAMED:
        return french.join(names)
    shown = names[: NAMED - 1]
    return french.join((*shown, french.count(len(names) - len(shown), "autre")))


def _named(items: Iterable[AgendaItem]) -> str:
    return _first([f"«\u00a0{item.title}\u00a0»" for item in items])


def without_note(meeting: Meeting) -> list[AgendaItem]:
    """The deliberations that have neither the note that the law wants nor a file in its stead."""
    if not meeting.regime.note_required:
        return []
    concerned = [
        node.item for node in meeting.agenda.nodes if node.item.kind in AgendaItem.DELIBERATED
    ]
    told = {"item__in": concerned}
    noted = {*Brief.objects.filter(**told).exclude(note="").values_list("item", flat=True)}
    filed = {*Attachment.objects.filter(**told).values_list("item", flat=True)}
    return [item for item in concerned if item.pk not in noted | filed]


def _notes(
    meeting: Meeting,
    items: Sequence[AgendaItem],
    briefs: Mapping[int, Brief],
    files: Mapping[int, int],
) -> Topic:
    regime = meeting.regime
    concerned = [item for item in items if item.kind in AgendaItem.DELIBERATED]
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
    return Topic(
        title="Notes de synthèse",
        said=said,
        door="agenda",
        findings=tuple(found),
        item=next(iter(bare or by_file), None),
    )


def _drafts(items: Sequence[AgendaItem], briefs: Mapping[int, Brief]) -> Topic:
    concerned = [item for item in items if item.kind in AgendaItem.DELIBERATED]
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
        item=next(iter(without), None),
    )


def _files(files: Mapping[int, int]) -> Topic:
    total = sum(files.values())
    said = french.count(total, "pièce jointe", "pièces jointes") if total else "aucune"
    return Topic(title="Pièces jointes", said=said, door="agenda")


_DEBATES = re.compile(
    r"^(?!.*\breport\b).*(?:\borientations? budgétaires?\b|\b[DR]OB\b)", re.IGNORECASE
)


def _orientation(meeting: Meeting, items: Sequence[AgendaItem]) -> Iterator[Topic]:
    budgets = [each for each in items if each.kind == AgendaItem.Kind.BUDGET]
    if not (meeting.body.is_assembly and deadlines.asks_budget_debate(meeting.regime)):
        return
    if all(deadlines.CORRECTS.search(each.title) for each in budgets):
        return  # what only corrects another budget is voted without a debate of its own
    debated = _debated(meeting)
    found = deadlines.budget_debate(meeting.held_on, debated, meeting.regime)
    yield Topic(
        title="Débat d’orientation budgétaire",
        said="rien de noté" if found else french.long_date(max(debated)),
        door="agenda",
        findings=found,
    )


def _in_time(meeting: Meeting) -> Iterator[Topic]:
    """That a budget or accounts are voted past their last day; nothing of those in time."""
    late = tuple(reading.late_budgets(meeting).values())
    if late:
        yield Topic(title="Calendrier budgétaire", said="trop tard", door="sitting", findings=late)


def _debated(meeting: Meeting) -> list[date]:
    """The days before, in the term, of the sittings that took note of a debate or voted on it: an
    agenda alone holds none. No kind tells a debate on the budget, its title does."""
    since = meeting.held_on - timedelta(weeks=deadlines.DEBATE_WEEKS)
    before = Meeting.objects.before(meeting).filter(
        stage__in=(Meeting.Stage.CLOSED, Meeting.Stage.ISSUED),
        held_on__range=(since, meeting.held_on - timedelta(days=1)),
    )
    told = AgendaItem.objects.filter(meeting__in=before).values_list("meeting", "title")
    debating = {pk for pk, title in told if _DEBATES.search(title)}
    return [
        other.held_on
        for other in before.filter(pk__in=debating)
        for each in acts.decided(other)
        if _DEBATES.search(each.item.title) and (each.is_adopted or each.is_rejected)
    ]


def _signatory(meeting: Meeting) -> Topic:
    regime, who = meeting.regime, reading.convener(meeting)
    presides = not isinstance(who, str) and who.is_president
    if late := mandates.before(meeting, on=timezone.localdate()):
        return Topic(
            title="Convoquée par",
            said=who.name if presides else "à désigner",
            changed_by=late[0].meeting,
            findings=(mandates.warning(late),),
        )
    if presides:
        return Topic(title="Convoquée par", said=who.name, door="composition")
    told, article = who, article_of(regime, "convened_by_fallback")
    if not isinstance(who, str):
        told = f"{who.titled}, {sentences.office(who, reading.words(meeting))}"
        article = replaced_by(regime)
    remedy = f"La convocation est signée par {told}."
    if isinstance(who, str) and regime.convened_by_fallback and not regime.by_statutes:
        remedy += (
            " Avant l’installation d’une assemblée renouvelée, c’est le président sortant qui "
            "convoque : écrivez-le aux règles, «\u00a0qui convoque à défaut\u00a0»."
        )
    return Topic(
        title="Convoquée par",
        said=told if isinstance(who, str) else who.name,
        door="composition",
        findings=(
            _warning(
                "sans_president",
                "Personne ne préside l’instance à cette date.",
                article,
                remedy,
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
                article=cited(meeting.regime, "art. L2121-10 du CGCT"),
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
                message=f"Aucune adresse où convoquer, ni postale : {_people_named(members)}.",
                article=article_of(meeting.regime, "convocation_channel"),
                remedy="Chaque membre doit être convoqué : complétez sa fiche.",
            )
        )
    if others:
        found.append(
            _warning(
                "sans_adresse_suppleant",
                f"Aucune adresse où convoquer, ni postale : {_people_named(others)}.",
                article_of(meeting.regime, "convocation_channel"),
                "Une lettre sera à remettre en main propre.",
            )
        )
    said = addressees.counted(convened) or "aucun"
    return Topic(title="Destinataires", said=said, door="composition", findings=tuple(found))


def _people_named(people: Iterable[Addressee]) -> str:
    return _first([each.name for each in people])


def _on_paper(going: Sequence[Addressee]) -> Iterator[Topic]:
    paper = [each for each in going if each.channel == Recipient.Channel.PAPER]
    if not paper:
        return
    without = [each for each in paper if not each.asked]
    found = []
    if without:
        remedy = "À imprimer et à poster le jour de l’envoi."
        if known := [each for each in without if each.has_account]:
            whose = "" if known == without else f" ({_people_named(known)})"
            remedy += (
                f" L’adresse du compte{whose} ne sert qu’à se connecter\u00a0: notez-la au mandat."
            )
        found.append(
            _warning(
                "papier_par_defaut",
                f"Aucune adresse électronique où convoquer : {_people_named(without)}.",
                "art. L2121-10 du CGCT",
                remedy,
            )
        )
    # Named once: here, or where they are said to have no address.
    whose = "" if without == paper else f"\u00a0: {_people_named(paper)}"
    yield Topic(
        title="Sur papier",
        said=f"{french.count(len(paper), 'lettre')} à imprimer{whose}",
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
        found.append(
            _warning(
                "copies_sans_adresse",
                f"Aucune adresse pour les élus qui ne siègent pas : {_first(silent)}.",
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


def _remote(meeting: Meeting) -> Iterator[Topic]:
    """What the law keeps for one place, when the sitting is announced by visioconférence."""
    regime = meeting.regime
    if not meeting.may_be_remote:
        return
    found = []
    if kept := meeting.kept_for_one_place:
        found.append(
            _warning(
                "exclu_a_distance",
                f"À voter en un seul lieu : {_named(kept)}.",
                article_of(regime, "remote_forbidden_matters"),
                "Tenez cette séance en un seul lieu, ou reportez-les.",
            )
        )
    if perhaps := meeting.perhaps_for_one_place:
        found.append(
            _warning(
                "exclu_a_distance_peut_etre",
                f"Peut-être à voter en un seul lieu\u00a0: {_named(perhaps)}. Sont exclus de la "
                f"visioconférence\u00a0: {regime.remote_forbidden_matters}.",
                article_of(regime, "remote_forbidden_matters"),
                "Si l’un de ces points en est, tenez cette séance en un seul lieu, ou reportez-le.",
            )
        )
    if missed := list(timing.semesters_without_a_place(meeting)):
        found.append(
            _warning(
                "semestre_a_distance",
                f"Aucune séance en un seul lieu au {' ni au '.join(missed)}.",
                article_of(regime, "remote_in_person_per_semester"),
                "Il en faut "
                f"{regime.remote_in_person_per_semester} par semestre : tenez celle-ci en un seul "
                "lieu.",
            )
        )
    yield Topic(title="Visioconférence", said="offerte", door="sitting", findings=tuple(found))


# --- Against this dispatch --------------------------------------------------------------------


def objections(convocation: Convocation, *, at: datetime) -> tuple[Finding, ...]:
    """Everything against this dispatch now; refusals forbid it, warnings are shown.

    A notice that urgency would make lawful is refused as long as nobody gives the reason.
    """
    meeting = convocation.meeting
    found = list(_of_stage(meeting))
    if convocation.kind == Convocation.Kind.SUMMONS:
        found += checklist(meeting)
    if convocation.kind == Convocation.Kind.RECTIFYING:
        if not sent.changed_lines(meeting) and not sent.removed_lines(meeting):
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
    if convocation.kind == Convocation.Kind.MOVED:
        found += _second_call_put_out(convocation)
    if timing.is_absurd(convocation):
        found.append(
            Finding(
                code="date_impossible", message="L’année de la séance ne peut pas être celle-là."
            )
        )
    elif convocation.kind != Convocation.Kind.CANCELLED:
        found += _timing(convocation, at=at)
        found += _beyond_first_call(convocation, at=at)
        found += _requested(convocation)
    return tuple(found)


def _timing(convocation: Convocation, *, at: datetime) -> Iterator[Finding]:
    found = timing.notice(convocation, at=at)
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


def _second_call_put_out(convocation: Convocation) -> Iterator[Finding]:
    """A sitting that moves may leave no notice any more to the second one it announced."""
    meeting, day = convocation.meeting, convocation.held_on or convocation.meeting.held_on
    on = meeting.second_call_on
    if on is not None and meeting.announced_second_call(day) is None:
        yield _warning(
            "seconde_seance_caduque",
            f"La seconde séance annoncée pour le {french.long_date(on)} suivrait de trop "
            "près\u00a0: la nouvelle convocation ne l’annonce plus.",
            article_of(meeting.regime, "reconvene_clear_days"),
            "Faute de quorum, choisissez alors un autre jour.",
        )


def _beyond_first_call(convocation: Convocation, *, at: datetime) -> Iterator[Finding]:
    """What a second call adds has neither its shorter delay nor its dispense of quorum."""
    notice = timing.notice_of_new_items(convocation, at=at)
    if notice is None:
        return
    named, regime = _named(timing.new_items(convocation)), convocation.meeting.regime
    if not notice.regular:
        yield Finding(
            code="delai_des_points_nouveaux",
            message=f"La première convocation n’annonçait pas {named} : il y faut le délai "
            f"entier, {french.count(notice.required, 'jour franc')}.",
            article=notice.article,
            remedy="Retirez-les de cette séance, ou tenez-la à partir du "
            f"{french.long_date(deadlines.earliest_sitting(at, notice.required))}.",
        )
    elif timing.notice(convocation, at=at).lifts_quorum:
        yield _warning(
            "quorum_des_points_nouveaux",
            f"La première convocation n’annonçait pas {named} : le quorum y reste exigé.",
            article_of(regime, "reconvene_clear_days"),
        )


def _requested(convocation: Convocation) -> Iterator[Finding]:
    """A sitting asked for by a third of the members, or by the prefect, is held within a month
    (art. L2121-9)."""
    if convocation.requested_on is None:
        return
    regime = convocation.meeting.regime
    yield from _askers(convocation)
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


def _askers(convocation: Convocation) -> Iterator[Finding]:
    regime = convocation.meeting.regime
    members = {member.name for member in convocation.meeting.basis.composition.titulars}
    asking = set(convocation.requested_by.splitlines())
    if Convocation.PREFECT in asking:
        return
    needed = deadlines.requesters(len(members), regime)
    if len(asking & members) < needed:
        who = french.count(len(asking & members), "membre en exercice", "membres en exercice")
        plural = "" if len(asking & members) < 2 else "nt"
        yield _warning(
            "demande_insuffisante",
            f"{who} demande{plural} cette séance, il en faut {needed} sur {len(members)} pour que "
            "le président soit tenu de la réunir.",
            article_of(regime, "request_fraction"),
            "Il peut la réunir de lui-même : la convocation ne parle alors d’aucune demande.",
        )


def _of_stage(meeting: Meeting) -> Iterator[Finding]:
    if meeting.stage == Meeting.Stage.CANCELLED:
        yield Finding(code="seance_annulee", message="Cette séance est annulée.")
    elif meeting.ledger:
        yield Finding(
            code="seance_commencee",
            message="Le registre de cette séance est commencé : il n’est plus temps de convoquer.",
        )
