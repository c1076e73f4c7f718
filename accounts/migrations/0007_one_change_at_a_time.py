"""One change of a kind is asked of an account at a time; of two asked at once, the last stays."""

from django.db import migrations, models


def keep_the_last(apps, schema_editor):
    seen = set()
    rows = apps.get_model("accounts", "IdentityChange").objects.filter(done_at=None)
    for row in rows.order_by("-asked_at", "-pk"):
        if (row.account_id, row.kind) in seen:
            row.delete()
        seen.add((row.account_id, row.kind))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_unlinked")]

    operations = [
        migrations.RunPython(keep_the_last, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="identitychange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None)),
                fields=("account", "kind"),
                name="one_change_asked_at_a_time",
                violation_error_message="Un tel changement de ce compte attend déjà.",
            ),
        ),
    ]
