"""The order in which tables take their rows: what is referred to comes first."""

from collections.abc import Iterable, Sequence

from schemadiff.core.mapping import QualifiedName


def in_reference_order(
    tables: Sequence[QualifiedName], references: Iterable[tuple[QualifiedName, QualifiedName]]
) -> tuple[QualifiedName, ...]:
    """Tables so that each comes after those it refers to, else by name.

    `references` are pairs (referring, referred to). In a circle the first by name comes first: its foreign
    keys cannot all be met by order alone.
    """
    wanted = set(tables)
    needs = {table: set[QualifiedName]() for table in wanted}
    for referring, referred in references:
        if referring in wanted and referred in wanted and referring != referred:
            needs[referring].add(referred)
    ordered: list[QualifiedName] = []
    left = sorted(wanted)
    while left:
        ready = next((table for table in left if not needs[table] - set(ordered)), left[0])
        ordered.append(ready)
        left.remove(ready)
    return tuple(ordered)
