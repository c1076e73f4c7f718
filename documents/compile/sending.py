"""Proxies, letters, labels, certificate: what goes with a dispatch, and what proves it.

Who was sent what is known on the floor above: it comes here as plain values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from documents import papers
from documents.compile.shared import (
    cleaned,
    frame,
    in_groups,
    named_with_office,
    office_of,
    picture_of,
    place_and_date,
    place_of,
    prepared,
    signatory,
)
from law import french, regime
from law.assembly import Member
from law.french import NBSP
from law.sentences import BodyWords
from meetings import reading
from meetings.models import Meeting, weight
from members.models import Body

_PAPER = {
    "convocation": "la convocation",
    "rectificative": "la convocation rectificative",
    "report": "l’avis de déplacement",
    "annulation": "l’avis d’annulation",
}
_WHAT = {
    "convocation": f"{_PAPER['convocation']} à la séance",
    "rectificative": f"{_PAPER['rectificative']} à la séance",
    "report": f"{_PAPER['report']} de la séance",
    "annulation": f"{_PAPER['annulation']} de la séance",
}
_DOTS = "." * 60
_SHORT_DOTS = "." * 28


# --- The proxy --------------------------------------------------------------------------------


def compile_proxy_form(
    meeting: Meeting,
    *,
    giver: str = "",
    holder: str = "",
) -> papers.ProxyFormDocument:
    """A proxy to sign: `giver` and `holder` are keys of members; whatever is not given is left to
    be filled in by hand."""
    fresh = prepared(meeting)
    composition, rules, body = fresh.basis.composition, fresh.regime, fresh.body
    who = composition.by_key.get(giver)
    to = composition.by_key.get(holder)
    day = french.long_date(fresh.held_on, weekday=True)
    when = f"{day} à {french.clock(fresh.hour)}" if fresh.hour else day
    place = place_of(fresh)
    of_body = french.contract("de", body.designation)
    paragraphs = [
        _giver(who, body),
        f"{_prevented(who)} d’assister à la séance {of_body} "
        f"{french.contract('de', body.organisation.designation)} qui se tient le {when}"
        f"{f', {place}' if place else ''},",
        f"donne pouvoir à {_described(to, reading.words(fresh)) if to else _DOTS},",
        "pour siéger à ma place, prendre part aux débats et voter en mon nom.",
    ]
    framed = frame(fresh, "Pouvoir", "pouvoir")
    return cleaned(
        papers.ProxyFormDocument(
            **framed | {"file_name": f"{framed['file_name']}{f'-{giver}' if giver else ''}"},
            title="Pouvoir",
            subtitle=f"{body.name} – séance du {when}",
            paragraphs=tuple(french.nbsp(text) for text in paragraphs),
            choices=(
                "pour tous les points de l’ordre du jour",
                f"pour les seuls points suivants{NBSP}: {_SHORT_DOTS}{_SHORT_DOTS}",
            ),
            done_at=f"Fait à {_SHORT_DOTS}, le {_SHORT_DOTS}",
            mention=french.nbsp(
                "Signature, précédée de la mention manuscrite « Bon pour pouvoir »"
            ),
            signer=who.name if who else "",
            rules=tuple(
                papers.Fact(label=label, text=french.sentence(text))
                for label, text in _proxy_rules(rules)
            ),
        )
    )


def _giver(member: Member | None, body: Body) -> str:
    if member is None:
        of_body = french.contract("de", body.designation)
        return f"Je soussigné(e), {_DOTS}, membre titulaire {of_body},"
    feminine = member.civility == "Mme"
    noun = french.agree(french.singular(body.member_noun), feminine=feminine)
    signed = french.agree("soussigné", feminine=feminine)
    return f"Je {signed}, {_described(member, reading.words_of(body))}, {noun} titulaire,"


def _prevented(member: Member | None) -> str:
    if member is None:
        return "empêché(e)"
    return french.agree("empêché", feminine=member.civility == "Mme")


def _described(member: Member, words: BodyWords) -> str:
    community = f" ({member.community})" if member.community else ""
    return f"{named_with_office(member, words)}{community}"


def _proxy_rules(rules: regime.Regime) -> Iterator[tuple[str, str]]:
    source = regime.article_of(rules, "proxies_allowed", "proxies_per_holder")
    limit = rules.proxies_per_holder
    yield (
        "Porteur",
        f"un autre membre de l’assemblée ; nul ne porte plus {french.elide('de', _count(limit))} "
        f"({source})",
    )
    if rules.substitutes != "aucun" and rules.substitute_first != "ignorer":
        yield (
            "Suppléant",
            "le pouvoir ne sert que si le titulaire ne peut être remplacé par un suppléant "
            f"({regime.article_of(rules, 'substitute_first')})",
        )
    yield "Durée", "cette seule séance ; il est révocable à tout moment, même en séance"
    if hours := rules.proxy_deadline_hours:
        deposit = f"au secrétariat, {french.count(hours, 'heure')} au moins avant la séance"
    else:
        deposit = "au secrétariat, ou au président au plus tard à l’ouverture du point concerné"
    yield "Remise", deposit


def _count(limit: int) -> str:
    return "un pouvoir" if limit == 1 else f"{french.in_words(limit)} pouvoirs"


# --- Letters and labels -----------------------------------------------------------------------


def compile_letters(
    meeting: Meeting,
    summons: papers.SummonsDocument,
    addressees: Sequence[papers.Addressee],
    *,
    pages: int = 0,
) -> papers.LettersDocument:
    """The letter that goes with the printed dossier (of so many `pages`), one for each of those
    who are served on paper. An addressee with a link has it printed, with a code to scan."""
    body = meeting.body
    enclosed = [french.capitalise(summons.label())]
    if pages:
        enclosed.append(f"dossier de {french.count(pages, 'page')}")
    return cleaned(
        papers.LettersDocument(
            held_on=summons.held_on,
            sent_on=summons.sent_on,
            name=f"Lettres, {summons.name}",
            running_head=summons.running_head,
            file_name=f"lettres-{summons.file_name}",
            issuer=summons.issuer,
            title=summons.title,
            place_and_date=summons.place_and_date,
            subject=f"{summons.title}{NBSP}: {summons.subtitle}",
            salutation=summons.salutation,
            paragraphs=tuple(
                french.sentence(text) for text in _letter(summons, body, dossier=bool(pages))
            ),
            answering="Pour répondre en ligne" if any(each.link for each in addressees) else "",
            courtesy=summons.courtesy,
            signatory=summons.signatory,
            enclosed=french.nbsp(f"Pièces jointes : {', '.join(enclosed)}"),
            addressees=tuple(
                replace(each, code=picture_of(each.link) if each.link else "")
                for each in addressees
            ),
        )
    )


def _letter(summons: papers.SummonsDocument, body: Body, *, dossier: bool) -> Iterator[str]:
    of_body = french.contract("de", body.designation)
    also = " et le dossier qui l’accompagne" if dossier else ""
    yield (
        f"vous trouverez ci-joint {_WHAT[summons.nature]} {of_body} du {summons.day}, à "
        f"{summons.hour}{also}"
    )
    if summons.is_held:
        yield "je vous remercie de faire connaître votre réponse au secrétariat"


def compile_labels(
    meeting: Meeting, addressees: Sequence[papers.Addressee]
) -> papers.LabelsDocument:
    """Labels to stick, three by eight on a sheet of A4."""
    return cleaned(
        papers.LabelsDocument(
            **frame(meeting, "Étiquettes", "etiquettes"),
            title="Étiquettes",
            addressees=tuple(addressees),
        )
    )


# --- The certificate --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """What is known of one recipient. `state` and `channel` are said in words; `declared`, who says
    so, where nothing else proves it: `sent_at` then means no hour."""

    name: str
    channel: str
    state: str
    capacity: str = ""
    address: str = ""
    reply: str = ""
    sent_at: datetime | None = None
    declared: str = ""
    bounced_at: datetime | None = None
    bounce_reason: str = ""
    opened_at: datetime | None = None
    answered_at: datetime | None = None
    note: str = ""


def compile_dispatch_certificate(
    meeting: Meeting,
    summons: papers.SummonsDocument,
    lines: Sequence[Dispatched],
    *,
    dossier_sha256: str,
    dossier_size: int,
    dossier_pages: int = 0,
    dispatched_at: datetime,
    finished_at: datetime | None = None,
    at: datetime,
) -> papers.DispatchCertificateDocument:
    """What proves the dispatch, as known `at` this moment; the chair of the body signs it."""
    fresh = prepared(meeting)
    body, composition = fresh.body, fresh.basis.composition
    words = reading.words(fresh)
    signs = signatory(composition, words)
    presiding = (office_of(each, words) for each in composition.titulars if each.is_president)
    quality = next(presiding, words.chair)
    made_on = timezone.localdate(at)
    size, of_paper = weight(dossier_size), french.contract("de", _PAPER[summons.nature])
    facts = [
        ("Envoi", f"{summons.title}, n° {summons.number}"),
        *_course(lines, dispatched_at, finished_at),
        ("Dossier", f"{french.count(dossier_pages, 'page')}, {size}" if dossier_pages else size),
        ("Empreinte SHA-256 du dossier", in_groups(dossier_sha256)),
        (f"Empreinte SHA-256 {of_paper}", in_groups(papers.sha256(summons))),
    ]
    states: dict[str, int] = {}
    for line in lines:
        states[line.state] = states.get(line.state, 0) + 1
    many = len(lines) != 1
    return cleaned(
        papers.DispatchCertificateDocument(
            held_on=summons.held_on,
            made_on=made_on,
            name=f"Certificat d’envoi, {summons.name}",
            running_head=f"Certificat d’envoi · {summons.running_head}",
            file_name=f"certificat-envoi-{summons.number}-{summons.file_name}",
            issuer=summons.issuer,
            title="Certificat d’envoi",
            subtitle=summons.subtitle,
            statement=french.sentence(
                f"{signs.name or _DOTS}, {quality}, "
                f"{_certified(lines)} {french.contract('de', _WHAT[summons.nature])} "
                f"{french.contract('de', body.designation)} du {summons.day} {_addressed(lines)}, "
                "dans les conditions indiquées pour chacun"
            ),
            facts=tuple(papers.Fact(label=label, text=french.nbsp(text)) for label, text in facts),
            figures=(
                papers.Figure(label="destinataires" if many else "destinataire", value=len(lines)),
                *(papers.Figure(label=state, value=number) for state, number in states.items()),
            ),
            lines=tuple(_line(rank, line) for rank, line in enumerate(lines, start=1)),
            done_at=place_and_date(body.organisation, made_on),
            signatory=signs,
        )
    )


def _course(
    lines: Sequence[Dispatched], dispatched_at: datetime, finished_at: datetime | None
) -> Iterator[tuple[str, str]]:
    """When it left from here, to the second; and who declared what he handed over himself, on which
    day, by which road: of that the seconds of our machines prove nothing."""
    if any(_left_from_here(line) for line in lines):
        yield "Lancé le", moment(dispatched_at)
        yield "Terminé le", moment(finished_at) if finished_at else "en cours"
    else:
        yield "Établi le", french.long_date(timezone.localdate(dispatched_at))
    told: dict[str, int] = {}
    for line in lines:
        if line.sent_at is not None and line.declared:
            on = french.long_date(timezone.localdate(line.sent_at))
            words = f"{line.state} le {on}, {line.declared}"
            told[words] = told.get(words, 0) + 1
    if told:
        yield "Remise", "\u00a0; ".join(f"{count}\u00a0{words}" for words, count in told.items())
    elif not any(line.sent_at for line in lines):
        yield "Remise", "rien n’est parti"


def _left_from_here(line: Dispatched) -> bool:
    """Whether a server took it, and not somebody's word that he handed it over."""
    return line.sent_at is not None and not line.declared


