"""Proving that source and target hold the same rows: a strict hash of each, compared range by range.

Every difference is counted. Rejected rows and rows that the target held before a run are accounted for, not
counted as differences.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from migration.core.checksums import Difference, DifferingRow, Sample
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import ChecksPlanned, Event, Level, Log, TableChecked, TableChecking
from migration.core.phases import Phase
from migration.engine import compared, ledger, owners
from migration.engine.carrying import Carriage, Equality, carriages_of
from migration.engine.estimates import sizes_by_name
from migration.engine.expressions import check_before_comparing
from migration.engine.failures import close_quietly, explained
from migration.engine.held import held_keys
from migration.engine.outlooks import with_outlooks
from migration.engine.rejects import count_rejects
from migration.engine.sessions import (
    Session,
    beside,
    join_snapshot,
    open_source,
    open_target_to_read,
    read_snapshot,
)
from migration.engine.table_check import Sides, TableView, view_of
from migration.engine.target_leads import warning_for
from schemadiff.core.mapping import Mapping

SAMPLE = 200
"""Of so many differing rows of a table and kind the keys are noted and the columns looked at."""

Report = Callable[[Event], None]
Note = Callable[[Carriage, tuple[DifferingRow, ...]], None]
"""Takes a table's sample of differing rows. Their keys are people's data: not for logs."""


def unnoted(carriage: Carriage, rows: tuple[DifferingRow, ...]) -> None:
    """Nobody wants to know which rows."""


def verify(
    source_dsn: str,
    target_dsn: str,
    mapping: Mapping,
    *,
    report: Report = lambda event: None,
    ledger_id: UUID | None = None,
    jobs: int = 1,
    equality: Equality = Equality.STRICT,
    sample: Sample | None = None,
    note: Note = unnoted,
) -> tuple[TableChecked, ...]:
    """Compare the mapped tables as both sides are now, `jobs` at a time; through the mapping's expressions.

    Without `ledger_id` the rejects of the target's latest run that carried all of its rows count. Raises RunFailed, and
    Refused for expressions that the source refuses whatever the row.
    """
    report = with_outlooks(report, streams=jobs, phase=Phase.VERIFY)
    source, target = beside(open_source(source_dsn), open_target_to_read, target_dsn)
    try:
        with (
            explained("The tables could not be compared", "Compare again"),
            read_snapshot(source) as snapshot,
        ):
            check_before_comparing(source, target, mapping)
            carriages = carriages_of(target, mapping.tables)
            run = ledger_id or latest_run(target)
            if (warning := warning_for(target, mapping)) is not None:
                report(warning)
            announce(source, carriages, report)
            if jobs < 2 or len(carriages) < 2:
                sides = Sides(source=source, target=target, ledger_id=run, equality=equality, sample=sample)
                return verify_tables(sides, carriages, report=report, note=note)
            one = partial(
                _verify_apart, source_dsn, target_dsn, snapshot, run, equality, sample, report, note
            )
            with ThreadPoolExecutor(jobs) as threads:
                return tuple(threads.map(one, carriages))
    finally:
        close_quietly(source, target)


def _verify_apart(
    source_dsn: str,
    target_dsn: str,
    snapshot: str,
    run: UUID | None,
    equality: Equality,
    sample: Sample | None,
    report: Report,
    note: Note,
    carriage: Carriage,
) -> TableChecked:
    """One table, by sessions of its own."""
    source, target = beside(open_source(source_dsn), open_target_to_read, target_dsn)
    try:
        with explained(f"“{'.'.join(carriage.name)}” could not be compared"):
            join_snapshot(source, snapshot)
        sides = Sides(source=source, target=target, ledger_id=run, equality=equality, sample=sample)
        return verify_tables(sides, [carriage], report=report, note=note)[0]
    finally:
        close_quietly(source, target)


def latest_run(target: Session) -> UUID | None:
    """The latest run that carried all of its rows: its rejects are accounted for."""
    run = ledger.latest_copied(target)
    return run.id if run else None


def announce(source: Session, carriages: Sequence[Carriage], report: Report) -> None:
    """Say how much there is to be compared."""
    report(ChecksPlanned(sizes=tuple(sizes_by_name(source, carriages).items())))


def verify_tables(
    sides: Sides,
    carriages: Sequence[Carriage],
    *,
    report: Report,
    should_stop: Callable[[], bool] = lambda: False,
    note: Note = unnoted,
) -> tuple[TableChecked, ...]:
    """Each table in turn, reported as it is done. Raises RunStopped between two."""
    checked = []
    for carriage in carriages:
        if should_stop():
            raise RunStopped(f"The run was stopped before “{'.'.join(carriage.target)}” was compared.")
        report(TableChecking(table=carriage.name))
        with explained(f"“{'.'.join(carriage.name)}” could not be compared"):
            found = _verify_table(sides, carriage, report, note)
        report(found)
        checked.append(found)
    return tuple(checked)


def _verify_table(sides: Sides, carriage: Carriage, report: Report, note: Note) -> TableChecked:
    rejected = count_rejects(sides.target, sides.ledger_id, carriage.name) if sides.ledger_id else 0
    view = view_of(sides, carriage)
    if view is None:
        return _verify_without_key(sides, carriage, rejected)
    counts: Counter[Difference] = Counter()
    noted: list[DifferingRow] = []
    for row in view.differing():
        counts[row.difference] += 1
        if counts[row.difference] <= SAMPLE:
            noted.append(row)
    if view.looked_into is not None:
        report(Log(message=_sample_sentence(view), level=Level.WARNING))
    if noted:
        _explain(view, counts, noted, report)
        note(carriage, tuple(noted))
    return TableChecked(
        table=carriage.name,
        target=carriage.target,
        source_rows=view.rows[0],
        target_rows=view.target_rows,
        rejected_rows=rejected,
        differing=counts.total(),
        method=view.method,
        missing=counts[Difference.MISSING],
        surplus=counts[Difference.SURPLUS],
        different=counts[Difference.DIFFERENT],
    )


def _sample_sentence(view: TableView) -> str:
    count, looked_into = view.ranges.count, view.looked_into or 0
    return (
        f"{'.'.join(view.carriage.target)}: only a sample was compared, {looked_into:,} of {count:,} "
        f"{view.ranges.what} ({100 * looked_into / count:.2g} %). Nothing is known of the other rows."
    )


_KINDS = {
    Difference.MISSING: "only in the source",
    Difference.SURPLUS: "only in the target",
    Difference.DIFFERENT: "with different values",
}


def _explain(
    view: TableView, counts: Counter[Difference], noted: Sequence[DifferingRow], report: Report
) -> None:
    """How many of which kind, and which columns; no keys and no values."""
    told = ", ".join(f"{counts[kind]:,} {words}" for kind, words in _KINDS.items() if counts[kind])
    keys = tuple(dict.fromkeys(row.key for row in noted if row.difference is Difference.DIFFERENT))
    columns, alike = _differing_columns(view, keys)
    carriage = view.carriage
    source, target = ".".join(carriage.name), ".".join(carriage.target)
    message = f"{target} differs{'' if target == source else f' from {source}'}: {told}"
    message += f" (in {', '.join(columns)})." if columns else "."
    if alike:
        message += (
            f" {alike:,} of the {len(keys):,} that were looked at mean the same and are only written "
            "differently (1.5 and 1.50, say): --semantic takes them for equal."
        )
    report(Log(message=message, level=Level.WARNING))


def _differing_columns(view: TableView, keys: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The columns, and how many of the rows differ in no column's meaning."""
    if not keys:
        return (), 0
    carriage = view.carriage
    here, there = view.sides.ask(partial(compared.column_hashes, keys=keys), view.faces)
    differing = {
        place
        for key in here.keys() & there.keys()
        for place, (one, other) in enumerate(zip(here[key], there[key], strict=True))
        if one != other
    }
    names = tuple(column.name for place, column in enumerate(carriage.columns) if place in differing)
    return names, 0 if view.sides.equality is Equality.SEMANTIC else _alike(view, keys)


def _alike(view: TableView, keys: Sequence[str]) -> int:
    faces = view.faces_by(Equality.SEMANTIC)
    here, there = view.sides.ask(partial(compared.column_hashes, keys=keys), faces)
    return sum(here[key] == there.get(key) for key in here)


def _verify_without_key(sides: Sides, carriage: Carriage, rejected: int) -> TableChecked:
    """Nothing tells rows apart: counts, and one sum over all of them where every row was carried over."""
    if carriage.together:
        raise RunFailed(owners.lacks_key(carriage))
    faces = sides.faces(carriage, (), ())
    held = len(held_keys(sides.target, sides.ledger_id, carriage.target)) if sides.ledger_id else 0
    sums_tell = not rejected and not held
    here, there = sides.ask(compared.whole_sum if sums_tell else compared.whole_count, faces)
    missing = abs(here.rows - rejected - (there.rows - held))
    differing = missing or int(here.total != there.total)
    return TableChecked(
        table=carriage.name,
        target=carriage.target,
        source_rows=here.rows,
        target_rows=there.rows,
        rejected_rows=rejected,
        differing=differing,
        method="count and one sum of all rows (no key)" if sums_tell else "count only (no key, and rejects)",
    )
