"""A worker that has nothing to do helps with a run that another one leads."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import Error, connection

from migration import store
from migration.core.errors import RunStopped
from migration.engine.helping import help_copy
from migration.models import Run
from schemadiff.connections import dsn_of
from schemadiff.core.errors import SchemadiffError
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

LOOK = 2.0  # seconds between two looks for a run to help with
_ASK = 1.0  # seconds between two looks at whether the run still wants it


class Helping:
    """A thread beside the worker's own jobs. While one of these is a run, that has all of the machine."""

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._is_busy = is_busy
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="helping", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """The rows at hand are left; somebody else carries them."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(LOOK):
            try:
                for run in () if self._is_busy() else store.offers():
                    help_with(run, self._over.is_set)
            except Error:
                log.warning(
                    "The application's database does not answer; looking again for runs to help with."
                )
            finally:
                connection.close()


def help_with(run: Run, stopping: Callable[[], bool]) -> None:
    """Carry chunks of it until there is none left, or the run wants no more help."""
    wanted = _Wanted(run, stopping)
    try:
        chunks = help_copy(
            dsn_of(run.source), dsn_of(run.target), run.ledger_id, run.offered, wanted.has_ended
        )
        log.info("Carried %s chunks of run %s, which another worker leads.", chunks, run.pk)
    except RunStopped:
        log.info("Run %s wants no more help.", run.pk)
    except SchemadiffError as error:
        log.warning("Help with run %s ended: %s", run.pk, redact(str(error)))


class _Wanted:
    """Asks the run's row, once a second at most. One that cannot be asked wants nothing."""

    def __init__(self, run: Run, stopping: Callable[[], bool]) -> None:
        self._run, self._stopping = run, stopping
        self._asked, self._ended = time.monotonic(), False

    def has_ended(self) -> bool:
        if time.monotonic() - self._asked >= _ASK and not self._ended:
            self._asked = time.monotonic()
            try:
                self._ended = not store.is_offered(self._run)
            except Error:
                self._ended = True
        return self._ended or self._stopping()
