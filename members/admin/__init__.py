"""The administration of who sits where, one organisation at a time, a subject a module."""

from members.admin import bodies, communities, mandates, organisations, rule_books

__all__ = ["bodies", "communities", "mandates", "organisations", "rule_books"]
