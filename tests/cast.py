"""The cast: one small syndicate that can be counted on the fingers, always the same people.

The *syndicat mixte du Val de Brume* has three member communities and seven delegates:

    Comité syndical (6 titulars, 1 substitute)         Bureau (3 of them)
      Collège des intercommunalités (4 seats)            Alice Arnaud   présidente
        Alice Arnaud    Brume Agglo      présidente      Bruno Besson   1er vice-président
        Bruno Besson    CC des Étangs    1er VP          Denis Duval    2e vice-président
        Claire Caron    Brume Agglo
        Farid Faure     CC des Étangs
        Gaëlle Garnier  Brume Agglo      substitute of Claire Caron
      Collège du Département (2 seats)
        Denis Duval     Département      2e VP
        Elsa Evrard     Département

All mandates run since `SINCE`. Claire Caron has an account (`cast.delegate`): she sits in the
Comité and not in the Bureau. A second organisation has accounts with the same three roles;
`cast.stranger` has an account and no role at all.

Plain functions make one row each, with defaults that the caller overrides; `make_cast()` makes
everything above.
"""

from dataclasses import dataclass
from datetime import date, time

from django.db.models import Model
from django.utils.text import slugify

from law import regime
from members.models import (
    Body,
    Community,
    Constituency,
    LegalForm,
    Mandate,
    Organisation,
    Person,
    Role,
    RuleBook,
    User,
)

SINCE = date(2026, 5, 4)
PASSWORD = "un mot de passe d’essai"


def make_organisation(name: str = "Val de Brume", **extra) -> Organisation:
    defaults = {
        "slug": slugify(name),
        "designation": f"le syndicat mixte {name}",
        "legal_form": LegalForm.OPEN,
        "siren": "200000016",
        "address": "1 place des Tilleuls, 80000 Brume",
    }
    return Organisation.objects.create(name=name, **defaults | extra)


def make_account(email: str, *, password: str | None = None, **extra) -> User:
    """An account without a role. Without a password it signs in by `client.force_login` only."""
    return User.objects.create_user(email, password, **extra)


def make_role(user: User, organisation: Organisation, kind: str) -> Role:
    return Role.objects.create(user=user, organisation=organisation, kind=kind)


def make_community(organisation: Organisation, name: str, **extra) -> Community:
    defaults = {"kind": Community.Kind.CC}
    return Community.objects.create(organisation=organisation, name=name, **defaults | extra)


def make_body(organisation: Organisation, name: str, **extra) -> Body:
    """A body without a rule book: see `make_rule_book`."""
    defaults = {
        "slug": slugify(name),
        "kind": Body.Kind.COMITE,
        "designation": f"le {name}",
        "usual_place": "dans ses locaux",
        "usual_time": time(17, 30),
    }
    return Body.objects.create(organisation=organisation, name=name, **defaults | extra)


def make_rule_book(
    body: Body, preset: str = "smo", *, valid_from: date | None = None, source: str = "", **values
) -> RuleBook:
    """A rule book of this preset; keywords replace single rules, e.g. `proxies_per_holder=2`."""
    return RuleBook.objects.create(
        body=body,
        preset=preset,
        valid_from=valid_from,
        source=source,
        values=regime.to_values(regime.PRESETS[preset]) | values,
    )


def change(row: Model, **values) -> None:
    """These columns of a row, and the row saved."""
    for name, value in values.items():
        setattr(row, name, value)
    # These only: a row read before another fixture wrote would put back what it has of the others.
    row.save(update_fields=values)


def change_rules(body: Body, **values) -> None:
    """Single rules of its only rule book replaced."""
    book = body.rule_books.get()
    change(book, values=book.values | values)


def make_constituency(body: Body, name: str, *, position: int = 0, seats: int = 0) -> Constituency:
    return Constituency.objects.create(body=body, name=name, position=position, seats=seats)


def make_person(
    organisation: Organisation, first_name: str, last_name: str, civility: str = "Mme", **extra
) -> Person:
    return Person.objects.create(
        organisation=organisation,
        civility=civility,
        first_name=first_name,
        last_name=last_name,
        **extra,
    )


def make_mandate(body: Body, person: Person, **extra) -> Mandate:
    return Mandate.objects.create(body=body, person=person, **{"start_on": SINCE} | extra)


