"""Comparing just the rows that changed since they were compared last, by their keys.

What is found the same leaves the record (changed_keys); what is not stays in it, and is looked at again. So at any
moment the record holds every row that was not seen to be the same after its last change.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.positions import Lsn
from migration.engine import changed_keys, compared
from migration.engine.carrying import Carriage
from migration.engine.changed_keys import ChangedKeys, KeyTexts
from migration.engine.compared import Face
from migration.engine.held import held_keys
from migration.engine.keys import Key, find_key
from migration.engine.live_verify import Ends, look
from migration.engine.rejects import count_rejects, keys_of
from migration.engine.table_check import ADVICE, Sides
from schemadiff.core.mapping import QualifiedName

AT_A_TIME = 1_000
"""Keys of one look."""
_PLACE = "schemadiff place"

Reach = Callable[[Lsn], None]
"""Comes back when everything up to that place of the origin's log is at the other end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a look at changed rows came to. `differing` by the target's table, for certain; `unseen` are rows that are
    gone where they came from, and whose keys do not say what became of them."""

    rows: int = 0
    unseen: int = 0
    differing: tuple[tuple[QualifiedName, int], ...] = ()

    def __add__(self, other: "Compared") -> "Compared":
        together: Counter[QualifiedName] = Counter()
        for table, count in (*self.differing, *other.differing):
            together[table] += count
        return Compared(
            rows=self.rows + other.rows,
            unseen=self.unseen + other.unseen,
            differing=tuple(together.items()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Which way the rows go, and the run that it is recorded by. `carriages` are those of the mapping forward."""

    run: UUID
    carriages: tuple[Carriage, ...]
    is_back: bool = False

    def carriage(self, table: QualifiedName) -> Carriage | None:
        """Of the table that rows come from; None where nothing of it is compared."""
        return next((each for each in self.carriages if self.origin_of(each) == table), None)

    def origin_of(self, carriage: Carriage) -> QualifiedName:
        return carriage.target if self.is_back else carriage.source

    def goal_of(self, carriage: Carriage) -> QualifiedName:
        return carriage.source if self.is_back else carriage.target


