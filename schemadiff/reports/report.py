"""What every report of a comparison is written from."""

from collections import Counter
from dataclasses import dataclass

from schemadiff.core.breaking import Breaking, breaking
from schemadiff.core.catalog import Catalog, Kind
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.diff import diff
from schemadiff.core.mapping import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Two labelled catalogs and what differs. Labels hold no password."""

    source_label: str
    target_label: str
    source: Catalog
    target: Catalog
    diff: Diff
    breaking: tuple[Breaking, ...]

    def states(self, kind: Kind | None = None) -> Counter[str]:
        """How many objects (of that kind) are in which state."""
        return Counter(state_of(entry) for entry in self.diff.objects if kind in (None, entry.ref.kind))


def report_of(
    source: Catalog, target: Catalog, mapping: Mapping | None = None, *, source_label: str, target_label: str
) -> Report:
    """Compare, and judge what would break."""
    found = diff(source, target, mapping)
    return Report(
        source_label=source_label,
        target_label=target_label,
        source=source,
        target=target,
        diff=found,
        breaking=breaking(found, source, target),
    )


STATES = ("added", "removed", "altered", "renamed", "same")
GLYPHS = {"added": "+", "removed": "−", "altered": "~", "renamed": "↷", "same": "="}
WORDS = {
    "added": "only in the target",
    "removed": "only in the source",
    "altered": "changed",
    "renamed": "renamed",
    "same": "the same",
}


def state_of(entry: ObjectDiff) -> str:
    """One of STATES."""
    if entry.own is not None:
        return state_of_change(entry.own)
    return "altered" if entry.parts else "same"


def state_of_change(change: Change) -> str:
    """One of STATES but `same`."""
    match change:
        case Added():
            return "added"
        case Removed():
            return "removed"
        case Altered():
            return "altered"
        case Renamed():
            return "renamed"


def verdict(report: Report) -> str:
    """One sentence: whether the two agree, else what differs."""
    states = report.states()
    if report.diff.is_empty:
        return f"The schemas agree: {plural(states['same'], 'object')}, no difference."
    parts = [f"{states[state]} {WORDS[state]}" for state in STATES if states[state]]
    return f"The schemas differ: {', '.join(parts)}."


def plural(count: int, noun: str) -> str:
    """`1 table`, `2 tables`, `2 indexes`, `2 queries`."""
    return f"{count} {noun if count == 1 else plural_of(noun)}"


def plural_of(noun: str) -> str:
    """English's regular plural."""
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("x", "s")) else f"{noun}s"


def version(catalog: Catalog) -> str:
    """`PostgreSQL 16.14`; empty for a catalog that says none."""
    major, minor = divmod(catalog.server_version, 10000)
    return f"PostgreSQL {major}.{minor}" if major else ""


def headline(report: Report) -> str:
    """`crm on a (PostgreSQL 16.14) → crm on b (PostgreSQL 18.4)`."""
    return f"{_side(report.source_label, report.source)} → {_side(report.target_label, report.target)}"


def _side(label: str, catalog: Catalog) -> str:
    server = version(catalog)
    return f"{label} ({server})" if server else label
