"""The application's queries that a project knows: added, replaced, removed."""

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff.evidence.query_files import NamedQuery
from schemadiff.evidence.query_sources.found import Found
from schemadiff.models import Project, Query, QueryGap

_NAME, _PLACE = 200, 500


def queries_of(project_id: int) -> list[NamedQuery]:
    """In the order in which they were added."""
    rows = Query.objects.filter(project_id=project_id)
    return [
        NamedQuery(name=row.name, sql=row.sql, calls=row.calls, place=row.place, roles=tuple(row.roles))
        for row in rows
    ]


def add_queries(project: Project, found: Found, user: User, *, replace: bool) -> int:
    """Keep them, in the place of those that are there or beside them; returns how many are new.

    A query that is there with the same SQL is not added again; its count is the later one. What could not be made
    out is kept, too; of a file that comes again, what it says now.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if replace:
            project.queries.all().delete()
            project.query_gaps.all().delete()
        _keep_gaps(project, found)
        known = {row.sql: row for row in project.queries.all()}
        taken = {row.name for row in known.values()}
        recounted, added = [], []
        for query in found.queries:
            row = known.get(query.sql)
            if row is not None:
                row.calls, row.place, row.roles = query.calls, query.place[:_PLACE], list(query.roles)
                recounted.append(row)
                continue
            name = _free(query.name, taken)
            taken.add(name)
            added.append(
                Query(
                    project=project,
                    name=name,
                    sql=query.sql,
                    calls=query.calls,
                    place=query.place[:_PLACE],
                    roles=list(query.roles),
                    added_by=user,
                )
            )
        Query.objects.bulk_update(recounted, ["calls", "place", "roles"])
        Query.objects.bulk_create(added)
    return len(added)


def _keep_gaps(project: Project, found: Found) -> None:
    files = {_file_of(each.place) for each in found.unresolved}
    files |= {_file_of(place) for query in found.queries for place in query.place.split(", ") if place}
    stale = [gap.pk for gap in project.query_gaps.all() if _file_of(gap.place) in files]
    project.query_gaps.filter(pk__in=stale).delete()
    QueryGap.objects.bulk_create(
        QueryGap(project=project, place=each.place[:_PLACE], why=each.why) for each in found.unresolved
    )


def _file_of(place: str) -> str:
    return place.rpartition(":")[0] or place


def _free(name: str, taken: set[str]) -> str:
    """Verdicts go by the name, so no two queries have the same."""
    short, number = name[:_NAME], 1
    while short in taken:
        number += 1
        ending = f" ({number})"
        short = name[: _NAME - len(ending)] + ending
    return short
