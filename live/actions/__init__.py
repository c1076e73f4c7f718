"""What is done to a sitting while it is held, by chapter; see `held` for what each begins with.

Verbs take who (`by=`) when they tell it, and when (`at=`, the wall clock of the room, to the
second), as keywords, and raise `law.findings.Refused` with every objection at once; what was
refused leaves no trace. They return the warnings of the law, or what their docstring says.
`since` is the hour of what was noticed late.

A vote is taken in two steps: `open_poll` fixes who can vote, `proclaim` writes the ledger.
Between the two nobody comes in or goes out: the verbs that would move somebody are refused until
the poll is proclaimed or given up.
"""
