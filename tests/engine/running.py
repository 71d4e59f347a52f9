"""What the engine's tests share: runs without an application around them, and questions to databases."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg

from migration import seedcase
from migration.core.events import (
    Event,
    Fingerprint,
    Log,
    RejectsGrouped,
    TableChecked,
    TableProgress,
)
from migration.runner import RunResult, RunSpec, never, run
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.options.option import Option, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Plan
from schemadiff.core.snapshot import fingerprint
from schemadiff.introspection import read_catalog

PROTECTED = (("public", "whatsapp_auth"), ("public", "whatsapp_keys"))

_Event = TypeVar("_Event")


@dataclass
class Told:
    """Collects what a run reports."""

    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[_Event]) -> list[_Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def last_progress(self) -> dict[str, TableProgress]:
        return {event.table[1]: event for event in self.of(TableProgress)}

    def rejects(self) -> dict[tuple[str, str, str], int]:
        """Last count by table, SQLSTATE and constraint or column."""
        return {
            (event.table[1], event.sqlstate, event.constraint or event.column): event.count
            for event in self.of(RejectsGrouped)
        }

    def text(self) -> str:
        return "\n".join(
            [event.message for event in self.of(Log)] + [event.reason for event in self.of(RejectsGrouped)]
        )

    def protected(self) -> dict[tuple[str, str], Fingerprint]:
        return {(event.table[1], event.when): event for event in self.of(Fingerprint)}

    def checked(self) -> dict[str, TableChecked]:
        return {event.table[1]: event for event in self.of(TableChecked)}


def catalog(dsn: str) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return read_catalog(connection)


def fingerprint_of(dsn: str) -> str:
    return fingerprint(catalog(dsn))


def ask(dsn: str, question: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(question.encode(), parameters or None)
        return cursor.fetchall() if cursor.description else []


def one(dsn: str, question: str, *parameters: Any) -> Any:
    return ask(dsn, question, *parameters)[0][0]


def seed_scope(*more: str) -> Scope:
    tables = tuple(sorted(("public", table) for table in (*seedcase.TABLES, *more)))
    return Scope(tables=tables, protected=PROTECTED)


def seed_recreate(source: str, target: str, *more: str) -> RunSpec:
    return spec_of(recreate(catalog(source), catalog(target), seed_scope(*more)))


def seed_transform(source: str, target: str) -> RunSpec:
    mapping = mapping_file.load(seedcase.MAPPING_JSON.read_text(encoding="utf-8"))
    return spec_of(transform(catalog(source), catalog(target), seed_scope(), mapping))


def spec_of(option: Option) -> RunSpec:
    assert not option.blockers, option.blockers
    return RunSpec(
        ledger_id=uuid.uuid4(),
        option=option.name.value,
        plan=option.plan,
        mapping=option.mapping,
        scope=option.scope,
    )


def copy_spec(target: str, *tables: TableMapping, jobs: int = 1) -> RunSpec:
    """A run that changes no schema: rows only."""
    return RunSpec(
        ledger_id=uuid.uuid4(),
        option="transform",
        plan=Plan(target_fingerprint=fingerprint_of(target)),
        mapping=Mapping(tables=tables),
        scope=Scope(tables=tuple(dict.fromkeys(entry.source for entry in tables))),
        jobs=jobs,
    )


def table(name: str, /, *columns: str, **expressions: str) -> TableMapping:
    """`a` takes a, `b=c` takes c into b; expressions by target column."""
    pairs = [pair.partition("=") for pair in columns]
    return TableMapping(
        source=("public", name),
        target=("public", name),
        pairs=(
            *(ColumnPair(target=t, source=s or t, status=PairStatus.CONFIRMED) for t, _, s in pairs),
            *(
                ColumnPair(target=t, expression=e, status=PairStatus.CONFIRMED)
                for t, e in expressions.items()
            ),
        ),
    )


def carry(
    source: str,
    target: str,
    spec: RunSpec,
    *,
    should_stop: Callable[[], bool] = never,
    resume: bool = False,
    chunk_rows: int = 50_000,
) -> tuple[RunResult, Told]:
    told = Told()
    result = run(
        source,
        target,
        spec,
        report=told.report,
        should_stop=should_stop,
        resume=resume,
        chunk_rows=chunk_rows,
    )
    return result, told


def name(table_name: str) -> QualifiedName:
    return ("public", table_name)
