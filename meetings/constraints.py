"""The ledger is append-only, also for whoever goes round the application.

On PostgreSQL a trigger refuses to change or delete a line, but for those of an organisation that
one account plays to learn, which go with it whole: what the witness knows stays, whatever its
organisation is called since. SQLite has no such guard: its file
belongs to whoever can write it, and the hash chain is what tells (`manage.py verify_ledger`).
"""

CREATE = """
    CREATE FUNCTION meetings_ledger_is_append_only() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT 1 FROM meetings_meeting AS meeting
            JOIN members_body AS body ON body.id = meeting.body_id
            JOIN members_organisation AS organisation ON organisation.id = body.organisation_id
            WHERE meeting.id = OLD.meeting_id AND organisation.is_fleeting
        ) AND NOT EXISTS (
            SELECT 1 FROM members_witness AS known
            WHERE known."table" = 'meetings.sittingevent' AND known."row" = OLD.id
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'ledger_is_append_only: une ligne ne se modifie ni ne s''efface';
    END
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON meetings_sittingevent
        FOR EACH ROW EXECUTE FUNCTION meetings_ledger_is_append_only();
"""
DROP = """
    DROP TRIGGER IF EXISTS ledger_is_append_only ON meetings_sittingevent;
    DROP FUNCTION IF EXISTS meetings_ledger_is_append_only();
"""


def create(apps, schema_editor) -> None:
    """Put the trigger in place (`RunPython` of a migration)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(CREATE)


def drop(apps, schema_editor) -> None:
    """Remove it (reverse of `create`)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
