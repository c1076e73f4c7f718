"""Who may read a register: whoever reads the sittings of its body."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from members.access import get_body, reads_sittings_of
from members.models import Body


def get_register(request: HttpRequest, pk: int) -> Body:
    """A body whose register one may read: whoever reads its sittings."""
    body = get_body(request, pk)
    if not reads_sittings_of(request.user, body):
        raise PermissionDenied
    return body
