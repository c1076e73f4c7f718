"""What a page says, asked of several words at once: a failure names those that are wrong."""


def unsaid(text: str, *words: str) -> list[str]:
    """Those of these words that the text does not have."""
    return [each for each in words if each not in text]
