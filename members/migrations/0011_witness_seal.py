"""Each line of the witness carries a seal; those that are there are sealed as they are found."""

from django.db import migrations, models

from members import seals, witness


def seal(apps, schema_editor):
    lines = apps.get_model("members", "Witness")
    waiting = []
    for line in lines.objects.order_by("pk").iterator(chunk_size=500):
        line.seal = seals.seal(witness.Witness.whole(line))
        waiting.append(line)
        if len(waiting) == 500:
            lines.objects.bulk_update(waiting, ["seal"])
            waiting = []
    lines.objects.bulk_update(waiting, ["seal"])


class Migration(migrations.Migration):
    dependencies = [("members", "0010_created_by")]

    operations = [
        migrations.AddField(
            model_name="witness",
            name="seal",
            field=models.CharField(blank=True, max_length=72, verbose_name="sceau", default=""),
            preserve_default=False,
        ),
        migrations.RunPython(seal, migrations.RunPython.noop, elidable=True),
    ]
