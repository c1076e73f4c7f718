from django.db import migrations

from archive import fulltext


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_initial")]

    operations = [migrations.RunPython(*fulltext.of("archive_entry"))]
