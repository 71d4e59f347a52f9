"""A run that makes several tables of one is killed in the middle of a part, resumed, and put back."""

from dataclasses import replace
from pathlib import Path

import pytest

from migration.engine.restore_backup import restore_backup
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec
from tests.engine.test_split_tables import CONTACTS, MAPPING, SOURCE, TARGET, WHERE, digest
from tests.faults.process import kill, start, wait_for
from tests.faults.shop import carried
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

CHUNK = 20  # of 3,000 rows
_CLIENTS = "SELECT id, name, city FROM public.clients"
_CONTACTS = "SELECT id, client, email, phone FROM public.client_contacts"
_HELD = """
INSERT INTO public.clients VALUES (9001, 'was here', 'before');
INSERT INTO public.client_contacts (id, client, email) VALUES (9001, 9001, 'before@x');
"""


def _of_the_part(target: str) -> int:
    return sum(chunk[0] == CONTACTS[1] for chunk in carried(target))


def test_killed_in_a_part_resumed_and_put_back(
    tmp_path: Path, make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16, SOURCE), make_database(server18, TARGET)
    ask(target, _HELD)
    before = digest(target, _CLIENTS), digest(target, _CONTACTS)
    spec = replace(copy_spec(target, *MAPPING.tables), backup_to=str(tmp_path))
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: _of_the_part(target) >= 3, "three chunks of the part")
    kill(process)
    done = carried(target)
    result, told = carry(source, target, spec, resume=True, chunk_rows=CHUNK)
    assert done < carried(target)
    assert result.rows_read == result.rows_written + result.rejects
    assert [found.differing for found in told.checked().values()] == [0, 0, 0]
    sent = f"SELECT id, id AS client, email, phone FROM public.clients WHERE ({WHERE}) AND id NOT IN (10, 20, 22)"
    assert digest(source, sent) == digest(target, f"{_CONTACTS} WHERE id < 9001")
    (backup,) = tmp_path.glob("*.dump")
    restore_backup(target, backup)
    assert (digest(target, _CLIENTS), digest(target, _CONTACTS)) == before
