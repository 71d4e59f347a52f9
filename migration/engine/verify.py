"""Proving that source and target hold the same rows: a strict hash of each, compared range by range.

Every difference is counted. Rejected rows and rows that the target held before a run are accounted for, not
counted as differences.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from psycopg import sql

from migration.core.checksums import RowDifferences, batches, compare_rows, differing_ranges
from migration.core.errors import RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.core.phases import Phase
from migration.engine import compared, ledger
from migration.engine.carrying import Carriage, CarriedColumn, carriage_of
from migration.engine.compared import Face, Ranges
from migration.engine.failures import close_quietly, explained
from migration.engine.held import held_keys
from migration.engine.keys import find_key
from migration.engine.rejects import count_rejects, rejected_keys, unreadable_keys
from migration.engine.sessions import Session, join_snapshot, open_source, open_target_to_read, read_snapshot
from schemadiff.core.mapping import Mapping

_SAMPLE = 200  # differing rows whose columns are looked at

_Answer = TypeVar("_Answer")
Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sessions, and the run whose rejects are accounted for (None: there was none)."""

    source: Session
    target: Session
    ledger_id: UUID | None

    def ask(
        self, question: Callable[[Session, Face], _Answer], faces: tuple[Face, Face]
    ) -> tuple[_Answer, _Answer]:
        """Ask both sides at once."""
        with ThreadPoolExecutor(2) as threads:
            on_source = threads.submit(question, self.source, faces[0])
            on_target = threads.submit(question, self.target, faces[1])
            return on_source.result(), on_target.result()


def verify(
    source_dsn: str,
    target_dsn: str,
    mapping: Mapping,
    *,
    report: Report = lambda event: None,
    ledger_id: UUID | None = None,
    jobs: int = 1,
) -> tuple[TableChecked, ...]:
    """Compare the mapped tables as both sides are now, `jobs` at a time; through the mapping's expressions.

    Without `ledger_id` the rejects of the target's latest finished run count. Raises RunFailed.
    """
    source, target = open_source(source_dsn), open_target_to_read(target_dsn)
    try:
        with explained("The tables could not be compared"), read_snapshot(source) as snapshot:
            carriages = [carriage_of(target, entry) for entry in mapping.tables]
            run = ledger_id or _latest_run(target)
            if jobs < 2 or len(carriages) < 2:
                sides = Sides(source=source, target=target, ledger_id=run)
                return verify_tables(sides, carriages, report=report)
            one = partial(_verify_apart, source_dsn, target_dsn, snapshot, run, report)
            with ThreadPoolExecutor(jobs) as threads:
                return tuple(threads.map(one, carriages))
    finally:
        close_quietly(source, target)


def _verify_apart(
    source_dsn: str, target_dsn: str, snapshot: str, run: UUID | None, report: Report, carriage: Carriage
) -> TableChecked:
    """One table, by sessions of its own."""
    source, target = open_source(source_dsn), open_target_to_read(target_dsn)
    try:
        with explained(f"“{'.'.join(carriage.source)}” could not be compared"):
            join_snapshot(source, snapshot)
        sides = Sides(source=source, target=target, ledger_id=run)
        return verify_tables(sides, [carriage], report=report)[0]
    finally:
        close_quietly(source, target)


def _latest_run(target: Session) -> UUID | None:
    finished = (run.id for run in ledger.runs(target) if run.phase is Phase.FINISH)
    return next(finished, None)


