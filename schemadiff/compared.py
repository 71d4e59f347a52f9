"""What a comparison's pages show, worked out once from its two snapshots and kept until it would be another."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemadiff import schema_sql, store
from schemadiff.core.breaking import breaking
from schemadiff.core.catalog import Catalog, Kind, ObjectRef, Table
from schemadiff.core.change_json import digest_of, entry_to_json
from schemadiff.core.changes import Diff, ObjectDiff
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.marks import FILTERED, counted_changes, mark_of, object_mark
from schemadiff.core.plan import Statement
from schemadiff.core.references import references_of
from schemadiff.core.renaming import propose_renames, rename
from schemadiff.core.severity import Judged, judge
from schemadiff.models import ComparedObject, Comparison
from schemadiff.store.compared import (
    HiddenBy,
    LeftOutKind,
    NamedObject,
    PossibleRename,
    Summary,
    keep_compared,
    kept_summary,
    places_of,
)
from schemadiff.store.compared_key import compared_key


def summary_of(comparison: Comparison) -> Summary:
    """The comparison's figures; its rows are there and true once this returns."""
    key = compared_key(comparison)
    kept = kept_summary(comparison)
    if kept is not None and kept.key == key:
        return kept
    return _work_out(comparison, key)


def _work_out(comparison: Comparison, key: str) -> Summary:
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    agreement = store.agreement_of(comparison)
    diff = agreement.diff
    judged = judge(diff, breaking(diff, agreement.wanted, target), _statements(comparison))
    rows = list(_rows(comparison, diff, judged, _Side.of(source), _Side.of(target)))
    summary = Summary(
        key=key,
        digest=_digest(row.digest for row in rows if row.digest),
        objects=len(diff.objects),
        differ=len(diff.different),
        tables=sum(row.kind == Kind.TABLE.value for row in rows),
        changes=_counted(mark_of(c).value for entry in diff.objects for c in counted_changes(entry)),
        states=_counted(object_mark(entry).value for entry in diff.different),
        severities=_counted(judged[entry.ref].severity.name for entry in diff.different),
        source_version=source.server_version,
        target_version=target.server_version,
        left_out=(*_left_out("source", source), *_left_out("target", target)),
        hidden=tuple(
            HiddenBy(label=one.rule.label, reason=one.rule.reason, changes=one.changes, objects=one.objects)
            for one in agreement.hidden
        ),
        not_as_the_rules_say=tuple(one.sentence for one in agreement.kept),
        possible_renames=tuple(_possible_renames(comparison, agreement.wanted, target)),
    )
    keep_compared(comparison, summary, rows)
    return summary


def _possible_renames(comparison: Comparison, wanted: Catalog, target: Catalog) -> Iterator[PossibleRename]:
    mapping = store.renames_mapping_of(comparison)
    for one in propose_renames(wanted, rename(wanted, target, mapping), mapping):
        yield PossibleRename(
            target=NamedObject.of(one.target),
            candidates=tuple(NamedObject.of(candidate.source) for candidate in one.candidates),
            reasons=one.candidates[0].reasons,
            message=one.message,
        )


def _statements(comparison: Comparison) -> tuple[Statement, ...]:
    """Of the plan; none where there is no plan (objects that need one another in a circle)."""
    try:
        return schema_sql.schema_plan_of(comparison).statements
    except SchemadiffError:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A catalog's top-level objects by reference, with the place of each in its JSON."""

    values: dict[ObjectRef, Any]
    places: dict[ObjectRef, str]

    @classmethod
    def of(cls, catalog: Catalog) -> "_Side":
        found = [(item.ref, place, item) for place, item in places_of(catalog)]
        return cls(
            values={ref: item for ref, _, item in found}, places={ref: place for ref, place, _ in found}
        )


def _rows(
    comparison: Comparison, diff: Diff, judged: dict[ObjectRef, Judged], source: _Side, target: _Side
) -> Iterator[ComparedObject]:
    for position, entry in enumerate(diff.objects):
        row = ComparedObject(
            project_id=comparison.project_id,
            comparison=comparison,
            position=position,
            key=entry.ref.key,
            kind=entry.ref.kind.value,
            label=entry.ref.label,
            mark=object_mark(entry).value,
        )
        _place(row, entry, source, target)
        if not entry.is_same:
            _tell(row, entry, judged[entry.ref])
        yield row


def _place(row: ComparedObject, entry: ObjectDiff, source: _Side, target: _Side) -> None:
    """Where the object is found on both sides, and by which words."""
    other = entry.target or entry.ref
    row.target_label = other.label if other != entry.ref else ""
    row.source_place, row.target_place = source.places.get(entry.ref, ""), target.places.get(other, "")
    values = source.values.get(entry.ref), target.values.get(other)
    row.table = next((name for value in values if (name := _table_of(value))), "")
    columns = {column.name for value in values for column in getattr(value, "columns", ())}
    parts = {change.ref.name for change in entry.parts}
    row.words = "\n".join([row.label, row.target_label, *sorted(columns | parts)]).lower()
    tables = [value if isinstance(value, Table) else None for value in values]
    if any(tables):
        row.references = [[one.name, one.to, one.mark.value] for one in references_of(entry, *tables)]


def _tell(row: ComparedObject, entry: ObjectDiff, judged: Judged) -> None:
    """What differs, and how grave it is."""
    changes = counted_changes(entry)
    row.changes = len(changes)
    row.marks = sum(1 << FILTERED.index(mark) for mark in {mark_of(change) for change in changes})
    row.severity = judged.severity.value
    row.reasons = list(judged.reasons)
    row.digest = digest_of(entry)
    row.entry = entry_to_json(entry)


def _table_of(value: Any) -> str:
    """The label of the table that a table, or a column's sequence, belongs to."""
    if isinstance(value, Table):
        return value.ref.label
    owned_by = getattr(value, "owned_by", None)
    return ".".join(owned_by[:2]) if owned_by else ""


def _left_out(side: str, catalog: Catalog) -> Iterator[LeftOutKind]:
    for one in catalog.uncompared:
        yield LeftOutKind(side=side, kind=one.kind, count=one.count, names=one.names)


def _counted(words: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _digest(digests: Iterator[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()
