import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ADDITION = 1  # django.contrib.admin.models.ADDITION


def as_the_administration_logged_it(apps, schema_editor):
    """Who opened an account on the pages of the administration is in their own log; who invited a
    list of people was not told account by account, and stays unknown."""
    accounts = apps.get_model("members.User").objects
    opened = apps.get_model("admin.LogEntry").objects.filter(
        action_flag=ADDITION,
        content_type__app_label="members",
        content_type__model="user",
    )
    for account, opener in opened.order_by("pk").values_list("object_id", "user_id"):
        accounts.filter(pk=account, created_by=None).exclude(pk=opener).update(created_by=opener)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0009_witness"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            "user",
            "created_by",
            models.ForeignKey(
                editable=False,
                help_text="Vide : par une commande, ou avant que l’on le retienne.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="ouvert par",
            ),
        ),
        migrations.RunPython(as_the_administration_logged_it, migrations.RunPython.noop),
    ]
