import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Max


def tell(apps, schema_editor) -> None:
    """A sitting knows the day of its last convocation."""
    sent = apps.get_model("convening", "Convocation").objects.exclude(sent_on=None)
    meetings = apps.get_model("meetings", "Meeting").objects
    for pk, last in sent.values_list("meeting").annotate(last=Max("sent_on")).order_by():
        meetings.filter(pk=pk).update(sent_on=last)


class Migration(migrations.Migration):
    dependencies = [
        ("convening", "0002_notices_of_any_room"),
        ("meetings", "0005_sent_on"),
    ]

    operations = [
        migrations.RunPython(tell, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="convocation",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="convocations",
                to="meetings.meeting",
                verbose_name="séance",
            ),
        ),
    ]
