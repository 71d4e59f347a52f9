"""Foreign keys of a load without triggers: rows whose referenced row is missing become rejects.

Under `session_replication_role = replica` PostgreSQL checks no foreign key, so that rows which refer to one
another in a circle load, too. After the copy an anti-join per key moves the orphans out, again and again
until none is left: the rows that refer to an orphan become orphans with it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.reasons import cascade_sentence, sentence
from migration.engine.carrying import Carriage
from migration.engine.held import count_held, not_held
from migration.engine.keys import Key
from migration.engine.owners import common_key, owners_of
from migration.engine.queries import query
from migration.engine.rejects import Refusal, source_rows, store
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

MISSING = "23503"
_BATCH = 5_000

_KEYS = query("references")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A foreign key of a target table; `full` is MATCH FULL."""

    name: str
    table: QualifiedName
    columns: tuple[str, ...]
    referred: QualifiedName
    referred_columns: tuple[str, ...]
    collations: tuple[
        str | None, ...
    ]  # that a comparison has to name, for the two columns have different ones
    full: bool = False

    def filled(self, alias: str) -> sql.Composable:
        """Has the row values that have to be met? With MATCH FULL some are enough, which then never are."""
        parts = [sql.SQL("{} IS NOT NULL").format(sql.Identifier(alias, column)) for column in self.columns]
        return sql.SQL("({})").format(sql.SQL(" OR " if self.full else " AND ").join(parts))

    def met(self, alias: str, referred: str) -> sql.Composable:
        """Does the row `alias` refer to the row `referred`? As PostgreSQL compares them: by the latter's collation."""
        return sql.SQL(" AND ").join(
            sql.SQL("{} = {}{}").format(
                sql.Identifier(referred, theirs),
                sql.Identifier(alias, own),
                sql.SQL(f" COLLATE {collation}" if collation else ""),
            )
            for own, theirs, collation in zip(
                self.columns, self.referred_columns, self.collations, strict=True
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTable:
    """A table that has been loaded. `own_key` names its rows on the target by the source's key values."""

    carriage: Carriage
    source_key: Key
    own_key: tuple[str, ...] | None  # target columns, in the order of source_key's
    holds_earlier_rows: bool
    common_key: tuple[str, ...] = ()  # by which the rows of tables that share the target table are told apart


def references_of(target: Session, table: QualifiedName) -> tuple[Reference, ...]:
    """The foreign keys of a target table."""
    rows = target.execute(_KEYS, [sql.Identifier(*table).as_string(target)]).fetchall()
    return tuple(
        Reference(
            name=row[0],
            table=table,
            referred=(row[1], row[2]),
            columns=tuple(row[3]),
            referred_columns=tuple(row[4]),
            collations=tuple(row[5]),
            full=row[6],
        )
        for row in rows
    )


def loaded_table(target: Session, ledger_id: UUID, carriage: Carriage, key: Key) -> LoadedTable:
    """What is needed to take single rows of the table back."""
    columns = [carriage.target_column_of(column) for column in key.columns]
    named = tuple(column.name for column in columns if column is not None)
    return LoadedTable(
        carriage=carriage,
        source_key=key,
        own_key=named if len(named) == len(key.columns) and not key.physical else None,
        holds_earlier_rows=count_held(target, ledger_id, carriage) > 0,
        common_key=common_key(target, carriage),
    )


def every(table: LoadedTable, reference: Reference) -> bool:
    """Each foreign key is looked at."""
    return True


def move_orphans(
    source: Session,
    target: Session,
    ledger_id: UUID,
    tables: Sequence[LoadedTable],
    wanted: Callable[[LoadedTable, Reference], bool] = every,
) -> dict[QualifiedName, int]:
    """Take rows with unmet foreign keys out of the target tables; returns how many of each source table."""
    moved: dict[QualifiedName, int] = {}
    references = [
        (table, each)
        for table in tables
        for each in references_of(target, table.carriage.target)
        if wanted(table, each) and not table.carriage.place  # the first stands for all that share its table
    ]
    found = True
    while found:
        found = False
        for table, reference in references:
            while some := _move_some(source, target, ledger_id, table, reference, tables):
                found = True
                for name, count in some.items():
                    moved[name] = moved.get(name, 0) + count
    return moved


def _move_some(
    source: Session,
    target: Session,
    ledger_id: UUID,
    table: LoadedTable,
    reference: Reference,
    tables: Sequence[LoadedTable],
) -> dict[QualifiedName, int]:
    """One transaction: out of the table, into the rejects; how many of each source table."""
    with target.transaction():
        rows = _delete(target, ledger_id, table, reference)
        shares = _shares(source, target, ledger_id, table, rows, tables) if rows else []
        for each, some in shares:
            _keep(source, target, ledger_id, each, reference, some, tables)
        return {each.carriage.name: len(some) for each, some in shares}


def _shares(
    source: Session,
    target: Session,
    ledger_id: UUID,
    table: LoadedTable,
    rows: list[Any],
    tables: Iterable[LoadedTable],
) -> list[tuple[LoadedTable, list[Any]]]:
    """Whose rows they are, with their keys in the source; those of nobody count with the first."""
    if not table.common_key:
        return [(table, rows)]
    owners = owners_of(source, target, ledger_id, table.carriage, table.common_key, [row[3] for row in rows])
    by_name = {each.carriage.name: each for each in tables}
    shares: dict[QualifiedName, list[Any]] = {}
    for key, referred, values, common in rows:
        name, own = owners.get(common, (table.carriage.name, tuple(key)))
        shares.setdefault(name, []).append((list(own), referred, values))
    return [
        (replace(by_name[name], own_key=by_name[name].source_key.columns), some)
        for name, some in shares.items()
    ]


def _delete(target: Session, ledger_id: UUID, table: LoadedTable, reference: Reference) -> list[Any]:
    orphan = sql.SQL(
        "SELECT o.tableoid, o.ctid FROM {table} o WHERE {filled} AND {not_held} "
        "AND NOT EXISTS (SELECT FROM {referred} r WHERE {joined}) LIMIT {limit}"
    ).format(
        table=sql.Identifier(*reference.table),
        filled=reference.filled("o"),
        not_held=_not_held(ledger_id, table),
        referred=sql.Identifier(*reference.referred),
        joined=reference.met("o", "r"),
        limit=sql.Literal(_BATCH),
    )
    returned = sql.SQL(
        "DELETE FROM {table} o WHERE (o.tableoid, o.ctid) IN ({orphan}) RETURNING {key}, {to}, {row}, {common}"
    ).format(
        table=sql.Identifier(*reference.table),
        orphan=orphan,
        key=_texts(table.own_key or ()),
        to=_texts(reference.columns),
        row=sql.SQL("to_jsonb(o.*)::text"),
        common=sql.SQL("ROW({})::text").format(
            sql.SQL(", ").join(sql.Identifier("o", column) for column in table.common_key)
        ),
    )
    return target.execute(returned).fetchall()


def _texts(columns: Iterable[str]) -> sql.Composable:
    parts = sql.SQL(", ").join(sql.SQL("o.{}::text").format(sql.Identifier(column)) for column in columns)
    return sql.SQL("ARRAY[{}]::text[]").format(parts)


def _not_held(ledger_id: UUID, table: LoadedTable) -> sql.Composable:
    """Rows that the target held before the run are not ours to move."""
    if not table.holds_earlier_rows:
        return sql.SQL("true")
    if table.own_key is None:
        raise RunFailed(
            f"“{'.'.join(table.carriage.target)}” held rows before the run, and its own cannot be told "
            "from them: "
            "the source's key is not carried over."
        )
    return not_held(ledger_id, table.carriage, _texts(table.own_key))


def _keep(
    source: Session,
    target: Session,
    ledger_id: UUID,
    table: LoadedTable,
    reference: Reference,
    rows: list[Any],
    tables: Iterable[LoadedTable],
) -> None:
    refused = _refused_keys(target, ledger_id, reference, tables)
    plain = sentence(MISSING, constraint=reference.name, column=", ".join(reference.columns))
    cascade = cascade_sentence(".".join(reference.referred), reference.name)
    originals = (
        dict(source_rows(source, table.source_key, (tuple(row[0]) for row in rows))) if table.own_key else {}
    )
    store(
        target,
        ledger_id,
        table.carriage,
        (
            (
                Refusal(
                    key=tuple(row[0]),
                    sqlstate=MISSING,
                    constraint=reference.name,
                    column=", ".join(reference.columns),
                    message=f"Key ({', '.join(reference.columns)})=({', '.join(row[1])}) is not present in "
                    f"{'.'.join(reference.referred)}.",
                    reason=cascade if tuple(row[1]) in refused else plain,
                ),
                originals.get(tuple(row[0]), row[2]),
            )
            for row in rows
        ),
        table.source_key,
        was_written=True,
    )


def _refused_keys(
    target: Session, ledger_id: UUID, reference: Reference, tables: Iterable[LoadedTable]
) -> frozenset[tuple[str, ...]]:
    """Referenced values of rows that were refused themselves, where the mapping takes them as they are."""
    found = (
        _refused_of(target, ledger_id, reference, each.carriage)
        for each in tables
        if each.carriage.target == reference.referred
    )
    return frozenset().union(*found)


def _refused_of(
    target: Session, ledger_id: UUID, reference: Reference, referred: Carriage
) -> frozenset[tuple[str, ...]]:
    sources = [
        column.source if (column := referred.column(name)) else None for name in reference.referred_columns
    ]
    if None in sources:
        return frozenset()
    parts = sql.SQL(", ").join(sql.SQL('"row" ->> {}').format(sql.Literal(name)) for name in sources)
    query = sql.SQL(
        "SELECT ARRAY[{}] FROM schemadiff.rejects WHERE run = {} AND source_schema = {} AND source_table = {} "
        "AND NOT recovered"
    ).format(parts, sql.Literal(ledger_id), sql.Literal(referred.name[0]), sql.Literal(referred.name[1]))
    return frozenset(tuple(row[0]) for row in target.execute(query) if None not in row[0])


def explain_cascades(target: Session, ledger_id: UUID, tables: Sequence[LoadedTable]) -> None:
    """The same words for rejects that PostgreSQL itself refused by a foreign key while they were copied."""
    for table in tables:
        for reference in references_of(target, table.carriage.target):
            refused = _refused_keys(target, ledger_id, reference, tables)
            columns = [table.carriage.column(name) for name in reference.columns]
            sources = [
                column.source for column in columns if column is not None and column.source is not None
            ]
            if refused and len(sources) == len(reference.columns):
                _reword(target, ledger_id, table, reference, sources, refused)


def _reword(
    target: Session,
    ledger_id: UUID,
    table: LoadedTable,
    reference: Reference,
    sources: Sequence[str],
    refused: frozenset[tuple[str, ...]],
) -> None:
    parts = sql.SQL(", ").join(sql.SQL('"row" ->> {}').format(sql.Literal(name)) for name in sources)
    wanted = sql.SQL(", ").join(
        sql.SQL("ROW({})").format(sql.SQL(", ").join(map(sql.Literal, values))) for values in sorted(refused)
    )
    target.execute(
        sql.SQL(
            "UPDATE schemadiff.rejects SET reason = {} WHERE run = {} AND source_schema = {} AND "
            "source_table = {} "
            'AND sqlstate = {} AND "constraint" = {} AND ROW({}) IN ({})'
        ).format(
            sql.Literal(cascade_sentence(".".join(reference.referred), reference.name)),
            sql.Literal(ledger_id),
            sql.Literal(table.carriage.name[0]),
            sql.Literal(table.carriage.name[1]),
            sql.Literal(MISSING),
            sql.Literal(reference.name),
            parts,
            wanted,
        )
    )
