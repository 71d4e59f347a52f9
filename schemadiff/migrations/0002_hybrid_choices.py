from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schemadiff", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="comparison", name="hybrid_choices", field=models.JSONField(default=list)
        ),
    ]
