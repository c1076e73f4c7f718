from django.db import migrations

from meetings import constraints


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0017_undo"),
        ("members", "0014_organisation_is_fleeting"),
    ]

    operations = [migrations.RunPython(constraints.create, migrations.RunPython.noop)]
