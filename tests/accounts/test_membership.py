"""Who sits, day by day, outside the administration: a successor in one act, an address, a role."""

from datetime import date, timedelta

import pytest
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from accounts import actions as account_actions
from accounts import standing
from accounts.models import Letter, LinkRequest
from archive.desk import chores
from convening.models import Convocation, Recipient
from law import french
from law.findings import Refused
from meetings.reading import last_day_to_convene
from members import actions, succession
from members.models import Mandate, Person, Role, User
from tests import doors
from tests.cast import change, make_account, make_cast, make_mandate, make_person, make_role
from tests.convening import desk
from tests.live.threads import at_once
from tests.words import text, unsaid
from trail.models import Entry

LIST = reverse_lazy("accounts:to_invite")
TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
HELENE = {"after": "nouvelle", "civility": "Mme", "first_name": "Hélène", "last_name": "Hardy"}


@pytest.fixture
def client(cast, client_of):
    return client_of(cast.administration)


def said(mandate: Mandate, **more) -> dict:
    data = {"on": TODAY.isoformat(), "reason": "demission"} | HELENE
    for other in succession.others_of(mandate):
        data[f"autre-{other.pk}"] = succession.ENDS
    return data | more


def preview(client, mandate: Mandate, **more):
    return client.post(reverse("members:mandate", args=[mandate.pk]), said(mandate, **more))


def confirmed(client, mandate: Mandate, **more):
    page = preview(client, mandate, **more)
    assert page.status_code == 200, page.context["form"].errors
    sent = dict(page.context["held"]) | {"empreinte": page.context["plan"].fingerprint}
    return client.post(reverse("accounts:succeed", args=[mandate.pk]), sent)


def seats(body, on: date) -> set[tuple]:
    """Who sits that day: name, capacity, _, college, community, whom they replace."""
    return {
        (
            *(each.person.last_name, each.capacity, each.office),
            *(each.constituency_id, each.community_id),
            each.replaces and each.replaces.person.last_name,
        )
        for each in body.mandates.in_office(on).select_related("person", "replaces__person")
    }


def consultative(cast) -> Mandate:
    person = make_person(cast.organisation, "Karl", "Kerr", "M.")
    return make_mandate(cast.comite, person, capacity="consultatif", community=cast.departement)


