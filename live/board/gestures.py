"""What each letter does to the person who is named, and the tables that console.js reads once."""

from dataclasses import dataclass

from law import sitting
from live.actions import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """What a letter does to the person who is named.

    The verb (its own name unless said) gets her key under `field`, and `fields` go along.
    `asks` is the field of what is asked next, a second person or one of `tables()["choices"]`.
    """

    name: str
    letter: str
    words: str
    verb: str = ""
    field: str = "member"
    asks: str = ""
    question: str = ""
    choice: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def sent(self) -> dict[str, str]:
        """The fields that go along with the person's key."""
        return dict(self.fields) | ({"choice": self.choice} if self.choice else {})


_SEAT = {"verb": "choose", "field": "seat"}


GESTURES = {
    gesture.name: gesture
    for gesture in (
        Gesture(name="arrive", letter="p", words="présence"),
        Gesture(
            name="remote",
            letter="l",
            words="présence en ligne, à distance",
            verb="arrive",
            fields=(("remote", "on"),),
        ),
        # Before the opening, who is not there as she was said to be.
        Gesture(name="absent", letter="a", words="absence", verb="leave"),
        Gesture(name="leave", letter="d", words="départ"),
        Gesture(
            name="quit",
            letter="q",
            words="quitte la séance définitivement",
            verb="leave",
            fields=(("definitive", "on"),),
        ),
        Gesture(name="excuse", letter="e", words="s’excuse"),
        Gesture(
            name="give_proxy",
            letter="v",
            words="pouvoir de voter à…",
            field="giver",
            asks="holder",
            question="Pouvoir à",
        ),
        Gesture(name="revoke_proxy", letter="v", words="reprend son pouvoir", field="giver"),
        Gesture(
            name="take_seat",
            letter="s",
            words="siège pour…",
            field="substitute",
            asks="titular",
            question="Siège pour",
        ),
        Gesture(name="return_seat", letter="s", words="rend le siège", field="substitute"),
        Gesture(
            name="recuse",
            letter="r",
            words="se retire (déport)…",
            asks="ground",
            question="Motif du déport",
        ),
        Gesture(name="come_back", letter="r", words="revient"),
        Gesture(
            name="change_mandate",
            letter="m",
            words="mandat…",
            asks="change",
            question="Mandat",
        ),
        Gesture(name="against", letter="c", words="contre", choice="contre", **_SEAT),
        Gesture(name="abstain", letter="a", words="s’abstient", choice="abstention", **_SEAT),
        Gesture(
            name="aside", letter="n", words="ne prend pas part", choice="ne_prend_pas_part", **_SEAT
        ),
        Gesture(name="for", letter="p", words="pour", choice="pour", **_SEAT),
    )
}


GROUNDS = (
    ("i", sitting.Ground.PERSONAL.value, "intérêt personnel"),
    ("o", sitting.Ground.OUTSIDE_BODY.value, "organisme extérieur"),
    ("c", sitting.Ground.ACCOUNTS.value, "vote des comptes"),
    ("s", sitting.Ground.OTHER.value, "sort sans motif"),
)


CHANGES = (
    ("i", people.INSTALLATION, "installation"),
    ("d", sitting.Ending.RESIGNED.value, "démission"),
    ("x", sitting.Ending.DIED.value, "décès"),
    ("r", sitting.Ending.REPLACED.value, "remplacement"),
)


FATES = (
    ("p", sitting.Fate.TOOK_NOTE.value, "prend acte"),
    ("s", sitting.Fate.NO_VOTE.value, "examiné, sans vote"),
    ("t", sitting.Fate.POSTPONED.value, "reporté"),
    ("a", sitting.Fate.ADJOURNED.value, "ajourné"),
    ("r", sitting.Fate.WITHDRAWN.value, "retiré"),
    ("f", sitting.Fate.FAVOURABLE.value, "avis favorable"),
    ("d", sitting.Fate.UNFAVOURABLE.value, "avis défavorable"),
)


def tables() -> dict[str, object]:
    """What the letters mean, for the client: the same in every sitting."""
    return {
        "gestures": {
            name: {
                "letter": each.letter,
                "words": each.words,
                "verb": each.verb or name,
                "field": each.field,
                "asks": each.asks,
                "question": each.question,
                "choice": each.choice,
                "fields": each.sent,
            }
            for name, each in GESTURES.items()
        },
        "choices": {
            name: [{"letter": letter, "value": value, "words": words} for letter, value, words in t]
            for name, t in (("ground", GROUNDS), ("change", CHANGES), ("fate", FATES))
        },
    }