def verify_tables(
    sides: Sides,
    carriages: Sequence[Carriage],
    *,
    report: Report,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[TableChecked, ...]:
    """Each table in turn, reported as it is done. Raises RunStopped between two."""
    checked = []
    for carriage in carriages:
        if should_stop():
            raise RunStopped(f"The run was stopped before “{'.'.join(carriage.target)}” was compared.")
        with explained(f"“{'.'.join(carriage.source)}” could not be compared"):
            found = _verify_table(sides, carriage, report)
        report(found)
        checked.append(found)
    return tuple(checked)


def _verify_table(sides: Sides, carriage: Carriage, report: Report) -> TableChecked:
    rejected = count_rejects(sides.target, sides.ledger_id, carriage.source) if sides.ledger_id else 0
    key = compared.shared_key(sides.source, sides.target, carriage)
    if not key:
        return _verify_without_key(sides, carriage, rejected)
    own = find_key(sides.source, carriage.source)
    unreadable = (
        unreadable_keys(sides.target, sides.ledger_id, carriage.source) if sides.ledger_id and own else ()
    )
    readable = (
        sql.SQL("NOT ({})").format(own.one_of(unreadable)) if own and unreadable else compared.EVERY_ROW
    )
    faces = compared.faces(carriage, key, own.columns if own else (), readable)
    ranges, rows = _ranges_of(sides, key, faces)
    differences = _differences(sides, carriage, faces, ranges)
    if differences.count:
        _explain(sides, carriage, faces, differences, report)
    return TableChecked(
        table=carriage.source,
        target=carriage.target,
        source_rows=rows[0] + len(unreadable),
        target_rows=rows[1],
        rejected_rows=rejected,
        differing=differences.count,
        method=ranges.method,
    )


def _ranges_of(
    sides: Sides, key: Sequence[CarriedColumn], faces: tuple[Face, Face]
) -> tuple[Ranges, tuple[int, int]]:
    if compared.is_whole_number(key):
        extents = sides.ask(compared.extent, faces)
        by_number = compared.number_ranges(key[0].name, extents)
        if by_number is not None:
            return by_number, (extents[0][0], extents[1][0])
    counts = sides.ask(compared.count_rows, faces)
    return compared.hash_ranges(key, max(counts)), counts


def _differences(
    sides: Sides, carriage: Carriage, faces: tuple[Face, Face], ranges: Ranges
) -> RowDifferences:
    on_source, on_target = sides.ask(partial(compared.sums, ranges=ranges), faces)
    suspects = differing_ranges(on_source, on_target)
    if not suspects:
        return RowDifferences()
    rejected = (
        rejected_keys(sides.target, sides.ledger_id, carriage.source) if sides.ledger_id else frozenset()
    )
    held = held_keys(sides.target, sides.ledger_id, carriage) if sides.ledger_id else frozenset()
    total = RowDifferences()
    for some in batches(suspects, ranges.at_a_time):
        here, there = sides.ask(partial(compared.hashed_rows, ranges=ranges, numbers=some), faces)
        total = _add(total, compare_rows(here, there, rejected=rejected, held=held))
    return total


def _add(one: RowDifferences, other: RowDifferences) -> RowDifferences:
    return RowDifferences(
        only_source=one.only_source + other.only_source,
        only_target=one.only_target + other.only_target,
        different=one.different + other.different,
    )


def _explain(
    sides: Sides, carriage: Carriage, faces: tuple[Face, Face], differences: RowDifferences, report: Report
) -> None:
    """How many of which kind, and which columns; no keys and no values."""
    kinds = (
        (len(differences.only_source), "only in the source"),
        (len(differences.only_target), "only in the target"),
        (len(differences.different), "with different values"),
    )
    told = ", ".join(f"{count:,} {kind}" for count, kind in kinds if count)
    columns = _differing_columns(sides, carriage, faces, differences.different[:_SAMPLE])
    report(
        Log(
            message=f"{'.'.join(carriage.target)} differs from {'.'.join(carriage.source)}: {told}"
            + (f" (in {', '.join(columns)})." if columns else "."),
            level=Level.WARNING,
        )
    )


def _differing_columns(
    sides: Sides, carriage: Carriage, faces: tuple[Face, Face], keys: Sequence[str]
) -> tuple[str, ...]:
    if not keys:
        return ()
    here, there = sides.ask(partial(compared.column_hashes, keys=keys), faces)
    differing = {
        place
        for key in here.keys() & there.keys()
        for place, (one, other) in enumerate(zip(here[key], there[key], strict=True))
        if one != other
    }
    return tuple(column.name for place, column in enumerate(carriage.columns) if place in differing)


def _verify_without_key(sides: Sides, carriage: Carriage, rejected: int) -> TableChecked:
    """Nothing tells rows apart: counts, and one sum over all of them where every row was carried over."""
    faces = compared.faces(carriage, (), (), compared.EVERY_ROW)
    held = len(held_keys(sides.target, sides.ledger_id, carriage)) if sides.ledger_id else 0
    sums_tell = not rejected and not held
    here, there = sides.ask(compared.whole_sum if sums_tell else compared.whole_count, faces)
    missing = abs(here.rows - rejected - (there.rows - held))
    differing = missing or int(here.total != there.total)
    return TableChecked(
        table=carriage.source,
        target=carriage.target,
        source_rows=here.rows,
        target_rows=there.rows,
        rejected_rows=rejected,
        differing=differing,
        method="count and one sum of all rows (no key)" if sums_tell else "count only (no key, and rejects)",
    )
