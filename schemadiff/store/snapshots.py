"""Catalogs as rows. A snapshot never changes, so its catalog is read once a process and kept."""

from functools import lru_cache

from django.contrib.auth.models import User

from schemadiff.core.catalog import Catalog
from schemadiff.core.snapshot import fingerprint, from_json, to_json
from schemadiff.models import Connection, Project, Snapshot

_KEPT = 8


def save_snapshot(
    project: Project,
    catalog: Catalog,
    *,
    label: str,
    connection: Connection | None,
    user: User | None,
) -> Snapshot:
    """Keep a catalog with its fingerprint."""
    return Snapshot.objects.create(
        project=project,
        connection=connection,
        label=label,
        taken_by=user,
        server_version=catalog.server_version,
        fingerprint=fingerprint(catalog),
        catalog=to_json(catalog),
    )


def catalog_of(snapshot: Snapshot) -> Catalog:
    """The catalog of a snapshot; one query the first time, none after."""
    return _catalog(snapshot.pk, snapshot.fingerprint)


@lru_cache(maxsize=_KEPT)
def _catalog(snapshot_id: int, snapshot_fingerprint: str) -> Catalog:
    # The fingerprint is part of the key so that a database with reused ids (a test's) cannot be confused.
    return from_json(Snapshot.objects.values_list("catalog", flat=True).get(pk=snapshot_id))
