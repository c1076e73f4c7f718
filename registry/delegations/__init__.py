"""What was decided by delegation of the assembly, and the account that is given of it."""
