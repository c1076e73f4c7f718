"""What holds of every request, before and after the view that answers it.

What is said to somebody is kept by no cache, on his machine or on the way; what no person types is
refused in words; and a database that others hold for longer than one waits is told as such, as is
a disk that is full.
"""

import errno
import re
import sys
from collections.abc import Callable, Iterable

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.forms import CharField, ModelMultipleChoiceField, Textarea
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables
from django.views.defaults import server_error

from members.files import Away, Damaged

Answer = Callable[[HttpRequest], HttpResponse]

# --- Kept by nobody ---------------------------------------------------------------------------


def kept_by_nobody(answer: Answer) -> Answer:
    """Whatever does not say that it is everybody's (the published acts do) leaves no copy."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        return response

    return answered


# --- Sent small ------------------------------------------------------------------------------

_SHRINK = ("text/", "application/json", "application/atom+xml", "image/svg+xml")


class Compressed(GZipMiddleware):
    """Words are compressed, and of a length that tells nothing of what they hold (Django adds
    some bytes by chance, and masks each token); files have their own way of being small."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The same answer, small when the browser can read it so."""
        if response.streaming or not response.get("Content-Type", "").startswith(_SHRINK):
            return response
        return super().process_response(request, response)


# --- What nobody types ------------------------------------------------------------------------

# Controls, halves of characters, and marks that turn the order of what is read around.
_IN_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_IN_NO_LINE = re.compile("[\r\n\u0085\u2028-\u202e\u2066-\u2069]")


def fault_of(text: str, *, is_long: bool) -> str:
    """Why this is no text that a person types, "" when it may be; a long one has several lines."""
    if _IN_NO_TEXT.search(text):
        return "Ce texte contient un caractère qui ne s’écrit pas : retapez-le."
    if not is_long and _IN_NO_LINE.search(text):
        return (
            "Ce texte tient sur une ligne, dans le sens de la lecture : retapez-le, sans le coller."
        )
    if text.strip() and not any(each.isprintable() and not each.isspace() for each in text):
        return "Ce texte ne montre rien\u00a0: retapez-le."
    return ""


def check_lines(text: str) -> None:
    """Of a text that papers or rules say in lines: each is one that a person types. A validator."""
    for line in text.splitlines():
        if fault := fault_of(line, is_long=False):
            raise ValidationError(fault, code="caracteres")


def guard_texts() -> None:
    """Have every text field of every form ask `fault_of`, whoever declares it."""
    validate = CharField.validate

    def asked(self: CharField, value: str) -> None:
        validate(self, value)
        is_long = isinstance(self.widget, Textarea) or self.widget.is_hidden
        text = value if isinstance(value, str) else ""  # a JSON field is one of text to Django
        if fault := fault_of(text, is_long=is_long):
            raise ValidationError(fault, code="caracteres")

    CharField.validate = asked
    check = ModelMultipleChoiceField._check_values

    def checked(self: ModelMultipleChoiceField, value: list) -> QuerySet:
        try:
            return check(self, value)
        except OverflowError as error:  # more digits than any key has
            message = self.error_messages["invalid_choice"] % {"value": str(value[0])[:30]}
            raise ValidationError(message, code="invalid_choice") from error

    ModelMultipleChoiceField._check_values = checked


def written_by_people(answer: Answer) -> Answer:
    """Refuse what nobody types: in an address, as one that leads nowhere (404); in what is asked
    of a page, by a sentence (400). What is posted is refused beside its field."""

    def answered(request: HttpRequest) -> HttpResponse:
        if _IN_NO_TEXT.search(request.path):
            raise Http404
        if any(_IN_NO_TEXT.search(each) for each in _asked_in(request)):
            return render(request, "400.html", {"is_pasted": True}, status=400)
        return answer(request)

    return answered


def _asked_in(request: HttpRequest) -> Iterable[str]:
    for name, values in request.GET.lists():
        yield from (name, *values)


# --- Held by others ---------------------------------------------------------------------------

_HELD = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_DATABASE_FULL = ("disk is full", "No space left on device", "readonly database")
RETRY = 5  # seconds
RETRY_AWAY = 30
# What PostgreSQL says by its class of a connection that is lost, a server that stops or starts, or
# takes no more; without a class it was not reached at all.
_AWAY = ("08", "53", "57P", "58")
_AWAY_HERE = "unable to open database file"
MOST_SENT_AGAIN = 100_000  # characters


def failed(request: HttpRequest) -> HttpResponse:
    """The page of what went wrong. A database that others hold is not our fault nor a fault at
    all: nothing was written, and one button does the same again. Nor is a disk that is full, or a
    file that was damaged, of which whoever runs the server must hear. A row that somebody took
    away while it was being changed is not there any more, as it would not be a moment later."""
    error = sys.exc_info()[1]
    if request.method == "POST" and _is_gone(error):
        return render(request, "404.html", {"is_gone": True}, status=404)
    if is_of_a_full_disk(error):
        return HttpResponse(render_to_string("507.html"), status=507)
    if isinstance(error, Damaged):
        (finding,) = error.findings
        return HttpResponse(render_to_string("damaged.html", {"finding": finding}), status=503)
    if (is_of_files_away := isinstance(error, Away)) or is_of_a_base_away(error):
        page = render_to_string("away.html", {"is_of_files": is_of_files_away})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AWAY)})
    if not isinstance(error, OperationalError) or not any(each in str(error) for each in _HELD):
        return server_error(request)
    fields = _sent_again(request)
    is_read = request.method in ("GET", "HEAD")  # nothing was sent: nothing is said of it
    context = {"path": request.get_full_path(), "fields": fields, "is_read": is_read}
    context["csrf_token"] = get_token(request)
    page = render_to_string("503.html", context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY)})


def _is_gone(error: BaseException | None) -> bool:
    """Whether a row was not found again; one that a row never had is our own mistake."""
    if isinstance(error, ObjectDoesNotExist):
        return not isinstance(error, AttributeError)
    return isinstance(error, DatabaseError) and "did not affect any rows" in str(error)


def is_of_a_full_disk(error: BaseException | None) -> bool:
    """Whether this says that nothing more can be written, by us or by the database."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if isinstance(error, DatabaseError) and any(each in str(error) for each in _DATABASE_FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_of_a_base_away(error: BaseException | None) -> bool:
    """Whether this says that the database is not there to answer: stopped, cut off, full of
    others. Nothing was written."""
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            if connection.vendor == "sqlite":
                return _AWAY_HERE in str(error)
            code = getattr(error.__cause__, "pgcode", None)
            if code is None or code.startswith(_AWAY):
                return True
        error = error.__cause__ or error.__context__
    return False


@sensitive_variables()
def _sent_again(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was posted, for a button to post it again; `None` for what no page should hold: files,
    passwords, and the paper of a secret ballot."""
    if request.method != "POST" or request.FILES:
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    names = " ".join(name for name, _ in fields)
    if re.search("passw|choice|code|factor", names):
        return None
    if sum(len(value) for _, value in fields) > MOST_SENT_AGAIN:
        return None
    return [pair for pair in fields if pair[0] != "csrfmiddlewaretoken"]
