"""A comparison as JSON; docs/reference/compare-json.md describes it."""

import json
from typing import Any

from schemadiff.core.catalog import Catalog, ObjectRef
from schemadiff.core.changes import Added, Altered, AttributeChange, Change, ObjectDiff, Removed, Renamed
from schemadiff.core.noise.applying import Agreement
from schemadiff.core.noise.hidden import Hidden
from schemadiff.core.noise.selection import Selection
from schemadiff.core.renaming import RenameProposal
from schemadiff.core.snapshot import fingerprint
from schemadiff.reports.report import STATES, Report, state_of, state_of_change

KIND = "schemadiff comparison"
FORMAT = 1


def as_json(report: Report) -> str:
    """One JSON object, indented, with a newline at its end."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The same in JSON's types."""
    states = report.states()
    return {
        "kind": KIND,
        "format": FORMAT,
        "identical": report.diff.is_empty,
        "source": _side(report.source_label, report.source),
        "target": _side(report.target_label, report.target),
        "notes": list(report.notes),
        "counts": {state: states[state] for state in STATES},
        "objects": [_object(entry) for entry in report.diff.different],
        "possible_renames": [_proposal(entry) for entry in report.proposals()],
        "left_as_is": list(report.left_as_is()),
        "rows": report.rows.document() if report.rows else None,
        "breaking": [{"object": _ref(entry.ref), "reason": entry.reason} for entry in report.breaking],
        "ignored": _ignored(report.agreement),
        "selected": _selected(report.selection) if report.selection else None,
    }


def _proposal(entry: RenameProposal) -> dict[str, Any]:
    return {
        "target": _ref(entry.target),
        "candidates": [
            {"source": _ref(one.source), "score": one.figure, "reasons": list(one.reasons)}
            for one in entry.candidates
        ],
        "rivals": [_ref(rival) for rival in entry.rivals],
        "message": entry.message,
    }


def _selected(selection: Selection) -> dict[str, Any]:
    return {
        "objects": [_ref(ref) for ref in selection.chosen],
        "needed": [{"object": _ref(one.ref), "needed_by": _ref(one.needed_by)} for one in selection.needed],
    }


def _ignored(agreement: Agreement) -> dict[str, Any]:
    return {
        "changes": agreement.hidden_changes,
        "rules": [_hidden(one) for one in agreement.hidden],
        "not_as_the_rules_say": [
            {"object": _ref(one.ref), "needed_by": _ref(one.needed_by), "sentence": one.sentence}
            for one in agreement.kept
        ],
    }


def _hidden(hidden: Hidden) -> dict[str, Any]:
    rule = hidden.rule
    return {
        "reason": rule.reason,
        "attributes": list(rule.attributes),
        "kinds": [kind.value for kind in rule.kinds],
        "schemas": list(rule.schemas),
        "names": list(rule.names),
        "changes": hidden.changes,
        "objects": hidden.objects,
    }


def _side(label: str, catalog: Catalog) -> dict[str, Any]:
    return {
        "label": label,
        "database": catalog.database,
        "server_version": catalog.server_version,
        "fingerprint": fingerprint(catalog),
        "not_compared": [
            {"kind": entry.kind, "count": entry.count, "names": list(entry.names)}
            for entry in catalog.uncompared
        ],
    }


def _object(entry: ObjectDiff) -> dict[str, Any]:
    return {
        "object": _ref(entry.ref),
        "state": state_of(entry),
        "change": _change(entry.own) if entry.own else None,
        "parts": [_change(part) for part in entry.parts],
        "same_parts": entry.same_parts,
    }


def _change(change: Change) -> dict[str, Any]:
    head: dict[str, Any] = {"change": state_of_change(change), "object": _ref(change.ref)}
    match change:
        case Added(description=description) | Removed(description=description):
            return {**head, "description": description}
        case Altered(attributes=attributes):
            return {**head, "attributes": [_attribute(attribute) for attribute in attributes]}
        case Renamed(target=target, attributes=attributes):
            return {
                **head,
                "target": _ref(target),
                "attributes": [_attribute(attribute) for attribute in attributes],
            }


def _attribute(attribute: AttributeChange) -> dict[str, str | None]:
    return {"name": attribute.name, "source": attribute.source, "target": attribute.target}


def _ref(ref: ObjectRef) -> dict[str, str]:
    return {
        "kind": ref.kind.value,
        "schema": ref.schema,
        "parent": ref.parent,
        "name": ref.name,
        "key": ref.key,
    }
