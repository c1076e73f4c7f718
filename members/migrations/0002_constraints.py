from django.db import migrations

from members import constraints


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunPython(constraints.create, constraints.drop)]
