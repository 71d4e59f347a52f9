"""Transform rehearsed with a split table, and with several that go into one: the figures, and nothing left of it."""

import pytest

from migration.rehearsal import rehearse_options
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.option import Measure, Scope
from schemadiff.core.options.transform import transform
from schemadiff.embedded import EmbeddedServer
from tests.engine import test_merged_tables as merged
from tests.engine import test_split_tables as split
from tests.engine.running import ask, catalog, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy


def rehearsed(source: str, target: str, mapping: Mapping) -> dict[str, Measure]:
    here, there = catalog(source), catalog(target)
    scope = Scope(tables=tuple(sorted({entry.source for entry in mapping.tables})))
    option = transform(here, there, scope, mapping)
    assert option.blockers == ()
    (found,) = rehearse_options(source, there, here, [option], [], target_dsn=target, limit=10_000).values()
    return {measure.key: measure for measure in found}


def test_a_merge(server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    source, target = make_database(server16, merged.SOURCE), make_database(server18, merged.TARGET)
    found = rehearsed(source, target, merged.MAPPING)
    assert "rehearsal_failed" not in found
    assert {key: found[key].value for key in ("rows_rehearsed", "rows_written", "rejects", "rows_equal")} == {
        "rows_rehearsed": 5_010,
        "rows_written": 4_998,
        "rejects": 12,
        "rows_equal": 4_998,
    }
    assert (
        "public.phones: 10 because a row with the same “id” came already from public.mails (contacts_pkey)"
        in found["rejects"].items
    )
    assert ask(target, "SELECT count(*) FROM public.contacts") == [(0,)]


def test_a_split(server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase) -> None:
    source, target = make_database(server16, split.SOURCE), make_database(server18, split.TARGET)
    found = rehearsed(source, target, split.MAPPING)
    contacts = one(source, f"SELECT count(*) FROM public.clients WHERE {split.WHERE}")
    assert "rehearsal_failed" not in found
    assert {key: found[key].value for key in ("rows_rehearsed", "rejects", "rows_equal")} == {
        "rows_rehearsed": 3_000 + contacts + 30,
        "rejects": 5,
        "rows_equal": 3_000 + contacts + 30 - 5,
    }
    assert any(item.startswith("public.clients → client_contacts: 2 ") for item in found["rejects"].items)
