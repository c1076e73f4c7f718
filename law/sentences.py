"""What minutes state, in French, from the values of the law.

Every function returns finished sentences (capital, full stop, no-break spaces, agreement in
gender and number) or "" when there is nothing to say. Nobody types a figure: each comes from a
`Quorum`, an `Outcome`, an event. Words that differ from body to body come in `BodyWords`.

Names follow the law, not the room: an ordinary ballot prints counts only (art. L2121-21), a
public one prints who voted what, a secret one never names anybody. Who withdrew is always named,
since the legality of the vote depends on it (art. L2131-11).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from law import ballots, french, voting
from law.assembly import Composition, Member
from law.ballots import Ballot, Base, Choice, Mode, Outcome, Tally, Voice
from law.elections import Election, Method, Result, Secrecy
from law.quorum import Quorum
from law.regime import Regime, cited_by
from law.sitting import (
    BallotRequested,
    Event,
    Fate,
    FateNoted,
    Resumed,
    Standing,
    State,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyWords:
    """How a body speaks of itself: "le Bureau" (m), its "délégués", of "le syndicat mixte X".

    `chair` and `deputy` are what whoever heads it and replaces him is called, in the masculine:
    "maire" and "adjoint" in a commune. `by_statutes`: an open syndicate, whose statutes decide.
    """

    designation: str = "l’assemblée"
    gender: str = "f"
    member_noun: str = "membres"
    organisation: str = ""
    chair: str = "président"
    deputy: str = "vice-président"
    by_statutes: bool = False

    def source(self, article: str) -> str:
        """The source that this body owes a rule to: see `regime.cited`."""
        return cited_by(article, by_statutes=self.by_statutes)

    def cited(self, article: str) -> str:
        """The same after a sentence: " (art. L2121-14 du CGCT)", " (selon les statuts)"."""
        source = self.source(article)
        return f" ({source})" if source.startswith("art.") else f" (selon les {source})"

    @property
    def is_feminine(self) -> bool:
        """Whether what is said of it takes the feminine: « l’assemblée »."""
        return self.gender == "f"

    @property
    def member(self) -> str:
        """One of its members: "délégué"."""
        return french.singular(self.member_noun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is put to the vote, as the subject of a sentence, and the verb its fate takes."""

    text: str
    feminine: bool = False
    plural: bool = False
    adopted: str = "adopté"
    rejected: str = "rejeté"
    amended: str = "modifié"

    def is_(self, participle: str, *, negative: bool = False) -> str:
        """The subject and its verb: "la délibération n’est pas adoptée"."""
        verb = "sont" if self.plural else "est"
        if negative:
            verb = f"ne {verb} pas" if self.plural else f"n’{verb} pas"
        agreed = french.agree(participle, feminine=self.feminine, plural=self.plural)
        return f"{self.text} {verb} {agreed}"


DELIBERATION = Subject(text="la délibération", feminine=True)
PROPOSAL = Subject(text="la proposition", feminine=True)
ACCOUNTS = Subject(text="le compte financier unique", adopted="approuvé")
URGENCY = Subject(text="l’urgence", feminine=True, adopted="admis", rejected="écarté")


def minutes_of(*held_on: date, noun: str = "séance") -> Subject:
    """The minutes of earlier sittings, as what is put to the vote; `noun` is what they are called
    in the title, "séance" or "réunion"."""
    days = sorted(held_on)
    # The year is said once, when it is the same.
    years = [day.year for day in days]
    written = [
        french.day(day) if year in years[rank:] else french.long_date(day)
        for rank, (day, year) in enumerate(zip(days, years, strict=True), 1)
    ]
    plural = len(days) > 1
    minutes = f"les procès-verbaux des {noun}s" if plural else f"le procès-verbal de la {noun}"
    return Subject(
        text=f"{minutes} {french.join(f'du {day}' for day in written)}",
        plural=plural,
        amended="corrigé",
    )


# --- Names ----------------------------------------------------------------------------------


def named(member: Member, *, long: bool = False) -> str:
    """A member as a sentence names him: "M. Philippe COCQ", "Monsieur Philippe COCQ"."""
    civility = french.civility_long(member.civility) if long else member.civility
    return f"{civility} {member.name}".strip()


