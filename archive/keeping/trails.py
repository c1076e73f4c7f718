"""The trail beside the witness: its head is noted at each anchor, its trimmings as they are made.

Its chain alone could be made again whole, or let go of under a trimming that nobody made.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from archive.keeping.lines import PATIENCE
from members import witness
from members.witness import Witness
from trail import chain
from trail.models import Entry, Trimming

Told = tuple[str, str]  # where, what

HEAD, TRIMMING = "trail.entry", "trail.trimming"  # as the lines of the witness name them
# What the CNIL recommends at least (délibération n° 2021-122 du 14 octobre 2021): whatever
# TRAIL_DAYS became since, nothing younger was ever to be let go of.
LEAST_DAYS = 180


def note_head(*, at: datetime) -> None:
    """Note where the trail stands."""
    chain.extend()
    position, digest = chain.head()
    if position and not Witness.objects.filter(table=HEAD, row=position).exists():
        last = Entry.objects.filter(position=position).values_list("at", flat=True).first()
        where = {"moment": witness.plain(last)} if last else {}
        witness.add(HEAD, position, {"digest": digest}, at=at, where=where)


@transaction.atomic
def trim(*, before: datetime) -> int:
    """Let go of the lines older than this moment, and note it. How many went."""
    made = chain.trim(before=before)
    if made is None:
        return 0
    witness.add(TRIMMING, made.pk, said_of(made), at=timezone.now())
    return made.count


def said_of(made: Trimming) -> dict[str, Any]:
    """What is witnessed of a trimming."""
    names = ("at", "before", "position", "digest", "count")
    return {name: witness.plain(getattr(made, name)) for name in names}


def faults() -> Iterator[Told]:
    """Where the trail is no longer that which was noted, or was let go of before its age."""
    trimmed = 0
    for made in Trimming.objects.order_by("position"):
        for what in _of_trimming(made):
            yield f"purge du journal du {_said(made.at)}, jusqu’au rang {made.position}", what
        trimmed = made.position
    end, _ = chain.head()
    digests = dict(Trimming.objects.values_list("position", "digest"))
    for line in Witness.objects.filter(table=HEAD).order_by("row").iterator(chunk_size=500):
        if line.row > end:
            yield (
                "journal",
                f"il s’arrête au rang {end}, et allait au rang {line.row} le {_said(line.at)}.",
            )
            return
        kept = Entry.objects.filter(position=line.row).values_list("digest", flat=True).first()
        digest = kept or digests.get(line.row)
        if digest is None and line.row > trimmed:
            yield (
                "journal",
                f"sa ligne de rang {line.row}, la dernière le {_said(line.at)}, n’y est plus.",
            )
        elif digest and not line.tells({"digest": digest}):
            yield (
                "journal",
                f"ses lignes d’avant le {_said(line.at)} (rang {line.row}) ont été récrites.",
            )
            return


def _of_trimming(made: Trimming) -> Iterator[str]:
    """What is wrong with a trimming."""
    noted = Witness.objects.filter(table=TRIMMING, row=made.pk).first()
    if noted is None:
        yield "l’application n’a pas fait cette purge."
    elif not noted.tells(said_of(made)):
        yield "elle n’est plus ce qui a été écrit."
    if made.at - made.before < timedelta(days=min(settings.TRAIL_DAYS, LEAST_DAYS)):
        yield f"elle a retiré ce qui n’avait pas l’âge ({(made.at - made.before).days} jours)."
    went = Witness.objects.filter(table=HEAD, row__lte=made.position).order_by("row")
    after = went.exclude(row=made.position).last()  # other lines came later, which went as well
    known = [each.place["moment"] for each in went if "moment" in each.place]
    youngest = max(known, default="")
    if youngest >= witness.plain(made.before) or (after and after.at > made.before + PATIENCE):
        yield "elle a retiré des lignes qui n’avaient pas l’âge : les têtes du journal le disent."


def _said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y à %H:%M}"
