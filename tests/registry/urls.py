"""Who may open what in `registry`: the lines of `tests/test_access.py` for this room."""

from datetime import date, datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from documents import actions as documents
from documents.models import IssuedDocument
from meetings.models import Meeting
from registry.acts import actions
from registry.alone import actions as alone
from registry.delegations import actions as delegations
from registry.follow_ups import actions as follow_ups
from registry.keyring import actions as keyring
from registry.models import Delegation, Deliberation, FollowUp, Phrase, Ruling
from registry.reviews import actions as reviews
from registry.signatures import actions as signatures
from registry.signatures import keys
from tests import held
from tests.cast import Cast
from tests.held import JULY, JUNE
from tests.test_access import ADMINISTRATION, CLERKS, DELEGATE, EVERY_ROLE, SECRETARIAT, Line

AT = timezone.make_aware(datetime(2026, 7, 8, 9, 30))


def closed(cast: Cast, on: date = JUNE, title: str = "Budget") -> Meeting:
    """A sitting of the Comité, held and closed; everything on its agenda adopted."""
    return held.hold(cast, on, adopted=(title,), clerks=("claire-caron",))


def a_closed_sitting(cast: Cast) -> dict:
    return {"pk": closed(cast).pk}


def a_numbered_sitting(cast: Cast) -> dict:
    return {"pk": a_deliberation(cast)["pk"]}


def a_deliberation(cast: Cast) -> dict:
    meeting = closed(cast)
    (deliberation,) = actions.number(meeting, by=cast.secretariat, at=AT)
    return {"pk": meeting.pk, "deliberation": deliberation.pk}


def a_told_link(cast: Cast) -> dict:
    found = a_deliberation(cast)
    source = Deliberation.objects.get(pk=found["deliberation"])
    made = actions.link(source, kind="abroge", target_text="n° 12 de 1998", by=cast.secretariat)
    return found | {"link": made.pk}


def minutes(cast: Cast) -> dict:
    """Minutes adopted by the next sitting; Claire kept them. Nothing is signed: who may ask
    for a signature does not depend on it, and cryptography is slow."""
    issued = documents.issue_minutes(closed(cast), by=cast.secretariat, at=AT)
    actions.record_adoptions(closed(cast, JULY, "Tarifs"), by=cast.secretariat, at=AT)
    return {"pk": issued.pk}


def a_place(cast: Cast) -> dict:
    return minutes(cast) | {"place": "secretaire-1"}


def reads(name: str, kwargs, **extra) -> Line:
    return Line(name=f"registry:{name}", kwargs=kwargs, of_an_object=True, **extra)


def keeps(name: str, kwargs, *, method: str = "post", **extra) -> Line:
    told = {"success": (200,) if method == "get" else (302, 422), "allowed": (SECRETARIAT,)}
    return reads(name, kwargs, method=method, **told | extra)


def a_register(cast: Cast) -> dict:
    """The register of the Comité, one deliberation numbered."""
    a_deliberation(cast)
    return {"pk": cast.comite.pk}


def a_year(cast: Cast) -> dict:
    return a_register(cast) | {"year": 2026}


def a_table(cast: Cast) -> dict:
    return a_year(cast) | {"by": "dates"}


def the_assembly(cast: Cast) -> dict:
    return {"pk": cast.comite.pk}


def a_ruling(cast: Cast) -> dict:
    return the_assembly(cast) | {"ruling": held_by_president(cast).pk}


def a_told_line(cast: Cast) -> dict:
    """Of a decision that the Comité knows already."""
    meeting, ruling = prepared(cast), held_by_president(cast)
    told = {"keys": [f"r{ruling.pk}"], "told_on": JUNE, "by": cast.secretariat, "at": AT}
    delegations.told_elsewhere(meeting, **told)
    return the_assembly(cast) | {"line": ruling.accounted.pk}


def prepared(cast: Cast) -> Meeting:
    return held.prepare(cast, held_on=JULY)


def a_delegation(cast: Cast) -> dict:
    row = Delegation(
        body=cast.comite,
        mandate=cast.comite.mandates.get(office="president"),
        source="la délibération n° 12",
        granted_on=JUNE,
        subjects="Marchés",
    )
    made = alone.note_delegation(row, by=cast.secretariat)
    return the_assembly(cast) | {"delegation": made.pk}


def held_by_president(cast: Cast) -> Ruling:
    ruling = Ruling(body=cast.comite, number="2026-D1", decided_on=JUNE, object="Bail")
    return delegations.note_ruling(ruling, by=cast.secretariat)


