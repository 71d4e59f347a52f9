from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schemadiff", "0007_trials")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="masked_columns",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
