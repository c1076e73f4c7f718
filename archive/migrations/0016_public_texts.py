import django.db.models.deletion
from django.db import migrations, models

from archive import fulltext


class Migration(migrations.Migration):
    dependencies = [("archive", "0015_address_read")]

    operations = [
        migrations.CreateModel(
            name="PublicText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="texte")),
                ("stems", models.TextField(verbose_name="racines")),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="public_texts",
                        to="archive.publication",
                        verbose_name="publication",
                    ),
                ),
            ],
            options={
                "verbose_name": "texte public",
                "verbose_name_plural": "textes publics",
                "ordering": ["pk"],
            },
        ),
        migrations.RunPython(*fulltext.of("archive_publictext")),
    ]
