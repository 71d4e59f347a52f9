"""Which backend a call goes to, each time anew: what the flags say, what is up, and what may be written now."""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, perf_counter, sleep
from typing import Any, TypeAlias

from migration.access.answers import Answer, CallError, answer_of, failed, refused
from migration.access.backend import Backend
from migration.access.calls import AccessEvent, CallRecord, Copying, EventKind, Observer, Observers
from migration.access.errors import AccessError, ErrorKind, WriteNotPermitted
from migration.access.explaining import unforeseen
from migration.access.forking import tell_of_forks
from migration.access.methods import Method
from migration.access.permission import Permission
from migration.access.repository import Found, log_call
from migration.access.second import Note, SecondCalls, taken_down
from migration.access.switching import FlagReader, FlagState
from migration.access.turns import Turns, rows_of
from migration.core.flags import Access, Choice, CutOver, Flags, backend_of
from migration.core.flags import Backend as Name

_CLOSED = "The data layer is closed: open a new one."
_LAYER = "data layer"
_NO_RIGHT = "42501"
_AGAIN = 0.02  # seconds until a write that the fence stopped asks for permission again


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How a module's calls behave. `write_wait`: how long a write waits for permission, in seconds, before it is
    refused. `shadow_share`: of so many reads, 0 to 1, the other backend is asked the same."""

    module: str = ""
    write_wait: float = 5.0
    shadow_share: float = 0.0


@dataclass(slots=True)
class Counts:
    """Since the process began: calls that fell back to the source, and second calls for which there was no room."""

    fallbacks: int = 0
    dropped: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fell_back(self) -> None:
        with self._lock:
            self.fallbacks += 1

    def dropped_one(self) -> None:
        with self._lock:
            self.dropped += 1


_Chosen: TypeAlias = tuple[Flags | None, CutOver, bool, Choice]  # from which flags, cut-over, target's state


class Selector:
    """Sends each call to the backend that the flags choose, and tells the observers. Safe for threads."""

    def __init__(
        self,
        source: Backend,
        target: Backend,
        flags: FlagReader,
        observers: Iterable[Observer] = (),
        selection: Selection | None = None,
        beside: "Selector | None" = None,
    ) -> None:
        """`beside`: another module's on the same backends; their second calls are made in one order."""
        self.selection = selection or Selection()
        self.flags = flags
        self.observers = tuple(observers)
        self.counts = Counts()
        self._backends = {Name.SOURCE: source, Name.TARGET: target}
        self._target = target
        self._flags = flags
        self._observer = Observers.of(self.observers)
        self._second: SecondCalls = beside._second if beside else SecondCalls(self._observer, flags)
        self._turns: Turns = beside._turns if beside else Turns()
        self._away = threading.Event()  # the target is known to be down
        self._random = random.Random()
        self._closed = False
        unasked = (None, CutOver.BEFORE, False, Choice(backend=Name.NONE, reason=""))
        self._last: dict[Access, _Chosen] = dict.fromkeys(Access, unasked)
        self._era = 0  # another number whenever what decides about writes has changed
        target.on_recovery.append(self._came_back)
        tell_of_forks(self)

    def after_fork(self) -> None:
        """Counts of its own, and no lock that somebody holds in the parent."""
        self.counts = Counts()
        self._away = threading.Event()
        self._turns.after_fork()

    def read(self, method: Method, *arguments: Any) -> Answer:
        """One answer; where the target is lost on the way, from whoever the flags name then."""
        if self._closed:
            return self._refused(method, _CLOSED, None)
        try:
            return self._read(method, arguments)
        except Exception as exc:
            return self._failed(method, unforeseen(exc, _LAYER))

    def write(self, method: Method, *arguments: Any) -> Answer:
        """Waits for permission at most `write_wait` seconds, through a cut-over's fence too: one call all the while."""
        started = perf_counter()
        end = monotonic() + self.selection.write_wait
        while not self._closed:
            try:
                within = max(0.0, end - monotonic())
                with Permission(self._flags.writing(self.selection.module, within=within)) as permission:
                    answer = self._write_once(method, arguments, permission)
            except WriteNotPermitted as exc:
                return self._refused(method, str(exc), None)
            except Exception as exc:
                return self._failed(method, exc if isinstance(exc, AccessError) else unforeseen(exc, _LAYER))
            if not _may_be_fenced(answer.error):
                return answer
            if monotonic() >= end or not self._is_fenced(answer):
                self._record_fenced(method, answer, perf_counter() - started)
                return answer
            sleep(_AGAIN)  # nothing was written: the fence stands, and the flags are about to say where to
        return self._refused(method, _CLOSED, None)

    def drain(self, seconds: float) -> bool:
        return self._second.drain(seconds)

    def refuse_all(self) -> None:
        """From now on no call is taken."""
        self._closed = True

    def close(self) -> None:
        """Nothing is asked any more, and nothing that was asked is under way."""
        self.refuse_all()
        self._second.close()
        for backend in self._backends.values():
            backend.close()
        self._second.join()

    def _read(self, method: Method, arguments: tuple[Any, ...]) -> Answer:
        state = self._flags.current()
        choice = self._choose(state, method)
        answer = self._ask(method, arguments, choice, state)
        if _was_lost(answer) and (other := self._choose(state, method)).backend is not choice.backend:
            answer = self._ask(method, arguments, other, state)
        return answer

    def _write_once(self, method: Method, arguments: tuple[Any, ...], permission: Permission) -> Answer:
        if self._copying(method, permission.state) is None:
            return self._write_to_one(method, arguments, permission)
        arguments = taken_down(arguments)
        with self._turns.of(rows_of(method, arguments), self.selection.write_wait):
            return self._write_to_one(method, arguments, permission)

    def _write_to_one(self, method: Method, arguments: tuple[Any, ...], permission: Permission) -> Answer:
        state = permission.state
        choice = self._choose(state, method)
        answer = self._ask(method, arguments, choice, state, permission)
        if not _was_lost(answer) or (answer.error is not None and answer.error.unknown):
            return answer
        other = self._choose(state, method)
        if other.backend is choice.backend:
            return answer
        return self._ask(method, arguments, other, state, permission)

    def _choose(self, state: FlagState, method: Method) -> Choice:
        choice = self._chosen(state, method.access)
        if choice.fell_back:
            self._note_fallback(choice, method)
        return choice

    def _chosen(self, state: FlagState, access: Access) -> Choice:
        up = not self._wants_target(state) or self._target.is_up()
        flags, cut_over, was_up, choice = self._last[access]
        if flags is not state.flags or cut_over is not state.cut_over or was_up is not up:
            if access is Access.WRITE and (flags, cut_over, was_up) != (state.flags, state.cut_over, up):
                self._era += 1
            module = self.selection.module
            choice = backend_of(state.flags, module, target_up=up, access=access, cut_over=state.cut_over)
            self._last[access] = (state.flags, state.cut_over, up, choice)
        return choice

    def _is_as_then(self, then: FlagState, era: int, first: Name, now: FlagState) -> bool:
        """After a flip and back, or a target that was away, the other backend may have later values than a note's."""
        if (now.revision, now.flags, now.cut_over) != (then.revision, then.flags, then.cut_over):
            return False
        return self._chosen(now, Access.WRITE).backend is first and self._era == era

    def _wants_target(self, state: FlagState) -> bool:
        """Only who wants the target opens it."""
        flags = state.flags
        wanted = flags.override(self.selection.module) if flags.modules else None
        return flags.use_repository_pattern and (wanted or flags.backend) is Name.TARGET

    def _ask(
        self,
        method: Method,
        arguments: tuple[Any, ...],
        choice: Choice,
        state: FlagState,
        permission: Permission | None = None,
    ) -> Answer:
        """`permission` is a write's; where it is made on the other backend too, it lasts until then."""
        if choice.backend is Name.NONE:
            return self._refused(method, choice.reason, state)
        backend = self._backends[choice.backend]
        started = perf_counter()
        if choice.backend is Name.SOURCE:
            backend.is_up()  # the first call opens it, and one that is down is tried again
        try:
            found = backend.call(method, arguments)
        except AccessError as exc:
            if permission is None or not _may_be_fenced(
                exc
            ):  # else it is tried again, and is one call at its end
                self._record(method, choice, state, perf_counter() - started, None, exc.kind)
            return failed(exc, choice.backend)
        self._record(method, choice, state, perf_counter() - started, found, None)
        if (copying := self._copying(method, state)) is not None:
            kept = permission.handed_on() if permission is not None else None
            self._call_again(method, arguments, copying, backend, found, state, kept)
        return answer_of(method, found, choice.backend)

    def _copying(self, method: Method, state: FlagState) -> Copying | None:
        """Is it to be called on the other backend too?"""
        flags = state.flags
        if not (flags.use_repository_pattern and flags.use_legacy_supabase):
            return None
        if method.access is Access.WRITE:
            return Copying.DUAL_WRITE if flags.enable_dual_write else None
        share = self.selection.shadow_share
        return Copying.SHADOW_READ if share and self._random.random() < share else None

    def _call_again(
        self,
        method: Method,
        arguments: tuple[Any, ...],
        copying: Copying,
        first: Backend,
        found: Found,
        state: FlagState,
        permission: Permission | None,
    ) -> None:
        other = Name.TARGET if first.name is Name.SOURCE else Name.SOURCE
        note = Note(
            method=method,
            arguments=arguments,
            copying=copying,
            module=self.selection.module,
            first=first,
            second=self._backends[other],
            rows=taken_down(found.rows),
            keys=rows_of(method, arguments) if copying is Copying.DUAL_WRITE else frozenset(),
            is_as_then=partial(self._is_as_then, state, self._era, first.name),
            release=permission.end if permission is not None else _nothing,
        )
        if not self._second.put(note):
            self.counts.dropped_one()

    def _record(
        self,
        method: Method,
        choice: Choice,
        state: FlagState | None,
        seconds: float,
        found: Found | None,
        error: ErrorKind | None,
    ) -> None:
        if not self._observer.members and not (state is not None and state.flags.log_database_calls):
            return
        rows = len(found.rows) if found else 0
        statement = found.statement if found else ""
        if state is not None and state.flags.log_database_calls:
            log_call(method.name, choice.backend, seconds, rows, error or "", statement)
        if self._observer.members:
            self._observer.called(
                CallRecord(
                    method=method.name,
                    module=self.selection.module,
                    backend=choice.backend,
                    access=method.access,
                    seconds=seconds,
                    rows=rows,
                    error=error,
                    statement=statement,
                    revision=state.revision if state is not None else None,
                    fell_back=choice.fell_back,
                )
            )

    def _is_fenced(self, answer: Answer) -> bool:
        """A right may be lacking for other reasons; then waiting is of no use."""
        error = answer.error
        return error is None or error.sqlstate != _NO_RIGHT or self._backends[answer.backend].is_fenced()

    def _record_fenced(self, method: Method, answer: Answer, seconds: float) -> None:
        state = self._flags.current()
        if answer.error is not None:
            choice = Choice(backend=answer.backend, reason=answer.error.message)
            self._record(method, choice, state, seconds, None, answer.error.kind)

    def _failed(self, method: Method, error: AccessError) -> Answer:
        """Before any backend was asked."""
        nobody = Choice(backend=Name.NONE, reason=str(error))
        self._record(method, nobody, None, 0.0, None, error.kind)
        return failed(error, Name.NONE)

    def _refused(self, method: Method, reason: str, state: FlagState | None) -> Answer:
        choice = Choice(backend=Name.NONE, reason=reason)
        self._record(method, choice, state, 0.0, None, ErrorKind.REFUSED)
        return refused(reason)

    def _note_fallback(self, choice: Choice, method: Method) -> None:
        self.counts.fell_back()
        if not self._away.is_set():
            self._away.set()
            why = self._target.why_down
            self._tell(EventKind.FELL_BACK, method.name, f"{choice.reason} {why}".strip())

    def _came_back(self) -> None:
        if self._away.is_set():
            self._away.clear()
            self._tell(EventKind.RECOVERED, "", "The target answers again.")

    def _tell(self, kind: EventKind, method: str, reason: str) -> None:
        module = self.selection.module
        self._observer.happened(AccessEvent(kind=kind, module=module, method=method, reason=reason))


def _nothing() -> None:
    """A read needs no permission that would end."""


def _may_be_fenced(error: AccessError | CallError | None) -> bool:
    """A fence takes the right to write away, ends the sessions, and makes new ones read-only."""
    return error is not None and (error.kind is ErrorKind.READ_ONLY or error.sqlstate == _NO_RIGHT)


def _was_lost(answer: Answer) -> bool:
    return answer.error is not None and answer.error.kind is ErrorKind.CONNECTION
