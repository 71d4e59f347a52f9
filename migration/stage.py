"""What a rehearsal is given: scratch servers with the rows that it needs, and the words that say which. No Django."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration.rehearsed_figures import Told
from migration.scratch import Scratch, replayed
from migration.scratch_places import Places, on_embedded
from migration.scratch_rows import Loaded, load_sample, load_target_rows, references_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Option
from schemadiff.databases import connect
from schemadiff.evidence.profiles import row_counts

MOST_ROWS = 200_000
"""Of the source, with which an option is rehearsed; of more a sample is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`scratch` holds the target's schema, with its rows where they are known; `source_dsn` the rows to carry.

    `counts` says how many each of the source's tables has in all.
    """

    source_dsn: str
    scratch: Scratch
    told: Told
    counts: Mapping[QualifiedName, int]


@contextlib.contextmanager
def stage_of(
    source_dsn: str,
    target_dsn: str | None,
    source: Catalog,
    target: Catalog,
    options: Sequence[Option],
    scratch: Scratch,
    *,
    limit: int,
    places: Places = on_embedded,
) -> Iterator[Stage]:
    """The source itself where it has up to `limit` rows in scope, else a sample of it in a place of its own."""
    on_target = _target_rows(target_dsn, target, options, scratch, limit)
    with _carried(source_dsn, source, target, options, limit, places) as (dsn, rows, counts):
        told = Told(where=scratch.description, rows=f"{rows}; {on_target}")
        yield Stage(source_dsn=dsn, scratch=scratch, told=told, counts=counts)


def _target_rows(
    dsn: str | None, catalog: Catalog, options: Sequence[Option], scratch: Scratch, limit: int
) -> str:
    if dsn is None:
        return "the target's own rows are not known, so its tables were empty"
    with connect(dsn) as connection:
        loaded = load_target_rows(connection, scratch, catalog, options, limit=limit)
    if not loaded.rows and not loaded.failed:
        return "the target's tables in question hold none themselves"
    words = (
        f"{sum(loaded.rows.values()):,} rows that the target's tables in question hold themselves were there"
    )
    return words + _without(loaded)


@contextlib.contextmanager
def _carried(
    dsn: str, source: Catalog, target: Catalog, options: Sequence[Option], limit: int, places: Places
) -> Iterator[tuple[str, str, Mapping[QualifiedName, int]]]:
    scope = {name for option in options for name in option.scope.tables}
    tables = [t.qualified for t in source.tables if t.qualified in scope and t.partition_of not in scope]
    with connect(dsn) as connection:
        counts = row_counts(connection, tables)
        total = sum(counts.values())
        if total <= limit:
            yield dsn, "all rows of the source", counts
            return
        with replayed(source, places) as copy:
            references = references_of(source, target, options)
            loaded = load_sample(connection, copy, source, counts, references, limit=limit)
            yield copy.dsn, _sample(loaded, total), counts


def _sample(loaded: Loaded, total: int) -> str:
    sampled = ", ".join(f"{'.'.join(name)} {count:,}" for name, count in sorted(loaded.rows.items()))
    return (
        f"a sample of {sum(loaded.rows.values()):,} of the source's {total:,} rows, of each table a share of its own"
        f" and the rows that they refer to ({sampled})" + _without(loaded)
    )


def _without(loaded: Loaded) -> str:
    return f", but not the rows of these: {'; '.join(loaded.failed)}" if loaded.failed else ""
