"""The application's tables in a target of another shape: read and written through the decision's mapping."""

from collections.abc import Iterable, Iterator, Mapping

from psycopg import sql

from migration.access.layout import READ_AS, Layout, LookUp, Place, Written, as_it_is, name, verbatim
from migration.access.tables import Field, Reference, Table
from migration.access.target_tables import TargetColumn, TargetTable
from migration.core.reversing import HERE, reads_tables, way_back
from schemadiff.core.column_types import fits, parse, short
from schemadiff.core.inverses import check_inverse
from schemadiff.core.mapping import ColumnPair, PairStatus, QualifiedName, TableMapping
from schemadiff.core.mapping import Mapping as Correspondence
from schemadiff.core.sql_guard import check_expression, columns_of

_TEXTS = frozenset({"text", "character varying"})
_INTEGERS = frozenset({"smallint", "integer", "bigint"})


def by_equal_names(tables: Iterable[Table]) -> Correspondence:
    """What holds for a target that has the application's tables under their own names."""
    return Correspondence(
        tables=tuple(
            TableMapping(
                source=table.qualified,
                target=table.qualified,
                pairs=tuple(
                    ColumnPair(target=each.name, source=each.name, status=PairStatus.CONFIRMED)
                    for each in table.fields
                ),
            )
            for table in sorted(tables, key=lambda each: each.qualified)
        )
    )


def layouts_of(
    tables: Mapping[str, Table], mapping: Correspondence, there: Mapping[QualifiedName, TargetTable]
) -> dict[str, Layout]:
    """Where each of the application's tables lies in the target that has the tables in `there`."""
    sides = {
        key: _Side(table, mapping.for_source(table.qualified), there, tables, mapping)
        for key, table in tables.items()
    }
    return {key: side.layout() for key, side in sides.items()}


class _Side:
    """One table of the application, its entry in the mapping, and the target's table."""

    def __init__(
        self,
        table: Table,
        entry: TableMapping | None,
        there: Mapping[QualifiedName, TargetTable],
        tables: Mapping[str, Table],
        mapping: Correspondence,
    ) -> None:
        self.table = table
        self.target = there.get(entry.target) if entry is not None else None
        self.pairs = _usable(entry, self.target)
        self._there = there
        self._tables = tables
        self._mapping = mapping
        self._absent = self._why_absent(entry)

    def layout(self) -> Layout:
        places: dict[str, Place] = {}
        missing: dict[str, str] = {}
        for field in self.table.fields:
            found = self._place(field)
            if isinstance(found, str):
                missing[field.name] = found
            else:
                places[field.name] = found
        return Layout(
            table=self.table,
            relation=self.target.name if self.target else self.table.qualified,
            places=places,
            missing=missing,
            written=tuple(self._written()),
            unique=self.target.unique if self.target else (),
            required=_required(self.target),
        )

    def _why_absent(self, entry: TableMapping | None) -> str:
        if entry is None:
            return f"the mapping does not say where the rows of {self.table.name} are."
        if self.target is None:
            return f"the target has no table {'.'.join(entry.target)}."
        return ""

    def _place(self, field: Field) -> Place | str:
        """Where the field is read; a sentence where it cannot be."""
        if self._absent:
            return self._absent
        if (plain := self._plain(field)) is not None:
            return _plain_place(field, *plain)
        made = [(pair, column) for pair, column in self.pairs if _makes(pair, field)]
        if not made:
            return "no column of the target takes it."
        made.sort(key=lambda each: each[0].inverse is None)  # what a person wrote goes before
        reference = self.table.reference(field.name) if made[0][0].inverse is None else None
        if reference is not None and (look_up := self._look_up(reference, made[0][1])) is not None:
            return Place(field=field, value=look_up.value(), look_up=look_up)
        for pair, column in made:
            if (place := _reversed_place(field, pair, column)) is not None:
                return place
        columns = ", ".join(column.name for _, column in made)
        return f"{columns} is filled by {_short(made[0][0].expression)}, which cannot be read back."

    def _plain(self, field: Field) -> tuple[ColumnPair, TargetColumn] | None:
        """The column that takes the field as it is; of several the one that it fits best."""
        found = [each for each in self.pairs if each[0].source == field.name and each[0].expression is None]
        found.sort(key=lambda each: (not fits(field.type, each[1].type), each[1].name != field.name))
        return found[0] if found else None

    def _look_up(self, reference: Reference, column: TargetColumn) -> LookUp | None:
        """Only where the other table's number is kept as it is, and its key has a column."""
        other = self._tables[reference.table]
        side = _Side(
            other, self._mapping.for_source(other.qualified), self._there, self._tables, self._mapping
        )
        by = next((c for p, c in side.pairs if p.source == reference.by and p.expression is None), None)
        key = next((c for p, c in side.pairs if _makes(p, Field(reference.key, ""))), None)
        if key is None and side.target is not None:
            key = side.target.column(reference.key)
        if by is None or key is None or side.target is None:
            return None
        return LookUp(column=column.name, relation=side.target.name, key=key.name, by=by.name)

    def _written(self) -> Iterator[Written]:
        for pair, column in self.pairs:
            if column.generated:
                continue
            if pair.expression is None and pair.source is not None:
                yield as_it_is(self.table, pair.source, column.name)
            elif pair.expression is not None:
                yield from self._worked_out(pair.expression, pair, column)

    def _worked_out(self, expression: str, pair: ColumnPair, column: TargetColumn) -> Iterator[Written]:
        """On the target only what the row itself says can be worked out; a key is looked up."""
        for reference in self.table.references:
            if _makes(pair, Field(reference.field, "")) and reads_tables(expression):
                look_up = self._look_up(reference, column)
                if look_up is not None:
                    value = look_up.key_of(name(self.table.name, reference.field))
                    uses = frozenset((reference.field,))
                    yield Written(column=column.name, value=value, uses=uses, is_looked_up=True)
                return
        if not reads_tables(expression):
            yield Written(column=column.name, value=verbatim(expression), uses=columns_of(expression))


