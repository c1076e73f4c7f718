"""How each kind of event is told: on the page of the ledger, on the console, in minutes.

A new kind of event is one class in `sitting`, one judge in `checks` and one wording here. What
depends on more than the event comes in a `Telling`, which is also how everybody asks:

    telling.line(event)     its particulars, beside its title, on the page of the ledger
    telling.told(event)     the sentence that answers whoever told it
    telling.brief(event)    the same in few words, on the console
    telling.notes(events)   what is noted beside the names of the roll
    telling.movements(...)  the sentences of the minutes, what happens together told in one
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, ClassVar, Generic, get_args

from law import ballots, french, sentences, sitting
from law.assembly import Composition, Member
from law.sentences import BodyWords, agreed, named, names
from law.sitting import E, Event, Ground, State, own_item, to_the_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is known when an event is told; whatever is left out is not said.

    `numbers` and `titles` join an item to the number it prints and to its title. `before` is the
    state just before the event: with it, a sentence says whose proxy the movement puts to sleep.
    `returns` are the arrivals, by `seq`, of who had been there and left; `served` the givers of
    the proxies that had effect before.
    `day` is that of the sitting: what happened on another says its date. `ledger` joins a line
    to its event, `decided` gives the sentence of the ballot or election of a line, "" when it
    does not stand.
    """

    composition: Composition = field(default_factory=Composition)
    numbers: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    words: BodyWords = field(default_factory=BodyWords)
    style: french.ClockStyle = "full"
    before: State | None = None
    returns: frozenset[int] = frozenset()
    served: frozenset[str] = frozenset()
    day: date | None = None
    ledger: Mapping[int, Event] = field(default_factory=dict)
    decided: Callable[[int], str] = lambda _: ""

    # What is told

    def line(self, event: Event) -> str:
        """The particulars of an event for the page of the ledger, beside its title; may be ""."""
        return WORDINGS[type(event)].line(event, self)

    def told(self, event: Event) -> str:
        """An event in one sentence, whatever minutes do with it."""
        return french.sentence(WORDINGS[type(event)].told(event, self))

    def brief(self, event: Event) -> str:
        """An event in few words, beside its hour."""
        return french.nbsp(WORDINGS[type(event)].brief(event, self))

    def notes(self, events: Iterable[Event]) -> dict[str, list[str]]:
        """What is noted beside the name of each member on the roll: hours, substitute, proxy."""
        notes: dict[str, list[str]] = defaultdict(list)
        for event in events:
            for member, note in WORDINGS[type(event)].notes(event, self):
                notes[member].append(note)
        return notes

    def movement(self, event: Event) -> str:
        """One event in one sentence of minutes; "" for those minutes tell elsewhere."""
        return "".join(self.movements([event]))

    def movements(self, events: Iterable[Event]) -> tuple[str, ...]:
        """Consecutive events in sentences of minutes, those that happen together told in one."""
        groups = (list(group) for _, group in groupby(events, key=_together))
        told = (WORDINGS[type(group[0])].together(group, self) for group in groups)
        return tuple(french.sentence(text) for text in told if text)

    # Its words

    def member(self, key: str) -> Member:
        """The member of this key, a bare key when the composition does not know it."""
        return self.composition.someone(key)

    def name(self, key: str) -> str:
        """The name alone, as the ledger prints it: "Bruno BESSON"."""
        return self.composition[key].name if key in self.composition else key

    def named(self, key: str) -> str:
        """The name with its civility, as minutes print it."""
        return named(self.member(key))

    def names(self, keys: Iterable[str]) -> str:
        """Names alone, in a list."""
        return ", ".join(self.name(key) for key in keys)

    def title(self, item: str) -> str:
        """The title of an item, its bare key when nobody gave it."""
        return self.titles.get(item, item)

    def point(self, item: str) -> str:
        """An item by its number, or by its title when it prints none; "" when neither is known."""
        return self.numbers.get(item) or (f"« {self.titles[item]} »" if item in self.titles else "")

    def at(self, event: Event) -> str:
        """ " à 18 h 05", with its date on another day; "" when the hour is not known."""
        if event.at is None:
            return ""
        on = event.at.date()
        other = f" le {french.long_date(on)}" if self.day and on != self.day else ""
        return f"{other} à {french.clock(event.at, self.style)}"

    def since(self, event: Event) -> str:
        """ " à compter de 18 h 05", "" when the hour is not known."""
        return f" à compter de {french.clock(event.at, self.style)}" if event.at else ""

    def where(self, event: Event) -> str:
        """The hour and the item that an event precedes."""
        at, point = self.at(event), self.point(event.before or "")
        return f"{at}{',' if at else ''} avant l’examen du point {point}" if point else at