def an_item(cast: Cast) -> dict:
    meeting = closed(cast)
    return {"pk": meeting.pk, "key": meeting.items.get(title="Budget").key}


def a_follow_up(cast: Cast) -> dict:
    made = FollowUp(item=closed(cast).items.get(title="Budget"), what="Publier", who="Le service")
    return {"pk": follow_ups.note(made, by=cast.secretariat).pk}


def a_sitting_to_come(cast: Cast) -> dict:
    return {"pk": prepared(cast).pk}


TABLE: list[Line] = [
    # What is to be carried out
    reads("follow_ups", the_assembly),
    keeps("item_follow_ups", an_item, method="get"),
    keeps("item_follow_ups", an_item),
    keeps("follow_up", a_follow_up, method="get"),
    keeps("follow_up", a_follow_up),
    keeps("settle_follow_up", a_follow_up),
    keeps("reopen_follow_up", a_follow_up),
    keeps("drop_follow_up", a_follow_up),
    keeps("agenda_follow_ups", a_sitting_to_come),
    # What is decided by delegation
    reads("delegations", the_assembly, allowed=CLERKS),
    keeps("delegations", the_assembly, allowed=CLERKS),
    keeps("new_delegation", the_assembly, method="get"),
    keeps("new_delegation", the_assembly),
    keeps("settle_delegation", a_delegation),
    keeps("drop_ruling", a_ruling, allowed=CLERKS),
    keeps("untell", a_told_line, allowed=CLERKS),
    keeps("account", a_sitting_to_come, method="get"),
    keeps("account", a_sitting_to_come),
    reads("register", a_register),
    reads("register_year", a_year),
    reads("table", a_table),
    reads("acts", a_closed_sitting),
    keeps("number", a_closed_sitting),
    keeps("issue_acts", a_closed_sitting),
    keeps("prepare_acts", a_closed_sitting),
    keeps("closing", a_numbered_sitting, method="get"),
    Line(name="registry:to_sign"),
    Line(name="registry:to_sign", method="post", success=(302,)),
    reads("sign_acts", a_closed_sitting),
    # Whoever reads may press; what awaits somebody else is not signed: see test_acts_issue.
    reads("sign_acts", a_closed_sitting, method="post", success=(302,)),
    # Nothing awaits whoever presses here: nothing is asked.
    reads("ask_for_articles", a_closed_sitting, method="post", success=(302,)),
    keeps("adopt", a_closed_sitting),
    keeps("link", a_deliberation, method="get"),
    keeps("link", a_deliberation),
    keeps("unlink", a_told_link),
    reads("signatures", minutes),
    # Of what is handed, or is not hers to sign, nothing is asked.
    reads("ask_to_hand", minutes, method="post", success=(302,)),
    reads("current", minutes),
    keeps("prepare", minutes),
    # Whoever reads may press; only the person of the place is not refused: see test_signatures.
    reads("sign", a_place, method="post", success=(302, 422)),
    reads("upload_signed", a_place, method="post", success=(302, 422)),
    keeps("upload_sheet", a_place),
    reads("decline", a_place, method="post", success=(302, 422)),
    # The delegate is Claire, whose place it is.
    reads("ask_again", a_place, method="post", allowed=(SECRETARIAT, DELEGATE), success=(302,)),
    # Nobody signed by hand: there is no sheet for anybody.
    reads("sheet", a_place, success=(403,)),
]

# --- Keys, and what was handed in ---------------------------------------------------------------


def a_deposit(cast: Cast) -> dict:
    """A sheet that Claire, who kept the minutes, signed by hand; the secretariat handed it in."""
    document = IssuedDocument.objects.get(**minutes(cast))
    places = {"order": 1, "role": "preparation", "manner": "serveur", "sha256": document.pdf_sha256}
    document.signatures.create(file=document.pdf.name, **places)
    deposit = signatures.deposit_handwritten(
        document,
        place="secretaire-1",
        scan=ContentFile(b"%PDF-1.4", "feuille.pdf"),
        by=cast.secretariat,
        at=AT,
    )
    return {"pk": document.pk, "deposit": deposit.pk}


def a_key(cast: Cast) -> dict:
    """The certificate of somebody’s card, handed in and not bound."""
    card = keys.authority().identity("Alice ARNAUD")
    key = keyring.offer(
        held.certificate_of(card),
        organisation=cast.organisation,
        person=cast.alice,
        by=cast.secretariat,
        at=AT,
    )
    return {"pk": key.pk}


