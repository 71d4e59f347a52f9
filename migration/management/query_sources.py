"""What `--queries` names: a file of SQL, a server's log, an application's folder, or the source's own statistics."""

from pathlib import Path

from migration.management import given
from schemadiff.core.errors import NotFound, Refused
from schemadiff.databases import Side, connect
from schemadiff.evidence.query_files import named_queries
from schemadiff.evidence.query_sources import statement_statistics
from schemadiff.evidence.query_sources.application_code import queries_in_archive, queries_in_code
from schemadiff.evidence.query_sources.found import Found
from schemadiff.evidence.query_sources.server_logs import queries_in_log

HELP = (
    "the application's queries, to be judged: a .sql file, a log of the source's server (.log, .csv, .json), a folder "
    "of code in Python, JavaScript or TypeScript (or a .zip of it), or the word "
    f"{statement_statistics.NAME} for what the source has counted"
)


def queries_of(what: str | None, source: Side) -> Found:
    """Raises NotFound or Refused with a sentence."""
    if what is None:
        return Found(queries=())
    if what == statement_statistics.NAME:
        return _counted(source)
    path = Path(what)
    if path.is_dir():
        found = queries_in_code(path)
    elif path.suffix == ".zip":
        found = _in_archive(path)
    elif path.suffix in (".log", ".csv", ".json"):
        found = queries_in_log(_log_text(path), str(path))
    else:
        found = Found(queries=named_queries(given.read_text(path)))
    if not found.queries:
        raise Refused(
            f"{path} holds no query. Expected SQL, in blocks that start with a line `-- name: …`; a log of the server; "
            "or a folder of code with SQL in it."
        )
    return found


def left_out(found: Found) -> tuple[str, ...]:
    """What was not made out, each with its place, and how much was passed over."""
    listed = tuple(f"{each.place}: {each.why}" for each in found.unresolved)
    if not found.passed_over:
        return listed
    return (
        *listed,
        f"Passed over, for they read and write no rows (SET, COMMIT, DDL): {found.passed_over:,}.",
    )


def _counted(source: Side) -> Found:
    if source.dsn is None:
        raise Refused(f"{source.label} is a snapshot, which has no statistics. Give the database.")
    with connect(source.dsn) as connection:
        return statement_statistics.counted_queries(connection)


def _in_archive(path: Path) -> Found:
    try:
        with path.open("rb") as file:
            return queries_in_archive(file, str(path))
    except OSError as exc:
        raise NotFound(f"{path} could not be read: {exc.strerror}.") from exc


def _log_text(path: Path) -> str:
    """A log holds texts of databases in any encoding."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError as exc:
        raise NotFound(f"{path} could not be read: {exc.strerror}.") from exc
