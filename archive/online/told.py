"""What a published file says, as its page tells it.

A published PDF carries the JSON of its paper. What the law protects was left out of both when the
public edition was laid out, so that whoever reads here can give away nothing that the file does
not: there is no second rule of what may be told.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from archive.models import Publication
from archive.online.standing import NOTED, RESERVE, Standing
from documents import papers
from documents.models import IssuedDocument
from law import courts, french
from law.acts import WISH, WISHED, Rule
from law.delegations import Kind
from law.exemptions import Case
from law.french import NBSP
from members import files
from members.files import Damaged
from members.models import Organisation

log = logging.getLogger(__name__)


# --- What a file says -----------------------------------------------------------------------------


def carried(content: bytes) -> str:
    """The JSON of the paper that a PDF carries; "" when it carries none that we know."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            for name, attached in opened.attachments.items():
                if name.endswith(".json"):
                    text = attached.get_file().read_bytes().decode()
                    papers.from_json(text)
                    return text
    except (pikepdf.PdfError, ValueError):
        log.exception("Un fichier publié ne se lit pas comme données.")
    return ""


def read(publication: Publication) -> str:
    """The JSON of what is online, "" of a file that carries none, or is not the one any more."""
    try:
        return carried(files.content(publication.file, publication.sha256))
    except (OSError, Damaged):
        log.exception("Le fichier de la publication %s ne se lit pas.", publication.code)
    return ""


def of_what(issued: IssuedDocument) -> str:
    """Of what its text is: "de la délibération", "de l’arrêté"."""
    kind = issued.meeting.body.kind
    noun = f"la {Kind.DECISION.noun}" if kind == Kind.DECISION else "la délibération"
    return french.contract("de", "l’arrêté" if kind == Kind.ORDER else noun)


def paper_of(publication: Publication) -> papers.Paper | None:
    """The paper as the public reads it; `None` when its file carries no data."""
    content = read(publication)
    return papers.from_json(content) if content else None


# --- In plain words -------------------------------------------------------------------------------

_VERDICTS = {"adopte": "Adoptée", "rejete": "Rejetée"}


def at_once(
    paper: papers.Paper | None, state: Standing | None, *, on: date, is_feminine: bool = True
) -> tuple[str, ...]:
    """The act at a glance, on that day, a fact a line: « S’applique depuis le… », « Adoptée, 23
    pour, 1 contre », « Contestable en principe jusqu’au… », each only where it is known, and first
    of all that one cannot tell whether it applies."""
    if state is not None and state.force.gone:
        return (french.capitalise(state.force.gone),)
    told = [
        *_applies(state, is_feminine=is_feminine),
        *_decided(paper),
        *_contested(state, on, is_feminine=is_feminine),
    ]
    return tuple(map(french.capitalise, told))


def _decided(paper: papers.Paper | None) -> Iterator[str]:
    """What became of what was put to the vote, where there was one vote."""
    if not isinstance(paper, papers.DeliberationExtract):
        return
    votes = [step for step in paper.decisions if step.kind == "vote"]
    if len(votes) != 1 or len(paper.decisions) != 1 or votes[0].lines:
        return
    count = votes[0].count
    if count is None or count.verdict not in _VERDICTS:
        return
    figures = [
        f"{count.for_} pour" if count.for_ else "",
        f"{count.against} contre" if count.against else "",
        french.count(count.abstentions, "abstention") if count.abstentions else "",
    ]
    yield ", ".join(filter(None, (_VERDICTS[count.verdict], *figures)))


def _applies(state: Standing | None, *, is_feminine: bool) -> Iterator[str]:
    if state is None:
        return
    force = state.force
    if force.since is None and force.lacks and not state.ended and not state.is_election:
        lacks = french.join([f"{each} non connue" for each in force.lacks])
        it = "elle" if is_feminine else "il"
        yield f"on ne sait pas encore si {it} s’applique{french.NBSP}: {lacks} ici"
    if state.ended:
        yield state.ended
    elif state.is_wish:
        yield WISHED
    elif state.force.unsigned:
        yield state.force.unsigned
    elif state.is_election:
        yield "élection, qui vaut depuis sa proclamation"
    elif state.force.since is not None:
        reserve = f", {RESERVE}" if state.powerless is not None else ""
        yield f"s’applique depuis le {french.long_date(state.force.since)}{reserve}"


