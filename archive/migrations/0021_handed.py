from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0020_delays"),
    ]

    operations = [
        migrations.AddField(
            model_name="posting",
            name="way",
            field=models.CharField(
                blank=True,
                choices=[
                    ("main", "en main propre, contre récépissé"),
                    ("recommande", "par lettre recommandée avec avis de réception"),
                    (
                        "electronique",
                        "par un procédé électronique qui en atteste (art. L112-15 du CRPA)",
                    ),
                    ("agent", "par un agent assermenté ou un commissaire de justice"),
                ],
                max_length=15,
                verbose_name="comment remis",
            ),
        ),
    ]
