"""What a page says and why a verb refuses, asked in one line: a failure names what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from law.findings import Finding, Refused, Severity


def unsaid(text: str, *words: str) -> list[str]:
    """Those of these words that the text does not have."""
    return [each for each in words if each not in text]


def text(response) -> str:
    """A page as one line, with plain spaces."""
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


@contextmanager
def refused(*codes: str) -> Iterator[list[Finding]]:
    """What is done within is refused for these reasons and no other; they are then told."""
    told: list[Finding] = []
    with pytest.raises(Refused) as refusal:
        yield told
    told += [each for each in refusal.value.findings if each.severity is Severity.REFUSAL]
    assert [finding.code for finding in told] == list(codes)
