import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schemadiff", "0019_matched_by")]

    operations = [
        migrations.AddField(
            model_name="comparison",
            name="scratch_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="schemadiff.connection",
            ),
        ),
    ]
