"""The application's queries judged on any saved database, compared with one on which they work."""

from django.contrib.auth.models import User

from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.databases import connect
from schemadiff.evidence.embeds import as_postgrest_asks
from schemadiff.evidence.judgements import judge_databases
from schemadiff.evidence.rewriting import Names
from schemadiff.introspection import read_catalog
from schemadiff.models import Comparison, Connection, Project, QueryJudging
from schemadiff.store.judgings import Judged, keep_judging
from schemadiff.store.queries import queries_of

SECONDS = 15
"""For the queries on each database, and again for those that the mapping rewrites; what is left is not judged."""


def judge_on(project: Project, reference: Connection, connection: Connection, user: User) -> QueryJudging:
    """Judge all queries of the project on `connection`, compared with `reference`, and keep what came of it.

    Both are only read. Where a comparison of the two has a mapping, what it makes of each query is judged, too.
    Raises Refused where there is nothing to judge or both are one, CannotConnect where one does not answer.
    """
    queries = queries_of(project.pk)
    if not queries:
        raise Refused("No query of the application is known yet. Add some first.")
    if reference.pk == connection.pk:
        raise Refused(
            f"{connection.name} cannot be compared with itself. Choose another database to compare with."
        )
    comparison = _comparison_of(reference, connection)
    with connect(dsn_of(reference)) as source, connect(dsn_of(connection)) as other:
        catalog = store.catalog_of(comparison.source) if comparison else read_catalog(source)
        row = other.execute("SHOW search_path").fetchone()
        names = _names(comparison, catalog, str(row[0]) if row else "public")
        found = judge_databases(source, other, as_postgrest_asks(queries, catalog), names, seconds=SECONDS)
        versions = source.info.server_version, other.info.server_version
    judged = Judged(
        reference=reference, connection=connection, versions=versions, comparison=comparison, found=found
    )
    return keep_judging(project, judged, user)


def _comparison_of(reference: Connection, connection: Connection) -> Comparison | None:
    """The latest of the two databases, whose mapping says what became of names."""
    rows = Comparison.objects.filter(source__connection=reference, target__connection=connection)
    return rows.select_related("source", "target").order_by("-number").first()


def _names(comparison: Comparison | None, source: Catalog, search_path: str) -> Names | None:
    if comparison is None:
        return None
    target = store.catalog_of(comparison.target)
    return Names.of(source, target, store.mapping_of(comparison), search_path)
