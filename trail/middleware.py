"""Around each request: who is at work, and which files leave."""

from collections.abc import Callable
from email.message import Message

from django.http import HttpRequest, HttpResponse

from trail.context import serving
from trail.models import Act
from trail.recording import note

# A calendar is asked again each hour by a telephone: that is no deed of anybody.
_READ_BY_MACHINES = ".ics"
_PERSONAL = "token"  # what each address of a personal link calls what it bears


class TrailMiddleware:
    """Tells whose request it is to whatever notes something, and notes each private file given.

    After the authentication, which says who asks. What a stranger is given without a personal link
    is public, and nobody's business: he would also write as many lines as he likes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with serving(request):
            response = self.get_response(request)
            if response.status_code == 200 and request.method == "GET":
                self._note_download(request, response)
        return response

    def _note_download(self, request: HttpRequest, response: HttpResponse) -> None:
        name = _file_name(response)
        match = request.resolver_match
        if not name or match is None or name.endswith(_READ_BY_MACHINES):
            return
        through = "" if request.user.is_authenticated else ", par un lien personnel"
        if through and _PERSONAL not in match.kwargs:
            return
        number = f", n° {match.kwargs['pk']}" if "pk" in match.kwargs else ""
        note(
            Act.DOWNLOAD,
            f"{name}{number}{through}",
            organisation=getattr(request, "served", None),
        )


def _file_name(response: HttpResponse) -> str:
    """The name under which the answer is a file; empty for a page."""
    header = response.headers.get("Content-Disposition")
    if not header:
        return ""
    message = Message()
    message["Content-Disposition"] = header
    return message.get_filename() or ""
