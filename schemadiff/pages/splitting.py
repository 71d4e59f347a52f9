"""The page on which one source column is split into several target columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemadiff.core.catalog import Column, Table
from schemadiff.core.parting import Part
from schemadiff.evidence.previews import Preview
from schemadiff.models import Comparison

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPage:
    """`targets` may take a part, each with its type. `is_proposed`: the form begins with a proposal."""

    comparison: Comparison
    table: str
    column: str
    type: str
    targets: tuple[tuple[str, str], ...]
    is_proposed: bool
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitValue:
    after: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    key: str
    before: tuple[str | None, ...]
    values: tuple[SplitValue, ...]

    @property
    def is_refused(self) -> bool:
        return any(value.problem for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPreview:
    """Rows of the source beside what each target column would get; those with a problem first."""

    key: str
    before: tuple[str, ...]
    targets: tuple[str, ...]
    rows: tuple[SplitRow, ...]
    tried: int
    refused: int
    problems: tuple[str, ...]
    untried: str  # why the target's checks and keys were not tried
    left: tuple[str, ...]  # rules beyond the columns that could not be tried, each with why


def split_page(
    comparison: Comparison, table: str, column: Column, target: Table, proposed: Sequence[Part]
) -> SplitPage:
    return SplitPage(
        comparison=comparison,
        table=table,
        column=column.name,
        type=column.type,
        targets=tuple((each.name, each.type) for each in target.columns if not each.generated),
        is_proposed=bool(proposed),
    )


def split_preview(parts: Sequence[Part], previews: Sequence[Preview]) -> SplitPreview:
    """`previews` are of the same rows, one for each part."""
    first = previews[0]
    columns = tuple(dict.fromkeys(name for each in previews for name in each.columns))
    rows = [_row(columns, previews, place) for place in range(len(first.rows))]
    ordered = sorted(rows, key=lambda row: not row.is_refused)
    return SplitPreview(
        key=", ".join(first.key) or "row",
        before=columns,
        targets=tuple(part.target for part in parts),
        rows=tuple(ordered[:_SHOWN]),
        tried=len(rows),
        refused=sum(row.is_refused for row in rows),
        problems=tuple(dict.fromkeys(problem for each in previews for problem in each.problems)),
        untried=first.untried,
        left=tuple(dict.fromkeys(said for each in previews for said in each.left)),
    )


def _row(columns: Sequence[str], previews: Sequence[Preview], place: int) -> SplitRow:
    known: dict[str, str | None] = {}
    for each in previews:
        known |= dict(zip(each.columns, each.rows[place].before, strict=True))
    return SplitRow(
        key=previews[0].rows[place].key,
        before=tuple(known[name] for name in columns),
        values=tuple(
            SplitValue(after=each.rows[place].after, problem=each.rows[place].problem) for each in previews
        ),
    )
