"""Electronic addresses, written in one way only, so that equal means the same box.

The rule: the letters A to Z become small, and nothing else changes. A database or a language that
folds more finds « gmail » in « gmaıl », and « k » in the sign of the kelvin: another box, of
somebody else. So an address is looked up equal, never « whatever the case ».
"""

from string import ascii_lowercase, ascii_uppercase

_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def lowered(address: str) -> str:
    """The address as it is kept and compared."""
    return address.translate(_SMALL)
