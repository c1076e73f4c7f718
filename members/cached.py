"""The cache that several hosts share, in the base (`settings.SERVICE_MARK`)."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache


class Shared(DatabaseCache):
    """Django's, which asks before it adds: otherwise what is there already is one more fault in the
    journal of PostgreSQL, several a second."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Whether it was not there, and is now."""
        return not self.has_key(key, version) and super().add(key, value, timeout, version)
