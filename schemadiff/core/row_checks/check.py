"""One question about rows of the target, as SQL that counts the rows in question and shows some."""

from dataclasses import dataclass
from enum import Enum

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.identifiers import qualified
from schemadiff.core.mapping import QualifiedName


class Trouble(Enum):
    """What is the matter with the rows that a check counts."""

    NULL = "null"  # where none may be
    NO_VALUE = "no value"  # for a new column that must have one
    BREAKS_CHECK = "breaks a check"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"  # with another row that it must exclude
    ORPHAN = "orphan"  # refers to a row that is not there
    OUTSIDE = "outside the bounds"  # of the partition that its table becomes
    UNCONVERTIBLE = "unconvertible"
    TOO_LONG = "too long"
    OUT_OF_RANGE = "out of range"
    ROUNDED = "rounded"  # converts, and is not the same value afterwards
    TIME_ZONE = "time zone"  # converts by the session's time zone

    @property
    def fails(self) -> bool:
        """Whether the statement fails on such a row; else it changes the row's value without a word."""
        return self not in (Trouble.ROUNDED, Trouble.TIME_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What a remedy must know. `columns` are their names in the target as it is; types and the wanted default are of
    the only column, else empty.
    """

    columns: tuple[str, ...] = ()
    present_type: str = ""
    wanted_type: str = ""
    default: str | None = None
    nullable: bool = True  # all of them, in the wanted schema
    partitioned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCheck:
    """`table` is what the target calls it now; `statement` is the one that the rows are in the way of.

    `relation` and `condition` are SQL; `keys` are the expressions that samples show, under these `names`. With
    `grouped` the rows in question are those that share their keys with another. `later` is the condition of those
    rows without which the others are not in the way, where that is not all of them.
    """

    trouble: Trouble
    ref: ObjectRef
    statement: str
    table: QualifiedName
    columns: tuple[str, ...]
    relation: str
    condition: str
    keys: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    later: str = ""
    affected: Affected = Affected()
    grouped: bool = False
    since: int = 0  # the first server version that can count it
    trial: str | None = None  # for older ones: an expression that fails where a row is in the way

    @property
    def count_sql(self) -> str:
        if self.grouped:
            groups = f"SELECT count(*) AS rows FROM {self._where} GROUP BY {self._keys} HAVING count(*) > 1"
            return f"SELECT coalesce(sum(rows), 0)::bigint FROM ({groups}) AS repeated"
        return f"SELECT count(*) FROM {self._where}"

    @property
    def headings(self) -> tuple[str, ...]:
        """Of what samples show."""
        return (*self.names, "rows") if self.grouped else self.names

    def sample_sql(self, limit: int, characters: int) -> str:
        """At most `limit` rows, each the keys as texts, cut there; of groups also how many rows each has."""
        shown = [f"left(({key})::text, {characters})" for key in self.keys]
        if self.grouped:
            return (
                f"SELECT {', '.join([*shown, 'count(*)::text'])} FROM {self._where} GROUP BY {self._keys}"
                f" HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT {limit}"
            )
        return f"SELECT {', '.join(shown)} FROM {self._where} LIMIT {limit}" if shown else ""

    @property
    def total_sql(self) -> str:
        return f"SELECT count(*) FROM {qualified(*self.table)}"

    @property
    def rows_sql(self) -> str:
        """The places (tableoid, ctid) of the rows that would have to go."""
        if self.grouped:
            order = f"row_number() OVER (PARTITION BY {self._keys} ORDER BY tableoid, ctid) AS place"
            repeated = f"SELECT tableoid, ctid, {order} FROM {self._where}"
            return f"SELECT tableoid, ctid FROM ({repeated}) AS repeated WHERE place > 1"
        return f"SELECT tableoid, ctid FROM {self.relation} WHERE {self.later or self.condition}"

    @property
    def is_of_the_table(self) -> bool:
        """Whether the condition can be said of the table itself, as it is."""
        return self.relation == qualified(*self.table) and not self.grouped

    @property
    def trial_sql(self) -> str:
        """Fails if a row is in the way; says nothing of how many."""
        return f"SELECT count({self.trial}) FROM {self.relation}"

    @property
    def _where(self) -> str:
        return f"{self.relation} WHERE {self.condition}"

    @property
    def _keys(self) -> str:
        return ", ".join(self.keys)

    @property
    def label(self) -> str:
        return ".".join(self.table)

    def sentence(self, rows: int | None, total: int | None = None) -> str:
        """What was found: `2 of 9 rows of public.t: no value of phone; the statement fails.` None: not counted."""
        count = "some rows" if rows is None else "1 row" if rows == 1 else f"{rows:,} rows"
        if rows is not None and total is not None and total >= rows:
            count = f"{rows:,} of {total:,} row{'' if total == 1 else 's'}"
        end = "the statement fails" if self.trouble.fails else "nothing fails, and the values change"
        return f"{count} of {self.label}: {self._finding()}; {end}."

    def _finding(self) -> str:
        columns = ", ".join(self.columns)
        match self.trouble:
            case Trouble.NULL:
                return f"no value of {columns}"
            case Trouble.NO_VALUE:
                return f"nothing to fill the new column {columns} with"
            case Trouble.BREAKS_CHECK:
                is_types = self.ref.kind is Kind.COLUMN
                return (
                    f"{columns} breaks a rule of its new type"
                    if is_types
                    else f"against the check {self.ref.name}"
                )
            case Trouble.DUPLICATE:
                return f"the same {columns or f'value of {self.ref.name}'} as another row"
            case Trouble.OVERLAP:
                return f"{columns} overlaps another row’s" if columns else f"against {self.ref.name}"
            case Trouble.ORPHAN:
                return f"{columns} refers to a row that is not there"
            case Trouble.OUTSIDE:
                return f"{columns} is outside the partition’s bounds"
            case Trouble.UNCONVERTIBLE:
                return f"{columns} cannot be read as the new type"
            case Trouble.TOO_LONG:
                return f"{columns} is longer than the new type takes"
            case Trouble.OUT_OF_RANGE:
                return f"{columns} is beyond the new type's range"
            case Trouble.ROUNDED:
                return f"{columns} is rounded or loses a part"
            case Trouble.TIME_ZONE:
                return f"{columns} is taken by the time zone of the session that runs the script"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCounted:
    """A statement that rows may be in the way of, and why that cannot be counted beforehand."""

    ref: ObjectRef
    statement: str
    reason: str


def table_sql(table: QualifiedName) -> str:
    return qualified(*table)
