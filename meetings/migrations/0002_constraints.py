from django.db import migrations

from meetings import constraints


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]

    operations = [migrations.RunPython(constraints.create, constraints.drop)]