def _usable(
    entry: TableMapping | None, target: TargetTable | None
) -> tuple[tuple[ColumnPair, TargetColumn], ...]:
    """The confirmed pairs whose column is there."""
    if entry is None or target is None:
        return ()
    found = []
    for pair in entry.accepted():
        if pair.expression is not None:
            check_expression(pair.expression)
            check_inverse(pair)
        if (column := target.column(pair.target)) is not None:
            found.append((pair, column))
    return tuple(found)


def _required(target: TargetTable | None) -> frozenset[str]:
    if target is None:
        return frozenset()
    return frozenset(
        each.name for each in target.columns if each.not_null and not each.has_default and not each.generated
    )


def _makes(pair: ColumnPair, field: Field) -> bool:
    """Is the field part of what fills the column?"""
    if pair.source == field.name:
        return True
    return pair.expression is not None and field.name in columns_of(pair.expression)


def _plain_place(field: Field, pair: ColumnPair, column: TargetColumn) -> Place:
    there = name(READ_AS, column.name)
    alike = _are_alike(field.type, column.type)
    value = there if alike else _cast(there, field.type)
    changed = "" if fits(field.type, column.type) else _narrowed(field, column)
    return Place(field=field, value=value, column=column.name if alike else None, changed=changed)


def _narrowed(field: Field, column: TargetColumn) -> str:
    if {parse(field.type).base, parse(column.type).base} <= _TEXTS | {"date", "timestamp with time zone"}:
        return ""  # a longer text is refused and not cut; a day comes back as the day that it was
    return f"{column.name} is {short(column.type)}, which cannot hold every {short(field.type)}"


def _are_alike(application: str, target: str) -> bool:
    """Do both give the same values without a cast?"""
    one, other = parse(application), parse(target)
    if one.dimensions or other.dimensions:
        return application == target
    return application == target or any({one.base, other.base} <= group for group in (_TEXTS, _INTEGERS))


def _reversed_place(field: Field, pair: ColumnPair, column: TargetColumn) -> Place | None:
    found = way_back(pair, field.name)
    if found is None:
        return None
    there = name(READ_AS, column.name)
    first, *rest = (sql.SQL(part.replace("%", "%%")) for part in found.value.split(HERE))
    value = sql.Composed([first, *(piece for part in rest for piece in (there, part))])
    return Place(field=field, value=_cast(sql.SQL("({})").format(value), field.type), changed=found.changed)


def _cast(value: sql.Composable, kind: str) -> sql.Composable:
    return sql.SQL("{}::{}").format(value, sql.SQL(kind))


def _short(expression: str | None) -> str:
    text = " ".join((expression or "").split())
    return text if len(text) <= 80 else f"{text[:79]}…"
