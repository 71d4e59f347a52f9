from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("migration", "0006_retries")]

    operations = [
        migrations.AddField(
            model_name="verification",
            name="sample",
            field=models.FloatField(null=True),
        ),
    ]
