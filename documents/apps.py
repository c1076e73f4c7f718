from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from law.french import NBSP


class DocumentsConfig(AppConfig):
    """The papers, and the address printed on them that whoever deploys must fix."""

    name = "documents"
    verbose_name = "documents"

    def ready(self) -> None:
        """Have the address checked before it is deployed."""
        checks.register(check_site, checks.Tags.urls, deploy=True)


def check_site(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """What is printed on every paper is an address that lasts: asked of whoever deploys."""
    if settings.SITE_URL.startswith("https://"):
        return []
    told = "n’est pas fixé" if not settings.SITE_URL else f"vaut {settings.SITE_URL}"
    return [
        checks.Warning(
            f"SITE_URL {told}{NBSP}: l’adresse imprimée sur chaque papier ne mènerait pas à sa "
            "page de vérification.",
            hint="Fixez-le avant le premier document, par exemple https://seances.example.org.",
            id="documents.W001",
        )
    ]
