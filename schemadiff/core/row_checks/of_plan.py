"""The checks that a plan needs: one for each way in which rows can be in the way of one of its statements.

Everything is asked of the target as it is, under the names that it has now; what the plan converts or renames before a
statement is worked out on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Domain,
    Kind,
    Table,
)
from schemadiff.core.ddl.conversions import conversion
from schemadiff.core.ddl.references import (
    attachment_ref,
    column_ref,
    constraint_ref,
    index_ref,
    not_null_ref,
    sql_name,
)
from schemadiff.core.identifiers import qualified, quote, unquoted
from schemadiff.core.mapping import Mapping
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.renaming import Renamed, rename
from schemadiff.core.row_checks.bounds import bounded_column, outside
from schemadiff.core.row_checks.check import Affected, NotCounted, RowCheck, Trouble
from schemadiff.core.row_checks.conditions import check_expression_of, with_value
from schemadiff.core.row_checks.conversions import Doubt, doubts, labels_missing
from schemadiff.core.row_checks.domains import Domains
from schemadiff.core.row_checks.elements import exclusion_predicate, index_expressions
from schemadiff.core.row_checks.other_rows import (
    REFERENCED,
    Elements,
    elements_that_exclude,
    overlaps,
    referred_to,
)

Found: TypeAlias = RowCheck | NotCounted


def row_checks(
    source: Catalog, target: Catalog, plan: Plan, mapping: Mapping | None = None
) -> tuple[Found, ...]:
    """In the order of the plan's statements. Tables that the plan makes have no rows, and need none."""
    work = _Work(source, rename(source, target, mapping or Mapping()))
    return tuple(found for statement in plan.statements for found in work.about(statement))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A table of both sides; `real` is what the target calls it now."""

    wanted: Table
    present: Table
    real: tuple[str, str]


class _Work:
    def __init__(self, source: Catalog, renamed: Renamed) -> None:
        self._source, self._renamed = source, renamed
        self._wanted = {table.qualified: table for table in source.tables}
        self._present = {table.qualified: table for table in renamed.catalog.tables}
        self._enums = {sql_name(enum): enum for enum in source.enums}
        self._enums_before = {sql_name(enum): enum for enum in renamed.catalog.enums}
        self._domains = {domain.ref: domain for domain in source.domains}
        self._below, self._below_before = Domains(source.domains), Domains(renamed.catalog.domains)

    def about(self, statement: Statement) -> Iterator[Found]:
        ref = statement.ref
        if ref.kind is Kind.DOMAIN:
            yield from self._domain(statement)
            return
        is_attached = ref.kind is Kind.TABLE and attachment_ref(ref) in statement.provides
        pair = self._pair(ref.schema, ref.name if is_attached else ref.parent)
        if pair is None:
            return
        if is_attached:
            yield self._attached(statement, pair)
            return
        match ref.kind:
            case Kind.COLUMN:
                yield from self._column(statement, pair)
            case Kind.CONSTRAINT:
                yield from self._constraint(statement, pair)
            case Kind.INDEX:
                yield from self._index(statement, pair)

    def _pair(self, schema: str, name: str) -> _Pair | None:
        wanted, present = self._wanted.get((schema, name)), self._present.get((schema, name))
        if wanted is None or present is None:
            return None
        was = self._renamed.was(present.ref)
        return _Pair(wanted=wanted, present=present, real=(was.schema, was.name))

    def _attached(self, statement: Statement, pair: _Pair) -> Found:
        parent = self._wanted.get(pair.wanted.partition_of or ("", ""))
        column = bounded_column(parent.partition_key if parent else None)
        condition = outside(quote(column), pair.wanted.partition_bound or "") if column else ""
        if not condition or not self._has(pair, column):
            return NotCounted(
                ref=statement.ref,
                statement=statement.sql,
                reason="only bounds that list or limit the values of one column are asked about beforehand",
            )
        doubt = Doubt(trouble=Trouble.OUTSIDE, condition=condition)
        shown = (*self._planned_key(pair), quote(column))
        planned = self._as_planned(pair, *shown)
        return self._check(statement, pair, (column,), doubt, relation=planned, shown=shown)

    def _column(self, statement: Statement, pair: _Pair) -> Iterator[Found]:
        ref = statement.ref
        wanted, present = pair.wanted.column(ref.name), pair.present.column(ref.name)
        if wanted is None:
            return
        if not_null_ref(ref) in statement.provides and present is not None and not present.not_null:
            yield from self._nulls(statement, pair, wanted, present)
        elif ref in statement.provides and ref in statement.destroys and present is not None:
            yield from self._retyped(statement, pair, wanted, present)
        elif ref in statement.provides and present is None and _needs_a_value(wanted):
            yield self._check(
                statement, pair, (wanted.name,), Doubt(trouble=Trouble.NO_VALUE, condition="true"), shown=()
            )

    def _nulls(self, statement: Statement, pair: _Pair, wanted: Column, present: Column) -> Iterator[Found]:
        name = self._real_name(pair, present)
        yield self._check(
            statement,
            pair,
            (wanted.name,),
            Doubt(trouble=Trouble.NULL, condition=f"{quote(name)} IS NULL"),
            shown=self._key(pair),
        )

    def _retyped(self, statement: Statement, pair: _Pair, wanted: Column, present: Column) -> Iterator[Found]:
        name = quote(self._real_name(pair, present))
        for doubt in self._doubts(name, present, wanted):
            yield self._check(statement, pair, (wanted.name,), doubt, shown=(*self._key(pair), name))

    def _doubts(self, name: str, present: Column, wanted: Column) -> Iterator[Doubt]:
        start, end = self._below_before.below(present.type), self._below.below(wanted.type)
        enum = self._enums.get(end.removesuffix("[]"))
        if enum is None:
            found = list(doubts(name, start, end)) if start != end else []
        else:
            before = self._enums_before.get(start.removesuffix("[]"))
            loses = before is None or set(before.labels) - set(enum.labels)
            found = [labels_missing(name, end.endswith("[]"), enum.labels)] if loses else []
        yield from found
        yield from self._below.rules(name, start, wanted.type, found)

    def _constraint(self, statement: Statement, pair: _Pair) -> Iterator[Found]:
        constraint = next((c for c in pair.wanted.constraints if c.name == statement.ref.name), None)
        if constraint is None or constraint_ref(pair.wanted, constraint) not in statement.provides:
            return
        if " RENAME CONSTRAINT " in statement.sql:
            return
        if constraint.definition.endswith((" NOT VALID", " NOT ENFORCED")):
            return
        if missing := [name for name in constraint.columns if not self._has(pair, name)]:
            yield NotCounted(
                ref=statement.ref,
                statement=statement.sql,
                reason=f"the plan adds the column {missing[0]} first, so no row has a value of it yet",
            )
            return
        yield from self._rows_against(statement, pair, constraint)

    def _rows_against(self, statement: Statement, pair: _Pair, constraint: Constraint) -> Iterator[Found]:
        if constraint.kind is ConstraintKind.CHECK:
            expression = check_expression_of(constraint.definition)
            doubt = Doubt(trouble=Trouble.BREAKS_CHECK, condition=f"NOT ({expression})")
            shown = (*self._planned_key(pair), *_quoted(constraint.columns))
            planned = self._as_planned(pair, expression, *shown)
            yield self._check(statement, pair, constraint.columns, doubt, relation=planned, shown=shown)
        elif constraint.kind is ConstraintKind.FOREIGN_KEY:
            yield self._orphans(statement, pair, constraint)
        elif elements := elements_that_exclude(constraint):
            yield self._overlapping(statement, pair, constraint, elements)
        else:
            columns = constraint.columns
            yield self._repeated(statement, pair, columns, _quoted(columns), constraint.definition, "true")

    def _overlapping(
        self, statement: Statement, pair: _Pair, constraint: Constraint, elements: Elements
    ) -> RowCheck:
        predicate = exclusion_predicate(constraint.definition)
        found = overlaps(self._as_planned(pair, constraint.definition), elements, predicate)
        doubt = Doubt(trouble=Trouble.OVERLAP, condition=found.condition)
        check = self._check(statement, pair, constraint.columns, doubt, relation=found.relation, shown=())
        return replace(check, keys=found.keys, names=found.names, later=found.later)

    def _repeated(
        self,
        statement: Statement,
        pair: _Pair,
        columns: tuple[str, ...],
        expressions: tuple[str, ...],
        definition: str,
        predicate: str,
    ) -> RowCheck:
        parts = [predicate] if predicate != "true" else []
        if "NULLS NOT DISTINCT" not in definition:
            parts += [f"{expression} IS NOT NULL" for expression in expressions]
        condition = " AND ".join(parts) or "true"
        doubt = Doubt(trouble=Trouble.DUPLICATE, condition=condition)
        planned = self._as_planned(pair, condition, *expressions)
        found = self._check(statement, pair, columns, doubt, relation=planned, shown=expressions)
        return replace(found, grouped=True)

    def _orphans(self, statement: Statement, pair: _Pair, key: Constraint) -> RowCheck:
        assert key.references is not None
        own = [f"{quote(pair.wanted.name)}.{quote(name)}" for name in key.columns]
        there = self._pair(*key.references)
        condition = " AND ".join(f"{name} IS NOT NULL" for name in own)
        if there is not None and all(self._has(there, name) for name in key.referenced_columns):
            referenced = self._as_planned(there, *_quoted(key.referenced_columns), alias=REFERENCED)
            found = referred_to(referenced, own, key)
            condition += f" AND NOT {found}"
        doubt = Doubt(trouble=Trouble.ORPHAN, condition=condition)
        shown = (*self._planned_key(pair), *_quoted(key.columns))
        planned = self._as_planned(pair, *shown)
        return self._check(statement, pair, key.columns, doubt, relation=planned, shown=shown)

    def _index(self, statement: Statement, pair: _Pair) -> Iterator[Found]:
        index = next((one for one in pair.wanted.indexes if one.name == statement.ref.name), None)
        if index is None or not index.unique or index_ref(pair.wanted, index) not in statement.provides:
            return
        if not statement.sql.startswith("CREATE "):
            return
        expressions = index_expressions(index.definition, index.method)
        columns = index.columns if all(name in _quoted(index.columns) for name in expressions) else ()
        predicate = index.predicate or "true"
        yield self._repeated(statement, pair, columns, expressions, index.definition, predicate)

    def _domain(self, statement: Statement) -> Iterator[Found]:
        domain = self._domains.get(statement.ref)
        before = next((d for d in self._renamed.catalog.domains if d.ref == statement.ref), None)
        if domain is None or before is None or not statement.hazards:
            return
        for condition, trouble in _new_rules(domain, before, statement):
            for table in self._renamed.catalog.tables:
                for column in table.columns:
                    if column.type == sql_name(domain):
                        yield self._of_domain(statement, table, column, condition, trouble)

    def _of_domain(
        self, statement: Statement, table: Table, column: Column, condition: str, trouble: Trouble
    ) -> RowCheck:
        was = self._renamed.was(table.ref)
        pair = _Pair(wanted=table, present=table, real=(was.schema, was.name))
        name = quote(self._real_name(pair, column))
        doubt = Doubt(trouble=trouble, condition=with_value(condition, name))
        return self._check(statement, pair, (column.name,), doubt, shown=(*self._key(pair), name))

    def _check(
        self,
        statement: Statement,
        pair: _Pair,
        columns: tuple[str, ...],
        doubt: Doubt,
        *,
        shown: tuple[str, ...],
        relation: str = "",
    ) -> RowCheck:
        keys = tuple(dict.fromkeys(shown))
        return RowCheck(
            trouble=doubt.trouble,
            ref=statement.ref,
            statement=statement.sql,
            table=pair.real,
            columns=columns,
            relation=relation or qualified(*pair.real),
            condition=doubt.condition,
            keys=keys,
            names=tuple(map(unquoted, keys)),
            affected=self._affected(pair, columns),
            since=doubt.since,
            trial=doubt.trial,
        )

    def _affected(self, pair: _Pair, columns: tuple[str, ...]) -> Affected:
        present = [(name, pair.present.column(name)) for name in columns]
        real = tuple(self._real_name(pair, column) if column else name for name, column in present)
        wanted = [column for name in columns if (column := pair.wanted.column(name))]
        only = wanted[0] if len(columns) == len(wanted) == 1 else None
        before = present[0][1] if only else None
        return Affected(
            columns=real,
            present_type=before.type if before else "",
            wanted_type=only.type if only else "",
            default=only.default if only else None,
            nullable=not any(column.not_null for column in wanted),
            partitioned=pair.present.partition_key is not None,
        )

    def _as_planned(self, pair: _Pair, *asked: str, alias: str = "") -> str:
        """The target's rows as the source's table would show them once columns are renamed and converted: those columns
        that the expressions `asked` name. Domains are left aside, whose own rules are asked about by themselves."""
        shown = ", ".join(["tableoid", "ctid", *self._shown(pair, asked)])
        return f"(SELECT {shown} FROM {qualified(*pair.real)}) AS {quote(alias or pair.wanted.name)}"

    def _shown(self, pair: _Pair, asked: tuple[str, ...]) -> Iterator[str]:
        for wanted in pair.wanted.columns:
            present = pair.present.column(wanted.name)
            forms = (wanted.name, quote(wanted.name), ".*")  # PostgreSQL quotes as its version does
            if present is None or not any(form in each for form in forms for each in asked):
                continue
            name = quote(self._real_name(pair, present))
            if present.type != wanted.type:
                types = self._below_before.below(present.type), self._below.below(wanted.type)
                name = conversion(name, *types)
            yield f"{name} AS {quote(wanted.name)}"

    def _has(self, pair: _Pair, name: str) -> bool:
        return pair.present.column(name) is not None

    def _real_name(self, pair: _Pair, column: Column) -> str:
        return self._renamed.was(column_ref(pair.present, column)).name

    def _planned_key(self, pair: _Pair) -> tuple[str, ...]:
        """As `_key`, by the names of `_as_planned`."""
        key = pair.present.primary_key
        return _quoted(tuple(name for name in key.columns if pair.wanted.column(name))) if key else ()

    def _key(self, pair: _Pair) -> tuple[str, ...]:
        """By what people find a row again."""
        key = pair.present.primary_key
        columns = (pair.present.column(name) for name in key.columns) if key else ()
        return tuple(quote(self._real_name(pair, column)) for column in columns if column)


def _needs_a_value(column: Column) -> bool:
    filled = column.default is not None or column.identity is not None or column.generated is not None
    return column.not_null and not filled


def _quoted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(quote(name) for name in names)


def _new_rules(domain: Domain, before: Domain, statement: Statement) -> Iterator[tuple[str, Trouble]]:
    """The one that the statement adds."""
    if domain.not_null and not before.not_null and statement.sql.endswith(" NOT NULL"):
        yield "VALUE IS NULL", Trouble.NULL
    for constraint in domain.constraints:
        if f" ADD CONSTRAINT {quote(constraint.name)} " in statement.sql:
            yield f"NOT ({check_expression_of(constraint.definition)})", Trouble.BREAKS_CHECK
