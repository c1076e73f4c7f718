"""Telling member communities how they were represented: each receives what is of its own seats.

What is mailed is kept with the mail (`Notice`), as everything that leaves: its words, when the
server took it, what it answered.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from convening import notices, sending
from convening.models import Notice
from law import findings, french
from law.assembly import Capacity
from law.attendance import Group, Line, Mark
from meetings import reading, year
from members.models import Body, Community, User
from trail.models import Act
from trail.recording import note

_REASON = "presences-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one community would receive, and where."""

    community: Community
    addresses: tuple[str, ...]
    subject: str
    body: str


def letters(found: year.Account) -> tuple[Letter, ...]:
    """One for each community that has seats in this account, in the order of the roll."""
    known = {each.name: each for each in found.body.organisation.communities.order_by("pk")}
    return tuple(
        Letter(
            community=known[group.name],
            addresses=_addresses(known[group.name]),
            subject=french.nbsp(f"{found.body} : présences de {_span(found)}"),
            body=french.nbsp("\n\n".join(_paragraphs(found, group))),
        )
        for group in found.year.groups
        if group.due and group.name in known
    )


def _addresses(community: Community) -> tuple[str, ...]:
    """That of the community itself; those of its councillors until it has one."""
    given = community.contact or community.copies_to
    return tuple(dict.fromkeys(given.split()))


def unknown(found: year.Account) -> tuple[str, ...]:
    """Those that have seats in this account and no sheet of their own: nothing is sent to them."""
    known = set(found.body.organisation.communities.values_list("name", flat=True))
    return tuple(g.name for g in found.year.groups if g.due and g.name and g.name not in known)


def fingerprint(drafts: Collection[Letter]) -> str:
    """What tells these letters from others: they are sent as they were read."""
    told = "\0".join("\0".join((each.body, *each.addresses)) for each in drafts)
    return hashlib.sha256(told.encode()).hexdigest()


def sent(body: Body) -> QuerySet[Notice]:
    """The mails of this kind that the body ever had, the latest first."""
    rows = Notice.objects.filter(once__startswith=f"{_REASON}{body.pk}-")
    return rows.select_related("written_by").order_by("-pk")


@transaction.atomic
def send(
    found: year.Account,
    *,
    to: Collection[int],
    read: str,
    by: User,
    at: datetime,
    site: str = "",
) -> int:
    """Mail these communities (primary keys) what is of their own, and say how many addresses it
    goes to. The same words never go twice to the same address.

    Raises `Refused` when nobody is chosen, and when ledgers changed since it was `read`.
    """
    drafts = letters(found)
    if fingerprint(drafts) != read:
        raise findings.refusal(
            "presences_changees",
            "Les présences ou les adresses ont changé depuis que vous avez lu ces courriels.",
            remedy="Relisez-les, puis envoyez.",
        )
    chosen = [each for each in drafts if each.community.pk in to and each.addresses]
    if not chosen:
        raise findings.refusal(
            "sans_destinataire",
            "Aucune collectivité n’est choisie.",
            remedy="Cochez celles qui doivent recevoir leurs présences.",
        )
    last, before = found.columns[-1].meeting, sent(found.body).count()
    for letter in chosen:
        for email in letter.addresses:
            told = hashlib.sha256(f"{email}\0{letter.body}".encode()).hexdigest()[:40]
            notices.queue(
                last,
                to=letter.community,
                email=email,
                reason=f"{_REASON}{found.body.pk}-{letter.community.pk}-{told}",
                subject=letter.subject,
                body=letter.body,
                by=by,
                at=at,
                site=site,
            )
    names = french.join([each.community.name for each in chosen])
    note(
        Act.SENT,
        f"présences de {_span(found)}, {found.body}\u00a0: {names}"[:500],
        by=by,
        organisation=found.body.organisation,
    )
    transaction.on_commit(sending.wake)
    return sent(found.body).count() - before


# --- In words ---------------------------------------------------------------------------------


def _span(found: year.Account) -> str:
    """ "l’année 2026", "la période du 4 mai au 3 juin 2026"."""
    span = french.period(found.begins, found.ends)
    return f"l’{span}" if span.startswith("année") else f"la période {span}"


def _paragraphs(found: year.Account, group: Group) -> Iterator[str]:
    words, short = reading.words_of(found.body), len(found.without_quorum)
    held = french.count(len(found.columns), "séance")
    yield "Madame, Monsieur,"
    yield (
        f"Voici comment votre collectivité, {group.name}, a été représentée "
        f"{french.contract('à', words.designation)} {french.contract('de', words.organisation)} "
        f"pendant {_span(found)} : {held}{f', dont {short} sans quorum' if short else ''}."
    )
    yield (
        f"Sièges tenus\u00a0: {year.Share(group.seat_held, group.due, in_percent=True)}. Un siège "
        "est tenu quand son titulaire vient ou qu’un suppléant y siège\u00a0; un pouvoir vote, et "
        "ne le tient pas."
    )
    yield "\n".join(f"– {_told_of(line)}" for line in group.titulars if line.due)
    if subs := [_told_of_substitute(line) for line in group.lines if _has_sat(line)]:
        yield "\n".join(f"– {each}" for each in subs)
    yield "Ces chiffres sont calculés d’après le registre des séances."
    yield f"Le secrétariat\n{found.body.organisation}"


_NOUNS = {
    Mark.PRESENT: "présence",
    Mark.REPLACED: "suppléance",
    Mark.REPRESENTED: "pouvoir",
    Mark.EXCUSED: "excuse",
    Mark.ABSENT: "absence",
}


def _told_of(line: Line) -> str:
    counts = [french.count(line.counts[mark], noun) for mark, noun in _NOUNS.items()]
    there = [each for each, mark in zip(counts, _NOUNS, strict=True) if line.counts[mark]]
    told = f"{line.member.titled} : {french.count(line.due, 'séance')}, {french.join(there)}"
    part, whole = line.attended
    return f"{told} ; {part} points suivis sur {whole} pendant ses présences" if whole else told


def _has_sat(line: Line) -> bool:
    return line.member.capacity is Capacity.SUBSTITUTE and bool(line.came)


def _told_of_substitute(line: Line) -> str:
    quality = line.member.agreed("suppléant")
    return f"{line.member.titled}, {quality} : a siégé {line.came} fois"
