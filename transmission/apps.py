from django.apps import AppConfig


class TransmissionConfig(AppConfig):
    """What the prefecture is told of an act, and what it answers."""

    name = "transmission"
    verbose_name = "transmission à la préfecture"
