"""What a rehearsal with rows found, as figures: each with its label and how it was measured. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migration.core.events import RejectsGrouped, TableChecked, TableProgress
from migration.core.machine_time import CONFIDENCE, FEWEST, Chunk, MachineTime, machine_time
from migration.core.phases import Phase
from schemadiff.core.mapping import Mapping as ColumnMapping
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.mending import MENDABLE, Mending, item_of
from schemadiff.core.options.option import Measure, Option
from schemadiff.evidence.queries import QueryOutcome, QueryVerdict

_NOT_NULL = "23502"
_BETWEEN_ROWS = frozenset({"23503", "23505", "23P01"})  # foreign keys, unique keys, exclusion
_STILL = (Phase.COPY, Phase.INDEXES, Phase.SEQUENCES, Phase.VERIFY)
_NO_KEY = "42P10"  # ON CONFLICT names columns that no unique key has


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """`failure` says why the run did not come to its end; it is empty if it did."""

    tables: tuple[TableProgress, ...]
    rejects: tuple[RejectsGrouped, ...]
    checked: tuple[TableChecked, ...]
    seconds: Mapping[Phase, float]
    chunks: tuple[Chunk, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every figure's `how` says: where it was rehearsed, and with which rows."""

    where: str
    rows: str

    @property
    def how(self) -> str:
        return f"Carried out on {self.where} by the engine that runs use, with {self.rows}"

    def with_gaps(self, count: int) -> "Told":
        """That so many pairs of the mapping are not confirmed, where there are some."""
        if not count:
            return self
        return replace(self, rows=f"{self.rows}; {count} pairs that nobody has confirmed carried nothing")


def of_rehearsal(
    found: Rehearsed, option: Option, told: Told, counts: Mapping[QualifiedName, int]
) -> tuple[Measure, ...]:
    """All of them; where the run failed only that, with the sentence. `counts` are the rows of the source's tables."""
    if found.failure:
        return (
            Measure(
                key="rehearsal_failed",
                label="Rehearsals that failed",
                value=1,
                how=f"{told.how}.",
                items=(found.failure,),
            ),
        )
    return (
        _rows("rows_rehearsed", "Rows rehearsed with", found, told, lambda t: t.rows_written + t.rejects),
        _rows("rows_written", "Rows written", found, told, lambda t: t.rows_written),
        _refused("rejects", "Rows refused", found.rejects, told),
        *_by_class(found.rejects, option.mapping, told),
        _equal(found, told),
        *_times(found, told),
        *_machine_time(found, option, told, counts),
    )


def of_missing_keys(verdicts: Sequence[QueryVerdict], how: str) -> Measure:
    """The queries that a unique key would help."""
    failing = [verdict for verdict in verdicts if verdict.outcome is QueryOutcome.FAILS]
    wanting = [verdict for verdict in failing if verdict.sqlstate == _NO_KEY]
    return Measure(
        key="queries_need_key",
        label="Queries that fail for want of a unique key",
        value=len(wanting),
        how=how,
        items=tuple(f"{verdict.name}: {verdict.detail}" for verdict in wanting),
    )


def of_mendable(steps: Mapping[Mending, Sequence[str]]) -> Measure:
    """The columns that each step of transform would fill by an expression, the steps each by itself."""
    items = tuple(item_of(mending, column) for mending, columns in steps.items() for column in columns)
    return Measure(
        key=MENDABLE,
        label="Columns that a proposed expression would mend",
        value=len({item.partition(": ")[2] for item in items}),
        how="Values of confirmed columns looked at in the source, a sample of big tables: other units, keys that "
        "become others or have no row, words that the target does not know, what is too long or empty.",
        items=items,
    )


def _rows(
    key: str, label: str, found: Rehearsed, told: Told, count: Callable[[TableProgress], int]
) -> Measure:
    counts = [(table, count(table)) for table in found.tables]
    return Measure(
        key=key,
        label=label,
        value=sum(number for _, number in counts),
        how=f"{told.how}.",
        items=tuple(f"{'.'.join(table.table)}: {number:,}" for table, number in counts),
    )


def _by_class(rejects: Sequence[RejectsGrouped], mapping: ColumnMapping, told: Told) -> Iterator[Measure]:
    """What can be done about a refusal depends on its kind."""
    filled = {
        (entry.name, pair.target)
        for entry in mapping.tables
        for pair in entry.accepted()
        if pair.source or pair.expression
    }
    unfilled = [r for r in rejects if r.sqlstate == _NOT_NULL and (r.table, r.column) not in filled]
    between = [r for r in rejects if r.sqlstate in _BETWEEN_ROWS]
    unfit = [r for r in rejects if r not in unfilled and r not in between]
    yield _refused(
        "rejects_unfilled", "Refused: nothing fills a column that must not be null", unfilled, told
    )
    yield _refused(
        "rejects_unfit", "Refused: a type, a check or a NOT NULL does not take the value", unfit, told
    )
    yield _refused(
        "rejects_between_rows",
        "Refused: a row that is referred to is missing, or a key is taken",
        between,
        told,
    )


