"""Judgings of queries on a database as rows: kept with their verdicts, the latest of each project."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff.evidence.judgements import Judgement
from schemadiff.models import Comparison, Connection, Project, QueryJudgement, QueryJudging
from schemadiff.store.evidence import judgement_rows

KEPT = 20
"""Of each project: a judging says what was so when it was made, and is made again in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`versions` are server_version_num of the reference and of the database; `comparison` gave the mapping."""

    reference: Connection
    connection: Connection
    versions: tuple[int, int]
    comparison: Comparison | None
    found: Sequence[Judgement]


def keep_judging(project: Project, judged: Judged, user: User) -> QueryJudging:
    """Keep it, and forget the oldest beyond those that are kept."""
    with transaction.atomic():
        judging = QueryJudging.objects.create(
            project=project,
            reference=judged.reference,
            connection=judged.connection,
            reference_words=_words(judged.reference, judged.versions[0]),
            connection_words=_words(judged.connection, judged.versions[1]),
            mapping_of=judged.comparison.number if judged.comparison else None,
            asked_by=user,
        )
        rows = judgement_rows(project.pk, judged.found)
        for row in rows:
            row.judging = judging
        QueryJudgement.objects.bulk_create(rows)
        stale = project.query_judgings.values_list("pk", flat=True)[KEPT:]
        project.query_judgings.filter(pk__in=list(stale)).delete()
    return judging


def _words(connection: Connection, version: int) -> str:
    """Which database it was, without user and password."""
    where = f"{connection.dbname} on {connection.host}:{connection.port}"
    return f"{connection.name} ({where}, PostgreSQL {version // 10_000})"
