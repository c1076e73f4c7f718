"""Where machines read us, and under which licence."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Site:
    """The address under which everything is named for ever: that of the settings, or the one that
    was asked."""

    root: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Site":
        """That of this request."""
        return cls((settings.SITE_URL or request.build_absolute_uri("/")).rstrip("/"))

    def to(self, name: str, *args: object) -> str:
        """The whole address of a page of ours."""
        return f"{self.root}{reverse(name, args=args)}"


def stamped(moment: datetime) -> str:
    """A moment as every format here writes it: to the second, with its offset."""
    return timezone.localtime(moment).isoformat(timespec="seconds")
