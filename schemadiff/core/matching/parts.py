"""A table that was split, as a mapping to be confirmed: where a key says which row of the new table is whose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.columns import Column
from schemadiff.core.mapping import Certainty, ColumnPair, QualifiedName, TableMapping
from schemadiff.core.matching.families import is_same_family
from schemadiff.core.matching.splits import Proposal, Reshaping, reshaped

_LIKELIEST = 0.75  # set by hand: all columns of its own came from there, or a comment says so; yet a guess


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """By which columns a row of the new table is told to be whose, and why."""

    fillers: dict[str, str]  # source column by the new table's
    reason: str


def suggest_parts(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    mapped: Mapping[QualifiedName, TableMapping],
) -> tuple[TableMapping, ...]:
    """What else takes of `tables`, by what each became: every pair suggested, and none taken for sure.

    A split that no foreign key and no shared primary key tells of is left to words (see `splits`).
    """
    pairs = {name: entry.target for name, entry in mapped.items()}
    found = []
    for proposal in reshaped(source, target, tables, pairs):
        giver, fresh = source.table(*proposal.source), target.table(*proposal.target)
        if proposal.reshaping is not Reshaping.SPLIT or giver is None or fresh is None:
            continue
        link = _by_foreign_key(fresh, mapped[proposal.source]) or _by_primary_key(giver, fresh)
        if link is not None:
            found.append(_part(proposal, giver, fresh, link))
    return tuple(found)


def _by_foreign_key(fresh: Table, kept: TableMapping) -> _Link | None:
    """It refers to what the source table became."""
    plain = {pair.target: pair.source for pair in kept.pairs if pair.source and not pair.expression}
    for key in fresh.foreign_keys:
        if key.references != kept.target:
            continue
        givers = [plain.get(column) for column in key.referenced_columns]
        if givers and None not in givers:
            fillers = {column: giver for column, giver in zip(key.columns, givers, strict=True) if giver}
            return _Link(
                fillers=fillers,
                reason=f"{', '.join(key.columns)} refers to {'.'.join(kept.target)} by {key.name}",
            )
    return None


def _by_primary_key(giver: Table, fresh: Table) -> _Link | None:
    """Both have the same primary key."""
    here, there = giver.primary_key, fresh.primary_key
    if here is None or there is None or here.columns != there.columns:
        return None
    if not all(_alike(giver.column(name), fresh.column(name)) for name in here.columns):
        return None
    listed = ", ".join(here.columns)
    return _Link(fillers={name: name for name in here.columns}, reason=f"both have the primary key {listed}")


def _alike(one: Column | None, other: Column | None) -> bool:
    return one is not None and other is not None and is_same_family(one.type, other.type)


def _part(proposal: Proposal, giver: Table, fresh: Table, link: _Link) -> TableMapping:
    fillers = {**dict(_demanded(giver, fresh)), **{t: s for s, t in proposal.fillers}, **link.fillers}
    reasons = (proposal.sentence.rstrip("."), link.reason)
    share = 1.0 if proposal.told else len(proposal.columns) / proposal.of
    score = _LIKELIEST * share
    return TableMapping(
        source=giver.qualified,
        target=fresh.qualified,
        pairs=tuple(
            ColumnPair(
                source=fillers[column.name],
                target=column.name,
                score=score,
                certainty=Certainty.NEAR_MISS,
                reasons=reasons,
            )
            for column in fresh.columns
            if column.name in fillers and not column.generated
        ),
    )


def _demanded(giver: Table, fresh: Table) -> Iterator[tuple[str, str]]:
    """What must have a value, and does not get one by itself: the source's column of the same name."""
    for column in fresh.columns:
        by_itself = column.default is not None or column.identity is not None or column.generated is not None
        if column.not_null and not by_itself and _alike(giver.column(column.name), column):
            yield column.name, column.name
