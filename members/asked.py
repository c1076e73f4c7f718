"""The numbers that a request carries, as anybody may write them."""

LONGEST = 17  # digits: no row bears a longer number, and every base takes it


def row_number(text: str) -> int | None:
    """The number of a row that this text is; `None` when it can be none."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None
