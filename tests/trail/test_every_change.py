"""Every change of what gives a vote, or of how an organisation works, leaves a line in the trail:
each model of `members`, made, changed and erased, by each road that leads there."""

from collections.abc import Callable
from datetime import date
from itertools import product

import pytest
from django.apps import apps
from django.core import serializers
from django.urls import reverse

from members import actions
from members.models import (
    Body,
    Cached,
    Community,
    Constituency,
    Lead,
    Leftover,
    Mandate,
    Organisation,
    PaperStyle,
    Person,
    Role,
    RuleBook,
    Service,
    User,
)
from members.witness import Witness
from tests.cast import Cast, change, make_account, make_person
from tests.members.test_admin import form_data, page, row_of
from tests.members.test_import import upload
from trail.models import Entry

DEEDS = ("made", "changed", "erased")
ROADS = ("admin", "page", "import")
MODELS = [
    model
    for model in apps.get_app_config("members").get_models()
    if not model.__name__.startswith("Historical")
]

# --- The roads --------------------------------------------------------------------------------


class Hands:
    """A superuser at the administration, the secretariat at the pages."""

    def __init__(self, cast: Cast, client_of: Callable) -> None:
        self.cast = cast
        change(cast.administration, is_superuser=True)
        self.admin = client_of(cast.administration)
        self.desk = client_of(cast.secretariat)
        self.own = client_of(cast.delegate)

    def fill(self, address: str, **data: object) -> None:
        """What a page of the administration asks, these answers changed, is sent."""
        shown = self.admin.get(address)
        sent = self.admin.post(address, form_data(shown) | data)
        assert sent.status_code == 302, sent.context["adminform"].form.errors

    def import_(self, **cells: str) -> None:
        """One line of mandates, previewed and confirmed."""
        line = {"civilité": "M.", "prénom": "Farid", "nom": "Faure", "depuis le": "04/05/2026"}
        line |= cells
        content = f"{';'.join(line)}\n{';'.join(line.values())}"
        pk = self.cast.comite.pk
        shown = self.desk.post(reverse("members:import", args=[pk]), {"file": upload(content)})
        where = reverse("accounts:confirm_import", args=[pk])
        assert self.desk.post(where, {"token": shown.context["token"]}).status_code == 302


def made(model: type, **data: object) -> Callable[[Hands], None]:
    return lambda hands: hands.fill(page(model, "add"), **data)


def changed(model: type, **data: object) -> Callable[[Hands], None]:
    return lambda hands: hands.fill(page(model, "change", row_of(hands.cast, model).pk), **data)


def erased(find: Callable[[Cast], object]) -> Callable[[Hands], None]:
    def erase(hands: Hands) -> None:
        row = find(hands.cast)
        hands.admin.post(page(type(row), "delete", row.pk), {"post": "yes"})
        assert not type(row).objects.filter(pk=row.pk).exists()

    return erase


def styled(hands: Hands) -> None:
    """The papers of the body, as their page keeps them."""
    style = PaperStyle.objects.filter(body=hands.cast.comite).first()
    version = style.version if style else 0
    style = style or PaperStyle(body=hands.cast.comite)
    style.footer = f"pied n° {version}"
    actions.keep_paper_style(style, version=version, by=hands.cast.secretariat)


def restyled(hands: Hands) -> None:
    styled(hands)
    styled(hands)


def at(model: type) -> Callable[[Hands], None]:
    """Filled with the keys of the cast, which the table cannot know."""

    def fill(hands: Hands) -> None:
        cast = hands.cast
        organisation = {"organisation": cast.organisation.pk}
        data = {
            Community: organisation | {"name": "CC neuve", "kind": "cc"},
            Body: organisation
            | {"name": "Commission", "slug": "commission", "kind": "commission"}
            | {"designation": "la commission", "deliberation_format": "{annee}-{numero}"},
            RuleBook: {"body": cast.comite.pk, "preset": "smo", "valid_from": "2027-01-01"},
            Constituency: {"body": cast.comite.pk, "name": "Collège neuf", "seats": 2},
            Person: organisation | {"civility": "M.", "last_name": "Neuf"},
            Role: organisation | {"user": cast.stranger.pk, "kind": Role.Kind.AUDIT},
            Mandate: {"body": cast.bureau.pk, "person": cast.farid.pk, "start_on": "2026-09-01"},
        }[model]
        hands.fill(page(model, "add"), **data)

    return fill


ACCOUNT = {
    "email": "neuve@brume.example",
    "first_name": "Nour",
    "last_name": "Neuve",
    "roles-TOTAL_FORMS": 0,
    "roles-INITIAL_FORMS": 0,
}
ALONE = "ni page ni fichier : l’administration seule"
ACCOUNT_ONLY = "un fichier de mandats n’ouvre ni ne ferme de compte"
NO_SEAT = "un fichier de mandats nomme ce qui existe, et ne le crée ni ne le change"
NEVER = "un fichier de mandats n’efface rien : il met fin"
KEPT = "personne ne l’efface : ce qui fut tenu là le garde (PROTECT)"

