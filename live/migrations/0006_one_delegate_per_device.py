"""A device is one delegate's: of several links it opened, the last stays its own."""

from django.db import migrations, models


def keep_the_last(apps, schema_editor):
    tablets = apps.get_model("live", "Tablet").objects.using(schema_editor.connection.alias)
    seen = set()
    for tablet in tablets.filter(revoked_at=None).exclude(device_hash="").order_by(
        "-opened_at", "-pk"
    ):
        device = (tablet.meeting_id, tablet.device_hash)
        if device in seen:
            tablets.filter(pk=tablet.pk).update(device_hash="")
        seen.add(device)


class Migration(migrations.Migration):
    dependencies = [("live", "0005_majority_of_poll")]

    operations = [
        migrations.RunPython(keep_the_last, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="tablet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None), models.Q(("device_hash", ""), _negated=True)),
                fields=("meeting", "device_hash"),
                name="one_delegate_per_device",
            ),
        ),
    ]
