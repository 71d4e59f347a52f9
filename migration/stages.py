"""The people's plan: its stages, kept by the project's engineers and admins."""

from django.db import transaction
from django.db.models import Max

from migration.models import Stage
from schemadiff.models import Project


def save_stage(project: Project, stage: Stage) -> Stage:
    """Keep a stage; a new one comes last."""
    with transaction.atomic():
        if stage._state.adding:
            Project.objects.select_for_update().get(pk=project.pk)
            last = project.stages.aggregate(last=Max("position"))["last"]
            stage.project = project
            stage.position = 0 if last is None else last + 1
        stage.save()
    return stage
