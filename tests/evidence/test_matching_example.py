"""How well the example's columns are matched, with the catalogs read from real servers."""

from migration import seedcase
from schemadiff.core import mapping_file
from schemadiff.core.mapping import PairStatus
from schemadiff.core.matching import Standing, pair_fields, suggest
from schemadiff.core.matching.fields import source_fields, target_fields
from schemadiff.databases import Connection
from schemadiff.introspection import read_catalog

Pairs = set[tuple[str, str, str]]


def f1(found: Pairs, true: Pairs) -> float:
    return 2 * len(found & true) / (len(found) + len(true))


def test_renamed_columns_are_found(source: Connection, target: Connection) -> None:
    left, right = read_catalog(source), read_catalog(target)
    truth: Pairs = set()
    accepted: Pairs = set()
    suggested: Pairs = set()
    for entry in mapping_file.load(seedcase.MAPPING_JSON.read_text()).tables:
        giver, taker = left.table(*entry.source), right.table(*entry.target)
        assert giver is not None and taker is not None
        truth |= {(giver.name, str(p.source), p.target) for p in entry.pairs if p.source != p.target}
        for pair in pair_fields(source_fields(giver), target_fields(taker), {}):
            if pair.standing is not Standing.EQUAL:
                (accepted if pair.standing is Standing.ACCEPTED else suggested).add(
                    (giver.name, pair.source.name, pair.target.name)
                )
    assert len(truth) == 43
    assert f1(accepted, truth) >= 0.85
    assert f1(accepted | suggested, truth) >= 0.92


def test_equal_names_are_confirmed_and_no_others(source: Connection, target: Connection) -> None:
    left, right = read_catalog(source), read_catalog(target)
    truth = {entry.source: entry for entry in mapping_file.load(seedcase.MAPPING_JSON.read_text()).tables}
    for entry in suggest(left, right, [("public", table) for table in seedcase.TABLES]).tables:
        equal = {pair.target for pair in truth[entry.source].pairs if pair.source == pair.target}
        assert entry.target == entry.source
        assert {pair.target for pair in entry.accepted()} == equal
        assert all(pair.reasons for pair in entry.pairs)
        assert all(0 < pair.score < 1 for pair in entry.pairs if pair.status is PairStatus.SUGGESTED)
