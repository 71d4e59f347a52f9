"""How long the server takes for the diff page of two large schemas: warm, and in a process that has just started.

    .venv/bin/python benchmarks/diff_page.py [--tables 5000] [--rounds 9]

Makes the two databases of `schema_scale.py` and an application's own database in throw-away servers, compares them as
the web application does, and asks for the pages with Django's test client: no network, no browser. "First" is the
first page of a new process, the time for importing the application's own code left out. Beside each time stands
the processor time of the application's process in it: what remains is the database, and waiting on a busy machine.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.schema_scale import make_schema  # noqa: E402
from schemadiff.embedded import create_database, throwaway  # noqa: E402

_ONE = "/p/large/comparisons/1/"
_PAGES = {
    "the page": _ONE,
    "the page, identical objects too": f"{_ONE}?same=1",
    "grouped by table": f"{_ONE}?group=table",
    "a search (fragment)": f"{_ONE}objects/?q=amount",
    "another object (fragment)": f"{_ONE}object/?object=table:public.table_00050",
    "the picture": f"{_ONE}picture/",
    "the list of comparisons": "/p/large/comparisons/",
}
_DIFFERS_EVERY = 50


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first:
        set_up()
        print(_ask(_ONE).wall)
        return
    with throwaway(16) as first, throwaway(18) as second:
        source, target = create_database(first, "source"), create_database(second, "target")
        make_schema(source, arguments.tables, differs=lambda number: False)
        make_schema(target, arguments.tables, differs=lambda number: number % _DIFFERS_EVERY == 0)
        os.environ["DATABASE_URL"] = create_database(second, "application")
        set_up()
        made = compare(source, target)
        report(made, arguments.tables, arguments.rounds)


def set_up() -> None:
    """Django, with all of the application's code imported, as a server has it that has answered before."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["SCHEMADIFF_ALLOWED_HOSTS"] = "testserver"
    import django
    from django.urls import get_resolver

    django.setup()
    assert get_resolver().url_patterns


def compare(source: str, target: str) -> float:
    """The project and its comparison; how many seconds comparing took."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from psycopg.conninfo import conninfo_to_dict

    from schemadiff import comparison, connections
    from schemadiff.models import Connection, Member, Project, Role

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="large", name="Large")
    user = User.objects.create_user("engineer")
    Member.objects.create(project=project, user=user, role=Role.ENGINEER)
    saved = []
    for name, dsn in (("source", source), ("target", target)):
        parts = conninfo_to_dict(dsn)
        row = Connection(
            project=project,
            name=name,
            host=str(parts["host"]),
            port=int(str(parts["port"])),
            dbname=str(parts["dbname"]),
            user=str(parts["user"]),
        )
        saved.append(connections.save(row, password=str(parts["password"])))
    start = time.perf_counter()
    comparison.compare(project, *saved, user=user)
    return time.perf_counter() - start


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Milliseconds until the answer, and of the process's own processor time in them."""

    wall: float
    processor: float


def report(made: float, tables: int, rounds: int) -> None:
    firsts = [_first() for _ in range(3)]
    print(f"{tables} tables a side, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"  comparing, with suggestions for every column   {made:6.1f} s, once")
    print(f"  the first page of a new process                {median(firsts):6.0f} ms, median of 3")
    for name, path in _PAGES.items():
        _ask(path)
        found = [_ask(path) for _ in range(rounds)]
        walls = [one.wall for one in found]
        processor = median(one.processor for one in found)
        print(
            f"  {name:<45}  {median(walls):6.0f} ms   ({min(walls):.0f}-{max(walls):.0f}, processor {processor:.0f})"
        )


def _first() -> float:
    command = [sys.executable, __file__, "--first"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _ask(path: str) -> Taken:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get())
    fragment = {"HX-Request": "true"} if "/object" in path else {}
    start, busy = time.perf_counter(), time.process_time()
    response = client.get(path, headers=fragment)
    taken = Taken(wall=(time.perf_counter() - start) * 1000, processor=(time.process_time() - busy) * 1000)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}, 200 was expected")
    return taken


if __name__ == "__main__":
    main()
