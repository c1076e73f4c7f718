"""Who is at the keyboard: the doors, what proves it again before an act, what ends it."""
