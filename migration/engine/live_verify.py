"""Comparing rows while writes go on: what differs is looked at again once the follower has passed that place.

A row counts as different only where the source has not changed between two looks, and the target, which has all that
was written before the first of them, still has another. A row that was the same at one look is right.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from migration.core.checksums import Difference
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Level, Log, TableChecked, TableChecking
from migration.core.positions import Lsn
from migration.engine import compared, slots
from migration.engine.carrying import Carriage
from migration.engine.compared import Face
from migration.engine.copying import Crossing
from migration.engine.failures import close_quietly, explained
from migration.engine.live import Beside, wait_until
from migration.engine.rejects import count_rejects
from migration.engine.sessions import Session, open_source_for_following, open_target_to_read
from migration.engine.table_check import Sides, TableView, view_of
from migration.engine.verify import announce

_LOOKS = 30
"""A row that has changed each time is given up after so many looks."""
_BATCH = 500


def verify_live(
    crossing: Crossing,
    ledger_id: UUID,
    carriages: Sequence[Carriage],
    follower: Beside,
    report: Callable[[Event], None],
    should_stop: Callable[[], bool],
    opened: Callable[[Session], None],
) -> Iterator[TableChecked]:
    """Each table in turn; `opened` as in LiveRun. Raises RunStopped, RunFailed."""
    source, target = open_source_for_following(crossing.source_dsn), open_target_to_read(crossing.target_dsn)
    opened(source)
    opened(target)
    sides = Sides(source=source, target=target, ledger_id=ledger_id)
    try:
        announce(source, carriages, report)
        for carriage in carriages:
            report(TableChecking(table=carriage.source))
            with explained(f"“{'.'.join(carriage.source)}” could not be compared"):
                yield _Looking(sides, carriage, follower, report, should_stop).checked()
    finally:
        close_quietly(source, target)


class _Looking:
    """One table."""

    def __init__(
        self,
        sides: Sides,
        carriage: Carriage,
        follower: Beside,
        report: Callable[[Event], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._sides, self._carriage, self._follower = sides, carriage, follower
        self._report, self._should_stop = report, should_stop

    def checked(self) -> TableChecked:
        view = self._view()
        suspects = {row.key: row.difference for row in view.differing()}
        staying = self._looked_at_again(view, suspects)
        if staying:
            # What was refused meanwhile is accounted for by now.
            view = self._view()
            staying = {row.key: row.difference for row in view.differing() if row.key in staying}
        counts = Counter(staying.values())
        return TableChecked(
            table=self._carriage.source,
            target=self._carriage.target,
            source_rows=view.rows[0],
            target_rows=view.rows[1],
            rejected_rows=self._rejected(),
            differing=counts.total(),
            method=f"{view.method}, live"[:80],
            missing=counts[Difference.MISSING],
            surplus=counts[Difference.SURPLUS],
            different=counts[Difference.DIFFERENT],
        )

    def _view(self) -> TableView:
        view = view_of(self._sides, self._carriage)
        if view is None:
            raise RunFailed(
                f"“{'.'.join(self._carriage.target)}” has no key by which its rows could be compared."
            )
        return view

    def _rejected(self) -> int:
        run = self._sides.ledger_id
        return count_rejects(self._sides.target, run, self._carriage.source) if run else 0

    def _looked_at_again(self, view: TableView, suspects: dict[str, Difference]) -> dict[str, Difference]:
        """Those of which it is certain."""
        staying: dict[str, Difference] = {}
        moving = list(suspects)
        for _ in range(_LOOKS):
            if not moving:
                return staying
            still: list[str] = []
            for start in range(0, len(moving), _BATCH):
                certain, uncertain = self._look(view, moving[start : start + _BATCH])
                staying |= {key: suspects[key] for key in certain}
                still += uncertain
            moving = still
        if moving:
            self._report(
                Log(
                    message=f"{'.'.join(self._carriage.target)}: {len(moving):,} rows were changed between any two of "
                    f"{_LOOKS} looks, so of them nothing can be said.",
                    level=Level.WARNING,
                )
            )
        return staying

    def _look(self, view: TableView, keys: Sequence[str]) -> tuple[list[str], list[str]]:
        """Which differ for certain, and of which that cannot be said yet."""

        def reach(place: Lsn) -> None:
            if not wait_until(
                lambda: self._follower.position >= place, self._follower, self._report, self._should_stop
            ):
                raise RunStopped(
                    f"The run was stopped while “{'.'.join(self._carriage.target)}” was compared."
                )

        return look(Ends(self._sides.source, self._sides.target, *view.faces), keys, reach)


@dataclass(frozen=True, slots=True)
class Ends:
    """Of a way that is followed: where it comes from, where it goes to, and one table's faces there."""

    origin: Session
    goal: Session
    here: Face
    there: Face


def look(ends: Ends, keys: Sequence[str], reach: Callable[[Lsn], None]) -> tuple[list[str], list[str]]:
    """Which rows differ for certain, and of which that cannot be said yet. `keys` are texts of records.

    `reach` comes back when everything up to that place of the origin's log is where it goes to.
    """
    before = compared.column_hashes(ends.origin, ends.here, keys)
    reach(slots.say(ends.origin, slots.NOTE))
    there = compared.column_hashes(ends.goal, ends.there, keys)
    after = compared.column_hashes(ends.origin, ends.here, keys)
    wrong = [key for key in keys if there.get(key) not in (before.get(key), after.get(key))]
    certain = [key for key in wrong if before.get(key) == after.get(key)]
    return certain, [key for key in wrong if before.get(key) != after.get(key)]
