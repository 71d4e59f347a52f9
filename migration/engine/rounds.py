"""One round: all rows of both sides compared, and just those that differ made the source's.

Rounds are made under a lock of their own, so that one of a run and the last one of a cut-over do not meet.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg

from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Level, Log, TableChecked
from migration.core.limits import reason_to_wait
from migration.core.rounds import RoundMade
from migration.core.spec import RunSpec
from migration.engine import followers, round_record
from migration.engine.carrying import carriage_of
from migration.engine.changed_rows import shapes_of
from migration.engine.failures import close_quietly, explained
from migration.engine.repair import Consent, RepairResult, repair
from migration.engine.sessions import Session, beside, open_source, open_target, read_snapshot
from migration.engine.table_check import Sides
from migration.engine.throttle import source_state
from migration.engine.verify import verify_tables
from schemadiff.core.mapping import Mapping

_PATIENCE = "60s"  # that another round may take to end when it was told to
_LOOK = 1.0

Report = Callable[[Event], None]
Stop = Callable[[], bool]


class Rounds:
    """Of one run. `opened` is told of sessions that are to be cut when their server says nothing any more."""

    def __init__(
        self,
        source_dsn: str,
        target_dsn: str,
        spec: RunSpec,
        report: Report,
        should_stop: Stop,
        opened: Callable[[Session], None] = lambda session: None,
    ) -> None:
        self._dsns, self._spec, self._report = (source_dsn, target_dsn), spec, report
        self._should_stop, self._opened = should_stop, opened
        self.checked: tuple[TableChecked, ...] = ()

    def make(self, mapping: Mapping | None = None) -> RoundMade:
        """Of all tables, or of those of `mapping` only. Raises RunStopped, RunFailed."""
        source, target = beside(open_source(self._dsns[0]), open_target, self._dsns[1])
        try:
            for session in (source, target):
                self._opened(session)
            with explained("A round of comparing could not be made"), _alone(target):
                self._refuse_changed(source, target)
                return self._made(source, target, mapping or self._spec.mapping)
        finally:
            close_quietly(source, target)

    def _made(self, source: Session, target: Session, mapping: Mapping) -> RoundMade:
        row = source.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        began = time.monotonic()
        self.checked = self._compared(source, target, mapping)
        comparing = time.monotonic() - began
        differing = sum(each.differing for each in self.checked)
        result = self._repaired(mapping) if differing else None
        before = round_record.last(target, self._spec.ledger_id)
        made = RoundMade(
            number=before.number + 1 if before else 1,
            began_at=row[0],
            seconds=time.monotonic() - began,
            comparing=comparing,
            differing=differing,
            repaired=result.rows if result else 0,
            refused=_refused(result),
        )
        round_record.keep(target, self._spec.ledger_id, made)
        if result is not None:
            round_record.forget_rows_before(target, self._author, result.number)
        return made

    def _compared(self, source: Session, target: Session, mapping: Mapping) -> tuple[TableChecked, ...]:
        """Each table as it is when its turn comes: no snapshot of the source is held for longer than that."""
        sides = Sides(source=source, target=target, ledger_id=self._spec.ledger_id)
        checked: list[TableChecked] = []
        for entry in mapping.tables:
            self._wait_for_source(source)
            with read_snapshot(source):
                checked += verify_tables(
                    sides, [carriage_of(target, entry)], report=_unheard, should_stop=self._should_stop
                )
        return tuple(checked)

    def _repaired(self, mapping: Mapping) -> RepairResult:
        consent = Consent(author=self._author, reason="A round of comparing found that these rows differ.")
        return repair(
            *self._dsns,
            mapping,
            self.checked,
            consent,
            report=self._warn_only,
            should_stop=self._should_stop,
            alone=_led_already,
            watched=self._opened,
        )

    @property
    def _author(self) -> str:
        return f"rounds of run {self._spec.ledger_id}"

    def _warn_only(self, event: Event) -> None:
        if isinstance(event, Log) and event.level is not Level.INFO:
            self._report(event)

    def _wait_for_source(self, source: Session) -> None:
        """As long as it has enough to do."""
        limits = self._spec.limits
        while limits.watches_source and reason_to_wait(limits, source_state(source)):
            if self._should_stop():
                raise RunStopped("The run was stopped while it waited for the source to have less to do.")
            time.sleep(_LOOK)

    def _refuse_changed(self, source: Session, target: Session) -> None:
        """Raises RunFailed where a table of the source is another now. Who resumes has been told."""
        run = self._spec.ledger_id
        follower = followers.find(target, run)
        assert follower is not None
        now = shapes_of(source, [entry.source for entry in self._spec.mapping.tables])
        changed = [table for table in sorted(follower.shapes) if now.get(table) != follower.shapes[table]]
        if not changed:
            return
        followers.learn_shapes(target, run, {**follower.shapes, **now})
        raise RunFailed(
            f"{', '.join('.'.join(table) for table in changed)}: changed on the source while the target was kept near "
            "it. If the columns that the mapping uses are as they were, resume; else compare again, put the target "
            "back (restore, clean) and begin anew."
        )


@contextlib.contextmanager
def _alone(target: Session) -> Iterator[None]:
    """One round at a time, from whatever process."""
    try:
        with target.transaction():
            target.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'".encode())
            target.execute("SELECT pg_advisory_lock(hashtext('schemadiff follower'))")
    except psycopg.errors.LockNotAvailable as exc:
        raise RunFailed(
            f"Another process makes a round of comparing into this target, and did not end within {_PATIENCE}. Wait "
            "until it has ended, or end it; then go on."
        ) from exc
    yield  # it goes with the session


def _led_already(target: Session, mapping: Mapping) -> contextlib.AbstractContextManager[None]:
    """Whoever leads the run keeps others away, and makes rounds only while the source leads."""
    return contextlib.nullcontext()


def _refused(result: RepairResult | None) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for table in result.tables if result else ():
        for reason, count in table.outcome.refused.items():
            counts[f"{'.'.join(table.table)}: {reason}"] += count
    return tuple(sorted(counts.items()))


def _unheard(event: Event) -> None:
    """A round tells what it found in one line."""
