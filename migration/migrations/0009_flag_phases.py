from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("migration", "0008_run_carriers"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="lease_seconds",
            field=models.PositiveIntegerField(default=10),
        ),
        migrations.AddField(
            model_name="application",
            name="poll_milliseconds",
            field=models.PositiveIntegerField(default=1000),
        ),
        migrations.AddField(
            model_name="flagclient",
            name="version",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="revision",
            name="cut_over",
            field=models.CharField(
                choices=[("before", "Before cut-over"), ("after", "After cut-over")],
                default="before",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="phase",
            field=models.CharField(
                choices=[("normal", "Normal"), ("prepare", "Prepared for a cut-over")],
                default="normal",
                max_length=10,
            ),
        ),
    ]
