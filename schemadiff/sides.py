"""USE CASE: what may be a side of a comparison in the browser, read into a catalog: a saved connection as it is now, a
snapshot of any moment, or an uploaded file."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.schema_scope import rename_schemas
from schemadiff.core.snapshot import NotASnapshot, from_json
from schemadiff.databases import connect
from schemadiff.embedded import sql_database
from schemadiff.introspection import read_catalog
from schemadiff.models import Connection, Snapshot
from schemadiff.store import catalog_of

MOST_BYTES = 20_000_000
_SECONDS = 60  # for the loading of an uploaded file


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A `.sql` file, or a snapshot as `.json`; `name` is the file's own."""

    name: str
    content: bytes


Side: TypeAlias = Connection | Snapshot | Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSide:
    """`snapshot` is there where the side is one already; `connection` where it was read from one."""

    label: str
    catalog: Catalog
    connection: Connection | None = None
    snapshot: Snapshot | None = None


def reader_of(side: Side) -> Callable[[], ReadSide]:
    """What reads the side, and may be called in another thread: rows are read here, for Django's connections are
    one thread's. It raises SchemadiffError with one sentence."""
    match side:
        case Connection():
            dsn = dsn_of(side)
            return lambda: ReadSide(label=side.name, catalog=_read(dsn), connection=side)
        case Snapshot():
            found = ReadSide(label=side.label, catalog=catalog_of(side), snapshot=side)
            return lambda: found
        case Upload():
            return lambda: ReadSide(label=side.name, catalog=_of_file(side))


def with_schemas_called(side: ReadSide, names: Mapping[str, str]) -> ReadSide:
    """The side with schemas of other names: a snapshot of its own, which no run can read rows for."""
    if not names:
        return side
    said = ", ".join(f"{name} as {other}" for name, other in sorted(names.items()))
    return ReadSide(label=f"{side.label} ({said})"[:120], catalog=rename_schemas(side.catalog, names))


def _read(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def _of_file(upload: Upload) -> Catalog:
    match Path(upload.name).suffix.lower():
        case ".json":
            return _of_json(upload)
        case ".sql":
            return _of_sql(upload)
        case _:
            raise Refused(f"{upload.name} is neither a .sql file nor a snapshot .json.")


def _of_json(upload: Upload) -> Catalog:
    try:
        return from_json(json.loads(upload.content))
    except (ValueError, RecursionError) as exc:  # not JSON, not UTF-8, or nested thousands deep
        raise NotASnapshot(f"{upload.name} is no snapshot: it is not JSON.") from exc
    except NotASnapshot as exc:
        raise NotASnapshot(f"{upload.name}: {exc}") from exc


def _of_sql(upload: Upload) -> Catalog:
    """Loaded into a throw-away server by a role that is no superuser; an error names the file and its line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(upload.name).name
        path.write_bytes(upload.content)
        with sql_database(path, timeout=_SECONDS) as dsn:
            return _read(dsn)
