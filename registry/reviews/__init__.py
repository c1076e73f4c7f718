"""The draft of minutes in the hands of its readers: asked by link, their remarks and verdicts."""
