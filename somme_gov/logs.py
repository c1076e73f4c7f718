"""What the journal of the server never says: the secret part of a link."""

import logging
import re

from django.apps import apps

from members import links

# A part of a path as long as our tokens are, which nobody would read anyway: what no address of
# today has, an old link, another site's.
_LONG = re.compile(r"(?<=/)[\w-]{40,}(?=[/.?\s\"']|$)")


class HideSecretLinks(logging.Filter):
    """Every link that opens something without an account is written "/invitation/…/"."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = _LONG.sub("…", record.getMessage())
        if apps.ready:  # before, no address has been answered
            told = links.hidden(told)
        record.msg, record.args = told, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = links.hidden(_LONG.sub("…", record.exc_text))
        return True


class OneLine(logging.Filter):
    """A fault that a stranger makes at will is told in one line, without where it was met."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = " ".join(record.getMessage().split())
        record.msg, record.args = told[:300], ()
        record.exc_info = record.exc_text = None
        return True
