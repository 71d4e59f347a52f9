"""Columns matched with what their rows say, where both sides' rows can be read; no Django."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from schemadiff.core.catalog import Catalog
from schemadiff.core.columns import Column
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.core.matching import Profiles, left_over, suggest
from schemadiff.core.matching.values import TableProfiles
from schemadiff.databases import connect
from schemadiff.evidence.value_profiles import read_profiles


def suggest_from_rows(
    source: Catalog,
    target: Catalog,
    tables: Sequence[QualifiedName],
    source_dsn: str | None,
    target_dsn: str | None,
) -> Mapping:
    """As `suggest`. Without both addresses, and where a side cannot be read, from the schemas alone."""
    profiles = Profiles()
    if source_dsn and target_dsn:
        open_tables = left_over(source, target, tables)
        here = {name: columns for name, columns, _, _ in open_tables}
        there = {name: columns for _, _, name, columns in open_tables}
        with ThreadPoolExecutor(max_workers=2) as pool:
            both = pool.map(_profiles, (source_dsn, target_dsn), (here, there))
            profiles = Profiles(**dict(zip(("source", "target"), both, strict=True)))
    return suggest(source, target, tables, profiles)


def _profiles(dsn: str, wanted: Dictionary[QualifiedName, Sequence[Column]]) -> TableProfiles:
    """Nothing where the server is gone: names and types are left to go by."""
    if not wanted:
        return {}
    try:
        with connect(dsn) as connection:
            return read_profiles(connection, wanted)
    except SchemadiffError:
        return {}
