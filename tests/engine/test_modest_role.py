"""A role that owns the target's tables and is no superuser: triggers stay on, and the same rows are refused."""

from collections.abc import Iterator

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, catalog, one, seed_transform
from tests.servers import roles_on

ROLE = "modest_owner"
_OWN = f"""
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO {ROLE}', each.name);
    END LOOP;
    FOR each IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO {ROLE}', each.name);
    END LOOP;
    EXECUTE format('GRANT ALL ON DATABASE %I TO {ROLE}', current_database());
END $$;
GRANT ALL ON SCHEMA public TO {ROLE};
"""


@pytest.fixture
def modest_target(server18: EmbeddedServer, seed_target_dsn: str) -> Iterator[str]:
    with roles_on(server18, [ROLE]):
        ask(seed_target_dsn, f"ALTER ROLE {ROLE} LOGIN PASSWORD 'modest'")
        ask(seed_target_dsn, _OWN)
        yield server18.dsn(one(seed_target_dsn, "SELECT current_database()"), ROLE, "modest")
        ask(seed_target_dsn, f"REASSIGN OWNED BY {ROLE} TO CURRENT_USER; DROP OWNED BY {ROLE}")


@pytest.mark.heavy
def test_the_examples_rejects_are_the_same_without_session_replication_role(
    seed_source_dsn: str, modest_target: str
) -> None:
    assert one(modest_target, "SELECT has_parameter_privilege('session_replication_role', 'SET')") is False
    assert catalog(modest_target).tables
    result, told = carry(seed_source_dsn, modest_target, seed_transform(seed_source_dsn, modest_target))
    assert (result.rows_read, result.rows_written, result.rejects) == (1_490, 1_339, 151)
    assert sum(told.rejects().values()) == 151
    assert told.rejects()["services", "23503", "services_service_category_id_fkey"] == 60
    assert all(not table.differing for table in told.checked().values())
