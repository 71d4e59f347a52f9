"""The pages on which a source table is split: a target table more, and the condition of one."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemadiff.core.mapping import QualifiedName, TableMapping
from schemadiff.models import Comparison
from schemadiff.table_parts import Divided


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPage:
    """`target` is empty until a target table is chosen; `is_new`: it takes no rows yet."""

    comparison: Comparison
    back: str  # the table of the mapping page that one came from
    source: str
    target: str
    is_new: bool
    has_targets: bool = True  # there are target tables to choose
    is_split: bool = False  # something else takes of the source table, too
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class DividedRow:
    target: str
    where: str
    rows: int
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DividedPanel:
    rows: tuple[DividedRow, ...]
    total: int
    by_none: int
    by_several: int
    percent: str  # of the table that was looked at; empty for all of it


def target_choices(targets: Mapping[QualifiedName, tuple[QualifiedName, ...]]) -> dict[str, str]:
    """Their names, each with what stands in the list; those without anybody's rows first."""
    return {
        ".".join(name): f"{'.'.join(name)} (takes {', '.join('.'.join(each) for each in others)})"
        if others
        else ".".join(name)
        for name, others in sorted(targets.items(), key=lambda each: (bool(each[1]), each[0]))
    }


def divided_panel(found: Divided, this: TableMapping) -> DividedPanel:
    rows = found.rows
    return DividedPanel(
        rows=tuple(
            DividedRow(
                target=".".join(entry.target),
                where=entry.where or "",
                rows=count,
                is_this=entry.target == this.target,
            )
            for entry, count in zip(found.entries, rows.taken, strict=True)
        ),
        total=rows.total,
        by_none=rows.by_none,
        by_several=rows.by_several,
        percent="" if rows.percent is None else f"{rows.percent:.2g}",
    )
