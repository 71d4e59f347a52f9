"""From a change in the source's log to statements for the target: one table's way, and one change's steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from migration.core.errors import RunFailed
from migration.core.pgoutput import Absent, Delete, Insert, Relation, Tuple, Update, Value
from migration.engine.carrying import Carriage, carriage_of
from migration.engine.followers import Shape
from migration.engine.keys import Key, base_types, cast_to_text, find_key
from migration.engine.live_checks import followed_table
from migration.engine.pipeline import Prepared, Step
from migration.engine.rejects import keys_of
from migration.engine.row_statements import RowStatements, statements_of
from migration.engine.sessions import Session
from migration.engine.ways import Way
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName, TableMapping


@dataclass(slots=True, kw_only=True)
class Route:
    """A source table's way into its target table. `rejected` are the keys of its rows that the target refused,
    `key_types` what its key's types are made of."""

    carriage: Carriage
    key: Key
    key_types: tuple[str, ...]
    statements: RowStatements
    rejected: set[tuple[str, ...]]

    @property
    def name(self) -> str:
        return ".".join(self.carriage.source)


@dataclass(slots=True, kw_only=True)
class Row:
    """A change of one row on its way. `places` are those of its steps which, where they meet no row, call for the
    row to be read again; `again`: it is in any case."""

    route: Route
    kind: str  # insert, update, delete
    key: tuple[str, ...]
    former: tuple[str, ...] | None  # the key before, where it was another
    values: dict[str, Value]
    steps: list[Step]
    place: int | None = None
    again: bool = False


@dataclass(slots=True, kw_only=True)
class Emptied:
    """A table was truncated."""

    route: Route
    kind: str = field(default="truncate", init=False)


def route_of(source: Session, target: Session, way: Way, entry: TableMapping) -> Route:
    """Raises Refused where the table cannot be followed."""
    carriage = carriage_of(target, entry)
    known = followed_table(source, entry.source)
    key = find_key(source, entry.source)
    if key is None:
        raise Refused(f"{'.'.join(entry.source)} has no key any more: its rows cannot be told apart.")
    identity = () if known.is_full else known.identity
    return Route(
        carriage=carriage,
        key=key,
        key_types=base_types(source, key),
        statements=statements_of(source, target, carriage, entry, identity, way.kept.get(entry.source)),
        rejected=set(keys_of(target, way.run, entry.source)),
    )


class Reader:
    """Understands the changes of one relation as it is just now."""

    def __init__(self, route: Route, relation: Relation, prepared: Prepared) -> None:
        self._route, self._statements, self._prepared = route, route.statements, prepared
        self._places = {column.name: place for place, column in enumerate(relation.columns)}

    def read(self, change: Insert | Update | Delete) -> Row:
        """Raises RunFailed where the log does not say enough; psycopg.Error from preparing."""
        match change:
            case Insert():
                return self._upserted("insert", self._values(change.row))
            case Delete():
                return self._deleted(self._values(change.old))
            case Update():
                return self._updated(change)

    def _values(self, row: Tuple) -> dict[str, Value]:
        return {name: row[place] for name, place in self._places.items()}

    def _upserted(self, kind: str, values: dict[str, Value]) -> Row:
        step = Step(self._name("upsert"), parameters(values, self._statements.sources))
        return Row(
            route=self._route, kind=kind, key=self._key(values), former=None, values=values, steps=[step]
        )

    def _deleted(self, old: dict[str, Value]) -> Row:
        return Row(
            route=self._route,
            kind="delete",
            key=self._key(old),
            former=None,
            values=old,
            steps=[self._delete(old)],
        )

    def _updated(self, change: Update) -> Row:
        values = self._values(change.row)
        old = self._values(change.old) if change.old is not None else None
        if old is not None:
            # What was not sent may have been sent as it was before.
            values |= {
                name: old[name]
                for name, value in values.items()
                if value is Absent.UNCHANGED and (change.is_whole or name in self._statements.identity)
            }
        unchanged = frozenset(name for name in self._statements.sources if values[name] is Absent.UNCHANGED)
        moved = old is not None and any(old[name] != values[name] for name in self._identity)
        if moved and old is not None:
            return self._moved(values, old, unchanged)
        if unchanged:
            return self._part(values, unchanged)
        return self._upserted("update", values)

    @property
    def _identity(self) -> tuple[str, ...]:
        return tuple({*self._statements.identity, *self._route.key.columns})

    def _part(self, values: dict[str, Value], unchanged: frozenset[str]) -> Row:
        """Some columns are not known: they stay as they are, or the row is read again."""
        row = Row(
            route=self._route, kind="update", key=self._key(values), former=None, values=values, steps=[]
        )
        row.again = not self._statements.is_whole_without(unchanged)
        update = self._statements.update(unchanged)
        if update is None:
            row.again = True
            return row
        name = self._prepared.name((self._route.name, "update", unchanged), update)
        given = [each for each in self._statements.sources if each not in unchanged]
        row.steps, row.place = [Step(name, parameters(values, given))], 0
        return row

    def _moved(self, values: dict[str, Value], old: dict[str, Value], unchanged: frozenset[str]) -> Row:
        """The key is another now. Whatever the target has under the new one is of another time."""
        row = Row(
            route=self._route,
            kind="update",
            key=self._key(values),
            former=self._key(old),
            values=values,
            steps=[self._delete(values)],
        )
        update = None
        if not self._statements.fixed & set(self._statements.key):
            update = self._statements.update(unchanged, former_key=True)
        if update is None:
            row.steps.append(self._delete(old))
        else:
            given = [each for each in self._statements.sources if each not in unchanged]
            name = self._prepared.name((self._route.name, "move", unchanged), update)
            former = parameters(old, self._statements.identity)
            row.steps.append(Step(name, [*parameters(values, given), *former]))
            row.place = 1
        row.again = bool(unchanged) and (update is None or not self._statements.is_whole_without(unchanged))
        if not unchanged:
            row.steps.append(Step(self._name("upsert"), parameters(values, self._statements.sources)))
            row.place = None
        return row

    def _delete(self, values: dict[str, Value]) -> Step:
        return Step(self._name("delete"), parameters(values, self._statements.identity))

    def _key(self, values: dict[str, Value]) -> tuple[str, ...]:
        return tuple(
            _key_text(self._route, name, type_name, values[name])
            for name, type_name in zip(self._route.key.columns, self._route.key_types, strict=True)
        )

    def _name(self, kind: str) -> bytes:
        return statement_name(self._prepared, self._route, kind)


