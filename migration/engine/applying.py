"""Changes of the source into the target: rows, rejects and the place that is reached, in one transaction."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import psycopg
from psycopg import sql

from migration.core.errors import Overtaken, RunFailed
from migration.core.pgoutput import Absent, Value
from migration.core.positions import Lsn, text_of
from migration.core.reasons import is_about_a_row
from migration.engine import followers, pipeline
from migration.engine.changed_keys import written
from migration.engine.changed_rows import Emptied, Route, Row, statement_name
from migration.engine.followed_rejects import forget, forget_all, refuse
from migration.engine.held import empty_but_held
from migration.engine.pipeline import Prepared, Step
from migration.engine.sessions import Session, run_one
from migration.engine.ways import Refusing, Way
from schemadiff.core.mapping import QualifiedName

Change: TypeAlias = Row | Emptied

_AGAIN = ("40P01", "40001", "55P03")  # deadlock, serialization, a lock that was not given in time
_PAUSES = (0.1, 0.3, 1.0, 3.0)  # seconds before another attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far it is applied then: as in followers.Follower."""

    applied: Lsn
    part: Lsn = 0
    skipped: int = 0
    committed_at: datetime | None = None


class Applier:
    """Writes to the target by a session of its own; `source` is only read, for rows that have to be looked up.

    `wait_until_seen` comes back when the source's sessions see all that has come out of its log so far.
    """

    def __init__(
        self,
        source: Session,
        target: Session,
        way: Way,
        note: Callable[[str], None],
        wait_until_seen: Callable[[], None],
    ) -> None:
        self.source, self.target, self._note = source, target, note
        self._way, self.run = way, way.run
        self._wait_until_seen = wait_until_seen
        self.prepared = Prepared(target)

    def apply(self, changes: Sequence[Change], place: Place) -> None:
        """All or nothing, and tried again where others were in the way. Raises RunFailed, psycopg.Error."""
        for pause in _PAUSES:
            try:
                return self._attempt(changes, place)
            except psycopg.Error as error:
                self._undo()
                self._refuse_over(error)
                if error.sqlstate not in _AGAIN:
                    raise
                self._note(
                    f"Changes were in the way of another session (SQLSTATE {error.sqlstate}); tried again."
                )
            time.sleep(pause)
        return self._attempt(changes, place)

    def checkpoint(self, place: Place) -> None:
        """Write the place through to the target's disk, and with it whatever was applied before."""
        self.target.execute("BEGIN; SET LOCAL synchronous_commit = on")
        try:
            pipeline.run_each(self.target, [self._place_step(place)])
        except psycopg.Error as error:
            self._undo()
            self._refuse_over(error)
            raise
        self.target.execute("COMMIT")

    def _refuse_over(self, error: psycopg.Error) -> None:
        if followers.OVER in str(error):
            raise Overtaken(
                f"The {self._way.goal} takes nothing from the {self._way.origin} any more, for the {self._way.goal} "
                "leads now."
            ) from error

    def read_again(self, route: Route, keys: Sequence[tuple[str, ...]]) -> None:
        """Take rows over as the source has them now. Whatever happened to them since comes in the log, too."""
        for key, values in self._rows_now(route, keys):
            step = Step(statement_name(self.prepared, route, "upsert"), values)
            row = Row(route=route, kind="update", key=key, former=None, values={}, steps=[step])
            row.values = dict(zip(route.statements.sources, map(_value, values), strict=True))
            self._one(row)

    # ------------------------------------------------------------------------------- below

    def _attempt(self, changes: Sequence[Change], place: Place) -> None:
        known = {id(each.route): (each.route, set(each.route.rejected)) for each in changes}
        try:
            self._at_once(changes, place)
        except psycopg.Error as error:
            self._remember(known.values())
            if not is_about_a_row(error.sqlstate or ""):
                raise
            self._undo()
            self._insist(changes, place, known.values())

    def _insist(
        self, changes: Sequence[Change], place: Place, known: Iterable[tuple[Route, set[tuple[str, ...]]]]
    ) -> None:
        try:
            self._one_by_one(changes, place)
        except psycopg.Error:
            self._remember(known)
            raise

    def _remember(self, known: Iterable[tuple[Route, set[tuple[str, ...]]]]) -> None:
        """Which rejects there are in the target, where what was done to them is undone."""
        for route, rejected in known:
            route.rejected = set(rejected)

    def _undo(self) -> None:
        if not self.target.closed:
            self.target.execute("ROLLBACK")

    def _at_once(self, changes: Sequence[Change], place: Place) -> None:
        """What has no need of a second look goes out and is committed in one go."""
        steps = [Step(self.prepared.name("BEGIN", "BEGIN"), ())]
        plain = all(isinstance(each, Row) and not self._needs_a_look(each) for each in changes)
        if not plain:
            self.target.execute("BEGIN")
            self._in_parts(changes)
            steps = []
        else:
            steps += [step for each in changes if isinstance(each, Row) for step in each.steps]
        steps += [*self._count_steps(changes), self._place_step(place)]
        steps.append(Step(self.prepared.name("COMMIT", "COMMIT"), ()))
        self._expect_place(pipeline.run(self.target, steps))

    def _needs_a_look(self, row: Row) -> bool:
        route = row.route
        return row.again or row.place is not None or row.key in route.rejected or row.former in route.rejected

    def _in_parts(self, changes: Sequence[Change]) -> None:
        """Between those that need a look the others go together."""
        together: list[Step] = []
        for each in changes:
            if isinstance(each, Row) and not self._needs_a_look(each):
                together += each.steps
                continue
            pipeline.run(self.target, together)
            together = []
            if isinstance(each, Emptied):
                self._empty(each)
            else:
                self._looked_at(each, pipeline.run(self.target, each.steps))
        pipeline.run(self.target, together)

    def _one_by_one(self, changes: Sequence[Change], place: Place) -> None:
        """Rows that the target refuses become rejects, the others are taken."""
        self.target.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
        for each in changes:
            if isinstance(each, Emptied):
                self._empty(each)
            else:
                self._one(each)
        pipeline.run(self.target, self._count_steps(changes))
        self._expect_place(pipeline.run(self.target, [self._place_step(place)]), of=0)
        self.target.execute("COMMIT")

    def _one(self, row: Row) -> None:
        try:
            with self.target.transaction():
                counts = pipeline.run_each(self.target, row.steps)
        except psycopg.Error as error:
            if not is_about_a_row(error.sqlstate or ""):
                raise
            was_there, unreadable = self._put_aside(row), self._fails_on_source(row)
            refuse(self.target, self.run, row, error, was_there=was_there, unreadable=unreadable)
            return
        self._looked_at(row, counts)

    def _put_aside(self, row: Row) -> bool:
        """What is there of it, if that is not to stay. Was there something that is not there any more?"""
        return self._way.refusing is Refusing.TAKEN_OUT and self._remove(row)

    def _remove(self, row: Row) -> bool:
        """What the target has of a row that it refuses now is not the source's any more. Was there something?"""
        found = 0
        for key in dict.fromkeys((row.former or row.key, row.key)):
            text = [value.encode() for value in key]
            named = dict(zip(row.route.key.columns, text, strict=True))
            if named.keys() >= set(row.route.statements.identity):
                step = Step(
                    statement_name(self.prepared, row.route, "delete"),
                    [named[name] for name in row.route.statements.identity],
                )
                found += sum(pipeline.run_each(self.target, [step]))
        return found > 0

    def _fails_on_source(self, row: Row) -> bool:
        """Do the mapping's expressions fail there, too? Then nobody may ask for the row when rows are compared."""
        carriage, key = row.route.carriage, row.route.key
        values = sql.SQL(", ").join(column.copied for column in carriage.columns)
        query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
            values, sql.Identifier(*carriage.source), key.one_of([row.key])
        )
        self._wait_until_seen()
        try:
            run_one(self.source, query)
        except psycopg.Error as error:
            if not is_about_a_row(error.sqlstate or ""):
                raise
            return True
        return False

    def _looked_at(self, row: Row, counts: Sequence[int]) -> None:
        route = row.route
        missed = row.place is not None and counts[row.place] == 0
        if row.former is not None and row.former in route.rejected:
            forget(self.target, self.run, route, row.former)
        if row.again or missed:
            self.read_again(route, [row.key])
        elif row.key in route.rejected:
            forget(self.target, self.run, route, row.key)

    def _empty(self, emptied: Emptied) -> None:
        route = emptied.route
        empty_but_held(self.target, self.run, route.carriage, route.key)
        forget_all(self.target, self.run, route)

    def _rows_now(
        self, route: Route, keys: Sequence[tuple[str, ...]]
    ) -> list[tuple[tuple[str, ...], list[bytes | None]]]:
        if not keys:
            return []
        table = route.carriage.source
        texts = sql.SQL(", ").join(
            sql.SQL("{}::text").format(sql.Identifier(table[1], name)) for name in route.statements.sources
        )
        query = sql.SQL("SELECT {key}, ARRAY[{texts}] FROM {table} WHERE {chosen}").format(
            key=route.key.as_texts(), texts=texts, table=sql.Identifier(*table), chosen=route.key.one_of(keys)
        )
        self._wait_until_seen()
        return [
            (tuple(key), [None if value is None else value.encode() for value in values])
            for key, values in self.source.execute(query)
        ]

    def _count_steps(self, changes: Sequence[Change]) -> list[Step]:
        """How many of which kind, and which rows are to be compared again."""
        counts: Counter[tuple[QualifiedName, str]] = Counter(
            (each.route.carriage.source, each.kind) for each in changes
        )
        name = self.prepared.name("counted", followers.COUNTED)
        steps = []
        for table, keys in _keys_by_table(changes):
            kinds = [counts[table, kind] for kind in ("insert", "update", "delete", "truncate")]
            texts = (str(self.run), *table, *map(str, kinds), keys)
            steps.append(Step(name, [text.encode() for text in texts]))
        return steps

    def _place_step(self, place: Place) -> Step:
        committed = place.committed_at.isoformat().encode() if place.committed_at else None
        return Step(
            self.prepared.name("checkpoint", followers.CHECKPOINT),
            [
                str(self.run).encode(),
                text_of(place.applied).encode(),
                text_of(place.part).encode(),
                str(place.skipped).encode(),
                committed,
            ],
        )

    def _expect_place(self, counts: Sequence[int], of: int = -2) -> None:
        if counts[of] != 1:
            raise RunFailed(
                f"The target's ledger does not know of run {self.run} any more: somebody removed it. Nothing is "
                "followed any longer."
            )


def _keys_by_table(changes: Sequence[Change]) -> list[tuple[QualifiedName, str]]:
    """As the record of changed rows has them."""
    found: dict[QualifiedName, dict[tuple[str, ...], None]] = {}
    emptied = set()
    for each in changes:
        keys = found.setdefault(each.route.carriage.source, {})
        if isinstance(each, Emptied):
            emptied.add(each.route.carriage.source)
        else:
            keys.update(dict.fromkeys((each.former or each.key, each.key)))
    return [(table, written(found[table], table in emptied)) for table in sorted(found)]


def _value(text: bytes | None) -> Value:
    return Absent.NULL if text is None else text
