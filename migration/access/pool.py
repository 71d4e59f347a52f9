"""The connections of one database, shared by all callers of a process: at most 20, with limits on every wait."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from migration.access.errors import AccessError, ErrorKind
from migration.access.explaining import explained, unreadable
from migration.access.forking import tell_of_forks
from migration.access.patience import Bounded
from schemadiff.connection_errors import explain
from schemadiff.core.errors import Refused

Session: TypeAlias = Bounded

_APPLICATION_NAME = "schemadiff access"
_CLOSING = 5.0  # seconds for the pool's own threads to end
_GRACE = 1.0  # seconds in which statements under way may end by themselves when the pool is closed
_AGAIN = 0.05  # seconds between two attempts to stop them


class TlsMode(StrEnum):
    """libpq's sslmode. Only the last two are safe from somebody in between."""

    DISABLE = "disable"
    PREFER = "prefer"  # if the server offers it
    REQUIRE = "require"  # whoever answers
    VERIFY_CA = "verify-ca"  # whoever has a certificate of this authority
    VERIFY_FULL = "verify-full"  # and the name in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the connection is encrypted. `ca_file`: the authority that is trusted, PEM."""

    mode: TlsMode
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if self.mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL) and self.ca_file is None:
            raise Refused(
                f"TLS mode {self.mode} needs a file with the authority's certificate; none is given."
            )
        if self.ca_file is not None and not self.ca_file.is_file():
            raise Refused(f"There is no certificate file {self.ca_file}, which TLS is to trust.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """Sizes, and how long is waited for what, in seconds."""

    min_size: int = 2
    max_size: int = 20
    wait: float = 10.0  # for a free connection
    connect: int = 5  # for a new one
    idle: float = 300.0  # after which one too many is closed
    statement: float = 10.0  # then the server stops the statement
    lock: float = 5.0  # then it gives up waiting for another's lock
    silence: float = 5.0  # beyond `statement`, for its answer: then the connection is given up
    tls: Tls | None = None  # None: what the address says
    read_only: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.min_size <= self.max_size or self.max_size < 1:
            raise Refused(f"A pool of {self.min_size} to {self.max_size} connections makes no sense.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStats:
    """A pool at one moment. `waiting`: callers without a connection; `utilisation`: busy of the most, 0 to 1."""

    total: int
    idle: int
    waiting: int
    most: int
    utilisation: float


@dataclass(slots=True, weakref_slot=True, eq=False)
class Pool:
    """The pool of one database; `label` names it in every sentence. Safe for threads.

    After a fork the child opens connections of its own as soon as it needs one; the parent keeps what it has.
    """

    address: str = field(repr=False)  # it has the password in it
    settings: PoolSettings = field(default_factory=PoolSettings)
    label: str = "database"
    _pool: "_Connections | None" = field(default=None, repr=False)
    _is_due: bool = field(default=False, repr=False)  # in a child whose parent had it open
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _taken: set[Session] = field(default_factory=set, repr=False)
    _refreshed: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        tell_of_forks(self)

    def open(self) -> None:
        """Connect once, so that what is wrong is said at once; then keep connections ready.

        Raises AccessError with a sentence that has no password in it.
        """
        with self._opening:
            if self._pool is None:
                self._open()

    def after_fork(self) -> None:
        self._is_due = self._is_due or self._pool is not None
        self._pool = None
        self._opening = threading.Lock()
        self._taken = set()

    def _open(self) -> None:
        self.try_out()
        self._pool = _Connections(
            self._conninfo(),
            connection_class=Bounded,
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=self.settings.min_size,
            max_size=self.settings.max_size,
            timeout=self.settings.wait,
            max_idle=self.settings.idle,
            reconnect_timeout=self.settings.connect,
            configure=self._configure,
            name=self.label,
            open=True,
        )
        self._is_due = False

    def close(self) -> None:
        """Afterwards nothing is under way: what does not end by itself in a second is stopped by the server."""
        self._close(_CLOSING)
        began = monotonic()
        while self._taken and monotonic() < began + _CLOSING:
            sleep(_AGAIN)
            if monotonic() >= began + _GRACE:
                for session in tuple(self._taken):
                    _stop(session)

    def abandon(self) -> None:
        """Close it without waiting for threads that may be stuck in a connection that is being made."""
        self._close(0)

    def _close(self, seconds: float) -> None:
        pool, self._pool = self._pool, None
        self._is_due = False
        if pool is not None:
            pool.close(timeout=seconds)

    def try_out(self) -> None:
        """One connection beside the pool. AccessError where there is none to be had."""
        try:
            psycopg.connect(self._conninfo()).close()
        except psycopg.Error as exc:
            raise AccessError(explain(exc, self.address), ErrorKind.CONNECTION, exc.sqlstate or "") from exc

    def refresh(self, since: float) -> None:
        """After one was lost: see whether the server gives new ones, and have them instead of those that there are.

        Those may be as lost, and on a silent network it takes long to find that out. Nothing is done where they are
        newer than `since`, a moment of `monotonic`. AccessError.
        """
        if self._refreshed >= since:
            return
        self.try_out()
        if self._pool is not None:
            self._pool.drain()
        self._refreshed = monotonic()

    def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """One statement in a transaction of its own; its rows. AccessError."""
        session = self.take()
        try:
            cursor = session.execute(_encoded(statement), parameters)
            return [] if cursor.rownumber is None else _fetched(cursor, self.label)
        except psycopg.Error as exc:
            raise explained(exc, self.label) from exc
        finally:
            self.give_back(session)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A connection in a transaction: committed at the end, rolled back where something is raised."""
        session = self.take()
        try:
            with session.transaction():
                yield session
        except psycopg.Error as exc:
            raise explained(exc, self.label) from exc
        finally:
            self.give_back(session)

    def stats(self) -> PoolStats:
        found = self._pool.get_stats() if self._pool is not None else {}
        total, idle = found.get("pool_size", 0), found.get("pool_available", 0)
        return PoolStats(
            total=total,
            idle=idle,
            waiting=found.get("requests_waiting", 0),
            most=self.settings.max_size,
            utilisation=max(0, total - idle) / self.settings.max_size,
        )

    def take(self) -> Session:
        """A connection of one's own until `give_back`."""
        if self._is_due:
            self.open()
        pool = self._pool
        if pool is None:
            raise AccessError(f"The {self.label}'s pool is not open: open it first.", ErrorKind.CONNECTION)
        try:
            session = pool.getconn()
            self._taken.add(session)
            return session
        except PoolClosed as exc:
            raise AccessError(f"The {self.label}'s pool is closed.", ErrorKind.CONNECTION) from exc
        except PoolTimeout as exc:
            self.try_out()  # where the server is gone, that is the reason
            raise explained(exc, self.label) from exc

    def give_back(self, session: Session) -> None:
        try:
            if self._pool is not None:
                self._pool.putconn(session)
                return
        except ValueError:  # it comes from a pool that was closed meanwhile
            pass
        finally:
            self._taken.discard(session)
        session.close()

    def _conninfo(self) -> str:
        try:
            said = conninfo_to_dict(self.address)
            return make_conninfo(self.address, **self._added(said))
        except psycopg.ProgrammingError as exc:
            raise AccessError(explain(exc, self.address), ErrorKind.CONNECTION) from exc

    def _added(self, said: dict[str, Any]) -> dict[str, Any]:
        added: dict[str, Any] = {"client_encoding": "UTF8"}
        added |= {"application_name": said.get("application_name", _APPLICATION_NAME)}
        added |= {"connect_timeout": said.get("connect_timeout", self.settings.connect)}
        # A server that is cut off is noticed, though nothing on its side can end the statement.
        silent = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
        silent["tcp_user_timeout"] = round((self.settings.statement + 5) * 1000)
        added |= {name: value for name, value in silent.items() if name not in said}
        if (tls := self.settings.tls) is not None:
            added["sslmode"] = tls.mode.value
            if tls.ca_file is not None:
                added["sslrootcert"] = str(tls.ca_file)
        return added

    def _configure(self, session: Bounded) -> None:
        """Both backends give the same times: the sessions' time zone is UTC."""
        wanted = {
            "TimeZone": "UTC",
            "statement_timeout": f"{round(self.settings.statement * 1000)}ms",
            "lock_timeout": f"{round(self.settings.lock * 1000)}ms",
            "search_path": "public, pg_catalog",
        }
        session.within = self.settings.statement + self.settings.silence
        if self.settings.read_only:
            wanted["default_transaction_read_only"] = "on"
        for name, value in wanted.items():
            session.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))


_encoded = lru_cache(maxsize=2_000)(str.encode)
"""Of an application's few statements: as the same bytes, which psycopg knows again sooner."""


class _Connections(ConnectionPool[Bounded]):
    """In a child it is thrown away as it is: the threads that it would end are the parent's, as are its sockets."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._process = os.getpid()
        super().__init__(*args, **settings)

    def __del__(self) -> None:
        if os.getpid() == self._process:
            super().__del__()


def _stop(session: Session) -> None:
    """As if its time were up. Where the server cannot be asked for it, there is nothing else to be done."""
    try:
        session.cancel_safe(timeout=_GRACE)
    except psycopg.Error:
        return


def _fetched(cursor: psycopg.Cursor[DictRow], label: str) -> list[dict[str, Any]]:
    """The rows, without a look at each column's type. The statement has taken effect by now."""
    try:
        return cursor.fetchall()
    except psycopg.DataError as exc:
        raise unreadable(label) from exc
