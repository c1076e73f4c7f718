"""What was received lies in the poll itself; a press of a button has a name of its own."""

from django.conf import settings
from django.db import migrations, models


def take_in(apps, schema_editor):
    """The votes and the urns of the polls that are open while the application is brought up."""
    Poll = apps.get_model("live", "Poll")
    for poll in Poll.objects.filter(ended_at=None).order_by("pk"):
        rows = list(apps.get_model("live", "PollVote").objects.filter(poll=poll).order_by("pk"))
        urn = apps.get_model("live", "Urn").objects.filter(poll=poll).order_by("pk").first()
        poll.votes = {row.seat: row.choice for row in rows}
        poll.following = [row.seat for row in rows if row.with_holder]
        poll.urn = urn.sealed if urn else ""
        poll.save(update_fields=["votes", "following", "urn"])


class Migration(migrations.Migration):
    dependencies = [
        ("live", "0001_initial"),
        ("meetings", "0003_preparation_and_stamp"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RenameModel("Act", "Press"),
        migrations.RemoveConstraint("press", "act_once_per_key"),
        migrations.AddConstraint(
            "press",
            models.UniqueConstraint(fields=["meeting", "key"], name="press_once_per_key"),
        ),
        migrations.AlterField(
            "press",
            "meeting",
            models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="presses",
                to="meetings.meeting",
                verbose_name="séance",
            ),
        ),
        # Another name meanwhile: the rows of the table that goes are still known as `votes`.
        migrations.AlterField(
            "pollvote",
            "poll",
            models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="+",
                to="live.poll",
                verbose_name="scrutin",
            ),
        ),
        migrations.AlterField(
            "urn",
            "poll",
            models.OneToOneField(
                on_delete=models.CASCADE,
                related_name="+",
                to="live.poll",
                verbose_name="scrutin",
            ),
        ),
        migrations.AddField(
            "poll",
            "votes",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="Siège → vote, de ce qui n’est pas secret ; le dernier mot compte.",
                verbose_name="votes reçus",
            ),
        ),
        migrations.AddField(
            "poll",
            "following",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Réglés avec le porteur de leur pouvoir, non à part.",
                verbose_name="sièges qui suivent leur porteur",
            ),
        ),
        migrations.AddField(
            "poll",
            "urn",
            models.CharField(blank=True, max_length=200, verbose_name="décompte scellé"),
        ),
        migrations.RunPython(take_in, migrations.RunPython.noop),
    ]
