from django.apps import AppConfig
from django.core import checks
from django.utils import dateformat

from law import french
from members import deploying, front, history, private


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "membres"

    def ready(self) -> None:
        from members import telling, witness  # models, which none may be imported before

        telling.watch()
        front.guard_texts()
        checks.register(private.check_places, checks.Tags.files)
        checks.register(deploying.check_deployment, checks.Tags.security, deploy=True)
        checks.register(history.check_history, checks.Tags.database)
        # Django writes dates as « j F Y » in the administration, and knows no format for « 1er ».
        dateformat.DateFormat.j = lambda on: french.day(on.data).split()[0]
        witness.watch_erasures()
