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

from migration.core.reasons import is_about_a_row
from migration.engine import changed_keys, compared
from migration.engine.carrying import Carriage
from migration.engine.changed_keys import ChangedKeys, KeyTexts
from migration.engine.compared import Face
from migration.engine.held import held_keys
from migration.engine.keys import Key, find_key, key_rows
from migration.engine.live_verify import Ends, Reach, look
from migration.engine.rejects import count_rejects, keys_of
from migration.engine.table_check import Sides
from schemadiff.core.mapping import QualifiedName

AT_A_TIME = 1_000
"""Keys of one look."""
_PLACE = "schemadiff place"

ADVICE = (
    "End whoever leads the run, have `verify --repair` make these rows what the source has, then go on with `follow`, "
    "and cut over."
)
ADVICE_BACK = (
    "Somebody else wrote to the source, or the mapping's inverse does not hold for these rows. Write them once more on "
    "the target, which brings them back again, or put the source right; then go back."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a look at changed rows came to; `differing` by the target's table, for certain."""

    rows: int = 0
    differing: tuple[tuple[QualifiedName, int], ...] = ()

    def __add__(self, other: "Compared") -> "Compared":
        together: Counter[QualifiedName] = Counter()
        for table, count in (*self.differing, *other.differing):
            together[table] += count
        return Compared(rows=self.rows + other.rows, differing=tuple(sorted(together.items())))


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

    def all(self, reach: Reach, should_stop: Callable[[], bool] = lambda: False) -> Compared:
        """All that is in the record now, while rows are written to. Raises psycopg.Error."""
        upto = changed_keys.newest(self._goal, self._direction.run)
        found = Compared()
        while not should_stop():
            with changed_keys.alone(self._goal):
                some = self._some(upto)
                if not some:
                    break
                found += self._looked_at(some, reach)
        return found

    def rest(self) -> Compared:
        """All that is in the record, while nobody writes to either end: what stays in it is what differs."""
        found = Compared()
        with changed_keys.alone(self._goal):
            upto = changed_keys.newest(self._goal, self._direction.run)
            while some := self._some(upto):
                found += self._looked_at(some, None)
        return found

    # ------------------------------------------------------------------------------- below

    def _some(self, upto: int) -> tuple[ChangedKeys, ...]:
        return changed_keys.waiting(self._goal, self._direction.run, upto, AT_A_TIME)

    def _looked_at(self, some: Sequence[ChangedKeys], reach: Reach | None) -> Compared:
        """Tables that are known together: the log is waited for once."""
        run = self._direction.run
        looks = []
        for changed in some:
            if (table := self._table(changed.table)) is None:
                changed_keys.settle(self._goal, run, changed, ())
                continue
            looks.append(_Look(changed, table, *self._texts(table, self._not_refused(table, changed.keys))))
        found = Compared()
        for each, wrong, unsure in zip(looks, *self._wrong(looks, reach), strict=True):
            found += self._settled(each, wrong, unsure, reach)
        return found

    def _settled(
        self, each: "_Look", wrong: Sequence[str], unsure: Sequence[str], reach: Reach | None
    ) -> Compared:
        """`wrong` are the texts of rows that differ for certain, `unsure` of those of which it cannot be said yet."""
        run, changed, table = self._direction.run, each.changed, each.table
        is_whole = changed.is_whole or each.are_untold
        keys = self._without_held(table, self._not_refused(table, [each.texts[text] for text in wrong]))
        again_soon = [each.texts[text] for text in unsure]
        more = self._too_many(table) if is_whole and reach is None else 0
        again = is_whole and (reach is not None or more > 0)
        changed_keys.settle(self._goal, run, changed, [*keys, *again_soon], is_whole=again)
        differing = len(keys) + more
        return Compared(
            rows=len(changed.keys) - len(unsure),
            differing=((table.carriage.target, differing),) if differing else (),
        )

    def _wrong(
        self, looks: Sequence["_Look"], reach: Reach | None
    ) -> tuple[list[list[str]], list[list[str]]]:
        """Of each look, which rows differ for certain, and of which it cannot be said yet."""
        asked = [(Ends(self._origin, self._goal, *each.table.faces), list(each.texts)) for each in looks]
        if reach is None:
            return [self._still(*each) for each in asked], [[] for _ in asked]
        try:
            return look(asked, reach)
        except psycopg.Error as error:
            if not is_about_a_row(error.sqlstate or ""):
                raise
            # One on which the mapping's expressions fail: it will be a reject.
            return [[] for _ in asked], [keys for _, keys in asked]

    def _still(self, ends: Ends, keys: Sequence[str]) -> list[str]:
        """Nobody writes: which differ. Both ends are asked at once."""
        if not keys:
            return []
        here, there = self._sides.ask(
            lambda session, face: compared.column_hashes(session, face, keys),
            (ends.there, ends.here) if self._direction.is_back else (ends.here, ends.there),
        )
        return [key for key in keys if here.get(key) != there.get(key)]

    def _not_refused(self, table: "_Table", keys: Sequence[KeyTexts]) -> list[KeyTexts]:
        """Rejects are accounted for."""
        origin = self._direction.origin_of(table.carriage)
        refused = set(keys_of(self._goal, self._direction.run, origin)) if keys else set()
        return [key for key in keys if key not in refused]

    def _too_many(self, table: "_Table") -> int:
        """Rows of a table that are there and should not be: all that came are known by their keys, so their number
        tells."""
        run, origin = self._direction.run, self._direction.origin_of(table.carriage)
        here = compared.count_rows(self._origin, table.faces[0]) - count_rejects(self._goal, run, origin)
        held = len(held_keys(self._goal, run, self._direction.goal_of(table.carriage)))
        return max(compared.count_rows(self._goal, table.faces[1]) - held - here, 0)

    def _texts(self, table: "_Table", keys: Sequence[KeyTexts]) -> tuple[dict[str, KeyTexts], bool]:
        """By what both sides know these rows, with the keys that they were changed by; and whether some are gone
        whose keys alone do not tell what the other side knew them by."""
        if not keys:
            return {}, False
        if table.is_told:
            try:
                found = self._origin.execute(table.told(keys)).fetchall()
                return {text: keys[place - 1] for place, text in found}, False
            except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable):
                table.is_told = False  # made of more than the key
        rows = self._origin.execute(table.read(keys)).fetchall()
        return {text: tuple(key) for key, text in rows}, len(rows) < len(keys)

    def _without_held(self, table: "_Table", keys: list[KeyTexts]) -> list[KeyTexts]:
        """Rows that the other end has had before, or keeps, are no difference where this one has none."""
        held = (
            held_keys(self._goal, self._direction.run, self._direction.goal_of(table.carriage))
            if keys
            else ()
        )
        if not held:
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


