"""Mappings as rows, a row for each target column that something fills."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from schemadiff.core.mapping import (
    Certainty,
    ColumnPair,
    Mapping,
    PairStatus,
    QualifiedName,
    TableMapping,
    in_parts,
)
from schemadiff.models import Comparison, Pair
from schemadiff.store.evidence import forget_measures
from schemadiff.store.renames import renames_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCounts:
    confirmed: int
    suggested: int
    rejected: int


def mapping_of(comparison: Comparison) -> Mapping:
    """The comparison's mapping; two queries."""
    rows = Pair.objects.filter(comparison=comparison).order_by(
        "source_schema", "source_table", "target_schema", "target_table", "pk"
    )
    tables = in_parts(_table(tuple(group)) for _, group in groupby(rows, key=_tables))
    return Mapping(tables=tables, renames=renames_of(comparison))


def renames_mapping_of(comparison: Comparison) -> Mapping:
    """The part of the mapping that says what is the same under two names: a table of another name is that only if
    a person had a hand in it, be it at one of its columns. Two queries."""
    mapping = mapping_of(comparison)
    named = Pair.objects.filter(comparison=comparison, decided_at__isnull=False)
    decided = set(named.values_list("source_schema", "source_table"))
    tables = (entry for entry in mapping.tables if entry.source == entry.target or entry.source in decided)
    return replace(mapping, tables=tuple(tables))


def mapping_of_table(comparison: Comparison, source: QualifiedName) -> TableMapping | None:
    """What one source table became; one query."""
    rows = Pair.objects.filter(comparison=comparison, source_schema=source[0], source_table=source[1])
    found = groupby(rows.order_by("target_schema", "target_table", "pk"), key=_tables)
    return next(iter(in_parts(_table(tuple(group)) for _, group in found)), None)


def entry_of(pair: Pair) -> TableMapping:
    """The two tables of a pair, as the mapping calls them; without pairs. Two queries."""
    mapping = mapping_of(pair.comparison)
    return next(
        replace(each, pairs=())
        for each in mapping.all_for_source((pair.source_schema, pair.source_table))
        if each.target == (pair.target_schema, pair.target_table)
    )


def mapping_counts(comparison: Comparison) -> MappingCounts:
    """How many pairs are in which status; one query."""
    status = {s: Count("pk", filter=Q(status=s.value)) for s in PairStatus}
    counts = Pair.objects.filter(comparison=comparison).aggregate(
        **{s.value: expression for s, expression in status.items()}
    )
    return MappingCounts(**counts)


def save_mapping(comparison: Comparison, mapping: Mapping, *, user: User | None = None) -> None:
    """Replace the comparison's mapping as a whole. What was measured on the old one is void."""
    with transaction.atomic():
        Pair.objects.filter(comparison=comparison).delete()
        Pair.objects.bulk_create(
            _row(comparison, table, pair, user) for table in mapping.tables for pair in table.pairs
        )
        forget_measures(comparison)


def add_pairs(comparison: Comparison, mapping: Mapping) -> None:
    """As nobody's decision. None of them may fill a target column that another pair fills."""
    Pair.objects.bulk_create(
        _row(comparison, table, pair, None) for table in mapping.tables for pair in table.pairs
    )


def fit_mapping(comparison: Comparison, suggested: Mapping) -> None:
    """Give tables new in the scope their suggestions and forget those of tables that left it.

    What people have said about the tables that stay is kept, with who and when; what they fill is suggested to no
    other.
    """
    kept = {table.source for table in suggested.tables}
    with transaction.atomic():
        known = mapping_of(comparison)
        for table in known.tables:
            if table.source not in kept:
                Pair.objects.filter(
                    comparison=comparison, source_schema=table.source[0], source_table=table.source[1]
                ).delete()
        taken = {table.target for table in known.tables if table.source in kept} - suggested.merged().keys()
        Pair.objects.bulk_create(
            _row(comparison, table, pair, None)
            for table in suggested.tables
            if known.for_source(table.source) is None and table.target not in taken
            for pair in table.pairs
        )


def decide_pair(pair: Pair, status: PairStatus, *, user: User) -> None:
    """Record what a person said of a pair, who and when. What was measured on the old mapping is void.

    Saying again what is already so changes nothing.
    """
    with transaction.atomic():
        changed = (
            Pair.objects.filter(pk=pair.pk)
            .exclude(status=status.value)
            .update(status=status.value, decided_by=user, decided_at=timezone.now())
        )
        if changed:
            forget_measures(pair.comparison)


def set_pair(comparison: Comparison, table: TableMapping, pair: ColumnPair, *, user: User) -> None:
    """Record what of a source table fills one target column, in place of what did. `table` names the two tables, and
    which rows."""
    with transaction.atomic():
        Pair.objects.filter(comparison=comparison, target_column=pair.target, **_of_tables(table)).delete()
        _row(comparison, table, pair, user).save()
        forget_measures(comparison)


