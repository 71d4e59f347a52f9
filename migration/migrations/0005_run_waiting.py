from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("migration", "0004_paused_runs")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="waiting",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
