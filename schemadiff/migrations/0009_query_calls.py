import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schemadiff", "0008_masked_columns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("query", "calls", models.BigIntegerField(null=True)),
        migrations.AddField("query", "place", models.CharField(max_length=500, blank=True)),
        migrations.AddField(
            "query",
            "added_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
            ),
        ),
        migrations.AddField("query", "added_at", models.DateTimeField(auto_now_add=True, null=True)),
    ]
