"""Values to rows and rows to values. Nothing above this floor touches a JSON field, nothing below it a row."""

from schemadiff.store.comparisons import (
    choose_for_hybrid,
    create_comparison,
    diff_of,
    hybrid_choices_of,
    option_of,
    options_of,
    options_or_refusals,
    proposals_of,
    scope_of,
    set_scope,
)
from schemadiff.store.decisions import current_decision, has_moved, record_decision
from schemadiff.store.evidence import measured_at, measures_of, record_measures
from schemadiff.store.mappings import (
    MappingCounts,
    confirm_above,
    decide_pair,
    fit_mapping,
    mapping_counts,
    mapping_of,
    mapping_of_table,
    replace_tables,
    save_mapping,
    set_pair,
)
from schemadiff.store.snapshots import catalog_of, save_snapshot

__all__ = [
    "MappingCounts",
    "catalog_of",
    "choose_for_hybrid",
    "confirm_above",
    "create_comparison",
    "current_decision",
    "decide_pair",
    "diff_of",
    "fit_mapping",
    "has_moved",
    "hybrid_choices_of",
    "mapping_counts",
    "mapping_of",
    "mapping_of_table",
    "measured_at",
    "measures_of",
    "option_of",
    "options_of",
    "options_or_refusals",
    "proposals_of",
    "record_decision",
    "record_measures",
    "replace_tables",
    "save_mapping",
    "save_snapshot",
    "scope_of",
    "set_pair",
    "set_scope",
]
