"""What a run is to do, as one value, and as JSON for the ledger: a resumed run does exactly the same."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from migration.core.limits import Limits, limits_from_json, limits_to_json
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import Refused
from schemadiff.core.hazards import DATA_LOSS
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.newer_words import unknown_to_target
from schemadiff.core.options.option import Scope
from schemadiff.core.plan import Duration, Hazard, Lock, Plan, Section, Statement

FORMAT = 8
"""1 did not say which statements lose data, 2 what they lock, 3 whether rows are overwritten, 4 whether it is live,
5 whether it follows by comparing, 6 where it backs up to, 7 of which rows, and in which parts."""
_READ = (3, 4, 5, 6, 7, FORMAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """`ledger_id` is the run's name in the target. Only confirmed pairs of the mapping carry data.

    `author`, `jobs` and `limits` say who began it and how: a resumed run may have others.

    Rows that a target table has already are left as they are, and those of the source that collide with them are
    refused; unless it `overwrites` them, which keeps each as it was.

    A `live` run follows its source after the copy, until the target takes over: by the source's log, or, where it
    `compares`, by rounds of comparing and repairing.

    What it parks, changes or writes to is dumped into a file of the folder `backup_to` first, where one is named.
    """

    ledger_id: UUID
    option: str
    plan: Plan
    mapping: Mapping
    scope: Scope
    jobs: int = 2
    author: str = ""
    overwrites: bool = False
    live: bool = False
    compares: bool = False
    backup_to: str = ""
    limits: Limits = field(default_factory=Limits)


def refuse_unfit(plan: Plan) -> None:
    """A run makes what the target's server knows, and loses nothing. Raises Refused naming what is against it."""
    unknown = tuple(unknown_to_target(plan))
    if unknown:
        more = f" ({len(unknown) - 1} more like it)" if len(unknown) > 1 else ""
        raise Refused(
            f"{unknown[0]}{more} Nothing was done. Move to a newer server, change it in the source, or leave the "
            "table out, and compare again."
        )
    refuse_data_loss(plan)


def refuse_data_loss(plan: Plan) -> None:
    """A run drops nothing that was not first parked. Raises Refused naming what a statement would lose."""
    for statement in plan.statements:
        lost = [hazard.message for hazard in statement.hazards if hazard.code == DATA_LOSS]
        if lost:
            ref = statement.ref
            raise Refused(
                f"The plan changes the {ref.kind.value} “{ref.label}” in a way that loses data: {lost[0]} A run "
                "drops nothing that was not parked first, so nothing was done. Choose an option or a relaxation "
                "that keeps it, or make that change yourself after a backup and compare again."
            )


def spec_to_json(spec: RunSpec) -> dict[str, Any]:
    """Everything a resumed run needs. Notices, the ordering's own sets and hazards but lost data are left out."""
    return {
        "format": FORMAT,
        "ledger_id": str(spec.ledger_id),
        "option": spec.option,
        "jobs": spec.jobs,
        "author": spec.author,
        "overwrites": spec.overwrites,
        "live": spec.live,
        "compares": spec.compares,
        "backup_to": spec.backup_to,
        "limits": limits_to_json(spec.limits),
        "scope": {"tables": spec.scope.tables, "protected": spec.scope.protected},
        "fingerprint": spec.plan.target_fingerprint,
        "statements": [_statement_to_json(statement) for statement in spec.plan.statements],
        "mapping": [_table_to_json(entry) for entry in spec.mapping.tables],
    }


def spec_from_json(data: dict[str, Any]) -> RunSpec:
    """The inverse; the plan has the same digest. Raises Refused for another format."""
    if data.get("format") not in _READ:
        raise Refused(
            f"The ledger's run is of format {data.get('format')}, this version reads format {FORMAT}: "
            "resume it with the version that began it."
        )
    return RunSpec(
        ledger_id=UUID(data["ledger_id"]),
        option=data["option"],
        jobs=data["jobs"],
        author=data.get("author", ""),
        overwrites=data.get("overwrites", False),  # format 3 has none
        live=data.get("live", False),  # nor has 4
        compares=data.get("compares", False),  # nor has 5
        backup_to=data.get("backup_to", ""),  # nor has 6
        limits=limits_from_json(data.get("limits")),
        scope=Scope(tables=_names(data["scope"]["tables"]), protected=_names(data["scope"]["protected"])),
        plan=Plan(
            target_fingerprint=data["fingerprint"],
            statements=tuple(_statement_from_json(entry) for entry in data["statements"]),
        ),
        mapping=Mapping(tables=tuple(_table_from_json(entry) for entry in data["mapping"])),
    )


def is_same_work(spec: RunSpec, other: RunSpec) -> bool:
    """Do both do the same, whoever began them and however fast they are?"""
    alike = replace(other, jobs=spec.jobs, author=spec.author, limits=spec.limits)
    return spec_to_json(spec) == spec_to_json(alike)


def _statement_to_json(statement: Statement) -> dict[str, Any]:
    ref = statement.ref
    return {
        "sql": statement.sql,
        "section": statement.section.value,
        "in_transaction": statement.in_transaction,
        "lock": statement.lock.value,
        "duration": statement.duration.value,
        "loses": [hazard.message for hazard in statement.hazards if hazard.code == DATA_LOSS],
        "ref": [ref.kind.value, ref.schema, ref.name, ref.parent],
    }


def _statement_from_json(data: dict[str, Any]) -> Statement:
    kind, schema, name, parent = data["ref"]
    return Statement(
        sql=data["sql"],
        section=Section(data["section"]),
        in_transaction=data["in_transaction"],
        lock=Lock(data["lock"]),
        duration=Duration(data["duration"]),
        hazards=tuple(Hazard(code=DATA_LOSS, message=message) for message in data["loses"]),
        ref=ObjectRef(kind=Kind(kind), schema=schema, name=name, parent=parent),
    )


def _table_to_json(entry: TableMapping) -> dict[str, Any]:
    pairs = [[pair.target, pair.source, pair.expression, pair.inverse] for pair in entry.accepted()]
    return {
        "source": entry.source,
        "target": entry.target,
        "pairs": pairs,
        "where": entry.where,
        "part": entry.part,
    }


def _table_from_json(data: dict[str, Any]) -> TableMapping:
    pairs = tuple(
        ColumnPair(
            target=target,
            source=source,
            expression=expression,
            inverse=next(iter(rest), None),  # runs that began before there was one have none
            status=PairStatus.CONFIRMED,
        )
        for target, source, expression, *rest in data["pairs"]
    )
    return TableMapping(
        source=_name(data["source"]),
        target=_name(data["target"]),
        pairs=pairs,
        where=data.get("where"),  # formats before 8 have none
        part=data.get("part", ""),
    )


def _names(entries: list[list[str]]) -> tuple[QualifiedName, ...]:
    return tuple(_name(entry) for entry in entries)


def _name(entry: list[str]) -> QualifiedName:
    schema, name = entry
    return (schema, name)
