"""A link sent to an address that somebody else changed: its answer is taken, and said to be
confirmed; nobody answers nor gives a proxy in the name of another silently."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import proof
from accounts.models import Letter
from convening import board, doubts, foreseen
from convening.actions import answering, following, inviting
from convening.models import Answer, Invitation, Notice, Recipient
from documents import compile
from law.findings import Refused
from members.models import Mandate, Person
from tests import post
from tests.cast import change
from tests.convening.sent import NOW, Sent
from tests.doors import grow_old
from tests.members.test_admin import form_data
from tests.words import text, unsaid
from trail.context import acting
from trail.models import Act, Entry

OTHER = "complice@ailleurs.example"
HERS = "elsa.evrard@brume.example"


@pytest.fixture
def sent(sent) -> Sent:
    """The card of everybody was written long before the sitting, whatever day the proof runs."""
    Person.history.update(history_date=NOW - timedelta(days=150))
    return sent


def readdress(person: Person, email: str, *, by, road: str = "", ago: timedelta = timedelta(0)):
    """Her address is changed by this account, by this road, so long before now."""
    person._history_user, person._change_reason = by, road
    person._history_date = NOW - ago
    change(person, email=email)
    del person._history_date


def readdress_now(person: Person, email: str, *, by) -> None:
    person._history_user = by
    change(person, email=email)


def link(sent: Sent, name: str) -> Invitation:
    """Her living link, at the address on her file."""
    return inviting.invitation_of(sent.meeting, sent.mandate(name), at=NOW)[0]


def proxy(sent: Sent, invitation: Invitation | None, **extra) -> Answer:
    """Elsa does not come and gives Denis her proxy."""
    who = {"mandate": sent.mandate("elsa"), "via": Answer.Via.LINK, "invitation": invitation}
    said = {"word": "excuse", "holder": sent.mandate("denis")}
    return answering.answer(sent.fresh, **who | said | extra, at=NOW)


TOLD = "adresse changée le 2 décembre 2026 par Sylvie Saint"


@pytest.mark.parametrize(
    ("by", "road", "ago", "words"),
    [
        pytest.param("secretariat", "", 0, TOLD, id="par l’administration"),
        pytest.param(
            "secretariat", "import de x.csv", 0, f"{TOLD} (import de x.csv)", id="par un import"
        ),
        pytest.param(None, "", 0, "adresse changée le 2 décembre 2026", id="par une commande"),
        pytest.param(
            "secretariat",
            "",
            91,
            TOLD.replace("2 décembre", "2 septembre"),
            id="il y a un trimestre",
        ),
        pytest.param("secretariat", "", 93, "", id="il y a plus d’un trimestre"),
        pytest.param("delegate", "son profil", 0, "", id="par elle-même"),
    ],
)
def test_whose_change_of_an_address_leaves_a_doubt(sent, by, road, ago, words):
    elsa, cast = sent.cast.elsa, sent.cast
    change(cast.claire, user=None)
    elsa.refresh_from_db()
    change(elsa, user=cast.delegate)
    elsa.history.update(history_date=NOW - timedelta(days=150))
    by = getattr(cast, by) if by else None
    readdress(elsa, OTHER, by=by, road=road, ago=timedelta(days=ago))
    told = proxy(sent, link(sent, "elsa")).doubt.replace("\xa0", " ")
    assert told == words


def test_what_only_looks_like_her_address_is_another(sent):
    """The sign of the kelvin for k: Python folds one into the other, no mail server does."""
    elsa, by = sent.cast.elsa, sent.cast.secretariat
    elsa.refresh_from_db()
    readdress(elsa, "elsa@kiosque.example", by=by, ago=timedelta(days=120))
    mail_before = Letter.objects.count()
    readdress(elsa, "elsa@\u212aiosque.example", by=by)
    found = link(sent, "elsa")
    assert found.email == "elsa@\u212aiosque.example"
    assert proxy(sent, found).doubt.replace("\xa0", " ") == TOLD
    assert Letter.objects.count() == mail_before + 1  # to the address of before


def test_the_link_of_the_address_of_before_stays_and_leaves_none(sent):
    before = link(sent, "elsa")
    readdress(sent.cast.elsa, OTHER, by=sent.cast.secretariat)
    after = link(sent, "elsa")
    assert (before.email, after.email) == (HERS, OTHER)
    assert Invitation.objects.filter(revoked_at=None, mandate=sent.mandate("elsa")).count() == 2
    assert proxy(sent, before).doubt == ""


def test_a_first_address_leaves_none_unless_she_was_convened_before(sent):
    elsa, by = sent.cast.elsa, sent.cast.secretariat
    elsa.history.all().delete()
    readdress(elsa, "", by=by, ago=timedelta(days=20))
    readdress(elsa, OTHER, by=by, ago=timedelta(days=1))
    assert doubts.of(link(sent, "elsa"), at=NOW) is None
    convocation = sent.meeting.convocations.create(number=9)
    Recipient.objects.create(
        convocation=convocation,
        mandate=sent.mandate("elsa"),
        channel=Recipient.Channel.PAPER,
        queued_at=NOW - timedelta(days=10),
    )
    assert doubts.of(link(sent, "elsa"), at=NOW) is not None


def test_an_address_emptied_then_filled_was_changed_and_the_one_she_had_is_told(sent):
    readdress(sent.cast.elsa, "", by=sent.cast.secretariat)
    readdress(sent.cast.elsa, OTHER, by=sent.cast.secretariat)
    assert doubts.of(link(sent, "elsa"), at=NOW).before == HERS
    assert proxy(sent, link(sent, "elsa")).doubt
    assert Notice.objects.filter(email=HERS, once__contains="adresse-").exists()


def test_an_address_that_is_not_on_the_file_and_a_letter_to_another_one_leave_one(sent):
    elsa, by = sent.cast.elsa, sent.cast.secretariat
    made, _ = inviting.make_invitation(sent.meeting, sent.mandate("elsa"), email=OTHER, at=NOW)
    assert "n’est pas celle de sa fiche" in doubts.of(made, at=NOW).words
    change(elsa, address="1 rue d’ici")
    on_paper, _ = inviting.make_invitation(sent.meeting, sent.mandate("elsa"), email="", at=NOW)
    assert doubts.of(on_paper, at=NOW) is None
    sent.meeting.convocations.create(number=9).recipients.create(
        mandate=sent.mandate("elsa"), channel="papier", queued_at=NOW - timedelta(days=10)
    )
    elsa._history_user = by
    change(elsa, address="2 rue d’ailleurs")
    assert doubts.of(on_paper, at=NOW) is not None


def test_the_proxy_of_an_accomplice_is_shown_told_and_not_taken_until_she_confirms(
    sent, secretary, phone
):
    """The attack: her address changed, her link made again, her proxy given from there."""
    sent.hears("alice,bruno,denis present")
    readdress(sent.cast.elsa, OTHER, by=sent.cast.secretariat, road="import de x.csv")
    secretary.post(
        reverse("convening:person_renew", args=[sent.meeting.pk, sent.mandate("elsa").pk])
    )
    renewed = Notice.objects.get(email=OTHER)
    elsa = sent.mandate("elsa")
    raw = inviting.invitation_of(sent.meeting, elsa, email=renewed.email, at=NOW)[1]
    given = {"word": "excuse", "holder": "denis-duval"}
    phone.post(reverse("convening:invitation_answer", args=[raw]), given, HTTP_ORIGIN="null")

    words = f"{TOLD} (import de x.csv)"
    confirm = f"{words[0].upper()}{words[1:]} ; confirmez auprès de l’intéressée"
    shown = text(secretary.get(reverse("convening:board", args=[sent.meeting.pk])))
    assert unsaid(shown.replace("\xa0", " "), confirm, f"à confirmer : {words}") == []
    line = Entry.objects.latest("pk").what.replace("\xa0", " ")
    said = "réponse au nom d’Elsa EVRARD (pouvoir à M. Denis DUVAL (à confirmer))"
    told = f"{said}, par un lien envoyé à {OTHER}"
    assert line == f"{told} ; {words} : Comité syndical du 8 décembre 2026"
    warning = Notice.objects.get(email=HERS)
    assert "pouvoir à M.\xa0Denis DUVAL" in warning.body and "{lien}" not in warning.body
    assert board.of(sent.fresh).calls[0].member.first_name == "Elsa"

    assert foreseen.roll(sent.standing).proxies == {}
    rows = compile.compile_attendance_sheet(sent.fresh, answers=sent.standing.said.values())
    assert rows and str(rows).replace("\xa0", " ").count("EVRARD (à confirmer)") == 1
    roll = secretary.get(reverse("convening:roll", args=[sent.meeting.pk])).content.decode()
    tick = roll[roll.index('name="proxy-elsa-evrard"') :]
    assert " checked" not in tick[: tick.index(">")] and "confirmez auprès" in tick[:600]

    person = [sent.meeting.pk, sent.mandate("elsa").pk]
    page = secretary.get(reverse("convening:person", args=person))
    assert "Confirmé par l’intéressée" in page.content.decode()
    secretary.post(reverse("convening:person_answer", args=person), given)
    last = Answer.objects.latest("pk")
    assert (last.doubt, last.noted_by, last.holder) == (
        "",
        sent.cast.secretariat,
        sent.mandate("denis"),
    )
    assert foreseen.roll(sent.standing).proxies == {"elsa-evrard": "denis-duval"}


def test_nothing_of_an_answer_in_doubt_enters_the_roll_by_itself(sent, secretary):
    """A substitute who takes her seat, a presence that makes the quorum: ticked, or told by her."""
    cast = sent.cast
    change(cast.claire, user=None)
    sent.hears("alice,bruno,denis,gaelle present")
    for person in (cast.claire, cast.elsa):
        readdress(person, OTHER, by=cast.secretariat)
    sends = {"word": "excuse", "substitute": sent.mandate("gaelle"), "holder": None}
    for name, said in (("claire", sends), ("elsa", {"word": "present", "holder": None})):
        assert proxy(sent, link(sent, name), mandate=sent.mandate(name), **said).doubt
    foreseen_ = foreseen.roll(sent.standing)
    assert (foreseen_.seats, foreseen_.proxies) == ({}, {})
    absent = {key for key, standing in foreseen_.standings.items() if standing == "absent"}
    assert absent == {"claire-caron", "elsa-evrard", "farid-faure"}
    where = reverse("convening:roll", args=[sent.meeting.pk])
    page = secretary.get(where).content.decode()
    tick = page[page.index('name="seat-claire-caron"') :]
    assert " checked" not in tick[: tick.index(">")] and "confirmez auprès" in tick[:600]
    assert page.count("confirmez auprès") == 2 and "répondu\xa0: vient" in page

    standings = {f"standing-{key}": each for key, each in foreseen_.standings.items()}
    ticked = {"standing-claire-caron": "excuse", "seat-claire-caron": "1"}
    assert secretary.post(where, standings | ticked).status_code == 302
    assert foreseen.roll(sent.standing).seats == {"gaelle-garnier": "claire-caron"}  # and kept


def test_the_same_word_again_by_the_same_link_confirms_nothing(sent):
    readdress(sent.cast.elsa, OTHER, by=sent.cast.secretariat)
    invitation = link(sent, "elsa")
    assert proxy(sent, invitation) == proxy(sent, invitation)
    assert not proxy(sent, None, via=Answer.Via.ACCOUNT).doubt
    assert not proxy(sent, invitation).doubt  # said already, without a doubt


def test_a_flood_from_a_link_in_doubt_leaves_her_her_word(sent):
    """Twenty changes from elsewhere, a false proxy the last: her link and her account still answer,
    and the other does not any more."""
    hers = link(sent, "elsa")
    readdress(sent.cast.elsa, OTHER, by=sent.cast.secretariat)
    his = link(sent, "elsa")
    for rank in range(answering.CHANGES_A_DAY - 1):
        proxy(sent, his, word=("present", "excuse")[rank % 2], holder=None)
    assert proxy(sent, his).doubt
    assert proxy(sent, hers, word="present", holder=None).doubt == ""
    assert proxy(sent, None, via=Answer.Via.ACCOUNT, holder=None).doubt == ""
    with pytest.raises(Refused, match="déjà changé 20 fois"):
        proxy(sent, his)
    assert foreseen.roll(sent.standing).proxies == {}


# --- Whoever changes an address proves who she is ---------------------------------------------


def test_her_own_profile_asks_for_a_proof_and_closes_the_links_of_the_address_she_leaves(
    sent, client_of
):
    change(sent.cast.claire, user=sent.cast.delegate)
    before = link(sent, "claire")
    browser = grow_old(client_of(sent.cast.delegate))
    where = reverse("convening:profile")
    sent_ = {"email": sent.cast.claire.email, "phone": "03 22 00 00 09"}
    assert browser.post(where, sent_).status_code == 302  # a telephone opens nothing
    assert browser.post(where, sent_ | {"email": OTHER}).status_code == 403
    assert Person.objects.get(pk=sent.cast.claire.pk).email == sent.cast.claire.email
    browser = client_of(sent.cast.delegate)
    assert browser.post(where, sent_ | {"email": OTHER}).status_code == 302
    before.refresh_from_db()
    assert before.revoked_at == NOW
    assert doubts.of(link(sent, "claire"), at=NOW) is None


def test_a_convocation_sent_to_another_address_asks_for_a_proof(convened, secretary):
    row = convened.recipients.exclude(email="").first()
    where = reverse("convening:resend", args=[row.pk])
    old = grow_old(secretary)
    assert old.post(where, {"email": OTHER}).status_code == 403
    assert old.post(where, {"email": row.email}).status_code != 403


def test_by_its_first_row_too_a_chain_goes_nowhere_but_to_the_file_without_a_proof(
    cast, convened, secretary
):
    """The first row still has the former address: sent again there, it made a living link."""
    row = convened.recipients.filter(mandate=cast.seat(cast.alice)).get()
    former = row.email
    convened.recipients.update(state=Recipient.State.REFUSED)
    by, at = cast.secretariat, timezone.now()
    following.resend(row, email=OTHER, keep=True, by=by, at=at)
    Recipient.objects.update(state=Recipient.State.SENT)
    where = reverse("convening:resend", args=[row.pk])
    old = grow_old(secretary)
    before = Recipient.objects.count()
    for sent_ in ({"email": former}, {"email": former, "keep": "on"}):
        assert old.post(where, sent_).status_code == 403
    assert Recipient.objects.count() == before
    assert old.post(where, {"email": OTHER}).status_code == 302  # the file's own
    change(Person.objects.get(pk=cast.alice.pk), email=former)
    Recipient.objects.update(state=Recipient.State.SENT)
    assert old.post(where, {"email": OTHER}).status_code == 403  # no more


def test_a_link_sent_to_a_former_address_leaves_a_doubt_and_the_trail_a_line(cast, convened):
    """While the one that went there when it was hers leaves none."""
    row = convened.recipients.filter(mandate=cast.seat(cast.alice)).get()
    former, by, at = row.email, cast.secretariat, timezone.now()
    Person.objects.get(pk=cast.alice.pk).history.all().delete()
    Person.objects.get(pk=cast.alice.pk).save()  # hers all along
    hers = inviting.invitation_of(convened.meeting, cast.seat(cast.alice), at=at)[0]
    assert doubts.of(hers, at=at) is None
    convened.recipients.update(state=Recipient.State.REFUSED)
    person = Person.objects.get(pk=cast.alice.pk)
    readdress_now(person, OTHER, by=by)
    again = following.resend(row, email=former, by=by, at=timezone.now() + timedelta(minutes=1))
    line = Entry.objects.filter(act=Act.SENT).order_by("pk").last()
    assert unsaid(line.what, "ARNAUD", former, "n’est pas l’adresse de sa fiche") == []
    found = inviting.invitation_of(
        convened.meeting, Mandate.objects.get(pk=row.mandate_id), email=former, at=again.queued_at
    )[0]
    told = doubts.of(found, at=again.queued_at).words.replace("\xa0", " ")
    assert told.startswith("lien envoyé à une adresse qui n’est plus celle de sa fiche le ")
    assert told.endswith(f" par {by}")


def test_a_printed_link_asks_for_a_proof_names_whose_it_is_and_leaves_a_doubt(
    cast, convened, secretary
):
    """A secretary had the link of anybody printed, and gave his proxy by it, without a word."""
    row = convened.recipients.filter(mandate=cast.seat(cast.alice)).get()
    convened.recipients.filter(channel="courriel").update(state=Recipient.State.SENT)
    instead, letters_ = (
        reverse("convening:print_instead", args=[row.pk]),
        reverse("convening:letters", args=[convened.pk]),
    )
    assert grow_old(secretary).post(instead).status_code == 403
    assert secretary.get(letters_).status_code == 302
    assert not Recipient.objects.filter(resend_of=row).exists()
    following.print_instead(row, by=cast.secretariat, at=timezone.now())
    line = Entry.objects.filter(act=Act.SENT).order_by("pk").last()
    assert unsaid(line.what, "lien personnel", "ARNAUD") == []
    proof.give(session := secretary.session)
    session.save()
    assert secretary.get(letters_).status_code == 200
    named = [e.what for e in Entry.objects.filter(act=Act.DOWNLOAD, what__contains="lien perso")]
    assert any("ARNAUD" in each for each in named)
    mandate = Mandate.objects.get(pk=row.mandate_id)
    link_ = inviting.invitation_of(convened.meeting, mandate, email="", at=timezone.now())[0]
    words = doubts.of(link_, at=timezone.now()).words.replace("\xa0", " ")
    assert words.startswith("par le lien d’une lettre préparée le ")
    assert words.endswith(f" par {cast.secretariat}")


def test_the_administration_asks_for_one_to_change_a_person_or_bring_back_what_she_was(
    sent, client_of
):
    elsa = sent.cast.elsa
    browser = grow_old(client_of(sent.cast.administration))
    for name, *args in (("change", elsa.pk), ("simple_history", elsa.pk, elsa.history.last().pk)):
        where = reverse(f"admin:members_person_{name}", args=args)
        shown = browser.get(where)
        assert shown.status_code == 200
        assert browser.post(where, form_data(shown) | {"email": OTHER}).status_code == 403
        elsa.refresh_from_db()
        assert elsa.email == HERS


# --- Who had the address is told --------------------------------------------------------------


def test_the_address_of_before_is_told_by_whichever_road_it_changed(sent):
    elsa, by = sent.cast.elsa, sent.cast.secretariat
    elsa.refresh_from_db()
    change(sent.cast.claire, user=None)
    with acting(by.email):
        readdress(elsa, OTHER, by=by, road="import de x.csv")
    change(elsa, email=OTHER.upper())  # the same to any mail server
    change(elsa, user=sent.cast.delegate)
    with acting(sent.cast.delegate.email):
        readdress(elsa, "", by=sent.cast.delegate, road="son profil")
    change(elsa, email=OTHER)  # where nobody was written to
    post.letters_leave(NOW)
    told = [(each.to, each.subject, " ".join(each.body.split())) for each in mail.outbox]
    (old, linked, own) = told
    assert old[:2] == ([HERS], "L’adresse de vos convocations a changé")
    assert unsaid(old[2], f"{by.email} a changé l’adresse", "co…@ailleurs.example", "x.csv") == []
    assert OTHER not in old[2] and "ouvre encore votre réponse" in old[2]
    assert linked[:2] == ([OTHER.upper()], "Un compte répond désormais en votre nom")
    assert f"Le compte {sent.cast.delegate.email} est désormais celui d’Elsa EVRARD" in linked[2]
    assert own[0] == [OTHER.upper()]
    assert unsaid(own[2], "Vous avez changé", "il n’y en a plus", "n’ouvrent plus rien") == []
