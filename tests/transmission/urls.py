"""Who may open what in `transmission`: the lines of `tests/test_access.py` for this room."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from documents.models import IssuedDocument
from registry.models import Folder
from registry.signatures import actions as signatures
from registry.signatures import elsewhere
from tests import held
from tests.cast import Cast
from tests.meetings.files import pdf
from tests.registry.urls import minutes
from tests.test_access import ADMINISTRATION, CLERKS, SECRETARIAT, Line
from tests.transmission import made
from transmission.actions import receiving, sending
from transmission.models import Exchange, Operator, Transmission
from transmission.operators import carrying, signing


def a_sitting(cast: Cast) -> dict:
    return {"pk": made.sitting(cast).pk}


def an_act(cast: Cast) -> dict:
    return {"pk": made.sitting(cast).deliberations.get().pk}


def a_confirmed_act(cast: Cast) -> dict:
    deliberation = made.sitting(cast).deliberations.get()
    made.confirm(deliberation, cast)
    return {"pk": deliberation.pk}


def _sent(cast: Cast) -> Transmission:
    (sent,) = made.prepared(cast, made.sitting(cast))
    return sent


def a_prepared_sitting(cast: Cast) -> dict:
    return {"pk": _sent(cast).document.meeting_id}


def a_sending(cast: Cast) -> dict:
    return {"pk": _sent(cast).pk}


def a_received_sending(cast: Cast) -> dict:
    sent = _sent(cast)
    given = [("ar.xml", made.answer(sent))]
    receiving.take(cast.organisation, given, by=cast.secretariat, at=made.LATER)
    return {"pk": sent.pk}


def a_sent_sitting(cast: Cast) -> dict:
    sent = _sent(cast)
    sending.mark_sent(sent, by=cast.secretariat, at=made.AT)
    return {"pk": sent.document.meeting_id}


def a_noted_sending(cast: Cast) -> dict:
    sent = Transmission.objects.get(document__meeting=a_sent_sitting(cast)["pk"])
    receiving.note_receipt([sent], on=made.RECEIVED, by=cast.secretariat, at=made.LATER)
    return {"pk": sent.pk}


def an_exchange(cast: Cast) -> dict:
    return {"pk": _sent(cast).exchanges.get().pk}


def a_letter(cast: Cast) -> dict:
    sent = Transmission.objects.get(**a_received_sending(cast))
    letter = made.answer(sent, "LettreObservations", on=made.LATER.date())
    receiving.take(cast.organisation, [("l.xml", letter)], by=cast.secretariat, at=made.LATER)
    return {"pk": sent.exchanges.get(kind=Exchange.Kind.OBSERVATIONS).pk}


def unsigned(cast: Cast) -> dict:
    return {"unsigned": "1"}


def a_day(cast: Cast) -> dict:
    return {"on": timezone.localdate()}


def a_reply(cast: Cast) -> dict:
    return {"files": SimpleUploadedFile("r.pdf", pdf())}


def of_s2low(cast: Cast) -> dict:
    return {"kind": "s2low"}


def an_operator(cast: Cast) -> dict:
    Operator.objects.get_or_create(
        organisation=cast.organisation, kind="s2low", address="https://127.0.0.1:9"
    )
    return of_s2low(cast)


def a_carried_sending(cast: Cast) -> dict:
    an_operator(cast)
    sent = _sent(cast)
    carrying.enlist(at=made.AT)
    return {"pk": sent.pk}


def a_parapheur(cast: Cast) -> None:
    Operator.objects.get_or_create(
        organisation=cast.organisation, kind="iparapheur", address="https://127.0.0.1:9"
    )


def minutes_to_sign(cast: Cast) -> dict:
    a_parapheur(cast)
    return minutes(cast)


def acts_to_sign(cast: Cast) -> dict:
    a_parapheur(cast)
    return a_sitting(cast)


def a_folder(cast: Cast) -> dict:
    document = IssuedDocument.objects.get(**minutes_to_sign(cast))
    held.give_accounts(cast)
    signatures.prepare_signing(document, by=cast.secretariat, at=made.AT)
    return {"pk": signing.send(document, by=cast.secretariat, at=made.AT).pk}


def what_came_back(cast: Cast) -> dict:
    folder = Folder.objects.get(**a_folder(cast))
    folder.settle(state=Folder.State.AWAY)
    elsewhere.bring_back(folder, b"%PDF-1.7", at=made.AT)
    return {"pk": folder.pk}


OF_SECRETARIAT = {"of_an_object": True, "allowed": (SECRETARIAT,)}
POSTED = {"method": "post", "success": (302,)}
NOTHING = {"method": "post", "success": (422,)}
TABLE: list[Line] = [
    Line(name="transmission:sitting", kwargs=a_sitting, **OF_SECRETARIAT),
    Line(name="transmission:sheets", kwargs=a_sitting, **OF_SECRETARIAT),
    Line(name="transmission:sheets", kwargs=a_sitting, **NOTHING, **OF_SECRETARIAT),
    Line(name="transmission:prepare", kwargs=a_sitting, data=unsigned, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:packs", kwargs=a_prepared_sitting, **OF_SECRETARIAT),
    Line(
        name="transmission:deposited",
        kwargs=a_prepared_sitting,
        data=a_day,
        **POSTED,
        **OF_SECRETARIAT,
    ),
    Line(name="transmission:deposited", kwargs=a_prepared_sitting, **NOTHING, **OF_SECRETARIAT),
    Line(name="transmission:answers", kwargs=a_sitting, **NOTHING, **OF_SECRETARIAT),
    Line(name="transmission:noted", kwargs=a_sent_sitting, data=a_day, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:noted", kwargs=a_sitting, data=a_day, **NOTHING, **OF_SECRETARIAT),
    Line(name="transmission:take_back", kwargs=a_noted_sending, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:act", kwargs=an_act, **OF_SECRETARIAT),
    Line(name="transmission:sheet", kwargs=an_act, **OF_SECRETARIAT),
    Line(name="transmission:sheet", kwargs=an_act, **NOTHING, **OF_SECRETARIAT),
    Line(
        name="transmission:prepare_act",
        kwargs=a_confirmed_act,
        data=unsigned,
        **POSTED,
        **OF_SECRETARIAT,
    ),
    Line(name="transmission:abandon", kwargs=a_sending, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:cancel", kwargs=a_received_sending, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:exchange", kwargs=an_exchange, **OF_SECRETARIAT),
    Line(name="transmission:reply", kwargs=a_letter, data=a_reply, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:decide", kwargs=a_carried_sending, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:send_to_sign", kwargs=minutes_to_sign, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:send_all_to_sign", kwargs=acts_to_sign, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:folder", kwargs=a_folder, **OF_SECRETARIAT),
    Line(name="transmission:withdraw_folder", kwargs=a_folder, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:ask_folder", kwargs=a_folder, **POSTED, **OF_SECRETARIAT),
    Line(name="transmission:returned", kwargs=what_came_back, **OF_SECRETARIAT),
    Line(name="transmission:operators", allowed=(ADMINISTRATION,)),
    Line(name="transmission:operator", kwargs=of_s2low, allowed=(ADMINISTRATION,)),
    Line(name="transmission:operator", kwargs=of_s2low, allowed=(ADMINISTRATION,), **NOTHING),
    Line(
        name="transmission:try_operator",
        kwargs=an_operator,
        allowed=(ADMINISTRATION,),
        **POSTED,
    ),
    Line(name="transmission:prefecture", allowed=CLERKS),
    Line(name="transmission:prefecture", allowed=CLERKS, **NOTHING),
    Line(name="transmission:identity", allowed=(ADMINISTRATION,)),
    Line(name="transmission:identity", allowed=(ADMINISTRATION,), **NOTHING),
]