def title(event: Event) -> str:
    """What kind of thing happened: "Pouvoir"."""
    return WORDINGS[type(event)].title


def is_movement(event: Event) -> bool:
    """Whether it is told among the movements of a sitting: what changes who is there, who votes
    or in front of whom, and was not simply pointed at the roll call."""
    wording = WORDINGS[type(event)]
    return wording.moves or (wording.moves_later and sitting.is_in_its_course(event))


def closing(
    event: sitting.Closed, *, style: french.ClockStyle = "full", day: date | None = None
) -> str:
    """The last sentence of minutes: "La séance est levée à 18 h 30." """
    return Telling(style=style, day=day).movement(event)


def _together(event: Event) -> tuple[object, ...]:
    return type(event), *WORDINGS[type(event)].joined_by(event)


# --- A wording for each event -----------------------------------------------------------------


class Wording(Generic[E]):
    """How one kind of event is told, that of its argument."""

    title: ClassVar[str]
    moves: ClassVar[bool] = False
    moves_later: ClassVar[bool] = False  # unless it was told at the roll call

    def __init_subclass__(cls) -> None:
        (kind,) = get_args(vars(cls)["__orig_bases__"][0])
        WORDINGS[kind] = cls()

    def line(self, event: E, telling: Telling) -> str:
        """Its particulars: the item or the member that it is about, unless there is more to say."""
        item = own_item(event)
        return telling.title(item) if item else telling.name(getattr(event, "member", ""))

    def sentence(self, event: E, telling: Telling) -> str:
        """The event as minutes tell it, "" when they do it elsewhere."""
        return ""

    def joined_by(self, event: E) -> tuple[object, ...]:
        """Events with the same answer are told in one sentence."""
        return (id(event),)

    def together(self, events: Sequence[E], telling: Telling) -> str:
        """The events of one sentence as minutes tell them."""
        return self.sentence(events[0], telling)

    def told(self, event: E, telling: Telling) -> str:
        """One event for whoever told it: as minutes do, or its title and its particulars."""
        line = self.line(event, telling)
        plain = f"{self.title} : {line}" if line else self.title
        return self.together([event], telling) or plain

    def brief(self, event: E, telling: Telling) -> str:
        """One event beside its hour."""
        return telling.told(replace(event, at=None)).rstrip(".")

    def notes(self, event: E, telling: Telling) -> tuple[tuple[str, str], ...]:
        """What it adds beside names of the roll: member and note."""
        return ()


WORDINGS: dict[type[Event], Wording[Any]] = {}


class _Composed(Wording[sitting.Composed]):
    title = "Composition et règles figées"

    def line(self, event: sitting.Composed, telling: Telling) -> str:
        in_office = french.count(len(event.composition.titulars), "membre")
        return (
            f"{in_office} en exercice, {french.count(event.composition.vacancies, 'siège vacant')}"
        )


class _Opened(Wording[sitting.Opened]):
    title = "Ouverture"

    def line(self, event: sitting.Opened, telling: Telling) -> str:
        chair = event.chair
        if not chair:
            return "sans président"
        return f"sous la présidence {french.contract('de', telling.name(chair))}"

    def sentence(self, event: sitting.Opened, telling: Telling) -> str:
        at, chair = telling.at(event), event.chair
        if not chair:
            return f"la séance est ouverte{at}"
        return f"{named(telling.member(chair), long=True)} ouvre la séance{at}"


