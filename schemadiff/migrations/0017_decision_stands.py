"""Decisions keep their mapping and their author's name, and nothing edits or removes them any more."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What a decision says stands. Two things may still happen to its row: another decision supersedes it, once,
# and its author's account is removed.
_STANDS = """
CREATE FUNCTION schemadiff_decision_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - ARRAY['superseded_by_id', 'author_id'] = to_jsonb(OLD) - ARRAY['superseded_by_id', 'author_id']
        AND (OLD.superseded_by_id IS NULL OR NEW.superseded_by_id IS NOT DISTINCT FROM OLD.superseded_by_id)
        AND (NEW.author_id IS NULL OR NEW.author_id IS NOT DISTINCT FROM OLD.author_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A recorded decision is never edited or removed; another one supersedes it.'
        USING ERRCODE = 'integrity_constraint_violation';
END
$body$;
CREATE TRIGGER schemadiff_decision_stands BEFORE UPDATE OR DELETE ON schemadiff_decision
    FOR EACH ROW EXECUTE FUNCTION schemadiff_decision_stands();
"""
_FALLS = """
DROP TRIGGER schemadiff_decision_stands ON schemadiff_decision;
DROP FUNCTION schemadiff_decision_stands();
"""


def sign(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for decision in apps.get_model("schemadiff", "Decision").objects.select_related("author"):
        author = decision.author
        if author is None:
            decision.signed_by = "somebody whose account was removed"
        else:
            name = f"{author.first_name} {author.last_name}".strip()
            decision.signed_by = f"{name} ({author.username})" if name else author.username
        decision.save(update_fields=["signed_by"])


class Migration(migrations.Migration):
    dependencies = [
        ("schemadiff", "0016_query_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision", name="mapping", field=models.TextField(blank=True, default="")
        ),
        migrations.AddField(
            model_name="decision",
            name="signed_by",
            field=models.CharField(default="", max_length=480),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="decision",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="schemadiff.project"
            ),
        ),
        migrations.RunPython(sign, migrations.RunPython.noop),
        migrations.RunSQL(_STANDS, _FALLS),
    ]
