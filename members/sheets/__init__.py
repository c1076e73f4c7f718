"""Mandates in a sheet, CSV or XLSX: written for a spreadsheet, read back, compared, planned.

`columns` says what a sheet may hold and what each cell means, `files` writes and reads one,
`plan` says line by line what it would create, change or refuse. Nothing here writes in the
database: `members.actions.import_mandates` does. What is exported is found unchanged, to the
letter.
"""
