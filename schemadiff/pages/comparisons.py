"""The pages of comparisons: the list, the forms, and the differences themselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlparse

from schemadiff import schema_sql, store
from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.changes import Diff, Renamed
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.plan import Statement
from schemadiff.exports import FORMATS
from schemadiff.forms.comparisons import ComparisonForm, ScopeForm
from schemadiff.models import Comparison
from schemadiff.pages.comparison_filters import Filters, Mark, object_mark
from schemadiff.pages.object_list import FilterBar, ObjectList, filter_bar, object_list
from schemadiff.pages.object_panel import ObjectPanel, object_panel

EXPORTS = tuple((key, format.name) for key, format in FORMATS.items())

_COUNTED = {
    Mark.CHANGED: "changed",
    Mark.RENAMED: "renamed",
    Mark.REMOVED: "only in the source",
    Mark.ADDED: "only in the target",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonsPage:
    comparisons: tuple[Comparison, ...]
    can_compare: bool  # there are two connections
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonFormPage:
    form: ComparisonForm
    connections: int
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePage:
    comparison: Comparison
    form: ScopeForm
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Objects of one kind that a side holds and that are not compared."""

    side: str
    kind: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """`panel` is the chosen object, else the first that is listed."""

    comparison: Comparison
    versions: str
    verdict: str
    verdict_state: str
    objects: int
    differ: int
    left_out: tuple[LeftOut, ...]
    filters: Filters
    bar: FilterBar
    listing: ObjectList
    panel: ObjectPanel | None
    wanted: str  # the key that was asked for and is not there
    exports: tuple[tuple[str, str], ...] = EXPORTS
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStatement:
    text: str
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSqlPage:
    """What brings one object of the target to what it is in the source; `refusal` says why there is none."""

    comparison: Comparison
    key: str
    label: str
    statements: tuple[SqlStatement, ...]
    refusal: str = ""
    hazards: int = 0
    section: str = "comparisons"


def comparison_page(comparison: Comparison, filters: Filters) -> ComparisonPage:
    """Everything the diff page shows first."""
    diff = store.diff_of(comparison)
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    listing = object_list(diff, source, target, filters)
    chosen = filters.object or listing.first
    panel = object_panel(diff, source, target, store.mapping_of(comparison), filters, chosen)
    differ = len(diff.different)
    if not filters.object:
        listing = object_list(diff, source, target, replace(filters, object=chosen))
    return ComparisonPage(
        comparison=comparison,
        versions=f"PostgreSQL {_version(source)} → {_version(target)}",
        verdict=_verdict(diff, differ),
        verdict_state="warn" if differ else "ok",
        objects=len(diff.objects),
        differ=differ,
        left_out=(*_left_out("source", source), *_left_out("target", target)),
        filters=filters,
        bar=filter_bar(diff, filters),
        listing=listing,
        panel=panel,
        wanted=filters.object if panel is None else "",
    )


def listing_of(comparison: Comparison, filters: Filters) -> tuple[ObjectList, FilterBar]:
    """Only the list and the filters that led to it, for a fragment."""
    diff = store.diff_of(comparison)
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    return object_list(diff, source, target, filters), filter_bar(diff, filters)


def panel_of(comparison: Comparison, filters: Filters, key: str) -> ObjectPanel | None:
    """Only one object, for a fragment."""
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    diff, mapping = store.diff_of(comparison), store.mapping_of(comparison)
    return object_panel(diff, source, target, mapping, filters, key)


def object_sql_page(comparison: Comparison, key: str) -> ObjectSqlPage | None:
    """The statements about one object; None where there is no such object."""
    entry = next((entry for entry in store.diff_of(comparison).objects if entry.ref.key == key), None)
    if entry is None:
        return None
    refs = [entry.ref, entry.own.target] if isinstance(entry.own, Renamed) else [entry.ref]
    try:
        statements, refusal = _statements(comparison, refs), ""
    except SchemadiffError as exc:
        statements, refusal = (), str(exc)
    return ObjectSqlPage(
        comparison=comparison,
        key=key,
        label=entry.ref.label,
        statements=statements,
        refusal=refusal,
        hazards=sum(len(statement.hazards) for statement in statements),
    )


def _statements(comparison: Comparison, refs: Iterable[ObjectRef]) -> tuple[SqlStatement, ...]:
    found = [statement for ref in refs for statement in schema_sql.statements_of(comparison, ref)]
    return tuple(_sql_statement(statement) for statement in found)


def _sql_statement(statement: Statement) -> SqlStatement:
    return SqlStatement(
        text=sqlparse.format(statement.sql, keyword_case="upper").strip() + ";",
        hazards=tuple(hazard.message for hazard in statement.hazards),
    )


def _verdict(diff: Diff, differ: int) -> str:
    total = len(diff.objects)
    if not differ:
        if not any(entry.ref.kind is Kind.TABLE for entry in diff.objects):
            return "The schemas agree: neither database has a table."
        return f"The schemas agree: all {total:,} objects are the same."
    counts = Counter(object_mark(entry) for entry in diff.different)
    parts = [f"{counts[mark]:,} {words}" for mark, words in _COUNTED.items() if counts[mark]]
    return f"{differ:,} of {total:,} objects {'differs' if differ == 1 else 'differ'}: {', '.join(parts)}."


def _version(catalog: Catalog) -> str:
    return f"{catalog.server_version // 10000}.{catalog.server_version % 10000}"


def _left_out(side: str, catalog: Catalog) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(side=side, kind=_plural(one.kind, one.count), count=one.count, names=one.names)
        for one in catalog.uncompared
    )


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
