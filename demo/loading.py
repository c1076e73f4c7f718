"""Loads the demonstration by the verbs of the secretariat: nothing impossible enters."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from law import codec, regime
from meetings import composition, sitting_file
from members import actions as membership
from members.models import Body, Community, Organisation, Person, Role, RuleBook, User
from members.sheets import files

DATA = Path(__file__).parent / "data"

# Known to everybody, written in the README: for a machine that holds nothing else.
PASSWORD = "somme-gov-2026"  # noqa: S105 - the point of a demonstration
ACCOUNTS = (
    ("secretariat@demo.example", "Sylvie", "Marchand", Role.Kind.SECRETARIAT),
    ("deleguee@demo.example", "Anne-Sophie", "Delaporte", Role.Kind.DELEGATE),
    ("presidente@demo.example", "Hélène", "Carpentier", Role.Kind.DELEGATE),
    ("administration@demo.example", "Adrien", "Morel", Role.Kind.ADMINISTRATION),
    ("controle@demo.example", "Camille", "Vasseur", Role.Kind.AUDIT),
)


def slug() -> str:
    """By what the demonstration is recognised."""
    return _read("organisation.json")["slug"]


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@transaction.atomic
def load() -> Organisation:
    """The whole demonstration, or nothing. Raises `Refused` if its own data were unlawful."""
    given = _read("organisation.json")
    organisation = Organisation.objects.create(
        **{
            key: value
            for key, value in given.items()
            if key not in ("communities", "bodies", "enlargement", "on_paper")
        }
    )
    make_accounts(organisation)
    by = clerk()
    _make_communities(organisation, given["communities"])
    for each in given["bodies"]:
        _import(_make_body(organisation, each), f"mandats-{each['kind']}.csv", by=by)
    enlargement = given["enlargement"]
    for path in sorted((DATA / "seances").glob("*.json")):
        short = sitting_file.read(path.read_bytes())
        if enlargement and short["meeting"]["held_on"] >= enlargement["on"]:
            # Seats are not dated: those of the earlier sittings are frozen by now.
            _enlarge(organisation, enlargement, by=by)
            enlargement = None
        sitting_file.import_(completed(short, organisation), organisation=organisation, by=by)
    link_delegates(organisation)
    _ask_for_paper(organisation, given["on_paper"])
    return organisation


def _import(body: Body, sheet: str, *, by: User) -> None:
    read = files.read(ContentFile((DATA / sheet).read_bytes()))
    membership.import_mandates(body, read, by=by, file_name=sheet)


def _enlarge(organisation: Organisation, given: dict[str, Any], *, by: User) -> None:
    """The statutes were revised: the assembly has more seats, and more people in them."""
    body = organisation.bodies.get(slug=given["body"])
    for name, seats in given["constituencies"]:
        body.constituencies.filter(name=name).update(seats=seats)
    _import(body, given["sheet"], by=by)


def _ask_for_paper(organisation: Organisation, names: list[list[str]]) -> None:
    """Who asked to be convened on paper (art. L2121-10)."""
    for first_name, last_name in names:
        organisation.persons.filter(first_name=first_name, last_name=last_name).update(
            wants_paper=True
        )


def make_accounts(organisation: Organisation) -> None:
    """The accounts of the demonstration; those that exist are left as they are."""
    for email, first_name, last_name, kind in ACCOUNTS:
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, PASSWORD, first_name=first_name, last_name=last_name
        )
        Role.objects.get_or_create(user=user, organisation=organisation, kind=kind)


def clerk() -> User:
    """Who does in the demonstration what the secretariat does."""
    return User.objects.get(email=ACCOUNTS[0][0])


def link_delegates(organisation: Organisation) -> None:
    """The account of a delegate is that of the person of this name, who sits in both bodies."""
    for email, first_name, last_name, kind in ACCOUNTS:
        if kind == Role.Kind.DELEGATE:
            Person.objects.filter(
                organisation=organisation, first_name=first_name, last_name=last_name, user=None
            ).update(user=User.objects.get(email=email), email=email)


def _make_communities(organisation: Organisation, given: list[dict[str, Any]]) -> None:
    """A successor stands in the list before those it took over from."""
    made: dict[str, Community] = {}
    for each in given:
        successor = made[each["successor"]] if "successor" in each else None
        made[each["name"]] = organisation.communities.create(**each | {"successor": successor})


def _make_body(organisation: Organisation, given: dict[str, Any]) -> Body:
    body = Body.objects.create(
        organisation=organisation,
        **{
            key: value
            for key, value in given.items()
            if key not in ("constituencies", "rule_books")
        },
    )
    for position, (name, seats) in enumerate(given["constituencies"], 1):
        body.constituencies.create(name=name, seats=seats, position=position)
    preset = organisation.legal_form
    for each in given["rule_books"]:
        book = RuleBook(
            body=body, preset=preset, valid_from=each["valid_from"], source=each["source"]
        )
        book.values = regime.to_values(book.usual) | each["values"]
        book.save()
    return body


def completed(short: dict[str, Any], organisation: Organisation) -> dict[str, Any]:
    """A sitting file with what ours leave out, because the mandates of the day say it."""
    body = organisation.bodies.get(slug=short["body"])
    held_on = date.fromisoformat(short["meeting"]["held_on"])
    _, basis = codec.dump(composition.of(body, held_on))
    for member in basis["composition"]["members"]:
        del member["mandate"]
    ledger = [{"kind": "composed", **basis}, *short["ledger"]] if short["ledger"] else []
    return {
        "format": "somme_gov/seance",
        "version": 1,
        "organisation": _words(organisation, "name slug designation legal_form"),
        "body": _words(body, "name slug kind designation gender"),
        "meeting": short["meeting"],
        "agenda": short["agenda"],
        "ledger": ledger,
        **({} if ledger else {"basis": basis}),
    }


def _words(row: Organisation | Body, names: str) -> dict[str, str]:
    return {name: getattr(row, name) for name in names.split()}
