from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """What stands: acts, signatures, the register of the year."""

    name = "registry"
    verbose_name = "registre des actes"
