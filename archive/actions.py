"""Verbs of the archive: putting a document online once and in full, in a file that never changes;
taking it off with a reason; a secret address for somebody's diary."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from archive import annexes, fulltext
from archive.desk import diary
from archive.keeping import anchors, proofs
from archive.keeping.offline import verifier
from archive.models import (
    Certificate,
    Given,
    Posting,
    Publication,
    PublicationRequest,
    TaskFeed,
)
from archive.online import clock, lingering, public_copy, publications, second, underway
from documents import compile, papers, render
from documents.models import IssuedDocument, draw_code
from law import acts, findings, french, sentences
from law.regime import article_of
from meetings import public as protection
from meetings import reading as sittings
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting
from members import files, links, serving
from members.models import Organisation, User
from registry.alone import reading as lone
from registry.models import LoneAct
from registry.signatures import keys, pades, reading
from registry.signatures.actions import SEAL_PLACE
from trail.models import Act
from trail.recording import note
from transmission import reading as prefecture

MASKED_SINCE = "Des passages que la loi protège y figuraient."


def publish(document: IssuedDocument, *, by: User | None, at: datetime) -> Publication:
    """Put a document online under its code, and keep the bytes that the public downloads.

    Raises `Refused` for a version that was superseded, for minutes that no sitting has adopted,
    and for what is online already; then nothing was written.
    """
    with _publishing(document.meeting) as made:
        findings.refuse(second.objections(document.meeting, [document], by=by))
        return _put_online(document, made, by=by, at=at)


def publish_acts(meeting: Meeting, *, by: User | None, at: datetime) -> tuple[Publication, ...]:
    """Put the list and every extract of a sitting online at once; returns those just put there.

    All of it or nothing. Done again, it does nothing more; what somebody withdrew stays away.
    """
    with _publishing(meeting) as made:
        waited = publications.acts_to_publish(meeting)
        if waited:
            findings.refuse(second.objections(meeting, waited, by=by))
        for document in underway.followed(meeting, waited):
            _put_online(document, made, by=by, at=at)
        return tuple(made)


@transaction.atomic
def ask_for_publication(
    meeting: Meeting, documents: Iterable[IssuedDocument], *, by: User, at: datetime
) -> PublicationRequest:
    """Ask that these papers of a sitting be put online, for somebody else to do it. The same again
    is the one that waits; another takes its place. Raises `Refused` for what cannot go online."""
    ledger.lock(meeting)
    documents = list(documents)
    findings.refuse(publications.objections(meeting, documents))
    known = second.standing(meeting, documents)
    if known is not None and known.asked_by == by:
        return known
    wanted = {document.pk for document in documents}
    for other in meeting.publication_requests.filter(ended_at=None):
        if wanted & set(other.documents):
            other.settle(ended_at=at, ended_by=by)
    row = PublicationRequest.objects.create(
        meeting=meeting,
        documents=sorted(wanted),
        says=second.says(meeting, documents),
        asked_by=by,
        asked_at=at,
    )
    what = french.count(len(documents), "document")
    owner = meeting.organisation
    note(
        Act.PUBLICATION, f"mise en ligne demandée de {what} : {meeting}", by=by, organisation=owner
    )
    return row


@contextmanager
def _publishing(meeting: Meeting) -> Iterator[list[Publication]]:
    """Put papers of one sitting online under its lock; what fails leaves no file behind. Raises
    `Refused` where another machine serves the base: the public reads there."""
    serving.refuse_held()
    with files.all_or_nothing():
        ledger.lock(meeting)
        yield []


def _put_online(
    document: IssuedDocument, made: list[Publication], *, by: User | None, at: datetime
) -> Publication:
    findings.refuse(publications.objections(document.meeting, [document]))
    publication = Publication(document=document, published_by=by, published_at=at)
    earlier = document.publications.first()
    publication.code = earlier.code if earlier else document.code or _free_code()
    publication.first_version = _first_version(document)
    publication.title, publication.author = _told(document)
    publication.stems = f" {fulltext.stems(publication.title)} "
    content, publication.is_redacted = public_copy.of(document)
    publication.sha256 = hashlib.sha256(content).hexdigest()
    name = f"{document.file_name.removesuffix('.pdf')}-{publication.sha256[:12]}.pdf"
    publication.file.save(name, ContentFile(content), save=False)
    made.append(publication)
    publication.save()
    annexes.publish(publication)
    _tell("mise en ligne", publication, by=by)
    return publication


def add_annexes(publication: Publication, *, by: User | None, at: datetime) -> int:
    """Put online, beside an act that is, the files chosen for the public since: how many. The act
    stays where it is, since the same day. Raises `Refused` where two are asked for, whom this would
    go around, and for a file that says what is masked."""
    meeting = publication.document.meeting
    if second.is_wanted(meeting):
        raise findings.refusal(
            "a_deux",
            "Une autre personne relit ce qui paraît\u00a0: une pièce ne s’ajoute pas seule.",
            remedy="Retirez l’acte en le disant, puis demandez sa mise en ligne avec ses pièces.",
        )
    with _publishing(meeting):
        count = annexes.add(publication, on=timezone.localdate(at))
        if count:
            _tell("annexes ajoutées", publication, by=by)
        return count


@transaction.atomic
def withdraw(
    publication: Publication,
    *,
    reason: str,
    by: User | None,
    at: datetime,
    knows_the_cost: bool = True,
    hides_object: bool = False,
) -> Publication:
    """Take a document off the public pages, and say why; its address says that it was withdrawn,
    and what it was about unless it `hides_object`.

    Withdrawn already, it keeps its first reason. Raises `Refused` without a reason; and before its
    time is over, as long as whoever does it does not say that he `knows_the_cost`.
    """
    ledger.lock(publication.document.meeting)
    publication.refresh_from_db(fields=Publication.LATER)
    if publication.withdrawn_at is not None:
        return publication
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= 300:
        raise findings.refusal(
            "motif_manquant",
            "Le motif tient en 300 caractères."
            if reason
            else "Dites en une phrase pourquoi ce document est retiré.",
            remedy="Par exemple : une adresse personnelle y figurait.",
            field="reason",
        )
    early = cost_of_withdrawing(publication, on=timezone.localdate(at))
    if early is not None and not knows_the_cost:
        raise findings.Refused([early])
    publication.withdrawn_at, publication.withdrawn_by, publication.reason = at, by, reason
    publication.hides_object = hides_object
    publication.save(update_fields=Publication.LATER)
    unsaid = "\u00a0; objet tu" if hides_object else ""
    _tell(f"retrait ({reason}{unsaid})", publication, by=by)
    return publication


def replace_masked(
    meeting: Meeting, *, by: User | None, at: datetime, knows_the_cost: bool
) -> tuple[list[Publication], list[Publication]]:
    """Take off what is online with words masked since, whichever version it is, and put what is in
    force there again without them: what was taken off, and what was put there. All or nothing.

    Where the rules ask for two persons, what is taken off waits for the second one. Raises
    `Refused` as `withdraw` and `publish` do.
    """
    with _publishing(meeting) as made:
        gone = lingering.of(meeting)
        for each in gone:
            withdraw(each, reason=MASKED_SINCE, by=by, at=at, knows_the_cost=knows_the_cost)
        if not second.is_wanted(meeting):
            wanted = {each.document_id for each in gone}
            for document in publications.in_force(meeting):
                if document.pk in wanted:
                    _put_online(document, made, by=by, at=at)
        return gone, made


def cost_of_withdrawing(publication: Publication, *, on: date) -> findings.Finding | None:
    """What it costs to take a document off before its time; `None` once that is over, which it
    never is of minutes; nothing of what need not be there."""
    until = clock.online_until(publication)
    if (until is not None and on >= until) or clock.is_voluntary(publication):
        return None
    if until is None:
        message = (
            "Un procès-verbal arrêté se publie de manière permanente\u00a0: retiré, il manque au "
            "public, et aucun certificat de publication n’en sera donné."
        )
    elif publication.document.kind == IssuedDocument.Kind.LIST:
        message = (
            f"Cette liste devait rester en ligne jusqu’au {french.long_date(until)}. Retirée "
            "avant, aucun certificat de publication n’en sera donné. Remise en ligne, son temps "
            "recommence."
        )
    else:
        is_contested = not _elects(publication.document)
        appeal = "le délai de recours peut n’avoir pas couru, et " if is_contested else ""
        message = (
            f"Ce document devait rester en ligne jusqu’au {french.long_date(until)}. Retiré avant, "
            f"rien ne prouve plus que chacun a pu le lire pendant ce temps\u00a0: {appeal}aucun "
            "certificat de publication n’en sera donné. Remis en ligne, son temps recommence."
        )
    return findings.Finding(
        code="retrait_avant_terme",
        message=message,
        article=clock.article(publication),
        remedy="Cochez la case si c’est ce que vous voulez\u00a0; masquer un passage demande de "
        "retirer le document, puis de le publier de nouveau le jour même.",
        field="knows",
    )


def _elects(document: IssuedDocument) -> bool:
    """Whether this extract bears an election, contested within five days of the vote (art. R119 of
    the electoral code), online or not."""
    items = document.meeting.items.filter(key=document.subject)
    return items.filter(kind__in=AgendaItem.ELECTIONS).exists()


# --- Posting, certifying ----------------------------------------------------------------------


@transaction.atomic
def post(
    document: IssuedDocument,
    *,
    manner: str,
    on: date,
    who: str,
    way: str = "",
    knowing: bool = False,
    by: User | None,
    at: datetime,
) -> Posting:
    """Note that a document was posted at the seat, posted in urgency or notified, from a day on and
    by whom. The same manner once: told again of the same day, it changes nothing.

    Raises `Refused` for a day to come, before the document was established, or for another day than
    the one that was certified; for a notification that does not say how; and, unless whoever does
    it is `knowing`, for an individual act that is posted.
    """
    ledger.lock(document.meeting)
    who = " ".join(who.split())
    is_handed = manner == Posting.Manner.NOTIFIED
    way = way if is_handed else ""
    findings.refuse(
        (
            *_faults_of_posting(document, manner, on, who, on_day=timezone.localdate(at)),
            *acts.faults_of_making_known(
                document.meeting.regime,
                is_individual=prefecture.is_notified(document.meeting),
                is_handed=is_handed,
                handing=way,
                knowing=knowing,
            ),
        )
    )
    row = document.postings.standing().filter(manner=manner).first()
    if row is not None and row.on == on:
        return row
    if row is not None:
        _refuse_certified(row)
        row.settle(undone_at=at, undone_by=by)
    row = Posting.objects.create(
        document=document, manner=manner, on=on, who=who, way=way, noted_by=by, noted_at=at
    )
    _tell_posting(row.get_manner_display(), row, by=by)
    return row


def _faults_of_posting(
    document: IssuedDocument, manner: str, on: date, who: str, *, on_day: date
) -> Iterator[findings.Finding]:
    issued_on = timezone.localdate(document.issued_at)
    if not_yet := lone.unsigned(document):
        yield not_yet
    if manner not in Posting.Manner.values:
        yield findings.Finding(
            code="affichage_inconnu",
            message="Dites comment ce document a été porté à la connaissance du public.",
            field="manner",
        )
    if not 0 < len(who) <= 200:
        yield findings.Finding(
            code="affiche_par_qui", message="Dites en une ligne qui l’a fait.", field="who"
        )
    if on > on_day:
        yield findings.Finding(
            code="jour_a_venir",
            message=f"Le {french.long_date(on)} n’est pas venu.",
            remedy="Notez-le une fois que c’est fait.",
            field="on",
        )
    if on < issued_on:
        yield findings.Finding(
            code="affiche_avant_d_etre_etabli",
            message=f"Ce document n’a été établi que le {french.long_date(issued_on)}.",
            field="on",
        )


@transaction.atomic
def take_down(posting: Posting, *, until: date, by: User | None, at: datetime) -> Posting:
    """Note until when it was posted. Raises `Refused` for a day to come, before it was, or for
    another day than the one that was certified."""
    ledger.lock(posting.document.meeting)
    posting.refresh_from_db()
    if until > timezone.localdate(at) or until < posting.on:
        raise findings.refusal(
            "ote_hors_du_temps",
            f"Affiché le {french.long_date(posting.on)}, il n’a pu être ôté le "
            f"{french.long_date(until)}.",
            remedy="Notez le jour où il l’a été.",
            field="until",
        )
    if posting.until != until:
        if posting.until is not None:
            _refuse_certified(posting)
        posting.settle(until=until)
        _tell_posting(f"ôté le {french.long_date(until)}", posting, by=by)
    return posting


@transaction.atomic
def take_posting_back(posting: Posting, *, by: User | None, at: datetime) -> None:
    """Say that a posting was noted by mistake. Raises `Refused` once it was certified."""
    ledger.lock(posting.document.meeting)
    posting.refresh_from_db()
    _refuse_certified(posting)
    if posting.undone_at is None:
        posting.settle(undone_at=at, undone_by=by)
        _tell_posting("annulé", posting, by=by)


def _refuse_certified(posting: Posting) -> None:
    if Certificate.objects.filter(posting=posting).exists():
        raise findings.refusal(
            "affichage_certifie",
            "Un certificat en a été établi\u00a0: cet affichage ne s’annule plus, ni ne change de "
            "jour.",
        )


def _tell_posting(done: str, posting: Posting, *, by: User | None) -> None:
    owner = posting.document.meeting.organisation
    note(Act.PUBLICATION, f"{posting.noun}, {done} : {posting}", by=by, organisation=owner)


def certify(
    publication: Publication, *, by: User | None, at: datetime, knowing: bool = True
) -> Certificate:
    """The certificate that a document was online for its time, with the figures of what was read
    back; sealed by the organisation where it has a seal. The one there is when it was issued.

    Raises `Refused` before its time is over, when somebody took it off sooner, when nothing was
    read back, or never the file itself; and, unless whoever asks is `knowing`, when most of its
    days have no reading.
    """
    meeting = publication.document.meeting
    with files.all_or_nothing():
        ledger.lock(meeting)
        if (known := Certificate.objects.filter(publication=publication).first()) is not None:
            return known
        publication = Publication.objects.select_related(
            "document__meeting__body__organisation"
        ).get(pk=publication.pk)
        findings.refuse(_uncertifiable(publication, on=timezone.localdate(at)))
        told = clock.told(publication, at=at)
        if told is None:
            raise findings.refusal(
                "rien_releve",
                "Son adresse publique n’a pas été relue pendant ce temps\u00a0: rien ne peut être "
                "certifié.",
                remedy="L’exploitant règle SITE_URL, et le serveur relit chaque jour.",
            )
        if told.seen is None:
            raise findings.refusal(
                "rien_de_conforme",
                "Son adresse publique n’a jamais donné ce fichier pendant ce temps\u00a0: rien ne "
                "peut être certifié.",
                article=clock.article(publication),
                remedy="Une fois l’adresse rétablie, retirez le document et publiez-le de "
                "nouveau\u00a0: son temps recommence.",
            )
        if told.is_scarce and not knowing:
            raise findings.refusal(
                "releves_rares",
                f"«\u00a0{publication}\u00a0»\u00a0: "
                f"{french.count(told.unread, 'jour')} de son temps en ligne sans relevé. Le "
                "certificat ne dira rien de ces jours-là.",
                article=clock.article(publication),
                remedy="À sa page, cochez la case s’il vous sert quand même\u00a0; un constat "
                "d’ailleurs peut s’y joindre.",
            )
        paper = compile.compile_publication_certificate(meeting, told, at=at)
        return _certified(paper, publication.document, by=by, at=at, publication=publication)


def _uncertifiable(publication: Publication, *, on: date) -> Iterator[findings.Finding]:
    until, article = clock.certifiable_on(publication), clock.article(publication)
    if not clock.stayed(publication):
        yield findings.Finding(
            code="retire_avant_terme",
            message="Ce document a été retiré avant la fin de son temps en ligne.",
            article=article,
        )
    elif on < until:
        yield findings.Finding(
            code="temps_non_fini",
            message=f"Le temps dont un certificat rend compte finit le {french.long_date(until)}.",
            article=article,
            remedy="Le certificat se donne ce jour-là.",
        )


def certify_posting(posting: Posting, *, by: User | None, at: datetime) -> Certificate:
    """The certificate that a document was posted, or notified; the one there is when it was issued.
    Raises `Refused` for one that was taken back."""
    document = posting.document
    with files.all_or_nothing():
        ledger.lock(document.meeting)
        posting.refresh_from_db()
        if (known := Certificate.objects.filter(posting=posting).first()) is not None:
            return known
        if posting.undone_at is not None:
            raise findings.refusal("affichage_annule", "Cet affichage a été annulé.")
        alone = LoneAct.objects.filter(meeting=document.meeting).first()
        told = compile.Posted(
            title=protection.words(document.meeting, document.heading, document.subject),
            code=document.code or "",
            manner=posting.get_manner_display(),
            handed=posting.get_way_display(),
            on=posting.on,
            until=posting.until,
            who=posting.who,
            article=_rule_of(posting, document.meeting),
            lasts=posting.until is None and not posting.is_notified,
            noun=posting.noun,
            whom=alone.concerns if alone and posting.is_notified else "",
        )
        paper = compile.compile_posting_certificate(document.meeting, told, at=at)
        return _certified(paper, document, by=by, at=at, posting=posting)


def _rule_of(posting: Posting, meeting: Meeting) -> str:
    """What this posting rests upon: nothing asks that minutes be posted."""
    kind = IssuedDocument.Kind(posting.document.kind)
    if kind == IssuedDocument.Kind.LIST:
        return article_of(meeting.regime, "list_days")
    if kind == IssuedDocument.Kind.MINUTES:
        online = article_of(meeting.regime, "minutes_days")
        return f"affiché pour information\u00a0; un procès-verbal se met en ligne ({online})"
    return acts.posting_rule(
        meeting.regime,
        decided_on=meeting.held_on,
        is_individual=prefecture.is_notified(meeting),
        is_urgent=posting.manner == Posting.Manner.URGENT,
        is_handed=posting.is_notified,
    )


def _certified(
    paper: papers.PublicityCertificate,
    document: IssuedDocument,
    *,
    by: User | None,
    at: datetime,
    **about: Any,
) -> Certificate:
    """The paper frozen, drawn, and sealed where there is a seal."""
    content = render.render_pdf(paper)
    seal = keys.of_seal(document.meeting.organisation, at=at)
    if seal.key is not None:
        findings.refuse(seal.faults)
        place = pades.Field(name=SEAL_PLACE, label="Cachet de la collectivité")
        content = pades.sign(
            pades.prepare(content, [place]),
            SEAL_PLACE,
            keys.identity(seal.key),
            certify=True,
            reason=paper.title,
            location=document.meeting.organisation.name,
            timestamper=keys.clock(),
            trust=keys.trust(),
        )
    digest = hashlib.sha256(content).hexdigest()
    made = Certificate.objects.create(
        document=document,
        content=papers.to_json(paper),
        file=ContentFile(content, f"{paper.file_name}-{digest[:12]}.pdf"),
        sha256=digest,
        is_sealed=seal.key is not None,
        issued_by=by,
        issued_at=at,
        **about,
    )
    owner = document.meeting.organisation
    note(Act.PUBLICATION, f"{made} établi", by=by, organisation=owner)
    return made


def _tell(done: str, publication: Publication, *, by: User | None) -> None:
    owner = publication.document.meeting.organisation
    note(Act.PUBLICATION, f"{done} : {publication}, {publication.code}", by=by, organisation=owner)


def _first_version(document: IssuedDocument) -> IssuedDocument:
    """The version that this one descends from."""
    while document.supersedes is not None:
        document = document.supersedes
    return document


def _free_code() -> str:
    """A code for a document that was issued before codes were printed."""
    while True:
        code = draw_code()
        if not (
            IssuedDocument.objects.filter(code=code).exists()
            or Publication.objects.filter(code=code).exists()
        ):
            return code


def _told(document: IssuedDocument) -> tuple[str, str]:
    """How the document is called, and its author: first name, surname, capacity."""
    paper = document.paper
    if document.kind == IssuedDocument.Kind.LIST:
        signers = reading.signers(document.meeting).listed
        words = sittings.words(document.meeting)
        authors = [
            f"{each.member.name}, {sentences.office(each.member, words)}".removesuffix(", ")
            for each in signers
        ]
    else:
        authors = [
            f"{each.name}, {sentences.capacity(each.office)}"
            for each in paper.signatories
            if each.name
        ]
    title = protection.words(document.meeting, document.title or paper.name, document.subject)
    return title[:300], french.join(authors)[:600] or paper.issuer.name


# --- What is handed over -------------------------------------------------------------------------


def give(
    content: bytes, *, kind: str, meeting: Meeting, by: User | None, at: datetime, **more: Any
) -> Given:
    """Remember a file that is handed to somebody, so that it is known again."""
    digest = hashlib.sha256(content).hexdigest()
    return Given.objects.create(kind=kind, meeting=meeting, sha256=digest, by=by, at=at, **more)


def prove(subject: IssuedDocument | Publication, *, by: User | None, at: datetime) -> bytes:
    """The proof file of an act, or of what is online: the one that was made, as long as it would
    say the same and is kept as it was, otherwise a new one, time-stamped and sealed.

    Raises `Refused` when nothing can time-stamp it, or when what is kept was changed.
    """
    is_public = isinstance(subject, Publication)
    document = subject.document if isinstance(subject, Publication) else subject
    kind = Given.Kind.PUBLIC_PROOF if is_public else Given.Kind.PROOF
    made = Given.objects.filter(kind=kind, document=document, meeting=document.meeting)
    last = made.first()
    if (
        isinstance(subject, Publication)
        and last
        and anchors.is_proved(subject, by=last.at)
        and not document.meeting.events.filter(recorded_at__gt=last.at).exists()
    ):
        # Anybody asks: what is published does not change, unless the sitting was corrected.
        kept = last.content()
        if kept is not None and not verifier.verify(kept).broken:
            return kept
    proof = (
        proofs.of_publication(subject)
        if isinstance(subject, Publication)
        else proofs.of_act(subject)
    )
    for same in made.filter(said=proof.said):
        if (kept := same.content()) is not None:
            return kept
    content = proof.packed(at=at)
    file = ContentFile(content, f"{proofs.name_of(document)[:-4]}-{proof.said[:12]}.zip")
    with files.all_or_nothing():
        give(
            content,
            kind=kind,
            meeting=document.meeting,
            by=by,
            at=at,
            document=document,
            said=proof.said,
            file=file,
        )
    return content


# --- The diary of who works there -------------------------------------------------------------


def make_feed(organisation: Organisation, *, by: User, at: datetime) -> TaskFeed:
    """A new secret address of one's own; the one before follows nothing any more."""
    feed = TaskFeed(user=by, organisation=organisation, made_at=at)
    feed.token_hash = links.hash_of(diary.feed_token(feed))
    made, _ = TaskFeed.objects.update_or_create(
        user=by,
        organisation=organisation,
        defaults={"made_at": at, "token_hash": feed.token_hash},
    )
    return made


def drop_feed(organisation: Organisation, *, by: User) -> None:
    """Close one's own secret address."""
    TaskFeed.objects.filter(user=by, organisation=organisation).delete()
