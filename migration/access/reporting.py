"""Reports calls to the monitoring: added up in memory, sent every few seconds by a thread of its own.

It never fails a call and never makes one wait: what cannot be sent is kept, added up, and sent the next time.
"""

import http.client
import json
import logging
import os
import threading
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from migration.access.aggregate import Aggregate
from migration.access.calls import AccessEvent, CallRecord, EventKind, Mismatch
from migration.access.errors import ErrorKind
from migration.access.pool import PoolStats
from migration.core.flags import Backend
from migration.core.monitoring.report import PoolFigures, Report, report_as_json
from schemadiff.core.errors import Refused

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
TIMEOUT_SECONDS = 5.0

_NOT_WORTH_REPEATING = frozenset({400, 413})  # the same report would be refused again

_REPORTERS: "weakref.WeakSet[Reporter]" = weakref.WeakSet()

PoolReader = Callable[[], PoolStats]


class Reporter:
    """An `Observer` of the data layer. Safe for threads; use it as a context manager, or `start` and `stop` it. The
    child of a fork reports its own calls, from its first one on.

    `address` is that of the monitoring, `http(s)://…/metrics/v1/report`; `token` the application's own, as for its
    flags; `client` names this process (`crm@host1`). `pools` are asked how they are with each report.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        client: str,
        pools: Mapping[Backend, PoolReader] | None = None,
        every: float = EVERY_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        if urlsplit(address).scheme not in ("http", "https"):
            raise Refused("The monitoring's address begins with http:// or https://.")
        self._address = address
        self._token = token
        self._client = client
        self._pools = dict(pools or {})
        self._every = every
        self._timeout = timeout
        self._lock = threading.Lock()
        self._aggregate = Aggregate()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._forked = False
        _REPORTERS.add(self)

    def __enter__(self) -> "Reporter":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """From now on a report is sent every so often."""
        if self._thread is None:
            self._ended.clear()
            self._thread = threading.Thread(target=self._go_on, name="schemadiff reporter", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Send what there is, once, and end."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ended.set()
            thread.join()
            self.send()

    def called(self, record: CallRecord) -> None:
        """A call with a wrong argument reached no database: it says nothing about one."""
        if record.error is ErrorKind.INVALID:
            return
        if self._forked:
            self._go_on_in_child()
        with self._lock:
            self._aggregate.called(
                record.module,
                record.method,
                record.backend.value,
                milliseconds=record.seconds * 1000,
                error=record.error.value if record.error else "",
                statement=record.statement,
            )
            if record.fell_back:
                self._aggregate.fell_back(record.module, record.method, Backend.TARGET.value)

    def mismatched(self, mismatch: Mismatch) -> None:
        with self._lock:
            self._aggregate.compared(mismatch.module, mismatch.method, Backend.TARGET.value, agreed=False)

    def happened(self, event: AccessEvent) -> None:
        if event.kind is EventKind.COMPARED:
            with self._lock:
                self._aggregate.compared(event.module, event.method, Backend.TARGET.value, agreed=True)

    def send(self) -> bool:
        """Report now; whether it arrived. What did not is sent with the next report."""
        with self._lock:
            taken, self._aggregate = self._aggregate, Aggregate()
        try:
            self._post(self._report(taken))
            return True
        except urllib.error.HTTPError as refusal:
            with refusal:
                self._refused(refusal, taken)
        except (OSError, ValueError, http.client.HTTPException) as failure:
            log.warning(
                "The monitoring could not be reached (%s); its report is kept.", type(failure).__name__
            )
            self._keep(taken)
        return False

    def begin_anew(self) -> None:
        """In the child of a fork: what was added up is the parent's to report, and its thread is not here."""
        self._lock = threading.Lock()
        self._aggregate = Aggregate()
        self._forked, self._thread = self._forked or self._thread is not None, None

    def _go_on_in_child(self) -> None:
        with self._lock:
            if self._forked:
                self._forked = False
                self.start()

    def _go_on(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self.send()
            except Exception:  # reporting is a guest in the application
                log.exception("A report could not be made.")

    def _report(self, taken: Aggregate) -> Report:
        return Report(
            client=self._client,
            calls=tuple(taken.calls()),
            pools=tuple(_figures(backend, read()) for backend, read in self._pools.items()),
            slow=tuple(taken.slow()),
        )

    def _post(self, report: Report) -> None:
        request = urllib.request.Request(
            self._address,
            data=json.dumps(report_as_json(report)).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=self._timeout) as answer:
            answer.read()

    def _refused(self, refusal: urllib.error.HTTPError, taken: Aggregate) -> None:
        said = refusal.read(1_000).decode("utf-8", "replace")
        if refusal.code in _NOT_WORTH_REPEATING:
            log.error("The monitoring refused a report (%d: %s); it is thrown away.", refusal.code, said)
            return
        log.warning("The monitoring did not take a report (%d: %s); it is kept.", refusal.code, said)
        self._keep(taken)

    def _keep(self, taken: Aggregate) -> None:
        with self._lock:
            self._aggregate.take_back(taken)


def _figures(backend: Backend, stats: PoolStats) -> PoolFigures:
    return PoolFigures(
        backend=backend.value,
        most=max(stats.most, stats.total - stats.idle),
        busy=stats.total - stats.idle,
        waiting=stats.waiting,
    )


def _after_fork() -> None:
    for reporter in list(_REPORTERS):
        reporter.begin_anew()


os.register_at_fork(after_in_child=_after_fork)
