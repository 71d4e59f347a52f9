"""`manage.py worker`: carries out runs, measures options and tries plans, until it is told to stop."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from migration import jobs
from migration.execution import is_carrying, recover
from migration.helping import Helping
from schemadiff.commands import ApplicationCommand

POLL_SECONDS = 2.0


class Command(ApplicationCommand):
    help = (
        "Carry out runs, measure options and try plans, until told to stop (Ctrl-C or SIGTERM: a run in progress stops "
        "after the rows at hand, and the next worker goes on with it)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queues",
            nargs="+",
            choices=(jobs.RUNS, jobs.MAINTENANCE),
            default=[jobs.RUNS, jobs.MAINTENANCE],
            help="which queues to serve; both where left out",
        )
        parser.add_argument("--concurrency", type=int, default=4, help="how many jobs at once (default 4)")

    def run(self, **options: Any) -> int:
        if jobs.RUNS in options["queues"]:
            recover()
        connections.close_all()
        self.stdout.write(f"Worker on {', '.join(options['queues'])}: ready.")
        self.stdout.flush()
        helping = Helping(is_carrying) if jobs.RUNS in options["queues"] else None
        if helping is not None:
            helping.begin()
        try:
            serve(options["queues"], concurrency=options["concurrency"])
        finally:
            if helping is not None:
                helping.end()
        self.stdout.write("Worker stopped.")
        return 0


def serve(queues: list[str], *, concurrency: int) -> None:
    """Work until SIGTERM or Ctrl-C. Runs in progress are told to stop at once and given back to the queue."""
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()):
        app.run_worker(
            queues=queues,
            concurrency=concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=0,
        )