def names(members: Iterable[Member], *, long: bool = False) -> str:
    """Several members, each with his civility: "Mme A et M. B"."""
    return french.join(named(member, long=long) for member in members)


def capacity(office: str) -> str:
    """An office as it follows a name: "présidente", "pour la présidente empêchée, le 1er
    vice-président"."""
    bare = office.removeprefix("Le ").removeprefix("La ")
    return f"{bare[:1].lower()}{bare[1:]}"


def office(member: Member, words: BodyWords = BodyWords()) -> str:
    """The office a member holds, agreed: "président", "1re adjointe"; "" if none."""
    feminine = member.civility == "Mme"
    match member.office:
        case "" | "membre":
            return ""
        case "president":
            return french.agree(words.chair, feminine=feminine)
        case "vice-president":
            title = french.agree(words.deputy, feminine=feminine)
            rank = member.office_rank
            return f"{french.ordinal(rank, feminine=feminine)} {title}" if rank else title
    return member.office


def agreed(participle: str, members: Sequence[Member]) -> str:
    """The participle agreed with the people it is said of: "excusées"."""
    feminine = french.is_feminine([member.civility for member in members])
    return french.agree(participle, feminine=feminine, plural=len(members) > 1)


_STANDINGS = {
    Standing.PRESENT: "présent",
    Standing.REPRESENTED: "représenté",
    Standing.REPLACED: "suppléé",
    Standing.EXCUSED: "excusé",
    Standing.ABSENT: "absent",
}


def standing(member: Member, standing: Standing) -> str:
    """Where a member stands, agreed: "représentée"."""
    return agreed(_STANDINGS[standing], [member])


# --- Opening --------------------------------------------------------------------------------


def chair_line(member: Member, words: BodyWords, *, in_full: bool = True) -> str:
    """Under whose chair, without a full stop: "sous la présidence de Monsieur X, président"; in
    short, his bare name."""
    title = office(member, words) if in_full else ""
    who = named(member, long=True) if in_full else member.name
    return french.nbsp(
        f"sous la présidence {french.contract('de', who)}{f', {title}' if title else ''}"
    )


def opening(
    held_at: datetime,
    words: BodyWords,
    *,
    chair: Member | None = None,
    convened_on: date | None = None,
    place: str = "",
    style: french.ClockStyle = "full",
    in_capitals: bool = False,
    civility: bool = True,
    is_timed: bool = True,
    end: str = ".",
) -> str:
    """The first sentence of minutes, from "L’an deux mille…" to the chair.

    Short minutes write the name of the body `in_capitals`, the bare name of the chair
    (`civility=False`) and `end` with a semicolon. The year of the convocation is only said when
    it differs, the hour only when it is known (`is_timed`).
    """
    designation = french.in_capitals(words.designation) if in_capitals else words.designation
    head = (
        f"L’an {french.in_words(held_at.year)}, le {french.day_in_words(held_at)}"
        f"{f' à {french.clock(held_at, style)}' if is_timed else ''}, {designation}"
    )
    if words.organisation:
        head += f" {french.contract('de', words.organisation)}"
    if convened_on is not None:
        same_year = convened_on.year == held_at.year
        on = french.day_in_words(convened_on) if same_year else french.date_in_words(convened_on)
        head += f", légalement {french.agree('convoqué', feminine=words.is_feminine)} le {on},"
    head += f" s’est {french.agree('réuni', feminine=words.is_feminine)}"
    if place:
        head += f" {place}"
    if chair is not None:
        head += f", {chair_line(chair, words, in_full=civility)}"
    return french.sentence(head + end)


def quorum(quorum: Quorum, words: BodyWords, *, still: bool = False, when: str = "") -> str:
    """Whether the body may deliberate, with the count that says so; `still`: as it was said;
    `when` it was verified, where that is not the moment of which the rest speaks."""
    if when:
        told = _quorum(quorum, words, still=still)
        return french.sentence(f"{when}, {told[0].lower()}{told[1:-1]}")
    return _quorum(quorum, words, still=still)


