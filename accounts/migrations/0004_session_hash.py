"""Of a session the table keeps the hash of its cookie: those that were open are signed out, those of
Django's own table, which nobody reads any more, go too."""

from django.db import migrations, models


def end_all(apps, schema_editor):
    apps.get_model("accounts.Session").objects.all().delete()
    apps.get_model("sessions.Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_identity_change"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunPython(end_all, end_all),
        migrations.AlterField(
            "session",
            "session_key",
            models.CharField(
                max_length=64,
                primary_key=True,
                serialize=False,
                verbose_name="empreinte du cookie",
            ),
        ),
    ]
