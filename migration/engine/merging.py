"""A chunk into a table that has some of its rows already: through a temporary table, in a few statements.

Rows that are there stay as they are, so those of the chunk that collide with them are refused; found by a join,
they need not be found one by one.
"""

from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from migration.core.reasons import is_about_a_row
from migration.engine.overwriting import own_key
from migration.engine.queries import query
from migration.engine.rejects import Refusal, Refusals
from migration.engine.sessions import may_make_temporary
from migration.engine.sorting_out import Failed, Loading
from migration.engine.table_copy import Copied, SourceRefused, TargetRefused, copy_range

_TAKEN = "23505"
_INCOMING = ("pg_temp", "schemadiff_incoming")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Rows read, the refused among them, and bytes."""

    rows: int
    refusals: tuple[Refusal, ...]
    bytes: int


class _Unclear(Exception):
    """What collides cannot be told by a join: the rows are to be sorted out."""


def merge(loading: Loading, chosen: sql.Composable, failed: Failed) -> Merged | None:
    """Carry the chosen rows, which as a whole were refused for `failed`, but for those whose key is taken.

    None, with nothing done, where something else is the matter with them, too.
    """
    own = own_key(loading.carriage, loading.key)
    if (
        loading.over is not None
        or failed.on_source
        or failed.error.sqlstate != _TAKEN
        or not own
        or not may_make_temporary(loading.target)
    ):
        return None
    try:
        with loading.source.transaction(), loading.target.transaction():
            return _merge(loading, chosen, failed.error, own)
    except (_Unclear, SourceRefused, TargetRefused):
        return None
    except psycopg.Error as exc:
        if not is_about_a_row(exc.sqlstate or ""):
            raise
        return None


def _merge(loading: Loading, chosen: sql.Composable, error: psycopg.Error, own: tuple[str, ...]) -> Merged:
    copied = _receive(loading, chosen)
    refuse = Refusals(loading.target, loading.carriage.target)
    refusals: list[Refusal] = []
    collision: psycopg.Error | None = error
    while collision is not None:  # once for each unique key that rows collide on
        taken = _take_out(loading, refuse, collision, own)
        if not taken:
            raise _Unclear
        refusals += taken
        collision = _insert(loading)
    loading.target.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*_INCOMING)))
    return Merged(rows=copied.rows, refusals=tuple(refusals), bytes=copied.bytes)


def _receive(loading: Loading, chosen: sql.Composable) -> Copied:
    """The chunk's rows into a table that has the target's types and no rules."""
    incoming = sql.Identifier(*_INCOMING)
    loading.target.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(_INCOMING[1]), _columns(loading), sql.Identifier(*loading.carriage.target)
        )
    )
    copied = copy_range(
        loading.source,
        loading.target,
        replace(loading.carriage, target=_INCOMING),
        loading.key,
        chosen,
        ordered=False,
        should_stop=loading.should_stop,
    )
    loading.target.execute(sql.SQL("ANALYZE {}").format(incoming))
    return copied


def _columns(loading: Loading) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in loading.carriage.columns)


def _take_out(
    loading: Loading, refuse: Refusals, collision: psycopg.Error, own: tuple[str, ...]
) -> list[Refusal]:
    """Those that collide on this key with what is there. Raises _Unclear."""
    columns = _unique_columns(loading, collision.diag.constraint_name or "")
    same = sql.SQL(" AND ").join(
        sql.SQL("t.{0} = i.{0}").format(sql.Identifier(column)) for column in columns
    )
    rows = loading.target.execute(
        sql.SQL("DELETE FROM {} i USING {} t WHERE {} RETURNING {}, {}").format(
            sql.Identifier(*_INCOMING),
            sql.Identifier(*loading.carriage.target),
            same,
            _texts(own),
            _texts(columns),
        )
    ).fetchall()
    return [_refusal(refuse, tuple(key), collision, columns, values) for key, values in rows]


def _unique_columns(loading: Loading, index: str) -> tuple[str, ...]:
    table = sql.Identifier(*loading.carriage.target).as_string(loading.target)
    row = loading.target.execute(query("unique_columns"), {"table": table, "index": index}).fetchone()
    columns: tuple[str, ...] = tuple(row[0]) if row and row[0] else ()
    if not columns or any(loading.carriage.column(column) is None for column in columns):
        raise _Unclear
    return columns


def _texts(columns: tuple[str, ...]) -> sql.Composable:
    parts = sql.SQL(", ").join(sql.SQL("i.{}::text").format(sql.Identifier(column)) for column in columns)
    return sql.SQL("ARRAY[{}]").format(parts)


def _refusal(
    refuse: Refusals,
    key: tuple[str, ...],
    collision: psycopg.Error,
    columns: tuple[str, ...],
    values: list[str],
) -> Refusal:
    """As if PostgreSQL had been asked for this row alone."""
    detail = f"Key ({', '.join(columns)})=({', '.join(values)}) already exists."
    message = f"{collision.diag.message_primary or ''} {detail}".strip()
    return replace(refuse.of(key, collision, unreadable=False), message=message)


def _insert(loading: Loading) -> psycopg.Error | None:
    """What is left. Returns the collision that is in the way, if one is."""
    insert = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
        sql.Identifier(*loading.carriage.target),
        _columns(loading),
        _columns(loading),
        sql.Identifier(*_INCOMING),
    )
    try:
        with loading.target.transaction():
            loading.target.execute(insert)
    except psycopg.errors.UniqueViolation as exc:
        return exc
    return None
