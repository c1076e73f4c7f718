"""What a supervisor asks: does the process live, and may people be sent to it. Nothing is told but
yes or no, thing by thing."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from members import files


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers: otherwise it is to be started again."""
    return JsonResponse({"vie": True})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when it can serve, 503 with what is missing: to start it again would not mend that."""
    told = {name: _holds(question) for name, question in _QUESTIONS.items()}
    return JsonResponse(told, status=200 if all(told.values()) else 503)


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except (DatabaseError, OSError, files.Away):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return True


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _styled() -> bool:
    """Or pages come bare: whoever forgot `collectstatic`, or to start again after it, hears of it
    before the public does."""
    known = getattr(staticfiles_storage, "hashed_files", None)
    if settings.DEBUG or known is None:  # served under their own names
        return True
    return bool(known) and staticfiles_storage.exists(staticfiles_storage.manifest_name)


_QUESTIONS = {
    "base": _database,
    "migrations": _migrated,
    "style": _styled,
    files.place().KIND: lambda: files.place().is_ready(),
}
