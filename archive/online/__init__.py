"""Putting on line: what the secretariat publishes, and the pages that everybody reads."""
