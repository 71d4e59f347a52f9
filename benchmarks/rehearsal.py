"""The example's options rehearsed with rows, transform and hybrid step by step: rows in, rejects, queries, downtime.

python -m benchmarks.rehearsal
"""

import os
import time
from collections.abc import Iterator

import django

from migration import seedcase
from migration.seedcase.refined import STAGES, refined
from schemadiff.core.catalog import Catalog
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.option import Option, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.relaxing import key_of
from schemadiff.core.options.transform import transform
from schemadiff.databases import connect
from schemadiff.embedded import create_database, throwaway
from schemadiff.evidence.queries import named_queries
from schemadiff.introspection import read_catalog

_STEPS = tuple(Relaxation)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from migration.rehearsal import rehearse_options  # its module has Django's models in it

    queries = named_queries(seedcase.QUERIES_SQL.read_text(encoding="utf-8"))
    with throwaway(16) as first, throwaway(18) as second:
        source, target = create_database(first, "source"), create_database(second, "target")
        seedcase.load_source(source)
        seedcase.load_target(target)
        left, right = _catalog(source), _catalog(target)
        print(f"{'':58}{'DDL':>5}{'rows in':>9}{'rejects':>9}  same/changed/fail  still, s  seconds")
        for name, option in _options(left, right):
            started = time.perf_counter()
            measured = rehearse_options(source, right, left, [option], queries, target_dsn=target)
            seconds = time.perf_counter() - started
            found = {measure.key: measure.value for measure in measured[option.name]}
            judged = "/".join(str(found[key]) for key in ("queries_same", "queries_changed", "queries_fail"))
            counts = f"{found['statements']:>5}{found['rows_written']:>9,}{found['rejects']:>9,}"
            print(f"{name:58}{counts}  {judged:>17}  {found['downtime_ms'] / 1000:>8.1f}  {seconds:>7.1f}")


def _options(source: Catalog, target: Catalog) -> Iterator[tuple[str, Option]]:
    tables = tuple(sorted(("public", name) for name in seedcase.TABLES))
    scope = Scope(tables=tables, protected=tuple(sorted(("public", name) for name in seedcase.PROTECTED)))
    yield "recreate", recreate(source, target, scope)
    for count in range(len(STAGES) + 1):
        stages = STAGES[:count]
        name = " + ".join(["transform", *stages]) if stages else "transform, renames only"
        yield name, transform(source, target, scope, refined(*stages))
    for count in range(len(_STEPS) + 1):
        steps = _STEPS[:count]
        name = " + ".join(["hybrid", *map(key_of, steps)])
        yield name, hybrid(source, target, scope, frozenset(steps))


def _catalog(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


if __name__ == "__main__":
    main()
