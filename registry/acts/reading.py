"""What the register says of a sitting: what was decided, numbered and adopted."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from convening.models import Notice
from documents import compile, papers, render
from documents.actions import Wanted
from documents.models import IssuedDocument
from law import french, sentences
from law.delegations import Kind
from law.findings import Finding, Severity
from law.french import NBSP
from law.sitting import BallotHeld
from meetings import journal
from meetings.acts import Decided, amended, decided
from meetings.models import AgendaItem, Brief, Meeting
from registry import comparison
from registry.models import (
    Adoption,
    Deliberation,
    DeliberationLink,
    SignatureStep,
    adoption_of,
)


def in_words(documents: Iterable[IssuedDocument]) -> str:
    """How every page counts papers: "le procès-verbal", "la liste et 6 délibérations"."""
    kinds = [document.kind for document in documents]
    extracts = kinds.count(IssuedDocument.Kind.EXTRACT)
    said = []
    if IssuedDocument.Kind.MINUTES in kinds:
        said.append("le procès-verbal")
    if IssuedDocument.Kind.LIST in kinds:
        said.append("la liste" if extracts else "la liste des délibérations")
    if extracts:
        said.append(french.count(extracts, "délibération"))
    return french.join(said)


def to_sign_in_words(documents: Iterable[IssuedDocument], doubtful: Collection[int] = ()) -> str:
    """What the button that leads to them will do: sign those that say what they decide; of the
    others (`doubtful`) alone, read."""
    papers = list(documents)
    sound = in_words(each for each in papers if each.pk not in doubtful)
    return f"Signer {sound}" if sound else f"Lire {in_words(papers)} avant de signer"


def awaiting_number(
    meeting: Meeting, numbered: Collection[int] | None = None
) -> tuple[Decided, ...]:
    """The acts of a sitting that have no number yet; `numbered`, the items whose act has one, when
    they are known."""
    if numbered is None:
        numbered = set(meeting.deliberations.values_list("item_id", flat=True))
    return tuple(each for each in decided(meeting) if each.is_act and each.item.pk not in numbered)


def unclosed(meeting: Meeting, numbered: Collection[int] | None = None) -> Iterator[Finding]:
    """Why the sheet that closes a sitting in the register cannot be printed yet: it tells in the
    past tense who was there and what was numbered (art. R2121-9 du CGCT). `numbered` as above."""
    if not meeting.sitting.is_over:
        yield Finding(
            code="seance_ouverte",
            message=f"La séance n’est pas levée{NBSP}: son feuillet de clôture ne se fait pas "
            "encore.",
            article="art. R2121-9 du CGCT",
            remedy="Levez la séance, puis numérotez ses délibérations.",
        )
    elif count := len(awaiting_number(meeting, numbered)):
        many = count > 1
        yield Finding(
            code="sans_numero",
            message=f"{french.count(count, 'délibération')} {'attendent' if many else 'attend'} "
            f"{'leur' if many else 'son'} numéro{NBSP}: le feuillet de clôture les rappelle tous.",
            article="art. R2121-9 du CGCT",
            remedy="Numérotez, puis imprimez-le.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Minutes that a sitting adopted: the vote that did it, what it had corrected in them if
    anything, and the version in force."""

    item: AgendaItem
    minutes: IssuedDocument | None
    seq: int
    adopted_on: date
    asked: str = ""

    @property
    def lacks_what_was_asked(self) -> bool:
        """Whether the version in force was issued before this vote had something corrected in it:
        unless it said so already, which only a person knows, the next one is what was adopted."""
        if not self.asked or self.minutes is None:
            return False
        return self.item.meeting.events.filter(
            seq=self.seq, recorded_at__gt=self.minutes.issued_at
        ).exists()

    @property
    def is_of_after(self) -> bool:
        """Whether the version in force was issued after this vote, which had one before it and had
        nothing corrected in it: only a person knows whether the sitting asked for what changed."""
        if self.asked or self.minutes is None or not self.minutes.supersedes_id:
            return False
        told = self.item.meeting.events.filter(seq=self.seq).values_list("recorded_at", flat=True)
        voted_at = told.first()
        return (
            voted_at is not None
            and voted_at < self.minutes.issued_at
            and self.minutes.meeting.documents.minutes().filter(issued_at__lt=voted_at).exists()
        )

    @property
    def is_corrected(self) -> bool:
        """Whether the words changed since this version: the next one is to be issued first. A new
        letterhead is no correction, nor are sentences that this application words otherwise."""
        minutes = self.minutes
        return (
            minutes is not None
            and journal.is_told_since(minutes.meeting, minutes.issued_at)
            and minutes.paper.statements() != compile.compile_minutes(minutes.meeting).statements()
        )

    @property
    def next_version(self) -> int:
        """The version that issuing these minutes now would make."""
        return self.minutes.version + 1 if self.minutes else 1


