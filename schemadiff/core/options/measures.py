"""Figures of an option that can be counted in the catalogs, each with how."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Catalog, Kind, ObjectRef, Table
from schemadiff.core.ddl.references import constraint_ref
from schemadiff.core.mapping import ColumnPair, QualifiedName
from schemadiff.core.options.option import Measure, Option
from schemadiff.core.plan import Plan, Statement

_WORD = re.compile(r'"(?:[^"]|"")+"|[^\W\d][\w$]*')
_TEXT = re.compile(r"'(?:[^']|'')*'")
_HAZARDS = {
    hazards.DATA_LOSS: "Statements that lose data",
    hazards.TABLE_REWRITE: "Statements that rewrite a table",
    hazards.BLOCKS_READS: "Statements that block readers",
    hazards.BLOCKS_WRITES: "Statements that block writers",
    hazards.MAY_FAIL_ON_ROWS: "Statements that rows can make fail",
    hazards.STALE_RESULTS: "Statements that leave stale results",
    hazards.INDEX_DROPPED: "Statements that drop an index",
    hazards.RULE_DROPPED: "Statements that drop a constraint or a unique index",
    hazards.ROW_VISIBILITY: "Statements that change who sees which rows",
    hazards.EXTENSION_VERSION: "Statements that need an extension",
    hazards.MISSING_ROLE: "Statements that need a role which is not there",
    hazards.NEWER_SERVER: "Statements that the target's server is too old for",
    hazards.LEAVES_INVALID_INDEX: "Statements that may leave an invalid index",
}
IF_CONFIRMED = "_if_confirmed"
"""Ends the keys of figures that take open suggestions for confirmed."""

_OF_THE_PLAN = "Counted in the option's plan."


def left_behind(source: Catalog, option: Option) -> tuple[tuple[QualifiedName, str], ...]:
    """The columns of the scope's tables that no confirmed pair uses, by table and place."""
    return tuple(_left_behind(source, option))


def measure(source: Catalog, target: Catalog, option: Option) -> tuple[Measure, ...]:
    """All of them, in a fixed order; hazards that no statement has are left out."""
    return (
        _tables_touched(option.plan),
        _columns_touched(option.plan),
        _columns_left_behind(source, option),
        _columns_filled(option),
        _mapping_rules(option),
        _foreign_keys_affected(target, option.plan),
        _statements(option.plan),
        *_hazards(option.plan),
    )


def measure_if_confirmed(source: Catalog, option: Option) -> tuple[Measure, ...]:
    """What work would be left once the open suggestions are confirmed; nothing where none is open."""
    count = option.mapping.unconfirmed_count
    if not count:
        return ()
    confirmed = replace(option, mapping=option.mapping.as_if_confirmed())
    return tuple(
        replace(
            each,
            key=f"{each.key}{IF_CONFIRMED}",
            label=f"{each.label}, once suggestions are confirmed",
            how=f"As if the {count} open suggestions had been confirmed. {each.how}",
        )
        for each in (_columns_left_behind(source, confirmed), _mapping_rules(confirmed))
    )


def figure(key: str, label: str, items: Sequence[str], how: str) -> Measure:
    """A figure whose every unit has a name."""
    return Measure(key=key, label=label, value=len(items), how=how, items=tuple(items))


def ddl(plan: Plan) -> tuple[Statement, ...]:
    """The plan's statements that change the schema: settings of the session are none."""
    return tuple(s for s in plan.statements if not s.sql.startswith(("SET ", "SELECT ")))


def _left_behind(source: Catalog, option: Option) -> Iterator[tuple[QualifiedName, str]]:
    for name in option.scope.tables:
        table = source.table(*name)
        mapped = option.mapping.all_for_source(name)
        if table is None or (not mapped and table.partition_of in option.scope.tables):
            continue
        used = _columns_used([pair for entry in mapped for pair in entry.accepted()], table)
        for column in table.columns:
            if column.name not in used and not column.generated:
                yield name, column.name