class _Arrived(Wording[sitting.Arrived]):
    title = "Présence"
    moves_later = True

    def joined_by(self, event: sitting.Arrived) -> tuple[object, ...]:
        return _moment(event), event.before, event.remote

    def together(self, events: Sequence[sitting.Arrived], telling: Telling) -> str:
        members = [telling.member(event.member) for event in events]
        who, many = names(members), len(members) > 1
        where = telling.where(events[0])
        again = telling.returns.issuperset(event.seq for event in events)
        come = ("reviennent" if many else "revient") if again else "arrivent" if many else "arrive"
        told = f"{who} {come}{where or ' en cours de séance'}"
        if events[0].remote:
            verb = "rejoignent" if many else "rejoint"
            told = f"{who} {verb} la séance par visioconférence{where}"
        return told + _proxies(events, telling)

    def told(self, event: sitting.Arrived, telling: Telling) -> str:
        if event.at is None and event.member in telling.composition:
            member = telling.member(event.member)
            return f"{named(member)} est {agreed('présent', [member])}"
        return super().told(event, telling)

    def brief(self, event: sitting.Arrived, telling: Telling) -> str:
        if event.at and event.member in telling.composition:
            return f"{telling.named(event.member)} arrive"
        return super().brief(event, telling)

    def notes(self, event: sitting.Arrived, telling: Telling) -> tuple[tuple[str, str], ...]:
        if not event.at and not event.before:
            return ()
        return ((event.member, f"arrive{telling.where(event)}"),)


class _Left(Wording[sitting.Left]):
    title = "Départ"
    moves = True

    def joined_by(self, event: sitting.Left) -> tuple[object, ...]:
        return _moment(event), event.before, event.definitive

    def together(self, events: Sequence[sitting.Left], telling: Telling) -> str:
        members = [telling.member(event.member) for event in events]
        verb = "quittent" if len(members) > 1 else "quitte"
        for_good = " définitivement" if events[0].definitive else ""
        told = f"{names(members)} {verb}{for_good} la séance{telling.where(events[0])}"
        return told + _proxies(events, telling)

    def notes(self, event: sitting.Left, telling: Telling) -> tuple[tuple[str, str], ...]:
        return ((event.member, f"part{telling.where(event)}"),)


class _Excused(Wording[sitting.Excused]):
    title = "Excuse"

    def joined_by(self, event: sitting.Excused) -> tuple[object, ...]:
        return ()

    def together(self, events: Sequence[sitting.Excused], telling: Telling) -> str:
        members = [telling.member(event.member) for event in events]
        verb = "sont" if len(members) > 1 else "est"
        return f"{names(members)} {verb} {agreed('excusé', members)}"


class _SeatTaken(Wording[sitting.SeatTaken]):
    title = "Suppléance"
    moves = True

    def line(self, event: sitting.SeatTaken, telling: Telling) -> str:
        of_titular = french.contract("de", telling.name(event.titular))
        return f"{telling.name(event.substitute)} à la place {of_titular}"

    def sentence(self, event: sitting.SeatTaken, telling: Telling) -> str:
        stand_in = telling.member(event.substitute)
        return (
            f"{named(stand_in)}, {agreed('suppléant', [stand_in])}, siège à la place de "
            f"{telling.named(event.titular)}{telling.since(event)}"
            f"{_proxies([event], telling)}"
        )

    def notes(self, event: sitting.SeatTaken, telling: Telling) -> tuple[tuple[str, str], ...]:
        return (
            (event.titular, f"suppléance : {telling.name(event.substitute)}"),
            (event.substitute, f"siège pour {telling.name(event.titular)}"),
        )


