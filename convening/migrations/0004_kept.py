from django.db import migrations, models

STATES = [
    ("attente", "en attente"),
    ("remise", "remise en cours"),
    ("remis", "remis au serveur"),
    ("garde", "gardé ici, non envoyé"),
    ("imprime", "à remettre sur papier"),
    ("depose", "remis sur papier"),
    ("refuse", "refusé par le serveur"),
    ("revenu", "revenu non distribué"),
]
REPLY = "gardé ici"  # what stood for the reply of a server that was not there


def keep(apps, schema_editor) -> None:
    """What no server ever took was not handed to one."""
    for name in ("Recipient", "Notice"):
        rows = apps.get_model("convening", name).objects
        rows.filter(state="remis", reply__startswith=REPLY).update(state="garde", sent_at=None)


class Migration(migrations.Migration):
    dependencies = [("convening", "0003_sent_on")]

    operations = [
        *(
            migrations.AlterField(
                model_name=model,
                name="state",
                field=models.CharField(
                    choices=STATES, default="attente", max_length=20, verbose_name="état"
                ),
            )
            for model in ("notice", "recipient")
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
