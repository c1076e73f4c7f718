"""The signer is told of a signature that is handed in, or recognised, in her name; and of the place
that the ledger takes from her.

Whoever forges one may hold two accounts; he does not hold the mail of the person whose name he
takes. It goes to her address and to that of her account: one may have been changed for this.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import deciding
from convening import notices, outbox, sending
from convening.models import Notice
from documents.models import IssuedDocument
from law import french
from law.sitting import Sitting
from meetings.models import Meeting
from members import telling
from members.models import Organisation, Person, Role, User
from registry.models import Decline, Deposit
from registry.signatures import reading
from trail.models import Act
from trail.recording import note


def tell(deposit: Deposit, *, label: str, by: User, at: datetime, site: str) -> tuple[str, ...]:
    """Queue the mails about this deposit as it is now, handed in or recognised; the addresses at
    which the signer is told, none when nobody knows one."""
    person, meeting = deposit.person, deposit.document.meeting
    if person is None:
        return ()
    addresses = telling.addresses_of(person)
    step = "reconnue" if deposit.is_accepted else "deposee"
    body = _body(deposit, person, label, site=settings.SITE_URL or site)
    done = "reconnue" if deposit.is_accepted else "déposée"
    for rank, address in enumerate(addresses):
        to = copy(person)
        to.email = address
        notices.queue(
            meeting,
            to=to,
            reason=f"signature-{deposit.pk}-{step}-{rank}",
            subject=f"Une signature a été {done} en votre nom",
            body=body,
            by=by,
            at=at,
            site=site,
        )
    transaction.on_commit(sending.wake)
    return addresses


def tell_declined(decline: Decline, *, by: User, at: datetime, site: str) -> None:
    """Queue the mail by which the secretariat learns who does not sign, and why."""
    document, meeting = decline.document, decline.document.meeting
    notices.tell_secretariat(
        meeting,
        reason=f"ne-signe-pas-{decline.pk}",
        subject=f"{decline.person} ne signe pas\u00a0: {document}",
        body=f"{decline.person} ne signe pas «\u00a0{document}\u00a0», "
        f"{notices.of_sitting(meeting)}. Ce qui ne va pas\u00a0:\n{decline.reason}\n\n"
        "Établissez une version corrigée, ou redemandez-lui sa signature\u00a0:\n"
        f"{_page_of(document, site)}",
        by=by,
        at=at,
        site=site,
    )
    transaction.on_commit(sending.wake)


def ask_to_hand(document: IssuedDocument, *, by: User, at: datetime, site: str) -> None:
    """Queue the mail by which who is to sign a paper asks the secretariat to hand it to her; once
    of each version."""
    notices.tell_secretariat(
        document.meeting,
        reason=f"{_TO_HAND}-{document.pk}",
        subject=f"À faire signer\u00a0: {document}",
        body=f"{by.get_full_name() or by} attend de signer «\u00a0{document}\u00a0», "
        f"{notices.of_sitting(document.meeting)}, qui n’est pas encore remis à signer.\n\n"
        f"Faites-le signer\u00a0:\n{_page_of(document, site)}",
        by=by,
        at=at,
        site=site,
    )
    transaction.on_commit(sending.wake)


_TO_HAND = "a-remettre"


def asked_to_hand(document: IssuedDocument) -> Notice | None:
    """The mail by which somebody asked for it, `None` of what nobody did."""
    found = document.meeting.notices.filter(once__startswith=f"{_TO_HAND}-{document.pk}-")
    return found.select_related("written_by").first()


def tell_asked_again(decline: Decline, *, by: User, at: datetime, site: str) -> None:
    """Queue the mail by which she is asked again for what she did not sign."""
    document, meeting, person = decline.document, decline.document.meeting, decline.person
    notices.queue(
        meeting,
        to=person,
        email=_address_of(person),
        reason=f"redemande-{decline.pk}",
        subject=f"Votre signature est redemandée\u00a0: {document}",
        body=f"{person.greeting}\n\nVous n’avez pas signé «\u00a0{document}\u00a0», "
        f"{notices.of_sitting(meeting)}\u00a0: {decline.reason}\n\n"
        "Le secrétariat vous redemande de le lire. Connectez-vous pour le signer, ou dire de "
        f"nouveau ce qui ne va pas\u00a0:\n{_page_of(document, site)}\n\n"
        f"Le secrétariat\n{meeting.organisation}",
        by=by,
        at=at,
        site=site,
    )
    transaction.on_commit(sending.wake)


def _address_of(person: Person) -> str:
    """That of her account, by which she signs, before her own."""
    return (person.user.email if person.user else "") or person.email


def reaches(person: Person) -> bool:
    """Whether a mail that asks her again leaves: none where she has no address, or mails stay."""
    return bool(_address_of(person)) and not outbox.is_kept()


def told_of(decline: Decline) -> bool:
    """Whether a mail about this refusal left, or will, to anybody of the secretariat."""
    queued = Notice.objects.filter(once__startswith=f"ne-signe-pas-{decline.pk}-")
    return queued.exists() and not outbox.is_kept()


def _page_of(document: IssuedDocument, site: str) -> str:
    path = reverse("registry:signatures", args=[document.pk])
    return f"{(settings.SITE_URL or site).rstrip('/')}{path}"


def told(addresses: Sequence[str]) -> str:
    """Whether the signer was told, in words for the trail: what stays here tells nobody."""
    if not addresses:
        return "signataire non prévenu, faute d’adresse"
    if outbox.is_kept():
        return "signataire non prévenu, le message reste ici"
    return f"signataire prévenu à {', '.join(addresses)}"


def tell_unseated(
    sender: type, meeting: Meeting, before: Sitting, by: User | None, **kwargs: object
) -> None:
    """To whom the ledger takes, after a paper was issued, the place at which it waited for her:
    nobody signs it as it is, and somebody else would sign its next version."""
    was, now = reading.signers(meeting, before), reading.signers(meeting)
    lost: dict[Person, list[IssuedDocument]] = {}
    for document in meeting.documents.current().prefetch_related("signatures"):
        since = {each.place: each.person for each in now.of(document)}
        for place in reading.missing(document, was):
            if place.person is not None and since.get(place.name) != place.person:
                lost.setdefault(place.person, []).append(document)
    at = timezone.now()
    for person, documents in lost.items():
        titles = french.join([f"«\u00a0{document}\u00a0»" for document in documents])
        addresses = telling.addresses_of(person)
        for rank, address in enumerate(addresses):
            to = copy(person)
            to.email = address
            notices.queue(
                meeting,
                to=to,
                reason=f"place-{meeting.pk}-{len(meeting.ledger)}-{person.pk}-{rank}",
                subject="Vous ne signez plus un document de cette séance",
                body=_unseated(meeting, person, titles, by=by),
                by=by,
                at=at,
            )
        note(
            Act.SIGNATURE,
            f"place de signature perdue par le registre\u00a0: {person} ({told(addresses)}), "
            f"{titles}, {meeting}",
            by=by,
            organisation=meeting.organisation,
        )
    if lost:
        transaction.on_commit(sending.wake)


def _unseated(meeting: Meeting, person: Person, titles: str, *, by: User | None) -> str:
    hand = f"{_named(by)} a" if by is not None else "Quelqu’un a"
    return "\n\n".join(
        (
            person.greeting,
            f"{hand} noté au registre de la séance, {notices.of_sitting(meeting)}, que d’autres "
            "que vous en signent les papiers. Votre signature était attendue "
            f"sous\u00a0: {titles}. Nul ne les signe tels quels\u00a0: ils nomment encore leurs "
            "premiers signataires.",
            "Vous présidiez cette séance, ou en teniez le secrétariat\u00a0? Dites-le sans "
            "attendre au secrétariat\u00a0: le registre garde cette ligne, qui s’annule.",
            str(meeting.organisation),
        )
    )


def _body(deposit: Deposit, person: Person, label: str, *, site: str) -> str:
    document, meeting = deposit.document, deposit.document.meeting
    path = reverse("registry:deposit", args=[document.pk, deposit.pk])
    is_hand = deposit.is_by_hand
    what = (
        "une feuille signée à la main"
        if is_hand
        else "un fichier signé avec un certificat que rien ne vous rattache"
    )
    day = french.long_date(timezone.localdate(deposit.deposited_at))
    said = [
        f"Le {day}, {_named(deposit.deposited_by)} a déposé {what}, qui vaudrait votre signature "
        f"({label}) sous ce document : {document}, {notices.of_sitting(meeting)}."
    ]
    if deposit.is_accepted and deposit.settled_by and deposit.settled_at:
        day = french.long_date(timezone.localdate(deposit.settled_at))
        said.append(
            f"Le {day}, {_named(deposit.settled_by)} a confirmé cette signature : elle compte "
            "désormais."
        )
    else:
        said.append("Elle ne compte pas encore : une seconde personne doit la confirmer.")
    others = _others(meeting.organisation, deposit)
    whom = french.join(others) or "la personne qui préside l’organisation"
    if deposit.is_accepted:
        contest = (
            "Vous n’avez pas signé cela ? Dites-le sans attendre, par écrit, à qui n’a ni déposé "
            f"ni confirmé cette signature : {whom}. Le journal garde qui l’a fait ; une "
            "version nouvelle du document écartera celle-ci."
        )
    else:
        contest = (
            "Vous n’avez pas signé cela ? Écartez ce dépôt vous-même sur la page ci-dessous, avec "
            f"votre compte ; sans compte, dites-le sans attendre, par écrit, à {whom}."
        )
    return "\n\n".join(
        (
            person.greeting,
            *said,
            f"{contest}\n{site.rstrip('/')}{path}",
            str(meeting.organisation),
        )
    )


def _others(organisation: Organisation, deposit: Deposit) -> list[str]:
    """Those to whom a doubt is told: who reads the trail or administers, and is apart from who
    handed it in and from who recognised it."""
    hands = [each for each in (deposit.deposited_by, deposit.settled_by) if each is not None]
    kinds = (Role.Kind.AUDIT, Role.Kind.ADMINISTRATION)
    roles = Role.objects.filter(organisation=organisation, kind__in=kinds, user__is_active=True)
    accounts = dict.fromkeys(
        role.user for role in sorted(roles.select_related("user"), key=_audit_first)
    )
    return [
        _named(user) for user in accounts if all(deciding.stand_apart(user, hand) for hand in hands)
    ]


def _audit_first(role: Role) -> bool:
    return role.kind != Role.Kind.AUDIT


def _named(user: User) -> str:
    name = user.get_full_name()
    return f"{name} ({user.email})" if name else user.email
