"""Somebody says whether he comes; whoever is concerned is told by mail.

An answer is a new row each time; the last one of a person counts. What is lawful is asked of
`law.proxies`, never decided here.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from convening import answers, doubts, notices, words
from convening.actions import inviting
from convening.answers import Answers
from convening.doubts import Doubt
from convening.models import Answer, Invitation, Notice
from law import assembly, findings, french, proxies, sitting
from law.addresses import lowered
from law.findings import Finding
from law.regime import article_of
from meetings import journal
from meetings.actions import ledger
from meetings.models import Meeting
from members import files
from members.models import Mandate, User
from trail.models import Act
from trail.recording import note

CHANGES_A_DAY = 20

# --- The answer -------------------------------------------------------------------------------


@files.all_or_nothing()
def answer(
    meeting: Meeting,
    *,
    mandate: Mandate,
    word: str,
    via: str,
    at: datetime,
    substitute: Mandate | None = None,
    holder: Mandate | None = None,
    proxy_form: File | None = None,
    by: User | None = None,
    invitation: Invitation | None = None,
) -> Answer:
    """Write down what somebody says of his coming, and tell whom it concerns.

    `invitation` is the link by which it came: should its address have been changed by another, the
    answer says so, the trail too, and the address of before is told. Saying the same again changes
    nothing and mails nobody; said by a way that leaves no doubt, it confirms. Raises `Refused`
    when the sitting has begun or when the law does not allow what is asked.
    """
    ledger.lock(meeting)
    meeting.refresh_from_db(fields=["stage", "held_on", "starts_at"])
    answers.refuse_if_over(meeting, at)
    before = answers.standing(meeting)
    key = before.key_of(mandate)
    findings.refuse(
        _objections(before, key, word=word, substitute=substitute, holder=holder, at=at)
    )
    doubt = doubts.of(invitation, at=at) if invitation is not None else None
    known = before.said.get(key)
    is_said = known is not None and _says(known, word, substitute, holder)
    if known is not None and is_said and proxy_form is None and (doubt or not known.doubt):
        return known
    if via != Answer.Via.SECRETARIAT:
        # Apart, or whoever answers in her name would use up the changes of the day, and hers.
        alike = [each for each in before.of(key) if bool(each.doubt) == bool(doubt)]
        _refuse_a_flood(alike, at)
    told = Answer(
        meeting=meeting,
        mandate=before.people[key],
        word=word,
        substitute=substitute,
        holder=holder,
        via=via,
        noted_by=by if via == Answer.Via.SECRETARIAT else None,
        answered_at=at,
        doubt=doubt.words if doubt else "",
        proxy_form=known.proxy_form.name if known is not None and is_said else "",
        proxy_sha256=known.proxy_sha256 if known is not None and is_said else "",
    )
    if proxy_form is not None:
        told.proxy_sha256 = files.hash_of(proxy_form)
        told.proxy_form.save(_stored_name(proxy_form), proxy_form, save=False)
    told.save()
    _forget_reminders(meeting, mandate)
    ledger.touch(meeting)
    after = answers.standing(meeting)
    _tell(before, after, told, at=at)
    if doubt is not None and invitation is not None:
        _warn(after, told, invitation, doubt, at=at)
    return told


def _warn(
    after: Answers, told: Answer, invitation: Invitation, doubt: Doubt, *, at: datetime
) -> None:
    """Tell the trail, and the address of before, that somebody answered from another."""
    meeting, person = after.meeting, told.mandate.person
    said = words.of_him(after.lines[after.key_of(told.mandate)])
    where = (
        f"par un lien envoyé à {invitation.email}" if invitation.email else "par un lien sur papier"
    )
    line = f"réponse au nom {french.elide('de', str(person))} ({said}), {where} ; {doubt.words}"
    sitting_ = notices.of_sitting(meeting)
    note(Act.SEATS, f"{line} : {sitting_}", organisation=meeting.organisation)
    if doubt.before and lowered(doubt.before) != invitation.email:
        notices.queue(
            meeting,
            to=person,
            email=doubt.before,
            reason=f"adresse-{told.pk}",
            subject=f"{sitting_} : une réponse est donnée en votre nom",
            body=f"Il vient d’être répondu en votre nom : {said}. Cette réponse vient d’un lien "
            f"qui n’est pas parti à cette adresse : {doubt.words}.\n\n"
            "Si elle n’est pas de vous, appelez le secrétariat avant la séance.",
            by=None,
            at=at,
        )


def _forget_reminders(meeting: Meeting, mandate: Mandate) -> None:
    """A reminder that waits in the queue is taken out: the answer it asks for has come."""
    Notice.objects.filter(
        meeting=meeting,
        mandate__person=mandate.person_id,
        once__startswith=notices.REMINDER,
        state=Notice.State.QUEUED,
    ).delete()


def _refuse_a_flood(told: list[Answer], at: datetime) -> None:
    if sum(1 for answer in told if at - answer.answered_at < timedelta(days=1)) >= CHANGES_A_DAY:
        raise findings.refusal(
            "changements_trop_nombreux",
            f"Cette réponse a déjà changé {CHANGES_A_DAY} fois en un jour.",
            remedy="Appelez le secrétariat.",
        )


def _stored_name(file: File) -> str:
    """A name that says nothing of its sender, with the ending its content deserved."""
    return f"{secrets.token_hex(16)}{Path(file.name or '').suffix}"


def _says(known: Answer, word: str, substitute: Mandate | None, holder: Mandate | None) -> bool:
    return (known.word, known.substitute_id, known.holder_id) == (
        word,
        substitute.pk if substitute else None,
        holder.pk if holder else None,
    )


# --- What the law says of it ------------------------------------------------------------------


def _objections(
    answers: Answers,
    key: str,
    *,
    word: str,
    substitute: Mandate | None,
    holder: Mandate | None,
    at: datetime,
) -> Iterator[Finding]:
    meeting, regime = answers.meeting, answers.meeting.regime
    if not key:
        yield Finding(
            code="hors_composition",
            message="Cette personne ne siège pas dans l’instance au jour de la séance.",
        )
        return
    if word not in Answer.Word.values:
        yield Finding(code="reponse_inconnue", message="Cette réponse n’existe pas.", field="word")
    if word == Answer.Word.REMOTE and not meeting.may_be_remote:
        yield Finding(
            code="distance_exclue",
            message="Cette séance se tient en un seul lieu."
            if regime.remote_allowed
            else "Les règles de cette instance n’admettent pas la présence à distance.",
            article=article_of(regime, "remote_allowed"),
            field="word",
        )
    if substitute is None and holder is None:
        return
    if word != Answer.Word.EXCUSED:
        yield Finding(
            code="present_et_remplace",
            message="Qui vient ne se fait ni remplacer ni représenter.",
            field="word",
        )
    elif substitute is not None and holder is not None:
        yield Finding(
            code="suppleant_et_pouvoir",
            message="Choisissez un suppléant ou un pouvoir, non les deux.",
            field="holder",
        )
    elif answers.composition[key].capacity is not assembly.Capacity.TITULAR:
        yield Finding(
            code="non_titulaire",
            message="Seul un titulaire se fait remplacer ou donne pouvoir.",
            article=article_of(regime, "proxies_allowed"),
            field="substitute" if substitute else "holder",
        )
    elif substitute is not None:
        yield from _objections_to_substitute(answers, key, substitute)
    elif holder is not None:
        if regime.proxy_deadline_hours and at > timezone.make_aware(
            meeting.scheduled_for - timedelta(hours=regime.proxy_deadline_hours)
        ):
            hours = french.count(regime.proxy_deadline_hours, "heure")
            yield Finding(
                code="pouvoir_tardif",
                message=f"Les pouvoirs se déposent {hours} avant la séance au plus tard.",
                article="règlement intérieur",
                field="holder",
            )
        yield from _objections_to_holder(answers, key, holder)


def _objections_to_substitute(answers: Answers, key: str, substitute: Mandate) -> Iterator[Finding]:
    chosen = answers.key_of(substitute)
    if chosen in {p.by for p in answers.options(key) if p.is_substitution}:
        return
    other = answers.asked.get(chosen) or answers.seats.get(chosen)
    if chosen in answers.prevented:
        why = f"{substitute.person} a dit ne pas venir."
    elif other and other != key:
        why = (
            f"{substitute.person} siège déjà à la place "
            f"{french.contract('de', answers.composition[other].name)}."
        )
    else:
        why = f"{substitute.person} ne peut pas siéger à cette place."
    yield Finding(
        code="suppleant_impossible",
        message=why,
        article=article_of(answers.meeting.regime, "substitutes"),
        remedy="Choisissez une autre personne.",
        field="substitute",
    )


def _objections_to_holder(answers: Answers, key: str, holder: Mandate) -> Iterator[Finding]:
    chosen = answers.key_of(holder)
    options = answers.options(key)
    if chosen in {p.by for p in options if not p.is_substitution}:
        return
    regime = answers.meeting.regime
    wanted = sitting.ProxyGiven(giver=key, holder=chosen)
    found = proxies.objections(
        [*(proxy for proxy in answers.given if proxy.giver != key), wanted],
        answers.composition,
        regime,
        prevented=answers.prevented | {key},
        seats={**answers.asked, **answers.seats},
    )
    why = [finding for finding in found if finding.field == key]
    if why:
        yield Finding(
            code=why[0].code,
            message=why[0].message,
            article=why[0].article,
            remedy="Choisissez un autre collègue.",
            field="holder",
        )
    elif any(option.is_substitution for option in options):
        yield Finding(
            code="suppleant_disponible",
            message="Un suppléant peut siéger à votre place : il passe avant un pouvoir.",
            article=article_of(regime, "substitute_first"),
            remedy="Choisissez le suppléant.",
            field="holder",
        )
    else:
        yield Finding(
            code="porteur_impossible",
            message=f"{holder.person} ne peut pas porter ce pouvoir.",
            article=article_of(regime, "proxies_allowed"),
            remedy="Choisissez un autre collègue.",
            field="holder",
        )


# --- What the secretariat does for him --------------------------------------------------------


@transaction.atomic
def suggest(meeting: Meeting, *, absent: str, chosen: str, by: User, at: datetime) -> None:
    """Write to somebody who does not come who could sit for him or carry his proxy; once.

    He decides: a proxy is the free choice of its giver. Raises `Refused` when that is no longer
    lawful, or when he has no address.
    """
    ledger.lock(meeting)
    answers.refuse_if_over(meeting, at)
    said = answers.standing(meeting)
    proposal = next(
        (
            option
            for option in (said.options(absent) if absent in said.composition else ())
            if option.by == chosen
        ),
        None,
    )
    if proposal is None:
        raise findings.refusal(
            "proposition_depassee",
            "Cette proposition ne tient plus : quelqu’un a répondu entre-temps.",
        )
    member, other = said.composition[absent], said.composition[chosen]
    if not said.people[absent].person.email:
        raise findings.refusal(
            "sans_adresse",
            f"{notices.named(member)} n’a pas d’adresse électronique.",
            remedy="Appelez-le, puis notez sa réponse.",
        )
    name = notices.named(other)
    text = f"Vous avez dit ne pas venir. {name} peut porter votre pouvoir et voter en votre nom."
    if proposal.is_substitution:
        text = f"Vous avez dit ne pas venir. {name} peut siéger à votre place."
    notices.write(
        meeting,
        to=said.people[absent],
        reason=notices.proposing(meeting, member, other),
        about="qui peut tenir votre place",
        text=f"{text} Si cela vous convient, dites-le par votre lien personnel.",
        by=by,
        at=at,
    )


@transaction.atomic
def renew_link(meeting: Meeting, *, mandate: Mandate, by: User, at: datetime) -> bool:
    """Make the personal link again: the one before opens nothing any more.

    The new one leaves by mail; `False` when there is no address to send it to.
    """
    ledger.lock(meeting)
    answers.refuse_if_over(meeting, at)
    invitation, _ = inviting.make_invitation(meeting, mandate, at=at)
    words = f"Lien personnel renouvelé\u00a0: {mandate.person}"
    journal.note(meeting, "link-renewed", words, by=by)
    if not mandate.person.email:
        return False
    notices.write(
        meeting,
        to=mandate,
        reason=f"lien-{invitation.pk}",
        about="votre nouveau lien personnel",
        text="Voici un nouveau lien pour répondre. Celui que vous aviez n’ouvre plus rien.",
        by=by,
        at=at,
    )
    return True


# --- Whom it concerns -------------------------------------------------------------------------


def _tell(before: Answers, after: Answers, told: Answer, *, at: datetime) -> None:
    """Mail whoever is concerned by what changed, each for one reason at most."""
    meeting, key = after.meeting, after.key_of(told.mandate)
    who = notices.named(after.composition[key])

    def write(to: str, reason: str, about: str, text: str) -> None:
        if to and to != key:
            notices.write(
                meeting,
                to=after.people[to],
                reason=f"{reason}-{told.pk}-{after.composition[to].mandate}",
                about=about,
                text=text,
                at=at,
            )

    had, has = before.stand_in_of(key), after.stand_in_of(key)
    if had and had != has:
        again = "vient finalement" if key in after.coming else "s’est organisé autrement"
        if after.composition[key].civility == "Mme":
            again = again.replace("organisé", "organisée")
        write(
            had,
            "remplacement-retire",
            f"vous ne remplacez plus {who}",
            f"{who} {again} : vous n’avez plus à siéger à sa place.",
        )
    if has and has != had:
        write(
            has,
            "remplacement",
            f"siéger à la place de {who}",
            f"{who} ne pourra pas venir et vous demande de siéger à sa place. "
            "Dites, par votre lien personnel, si vous venez.",
        )
    held, holds = before.holder_of(key), after.holder_of(key)
    if held and held != holds:
        write(
            held,
            "pouvoir-retire",
            f"vous ne portez plus le pouvoir de {who}",
            f"{who} retire le pouvoir qui vous était donné.",
        )
    if holds and holds != held:
        write(
            holds,
            "pouvoir",
            f"{who} vous donne pouvoir",
            f"{who} ne pourra pas venir et vous donne pouvoir de voter en son nom. "
            "Si vous ne pouvez pas venir vous-même, dites-le par votre lien personnel : ce "
            "pouvoir serait sans effet.",
        )
    for titular, substitute in _declined(before, after, key):
        name = notices.named(after.composition[substitute])
        write(
            titular,
            "suppleant-empeche",
            f"{name} ne peut pas vous remplacer",
            f"{name} ne pourra pas siéger à votre place. Votre lien personnel dit qui d’autre "
            "le peut, ou à qui donner pouvoir.",
        )
    for giver in after.faults.keys() - before.faults.keys():
        name = notices.named(after.composition[after.holder_of(giver)])
        write(
            giver,
            "pouvoir-sans-effet",
            "votre pouvoir est sans effet",
            f"{name}, à qui vous avez donné pouvoir, ne pourra pas le porter. "
            "Votre lien personnel dit à qui d’autre le donner.",
        )


def _declined(before: Answers, after: Answers, key: str) -> Iterator[tuple[str, str]]:
    """The titular who sent this person, when this person now says no."""
    if key in after.prevented and key not in before.prevented:
        for titular in after.said:
            if after.stand_in_of(titular) == key:
                yield titular, key