class _SeatReturned(Wording[sitting.SeatReturned]):
    title = "Fin de suppléance"
    moves = True

    def line(self, event: sitting.SeatReturned, telling: Telling) -> str:
        return telling.name(event.substitute)

    def sentence(self, event: sitting.SeatReturned, telling: Telling) -> str:
        before, stand_in = telling.before, telling.member(event.substitute)
        titular = before.seats.get(event.substitute, "") if before else stand_in.replaces
        of = f" à la place de {telling.named(titular)}" if titular else ""
        ends = f"{named(stand_in)} cesse de siéger{of}{telling.where(event)}"
        return ends + _proxies([event], telling)


class _ProxyGiven(Wording[sitting.ProxyGiven]):
    title = "Pouvoir"
    moves = True

    def line(self, event: sitting.ProxyGiven, telling: Telling) -> str:
        return f"{telling.name(event.giver)} à {telling.member(event.holder).name}"

    def sentence(self, event: sitting.ProxyGiven, telling: Telling) -> str:
        written = event.written_on
        dated = f" (pouvoir du {french.long_date(written)})" if written else ""
        return (
            f"{telling.named(event.giver)} donne pouvoir à "
            f"{telling.named(event.holder)}{telling.where(event)}{dated}"
        )

    def notes(self, event: sitting.ProxyGiven, telling: Telling) -> tuple[tuple[str, str], ...]:
        given = (event.giver, f"pouvoir à {telling.member(event.holder).name}")
        carried = (event.holder, f"pouvoir {french.contract('de', telling.name(event.giver))}")
        return (given, carried) if event.holder else (given,)


class _ProxyRevoked(Wording[sitting.ProxyRevoked]):
    title = "Pouvoir retiré"
    moves = True

    def line(self, event: sitting.ProxyRevoked, telling: Telling) -> str:
        return telling.name(event.giver)

    def sentence(self, event: sitting.ProxyRevoked, telling: Telling) -> str:
        author, before = telling.member(event.giver), telling.before
        given = before.proxies.get(event.giver) if before else None
        to = f" à {telling.named(given.holder)}" if given else ""
        who = f"qu’{agreed('il', [author])} avait donné{to}"
        where = telling.where(event)
        # The second one closes what the first one opened.
        comma = "," if event.at and telling.point(event.before or "") else ""
        return f"{named(author)} retire{where}{comma} le pouvoir {who}"


class _Recused(Wording[sitting.Recused]):
    title = "Déport"
    moves = True

    def line(self, event: sitting.Recused, telling: Telling) -> str:
        return f"{telling.name(event.member)} pour « {telling.title(event.item)} »"

    def joined_by(self, event: sitting.Recused) -> tuple[object, ...]:
        return event.item, event.ground

    def together(self, events: Sequence[sitting.Recused], telling: Telling) -> str:
        members = [telling.member(event.member) for event in events]
        told = _withdraw(members, events[0].ground, telling.words)
        return told + _proxies(events, telling)


class _CollegeSet(Wording[sitting.CollegeSet]):
    title = "Point à la carte"
    moves = True

    def line(self, event: sitting.CollegeSet, telling: Telling) -> str:
        seats = french.count(len(event.members), "siège concerné")
        return f"{seats} par « {telling.title(event.item)} »"

    def sentence(self, event: sitting.CollegeSet, telling: Telling) -> str:
        who, many = _voters(event.members, telling)
        verb = "prennent" if many else "prend"
        return f"{who} {verb} part au vote de ce point, avec le président de l’assemblée"


class _BallotRequested(Wording[sitting.BallotRequested]):
    title = "Demande de scrutin"
    moves = True

    def line(self, event: sitting.BallotRequested, telling: Telling) -> str:
        who = telling.names(event.members)
        return f"{event.mode.value}, pour « {telling.title(event.item)} », par {who}"

    def sentence(self, event: sitting.BallotRequested, telling: Telling) -> str:
        there = telling.before.sitting if telling.before else None
        asking = len(event.members if there is None else there.intersection(event.members))
        who = french.count_in_words(asking, "membre présent")
        if there is not None:
            who += f" sur {french.in_words(len(there))}"
        return f"{who} {'demandent' if asking > 1 else 'demande'} le scrutin {event.mode.value}"


