"""The second call: dual-write and shadow reads, made on the other backend behind the caller's back.

A call is never slowed by it and never fails by it: the caller puts a note into a queue that takes so many and no more,
and one thread works the notes off in their order. What finds no room is left out, counted and said.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import Any

from migration.access.backend import Backend
from migration.access.calls import AccessEvent, Copying, EventKind, Mismatch, Observer
from migration.access.comparing import Comparison, comparable, compare
from migration.access.errors import AccessError, WriteNotPermitted
from migration.access.explaining import unforeseen
from migration.access.forking import tell_of_forks
from migration.access.layout import Layout
from migration.access.methods import Method
from migration.access.switching import FlagReader, FlagState
from migration.core.flags import Backend as Name

_CLOSED = "The data layer was closed before it was made."
_AT_ONCE = (
    "Another process wrote the same rows at the same time, and its writes were copied in another order:"
)
_PAUSES = (0.0, 0.05, 0.2)
_MOVED_ON = "The flags have changed since, and a later value may be there: it was not written."
WAITING = 200
"""Notes that the queue takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was called and what it gave on the first backend.

    `is_as_then` says whether what decides about writes is, under a state of the flags, what it was for this one, and
    was all the while. `keys`: of the rows that are written. `release` ends the permission to write, which lasts until
    the second write is made too: who waits for writes to come to rest waits for both.
    """

    method: Method
    arguments: tuple[Any, ...]
    copying: Copying
    module: str
    first: Backend
    second: Backend
    rows: Sequence[Mapping[str, Any]]
    keys: frozenset[Hashable]
    is_as_then: Callable[[FlagState], bool]
    release: Callable[[], object]


class SecondCalls:
    """Works notes off in one background thread, which starts with the first of them."""

    def __init__(self, observer: Observer, flags: FlagReader, waiting: int = WAITING) -> None:
        self._observer = observer
        self._flags = flags
        self._waiting = waiting
        self._is_over = False
        self.after_fork()
        tell_of_forks(self)

    def after_fork(self) -> None:
        """The parent's notes are the parent's to work off; a child begins with none, and without a thread."""
        self._notes: queue.Queue[Note | None] = queue.Queue(self._waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._copying: Counter[Hashable] = Counter()  # writes of a row that are to be made, or under way

    def put(self, note: Note) -> bool:
        """Whether it was taken; it never waits."""
        try:
            with self._lock:
                self._start()
                if not self._is_over:
                    self._notes.put_nowait(note)
                    self._copying.update(note.keys)
                    return True
            reason = _CLOSED
        except queue.Full:
            reason = f"{self._notes.maxsize} calls are waiting for the {note.second.name} already."
        note.release()
        self._tell(note, EventKind.DROPPED, reason)
        return False

    def drain(self, seconds: float) -> bool:
        """Wait until all notes are worked off, at most so long. Whether they are."""
        end = monotonic() + seconds
        with self._notes.all_tasks_done:
            while self._notes.unfinished_tasks and (left := end - monotonic()) > 0:
                self._notes.all_tasks_done.wait(left)
            return not self._notes.unfinished_tasks

    def close(self, seconds: float = 5.0) -> None:
        """Work off what is there, at most so long. What waits then is left out and told; nothing is taken any more."""
        self.drain(seconds)
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            left = [self._notes.get_nowait() for _ in range(self._notes.qsize()) if not self._notes.empty()]
            if self._thread is not None:
                self._notes.put_nowait(None)
        for note in left:
            if note is not None:
                self._leave_out(note, _CLOSED)
                self._is_done(note)
            self._notes.task_done()

    def join(self, seconds: float = 5.0) -> None:
        """Wait for the one that was under way when it was closed."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _start(self) -> None:
        if self._thread is None and not self._is_over:
            self._thread = threading.Thread(target=self._work, name="second calls", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (note := self._notes.get()) is not None:
            try:
                if self._is_over:
                    self._leave_out(note, _CLOSED)
                else:
                    self._carry_out(note)
            except Exception as exc:  # the thread goes on with the next one
                self._mismatch(note, ("error",), str(unforeseen(exc, note.second.name)))
            finally:
                note.release()
                self._is_done(note)
                self._notes.task_done()
        self._notes.task_done()

    def _is_done(self, note: Note) -> None:
        with self._lock:
            self._copying.subtract(note.keys)
            for key in note.keys:
                if not self._copying[key]:
                    del self._copying[key]

    def _comes_again(self, note: Note) -> bool:
        """Is another write of these rows waiting here, which will be looked at in its turn?"""
        with self._lock:
            return any(self._copying[key] > 1 for key in note.keys)

    def _carry_out(self, note: Note) -> None:
        if note.copying is Copying.SHADOW_READ:
            self._call(note)
            return
        note.release()
        try:
            # Asked for anew: the first one may have ended, and others may be writing by now what it would write over.
            with self._flags.writing(note.module, within=0) as state:
                if note.is_as_then(state):
                    self._call(note)
                    return
        except WriteNotPermitted:
            pass
        self._leave_out(note, _MOVED_ON)

    def _call(self, note: Note) -> None:
        if not note.second.is_up():
            self._mismatch(note, ("unavailable",), note.second.why_down)
            return
        try:
            found = note.second.call(note.method, note.arguments)
            compared = compared_rows(note, note.rows, found.rows)
            if note.copying is Copying.SHADOW_READ:
                compared = compared if compared.is_same else self._once_more(note)
            elif compared.is_same:
                compared = self._as_it_is_now(note)
        except AccessError as exc:
            self._mismatch(note, ("error",), str(exc))
            return
        if compared.is_same:
            self._tell(note, EventKind.COMPARED, "Both backends answered the same.")
        else:
            self._mismatch(note, compared.fields, compared.reason)

    def _once_more(self, note: Note) -> Comparison:
        """Somebody may have written between the two reads; what still differs now does differ."""
        first = note.first.call(note.method, note.arguments)
        second = note.second.call(note.method, note.arguments)
        return compared_rows(note, first.rows, second.rows)

    def _as_it_is_now(self, note: Note) -> Comparison:
        """Two processes that write one row at the same moment may be copied in another order than they wrote.

        Whoever copies last finds the other's row on the first backend, and that the second has its own. A difference
        that goes by itself is of a copy that was still to come.
        """
        if not note.rows or _by(note.method.needs, note.rows) == self._now(note, note.first):
            return Comparison()
        for pause in _PAUSES:
            sleep(pause)
            if self._comes_again(note):
                return Comparison()
            compared = compared_rows(note, self._now(note, note.first), self._now(note, note.second))
            if compared.is_same:
                return compared
        return replace(compared, reason=f"{_AT_ONCE} {compared.reason}")

    def _now(self, note: Note, backend: Backend) -> list[Mapping[str, Any]]:
        return _by(note.method.needs, backend.rows_like(note.method, note.rows))

    def _leave_out(self, note: Note, reason: str) -> None:
        note.release()
        if note.copying is Copying.DUAL_WRITE:
            self._mismatch(note, ("left out",), reason)
        else:
            self._tell(note, EventKind.DROPPED, reason)

    def _mismatch(self, note: Note, fields: tuple[str, ...], reason: str) -> None:
        self._observer.mismatched(
            Mismatch(
                method=note.method.name,
                module=note.module,
                copying=note.copying,
                fields=fields,
                reason=reason,
            )
        )

    def _tell(self, note: Note, kind: EventKind, reason: str) -> None:
        self._observer.happened(
            AccessEvent(kind=kind, module=note.module, method=note.method.name, reason=reason)
        )


def taken_down(value: Any) -> Any:
    """What the caller gave or was given, as it is now: it may go on with it."""
    match value:
        case Mapping():
            return {name: taken_down(each) for name, each in value.items()}
        case list():
            return [taken_down(each) for each in value]
        case tuple():
            return tuple(taken_down(each) for each in value)
    return deepcopy(value)


def compared_rows(
    note: Note, first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]
) -> Comparison:
    """Of a write all that both sides answer, the numbers that they give too; but times that nobody wrote."""
    one, other = note.first.layouts[note.method.table], note.second.layouts[note.method.table]
    wanted, key = note.method.fields, "id"
    if note.copying is Copying.DUAL_WRITE:
        given = note.arguments[0]
        written = given if isinstance(given, Mapping) else (given[0] if given else {})
        wanted, key = _answered(one, written), ""
        first, second = _by(note.method.needs, first), _by(note.method.needs, second)
    fields, may_differ = comparable(one, other, wanted)
    if note.first.name is Name.TARGET:
        first, second = second, first
    return compare(first, second, fields, may_differ, key)


def _answered(layout: Layout, written: Collection[str]) -> tuple[str, ...]:
    """Each database has its own clock."""
    fields = layout.table.fields
    return tuple(each.name for each in fields if each.name in written or "time" not in each.type)


def _by(key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A write gives its rows in no order that one may rely on."""
    return sorted(rows, key=lambda row: [str(row.get(name)) for name in key])