def approvals(meeting: Meeting) -> Iterator[Approval]:
    """The minutes of earlier sittings that the votes of this one adopted."""
    asked = {vote.seq: vote.ballot.amended for vote in meeting.sitting.of_kind(BallotHeld)}
    for each in decided(meeting):
        if each.item.kind != AgendaItem.Kind.APPROVAL or not each.is_adopted:
            continue
        for approved in each.item.approved:
            yield Approval(
                item=each.item,
                minutes=approved.documents.minutes().current().first(),
                seq=each.seq,
                adopted_on=meeting.held_on,
                asked=asked.get(each.seq, ""),
            )


def adoption_told(minutes: IssuedDocument) -> str:
    """By which sitting this version of minutes was adopted, or another in its place; "" of other
    papers. A vote adopts one version: what it had corrected, and what is corrected after it, is
    another."""
    if not minutes.is_minutes:
        return ""
    if hasattr(minutes, "adoption"):
        if not minutes.adoption.stands:
            return f"n’est plus arrêté{NBSP}: le vote de {_adopting(minutes)} a été annulé"
        issued_on = timezone.localdate(minutes.issued_at)
        told = f"arrêté par {_adopting(minutes)}"
        if issued_on > minutes.adoption.adopted_on:
            told += f", dans un texte établi après elle, le {french.long_date(issued_on)}"
        return told
    if (later := _adopted(minutes, "superseded_by")) is not None:
        issued_on = french.long_date(timezone.localdate(later.issued_at))
        return (
            f"arrêté par {_adopting(later)} dans sa version {later.version}, corrigée, établie le "
            f"{issued_on}, qui remplace celle-ci"
        )
    if (earlier := _adopted(minutes, "supersedes")) is not None:
        return (
            f"pas encore arrêté dans cette version\N{NO-BREAK SPACE}; la version "
            f"{earlier.version}, qu’elle remplace, l’a été par {_adopting(earlier)}"
        )
    return "pas encore arrêté par une séance suivante"


def annulled() -> Iterator[str]:
    """The adoptions that were noted and stand no more, in French; the papers say so everywhere."""
    noted = Adoption.objects.select_related("document__meeting__body", "item__meeting__body")
    for each in noted.order_by("pk"):
        if not each.stands:
            meeting = each.document.meeting
            yield f"{each.document}, {meeting}, {adoption_told(each.document)}."


def _adopted(minutes: IssuedDocument, way: str) -> IssuedDocument | None:
    """The next of its versions, later or earlier, that a sitting adopted."""
    other = getattr(minutes, way, None)
    while other is not None and adoption_of(other) is None:
        other = getattr(other, way, None)
    return other


def _adopting(minutes: IssuedDocument) -> str:
    return f"la séance du {french.long_date(minutes.adoption.adopted_on)}"


