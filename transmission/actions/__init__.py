"""Verbs of the transmission: `sheets` (what is said of an act), `sending` (what leaves),
`receiving` (what the prefecture answers). Each holds the sitting of the act; a message that leaves
or comes is kept with what it changes, or neither is.
"""