def _quorum(quorum: Quorum, words: BodyWords, *, still: bool) -> str:
    if quorum.holds and still:
        return french.sentence(f"Le quorum reste atteint avec {_present(quorum, words)}")
    if quorum.holds:
        return french.sentence(
            f"Le quorum est atteint avec {_present(quorum, words)}, "
            f"{words.designation} peut donc valablement délibérer"
        )
    if not quorum.second_call and still:
        return "Le quorum n’est toujours pas atteint."
    if not quorum.second_call:
        return quorum_missing(quorum, words)
    again = f"à nouveau {french.agree('convoqué', feminine=words.is_feminine)} faute de quorum"
    return french.sentence(
        f"{words.designation}, {again}, délibère valablement sans condition de quorum, avec "
        f"{_present(quorum, words)} sur {quorum.in_office}"
    )


def stated_presence(stated: str) -> str:
    """Who was there in the words of a paper that names nobody, or not everybody: cited, and not
    counted."""
    return french.sentence(f"présences, dans les termes du papier : « {stated.rstrip(' .')} »")


def verified(by: Event | None, style: french.ClockStyle = "full") -> str:
    """When the quorum was verified: "à l’appel de ce point", "à la reprise de la séance, à
    18 heures 50"; `by` is the line that made it so (art. L2121-17)."""
    when = "à la mise en discussion de ce point"
    if isinstance(by, Resumed):
        when = "à la reprise de la séance"
    elif by is not None:
        when = "à l’appel de ce point"
    return f"{when}, à {french.clock(by.at, style)}" if by and by.at else when


def quorum_gone(
    found: Quorum, legal: Quorum, words: BodyWords, by: Event | None, style: french.ClockStyle
) -> str:
    """That a vote was taken when the quorum, reached when it was verified, no longer was."""
    return french.sentence(
        f"Au moment du vote, {_present(found, words)}, quand il en faut {found.required} : le "
        f"quorum, atteint {verified(by, style)}, avec {_present(legal, words)}, ne l’est plus"
    )


def present_on_second_call(quorum: Quorum, words: BodyWords) -> str:
    """Who sits in a sitting that needs no quorum, once it is said why it needs none."""
    verb = "prennent" if quorum.present > 1 else "prend"
    return french.sentence(
        f"{_present(quorum, words)}, sur {quorum.in_office}, {verb} part à la séance"
    )


def quorum_missing(quorum: Quorum, words: BodyWords) -> str:
    """That the body cannot deliberate, what it has and what it needed (art. L2121-17)."""
    in_votes = quorum.basis == "voix"
    needed = french.agree("requis", feminine=in_votes, plural=quorum.required > 1)
    text = f"{_present(quorum, words)} pour {quorum.required} {needed}"
    if quorum.votes_required:
        needed = french.agree("requis", feminine=True, plural=quorum.votes_required > 1)
        text += f", {quorum.votes_required} voix {needed}"
    return french.sentence(
        f"Le quorum n’est pas atteint : {text} ; {words.designation} ne peut valablement délibérer"
    )


def uncounted(
    withdrawn: Sequence[Member], afar: Sequence[Member], unconcerned: int, words: BodyWords
) -> str:
    """Who is there and is not counted in a quorum: who takes no part in the item, who attends by
    video where the rules do not count them, and how many members the item does not concern."""
    told = []
    for members, one, many in (
        (withdrawn, "qui se retire", "qui se retirent"),
        (afar, "par visioconférence", "par visioconférence"),
    ):
        if members:
            several = len(members) > 1
            verb = "ne sont pas" if several else "n’est pas"
            counted = agreed("compté", members)
            told.append(
                f"{names(members)}, {many if several else one}, {verb} {counted} dans ce quorum"
            )
    if unconcerned:
        who = french.count(unconcerned, words.member)
        verb = "n’y sont pas comptés" if unconcerned > 1 else "n’y est pas compté"
        told.append(f"{who} que ce point ne concerne pas {verb}")
    return " ".join(french.sentence(line) for line in told)


def quorum_lost(
    words: BodyWords,
    remaining: Sequence[str],
) -> str:
    """The quorum is gone in mid-sitting: which points go to a second sitting without quorum."""
    text = f"Le quorum n’étant plus réuni, {words.designation} ne peut plus valablement délibérer"
    if len(remaining) == 1:
        text += f" ; le point {remaining[0]} est reporté à une séance ultérieure"
    else:
        text += f" ; les points {french.join(remaining)} sont reportés à une séance ultérieure"
    return french.sentence(text)