def acts_to_issue(meeting: Meeting, *, on: date, bare: Collection[str] = ()) -> tuple[Wanted, ...]:
    """The extract of each deliberation that stands and bears a number, then the list, as the
    ledger tells them; drawn up on this day. Nothing when no deliberation was examined.

    `bare` are the items of which an extract without operative text was confirmed, or that it says
    what an amendment changed.
    """
    if not any(each.is_listed for each in decided(meeting)):
        return ()
    numbers = numbers_of(meeting)
    extracts = {
        extract.key: extract for extract in compile.compile_extracts(meeting, numbers=numbers)
    }
    unsaid = {each.item.key: each for each in without_text(meeting)}
    changed = amended(meeting)
    listed = () if meeting.is_alone else (_list_wanted(meeting, numbers, on),)
    return (
        *(
            Wanted(
                kind=IssuedDocument.Kind.EXTRACT,
                paper=extracts[key],
                subject=key,
                title=f"{extracts[key].number}{NBSP}: {extracts[key].object}",
                review=partial(
                    _objections, extracts[key], unsaid.get(key), changed.get(key), key in bare
                ),
                keeping=as_signed,
            )
            for key in numbers
        ),
        *listed,
    )


def _list_wanted(meeting: Meeting, numbers: Mapping[str, str], on: date) -> Wanted:
    return Wanted(
        kind=IssuedDocument.Kind.LIST,
        paper=compile.compile_deliberation_list(meeting, numbers=numbers, at=on),
    )


def numbers_of(meeting: Meeting) -> dict[str, str]:
    """By item, the number of each act that stands, in the order they were given."""
    standing = {each.item.pk for each in decided(meeting) if each.is_act}
    return {
        deliberation.item.key: deliberation.label
        for deliberation in meeting.deliberations.select_related("item").order_by("rank")
        if deliberation.item_id in standing
    }


def _objections(
    extract: papers.DeliberationExtract,
    act: Decided | None,
    amendment: str | None,
    is_confirmed: bool,
) -> Iterator[Finding]:
    yield from render.unprintable(extract)
    if amendment and not is_confirmed:
        yield Finding(
            code="amendement_absent",
            message=f"«\u00a0{extract.object}\u00a0»\u00a0: adopté avec une modification "
            f"({amendment.rstrip('.')}), que ses articles ne disent pas.",
            remedy="Écrivez-les tels qu’ils sont adoptés, dans le dossier du point, ou cochez-le "
            "s’ils le disent déjà.",
        )
    if act is not None and not is_confirmed:
        yield Finding(
            code="sans_dispositif",
            message=f"« {act.item.title} » : l’extrait ne dit pas ce qui est décidé.",
            remedy="Écrivez ses articles dans le dossier du point, ou cochez-le : il sera établi "
            "sans dispositif.",
        )


def without_quorum(meeting: Meeting) -> Iterator[Finding]:
    """The acts decided when the quorum, verified as their item was called, was missing: a number
    and a publication make them no less open to annulment (art. L2121-17)."""
    put = meeting.sitting.put_before
    for each in decided(meeting):
        if not each.is_act:
            continue
        found = meeting.quorum_of(put[each.seq])
        if not found.reached:
            yield Finding(
                code="acte_sans_quorum",
                message=f"«\u00a0{each.item.title}\u00a0» est décidé sans que le quorum "
                f"soit atteint. {found}.",
                article=found.article,
                remedy="Vérifiez les présences à ce point\u00a0; si le quorum manquait, "
                "renvoyez-le à une seconde convocation plutôt que de le numéroter.",
                severity=Severity.WARNING,
            )


def word_of(meeting: Meeting, each: Decided) -> str:
    """What became of it, with the vote that says so: "adoptée à l’unanimité", "adoptée : 12 voix
    pour et 3 contre"."""
    outcome = meeting.outcomes.get(each.seq)
    if outcome is None or not outcome.is_counted or outcome.adopted != each.is_adopted:
        return each.word
    if outcome.adopted and outcome.is_unanimous:
        return f"{each.word} à l’unanimité"
    told = f"{each.word}\u00a0: {sentences.counts(outcome.tally)}"
    return french.nbsp(told + sentences.settled(outcome))


def without_text(meeting: Meeting) -> tuple[Decided, ...]:
    """The acts that a vote adopted and whose operative text (`dispositif`) nobody wrote."""
    found = [each for each in decided(meeting) if each.is_act and each.needs_text]
    drafted = {
        brief.item_id
        for brief in Brief.objects.filter(item__in=[each.item.pk for each in found])
        if brief.has_draft
    }
    return tuple(each for each in found if each.item.pk not in drafted)


