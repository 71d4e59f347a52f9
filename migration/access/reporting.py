"""Reports calls to the monitoring: added up in memory, sent every few seconds by a thread of its own.

It never fails a call and never makes one wait: what cannot be sent is kept, and sent the next time, with the time that
it is of. Each report has a number of its process, so that one whose answer was lost counts once.
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
from enum import Enum
from time import monotonic
from urllib.parse import urlsplit

from migration.access.calls import AccessEvent, CallRecord, EventKind, Mismatch
from migration.access.errors import ErrorKind
from migration.access.parcels import Parcel, Parcels
from migration.access.pool import PoolStats
from migration.core.flags import Backend
from migration.core.monitoring.report import PoolFigures, Report, Serial, report_as_json
from schemadiff.core.errors import Refused

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
TIMEOUT_SECONDS = 5.0

_NOT_WORTH_REPEATING = frozenset({400, 413})  # the same report would be refused again

_REPORTERS: "weakref.WeakSet[Reporter]" = weakref.WeakSet()

PoolReader = Callable[[], PoolStats]


class _Sent(Enum):
    """What became of a report."""

    ARRIVED = "counted, now or before"
    REFUSED = "thrown away: it would be refused again"
    NOT_TAKEN = "or not known: it is sent again"


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
        self._sending = threading.Lock()
        self._parcels = Parcels(monotonic())
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
            self._parcels.open.called(
                record.module,
                record.method,
                record.backend.value,
                milliseconds=record.seconds * 1000,
                error=record.error.value if record.error else "",
                statement=record.statement,
            )
            if record.fell_back:
                self._parcels.open.fell_back(record.module, record.method, Backend.TARGET.value)

    def mismatched(self, mismatch: Mismatch) -> None:
        with self._lock:
            self._parcels.open.compared(mismatch.module, mismatch.method, Backend.TARGET.value, agreed=False)

    def happened(self, event: AccessEvent) -> None:
        if event.kind is EventKind.COMPARED:
            with self._lock:
                self._parcels.open.compared(event.module, event.method, Backend.TARGET.value, agreed=True)

    def send(self) -> bool:
        """Report now; whether all of it arrived. What did not is sent the next time, in its order."""
        with self._sending:
            with self._lock:
                self._parcels.close(monotonic())
            ended = {_Sent.ARRIVED}
            while _Sent.NOT_TAKEN not in ended and (parcel := self._first()) is not None:
                ended.add(self._sent(parcel))
            return ended == {_Sent.ARRIVED}

    def _first(self) -> Parcel | None:
        with self._lock:
            return self._parcels.first(monotonic())

    def _sent(self, parcel: Parcel) -> "_Sent":
        said = self._tried(parcel)
        if said is not _Sent.NOT_TAKEN:
            with self._lock:
                self._parcels.done(parcel)
        return said

    def _tried(self, parcel: Parcel) -> "_Sent":
        try:
            self._post(self._report(parcel))
            return _Sent.ARRIVED
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _refused(refusal)
        except (OSError, ValueError, http.client.HTTPException) as failure:
            log.warning(
                "The monitoring could not be reached (%s); its report is kept.", type(failure).__name__
            )
            return _Sent.NOT_TAKEN

    def begin_anew(self) -> None:
        """In the child of a fork: what was added up is the parent's to report, and its thread is not here."""
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._parcels = Parcels(monotonic())
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

    def _report(self, parcel: Parcel) -> Report:
        """Pools are asked how they are now, which says nothing of an earlier time."""
        now = monotonic()
        with self._lock:
            pools = self._pools if self._parcels.is_newest(parcel) else {}
            serial = Serial(process=self._parcels.process, number=parcel.number or 0)
        return Report(
            client=self._client,
            calls=tuple(parcel.calls.calls()),
            pools=tuple(_figures(backend, read()) for backend, read in pools.items()),
            slow=tuple(parcel.calls.slow()),
            serial=serial,
            began_ago=now - parcel.began,
            ended_ago=now - parcel.ended,
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


def _refused(refusal: urllib.error.HTTPError) -> _Sent:
    said = refusal.read(1_000).decode("utf-8", "replace")
    if refusal.code in _NOT_WORTH_REPEATING:
        log.error("The monitoring refused a report (%d: %s); it is thrown away.", refusal.code, said)
        return _Sent.REFUSED
    log.warning("The monitoring did not take a report (%d: %s); it is kept.", refusal.code, said)
    return _Sent.NOT_TAKEN


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
