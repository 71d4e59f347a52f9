"""A real worker goes its round: it measures the servers and itself, makes coarser buckets, and sends what alerts."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from migration import demo, flags, jobs
from migration.models import Alert, AlertRule, Bucket, Notice
from migration.monitoring.notifying import add_channel
from migration.monitoring.recording import record_report
from schemadiff.models import Project
from tests.web.monitored import calls, report
from tests.worker_process import until, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

AGAIN = 300
"""Seconds. What fails for once is made again in the next minute's round; a message that was not taken within five
seconds, as a busy machine may do, goes out again after half a minute, one, and two."""


@contextmanager
def hook(posted: list[dict[str, Any]]) -> Iterator[str]:
    """A webhook's address; what is posted there is kept."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            thread.join()


def measured(metric: str, level: int = 10, **series: str) -> bool:
    where = {f"series__{name}": value for name, value in {"metric": metric, **series}.items()}
    return Bucket.objects.filter(level=level, **where).exists()


def test_a_worker_measures_rolls_up_and_tells(
    seed_source_dsn: str, seed_target_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.populate(seed_source_dsn, seed_target_dsn)
    project = Project.objects.get()
    crm = project.applications.get()
    module = crm.modules[0]
    AlertRule.objects.create(
        project=project,
        name="Errors",
        metric="error_rate",
        threshold=1,
        for_seconds=0,
        is_default=True,
        set_by="ana",
    )
    posted: list[dict[str, Any]] = []
    monkeypatch.setenv("SCHEMADIFF_WEBHOOK_HOSTS", "127.0.0.1")
    with hook(posted) as address:
        add_channel(project, "webhook", address, "ana")
        failing = calls([5.0] * 30, module=module, errors=(("timeout", 10),))
        record_report(crm, report(failing), at=timezone.now())
        with working(tmp_path) as worker:
            app.configure_task(jobs.MONITOR, queue=jobs.MAINTENANCE).defer(timestamp=0)
            for side in ("source", "target"):
                until(partial(measured, "server_up", backend=side), f"the {side} is measured")
            until(lambda: measured("calls", level=3600), "hours are made")
            try:
                until(lambda: Notice.objects.filter(state="sent").exists(), "somebody is told", AGAIN)
            except AssertionError as vain:
                notices = list(Notice.objects.values("state", "attempts", "error"))
                alerts = list(Alert.objects.values("state", "subject"))
                said = worker.log.read_text()[-3_000:]
                raise AssertionError(f"{vain}: {notices}, {alerts}; the worker said: {said}") from vain
    assert "Firing: Errors. errors per 1,000 calls of" in posted[0]["text"]
    assert measured("queue_depth") and measured("connections_used", backend="target")
    assert flags.current(crm).number == 1
