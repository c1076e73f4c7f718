"""What ends with a mandate, or with an account, ends at once: by whatever address one came."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from convening import desk, tokens
from convening.models import Recipient
from live.actions import equipping
from meetings.actions import preparing
from tests.cast import change, end, make_mandate
from tests.convening import test_answer_pages
from tests.convening.sent import HELD_ON, NOW, Sent

pytestmark = pytest.mark.usefixtures("own_directory")


@pytest.fixture
def addresses(sent: Sent, cast) -> dict[str, str]:
    """Every address by which Claire reaches the sitting without an account, and by hers."""
    convocation = test_answer_pages.convocation(sent)
    seat, pk = cast.seat(cast.claire), sent.meeting.pk
    change(sent.meeting, sent_on=NOW.date())
    # A link made again closes what the mail before it opened.
    invitation, its_dossier = sent.link("claire"), sent.link("claire", "dossier")
    row = Recipient(
        convocation=convocation,
        why=Recipient.Why.MEMBER,
        mandate=seat,
        name="Claire CARON",
        email=cast.claire.email,
        message_id="<claire@brume.example>",
        sent_at=NOW,
        channel=Recipient.Channel.MAIL,
        state=Recipient.State.SENT,
    )
    tokens.give_dossier(row)
    row.save()
    feed = desk.feed_token(desk.make_feed(cast.claire, at=NOW))
    tablet = equipping.make_tablet(sent.meeting, mandate=seat, by=cast.secretariat)[1]
    return {
        "invitation": invitation,
        "invitation’s dossier": its_dossier,
        "dossier": tokens.dossier_path(row),
        "file of the dossier": reverse("convening:sent_file", args=[tokens.dossier_of(row), 0]),
        "calendar": reverse("convening:calendar", args=[feed]),
        "tablet": reverse("live:open_tablet", args=[tablet]),
        "her page": reverse("convening:sitting", args=[pk]),
        "the sitting": reverse("meetings:detail", args=[pk]),
    }


BY_LINK = (
    *("invitation", "invitation’s dossier"),
    *("dossier", "file of the dossier", "calendar", "tablet"),
)
BY_ACCOUNT = ("her page", "the sitting")
OPEN = dict.fromkeys((*BY_LINK, *BY_ACCOUNT), 200)
# The personal link still tells her why; the others open nothing that they could say it in.
DEAD = dict.fromkeys(BY_LINK, 404) | {"tablet": 410}
GONE = OPEN | DEAD | dict.fromkeys((*BY_LINK[:2], *BY_ACCOUNT), 403)
CLOSED = OPEN | DEAD | dict.fromkeys(BY_ACCOUNT, 302)
YESTERDAY = NOW.date() - timedelta(days=1)


def mandate_ended(cast) -> None:
    end(cast.seat(cast.claire), YESTERDAY)


def ended_after_the_sitting(cast) -> None:
    end(cast.seat(cast.claire), HELD_ON + timedelta(days=3))


def of_another_office(cast) -> None:
    """A mandate ended for another that follows: the same person sits."""
    end(cast.seat(cast.claire), YESTERDAY, reason="fonction")
    make_mandate(cast.comite, cast.claire, start_on=NOW.date(), community=cast.agglo)


def account_closed(cast) -> None:
    change(cast.delegate, is_active=False)


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        pytest.param(lambda cast: None, OPEN, id="rien"),
        pytest.param(mandate_ended, GONE, id="mandat fini"),
        pytest.param(ended_after_the_sitting, OPEN, id="mandat fini après la séance"),
        pytest.param(of_another_office, OPEN, id="un mandat suit l’autre"),
        pytest.param(account_closed, CLOSED, id="compte fermé"),
    ],
)
def test_what_ends_with_a_mandate_or_an_account(
    cast, client_of, phone, addresses, happened, expected
):
    claire = client_of(cast.delegate)
    happened(cast)
    found = {}
    for name, address in addresses.items():
        response = (claire if name in BY_ACCOUNT else phone).get(address)
        found[name] = response.status_code
        if response.streaming:
            list(response)
    assert found == expected


def test_a_former_delegate_reads_what_he_sat_in_and_nothing_that_comes_after(
    cast, client_of, sent, time_machine
):
    end(cast.seat(cast.claire), HELD_ON)
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    change(sent.meeting, sent_on=NOW.date())
    later = preparing.create_meeting(
        body=cast.comite,
        held_on=HELD_ON + timedelta(days=70),
        starts_at=time(18),
        by=cast.secretariat,
    )
    change(later, sent_on=HELD_ON + timedelta(days=58))
    claire = client_of(cast.delegate)
    for meeting, status in ((sent.meeting, 200), (later, 403)):
        assert claire.get(reverse("meetings:detail", args=[meeting.pk])).status_code == status
    listed = claire.get(reverse("meetings:list")).content.decode()
    assert f"/seances/{sent.meeting.pk}/" in listed
    assert f"/seances/{later.pk}/" not in listed
