"""Libraries that few pages need, read when one first does: half of what a server costs to start."""

from importlib import import_module
from typing import Any


class Lately:
    """A module under its name, read at the first thing that is asked of it: not to be asked while
    modules are read, neither by a class that derives from it nor by an annotation."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