@dataclass(slots=True)
class _Look:
    """Changed rows of a table, by what both sides know them by. `are_untold`: of some, that is not known any more."""

    changed: ChangedKeys
    table: "_Table"
    texts: dict[str, KeyTexts]
    are_untold: bool


class _Table:
    """`faces` are those of the end that rows come from, and of the other."""

    def __init__(self, carriage: Carriage, key: Key, faces: tuple[Face, Face]) -> None:
        self.carriage, self._key, self.faces = carriage, key, faces
        self.is_told = True
        """Can a row's name on both sides be worked out of its key alone?"""

    def told(self, keys: Sequence[KeyTexts]) -> sql.Composed:
        """Place among the keys (from 1), and what the row is known by on both sides; the row need not be there."""
        numbered = [(*key, str(place)) for place, key in enumerate(keys, 1)]
        names = sql.SQL(", ").join(map(sql.Identifier, (*self._key.columns, _PLACE)))
        return sql.SQL("SELECT {place}, {text} FROM ({rows}) AS {table}({names})").format(
            place=sql.Identifier(_PLACE),
            text=self.faces[0].key_text,
            rows=key_rows(numbered, (*self._key.types, "int")),
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


def rows_differ(found: Compared, advice: str) -> str:
    """For people, with what to do."""
    told = ", ".join(f"{'.'.join(table)} ({count:,})" for table, count in found.differing)
    return f"Rows that changed differ between source and target: {told}. {advice}"