def _certified(lines: Sequence[Dispatched]) -> str:
    """What can be certified: nothing is sent as long as everything waits, nor was what somebody
    handed over sent from here."""
    if any(_left_from_here(line) for line in lines):
        return "certifie l’envoi"
    is_handed = any(line.sent_at is not None for line in lines)
    return "certifie la remise" if is_handed else "constate que rien n’est encore parti de l’envoi"


def _addressed(lines: Sequence[Dispatched]) -> str:
    sent = sum(line.sent_at is not None for line in lines)
    if len(lines) == 1:
        return "au destinataire ci-dessous"
    if 0 < sent < len(lines):
        return f"à {sent} des {len(lines)} destinataires ci-dessous"
    return "aux destinataires ci-dessous"


def _line(rank: int, line: Dispatched) -> papers.DispatchLine:
    state = french.capitalise(line.state)
    if line.sent_at is not None and line.declared:
        state += f" le {french.long_date(timezone.localdate(line.sent_at))}, {line.declared}"
    elif line.sent_at is not None:
        state += f" le {moment(line.sent_at)}"
    proof = [
        f"{what} le {moment(when)}"
        for what, when in (
            ("revenu", line.bounced_at),
            ("lien ouvert", line.opened_at),
            ("réponse reçue", line.answered_at),
        )
        if when is not None
    ]
    if line.bounce_reason:
        proof.append(f"motif du retour : {line.bounce_reason}")
    if line.reply:
        proof.append(f"réponse du serveur : {line.reply}")
    if line.note:
        proof.append(line.note)
    return papers.DispatchLine(
        rank=rank,
        name=line.name,
        capacity=line.capacity,
        channel=french.capitalise(line.channel),
        address=", ".join(part.strip() for part in line.address.splitlines() if part.strip()),
        state=state,
        proof=tuple(french.nbsp(french.capitalise(text)) for text in proof),
    )


def moment(at: datetime) -> str:
    """ "1er juin 2026 à 10 h 02 min 13 s", by the clock of Paris."""
    local = timezone.localtime(at)
    return (
        f"{french.long_date(local.date())} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}{NBSP}min"
        f"{NBSP}{local.second:02d}{NBSP}s"
    )
