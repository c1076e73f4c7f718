"""What a sitting changes of the mandates, case by case, in words a jurist reads."""

import pytest

from law import mandates
from law.elections import Candidate, Election, Round, Secrecy
from law.sitting import ElectionHeld, Ending, Installed, Vacated, Voided
from tests.law.story import TITULARS, opening, replay


def elects(key: str, title: str, *, secrecy: Secrecy = Secrecy.IMPOSED, votes: int = 6):
    """Six papers, of which so many bear this name."""
    return ElectionHeld(
        election=Election(
            item="p1",
            key=title,
            title=title,
            secrecy=secrecy,
            candidates=(Candidate(key=key),),
            rounds=(Round(votes={key: votes}, voters=6),),
        )
    )


NOTHING: list[tuple[str, str, int]] = []
# what was told → of whom, the office from then on ("" for none) or the reason of the end, its rank
CASES = {
    "rien ne change": ((), NOTHING),
    "une présidente élue, la précédente et ses vice-présidents ne le sont plus": (
        (elects("claire", "présidente"),),
        [("alice", "", 0), ("bruno", "", 0), ("claire", "president", 0), ("denis", "", 0)],
    ),
    "la présidente réélue, ses vice-présidents à élire de nouveau": (
        (elects("alice", "président"),),
        [("alice", "president", 0), ("bruno", "", 0), ("denis", "", 0)],
    ),
    "une présidente puis son premier vice-président": (
        (elects("claire", "présidente"), elects("bruno", "1er vice-président")),
        [
            ("alice", "", 0),
            ("bruno", "vice-president", 1),
            ("claire", "president", 0),
            ("denis", "", 0),
        ],
    ),
    "un vice-président de plus, du rang que dit son élection": (
        (elects("elsa", "3e vice-présidente"),),
        [("elsa", "vice-president", 3)],
    ),
    "personne n’est élu": ((elects("claire", "présidente", votes=3),), NOTHING),
    "le président d’une commission n’est pas de l’exécutif": (
        (elects("claire", "président de la commission d’appel d’offres"),),
        NOTHING,
    ),
    "une nomination à bulletins secrets n’est pas de l’exécutif": (
        (elects("claire", "présidente", secrecy=Secrecy.SECRET),),
        NOTHING,
    ),
    "une démission": ((Vacated(member="farid"),), [("farid", "demission", 0)]),
    "un décès": ((Vacated(member="farid", ending=Ending.DIED),), [("farid", "deces", 0)]),
    "une démission notée par erreur": (
        (Vacated(member="farid"), Voided(target=len(opening(*TITULARS)) + 1)),
        NOTHING,
    ),
    "parti, puis installé de nouveau": (
        (Vacated(member="farid"), Installed(member="farid")),
        NOTHING,
    ),
    "la présidente démissionne, un vice-président est élu": (
        (Vacated(member="alice"), elects("bruno", "président")),
        [("alice", "demission", 0), ("bruno", "president", 0), ("denis", "", 0)],
    ),
}


BUREAU = {
    "l’exécutif élu y siège": (elects("claire", "présidente"), ["claire"]),
    "un autre membre, sans fonction": (elects("farid", "membre du Bureau"), ["farid"]),
    "celui qui préside une commission n’y entre pas": (
        elects("farid", "membre du bureau de la commission"),
        [],
    ),
    "personne n’est élu": (elects("farid", "membre du Bureau", votes=3), []),
    "une nomination secrète n’est pas du bureau": (
        elects("farid", "membre du bureau", secrecy=Secrecy.SECRET),
        [],
    ),
}


@pytest.mark.parametrize(("event", "expected"), BUREAU.values(), ids=BUREAU.keys())
def test_who_is_elected_to_the_bureau_sits_there(event, expected):
    found = mandates.changed_by(replay(*opening(*TITULARS), event))
    assert [each.member.key for each in found if each.in_bureau] == expected


@pytest.mark.parametrize(("events", "expected"), CASES.values(), ids=CASES.keys())
def test_what_a_sitting_changes_of_the_mandates(events, expected):
    story = replay(*opening(*TITULARS), *events)
    found = [
        (each.member.key, each.ending.value if each.ending else each.office, each.rank)
        for each in mandates.changed_by(story)
    ]
    assert found == expected
