"""The example's true mapping, refined stage by stage with the expressions that a person adds to it."""

import json
from dataclasses import replace
from pathlib import Path

from migration.seedcase import MAPPING_JSON
from schemadiff.core import mapping_file
from schemadiff.core.mapping import Mapping, TableMapping

STAGES = ("units and re-keying", "vocabularies", "cleaning")
"""In the order in which one takes them."""

_REFINEMENTS = Path(__file__).parent / "refinements.json"


def refined(*stages: str) -> Mapping:
    """Without a stage the mapping renames only."""
    given = json.loads(_REFINEMENTS.read_text(encoding="utf-8"))
    expressions = {
        (table, column): expression
        for stage in stages
        for table, columns in given[stage].items()
        for column, expression in columns.items()
    }
    mapping = mapping_file.load(MAPPING_JSON.read_text(encoding="utf-8"))
    return Mapping(tables=tuple(_refined(entry, expressions) for entry in mapping.tables))


def _refined(entry: TableMapping, expressions: dict[tuple[str, str], str]) -> TableMapping:
    pairs = (
        replace(pair, expression=expressions.get((entry.source[1], pair.target))) for pair in entry.pairs
    )
    return replace(entry, pairs=tuple(pairs))