# What is done, and what the trail then says of it; or why there is no such road.
TABLE = {
    (User, "made", "admin"): (made(User, **ACCOUNT), "compte ouvert : neuve@brume.example"),
    (User, "changed", "admin"): (changed(User, first_name="Zoé"), "prénom"),
    (User, "erased", "admin"): (
        erased(lambda cast: make_account("partie@brume.example")),
        "compte supprimé : partie@brume.example",
    ),
    (Organisation, "made", "admin"): (
        made(Organisation, name="Autre", slug="autre", designation="l’autre", legal_form="smo"),
        "organisation « Autre » : création (administration)",
    ),
    (Organisation, "changed", "admin"): (
        changed(Organisation, legal_form="smf"),
        "forme juridique syndicat mixte ouvert → syndicat mixte fermé (administration)",
    ),
    (Organisation, "erased", "admin"): (
        erased(
            lambda cast: Organisation.objects.create(
                name="Vide", slug="vide", designation="le vide", legal_form="smo"
            )
        ),
        "organisation « Vide » : suppression (administration)",
    ),
    (Role, "made", "admin"): (at(Role), "rôle « contrôle » donné : inconnue@ailleurs.example"),
    (Role, "changed", "admin"): (
        changed(Role, kind=Role.Kind.SECRETARIAT),
        "rôle « délégué·e » retiré",
    ),
    (Role, "erased", "admin"): (erased(lambda cast: row_of(cast, Role)), "rôle « délégué·e » ret"),
    (Community, "made", "admin"): (at(Community), "« CC neuve » : création (administration)"),
    (Community, "changed", "admin"): (
        changed(Community, is_associated="on"),
        "membre associé non → oui (administration)",
    ),
    (Community, "erased", "admin"): (
        erased(lambda cast: cast.organisation.communities.create(name="CC vide", kind="cc")),
        "« CC vide » : suppression (administration)",
    ),
    (Body, "made", "admin"): (at(Body), "instance « Commission » : création (administration)"),
    (Body, "changed", "admin"): (
        changed(Body, numbering="decimal"),
        "numérotation de l’ordre du jour 1, 2, 3… sans compter les sections → 1, 1.1, 1.2, 2…",
    ),
    (Body, "erased", "admin"): (
        erased(
            lambda cast: cast.organisation.bodies.create(
                name="Jury", slug="jury", kind="commission", designation="le jury"
            )
        ),
        "instance « Jury » : suppression (administration)",
    ),
    (PaperStyle, "made", "page"): (styled, "style des papiers « Comité syndical » : création"),
    (PaperStyle, "changed", "page"): (restyled, "pied de page pied n° 0 → pied n° 1 (papiers)"),
    (RuleBook, "made", "admin"): (at(RuleBook), "règlement « Comité syndical » : création"),
    (RuleBook, "changed", "admin"): (
        changed(RuleBook, proxies_per_holder=2),
        "pouvoirs par porteur 1 → 2 (administration)",
    ),
    (RuleBook, "erased", "admin"): (
        erased(lambda cast: row_of(cast, RuleBook)),
        "règlement « Comité syndical » : suppression (administration)",
    ),
    (Constituency, "made", "admin"): (
        at(Constituency),
        "collège « Collège neuf », Comité syndical : création : sièges 2 (administration)",
    ),
    (Constituency, "changed", "admin"): (
        changed(Constituency, seats=9),
        "sièges 4 → 9 (administration)",
    ),
    (Constituency, "erased", "admin"): (
        erased(lambda cast: cast.comite.constituencies.create(name="Vide", seats=1)),
        "collège « Vide », Comité syndical : suppression : sièges 1 (administration)",
    ),
    (Person, "made", "admin"): (at(Person), "NEUF : création (administration)"),
    (Person, "changed", "admin"): (
        changed(Person, born_on="1960-05-12"),
        "Farid FAURE : date de naissance (administration)",
    ),
    (Person, "erased", "admin"): (
        erased(lambda cast: make_person(cast.organisation, "Paul", "Parti", "M.")),
        "Paul PARTI : suppression (administration)",
    ),
    (Person, "made", "import"): (
        lambda hands: hands.import_(prénom="Hugo", nom="Hardy"),
        "Hugo HARDY : création (import de mandats.csv)",
    ),
    (Person, "changed", "import"): (
        lambda hands: hands.import_(mail="complice@ailleurs.example"),
        "Farid FAURE : adresse électronique (vide) → complice@ailleurs.example "
        "(import de mandats.csv)",
    ),
    (Person, "changed", "page"): (
        lambda hands: hands.own.post(
            reverse("convening:profile"), {"email": "claire@neuve.example"}
        ),
        "Claire CARON : adresse électronique cl…@brume.example → claire@neuve.example",
    ),
    (Mandate, "made", "admin"): (
        at(Mandate),
        "mandat de Farid FAURE, Bureau : création : qualité titulaire, fonction membre, voix 1, "
        "depuis le 01/09/2026 (administration)",
    ),
    (Mandate, "changed", "admin"): (
        changed(Mandate, weight=3, end_on="2026-12-31", end_reason="demission"),
        "mandat de Farid FAURE, Comité syndical : voix 1 → 3 ; jusqu’au (inclus) (vide) → "
        "31/12/2026 ; motif de fin (vide) → démission (administration)",
    ),
    (Mandate, "erased", "admin"): (
        erased(lambda cast: cast.seat(cast.farid)),
        "mandat de Farid FAURE, Comité syndical : suppression : qualité titulaire",
    ),
    (Mandate, "made", "import"): (
        lambda hands: hands.import_(prénom="Hugo", nom="Hardy", voix="2"),
        "mandat de Hugo HARDY, Comité syndical : création : qualité titulaire, fonction membre, "
        "voix 2, depuis le 04/05/2026 (import de mandats.csv)",
    ),
    (Mandate, "changed", "import"): (
        lambda hands: hands.import_(voix="5"),
        "mandat de Farid FAURE, Comité syndical : voix 1 → 5 (import de mandats.csv)",
    ),
    # Why there is no such road
    **dict.fromkeys(product([User, Role], DEEDS, ["import"]), ACCOUNT_ONLY),
    **dict.fromkeys(
        product([User], DEEDS, ["page"]), "tests/accounts : inviter, changer d’adresse, désactiver"
    ),
    **dict.fromkeys(
        product([Organisation, Role, Community, Body, RuleBook, Constituency], DEEDS, ["page"]),
        ALONE,
    ),
    **dict.fromkeys(
        product(
            [Organisation, Community, Body, PaperStyle, RuleBook, Constituency], DEEDS, ["import"]
        ),
        NO_SEAT,
    ),
    **dict.fromkeys(product([PaperStyle], DEEDS, ["admin"]), "sa page seule"),
    (PaperStyle, "erased", "page"): KEPT,
    (Person, "made", "page"): ALONE,
    (Person, "erased", "page"): ALONE,
    **dict.fromkeys(product([Mandate], DEEDS, ["page"]), ALONE),
    **dict.fromkeys(product([Person, Mandate], ["erased"], ["import"]), NEVER),
    **dict.fromkeys(product([Witness], DEEDS, ROADS), "le constat : l’application seule l’écrit"),
    **dict.fromkeys(product([Lead], DEEDS, ROADS), "le serveur, qui dit lequel veille"),
    **dict.fromkeys(product([Cached], DEEDS, ROADS), "le cache, que Django tient"),
    **dict.fromkeys(product([Leftover], DEEDS, ROADS), "le serveur, d’un fichier à effacer"),
    **dict.fromkeys(product([Service], DEEDS, ROADS), "le serveur, ou une commande, qui s’inscrit"),
}