class _Installed(Wording[sitting.Installed]):
    title = "Installation"
    moves = True

    def sentence(self, event: sitting.Installed, telling: Telling) -> str:
        member = telling.member(event.member)
        installed = agreed("installé", [member])
        return f"{named(member)} est {installed} dans ses fonctions{telling.at(event)}"


class _Vacated(Wording[sitting.Vacated]):
    title = "Fin de mandat"
    moves = True

    def sentence(self, event: sitting.Vacated, telling: Telling) -> str:
        who = telling.named(event.member)
        of_who = french.contract("de", who)
        told = {
            sitting.Ending.RESIGNED: f"{who} démissionne",
            sitting.Ending.DIED: f"{telling.words.designation} apprend le décès {of_who}",
            sitting.Ending.REPLACED: f"le mandat {of_who} prend fin",
        }[event.ending]
        gone = f"{told}{telling.at(event)} ; son siège est vacant"
        return gone + _proxies([event], telling)


class _ChairTaken(Wording[sitting.ChairTaken]):
    title = "Présidence"
    moves = True

    def line(self, event: sitting.ChairTaken, telling: Telling) -> str:
        scope = f" pour « {telling.title(event.item)} »" if event.item else ""
        return f"{telling.name(event.member)}{scope}"

    def sentence(self, event: sitting.ChairTaken, telling: Telling) -> str:
        scope = " pour ce point" if event.item else " de la séance"
        if event.elected:
            votes = event.votes_for
            by = f", par {french.count(votes, 'voix')} pour" if votes is not None else ""
            what = "présider ce point" if event.item else "présider la séance"
            who = telling.named(event.member)
            return f"{telling.words.designation} élit {who} pour {what}{by}{telling.at(event)}"
        return f"{telling.named(event.member)} prend la présidence{scope}{telling.at(event)}"


class _ClerksNamed(Wording[sitting.ClerksNamed]):
    title = "Secrétaire de séance"
    moves_later = True

    def line(self, event: sitting.ClerksNamed, telling: Telling) -> str:
        return telling.names(event.clerks)

    def sentence(self, event: sitting.ClerksNamed, telling: Telling) -> str:
        told = sentences.clerks([telling.member(key) for key in event.clerks])
        if not sitting.is_in_its_course(event):
            return told
        before = telling.before.clerks if telling.before else ()
        of = french.contract("de", names(list(map(telling.member, before)))) if before else ""
        return f"{told.rstrip('.')}{telling.where(event)}{of and f', à la suite {of}'}"


class _Suspended(Wording[sitting.Suspended]):
    title = "Suspension"
    moves = True

    def line(self, event: sitting.Suspended, telling: Telling) -> str:
        return event.reason

    def sentence(self, event: sitting.Suspended, telling: Telling) -> str:
        reason = f" ({event.reason})" if event.reason else ""
        return f"la séance est suspendue{telling.at(event)}{reason}"


class _Resumed(Wording[sitting.Resumed]):
    title = "Reprise"
    moves = True

    def sentence(self, event: sitting.Resumed, telling: Telling) -> str:
        return f"la séance reprend{telling.at(event)}"


class _DoorsClosed(Wording[sitting.DoorsClosed]):
    title = "Huis clos"
    moves = True

    def line(self, event: sitting.DoorsClosed, telling: Telling) -> str:
        asked, votes = event.requesters, event.votes_for
        told = [f"demandé par {french.count(asked, 'membre')}"] if asked else []
        told += [f"{french.count(votes, 'voix')} pour"] if votes is not None else []
        return ", ".join(told)

    def sentence(self, event: sitting.DoorsClosed, telling: Telling) -> str:
        asked, votes = event.requesters, event.votes_for
        told = f"à la demande de {french.count_in_words(asked, 'membre')}, " if asked else ""
        since = telling.since(event)
        if not votes:
            return f"{told}la séance se poursuit à huis clos{since}"
        by = f"par {french.count(votes, 'voix')} pour"
        return f"{told}{telling.words.designation} décide, {by}, de siéger à huis clos{since}"


