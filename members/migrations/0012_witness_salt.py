"""A line of the witness is salted from now on; those that are there keep the leaf they have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0011_witness_seal")]

    operations = [
        migrations.AddField(
            model_name="witness",
            name="salt",
            field=models.CharField(blank=True, default="", max_length=32, verbose_name="sel"),
            preserve_default=False,
        ),
    ]
