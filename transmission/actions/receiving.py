"""What the prefecture answers: read, judged against what was sent, kept.

Nothing is believed: an answer of another act, of another authority, out of its turn or dated of a
day that cannot be is refused, and nothing of the files that came with it is kept.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from law import findings, french
from law.findings import Finding, Refused, refusal
from meetings import journal
from meetings.attachments import safe_name
from members import files
from members.models import Organisation, User
from transmission import reading
from transmission.actions import keeping
from transmission.ctes import answers, naming
from transmission.ctes.answers import Answer
from transmission.models import Exchange, Transmission

_State = Transmission.State
_Kind = Exchange.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that was read: of which sending, and whether it was new."""

    sending: Transmission
    exchange: Exchange
    is_new: bool


_KINDS = {
    answers.Kind.RECEIPT: _Kind.RECEIPT,
    answers.Kind.ANOMALY: _Kind.ANOMALY,
    answers.Kind.ENVELOPE_ANOMALY: _Kind.ANOMALY,
    answers.Kind.CANCELLED: _Kind.CANCELLED,
    answers.Kind.LETTER: _Kind.LETTER,
    answers.Kind.PIECES: _Kind.PIECES,
    answers.Kind.OBSERVATIONS: _Kind.OBSERVATIONS,
    answers.Kind.DEFERRAL: _Kind.DEFERRAL,
    answers.Kind.PIECES_RECEIPT: _Kind.REPLY_RECEIPT,
    answers.Kind.REPLY_RECEIPT: _Kind.REPLY_RECEIPT,
}


def take(
    organisation: Organisation,
    given: Iterable[tuple[str, bytes]],
    *,
    by: User | None,
    at: datetime,
) -> tuple[Taken, ...]:
    """Read the answers of the prefecture that these files hold, and keep them.

    All of them or none: raises `Refused` for a file that is no answer, for one of another act or
    of another authority, for what cannot be true of the act as it stands.
    """
    taken = []
    with files.all_or_nothing():
        for name, content in given:
            dropped = answers.dropped(content, name=safe_name(name))
            _refuse_addressed(organisation, dropped.to, name)
            read = [
                _take(organisation, each, message, answer, by=by, at=at)
                for each, message, answer in dropped.answers
            ]
            new = [each for each in read if each.is_new]  # what came before brings nothing more
            for each, joined in dropped.joined:
                for one in _those_that_name(each, new):
                    keeping.keep(one.sending, _Kind.JOINED, each, joined, by=by, at=at)
            taken += read
    return tuple(taken)


def take_message(
    sending: Transmission, name: str, content: bytes, *, by: User | None, at: datetime
) -> Taken:
    """Read one answer that an operator gave about this very sending. Raises `Refused` as `take`
    does, and for an answer about another one."""
    organisation = sending.document.meeting.organisation
    answer = answers.read(content, name=name)
    identity = naming.read(sending.identifier)
    if identity is None or not answer.is_of(identity):
        raise _of_another(name, answer)
    with files.all_or_nothing():
        return _take(organisation, name, content, answer, by=by, at=at)


def keep_paper(
    sending: Transmission,
    kind: str,
    name: str,
    content: bytes,
    *,
    by: User | None = None,
    at: datetime,
) -> Exchange:
    """Keep a paper that an operator gives with a sending: the stamped act, its slip."""
    with files.all_or_nothing(), keeping.held(sending):
        return keeping.keep(sending, kind, name, content, by=by, at=at)


def _those_that_name(joined: str, read: list[Taken]) -> list[Taken]:
    """The answers with which this file goes: of the act that its name says, or the only one."""
    if len(read) == 1:
        return read
    identity = str(naming.within(joined))
    return [each for each in read if each.sending.identifier == identity]


def _refuse_addressed(organisation: Organisation, siren: str, name: str) -> None:
    own = reading.sender(organisation).siren
    if siren and siren != own:
        raise refusal(
            "autre_organisation",
            f"{safe_name(name)}\u00a0: cette réponse est adressée au SIREN {siren}, non à cette "
            f"organisation ({own}).",
            remedy="Rendez-la à qui elle appartient\u00a0; rien n’en est gardé ici.",
            field="files",
        )


def _of_another(name: str, answer: Answer) -> Refused:
    told = answer.identity or next(iter(answer.acts), None)
    about = f"l’acte {told}" if told else "un acte qu’elle ne nomme pas"
    return refusal(
        "autre_acte",
        f"{safe_name(name)}\u00a0: cette réponse parle de {about}, que cette organisation n’a pas "
        "envoyé d’ici.",
        remedy="Vérifiez que c’est la bonne organisation, et que l’acte est parti d’ici.",
        field="files",
    )


