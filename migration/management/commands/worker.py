"""`manage.py worker`: carries out runs, measures options and tries plans, until it is told to stop."""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management.base import CommandParser
from django.db import Error, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from migration import jobs
from migration.execution import is_carrying, recover
from migration.helping import Helping
from schemadiff.commands import ApplicationCommand

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
_SPARE = 4  # threads beside those of the jobs
_ENDING = (signal.SIGTERM, signal.SIGINT)


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
        parser.add_argument(
            "--concurrency", type=int, default=4, help="how many jobs of each queue at once (default 4)"
        )

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
    """Work until SIGTERM or Ctrl-C. Runs in progress are told to stop at once and given back to the queue.

    While the application's database is away there is no work; when it is back, this goes on.
    """
    told = threading.Event()
    while not told.is_set():
        try:
            with _signals_kept():
                asyncio.run(_serve(queues, concurrency, told))
        except asyncio.CancelledError:
            if not told.is_set():
                raise
        except (ConnectorException, psycopg.OperationalError, Error):
            log.warning("The application's database has gone.")
        if not told.is_set():
            _wait_for_database(queues)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """An event loop leaves the system's handlers behind when it closes, which would end the process at once."""
    kept = {number: signal.getsignal(number) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


async def _serve(queues: list[str], concurrency: int, told: threading.Event) -> None:
    """Each queue by itself: a run that follows its source takes its place for days, and keeps nothing else waiting."""
    loop = asyncio.get_running_loop()
    opening = asyncio.current_task()
    assert opening is not None
    work: list[asyncio.Task[None]] = []
    for number in _ENDING:
        loop.add_signal_handler(number, _tell, told, work, opening)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=concurrency * len(queues) + _SPARE))
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as serving:
        try:
            await serving.open_async()
            work += [
                asyncio.create_task(
                    serving.run_worker_async(
                        queues=[queue],
                        concurrency=concurrency,
                        fetch_job_polling_interval=POLL_SECONDS,
                        shutdown_graceful_timeout=0,
                        install_signal_handlers=False,
                    )
                )
                for queue in queues
            ]
            await _all_of(work, told)
        finally:
            await serving.close_async()  # what is only half open, too: its tasks outlive being cancelled


async def _all_of(work: "list[asyncio.Task[None]]", told: threading.Event) -> None:
    """When one has ended the others are to end as well. Raises what the first failed by.

    Who was told to end is not told twice: a second word would break off telling the jobs.
    """
    await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    if not told.is_set():
        for each in work:
            each.cancel()
    for ended in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


def _tell(told: threading.Event, work: "list[asyncio.Task[None]]", opening: "asyncio.Task[None]") -> None:
    """Who is told before there is any work is still opening its connections, which may take long. Told again, it is
    closing them, which nothing may break off."""
    if not work and not told.is_set():
        opening.cancel()
    told.set()
    for each in work:
        each.cancel()


def _wait_for_database(queues: list[str]) -> None:
    """Then look for runs that were left. A signal ends the process as usual: nothing is at work."""
    while True:
        connections.close_all()
        try:
            if jobs.RUNS in queues:
                recover()
            connections["default"].ensure_connection()
            return
        except Error:
            time.sleep(POLL_SECONDS)
        finally:
            connections.close_all()
