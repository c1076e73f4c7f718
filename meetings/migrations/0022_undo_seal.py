"""What may be taken back carries a seal; what is kept within the hour is sealed as it is found."""

from django.db import migrations, models

from meetings.models import Undo
from members import seals


def seal(apps, schema_editor) -> None:
    for act in apps.get_model("meetings", "Undo").objects.all():
        act.seal = seals.seal(Undo.whole(act))
        act.save(update_fields=["seal"])


class Migration(migrations.Migration):
    dependencies = [("meetings", "0021_keepers_of_accounts")]

    operations = [
        migrations.AddField(
            model_name="undo",
            name="seal",
            field=models.CharField(blank=True, max_length=72, verbose_name="sceau"),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
