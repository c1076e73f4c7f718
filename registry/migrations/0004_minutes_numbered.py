"""What was numbered as a deliberation stays one: approvals and urgency are procedure from now on."""

from django.db import migrations


def keep(apps, schema_editor):
    apps.get_model("meetings", "AgendaItem").objects.filter(
        kind__in=("approbation", "urgence"), effect="", deliberation__isnull=False
    ).update(effect="deliberation")


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0003_acts_withdrawn"),
        ("meetings", "0013_minutes_procedure"),
    ]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
