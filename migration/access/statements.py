"""The statements that a repository sends, composed from a layout: once for each shape, then remembered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql

from migration.access.conditions import WITHOUT_VALUE, Operator, Order
from migration.access.errors import AccessError, ErrorKind
from migration.access.layout import READ_AS, Layout, Place, Written, name
from migration.access.tables import Field

_GIVEN = sql.Placeholder()
_FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Shape:
    """A read without its values: the same shape is the same statement. `most`: None where the limit is a value."""

    compared: tuple[tuple[str, Operator], ...]
    order: tuple[Order, ...] = ()
    most: int | None = None
    has_offset: bool = False


@dataclass(frozen=True, slots=True)
class UpsertShape:
    """An upsert without its values."""

    fields: tuple[str, ...]
    key: tuple[str, ...]
    rows: int


def select(layout: Layout, shape: Shape) -> str:
    """Parameters: the conditions' values, then limit and offset where the shape leaves them open."""
    parts = [everything(layout)]
    if shape.compared:
        conditions = (_condition(place_of(layout, field), how) for field, how in shape.compared)
        parts.append(sql.SQL("WHERE {}").format(sql.SQL(" AND ").join(conditions)))
    if shape.order:
        parts.append(sql.SQL("ORDER BY {}").format(sql.SQL(", ").join(_orders(layout, shape.order))))
    parts.append(sql.SQL("LIMIT {}").format(_GIVEN if shape.most is None else sql.Literal(shape.most)))
    if shape.has_offset:
        parts.append(sql.SQL("OFFSET {}").format(_GIVEN))
    return sql.SQL(" ").join(parts).as_string(None)


def everything(layout: Layout) -> sql.Composable:
    """All rows as the application knows them."""
    return sql.SQL("SELECT {} FROM {}").format(_fields(layout), _relation(layout))


def place_of(layout: Layout, field: str) -> Place:
    """AccessError where the table has no such field, or this database has no place for it."""
    found = layout.places.get(field)
    if found is None:
        raise AccessError(_absent(layout, field), ErrorKind.INVALID)
    return found


def upsert(layout: Layout, shape: UpsertShape) -> str:
    """Parameters: row by row, the values of the shape's fields. Gives the rows as they are then."""
    for field in shape.key:
        place_of(layout, field)
        if reason := why_no_key(layout, field, shape.key):
            raise AccessError(f"{layout.table.name} cannot be written here: {reason}", ErrorKind.INVALID)
    columns = written_columns(layout, shape.fields)
    arbiter = layout.arbiter(shape.key, shape.fields)
    if arbiter is None:
        return _update_or_insert(layout, shape, columns).as_string(None)
    return _insert_on_conflict(layout, shape, columns, arbiter).as_string(None)


def written_columns(layout: Layout, fields: Iterable[str]) -> tuple[Written, ...]:
    """The columns that these fields fill, and those that a constant fills."""
    given = frozenset(fields)
    return tuple(each for each in layout.written if each.uses <= given)


def left_out(layout: Layout, fields: Iterable[str]) -> tuple[str, ...]:
    """Of these fields, those that no column keeps."""
    kept = {field for each in written_columns(layout, fields) for field in each.uses}
    return tuple(sorted(set(fields) - kept))


def why_no_key(layout: Layout, field: str, key: Iterable[str]) -> str:
    """Why rows cannot be told apart here by this field of the key, as a sentence; empty where they can.

    An upsert by what is left of a key would change rows that are others' on the source.
    """
    keys = frozenset(key)
    if not any(field in each.uses and each.uses <= keys for each in layout.written):
        return f"its rows are told apart by {field}, and no column takes {field} alone."
    place = layout.places.get(field)
    if place is not None and place.column is None and place.changed:
        return f"its rows are told apart by {field}, and {place.changed}."
    return ""


def _absent(layout: Layout, field: str) -> str:
    if layout.table.field(field) is None:
        return f"{layout.table.name} has no field {field}."
    return f"{layout.table.name}.{field} cannot be used here: {layout.missing[field]}"


def _fields(layout: Layout) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(place.value, name(place.field.name)) for place in layout.given
    )


def _relation(layout: Layout) -> sql.Composable:
    return sql.SQL("{} AS {}").format(name(*layout.relation), name(READ_AS))


def _orders(layout: Layout, orders: Iterable[Order]) -> Iterable[sql.Composable]:
    for each in orders:
        yield sql.SQL("{} {}").format(place_of(layout, each.field).compared, sql.SQL(each.direction.value))


def _condition(place: Place, how: Operator) -> sql.Composable:
    if how in WITHOUT_VALUE:
        return sql.SQL("{} {}").format(place.compared, sql.SQL(how.value))
    if place.look_up is not None and how in (Operator.EQ, Operator.IN):
        column = name(READ_AS, place.look_up.column)
        keys = place.look_up.key_of(_GIVEN) if how is Operator.EQ else place.look_up.keys_of(_GIVEN)
        return sql.SQL("{} = {}").format(column, keys)
    if how is Operator.IN:
        return sql.SQL("{} = ANY ({})").format(place.compared, _GIVEN)
    return sql.SQL("{} {} {}").format(place.compared, sql.SQL(how.value), _GIVEN)


