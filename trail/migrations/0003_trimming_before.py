"""A trimming says how old what went was; of those made before, what the settings say."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations, models


def tell(apps, schema_editor):
    for made in apps.get_model("trail", "Trimming").objects.all():
        made.before = made.at - timedelta(days=settings.TRAIL_DAYS)
        made.save(update_fields=["before"])


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_seats")]

    operations = [
        migrations.AddField(
            model_name="trimming",
            name="before",
            field=models.DateTimeField(null=True, verbose_name="lignes d’avant le"),
        ),
        migrations.RunPython(tell, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="trimming",
            name="before",
            field=models.DateTimeField(verbose_name="lignes d’avant le"),
        ),
    ]
