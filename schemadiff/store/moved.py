"""What has changed since a decision was taken, of that on which it rests."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from schemadiff.core import mapping_file
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision, Query, Snapshot
from schemadiff.store.comparisons import scope_of
from schemadiff.store.mappings import mapping_of


class Moved(StrEnum):
    SOURCE = "source"
    TARGET = "target"
    MAPPING = "mapping"
    CHOICES = "choices"
    SCOPE = "scope"
    QUERIES = "queries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """`is_serious`: a run would carry out something else than was decided on. `later`: the number of a newer
    comparison of the same two databases.
    """

    what: Moved
    sentence: str
    is_serious: bool
    later: int | None = None


_SENTENCES = {
    Moved.SOURCE: "A later snapshot of the source shows another schema.",
    Moved.TARGET: "A later snapshot of the target shows another schema.",
    Moved.MAPPING: "The mapping was changed.",
    Moved.CHOICES: "Hybrid gives up other rules of the target than it did.",
    Moved.SCOPE: "Other tables are carried over, or protected.",
    Moved.QUERIES: "The application's queries are others.",
}


def movements(decision: Decision) -> tuple[Movement, ...]:
    """Everything that has, in the order of `Moved`; a fixed number of database queries.

    What an older record does not know is not compared.
    """
    comparison, option = decision.comparison, OptionName(decision.option)
    found = {side for side, differs in _sides(decision) if differs}
    if decision.mapping and decision.mapping != mapping_file.dump(mapping_of(comparison)):
        found.add(Moved.MAPPING)
    if stood := decision.basis.get("stood"):
        found |= {what for what, now in _as_they_are(comparison).items() if stood.get(what.value, now) != now}
    serious = {Moved.SOURCE, Moved.TARGET, Moved.SCOPE}
    serious |= {OptionName.TRANSFORM: {Moved.MAPPING}, OptionName.HYBRID: {Moved.CHOICES}}.get(option, set())
    later = _later(comparison) if found & {Moved.SOURCE, Moved.TARGET} else None
    return tuple(
        Movement(
            what=what,
            sentence=_SENTENCES[what],
            is_serious=what in serious,
            later=later if what in (Moved.SOURCE, Moved.TARGET) else None,
        )
        for what in Moved
        if what in found
    )


def what_may_move(comparison: Comparison) -> dict[str, str]:
    """For the record of a decision: what `movements` compares later, beside the mapping and the schemas."""
    return {what.value: digest for what, digest in _as_they_are(comparison).items()}


def _as_they_are(comparison: Comparison) -> dict[Moved, str]:
    scope = scope_of(comparison)
    queries = Query.objects.filter(project_id=comparison.project_id).values_list("name", "sql")
    return {
        Moved.CHOICES: _digest(sorted(comparison.hybrid_choices)),
        Moved.SCOPE: _digest([sorted(scope.tables), sorted(scope.protected)]),
        Moved.QUERIES: _digest(sorted(queries)),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _sides(decision: Decision) -> tuple[tuple[Moved, bool], ...]:
    return (
        (Moved.SOURCE, _differs(decision.comparison.source.connection_id, decision.source_fingerprint)),
        (Moved.TARGET, _differs(decision.comparison.target.connection_id, decision.target_fingerprint)),
    )


def _differs(connection_id: int | None, fingerprint: str) -> bool:
    """The newest snapshot of that connection, where there is one."""
    if connection_id is None:
        return False
    rows = Snapshot.objects.filter(connection_id=connection_id).values_list("fingerprint", flat=True)
    return rows.first() not in (None, fingerprint)


def _later(comparison: Comparison) -> int | None:
    """Of the same two databases, as the history of comparisons has it."""
    rows = Comparison.objects.filter(
        project_id=comparison.project_id,
        source__label=comparison.source.label,
        target__label=comparison.target.label,
        number__gt=comparison.number,
    )
    return rows.order_by("-number").values_list("number", flat=True).first()
