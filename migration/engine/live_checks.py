"""What has to hold before a source can be followed, each with the statement that mends it."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from migration.core.events import Level, Log
from migration.core.followable import BY_COMPARING, Check, Followable, Lack
from migration.core.inverting import merged_tables
from migration.core.spec import RunSpec
from migration.engine.carrying import carriage_of, column_types
from migration.engine.held import has_rows
from migration.engine.keys import find_key
from migration.engine.queries import query
from migration.engine.row_statements import statements_of
from migration.engine.sessions import Session
from schemadiff.core.catalog import Kind
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, QualifiedName, TableMapping
from schemadiff.core.plan import Section
from schemadiff.core.sql_guard import columns_of

_GENERATED_TOO = 180_000  # from this version on generated columns may be in the stream


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTable:
    """A source table. `identity` are the columns by which the log names its rows; all of them where it is `full`."""

    table: QualifiedName
    identity: tuple[str, ...]
    is_full: bool


def check_followable(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming everything that is in the way, with what mends it."""
    if lacks := followable(source, target, spec).lacks:
        said = " ".join(str(each) for each in lacks)
        raise Refused(f"The source cannot be followed yet. {said} Nothing was written.")


def followable(source: Session, target: Session, spec: RunSpec) -> Followable:
    """All of it, looked at. What the target understands is asked when nothing else is in the way."""
    lacks = (*_lacks(source, spec.mapping, "source"), *_in_target(target, spec))
    surprises = tuple(_surprises(source, target))
    if lacks:
        return Followable(lacks=lacks, surprises=surprises, unseen=(Check.EXPRESSIONS,))
    return Followable(lacks=tuple(_not_understood(source, target, spec)), surprises=surprises)


def lacking_on(source: Session, mapping: Mapping, side: str = "source") -> Iterator[str]:
    """What is in the way of following the mapping's tables from there, each with the statement that mends it."""
    yield from (str(each) for each in _lacks(source, mapping, side))


def _lacks(source: Session, mapping: Mapping, side: str) -> Iterator[Lack]:
    yield from _server(source, side)
    yield from _rights(source, mapping, side)
    for entry in mapping.tables:
        yield from _table(source, entry, side)


def check_comparable(source: Session, target: Session, spec: RunSpec) -> None:
    """For a run that compares, which needs no right but to read. Raises Refused as `check_followable`."""
    if lacks := comparable(source, target, spec).lacks:
        said = " ".join(map(str, lacks))
        raise Refused(f"The target cannot be kept near its source yet. {said} Nothing was written.")


def comparable(source: Session, target: Session, spec: RunSpec) -> Followable:
    """All of it, looked at."""
    return Followable(lacks=(*_without_key(source, spec), *_in_target(target, spec)), checks=BY_COMPARING)


def _without_key(source: Session, spec: RunSpec) -> Iterator[Lack]:
    for entry in spec.mapping.tables:
        if find_key(source, entry.source) is None:
            name = ".".join(entry.source)
            yield Lack(
                check=Check.KEYS,
                found=f"{name} has no key, so its rows cannot be told apart.",
                further="Give it a primary key, or leave it out and copy it while nobody writes (--tables of the "
                "command line).",
            )


def followed_table(source: Session, table: QualifiedName) -> FollowedTable:
    """Raises Refused where nothing names its rows."""
    row = source.execute(
        query("followed_tables"), {"table": sql.Identifier(*table).as_string(source), "columns": []}
    ).fetchone()
    if row is None or (row[2] != "f" and not row[4]):
        raise Refused(
            f"{'.'.join(table)} is gone from the source, or its rows have no name in the log any more."
        )
    return FollowedTable(table=table, identity=tuple(row[4] or ()), is_full=row[2] == "f")


def warnings(source: Session, target: Session) -> Iterator[Log]:
    """What does not stand in the way and may surprise."""
    yield from (Log(message=str(each), level=Level.WARNING) for each in _surprises(source, target))


def _surprises(source: Session, target: Session) -> Iterator[Lack]:
    if _one(source, "SELECT current_setting('max_slot_wal_keep_size') = '-1'"):
        yield Lack(
            check=Check.SURPRISES,
            found="What the slot holds of the source's log has no limit, so a follower that is away for long fills the "
            "source's disk.",
            side="source",
            statement="ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();",
        )
    if _one(source, "SELECT EXISTS (SELECT FROM pg_largeobject_metadata)"):
        yield Lack(
            check=Check.SURPRISES,
            found="Large objects are not in the change stream: those that change from now on are not carried.",
        )
    triggers = target.execute(
        "SELECT evtname FROM pg_event_trigger WHERE evtenabled <> 'D' ORDER BY evtname"
    ).fetchall()
    if triggers:
        named = ", ".join(row[0] for row in triggers)
        yield Lack(
            check=Check.SURPRISES, found=f"The target's event triggers fire for what a run makes: {named}."
        )


