"""A changed address becomes a change of identity, which another may have to agree to.

Those asked before carry no stamp of the password: they are over, and are asked again. Those that an
administrator had carried out alone stay, and suspend the keys bound before them.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_external_identity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("AddressChange", "IdentityChange"),
        migrations.RenameField("identitychange", "confirmed_at", "done_at"),
        migrations.AlterModelOptions(
            name='identitychange',
            options={'ordering': ['-asked_at'], 'verbose_name': 'changement d’identité', 'verbose_name_plural': 'changements d’identité'},
        ),
        migrations.AddField(
            model_name='identitychange',
            name='agreed_at',
            field=models.DateTimeField(null=True, verbose_name='accordé le'),
        ),
        migrations.AddField(
            model_name='identitychange',
            name='agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accordé par'),
        ),
        migrations.AddField(
            model_name='identitychange',
            name='holder_hash',
            field=models.CharField(blank=True, db_index=True, max_length=64, verbose_name='empreinte du lien du titulaire'),
        ),
        migrations.AddField(
            model_name='identitychange',
            name='kind',
            field=models.CharField(choices=[('address', 'changement d’adresse'), ('factors', 'retrait des seconds facteurs')], default='address', max_length=10, verbose_name='genre'),
        ),
        migrations.AddField(
            model_name='identitychange',
            name='stamp',
            field=models.CharField(blank=True, max_length=64, verbose_name='empreinte du mot de passe d’alors'),
        ),
        migrations.AlterField(
            model_name='identitychange',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identity_changes', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AlterField(
            model_name='identitychange',
            name='done_at',
            field=models.DateTimeField(null=True, verbose_name='fait le'),
        ),
        migrations.AlterField(
            model_name='identitychange',
            name='email',
            field=models.EmailField(blank=True, max_length=254, verbose_name='nouvelle adresse'),
        ),
        migrations.AlterField(
            model_name='identitychange',
            name='nonce',
            field=models.CharField(max_length=64, verbose_name='graine des liens'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('reset', 'mot de passe oublié'), ('invitation', 'compte ouvert'), ('address', 'nouvelle adresse à confirmer'), ('address_asked', 'changement d’adresse demandé'), ('address_changed', 'adresse changée'), ('factors_asked', 'retrait des seconds facteurs demandé'), ('factors_removed', 'seconds facteurs retirés'), ('change_asked', 'accord demandé à l’administration'), ('link_asked', 'rattachement demandé')], max_length=20, verbose_name='genre'),
        ),
    ]
