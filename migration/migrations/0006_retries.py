from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("migration", "0005_run_waiting")]

    operations = [
        migrations.AlterField(
            model_name="verification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("verify", "Verification"),
                    ("repair", "Repair"),
                    ("undo", "Undo of a repair"),
                    ("retry", "Retry of rejects"),
                ],
                default="verify",
                max_length=10,
            ),
        ),
    ]
