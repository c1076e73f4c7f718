"""The trimmings of the trail are witnessed; those that are there, as they are found."""

from django.db import migrations
from django.utils import timezone

from archive.keeping import trails
from members import witness


def note(apps, schema_editor):
    lines = apps.get_model("members", "Witness")
    for made in apps.get_model("trail", "Trimming").objects.all():
        at = timezone.now()
        line = lines(table=trails.TRIMMING, row=made.pk, at=at)
        line.salt = ""  # it has none at this stage
        line.leaf = witness.leaf(witness.Witness.text(line, trails.said_of(made)))
        line.seal = witness.seals.seal(witness.Witness.whole(line))
        line.save()


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0005_given"),
        ("members", "0011_witness_seal"),
        ("trail", "0003_trimming_before"),
    ]

    operations = [migrations.RunPython(note, migrations.RunPython.noop, elidable=True)]
