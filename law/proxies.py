"""Who can speak for whom: lawful answers to absences, and what they do to the quorum.

A member who cannot come is first *replaced* by a substitute (`suppléant`), who counts for the
quorum; failing that he gives a written proxy (`pouvoir`, art. L2121-20), which does not. The
solver proposes and never breaks a limit of the regime: the number of proxies one holder may
carry, who a substitute may stand for, whether a proxy is admitted at all. Nothing is decided
here: a proxy is the free choice of its giver.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from law import french, quorum
from law.assembly import Capacity, Composition, Member
from law.findings import Finding, Severity
from law.quorum import Quorum
from law.regime import Regime, article_of
from law.sitting import ProxyGiven


class Means(StrEnum):
    """How an absence is answered, the best first."""

    NAMED_SUBSTITUTE = "suppleant_designe"
    POOLED_SUBSTITUTE = "suppleant"
    SAME_COMMUNITY = "pouvoir_meme_collectivite"
    ANY_COLLEAGUE = "pouvoir"


_SUBSTITUTION = (Means.NAMED_SUBSTITUTE, Means.POOLED_SUBSTITUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`by` sits for `absent`, or holds his proxy; the text says it in French."""

    absent: str
    by: str
    means: Means
    text: str

    @property
    def is_substitution(self) -> bool:
        """Whether a substitute sits, rather than a proxy being carried."""
        return self.means in _SUBSTITUTION

    def __str__(self) -> str:
        return self.text


class Outlook(StrEnum):
    """What can be said of the quorum before the sitting."""

    CERTAIN = "acquis"  # those who said they come suffice
    LIKELY = "probable"  # half have answered, and at their rate the others make it
    POSSIBLE = "possible"  # those who have not answered can make it
    UNKNOWN = "inconnu"  # as well, and nobody said he comes
    MISSING = "manquant"  # even if all of them came


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The quorum as the answers let it be foreseen.

    `now` counts those who said they come, `best` adds everybody who has not said no and every
    substitute who may still sit.
    """

    outlook: Outlook
    now: Quorum
    best: Quorum

    @property
    def missing(self) -> int:
        """How many more answers are needed, in the unit of the quorum."""
        return self.now.missing

    def __str__(self) -> str:
        needed = f"il en faut {self.now.required}"
        if self.now.votes_required:
            needed += f" et {french.count(self.now.votes_required, 'voix')}"
        hoped = (
            f"quorum {self.outlook} : {_counted(self.now)} à ce jour, {_counted(self.best)} si "
            f"tous ceux qui n’ont pas répondu viennent ; {needed}"
        )
        told = {
            Outlook.CERTAIN: f"quorum acquis : {_counted(self.now)}, {needed}",
            Outlook.LIKELY: hoped,
            Outlook.POSSIBLE: hoped,
            Outlook.UNKNOWN: f"quorum inconnu : personne n’a dit qu’il vient, {needed}",
            Outlook.MISSING: f"quorum manquant : {_counted(self.best)} au mieux, {needed}",
        }
        return french.sentence(told[self.outlook])


def _counted(value: Quorum) -> str:
    text = french.count(value.present, "voix" if value.basis == "voix" else "membre")
    if value.votes_required:
        text += f" et {french.count(value.votes_present, 'voix')}"
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One lawful answer to all the absences at once.

    `findings` speak of proxies already given that are of no use. `forecast` supposes the
    substitutes of the plan seated.
    """

    proposals: tuple[Proposal, ...]
    findings: tuple[Finding, ...]
    forecast: Forecast


# --- One proxy ------------------------------------------------------------------------------


def expired(proxy: ProxyGiven, regime: Regime) -> bool:
    """Whether this document has been used up: three consecutive sittings, illness apart."""
    return proxy.nth > regime.proxy_sittings and not proxy.illness