def _server(source: Session, side: str) -> Iterator[Lack]:
    if _one(source, "SELECT pg_is_in_recovery()"):
        yield Lack(check=Check.LOG, found="It is a standby: give its primary.")
        return
    level = _one(source, "SELECT current_setting('wal_level')")
    if level != "logical":
        yield Lack(
            check=Check.LOG,
            found=f"Its wal_level is {level}.",
            side=side,
            statement="ALTER SYSTEM SET wal_level = logical;",
            further="then restart the server.",
        )
    for check, what, used in (
        (Check.SLOTS, "max_replication_slots", "SELECT count(*) FROM pg_replication_slots"),
        (Check.SENDERS, "max_wal_senders", "SELECT count(*) FROM pg_stat_replication"),
    ):
        limit = int(str(_one(source, "SELECT current_setting(%s)", what)))
        if int(str(_one(source, used))) >= limit:
            yield Lack(
                check=check,
                found=f"None of the {limit} of {what} is free.",
                side=side,
                statement=f"ALTER SYSTEM SET {what} = {limit + 4};",
                further="then restart the server, or drop a slot that nobody uses (pg_drop_replication_slot).",
            )


def _rights(source: Session, mapping: Mapping, side: str) -> Iterator[Lack]:
    user = sql.Identifier(source.info.user).as_string(source)
    if not _one(source, "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield _right(
            f"The role {user} may not make a replication slot.", side, f"ALTER ROLE {user} REPLICATION;"
        )
    if not _one(source, "SELECT has_database_privilege(current_database(), 'CREATE')"):
        database = sql.Identifier(source.info.dbname).as_string(source)
        yield _right(
            f"The role {user} may not make a publication.",
            side,
            f"GRANT CREATE ON DATABASE {database} TO {user};",
        )
    owners = {owner for entry in mapping.tables if (owner := _foreign_owner(source, entry.source))}
    for owner in sorted(owners):
        name = sql.Identifier(owner).as_string(source)
        yield _right("Only a table's owner may publish it.", side, f"GRANT {name} TO {user};")


def _right(found: str, side: str, statement: str) -> Lack:
    return Lack(check=Check.RIGHTS, found=found, side=side, statement=statement)


def _foreign_owner(source: Session, table: QualifiedName) -> str | None:
    """Whose the table is, if it is not the role's."""
    row = source.execute(
        query("followed_tables"), {"table": sql.Identifier(*table).as_string(source), "columns": []}
    ).fetchone()
    return None if row is None or row[7] else str(row[6])


def _table(source: Session, entry: TableMapping, side: str) -> Iterator[Lack]:
    name = sql.Identifier(*entry.source).as_string(source)
    used = _columns_used(entry)
    row = source.execute(query("followed_tables"), {"table": name, "columns": used}).fetchone()
    if row is None:
        return  # said by whoever looks at rights
    kind, persistence, identity, generated, key, candidate, _, _, has_children = row
    if kind not in ("r", "p"):
        yield _named(f"{name} is no table whose changes are in the log. Leave it out with --tables.")
        return
    if persistence != "p":
        yield _named(
            f"{name} is not logged.",
            side,
            f"ALTER TABLE {name} SET LOGGED;",
            "or leave it out with --tables.",
        )
    if has_children:
        yield _named(
            f"{name} has children that inherit from it, whose changes come under their own names. Leave it out."
        )
    known = find_key(source, entry.source)
    if known is None or (identity != "f" and not key):
        yield _without_identity(name, identity, candidate, side)
    elif identity != "f" and set(key) != set(known.columns):
        yield _named(
            f"{name} is known in the log by {', '.join(key)} and by {', '.join(known.columns)} everywhere else.",
            side,
            f"ALTER TABLE {name} REPLICA IDENTITY FULL;",
        )
    if generated is not None and source.info.server_version < _GENERATED_TOO:
        yield _named(
            f"{name}: the column {generated} is generated, and the log has no generated columns before PostgreSQL 18. "
            "Map the expression that it is made of instead."
        )
    if other := _other_rows(entry):
        yield _named(
            f"{name}: the column {other} is made by a query of other rows, which are not in the log with the row. "
            "Map it without a query, or fill it after the cut-over."
        )


