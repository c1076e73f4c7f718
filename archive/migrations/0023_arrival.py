import archive.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0022_annex_added_on'),
        ('members', '0024_cached'),
    ]

    operations = [
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(blank=True, max_length=250, verbose_name='venue de')),
                ('left_at', models.DateTimeField(verbose_name='partie le')),
                ('at', models.DateTimeField(verbose_name='arrivée le')),
                ('shift', models.BigIntegerField(default=0, verbose_name='numéros élevés de')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='lignes')),
                ('lines', models.PositiveIntegerField(default=0, verbose_name='constats')),
                ('stamped_at', models.DateTimeField(null=True, verbose_name='ancrée là-bas jusqu’au')),
                ('file', models.FileField(max_length=250, upload_to=archive.models._arrival_path, verbose_name='constats d’alors')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='arrivals', to='members.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'arrivée',
                'verbose_name_plural': 'arrivées',
                'ordering': ['pk'],
            },
        ),
    ]
