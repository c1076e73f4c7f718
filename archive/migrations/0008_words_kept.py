from django.db import migrations

from archive import fulltext


def again(apps, schema_editor):
    """Made by 0002 in a base of an older version, as an index over an expression."""
    if schema_editor.connection.vendor == "postgresql":
        create, drop = fulltext.of("archive_entry")
        drop(apps, schema_editor)
        create(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("archive", "0007_signing_call")]

    operations = [migrations.RunPython(again, migrations.RunPython.noop)]
