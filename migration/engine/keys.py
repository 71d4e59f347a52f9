"""By which columns the rows of a table are told apart: to cut it into ranges, and to name single rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql

from migration.core.chunks import KeyRange
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_KEY = query("key")
_BASES = query("base_types")
_BOOLEANS = {"t": "true", "f": "false"}
_WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Columns and their types. `physical` is a row's place, good within one snapshot only."""

    table: QualifiedName
    columns: tuple[str, ...]
    types: tuple[str, ...]
    physical: bool = False

    @property
    def is_whole_number(self) -> bool:
        return len(self.types) == 1 and self.types[0] in _WHOLE_NUMBERS

    @property
    def parts(self) -> tuple[sql.Composable, ...]:
        return tuple(sql.Identifier(self.table[1], column) for column in self.columns)

    def listed(self) -> sql.Composable:
        """`k1, k2`: for ORDER BY."""
        return sql.SQL(", ").join(self.parts)

    def as_texts(self) -> sql.Composable:
        """The key as text[]."""
        return sql.SQL("ARRAY[{}]").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(p) for p in self.parts)
        )

    def within(self, keys: KeyRange) -> sql.Composable:
        """A condition for the rows of that range; with quoted literals, for COPY takes no parameters."""
        conditions = [sql.SQL("true")] if keys.after is None and keys.upto is None else []
        row = sql.SQL("ROW({})").format(self.listed())
        if keys.after is not None:
            conditions.append(sql.SQL("{} > {}").format(row, self._bound(keys.after)))  # type: ignore[arg-type]
        if keys.upto is not None:
            conditions.append(sql.SQL("{} <= {}").format(row, self._bound(keys.upto)))  # type: ignore[arg-type]
        return sql.SQL(" AND ").join(conditions)

    def one_of(self, keys: Iterable[tuple[str, ...]]) -> sql.Composable:
        """A condition for the rows with exactly these keys (one or more)."""
        return sql.SQL("({}) IN ({})").format(self.listed(), key_rows(keys, self.types))

    def _bound(self, values: tuple[str, ...]) -> sql.Composable:
        parts = (
            sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(type_name))
            for value, type_name in zip(values, self.types, strict=True)
        )
        return sql.SQL("ROW({})").format(sql.SQL(", ").join(parts))


def key_rows(keys: Iterable[Sequence[str | None]], types: Sequence[str]) -> sql.Composable:
    """A query of these keys (one or more), out of their texts: arrays of arrays or of records would be taken apart."""
    columns = list(zip(*keys, strict=True))
    names = [sql.Identifier(f"k{place}") for place in range(len(types))]
    return sql.SQL("SELECT {values} FROM unnest({lists}) AS k({names})").format(
        values=sql.SQL(", ").join(
            sql.SQL("{}::{}").format(name, sql.SQL(type_name))
            for name, type_name in zip(names, types, strict=True)
        ),
        lists=sql.SQL(", ").join(sql.SQL("{}::text[]").format(sql.Literal(list(each))) for each in columns),
        names=sql.SQL(", ").join(names),
    )


def find_key(session: Session, table: QualifiedName, among: Iterable[str] | None = None) -> Key | None:
    """The table's primary key or else a unique key without NULLs, made of columns `among` these; or None."""
    row = session.execute(
        _KEY,
        {
            "table": sql.Identifier(*table).as_string(session),
            "among": None if among is None else sorted(among),
        },
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return Key(table=table, columns=tuple(row[0]), types=tuple(row[1]))


def place_key(table: QualifiedName) -> Key:
    """For a table without a key: where each row lies."""
    return Key(table=table, columns=("tableoid", "ctid"), types=("oid", "tid"), physical=True)


def base_types(session: Session, key: Key) -> tuple[str, ...]:
    """The types of the key's columns; of domains what they are over."""
    return tuple(row[0] for row in session.execute(_BASES, {"types": list(key.types)}))


def cast_to_text(written: str, base_type: str) -> str:
    """What the type's cast to text makes of a value, as `Key.as_texts` has it, out of what its output function wrote.

    The two differ in types that have a function for that cast, as pg_cast says of PostgreSQL's own.
    """
    match base_type:
        case "boolean":
            return _BOOLEANS[written]
        case "character" | "bpchar":
            return written.rstrip(" ")
        case "inet" if "/" not in written:
            return f"{written}/{128 if ':' in written else 32}"
    return written