def put_table(comparison: Comparison, table: TableMapping, *, user: User) -> None:
    """Record all that fills a target table from a source table, in place of what did between these two."""
    with transaction.atomic():
        Pair.objects.filter(comparison=comparison, **_of_tables(table)).delete()
        Pair.objects.bulk_create(_row(comparison, table, pair, user) for pair in table.pairs)
        forget_measures(comparison)


def set_condition(comparison: Comparison, table: TableMapping, *, user: User) -> None:
    """Record which rows go from one table into the other: `table.where`. Its confirmed pairs were decided so now."""
    pairs = Pair.objects.filter(comparison=comparison, **_of_tables(table))
    with transaction.atomic():
        pairs.update(row_condition=table.where or "")
        pairs.filter(status=PairStatus.CONFIRMED.value).update(decided_by=user, decided_at=timezone.now())
        forget_measures(comparison)


def forget_table(comparison: Comparison, table: TableMapping) -> None:
    """Nothing goes from one table into the other any more."""
    with transaction.atomic():
        Pair.objects.filter(comparison=comparison, **_of_tables(table)).delete()
        forget_measures(comparison)


def replace_tables(comparison: Comparison, mapping: Mapping, *, user: User) -> None:
    """Replace what is known about the source tables that `mapping` names, and leave the others.

    None of its target tables may be one that another source table fills, which it does not name.
    """
    with transaction.atomic():
        for table in mapping.tables:
            Pair.objects.filter(
                comparison=comparison, source_schema=table.source[0], source_table=table.source[1]
            ).delete()
        Pair.objects.bulk_create(
            _row(comparison, table, pair, user) for table in mapping.tables for pair in table.pairs
        )
        forget_measures(comparison)


def confirm_above(
    comparison: Comparison, score: float, *, user: User, table: TableMapping | None = None
) -> int:
    """Confirm every unambiguous suggestion (of two tables, or of all) with at least this score; how many.

    What is ambiguous or a near miss is looked at one by one.
    """
    pairs = Pair.objects.filter(comparison=comparison, status=PairStatus.SUGGESTED.value, score__gte=score)
    pairs = pairs.exclude(certainty__in=[Certainty.AMBIGUOUS.value, Certainty.NEAR_MISS.value])
    if table is not None:
        pairs = pairs.filter(**_of_tables(table))
    with transaction.atomic():
        count = pairs.update(status=PairStatus.CONFIRMED.value, decided_by=user, decided_at=timezone.now())
        if count:
            forget_measures(comparison)
    return count


def decide_table(comparison: Comparison, table: TableMapping, status: PairStatus, *, user: User) -> int:
    """Record what a person said of every suggestion of two tables at once, however likely; of how many."""
    pairs = Pair.objects.filter(comparison=comparison, status=PairStatus.SUGGESTED.value, **_of_tables(table))
    with transaction.atomic():
        count = pairs.update(status=status.value, decided_by=user, decided_at=timezone.now())
        if count:
            forget_measures(comparison)
    return count


def _of_tables(table: TableMapping) -> dict[str, str]:
    return {
        "source_schema": table.source[0],
        "source_table": table.source[1],
        "target_schema": table.target[0],
        "target_table": table.target[1],
    }


def _table(rows: Sequence[Pair]) -> TableMapping:
    """Of the pairs of two tables, one at least."""
    key = _tables(rows[0])
    return TableMapping(
        source=key[:2],
        target=key[2:],
        pairs=tuple(_pair(row) for row in rows),
        where=rows[0].row_condition or None,
    )


def _tables(row: Pair) -> tuple[str, str, str, str]:
    return (row.source_schema, row.source_table, row.target_schema, row.target_table)


def _pair(row: Pair) -> ColumnPair:
    return ColumnPair(
        target=row.target_column,
        source=row.source_column or None,
        expression=row.expression or None,
        inverse=row.inverse or None,
        status=PairStatus(row.status),
        score=row.score,
        reasons=tuple(row.reasons),
        certainty=Certainty(row.certainty) if row.certainty else None,
    )


def _row(comparison: Comparison, table: TableMapping, pair: ColumnPair, user: User | None) -> Pair:
    return Pair(
        project_id=comparison.project_id,
        comparison=comparison,
        source_schema=table.source[0],
        source_table=table.source[1],
        source_column=pair.source or "",
        target_schema=table.target[0],
        target_table=table.target[1],
        target_column=pair.target,
        row_condition=table.where or "",
        expression=pair.expression or "",
        inverse=pair.inverse or "",
        status=pair.status.value,
        score=pair.score,
        reasons=list(pair.reasons),
        certainty=pair.certainty.value if pair.certainty else "",
        decided_by=user,
        decided_at=timezone.now() if user else None,
    )
