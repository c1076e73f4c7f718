"""Who signs what a sitting leaves, with which certificate, and what a signature is worth."""
