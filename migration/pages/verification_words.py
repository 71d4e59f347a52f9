"""A verification in words: what it looks at, how it stands, what came of it."""

from migration.models import Verification
from migration.pages.words import number
from schemadiff.core.counted import differing


def what(row: Verification) -> str:
    """Its kind, and what it leaves out."""
    meaning = ", by meaning" if row.semantic else ""
    share = f", {row.sample:g} % of large tables" if row.sample is not None else ""
    return f"{row.get_kind_display()}{meaning}{share}"


def state(row: Verification) -> tuple[str, str, str]:
    """How it stands, the tone of that, and its sign."""
    if row.state == Verification.State.DONE:
        if row.differing:
            return differing(row.differing), "bad", "✕"
        return "equal" if row.sample is None else "none differs", "ok", "✓"
    if row.state == Verification.State.FAILED:
        return "could not be done", "bad", "✕"
    return str(row.get_state_display()).lower(), "info", "●"


def sentence(row: Verification) -> str:
    """What came of it."""
    if row.state == Verification.State.FAILED:
        return row.error
    if row.is_under_way:
        return "A worker is comparing the rows." if row.started_at else "It waits for a worker."
    return f"{_retry_sentence(row)}{_compared(row)}"


def _retry_sentence(row: Verification) -> str:
    if row.kind != Verification.Kind.RETRY:
        return ""
    retried = (row.result or {}).get("retried", ())
    recovered, left = (sum(each[name] for each in retried) for name in ("recovered", "left"))
    if not recovered:
        return f"None of the {number(left)} rejected rows was taken. "
    return f"{number(recovered)} of {number(recovered + left)} rejected rows are in the target now. "


def _compared(row: Verification) -> str:
    tables = (row.result or {}).get("tables", ())
    rows = sum(each["target_rows"] for each in tables)
    if not row.differing and row.sample is not None:
        return f"No row differs in what was looked at: {row.sample:g} % of large tables, the others whole."
    if not row.differing:
        return f"All {number(len(tables))} tables are equal: {number(rows)} rows in the target."
    uneven = sum(bool(each["differing"]) for each in tables)
    return f"{differing(row.differing)} in {uneven} of {len(tables)} tables."
