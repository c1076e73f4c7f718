from django.db import migrations

from meetings import constraints


class Migration(migrations.Migration):
    dependencies = [("meetings", "0022_undo_seal"), ("members", "0009_witness")]

    operations = [migrations.RunPython(constraints.create, migrations.RunPython.noop)]
