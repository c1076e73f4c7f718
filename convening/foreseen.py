"""The roll that the answers propose at the opening; the secretary corrects it by keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from convening.answers import Answers
from convening.models import Answer
from law import assembly
from meetings.models import Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """What the roll proposes for one person; the secretary changes it with one key.

    `standing` is present, distance, excuse or absent; `stand_in` may sit for him, `holder` may
    vote for him. `has_form` says that the signed proxy was received, `doubt` why to confirm with
    him what he answered: until then nothing of it is told, save what the ledger already says, and
    `is_ticked` says whether the substitute or the proxy is.
    """

    member: assembly.Member
    standing: str
    stand_in: assembly.Member | None = None
    holder: assembly.Member | None = None
    has_form: bool = False
    doubt: str = ""
    is_ticked: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall:
    """Who is to be told present, remote or excused; who sits for whom; who votes for whom."""

    standings: Mapping[str, str]
    seats: Mapping[str, str]  # substitute → titular
    proxies: Mapping[str, str]  # giver → holder


def rows(answers: Answers) -> dict[str, RollRow]:
    """The roll as the answers foresee it; what was already pointed at the door comes first, and
    an answer that nobody confirmed points nobody."""
    told, state = pointed(answers.meeting), answers.meeting.sitting.at_end
    carried = {giver: proxy.holder for giver, proxy in state.proxies.items()}
    stand_ins = {titular: substitute for substitute, titular in answers.seats.items()}
    found = {}
    for member in answers.composition.members:
        key, said = member.key, answers.said.get(member.key)
        standing, doubt = told.get(key, ""), said.doubt if said else ""
        if not standing and said is not None and not doubt:
            words = {Answer.Word.EXCUSED: "excuse", Answer.Word.REMOTE: "distance"}
            standing = words.get(Answer.Word(said.word), "present")
        stand_in = stand_ins.get(key, "")
        holder = "" if stand_in or key in answers.faults else answers.holder_of(key)
        found[key] = RollRow(
            member=member,
            standing=standing or "absent",
            stand_in=answers.composition[stand_in] if stand_in else None,
            holder=answers.composition[holder] if holder else None,
            has_form=bool(said and said.proxy_form),
            doubt=doubt,
            is_ticked=not doubt
            or (bool(stand_in) and state.seats.get(stand_in) == key)
            or (bool(holder) and carried.get(key) == holder),
            note=_note(answers, key) if not standing else "",
        )
    return found


_SAID = {
    Answer.Word.COMING: "vient",
    Answer.Word.REMOTE: "à distance",
    Answer.Word.EXCUSED: "ne vient pas",
}


def _note(answers: Answers, key: str) -> str:
    """Why nobody is pointed present or excused: he did not answer, or his answer is in doubt."""
    if said := answers.said.get(key):
        return f"répondu : {_SAID[Answer.Word(said.word)]}"
    return "sans réponse" if answers.lines[key].is_expected else ""


def roll(answers: Answers) -> RollCall:
    """The same as values, ready to be told; without what nobody confirmed."""
    found = rows(answers)
    return RollCall(
        standings={key: row.standing for key, row in found.items()},
        seats={
            row.stand_in.key: key for key, row in found.items() if row.stand_in and row.is_ticked
        },
        proxies={key: row.holder.key for key, row in found.items() if row.holder and row.is_ticked},
    )


def pointed(meeting: Meeting) -> dict[str, str]:
    """Member → what the ledger already says of him before the opening."""
    state = meeting.sitting.at_end
    found = dict.fromkeys(state.excused, "excuse")
    found |= {key: "distance" if key in state.remote else "present" for key in state.room}
    return found
