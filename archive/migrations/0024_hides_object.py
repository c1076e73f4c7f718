"""What is taken off the public pages says itself whether its object is kept from them: until now
certain words of its reason did, once more asked here of those that were."""

import re

from django.db import migrations, models

from members import witness

_PRIVATE = re.compile(
    r"mas(?:k|qu)|personne|nomina|donn[ée]e|rgpd|cnil|priv[ée]e|adresse|\bnoms?\b", re.IGNORECASE
)


def mark(apps, schema_editor):
    """Mark those of which the object was kept from the public by the words of their reason."""
    publications = apps.get_model("archive", "Publication")
    told = publications._base_manager.exclude(withdrawn_at=None).values_list("pk", "reason")
    hidden = [pk for pk, reason in told.order_by("pk") if _PRIVATE.search(reason)]
    if hidden:
        publications._base_manager.filter(pk__in=hidden).update(hides_object=True)
        witness.note(publications, hidden)


class Migration(migrations.Migration):
    # It does not read the column, and asks the words of the reason as it did.
    serves_both = "ce que la colonne dit, le code d’avant le lit encore dans les mots du motif"

    dependencies = [("archive", "0023_arrival"), ("members", "0024_cached")]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="hides_object",
            field=models.BooleanField(db_default=False, default=False, verbose_name="objet tu"),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
