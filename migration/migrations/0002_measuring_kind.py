from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("migration", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="measuring",
            name="kind",
            field=models.CharField(
                choices=[("measure", "Measured without rows"), ("rehearse", "Rehearsed with rows")],
                default="measure",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="measuring", name="reached", field=models.CharField(blank=True, max_length=100)
        ),
    ]
