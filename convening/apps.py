from django.apps import AppConfig


class ConveningConfig(AppConfig):
    """The convocations, and the answer to when one left."""

    name = "convening"
    verbose_name = "convocations"

    def ready(self) -> None:
        """Have the papers of a sitting know when its convocation left."""
        from convening.dispatch import sent
        from meetings import leaving

        leaving.declare(sent.left_on)
