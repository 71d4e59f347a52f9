"""A run that makes one table of three is killed in the second and in the third, resumed, and put back."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from migration.engine.rejects import rejected_rows
from migration.engine.restore_backup import restore_backup
from schemadiff.core import mapping_file
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec
from tests.engine.test_merged_tables import COLLIDING, PHONES, SOURCE, TARGET, file_of, pairs
from tests.engine.test_split_tables import digest
from tests.faults.live_process import start as go_on
from tests.faults.process import kill, start, wait_for
from tests.faults.shop import carried
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

CHUNK = 20  # of 6,020 rows
TELEXES = ("public", "telexes")
_TELEXES = """
CREATE TABLE public.telexes (id int PRIMARY KEY, of int, line text);
INSERT INTO public.telexes SELECT n, n - 2500, 'f' || n FROM generate_series(2991, 4000) AS n;
"""
_HELD = """
INSERT INTO public.clients VALUES (9001);
INSERT INTO public.contacts VALUES (9001, 'fax', 'was here', NULL, 9001);
"""
_CONTACTS = "SELECT id, kind, value, note, client FROM public.contacts"
_SENT = """
SELECT id, 'mail' AS kind, address AS value, NULL::text AS note, client FROM public.mails WHERE client <= 2000
UNION ALL
SELECT id, 'phone', number, note, owner FROM public.phones WHERE owner <= 2000 AND id > 2000
UNION ALL
SELECT id, 'fax', line, NULL, of FROM public.telexes WHERE id > 3000
"""


def mapping() -> Mapping:
    file = json.loads(file_of("id"))
    columns = pairs(id="id", kind="='fax'", client="of", value="line")
    file["tables"].append({"source": "telexes", "target": "contacts", "columns": columns})
    return mapping_file.load(json.dumps(file))


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_in_two_of_three_resumed_and_put_back(
    tmp_path: Path, make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, jobs: int
) -> None:
    source, target = make_database(server16, SOURCE + _TELEXES), make_database(server18, TARGET)
    ask(target, _HELD)
    before = digest(target, _CONTACTS)
    spec = replace(copy_spec(target, *mapping().tables, jobs=jobs), backup_to=str(tmp_path))
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: _carried_of(target, "phones") >= 3, "three chunks of the second")
    kill(process)
    done = carried(target)
    with go_on(tmp_path, source, target, spec) as process:
        wait_for(lambda: _carried_of(target, "telexes") >= 3, "three chunks of the third")
        kill(process)
    assert done < carried(target)
    done = carried(target)
    result, told = carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert done < carried(target)
    assert result.rows_read == result.rows_written + result.rejects == 2_000 + 2_000 + 1_010 + 1_010
    assert {name: found.differing for name, found in told.checked().items()} == dict.fromkeys(
        ("clients", "mails", "phones", "telexes"), 0
    )
    assert digest(source, _SENT) == digest(target, f"{_CONTACTS} WHERE id < 9001")
    refused = {table: rejected_rows(target, spec.ledger_id, table) for table in (PHONES, TELEXES)}
    assert {row.key for row in refused[PHONES]} == {*COLLIDING, ("2100",)}
    assert Counter(row.reason for row in refused[TELEXES]) == {
        "a row with the same “id” came already from public.phones (contacts_pkey)": 10
    }
    (backup,) = tmp_path.glob("*.dump")
    restore_backup(target, backup)
    assert digest(target, _CONTACTS) == before


def _carried_of(target: str, table: str) -> int:
    return sum(chunk[0] == table for chunk in carried(target))