# Who is replaced; whether the other mandates pass on; what then differs from the day before:
# the successor has the seat of the former, without the office.
CASES = {
    "titulaire": lambda cast: cast.seat(cast.farid),
    "titulaire qui a un suppléant": lambda cast: cast.seat(cast.claire),
    "suppléante": lambda cast: cast.seat(cast.gaelle),
    "présidente, membre de deux instances": lambda cast: cast.seat(cast.alice),
    "voix consultative": consultative,
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("fate", [succession.ENDS, succession.PASSES, succession.STAYS])
def test_one_act_replaces_whoever_sits(cast, client, case, fate):
    mandate = CASES[case](cast)
    former, others = mandate.person.last_name, succession.others_of(mandate)
    before = {body: seats(body, TODAY) for body in (cast.comite, cast.bureau)}
    fates = {f"autre-{other.pk}": fate for other in others}
    assert confirmed(client, mandate, **fates).status_code == 302
    assert {body: seats(body, TODAY) for body in before} == before  # today is as it was

    def after(seat: tuple, *, stays: bool, ends: bool) -> set[tuple]:
        name, capacity, _, college, community, replaced = seat
        if name == former and stays:
            return {seat}
        if name == former:
            heir = ("Hardy", capacity, "membre", college, community, replaced)
            return set() if ends else {heir}
        if replaced == former and not stays and not ends:
            return {(*seat[:5], "Hardy")}
        return {seat}

    for body, were in before.items():
        of_the_act = body == mandate.body
        expected = set().union(
            *(
                after(
                    seat,
                    stays=not of_the_act and fate == succession.STAYS,
                    ends=not of_the_act and fate == succession.ENDS,
                )
                for seat in were
            )
        )
        assert seats(body, TOMORROW) == expected
    mandate.refresh_from_db()
    assert (mandate.end_on, mandate.end_reason) == (TODAY, "demission")
    line = mandate.history.first()
    assert line.history_user == cast.administration
    told = Entry.objects.filter(what__contains=f"(succession nº {mandate.pk} :")
    assert told.exists() and {entry.account for entry in told} == {cast.administration.pk}

    # And all of it is undone by one button.
    undone = client.post(reverse("accounts:undo_succession", args=[mandate.pk]), follow=True)
    assert "C’est défait" in undone.content.decode()
    for body, were in before.items():
        assert seats(body, TOMORROW) == were
    again = client.post(reverse("accounts:undo_succession", args=[mandate.pk]), follow=True)
    assert "ne se défait plus" in again.content.decode()


def test_a_substitute_who_becomes_titular_is_one_no_more(cast, client):
    claire = cast.seat(cast.claire)
    known = {"after": "connue", "successor": cast.gaelle.pk}
    assert confirmed(client, claire, **known).status_code == 302
    (seat,) = [each for each in seats(cast.comite, TOMORROW) if each[0] == "Garnier"]
    assert seat[1] == "titulaire"
    assert not any(each[0] == "Caron" for each in seats(cast.comite, TOMORROW))


def test_the_day_on_which_the_mandate_of_a_substitute_ends_is_said(cast, client):
    page = preview(client, cast.seat(cast.claire), after="connue", successor=cast.gaelle.pk)
    last = f"ce mandat finit le {french.long_date(TODAY)}"
    assert any(last in each for each in page.context["told"])


def test_a_mandate_ends_and_its_seat_stays_empty(cast, client):
    farid = cast.seat(cast.farid)
    page = preview(client, farid, after="personne")
    assert any("à pourvoir" in each for each in page.context["told"])
    assert Mandate.objects.get(pk=farid.pk).end_on is None  # nothing is written by looking
    assert confirmed(client, farid, after="personne").status_code == 302
    assert not any(each[0] == "Faure" for each in seats(cast.comite, TOMORROW))


def test_a_mandate_that_ends_leads_to_whoever_takes_its_seat(cast, client):
    """Ended on its list, it was acted upon nowhere: its page had no form, its row no link."""
    mandate, last = cast.seat(cast.farid), TODAY + timedelta(days=3)
    actions.end_mandates([mandate], on=last, reason="demission", by=None)
    there = reverse("members:mandate", args=[mandate.pk])
    composition = cast.comite.get_absolute_url()
    shown = text(client.get(composition))
    assert "1 mandat finit sans suite" in shown
    assert shown.count(f'href="{there}#suite">Pourvoir') == 2  # above, and on his own row
    page = client.get(there)
    assert "Pourvoir son siège" in text(page)
    assert [*page.context["form"].fields][:2] == ["after", "on"]
    refused = preview(client, mandate, on=last.isoformat())
    assert [*refused.context["form"].errors] == ["on"]
    since = last + timedelta(days=2)
    assert confirmed(client, mandate, on=since.isoformat()).status_code == 302
    heir = cast.comite.mandates.get(person__last_name="Hardy")
    assert (heir.start_on, heir.constituency) == (since, mandate.constituency)
    mandate.refresh_from_db()
    assert (mandate.end_on, mandate.end_reason) == (last, "demission")
    assert "Pourvoir" not in text(client.get(composition))
    page = client.get(there)
    assert page.context["form"] is None
    assert "rend le siège" not in text(page)
    client.post(reverse("accounts:undo_succession", args=[mandate.pk]))
    mandate.refresh_from_db()
    assert mandate.end_on == last
    assert not cast.comite.mandates.filter(pk=heir.pk).exists()


@pytest.mark.parametrize(("filled", "empty"), [("farid", "elsa"), ("elsa", "farid")])
def test_a_seat_is_filled_once_and_that_of_another_stays_to_be_filled(cast, client, filled, empty):
    """The form stayed under the successor, took a second one, and hid the seat beside it."""
    change(cast.seat(cast.elsa), constituency=cast.seat(cast.farid).constituency)
    filled, empty = (cast.seat(getattr(cast, name)) for name in (filled, empty))
    actions.end_mandates([filled, empty], on=TODAY, reason="demission", by=None)
    there = reverse("members:mandate", args=[filled.pk])
    since = {"on": TOMORROW.isoformat()}
    late = preview(client, filled, **since)
    sent = dict(late.context["held"]) | {"empreinte": late.context["plan"].fingerprint}
    assert confirmed(client, filled, **since).status_code == 302
    heir = cast.comite.mandates.get(person__last_name="Hardy")

    page = client.get(there)
    assert page.context["form"] is None and "Pourvoir son siège" not in text(page)
    assert f"{heir.person}, à sa suite" in text(page)
    left = f"{reverse('members:mandate', args=[empty.pk])}#suite"
    composition = text(client.get(cast.comite.get_absolute_url()))
    assert unsaid(composition, "1 mandat finit sans suite", left) == []
    tasks = chores.of(cast.organisation, by=cast.administration, on=TODAY)
    (task,) = [each for each in tasks if "dont le mandat finit" in each.what]
    assert (task.what, task.url) == ("Pourvoir 1 siège dont le mandat finit", left)

    # Asked again, from the page or from a preview that was left open.
    told = "Ce siège est déjà pourvu par Hélène HARDY"
    durand = {"first_name": "Paul", "last_name": "Durand", "civility": "M."}
    again = {"on": TOMORROW.isoformat()} | HELENE | durand
    assert told in text(client.post(there, again, follow=True))
    act = reverse("accounts:succeed", args=[filled.pk])
    assert told in text(client.post(act, sent | durand, follow=True))
    assert not Person.objects.filter(last_name="Durand").exists()

    # Its successor is told still when the act is not undone any more.
    actions.save(heir, by=cast.administration, why="corrigé")
    page = client.get(there)
    assert not page.context["may_be_undone"]
    assert f"{heir.person}, à sa suite" in text(page)


@pytest.mark.parametrize("runs", [True, False], ids=["qui court", "qui finit"])
def test_of_two_who_fill_a_seat_at_once_one_does(cast, runs):
    """Both had read the mandate before either wrote."""
    farid = cast.seat(cast.farid)
    if not runs:
        actions.end_mandates([farid], on=TODAY, reason="demission", by=None)
    both = [
        succession.Asked(
            mandate=Mandate.objects.select_related("body", "person").get(pk=farid.pk),
            on=TODAY,
            reason="demission",
            successor=Person(
                organisation=cast.organisation, civility="M.", first_name="Paul", last_name=name
            ),
        )
        for name in ("Durand", "Dupont")
    ]
    succession.succeed(both[0], by=cast.administration)
    with pytest.raises(Refused, match="Ce siège est déjà pourvu par Paul DURAND"):
        succession.succeed(both[1], by=cast.administration)
    assert cast.comite.mandates.filter(start_on=TOMORROW).count() == 1
    assert not Person.objects.filter(last_name="Dupont").exists()


def test_whoever_may_come_after_is_offered_and_those_who_sit_are_not(cast, client):
    form = client.get(reverse("members:mandate", args=[cast.seat(cast.farid).pk])).context["form"]
    offered = dict(form.fields["successor"].choices[1:])
    # Those of his community first; of the others, which is theirs.
    gaelle = cast.seat(cast.gaelle)
    assert [*offered] == [f"Autres suppléants, {cast.comite}"]
    (named,) = offered[f"Autres suppléants, {cast.comite}"]
    assert named == (cast.gaelle.pk, f"{cast.gaelle}, {gaelle.community}")
    names = {name for group in offered.values() for _, name in group}
    assert str(cast.bruno) not in names
    form = client.get(reverse("members:mandate", args=[cast.seat(cast.claire).pk])).context["form"]
    label, rows = form.fields["successor"].choices[1]
    assert (label, rows) == (
        f"Suppléants, {gaelle.community}",
        [(cast.gaelle.pk, str(cast.gaelle))],
    )


@pytest.mark.parametrize("reason", ["demission", "terme"])
def test_who_has_just_left_is_not_offered_unless_a_term_ended(cast, client, reason):
    """Of a term that ends, whoever is designated again may take another seat."""
    farid, elsa = cast.seat(cast.farid), cast.seat(cast.elsa)
    actions.end_mandates([farid, elsa], on=TODAY, reason=reason, by=None)
    form = client.get(reverse("members:mandate", args=[farid.pk])).context["form"]
    assert (cast.elsa in form.fields["successor"].queryset) is (reason == "terme")


def test_what_passes_to_nobody_and_what_becomes_of_the_account_is_told(cast, client):
    page = preview(client, cast.seat(cast.alice))
    assert any("l’assemblée élit" in each for each in page.context["plan"].warned)
    page = preview(client, cast.seat(cast.claire))
    assert any("rien de ce qui vient après" in each for each in page.context["told"])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"reason": ""}, "reason", id="sans motif"),
        pytest.param({"reason": "fusion"}, "reason", id="une fusion est un autre acte"),
        pytest.param({"last_name": ""}, "last_name", id="sans nom"),
        pytest.param({"civility": ""}, "civility", id="sans civilité"),
        pytest.param({"after": "connue"}, "successor", id="personne de connu"),
        pytest.param({"on": "2026-01-01"}, "on", id="avant son début"),
        pytest.param(
            {"first_name": "ELSA", "last_name": "Évrard"}, "is_namesake", id="un homonyme"
        ),
        pytest.param({"after": "connue", "successor": "bruno"}, "successor", id="qui siège déjà"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(cast, client, more, field):
    if more.get("successor"):
        more = more | {"successor": cast.bruno.pk}
    before = Mandate.objects.count(), Person.objects.count()
    page = preview(client, cast.seat(cast.farid), **more)
    assert page.status_code == 422
    assert [*page.context["form"].errors] == [field]
    assert page.text.index("Rien n’est enregistré") < page.text.index('class="after"')  # at the top
    assert (Mandate.objects.count(), Person.objects.count()) == before


def test_a_namesake_is_another_person_when_somebody_says_so(cast, client):
    named = {"first_name": "Elsa", "last_name": "Evrard", "is_namesake": "on"}
    assert confirmed(client, cast.seat(cast.farid), **named).status_code == 302
    assert Person.objects.filter(last_name="Evrard").count() == 2


def test_what_changed_since_the_preview_is_shown_again(cast, client):
    claire = cast.seat(cast.claire)
    page = preview(client, claire)
    sent = dict(page.context["held"]) | {"empreinte": page.context["plan"].fingerprint}
    change(cast.seat(cast.gaelle), replaces=None)
    again = client.post(reverse("accounts:succeed", args=[claire.pk]), sent)
    assert again.status_code == 409
    assert Mandate.objects.get(pk=claire.pk).end_on is None


def test_the_administration_invites_the_successor_and_the_secretariat_leaves_it_to_do(
    cast, client, client_of
):
    farid, elsa = cast.seat(cast.farid), cast.seat(cast.elsa)
    named = {"email": "helene@brume.example"}
    confirmed(client, farid, **named)
    helene = Person.objects.get(last_name="Hardy")
    assert helene.email == "helene@brume.example"
    assert LinkRequest.objects.get(person=helene).account.email == helene.email
    assert Letter.objects.filter(to=helene.email, kind=Letter.Kind.INVITATION).exists()
    ivan = {"first_name": "Ivan", "last_name": "Ivry", "email": "ivan@brume.example"}
    page = preview(client_of(cast.secretariat), elsa, **ivan)
    assert any("l’administration l’enverra" in each for each in page.context["told"])
    confirmed(client_of(cast.secretariat), elsa, **ivan)
    assert Person.objects.filter(last_name="Ivry").exists()
    assert not Letter.objects.filter(to="ivan@brume.example").exists()


def test_an_address_that_cannot_be_invited_takes_nothing_back_of_who_sits(cast, client):
    confirmed(client, cast.seat(cast.farid), email=cast.secretariat.email)
    assert Person.objects.filter(last_name="Hardy").exists()
    assert not LinkRequest.objects.exists()


def test_an_act_that_a_sitting_leans_on_is_not_undone(cast, client):
    farid = cast.seat(cast.farid)
    confirmed(client, farid)
    heir = Mandate.objects.get(person__last_name="Hardy")
    make_mandate(
        cast.comite,
        make_person(cast.organisation, "Z", "Z"),
        capacity="suppleant",
        replaces=heir,
        start_on=TOMORROW,
    )
    page = client.post(reverse("accounts:undo_succession", args=[farid.pk]), follow=True)
    assert "s’appuie déjà" in page.content.decode()
    assert Mandate.objects.get(pk=farid.pk).end_on == TODAY


def test_a_session_left_open_replaces_nobody(cast, client):
    doors.grow_old(client)
    farid = cast.seat(cast.farid)
    assert confirmed(client, farid).status_code == 403
    assert Mandate.objects.get(pk=farid.pk).end_on is None


# --- An address, a role -------------------------------------------------------------------------


def test_a_first_address_is_given_and_another_is_not_written_over_it(cast, client):
    mandate = cast.seat(cast.farid)
    where = reverse("accounts:reach", args=[mandate.pk])
    for email, kept in (
        ("n’importe quoi", ""),
        ("farid@brume.example", "farid@brume.example"),
        ("complice@ailleurs.example", "farid@brume.example"),
    ):
        client.post(where, {"email": email})
        cast.farid.refresh_from_db()
        assert cast.farid.email == kept
    page = client.get(reverse("members:mandate", args=[mandate.pk]))
    assert f"{cast.farid} ; farid@brume.example ; délégué·e" in page.content.decode().replace(
        "\u00a0", " "
    )


def test_a_first_address_takes_nothing_back_of_a_card_corrected_meanwhile(cast):
    read = Person.objects.get(pk=cast.farid.pk)
    change(cast.farid, first_name="Faride")
    given = account_actions.give_address(read, "farid@brume.example", by=cast.administration)
    assert (given.first_name, given.email) == ("Faride", "farid@brume.example")
    cast.farid.refresh_from_db()
    assert cast.farid.first_name == "Faride"


def test_a_role_is_shown_then_given_then_withdrawn(cast, client):
    mandate = cast.seat(cast.claire)
    where = reverse("accounts:role", args=[mandate.pk])
    for what, held in (
        ("donner", {"delegue", "secretariat"}),
        ("retirer", {"delegue"}),
    ):
        asked = {"kind": "secretariat", "what": what}
        before = set(cast.delegate.roles.values_list("kind", flat=True))
        shown = client.post(where, asked)
        assert "Rien n’est encore écrit" in shown.content.decode()
        assert set(cast.delegate.roles.values_list("kind", flat=True)) == before
        assert client.post(where, asked | {"confirmer": "oui"}).status_code == 302
        assert set(cast.delegate.roles.values_list("kind", flat=True)) == held
    assert not cast.delegate.sessions.exists()


def test_nobody_changes_his_own_roles(cast, client):
    change(cast.alice, user=cast.administration)
    where = reverse("accounts:role", args=[cast.seat(cast.alice).pk])
    asked = {"kind": "administration", "what": "retirer", "confirmer": "oui"}
    page = client.post(where, asked, follow=True)
    assert "ses propres rôles" in page.content.decode()
    assert Role.objects.filter(user=cast.administration, kind="administration").exists()


def test_the_page_of_a_mandate_is_reached_from_its_name(cast, client_of):
    where = reverse("members:mandate", args=[cast.seat(cast.farid).pk])
    for user, is_led in ((cast.secretariat, True), (cast.delegate, False)):
        page = client_of(user).get(cast.comite.get_absolute_url())
        assert (where in page.content.decode()) is is_led


def test_the_preview_names_the_sittings_that_were_convened_without_whoever_comes_after(
    cast, client
):
    """A newcomer was never convened, and the stage said that it was done."""
    meeting = desk.prepared(cast, held_on=TODAY + timedelta(days=20))
    farid = cast.seat(cast.farid)
    told = ("restera à convoquer", str(meeting))
    assert unsaid(text(preview(client, farid)), *told) == [*told]
    change(meeting, convened_on=TODAY, sent_on=TODAY)
    last = f"au plus tard le {french.long_date(last_day_to_convene(meeting))}"
    last = f"{meeting}, convocation déjà partie : {last}"
    assert unsaid(text(preview(client, farid)), *told, last.replace("\xa0", " ")) == []
    assert unsaid(text(preview(client, farid, after="personne")), *told) == [*told]


def test_whoever_comes_in_is_said_to_be_convened_before_and_after(cast, client):
    """The preview announced it, « C’est fait » forgot it."""
    meeting = desk.prepared(cast, held_on=TODAY + timedelta(days=20))
    change(meeting, convened_on=TODAY, sent_on=TODAY)
    sent = Convocation.objects.create(meeting=meeting, number=1, sent_on=TODAY, stage="envoyee")
    for mandate in cast.comite.mandates.all():
        Recipient.objects.create(
            convocation=sent, why="membre", name=str(mandate.person), channel="courriel",
            state="remis", message_id=str(mandate.pk), mandate=mandate,
        )  # fmt: skip
    farid = cast.seat(cast.farid)
    confirmed(client, farid)
    page = text(client.get(reverse("members:mandate", args=[farid.pk])))
    last = french.long_date(last_day_to_convene(meeting)).replace("\xa0", " ")
    where = f'<a href="{reverse("convening:prepare", args=[meeting.pk])}">'
    told = ("Convoquer Hélène HARDY", where, f"au plus tard le {last}")
    assert unsaid(page, *told) == []


# --- How far she is on her way in


def invited(cast, client) -> Person:
    """Alice, from the list of those who sit, at another address than that of her card."""
    change(cast.alice, email="alice@brume.example")
    text = f"{cast.alice} ; alice.a@brume.example ; déléguée"
    page = client.post(reverse("accounts:invite"), {"liste": text})
    sent = {"liste": text, "empreinte": page.context["fingerprint"]}
    client.post(reverse("accounts:confirm_invitation"), sent)
    return Person.objects.get(pk=cast.alice.pk)


def said_everywhere(cast, client) -> set[str]:
    """What each page says of the account of Alice."""
    account = LinkRequest.objects.get(person=cast.alice, decided_at=None).account
    pages = {
        reverse("members:mandate", args=[cast.seat(cast.alice).pk]),
        reverse("accounts:to_invite"),
        reverse("admin:members_person_change", args=[cast.alice.pk]),
        reverse("admin:members_person_changelist"),
        reverse("admin:members_user_change", args=[account.pk]),
        reverse("admin:members_user_changelist"),
    }
    told = standing.of(cast.alice, at=timezone.now()).told
    return {url for url in pages if told.lower() not in text(client.get(url)).lower()}


def test_who_was_invited_is_said_so_on_every_page_and_may_be_again(cast, client):
    """She was without account on her mandate, and the invitation offered there failed."""
    person = invited(cast, client)
    found = standing.of(person, at=timezone.now())
    assert found.told == f"invitée le {french.long_date(TODAY)}, pas encore entrée"
    assert said_everywhere(cast, client) == set()
    assert person.pk not in {each.pk for each in client.get(LIST).context["to_invite"]}
    card = text(client.get(reverse("admin:members_person_change", args=[person.pk])))
    assert "Ouvrir son compte" not in card and "Son compte" in card
    shown = reverse("members:mandate", args=[cast.seat(cast.alice).pk])
    assert "Renvoyer l’invitation" in text(client.get(shown))
    Letter.objects.all().delete()
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    client.post(again)
    assert [(each.kind, each.to) for each in Letter.objects.all()] == [
        ("invitation", "alice.a@brume.example")
    ]

    account = found.account
    account.last_login = timezone.now()
    account.save()
    found = standing.of(person, at=timezone.now())
    assert found.told == f"invitée le {french.long_date(TODAY)}, son accord est attendu"
    assert said_everywhere(cast, client) == set()
    late = timezone.now() + timedelta(days=31)
    assert standing.of(person, at=late).told.endswith("son accord n’est pas venu à temps")
    Letter.objects.all().delete()
    client.post(again)
    assert [each.kind for each in Letter.objects.all()] == ["link_asked"]


def test_a_neighbour_s_account_at_her_address_is_told_to_nobody(cast, client):
    """And one that has a role here is, with what is left to do."""
    change(cast.alice, email=cast.other_administration.email)
    assert standing.of(cast.alice, at=timezone.now()).is_none
    make_role(cast.other_administration, cast.organisation, Role.Kind.DELEGATE)
    found = standing.of(Person.objects.get(pk=cast.alice.pk), at=timezone.now())
    assert (found.told, found.again) == (
        "ouvert à son adresse, pas rattaché",
        "Demander son accord",
    )
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    assert "a aussi un rôle ailleurs" in text(client.post(again, follow=True))
    assert not LinkRequest.objects.exists()


def test_without_a_mail_server_nothing_is_said_to_leave(cast, client, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    invited(cast, client)
    shown = text(client.get(LIST))
    kept = f'<a href="{reverse("convening:outbox")}">gardées ici</a>'
    assert unsaid(shown, "1 compte ouvert", "Aucun serveur de courriel n’est réglé", kept) == []
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    shown = text(client.post(again, follow=True))
    assert unsaid(shown, "L’invitation ne part pas à alice.a@brume.example", "gardé ici") == []
    prepared = f"invitation préparée le {french.long_date(TODAY)}, gardée ici"
    assert standing.of(cast.alice, at=timezone.now()).told == prepared
    assert said_everywhere(cast, client) == set()
    sent = text(client.get(reverse("accounts:password_reset_sent")))
    assert "Aucun courriel ne part d’ici" in sent and "un lien y part" not in sent
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    shown = text(client.post(again, follow=True))
    assert "L’invitation part à alice.a@brume.example." in shown


@pytest.mark.parametrize("is_kept", [True, False], ids=["sans serveur", "avec un serveur"])
def test_no_mail_is_promised_nor_its_keeping_told_as_a_success(cast, client, settings, is_kept):
    """« Un courriel invite… », then « L’invitation ne part pas » on a green tick."""
    if is_kept:
        settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    farid, named = cast.seat(cast.farid), {"email": "helene@brume.example"}
    told = preview(client, farid, **named).context["told"]
    assert any(each.startswith("Un courriel invite") for each in told) is not is_kept
    assert any("l’invitation reste ici" in each for each in told) is is_kept
    confirmed(client, farid, **named)
    said = client.get(reverse("members:mandate", args=[farid.pk])).context["messages"]
    mails = {each.level_tag for each in said if "L’invitation" in str(each)}
    assert mails == {"warning" if is_kept else "success"}

    text_ = f"{cast.alice} ; alice.a@brume.example ; déléguée"
    page = client.post(reverse("accounts:invite"), {"liste": text_})
    assert ("les invitations restent ici" in text(page)) is is_kept
    sent = {"liste": text_, "empreinte": page.context["fingerprint"]}
    page = client.post(reverse("accounts:confirm_invitation"), sent, follow=True)
    (told,) = page.context["messages"]
    assert told.level_tag == ("warning" if is_kept else "success")
    new = text(client.get(reverse("admin:members_user_add")))
    assert ("Un courriel part à cette adresse" in new) is not is_kept
    assert ("reste ici, faute" in text(client.get(reverse("accounts:invite")))) is is_kept

    # An account of nobody who sits waits for the same.
    text_ = "Zoé Zola ; zoe@brume.example ; secrétariat"
    page = client.post(reverse("accounts:invite"), {"liste": text_})
    sent = {"liste": text_, "empreinte": page.context["fingerprint"]}
    client.post(reverse("accounts:confirm_invitation"), sent)
    rows = client.get(reverse("admin:members_user_changelist")).context["cl"].result_list
    told = {user.email: standing.of_account(user, at=timezone.now()) for user in rows}
    assert told["alice.a@brume.example"].endswith("gardée ici") is is_kept
    assert told["zoe@brume.example"].endswith("gardée ici") is is_kept


def invited_at_her_address(cast, client, email: str = "alice.a@brume.example") -> User:
    """Alice, at the address of her card."""
    cast.alice.email = email
    cast.alice.save()
    line = {"liste": f"{cast.alice} ; {email} ; déléguée"}
    page = client.post(reverse("accounts:invite"), line)
    client.post(
        reverse("accounts:confirm_invitation"), line | {"empreinte": page.context["fingerprint"]}
    )
    return LinkRequest.objects.get(person=cast.alice).account


@pytest.mark.parametrize(
    "moved", [False, True], ids=["tel quel", "et que son compte a changé d’adresse"]
)
def test_an_address_that_the_card_bears_no_longer_is_neither_invited_nor_believed(
    cast, client, client_of, moved
):
    """Whose mailbox it was says « C’est moi », though the card was corrected."""
    account = invited_at_her_address(cast, client)
    asked = LinkRequest.objects.get(person=cast.alice)
    cast.alice.email = "alice.arnaud@brume.example"
    cast.alice.save()
    Letter.objects.all().delete()
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    corrected = "L’adresse de cette personne a changé depuis"
    assert corrected in text(client.post(again, follow=True))
    sent = {"action": "invite", "_selected_action": [account.pk], "confirmed": "1"}
    users = reverse("admin:members_user_changelist")
    assert corrected in text(client.post(users, sent, follow=True))
    assert not Letter.objects.exists()

    if moved:  # to another of his own: that of the card it is not
        change(account, email="un.autre@ailleurs.example")
    stranger = client_of(account)
    link = reverse("accounts:link", args=[asked.pk])
    page = stranger.post(link, {"accord": "oui"})
    assert page.status_code == 422 and corrected in text(page)
    assert "alice.arnaud" not in text(page)
    assert corrected in text(stranger.get(link))
    assert Person.objects.get(pk=cast.alice.pk).user is None

    change(account, email="alice.arnaud@brume.example")  # what the remedy says
    assert stranger.post(link, {"accord": "oui"}).status_code == 302
    assert Person.objects.get(pk=cast.alice.pk).user == account


def test_a_closed_account_awaits_nothing_and_nothing_is_kept_for_it(cast, client, settings):
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    account = invited_at_her_address(cast, client)
    change(account, is_active=False)
    Letter.objects.all().delete()
    found = standing.of(cast.alice, at=timezone.now())
    assert (found.told, found.again) == ("fermé", "")
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    sent = {"action": "invite", "_selected_action": [account.pk], "confirmed": "1"}
    for page in (
        client.post(again, follow=True),
        client.post(reverse("admin:members_user_changelist"), sent, follow=True),
    ):
        assert "fermé" in text(page) and "gardé ici" not in text(page)
    assert not Letter.objects.exists()
    LinkRequest.objects.all().delete()  # at her address, asked by nobody
    assert standing.of(cast.alice, at=timezone.now()).told == "fermé, pas rattaché"


@pytest.mark.database
@pytest.mark.parametrize("kind", ["invitation", "link_asked"])
@pytest.mark.django_db(transaction=True)
def test_four_hands_that_invite_again_at_once_send_one_mail(client_of, kind):
    cast = make_cast()
    account = invited_at_her_address(cast, client_of(cast.administration))
    if kind == "link_asked":
        change(account, last_login=timezone.now())
    Letter.objects.all().delete()
    again = reverse("accounts:invite_again", args=[cast.seat(cast.alice).pk])
    clients = [client_of(cast.administration) for _ in range(4)]
    answers = at_once(lambda client: client.post(again), clients)
    assert {answer.status_code for answer in answers} == {302}
    assert [letter.kind for letter in Letter.objects.all()] == [kind]
    assert LinkRequest.objects.filter(decided_at=None).count() == 1


# --- The lists of accounts and of roles


def test_accounts_are_listed_by_what_is_said_of_them(cast, client):
    """« ouvert » brought them all, those that nobody has entered by included."""
    User.objects.update(last_login=timezone.now())
    change(cast.delegate, last_login=None)
    change(cast.secretariat, is_active=False)
    invited = make_account("invite@brume.example")
    make_role(invited, cast.organisation, Role.Kind.DELEGATE)
    LinkRequest.objects.create(person=cast.farid, account=invited, asked_by=cast.administration)
    there = reverse("admin:members_user_changelist")
    listed = {}
    for state in ("", "ouvert", "invite", "pas-entre", "ferme"):
        page = client.get(there, {"etat": state} if state else {})
        listed[state] = {user.email for user in page.context["cl"].result_list}
        if state:
            for user in page.context["cl"].result_list:
                told = standing.of_account(user, at=timezone.now())
                word = {"invite": "invit", "pas-entre": "pas encore entré·e", "ferme": "fermé"}
                assert word.get(state, "ouvert") in told
    assert listed["ferme"] == {cast.secretariat.email}
    assert listed["pas-entre"] == {cast.delegate.email}
    assert listed["invite"] == {invited.email}
    assert cast.administration.email in listed["ouvert"]
    parts = [listed[state] for state in listed if state]
    assert set().union(*parts) == listed[""] and sum(map(len, parts)) == len(listed[""])


def test_a_role_leads_to_its_account(cast, client):
    card = reverse("admin:members_user_change", args=[cast.delegate.pk])
    assert f'href="{card}"' in client.get(reverse("admin:members_role_changelist")).text


def test_no_role_is_given_that_was_not_chosen(cast, client):
    """The list began on « secrétariat », which opens everything."""
    seat = cast.delegate.persons.get().mandates.first()
    there = reverse("members:mandate", args=[seat.pk])
    assert '<option value="">À choisir</option>' in client.get(there).text
    act = reverse("accounts:role", args=[seat.pk])
    told = client.post(act, {"what": "donner", "kind": ""}, follow=True)
    assert "Choisissez le rôle à lui donner." in text(told)
