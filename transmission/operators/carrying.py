"""Acts on their way by an operator: each leaves once, is followed, and what comes back is kept.

The hand that carries may be killed anywhere, the network may be cut anywhere. So each step is on
the disk before the next one:

    1  take an errand      a lease, in the name of this hand; committed
    2  say that it begins  `begun_at`; committed before the question that has the act leave
    3  ask                 the operator names what it took; the name is committed at once
    4  settle              what was answered goes into the sending, its papers are kept

A sending that has begun and has no name is looked for by its number before anything else. Found
with its day and its words, it is ours, and is followed; found with others, a person is asked
(`choosing`). What an operator refuses, a person mends: nothing that was refused is sent again by
itself. See docs/decisions/0032-les-operateurs.md.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from law.findings import Refused, refusal
from members import duties, serving
from transmission.actions import keeping, receiving
from transmission.actions import sending as sendings
from transmission.connectors.asking import Declined, Failed, Unanswered
from transmission.connectors.parcels import Connector, Paper, Parcel, Stage, Trace
from transmission.models import Errand, Exchange, Operator, Transmission
from transmission.operators import clients, letters, packing, settling, signing, telling
from transmission.operators.pace import (
    CONVERSATION,
    DELAYS,
    LEASE,
    MINUTE,
    PATIENCE,
    ROUNDS,
    SETTLED,
    STUCK,
    after,
)

log = logging.getLogger(__name__)

IDLE = timedelta(seconds=30)


class Doubt(Exception):
    """Something there has our number, and nobody here knows whether it is ours."""

    def __init__(self, traces: list[Trace]) -> None:
        self.traces = traces
        super().__init__("un acte porte déjà ce numéro chez l’opérateur")


class Carrier:
    """A hand that goes where it is due; used by the server (`DUTY`) and `manage.py carry_acts`."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._name = secrets.token_hex(8)

    def run(self, *, stop: duties.Stop = lambda: False) -> int:
        """Go on every errand that is due, then see what the prefecture wrote; how many errands.
        Nobody goes for a base that another machine serves."""
        if serving.is_held():
            return 0
        gone = 0
        enlist(at=self._clock())
        while not stop() and (errand := self._take()) is not None:
            self._go(errand)
            gone += 1
        carriers = Operator.objects.filter(is_active=True, kind__in=Operator.CARRYING)
        for operator in carriers.select_related("organisation"):
            if not stop() and letters.is_due(operator, at=self._clock()):
                letters.fetch(operator, at=self._clock(), patience=CONVERSATION)
        return gone

    def _take(self) -> Errand | None:
        """One errand that nobody else has, marked as ours before anything is done with it."""
        at = self._clock()
        skips = connection.features.has_select_for_update_skip_locked
        with transaction.atomic():
            errand = (
                Errand.objects.waiting(at)
                .filter(operator__is_active=True)
                .select_for_update(skip_locked=skips, of=("self",))
                .order_by("not_before", "pk")
                .first()
            )
            if errand is None:
                return None
            errand.taken_by, errand.lease_until = self._name, at + LEASE
            errand.rounds += 1
            errand.save(update_fields=["taken_by", "lease_until", "rounds"])
        return errand

    def _go(self, errand: Errand) -> None:
        """One step of an errand, and when to come back."""
        failures, trouble, wants = 0, "", errand.wants
        pause: timedelta | None
        try:
            step = _Step if errand.folder_id is None else signing.Step
            pause, wants = step(errand, self._clock).take()
        except Doubt as doubt:
            found = [asdict(trace) for trace in doubt.traces]
            Errand.objects.filter(pk=errand.pk).update(found=found)
            pause, wants, trouble = SETTLED, Errand.Wants.CHOICE, str(doubt)
        except Failed as failed:
            failures, trouble = errand.failures + 1, str(failed)
            pause = after(DELAYS, failures)
            if isinstance(failed, Unanswered):
                pause = max(pause, SETTLED)
        except Refused as refused:
            failures, trouble = errand.failures + 1, str(refused)
            pause, wants = after(DELAYS, failures + STUCK), Errand.Wants.HELP
        except Exception as error:  # one errand must not stop the others
            log.exception("%s\u00a0: ce sera repris", errand.pk)
            failures, trouble = errand.failures + 1, f"{type(error).__name__} : {error}"
            pause = after(DELAYS, failures)
        if failures >= STUCK:
            wants = Errand.Wants.HELP
        elif not failures and wants == Errand.Wants.HELP:
            wants = Errand.Wants.NOTHING
        with transaction.atomic():
            changed = Errand.objects.filter(pk=errand.pk, taken_by=self._name).update(
                taken_by="",
                lease_until=None,
                not_before=self._clock() + (pause or timedelta()),
                is_done=pause is None,
                failures=failures,
                trouble=trouble[:1000],
                wants=wants,
            )
            if changed and wants:
                errand.refresh_from_db()
                telling.of_errand(errand, at=self._clock())


