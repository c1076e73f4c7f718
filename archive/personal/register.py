"""The register of processing (`registre des traitements`, art. 30 of the regulation), filled from
the settings and from the table of `members.retention`: nothing of it is written twice."""

from collections.abc import Iterator

from django.conf import settings

from archive.models import ArchiveService
from law import french
from members import retention
from members.models import Organisation
from members.retention import Kind, Purpose
from transmission.models import Operator


def purposes() -> list[tuple[Purpose, tuple[Kind, ...]]]:
    """Each processing, with how long what it holds is kept."""
    return [(each, retention.of(each.kinds)) for each in retention.PURPOSES]


def helpers(organisation: Organisation) -> Iterator[str]:
    """Who else handles it (`sous-traitants`, recipients elsewhere), as far as settings say."""
    if settings.ABOUT["host"]:
        yield f"hébergeur\u00a0: {settings.ABOUT['host']}"
    for operator in Operator.objects.filter(organisation=organisation):
        yield f"opérateur\u00a0: {operator}"
    for service in ArchiveService.objects.filter(organisation=organisation):
        yield f"archives\u00a0: {service}"
    for provider in settings.OIDC_PROVIDERS:
        yield f"fournisseur d’identité\u00a0: {provider.label}"
    if settings.SIGNING_TIMESTAMP_URL or settings.ANCHOR_TIMESTAMP_URL:
        yield "autorité d’horodatage\u00a0: elle reçoit des empreintes, aucune donnée"


def safeguards() -> Iterator[str]:
    """How it is protected (art. 32), as the settings have it today."""
    if settings.SESSION_COOKIE_SECURE:
        yield "connexions chiffrées (HTTPS)"
    roles = settings.SECOND_FACTOR_ROLES
    yield f"second facteur\u00a0: {', '.join(roles) if roles else 'offert, exigé d’aucun rôle'}"
    minutes = french.count(settings.SECOND_PROOF_MINUTES, "minute")
    yield f"preuve redemandée avant un acte qui engage, valable {minutes}"
    yield "rôles par organisation\u00a0; chacun ne lit que les instances où il siège"
    yield "mots de passe, liens et sessions gardés sous une empreinte"
    yield "journal qui ne se récrit pas\u00a0; registres et actes scellés, un changement se voit"
    encrypted = settings.BACKUP_RECIPIENT
    yield (
        "sauvegardes chiffrées"
        if encrypted
        else "sauvegardes\u00a0: leur chiffrement n’est pas réglé"
    )
