from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    dependencies = [("migration", "0007_verification_sample"), ("schemadiff", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="offered",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.CreateModel(
            name="RunCarrier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=300)),
                ("chunks", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                (
                    "project",
                    models.ForeignKey(on_delete=CASCADE, related_name="+", to="schemadiff.project"),
                ),
                ("run", models.ForeignKey(on_delete=CASCADE, related_name="carriers", to="migration.run")),
            ],
            options={
                "ordering": ["run", "name"],
                "constraints": [models.UniqueConstraint(fields=("run", "name"), name="one_row_a_carrier")],
            },
        ),
    ]