def _named(found: str, side: str = "", statement: str = "", further: str = "") -> Lack:
    return Lack(check=Check.TABLES, found=found, side=side, statement=statement, further=further)


def _without_identity(name: str, identity: str, candidate: str | None, side: str) -> Lack:
    if candidate is not None and identity == "n":
        return _named(
            f"{name} has REPLICA IDENTITY NOTHING.", side, f"ALTER TABLE {name} REPLICA IDENTITY DEFAULT;"
        )
    if candidate is not None:
        index = candidate.rpartition(".")[2]
        return _named(
            f"{name} has no primary key.", side, f"ALTER TABLE {name} REPLICA IDENTITY USING INDEX {index};"
        )
    return _named(
        f"{name} has no key, so its rows cannot be told apart.",
        side,
        f"ALTER TABLE {name} ADD PRIMARY KEY (…);",
        "or leave it out with --tables and copy it while nobody writes.",
    )


def _columns_used(entry: TableMapping) -> list[str]:
    used: set[str] = set()
    for pair in entry.accepted():
        if pair.expression is not None:
            used |= columns_of(pair.expression)
        elif pair.source is not None:
            used.add(pair.source)
    return sorted(used)


def _other_rows(entry: TableMapping) -> str | None:
    """The first column whose expression reads other rows."""
    pairs = (pair for pair in entry.accepted() if pair.expression is not None)
    return next((pair.target for pair in pairs if reads_rows(pair.expression or "")), None)


def reads_rows(expression: str) -> bool:
    """Has the expression a query in it?"""
    return "select" in expression.lower()


def _not_understood(source: Session, target: Session, spec: RunSpec) -> Iterator[Lack]:
    """Of the tables that stay as they are; those that the run makes or changes are looked at when that is done."""
    changed = {
        (ref.schema, name)
        for ref in (statement.ref for statement in spec.plan.statements)
        for name in (ref.name, ref.parent)
    }
    for entry in spec.mapping.tables:
        if entry.target in changed or not column_types(target, entry.target):
            continue
        known = followed_table(source, entry.source)
        identity = () if known.is_full else known.identity
        try:
            statements_of(source, target, carriage_of(target, entry), entry, identity)
        except Refused as refused:
            yield Lack(check=Check.EXPRESSIONS, found=str(refused))


def _in_target(target: Session, spec: RunSpec) -> Iterator[Lack]:
    yield from _filled_tables(target, spec)
    yield from _merged(spec.mapping)
    yield from _in_part(spec.mapping)


def _merged(mapping: Mapping) -> Iterator[Lack]:
    """Which row is whose the target does not tell: a table that is emptied or compared would take the others' rows."""
    for table in merged_tables(mapping):
        sources = (".".join(entry.source) for entry in mapping.tables if entry.target == table)
        yield Lack(
            check=Check.MERGED,
            found=f"The target's table {'.'.join(table)} takes the rows of {' and '.join(sorted(sources))}, and does "
            "not tell which row is whose.",
            further="Map one of them only, and copy the others while nobody writes (without following).",
        )


def _in_part(mapping: Mapping) -> Iterator[Lack]:
    """A change would have to be told apart by the condition, of the row as it was and as it is, and reach each part."""
    further = "Copy it while nobody writes (without following), or leave it out with --tables."
    for entry in mapping.tables:
        name = ".".join(entry.source)
        if entry.part:
            yield Lack(
                check=Check.SPLIT,
                found=f"The source's table {name} is split: {'.'.join(entry.target)} takes of it, too.",
                further=further,
            )
        if entry.where is not None:
            yield Lack(
                check=Check.SPLIT,
                found=f"Only rows of {name} that meet a condition go to {'.'.join(entry.target)}.",
                further=further,
            )


def _filled_tables(target: Session, spec: RunSpec) -> Iterator[Lack]:
    """A change overwrites the row of its key, so there must be none that is not the source's."""
    parked = {
        (each.ref.schema, each.ref.name)
        for each in spec.plan.section(Section.PARK)
        if each.ref.kind is Kind.TABLE
    }
    for entry in spec.mapping.tables:
        if entry.target in parked or not _one(
            target, "SELECT to_regclass(%s) IS NOT NULL", sql.Identifier(*entry.target).as_string(target)
        ):
            continue
        if has_rows(target, entry.target):
            yield Lack(
                check=Check.TARGET,
                found=f"The target's table {'.'.join(entry.target)} has rows already; following takes empty ones. "
                "Empty it, or copy without following.",
            )


def _one(session: Session, question: str, *parameters: object) -> object:
    row = session.execute(question.encode(), parameters or None).fetchone()
    return row[0] if row else None
