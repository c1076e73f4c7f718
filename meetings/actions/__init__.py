"""What the secretariat does to a sitting, by chapter.

Verbs take who (`by=`) as a keyword and raise `law.findings.Refused` with every objection at once.
What was refused leaves no trace.
"""
