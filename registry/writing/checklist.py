"""What minutes must hold before they are issued, in the order of art. L2121-15 du CGCT."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.urls import reverse

from documents import actions as documents
from documents import papers
from law import ballots, french, sitting
from law.findings import Finding, Severity
from meetings import acts, briefs, reading
from meetings.models import AgendaItem, Meeting
from registry.acts import reading as register


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Where one goes to write what is missing."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One of the twelve things that minutes hold (art. L2121-15): there, doubtful or missing."""

    number: int
    label: str
    said: str
    state: str = "present"  # "doute" deserves a look, "manque" keeps minutes from being issued
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What to look at before minutes are issued: the twelve elements, and what else was found."""

    elements: tuple[Element, ...]
    findings: tuple[Finding, ...]
    may_issue: bool

    @property
    def missing(self) -> int:
        """How many elements keep the minutes from being issued."""
        return sum(element.state == "manque" for element in self.elements)

    @property
    def doubts(self) -> int:
        """How many elements deserve a look."""
        return sum(element.state == "doute" for element in self.elements)


# What the twelve elements say already, in their own words.
_SAID_ALREADY = frozenset(
    "sans_ouverture sans_president sans_presents sans_secretaire sans_levee sans_ordre_du_jour"
    " sans_decision autre_jour avant_l_heure apres_l_heure".split()
)


def check(meeting: Meeting, draft: papers.MinutesDocument) -> Checks:
    """The twelve mandatory elements with what each lacks, and whether the minutes may be issued:
    `documents.actions` alone is the judge of that."""
    found = documents.review(meeting, draft)
    return Checks(
        elements=tuple(_Checklist(meeting, draft).elements()),
        findings=tuple(each for each in found if each.code not in _SAID_ALREADY),
        may_issue=not any(each.severity is Severity.REFUSAL for each in found),
    )


class _Checklist:
    def __init__(self, meeting: Meeting, draft: papers.MinutesDocument) -> None:
        self.meeting, self.draft = meeting, draft
        self.story = meeting.sitting
        self.end = self.story.at_end
        # Opened, counted and closed for want of quorum: there is nothing more to tell.
        self.is_void = self.end.opened_at is not None and not draft.quorum.reached
        self.unless_void = "doute" if self.is_void else "manque"
        self.decided = register.decided(meeting)
        self.attendance = Lead(
            url=reverse("meetings:attendance", args=[meeting.pk]), label="Présences"
        )
        self.agenda = Lead(url=reverse("meetings:agenda", args=[meeting.pk]), label="Ordre du jour")

    def elements(self) -> Iterator[Element]:
        for number, (label, told) in enumerate(
            (
                ("date et heure de la séance", self.hour()),
                ("nom de qui préside", self.chair()),
                ("noms des membres présents", self.present()),
                ("membres représentés, et par qui", self.represented()),
                ("secrétaire de séance", self.clerks()),
                ("quorum", self.quorum()),
                ("ordre du jour", self.items()),
                ("délibérations adoptées", self.decisions()),
                ("rapports au vu desquels elles le sont", self.reports()),
                ("demandes de scrutin particulier", self.requests()),
                ("résultat des scrutins, noms si le vote est public", self.results()),
                ("teneur des discussions", self.debates()),
            ),
            start=1,
        ):
            yield replace(told, number=number, label=label)

    def there(self, said: str) -> Element:
        return Element(number=0, label="", said=french.nbsp(said))

    def lacks(self, said: str, *leads: Lead, state: str = "manque") -> Element:
        return Element(number=0, label="", said=french.nbsp(said), state=state, leads=leads)

    def name(self, key: str) -> str:
        member = self.end.composition.by_key.get(key)
        return member.name if member else key

    # The sitting

    def hour(self) -> Element:
        opened, closed = self.end.opened_at, self.end.closed_at
        if opened is None:
            return self.lacks("Heure d’ouverture à noter", self.attendance)
        if closed is None:
            return self.lacks("Heure de levée à noter", self.attendance)
        if discord := next(reading.discord(self.meeting), None):
            leads = [self.attendance]
            if self.meeting.sent_on is None:  # once it is sent, its day is that of the convocation
                form = reverse("meetings:edit", args=[self.meeting.pk])
                leads.append(Lead(url=f"{form}#id_held_on", label="Date de la séance"))
            return self.lacks(discord.message, *leads, state="doute")
        day = french.long_date(self.meeting.held_on)
        return self.there(f"{day}, de {french.clock(opened)} à {french.clock(closed)}")

    def chair(self) -> Element:
        key = self.story.at_opening.chair or self.end.chair
        if not key:
            return self.lacks("À choisir", self.attendance)
        signs = self.story.signing_chair
        if self.end.closed_at and self.end.chair == signs and signs not in self.end.room:
            return self.lacks(f"{self.name(signs)}, {_GONE}", self.attendance, state="doute")
        signed = f" ; {self.name(signs)} signe" if signs != key else ""
        return self.there(f"{self.name(key)}{signed}")

    def present(self) -> Element:
        count = sum(line.standing == "present" for each in self.draft.roll for line in each.lines)
        if not count:
            return self.lacks("Appel à faire", self.attendance)
        return self.there(french.count(count, "présent"))

    def represented(self) -> Element:
        story = self.story
        first = story.at_opening.living_proxies.items()
        votes = (state.living_proxies.items() for state in story.at_ballot.values())
        later = dict.fromkeys(pair for pairs in votes for pair in pairs if pair not in first)
        told = [self._by(first)] if first else []
        if later:
            told += [*([] if first else ["Personne à l’ouverture"]), f"ensuite {self._by(later)}"]
        return self.there(" ; ".join(told) or "Personne n’est représenté")

    def _by(self, proxies: Iterable[tuple[str, str]]) -> str:
        return " ; ".join(
            f"{self.name(giver)} par {self.name(holder)}" for giver, holder in proxies
        )

    def clerks(self) -> Element:
        keys = self.story.clerks
        if self.end.closed_at and keys and not self.end.room.intersection(keys):
            said = f"{french.join(map(self.name, keys))}, {_GONE}"
            return self.lacks(said, self.attendance, state="doute")
        if keys:
            return self.there(french.join(map(self.name, keys)))
        return self.lacks("À désigner", self.attendance, state=self.unless_void)

    def quorum(self) -> Element:
        found = self.draft.quorum
        if self.end.opened_at is None:
            return self.lacks("Se compte à l’ouverture", self.attendance)
        verdict = "atteint" if found.reached else "non atteint"
        said = f"À l’ouverture, {found.present} sur {found.in_office}, {verdict}"
        if lost := [each.item for each in self.decided if self.is_without_quorum(each)]:
            count = french.count(len(lost), "point décidé", "points décidés")
            return self.lacks(
                f"{said} ; non atteint au vote de {count}",
                *map(self.to_decide, lost),
                state="doute",
            )
        return self.there(said)

    def is_without_quorum(self, each: register.Decided) -> bool:
        """Whether the quorum was missing when the item was decided."""
        at_vote = self.story.at_ballot.get(each.seq)
        return at_vote is not None and not self.meeting.quorum_of(at_vote).reached

    # Its items

    def items(self) -> Element:
        count = sum(not item.is_section for item in self.draft.all_items)
        if not count:
            return self.lacks("Aucun point", self.agenda, state=self.unless_void)
        return self.there(french.count(count, "point"))

    def decisions(self) -> Element:
        adopted = sum(each.is_act for each in self.decided)
        awaiting = [line.node.item for line in reading.lines(self.meeting) if line.awaits]
        if awaiting and not self.is_void:
            said = f"{french.count(len(awaiting), 'point')} sans vote ni suite"
            return self.lacks(said, *map(self.to_decide, awaiting), state="doute")
        # Before the minutes are frozen: written later, their articles would ask a version of them.
        if wordless := register.without_text(self.meeting):
            said = f"{french.count(len(wordless), 'délibération')} sans dispositif"
            leads = (self.to_draft(each.item) for each in wordless)
            return self.lacks(said, *leads, state="doute")
        if unsaid := acts.amended(self.meeting):
            changed = [each.item for each in self.decided if each.item.key in unsaid]
            said = french.count(len(changed), "délibération") + (
                " adoptée avec une modification que ses articles ne disent pas"
                if len(changed) == 1
                else " adoptées avec des modifications que leurs articles ne disent pas"
            )
            return self.lacks(said, *map(self.to_draft, changed), state="doute")
        return self.there(french.count(adopted, "délibération") if adopted else "Aucune")

    def to_draft(self, item: AgendaItem) -> Lead:
        url = reverse("meetings:brief", args=[self.meeting.pk, item.key])
        return Lead(url=f"{url}#titre-projet", label=item.title)

    def to_decide(self, item: AgendaItem) -> Lead:
        return Lead(url=f"{item.get_absolute_url()}#titre-decision", label=item.title)

    def to_write(self, item: AgendaItem) -> Lead:
        return Lead(url=f"#texte-{item.key}", label=item.title)

    def reports(self) -> Element:
        acts = [each.item for each in self.decided if each.is_act and _is_reported(each.item)]
        holds = {file.item.key for file in briefs.of(self.meeting) if not file.is_blank}
        bare = [item for item in acts if not (item.rapporteur or item.text or item.key in holds)]
        if bare:
            said = f"{french.count(len(bare), 'délibération')} sans rapporteur, ni note, ni texte"
            return self.lacks(said, *map(self.to_write, bare), state="doute")
        return self.there("Rapporteurs, notes et textes des délibérations" if acts else "Aucune")

    def requests(self) -> Element:
        asked = list(self.story.of_kind(sitting.BallotRequested))
        said = french.count(len(asked), "demande") if asked else "Aucune"
        # By names or in secret, and neither asked for, nor by law, nor for a reason that is told.
        known = {(event.item, event.mode) for event in asked}
        nominations = self.meeting.outline.docket.nominations
        unasked = [
            ballot.item
            for ballot in (event.ballot for event in self.story.of_kind(sitting.BallotHeld))
            if ballot.mode is not ballots.Mode.ORDINARY
            and (ballot.item, ballot.mode) not in known
            and not (
                ballot.mode is ballots.Mode.SECRET and (ballot.reason or ballot.item in nominations)
            )
        ]
        if not unasked:
            return self.there(said)
        count = french.count(
            len(unasked), "scrutin public ou secret", "scrutins publics ou secrets"
        )
        told = [each.item for each in self.decided if each.item.key in unasked]
        return self.lacks(
            f"{said} ; {count} sans demande notée", *map(self.to_decide, told), state="doute"
        )

    def results(self) -> Element:
        held = list(self.story.of_kind(sitting.BallotHeld))
        held_elections = list(self.story.of_kind(sitting.ElectionHeld))
        public = sum(event.ballot.mode is ballots.Mode.PUBLIC for event in held)
        if not held and not held_elections:
            return self.there("Aucun scrutin")
        told = [french.count(len(held), "vote")] if held else []
        if held_elections:
            told.append(french.count(len(held_elections), "élection"))
        if public:
            told.append(
                f"dont {french.count(public, 'vote public', 'votes publics')} avec les noms"
            )
        return self.there(", ".join(told))

    def debates(self) -> Element:
        discussed = [
            node.item
            for node in self.meeting.agenda.nodes
            if not node.item.is_section and node.item.key in self.story.at_item
        ]
        empty = [item for item in discussed if not item.text]
        if self.is_void:
            return self.there("L’assemblée n’a pas pu délibérer")
        if len(empty) == len(discussed):
            return self.lacks("Rien n’est écrit", *map(self.to_write, empty[:1]), state="doute")
        if wanting := [item for item in empty if _is_reported(item)]:
            said = f"{french.count(len(wanting), 'délibération')} sans un mot"
            return self.lacks(said, *map(self.to_write, wanting), state="doute")
        return self.there(f"{french.count(len(discussed) - len(empty), 'texte')}")


_GONE = "qui n’est pas là à la levée, et signe"


def _is_reported(item: AgendaItem) -> bool:
    """Whether a decision on this item rests on a report: the approval of minutes does not."""
    return item.kind in AgendaItem.DELIBERATED | AgendaItem.ELECTIONS
