import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("schemadiff", "0020_scratch_server"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueryJudging",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference_words", models.CharField(max_length=400)),
                ("connection_words", models.CharField(max_length=400)),
                ("mapping_of", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                    "connection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="schemadiff.connection",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="query_judgings",
                        to="schemadiff.project",
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="schemadiff.connection",
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.AlterField(
            model_name="queryjudgement",
            name="comparison",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="judgements",
                to="schemadiff.comparison",
            ),
        ),
        migrations.AlterField(
            model_name="queryjudgement",
            name="option",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="queryjudgement",
            name="judging",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="judgements",
                to="schemadiff.queryjudging",
            ),
        ),
        migrations.AddConstraint(
            model_name="queryjudgement",
            constraint=models.CheckConstraint(
                condition=models.Q(comparison__isnull=False, judging__isnull=True)
                | models.Q(comparison__isnull=True, judging__isnull=False),
                name="judged_under_an_option_or_in_a_judging",
            ),
        ),
    ]
