"""Who runs or audits an organisation is put out by two; whoever loses a right is told."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_one_change_at_a_time'),
    ]

    operations = [
        migrations.AlterField(
            model_name='identitychange',
            name='kind',
            field=models.CharField(choices=[('address', 'changement d’adresse'), ('factors', 'retrait des seconds facteurs'), ('closing', 'fermeture du compte')], default='address', max_length=10, verbose_name='genre'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('reset', 'mot de passe oublié'), ('invitation', 'compte ouvert'), ('address', 'nouvelle adresse à confirmer'), ('address_asked', 'changement d’adresse demandé'), ('address_changed', 'adresse changée'), ('factors_asked', 'retrait des seconds facteurs demandé'), ('factors_removed', 'seconds facteurs retirés'), ('change_asked', 'accord demandé à l’administration'), ('link_asked', 'rattachement demandé'), ('closing_asked', 'fermeture du compte demandée'), ('withdrawn', 'droit retiré'), ('unlinked', 'rattachement retiré'), ('linked', 'personne rattachée à un compte'), ('readdressed', 'adresse de convocation changée')], max_length=20, verbose_name='genre'),
        ),
    ]
