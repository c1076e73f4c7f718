"""What must never be written where others read: every secret made while a test runs is known here,
and no line of the log of the server, nor of the trail, may hold one.

A plugin, so that every test of the house is a test of this.
"""

import logging
import secrets
from collections.abc import Callable

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models.signals import pre_save

from members import links
from somme_gov.logs import Masked

known: set[str] = set()
found: list[str] = []


def _remembering(make: Callable[..., str]) -> Callable[..., str]:
    def made(*args, **kwargs) -> str:
        secret = make(*args, **kwargs)
        if len(secret) >= 16:
            known.add(secret)
        return secret

    return made


def _look(where: str, text: str) -> None:
    found.extend(f"{where}: {text[:300]}" for secret in known if secret in text)


class _Reader(logging.Handler):
    """Reads what the console would print."""

    def emit(self, record: logging.LogRecord) -> None:
        _look("the log", self.format(record))


def _of_the_trail(sender, instance, **kwargs) -> None:
    _look("the trail", f"{instance.who} {instance.what}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    secrets.token_urlsafe = _remembering(secrets.token_urlsafe)
    secrets.token_hex = _remembering(secrets.token_hex)
    for owner, name in (
        (links, "drawn"),
        (links, "feed"),
        (PasswordResetTokenGenerator, "make_token"),
    ):
        setattr(owner, name, _remembering(getattr(owner, name)))


@pytest.fixture(scope="session", autouse=True)
def _reading():
    from trail.models import Entry

    reader = _Reader()
    reader.addFilter(Masked())
    logging.getLogger().addHandler(reader)
    pre_save.connect(_of_the_trail, sender=Entry)
    yield
    logging.getLogger().removeHandler(reader)


@pytest.fixture(autouse=True)
def _keeps_secrets():
    known.clear()
    found.clear()
    yield
    assert not found
