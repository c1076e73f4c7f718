"""By what one speaks to an operator."""

import time

from transmission.connectors import asking
from transmission.connectors.asking import Place, Unreachable
from transmission.connectors.parcels import Connector
from transmission.connectors.pastell import Pastell
from transmission.connectors.s2low import S2low
from transmission.models import Operator
from transmission.operators import safe


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
