"""Rows of a project with a comparison, a decision and a run, without any database behind its connections."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection, transaction

from migration.models import Run, RunTable
from schemadiff.core.catalog import Catalog
from schemadiff.core.snapshot import fingerprint, to_json
from schemadiff.models import Comparison, Connection, Decision, Member, Project, Role, Snapshot
from tests.engine.running import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A project with one member of each role."""

    project: Project
    engineer: User
    admin: User
    manager: User
    source: Connection
    target: Connection
    comparison: Comparison
    decision: Decision


def make_world(slug: str = "crm", **decided: Any) -> World:
    """A project whose comparison is of two empty schemas, decided on as `recreate`."""
    project = Project.objects.create(slug=slug, name=slug.upper())
    users = {role: User.objects.create_user(f"{slug}-{role.value}", password="secret") for role in Role}
    for role, user in users.items():
        Member.objects.create(project=project, user=user, role=role)
    source, target = (
        Connection.objects.create(project=project, name=name, host="localhost", dbname=name, user="app")
        for name in ("legacy", "new")
    )
    comparison = Comparison.objects.create(
        project=project, number=1, source=_snapshot(source), target=_snapshot(target), tables=[], protected=[]
    )
    decision = Decision.objects.create(
        project=project,
        comparison=comparison,
        option="recreate",
        reason="It loses nothing.",
        source_fingerprint=comparison.source.fingerprint,
        target_fingerprint=comparison.target.fingerprint,
        author=users[Role.ENGINEER],
        signed_by=users[Role.ENGINEER].get_username(),
        **decided,
    )
    return World(
        project=project,
        engineer=users[Role.ENGINEER],
        admin=users[Role.ADMIN],
        manager=users[Role.MANAGER],
        source=source,
        target=target,
        comparison=comparison,
        decision=decision,
    )


def forget_decision(world: World) -> None:
    """As before it was taken: past the trigger that lets nobody remove it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM schemadiff_decision WHERE id = %s", [world.decision.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")


def make_run(world: World, tables: tuple[str, ...] = ("clients", "orders"), **values: Any) -> Run:
    """A run in `public` of those tables; it is queued where nothing else is said."""
    run = Run.objects.create(
        project=world.project,
        number=Run.objects.filter(project=world.project).count() + 1,
        comparison=world.comparison,
        decision=world.decision,
        source=world.source,
        target=world.target,
        option="recreate",
        ledger_id=uuid4(),
        created_by=world.admin,
        reason="Rehearsed on Friday.",
        **values,
    )
    RunTable.objects.bulk_create(
        RunTable(
            project_id=run.project_id,
            run=run,
            position=position,
            source_schema="public",
            source_table=table,
            target_schema="public",
            target_table=table,
        )
        for position, table in enumerate(tables)
    )
    return run


def _snapshot(connection: Connection) -> Snapshot:
    catalog = Catalog(server_version=160000, database=connection.dbname)
    return Snapshot.objects.create(
        project=connection.project,
        connection=connection,
        label=connection.name,
        server_version=catalog.server_version,
        fingerprint=fingerprint(catalog),
        catalog=to_json(catalog),
    )


def let_target_lead(run: Run, target: str) -> None:
    """As a cut-over of this run leaves its target that has no way back."""
    Run.objects.filter(pk=run.pk).update(live=True)
    ask(
        target,
        "INSERT INTO schemadiff.followers (run, slot, state, tables, fence) "
        "SELECT id, '', 'left', '[]', '[\"GRANT …\"]' FROM schemadiff.runs",
    )
