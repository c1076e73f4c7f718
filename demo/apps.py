from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = "démonstration"

    def ready(self) -> None:
        from convening import sending
        from demo import tour

        sending.ROUNDS.append(tour.forget)
