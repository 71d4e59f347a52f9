"""What applications report of their calls, with the token that they read their flags with; and all of it for
Prometheus."""

import hmac
import time
from math import ceil

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from migration import flags
from migration.core.monitoring.report import MAX_BODY, BadReport, read_report
from migration.monitoring import guards
from migration.monitoring.exposition import CONTENT_TYPE, exposed
from migration.monitoring.recording import record_report
from migration.shared_rate_limit import SharedRateLimit

LIMIT = SharedRateLimit("reports", rate=20, burst=100)
"""Per application, over all processes: 200 clients may report every 10 seconds."""


@csrf_exempt
@login_not_required
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """POST a report; 204 where it was kept. Every refusal is JSON with a sentence."""
    if request.method != "POST":
        return _refuse(405, "Send a report with POST.", headers={"Allow": "POST"})
    application = flags.authenticate(_token(request))
    if application is None:
        text = "This needs the application's token, as Authorization: Bearer <token> or X-API-Key: <token>."
        return _refuse(401, text, headers={"WWW-Authenticate": "Bearer"})
    if wait := LIMIT.wait(str(application.pk), now=time.monotonic()):
        text = f"Too many reports of {application}. Report less often."
        return _refuse(429, text, headers={"Retry-After": str(ceil(wait))})
    now = timezone.now()
    try:
        record_report(application, read_report(_body(request), application.modules), at=now)
    except BadReport as exc:
        return _refuse(400, str(exc))
    guards.watch(application, now)
    return HttpResponse(status=204)


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "").strip()


@login_not_required
@never_cache
def exposition(request: HttpRequest) -> HttpResponse:
    """Everything, as Prometheus reads it, for whoever has the token of the settings; without one it is not there."""
    if not settings.METRICS_TOKEN:
        raise Http404("No metrics are exposed: SCHEMADIFF_METRICS_TOKEN is not set.")
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if not hmac.compare_digest(_token(request).encode(), settings.METRICS_TOKEN.encode()):
        text = "This needs the token of SCHEMADIFF_METRICS_TOKEN, as Authorization: Bearer <token>.\n"
        return HttpResponse(
            text, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"}
        )
    return HttpResponse(exposed(timezone.now()), content_type=CONTENT_TYPE)


def _body(request: HttpRequest) -> bytes:
    """The body, unread where it says that it is too long."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise RequestDataTooBig
        return request.body
    except (RequestDataTooBig, ValueError) as exc:
        raise BadReport(
            f"The body is over {MAX_BODY // 1024} KB. Report more often, or fewer methods."
        ) from exc
    except UnreadablePostError as exc:
        raise BadReport("The body could not be read to its end.") from exc


def _refuse(status: int, text: str, *, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse({"errorDetails": text}, status=status, headers=headers or {})


urlpatterns: list[URLPattern] = [
    path("metrics", exposition, name="metrics"),
    path("metrics/v1/report", report, name="metrics_report"),
]