def _take(
    organisation: Organisation,
    name: str,
    content: bytes,
    answer: Answer,
    *,
    by: User | None,
    at: datetime,
) -> Taken:
    asked = [each for each in (answer.identity, *answer.acts) if each is not None]
    sending = reading.by_identity(organisation, asked)
    if sending is None:
        raise _of_another(name, answer)
    with keeping.held(sending):
        digest = hashlib.sha256(content).hexdigest()
        # What answered an earlier try, under the same identifier, does not answer this one.
        known = Exchange.objects.filter(transmission__identifier=sending.identifier)
        if same := known.filter(sha256=digest).first():
            return Taken(sending=same.transmission, exchange=same, is_new=False)
        kind = _KINDS[answer.kind]
        if told := _already(sending, kind, answer):
            return Taken(sending=sending, exchange=told, is_new=False)
        findings.refuse(_impossible(sending, answer, on=timezone.localdate(at)))
        changed = _changes(sending, kind, answer, at=at)
        kept = keeping.keep(
            sending,
            kind,
            name,
            content,
            dated_on=answer.on,
            words=answer.words[:2000],
            by=by,
            at=at,
        )
        if changed:
            sending.settle(**changed)
            if kind == _Kind.RECEIPT:
                _takes_its_place(sending, at=at)
        keeping.told(f"{kept.get_kind_display()}, {sending.identifier}", sending, by=by)
    return Taken(sending=sending, exchange=kept, is_new=True)


def _takes_its_place(sending: Transmission, *, at: datetime) -> None:
    """What a received sending replaces is there no more."""
    if sending.replaces and sending.replaces.is_received:
        sending.replaces.settle(state=_State.REPLACED, settled_at=at)


def note_receipt(
    sendings: Sequence[Transmission], *, on: date, by: User | None, at: datetime
) -> int:
    """Note the day on which the prefecture had these sendings, read on the paper that it stamped;
    how many. It binds as an acknowledgment does, and is told as the word of `by`. Refused of a day
    to come, and before the act or its sending: then nothing is noted."""
    if not sendings:
        raise refusal(
            "rien_de_parti",
            "Aucun envoi n’attend de reçu.",
            remedy="Notez d’abord le jour où il a été déposé.",
            field="on",
        )
    if on > timezone.localdate(at):
        raise refusal("jour_a_venir", "Ce jour n’est pas encore venu.", field="on")
    noted = 0
    with transaction.atomic():
        for each in sendings:
            with keeping.held(each):
                if each.state != _State.SENT:
                    continue  # answered meanwhile
                findings.refuse(_too_early(each, on))
                told = {"state": _State.RECEIVED, "received_on": on, "noted_by": by, "detail": ""}
                each.settle(**told, settled_at=at)
                _takes_its_place(each, at=at)
                said = f"reçu du {french.long_date(on)}, noté à la main, {each.identifier}"
                keeping.told(said, each, by=by)
                noted += 1
    return noted


def _too_early(sending: Transmission, on: date) -> Iterable[Finding]:
    decided_on = sending.document.meeting.held_on
    left_on = timezone.localdate(sending.sent_at)
    if on < decided_on:
        yield Finding(
            code="avant_l_acte",
            message=f"L’acte {sending.number} est du {french.long_date(decided_on)}\u00a0: la "
            "préfecture ne l’a pas reçu avant.",
            remedy="Relisez le cachet.",
            field="on",
        )
    elif on < left_on:
        yield Finding(
            code="avant_d_etre_parti",
            message=f"L’acte {sending.number} n’est parti que le {french.long_date(left_on)}.",
            remedy="Relisez le cachet, ou le jour du dépôt.",
            field="on",
        )


def take_back(sending: Transmission, *, by: User | None, at: datetime) -> None:
    """Take back a receipt that was noted by hand: the sending waits again for the prefecture.
    Raises `Refused` for one that the prefecture said itself, or once the act goes anew."""
    with keeping.held(sending):
        if not sending.is_noted:
            raise refusal(
                "recu_non_note",
                "Ce reçu n’est pas de ceux qui se notent à la main\u00a0: il reste.",
            )
        if sending.sheet.transmissions.filter(state__in=Transmission.UNDER_WAY).exists():
            raise refusal(
                "remplacement_en_cours",
                "Un autre envoi de cet acte est en cours\u00a0: il s’appuie sur ce reçu.",
                remedy="Abandonnez-le d’abord, s’il n’est pas parti.",
            )
        read_on = sending.received_on
        sending.settle(state=_State.SENT, received_on=None, noted_by=None, settled_at=at)
        if sending.replaces and sending.replaces.state == _State.REPLACED:
            sending.replaces.settle(state=_State.RECEIVED, settled_at=at)
        day = f" du {french.long_date(read_on)}" if read_on else ""
        said = f"reçu{day} noté à la main, repris"
        keeping.told(f"{said}, {sending.identifier}", sending, by=by)
        act = sending.sheet.deliberation
        journal.note(act.meeting, "receipt-taken-back", f"{act.label}\u00a0: {said}", by=by)


