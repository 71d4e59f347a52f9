"""An option is chosen: what stands in its way first, then the record of who, why, and on which figures."""

from collections.abc import Mapping as Dictionary
from typing import Any

from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.core.errors import Refused
from schemadiff.core.options.effort import TASKS
from schemadiff.core.options.option import OptionName
from schemadiff.core.options.points import blocked_by
from schemadiff.models import Comparison, Decision
from schemadiff.store.weighings import Judged
from schemadiff.weighing import weighing_of


def obstacles(comparison: Comparison, option: OptionName) -> tuple[str, ...]:
    """What must be done before the option can be decided on, as sentences; none if it can be."""
    try:
        found = store.option_of(comparison, option).blockers
        return (*found, *blocked_by(store.measures_of(comparison).get(option, ())))
    except Refused as refusal:
        return (str(refusal),)


def decide(
    comparison: Comparison,
    option: OptionName,
    *,
    reason: str,
    why_not: Dictionary[OptionName, str],
    user: User,
    conditions: str = "",
) -> Decision:
    """Record the choice; it supersedes the one in force. Raises Refused while something stands in its way."""
    found = obstacles(comparison, option)
    if found:
        more = f" ({len(found) - 1} more such reasons)" if len(found) > 1 else ""
        raise Refused(f"{option.value.capitalize()} cannot be decided on yet: {found[0]}{more}")
    return store.record_decision(
        comparison,
        option,
        reason=reason,
        why_not=why_not,
        user=user,
        conditions=conditions,
        basis=basis_of(comparison),
    )


def basis_of(comparison: Comparison) -> dict[str, Any]:
    """What a decision rests on beside figures and mapping: work in hours with the minutes assumed, the weights'
    outcome, who judged what and when, and digests of what a later look compares."""
    found = weighing_of(comparison)
    mapping = store.mapping_of(comparison)
    measured = store.measured(comparison)
    weighed = found.weighed
    judged = {each.key: each for each in found.assumptions.criteria}
    keys = {measure.key for measures in measured.measures.values() for measure in measures}
    return {
        "pairs_confirmed": sum(len(table.accepted()) for table in mapping.tables),
        "pairs_open": mapping.unconfirmed_count,
        "expressions": sum(bool(pair.expression) for table in mapping.tables for pair in table.accepted()),
        "tables_mapped": len(mapping.tables),
        "stood": store.what_may_move(comparison),
        "measured_at": measured.at.isoformat() if measured.at else "",
        "is_rehearsed": "rehearsal_ms" in keys,
        "hours": {name.value: [effort.p50, effort.p80] for name, effort in found.efforts.items()},
        "standing_still": {name.value: seconds for name, seconds in found.standing_still.items()},
        "open_work": found.open_work,
        "minutes": {
            task.key: [minutes.low, minutes.likely, minutes.high]
            for task in TASKS
            for minutes in [found.assumptions.minutes.get(task.key, task.minutes)]
        },
        "shared_error": found.assumptions.shared_error,
        "weighed": weighed.sentence if weighed else "",
        "turns": [turn.sentence for turn in weighed.turns] if weighed else [],
        "criteria": [
            {
                "name": each.name,
                "weight": each.weight,
                "measured": each.is_measured,
                "cells": {name.value: round(value, 3) for name, value in each.cells.items()},
                "judged": _judged(judged.get(each.key)),
            }
            for each in found.criteria
        ],
        "scores": {name.value: round(score, 3) for name, score in weighed.scores.items()} if weighed else {},
        "shares": {name.value: round(share, 3) for name, share in weighed.shares.items()} if weighed else {},
    }


def _judged(criterion: Judged | None) -> list[list[str]]:
    """Who judged an option and when, as [option, who, when]."""
    cells = criterion.cells.items() if criterion else ()
    return [[name.value, cell.by, cell.at.isoformat() if cell.at else ""] for name, cell in cells]