def undecided(
    documents: Iterable[IssuedDocument], wordless: Collection[Decided] | None = None
) -> Iterator[Finding]:
    """Of the acts that these papers bear, that some have no article, and so decide nothing that one
    may read; two queries for each sitting of which one bears an act, none when those of the one
    sitting that have no article are known (`wordless`)."""
    bare = [decided.item.title for _, decided in bearing_nothing(documents, wordless)]
    if bare:
        titles = french.join([f"«{NBSP}{each}{NBSP}»" for each in bare])
        yield Finding(
            code="sans_dispositif",
            message=f"Aucun article ne dit ce que décide {titles}{NBSP}: un vote seul ne dit pas "
            "sur quoi.",
            remedy="Écrivez ses articles, puis établissez de nouveau la délibération.",
            severity=Severity.WARNING,
        )


def bearing_nothing(
    documents: Iterable[IssuedDocument], wordless: Collection[Decided] | None = None
) -> Iterator[tuple[IssuedDocument, Decided]]:
    """The papers of which that is so, each with its act; asked as `undecided` asks it."""
    of_sitting = defaultdict(dict)
    for each in documents:
        if each.kind == IssuedDocument.Kind.EXTRACT:
            of_sitting[each.meeting][each.subject] = each
    for meeting, bearing in of_sitting.items():
        for each in without_text(meeting) if wordless is None else wordless:
            if each.item.key in bearing:
                yield bearing[each.item.key], each


def asked_for_articles(meeting: Meeting) -> Notice | None:
    """The last mail by which whoever signs asked the secretariat to write what its acts decide."""
    found = meeting.notices.filter(once__startswith=f"{ARTICLES}-{meeting.pk}-")
    return found.select_related("written_by").order_by("pk").last()


ARTICLES = "articles"


def fallen(meeting: Meeting, issued: Sequence[IssuedDocument]) -> tuple[IssuedDocument, ...]:
    """The extracts in force of what is no act any more, as the ledger tells it: its vote was
    corrected, its item put off. What a later act withdraws was voted all the same: it is signed in
    the register as the others (art. L2121-23), and what it is worth follows from what makes that
    later act bind (`archive.online.standing.gone`)."""
    extracts = [each for each in issued if each.kind == IssuedDocument.Kind.EXTRACT]
    if not extracts:
        return ()
    standing = {each.item.key for each in decided(meeting) if each.is_act}
    return tuple(each for each in extracts if each.subject not in standing)


def objection(document: IssuedDocument) -> Finding | None:
    """Why this extract or list may neither be signed nor go online: it bears what is no act any
    more, or lists other decisions than the ledger tells now."""
    return objections(document.meeting, [document]).get(document.pk)


def objections(meeting: Meeting, issued: Sequence[IssuedDocument]) -> Mapping[int, Finding]:
    """The same of several papers of a sitting, by paper; in the queries of one."""
    lists = [each for each in issued if each.kind == IssuedDocument.Kind.LIST]
    gone = fallen(meeting, issued)
    outdated = contradicted(meeting, lists, on=timezone.localdate()) if lists else ()
    return {
        **{
            each.pk: Finding(
                code="ne_tient_plus",
                message="Ce n’est plus un acte\u00a0: son vote a été corrigé, ou le point reporté.",
                remedy="S’il est en ligne, ôtez-le des pages publiques.",
            )
            for each in gone
        },
        **{
            each.pk: Finding(
                code="liste_depassee",
                message="Cette liste dit autre chose que le registre de la séance\u00a0: un vote "
                "ou un titre a changé depuis.",
                remedy="Établissez-en une nouvelle version, à la page des délibérations.",
            )
            for each in outdated
        },
    }


def contradicted(
    meeting: Meeting, issued: Sequence[IssuedDocument], *, on: date
) -> tuple[IssuedDocument, ...]:
    """Of these papers in force of a sitting, those that say something else than it says now: an
    extract of what is no act any more, words or figures that changed since. A new letterhead is no
    other word."""
    minutes = [each for each in issued if each.is_minutes]
    acts = [each for each in issued if not each.is_minutes]
    found = [*fallen(meeting, acts), *(to_issue(meeting, acts, on=on).changed if acts else ())]
    if not any(each.is_listed for each in decided(meeting)):
        found += [each for each in acts if each.kind == IssuedDocument.Kind.LIST]
    if minutes:
        now = compile.compile_minutes(meeting).statements()
        found += [each for each in minutes if each.paper.statements() != now]
    return tuple(dict.fromkeys(found))


