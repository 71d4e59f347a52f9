from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("migration", "0003_verifications")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("cancelling", "Cancelling"),
                    ("pausing", "Pausing"),
                    ("paused", "Paused"),
                    ("ended", "Ended"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
    ]
