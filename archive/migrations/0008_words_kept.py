from django.db import migrations

from archive import fulltext


def again(apps, schema_editor):
    """Made by 0002 in a base of an older version, as an index over an expression."""
    if schema_editor.connection.vendor == "postgresql":
        fulltext.drop(apps, schema_editor)
        fulltext.create(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("archive", "0007_signing_call")]

    operations = [migrations.RunPython(again, migrations.RunPython.noop)]
