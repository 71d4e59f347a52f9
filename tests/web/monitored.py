"""Reports for the tests of monitoring, and an application's client that sends them."""

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from migration.core.monitoring.report import CallFigures, PoolFigures, Report, SlowFigures, report_as_json
from migration.core.monitoring.sketches import sketched

ADDRESS = "/metrics/v1/report"


def calls(
    durations: Sequence[float],
    *,
    method: str = "client_by_id",
    backend: str = "target",
    module: str = "syncScripts",
    **more: Any,
) -> CallFigures:
    return CallFigures(
        module=module,
        method=method,
        backend=backend,
        count=len(durations),
        total=sum(durations),
        lowest=min(durations, default=0.0),
        highest=max(durations, default=0.0),
        sketch=sketched(durations),
        **more,
    )


def report(
    *figures: CallFigures, pools: tuple[PoolFigures, ...] = (), slow: tuple[SlowFigures, ...] = ()
) -> Report:
    return Report(client="crm@host1", calls=figures, pools=pools, slow=slow)


class Sender:
    """An application's process; CSRF is enforced, as in production."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._client = Client(enforce_csrf_checks=True)

    def __call__(self, sent: Report) -> Any:
        return self.raw(json.dumps(report_as_json(sent)))

    def raw(self, body: str | bytes, **headers: str) -> Any:
        sent = headers or {"Authorization": f"Bearer {self.token}"}
        return self._client.post(ADDRESS, body, content_type="application/json", headers=sent)
