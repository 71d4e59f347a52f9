"""One of the two databases behind the data layer: whether it is up, and a method called on it."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from time import monotonic
from typing import Any

from migration.access.conditions import in_
from migration.access.domains import domains_on
from migration.access.errors import AccessError, ErrorKind
from migration.access.explaining import unforeseen
from migration.access.forking import tell_of_forks
from migration.access.layout import Layout, straight
from migration.access.mapped import by_equal_names, layouts_of
from migration.access.methods import METHODS, Method
from migration.access.pool import Pool
from migration.access.repository import Found, Repository
from migration.access.tables import application_tables
from migration.access.target_tables import read_tables
from migration.core.flags import Access
from migration.core.flags import Backend as Name
from schemadiff.core.mapping import Mapping as Correspondence

RETRY_SECONDS = 5.0

_FENCED = """
SELECT FROM pg_catalog.pg_db_role_setting AS s
WHERE 'default_transaction_read_only=on' = ANY (s.setconfig)
  AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d
                            WHERE d.datname = pg_catalog.current_database()))
  AND CASE WHEN s.setrole = 0 THEN true ELSE pg_catalog.pg_has_role(s.setrole, 'MEMBER') END
"""


class _State(Enum):
    NEW = "nobody has asked yet"
    UP = "it answers"
    DOWN = "it did not answer when it was last tried"
    CLOSED = "it is never opened again"


class Backend:
    """A database with the application's tables in it. Safe for threads; `layouts` says where they lie.

    It is opened by the first call. One that is down is tried again every few seconds, in the background.
    """

    def __init__(
        self,
        name: Name,
        pool: Pool,
        layouts: Callable[[Pool], Mapping[str, Layout]],
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.name = name
        self.pool = pool
        self.layouts: Mapping[str, Layout] = {}
        self.why_down = ""
        self.on_recovery: list[Callable[[], None]] = []
        self._tables: dict[str, Repository] = {}
        self._lay_out = layouts
        self._retry_seconds = retry_seconds
        self._methods: Mapping[str, Callable[..., Found]] | None = None  # where it is open
        self._state = _State.NEW
        self._tried = 0.0
        self._lock = threading.Lock()
        self._retrying = threading.Lock()
        tell_of_forks(self)

    def after_fork(self) -> None:
        """What was known holds for the child, too; who was at work with a lock is not there."""
        self._lock = threading.Lock()
        self._retrying = threading.Lock()

    def is_up(self) -> bool:
        """Never waits, but for the very first call, which opens the pool."""
        if self._state is _State.UP:
            return True
        if self._state is _State.NEW:
            return self.open()
        if self._state is _State.CLOSED:
            return False
        if monotonic() - self._tried >= self._retry_seconds and self._retrying.acquire(blocking=False):
            threading.Thread(target=self._retry, name=f"retry {self.name}", daemon=True).start()
        return False

    def open(self) -> bool:
        """Open the pool, and see where the tables lie. `why_down` says why that was not possible."""
        with self._lock:
            if self._state is _State.UP:
                return True
            if self._state is _State.CLOSED:
                return False
            try:
                self.pool.open()
                self._read_layouts()
            except Exception as exc:  # a mapping that cannot be used, for instance
                self._is_down(exc if isinstance(exc, AccessError) else unforeseen(exc, self.name))
                return False
            self._state = _State.UP
            self.why_down = ""
            return True

    def close(self) -> None:
        """For good: afterwards nothing is under way, and nothing is sent any more."""
        with self._lock:
            self._methods, self._state = None, _State.CLOSED
            self.why_down = f"The {self.name} is closed."
            self.pool.close()

    def call(self, method: Method, arguments: Sequence[Any]) -> Found:
        """AccessError; where that is for want of a connection, the backend is down from then on.

        A read is tried a second time on a fresh connection. So is a write that surely did not take effect.
        """
        began = monotonic()
        try:
            return self._once(method, arguments)
        except AccessError as exc:
            if not self._is_worth_a_second_try(exc, began):
                raise
            if exc.unknown and method.access is Access.WRITE:
                raise
        return self._once(method, arguments)

    def rows_like(self, method: Method, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What the database has now for the keys of these rows, which the method wrote. AccessError."""
        repository = self._tables.get(method.table)
        if repository is None:
            repository = self._tables[method.table] = Repository(self.pool, self.layouts[method.table])
        keys = {tuple(row[name] for name in method.needs) for row in rows}
        wanted = [in_(name, {key[at] for key in keys}) for at, name in enumerate(method.needs)]
        found = repository.find_many(*wanted).rows
        return [row for row in found if tuple(row[name] for name in method.needs) in keys]

    def is_fenced(self) -> bool:
        """Does a fence stand at the database for this role, or one that it belongs to?"""
        try:
            return bool(self.pool.fetch(_FENCED))
        except AccessError:  # its sessions are being ended
            return True

    def _once(self, method: Method, arguments: Sequence[Any]) -> Found:
        methods = self._methods
        if methods is None:
            raise AccessError(self.why_down or f"The {self.name} is not open.", ErrorKind.CONNECTION)
        try:
            return methods[method.name](*arguments)
        except AccessError:
            raise
        except Exception as exc:
            raise unforeseen(exc, self.name) from exc

    def _is_worth_a_second_try(self, error: AccessError, began: float) -> bool:
        if error.kind is ErrorKind.CONNECTION:
            return self._reconnect(began)
        return error.kind is ErrorKind.SYNTAX and self._look_again()

    def _reconnect(self, began: float) -> bool:
        with self._lock:
            if self._state is not _State.UP:
                return False
            try:
                self.pool.refresh(began)
            except AccessError as exc:
                self._is_down(exc)
                return False
            return True

    def _look_again(self) -> bool:
        """The schema may have changed since it was read, by a run for instance."""
        with self._lock:
            if self._state is not _State.UP or monotonic() - self._tried < self._retry_seconds:
                return False
            try:
                self._read_layouts()
            except Exception:  # what was read before holds
                return False
            return True

    def _read_layouts(self) -> None:
        self._tried = monotonic()
        self.layouts = self._lay_out(self.pool)
        self._tables = {}
        domains = domains_on(self.pool, self.layouts)
        self._methods = {
            method.name: getattr(getattr(domains, method.domain), method.name) for method in METHODS
        }

    def _is_down(self, error: AccessError) -> None:
        self._state = _State.DOWN
        self._tried = monotonic()
        self._methods = None
        self.why_down = str(error)
        self.pool.abandon()  # whoever waits for a connection is told at once

    def _retry(self) -> None:
        try:
            if self.open():
                for tell in tuple(self.on_recovery):
                    tell()
        finally:
            self._retrying.release()


def source_backend(pool: Pool, retry_seconds: float = RETRY_SECONDS) -> Backend:
    """The source: the tables as the application knows them."""
    layouts = {name: straight(table) for name, table in application_tables().items()}
    return Backend(Name.SOURCE, pool, lambda _: layouts, retry_seconds)


def target_backend(
    pool: Pool, mapping: Correspondence | None = None, retry_seconds: float = RETRY_SECONDS
) -> Backend:
    """The target as it is, through the decision's mapping; without one its columns have equal names."""
    tables = application_tables()
    said = mapping or by_equal_names(tables.values())

    def layouts(opened: Pool) -> Mapping[str, Layout]:
        there = read_tables(opened, (entry.target for entry in said.tables))
        return layouts_of(tables, said, there)

    return Backend(Name.TARGET, pool, layouts, retry_seconds)
