from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("migration", "0019_guard_breaches"),
    ]

    operations = [
        migrations.AddField(
            model_name="flagchange",
            name="own_flag",
            field=models.JSONField(null=True),
        ),
    ]
