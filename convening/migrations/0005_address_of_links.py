from django.db import migrations, models


def fill(apps, schema_editor) -> None:
    """A living link went where the convocation last went by mail; on paper otherwise.

    What that writes is witnessed once every table is up to date (`witness.take_up`).
    """
    links = apps.get_model("convening", "Invitation").objects
    sent = apps.get_model("convening", "Recipient").objects
    for link in links.filter(revoked_at=None):
        mails = sent.filter(
            convocation__meeting=link.meeting_id, mandate=link.mandate_id, channel="courriel"
        )
        email = mails.order_by("-pk").values_list("email", flat=True).first() or ""
        links.filter(pk=link.pk).update(email=email.lower())


class Migration(migrations.Migration):
    dependencies = [("convening", "0004_kept")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="doubt",
            field=models.CharField(
                blank=True, editable=False, max_length=300, verbose_name="à confirmer"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="email",
            field=models.EmailField(
                blank=True, max_length=254, verbose_name="adresse où il est parti"
            ),
        ),
        migrations.RemoveConstraint("invitation", "one_living_invitation_per_mandate"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                condition=models.Q(revoked_at=None),
                fields=("meeting", "mandate", "email"),
                name="one_living_invitation_per_address",
            ),
        ),
    ]
