"""What no field constraint of Django can say, in each database's own words.

`mandate_never_overlaps`: a person holds at most one mandate at a time in a body.
`one_chair_at_a_time`: a body has at most one président at a time.

`Mandate.clean` says the same kindly; this holds when two people press the button together.
A migration calls `create` after the table is made. On SQLite, Django alters a table by making
another and renaming it, which drops the triggers: a later migration that touches `Mandate` must
call `create` again. `tests/members/test_constraints.py` fails when one forgot.
"""

POSTGRESQL = {
    # Ranges of one number stand for equality, so that no extension (btree_gist) is needed.
    "mandate_never_overlaps": """
        ALTER TABLE members_mandate ADD CONSTRAINT mandate_never_overlaps EXCLUDE USING gist (
            int8range(person_id, person_id, '[]') WITH &&,
            int8range(body_id, body_id, '[]') WITH &&,
            daterange(start_on, end_on, '[]') WITH &&
        )
    """,
    "one_chair_at_a_time": """
        ALTER TABLE members_mandate ADD CONSTRAINT one_chair_at_a_time EXCLUDE USING gist (
            int8range(body_id, body_id, '[]') WITH &&,
            daterange(start_on, end_on, '[]') WITH &&
        ) WHERE (office = 'president')
    """,
}

SQLITE_TRIGGER = """
    CREATE TRIGGER {name}_on_{event} BEFORE {event} ON members_mandate
    WHEN {when} EXISTS (
        SELECT 1 FROM members_mandate AS other
        WHERE other.id IS NOT NEW.id
          AND other.body_id = NEW.body_id
          AND {same}
          AND other.start_on <= COALESCE(NEW.end_on, '9999-12-31')
          AND COALESCE(other.end_on, '9999-12-31') >= NEW.start_on
    )
    BEGIN
        SELECT RAISE(ABORT, '{name}');
    END
"""
SQLITE = {
    "mandate_never_overlaps": {"when": "", "same": "other.person_id = NEW.person_id"},
    "one_chair_at_a_time": {
        "when": "NEW.office = 'president' AND",
        "same": "other.office = 'president'",
    },
}
EVENTS = ("INSERT", "UPDATE")

MESSAGES = {
    "mandate_never_overlaps": "Cette personne a déjà un mandat dans cette instance à ces dates.",
    "one_chair_at_a_time": "Cette instance a déjà quelqu’un à sa présidence à ces dates.",
}


def create(apps, schema_editor) -> None:
    """Put the constraints in place, again if need be (`RunPython` of a migration)."""
    drop(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL.values():
            schema_editor.execute(statement)
    else:
        for name, words in SQLITE.items():
            for event in EVENTS:
                schema_editor.execute(SQLITE_TRIGGER.format(name=name, event=event, **words))


def drop(apps, schema_editor) -> None:
    """Remove the constraints (reverse of `create`)."""
    if schema_editor.connection.vendor == "postgresql":
        for name in POSTGRESQL:
            schema_editor.execute(f"ALTER TABLE members_mandate DROP CONSTRAINT IF EXISTS {name}")
    else:
        for name in SQLITE:
            for event in EVENTS:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}_on_{event}")


def message_for(error: Exception) -> str:
    """The French sentence for a refusal of the database, "" when it is not one of ours."""
    return next((text for name, text in MESSAGES.items() if name in str(error)), "")
