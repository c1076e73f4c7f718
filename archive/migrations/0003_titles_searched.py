from django.db import migrations, models

from archive import fulltext


def read_titles(apps, schema_editor):
    """What was put online before is found by its title too."""
    publications = apps.get_model("archive", "Publication").objects
    for publication in publications.only("title").iterator():
        publication.stems = f" {fulltext.stems(publication.title)} "
        publication.save(update_fields=["stems"])


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_words")]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="stems",
            field=models.TextField(blank=True, default="", verbose_name="racines de l’intitulé"),
        ),
        migrations.RunPython(read_titles, migrations.RunPython.noop),
    ]