class ChangedCheck:
    """Of one way. `sides` are those of the mapping; the session of the end that rows go to may write there."""

    def __init__(self, sides: Sides, direction: Direction) -> None:
        self._sides, self._direction = sides, direction
        self._origin, self._goal = (
            (sides.target, sides.source) if direction.is_back else (sides.source, sides.target)
        )
        self._known: dict[QualifiedName, _Table | None] = {}

    def waiting(self) -> int:
        """How many changes are in the record."""
        return changed_keys.count(self._goal, self._direction.run)

    def all(self, reach: Reach | None, should_stop: Callable[[], bool] = lambda: False) -> Compared:
        """All that is in the record now. With `reach` rows are written to meanwhile; without, nobody writes any more,
        and what stays in the record is what differs. Raises psycopg.Error."""
        run = self._direction.run
        upto = changed_keys.newest(self._goal, run)
        found = Compared()
        while not should_stop():
            some = changed_keys.waiting(self._goal, run, upto, AT_A_TIME)
            if not some:
                break
            for changed in some:
                found += self._looked_at(changed, reach)
        return found

    # ------------------------------------------------------------------------------- below

    def _looked_at(self, changed: ChangedKeys, reach: Reach | None) -> Compared:
        run, table = self._direction.run, self._table(changed.table)
        if table is None:
            changed_keys.settle(self._goal, run, changed, ())
            return Compared()
        wrong, unseen = self._compared(table, changed.keys, reach)
        if wrong is None:  # not to be said yet
            changed_keys.settle(self._goal, run, changed, changed.keys, is_whole=changed.is_whole)
            return Compared()
        more = self._too_many(table) if changed.is_whole and reach is None else 0
        again = changed.is_whole and (reach is not None or more > 0)
        changed_keys.settle(self._goal, run, changed, wrong, is_whole=again)
        differing = len(wrong) + more
        return Compared(
            rows=len(changed.keys),
            unseen=unseen,
            differing=((table.carriage.target, differing),) if differing else (),
        )

    def _compared(
        self, table: "_Table", keys: Sequence[KeyTexts], reach: Reach | None
    ) -> tuple[list[KeyTexts] | None, int]:
        """The keys of rows that differ for certain (None: nothing can be said just now), and how many are unseen."""
        asked = self._not_refused(table, keys)
        try:
            texts, unseen = self._texts(table, asked)
            if not texts:
                return [], unseen
            ends = Ends(self._origin, self._goal, *table.faces)
            certain = self._still(ends, list(texts)) if reach is None else look(ends, list(texts), reach)[0]
        except psycopg.DataError:
            if reach is None:
                raise
            return None, 0  # a row on which the mapping's expressions fail: it will be a reject
        wrong = [texts[each] for each in certain]
        return self._without_held(table, self._not_refused(table, wrong)), unseen

    def _not_refused(self, table: "_Table", keys: Sequence[KeyTexts]) -> list[KeyTexts]:
        """Rejects are accounted for."""
        origin = self._direction.origin_of(table.carriage)
        refused = set(keys_of(self._goal, self._direction.run, origin)) if keys else set()
        return [key for key in keys if key not in refused]

    def _too_many(self, table: "_Table") -> int:
        """Rows of a table that was emptied: each that came afterwards is known by its key, so their number tells."""
        run, origin = self._direction.run, self._direction.origin_of(table.carriage)
        here = compared.count_rows(self._origin, table.faces[0]) - count_rejects(self._goal, run, origin)
        held = len(held_keys(self._goal, run, self._direction.goal_of(table.carriage)))
        return max(compared.count_rows(self._goal, table.faces[1]) - held - here, 0)

    def _still(self, ends: Ends, keys: Sequence[str]) -> list[str]:
        """Nobody writes: which differ. Both ends are asked at once."""
        here, there = self._sides.ask(
            lambda session, face: compared.column_hashes(session, face, keys),
            (ends.there, ends.here) if self._direction.is_back else (ends.here, ends.there),
        )
        return [key for key in keys if here.get(key) != there.get(key)]

    def _texts(self, table: "_Table", keys: Sequence[KeyTexts]) -> tuple[dict[str, KeyTexts], int]:
        """By what both sides know these rows, with the keys that they were changed by; and how many of them are gone
        without it being known."""
        if not keys:
            return {}, 0
        if table.is_told:
            try:
                found = self._origin.execute(table.told(keys)).fetchall()
                return {text: keys[place - 1] for place, text in found}, 0
            except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable):
                table.is_told = False  # made of more than the key
        rows = self._origin.execute(table.read(keys)).fetchall()
        return {text: tuple(key) for key, text in rows}, len(keys) - len(rows)

    def _without_held(self, table: "_Table", keys: list[KeyTexts]) -> list[KeyTexts]:
        """Rows that the other end has had before, or keeps, are no difference where this one has none."""
        held = held_keys(self._goal, self._direction.run, self._direction.goal_of(table.carriage))
        if not keys or not held:
            return keys
        there = {tuple(row[0]) for row in self._origin.execute(table.read(keys))}
        shown = self._goal.execute(
            "SELECT place, ARRAY(SELECT json_array_elements_text(key))::text FROM json_array_elements(%s::json) "
            "WITH ORDINALITY AS k(key, place)",
            [changed_keys.written(keys)],
        ).fetchall()
        gone = {keys[place - 1] for place, text in shown if text in held}
        return [key for key in keys if key in there or key not in gone]

    def _table(self, name: QualifiedName) -> "_Table | None":
        if name not in self._known:
            self._known[name] = self._looked_up(name)
        return self._known[name]

    def _looked_up(self, name: QualifiedName) -> "_Table | None":
        carriage = self._direction.carriage(name)
        if carriage is None:
            return None
        shared = compared.shared_key(self._sides.source, self._sides.target, carriage)
        key = find_key(self._origin, name)
        if not shared or key is None:
            return None
        faces = self._sides.faces(carriage, shared, ())
        return _Table(carriage, key, faces[::-1] if self._direction.is_back else faces)


class _Table:
    """`faces` are those of the end that rows come from, and of the other."""

    def __init__(self, carriage: Carriage, key: Key, faces: tuple[Face, Face]) -> None:
        self.carriage, self._key, self.faces = carriage, key, faces
        self.is_told = True
        """Can a row's name on both sides be worked out of its key alone?"""

    def told(self, keys: Sequence[KeyTexts]) -> sql.Composed:
        """Place among the keys (from 1), and what the row is known by on both sides; the row need not be there."""
        columns = zip(*keys, strict=True)
        lists = sql.SQL(", ").join(
            sql.SQL("{}::{}[]").format(sql.Literal(list(values)), sql.SQL(type_name))
            for values, type_name in zip(columns, self._key.types, strict=True)
        )
        names = sql.SQL(", ").join(map(sql.Identifier, (*self._key.columns, _PLACE)))
        return sql.SQL(
            "SELECT {place}, {text} FROM unnest({lists}) WITH ORDINALITY AS {table}({names})"
        ).format(
            place=sql.Identifier(_PLACE),
            text=self.faces[0].key_text,
            lists=lists,
            table=sql.Identifier(self.faces[0].table[1]),
            names=names,
        )

    def read(self, keys: Sequence[KeyTexts]) -> sql.Composed:
        """Of the rows that are there: their keys, and what they are known by on both sides."""
        return sql.SQL("SELECT {key}, {text} FROM {rows} WHERE {chosen}").format(
            key=self._key.as_texts(),
            text=self.faces[0].key_text,
            rows=self.faces[0].rows,
            chosen=self._key.one_of(keys),
        )


def rows_differ(found: Compared, advice: str = ADVICE) -> str:
    """For people, with what to do."""
    told = ", ".join(f"{'.'.join(table)} ({count:,})" for table, count in found.differing)
    return f"Rows that changed differ between source and target: {told}. {advice}"
