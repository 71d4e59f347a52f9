"""What helps where rows are in the way of a statement: each way in words, and as SQL for that very change.

The SQL is to be run on the target as it is, before the plan. `:'value'` stands for what only people can say; psql
fills it in (`-v value=…`), and without it nothing happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from schemadiff.core.catalog import Kind
from schemadiff.core.identifiers import made_name, qualified, quote, shortened
from schemadiff.core.row_checks.check import RowCheck, Trouble

_TYPE = (Trouble.UNCONVERTIBLE, Trouble.TOO_LONG, Trouble.OUT_OF_RANGE, Trouble.ROUNDED, Trouble.TIME_ZONE)


class Way(Enum):
    """How a remedy helps."""

    FILL = "fill"  # the rows get another value
    DEFAULT = "default"  # the new column gets one, so its rows have a value
    QUARANTINE = "quarantine"  # the rows go to a table of their own
    NOT_VALID = "not valid first"  # new rows are held to it at once, present ones later
    KEEP_BOTH = "keep both"  # the former value stays in a column beside
    TIME_ZONE = "time zone"  # the session says what is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    way: Way
    says: str
    sql: str


def remedies_of(check: RowCheck, *, is_counted: bool = True) -> tuple[Remedy, ...]:
    """The ones that fit, the mildest first; without a count nothing can be said of single rows."""
    return tuple(_remedies(check, is_counted))


def _remedies(check: RowCheck, is_counted: bool) -> Iterator[Remedy]:
    match check.trouble:
        case Trouble.NO_VALUE:
            yield from _new_column(check)
            return
        case Trouble.TIME_ZONE:
            yield _time_zone()
    if is_counted:
        yield from _fill(check)
    if check.trouble in _TYPE:
        yield _keep_both(check, is_counted)
    yield from _not_valid(check)
    if is_counted and check.trouble.fails:
        yield _quarantine(check)


def _new_column(check: RowCheck) -> Iterator[Remedy]:
    table, (column,), type_ = qualified(*check.table), check.columns, check.affected.wanted_type
    add = f"ALTER TABLE {table} ADD COLUMN {quote(column)} {type_}"
    yield Remedy(
        way=Way.DEFAULT,
        says="Add the column with a default, which all present rows get, and take the default away.",
        sql=f"{add} DEFAULT {_value(type_)} NOT NULL;\n"
        f"ALTER TABLE {table} ALTER COLUMN {quote(column)} DROP DEFAULT;",
    )
    yield Remedy(
        way=Way.FILL,
        says="Add the column empty and fill it by an expression over the others; the plan then makes it NOT NULL.",
        sql=f"{add};\nUPDATE {table} SET {quote(column)} = {_value(type_)};",
    )


def _fill(check: RowCheck) -> Iterator[Remedy]:
    affected = check.affected
    table, trouble = qualified(*check.table), check.trouble
    if trouble is Trouble.ORPHAN and affected.nullable:
        nothing = ", ".join(f"{quote(name)} = NULL" for name in affected.columns)
        yield Remedy(
            way=Way.FILL,
            says="Let the rows refer to nothing.",
            sql=f"UPDATE {table} SET {nothing}\nWHERE {_where(check)};",
        )
    elif (
        trouble not in (Trouble.ORPHAN, Trouble.DUPLICATE, Trouble.OVERLAP, Trouble.OUTSIDE)
        and affected.present_type
    ):
        (column,) = affected.columns
        has_default = trouble is Trouble.NULL and affected.default is not None
        value = affected.default if has_default else _value(affected.present_type)
        says = "Give the rows the source’s default." if has_default else "Give the rows a value that fits."
        yield Remedy(
            way=Way.FILL,
            says=says,
            sql=f"UPDATE {table} SET {quote(column)} = {value}\nWHERE {_where(check)};",
        )


def _keep_both(check: RowCheck, is_counted: bool) -> Remedy:
    """Of the rows in the way alone, where these are known."""
    (column,), table = check.affected.columns, qualified(*check.table)
    before = shortened(column, "_before")
    type_ = "text" if _becomes_another(check) else check.affected.present_type
    where = f"\nWHERE {_where(check)}" if is_counted else ""
    other = f", {quote(column)} = {_value(check.affected.present_type)}" if check.trouble.fails else ""
    return Remedy(
        way=Way.KEEP_BOTH,
        says=f"Keep the former values in a column {before} beside. An ignore rule for columns of that name keeps the "
        "plan from dropping it.",
        sql=f"ALTER TABLE {table} ADD COLUMN {quote(before)} {type_};\n"
        f"UPDATE {table} SET {quote(before)} = {quote(column)}{other}{where};",
    )


def _not_valid(check: RowCheck) -> Iterator[Remedy]:
    statement, ref = check.statement, check.ref
    if statement.endswith(" NOT VALID") or " VALIDATE CONSTRAINT " in statement:
        return
    says = "Hold new rows to it at once and the present ones when they are mended."
    table = qualified(*check.table)
    if check.trouble is Trouble.NULL and ref.kind is Kind.COLUMN:
        (column,) = check.affected.columns
        name = quote(made_name(check.table[1], column, "given"))
        yield Remedy(
            way=Way.NOT_VALID,
            says=f"{says} In the place of SET NOT NULL, which follows quickly after.",
            sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({quote(column)} IS NOT NULL) NOT VALID;\n"
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};",
        )
    elif check.trouble in (Trouble.BREAKS_CHECK, Trouble.ORPHAN) and not check.affected.partitioned:
        alter, _, _ = statement.partition(" ADD CONSTRAINT ")
        yield Remedy(
            way=Way.NOT_VALID,
            says=f"{says} In the place of the plan’s statement.",
            sql=f"{statement} NOT VALID;\n{alter} VALIDATE CONSTRAINT {quote(ref.name)};",
        )


def _quarantine(check: RowCheck) -> Remedy:
    schema, name = check.table
    table, other = qualified(schema, name), qualified(schema, shortened(name, "_quarantine"))
    which = "all rows in the way"
    if check.grouped:
        which = "all rows but the first of each value"
    elif check.later:
        which = "all rows that overlap an earlier one"
    return Remedy(
        way=Way.QUARANTINE,
        says=f"Move {which} to {other}, which an ignore rule of that name keeps. Rows that refer to them hold them "
        "back, or are deleted where their foreign key says ON DELETE CASCADE.",
        sql=f"BEGIN;\nCREATE TABLE IF NOT EXISTS {other} (LIKE {table});\n{_as_text(check, other)}"
        f"WITH moved AS (\n    DELETE FROM {table}\n    WHERE {_where(check)}\n    RETURNING *\n)\n"
        f"INSERT INTO {other} SELECT * FROM moved;\nCOMMIT;",
    )


def _becomes_another(check: RowCheck) -> bool:
    """Whether it is the type itself that changes: whatever has a column of it changes, too."""
    return check.trouble in _TYPE and check.affected.present_type == check.affected.wanted_type


def _as_text(check: RowCheck, table: str) -> str:
    if not _becomes_another(check):
        return ""
    (column,) = check.affected.columns
    return f"ALTER TABLE {table} ALTER COLUMN {quote(column)} TYPE text;\n"


def _time_zone() -> Remedy:
    return Remedy(
        way=Way.TIME_ZONE,
        says="Say which time zone is meant in the session that applies the plan, before its first statement.",
        sql="SET TimeZone = 'UTC';",
    )


def _where(check: RowCheck) -> str:
    """By what the rows in the way are known in the table itself."""
    return check.condition if check.is_of_the_table else f"(tableoid, ctid) IN ({check.rows_sql})"


def _value(type_: str) -> str:
    return f"CAST(:'value' AS {type_})"
