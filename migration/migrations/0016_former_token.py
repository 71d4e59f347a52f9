from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("migration", "0015_client_leases"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="former_token_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
