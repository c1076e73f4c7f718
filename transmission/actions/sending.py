"""What leaves for the prefecture: an act, the withdrawal of one, an answer to a letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from documents.models import IssuedDocument
from law import findings, french
from law.acts import Nature
from law.findings import Finding, Refused, refusal
from meetings import attachments
from meetings.actions import ledger
from meetings.models import Meeting
from members import files
from members.models import Organisation, User
from registry.models import Deliberation
from registry.signatures import reading as signatures
from transmission import reading
from transmission.actions import keeping
from transmission.ctes import envelope, naming
from transmission.ctes.messages import Act, File
from transmission.models import Classification, Exchange, Transmission

BY_HAND = "depot"
_State = Transmission.State
_Kind = Exchange.Kind


def prepare(
    deliberation: Deliberation, *, by: User | None, at: datetime, connector: str = ""
) -> Transmission:
    """Make the sending of an act, its archive kept: what leaves is what was prepared, by the
    operator in service unless another way is said, or by hand.

    An act that the prefecture has already, in an earlier version, is sent as what replaces it.
    Raises `Refused` for an act that may not go; then nothing was written.
    """
    meeting = deliberation.meeting
    organisation = meeting.organisation
    with files.all_or_nothing():
        # The rank of an envelope is given once: two sittings on two screens wait for each other.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        ledger.lock(meeting)
        row = _row(deliberation)
        on = timezone.localdate(at)
        findings.refuse(
            [
                *_of_the_played(organisation),
                *reading.unknown_to_the_prefecture(organisation),
                *reading.objections(row, on=on),
            ]
        )
        document = _issued(row.document)
        current = Classification.objects.filter(organisation=organisation).latest("dated_on", "pk")
        before = row.there
        act = Act(
            sender=reading.sender(organisation, by),
            number=reading.free_number(deliberation),
            nature=Nature(row.sheet.nature),
            matter=row.sheet.matter,
            object=row.sheet.object,
            decided_on=meeting.held_on,
            classified_on=current.dated_on,
            document=File(
                name=f"{deliberation.safe_label}.pdf",
                content=signatures.sound_file(document)[0],
                typology=row.sheet.typology,
            ),
            annexes=tuple(
                File(
                    name=each.attachment.filename,
                    content=files.content(each.attachment.file, each.attachment.sha256),
                    typology=each.typology,
                )
                for each in row.joined
            ),
            replaces=before.identifier if before else "",
        )
        sending = Transmission(
            sheet=row.sheet,
            document=document,
            number=act.number,
            identifier=act.identifier,
            connector=connector or _way(organisation, before),
            replaces=before,
            prepared_by=by,
            prepared_at=at,
        )
        sending.save()
        rank = reading.rank_of_the_day(organisation, on)
        name, content = envelope.of_act(act, on=on, rank=rank)
        keeping.keep(sending, _Kind.PACK, name, content, is_outgoing=True, by=by, at=at)
        keeping.told(f"préparation de l’envoi {sending.identifier}", sending, by=by)
    return sending


def _way(organisation: Organisation, before: Transmission | None) -> str:
    """No operator knows how to say that an act takes the place of another."""
    operator = reading.operator_of(organisation)
    return operator.kind if operator and before is None else BY_HAND


def prepare_sitting(
    meeting: Meeting, *, by: User | None, at: datetime, connector: str = ""
) -> "Batch":
    """Make the sending of each act of a sitting that may go, one by one: what is prepared stays,
    should the next be refused or the server stop. Done again, it goes on."""
    done: list[Transmission] = []
    refused: list[Finding] = []
    for row in reading.rows(meeting):
        if not reading.is_to_send(row, on=timezone.localdate(at)):
            continue
        try:
            done.append(prepare(row.deliberation, by=by, at=at, connector=connector))
        except Refused as why:
            refused += why.findings
    return Batch(done=tuple(done), refused=tuple(dict.fromkeys(refused)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What of many was done, and what was not."""

    done: tuple[Transmission, ...]
    refused: tuple[Finding, ...]


def _of_the_played(organisation: Organisation) -> Iterable[Finding]:
    if organisation.is_played:
        yield Finding(
            code="repetition",
            message="Cette assemblée est fictive\u00a0: rien ne s’en transmet.",
            remedy="Transmettez les actes d’une vraie séance.",
        )


def _row(deliberation: Deliberation) -> reading.Row:
    row = reading.row_of(deliberation)
    if row is None:
        raise refusal(
            "ne_tient_plus",
            "Ce n’est plus un acte\u00a0: son vote a été corrigé, ou le point reporté.",
            remedy="S’il est chez la préfecture, demandez l’annulation de sa transmission.",
        )
    return row


def _issued(document: IssuedDocument | None) -> IssuedDocument:
    if document is None:
        raise refusal("extrait_a_etablir", "Son extrait n’est pas établi.")
    return document


def mark_sent(sending: Transmission, *, by: User | None, at: datetime, remote_id: str = "") -> None:
    """Note that a prepared sending left: deposited by hand, or taken by an operator under this
    number. Told again, it says the same."""
    with keeping.held(sending):
        if sending.state == _State.PREPARED:
            sending.settle(state=_State.SENT, sent_at=at, remote_id=remote_id or sending.remote_id)
            keeping.told(f"envoi de {sending.identifier}", sending, by=by)


