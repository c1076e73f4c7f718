"""What several tests read in every module of the house is read once."""

from collections.abc import Callable, Iterable
from functools import cache


def once(read: Callable[..., Iterable]) -> Callable[..., tuple]:
    """`read`, whose whole answer is kept by what it was asked."""
    return cache(lambda *asked: tuple(read(*asked)))
