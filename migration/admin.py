"""The operators' site: history to look at, nothing to change."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from migration.models import (
    Application,
    CutOverAttempt,
    FlagClient,
    Lesson,
    Measuring,
    PastDecision,
    ProbeRun,
    Revision,
    Run,
    RunEvent,
    RunFingerprint,
    RunReject,
    RunTable,
    Stage,
    Verification,
    VerificationSchedule,
)

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin  # takes no type at run time


class History(_ModelAdmin):
    """Shown, never added, changed or deleted: what happened stays as it was."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(History):
    list_display = (
        "__str__",
        "project",
        "option",
        "state",
        "phase",
        "source",
        "target",
        "started_at",
        "ended_at",
    )
    list_filter = ("state", "phase", "option")
    list_select_related = ("project", "source", "target")
    exclude = ("spec", "lease_token")


@admin.register(RunTable)
class RunTableAdmin(History):
    list_display = ("__str__", "run", "state", "rows_written", "rows_total", "rejects", "differing")
    list_filter = ("state",)
    list_select_related = ("run",)


@admin.register(RunEvent)
class RunEventAdmin(History):
    list_display = ("at", "run", "phase", "level", "message")
    list_filter = ("level", "phase")
    list_select_related = ("run",)


@admin.register(RunReject)
class RunRejectAdmin(History):
    list_display = ("run", "source_schema", "source_table", "column", "sqlstate", "count", "reason")
    list_select_related = ("run",)


@admin.register(RunFingerprint)
class RunFingerprintAdmin(History):
    list_display = ("run", "schema", "table", "moment", "rows", "digest")
    list_select_related = ("run",)


@admin.register(Measuring)
class MeasuringAdmin(History):
    list_display = ("comparison", "state", "requested_by", "requested_at", "ended_at")
    list_select_related = ("comparison", "requested_by")


@admin.register(Application)
class ApplicationAdmin(History):
    list_display = ("__str__", "project", "created_at")
    list_select_related = ("project",)
    exclude = ("token_hash", "former_token_hash")


@admin.register(Revision)
class RevisionAdmin(History):
    list_display = ("__str__", "application", "author_name", "created_at", "reason")
    list_select_related = ("application",)


@admin.register(FlagClient)
class FlagClientAdmin(History):
    list_display = ("__str__", "application", "module", "revision", "last_seen")
    list_select_related = ("application",)


@admin.register(Stage)
class StageAdmin(History):
    list_display = ("__str__", "project", "state", "planned", "actual", "finished_on")
    list_select_related = ("project",)


@admin.register(PastDecision)
class PastDecisionAdmin(History):
    list_display = ("__str__", "project")
    list_select_related = ("project",)


@admin.register(Lesson)
class LessonAdmin(History):
    list_display = ("__str__", "project")
    list_select_related = ("project",)


@admin.register(Verification)
class VerificationAdmin(History):
    list_display = ("__str__", "state", "differing", "requested_by", "requested_at", "ended_at")
    list_select_related = ("requested_by",)
    exclude = ("samples",)


@admin.register(ProbeRun)
class ProbeRunAdmin(History):
    list_display = ("__str__", "state", "differing", "requested_by", "requested_at", "ended_at")
    list_select_related = ("requested_by",)


@admin.register(CutOverAttempt)
class CutOverAttemptAdmin(History):
    list_display = ("__str__", "state", "pause", "requested_by", "requested_at", "ended_at")
    list_select_related = ("requested_by",)


@admin.register(VerificationSchedule)
class VerificationScheduleAdmin(History):
    list_display = ("__str__", "project", "tolerated", "next_at", "set_by")
    list_select_related = ("project", "set_by")
