"""Minutes being written: the sheet, what they still lack, phrases, what the public will read."""
