"""How long the server takes for the monitoring page with a month of data.

    .venv/bin/python benchmarks/monitoring.py [--rounds 9]

Fills a throw-away database with a month of 21 methods on two backends, every level as far back as it is kept, and
asks for the page over each span, and for a report, with Django's test client: no network, no browser.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schemadiff.embedded import create_database, throwaway  # noqa: E402

PAGE = "/p/large/monitoring/"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with throwaway(18) as server:
        os.environ["DATABASE_URL"] = create_database(server, "application")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        os.environ["SCHEMADIFF_ALLOWED_HOSTS"] = "testserver"
        import django

        django.setup()
        report(rounds)


def report(rounds: int) -> None:
    client, token, buckets = _world()
    print(f"{buckets:,} buckets, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for span in ("15m", "1h", "24h", "7d"):
        for name, path in (("the page", PAGE), ("the fragment", f"{PAGE}now/")):
            address = f"{path}?span={span}"
            _print(f"{name}, {span}", rounds, partial(client.get, address))
    body = _body()
    headers = {"Authorization": f"Bearer {token}"}
    _print(
        "a report of 21 methods",
        rounds,
        lambda: client.post("/metrics/v1/report", body, content_type="application/json", headers=headers),
    )
    from migration.monitoring.rolling import roll_up

    _print("a worker's rolling up", rounds, roll_up)


def _print(name: str, rounds: int, ask: Callable[[], Any]) -> None:
    ask()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask()
        found.append((time.perf_counter() - start) * 1000)
    print(f"  {name:<30} {median(found):6.0f} ms   ({min(found):.0f}-{max(found):.0f})")


def _world() -> tuple[Any, str, int]:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from benchmarks.monitoring_month import fill_month
    from migration import flags
    from schemadiff.models import Member, Project, Role

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="large", name="Large")
    user = User.objects.create_user("engineer")
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    crm = flags.create_application(
        project, name="crm", environment="production", modules=("syncScripts",), user="ana"
    )
    buckets = fill_month(crm, timezone.now())
    client = Client()
    client.force_login(user)
    return client, flags.issue_token(crm, user="ana"), buckets


def _body() -> str:
    from benchmarks.monitoring_month import METHODS
    from migration.core.monitoring.report import CallFigures, Report, report_as_json
    from migration.core.monitoring.sketches import sketched

    durations = [3.0 + number % 40 for number in range(400)]
    calls = tuple(
        CallFigures(
            module="syncScripts",
            method=method,
            backend=backend,
            count=len(durations),
            total=sum(durations),
            lowest=min(durations),
            highest=max(durations),
            sketch=sketched(durations),
        )
        for backend in ("source", "target")
        for method in METHODS
    )
    return json.dumps(report_as_json(Report(client="crm@host1", calls=calls)))


if __name__ == "__main__":
    main()
