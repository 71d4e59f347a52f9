"""What every report of a comparison is written from."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemadiff.core.breaking import Breaking, breaking
from schemadiff.core.catalog import Catalog, Kind
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.counted import counted
from schemadiff.core.diff import diff
from schemadiff.core.left_as_is import left_as_is
from schemadiff.core.mapping import Mapping
from schemadiff.core.noise.applying import Agreement, agree
from schemadiff.core.noise.rules import Rules
from schemadiff.core.noise.selection import Selection, find, select
from schemadiff.core.proof import Proof
from schemadiff.core.renaming import RenameProposal, propose_renames, rename

if TYPE_CHECKING:
    from schemadiff.reports.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Two labelled catalogs and what differs. Labels hold no password.

    `agreement` says what of it ignore rules hide, and what the target is to be made like.
    """

    source_label: str
    target_label: str
    source: Catalog
    target: Catalog
    agreement: Agreement
    selection: Selection | None
    notes: tuple[str, ...]
    breaking: tuple[Breaking, ...]
    mapping: Mapping
    rows: "Rows | None" = None  # where they were asked for
    proof: Proof | None = None  # likewise

    @property
    def diff(self) -> Diff:
        return self.agreement.diff

    def proposals(self) -> tuple[RenameProposal, ...]:
        """What looks like a rename and is not confirmed."""
        wanted = self.agreement.wanted
        return propose_renames(wanted, rename(wanted, self.target, self.mapping), self.mapping)

    def left_as_is(self) -> tuple[str, ...]:
        """What differs and no plan changes."""
        wanted = self.agreement.wanted
        notices = left_as_is(wanted, rename(wanted, self.target, self.mapping).catalog)
        return tuple(notice.message for notice in notices)

    def states(self, kind: Kind | None = None) -> Counter[str]:
        """How many objects (of that kind) are in which state."""
        return Counter(state_of(entry) for entry in self.diff.objects if kind in (None, entry.ref.kind))


def report_of(
    source: Catalog,
    target: Catalog,
    mapping: Mapping | None = None,
    *,
    source_label: str,
    target_label: str,
    rules: Rules | None = None,
    names: Iterable[str] = (),
    notes: tuple[str, ...] = (),
) -> Report:
    """Compare, and judge what would break.

    `names` are the objects that alone are wanted; none: everything. `notes` say how the sides came about.
    """
    found = agree(source, target, rules or Rules(), mapping)
    selection = _selection(found.wanted, target, tuple(names), mapping)
    if selection is not None:
        found = replace(found, wanted=selection.wanted, diff=diff(selection.wanted, target, mapping))
    return Report(
        source_label=source_label,
        target_label=target_label,
        source=source,
        target=target,
        agreement=found,
        selection=selection,
        notes=notes,
        breaking=breaking(found.diff, found.wanted, target),
        mapping=mapping or Mapping(),
    )


def _selection(
    source: Catalog, target: Catalog, names: tuple[str, ...], mapping: Mapping | None
) -> Selection | None:
    return select(source, target, find(source, target, names), mapping) if names else None


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
    if report.selection is not None:
        return _verdict_of_selection(report, states)
    if report.diff.is_empty:
        agree_in = " in all that is not ignored" if report.agreement.hidden_changes else ""
        return f"The schemas agree{agree_in}: {counted(states['same'], 'object')}, no difference."
    parts = [f"{states[state]} {WORDS[state]}" for state in STATES if states[state]]
    return f"The schemas differ: {', '.join(parts)}."


def _verdict_of_selection(report: Report, states: Counter[str]) -> str:
    if report.diff.is_empty:
        return "What is selected does not differ."
    parts = [f"{states[state]} {WORDS[state]}" for state in STATES[:-1] if states[state]]
    return f"What is selected, and what it needs, differs: {', '.join(parts)}."


def selection_lines(report: Report) -> Iterator[str]:
    """`view public.v`, `column public.t.c, needed by view public.v`: the selection and all that comes along."""
    if report.selection is None:
        return
    yield from (f"{ref.kind.value} {ref.label}" for ref in report.selection.chosen)
    for one in report.selection.needed:
        name, cause = (f"{ref.kind.value} {ref.label}" for ref in (one.ref, one.needed_by))
        yield f"{name}, needed by {cause}"


def hidden_heading(report: Report) -> str:
    """`Hidden by 2 rules: 12 changes`; empty where there are no rules."""
    if not report.agreement.hidden:
        return ""
    rules = counted(len(report.agreement.hidden), "rule")
    return f"Hidden by {rules}: {counted(report.agreement.hidden_changes, 'change')}"


def hidden_lines(report: Report) -> Iterator[str]:
    """`11 changes of 4 objects: comment (The copy has none.)`, a line each rule, in their order."""
    for one in report.agreement.hidden:
        of = f" of {counted(one.objects, 'object')}" if one.changes else ""
        yield f"{counted(one.changes, 'change')}{of}: {one.rule.label} ({one.rule.reason})"


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
