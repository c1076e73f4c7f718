"""The addresses of accounts are kept in small letters, and are looked up equal from now on.

Two accounts may then have the same: the one that has it already keeps it, the other is told and
stays as it is, for an administrator to give another address or to close.
"""

import sys

from django.db import migrations

import members.addresses
from law.addresses import lowered


def lower(apps, schema_editor):
    accounts = apps.get_model("members", "User").objects
    rows = list(accounts.order_by("pk").values_list("pk", "email"))
    taken = {email for _, email in rows}
    for pk, email in rows:
        small = lowered(email)
        if small == email:
            continue
        if small in taken:
            sys.stderr.write(
                f"\nCompte n°\u00a0{pk}\u00a0: l’adresse {small} est déjà celle d’un autre compte. "
                f"Il reste à «\u00a0{email}\u00a0», par où nul n’entre plus\u00a0: donnez-lui "
                "une autre adresse, ou fermez-le.\n"
            )
            continue
        taken.add(small)
        accounts.filter(pk=pk).update(email=small)


class Migration(migrations.Migration):
    dependencies = [("members", "0012_witness_salt")]

    operations = [
        migrations.RunPython(lower, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="user",
            name="email",
            field=members.addresses.AddressField(
                max_length=254, unique=True, verbose_name="adresse électronique"
            ),
        ),
    ]
