from django.core.files.storage import default_storage
from django.db import migrations, models

from members import files


def fill(apps, schema_editor) -> None:
    """What was kept without a hash has that of the file as it is found; none when it is gone, which
    `verify` tells. It is witnessed once every table is up to date (`witness.take_up`)."""
    answers = apps.get_model("convening", "Answer").objects
    for answer in answers.exclude(proxy_form="").order_by("pk"):
        name = answer.proxy_form.name
        if default_storage.exists(name):
            with default_storage.open(name) as found:
                answers.filter(pk=answer.pk).update(proxy_sha256=files.hash_of(found))


class Migration(migrations.Migration):
    dependencies = [("convening", "0005_address_of_links")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="proxy_sha256",
            field=models.CharField(
                blank=True, max_length=64, verbose_name="empreinte du pouvoir signé"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
