from django.db import migrations

# Doubles of the format in which a body numbers its deliberations, which nothing read.
RETIRED = ("act_numbering", "act_number_format")


def forget(apps, schema_editor):
    for book in apps.get_model("members", "RuleBook").objects.all():
        kept = {key: value for key, value in book.values.items() if key not in RETIRED}
        if kept != book.values:
            book.values = kept
            book.save(update_fields=["values"])


class Migration(migrations.Migration):
    dependencies = [("members", "0004_paper_style")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
