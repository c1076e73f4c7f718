"""How long a hand works, and when it comes back."""

from datetime import timedelta

CONVERSATION = timedelta(minutes=30)  # after which a hand asks nothing more
LEASE = timedelta(minutes=45)  # longer: a hand that lives is never taken for dead
MINUTE = timedelta(minutes=1)
# After a question that was not answered the service may be at work still: what it makes of it is
# to be seen before it is asked again.
SETTLED = timedelta(minutes=5)
DELAYS = [MINUTE * n for n in (1, 2, 5, 10, 20, 30, 60, 120, 240)]
ROUNDS = [MINUTE * n for n in (1, 1, 2, 3, 5, 10, 15, 30, 60, 60, 120, 240)]
STUCK = 6  # failures in a row before somebody is told
PATIENCE = 12  # rounds for papers that do not come: a day


def after(delays: list[timedelta], times: int) -> timedelta:
    """How long to wait, the so-manieth time."""
    return delays[min(max(times, 1), len(delays)) - 1]
