"""Prove a plan: the copy of the target's schema is made, changed by the plan, compared and planned again."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from schemadiff.core import mapping as core_mapping
from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.changes import Added, Altered, Change, ObjectDiff, Removed, Renamed
from schemadiff.core.diff import diff
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Duration, Plan, Statement
from schemadiff.core.planner import plan_objects, plan_schema
from schemadiff.core.proof import LeftOut, Proof, RefusedStatement, Rewritten
from schemadiff.core.view_text import aligned
from schemadiff.embedded import EmbeddedServer, nearest_major, throwaway
from schemadiff.proving.copy import Files, Scratch, let_act, make_roles, make_tablespaces, scratch
from schemadiff.proving.leaving_out import without
from schemadiff.proving.roles import roles_of

_SUPERUSER = "schemadiff_prover"  # so that `postgres` can be an ordinary owner
_SHOWN = 20
_OF_THE_SERVER = frozenset({"owner", "grants", "tablespace"})
_WRITE_ANEW = (Duration.REWRITES_ROWS, Duration.RUNS_QUERY)

Reached: TypeAlias = Callable[[str], object]
"""Is told what is being done just now, in words; often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which plan makes which target like what. `with_access`: owners and grants are part of what is wanted."""

    wanted: Catalog
    target: Catalog
    plan: Plan
    mapping: core_mapping.Mapping = field(default_factory=core_mapping.Mapping)
    with_access: bool = True


def _to_nobody(words: str) -> None:
    pass


def prove(task: Task, reached: Reached = _to_nobody) -> Proof:
    """Takes seconds, for large schemas minutes. Neither the source nor the target is connected to."""
    started = time.monotonic()
    major = nearest_major(task.target.server_version)
    reached(f"A scratch PostgreSQL {major} is started")
    with throwaway(major, superuser=_SUPERUSER) as server:
        roles = make_roles(server, roles_of(task.wanted, task.target))
        make_tablespaces(server, task.target.tablespaces or task.wanted.tablespaces)
        if task.target.user:
            let_act(server, task.target.user, roles)
        proof = _Proving(server, task, reached).go()
    return replace(proof, roles=roles, seconds=time.monotonic() - started)


class _Proving:
    """One plan on one server, with as many databases as it takes."""

    def __init__(self, server: EmbeddedServer, task: Task, reached: Reached) -> None:
        self._server, self._task, self._reached = server, task, reached
        self._databases = itertools.count(1)

    def go(self) -> Proof:
        """If the plan asks for what a scratch server cannot do, it is planned without that and replayed again."""
        with self._copy_of(self._task.target) as (copy, left_out):
            proof, is_beyond = self._replay(copy, left_out)
        if not is_beyond:
            return proof
        with self._copy_of(self._task.wanted) as (_, beyond):
            pass
        with self._copy_of(self._task.target) as (copy, left_out):
            return self._replay(copy, {**beyond, **left_out})[0] if beyond else proof

    @contextlib.contextmanager
    def _copy_of(self, catalog: Catalog) -> Iterator[tuple[Scratch, dict[ObjectRef, str]]]:
        """With what of it could not be made, or comes out otherwise there, and why."""
        self._reached("The schema is made on the scratch server")
        with scratch(self._server, f"copy{next(self._databases)}", self._task.target) as copy:
            plan = plan_schema(catalog, copy.catalog())
            failed: dict[ObjectRef, str] = {}
            for statement in plan.statements:
                if refusal := copy.carry_out(statement):
                    failed.setdefault(statement.ref, refusal.reason)
            different = self._diff(catalog, copy.catalog())
            yield copy, {entry.ref: _why(entry, failed) for entry in different}

    def _replay(self, copy: Scratch, left_out: Mapping[ObjectRef, str]) -> tuple[Proof, bool]:
        """Also whether a statement was refused for what the scratch server is, not for what it says."""
        task = self._task
        wanted, plan = task.wanted, task.plan
        if left_out:
            wanted, present = (without(side, left_out) for side in (task.wanted, copy.catalog()))
            plan = plan_schema(wanted, present, task.plan.mode, task.mapping)
        before = copy.files()
        applied, refused, is_beyond = _carried_out(copy, plan.statements, self._reached)
        proof = Proof(
            digest=task.plan.digest,
            mode=task.plan.mode.value,
            major=self._server.major,
            target_version=task.target.server_version,
            statements=len(plan.statements),
            applied=applied,
            seconds=0,
            refused=refused,
            rewritten=tuple(_rewritten(task.target, plan.statements[:applied], before, copy.files())),
            left_out=tuple(
                LeftOut(object=f"{ref.kind.value} {ref.label}", reason=reason)
                for ref, reason in sorted(left_out.items())
            ),
        )
        if refused is not None:
            return proof, is_beyond
        self._reached("The copy is compared and planned again")
        reached = without(copy.catalog(), left_out) if left_out else copy.catalog()
        return self._judged(proof, wanted, reached), False

    def _judged(self, proof: Proof, wanted: Catalog, reached: Catalog) -> Proof:
        target = self._task.target
        reached = replace(reached, roles=target.roles, tablespaces=target.tablespaces)
        different = self._diff(wanted, reached)
        told = [line for entry in different for line in _lines(entry) if self._is_told(entry)]
        left = [line for entry in different for line in _lines(entry) if not self._is_told(entry)]
        again: Iterable[Statement] = ()
        if self._task.with_access:
            again = plan_schema(wanted, reached, self._task.plan.mode).statements
        else:
            again = plan_objects(wanted, reached, self._task.plan.mode)
        return replace(
            proof,
            left=tuple(left[:_SHOWN]),
            again=tuple(statement.sql for statement in again)[:_SHOWN],
            told=tuple(told[:_SHOWN]),
        )

    def _is_told(self, entry: ObjectDiff) -> bool:
        """Whether the plan says itself that it leaves this, for want of a role or a tablespace."""
        return bool(self._task.plan.notices) and all(map(_is_of_the_server, entry.changes))

    def _diff(self, wanted: Catalog, reached: Catalog) -> tuple[ObjectDiff, ...]:
        wanted, reached = aligned(wanted, reached)
        if not self._task.with_access:
            nothing: dict[str, Any] = {"access": (), "default_privileges": ()}
            wanted, reached = replace(wanted, **nothing), replace(reached, **nothing)
        return diff(wanted, reached).different


def _carried_out(
    copy: Scratch, statements: Sequence[Statement], reached: Reached
) -> tuple[int, RefusedStatement | None, bool]:
    """How many worked, up to the first that did not."""
    for number, statement in enumerate(statements, start=1):
        reached(
            f"Statement {number:,} of {len(statements):,}: {statement.ref.kind.value} {statement.ref.label}"
        )
        if refusal := copy.carry_out(statement):
            refused = RefusedStatement(
                number=number,
                object=f"{statement.ref.kind.value} {statement.ref.label}",
                sql=statement.sql,
                message=refusal.reason,
            )
            return number - 1, refused, refusal.is_of_the_place
    return len(statements), None, False


def _rewritten(
    target: Catalog, done: Sequence[Statement], before: Files, after: Files
) -> Iterator[Rewritten]:
    """Of the tables and materialized views that were there before and still are."""
    predicted = _predicted(target, done)
    for oid, (name, file) in sorted(before.items(), key=lambda entry: entry[1]):
        is_said, now = name in predicted, after.get(oid)
        is_seen = now is not None and now[1] != file
        if now is not None and (is_said or is_seen):
            yield Rewritten(relation=name, predicted=is_said, seen=is_seen)


def _predicted(target: Catalog, done: Sequence[Statement]) -> frozenset[str]:
    """What is done to a table is done to its partitions and heirs."""
    inventory = Inventory(target)
    found = set()
    for statement in done:
        if statement.duration in _WRITE_ANEW:
            ref = statement.ref
            found.add(f"{ref.schema}.{ref.parent or ref.name}")
            table = ObjectRef(kind=Kind.TABLE, schema=ref.schema, name=ref.parent or ref.name)
            found.update(f"{below.schema}.{below.name}" for below in inventory.below(table))
    return frozenset(found)


def _is_of_the_server(change: Change) -> bool:
    match change:
        case Altered(attributes=attributes):
            return {attribute.name for attribute in attributes} <= _OF_THE_SERVER
        case _:
            return change.ref.kind is Kind.DEFAULT_PRIVILEGES


def _why(entry: ObjectDiff, failed: Mapping[ObjectRef, str]) -> str:
    refs = [entry.ref, *(change.ref for change in entry.changes)]
    reason = next((failed[ref] for ref in refs if ref in failed), "")
    return reason or f"it comes out otherwise there: {next(iter(_lines(entry)), 'for what it needs')}"


def _lines(entry: ObjectDiff) -> Iterator[str]:
    """`column public.t.a: type` and the like, one for each change."""
    for change in entry.changes:
        what = f"{change.ref.kind.value} {change.ref.label}"
        match change:
            case Added():
                yield f"{what} is there, and is not wanted"
            case Removed():
                yield f"{what} is not there"
            case Altered(attributes=attributes) | Renamed(attributes=attributes):
                yield f"{what}: {', '.join(sorted({attribute.name for attribute in attributes}))}"
