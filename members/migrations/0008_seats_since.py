from django.db import migrations, models

HELP = "Vide : depuis toujours. Une séance d’avant ne dit aucun siège vacant."


def since_they_were_written(apps, schema_editor):
    """What was true of the seats before they were written here, nobody said."""
    written = apps.get_model("members", "HistoricalConstituency").objects
    for college in apps.get_model("members", "Constituency").objects.all():
        since = None
        for line in written.filter(id=college.pk).order_by("-history_date", "-history_id"):
            if line.seats != college.seats:
                break
            since = line.history_date.date()
        if since is not None:
            college.seats_since = since
            college.save(update_fields=["seats_since"])


def column():
    return models.DateField(
        blank=True, null=True, help_text=HELP, verbose_name="sièges depuis le"
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0007_trail")]

    operations = [
        migrations.AddField("constituency", "seats_since", column()),
        migrations.AddField("historicalconstituency", "seats_since", column()),
        migrations.RunPython(since_they_were_written, migrations.RunPython.noop),
    ]
