"""Once the target leads, neither a repair, a retry nor a restore takes away what the application has written to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.calls import Calls, followed_calls
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

KIND = "SELECT class FROM public.calls WHERE call_id = 1"


@pytest.fixture
def calls(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Calls]:
    with followed_calls(make_database, server16, server18) as calls:
        yield calls


def test_until_the_source_leads_again(calls: Calls, manage: Manage, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(mapping_file.dump(Mapping(tables=calls.live.spec.mapping.tables[1:])))
    verify = ("verify", calls.source, calls.target)
    assert "The target leads" not in manage(*verify).out
    calls.over()
    calls.live.stop()
    ask(calls.there, "UPDATE public.calls SET class = 'written there' WHERE call_id = 1")
    seen = manage(*verify)
    assert (seen.code, "The target leads since run" in seen.out) == (2, True)
    refused = manage(*verify, "--repair", "--yes")
    assert refused.code == 1
    assert "Go back first (`cutover --back`)" in refused.error
    copy = ("copy", calls.source, calls.target, "--data-only", "--tables", "log", "--mapping", mapping)
    for more in ((), ("--dry-run",)):
        another = manage(*copy, *more)
        assert another.code == 1
        assert "and begin the run when the source leads. Nothing was written." in another.error
    assert one(calls.target, KIND) == "written there"
    calls.back()
    ask(calls.target, "UPDATE public.calls SET class = 'by mistake' WHERE call_id = 2")
    assert manage(*verify, "--repair", "--yes").code == 0
    assert one(calls.target, KIND) == "written there"


def test_without_a_way_back_until_that_is_given_up(calls: Calls, manage: Manage) -> None:
    calls.over(no_way_back="nobody wants one")
    calls.live.ends()
    ask(calls.there, "UPDATE public.calls SET class = 'written there' WHERE call_id = 1")
    repair = ("verify", calls.source, calls.target, "--repair", "--yes")
    refused = manage(*repair)
    assert (refused.code, "Nothing brings back what was written to it" in refused.error) == (1, True)
    tried_again = manage("retry", *repair[1:3])
    assert (tried_again.code, "try the rejects again then" in tried_again.error) == (1, True)
    assert one(calls.target, KIND) == "written there"
    assert manage("cutover", *repair[1:3], "--back", "--leave-writes", "--yes").code == 0
    assert manage("retry", *repair[1:3]).code == 0
    assert manage(*repair).code == 0
    assert one(calls.target, KIND) != "written there"


def test_a_backup_stays_where_it_is(
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    manage: Manage,
    tmp_path: Path,
) -> None:
    with followed_calls(make_database, server16, server18, backup_to=str(tmp_path)) as calls:
        calls.over()
        calls.live.stop()
        ask(calls.there, "UPDATE public.calls SET class = 'written there' WHERE call_id = 1")
        (path,) = tmp_path.glob("*.dump")
        for more in ((), ("--yes",)):
            refused = manage("restore", calls.target, "--from-backup", path, *more)
            assert refused.code == 1
            assert "put the tables back when the source leads. Nothing was written." in refused.error
        assert one(calls.target, KIND) == "written there"


def test_what_the_way_back_says_of_rows_that_differ(calls: Calls) -> None:
    """No repair: that would lose what was written to the target."""
    calls.over()
    ask(calls.there, "UPDATE public.calls SET remark = 'there' WHERE call_id = 3")
    ask(
        calls.source,
        "CREATE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN new.note := ''spoilt''; RETURN new; END'; "
        "CREATE TRIGGER spoil BEFORE UPDATE ON public.call FOR EACH ROW EXECUTE FUNCTION public.spoil(); "
        "ALTER TABLE public.call ENABLE ALWAYS TRIGGER spoil",
    )
    ask(calls.there, "UPDATE public.calls SET remark = 'and there' WHERE call_id = 3")
    with pytest.raises(Refused, match="Write them once more on the target") as told:
        calls.back()
    assert "--repair" not in str(told.value)
