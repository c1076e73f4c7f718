"""What is done to convene and to answer, by chapter: each verb locks the sitting it changes."""