def namesakes(meeting: Meeting) -> Mapping[int, Deliberation]:
    """By item, the latest earlier deliberation of the body with the same title, to which nothing
    links it: voted again, it most likely replaces it."""
    linked = DeliberationLink.objects.filter(
        source__meeting=meeting, target__isnull=False, undone_at=None
    )
    earlier = Deliberation.objects.filter(
        body=meeting.body_id,
        meeting__held_on__lt=meeting.held_on,
        item__title__in=[each.item.title for each in decided(meeting) if each.is_adopted],
    ).exclude(pk__in=linked.values("target"))
    by_title = {each.item.title: each for each in earlier.select_related("item").reverse()}
    return {
        each.item.pk: by_title[each.item.title]
        for each in decided(meeting)
        if each.item.title in by_title
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ToIssue:
    """What the acts of a sitting still want: how many papers are missing, which have changed,
    which of them would say nothing of what is decided."""

    missing: int
    changed: tuple[IssuedDocument, ...]
    rewritten: tuple["Rewritten", ...] = ()  # of those, the acts of which the articles changed
    wordless: tuple[Decided, ...] = ()  # whatever was issued of them
    bare: tuple[Decided, ...] = ()
    amended: tuple[tuple[Decided, str], ...] = ()  # with what their articles do not say

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed)

    @property
    def belied(self) -> "Rewritten | None":
        """The first that adopted minutes belie: nothing is issued before its text is given back."""
        return next((each for each in self.rewritten if each.minutes is not None), None)

    @property
    def told(self) -> list[tuple[IssuedDocument, "Rewritten | None"]]:
        """What has changed, each with what became of its articles where they did."""
        found = {each.document.pk: each for each in self.rewritten}
        return [(each, found.get(each.pk)) for each in self.changed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """An extract in force of which the next version would say that something else was decided: its
    articles as they were and as they would be, and the adopted minutes (`minutes`) that tell them
    as they were, if any. A vote decided; whoever writes after it decides nothing."""

    document: IssuedDocument
    was: tuple[str, ...]
    now: tuple[str, ...]
    minutes: IssuedDocument | None = None

    @property
    def words(self) -> tuple[comparison.Words, ...]:
        """In what they differ."""
        return comparison.compare_words(" ".join(self.was), " ".join(self.now))

    @property
    def objection(self) -> Finding:
        """Why that version is not issued as it is."""
        title = f"«{NBSP}{self.document.title}{NBSP}»"
        if self.minutes is not None:
            on = french.long_date(self.minutes.adoption.adopted_on)
            return Finding(
                code="dispositif_arrete",
                message=f"{title}{NBSP}: le procès-verbal arrêté le {on} dit le dispositif "
                "d’avant, et l’extrait ne dit pas autre chose que lui.",
                remedy="Rendez au dossier le texte voté\u00a0; une délibération nouvelle le "
                "rectifie, ou le modifie.",
            )
        return Finding(
            code="dispositif_change",
            message=f"{title}{NBSP}: son dispositif n’est plus celui de l’extrait établi après le "
            "vote.",
            remedy="Si ce qui est décidé change, il y faut un nouveau vote\u00a0: rendez au "
            "dossier le texte voté. Si l’extrait le rapportait mal, cochez «\u00a0rectification "
            "d’une erreur matérielle\u00a0», et dites laquelle.",
        )


RECTIFIES = f"rectification d’une erreur matérielle{NBSP}: "  # begins the reason of such a version


def rewritten(wanted: Iterable[Wanted], issued: Sequence[IssuedDocument]) -> Iterator[Rewritten]:
    """Of these papers of a sitting, those of which the articles are no more those that the document
    in force says; punctuation is none. What one person decides alone, he signs again."""
    extracts = {each.subject: each for each in issued if each.kind == IssuedDocument.Kind.EXTRACT}
    for each in wanted:
        current = extracts.get(each.subject)
        if each.kind != IssuedDocument.Kind.EXTRACT or current is None:
            continue
        if current.meeting.is_alone or not (was := enacted(current.paper)):
            continue
        now = enacted(each.paper)
        if _letters(was) != _letters(now):
            minutes = _adopted_minutes(current.meeting)
            told = _told_in(minutes, each.subject) if minutes is not None else None
            is_told = told is not None and _letters(told) != _letters(now)
            yield Rewritten(
                document=current, was=was, now=now, minutes=minutes if is_told else None
            )


def same_since(meeting: Meeting, issued: Iterable[IssuedDocument]) -> Mapping[int, int]:
    """By extract of these that is a later version, the first version that enacts the same: what was
    made of one before, which said otherwise, was not made of it. Two queries where there is one."""
    later = {each.subject for each in issued if each.version > 1}
    if not later:
        return {}
    kept = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT, subject__in=later)
    found: dict[int, int] = {}
    before: dict[str, tuple[int, list[str]]] = {}
    for each in kept.order_by("version"):
        letters = _letters(enacted(each.paper))
        first, was = before.get(each.subject, (each.version, letters))
        before[each.subject] = (first if was == letters else each.version, letters)
        found[each.pk] = before[each.subject][0]
    return found


