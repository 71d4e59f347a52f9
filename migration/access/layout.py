"""How an application's table lies in one database: where each field is read, compared and written.

In SQL the table is called `t`, and the rows given for writing have the table's own name, as a mapping's
expressions call it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from psycopg import sql

from migration.access.tables import Field, Table
from schemadiff.core.mapping import QualifiedName

READ_AS = "t"


def name(*parts: str) -> sql.Composable:
    """An identifier in a statement that has parameters, where % is written twice."""
    return sql.Identifier(*(part.replace("%", "%%") for part in parts))


def verbatim(expression: str) -> sql.Composable:
    """A checked expression in such a statement. The line break ends a comment at its end."""
    return sql.SQL("({}\n)").format(sql.SQL(expression.replace("%", "%%")))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """The target keeps another row's key where the application has that row's number."""

    column: str
    relation: QualifiedName
    key: str
    by: str

    def value(self) -> sql.Composable:
        """The number, over `t`."""
        return sql.SQL("(SELECT k.{} FROM {} AS k WHERE k.{} = {})").format(
            name(self.by), name(*self.relation), name(self.key), name(READ_AS, self.column)
        )

    def key_of(self, number: sql.Composable) -> sql.Composable:
        return sql.SQL("(SELECT k.{} FROM {} AS k WHERE k.{} = {})").format(
            name(self.key), name(*self.relation), name(self.by), number
        )

    def keys_of(self, numbers: sql.Composable) -> sql.Composable:
        return sql.SQL("ANY (SELECT k.{} FROM {} AS k WHERE k.{} = ANY ({}))").format(
            name(self.key), name(*self.relation), name(self.by), numbers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field is found. `changed` says in a sentence what its values lost on the way, if anything."""

    field: Field
    value: sql.Composable  # over `t`, in the application's type
    column: str | None = None  # that can be compared as it is
    look_up: LookUp | None = None
    changed: str = ""

    @property
    def compared(self) -> sql.Composable:
        return self.value if self.column is None else name(READ_AS, self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A column and what fills it: SQL over the rows given, made of the fields in `uses`; `field`: of it as it is;
    `is_looked_up`: the value is another row's key, NULL where there is no such row."""

    column: str
    value: sql.Composable
    uses: frozenset[str]
    field: str | None = None
    is_looked_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table of the application in one database. `missing` says of each field that is not there why."""

    table: Table
    relation: QualifiedName
    places: Mapping[str, Place]
    written: tuple[Written, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[frozenset[str], ...] | None = None  # of unique indexes; None: as the application says
    required: frozenset[str] = frozenset()  # columns that take no NULL and have no default

    @property
    def given(self) -> tuple[Place, ...]:
        """The fields that a read gives, in the table's order."""
        return tuple(self.places[each.name] for each in self.table.fields if each.name in self.places)

    def arbiter(self, key: tuple[str, ...], fields: tuple[str, ...]) -> tuple[str, ...] | None:
        """The columns that ON CONFLICT can name for this key where `fields` are written.

        None where no unique index has them, or where a new row would be refused, which an INSERT with
        ON CONFLICT is even if it then only changes a row.
        """
        columns = tuple(each.column for each in self.written if each.uses and each.uses <= set(key))
        if self.unique is not None and frozenset(columns) not in self.unique:
            return None
        return None if self.unfilled(fields) else columns

    def unfilled(self, fields: Iterable[str]) -> tuple[str, ...]:
        """The columns for want of which a new row with these fields is refused."""
        given = set(fields)
        filled = {each.column for each in self.written if each.uses <= given}
        return tuple(sorted(self.required - filled))


def as_it_is(table: Table, field: str, column: str) -> Written:
    """A column that takes a field."""
    return Written(column=column, value=name(table.name, field), uses=frozenset((field,)), field=field)


def straight(table: Table) -> Layout:
    """The table as the application knows it: the source, and a target that was made like it."""
    return Layout(
        table=table,
        relation=table.qualified,
        places={
            each.name: Place(field=each, value=name(READ_AS, each.name), column=each.name)
            for each in table.fields
        },
        written=tuple(as_it_is(table, each.name, each.name) for each in table.fields),
    )