def _refused(key: str, label: str, rejects: Sequence[RejectsGrouped], told: Told) -> Measure:
    ordered = sorted(rejects, key=lambda r: (-r.count, r.table, r.reason))
    return Measure(
        key=key,
        label=label,
        value=sum(r.count for r in ordered),
        how=f"{told.how}; counted by table and reason.",
        items=tuple(f"{'.'.join(r.table)}: {r.count:,} because {r.reason}" for r in ordered),
    )


def _equal(found: Rehearsed, told: Told) -> Measure:
    counts = [(c, min(c.source_rows - c.rejected_rows, c.target_rows)) for c in found.checked]
    return Measure(
        key="rows_equal",
        label="Rows verified equal",
        value=sum(number for _, number in counts),
        how=f"{told.how}; both sides compared afterwards, the mapping's expressions worked out again.",
        items=tuple(f"{'.'.join(c.table)}: {number:,} by {c.method}" for c, number in counts),
    )


def _times(found: Rehearsed, told: Told) -> Iterator[Measure]:
    yield Measure(
        key="rehearsal_ms",
        label="Milliseconds that the rehearsal took",
        value=round(1000 * sum(found.seconds.values())),
        how=f"{told.how}. A run on the real servers has other hardware, other rows, and others at work.",
        items=tuple(
            f"{phase.value.replace('_', ' ')}: {1000 * took:,.0f}" for phase, took in found.seconds.items()
        ),
    )
    still = {phase: found.seconds[phase] for phase in _STILL if phase in found.seconds}
    yield Measure(
        key="downtime_ms",
        label="Milliseconds that writes stand still",
        value=round(1000 * sum(still.values())),
        how=f"{told.how}. From the first row that is read to the end of the verification: what is written to the "
        "source meanwhile would be lost. A run that follows the source lets writes go on, and they stand still "
        "for its cut-over only, which is not rehearsed.",
        items=tuple(f"{phase.value.replace('_', ' ')}: {1000 * took:,.0f}" for phase, took in still.items()),
    )
    copied = [table for table in found.tables if table.seconds and table.rows_written]
    if copied:  # where every row was refused no rate is known
        yield Measure(
            key="rows_a_second",
            label="Rows copied in a second",
            value=round(sum(t.rows_written for t in copied) / sum(t.seconds for t in copied)),
            how=f"{told.how}; rows written by the time that their chunks took, one process at work.",
            items=tuple(f"{'.'.join(t.table)}: {t.rows_written / t.seconds:,.0f}" for t in copied),
        )


def _machine_time(
    found: Rehearsed, option: Option, told: Told, counts: Mapping[QualifiedName, int]
) -> Iterator[Measure]:
    """How long all rows would take here, and between what four times in five; nothing where nothing was carried."""
    carried = sum(chunk.rows for chunk in found.chunks)
    if not carried:
        return
    rows = {
        ".".join(entry.name): counts[entry.source]
        for entry in option.mapping.tables
        if entry.where is None and entry.source in counts
    }
    whole = sum(count for table, count in counts.items() if table in option.scope.tables)
    share = max(whole / carried, 1.0)
    others = sum(found.seconds.values()) - sum(chunk.seconds for chunk in found.chunks)
    took = machine_time(found.chunks, rows, max(others, 0.0), share)
    how = (
        f"{told.how}. Each table's rows by the time that its own chunks took; the other phases, measured once, "
        + ("as they were" if share == 1 else f"{share:,.1f} times")
        + ". A run on the real servers has other hardware and others at work."
    )
    known = took.least is not None and took.most is not None
    yield Measure(
        key="machine_ms",
        label="Milliseconds that all rows would take",
        value=round(1000 * took.seconds),
        how=how if known else f"{how} Its spread is not known of fewer than {FEWEST} chunks.",
    )
    if took.least is not None and took.most is not None:
        spread = f"{how} {_spread(took)}"
        least, most = round(1000 * took.least), round(1000 * took.most)
        yield Measure(
            key="machine_least_ms",
            label="Milliseconds that all rows would take at least, nine times in ten",
            value=least,
            how=spread,
        )
        yield Measure(
            key="machine_most_ms",
            label="Milliseconds that all rows would take at most, nine times in ten",
            value=most,
            how=spread,
        )


def _spread(took: MachineTime) -> str:
    return (
        f"Between least and most with {CONFIDENCE:.0%} confidence, by {took.chunks} chunks, of which one varies by "
        f"{took.variation or 0:.0%} around a fixed cost and costs by the byte and the refused row. "
        "How the other phases vary is not known."
    )