def _given_rows(layout: Layout, shape: UpsertShape) -> sql.Composable:
    fields = [layout.table.field(each) or Field(each, "text") for each in shape.fields]
    row = sql.SQL("({})").format(
        sql.SQL(", ").join(sql.SQL("{}::{}").format(_GIVEN, sql.SQL(each.type)) for each in fields)
    )
    return sql.SQL("(VALUES {}) AS {} ({})").format(
        sql.SQL(", ").join([row] * shape.rows),
        name(layout.table.name),
        sql.SQL(", ").join(name(each) for each in shape.fields),
    )


def _new_rows(layout: Layout, shape: UpsertShape, columns: Sequence[Written]) -> sql.Composable:
    """The values as they are, in the order of the fields, where nothing has to be worked out: that is faster."""
    if tuple(each.field for each in columns) == shape.fields:
        row = sql.SQL("({})").format(sql.SQL(", ").join([_GIVEN] * len(columns)))
        return sql.SQL("VALUES {}").format(sql.SQL(", ").join([row] * shape.rows))
    values = sql.SQL(", ").join(each.value for each in columns)
    if not any(each.is_looked_up for each in columns):
        return sql.SQL("SELECT {} FROM {}").format(values, _given_rows(layout, shape))
    return sql.SQL(
        "WITH given AS MATERIALIZED (SELECT * FROM {}) SELECT {} FROM given AS {} WHERE {}"
    ).format(_given_rows(layout, shape), values, name(layout.table.name), _all_found(layout, columns))


def _all_found(layout: Layout, columns: Sequence[Written]) -> sql.Composable:
    """Has each row of `given` the rows that it refers to? Else none is written: there would be a NULL for the key."""
    absent = [
        sql.SQL("{} IS NOT NULL AND {} IS NULL").format(name(layout.table.name, field), each.value)
        for each in columns
        if each.is_looked_up
        for field in each.uses
    ]
    if not absent:
        return sql.SQL("true")
    return sql.SQL("NOT EXISTS (SELECT FROM given AS {} WHERE {})").format(
        name(layout.table.name), sql.SQL(" OR ").join(absent)
    )


def _insert_on_conflict(
    layout: Layout, shape: UpsertShape, columns: Sequence[Written], arbiter: Sequence[str]
) -> sql.Composable:
    return sql.SQL("INSERT INTO {} ({}) {} ON CONFLICT ({}) DO UPDATE SET {} RETURNING {}").format(
        _relation(layout),
        _names(each.column for each in columns),
        _new_rows(layout, shape, columns),
        _names(arbiter),
        sql.SQL(", ").join(
            sql.SQL("{} = EXCLUDED.{}").format(name(column), name(column))
            for column in _changed(columns, shape, arbiter)
        ),
        _fields(layout),
    )


def _update_or_insert(layout: Layout, shape: UpsertShape, columns: Sequence[Written]) -> sql.Composable:
    """For a target without a unique index on the key. The caller holds a lock against its like.

    What is worked out of the given rows is worked out beside the table: its columns may have the same names.
    """
    keys = [each.column for each in columns if each.uses and each.uses <= set(shape.key)]
    changes = _changed(columns, shape, keys)
    return sql.SQL(
        "WITH given AS MATERIALIZED (SELECT * FROM {rows}), {filled} AS MATERIALIZED ("
        "SELECT {worked_out} FROM given AS {given} WHERE {all_found}), changed AS ("
        "UPDATE {table} SET {changes} FROM {filled} WHERE {same} RETURNING {fields}), added AS ("
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {filled}"
        " WHERE NOT EXISTS (SELECT FROM {table} WHERE {same}) RETURNING {fields})"
        " SELECT * FROM changed UNION ALL SELECT * FROM added"
    ).format(
        rows=_given_rows(layout, shape),
        filled=name(_FILLED),
        worked_out=_listed(
            sql.SQL("{} AS {}").format(each.value, name(each.column)) for each in columns if each.uses
        ),
        given=name(layout.table.name),
        all_found=_all_found(layout, columns),
        table=_relation(layout),
        changes=_listed(
            sql.SQL("{} = {}").format(name(each.column), _filled(each))
            for each in columns
            if each.column in changes
        ),
        same=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(name(READ_AS, key), name(_FILLED, key)) for key in keys
        ),
        fields=_fields(layout),
        columns=_names(each.column for each in columns),
        values=_listed(_filled(each) for each in columns),
    )


def _filled(column: Written) -> sql.Composable:
    """A constant stands where it is written, and so gets the column's type."""
    return name(_FILLED, column.column) if column.uses else column.value


def _changed(columns: Sequence[Written], shape: UpsertShape, keys: Sequence[str]) -> tuple[str, ...]:
    """What an existing row gets: all that is given but its key and its own number; the key where that is all."""
    kept = {*shape.key, "id"}
    changed = tuple(each.column for each in columns if each.uses and not each.uses <= kept)
    return changed or tuple(keys[:1])


def _names(columns: Iterable[str]) -> sql.Composable:
    return _listed(name(each) for each in columns)


def _listed(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)