def objections(
    proxies: Iterable[ProxyGiven],
    composition: Composition,
    regime: Regime,
    *,
    prevented: Collection[str] | None = None,
    seats: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with proxies as they were written, in the order they were received.

    The first proxy received keeps its place; a later one over the limit is refused. The `field`
    of a finding is the giver. `prevented` says who will not come: by default the givers.
    `seats` joins the substitutes who sit to their titular.
    """
    proxies = tuple(proxies)
    absent = {proxy.giver for proxy in proxies} if prevented is None else prevented
    return _sort(proxies, composition, regime, frozenset(absent), seats or {})[1]


_Sorted = tuple[dict[str, str], tuple[Finding, ...]]


def _sort(
    proxies: Iterable[ProxyGiven],
    composition: Composition,
    regime: Regime,
    prevented: frozenset[str],
    seats: Mapping[str, str],
) -> _Sorted:
    """The proxies that can be used, giver to holder, and why the others cannot."""
    good: dict[str, str] = {}
    findings = []
    for proxy in proxies:
        wrong = _objection(proxy, composition, regime, prevented, good, seats)
        if wrong is None:
            good[proxy.giver] = proxy.holder
        else:
            findings.append(wrong)
    return good, tuple(findings)


def _objection(
    proxy: ProxyGiven,
    composition: Composition,
    regime: Regime,
    prevented: frozenset[str],
    good: Mapping[str, str],
    seats: Mapping[str, str],
) -> Finding | None:
    """The first thing wrong with one proxy, `None` when it can be used."""
    giver, holder = proxy.giver, proxy.holder
    article = article_of(regime, "proxies_allowed", "proxies_per_holder", "proxy_sittings")
    to = f"Le pouvoir de {composition.someone(giver).titled} à {composition.someone(holder).titled}"

    def wrong(code: str, why: str, remedy: str = "") -> Finding:
        return Finding(
            code=code,
            message=french.nbsp(f"{to} {why}."),
            article=article,
            remedy=remedy,
            field=giver,
            severity=Severity.REFUSAL,
        )

    if not regime.proxies_allowed:
        return wrong("pouvoirs_exclus", "n’est pas admis : les règles n’admettent aucun pouvoir")
    if giver not in composition or composition[giver].capacity is not Capacity.TITULAR:
        return wrong("mandant_sans_voix", "est sans effet : son auteur n’a pas de voix à donner")
    if giver == holder:
        return wrong("pouvoir_a_soi_meme", "est sans effet : nul ne se donne pouvoir")
    if holder not in composition or not composition[holder].deliberates:
        return wrong("porteur_sans_voix", "est sans effet : le porteur n’a pas voix délibérative")
    if holder in prevented:
        return wrong(
            "porteur_absent",
            "est sans effet : le porteur est absent",
            "Demandez un nouveau pouvoir à son auteur.",
        )
    if composition[holder].capacity is Capacity.SUBSTITUTE and holder not in seats:
        return wrong("porteur_sans_siege", "est sans effet : ce suppléant ne siège pas")
    if giver in good:
        return wrong("deux_pouvoirs", "vient après un autre du même auteur")
    if expired(proxy, regime):
        sittings = french.count(regime.proxy_sittings, "séance consécutive")
        return wrong(
            "pouvoir_epuise",
            f"a déjà servi à {sittings}",
            "Un nouveau pouvoir écrit est nécessaire, sauf maladie dûment constatée.",
        )
    if list(good.values()).count(holder) >= regime.proxies_per_holder:
        limit = french.count(regime.proxies_per_holder, "pouvoir")
        return wrong(
            "porteur_complet",
            f"est de trop : un même membre porte {limit} au plus",
            "Son auteur peut choisir un autre collègue.",
        )
    return None


# --- All the absences at once ---------------------------------------------------------------


def propose(
    composition: Composition,
    regime: Regime,
    *,
    prevented: Collection[str],
    coming: Collection[str] = (),
    given: Sequence[ProxyGiven] = (),
    seats: Mapping[str, str] | None = None,
) -> Plan:
    """Answer every absence it is lawful to answer, as well as can be.

    `prevented`: who will not come, substitutes included. `coming`: who said they come; others
    may still. `given`: proxies already received, in that order. `seats`: substitute → titular,
    already agreed. What was already given or agreed is kept.
    """
    room = _Room(composition, regime, prevented, coming, given, seats or {})
    proposals = [*room.seat_substitutes(), *room.hand_proxies()]
    order = {member.key: rank for rank, member in enumerate(composition.members)}
    proposals.sort(key=lambda each: (not each.is_substitution, order[each.absent]))
    return Plan(
        proposals=tuple(proposals),
        findings=(*room.findings, *room.priority_findings()),
        forecast=room.forecast(),
    )


def options(
    absent: str,
    composition: Composition,
    regime: Regime,
    *,
    prevented: Collection[str],
    coming: Collection[str] = (),
    given: Sequence[ProxyGiven] = (),
    seats: Mapping[str, str] | None = None,
) -> tuple[Proposal, ...]:
    """Every lawful answer to one absence, the best first, everything else being as it is."""
    others = [proxy for proxy in given if proxy.giver != absent]
    kept = {sub: titular for sub, titular in (seats or {}).items() if titular != absent}
    room = _Room(composition, regime, {*prevented, absent}, coming, others, kept)
    return tuple(room.options(composition[absent]))


def forecast(
    composition: Composition,
    regime: Regime,
    *,
    prevented: Collection[str] = (),
    coming: Collection[str] = (),
    given: Sequence[ProxyGiven] = (),
    seats: Mapping[str, str] | None = None,
) -> Forecast:
    """What the answers received so far say of the quorum."""
    return _Room(composition, regime, prevented, coming, given, seats or {}).forecast()


class _Room:
    """The room as announced: mutable, so that the solver fills it step by step."""

    def __init__(
        self,
        composition: Composition,
        regime: Regime,
        prevented: Collection[str],
        coming: Collection[str],
        given: Sequence[ProxyGiven],
        seats: Mapping[str, str],
    ) -> None:
        self.composition = composition
        self.regime = regime
        self.prevented = frozenset(prevented)
        self.coming = frozenset(coming) - self.prevented
        self.rank = {member.key: rank for rank, member in enumerate(composition.members)}
        self.seats = {
            substitute: titular
            for substitute, titular in seats.items()
            if substitute not in self.prevented and titular in self.prevented
        }
        substitutes = [m for m in composition.members if m.capacity is Capacity.SUBSTITUTE]
        self.substitutes = [m for m in substitutes if m.key not in self.prevented]
        self.absent = [m for m in composition.titulars if m.key in self.prevented]
        written = [proxy for proxy in given if proxy.giver in self.prevented]
        written = [proxy for proxy in written if proxy.giver not in self.seats.values()]
        self.proxies, self.findings = _sort(
            written, composition, regime, self.prevented, self.seats
        )
        if regime.substitute_first == "bloquer":
            self._prefer_substitutes()

    # Substitutes

    def may_stand_for(self, substitute: Member, titular: Member) -> Means | None:
        """In what way a substitute may sit for a titular; `None`: not at all."""
        if self.regime.substitutes == "aucun":
            return None
        if substitute.replaces == titular.key:
            return Means.NAMED_SUBSTITUTE
        if self.regime.substitutes == "collectivite" and _kin(substitute, titular):
            return Means.POOLED_SUBSTITUTE
        return None

    def free_substitutes(self) -> Iterator[Member]:
        """Substitutes who sit for nobody yet, those who said they come first."""
        free = [member for member in self.substitutes if member.key not in self.seats]
        return iter(sorted(free, key=lambda m: (m.key not in self.coming, self.rank[m.key])))

    def seat_substitutes(self) -> Iterator[Proposal]:
        """Named substitutes first, then the pooled ones; heavier seats are served first."""
        for wanted in _SUBSTITUTION:
            for titular in sorted(self.unanswered(), key=lambda m: (-m.weight, self.rank[m.key])):
                for substitute in self.free_substitutes():
                    if self.may_stand_for(substitute, titular) is wanted:
                        self.seats[substitute.key] = titular.key
                        yield self.proposal(titular, substitute, wanted)
                        break

    def _prefer_substitutes(self) -> None:
        """Where the rules put the substitute first, a proxy falls if one can still sit."""
        for giver in list(self.proxies):
            titular = self.composition[giver]
            if any(self.may_stand_for(each, titular) for each in self.free_substitutes()):
                holder = self.proxies.pop(giver)
                self.findings += (self._priority(giver, holder, Severity.REFUSAL),)

    def priority_findings(self) -> tuple[Finding, ...]:
        """Proxies given although a substitute could sit, where the rules only warn."""
        if self.regime.substitute_first != "avertir":
            return ()
        return tuple(
            self._priority(giver, holder, Severity.WARNING)
            for giver, holder in self.proxies.items()
            if any(
                self.may_stand_for(each, self.composition[giver])
                for each in self.free_substitutes()
            )
        )

    def _priority(self, giver: str, holder: str, severity: Severity) -> Finding:
        return Finding(
            code="suppleant_disponible",
            message=french.nbsp(
                f"{self.composition.someone(giver).titled} donne pouvoir à "
                f"{self.composition.someone(holder).titled} alors qu’un suppléant peut siéger."
            ),
            article=article_of(self.regime, "substitute_first"),
            remedy="Le suppléant compte pour le quorum, le pouvoir non.",
            field=giver,
            severity=severity,
        )

    # Proxies

    def holders(self) -> list[Member]:
        """Who sits and may carry one more proxy, the least burdened first."""
        if not self.regime.proxies_allowed:
            return []
        held = self.held()
        present = [m for m in self.composition.titulars if m.key not in self.prevented]
        seated = [self.composition[key] for key in self.seats if key in self.composition]
        free = [m for m in seated + present if held.get(m.key, 0) < self.regime.proxies_per_holder]
        return sorted(
            free,
            key=lambda m: (
                held.get(m.key, 0),
                m.capacity is not Capacity.SUBSTITUTE,
                m.key not in self.coming,
                self.rank[m.key],
            ),
        )

    def held(self) -> dict[str, int]:
        """How many proxies each holder carries."""
        carried: dict[str, int] = {}
        for holder in self.proxies.values():
            carried[holder] = carried.get(holder, 0) + 1
        return carried

    def may_hold(self, holder: Member, giver: Member) -> Means | None:
        """A substitute holds for his own community only (ministerial answer n° 49337)."""
        if _kin(holder, giver):
            return Means.SAME_COMMUNITY
        return None if holder.capacity is Capacity.SUBSTITUTE else Means.ANY_COLLEAGUE

    def hand_proxies(self) -> Iterator[Proposal]:
        """Inside each community first, then to anybody. Substitutes come before titulars inside
        a community: they may hold nothing else, so as many as possible are represented."""
        for wanted in (Means.SAME_COMMUNITY, Means.ANY_COLLEAGUE):
            for giver in self.unanswered():
                for holder in self.holders():
                    if self.may_hold(holder, giver) is wanted:
                        self.proxies[giver.key] = holder.key
                        yield self.proposal(giver, holder, wanted)
                        break

    # Answers

    def unanswered(self) -> list[Member]:
        """The absent for whom nobody sits nor holds a proxy."""
        replaced = set(self.seats.values())
        return [m for m in self.absent if m.key not in replaced and m.key not in self.proxies]

    def options(self, absent: Member) -> Iterator[Proposal]:
        by_substitute = False
        for wanted in _SUBSTITUTION:
            for substitute in self.free_substitutes():
                if self.may_stand_for(substitute, absent) is wanted:
                    by_substitute = True
                    yield self.proposal(absent, substitute, wanted)
        if by_substitute and self.regime.substitute_first == "bloquer":
            return
        for wanted in (Means.SAME_COMMUNITY, Means.ANY_COLLEAGUE):
            for holder in self.holders():
                if self.may_hold(holder, absent) is wanted:
                    yield self.proposal(absent, holder, wanted)

    def proposal(self, absent: Member, by: Member, means: Means) -> Proposal:
        who, whom = by.titled, absent.titled
        match means:
            case Means.NAMED_SUBSTITUTE:
                title = french.agree("suppléant désigné", feminine=by.civility == "Mme")
                text = f"{who}, {title}, siège à la place de {whom}"
            case Means.POOLED_SUBSTITUTE:
                title = french.agree("suppléant", feminine=by.civility == "Mme")
                text = f"{who}, {title}{_of(by)}, siège à la place de {whom}"
            case Means.SAME_COMMUNITY:
                text = f"{whom} donne pouvoir à {who}{_of(by)}"
            case Means.ANY_COLLEAGUE:
                text = f"{whom} donne pouvoir à {who}"
        return Proposal(absent=absent.key, by=by.key, means=means, text=french.sentence(text))

    # Quorum

    def forecast(self) -> Forecast:
        sure, seated = set(self.coming), set(self.seats)
        now = self._quorum(
            {m.key for m in self.composition.titulars if m.key in sure} | set(self.seats.values()),
            {giver for giver, holder in self.proxies.items() if holder in sure | seated},
        )
        # At best every titular who has not said no comes, and every substitute sits somewhere.
        spare = _Room(
            self.composition, self.regime, self.prevented, self.coming, (), dict(self.seats)
        )
        answers = [*spare.seat_substitutes(), *spare.hand_proxies()]
        replaced = set(self.seats.values()) | {a.absent for a in answers if a.is_substitution}
        best = self._quorum(
            {m.key for m in self.composition.titulars if m.key not in self.prevented} | replaced,
            {a.absent for a in answers if not a.is_substitution},
        )
        outlook = Outlook.MISSING
        if now.holds:
            outlook = Outlook.CERTAIN
        elif best.holds:
            outlook = Outlook.UNKNOWN
            if self.coming or self.seats:
                outlook = Outlook.LIKELY if self.is_likely(now) else Outlook.POSSIBLE
        return Forecast(outlook=outlook, now=now, best=best)

    def is_likely(self, now: Quorum) -> bool:
        """Whether half of the titulars have answered, and enough come if the others do as they:
        one answer of sixty foresees nothing. In each unit that the quorum counts."""
        known = [
            m for m in self.composition.titulars if m.key in self.coming or m.key in self.prevented
        ]
        votes = sum(m.weight for m in known)
        heads = votes if now.basis == "voix" else len(known)
        return 2 * len(known) >= len(self.composition.titulars) and (
            now.present * now.in_office >= now.required * heads
            and now.votes_present * now.votes_in_office >= now.votes_required * votes
        )

    def _quorum(self, seated: Collection[str], represented: Collection[str]) -> Quorum:
        """The quorum if those seats were occupied and those absent represented."""
        proxies = set(represented) - set(seated) if self.regime.quorum_counts_proxies else set()
        counted = [m for m in self.composition.titulars if m.key in seated or m.key in proxies]
        titulars = self.composition.titulars
        votes, all_votes = sum(m.weight for m in counted), sum(m.weight for m in titulars)
        in_votes = self.regime.quorum_basis == "voix"
        return quorum.assess(
            in_office=all_votes if in_votes else len(titulars),
            present=votes if in_votes else len(counted),
            votes_in_office=all_votes,
            votes_present=votes,
            proxies=len(proxies),
            regime=self.regime,
        )


def _kin(one: Member, other: Member) -> bool:
    """Whether two members sit for the same community; failing that, the same constituency."""
    if one.community or other.community:
        return one.community == other.community
    return bool(one.constituency) and one.constituency == other.constituency


def _of(member: Member) -> str:
    """Where a member comes from, between brackets."""
    where = member.community or member.constituency
    return f" ({where})" if where else ""