def enacted(extract: papers.Paper) -> tuple[str, ...]:
    """The words of each article of an extract."""
    found = cast("papers.DeliberationExtract", extract).text.articles
    return tuple(" ".join((each.text, *each.parts)) for each in found)


def _letters(articles: Iterable[str]) -> list[str]:
    return re.findall(r"\w+", " ".join(articles).casefold())


def _adopted_minutes(meeting: Meeting) -> IssuedDocument | None:
    """The last version of its minutes that a sitting adopted."""
    found = meeting.documents.minutes().exclude(adoption=None).select_related("adoption")
    return next((each for each in found.order_by("-version") if adoption_of(each)), None)


def _told_in(minutes: IssuedDocument, key: str) -> tuple[str, ...] | None:
    """The articles that these minutes print of an item; `None` where they print none."""
    paper = cast("papers.MinutesDocument", minutes.paper)
    for item in (each for top in (*paper.approvals, *paper.items) for each in top.walk()):
        for step in item.after if item.key == key else ():
            if step.articles:
                return tuple(" ".join((each.text, *each.parts)) for each in step.articles)
    return None


def to_issue(meeting: Meeting, issued: Sequence[IssuedDocument], *, on: date) -> ToIssue:
    """What issuing the acts would do now, among the papers in force `issued`."""
    known = {(document.kind, document.subject): document for document in issued}
    wanted = acts_to_issue(meeting, on=on)
    found = [known.get((each.kind, each.subject)) for each in wanted]
    changed = tuple(
        document
        for each, document in zip(wanted, found, strict=True)
        if document is not None and each.replaces(document)
    )
    done = {each.subject for each in issued if each not in changed}
    wordless, unsaid = without_text(meeting), amended(meeting)
    return ToIssue(
        missing=found.count(None) + len(awaiting_number(meeting)),
        changed=changed,
        rewritten=tuple(rewritten(wanted, issued)) if changed else (),
        wordless=wordless,
        bare=tuple(each for each in wordless if each.item.key not in done),
        amended=tuple(
            (each, unsaid[each.item.key])
            for each in (decided(meeting) if unsaid else ())
            if each.item.key in unsaid and each.item.key not in done
        ),
    )


def as_signed(document: IssuedDocument, paper: papers.Issuable) -> papers.Issuable:
    """The paper with the signatories of an extract that everybody signed: the rule that names them
    changed since (decision 0019), and what is signed neither is issued again for that alone nor
    goes online under another name. Nothing of what one takes alone, where that rule never was."""
    if document.kind != IssuedDocument.Kind.EXTRACT:
        return paper
    extract = cast("papers.DeliberationExtract", paper)
    signed = cast("papers.DeliberationExtract", document.paper)
    if extract.signatories == signed.signatories or document.meeting.is_alone:
        return paper
    given = document.signatures.filter(role__in=SignatureStep.BY_PEOPLE).count()
    if not 0 < document.signatories <= given:
        return paper
    return replace(extract, signatories=signed.signatories)


