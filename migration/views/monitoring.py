"""How calls, servers and this application do: for everybody in the project; statements for engineers and admins."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.csp import charts_allowed
from migration.core.monitoring.levels import span_of
from migration.models import AlertRule, Application
from migration.monitoring import reading
from migration.monitoring.measuring import troubles
from migration.monitoring.reading import Scope
from migration.pages.monitoring import TILES_SECONDS, MonitoringPage, monitoring_page
from migration.pages.monitoring_facts import Facts
from schemadiff.permissions import Permission, ProjectRequest, project_view


@charts_allowed
@project_view(Permission.SEE_STATUS)
@require_GET
def monitoring(request: ProjectRequest) -> HttpResponse:
    """Tiles, charts, methods and slow statements over a span: `span`, `application` (name/environment), `module`."""
    return render(request, "migration/monitoring.html", {"page": _page(request)})


@project_view(Permission.SEE_STATUS)
@require_GET
def monitoring_now(request: ProjectRequest) -> HttpResponse:
    """The same without the frame around it, for htmx."""
    return render(request, "migration/_monitoring.html", {"page": _page(request)})


def _page(request: ProjectRequest) -> MonitoringPage:
    now, span = timezone.now(), span_of(request.GET.get("span", ""))
    applications = tuple(request.access.project.applications.all())
    scope = _scope(request, applications)
    since = span.since(now)
    return monitoring_page(
        Facts(
            scope=scope,
            span=span,
            now=now,
            seen=reading.seen_since(scope.project, now - timedelta(seconds=TILES_SECONDS)),
            quantiles=reading.quantiles(scope, span.level, since),
            lines=reading.lines(scope, span.level, since),
            methods=reading.methods(scope, span.level, since),
            flips=reading.flips(scope, since),
            slow=(
                reading.slow_statements(scope, span, now)
                if request.access.allows(Permission.SEE_SCHEMA)
                else None
            ),
            applications=applications,
            thresholds=_thresholds(request),
            troubles=troubles(scope.project),
        )
    )


def _thresholds(request: ProjectRequest) -> dict[str, float]:
    """Of the rules that are about everything."""
    rules = AlertRule.objects.filter(
        project=request.access.project, enabled=True, application=None, module="", backend=""
    )
    return dict(rules.order_by("-pk").values_list("metric", "threshold"))


def _scope(request: ProjectRequest, applications: tuple[Application, ...]) -> Scope:
    wanted, module = request.GET.get("application", ""), request.GET.get("module", "")
    chosen = next((one for one in applications if f"{one.name}/{one.environment}" == wanted), None)
    if wanted and chosen is None:
        raise Http404("There is no such application in this project.")
    known = chosen.modules if chosen else [name for one in applications for name in one.modules]
    if module and module not in known:
        raise Http404("There is no such module.")
    return Scope(project=request.access.project, application=chosen, module=module or None)


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/monitoring/", monitoring, name="monitoring"),
    path("p/<slug:project>/monitoring/now/", monitoring_now, name="monitoring_now"),
]
