"""What awaits the administration, on its first page and in « À faire »."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.desk import chores
from members.models import Constituency, Role
from tests.cast import change, end, make_account, make_body, make_role
from tests.words import text, unsaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def settled(cast):
    """Whoever sits has an account, a first sitting apart: nothing awaits the administration."""
    for person in cast.organisation.persons.filter(user=None):
        account = make_account(f"p{person.pk}@brume.example")
        make_role(account, cast.organisation, Role.Kind.DELEGATE)
        change(person, email=account.email, user=account)
    return cast


def told(cast, today: date) -> list[str]:
    found = chores.of(cast.organisation, by=cast.administration, on=today)
    return [f"{each.where} {each.what}".strip().replace("\u00a0", " ") for each in found]


def test_a_seat_a_mandate_an_account_a_body_each_await_it(settled, today):
    assert told(settled, today) == []
    Constituency.objects.filter(pk=settled.college_departement.pk).update(seats=3)
    end(settled.seat(settled.elsa), today + timedelta(days=40))
    end(settled.seat(settled.gaelle), today - timedelta(days=1))
    make_body(settled.organisation, "Commission des eaux", slug="eaux", position=3)
    assert told(settled, today) == [
        "Comité syndical Pourvoir 1 siège dont le mandat finit",
        "Les délégués et leurs suppléants : personne ne siège encore : Commission des eaux",
        "Désactiver 1 compte que plus aucun mandat ne justifie",
        "Comité syndical Pourvoir 1 siège vacant",
        "Commission des eaux Écrire ses règles",
    ]
    found = chores.of(settled.organisation, by=settled.administration, on=today)
    assert found[0].due_on == today + timedelta(days=40)
    change(settled.farid, user=None, email="farid@ailleurs.example")
    assert "Inviter 1 personne" in told(settled, today)


def test_they_are_links_on_its_pages_and_nobody_elses(settled, client_of):
    Constituency.objects.filter(pk=settled.college_departement.pk).update(seats=3)
    seats = f"{settled.comite.get_absolute_url()}#a-pourvoir"
    for url in ("/", reverse("archive:to_do")):
        page = text(client_of(settled.administration).get(url))
        assert unsaid(page, f'<a class="task" href="{seats}">Pourvoir 1 siège vacant</a>') == []
        assert "Pourvoir" not in text(client_of(settled.secretariat).get(url))
    home = text(client_of(settled.administration).get(reverse("admin:index")))
    assert unsaid(home, f'<a href="{seats}">Pourvoir 1 siège vacant</a>') == []
    Constituency.objects.update(seats=0)
    assert "À faire</h2>" not in client_of(settled.administration).get(reverse("admin:index")).text
    assert "Chaque siège est pourvu" in text(client_of(settled.administration).get("/"))