def _contested(state: Standing | None, on: date, *, is_feminine: bool) -> Iterator[str]:
    if state is not None and state.appeal is not None:
        last = french.long_date(state.appeal.on)
        if state.is_individual:  # for anybody else, no delay ran from its notification
            return
        known = "" if state.completed_on is None else ", sous réserve d’une pièce ajoutée depuis"
        if on <= state.appeal.on:
            yield f"contestable en principe jusqu’au {last}{known}"
        else:
            it = "la" if is_feminine else "le"
            yield f"le délai pour {it} contester a en principe pris fin le {last}{known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One point of the state of an act, and what it means to whoever reads: its article."""

    label: str
    text: str
    article: str = ""


_RULES = {
    Rule.PUBLISHED: "Un acte qui n’est pas transmis à la préfecture s’applique dès qu’il est "
    "rendu public.",
    Rule.SENT: "Un acte s’applique une fois rendu public et transmis à la préfecture.",
    Rule.NOTIFIED: "Un acte individuel s’applique dès que la personne concernée l’a reçu.",
    Rule.NOTIFIED_AND_SENT: "Un acte individuel s’applique une fois reçu par la personne concernée "
    "et transmis à la préfecture.",
    Rule.URGENT: "En urgence, un acte s’applique dès qu’il est affiché au siège et transmis à la "
    "préfecture.",
}


_ELECTED = "Qui est élu entre en fonctions dès que l’élection est proclamée."


def explained(
    state: Standing | None, organisation: Organisation, *, on: date
) -> tuple[Explained, ...]:
    """The legal state of an act as anybody understands it; nothing of what is no act."""
    return tuple(_explained(state, organisation, on)) if state is not None else ()


def _kept_back(reason: str) -> str:
    """What a reason lets one say: only a case of the law says that the law does not want it."""
    if Case.of(reason) is Case.OTHER:
        return "L’acte n’est pas transmis"
    return "L’acte n’y est pas soumis"


def _explained(state: Standing, organisation: Organisation, on: date) -> Iterator[Explained]:
    rule = _ELECTED if state.is_election else _RULES.get(state.force.rule, "")
    if state.ended:  # it applies no more: nothing is to be explained of when it began to
        rule = ""
    # Whose signature it lacks is told above, in the line of what it is worth at once.
    said = state.said if state.binds or state.ended else state.but_signatures
    yield Explained(label="État", text=f"{said} {rule}".strip())
    if state.since_else and not state.force.gone:
        yield Explained(label="Depuis", text=f"{french.capitalise(french.join(state.since_else))}.")
    if state.received_on:
        day = french.long_date(state.received_on)
        noted = f", {NOTED} d’après son cachet" if state.is_receipt_noted else ""
        yield Explained(label="Préfecture", text=f"Reçu le {day}{noted}.")
    if state.notified_on:
        yield Explained(
            label="Notification",
            text=f"À la personne concernée, le {french.long_date(state.notified_on)}.",
        )
    if state.exempt:
        yield Explained(
            label="Transmission",
            text=f"{_kept_back(state.exempt)}{NBSP}: {state.exempt.rstrip('.')}.",
        )
    if state.powerless is not None:
        yield Explained(
            label="Délégation",
            text=f"{state.powerless.message} Un juge peut dire ce que vaut l’acte.",
            article=state.powerless.article,
        )
    court = courts.administrative(organisation.department)
    if state.appeal is not None:
        who = "La personne concernée" if state.is_individual else "Qui y a intérêt"
        others = "; pour toute autre, le délai court du jour où il est rendu public"
        others = f"{NBSP}{others}" if state.is_individual else state.completed
        yield Explained(
            label="Recours",
            text=f"{who} peut en demander l’annulation au {court}, "
            f"{_until(state.appeal.words, state.appeal.on, on)}{others}.",
            article=state.appeal.article,
        )
    elif state.is_election:
        yield Explained(
            label="Recours",
            text=f"Une élection se conteste devant le {court}{state.electoral[0]}, que l’acte soit "
            "en ligne ou non.",
            article=state.electoral[1],
        )
    elif state.is_wish:
        yield Explained(
            label="Recours",
            text="Un vœu ne se conteste pas devant le juge, sauf par le préfet.",
            article=WISH,
        )
    if state.control is not None:
        yield Explained(
            label="Déféré",
            text="Le préfet peut en demander l’annulation au même tribunal s’il y voit une "
            f"illégalité, {_until(state.control.words, state.control.on, on)}.",
            article=state.control.article,
        )


def _until(words: str, last: date, on: date) -> str:
    if on <= last:
        return words
    return f"ce qui n’est en principe plus possible après le {french.long_date(last)}"
