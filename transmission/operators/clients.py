"""By what one speaks to an operator."""

import time
from dataclasses import replace

from transmission.connectors import asking
from transmission.connectors.asking import Place, Unreachable
from transmission.connectors.iparapheur import Iparapheur
from transmission.connectors.parcels import Connector
from transmission.connectors.pastell import Pastell
from transmission.connectors.s2low import S2low
from transmission.connectors.signing import Parapheur
from transmission.models import Operator
from transmission.operators import safe


def greeting(operator: Operator, *, patience: float) -> str:
    """What it says of who we are there. Raises `Failed`."""
    make = parapheur if operator.kind in Operator.SIGNING else of
    return make(operator, patience=patience).greet()


def parapheur(operator: Operator, *, patience: float) -> Parapheur:
    """As `of`, of one where papers are signed."""
    try:
        # Its account opens a token: nothing is shown to the rest of the machine.
        place = replace(_place(operator, patience), authorization="", passphrase="")
        secret = safe.secret(operator.organisation, operator.secret)
    except safe.Missing as missing:
        raise Unreachable(str(missing)) from None
    return Iparapheur(
        place=place,
        account=operator.account,
        password=secret,
        tenant=operator.entity,
        desk=operator.desk,
        type=operator.type,
        subtype=operator.subtype,
    )


def of(operator: Operator, *, patience: float) -> Connector:
    """Its client, which asks nothing more after so many seconds. Raises `Unreachable` when what it
    needs is not where it should be."""
    try:
        place = _place(operator, patience)
    except safe.Missing as missing:
        raise Unreachable(str(missing)) from None
    if operator.kind == Operator.Kind.PASTELL:
        return Pastell(place=place, entity=operator.entity)
    return S2low(place=place, is_utf8=operator.is_utf8)


def _place(operator: Operator, patience: float) -> Place:
    if refused := safe.objection(operator.address):
        raise safe.Missing(refused)
    organisation = operator.organisation
    secret = safe.secret(organisation, operator.secret) if operator.secret else ""
    shown = ""
    if secret and operator.account:
        shown = asking.basic(operator.account, secret)
    elif secret and operator.kind == Operator.Kind.PASTELL:
        shown = f"Bearer {secret}"
    named = {"certificate": operator.certificate, "authorities": operator.authorities}
    return Place(
        address=operator.address,
        authorization=shown,
        # Alone, the secret of a service that knows a certificate opens its key.
        passphrase="" if shown else secret,
        secrets=(secret,),
        until=time.monotonic() + patience,
        **{field: safe.file(organisation, name) for field, name in named.items() if name},
    )