def next_number(deliberations, *, year: int) -> int:
    """The number after the last one given in the year; a gap is never filled."""
    last = deliberations.filter(year=year).order_by("-number").values_list("number", flat=True)
    return (last.first() or 0) + 1


def links_of(deliberation: Deliberation, *, but: Collection[int] = ()) -> tuple[str, ...]:
    """What a deliberation does to earlier ones and what later ones did to it, in French, `but`
    these."""
    said = [link.said for link in deliberation.links.all() if link.stands]
    return (*said, *(f"est {each}" for each in done_to(deliberation, but=but)))


def is_worded(deliberation: Deliberation) -> bool:
    """Whether somebody signed its text, in any version: it says what it says for ever."""
    papers = deliberation.meeting.documents.filter(subject=deliberation.item.key)
    return SignatureStep.objects.filter(
        document__in=papers, role__in=SignatureStep.BY_PEOPLE
    ).exists()


def articles_of(deliberation: Deliberation) -> tuple[str, ...]:
    """The words of each of its articles: of its paper in force, or of its draft before there is
    one; none of what has no article."""
    paper = deliberation.meeting.documents.current().filter(
        kind=IssuedDocument.Kind.EXTRACT, subject=deliberation.item.key
    )
    found = paper.first()
    if found is not None:
        return enacted(found.paper)
    brief = Brief.objects.filter(item=deliberation.item_id).first()
    return tuple(each.text for each in brief.draft.articles) if brief and brief.has_draft else ()


def with_finality(links: QuerySet[DeliberationLink]) -> QuerySet[DeliberationLink]:
    """Each with `is_final`: whether a paper of either sitting was issued since it was told. It is
    taken back no more, for papers and their readers have followed it."""
    either = Q(meeting=OuterRef("source__meeting")) | Q(meeting=OuterRef("target__meeting"))
    since = IssuedDocument.objects.filter(either, issued_at__gt=OuterRef("linked_at"))
    return links.annotate(is_final=Exists(since))


def is_final(link: DeliberationLink) -> bool:
    """Whether this link is taken back no more."""
    its_own = DeliberationLink.objects.filter(pk=link.pk)
    return with_finality(its_own).filter(is_final=True).exists()


def withdrawn_by(deliberation: Deliberation, *, but: Collection[int] = ()) -> str:
    """The later act that withdrew this one, `but` these: "2026-14 du 7 juillet 2026"; "" when none
    did."""
    return next(
        (
            link.source.dated
            for link in deliberation.linked_from.all()
            if link.kind == DeliberationLink.Kind.WITHDRAWS
            and link.source_id not in but
            and link.stands
        ),
        "",
    )


def done_to(
    deliberation: Deliberation,
    *,
    but: Collection[int] = (),
    only: Collection[str] = DeliberationLink.Kind.values,
) -> tuple[str, ...]:
    """What later acts did to this one, in French: "retirée par 2026-14 du 7 juillet 2026"; without
    what those of these numbers (`but`) say, that do not bind yet; of these kinds."""
    found = [
        link
        for link in deliberation.linked_from.all()
        if link.stands and link.kind in only and link.source_id not in but
    ]
    feminine = bool(found) and deliberation.body.kind != Kind.ORDER
    return tuple(
        f"{french.agree(_PASSIVE[DeliberationLink.Kind(link.kind)], feminine=feminine)} par "
        f"{link.source.dated}"
        for link in found
    )


ENDS = frozenset({DeliberationLink.Kind.REPEALS, DeliberationLink.Kind.REPLACES})
_PASSIVE = {
    DeliberationLink.Kind.MODIFIES: "modifié",
    DeliberationLink.Kind.REPEALS: "abrogé",
    DeliberationLink.Kind.REPLACES: "remplacé",
    DeliberationLink.Kind.WITHDRAWS: "retiré",
    DeliberationLink.Kind.RECTIFIES: "rectifié",
}