def statement_name(prepared: Prepared, route: Route, kind: str) -> bytes:
    """Of the `upsert` or `delete`, prepared."""
    known_as = (route.name, kind)
    if known_as in prepared:
        return prepared.name(known_as, "")
    return prepared.name(
        known_as, route.statements.upsert() if kind == "upsert" else route.statements.delete()
    )


def parameters(values: dict[str, Value], names: Sequence[str]) -> list[bytes | None]:
    """As libpq takes them. The values are known, all of them."""
    taken: list[bytes | None] = []
    for name in names:
        value = values[name]
        assert value is not Absent.UNCHANGED
        taken.append(value if isinstance(value, bytes) else None)
    return taken


def _key_text(route: Route, name: str, type_name: str, value: Value) -> str:
    """As the type's cast to text writes it, which is how rejects are named."""
    if isinstance(value, Absent):
        raise RunFailed(
            f"A change of {route.name} does not say the row's {name}, by which it is known. Give the table a key of "
            "short values, or REPLICA IDENTITY FULL, and begin anew."
        )
    return cast_to_text(value.decode(), type_name)


def difference(expected: Shape, relation: Relation, used: Sequence[str]) -> tuple[str, ...]:
    """What stands in the way of going on with a table that has changed; empty where all that is used is the same."""
    now = {column.name: (column.type_oid, column.modifier) for column in relation.columns}
    was = {name: (type_oid, modifier) for name, type_oid, modifier in expected}
    gone = [f"its column {name} is gone" for name in used if name not in now]
    other = [
        f"its column {name} has another type"
        for name in used
        if name in now and name in was and now[name] != was[name]
    ]
    return (*gone, *other)


def new_columns(expected: Shape, relation: Relation) -> tuple[str, ...]:
    """Those that the mapping cannot have known."""
    known = {name for name, _, _ in expected}
    return tuple(column.name for column in relation.columns if column.name not in known)


def shapes_of(source: Session, tables: Sequence[QualifiedName]) -> dict[QualifiedName, Shape]:
    """The source's tables as they are now."""
    rows = source.execute(
        "SELECT n.nspname, c.relname, a.attname, a.atttypid::bigint, a.atttypmod FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE a.attnum > 0 AND NOT a.attisdropped AND (n.nspname, c.relname) IN "
        "(SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY 1, 2, a.attnum",
        [[table[0] for table in tables], [table[1] for table in tables]],
    ).fetchall()
    shapes: dict[QualifiedName, list[tuple[str, int, int]]] = {}
    for schema, name, column, type_oid, modifier in rows:
        shapes.setdefault((schema, name), []).append((column, type_oid, modifier))
    return {table: tuple(columns) for table, columns in shapes.items()}
