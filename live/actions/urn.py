"""The urn of a secret poll on tablets, opened: by each paper that falls, and at the end."""

from collections.abc import Mapping

from django.views.decorators.debug import sensitive_variables

from law.ballots import Choice
from law.findings import refusal
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
