"""Processes that carry chunks side by side. (Not threads: the interpreter's lock is taken per row.)

A worker gets its work over a pipe and ends when the pipe does, so none outlives a killed run by more
than the chunk it is at; that chunk is claimed in the ledger, so nobody carries it twice.
"""

import contextlib
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any
from uuid import UUID

from migration.core.errors import RunFailed, RunStopped
from migration.engine.building import Builders
from migration.engine.chunk_copy import ChunkDone, ChunkJob, carry_chunk
from migration.engine.failures import close_quietly, explained
from migration.engine.interrupting import Interrupting
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session, beside, join_snapshot, open_source, skip_triggers
from schemadiff.core.errors import SchemadiffError

# Of a session that is given up in the middle whoever uses it tells, in one sentence. A worker is a process of its own,
# which has none of the run's settings.
_LIBRARY = logging.getLogger("psycopg")
_LOOK_UP = 0.2  # seconds between two looks at whether to stop
_PATIENCE = 10.0  # seconds that a worker has to end by itself
_HASTE = 5.0  # and where the run stops, which ends what it is at


class InProcess:
    """Carries chunks one after the other in this process, which for few rows is faster."""

    def __init__(self, source: Session, target: Session) -> None:
        self._sessions = (source, target)

    def carry(
        self, jobs: Iterator[ChunkJob | None], should_stop: Callable[[], bool], beside: Builders
    ) -> Iterator[tuple[ChunkJob, ChunkDone | None]]:
        """Each job with what came of it (None: somebody else is at it). A job of None: not yet."""
        for job in jobs:
            _stop_if(should_stop)
            beside.go_on()
            if job is None:
                time.sleep(_LOOK_UP)
                continue
            yield job, carry_chunk(*self._sessions, job, should_stop)


class Processes:
    """Carries chunks in `count` processes that all read the same snapshot.

    They start while their maker does something else, and have their sessions open when the first chunk comes.
    """

    def __init__(
        self, source_dsn: str, target_dsn: str, ledger_id: UUID, snapshot: str, *, count: int
    ) -> None:
        self._workers: dict[Connection[Any, Any], ForkServerProcess] = {}
        self._failure: Exception | None = None
        arguments = (count, ledger_id, source_dsn, target_dsn, snapshot)
        self._starting = threading.Thread(target=self._start, args=arguments, name="starting", daemon=True)
        self._starting.start()

    def _start(self, count: int, *arguments: Any) -> None:
        # Forked from a process of its own, which has read the program once and has no connection to inherit.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        try:
            for number in range(count):
                ours, theirs = context.Pipe()
                process = context.Process(
                    target=_work, args=(theirs, *arguments), name=f"copy-{number}", daemon=True
                )
                process.start()
                theirs.close()
                self._workers[ours] = process
        except Exception as error:  # told to whoever has work for them
            self._failure = error

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A second time it does nothing."""
        self._starting.join()
        for pipe in self._workers:
            with contextlib.suppress(OSError):
                pipe.send(None)
        deadline = time.monotonic() + (_PATIENCE if kind is None else _HASTE)
        for pipe, process in self._workers.items():
            process.join(max(deadline - time.monotonic(), 0))
            if process.is_alive():
                process.kill()
                process.join()
            pipe.close()
        self._workers.clear()

    def carry(
        self, jobs: Iterator[ChunkJob | None], should_stop: Callable[[], bool], beside: Builders
    ) -> Iterator[tuple[ChunkJob, ChunkDone | None]]:
        """Each job with what came of it, in the order in which they end. A job of None: not yet."""
        self._starting.join()
        if self._failure is not None:
            raise RunFailed(
                f"The copying processes could not be started ({self._failure}). Resume the run with fewer `--jobs`."
            ) from self._failure
        busy: dict[Connection[Any, Any], ChunkJob] = {}
        idle = list(self._workers)
        more = True
        while True:
            while idle and more:
                try:
                    job = next(jobs)
                except StopIteration:
                    more = False
                    break
                if job is None:
                    break
                pipe = idle.pop()
                busy[pipe] = job
                self._send(pipe, job)
            if not busy and not more:
                return
            _stop_if(should_stop)
            for ready in wait([*busy, *beside.handles], _LOOK_UP):
                if isinstance(ready, Connection):
                    yield busy.pop(ready), self._receive(ready)
                    idle.append(ready)
            beside.go_on()

    def _send(self, pipe: "Connection[Any, Any]", job: ChunkJob) -> None:
        try:
            pipe.send(job)
        except OSError as exc:
            raise RunFailed(
                "A copying process has died. Resume the run: nothing is lost or doubled."
            ) from exc

    def _receive(self, pipe: "Connection[Any, Any]") -> ChunkDone | None:
        try:
            outcome: ChunkDone | str | None = pipe.recv()
        except (EOFError, OSError) as exc:
            raise RunFailed(
                "A copying process has died. Resume the run: nothing is lost or doubled."
            ) from exc
        if isinstance(outcome, str):
            raise RunFailed(outcome)
        return outcome


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise RunStopped("The run was stopped between two chunks.")


def _work(
    pipe: "Connection[Any, Any]", ledger_id: UUID, source_dsn: str, target_dsn: str, snapshot: str
) -> None:
    """A worker's whole life. Ctrl-C is for the run itself, which then tells its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _LIBRARY.setLevel(logging.ERROR)
    opened: list[Session] = []
    try:
        try:
            opened += _open(ledger_id, source_dsn, target_dsn, snapshot)
        except SchemadiffError:
            if _next_job(pipe) is None:
                return  # nobody waits for this one
            raise
        while (job := _next_job(pipe)) is not None:
            pipe.send(_carry(pipe, opened[0], opened[1], job))
    except RunStopped:
        return  # the run said so, or is gone
    except SchemadiffError as exc:
        with contextlib.suppress(OSError):
            pipe.send(str(exc))
    finally:
        close_quietly(*opened)


def _carry(pipe: "Connection[Any, Any]", source: Session, target: Session, job: ChunkJob) -> ChunkDone | None:
    """While it is at a chunk the run says nothing but that it is to stop, or is gone."""
    interrupting = Interrupting((source, target), pipe.poll)
    try:
        return carry_chunk(source, target, job, pipe.poll)
    finally:
        interrupting.end()


def _next_job(pipe: "Connection[Any, Any]") -> ChunkJob | None:
    try:
        job: ChunkJob | None = pipe.recv()
    except (EOFError, OSError):
        return None
    return job


def _open(ledger_id: UUID, source_dsn: str, target_dsn: str, snapshot: str) -> tuple[Session, Session]:
    with explained("A copying process could not begin"):
        source, target = beside(open_source(source_dsn), partial(open_target_for, ledger_id), target_dsn)
        join_snapshot(source, snapshot)
        skip_triggers(target)
    return source, target
