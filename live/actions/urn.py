"""The urn of a secret poll on tablets, opened: by each paper that falls, and at the end."""

from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from law.ballots import Choice
from law.findings import Refused, refusal
from live import urns
from live.models import Poll


def papers(poll: Poll, typed: Mapping[Choice, int]) -> dict[Choice, int]:
    """The papers of the urn, or the total typed by hand when the urn is empty."""
    if typed and poll.used:
        raise refusal(
            "urne_entamee",
            "Des bulletins sont déjà dans l’urne : le résultat ne se saisit pas à la main.",
            field="counts",
            remedy="Abandonnez ce scrutin : l’urne est détruite sans être lue ; puis tenez-le sur "
            "papier.",
        )
    if typed:
        return dict(typed)
    if not poll.used:
        raise refusal(
            "urne_vide",
            "Aucun bulletin n’est dans l’urne.",
            remedy="Attendez les votes, saisissez le résultat d’un vote sur papier, ou abandonnez "
            "ce scrutin.",
        )
    found = unsealed(poll)
    return {choice: number for choice, number in found.items() if number}


def make_ready() -> None:
    """Refuse to open a secret poll on tablets where its keys could not be kept for us alone."""
    try:
        urns.place()
    except urns.NoPlace as error:
        raise _no_place() from error
    sweep()


def _no_place() -> Refused:
    if not settings.IS_URN_DIR_SHARED:
        return refusal(
            "urne_sans_place",
            "Plusieurs machines servent cette application, et la clé de l’urne n’en joindrait "
            "qu’une\u00a0: aucun bulletin n’est reçu.",
            remedy="Votez sur papier\u00a0; l’exploitant leur donnera un dossier commun (URN_DIR).",
        )
    return refusal(
        "urne_sans_place",
        "Le serveur ne peut pas garder à l’abri la clé de l’urne : aucun bulletin n’est reçu.",
        remedy="Votez sur papier ; l’exploitant vérifiera le dossier URN_DIR (droits, place).",
    )


@sensitive_variables("counts")
def seal(poll: Poll, counts: Mapping[Choice, int]) -> None:
    """Seal the urn anew; the seal before opens no more once this one is committed."""
    before = poll.urn
    try:
        poll.urn = urns.seal(poll.pk, counts)
    except urns.NoPlace as error:
        raise _no_place() from error
    poll.save(update_fields=["urn"])
    transaction.on_commit(partial(urns.forget, poll.pk, before), robust=True)


def sweep() -> None:
    """Once this is committed, no seal of a poll that ended opens any more, wherever it was copied:
    those of this one, and of one that a server died closing."""

    def destroy() -> None:
        kept = urns.polls()  # before asking who is open: a poll is there before its first key
        for poll in kept - set(
            Poll.objects.filter(pk__in=kept, ended_at=None).values_list("pk", flat=True)
        ):
            urns.destroy(poll)

    transaction.on_commit(destroy, robust=True)


@sensitive_variables("counts")
def unsealed(poll: Poll) -> dict[Choice, int]:
    """The counters of the urn, provided that they are as many as the rights that were used: an
    older seal of the same urn, put back, would be whole and lack papers."""
    counts: dict[Choice, int] | None = dict.fromkeys(urns.PAPERS, 0)
    try:
        counts = urns.unseal(poll.pk, poll.urn) if poll.urn else counts
    except urns.BrokenSeal:
        counts = None
    if counts is None or sum(counts.values()) != sum(poll.voters[s].weight for s in poll.used):
        raise refusal(
            "urne_illisible",
            "L’urne a été altérée : elle ne reçoit plus de bulletin et ne peut pas être lue.",
            remedy="Abandonnez ce scrutin et tenez-le de nouveau.",
        )
    return counts