def end(mandate: Mandate, on: date, reason: str = "demission") -> None:
    """That day is its last, without the objections of the verb."""
    change(mandate, end_on=on, end_reason=reason)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody, under the name tests call them by."""

    organisation: Organisation

    agglo: Community
    etangs: Community
    departement: Community

    comite: Body
    bureau: Body
    intercommunalites: Constituency
    college_departement: Constituency

    alice: Person
    bruno: Person
    claire: Person
    denis: Person
    elsa: Person
    farid: Person
    gaelle: Person

    secretariat: User
    delegate: User
    administration: User
    auditor: User

    other_organisation: Organisation
    other_body: Body
    other_secretariat: User
    other_delegate: User
    other_administration: User

    stranger: User

    def seat(self, person: Person, body: Body | None = None) -> Mandate:
        """The running mandate of this person, in the Comité unless said otherwise."""
        return Mandate.objects.get(person=person, body=body or self.comite, end_on=None)


def make_cast() -> Cast:
    organisation = make_organisation()

    agglo = make_community(organisation, "Brume Agglo", kind=Community.Kind.CA)
    etangs = make_community(organisation, "CC des Étangs", kind=Community.Kind.CC)
    departement = make_community(
        organisation, "Département de la Lisse", kind=Community.Kind.DEPARTEMENT
    )

    comite = make_body(
        organisation, "Comité syndical", slug="comite", position=1, numbering="continu"
    )
    bureau = make_body(
        organisation,
        "Bureau",
        kind=Body.Kind.BUREAU,
        position=2,
        layout=Body.Layout.SHORT,
        numbering=Body.Numbering.ROMAN_BULLETS,
        member_noun="membres",
    )
    make_rule_book(comite)
    make_rule_book(bureau)
    intercommunalites = make_constituency(
        comite, "Collège des intercommunalités", position=1, seats=4
    )
    college_departement = make_constituency(comite, "Collège du Département", position=2, seats=2)

    secretariat = make_account("secretariat@brume.example", first_name="Sylvie", last_name="Saint")
    delegate = make_account("claire.caron@brume.example", first_name="Claire", last_name="Caron")
    administration = make_account("administration@brume.example")
    make_role(secretariat, organisation, Role.Kind.SECRETARIAT)
    make_role(delegate, organisation, Role.Kind.DELEGATE)
    make_role(administration, organisation, Role.Kind.ADMINISTRATION)
    auditor = make_account("controle@brume.example")
    make_role(auditor, organisation, Role.Kind.AUDIT)

    alice = make_person(organisation, "Alice", "Arnaud")
    bruno = make_person(organisation, "Bruno", "Besson", "M.")
    claire = make_person(organisation, "Claire", "Caron", user=delegate, email=delegate.email)
    denis = make_person(organisation, "Denis", "Duval", "M.")
    elsa = make_person(organisation, "Elsa", "Evrard")
    farid = make_person(organisation, "Farid", "Faure", "M.")
    gaelle = make_person(organisation, "Gaëlle", "Garnier")

    chair = {"office": Mandate.Office.CHAIR}
    first = {"office": Mandate.Office.VICE_CHAIR, "office_rank": 1}
    second = {"office": Mandate.Office.VICE_CHAIR, "office_rank": 2}
    of_agglo = {"constituency": intercommunalites, "community": agglo}
    of_etangs = {"constituency": intercommunalites, "community": etangs}
    of_departement = {"constituency": college_departement, "community": departement}

    make_mandate(comite, alice, **of_agglo, **chair)
    make_mandate(comite, bruno, **of_etangs, **first)
    seat_of_claire = make_mandate(comite, claire, **of_agglo)
    make_mandate(comite, denis, **of_departement, **second)
    make_mandate(comite, elsa, **of_departement)
    make_mandate(comite, farid, **of_etangs)
    make_mandate(
        comite,
        gaelle,
        **of_agglo,
        capacity=Mandate.Capacity.SUBSTITUTE,
        replaces=seat_of_claire,
    )
    make_mandate(bureau, alice, community=agglo, **chair)
    make_mandate(bureau, bruno, community=etangs, **first)
    make_mandate(bureau, denis, community=departement, **second)

    other_organisation = make_organisation("Autre Rive", siren="200000024")
    other_body = make_body(other_organisation, "Comité syndical", slug="comite")
    make_rule_book(other_body)
    other_secretariat = make_account("secretariat@rive.example")
    other_delegate = make_account("delegue@rive.example")
    other_administration = make_account("administration@rive.example")
    make_role(other_secretariat, other_organisation, Role.Kind.SECRETARIAT)
    make_role(other_delegate, other_organisation, Role.Kind.DELEGATE)
    make_role(other_administration, other_organisation, Role.Kind.ADMINISTRATION)
    other_person = make_person(
        other_organisation, "Olga", "Olivier", user=other_delegate, email=other_delegate.email
    )
    make_mandate(other_body, other_person)

    return Cast(
        organisation=organisation,
        agglo=agglo,
        etangs=etangs,
        departement=departement,
        comite=comite,
        bureau=bureau,
        intercommunalites=intercommunalites,
        college_departement=college_departement,
        alice=alice,
        bruno=bruno,
        claire=claire,
        denis=denis,
        elsa=elsa,
        farid=farid,
        gaelle=gaelle,
        secretariat=secretariat,
        delegate=delegate,
        administration=administration,
        auditor=auditor,
        other_organisation=other_organisation,
        other_body=other_body,
        other_secretariat=other_secretariat,
        other_delegate=other_delegate,
        other_administration=other_administration,
        stranger=make_account("inconnue@ailleurs.example"),
    )
