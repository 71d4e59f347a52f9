"""A comparison as a file to be taken along."""

from collections.abc import Callable
from dataclasses import dataclass

from schemadiff import schema_sql
from schemadiff.core.planner import render
from schemadiff.models import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    name: str
    content_type: str
    content: str


def export(comparison: Comparison, format: str) -> Export | None:
    """The comparison in a format of `FORMATS`; None for another one."""
    if format not in FORMATS:
        return None
    write, suffix, content_type = FORMATS[format]
    return Export(
        name=f"comparison-{comparison.number}.{suffix}",
        content_type=f"{content_type}; charset=utf-8",
        content=write(comparison),
    )


def _sql(comparison: Comparison) -> str:
    return render(schema_sql.schema_plan_of(comparison))


FORMATS: dict[str, tuple[Callable[[Comparison], str], str, str]] = {
    "sql": (_sql, "sql", "application/sql"),
}
