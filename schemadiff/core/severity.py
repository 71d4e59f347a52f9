"""How grave it is to make the target's object like the source's: what may be lost, what breaks, what may stop."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from schemadiff.core.breaking import Breaking
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.changes import Diff, ObjectDiff, Renamed
from schemadiff.core.plan import Statement


class Severity(IntEnum):
    """Gravest first. An object has the gravest that any of its statements or changes has."""

    DATA_LOSS = 1  # a statement destroys rows or values
    BREAKING = 2  # readers or writers of the target as it is break
    HAZARD = 3  # a statement blocks, rewrites, or may fail on the rows
    NOTICE = 4  # differs, and none of these

    @property
    def word(self) -> str:
        return _WORDS[self]


_WORDS = {
    Severity.DATA_LOSS: "data loss",
    Severity.BREAKING: "breaking",
    Severity.HAZARD: "hazard",
    Severity.NOTICE: "notice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An object's severity and the sentences behind it, gravest first, each once."""

    severity: Severity
    reasons: tuple[str, ...] = ()


def judge(
    diff: Diff, breaking: Iterable[Breaking], statements: Iterable[Statement]
) -> dict[ObjectRef, Judged]:
    """Every object that differs, by its reference in the diff."""
    owners = _Owners(diff.different)
    found: defaultdict[ObjectRef, list[tuple[Severity, str]]] = defaultdict(list)
    for statement in statements:
        owner = owners.of(statement.ref)
        if owner is not None:
            found[owner] += _hazards(statement)
    for entry in breaking:
        owner = owners.of(entry.ref)
        if owner is not None:
            found[owner].append((Severity.BREAKING, f"{entry.ref.label} {entry.reason}."))
    return {entry.ref: _judged(found[entry.ref]) for entry in diff.different}


def _hazards(statement: Statement) -> Iterator[tuple[Severity, str]]:
    for hazard in statement.hazards:
        severity = Severity.DATA_LOSS if hazard.code == "data-loss" else Severity.HAZARD
        yield severity, hazard.message


def _judged(found: list[tuple[Severity, str]]) -> Judged:
    if not found:
        return Judged(severity=Severity.NOTICE)
    found.sort(key=lambda one: one[0])  # stable: in the plan's order within a severity
    return Judged(severity=found[0][0], reasons=tuple(dict.fromkeys(text for _, text in found)))


class _Owners:
    """Whose change a statement carries out: the object's own, or that of the relation whose part it is."""

    def __init__(self, entries: Iterable[ObjectDiff]) -> None:
        self._refs: dict[ObjectRef, ObjectRef] = {}
        self._relations: dict[tuple[str, str], ObjectRef] = {}
        for entry in entries:
            for ref in _names(entry):
                self._refs[ref] = entry.ref
                if entry.parts or ref.kind in (Kind.TABLE, Kind.VIEW):
                    self._relations[ref.schema, ref.name] = entry.ref

    def of(self, ref: ObjectRef) -> ObjectRef | None:
        return self._relations.get((ref.schema, ref.parent)) if ref.parent else self._refs.get(ref)


def _names(entry: ObjectDiff) -> tuple[ObjectRef, ...]:
    return (entry.ref, entry.own.target) if isinstance(entry.own, Renamed) else (entry.ref,)
