from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("live", "0002_votes_and_urn_in_the_poll")]
    operations = [migrations.DeleteModel("PollVote"), migrations.DeleteModel("Urn")]
