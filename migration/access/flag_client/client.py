"""The flag client: what holds, from memory, and permission to write."""

import logging
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from migration.access.flag_client.answers import Answer, Held
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.events import FlagEvent
from migration.access.flag_client.kept_file import KeptFile
from migration.access.flag_client.lease import Drain, WriteLease, uptime
from migration.access.flag_client.poller import Poller
from migration.access.flag_client.settings import ClientSettings
from migration.access.flag_client.transport import tls_of
from migration.access.switching import FlagState
from migration.core.flags import BACKEND, MODULE_PREFIX, Flags

logger = logging.getLogger(__name__)

NOTHING_HELD = FlagState(flags=Flags(use_legacy_supabase=False))
"""What a client says that was never told anything: no backend. It does not guess."""

Listener = Callable[[FlagEvent], None]


class FlagClient:
    """The flags of one application, asked for in the background and read from memory by any number of threads.

    A `FlagReader`. After a fork the child asks under its own name from its first read on, and may not write before it
    was answered. Closing it ends the thread and the permission to write; what was held can be read still.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self._listeners: tuple[Listener, ...] = ()
        owner = (settings.address, settings.application, settings.module)
        self._kept = KeptFile(settings.keep, owner=owner) if settings.keep else None
        self._tls = tls_of(settings)
        self._loaded: Held | None = None
        self._lock = threading.Lock()
        self._lease = WriteLease()
        self._poller: Poller | None = None
        self._started = self._closed = False
        _CLIENTS.add(self)

    def __enter__(self) -> Self:
        try:
            self.start()
        except FlagsUnavailable:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begin to ask, and wait for the first answer, for as long as one request may take.

        Without an answer the file of last known good flags holds; where there is none, FlagsUnavailable is raised, and
        the client goes on asking.
        """
        with self._lock:
            if self._closed:
                raise FlagsUnavailable("The flag client is closed: make a new one.")
            poller = self._running()
        poller.asked.wait(self.settings.timeout)
        if poller.held is None:
            raise FlagsUnavailable(
                f"There are no flags to begin with: {poller.problem} Nor is there a file of last known good ones."
            )

    def close(self) -> None:
        """End the thread; who waits to write is refused. It cannot be started again."""
        with self._lock:
            self._closed = True
            poller = self._poller
        self._lease.end()
        if poller is not None:
            poller.stop()

    def subscribe(self, listener: Listener) -> None:
        """Have what happens told, from the client's thread: it must be quick. What it raises is logged."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def current(self) -> FlagState:
        """What holds, from memory: it never waits and never fails. Without any answer yet: no backend."""
        held = self.held
        return NOTHING_HELD if held is None else held.state

    def writing(self, module: str = "", *, within: float) -> AbstractContextManager[FlagState]:
        """Permission for one write, which holds until the context ends; the state is the one to write under.

        Waits at most `within` seconds while the lease has ended or writes are held, then raises WriteNotPermitted.
        """
        self._ensure_running()
        return self._lease.writing(within=within, why=self._why_not)

    @property
    def held(self) -> Held | None:
        """All that the client knows; None before the first answer."""
        poller = self._poller
        if poller is None:
            poller = self._ensure_running()
        return self._loaded if poller is None else poller.held

    @property
    def is_fresh(self) -> bool:
        """Whether the server has confirmed what is held lately enough to permit writes."""
        poller = self._poller
        return poller is not None and not self._closed and uptime() < poller.fresh_until

    @property
    def name(self) -> str:
        """What the flags page lists this client as; empty before the start."""
        return "" if self._poller is None else self._poller.name

    @property
    def why_not_fresh(self) -> str:
        """What came of the last question, as a sentence; empty where it was answered."""
        poller = self._poller
        return "" if poller is None else poller.problem

    @property
    def drain(self) -> Drain:
        """Writes under way, and whether new ones are held."""
        return self._lease.drain()

    def answer(self, key: str, module: str = "") -> Answer | None:
        """One flag as the server evaluated it, None where there is none of that name. `backend` honours `module`."""
        held = self.held
        if held is None:
            raise FlagsUnavailable("No flags have been received yet.")
        if key == BACKEND and module and (own := held.answers.get(MODULE_PREFIX + module)) is not None:
            return own
        return held.answers.get(key)

    def _why_not(self) -> str:
        poller = self._poller
        if poller is None:
            return "the flag client has not been started."
        return poller.problem or "the server has not answered the last question yet."

    def _ensure_running(self) -> Poller | None:
        """The poller, begun anew after a fork; None before the start."""
        if self._poller is not None or not self._started:
            return self._poller
        with self._lock:
            return None if self._closed else self._running()

    def _running(self) -> Poller:
        """The poller, begun if it is not yet; under the lock."""
        if self._poller is None:
            if not self._started and self._kept is not None:
                self._loaded = self._kept.load()
            self._started = True
            self._poller = Poller(
                self.settings,
                tls=self._tls,
                lease=self._lease,
                kept=self._kept,
                held=self._loaded,
                tell=self._tell,
                clock=uptime,
            )
            self._poller.start()
        return self._poller

    def _tell(self, event: FlagEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                logger.exception("A listener of the flag client failed")

    def _after_fork(self) -> None:
        """In the child there is no thread, no connection of its own and no permission; what was held can be read."""
        if (poller := self._poller) is not None:
            self._loaded, self._poller = poller.held, None
            poller.abandon()
        self._lock = threading.Lock()
        self._lease = WriteLease()
        if self._closed:
            self._lease.end()


_CLIENTS: "weakref.WeakSet[FlagClient]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for client in list(_CLIENTS):
        client._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