class _DoorsKeptOpen(Wording[sitting.DoorsKeptOpen]):
    title = "Huis clos refusé"
    moves = True

    def line(self, event: sitting.DoorsKeptOpen, telling: Telling) -> str:
        asked, votes = event.requesters, event.votes_for
        told = [f"demandé par {french.count(asked, 'membre')}"] if asked else []
        told += [f"{french.count(votes, 'voix')} pour"] if votes is not None else []
        return ", ".join(told)

    def sentence(self, event: sitting.DoorsKeptOpen, telling: Telling) -> str:
        asked, votes = event.requesters, event.votes_for
        by = french.count_in_words(asked, "membre") if asked else "la présidence"
        told = f"le huis clos, demandé par {by}, n’est pas décidé"
        if votes is not None:
            told += f" : {french.count(votes, 'voix') if votes else 'aucune voix'} pour"
        return f"{told} ; la séance reste publique{telling.at(event)}"


class _DoorsOpened(Wording[sitting.DoorsOpened]):
    title = "Séance publique"
    moves = True

    def sentence(self, event: sitting.DoorsOpened, telling: Telling) -> str:
        return f"la séance redevient publique{telling.at(event)}"


class _OrderSet(Wording[sitting.OrderSet]):
    title = "Ordre de discussion"

    def sentence(self, event: sitting.OrderSet, telling: Telling) -> str:
        order = ", ".join(filter(None, map(telling.point, event.items)))
        if not order:
            return "l’ordre d’examen des points est modifié"
        return f"les points sont examinés dans l’ordre suivant : {order}"


class _ItemOpened(Wording[sitting.ItemOpened]):
    title = "Point mis en discussion"

    def told(self, event: sitting.ItemOpened, telling: Telling) -> str:
        which = filter(None, (telling.numbers.get(event.item), telling.title(event.item)))
        return f"en discussion : {' '.join(which)}"

    def brief(self, event: sitting.ItemOpened, telling: Telling) -> str:
        return _numbered(event.item, telling.title(event.item), telling)


class _BallotHeld(Wording[sitting.BallotHeld]):
    title = "Scrutin"

    def told(self, event: sitting.BallotHeld, telling: Telling) -> str:
        return telling.decided(event.seq) or super().told(event, telling)

    def line(self, event: sitting.BallotHeld, telling: Telling) -> str:
        line = super().line(event, telling)
        return f"{line} (scrutin secret)" if event.ballot.mode is ballots.Mode.SECRET else line

    def brief(self, event: sitting.BallotHeld, telling: Telling) -> str:
        return _numbered(event.ballot.item, telling.told(event), telling)


class _ElectionHeld(Wording[sitting.ElectionHeld]):
    title = "Élection"

    def told(self, event: sitting.ElectionHeld, telling: Telling) -> str:
        return telling.decided(event.seq) or super().told(event, telling)


class _FateNoted(Wording[sitting.FateNoted]):
    title = "Suite donnée"

    def told(self, event: sitting.FateNoted, telling: Telling) -> str:
        return sentences.fate(event, telling.words)


class _ActTaken(Wording[sitting.ActTaken]):
    title = "Acte pris"

    def line(self, event: sitting.ActTaken, telling: Telling) -> str:
        instead = ", à la place de la présidence empêchée" if event.stands_in else ""
        by = f", par {telling.name(event.author)}{instead}, le {french.long_date(event.on)}"
        source = f"{event.source}{f', {event.subject}' if event.subject else ''}"
        return f"{telling.title(event.item)}{by}{f' ({source})' if source else ''}"


class _Closed(Wording[sitting.Closed]):
    title = "Levée"

    def sentence(self, event: sitting.Closed, telling: Telling) -> str:
        why = "le quorum n’étant pas réuni, " if event.for_want_of_quorum else ""
        return f"{why}la séance est levée{telling.at(event)}"