def announced_second_call(on: date, words: BodyWords) -> str:
    """The day on which the body would be called again, as its first convocation announced it."""
    again = f"à nouveau {french.agree('convoqué', feminine=words.is_feminine)}"
    return french.sentence(
        f"{words.designation} sera {again} pour le {french.long_date(on, weekday=True)}, "
        "comme l’annonçait sa convocation"
    )


def second_call(first_held_on: date, words: BodyWords, *, convened_on: date | None = None) -> str:
    """Why this sitting needs no quorum (art. L2121-17, second paragraph)."""
    again = f"à nouveau {french.agree('convoqué', feminine=words.is_feminine)}"
    if convened_on is not None:
        again += f" le {french.long_date(convened_on)}"
    return french.sentence(
        f"Le quorum n’ayant pas été atteint lors de la séance du {french.long_date(first_held_on)},"
        f" {words.designation}, {again}, délibère valablement sans condition de quorum"
        f"{words.cited('art. L2121-17 du CGCT')}"
    )


def _present(quorum: Quorum, words: BodyWords) -> str:
    """Who or what was counted, in the unit of the quorum."""
    in_votes = quorum.basis == "voix"
    many = quorum.present > 1
    feminine = in_votes or french.is_feminine_noun(words.member)
    there = french.agree("présent", feminine=feminine, plural=many)
    if quorum.proxies:
        there += f" ou {french.agree('représenté', feminine=feminine, plural=many)}"
    text = f"{french.count(quorum.present, 'voix' if in_votes else words.member)} {there}"
    if quorum.votes_required:
        text += f" et {french.count(quorum.votes_present, 'voix')} sur {quorum.votes_in_office}"
    return text


def clerks(members: Sequence[Member]) -> str:
    """Who keeps the minutes: "Monsieur Philippe COCQ est désigné secrétaire de séance." """
    if not members:
        return "Aucun secrétaire de séance n’est désigné."
    verb = "sont" if len(members) > 1 else "est"
    title = french.agree("secrétaire de séance", plural=len(members) > 1)
    return french.sentence(
        f"{names(members, long=True)} {verb} {agreed('désigné', members)} {title}"
    )


# --- Requests ---------------------------------------------------------------------------------


def request(event: BallotRequested, state: State, regime: Regime) -> str:
    """What a request for a particular ballot leads to (art. L2121-21).

    `state` is that of its item, every request on it known: enough members present, or not, and
    secret prevails when both are asked for.
    """
    asking, present = voting.asked_for(event.mode, state)
    who = f"{french.count_in_words(asking, 'membre présent')} sur {french.in_words(present)}"
    imposed = voting.imposed_mode(state, regime)
    if imposed is event.mode:
        return french.sentence(
            f"à la demande de {who}, il est procédé au scrutin {event.mode.value}"
        )
    told = f"{who} {'demandent' if asking > 1 else 'demande'} le scrutin {event.mode.value}"
    needed = ballots.requesters(event.mode, present, regime)
    if asking < needed:
        return french.sentence(f"{told} ; il en fallait {french.in_words(needed)}")
    return french.sentence(f"{told} ; le scrutin secret, demandé aussi, l’emporte")


# --- Ballots --------------------------------------------------------------------------------


def ballot(
    outcome: Outcome,
    ballot: Ballot,
    composition: Composition,
    *,
    subject: Subject = DELIBERATION,
    voices: Sequence[Voice] = (),
) -> str:
    """What was decided and by how many votes; `named_votes` says by whom.

    `voices` are those of the sitting at that item: with them, a substitute is named for the seat
    he sits in.
    """
    if ballot.question:
        subject = replace(PROPOSAL, text=f"{PROPOSAL.text} « {ballot.question} »")
    told = [french.sentence(_mode(outcome) + _decided(outcome, subject))]
    if ballot.amended:
        pronoun = french.agree("il", feminine=subject.feminine, plural=subject.plural)
        amended = replace(subject, text=pronoun).is_(subject.amended)
        told.append(french.sentence(f"{amended} comme suit : {ballot.amended}"))
    told.append(beside(outcome, composition, voices))
    return " ".join(sentence for sentence in told if sentence)


