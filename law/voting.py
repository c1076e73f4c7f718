"""A vote at one moment of a sitting: which mode is asked for, what is decided.

`ballots` counts and decides from figures; here they are read in the state of the sitting.
"""

from dataclasses import replace

from law import ballots
from law.ballots import Ballot, Mode, Outcome
from law.regime import Regime
from law.sitting import State


def asked_for(mode: Mode, state: State) -> tuple[int, int]:
    """How many asked for this mode on the item under discussion, of how many present then.

    Whoever is absent or represented, withdrew or only listens asks for nothing; who asked and
    left since had asked.
    """
    return state.asked.get(mode, (0, len(state.sitting)))


def imposed_mode(state: State, regime: Regime) -> Mode | None:
    """The mode that enough of the members present ask for, `None` when they do not.

    The request holds for one item; when both are asked for, secret wins (art. L2121-21).
    """
    modes = (Mode.SECRET, Mode.PUBLIC)
    return next((mode for mode in modes if is_imposed(mode, state, regime)), None)


def is_imposed(mode: Mode, state: State, regime: Regime) -> bool:
    """Whether enough of the members present asked for this mode on the item under discussion."""
    asking, present = asked_for(mode, state)
    return asking >= ballots.requesters(mode, present, regime)


def closed_doors_majority(state: State) -> int:
    """The votes that close the doors: more than half of those present or represented.

    The base is the members, abstentions included, not the votes cast (art. L5211-11).
    """
    voices = replace(state, college=None).voices
    return sum(voice.weight for voice in voices) // 2 + 1


def of(ballot: Ballot, state: State, regime: Regime) -> Outcome:
    """What a ballot decided, with the voices and the chair of that moment of the sitting.

    Bases are in votes, like the count. Whoever withdrew is neither present nor represented;
    the members composing the assembly are those in office.
    """
    voices = state.voices
    return ballots.decide(
        ballot,
        voices,
        regime=regime,
        chair=state.presiding,
        present=sum(voice.weight for voice in voices if not voice.by_proxy),
        represented=sum(voice.weight for voice in voices if voice.by_proxy),
        composing=sum(titular.weight for titular in state.in_office),
    )
