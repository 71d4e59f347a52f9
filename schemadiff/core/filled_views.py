"""Materialized views that a plan makes and fills: with the rights of whoever owns the views that they read.

A view that the plan makes is its maker's until then. Its owner may lack what it reads, as the source's may by now.
"""

from collections import defaultdict
from collections.abc import Iterator

from schemadiff.core.catalog import Kind, ObjectRef, View
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory


def filled_from(source: Inventory, decisions: Decisions) -> dict[ObjectRef, frozenset[ObjectRef]]:
    """By view that the plan makes: the materialized views that are filled from it, directly or through others."""
    found: defaultdict[ObjectRef, set[ObjectRef]] = defaultdict(set)
    for ref in source:
        value = source[ref].value if ref.kind is Kind.VIEW else None
        if isinstance(value, View) and value.materialized and value.populated and decisions.comes(ref):
            for view in _views_below(source, ref):
                if decisions.comes(view):
                    found[view].add(ref)
    return {view: frozenset(filled) for view, filled in found.items()}


def _views_below(source: Inventory, start: ObjectRef) -> Iterator[ObjectRef]:
    seen, waiting = {start}, [start]
    while waiting:
        item = source.get(waiting.pop())
        for need in item.needs if item else ():
            view = (
                need if need.kind is Kind.VIEW else need._replace(kind=Kind.VIEW, name=need.parent, parent="")
            )
            if view in source and view not in seen:
                seen.add(view)
                waiting.append(view)
                yield view