def beside(outcome: Outcome, composition: Composition, voices: Sequence[Voice] = ()) -> str:
    """What is told after a decision: whose voice was the casting one, who took no part."""
    told = [_casting(outcome, composition)] if outcome.casting_vote_of else []
    told.append(_not_voting(outcome, composition, voices))
    return " ".join(sentence for sentence in told if sentence)


def result(outcome: Outcome, subject: Subject = DELIBERATION) -> str:
    """The decision alone, for a list or a table: "adoptée à l’unanimité", "rejeté"."""
    participle = subject.adopted if outcome.adopted else subject.rejected
    told = french.agree(participle, feminine=subject.feminine, plural=subject.plural)
    if not outcome.is_counted:
        return french.nbsp(told + _in_their_words(outcome))
    if outcome.adopted:
        told += _how(outcome)
    return french.nbsp(told + settled(outcome))


def settled(outcome: Outcome) -> str:
    """What settled a vote that its figures leave equal, after them; "" where they say it."""
    if outcome.casting_vote_of:
        return ", par la voix prépondérante de la présidence de séance"
    return ""


def verdict(outcome: Outcome, subject: Subject = PROPOSAL) -> str:
    """The decision in a word or two, beside its figures: "adoptée", "rejetée", "non adoptée" when
    nobody voted it down."""
    if not outcome.adopted and outcome.is_counted and _short_of(outcome):
        told = french.agree(subject.adopted, feminine=subject.feminine, plural=subject.plural)
        return french.nbsp(f"non {told}")
    participle = subject.adopted if outcome.adopted else subject.rejected
    return french.agree(participle, feminine=subject.feminine, plural=subject.plural)


def listed(outcome: Outcome) -> str:
    """The decision alone with what the minutes say of it when it is not adopted: "rejetée (6 voix
    contre)", "non adoptée, aucun suffrage n’ayant été exprimé (4 abstentions)"."""
    if outcome.adopted or not outcome.is_counted:
        return result(outcome)
    tally, why = outcome.tally, _short_of(outcome)
    told = f"non adoptée, {why}" if why else result(outcome)
    if not tally.cast:
        return french.nbsp(f"{told}{_aside(tally)}")
    figures = counts(tally)
    return french.nbsp(f"{told} : {figures}" if "(" in figures else f"{told} ({figures})")


def counts(tally: Tally) -> str:
    """The figures of a ballot: "12 voix pour, 3 contre et 2 abstentions", "5 voix contre"."""
    if tally.against and not tally.for_:
        return french.join([french.count(tally.against, "voix contre"), *tally.aside])
    parts = [french.count(tally.for_, "voix pour")]
    if tally.against:
        parts.append(f"{tally.against} contre")
    return french.join(parts + tally.aside)


# How a result is completed by the words that told it: « à la majorité », « sans opposition ».
_COMPLEMENT = re.compile(r"(à|au|par|sans|avec|sous|moins|sauf)\b", re.IGNORECASE)


def _in_their_words(outcome: Outcome) -> str:
    """The result of a vote that nobody counted, as it was told: after its participle when it
    completes it, quoted otherwise; "" when nothing more was said."""
    return "".join(_stated(outcome))


def _stated(outcome: Outcome) -> tuple[str, str]:
    stated = outcome.stated.strip().rstrip(".")
    if not stated:
        return "", ""
    if _COMPLEMENT.match(stated):
        return " ", f"{stated[0].lower()}{stated[1:]}"
    return " : ", f"« {stated} »"


def manner(outcome: Outcome) -> str:
    """How it was decided, beside its figures: "à l’unanimité", "à la majorité des suffrages
    exprimés"; what nobody counted, in the words that told it. "" by a casting vote."""
    _, stated = _stated(outcome)
    return french.nbsp(_adoption(outcome)[0] if outcome.is_counted else stated)


def _voting(tally: Tally) -> str:
    return "voix" if tally.is_weighted else "votant"


