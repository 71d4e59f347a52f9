"""What is asked before rows of a run's target are changed: repaired, taken back, or rejects tried again."""

from dataclasses import dataclass

from migration.forms.verifications import RepairForm
from migration.models import Run, Verification
from migration.pages.verifications import TableLine, table_line
from migration.pages.words import number


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPage:
    """What a repair, or its undo, will do, before anybody says yes."""

    section: str = "runs"
    run: Run
    title: str
    action: str
    explanation: tuple[str, ...]
    tables: tuple[TableLine, ...]
    form: RepairForm
    refusal: str
    remedy: str


def repair_page(
    run: Run, found: Verification | None, form: RepairForm, *, refusal: str = "", remedy: str = ""
) -> RepairPage:
    """What the latest verification found is what a repair will change, unless somebody writes meanwhile."""
    result = (found.result if found else None) or {}
    return RepairPage(
        run=run,
        title=f"Repair the target of run #{run.number}",
        action="Repair these rows",
        explanation=(
            "The rows are compared again first; just those that differ then are changed. Each is kept in the "
            f"target’s schema schemadiff as it was, so that the repair can be undone. Up to {number(500)} rows are "
            "changed in one transaction.",
            "Protected tables are not touched. No row is written whose referenced row is missing, and none is "
            "removed to which others still refer.",
        ),
        tables=tuple(table_line(each, False) for each in result.get("tables", ()) if each["differing"]),
        form=form,
        refusal=refusal,
        remedy=remedy,
    )


def retry_page(run: Run, form: RepairForm, *, refusal: str = "", remedy: str = "") -> RepairPage:
    return RepairPage(
        run=run,
        title=f"Try the rejects of run #{run.number} again",
        action="Try them again",
        explanation=(
            "Only the rejected rows are read again, by their keys, and those that the target takes now are written. "
            "No row of the target is written over unless the run was told to do so, and none comes whose referenced "
            "row is missing. Both sides are compared afterwards.",
            "Put right first what refused them: a value in the source, a column or a row of the target.",
        ),
        tables=(),
        form=form,
        refusal=refusal,
        remedy=remedy,
    )


def overwriting_undo_page(run: Run, form: RepairForm, *, refusal: str = "", remedy: str = "") -> RepairPage:
    return RepairPage(
        run=run,
        title=f"Bring back what run #{run.number} overwrote",
        action="Bring these rows back",
        explanation=(
            "Every row of the target that this run made the source’s becomes what it was before. A row that was "
            "changed since stays as it is, and is counted; rows that the run added stay. Both sides are compared "
            "afterwards, and will differ in these rows.",
            "It is recorded as a repair of its own, which can be undone in turn.",
        ),
        tables=(),
        form=form,
        refusal=refusal,
        remedy=remedy,
    )


def undo_page(
    verification: Verification, form: RepairForm, *, refusal: str = "", remedy: str = ""
) -> RepairPage:
    return RepairPage(
        run=verification.run,
        title=f"Undo repair {verification.repair} of {verification.run.target.name}",
        action="Undo this repair",
        explanation=(
            "Every row that this repair changed becomes what it was before. A row that was changed since stays as "
            "it is, and is counted. The undo is recorded as a repair of its own.",
        ),
        tables=(),
        form=form,
        refusal=refusal,
        remedy=remedy,
    )
