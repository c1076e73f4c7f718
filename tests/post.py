"""The hand that sends mails, for a test of what an account is written."""

from datetime import datetime

from accounts.models import Letter
from convening import sending


def letters_leave(at: datetime) -> int:
    """Send the letters that are due at this moment; how many left."""
    with sending.Sender(lambda: at) as sender:
        return sender.give(among=[Letter])