def _mode(outcome: Outcome) -> str:
    tally = outcome.tally
    if outcome.mode is Mode.PUBLIC:
        return "au scrutin public, "
    if outcome.mode is Mode.SECRET:
        figures = [french.count(tally.took_part, _voting(tally)), *tally.aside]
        figures.append(french.count(tally.cast, "suffrage exprimé"))
        return f"au scrutin secret ({', '.join(figures)}), "
    return ""


def _decided(outcome: Outcome, subject: Subject) -> str:
    if not outcome.is_counted:
        participle = subject.adopted if outcome.adopted else subject.rejected
        return f"{subject.is_(participle)}{_in_their_words(outcome)}"
    if outcome.adopted:
        return f"{subject.is_(subject.adopted)}{_how(outcome)}"
    tally, figures = outcome.tally, _figures(outcome)
    if why := _short_of(outcome):
        refused = subject.is_(subject.adopted, negative=True)
        return f"{refused}, {why}{f' : {figures}' if tally.cast else _aside(tally)}"
    if tally.for_ == 0:
        return f"{subject.is_(subject.rejected)} {_with(*_unanimity(outcome))}"
    if outcome.casting_vote_of:
        return f"{subject.is_(subject.rejected)} par {figures}"
    if ballots.is_plain(outcome.majority):
        return f"{subject.is_(subject.rejected)} à la majorité des suffrages exprimés : {figures}"
    return f"{subject.is_(subject.rejected)} : {figures}"


def _short_of(outcome: Outcome) -> str:
    """Why what nobody voted down is not adopted; "" when it was voted down."""
    tally = outcome.tally
    if tally.cast == 0:
        return "aucun suffrage n’ayant été exprimé"
    if outcome.casting_vote_of:
        return ""
    if tally.for_ > tally.against:
        return f"la {outcome.majority.named} n’étant pas réunie"
    return "les voix étant également partagées" if tally.for_ == tally.against else ""


def _how(outcome: Outcome) -> str:
    """How it was adopted, after its participle."""
    how, figures = _adoption(outcome)
    if not how:
        return f" par {figures}"
    return f"{' ' if _COMPLEMENT.match(how) else ', '}{_with(how, figures)}"


def _with(how: str, figures: str) -> str:
    return f"{how} : {figures}" if figures else how


def _adoption(outcome: Outcome) -> tuple[str, str]:
    """How it was adopted, and its figures: "à l’unanimité" only when it is true."""
    tally, majority = outcome.tally, outcome.majority
    # A base wider than the votes cast must show that the abstentions did not defeat it.
    proves_itself = majority.base is Base.CAST or outcome.is_unanimous
    if tally.for_ and not tally.against and proves_itself:
        return _unanimity(outcome)
    how = f"à la {majority.named}"
    if outcome.casting_vote_of:
        how = ""
    elif majority.unless_against and tally.for_ <= tally.against:
        how = "aucune majorité ne s’étant dégagée contre son adoption"
    elif not ballots.is_special(majority):
        how = "à la majorité des suffrages exprimés"
    return how, _figures(outcome)


def _unanimity(outcome: Outcome) -> tuple[str, str]:
    if outcome.is_unanimous:
        return "à l’unanimité", ""
    # A secret ballot has already said its blank papers, with the number of voters.
    figures = "" if outcome.mode is Mode.SECRET else counts(outcome.tally)
    return "à l’unanimité des suffrages exprimés", figures


def _aside(tally: Tally) -> str:
    """What is not a vote cast, after a result."""
    if not tally.aside:
        return ""
    written = french.join(tally.aside)
    return f", avec {written}" if "(" in written else f" ({written})"


def _figures(outcome: Outcome) -> str:
    tally = outcome.tally
    if outcome.mode is Mode.SECRET:
        tally = Tally(for_=tally.for_, against=tally.against)
    told = counts(tally)
    if ballots.is_special(outcome.majority):
        told += f" ({french.count(outcome.required, 'voix requise', 'voix requises')})"
    return told


def _casting(outcome: Outcome, composition: Composition) -> str:
    chair = composition.someone(outcome.casting_vote_of)
    title = "présidente de séance" if chair.civility == "Mme" else "président de séance"
    return french.sentence(
        f"les voix étant également partagées, celle de {named(chair)}, {title}, est prépondérante"
    )