def _already(sending: Transmission, kind: Exchange.Kind, answer: Answer) -> Exchange | None:
    """The exchange that says the same already: an operator may write it again otherwise."""
    said = sending.exchanges.filter(kind=kind, dated_on=answer.on, words=answer.words[:2000])
    return said.first() if kind in (_Kind.RECEIPT, _Kind.CANCELLED) else None


def _changes(
    sending: Transmission, kind: Exchange.Kind, answer: Answer, *, at: datetime
) -> dict[str, Any]:
    """What of a sending this answer changes."""
    left: dict[str, Any] = {} if sending.sent_at else {"sent_at": at}
    match kind:
        case _Kind.RECEIPT:
            told = {"state": _State.RECEIVED, "received_on": answer.on, "detail": ""}
            return left | told | {"noted_by": None, "settled_at": at}
        case _Kind.ANOMALY:
            detail = (answer.words or f"anomalie {answer.code}")[:1000]
            told = {"state": _State.REFUSED, "received_on": None, "detail": detail}
            return left | told | {"noted_by": None, "settled_at": at}
        case _Kind.CANCELLED:
            return {"state": _State.CANCELLED, "settled_at": at}
        case _:
            return {}


# What each answer may follow.
_AFTER = {
    _Kind.RECEIPT: Transmission.UNDER_WAY,
    _Kind.ANOMALY: Transmission.UNDER_WAY,
    _Kind.CANCELLED: Transmission.THERE,
    _Kind.REPLY_RECEIPT: (*Transmission.THERE, _State.REPLACED, _State.CANCELLED),
}
_BEFORE = "avant que l’envoi soit préparé"
_LETTERS_AFTER = (*Transmission.THERE, _State.REPLACED, _State.CANCELLED)


def _made_on(sending: Transmission) -> date:
    """The day that this act was first made ready to leave: nothing answers it before."""
    tries = Transmission.objects.filter(identifier=sending.identifier)
    return timezone.localdate(tries.earliest("prepared_at").prepared_at)


def _impossible(sending: Transmission, answer: Answer, *, on: date) -> Iterable[Finding]:
    """Why this answer cannot be true of this sending as it stands."""
    kind = _KINDS[answer.kind]
    identity = naming.read(sending.identifier)
    made_on = _made_on(sending)
    about = f"{sending.identifier}\u00a0: "
    # What was noted by hand, a file of the prefecture confirms or belies.
    waits_still = sending.is_noted and kind in (_Kind.RECEIPT, _Kind.ANOMALY)
    if not waits_still and sending.state not in _AFTER.get(kind, _LETTERS_AFTER):
        waits = sending.state in Transmission.UNDER_WAY
        yield Finding(
            code="hors_de_son_tour",
            message=f"{about}{kind.label}, alors que cet envoi est dit "
            f"«\u00a0{sending.get_state_display()}\u00a0».",
            remedy="Déposez d’abord l’accusé de réception de l’acte."
            if waits
            else "Vérifiez chez l’opérateur ce qu’il en est\u00a0; rien n’est changé ici.",
            field="files",
        )
    if answer.on is not None and not made_on <= answer.on <= on:
        yield Finding(
            code="date_impossible",
            message=f"{about}cette réponse est datée du {french.long_date(answer.on)}, "
            f"{_BEFORE if answer.on < made_on else 'qui n’est pas venu'}.",
            remedy="Demandez à l’opérateur le fichier d’origine.",
            field="files",
        )
    read = answer.received
    if (
        kind == _Kind.RECEIPT
        and read is not None
        and identity is not None
        and (read.number, read.decided_on, read.nature and read.nature.letters)
        != (identity.number, identity.decided_on, identity.letters)
    ):
        yield Finding(
            code="accuse_d_un_autre",
            message=f"{about}cet accusé dit avoir reçu l’acte «\u00a0{read.number}\u00a0», qui "
            "n’est pas celui-ci.",
            remedy="Demandez à l’opérateur le fichier d’origine.",
            field="files",
        )
    if kind == _Kind.REPLY_RECEIPT and not sending.exchanges.filter(
        kind__in=(_Kind.REPLY, _Kind.REFUSAL)
    ):
        yield Finding(
            code="accuse_sans_reponse",
            message=f"{about}la préfecture accuse une réponse qui n’est pas partie d’ici.",
            remedy="Elle a peut-être été faite chez l’opérateur\u00a0: rien n’est changé ici.",
            field="files",
        )
