from typing import Any

from django.apps import AppConfig
from django.core import checks


class RegistryConfig(AppConfig):
    """What stands: acts, signatures, the register of the year."""

    name = "registry"
    verbose_name = "registre des actes"

    def ready(self) -> None:
        """Have whoever runs the server told of an authority that does not read; and a signer, of
        the place that a later line of the ledger takes from her."""
        from meetings.actions import ledger
        from registry.signatures import letters

        checks.register(check_authorities, checks.Tags.files)
        ledger.signers_changed.connect(letters.tell_unseated, dispatch_uid="registry")


def check_authorities(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A warning for each file of `SIGNING_ROOTS` that holds nothing: while it lies there, no
    signature made elsewhere is taken."""
    from registry.signatures import keys

    return [
        checks.Warning(
            f"{path} ne se lit pas comme une autorité ni comme une liste de révocation.",
            hint="Remplacez ce fichier (PEM d’une autorité, liste de révocation), ou ôtez-le.",
            id="registry.W001",
        )
        for path in keys.unread()
    ]
