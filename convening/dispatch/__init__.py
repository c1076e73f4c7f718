"""A dispatch as it is prepared and followed: to whom, by when, what is missing, how it went."""
