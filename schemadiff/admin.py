"""Django's admin for operators: projects, members and queries are edited here, history is only read."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from schemadiff.models import (
    Comparison,
    Connection,
    Decision,
    Evidence,
    Member,
    Pair,
    Project,
    Query,
    Snapshot,
    Trial,
)

M = TypeVar("M", bound=Model)

admin.site.site_header = "Schemadiff for operators"
admin.site.site_title = "Schemadiff"
admin.site.index_title = "Projects, members, and what has happened"


class HistoryAdmin(admin.ModelAdmin[M]):
    """Rows that tell what happened: to be seen, never added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MemberInline(admin.TabularInline[Member, Project]):
    model = Member
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    list_display = ["name", "slug", "created_at"]
    search_fields = ["name", "slug"]
    readonly_fields = ["created_at"]
    inlines = [MemberInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A project is its history."""
        return False


@admin.register(Connection)
class ConnectionAdmin(HistoryAdmin[Connection]):
    """Changed on its own pages, which encrypt and test; the password is not shown here either."""

    list_display = ["name", "project", "host", "port", "dbname", "user", "sslmode", "checked_at"]
    list_filter = ["project"]
    exclude = ["password_encrypted"]


@admin.register(Query)
class QueryAdmin(admin.ModelAdmin[Query]):
    list_display = ["name", "project"]
    list_filter = ["project"]
    search_fields = ["name", "sql"]


@admin.register(Snapshot)
class SnapshotAdmin(HistoryAdmin[Snapshot]):
    list_display = ["label", "project", "taken_at", "taken_by", "server_version", "fingerprint"]
    list_filter = ["project"]
    list_select_related = ["project", "taken_by"]
    exclude = ["catalog"]  # megabytes of JSON; the comparison's pages show it

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("catalog")


@admin.register(Comparison)
class ComparisonAdmin(HistoryAdmin[Comparison]):
    list_display = ["number", "project", "source", "target", "created_at", "created_by"]
    list_filter = ["project"]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("project", "source", "target", "created_by")
        return rows.defer("source__catalog", "target__catalog")


@admin.register(Pair)
class PairAdmin(HistoryAdmin[Pair]):
    list_display = ["__str__", "status", "score", "decided_by", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["decided_by"]
    search_fields = ["source_table", "source_column", "target_table", "target_column"]


@admin.register(Evidence)
class EvidenceAdmin(HistoryAdmin[Evidence]):
    list_display = ["comparison_id", "option", "label", "value", "measured_at"]
    list_filter = ["option", "project"]


@admin.register(Trial)
class TrialAdmin(HistoryAdmin[Trial]):
    list_display = ["comparison_id", "kind", "state", "outcome", "requested_by", "requested_at", "ended_at"]
    list_filter = ["kind", "state", "project"]
    list_select_related = ["requested_by"]
    exclude = ["result", "findings"]  # its page shows them


@admin.register(Decision)
class DecisionAdmin(HistoryAdmin[Decision]):
    list_display = ["option", "project", "author", "decided_at", "superseded_by"]
    list_filter = ["project", "option"]
    list_select_related = ["project", "author", "superseded_by"]
