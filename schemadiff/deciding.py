"""An option is chosen: what stands in its way first, then the record of who, why, and on which figures."""

import hashlib
from collections.abc import Mapping as Dictionary
from typing import Any

from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision
from schemadiff.weighing import weighing_of


def obstacles(comparison: Comparison, option: OptionName) -> tuple[str, ...]:
    """What must be done before the option can be decided on, as sentences; none if it can be."""
    try:
        return store.option_of(comparison, option).blockers
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
    """What a decision rests on beside the figures: the mapping's digest, work in hours, and the weights' outcome."""
    found = weighing_of(comparison)
    mapping = store.mapping_of(comparison)
    measured = store.measured(comparison)
    weighed = found.weighed
    keys = {measure.key for measures in measured.measures.values() for measure in measures}
    return {
        "mapping": hashlib.sha256(mapping_file.dump(mapping).encode()).hexdigest(),
        "pairs_confirmed": sum(len(table.accepted()) for table in mapping.tables),
        "measured_at": measured.at.isoformat() if measured.at else "",
        "is_rehearsed": "rehearsal_ms" in keys,
        "hours": {name.value: [effort.p50, effort.p80] for name, effort in found.efforts.items()},
        "standing_still": {name.value: seconds for name, seconds in found.standing_still.items()},
        "open_work": found.open_work,
        "weighed": weighed.sentence if weighed else "",
        "turns": [turn.sentence for turn in weighed.turns] if weighed else [],
        "criteria": [
            {
                "name": each.name,
                "weight": each.weight,
                "measured": each.is_measured,
                "cells": {name.value: round(value, 3) for name, value in each.cells.items()},
            }
            for each in found.criteria
        ],
    }
