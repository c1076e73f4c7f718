"""What is kept to go faster: in files of this host, or in the base that several hosts share
(`settings.SERVICE_MARK`)."""

from contextlib import suppress
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.filebased import FileBasedCache


class InFiles(FileBasedCache):
    """Django's, of which a full disk fails nobody: what was done is done, though nothing of it
    could be kept. `add` alone says so (`OSError`), as who counts on having been first must know."""

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep it, if there is room."""
        with suppress(OSError):
            super().set(key, value, timeout, version)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Whether it was not there, and is now. Raises `OSError` where there is no room."""
        if self.has_key(key, version):
            return False
        super().set(key, value, timeout, version)
        return True

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Any:
        """What is kept; otherwise what `default` makes, kept if there is room."""
        found = self.get(key, self._missing_key, version)
        if found is self._missing_key:
            found = default() if callable(default) else default
            self.set(key, found, timeout, version)
        return found


class Shared(DatabaseCache):
    """Django's, which asks before it adds: otherwise what is there already is one more fault in the
    journal of PostgreSQL, several a second."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Whether it was not there, and is now."""
        return not self.has_key(key, version) and super().add(key, value, timeout, version)