def test_every_model_deed_and_road_is_in_the_table():
    assert TABLE.keys() == set(product(MODELS, DEEDS, ROADS))


@pytest.fixture
def hands(cast, client_of) -> Hands:
    return Hands(cast, client_of)


@pytest.mark.parametrize(
    ("do", "words"),
    [
        pytest.param(*row, id=f"{model.__name__} {deed} {road}")
        for (model, deed, road), row in TABLE.items()
        if isinstance(row, tuple)
    ],
)
def test_it_leaves_a_line_that_says_who_from_what_to_what(hands, do, words):
    last = Entry.objects.latest("pk").pk
    do(hands)
    lines = [line.what.replace("\xa0", " ") for line in Entry.objects.filter(pk__gt=last)]
    assert [line for line in lines if words in line], lines


@pytest.mark.parametrize(
    "act",
    [
        lambda cast: actions.end_mandates(
            [cast.seat(cast.farid)], on=date(2026, 9, 1), reason="demission", by=cast.secretariat
        ),
        lambda cast: actions.merge(
            [cast.etangs], successor=cast.agglo, on=date(2026, 9, 2), by=cast.secretariat
        ),
    ],
    ids=["fin de mandats", "fusion"],
)
def test_the_verbs_leave_theirs(cast, act):
    act(cast)
    lines = [line.what.replace("\xa0", " ") for line in Entry.objects.all()]
    told = "mandat de Farid FAURE, Comité syndical : jusqu’au (inclus) (vide) → 01/09/2026"
    assert [line for line in lines if told in line]


def test_a_history_that_begins_late_tells_of_no_change_that_never_was(cast):
    """Said before: « relié au compte », of a person who was linked long ago."""
    change(cast.claire, user=cast.delegate)
    cast.claire.history.all().delete()
    last = Entry.objects.latest("pk").pk
    change(cast.claire, phone="03 22 00 00 00")
    lines = list(Entry.objects.filter(pk__gt=last).values_list("what", flat=True))
    assert lines == ["Claire CARON : téléphone"]


def test_what_a_backup_brings_back_is_no_change(cast):
    """It comes with its own trail, and maybe before what it leans on."""
    rows = [row_of(cast, model) for model in (User, Role, Organisation, Person, Mandate)]
    kept = serializers.serialize("json", rows)
    row_of(cast, Mandate).delete()
    last = Entry.objects.latest("pk").pk
    for row in serializers.deserialize("json", kept):
        row.save()
    assert row_of(cast, Mandate).person == cast.farid
    assert not Entry.objects.filter(pk__gt=last).exists()
