"""How long it takes to suggest a mapping of many tables, beside one comparison of every column name with all others."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from rapidfuzz import process

from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Table
from schemadiff.core.matching.suggestion import suggest

TABLES, COLUMNS, ROUNDS = 300, 12, 5
_OF = (
    "order",
    "invoice",
    "client",
    "visit",
    "payment",
    "staff",
    "room",
    "product",
    "price",
    "stock",
    "message",
    "event",
    "plan",
    "shift",
    "report",
    "log",
)
_WHAT = (
    "item",
    "line",
    "note",
    "entry",
    "batch",
    "rule",
    "group",
    "link",
    "state",
    "draft",
    "audit",
    "copy",
    "slot",
    "quota",
    "label",
)
_NAMES = (
    "title",
    "name",
    "label",
    "code",
    "status",
    "kind",
    "amount",
    "total",
    "price",
    "cost",
    "count",
    "quantity",
    "phone",
    "mobile",
    "email",
    "mail",
    "address",
    "city",
    "street",
    "country",
    "note",
    "comment",
    "remark",
    "description",
    "created_at",
    "updated_at",
    "starts_at",
    "begins_at",
    "ends_at",
    "due_on",
    "paid_at",
    "is_active",
    "enabled",
    "deleted",
    "position",
    "sort_order",
    "weight",
    "height",
    "width",
    "color",
    "currency",
    "language",
    "locale",
    "timezone",
    "source",
    "channel",
    "external_id",
    "reference",
    "number",
    "serial",
    "rate",
    "discount",
    "tax",
    "duration",
    "length",
    "interval",
    "attempts",
    "retries",
    "payload",
)
_TYPES = (
    "text",
    "integer",
    "bigint",
    "numeric(10,2)",
    "timestamp with time zone",
    "boolean",
    "character varying(80)",
)


def measure_large() -> None:
    """Prints medians, by the processor's time and the wall's; every round has a pair of its own, so that nothing is
    remembered from the round before.
    """
    for one_in, words in ((10, "one column in ten renamed"), (1, "every column renamed")):
        times: dict[str, list[tuple[float, float]]] = {}
        for number in range(ROUNDS):
            for name, way in _ways(*large_pair(TABLES, one_in, f"pair {number}")).items():
                wall, cpu = time.perf_counter(), time.process_time()
                way()
                took = (time.process_time() - cpu, time.perf_counter() - wall)
                times.setdefault(name, []).append(took)
        print(f"{TABLES} tables of {COLUMNS} columns a side, {words}: medians of {ROUNDS} rounds")
        for name, found in times.items():
            cpu, wall = (statistics.median(each) for each in zip(*found, strict=True))
            print(f"  {name:40} {cpu:6.2f} s of CPU   {wall:6.2f} s")


def _ways(source: Catalog, target: Catalog) -> dict[str, Callable[[], object]]:
    tables = [table.qualified for table in source.tables]
    names = [[c.name for table in side.tables for c in table.columns] for side in (source, target)]
    return {
        "suggest the mapping": lambda: suggest(source, target, tables),
        "every name with all others (rapidfuzz)": lambda: process.cdist(*names),
    }


def large_pair(count: int, one_in: int, seed: str) -> tuple[Catalog, Catalog]:
    """One table in ten and one column in `one_in` have another name on the other side; by the seed."""
    lots = random.Random(seed)
    words = [f"{of}_{what}" for of in _OF for what in _WHAT]
    names = [f"{words[n % len(words)]}{n // len(words) or ''}" for n in range(count)]
    source = [_table(name, _columns(lots)) for name in names]
    target = [_renamed(table, one_in, lots) for table in source]
    return Catalog(tables=tuple(source)), Catalog(tables=tuple(target))


def _columns(lots: random.Random) -> list[Column]:
    chosen = lots.sample(_NAMES, COLUMNS - 1)
    others = (_column(place, name, lots.choice(_TYPES)) for place, name in enumerate(chosen, 2))
    return [_column(1, "id", "bigint", not_null=True), *others]


def _column(place: int, name: str, type_: str, *, not_null: bool = False) -> Column:
    return Column(position=place, name=name, type=type_, not_null=not_null)


def _renamed(table: Table, one_in: int, lots: random.Random) -> Table:
    taken = {column.name for column in table.columns}
    columns = []
    for column in table.columns:
        name = column.name
        if name != "id" and not lots.randrange(one_in):
            others = sorted(set(_NAMES) - taken)
            name = lots.choice([f"{name}_value", f"{table.name.partition('_')[0]}_{name}", *others])
            taken.add(name)
        columns.append(replace(column, name=name))
    return _table(table.name if lots.randrange(10) else f"{table.name}s_new", columns)


def _table(name: str, columns: list[Column]) -> Table:
    key = Constraint(
        name=f"{name}_pkey", kind=ConstraintKind.PRIMARY_KEY, definition="PRIMARY KEY (id)", columns=("id",)
    )
    return Table(schema="public", name=name, columns=tuple(columns), constraints=(key,))
