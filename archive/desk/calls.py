"""Whoever is to sign is told by mail: once of each paper, then each week of what still waits.

The hand that sends mails asks (`look`). What is told is what the first page of the person says
(`mine`); her mail and the mark that it was made are one transaction, so that a server killed
between two mails sends nobody the same one twice. Its link leads to the page where one signs in:
nothing in a mail signs.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from archive.desk import mine
from archive.models import SigningCall
from convening import mails, notices
from law import french
from law.french import NBSP
from members import links
from members.models import Body, Mandate, Organisation, Person
from registry.signatures import reading as signatures
from registry.signatures.reading import ToSign

STOP = "archive:stop_calls"  # what the link of a mail opens
EVERY = timedelta(days=7)
TOGETHER = timedelta(minutes=15)  # what is prepared in one go makes one mail
PAUSE = timedelta(minutes=10)  # between two looks, whoever looks
_LOOKED = "archive.calls"


def look(at: datetime) -> None:
    """Queue what is due, unless somebody looked a moment ago."""
    if cache.add(_LOOKED, 1, timeout=PAUSE.total_seconds()):
        run_due(at)


def run_due(at: datetime) -> int:
    """Queue the mails to whoever has a paper to sign that she was not told of, or was told of a
    week ago; how many that made."""
    return sum(_call(person, papers, at=at) for person, papers in _waiting(at).items())


def _waiting(at: datetime) -> Mapping[Person, Sequence[ToSign]]:
    """What waits, by person: those who hold an account and are still in office, who can sign."""
    bodies = Body.objects.filter(organisation__in=Organisation.objects.real())
    found: dict[Person, list[ToSign]] = defaultdict(list)
    for each in signatures.awaited_in(bodies):
        prepared_at = min(step.signed_at for step in each.document.signatures.all())
        if prepared_at <= at - TOGETHER:
            found[each.person].append(each)
    running = Mandate.objects.in_office(timezone.localdate(at)).filter(
        person__in=found, person__user__is_active=True
    )
    able = set(running.values_list("person", flat=True))
    return {person: papers for person, papers in found.items() if person.pk in able}


@transaction.atomic
def _call(person: Person, papers: Sequence[ToSign], *, at: datetime) -> bool:
    seed = links.new()
    call, _ = SigningCall.objects.select_for_update(of=("self",)).get_or_create(
        person=person,
        defaults={"seed": seed, "token_hash": links.hash_of(links.drawn(STOP, seed))},
    )
    awaited = [each.document.pk for each in papers]
    is_new = not set(awaited) <= set(call.told)
    is_reminder = call.stopped_at is None and (
        call.mailed_at is not None and at - call.mailed_at >= EVERY
    )
    if not (is_new or is_reminder):
        return False
    call.rank, call.told, call.mailed_at = call.rank + 1, awaited, at
    call.save(update_fields=["rank", "told", "mailed_at"])
    meeting = papers[0].document.meeting
    count = french.count(len(papers), "document attend", "documents attendent")
    notices.queue(
        meeting,
        to=person,
        email=person.user.email if person.user else "",
        reason=f"a-signer-{person.pk}-{call.rank}",
        subject=f"{'' if is_new else f'Rappel{NBSP}: '}{count} votre signature",
        body=_body(person, papers, count, site=mails.site_of(meeting)),
        by=None,
        at=at,
        page=STOP,
        seed=call.seed,
    )
    return True


def _body(person: Person, papers: Sequence[ToSign], count: str, *, site: str) -> str:
    lines = []
    for task in mine.signing(papers):
        due = f", au plus tard le {french.long_date(task.due_on)}" if task.due_on else ""
        lines.append(f"{notices.of_sitting(task.meeting)}{NBSP}: {task.what}{due}")
    return "\n\n".join(
        (
            "Madame," if person.civility == Person.Civility.MRS else "Monsieur,",
            f"{count} votre signature.",
            "\n".join(lines),
            "Connectez-vous pour lire et signer\u00a0:\n" + site + reverse("registry:to_sign"),
            "Un rappel part chaque semaine tant qu’il en reste. Pour ne plus en recevoir\u00a0:\n"
            + notices.LINK,
            f"Le secrétariat\n{person.organisation}",
        )
    )


def find(raw: str) -> SigningCall | None:
    """Whose reminders this link stops."""
    return links.find(SigningCall.objects.select_related("person__organisation"), raw)


@transaction.atomic
def stop(call: SigningCall, *, at: datetime) -> None:
    """Send no reminder any more; a new paper is still told, once."""
    call = SigningCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if call.stopped_at is None:
        call.stopped_at = at
        call.save(update_fields=["stopped_at"])


@transaction.atomic
def resume(call: SigningCall) -> None:
    """Send the reminders again."""
    call = SigningCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    call.stopped_at = None
    call.save(update_fields=["stopped_at"])