def _columns_used(pairs: Iterable[ColumnPair], table: Table) -> set[str]:
    """An expression uses the columns that it names. A name that only looks like a column counts as one."""
    names = {column.name for column in table.columns}
    used: set[str] = set()
    for pair in pairs:
        if pair.expression is None:
            used |= {pair.source} if pair.source else set()
        else:
            used |= names & set(_names_in(pair.expression))
    return used


def _names_in(expression: str) -> Iterator[str]:
    for word in _WORD.findall(_TEXT.sub(" ", expression)):
        yield word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


def _tables_touched(plan: Plan) -> Measure:
    touched = sorted({label for s in ddl(plan) for label in _table_labels(s.ref)})
    how = "Tables that the plan's statements make, alter or put aside."
    return figure("tables_touched", "Tables touched", touched, how)


def _table_labels(ref: ObjectRef) -> Iterator[str]:
    if ref.kind is Kind.TABLE:
        yield ref.label
    elif ref.parent:
        yield f"{ref.schema}.{ref.parent}"


def _columns_touched(plan: Plan) -> Measure:
    changed = (ref for s in ddl(plan) if s.provides or s.destroys for ref in s.provides | s.destroys)
    touched = sorted({ref.label for ref in changed if ref.kind is Kind.COLUMN and "\0" not in ref.name})
    how = "Columns that the plan's statements make, alter, drop or put aside with their tables."
    return figure("columns_touched", "Columns touched", touched, how)


def _columns_left_behind(source: Catalog, option: Option) -> Measure:
    lost = [f"{'.'.join(table)}.{column}" for table, column in left_behind(source, option)]
    how = "Source columns of the tables in scope that no confirmed pair of the mapping uses."
    return figure("columns_left_behind", "Columns left behind", lost, how)


def _columns_filled(option: Option) -> Measure:
    pairs = [(entry, pair) for entry in option.mapping.tables for pair in entry.accepted()]
    filled = [f"{'.'.join(entry.target)}.{p.target}" for entry, p in pairs if p.source or p.expression]
    how = "Target columns that a confirmed pair of the mapping fills."
    return figure("columns_filled", "Columns filled", filled, how)


def _mapping_rules(option: Option) -> Measure:
    """Equal names without an expression are no rule that somebody would have to check."""
    rules = [
        f"{'.'.join(entry.target)}.{pair.target}"
        for entry in option.mapping.tables
        for pair in entry.accepted()
        if pair.expression is not None or (pair.source is not None and pair.source != pair.target)
    ]
    how = "Confirmed pairs with another name or an expression."
    return figure("mapping_rules", "Rules of the mapping", rules, how)


def _foreign_keys_affected(target: Catalog, plan: Plan) -> Measure:
    """Of tables that are not themselves put aside."""
    gone = {ref for s in ddl(plan) for ref in s.destroys}
    keys = [
        f"{constraint_ref(table, key).label} → {'.'.join(key.references or ())}"
        for table in target.tables
        for key in table.foreign_keys
        if table.ref not in gone and constraint_ref(table, key) in gone
    ]
    how = "The target's foreign keys that the plan's statements take off tables which stay."
    return figure("foreign_keys_affected", "Foreign keys affected", keys, how)


def _statements(plan: Plan) -> Measure:
    count = len(ddl(plan))
    how = f"{_OF_THE_PLAN} Settings of the session are not counted."
    return Measure(key="statements", label="DDL statements", value=count, how=how)


def _hazards(plan: Plan) -> Iterator[Measure]:
    counts = Counter(code for s in plan.statements for code in {hazard.code for hazard in s.hazards})
    for code in hazards.CODES:
        if counts[code]:
            named = [h.message for s in plan.statements for h in s.hazards if h.code == code]
            yield Measure(
                key=f"hazards_{code.replace('-', '_')}",
                label=_HAZARDS[code],
                value=counts[code],
                how=_OF_THE_PLAN,
                items=tuple(sorted(named)),
            )
