"""The desk of the secretariat: finding what was decided, and what awaits whom."""