def deposit(sendings: Sequence[Transmission], *, on: date, by: User | None, at: datetime) -> int:
    """Note that these prepared sendings were handed to the operator on a day; how many. That day is
    the word of `by`. Refused of one to come, and before one of them was prepared: then nothing is
    noted."""
    today = timezone.localdate(at)
    if on > today:
        raise refusal("jour_a_venir", "Ce jour n’est pas encore venu.", field="on")
    last = max((timezone.localdate(each.prepared_at) for each in sendings), default=on)
    if on < last:
        raise refusal(
            "avant_d_etre_prepare",
            f"Un de ces envois n’a été préparé que le {french.long_date(last)}.",
            remedy="Dites ce jour-là, ou un jour d’après.",
            field="on",
        )
    noon = timezone.make_aware(datetime.combine(on, time(12)))
    with transaction.atomic():
        for each in sendings:
            mark_sent(each, by=by, at=at if on == today else max(noon, each.prepared_at))
    return len(sendings)


def abandon(sending: Transmission, *, by: User | None, at: datetime) -> None:
    """Give up a sending that did not leave. Raises `Refused` for one that did."""
    with keeping.held(sending):
        if sending.state == _State.ABANDONED:
            return
        if sending.state != _State.PREPARED:
            raise refusal(
                "deja_parti",
                "Cet envoi est parti\u00a0: il ne s’abandonne plus.",
                remedy="Attendez l’accusé de la préfecture, puis demandez l’annulation.",
            )
        if sending.may_have_left:
            raise refusal(
                "peut_etre_parti",
                "Cet envoi est peut-être parti\u00a0: l’opérateur a été prié de le prendre.",
                remedy="Attendez qu’il le dise\u00a0; l’envoi se suit à la page des transmissions.",
            )
        sending.settle(state=_State.ABANDONED, settled_at=at)
        keeping.told(f"abandon de l’envoi {sending.identifier}", sending, by=by)


def cancel(sending: Transmission, *, by: User | None, at: datetime) -> Exchange:
    """Ask the prefecture to forget a sending that it has; returns what goes. Asked again, it is
    the same. Raises `Refused` for one that it does not have."""
    organisation = sending.document.meeting.organisation
    with files.all_or_nothing():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        with keeping.held(sending):
            if sending.state == _State.CANCELLING:
                return sending.exchanges.filter(kind=_Kind.CANCELLATION).latest("pk")
            if sending.state != _State.RECEIVED:
                raise refusal(
                    "pas_recue",
                    "La préfecture n’a pas cet acte\u00a0: il n’y a rien à annuler.",
                    remedy="Déposez d’abord son accusé de réception, s’il est venu.",
                )
            on = timezone.localdate(at)
            name, content = envelope.of_cancellation(
                reading.sender(organisation, by),
                sending.identifier,
                on=on,
                rank=reading.rank_of_the_day(organisation, on),
            )
            sending.settle(state=_State.CANCELLING)
            asked = keeping.keep(
                sending, _Kind.CANCELLATION, name, content, is_outgoing=True, by=by, at=at
            )
            keeping.told(f"demande d’annulation de {sending.identifier}", sending, by=by)
    return asked


# What answers which letter: the refusal, then the answer.
_REPLIES = {
    _Kind.LETTER: (naming.LETTER_REPLY, naming.LETTER_REPLY),
    _Kind.PIECES: (naming.PIECES_REFUSED, naming.PIECES),
    _Kind.OBSERVATIONS: (naming.OBSERVATIONS_REFUSED, naming.OBSERVATIONS_REPLY),
}


def reply(
    letter: Exchange,
    contents: Sequence[tuple[str, bytes]],
    *,
    is_refusal: bool = False,
    by: User | None,
    at: datetime,
) -> Exchange:
    """Make the answer to a letter of the prefecture, with these files; returns what goes. Raises
    `Refused` for a referral, which is answered before the court."""
    sending = letter.transmission
    organisation = sending.document.meeting.organisation
    if letter.kind not in _REPLIES or letter.dated_on is None:
        raise refusal(
            "sans_reponse",
            "Un déféré ne se répond pas par @CTES\u00a0: l’affaire est devant le tribunal.",
            remedy="Produisez vos observations devant le tribunal administratif.",
        )
    if not contents or (len(contents) > 1 and letter.kind != _Kind.PIECES):
        raise refusal(
            "un_fichier",
            "Une réponse est un fichier, et un seul\u00a0; seules des pièces demandées sont "
            "plusieurs.",
            remedy="Réunissez-les en un PDF.",
            field="files",
        )
    for name, content in contents:
        checked = attachments.check(ContentFile(content), name)
        if checked.media_type != attachments.KINDS[attachments.PDF][0]:
            raise refusal(
                "pas_un_pdf",
                f"{checked.filename}\u00a0: une réponse à la préfecture est un PDF.",
                remedy="Enregistrez-la en PDF.",
                field="files",
            )
    transaction_ = _REPLIES[_Kind(letter.kind)][not is_refusal]
    with files.all_or_nothing():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        with keeping.held(sending):
            on = timezone.localdate(at)
            name, content = envelope.of_reply(
                reading.sender(organisation, by),
                sending.identifier,
                transaction_,
                letter_on=letter.dated_on,
                files=[
                    File(name="reponse.pdf", content=each, typology=sending.sheet.typology)
                    for _, each in contents
                ],
                on=on,
                rank=reading.rank_of_the_day(organisation, on),
            )
            kind = _Kind.REFUSAL if is_refusal else _Kind.REPLY
            made = keeping.keep(sending, kind, name, content, is_outgoing=True, by=by, at=at)
            keeping.told(f"{made.get_kind_display()}, {sending.identifier}", sending, by=by)
    return made