# The first word of an abstention is said apart: its participle agrees with who abstained.
_VOTED = (
    (Choice.FOR, "a voté pour", "ont voté pour"),
    (Choice.AGAINST, "a voté contre", "ont voté contre"),
    (Choice.ABSTAIN, "s’est", "se sont"),
    (Choice.BLANK, "a voté blanc", "ont voté blanc"),
    (Choice.NULL, "a voté nul", "ont voté nul"),
)


def named_votes(
    outcome: Outcome, composition: Composition, voices: Sequence[Voice], regime: Regime
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who cast which vote, when the law or the rules of the body want the names: each vote with
    its count, "A voté contre (1)", and its voters, a vote by proxy said to be one."""
    published = outcome.mode is Mode.PUBLIC or (
        outcome.mode is Mode.ORDINARY and regime.publish_names_in_ordinary_vote
    )
    told = []
    for choice, one, many in _VOTED if published else ():
        seats = outcome.tally.named.get(choice, ())
        if not seats:
            continue
        voters = [_voter(seat, composition, voices) for seat in seats]
        verb = many if len(voters) > 1 else one
        if choice is Choice.ABSTAIN:
            verb += f" {agreed('abstenu', [member for member, _ in voters])}"
        cast = sum(composition.someone(seat).weight for seat in seats)
        number = french.count(cast, "voix") if composition.is_weighted else cast
        label = french.nbsp(f"{french.capitalise(verb)} ({number})")
        told.append((label, tuple(f"{named(member)}{note}" for member, note in voters)))
    return tuple(told)


def _voter(seat: str, composition: Composition, voices: Sequence[Voice]) -> tuple[Member, str]:
    """Whose name stands for a seat, and what is said after it: its weight, its proxy."""
    voice = next((v for v in voices if v.seat == seat), None)
    member = composition.someone(seat)
    notes = [french.count(member.weight, "voix")] if composition.is_weighted else []
    if voice is not None and voice.by_proxy:
        notes.append(f"pouvoir à {named(composition.someone(voice.caster))}")
    elif voice is not None:
        member = composition.someone(voice.caster)
    return member, f" ({', '.join(notes)})" if notes else ""


def _not_voting(outcome: Outcome, composition: Composition, voices: Sequence[Voice]) -> str:
    """Who did not take part: named when known, counted otherwise."""
    seats = outcome.tally.named.get(Choice.NOT_VOTING, ())
    who = [named(_voter(seat, composition, voices)[0]) for seat in seats]
    rest = outcome.tally.not_voting - sum(composition.someone(seat).weight for seat in seats)
    if rest > 0:
        noun = "voix" if composition.is_weighted else "autre membre" if who else "membre"
        who.append(french.count_in_words(rest, noun, feminine=noun == "voix"))
    if not who:
        return ""
    many = len(who) > 1 or rest > 1
    return french.sentence(
        f"{french.join(who)} {'ne prennent' if many else 'ne prend'} pas part au vote"
    )


# --- Elections ------------------------------------------------------------------------------


def election(
    election: Election,
    result: Result,
    composition: Composition,
    words: BodyWords = BodyWords(),
) -> tuple[str, ...]:
    """An election as minutes tell it: how it is held, who stands, each round, who is proclaimed.

    A secret ballot gives totals only; nothing here could say who voted for whom.
    """
    told = [_held(election, words)]
    tellers = [composition.someone(key) for key in election.tellers]
    if tellers:
        verb = "sont" if len(tellers) > 1 else "est"
        told.append(
            f"{names(tellers)} {verb} {agreed('désigné', tellers)} {agreed('scrutateur', tellers)}"
        )
    if election.method is not Method.UNOPPOSED:
        told += _standing_for(election, composition)
    told += result.explanation
    return (
        *(french.sentence(line) for line in told if line),
        *proclaimed(election, result, composition),
    )


# What there are several of in one assembly: one of them is elected, and not "the" one.
_SEVERAL = re.compile(
    r"(membre|délégué|représentant|suppléant|titulaire|conseiller|assesseur|administrateur|"
    r"vice-président|adjoint|scrutateur|référent|correspondant|juré)s?\b",
    re.IGNORECASE,
)


def _held(election: Election, words: BodyWords) -> str:
    title = french.singular(election.title or "membre")
    if election.seats > 1:
        what = french.contract("de", french.count_in_words(election.seats, title))
    else:
        one = f"un {title}" if _SEVERAL.match(title) else french.definite(title)
        what = french.contract("de", one)
    if election.method is Method.UNOPPOSED:
        return f"il est procédé à la désignation {what}"
    if election.secrecy is Secrecy.WAIVED:
        return (
            f"à l’unanimité, {words.designation} décide de ne pas procéder au scrutin secret pour "
            f"l’élection {what}{words.cited('art. L2121-21 du CGCT')}"
        )
    return f"il est procédé au scrutin secret à l’élection {what}"


def _standing_for(election: Election, composition: Composition) -> list[str]:
    if not election.lists:
        who = [_candidate(each.key, election, composition) for each in election.candidates]
        verb = "sont" if len(who) > 1 else "est"
        return [f"{verb} {agreed('candidat', who)} : {names(who)}"] if who else []
    return [
        f"liste « {each.title or each.key} » : "
        f"{names(_candidate(key, election, composition) for key in each.candidates)}"
        for each in election.lists
    ]


def proclaimed(election: Election, result: Result, composition: Composition) -> tuple[str, ...]:
    """Who is elected, and what is left to be filled."""
    told = []
    for keys, title in (
        (result.elected, french.singular(election.title)),
        (result.substitutes, "suppléant"),
    ):
        who = [_candidate(key, election, composition) for key in keys]
        if not who:
            continue
        verb = "sont" if len(who) > 1 else "est"
        elected = f"{agreed('proclamé', who)} {agreed('élu', who)}"
        told.append(f"{names(who)} {verb} {elected} {agreed(title, who) if title else ''}")
    if result.vacant:
        verb = "restent" if result.vacant > 1 else "reste"
        told.append(f"{french.count_in_words(result.vacant, 'siège')} {verb} à pourvoir")
    return tuple(french.sentence(line) for line in told)


def _candidate(key: str, election: Election, composition: Composition) -> Member:
    """Whoever stands, a member or somebody from outside, as a person that can be named."""
    for each in election.candidates:
        if each.key == key and each.name:
            return Member(key=key, civility=each.civility, first_name=each.name, last_name="")
    return composition.someone(key)


# --- Fates ----------------------------------------------------------------------------------


def fate(noted: Fate | FateNoted, words: BodyWords, *, note: str = "") -> str:
    """What became of an item without a vote; the note of the event is told after it."""
    if isinstance(noted, FateNoted):
        return fate(noted.fate, words, note=note or noted.note)
    match noted:
        case Fate.TOOK_NOTE:
            text = f"{words.designation} prend acte"
        case Fate.WITHDRAWN:
            text = "ce point est retiré de l’ordre du jour"
        case Fate.ADJOURNED:
            text = "l’examen de ce point est ajourné"
        case Fate.POSTPONED:
            text = "l’examen de ce point est reporté à une séance ultérieure"
        case Fate.UNFAVOURABLE:
            text = f"{words.designation} émet un avis défavorable"
        case Fate.FAVOURABLE:
            text = f"{words.designation} émet un avis favorable"
        case Fate.NO_VOTE:
            text = "ce point ne donne pas lieu à un vote"
    return french.sentence(text + _note(noted, note.strip()))


def put_off() -> str:
    """What became of an item that the want of quorum kept from a decision (art. L2121-17)."""
    return french.sentence(
        "le quorum n’étant pas réuni, l’examen de ce point est reporté à une séance ultérieure"
    )


_OF = re.compile(r"(de|du|des|que) |(d|qu)[’']")
_ADVERBIAL = re.compile(r"(à|au|aux|avec|dans|en|faute|par|pour|sans|sauf|sous|jusqu)\b")


def _note(noted: Fate, note: str) -> str:
    """A note after what became of an item, as its first word goes with it."""
    if not note:
        return ""
    if noted is Fate.TOOK_NOTE and _OF.match(note):
        return f" {note}"
    return f", {note}" if _ADVERBIAL.match(note) else f" : {note}"