def runs(name: str, *, method: str = "get", success=(200,), **extra) -> Line:
    """The keys of the current organisation, for its administration."""
    told = {"method": method, "success": success, "allowed": (ADMINISTRATION,)}
    return Line(name=f"registry:{name}", **told | extra)


TABLE += [
    # The delegate is Claire: she is the signer, and may look; a sheet she confirms herself.
    reads("deposit", a_deposit),
    reads("deposit_file", a_deposit),
    reads("confirm_deposit", a_deposit, method="post", success=(302, 422)),
    reads("set_aside_deposit", a_deposit, method="post", success=(422,)),
    runs("keys"),
    runs("hand_in_key", method="post", success=(422,)),
    runs("demonstrate_key", method="post", success=(302, 422)),
    runs("bind_key", kwargs=lambda cast: {"fingerprint": "0" * 64}, success=(404,)),
    runs("accept_key", kwargs=a_key, of_an_object=True),
    runs("accept_key", kwargs=a_key, of_an_object=True, method="post", success=(422,)),
    runs("revoke_key", kwargs=a_key, of_an_object=True),
    runs("revoke_key", kwargs=a_key, of_an_object=True, method="post", success=(422,)),
    runs("my_keys", allowed=EVERY_ROLE, success=(200,)),
    runs("my_keys", allowed=EVERY_ROLE, method="post", success=(200, 422)),
]

# --- Writing and reviewing --------------------------------------------------------------------


def a_text(cast: Cast) -> dict:
    meeting = closed(cast)
    return {"pk": meeting.pk, "key": meeting.items.get(title="Budget").key}


def asked(cast: Cast) -> reviews.Asked:
    """Bruno was asked to read the draft of June."""
    meeting, readers = closed(cast), [(cast.bruno, "relecteur")]
    return reviews.ask(meeting, readers=readers, by=cast.secretariat, at=timezone.now())[0]


def a_review(cast: Cast) -> dict:
    review = asked(cast).review
    return {"pk": review.meeting_id, "review": review.pk}


def a_remark(cast: Cast) -> dict:
    review = asked(cast).review
    remark = reviews.remark(by=review, item=None, text="Un mot.", seen="a" * 64, at=AT)
    return {"pk": review.meeting_id, "remark": remark.pk}


def a_link(cast: Cast) -> dict:
    return {"token": asked(cast).raw}


def the_body(cast: Cast) -> dict:
    return {"pk": cast.comite.pk}


def a_phrase(cast: Cast) -> dict:
    phrase = Phrase.objects.create(body=cast.comite, title="Vote", text="Il est passé au vote.")
    return {"pk": cast.comite.pk, "phrase": phrase.pk}


def two_versions(cast: Cast) -> dict:
    meeting = closed(cast)
    first = documents.issue_minutes(meeting, by=cast.secretariat, at=AT)
    held.write(cast, meeting)
    second = documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason="Un mot.")
    return {"pk": first.pk, "other": second.pk}


def by_link(name: str, *, method: str = "get", success=(200,)) -> Line:
    """The link is enough, and nothing else is asked."""
    return Line(name=f"registry:{name}", kwargs=a_link, method=method, public=True, success=success)


TABLE += [
    keeps("write", a_closed_sitting, method="get"),
    keeps("passage", a_text, method="get"),
    keeps("settle", a_remark, success=(422,)),
    keeps("reviews", a_closed_sitting, method="get"),
    keeps("reviews", a_closed_sitting, success=(422,)),
    keeps("withdraw", a_review, success=(302,)),
    by_link("review"),
    by_link("review_pdf"),
    by_link("review_remark", method="post", success=(422,)),
    by_link("review_verdict", method="post", success=(422,)),
    keeps("phrases", the_body, method="get", allowed=CLERKS),
    keeps("phrases", the_body, allowed=CLERKS, success=(422,)),
    keeps("edit_phrase", a_phrase, method="get", allowed=CLERKS),
    keeps("edit_phrase", a_phrase, allowed=CLERKS, success=(422,)),
    keeps("move_phrase", a_phrase, allowed=CLERKS, data=lambda _: {"move": "up"}, success=(302,)),
    keeps("drop_phrase", a_phrase, allowed=CLERKS, success=(302,)),
    reads("compare", two_versions),
]
