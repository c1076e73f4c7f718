"""One organisation leaves an installation and arrives in another, with what proves it."""