class _Voided(Wording[sitting.Voided]):
    title = "Annulation"

    def line(self, event: sitting.Voided, telling: Telling) -> str:
        return f"de la ligne {event.target}{f' : {event.reason}' if event.reason else ''}"

    def told(self, event: sitting.Voided, telling: Telling) -> str:
        cancelled = telling.ledger.get(event.target)
        if cancelled is None:
            return f"la ligne {event.target} est annulée"
        return f"annulé : {telling.told(cancelled).rstrip('.')}"

    def brief(self, event: sitting.Voided, telling: Telling) -> str:
        cancelled = telling.ledger.get(event.target)
        what = telling.brief(cancelled) if cancelled else f"ligne {event.target}"
        return f"Annulé : {what}"


# --- What several of them say -----------------------------------------------------------------


def _moment(event: Event) -> object:
    return event.at and to_the_minute(event.at)


def _numbered(item: str, text: str, telling: Telling) -> str:
    number = telling.numbers.get(item)
    return f"Point {number} : {text}" if number else text


def _withdraw(members: Sequence[Member], ground: Ground, words: BodyWords) -> str:
    """Who takes no part in an item, and on which ground."""
    who, many = names(members), len(members) > 1
    apart = f"{'ne prennent' if many else 'ne prend'} part ni au débat ni au vote"
    match ground:
        case Ground.PERSONAL:
            concerned = agreed("intéressé", members)
            return f"{who}, {concerned} à l’affaire, {apart}{words.cited('art. L2131-11 du CGCT')}"
        case Ground.OUTSIDE_BODY:
            sit = "qui siègent" if many else "qui siège"
            return f"{who}, {sit} dans l’organisme concerné, {apart} (art. L1111-6 du CGCT)"
        case Ground.ACCOUNTS:
            verb = "se retirent" if many else "se retire"
            return f"{who} {verb} au moment du vote{words.cited('art. L2121-14 du CGCT')}"
        case Ground.OTHER:
            leave = "quittent" if many else "quitte"
            return f"{who} {leave} la séance le temps de l’examen de ce point"


def _proxies(events: Sequence[Event], telling: Telling) -> str:
    """What a movement does to proxies (art. L2121-20): those that it suspends, those that it
    wakes, as the count of the votes that follow has it."""
    if telling.before is None:
        return ""
    before = after = sitting.entered(telling.before, events[0])
    for event in events:
        after = sitting.apply(after, event)
    was, now = before.living_proxies, after.living_proxies
    stops = "est suspendu"
    if any(
        isinstance(event, sitting.Vacated) or (isinstance(event, sitting.Left) and event.definitive)
        for event in events
    ):
        stops = "ne peut plus être utilisé"
    if any(isinstance(event, sitting.Recused) for event in events):
        stops = "n’est pas utilisé"
    told = [(pair, stops) for pair in was.items() if pair not in now.items()]
    told += [
        (pair, "reprend effet" if pair[0] in telling.served else "prend effet")
        for pair in now.items()
        if pair not in was.items()
    ]
    return "".join(
        f" ; le pouvoir donné par {named(before.composition.someone(giver))} à "
        f"{named(before.composition.someone(holder))} {effect}"
        for (giver, holder), effect in told
    )


def _voters(keys: Sequence[str], telling: Telling) -> tuple[str, bool]:
    """Who alone votes on an item, whole communities, whole constituencies, or names; and whether
    they are several."""
    chosen = set(keys)
    for attribute, article, articles in (
        ("community", "de la collectivité", "des collectivités"),
        ("constituency", "du collège", "des collèges"),
    ):
        groups: dict[str, set[str]] = {}
        for member in telling.composition.titulars:
            groups.setdefault(getattr(member, attribute), set()).add(member.key)
        whole = [name for name, seats in groups.items() if name and seats <= chosen]
        if whole and chosen == set().union(*(groups[name] for name in whole)):
            quoted = french.join(f"« {name} »" for name in whole)
            return f"seuls les délégués {articles if len(whole) > 1 else article} {quoted}", True
    members = [telling.member(key) for key in keys]
    return f"{agreed('seul', members)} {names(members)}", len(members) != 1
