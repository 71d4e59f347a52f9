import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("migration", "0010_monitoring"),
        ("schemadiff", "0009_query_calls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="dependencies",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="application",
            name="env_names",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="application",
            name="module_tables",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="application",
            name="own_flags",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="application",
            name="second_person",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="revision",
            name="approved_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="revision",
            name="back_to",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="revision",
            name="notes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="revision",
            name="overridden",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="revision",
            name="override_reason",
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name="FlagChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for approval"),
                            ("scheduled", "Scheduled"),
                            ("suspended", "Suspended"),
                            ("applied", "Applied"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("changes", models.JSONField()),
                ("base", models.PositiveIntegerField()),
                ("ends_second_person", models.BooleanField(default=False)),
                ("overridden", models.JSONField(default=list)),
                ("override_reason", models.TextField(blank=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(null=True)),
                ("asked_by_name", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("approved_by_name", models.CharField(blank=True, max_length=150)),
                ("suspended_because", models.TextField(blank=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
                ("revision", models.PositiveIntegerField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="migration.application",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="schemadiff.project"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "number"), name="one_change_a_number")
                ],
            },
        ),
        # Until now each revision said something else than the one before it.
        migrations.RunSQL(
            "UPDATE migration_revision SET back_to = number - 1 WHERE number > 1", migrations.RunSQL.noop
        ),
    ]
