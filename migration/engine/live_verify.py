"""Comparing rows while writes go on: what differs is looked at again once the follower has passed that place.

A row counts as different only where the source has not changed between two looks, and the target, which has all that
was written before the first of them, still has another. A row that was the same at one look is right.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
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
from migration.engine.sessions import Session, beside, open_source_for_following, open_target_to_read
from migration.engine.table_check import Sides, TableView, view_of
from migration.engine.verify import announce
from schemadiff.core.counted import counted

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
    source, target = beside(
        open_source_for_following(crossing.source_dsn), open_target_to_read, crossing.target_dsn
    )
    opened(source)
    opened(target)
    sides = Sides(source=source, target=target, ledger_id=ledger_id)
    try:
        announce(source, carriages, report)
        for carriage in carriages:
            report(TableChecking(table=carriage.name))
            with explained(f"“{'.'.join(carriage.name)}” could not be compared"):
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
        staying, unsure = self._looked_at_again(view, suspects)
        if staying:
            # What was refused meanwhile is accounted for by now.
            view = self._view()
            staying = {row.key: row.difference for row in view.differing() if row.key in staying}
        counts = Counter(staying.values())
        return TableChecked(
            table=self._carriage.name,
            target=self._carriage.target,
            source_rows=view.rows[0],
            target_rows=view.rows[1],
            rejected_rows=self._rejected(),
            differing=counts.total(),
            method=f"{view.method}, live"[:80],
            missing=counts[Difference.MISSING],
            surplus=counts[Difference.SURPLUS],
            different=counts[Difference.DIFFERENT],
            unsure=unsure,
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
        return count_rejects(self._sides.target, run, self._carriage.name) if run else 0

    def _looked_at_again(
        self, view: TableView, suspects: dict[str, Difference]
    ) -> tuple[dict[str, Difference], int]:
        """Those of which it is certain, and of how many nothing can be said."""
        staying: dict[str, Difference] = {}
        moving = list(suspects)
        for _ in range(_LOOKS):
            if not moving:
                break
            still: list[str] = []
            for start in range(0, len(moving), _BATCH):
                certain, uncertain = self._look(view, moving[start : start + _BATCH])
                staying |= {key: suspects[key] for key in certain}
                still += uncertain
            moving = still
        if moving:
            self._report(
                Log(
                    message=f"{'.'.join(self._carriage.target)}: of {counted(len(moving), 'row')} nothing can be said, "
                    f"for in {_LOOKS} looks they were changed each time, or the source did not show what its log says.",
                    level=Level.WARNING,
                )
            )
        return staying, len(moving)

    def _look(self, view: TableView, keys: Sequence[str]) -> tuple[list[str], list[str]]:
        """Which differ for certain, and of which that cannot be said yet."""

        def reach(place: Lsn) -> None:
            if not wait_until(
                lambda: self._follower.position >= place, self._follower, self._report, self._should_stop
            ):
                raise RunStopped(
                    f"The run was stopped while “{'.'.join(self._carriage.target)}” was compared."
                )

        ends = Ends(self._sides.source, self._sides.target, *view.faces)
        certain, uncertain = look([(ends, keys)], reach)
        return certain[0], uncertain[0]


@dataclass(frozen=True, slots=True)
class Ends:
    """Of a way that is followed: where it comes from, where it goes to, and one table's faces there."""

    origin: Session
    goal: Session
    here: Face
    there: Face


Reach: TypeAlias = Callable[[Lsn], None]
"""Comes back when everything up to that place of the origin's log is where it goes to."""
Asked: TypeAlias = tuple[Ends, Sequence[str]]
"""A table's rows, by the texts of records. All that are asked together have the same two ends."""


def look(asked: Sequence[Asked], reach: Reach) -> tuple[list[list[str]], list[list[str]]]:
    """Of each, which rows differ for certain, and of which that cannot be said yet."""
    certain, uncertain = _look_once(asked, reach)
    if not any(certain):
        return certain, uncertain
    # A commit may be in the log, and here, before the origin's own sessions see it.
    origin = asked[0][0].origin
    slots.say(origin, slots.NOTE)
    late = _unseen(origin)
    again = [(ends, keys) for (ends, _), keys in zip(asked, certain, strict=True)]
    staying, moving = _look_once(again, reach)
    uncertain = [[*some, *more] for some, more in zip(uncertain, moving, strict=True)]
    if late & _unseen(origin):
        return [[] for _ in asked], [[*some, *more] for some, more in zip(uncertain, staying, strict=True)]
    return staying, uncertain


def _look_once(asked: Sequence[Asked], reach: Reach) -> tuple[list[list[str]], list[list[str]]]:
    if not any(keys for _, keys in asked):
        return [[] for _ in asked], [[] for _ in asked]
    before = [_hashes(ends.origin, ends.here, keys) for ends, keys in asked]
    reach(slots.say(asked[0][0].origin, slots.NOTE))
    certain, uncertain = [], []
    for (ends, keys), was in zip(asked, before, strict=True):
        there = _hashes(ends.goal, ends.there, keys)
        now = _hashes(ends.origin, ends.here, keys)
        wrong = [key for key in keys if there.get(key) not in (was.get(key), now.get(key))]
        certain.append([key for key in wrong if was.get(key) == now.get(key)])
        uncertain.append([key for key in wrong if was.get(key) != now.get(key)])
    return certain, uncertain


def _hashes(session: Session, face: Face, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
    return compared.column_hashes(session, face, keys) if keys else {}


def _unseen(origin: Session) -> set[int]:
    """Transactions that may be in the log and not be seen yet; none, where commits wait for no standby."""
    row = origin.execute(
        "SELECT current_setting('synchronous_standby_names') <> '', "
        "ARRAY(SELECT xid::text::bigint FROM pg_snapshot_xip(pg_current_snapshot()) AS xid)"
    ).fetchone()
    return set(row[1]) if row and row[0] else set()
