"""Weighings as rows and values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from schemadiff.core.options.effort import SHARED_ERROR, Minutes
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Weighing

FULL = 10  # what a person gives the best


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody gave an option, from 0 to FULL."""

    value: float
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A criterion with its weight (0 to 100). Without cells it is a measured one, known by its key."""

    key: str
    name: str
    weight: float
    cells: dict[OptionName, Judgement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """`guesses` are hours from and to that people expected before anything was measured."""

    minutes: dict[str, Minutes] = field(default_factory=dict)
    shared_error: float = SHARED_ERROR
    guesses: dict[OptionName, tuple[float, float]] = field(default_factory=dict)
    criteria: tuple[Judged, ...] = ()
    updated_by: str = ""
    updated_at: datetime | None = None


def assumptions_of(comparison: Comparison) -> Assumptions:
    """The defaults where nobody has put in anything."""
    row = Weighing.objects.filter(comparison=comparison).select_related("updated_by").first()
    if row is None:
        return Assumptions()
    return Assumptions(
        minutes={key: Minutes(low=a, likely=b, high=c) for key, (a, b, c) in row.minutes.items()},
        shared_error=row.shared_error,
        guesses={OptionName(name): (low, high) for name, (low, high) in row.guesses.items()},
        criteria=tuple(_judged(item) for item in row.criteria),
        updated_by=row.updated_by.get_username() if row.updated_by else "",
        updated_at=row.updated_at,
    )


def keep_assumptions(comparison: Comparison, given: Assumptions, user: User | None) -> None:
    Weighing.objects.update_or_create(
        comparison=comparison,
        defaults={
            "project_id": comparison.project_id,
            "minutes": {key: [m.low, m.likely, m.high] for key, m in given.minutes.items()},
            "shared_error": given.shared_error,
            "guesses": {name.value: list(hours) for name, hours in given.guesses.items()},
            "criteria": [_as_item(each) for each in given.criteria],
            "updated_by": user,
            "updated_at": timezone.now(),
        },
    )


def _judged(item: dict[str, Any]) -> Judged:
    return Judged(
        key=item["key"],
        name=item["name"],
        weight=item["weight"],
        cells={
            OptionName(name): Judgement(
                value=cell["value"],
                by=cell["by"],
                at=datetime.fromisoformat(cell["at"]) if cell["at"] else None,
            )
            for name, cell in item["cells"].items()
        },
    )


def _as_item(each: Judged) -> dict[str, Any]:
    return {
        "key": each.key,
        "name": each.name,
        "weight": each.weight,
        "cells": {
            name.value: {"value": cell.value, "by": cell.by, "at": cell.at.isoformat() if cell.at else None}
            for name, cell in each.cells.items()
        },
    }
