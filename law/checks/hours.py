"""How a sitting begins, stops, goes on and ends."""

from law import french, quorum, sitting
from law.checks.people import CHAIR, CLERKS, may_chair
from law.checks.reader import Reader, judges
from law.sitting import State


@judges(sitting.Opened)
def opening(reader: Reader, event: sitting.Opened, state: State) -> None:
    """A sitting opens once, under somebody who may chair it (art. L2121-14)."""
    if reader.was_opened:
        reader.note(
            "deja_ouverte",
            "La séance est déjà ouverte.",
            remedy="Annulez la première ouverture avant d’en enregistrer une autre.",
        )
    reader.was_opened = True
    if event.chair and reader.is_member(event.chair, "chair"):
        may_chair(reader, event.chair, "chair")


@judges(sitting.Closed)
def closing(reader: Reader, event: sitting.Closed, state: State) -> None:
    """It closes once, after it opened and went on; what was left without a decision is told."""
    if reader.is_closed:
        reader.note(
            "deja_levee",
            "La séance est déjà levée.",
            remedy="Annulez la première levée avant d’en enregistrer une autre.",
        )
        return
    reader.is_closed = True
    now = quorum.of(state, reader.regime, second_call=reader.docket.dispenses(state.item))
    if event.for_want_of_quorum and now.reached and reader.was_opened:
        reader.note(
            "quorum_atteint",
            f"Le quorum est atteint : la séance n’est pas levée faute de quorum. {now}.",
            field="for_want_of_quorum",
            article=now.article,
            remedy="Notez d’abord qui est parti, ou levez la séance sans ce motif.",
            severity=reader.soft,
        )
    if not reader.was_opened:
        reader.note(
            "seance_non_ouverte",
            "La séance n’a pas été ouverte : elle ne peut pas être levée.",
            remedy="Enregistrez d’abord l’ouverture, son heure et qui préside.",
        )
    if state.suspended:
        reader.note(
            "seance_suspendue",
            "La séance est suspendue : elle ne peut pas être levée.",
            remedy="Enregistrez d’abord la reprise.",
        )
    _who_is_left(reader, state)
    if event.at and reader.opened_at and sitting.is_before(event.at, reader.opened_at):
        reader.note(
            "levee_avant_ouverture",
            f"La levée à {french.clock(event.at)} précéderait l’ouverture à "
            f"{french.clock(reader.opened_at)}.",
            field="at",
        )
    open_items = [
        f"« {reader.titles[key]} »" if key in reader.titles else key
        for key in reader.agenda
        if key not in reader.settled
    ]
    if open_items and not event.for_want_of_quorum:
        verb = "reste" if len(open_items) == 1 else "restent"
        reader.warn(
            "points_sans_suite",
            f"{french.count(len(open_items), 'point')} {verb} sans vote ni suite notée : "
            f"{', '.join(open_items)}.",
            remedy="Une information peut rester sans suite ; notez les points retirés ou reportés.",
        )


def _who_is_left(reader: Reader, state: State) -> None:
    """Somebody presides a sitting until it closes and somebody keeps its minutes, which both sign
    (art. L2121-14, L2121-15)."""
    if not state.room:
        return  # of a paper that names nobody
    chair, clerks = state.presiding, state.clerks
    if chair and (chair not in state.room or chair in state.vacant):
        reader.warn(
            "levee_sans_president",
            f"{reader.name(chair)}, qui préside, n’est pas là quand la séance est levée.",
            article=CHAIR,
            remedy="Notez qui a pris la présidence.",
        )
    if clerks and not state.room.intersection(clerks):
        names = french.join(reader.name(key) for key in clerks)
        reader.warn(
            "levee_sans_secretaire",
            f"{names}, secrétaire de séance, n’est pas là quand la séance est levée."
            if len(clerks) == 1
            else f"{names}, secrétaires de séance, ne sont pas là quand la séance est levée.",
            article=CLERKS,
            remedy="Notez qui a été nommé à la suite : l’un et l’autre signent le procès-verbal.",
        )


@judges(sitting.Suspended)
def suspension(reader: Reader, event: sitting.Suspended, state: State) -> None:
    """A sitting is suspended once (art. L2121-16)."""
    if state.suspended:
        reader.note("deja_suspendue", "La séance est déjà suspendue.")
    reader.suspended_at = event.at


@judges(sitting.Resumed)
def resumption(reader: Reader, event: sitting.Resumed, state: State) -> None:
    """It goes on after it stopped."""
    if not state.suspended:
        reader.note("pas_suspendue", "La séance n’est pas suspendue à ce moment.")
    elif event.at and reader.suspended_at and sitting.is_before(event.at, reader.suspended_at):
        reader.note(
            "heure_incoherente",
            f"La reprise à {french.clock(event.at)} précéderait la suspension à "
            f"{french.clock(reader.suspended_at)}.",
            field="at",
        )
    now = quorum.of(state, reader.regime, second_call=reader.docket.dispenses(state.item))
    if not now.reached:
        reader.warn(
            "quorum_reprise",
            f"Le quorum n’est pas atteint à la reprise. {now}.",
            article=now.article,
            remedy="Rien ne se vote tant qu’il ne l’est pas.",
        )
