"""What the journal of the server never says: the secret part of a link."""

import logging
import re

# A part of a path as long as our tokens are, which nobody would read anyway.
_SECRET = re.compile(r"(?<=/)[\w-]{40,}(?=[/.?\s\"']|$)")


class HideSecretLinks(logging.Filter):
    """Every link that opens something without an account is written "/invitation/…/"."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET.sub("…", record.getMessage()), ()
        return True