def enlist(*, at: datetime) -> None:
    """An errand for each sending that is to leave by an operator, and for each that is to be
    cancelled there."""
    new = Transmission.objects.filter(
        connector__in=Operator.CARRYING, errand=None, state=Transmission.State.PREPARED
    )
    for sending in new.select_related("document__meeting__body__organisation"):
        organisation = sending.document.meeting.organisation
        operator = organisation.operators.filter(kind=sending.connector).first()
        if operator is not None and not organisation.is_played:
            Errand.objects.get_or_create(
                transmission=sending, defaults={"operator": operator, "not_before": at}
            )
    Errand.objects.filter(is_done=True, transmission__state=Transmission.State.CANCELLING).update(
        is_done=False, not_before=at, rounds=0
    )


class _Step:
    """What is done of one errand now: `take` answers when to come back (`None`: never by itself)
    and what a person is asked for."""

    def __init__(self, errand: Errand, clock: Callable[[], datetime]) -> None:
        self.errand, self.clock = errand, clock
        self.sending = Transmission.objects.select_related(
            "document__meeting__body__organisation", "sheet"
        ).get(pk=errand.transmission_id)
        self.client: Connector = clients.of(errand.operator, patience=CONVERSATION.total_seconds())

    def take(self) -> tuple[timedelta | None, str]:
        states = Transmission.State
        match self.sending.state:
            case states.PREPARED:
                self._send()
                return MINUTE, Errand.Wants.NOTHING
            case states.SENT:
                return self._follow()
            case states.RECEIVED:
                return self._papers(), Errand.Wants.NOTHING
            case states.CANCELLING:
                return self._cancel()
        return None, Errand.Wants.NOTHING

    # --- It leaves ----------------------------------------------------------------------------

    def _send(self) -> None:
        sending, errand = self.sending, self.errand
        if sending.replaces is not None:
            raise refusal(
                "remplacement",
                f"Aucun opérateur ne sait dire qu’un acte en remplace un autre "
                f"({sending.replaces.identifier}).",
                remedy="Déposez son archive à la main, ou annulez d’abord le premier.",
            )
        parcel = packing.of(sending)
        had_begun = errand.begun_at is not None
        # An operator that would take a number twice is asked first, even of what never began: a
        # base that was restored knows not what it had sent.
        is_asked = had_begun or errand.operator.kind == Operator.Kind.PASTELL
        if is_asked and not sending.remote_id and (ours := self._found(parcel, is_ours=had_begun)):
            self._keep(ours)
        if not self._begins():
            return
        try:
            self.client.send(parcel, begun=sending.remote_id, keep=self._keep)
        except Declined as declined:
            self._told("envoi", f"refusé\u00a0: {declined}")
            # It may refuse the second of two because it has the first.
            if not sending.remote_id and (ours := self._found(parcel, is_ours=had_begun)):
                self._keep(ours)
            else:
                self._refuse(str(declined))
                return
        except Failed as failed:
            self._told("envoi", str(failed))
            raise
        self._told("envoi", f"pris sous le numéro {sending.remote_id}")
        sendings.mark_sent(sending, by=None, at=self.clock(), remote_id=sending.remote_id)

    def _begins(self) -> bool:
        """Say that it may leave from now on: who gives it up no more meanwhile is answered no."""
        with keeping.held(self.sending):
            if self.sending.state != Transmission.State.PREPARED:
                return False
            self.errand.begun_at = self.errand.begun_at or self.clock()
            self.errand.save(update_fields=["begun_at"])
        return True

    def _refuse(self, words: str) -> None:
        with transaction.atomic():
            settling.refuse(self.sending, words, at=self.clock())
            telling.of_refusal(self.sending, at=self.clock())

    def _found(self, parcel: Parcel, *, is_ours: bool) -> str:
        """What the operator calls our act, if it has it under our number; "" if nothing there has.
        Raises `Doubt` for something else, or for what we never began to send."""
        others = Transmission.objects.filter(
            connector=self.sending.connector,
            document__meeting__body__organisation=self.errand.operator.organisation_id,
        ).exclude(pk=self.sending.pk)
        known = set(others.exclude(remote_id="").values_list("remote_id", flat=True))
        traces = [each for each in self.client.find(parcel.number) if each.remote not in known]
        self._told("recherche", ", ".join(each.remote for each in traces) or "rien à ce numéro")
        if not traces:
            return ""
        if len(traces) > 1 or not is_ours or not traces[0].is_of(parcel):
            raise Doubt(traces)
        return traces[0].remote

    def _keep(self, remote: str) -> None:
        """The name of what the operator has, on the disk before anything else is asked."""
        settling.name(self.sending, remote)

    # --- It is followed -----------------------------------------------------------------------

    def _stage(self) -> Stage:
        standing = self.client.standing(self.sending.remote_id)
        told = f"{standing.stage.value} ({standing.code})"
        self._told("état", f"{told} {standing.words}".strip())
        self.errand.said = told[:100]
        self.errand.save(update_fields=["said"])
        if standing.stage is Stage.REFUSED:
            self._refuse(standing.words or told)
        elif standing.stage is Stage.CANCELLED:
            settling.cancelled(self.sending, at=self.clock())
        return standing.stage

    def _follow(self) -> tuple[timedelta | None, str]:
        stage = self._stage()
        if stage in (Stage.REFUSED, Stage.CANCELLED):
            return None, Errand.Wants.NOTHING
        if stage is Stage.RECEIVED:
            self._receipt()
            Errand.objects.filter(pk=self.errand.pk).update(rounds=0)
            return timedelta(), Errand.Wants.NOTHING
        wants = Errand.Wants.CONFIRMATION if stage is Stage.HELD else Errand.Wants.NOTHING
        return after(ROUNDS, self.errand.rounds), wants

    def _receipt(self) -> None:
        content = self.client.paper(self.sending.remote_id, Paper.RECEIPT)
        if content is None:
            raise Unanswered("l’accusé de réception n’est pas encore là")
        name = f"{self.sending.identifier}-1-2.xml"
        receiving.take_message(self.sending, name, content, by=None, at=self.clock())
        self._told("accusé", "reçu")

    def _papers(self) -> timedelta | None:
        """Keep what comes with the receipt; what does not come in a day is not waited for."""
        lacking = list(self._lacking())
        sent = packing.sha256_of_act(self.sending) if lacking else ""
        for paper, kind in lacking:
            content = self.client.paper(self.sending.remote_id, paper, sent)
            self._told(paper.value, "pas encore" if content is None else "reçu")
            if content is not None:
                name = f"{paper.value}-{self.sending.identifier}.pdf"
                receiving.keep_paper(self.sending, kind, name, content, at=self.clock())
        if not list(self._lacking()) or self.errand.rounds >= PATIENCE:
            return None
        return after(ROUNDS, self.errand.rounds)

    def _lacking(self) -> Iterator[tuple[Paper, str]]:
        kept = set(self.sending.exchanges.values_list("kind", flat=True))
        for paper, kind in (
            (Paper.STAMPED, Exchange.Kind.STAMPED),
            (Paper.SLIP, Exchange.Kind.SLIP),
        ):
            if kind not in kept:
                yield paper, kind

    # --- It is taken back ---------------------------------------------------------------------

    def _cancel(self) -> tuple[timedelta | None, str]:
        trouble = ""
        if not self.errand.is_cancelling:
            try:
                self.client.cancel(self.sending.remote_id)
            except Declined as declined:  # « déjà en cours », after an answer that was lost
                trouble = str(declined)
                self._told("annulation", trouble)
            else:
                self._told("annulation", "demandée")
            self.errand.is_cancelling = not trouble
            self.errand.save(update_fields=["is_cancelling"])
        if self._stage() is Stage.CANCELLED:
            return None, Errand.Wants.NOTHING
        if trouble:
            raise Declined(trouble)
        return after(ROUNDS, self.errand.rounds), Errand.Wants.NOTHING

    def _told(self, asked: str, answered: str) -> None:
        self.errand.told(asked, answered, at=self.clock())


# --- Without anybody asking -------------------------------------------------------------------


def next_due(at: datetime) -> datetime | None:
    """When somebody is to go somewhere; `None` when nothing waits."""
    rows = Errand.objects.filter(is_done=False, operator__is_active=True, lease_until=None)
    rows = rows.exclude(wants=Errand.Wants.CHOICE).order_by("not_before")
    return rows.values_list("not_before", flat=True).first()


def _look(until: duties.Stop) -> float:
    Carrier().run(stop=until)
    due = next_due(timezone.now())
    wait = IDLE if due is None else min(IDLE, due - timezone.now())
    return max(wait.total_seconds(), 0.2)


DUTY = duties.Duty(
    "transmissions",
    lambda: nullcontext(_look),
    setting="TRANSMISSION_WORKER",
    idle=IDLE.total_seconds(),
)
