"""What the law must know of the items of a sitting, besides what happens to them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """The items of an agenda for which the law has a rule of their own, by their keys.

    `urgent` decide on the urgency of the convocation (art. L2121-12), `accounts` approve the
    accounts (art. L2121-14), `kept_by` says by whom when it was not the president of today alone,
    once for each,
    `executive` elect the president or the bureau (art. L2122-7),
    `nominations` elect or designate anybody (art. L2121-21), `tenders` the commission of tenders
    (art. L1414-2), `common` concern every member
    (art. L5212-16), `in_person` are decided by no sitting at a distance (art. L5211-11-1),
    `perhaps_in_person` may be of those, and nothing says it, `miscellaneous` are « questions
    diverses » and oral questions, `added` came onto the agenda after it was sent (art. L2121-10),
    `acts` make an act of
    what is decided on them, were it to take note. `reconvened` were on the agenda of a
    first sitting that had no quorum, `None` when no second call lifts it (art. L2121-17).
    """

    urgent: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    kept_by: tuple[tuple[str, str], ...] = ()
    executive: frozenset[str] = frozenset()
    nominations: frozenset[str] = frozenset()
    tenders: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    in_person: frozenset[str] = frozenset()
    perhaps_in_person: frozenset[str] = frozenset()
    miscellaneous: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    reconvened: frozenset[str] | None = None

    @property
    def keepers(self) -> dict[str, tuple[str, ...]]:
        """Item → keys of those who kept its accounts in turn, without who sits here no more."""
        told: dict[str, tuple[str, ...]] = {}
        for item, key in self.kept_by:
            told[item] = (*told.get(item, ()), *filter(None, [key]))
        return told

    @property
    def chosen(self) -> frozenset[str]:
        """The items whose chair the assembly chooses (art. L2121-14, L2122-8)."""
        return self.accounts | self.executive

    def dispenses(self, item: str = "") -> bool:
        """Whether a second call lifts the quorum: of this item, or of the sitting itself."""
        return self.reconvened is not None and (not item or item in self.reconvened)
